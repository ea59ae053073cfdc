/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The envelope: PAE as DSSE has it, one signature by one key over exactly these bytes as exactly this type;
 * and libsodium's verdict on the public Ed25519 tables.
 */
#include "tests/unit/proto/wire_helper.h"

#include "tests/lib/faults.h"

#define TYPE "application/vnd.knooppunt.verzoek.v1+protobuf"

static void test_pae_of_the_standard(void **state UNUSED)
{
	CLEANUP(buffer_fini) struct buffer out = { 0 };

	/* The example of the DSSE protocol text. */
	CHECK_OK(envelope_pae("http://example.com/HelloWorld", SPAN_LITERAL("hello world"), &out));
	CHECK_BUFFER(&out, "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
	buffer_reset(&out);
	CHECK_OK(envelope_pae("", SPAN_NONE, &out));
	CHECK_BUFFER(&out, "DSSEv1 0  0 ");
}

static void test_key_id(void **state UNUSED)
{
	uint8_t public_key[32] = { 0 }, id[KEY_ID_BYTES];
	static const uint8_t expected[] = {
		0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77
	}; /* SHA-256 of 32 zero bytes */

	key_id_of(public_key, id);
	CHECK_SPAN(SPAN_OF(id), SPAN_OF(expected));
}

static void test_sign_and_verify(void **state UNUSED)
{
	uint8_t public_key[32], other[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);
	CLEANUP(secret_freep) struct secret *stranger UNUSED = sign_key_from(2, other);
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct hash digest, expected;
	struct envelope e, changed;

	CHECK_OK(envelope_sign(TYPE, SPAN_LITERAL("payload"), key, &bytes));
	CHECK_OK(envelope_decode(buffer_span(&bytes), arena, &e));
	assert_string_equal(e.type, TYPE);
	CHECK_SPAN(e.payload, SPAN_LITERAL("payload"));
	CHECK_OK(envelope_verify(&e, public_key));
	CHECK_IS(envelope_verify(&e, other), ENVELOPE_E_SIGNATURE);

	changed = e; /* type confusion: the same payload shown as something else */
	changed.type = "application/vnd.knooppunt.antwoord.v1+protobuf";
	CHECK_IS(envelope_verify(&changed, public_key), ENVELOPE_E_SIGNATURE);
	changed = e; /* a byte moved from the type to the payload */
	changed.type = "application/vnd.knooppunt.verzoek.v1+protobu";
	changed.payload = SPAN_LITERAL("fpayload");
	CHECK_IS(envelope_verify(&changed, public_key), ENVELOPE_E_SIGNATURE);
	changed = e;
	changed.n_signatures = 0;
	CHECK_IS(envelope_verify(&changed, public_key), ENVELOPE_E_SIGNATURE);
	changed = e; /* even when both are good */
	changed.n_signatures = 2;
	changed.signatures[1] = changed.signatures[0];
	CHECK_IS(envelope_verify(&changed, public_key), ENVELOPE_E_SIGNATURE);

	envelope_digest(buffer_span(&bytes), &digest);
	crypto_hash_sha256(expected.bytes, bytes.ptr, bytes.len);
	assert_memory_equal(&digest, &expected, sizeof digest);
}

static void test_every_bit_counts(void **state UNUSED)
{
	uint8_t public_key[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	size_t n_malformed = 0, n_signature = 0;

	CHECK_OK(envelope_sign(TYPE, SPAN_LITERAL("payload"), key, &bytes));
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		struct envelope e;
		int r;

		bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		arena_reset(arena);
		r = envelope_decode(buffer_span(&bytes), arena, &e);
		n_malformed += r == ENVELOPE_E_MALFORMED;
		if (!r) {
			CHECK_IS(envelope_verify(&e, public_key), ENVELOPE_E_SIGNATURE);
			n_signature++;
		}
		bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(n_malformed + n_signature, 8 * bytes.len);
	assert_true(n_malformed && n_signature);
	for (size_t len = 0; len < bytes.len; len++) {
		struct envelope e;

		arena_reset(arena);
		if (envelope_decode(span_of(bytes.ptr, len), arena, &e) == ENVELOPE_OK)
			CHECK_IS(envelope_verify(&e, public_key), ENVELOPE_E_SIGNATURE);
	}
}

static void put_signature(struct buffer *b, size_t key_id_len, size_t signature_len)
{
	CLEANUP(buffer_fini) struct buffer inner = { 0 };
	uint8_t zero[65] = { 0 };

	put_field_bytes(&inner, 1, span_of(zero, key_id_len));
	put_field_bytes(&inner, 2, span_of(zero, signature_len));
	put_field_bytes(b, 3, buffer_span(&inner));
}

static int decode_made(const char *type, size_t payload_len, size_t n_signatures, size_t key_id_len,
		       size_t signature_len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer b = { 0 }, payload = { 0 };
	struct envelope e;

	assert_true(!payload_len || buffer_grow(&payload, payload_len));
	if (payload_len)
		memset(payload.ptr, 'p', payload_len);
	if (*type)
		put_field_bytes(&b, 1, span_of_text(type));
	if (payload_len)
		put_field_bytes(&b, 2, buffer_span(&payload));
	for (size_t i = 0; i < n_signatures; i++)
		put_signature(&b, key_id_len, signature_len);
	return envelope_decode(buffer_span(&b), arena, &e);
}

static void test_hostile_structure(void **state UNUSED)
{
	CHECK_IS(decode_made(TYPE, 9, 1, 8, 64), ENVELOPE_OK);
	CHECK_IS(decode_made(TYPE, 0, 0, 8, 64), ENVELOPE_OK); /* envelope_verify() refuses it */
	CHECK_IS(decode_made(TYPE, 9, ENVELOPE_SIGNATURES_MAX, 8, 64), ENVELOPE_OK);
	CHECK_IS(decode_made(TYPE, 9, ENVELOPE_SIGNATURES_MAX + 1, 8, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made(TYPE, 9, 1, 7, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made(TYPE, 9, 1, 9, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made(TYPE, 9, 1, 8, 63), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made(TYPE, 9, 1, 8, 65), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made("", 9, 1, 8, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made("a\nb", 9, 1, 8, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made("\xff", 9, 1, 8, 64), ENVELOPE_E_MALFORMED);
	CHECK_IS(decode_made(TYPE, ENVELOPE_BYTES_MAX - 200, 1, 8, 64), ENVELOPE_OK);
	CHECK_IS(decode_made(TYPE, ENVELOPE_BYTES_MAX, 1, 8, 64), ENVELOPE_E_MALFORMED);
}

static void test_what_is_too_big_to_send(void **state UNUSED)
{
	uint8_t public_key[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);
	CLEANUP(secret_freep) struct secret *not_a_key = secret_random(32);
	CLEANUP(buffer_fini) struct buffer payload = { 0 }, out = { 0 };

	assert_non_null(buffer_grow(&payload, ENVELOPE_BYTES_MAX));
	memset(payload.ptr, 0, payload.len);
	CHECK_IS(envelope_sign(TYPE, buffer_span(&payload), key, &out), ENVELOPE_E_MALFORMED);
	assert_int_equal(out.len, 0);
	assert_int_equal(envelope_sign(TYPE, SPAN_NONE, not_a_key, &out), -EINVAL);
}

static void test_no_memory(void **state UNUSED)
{
	uint8_t public_key[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct envelope e;
	int r;

	for (unsigned nth = 1;; nth++) {
		buffer_fini(&bytes);
		faults_begin(nth);
		r = envelope_sign(TYPE, SPAN_LITERAL("payload"), key, &bytes);
		if (!faults_end())
			break;
		CHECK_IS(r, -ENOMEM);
	}
	CHECK_OK(r);
	CHECK_OK(envelope_decode(buffer_span(&bytes), arena, &e));
	for (unsigned nth = 1;; nth++) {
		faults_begin(nth);
		r = envelope_verify(&e, public_key);
		if (!faults_end())
			break;
		CHECK_IS(r, -ENOMEM);
	}
	CHECK_OK(r);
}

static bool verdict(struct span signature, struct span msg, struct span public_key)
{
	return signature.len == 64 && public_key.len == 32 &&
	       !crypto_sign_ed25519_verify_detached(signature.ptr, msg.ptr, msg.len, public_key.ptr);
}

static void test_wycheproof_ed25519(void **state UNUSED)
{
	json_t *root = vectors_load("vectors/ed25519/wycheproof_ed25519_test.json");
	json_t *group, *test;
	size_t i, j, n = 0;

	json_array_foreach(json_object_get(root, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), j, test)
	{
		CLEANUP(arena_freep) struct arena *a = arena_new(65536);
		struct span public_key = vector_hex(a, json_object_get(group, "publicKey"), "pk");
		bool valid = !strcmp(vector_text(test, "result"), "valid");

		assert_int_equal(verdict(vector_hex(a, test, "sig"), vector_hex(a, test, "msg"), public_key),
				 valid);
		assert_true(sign_key_is_safe(public_key.ptr));
		n++;
	}
	assert_int_equal(n, 151);
	json_decref(root);
}

/* "Taming the many EdDSAs": the twelve cases on which verifiers disagree. Libsodium accepts number 3 only. */
static void test_speccheck(void **state UNUSED)
{
	json_t *cases = vectors_load("vectors/ed25519/speccheck_cases.json");
	json_t *c;
	size_t i;

	assert_int_equal(json_array_size(cases), 12);
	json_array_foreach(cases, i, c)
	{
		CLEANUP(arena_freep) struct arena *a = arena_new(65536);
		struct span public_key = vector_hex(a, c, "pub_key");

		assert_int_equal(
			verdict(vector_hex(a, c, "signature"), vector_hex(a, c, "message"), public_key),
			i == 3);
	}
	json_decref(cases);
}

static bool flagged(const json_t *flags, const char *const *names)
{
	json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag) if (text_in(json_string_value(flag), names)) return true;
	return false;
}

/* Keys with a component of small order, and keys in a second spelling, are never registered: none of them
 * verifies then. */
static void test_cctv(void **state UNUSED)
{
	static const char *const unsafe[] = { "low_order_A", "low_order_component_A", "non_canonical_A",
					      NULL };
	json_t *cases = vectors_load("vectors/ed25519/cctv_ed25519vectors_with_libsodium_result.json");
	size_t i, n_accepted = 0, n_unsafe_accepted = 0, n_safe = 0;
	json_t *c;

	json_array_foreach(cases, i, c)
	{
		CLEANUP(arena_freep) struct arena *a = arena_new(65536);
		struct span public_key = vector_hex(a, c, "key"), msg = span_of_text(vector_text(c, "msg"));
		bool recorded = json_is_true(json_object_get(c, "accepted_by_libsodium_1_0_18"));
		bool safe = sign_key_is_safe(public_key.ptr);

		assert_int_equal(verdict(vector_hex(a, c, "sig"), msg, public_key), recorded);
		assert_int_equal(safe, !flagged(json_object_get(c, "flags"), unsafe));
		n_accepted += recorded;
		n_unsafe_accepted += recorded && !safe;
		n_safe += safe;
	}
	assert_int_equal(json_array_size(cases), 914);
	assert_int_equal(n_accepted, 43);
	assert_int_equal(n_unsafe_accepted, 42);
	assert_true(n_safe);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pae_of_the_standard), cmocka_unit_test(test_key_id),
		cmocka_unit_test(test_sign_and_verify),	    cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_hostile_structure),   cmocka_unit_test(test_what_is_too_big_to_send),
		cmocka_unit_test(test_no_memory),	    cmocka_unit_test(test_wycheproof_ed25519),
		cmocka_unit_test(test_speccheck),	    cmocka_unit_test(test_cctv),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
