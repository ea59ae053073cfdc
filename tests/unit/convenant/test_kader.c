/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The kader that is shipped, and what a kader may not say: each broken text gives a fault at its line and column.
 */
#include <stdlib.h>
#include <string.h>

#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

static struct kader *load(struct span text, struct fault_list *faults)
{
	struct kader *k = NULL;
	int r;

	fault_list_init(faults, "nl.yaml");
	r = kader_load(text, faults, &k);
	CHECK((r == KADER_OK) == (k != NULL) && (r == KADER_E_FAULTS) == (faults->n > 0));
	return k;
}

static void the_shipped_kader(void **state)
{
	static const char *const heads[] = { "identificerend", "bsn", "woonsituatie", "financieel", "inkomen", "gezondheid",
		"politiegegevens", "justitieel", "relaties", "toezicht", "zorg", "hulpverlening" };
	static const char *const l1[] = { "politie", "om", "dji", "rvdk", "burgemeester", "college", "ggd" };
	static const char *const l2[] = { "reclassering", "veilig-thuis", "gecertificeerde-instelling", "ggz-instelling", "instelling-college" };
	static const char *const derden[] = { "woningcorporatie", "slachtofferhulp", "halt", "school", "curator" };
	static const char *const absent[] = { "godsdienst", "etniciteit", "seksuele-gerichtheid", "nationaliteit", "politiegegevens.9" };
	struct fault_list faults;
	struct buffer text;
	struct kader *k;
	size_t n_heads = 0;

	(void)state;
	house_text("kader", &text);
	k = load(buffer_span(&text), &faults);
	assert_non_null(k);
	for (size_t i = 0; i < N_ELEMENTS(heads); i++)
		assert_non_null(kader_category(k, heads[i]));
	for (size_t i = 0; i < kader_n_categories(k); i++)
		n_heads += !strchr(kader_category_at(k, i)->id, '.');
	assert_int_equal(n_heads, N_ELEMENTS(heads) + 2); /* and vraag, motivering */
	for (size_t i = 0; i < N_ELEMENTS(absent); i++)
		assert_null(kader_category(k, absent[i]));
	for (size_t i = 0; i < N_ELEMENTS(l1); i++)
		assert_int_equal(kader_kind(k, l1[i])->lid, LID_L1);
	for (size_t i = 0; i < N_ELEMENTS(l2); i++)
		assert_int_equal(kader_kind(k, l2[i])->lid, LID_L2);
	for (size_t i = 0; i < N_ELEMENTS(derden); i++)
		assert_int_equal(kader_kind(k, derden[i])->lid, LID_DERDE);
	CHECK(kader_category(k, "gezondheid.psychisch")->secret && kader_category(k, "gezondheid.psychisch")->special);
	CHECK(kader_category(k, "justitieel")->special && !kader_category(k, "woonsituatie")->secret);
	CHECK(kader_kind(k, "ggz-instelling")->secrecy_bound && !kader_kind(k, "politie")->secrecy_bound);
	assert_null(kader_kind(k, "bakker"));
	assert_null(kader_category_at(k, kader_n_categories(k)));
	assert_int_equal(kader_retention_months(k, "casus"), 60);
	assert_int_equal(kader_retention_months(k, "zomaar"), -1);
	assert_int_equal(kader_sequence(k), 1);
	CHECK(span_is_zero(SPAN_OF(kader_previous(k)->bytes)) && !span_is_zero(SPAN_OF(kader_digest(k)->bytes)));
	assert_string_equal(kader_id(k), "nl");
	kader_free(k);
	buffer_fini(&text);
}

/* What the law's frame says in words and terms, as the code that follows it reads it. */
static void words_and_terms(void **state)
{
	static const char *const klassen[] = { "maatwerk", "pga", "advies", "informatievraag", "nazorg", "melding" };
	struct fault_list faults;
	struct buffer text;
	struct kader *k;
	uint64_t from = 0;

	(void)state;
	house_text("kader", &text);
	k = load(buffer_span(&text), &faults);
	assert_non_null(k);
	for (size_t i = 0; i < N_ELEMENTS(klassen); i++)
		CHECK(kader_klasse(k, klassen[i]) && text_list_has(&k->klassen, klassen[i]));
	CHECK(kader_klasse(k, "advies")->anonymous && kader_klasse(k, "informatievraag")->anonymous && !kader_klasse(k, "pga")->anonymous);
	CHECK(kader_klasse(k, "nazorg")->regime == REGIME_OVERIG && kader_klasse(k, "pga")->regime == REGIME_NONE);
	CHECK(!kader_klasse(k, "zomaar") && !kader_ave(k, "5") && k->ave.n == 4);
	assert_string_equal(kader_ave(k, "4")->administrative, "burgemeester");
	assert_string_equal(kader_ave(k, "3")->regie, "procesregisseur");
	CHECK(kader_terms(k)->confirm_ms == 28 * DAY_MS && kader_terms(k)->invitation_ms == 31 * DAY_MS &&
	      kader_terms(k)->remind_ms == DAY_MS && kader_terms(k)->ask_ms == DAY_MS && kader_terms(k)->ask_urgent_ms == DAY_MS / 24);
	CHECK(kader_terms(k)->renewal_months == 24 && kader_terms(k)->renewal_from_months == 12 && kader_terms(k)->feedback_months == 12);
	CHECK(kader_kind(k, "zvh")->lid == LID_HUIS && kader_kind(k, "riec")->lid == LID_VERBAND);
	CHECK(text_list_has(&k->reasons[MESSAGE_CORRECTIE], "onjuist") && !k->reasons[MESSAGE_VERZOEK].n);
	CHECK(text_list_has(&kader_voorwaarde(k, "niet-naar-derde")->forbids, "derde") && !kader_voorwaarde(k, "zomaar"));
	CHECK(text_list_has(&kader_voorwaarde(k, "alleen-om")->only, "om"));
	CHECK(kader_grondslag(k, "WGS 2.28(2)")->after_known && kader_grondslag(k, "WGS 2.28(2)")->to == (LID_BIT(LID_L1) | LID_BIT(LID_HUIS)));
	CHECK(kader_grondslag(k, "WGS 2.31(3)")->to == (LID_BIT(LID_L1) | LID_BIT(LID_L2)) && !kader_grondslag(k, "WGS 2.31(3)")->after_known);
	assert_string_equal(kader_rac(k)->advies, "");
	CHECK(*kader_rac(k)->afwijking && kader_rac(k)->date_unix_ms);
	/* Nazorg goes after six months, all else after five years, and what is no doel as a casus. */
	CHECK(time_decode(span_of_text("2026-08-31T10:00:00.000Z"), &from));
	assert_int_equal(kader_expiry(k, "nazorg", from) - from, 181 * DAY_MS); /* 28 February */
	assert_int_equal(kader_expiry(k, "complexe-casus", from) - from, 1826 * DAY_MS);
	assert_int_equal(kader_expiry(k, "zomaar", from), kader_expiry(k, "complexe-casus", from));
	kader_free(k);
	buffer_fini(&text);
}

struct broken {
	const char *what, *with, *fault; /* fault: a piece of the text of some fault */
	bool somewhere;                  /* the fault has a line and a column */
};

static const struct broken texts[] = {
	{ "naam: Politie\n", "naam: Politie\n    kleur: blauw\n", "the key kleur is unknown", true },
	{ "lid: L1\n", "lid: L3\n", "lid: L1, L2, huis, verband or derde", true },
	{ "soort: politie\n", "soort: om\n", "soort: om stands here twice", true },
	{ "levert: [identificerend, bsn, woonsituatie, politiegegevens", "levert: [identificerend, religie, politiegegevens", "no category "
	  "religie", true },
	{ "levert: [identificerend, bsn", "levert: [vraag, bsn", "no category vraag", true },
	{ "lid: derde\n", "lid: derde\n    levert: [bsn]\n", "a derde supplies nothing", true },
	{ "categorie: bsn\n", "categorie: woonsituatie\n", "woonsituatie stands here twice", true },
	{ "categorie: woonsituatie.onderdak", "categorie: wonen.onderdak", "begins with \"woonsituatie.\"", true },
	{ "alleen-in: [verzoek, ", "alleen-in: [brief, ", "there is no message brief", true },
	{ "geheim: true", "geheim: ja", "true or false", true },
	{ "grondslag: WGS 2.31(2)", "grondslag: WGS 2.31(1)", "stands here twice", true },
	{ "regime: WGS\n    berichten: [aanmelding,", "regime: AVG\n    berichten: [aanmelding,", "WGS or OVERIG", true },
	{ "regime: OVERIG\n    rac: bevestigen", "regime: OVERIG\n    rac: akkoord", "rac: bevestigen", true },
	{ "doel: nazorg\n", "doel: Nazorg!\n", "an id has", true },
	{ "handeling: inzage", "handeling: ontvangst", "no message ontvangst signed by a person", true },
	{ "handeling: fase", "handeling: verzoek", "verzoek stands here twice", true },
	{ "lid: [L1, L2]\n    artikel: WGS 2.31(1)", "lid: [L1, derde]\n    artikel: WGS 2.31(1)", "a derde has no access", true },
	{ "begin: VERZAMELEN", "begin: AANGEMELD", "begins at VERZAMELEN", true },
	{ "begin: AANGEMELD", "begin: VERZAMELEN", "begins at AANGEMELD", true },
	{ "fase: ADVIES", "fase: SLAPEND", "there is no phase SLAPEND", true },
	{ "fase: ADVIES", "fase: AANGEMELD", "AANGEMELD stands here twice", true },
	{ "naar: [VERZAMELEN]", "naar: [AFGESLOTEN]", "the other phases follow", true },
	{ "          beoordeling: [L1]", "          beoordelingen: [L1]", "there is no message beoordelingen", true },
	{ "        mag:\n          hernieuwing: [L1]\n          instemmingsverzoek", "        mag:\n          verzoek: [L1]\n          "
	  "instemmingsverzoek", "a closed casus is shielded", true },
	{ "screening-maanden: 60", "screening-maanden: lang", "a whole number", true },
	{ "screening-maanden: 60", "screening-maanden: 0", "a whole number", true },
	{ "  training-maanden: 36\n", "", "training-maanden: is missing", true },
	{ "gronden: [toestemming, wettelijke-plicht, wettelijk-recht, goed-hulpverlenerschap]", "gronden: []", "at least one", true },
	{ "van: 2025-03-01", "van: 2035-03-01", "lies before van", true },
	{ "van: 2025-03-01", "van: gisteren", "a date is expected", true },
	{ "volgnummer: 1", "volgnummer: 0", "a whole number", true },
	{ "vorige: \"00", "vorige: \"0Z", "hex digits", true },
	{ "kader: nl", "kader: \"\"", "kader: is empty", true },
	{ "wat: logregel", "wat: casus", "casus stands here twice", true },
	{ "maanden: 24", "maanden: eeuwig", "a whole number", true },
	{ "wat: logregel\n    maanden: 60", "wat: logregel\n    maanden: 47", "it can not go sooner than that", true },
	{ "soorten:\n", "soorten: &x\n", "anchors", true },
	{ "naam: Politie\n", "naam: *x\n", "aliases", true },
	{ "naam: Politie\n", "naam: !!binary Politie\n", "tags", true },
	{ "lid: L1\n", "lid: [[[[[[[[[[[[[[[[[[L1]]]]]]]]]]]]]]]]]]\n", "nested deeper", true },
	{ "naam: Politie\n", "naam: {naam: Politie}\n", "a text is expected", true },
	{ "lid: L1\n", "lid: L1\n    levert: bsn\n", "already on line", true },
	{ "gronden: [toestemming, wettelijke-plicht, wettelijk-recht, goed-hulpverlenerschap]", "gronden: toestemming", "a list is expected", true },
	{ "rac: {afwijking", "rec: {afwijking", "rac: is missing", true },
	{ "rac: {afwijking", "rac: {advies: \"1\", afwijking", "the key advies is unknown", true },
	{ ", gemeld: 2025-03-01}", "}", "gemeld: is missing", true },
	{ "rac: {afwijking: \"voorbeeld, nog niet voorgelegd (WGS 1.8(6), BGS 1.13)\", gemeld: 2025-03-01}", "rac: {}", "advies: is missing", true },
	{ "rac: {afwijking: \"voorbeeld, nog niet voorgelegd (WGS 1.8(6), BGS 1.13)\", gemeld: 2025-03-01}", "rac: akkoord",
	  "a map is expected", true },
	{ "lid: huis\n", "lid: bureau\n", "lid: L1, L2, huis, verband or derde", true },
	{ "aan: [L1, huis]", "aan: [derde]", "a derde has no access", true },
	{ "aan: [L1, huis]", "aan: [iedereen]", "L1, L2, huis or verband", true },
	{ "na-bekend: true", "na-bekend: soms", "true or false", true },
	{ "bewaartermijn: nazorg", "bewaartermijn: eeuwig", "no row eeuwig in bewaartermijnen", true },
	{ "{klasse: pga, naam", "{klasse: maatwerk, naam", "maatwerk stands here twice", true },
	{ "anoniem: true", "anoniem: heel", "true or false", true },
	{ "regime: OVERIG}", "regime: AVG}", "WGS or OVERIG", true },
	{ "niveau: \"2\"", "niveau: \"1\"", "1 stands here twice", true },
	{ "      bestuurlijk: burgemeester\n", "", "bestuurlijk: is missing", true },
	{ "verbiedt: [derde]", "verbiedt: [pers]", "deelnemer, huis, verband or derde", true },
	{ "verbiedt: [derde]\n", "alleen: [bakker]\n", "there is no soort bakker", true },
	{ "    verbiedt: [derde]\n", "", "one of the two is needed", true },
	{ "alleen: [om]", "alleen: [om]\n    verbiedt: [derde]", "one of the two is needed", true },
	{ "voorwaarde: niet-naar-huis", "voorwaarde: niet-verder", "niet-verder stands here twice", true },
	{ "  afsluiting: [doel", "  brief: [doel", "there is no message brief", true },
	{ "  afsluiting: [doel-bereikt", "  afsluiting: [Doel bereikt", "is not an id", true },
	{ "  dagen: 31", "  dagen: 0", "a whole number", true },
	{ "  dagen: 31", "  maanden: 31", "the key maanden is unknown", true },
	{ "  vanaf-maanden: 12\n", "", "vanaf-maanden: is missing", true },
	{ "  minimaal-uren: 1\n", "  minimaal-uren: 48\n", "is more than that of termijn", true },
	{ "door: [betrokkene, wettelijk-vertegenwoordiger]", "door: []", "at least one", true },
};

static bool says(const struct fault_list *faults, const struct broken *b)
{
	for (size_t i = 0; i < faults->n; i++)
		if (strstr(faults->v[i].text, b->fault) && (!b->somewhere || (faults->v[i].line && faults->v[i].column)))
			return true;
	return false;
}

static void broken_kaders(void **state)
{
	struct buffer text;

	(void)state;
	house_text("kader", &text);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct fault_list faults;
		struct buffer changed;
		struct kader *k;

		text_replace(buffer_span(&text), texts[i].what, texts[i].with, &changed);
		k = load(buffer_span(&changed), &faults);
		if (k || !says(&faults, &texts[i]))
			fail_msg("%s: %s (%s)", texts[i].with, k ? "loaded" : "another fault", faults.n ? faults.v[0].text : "");
		buffer_fini(&changed);
	}
	buffer_fini(&text);
}

/* Every section left out is a fault, none a crash. */
static void sections_left_out(void **state)
{
	struct buffer text;
	const char *at;
	size_t n = 0;

	(void)state;
	house_text("kader", &text);
	buffer_u8(&text, 0);
	text.len--;
	for (at = (const char *)text.ptr; at; at = strchr(at, '\n')) {
		const char *end;
		struct fault_list faults;
		struct buffer without;

		at += *at == '\n';
		if (*at < 'a' || *at > 'z')
			continue;
		for (end = strchr(at, '\n'); end && (end[1] == ' ' || end[1] == '#' || end[1] == '\n'); end = strchr(end + 1, '\n'))
			;
		buffer_init(&without, 0);
		buffer_bytes(&without, span_of(text.ptr, (size_t)(at - (const char *)text.ptr)));
		if (end)
			buffer_text(&without, end + 1);
		assert_null(load(buffer_span(&without), &faults));
		buffer_fini(&without);
		n++;
	}
	CHECK(n >= 30);
	buffer_fini(&text);
}

static void hostile_texts(void **state)
{
	static const char *const bad[] = { "", "kader", "- kader", "[]", "{}", "kader: nl", "kader: [", "\xff\xfe", "kader: nl\n---\nkader: nl\n",
		"soorten: {}\ncategorieen: {}\nfasen: 3\n", "fasen:\n  - rijen:\n      - mag: [L1]\n" };
	struct fault_list faults;
	struct buffer large;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_null(load(span_of_text(bad[i]), &faults));
	buffer_init(&large, 0);
	for (size_t i = 0; i < 10 * 1024 * 1024 / 16; i++)
		buffer_text(&large, "- soort: politie");
	assert_null(load(buffer_span(&large), &faults));
	assert_non_null(strstr(faults.v[0].text, "1 MiB"));
	buffer_reset(&large);
	buffer_text(&large, "soorten:\n");
	for (size_t i = 0; i < 9000; i++)
		buffer_printf(&large, "  - {soort: s%zu, naam: n, lid: L1, artikel: a}\n", i);
	assert_null(load(buffer_span(&large), &faults));
	buffer_fini(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_kader),
		cmocka_unit_test(words_and_terms),
		cmocka_unit_test(broken_kaders),
		cmocka_unit_test(sections_left_out),
		cmocka_unit_test(hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
