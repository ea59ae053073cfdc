/* SPDX-License-Identifier: EUPL-1.2 */
/* Dutch calendar time: summer time, years, quarters, months, and what is none. */
#include <string.h>

#include "base/text.h"
#include "client/report/period.h"
#include "tests/lib/harness.h"

static uint64_t utc(const char *text)
{
	uint64_t ms;

	CHECK(time_decode(span_of_text(text), &ms));
	return ms;
}

static void local_is(const char *time, const char *expected)
{
	char text[PERIOD_TEXT_SIZE];

	assert_string_equal(period_local(utc(time), text), expected);
}

static void test_local(void **state)
{
	char text[PERIOD_TEXT_SIZE];

	(void)state;
	local_is("2020-01-01T00:00:00.000Z", "2020-01-01 01:00");
	local_is("2020-03-29T00:59:59.999Z", "2020-03-29 01:59");
	local_is("2020-03-29T01:00:00.000Z", "2020-03-29 03:00");
	local_is("2020-10-25T00:59:00.000Z", "2020-10-25 02:59");
	local_is("2020-10-25T01:00:00.000Z", "2020-10-25 02:00");
	local_is("2026-12-31T23:30:00.000Z", "2027-01-01 00:30");
	assert_string_equal(period_date(utc("2026-06-30T22:00:00.000Z"), text), "2026-07-01");
	assert_string_equal(period_local(0, text), "");
}

static void period_is(const char *text, const char *from, const char *until, const char *label)
{
	struct period p;

	CHECK(period_parse(text, &p));
	assert_int_equal(p.from_ms, utc(from));
	assert_int_equal(p.until_ms, utc(until));
	assert_string_equal(p.label, label);
}

static void test_periods(void **state)
{
	static const char *const wrong[] = { "", "20", "2026-", "2026-13", "2026-00", "2026-1", "2026-Q0", "2026-Q5", "2026-Q1x", "2026-111",
					     "1995", "9999", "x026", "2026 11", "2026-q1", "-026" };
	struct period p;

	(void)state;
	period_is("2020", "2019-12-31T23:00:00.000Z", "2020-12-31T23:00:00.000Z", "2020");
	period_is("2020-Q2", "2020-03-31T22:00:00.000Z", "2020-06-30T22:00:00.000Z", "2020, tweede kwartaal");
	period_is("2020-Q4", "2020-09-30T22:00:00.000Z", "2020-12-31T23:00:00.000Z", "2020, vierde kwartaal");
	period_is("2020-12", "2020-11-30T23:00:00.000Z", "2020-12-31T23:00:00.000Z", "december 2020");
	period_is("2020-03", "2020-02-29T23:00:00.000Z", "2020-03-31T22:00:00.000Z", "maart 2020");
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (period_parse(wrong[i], &p))
			fail_msg("\"%s\" is taken for a period", wrong[i]);
}

static void test_months(void **state)
{
	(void)state;
	assert_int_equal(period_months(utc("2020-01-31T10:00:00.000Z"), 1), utc("2020-02-29T10:00:00.000Z"));
	assert_int_equal(period_months(utc("2019-01-31T10:00:00.000Z"), 1), utc("2019-02-28T10:00:00.000Z"));
	assert_int_equal(period_months(utc("2019-11-15T10:00:00.000Z"), 60), utc("2024-11-15T10:00:00.000Z"));
	assert_int_equal(period_months(utc("2019-11-15T10:00:00.000Z"), 2), utc("2020-01-15T10:00:00.000Z"));
	assert_int_equal(period_months(utc("2019-11-15T10:00:00.000Z"), 0), utc("2019-11-15T10:00:00.000Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
