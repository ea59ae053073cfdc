/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What in a text looks like somebody, and what does not: each way people write it, and the ordinary words that must not be stopped.
 */
#include <string.h>

#include "convenant/identity.h"
#include "tests/unit/convenant/scene.h"

static struct house house;

struct sample {
	const char *text;
	enum identity what;
	const char *found;
};

static void structured(void **state)
{
	static const struct sample samples[] = {
		{ "alles over 9999.00.407 graag", IDENTITY_BSN, "9999.00.407" },
		{ "BSN 999900407", IDENTITY_BSN, "999900407" },
		{ "bel 06-12345678", IDENTITY_CONTACT, "06-12345678" },
		{ "bel 0612345678.", IDENTITY_CONTACT, "0612345678" },
		{ "tel. (0592) 12 34 56", IDENTITY_CONTACT, "(0592) 12 34 56" },
		{ "tel +31 6 1234 5678", IDENTITY_CONTACT, "+31 6 1234 5678" },
		{ "tel 0031 6 12345678", IDENTITY_CONTACT, "0031 6 12345678" },
		{ "mail jan.de-vries+x@example.nl.", IDENTITY_CONTACT, "jan.de-vries+x@example.nl." },
		{ "geb. 1-2-2019", IDENTITY_BIRTH, "1-2-2019" },
		{ "geboren op 12 maart 2020 in Assen", IDENTITY_BIRTH, "12 maart 2020" },
		{ "de man van 12/03/1985", IDENTITY_BIRTH, "12/03/1985" },
		{ "1985-03-12", IDENTITY_BIRTH, "1985-03-12" },
		{ "3.4.1948", IDENTITY_BIRTH, "3.4.1948" },
		{ "woont op 9401 AB 12", IDENTITY_ADDRESS, "9401 AB 12" },
		{ "9401ab 7", IDENTITY_ADDRESS, "9401ab 7" },
		{ "Dorpsstraat 12, 9401 AB Assen", IDENTITY_ADDRESS, "12, 9401 AB" },
		{ "dorpsstraat 12a 9401AB", IDENTITY_ADDRESS, "12a 9401AB" },
		{ "9401 AB nr. 3", IDENTITY_ADDRESS, "9401 AB nr. 3" },
		{ "van NL91 ABNA 0417 1643 00 betaald", IDENTITY_ACCOUNT, "NL91 ABNA 0417 1643 00" },
		{ "NL91ABNA0417164300", IDENTITY_ACCOUNT, "NL91ABNA0417164300" },
		/* and what is nobody */
		{ "", IDENTITY_NONE, "" },
		{ "de zitting is op 03-12-2026", IDENTITY_NONE, "" },
		{ "sinds 12 maart 2025 in beeld", IDENTITY_NONE, "" },
		{ "WGS 2.31(3) en Leerplichtwet 1969 16", IDENTITY_NONE, "" },
		{ "in 2026 om 12 uur", IDENTITY_NONE, "" },
		{ "postcodegebied 9401", IDENTITY_NONE, "" },
		{ "wijk 9401 AB", IDENTITY_NONE, "" },
		{ "NL92 ABNA 1417 1643 00", IDENTITY_NONE, "" }, /* its check does not hold */
		{ "112 gebeld, 3 x per week, van 9.00 tot 17.00", IDENTITY_NONE, "" },
		{ "casus 12345678 in fase 3 @ ketenkamer", IDENTITY_NONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(samples); i++) {
		char found[IDENTITY_FOUND_MAX];
		enum identity what = text_identity(samples[i].text, SCENE_NOW, found);

		if (what != samples[i].what || !text_equal(found, samples[i].found))
			fail_msg("%s: %d %s", samples[i].text, what, found);
	}
}

/* Without a date of today only what is said to be a birth is one: a reference date of years ago is no birthday. */
static void dates_without_today(void **state)
{
	(void)state;
	assert_int_equal(text_identity("1985-03-12", 0, NULL), IDENTITY_NONE);
	assert_int_equal(text_identity("geb 1985-03-12", 0, NULL), IDENTITY_BIRTH);
	CHECK(!text_names_a_person("2019-01-01"));
	CHECK(text_names_a_person("06 12345678"));
}

static void names(void **state)
{
	static const struct sample samples[] = {
		{ "zicht op Jansen is nodig", IDENTITY_NAME, "Jansen" },
		{ "de heer J. Verzonnen woont er", IDENTITY_NAME, "Verzonnen" },
		{ "met Fatima erbij", IDENTITY_NAME, "Fatima" },
		{ "over \xc3\x89lise gaat het", IDENTITY_NAME, "\xc3\x89lise" },
		{ "Overleg nodig. Betreft Pietersen.", IDENTITY_NAME, "Pietersen" },
		{ "de zoon van \"Karel\"", IDENTITY_NAME, "Karel" },
		{ "Jan-Willem woont er met Kees", IDENTITY_NAME, "Willem" },
		/* a person may write these */
		{ "Het OM en de GGZ vragen dit", IDENTITY_NONE, "" },
		{ "de RvdK, het OvJ en de WvGGZ", IDENTITY_NONE, "" },
		{ "onder de Jeugdwet en de Wmo", IDENTITY_NONE, "" },
		{ "sinds Maart in Assen, bij GGZ Drenthe en Cosis", IDENTITY_NONE, "" },
		{ "naar de Ketenkamer van het Veiligheidshuis", IDENTITY_NONE, "" },
		{ "met Politie Noord-Nederland en gemeente Emmen", IDENTITY_NONE, "" },
		{ "Wat speelt er? Wie helpt al? Waar: Emmen", IDENTITY_NONE, "" },
		{ "(Zie plan van aanpak.) Onderdak is nodig", IDENTITY_NONE, "" },
		{ "zicht op wonen en behandeling is nodig", IDENTITY_NONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(samples); i++) {
		char found[IDENTITY_FOUND_MAX];
		bool name = text_name(&house.rules, samples[i].text, found);

		if (name != (samples[i].what == IDENTITY_NAME) || !text_equal(found, samples[i].found))
			fail_msg("%s: %d %s", samples[i].text, name, found);
	}
}

static void codes(void **state)
{
	static const char *const good[] = { "BVH", "bvh-2026/114", "regas:14.2", "gv-2026-014", "mdw_0421" };
	static const char *const bad[] = { "", "het dossier", "-x", "Jos\xc3\xa9", "a\tb", "a;b", "(a)" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		CHECK(text_is_code(good[i]));
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		CHECK(!text_is_code(bad[i]));
}

/* Whatever bytes: no reading beyond the text, and a found piece is in it or is empty. */
static void any_bytes(void **state)
{
	char text[64], found[IDENTITY_FOUND_MAX];
	uint64_t seed = 11;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t n = (size_t)(round % 60);

		for (size_t i = 0; i < n; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			text[i] = round % 3 ? "0123456789 -./@+ABNLabde"[(seed >> 33) % 24] : (char)((seed >> 33) % 255 + 1);
		}
		text[n] = '\0';
		(void)text_identity(text, SCENE_NOW, found);
		CHECK(strlen(found) < IDENTITY_FOUND_MAX);
		if (round % 16 == 0)
			(void)text_name(&house.rules, text, found);
		(void)text_is_code(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structured), cmocka_unit_test(dates_without_today), cmocka_unit_test(names),
		cmocka_unit_test(codes),      cmocka_unit_test(any_bytes),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
