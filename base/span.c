/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sticky error is the whole design: a decoder reads every field of its form in order and checks once, so
 * there is one place where a short or over-long input is refused. A buffer moves by copy and wipe, never
 * realloc(), because what passes through it may be a key or a plain text.
 */
#include "base/span.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define BUFFER_FIRST_BYTES 256

struct span span_of(const void *ptr, size_t len)
{
	return (struct span){ ptr, len };
}

struct span span_of_text(const char *text)
{
	return text ? span_of(text, strlen(text)) : SPAN_NONE;
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int span_compare(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

bool span_is_zero(struct span s)
{
	uint8_t all = 0;

	for (size_t i = 0; i < s.len; i++)
		all |= s.ptr[i];
	return !all;
}

void put_u16(uint8_t out[2], uint16_t v)
{
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
}

void put_u32(uint8_t out[4], uint32_t v)
{
	put_u16(out, (uint16_t)(v >> 16));
	put_u16(out + 2, (uint16_t)v);
}

void put_u64(uint8_t out[8], uint64_t v)
{
	put_u32(out, (uint32_t)(v >> 32));
	put_u32(out + 4, (uint32_t)v);
}

uint16_t get_u16(const uint8_t in[2])
{
	return (uint16_t)((unsigned)in[0] << 8 | in[1]);
}

uint32_t get_u32(const uint8_t in[4])
{
	return (uint32_t)get_u16(in) << 16 | get_u16(in + 2);
}

uint64_t get_u64(const uint8_t in[8])
{
	return (uint64_t)get_u32(in) << 32 | get_u32(in + 4);
}

void reader_init(struct reader *r, struct span bytes)
{
	*r = (struct reader){ bytes.ptr, bytes.len, false };
}

/* The n bytes at the front, or NULL from the first read on that asks for more than there is. */
static const uint8_t *reader_take(struct reader *r, size_t n)
{
	const uint8_t *at = r->ptr;

	if (r->failed || n > r->left) {
		r->failed = true;
		return NULL;
	}
	if (n) {
		r->ptr += n;
		r->left -= n;
	}
	return at;
}

uint8_t reader_u8(struct reader *r)
{
	const uint8_t *at = reader_take(r, 1);

	return at ? *at : 0;
}

uint16_t reader_u16(struct reader *r)
{
	const uint8_t *at = reader_take(r, 2);

	return at ? get_u16(at) : 0;
}

uint32_t reader_u32(struct reader *r)
{
	const uint8_t *at = reader_take(r, 4);

	return at ? get_u32(at) : 0;
}

uint64_t reader_u64(struct reader *r)
{
	const uint8_t *at = reader_take(r, 8);

	return at ? get_u64(at) : 0;
}

struct span reader_bytes(struct reader *r, size_t n)
{
	const uint8_t *at = reader_take(r, n);

	return at ? span_of(at, n) : SPAN_NONE;
}

struct span reader_lp16(struct reader *r)
{
	return reader_bytes(r, reader_u16(r));
}

struct span reader_lp32(struct reader *r)
{
	return reader_bytes(r, reader_u32(r));
}

struct span reader_rest(struct reader *r)
{
	return reader_bytes(r, r->left);
}

void reader_copy(struct reader *r, uint8_t *out, size_t n)
{
	const uint8_t *at = reader_take(r, n);

	if (n && at)
		memcpy(out, at, n);
	else if (n)
		memset(out, 0, n);
}

bool reader_done(const struct reader *r)
{
	return !r->failed && r->left == 0;
}

void buffer_init(struct buffer *b, size_t limit_bytes)
{
	*b = (struct buffer){ .limit_bytes = limit_bytes };
}

void buffer_fini(struct buffer *b)
{
	if (b->ptr)
		explicit_bzero(b->ptr, b->capacity);
	free(b->ptr);
	*b = (struct buffer){ .limit_bytes = b->limit_bytes };
}

void buffer_reset(struct buffer *b)
{
	b->len = 0;
	b->failed = false;
}

/* Room for n more bytes and one beyond, where buffer_printf() lets its NUL fall. */
static bool buffer_reserve(struct buffer *b, size_t n)
{
	size_t limit = b->limit_bytes ? b->limit_bytes : SIZE_MAX / 2 - 1;
	size_t capacity = b->capacity ? b->capacity : BUFFER_FIRST_BYTES;
	uint8_t *ptr;

	if (b->failed || b->len > limit || n > limit - b->len) {
		b->failed = true;
		return false;
	}
	if (b->capacity > b->len + n)
		return true;
	while (capacity < b->len + n + 1)
		capacity *= 2;
	ptr = malloc(capacity);
	if (!ptr) {
		b->failed = true;
		return false;
	}
	if (b->ptr) {
		memcpy(ptr, b->ptr, b->len);
		explicit_bzero(b->ptr, b->capacity);
		free(b->ptr);
	}
	b->ptr = ptr;
	b->capacity = capacity;
	return true;
}

uint8_t *buffer_grow(struct buffer *b, size_t n)
{
	uint8_t *at;

	if (!buffer_reserve(b, n))
		return NULL;
	at = b->ptr + b->len;
	b->len += n;
	return at;
}

void buffer_u8(struct buffer *b, uint8_t v)
{
	buffer_bytes(b, span_of(&v, 1));
}

void buffer_u16(struct buffer *b, uint16_t v)
{
	uint8_t *at = buffer_grow(b, 2);

	if (at)
		put_u16(at, v);
}

void buffer_u32(struct buffer *b, uint32_t v)
{
	uint8_t *at = buffer_grow(b, 4);

	if (at)
		put_u32(at, v);
}

void buffer_u64(struct buffer *b, uint64_t v)
{
	uint8_t *at = buffer_grow(b, 8);

	if (at)
		put_u64(at, v);
}

void buffer_bytes(struct buffer *b, struct span bytes)
{
	uint8_t *at = buffer_grow(b, bytes.len);

	if (at && bytes.len)
		memcpy(at, bytes.ptr, bytes.len);
}

void buffer_lp16(struct buffer *b, struct span bytes)
{
	if (bytes.len > UINT16_MAX) {
		b->failed = true;
		return;
	}
	buffer_u16(b, (uint16_t)bytes.len);
	buffer_bytes(b, bytes);
}

void buffer_lp32(struct buffer *b, struct span bytes)
{
	if (bytes.len > UINT32_MAX) {
		b->failed = true;
		return;
	}
	buffer_u32(b, (uint32_t)bytes.len);
	buffer_bytes(b, bytes);
}

void buffer_text(struct buffer *b, const char *text)
{
	buffer_bytes(b, span_of_text(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	uint8_t *at;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = n < 0 ? NULL : buffer_grow(b, (size_t)n);
	if (!at) {
		b->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf((char *)at, (size_t)n + 1, format, args);
	va_end(args);
}

struct span buffer_span(const struct buffer *b)
{
	return span_of(b->ptr, b->len);
}

int buffer_ok(const struct buffer *b)
{
	return b->failed ? err_raise(-ENOMEM) : 0;
}
