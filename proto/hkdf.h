/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * HKDF-SHA256 (RFC 5869), from libsodium's HMAC: 1.0.18 has no HKDF of its own.
 *
 * What is hashed comes in pieces, so that nobody has to join secrets in memory first.
 */
#include "base/span.h"

#define HKDF_HASH_BYTES 32
#define HKDF_OUTPUT_MAX (255 * HKDF_HASH_BYTES)

void hkdf_extract(struct span salt, const struct span *pieces, size_t n, uint8_t prk[HKDF_HASH_BYTES]);
/* hkdf_expand() - len is at most HKDF_OUTPUT_MAX; more is a programming error. */
void hkdf_expand(const uint8_t prk[HKDF_HASH_BYTES], const struct span *pieces, size_t n, uint8_t *out,
		 size_t len);
