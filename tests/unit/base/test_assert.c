/* SPDX-License-Identifier: EUPL-1.2 */
/* base/macro: ASSERT stops the process in every build, TAKE leaves NULL behind, CLEANUP runs. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "tests/lib/harness.h"

static void test_a_failed_assertion_aborts_in_every_build(void **state UNUSED)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO); /* the expected message is no news */
		ASSERT(child != 0);
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_a_true_assertion_is_evaluated_once(void **state UNUSED)
{
	int n = 0;

	ASSERT(++n == 1);
	assert_int_equal(n, 1);
}

static void count(int **n)
{
	if (*n)
		++**n;
}

static void test_take_is_what_stops_the_cleanup(void **state UNUSED)
{
	int n = 0;
	int *taken = NULL;

	{
		CLEANUP(count) int *kept UNUSED = &n;
		CLEANUP(count) int *given = &n;

		taken = TAKE(given);
		assert_null(given);
	}
	assert_int_equal(n, 1);
	CHECK(taken == &n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_assertion_aborts_in_every_build),
		cmocka_unit_test(test_a_true_assertion_is_evaluated_once),
		cmocka_unit_test(test_take_is_what_stops_the_cleanup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
