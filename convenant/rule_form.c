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
	judge_must(j, j->m->kind != MESSAGE_AANMELDING || *j->overleg, "overleg");
	judge_must(j, j->m->kind == MESSAGE_ANTWOORD || !*h->answer_kind, "answer_kind");
	judge_must(j, kind & KINDS_PARTS || !j->m->n_parts, "parts");
	judge_must(j, kind & (KINDS_DATA | KIND_BIT(MESSAGE_VERZOEK)) || !h->categories.n, "categories");
	return true;
}

static bool verzoek_complete(struct judge *j)
{
	const struct header *h = j->h;

	judge_must(j, h->exchange_id.len == ID_BYTES, "exchange_id");
	judge_must(j, h->recipients.n > 0, "recipients");
	judge_must(j, *h->noodzaak != '\0', "noodzaak");
	judge_must(j, h->categories.n > 0, "categories");
	judge_must(j, *h->person_role != '\0', "person_role");
	judge_must(j, h->deadline_unix_ms != 0, "deadline");
	judge_must(j, j->m->n_parts == 1 && text_equal(j->m->parts[0].header.category, "vraag"), "vraag");
	return true;
}

static bool antwoord_complete(struct judge *j)
{
	static const char *const kinds[] = { "GEGEVENS", "DEELS", "NIET_BEKEND", "WEIGERING", "LATER", NULL };
	static const char *const with_data[] = { "GEGEVENS", "DEELS", NULL };
	const struct header *h = j->h;

	judge_must(j, h->exchange_id.len == ID_BYTES, "exchange_id");
	judge_must(j, h->in_reply_to.len == ID_BYTES, "in_reply_to");
	judge_must(j, h->recipients.n == 1, "recipients");
	judge_must(j, text_in(h->answer_kind, kinds), "answer_kind");
	judge_must(j, text_in(h->answer_kind, with_data) == (j->m->n_parts > 0), "parts");
	return true;
}

static bool gemeente_valid(const char *code)
{
	return strlen(code) == 6 && strncmp(code, "GM", 2) == 0 && strspn(code + 2, "0123456789") == 4;
}

/* a to d, each once, each motivated. */
static void criteria_must(struct judge *j, const struct criterion *criteria, size_t n)
{
	static const char *const names[] = { "criterium a", "criterium b", "criterium c", "criterium d" };

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		size_t times = 0;

		for (size_t k = 0; k < n && k < N_ELEMENTS(names); k++)
			times += criteria[k].id == (char)('a' + (char)i) && criteria[k].motivated;
		judge_must(j, times == 1, names[i]);
	}
}

static bool aanmelding_complete(struct judge *j)
{
	const struct body_aanmelding *b = &j->m->body.aanmelding;
	bool wgs = j->regime == REGIME_WGS;

	judge_must(j, judge_text_in(b->klasse, &j->kader->klassen) || (!wgs && !*b->klasse), "klasse");
	judge_must(j, !*b->ave || judge_text_in(b->ave, &j->kader->ave), "ave");
	judge_must(j, !*b->leeftijdsklasse || judge_text_in(b->leeftijdsklasse, &j->kader->age_classes),
		   "leeftijdsklasse");
	for (size_t i = 0; i < b->gemeenten.n; i++)
		judge_must(j, gemeente_valid(b->gemeenten.v[i]), "gemeenten");
	if (wgs)
		criteria_must(j, b->criteria, b->n_criteria);
	return true;
}

static bool beoordeling_complete(struct judge *j)
{
	static const char *const outcomes[] = { "in-behandeling", "niet-in-behandeling", "advies", NULL };
	const struct body_beoordeling *b = &j->m->body.beoordeling;

	judge_as(j, NULL, j->kader->criteria_article);
	judge_must(j, text_in(b->outcome, outcomes), "outcome");
	criteria_must(j, b->criteria, b->n_criteria);
	/* A complex casus meets all four; taking up one that does not would leave 2.31(3) without its
	 * condition. */
	for (size_t i = 0;
	     text_equal(b->outcome, "in-behandeling") && i < b->n_criteria && i < N_ELEMENTS(b->criteria);
	     i++)
		judge_must(j, b->criteria[i].met, "outcome");
	return true;
}

static bool change_complete(struct judge *j)
{
	const struct message *m = j->m;

	if (m->kind == MESSAGE_BETREKKEN)
		judge_must(j, m->body.betrekken.involve.n + m->body.betrekken.release.n > 0, "involve");
	if (m->kind == MESSAGE_FASE) {
		judge_must(j, phase_find(m->body.fase.phase) > PHASE_GEEN, "phase");
		judge_must(j, !*m->body.fase.ave || judge_text_in(m->body.fase.ave, &j->kader->ave), "ave");
	}
	if (m->kind == MESSAGE_AFSLUITING)
		judge_must(j, *m->body.afsluiting.reason != '\0', "reason");
	if (m->kind == MESSAGE_TOESTEMMING && !m->body.toestemming.withdrawn) {
		const struct body_toestemming *t = &m->body.toestemming;

		judge_must(j,
			   t->given_unix_ms != 0 &&
				   t->given_unix_ms <= j->in->now_unix_ms + j->kader->skew_ms,
			   "given");
		judge_must(j, !t->until_unix_ms || t->until_unix_ms > t->given_unix_ms, "until");
	}
	if (m->kind == MESSAGE_GEOPEND)
		judge_must(j, m->body.geopend.message_id.len == ID_BYTES, "message_id");
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

/* ---- no identity in the open ---- */

static void scan(struct judge *j, const char *text, const char *field)
{
	if (*text && text_names_a_person(text))
		judge_fail(j, field);
}

static void scan_list(struct judge *j, const struct text_list *list, const char *field)
{
	for (size_t i = 0; i < list->n; i++)
		scan(j, list->v[i], field);
}

static void scan_body(struct judge *j)
{
	const struct message *m = j->m;

	if (m->kind == MESSAGE_AANMELDING) {
		scan(j, m->body.aanmelding.klasse, "klasse");
		scan(j, m->body.aanmelding.ave, "ave");
		scan(j, m->body.aanmelding.leeftijdsklasse, "leeftijdsklasse");
		scan_list(j, &m->body.aanmelding.gemeenten, "gemeenten");
	} else if (m->kind == MESSAGE_BEOORDELING) {
		scan(j, m->body.beoordeling.outcome, "outcome");
	} else if (m->kind == MESSAGE_BETREKKEN) {
		scan_list(j, &m->body.betrekken.involve, "involve");
		scan_list(j, &m->body.betrekken.release, "release");
	} else if (m->kind == MESSAGE_FASE) {
		scan(j, m->body.fase.phase, "phase");
		scan(j, m->body.fase.ave, "ave");
	} else if (m->kind == MESSAGE_AFSLUITING) {
		scan(j, m->body.afsluiting.reason, "reason");
	} else if (m->kind == MESSAGE_INZAGE) {
		scan(j, m->body.inzage.purpose, "purpose");
		scan(j, m->body.inzage.hoedanigheid, "hoedanigheid");
		scan(j, m->body.inzage.code, "code");
		scan(j, m->body.inzage.category, "category");
		scan(j, m->body.inzage.kind, "kind");
		scan(j, m->body.inzage.person, "inzage.person");
		scan(j, m->body.inzage.grondslag, "inzage.grondslag");
		scan(j, m->body.inzage.doel, "inzage.doel");
		scan(j, m->body.inzage.overleg, "inzage.overleg");
	}
}

static void scan_part(struct judge *j, const struct part_header *p)
{
	scan(j, p->category, "part.category");
	scan(j, p->secrecy_basis, "part.secrecy_basis");
	scan_list(j, &p->conditions, "part.conditions");
	scan(j, p->reference_date, "part.reference_date");
	scan(j, p->source, "part.source");
	scan(j, p->wpg_article, "part.wpg_article");
	scan(j, p->person_category, "part.person_category");
	scan(j, p->media_type, "part.media_type");
}

static bool names_nobody(struct judge *j)
{
	const struct header *h = j->h;

	scan(j, h->sender, "sender");
	scan(j, h->person, "person");
	scan(j, h->on_behalf_of, "on_behalf_of");
	scan(j, h->regime, "regime");
	scan(j, h->grondslag, "grondslag");
	scan(j, h->doel, "doel");
	scan(j, h->noodzaak, "noodzaak");
	scan(j, h->overleg, "overleg");
	scan(j, h->person_role, "person_role");
	scan(j, h->answer_kind, "answer_kind");
	scan_list(j, &h->recipients, "recipients");
	scan_list(j, &h->categories, "categories");
	scan_body(j);
	for (size_t i = 0; i < j->m->n_parts; i++)
		scan_part(j, &j->m->parts[i].header);
	return true;
}

#define KINDS_CHANGE (KIND_BIT(MESSAGE_BETREKKEN) | KIND_BIT(MESSAGE_FASE) | KIND_BIT(MESSAGE_AFSLUITING) | \
		      KIND_BIT(MESSAGE_TOESTEMMING) | KIND_BIT(MESSAGE_GEOPEND))

static const struct rule rows[] = {
	{ "grondslag.genoemd", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_CASUS, grondslag_named },
	{ "grondslag.kader", CODE_GEEN_GRONDSLAG, "WGS 1.8(5)", KINDS_CASUS, grondslag_in_kader },
	{ "doel.genoemd", CODE_GEEN_DOEL, "WGS 1.8(5), 2.25", KINDS_CASUS, doel_named },
	{ "doel.kader", CODE_GEEN_DOEL, "WGS 1.8(5), 2.25", KINDS_CASUS, doel_in_kader },
	{ "schema.kop", CODE_SCHEMA_ONGELDIG, "WGS 2.31", KINDS_ALL, head_complete },
	{ "schema.verzoek", CODE_SCHEMA_ONGELDIG, "WGS 2.31(3)", KIND_BIT(MESSAGE_VERZOEK),
	  verzoek_complete },
	{ "schema.antwoord", CODE_SCHEMA_ONGELDIG, "WGS 1.5(1)", KIND_BIT(MESSAGE_ANTWOORD),
	  antwoord_complete },
	{ "schema.aanmelding", CODE_SCHEMA_ONGELDIG, "BGS 2.20", KIND_BIT(MESSAGE_AANMELDING),
	  aanmelding_complete },
	{ "schema.beoordeling", CODE_SCHEMA_ONGELDIG, "BGS 2.20(3)", KIND_BIT(MESSAGE_BEOORDELING),
	  beoordeling_complete },
	{ "schema.wijziging", CODE_SCHEMA_ONGELDIG, "WGS 2.31", KINDS_CHANGE, change_complete },
	{ "schema.ontvangers", CODE_SCHEMA_ONGELDIG, "WGS 2.31(4)", KINDS_PERSON, recipients_distinct },
	{ "identificatie", CODE_IDENTIFICATIE_IN_METADATA, "WGS 2.29(1); UAVG 46", KINDS_ALL, names_nobody },
	{ "tijd.geldig", CODE_TERMIJN_VERSTREKEN, "", KINDS_ALL, in_time },
	{ "tijd.klok", CODE_TERMIJN_VERSTREKEN, "", KINDS_ALL, clock_right },
	{ "tijd.duur", CODE_SCHEMA_ONGELDIG, "", KINDS_ALL, lifetime_bounded },
	{ "termijn.verzoek", CODE_TERMIJN_VERSTREKEN, "WGS 2.31(3)", KIND_BIT(MESSAGE_VERZOEK),
	  deadline_ahead },
};
const struct rule_list rules_form = { N_ELEMENTS(rows), rows };
