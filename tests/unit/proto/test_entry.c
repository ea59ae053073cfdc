/* SPDX-License-Identifier: EUPL-1.2 */
/* Entries: the fixed form, what padding hides, and that no bit can change unnoticed. */
#include "tests/unit/proto/helper.h"

#include <errno.h>

#include "proto/entry.h"

static void count_up(void *ctx, uint8_t *out, size_t len)
{
	uint8_t *next = ctx;

	for (size_t i = 0; i < len; i++)
		out[i] = (*next)++;
}

struct world {
	uint8_t next;
	struct env env;
	struct secret *key;
	struct entry entry;
	struct buffer sealed;
	struct buffer record;
};

static void world_init(struct world *w)
{
	uint8_t bytes[ENTRY_KEY_BYTES];

	*w = (struct world){ .next = 0x80 };
	w->env = (struct env){ .random = count_up, .ctx = &w->next };
	memset(bytes, 0x11, sizeof bytes);
	w->key = secret_from(SPAN_OF(bytes));
	assert_non_null(w->key);
	w->entry.kind = ENTRY_BERICHT;
	w->entry.code = CODE_GEEN_DOEL;
	w->entry.time_unix_ms = 1767225600123;
	memset(w->entry.random, 0x22, sizeof w->entry.random);
	memset(w->entry.binding, 0x33, sizeof w->entry.binding);
	memset(w->entry.key_id, 0x44, sizeof w->entry.key_id);
	buffer_init(&w->sealed, 0);
	buffer_init(&w->record, 0);
}

static void world_fini(struct world *w)
{
	secret_free(w->key);
	buffer_fini(&w->sealed);
	buffer_fini(&w->record);
}

static void test_form(void **state)
{
	struct world w;
	struct entry e;
	char hex[2 * ENTRY_HEADER_BYTES + 1];

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("record"), &w.sealed), ENTRY_OK);
	assert_int_equal(w.sealed.len, 118 + 256 + 16);
	hex_encode(span_of(w.sealed.ptr, ENTRY_HEADER_BYTES), hex);
	assert_string_equal(hex, "01010002"
	                         "0000019b76daa87b"
	                         "2222222222222222222222222222222222222222222222222222222222222222"
	                         "3333333333333333333333333333333333333333333333333333333333333333"
	                         "44444444444444444444444444444444"
	                         "808182838485868788898a8b8c8d8e8f9091929394959697"
	                         "0110");
	assert_int_equal(entry_parse(buffer_span(&w.sealed), &e), ENTRY_OK);
	assert_int_equal(e.kind, ENTRY_BERICHT);
	assert_int_equal(e.code, CODE_GEEN_DOEL);
	assert_int_equal(e.time_unix_ms, 1767225600123);
	assert_memory_equal(e.random, w.entry.random, 32);
	assert_memory_equal(e.binding, w.entry.binding, 32);
	assert_memory_equal(e.key_id, w.entry.key_id, 16);
	assert_int_equal(e.sealed.len, 256 + 16);
	assert_int_equal(entry_unseal(buffer_span(&w.sealed), w.key, &w.record), ENTRY_OK);
	assert_true(span_equal(buffer_span(&w.record), SPAN_LITERAL("record")));
	world_fini(&w);
}

/* The clear text must not stand in the leaf, and another implementation must be able to open it. */
static void test_sealed_by_the_letter(void **state)
{
	struct world w;
	uint8_t clear[256];
	unsigned long long len;

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("casus en deelnemer"), &w.sealed),
	                 ENTRY_OK);
	assert_null(memmem(w.sealed.ptr, w.sealed.len, "casus", 5));
	assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(clear, &len, NULL, w.sealed.ptr + 118,
	                                                            272, w.sealed.ptr, 116, w.sealed.ptr + 92,
	                                                            secret_bytes(w.key)),
	                 0);
	assert_int_equal(len, 256);
	assert_memory_equal(clear, "casus en deelnemer\x80\0\0", 21);
	assert_true(span_is_zero(span_of(clear + 19, 256 - 19)));
	world_fini(&w);
}

/* What opens one entry is ChaCha20-Poly1305's own key, and opens no other entry of the same key. */
static void test_opening(void **state)
{
	static const uint8_t zero[4];
	CLEANUP(buffer_fini) struct buffer other = { 0 };
	uint8_t clear[256], nonce[12], opening[ENTRY_OPENING_BYTES];
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("casus en deelnemer"), &w.sealed), ENTRY_OK);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("casus en deelnemer"), &other), ENTRY_OK);
	assert_int_equal(entry_opening(buffer_span(&w.sealed), w.key, opening), ENTRY_OK);
	memcpy(nonce, zero, 4);
	memcpy(nonce + 4, w.sealed.ptr + 92 + 16, 8);
	assert_int_equal(crypto_aead_chacha20poly1305_ietf_decrypt(clear, NULL, NULL, w.sealed.ptr + 118, 272, w.sealed.ptr, 116,
								   nonce, opening), 0);
	assert_memory_equal(clear, "casus en deelnemer\x80", 19);
	memcpy(nonce + 4, other.ptr + 92 + 16, 8);
	assert_int_not_equal(crypto_aead_chacha20poly1305_ietf_decrypt(clear, NULL, NULL, other.ptr + 118, 272, other.ptr, 116, nonce,
								       opening), 0);
	assert_memory_not_equal(opening, secret_bytes(w.key), ENTRY_KEY_BYTES);
	assert_int_equal(entry_open(buffer_span(&w.sealed), opening, &w.record), ENTRY_OK);
	assert_int_equal(w.record.len, 18);
	assert_memory_equal(w.record.ptr, "casus en deelnemer", 18);
	assert_int_equal(entry_open(buffer_span(&other), opening, &w.record), ENTRY_E_KEY);
	w.sealed.len--;
	assert_int_equal(entry_opening(buffer_span(&w.sealed), w.key, opening), ENTRY_E_MALFORMED);
	world_fini(&w);
}

static void test_padding_hides_length(void **state)
{
	static uint8_t record[ENTRY_MAX];
	static const size_t lengths[] = { 0, 1, 100, 255, 256, 257, 511, 512, 65023, 65024, 65279 };
	struct world w;

	(void)state;
	world_init(&w);
	memset(record, 0x5a, sizeof record);
	for (size_t i = 0; i < N_ELEMENTS(lengths); i++) {
		buffer_reset(&w.sealed);
		buffer_reset(&w.record);
		assert_int_equal(entry_seal(&w.entry, &w.env, w.key, span_of(record, lengths[i]), &w.sealed),
		                 ENTRY_OK);
		assert_int_equal(w.sealed.len, 118 + 16 + (lengths[i] / 256 + 1) * 256);
		assert_true(w.sealed.len <= ENTRY_MAX);
		assert_int_equal(entry_unseal(buffer_span(&w.sealed), w.key, &w.record), ENTRY_OK);
		assert_int_equal(w.record.len, lengths[i]);
		assert_memory_equal(w.record.len ? w.record.ptr : record, record, lengths[i]);
	}
	buffer_reset(&w.sealed);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, span_of(record, 65280), &w.sealed),
	                 ENTRY_E_TOO_BIG);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, span_of(record, ENTRY_MAX), &w.sealed),
	                 ENTRY_E_TOO_BIG);
	assert_int_equal(w.sealed.len, 0);
	world_fini(&w);
}

/* A record that ends like padding comes back as it was. */
static void test_padding_is_unambiguous(void **state)
{
	struct world w;
	struct span record = SPAN_LITERAL("x\x80\0\0\0");

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, record, &w.sealed), ENTRY_OK);
	assert_int_equal(entry_unseal(buffer_span(&w.sealed), w.key, &w.record), ENTRY_OK);
	assert_true(span_equal(buffer_span(&w.record), record));
	world_fini(&w);
}

static void test_every_bit_counts(void **state)
{
	struct world w;
	struct hash leaf, changed;

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("record"), &w.sealed), ENTRY_OK);
	tree_hash_leaf(buffer_span(&w.sealed), &leaf);
	for (size_t i = 0; i < w.sealed.len * 8; i++) {
		int r;

		w.sealed.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
		tree_hash_leaf(buffer_span(&w.sealed), &changed);
		assert_false(hash_equal(&leaf, &changed));
		r = entry_unseal(buffer_span(&w.sealed), w.key, &w.record);
		if (r != ENTRY_E_KEY && r != ENTRY_E_MALFORMED)
			fail_msg("bit %zu: %d", i, r);
		assert_int_equal(w.record.len, 0);
		w.sealed.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	world_fini(&w);
}

static void test_malformed(void **state)
{
	struct world w;
	struct entry e;
	uint8_t *p;

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("record"), &w.sealed), ENTRY_OK);
	p = w.sealed.ptr;
	for (size_t len = 0; len < w.sealed.len; len++)
		assert_int_equal(entry_parse(span_of(p, len), &e), ENTRY_E_MALFORMED);
	for (unsigned version = 0; version < 256; version++) {
		p[0] = (uint8_t)version;
		assert_int_equal(entry_parse(buffer_span(&w.sealed), &e),
		                 version == 1 ? ENTRY_OK : ENTRY_E_MALFORMED);
	}
	p[0] = 1;
	for (unsigned kind = 0; kind < 256; kind++) {
		bool known = kind >= 1 && kind < ENTRY_KIND_N;

		p[1] = (uint8_t)kind;
		assert_int_equal(entry_parse(buffer_span(&w.sealed), &e),
		                 known ? ENTRY_OK : ENTRY_E_MALFORMED);
	}
	p[1] = 1;
	for (unsigned code = 0; code < 65536; code++) {
		put_u16(p + 2, (uint16_t)code);
		assert_int_equal(entry_parse(buffer_span(&w.sealed), &e),
		                 code < CODE_N ? ENTRY_OK : ENTRY_E_MALFORMED);
	}
	put_u16(p + 2, 0);
	buffer_u8(&w.sealed, 0);
	assert_int_equal(entry_parse(buffer_span(&w.sealed), &e), ENTRY_E_MALFORMED);
	/* A sealed part of a size that sealing never gives. */
	put_u16(w.sealed.ptr + 116, 273);
	assert_int_equal(entry_parse(buffer_span(&w.sealed), &e), ENTRY_E_MALFORMED);
	put_u16(w.sealed.ptr + 116, 16);
	assert_int_equal(entry_parse(span_of(w.sealed.ptr, 118 + 16), &e), ENTRY_E_MALFORMED);
	world_fini(&w);
}

static void test_keys_and_arguments(void **state)
{
	struct world w;
	struct secret *other = secret_random(ENTRY_KEY_BYTES);
	struct secret *small = secret_random(16);
	struct entry e;

	(void)state;
	world_init(&w);
	assert_int_equal(entry_seal(&w.entry, &w.env, small, SPAN_LITERAL("x"), &w.sealed), -EINVAL);
	e = w.entry;
	e.kind = ENTRY_KIND_N;
	assert_int_equal(entry_seal(&e, &w.env, w.key, SPAN_LITERAL("x"), &w.sealed), -EINVAL);
	e = w.entry;
	e.code = CODE_N;
	assert_int_equal(entry_seal(&e, &w.env, w.key, SPAN_LITERAL("x"), &w.sealed), -EINVAL);
	assert_int_equal(w.sealed.len, 0);
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("x"), &w.sealed), ENTRY_OK);
	assert_int_equal(entry_unseal(buffer_span(&w.sealed), other, &w.record), ENTRY_E_KEY);
	assert_int_equal(entry_unseal(buffer_span(&w.sealed), small, &w.record), ENTRY_E_KEY);
	secret_free(other);
	secret_free(small);
	world_fini(&w);
}

/* Appends: what stood in the buffers stays. */
static void test_appends(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	buffer_text(&w.sealed, "voor");
	buffer_text(&w.record, "voor");
	assert_int_equal(entry_seal(&w.entry, &w.env, w.key, SPAN_LITERAL("record"), &w.sealed), ENTRY_OK);
	assert_int_equal(entry_unseal(span_of(w.sealed.ptr + 4, w.sealed.len - 4), w.key, &w.record),
	                 ENTRY_OK);
	assert_memory_equal(w.sealed.ptr, "voor", 4);
	assert_true(span_equal(buffer_span(&w.record), SPAN_LITERAL("voorrecord")));
	world_fini(&w);
}

static void test_binding(void **state)
{
	uint8_t salt[SALT_BYTES];
	uint8_t got[32], want[32], input[20 + 32 + 3];

	(void)state;
	memset(salt, 9, sizeof salt);
	memcpy(input, "knooppunt/binding/v1", 20);
	memcpy(input + 20, salt, 32);
	memcpy(input + 52, "abc", 3);
	crypto_hash_sha256(want, input, sizeof input);
	entry_binding(salt, SPAN_LITERAL("abc"), got);
	assert_memory_equal(got, want, 32);
}

static void test_kind_names(void **state)
{
	static const char *const names[] = { "?",      "BERICHT",   "AFGELEVERD", "GEOPEND", "TERMIJN",
		                             "REGELS", "TOELATING", "INZAGE",     "BEHEER",    "VERNIETIGD" };

	(void)state;
	for (int i = 0; i < (int)N_ELEMENTS(names); i++) {
		assert_string_equal(entry_kind_name((enum entry_kind)i), names[i]);
		assert_int_equal(entry_kind_find(names[i]), i ? i : -1);
	}
	assert_string_equal(entry_kind_name(ENTRY_KIND_N), "?");
	assert_int_equal(entry_kind_find("bericht"), -1);
	assert_int_equal(entry_kind_find(NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_sealed_by_the_letter),
		cmocka_unit_test(test_opening),
		cmocka_unit_test(test_padding_hides_length),
		cmocka_unit_test(test_padding_is_unambiguous),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_keys_and_arguments),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_binding),
		cmocka_unit_test(test_kind_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
