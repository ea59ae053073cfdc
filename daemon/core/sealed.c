/* SPDX-License-Identifier: EUPL-1.2 */
/* A value names its key, not its casus: what lies in the store tells nothing once the key is gone. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/core/keys.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

static void value_ad(const char *domain, struct span name, struct buffer *ad)
{
	buffer_text(ad, domain);
	buffer_lp16(ad, name);
}

int value_seal(const struct data_key *key, const char *domain, struct span name, struct span plain, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer ad = { 0 };
	uint8_t *at;
	int r;

	value_ad(domain, name, &ad);
	r = buffer_ok(&ad);
	if (r)
		return err_pass(r);
	at = buffer_grow(out, ID_BYTES + NONCE_BYTES + plain.len + TAG_BYTES);
	if (!at)
		return err_raise(-ENOMEM);
	memcpy(at, key->id, ID_BYTES);
	randombytes_buf(at + ID_BYTES, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(at + ID_BYTES + NONCE_BYTES, NULL, plain.ptr, plain.len, ad.ptr, ad.len, NULL,
						   at + ID_BYTES, secret_bytes(key->secret));
	return 0;
}

int value_unseal(struct keyring *k, const char *domain, struct span name, struct span sealed, struct buffer *plain)
{
	CLEANUP(buffer_fini) struct buffer ad = { 0 };
	const size_t overhead = ID_BYTES + NONCE_BYTES + TAG_BYTES;
	struct data_key key;
	uint8_t *at;
	int r;

	if (sealed.len < overhead) {
		log_error("sealed-value-broken", "domain=%s", domain);
		return KEYRING_E_ABSENT;
	}
	r = keyring_get(k, sealed.ptr, &key);
	if (r)
		return r < 0 ? err_pass(r) : r;
	value_ad(domain, name, &ad);
	r = buffer_ok(&ad);
	if (r)
		return err_pass(r);
	at = buffer_grow(plain, sealed.len - overhead);
	if (!at && sealed.len > overhead)
		return err_raise(-ENOMEM);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, sealed.ptr + ID_BYTES + NONCE_BYTES,
						       sealed.len - ID_BYTES - NONCE_BYTES, ad.ptr, ad.len,
						       sealed.ptr + ID_BYTES, secret_bytes(key.secret))) {
		plain->len -= sealed.len - overhead;
		log_error("sealed-value-broken", "domain=%s", domain);
		return KEYRING_E_ABSENT;
	}
	return KEYRING_OK;
}
