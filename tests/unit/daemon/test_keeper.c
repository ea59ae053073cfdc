/* SPDX-License-Identifier: EUPL-1.2 */
/* The keeper: signs what extends, refuses what forks, and remembers through restarts, crashes and torn writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/keeper/keeper.h"
#include "tests/lib/harness.h"

#define ORIGIN "zvh.example/log"
#define SLOT_BYTES 4096
#define LEAVES_MAX 64

/* ---- a log ---- */

struct tree {
	uint64_t size;
	struct hash nodes[8][LEAVES_MAX];
};

static int node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	*out = ((struct tree *)ctx)->nodes[level][index];
	return 0;
}

static int node_write(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	((struct tree *)ctx)->nodes[level][index] = *node;
	return 0;
}

/* A log of that many entries; another salt gives another history. */
static void grow(struct tree *t, uint64_t size, const char *salt)
{
	while (t->size < size) {
		char entry[64];
		struct hash leaf;

		snprintf(entry, sizeof entry, "%s %llu", salt, (unsigned long long)t->size);
		tree_hash_leaf(span_of_text(entry), &leaf);
		CHECK_OK(tree_append(t->size, &leaf, node_read, node_write, t));
		t->size++;
	}
}

/* ---- the keeper under test ---- */

struct fixture {
	char *folder;
	struct keyfile key;       /* kept by the test; the keeper gets copies */
	struct note_key public_key;
	struct keeper *keeper;
};

static void key_copy(const struct fixture *f, struct keyfile *out)
{
	*out = f->key;
	out->secret = secret_from(span_of(secret_bytes(f->key.secret), secret_len(f->key.secret)));
	assert_non_null(out->secret);
}

static int keeper_start(struct fixture *f)
{
	struct keyfile key;
	int r;

	key_copy(f, &key);
	r = keeper_new(&key, test_path(f->folder, "keeper"), &f->keeper);
	keyfile_fini(&key);
	return r;
}

static void keeper_restart(struct fixture *f)
{
	f->keeper = keeper_free(f->keeper);
	CHECK_OK(keeper_start(f));
}

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){ .folder = test_folder_new() };
	CHECK_OK(keyfile_generate("log", ORIGIN, 0, &f->key));
	CHECK_OK(note_key_init(&f->public_key, ORIGIN, NOTE_KEY_ED25519, f->key.public_key));
	CHECK_OK(keeper_start(f));
}

static void fixture_close(struct fixture *f)
{
	f->keeper = keeper_free(f->keeper);
	keyfile_fini(&f->key);
	test_folder_free(f->folder);
}

/* A request to sign: from old to new, with the root and proof of this tree. */
static struct ipc_frame ask(struct fixture *f, struct tree *t, uint64_t old_size, uint64_t new_size)
{
	static struct buffer body;
	struct ipc_frame request = { .verb = IPC_KEEPER_SIGN }, out;
	struct tree_proof proof = { 0 };
	struct hash root;

	CHECK_OK(tree_root(new_size, node_read, t, &root));
	if (old_size <= new_size)
		CHECK_OK(tree_prove_consistency(old_size, new_size, node_read, t, &proof));
	buffer_fini(&body);
	buffer_u64(&body, old_size);
	buffer_u64(&body, new_size);
	buffer_bytes(&body, SPAN_OF(root.bytes));
	buffer_u16(&body, (uint16_t)proof.n);
	for (size_t i = 0; i < proof.n; i++)
		buffer_bytes(&body, SPAN_OF(proof.path[i].bytes));
	request.body = buffer_span(&body);
	CHECK_OK(keeper_answer(f->keeper, &request, &out));
	return out;
}

static void is_refused(const struct ipc_frame *out)
{
	assert_int_equal(out->verb, IPC_KEEPER_REFUSED);
	assert_true(out->body.len > 0);
}

/* The signed head in the answer is that of the tree at this size. */
static void is_signed(struct fixture *f, struct tree *t, uint64_t size, const struct ipc_frame *out)
{
	struct checkpoint c;
	struct hash root;

	assert_int_equal(out->verb, IPC_KEEPER_SIGNED);
	assert_int_equal(out->aux, size);
	CHECK_OK(checkpoint_open(out->body, &f->public_key, &c));
	CHECK_OK(tree_root(size, node_read, t, &root));
	assert_int_equal(c.size, size);
	assert_true(hash_equal(&c.root, &root));
	assert_string_equal(c.origin, ORIGIN);
}

static void sign_ok(struct fixture *f, struct tree *t, uint64_t old_size, uint64_t new_size)
{
	struct ipc_frame out = ask(f, t, old_size, new_size);

	is_signed(f, t, new_size, &out);
}

static void sign_refused(struct fixture *f, struct tree *t, uint64_t old_size, uint64_t new_size)
{
	struct ipc_frame out = ask(f, t, old_size, new_size);

	is_refused(&out);
}

static uint64_t last_size(struct fixture *f, struct span *note)
{
	const struct ipc_frame request = { .verb = IPC_KEEPER_KEYS };
	struct ipc_frame out;
	struct reader r;
	struct note_key key;
	struct span vkey;
	uint64_t size;

	CHECK_OK(keeper_answer(f->keeper, &request, &out));
	assert_int_equal(out.verb, IPC_KEEPER_PUBLIC);
	reader_init(&r, out.body);
	vkey = reader_lp16(&r);
	size = reader_u64(&r);
	reader_bytes(&r, HASH_BYTES);
	*note = reader_lp16(&r);
	assert_true(reader_done(&r));
	CHECK_OK(note_key_parse(&key, vkey));
	assert_memory_equal(key.public_key, f->key.public_key, 32);
	return size;
}

/* ---- tests ---- */

static void test_signs_a_growing_log(void **state UNUSED)
{
	static const uint64_t sizes[] = { 0, 1, 2, 3, 7, 8, 9, 33, 64 };
	struct tree t = { 0 };
	struct fixture f;
	struct span note;

	fixture_open(&f);
	grow(&t, LEAVES_MAX, "a");
	assert_int_equal(last_size(&f, &note), 0);
	assert_int_equal(note.len, 0);
	for (size_t i = 1; i < N_ELEMENTS(sizes); i++)
		sign_ok(&f, &t, sizes[i - 1], sizes[i]);
	assert_int_equal(last_size(&f, &note), LEAVES_MAX);
	fixture_close(&f);
}

static void test_the_empty_log_can_be_signed(void **state UNUSED)
{
	struct tree t = { 0 };
	struct fixture f;

	fixture_open(&f);
	sign_ok(&f, &t, 0, 0);
	grow(&t, 3, "a");
	sign_ok(&f, &t, 0, 3);
	fixture_close(&f);
}

static void test_the_same_head_gives_the_same_note(void **state UNUSED)
{
	struct tree t = { 0 };
	struct ipc_frame out;
	struct fixture f;
	struct buffer first;

	fixture_open(&f);
	grow(&t, 5, "a");
	out = ask(&f, &t, 0, 5);
	buffer_init(&first, 0);
	buffer_bytes(&first, out.body);
	for (int i = 0; i < 3; i++) {
		out = ask(&f, &t, (uint64_t)i, 5); /* what the request calls old does not matter then */
		is_signed(&f, &t, 5, &out);
		CHECK_SPAN(out.body, buffer_span(&first));
		keeper_restart(&f);
	}
	buffer_fini(&first);
	fixture_close(&f);
}

static void test_forks_are_refused(void **state UNUSED)
{
	struct tree t = { 0 }, other = { 0 }, branch = { 0 };
	struct fixture f;
	struct span note;

	fixture_open(&f);
	grow(&t, 20, "a");
	grow(&other, 20, "b");
	grow(&branch, 9, "a");
	grow(&branch, 20, "b");
	sign_ok(&f, &t, 0, 10);
	sign_refused(&f, &t, 0, 9);           /* smaller */
	sign_refused(&f, &t, 10, 9);
	sign_refused(&f, &t, 0, 0);
	sign_refused(&f, &other, 10, 10);     /* same size, other root */
	sign_refused(&f, &branch, 10, 10);
	sign_refused(&f, &other, 10, 20);     /* another history, consistent in itself */
	sign_refused(&f, &branch, 10, 20);    /* one entry rewritten */
	sign_refused(&f, &t, 9, 20);          /* right tree, proof from elsewhere */
	sign_refused(&f, &t, 0, 20);
	assert_int_equal(last_size(&f, &note), 10);
	keeper_restart(&f);
	sign_refused(&f, &branch, 10, 20);
	sign_ok(&f, &t, 10, 20);
	fixture_close(&f);
}

static void test_bad_proofs_are_refused(void **state UNUSED)
{
	struct tree t = { 0 };
	struct fixture f;
	struct ipc_frame request = { .verb = IPC_KEEPER_SIGN }, out;
	struct tree_proof proof;
	struct hash root;

	fixture_open(&f);
	grow(&t, 20, "a");
	sign_ok(&f, &t, 0, 7);
	CHECK_OK(tree_root(20, node_read, &t, &root));
	CHECK_OK(tree_prove_consistency(7, 20, node_read, &t, &proof));
	/* One bit anywhere in the proof, one hash less, one more. */
	for (size_t variant = 0; variant < proof.n + 2; variant++) {
		struct buffer body;
		size_t n = variant == proof.n ? proof.n - 1 : variant == proof.n + 1 ? proof.n + 1 : proof.n;

		buffer_init(&body, 0);
		buffer_u64(&body, 7);
		buffer_u64(&body, 20);
		buffer_bytes(&body, SPAN_OF(root.bytes));
		buffer_u16(&body, (uint16_t)n);
		for (size_t i = 0; i < n; i++) {
			struct hash h = proof.path[i < proof.n ? i : 0];

			h.bytes[5] ^= i == variant;
			buffer_bytes(&body, SPAN_OF(h.bytes));
		}
		request.body = buffer_span(&body);
		CHECK_OK(keeper_answer(f.keeper, &request, &out));
		is_refused(&out);
		buffer_fini(&body);
	}
	sign_ok(&f, &t, 7, 20);
	fixture_close(&f);
}

static void test_malformed_requests_are_refused(void **state UNUSED)
{
	uint8_t body[50 + 64 * 32] = { 0 };
	struct ipc_frame request = { .verb = IPC_KEEPER_SIGN }, out;
	struct fixture f;
	struct span note;

	fixture_open(&f);
	for (size_t len = 0; len < 120; len++) {
		request.body = span_of(body, len);
		CHECK_OK(keeper_answer(f.keeper, &request, &out));
		if (len != 50)
			is_refused(&out);
	}
	/* Sizes beyond 2^63-1; more hashes than a proof can have. */
	memset(body, 0xff, 16);
	request.body = span_of(body, 50);
	CHECK_OK(keeper_answer(f.keeper, &request, &out));
	is_refused(&out);
	memset(body, 0, sizeof body);
	body[15] = 1;
	put_u16(body + 48, 64);
	request.body = SPAN_OF(body);
	CHECK_OK(keeper_answer(f.keeper, &request, &out));
	is_refused(&out);
	/* No other verb, whatever the frame table lets through. */
	for (unsigned verb = 0; verb < 128; verb++) {
		if (verb == IPC_KEEPER_SIGN || verb == IPC_KEEPER_KEYS)
			continue;
		request = (struct ipc_frame){ .verb = (uint16_t)verb, .body = SPAN_LITERAL("sign these bytes") };
		CHECK_OK(keeper_answer(f.keeper, &request, &out));
		is_refused(&out);
	}
	assert_int_equal(last_size(&f, &note), 0);
	fixture_close(&f);
}

/* The answer got lost with the keeper; what it had signed binds it all the same. */
static void test_crash_between_keeping_and_answering(void **state UNUSED)
{
	struct tree t = { 0 }, other = { 0 };
	struct fixture f;
	struct span note;

	fixture_open(&f);
	grow(&t, 6, "a");
	grow(&other, 6, "b");
	(void)ask(&f, &t, 0, 6);
	keeper_restart(&f);
	assert_int_equal(last_size(&f, &note), 6);
	assert_true(note.len > 0);
	sign_refused(&f, &other, 0, 6);
	sign_ok(&f, &t, 0, 6);
	fixture_close(&f);
}

static void head_bytes(struct fixture *f, uint8_t out[2 * SLOT_BYTES])
{
	struct buffer bytes;

	CHECK_OK(file_read(test_path(f->folder, "keeper/head"), 65536, &bytes));
	assert_int_equal(bytes.len, 2 * SLOT_BYTES);
	memcpy(out, bytes.ptr, bytes.len);
	buffer_fini(&bytes);
}

static void head_put(struct fixture *f, struct span bytes)
{
	CHECK_OK(file_write(test_path(f->folder, "keeper/head"), bytes, 0600));
}

/* A write that was cut short anywhere leaves the head before it, and the same request can be made again. */
static void test_torn_slot(void **state UNUSED)
{
	struct tree t = { 0 };
	uint8_t before[2 * SLOT_BYTES], after[2 * SLOT_BYTES], torn[2 * SLOT_BYTES];
	struct fixture f;
	struct span note;
	size_t slot;

	fixture_open(&f);
	grow(&t, 20, "a");
	sign_ok(&f, &t, 0, 5);
	head_bytes(&f, before);
	sign_ok(&f, &t, 5, 9);
	head_bytes(&f, after);
	slot = memcmp(before, after, SLOT_BYTES) ? 0 : SLOT_BYTES;
	assert_memory_equal(before + (SLOT_BYTES - slot), after + (SLOT_BYTES - slot), SLOT_BYTES); /* the other one is untouched */
	for (size_t cut = 0; cut <= SLOT_BYTES; cut += 64) {
		memcpy(torn, before, sizeof torn);
		memcpy(torn + slot, after + slot, cut);
		f.keeper = keeper_free(f.keeper);
		head_put(&f, SPAN_OF(torn));
		CHECK_OK(keeper_start(&f));
		assert_int_equal(last_size(&f, &note), cut == SLOT_BYTES ? 9 : 5);
		sign_ok(&f, &t, 5, 9);
	}
	fixture_close(&f);
}

static void test_a_damaged_file_stops_the_start(void **state UNUSED)
{
	struct tree t = { 0 };
	uint8_t good[2 * SLOT_BYTES], bad[2 * SLOT_BYTES];
	struct fixture f;

	fixture_open(&f);
	grow(&t, 20, "a");
	sign_ok(&f, &t, 0, 5);
	sign_ok(&f, &t, 5, 9);
	head_bytes(&f, good);
	f.keeper = keeper_free(f.keeper);
	memcpy(bad, good, sizeof bad);
	bad[30] ^= 1;
	bad[SLOT_BYTES + 30] ^= 1;
	head_put(&f, SPAN_OF(bad));
	CHECK_IS(keeper_start(&f), KEEPER_E_START);
	head_put(&f, span_of(good, SLOT_BYTES));
	CHECK_IS(keeper_start(&f), KEEPER_E_START);
	head_put(&f, SPAN_NONE);
	CHECK_IS(keeper_start(&f), KEEPER_E_START);
	head_put(&f, SPAN_OF(good));
	CHECK_OK(keeper_start(&f));
	fixture_close(&f);
}

static void test_another_log_key(void **state UNUSED)
{
	struct tree t = { 0 };
	struct fixture f;

	fixture_open(&f);
	grow(&t, 5, "a");
	sign_ok(&f, &t, 0, 5);
	f.keeper = keeper_free(f.keeper);
	keyfile_fini(&f.key);
	CHECK_OK(keyfile_generate("log", ORIGIN, 0, &f.key));
	CHECK_IS(keeper_start(&f), KEEPER_E_START);
	fixture_close(&f);
}

static void test_one_keeper_per_folder(void **state UNUSED)
{
	struct keeper *first;
	struct fixture f;

	fixture_open(&f);
	first = TAKE(f.keeper);
	CHECK_IS(keeper_start(&f), KEEPER_E_START);
	keeper_free(first);
	CHECK_OK(keeper_start(&f));
	fixture_close(&f);
}

/* The head can't be kept: no answer, and the error is fatal. */
static void test_a_head_that_can_not_be_kept_is_not_answered(void **state UNUSED)
{
	const char *keeper_dir;
	struct ipc_frame request = { .verb = IPC_KEEPER_SIGN }, out = { .verb = 99 };
	uint8_t body[50] = { 0 };
	struct fixture f;
	int fd, n = 0;

	fixture_open(&f);
	keeper_dir = test_path(f.folder, "keeper/head");
	/* The keeper's own descriptor of the file, made read-only behind its back. */
	fd = open(keeper_dir, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (int other = 3; other < fd; other++) {
		struct stat a, b;

		if (fstat(other, &a) == 0 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
			assert_int_equal(dup2(fd, other), other);
			n++;
		}
	}
	assert_int_equal(n, 1);
	body[15] = 3;
	request.body = SPAN_OF(body);
	assert_true(keeper_answer(f.keeper, &request, &out) < 0);
	assert_int_equal(out.verb, 99);
	close(fd);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs_a_growing_log),
		cmocka_unit_test(test_the_empty_log_can_be_signed),
		cmocka_unit_test(test_the_same_head_gives_the_same_note),
		cmocka_unit_test(test_forks_are_refused),
		cmocka_unit_test(test_bad_proofs_are_refused),
		cmocka_unit_test(test_malformed_requests_are_refused),
		cmocka_unit_test(test_crash_between_keeping_and_answering),
		cmocka_unit_test(test_torn_slot),
		cmocka_unit_test(test_a_damaged_file_stops_the_start),
		cmocka_unit_test(test_another_log_key),
		cmocka_unit_test(test_one_keeper_per_folder),
		cmocka_unit_test(test_a_head_that_can_not_be_kept_is_not_answered),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
