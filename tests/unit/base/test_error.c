/* SPDX-License-Identifier: EUPL-1.2 */
/* base/error: a fatal error keeps its number, and nothing turns into success on the way up. */
#include <errno.h>
#include <limits.h>

#include "base/error.h"
#include "base/log.h"
#include "tests/lib/harness.h"

static void test_fatal_errors_pass_unchanged(void **state UNUSED)
{
	CHECK_IS(err_raise(-EPROTO), -EPROTO);
	CHECK_IS(err_pass(-ENOMEM), -ENOMEM);
	CHECK_IS(err_fold(-EIO), -EIO);
	CHECK_IS(err_pass(INT_MIN), INT_MIN);
}

static void test_success_stays_success(void **state UNUSED)
{
	CHECK_OK(err_pass(0));
	CHECK_OK(err_fold(0));
}

static void test_what_was_not_foreseen_becomes_fatal(void **state UNUSED)
{
	CHECK_IS(err_fold(1), -ENOTRECOVERABLE);
	CHECK_IS(err_fold(INT_MAX), -ENOTRECOVERABLE);
	CHECK_IS(err_pass(3), -ENOTRECOVERABLE);
	CHECK_IS(err_raise(0), -ENOTRECOVERABLE); /* raise(-errno) of a call that set none */
	CHECK_IS(err_raise(EIO), -ENOTRECOVERABLE);
}

static void test_texts(void **state UNUSED)
{
	assert_string_equal(err_text(-ENOENT), "No such file or directory");
	assert_string_equal(err_text(-100000), "unknown error");
	assert_string_equal(err_text(INT_MIN), "unknown error");
	assert_string_equal(err_text(5), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fatal_errors_pass_unchanged),
		cmocka_unit_test(test_success_stays_success),
		cmocka_unit_test(test_what_was_not_foreseen_becomes_fatal),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
