/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The house is asked for the casussen of this node as it lists them anyway, page by page; each one that is held here and was not
 * listed is asked for by itself, because a list may grow while it is read. A casus that this node is about to notify is not known
 * to the house yet: what waits in the outbox keeps its casus.
 *
 * Another house, or a verband, is on no casus and is shown none: what it was given it keeps for the term of a casus, from when it
 * first asked.
 */
#include "client/lib/forget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "client/lib/session.h"
#include "convenant/casus.h"

#define ASK_EVERY_MS (UINT64_C(12) * 3600 * 1000)
#define LEFT_MS (UINT64_C(7) * 24 * 3600 * 1000) /* to read what says that one is no longer on it */
#define ASKED "casus-asked"
#define PAGE 64
#define ARENA_BYTES (16u << 20)

static int end(struct kp_node *node, const uint8_t casus[ID_BYTES], uint64_t now)
{
	int r = state_casus_end(node->state, casus, now);

	return r == STATE_E_ABSENT ? 0 : err_pass(r); /* another process was first */
}

static bool is_over(const struct state_casus *c, uint64_t now)
{
	if (c->ended_unix_ms)
		return false;
	if (c->expires_unix_ms && now >= c->expires_unix_ms)
		return true;
	return c->gone_unix_ms && !c->waiting && (!c->unread || now >= c->gone_unix_ms + LEFT_MS);
}

int forget_ended(struct kp_node *node)
{
	const uint64_t now = env_unix_ms(node->env);
	uint8_t from[ID_BYTES] = { 0 };
	struct state_casus page[PAGE];
	size_t n = PAGE;
	int r = 0;

	while (!r && n == PAGE) {
		r = state_casussen(node->state, from, page, PAGE, &n);
		for (size_t i = 0; !r && i < n; i++)
			if (is_over(&page[i], now))
				r = end(node, page[i].id, now);
	}
	return err_pass(r);
}

/* ---- asking ---- */

struct listed {
	struct kp_node *node;
	uint32_t timeout_ms;
	uint64_t now;
	size_t n, capacity;
	uint8_t (*ids)[ID_BYTES];
};

static int listed_add(struct listed *l, const struct casus *casus)
{
	int r = state_casus_said(l->node->state, casus->id, casus->expires_unix_ms, l->now);

	if (r < 0)
		return err_pass(r);
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 64;
		uint8_t(*ids)[ID_BYTES] = reallocarray(l->ids, capacity, ID_BYTES);

		if (!ids)
			return err_raise(-ENOMEM);
		l->ids = ids;
		l->capacity = capacity;
	}
	memcpy(l->ids[l->n++], casus->id, ID_BYTES);
	return 0;
}

/* What a fetch of one or more casussen shows. *n: how many; 0, KP_NONE: there is none (any more). */
static enum kp_result shown(struct listed *l, const struct fetch *what, size_t *n)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct casus_list list;
	struct casus casus;
	enum kp_result k = session_fetch(l->node, what, l->timeout_ms, &reply, NULL);

	*n = 0;
	if (k)
		return k;
	if (!arena || casus_list_decode(buffer_span(&reply), arena, &list) != WIRE_OK)
		return KP_UNVERIFIED;
	for (size_t i = 0; i < list.n; i++)
		if (casus_decode(list.v[i].state, &casus) != CASUS_OK || listed_add(l, &casus))
			return KP_UNVERIFIED;
	*n = list.n;
	return KP_OK;
}

static enum kp_result list_all(struct listed *l)
{
	struct fetch what = { .what = "casus-list", .sender = "" };
	enum kp_result k = KP_OK;
	size_t n;

	do {
		k = shown(l, &what, &n);
		what.from += n;
	} while (!k && n);
	return k == KP_NONE ? KP_OK : k;
}

static bool is_listed(const struct listed *l, const uint8_t id[ID_BYTES])
{
	for (size_t i = 0; i < l->n; i++)
		if (!memcmp(l->ids[i], id, ID_BYTES))
			return true;
	return false;
}

static enum kp_result ask_one(struct listed *l, const uint8_t id[ID_BYTES])
{
	const struct fetch what = { .what = "casus", .sender = "", .id = span_of(id, ID_BYTES) };
	size_t n;
	enum kp_result k = shown(l, &what, &n);

	if (k != KP_NONE)
		return k;
	return state_casus_said(l->node->state, id, 0, l->now) < 0 ? KP_ERROR : KP_OK;
}

/* Whether this node is of those whom no casus is shown. */
static bool is_outsider(const struct kp_node *node)
{
	const struct text_list *mine = &node->home.hoedanigheden;
	bool outside = node->rules.registry && node->rules.kader && mine->n;

	for (size_t i = 0; outside && i < mine->n; i++) {
		const struct reg_hoedanigheid *h = registry_hoedanigheid(node->rules.registry, mine->v[i]);
		const struct kader_kind *kind = h ? kader_kind(node->rules.kader, h->kind) : NULL;

		outside = kind && (kind->lid == LID_HUIS || kind->lid == LID_VERBAND);
	}
	return outside;
}

static enum kp_result keep_for_term(struct listed *l, const struct state_casus *c)
{
	if (c->expires_unix_ms)
		return KP_OK;
	return state_casus_said(l->node->state, c->id, kader_expiry(l->node->rules.kader, "", l->now), l->now) < 0 ? KP_ERROR : KP_OK;
}

static enum kp_result ask_rest(struct listed *l)
{
	const bool outside = is_outsider(l->node);
	uint8_t from[ID_BYTES] = { 0 };
	struct state_casus page[PAGE];
	enum kp_result k = KP_OK;
	size_t n = PAGE;

	while (!k && n == PAGE) {
		if (state_casussen(l->node->state, from, page, PAGE, &n))
			return KP_ERROR;
		for (size_t i = 0; !k && i < n; i++)
			if (!page[i].ended_unix_ms && !page[i].waiting && !is_listed(l, page[i].id))
				k = outside ? keep_for_term(l, &page[i]) : ask_one(l, page[i].id);
	}
	return k;
}

static void ask(struct kp_node *node, uint32_t timeout_ms, uint64_t now)
{
	struct listed l = { .node = node, .timeout_ms = timeout_ms, .now = now };
	enum kp_result k = list_all(&l);
	uint8_t when[8];

	if (!k)
		k = ask_rest(&l);
	free(l.ids);
	put_u64(when, now);
	if (!k)
		(void)!state_put(node->state, ASKED, SPAN_OF(when));
}

static bool asked_lately(struct kp_node *node, uint64_t now)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	struct span when;

	if (!arena || state_get(node->state, ASKED, arena, &when) != STATE_OK || when.len != 8)
		return false;
	return get_u64(when.ptr) <= now && now - get_u64(when.ptr) < ASK_EVERY_MS;
}

void forget_turn(struct kp_node *node, uint32_t timeout_ms, bool at_once)
{
	const uint64_t now = env_unix_ms(node->env);

	if (at_once || !asked_lately(node, now))
		ask(node, timeout_ms, now);
	if (forget_ended(node))
		log_warn("casus-not-destroyed", "hint=\"the state of this home can't be written; it is tried again\"");
}

/* ---- public ---- */

enum kp_result kp_destroyed(kp_node *node, kp_each_destroyed *each, void *ctx, struct kp_error *err)
{
	uint8_t from[ID_BYTES] = { 0 };
	struct state_casus page[PAGE];
	size_t n = PAGE;

	if (!each)
		return fail_usage(err, "there is nothing to call for each casus");
	while (n == PAGE) {
		int r = state_casussen(node->state, from, page, PAGE, &n);

		if (r)
			return fail_fatal(err, "here/state", r);
		for (size_t i = 0; i < n; i++) {
			struct kp_destroyed d = { .destroyed_unix_ms = page[i].ended_unix_ms, .n_messages = page[i].n_messages };

			uuid_encode(page[i].id, d.casus);
			if (d.destroyed_unix_ms && !each(ctx, &d))
				return KP_OK;
		}
	}
	return KP_OK;
}
