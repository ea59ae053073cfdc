/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Calendar - days, weeks and months in UTC, as terms and the days of an overleg are counted. Pure; from 1970 to 9999, later is
 * its last day.
 */
#include <stdint.h>

struct date {
	unsigned year, month, day; /* month and day from 1 */
};

struct date date_of(uint64_t unix_ms);
unsigned date_month_days(unsigned year, unsigned month);
uint64_t date_ms(struct date d);            /* the start of that day; a day that the month does not have: its last */
unsigned date_weekday(uint64_t unix_ms);    /* 1: monday, to 7: sunday */
struct date date_month_later(struct date d, uint64_t months); /* the first of the month so many months later */
/* months_after() - the same time of day so many months later; a day that the month does not have becomes its last. */
uint64_t months_after(uint64_t unix_ms, uint64_t months);
