/* SPDX-License-Identifier: EUPL-1.2 */
/* Names and widths of tiles: the examples of C2SP tlog-tiles and some of our own, and every name read back.
 */
#include "tests/unit/proto/helper.h"

#include "proto/tile.h"

static void test_paths(void **state)
{
	static const struct {
		unsigned level;
		uint64_t n;
		unsigned width;
		const char *path;
	} cases[] = {
		{ 0, 5, 256, "tile/0/005" },
		{ 0, 0, 1, "tile/0/000.p/1" },
		{ 0, 273, 112, "tile/0/273.p/112" },
		{ 1, 1, 17, "tile/1/001.p/17" },
		{ 2, 0, 1, "tile/2/000.p/1" },
		{ 0, 999, 256, "tile/0/999" },
		{ 0, 1000, 256, "tile/0/x001/000" },
		{ 3, 1234067, 256, "tile/3/x001/x234/067" },
		{ 7, 36028797018963967, 255, "tile/7/x036/x028/x797/x018/x963/967.p/255" },
	};
	struct tile_name name;
	char path[TILE_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		tile_path(cases[i].level, cases[i].n, cases[i].width, path);
		assert_string_equal(path, cases[i].path);
		assert_true(tile_path_parse(path, &name));
		assert_false(name.is_bundle);
		assert_int_equal(name.level, cases[i].level);
		assert_int_equal(name.n, cases[i].n);
		assert_int_equal(name.width, cases[i].width);
	}
	tile_bundle_path(1234067, 12, path);
	assert_string_equal(path, "tile/entries/x001/x234/067.p/12");
	assert_true(tile_path_parse(path, &name));
	assert_true(name.is_bundle);
	assert_int_equal(name.n, 1234067);
	tile_bundle_path(0, 256, path);
	assert_string_equal(path, "tile/entries/000");
}

static void test_other_names_are_refused(void **state)
{
	static const char *const names[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/0/5",
		"tile/0/05",
		"tile/0/0005",
		"tile/0/005/",
		"tile/0/005.p",
		"tile/0/005.p/",
		"tile/0/005.p/0",
		"tile/0/005.p/256",
		"tile/0/005.p/01",
		"tile/0/005.p/+1",
		"tile/0/005.p/1/",
		"tile/0/x005",
		"tile/0/x000/005",
		"tile/0/x001/x000",
		"tile/0/001/000",
		"tile/0/x001000",
		"tile/00/005",
		"tile/8/005",
		"tile/-1/005",
		"tile/x/005",
		"/tile/0/005",
		"tile//0/005",
		"tile/0/005 ",
		"tile/0/005\n",
		"tile/entry/005",
		"tile/entries",
		"tile/entries/",
		"tile/entries/5",
		"tile/0/x036/x028/x797/x018/x963/968",
		"checkpoint",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
		"tile/0/.knooppunt-abcdef",
		"tile/0/x/000",
	};
	struct tile_name name;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		if (tile_path_parse(names[i], &name))
			fail_msg("accepted: %s", names[i]);
}

static void test_widths(void **state)
{
	(void)state;
	/* C2SP tlog-tiles: 70000 is 273 full and 112 at level 0, 1 full and 17 at level 1, 1 at level 2. */
	assert_int_equal(tile_count(0, 70000), 274);
	assert_int_equal(tile_width(0, 272, 70000), 256);
	assert_int_equal(tile_width(0, 273, 70000), 112);
	assert_int_equal(tile_width(0, 274, 70000), 0);
	assert_int_equal(tile_count(1, 70000), 2);
	assert_int_equal(tile_width(1, 0, 70000), 256);
	assert_int_equal(tile_width(1, 1, 70000), 17);
	assert_int_equal(tile_count(2, 70000), 1);
	assert_int_equal(tile_width(2, 0, 70000), 1);
	assert_int_equal(tile_count(3, 70000), 0);
	/* 256: a full tile and one hash above it; a width of 0 does not exist. */
	assert_int_equal(tile_count(0, 256), 1);
	assert_int_equal(tile_width(0, 0, 256), 256);
	assert_int_equal(tile_width(0, 1, 256), 0);
	assert_int_equal(tile_width(1, 0, 256), 1);
	assert_int_equal(tile_count(1, 255), 0);
	assert_int_equal(tile_count(0, 0), 0);
	assert_int_equal(tile_width(0, 0, 0), 0);
	assert_int_equal(tile_count(TILE_LEVELS - 1, TREE_SIZE_MAX), 1);
	assert_int_equal(tile_width(TILE_LEVELS - 1, 0, TREE_SIZE_MAX), 127);
	assert_int_equal(tile_count(TILE_LEVELS, TREE_SIZE_MAX), 0);
	assert_int_equal(tile_width(TILE_LEVELS, 0, TREE_SIZE_MAX), 0);
	assert_int_equal(tile_count(64, TREE_SIZE_MAX), 0);
}

static void test_bundles(void **state)
{
	struct buffer b;
	struct reader r;
	struct span entry = SPAN_NONE;
	uint8_t big[65535] = { 7 };

	(void)state;
	buffer_init(&b, 0);
	bundle_add(&b, SPAN_LITERAL("een"));
	bundle_add(&b, SPAN_NONE);
	bundle_add(&b, SPAN_OF(big));
	assert_int_equal(buffer_ok(&b), 0);
	assert_memory_equal(b.ptr, "\0\3een\0\0\xff\xff\7", 10);
	reader_init(&r, buffer_span(&b));
	assert_int_equal(bundle_next(&r, &entry), BUNDLE_OK);
	assert_true(span_equal(entry, SPAN_LITERAL("een")));
	assert_int_equal(bundle_next(&r, &entry), BUNDLE_OK);
	assert_int_equal(entry.len, 0);
	assert_int_equal(bundle_next(&r, &entry), BUNDLE_OK);
	assert_int_equal(entry.len, 65535);
	assert_int_equal(bundle_next(&r, &entry), BUNDLE_END);
	for (size_t cut = 1; cut < 5; cut++) {
		reader_init(&r, span_of("\0\3een", cut));
		assert_int_equal(bundle_next(&r, &entry), BUNDLE_E_MALFORMED);
		assert_int_equal(bundle_next(&r, &entry), BUNDLE_E_MALFORMED);
	}
	buffer_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_other_names_are_refused),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_bundles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
