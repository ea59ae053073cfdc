/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Identity - what in a text in the open looks like somebody. A search and no proof: it is meant to catch a slip before it is on
 * record. What it finds it points at, so that a person can be shown what to take out; the log never gets to see it.
 */
#include "convenant/rules.h"

enum identity {
	IDENTITY_NONE = 0,
	IDENTITY_BSN,     /* nine digits that pass the elfproef, however they are grouped */
	IDENTITY_CONTACT, /* an e-mail address, a telephone number */
	IDENTITY_BIRTH,   /* a date that is said to be one of birth, or lies five years back or more */
	IDENTITY_ADDRESS, /* postcode with house number */
	IDENTITY_ACCOUNT, /* an IBAN */
	IDENTITY_NAME,    /* a capitalised word that no rule, calendar or law knows */
	IDENTITY_CODE     /* free words where a code belongs */
};

#define IDENTITY_FOUND_MAX 48
/*
 * text_identity() - the first such thing, but no name
 * @now_unix_ms: 0: only a date that is said to be one of birth counts
 * @found: it, in ASCII digits, cut off when long; "" when there is nothing. NULL: not wanted
 */
enum identity text_identity(const char *text, uint64_t now_unix_ms, char found[IDENTITY_FOUND_MAX]);
/*
 * text_name() - the first word that looks like a name: in capitals at its start, not the first of a sentence, not an abbreviation,
 * and not a word of the rules in force (organisations, overleggen, areas, codes), of the calendar or of a law.
 */
bool text_name(const struct rules *rules, const char *text, char found[IDENTITY_FOUND_MAX]);
/* text_is_code() - letters, digits and . : / _ - + without a space, beginning with a letter or digit; "" is none. */
bool text_is_code(const char *text);
