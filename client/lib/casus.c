/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The view is what a decision needs, no more; it becomes a struct casus again so that the same
 * convenant_decide() runs here.
 */
#include "client/lib/casus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/session.h"

#define CASUS_ARENA_BYTES (16u << 20)

static const char *const *list_in(const struct text_list *list, struct arena *arena)
{
	const char **v = arena_array(arena, list->n + 1, sizeof *v);

	for (size_t i = 0; v && i < list->n; i++)
		v[i] = list->v[i];
	return (const char *const *)v;
}

enum kp_result kp_casus_list(kp_node *node, uint32_t timeout_ms, kp_each_casus *each, void *ctx,
			     struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "casus-list", .sender = "" };
	struct casus_list list;
	enum kp_result k;

	if (!each)
		return fail_usage(err, "there is nothing to call for each casus");
	if (!arena)
		return fail_fatal(err, "here/casus", -ENOMEM);
	k = session_fetch(node, &what, timeout_ms, &reply, err);
	if (k)
		return k == KP_NONE ? KP_OK : k;
	if (casus_list_decode(buffer_span(&reply), arena, &list) != WIRE_OK)
		return failure(err, KP_UNVERIFIED, "house/casus", "Tell the stewards of the house.",
			       "the list of casussen can not be read");
	for (size_t i = 0; i < list.n; i++) {
		const struct casus_view *v = &list.v[i];
		struct kp_casus c = {
			.phase = v->phase,
			.regime = v->regime,
			.overleg = v->overleg,
			.klasse = v->klasse,
			.ave = v->ave,
			.circle = list_in(&v->circle, arena),
			.opened_unix_ms = v->opened_unix_ms,
			.closed_unix_ms = v->closed_unix_ms,
			.consent = v->consent,
			.consent_given_unix_ms = v->consent_given_unix_ms,
			.consent_until_unix_ms = v->consent_until_unix_ms,
		};

		if (!c.circle || v->casus.len != ID_BYTES)
			return fail_fatal(err, "here/casus", c.circle ? -EPROTO : -ENOMEM);
		uuid_encode(v->casus.ptr, c.casus);
		if (!each(ctx, &c))
			break;
	}
	return KP_OK;
}

static bool word(char out[CASUS_TEXT], const char *text)
{
	return snprintf(out, CASUS_TEXT, "%s", text) < CASUS_TEXT;
}

/* false: not a casus as this version knows them. */
static bool casus_of(const struct casus_view *v, struct casus *out)
{
	int phase = phase_find(v->phase);

	memset(out, 0, sizeof *out);
	if (v->casus.len != ID_BYTES || phase < 0 || v->circle.n > CASUS_CIRCLE_MAX)
		return false;
	memcpy(out->id, v->casus.ptr, ID_BYTES);
	out->phase = (enum phase)phase;
	out->regime = regime_find(v->regime);
	out->n_circle = v->circle.n;
	for (size_t i = 0; i < v->circle.n; i++)
		if (!word(out->circle[i], v->circle.v[i]))
			return false;
	out->opened_unix_ms = v->opened_unix_ms;
	out->closed_unix_ms = v->closed_unix_ms;
	out->consent = v->consent;
	out->consent_given_unix_ms = v->consent_given_unix_ms;
	out->consent_until_unix_ms = v->consent_until_unix_ms;
	return word(out->overleg, v->overleg) && word(out->klasse, v->klasse) && word(out->ave, v->ave);
}

static enum kp_result casus_read(struct span reply, struct span id, struct casus *out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	struct casus_list list;

	if (!arena)
		return fail_fatal(err, "here/casus", -ENOMEM);
	if (casus_list_decode(reply, arena, &list) != WIRE_OK)
		return failure(err, KP_UNVERIFIED, "house/casus", "Tell the stewards of the house.",
			       "the casus can not be read");
	for (size_t i = 0; i < list.n; i++)
		if (span_equal(list.v[i].casus, id) && casus_of(&list.v[i], out))
			return KP_OK;
	return failure(err, KP_NONE, "house/casus", "", "there is no such casus, or this node is not on it");
}

enum kp_result casus_find(struct kp_node *node, struct span id, uint32_t timeout_ms, struct casus *out,
			  struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CASUS_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "casus", .sender = "", .id = id };
	char name[8 + 2 * ID_BYTES + 1] = "casus:";
	struct span last = SPAN_NONE;
	enum kp_result k;
	int r;

	if (!arena)
		return fail_fatal(err, "here/casus", -ENOMEM);
	hex_encode(id, name + strlen(name));
	k = session_fetch(node, &what, timeout_ms, &reply, err);
	if (k == KP_UNREACHABLE) {
		r = state_get(node->state, name, arena, &last);
		return r == STATE_OK ? casus_read(last, id, out, err) : k;
	}
	if (!k)
		k = casus_read(buffer_span(&reply), id, out, err);
	r = k ? 0 : state_put(node->state, name, buffer_span(&reply));
	return r ? fail_fatal(err, "here/casus", r) : k;
}
