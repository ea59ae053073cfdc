/* SPDX-License-Identifier: EUPL-1.2 */
/* The forms of a document, and the hiding of small cells. */
#include <string.h>

#include "client/report/doc.h"
#include "client/report/names.h"
#include "tests/lib/harness.h"

static json_t *cell(json_t *table, size_t row, size_t column)
{
	return json_array_get(json_object_get(json_array_get(json_object_get(table, "rows"), row), "cells"), column);
}

/* Counts with a total: what is given, one per row. */
static json_t *counts(json_t *doc, const int *n, size_t rows, bool total)
{
	json_t *t = doc_table(doc, "t", "Tabel", "Geteld.", (const char *const[]){ "naam:label:naam", "n:count:n", "deel:share:%", NULL });
	static const char *const labels[] = { "a", "b", "c", "d" };

	for (size_t i = 0; i < rows; i++)
		doc_row(t, labels[i], labels[i], json_integer(n[i]), doc_share((uint64_t)n[i], 100));
	if (total)
		doc_total(t);
	return t;
}

static void suppressed_is(const int *n, size_t rows, bool total, const char *const *expected)
{
	json_t *doc = doc_new("year", "x", "2026"), *t = counts(doc, n, rows, total);
	char text[32];

	doc_suppress(doc, 5);
	for (size_t i = 0; expected[i]; i++) {
		const json_t *c = cell(t, i, 1);

		if (json_is_integer(c))
			snprintf(text, sizeof text, "%lld", (long long)json_integer_value(c));
		assert_string_equal(json_is_integer(c) ? text : json_string_value(c), expected[i]);
		if (i < rows)
			CHECK(json_is_string(c) ? json_is_null(cell(t, i, 2)) : json_is_real(cell(t, i, 2)));
	}
	json_decref(doc);
}

static void test_suppress(void **state)
{
	(void)state;
	suppressed_is((const int[]){ 4, 5, 0, 1 }, 4, false, (const char *const[]){ "<5", "5", "0", "<5", NULL });
	/* one alone could be subtracted from the total: the next smallest goes with it */
	suppressed_is((const int[]){ 4, 9, 0, 7 }, 4, true, (const char *const[]){ "<5", "9", "0", "-", "20", NULL });
	suppressed_is((const int[]){ 4, 9, 3, 7 }, 4, true, (const char *const[]){ "<5", "9", "<5", "7", "23", NULL });
	suppressed_is((const int[]){ 10, 9 }, 2, true, (const char *const[]){ "10", "9", "19", NULL });
	suppressed_is((const int[]){ 3, 0 }, 2, true, (const char *const[]){ "<5", "0", "<5", NULL });
}

static void test_share(void **state)
{
	static const struct {
		uint64_t part, of;
		double share;
	} rows[] = { { 1, 3, 33.3 }, { 2, 3, 66.7 }, { 54, 127, 42.5 }, { 1, 127, 0.8 }, { 5, 5, 100 }, { 0, 9, 0 } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		json_t *j = doc_share(rows[i].part, rows[i].of);

		CHECK(json_real_value(j) > rows[i].share - 0.01 && json_real_value(j) < rows[i].share + 0.01);
		json_decref(j);
	}
	CHECK(json_is_null(doc_share(0, 0)));
}

static void csv_is(const char *text, const char *expected)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };

	csv_cell(&b, text);
	CHECK_BUFFER(&b, expected);
}

static void test_csv_cell(void **state)
{
	(void)state;
	csv_is("gewoon", "gewoon");
	csv_is("a,b", "\"a,b\"");
	csv_is("a\"b", "\"a\"\"b\"");
	csv_is("=HYPERLINK(1)", "\"'=HYPERLINK(1)\"");
	csv_is("@x", "\"'@x\"");
	csv_is("-1+2", "\"'-1+2\"");
	csv_is("-", "-");
	csv_is("", "");
}

static void test_forms(void **state)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 }, csv = { 0 }, html = { 0 };
	json_t *doc = doc_new("year", "Titel <&\">", "2026"), *t = counts(doc, (const int[]){ 40, 60 }, 2, true);

	(void)state;
	doc_plot(t, "n");
	doc_row(t, "x", "<script>alert(1)</script>", json_integer(1), NULL);
	doc_note(doc, "Een opmerking & <b>.");
	CHECK_OK(doc_text(doc, &text));
	CHECK_OK(doc_csv(doc, &csv));
	CHECK_OK(doc_html(doc, &html));
	buffer_u8(&text, 0);
	buffer_u8(&csv, 0);
	buffer_u8(&html, 0);
	CHECK(strstr((char *)text.ptr, "naam" "                       " "  n" "  " "    %\n") != NULL);
	CHECK(strstr((char *)text.ptr, "a   " "                       " " 40" "  " "40.0%\n") != NULL);
	CHECK(strstr((char *)csv.ptr, "t,a,a,n,40,Geteld.\r\n") != NULL);
	CHECK(strstr((char *)html.ptr, "<script") == NULL);
	CHECK(strstr((char *)html.ptr, "&lt;script&gt;") != NULL);
	CHECK(strstr((char *)html.ptr, "<svg") != NULL);
	CHECK(strstr((char *)html.ptr, "Titel &lt;&amp;&quot;&gt;") != NULL);
	json_decref(doc);
}

static const char published[] = "jaar: 2026\nbron: \"Verslag\"\ncijfers:\n"
				"  - {tabel: t, rij: a, kolom: n, waarde: \"40\"}\n"
				"  - {tabel: t, rij: b, kolom: deel, waarde: \"59%\"}\n"
				"elders:\n  - {cijfer: geld, waarde: \"9\", reden: \"geen bericht\"}\n";

static void test_published(void **state)
{
	json_t *doc = doc_new("year", "x", "2026"), *t = counts(doc, (const int[]){ 40, 60 }, 2, true), *other = doc_new("year", "x", "2025");
	struct fault_list faults;
	const char *note;

	(void)state;
	fault_list_init(&faults, "p");
	CHECK_OK(published_apply(span_of_text(published), doc, &faults));
	assert_int_equal(doc_column(t, "n-gepubliceerd"), 2);
	assert_int_equal(json_integer_value(cell(t, 0, 2)), 40);
	CHECK(json_is_null(cell(t, 1, 2)));
	assert_int_equal(doc_column(t, "deel"), 3);
	assert_int_equal(json_array_size(json_object_get(doc, "tables")), 2);
	note = json_string_value(json_array_get(json_object_get(doc, "notes"), 0));
	CHECK(strstr(note, "Wijkt af") && strstr(note, "b (59%)")); /* 60.0% is not 59% */
	note = json_string_value(json_array_get(json_object_get(doc, "notes"), 1));
	CHECK(strstr(note, "Van 2 ") && strstr(note, "komen er 1 overeen"));
	CHECK_OK(published_apply(span_of_text(published), other, &faults)); /* of another year: nothing */
	assert_int_equal(json_array_size(json_object_get(other, "notes")), 0);
	CHECK_IS(published_apply(SPAN_LITERAL("jaar: 2026\nbron: x\ncijfers:\n  - {tabel: t, rij: z, kolom: n, waarde: \"1\"}\n"), doc, &faults),
		 NAMES_E_FAULTS);
	CHECK(strstr(faults.v[0].text, "no cell t / z / n") != NULL);
	json_decref(doc);
	json_decref(other);
}

static void test_names(void **state)
{
	static const char text[] = "partners:\n  - {naam: OOV, hoedanigheden: [\"gemeente-*-veiligheid\", x]}\n"
				   "gemeenten:\n  - {code: GM0106, naam: Assen, regio: Noord}\n";
	CLEANUP(names_freep) struct names *n = NULL;
	struct names *none = NULL;
	struct fault_list faults;

	(void)state;
	fault_list_init(&faults, "n");
	CHECK_OK(names_load(span_of_text(text), &faults, &n));
	assert_string_equal(names_partner(n, "gemeente-assen-veiligheid"), "OOV");
	assert_string_equal(names_partner(n, "gemeente-assen-sociaal-domein"), "gemeente-assen-sociaal-domein");
	assert_string_equal(names_partner(NULL, "x"), "x");
	assert_string_equal(names_gemeente(n, "GM0106"), "Assen");
	assert_string_equal(names_gemeente(n, "GM9999"), "GM9999");
	assert_string_equal(names_region(n, "GM0106"), "Noord");
	assert_string_equal(names_region(NULL, "GM0106"), "");
	CHECK_IS(names_load(SPAN_LITERAL("partners:\n  - {name: x}\n"), &faults, &none), NAMES_E_FAULTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suppress), cmocka_unit_test(test_share), cmocka_unit_test(test_csv_cell),
		cmocka_unit_test(test_forms), cmocka_unit_test(test_published), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
