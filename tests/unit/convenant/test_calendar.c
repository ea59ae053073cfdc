/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Months of the calendar, and the days on which an overleg meets.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/calendar.h"
#include "convenant/register.h"
#include "tests/lib/harness.h"

#define DAY_MS UINT64_C(86400000)

static uint64_t at(const char *text)
{
	uint64_t ms = 0;

	CHECK(time_decode(span_of_text(text), &ms));
	return ms;
}

static void is_date(uint64_t ms, const char *date)
{
	char text[TIME_TEXT_SIZE];

	time_encode(ms, text);
	if (strncmp(text, date, strlen(date)) != 0)
		fail_msg("%s, expected %s", text, date);
}

static void months(void **state)
{
	static const struct {
		const char *from;
		uint64_t months;
		const char *to;
	} rows[] = {
		{ "2026-11-22", 0, "2026-11-22T00:00:00.000Z" },
		{ "2026-11-22T08:15:30.123Z", 60, "2031-11-22T08:15:30.123Z" },
		{ "2026-01-31", 1, "2026-02-28T00" },
		{ "2028-01-31", 1, "2028-02-29T00" },
		{ "2028-02-29", 12, "2029-02-28T00" },
		{ "2028-02-29", 48, "2032-02-29T00" },
		{ "2026-12-31T23:59:59.999Z", 2, "2027-02-28T23:59:59.999Z" },
		{ "2026-08-31", 6, "2027-02-28T00" },
		{ "2100-01-29", 1, "2100-02-28T00" }, /* no leap year */
		{ "1970-01-01", 1200, "2070-01-01T00" },
		{ "9999-06-30", 12, "9999-12-31T00" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		is_date(months_after(at(rows[i].from), rows[i].months), rows[i].to);
	is_date(months_after(UINT64_MAX, UINT64_MAX), "9999");
	for (uint64_t day = 0; day < 60000; day += 7) { /* a date and back, to 2134 */
		struct date d = date_of(day * DAY_MS);

		assert_int_equal(date_ms(d), day * DAY_MS);
		assert_int_equal(date_weekday(day * DAY_MS), 4);
		CHECK(d.day >= 1 && d.day <= date_month_days(d.year, d.month));
		/* A longer term never ends sooner. */
		for (uint64_t m = 0; m < 30; m++)
			CHECK(months_after(day * DAY_MS, m) < months_after(day * DAY_MS, m + 1));
	}
}

struct meeting {
	struct reg_frequency f;
	const char *from, *next[4]; /* after each, the next from the day after */
};

static void meetings(void **state)
{
	uint64_t january8 = at("2026-01-08"), january1 = at("2026-01-01"), march = at("2026-03-15");
	unsigned summer = 1u << 7 | 1u << 8 | 1u << 12;
	const struct meeting rows[] = {
		{ { .per = PER_WEEK, .every = 1, .day = 2 }, "2026-11-22T08:00:00.000Z", { "2026-11-24", "2026-12-01", "2026-12-08" } },
		{ { .per = PER_WEEK, .every = 1, .day = 7 }, "2026-11-22", { "2026-11-22", "2026-11-29" } }, /* that very day */
		{ { .per = PER_WEEK, .every = 1, .day = 7 }, "2026-11-22T00:00:00.001Z", { "2026-11-29" } }, /* which has begun */
		{ { .per = PER_WEEK, .every = 2, .day = 4, .from_unix_ms = january8 }, "2026-11-22", { "2026-11-26", "2026-12-10", "2026-12-24",
		  "2027-01-07" } },
		{ { .per = PER_WEEK, .every = 2, .day = 4, .from_unix_ms = january8 }, "2020-01-01", { "2026-01-08", "2026-01-22" } },
		{ { .per = PER_WEEK, .every = 1, .day = 4, .from_unix_ms = january8, .not_in = summer }, "2026-06-20", { "2026-06-25",
		  "2026-09-03" } },
		{ { .per = PER_MAAND, .every = 1, .day = 4, .nth = 2, .not_in = summer }, "2026-06-01", { "2026-06-11", "2026-09-10",
		  "2026-10-08", "2026-11-12" } },
		{ { .per = PER_MAAND, .every = 1, .day = 4, .nth = 2, .not_in = summer }, "2026-11-13", { "2027-01-14" } },
		{ { .per = PER_MAAND, .every = 1, .day = 5, .nth = REG_NTH_LAST }, "2026-01-01", { "2026-01-30", "2026-02-27", "2026-03-27" } },
		{ { .per = PER_MAAND, .every = 1, .day = 1, .nth = REG_NTH_LAST }, "2026-03-01", { "2026-03-30", "2026-04-27" } },
		{ { .per = PER_MAAND, .every = 1, .day = 1, .nth = 1 }, "2026-06-02", { "2026-07-06" } },
		{ { .per = PER_MAAND, .every = 2, .day = 3, .nth = 1, .from_unix_ms = january1 }, "2026-02-01", { "2026-03-04", "2026-05-06" } },
		{ { .per = PER_KWARTAAL, .every = 1, .day = 3, .nth = 1, .from_unix_ms = january1 }, "2026-02-01", { "2026-04-01", "2026-07-01",
		  "2026-10-07", "2027-01-06" } },
		{ { .per = PER_KWARTAAL, .every = 1, .day = 3, .nth = 1, .from_unix_ms = march }, "2026-01-01", { "2026-06-03" } },
		{ { .per = PER_HALFJAAR, .every = 1, .day = 1, .nth = 1, .from_unix_ms = january1 }, "2026-01-06", { "2026-07-06", "2027-01-04" } },
		/* a rule that meets in no month that is left never meets, and says so */
		{ { .per = PER_HALFJAAR, .every = 2, .day = 1, .nth = 1, .from_unix_ms = at("2026-07-01"), .not_in = summer }, "2026-01-06", { "" } },
		{ { .per = PER_MAAND, .every = 1 }, "2026-01-06", { "" } },
		{ { .per = PER_CASUS, .every = 1 }, "2026-01-06", { "" } },
		{ { .per = PER_NONE }, "2026-01-06", { "" } },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct reg_overleg o = { .frequency = rows[i].f };
		uint64_t from = at(rows[i].from);

		for (size_t k = 0; k < N_ELEMENTS(rows[i].next) && rows[i].next[k]; k++) {
			uint64_t next = reg_overleg_next(&o, from);

			if (!*rows[i].next[k]) {
				assert_int_equal(next, 0);
				break;
			}
			is_date(next, rows[i].next[k]);
			from = next + DAY_MS;
		}
	}
}

/* From any moment: the next is not before it, is on the day said, and none was left out. */
static void no_meeting_is_left_out(void **state)
{
	static const enum reg_per pers[] = { PER_WEEK, PER_MAAND, PER_KWARTAAL, PER_HALFJAAR };
	uint64_t begin = at("2026-01-05");

	(void)state;
	for (size_t p = 0; p < N_ELEMENTS(pers); p++)
		for (unsigned every = 1; every < 4; every++)
			for (unsigned nth = 1; nth <= (pers[p] == PER_WEEK ? 1u : REG_NTH_LAST); nth++) {
				struct reg_overleg o = { .frequency = { .per = pers[p], .every = every, .day = 1,
									.nth = pers[p] == PER_WEEK ? 0 : nth, .from_unix_ms = begin } };
				uint64_t expected = reg_overleg_next(&o, begin);

				for (uint64_t from = begin; from < begin + 900 * DAY_MS; from += DAY_MS) {
					uint64_t next = reg_overleg_next(&o, from);

					CHECK(next >= from && date_weekday(next) == 1);
					assert_int_equal(next, expected);
					if (from == expected)
						expected = reg_overleg_next(&o, from + DAY_MS);
				}
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months),
		cmocka_unit_test(meetings),
		cmocka_unit_test(no_meeting_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
