/* SPDX-License-Identifier: EUPL-1.2 */
/* base/arena: zeroed and aligned pieces, never more than the limit. */
#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "tests/lib/faults.h"
#include "tests/lib/harness.h"

static void test_pieces_are_zeroed_aligned_and_apart(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	uint8_t *before = NULL;

	assert_non_null(a);
	for (size_t n = 0; n < 3000; n += 7) {
		uint8_t *at = arena_alloc(a, n);

		assert_non_null(at);
		CHECK((uintptr_t)at % alignof(max_align_t) == 0);
		CHECK(at != before);
		CHECK(span_is_zero(span_of(at, n)));
		memset(at, 0xaa, n);
		before = at;
	}
}

static void test_the_limit_holds(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024);
	size_t n = 0;

	while (arena_alloc(a, 1))
		n++;
	CHECK(n == 1024 / alignof(max_align_t));
	CHECK(arena_used(a) == 1024);
	assert_null(arena_text(a, SPAN_NONE));
	assert_null(arena_printf(a, "%d", 1));
	CHECK_SPAN(arena_copy(a, SPAN_LITERAL("x")), SPAN_NONE);

	arena_reset(a);
	CHECK(arena_used(a) == 0);
	assert_null(arena_alloc(a, 1025));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_alloc(a, SIZE_MAX - 8));
	assert_non_null(arena_alloc(a, 1024));
	assert_null(arena_alloc(a, 0));
}

static void test_an_array_can_not_wrap(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(4096);

	assert_null(arena_array(a, SIZE_MAX / 2, 4));
	assert_null(arena_array(a, (size_t)1 << 32, (size_t)1 << 32));
	assert_non_null(arena_array(a, 16, 16));
	assert_non_null(arena_array(a, 0, 16));
}

static void test_copies_are_their_own(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	char source[] = "casus";
	char *text = arena_text(a, span_of(source, 5));
	struct span copy = arena_copy(a, span_of(source, 5));

	memset(source, 'x', sizeof source);
	assert_string_equal(text, "casus");
	CHECK_SPAN(copy, SPAN_LITERAL("casus"));
	assert_string_equal(arena_printf(a, "%s-%03d", text, 7), "casus-007");
	assert_string_equal(arena_text(a, SPAN_NONE), "");
	CHECK_SPAN(arena_copy(a, SPAN_NONE), SPAN_NONE);
}

static void test_after_a_reset_pieces_are_zero_again(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);

	for (int round = 0; round < 5; round++) {
		for (size_t n = 1; n < 20000; n = n * 2 + 1) {
			uint8_t *at = arena_alloc(a, n);

			assert_non_null(at);
			CHECK(span_is_zero(span_of(at, n)));
			memset(at, 0xff, n);
		}
		arena_reset(a);
	}
	assert_null(arena_free(NULL));
}

static void test_out_of_memory_is_null_and_harmless(void **state UNUSED)
{
	for (unsigned nth = 1;; nth++) {
		CLEANUP(arena_freep) struct arena *a = NULL;
		void *first = NULL, *large = NULL;

		faults_begin(nth);
		a = arena_new(1 << 20);
		if (a) {
			first = arena_alloc(a, 10);
			large = arena_alloc(a, 10000);
		}
		if (!faults_end()) {
			assert_int_equal(nth, 4);
			return;
		}
		CHECK(!a || !first || !large);
		if (a)
			assert_non_null(arena_alloc(a, 10));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(test_the_limit_holds),
		cmocka_unit_test(test_an_array_can_not_wrap),
		cmocka_unit_test(test_copies_are_their_own),
		cmocka_unit_test(test_after_a_reset_pieces_are_zero_again),
		cmocka_unit_test(test_out_of_memory_is_null_and_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
