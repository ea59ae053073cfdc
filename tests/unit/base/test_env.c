/* SPDX-License-Identifier: EUPL-1.2 */
/* base/env: identifiers follow RFC 9562, and everything comes through the seam. */
#include <string.h>

#include "base/env.h"
#include "base/text.h"
#include "tests/lib/harness.h"

static uint64_t fixed_unix_ms(void *ctx)
{
	return *(const uint64_t *)ctx;
}

static uint64_t fixed_mono_ms(void *ctx UNUSED)
{
	return 42;
}

static void all_ones(void *ctx UNUSED, uint8_t *out, size_t len)
{
	memset(out, 0xff, len);
}

static void test_uuid7_layout(void **state UNUSED)
{
	uint64_t now = 0x017f22e279b0; /* the example of RFC 9562, appendix A.6 */
	struct env env = { fixed_unix_ms, fixed_mono_ms, all_ones, &now };
	uint8_t id[ID_BYTES];
	char text[UUID_TEXT_SIZE];

	env_uuid7(&env, id);
	uuid_encode(id, text);
	assert_string_equal(text, "017f22e2-79b0-7fff-bfff-ffffffffffff");
	assert_int_equal(env_mono_ms(&env), 42);
	assert_int_equal(env_unix_ms(&env), now);
}

static void test_uuid7_does_not_repeat(void **state UNUSED)
{
	enum { N = 1000 };
	static uint8_t ids[N][ID_BYTES];

	for (size_t i = 0; i < N; i++) {
		env_uuid7(env_system(), ids[i]);
		CHECK(ids[i][6] >> 4 == 7 && ids[i][8] >> 6 == 2);
		for (size_t j = 0; j < i; j++)
			CHECK(memcmp(ids[i], ids[j], ID_BYTES) != 0);
	}
}

static void test_the_real_world_moves_forward(void **state UNUSED)
{
	const struct env *env = env_system();
	uint64_t before = env_mono_ms(env);
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	CHECK(env_unix_ms(env) > UINT64_C(1700000000000));
	CHECK(env_mono_ms(env) >= before);
	env_random(env, a, sizeof a);
	env_random(env, b, sizeof b);
	CHECK(memcmp(a, b, sizeof a) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuid7_layout),
		cmocka_unit_test(test_uuid7_does_not_repeat),
		cmocka_unit_test(test_the_real_world_moves_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
