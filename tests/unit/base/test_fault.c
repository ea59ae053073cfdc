/* SPDX-License-Identifier: EUPL-1.2 */
/* base/fault: each fault on one line with its place, never more than the list holds. */
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "tests/lib/harness.h"

static struct fault_list list;

static void check_print(const char *expected)
{
	struct buffer out;

	buffer_init(&out, 0);
	fault_list_print(&list, &out);
	CHECK_OK(buffer_ok(&out));
	CHECK_BUFFER(&out, expected);
	buffer_fini(&out);
}

static void test_lines(void **state UNUSED)
{
	fault_list_init(&list, "huis.yaml");
	check_print("");
	fault_add(&list, 3, 7, "the key %s is unknown here", "naam");
	fault_add(&list, 0, 0, "is empty");
	check_print("huis.yaml:3:7: the key naam is unknown here\nhuis.yaml: is empty\n");
	fault_list_init(&list, NULL);
	fault_add(&list, 1, 1, "x");
	check_print("-:1:1: x\n");
}

static void test_a_repeat_is_kept_once(void **state UNUSED)
{
	fault_list_init(&list, "f");
	fault_add(&list, 1, 1, "x");
	fault_add(&list, 1, 1, "x");
	fault_add(&list, 1, 2, "x");
	fault_add(&list, 1, 1, "y");
	assert_int_equal(list.n, 3);
	assert_int_equal(list.n_more, 0);
}

static void test_the_list_is_bounded(void **state UNUSED)
{
	struct buffer out;

	fault_list_init(&list, "f");
	for (unsigned i = 1; i <= FAULT_MAX + 5; i++)
		fault_add(&list, i, 1, "x");
	assert_int_equal(list.n, FAULT_MAX);
	assert_int_equal(list.n_more, 5);
	buffer_init(&out, 0);
	fault_list_print(&list, &out);
	CHECK(out.len > 12 && memcmp(out.ptr + out.len - 14, "f: and 5 more\n", 14) == 0);
	buffer_fini(&out);
}

static void test_what_is_quoted_stays_on_its_line(void **state UNUSED)
{
	fault_list_init(&list, "f");
	fault_add(&list, 1, 1, "%s", "a\nb\x1b[0m \xc3\xab");
	fault_add(&list, 1, 1, "%s", "\xff\xfe ok");
	check_print("f:1:1: a?b?[0m \xc3\xab\nf:1:1: ?? ok\n");
}

static void test_a_cut_falls_between_characters(void **state UNUSED)
{
	char text[2 * FAULT_TEXT_SIZE + 1];

	for (size_t shift = 0; shift < 4; shift++) {
		for (size_t i = 0; i + 4 < sizeof text; i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 5);
		memset(text, 'x', 4);
		fault_list_init(&list, "f");
		fault_add(&list, 1, 1, "%s", text + shift);
		CHECK(utf8_valid(span_of_text(list.v[0].text)));
		CHECK(strlen(list.v[0].text) > FAULT_TEXT_SIZE - 5);
		assert_null(strchr(list.v[0].text, '?'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_a_repeat_is_kept_once),
		cmocka_unit_test(test_the_list_is_bounded),
		cmocka_unit_test(test_what_is_quoted_stays_on_its_line),
		cmocka_unit_test(test_a_cut_falls_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
