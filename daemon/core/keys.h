/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Keyring - the keys that data at rest is sealed under: one per casus, and one per house and month for what belongs to no casus.
 *
 * A key has a random id, which stands beside what it sealed. KEYSPACE_KEY holds it wrapped under the store key, KEYSPACE_KEY_OF
 * says which id a casus or a month has. Destroying the KEYSPACE_KEY row makes everything under it unreadable for ever.
 *
 * Owns:    a bounded cache of keys in guarded memory. Borrows: store, env.
 * Threads: core thread only. A key that was lent is good until KEYRING_CACHE other keys were asked for; use it at once.
 */
#include "base/env.h"
#include "base/secret.h"
#include "daemon/store/store.h"

#define KEYRING_CACHE 256
#define KEYRING_KEY_BYTES 32

struct keyring;
struct data_key {
	uint8_t id[ID_BYTES];
	const struct secret *secret;
};

MUST_CHECK int keyring_new(struct store *store, const struct env *env, struct span store_key, struct keyring **out);
struct keyring *keyring_free(struct keyring *k);

enum { KEYRING_OK = 0, KEYRING_E_ABSENT = 1 };
/* keyring_get() - by id. KEYRING_E_ABSENT: never made, or destroyed. */
MUST_CHECK int keyring_get(struct keyring *k, const uint8_t id[ID_BYTES], struct data_key *out);
/* keyring_of() - of a casus id or a month's name. */
MUST_CHECK int keyring_of(struct keyring *k, struct span name, struct data_key *out);
/* keyring_make() - a new key under that name, written in the open batch; one that had the name before keeps its id only. */
MUST_CHECK int keyring_make(struct keyring *k, struct span name, struct data_key *out);
/* keyring_forget() - empties the cache: after a batch that did not become durable, its keys must not be used. */
void keyring_forget(struct keyring *k);

/* A sealed value: key id[16] || nonce[24] || XChaCha20-Poly1305(key, nonce, ad = domain || lp16 name, plain). */
MUST_CHECK int value_seal(const struct data_key *key, const char *domain, struct span name, struct span plain, struct buffer *out);
/* value_unseal() - KEYRING_E_ABSENT when its key is gone or it does not open (which is logged). plain is appended to. */
MUST_CHECK int value_unseal(struct keyring *k, const char *domain, struct span name, struct span sealed, struct buffer *plain);
