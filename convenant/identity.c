/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A number is looked for as people write it: nine digits in one run, or in groups with single dots or spaces
 * between them (9999.40.003, 999 940 003), or all of one kind of dash (9999-40-003). Groups are taken whole, so
 * that a telephone number of ten digits or a date is no false alarm by the eight or nine digits inside it; a
 * longer number that happens to end in a BSN is another number. Dashes are not mixed with anything: a date with a
 * number behind it is no BSN.
 *
 * Before that the text is made plain: digits of other scripts and full width, spaces and dashes of any width, and
 * nothing where a reader sees nothing (soft hyphen, zero width). What looks like a number is one.
 */
#include "convenant/identity.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "convenant/decide.h"

#define GROUPS_MAX 9
#define PLAIN_MAX (MESSAGE_TEXT_MAX + 1)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
	return is_letter(c) || is_digit(c);
}

/* ---- plain text ---- */

/* One code point of text that may be broken; a byte that begins none stands for itself. */
static size_t code_point(const char *at, uint32_t *out)
{
	const unsigned char *b = (const unsigned char *)at;
	size_t n = b[0] < 0xc2 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 1;
	uint32_t point = n == 1 ? b[0] : b[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80) {
			*out = b[0];
			return 1;
		}
		point = point << 6 | (b[i] & 0x3f);
	}
	*out = point;
	return n;
}

/* What a reader takes it for: a character of ASCII, 0 for nothing at all, -1 for itself. */
static int plain_of(uint32_t p)
{
	static const uint32_t zeroes[] = { 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10 };

	for (size_t i = 0; i < N_ELEMENTS(zeroes); i++)
		if (p >= zeroes[i] && p < zeroes[i] + 10)
			return (int)('0' + (p - zeroes[i]));
	if (p >= 0x1d7ce && p <= 0x1d7ff)
		return (int)('0' + (p - 0x1d7ce) % 10);
	if (p >= 0xff01 && p <= 0xff5e)
		return (int)(p - 0xfee0);
	if (p == 0xad || (p >= 0x200b && p <= 0x200f) || p == 0x2060 || p == 0xfeff)
		return 0;
	if (p == 0xa0 || (p >= 0x2000 && p <= 0x200a) || p == 0x202f || p == 0x205f || p == 0x3000)
		return ' ';
	if ((p >= 0x2010 && p <= 0x2015) || p == 0x2212 || p == 0xfe58 || p == 0xfe63)
		return '-';
	if (p == 0xb7 || p == 0x2022 || p == 0x2027)
		return '.';
	return -1;
}

/* Longer than any text of a message is cut: the decoder lets none through. */
static void plain(const char *text, char out[PLAIN_MAX])
{
	size_t n = 0;

	while (*text && n < PLAIN_MAX - 5) {
		uint32_t point;
		size_t len = code_point(text, &point);
		int as = plain_of(point);

		if (as > 0)
			out[n++] = (char)as;
		for (size_t i = 0; as < 0 && i < len; i++)
			out[n++] = text[i];
		text += len;
	}
	out[n] = '\0';
}

/* ---- BSN ---- */

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

/* A dot or a space, or this dash, between two digits; 0 when there is none. */
static size_t separator(const char *at, char dash)
{
	bool is = dash ? at[0] == dash : at[0] == '.' || at[0] == ' ';

	return is && is_digit(at[1]) ? 1 : 0;
}

/* The length of nine digits, in whole groups, that begin exactly here and are a BSN; 0 when there are none. */
static size_t bsn_at(const char *from)
{
	const char *at = from;
	char digits[10], dash = '\0';
	size_t n = 0;

	for (size_t groups = 0; groups < GROUPS_MAX; groups++) {
		size_t run = 0, gap;

		while (is_digit(at[run]))
			run++;
		if (!run || n + run > 9)
			return 0;
		memcpy(digits + n, at, run);
		n += run;
		at += run;
		if (n == 9) {
			digits[9] = '\0';
			return bsn_valid(digits) ? (size_t)(at - from) : 0;
		}
		if (groups == 0 && *at && strchr("-/_,", *at))
			dash = *at;
		gap = separator(at, dash);
		if (!gap)
			return 0;
		at += gap;
	}
	return 0;
}

/* ---- how to reach somebody ---- */

/* Digits with what people put between those of a telephone number; returns its length and how many digits. */
static size_t number_at(const char *from, char digits[17], size_t *n)
{
	size_t len = 0, end = 0;

	*n = 0;
	for (; from[len]; len++) {
		if (is_digit(from[len])) {
			if (*n == 16)
				return 0;
			digits[(*n)++] = from[len];
			end = len + 1;
		} else if (!strchr(" -./()", from[len]) || (len && from[len] == ' ' && from[len - 1] == ' ')) {
			break;
		}
	}
	digits[*n] = '\0';
	return end;
}

/* 06-12345678, 0592 12 34 56, (0592) 123456; +31 6 12345678, 0031612345678. */
static size_t phone_at(const char *from)
{
	bool abroad = from[0] == '+', open = from[0] == '(';
	char digits[17];
	size_t n, len;

	if (!abroad && !open && from[0] != '0')
		return 0;
	len = number_at(from + abroad, digits, &n);
	if (!len)
		return 0;
	if (abroad)
		return n >= 9 ? len + 1 : 0;
	if (strncmp(digits, "0031", 4) == 0 && n >= 13)
		return len;
	return digits[0] == '0' && digits[1] != '0' && n == 10 ? len : 0;
}

/* Something@something: from the first letter of the name. */
static size_t email_at(const char *from)
{
	size_t n = 0, domain;

	while (is_word(from[n]) || (from[n] && strchr("._%+-", from[n])))
		n++;
	if (!n || from[n] != '@')
		return 0;
	domain = n + 1;
	while (is_word(from[domain]) || (from[domain] && strchr(".-", from[domain])))
		domain++;
	return domain > n + 1 ? domain : 0;
}

/* ---- postcode and IBAN ---- */

static size_t house_number_at(const char *at)
{
	size_t n = 0, digits = 0;

	while (at[n] == ' ' || at[n] == ',')
		n++;
	if (strncmp(at + n, "nr", 2) == 0)
		n += 2 + strspn(at + n + 2, ". ");
	while (is_digit(at[n + digits]))
		digits++;
	return digits >= 1 && digits <= 5 ? n + digits : 0;
}

/* 9401 AB, 9401AB, 9401ab; its length, 0 when it is none. */
static size_t postcode_at(const char *at)
{
	size_t n = 4, gap;

	if (at[0] < '1' || at[0] > '9' || !is_digit(at[1]) || !is_digit(at[2]) || !is_digit(at[3]))
		return 0;
	gap = at[n] == ' ' ? 1 : 0;
	n += gap;
	if (!is_letter(at[n]) || !is_letter(at[n + 1]) || is_word(at[n + 2]))
		return 0;
	return gap && !(is_upper(at[n]) && is_upper(at[n + 1])) ? 0 : n + 2;
}

/* "9401 AB 12" or "12, 9401 AB": begins at whichever comes first. */
static size_t address_at(const char *at)
{
	size_t n = postcode_at(at), house, digits = 0;

	if (n) {
		house = house_number_at(at + n);
		return house ? n + house : 0;
	}
	while (is_digit(at[digits]) && digits < 6)
		digits++;
	if (!digits || digits > 5)
		return 0;
	if (at[digits] >= 'a' && at[digits] <= 'z' && !is_word(at[digits + 1]))
		digits++;
	n = strspn(at + digits, " ,");
	house = n ? postcode_at(at + digits + n) : 0;
	return house ? digits + n + house : 0;
}

static size_t iban_at(const char *at)
{
	char flat[35];
	size_t n = 0, len = 0;
	unsigned rest = 0;

	while (n < 34 && (is_digit(at[len]) || is_upper(at[len]) || (n && at[len] == ' ' && (is_digit(at[len + 1]) ||
									 is_upper(at[len + 1]))))) {
		if (at[len] != ' ')
			flat[n++] = at[len];
		len++;
	}
	if (n < 15 || !is_upper(flat[0]) || !is_upper(flat[1]) || !is_digit(flat[2]) || !is_digit(flat[3]))
		return 0;
	for (size_t i = 0; i < n; i++) {
		char c = flat[(i + 4) % n];

		rest = is_digit(c) ? (rest * 10 + (unsigned)(c - '0')) % 97 :
				     (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
	}
	return rest == 1 ? len : 0;
}

/* ---- dates ---- */

static const char *const months[] = { "januari", "februari", "maart",	  "april",   "mei",	 "juni",
				      "juli",	 "augustus", "september", "oktober", "november", "december" };

static size_t digits_at(const char *at, size_t least, size_t most, unsigned *value)
{
	size_t n = 0;

	*value = 0;
	for (; n <= most && is_digit(at[n]); n++)
		*value = *value * 10 + (unsigned)(at[n] - '0');
	return n >= least && n <= most ? n : 0;
}

/* A month as a number or a word, with what stands around it. */
static size_t month_at(const char *at, unsigned *month)
{
	size_t n = at[0] && strchr("-/. ", at[0]) ? 1 : 0, len;

	if (!n)
		return 0;
	len = digits_at(at + 1, 1, 2, month);
	for (size_t i = 0; !len && i < N_ELEMENTS(months); i++)
		if (strncasecmp(at + 1, months[i], strlen(months[i])) == 0) {
			*month = (unsigned)i + 1;
			len = strlen(months[i]);
		}
	if (!len || !at[1 + len] || !strchr("-/. ", at[1 + len]))
		return 0;
	return len + 2;
}

/* 12-03-1985, 12.3.1985, 12 maart 1985, 1985-03-12; its length and the moment it names. */
static size_t date_at(const char *at, uint64_t *unix_ms)
{
	unsigned day, month, year;
	size_t a = digits_at(at, 1, 2, &day), b = a ? month_at(at + a, &month) : 0;
	size_t c = b ? digits_at(at + a + b, 4, 4, &year) : 0;
	char text[16];

	if (!c) {
		a = digits_at(at, 4, 4, &year);
		b = a ? month_at(at + a, &month) : 0;
		c = b ? digits_at(at + a + b, 1, 2, &day) : 0;
	}
	if (!c || is_word(at[a + b + c]) || month > 12)
		return 0;
	snprintf(text, sizeof text, "%04u-%02u-%02u", year % 10000, month % 100, day % 100);
	if (time_decode(span_of_text(text), unix_ms))
		return a + b + c;
	if (year < 1900 || year >= 1970)
		return 0;
	*unix_ms = 0; /* before the epoch: old */
	return a + b + c;
}

/* "geb.", "geboren op", "geboortedatum" within the words just before. */
static bool said_born(const char *text, const char *at)
{
	const char *from = at - text > 24 ? at - 24 : text;

	for (; from < at; from++)
		if (strncasecmp(from, "geb", 3) == 0 && (from == text || !is_word(from[-1])))
			return true;
	return false;
}

#define FIVE_YEARS_MS UINT64_C(157788000000)

static size_t birth_at(const char *text, const char *at, uint64_t now_unix_ms)
{
	uint64_t then;
	size_t n = date_at(at, &then);

	if (!n)
		return 0;
	return said_born(text, at) || (now_unix_ms > FIVE_YEARS_MS && then < now_unix_ms - FIVE_YEARS_MS) ? n : 0;
}

/* ---- all of them ---- */

/* What begins at this place, where a word or a number begins; its length. */
static enum identity begins(const char *text, const char *at, uint64_t now_unix_ms, size_t *len)
{
	*len = birth_at(text, at, now_unix_ms);
	if (*len)
		return IDENTITY_BIRTH;
	*len = phone_at(at);
	if (*len)
		return IDENTITY_CONTACT;
	*len = email_at(at);
	if (*len)
		return IDENTITY_CONTACT;
	*len = address_at(at);
	if (*len)
		return IDENTITY_ADDRESS;
	*len = iban_at(at);
	return *len ? IDENTITY_ACCOUNT : IDENTITY_NONE;
}

/* All that is looked for has a digit or an @ in it, or what only looks like one; most texts of a message have neither. */
static bool worth_a_look(const char *text)
{
	for (; *text; text++)
		if (is_digit(*text) || *text == '@' || (unsigned char)*text >= 0x80)
			return true;
	return false;
}

enum identity text_identity(const char *text, uint64_t now_unix_ms, char found[IDENTITY_FOUND_MAX])
{
	char flat[PLAIN_MAX];
	enum identity what = IDENTITY_NONE;
	size_t len = 0;
	const char *at;

	flat[0] = '\0';
	if (worth_a_look(text))
		plain(text, flat);
	for (at = flat; *at; at++) {
		bool number = is_digit(*at) && (at == flat || !is_digit(at[-1]));
		bool start = at == flat || !(is_word(at[-1]) || strchr("._%+-@", at[-1]));

		len = number ? bsn_at(at) : 0;
		what = len ? IDENTITY_BSN : IDENTITY_NONE;
		if (!what && (start || (number && !is_digit(at[-1]))))
			what = begins(flat, at, now_unix_ms, &len);
		if (what)
			break;
	}
	if (found)
		snprintf(found, IDENTITY_FOUND_MAX, "%.*s", (int)(what ? len : 0), at);
	return what;
}

bool text_names_a_person(const char *text)
{
	return text_identity(text, 0, NULL) != IDENTITY_NONE;
}

bool text_is_code(const char *text)
{
	if (!is_word(*text))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80 || !(is_word(*text) || strchr(".:/_-+", *text)))
			return false;
	return true;
}
