/* SPDX-License-Identifier: EUPL-1.2 */
/* base/file: whole files, replaced at once; links, pipes, folders and files that are open to others are refused. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/lib/harness.h"

static char *folder;

static int make(void **state UNUSED)
{
	folder = test_folder_new();
	return 0;
}

static int clean(void **state UNUSED)
{
	test_folder_free(folder);
	return 0;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static size_t files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void test_written_reads_back_and_replaces(void **state UNUSED)
{
	const char *path = test_path(folder, "a");
	struct buffer b;

	CHECK_OK(file_write(path, SPAN_LITERAL("een"), 0644));
	assert_int_equal(mode_of(path), 0644);
	CHECK_OK(file_write(path, SPAN_LITERAL("twee\0drie"), 0600));
	assert_int_equal(mode_of(path), 0600);
	CHECK_OK(file_read(path, 100, &b));
	CHECK_SPAN(buffer_span(&b), SPAN_LITERAL("twee\0drie"));
	buffer_fini(&b);
	assert_int_equal(files_in(folder), 1);
}

static void test_the_mode_is_exact_whatever_the_umask(void **state UNUSED)
{
	const char *path = test_path(folder, "a");
	mode_t before = umask(0777);

	CHECK_OK(file_write(path, SPAN_LITERAL("x"), 0640));
	umask(before);
	assert_int_equal(mode_of(path), 0640);
}

static void test_the_limit_of_a_read(void **state UNUSED)
{
	static const uint8_t big[200000];
	const char *path = test_path(folder, "a");
	struct buffer b;

	CHECK_OK(file_write(path, SPAN_OF(big), 0600));
	CHECK_IS(file_read(path, sizeof big - 1, &b), FILE_E_TOO_BIG);
	buffer_fini(&b);
	CHECK_OK(file_read(path, sizeof big, &b));
	CHECK_SPAN(buffer_span(&b), SPAN_OF(big));
	buffer_fini(&b);
	CHECK_OK(file_write(path, SPAN_NONE, 0600));
	CHECK_OK(file_read(path, 0, &b));
	assert_int_equal(b.len, 0);
	buffer_fini(&b);
	/* Its size says 0; only reading tells. */
	CHECK_IS(file_read("/proc/self/status", 10, &b), FILE_E_TOO_BIG);
	buffer_fini(&b);
}

static void test_what_is_not_there(void **state UNUSED)
{
	struct buffer b;

	CHECK_IS(file_read(test_path(folder, "none"), 10, &b), FILE_E_ABSENT);
	buffer_fini(&b);
	CHECK_OK(file_write(test_path(folder, "a"), SPAN_LITERAL("x"), 0600));
	CHECK_IS(file_read(test_path(folder, "a/b"), 10, &b), FILE_E_ABSENT);
	buffer_fini(&b);
	CHECK(file_write(test_path(folder, "none/b"), SPAN_LITERAL("x"), 0600) < 0);
}

static void test_only_regular_files_are_read(void **state UNUSED)
{
	struct buffer b;

	CHECK_OK(file_write(test_path(folder, "a"), SPAN_LITERAL("x"), 0600));
	assert_int_equal(symlink("a", test_path(folder, "link")), 0);
	assert_int_equal(mkfifo(test_path(folder, "pipe"), 0600), 0);
	CHECK_IS(file_read(test_path(folder, "link"), 10, &b), FILE_E_DENIED);
	CHECK_IS(file_read(test_path(folder, "pipe"), 10, &b), FILE_E_DENIED);
	CHECK_IS(file_read(folder, 10, &b), FILE_E_DENIED);
	CHECK_IS(file_read("/dev/null", 10, &b), FILE_E_DENIED);
	CHECK_IS(file_read_private(test_path(folder, "link"), 10, &b), FILE_E_DENIED);
	buffer_fini(&b);
}

static void test_a_link_is_replaced_not_followed(void **state UNUSED)
{
	struct stat st;
	struct buffer b;

	CHECK_OK(file_write(test_path(folder, "a"), SPAN_LITERAL("old"), 0600));
	assert_int_equal(symlink("a", test_path(folder, "link")), 0);
	CHECK_OK(file_write(test_path(folder, "link"), SPAN_LITERAL("new"), 0600));
	assert_int_equal(lstat(test_path(folder, "link"), &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_OK(file_read(test_path(folder, "a"), 10, &b));
	CHECK_BUFFER(&b, "old");
	buffer_fini(&b);
}

static void test_a_folder_is_not_replaced_and_nothing_is_left_behind(void **state UNUSED)
{
	assert_int_equal(mkdir(test_path(folder, "sub"), 0700), 0);
	CHECK_IS(file_write(test_path(folder, "sub"), SPAN_LITERAL("x"), 0600), FILE_E_DENIED);
	assert_int_equal(files_in(folder), 1);
}

static void test_private_means_for_us_alone(void **state UNUSED)
{
	const char *path = test_path(folder, "key");
	static const mode_t open_modes[] = { 0640, 0604, 0620, 0601, 0610, 0666 };
	struct buffer b;

	CHECK_OK(file_write(path, SPAN_LITERAL("k"), 0600));
	CHECK_OK(file_read_private(path, 10, &b));
	CHECK_BUFFER(&b, "k");
	buffer_fini(&b);
	assert_int_equal(chmod(path, 0400), 0);
	CHECK_OK(file_read_private(path, 10, &b));
	buffer_fini(&b);
	for (size_t i = 0; i < N_ELEMENTS(open_modes); i++) {
		assert_int_equal(chmod(path, open_modes[i]), 0);
		CHECK_IS(file_read_private(path, 10, &b), FILE_E_OPEN_TO_OTHERS);
		buffer_fini(&b);
	}
}

static void test_folders(void **state UNUSED)
{
	CHECK_OK(file_make_folders(test_path(folder, "a/b//c/"), 0700));
	assert_int_equal(mode_of(test_path(folder, "a/b/c")), 0700);
	assert_int_equal(chmod(test_path(folder, "a"), 0750), 0);
	CHECK_OK(file_make_folders(test_path(folder, "a/b/c"), 0700));
	assert_int_equal(mode_of(test_path(folder, "a")), 0750);
	CHECK_OK(file_write(test_path(folder, "a/file"), SPAN_NONE, 0600));
	CHECK_IS(file_make_folders(test_path(folder, "a/file"), 0700), FILE_E_DENIED);
	CHECK_IS(file_make_folders(test_path(folder, "a/file/b"), 0700), FILE_E_DENIED);
	CHECK_OK(file_make_folders("/", 0700));
	CHECK_OK(file_make_folders(".", 0700));
}

static void test_a_tree_goes_and_links_are_not_followed(void **state UNUSED)
{
	struct stat st;

	CHECK_OK(file_make_folders(test_path(folder, "t/u/v"), 0700));
	CHECK_OK(file_write(test_path(folder, "t/u/file"), SPAN_LITERAL("x"), 0600));
	CHECK_OK(file_write(test_path(folder, "beside"), SPAN_LITERAL("x"), 0600));
	assert_int_equal(symlink("..", test_path(folder, "t/u/up")), 0);
	CHECK_OK(file_remove_tree(test_path(folder, "t")));
	assert_int_equal(stat(test_path(folder, "t"), &st), -1);
	assert_int_equal(stat(test_path(folder, "beside"), &st), 0);
	assert_int_not_equal(file_remove_tree(test_path(folder, "t")), FILE_OK);
}

static void test_names_that_are_too_long(void **state UNUSED)
{
	char *path = malloc(10000);
	struct buffer b;

	assert_non_null(path);
	memset(path, 'x', 9999);
	path[9999] = '\0';
	CHECK(file_read(path, 10, &b) < 0);
	path[5000] = '/';
	CHECK(file_write(path, SPAN_NONE, 0600) < 0);
	CHECK(file_make_folders(path, 0700) < 0);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_reads_back_and_replaces, make, clean),
		cmocka_unit_test_setup_teardown(test_the_mode_is_exact_whatever_the_umask, make, clean),
		cmocka_unit_test_setup_teardown(test_the_limit_of_a_read, make, clean),
		cmocka_unit_test_setup_teardown(test_what_is_not_there, make, clean),
		cmocka_unit_test_setup_teardown(test_only_regular_files_are_read, make, clean),
		cmocka_unit_test_setup_teardown(test_a_link_is_replaced_not_followed, make, clean),
		cmocka_unit_test_setup_teardown(test_a_folder_is_not_replaced_and_nothing_is_left_behind, make, clean),
		cmocka_unit_test_setup_teardown(test_private_means_for_us_alone, make, clean),
		cmocka_unit_test_setup_teardown(test_folders, make, clean),
		cmocka_unit_test_setup_teardown(test_a_tree_goes_and_links_are_not_followed, make, clean),
		cmocka_unit_test_setup_teardown(test_names_that_are_too_long, make, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
