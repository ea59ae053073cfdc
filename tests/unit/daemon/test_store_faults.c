/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every file call of the journal and every allocation fails once, in each way it can. Whatever the store
 * answers has to be true: a batch it accepted is there, one it refused with STORE_E_FULL is not and never
 * comes back, and only after a fatal answer either may hold.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/lib/faults.h"
#include "tests/unit/daemon/store_help.h"

enum way { NO_SPACE, BAD_DISK, SHORT, SHORT_THEN_NO_SPACE, SYNC_LOST, WAY_N };

struct fault_io {
	struct disk io;
	unsigned nth;     /* the call that fails; 0: none */
	unsigned calls;
	enum way way;
	bool for_good;    /* every call from then on */
	bool hit;
	bool short_before;
};

static bool fails(struct fault_io *f)
{
	f->calls++;
	if (!f->nth || (f->for_good ? f->calls < f->nth : f->calls != f->nth))
		return false;
	f->hit = true;
	return true;
}

static int fault_error(const struct fault_io *f)
{
	return f->way == NO_SPACE || f->way == SHORT_THEN_NO_SPACE ? -ENOSPC : -EIO;
}

static int fault_open(void *ctx, int folder, const char *name, int flags)
{
	return fails(ctx) ? fault_error(ctx) : disk_real()->open(NULL, folder, name, flags);
}

static int fault_reserve(void *ctx, int fd, uint64_t bytes)
{
	return fails(ctx) ? fault_error(ctx) : disk_real()->reserve(NULL, fd, bytes);
}

static ssize_t fault_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	struct fault_io *f = ctx;

	if (f->short_before) {
		f->short_before = false;
		return -ENOSPC;
	}
	if (!fails(f))
		return disk_real()->write(NULL, fd, bytes, len, at);
	switch (f->way) {
	case SHORT_THEN_NO_SPACE:
		f->short_before = true;
		/* fall through */
	case SHORT:
		return disk_real()->write(NULL, fd, bytes, len > 1 ? len - 1 : len, at);
	case NO_SPACE:
	case BAD_DISK:
	case SYNC_LOST:
	case WAY_N:
	default:
		return fault_error(f);
	}
}

/* A failed flush: what was written may be on the disk all the same, as it is here. */
static int fault_sync(void *ctx, int fd)
{
	return fails(ctx) ? -EIO : disk_real()->sync(NULL, fd);
}

static void fault_init(struct fault_io *f, unsigned nth, enum way way, bool for_good)
{
	*f = (struct fault_io){
		.io = { .open = fault_open,
			.reserve = fault_reserve,
			.write = fault_write,
			.sync = fault_sync,
			.ctx = f },
		.nth = nth,
		.way = way,
		.for_good = for_good,
	};
}

struct outcome {
	uint64_t acked;
	bool fatal;      /* one more may be there */
	bool refused;
};

/* Batches, a checkpoint in the middle, more batches than a segment holds. A refused batch is tried again,
 * once. */
static void scenario(const struct store_options *options, struct outcome *o)
{
	struct store *s = NULL;
	char why[200] = "";
	int r = store_open(options, &s, why);

	*o = (struct outcome){ .fatal = r < 0 };
	assert_true(r <= 0);
	while (s && !o->fatal && o->acked < 24) {
		r = try_batch(s, o->acked + 1);
		if (r == STORE_E_FULL) {
			o->refused = true;
			assert_int_equal(store_size(s), o->acked);
			assert_false(store_in_batch(s));
			r = try_batch(s, o->acked + 1);
			if (r == STORE_E_FULL)
				break;
		}
		if (r < 0) {
			o->fatal = true;
			break;
		}
		CHECK_OK(r);
		o->acked++;
		if (o->acked == 8) {
			r = store_checkpoint(s);
			assert_true(r == 0 || r < 0 || r == STORE_E_FULL);
			o->fatal = r < 0;
		}
	}
	store_free(s);
}

static void check_outcome(struct store_options options, const struct outcome *o)
{
	struct store *s;

	options.io = NULL;
	s = must_open(&options);
	assert_in_range(store_size(s), o->acked, o->acked + o->fatal);
	check_batches(s, store_size(s));
	do_batch(s, store_size(s) + 1);
	store_free(s);
	s = must_open(&options);
	check_batches(s, store_size(s));
	store_free(s);
}

static void test_file_faults(void **state UNUSED)
{
	for (enum way way = NO_SPACE; way < WAY_N; way++) {
		bool hit = true;

		for (unsigned nth = 1; hit; nth++) {
			for (int for_good = 0; for_good < 2; for_good++) {
				CLEANUP(test_folder_freep) char *folder = test_folder_new();
				struct store_options options = small_store(folder);
				struct fault_io f;
				struct outcome o;

				fault_init(&f, nth, way, for_good);
				options.segment_bytes = 4096;
				options.io = &f.io;
				scenario(&options, &o);
				hit = f.hit;
				check_outcome(options, &o);
				/* What fails once costs at most one batch a second try, unless it was met
				 * while opening. */
				if (!for_good && !o.fatal)
					assert_int_equal(o.acked, 24);
			}
		}
	}
}

/* A flush that failed although the record reached the disk: the refused batch must not come back, another
 * takes its number. */
static void test_refused_stays_refused(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct fault_io f;
	struct store *s;
	struct span got;

	fault_init(&f, 0, BAD_DISK, false);
	options.io = &f.io;
	s = must_open(&options);
	do_batch(s, 1);
	f.nth = f.calls + 3; /* two writes, one flush */
	CHECK_OK(store_begin(s));
	CHECK_OK(store_put(s, KEYSPACE_META, span_of_text("refused"), span_of_text("x")));
	CHECK_IS(store_commit(s), STORE_E_FULL);
	store_free(s);
	assert_true(file_exists(folder, SECOND_SEGMENT));
	s = must_open(&options);
	CHECK_IS(store_get(s, KEYSPACE_META, span_of_text("refused"), &got), STORE_E_ABSENT);
	check_batches(s, 1);
	store_free(s);

	s = must_open(&options);
	f.nth = f.calls + 3;
	CHECK_OK(store_begin(s));
	CHECK_OK(store_put(s, KEYSPACE_META, span_of_text("refused"), span_of_text("x")));
	CHECK_IS(store_commit(s), STORE_E_FULL);
	do_batch(s, 2); /* under the same number, in the next segment */
	do_batch(s, 3);
	store_free(s);
	s = must_open(&options);
	CHECK_IS(store_get(s, KEYSPACE_META, span_of_text("refused"), &got), STORE_E_ABSENT);
	check_batches(s, 3);
	store_free(s);
}

/* However the append of a batch failed: once refused, it isn't there after a crash either. */
static void test_refused_is_gone(void **state UNUSED)
{
	unsigned n_refused = 0;

	for (enum way way = NO_SPACE; way < WAY_N; way++) {
		for (unsigned call = 1; call <= 3; call++) {
			CLEANUP(test_folder_freep) char *folder = test_folder_new();
			struct store_options options = small_store(folder);
			struct fault_io f;
			struct store *s;
			int r;

			fault_init(&f, 0, way, false);
			options.io = &f.io;
			s = must_open(&options);
			do_batch(s, 1);
			f.nth = f.calls + call;
			r = try_batch(s, 2);
			assert_true(r == STORE_OK || r == STORE_E_FULL);
			n_refused += r == STORE_E_FULL;
			store_free(s);
			s = must_open(&options);
			check_batches(s, r == STORE_OK ? 2 : 1);
			store_free(s);
		}
	}
	assert_in_range(n_refused, 10, 5 * 3);
}

/* The failed flush cannot be fenced off: the store says that it does not know, and takes no more. */
static void test_unknown_is_fatal(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct fault_io f;
	struct store *s;

	fault_init(&f, 0, BAD_DISK, true);
	options.io = &f.io;
	s = must_open(&options);
	do_batch(s, 1);
	f.nth = f.calls + 3;
	CHECK_IS(try_batch(s, 2), -EIO);
	CHECK_IS(store_begin(s), -EIO);
	CHECK_IS(store_checkpoint(s), -EIO);
	CHECK_OK(store_tick(s, 100000, true));
	store_free(s);
	options.io = NULL;
	s = must_open(&options);
	check_batches(s, 2); /* here the disk had it */
	store_free(s);
}

/* The disk has no room for LMDB to grow: the journal carries on, and nothing is lost on the way. */
static void test_checkpoint_without_room(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct rlimit usual, small;
	static uint8_t value[8000];
	struct store_figures figures;
	struct store *s = must_open(&options);
	struct span got;
	uint64_t n = 0;
	int r = 0;

	do_batch(s, 1);
	CHECK_OK(store_checkpoint(s));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
	small = usual;
	small.rlim_cur = 400000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (; n < 100; n++) {
		CHECK_OK(store_begin(s));
		CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(n, (uint8_t[8]){ 0 }), SPAN_OF(value)));
		CHECK_OK(store_commit(s));
		if (n % 40 == 39)
			r = store_checkpoint(s);
		if (r)
			break;
	}
	CHECK_IS(r, STORE_E_FULL);
	/* The transaction was lost and made anew; batches go on. */
	check_batches(s, 1);
	for (uint64_t i = 0; i <= n; i++)
		CHECK_OK(store_get(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 }), &got));
	do_batch(s, 2);
	store_figures(s, &figures);
	CHECK_OK(store_tick(s, 1000, true));
	CHECK_OK(store_tick(s, 3000, true));
	CHECK_OK(store_tick(s, 4000, true));
	check_batches(s, 2);
	store_free(s);
	/* A restart on the full disk. */
	s = must_open(&options);
	check_batches(s, 2);
	do_batch(s, 3);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
	CHECK_OK(store_tick(s, 20000, false));
	CHECK_OK(store_tick(s, 40000, false));
	store_figures(s, &figures);
	assert_int_equal(figures.lmdb_commits, 1);
	store_free(s);
	s = must_open(&options);
	check_batches(s, 3);
	for (uint64_t i = 0; i <= n; i++)
		CHECK_OK(store_get(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 }), &got));
	store_free(s);
}

static void test_allocation_faults(void **state UNUSED)
{
	bool more = true;

	for (unsigned nth = 1; more; nth++) {
		CLEANUP(test_folder_freep) char *folder = test_folder_new();
		struct store_options options = small_store(folder);
		struct outcome o;

		options.segment_bytes = 4096;
		faults_begin(nth);
		scenario(&options, &o);
		more = faults_end();
		check_outcome(options, &o);
		assert_true(more || o.acked == 24);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_faults),
		cmocka_unit_test(test_refused_stays_refused),
		cmocka_unit_test(test_refused_is_gone),
		cmocka_unit_test(test_unknown_is_fatal),
		cmocka_unit_test(test_checkpoint_without_room),
		cmocka_unit_test(test_allocation_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
