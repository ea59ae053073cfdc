/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files of a test, written with plain calls only: what tests base/file must not stand on it.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/harness.h"

char *test_folder_new(void)
{
	const char *where = getenv("TMPDIR");
	char *folder = NULL;

	assert_true(asprintf(&folder, "%s/knooppunt-test-XXXXXX", where && *where ? where : "/tmp") > 0);
	assert_non_null(mkdtemp(folder));
	return folder;
}

static int remove_one(const char *path, const struct stat *st UNUSED, int type UNUSED, struct FTW *walk UNUSED)
{
	return remove(path);
}

void test_folder_free(char *folder)
{
	if (folder)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

void test_folder_freep(char **folder)
{
	test_folder_free(*folder);
	*folder = NULL;
}

const char *test_path(const char *folder, const char *name)
{
	static char ring[8][4096];
	static unsigned at;
	char *path = ring[at++ % N_ELEMENTS(ring)];

	assert_true(snprintf(path, sizeof ring[0], "%s/%s", folder, name) < (int)sizeof ring[0]);
	return path;
}

void test_file(const char *path, struct buffer *out)
{
	FILE *f = fopen(path, "rbe");
	uint8_t part[4096];
	size_t n;

	if (!f)
		fail_msg("%s: can't be read", path);
	buffer_init(out, 0);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buffer_bytes(out, span_of(part, n));
	assert_int_equal(ferror(f), 0);
	fclose(f);
	assert_int_equal(buffer_ok(out), 0);
}
