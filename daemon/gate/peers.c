/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A sorted array: some hundreds of keys, looked up once per message, changed once a day. No hash, so no key chosen by a peer can
 * make it slow.
 */
#include "daemon/gate/peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define TROUBLE_MS 1000

struct peers {
	uint64_t rate_per_s, burst;
	bool known;
	size_t n;
	struct peer *v;
};

int peers_new(uint64_t rate_per_s, uint64_t burst, struct peers **out)
{
	struct peers *p = calloc(1, sizeof *p);

	if (!p)
		return err_raise(-ENOMEM);
	p->rate_per_s = rate_per_s;
	p->burst = burst;
	*out = p;
	return PEERS_OK;
}

struct peers *peers_free(struct peers *p)
{
	if (p)
		free(p->v);
	free(p);
	return NULL;
}

void peers_freep(struct peers **p)
{
	*p = peers_free(*p);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(((const struct peer *)a)->key, ((const struct peer *)b)->key, KEY_BYTES);
}

struct peer *peers_find(struct peers *p, const uint8_t key[KEY_BYTES])
{
	struct peer wanted;

	if (!p->n)
		return NULL;
	memcpy(wanted.key, key, KEY_BYTES);
	return bsearch(&wanted, p->v, p->n, sizeof *p->v, by_key);
}

static bool list_read(struct peers *p, struct span list, struct peer *v, uint64_t now_ms)
{
	struct reader r;

	reader_init(&r, list);
	for (size_t i = 0; r.left; i++) {
		const struct peer *before;

		v[i] = (struct peer){ .class = reader_u8(&r), .milli = p->burst * 1000, .filled_ms = now_ms };
		reader_copy(&r, v[i].key, KEY_BYTES);
		if (v[i].class != IPC_CLASS_NODE && v[i].class != IPC_CLASS_ENROL)
			return false;
		before = peers_find(p, v[i].key);
		if (before) {
			v[i].milli = before->milli;
			v[i].filled_ms = before->filled_ms;
			v[i].next_trouble_ms = before->next_trouble_ms;
		}
	}
	return true;
}

int peers_replace(struct peers *p, struct span list, uint64_t now_ms)
{
	size_t n = list.len / (1 + KEY_BYTES);
	struct peer *v;
	bool ok;

	if (list.len % (1 + KEY_BYTES))
		return PEERS_E_MALFORMED;
	v = calloc(n + 1, sizeof *v);
	if (!v)
		return err_raise(-ENOMEM);
	ok = list_read(p, list, v, now_ms);
	qsort(v, n, sizeof *v, by_key);
	for (size_t i = 1; ok && i < n; i++)
		ok = by_key(&v[i - 1], &v[i]) != 0;
	if (!ok) {
		free(v);
		return PEERS_E_MALFORMED;
	}
	free(p->v);
	p->v = v;
	p->n = n;
	p->known = true;
	return PEERS_OK;
}

bool peers_known(const struct peers *p)
{
	return p->known;
}

bool peers_take(const struct peers *p, struct peer *peer, uint64_t now_ms)
{
	uint64_t full = p->burst * 1000;
	uint64_t since = now_ms > peer->filled_ms ? now_ms - peer->filled_ms : 0;

	/* A full bucket's worth of time and more is the same as a full bucket, and can't overflow. */
	if (since >= full / p->rate_per_s + 1)
		peer->milli = full;
	else
		peer->milli += since * p->rate_per_s;
	if (peer->milli > full)
		peer->milli = full;
	peer->filled_ms = now_ms;
	if (peer->milli < 1000)
		return false;
	peer->milli -= 1000;
	return true;
}

bool peers_trouble(struct peer *peer, uint64_t now_ms)
{
	if (now_ms < peer->next_trouble_ms)
		return false;
	peer->next_trouble_ms = now_ms + TROUBLE_MS;
	return true;
}
