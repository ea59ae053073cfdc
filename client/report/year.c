/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tables of an annual report. Three words carry all of them:
 *
 *   procesregie  a casus of klasse maatwerk or pga
 *   actief       notified before the end of the period, not closed before its start, and not turned away or ended in advice
 *   gemeente     the first one that the aanmelding names: that of the betrokkene
 */
#include <string.h>

#include "client/report/report.h"

#define ADVICE "Een advies is een aanmelding van klasse advies, of een die in de beoordeling advies werd. "

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool procesregie(const struct fact_casus *c)
{
	return is(c->klasse, "maatwerk") || is(c->klasse, "pga");
}

static bool turned_away(const struct fact_casus *c)
{
	return is(c->outcome, "niet-in-behandeling") || is(c->outcome, "advies");
}

static bool active(const struct report_options *o, const struct fact_casus *c)
{
	return c->notified_ms < o->period.until_ms && !(c->closed_ms && c->closed_ms < o->period.from_ms) && !turned_away(c);
}

static const char *gemeente_of(const struct fact_casus *c)
{
	return c->gemeenten.n ? c->gemeenten.v[0] : "";
}

/* ---- basis ---- */

struct basics {
	uint64_t notified, notified_pga, active, active_pga, questions, advice, refused;
};

static struct basics basics_of(const struct report_making *m)
{
	struct basics b = { 0 };

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		bool came = report_within(m->o, c->notified_ms), pga = is(c->klasse, "pga");

		b.questions += came && is(c->klasse, "informatievraag");
		b.advice += came && (is(c->klasse, "advies") || is(c->outcome, "advies"));
		if (!procesregie(c))
			continue;
		b.notified += came;
		b.notified_pga += came && pga;
		b.refused += came && is(c->outcome, "niet-in-behandeling");
		b.active += active(m->o, c);
		b.active_pga += active(m->o, c) && pga;
	}
	return b;
}

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static void basis_table(struct report_making *m)
{
	struct basics b = basics_of(m);
	json_t *t = doc_table(m->doc, "basis", "Basiscijfers",
			      "Procesregie is een casus van klasse maatwerk of pga. Actief is wat voor het einde van het jaar "
			      "was aangemeld, niet voor het "
			      "begin was afgesloten, en niet is afgewezen of in advies eindigde. Een vraag aan het "
			      "informatieknooppunt is een aanmelding "
			      "van klasse informatievraag; een verzoek binnen een casus telt niet mee. " ADVICE
			      "Niet opgepakt is een aanmelding met de beoordeling niet-in-behandeling.",
			      (const char *const[]){ "rij:label:", "aantal:count:aantal", NULL });

	doc_row(t, "aangemeld", "Aangemelde procesregiecasussen", count(b.notified));
	doc_row(t, "aangemeld-pga", "  waarvan PGA", count(b.notified_pga));
	doc_row(t, "actief", "Actieve procesregiecasussen", count(b.active));
	doc_row(t, "actief-pga", "  waarvan PGA", count(b.active_pga));
	doc_row(t, "actief-maatwerk", "  waarvan maatwerk", count(b.active - b.active_pga));
	doc_row(t, "vragen", "Vragen aan informatieknooppunt", count(b.questions));
	doc_row(t, "advies", "Advies en ondersteuning", count(b.advice));
	doc_row(t, "niet-opgepakt", "Niet opgepakte aanmeldingen", count(b.refused));
	doc_plot(t, "aantal");
}

/* ---- who notified ---- */

static void partner_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "partners", "Aangemelde procesregiecasussen per partner",
			      "De hoedanigheid die de aanmelding deed, gegroepeerd naar de indeling van het huis. Een partner "
			      "zonder aanmelding staat er met nul.",
			      (const char *const[]){ "partner:label:partner", "aantal:count:aangemeld", "pga:count:waarvan PGA", NULL });

	for (size_t i = 0; m->o->names && i < m->o->names->n_partners; i++)
		tally_row(&tally, m->o->names->partners[i].name, NULL);
	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];

		if (procesregie(c) && report_within(m->o, c->notified_ms)) {
			uint64_t *v = tally_row(&tally, names_partner(m->o->names, c->notifier), NULL);

			v[0]++;
			v[1] += is(c->klasse, "pga");
		}
	}
	tally_sort(&tally, 0);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), count(tally.row[i].v[1]));
	doc_total(t);
	doc_plot(t, "aantal");
}

/* ---- klassen ---- */

static void class_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "klassen", "Casussen per klasse",
			      "Alle aanmeldingen, ook buiten procesregie. Wie in een overleg met eigen grondslag geen klasse "
			      "noemt staat onder \"zonder klasse\".",
			      (const char *const[]){ "klasse:label:klasse", "aangemeld:count:aangemeld", "actief:count:actief",
						     "afgesloten:count:afgesloten", NULL });

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t *v = tally_row(&tally, *c->klasse ? c->klasse : "zonder klasse", NULL);

		v[0] += report_within(m->o, c->notified_ms);
		v[1] += active(m->o, c);
		v[2] += report_within(m->o, c->closed_ms);
	}
	tally_sort(&tally, 1);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), count(tally.row[i].v[1]), count(tally.row[i].v[2]));
	doc_total(t);
}

/* ---- gemeenten ---- */

enum { CARRIED, CAME, CLOSED, ACTIVE, ACTIVE_PGA };

static void gemeente_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "gemeenten", "Procesregiecasussen per gemeente",
			      "De eerste gemeente van de aanmelding, die waar de betrokkene is ingeschreven. Meegenomen is "
			      "actief bij het begin van het jaar, "
			      "instroom is aangemeld in het jaar en in behandeling, actief is de som van beide; afgesloten is "
			      "afgesloten in het jaar.",
			      (const char *const[]){ "gemeente:label:gemeente", "meegenomen:count:meegenomen", "instroom:count:instroom",
						     "afgesloten:count:afgesloten", "actief:count:actief", "pga:count:waarvan PGA", NULL });

	for (size_t i = 0; m->o->names && i < m->o->names->n_gemeenten; i++)
		tally_row(&tally, m->o->names->gemeenten[i].code, m->o->names->gemeenten[i].name);
	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		const char *code = gemeente_of(c);
		uint64_t *v;

		if (!procesregie(c) || !active(m->o, c))
			continue;
		v = tally_row(&tally, *code ? code : "onbekend", names_gemeente(m->o->names, *code ? code : "onbekend"));
		v[CARRIED] += c->notified_ms < m->o->period.from_ms;
		v[CAME] += report_within(m->o, c->notified_ms);
		v[CLOSED] += report_within(m->o, c->closed_ms);
		v[ACTIVE]++;
		v[ACTIVE_PGA] += is(c->klasse, "pga");
	}
	for (size_t i = 0; i < tally.n; i++) {
		const uint64_t *v = tally.row[i].v;

		doc_row(t, tally.row[i].id, tally.row[i].label, count(v[CARRIED]), count(v[CAME]), count(v[CLOSED]), count(v[ACTIVE]),
			count(v[ACTIVE_PGA]));
	}
	doc_total(t);
	doc_plot(t, "actief");
}

/* ---- ages ---- */

static void age_table(struct report_making *m)
{
	struct tally tally = { 0 };
	uint64_t n_active = 0, n_came = 0;
	json_t *t = doc_table(m->doc, "leeftijden", "Leeftijdsklassen procesregie",
			      "De leeftijdsklasse op het moment van de aanmelding. Twee tellingen naast elkaar: over alle "
			      "actieve casussen van het jaar, en over "
			      "alleen de aangemelde. Een percentage zonder telling zegt niets: die twee verschillen.",
			      (const char *const[]){ "leeftijd:label:leeftijd", "actief:count:actief", "actief-deel:share:% van actief",
						     "aangemeld:count:aangemeld", "aangemeld-deel:share:% van aangemeld", NULL });
	static const char *const ages[] = { "<18", "18-23", "24-40", "41-65", ">65" };

	for (size_t i = 0; i < N_ELEMENTS(ages); i++)
		tally_row(&tally, ages[i], NULL);
	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t *v;

		if (!procesregie(c) || !active(m->o, c))
			continue;
		v = tally_row(&tally, *c->age ? c->age : "onbekend", NULL);
		v[0]++;
		n_active++;
		v[1] += report_within(m->o, c->notified_ms);
		n_came += report_within(m->o, c->notified_ms);
	}
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), doc_share(tally.row[i].v[0], n_active),
			count(tally.row[i].v[1]), doc_share(tally.row[i].v[1], n_came));
	doc_plot(t, "actief-deel");
}

/* ---- borders ---- */

static void border_table(struct report_making *m)
{
	uint64_t across = 0, within = 0, unknown = 0, all;
	json_t *t = doc_table(m->doc, "grens", "Gemeentegrens overstijgend",
			      "Actieve procesregiecasussen waarvan de aanmelding meer dan een gemeente noemt.",
			      (const char *const[]){ "rij:label:", "aantal:count:aantal", "deel:share:% van actief", NULL });

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];

		if (!procesregie(c) || !active(m->o, c))
			continue;
		across += c->gemeenten.n > 1;
		within += c->gemeenten.n == 1;
		unknown += c->gemeenten.n == 0;
	}
	all = across + within + unknown;
	doc_row(t, "overstijgend", "meer gemeenten", count(across), doc_share(across, all));
	doc_row(t, "binnen", "een gemeente", count(within), doc_share(within, all));
	doc_row(t, "onbekend", "geen gemeente genoemd", count(unknown), doc_share(unknown, all));
}

/* ---- overleggen ---- */

static void overleg_table(struct report_making *m)
{
	struct tally tally = { 0 };
	json_t *t = doc_table(m->doc, "overleggen", "Overleggen",
			      "Per overleg de casussen die er zijn aangemeld, die er het jaar actief waren en die zijn "
			      "afgesloten, en de verzoeken die er zijn gedaan.",
			      (const char *const[]){ "overleg:label:overleg", "aangemeld:count:aangemeld", "actief:count:actief",
						     "afgesloten:count:afgesloten", "verzoeken:count:verzoeken", NULL });

	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t *v = tally_row(&tally, *c->overleg ? c->overleg : "zonder overleg", NULL);

		v[0] += report_within(m->o, c->notified_ms);
		v[1] += active(m->o, c);
		v[2] += report_within(m->o, c->closed_ms);
	}
	for (size_t i = 0; i < m->f->n_questions; i++)
		if (report_within(m->o, m->f->questions[i].record->unix_ms))
			tally_row(&tally, *m->f->questions[i].record->overleg ? m->f->questions[i].record->overleg : "zonder overleg", NULL)[3]++;
	tally_sort(&tally, 1);
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]), count(tally.row[i].v[1]), count(tally.row[i].v[2]),
			count(tally.row[i].v[3]));
}

static uint64_t *place_row(struct report_making *m, struct tally *tally, const char *overleg, const char *code, bool regions)
{
	const char *place = regions ? names_region(m->o->names, code) : names_gemeente(m->o->names, code), *id, *label;

	id = arena_printf(m->f->arena, "%s/%s", overleg, regions ? place : code);
	label = arena_printf(m->f->arena, "%s, %s", overleg, place);
	return *place && id && label ? tally_row(tally, id, label) : NULL;
}

/* Where an overleg outside the WGS discussed whom. Each gemeente with a name has its row in each such overleg, with nought as well. */
static void places_table(struct report_making *m, bool regions)
{
	struct tally tally = { 0 }, overleggen = { 0 };
	json_t *t = doc_table(m->doc, regions ? "regio" : "plaats", regions ? "Besproken per regio" : "Besproken per gemeente",
			      "Actieve casussen van overleggen met een eigen grondslag (regime OVERIG), naar de eerste gemeente van de aanmelding.",
			      (const char *const[]){ "rij:label:overleg en plaats", "aantal:count:besproken", NULL });

	for (size_t i = 0; i < m->f->n_casussen; i++)
		if (is(m->f->casussen[i].regime, "OVERIG") && active(m->o, &m->f->casussen[i]))
			tally_row(&overleggen, m->f->casussen[i].overleg, NULL);
	tally_sort(&overleggen, 0);
	for (size_t i = 0; i < overleggen.n; i++)
		for (size_t k = 0; m->o->names && k < m->o->names->n_gemeenten; k++)
			place_row(m, &tally, overleggen.row[i].id, m->o->names->gemeenten[k].code, regions);
	for (size_t i = 0; i < m->f->n_casussen; i++) {
		const struct fact_casus *c = &m->f->casussen[i];
		uint64_t *v = is(c->regime, "OVERIG") && active(m->o, c) ? place_row(m, &tally, c->overleg, gemeente_of(c), regions) : NULL;

		if (v)
			v[0]++;
	}
	for (size_t i = 0; i < tally.n; i++)
		doc_row(t, tally.row[i].id, tally.row[i].label, count(tally.row[i].v[0]));
}

void report_year(struct report_making *m)
{
	basis_table(m);
	partner_table(m);
	class_table(m);
	gemeente_table(m);
	age_table(m);
	border_table(m);
	overleg_table(m);
	places_table(m, true);
	places_table(m, false);
}
