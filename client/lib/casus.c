/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the house shows of a casus is the casus as it decides with it, so that the same convenant_decide() says the same here.
 */
#include "client/lib/casus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/session.h"

#define CASUS_ARENA_BYTES (16u << 20)

static enum kp_result unreadable(struct kp_error *err)
{
	return failure(err, KP_UNVERIFIED, "house/casus", "Tell the stewards of the house.", "the casus can not be read");
}

/* A casus as the public struct shows it; the pointers of the lists. */
struct shown {
	struct casus casus;
	const char *circle[CASUS_CIRCLE_MAX + 1], *invited[CASUS_INVITED_MAX + 1], *known[CASUS_KNOWN_MAX + 1];
	const char *categories[CASUS_CONSENT_MAX + 1], *partners[CASUS_CONSENT_MAX + 1];
	uint64_t until[CASUS_INVITED_MAX + 1];
};

static const char *const *names(const char (*from)[CASUS_TEXT], size_t n, const char **to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
	to[n] = NULL;
	return to;
}

static struct kp_casus show(struct shown *s, const struct kader *kader)
{
	static const struct kader_ave none = { "", "", "", "", "", "" };
	const struct casus *c = &s->casus;
	const struct kader_ave *level = kader ? kader_ave(kader, c->ave) : NULL;
	struct kp_casus out = {
		.phase = phase_name(c->phase),
		.regime = regime_name(c->regime),
		.overleg = c->overleg,
		.klasse = c->klasse,
		.ave = c->ave,
		.circle = names(c->circle, c->n_circle, s->circle),
		.opened_unix_ms = c->opened_unix_ms,
		.closed_unix_ms = c->closed_unix_ms,
		.consent = c->consent && !c->consent_withdrawn,
		.consent_given_unix_ms = c->consent_given_unix_ms,
		.consent_until_unix_ms = c->consent_until_unix_ms,
		.consent_by = c->consent_by,
		.consent_categories = names(c->consent_categories, c->n_consent_categories, s->categories),
		.consent_hoedanigheden = names(c->consent_partners, c->n_consent_partners, s->partners),
		.invited = s->invited,
		.invited_until_unix_ms = s->until,
		.known = names(c->known, c->n_known, s->known),
		.expires_unix_ms = c->expires_unix_ms,
		.renewals = c->renewals,
	};

	if (!level)
		level = &none;
	out.ave_name = level->name;
	out.regie = level->regie;
	out.overlegpartners = level->partners;
	out.operationeel = level->operational;
	out.bestuurlijk = level->administrative;
	for (size_t i = 0; i < c->n_invited; i++) {
		s->invited[i] = c->invited[i].hoedanigheid;
		s->until[i] = c->invited[i].until_unix_ms;
	}
	s->invited[c->n_invited] = NULL;
	uuid_encode(c->id, out.casus);
	return out;
}

/* One page: calls each for what is in it; *n says how many that were, 0 after the last page. */
static enum kp_result list_page(const struct kader *kader, struct span reply, kp_each_casus *each, void *ctx, size_t *n, bool *more,
				struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	struct shown *s = arena ? arena_array(arena, 1, sizeof *s) : NULL;
	struct casus_list list;

	if (!s)
		return fail_fatal(err, "here/casus", -ENOMEM);
	if (casus_list_decode(reply, arena, &list) != WIRE_OK)
		return unreadable(err);
	*n = list.n;
	for (size_t i = 0; *more && i < list.n; i++) {
		struct kp_casus c;

		if (casus_decode(list.v[i].state, &s->casus) != CASUS_OK)
			return unreadable(err);
		c = show(s, kader);
		*more = each(ctx, &c);
	}
	return KP_OK;
}

enum kp_result kp_casus_list(kp_node *node, uint32_t timeout_ms, kp_each_casus *each, void *ctx,
			     struct kp_error *err)
{
	struct fetch what = { .what = "casus-list", .sender = "" };
	bool more = true;

	if (!each)
		return fail_usage(err, "there is nothing to call for each casus");
	while (more) {
		CLEANUP(buffer_fini) struct buffer reply = { 0 };
		size_t n = 0;
		enum kp_result k = session_fetch(node, &what, timeout_ms, &reply, err);

		if (!k)
			k = list_page(node->rules.kader, buffer_span(&reply), each, ctx, &n, &more, err);
		if (k)
			return k == KP_NONE ? KP_OK : k;
		if (!n)
			break;
		what.from += n;
	}
	return KP_OK;
}

static enum kp_result casus_read(struct span reply, struct span id, struct casus *out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	struct casus_list list;

	if (!arena)
		return fail_fatal(err, "here/casus", -ENOMEM);
	if (casus_list_decode(reply, arena, &list) != WIRE_OK)
		return unreadable(err);
	for (size_t i = 0; i < list.n; i++)
		if (casus_decode(list.v[i].state, out) == CASUS_OK && span_equal(SPAN_OF(out->id), id))
			return KP_OK;
	return failure(err, KP_NONE, "house/casus", "", "there is no such casus, or this node is not on it");
}

enum kp_result casus_find(struct kp_node *node, struct span id, uint32_t timeout_ms, struct casus *out,
			  struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "casus", .sender = "", .id = id };
	struct span last = SPAN_NONE;
	enum kp_result k;
	int r;

	if (!arena)
		return fail_fatal(err, "here/casus", -ENOMEM);
	k = session_fetch(node, &what, timeout_ms, &reply, err);
	if (k == KP_UNREACHABLE) {
		r = state_view(node->state, id.ptr, arena, &last);
		return r == STATE_OK ? casus_read(last, id, out, err) : k;
	}
	if (!k)
		k = casus_read(buffer_span(&reply), id, out, err);
	r = k ? 0 : state_view_set(node->state, id.ptr, buffer_span(&reply), out->expires_unix_ms);
	return r ? fail_fatal(err, "here/casus", r) : k;
}
