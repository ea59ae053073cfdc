/* SPDX-License-Identifier: EUPL-1.2 */
/* base/log: one line per event, and no value can start a second one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/lib/harness.h"

static int real_stderr = -1;
static int line_end = -1;
static char line[8192];

static int catch(void **state UNUSED)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	line_end = ends[0];
	if (real_stderr < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	return close(ends[1]);
}

static int release(void **state UNUSED)
{
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(line_end);
	log_init("-", LOG_LEVEL_WARN);
	return 0;
}

/* What was written since the last call. */
static const char *caught(void)
{
	ssize_t n = read(line_end, line, sizeof line - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static void test_form_of_a_line(void **state UNUSED)
{
	const char *text;
	uint64_t v;

	log_init("gate", LOG_LEVEL_INFO);
	log_info("peer-refused", "node=%u reason=%s", 7U, "quota");
	text = caught();
	CHECK(time_decode(span_of(text, 24), &v));
	assert_string_equal(text + 24, " info gate peer-refused node=7 reason=quota\n");
}

static void test_levels(void **state UNUSED)
{
	log_init("core", LOG_LEVEL_WARN);
	CHECK(log_level() == LOG_LEVEL_WARN);
	log_info("a", "x=%d", 1);
	log_debug("b", "x=%d", 1);
	assert_string_equal(caught(), "");
	log_warn("c", "x=%d", 1);
	assert_non_null(strstr(caught(), " warn core c x=1\n"));
	log_error("d", "x=%d", 1);
	assert_non_null(strstr(caught(), " error core d x=1\n"));
}

static void test_a_value_can_not_start_a_line(void **state UNUSED)
{
	log_init("core", LOG_LEVEL_WARN);
	log_warn("e", "name=%s", "a\nb\r\x1b[31m\x7f\xc2\x85");
	assert_non_null(strstr(caught(), " e name=a?b??[31m???\n"));
	CHECK(strchr(line, '\n') == line + strlen(line) - 1);
}

static void test_a_long_line_is_cut(void **state UNUSED)
{
	char big[4000];

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	log_init("core", LOG_LEVEL_WARN);
	log_warn("f", "v=%s", big);
	assert_int_equal(strlen(caught()), 1024);
	assert_string_equal(line + 1016, "xxxx...\n");
	log_warn(big, "v=%d", 1);
	assert_int_equal(strlen(caught()), 1024);
	log_init(big, LOG_LEVEL_WARN);
	log_warn("g", "v=%d", 1);
	assert_non_null(strstr(caught(), " warn xxxxxxxxxxxxxxxxxxxxxxx g v=1\n"));
}

static void test_a_log_that_can_not_be_written_changes_nothing(void **state UNUSED)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	close(STDERR_FILENO);
	errno = EXDEV;
	log_init("core", LOG_LEVEL_WARN);
	log_warn("h", "v=%d", 1);
	assert_int_equal(errno, EXDEV);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_string_equal(caught(), "");
}

static void test_the_trace_of_an_error_is_debug(void **state UNUSED)
{
	log_init("core", LOG_LEVEL_INFO);
	CHECK_IS(err_raise(-EIO), -EIO);
	assert_string_equal(caught(), "");
	log_init("core", LOG_LEVEL_DEBUG);
	CHECK_IS(err_raise(-EIO), -EIO);
	assert_non_null(strstr(caught(), " debug core error-raised error=-5 result=-5 at=tests/unit/base/test_log.c:"));
	log_init("core", LOG_LEVEL_ERROR);
	CHECK_IS(err_pass(2), -ENOTRECOVERABLE);
	assert_non_null(strstr(caught(), " error core result-forwarded result=2 at=tests/unit/base/test_log.c:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_form_of_a_line, catch, release),
		cmocka_unit_test_setup_teardown(test_levels, catch, release),
		cmocka_unit_test_setup_teardown(test_a_value_can_not_start_a_line, catch, release),
		cmocka_unit_test_setup_teardown(test_a_long_line_is_cut, catch, release),
		cmocka_unit_test_setup_teardown(test_a_log_that_can_not_be_written_changes_nothing, catch, release),
		cmocka_unit_test_setup_teardown(test_the_trace_of_an_error_is_debug, catch, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
