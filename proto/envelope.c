/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The signature is over PAE(type, payload): type and lengths are inside, so bytes signed as one thing can't
 * be shown as another.
 *
 * libsodium has no way to verify Ed25519 over pieces (crypto_sign_init() is Ed25519ph, another scheme), so
 * the PAE is built in memory: one copy of the payload, once per message.
 */
#include "proto/envelope.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "proto/codec.h"

void key_id_of(const uint8_t public_key[32], uint8_t out[KEY_ID_BYTES])
{
	uint8_t digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, public_key, 32);
	memcpy(out, digest, KEY_ID_BYTES);
}

bool sign_key_is_safe(const uint8_t public_key[SIGN_PUBLIC_BYTES])
{
	return crypto_core_ed25519_is_valid_point(public_key) == 1;
}

int envelope_pae(const char *type, struct span payload, struct buffer *out)
{
	buffer_printf(out, "DSSEv1 %zu %s %zu ", strlen(type), type, payload.len);
	buffer_bytes(out, payload);
	return err_pass(buffer_ok(out));
}

int envelope_sign(const char *type, struct span payload, const struct secret *secret_key, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer pae = { 0 };
	struct envelope e = { .type = type, .payload = payload, .n_signatures = 1 };
	size_t before = out->len;
	int r;

	if (secret_len(secret_key) != SIGN_SECRET_BYTES)
		return err_raise(-EINVAL);
	r = envelope_pae(type, payload, &pae);
	if (r)
		return err_pass(r);
	/* The public key is the second half of libsodium's secret key: no caller can pair it with another. */
	key_id_of(secret_bytes(secret_key) + crypto_sign_ed25519_SEEDBYTES, e.signatures[0].key_id);
	crypto_sign_ed25519_detached(e.signatures[0].signature, NULL, pae.ptr, pae.len,
				     secret_bytes(secret_key));
	codec_envelope_encode(&e, out);
	r = buffer_ok(out);
	if (r)
		return err_pass(r);
	if (out->len - before > ENVELOPE_BYTES_MAX) {
		out->len = before;
		return ENVELOPE_E_MALFORMED;
	}
	return ENVELOPE_OK;
}

int envelope_decode(struct span bytes, struct arena *arena, struct envelope *out)
{
	return codec_envelope_decode(bytes, arena, out, NULL) ? ENVELOPE_E_MALFORMED : ENVELOPE_OK;
}

int envelope_verify(const struct envelope *e, const uint8_t public_key[SIGN_PUBLIC_BYTES])
{
	CLEANUP(buffer_fini) struct buffer pae = { 0 };
	uint8_t key_id[KEY_ID_BYTES];
	int r;

	key_id_of(public_key, key_id);
	if (e->n_signatures != 1 || memcmp(e->signatures[0].key_id, key_id, sizeof key_id) != 0)
		return ENVELOPE_E_SIGNATURE;
	r = envelope_pae(e->type, e->payload, &pae);
	if (r)
		return err_pass(r);
	if (crypto_sign_ed25519_verify_detached(e->signatures[0].signature, pae.ptr, pae.len, public_key))
		return ENVELOPE_E_SIGNATURE;
	return ENVELOPE_OK;
}

void envelope_digest(struct span bytes, struct hash *out)
{
	crypto_hash_sha256(out->bytes, bytes.ptr, bytes.len);
}
