/* SPDX-License-Identifier: EUPL-1.2 */
#include "proto/hkdf.h"

#include <sodium.h>
#include <string.h>

static void hmac_begin(crypto_auth_hmacsha256_state *state, struct span key)
{
	/* An empty key is a key of length 0, but its pointer must not be NULL. */
	crypto_auth_hmacsha256_init(state, key.len ? key.ptr : (const uint8_t *)"", key.len);
}

static void hmac_pieces(crypto_auth_hmacsha256_state *state, const struct span *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pieces[i].len)
			crypto_auth_hmacsha256_update(state, pieces[i].ptr, pieces[i].len);
}

void hkdf_extract(struct span salt, const struct span *pieces, size_t n, uint8_t prk[HKDF_HASH_BYTES])
{
	crypto_auth_hmacsha256_state state;

	hmac_begin(&state, salt);
	hmac_pieces(&state, pieces, n);
	crypto_auth_hmacsha256_final(&state, prk);
	sodium_memzero(&state, sizeof state);
}

void hkdf_expand(const uint8_t prk[HKDF_HASH_BYTES], const struct span *pieces, size_t n, uint8_t *out,
		 size_t len)
{
	crypto_auth_hmacsha256_state state;
	uint8_t block[HKDF_HASH_BYTES];

	ASSERT(len <= HKDF_OUTPUT_MAX);
	for (size_t done = 0, i = 1; done < len; i++) {
		size_t take = len - done < sizeof block ? len - done : sizeof block;
		uint8_t counter = (uint8_t)i;

		hmac_begin(&state, span_of(prk, HKDF_HASH_BYTES));
		if (done)
			crypto_auth_hmacsha256_update(&state, block, sizeof block);
		hmac_pieces(&state, pieces, n);
		crypto_auth_hmacsha256_update(&state, &counter, 1);
		crypto_auth_hmacsha256_final(&state, block);
		memcpy(out + done, block, take);
		done += take;
	}
	sodium_memzero(block, sizeof block);
	sodium_memzero(&state, sizeof state);
}
