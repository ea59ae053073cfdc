/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The convenant of the example, and what a convenant may not say: above the kader, against itself, or badly written.
 */
#include <stdlib.h>
#include <string.h>

#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

static struct house house;

static struct convenant *load(struct span text, struct fault_list *faults)
{
	struct convenant *c = NULL;
	int r;

	fault_list_init(faults, "convenant.yaml");
	r = convenant_load(text, house.rules.kader, faults, &c);
	CHECK((r == CONVENANT_OK) == (c != NULL) && (r == CONVENANT_E_FAULTS) == (faults->n > 0));
	return c;
}

static void the_example(void **state)
{
	const struct convenant *c = house.rules.convenanten[0];
	struct convenant_choice choice;

	(void)state;
	assert_string_equal(convenant_id(c), "drenthe");
	assert_int_equal(convenant_sequence(c), 1);
	assert_int_equal(convenant_quorum(c), 2);
	CHECK(convenant_has_party(c, "ggz-drenthe") && !convenant_has_party(c, "halt"));
	CHECK(text_list_has(convenant_signers(c), "politie"));
	CHECK(convenant_from_ms(c) < SCENE_NOW && convenant_until_ms(c) > SCENE_NOW);
	CHECK(span_is_zero(SPAN_OF(convenant_previous(c)->bytes)) && !span_is_zero(SPAN_OF(convenant_digest(c)->bytes)));
	CHECK(convenant_default(c, "nazorg", MESSAGE_VERZOEK, &choice) && choice.consent);
	assert_string_equal(choice.grondslag, "Bjsg 11a bis");
	CHECK(convenant_default(c, "maatwerkoverleg", MESSAGE_BEOORDELING, &choice) && !choice.consent);
	assert_string_equal(choice.grondslag, "WGS 2.31(2)");
	assert_string_equal(choice.regime, "WGS");
	assert_string_equal(choice.doel, "complexe-casus");
	CHECK(!convenant_default(c, "borrel", MESSAGE_VERZOEK, &choice));
}

/* Each overleg of the example's register is governed, and each of its participants is a party (a derde never). */
static void the_example_fits_its_register(void **state)
{
	const struct registry *r = house.rules.registry;
	const struct convenant *c = house.rules.convenanten[0];
	struct convenant_choice choice;

	(void)state;
	CHECK(r->n_overleggen >= 16 && r->n_hoedanigheden >= 50);
	for (size_t i = 0; i < r->n_overleggen; i++) {
		const struct reg_overleg *o = &r->overleggen[i];

		if (!convenant_default(c, o->id, MESSAGE_VERZOEK, &choice))
			fail_msg("no rule for %s", o->id);
		assert_string_equal(choice.regime, regime_name(o->regime));
		for (size_t k = 0; k < o->vaste.n; k++)
			CHECK(convenant_has_party(c, o->vaste.v[k]));
		for (size_t k = 0; k < o->agenda.n; k++)
			CHECK(convenant_has_party(c, o->agenda.v[k]));
		for (size_t k = 0; k < o->derden.n; k++)
			CHECK(!convenant_has_party(c, o->derden.v[k]));
	}
}

#define VOLMACHT(rest) "volmachten:\n  - {volmacht: v1, gever: " rest "}\nregels:\n"
#define PERIOD ", van: 2026-01-01, tot: 2027-01-01"
#define GOOD "ggz-drenthe, gemachtigde: menso, berichten: [antwoord, verzoek], overleggen: [nazorg, lpco], categorieen: [zorg]" PERIOD

static struct convenant *changed(const char *what, const char *with)
{
	struct fault_list faults;
	struct buffer text, edited;
	struct convenant *c;

	house_text("convenant", &text);
	text_replace(buffer_span(&text), what, with, &edited);
	c = load(buffer_span(&edited), &faults);
	if (!c)
		fail_msg("%s", faults.v[0].text);
	buffer_fini(&text);
	buffer_fini(&edited);
	return c;
}

static void a_power_to_act_for_another(void **state)
{
	struct convenant *c = changed("regels:\n", VOLMACHT(GOOD));
	const struct volmacht *v = convenant_volmacht(c, "ggz-drenthe", "menso", MESSAGE_ANTWOORD, "nazorg", SCENE_NOW);
	struct buffer nl;

	(void)state;
	assert_non_null(v);
	assert_string_equal(v->rule, "drenthe/v1.volmacht");
	CHECK(codes_have(&v->categories, (size_t)kader_category_index(house.rules.kader, "zorg.indicatie")) &&
	      !codes_have(&v->categories, (size_t)kader_category_index(house.rules.kader, "bsn")));
	CHECK(volmacht_same(v, v));
	assert_null(convenant_volmacht(c, "menso", "ggz-drenthe", MESSAGE_ANTWOORD, "nazorg", SCENE_NOW));
	assert_null(convenant_volmacht(c, "ggz-drenthe", "menso", MESSAGE_MELDING, "nazorg", SCENE_NOW));
	assert_null(convenant_volmacht(c, "ggz-drenthe", "menso", MESSAGE_ANTWOORD, "djot", SCENE_NOW));
	assert_null(convenant_volmacht(c, "ggz-drenthe", "menso", MESSAGE_ANTWOORD, "nazorg", v->until_unix_ms));
	assert_null(convenant_volmacht(c, "ggz-drenthe", "menso", MESSAGE_ANTWOORD, "nazorg", v->from_unix_ms - 1));
	buffer_init(&nl, 0);
	CHECK_OK(convenant_print(c, "nl", &nl));
	buffer_u8(&nl, 0);
	assert_non_null(strstr((char *)nl.ptr, "Volmacht v1: menso namens ggz-drenthe, van 2026-01-01 tot 2027-01-01\n  overleggen: lpco, nazorg\n"
					       "  berichten: verzoek, antwoord\n  categorieën: zorg\n"));
	buffer_fini(&nl);
	convenant_free(c);
}

static void withdrawal_and_terms(void **state)
{
	struct convenant *c = changed("tot: 2029-03-01\n", "tot: 2029-03-01\ningetrokken: 2026-12-01T09:00:00.000Z\n");
	struct buffer nl;

	(void)state;
	assert_int_equal(convenant_withdrawn_ms(house.rules.convenanten[0]), 0);
	assert_int_equal(convenant_withdrawn_ms(c), SCENE_NOW + 9 * DAY_MS + 3600000);
	buffer_init(&nl, 0);
	CHECK_OK(convenant_print(c, "nl", &nl));
	buffer_u8(&nl, 0);
	assert_non_null(strstr((char *)nl.ptr, "tot 2029-03-01, ingetrokken per 2026-12-01T09:00:00.000Z; "));
	assert_non_null(strstr((char *)nl.ptr, "RAC: afgeweken, gemeld op 2025-03-01: voorbeeld"));
	buffer_fini(&nl);
	convenant_free(c);
	c = changed("doelen: [nazorg]", "doelen: [nazorg]\n    termijn: {minimaal-uren: 48, spoed-minimaal-uren: 2}");
	CHECK(convenant_rule(c, "nazorg")->ask_ms == 2 * DAY_MS && convenant_rule(c, "nazorg")->ask_urgent_ms == DAY_MS / 12);
	CHECK(convenant_rule(c, "lpco")->ask_ms == DAY_MS && convenant_rule(c, "lpco")->ask_urgent_ms == DAY_MS / 24); /* the kader's */
	convenant_free(c);
}

struct broken {
	const char *what, *with, *fault;
};

static const struct broken texts[] = {
	/* above the kader: the fault names the kader's row */
	{ "soort: politie\n    levert: [identificerend", "soort: politie\n    levert: [gezondheid", "gezondheid is above the kader: see its row "
	  "soort: politie (WGS 2.27(1))" },
	{ "soort: om\n    levert: [identificerend", "soort: om\n    levert: [politiegegevens", "politiegegevens is above the kader" },
	{ "soort: dji\n    levert: [identificerend, bsn, woonsituatie, financieel, inkomen, justitieel.tenuitvoerlegging",
	  "soort: dji\n    levert: [identificerend, bsn, woonsituatie, financieel, inkomen, justitieel", "justitieel is above the kader" },
	{ "soort: om\n", "soort: halt\n", "a derde is no party" },
	{ "soort: om\n", "soort: bakker\n", "no kind bakker" },
	{ "grondslagen: [Bjsg 11a bis]", "grondslagen: [Convenant 3]", "Convenant 3 is above the kader" },
	{ "grondslagen: [Bjsg 11a bis]", "grondslagen: [WGS 2.31(3)]", "its row says regime WGS" },
	{ "doelen: [nazorg]", "doelen: [opsporing]", "opsporing is above the kader" },
	{ "doelen: [nazorg]", "doelen: [complexe-casus]", "its row says regime WGS" },
	{ "begin: AANGEMELD", "begin: VERZAMELEN", "is above the kader" },
	{ "    toestemming: true\n    begin: VERZAMELEN\n", "    toestemming: true\n", "say \"begin: VERZAMELEN\"" },
	{ "toezicht, zorg, hulpverlening]\n    toestemming", "toezicht, zorg, godsdienst]\n    toestemming", "no category godsdienst" },
	{ "toezicht, zorg, hulpverlening]\n    toestemming", "toezicht, zorg, vraag]\n    toestemming", "no category vraag" },
	/* against itself */
	{ "overleggen: [nazorg]", "overleggen: [nazorg, ketenkamer]", "ketenkamer stands here twice" },
	{ "hoedanigheid: om-noord-nederland", "hoedanigheid: politie-noord-nederland", "stands here twice" },
	{ "regel: jeugd\n", "regel: nazorg\n", "nazorg stands here twice" },
	{ "vragers: [zvhd-nazorg", "vragers: [halt, zvhd-nazorg", "halt is no party" },
	{ "quorum: 2", "quorum: 90", "a whole number from 1 to" },
	{ "quorum: 2", "quorum: 0", "a whole number" },
	{ "quorum: 2\n", "", "quorum: is missing" },
	{ "tot: 2029-03-01", "tot: 2024-03-01", "lies before van" },
	{ "overleggen: [nazorg]", "overleggen: []", "overleggen: at least one" },
	{ "doelen: [nazorg]", "doelen: []", "doelen: at least one" },
	{ "tot: 2029-03-01\n", "tot: 2029-03-01\ningetrokken: 2024-01-01\n", "ingetrokken: lies outside" },
	{ "tot: 2029-03-01\n", "tot: 2029-03-01\ningetrokken: 2029-03-02\n", "ingetrokken: lies outside" },
	{ "regels:\n", VOLMACHT("bakker, gemachtigde: menso, berichten: [antwoord], overleggen: [nazorg]" PERIOD), "bakker is no party" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: bakker, berichten: [antwoord], overleggen: [nazorg]" PERIOD), "bakker is no party" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: menso, berichten: [antwoord], overleggen: [nazorg]" PERIOD), "a volmacht of himself" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [antwoord], overleggen: [borrel]" PERIOD), "borrel has no rule" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [antwoord], overleggen: []" PERIOD), "overleggen: at least one" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [], overleggen: [nazorg]" PERIOD), "berichten: at least one" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [brief], overleggen: [nazorg]" PERIOD), "no message brief" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [antwoord], overleggen: [nazorg]"), "van: is missing" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [antwoord], overleggen: [nazorg], categorieen: [geloof]" PERIOD),
	  "no category geloof" },
	{ "regels:\n", VOLMACHT("menso, gemachtigde: cosis, berichten: [antwoord], overleggen: [nazorg], tarief: 3" PERIOD),
	  "the key tarief is unknown" },
	/* a power of an L1 is not for an L2, whoever gives it */
	{ "regels:\n", VOLMACHT("zvhd-procesregie, gemachtigde: menso, berichten: [betrekken], overleggen: [ketenkamer]" PERIOD),
	  "betrekken is above the kader: an L2 may not do it" },
	{ "regels:\n", VOLMACHT(GOOD "}\n  - {volmacht: v1, gever: " GOOD), "v1 stands here twice" },
	{ "regels:\n", VOLMACHT(GOOD "}\n  - {volmacht: v2, gever: " GOOD), "v2 gives what v1 gives" },
	{ "doelen: [nazorg]", "doelen: [nazorg]\n    termijn: {minimaal-uren: 12}", "below the kader, which says at least 24" },
	{ "doelen: [nazorg]", "doelen: [nazorg]\n    termijn: {minimaal-uren: 48, spoed-minimaal-uren: 72}", "is more than minimaal-uren" },
	{ "doelen: [nazorg]", "doelen: [nazorg]\n    termijn: {dagen: 2}", "the key dagen is unknown" },
	{ "doelen: [nazorg]", "doelen: [nazorg]\n    termijn: lang", "a map is expected" },
	/* badly written */
	{ "regime: OVERIG\n    overleggen: [nazorg]", "regime: Overig\n    overleggen: [nazorg]", "WGS or OVERIG" },
	{ "toestemming: true", "toestemming: misschien", "true or false" },
	{ "kring: true", "kringen: true", "the key kringen is unknown" },
	{ "kring: true", "kring: true\n    kring: true", "already on line" },
	{ "convenant: drenthe", "convenant: Drenthe Noord", "an id has" },
	{ "volgnummer: 1", "volgnummer: een", "a whole number" },
	{ "volgnummer: 1\n", "", "volgnummer: is missing" },
	{ "vorige: \"", "vorige: \"00", "hex digits" },
	{ "rac: {afwijking", "advies: {afwijking", "rac: is missing" },
	{ "    kring: true\n    begin: AANGEMELD", "    berichten: [verzoek, brief]\n    begin: AANGEMELD", "no message brief" },
	{ "naam: Veelplegers\n", "naam: &v Veelplegers\n", "anchors" },
	{ "naam: Veelplegers\n", "naam: *v\n", "aliases" },
	{ "naam: Veelplegers\n", "naam: [Veelplegers]\n", "a text is expected" },
};

static void broken_convenanten(void **state)
{
	struct buffer text;

	(void)state;
	house_text("convenant", &text);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct fault_list faults;
		struct buffer changed;
		struct convenant *c;
		bool said = false;

		text_replace(buffer_span(&text), texts[i].what, texts[i].with, &changed);
		c = load(buffer_span(&changed), &faults);
		for (size_t k = 0; k < faults.n; k++)
			said = said || (strstr(faults.v[k].text, texts[i].fault) && faults.v[k].line && faults.v[k].column);
		if (c || !said)
			fail_msg("%s: %s (%s)", texts[i].with, c ? "loaded" : "another fault", faults.n ? faults.v[0].text : "");
		buffer_fini(&changed);
	}
	buffer_fini(&text);
}

static void hostile_texts(void **state)
{
	static const char *const bad[] = { "", "convenant", "{}", "[]", "convenant: d\npartijen: 3\nregels: {}\n", "regels:\n  - 1\n  - []\n",
		"partijen:\n  - hoedanigheid: [a]\n    soort: {}\n", "convenant: \"\\0\"\n" };
	struct fault_list faults;
	struct buffer large;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_null(load(span_of_text(bad[i]), &faults));
	buffer_init(&large, 0);
	buffer_text(&large, "ondertekenaars: [a0");
	for (size_t i = 1; i < 5000; i++)
		buffer_printf(&large, ", a%zu", i);
	buffer_text(&large, "]\n");
	assert_null(load(buffer_span(&large), &faults));
	buffer_fini(&large);
}

static void the_account(void **state)
{
	struct buffer nl, en;

	(void)state;
	buffer_init(&nl, 0);
	buffer_init(&en, 0);
	CHECK_OK(convenant_print(house.rules.convenanten[0], "nl", &nl));
	CHECK_OK(convenant_print(house.rules.convenanten[0], "en", &en));
	buffer_u8(&nl, 0);
	buffer_u8(&en, 0);
	assert_non_null(strstr((char *)nl.ptr, "geldig van 2025-03-01 tot 2029-03-01"));
	assert_non_null(strstr((char *)nl.ptr, "politie-noord-nederland (Politie, L1): levert bsn, identificerend, politiegegevens"));
	assert_non_null(strstr((char *)nl.ptr, "alleen met vastgelegde toestemming"));
	assert_non_null(strstr((char *)nl.ptr, "zvhd-toezicht (College van burgemeester en wethouders, L1): levert niets"));
	assert_non_null(strstr((char *)en.ptr, "valid from 2025-03-01 until 2029-03-01"));
	assert_non_null(strstr((char *)en.ptr, "only with the recorded consent"));
	buffer_fini(&nl);
	buffer_fini(&en);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example),
		cmocka_unit_test(the_example_fits_its_register),
		cmocka_unit_test(a_power_to_act_for_another),
		cmocka_unit_test(withdrawal_and_terms),
		cmocka_unit_test(broken_convenanten),
		cmocka_unit_test(hostile_texts),
		cmocka_unit_test(the_account),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
