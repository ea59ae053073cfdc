/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The elfproef against the vectors, and what counts as a number that names a person in a text.
 */
#include <jansson.h>
#include <stdio.h>

#include "tests/unit/convenant/scene.h"

static json_t *vectors(void)
{
	struct buffer file;
	json_t *v;

	test_file("vectors/bsn/bsn_elfproef.json", &file);
	v = json_loadb((const char *)file.ptr, file.len, 0, NULL);
	buffer_fini(&file);
	assert_non_null(v);
	return v;
}

static void valid_numbers(void **state)
{
	json_t *v = vectors(), *row;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(json_object_get(v, "valid"), i, row) {
		char text[80];

		CHECK(bsn_valid(json_string_value(row)));
		snprintf(text, sizeof text, "over %s gaat het", json_string_value(row));
		CHECK(text_names_a_person(text));
		n++;
	}
	CHECK(n >= 40);
	json_decref(v);
}

static void invalid_numbers(void **state)
{
	static const char *const keys[] = { "valid_bankaccount_elfproef_but_not_bsn", "prefixes_without_valid_check_digit" };
	json_t *v = vectors(), *row;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(json_object_get(v, "invalid"), i, row) {
		CHECK(!bsn_valid(json_string_value(json_object_get(row, "value"))));
		n++;
	}
	for (size_t k = 0; k < N_ELEMENTS(keys); k++)
		json_array_foreach(json_object_get(v, keys[k]), i, row) {
			CHECK(!bsn_valid(json_string_value(row)));
			n++;
		}
	CHECK(n >= 40);
	json_decref(v);
}

static void texts(void **state)
{
	static const char *const naming[] = { "999900407", "x999900407y", "9999.00.407", "999 900 407", "9 9 9 9 0 0 4 0 7",
		"tel 0592 12 34, bsn 999900407", "999900407 en 12", "a.999900407.", ("9999\xc2\xa0""00\xc2\xa0""407"), "12 999900407",
		"(999900407)", "9999-00-407", "999/900/407", "999_900_407", "999,900,407",
		"\xef\xbc\x99\xef\xbc\x99\xef\xbc\x99\xef\xbc\x99\xef\xbc\x90\xef\xbc\x90\xef\xbc\x94\xef\xbc\x90\xef\xbc\x97", /* full width */
		("9999\xe2\x80\x93""00\xe2\x80\x93""407"), ("9999\xe2\x80\x8b""00407"), /* en dash; zero width space */
		"\xd9\xa9\xd9\xa9\xd9\xa9\xd9\xa9\xd9\xa0\xd9\xa0\xd9\xa4\xd9\xa0\xd9\xa7" /* Arabic-Indic */ };
	static const char *const not_naming[] = { "", "999900408", "9999004071", "1999900407", "99990040", "22.11.2026",
		"2026-11-22", "9999  00407", "9999-00.407", "2026-11-22 9", "WGS 2.31(3)", "000000000", "casus 12345678" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(naming); i++)
		if (!text_names_a_person(naming[i]))
			fail_msg("not found in: %s", naming[i]);
	for (size_t i = 0; i < N_ELEMENTS(not_naming); i++)
		if (text_names_a_person(not_naming[i]))
			fail_msg("found in: %s", not_naming[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_numbers),
		cmocka_unit_test(invalid_numbers),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
