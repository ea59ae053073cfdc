/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The stored store of format 1 opens; each way of damaging it is refused, or survived, with the words that
 * belong to it. And whatever is damaged anywhere: an answer, never a crash.
 */
#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>

#include "daemon/store/segment.h"
#include "daemon/store/writeset.h"
#include "tests/unit/daemon/store_help.h"

#define BATCHES 15 /* 10 in LMDB, 5 in the journal */
/* RFC 6962 over the entries, computed by another program. */
#define FIXTURE_ROOT \
	0xe5, 0xe8, 0xea, 0xa0, 0x49, 0xa3, 0x23, 0x7b, 0x50, 0xd0, 0x6f, 0x54, 0x97, 0xa5, 0xea, 0xb3, \
	0x16, 0xcb, 0x6a, 0xcf, 0xf7, 0x05, 0xa5, 0x32, 0xb4, 0xff, 0x93, 0xd7, 0x64, 0x5c, 0x3e, 0xdb

struct files {
	struct buffer data;
	struct buffer journal;
};

static int load(void **state)
{
	static struct files files;

	test_file("data/store-v1/data.mdb", &files.data);
	test_file("data/store-v1/" FIRST_SEGMENT, &files.journal);
	*state = &files;
	return 0;
}

static int unload(void **state)
{
	struct files *files = *state;

	buffer_fini(&files->data);
	buffer_fini(&files->journal);
	return 0;
}

static struct store_options place(const char *folder, struct span data, struct span journal)
{
	struct store_options options = small_store(folder);

	options.segment_bytes = 8192;
	mkdir(test_path(folder, "journal"), 0700);
	write_file(folder, "data.mdb", data);
	write_file(folder, FIRST_SEGMENT, journal);
	return options;
}

static void test_opens(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct files *files = *state;
	struct store_options options = place(folder, buffer_span(&files->data), buffer_span(&files->journal));
	static const uint8_t root[HASH_BYTES] = { FIXTURE_ROOT };
	struct store *s = must_open(&options);
	struct hash got;

	check_batches(s, BATCHES);
	CHECK_OK(store_root(s, &got));
	assert_memory_equal(got.bytes, root, HASH_BYTES);
	do_batch(s, BATCHES + 1);
	store_free(s);
	s = must_open(&options);
	check_batches(s, BATCHES + 1);
	store_free(s);
}

static void row_put(MDB_txn *txn, MDB_dbi table, uint64_t n, size_t len)
{
	static uint8_t value[80000];
	uint8_t key[8];
	MDB_val k = { sizeof key, key }, v = { len, value };

	put_u64(key, n);
	assert_int_equal(mdb_put(txn, table, &k, &v, 0), 0);
}

static void row_delete(MDB_txn *txn, MDB_dbi table, uint64_t n)
{
	uint8_t key[8];
	MDB_val k = { sizeof key, key };

	put_u64(key, n);
	assert_int_equal(mdb_del(txn, table, &k, NULL), 0);
}

/* Brings the file into the state of which test_ends_in_free_pages() speaks. */
static void end_in_free_pages(const char *folder)
{
	struct stat file;
	MDB_envinfo info;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi large, small;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, KEYSPACE_N + 3), 0);
	assert_int_equal(mdb_env_set_mapsize(env, 64 << 20), 0);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	for (uint64_t n = 0; n < 8; n++) {
		assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
		assert_int_equal(mdb_dbi_open(txn, "test-large", MDB_CREATE, &large), 0);
		assert_int_equal(mdb_dbi_open(txn, "test-small", MDB_CREATE, &small), 0);
		row_put(txn, small, n, 10);
		row_put(txn, large, n, 10000 * (n + 1));
		row_delete(txn, large, n);
		assert_int_equal(mdb_txn_commit(txn), 0);
	}
	assert_int_equal(mdb_env_info(env, &info), 0);
	mdb_env_close(env);
	assert_int_equal(stat(test_path(folder, "data.mdb"), &file), 0);
	assert_true((uint64_t)file.st_size < (info.me_last_pgno + 1) * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* A large value that is put and deleted again within one LMDB transaction leaves pages that were taken and given back without ever
 * being written: the file may end before the last page that LMDB knows of, and nothing is wrong with it. */
static void test_ends_in_free_pages(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct store_options options = small_store(folder);
	struct store *s = must_open(&options);

	do_batch(s, 1);
	CHECK_OK(store_checkpoint(s));
	store_free(s);
	end_in_free_pages(folder);
	s = must_open(&options);
	check_batches(s, 1);
	do_batch(s, 2);
	check_batches(s, 2);
	store_free(s);
}

static void refused(const struct store_options *options, const char *what)
{
	char why[200] = "";
	struct store *s = NULL;
	int r = store_open(options, &s, why);

	store_free(s);
	if (r != STORE_E_BROKEN || !strstr(why, what))
		fail_msg("gave %d \"%s\" instead of \"%s\"", r, why, what);
}

/* The first place of a text in a file's bytes. In the stored file that is the page in use. */
static size_t place_of(struct span bytes, const void *what, size_t len)
{
	const uint8_t *at = memmem(bytes.ptr, bytes.len, what, len);

	assert_non_null(at);
	return (size_t)(at - bytes.ptr);
}

static void test_damaged_data(void **state)
{
	struct files *files = *state;
	struct span data = buffer_span(&files->data);
	uint8_t meta_magic[4] = { 0xde, 0xc0, 0xef, 0xbe };
	size_t magic = place_of(data, meta_magic, 4);
	struct {
		size_t at;
		size_t len; /* of the file, after the damage; 0: whole */
		const char *why;
	} cases[] = {
		{ place_of(data, "entry of batch 7", 16) + 3, 0,
		  "entry 6 differs from its leaf in the tree" },
		{ place_of(data, "entry of batch 10", 17) + 16, 0,
		  "entry 9 differs from its leaf in the tree" },
		{ magic, 0, "data.mdb is damaged: MDB_INVALID" },
		{ magic + 4, 0, "data.mdb is damaged: MDB_VERSION_MISMATCH" },
		{ 0, data.len / 2, "data.mdb is shorter than the" },
		{ 0, 5000, "data.mdb is" },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		CLEANUP(test_folder_freep) char *folder = test_folder_new();
		struct store_options options;

		files->data.ptr[cases[i].at] ^= cases[i].at ? 1 : 0;
		options = place(folder, span_of(data.ptr, cases[i].len ? cases[i].len : data.len),
				buffer_span(&files->journal));
		refused(&options, cases[i].why);
		files->data.ptr[cases[i].at] ^= cases[i].at ? 1 : 0;
	}
}

/* An inner node of the tree, found by what it has to be. */
static void test_damaged_node(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct files *files = *state;
	struct store_options options;
	struct hash left, right;
	size_t at;

	tree_hash_leaf(span_of_text("entry of batch 3"), &left);
	tree_hash_leaf(span_of_text("entry of batch 4"), &right);
	tree_hash_node(&left, &right, &left);
	at = place_of(buffer_span(&files->data), left.bytes, HASH_BYTES);
	files->data.ptr[at + 31] ^= 0x80;
	options = place(folder, buffer_span(&files->data), buffer_span(&files->journal));
	refused(&options, "the tree's node 1 of level 1 differs from its children");
	files->data.ptr[at + 31] ^= 0x80;
}

static void test_newer_format(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct files *files = *state;
	struct store_options options;
	static const uint8_t version[] = { 'f', 'o', 'r', 'm', 'a', 't', 0, 0, 0, 1 };
	CLEANUP(buffer_fini) struct buffer data = { 0 };
	uint8_t *at;

	buffer_bytes(&data, buffer_span(&files->data));
	/* LMDB never overwrites a page in use: there is an older copy of it somewhere. */
	for (size_t from = 0; (at = memmem(data.ptr + from, data.len - from, version, sizeof version));
	     from = (size_t)(at - data.ptr) + 1)
		at[9] = 2;
	options = place(folder, buffer_span(&data), buffer_span(&files->journal));
	refused(&options, "the store has format 2, this program knows 1");
}

/* A record that was made well, with the segment's own salt, and says what can't be: the write-set itself is
 * checked. */
static void with_record(struct files *files, struct span payload, const char *why)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer record = { 0 };
	struct store_options options = place(folder, buffer_span(&files->data), buffer_span(&files->journal));
	struct segment s = { .area_bytes = 8192, .dirty = 8192 };
	struct segment_place where = { .io = disk_real(), .n_syncs = &(uint64_t){ 0 } };
	size_t at[32];
	size_t n = find_records(buffer_span(&files->journal), at, N_ELEMENTS(at));

	memcpy(s.salt, files->journal.ptr + 48, sizeof s.salt);
	s.tail = at[n] - SEGMENT_AREA;
	s.fd = open(test_path(folder, FIRST_SEGMENT), O_RDWR | O_CLOEXEC);
	assert_non_null(buffer_grow(&record, RECORD_HEADER_BYTES));
	buffer_bytes(&record, payload);
	CHECK_OK(segment_append(&where, &s, BATCHES + 1, &record));
	segment_close(&s);
	if (why) {
		refused(&options, why);
	} else {
		struct store *opened = must_open(&options);

		assert_int_equal(store_size(opened), BATCHES);
		store_free(opened);
	}
}

static void test_bad_writesets(void **state)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	static const uint8_t root[HASH_BYTES] = { FIXTURE_ROOT };
	static uint8_t key[STORE_KEY_MAX + 1];
	struct hash head;
	size_t good;

	memcpy(head.bytes, root, sizeof root);
	writeset_begin(&b, BATCHES + 1, BATCHES);
	writeset_put(&b, KEYSPACE_META, span_of_text("a"), span_of_text("b"));
	writeset_head(&b, BATCHES, &head);
	good = b.len;
	with_record(*state, buffer_span(&b), NULL);
	/* Cut off anywhere, or with a byte too many. */
	for (size_t len = 1; len < good; len += 5)
		with_record(*state, span_of(b.ptr, len),
			    len < 17 ? "is not a write-set of this version"
				     : "is not a well-formed write-set");
	buffer_u8(&b, 0);
	with_record(*state, buffer_span(&b), "batch 16 is not a well-formed write-set");
	b.ptr[good - 1] ^= 1;
	with_record(*state, span_of(b.ptr, good), "batch 16 does not lead to the head it names");
	b.ptr[good - 1] ^= 1;
	b.ptr[0] = 9;
	with_record(*state, span_of(b.ptr, good), "batch 16 is not a write-set of this version");

	buffer_reset(&b);
	writeset_begin(&b, BATCHES + 2, BATCHES);
	writeset_head(&b, BATCHES, &head);
	with_record(*state, buffer_span(&b), "batch 16 is not a write-set of this version");
	buffer_reset(&b);
	writeset_begin(&b, BATCHES + 1, BATCHES - 1);
	writeset_head(&b, BATCHES, &head);
	with_record(*state, buffer_span(&b), "batch 16 does not begin where the one before it ended");
	buffer_reset(&b);
	writeset_begin(&b, BATCHES + 1, BATCHES);
	writeset_leaf(&b, span_of_text("one more"));
	writeset_head(&b, BATCHES, &head);
	with_record(*state, buffer_span(&b), "batch 16 does not lead to the head it names");
	/* Rows where no row may be put. */
	for (unsigned space = 0; space <= KEYSPACE_N; space++) {
		bool open_space = space < KEYSPACE_N && space != KEYSPACE_ENTRY && space != KEYSPACE_TREE;

		for (int delete = 0; delete < 2; delete++) {
			buffer_reset(&b);
			writeset_begin(&b, BATCHES + 1, BATCHES);
			if (delete)
				writeset_delete(&b, (uint8_t)space, span_of(key, 8));
			else
				writeset_put(&b, (uint8_t)space, span_of(key, 8), span_of(key, 3));
			writeset_head(&b, BATCHES, &head);
			with_record(*state, buffer_span(&b),
				    open_space ? NULL : "is not a well-formed write-set");
		}
	}
	buffer_reset(&b);
	writeset_begin(&b, BATCHES + 1, BATCHES);
	writeset_put(&b, KEYSPACE_META, SPAN_OF(key), SPAN_NONE);
	writeset_head(&b, BATCHES, &head);
	with_record(*state, buffer_span(&b), "is not a well-formed write-set");
}

/* One flipped bit in every part of the journal that holds something: refused, or the last batch is cut off;
 * never a wrong state. */
static void test_any_flip_in_the_journal(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct files *files = *state;
	size_t at[32];
	size_t n = find_records(buffer_span(&files->journal), at, N_ELEMENTS(at));

	assert_int_equal(n, BATCHES - 10);
	for (size_t byte = 0; byte < at[n] + 200; byte += byte < 128 || byte >= SEGMENT_AREA ? 3 : 640) {
		struct store *s = NULL;
		char why[200] = "";
		struct store_options options;
		int r;

		files->journal.ptr[byte] ^= (uint8_t)(1u << (byte % 8));
		options = place(folder, buffer_span(&files->data), buffer_span(&files->journal));
		files->journal.ptr[byte] ^= (uint8_t)(1u << (byte % 8));
		r = store_open(&options, &s, why);
		if (r) {
			CHECK_IS(r, STORE_E_BROKEN);
			assert_true(why[0] && byte < at[n - 1]);
		} else {
			check_batches(s, byte >= at[n - 1] && byte < at[n] ? BATCHES - 1 : BATCHES);
			store_free(s);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens),         cmocka_unit_test(test_damaged_data),
		cmocka_unit_test(test_ends_in_free_pages),
		cmocka_unit_test(test_damaged_node),  cmocka_unit_test(test_newer_format),
		cmocka_unit_test(test_bad_writesets), cmocka_unit_test(test_any_flip_in_the_journal),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
