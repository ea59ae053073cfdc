/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the tests of the store share: stores with small segments, batches whose content follows from their
 * number, the journal's file in the hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/journal.h"
#include "daemon/store/store.h"
#include "tests/lib/harness.h"

#define SEGMENT_BYTES 65536
#define SEGMENT_AREA 4096 /* where a segment's records begin */
#define FIRST_SEGMENT "journal/0000000000000001.journal"
#define SECOND_SEGMENT "journal/0000000000000002.journal"

static inline struct store_options small_store(const char *folder)
{
	return (struct store_options){
		.folder = folder,
		.map_bytes = 64 << 20,
		.segment_bytes = SEGMENT_BYTES,
		.checkpoint_ms = 1000,
		.env = env_system(),
	};
}

static inline struct store *must_open(const struct store_options *options)
{
	struct store *s = NULL;
	char why[200] = "";
	int r = store_open(options, &s, why);

	if (r)
		fail_msg("store_open gave %d: %s", r, why);
	return s;
}

static inline struct span number_key(uint64_t n, uint8_t key[8])
{
	put_u64(key, n);
	return span_of(key, 8);
}

/* Batch n puts 3 rows, deletes one of batch n-1 and appends one leaf. Without checks of the test's own:
 * also for children that get killed. */
static inline int fill_batch(struct store *s, uint64_t n)
{
	uint8_t key[8];
	char text[64];
	uint64_t index = 0;
	int r = 0;

	for (uint64_t i = 0; !r && i < 3; i++) {
		snprintf(text, sizeof text, "value %llu of batch %llu", (unsigned long long)i,
			 (unsigned long long)n);
		r = store_put(s, KEYSPACE_STATE, number_key(n * 3 + i, key), span_of_text(text));
	}
	if (!r)
		r = store_delete(s, KEYSPACE_STATE, number_key((n - 1) * 3, key));
	snprintf(text, sizeof text, "entry of batch %llu", (unsigned long long)n);
	if (!r)
		r = store_leaf(s, span_of_text(text), &index);
	if (!r && index != n - 1)
		r = -ERANGE;
	return r;
}

static inline int try_batch(struct store *s, uint64_t n)
{
	int r = store_begin(s);

	if (!r)
		r = fill_batch(s, n);
	return r ? r : store_commit(s);
}

static inline void do_batch(struct store *s, uint64_t n)
{
	CHECK_OK(try_batch(s, n));
}

/* The store holds the batches 1 to n, nothing else, and is sound. */
static inline void check_batches(struct store *s, uint64_t n)
{
	char why[200] = "";
	struct store_cursor c;
	struct span got;
	uint8_t key[8];
	char text[64];
	uint64_t rows = 0;

	assert_int_equal(store_size(s), n);
	for (uint64_t b = 1; b <= n; b++) {
		for (uint64_t i = b == n ? 0 : 1; i < 3; i++) {
			snprintf(text, sizeof text, "value %llu of batch %llu", (unsigned long long)i,
				 (unsigned long long)b);
			CHECK_OK(store_get(s, KEYSPACE_STATE, number_key(b * 3 + i, key), &got));
			CHECK_SPAN(got, span_of_text(text));
		}
		snprintf(text, sizeof text, "entry of batch %llu", (unsigned long long)b);
		CHECK_OK(store_entry(s, b - 1, &got));
		CHECK_SPAN(got, span_of_text(text));
	}
	for (int r = store_first(s, KEYSPACE_STATE, SPAN_NONE, SPAN_NONE, &c); r != STORE_E_ABSENT;
	     r = store_next(s, &c)) {
		CHECK_OK(r);
		rows++;
	}
	assert_int_equal(rows, n ? 2 * n + 1 : 0);
	if (store_check(s, UINT64_MAX, why))
		fail_msg("store_check: %s", why);
}

static inline void read_file(const char *folder, const char *name, struct buffer *out)
{
	test_file(test_path(folder, name), out);
}

static inline void write_file(const char *folder, const char *name, struct span bytes)
{
	FILE *f = fopen(test_path(folder, name), "wbe");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
	assert_int_equal(fclose(f), 0);
}

/* The records of a segment's bytes: offsets of up to max of them, and after the last one the offset where
 * they end. */
static inline size_t find_records(struct span file, size_t offsets[], size_t max)
{
	size_t at = SEGMENT_AREA;
	size_t n = 0;

	while (at + 64 <= file.len && memcmp(file.ptr + at, "KNPBATCH", 8) == 0 && n + 1 < max) {
		offsets[n++] = at;
		at += 64 + (size_t)get_u64(file.ptr + at + 24);
	}
	offsets[n] = at;
	return n;
}

static inline bool file_exists(const char *folder, const char *name)
{
	return access(test_path(folder, name), F_OK) == 0;
}

static inline bool bytes_contain(struct span bytes, const char *text)
{
	return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}
