/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * HPKE (RFC 9180) base mode, single shot: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20-Poly1305 0x0003,
 * built from libsodium primitives.
 */
#include "base/secret.h"

#define HPKE_ENC_BYTES 32
#define HPKE_TAG_BYTES 16

enum { HPKE_OK = 0, HPKE_E_KEY = 1, HPKE_E_OPEN };

/* enc: 32 bytes; sealed: plain.len + 16 bytes. HPKE_E_KEY: the public key yields an all-zero secret. */
MUST_CHECK int hpke_seal(const uint8_t public_key[32], struct span info, struct span aad, struct span plain,
			 uint8_t enc[HPKE_ENC_BYTES], uint8_t *sealed);
/* Both halves of the reader's key: computing the public one from the other costs as much as the opening itself. */
struct hpke_reader {
	const uint8_t *public_key; /* 32 bytes; when it is not of secret_key, nothing opens */
	const struct secret *secret_key;
};
MUST_CHECK int hpke_open(const struct hpke_reader *reader, const uint8_t enc[HPKE_ENC_BYTES], struct span info, struct span aad,
			 struct span sealed, uint8_t *plain);
/* hpke_seal_with() - as hpke_seal() with a given ephemeral secret: for test vectors only. */
MUST_CHECK int hpke_seal_with(const uint8_t ephemeral[32], const uint8_t public_key[32], struct span info, struct span aad,
			      struct span plain, uint8_t enc[HPKE_ENC_BYTES], uint8_t *sealed);
/* hpke_derive_keypair() - RFC 9180 7.1.3 DeriveKeyPair. */
MUST_CHECK int hpke_derive_keypair(struct span ikm, uint8_t secret_key[32], uint8_t public_key[32]);
