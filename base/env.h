/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Time and randomness behind one seam, so that the same code runs under a simulator.
 *
 * env_system() is the real world. Nothing outside base/ calls clock_gettime() or randombytes directly when
 * its behaviour depends on the value; key material always comes from libsodium's own generator.
 */
#include "base/span.h"

struct env {
	uint64_t (*unix_ms)(void *ctx);                       /* wall clock, for stamps */
	uint64_t (*mono_ms)(void *ctx);                       /* monotonic, for timeouts */
	void (*random)(void *ctx, uint8_t *out, size_t len);  /* identifiers, salts, nonces */
	void *ctx;
};

const struct env *env_system(void);
uint64_t env_unix_ms(const struct env *env);
uint64_t env_mono_ms(const struct env *env);
void env_random(const struct env *env, uint8_t *out, size_t len);

#define ID_BYTES 16
/* env_uuid7() - a UUIDv7 (RFC 9562 5.7): 48-bit unix ms, version 7, 74 random bits. */
void env_uuid7(const struct env *env, uint8_t out[ID_BYTES]);
