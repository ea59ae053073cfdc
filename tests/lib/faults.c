/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The linker's --wrap gives every call in our own archives to __wrap_x, and lets it reach the real one as
 * __real_x.
 */
#include "tests/lib/faults.h"

#include <errno.h>
#include <stddef.h>

static unsigned countdown; /* 0: no fault is asked for */
static bool reached;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void faults_begin(unsigned nth)
{
	countdown = nth;
	reached = false;
}

bool faults_end(void)
{
	countdown = 0;
	return reached;
}

static bool is_due(void)
{
	if (!countdown || --countdown)
		return false;
	reached = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t n)
{
	return is_due() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_due() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return is_due() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return is_due() ? NULL : __real_reallocarray(p, n, size);
}
