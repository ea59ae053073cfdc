/* SPDX-License-Identifier: EUPL-1.2 */
/* The review of who may act (WGS 1.8(2), BIO2 5.18): mandates with their last use, and what of them runs out. */
#include <string.h>

#include "base/text.h"
#include "client/report/report.h"

#define DAY_MS UINT64_C(86400000)

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static uint64_t date_of(const char *date)
{
	uint64_t unix_ms;

	return *date && time_decode(span_of_text(date), &unix_ms) ? unix_ms : 0;
}

/* 0: there is no date, or no kader that says how long it counts. */
static uint64_t due_of(const struct kader *kader, const char *date, uint64_t (*months)(const struct kader *k))
{
	uint64_t since = kader ? date_of(date) : 0;

	return since ? period_months(since, (unsigned)months(kader)) : 0;
}

/* What asks for attention, most pressing first; "" when nothing does. */
static const char *attention(const struct report_options *o, const struct fact_person *p)
{
	uint64_t now = o->now_ms, soon = now + (o->horizon_days ? o->horizon_days : 90) * DAY_MS;
	uint64_t quiet = (o->dormant_days ? o->dormant_days : 90) * DAY_MS, last = p->last_ms ? p->last_ms : p->granted_ms;
	uint64_t until = date_of(p->until), screening = due_of(o->kader, p->screening, kader_screening_months);
	uint64_t training = due_of(o->kader, p->training, kader_training_months);

	if (!p->granted_ms)
		return "handelde zonder mandaat in dit deel van het log";
	if (p->withdrawn_ms)
		return "ingetrokken";
	if (until && until <= now)
		return "mandaat verlopen";
	if (screening && screening <= now)
		return "screening verlopen";
	if (training && training <= now)
		return "training verlopen";
	if (last + quiet <= now)
		return "slapend";
	if (until && until <= soon)
		return "mandaat verloopt";
	if (screening && screening <= soon)
		return "screening verloopt";
	return training && training <= soon ? "training verloopt" : "";
}

void report_authorisations(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "personen", "Wie mag handelen",
			      "Elk mandaat met wat ermee is gedaan. Personen zijn de pseudoniemen waaronder hun organisatie hen "
			      "kent. Slapend: zo lang niets gedaan als bij "
			      "--dormant staat; aandacht ook voor wat binnen --days afloopt. Hoe lang screening en training "
			      "gelden staat in het kader.",
			      (const char *const[]){ "persoon:label:persoon", "organisatie:text:organisatie", "rol:text:rol", "klasse:text:klasse",
						     "screening:text:screening", "training:text:training", "tot:text:mandaat tot",
						     "laatst:text:laatst gebruikt", "handelingen:count:handelingen", "geweigerd:count:geweigerd",
						     "aandacht:text:aandacht", NULL });
	json_t *sums;
	char last[PERIOD_TEXT_SIZE], id[200];

	for (size_t i = 0; i < m->f->n_persons; i++) {
		const struct fact_person *p = &m->f->persons[i];
		const char *what = attention(m->o, p);

		tally_row(&tally, *what ? what : "in orde", NULL)[0]++;
		snprintf(id, sizeof id, "%.90s/%.90s", p->organisation, p->person);
		doc_row(t, id, p->person, json_string(p->organisation), json_string(p->role), json_string(p->klasse), json_string(p->screening),
			json_string(p->training), json_string(p->until), json_string(period_date(p->last_ms, last)), count(p->n_acts),
			count(p->n_refused), json_string(what));
	}
	sums = doc_table(m->doc, "samenvatting", "Samenvatting", "Hoe vaak elke aandacht voorkomt.",
			 (const char *const[]){ "aandacht:label:aandacht", "aantal:count:aantal", NULL });
	tally_sort(&tally, 0);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(sums, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]));
	doc_total(sums);
	doc_plot(sums, "aantal");
	report_terms_note(m);
	if (m->o->kader)
		doc_note(m->doc, "Een screening geldt %llu maanden, een training %llu.",
			 (unsigned long long)kader_screening_months(m->o->kader), (unsigned long long)kader_training_months(m->o->kader));
}
