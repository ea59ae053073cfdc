/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The casus. "Not involved" and "no such casus" are one answer, and for an outsider no other rule of this
 * file speaks: a refusal must not tell that there is a casus, in which phase it is, or who is in it.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

static bool is_member(const struct judge *j, const char *hoedanigheid)
{
	return casus_member(j->registry, j->casus, hoedanigheid, j->in->now_unix_ms);
}

static bool casus_is_new(struct judge *j)
{
	judge_must(j, !j->in->casus, "");
	return true;
}

static bool sender_involved(struct judge *j)
{
	if (j->opens)
		return false;
	judge_must(j, j->casus != NULL, j->speaker);
	return true;
}

/* Gone is gone, or should be: the house destroys it any moment (WGS 1.8(7)). */
static bool not_expired(struct judge *j)
{
	if (!j->casus || !j->casus->expires_unix_ms)
		return false;
	judge_must(j, j->in->now_unix_ms < j->casus->expires_unix_ms, "");
	return true;
}

/* In a closed casus goes what the kader lists there: keeping it longer, with the instemming for that, and repairing what was wrong. */
static bool goes_when_closed(const struct judge *j)
{
	const struct phase_row *row = &j->kader->phases[j->casus->regime][PHASE_AFGESLOTEN];
	const char *purpose = "hernieuwing";

	if (j->m->kind == MESSAGE_INSTEMMINGSVERZOEK)
		purpose = j->m->body.instemmingsverzoek.purpose;
	if (j->m->kind == MESSAGE_INSTEMMING && j->answered && j->answered->message.kind == MESSAGE_INSTEMMINGSVERZOEK)
		purpose = j->answered->message.body.instemmingsverzoek.purpose;
	return row->article && row->lids[j->m->kind] && text_equal(purpose, "hernieuwing");
}

static bool casus_is_open(struct judge *j)
{
	if (!j->casus)
		return false;
	judge_must(j, j->casus->phase != PHASE_AFGESLOTEN || goes_when_closed(j), "");
	return true;
}

/*
 * One casus, one purpose: the regime and the overleg under which it was brought in are those under which it
 * is spoken of. Only a change of phase may take it to another overleg, within the same regime.
 */
static bool casus_same_basis(struct judge *j)
{
	if (!j->casus)
		return false;
	judge_must(j, j->casus->regime == j->regime, j->h->regime);
	judge_must(j, j->m->kind == MESSAGE_FASE || text_equal(j->overleg, j->casus->overleg), j->h->overleg);
	return true;
}

/* Who may never do this was told so by handeling.lid; in the phase only what is left counts for him. */
static uint8_t lids_left(const struct judge *j, uint8_t lids, const struct soort *s)
{
	if (s && j->kader->handelingen[j->m->kind].lids & LID_BIT(s->k.lid))
		lids &= LID_BIT(s->k.lid);
	return lids;
}

static bool phase_allows(struct judge *j)
{
	enum phase phase = j->casus ? j->casus->phase : PHASE_GEEN;
	enum regime regime = j->casus ? j->casus->regime : j->regime;
	const struct phase_row *row = &j->kader->phases[regime][phase];
	uint8_t lids = row->lids[j->m->kind];

	if ((!j->casus && !j->opens) || !regime || !j->sender_soort)
		return false;
	if (j->m->kind == MESSAGE_AANMELDING && j->in->casus)
		return false; /* casus.nieuw said so */
	if (phase == PHASE_AFGESLOTEN && !goes_when_closed(j))
		return false; /* and so did casus.open */
	judge_as(j, NULL, row->article);
	judge_must(j, row->article && lids_left(j, lids, j->sender_soort) && lids_left(j, lids, j->speaker_soort),
		   phase_name(phase));
	return true;
}

static bool phase_follows(struct judge *j)
{
	const struct body_fase *b = &j->m->body.fase;
	int next = phase_find(b->phase);

	if (!j->casus || next < 0)
		return false;
	judge_as(j, NULL, j->kader->phases[j->casus->regime][j->casus->phase].article);
	if (next == (int)j->casus->phase) /* only the AVE level changes, or the overleg */
		judge_must(j, *b->ave || !text_equal(j->overleg, j->casus->overleg), b->phase);
	else
		judge_must(j, j->kader->phases[j->casus->regime][j->casus->phase].next >> next & 1, b->phase);
	return true;
}

/*
 * A question may go to who answers for one of the circle under a volmacht; it answers in that one's name.
 */
static bool answers_for_member(const struct judge *j, const char *hoedanigheid)
{
	bool held = j->m->kind == MESSAGE_VERZOEK && j->n_governing > 0;

	for (size_t i = 0; held && i < j->n_governing; i++) {
		const struct convenant *c = j->governing[i].convenant;

		held = false;
		for (size_t k = 0; k < c->n_volmachten; k++)
			held = held || (is_member(j, c->volmachten[k].giver) &&
					convenant_volmacht(c, c->volmachten[k].giver, hoedanigheid, MESSAGE_ANTWOORD,
							   j->overleg, j->in->now_unix_ms));
	}
	return held;
}

/* A house or a verband is told of nobody that he is on a casus: only whether who asked it still is. */
static bool may_hear_of(const struct judge *j, const char *recipient)
{
	return !judge_outside(judge_lid(j, j->knower)) || (j->request && judge_stands(j, recipient, j->request->sender));
}

/*
 * To whom a message about an item goes, the item says, also when he has left since (rule_item.c). A house and a verband
 * are never of the circle: what may go to them, its basis says (grondslag.adressaat).
 */
static bool recipients_involved(struct judge *j)
{
	const struct text_list *r = &j->h->recipients;
	bool judged = false;

	if (!j->casus || j->opens)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct soort *s = j->recipient_soorten[i];
		bool coming = (j->m->kind == MESSAGE_BETREKKEN && judge_text_in(r->v[i], &j->m->body.betrekken.involve)) ||
			      (j->m->kind == MESSAGE_AGENDA && judge_text_in(r->v[i], &j->m->body.agenda.invite));

		if (!may_hear_of(j, r->v[i]))
			continue;
		judged = true;
		judge_must(j, coming || (s && judge_outside(s->k.lid)) || is_member(j, r->v[i]) ||
			   answers_for_member(j, r->v[i]), r->v[i]);
	}
	return judged;
}

/* ---- who is in it ---- */

static bool is_l1(const struct judge *j, const char *hoedanigheid)
{
	return judge_lid(j, hoedanigheid) == LID_L1;
}

/* An aanmelding nobody may assess, a casus nobody may close: each casus has a controller (WGS 2.27(3)). */
static bool controller_asked(struct judge *j)
{
	bool found = is_l1(j, j->speaker);

	if (!j->opens)
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++)
		found = found || is_l1(j, j->h->recipients.v[i]);
	judge_must(j, found, "");
	return true;
}

static bool controller_stays(struct judge *j)
{
	const struct body_betrekken *b = &j->m->body.betrekken;
	bool found = false;

	if (!j->casus)
		return false;
	for (size_t i = 0; i < j->casus->n_circle; i++)
		found = found ||
			(!judge_text_in(j->casus->circle[i], &b->release) && is_l1(j, j->casus->circle[i]));
	for (size_t i = 0; i < b->involve.n; i++)
		found = found || is_l1(j, b->involve.v[i]);
	judge_must(j, found, "");
	return true;
}

/*
 * The first circle assesses, and is therefore of L1 (WGS 2.31(2), (4)): everybody else comes in by an L1's betrekken.
 * Outside the WGS an overleg begins with those who always sit there; whom an L1 names beyond them is its own decision.
 */
static bool first_circle(struct judge *j)
{
	const bool wgs = j->regime == REGIME_WGS;

	if (!j->opens || !j->regime || (!wgs && is_l1(j, j->speaker)))
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++) {
		const char *to = j->h->recipients.v[i];

		judge_must(j, is_l1(j, to) || (!wgs && j->overleg_row && texts_find(&j->overleg_row->vaste, to) >= 0), to);
	}
	return j->h->recipients.n > 0;
}

static size_t guests_after(const struct judge *j)
{
	const struct text_list *v = &j->m->body.agenda.invite;
	size_t n = v->n;

	for (size_t i = 0; i < j->casus->n_invited; i++)
		n += j->casus->invited[i].until_unix_ms > j->in->now_unix_ms &&
		     !judge_text_in(j->casus->invited[i].hoedanigheid, v);
	return n;
}

/* A casus remembers who is in it, who was asked in, who supplied and who knows: each within bounds. */
static bool casus_bounded(struct judge *j)
{
	const struct casus *c = j->casus;
	bool fits = true;
	size_t n;

	if (!c && !j->opens)
		return false;
	if (j->opens) {
		fits = j->h->recipients.n < CASUS_CIRCLE_MAX;
	} else if (j->m->kind == MESSAGE_BETREKKEN) {
		n = c->n_circle;
		for (size_t i = 0; i < j->m->body.betrekken.involve.n; i++)
			n += !casus_has(c, j->m->body.betrekken.involve.v[i]);
		fits = n <= CASUS_CIRCLE_MAX;
	} else if (j->m->kind == MESSAGE_AGENDA) {
		fits = guests_after(j) <= CASUS_INVITED_MAX;
	} else if (KIND_BIT(j->m->kind) & KINDS_SOURCE && judge_has_data(j)) {
		fits = c->n_suppliers < CASUS_SUPPLIERS_MAX || casus_supplier(c, j->speaker);
	} else if (j->m->kind == MESSAGE_BEKENDHEIDSANTWOORD) {
		fits = c->n_known < CASUS_KNOWN_MAX || casus_knows(c, j->h->sender);
	}
	judge_must(j, fits, "");
	return true;
}

#define KINDS_OPENING (KIND(AANMELDING) | KIND(MELDING))
#define KINDS_BOUNDED (KINDS_SOURCE | KIND(BETREKKEN) | KIND(AGENDA) | KIND(BEKENDHEIDSANTWOORD))
/* Their recipients follow from an earlier message: rule_item.c. */
#define KINDS_ADDRESSED_BY_ITEM                                                                             \
	(KIND(CORRECTIE) | KIND(BEVESTIGING) | KIND(TERUGKOPPELING) | KIND(INSTEMMINGSVERZOEK) |            \
	 KIND(INSTEMMING) | KIND(AANVULLING))

static const struct rule rows[] = {
	{ "casus.betrokken", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)", KINDS_KNOWN_CASUS,
	  sender_involved },
	{ "casus.nieuw", CODE_FASE_STAAT_NIET_TOE, "WGS 2.31(1)", KIND(AANMELDING), casus_is_new },
	{ "bewaartermijn.casus", CODE_BEWAARTERMIJN_VERSTREKEN, "WGS 1.8(7); BGS 1.16", KINDS_KNOWN_CASUS, not_expired },
	{ "casus.open", CODE_CASUS_AFGESLOTEN, "WGS 2.31(8)", KINDS_KNOWN_CASUS, casus_is_open },
	{ "casus.grondslag", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_KNOWN_CASUS, casus_same_basis },
	{ "fase.bericht", CODE_FASE_STAAT_NIET_TOE, "", KINDS_CASUS, phase_allows },
	{ "fase.overgang", CODE_FASE_STAAT_NIET_TOE, "", KIND(FASE), phase_follows },
	{ "casus.ontvanger", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)",
	  KINDS_KNOWN_CASUS & ~KINDS_ADDRESSED_BY_ITEM, recipients_involved },
	{ "casus.eerste-kring", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(2), (4)", KINDS_OPENING, first_circle },
	{ "casus.verantwoordelijke", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3), 2.31(2)", KINDS_OPENING,
	  controller_asked },
	{ "casus.verantwoordelijke-blijft", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3)", KIND(BETREKKEN),
	  controller_stays },
	{ "casus.omvang", CODE_SCHEMA_ONGELDIG, "WGS 2.31(4)", KINDS_BOUNDED, casus_bounded },
};
const struct rule_list rules_casus = { N_ELEMENTS(rows), rows };
