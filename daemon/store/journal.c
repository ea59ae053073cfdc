/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Segments are numbered; segment n speaks for the batches from its first up to the first of segment n+1. In
 * ordinary life there is one: a checkpoint of the state makes every record superfluous, and the segment is
 * wiped and used again from its start. A second one comes when the first is full before that, when a batch
 * is larger than a segment, or when a flush failed; the next clear removes the older ones.
 *
 * Reading. Stale records (of batches the state holds already) are stepped over. What is no whole record
 * ends a segment. For all but the last segment every batch it speaks for must have been met by then. In the
 * last one a later record behind the end tells damage from a torn tail: batch n+1 is written only after the
 * flush of batch n returned.
 */
#include "daemon/store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/store/segment.h"

#define SEGMENT_BYTES_DEFAULT (UINT64_C(64) << 20)
#define SEGMENT_BYTES_MIN 4096
#define SEGMENTS_MAX 256
#define FOLDER "journal"

struct journal {
	struct segment_place place;
	uint64_t segment_bytes;
	uint64_t n_syncs;
	uint64_t appended_bytes;
	struct segment *segments; /* SEGMENTS_MAX; in the order of their numbers */
	size_t n;
	uint64_t next; /* batch number of the next append; while reading: of the next batch to be read */
	size_t read_segment;
	uint64_t read_at;
	struct buffer payload;
};

struct journal *journal_free(struct journal *j)
{
	if (!j)
		return NULL;
	for (size_t i = 0; i < j->n; i++)
		segment_close(&j->segments[i]);
	if (j->place.folder >= 0)
		close(j->place.folder);
	buffer_fini(&j->payload);
	free(j->segments);
	free(j);
	return NULL;
}

void journal_freep(struct journal **j)
{
	*j = journal_free(*j);
}

static struct segment *last(struct journal *j)
{
	return &j->segments[j->n - 1];
}

/* A new last segment, with room for a record of so many bytes. The one before takes no more records. */
static int segment_add(struct journal *j, uint64_t record_bytes)
{
	struct segment s = { .number = j->n ? last(j)->number + 1 : 1,
			     .first = j->next,
			     .area_bytes = j->segment_bytes };
	int r;

	if (s.area_bytes < record_bytes)
		s.area_bytes = (record_bytes + 65535) / 65536 * 65536;
	if (j->n == SEGMENTS_MAX)
		return SEGMENT_E_NO_SPACE;
	r = segment_create(&j->place, &s);
	if (r == SEGMENT_E_SYNC && j->n)
		last(j)->sealed = true;
	if (r)
		return r;
	j->segments[j->n++] = s;
	return SEGMENT_OK;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The segments' numbers in order. Other names are left alone: an operator may have put something there. */
static int list_numbers(struct journal *j, uint64_t numbers[SEGMENTS_MAX], size_t *n, char why[200])
{
	int fd = openat(j->place.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	*n = 0;
	if (!folder) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return err_raise(-error);
	}
	while ((entry = readdir(folder))) {
		uint64_t number;

		if (!segment_number(entry->d_name, &number))
			continue;
		if (*n == SEGMENTS_MAX) {
			closedir(folder);
			snprintf(why, 200, "the journal has more than %d segments", SEGMENTS_MAX);
			return JOURNAL_E_BROKEN;
		}
		numbers[(*n)++] = number;
	}
	closedir(folder);
	qsort(numbers, *n, sizeof numbers[0], compare_numbers);
	return JOURNAL_OK;
}

static int segments_load(struct journal *j, char why[200])
{
	uint64_t numbers[SEGMENTS_MAX];
	size_t n;
	int r = list_numbers(j, numbers, &n, why);

	for (size_t i = 0; !r && i < n; i++) {
		r = segment_load(&j->place, numbers[i], &j->segments[j->n], why);
		if (r)
			return r == SEGMENT_E_BROKEN ? JOURNAL_E_BROKEN : err_fold(r);
		j->n++;
		if (i && j->segments[i].first < j->segments[i - 1].first) {
			snprintf(why, 200, "journal segment %llu begins before the one before it",
				 (unsigned long long)numbers[i]);
			return JOURNAL_E_BROKEN;
		}
	}
	return r == JOURNAL_E_BROKEN ? r : err_pass(r);
}

static int folder_open(struct journal *j, const char *store_folder)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof path, "%s/" FOLDER, store_folder) >= (int)sizeof path)
		return err_raise(-ENAMETOOLONG);
	if (mkdir(path, 0700) && errno != EEXIST)
		return err_raise(-errno);
	j->place.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (j->place.folder < 0)
		return err_raise(-errno);
	fd = open(store_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_raise(-errno);
	if (fsync(fd)) {
		close(fd);
		return err_raise(-EIO);
	}
	close(fd);
	return 0;
}

static int first_segment(struct journal *j, uint64_t batch, char why[200])
{
	int r;

	if (batch) {
		snprintf(why, 200, "the journal is missing: what came after batch %llu is unknown",
			 (unsigned long long)batch);
		return JOURNAL_E_BROKEN;
	}
	r = segment_add(j, 0);
	if (r)
		return err_raise(r == SEGMENT_E_NO_SPACE ? -ENOSPC : -EIO);
	return JOURNAL_OK;
}

int journal_open(const struct journal_options *options, struct journal **out, char why[200])
{
	CLEANUP(journal_freep) struct journal *j = calloc(1, sizeof *j);
	int r;

	if (!j)
		return err_raise(-ENOMEM);
	j->place.folder = -1;
	j->place.io = options->io ? options->io : disk_real();
	j->place.store_id = options->store_id;
	j->place.n_syncs = &j->n_syncs;
	j->segment_bytes = options->segment_bytes ? options->segment_bytes : SEGMENT_BYTES_DEFAULT;
	if (j->segment_bytes < SEGMENT_BYTES_MIN)
		j->segment_bytes = SEGMENT_BYTES_MIN;
	j->segment_bytes = j->segment_bytes / 4096 * 4096;
	j->segments = calloc(SEGMENTS_MAX, sizeof *j->segments);
	if (!j->segments)
		return err_raise(-ENOMEM);
	buffer_init(&j->payload, 0);
	j->next = options->batch + 1;
	r = folder_open(j, options->folder);
	if (r)
		return err_pass(r);
	r = segments_load(j, why);
	if (!r && !j->n)
		r = first_segment(j, options->batch, why);
	if (r)
		return r == JOURNAL_E_BROKEN ? r : err_fold(r);
	journal_rewind(j, options->batch);
	*out = TAKE(j);
	return JOURNAL_OK;
}

void journal_rewind(struct journal *j, uint64_t after)
{
	j->next = after + 1;
	j->read_segment = 0;
	j->read_at = 0;
}

/* The first batch a segment does not speak for. */
static uint64_t segment_limit(const struct journal *j, size_t i)
{
	return i + 1 < j->n ? j->segments[i + 1].first : UINT64_MAX;
}

static int missing(const struct journal *j, size_t i, const char *what, char why[200])
{
	snprintf(why, 200, "batch %llu %s (journal segment %llu, offset %llu)", (unsigned long long)j->next,
		 what, (unsigned long long)j->segments[i].number, (unsigned long long)j->read_at);
	return JOURNAL_E_BROKEN;
}

/* Where a segment holds no further whole record: is that where it may end? */
static int segment_end(struct journal *j, size_t i, char why[200])
{
	struct segment *s = &j->segments[i];
	uint64_t range[2] = { j->next, UINT64_MAX };
	bool found;
	int r;

	if (i + 1 < j->n) {
		if (j->next < segment_limit(j, i))
			return missing(j, i, "is damaged or missing, a later segment continues after it",
				       why);
		j->read_segment++;
		j->read_at = 0;
		return JOURNAL_OK;
	}
	r = segment_later(s, j->read_at, range, &found);
	if (r)
		return err_fold(r);
	if (found)
		return missing(j, i, "is damaged, later batches follow it", why);
	s->tail = j->read_at;
	return JOURNAL_E_END;
}

/* One step in one segment: JOURNAL_OK with *payload set or, for a step that gave nothing, with length 0. */
static int step(struct journal *j, struct span *payload, char why[200])
{
	size_t i = j->read_segment;
	struct segment *s = &j->segments[i];
	uint64_t batch;
	uint64_t next;
	int r;

	*payload = SPAN_NONE;
	if (j->next < s->first)
		return missing(j, i, "is missing", why);
	r = segment_read(s, j->read_at, &batch, &j->payload, &next);
	if (r < 0)
		return err_pass(r);
	if (r == SEGMENT_E_END || batch >= segment_limit(j, i))
		return segment_end(j, i, why);
	if (batch > j->next)
		return missing(j, i, "is missing, a later one stands in its place", why);
	j->read_at = next;
	if (batch == j->next)
		*payload = buffer_span(&j->payload);
	return JOURNAL_OK;
}

int journal_read(struct journal *j, uint64_t *batch, struct span *payload, char why[200])
{
	struct span found;
	int r;

	do {
		r = step(j, &found, why);
		if (r)
			return r < 0 ? err_pass(r) : r;
	} while (!found.len);
	*batch = j->next++;
	*payload = found;
	return JOURNAL_OK;
}

/*
 * The record did not become durable. After a failed flush nobody knows whether it will be there after a
 * crash: a new segment that begins with the same batch number makes sure that it does not count. Without
 * that segment the outcome stays unknown: fatal.
 */
static int append_failed(struct journal *j, int r)
{
	log_error("journal-append-failed", "batch=%llu result=%d", (unsigned long long)j->next, r);
	if (r == SEGMENT_E_NO_SPACE)
		return JOURNAL_E_FULL;
	last(j)->sealed = true;
	if (r == SEGMENT_E_SYNC && segment_add(j, 0))
		return err_raise(-EIO);
	return JOURNAL_E_FULL;
}

int journal_append(struct journal *j, struct buffer *record)
{
	uint64_t total = segment_record_bytes(record->len - JOURNAL_RECORD_ROOM);
	struct segment *s = last(j);
	int r = SEGMENT_OK;

	if (s->sealed || s->area_bytes - s->tail < total)
		r = segment_add(j, total);
	if (r < 0)
		return err_pass(r);
	if (r)
		return JOURNAL_E_FULL;
	r = segment_append(&j->place, last(j), j->next, record);
	if (r < 0)
		return err_pass(r);
	if (r)
		return append_failed(j, r);
	j->next++;
	j->appended_bytes += total;
	return JOURNAL_OK;
}

/* Zeroes first, then the name: what a segment held is gone even when the file system keeps the blocks for a
 * while. */
static void remove_older(struct journal *j)
{
	size_t n = j->n - 1;
	char name[32];

	for (size_t i = 0; i < n; i++) {
		struct segment *s = &j->segments[i];

		if (segment_wipe(&j->place, s))
			log_warn("journal-wipe-failed", "segment=%llu", (unsigned long long)s->number);
		segment_name(s->number, name);
		if (unlinkat(j->place.folder, name, 0))
			log_warn("journal-remove-failed", "segment=%llu errno=%d",
				 (unsigned long long)s->number, errno);
		segment_close(s);
	}
	j->segments[0] = j->segments[n];
	j->n = 1;
	if (n) {
		j->n_syncs++;
		if (j->place.io->sync(j->place.io->ctx, j->place.folder))
			log_warn("journal-sync-failed", "segments=%zu", n);
	}
}

int journal_clear(struct journal *j)
{
	struct segment *s = last(j);
	int r;

	if (!s->sealed && s->area_bytes == j->segment_bytes && s->dirty)
		(void)!segment_wipe(&j->place, s); /* seals it when it fails */
	if (s->sealed || s->area_bytes != j->segment_bytes) {
		r = segment_add(j, 0);
		if (r < 0)
			return err_pass(r);
		if (r)
			return JOURNAL_OK; /* no room now: the old one stays, and is met again next time */
	}
	remove_older(j);
	return JOURNAL_OK;
}

uint64_t journal_next(const struct journal *j)
{
	return j->next;
}

uint64_t journal_used_bytes(const struct journal *j)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < j->n; i++)
		bytes += j->segments[i].dirty;
	return bytes;
}

bool journal_is_half_full(const struct journal *j)
{
	return j->n > 1 || j->segments[0].tail > j->segments[0].area_bytes / 2;
}

uint64_t journal_appended_bytes(const struct journal *j)
{
	return j->appended_bytes;
}

uint64_t journal_syncs(const struct journal *j)
{
	return j->n_syncs;
}
