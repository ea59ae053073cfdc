/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an allowed message does, per kind. Most do the same: an entry, their casus moves on, they wait for their recipients.
 *
 *   antwoord    also marks the verzoek as answered by its sender, unless it says LATER; bekendheidsantwoord likewise
 *   afsluiting  withdraws what still waits in the casus; its own notice goes out after that
 *   betrekken   the same of what waits for who left the casus; agenda of what waits for a guest, when his time is over
 *   correctie   stays open until each recipient confirmed it; one that takes an item back withdraws what still waits of it
 *   bevestiging, terugkoppeling  mark the recipient of what they are about
 *   instemming  changes the item it was asked for, or (hernieuwing) the casus
 *   geopend     a GEOPEND entry about the message that was opened; it is delivered to nobody
 *   mandaat     a TOELATING entry; the note is kept and decides from the next message on
 *   inzage      an INZAGE entry; the page follows after the commit
 */
#include "daemon/core/due.h"
#include "daemon/core/intake.h"
#include "daemon/core/queue.h"
#include "daemon/core/retention.h"

#include <errno.h>
#include <stdio.h>

static struct evidence evidence_of(const struct intake *in)
{
	return (struct evidence){
		.kind = ENTRY_BERICHT,
		.type = message_kind_name(in->m->kind),
		.message_id = in->h->message_id.ptr,
		.digest = &in->item->job.digest,
		.message = in->m,
		.decision = &in->decision,
		.mandate = in->mandate,
		.node = in->node,
		.casus = in->has_casus ? &in->casus : NULL,
		.casus_id = in->h->casus,
		.replay = &in->replay,
	};
}

static int remember(struct core *c, const struct intake *in, uint64_t index, uint64_t forget_ms)
{
	const struct seen seen = { .digest = in->item->job.digest, .entry = index, .forget_ms = forget_ms };

	return err_pass(seen_put(c, in->h->message_id, &seen));
}

static int notice_to(struct core *c, const char *hoedanigheid, struct slip *slip)
{
	struct effect effect = { .kind = EFFECT_NOTICE, .slip = slip_ref(slip) };

	memcpy(effect.hoedanigheid, hoedanigheid, strnlen(hoedanigheid, SENDER_SIZE - 1));
	return err_pass(core_effect(c, &effect));
}

/* ---- the casus ---- */

static int casus_move(struct core *c, struct intake *in, const struct data_key *key)
{
	struct casus *after = arena_alloc(in->item->arena, sizeof *after);
	const struct casus_item *answered = in->n_items ? &in->items[0] : NULL;
	int r;

	if (!after)
		return err_raise(-ENOMEM);
	in->after = in->input.casus;
	if (!in->h->casus.len ||
	    !casus_apply(c->rules.kader, in->input.casus, in->m, answered, c->now_unix_ms, after))
		return 0;
	in->after = after;
	r = casus_write(c, after, key);
	if (!r && (in->m->kind == MESSAGE_AFSLUITING ||
		   (in->m->kind == MESSAGE_BETREKKEN && in->m->body.betrekken.release.n)))
		r = due_withdraw_casus(c, after);
	if (!r && in->m->kind == MESSAGE_AGENDA && in->m->body.agenda.invite.n)
		r = due_add(c, in->m->body.agenda.until_unix_ms, after->id);
	return err_pass(r);
}

/* ---- the message ---- */

static int track_new(struct core *c, const struct intake *in, uint64_t index, struct track *t)
{
	const struct text_list *to = &in->h->recipients;
	struct casus_item item;
	int r;

	*t = (struct track){
		.kind = in->m->kind,
		.digest = in->item->job.digest,
		.entry = index + 1,
		.accepted_ms = c->now_unix_ms,
		.sender = in->h->sender,
		.behalf = in->h->on_behalf_of,
		.casus = in->h->casus,
		.n = to->n,
		.v = arena_array(in->item->arena, to->n ? to->n : 1, sizeof *t->v),
	};
	if (!t->v)
		return err_raise(-ENOMEM);
	memcpy(t->id, in->h->message_id.ptr, ID_BYTES);
	for (size_t i = 0; i < to->n; i++) {
		t->v[i].hoedanigheid = to->v[i];
		t->v[i].outside = in->after && !casus_member(c->rules.registry, in->after, to->v[i], c->now_unix_ms);
	}
	r = item_of(&in->input, in->item->arena, &item);
	return r ? err_pass(r) : err_pass(track_item_set(t, &item, in->item->arena));
}

static int message_keep(struct core *c, struct intake *in, uint64_t index, const struct data_key *key)
{
	struct track t;
	int r = track_new(c, in, index, &t);

	if (!r && t.n)
		r = queue_add(c, &t, key, in->item->wire.body, in->h->mandate);
	if (!r)
		r = due_schedule(c, &t, in->h->deadline_unix_ms);
	return r ? err_pass(r) : err_pass(track_save(c, &t, key));
}

/* ---- what it means for an earlier one ---- */

static int answered(struct core *c, struct intake *in, uint64_t index)
{
	const char *for_whom, **v;
	struct track_recipient *row = in->has_earlier && in->input.request ? answer_row(c, in, &for_whom) : NULL;
	size_t n;

	if (!row || text_equal(in->h->answer_kind, "LATER"))
		return 0;
	n = row->answered_for.n;
	v = arena_array(in->item->arena, n + 1, sizeof *v);
	if (!v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++)
		v[i] = row->answered_for.v[i];
	v[n] = for_whom;
	row->answered_for = (struct text_list){ n + 1, v };
	if (!row->rungs[TRACK_ANSWERED].entry)
		track_reach(c, row, TRACK_ANSWERED, index);
	return err_pass(due_settle(c, &in->earlier));
}

static int reached(struct core *c, struct intake *in, enum track_rung rung, uint64_t index)
{
	const char *for_whom;
	struct track_recipient *row = in->has_earlier ? answer_row(c, in, &for_whom) : NULL;

	if (!row)
		return 0;
	track_reach(c, row, rung, index);
	return err_pass(due_settle(c, &in->earlier));
}

/* What is taken back goes to nobody any more who did not fetch it; who did hears it from the correctie. */
static int taken_back(struct core *c, struct intake *in)
{
	struct casus_item item;
	int r;

	if (!in->n_items || !text_equal(in->m->body.correctie.action, "ingetrokken"))
		return 0;
	item = in->items[0];
	item.withdrawn = true;
	r = track_item_set(&in->earlier, &item, in->item->arena);
	return r ? err_pass(r) : err_pass(due_withdraw_item(c, &in->earlier));
}

/* One of a hernieuwing has no subject: the casus itself knows (casus_apply). */
static int granted(struct core *c, struct intake *in)
{
	struct casus_item after;
	int r;

	if (!in->has_subject)
		return 0;
	r = item_grant(&in->subject_item, &in->items[0], in->m, in->item->arena, &after);
	if (!r)
		r = track_item_set(&in->subject, &after, in->item->arena);
	return r ? err_pass(r) : err_pass(track_save_again(c, &in->subject));
}

static int follow(struct core *c, struct intake *in, uint64_t index)
{
	switch ((int)in->m->kind) {
	case MESSAGE_ANTWOORD:
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return err_pass(answered(c, in, index));
	case MESSAGE_BEVESTIGING:
		return err_pass(reached(c, in, TRACK_CONFIRMED, index));
	case MESSAGE_TERUGKOPPELING:
		return err_pass(reached(c, in, TRACK_REPORTED, index));
	case MESSAGE_CORRECTIE:
		return err_pass(taken_back(c, in));
	case MESSAGE_INSTEMMING:
		return err_pass(granted(c, in));
	default:
		return 0;
	}
}

static bool begins_casus(const struct intake *in)
{
	return (in->m->kind == MESSAGE_AANMELDING || in->m->kind == MESSAGE_MELDING) && !in->has_casus && in->h->casus.len;
}

static int apply_message(struct core *c, struct intake *in)
{
	struct evidence e = evidence_of(in);
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	struct data_key key;
	int r = details_of(in, &e);

	if (!r)
		r = core_batch(c);
	if (!r && begins_casus(in))
		r = retention_open(c, in->h->casus, &key);
	if (!r)
		r = evidence_write(c, &e, &slip);
	if (!r)
		r = retention_key(c, in->h->casus, &key);
	if (!r)
		r = casus_move(c, in, &key);
	if (!r)
		r = retention_key(c, in->h->casus, &key); /* withdrawing may have used many others */
	if (!r)
		r = message_keep(c, in, slip->index, &key);
	if (!r)
		r = follow(c, in, slip->index);
	if (!r)
		r = remember(c, in, slip->index, SEEN_FOR_EVER);
	return r ? err_fold(r) : err_pass(core_receipt(c, in->item, TAKE(slip)));
}

/* ---- the other kinds ---- */

static int apply_geopend(struct core *c, struct intake *in)
{
	struct track_recipient *v = track_recipient_now(c, &in->earlier, in->h->sender);
	struct evidence e = evidence_of(in);
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	int r;

	e.kind = ENTRY_GEOPEND;
	e.message_id = in->earlier.id;
	e.digest = &in->earlier.digest;
	e.recipients = (struct text_list){ 1, &in->earlier.sender };
	e.casus_id = in->earlier.casus;
	r = evidence_write(c, &e, &slip);
	if (!r && !v->rungs[TRACK_OPENED].entry) {
		track_reach(c, v, TRACK_OPENED, slip->index);
		r = track_save_again(c, &in->earlier);
	}
	if (!r)
		r = notice_to(c, in->earlier.sender, slip);
	if (!r)
		r = remember(c, in, slip->index, seen_until(c, in->h));
	return r ? err_pass(r) : err_pass(core_receipt(c, in->item, TAKE(slip)));
}

static int apply_mandaat(struct core *c, struct intake *in)
{
	const bool withdrawn = in->m->body.mandaat.withdrawn;
	struct evidence e = evidence_of(in);
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	char person[160];
	int r;

	e.kind = ENTRY_TOELATING;
	e.mandate = &in->offered;
	snprintf(person, sizeof person, "medewerker=%.120s", in->offered.person);
	e.details[e.n_details++] = person;
	e.details[e.n_details++] = withdrawn ? "ingetrokken=ja" : "ingetrokken=nee";
	r = details_of(in, &e);
	if (!r)
		r = evidence_write(c, &e, &slip);
	if (!r)
		r = mandates_put(c, &in->offered, in->m->body.mandaat.note, withdrawn);
	if (!r)
		r = remember(c, in, slip->index, seen_until(c, in->h));
	return r ? err_pass(r) : err_pass(core_receipt(c, in->item, TAKE(slip)));
}

/* Under the key of the casus that is read, so that it goes with it; not for who may not be on it: a key id in a receipt would tell. */
static int apply_inzage(struct core *c, struct intake *in)
{
	const struct body_inzage *q = &in->m->body.inzage;
	struct evidence e = evidence_of(in);
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	struct inzage_words words;
	int r;

	e.kind = ENTRY_INZAGE;
	e.casus_id = q->own ? SPAN_NONE : q->casus;
	inzage_describe(q, &words, &e);
	r = evidence_write(c, &e, &slip);
	if (!r)
		r = remember(c, in, slip->index, seen_until(c, in->h));
	if (r)
		return err_pass(r);
	in->item->after = AFTER_PAGE;
	return err_pass(core_receipt(c, in->item, TAKE(slip)));
}

int apply(struct core *c, struct intake *in)
{
	switch (in->m->kind) {
	case MESSAGE_GEOPEND:
		return err_pass(apply_geopend(c, in));
	case MESSAGE_MANDAAT:
		return err_pass(apply_mandaat(c, in));
	case MESSAGE_INZAGE:
		return err_pass(apply_inzage(c, in));
	case MESSAGE_AANMELDING:
	case MESSAGE_BEOORDELING:
	case MESSAGE_BETREKKEN:
	case MESSAGE_FASE:
	case MESSAGE_AFSLUITING:
	case MESSAGE_VERZOEK:
	case MESSAGE_ANTWOORD:
	case MESSAGE_TOESTEMMING:
	case MESSAGE_MELDING:
	case MESSAGE_AANVULLING:
	case MESSAGE_TERUGKOPPELING:
	case MESSAGE_CORRECTIE:
	case MESSAGE_BEVESTIGING:
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_INSTEMMING:
	case MESSAGE_VERSTREKKING:
	case MESSAGE_AGENDA:
	case MESSAGE_HERNIEUWING:
	case MESSAGE_BEKENDHEIDSVRAAG:
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return err_pass(apply_message(c, in));
	case MESSAGE_ONTVANGST: /* ack.c */
	case MESSAGE_KIND_N:
		break;
	}
	return err_raise(-EINVAL);
}
