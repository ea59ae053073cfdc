/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The casus. "Not involved" and "no such casus" are one answer, and for an outsider no other rule of this
 * file speaks: a refusal must not tell that there is a casus, in which phase it is, or who is in it.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

static bool casus_is_new(struct judge *j)
{
	judge_must(j, !j->in->casus, "");
	return true;
}

static bool sender_involved(struct judge *j)
{
	judge_must(j, j->casus != NULL, j->h->sender);
	return true;
}

static bool casus_is_open(struct judge *j)
{
	if (!j->casus)
		return false;
	judge_must(j, j->casus->phase != PHASE_AFGESLOTEN, "");
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

static bool phase_allows(struct judge *j)
{
	enum phase phase = j->casus ? j->casus->phase : PHASE_GEEN;
	enum regime regime = j->casus ? j->casus->regime : j->regime;
	const struct phase_row *row = &j->kader->phases[regime][phase];
	uint8_t lids = row->lids[j->m->kind];

	if ((!j->casus && j->m->kind != MESSAGE_AANMELDING) || !regime || phase == PHASE_AFGESLOTEN ||
	    !j->sender_soort)
		return false;
	if (j->m->kind == MESSAGE_AANMELDING && j->in->casus)
		return false; /* casus.nieuw said so */
	judge_as(j, NULL, row->article);
	/* Who may never do this was told so by handeling.lid; here only the phase counts for him. */
	if (j->kader->handelingen[j->m->kind].lids & LID_BIT(j->sender_soort->k.lid))
		lids &= LID_BIT(j->sender_soort->k.lid);
	judge_must(j, row->article && lids, phase_name(phase));
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

static bool recipients_involved(struct judge *j)
{
	const struct text_list *r = &j->h->recipients;

	if (!j->casus || !r->n)
		return false;
	for (size_t i = 0; i < r->n; i++)
		judge_must(j, casus_has(j->casus, r->v[i]) || (j->m->kind == MESSAGE_BETREKKEN &&
			   judge_text_in(r->v[i], &j->m->body.betrekken.involve)), r->v[i]);
	return true;
}

/* ---- who is in it ---- */

static bool is_l1(const struct judge *j, const char *hoedanigheid)
{
	const struct soort *s = judge_soort(j, hoedanigheid);

	return s && s->k.lid == LID_L1;
}

/* An aanmelding nobody may assess, a casus nobody may close: each casus has a controller (WGS 2.27(3)). */
static bool controller_asked(struct judge *j)
{
	bool found = is_l1(j, j->h->sender);

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

static bool circle_bounded(struct judge *j)
{
	size_t n = 0;

	if (j->m->kind == MESSAGE_AANMELDING) {
		n = j->h->recipients.n + 1;
	} else {
		if (!j->casus)
			return false;
		n = j->casus->n_circle;
		for (size_t i = 0; i < j->m->body.betrekken.involve.n; i++)
			n += !casus_has(j->casus, j->m->body.betrekken.involve.v[i]);
	}
	judge_must(j, n <= CASUS_CIRCLE_MAX, "");
	return true;
}

#define KINDS_CIRCLE (KIND_BIT(MESSAGE_AANMELDING) | KIND_BIT(MESSAGE_BETREKKEN))

static const struct rule rows[] = {
	{ "casus.betrokken", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)", KINDS_KNOWN_CASUS,
	  sender_involved },
	{ "casus.nieuw", CODE_FASE_STAAT_NIET_TOE, "WGS 2.31(1)", KIND_BIT(MESSAGE_AANMELDING),
	  casus_is_new },
	{ "casus.open", CODE_CASUS_AFGESLOTEN, "WGS 2.31(8)", KINDS_KNOWN_CASUS, casus_is_open },
	{ "casus.grondslag", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_KNOWN_CASUS, casus_same_basis },
	{ "fase.bericht", CODE_FASE_STAAT_NIET_TOE, "", KINDS_CASUS, phase_allows },
	{ "fase.overgang", CODE_FASE_STAAT_NIET_TOE, "", KIND_BIT(MESSAGE_FASE), phase_follows },
	{ "casus.ontvanger", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)", KINDS_KNOWN_CASUS,
	  recipients_involved },
	{ "casus.verantwoordelijke", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3), 2.31(2)",
	  KIND_BIT(MESSAGE_AANMELDING), controller_asked },
	{ "casus.verantwoordelijke-blijft", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3)",
	  KIND_BIT(MESSAGE_BETREKKEN), controller_stays },
	{ "casus.omvang", CODE_SCHEMA_ONGELDIG, "WGS 2.31(4)", KINDS_CIRCLE, circle_bounded },
};
const struct rule_list rules_casus = { N_ELEMENTS(rows), rows };
