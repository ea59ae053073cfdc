/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * sodium_malloc() puts the bytes between guard pages, locks them out of swap and out of core images, and
 * sodium_free() wipes them. It needs sodium_init(), which is idempotent and thread-safe, so it is called
 * here: no caller can forget it.
 */
#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>

struct secret {
	uint8_t *ptr;
	size_t len;
};

struct secret *secret_new(size_t len)
{
	CLEANUP(secret_freep) struct secret *s = NULL;

	if (sodium_init() < 0)
		return NULL;
	s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->ptr = sodium_malloc(len);
	if (!s->ptr)
		return NULL;
	s->len = len;
	sodium_memzero(s->ptr, len);
	return TAKE(s);
}

struct secret *secret_from(struct span bytes)
{
	struct secret *s = secret_new(bytes.len);

	if (s)
		for (size_t i = 0; i < bytes.len; i++)
			s->ptr[i] = bytes.ptr[i];
	return s;
}

struct secret *secret_random(size_t len)
{
	struct secret *s = secret_new(len);

	if (s)
		randombytes_buf(s->ptr, len);
	return s;
}

struct secret *secret_free(struct secret *s)
{
	if (s)
		sodium_free(s->ptr);
	free(s);
	return NULL;
}

void secret_freep(struct secret **s)
{
	*s = secret_free(*s);
}

uint8_t *secret_bytes(const struct secret *s)
{
	return s->ptr;
}

size_t secret_len(const struct secret *s)
{
	return s->len;
}
