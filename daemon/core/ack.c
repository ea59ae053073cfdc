/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A node says that it has ciphertexts on its own disk. Each becomes an AFGELEVERD entry under its own casus key, once: what was
 * acknowledged before, withdrawn, or was never this hoedanigheid's gives nothing, so a repeated acknowledgement is harmless and
 * its id need not be remembered.
 */
#include "daemon/core/due.h"
#include "daemon/core/intake.h"
#include "daemon/core/queue.h"

static int refuse_node(struct core *c, struct intake *in)
{
	struct evidence e = {
		.kind = ENTRY_BERICHT,
		.type = message_kind_name(in->m->kind),
		.message_id = in->h->message_id.ptr,
		.digest = &in->item->job.digest,
		.decision = &in->decision,
		.node = in->node,
	};
	struct slip *slip;
	int r;

	decision_add(&in->decision, CODE_DEELNEMER_ONBEVOEGD, "transport.knooppunt", in->h->sender, false);
	r = evidence_write(c, &e, &slip);
	return r ? err_pass(r) : err_pass(core_receipt(c, in->item, slip));
}

static int delivered(struct core *c, struct intake *in, struct track *t, struct track_recipient *v, struct slip **out)
{
	const struct evidence e = {
		.kind = ENTRY_AFGELEVERD,
		.type = message_kind_name(t->kind),
		.message_id = t->id,
		.digest = &t->digest,
		.node = in->node,
		.sender = v->hoedanigheid,
		.recipients = { 1, (const char *[]){ t->sender } },
		.casus_id = t->casus,
	};
	struct effect notice = { .kind = EFFECT_NOTICE };
	int r = evidence_write(c, &e, out);

	if (r)
		return err_pass(r);
	track_reach(c, v, TRACK_DELIVERED, (*out)->index);
	notice.slip = slip_ref(*out);
	memcpy(notice.hoedanigheid, t->sender, strnlen(t->sender, SENDER_SIZE - 1));
	r = core_effect(c, &notice);
	if (!r)
		r = queue_settle(c, t, v);
	return r ? err_pass(r) : err_pass(due_settle(c, t));
}

int ack_decide(struct core *c, struct intake *in)
{
	const struct body_ontvangst *acks = &in->m->body.ontvangst;
	CLEANUP(slip_unrefp) struct slip *first = NULL;
	struct effect reply = { .kind = EFFECT_REPLY, .session = in->item->session,
				.correlation = in->item->wire.correlation, .text = "al-ontvangen" };
	int r = 0;

	if (!in->right_node)
		return err_pass(refuse_node(c, in));
	for (size_t i = 0; i < acks->n; i++) {
		struct track_recipient *v;
		struct slip *slip = NULL;
		struct track t;

		arena_reset(c->scratch);
		r = track_load(c, acks->ids[i], c->scratch, &t);
		if (r < 0)
			return err_pass(r);
		v = r == TRACK_OK ? track_recipient(&t, in->h->sender) : NULL;
		if (!v || !v->queued)
			continue;
		r = delivered(c, in, &t, v, &slip);
		if (!first)
			first = TAKE(slip);
		slip_unref(slip);
		if (r)
			return err_pass(r);
	}
	if (!first)
		return err_pass(core_effect(c, &reply));
	return err_pass(core_receipt(c, in->item, TAKE(first)));
}
