/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ladder is fetched, but a rung counts by its receipt. One about another message (BEANTWOORD: the
 * answer's) must prove itself like any other; the rest must be about the message that was asked for. A rung
 * whose receipt the house can't give any more (its key was destroyed) is shown without one.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/session.h"
#include "proto/receipt.h"

#define LADDER_ARENA_BYTES (16u << 20)

static enum kp_result rung_check(struct kp_node *node, const struct rung *r, const uint8_t id[ID_BYTES],
				 const struct hash *digest, struct arena *arena, struct kp_error *err)
{
	static const char *const others[] = { "BEANTWOORD", "BEVESTIGD", "TERUGGEKOPPELD", NULL };
	bool other = text_in(r->name, others); /* the receipt of the message that answered, confirmed, told back */
	struct receipt receipt;
	enum kp_result k;

	if (!r->receipt.len)
		return KP_OK;
	k = receipt_verify(node, r->receipt, other ? NULL : id, NULL, arena, &receipt, err);

	if (!k && !other && digest && !hash_equal(&receipt.statement.digest, digest))
		k = failure(err, KP_UNVERIFIED, "house/ladder",
			    "Keep this home's evidence/ and tell the stewards of the house.",
			    "the receipt of %s is about other bytes than those that were sent", r->name);
	if (!k)
		receipt_keep(node, id, r->name, "", r->receipt);
	return k;
}

static enum kp_result rungs_show(struct kp_node *node, const struct ladder *l, const uint8_t id[ID_BYTES],
				 struct arena *arena, kp_each_rung *each, void *ctx, struct kp_error *err)
{
	struct sent sent;
	struct hash digest;
	bool ours = state_sent(node->state, id, arena, &sent) == STATE_OK;

	if (ours)
		envelope_digest(sent.envelope, &digest);
	for (size_t i = 0; i < l->n; i++) {
		const struct rung *r = &l->v[i];
		struct kp_rung shown = { r->name, r->hoedanigheid, r->unix_ms, r->index,
					 arena_text(arena, r->receipt) };
		enum kp_result k = rung_check(node, r, id, ours ? &digest : NULL, arena, err);

		if (k)
			return k;
		if (!shown.receipt)
			return fail_fatal(err, "here/ladder", -ENOMEM);
		if (!each(ctx, &shown))
			break;
	}
	return KP_OK;
}

enum kp_result kp_ladder(kp_node *node, const char *message_id, uint32_t timeout_ms, kp_each_rung *each,
			 void *ctx, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LADDER_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "ladder", .sender = "" };
	struct ladder ladder;
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);

	if (k || !each)
		return k ? k : fail_usage(err, "there is nothing to call for each rung");
	if (!arena)
		return fail_fatal(err, "here/ladder", -ENOMEM);
	what.id = SPAN_OF(id);
	k = session_fetch(node, &what, timeout_ms, &reply, err);
	if (k)
		return k;
	if (ladder_decode(buffer_span(&reply), arena, &ladder) != WIRE_OK)
		return failure(err, KP_UNVERIFIED, "house/ladder", "Tell the stewards of the house.",
			       "the ladder can not be read");
	for (size_t i = 0; i < ladder.n && k != KP_UNVERIFIED; i++)
		k = checkpoint_seen(node, ladder.v[i].receipt, err);
	if (k != KP_UNVERIFIED && ladder.n)
		k = checkpoint_turn(node, timeout_ms, NULL, err);
	return k ? k : rungs_show(node, &ladder, id, arena, each, ctx, err);
}
