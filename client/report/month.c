/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a privacy officer looks at each month: what was refused and to whom, each use of the emergency route, what is overdue, who read
 * the log, and what changed in the rules.
 */
#include <string.h>

#include "client/report/report.h"
#include "proto/code.h"

#define DAY_MS UINT64_C(86400000)
#define ASSESS_DAYS 30 /* our reading: an aanmelding that nobody assessed for so long is shown; no law names a term */

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool refused(const struct report_making *m, const struct report_record *r)
{
	return report_within(m->o, r->unix_ms) && is(r->kind, "BERICHT") && !report_allowed(r);
}

static void refusals_table(struct report_making *m)
{
	struct tally tally = { 0 };
	uint64_t n = 0;
	json_t *t = doc_table(m->doc, "weigeringen", "Weigeringen per code",
			      "Berichten die het huis weigerde. Een bericht telt bij de code waarmee het werd geweigerd; een "
			      "herhaling (HERHALING) is hetzelfde bericht nog eens.",
			      (const char *const[]){ "code:label:code", "aantal:count:aantal", "deel:share:deel",
			      	"uitleg:text:wat het betekent", NULL });

	for (size_t i = 0; i < m->log->n; i++)
		if (refused(m, &m->log->v[i])) {
			tally_row(&tally, m->log->v[i].code, NULL)[0]++;
			n++;
		}
	tally_sort(&tally, 0);
	for (size_t i = 0; i < tally.n; i++) {
		int code = code_find(tally.row[i].id);

		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), doc_share(tally.row[i].v[0], n),
			json_string(code < 0 ? "" : code_text_nl((enum code)code)));
	}
	doc_plot(t, "aantal");
}

static void partners_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "afzenders", "Weigeringen per afzender",
			      "Berichten per afzender: hoeveel er werden aanvaard en geweigerd. Veel weigeringen van een afzender is "
			      "een misverstand over het convenant, of iemand die probeert.",
			      (const char *const[]){ "partner:label:afzender", "aanvaard:count:aanvaard", "geweigerd:count:geweigerd",
						     "deel:share:deel geweigerd", NULL });

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];

		if (report_within(m->o, r->unix_ms) && is(r->kind, "BERICHT"))
			tally_row(&tally, *r->sender ? r->sender : "onbekend", NULL)[refused(m, r)]++;
	}
	tally_sort(&tally, 1);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), count(tally.row[i].v[1]),
			doc_share(tally.row[i].v[1], tally.row[i].v[0] + tally.row[i].v[1]));
}

static void pairs_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "afzender-code", "Waarop per afzender", "Geweigerde berichten per afzender en code.",
			      (const char *const[]){ "rij:label:afzender en code", "aantal:count:aantal", NULL });

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];
		const char *id = refused(m, r) ? arena_printf(m->f->arena, "%s, %s", *r->sender ? r->sender : "onbekend", r->code) : NULL;

		if (id)
			tally_row(&tally, id, NULL)[0]++;
	}
	tally_sort(&tally, 0);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]));
}

static void urgent_table(struct report_making *m)
{
	json_t *t = doc_table(m->doc, "spoed", "Gebruik van spoed",
			      "Elk bericht met spoed: kortere termijn, dezelfde toetsing (NEN 7513, noodprocedure). Bekijk van "
			      "elk of spoed terecht was.",
			      (const char *const[]){ "regel:label:regel", "tijd:text:tijd", "soort:text:soort", "afzender:text:afzender",
						     "casus:text:casus", "uitkomst:text:uitkomst", NULL });
	char id[24], when[PERIOD_TEXT_SIZE];

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];

		if (!r->urgent || !report_within(m->o, r->unix_ms) || !is(r->kind, "BERICHT"))
			continue;
		snprintf(id, sizeof id, "%llu", (unsigned long long)r->index);
		doc_row(t, id, id, json_string(period_local(r->unix_ms, when)), json_string(r->type), json_string(r->sender),
			json_string(r->casus), json_string(r->code));
	}
}

static void overdue_table(struct report_making *m)
{
	json_t *t = doc_table(m->doc, "te-laat", "Verzoeken over de termijn",
			      "Verzoeken waarvan de termijn in de maand verstreek zonder antwoord van deze gevraagde, en hoe "
			      "het er op het einde van de maand voor stond.",
			      (const char *const[]){ "regel:label:regel", "gevraagde:text:gevraagde", "vrager:text:vrager", "termijn:text:termijn",
						     "stand:text:stand", NULL });
	char id[24], due[PERIOD_TEXT_SIZE], answered[PERIOD_TEXT_SIZE], stand[64];

	for (size_t i = 0; i < m->f->n_questions; i++) {
		const struct fact_question *q = &m->f->questions[i];
		uint64_t deadline = q->record->deadline_ms;

		if (!deadline || !report_within(m->o, deadline) || (q->answered_ms && q->answered_ms <= deadline))
			continue;
		snprintf(id, sizeof id, "%llu", (unsigned long long)q->record->index);
		if (q->answered_ms && q->answered_ms < m->o->period.until_ms)
			snprintf(stand, sizeof stand, "beantwoord %s", period_date(q->answered_ms, answered));
		else
			snprintf(stand, sizeof stand, "%s", is(q->answer_kind, "LATER") ? "LATER gezegd, nog open" : q->delivered_ms ? "bezorgd, open"
														      : "niet bezorgd");
		doc_row(t, id, id, json_string(q->to), json_string(q->record->sender), json_string(period_local(deadline, due)), json_string(stand));
	}
}

/* What the house itself wrote down as overdue: corrections that were not confirmed, feedback that was not given. */
static const char *duty_of(const char *failed, const char **who)
{
	static const struct {
		const char *rule, *what;
	} duties[] = { { "TERMIJN_VERSTREKEN termijn.bevestiging ", "correctie niet bevestigd" },
		       { "TERMIJN_VERSTREKEN termijn.terugkoppeling ", "geen terugkoppeling gegeven" } };

	for (size_t i = 0; i < N_ELEMENTS(duties); i++)
		if (strncmp(failed, duties[i].rule, strlen(duties[i].rule)) == 0) {
			*who = failed + strlen(duties[i].rule);
			return duties[i].what;
		}
	return NULL;
}

static bool fulfilled(const struct report_making *m, size_t from, const char *who)
{
	const struct report_record *term = &m->log->v[from];

	for (size_t i = from + 1; i < m->log->n && m->log->v[i].unix_ms < m->o->period.until_ms; i++) {
		const struct report_record *r = &m->log->v[i];

		if ((report_is(r, "bevestiging") || report_is(r, "terugkoppeling")) && is(r->in_reply_to, term->message) && is(r->sender, who))
			return true;
	}
	return false;
}

static void overdue_duties(struct report_making *m, json_t *t)
{
	char since[PERIOD_TEXT_SIZE], id[24];

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];

		for (size_t k = 0; is(r->kind, "TERMIJN") && r->unix_ms < m->o->period.until_ms && k < r->failed.n; k++) {
			const char *who = "", *what = duty_of(r->failed.v[k], &who);

			snprintf(id, sizeof id, "%llu", (unsigned long long)r->index);
			if (what && !fulfilled(m, i, who))
				doc_row(t, id, *r->casus ? r->casus : id, json_string(what), json_string(period_date(r->unix_ms, since)),
					json_string(who));
		}
	}
}

static void duties_table(struct report_making *m)
{
	json_t *t = doc_table(m->doc, "verplichtingen", "Openstaande verplichtingen",
			      "Op het einde van de maand: aanmeldingen onder de WGS die na dertig dagen niet zijn beoordeeld "
			      "(onze maat), casussen die zijn afgewezen of in advies eindigden en niet zijn afgesloten (BGS 1.16(1)), "
			      "correcties die een ontvanger niet bevestigde (AVG 19) en terugkoppeling die uitbleef (WGS 1.7(4)).",
			      (const char *const[]){ "casus:label:casus", "wat:text:wat", "sinds:text:sinds", "partner:text:aanmelder", NULL });
	char since[PERIOD_TEXT_SIZE];

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t end = m->o->period.until_ms;
		bool open = c->notified_ms < end && (!c->closed_ms || c->closed_ms >= end);
		bool waits = open && is(c->regime, "WGS") && (!c->assessed_ms || c->assessed_ms >= end) &&
			c->notified_ms + ASSESS_DAYS * DAY_MS < end;
		bool over = open && c->assessed_ms && c->assessed_ms < end && (is(c->outcome, "advies") || is(c->outcome, "niet-in-behandeling"));

		if (waits || over)
			doc_row(t, c->id, c->id, json_string(waits ? "niet beoordeeld" : "niet in behandeling, niet afgesloten"),
				json_string(period_date(waits ? c->notified_ms : c->assessed_ms, since)), json_string(c->notifier));
	}
	overdue_duties(m, t);
}

static void reading_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "inzage", "Inzage van het log",
			      "Elke keer dat iemand het log las, per doel en per lezer (WGS 1.8(4)). Een vraag over meer "
			      "bladzijden telt per bladzijde.",
			      (const char *const[]){ "doel:label:doel en lezer", "aantal:count:aantal", NULL });

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];
		const char *purpose = report_detail(r, "inzagedoel"), *id;

		if (!is(r->kind, "INZAGE") || !report_within(m->o, r->unix_ms))
			continue;
		id = arena_printf(m->f->arena, "%s, %s", purpose ? purpose : "onbekend", *r->person ? r->person : r->sender);
		if (id)
			tally_row(&tally, id, NULL)[0]++;
	}
	tally_sort(&tally, 0);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]));
}

static void changes_table(struct report_making *m)
{
	json_t *t = doc_table(m->doc, "wijzigingen", "Regels, toelatingen, beheer",
			      "Nieuwe versies van kader, register en convenant (ook geweigerde), toelatingen en mandaten, en "
			      "wat de beheerder of het huis zelf deed.",
			      (const char *const[]){ "regel:label:regel", "tijd:text:tijd", "soort:text:soort", "wat:text:wat",
			      	"uitkomst:text:uitkomst",
						     "details:text:details", NULL });
	char id[24], when[PERIOD_TEXT_SIZE], details[200];

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];
		size_t used = 0;

		if (!report_within(m->o, r->unix_ms) || !(is(r->kind, "REGELS") || is(r->kind, "TOELATING") || is(r->kind,
			"BEHEER") || is(r->kind, "VERNIETIGD")))
			continue;
		details[0] = 0;
		for (size_t k = 0; k < r->details.n && used < sizeof details - 1; k++) {
			int n = snprintf(details + used, sizeof details - used, "%s%.80s", k ? " " : "", r->details.v[k]);

			used += n > 0 ? (size_t)n : 0;
		}
		snprintf(id, sizeof id, "%llu", (unsigned long long)r->index);
		doc_row(t, id, id, json_string(period_local(r->unix_ms, when)), json_string(r->kind), json_string(r->type), json_string(r->code),
			json_string(details));
	}
}

void report_month(struct report_making *m)
{
	refusals_table(m);
	partners_table(m);
	pairs_table(m);
	urgent_table(m);
	overdue_table(m);
	duties_table(m);
	reading_table(m);
	changes_table(m);
}
