/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A fixed form with one spelling: the sealed record's length is the only thing that varies, and it is a
 * multiple of PAD_BYTES, so that a leaf tells no more of its record than a size class. The whole public
 * header is bound to the record as associated data: a record can't be moved under another header.
 *
 * The record is sealed in place in the caller's buffer; no second copy of the clear text is made here.
 */
#include "proto/entry.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

#define ENTRY_VERSION 1
#define PAD_BYTES 256
#define AD_BYTES 116
#define NONCE_AT 92
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PADDED_MAX ((ENTRY_MAX - ENTRY_HEADER_BYTES - TAG_BYTES) / PAD_BYTES * PAD_BYTES)

static const char *const kind_names[ENTRY_KIND_N] = {
	[ENTRY_BERICHT] = "BERICHT", [ENTRY_AFGELEVERD] = "AFGELEVERD", [ENTRY_GEOPEND] = "GEOPEND",
	[ENTRY_TERMIJN] = "TERMIJN", [ENTRY_REGELS] = "REGELS",         [ENTRY_TOELATING] = "TOELATING",
	[ENTRY_INZAGE] = "INZAGE",   [ENTRY_BEHEER] = "BEHEER",     [ENTRY_VERNIETIGD] = "VERNIETIGD",
};

static bool kind_known(unsigned kind)
{
	return kind >= ENTRY_BERICHT && kind < ENTRY_KIND_N;
}

const char *entry_kind_name(enum entry_kind kind)
{
	return kind_known((unsigned)kind) ? kind_names[kind] : "?";
}

int entry_kind_find(const char *name)
{
	for (int i = ENTRY_BERICHT; name && i < ENTRY_KIND_N; i++)
		if (strcmp(kind_names[i], name) == 0)
			return i;
	return -1;
}

/* What entry_seal() can have written: at least one block, for padding always adds a byte. */
static bool sealed_length_possible(size_t n)
{
	return n >= PAD_BYTES + TAG_BYTES && (n - TAG_BYTES) % PAD_BYTES == 0;
}

int entry_parse(struct span bytes, struct entry *out)
{
	struct entry e;
	struct reader r;
	uint8_t version, kind;
	uint16_t code;

	if (bytes.len > ENTRY_MAX)
		return ENTRY_E_MALFORMED;
	reader_init(&r, bytes);
	version = reader_u8(&r);
	kind = reader_u8(&r);
	code = reader_u16(&r);
	e.time_unix_ms = reader_u64(&r);
	reader_copy(&r, e.random, sizeof e.random);
	reader_copy(&r, e.binding, sizeof e.binding);
	reader_copy(&r, e.key_id, sizeof e.key_id);
	reader_bytes(&r, NONCE_BYTES);
	e.sealed = reader_lp16(&r);
	if (!reader_done(&r) || version != ENTRY_VERSION || !kind_known(kind) || code >= CODE_N)
		return ENTRY_E_MALFORMED;
	if (!sealed_length_possible(e.sealed.len))
		return ENTRY_E_MALFORMED;
	e.kind = (enum entry_kind)kind;
	e.code = (enum code)code;
	*out = e;
	return ENTRY_OK;
}

static void header_put(const struct entry *e, const struct env *env, size_t sealed_len,
                       uint8_t out[ENTRY_HEADER_BYTES])
{
	out[0] = ENTRY_VERSION;
	out[1] = (uint8_t)e->kind;
	put_u16(out + 2, (uint16_t)e->code);
	put_u64(out + 4, e->time_unix_ms);
	memcpy(out + 12, e->random, sizeof e->random);
	memcpy(out + 44, e->binding, sizeof e->binding);
	memcpy(out + 76, e->key_id, sizeof e->key_id);
	env_random(env, out + NONCE_AT, NONCE_BYTES);
	put_u16(out + AD_BYTES, (uint16_t)sealed_len);
}

int entry_seal(const struct entry *e, const struct env *env, const struct secret *key, struct span record,
               struct buffer *out)
{
	size_t padded = record.len / PAD_BYTES * PAD_BYTES + PAD_BYTES;
	uint8_t *at, *body;

	if (!kind_known((unsigned)e->kind) || (unsigned)e->code >= CODE_N ||
	    secret_len(key) != ENTRY_KEY_BYTES)
		return err_raise(-EINVAL);
	if (record.len >= PADDED_MAX)
		return ENTRY_E_TOO_BIG;
	at = buffer_grow(out, ENTRY_HEADER_BYTES + padded + TAG_BYTES);
	if (!at)
		return err_raise(-ENOMEM);
	header_put(e, env, padded + TAG_BYTES, at);
	body = at + ENTRY_HEADER_BYTES;
	if (record.len)
		memcpy(body, record.ptr, record.len);
	/* ISO 7816-4: 80 and zeroes; the same that sodium_unpad() takes off. */
	body[record.len] = 0x80;
	memset(body + record.len + 1, 0, padded - record.len - 1);
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, padded, at, AD_BYTES, NULL,
	                                           at + NONCE_AT, secret_bytes(key));
	return ENTRY_OK;
}

int entry_unseal(struct span bytes, const struct secret *key, struct buffer *record)
{
	size_t start = record->len;
	struct entry e;
	size_t padded, len;
	uint8_t *at;
	int r;

	r = entry_parse(bytes, &e);
	if (r)
		return r;
	if (secret_len(key) != ENTRY_KEY_BYTES)
		return ENTRY_E_KEY;
	padded = e.sealed.len - TAG_BYTES;
	at = buffer_grow(record, padded);
	if (!at)
		return err_raise(-ENOMEM);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, e.sealed.ptr, e.sealed.len, bytes.ptr,
	                                               AD_BYTES, bytes.ptr + NONCE_AT, secret_bytes(key))) {
		record->len = start;
		return ENTRY_E_KEY;
	}
	if (sodium_unpad(&len, at, padded, PAD_BYTES)) {
		sodium_memzero(at, padded);
		record->len = start;
		return ENTRY_E_MALFORMED;
	}
	record->len = start + len;
	return ENTRY_OK;
}

int entry_opening(struct span bytes, const struct secret *key, uint8_t out[ENTRY_OPENING_BYTES])
{
	struct entry e;
	int r = entry_parse(bytes, &e);

	if (r)
		return r;
	if (secret_len(key) != ENTRY_KEY_BYTES)
		return ENTRY_E_KEY;
	crypto_core_hchacha20(out, bytes.ptr + NONCE_AT, secret_bytes(key), NULL);
	return ENTRY_OK;
}

int entry_open(struct span bytes, const uint8_t opening[ENTRY_OPENING_BYTES], struct buffer *record)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES] = { 0 };
	size_t start = record->len, len;
	struct entry e;
	uint8_t *at;
	int r = entry_parse(bytes, &e);

	if (r)
		return r;
	at = buffer_grow(record, e.sealed.len - TAG_BYTES);
	if (!at)
		return err_raise(-ENOMEM);
	memcpy(nonce + 4, bytes.ptr + NONCE_AT + 16, 8);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(at, NULL, NULL, e.sealed.ptr, e.sealed.len, bytes.ptr, AD_BYTES, nonce, opening)) {
		record->len = start;
		return ENTRY_E_KEY;
	}
	if (sodium_unpad(&len, at, e.sealed.len - TAG_BYTES, PAD_BYTES)) {
		record->len = start;
		return ENTRY_E_MALFORMED;
	}
	record->len = start + len;
	return ENTRY_OK;
}

void entry_binding(const uint8_t salt[SALT_BYTES], struct span statement, uint8_t out[32])
{
	static const char label[] = "knooppunt/binding/v1";
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
	crypto_hash_sha256_update(&state, salt, SALT_BYTES);
	crypto_hash_sha256_update(&state, statement.ptr, statement.len);
	crypto_hash_sha256_final(&state, out);
}
