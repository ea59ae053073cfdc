/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The cache is an array with the tick of last use; at 256 keys a linear search for the oldest is cheaper than being clever, and
 * a lookup goes by the first bytes of the id, which are random.
 *
 * A key is in the cache from the moment it is made, before its batch is durable: the next message of the same batch needs it.
 * That is why an abandoned batch has to empty the cache.
 *
 * KEYSPACE_KEY     key id -> u64 place || u8 state
 * KEYSPACE_KEY_OF  name -> key id
 *
 * The row of an ended key stays, so that a key that comes back with an older copy of the key store is known for what it is. A slot
 * that is KEPT without a row at all tells of an older copy of the store; a living row without its slot, of an older key store.
 */
#include "daemon/core/keys.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define WRAPPED_BYTES (NONCE_BYTES + KEYRING_KEY_BYTES + TAG_BYTES)
#define WRAP_DOMAIN "knooppunt/data-key/v1"
#define N_BUCKETS 1024 /* a power of two, four times the cache */

#define ROW_BYTES 9
_Static_assert(WRAPPED_BYTES == SLOT_VALUE_BYTES, "a slot holds a wrapped key");

enum { KEY_LIVES = 1, KEY_ENDED = 2 };

struct cached {
	struct cached *next; /* of its bucket */
	uint8_t id[ID_BYTES];
	struct secret *secret;
	uint64_t used_tick;
};

struct moved { /* a key whose slot the open batch is about, or that waits to be overwritten */
	uint8_t id[ID_BYTES];
	uint64_t place;
};
struct moves {
	size_t n, capacity;
	struct moved *v;
};

struct keyring {
	struct store *store;
	struct slots *slots;
	const struct env *env;
	struct secret *store_key;
	struct moves made, ended; /* in the open batch */
	struct moves doomed;      /* ended durably, not overwritten yet */
	bool failed;              /* a key of the open batch could not be written */
	bool told;                /* that overwriting fails */
	uint64_t tick;
	size_t n;
	struct cached cache[KEYRING_CACHE];
	struct cached *buckets[N_BUCKETS];
};

int keyring_new(struct store *store, struct slots *slots, const struct env *env, struct span store_key, struct keyring **out)
{
	struct keyring *k;

	if (store_key.len != KEYRING_KEY_BYTES)
		return err_raise(-EINVAL);
	k = calloc(1, sizeof *k);
	if (!k)
		return err_raise(-ENOMEM);
	k->store = store;
	k->slots = slots;
	k->env = env;
	k->store_key = secret_from(store_key);
	if (!k->store_key) {
		free(k);
		return err_raise(-ENOMEM);
	}
	*out = k;
	return 0;
}

static void cache_empty(struct keyring *k)
{
	for (size_t i = 0; i < k->n; i++)
		secret_free(k->cache[i].secret);
	memset(k->cache, 0, sizeof k->cache);
	memset(k->buckets, 0, sizeof k->buckets);
	k->n = 0;
}

struct keyring *keyring_free(struct keyring *k)
{
	if (k) {
		cache_empty(k);
		secret_free(k->store_key);
		free(k->made.v);
		free(k->ended.v);
		free(k->doomed.v);
		free(k);
	}
	return NULL;
}

static struct cached **bucket(struct keyring *k, const uint8_t id[ID_BYTES])
{
	return &k->buckets[get_u16(id) & (N_BUCKETS - 1)];
}

static struct cached *cache_find(struct keyring *k, const uint8_t id[ID_BYTES])
{
	for (struct cached *s = *bucket(k, id); s; s = s->next)
		if (!memcmp(s->id, id, ID_BYTES))
			return s;
	return NULL;
}

static void cache_unlink(struct keyring *k, struct cached *s)
{
	struct cached **at = bucket(k, s->id);

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->secret = secret_free(s->secret);
}

/* A free one, or the one used longest ago. */
static struct cached *cache_take(struct keyring *k)
{
	struct cached *oldest = &k->cache[0];

	if (k->n < KEYRING_CACHE)
		return &k->cache[k->n++];
	for (size_t i = 1; i < k->n; i++)
		if (k->cache[i].used_tick < oldest->used_tick)
			oldest = &k->cache[i];
	cache_unlink(k, oldest);
	return oldest;
}

static void lend(struct keyring *k, struct cached *s, struct data_key *out)
{
	s->used_tick = ++k->tick;
	memcpy(out->id, s->id, ID_BYTES);
	out->secret = s->secret;
}

static void cache_put(struct keyring *k, const uint8_t id[ID_BYTES], struct secret *secret, struct data_key *out)
{
	struct cached *s = cache_take(k), **at = bucket(k, id);

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

static int unwrap(struct keyring *k, const uint8_t id[ID_BYTES], const uint8_t wrapped[WRAPPED_BYTES], struct secret **out)
{
	uint8_t ad[sizeof WRAP_DOMAIN - 1 + ID_BYTES];
	CLEANUP(secret_freep) struct secret *secret = secret_new(KEYRING_KEY_BYTES);

	if (!secret)
		return err_raise(-ENOMEM);
	wrap_ad(id, ad);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret_bytes(secret), NULL, NULL, wrapped + NONCE_BYTES,
						       WRAPPED_BYTES - NONCE_BYTES, ad, sizeof ad, wrapped,
						       secret_bytes(k->store_key))) {
		log_error("data-key-broken", "hint=\"is store_key the key this store was made with?\"");
		return KEYRING_E_ABSENT;
	}
	*out = TAKE(secret);
	return KEYRING_OK;
}

static void wrap(const struct keyring *k, const struct secret *secret, struct slot *out)
{
	uint8_t ad[sizeof WRAP_DOMAIN - 1 + ID_BYTES];

	randombytes_buf(out->value, NONCE_BYTES);
	wrap_ad(out->id, ad);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out->value + NONCE_BYTES, NULL, secret_bytes(secret), KEYRING_KEY_BYTES, ad,
						   sizeof ad, NULL, out->value, secret_bytes(k->store_key));
}

/* ---- rows ---- */

struct row {
	uint64_t place;
	uint8_t state;
};

static bool row_parse(struct span value, struct row *out)
{
	if (value.len != ROW_BYTES)
		return false;
	out->place = get_u64(value.ptr);
	out->state = value.ptr[8];
	return true;
}

static int row_put(struct keyring *k, const uint8_t id[ID_BYTES], struct row row)
{
	uint8_t value[ROW_BYTES];
	int r;

	put_u64(value, row.place);
	value[8] = row.state;
	r = store_put(k->store, KEYSPACE_KEY, span_of(id, ID_BYTES), SPAN_OF(value));
	return r ? err_fold(r) : 0;
}

/* KEYRING_OK whether it lives or has ended; KEYRING_E_ABSENT: no such key was ever made. */
static int row_get(struct keyring *k, const uint8_t id[ID_BYTES], struct row *out)
{
	struct span value;
	int r = store_get(k->store, KEYSPACE_KEY, span_of(id, ID_BYTES), &value);

	if (r == STORE_E_ABSENT)
		return KEYRING_E_ABSENT;
	if (r)
		return err_fold(r);
	return row_parse(value, out) ? KEYRING_OK : err_raise(-EBADMSG);
}

static int moves_add(struct moves *m, const uint8_t id[ID_BYTES], uint64_t place)
{
	if (m->n == m->capacity) {
		size_t capacity = m->capacity ? m->capacity * 2 : 64;
		struct moved *v = reallocarray(m->v, capacity, sizeof *v);

		if (!v)
			return err_raise(-ENOMEM);
		m->v = v;
		m->capacity = capacity;
	}
	m->v[m->n].place = place;
	memcpy(m->v[m->n++].id, id, ID_BYTES);
	return 0;
}

/* ---- keys ---- */

int keyring_get(struct keyring *k, const uint8_t id[ID_BYTES], struct data_key *out)
{
	struct cached *s = cache_find(k, id);
	struct secret *secret = NULL;
	struct slot slot;
	struct row row;
	int r;

	if (s) {
		lend(k, s, out);
		return KEYRING_OK;
	}
	r = row_get(k, id, &row);
	if (r)
		return r < 0 ? err_pass(r) : r;
	if (row.state != KEY_LIVES)
		return KEYRING_E_ABSENT;
	r = slots_get(k->slots, row.place, id, &slot);
	if (r)
		return r < 0 ? err_pass(r) : KEYRING_E_ABSENT;
	r = unwrap(k, id, slot.value, &secret);
	sodium_memzero(&slot, sizeof slot);
	if (r)
		return r < 0 ? err_pass(r) : r;
	cache_put(k, id, secret, out);
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

/* When its slot can't be written the key is made all the same: the batch then fails as a whole, in keyring_flush(). */
int keyring_make(struct keyring *k, struct span name, struct data_key *out)
{
	CLEANUP(secret_freep) struct secret *secret = secret_random(KEYRING_KEY_BYTES);
	struct row row = { .state = KEY_LIVES };
	struct slot slot = { 0 };
	int r;

	if (!secret)
		return err_raise(-ENOMEM);
	env_random(k->env, slot.id, ID_BYTES);
	wrap(k, secret, &slot);
	r = slots_add(k->slots, &slot, &row.place);
	if (r < 0)
		return err_pass(r);
	k->failed |= r != SLOTS_OK;
	r = r ? 0 : moves_add(&k->made, slot.id, row.place);
	if (!r)
		r = row_put(k, slot.id, row);
	if (!r)
		r = store_put(k->store, KEYSPACE_KEY_OF, name, SPAN_OF(slot.id));
	if (r)
		return err_fold(r);
	cache_put(k, slot.id, TAKE(secret), out);
	return KEYRING_OK;
}

int keyring_end(struct keyring *k, struct span name)
{
	uint8_t id[ID_BYTES];
	struct cached *cached;
	struct span value;
	struct row row;
	int r = store_get(k->store, KEYSPACE_KEY_OF, name, &value);

	if (r)
		return r == STORE_E_ABSENT ? KEYRING_E_ABSENT : err_fold(r);
	if (value.len != ID_BYTES)
		return KEYRING_E_ABSENT;
	memcpy(id, value.ptr, ID_BYTES);
	r = store_delete(k->store, KEYSPACE_KEY_OF, name);
	if (!r)
		r = row_get(k, id, &row);
	if (r == KEYRING_E_ABSENT)
		return r; /* its batch has failed, and so will this one */
	if (r)
		return err_fold(r);
	row.state = KEY_ENDED;
	r = row_put(k, id, row);
	if (!r)
		r = moves_add(&k->ended, id, row.place);
	cached = cache_find(k, id);
	if (cached) {
		cache_unlink(k, cached);
		memset(cached->id, 0, ID_BYTES);
	}
	return err_pass(r);
}

/* ---- the batch ---- */

int keyring_flush(struct keyring *k)
{
	int r;

	if (k->failed)
		return KEYRING_E_FULL;
	if (!k->made.n)
		return KEYRING_OK;
	r = slots_sync(k->slots);
	return r < 0 ? err_pass(r) : r ? KEYRING_E_FULL : KEYRING_OK;
}

/* After a flush that failed it is not known what of the clears is on the disk: then all of them are done again. */
static int doomed_clear(struct keyring *k)
{
	int r = SLOTS_OK;

	for (size_t i = 0; !r && i < k->doomed.n; i++)
		r = slots_clear(k->slots, k->doomed.v[i].place, k->doomed.v[i].id);
	if (!r && k->doomed.n)
		r = slots_sync(k->slots);
	if (r < 0)
		return err_pass(r);
	if (r && !k->told)
		log_error("key-not-destroyed", "n=%zu hint=\"key_store can't be written; it is tried again\"", k->doomed.n);
	k->told = r != SLOTS_OK;
	if (!r)
		k->doomed.n = 0;
	return 0;
}

static int doom(struct keyring *k, struct moves *from)
{
	int r = 0;

	for (size_t i = 0; !r && i < from->n; i++)
		r = moves_add(&k->doomed, from->v[i].id, from->v[i].place);
	from->n = 0;
	return err_pass(r);
}

int keyring_settle(struct keyring *k)
{
	int r = 0;

	/* A mark that is not written is made up for at the next start: the row says that the key lives. */
	for (size_t i = 0; r >= 0 && i < k->made.n; i++)
		r = slots_keep(k->slots, k->made.v[i].place, k->made.v[i].id);
	k->made.n = 0;
	if (r >= 0)
		r = doom(k, &k->ended);
	if (!r)
		r = doomed_clear(k);
	return err_pass(r);
}

int keyring_forget(struct keyring *k)
{
	int r;

	cache_empty(k);
	k->failed = false;
	k->ended.n = 0;
	r = doom(k, &k->made);
	return r ? err_pass(r) : err_pass(doomed_clear(k));
}

/* ---- the start ---- */

/* What the rows claim: claimed[place] is set where a key lives. */
static int rows_walk(struct keyring *k, uint8_t *claimed, uint64_t n, uint64_t *lost)
{
	struct store_cursor cursor;
	struct slot slot;
	struct row row;
	int r = store_first(k->store, KEYSPACE_KEY, SPAN_NONE, SPAN_NONE, &cursor);

	for (; !r; r = store_next(k->store, &cursor)) {
		int there;

		if (cursor.key.len != ID_BYTES || !row_parse(cursor.value, &row))
			return err_raise(-EBADMSG);
		if (row.state != KEY_LIVES)
			continue;
		there = row.place < n ? slots_get(k->slots, row.place, cursor.key.ptr, &slot) : SLOTS_E_ABSENT;
		if (there < 0)
			return err_pass(there);
		sodium_memzero(&slot, sizeof slot);
		if (there == SLOTS_E_BROKEN)
			log_error("key-damaged", "place=%llu hint=\"what it sealed can't be read any more\"",
				  (unsigned long long)row.place);
		*lost += there == SLOTS_E_ABSENT;
		if (there != SLOTS_E_ABSENT)
			claimed[row.place] = 1;
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

/* One place that no living key claims. *stray: it holds a key that the store should know. */
static int unclaimed(struct keyring *k, uint64_t place, bool *stray, bool *clear)
{
	struct slot slot;
	struct row row;
	int r = slots_at(k->slots, place, &slot);

	if (!r && slot.state == SLOT_KEPT)
		r = row_get(k, slot.id, &row);
	*stray = r == KEYRING_E_ABSENT;
	*clear = slot.state != SLOT_FREE && !*stray;
	sodium_memzero(&slot, sizeof slot);
	return r < 0 ? err_pass(r) : 0;
}

static int slots_walk(struct keyring *k, const uint8_t *claimed, uint64_t n, uint64_t *strays, bool clearing)
{
	uint64_t cleared = 0;
	bool stray, clear;
	int r = 0;

	for (uint64_t i = 0; !r && i < n; i++) {
		if (claimed[i])
			continue;
		r = unclaimed(k, i, &stray, &clear);
		if (r)
			return err_pass(r);
		*strays += stray;
		cleared += clear;
		if (clear && clearing)
			r = slots_clear_any(k->slots, i);
	}
	if (!r && clearing && cleared)
		r = slots_sync(k->slots);
	return r == SLOTS_E_WRITE ? err_raise(-EIO) : err_pass(r);
}

static int judge(struct keyring *k, uint8_t *claimed, uint64_t n, char why[400])
{
	uint64_t lost = 0, strays = 0;
	int r = rows_walk(k, claimed, n, &lost);

	if (!r)
		r = slots_walk(k, claimed, n, &strays, false);
	if (r)
		return err_pass(r);
	if (lost)
		snprintf(why, 400, "key_store lacks %llu keys that data_dir has: it is an older copy, or another's; put back its newest",
			 (unsigned long long)lost);
	else if (strays)
		snprintf(why, 400, "key_store holds %llu keys that data_dir does not know: data_dir was set back, or is another's",
			 (unsigned long long)strays);
	return lost || strays ? KEYRING_E_STALE : KEYRING_OK;
}

int keyring_start(struct keyring *k, char why[400])
{
	uint8_t *claimed;
	uint64_t n, none = 0;
	int r = slots_n(k->slots, &n);

	if (r)
		return err_pass(r);
	claimed = calloc(n + 1, 1);
	if (!claimed)
		return err_raise(-ENOMEM);
	r = judge(k, claimed, n, why);
	if (!r) /* what a crash left: keys of a batch that never was, keys that had ended */
		r = slots_walk(k, claimed, n, &none, true);
	for (uint64_t i = 0; !r && i < n; i++)
		if (claimed[i]) {
			struct slot slot;

			r = slots_at(k->slots, i, &slot);
			if (!r && slot.state == SLOT_NEW)
				r = slots_keep(k->slots, i, slot.id) < 0 ? -EIO : 0;
			sodium_memzero(&slot, sizeof slot);
		}
	free(claimed);
	return r < 0 ? err_pass(r) : r;
}
