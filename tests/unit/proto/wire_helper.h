/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the tests of the wire formats share: vector files, keys from fixed seeds, a sample header, and a
 * writer of protobuf fields for what no encoder of ours would write.
 */
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "proto/part.h"
#include "tests/lib/harness.h"

#define NOW_UNIX_MS UINT64_C(1795680000000) /* 2026-11-26 */

/* A vector file, relative to tests/. */
static inline json_t *vectors_load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);

	if (!root)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

static inline const char *vector_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

static inline struct span hex_bytes(struct arena *arena, const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = arena_alloc(arena, len);

	assert_non_null(bytes);
	assert_true(hex_decode(span_of_text(hex), bytes, len));
	return span_of(bytes, len);
}

static inline struct span vector_hex(struct arena *arena, const json_t *object, const char *key)
{
	return hex_bytes(arena, vector_text(object, key));
}

/* A person's signing key from the seed that is 32 times the same byte. */
static inline struct secret *sign_key_from(uint8_t byte, uint8_t public_key[SIGN_PUBLIC_BYTES])
{
	uint8_t seed[32], secret_key[SIGN_SECRET_BYTES];
	struct secret *s;

	memset(seed, byte, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	s = secret_from(SPAN_OF(secret_key));
	assert_non_null(s);
	return s;
}

/* A hoedanigheid's reading key from such a seed. */
static inline struct secret *box_key_from(uint8_t byte, const char *hoedanigheid, struct box_key *key)
{
	uint8_t secret_key[BOX_SECRET_BYTES];
	struct secret *s;

	memset(secret_key, byte, sizeof secret_key);
	key->hoedanigheid = hoedanigheid;
	crypto_scalarmult_curve25519_base(key->public_key, secret_key);
	s = secret_from(SPAN_OF(secret_key));
	assert_non_null(s);
	return s;
}

static inline struct span bytes_16(uint8_t byte)
{
	static uint8_t bytes[256][16];

	memset(bytes[byte], byte, 16);
	return span_of(bytes[byte], 16);
}

static inline struct span bytes_32(uint8_t byte)
{
	static uint8_t bytes[256][32];

	memset(bytes[byte], byte, 32);
	return span_of(bytes[byte], 32);
}

#define TEXTS(...)                                                               \
	((struct text_list){ .n = N_ELEMENTS(((const char *[]){ __VA_ARGS__ })), \
			     .v = (const char *[]){ __VA_ARGS__ } })

static const char *sample_recipients[] = { "dji", "politie" };
static const char *sample_categories[] = { "detentieverloop", "woonsituatie" };

/* Every field filled, so that a test can change each. */
static inline struct header sample_header(void)
{
	return (struct header){
		.message_id = bytes_16(1),
		.created_unix_ms = NOW_UNIX_MS,
		.not_after_unix_ms = NOW_UNIX_MS + 900000,
		.exchange_id = bytes_16(2),
		.in_reply_to = bytes_16(3),
		.casus = bytes_16(4),
		.sender = "gemeente-assen-nazorg",
		.person = "p-0017",
		.mandate = bytes_32(5),
		.recipients = { .n = 2, .v = sample_recipients },
		.regime = "OVERIG",
		.grondslag = "PBW 2",
		.doel = "nazorg",
		.noodzaak = "vijf basisvoorwaarden vóór vrijlating",
		.overleg = "nazorg-ex-gedetineerden",
		.categories = { .n = 2, .v = sample_categories },
		.person_role = "betrokkene",
		.deadline_unix_ms = NOW_UNIX_MS + 86400000,
		.answer_kind = "GEGEVENS",
		.urgent = true,
		.convenant = bytes_32(6),
		.trace_id = bytes_16(7),
		.on_behalf_of = "gemeente-tynaarlo-nazorg",
		.related_to = "betrokkene",
	};
}

static inline struct part_header sample_part_header(void)
{
	static const char *conditions[] = { "alleen-om", "niet-naar-derde" };

	return (struct part_header){
		.category = "detentieverloop",
		.secrecy_basis = "toestemming",
		.conditions = { .n = 2, .v = conditions },
		.reference_date = "2026-11-20",
		.source = "TULP",
		.wpg_article = "8",
		.person_category = "veroordeelde",
		.content_commitment = bytes_32(8),
		.media_type = "application/json",
	};
}

/* Protobuf fields by hand. */
static inline void put_varint(struct buffer *b, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		buffer_u8(b, (uint8_t)(v | 0x80));
	buffer_u8(b, (uint8_t)v);
}

static inline void put_field_bytes(struct buffer *b, unsigned field, struct span bytes)
{
	put_varint(b, field << 3 | 2);
	put_varint(b, bytes.len);
	buffer_bytes(b, bytes);
}

static inline void put_field_number(struct buffer *b, unsigned field, uint64_t v)
{
	put_varint(b, field << 3);
	put_varint(b, v);
}

static inline int sodium_group_setup(void **state UNUSED)
{
	return sodium_init() < 0;
}
