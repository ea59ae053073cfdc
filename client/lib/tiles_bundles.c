/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reading and hashing entries is all the cost of a verification, so this is the part that runs on every
 * processor. A thread owns one struct tiles_bundles and shares nothing but a counter; files are read into
 * buffers that stay.
 *
 * A bundle whose hashes differ from its tile means that either an entry or the tile changed. For a full tile
 * the hash of it in the tile above is a witness: when that agrees with the entries, the tile is the odd one.
 * The signed root has the last word, in tiles_verify.c.
 */
#include "client/lib/tiles_bundles.h"

#include <string.h>

#include "base/error.h"
#include "client/lib/tiles_edge.h"
#include "client/lib/tiles_files.h"
#include "client/lib/tiles_report.h"

#define BUNDLE_MAX(width) ((size_t)(width) * (2 + ENTRY_MAX))

void tiles_bundles_init(struct tiles_bundles *b, int dir, uint64_t size, _Atomic uint64_t *done)
{
	memset(b, 0, sizeof *b);
	b->dir = dir;
	b->size = size;
	b->done = done;
	buffer_init(&b->bundle, 0);
	buffer_init(&b->hashes, 0);
}

void tiles_bundles_fini(struct tiles_bundles *b)
{
	buffer_fini(&b->bundle);
	buffer_fini(&b->hashes);
}

static void fault_at(struct tiles_bundles *b, uint64_t n)
{
	b->has_fault = true;
	b->fault_n = n;
}

static void count(struct tiles_bundles *b, const struct entry *e)
{
	b->by_kind[e->kind]++;
	b->by_code[e->code]++;
	if (!b->n_entries || e->time_unix_ms < b->first_unix_ms)
		b->first_unix_ms = e->time_unix_ms;
	if (!b->n_entries || e->time_unix_ms > b->last_unix_ms)
		b->last_unix_ms = e->time_unix_ms;
	b->n_entries++;
}

static int entry_fault(struct tiles_bundles *b, const char *path, uint64_t n, unsigned i, const char *why)
{
	fault_at(b, n);
	b->fault.has_entry = true;
	b->fault.entry = n * TILE_WIDTH + i;
	return tiles_report_bad(&b->fault, path, "entry %llu %s", (unsigned long long)b->fault.entry, why);
}

/* The leaf hashes of one bundle into leaves. TILES_OK, TILES_E_BAD, <0 fatal. */
static int bundle_read(struct tiles_bundles *b, uint64_t n, unsigned width)
{
	char path[TILE_PATH_SIZE];
	struct reader reader;
	const char *why;
	int r;

	tile_bundle_path(n, width, path);
	r = tiles_files_read(b->dir, path, BUNDLE_MAX(width), &b->bundle, &why);
	if (r < 0)
		return err_pass(r);
	if (r) {
		fault_at(b, n);
		return tiles_report_bad(&b->fault, path, "%s", why);
	}
	reader_init(&reader, buffer_span(&b->bundle));
	for (unsigned i = 0; i < width; i++) {
		struct span bytes = SPAN_NONE;
		struct entry e;

		r = bundle_next(&reader, &bytes);
		if (r)
			return entry_fault(b, path, n, i,
			                   r == BUNDLE_END ? "is missing: the bundle ends before it"
			                                   : "is cut off");
		if (entry_parse(bytes, &e) != ENTRY_OK)
			return entry_fault(b, path, n, i, "is not well formed");
		tree_hash_leaf(bytes, &b->leaves[i]);
		count(b, &e);
	}
	if (!reader_done(&reader)) {
		fault_at(b, n);
		return tiles_report_bad(&b->fault, path, "has %zu bytes behind its last entry", reader.left);
	}
	return TILES_OK;
}

/* Whether the tile above holds this hash for tile n; false also when it can't be read. */
static int parent_agrees(struct tiles_bundles *b, uint64_t n, const struct hash *root, bool *agrees)
{
	unsigned width = tile_width(1, n / TILE_WIDTH, b->size);
	char path[TILE_PATH_SIZE];
	const char *why;
	int r;

	tile_path(1, n / TILE_WIDTH, width, path);
	r = tiles_files_read(b->dir, path, width * sizeof *root, &b->hashes, &why);
	if (r < 0)
		return err_pass(r);
	*agrees = r == TILES_FILES_OK && b->hashes.len == width * sizeof *root &&
	          memcmp(b->hashes.ptr + n % TILE_WIDTH * sizeof *root, root->bytes, sizeof *root) == 0;
	return TILES_OK;
}

/* Compares leaves with the level-0 tile; sets *first to the first difference, if there is one. */
static int tile_compare(struct tiles_bundles *b, uint64_t n, unsigned width, unsigned *first)
{
	size_t want = width * sizeof b->leaves[0];
	char path[TILE_PATH_SIZE];
	const char *why;
	int r;

	tile_path(0, n, width, path);
	r = tiles_files_read(b->dir, path, want, &b->hashes, &why);
	if (r < 0)
		return err_pass(r);
	if (r || b->hashes.len != want) {
		fault_at(b, n);
		if (r)
			return tiles_report_bad(&b->fault, path, "%s", why);
		return tiles_report_bad(&b->fault, path, "is %zu bytes long, not %zu", b->hashes.len, want);
	}
	if (memcmp(b->hashes.ptr, b->leaves, want) == 0)
		return TILES_OK;
	for (unsigned i = width; i-- > 0;)
		if (memcmp(b->hashes.ptr + i * HASH_BYTES, b->leaves[i].bytes, HASH_BYTES) != 0)
			*first = i;
	return TILES_OK;
}

static int bundle_check(struct tiles_bundles *b, uint64_t n)
{
	unsigned width = tile_width(0, n, b->size);
	struct hash scratch[TILE_WIDTH];
	struct tiles_suspect *suspect;
	struct hash root;
	unsigned first = width;
	bool tile_is_odd = false;
	int r;

	r = bundle_read(b, n, width);
	if (!r)
		r = tile_compare(b, n, width, &first);
	if (r)
		return r < 0 ? err_pass(r) : r;
	if (width == TILE_WIDTH) {
		memcpy(scratch, b->leaves, sizeof scratch);
		tiles_subtree(scratch, TILE_WIDTH, &root);
		b->roots[n - b->first] = root;
	}
	if (first == width)
		return TILES_OK;
	if (width == TILE_WIDTH) {
		r = parent_agrees(b, n, &root, &tile_is_odd);
		if (r)
			return err_pass(r);
	}
	suspect = tile_is_odd ? &b->tile : &b->entry;
	if (!suspect->found)
		*suspect = (struct tiles_suspect){ true, n, first };
	return TILES_OK;
}

void tiles_bundles_check(struct tiles_bundles *b)
{
	for (uint64_t n = b->first; n < b->end && !b->error && !b->has_fault; n++) {
		int r = bundle_check(b, n);
		uint64_t done =
			atomic_fetch_add(b->done, tile_width(0, n, b->size)) + tile_width(0, n, b->size);

		if (r < 0)
			b->error = r;
		if (b->progress && b->progress->report)
			b->progress->report(b->progress->ctx, done, b->size);
	}
}
