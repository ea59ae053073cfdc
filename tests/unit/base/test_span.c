/* SPDX-License-Identifier: EUPL-1.2 */
/* base/span: a reader never goes beyond its bytes, a buffer never beyond its limit, and both stay failed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "tests/lib/faults.h"
#include "tests/lib/harness.h"

static void test_spans_compare_by_bytes(void **state UNUSED)
{
	struct span ab = SPAN_LITERAL("ab");

	CHECK(span_equal(ab, span_of_text("ab")));
	CHECK(!span_equal(ab, SPAN_LITERAL("abc")));
	CHECK(!span_equal(ab, SPAN_LITERAL("aB")));
	CHECK(span_equal(SPAN_NONE, span_of_text(NULL)));
	CHECK(span_equal(SPAN_NONE, SPAN_LITERAL("")));
	CHECK(span_compare(ab, SPAN_LITERAL("ab")) == 0);
	CHECK(span_compare(ab, SPAN_LITERAL("abc")) < 0);
	CHECK(span_compare(SPAN_LITERAL("b"), ab) > 0);
	CHECK(span_compare(SPAN_LITERAL("\xff"), SPAN_LITERAL("\x01")) > 0);
	CHECK(span_compare(SPAN_NONE, ab) < 0);
	CHECK(span_is_zero(SPAN_NONE));
	CHECK(span_is_zero(SPAN_LITERAL("\0\0")));
	CHECK(!span_is_zero(SPAN_LITERAL("\0\x80")));
}

static void test_integers_are_big_endian(void **state UNUSED)
{
	uint8_t b[8];

	put_u16(b, 0x0102);
	CHECK_SPAN(span_of(b, 2), SPAN_LITERAL("\x01\x02"));
	CHECK(get_u16(b) == 0x0102);
	put_u32(b, 0xfffefdfc);
	CHECK_SPAN(span_of(b, 4), SPAN_LITERAL("\xff\xfe\xfd\xfc"));
	CHECK(get_u32(b) == 0xfffefdfc);
	put_u64(b, 0x8000000000000001);
	CHECK_SPAN(span_of(b, 8), SPAN_LITERAL("\x80\0\0\0\0\0\0\x01"));
	CHECK(get_u64(b) == 0x8000000000000001);
}

static void test_written_fields_read_back(void **state UNUSED)
{
	struct buffer b;
	struct reader r;
	uint8_t copy[2];

	buffer_init(&b, 0);
	buffer_u8(&b, 0xfe);
	buffer_u16(&b, 0xfedc);
	buffer_u32(&b, 0xfedcba98);
	buffer_u64(&b, 0xfedcba9876543210);
	buffer_lp16(&b, SPAN_LITERAL("zestien"));
	buffer_lp32(&b, SPAN_NONE);
	buffer_text(&b, "ok");
	buffer_printf(&b, "%d-%s", 12, "x");
	CHECK_OK(buffer_ok(&b));
	assert_int_equal(b.len, 1 + 2 + 4 + 8 + 2 + 7 + 4 + 2 + 4);

	reader_init(&r, buffer_span(&b));
	CHECK(reader_u8(&r) == 0xfe);
	CHECK(reader_u16(&r) == 0xfedc);
	CHECK(reader_u32(&r) == 0xfedcba98);
	CHECK(reader_u64(&r) == 0xfedcba9876543210);
	CHECK_SPAN(reader_lp16(&r), SPAN_LITERAL("zestien"));
	CHECK_SPAN(reader_lp32(&r), SPAN_NONE);
	reader_copy(&r, copy, 2);
	CHECK_SPAN(SPAN_OF(copy), SPAN_LITERAL("ok"));
	CHECK(!reader_done(&r));
	CHECK_SPAN(reader_rest(&r), SPAN_LITERAL("12-x"));
	CHECK(reader_done(&r));
	buffer_fini(&b);
}

/* Each kind of read, of one byte more than there is. */
static void test_reading_beyond_the_end_fails_and_stays_failed(void **state UNUSED)
{
	for (int kind = 0; kind < 8; kind++) {
		static const uint8_t need[] = { 1, 2, 4, 8, 5, 2 + 3, 4 + 3, 6 };
		uint8_t copy[6] = { 1, 1, 1, 1, 1, 1 };
		uint8_t *bytes = calloc(1, need[kind]);
		struct reader r;

		assert_non_null(bytes);
		bytes[kind == 6 ? 3 : 1 % need[kind]] = 3; /* the length of lp16 and lp32 */
		reader_init(&r, span_of(bytes, (size_t)need[kind] - 1));
		switch (kind) {
		case 0: CHECK(reader_u8(&r) == 0); break;
		case 1: CHECK(reader_u16(&r) == 0); break;
		case 2: CHECK(reader_u32(&r) == 0); break;
		case 3: CHECK(reader_u64(&r) == 0); break;
		case 4: CHECK_SPAN(reader_bytes(&r, 5), SPAN_NONE); break;
		case 5: CHECK_SPAN(reader_lp16(&r), SPAN_NONE); break;
		case 6: CHECK_SPAN(reader_lp32(&r), SPAN_NONE); break;
		default:
			reader_copy(&r, copy, 6);
			CHECK(span_is_zero(SPAN_OF(copy)));
			break;
		}
		CHECK(r.failed);
		CHECK(!reader_done(&r));
		CHECK(reader_u8(&r) == 0); /* although a byte may be left */
		CHECK_SPAN(reader_rest(&r), SPAN_NONE);
		CHECK(!reader_done(&r));
		free(bytes);
	}
}

static void test_lengths_near_the_maximum_do_not_wrap(void **state UNUSED)
{
	struct reader r;
	struct buffer b;

	reader_init(&r, SPAN_LITERAL("\xff\xff\xff\xff"));
	CHECK_SPAN(reader_lp32(&r), SPAN_NONE);
	CHECK(r.failed);
	reader_init(&r, SPAN_LITERAL("abc"));
	CHECK_SPAN(reader_bytes(&r, SIZE_MAX), SPAN_NONE);
	CHECK(r.failed);

	buffer_init(&b, 100);
	buffer_u8(&b, 1);
	assert_null(buffer_grow(&b, SIZE_MAX));
	CHECK_IS(buffer_ok(&b), -ENOMEM);
	buffer_fini(&b);
	buffer_init(&b, 0);
	buffer_u8(&b, 1);
	assert_null(buffer_grow(&b, SIZE_MAX - 1));
	CHECK_IS(buffer_ok(&b), -ENOMEM);
	buffer_fini(&b);
}

static void test_empty_reader_is_done(void **state UNUSED)
{
	struct reader r;

	reader_init(&r, SPAN_NONE);
	CHECK(reader_done(&r));
	CHECK_SPAN(reader_bytes(&r, 0), SPAN_NONE);
	CHECK_SPAN(reader_rest(&r), SPAN_NONE);
	CHECK(reader_done(&r));
	CHECK(reader_u8(&r) == 0);
	CHECK(!reader_done(&r));
}

static void test_buffer_holds_exactly_its_limit(void **state UNUSED)
{
	struct buffer b;

	buffer_init(&b, 4);
	buffer_u32(&b, 0x61626364);
	CHECK_OK(buffer_ok(&b));
	CHECK_BUFFER(&b, "abcd");
	buffer_u8(&b, 1);
	CHECK_IS(buffer_ok(&b), -ENOMEM);
	CHECK_BUFFER(&b, "abcd");
	buffer_reset(&b);
	CHECK_OK(buffer_ok(&b));
	buffer_printf(&b, "%s", "abcd"); /* its NUL does not count */
	CHECK_OK(buffer_ok(&b));
	CHECK_BUFFER(&b, "abcd");
	buffer_reset(&b);
	buffer_printf(&b, "%s", "abcde");
	CHECK_IS(buffer_ok(&b), -ENOMEM);
	buffer_u8(&b, 1); /* would fit, but a gap in what was written is worse than an end */
	assert_int_equal(b.len, 0);
	buffer_fini(&b);
}

static void test_buffer_refuses_a_length_that_does_not_fit_its_prefix(void **state UNUSED)
{
	static const uint8_t big[65536];
	struct buffer b;

	buffer_init(&b, 0);
	buffer_lp16(&b, span_of(big, 65535));
	CHECK_OK(buffer_ok(&b));
	assert_int_equal(b.len, 65537);
	buffer_lp16(&b, span_of(big, 65536));
	CHECK_IS(buffer_ok(&b), -ENOMEM);
	assert_int_equal(b.len, 65537);
	buffer_fini(&b);
}

static void test_buffer_grows_and_keeps_its_bytes(void **state UNUSED)
{
	struct buffer b;

	buffer_init(&b, 0);
	for (unsigned i = 0; i < 100000; i++)
		buffer_u8(&b, (uint8_t)(i % 251));
	CHECK_OK(buffer_ok(&b));
	assert_int_equal(b.len, 100000);
	for (unsigned i = 0; i < 100000; i++)
		CHECK(b.ptr[i] == i % 251);
	buffer_fini(&b);
	assert_null(b.ptr);
	buffer_fini(&b);
}

static void test_buffer_survives_a_failed_allocation(void **state UNUSED)
{
	for (unsigned nth = 1;; nth++) {
		struct buffer b;
		bool reached;

		buffer_init(&b, 0);
		faults_begin(nth);
		for (unsigned i = 0; i < 1000; i++)
			buffer_u8(&b, 7);
		reached = faults_end();
		if (reached) {
			CHECK_IS(buffer_ok(&b), -ENOMEM);
			CHECK(b.len == (nth == 1 ? 0 : ((size_t)128 << (nth - 1)) - 1));
		} else {
			CHECK_OK(buffer_ok(&b));
		}
		buffer_fini(&b);
		if (!reached) {
			assert_int_equal(nth, 4); /* 256, 512, 1024 */
			return;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans_compare_by_bytes),
		cmocka_unit_test(test_integers_are_big_endian),
		cmocka_unit_test(test_written_fields_read_back),
		cmocka_unit_test(test_reading_beyond_the_end_fails_and_stays_failed),
		cmocka_unit_test(test_lengths_near_the_maximum_do_not_wrap),
		cmocka_unit_test(test_empty_reader_is_done),
		cmocka_unit_test(test_buffer_holds_exactly_its_limit),
		cmocka_unit_test(test_buffer_refuses_a_length_that_does_not_fit_its_prefix),
		cmocka_unit_test(test_buffer_grows_and_keeps_its_bytes),
		cmocka_unit_test(test_buffer_survives_a_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
