/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What must be destroyed when. The clock of a casus starts at its first processing, which is its aanmelding (WGS 1.8(7)); one that
 * was turned away, or was a question or advice only, has a shorter term, from the assessment if there was one (BGS 1.16(1)). The terms
 * come from the kader.
 */
#include <string.h>

#include "client/report/report.h"

#define DAY_MS UINT64_C(86400000)

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

struct term {
	const char *what;
	uint64_t due_ms; /* 0: the kader names no term */
};

static struct term term_of(const struct kader *kader, const struct fact_casus *c)
{
	bool away = strcmp(c->outcome, "niet-in-behandeling") == 0 || strcmp(c->outcome, "advies") == 0 ||
		    strcmp(c->klasse, "advies") == 0 || strcmp(c->klasse, "informatievraag") == 0;
	struct term t = { .what = away ? "niet-in-behandeling" : strcmp(c->klasse, "nazorg") == 0 ? "nazorg" : "casus" };
	int months = kader ? kader_retention_months(kader, t.what) : -1;

	if (months < 0 && kader) {
		t.what = "casus";
		months = kader_retention_months(kader, t.what);
	}
	if (months >= 0)
		t.due_ms = period_months(away && c->assessed_ms ? c->assessed_ms : c->notified_ms, (unsigned)months);
	return t;
}

enum { LIVING, SOON, OVER, GONE };

void report_retention(struct report_making *m)
{
	uint64_t soon = m->o->now_ms + (m->o->horizon_days ? m->o->horizon_days : 90) * DAY_MS;
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "termijnen", "Bewaartermijnen",
			      "Per soort casus: hoeveel er nog leesbaar zijn, hoeveel daarvan binnen de gevraagde dagen "
			      "(--days) aflopen, hoeveel over de termijn zijn en "
			      "dus vernietigd hadden moeten zijn, en hoeveel vernietigd zijn.",
			      (const char *const[]){ "termijn:label:termijn", "leesbaar:count:leesbaar", "binnenkort:count:loopt af",
						     "over:count:over de termijn", "vernietigd:count:vernietigd", NULL });
	json_t *list = doc_table(m->doc, "casussen", "Wat afloopt of over de termijn is", "Per casus, de eerste eerst aangemeld.",
				 (const char *const[]){ "casus:label:casus", "termijn:text:termijn", "sinds:text:eerste verwerking",
							"uiterlijk:text:uiterlijk", "stand:text:stand", NULL });
	char since[PERIOD_TEXT_SIZE], due[PERIOD_TEXT_SIZE];

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		struct term term = term_of(m->o->kader, c);
		uint64_t *v = tally_row(&tally, term.what, NULL);
		bool over = !c->destroyed_ms && term.due_ms && term.due_ms <= m->o->now_ms, near = !over && term.due_ms && term.due_ms <= soon;

		v[GONE] += c->destroyed_ms != 0;
		v[LIVING] += !c->destroyed_ms;
		v[OVER] += over;
		v[SOON] += !c->destroyed_ms && near;
		if (!c->destroyed_ms && (over || near))
			doc_row(list, c->id, c->id, json_string(term.what), json_string(period_date(c->notified_ms, since)),
				json_string(period_date(term.due_ms, due)), json_string(over ? "over de "
					"termijn" : c->closed_ms ? "afgesloten" : "open"));
	}
	for (size_t i = 0; i < tally.n; i++) {
		const uint64_t *v = tally.row[i].v;

		doc_row(t, tally.row[i].id, tally.row[i].label, count(v[LIVING]), count(v[SOON]), count(v[OVER]), count(v[GONE]));
	}
	doc_total(t);
	if (!m->o->kader)
		doc_note(m->doc, "Er is geen kader gegeven; zonder de termijnen daaruit is niets te berekenen (--kader).");
}
