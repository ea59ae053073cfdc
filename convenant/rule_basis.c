/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The basis. The kader says what could be a basis, the register under which regime an overleg works, the
 * convenant what its parties agreed for it. Several convenanten may govern one overleg: each must allow, so a
 * second one only ever narrows.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

static bool overleg_known(struct judge *j)
{
	if (!*j->overleg || !j->regime)
		return false;
	judge_must(j, j->overleg_row && j->overleg_row->regime == j->regime, j->overleg);
	return true;
}

static void participant_must(struct judge *j, const char *hoedanigheid)
{
	const struct reg_overleg *o = j->overleg_row;

	judge_must(j, texts_find(&o->vaste, hoedanigheid) >= 0 || texts_find(&o->agenda, hoedanigheid) >= 0,
		   hoedanigheid);
}

/*
 * No one takes part where he has no task (founding document of the house: no responsibility, no seat). An
 * overleg without a list is made up per casus, and then the circle of the casus is its list. An
 * agendadeelnemer gets no further than that either: he must be involved in this casus first. A house and a
 * verband have no seat at any table of this house.
 */
static bool participants_only(struct judge *j)
{
	const struct reg_overleg *o = j->overleg_row;
	const struct text_list *coming = j->m->kind == MESSAGE_BETREKKEN ? &j->m->body.betrekken.involve :
					 j->m->kind == MESSAGE_AGENDA	 ? &j->m->body.agenda.invite :
									   NULL;

	if (!o || !(o->vaste.n + o->agenda.n))
		return false;
	if (!j->speaker_soort || !judge_outside(j->speaker_soort->k.lid))
		participant_must(j, j->speaker);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (!j->recipient_soorten[i] || !judge_outside(j->recipient_soorten[i]->k.lid))
			participant_must(j, j->h->recipients.v[i]);
	for (size_t i = 0; coming && i < coming->n; i++)
		participant_must(j, coming->v[i]);
	return true;
}

/* ---- to whom a basis reaches ---- */

/* Only what the law gives another house or verband goes there; and what it gives them goes to nobody else on that basis. */
static bool addressees_fit(struct judge *j)
{
	const struct grondslag *g = kader_grondslag(j->kader, j->h->grondslag);

	if (!g || !j->h->recipients.n)
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (j->recipient_soorten[i])
			judge_must(j, g->to & LID_BIT(j->recipient_soorten[i]->k.lid) || j->recipient_soorten[i]->k.lid == LID_DERDE,
				   j->h->recipients.v[i]);
	return true;
}

/* First whether he is known there, and only then the rest (WGS 2.28(1), (2)). */
static bool known_there(struct judge *j)
{
	const struct grondslag *g = kader_grondslag(j->kader, j->h->grondslag);
	bool judged = false;

	if (!g || !g->after_known || !j->casus)
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (j->recipient_soorten[i] && j->recipient_soorten[i]->k.lid == LID_HUIS) {
			judged = true;
			judge_must(j, casus_knows(j->casus, j->h->recipients.v[i]), j->h->recipients.v[i]);
		}
	return judged;
}

/* ---- what the convenant says ---- */

static bool convenant_has_rule(struct judge *j)
{
	if (!j->regime ||
	    (!*j->overleg && !j->casus)) /* grondslag.genoemd, schema.kop or casus.betrokken said so */
		return false;
	judge_must(j, j->n_governing > 0, j->overleg);
	return true;
}

static bool convenant_has_kind(struct judge *j)
{
	for (size_t i = 0; i < j->n_governing; i++) {
		judge_as(j, j->governing[i].rule->rule_bericht, NULL);
		judge_must(j, j->governing[i].rule->kinds & KIND_BIT(j->m->kind),
			   message_kind_name(j->m->kind));
	}
	return j->n_governing > 0;
}

static bool convenant_has_grondslag(struct judge *j)
{
	if (!*j->h->grondslag)
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		judge_as(j, j->governing[i].rule->rule_grondslag, NULL);
		judge_must(j, judge_text_in(j->h->grondslag, &j->governing[i].rule->grondslagen),
			   j->h->grondslag);
	}
	return j->n_governing > 0;
}

static bool convenant_has_doel(struct judge *j)
{
	if (!*j->h->doel)
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		judge_as(j, j->governing[i].rule->rule_doel, NULL);
		judge_must(j, judge_text_in(j->h->doel, &j->governing[i].rule->doelen), j->h->doel);
	}
	return j->n_governing > 0;
}

static bool may_ask(const struct judge *j, const struct text_list *askers)
{
	bool found = texts_find(askers, j->speaker) >= 0;

	for (size_t i = 0; !found && i < askers->n; i++)
		found = registry_stands_for(j->registry, j->in->now_unix_ms, j->speaker, askers->v[i]);
	return found;
}

static bool convenant_has_asker(struct judge *j)
{
	bool judged = false;

	for (size_t i = 0; i < j->n_governing; i++) {
		const struct text_list *askers = &j->governing[i].rule->askers;

		if (!askers->n)
			continue;
		judged = true;
		judge_as(j, j->governing[i].rule->rule_vrager, NULL);
		judge_must(j, may_ask(j, askers), j->speaker);
	}
	return judged;
}

/* ---- consent ---- */

static bool consent_current(const struct casus *c, uint64_t now)
{
	return c->consent && !c->consent_withdrawn && c->consent_given_unix_ms <= now &&
	       (!c->consent_until_unix_ms || now < c->consent_until_unix_ms);
}

/*
 * Where the basis rests on consent, both the question and what is given in answer need it at that moment;
 * what was lawful before a withdrawal stays lawful. An answer that gives nothing needs none, and neither does
 * putting right what was given.
 */
static bool needs_consent(const struct judge *j)
{
	return j->casus && (KIND_BIT(j->m->kind) & KINDS_QUESTION || judge_has_data(j));
}

static bool consent_given(struct judge *j)
{
	bool judged = false;

	for (size_t i = 0; needs_consent(j) && i < j->n_governing; i++) {
		if (!j->governing[i].rule->consent)
			continue;
		judged = true;
		judge_as(j, j->governing[i].rule->rule_toestemming, NULL);
		judge_must(j, consent_current(j->casus, j->in->now_unix_ms), "");
	}
	return judged;
}

static bool rests_on_consent(const struct judge *j)
{
	for (size_t i = 0; i < j->n_governing; i++)
		if (j->governing[i].rule->consent)
			return true;
	return false;
}

/* A word of the consent, or under one: a category covers its sub-codes. */
static bool consent_covers(const struct judge *j, int category)
{
	const struct casus *c = j->casus;

	for (size_t i = 0; i < c->n_consent_categories; i++) {
		int agreed = kader_category_index(j->kader, c->consent_categories[i]);

		if (agreed >= 0 && category >= 0 && codes_have(&j->kader->categories[agreed].covers, (size_t)category))
			return true;
	}
	return !c->n_consent_categories;
}

static bool consent_with(const struct judge *j, const char *hoedanigheid)
{
	const struct casus *c = j->casus;

	for (size_t i = 0; i < c->n_consent_partners; i++)
		if (judge_stands(j, hoedanigheid, c->consent_partners[i]))
			return true;
	return !c->n_consent_partners;
}

/* For what it was given, and with whom: who is asked, and who gives. */
static bool consent_scope(struct judge *j)
{
	if (!needs_consent(j) || !rests_on_consent(j) || !consent_current(j->casus, j->in->now_unix_ms))
		return false;
	judge_as(j, NULL, j->kader->consent_article);
	for (size_t i = 0; i < j->h->categories.n; i++)
		judge_must(j, consent_covers(j, j->categories[i]), j->h->categories.v[i]);
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (judge_is_data(j, j->parts[i]) && !judge_text_in(j->m->parts[i].header.category, &j->h->categories))
			judge_must(j, consent_covers(j, j->parts[i]), j->m->parts[i].header.category);
	if (KIND_BIT(j->m->kind) & (KINDS_QUESTION | KIND(VERSTREKKING)))
		for (size_t i = 0; i < j->h->recipients.n; i++)
			judge_must(j, consent_with(j, j->h->recipients.v[i]), j->h->recipients.v[i]);
	else
		judge_must(j, consent_with(j, j->speaker), j->speaker);
	return true;
}

#define KINDS_CONSENT (KIND(VERZOEK) | KIND(ANTWOORD) | KIND(MELDING) | KIND(AANVULLING) | KIND(VERSTREKKING) | \
		       KIND(BEKENDHEIDSVRAAG))

static const struct rule rows[] = {
	{ "overleg.bekend", CODE_GEEN_GRONDSLAG, "WGS 2.26, 1.2(2)", KINDS_CASUS, overleg_known },
	{ "overleg.deelnemer", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.31(4)", KINDS_CASUS & ~KINDS_REPAIR, participants_only },
	{ "grondslag.adressaat", CODE_GEEN_GRONDSLAG, "WGS 2.28; BGS 1.10", KINDS_CASUS, addressees_fit },
	{ "grondslag.bekend", CODE_GEEN_GRONDSLAG, "WGS 2.28(2)", KINDS_KNOWN_CASUS, known_there },
	{ "convenant.overleg", CODE_GEEN_GRONDSLAG, "", KINDS_CASUS, convenant_has_rule },
	{ "convenant.grondslag", CODE_GEEN_GRONDSLAG, "", KINDS_CASUS, convenant_has_grondslag },
	{ "convenant.doel", CODE_GEEN_DOEL, "", KINDS_CASUS, convenant_has_doel },
	{ "convenant.toestemming", CODE_GEEN_GRONDSLAG, "AVG 6(1)a, 7", KINDS_CONSENT, consent_given },
	{ "toestemming.omvang", CODE_GEEN_GRONDSLAG, "", KINDS_CONSENT, consent_scope },
	{ "convenant.bericht", CODE_CONVENANT_ONGELDIG, "", KINDS_CASUS, convenant_has_kind },
	{ "convenant.vrager", CODE_DEELNEMER_ONBEVOEGD, "", KIND(VERZOEK) | KIND(BEKENDHEIDSVRAAG), convenant_has_asker },
};
const struct rule_list rules_basis = { N_ELEMENTS(rows), rows };
