/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Verifying a mandate costs a signature check and a YAML parse; a person sends many messages under one. When the cache is full
 * it is emptied: a house has some hundreds of persons, so that hardly happens and needs no finer rule.
 */
#include "daemon/core/mandates.h"

#include <errno.h>
#include <stdlib.h>

#define CACHE_MAX 2048
#define N_BUCKETS 1024
#define ARENA_BYTES (64u << 10)
#define WITHDRAWN "mandaat-ingetrokken/"
#define WITHDRAWN_KEY_BYTES (sizeof WITHDRAWN - 1 + HASH_BYTES)

struct cached {
	struct cached *next;
	struct arena *arena;
	struct mandate mandate;
	bool withdrawn;
};

struct mandates {
	size_t n;
	struct cached *buckets[N_BUCKETS];
};

int mandates_new(struct mandates **out)
{
	*out = calloc(1, sizeof **out);
	return *out ? 0 : err_raise(-ENOMEM);
}

static void cached_free(struct cached *e)
{
	arena_free(e->arena);
	free(e);
}

void mandates_forget(struct mandates *m)
{
	for (size_t i = 0; i < N_BUCKETS; i++)
		while (m->buckets[i]) {
			struct cached *e = m->buckets[i];

			m->buckets[i] = e->next;
			cached_free(e);
		}
	m->n = 0;
}

struct mandates *mandates_free(struct mandates *m)
{
	if (m)
		mandates_forget(m);
	free(m);
	return NULL;
}

static void withdrawn_key(struct span digest, uint8_t out[WITHDRAWN_KEY_BYTES])
{
	memcpy(out, WITHDRAWN, sizeof WITHDRAWN - 1);
	memcpy(out + sizeof WITHDRAWN - 1, digest.ptr, HASH_BYTES);
}

static int is_withdrawn(struct core *c, struct span digest, bool *out)
{
	uint8_t key[WITHDRAWN_KEY_BYTES];
	struct span value;
	int r;

	withdrawn_key(digest, key);
	r = store_get(c->store, KEYSPACE_META, SPAN_OF(key), &value);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	*out = r == STORE_OK;
	return 0;
}

static int load(struct core *c, struct span note, struct cached **out)
{
	struct fault_list faults;
	struct cached *e = calloc(1, sizeof *e);
	int r;

	if (!e)
		return err_raise(-ENOMEM);
	e->arena = arena_new(ARENA_BYTES);
	fault_list_init(&faults, "mandaat");
	r = e->arena ? mandate_open(note, c->rules.registry, e->arena, &faults, &e->mandate) : -ENOMEM;
	if (r) {
		cached_free(e);
		return r < 0 ? err_pass(r) : r;
	}
	*out = e;
	return 0;
}

int mandates_find(struct core *c, struct span digest, struct mandate_known *out)
{
	struct mandates *m = c->mandates;
	struct cached **bucket, *e;
	struct span note;
	int r;

	*out = (struct mandate_known){ 0 };
	if (digest.len != HASH_BYTES || !c->rules.registry)
		return 0;
	bucket = &m->buckets[get_u16(digest.ptr) % N_BUCKETS];
	for (e = *bucket; e && memcmp(e->mandate.digest.bytes, digest.ptr, HASH_BYTES); e = e->next)
		;
	if (!e) {
		r = store_get(c->store, KEYSPACE_MANDATE, digest, &note);
		if (r == STORE_E_ABSENT)
			return 0;
		if (r)
			return err_fold(r);
		r = load(c, note, &e);
		if (r)
			return r < 0 ? err_pass(r) : 0; /* its organisation has another key now: it is no mandate any more */
		r = is_withdrawn(c, digest, &e->withdrawn);
		if (r) {
			cached_free(e);
			return err_pass(r);
		}
		if (m->n == CACHE_MAX)
			mandates_forget(m);
		e->next = *bucket;
		*bucket = e;
		m->n++;
	}
	*out = (struct mandate_known){ &e->mandate, e->withdrawn };
	return 0;
}

int mandates_put(struct core *c, const struct mandate *m, struct span note, bool withdrawn)
{
	uint8_t key[WITHDRAWN_KEY_BYTES];
	int r = core_put(c, KEYSPACE_MANDATE, SPAN_OF(m->digest.bytes), note);

	if (!r && withdrawn) {
		withdrawn_key(SPAN_OF(m->digest.bytes), key);
		r = core_put(c, KEYSPACE_META, SPAN_OF(key), SPAN_LITERAL("1"));
	}
	if (!r)
		mandates_forget(c->mandates);
	return err_pass(r);
}
