/* SPDX-License-Identifier: EUPL-1.2 */
/* The core's parts that stand on their own: the workers that verify, the keyring. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/keys.h"
#include "daemon/core/verify.h"
#include "tests/lib/harness.h"

#define JOBS 200

static void verify_with(unsigned threads)
{
	static struct verify_job jobs[JOBS];
	static struct envelope envelopes[JOBS];
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	CLEANUP(secret_freep) struct secret *secret = secret_new(64);
	struct verify_pool *pool;
	uint8_t public_key[32];
	struct hash digest;

	crypto_sign_keypair(public_key, secret_bytes(secret));
	CHECK_OK(verify_pool_new(threads, &pool));
	for (int round = 0; round < 5; round++) {
		arena_reset(arena);
		for (size_t i = 0; i < JOBS; i++) {
			CLEANUP(buffer_fini) struct buffer b = { 0 };

			CHECK_OK(envelope_sign("t", span_of(&i, sizeof i), secret, &b));
			jobs[i] = (struct verify_job){ .bytes = arena_copy(arena, buffer_span(&b)), .has_key = i % 5 != 0 };
			CHECK_OK(envelope_decode(jobs[i].bytes, arena, &envelopes[i]));
			jobs[i].envelope = i % 7 ? &envelopes[i] : NULL;
			memcpy(jobs[i].key, public_key, 32);
			jobs[i].key[31] ^= i % 3 == 0; /* another key */
			verify_push(pool, &jobs[i]);
		}
		verify_collect(pool);
		for (size_t i = 0; i < JOBS; i++) {
			assert_int_equal(jobs[i].holds, i % 3 && i % 5 && i % 7);
			envelope_digest(jobs[i].bytes, &digest);
			CHECK(hash_equal(&digest, &jobs[i].digest));
		}
	}
	verify_collect(pool); /* nothing to wait for */
	verify_pool_free(pool);
}

static void test_verify(void **state)
{
	(void)state;
	verify_with(0);
	verify_with(1);
	verify_with(3);
}

static const uint8_t store_key[32] = { 5 };

/* A keyring on a store and a key store of its own. */
struct ring {
	char *folder;
	struct store *store;
	struct slots *slots;
	struct keyring *k;
	const struct disk *disk;
};

static void ring_open(struct ring *r)
{
	const struct store_options options = { .folder = test_path(r->folder, "data"), .map_bytes = 16u << 20,
					       .segment_bytes = 4u << 20, .checkpoint_ms = 1000, .env = env_system() };
	const struct slots_options key_store = { .path = test_path(r->folder, "store.slots"), .alone = true, .disk = r->disk };
	char why[200];

	CHECK_OK(store_open(&options, &r->store, why));
	CHECK_OK(slots_open(&key_store, &r->slots));
	CHECK_OK(keyring_new(r->store, r->slots, env_system(), SPAN_OF(store_key), &r->k));
}

static void ring_close(struct ring *r)
{
	r->k = keyring_free(r->k);
	r->slots = slots_close(r->slots);
	r->store = store_free(r->store);
}

static void ring_again(struct ring *r)
{
	char why[400] = "";

	ring_close(r);
	ring_open(r);
	if (keyring_start(r->k, why))
		fail_msg("%s", why);
}

static void ring_make(struct ring *r)
{
	*r = (struct ring){ .folder = test_folder_new() };
	CHECK_OK(slots_create(test_path(r->folder, "store.slots")));
	ring_open(r);
}

static void ring_free(struct ring *r)
{
	ring_close(r);
	test_folder_free(r->folder);
}

static void commit(struct ring *r)
{
	CHECK_OK(keyring_flush(r->k));
	CHECK_OK(store_commit(r->store));
	CHECK_OK(keyring_settle(r->k));
}

static void make(struct ring *r, const char *name, struct data_key *out)
{
	CHECK_OK(store_begin(r->store));
	CHECK_OK(keyring_make(r->k, span_of_text(name), out));
	commit(r);
}

static void end(struct ring *r, const char *name)
{
	CHECK_OK(store_begin(r->store));
	CHECK_OK(keyring_end(r->k, span_of_text(name)));
	commit(r);
}

static bool has(struct ring *r, const char *name)
{
	struct data_key key;
	int rc = keyring_of(r->k, span_of_text(name), &key);

	CHECK(rc == KEYRING_OK || rc == KEYRING_E_ABSENT);
	return rc == KEYRING_OK;
}

/* How many places of the key store are not empty. */
static size_t occupied(struct ring *r)
{
	struct slot slot;
	uint64_t n;
	size_t found = 0;

	CHECK_OK(slots_n(r->slots, &n));
	for (uint64_t i = 0; i < n; i++) {
		CHECK_OK(slots_at(r->slots, i, &slot));
		found += slot.state != SLOT_FREE;
	}
	return found;
}

static void test_keyring(void **state)
{
	CLEANUP(buffer_fini) struct buffer sealed = { 0 }, plain = { 0 };
	uint8_t ids[KEYRING_CACHE * 2][ID_BYTES], first[32];
	struct data_key key;
	struct ring r;
	char name[32];

	(void)state;
	ring_make(&r);
	CHECK(!has(&r, "nobody"));
	CHECK_OK(store_begin(r.store));
	for (size_t i = 0; i < N_ELEMENTS(ids); i++) { /* more than the cache holds */
		snprintf(name, sizeof name, "casus %zu", i);
		CHECK_OK(keyring_make(r.k, span_of_text(name), &key));
		memcpy(ids[i], key.id, ID_BYTES);
		if (!i) {
			memcpy(first, secret_bytes(key.secret), 32);
			CHECK_OK(value_seal(&key, "d", SPAN_LITERAL("n"), SPAN_LITERAL("content"), &sealed));
		}
	}
	commit(&r);
	for (size_t i = 0; i < N_ELEMENTS(ids); i++) {
		snprintf(name, sizeof name, "casus %zu", i);
		CHECK_OK(keyring_of(r.k, span_of_text(name), &key));
		assert_memory_equal(key.id, ids[i], ID_BYTES);
	}
	CHECK_OK(keyring_get(r.k, ids[0], &key));
	assert_memory_equal(secret_bytes(key.secret), first, 32);
	CHECK_OK(value_unseal(r.k, "d", SPAN_LITERAL("n"), buffer_span(&sealed), &plain));
	CHECK_BUFFER(&plain, "content");
	/* Another domain, another name, a flipped bit, a stump: nothing comes out. */
	CHECK_IS(value_unseal(r.k, "e", SPAN_LITERAL("n"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	CHECK_IS(value_unseal(r.k, "d", SPAN_LITERAL("m"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	CHECK_IS(value_unseal(r.k, "d", SPAN_LITERAL("n"), span_of(sealed.ptr, 30), &plain), KEYRING_E_ABSENT);
	sealed.ptr[sealed.len - 1] ^= 1;
	CHECK_IS(value_unseal(r.k, "d", SPAN_LITERAL("n"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	sealed.ptr[sealed.len - 1] ^= 1;
	CHECK_BUFFER(&plain, "content");
	/* A key of an abandoned batch is no key, and leaves no trace. */
	CHECK_OK(store_begin(r.store));
	CHECK_OK(keyring_make(r.k, SPAN_LITERAL("abandoned"), &key));
	store_abort(r.store);
	CHECK_OK(keyring_forget(r.k));
	CHECK(!has(&r, "abandoned"));
	assert_int_equal(occupied(&r), N_ELEMENTS(ids));
	/* Ended is gone, from the cache too, and its place is empty. An end that was abandoned is none. */
	CHECK_OK(store_begin(r.store));
	CHECK_OK(keyring_end(r.k, SPAN_LITERAL("casus 0")));
	CHECK_IS(keyring_get(r.k, ids[0], &key), KEYRING_E_ABSENT);
	store_abort(r.store);
	CHECK_OK(keyring_forget(r.k));
	CHECK_OK(keyring_get(r.k, ids[0], &key));
	end(&r, "casus 0");
	CHECK_IS(keyring_get(r.k, ids[0], &key), KEYRING_E_ABSENT);
	CHECK_IS(value_unseal(r.k, "d", SPAN_LITERAL("n"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	assert_int_equal(occupied(&r), N_ELEMENTS(ids) - 1);
	CHECK_OK(store_begin(r.store));
	CHECK_IS(keyring_end(r.k, SPAN_LITERAL("casus 0")), KEYRING_E_ABSENT);
	store_abort(r.store);
	ring_again(&r);
	CHECK(has(&r, "casus 1") && !has(&r, "casus 0"));
	ring_free(&r);
}

/* Stopped between any two steps: the next start finishes what the store says, and only that. */
static void test_keyring_crash(void **state)
{
	struct data_key key;
	struct ring r;

	(void)state;
	ring_make(&r);
	make(&r, "stays", &key);
	make(&r, "goes", &key);
	/* Written and flushed, the batch never was. */
	CHECK_OK(store_begin(r.store));
	CHECK_OK(keyring_make(r.k, SPAN_LITERAL("orphan"), &key));
	CHECK_OK(keyring_flush(r.k));
	assert_int_equal(occupied(&r), 3);
	ring_again(&r);
	CHECK(!has(&r, "orphan") && has(&r, "stays") && has(&r, "goes"));
	assert_int_equal(occupied(&r), 2);
	/* Committed, not marked as kept. */
	CHECK_OK(store_begin(r.store));
	CHECK_OK(keyring_make(r.k, SPAN_LITERAL("young"), &key));
	CHECK_OK(keyring_flush(r.k));
	CHECK_OK(store_commit(r.store));
	ring_again(&r);
	ring_again(&r);
	CHECK(has(&r, "young"));
	/* Ended in the store, not overwritten. */
	CHECK_OK(store_begin(r.store));
	CHECK_OK(keyring_end(r.k, SPAN_LITERAL("goes")));
	CHECK_OK(keyring_flush(r.k));
	CHECK_OK(store_commit(r.store));
	assert_int_equal(occupied(&r), 3);
	ring_again(&r);
	CHECK(!has(&r, "goes") && has(&r, "stays") && has(&r, "young"));
	assert_int_equal(occupied(&r), 2);
	ring_free(&r);
}

static void copy(struct ring *r, const char *from, const char *to)
{
	char command[2000];

	snprintf(command, sizeof command, "rm -rf '%s/%s' && cp -a '%s/%s' '%s/%s'", r->folder, to, r->folder, from, r->folder, to);
	assert_int_equal(system(command), 0);
}

static void must_be_stale(struct ring *r, const char *said)
{
	char why[400] = "";
	size_t before;

	ring_open(r);
	before = occupied(r);
	CHECK_IS(keyring_start(r->k, why), KEYRING_E_STALE);
	CHECK(strstr(why, said) != NULL);
	assert_int_equal(occupied(r), before); /* nothing was touched */
	ring_close(r);
}

/* Older copies put back, of the one or of the other. */
static void test_keyring_copies(void **state)
{
	struct data_key key;
	struct ring r;

	(void)state;
	ring_make(&r);
	make(&r, "a", &key);
	make(&r, "b", &key);
	CHECK_OK(store_checkpoint(r.store));
	ring_close(&r);
	copy(&r, "store.slots", "old.slots");
	copy(&r, "data", "old.data");
	/* A destroyed key comes back with an older key store: the next start destroys it again. */
	ring_open(&r);
	end(&r, "b");
	CHECK_OK(store_checkpoint(r.store));
	ring_close(&r);
	copy(&r, "old.slots", "store.slots");
	ring_open(&r);
	assert_int_equal(occupied(&r), 2);
	ring_again(&r);
	CHECK(has(&r, "a") && !has(&r, "b"));
	assert_int_equal(occupied(&r), 1);
	/* An older key store that lacks a key which lives. */
	make(&r, "c", &key);
	CHECK_OK(store_checkpoint(r.store));
	ring_close(&r);
	copy(&r, "store.slots", "new.slots");
	copy(&r, "data", "new.data");
	copy(&r, "old.slots", "store.slots");
	must_be_stale(&r, "key_store lacks");
	/* An older store beside the newest key store: what it does not know is not destroyed. */
	copy(&r, "new.slots", "store.slots");
	copy(&r, "old.data", "data");
	must_be_stale(&r, "key_store lacks"); /* b, which has ended since */
	copy(&r, "new.data", "data");
	ring_open(&r);
	make(&r, "d", &key);
	ring_close(&r);
	copy(&r, "new.data", "data");
	must_be_stale(&r, "key_store holds 1 keys that data_dir does not know");
	ring_free(&r);
}

/* ---- a disk that fails ---- */

static struct failing {
	unsigned calls, nth; /* nth: this call of the key store fails; 0: none */
	bool for_good;
	unsigned written, flushed; /* calls that were, when: writes, and up to which a flush reached */
} failing;

static bool fails(void)
{
	failing.calls++;
	return failing.nth && (failing.for_good ? failing.calls >= failing.nth : failing.calls == failing.nth);
}

static int failing_open(void *ctx, int folder, const char *name, int flags)
{
	return disk_real()->open(ctx, folder, name, flags);
}

static int failing_reserve(void *ctx, int fd, uint64_t bytes)
{
	return fails() ? -ENOSPC : disk_real()->reserve(ctx, fd, bytes);
}

static ssize_t failing_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	failing.written = failing.calls + 1;
	if (!fails())
		return disk_real()->write(ctx, fd, bytes, len, at);
	if (len > 1)
		(void)!disk_real()->write(ctx, fd, bytes, len / 2, at);
	return -EIO;
}

static int failing_sync(void *ctx, int fd)
{
	if (fails())
		return -EIO;
	failing.flushed = failing.calls;
	return disk_real()->sync(ctx, fd);
}

/* One key made and one ended, as the core does it. Returns whether the batch was committed. */
static bool exchange_keys(struct ring *r, const char *made, const char *ended)
{
	struct data_key key;
	int rc;

	CHECK_OK(store_begin(r->store));
	CHECK_OK(keyring_make(r->k, span_of_text(made), &key));
	CHECK_OK(keyring_end(r->k, span_of_text(ended)));
	rc = keyring_flush(r->k);
	if (rc) {
		CHECK_IS(rc, KEYRING_E_FULL);
		store_abort(r->store);
		CHECK_OK(keyring_forget(r->k));
		return false;
	}
	CHECK(failing.flushed > failing.written); /* the new key is on the disk before its batch is */
	CHECK_OK(store_commit(r->store));
	CHECK_OK(keyring_settle(r->k));
	CHECK(failing.for_good || failing.nth || failing.flushed > failing.written); /* and the old one off it */
	return true;
}

/* Every file call of the key store fails once, or from then on: no key is lost, none comes back. */
static void test_keyring_faults(void **state)
{
	const struct disk disk = { failing_open, failing_reserve, failing_write, failing_sync, NULL };

	(void)state;
	for (int for_good = 0; for_good < 2; for_good++)
		for (unsigned nth = 1; nth <= 12; nth++) {
			struct data_key key;
			struct ring r;
			bool done;

			ring_make(&r);
			make(&r, "a", &key);
			ring_close(&r);
			r.disk = &disk;
			failing = (struct failing){ .nth = nth, .for_good = for_good };
			ring_open(&r);
			done = exchange_keys(&r, "b", "a");
			CHECK(has(&r, "b") == done && has(&r, "a") == !done);
			if (!done && !for_good) /* what failed once costs one try */
				done = exchange_keys(&r, "b", "a");
			CHECK(done || for_good);
			failing.nth = 0;
			CHECK_OK(keyring_settle(r.k)); /* tried again */
			if (done)
				CHECK(occupied(&r) == 1);
			ring_again(&r);
			CHECK(has(&r, "b") == done && has(&r, "a") == !done);
			assert_int_equal(occupied(&r), 1);
			ring_free(&r);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_keyring), cmocka_unit_test(test_keyring_crash),
		cmocka_unit_test(test_keyring_copies), cmocka_unit_test(test_keyring_faults),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
