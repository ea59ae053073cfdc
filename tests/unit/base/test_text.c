/* SPDX-License-Identifier: EUPL-1.2 */
/* base/text: one spelling per value; every other spelling is refused and leaves the result alone. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/lib/harness.h"

static void test_hex(void **state UNUSED)
{
	uint8_t out[3] = { 9, 9, 9 };
	char text[7];

	hex_encode(SPAN_LITERAL("\x00\xfe\x1a"), text);
	assert_string_equal(text, "00fe1a");
	CHECK(hex_decode(span_of_text("00fe1a"), out, 3));
	CHECK_SPAN(SPAN_OF(out), SPAN_LITERAL("\x00\xfe\x1a"));
	CHECK(hex_decode(SPAN_NONE, out, 0));
	static const char *const wrong[] = { "00FE1A", "00fe1", "00fe1a00", "00fe1g", "00fe 1", "0x00fe", "", "00fe1:" };
	memset(out, 9, sizeof out);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (hex_decode(span_of_text(wrong[i]), out, 3))
			fail_msg("accepted: %s", wrong[i]);
	CHECK_SPAN(SPAN_OF(out), SPAN_LITERAL("\x09\x09\x09"));
}

static void test_base64_vectors_of_rfc4648(void **state UNUSED)
{
	static const char *const vectors[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xef\xbe", "/+++" },
	};
	CLEANUP(arena_freep) struct arena *a = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(vectors); i++) {
		struct span plain = span_of_text(vectors[i][0]);
		uint8_t out[6];
		size_t len = 99;
		struct buffer b;

		buffer_init(&b, 0);
		buffer_text(&b, ">");
		base64_put(&b, plain);
		CHECK_OK(buffer_ok(&b));
		CHECK_SPAN(span_of(b.ptr + 1, b.len - 1), span_of_text(vectors[i][1]));
		buffer_fini(&b);
		assert_string_equal(base64_text(a, plain), vectors[i][1]);
		CHECK(base64_decode(span_of_text(vectors[i][1]), out, sizeof out, &len));
		CHECK_SPAN(span_of(out, len), plain);
	}
}

static void test_base64_refuses_every_other_spelling(void **state UNUSED)
{
	static const char *const wrong[] = {
		"Zg=", "Zg", "Zh==", "Zm9=", "Zm8==", "Z===", "====", "=", "Zm9v\n", "Zm 9v", "Zm-_", "Zg==Zg==", "Zg==\n",
		"Zm9vYg=", "Zm9vYmFyZg==", " Zm9v", "Zm9v====", "Zm=v", "\xc3\xa9==", "\x80\xbf\xff\x90", "Zm9\xe2",
	};

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		uint8_t out[6];
		size_t len = 99;

		if (base64_decode(span_of_text(wrong[i]), out, sizeof out, &len))
			fail_msg("accepted: %s", wrong[i]);
		assert_int_equal(len, 99);
	}
}

static void test_base64_takes_no_more_than_there_is_room_for(void **state UNUSED)
{
	uint8_t *out = malloc(5);
	size_t len;

	assert_non_null(out);
	CHECK(!base64_decode(SPAN_LITERAL("Zm9vYmFy"), out, 5, &len));
	CHECK(base64_decode(SPAN_LITERAL("Zm9vYmE="), out, 5, &len));
	assert_int_equal(len, 5);
	CHECK(!base64_decode(SPAN_LITERAL("Zg=="), out, 0, &len));
	free(out);
}

/* Another's coding as the judge: every length, and every change of one character. */
static void test_base64_agrees_with_libsodium(void **state UNUSED)
{
	uint8_t plain[48], ours[48], theirs[48];
	char text[sizeof plain / 3 * 4 + 1], expected[sizeof text];
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 16);

	randombytes_buf_deterministic(plain, sizeof plain, (const uint8_t[randombytes_SEEDBYTES]){ 7 });
	for (size_t n = 0; n <= sizeof plain; n++) {
		size_t size = strlen(sodium_bin2base64(expected, sizeof expected, plain, n, sodium_base64_VARIANT_ORIGINAL));

		assert_string_equal(base64_text(a, span_of(plain, n)), expected);
		for (size_t i = 0; i < size * 128; i++) { /* libsodium 1.0.18 misreads what is not ASCII */
			size_t our_len = 0, their_len = 0;
			bool same;

			memcpy(text, expected, size);
			text[i / 128] = (char)(i % 128);
			same = !sodium_base642bin(theirs, sizeof theirs, text, size, NULL, &their_len, NULL,
						  sodium_base64_VARIANT_ORIGINAL);
			assert_int_equal(base64_decode(span_of(text, size), ours, sizeof ours, &our_len), same);
			if (same)
				CHECK_SPAN(span_of(ours, our_len), span_of(theirs, their_len));
		}
	}
}

static void test_decimal(void **state UNUSED)
{
	static const char *const wrong[] = {
		"", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808", "18446744073709551616",
		"99999999999999999999", "1_000", "\xd9\xa1",
	};
	uint64_t v = 7;

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (decimal_decode(span_of_text(wrong[i]), &v))
			fail_msg("accepted: %s", wrong[i]);
	assert_int_equal(v, 7);
	CHECK(decimal_decode(SPAN_LITERAL("0"), &v) && v == 0);
	CHECK(decimal_decode(SPAN_LITERAL("9223372036854775807"), &v) && v == INT64_MAX);
	CHECK(!decimal_decode(SPAN_LITERAL("1\0"), &v));
}

static void test_utf8(void **state UNUSED)
{
	static const char *const right[] = {
		"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "cli\xc3\xabnt \xe2\x82\xac \xf0\x9f\x98\x80",
	};
	static const char *const wrong[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x80\x80", "\xe0\x9f\xbf",
		"\xe2\x82", "\xe2\x82\x7f", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xfe", "a\xc3",
	};

	for (size_t i = 0; i < N_ELEMENTS(right); i++)
		if (!utf8_valid(span_of_text(right[i])))
			fail_msg("refused: right[%zu]", i);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (utf8_valid(span_of_text(wrong[i])))
			fail_msg("accepted: wrong[%zu]", i);
	CHECK(!utf8_valid(SPAN_LITERAL("a\0b")));
	CHECK(utf8_valid(SPAN_NONE));
}

static void test_uuid(void **state UNUSED)
{
	static const char text[] = "00112233-4455-6677-8899-aabbccddeeff";
	static const char *const wrong[] = {
		"00112233-4455-6677-8899-AABBCCDDEEFF", "00112233445566778899aabbccddeeff", "",
		"{00112233-4455-6677-8899-aabbccddeeff}", "00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0", "0011223-34455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899_aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg",
	};
	uint8_t id[16] = { 0 };
	char out[UUID_TEXT_SIZE];

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (uuid_decode(wrong[i], id))
			fail_msg("accepted: %s", wrong[i]);
	CHECK(!uuid_decode(NULL, id));
	CHECK(span_is_zero(SPAN_OF(id)));
	CHECK(uuid_decode(text, id));
	CHECK(id[0] == 0 && id[1] == 0x11 && id[15] == 0xff);
	uuid_encode(id, out);
	assert_string_equal(out, text);
}

static void test_time(void **state UNUSED)
{
	static const struct {
		uint64_t unix_ms;
		const char *text;
	} right[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ 1709251199123, "2024-02-29T23:59:59.123Z" },
		{ 1795335330123, "2026-11-22T08:15:30.123Z" },
		{ 4107542400000, "2100-03-01T00:00:00.000Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};
	char text[TIME_TEXT_SIZE];
	uint64_t v;

	for (size_t i = 0; i < N_ELEMENTS(right); i++) {
		time_encode(right[i].unix_ms, text);
		assert_string_equal(text, right[i].text);
		CHECK(time_decode(span_of_text(text), &v));
		assert_int_equal(v, right[i].unix_ms);
	}
	time_encode(UINT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	CHECK(time_decode(SPAN_LITERAL("2026-11-22"), &v));
	assert_int_equal(v, 1795305600000);
}

/* Every day of one whole cycle of the calendar (400 years), counted one by one, in both directions. */
static void test_time_of_every_day(void **state UNUSED)
{
	uint64_t day_ms = 0;
	char text[TIME_TEXT_SIZE];
	char want[64];

	for (unsigned year = 1970; year < 2370; year++)
		for (unsigned month = 1; month <= 12; month++)
			for (unsigned day = 1; day <= 31; day++) {
				uint64_t v;

				snprintf(want, sizeof want, "%04u-%02u-%02u", year, month, day);
				if (!time_decode(span_of_text(want), &v)) {
					CHECK(day > 28);
					continue;
				}
				assert_int_equal(v, day_ms);
				time_encode(v, text);
				assert_memory_equal(text, want, 10);
				day_ms += 86400000;
			}
	assert_int_equal(day_ms, UINT64_C(146097) * 86400000);
}

static void test_time_refuses_every_other_spelling(void **state UNUSED)
{
	static const char *const wrong[] = {
		"", "2026-11-22T08:15:30Z", "2026-11-22T08:15:30.123", "2026-11-22 08:15:30.123Z", "2026-11-22T08:15:30.123z",
		"2026-11-22T08:15:30,123Z", "2026-11-22T24:00:00.000Z", "2026-11-22T23:60:00.000Z", "2026-11-22T23:59:60.000Z",
		"2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "1969-12-31", "26-11-2022",
		"2026-1-022", "2026/11/22", "22-11-2026", "+026-11-22", "2026-11-22T08:15:30.12 Z", "2026-11-22T08:15:30+01:00",
		"2026-11-22T-1:15:30.123Z",
	};
	uint64_t v = 7;

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (time_decode(span_of_text(wrong[i]), &v))
			fail_msg("accepted: %s", wrong[i]);
	assert_int_equal(v, 7);
}

static void test_words(void **state UNUSED)
{
	static const char *const list[] = { "een", "twee", NULL };

	CHECK(text_in("twee", list));
	CHECK(!text_in("drie", list));
	CHECK(!text_in("", list));
	CHECK(!text_in(NULL, list));
	CHECK(text_equal("a", "a"));
	CHECK(!text_equal("a", "b"));
	CHECK(!text_equal(NULL, ""));
	CHECK(!text_equal("", NULL));
	CHECK(text_equal(NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64_vectors_of_rfc4648),
		cmocka_unit_test(test_base64_refuses_every_other_spelling),
		cmocka_unit_test(test_base64_takes_no_more_than_there_is_room_for),
		cmocka_unit_test(test_base64_agrees_with_libsodium),
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_time_of_every_day),
		cmocka_unit_test(test_time_refuses_every_other_spelling),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
