/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One spelling per value, because these texts are signed, compared and used as keys: a second spelling of the
 * same value is a way around a duplicate check. Hex goes through libsodium, whose coding of keys is constant in
 * time. Base64 is only for what is public (signatures, proofs, receipts) and goes through tables: the constant
 * way took a tenth of a node's time.
 *
 * Dates are computed here and not by gmtime_r(): glibc reads /etc/localtime on its first call, which a
 * sandbox refuses.
 */
#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)
#define LAST_MS UINT64_C(253402300799999) /* the last ms with a year of four digits */

void hex_encode(struct span bytes, char *out)
{
	sodium_bin2hex(out, bytes.len * 2 + 1, bytes.ptr, bytes.len);
}

bool hex_decode(struct span text, uint8_t *out, size_t out_len)
{
	if (text.len % 2 || text.len / 2 != out_len)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!memchr("0123456789abcdef", text.ptr[i], 16))
			return false;
	return !sodium_hex2bin(out, out_len, (const char *)text.ptr, text.len, NULL, NULL, NULL);
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A digit's value plus one; 0: no digit. */
static const uint8_t base64_values[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,
	['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,
	['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45,
	['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};

static size_t base64_size(size_t n_bytes)
{
	return n_bytes / 3 * 4 + (n_bytes % 3 ? 4 : 0);
}

static void base64_encode(struct span bytes, char *out)
{
	for (size_t i = 0; i < bytes.len; i += 3, out += 4) {
		size_t left = bytes.len - i;
		uint32_t v = (uint32_t)bytes.ptr[i] << 16;

		if (left > 1)
			v |= (uint32_t)bytes.ptr[i + 1] << 8;
		if (left > 2)
			v |= bytes.ptr[i + 2];
		out[0] = base64_digits[v >> 18];
		out[1] = base64_digits[v >> 12 & 63];
		out[2] = left > 1 ? base64_digits[v >> 6 & 63] : '=';
		out[3] = left > 2 ? base64_digits[v & 63] : '=';
	}
}

void base64_put(struct buffer *b, struct span bytes)
{
	char *at;

	if (bytes.len > SIZE_MAX / 2) {
		b->failed = true;
		return;
	}
	at = (char *)buffer_grow(b, base64_size(bytes.len));
	if (at)
		base64_encode(bytes, at);
}

char *base64_text(struct arena *a, struct span bytes)
{
	char *text = bytes.len > SIZE_MAX / 2 ? NULL : arena_alloc(a, base64_size(bytes.len) + 1);

	if (text)
		base64_encode(bytes, text);
	return text;
}

/* The bytes of the four digits at the front, n of them (1 to 3); the rest of the digits must be padding. */
static bool base64_group(const uint8_t *text, size_t n, uint8_t *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		uint8_t value = base64_values[text[i]];

		if (i > n ? text[i] != '=' : !value)
			return false;
		v = v << 6 | (i > n ? 0u : value - 1u);
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> (16 - 8 * i));
	return !(v << 8 * n & 0xffffff); /* bits beyond the last byte would be a second spelling */
}

bool base64_decode(struct span text, uint8_t *out, size_t out_size, size_t *out_len)
{
	size_t len = text.len / 4 * 3;

	if (text.len % 4)
		return false;
	for (size_t i = text.len; i > 0 && i + 2 > text.len && text.ptr[i - 1] == '='; i--)
		len--;
	if (len > out_size)
		return false;
	for (size_t i = 0, at = 0; at < len; i += 4, at += 3)
		if (!base64_group(text.ptr + i, len - at < 3 ? len - at : 3, out + at))
			return false;
	*out_len = len;
	return true;
}

bool decimal_decode(struct span text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.len < 1 || text.len > 19 || (text.ptr[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text.ptr[i] - '0'); /* 19 digits fit 64 bits */
	}
	if (v > INT64_MAX)
		return false;
	*out = v;
	return true;
}

/* The length of the well-formed character at the front (Unicode 15, table 3-7), 0 when there is none. */
static size_t utf8_char_len(const uint8_t *p, size_t left)
{
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t n;

	if (p[0] >= 0x01 && p[0] <= 0x7f)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (p[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (p[0] == 0xf0)
		low = 0x90; /* below: overlong */
	else if (p[0] == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool utf8_valid(struct span text)
{
	size_t n;

	for (size_t i = 0; i < text.len; i += n) {
		n = utf8_char_len(text.ptr + i, text.len - i);
		if (!n)
			return false;
	}
	return true;
}

size_t utf8_cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return len;
	for (len = max; len && ((unsigned char)text[len] & 0xC0) == 0x80;)
		len--;
	return len;
}

/* The groups of a UUID's text: 8-4-4-4-12 characters. */
static const size_t uuid_groups[] = { 4, 2, 2, 2, 6 };

void uuid_encode(const uint8_t id[16], char out[UUID_TEXT_SIZE])
{
	for (size_t g = 0; g < N_ELEMENTS(uuid_groups); g++) {
		hex_encode(span_of(id, uuid_groups[g]), out);
		id += uuid_groups[g];
		out += uuid_groups[g] * 2;
		if (g + 1 < N_ELEMENTS(uuid_groups))
			*out++ = '-';
	}
}

bool uuid_decode(const char *text, uint8_t id[16])
{
	uint8_t bytes[16];
	size_t at = 0;

	if (!text || strlen(text) != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t g = 0; g < N_ELEMENTS(uuid_groups); g++) {
		if (!hex_decode(span_of(text, uuid_groups[g] * 2), bytes + at, uuid_groups[g]))
			return false;
		at += uuid_groups[g];
		text += uuid_groups[g] * 2;
		if (g + 1 < N_ELEMENTS(uuid_groups) && *text++ != '-')
			return false;
	}
	memcpy(id, bytes, sizeof bytes);
	return true;
}

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Days from 1970-01-01 to the first of January of a year from 1970 on. */
static uint64_t year_start_day(unsigned year)
{
	unsigned y = year - 1;
	unsigned leap_days = (y / 4 - 1969 / 4) - (y / 100 - 1969 / 100) + (y / 400 - 1969 / 400);

	return (uint64_t)(year - 1970) * 365 + leap_days;
}

void time_encode(uint64_t unix_ms, char out[TIME_TEXT_SIZE])
{
	unsigned ms, year, month = 1;
	uint64_t day;

	if (unix_ms > LAST_MS)
		unix_ms = LAST_MS;
	day = unix_ms / DAY_MS;
	ms = (unsigned)(unix_ms % DAY_MS);
	year = 1970 + (unsigned)(day / 366); /* never too late, at most a few decades too early by 9999 */
	while (year_start_day(year + 1) <= day)
		year++;
	day -= year_start_day(year);
	while (day >= month_days(year, month))
		day -= month_days(year, month++);
	snprintf(out, TIME_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year % 10000, month % 100,
	         (unsigned)(day + 1) % 100, ms / 3600000 % 100, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* The n digits at the front of the text; sets *failed on anything else. */
static unsigned take_digits(const uint8_t **at, size_t n, bool *failed)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			*failed = true;
		else
			v = v * 10 + (unsigned)(**at - '0');
	}
	return v;
}

static void take_mark(const uint8_t **at, char mark, bool *failed)
{
	if (*(*at)++ != (uint8_t)mark)
		*failed = true;
}

static bool date_decode(const uint8_t **at, uint64_t *unix_ms)
{
	bool failed = false;
	unsigned year, month, day;
	uint64_t days;

	year = take_digits(at, 4, &failed);
	take_mark(at, '-', &failed);
	month = take_digits(at, 2, &failed);
	take_mark(at, '-', &failed);
	day = take_digits(at, 2, &failed);
	if (failed || year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	days = year_start_day(year) + day - 1;
	for (unsigned m = 1; m < month; m++)
		days += month_days(year, m);
	*unix_ms = days * DAY_MS;
	return true;
}

bool time_decode(struct span text, uint64_t *unix_ms)
{
	const uint8_t *at = text.ptr;
	bool failed = false;
	unsigned hour, minute, second, ms;
	uint64_t date_ms;

	if (text.len != 10 && text.len != TIME_TEXT_SIZE - 1)
		return false;
	if (!date_decode(&at, &date_ms))
		return false;
	if (text.len == 10) {
		*unix_ms = date_ms;
		return true;
	}
	take_mark(&at, 'T', &failed);
	hour = take_digits(&at, 2, &failed);
	take_mark(&at, ':', &failed);
	minute = take_digits(&at, 2, &failed);
	take_mark(&at, ':', &failed);
	second = take_digits(&at, 2, &failed);
	take_mark(&at, '.', &failed);
	ms = take_digits(&at, 3, &failed);
	take_mark(&at, 'Z', &failed);
	if (failed || hour > 23 || minute > 59 || second > 59)
		return false;
	*unix_ms = date_ms + ((hour * UINT64_C(60) + minute) * 60 + second) * 1000 + ms;
	return true;
}

bool text_in(const char *word, const char *const *list)
{
	for (size_t i = 0; word && list[i]; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
