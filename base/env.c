/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The real world behind the seam. clock_gettime() is answered by the vDSO and randombytes_buf() by
 * getrandom(2): neither opens a file, so both keep working behind a sandbox.
 */
#include "base/env.h"

#include <sodium.h>
#include <time.h>

static uint64_t clock_ms(clockid_t id)
{
	struct timespec t;

	ASSERT(clock_gettime(id, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t system_unix_ms(void *ctx UNUSED)
{
	return clock_ms(CLOCK_REALTIME);
}

static uint64_t system_mono_ms(void *ctx UNUSED)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static void system_random(void *ctx UNUSED, uint8_t *out, size_t len)
{
	randombytes_buf(out, len);
}

const struct env *env_system(void)
{
	static const struct env env = { system_unix_ms, system_mono_ms, system_random, NULL };

	return &env;
}

uint64_t env_unix_ms(const struct env *env)
{
	return env->unix_ms(env->ctx);
}

uint64_t env_mono_ms(const struct env *env)
{
	return env->mono_ms(env->ctx);
}

void env_random(const struct env *env, uint8_t *out, size_t len)
{
	env->random(env->ctx, out, len);
}

void env_uuid7(const struct env *env, uint8_t out[ID_BYTES])
{
	uint8_t stamp[8];

	put_u64(stamp, env_unix_ms(env));
	for (size_t i = 0; i < 6; i++)
		out[i] = stamp[i + 2];
	env_random(env, out + 6, ID_BYTES - 6);
	out[6] = (uint8_t)(0x70 | (out[6] & 0x0f)); /* version 7 */
	out[8] = (uint8_t)(0x80 | (out[8] & 0x3f)); /* variant 10 */
}
