/* SPDX-License-Identifier: EUPL-1.2 */
/* The numbers and names stand in audit entries for ever, so the list is repeated here literally. */
#include "tests/unit/proto/helper.h"

#include "proto/code.h"

static const char *const names[] = {
	"TOEGESTAAN",
	"GEEN_GRONDSLAG",
	"GEEN_DOEL",
	"DEELNEMER_ONBEVOEGD",
	"MEDEWERKER_NIET_GEAUTORISEERD",
	"CONVENANT_ONGELDIG",
	"FASE_STAAT_NIET_TOE",
	"CATEGORIE_NIET_TOEGESTAAN",
	"CATEGORIE_NIET_GEVRAAGD",
	"KRING_TE_RUIM",
	"BEROEPSGEHEIM_GEEN_BASIS",
	"GEEN_INSTEMMING_BRON",
	"VOORWAARDE_BRON",
	"NIET_BETROKKEN_BIJ_CASUS",
	"CASUS_AFGESLOTEN",
	"BEWAARTERMIJN_VERSTREKEN",
	"NIET_VERSLEUTELD",
	"HANDTEKENING_ONGELDIG",
	"HERHALING",
	"IDENTIFICATIE_IN_METADATA",
	"AUDIT_NIET_BESCHIKBAAR",
	"SCHEMA_ONGELDIG",
	"TERMIJN_VERSTREKEN",
};

static void test_numbers_and_names(void **state)
{
	(void)state;
	assert_true(N_ELEMENTS(names) <= CODE_N); /* more may come, none may go */
	for (int i = 0; i < (int)N_ELEMENTS(names); i++) {
		assert_string_equal(code_name((enum code)i), names[i]);
		assert_int_equal(code_find(names[i]), i);
	}
	assert_int_equal(code_find("GEEN"), -1);
	assert_int_equal(code_find("geen_doel"), -1);
	assert_int_equal(code_find(""), -1);
	assert_int_equal(code_find(NULL), -1);
	assert_string_equal(code_name(CODE_N), "?");
	assert_string_equal(code_name((enum code) - 1), "?");
	assert_string_equal(code_text_nl((enum code)99), "?");
}

/* One sentence each: begins with a capital, ends in its only full stop, and no two codes say the same. */
static void assert_sentence(const char *text)
{
	size_t len = strlen(text);

	assert_true(len > 20);
	assert_true(text[0] >= 'A' && text[0] <= 'Z');
	assert_true(text[len - 1] == '.');
	assert_true(strchr(text, '.') == text + len - 1);
	assert_true(utf8_valid(span_of_text(text)));
}

static void test_texts(void **state)
{
	(void)state;
	for (int i = 0; i < CODE_N; i++) {
		enum code c = (enum code)i;

		assert_sentence(code_text_nl(c));
		assert_sentence(code_text_en(c));
		assert_sentence(code_remedy_nl(c));
		assert_sentence(code_remedy_en(c));
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(code_text_nl(c), code_text_nl((enum code)k));
			assert_string_not_equal(code_text_en(c), code_text_en((enum code)k));
			assert_string_not_equal(code_remedy_nl(c), code_remedy_nl((enum code)k));
			assert_string_not_equal(code_remedy_en(c), code_remedy_en((enum code)k));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_and_names),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
