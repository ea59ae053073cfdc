/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A fixed table of slots, two sets of links through it: buckets by routing id (libzmq counts those up from a random start, so
 * they spread by themselves and no peer chooses its own), and the order of age. The id holds its slot in the low bits and a
 * serial number above: looking it up is one comparison, and a late answer to an ended session never meets its successor.
 */
#include "daemon/gate/sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SLOT_BITS 20
#define ACCOUNT_BYTES (32u << 20) /* on their way to one node; beyond it the node reads too slowly */
#define ALL_BYTES (512u << 20)    /* and to all together */

struct sessions {
	sessions_gone_fn *gone;
	void *ctx;
	uint64_t serial;
	uint32_t max, n;
	uint32_t mask;            /* of buckets */
	uint32_t free;            /* first of the unused slots, linked by next */
	uint32_t oldest, newest;
	uint32_t *buckets;
	struct account *all;
	struct session *v;
};

int sessions_new(uint32_t max, sessions_gone_fn *gone, void *ctx, struct sessions **out)
{
	CLEANUP(sessions_freep) struct sessions *s = calloc(1, sizeof *s);
	uint32_t n_buckets = 64;

	ASSERT(max > 0 && max < 1u << SLOT_BITS);
	if (!s)
		return err_raise(-ENOMEM);
	while (n_buckets < max)
		n_buckets *= 2;
	*s = (struct sessions){ .gone = gone, .ctx = ctx, .max = max, .mask = n_buckets - 1,
				.oldest = SESSIONS_NONE, .newest = SESSIONS_NONE };
	s->buckets = calloc(n_buckets, sizeof *s->buckets);
	s->v = calloc(max, sizeof *s->v);
	s->all = account_new(ALL_BYTES, NULL);
	if (!s->buckets || !s->v || !s->all)
		return err_raise(-ENOMEM);
	memset(s->buckets, 0xff, n_buckets * sizeof *s->buckets);
	for (uint32_t i = 0; i < max; i++)
		s->v[i].next = i + 1 < max ? i + 1 : SESSIONS_NONE;
	*out = TAKE(s);
	return 0;
}

struct sessions *sessions_free(struct sessions *s)
{
	for (uint32_t i = 0; s && s->v && i < s->max; i++)
		account_unref(s->v[i].account);
	if (s) {
		account_unref(s->all);
		free(s->buckets);
		free(s->v);
	}
	free(s);
	return NULL;
}

void sessions_freep(struct sessions **s)
{
	*s = sessions_free(*s);
}

static void age_unlink(struct sessions *s, struct session *one)
{
	if (one->older == SESSIONS_NONE)
		s->oldest = one->newer;
	else
		s->v[one->older].newer = one->newer;
	if (one->newer == SESSIONS_NONE)
		s->newest = one->older;
	else
		s->v[one->newer].older = one->older;
}

static void age_append(struct sessions *s, struct session *one)
{
	one->older = s->newest;
	one->newer = SESSIONS_NONE;
	if (s->newest == SESSIONS_NONE)
		s->oldest = one->slot;
	else
		s->v[s->newest].newer = one->slot;
	s->newest = one->slot;
}

void sessions_seen(struct sessions *s, struct session *one, uint64_t now_ms)
{
	one->seen_ms = now_ms;
	if (s->newest == one->slot)
		return;
	age_unlink(s, one);
	age_append(s, one);
}

static struct session *by_routing(struct sessions *s, uint32_t routing)
{
	uint32_t at = s->buckets[routing & s->mask];

	while (at != SESSIONS_NONE && s->v[at].routing != routing)
		at = s->v[at].next;
	return at == SESSIONS_NONE ? NULL : &s->v[at];
}

struct session *sessions_find(struct sessions *s, uint64_t id)
{
	uint64_t slot = id & ((1u << SLOT_BITS) - 1);

	return id && slot < s->max && s->v[slot].id == id ? &s->v[slot] : NULL;
}

void sessions_drop(struct sessions *s, struct peers *peers, struct session *one, bool tell)
{
	uint32_t *link = &s->buckets[one->routing & s->mask];
	struct peer *peer = peers_find(peers, one->key);
	uint64_t id = one->id;
	uint32_t slot = one->slot;

	while (*link != slot)
		link = &s->v[*link].next;
	*link = one->next;
	age_unlink(s, one);
	if (peer && peer->n_sessions)
		peer->n_sessions--;
	account_unref(one->account);
	*one = (struct session){ .next = s->free };
	s->free = slot;
	s->n--;
	if (tell)
		s->gone(s->ctx, id);
}

/* Room for one more session of this peer: at its own expense first. */
static void room_make(struct sessions *s, struct peers *peers, const struct peer *peer)
{
	uint32_t at = s->oldest;

	if (peer->n_sessions >= SESSIONS_PER_PEER) {
		while (memcmp(s->v[at].key, peer->key, KEY_BYTES))
			at = s->v[at].newer;
		sessions_drop(s, peers, &s->v[at], true);
	} else if (s->n == s->max) {
		sessions_drop(s, peers, &s->v[at], true);
	}
}

int sessions_touch(struct sessions *s, struct peers *peers, struct peer *peer, uint32_t routing, uint64_t now_ms,
		   struct session **out)
{
	struct session *one = by_routing(s, routing);
	struct account *account;
	uint32_t slot;

	if (one && memcmp(one->key, peer->key, KEY_BYTES)) {
		sessions_drop(s, peers, one, true);
		one = NULL;
	}
	if (one) {
		sessions_seen(s, one, now_ms);
		*out = one;
		return 0;
	}
	account = account_new(ACCOUNT_BYTES, s->all);
	if (!account)
		return err_raise(-ENOMEM);
	room_make(s, peers, peer);
	slot = s->free;
	one = &s->v[slot];
	s->free = one->next;
	*one = (struct session){ .id = ++s->serial << SLOT_BITS | slot, .routing = routing, .seen_ms = now_ms,
				 .account = account, .slot = slot, .next = s->buckets[routing & s->mask] };
	memcpy(one->key, peer->key, KEY_BYTES);
	s->buckets[routing & s->mask] = slot;
	age_append(s, one);
	peer->n_sessions++;
	s->n++;
	*out = one;
	return 0;
}

void sessions_admit(struct sessions *s, struct peers *peers)
{
	uint32_t at = s->oldest;

	while (at != SESSIONS_NONE) {
		struct session *one = &s->v[at];
		struct peer *peer = peers_find(peers, one->key);

		at = one->newer;
		if (peer)
			peer->n_sessions++;
		else
			sessions_drop(s, peers, one, true);
	}
}

struct session *sessions_oldest(struct sessions *s)
{
	return s->oldest == SESSIONS_NONE ? NULL : &s->v[s->oldest];
}

size_t sessions_n(const struct sessions *s)
{
	return s->n;
}

static bool in_bucket(const struct sessions *s, const struct session *one)
{
	size_t same = 0, here = 0;

	for (uint32_t at = s->buckets[one->routing & s->mask]; at != SESSIONS_NONE; at = s->v[at].next) {
		same += s->v[at].routing == one->routing;
		here += at == one->slot;
	}
	return same == 1 && here == 1;
}

bool sessions_check(const struct sessions *s, struct peers *peers)
{
	size_t n = 0;

	for (uint32_t at = s->oldest; at != SESSIONS_NONE; at = s->v[at].newer, n++) {
		const struct peer *peer = peers_find(peers, s->v[at].key);
		size_t of_peer = 0;

		for (uint32_t i = 0; i < s->max; i++)
			of_peer += s->v[i].id && memcmp(s->v[i].key, s->v[at].key, KEY_BYTES) == 0;
		if (!s->v[at].id || s->v[at].slot != at || !in_bucket(s, &s->v[at]) || !peer || peer->n_sessions != of_peer)
			return false;
	}
	return n == s->n && s->n <= s->max;
}
