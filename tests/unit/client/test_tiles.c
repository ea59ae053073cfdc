/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Exports of a sample log: verified at the sizes where tiles begin and end, grown step by step, cut off, and
 * damaged in every way a file can be. Each damage must be named by its file, and by its entry where it is
 * one.
 */
#include "tests/lib/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/lib/tiles.h"
#include "client/lib/tiles_files.h"
#include "proto/tile.h"
#include "tests/interop/sample_log.h"
#include "tests/lib/faults.h"

#define LOG_SIZE 1000
#define BIG_SIZE 70000
#define SMALL_ENTRY (118 + 256 + 16)

static struct sample_log *sample; /* LOG_SIZE entries of up to three blocks; made once, only read */

static int group_setup(void **state)
{
	(void)state;
	sample = sample_log_new(LOG_SIZE, 1, 700);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	sample = sample_log_free(sample);
	return 0;
}

static int verify(const char *dir, struct tiles_report *report)
{
	const struct tiles_options options = { .threads = 1, .log_key = sample_log_key(sample) };

	return tiles_verify(dir, &options, report);
}

static void check_good(const char *dir, uint64_t size)
{
	struct tiles_report report;
	uint64_t kinds = 0, codes = 0;

	if (verify(dir, &report))
		fail_msg("size %llu: %s: %s", (unsigned long long)size, report.file, report.reason);
	assert_string_equal(report.file, "");
	assert_int_equal(report.n_entries, size);
	assert_int_equal(report.checkpoint.size, size);
	for (size_t i = 0; i < ENTRY_KIND_N; i++)
		kinds += report.by_kind[i];
	for (size_t i = 0; i < CODE_N; i++)
		codes += report.by_code[i];
	assert_int_equal(kinds, size);
	assert_int_equal(codes, size);
	assert_int_equal(report.n_unverified_lines, 0);
	assert_int_equal(report.first_unix_ms, size ? 1767225600000 : 0);
	assert_int_equal(report.last_unix_ms, size ? 1767225600000 + 1000 * (size - 1) : 0);
}

static void check_bad(const char *dir, const char *file, const char *reason)
{
	struct tiles_report report;

	if (verify(dir, &report) != TILES_E_BAD)
		fail_msg("accepted; %s should have been bad", file);
	if (strcmp(report.file, file) != 0 || !strstr(report.reason, reason))
		fail_msg("named %s: %s; expected %s: %s", report.file, report.reason, file, reason);
}

static void export_good(struct sample_log *log, uint64_t size, const char *dir)
{
	struct tiles_report report;

	if (sample_log_export(log, size, dir, &report))
		fail_msg("export of %llu: %s: %s", (unsigned long long)size, report.file, report.reason);
	assert_int_equal(report.n_entries, size);
}

/* A file of an export, changed by one of the functions below. */
static void file_load(const char *dir, const char *file, struct buffer *out)
{
	CHECK_OK(file_read(test_path(dir, file), 1 << 26, out));
}

static void file_store(const char *dir, const char *file, struct span bytes)
{
	CHECK_OK(file_write(test_path(dir, file), bytes, 0644));
}

/* In place and unsynced: some tests do this tens of thousands of times. */
static void flip(const char *dir, const char *file, size_t bit)
{
	FILE *f = fopen(test_path(dir, file), "r+b");
	int c;

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)(bit / 8), SEEK_SET), 0);
	c = fgetc(f);
	assert_true(c != EOF);
	assert_int_equal(fseek(f, (long)(bit / 8), SEEK_SET), 0);
	assert_true(fputc(c ^ (1 << (bit % 8)), f) != EOF);
	assert_int_equal(fclose(f), 0);
}

static size_t file_bits(const char *dir, const char *file)
{
	struct stat st;

	assert_int_equal(stat(test_path(dir, file), &st), 0);
	return 8 * (size_t)st.st_size;
}

static void test_export_verifies(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 2, 255, 256, 257, 511, 512, 513, 1000 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		CLEANUP(test_folder_freep) char *dir = test_folder_new();
		const struct tiles_options options = { .threads = 3 };
		struct tiles_report report;

		export_good(sample, sizes[i], dir);
		check_good(dir, sizes[i]);
		/* Without a key, the one in the export is used and said to be. */
		CHECK_OK(tiles_verify(dir, &options, &report));
		assert_true(report.key_from_export);
		assert_string_equal(report.log_key.name, SAMPLE_ORIGIN);
		/* Exporting again changes nothing and costs no entry. */
		export_good(sample, sizes[i], dir);
		check_good(dir, sizes[i]);
	}
}

struct comparison {
	const char *other;
	size_t n_files;
	int dir;
};

static void compare_file(void *ctx, const char *path, bool is_file)
{
	struct comparison *c = ctx;
	CLEANUP(buffer_fini) struct buffer here;
	CLEANUP(buffer_fini) struct buffer there;
	const char *why;

	assert_true(is_file);
	buffer_init(&here, 0);
	buffer_init(&there, 0);
	CHECK_OK(tiles_files_read(c->dir, path, 1 << 26, &here, &why));
	file_load(c->other, path, &there);
	assert_true(span_equal(buffer_span(&here), buffer_span(&there)));
	c->n_files++;
}

static size_t files_in(const char *dir, const char *same_as)
{
	struct comparison c = { .other = same_as, .dir = open(dir, O_RDONLY | O_DIRECTORY) };

	assert_true(c.dir >= 0);
	CHECK_OK(tiles_files_walk(c.dir, compare_file, &c));
	close(c.dir);
	return c.n_files;
}

static void check_identical(const char *a, const char *b)
{
	assert_int_equal(files_in(a, b), files_in(b, a));
}

static void test_growing_gives_the_same_tree(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 2, 3, 200, 255, 256, 257, 511, 512, 513, 700, 1000 };
	CLEANUP(test_folder_freep) char *grown = test_folder_new();

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		CLEANUP(test_folder_freep) char *fresh = test_folder_new();

		export_good(sample, sizes[i], grown);
		export_good(sample, sizes[i], fresh);
		check_good(grown, sizes[i]);
		check_identical(grown, fresh);
	}
}

/* Entries that stop coming, or are not those of the checkpoint, after some were given. */
struct failing_source {
	uint64_t fail_at;
	uint64_t lie_at;
	uint64_t first_asked;
};

static int failing_entry(void *ctx, uint64_t index, struct span *entry)
{
	struct failing_source *f = ctx;

	if (f->first_asked == UINT64_MAX)
		f->first_asked = index;
	if (index == f->fail_at)
		return -EIO;
	return sample_log_entry(sample, index == f->lie_at ? 0 : index, entry);
}

static int export_failing(const char *dir, uint64_t size, struct failing_source *f,
                          struct tiles_report *report)
{
	CLEANUP(buffer_fini) struct buffer head;
	struct tiles_source source = { .log_key = sample_log_key(sample), .entry = failing_entry, .ctx = f };

	buffer_init(&head, 0);
	sample_log_sign(sample, size, &head);
	source.checkpoint_note = buffer_span(&head);
	return tiles_export(dir, &source, report);
}

static void test_an_export_that_was_cut_off_is_put_right(void **state)
{
	static const uint64_t cuts[] = { 300, 301, 511, 512, 513, 767, 768, 999 };
	CLEANUP(test_folder_freep) char *fresh = test_folder_new();

	(void)state;
	export_good(sample, LOG_SIZE, fresh);
	for (size_t i = 0; i < N_ELEMENTS(cuts); i++) {
		CLEANUP(test_folder_freep) char *dir = test_folder_new();
		struct failing_source f = { cuts[i], UINT64_MAX, UINT64_MAX };
		struct tiles_report report = { .file = "untouched" };

		export_good(sample, 300, dir);
		CHECK_IS(export_failing(dir, LOG_SIZE, &f, &report), -EIO);
		assert_string_equal(report.file, "untouched");
		assert_int_equal(f.first_asked, 300); /* what is published is not read again */
		export_good(sample, LOG_SIZE, dir);
		check_identical(dir, fresh);
	}
}

static void test_what_a_crash_leaves_is_put_right(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(test_folder_freep) char *fresh = test_folder_new();

	(void)state;
	export_good(sample, 513, dir);
	export_good(sample, 600, fresh);
	/* Half a file beside the tree, tiles of a bigger tree, and a wrong full tile where the next one will
	 * come. */
	file_store(dir, ".knooppunt-export", SPAN_LITERAL("half"));
	CHECK_OK(file_make_folders(test_path(dir, "tile/0/002.p"), 0755));
	file_store(dir, "tile/0/002.p/77", SPAN_LITERAL("x"));
	file_store(dir, "tile/0/002", SPAN_LITERAL("y"));
	file_store(dir, "tile/0/009", SPAN_LITERAL("z"));
	check_bad(dir, ".knooppunt-export", "does not belong");
	export_good(sample, 600, dir);
	check_identical(dir, fresh);
	check_good(dir, 600);
}

static void test_a_source_that_lies_is_not_published(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(test_folder_freep) char *fresh = test_folder_new();
	struct failing_source f = { UINT64_MAX, 400, UINT64_MAX };
	struct tiles_report report;
	CLEANUP(buffer_fini) struct buffer before;
	CLEANUP(buffer_fini) struct buffer after;

	(void)state;
	export_good(sample, 300, dir);
	file_load(dir, "checkpoint", &before);
	CHECK_IS(export_failing(dir, LOG_SIZE, &f, &report), TILES_E_BAD);
	assert_string_equal(report.file, "checkpoint");
	file_load(dir, "checkpoint", &after);
	assert_true(span_equal(buffer_span(&before), buffer_span(&after)));
	export_good(sample, LOG_SIZE, dir);
	export_good(sample, LOG_SIZE, fresh);
	check_identical(dir, fresh);
}

static void test_export_refuses_another_history(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct sample_log *fork = sample_log_new(600, 2, 100);
	struct tiles_report report;
	CLEANUP(buffer_fini) struct buffer bytes;

	(void)state;
	export_good(sample, 500, dir);
	CHECK_IS(sample_log_export(sample, 400, dir, &report), TILES_E_BAD); /* older than what is there */
	assert_string_equal(report.file, "checkpoint");
	CHECK_IS(sample_log_export(fork, 500, dir, &report), TILES_E_BAD); /* same size, other root */
	assert_string_equal(report.file, "checkpoint");
	CHECK_IS(sample_log_export(fork, 600, dir, &report), TILES_E_BAD); /* does not extend what is there */
	assert_string_equal(report.file, "checkpoint");
	sample_log_free(fork);
	check_bad(dir, "tile/0/001", "does not belong"); /* written ahead, never published */
	export_good(sample, 500, dir);
	check_good(dir, 500);
	/* What is there is damaged: nothing is built on it. */
	flip(dir, "tile/entries/000", 5000);
	CHECK_IS(sample_log_export(sample, 600, dir, &report), TILES_E_BAD);
	assert_string_equal(report.file, "tile/entries/000");
	assert_true(report.has_entry);
	flip(dir, "tile/entries/000", 5000);
	/* Another log's folder. */
	file_load(dir, "log.vkey", &bytes);
	bytes.ptr[0] = 'b';
	file_store(dir, "log.vkey", buffer_span(&bytes));
	CHECK_IS(sample_log_export(sample, 600, dir, &report), TILES_E_BAD);
	assert_string_equal(report.file, "log.vkey");
}

/* The damage done by every single bit of every file, one at a time, with and without a key in hand. */
static void test_every_bit_of_a_small_export(void **state)
{
	static const char *const files[] = { "checkpoint", "log.vkey", "tile/0/000.p/3",
		                             "tile/entries/000.p/3" };
	const struct tiles_options by_key = { .threads = 1, .log_key = sample_log_key(sample) };
	const struct tiles_options by_folder = { .threads = 1 };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct sample_log *small = sample_log_new(3, 1, 8);
	struct tiles_report report;

	(void)state;
	export_good(small, 3, dir);
	assert_int_equal(files_in(dir, dir), N_ELEMENTS(files));
	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		size_t bits = file_bits(dir, files[i]);

		for (size_t bit = 0; bit < bits; bit++) {
			const struct tiles_options *options = bit % 2 ? &by_key : &by_folder;

			flip(dir, files[i], bit);
			CHECK_IS(tiles_verify(dir, options, &report), TILES_E_BAD);
			if (strcmp(report.file, files[i]) != 0)
				fail_msg("bit %zu of %s: named %s (%s)", bit, files[i], report.file,
				         report.reason);
			assert_true(report.reason[0]);
			assert_int_equal(report.has_entry, i == 3);
			if (i == 3)
				assert_int_equal(report.entry, bit / 8 / (2 + SMALL_ENTRY));
			flip(dir, files[i], bit);
		}
	}
	check_good(dir, 3);
	sample_log_free(small);
}

/* The entry that a byte of a bundle belongs to. */
static uint64_t entry_at(uint64_t first, size_t byte)
{
	for (;; first++) {
		struct span entry;

		CHECK_OK(sample_log_entry(sample, first, &entry));
		if (byte < 2 + entry.len)
			return first;
		byte -= 2 + entry.len;
	}
}

static void test_sampled_bits_of_three_hundred(void **state)
{
	static const char *const files[] = { "checkpoint",           "log.vkey",       "tile/0/000",
		                             "tile/0/001.p/44",      "tile/1/000.p/1", "tile/entries/000",
		                             "tile/entries/001.p/44" };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;

	(void)state;
	export_good(sample, 300, dir);
	assert_int_equal(files_in(dir, dir), N_ELEMENTS(files));
	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		size_t bits = file_bits(dir, files[i]);

		for (size_t k = 0; k < 60; k++) {
			size_t bit = (k * 7919 * 131 + k * k) % bits;

			flip(dir, files[i], bit);
			CHECK_IS(verify(dir, &report), TILES_E_BAD);
			if (strcmp(report.file, files[i]) != 0)
				fail_msg("bit %zu of %s: named %s (%s)", bit, files[i], report.file,
				         report.reason);
			assert_int_equal(report.has_entry, i >= 5);
			if (i >= 5)
				assert_int_equal(report.entry, entry_at(i == 5 ? 0 : 256, bit / 8));
			flip(dir, files[i], bit);
		}
	}
	check_good(dir, 300);
}

static void test_files_cut_longer_or_gone(void **state)
{
	static const struct {
		const char *file;
		const char *longer, *cut, *empty; /* reasons */
	} files[] = {
		{ "checkpoint", "not a well-formed", "not a well-formed", "not a well-formed" },
		{ "log.vkey", "not a public key", "not a public key", "not a public key" },
		{ "tile/0/000", "is too long", "8191 bytes long, not 8192", "0 bytes long, not 8192" },
		{ "tile/0/002.p/1", "is too long", "31 bytes long, not 32", "0 bytes long, not 32" },
		{ "tile/1/000.p/2", "is too long", "63 bytes long, not 64", "0 bytes long, not 64" },
		{ "tile/entries/001", "has 1 bytes behind its last entry", "entry 511 is cut off",
		  "entry 256 is missing" },
		{ "tile/entries/002.p/1", "has 1 bytes behind its last entry", "entry 512 is cut off",
		  "entry 512 is missing" },
	};
	CLEANUP(test_folder_freep) char *dir = test_folder_new();

	(void)state;
	export_good(sample, 513, dir);
	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		CLEANUP(buffer_fini) struct buffer bytes;
		const char *file = files[i].file;

		file_load(dir, file, &bytes);
		buffer_u8(&bytes, 'x');
		file_store(dir, file, buffer_span(&bytes));
		check_bad(dir, file, files[i].longer);
		file_store(dir, file, span_of(bytes.ptr, bytes.len - 2));
		check_bad(dir, file, files[i].cut);
		file_store(dir, file, SPAN_NONE);
		check_bad(dir, file, files[i].empty);
		assert_int_equal(unlink(test_path(dir, file)), 0);
		if (strcmp(file, "log.vkey") != 0)
			check_bad(dir, file, "is missing");
		assert_int_equal(symlink("/etc/hostname", test_path(dir, file)), 0);
		check_bad(dir, file, "is a symbolic link");
		assert_int_equal(unlink(test_path(dir, file)), 0);
		assert_int_equal(mkdir(test_path(dir, file), 0700), 0);
		check_bad(dir, file, "is not a regular file");
		assert_int_equal(rmdir(test_path(dir, file)), 0);
		file_store(dir, file, span_of(bytes.ptr, bytes.len - 1));
		check_good(dir, 513);
	}
}

static void test_log_vkey_may_be_absent_when_the_key_is_known(void **state)
{
	const struct tiles_options options = { .threads = 1 };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;

	(void)state;
	export_good(sample, 2, dir);
	assert_int_equal(unlink(test_path(dir, "log.vkey")), 0);
	check_good(dir, 2);
	CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
	assert_string_equal(report.file, "log.vkey");
	assert_non_null(strstr(report.reason, "is missing"));
}

static void test_unexpected_files(void **state)
{
	static const char *const names[] = { "extra",
		                             "tile/0/002",
		                             "tile/0/001.p/43",
		                             "tile/0/000.p/7",
		                             "tile/2/000.p/1",
		                             "tile/entries/002",
		                             "tile/entries/000.p/1",
		                             "tile/0/0",
		                             "tile/readme",
		                             "a/b/c" };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;

	(void)state;
	export_good(sample, 300, dir);
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		char folder[TILES_FILE_SIZE];

		snprintf(folder, sizeof folder, "%s", names[i]);
		if (strrchr(folder, '/')) {
			*strrchr(folder, '/') = '\0';
			CHECK_OK(file_make_folders(test_path(dir, folder), 0755));
		}
		file_store(dir, names[i], SPAN_LITERAL("x"));
		check_bad(dir, names[i], "does not belong");
		assert_int_equal(unlink(test_path(dir, names[i])), 0);
	}
	/* A symbolic link is not a file of an export either; of several the first by name is given; names are
	 * made printable. */
	assert_int_equal(symlink("checkpoint", test_path(dir, "link")), 0);
	check_bad(dir, "link", "does not belong");
	file_store(dir, "b\033[2J", SPAN_LITERAL("x"));
	file_store(dir, "m", SPAN_LITERAL("x"));
	check_bad(dir, "b?[2J", "does not belong");
	CHECK_IS(verify("/nonexistent/folder", &report), TILES_E_BAD);
	assert_string_equal(report.file, ".");
}

/* Takes entries a and b of one bundle out of bytes and puts them back in each other's place. */
static void swap_entries(struct buffer *bytes, unsigned a, unsigned b)
{
	CLEANUP(buffer_fini) struct buffer out;
	struct span entries[TILE_WIDTH];
	struct reader r;
	unsigned n = 0;
	struct span kept;

	reader_init(&r, buffer_span(bytes));
	while (bundle_next(&r, &entries[n]) == BUNDLE_OK)
		n++;
	assert_true(a < n && b < n);
	kept = entries[a];
	entries[a] = entries[b];
	entries[b] = kept;
	buffer_init(&out, 0);
	for (unsigned i = 0; i < n; i++)
		bundle_add(&out, entries[i]);
	assert_int_equal(out.len, bytes->len);
	memcpy(bytes->ptr, out.ptr, out.len);
}

static void test_swapped_entries_and_files(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(buffer_fini) struct buffer bundle;
	struct tiles_report report;

	(void)state;
	export_good(sample, 600, dir);
	file_load(dir, "tile/entries/001", &bundle);
	swap_entries(&bundle, 17, 200);
	file_store(dir, "tile/entries/001", buffer_span(&bundle));
	CHECK_IS(verify(dir, &report), TILES_E_BAD);
	assert_string_equal(report.file, "tile/entries/001");
	assert_true(report.has_entry);
	assert_int_equal(report.entry, 256 + 17);
	swap_entries(&bundle, 17, 200);
	file_store(dir, "tile/entries/001", buffer_span(&bundle));
	check_good(dir, 600);
	/* Two whole bundles in each other's place; then their tiles as well. */
	assert_int_equal(rename(test_path(dir, "tile/entries/000"), test_path(dir, "kept")), 0);
	assert_int_equal(rename(test_path(dir, "tile/entries/001"), test_path(dir, "tile/entries/000")), 0);
	assert_int_equal(rename(test_path(dir, "kept"), test_path(dir, "tile/entries/001")), 0);
	CHECK_IS(verify(dir, &report), TILES_E_BAD);
	assert_string_equal(report.file, "tile/entries/000");
	assert_int_equal(report.entry, 0);
	assert_int_equal(rename(test_path(dir, "tile/0/000"), test_path(dir, "kept")), 0);
	assert_int_equal(rename(test_path(dir, "tile/0/001"), test_path(dir, "tile/0/000")), 0);
	assert_int_equal(rename(test_path(dir, "kept"), test_path(dir, "tile/0/001")), 0);
	check_bad(dir, "tile/entries/000", "changed together");
}

/* Several things are wrong at once: the first in log order is named, whatever the threads do. */
static void test_the_first_of_several(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;

	(void)state;
	export_good(sample, LOG_SIZE, dir);
	flip(dir, "tile/1/000.p/3", 3 * 256 - 1);
	check_bad(dir, "tile/1/000.p/3", "hash 2");
	flip(dir, "tile/entries/003.p/232", 99999);
	flip(dir, "tile/0/002", 77);
	for (unsigned threads = 1; threads <= 5; threads++) {
		const struct tiles_options options = { .threads = threads,
			                               .log_key = sample_log_key(sample) };

		/* Tile 2's parent is damaged as well, so the entries stand alone against tile and root. */
		CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
		assert_string_equal(report.file, "tile/entries/002");
	}
	flip(dir, "tile/1/000.p/3", 3 * 256 - 1);
	for (unsigned threads = 1; threads <= 5; threads++) {
		const struct tiles_options options = { .threads = threads,
			                               .log_key = sample_log_key(sample) };

		/* The parent vouches for the entries under tile 2; an entry of bundle 3 is what breaks the
		 * root. */
		CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
		assert_string_equal(report.file, "tile/entries/003.p/232");
		assert_int_equal(report.entry, entry_at(768, 99999 / 8));
	}
	flip(dir, "tile/entries/003.p/232", 99999);
	check_bad(dir, "tile/0/002", "hash 0 is not that of entry 512");
	assert_int_equal(unlink(test_path(dir, "tile/entries/001")), 0);
	check_bad(dir, "tile/entries/001", "is missing");
	flip(dir, "tile/0/000", 8191 * 8);
	check_bad(dir, "tile/0/000", "hash 255 is not that of entry 255");
}

/* Everything was rewritten consistently, and only the old signature is left to say so. */
static void test_a_rewritten_history(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(test_folder_freep) char *other = test_folder_new();
	CLEANUP(buffer_fini) struct buffer head;
	struct sample_log *fork = sample_log_new(600, 2, 100);

	(void)state;
	export_good(sample, 600, dir);
	export_good(fork, 600, other);
	file_load(dir, "checkpoint", &head);
	file_store(other, "checkpoint", buffer_span(&head));
	check_bad(other, "checkpoint", "the entries do not make the root");
	sample_log_free(fork);
}

static void test_the_older_checkpoint(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 300, 512, 599, 600 };
	struct tiles_options options = { .log_key = sample_log_key(sample), .threads = 2 };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(buffer_fini) struct buffer older;
	struct sample_log *fork = sample_log_new(600, 2, 100);
	struct tiles_report report;

	(void)state;
	export_good(sample, 600, dir);
	buffer_init(&older, 0);
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		sample_log_sign(sample, sizes[i], &older);
		options.older_note = buffer_span(&older);
		CHECK_OK(tiles_verify(dir, &options, &report));
		assert_int_equal(report.first_entry, sizes[i] / 256 * 256);
		assert_int_equal(report.n_entries, 600 - report.first_entry); /* and no more */
		if (!sizes[i])
			continue;
		sample_log_sign(fork, sizes[i], &older);
		options.older_note = buffer_span(&older);
		CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
		assert_string_equal(report.file, "checkpoint");
		assert_non_null(strstr(report.reason, "not those of the older checkpoint"));
	}
	sample_log_sign(sample, 601, &older);
	options.older_note = buffer_span(&older);
	CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
	assert_non_null(strstr(report.reason, "entries are gone"));
	older.ptr[older.len - 5] ^= 1;
	CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
	assert_string_equal(report.file, "(the older checkpoint)");
	sample_log_free(fork);
}

static void test_witnesses(void **state)
{
	static const uint8_t seed[32] = { 5 };
	struct tiles_options options = { .log_key = sample_log_key(sample), .threads = 1 };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(buffer_fini) struct buffer head;
	CLEANUP(buffer_fini) struct buffer cosigned;
	CLEANUP(secret_freep) struct secret *secret = NULL;
	uint8_t public_key[32], secret_key[64];
	struct note_key witness;
	struct tiles_report report;
	struct note note;

	(void)state;
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	secret = secret_from(SPAN_OF(secret_key));
	CHECK_OK(note_key_init(&witness, "getuige", NOTE_KEY_COSIGNATURE, public_key));
	export_good(sample, 2, dir);
	file_load(dir, "checkpoint", &head);
	CHECK_OK(note_open(buffer_span(&head), sample_log_key(sample), 1, &note));
	buffer_init(&cosigned, 0);
	buffer_bytes(&cosigned, buffer_span(&head));
	CHECK_OK(note_cosign(&cosigned, note.text, &witness, secret, 1767225600));
	file_store(dir, "checkpoint", buffer_span(&cosigned));
	CHECK_OK(tiles_verify(dir, &options, &report));
	assert_int_equal(report.n_unverified_lines, 1);
	options.witnesses = &witness;
	options.n_witnesses = 1;
	CHECK_OK(tiles_verify(dir, &options, &report));
	assert_int_equal(report.n_unverified_lines, 0);
	cosigned.ptr[cosigned.len - 10] ^= 1;
	file_store(dir, "checkpoint", buffer_span(&cosigned));
	CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
	assert_string_equal(report.file, "checkpoint");
}

struct seen_progress {
	uint64_t calls, last, total;
};

static void see_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct seen_progress *p = ctx;

	assert_true(done >= p->last && done <= total);
	*p = (struct seen_progress){ p->calls + 1, done, total };
}

/* Level 2, the x-less and the deep tiles, progress, and some damage in each kind of file. */
/* Since a checkpoint: what came after it is found as ever, and the tiles that carry what came before it are looked at. */
static void test_damage_since_a_checkpoint(void **state)
{
	static const struct {
		const char *file, *named;
	} damages[] = {
		{ "tile/entries/002", "tile/entries/002" }, /* the unfinished bundle of then */
		{ "tile/entries/003.p/232", "tile/entries/003.p/232" },
		{ "tile/0/002", "checkpoint" }, /* its first part is under the older checkpoint */
		{ "tile/0/003.p/232", "tile/0/003.p/232" },
		{ "tile/1/000.p/3", "checkpoint" },
		{ "checkpoint", "checkpoint" },
	};
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	CLEANUP(buffer_fini) struct buffer older;
	struct tiles_options options = { .log_key = sample_log_key(sample), .threads = 2 };
	struct tiles_report report;

	(void)state;
	export_good(sample, LOG_SIZE, dir);
	buffer_init(&older, 0);
	sample_log_sign(sample, 600, &older);
	options.older_note = buffer_span(&older);
	for (size_t i = 0; i < N_ELEMENTS(damages); i++) {
		flip(dir, damages[i].file, 400);
		CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
		if (strcmp(report.file, damages[i].named) != 0)
			fail_msg("%s: named %s (%s)", damages[i].file, report.file, report.reason);
		flip(dir, damages[i].file, 400);
	}
	assert_int_equal(unlink(test_path(dir, "tile/1/000.p/3")), 0);
	CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
	assert_string_equal(report.file, "tile/1/000.p/3");
}

struct stream {
	uint64_t lie_at, torn_at, fail_at;
};

static int stream_entry(void *ctx, uint64_t index, struct span *entry)
{
	const struct stream *s = ctx;
	int r = index == s->fail_at ? -EIO : sample_log_entry(sample, index == s->lie_at ? 0 : index, entry);

	if (index == s->torn_at)
		entry->len--;
	return r;
}

static int verify_stream(uint64_t size, struct stream s, struct span older, struct tiles_report *report)
{
	CLEANUP(buffer_fini) struct buffer head;
	struct tiles_source source = { .log_key = sample_log_key(sample), .entry = stream_entry, .ctx = &s };

	buffer_init(&head, 0);
	sample_log_sign(sample, size, &head);
	source.checkpoint_note = buffer_span(&head);
	return tiles_verify_source(&source, older, report);
}

static void test_a_log_without_files(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 600, LOG_SIZE };
	const struct stream honest = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
	struct stream bad = honest;
	CLEANUP(buffer_fini) struct buffer older, other;
	struct sample_log *fork = sample_log_new(600, 2, 100);
	struct tiles_report report;

	(void)state;
	buffer_init(&older, 0);
	buffer_init(&other, 0);
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		CHECK_OK(verify_stream(sizes[i], honest, SPAN_NONE, &report));
		assert_int_equal(report.n_entries, sizes[i]);
		for (size_t k = 0; k <= i; k++) {
			sample_log_sign(sample, sizes[k], &older);
			CHECK_OK(verify_stream(sizes[i], honest, buffer_span(&older), &report));
		}
	}
	sample_log_sign(fork, 600, &other);
	CHECK_IS(verify_stream(LOG_SIZE, honest, buffer_span(&other), &report), TILES_E_BAD);
	assert_non_null(strstr(report.reason, "do not begin with those of the older checkpoint"));
	sample_log_sign(sample, 600, &older);
	CHECK_IS(verify_stream(599, honest, buffer_span(&older), &report), TILES_E_BAD);
	assert_non_null(strstr(report.reason, "entries are gone"));
	bad.lie_at = 700;
	CHECK_IS(verify_stream(LOG_SIZE, bad, buffer_span(&older), &report), TILES_E_BAD);
	assert_non_null(strstr(report.reason, "do not make the root that the log signed"));
	bad = (struct stream){ UINT64_MAX, 701, UINT64_MAX };
	CHECK_IS(verify_stream(LOG_SIZE, bad, SPAN_NONE, &report), TILES_E_BAD);
	assert_true(report.has_entry && report.entry == 701);
	bad = (struct stream){ UINT64_MAX, UINT64_MAX, 702 };
	assert_true(verify_stream(LOG_SIZE, bad, SPAN_NONE, &report) < 0);
	sample_log_free(fork);
}

/* A full file is written once: an export that goes on leaves it as it is, the very file. */
static void test_full_files_are_not_written_again(void **state)
{
	static const char *const files[] = { "tile/entries/000", "tile/entries/001", "tile/0/000", "tile/0/001" };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct stat before[N_ELEMENTS(files)], after;

	(void)state;
	export_good(sample, 520, dir);
	for (size_t i = 0; i < N_ELEMENTS(files); i++)
		assert_int_equal(stat(test_path(dir, files[i]), &before[i]), 0);
	export_good(sample, LOG_SIZE, dir);
	for (size_t i = 0; i < N_ELEMENTS(files); i++) {
		assert_int_equal(stat(test_path(dir, files[i]), &after), 0);
		assert_true(after.st_ino == before[i].st_ino && after.st_mtim.tv_nsec == before[i].st_mtim.tv_nsec &&
			    after.st_ctim.tv_nsec == before[i].st_ctim.tv_nsec);
	}
	check_good(dir, LOG_SIZE);
}

static void test_a_big_log(void **state)
{
	static const struct {
		const char *file;
		uint64_t bit;
	} damages[] = {
		{ "tile/entries/000", 1 },
		{ "tile/entries/255", 777777 },
		{ "tile/entries/273.p/112", 333333 },
		{ "tile/0/000", 65535 },
		{ "tile/0/256", 4096 },
		{ "tile/0/273.p/112", 28671 },
		{ "tile/1/000", 40000 },
		{ "tile/1/001.p/17", 100 },
		{ "tile/2/000.p/1", 0 },
		{ "checkpoint", 300 },
		{ "log.vkey", 300 },
	};
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct sample_log *big = sample_log_new(BIG_SIZE, 1, 8);
	struct seen_progress seen = { 0 };
	const struct tiles_options options = { .progress = { see_progress, &seen } };
	struct tiles_report report;

	(void)state;
	export_good(big, 65536, dir);
	export_good(big, BIG_SIZE, dir);
	check_good(dir, BIG_SIZE);
	CHECK_OK(tiles_verify(dir, &options, &report));
	assert_true(seen.calls > 30);
	assert_int_equal(seen.total, BIG_SIZE);
	assert_int_equal(files_in(dir, dir), 2 + 2 * 274 + 2 + 1);
	for (size_t i = 0; i < N_ELEMENTS(damages); i++) {
		seen = (struct seen_progress){ 0 };
		flip(dir, damages[i].file, damages[i].bit);
		CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
		if (strcmp(report.file, damages[i].file) != 0)
			fail_msg("%s: named %s (%s)", damages[i].file, report.file, report.reason);
		flip(dir, damages[i].file, damages[i].bit);
	}
	sample_log_free(big);
}

/* Around the size at which the second level fills: one bit of every tile above, and of many below, is found where it is. */
static void test_where_levels_begin(void **state)
{
	static const uint64_t sizes[] = { 65535, 65536, 65537 };
	struct sample_log *big = sample_log_new(65537, 1, 8);
	const struct tiles_options options = { .log_key = sample_log_key(big), .threads = 2 };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		export_good(big, sizes[i], dir);
		check_good(dir, sizes[i]);
		for (unsigned level = 0; level < 4; level++)
			for (uint64_t n = 0; n < tile_count(level, sizes[i]); n += n < 254 ? 127 : 1) {
				char files[2][TILE_PATH_SIZE];

				tile_path(level, n, tile_width(level, n, sizes[i]), files[0]);
				tile_bundle_path(n, tile_width(0, n, sizes[i]), files[1]);
				for (unsigned k = 0; k < (level ? 1 : 2); k++) {
					flip(dir, files[k], 200 + n % 50);
					CHECK_IS(tiles_verify(dir, &options, &report), TILES_E_BAD);
					if (strcmp(report.file, files[k]) != 0)
						fail_msg("%s: named %s (%s)", files[k], report.file, report.reason);
					flip(dir, files[k], 200 + n % 50);
				}
			}
	}
	sample_log_free(big);
}

/* Each allocation fails once: -ENOMEM, no report, and the folder can be exported to and verified afterwards.
 */
static void test_out_of_memory(void **state)
{
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct failing_source never = { UINT64_MAX, UINT64_MAX, 0 };
	unsigned nth = 1;

	(void)state;
	export_good(sample, 200, dir);
	for (;; nth++) {
		const struct tiles_options options = { .threads = 1 }; /* the countdown is for one thread */
		struct tiles_report exported = { .file = "untouched" };
		struct tiles_report verified = { .file = "untouched" };
		CLEANUP(buffer_fini) struct buffer head;
		struct tiles_source source = {
			.log_key = sample_log_key(sample), .entry = failing_entry, .ctx = &never, .threads = 1
		};
		bool failed;
		int r;

		buffer_init(&head, 0);
		sample_log_sign(sample, 300 + nth, &head);
		source.checkpoint_note = buffer_span(&head);
		faults_begin(nth);
		r = tiles_export(dir, &source, &exported);
		if (!r)
			r = tiles_verify(dir, &options, &verified);
		failed = faults_end();
		CHECK_IS(r, failed ? -ENOMEM : TILES_OK);
		assert_string_equal(verified.file, failed ? "untouched" : "");
		if (!failed)
			break;
	}
	assert_true(nth > 8);
	check_good(dir, 300 + nth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_export_verifies),
		cmocka_unit_test(test_growing_gives_the_same_tree),
		cmocka_unit_test(test_an_export_that_was_cut_off_is_put_right),
		cmocka_unit_test(test_what_a_crash_leaves_is_put_right),
		cmocka_unit_test(test_a_source_that_lies_is_not_published),
		cmocka_unit_test(test_export_refuses_another_history),
		cmocka_unit_test(test_every_bit_of_a_small_export),
		cmocka_unit_test(test_sampled_bits_of_three_hundred),
		cmocka_unit_test(test_files_cut_longer_or_gone),
		cmocka_unit_test(test_log_vkey_may_be_absent_when_the_key_is_known),
		cmocka_unit_test(test_unexpected_files),
		cmocka_unit_test(test_swapped_entries_and_files),
		cmocka_unit_test(test_the_first_of_several),
		cmocka_unit_test(test_a_rewritten_history),
		cmocka_unit_test(test_the_older_checkpoint),
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_damage_since_a_checkpoint),
		cmocka_unit_test(test_a_log_without_files),
		cmocka_unit_test(test_full_files_are_not_written_again),
		cmocka_unit_test(test_a_big_log),
		cmocka_unit_test(test_where_levels_begin),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
