/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a message must say. Grondslag and doel come before everything else: without a basis no other question
 * matters, and a person who forgot it should hear that and not a list of fields.
 *
 * The form that the decoder guarantees (sizes of ids, sorted lists) is asked again where the law needs the
 * field: a message may come from elsewhere than the wire (a client's "may I?", a replay).
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

/* ---- basis ---- */

static bool grondslag_named(struct judge *j)
{
	judge_must(j, j->regime != REGIME_NONE,
		   j->regime == REGIME_NONE && *j->h->regime ? j->h->regime : "regime");
	judge_must(j, *j->h->grondslag != '\0', "grondslag");
	return true;
}

static bool grondslag_in_kader(struct judge *j)
{
	const struct grondslag *g = kader_grondslag(j->kader, j->h->grondslag);

	if (!*j->h->grondslag || !j->regime)
		return false;
	judge_must(j, g && g->regime == j->regime && g->kinds & KIND_BIT(j->m->kind), j->h->grondslag);
	return true;
}

static bool doel_named(struct judge *j)
{
	judge_must(j, *j->h->doel != '\0', "");
	return true;
}

static bool doel_in_kader(struct judge *j)
{
	const struct doel *d = kader_doel(j->kader, j->h->doel);

	if (!*j->h->doel || !j->regime)
		return false;
	judge_must(j, d && d->regime == j->regime, j->h->doel);
	return true;
}

/* ---- fields ---- */

static bool head_complete(struct judge *j)
{
	const struct header *h = j->h;
	uint32_t kind = KIND_BIT(j->m->kind);

	/* All zero names no message: it stands for one that nobody could read. */
	judge_must(j, h->message_id.len == ID_BYTES && !span_is_zero(h->message_id), "message_id");
	judge_must(j, h->created_unix_ms != 0, "created");
	judge_must(j, h->not_after_unix_ms > h->created_unix_ms, "not_after");
	judge_must(j, *h->sender != '\0', "sender");
	judge_must(j, !(kind & KINDS_PERSON) || *h->person, "person");
	judge_must(j, !(kind & KINDS_CASUS) || h->casus.len == ID_BYTES, "casus");
	judge_must(j, !j->opens || *j->overleg, "overleg");
	judge_must(j, j->m->kind == MESSAGE_ANTWOORD || !*h->answer_kind, "answer_kind");
	judge_must(j, kind & KINDS_PARTS || !j->m->n_parts, "parts");
	judge_must(j, kind & (KINDS_DATA | KIND(VERZOEK)) || !h->categories.n, "categories");
	return true;
}

static bool recipients_distinct(struct judge *j)
{
	const struct text_list *r = &j->h->recipients;

	for (size_t i = 0; i < r->n; i++) {
		judge_must(j, !text_equal(r->v[i], j->h->sender), r->v[i]);
		judge_must(j, i == 0 || strcmp(r->v[i - 1], r->v[i]) < 0, r->v[i]);
	}
	return true;
}

/* ---- time ---- */

static bool in_time(struct judge *j)
{
	judge_as(j, NULL, j->kader->time_article);
	judge_must(j, j->in->now_unix_ms < j->h->not_after_unix_ms, "");
	return true;
}

static bool clock_right(struct judge *j)
{
	judge_as(j, NULL, j->kader->time_article);
	judge_must(j, j->h->created_unix_ms <= j->in->now_unix_ms + j->kader->skew_ms, "");
	return true;
}

/* What is refused as a repetition must be remembered until it expires: that memory needs a bound. */
static bool lifetime_bounded(struct judge *j)
{
	judge_as(j, NULL, j->kader->time_article);
	if (j->h->not_after_unix_ms <= j->h->created_unix_ms)
		return false;
	judge_must(j, j->h->not_after_unix_ms - j->h->created_unix_ms <= j->kader->lifetime_ms, "not_after");
	return true;
}

static bool deadline_ahead(struct judge *j)
{
	if (!j->h->deadline_unix_ms)
		return false;
	judge_must(j, j->h->deadline_unix_ms > j->in->now_unix_ms, "");
	return true;
}

/*
 * A question leaves time to answer with care: a day, and an hour when it is urgent (spoed). Spoed shortens the term
 * and nothing else. A convenant can ask for more time, not for less.
 */
static uint64_t time_left(const struct judge *j)
{
	return j->h->deadline_unix_ms > j->h->created_unix_ms ? j->h->deadline_unix_ms - j->h->created_unix_ms : 0;
}

static bool time_to_answer(struct judge *j)
{
	const struct kader_terms *t = &j->kader->terms;

	if (j->h->deadline_unix_ms <= j->in->now_unix_ms)
		return false; /* termijn.verzoek said so */
	judge_as(j, NULL, j->h->urgent ? j->kader->urgent_article : j->kader->deadline_article);
	judge_must(j, time_left(j) >= (j->h->urgent ? t->ask_urgent_ms : t->ask_ms), "deadline");
	return true;
}

static bool time_agreed(struct judge *j)
{
	const struct kader_terms *t = &j->kader->terms;
	bool judged = false;

	if (j->h->deadline_unix_ms <= j->in->now_unix_ms)
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		const struct afspraak *rule = j->governing[i].rule;
		uint64_t agreed = j->h->urgent ? rule->ask_urgent_ms : rule->ask_ms;

		if (agreed <= (j->h->urgent ? t->ask_urgent_ms : t->ask_ms))
			continue; /* no more than the kader asks */
		judged = true;
		judge_as(j, rule->rule_termijn, NULL);
		judge_must(j, time_left(j) >= agreed, "deadline");
	}
	return judged;
}

static const struct rule rows[] = {
	{ "grondslag.genoemd", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_CASUS, grondslag_named },
	{ "grondslag.kader", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_CASUS, grondslag_in_kader },
	{ "doel.genoemd", CODE_GEEN_DOEL, "WGS 1.8(5), 2.25", KINDS_CASUS, doel_named },
	{ "doel.kader", CODE_GEEN_DOEL, "WGS 1.8(5), 2.25", KINDS_CASUS, doel_in_kader },
	{ "schema.kop", CODE_SCHEMA_ONGELDIG, "WGS 2.31", KINDS_ALL, head_complete },
	{ "schema.ontvangers", CODE_SCHEMA_ONGELDIG, "WGS 2.31(4)", KINDS_PERSON, recipients_distinct },
	{ "tijd.geldig", CODE_TERMIJN_VERSTREKEN, "", KINDS_ALL, in_time },
	{ "tijd.klok", CODE_TERMIJN_VERSTREKEN, "", KINDS_ALL, clock_right },
	{ "tijd.duur", CODE_SCHEMA_ONGELDIG, "", KINDS_ALL, lifetime_bounded },
	{ "termijn.verzoek", CODE_TERMIJN_VERSTREKEN, "WGS 2.31(3)", KIND(VERZOEK), deadline_ahead },
	{ "termijn.redelijk", CODE_SCHEMA_ONGELDIG, "", KIND(VERZOEK), time_to_answer },
	{ "convenant.termijn", CODE_SCHEMA_ONGELDIG, "WGS 2.31(3)", KIND(VERZOEK), time_agreed },
};
const struct rule_list rules_form = { N_ELEMENTS(rows), rows };
