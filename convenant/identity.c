/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A number is looked for as people write it: nine digits in one run, or in groups with single dots or spaces
 * between them (9999.40.003, 999 940 003), or all of one kind of dash (9999-40-003). Groups are taken whole, so
 * that a telephone number of ten digits or a date is no false alarm by the eight or nine digits inside it; a
 * longer number that happens to end in a BSN is another number. Dashes are not mixed with anything: a date with a
 * number behind it is no BSN.
 */
#include <string.h>

#include "convenant/decide.h"

#define GROUPS_MAX 9

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool bsn_valid(const char *digits)
{
	static const int weights[9] = { 9, 8, 7, 6, 5, 4, 3, 2, -1 };
	int sum = 0;
	bool zero = true;

	if (strnlen(digits, 10) != 9)
		return false;
	for (size_t i = 0; i < 9; i++) {
		if (!is_digit(digits[i]))
			return false;
		sum += weights[i] * (digits[i] - '0');
		zero = zero && digits[i] == '0';
	}
	return !zero && sum % 11 == 0;
}

/* A dot, a space, a no-break space or this dash between two digits; returns its length, 0 when there is none. */
static size_t separator(const char *at, char dash)
{
	size_t n = 0;

	if (dash ? at[0] == dash : at[0] == '.' || at[0] == ' ')
		n = 1;
	else if (dash)
		return 0;
	else if ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] == 0xa0)
		n = 2;
	return n && is_digit(at[n]) ? n : 0;
}

/* Whether nine digits, in whole groups, begin exactly here. */
static bool number_here(const char *at)
{
	char digits[10], dash = '\0';
	size_t n = 0;

	for (size_t groups = 0; groups < GROUPS_MAX; groups++) {
		size_t run = 0, gap;

		while (is_digit(at[run]))
			run++;
		if (!run || n + run > 9)
			return false;
		memcpy(digits + n, at, run);
		n += run;
		at += run;
		if (n == 9) {
			digits[9] = '\0';
			return bsn_valid(digits);
		}
		if (groups == 0 && *at && strchr("-/_", *at))
			dash = *at;
		gap = separator(at, dash);
		if (!gap)
			return false;
		at += gap;
	}
	return false;
}

bool text_names_a_person(const char *text)
{
	bool inside = false;

	for (const char *at = text; *at; at++) {
		if (!is_digit(*at)) {
			inside = false;
			continue;
		}
		if (!inside && number_here(at))
			return true;
		inside = true;
	}
	return false;
}
