/* SPDX-License-Identifier: EUPL-1.2 */
/* base/secret: guarded memory; a write past it ends the process. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "tests/lib/harness.h"

static void test_new_is_zero_and_writable(void **state UNUSED)
{
	CLEANUP(secret_freep) struct secret *s = secret_new(32);

	assert_non_null(s);
	assert_int_equal(secret_len(s), 32);
	CHECK(span_is_zero(span_of(secret_bytes(s), 32)));
	memset(secret_bytes(s), 0x5a, 32);
	CHECK(secret_bytes(s)[31] == 0x5a);
}

static void test_from_copies(void **state UNUSED)
{
	uint8_t source[4] = { 1, 2, 3, 4 };
	CLEANUP(secret_freep) struct secret *s = secret_from(SPAN_OF(source));

	memset(source, 0, sizeof source);
	CHECK_SPAN(span_of(secret_bytes(s), secret_len(s)), SPAN_LITERAL("\x01\x02\x03\x04"));
}

static void test_random_differs(void **state UNUSED)
{
	CLEANUP(secret_freep) struct secret *a = secret_random(32);
	CLEANUP(secret_freep) struct secret *b = secret_random(32);

	CHECK(memcmp(secret_bytes(a), secret_bytes(b), 32) != 0);
}

static void test_edges(void **state UNUSED)
{
	CLEANUP(secret_freep) struct secret *empty = secret_from(SPAN_NONE);

	assert_non_null(empty);
	assert_int_equal(secret_len(empty), 0);
	assert_null(secret_free(NULL));
	assert_null(secret_new(SIZE_MAX));
	assert_null(secret_new(SIZE_MAX / 2));
}

static void test_one_byte_too_far_is_fatal(void **state UNUSED)
{
	CLEANUP(secret_freep) struct secret *s = secret_new(32);
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL); /* also where a sanitizer caught it */
		*(volatile uint8_t *)(secret_bytes(s) + 32) = 1;
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_is_zero_and_writable),
		cmocka_unit_test(test_from_copies),
		cmocka_unit_test(test_random_differs),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_one_byte_too_far_is_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
