/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Arena - the memory of one decoded message, one document, one query: allocated piece by piece, freed in one
 * step.
 *
 * Owns:    every byte handed out, until arena_reset() or arena_free().
 * Limit:   limit_bytes over all pieces; beyond it arena_alloc() gives NULL. This bounds a hostile peer.
 * Threads: one thread at a time.
 */
#include "base/span.h"

struct arena;

MUST_CHECK struct arena *arena_new(size_t limit_bytes);    /* NULL when out of memory */
struct arena *arena_free(struct arena *a);                 /* wipes; accepts NULL; returns NULL */
void arena_freep(struct arena **a);                        /* for CLEANUP() */
void arena_reset(struct arena *a);
void *arena_alloc(struct arena *a, size_t n);              /* zeroed, aligned for any type; or NULL */
void *arena_array(struct arena *a, size_t n, size_t size); /* overflow-checked arena_alloc(n * size) */
char *arena_text(struct arena *a, struct span bytes);      /* NUL-terminated copy */
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
struct span arena_copy(struct arena *a, struct span bytes); /* {NULL,0} over the limit when len > 0 */
size_t arena_used(const struct arena *a);
