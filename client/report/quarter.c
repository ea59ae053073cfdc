/* SPDX-License-Identifier: EUPL-1.2 */
/* The ketenmonitor: what the voorzitter of an overleg reports each quarter, from metadata: inflow, answers, taking part. */
#include <stdlib.h>
#include <string.h>

#include "client/report/report.h"

#define HOUR_MS UINT64_C(3600000)

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static const char *or_none(const char *overleg)
{
	return *overleg ? overleg : "zonder overleg";
}

static void flow_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "instroom", "In- en uitstroom per overleg",
			      "Aangemeld: aanvaarde aanmeldingen in het kwartaal. Beoordeeld: beoordelingen in het kwartaal, en "
			      "hoeveel daarvan in behandeling. "
			      "Open: op het einde van het kwartaal niet afgesloten.",
			      (const char *const[]){ "overleg:label:overleg", "aangemeld:count:aangemeld", "beoordeeld:count:beoordeeld",
						     "in-behandeling:count:in behandeling", "afgesloten:count:afgesloten", "open:count:open", NULL });

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t *v = tally_row(&tally, or_none(c->overleg), NULL);
		bool assessed = report_within(m->o, c->assessed_ms);

		v[0] += report_within(m->o, c->notified_ms);
		v[1] += assessed;
		v[2] += assessed && strcmp(c->outcome, "in-behandeling") == 0;
		v[3] += report_within(m->o, c->closed_ms);
		v[4] += c->notified_ms < m->o->period.until_ms && (!c->closed_ms || c->closed_ms >= m->o->period.until_ms);
	}
	tally_sort(&tally, 4);
	for (size_t i = 0; i < tally.n; i++) {
		const uint64_t *v = tally.row[i].v;

		doc_row(t, tally.row[i].id, tally.row[i].label, count(v[0]), count(v[1]), count(v[2]), count(v[3]), count(v[4]));
	}
	doc_total(t);
	doc_plot(t, "aangemeld");
}

enum { ASKED, ANSWERED, IN_TIME, LATE, DECLINED, UNANSWERED };

static void question_count(const struct report_options *o, const struct fact_question *q, uint64_t *v)
{
	uint64_t due = q->record->deadline_ms;

	v[ASKED]++;
	v[ANSWERED] += q->answered_ms != 0;
	v[IN_TIME] += q->answered_ms && (!due || q->answered_ms <= due);
	v[LATE] += q->answered_ms && due && q->answered_ms > due;
	v[DECLINED] += strcmp(q->answer_kind, "WEIGERING") == 0;
	v[UNANSWERED] += !q->answered_ms && due && due < o->period.until_ms;
}

static void answers_table(struct report_making *m, bool by_partner)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, by_partner ? "partners" : "antwoorden", by_partner ? "Vragen per gevraagde partner" : "Vragen per overleg",
			      "Elk verzoek telt een keer per gevraagde. Op tijd is voor de termijn van het verzoek; LATER is "
			      "nog geen antwoord. Een weigering is een "
			      "antwoord en hoort erbij (WGS 1.5(1)). Onbeantwoord: de termijn is verstreken en er kwam niets.",
			      (const char *const[]){ by_partner ? "partner:label:partner" : "overleg:label:overleg", "gevraagd:count:gevraagd",
						     "beantwoord:count:beantwoord", "op-tijd:count:op tijd", "te-laat:count:te laat",
						     "weigering:count:weigering", "onbeantwoord:count:onbeantwoord", NULL });

	for (size_t i = 0; i < m->f->n_questions; i++) {
		const struct fact_question *q = &m->f->questions[i];

		if (report_within(m->o, q->record->unix_ms))
			question_count(m->o, q, tally_row(&tally, by_partner ? names_partner(m->o->names,
				q->to) : or_none(q->record->overleg), NULL));
	}
	tally_sort(&tally, ASKED);
	for (size_t i = 0; i < tally.n; i++) {
		const uint64_t *v = tally.row[i].v;

		doc_row(t, tally.row[i].id, tally.row[i].label, count(v[ASKED]), count(v[ANSWERED]), count(v[IN_TIME]), count(v[LATE]),
			count(v[DECLINED]), count(v[UNANSWERED]));
	}
	doc_total(t);
	if (by_partner)
		doc_plot(t, "gevraagd");
}

static void speed_table(struct report_making *m)
{
	uint64_t *answered = calloc(m->f->n_questions + 1, sizeof *answered), *delivered = calloc(m->f->n_questions + 1, sizeof *delivered);
	size_t n_answered = 0, n_delivered = 0;
	json_t *t = doc_table(m->doc, "snelheid", "Hoe lang het duurt",
			      "Over de verzoeken van het kwartaal: van aanvaard door het huis tot op het knooppunt van de "
			      "partner, en tot een antwoord. De mediaan: de "
			      "helft was er eerder.",
			      (const char *const[]){ "rij:label:", "aantal:count:aantal", "uren:text:mediaan in uren", NULL });
	char text[2][32] = { "", "" };

	for (size_t i = 0; answered && delivered && i < m->f->n_questions; i++) {
		const struct fact_question *q = &m->f->questions[i];

		if (!report_within(m->o, q->record->unix_ms))
			continue;
		if (q->answered_ms)
			answered[n_answered++] = q->answered_ms - q->record->unix_ms;
		if (q->delivered_ms)
			delivered[n_delivered++] = q->delivered_ms - q->record->unix_ms;
	}
	for (int i = 0; answered && delivered && i < 2; i++) {
		uint64_t tenths = report_median(i ? answered : delivered, i ? n_answered : n_delivered) * 10 / HOUR_MS;

		snprintf(text[i], sizeof text[i], "%llu,%llu", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
	}
	doc_row(t, "bezorgd", "bezorgd", count(n_delivered), json_string(n_delivered ? text[0] : ""));
	doc_row(t, "beantwoord", "beantwoord", count(n_answered), json_string(n_answered ? text[1] : ""));
	free(answered);
	free(delivered);
}

static void part_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "deelname", "Deelname",
			      "Wie in het kwartaal iets deed: aanmelden, vragen, antwoorden, of een bericht openen. De "
			      "bezetting van een overleg aan tafel staat niet in het log.",
			      (const char *const[]){ "partner:label:partner", "aanmelding:count:aangemeld", "verzoek:count:gevraagd",
						     "antwoord:count:geantwoord", "geopend:count:geopend", NULL });

	for (size_t i = 0; i < m->log->n; i++) {
		const struct report_record *r = &m->log->v[i];
		bool opened = strcmp(r->kind, "GEOPEND") == 0;
		uint64_t *v;

		if (!report_within(m->o, r->unix_ms) || !*r->sender || !(opened || strcmp(r->kind, "BERICHT") == 0))
			continue;
		v = tally_row(&tally, names_partner(m->o->names, r->sender), NULL);
		v[0] += report_is(r, "aanmelding");
		v[1] += report_is(r, "verzoek");
		v[2] += report_is(r, "antwoord");
		v[3] += opened;
	}
	tally_sort(&tally, 2);
	for (size_t i = 0; i < tally.n; i++) {
		const uint64_t *v = tally.row[i].v;

		doc_row(t, tally.row[i].id, tally.row[i].label, count(v[0]), count(v[1]), count(v[2]), count(v[3]));
	}
}

void report_quarter(struct report_making *m)
{
	flow_table(m);
	answers_table(m, false);
	answers_table(m, true);
	speed_table(m);
	part_table(m);
	doc_note(m->doc, "Doelen en resultaten van een casus, en wie er aan tafel zat, staan niet in het log: dat deel van de "
			 "ketenmonitor schrijft de voorzitter.");
}
