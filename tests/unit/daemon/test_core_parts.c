/* SPDX-License-Identifier: EUPL-1.2 */
/* The core's parts that stand on their own: the workers that verify, the keyring. */
#include <sodium.h>
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

static struct store *store_new(const char *folder)
{
	const struct store_options options = { .folder = folder, .map_bytes = 16u << 20, .segment_bytes = 4u << 20,
					       .checkpoint_ms = 1000, .env = env_system() };
	struct store *s;
	char why[200];

	CHECK_OK(store_open(&options, &s, why));
	return s;
}

static void test_keyring(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer sealed = { 0 }, plain = { 0 };
	uint8_t ids[KEYRING_CACHE * 2][ID_BYTES], first[32];
	struct store *store = store_new(test_path(folder, "data"));
	struct data_key key;
	struct keyring *k;
	char name[32];

	(void)state;
	CHECK_OK(keyring_new(store, env_system(), SPAN_OF(store_key), &k));
	CHECK_IS(keyring_of(k, SPAN_LITERAL("nobody"), &key), KEYRING_E_ABSENT);
	CHECK_OK(store_begin(store));
	for (size_t i = 0; i < N_ELEMENTS(ids); i++) { /* more than the cache holds */
		snprintf(name, sizeof name, "casus %zu", i);
		CHECK_OK(keyring_make(k, span_of_text(name), &key));
		memcpy(ids[i], key.id, ID_BYTES);
		if (!i) {
			memcpy(first, secret_bytes(key.secret), 32);
			CHECK_OK(value_seal(&key, "d", SPAN_LITERAL("n"), SPAN_LITERAL("content"), &sealed));
		}
	}
	CHECK_OK(store_commit(store));
	for (size_t i = 0; i < N_ELEMENTS(ids); i++) {
		snprintf(name, sizeof name, "casus %zu", i);
		CHECK_OK(keyring_of(k, span_of_text(name), &key));
		assert_memory_equal(key.id, ids[i], ID_BYTES);
	}
	CHECK_OK(keyring_get(k, ids[0], &key));
	assert_memory_equal(secret_bytes(key.secret), first, 32);
	CHECK_OK(value_unseal(k, "d", SPAN_LITERAL("n"), buffer_span(&sealed), &plain));
	CHECK_BUFFER(&plain, "content");
	/* Another domain, another name, a flipped bit, a stump: nothing comes out. */
	CHECK_IS(value_unseal(k, "e", SPAN_LITERAL("n"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	CHECK_IS(value_unseal(k, "d", SPAN_LITERAL("m"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	CHECK_IS(value_unseal(k, "d", SPAN_LITERAL("n"), span_of(sealed.ptr, 30), &plain), KEYRING_E_ABSENT);
	sealed.ptr[sealed.len - 1] ^= 1;
	CHECK_IS(value_unseal(k, "d", SPAN_LITERAL("n"), buffer_span(&sealed), &plain), KEYRING_E_ABSENT);
	CHECK_BUFFER(&plain, "content");
	/* A key of an abandoned batch is no key. */
	CHECK_OK(store_begin(store));
	CHECK_OK(keyring_make(k, SPAN_LITERAL("abandoned"), &key));
	store_abort(store);
	keyring_forget(k);
	CHECK_IS(keyring_of(k, SPAN_LITERAL("abandoned"), &key), KEYRING_E_ABSENT);
	/* Destroyed is gone. */
	CHECK_OK(store_begin(store));
	CHECK_OK(store_delete(store, KEYSPACE_KEY, SPAN_OF(ids[0])));
	CHECK_OK(store_commit(store));
	keyring_forget(k);
	CHECK_IS(keyring_get(k, ids[0], &key), KEYRING_E_ABSENT);
	keyring_free(k);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_keyring),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
