/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a store finds after a crash: torn tails, damaged records, damaged and foreign segments, stale
 * records, and nothing old left behind. A crash is store_free() without a checkpoint, followed by what the
 * disk might have made of the files.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/daemon/store_help.h"

#define N 6
#define RECORDS_MAX 512

/* A store that crashed with the batches 1 to N in its journal only, and the bytes of that journal. */
static void crashed(const char *folder, struct store_options *options, struct buffer *journal,
		    size_t offsets[RECORDS_MAX])
{
	struct store *s;

	*options = small_store(folder);
	s = must_open(options);
	for (uint64_t n = 1; n <= N; n++)
		do_batch(s, n);
	store_free(s);
	read_file(folder, FIRST_SEGMENT, journal);
	assert_int_equal(find_records(buffer_span(journal), offsets, RECORDS_MAX), N);
}

/* The state after a crash is overwritten by the next open, so each case works on the files as they were. */
struct kept {
	struct buffer data;
};

static void keep(struct kept *k, const char *folder)
{
	read_file(folder, "data.mdb", &k->data);
}

static void restore(const struct kept *k, const char *folder, struct span journal)
{
	unlink(test_path(folder, SECOND_SEGMENT));
	unlink(test_path(folder, "journal/0000000000000003.journal"));
	write_file(folder, "data.mdb", buffer_span(&k->data));
	write_file(folder, FIRST_SEGMENT, journal);
}

static void refused(const struct store_options *options, const char *what)
{
	char why[200] = "";
	struct store *s = NULL;

	CHECK_IS(store_open(options, &s, why), STORE_E_BROKEN);
	assert_null(s);
	if (!strstr(why, what))
		fail_msg("refused with \"%s\" instead of \"%s\"", why, what);
}

/* Opens with n batches, and goes on: nothing of what was cut off comes back. */
static void opens_with(const struct store_options *options, uint64_t n)
{
	struct store *s = must_open(options);

	check_batches(s, n);
	do_batch(s, n + 1);
	do_batch(s, n + 2);
	store_free(s);
	s = must_open(options);
	check_batches(s, n + 2);
	store_free(s);
}

static void test_torn_at_every_byte(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer journal = { 0 };
	CLEANUP(buffer_fini) struct buffer torn = { 0 };
	struct store_options options;
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };

	crashed(folder, &options, &journal, at);
	keep(&k, folder);
	for (size_t cut = at[N - 1]; cut <= at[N]; cut++) {
		/* The rest was never written: zeroes. */
		buffer_reset(&torn);
		buffer_bytes(&torn, buffer_span(&journal));
		memset(torn.ptr + cut, 0, torn.len - cut);
		/* The padding at the end is zeroes as it is. */
		bool whole = memcmp(torn.ptr, journal.ptr, journal.len) == 0;

		restore(&k, folder, buffer_span(&torn));
		opens_with(&options, whole ? N : N - 1);
		/* Or the file ends there. */
		restore(&k, folder, span_of(journal.ptr, cut));
		opens_with(&options, cut == at[N] ? N : N - 1);
	}
	/* Far shorter: one batch less for each record. */
	for (size_t i = 0; i < N; i++) {
		restore(&k, folder, span_of(journal.ptr, at[i]));
		opens_with(&options, i);
	}
	restore(&k, folder, span_of(journal.ptr, 100));
	refused(&options, "journal/0000000000000001.journal is not a journal segment");
	buffer_fini(&k.data);
}

/* The last record written in any order of its parts, the rest of it old: what earlier use of the place left
 * there. */
static void test_torn_over_old(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer journal = { 0 };
	CLEANUP(buffer_fini) struct buffer torn = { 0 };
	struct store_options options;
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };

	crashed(folder, &options, &journal, at);
	keep(&k, folder);
	for (size_t part = at[N - 1]; part < at[N]; part += 64) {
		buffer_reset(&torn);
		buffer_bytes(&torn, buffer_span(&journal));
		/* 64 bytes of an older record in its place, and all that record's bytes behind it. */
		memcpy(torn.ptr + part, journal.ptr + at[1], 64);
		memcpy(torn.ptr + at[N], journal.ptr + at[0], at[2] - at[0]);
		restore(&k, folder, buffer_span(&torn));
		opens_with(&options, N - 1);
	}
	buffer_fini(&k.data);
}

static void test_flips(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer journal = { 0 };
	struct store_options options;
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };
	unsigned seed = 1;

	crashed(folder, &options, &journal, at);
	keep(&k, folder);
	for (size_t record = 0; record < N; record++) {
		for (size_t i = 0; i < 64 + 40; i++) {
			size_t byte =
				at[record] +
				(i < 64 ? i
					: 64 + (size_t)rand_r(&seed) % (at[record + 1] - at[record] - 64));
			uint8_t bit = (uint8_t)(1u << (i % 8));
			char what[40];

			snprintf(what, sizeof what, "batch %zu is damaged", record + 1);
			journal.ptr[byte] ^= bit;
			restore(&k, folder, buffer_span(&journal));
			if (record == N - 1)
				opens_with(&options, N - 1);
			else
				refused(&options, what);
			journal.ptr[byte] ^= bit;
		}
	}
	/* The header of the segment: every bit of what is in it. */
	for (size_t byte = 0; byte < 96; byte++) {
		journal.ptr[byte] ^= 4;
		restore(&k, folder, buffer_span(&journal));
		refused(&options, byte < 8 ? "is not a journal segment" : "has a damaged header");
		journal.ptr[byte] ^= 4;
	}
	restore(&k, folder, buffer_span(&journal));
	opens_with(&options, N);
	buffer_fini(&k.data);
}

static void test_foreign_and_missing(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(test_folder_freep) char *other = test_folder_new();
	CLEANUP(buffer_fini) struct buffer journal = { 0 };
	CLEANUP(buffer_fini) struct buffer foreign = { 0 };
	struct store_options options;
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };
	struct store *s;

	crashed(other, &options, &foreign, at);
	crashed(folder, &options, &journal, at);
	keep(&k, folder);
	restore(&k, folder, buffer_span(&foreign));
	refused(&options, "journal/0000000000000001.journal belongs to another store");
	/* Under another name. */
	restore(&k, folder, buffer_span(&journal));
	assert_int_equal(rename(test_path(folder, FIRST_SEGMENT), test_path(folder, SECOND_SEGMENT)), 0);
	refused(&options, "is not the segment its name says");
	/* A record missing in the middle. */
	memmove(journal.ptr + at[2], journal.ptr + at[3], at[N] - at[3]);
	restore(&k, folder, buffer_span(&journal));
	refused(&options, "batch 3 is missing");
	memmove(journal.ptr + at[3], journal.ptr + at[2], at[N] - at[3]);
	/* The whole journal, once the state holds something. */
	unlink(test_path(folder, FIRST_SEGMENT));
	write_file(folder, "data.mdb", buffer_span(&k.data));
	s = must_open(&options); /* an empty state: as if it was never used */
	do_batch(s, 1);
	CHECK_OK(store_checkpoint(s));
	store_free(s);
	unlink(test_path(folder, FIRST_SEGMENT));
	refused(&options, "the journal is missing");
	buffer_fini(&k.data);
}

/* A crash after LMDB's commit and before the journal was wiped, or in the middle of the wiping. */
static void test_stale_records(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer journal = { 0 };
	struct store_options options;
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };
	struct store *s;

	crashed(folder, &options, &journal, at);
	s = must_open(&options);
	store_free(s); /* that was a checkpoint */
	keep(&k, folder);
	for (size_t zero = 0; zero <= N; zero++) {
		if (zero)
			memset(journal.ptr + at[0], 0, at[zero] - at[0]);
		restore(&k, folder, buffer_span(&journal));
		opens_with(&options, N);
	}
	buffer_fini(&k.data);
}

/* Batches spread over segments; the later ones say where they begin. */
static void test_many_segments(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer first = { 0 };
	CLEANUP(buffer_fini) struct buffer second = { 0 };
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	size_t at[RECORDS_MAX];
	struct kept k = { 0 };
	uint64_t n = 0;
	size_t in_first;
	char what[60];

	while (!file_exists(folder, "journal/0000000000000003.journal"))
		do_batch(s, ++n);
	store_free(s);
	read_file(folder, FIRST_SEGMENT, &first);
	read_file(folder, SECOND_SEGMENT, &second);
	in_first = find_records(buffer_span(&first), at, RECORDS_MAX);
	assert_int_equal(get_u64(second.ptr + 16), in_first + 1);
	/* The last record of the first segment is not the journal's tail. */
	snprintf(what, sizeof what, "batch %zu is damaged or missing", in_first);
	first.ptr[at[in_first - 1] + 70] ^= 1;
	write_file(folder, FIRST_SEGMENT, buffer_span(&first));
	refused(&options, what);
	first.ptr[at[in_first - 1] + 70] ^= 1;
	/* The first segment missing, the second missing. */
	unlink(test_path(folder, FIRST_SEGMENT));
	refused(&options, "batch 1 is missing");
	write_file(folder, FIRST_SEGMENT, buffer_span(&first));
	unlink(test_path(folder, SECOND_SEGMENT));
	snprintf(what, sizeof what, "batch %zu is damaged or missing", in_first + 1);
	refused(&options, what);
	write_file(folder, SECOND_SEGMENT, buffer_span(&second));
	s = must_open(&options);
	check_batches(s, n);
	/* Opening made a checkpoint: one segment is left. */
	assert_false(file_exists(folder, FIRST_SEGMENT));
	assert_false(file_exists(folder, SECOND_SEGMENT));
	assert_true(file_exists(folder, "journal/0000000000000003.journal"));
	do_batch(s, ++n);
	store_free(s);
	s = must_open(&options);
	check_batches(s, n);
	store_free(s);
	buffer_fini(&k.data);
}

/* After a checkpoint no byte of any batch is in the journal, and what is deleted is gone from there. */
static void test_wiped(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	struct buffer journal;

	for (int pass = 0; pass < 3; pass++) {
		CHECK_OK(store_begin(s));
		CHECK_OK(store_put(s, KEYSPACE_KEY, span_of_text("key id"),
				   span_of_text("a wrapped casus key")));
		CHECK_OK(store_commit(s));
		read_file(folder, FIRST_SEGMENT, &journal);
		assert_true(bytes_contain(buffer_span(&journal), "a wrapped casus key"));
		buffer_fini(&journal);
		if (pass == 2) {
			/* Also by the checkpoint that opening makes after a crash, with a torn record
			 * beside it. */
			store_free(s);
			read_file(folder, FIRST_SEGMENT, &journal);
			memcpy(journal.ptr + SEGMENT_AREA + 4096, journal.ptr + SEGMENT_AREA + 64, 192);
			write_file(folder, FIRST_SEGMENT, buffer_span(&journal));
			buffer_fini(&journal);
			s = must_open(&options);
		} else if (pass == 1) {
			CHECK_OK(store_tick(s, 1000, true));
			CHECK_OK(store_tick(s, 1060, true));
		} else {
			CHECK_OK(store_checkpoint(s));
		}
		read_file(folder, FIRST_SEGMENT, &journal);
		assert_int_equal(journal.len, SEGMENT_AREA + SEGMENT_BYTES);
		assert_true(span_is_zero(span_of(journal.ptr + SEGMENT_AREA, SEGMENT_BYTES)));
		buffer_fini(&journal);
	}
	store_free(s);
}

/* Seeded histories: any order of batches, aborts, ticks, checkpoints and crashes. */
static void test_histories(void **state UNUSED)
{
	for (unsigned seed = 1; seed <= 12; seed++) {
		CLEANUP(test_folder_freep) char *folder = test_folder_new();
		struct store_options options = small_store(folder);
		struct store *s = must_open(&options);
		unsigned rnd = seed;
		uint64_t now = 0;
		uint64_t n = 0;

		options.segment_bytes = 8192u << (seed % 3);
		for (int i = 0; i < 200; i++) {
			switch (rand_r(&rnd) % 12) {
			case 0:
				store_free(s);
				s = must_open(&options);
				break;
			case 1:
				CHECK_OK(store_begin(s));
				CHECK_OK(fill_batch(s, n + 1));
				store_abort(s);
				break;
			case 2:
				CHECK_OK(store_begin(s));
				CHECK_OK(fill_batch(s, n + 1));
				store_free(s);
				s = must_open(&options);
				break;
			case 3:
				CHECK_OK(store_checkpoint(s));
				break;
			case 4:
				CHECK_OK(
					store_tick(s, now += (unsigned)rand_r(&rnd) % 900, rand_r(&rnd) % 2));
				break;
			default:
				do_batch(s, ++n);
				break;
			}
		}
		check_batches(s, n);
		store_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torn_at_every_byte), cmocka_unit_test(test_torn_over_old),
		cmocka_unit_test(test_flips),              cmocka_unit_test(test_foreign_and_missing),
		cmocka_unit_test(test_stale_records),      cmocka_unit_test(test_many_segments),
		cmocka_unit_test(test_wiped),              cmocka_unit_test(test_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
