/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Secret - key material in guarded, locked memory (libsodium sodium_malloc), wiped when freed.
 *
 * There is no way to print, log or copy a secret through this module; secret_bytes() lends the memory to a
 * primitive. Threads: read by many, written by one.
 */
#include "base/span.h"

struct secret;

MUST_CHECK struct secret *secret_new(size_t len);                  /* zeroed, writable; NULL: no memory */
MUST_CHECK struct secret *secret_from(struct span bytes);          /* copies; the caller wipes its own copy */
MUST_CHECK struct secret *secret_random(size_t len);
struct secret *secret_free(struct secret *s);                      /* wipes; accepts NULL; returns NULL */
void secret_freep(struct secret **s);
uint8_t *secret_bytes(const struct secret *s);
size_t secret_len(const struct secret *s);
