/* SPDX-License-Identifier: EUPL-1.2 */
/* Records: every field there and back, one spelling, and the table itself. */
#include "tests/unit/proto/helper.h"

#include "base/env.h"
#include "proto/record.h"

static uint8_t id[ID_BYTES] = { 1, 2, 3 };
static uint8_t digest[32] = { 4, 5, 6 };

/* A value that fits the form of the tag. */
static struct span value_for(unsigned tag)
{
	static const uint8_t number[8] = { 0, 0, 1, 0x9b, 0x76, 0xda, 0xa8, 0x7b };

	switch (record_field_info(tag)->form) {
	case RECORD_FORM_TEXT:
		return SPAN_LITERAL("waarde \xc3\xab");
	case RECORD_FORM_BYTES:
		return SPAN_LITERAL("\0\xff\1");
	case RECORD_FORM_ID:
		return SPAN_OF(id);
	case RECORD_FORM_HASH:
		return SPAN_OF(digest);
	case RECORD_FORM_U64:
		return SPAN_OF(number);
	case RECORD_FORM_FLAG:
		return SPAN_NONE;
	}
	return SPAN_NONE;
}

static void build_full(struct buffer *b)
{
	struct record_writer w;

	record_begin(&w, b);
	for (unsigned tag = 1; tag < RECORD_TAG_N; tag++) {
		if (tag == RECORD_URGENT)
			record_add_flag(&w, RECORD_URGENT, true);
		else if (tag == RECORD_DEADLINE || tag == RECORD_CREATED)
			record_add_u64(&w, (enum record_tag)tag, 1767225600123);
		else if (tag == RECORD_RECIPIENT)
			record_add_text(&w, RECORD_RECIPIENT, "politie");
		else
			record_add(&w, (enum record_tag)tag, value_for(tag));
		if (record_field_info(tag)->repeats)
			record_add(&w, (enum record_tag)tag, value_for(tag));
	}
	assert_int_equal(buffer_ok(b), 0);
}

static void test_round_trip(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct span value;
	struct record r;
	struct buffer b;
	size_t n = 0, i = 0;

	(void)state;
	buffer_init(&b, 0);
	build_full(&b);
	assert_int_equal(record_parse(buffer_span(&b), arena, &r), RECORD_OK);
	for (unsigned tag = 1; tag < RECORD_TAG_N; tag++) {
		size_t times = record_field_info(tag)->repeats ? 2 : 1;

		assert_int_equal(r.fields[n].tag, tag);
		if (tag != RECORD_RECIPIENT)
			assert_true(span_equal(record_get(&r, (enum record_tag)tag), value_for(tag)));
		n += times;
	}
	assert_int_equal(r.n, n);
	assert_true(record_next(&r, RECORD_RECIPIENT, &i, &value));
	assert_true(span_equal(value, SPAN_LITERAL("politie")));
	assert_true(record_next(&r, RECORD_RECIPIENT, &i, &value));
	assert_true(span_equal(value, value_for(RECORD_RECIPIENT)));
	assert_false(record_next(&r, RECORD_RECIPIENT, &i, &value));
	assert_int_equal(get_u64(record_get(&r, RECORD_DEADLINE).ptr), 1767225600123);
	buffer_fini(&b);
}

static void test_absent_fields_are_not_written(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 16);
	struct record r;
	struct buffer b;
	struct record_writer w;

	(void)state;
	buffer_init(&b, 0);
	record_begin(&w, &b);
	record_add_text(&w, RECORD_TYPE, NULL);
	record_add_text(&w, RECORD_SENDER, "");
	record_add(&w, RECORD_CASUS, SPAN_NONE);
	record_add_flag(&w, RECORD_URGENT, false);
	assert_int_equal(b.len, 1);
	assert_int_equal(record_parse(buffer_span(&b), arena, &r), RECORD_OK);
	assert_int_equal(r.n, 0);
	assert_null(record_get(&r, RECORD_TYPE).ptr);
	buffer_fini(&b);
}

static void test_bytes(void **state)
{
	struct buffer b;
	struct record_writer w;

	(void)state;
	buffer_init(&b, 0);
	record_begin(&w, &b);
	record_add_text(&w, RECORD_TYPE, "verzoek");
	record_add_text(&w, RECORD_RECIPIENT, "a");
	record_add_text(&w, RECORD_RECIPIENT, "b");
	record_add_flag(&w, RECORD_URGENT, true);
	assert_true(span_equal(buffer_span(&b), SPAN_LITERAL("\1\3\0\7verzoek\x0e\0\1a\x0e\0\1b\x1b\0\0")));
	buffer_fini(&b);
}

static void test_malformed(void **state)
{
	static const struct span bad[] = {
		SPAN_LITERAL(""),                     /* no version */
		SPAN_LITERAL("\2"),                   /* another version */
		SPAN_LITERAL("\1\3"),                 /* cut in the length */
		SPAN_LITERAL("\1\3\0"),               /* likewise */
		SPAN_LITERAL("\1\3\0\2a"),            /* cut in the value */
		SPAN_LITERAL("\1\3\0\0"),             /* an empty text */
		SPAN_LITERAL("\1\2\0\0"),             /* empty bytes */
		SPAN_LITERAL("\1\0\0\1a"),            /* tag 0 */
		SPAN_LITERAL("\1\x25\0\1a"),          /* a tag beyond the table */
		SPAN_LITERAL("\1\xff\0\1a"),          /* likewise */
		SPAN_LITERAL("\1\x09\0\1a\x08\0\1a"), /* descending */
		SPAN_LITERAL("\1\x08\0\1a\x08\0\1a"), /* a repeat that may not */
		SPAN_LITERAL("\1\3\0\1\xff"),         /* not UTF-8 */
		SPAN_LITERAL("\1\3\0\1\0"),           /* NUL */
		SPAN_LITERAL("\1\x1b\0\1a"),          /* a flag with a value */
		SPAN_LITERAL("\1\x19\0\7aaaaaaa"),    /* a number of 7 bytes */
		SPAN_LITERAL("\1\x04\0\xf"
		             "aaaaaaaaaaaaaaa"), /* an id of 15 bytes */
		SPAN_LITERAL("\1\x01\0\3"
		             "abc"),         /* a salt of 3 bytes */
		SPAN_LITERAL("\1\3\0\1a\0"), /* a byte behind */
	};
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 16);
	struct record r = { .n = 9 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		if (record_parse(bad[i], arena, &r) != RECORD_E_MALFORMED)
			fail_msg("accepted %zu", i);
	assert_int_equal(r.n, 9);
	assert_int_equal(arena_used(arena), 0); /* nothing is allocated for what is refused */
}

/* Cutting a record anywhere but between fields makes it malformed. */
static void test_truncation(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct record r, all;
	struct buffer b;

	(void)state;
	buffer_init(&b, 0);
	build_full(&b);
	assert_int_equal(record_parse(buffer_span(&b), arena, &all), RECORD_OK);
	for (size_t len = 0; len < b.len; len++) {
		bool between = len == 1;

		for (size_t i = 0; i < all.n; i++)
			if (all.fields[i].tag != RECORD_URGENT &&
			    all.fields[i].value.ptr + all.fields[i].value.len == b.ptr + len)
				between = true;
		if (len >= 3 && memcmp(b.ptr + len - 3, "\x1b\0\0", 3) == 0)
			between = true;
		assert_int_equal(record_parse(span_of(b.ptr, len), arena, &r),
		                 between ? RECORD_OK : RECORD_E_MALFORMED);
	}
	buffer_fini(&b);
}

static void test_values_that_do_not_fit(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	static char text[65537];
	struct buffer b;
	struct record_writer w;
	struct record r;

	(void)state;
	buffer_init(&b, 0);
	record_begin(&w, &b);
	record_add_text(&w, RECORD_TYPE, "\xff");
	record_add_text(&w, RECORD_SENDER, "a"); /* sticky: no assertion, no bytes */
	assert_int_not_equal(buffer_ok(&b), 0);
	buffer_reset(&b);
	memset(text, 'a', 65536);
	record_begin(&w, &b);
	record_add_text(&w, RECORD_TYPE, text);
	assert_int_not_equal(buffer_ok(&b), 0);
	buffer_reset(&b);
	text[65535] = '\0';
	record_begin(&w, &b);
	record_add_text(&w, RECORD_TYPE, text);
	assert_int_equal(buffer_ok(&b), 0);
	assert_int_equal(record_parse(buffer_span(&b), arena, &r), RECORD_OK);
	assert_int_equal(record_get(&r, RECORD_TYPE).len, 65535);
	buffer_fini(&b);
}

static void test_table(void **state)
{
	(void)state;
	assert_null(record_field_info(0));
	assert_null(record_field_info(RECORD_TAG_N));
	assert_null(record_field_info(255));
	for (unsigned tag = 1; tag < RECORD_TAG_N; tag++) {
		const char *name = record_field_info(tag)->name;

		assert_non_null(name);
		for (const char *p = name; *p; p++)
			assert_true((*p >= 'a' && *p <= 'z') || *p == '_');
		for (unsigned k = 1; k < tag; k++)
			assert_string_not_equal(name, record_field_info(k)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_absent_fields_are_not_written),
		cmocka_unit_test(test_bytes),      cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_truncation), cmocka_unit_test(test_values_that_do_not_fit),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
