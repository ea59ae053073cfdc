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
 * agendadeelnemer gets no further than that either: he must be involved in this casus first.
 */
static bool participants_only(struct judge *j)
{
	const struct reg_overleg *o = j->overleg_row;

	if (!o || !(o->vaste.n + o->agenda.n))
		return false;
	participant_must(j, j->h->sender);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		participant_must(j, j->h->recipients.v[i]);
	for (size_t i = 0; j->m->kind == MESSAGE_BETREKKEN && i < j->m->body.betrekken.involve.n; i++)
		participant_must(j, j->m->body.betrekken.involve.v[i]);
	return true;
}

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

static bool convenant_has_asker(struct judge *j)
{
	bool judged = false;

	for (size_t i = 0; i < j->n_governing; i++) {
		const struct text_list *askers = &j->governing[i].rule->askers;

		if (!askers->n)
			continue;
		judged = true;
		judge_as(j, j->governing[i].rule->rule_vrager, NULL);
		judge_must(j, texts_find(askers, j->h->sender) >= 0, j->h->sender);
	}
	return judged;
}

static bool consent_current(const struct casus *c, uint64_t now)
{
	return c->consent && !c->consent_withdrawn && c->consent_given_unix_ms <= now &&
	       (!c->consent_until_unix_ms || now < c->consent_until_unix_ms);
}

/*
 * Where the basis rests on consent, both the question and what is given in answer need it at that moment;
 * what was lawful before a withdrawal stays lawful. An answer that gives nothing needs none.
 */
static bool consent_given(struct judge *j)
{
	bool judged = false;

	if (!j->casus || (j->m->kind == MESSAGE_ANTWOORD && !judge_has_data(j)))
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		if (!j->governing[i].rule->consent)
			continue;
		judged = true;
		judge_as(j, j->governing[i].rule->rule_toestemming, NULL);
		judge_must(j, consent_current(j->casus, j->in->now_unix_ms), "");
	}
	return judged;
}

#define KINDS_ASKING (KIND_BIT(MESSAGE_VERZOEK) | KIND_BIT(MESSAGE_ANTWOORD))

static const struct rule rows[] = {
	{ "overleg.bekend", CODE_GEEN_GRONDSLAG, "WGS 2.26, 1.2(2)", KINDS_CASUS, overleg_known },
	{ "overleg.deelnemer", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.31(4)", KINDS_CASUS, participants_only },
	{ "convenant.overleg", CODE_GEEN_GRONDSLAG, "", KINDS_CASUS, convenant_has_rule },
	{ "convenant.grondslag", CODE_GEEN_GRONDSLAG, "", KINDS_CASUS, convenant_has_grondslag },
	{ "convenant.doel", CODE_GEEN_DOEL, "", KINDS_CASUS, convenant_has_doel },
	{ "convenant.toestemming", CODE_GEEN_GRONDSLAG, "AVG 6(1)a, 7", KINDS_ASKING, consent_given },
	{ "convenant.bericht", CODE_CONVENANT_ONGELDIG, "", KINDS_CASUS, convenant_has_kind },
	{ "convenant.vrager", CODE_DEELNEMER_ONBEVOEGD, "", KIND_BIT(MESSAGE_VERZOEK), convenant_has_asker },
};
const struct rule_list rules_basis = { N_ELEMENTS(rows), rows };
