/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Part - one category's content, sealed from person to hoedanigheid (docs/protocol.md 4).
 *
 *   SK, nonce random; ek || com = BLAKE2b-64(key SK, "knooppunt/section-key/v1" || nonce)
 *   ad         = SHA-256("knooppunt/part/v1" || lp32(header bytes) || lp32(part header bytes))
 *   ciphertext = XChaCha20-Poly1305(ek, nonce, ad, pad512(salt[32] || content))
 *   wrap       = HPKE base(pkR, info = "knooppunt/wrap/v1" || lp16(sender) || lp16(sender key) || lp16(recipient) || lp16(key id),
 *                          aad = ad || com).Seal(SK)
 *
 * So changing any header field (casus, doel, grondslag, categories, sender, recipients) or the claimed signer makes opening
 * fail, and two recipients of one ciphertext read the same content.
 */
#include "proto/message.h"

#define BOX_PUBLIC_BYTES 32
#define BOX_SECRET_BYTES 32
#define PART_SUITE_1 1
#define PART_CONTENT_MAX (256u << 10)
#define PART_PAD_BYTES 512

struct box_key { /* a hoedanigheid's reading key, as in the register */
	const char *hoedanigheid;
	uint8_t public_key[BOX_PUBLIC_BYTES];
};

struct part_context { /* who speaks, in which header */
	struct span header_bytes;
	const char *sender;
	const uint8_t *sender_key; /* the person's Ed25519 public key, 32 bytes */
};

enum { PART_OK = 0, PART_E_MALFORMED = 1, PART_E_NOT_FOR_US, PART_E_OPEN, PART_E_TOO_BIG };

/*
 * part_seal() - fills out (all memory in the arena) for these recipients, in the order given
 * @head: content_commitment is filled in here
 * Return: PART_OK; PART_E_TOO_BIG; PART_E_MALFORMED for an unusable recipient key; <0 fatal.
 */
MUST_CHECK int part_seal(const struct part_context *ctx, const struct part_header *head, struct span content,
			 const struct box_key *recipients, size_t n_recipients, struct arena *arena, struct part *out);

/* part_open() - appends to content, which buffer_fini() wipes. PART_E_OPEN: relabelled, re-signed, corrupted or not committed. */
MUST_CHECK int part_open(const struct part_context *ctx, const struct part *part, const struct box_key *recipient,
			 const struct secret *secret_key, struct buffer *content);

/* box_seal()/box_open() - HPKE base single shot over bytes with a label as info; for replies sealed to one reader. */
MUST_CHECK int box_seal(const uint8_t public_key[BOX_PUBLIC_BYTES], const char *label, struct span aad, struct span plain,
			struct buffer *out);
MUST_CHECK int box_open(const struct secret *secret_key, const char *label, struct span aad, struct span sealed,
			struct buffer *plain);
