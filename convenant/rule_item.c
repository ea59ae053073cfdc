/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages that rest on others. The source keeps its say over what it gave: it alone adds to it, corrects it and takes it back, and
 * who was told hears of it.
 *
 * What was said before is an item (item.h), and only what the speaker sent or received is here at all: to any other it does not
 * exist.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

/* Instemmingsverzoek for a renewal asks about the casus and names no message. */
static bool names_item(const struct judge *j)
{
	return j->m->kind != MESSAGE_INSTEMMINGSVERZOEK ||
	       !text_equal(j->m->body.instemmingsverzoek.purpose, "hernieuwing");
}

bool judge_item_has_data(const struct judge *j, const struct casus_item *item)
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
	else /* more of what one passed on is no more of one's own */
		fits = KIND_BIT(kind) & (KINDS_SOURCE | KIND(CORRECTIE) |
					 (j->m->kind == MESSAGE_AANVULLING ? 0 : KIND(VERSTREKKING))) &&
		       judge_item_has_data(j, j->answered);
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

void judge_parts_in(struct judge *j, const struct code_set *set)
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
	judge_parts_in(j, &asked);
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
	judge_parts_in(j, &asked);
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
};
const struct rule_list rules_item = { N_ELEMENTS(rows), rows };
