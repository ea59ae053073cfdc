/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counted from the text form of a moment and back, so that there is one calendar in the house (base/text.c).
 * A month is a month of the calendar: "five years after first processing" ends on the same date.
 */
#include "convenant/calendar.h"

#include <stdio.h>

#include "base/text.h"

#define DAY_MS UINT64_C(86400000)
#define LAST_YEAR 9999

static unsigned digits(const char *at, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(at[i] - '0');
	return v;
}

struct date date_of(uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	return (struct date){ digits(text, 4), digits(text + 5, 2), digits(text + 8, 2) };
}

unsigned date_month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[(month - 1) % 12] + (month == 2 && leap ? 1U : 0U);
}

uint64_t date_ms(struct date d)
{
	unsigned last = date_month_days(d.year, d.month);
	char text[TIME_TEXT_SIZE];
	uint64_t ms = 0;
	int n;

	if (d.year > LAST_YEAR)
		d = (struct date){ LAST_YEAR, 12, last = 31 };
	n = snprintf(text, sizeof text, "%04u-%02u-%02u", d.year % 10000, d.month % 100, (d.day > last ? last : d.day) % 100);
	time_decode(span_of(text, (size_t)n), &ms);
	return ms;
}

unsigned date_weekday(uint64_t unix_ms)
{
	return (unsigned)((unix_ms / DAY_MS + 3) % 7) + 1; /* 1970-01-01 was a thursday */
}

struct date date_month_later(struct date d, uint64_t months)
{
	uint64_t month = d.month - 1 + months % ((uint64_t)LAST_YEAR * 12);

	return (struct date){ d.year + (unsigned)(month / 12), (unsigned)(month % 12) + 1, 1 };
}

uint64_t months_after(uint64_t unix_ms, uint64_t months)
{
	struct date from = date_of(unix_ms), to = date_month_later(from, months);

	to.day = from.day;
	return date_ms(to) + unix_ms % DAY_MS;
}
