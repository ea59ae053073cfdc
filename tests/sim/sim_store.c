/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Histories of a store on a disk that tells the truth only when a flush returned.
 *
 * Each seed is one history of batches, aborts, ticks, checkpoints, restarts, refusing and dying disks and
 * power cuts. The disk under the journal keeps what every write replaced until its file is flushed; a power
 * cut brings back any of it, sector by sector. What a failed flush left unflushed stays so for good, as on
 * Linux. A model holds what must be there: after each restart the store equals it, row by row and entry by
 * entry. After a fatal answer, and only then, the batch in hand may be there or not.
 *
 * sim_store [HISTORIES [FIRST-SEED]]; a failure prints its seed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/journal.h"
#include "daemon/store/store.h"
#include "tests/lib/harness.h"

#define SECTOR 512
#define FILES_MAX 64
#define KEYS 48
#define ENTRIES_MAX 2048
#define STEPS 120

/* One write that is not on the disk yet: what was there before. */
struct unflushed {
	struct unflushed *older;
	int fd;
	bool for_good; /* its flush failed */
	uint64_t at;
	size_t len;
	uint8_t before[];
};

struct cut_disk {
	struct disk io;
	struct unflushed *newest;
	int fds[FILES_MAX];    /* of the store's, as it knows them */
	int ours[FILES_MAX];   /* duplicates, which outlive them */
	size_t n;
	unsigned rnd;
	unsigned percent;      /* of the calls that fail */
	bool dead;             /* every call fails */
};

struct model {
	uint32_t rows[KEYS];   /* 0: absent, else what the value is made from */
	uint64_t n;
	uint32_t entries[ENTRIES_MAX];
};

struct run {
	unsigned seed;
	unsigned rnd;
	uint32_t made;         /* values are numbered */
	uint64_t now_ms;
	struct cut_disk disk;
	struct store_options options;
	struct store *store;
	struct model sure;     /* committed */
	struct model maybe;    /* with the open batch */
	uint64_t n_batches, n_refused, n_unknown, n_cuts;
};

static _Noreturn void failed(const struct run *run, const char *what)
{
	fprintf(stderr, "sim_store: seed %u: %s\n", run->seed, what);
	exit(1);
}

/* ---- the disk ---- */

static bool call_fails(struct cut_disk *d)
{
	return d->dead || (unsigned)rand_r(&d->rnd) % 100 < d->percent;
}

static int disk_open(void *ctx, int folder, const char *name, int flags)
{
	struct cut_disk *d = ctx;
	int fd;

	if (call_fails(d))
		return -EIO;
	fd = disk_real()->open(NULL, folder, name, flags);
	if (fd < 0)
		return fd;
	ASSERT(d->n < FILES_MAX);
	d->fds[d->n] = fd;
	d->ours[d->n++] = dup(fd);
	return fd;
}

/* The newest with this number: the store closes files, and their numbers come back. */
static int ours_of(const struct cut_disk *d, int fd)
{
	for (size_t i = d->n; i-- > 0;) {
		if (d->fds[i] == fd)
			return d->ours[i];
	}
	return -1;
}

static int disk_reserve(void *ctx, int fd, uint64_t bytes)
{
	struct cut_disk *d = ctx;

	return call_fails(d) ? -ENOSPC : disk_real()->reserve(NULL, fd, bytes);
}

static ssize_t disk_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	struct cut_disk *d = ctx;
	struct unflushed *u;

	if (call_fails(d)) {
		if (d->dead || rand_r(&d->rnd) % 2)
			return rand_r(&d->rnd) % 2 ? -ENOSPC : -EIO;
		len = 1 + (size_t)rand_r(&d->rnd) % len; /* short, and the next call may fail as well */
	}
	u = calloc(1, sizeof *u + len);
	ASSERT(u);
	u->fd = ours_of(d, fd);
	u->at = at;
	u->len = len;
	ASSERT(pread(u->fd, u->before, len, (off_t)at) >= 0); /* zeroes beyond the end */
	u->older = d->newest;
	d->newest = u;
	return disk_real()->write(NULL, fd, bytes, len, at);
}

static int disk_sync(void *ctx, int fd)
{
	struct cut_disk *d = ctx;
	int ours = ours_of(d, fd);
	bool fails = call_fails(d);

	for (struct unflushed **u = &d->newest; *u;) {
		struct unflushed *flushed = *u;

		if (flushed->fd == ours && fails)
			flushed->for_good = true;
		if (flushed->fd == ours && !flushed->for_good) {
			*u = flushed->older;
			free(flushed);
		} else {
			u = &flushed->older;
		}
	}
	return fails ? -EIO : 0;
}

static void disk_init(struct cut_disk *d, unsigned seed)
{
	*d = (struct cut_disk){
		.io = { .open = disk_open,
			.reserve = disk_reserve,
			.write = disk_write,
			.sync = disk_sync,
			.ctx = d },
		.rnd = seed,
	};
}

/* cut: any sector of what is not flushed may be as it was before. Without: the kernel lives, all writes
 * arrive. */
static void disk_end(struct cut_disk *d, bool cut)
{
	while (d->newest) {
		struct unflushed *u = d->newest;

		for (size_t i = 0; cut && i < u->len;) {
			size_t n = SECTOR - (size_t)(u->at + i) % SECTOR;

			n = n < u->len - i ? n : u->len - i;
			if (rand_r(&d->rnd) % 2)
				ASSERT(pwrite(u->fd, u->before + i, n, (off_t)(u->at + i)) == (ssize_t)n);
			i += n;
		}
		d->newest = u->older;
		free(u);
	}
	for (size_t i = 0; i < d->n; i++)
		close(d->ours[i]);
	d->n = 0;
}

/* ---- the model ---- */

static enum keyspace space_of(unsigned key)
{
	return key % 2 ? KEYSPACE_MESSAGE : KEYSPACE_STATE;
}

static struct span key_of(unsigned key, uint8_t out[4])
{
	put_u32(out, key);
	return span_of(out, 4);
}

/* 4 to 3000 bytes that follow from a number. */
static struct span value_of(uint32_t made, uint8_t out[3000])
{
	size_t len = 4 + made * 7919 % (made % 5 ? 200 : 2996);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(made >> (i % 4 * 8));
	return span_of(out, len);
}

static bool equals(struct store *s, const struct model *m)
{
	uint8_t key[4], value[3000];
	struct span got;
	int r;

	if (store_size(s) != m->n)
		return false;
	for (unsigned k = 0; k < KEYS; k++) {
		r = store_get(s, space_of(k), key_of(k, key), &got);
		if (r != STORE_OK && r != STORE_E_ABSENT)
			return false;
		if ((r == STORE_OK) != (m->rows[k] != 0) ||
		    (m->rows[k] && !span_equal(got, value_of(m->rows[k], value))))
			return false;
	}
	for (uint64_t i = 0; i < m->n; i++) {
		r = store_entry(s, i, &got);
		if (r || !span_equal(got, value_of(m->entries[i], value)))
			return false;
	}
	return true;
}

/* ---- a history ---- */

static void restart(struct run *run, bool cut, bool unknown)
{
	char why[200] = "";

	run->store = store_free(run->store);
	disk_end(&run->disk, cut);
	run->disk.dead = false;
	run->disk.percent = 0;
	if (store_open(&run->options, &run->store, why))
		failed(run, why[0] ? why : "does not open");
	if (store_check(run->store, UINT64_MAX, why))
		failed(run, why);
	if (unknown && equals(run->store, &run->maybe))
		run->sure = run->maybe;
	if (!equals(run->store, &run->sure))
		failed(run, "is not what was committed");
	run->n_cuts += cut;
}

static int fill(struct run *run)
{
	unsigned n = (unsigned)rand_r(&run->rnd) % 12;
	uint8_t key[4], value[3000];
	struct model *m = &run->maybe;
	uint64_t index;
	int r = 0;

	*m = run->sure;
	for (unsigned i = 0; !r && i < n; i++) {
		unsigned k = (unsigned)rand_r(&run->rnd) % KEYS;

		switch (rand_r(&run->rnd) % 4) {
		case 0:
			r = store_delete(run->store, space_of(k), key_of(k, key));
			m->rows[k] = 0;
			break;
		case 1:
			if (m->n == ENTRIES_MAX)
				break;
			m->entries[m->n++] = ++run->made;
			r = store_leaf(run->store, value_of(run->made, value), &index);
			break;
		default:
			m->rows[k] = ++run->made;
			r = store_put(run->store, space_of(k), key_of(k, key), value_of(run->made, value));
			break;
		}
	}
	return r;
}

static void batch(struct run *run, bool commit)
{
	int r = store_begin(run->store);

	if (r) {
		restart(run, false, false); /* a checkpoint was due and found a dying disk */
		return;
	}
	r = fill(run);
	if (r)
		failed(run, "a batch could not be filled");
	if (!commit) {
		store_abort(run->store);
		return;
	}
	r = store_commit(run->store);
	if (r < 0) {
		run->n_unknown++;
		restart(run, rand_r(&run->rnd) % 2, true);
	} else if (r == STORE_E_FULL) {
		run->n_refused++;
		if (!equals(run->store, &run->sure))
			failed(run, "a refused batch left something");
	} else {
		run->n_batches++;
		run->sure = run->maybe;
	}
}

static void step(struct run *run)
{
	int r = 0;

	switch (rand_r(&run->rnd) % 24) {
	case 0:
		restart(run, false, false);
		break;
	case 1:
		restart(run, true, false);
		break;
	case 2:
		run->disk.percent = (unsigned)rand_r(&run->rnd) % 60;
		break;
	case 3:
		run->disk.percent = 0;
		break;
	case 4:
		run->disk.dead = rand_r(&run->rnd) % 3 == 0;
		break;
	case 5:
		r = store_checkpoint(run->store);
		break;
	case 6:
	case 7:
		run->now_ms += (unsigned)rand_r(&run->rnd) % 700;
		r = store_tick(run->store, run->now_ms, rand_r(&run->rnd) % 2);
		break;
	case 8:
		batch(run, false);
		break;
	default:
		batch(run, true);
		break;
	}
	if (r && r != STORE_E_FULL)
		failed(run, "a checkpoint failed");
}

static void history(struct run *run, const char *folder)
{
	disk_init(&run->disk, run->seed * 31);
	run->rnd = run->seed;
	run->options = (struct store_options){
		.folder = folder,
		.map_bytes = 32 << 20,
		.segment_bytes = 8192u << (run->seed % 4),
		.checkpoint_ms = 500,
		.env = env_system(),
		.io = &run->disk.io,
	};
	restart(run, false, false);
	for (int i = 0; i < STEPS; i++)
		step(run);
	restart(run, true, false);
	run->store = store_free(run->store);
	disk_end(&run->disk, false);
}

int main(int argc, char **argv)
{
	unsigned histories = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	unsigned first = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
	uint64_t sums[4] = { 0 };

	for (unsigned seed = first; seed < first + histories; seed++) {
		CLEANUP(test_folder_freep) char *folder = test_folder_new();
		struct run *run = calloc(1, sizeof *run);

		ASSERT(run);
		run->seed = seed;
		history(run, folder);
		sums[0] += run->n_batches;
		sums[1] += run->n_refused;
		sums[2] += run->n_unknown;
		sums[3] += run->n_cuts;
		free(run);
	}
	printf("%u histories: %llu batches, %llu refused, %llu unknown, %llu power cuts\n", histories,
	       (unsigned long long)sums[0], (unsigned long long)sums[1], (unsigned long long)sums[2],
	       (unsigned long long)sums[3]);
	/* A simulation in which nothing goes wrong checks nothing. */
	return histories < 50 || (sums[1] && sums[2] && sums[3]) ? 0 : 1;
}
