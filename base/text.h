/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Strict text forms: hex, base64, decimals, dates, UTF-8. Each has exactly one accepted spelling per value.
 */
#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/* hex: lower case only. out holds 2*len+1. */
void hex_encode(struct span bytes, char *out);
bool hex_decode(struct span text, uint8_t *out, size_t out_len); /* exactly 2*out_len characters */

/* base64: RFC 4648 section 4 with padding, canonical trailing bits (trailing garbage bits are refused). */
void base64_put(struct buffer *b, struct span bytes);
char *base64_text(struct arena *a, struct span bytes);
/*
 * base64_decode() - true when text is canonical and holds at most out_size bytes; *out_len is set. When
 * false, out is undefined.
 */
bool base64_decode(struct span text, uint8_t *out, size_t out_size, size_t *out_len);

/* decimal without sign, leading zeroes or spaces, at most 2^63-1. */
bool decimal_decode(struct span text, uint64_t *out);

/* UTF-8 without NUL, surrogates, overlong forms or values beyond U+10FFFF. */
bool utf8_valid(struct span text);
size_t utf8_cut(const char *text, size_t max); /* bytes of a valid text that fit in max, no character cut in two */

/* UUID in its 36-character lower-case form. */
#define UUID_TEXT_SIZE 37
void uuid_encode(const uint8_t id[16], char out[UUID_TEXT_SIZE]);
bool uuid_decode(const char *text, uint8_t id[16]);

/*
 * Time: "2026-11-22T08:15:30.123Z" (UTC, milliseconds, 1970 to 9999), and calendar dates "2026-11-22" as the
 * start of that day UTC.
 */
#define TIME_TEXT_SIZE 25
void time_encode(uint64_t unix_ms, char out[TIME_TEXT_SIZE]); /* later than 9999: its last ms */
bool time_decode(struct span text, uint64_t *unix_ms); /* accepts the full form or a calendar date */

/* text_in() - whether a NULL-terminated list holds the word. */
bool text_in(const char *word, const char *const *list);
bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
