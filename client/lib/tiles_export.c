/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is published (a checkpoint is there) is verified, then trusted and extended; what lies beyond it was
 * left by an export that was cut off and is written again. The right edge is taken from the partial tiles, so
 * only new entries are read and hashed; that the entries given extend the published ones follows from the new
 * root.
 *
 * Order: tiles and bundles, everything to disk, key, checkpoint, to disk, and only then away with what it
 * made superfluous.
 */
#include "client/lib/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "client/lib/tiles_edge.h"
#include "client/lib/tiles_files.h"
#include "client/lib/tiles_report.h"

struct export
{
	int dir;
	const struct tiles_source *source;
	struct tiles_report *report;
	struct checkpoint head;
	uint64_t published; /* entries under the checkpoint that is there; 0: none */
	bool has_published;
	struct tiles_edge edge;
	struct buffer bundle; /* the entries since the last full bundle */
	struct buffer bytes;
};

static void export_freep(struct export **x)
{
	if (!*x)
		return;
	buffer_fini(&(*x)->bundle);
	buffer_fini(&(*x)->bytes);
	free(*x);
}

/* The source's own checkpoint; nothing is written for one that does not hold. */
static int source_open(struct export *x)
{
	int r = checkpoint_open(x->source->checkpoint_note, x->source->log_key, &x->head);

	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(x->report, TILES_CHECKPOINT,
		                        "the log gave a checkpoint that its key did not sign");
	return TILES_OK;
}

static int tile_read(struct export *x, unsigned level, unsigned n, uint64_t tile)
{
	char path[TILE_PATH_SIZE];
	const char *why;
	int r;

	tile_path(level, tile, n, path);
	r = tiles_files_read(x->dir, path, n * sizeof(struct hash), &x->bytes, &why);
	if (r || x->bytes.len != n * sizeof(struct hash))
		return r < 0 ? err_pass(r) : err_raise(-ESTALE); /* it was verified a moment ago */
	memcpy(x->edge.levels[level].hashes, x->bytes.ptr, x->bytes.len);
	return 0;
}

/* The edge and the unfinished bundle of the published tree. */
static int edge_load(struct export *x)
{
	unsigned rest = (unsigned)(x->published % TILE_WIDTH);
	char path[TILE_PATH_SIZE];
	const char *why;
	int r;

	tiles_edge_start(&x->edge, x->published);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		if (!x->edge.levels[level].n)
			continue;
		r = tile_read(x, level, x->edge.levels[level].n, x->edge.levels[level].tile);
		if (r)
			return err_pass(r);
	}
	if (!rest)
		return 0;
	tile_bundle_path(x->published / TILE_WIDTH, rest, path);
	r = tiles_files_read(x->dir, path, rest * (2 + (size_t)ENTRY_MAX), &x->bundle, &why);
	return r ? (r < 0 ? err_pass(r) : err_raise(-ESTALE)) : 0;
}

/* What is there already. TILES_OK, TILES_E_BAD (reported), <0 fatal. */
static int published_load(struct export *x)
{
	const struct tiles_options options = { .log_key = x->source->log_key, .threads = x->source->threads };
	struct tiles_report found = { .file = "" };
	struct stat st;
	int r;

	if (fstatat(x->dir, TILES_CHECKPOINT, &st, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
		return TILES_OK;
	r = tiles_verify_published(x->dir, &options, &found);
	if (r < 0)
		return err_pass(r);
	if (r) {
		*x->report = found;
		return r;
	}
	if (found.checkpoint.size > x->head.size)
		return tiles_report_bad(
			x->report, TILES_CHECKPOINT, "the folder holds %llu entries, the log %llu",
			(unsigned long long)found.checkpoint.size, (unsigned long long)x->head.size);
	if (found.checkpoint.size == x->head.size && !hash_equal(&found.checkpoint.root, &x->head.root))
		return tiles_report_bad(x->report, TILES_CHECKPOINT,
		                        "the folder holds other entries than the log: one was rewritten");
	x->has_published = true;
	x->published = found.checkpoint.size;
	return TILES_OK;
}

static int tile_write(void *ctx, unsigned level, uint64_t tile, const struct hash *hashes, unsigned n)
{
	struct export *x = ctx;
	char path[TILE_PATH_SIZE];
	int r;

	tile_path(level, tile, n, path);
	r = tiles_files_write(x->dir, path, span_of(hashes, n * sizeof *hashes));
	return r ? err_pass(r) : 0;
}

static int bundle_write(struct export *x, uint64_t n, unsigned width)
{
	char path[TILE_PATH_SIZE];
	int r;

	tile_bundle_path(n, width, path);
	r = buffer_ok(&x->bundle);
	if (r)
		return err_raise(r);
	r = tiles_files_write(x->dir, path, buffer_span(&x->bundle));
	buffer_reset(&x->bundle);
	return r ? err_pass(r) : 0;
}

/* One entry. TILES_OK, TILES_E_BAD (reported), <0 fatal. */
static int entry_add(struct export *x, uint64_t index)
{
	struct span entry = SPAN_NONE;
	struct hash leaf;
	int r;

	r = x->source->entry(x->source->ctx, index, &entry);
	if (r)
		return err_fold(r);
	if (entry.len > ENTRY_MAX) {
		x->report->has_entry = true;
		x->report->entry = index;
		return tiles_report_bad(x->report, ".", "the log gave an entry of %zu bytes", entry.len);
	}
	bundle_add(&x->bundle, entry);
	tree_hash_leaf(entry, &leaf);
	r = tiles_edge_push(&x->edge, 0, &leaf, tile_write, x);
	if (!r && (index + 1) % TILE_WIDTH == 0)
		r = bundle_write(x, index / TILE_WIDTH, TILE_WIDTH);
	return r ? err_pass(r) : TILES_OK;
}

static int entries_add(struct export *x)
{
	const struct tiles_progress *progress = &x->source->progress;
	int r;

	for (uint64_t i = x->published; i < x->head.size; i++) {
		r = entry_add(x, i);
		if (r)
			return r < 0 ? err_pass(r) : r;
		if (progress->report && ((i + 1) % TILE_WIDTH == 0 || i + 1 == x->head.size))
			progress->report(progress->ctx, i + 1, x->head.size);
	}
	if (x->published == x->head.size)
		return TILES_OK;
	if (x->bundle.len) {
		r = bundle_write(x, x->head.size / TILE_WIDTH, (unsigned)(x->head.size % TILE_WIDTH));
		if (r)
			return err_pass(r);
	}
	r = tiles_edge_flush(&x->edge, tile_write, x);
	return r ? err_pass(r) : TILES_OK;
}

static int root_check(struct export *x)
{
	struct hash root;
	int r = tiles_edge_root(&x->edge, x->head.size, &root);

	if (r)
		return err_pass(r);
	if (!hash_equal(&root, &x->head.root))
		return tiles_report_bad(x->report, TILES_CHECKPOINT,
		                        "the log's entries do not make the root that it signed");
	return TILES_OK;
}

static int publish(struct export *x)
{
	char vkey[NOTE_VKEY_SIZE];
	int r;

	note_key_print(x->source->log_key, vkey);
	buffer_reset(&x->bytes);
	buffer_printf(&x->bytes, "%s\n", vkey);
	r = buffer_ok(&x->bytes);
	if (r)
		return err_raise(r);
	r = tiles_files_write(x->dir, TILES_VKEY, buffer_span(&x->bytes));
	if (!r)
		r = tiles_files_sync(x->dir);
	if (!r)
		r = tiles_files_write(x->dir, TILES_CHECKPOINT, x->source->checkpoint_note);
	if (!r)
		r = tiles_files_sync(x->dir);
	return r ? err_pass(r) : 0;
}

/* Removes tiles and bundles that the tree of this size does not have. Other files are not ours to remove. */
static void superfluous_remove(void *ctx, const char *path, bool is_file)
{
	const struct export *x = ctx;
	struct tile_name name;

	if (is_file && tile_path_parse(path, &name) && !tiles_expected(path, x->head.size))
		tiles_files_remove(x->dir, path);
}

static int export_run(struct export *x)
{
	int r;

	tiles_files_tidy(x->dir);
	r = source_open(x);
	if (!r)
		r = published_load(x);
	if (!r)
		r = edge_load(x);
	if (!r)
		r = entries_add(x);
	if (!r)
		r = root_check(x);
	if (!r)
		r = publish(x);
	if (!r)
		r = tiles_files_walk(x->dir, superfluous_remove, x);
	return r < 0 ? err_pass(r) : r;
}

int tiles_export(const char *dir, const struct tiles_source *source, struct tiles_report *out)
{
	CLEANUP(export_freep) struct export *x = NULL;
	CLEANUP(tiles_files_closep) int fd = -1;
	struct tiles_report report = { .file = "" };
	int r;

	r = file_make_folders(dir, 0777);
	if (r < 0)
		return err_pass(r);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r || fd < 0) {
		tiles_report_bad(&report, ".", "the folder can't be made or opened");
		*out = report;
		return TILES_E_BAD;
	}
	x = calloc(1, sizeof *x);
	if (!x)
		return err_raise(-ENOMEM);
	*x = (struct export){ .dir = fd, .source = source, .report = &report };
	r = export_run(x);
	if (r < 0)
		return err_pass(r);
	if (!r) {
		report.has_checkpoint = true;
		report.checkpoint = x->head;
		report.log_key = *source->log_key;
		report.n_entries = x->head.size;
	}
	*out = report;
	return r;
}
