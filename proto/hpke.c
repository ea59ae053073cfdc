/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * RFC 9180 sections 4.1, 5.1 and 7.1, base mode, one message per context: the sequence number is always 0, so
 * the nonce is the base nonce. The exporter is not derived.
 *
 * Every secret of the schedule lives in one struct that wipes itself when the function is left.
 */
#include "proto/hpke.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "proto/hkdf.h"

#define KEY_BYTES 32

static const uint8_t suite_kem[] = { 'K', 'E', 'M', 0x00, 0x20 };
static const uint8_t suite_hpke[] = { 'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03 };

struct schedule {
	uint8_t ephemeral[KEY_BYTES];
	uint8_t dh[KEY_BYTES];
	uint8_t prk[HKDF_HASH_BYTES];
	uint8_t shared[HKDF_HASH_BYTES];
	uint8_t key[crypto_aead_chacha20poly1305_IETF_KEYBYTES];
	uint8_t nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];
};

static void schedule_wipe(struct schedule *s)
{
	sodium_memzero(s, sizeof *s);
}

static void labeled_extract(struct span suite, struct span salt, const char *label, struct span ikm,
			    uint8_t out[HKDF_HASH_BYTES])
{
	const struct span pieces[] = { SPAN_LITERAL("HPKE-v1"), suite, span_of_text(label), ikm };

	hkdf_extract(salt, pieces, N_ELEMENTS(pieces), out);
}

static void labeled_expand(const uint8_t prk[HKDF_HASH_BYTES], struct span suite, const char *label,
			   struct span info, uint8_t *out, uint16_t out_len)
{
	uint8_t len[2];
	const struct span pieces[] = { SPAN_OF(len), SPAN_LITERAL("HPKE-v1"), suite, span_of_text(label),
				       info };

	put_u16(len, out_len);
	hkdf_expand(prk, pieces, N_ELEMENTS(pieces), out, out_len);
}

/* ExtractAndExpand(dh, kem_context): s->dh -> s->shared. */
static void kem_finish(struct schedule *s, const uint8_t enc[KEY_BYTES], const uint8_t public_key[KEY_BYTES])
{
	uint8_t context[2 * KEY_BYTES];

	memcpy(context, enc, KEY_BYTES);
	memcpy(context + KEY_BYTES, public_key, KEY_BYTES);
	labeled_extract(SPAN_OF(suite_kem), SPAN_NONE, "eae_prk", SPAN_OF(s->dh), s->prk);
	labeled_expand(s->prk, SPAN_OF(suite_kem), "shared_secret", SPAN_OF(context), s->shared,
		       sizeof s->shared);
}

/* KeySchedule(mode_base, shared_secret, info, "", ""). */
static void key_schedule(struct schedule *s, struct span info)
{
	uint8_t context[1 + 2 * HKDF_HASH_BYTES] = { 0 };

	labeled_extract(SPAN_OF(suite_hpke), SPAN_NONE, "psk_id_hash", SPAN_NONE, context + 1);
	labeled_extract(SPAN_OF(suite_hpke), SPAN_NONE, "info_hash", info, context + 1 + HKDF_HASH_BYTES);
	labeled_extract(SPAN_OF(suite_hpke), SPAN_OF(s->shared), "secret", SPAN_NONE, s->prk);
	labeled_expand(s->prk, SPAN_OF(suite_hpke), "key", SPAN_OF(context), s->key, sizeof s->key);
	labeled_expand(s->prk, SPAN_OF(suite_hpke), "base_nonce", SPAN_OF(context), s->nonce,
		       sizeof s->nonce);
}

int hpke_seal_with(const uint8_t ephemeral[32], const uint8_t public_key[32], struct span info,
		   struct span aad, struct span plain, uint8_t enc[HPKE_ENC_BYTES], uint8_t *sealed)
{
	CLEANUP(schedule_wipe) struct schedule s;

	/* libsodium refuses an all-zero result: the key is of small order. */
	if (crypto_scalarmult_curve25519(s.dh, ephemeral, public_key))
		return HPKE_E_KEY;
	crypto_scalarmult_curve25519_base(enc, ephemeral);
	kem_finish(&s, enc, public_key);
	key_schedule(&s, info);
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain.ptr, plain.len, aad.ptr, aad.len, NULL,
						  s.nonce, s.key);
	return HPKE_OK;
}

int hpke_seal(const uint8_t public_key[32], struct span info, struct span aad, struct span plain,
	      uint8_t enc[HPKE_ENC_BYTES], uint8_t *sealed)
{
	CLEANUP(schedule_wipe) struct schedule s;

	randombytes_buf(s.ephemeral, sizeof s.ephemeral);
	return hpke_seal_with(s.ephemeral, public_key, info, aad, plain, enc, sealed);
}

int hpke_open(const struct hpke_reader *reader, const uint8_t enc[HPKE_ENC_BYTES], struct span info,
	      struct span aad, struct span sealed, uint8_t *plain)
{
	CLEANUP(schedule_wipe) struct schedule s;

	if (secret_len(reader->secret_key) != KEY_BYTES)
		return err_raise(-EINVAL);
	if (sealed.len < HPKE_TAG_BYTES)
		return HPKE_E_OPEN;
	/* One answer for every way to fail: what was wrong is of no use to who may not read it. */
	if (crypto_scalarmult_curve25519(s.dh, secret_bytes(reader->secret_key), enc))
		return HPKE_E_OPEN;
	kem_finish(&s, enc, reader->public_key);
	key_schedule(&s, info);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.ptr, sealed.len, aad.ptr,
						      aad.len, s.nonce, s.key))
		return HPKE_E_OPEN;
	return HPKE_OK;
}

int hpke_derive_keypair(struct span ikm, uint8_t secret_key[32], uint8_t public_key[32])
{
	CLEANUP(schedule_wipe) struct schedule s;

	labeled_extract(SPAN_OF(suite_kem), SPAN_NONE, "dkp_prk", ikm, s.prk);
	labeled_expand(s.prk, SPAN_OF(suite_kem), "sk", SPAN_NONE, s.shared, sizeof s.shared);
	memcpy(secret_key, s.shared, KEY_BYTES);
	crypto_scalarmult_curve25519_base(public_key, secret_key);
	return HPKE_OK;
}
