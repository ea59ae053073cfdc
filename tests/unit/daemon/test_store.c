/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The store's contract without crashes: rows, cursors, batches, limits, proofs, checkpoints, the lock.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/daemon/store_help.h"

static struct span text(const char *s)
{
	return span_of_text(s);
}

static void test_rows(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	uint8_t long_key[STORE_KEY_MAX + 1];
	struct span got;

	memset(long_key, 'k', sizeof long_key);
	assert_false(store_in_batch(s));
	CHECK_IS(store_get(s, KEYSPACE_META, text("a"), &got), STORE_E_ABSENT);
	CHECK_OK(store_begin(s));
	assert_true(store_in_batch(s));
	CHECK_IS(store_begin(s), -EBUSY);
	CHECK_IS(store_checkpoint(s), -EBUSY);
	CHECK_OK(store_put(s, KEYSPACE_META, text("a"), text("1")));
	CHECK_OK(store_get(s, KEYSPACE_META, text("a"), &got));
	CHECK_SPAN(got, text("1"));
	CHECK_OK(store_put(s, KEYSPACE_META, text("a"), text("2")));
	CHECK_OK(store_put(s, KEYSPACE_DUE, text("a"), SPAN_NONE));
	CHECK_OK(store_put(s, KEYSPACE_META, span_of(long_key, STORE_KEY_MAX), text("long")));
	CHECK_OK(store_delete(s, KEYSPACE_META, text("never was")));
	/* What no caller may do is refused and harms nothing. */
	CHECK_IS(store_put(s, KEYSPACE_META, span_of(long_key, sizeof long_key), text("x")), -EINVAL);
	CHECK_IS(store_put(s, KEYSPACE_META, SPAN_NONE, text("x")), -EINVAL);
	CHECK_IS(store_put(s, KEYSPACE_ENTRY, text("12345678"), text("x")), -EINVAL);
	CHECK_IS(store_put(s, KEYSPACE_TREE, text("123456789"), text("x")), -EINVAL);
	CHECK_IS(store_put(s, KEYSPACE_N, text("a"), text("x")), -EINVAL);
	CHECK_IS(store_delete(s, KEYSPACE_ENTRY, text("12345678")), -EINVAL);
	CHECK_IS(store_get(s, KEYSPACE_META, SPAN_NONE, &got), -EINVAL);
	CHECK_OK(store_commit(s));
	assert_false(store_in_batch(s));
	CHECK_OK(store_get(s, KEYSPACE_META, text("a"), &got));
	CHECK_SPAN(got, text("2"));
	CHECK_OK(store_get(s, KEYSPACE_DUE, text("a"), &got));
	assert_int_equal(got.len, 0);
	s = store_free(s);

	/* Without a checkpoint this was a crash; the journal has it all. */
	s = must_open(&options);
	CHECK_OK(store_get(s, KEYSPACE_META, text("a"), &got));
	CHECK_SPAN(got, text("2"));
	CHECK_OK(store_get(s, KEYSPACE_META, span_of(long_key, STORE_KEY_MAX), &got));
	CHECK_SPAN(got, text("long"));
	store_free(s);
}

static void test_abort(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	struct store_figures before, after;
	struct hash root, again;
	uint64_t index;
	struct span got;

	do_batch(s, 1);
	CHECK_OK(store_root(s, &root));
	store_figures(s, &before);
	CHECK_OK(store_begin(s));
	CHECK_OK(store_put(s, KEYSPACE_CASUS, text("a"), text("1")));
	CHECK_OK(store_delete(s, KEYSPACE_STATE, number_key(4, (uint8_t[8]){ 0 })));
	CHECK_OK(store_leaf(s, text("second"), &index));
	assert_int_equal(index, 1);
	assert_int_equal(store_size(s), 2);
	CHECK_OK(store_entry(s, 1, &got));
	CHECK_SPAN(got, text("second"));
	CHECK_OK(store_root(s, &again));
	assert_false(hash_equal(&root, &again));
	store_abort(s);
	store_abort(s);
	check_batches(s, 1);
	CHECK_IS(store_get(s, KEYSPACE_CASUS, text("a"), &got), STORE_E_ABSENT);
	CHECK_OK(store_root(s, &again));
	assert_true(hash_equal(&root, &again));
	/* An empty batch writes nothing. */
	CHECK_OK(store_begin(s));
	CHECK_OK(store_commit(s));
	store_figures(s, &after);
	assert_int_equal(after.fsyncs, before.fsyncs);
	assert_int_equal(after.batches, before.batches);
	do_batch(s, 2);
	store_free(s);
	s = must_open(&options);
	check_batches(s, 2);
	store_free(s);
}

static void test_cursor(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	static const char *const keys[] = { "a", "b1", "b2", "b3", "b4", "c", "b", "ba" };
	struct store_cursor c, copy;

	CHECK_IS(store_first(s, KEYSPACE_INBOX, SPAN_NONE, SPAN_NONE, &c), STORE_E_ABSENT);
	CHECK_OK(store_begin(s));
	for (size_t i = 0; i < N_ELEMENTS(keys); i++)
		CHECK_OK(store_put(s, KEYSPACE_INBOX, text(keys[i]), text(keys[i])));
	/* In order, only the prefix: b b1 b2 b3 b4 ba. */
	CHECK_OK(store_first(s, KEYSPACE_INBOX, text("b"), SPAN_NONE, &c));
	CHECK_SPAN(c.key, text("b"));
	CHECK_SPAN(c.value, text("b"));
	CHECK_OK(store_next(s, &c));
	CHECK_SPAN(c.key, text("b1"));
	CHECK_OK(store_commit(s));
	copy = c;
	/* The row it stands on may go, the next one may go, one may come behind it. */
	CHECK_OK(store_begin(s));
	CHECK_OK(store_delete(s, KEYSPACE_INBOX, text("b1")));
	CHECK_OK(store_delete(s, KEYSPACE_INBOX, text("b2")));
	CHECK_OK(store_put(s, KEYSPACE_INBOX, text("b33"), text("new")));
	CHECK_OK(store_next(s, &c));
	CHECK_SPAN(c.key, text("b3"));
	CHECK_OK(store_next(s, &c));
	CHECK_SPAN(c.key, text("b33"));
	CHECK_OK(store_next(s, &c));
	CHECK_OK(store_next(s, &c));
	CHECK_SPAN(c.key, text("ba"));
	CHECK_IS(store_next(s, &c), STORE_E_ABSENT);
	CHECK_IS(store_next(s, &c), STORE_E_ABSENT);
	store_abort(s);
	CHECK_OK(store_next(s, &copy));
	CHECK_SPAN(copy.key, text("b2"));

	CHECK_OK(store_first(s, KEYSPACE_INBOX, text("b"), text("b25"), &c));
	CHECK_SPAN(c.key, text("b3"));
	CHECK_OK(store_first(s, KEYSPACE_INBOX, text("b"), text("b3"), &c));
	CHECK_SPAN(c.key, text("b3"));
	CHECK_OK(store_first(s, KEYSPACE_INBOX, text("b"), text("a"), &c));
	CHECK_SPAN(c.key, text("b"));
	CHECK_IS(store_first(s, KEYSPACE_INBOX, text("b"), text("bb"), &c), STORE_E_ABSENT);
	CHECK_IS(store_first(s, KEYSPACE_INBOX, text("b"), text("c"), &c), STORE_E_ABSENT);
	CHECK_IS(store_first(s, KEYSPACE_INBOX, text("d"), SPAN_NONE, &c), STORE_E_ABSENT);
	CHECK_OK(store_first(s, KEYSPACE_INBOX, SPAN_NONE, text("bb"), &c));
	CHECK_SPAN(c.key, text("c"));
	store_free(s);
}

/* A cursor that deletes every row it meets, as queues and retention do; over many pages. */
static void test_cursor_drain(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	uint8_t value[300] = { 7 };
	struct store_cursor c;
	uint64_t n = 0;

	CHECK_OK(store_begin(s));
	for (uint64_t i = 0; i < 1000; i++)
		CHECK_OK(store_put(s, KEYSPACE_DUE, number_key(i * 7, (uint8_t[8]){ 0 }), SPAN_OF(value)));
	CHECK_OK(store_commit(s));
	CHECK_OK(store_begin(s));
	for (int r = store_first(s, KEYSPACE_DUE, SPAN_NONE, SPAN_NONE, &c); r != STORE_E_ABSENT;
	     r = store_next(s, &c)) {
		CHECK_OK(r);
		assert_int_equal(get_u64(c.key.ptr), n * 7);
		/* The key lies in the page that is about to change. */
		if (n % 3)
			CHECK_OK(store_delete(s, KEYSPACE_DUE, c.key));
		else
			CHECK_OK(store_put(s, KEYSPACE_DUE, c.key, c.value));
		n++;
	}
	assert_int_equal(n, 1000);
	CHECK_OK(store_commit(s));
	store_free(s);
	s = must_open(&options);
	n = 0;
	for (int r = store_first(s, KEYSPACE_DUE, SPAN_NONE, SPAN_NONE, &c); r != STORE_E_ABSENT;
	     r = store_next(s, &c)) {
		CHECK_OK(r);
		CHECK_SPAN(c.value, SPAN_OF(value));
		n++;
	}
	assert_int_equal(n, 334);
	store_free(s);
}

static void test_large_values(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	size_t len = 1 << 20;
	uint8_t *value = malloc(len);
	struct span got;

	assert_non_null(value);
	for (size_t i = 0; i < len; i++)
		value[i] = (uint8_t)(i * 31 + i / 256);
	/* Sixteen times larger than a segment: gets one of its own; the next batch as well, and then life
	 * goes on in a usual one. */
	for (uint64_t i = 0; i < 3; i++) {
		CHECK_OK(store_begin(s));
		CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 }),
				   span_of(value, len - i)));
		CHECK_OK(store_commit(s));
	}
	store_free(s);
	s = must_open(&options);
	for (uint64_t i = 0; i < 3; i++) {
		CHECK_OK(store_get(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 }), &got));
		CHECK_SPAN(got, span_of(value, len - i));
	}
	CHECK_OK(store_checkpoint(s));
	do_batch(s, 1);
	store_free(s);
	s = must_open(&options);
	check_batches(s, 1);
	/* Overwritten and deleted values give their pages back. */
	for (uint64_t i = 0; i < 200; i++) {
		CHECK_OK(store_begin(s));
		CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(0, (uint8_t[8]){ 0 }),
				   span_of(value, len)));
		CHECK_OK(store_commit(s));
		CHECK_OK(store_tick(s, i * 1000, false));
	}
	free(value);
	store_free(s);
}

/* Every leaf of every tree up to 130, and samples up to 600, against the checks that share no code with the
 * store. */
static void test_proofs(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	static struct hash roots[601], leaves[600];
	struct tree_proof proof;
	char why[200];

	CHECK_OK(store_root(s, &roots[0]));
	for (uint64_t size = 1; size <= 600; size++) {
		char entry[32];
		uint64_t index;

		snprintf(entry, sizeof entry, "entry %u", (unsigned)size - 1);
		CHECK_OK(store_begin(s));
		CHECK_OK(store_leaf(s, text(entry), &index));
		CHECK_OK(store_commit(s));
		tree_hash_leaf(text(entry), &leaves[size - 1]);
		CHECK_OK(store_root(s, &roots[size]));
		for (uint64_t i = 0; i < size; i += size <= 130 ? 1 : 1 + size / 9) {
			CHECK_OK(store_prove_inclusion(s, i, size, &proof));
			assert_true(tree_check_inclusion(i, size, &leaves[i], &proof, &roots[size]));
			assert_false(tree_check_inclusion(i, size, &leaves[i], &proof, &roots[size - 1]));
			CHECK_OK(store_prove_consistency(s, i, size, &proof));
			assert_true(i == 0 ||
				    tree_check_consistency(i, size, &roots[i], &roots[size], &proof));
		}
	}
	/* Old sizes stay provable. */
	CHECK_OK(store_prove_inclusion(s, 41, 300, &proof));
	assert_true(tree_check_inclusion(41, 300, &leaves[41], &proof, &roots[300]));
	CHECK_IS(store_prove_inclusion(s, 600, 600, &proof), -EINVAL);
	CHECK_IS(store_prove_inclusion(s, 0, 601, &proof), -EINVAL);
	CHECK_IS(store_prove_consistency(s, 0, 601, &proof), -EINVAL);
	CHECK_IS(store_prove_consistency(s, 5, 4, &proof), -EINVAL);
	CHECK_OK(store_check(s, 600, why));
	CHECK_OK(store_check(s, 77, why));
	CHECK_OK(store_check(s, 0, why));
	store_free(s);
}

static void test_entries(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	static uint8_t entry[65536];
	uint64_t index = 77;
	struct span got;

	CHECK_OK(store_begin(s));
	CHECK_IS(store_leaf(s, SPAN_NONE, &index), -EINVAL);
	CHECK_IS(store_leaf(s, span_of(entry, 65536), &index), -EINVAL);
	assert_int_equal(index, 77);
	CHECK_OK(store_leaf(s, span_of(entry, 65535), &index));
	assert_int_equal(index, 0);
	CHECK_IS(store_check(s, 1, (char[200]){ 0 }), -EBUSY);
	CHECK_OK(store_commit(s));
	CHECK_OK(store_entry(s, 0, &got));
	assert_int_equal(got.len, 65535);
	CHECK_IS(store_entry(s, 1, &got), STORE_E_ABSENT);
	store_free(s);
}

static void test_lock(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	struct store *second = NULL;
	char why[200];

	CHECK_IS(store_open(&options, &second, why), STORE_E_LOCKED);
	assert_null(second);
	do_batch(s, 1);
	store_free(s);
	s = must_open(&options);
	check_batches(s, 1);
	store_free(s);
}

static void test_tick(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	struct store_figures f;
	uint64_t n = 0;

	/* Nothing new: nothing done. */
	for (uint64_t t = 0; t < 5000; t += 100)
		CHECK_OK(store_tick(s, t, true));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 0);
	/* Idle for 50 ms since the last batch. */
	do_batch(s, ++n);
	CHECK_OK(store_tick(s, 5000, true));
	CHECK_OK(store_tick(s, 5049, true));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 0);
	do_batch(s, ++n);
	CHECK_OK(store_tick(s, 5050, true));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 0);
	CHECK_OK(store_tick(s, 5100, true));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 1);
	CHECK_OK(store_tick(s, 9000, true));
	/* Busy: checkpoint_ms after the first batch. */
	do_batch(s, ++n);
	CHECK_OK(store_tick(s, 9999, false));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 1);
	CHECK_OK(store_tick(s, 10000, false));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 2);
	/* Not within a batch, whatever the time. */
	CHECK_OK(store_begin(s));
	CHECK_OK(fill_batch(s, ++n));
	CHECK_OK(store_tick(s, 20000, true));
	CHECK_OK(store_commit(s));
	/* The journal half full: at once. */
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 2);
	CHECK_OK(store_tick(s, 20000, false));
	for (int i = 0; i < 130; i++)
		do_batch(s, ++n);
	CHECK_OK(store_tick(s, 20001, false));
	store_figures(s, &f);
	assert_int_equal(f.lmdb_commits, 4);
	assert_int_equal(f.batches, n);
	assert_int_equal(f.entries, n);
	assert_true(f.journal_bytes >= n * 256 && f.map_used_bytes > 0);
	check_batches(s, n);
	store_free(s);
}

/* One flush per batch, whatever its size; the state's two only at a checkpoint. */
static void test_flushes(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);
	struct store_figures before, after;

	store_figures(s, &before);
	for (uint64_t n = 1; n <= 50; n++)
		do_batch(s, n);
	store_figures(s, &after);
	assert_int_equal(after.fsyncs - before.fsyncs, 50);
	CHECK_OK(store_checkpoint(s));
	store_figures(s, &before);
	assert_int_equal(before.fsyncs - after.fsyncs, 3);
	store_free(s);
}

/* Puts until it is full: reported at the commit, nothing of it happened, forgetting still works, a restart
 * finds more room. */
static void test_full(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	static uint8_t value[10000];
	struct store_figures f;
	struct store *s;
	uint64_t n = 0;
	struct span got;
	uint64_t index;
	int r;

	options.map_bytes = 2 << 20;
	s = must_open(&options);
	for (;;) {
		CHECK_OK(store_begin(s));
		CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(n, (uint8_t[8]){ 0 }), SPAN_OF(value)));
		CHECK_OK(store_leaf(s, text("kept"), &index));
		r = store_commit(s);
		if (r)
			break;
		assert_in_range(++n, 1, 1000);
	}
	CHECK_IS(r, STORE_E_FULL);
	assert_in_range(n, 80, 200);
	assert_int_equal(store_size(s), n);
	CHECK_IS(store_get(s, KEYSPACE_MESSAGE, number_key(n, (uint8_t[8]){ 0 }), &got), STORE_E_ABSENT);
	store_figures(s, &f);
	assert_true(f.map_used_bytes <= options.map_bytes + 65536);
	/* Forgetting, with its entry. */
	CHECK_OK(store_begin(s));
	for (uint64_t i = 0; i < 20; i++)
		CHECK_OK(store_delete(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 })));
	CHECK_OK(store_leaf(s, text("forgotten"), &index));
	CHECK_OK(store_commit(s));
	CHECK_OK(store_checkpoint(s));
	CHECK_OK(store_checkpoint(s));
	for (uint64_t i = 0; i < 10; i++) {
		CHECK_OK(store_begin(s));
		CHECK_OK(
			store_put(s, KEYSPACE_MESSAGE, number_key(n + i, (uint8_t[8]){ 0 }), SPAN_OF(value)));
		CHECK_OK(store_commit(s));
	}
	store_free(s);
	/* Half the map it already fills: it opens, with a fifth free. */
	options.map_bytes = 1 << 20;
	s = must_open(&options);
	CHECK_OK(store_get(s, KEYSPACE_MESSAGE, number_key(n + 9, (uint8_t[8]){ 0 }), &got));
	CHECK_SPAN(got, SPAN_OF(value));
	CHECK_OK(store_begin(s));
	CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(n + 10, (uint8_t[8]){ 0 }), SPAN_OF(value)));
	CHECK_OK(store_commit(s));
	store_free(s);
}

/* One batch that LMDB itself has no room for, or no write-set: sticky from the first put that failed. */
static void test_batch_too_large(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	size_t len = 4 << 20;
	uint8_t *value = calloc(1, len);
	struct store *s;
	struct span got;
	uint64_t index;

	assert_non_null(value);
	options.map_bytes = 1 << 20; /* LMDB's own: 65.25 MiB */
	for (int pass = 0; pass < 2; pass++) {
		s = must_open(&options);
		if (!pass)
			do_batch(s, 1);
		CHECK_OK(store_begin(s));
		CHECK_OK(fill_batch(s, 2));
		for (uint64_t i = 0; i < 40; i++)
			CHECK_OK(store_put(s, KEYSPACE_MESSAGE, number_key(i, (uint8_t[8]){ 0 }),
					   span_of(value, len)));
		CHECK_OK(store_leaf(s, text("on a lost batch"), &index));
		CHECK_OK(store_leaf(s, text("again"), &index));
		CHECK_IS(store_get(s, KEYSPACE_STATE, number_key(8, (uint8_t[8]){ 0 }), &got),
			 STORE_E_ABSENT);
		CHECK_IS(store_entry(s, index, &got), STORE_E_ABSENT);
		CHECK_IS(store_commit(s), STORE_E_FULL);
		check_batches(s, 1);
		store_free(s);
		options.map_bytes = UINT64_C(1) << 30; /* now it is the write-set that is too large */
	}
	s = must_open(&options);
	do_batch(s, 2);
	check_batches(s, 2);
	free(value);
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),    cmocka_unit_test(test_abort),
		cmocka_unit_test(test_cursor),  cmocka_unit_test(test_cursor_drain),
		cmocka_unit_test(test_entries), cmocka_unit_test(test_large_values),
		cmocka_unit_test(test_proofs),  cmocka_unit_test(test_lock),
		cmocka_unit_test(test_tick),    cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_full),    cmocka_unit_test(test_batch_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
