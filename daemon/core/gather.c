/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a decision rests on besides the message: the casus, the question an answer belongs to, the items it names.
 *
 * An item is there for who sent or received it, and for nobody else: to a third party a message id that exists and one that does
 * not are the same. FETCH "item" keeps to the same rule, so that a node's "may I?" has what the house has.
 */
#include "daemon/core/intake.h"

/* Under a volmacht one also knows what the giver knows. */
static bool is_party(const struct core *c, const struct track *t, const struct intake *in)
{
	const char *for_whom = in->h->on_behalf_of;

	return track_party(c, t, in->h->sender) ||
	       (*for_whom && in->has_casus &&
		rules_acts_for(&c->rules, in->h->sender, for_whom, in->casus.overleg, c->now_unix_ms) && track_party(c, t, for_whom));
}

static int load(struct core *c, const struct intake *in, struct span id, struct track *out, bool *known)
{
	int r = track_load(c, id, in->item->arena, out);

	*known = r == TRACK_OK && is_party(c, out, in);
	return r < 0 ? err_pass(r) : 0;
}

static int item_add(struct intake *in, const struct track *t)
{
	int r = track_item(t, in->item->arena, &in->items[in->n_items]);

	if (r == TRACK_OK)
		in->n_items++;
	return r < 0 ? err_pass(r) : 0;
}

static int gather_earlier(struct core *c, struct intake *in)
{
	const struct span id = in->m->kind == MESSAGE_GEOPEND ? in->m->body.geopend.message_id : in->h->in_reply_to;
	int r = id.len ? load(c, in, id, &in->earlier, &in->has_earlier) : 0;

	if (r || !in->has_earlier || in->m->kind == MESSAGE_GEOPEND)
		return err_pass(r);
	if (message_answers(in->m->kind, in->earlier.kind)) {
		in->input.request = &in->request;
		return err_pass(track_header(&in->earlier, in->item->arena, &in->request));
	}
	return in->earlier.kind == MESSAGE_VERZOEK ? 0 : err_pass(item_add(in, &in->earlier));
}

static int gather_subject(struct core *c, struct intake *in)
{
	const struct message *asked = in->n_items ? &in->items[0].message : NULL;
	int r = TRACK_E_ABSENT;

	if (asked && asked->kind == MESSAGE_INSTEMMINGSVERZOEK && asked->header.in_reply_to.len)
		r = track_load(c, asked->header.in_reply_to, in->item->arena, &in->subject);
	if (!r)
		r = track_item(&in->subject, in->item->arena, &in->subject_item);
	in->has_subject = !r;
	return r < 0 ? err_pass(r) : 0;
}

static int gather_sources(struct core *c, struct intake *in)
{
	const struct body_verstrekking *b = &in->m->body.verstrekking;
	struct track t;
	bool known;
	int r = 0;

	for (size_t i = 0; !r && i < b->n_sources && in->n_items < N_ELEMENTS(in->items); i++) {
		r = load(c, in, b->sources[i], &t, &known);
		if (!r && known)
			r = item_add(in, &t);
	}
	return err_pass(r);
}

int gather(struct core *c, struct intake *in)
{
	int r = 0;

	if (in->h->casus.len) {
		r = casus_read(c, in->h->casus, &in->casus);
		in->has_casus = r == CASUS_STORE_OK;
	}
	if (r >= 0)
		r = gather_earlier(c, in);
	if (!r && in->m->kind == MESSAGE_VERSTREKKING)
		r = gather_sources(c, in);
	if (!r && in->m->kind == MESSAGE_INSTEMMING)
		r = gather_subject(c, in);
	if (r)
		return err_pass(r);
	in->mandate = in->known.withdrawn ? NULL : in->known.mandate;
	in->input.rules = &c->rules;
	in->input.message = in->m;
	in->input.mandate = in->mandate;
	in->input.casus = in->has_casus ? &in->casus : NULL;
	in->input.items = in->items;
	in->input.n_items = in->n_items;
	in->input.now_unix_ms = c->now_unix_ms;
	return 0;
}

struct track_recipient *answer_row(const struct core *c, const struct intake *in, const char **for_whom)
{
	const char *giver = in->h->on_behalf_of;
	struct track_recipient *v = *giver ? track_recipient_now(c, &in->earlier, giver) : NULL;

	*for_whom = v ? "" : giver;
	return v ? v : track_recipient_now(c, &in->earlier, in->h->sender);
}
