/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * HPKE against RFC 9180 A.2, and the primitives it stands on against Wycheproof: X25519, HMAC, HKDF and both
 * AEADs, through the very calls that hpke.c and part.c make.
 */
#include "tests/unit/proto/wire_helper.h"

#include "proto/hkdf.h"
#include "proto/hpke.h"

static void check_keypair(struct arena *a, const json_t *v, const char *ikm, const char *sk, const char *pk)
{
	uint8_t secret_key[32], public_key[32];

	CHECK_OK(hpke_derive_keypair(vector_hex(a, v, ikm), secret_key, public_key));
	CHECK_SPAN(SPAN_OF(secret_key), vector_hex(a, v, sk));
	CHECK_SPAN(SPAN_OF(public_key), vector_hex(a, v, pk));
}

/* The later messages of a context are not ours to make; they show that key and base nonce are those of the
 * RFC. */
static void check_sequence(struct arena *a, const json_t *v, const json_t *e, uint64_t sequence)
{
	struct span plain = vector_hex(a, e, "pt"), aad = vector_hex(a, e, "aad");
	uint8_t nonce[12], counter[8], sealed[128];

	memcpy(nonce, vector_hex(a, v, "base_nonce").ptr, sizeof nonce);
	put_u64(counter, sequence);
	for (size_t i = 0; i < sizeof counter; i++)
		nonce[4 + i] ^= counter[i];
	CHECK_SPAN(SPAN_OF(nonce), vector_hex(a, e, "nonce"));
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain.ptr, plain.len, aad.ptr, aad.len, NULL,
						  nonce, vector_hex(a, v, "key").ptr);
	CHECK_SPAN(span_of(sealed, plain.len + 16), vector_hex(a, e, "ct"));
}

static void check_single_shot(struct arena *a, const json_t *v, const json_t *e)
{
	CLEANUP(secret_freep) struct secret *secret = secret_from(vector_hex(a, v, "skRm"));
	const struct hpke_reader reader = { vector_hex(a, v, "pkRm").ptr, secret };
	struct span info = vector_hex(a, v, "info"), plain = vector_hex(a, e, "pt"),
		    aad = vector_hex(a, e, "aad");
	uint8_t enc[HPKE_ENC_BYTES], sealed[128], opened[128];

	CHECK_OK(hpke_seal_with(vector_hex(a, v, "skEm").ptr, vector_hex(a, v, "pkRm").ptr, info, aad, plain,
				enc, sealed));
	CHECK_SPAN(SPAN_OF(enc), vector_hex(a, v, "enc"));
	CHECK_SPAN(span_of(sealed, plain.len + 16), vector_hex(a, e, "ct"));
	CHECK_OK(hpke_open(&reader, enc, info, aad, span_of(sealed, plain.len + 16), opened));
	CHECK_SPAN(span_of(opened, plain.len), plain);
}

static void test_rfc9180_base_mode(void **state UNUSED)
{
	json_t *modes = vectors_load("vectors/hpke/rfc9180_A2_x25519_chacha20poly1305.json");
	size_t n_base = 0, n_messages = 0, i, j;
	json_t *v, *e;

	json_array_foreach(modes, i, v)
	{
		CLEANUP(arena_freep) struct arena *a = arena_new(65536);

		check_keypair(a, v, "ikmE", "skEm", "pkEm");
		check_keypair(a, v, "ikmR", "skRm", "pkRm");
		if (strcmp(vector_text(v, "mode"), "0") != 0)
			continue;
		n_base++;
		json_array_foreach(json_object_get(v, "encryptions"), j, e)
		{
			uint64_t sequence;

			assert_true(
				decimal_decode(span_of_text(vector_text(e, "sequence number")), &sequence));
			check_sequence(a, v, e, sequence);
			if (!sequence)
				check_single_shot(a, v, e);
			n_messages++;
		}
	}
	assert_int_equal(n_base, 1);
	assert_int_equal(n_messages, 6);
	json_decref(modes);
}

static void test_seal_is_bound_to_everything(void **state UNUSED)
{
	struct box_key to, other;
	CLEANUP(secret_freep) struct secret *to_secret = box_key_from(0x21, "dji", &to);
	CLEANUP(secret_freep) struct secret *other_secret = box_key_from(0x22, "ggz", &other);
	const struct hpke_reader reader = { to.public_key, to_secret }, stranger = { other.public_key, other_secret };
	const struct hpke_reader mixed[] = { { other.public_key, to_secret }, { to.public_key, other_secret } };
	struct span info = SPAN_LITERAL("info"), aad = SPAN_LITERAL("aad"), plain = SPAN_LITERAL("plain");
	uint8_t enc[HPKE_ENC_BYTES], again[HPKE_ENC_BYTES], sealed[5 + HPKE_TAG_BYTES], opened[5];

	CHECK_OK(hpke_seal(to.public_key, info, aad, plain, again, sealed));
	CHECK_OK(hpke_seal(to.public_key, info, aad, plain, enc, sealed));
	assert_memory_not_equal(enc, again, sizeof enc);
	CHECK_OK(hpke_open(&reader, enc, info, aad, SPAN_OF(sealed), opened));
	CHECK_SPAN(SPAN_OF(opened), plain);
	CHECK_IS(hpke_open(&stranger, enc, info, aad, SPAN_OF(sealed), opened), HPKE_E_OPEN);
	for (size_t i = 0; i < N_ELEMENTS(mixed); i++)
		CHECK_IS(hpke_open(&mixed[i], enc, info, aad, SPAN_OF(sealed), opened), HPKE_E_OPEN);
	CHECK_IS(hpke_open(&reader, enc, SPAN_LITERAL("inf0"), aad, SPAN_OF(sealed), opened), HPKE_E_OPEN);
	CHECK_IS(hpke_open(&reader, enc, info, SPAN_LITERAL("aae"), SPAN_OF(sealed), opened), HPKE_E_OPEN);
	CHECK_IS(hpke_open(&reader, enc, info, aad, span_of(sealed, sizeof sealed - 1), opened), HPKE_E_OPEN);
	CHECK_IS(hpke_open(&reader, enc, info, aad, span_of(sealed, HPKE_TAG_BYTES - 1), opened), HPKE_E_OPEN);
	for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK_IS(hpke_open(&reader, enc, info, aad, SPAN_OF(sealed), opened), HPKE_E_OPEN);
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* The top bit of enc is no part of the point, but it is part of the KEM's context. */
	for (size_t bit = 0; bit < 8 * sizeof enc; bit++) {
		enc[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK_IS(hpke_open(&reader, enc, info, aad, SPAN_OF(sealed), opened), HPKE_E_OPEN);
		enc[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	CHECK_OK(hpke_open(&reader, enc, info, aad, SPAN_OF(sealed), opened));
}

static void test_keys_of_small_order(void **state UNUSED)
{
	static const uint8_t small[][32] = { { 0 }, { 1 } };
	CLEANUP(secret_freep) struct secret *secret = secret_random(BOX_SECRET_BYTES);
	CLEANUP(secret_freep) struct secret *short_secret = secret_random(BOX_SECRET_BYTES - 1);
	const struct hpke_reader reader = { small[0], secret }, wrong = { small[0], short_secret };
	uint8_t enc[HPKE_ENC_BYTES], sealed[HPKE_TAG_BYTES] = { 0 }, opened[1];

	for (size_t i = 0; i < N_ELEMENTS(small); i++) {
		CHECK_IS(hpke_seal(small[i], SPAN_NONE, SPAN_NONE, SPAN_NONE, enc, sealed), HPKE_E_KEY);
		CHECK_IS(hpke_open(&reader, small[i], SPAN_NONE, SPAN_NONE, SPAN_OF(sealed), opened),
			 HPKE_E_OPEN);
	}
	assert_int_equal(hpke_open(&wrong, small[0], SPAN_NONE, SPAN_NONE, SPAN_OF(sealed), opened), -EINVAL);
}

/* For each test of each group of a Wycheproof file: its own function; the number of tests is what the file
 * says. */
typedef void vector_fn(struct arena *a, const json_t *group, const json_t *test, bool valid);

static void wycheproof(const char *path, vector_fn *check)
{
	json_t *root = vectors_load(path);
	json_int_t n = 0;
	json_t *group, *test;
	size_t i, j;

	json_array_foreach(json_object_get(root, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), j, test)
	{
		CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
		const char *result = vector_text(test, "result");

		check(a, group, test, strcmp(result, "invalid") != 0);
		n++;
	}
	assert_true(n > 0);
	assert_int_equal(n, json_integer_value(json_object_get(root, "numberOfTests")));
	json_decref(root);
}

static void check_x25519(struct arena *a, const json_t *group UNUSED, const json_t *test, bool valid)
{
	struct span secret_key = vector_hex(a, test, "private"), public_key = vector_hex(a, test, "public");
	struct span shared = vector_hex(a, test, "shared");
	uint8_t out[32];
	int r = crypto_scalarmult_curve25519(out, secret_key.ptr, public_key.ptr);

	assert_true(valid);
	/* An all-zero result is what the RFC lets a party refuse; libsodium does, so a wrap never has it. */
	if (span_is_zero(shared))
		assert_int_equal(r, -1);
	else if (!r)
		CHECK_SPAN(SPAN_OF(out), shared);
	else
		fail_msg("tcId %lld: refused", json_integer_value(json_object_get(test, "tcId")));
}

static void check_hmac(struct arena *a, const json_t *group, const json_t *test, bool valid)
{
	size_t tag_len = (size_t)json_integer_value(json_object_get(group, "tagSize")) / 8;
	struct span key = vector_hex(a, test, "key"), msg = vector_hex(a, test, "msg"),
		    tag = vector_hex(a, test, "tag");
	crypto_auth_hmacsha256_state s;
	uint8_t out[32];

	crypto_auth_hmacsha256_init(&s, key.ptr, key.len);
	crypto_auth_hmacsha256_update(&s, msg.ptr, msg.len);
	crypto_auth_hmacsha256_final(&s, out);
	assert_int_equal(tag.len == tag_len && !memcmp(out, tag.ptr, tag_len), valid);
}

static void check_hkdf(struct arena *a, const json_t *group UNUSED, const json_t *test, bool valid)
{
	struct span ikm = vector_hex(a, test, "ikm"), salt = vector_hex(a, test, "salt"),
		    info = vector_hex(a, test, "info");
	size_t len = (size_t)json_integer_value(json_object_get(test, "size"));
	/* Cut in two, to show that pieces are joined and nothing else. */
	const struct span ikm_pieces[] = { { ikm.ptr, ikm.len / 2 },
					   { ikm.ptr + ikm.len / 2, ikm.len - ikm.len / 2 } };
	const struct span info_pieces[] = { { info.ptr, info.len / 3 },
					    { info.ptr + info.len / 3, info.len - info.len / 3 } };
	uint8_t prk[HKDF_HASH_BYTES], out[HKDF_OUTPUT_MAX];

	assert_int_equal(len <= HKDF_OUTPUT_MAX, valid); /* too long is all that is invalid here */
	if (!valid)
		return;
	hkdf_extract(salt, ikm_pieces, 2, prk);
	hkdf_expand(prk, info_pieces, 2, out, len);
	CHECK_SPAN(span_of(out, len), vector_hex(a, test, "okm"));
}

typedef int open_fn(unsigned char *, unsigned long long *, unsigned char *, const unsigned char *,
		    unsigned long long, const unsigned char *, unsigned long long, const unsigned char *,
		    const unsigned char *);
typedef int seal_fn(unsigned char *, unsigned long long *, const unsigned char *, unsigned long long,
		    const unsigned char *, unsigned long long, const unsigned char *, const unsigned char *,
		    const unsigned char *);

/* Seals in place, as part.c does. */
static void check_aead(struct arena *a, const json_t *test, bool valid, seal_fn *seal, open_fn *open)
{
	struct span key = vector_hex(a, test, "key"), iv = vector_hex(a, test, "iv"),
		    aad = vector_hex(a, test, "aad");
	struct span msg = vector_hex(a, test, "msg"), ct = vector_hex(a, test, "ct"),
		    tag = vector_hex(a, test, "tag");
	CLEANUP(buffer_fini) struct buffer sealed = { 0 }, made = { 0 };
	uint8_t *plain = arena_alloc(a, ct.len + 1);

	buffer_bytes(&sealed, ct);
	buffer_bytes(&sealed, tag);
	assert_int_equal(open(plain, NULL, NULL, sealed.ptr, sealed.len, aad.ptr, aad.len, iv.ptr, key.ptr),
			 valid ? 0 : -1);
	if (!valid)
		return;
	CHECK_SPAN(span_of(plain, ct.len), msg);
	buffer_bytes(&made, msg);
	assert_non_null(buffer_grow(&made, 16));
	seal(made.ptr, NULL, made.ptr, msg.len, aad.ptr, aad.len, NULL, iv.ptr, key.ptr);
	CHECK_SPAN(buffer_span(&made), buffer_span(&sealed));
}

static void check_xchacha(struct arena *a, const json_t *group, const json_t *test, bool valid)
{
	/* Other nonce sizes can't be said in our formats: the rule of the field is 24 bytes. */
	if (json_integer_value(json_object_get(group, "ivSize")) == 192)
		check_aead(a, test, valid, crypto_aead_xchacha20poly1305_ietf_encrypt,
			   crypto_aead_xchacha20poly1305_ietf_decrypt);
	else
		assert_false(valid);
}

static void check_chacha(struct arena *a, const json_t *group, const json_t *test, bool valid)
{
	if (json_integer_value(json_object_get(group, "ivSize")) == 96)
		check_aead(a, test, valid, crypto_aead_chacha20poly1305_ietf_encrypt,
			   crypto_aead_chacha20poly1305_ietf_decrypt);
	else
		assert_false(valid);
}

static void test_wycheproof(void **state UNUSED)
{
	wycheproof("vectors/x25519/wycheproof_x25519_test.json", check_x25519);
	wycheproof("vectors/aead/wycheproof_hmac_sha256_test.json", check_hmac);
	wycheproof("vectors/aead/wycheproof_hkdf_sha256_test.json", check_hkdf);
	wycheproof("vectors/aead/wycheproof_xchacha20_poly1305_test.json", check_xchacha);
	wycheproof("vectors/aead/wycheproof_chacha20_poly1305_test.json", check_chacha);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc9180_base_mode),
		cmocka_unit_test(test_seal_is_bound_to_everything),
		cmocka_unit_test(test_keys_of_small_order),
		cmocka_unit_test(test_wycheproof),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
