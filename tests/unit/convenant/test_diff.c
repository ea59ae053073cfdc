/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One change of the example convenant at a time: what becomes allowed and forbidden, the same mirrored, and no decision that changes
 * without the difference saying so.
 */
#include <stdlib.h>
#include <string.h>

#include "convenant/diff.h"
#include "tests/unit/convenant/scene.h"

#define COMPLEX "ketenkamer, maatwerkoverleg"
#define LEERPLICHT "leerplicht-drents-breed, lpco"
#define VEELPLEGERS "jco-jeugdige-veelplegers, jco-volwassen-veelplegers, veelplegersoverleg"

static struct house house;

struct expected {
	enum diff_effect effect;
	enum diff_what what;
	const char *where, *subject, *detail;
};

struct edit {
	const char *what, *with;
	struct expected v[12];
	size_t n;
};

#define EDIT(from, to, ...) \
	{ from, to, { __VA_ARGS__ }, sizeof((struct expected[]){ __VA_ARGS__ }) / sizeof(struct expected) }
#define YES(what, where, subject, detail) { DIFF_ALLOWED, DIFF_##what, where, subject, detail }
#define NO(what, where, subject, detail) { DIFF_FORBIDDEN, DIFF_##what, where, subject, detail }
#define BESIDES(what, where, subject, detail) { DIFF_OTHER, DIFF_##what, where, subject, detail }

#define VOLMACHT(giver, until)                                                                                  \
	"volmachten:\n  - {volmacht: menso-ggz, gever: " giver ", gemachtigde: menso, berichten: [antwoord], "        \
	"overleggen: [nazorg], categorieen: [zorg], van: 2026-01-01, tot: " until "}\n"

static const struct edit edits[] = {
	/* the whole */
	EDIT("tot: 2029-03-01", "tot: 2028-09-15", NO(PERIOD, "", "2028-09-15", "2029-03-01")),
	EDIT("van: 2025-03-01\ntot: 2029-03-01", "van: 2025-01-01\ntot: 2029-03-01T12:00:00.000Z",
	     YES(PERIOD, "", "2025-01-01", "2025-03-01"), YES(PERIOD, "", "2029-03-01", "2029-03-01T12:00:00.000Z")),
	EDIT("van: 2025-03-01\ntot: 2029-03-01", "van: 2029-03-01\ntot: 2030-01-01", YES(PERIOD, "", "2029-03-01", "2030-01-01"),
	     NO(PERIOD, "", "2025-03-01", "2029-03-01")),
	EDIT("quorum: 2", "quorum: 12", NO(QUORUM, "", "2", "12")),
	EDIT("quorum: 2", "quorum: 1", YES(QUORUM, "", "1", "2")),
	EDIT("ondertekenaars: [amw-drenthe,", "ondertekenaars: [halt,", YES(SIGNER, "", "halt", ""), NO(SIGNER, "", "amw-drenthe", "")),
	EDIT("convenant: drenthe\n", "convenant: friesland\n", BESIDES(ID, "", "drenthe", "friesland")),
	EDIT("naam: Convenant Zorg- en Veiligheidshuis Drenthe (voorbeeld)", "naam: Convenant",
	     BESIDES(NAME, "", "Convenant Zorg- en Veiligheidshuis Drenthe (voorbeeld)", "Convenant")),
	EDIT("rac: {afwijking: \"voorbeeld, nog niet voorgelegd (WGS 1.8(6), BGS 1.13)\", gemeld: 2025-03-01}",
	     "rac: {advies: 2026-4, datum: 2026-10-01}",
	     BESIDES(RAC, "", "afgeweken, gemeld op 2025-03-01: voorbeeld, nog niet voorgelegd (WGS 1.8(6), BGS 1.13)",
		     "advies 2026-4 van 2026-10-01")),
	EDIT("tot: 2029-03-01\n", "tot: 2029-03-01\ningetrokken: 2027-05-01T09:00:00.000Z\n",
	     NO(PERIOD, "", "2027-05-01T09:00:00.000Z", "2029-03-01")),
	/* parties */
	EDIT("  - hoedanigheid: zvhd-toezicht\n    soort: college\n    levert: []\n", "", NO(PARTY, "zvhd-toezicht", "college", "")),
	EDIT("  - hoedanigheid: zvhd-toezicht\n", "  - {hoedanigheid: mee-assen, soort: instelling-college, levert: [zorg]}\n"
	     "  - hoedanigheid: zvhd-toezicht\n", YES(PARTY, "mee-assen", "instelling-college", ""), YES(SUPPLY, "mee-assen", "zorg", "")),
	EDIT("hoedanigheid: zvhd-toezicht\n    soort: college", "hoedanigheid: zvhd-toezicht\n    soort: burgemeester",
	     YES(PARTY, "zvhd-toezicht", "burgemeester", ""), NO(PARTY, "zvhd-toezicht", "college", "")),
	EDIT("soort: om\n    levert: [identificerend, bsn, justitieel, toezicht]", "soort: om\n    levert: [bsn, justitieel, relaties, toezicht]",
	     YES(SUPPLY, "om-noord-nederland", "relaties", ""), NO(SUPPLY, "om-noord-nederland", "identificerend", "")),
	EDIT("levert: [identificerend, woonsituatie.onderdak]", "levert: [identificerend, woonsituatie]",
	     YES(SUPPLY, "zvhd-nazorg", "woonsituatie", "woonsituatie.onderdak")),
	EDIT("levert: [identificerend, woonsituatie.onderdak]", "levert: [identificerend.contact, woonsituatie.onderdak]",
	     NO(SUPPLY, "zvhd-nazorg", "identificerend", "identificerend.contact")),
	/* rules */
	EDIT("grondslagen: [Wpg 20, Wjsg 39f]\n    doelen: [veelplegers]", "grondslagen: [Wpg 20, Gemeentewet 172]\n    doelen: [veelplegers]",
	     YES(GRONDSLAG, VEELPLEGERS, "Gemeentewet 172", ""), NO(GRONDSLAG, VEELPLEGERS, "Wjsg 39f", "")),
	{ "grondslagen: [Wpg 20, Wjsg 39f]\n    doelen: [veelplegers]", "grondslagen: [Wjsg 39f, Wpg 20]\n    doelen: [veelplegers]",
	  { { 0 } }, 0 }, /* another order is no change */
	EDIT("doelen: [complexe-casus, geprioriteerde-lijst]", "doelen: [complexe-casus]", NO(DOEL, COMPLEX, "geprioriteerde-lijst", "")),
	EDIT("doelen: [nazorg]", "doelen: [nazorg, openbare-orde]", YES(DOEL, "nazorg", "openbare-orde", "")),
	EDIT("vragers: [om-noord-nederland]\n", "vragers: [politie-noord-nederland]\n", YES(ASKER, "jco-jeugd", "politie-noord-nederland", ""),
	     NO(ASKER, "jco-jeugd", "om-noord-nederland", "")),
	EDIT("    vragers: [om-noord-nederland]\n", "", YES(ASKER_ALL, "jco-jeugd", "om-noord-nederland", "")),
	EDIT("doelen: [leerplicht]\n", "doelen: [leerplicht]\n    vragers: [om-noord-nederland, rvdk-noord]\n",
	     NO(ASKER_ALL, LEERPLICHT, "om-noord-nederland, rvdk-noord", "")),
	EDIT("relaties, toezicht.leerplicht, justitieel.strafvorderlijk]", "relaties, toezicht, justitieel.strafvorderlijk]",
	     YES(CATEGORY, LEERPLICHT, "toezicht", "toezicht.leerplicht")),
	EDIT("relaties, toezicht.leerplicht, justitieel.strafvorderlijk]", "relaties, justitieel.strafvorderlijk]",
	     NO(CATEGORY, LEERPLICHT, "toezicht.leerplicht", "")),
	EDIT("doelen: [leerplicht]\n", "doelen: [leerplicht]\n    berichten: [aanmelding, beoordeling, betrekken, fase, afsluiting, verzoek, "
	     "antwoord, melding, aanvulling, terugkoppeling, correctie, bevestiging, instemmingsverzoek, "
	     "instemming, verstrekking, agenda, hernieuwing, bekendheidsvraag, bekendheidsantwoord]\n",
	     NO(MESSAGE, LEERPLICHT, "toestemming", "")),
	EDIT("    toestemming: true\n", "", YES(CONSENT, "nazorg", "", "")),
	EDIT("    begin: AANGEMELD\n", "    toestemming: true\n    begin: AANGEMELD\n", NO(CONSENT, COMPLEX, "", "")),
	EDIT("    kring: true\n    begin: AANGEMELD\n", "    begin: AANGEMELD\n", NO(KRING, COMPLEX, "", "")),
	EDIT("    toestemming: true\n", "    toestemming: true\n    kring: true\n", YES(KRING, "nazorg", "", "")),
	EDIT("overleggen: [lpco, leerplicht-drents-breed]", "overleggen: [lpco]",
	     NO(OVERLEG, "leerplicht-drents-breed", "OVERIG", ""),
	     NO(GRONDSLAG, "leerplicht-drents-breed", "Leerplichtwet 1969 16", ""), NO(DOEL, "leerplicht-drents-breed", "leerplicht", ""),
	     NO(CATEGORY, "leerplicht-drents-breed", "bsn", ""), NO(CATEGORY, "leerplicht-drents-breed", "identificerend", ""),
	     NO(CATEGORY, "leerplicht-drents-breed", "justitieel.strafvorderlijk", ""), NO(CATEGORY, "leerplicht-drents-breed", "relaties", ""),
	     NO(CATEGORY, "leerplicht-drents-breed", "toezicht.leerplicht", ""), NO(CATEGORY, "leerplicht-drents-breed", "woonsituatie", ""),
	     NO(ASKER_ALL, "leerplicht-drents-breed", "", "")),
	EDIT("regels:\n", "regels:\n  - {regel: bij, naam: Terugkeer, regime: OVERIG, overleggen: [bij], grondslagen: [Gemeentewet 172], "
	     "doelen: [openbare-orde], berichten: [verzoek, antwoord], vragers: [om-noord-nederland], categorieen: [woonsituatie], "
	     "toestemming: true, kring: true}\n",
	     YES(OVERLEG_CONSENT, "bij", "OVERIG", ""), YES(GRONDSLAG, "bij", "Gemeentewet 172", ""), YES(DOEL, "bij", "openbare-orde", ""),
	     YES(MESSAGE, "bij", "verzoek", ""), YES(MESSAGE, "bij", "antwoord", ""), YES(CATEGORY, "bij", "woonsituatie", ""),
	     YES(ASKER, "bij", "om-noord-nederland", ""), YES(KRING, "bij", "", "")),
	EDIT("    regime: OVERIG\n    overleggen: [lpco, leerplicht-drents-breed]\n    grondslagen: [Leerplichtwet 1969 16]\n"
	     "    doelen: [leerplicht]\n    categorieen: [identificerend, bsn, woonsituatie, relaties, toezicht.leerplicht, "
	     "justitieel.strafvorderlijk]\n    begin: VERZAMELEN\n",
	     "    regime: WGS\n    overleggen: [lpco, leerplicht-drents-breed]\n    grondslagen: [WGS 2.31(3)]\n"
	     "    doelen: [complexe-casus]\n    categorieen: [identificerend, bsn, woonsituatie, relaties, toezicht.leerplicht, "
	     "justitieel.strafvorderlijk]\n",
	     YES(REGIME, LEERPLICHT, "WGS", ""), NO(REGIME, LEERPLICHT, "OVERIG", ""), YES(GRONDSLAG, LEERPLICHT, "WGS 2.31(3)", ""),
	     NO(GRONDSLAG, LEERPLICHT, "Leerplichtwet 1969 16", ""), YES(DOEL, LEERPLICHT, "complexe-casus", ""),
	     NO(DOEL, LEERPLICHT, "leerplicht", "")),
	EDIT("doelen: [leerplicht]\n", "doelen: [leerplicht]\n    termijn: {minimaal-uren: 72}\n", NO(TERM, LEERPLICHT, "24", "72")),
	EDIT("doelen: [leerplicht]\n", "doelen: [leerplicht]\n    termijn: {spoed-minimaal-uren: 6}\n",
	     NO(TERM_URGENT, LEERPLICHT, "1", "6")),
	EDIT("regels:\n", VOLMACHT("ggz-drenthe", "2027-01-01") "regels:\n",
	     YES(VOLMACHT, "menso-ggz", "menso", "ggz-drenthe"), YES(VOLMACHT_PERIOD, "menso-ggz", "2026-01-01", "2027-01-01"),
	     YES(VOLMACHT_OVERLEG, "menso-ggz", "nazorg", ""), YES(VOLMACHT_MESSAGE, "menso-ggz", "antwoord", ""),
	     YES(VOLMACHT_CATEGORY, "menso-ggz", "zorg", "")),
	EDIT("regels:\n", VOLMACHT("cosis", "2027-06-01") "regels:\n",
	     YES(VOLMACHT, "menso-ggz", "menso", "cosis"), YES(VOLMACHT_PERIOD, "menso-ggz", "2026-01-01", "2027-06-01"),
	     YES(VOLMACHT_OVERLEG, "menso-ggz", "nazorg", ""), YES(VOLMACHT_MESSAGE, "menso-ggz", "antwoord", ""),
	     YES(VOLMACHT_CATEGORY, "menso-ggz", "zorg", "")),
	EDIT("regel: jeugd\n    naam: Jongeren die dreigen", "regel: jongeren\n    naam: Jongeren die dreigen",
	     BESIDES(RULE, "djot, netwerkberaad, trajectberaad", "jeugd (Jongeren die dreigen af te glijden, en nazorg na jeugddetentie)",
		     "jongeren (Jongeren die dreigen af te glijden, en nazorg na jeugddetentie)")),
};

/* ---- loading ---- */

static struct convenant *load(struct span text)
{
	struct fault_list faults;
	struct convenant *c = NULL;
	struct buffer told;

	fault_list_init(&faults, "convenant");
	if (convenant_load(text, house.rules.kader, &faults, &c) == CONVENANT_OK)
		return c;
	buffer_init(&told, 0);
	fault_list_print(&faults, &told);
	fail_msg("%.*s", (int)told.len, (const char *)told.ptr);
	return NULL;
}

static struct convenant *load_edited(const struct edit *e)
{
	struct buffer text, edited;
	struct convenant *c;

	house_text("convenant", &text);
	text_replace(buffer_span(&text), e->what, e->with, &edited);
	c = load(buffer_span(&edited));
	buffer_fini(&text);
	buffer_fini(&edited);
	return c;
}

/* ---- comparing ---- */

static bool is_there(const struct diff *d, const struct expected *e)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diff_change *c = &d->v[i];

		if (c->effect == e->effect && c->what == e->what && text_equal(c->where, e->where) && text_equal(c->subject, e->subject) &&
		    text_equal(c->detail, e->detail))
			return true;
	}
	return false;
}

static size_t count(const struct diff *d, enum diff_effect effect)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].effect == effect;
	return n;
}

static void show(const struct diff *d)
{
	for (size_t i = 0; i < d->n; i++)
		print_error("%d %s (%s) (%s) (%s)\n", (int)d->v[i].effect, diff_what_name(d->v[i].what), d->v[i].where, d->v[i].subject,
			    d->v[i].detail);
}

static void each_change_shows(void **state)
{
	const struct convenant *a = house.rules.convenanten[0];
	bool seen[DIFF_WHAT_N] = { false };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(edits); i++) {
		struct convenant *b = load_edited(&edits[i]);
		struct diff d;

		CHECK_OK(convenant_diff(a, b, &d));
		for (size_t k = 0; k < edits[i].n; k++) {
			seen[edits[i].v[k].what] = true;
			if (!is_there(&d, &edits[i].v[k])) {
				show(&d);
				fail_msg("edit %zu, expected change %zu is not there: %s", i, k, edits[i].with);
			}
		}
		if (d.n != edits[i].n) {
			show(&d);
			fail_msg("edit %zu: %zu changes, expected %zu: %s", i, d.n, edits[i].n, edits[i].with);
		}
		diff_fini(&d);
		convenant_free(b);
	}
	for (size_t i = 0; i < DIFF_WHAT_N; i++)
		if (!seen[i])
			fail_msg("no edit shows %s", diff_what_name((enum diff_what)i));
}

/* The i-th change with one effect. */
static const struct diff_change *nth(const struct diff *d, enum diff_effect effect, size_t i)
{
	for (size_t k = 0; k < d->n; k++)
		if (d->v[k].effect == effect && !i--)
			return &d->v[k];
	return NULL;
}

static void mirrored(const struct diff *ab, enum diff_effect of_ab, const struct diff *ba, enum diff_effect of_ba)
{
	size_t n = count(ab, of_ab);

	assert_int_equal(n, count(ba, of_ba));
	for (size_t i = 0; i < n; i++) {
		const struct diff_change *x = nth(ab, of_ab, i), *y = nth(ba, of_ba, i);

		assert_int_equal(x->what, y->what);
		assert_string_equal(x->where, y->where);
		assert_string_equal(x->subject, of_ab == DIFF_OTHER ? y->detail : y->subject);
		assert_string_equal(x->detail, of_ab == DIFF_OTHER ? y->subject : y->detail);
	}
}

static void what_one_allows_the_other_forbids(void **state)
{
	struct convenant *all[N_ELEMENTS(edits)];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(edits); i++)
		all[i] = load_edited(&edits[i]);
	for (size_t i = 0; i < N_ELEMENTS(edits); i++)
		for (size_t k = 0; k < N_ELEMENTS(edits); k++) {
			struct diff ab, ba;

			CHECK_OK(convenant_diff(all[i], all[k], &ab));
			CHECK_OK(convenant_diff(all[k], all[i], &ba));
			mirrored(&ab, DIFF_ALLOWED, &ba, DIFF_FORBIDDEN);
			mirrored(&ab, DIFF_FORBIDDEN, &ba, DIFF_ALLOWED);
			mirrored(&ab, DIFF_OTHER, &ba, DIFF_OTHER);
			if (i == k)
				assert_int_equal(ab.n, 0);
			diff_fini(&ab);
			diff_fini(&ba);
		}
	for (size_t i = 0; i < N_ELEMENTS(edits); i++)
		convenant_free(all[i]);
}

static void equal_texts_give_nothing(void **state)
{
	struct buffer text;
	struct convenant *b;
	struct diff d;

	(void)state;
	house_text("convenant", &text);
	b = load(buffer_span(&text));
	CHECK_OK(convenant_diff(house.rules.convenanten[0], b, &d));
	assert_int_equal(d.n, 0);
	buffer_reset(&text);
	CHECK_OK(diff_print(house.rules.convenanten[0], b, &d, "nl", &text));
	CHECK_BUFFER(&text, "Convenant drenthe: van versie 1 naar versie 1\n\nEr verandert niets aan wat mag.\n");
	diff_fini(&d);
	convenant_free(b);
	buffer_fini(&text);
}

/* A rule cut in two, each half with the same content: only its name is told. */
static void how_it_is_written_does_not_count(void **state)
{
	static const struct edit cut = {
		"    overleggen: [lpco, leerplicht-drents-breed]\n",
		"    overleggen: [lpco]\n    grondslagen: [Leerplichtwet 1969 16]\n    doelen: [leerplicht]\n"
		"    categorieen: [justitieel.strafvorderlijk, identificerend, bsn, woonsituatie, relaties, toezicht.leerplicht]\n"
		"    begin: VERZAMELEN\n  - regel: leerplicht-breed\n    naam: Leerplicht breed\n    regime: OVERIG\n"
		"    overleggen: [leerplicht-drents-breed]\n",
		{ { 0 } }, 0
	};
	struct convenant *b = load_edited(&cut);
	struct diff d;

	(void)state;
	CHECK_OK(convenant_diff(house.rules.convenanten[0], b, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].what, DIFF_RULE);
	assert_string_equal(d.v[0].where, "leerplicht-drents-breed");
	diff_fini(&d);
	convenant_free(b);
}

/* ---- the difference and the decisions ---- */

static enum code decide_under(struct convenant *c, const struct scene_kind *kind)
{
	static struct scene s;
	struct decision d;

	kind->make(&s, &house);
	s.rules.convenanten[0] = c;
	scene_decide(&s, &d);
	return d.code;
}

static void no_decision_changes_unsaid(void **state)
{
	struct convenant *a = house.rules.convenanten[0];
	size_t changed = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(edits); i++) {
		struct convenant *b = load_edited(&edits[i]);
		struct diff ab;

		CHECK_OK(convenant_diff(a, b, &ab));
		for (size_t k = 0; k < SCENES; k++) {
			bool before = decide_under(a, &scenes[k]) == CODE_TOEGESTAAN, after = decide_under(b, &scenes[k]) == CODE_TOEGESTAAN;

			changed += before != after;
			if (before && !after && !count(&ab, DIFF_FORBIDDEN))
				fail_msg("edit %zu forbids \"%s\" and the difference does not say so", i, scenes[k].name);
			if (!before && after && !count(&ab, DIFF_ALLOWED))
				fail_msg("edit %zu allows \"%s\" and the difference does not say so", i, scenes[k].name);
		}
		diff_fini(&ab);
		convenant_free(b);
	}
	CHECK(changed >= 3);
}

/* ---- sentences ---- */

static void every_change_has_its_sentence(void **state)
{
	static const char *const languages[] = { "nl", "en" };
	struct buffer text;

	(void)state;
	buffer_init(&text, 0);
	for (int what = 0; what < DIFF_WHAT_N; what++)
		for (int effect = 0; effect < DIFF_EFFECT_N; effect++)
			for (size_t i = 0; i < 2; i++) {
				struct diff_change c = { (enum diff_effect)effect, (enum diff_what)what, "nazorg", "eerste", "tweede" };

				if ((effect == DIFF_OTHER) != (what >= DIFF_ID))
					continue;
				buffer_reset(&text);
				diff_sentence(&c, 1, languages[i], &text);
				CHECK_OK(buffer_ok(&text));
				buffer_u8(&text, 0);
				CHECK(text.len > 20 && utf8_valid(span_of(text.ptr, text.len - 1)));
				CHECK(!strpbrk((char *)text.ptr, "{}[]<>"));
			}
	buffer_fini(&text);
}

static void as_a_person_reads_it(void **state)
{
	struct convenant *b = load_edited(&edits[13]);
	struct buffer text;
	struct diff d;

	(void)state;
	CHECK_OK(convenant_diff(house.rules.convenanten[0], b, &d));
	buffer_init(&text, 0);
	CHECK_OK(diff_print(house.rules.convenanten[0], b, &d, "nl", &text));
	CHECK_BUFFER(&text, "Convenant drenthe: van versie 1 naar versie 1\n\nWordt toegestaan:\n  + om-noord-nederland mag leveren: relaties.\n"
			    "\nWordt verboden:\n  - om-noord-nederland mag niet meer leveren: identificerend.\n");
	buffer_reset(&text);
	CHECK_OK(diff_print(house.rules.convenanten[0], b, &d, "en", &text));
	CHECK_BUFFER(&text, "Convenant drenthe: from version 1 to version 1\n\nBecomes allowed:\n  + om-noord-nederland may supply: relaties.\n"
			    "\nBecomes forbidden:\n  - om-noord-nederland may no longer supply: identificerend.\n");
	diff_fini(&d);
	convenant_free(b);
	buffer_fini(&text);
}

static int open_house(void **state)
{
	(void)state;
	house_open(&house);
	return 0;
}

static int close_house(void **state)
{
	(void)state;
	house_close(&house);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_shows),
		cmocka_unit_test(what_one_allows_the_other_forbids),
		cmocka_unit_test(equal_texts_give_nothing),
		cmocka_unit_test(how_it_is_written_does_not_count),
		cmocka_unit_test(no_decision_changes_unsaid),
		cmocka_unit_test(every_change_has_its_sentence),
		cmocka_unit_test(as_a_person_reads_it),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
