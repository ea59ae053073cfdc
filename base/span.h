/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Bytes in motion: read-only spans, a bounded reader, a growable buffer.
 *
 * The reader and the buffer carry a sticky error: read or write ten fields, check once.
 * Integers are big-endian. lp16 = 2-byte length + bytes, lp32 with a 4-byte length.
 * Threads: values, no sharing. A span borrows; it is valid as long as the memory it points into.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct span {
	const uint8_t *ptr;
	size_t len;
};

#define SPAN_NONE ((struct span){ NULL, 0 })
#define SPAN_OF(array) ((struct span){ (const uint8_t *)(array), sizeof(array) })
/* The bytes of a string literal, without its NUL. */
#define SPAN_LITERAL(literal) ((struct span){ (const uint8_t *)("" literal), sizeof(literal) - 1 })

struct span span_of(const void *ptr, size_t len);
struct span span_of_text(const char *text);             /* without the NUL; NULL gives SPAN_NONE */
bool span_equal(struct span a, struct span b);          /* public data: not constant time */
int span_compare(struct span a, struct span b);         /* memcmp order, the shorter first on a tie */
bool span_is_zero(struct span s);

struct reader {
	const uint8_t *ptr;
	size_t left;
	bool failed; /* sticky; once set every read returns zero or an empty span */
};

void reader_init(struct reader *r, struct span bytes);
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);
struct span reader_bytes(struct reader *r, size_t n);
struct span reader_lp16(struct reader *r);
struct span reader_lp32(struct reader *r);
struct span reader_rest(struct reader *r);
void reader_copy(struct reader *r, uint8_t *out, size_t n); /* zeroes out on failure */
bool reader_done(const struct reader *r);                   /* true: no failure and nothing left */

struct buffer {
	uint8_t *ptr;
	size_t len;
	size_t capacity;
	size_t limit_bytes; /* 0: no limit; a write beyond it sets failed */
	bool failed;        /* sticky: out of memory or over the limit; nothing is appended from then on */
};

void buffer_init(struct buffer *b, size_t limit_bytes);
void buffer_fini(struct buffer *b);       /* wipes before it frees; safe on a zeroed struct */
void buffer_reset(struct buffer *b);      /* keeps the memory, clears len and failed */
void buffer_u8(struct buffer *b, uint8_t v);
void buffer_u16(struct buffer *b, uint16_t v);
void buffer_u32(struct buffer *b, uint32_t v);
void buffer_u64(struct buffer *b, uint64_t v);
void buffer_bytes(struct buffer *b, struct span bytes); /* not of this buffer itself */
void buffer_lp16(struct buffer *b, struct span bytes); /* fails when longer than 65535 */
void buffer_lp32(struct buffer *b, struct span bytes);
void buffer_text(struct buffer *b, const char *text); /* without NUL */
void buffer_printf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);
uint8_t *buffer_grow(struct buffer *b, size_t n);     /* n writable bytes at the end, NULL when failed */
struct span buffer_span(const struct buffer *b);
MUST_CHECK int buffer_ok(const struct buffer *b);     /* 0, or -ENOMEM when failed */

void put_u16(uint8_t out[2], uint16_t v);
void put_u32(uint8_t out[4], uint32_t v);
void put_u64(uint8_t out[8], uint64_t v);
uint16_t get_u16(const uint8_t in[2]);
uint32_t get_u32(const uint8_t in[4]);
uint64_t get_u64(const uint8_t in[8]);
