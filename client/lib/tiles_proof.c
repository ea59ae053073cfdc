/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A node of the tree at level l is the root of 2^(l mod 8) hashes in a tile of level l / 8. One tile and one bundle are kept: who asks
 * for entries in order reads each file about once.
 */
#include "client/lib/tiles_proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "client/lib/tiles_edge.h"
#include "client/lib/tiles_files.h"
#include "proto/tile.h"

#define NOTE_MAX (64u << 10)
#define BUNDLE_MAX ((size_t)TILE_WIDTH * (ENTRY_MAX + 2))
#define LEVEL_BITS 8

static int bad(struct tiles_proofs *p, const char *path, const char *why)
{
	snprintf(p->why, sizeof p->why, "%.100s: %.120s", path, why);
	return TILES_E_BAD;
}

static int file_get(struct tiles_proofs *p, const char *path, size_t limit, struct buffer *out)
{
	const char *why = "";
	int r = tiles_files_read(p->dir, path, limit, out, &why);

	return r > 0 ? bad(p, path, why) : r;
}

int tiles_proofs_open(const char *dir, const struct note_key *log_key, struct tiles_proofs *p)
{
	int r;

	*p = (struct tiles_proofs){ .dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .bundle_n = UINT64_MAX, .tile_n = UINT64_MAX };
	buffer_init(&p->note, 0);
	buffer_init(&p->bundle, 0);
	buffer_init(&p->tile, 0);
	if (p->dir < 0)
		return bad(p, dir, "is no folder that can be read");
	r = file_get(p, "checkpoint", NOTE_MAX, &p->note);
	if (!r && checkpoint_open(buffer_span(&p->note), log_key, &p->head) != CHECKPOINT_OK)
		r = bad(p, "checkpoint", "is not signed by the key given");
	return r < 0 ? err_pass(r) : r;
}

void tiles_proofs_close(struct tiles_proofs *p)
{
	if (p->dir >= 0)
		close(p->dir);
	buffer_fini(&p->note);
	buffer_fini(&p->bundle);
	buffer_fini(&p->tile);
	p->dir = -1;
}

static int node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	struct tiles_proofs *p = ctx;
	unsigned tile_level = level / LEVEL_BITS, above = level % LEVEL_BITS, n = 1u << above;
	uint64_t first = index << above, tile = first / TILE_WIDTH;
	unsigned width = tile_width(tile_level, tile, p->head.size), at = (unsigned)(first % TILE_WIDTH);
	struct hash hashes[TILE_WIDTH];
	char path[TILE_PATH_SIZE];
	int r = 0;

	if (p->tile_n != tile || p->tile_level != tile_level) {
		tile_path(tile_level, tile, width, path);
		p->tile_n = UINT64_MAX;
		r = file_get(p, path, (size_t)width * HASH_BYTES, &p->tile);
		p->tile_level = tile_level;
		p->tile_n = r ? UINT64_MAX : tile;
	}
	if (r || p->tile.len != (size_t)width * HASH_BYTES || at + n > width)
		return -EBADMSG; /* a failing read ends the proof; why was said, or the tile is short */
	memcpy(hashes, p->tile.ptr + (size_t)at * HASH_BYTES, (size_t)n * HASH_BYTES);
	tiles_subtree(hashes, n, out);
	return 0;
}

static int entry_get(struct tiles_proofs *p, uint64_t index, struct span *entry)
{
	uint64_t n = index / TILE_WIDTH;
	char path[TILE_PATH_SIZE];
	struct reader reader;
	int r = 0;

	tile_bundle_path(n, (unsigned)(p->head.size - n * TILE_WIDTH < TILE_WIDTH ? p->head.size - n * TILE_WIDTH : TILE_WIDTH), path);
	if (p->bundle_n != n) {
		p->bundle_n = UINT64_MAX;
		r = file_get(p, path, BUNDLE_MAX, &p->bundle);
		p->bundle_n = r ? UINT64_MAX : n;
	}
	if (r)
		return r;
	reader_init(&reader, buffer_span(&p->bundle));
	for (uint64_t i = n * TILE_WIDTH; i <= index; i++)
		if (bundle_next(&reader, entry) != BUNDLE_OK)
			return bad(p, path, "is cut off");
	return 0;
}

int tiles_proofs_get(struct tiles_proofs *p, uint64_t index, struct span *entry, struct tree_proof *proof)
{
	struct hash leaf;
	int r;

	p->why[0] = 0;
	if (index >= p->head.size)
		return bad(p, "checkpoint", "is older than this entry: export the log again");
	r = entry_get(p, index, entry);
	if (r)
		return r < 0 ? err_pass(r) : r;
	tree_hash_leaf(*entry, &leaf);
	r = tree_prove_inclusion(index, p->head.size, node_read, p, proof);
	if (r == -EBADMSG)
		return p->why[0] ? TILES_E_BAD : bad(p, "tile", "a tile is too short");
	if (r)
		return err_pass(r);
	if (!tree_check_inclusion(index, p->head.size, &leaf, proof, &p->head.root))
		return bad(p, "tile", "the tiles do not prove this entry: run audit verify on the export");
	return TILES_OK;
}
