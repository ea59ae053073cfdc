/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Keyring - the keys that data at rest is sealed under: two per casus (what waits and how it stands; its log records), and one per
 * house and month for what belongs to no casus.
 *
 * A key has a random id, which stands beside what it sealed. It lies wrapped under the store key in the key store, a file outside
 * data_dir (base/slots.h); KEYSPACE_KEY says where, KEYSPACE_KEY_OF which id a name has. An ended key is overwritten there, and
 * everything under it is unreadable for ever, in every copy of data_dir too.
 *
 * A key is on the disk before the batch that uses it commits (keyring_flush), and off it after the batch that ends it did
 * (keyring_settle). What a crash leaves in between keyring_start() finds: the store says which keys live.
 *
 * Owns:    a bounded cache of keys in guarded memory. Borrows: store, slots, env.
 * Threads: core thread only. A key that was lent is good until KEYRING_CACHE other keys were asked for; use it at once.
 */
#include "base/env.h"
#include "base/secret.h"
#include "base/slots.h"
#include "daemon/store/store.h"

#define KEYRING_CACHE 256
#define KEYRING_KEY_BYTES 32

struct keyring;
struct data_key {
	uint8_t id[ID_BYTES];
	const struct secret *secret;
};

MUST_CHECK int keyring_new(struct store *store, struct slots *slots, const struct env *env, struct span store_key,
			   struct keyring **out);
struct keyring *keyring_free(struct keyring *k);

enum { KEYRING_OK = 0, KEYRING_E_ABSENT = 1, KEYRING_E_FULL, KEYRING_E_STALE };
/* keyring_start() - key store and store against each other, once the store is known to be no older than what was signed.
 * KEYRING_E_STALE: one of them is an older copy, and nothing was changed; why says which. */
MUST_CHECK int keyring_start(struct keyring *k, char why[400]);
/* keyring_get() - by id. KEYRING_E_ABSENT: never made, or ended. */
MUST_CHECK int keyring_get(struct keyring *k, const uint8_t id[ID_BYTES], struct data_key *out);
MUST_CHECK int keyring_of(struct keyring *k, struct span name, struct data_key *out);
/* keyring_make() - a new key under that name, in the open batch; one that had the name before keeps its id only. */
MUST_CHECK int keyring_make(struct keyring *k, struct span name, struct data_key *out);
/* keyring_end() - the key of that name, in the open batch. KEYRING_E_ABSENT: there is none (any more). */
MUST_CHECK int keyring_end(struct keyring *k, struct span name);

/* The batch, in this order: flush, commit, settle; or forget, when it is abandoned.
 * keyring_flush() - KEYRING_E_FULL: its keys could not be written, and it must not be committed. */
MUST_CHECK int keyring_flush(struct keyring *k);
MUST_CHECK int keyring_settle(struct keyring *k); /* what can't be overwritten now is tried again at each call */
MUST_CHECK int keyring_forget(struct keyring *k); /* empties the cache too: its keys must not be used */

/* A sealed value: key id[16] || nonce[24] || XChaCha20-Poly1305(key, nonce, ad = domain || lp16 name, plain). */
MUST_CHECK int value_seal(const struct data_key *key, const char *domain, struct span name, struct span plain, struct buffer *out);
/* value_unseal() - KEYRING_E_ABSENT when its key is gone or it does not open (which is logged). plain is appended to. */
MUST_CHECK int value_unseal(struct keyring *k, const char *domain, struct span name, struct span sealed, struct buffer *plain);
