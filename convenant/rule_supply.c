/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What goes further, and what is kept longer: both beyond what was agreed when it was given, and both for the source to say. What
 * goes on goes under the conditions of its source and, where the law asks for that, with its instemming (WGS 1.7, 2.28(4),
 * 2.29(3)); what is kept, is kept with the instemming of each (BGS 1.16).
 *
 * A condition or a missing instemming of one source stops the whole message; nothing is trimmed in silence.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/calendar.h"
#include "convenant/rule.h"

/* ---- verstrekking ---- */

static const struct body_verstrekking *supply(const struct judge *j)
{
	return &j->m->body.verstrekking;
}

static bool sources_known(struct judge *j)
{
	if (!j->casus)
		return false;
	for (size_t i = 0; i < j->n_sources; i++)
		judge_must(j, j->sources[i] && judge_item_has_data(j, j->sources[i]), "");
	return j->n_sources > 0;
}

static enum lid target_lid(const char *kind, bool *deelnemer)
{
	*deelnemer = text_equal(kind, "deelnemer");
	return text_equal(kind, "huis") ? LID_HUIS : text_equal(kind, "verband") ? LID_VERBAND : LID_DERDE;
}

static bool target_fits(struct judge *j)
{
	bool deelnemer;
	enum lid lid = target_lid(supply(j)->target_kind, &deelnemer);

	if (text_equal(supply(j)->target_kind, "derde") && *supply(j)->target)
		judge_must(j, judge_lid(j, supply(j)->target) == LID_DERDE, supply(j)->target);
	for (size_t i = 0; i < j->h->recipients.n; i++) {
		enum lid to = j->recipient_soorten[i] ? j->recipient_soorten[i]->k.lid : LID_N;

		judge_must(j, deelnemer ? to == LID_L1 || to == LID_L2 : to == lid, j->h->recipients.v[i]);
	}
	return true;
}

static bool goes_outside(const struct judge *j)
{
	bool found = j->m->kind == MESSAGE_VERSTREKKING && !text_equal(supply(j)->target_kind, "deelnemer");

	for (size_t i = 0; i < j->h->recipients.n; i++)
		found = found || (j->recipient_soorten[i] && judge_outside(j->recipient_soorten[i]->k.lid));
	return found;
}

/* What goes beyond the circle, a question too, is for those who answer for the processing (WGS 2.27(3), 2.28, 2.31(11)). */
static bool only_l1_goes_outside(struct judge *j)
{
	if (!j->speaker_soort || !j->sender_soort || !goes_outside(j))
		return false;
	judge_must(j, j->speaker_soort->k.lid == LID_L1 && j->sender_soort->k.lid == LID_L1, j->speaker);
	return true;
}

/* ---- conditions ---- */

/* Whether a part of the message comes, by its category, from a part of a source; nothing goes along with a derde but the fact. */
static bool draws_on(const struct judge *j, const struct part_header *source, size_t part)
{
	int c = kader_category_index(j->kader, source->category);

	return c >= 0 && j->parts[part] >= 0 &&
	       codes_meet(&j->kader->categories[c].covers, &j->kader->categories[j->parts[part]].covers);
}

static bool goes_along(const struct judge *j, const struct part_header *source)
{
	bool along = j->m->n_parts == 0;

	for (size_t i = 0; i < j->m->n_parts; i++)
		along = along || draws_on(j, source, i);
	return along;
}

static bool condition_holds(const struct judge *j, const struct voorwaarde *v)
{
	const char *target = supply(j)->target;

	if (judge_text_in(supply(j)->target_kind, &v->forbids))
		return false;
	if (!v->only.n)
		return true;
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (!j->recipient_soorten[i] || !judge_text_in(j->recipient_soorten[i]->k.id, &v->only))
			return false;
	return !*target || (judge_soort(j, target) && judge_text_in(judge_soort(j, target)->k.id, &v->only));
}

typedef void judge_condition_fn(struct judge *j, const struct part_header *source, const char *condition);

static bool each_condition(struct judge *j, const struct casus_item *item, judge_condition_fn *judge_one)
{
	bool judged = false;

	for (size_t k = 0; item && k < item->message.n_parts; k++) {
		const struct part_header *p = &item->message.parts[k].header;

		if (!goes_along(j, p))
			continue;
		for (size_t c = 0; c < p->conditions.n; c++) {
			judged = true;
			judge_one(j, p, p->conditions.v[c]);
		}
	}
	return judged;
}

static void condition_kept(struct judge *j, const struct part_header *source UNUSED, const char *condition)
{
	const struct voorwaarde *v = kader_voorwaarde(j->kader, condition);

	if (v)
		judge_as(j, NULL, v->article);
	judge_must(j, v && condition_holds(j, v), condition);
}

static void condition_carried(struct judge *j, const struct part_header *source, const char *condition)
{
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (draws_on(j, source, i))
			judge_must(j, judge_text_in(condition, &j->m->parts[i].header.conditions), condition);
}

static bool conditions_kept(struct judge *j)
{
	bool judged = false;

	for (size_t i = 0; i < j->n_sources; i++)
		judged = each_condition(j, j->sources[i], condition_kept) || judged;
	return judged;
}

static bool is_ones_own(const struct judge *j, const struct casus_item *item)
{
	for (size_t i = 0; i < item->suppliers.n; i++)
		if (!judge_stands(j, j->speaker, item->suppliers.v[i]))
			return false;
	return true;
}

/* Also by who corrects what he passed on: it is still of its source. */
static bool conditions_carried(struct judge *j)
{
	bool judged = false;

	if (j->m->kind == MESSAGE_CORRECTIE && j->answered && !is_ones_own(j, j->answered))
		judged = each_condition(j, j->answered, condition_carried);
	for (size_t i = 0; i < j->n_sources; i++)
		judged = each_condition(j, j->sources[i], condition_carried) || judged;
	return judged && j->m->n_parts;
}

/* ---- instemming ---- */

static bool grant_reaches(const struct judge *j, const struct item_grant *g)
{
	if (!*g->target)
		return true;
	if (*supply(j)->target)
		return text_equal(g->target, supply(j)->target);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (!judge_stands(j, j->h->recipients.v[i], g->target))
			return false;
	return true;
}

static bool granted(const struct judge *j, const struct casus_item *item, const char *by)
{
	for (size_t i = 0; i < item->n_grants; i++) {
		const struct item_grant *g = &item->grants[i];

		if ((text_equal(g->by, by) || judge_stands(j, g->by, by)) &&
		    text_equal(g->purpose, supply(j)->target_kind) && grant_reaches(j, g) &&
		    (!g->until_unix_ms || j->in->now_unix_ms < g->until_unix_ms))
			return true;
	}
	return false;
}

static bool part_is_special(const struct judge *j, const struct part_header *p)
{
	int c = kader_category_index(j->kader, p->category);

	return c < 0 || j->kader->categories[c].c.special;
}

static bool item_is_special(const struct judge *j, const struct casus_item *item)
{
	for (size_t i = 0; i < item->message.n_parts; i++)
		if (part_is_special(j, &item->message.parts[i].header) && goes_along(j, &item->message.parts[i].header))
			return true;
	return false;
}

/* Health and criminal data leave the circle with the instemming of each who supplied them; one's own needs no asking. */
static bool sources_agree(struct judge *j)
{
	bool judged = false;

	if (text_equal(supply(j)->target_kind, "deelnemer"))
		return false;
	for (size_t i = 0; i < j->n_sources; i++) {
		const struct casus_item *item = j->sources[i];

		if (!item || !item_is_special(j, item))
			continue;
		judged = true;
		for (size_t k = 0; k < item->suppliers.n; k++)
			judge_must(j, judge_stands(j, j->speaker, item->suppliers.v[k]) || granted(j, item, item->suppliers.v[k]),
				   item->suppliers.v[k]);
	}
	return judged;
}

/* What goes on is of what was given: a category that no source held has no source (BGS 1.8(2)). */
static bool supply_within(struct judge *j)
{
	struct code_set held = { 0 };

	if (!j->n_sources)
		return false;
	for (size_t i = 0; i < j->n_sources; i++)
		for (size_t k = 0; j->sources[i] && k < j->sources[i]->message.n_parts; k++) {
			int c = kader_category_index(j->kader, j->sources[i]->message.parts[k].header.category);

			if (c >= 0)
				codes_unite(&held, &j->kader->categories[c].covers);
		}
	judge_parts_in(j, &held);
	return j->m->n_parts > 0;
}

/* ---- secrecy and another verband ---- */

static bool goes_to_verband(const struct judge *j)
{
	bool found = j->m->kind == MESSAGE_VERSTREKKING && text_equal(supply(j)->target_kind, "verband");

	for (size_t i = 0; i < j->h->recipients.n; i++)
		found = found || (j->recipient_soorten[i] && j->recipient_soorten[i]->k.lid == LID_VERBAND);
	return found;
}

static bool bound(const struct judge *j, const char *hoedanigheid)
{
	const struct soort *s = judge_soort(j, hoedanigheid);

	return !s || s->k.secrecy_bound;
}

static void source_not_secret(struct judge *j, const struct casus_item *item)
{
	for (size_t i = 0; i < item->message.n_parts; i++) {
		const struct part_header *p = &item->message.parts[i].header;
		int c = kader_category_index(j->kader, p->category);

		if (c < 0 || !j->kader->categories[c].c.secret || !goes_along(j, p))
			continue;
		for (size_t k = 0; k < item->suppliers.n; k++)
			judge_must(j, !bound(j, item->suppliers.v[k]), p->category);
	}
}

/* Not with consent, not with instemming, on no basis (BGS 1.10(2)). */
static bool secrecy_stays_here(struct judge *j)
{
	if (!goes_to_verband(j))
		return false;
	for (size_t i = 0; i < j->n_sources; i++)
		if (j->sources[i])
			source_not_secret(j, j->sources[i]);
	if (j->m->kind != MESSAGE_VERSTREKKING)
		for (size_t i = 0; i < j->m->n_parts; i++)
			if (judge_is_data(j, j->parts[i]) && j->kader->categories[j->parts[i]].c.secret)
				judge_must(j, !bound(j, j->speaker) && !bound(j, j->h->sender), j->m->parts[i].header.category);
	return true;
}

/* ---- keeping it longer ---- */

static bool renewal_eligible(struct judge *j)
{
	const struct casus *c = j->casus;
	const char *ground = j->m->body.hernieuwing.ground;
	bool fits;

	if (!c)
		return false;
	judge_as(j, NULL, j->kader->renewal_article);
	if (c->phase == PHASE_AFGESLOTEN)
		fits = text_equal(ground, "recidiverisico") &&
		       c->expires_unix_ms <= months_after(j->in->now_unix_ms, j->kader->terms.renewal_from_months);
	else
		fits = text_equal(ground, "open-complex") && c->regime == REGIME_WGS && c->phase >= PHASE_IN_BEHANDELING;
	judge_must(j, fits, ground);
	return true;
}

static bool renewal_bounded(struct judge *j)
{
	const uint64_t until = j->m->body.hernieuwing.until_unix_ms;

	if (!j->casus)
		return false;
	judge_as(j, NULL, j->kader->renewal_article);
	judge_must(j, until <= months_after(j->in->now_unix_ms, j->kader->terms.renewal_months) &&
		   until > j->casus->expires_unix_ms, "until");
	return true;
}

/* Its own word, or that of who came in its place (casus_apply() keeps it under the name of who gave it). */
static uint64_t agreed_until(const struct judge *j, const char *supplier)
{
	const char *heir = registry_heir(j->registry, supplier, j->in->now_unix_ms);
	const struct casus_supplier *own = casus_supplier(j->casus, supplier);
	const struct casus_supplier *later = heir ? casus_supplier(j->casus, heir) : NULL;

	return later && later->renewed_until_unix_ms > own->renewed_until_unix_ms ? later->renewed_until_unix_ms :
										    own->renewed_until_unix_ms;
}

static bool renewal_agreed(struct judge *j)
{
	const struct casus *c = j->casus;

	if (!c || !c->n_suppliers)
		return false;
	judge_as(j, NULL, j->kader->renewal_article);
	for (size_t i = 0; i < c->n_suppliers; i++)
		judge_must(j, judge_stands(j, j->speaker, c->suppliers[i].hoedanigheid) ||
			   agreed_until(j, c->suppliers[i].hoedanigheid) >= j->m->body.hernieuwing.until_unix_ms,
			   c->suppliers[i].hoedanigheid);
	return true;
}

static const struct rule rows[] = {
	{ "verstrekking.bron", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4); BGS 1.8(2)", KIND(VERSTREKKING), sources_known },
	{ "verstrekking.doel", CODE_DEELNEMER_ONBEVOEGD, "WGS 1.7, 2.28; BGS 2.21", KIND(VERSTREKKING), target_fits },
	{ "verstrekking.lid", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3), 2.28, 2.31(11)", KIND(VERSTREKKING),
	  only_l1_goes_outside },
	{ "verzoek.lid", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3), 2.28", KIND(VERZOEK), only_l1_goes_outside },
	{ "verstrekking.voorwaarde", CODE_VOORWAARDE_BRON, "WGS 2.29(3), 1.7(1)", KIND(VERSTREKKING), conditions_kept },
	{ "verstrekking.voorwaarden-mee", CODE_VOORWAARDE_BRON, "WGS 2.29(3), 1.7(1)", KIND(VERSTREKKING) | KIND(CORRECTIE),
	  conditions_carried },
	{ "verstrekking.geheim", CODE_BEROEPSGEHEIM_GEEN_BASIS, "BGS 1.10(2)", KINDS_DATA, secrecy_stays_here },
	{ "verstrekking.instemming", CODE_GEEN_INSTEMMING_BRON, "WGS 1.7(3), (8), 2.28(4)", KIND(VERSTREKKING),
	  sources_agree },
	{ "verstrekking.categorie", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 1.7; BGS 1.8(2)", KIND(VERSTREKKING),
	  supply_within },
	{ "hernieuwing.casus", CODE_BEWAARTERMIJN_VERSTREKEN, "", KIND(HERNIEUWING), renewal_eligible },
	{ "hernieuwing.duur", CODE_BEWAARTERMIJN_VERSTREKEN, "", KIND(HERNIEUWING), renewal_bounded },
	{ "hernieuwing.instemming", CODE_BEWAARTERMIJN_VERSTREKEN, "", KIND(HERNIEUWING), renewal_agreed },
};
const struct rule_list rules_supply = { N_ELEMENTS(rows), rows };
