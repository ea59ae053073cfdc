/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The cache is an array with the tick of last use; at 256 keys a linear search for the oldest is cheaper than being clever, and
 * a lookup goes by the first bytes of the id, which are random.
 *
 * A key is in the cache from the moment it is made, before its batch is durable: the next message of the same batch needs it.
 * That is why an abandoned batch has to empty the cache.
 */
#include "daemon/core/keys.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define WRAPPED_BYTES (NONCE_BYTES + KEYRING_KEY_BYTES + TAG_BYTES)
#define WRAP_DOMAIN "knooppunt/data-key/v1"
#define N_BUCKETS 1024 /* a power of two, four times the cache */

struct slot {
	struct slot *next; /* of its bucket */
	uint8_t id[ID_BYTES];
	struct secret *secret;
	uint64_t used_tick;
};

struct keyring {
	struct store *store;
	const struct env *env;
	struct secret *store_key;
	uint64_t tick;
	size_t n;
	struct slot slots[KEYRING_CACHE];
	struct slot *buckets[N_BUCKETS];
};

int keyring_new(struct store *store, const struct env *env, struct span store_key, struct keyring **out)
{
	struct keyring *k;

	if (store_key.len != KEYRING_KEY_BYTES)
		return err_raise(-EINVAL);
	k = calloc(1, sizeof *k);
	if (!k)
		return err_raise(-ENOMEM);
	k->store = store;
	k->env = env;
	k->store_key = secret_from(store_key);
	if (!k->store_key) {
		free(k);
		return err_raise(-ENOMEM);
	}
	*out = k;
	return 0;
}

void keyring_forget(struct keyring *k)
{
	for (size_t i = 0; i < k->n; i++)
		secret_free(k->slots[i].secret);
	memset(k->slots, 0, sizeof k->slots);
	memset(k->buckets, 0, sizeof k->buckets);
	k->n = 0;
}

struct keyring *keyring_free(struct keyring *k)
{
	if (k) {
		keyring_forget(k);
		secret_free(k->store_key);
		free(k);
	}
	return NULL;
}

static struct slot **bucket(struct keyring *k, const uint8_t id[ID_BYTES])
{
	return &k->buckets[get_u16(id) & (N_BUCKETS - 1)];
}

static struct slot *slot_find(struct keyring *k, const uint8_t id[ID_BYTES])
{
	for (struct slot *s = *bucket(k, id); s; s = s->next)
		if (!memcmp(s->id, id, ID_BYTES))
			return s;
	return NULL;
}

static void slot_unlink(struct keyring *k, struct slot *s)
{
	struct slot **at = bucket(k, s->id);

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->secret = secret_free(s->secret);
}

/* A free slot, or the one used longest ago. */
static struct slot *slot_take(struct keyring *k)
{
	struct slot *oldest = &k->slots[0];

	if (k->n < KEYRING_CACHE)
		return &k->slots[k->n++];
	for (size_t i = 1; i < k->n; i++)
		if (k->slots[i].used_tick < oldest->used_tick)
			oldest = &k->slots[i];
	slot_unlink(k, oldest);
	return oldest;
}

static void lend(struct keyring *k, struct slot *s, struct data_key *out)
{
	s->used_tick = ++k->tick;
	memcpy(out->id, s->id, ID_BYTES);
	out->secret = s->secret;
}

static void slot_put(struct keyring *k, const uint8_t id[ID_BYTES], struct secret *secret, struct data_key *out)
{
	struct slot *s = slot_take(k), **at = bucket(k, id);

	memcpy(s->id, id, ID_BYTES);
	s->secret = secret;
	s->next = *at;
	*at = s;
	lend(k, s, out);
}

static void wrap_ad(const uint8_t id[ID_BYTES], uint8_t ad[sizeof WRAP_DOMAIN - 1 + ID_BYTES])
{
	memcpy(ad, WRAP_DOMAIN, sizeof WRAP_DOMAIN - 1);
	memcpy(ad + sizeof WRAP_DOMAIN - 1, id, ID_BYTES);
}

static int unwrap(struct keyring *k, const uint8_t id[ID_BYTES], struct span wrapped, struct secret **out)
{
	uint8_t ad[sizeof WRAP_DOMAIN - 1 + ID_BYTES];
	CLEANUP(secret_freep) struct secret *secret = secret_new(KEYRING_KEY_BYTES);

	if (!secret)
		return err_raise(-ENOMEM);
	wrap_ad(id, ad);
	if (wrapped.len != WRAPPED_BYTES ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(secret_bytes(secret), NULL, NULL, wrapped.ptr + NONCE_BYTES,
						       wrapped.len - NONCE_BYTES, ad, sizeof ad, wrapped.ptr,
						       secret_bytes(k->store_key))) {
		log_error("data-key-broken", "hint=\"is store_key the key this store was made with?\"");
		return KEYRING_E_ABSENT;
	}
	*out = TAKE(secret);
	return KEYRING_OK;
}

int keyring_get(struct keyring *k, const uint8_t id[ID_BYTES], struct data_key *out)
{
	struct slot *s = slot_find(k, id);
	struct secret *secret = NULL;
	struct span wrapped;
	int r;

	if (s) {
		lend(k, s, out);
		return KEYRING_OK;
	}
	r = store_get(k->store, KEYSPACE_KEY, span_of(id, ID_BYTES), &wrapped);
	if (r == STORE_E_ABSENT)
		return KEYRING_E_ABSENT;
	if (r)
		return err_fold(r);
	r = unwrap(k, id, wrapped, &secret);
	if (r)
		return r < 0 ? err_pass(r) : r;
	slot_put(k, id, secret, out);
	return KEYRING_OK;
}

int keyring_of(struct keyring *k, struct span name, struct data_key *out)
{
	uint8_t id[ID_BYTES];
	struct span value;
	int r = store_get(k->store, KEYSPACE_KEY_OF, name, &value);

	if (r == STORE_E_ABSENT || (!r && value.len != ID_BYTES))
		return KEYRING_E_ABSENT;
	if (r)
		return err_fold(r);
	memcpy(id, value.ptr, ID_BYTES);
	r = keyring_get(k, id, out);
	return r < 0 ? err_pass(r) : r;
}

int keyring_make(struct keyring *k, struct span name, struct data_key *out)
{
	CLEANUP(secret_freep) struct secret *secret = secret_random(KEYRING_KEY_BYTES);
	uint8_t id[ID_BYTES], wrapped[WRAPPED_BYTES], ad[sizeof WRAP_DOMAIN - 1 + ID_BYTES];
	int r;

	if (!secret)
		return err_raise(-ENOMEM);
	env_random(k->env, id, sizeof id);
	randombytes_buf(wrapped, NONCE_BYTES);
	wrap_ad(id, ad);
	crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE_BYTES, NULL, secret_bytes(secret), KEYRING_KEY_BYTES, ad,
						   sizeof ad, NULL, wrapped, secret_bytes(k->store_key));
	r = store_put(k->store, KEYSPACE_KEY, SPAN_OF(id), SPAN_OF(wrapped));
	if (!r)
		r = store_put(k->store, KEYSPACE_KEY_OF, name, SPAN_OF(id));
	if (r)
		return err_fold(r);
	slot_put(k, id, TAKE(secret), out);
	return KEYRING_OK;
}

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
