/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A list of chunks, each filled from its front. A chunk is zero when it is taken (calloc) and wiped when it
 * is given back, so a piece is zero without a memset per piece. The limit counts the rounded pieces, not the
 * chunks: it is a property of the message and not of the order in which its fields come.
 *
 * Under AddressSanitizer each piece is its own malloc, so that a write past a piece is seen.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define CHUNK_BYTES ((size_t)0)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_BYTES ((size_t)0)
#endif
#endif
#ifndef CHUNK_BYTES
#define CHUNK_BYTES ((size_t)4096)
#endif
#define ALIGNMENT alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) uint8_t bytes[];
};

struct arena {
	struct chunk *chunks; /* the newest first: the only one that still has room */
	size_t limit_bytes;
	size_t used;
};

struct arena *arena_new(size_t limit_bytes)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a)
		a->limit_bytes = limit_bytes;
	return a;
}

static void chunk_free(struct chunk *c)
{
	explicit_bzero(c, sizeof *c + c->used);
	free(c);
}

void arena_reset(struct arena *a)
{
	struct chunk *keep = NULL;

	/* One plain chunk stays: most messages fit in it, and the next one then needs no malloc. */
	while (a->chunks) {
		struct chunk *c = a->chunks;

		a->chunks = c->next;
		if (keep || c->size != CHUNK_BYTES) {
			chunk_free(c);
			continue;
		}
		explicit_bzero(c->bytes, c->used);
		c->used = 0;
		c->next = NULL;
		keep = c;
	}
	a->chunks = keep;
	a->used = 0;
}

struct arena *arena_free(struct arena *a)
{
	while (a && a->chunks) {
		struct chunk *c = a->chunks;

		a->chunks = c->next;
		chunk_free(c);
	}
	free(a);
	return NULL;
}

void arena_freep(struct arena **a)
{
	*a = arena_free(*a);
}

static struct chunk *chunk_with(struct arena *a, size_t n)
{
	size_t size = n > CHUNK_BYTES / 4 ? n : CHUNK_BYTES;
	struct chunk *c = a->chunks;

	if (c && c->size - c->used >= n)
		return c;
	c = calloc(1, sizeof *c + size);
	if (!c)
		return NULL;
	c->size = size;
	if (a->chunks && size == n) {
		/* Filled by this one piece: keep it behind the chunk that still has room. */
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t rounded = n ? (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
	struct chunk *c;
	void *at;

	if (rounded < n || rounded > a->limit_bytes - a->used)
		return NULL;
	if (CHUNK_BYTES == 0)
		c = chunk_with(a, n ? n : 1);
	else
		c = chunk_with(a, rounded);
	if (!c)
		return NULL;
	at = c->bytes + c->used;
	c->used = CHUNK_BYTES == 0 ? c->size : c->used + rounded;
	a->used += rounded;
	return at;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	return __builtin_mul_overflow(n, size, &total) ? NULL : arena_alloc(a, total);
}

char *arena_text(struct arena *a, struct span bytes)
{
	char *text = bytes.len < SIZE_MAX ? arena_alloc(a, bytes.len + 1) : NULL;

	if (text && bytes.len)
		memcpy(text, bytes.ptr, bytes.len);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return text;
}

struct span arena_copy(struct arena *a, struct span bytes)
{
	uint8_t *at = bytes.len ? arena_alloc(a, bytes.len) : NULL;

	if (!at)
		return SPAN_NONE;
	memcpy(at, bytes.ptr, bytes.len);
	return span_of(at, bytes.len);
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
