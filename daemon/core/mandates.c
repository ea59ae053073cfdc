/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Verifying a mandate costs a signature check and a YAML parse; a person sends many messages under one. When the cache is full
 * it is emptied: a house has some hundreds of persons, so that hardly happens and needs no finer rule.
 *
 * When a mandate was last acted under is written once a day: a row per message would cost more than the hour is worth.
 */
#include "daemon/core/mandates.h"

#include <errno.h>
#include <stdlib.h>

#define CACHE_MAX 2048
#define N_BUCKETS 1024
#define ARENA_BYTES (64u << 10)
#define DAY_MS UINT64_C(86400000)
#define WITHDRAWN "mandaat-ingetrokken/"
#define USED "mandaat-gebruikt/"
#define ROW_KEY_MAX (sizeof WITHDRAWN - 1 + HASH_BYTES)

struct cached {
	struct cached *next;
	struct arena *arena;
	struct mandate mandate;
	bool withdrawn;
	uint64_t used_ms; /* 0: not known, handed in before such rows were kept */
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

static struct span row_key(const char *name, struct span digest, uint8_t out[ROW_KEY_MAX])
{
	const size_t n = strlen(name);

	memcpy(out, name, n);
	memcpy(out + n, digest.ptr, HASH_BYTES);
	return span_of(out, n + HASH_BYTES);
}

/* What the rows beside the note say of it. */
static int state_read(struct core *c, struct span digest, struct cached *e)
{
	uint8_t key[ROW_KEY_MAX];
	struct span value;
	int r = store_get(c->store, KEYSPACE_META, row_key(WITHDRAWN, digest, key), &value);

	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	e->withdrawn = r == STORE_OK;
	r = store_get(c->store, KEYSPACE_META, row_key(USED, digest, key), &value);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	e->used_ms = r == STORE_OK && value.len == 8 ? get_u64(value.ptr) : 0;
	return 0;
}

static int used_put(struct core *c, struct span digest)
{
	uint8_t key[ROW_KEY_MAX], value[8];

	put_u64(value, c->now_unix_ms);
	return err_pass(core_put(c, KEYSPACE_META, row_key(USED, digest, key), SPAN_OF(value)));
}

static bool asleep(const struct core *c, const struct cached *e)
{
	return c->dormant_ms && e->used_ms && c->now_unix_ms > e->used_ms && c->now_unix_ms - e->used_ms > c->dormant_ms;
}

static struct cached **bucket_of(struct mandates *m, struct span digest)
{
	return &m->buckets[get_u16(digest.ptr) % N_BUCKETS];
}

static struct cached *cached_find(struct cached *e, struct span digest)
{
	while (e && memcmp(e->mandate.digest.bytes, digest.ptr, HASH_BYTES) != 0)
		e = e->next;
	return e;
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
	bucket = bucket_of(m, digest);
	e = cached_find(*bucket, digest);
	if (!e) {
		r = store_get(c->store, KEYSPACE_MANDATE, digest, &note);
		if (r == STORE_E_ABSENT)
			return 0;
		if (r)
			return err_fold(r);
		r = load(c, note, &e);
		if (r)
			return r < 0 ? err_pass(r) : 0; /* its organisation has another key now: it is no mandate any more */
		r = state_read(c, digest, e);
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
	*out = (struct mandate_known){ &e->mandate, e->withdrawn || asleep(c, e) };
	return 0;
}

int mandates_used(struct core *c, struct span digest)
{
	struct cached *e = digest.len == HASH_BYTES ? cached_find(*bucket_of(c->mandates, digest), digest) : NULL;
	int r;

	if (!e || c->now_unix_ms < e->used_ms + DAY_MS)
		return 0;
	r = used_put(c, digest);
	if (!r)
		e->used_ms = c->now_unix_ms;
	return err_pass(r);
}

int mandates_put(struct core *c, const struct mandate *m, struct span note, bool withdrawn)
{
	const struct span digest = SPAN_OF(m->digest.bytes);
	uint8_t key[ROW_KEY_MAX];
	int r = core_put(c, KEYSPACE_MANDATE, digest, note);

	if (!r && withdrawn)
		r = core_put(c, KEYSPACE_META, row_key(WITHDRAWN, digest, key), SPAN_LITERAL("1"));
	if (!r)
		r = used_put(c, digest);
	if (!r)
		mandates_forget(c->mandates);
	return err_pass(r);
}
