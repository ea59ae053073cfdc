/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a message of its kind must say. All that is missing is told at once, and by the name of the field.
 *
 * Reasons, kinds of notice, grounds and classes are codes of the kader: free words would say something of the casus in
 * the open, and could not be counted. What needs words is sealed.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

static bool id_given(struct span id)
{
	return id.len == ID_BYTES;
}

static bool code_of(const char *word, const struct text_list *codes)
{
	return judge_text_in(word, codes);
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

static const struct kader_klasse *klasse_of(const struct judge *j)
{
	return kader_klasse(j->kader, j->m->kind == MESSAGE_AANMELDING ? j->m->body.aanmelding.klasse :
				      j->casus			       ? j->casus->klasse :
									 "");
}

static bool is_anonymous(const struct judge *j)
{
	const struct kader_klasse *klasse = klasse_of(j);

	return klasse && klasse->anonymous;
}

static bool aanmelding_complete(struct judge *j)
{
	const struct body_aanmelding *b = &j->m->body.aanmelding;
	const struct kader_klasse *klasse = klasse_of(j);
	bool wgs = j->regime == REGIME_WGS;

	judge_must(j, klasse ? !klasse->regime || klasse->regime == j->regime : !wgs && !*b->klasse, "klasse");
	judge_must(j, !*b->ave || judge_text_in(b->ave, &j->kader->ave), "ave");
	judge_must(j, !*b->leeftijdsklasse || judge_text_in(b->leeftijdsklasse, &j->kader->age_classes),
		   "leeftijdsklasse");
	for (size_t i = 0; i < b->gemeenten.n; i++)
		judge_must(j, gemeente_valid(b->gemeenten.v[i]), "gemeenten");
	if (wgs && !is_anonymous(j))
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

/* The words behind each criterion, sealed to who has to judge them: the house can't read them, but it sees that they are there. */
static bool criteria_motivated(struct judge *j)
{
	static const char *const categories[] = { "motivering.a", "motivering.b", "motivering.c", "motivering.d" };

	if (j->regime != REGIME_WGS || (j->m->kind == MESSAGE_AANMELDING && is_anonymous(j)))
		return false;
	judge_as(j, NULL, j->kader->criteria_article);
	judge_must(j, j->h->recipients.n > 0, "recipients");
	for (size_t i = 0; i < N_ELEMENTS(categories); i++) {
		size_t times = 0;

		for (size_t k = 0; k < j->m->n_parts; k++)
			times += text_equal(j->m->parts[k].header.category, categories[i]);
		judge_must(j, times == 1, categories[i]);
	}
	return true;
}

/* ---- the anonymous question ---- */

/* Who asks for advice says nothing of anybody: there is no basis for it yet (WGS 2.31(1) begins with an aanmelding). */
static bool nobody_in_it(struct judge *j)
{
	if (!is_anonymous(j))
		return false;
	for (size_t i = 0; i < j->h->categories.n; i++)
		judge_fail(j, j->h->categories.v[i]);
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (!judge_text_in(j->m->parts[i].header.category, &j->h->categories))
			judge_must(j, !judge_part_is_data(j, i), j->m->parts[i].header.category);
	return true;
}

static bool ends_in_advice(struct judge *j)
{
	if (!is_anonymous(j))
		return false;
	judge_must(j, !text_equal(j->m->body.beoordeling.outcome, "in-behandeling"), j->m->body.beoordeling.outcome);
	return true;
}

/* ---- changes of a casus ---- */

static bool toestemming_complete(struct judge *j)
{
	const struct body_toestemming *b = &j->m->body.toestemming;

	if (b->withdrawn)
		return true;
	judge_must(j, b->given_unix_ms != 0 && b->given_unix_ms <= j->in->now_unix_ms + j->kader->skew_ms, "given");
	judge_must(j, !b->until_unix_ms || b->until_unix_ms > b->given_unix_ms, "until");
	judge_must(j, code_of(b->given_by, &j->kader->consent_givers), "given_by");
	judge_must(j, b->categories.n <= CASUS_CONSENT_MAX, "categories");
	judge_must(j, b->hoedanigheden.n <= CASUS_CONSENT_MAX, "hoedanigheden");
	for (size_t i = 0; i < b->categories.n; i++)
		judge_must(j, judge_is_data(j, kader_category_index(j->kader, b->categories.v[i])), b->categories.v[i]);
	for (size_t i = 0; i < b->hoedanigheden.n; i++)
		judge_must(j, judge_soort(j, b->hoedanigheden.v[i]) != NULL, b->hoedanigheden.v[i]);
	return true;
}

static bool agenda_complete(struct judge *j)
{
	const struct body_agenda *b = &j->m->body.agenda;

	judge_must(j, b->meeting_unix_ms > j->in->now_unix_ms, "meeting");
	judge_must(j, !b->invite.n || b->until_unix_ms >= b->meeting_unix_ms, "until");
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
		judge_must(j, code_of(m->body.afsluiting.reason, &j->kader->reasons[MESSAGE_AFSLUITING]), "reason");
	if (m->kind == MESSAGE_GEOPEND)
		judge_must(j, id_given(m->body.geopend.message_id), "message_id");
	if (m->kind == MESSAGE_AGENDA)
		return agenda_complete(j);
	return m->kind == MESSAGE_TOESTEMMING ? toestemming_complete(j) : true;
}

/* Who may come for one casus may do so for one meeting, and a while to do what was agreed there. */
static bool invitation_ends(struct judge *j)
{
	const struct body_agenda *b = &j->m->body.agenda;

	if (!b->invite.n)
		return false;
	judge_as(j, NULL, j->kader->agenda_article);
	judge_must(j, b->until_unix_ms <= b->meeting_unix_ms + j->kader->terms.invitation_ms, "until");
	return true;
}

/* ---- messages that give ---- */

static bool melding_complete(struct judge *j)
{
	judge_must(j, code_of(j->m->body.melding.soort, &j->kader->notices), "soort");
	judge_must(j, j->h->recipients.n > 0, "recipients");
	judge_must(j, *j->h->person_role != '\0', "person_role");
	judge_must(j, j->m->n_parts > 0, "parts");
	return true;
}

static bool aanvulling_complete(struct judge *j)
{
	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n > 0, "recipients");
	judge_must(j, j->m->n_parts > 0, "parts");
	return true;
}

static bool correctie_complete(struct judge *j)
{
	static const char *const actions[] = { "verbeterd", "ingetrokken", NULL };
	const struct body_correctie *b = &j->m->body.correctie;

	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n > 0, "recipients");
	judge_must(j, text_in(b->action, actions), "action");
	judge_must(j, code_of(b->reason, &j->kader->reasons[MESSAGE_CORRECTIE]), "reason");
	judge_must(j, text_equal(b->action, "verbeterd") == (j->m->n_parts > 0), "parts");
	return true;
}

static bool verstrekking_complete(struct judge *j)
{
	static const char *const targets[] = { "deelnemer", "huis", "verband", "derde", NULL };
	const struct body_verstrekking *b = &j->m->body.verstrekking;
	bool derde = text_equal(b->target_kind, "derde");

	judge_must(j, text_in(b->target_kind, targets), "target_kind");
	judge_must(j, b->n_sources > 0, "sources");
	judge_must(j, derde == (*b->target != '\0'), "target");
	judge_must(j, derde == (j->h->recipients.n == 0), "recipients");
	judge_must(j, derde == (j->m->n_parts == 0), "parts");
	judge_must(j, derde || (!*b->verklaring && !b->verklaring_unix_ms), "verklaring");
	return true;
}

/* A derde signs before it hears anything (BGS 2.21(2)); which paper that was, and when, stands in the record. */
static bool derde_has_signed(struct judge *j)
{
	const struct body_verstrekking *b = &j->m->body.verstrekking;

	if (!text_equal(b->target_kind, "derde"))
		return false;
	judge_must(j, *b->verklaring && b->verklaring_unix_ms && b->verklaring_unix_ms <= j->in->now_unix_ms, b->target);
	return true;
}

/* ---- messages about messages ---- */

static bool terugkoppeling_complete(struct judge *j)
{
	static const char *const soorten[] = { "monitoring", "jaarlijks", NULL };
	static const char *const bruikbaar[] = { "ja", "deels", "nee", NULL };
	static const char *const vervolg[] = { "ja", "nee", NULL };
	const struct body_terugkoppeling *b = &j->m->body.terugkoppeling;
	bool reason = code_of(b->reden, &j->kader->reasons[MESSAGE_TERUGKOPPELING]);

	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n == 1, "recipients");
	judge_must(j, text_in(b->soort, soorten), "soort");
	judge_must(j, text_in(b->bruikbaar, bruikbaar), "bruikbaar");
	judge_must(j, text_in(b->vervolg, vervolg), "vervolg");
	judge_must(j, text_equal(b->vervolg, "nee") ? reason : reason || !*b->reden, "reden");
	judge_must(j, j->m->n_parts <= 1, "parts");
	return true;
}

static bool bevestiging_complete(struct judge *j)
{
	static const char *const actions[] = { "verbeterd", "vernietigd", NULL };

	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n == 1, "recipients");
	judge_must(j, text_in(j->m->body.bevestiging.action, actions), "action");
	return true;
}

static bool instemmingsverzoek_complete(struct judge *j)
{
	const struct body_instemmingsverzoek *b = &j->m->body.instemmingsverzoek;
	bool renewal = text_equal(b->purpose, "hernieuwing");

	judge_must(j, code_of(b->purpose, &j->kader->consent_purposes), "purpose");
	judge_must(j, renewal ? !j->h->in_reply_to.len : id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n > 0, "recipients");
	judge_must(j, !renewal || !*b->target, "target");
	judge_must(j, b->until_unix_ms ? b->until_unix_ms > j->in->now_unix_ms : !renewal, "until");
	judge_must(j, j->m->n_parts <= 1, "parts");
	return true;
}

static bool instemming_complete(struct judge *j)
{
	const struct body_instemming *b = &j->m->body.instemming;

	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n == 1, "recipients");
	judge_must(j, !b->granted || !b->until_unix_ms || b->until_unix_ms > j->in->now_unix_ms, "until");
	return true;
}

static bool hernieuwing_complete(struct judge *j)
{
	static const char *const grounds[] = { "open-complex", "recidiverisico", NULL };
	const struct body_hernieuwing *b = &j->m->body.hernieuwing;

	judge_must(j, text_in(b->ground, grounds), "ground");
	judge_must(j, b->until_unix_ms > j->in->now_unix_ms, "until");
	return true;
}

/* ---- is he known? ---- */

static bool bekendheidsvraag_complete(struct judge *j)
{
	judge_must(j, id_given(j->h->exchange_id), "exchange_id");
	judge_must(j, j->h->recipients.n > 0, "recipients");
	judge_must(j, *j->h->noodzaak != '\0', "noodzaak");
	judge_must(j, j->m->n_parts == 1, "vraag");
	return true;
}

static bool bekendheidsantwoord_complete(struct judge *j)
{
	judge_must(j, id_given(j->h->in_reply_to), "in_reply_to");
	judge_must(j, j->h->recipients.n == 1, "recipients");
	judge_must(j, j->m->n_parts == (j->m->body.bekendheidsantwoord.known ? 1 : 0), "parts");
	return true;
}

#define KINDS_CHANGE                                                                                        \
	(KIND(BETREKKEN) | KIND(FASE) | KIND(AFSLUITING) | KIND(TOESTEMMING) | KIND(AGENDA) | KIND(GEOPEND))

static const struct rule rows[] = {
	{ "schema.verzoek", CODE_SCHEMA_ONGELDIG, "WGS 2.31(3)", KIND(VERZOEK), verzoek_complete },
	{ "schema.antwoord", CODE_SCHEMA_ONGELDIG, "WGS 1.5(1)", KIND(ANTWOORD), antwoord_complete },
	{ "schema.aanmelding", CODE_SCHEMA_ONGELDIG, "BGS 2.20", KIND(AANMELDING), aanmelding_complete },
	{ "schema.beoordeling", CODE_SCHEMA_ONGELDIG, "BGS 2.20(3)", KIND(BEOORDELING), beoordeling_complete },
	{ "schema.motivering", CODE_SCHEMA_ONGELDIG, "BGS 2.20(3)", KIND(AANMELDING) | KIND(BEOORDELING),
	  criteria_motivated },
	{ "klasse.anoniem", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.31(1); AVG 5(1)c",
	  (KINDS_DATA & ~KIND(BEKENDHEIDSANTWOORD)) | KIND(VERZOEK), nobody_in_it },
	{ "klasse.uitkomst", CODE_FASE_STAAT_NIET_TOE, "WGS 2.31(1), (2)", KIND(BEOORDELING), ends_in_advice },
	{ "schema.wijziging", CODE_SCHEMA_ONGELDIG, "WGS 2.31", KINDS_CHANGE, change_complete },
	{ "agenda.termijn", CODE_SCHEMA_ONGELDIG, "WGS 2.31(4)", KIND(AGENDA), invitation_ends },
	{ "schema.melding", CODE_SCHEMA_ONGELDIG, "WGS 1.5(1), 1.2(2)", KIND(MELDING), melding_complete },
	{ "schema.aanvulling", CODE_SCHEMA_ONGELDIG, "WGS 1.5(1)", KIND(AANVULLING), aanvulling_complete },
	{ "schema.correctie", CODE_SCHEMA_ONGELDIG, "BGS 1.7; AVG 19", KIND(CORRECTIE), correctie_complete },
	{ "schema.bevestiging", CODE_SCHEMA_ONGELDIG, "BGS 1.7; AVG 19", KIND(BEVESTIGING), bevestiging_complete },
	{ "schema.terugkoppeling", CODE_SCHEMA_ONGELDIG, "WGS 1.7(4)", KIND(TERUGKOPPELING), terugkoppeling_complete },
	{ "schema.instemmingsverzoek", CODE_SCHEMA_ONGELDIG, "WGS 1.7(3), 2.28(4)", KIND(INSTEMMINGSVERZOEK),
	  instemmingsverzoek_complete },
	{ "schema.instemming", CODE_SCHEMA_ONGELDIG, "WGS 1.7(3), 2.28(4)", KIND(INSTEMMING), instemming_complete },
	{ "schema.verstrekking", CODE_SCHEMA_ONGELDIG, "WGS 1.7, 2.28", KIND(VERSTREKKING), verstrekking_complete },
	{ "verstrekking.verklaring", CODE_SCHEMA_ONGELDIG, "BGS 2.21(1), (2)", KIND(VERSTREKKING), derde_has_signed },
	{ "schema.hernieuwing", CODE_SCHEMA_ONGELDIG, "BGS 1.16(2), (3)", KIND(HERNIEUWING), hernieuwing_complete },
	{ "schema.bekendheidsvraag", CODE_SCHEMA_ONGELDIG, "WGS 2.28(1)", KIND(BEKENDHEIDSVRAAG),
	  bekendheidsvraag_complete },
	{ "schema.bekendheidsantwoord", CODE_SCHEMA_ONGELDIG, "WGS 2.28(1)", KIND(BEKENDHEIDSANTWOORD),
	  bekendheidsantwoord_complete },
};
const struct rule_list rules_kind = { N_ELEMENTS(rows), rows };
