/* SPDX-License-Identifier: EUPL-1.2 */
/* base/yaml: what the strict subset gives, and each thing it refuses with its place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "tests/lib/faults.h"
#include "tests/lib/harness.h"

static struct fault_list faults;

static struct yaml *load(const char *text)
{
	struct yaml *y = NULL;

	fault_list_init(&faults, "f");
	CHECK_IS(yaml_load(span_of_text(text), &faults, &y), YAML_OK);
	assert_non_null(y);
	return y;
}

static void check_faults(const char *expected)
{
	struct buffer out;

	buffer_init(&out, 0);
	fault_list_print(&faults, &out);
	buffer_u8(&out, 0);
	CHECK_OK(buffer_ok(&out));
	assert_string_equal((const char *)out.ptr, expected);
	buffer_fini(&out);
}

static void refused_bytes(struct span text)
{
	struct yaml *y = NULL;

	fault_list_init(&faults, "f");
	CHECK_IS(yaml_load(text, &faults, &y), YAML_E_FAULTS);
	assert_null(y);
	CHECK(faults.n > 0);
}

static void refused(const char *text, const char *expected)
{
	refused_bytes(span_of_text(text));
	check_faults(expected);
}

static void test_a_document(void **state UNUSED)
{
	CLEANUP(yaml_freep) struct yaml *y = load("house: drenthe\n"
	                                          "list:\n"
	                                          "  - een\n"
	                                          "  - 'twee: 2'\n"
	                                          "map: {a: 1, b.c-d_E9: \"\"}\r\n"
	                                          "text: |\n"
	                                          "  regel\n"
	                                          "  cli\xc3\xabnt\n");
	struct yaml_node root = yaml_root(y);
	struct yaml_node list = yaml_list(y, root, "list");
	struct yaml_node map = yaml_map(y, root, "map");

	CHECK(yaml_kind(y, root) == YAML_MAP);
	assert_int_equal(yaml_count(y, root), 4);
	assert_string_equal(yaml_key(y, root, 0), "house");
	assert_string_equal(yaml_key(y, root, 3), "text");
	assert_string_equal(yaml_must_text(y, root, "house"), "drenthe");
	assert_string_equal(yaml_text(y, root, "none", "otherwise"), "otherwise");
	assert_int_equal(yaml_count(y, list), 2);
	assert_string_equal(yaml_scalar(y, yaml_item(y, list, 1)), "twee: 2");
	assert_string_equal(yaml_must_text(y, map, "b.c-d_E9"), "");
	assert_string_equal(yaml_must_text(y, root, "text"), "regel\ncli\xc3\xabnt\n");
	assert_int_equal(yaml_line(y, yaml_item(y, list, 1)), 4);
	assert_int_equal(yaml_column(y, yaml_item(y, list, 1)), 5);
	assert_int_equal(yaml_line(y, yaml_value(y, root, 0)), 1);
	assert_int_equal(yaml_column(y, yaml_value(y, root, 0)), 8);
	check_faults("");
}

static void test_nothing_is_beyond_the_ends(void **state UNUSED)
{
	CLEANUP(yaml_freep) struct yaml *y = load("a: [b]\n");
	struct yaml_node root = yaml_root(y);
	struct yaml_node list = yaml_get(y, root, "a");

	CHECK(!yaml_item(y, list, 1).index && !yaml_item(y, root, 0).index);
	CHECK(!yaml_value(y, root, 1).index && !yaml_value(y, list, 0).index);
	CHECK(!yaml_get(y, root, "b").index && !yaml_get(y, list, "a").index);
	assert_null(yaml_key(y, root, 1));
	assert_null(yaml_key(y, list, 0));
	CHECK(yaml_kind(y, YAML_ABSENT) == YAML_NONE);
	assert_int_equal(yaml_count(y, YAML_ABSENT), 0);
	assert_int_equal(yaml_line(y, YAML_ABSENT), 0);
	check_faults("");
}

static void test_typed_values(void **state UNUSED)
{
	CLEANUP(yaml_freep) struct yaml *y = load("n: 12\nyes: true\nno: false\nday: 2026-11-22\n"
	                                          "at: \"1970-01-01T00:00:01.000Z\"\n");
	struct yaml_node root = yaml_root(y);

	CHECK(yaml_uint(y, root, "n", 1, 0, 12) == 12);
	CHECK(yaml_uint(y, root, "none", 99, 0, 12) == 99);
	CHECK(yaml_bool(y, root, "yes", false));
	CHECK(!yaml_bool(y, root, "no", true));
	CHECK(yaml_bool(y, root, "none", true));
	CHECK(yaml_date_ms(y, root, "day", 0) == 1795305600000);
	CHECK(yaml_date_ms(y, root, "at", 0) == 1000);
	CHECK(yaml_date_ms(y, root, "none", 5) == 5);
	CHECK(!yaml_list(y, root, "none").index && !yaml_map(y, root, "none").index);
	check_faults("");
}

static void test_wrong_types_are_reported_where_they_are(void **state UNUSED)
{
	CLEANUP(yaml_freep) struct yaml *y = load("n: 13\nq: \"12\"\nb: yes\nd: 22-11-2026\nt: [x]\nl: x\nm: []\n");
	struct yaml_node root = yaml_root(y);

	CHECK(yaml_uint(y, root, "n", 1, 0, 12) == 1);
	CHECK(yaml_uint(y, root, "q", 2, 0, 12) == 2);
	CHECK(yaml_uint(y, root, "t", 3, 0, 12) == 3);
	CHECK(yaml_bool(y, root, "b", true));
	CHECK(yaml_date_ms(y, root, "d", 4) == 4);
	assert_string_equal(yaml_text(y, root, "t", "other"), "other");
	assert_string_equal(yaml_must_text(y, root, "t"), "");
	CHECK(!yaml_list(y, root, "l").index);
	CHECK(!yaml_map(y, root, "m").index);
	assert_string_equal(yaml_scalar(y, yaml_get(y, root, "m")), "");
	check_faults("f:1:4: n: a whole number from 0 to 12 is expected, without quotes\n"
	             "f:2:4: q: a whole number from 0 to 12 is expected, without quotes\n"
	             "f:5:4: t: a whole number from 0 to 12 is expected, without quotes\n"
	             "f:3:4: b: true or false is expected, without quotes\n"
	             "f:4:4: d: a date is expected, as 2026-11-22 or 2026-11-22T08:15:30.123Z\n"
	             "f:5:4: t: a text is expected, not a list\n"
	             "f:6:4: l: a list is expected, not a text\n"
	             "f:7:4: m: a map is expected, not a list\n"
	             "f:7:4: a text is expected here, not a list\n");
}

static void test_unknown_and_missing_keys(void **state UNUSED)
{
	static const char *const keys[] = { "id", "name", NULL };
	CLEANUP(yaml_freep) struct yaml *y = load("parties:\n  - id: dji\n    nmae: x\n    Id: y\n  - ggz\n");
	struct yaml_node list = yaml_list(y, yaml_root(y), "parties");

	for (size_t i = 0; i < yaml_count(y, list); i++) {
		yaml_only(y, yaml_item(y, list, i), keys);
		yaml_must_text(y, yaml_item(y, list, i), "id");
		yaml_must_text(y, yaml_item(y, list, i), "name");
	}
	yaml_must_text(y, YAML_ABSENT, "house");
	yaml_only(y, YAML_ABSENT, keys);
	yaml_fault(y, yaml_item(y, list, 1), "%s", "100% own words");
	check_faults("f:3:5: the key nmae is unknown here\n"
	             "f:4:5: the key Id is unknown here\n"
	             "f:2:5: name: is missing\n"
	             "f:5:5: a map (key: value) is expected here, not a text\n"
	             "f: house: is missing\n"
	             "f:5:5: 100% own words\n");
}

static void test_what_yaml_has_and_this_has_not(void **state UNUSED)
{
	refused("a: &x 1\nb: 2\nc: &y [z]\n",
	        "f:1:4: anchors (&) are not used here; write it out\nf:3:4: anchors (&) are not used here; write it out\n");
	refused("a: 1\nb: *a\n", "f:2:4: aliases (*) are not used here; write it out\n");
	refused("a: !!int 1\n", "f:1:4: tags (!) are not used here; remove it\n");
	refused("a: ! 1\n", "f:1:4: tags (!) are not used here; remove it\n");
	refused("!m\na: 1\n", "f:1:1: tags (!) are not used here; remove it\n");
	refused("a: !m []\n", "f:1:4: tags (!) are not used here; remove it\n");
	refused("a: 1\n---\nb: 2\n", "f:2:1: a second document (---); one file holds one\n");
	refused("%YAML 1.1\n---\na: 1\n", "f:1:1: directives (%) are not used here; remove it\n");
	refused("%TAG ! tag:x,2026:\n---\na: 1\n", "f:1:1: directives (%) are not used here; remove it\n");
	refused("a: 1\nb: 2\na: 3\n", "f:3:1: the key a is already on line 1\n");
	refused("{a: 1, a: 2, a: 3}\n", "f:1:8: the key a is already on line 1\nf:1:14: the key a is already on line 1\n");
	refused("? [a]\n: b\n", "f:1:3: a key is one word, not a list or a map\n");
	refused("? {a: b}\n: b\n", "f:1:3: a key is one word, not a list or a map\n");
}

static void test_keys_are_plain_words(void **state UNUSED)
{
	static const char word[] = ":1: a key is one word of letters, digits, '-', '_' and '.', without quotes\n";
	static const char *const wrong[] = {
		"\"a\": 1\n", "'a': 1\n", "a b: 1\n", "<<: 1\n", "\xc3\xab: 1\n", "a/b: 1\n",
	};

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		struct buffer want;

		buffer_init(&want, 0);
		buffer_printf(&want, "f:1%s", word);
		buffer_u8(&want, 0);
		CHECK_OK(buffer_ok(&want));
		refused(wrong[i], (const char *)want.ptr);
		buffer_fini(&want);
	}
	refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1\n",
	        "f:1:1: a key is one word of letters, digits, '-', '_' and '.', without quotes\n");
	yaml_close(load("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 1\n"));
}

static void test_empty_and_broken(void **state UNUSED)
{
	refused("", "f:1:1: the file is empty\n");
	refused("# only a remark\n", "f:1:1: the file is empty\n");
	refused("a:\nb: 1\n", "f:1:3: a value is missing; write \"\" for an empty text\n");
	refused("- \n- x\n", "f:1:2: a value is missing; write \"\" for an empty text\n");
	refused("a: [1, 2\n", "f:2:1: not YAML: while parsing a flow sequence, did not find expected ',' or ']'\n");
	refused("a: 1\n b: 2\n", "f:2:3: not YAML: mapping values are not allowed in this context\n");
	refused("a: \"x\n", "f:2:1: not YAML: while scanning a quoted scalar, found unexpected end of stream\n");
	refused("a: b\n\tc: d\n", "f:2:1: not YAML: while scanning a plain scalar, found a tab character that violates indentation\n");
	refused(": 1\n", "f:1:1: not YAML: while parsing a block mapping, did not find expected key\n");
}

static void test_bytes_that_are_not_seen(void **state UNUSED)
{
	static const char *const hidden[] = {
		"\x01", "\x1b", "\x7f", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8b",
		"\xef\xbb\xbf",
	};
	char text[32];

	for (size_t i = 0; i < N_ELEMENTS(hidden); i++) {
		snprintf(text, sizeof text, "a: 1\ncli\xc3\xab%sx: 2\n", hidden[i]);
		refused(text, "f:2:5: a character that can't be seen; remove it\n");
	}
	refused_bytes(SPAN_LITERAL("a: 1\0\n"));
	check_faults("f:1:5: a character that can't be seen; remove it\n");
	refused_bytes(SPAN_LITERAL("a: b\r"));
	refused("a: 1\nb: \xc3(\n", "f:2:4: not UTF-8 here; save the file as UTF-8\n");
	refused("a: \xed\xa0\x80\n", "f:1:4: not UTF-8 here; save the file as UTF-8\n");
	refused_bytes(SPAN_LITERAL("\xff\xfe" "a\0:\0 \0" "1\0"));
	check_faults("f:1:1: not UTF-8 here; save the file as UTF-8\n");
	refused_bytes(SPAN_LITERAL("\xe2"));
	refused_bytes(SPAN_LITERAL("a: \xf0\x9f\x98"));
}

static void test_escapes_can_not_spell_them_either(void **state UNUSED)
{
	static const char *const wrong[] = { "\\0", "\\a", "\\x1b", "\\e", "\\u202e", "\\N", "\\L", "\\P", "\\r", "\\uFEFF" };
	char text[32];

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		snprintf(text, sizeof text, "a: \"x%sy\"\n", wrong[i]);
		refused(text, "f:1:4: the text holds a character that can't be seen\n");
	}
	yaml_close(load("a: \"\\u00e9\\t\\n\\U0001F600\"\n"));
}

/* depth times "[", "x", depth times "]". */
static struct buffer nested(size_t depth)
{
	struct buffer b;

	buffer_init(&b, 0);
	for (size_t i = 0; i < depth; i++)
		buffer_text(&b, "[");
	buffer_text(&b, "x");
	for (size_t i = 0; i < depth; i++)
		buffer_text(&b, "]");
	buffer_u8(&b, 0);
	CHECK_OK(buffer_ok(&b));
	return b;
}

static void test_nesting(void **state UNUSED)
{
	static const size_t depths[] = { 17, 1000, 400000 };
	struct buffer b = nested(16);

	yaml_close(load((const char *)b.ptr));
	buffer_fini(&b);
	for (size_t i = 0; i < N_ELEMENTS(depths); i++) {
		b = nested(depths[i]);
		refused((const char *)b.ptr, "f:1:17: nested deeper than 16\n");
		buffer_fini(&b);
	}
}

/* The text n times, in a document of its own. */
static struct buffer repeated(const char *text, size_t n)
{
	struct buffer b;

	buffer_init(&b, 0);
	for (size_t i = 0; i < n; i++)
		buffer_text(&b, text);
	CHECK_OK(buffer_ok(&b));
	return b;
}

static void test_sizes(void **state UNUSED)
{
	struct buffer b = repeated("- a text of twenty b\n", 500000);

	refused_bytes(buffer_span(&b));
	check_faults("f:49933:5: larger than 1 MiB (10500000 bytes), which ends here\n");
	buffer_fini(&b);
	b = repeated("- x\n", 262144); /* 1 MiB exactly */
	refused_bytes(buffer_span(&b));
	check_faults("f:65535:3: more than 65535 values\n");
	buffer_fini(&b);
	b = repeated("- x\n", 65534);
	fault_list_init(&faults, "f");
	{
		CLEANUP(yaml_freep) struct yaml *y = NULL;

		CHECK_OK(yaml_load(buffer_span(&b), &faults, &y));
		assert_int_equal(yaml_count(y, yaml_root(y)), 65534);
		assert_int_equal(yaml_line(y, yaml_item(y, yaml_root(y), 65533)), 65534);
	}
	buffer_fini(&b);
}

static void test_a_map_is_bounded(void **state UNUSED)
{
	struct buffer b;

	buffer_init(&b, 0);
	for (unsigned i = 0; i < 5000; i++)
		buffer_printf(&b, "k%u: x\n", i);
	CHECK_OK(buffer_ok(&b));
	refused_bytes(buffer_span(&b));
	check_faults("f:4097:1: a map holds at most 4096 keys\n");
	buffer_fini(&b);
}

static void test_many_faults_stay_bounded(void **state UNUSED)
{
	struct buffer b = repeated("- !x &y z\n", 1000);

	refused_bytes(buffer_span(&b));
	assert_int_equal(faults.n, FAULT_MAX);
	assert_int_equal(faults.n_more, 2000 - FAULT_MAX);
	buffer_fini(&b);
}

static void test_out_of_memory(void **state UNUSED)
{
	struct buffer b = repeated("- {a: [1, 2, 3], b: text}\n", 60);
	struct yaml *y = NULL;
	unsigned nth = 1;

	for (;; nth++) {
		int r;

		fault_list_init(&faults, "f");
		faults_begin(nth);
		r = yaml_load(buffer_span(&b), &faults, &y);
		if (!faults_end()) {
			CHECK_OK(r);
			break;
		}
		CHECK_IS(r, -ENOMEM);
		assert_null(y);
	}
	CHECK(nth > 5);
	yaml_close(y);
	buffer_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_document),
		cmocka_unit_test(test_nothing_is_beyond_the_ends),
		cmocka_unit_test(test_typed_values),
		cmocka_unit_test(test_wrong_types_are_reported_where_they_are),
		cmocka_unit_test(test_unknown_and_missing_keys),
		cmocka_unit_test(test_what_yaml_has_and_this_has_not),
		cmocka_unit_test(test_keys_are_plain_words),
		cmocka_unit_test(test_empty_and_broken),
		cmocka_unit_test(test_bytes_that_are_not_seen),
		cmocka_unit_test(test_escapes_can_not_spell_them_either),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_a_map_is_bounded),
		cmocka_unit_test(test_many_faults_stay_bounded),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
