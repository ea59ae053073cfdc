/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Period - calendar time in the Netherlands, for reports: the log keeps UTC, people count days in Europe/Amsterdam. The rule of
 * the Union since 1996 (summer time from the last Sunday of March to that of October, 01:00 UTC), so no time zone of the machine matters.
 */
#include <stdbool.h>
#include <stdint.h>

struct period {
	uint64_t from_ms, until_ms; /* until is the first moment after it */
	char label[48];             /* "2020", "2026, vierde kwartaal", "november 2026" */
};

bool period_year(unsigned year, struct period *out);             /* 1996 to 9998 */
/* period_parse() - "2026", "2026-Q4" or "2026-11". */
bool period_parse(const char *text, struct period *out);
uint64_t period_day(unsigned year, unsigned month, unsigned day); /* its first moment there; unix ms */
/* period_local() - "2026-11-22 09:15"; "" for 0. */
#define PERIOD_TEXT_SIZE 24
const char *period_local(uint64_t unix_ms, char out[PERIOD_TEXT_SIZE]);
const char *period_date(uint64_t unix_ms, char out[PERIOD_TEXT_SIZE]); /* "2026-11-22" */
/* period_months() - the same day so many months on; the last of the month when there is none. */
uint64_t period_months(uint64_t unix_ms, unsigned months);
