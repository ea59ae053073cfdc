/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages that rest on others. The source keeps its say over what it gave: it alone adds to it, corrects it, takes it back, and
 * what goes further goes under its conditions and, where the law asks for that, with its instemming (WGS 1.7, 2.28(4), 2.29(3)).
 *
 * What was said before is an item (item.h), and only what the speaker sent or received is here at all: to any other it does not
 * exist. A condition or a missing instemming of one source stops the whole message; nothing is trimmed in silence.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/calendar.h"
#include "convenant/rule.h"

/* Instemmingsverzoek for a renewal asks about the casus and names no message. */
static bool names_item(const struct judge *j)
{
	return j->m->kind != MESSAGE_INSTEMMINGSVERZOEK ||
	       !text_equal(j->m->body.instemmingsverzoek.purpose, "hernieuwing");
}

static bool item_has_data(const struct judge *j, const struct casus_item *item)
{
	for (size_t i = 0; i < item->message.n_parts; i++)
		if (judge_is_data(j, kader_category_index(j->kader, item->message.parts[i].header.category)))
			return true;
	return false;
}

/* ---- what is named ---- */

static bool item_known(struct judge *j)
{
	if (!j->casus || !names_item(j))
		return false;
	judge_must(j, j->answered != NULL, "");
	return true;
}

static bool item_fits(struct judge *j)
{
	enum message_kind kind;
	bool fits;

	if (!j->answered)
		return false;
	kind = j->answered->message.kind;
	if (j->m->kind == MESSAGE_BEVESTIGING)
		fits = kind == MESSAGE_CORRECTIE;
	else if (j->m->kind == MESSAGE_INSTEMMING)
		fits = kind == MESSAGE_INSTEMMINGSVERZOEK;
	else
		fits = KIND_BIT(kind) & (KINDS_SOURCE | KIND(VERSTREKKING)) && item_has_data(j, j->answered);
	judge_must(j, fits, message_kind_name(kind));
	return true;
}

static bool item_stands(struct judge *j)
{
	if (!j->answered && !j->n_sources)
		return false;
	if (j->answered)
		judge_must(j, !j->answered->withdrawn, "");
	for (size_t i = 0; i < j->n_sources; i++)
		if (j->sources[i])
			judge_must(j, !j->sources[i]->withdrawn, "");
	return true;
}

static bool is_mine(const struct judge *j, const struct casus_item *item)
{
	return judge_stands(j, j->speaker, message_source(&item->message));
}

static bool only_the_source(struct judge *j)
{
	if (!j->answered)
		return false;
	judge_must(j, is_mine(j, j->answered), j->speaker);
	return true;
}

/* ---- to whom ---- */

static bool supplement_goes_to_them(struct judge *j)
{
	if (!j->answered)
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, judge_was_sent(j, &j->answered->message.header, j->h->recipients.v[i]), j->h->recipients.v[i]);
	return true;
}

static bool goes_to(const struct judge *j, const char *hoedanigheid)
{
	for (size_t i = 0; i < j->h->recipients.n; i++)
		if (judge_stands(j, j->h->recipients.v[i], hoedanigheid))
			return true;
	return false;
}

/* All of them and nobody else; who has no successor of its own to be told (a split) can't be told. */
static bool correction_goes_to_all(struct judge *j)
{
	const struct header *h;

	if (!j->answered)
		return false;
	h = &j->answered->message.header;
	for (size_t i = 0; i < h->recipients.n; i++)
		judge_must(j, goes_to(j, h->recipients.v[i]) || !registry_heir(j->registry, h->recipients.v[i], j->in->now_unix_ms),
			   h->recipients.v[i]);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, judge_was_sent(j, h, j->h->recipients.v[i]), j->h->recipients.v[i]);
	return true;
}

/* Terugkoppeling, bevestiging: by who received it, to who sent it. */
static bool back_to_the_source(struct judge *j)
{
	const struct message *m;

	if (!j->answered)
		return false;
	m = &j->answered->message;
	judge_must(j, judge_was_sent(j, &m->header, j->speaker), j->speaker);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, judge_stands(j, j->h->recipients.v[i], message_source(m)) ||
			   judge_stands(j, j->h->recipients.v[i], m->header.sender), j->h->recipients.v[i]);
	return true;
}

/* What was taken back is destroyed; to say that one corrected it would keep it. */
static bool confirms_what_was_asked(struct judge *j)
{
	if (!j->answered || j->answered->message.kind != MESSAGE_CORRECTIE)
		return false;
	judge_must(j, !text_equal(j->answered->message.body.correctie.action, "ingetrokken") ||
		   text_equal(j->m->body.bevestiging.action, "vernietigd"), j->m->body.bevestiging.action);
	return true;
}

static bool asks_the_sources(struct judge *j)
{
	if (!j->casus || (names_item(j) && !j->answered))
		return false;
	for (size_t i = 0; i < j->h->recipients.n; i++) {
		const char *to = j->h->recipients.v[i];
		bool source = false;

		if (!names_item(j))
			for (size_t k = 0; k < j->casus->n_suppliers; k++)
				source = source || judge_stands(j, to, j->casus->suppliers[k].hoedanigheid);
		else
			for (size_t k = 0; k < j->answered->suppliers.n; k++)
				source = source || judge_stands(j, to, j->answered->suppliers.v[k]);
		judge_must(j, source, to);
	}
	return true;
}

/* ---- answers ---- */

/* To an outsider there is no casus and so no question: casus.betrokken has refused already. */
static bool answer_was_asked(struct judge *j)
{
	const struct header *q = j->request;

	if (!j->casus)
		return false;
	judge_must(j,
		   q && judge_ids_equal(q->message_id, j->h->in_reply_to) &&
			   judge_ids_equal(q->exchange_id, j->h->exchange_id) && judge_ids_equal(q->casus, j->h->casus),
		   "");
	if (j->failed)
		return true;
	judge_must(j, judge_was_sent(j, q, j->h->sender) || judge_was_sent(j, q, j->speaker), j->speaker);
	judge_must(j, j->h->recipients.n == 1 && judge_stands(j, j->h->recipients.v[0], q->sender), q->sender);
	return true;
}

static bool answer_in_time(struct judge *j)
{
	if (!j->request || !j->request->deadline_unix_ms)
		return false;
	judge_must(j, j->in->now_unix_ms <= j->request->deadline_unix_ms, "");
	return true;
}

static bool answer_same_doel(struct judge *j)
{
	if (!j->request)
		return false;
	judge_must(j, text_equal(j->h->doel, j->request->doel), j->h->doel);
	return true;
}

static struct code_set codes_asked(const struct judge *j, const struct text_list *categories)
{
	struct code_set asked = { 0 };

	for (size_t i = 0; i < categories->n; i++) {
		int c = kader_category_index(j->kader, categories->v[i]);

		if (c >= 0)
			codes_unite(&asked, &j->kader->categories[c].covers);
	}
	return asked;
}

static void parts_must_be_in(struct judge *j, const struct code_set *set)
{
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (judge_is_data(j, j->parts[i]))
			judge_must(j, codes_have(set, (size_t)j->parts[i]), j->m->parts[i].header.category);
}

static bool answer_within(struct judge *j)
{
	struct code_set asked;

	if (!j->request || !judge_has_data(j))
		return false;
	asked = codes_asked(j, &j->request->categories);
	parts_must_be_in(j, &asked);
	return true;
}

/* More of an answer stays within its question, and a correction within what it corrects. */
static bool more_within(struct judge *j)
{
	struct code_set asked = { 0 };

	if (!j->answered || !judge_has_data(j))
		return false;
	if (j->m->kind == MESSAGE_AANVULLING) {
		if (!j->answered->asked.n)
			return false;
		asked = codes_asked(j, &j->answered->asked);
	} else {
		for (size_t i = 0; i < j->answered->message.n_parts; i++) {
			int c = kader_category_index(j->kader, j->answered->message.parts[i].header.category);

			if (c >= 0)
				codes_unite(&asked, &j->kader->categories[c].covers);
		}
	}
	parts_must_be_in(j, &asked);
	return true;
}

/* ---- is he known? ---- */

static bool asks_houses(struct judge *j)
{
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, j->recipient_soorten[i] && j->recipient_soorten[i]->k.lid == LID_HUIS, j->h->recipients.v[i]);
	return j->h->recipients.n > 0;
}

/* Yes or no, and with whom to speak: that somebody is known is all that goes without a basis of its own. */
static bool says_only_whom_to_call(struct judge *j)
{
	for (size_t i = 0; i < j->m->n_parts; i++)
		judge_must(j, text_equal(j->m->parts[i].header.category, "identificerend.contact"),
			   j->m->parts[i].header.category);
	return j->m->n_parts > 0;
}

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
		judge_must(j, j->sources[i] && item_has_data(j, j->sources[i]), "");
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

/* To whom it goes beyond the circle is for those who answer for the processing (WGS 2.27(3), 2.28, 2.31(11)). */
static bool only_l1_goes_outside(struct judge *j)
{
	if (!j->speaker_soort || !j->sender_soort || text_equal(supply(j)->target_kind, "deelnemer"))
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

static bool each_condition(struct judge *j, judge_condition_fn *judge_one)
{
	bool judged = false;

	for (size_t i = 0; i < j->n_sources; i++)
		for (size_t k = 0; j->sources[i] && k < j->sources[i]->message.n_parts; k++) {
			const struct part_header *p = &j->sources[i]->message.parts[k].header;

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
	return each_condition(j, condition_kept);
}

static bool conditions_carried(struct judge *j)
{
	return j->m->n_parts && each_condition(j, condition_carried);
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
	parts_must_be_in(j, &held);
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

static bool renewal_agreed(struct judge *j)
{
	const struct casus *c = j->casus;

	if (!c || !c->n_suppliers)
		return false;
	judge_as(j, NULL, j->kader->renewal_article);
	for (size_t i = 0; i < c->n_suppliers; i++)
		judge_must(j, judge_stands(j, j->speaker, c->suppliers[i].hoedanigheid) ||
			   c->suppliers[i].renewed_until_unix_ms >= j->m->body.hernieuwing.until_unix_ms,
			   c->suppliers[i].hoedanigheid);
	return true;
}

#define BEKENDHEIDSANTWOORD KIND(BEKENDHEIDSANTWOORD)
#define ANSWERS (KIND(ANTWOORD) | BEKENDHEIDSANTWOORD)

static const struct rule rows[] = {
	{ "verwijzing.bekend", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)", KINDS_ABOUT_ITEM, item_known },
	{ "verwijzing.soort", CODE_SCHEMA_ONGELDIG, "BGS 1.7; WGS 1.7", KINDS_ABOUT_ITEM, item_fits },
	{ "verwijzing.ingetrokken", CODE_VOORWAARDE_BRON, "BGS 1.7; WGS 2.29(3)",
	  KIND(AANVULLING) | KIND(CORRECTIE) | KIND(INSTEMMINGSVERZOEK) | KIND(VERSTREKKING), item_stands },
	{ "bron.zelf", CODE_DEELNEMER_ONBEVOEGD, "WGS 1.5(1); BGS 1.7", KIND(AANVULLING) | KIND(CORRECTIE),
	  only_the_source },
	{ "aanvulling.ontvangers", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4)", KIND(AANVULLING),
	  supplement_goes_to_them },
	{ "correctie.ontvangers", CODE_SCHEMA_ONGELDIG, "BGS 1.7; AVG 19", KIND(CORRECTIE), correction_goes_to_all },
	{ "terugkoppeling.bron", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 1.7(4)", KIND(TERUGKOPPELING), back_to_the_source },
	{ "bevestiging.bron", CODE_NIET_BETROKKEN_BIJ_CASUS, "BGS 1.7; AVG 19", KIND(BEVESTIGING), back_to_the_source },
	{ "bevestiging.actie", CODE_SCHEMA_ONGELDIG, "BGS 1.7; AVG 17, 19", KIND(BEVESTIGING), confirms_what_was_asked },
	{ "instemmingsverzoek.bron", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 1.7(3), 2.28(4); BGS 1.16(2)",
	  KIND(INSTEMMINGSVERZOEK), asks_the_sources },
	{ "instemming.gevraagd", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 1.7(3), 2.28(4); BGS 1.16(2)", KIND(INSTEMMING),
	  back_to_the_source },
	{ "antwoord.gevraagd", CODE_CATEGORIE_NIET_GEVRAAGD, "WGS 1.5(1); AVG 5(1)c", ANSWERS, answer_was_asked },
	{ "antwoord.termijn", CODE_TERMIJN_VERSTREKEN, "WGS 2.31(3)", KIND(ANTWOORD), answer_in_time },
	{ "antwoord.doel", CODE_GEEN_DOEL, "WGS 1.8(5)", ANSWERS, answer_same_doel },
	{ "antwoord.categorie", CODE_CATEGORIE_NIET_GEVRAAGD, "AVG 5(1)c", KIND(ANTWOORD), answer_within },
	{ "aanvulling.categorie", CODE_CATEGORIE_NIET_GEVRAAGD, "AVG 5(1)c", KIND(AANVULLING), more_within },
	{ "correctie.categorie", CODE_CATEGORIE_NIET_GEVRAAGD, "AVG 5(1)c", KIND(CORRECTIE), more_within },
	{ "bekendheid.huis", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.28(1)", KIND(BEKENDHEIDSVRAAG), asks_houses },
	{ "bekendheid.inhoud", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.28(1)", BEKENDHEIDSANTWOORD, says_only_whom_to_call },
	{ "verstrekking.bron", CODE_NIET_BETROKKEN_BIJ_CASUS, "WGS 2.31(4); BGS 1.8(2)", KIND(VERSTREKKING), sources_known },
	{ "verstrekking.doel", CODE_DEELNEMER_ONBEVOEGD, "WGS 1.7, 2.28; BGS 2.21", KIND(VERSTREKKING), target_fits },
	{ "verstrekking.lid", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27(3), 2.28, 2.31(11)", KIND(VERSTREKKING),
	  only_l1_goes_outside },
	{ "verstrekking.voorwaarde", CODE_VOORWAARDE_BRON, "WGS 2.29(3), 1.7(1)", KIND(VERSTREKKING), conditions_kept },
	{ "verstrekking.voorwaarden-mee", CODE_VOORWAARDE_BRON, "WGS 2.29(3), 1.7(1)", KIND(VERSTREKKING),
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
const struct rule_list rules_item = { N_ELEMENTS(rows), rows };
