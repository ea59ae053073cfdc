/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/report/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static int64_t days_of(unsigned y, unsigned m, unsigned d)
{
	struct tm tm = { .tm_year = (int)y - 1900, .tm_mon = (int)m - 1, .tm_mday = (int)d };

	return (int64_t)timegm(&tm) / (DAY_MS / 1000);
}

static void date_of(int64_t days, unsigned *y, unsigned *m, unsigned *d)
{
	time_t seconds = (time_t)(days * (DAY_MS / 1000));
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	*y = (unsigned)(tm.tm_year + 1900);
	*m = (unsigned)tm.tm_mon + 1;
	*d = (unsigned)tm.tm_mday;
}

/* The last Sunday of a month of 31 days, 01:00 UTC. */
static int64_t switch_ms(unsigned year, unsigned month)
{
	int64_t last = days_of(year, month, 31);

	return (last - (last + 4) % 7) * DAY_MS + HOUR_MS; /* day 0 was a Thursday: Sunday is (days + 4) % 7 == 0 */
}

static int64_t offset_ms(int64_t utc_ms)
{
	unsigned y, m, d;

	date_of(utc_ms / DAY_MS, &y, &m, &d);
	return utc_ms >= switch_ms(y, 3) && utc_ms < switch_ms(y, 10) ? 2 * HOUR_MS : HOUR_MS;
}

uint64_t period_day(unsigned year, unsigned month, unsigned day)
{
	int64_t local = days_of(year, month, day) * DAY_MS;

	return (uint64_t)(local - offset_ms(local - HOUR_MS));
}

bool period_year(unsigned year, struct period *out)
{
	if (year < 1996 || year > 9998)
		return false;
	*out = (struct period){ .from_ms = period_day(year, 1, 1), .until_ms = period_day(year + 1, 1, 1) };
	snprintf(out->label, sizeof out->label, "%u", year);
	return true;
}

static bool months(unsigned year, unsigned first, unsigned n, struct period *out)
{
	unsigned end = first + n;

	out->from_ms = period_day(year, first, 1);
	out->until_ms = period_day(end > 12 ? year + 1 : year, end > 12 ? 1 : end, 1);
	return true;
}

bool period_parse(const char *text, struct period *out)
{
	static const char *const names[] = { "januari", "februari", "maart", "april", "mei", "juni",
					     "juli", "augustus", "september", "oktober", "november", "december" };
	static const char *const ordinals[] = { "eerste", "tweede", "derde", "vierde" };
	size_t digits = strspn(text, "0123456789");
	unsigned year = digits == 4 ? (unsigned)strtoul(text, NULL, 10) : 0, n;

	if (!period_year(year, out))
		return false;
	if (!text[4])
		return true;
	if (text[4] != '-')
		return false;
	text += 5;
	if (text[0] == 'Q' && text[1] >= '1' && text[1] <= '4' && !text[2]) {
		n = (unsigned)(text[1] - '1');
		snprintf(out->label, sizeof out->label, "%u, %s kwartaal", year, ordinals[n]);
		return months(year, 3 * n + 1, 3, out);
	}
	if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
		return false;
	n = (unsigned)strtoul(text, NULL, 10);
	if (n < 1 || n > 12)
		return false;
	snprintf(out->label, sizeof out->label, "%s %u", names[n - 1], year);
	return months(year, n, 1, out);
}

const char *period_local(uint64_t unix_ms, char out[PERIOD_TEXT_SIZE])
{
	int64_t local = (int64_t)unix_ms + offset_ms((int64_t)unix_ms);
	unsigned y, m, d, minutes = (unsigned)(local % DAY_MS / 60000);

	date_of(local / DAY_MS, &y, &m, &d);
	snprintf(out, PERIOD_TEXT_SIZE, "%04u-%02u-%02u %02u:%02u", y % 10000, m % 100, d % 100, minutes / 60 % 100, minutes % 60);
	if (!unix_ms)
		out[0] = 0;
	return out;
}

const char *period_date(uint64_t unix_ms, char out[PERIOD_TEXT_SIZE])
{
	period_local(unix_ms, out);
	out[strnlen(out, 10)] = 0;
	return out;
}

uint64_t period_months(uint64_t unix_ms, unsigned n)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned y, m, d, length;
	int64_t day = (int64_t)unix_ms / DAY_MS;

	date_of(day, &y, &m, &d);
	m += n - 1;
	y += m / 12;
	m %= 12;
	length = lengths[m] + (m == 1 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
	return (uint64_t)(days_of(y, m + 1, d < length ? d : length) * DAY_MS) + unix_ms % (uint64_t)DAY_MS;
}
