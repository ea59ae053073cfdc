/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Envelope - DSSE: a type, the exact payload bytes, Ed25519 signatures over the PAE of both.
 *
 * Verify before parsing the payload; never re-serialise to verify; store and hash the bytes as received.
 * Strict: unknown fields, non-canonical encodings, bad UTF-8, wrong sizes are refused (docs/protocol.md 2).
 * Pure functions, any thread; decoded spans borrow from the arena, which holds a copy of what was received.
 */
#include "base/arena.h"
#include "base/secret.h"
#include "proto/tree.h"

#define ENVELOPE_BYTES_MAX (1u << 20)
#define ENVELOPE_SIGNATURES_MAX 4
#define SIGN_PUBLIC_BYTES 32
#define SIGN_SECRET_BYTES 64
#define KEY_ID_BYTES 8

struct envelope_signature {
	uint8_t key_id[KEY_ID_BYTES];
	uint8_t signature[64];
};

struct envelope {
	const char *type;
	struct span payload;
	size_t n_signatures;
	struct envelope_signature signatures[ENVELOPE_SIGNATURES_MAX];
};

enum { ENVELOPE_OK = 0, ENVELOPE_E_MALFORMED = 1, ENVELOPE_E_SIGNATURE };

/* key_id_of() - first 8 bytes of SHA-256(public key). */
void key_id_of(const uint8_t public_key[32], uint8_t out[KEY_ID_BYTES]);
/* sign_key_is_safe() - canonical, prime-order point; required of every registered key (RFC 8032 leaves others to the verifier). */
bool sign_key_is_safe(const uint8_t public_key[SIGN_PUBLIC_BYTES]);

/* envelope_pae() - "DSSEv1" SP len SP type SP len SP payload. */
MUST_CHECK int envelope_pae(const char *type, struct span payload, struct buffer *out);
/* envelope_sign() - appends the envelope. ENVELOPE_E_MALFORMED: larger than ENVELOPE_BYTES_MAX, nobody would take it. */
MUST_CHECK int envelope_sign(const char *type, struct span payload, const struct secret *secret_key, struct buffer *out);
MUST_CHECK int envelope_decode(struct span bytes, struct arena *arena, struct envelope *out); /* structure only */
/* envelope_verify() - exactly one signature, by this key. ENVELOPE_OK or ENVELOPE_E_SIGNATURE. */
MUST_CHECK int envelope_verify(const struct envelope *e, const uint8_t public_key[SIGN_PUBLIC_BYTES]);
void envelope_digest(struct span bytes, struct hash *out); /* SHA-256 of the bytes as received */
