/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What must be destroyed when. The clock of a casus starts at its first processing, which is its aanmelding (WGS 1.8(7)); one that
 * was turned away or ended in advice has a shorter term (BGS 1.16(1)); a hernieuwing moves the end (1.16(2)). The terms come from the
 * kader, per doel, as the house itself takes them.
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
	bool away = strcmp(c->outcome, "niet-in-behandeling") == 0 || strcmp(c->outcome, "advies") == 0;
	struct term t = { .what = away ? "niet-in-behandeling" : *c->doel ? c->doel : "casus" };
	int months = kader && away ? kader_retention_months(kader, t.what) : -1;

	if (months >= 0)
		t.due_ms = period_months(c->notified_ms, (unsigned)months);
	else if (kader)
		t.due_ms = kader_expiry(kader, c->doel, c->notified_ms);
	if (!away && c->renewed_ms > t.due_ms)
		t.due_ms = c->renewed_ms;
	return t;
}

enum { LIVING, SOON, OVER, GONE };

void report_retention(struct report_making *m)
{
	uint64_t soon = m->o->now_ms + (m->o->horizon_days ? m->o->horizon_days : 90) * DAY_MS;
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "termijnen", "Bewaartermijnen",
			      "Per doel, of voor wat niet in behandeling kwam: hoeveel er nog leesbaar zijn, hoeveel daarvan "
			      "binnen de gevraagde dagen "
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
	report_terms_note(m);
}
