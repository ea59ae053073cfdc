/* SPDX-License-Identifier: EUPL-1.2 */
/* The review of who may act (WGS 1.8(2), BIO2 5.18): mandates with their last use, and what of them runs out. */
#include <string.h>

#include "base/text.h"
#include "client/report/report.h"

#define DAY_MS UINT64_C(86400000)
#define SCREENING_MONTHS 60 /* as in the shipped kader (medewerkers), which cites BGS 1.11 and 1.17 */
#define TRAINING_MONTHS 36

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static uint64_t due_of(const char *date, unsigned months)
{
	uint64_t unix_ms;

	return *date && time_decode(span_of_text(date), &unix_ms) ? period_months(unix_ms, months) : 0;
}

/* What asks for attention, most pressing first; "" when nothing does. */
static const char *attention(const struct report_options *o, const struct fact_person *p)
{
	uint64_t now = o->now_ms, soon = now + (o->horizon_days ? o->horizon_days : 90) * DAY_MS;
	uint64_t quiet = (o->dormant_days ? o->dormant_days : 90) * DAY_MS, last = p->last_ms ? p->last_ms : p->granted_ms;
	uint64_t until = due_of(p->until, 0), screening = due_of(p->screening, SCREENING_MONTHS), training = due_of(p->training, TRAINING_MONTHS);

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
			      "--dormant staat; aandacht ook voor wat binnen --days afloopt. Een screening geldt 60 maanden en "
			      "een training 36, als in het kader.",
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
}
