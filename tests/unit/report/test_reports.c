/* SPDX-License-Identifier: EUPL-1.2 */
/* Each report on a small log: its counts, and what lies just within and just outside the period. */
#include "tests/unit/report/lines.h"

#include "client/report/report.h"

static json_t *made(const struct report_log *l, struct report_options o, const char *period)
{
	json_t *doc = NULL;

	if (period)
		CHECK(period_parse(period, &o.period));
	CHECK_OK(report_make(l, &o, &doc));
	return doc;
}

static json_t *row_of(json_t *doc, const char *table, const char *row)
{
	json_t *t, *r;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "tables"), i, t)
		if (strcmp(json_string_value(json_object_get(t, "id")), table) == 0)
			json_array_foreach(json_object_get(t, "rows"), k, r)
				if (strcmp(json_string_value(json_object_get(r, "id")), row) == 0)
					return json_object_get(r, "cells");
	fail_msg("no row %s in %s", row, table);
	return NULL;
}

static void count_is(json_t *doc, const char *table, const char *row, size_t column, int expected)
{
	const json_t *cell = json_array_get(row_of(doc, table, row), column);

	if (!json_is_integer(cell) || json_integer_value(cell) != expected)
		fail_msg("%s/%s column %zu is %lld, expected %d", table, row, column, (long long)json_integer_value(cell), expected);
}

static void text_is(json_t *doc, const char *table, const char *row, size_t column, const char *expected)
{
	assert_string_equal(json_string_value(json_array_get(row_of(doc, table, row), column)), expected);
}

#define NOTIFY(i, time, casus, klasse) \
	MSG(i, time, "aanmelding", ",\"casus\":\"" casus "\",\"sender\":\"p\",\"regime\":\"WGS\",\"overleg\":\"k\"," \
	    "\"detail\":[\"klasse=" klasse "\",\"gemeenten=GM0001,GM0002\",\"leeftijdsklasse=18-23\"]")

static void test_year(void **state)
{
	static const char *const lines[] = {
		NOTIFY(0, "2019-06-01T08:00:00.000Z", "old-closed", "pga"),
		MSG(1, "2019-12-31T22:59:59.999Z", "afsluiting", ",\"casus\":\"old-closed\""),   /* the last moment of 2019 there */
		NOTIFY(2, "2019-12-31T22:59:59.999Z", "carried", "maatwerk"),
		NOTIFY(3, "2019-12-31T23:00:00.000Z", "first", "pga"),                           /* the first of 2020 */
		MSG(4, "2019-12-31T23:00:00.000Z", "afsluiting", ",\"casus\":\"carried\""),
		NOTIFY(5, "2020-05-01T08:00:00.000Z", "away", "maatwerk"),
		MSG(6, "2020-05-02T08:00:00.000Z", "beoordeling", ",\"casus\":\"away\",\"detail\":[\"uitkomst=niet-in-behandeling\"]"),
		NOTIFY(7, "2020-05-03T08:00:00.000Z", "advised", "maatwerk"),
		MSG(8, "2020-05-04T08:00:00.000Z", "beoordeling", ",\"casus\":\"advised\",\"detail\":[\"uitkomst=advies\"]"),
		NOTIFY(9, "2020-06-01T08:00:00.000Z", "question", "informatievraag"),
		NOTIFY(10, "2020-12-31T23:00:00.000Z", "next", "pga"),                           /* 2021 there */
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	json_t *doc = made(l, (struct report_options){ .kind = REPORT_YEAR }, "2020");

	(void)state;
	count_is(doc, "basis", "aangemeld", 1, 3);
	count_is(doc, "basis", "aangemeld-pga", 1, 1);
	count_is(doc, "basis", "actief", 1, 2);
	count_is(doc, "basis", "actief-pga", 1, 1);
	count_is(doc, "basis", "vragen", 1, 1);
	count_is(doc, "basis", "advies", 1, 1);
	count_is(doc, "basis", "niet-opgepakt", 1, 1);
	count_is(doc, "partners", "p", 1, 3);
	count_is(doc, "gemeenten", "GM0001", 1, 1);
	count_is(doc, "gemeenten", "GM0001", 2, 1);
	count_is(doc, "gemeenten", "GM0001", 3, 1);
	count_is(doc, "gemeenten", "GM0001", 4, 2);
	count_is(doc, "leeftijden", "18-23", 1, 2);
	count_is(doc, "grens", "overstijgend", 1, 2);
	json_decref(doc);
}

static void test_quarter(void **state)
{
	static const char *const lines[] = {
		NOTIFY(0, "2020-04-02T08:00:00.000Z", "c", "pga"),
		MSG(1, "2020-04-03T08:00:00.000Z", "beoordeling", ",\"casus\":\"c\",\"detail\":[\"uitkomst=in-behandeling\"]"),
		/* due 2020-04-10T00:00Z */
		MSG(2, "2020-04-04T08:00:00.000Z", "verzoek",
			",\"casus\":\"c\",\"overleg\":\"k\",\"message_id\":\"v1\",\"sender\":\"z\",\"recipient\":[\"a\"],\"deadline\":1586476800000"),
		MSG(3, "2020-04-04T09:00:00.000Z", "verzoek",
			",\"casus\":\"c\",\"overleg\":\"k\",\"message_id\":\"v2\",\"sender\":\"z\",\"recipient\":[\"b\"],\"deadline\":1586476800000"),
		REC(4, "2020-04-04T10:00:00.000Z", "\"kind\":\"AFGELEVERD\",\"type\":\"verzoek\",\"message_id\":\"v1\",\"sender\":\"a\""),
		MSG(5, "2020-04-05T08:00:00.000Z", "antwoord", ",\"in_reply_to\":\"v1\",\"sender\":\"a\",\"answer_kind\":\"WEIGERING\""),
		REC(6, "2020-04-05T09:00:00.000Z", "\"kind\":\"GEOPEND\",\"type\":\"geopend\",\"sender\":\"z\""),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	json_t *doc = made(l, (struct report_options){ .kind = REPORT_QUARTER }, "2020-Q2");

	(void)state;
	count_is(doc, "instroom", "k", 1, 1);
	count_is(doc, "instroom", "k", 3, 1);
	count_is(doc, "instroom", "k", 5, 1);
	count_is(doc, "antwoorden", "k", 1, 2);
	count_is(doc, "antwoorden", "k", 2, 1);
	count_is(doc, "antwoorden", "k", 3, 1);
	count_is(doc, "antwoorden", "k", 5, 1);
	count_is(doc, "antwoorden", "k", 6, 1);
	count_is(doc, "partners", "b", 6, 1);
	text_is(doc, "snelheid", "bezorgd", 2, "2,0");
	text_is(doc, "snelheid", "beantwoord", 2, "24,0");
	count_is(doc, "deelname", "z", 2, 2);
	count_is(doc, "deelname", "z", 4, 1);
	json_decref(doc);
}

#define REFUSED(i, time, code, sender) \
	"{\"index\":" #i ",\"time\":\"" time "\",\"kind\":\"BERICHT\",\"code\":\"" code "\",\"type\":\"verzoek\",\"sender\":\"" sender "\"}"

static void test_month(void **state)
{
	static const char *const lines[] = {
		REFUSED(0, "2026-10-31T22:59:00.000Z", "GEEN_DOEL", "a"),
		NOTIFY(1, "2026-10-02T08:00:00.000Z", "waiting", "pga"),
		REFUSED(2, "2026-11-01T08:00:00.000Z", "GEEN_GRONDSLAG", "a"),
		REFUSED(3, "2026-11-02T08:00:00.000Z", "GEEN_GRONDSLAG", "a"),
		MSG(4, "2026-11-03T08:00:00.000Z", "verzoek",
			",\"sender\":\"a\",\"urgent\":true,\"casus\":\"c\",\"recipient\":[\"b\"],\"message_id\":\"v\",\"deadline\":1794000000000"),
		REC(5, "2026-11-04T08:00:00.000Z",
			"\"kind\":\"INZAGE\",\"type\":\"inzage\",\"person\":\"po\",\"detail\":[\"inzagedoel=integriteit\"]"),
		REC(6, "2026-11-05T08:00:00.000Z", "\"kind\":\"REGELS\",\"type\":\"convenant\",\"detail\":[\"volgnummer=2\"]"),
		"{\"index\":7,\"time\":\"2026-11-06T08:00:00.000Z\",\"kind\":\"TERMIJN\",\"code\":\"TERMIJN_VERSTREKEN\",\"type\":\"correctie\","
		"\"message_id\":\"m\",\"rule_failed\":[\"TERMIJN_VERSTREKEN termijn.bevestiging late\",\"TERMIJN_VERSTREKEN "
		"termijn.bevestiging done\"]}",
		MSG(8, "2026-11-07T08:00:00.000Z", "bevestiging", ",\"in_reply_to\":\"m\",\"sender\":\"done\""),
		("{\"index\":9,\"time\":\"2026-11-08T08:00:00.000Z\",\"kind\":\"TERMIJN\",\"code\":\"TERMIJN_VERSTREKEN\",\"type\":\"verstrekking\","
		 "\"message_id\":\"v\",\"rule_failed\":[\"TERMIJN_VERSTREKEN termijn.terugkoppeling silent\"]}"),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	json_t *doc = made(l, (struct report_options){ .kind = REPORT_MONTH }, "2026-11");

	(void)state;
	count_is(doc, "weigeringen", "GEEN_GRONDSLAG", 1, 2);
	CHECK(strlen(json_string_value(json_array_get(row_of(doc, "weigeringen", "GEEN_GRONDSLAG"), 3))) > 20);
	count_is(doc, "afzenders", "a", 1, 1);
	count_is(doc, "afzenders", "a", 2, 2);
	text_is(doc, "spoed", "4", 3, "a");
	text_is(doc, "te-laat", "4", 4, "niet bezorgd");
	text_is(doc, "verplichtingen", "waiting", 1, "niet beoordeeld");
	text_is(doc, "verplichtingen", "7", 1, "correctie niet bevestigd");
	text_is(doc, "verplichtingen", "7", 3, "late"); /* and only he: the other confirmed after all */
	text_is(doc, "verplichtingen", "9", 1, "geen terugkoppeling gegeven");
	text_is(doc, "verplichtingen", "9", 3, "silent");
	count_is(doc, "afzender-code", "a, GEEN_GRONDSLAG", 1, 2);
	count_is(doc, "inzage", "integriteit, po", 1, 1);
	text_is(doc, "wijzigingen", "6", 5, "volgnummer=2");
	json_decref(doc);
}

/* The shipped kader, with a screening that counts so many months. */
static struct kader *kader_with(const char *months)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct kader *kader = NULL;
	struct fault_list faults;
	char *at;

	fault_list_init(&faults, "nl.yaml");
	test_file("../convenant/kader/nl.yaml", &text);
	buffer_u8(&text, 0);
	at = strstr((char *)text.ptr, "screening-maanden: 60");
	assert_non_null(at);
	memcpy(at + strlen("screening-maanden: "), months, 2);
	CHECK_OK(kader_load(span_of(text.ptr, text.len - 1), &faults, &kader));
	return kader;
}

#define MANDATE(i, person, details) \
	REC(i, "2026-01-01T08:00:00.000Z", "\"kind\":\"TOELATING\",\"type\":\"mandaat\",\"organisation\":\"o\",\"role\":\"r\"," \
	    "\"detail\":[\"medewerker=" person "\"," details "]")

static void test_authorisations(void **state)
{
	static const char *const lines[] = {
		MANDATE(0, "active", "\"ingetrokken=nee\",\"screening=2026-01-01\",\"training=2026-01-01\",\"tot=2028-01-01\""),
		MANDATE(1, "asleep", "\"ingetrokken=nee\",\"screening=2026-01-01\",\"training=2026-01-01\",\"tot=2028-01-01\""),
		MANDATE(2, "ended", "\"ingetrokken=nee\",\"tot=2026-05-01\""),
		MANDATE(3, "gone", "\"ingetrokken=ja\""),
		MANDATE(4, "unscreened", "\"ingetrokken=nee\",\"screening=2021-01-01\""),
		MSG(5, "2026-10-01T08:00:00.000Z", "verzoek", ",\"person\":\"active\",\"organisation\":\"o\""),
		MSG(6, "2026-10-01T08:00:00.000Z", "verzoek", ",\"person\":\"unknown\",\"organisation\":\"o\""),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	uint64_t now = period_day(2026, 11, 1);
	struct kader *kader = kader_with("60"), *lenient = kader_with("99");
	json_t *doc = made(l, (struct report_options){ .kind = REPORT_AUTHORISATIONS, .now_ms = now, .kader = kader }, NULL);

	(void)state;
	text_is(doc, "personen", "o/active", 10, "");
	text_is(doc, "personen", "o/asleep", 10, "slapend");
	text_is(doc, "personen", "o/ended", 10, "mandaat verlopen");
	text_is(doc, "personen", "o/gone", 10, "ingetrokken");
	text_is(doc, "personen", "o/unscreened", 10, "screening verlopen");
	text_is(doc, "personen", "o/unknown", 10, "handelde zonder mandaat in dit deel van het log");
	text_is(doc, "personen", "o/active", 7, "2026-10-01");
	count_is(doc, "samenvatting", "totaal", 1, 6);
	json_decref(doc);
	doc = made(l, (struct report_options){ .kind = REPORT_AUTHORISATIONS, .now_ms = now, .kader = kader, .dormant_days = 400,
					       .horizon_days = 1000 }, NULL);
	text_is(doc, "personen", "o/asleep", 10, "mandaat verloopt");
	json_decref(doc);
	doc = made(l, (struct report_options){ .kind = REPORT_AUTHORISATIONS, .now_ms = now, .kader = lenient, .kader_from = "van hier" }, NULL);
	text_is(doc, "personen", "o/unscreened", 10, "slapend");
	assert_non_null(strstr(json_string_value(json_array_get(json_object_get(doc, "notes"), 0)), "van hier"));
	assert_non_null(strstr(json_string_value(json_array_get(json_object_get(doc, "notes"), 1)), "99 maanden"));
	json_decref(doc);
	kader_free(kader);
	kader_free(lenient);
}

static void test_retention(void **state)
{
	static const char *const lines[] = {
		NOTIFY(0, "2020-01-01T08:00:00.000Z", "over", "pga"),
		NOTIFY(1, "2021-12-01T08:00:00.000Z", "soon", "pga"),
		NOTIFY(2, "2026-01-01T08:00:00.000Z", "young", "pga"),
		NOTIFY(3, "2026-10-15T08:00:00.000Z", "away", "pga"),
		MSG(4, "2026-10-20T08:00:00.000Z", "beoordeling", ",\"casus\":\"away\",\"detail\":[\"uitkomst=niet-in-behandeling\"]"),
		NOTIFY(5, "2020-01-01T08:00:00.000Z", "gone", "pga"),
		REC(6, "2026-10-20T08:00:00.000Z", "\"kind\":\"VERNIETIGD\",\"type\":\"casus\",\"casus\":\"gone\""),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	struct kader *kader = kader_with("60");
	json_t *doc;

	(void)state;
	doc = made(l, (struct report_options){ .kind = REPORT_RETENTION, .kader = kader, .now_ms = period_day(2026, 11, 1) }, NULL);
	count_is(doc, "termijnen", "casus", 1, 3);
	count_is(doc, "termijnen", "casus", 2, 1);
	count_is(doc, "termijnen", "casus", 3, 1);
	count_is(doc, "termijnen", "casus", 4, 1);
	text_is(doc, "casussen", "over", 4, "over de termijn");
	text_is(doc, "casussen", "soon", 3, "2026-12-01");
	text_is(doc, "casussen", "away", 3, "2026-11-15");
	json_decref(doc);
	kader_free(kader);
}

static void test_empty(void **state)
{
	CLEANUP(report_log_freep) struct report_log *l = NULL;

	(void)state;
	CHECK_OK(report_log_new(&l));
	for (int kind = 0; kind < REPORT_KIND_N; kind++) {
		CLEANUP(buffer_fini) struct buffer text = { 0 }, csv = { 0 }, html = { 0 };
		json_t *doc = made(l, (struct report_options){ .kind = (enum report_kind)kind, .now_ms = 1 }, "2026");

		CHECK_IS(report_kind_find(report_kind_name((enum report_kind)kind)), kind);
		CHECK_OK(doc_text(doc, &text));
		CHECK_OK(doc_csv(doc, &csv));
		CHECK_OK(doc_html(doc, &html));
		json_decref(doc);
	}
	CHECK_IS(report_kind_find("decade"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_year), cmocka_unit_test(test_quarter), cmocka_unit_test(test_month),
		cmocka_unit_test(test_authorisations), cmocka_unit_test(test_retention), cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
