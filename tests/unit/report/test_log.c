/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading the lines: what is taken, what is refused and where, files and folders. */
#include "tests/unit/report/lines.h"

#include <sys/stat.h>

#include "base/file.h"

static void test_lines(void **state)
{
	static const char *const lines[] = {
		"{\"knooppunt\":\"records/v1\",\"origin\":\"huis.example\",\"purpose\":\"rechtmatigheid\",\"reader\":\"po\",\"made\":\"2026-11-22\"}",
		MSG(3, "2026-11-22T08:00:00.000Z", "verzoek", ",\"sender\":\"a\",\"recipient\":[\"b\",\"c\"],\"urgent\":true,\"deadline\":12"),
		MSG(3, "2026-11-22T08:00:00.000Z", "verzoek", ""),
		REC(9, "2026-11-22T08:00:01.000Z",
			"\"kind\":\"TERMIJN\",\"type\":\"verzoek\",\"readable\":false,\"detail\":[\"a=1\",\"ab=2\",\"x=\"]"),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);

	(void)state;
	assert_string_equal(l->origin, "huis.example");
	assert_string_equal(l->purpose, "rechtmatigheid");
	assert_int_equal(l->n, 2); /* the same record twice is one */
	assert_int_equal(l->v[0].recipients.n, 2);
	assert_string_equal(l->v[0].recipients.v[1], "c");
	CHECK(l->v[0].urgent && l->v[0].readable && l->v[0].deadline_ms == 12);
	CHECK(report_is(&l->v[0], "verzoek") && !report_is(&l->v[0], "antwoord") && !report_is(&l->v[1], "verzoek"));
	assert_string_equal(report_detail(&l->v[1], "ab"), "2");
	assert_string_equal(report_detail(&l->v[1], "x"), "");
	assert_null(report_detail(&l->v[1], "b"));
	CHECK(!l->v[1].readable && !l->v[1].urgent);
	assert_ptr_equal(l->v[0].type, l->v[1].type); /* texts are stored once */
	assert_ptr_equal(report_log_word(l, "verzoek"), l->v[0].type);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"", "x", "[]", "{}", "1", "{\"index\":1}", "{\"knooppunt\":\"records/v2\"}",
		"{\"index\":-1,\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\"}",
		"{\"index\":\"1\",\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\"}",
		"{\"index\":1,\"time\":\"22-11-2026\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\"}",
		"{\"index\":1,\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":7,\"code\":\"TOEGESTAAN\"}",
		"{\"index\":1,\"index\":2,\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\"}",
		"{\"index\":1,\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\"",
	};
	CLEANUP(report_log_freep) struct report_log *l = NULL;

	(void)state;
	CHECK_OK(report_log_new(&l));
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		CHECK_IS(report_log_line(l, span_of_text(wrong[i])), REPORT_E_MALFORMED);
	CHECK_OK(report_log_line(l, span_of_text(MSG(5, "2026-11-22T08:00:00.000Z", "verzoek", ""))));
	CHECK_IS(report_log_line(l, span_of_text(MSG(4, "2026-11-22T08:00:00.000Z", "verzoek", ""))), REPORT_E_ORDER);
	assert_int_equal(l->n, 1);
}

/* Many different texts: the set of words grows and still finds each. */
static void test_many(void **state)
{
	CLEANUP(report_log_freep) struct report_log *l = NULL;
	char line[200];

	(void)state;
	CHECK_OK(report_log_new(&l));
	for (int i = 0; i < 5000; i++) {
		snprintf(line, sizeof line,
			"{\"index\":%d,\"time\":\"2026-11-22T08:00:00.000Z\",\"kind\":\"BERICHT\",\"code\":\"TOEGESTAAN\",\"casus\":\"c%d\"}", i, i);
		CHECK_OK(report_log_line(l, span_of_text(line)));
	}
	for (int i = 0; i < 5000; i += 7) {
		snprintf(line, sizeof line, "c%d", i);
		assert_string_equal(l->v[i].casus, line);
		assert_ptr_equal(report_log_word(l, line), l->v[i].casus);
	}
}

static int into(void *ctx, struct span line)
{
	return report_log_line(ctx, line);
}

static void put(const char *folder, const char *name, const char *text)
{
	CHECK_OK(file_write(test_path(folder, name), span_of_text(text), 0600));
}

static void test_files(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(report_log_freep) struct report_log *l = NULL;
	char why[400] = "";

	(void)state;
	CHECK_OK(report_log_new(&l));
	CHECK_IS(report_lines(folder, into, l, why), REPORT_E_ABSENT);
	CHECK(strstr(why, "no records") != NULL);
	CHECK_IS(report_lines(test_path(folder, "none"), into, l, why), REPORT_E_ABSENT);
	put(folder, "2.jsonl", MSG(2, "2026-11-22T08:00:00.000Z", "verzoek", "") "\n");
	put(folder, "1.jsonl", "\n" MSG(1, "2026-11-22T08:00:00.000Z", "verzoek", ""));
	put(folder, "0.txt", "not one of them");
	CHECK_OK(report_lines(folder, into, l, why));
	assert_int_equal(l->n, 2);
	put(folder, "3.jsonl", "\n\nnonsense\n");
	CHECK_IS(report_lines(folder, into, l, why), REPORT_E_ORDER); /* all of it again */
	CHECK(strstr(why, "1.jsonl:2: a record stands before") != NULL);
	l = report_log_free(l);
	CHECK_OK(report_log_new(&l));
	CHECK_IS(report_lines(folder, into, l, why), REPORT_E_MALFORMED);
	CHECK(strstr(why, "3.jsonl:3: not a record") != NULL);
}

/* A line without an end costs no more than the longest line allowed. */
static void test_long_line(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(report_log_freep) struct report_log *l = NULL;
	char why[400], *text = malloc(REPORT_LINE_MAX + 100);

	(void)state;
	CHECK(text != NULL);
	memset(text, ' ', REPORT_LINE_MAX + 99);
	text[REPORT_LINE_MAX + 99] = 0;
	put(folder, "long.jsonl", text);
	free(text);
	CHECK_OK(report_log_new(&l));
	CHECK_IS(report_lines(test_path(folder, "long.jsonl"), into, l, why), REPORT_E_MALFORMED);
	CHECK(strstr(why, ":1:") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_refused), cmocka_unit_test(test_many),
		cmocka_unit_test(test_files), cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
