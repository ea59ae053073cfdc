/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The right edge of a tree as tiles see it: of each tile level the hashes of the one tile that is not full
 * yet. Pushing the leaf hashes of a log through it yields every full tile once, then the partial ones and
 * the root.
 */
#include "proto/tile.h"

struct tiles_edge {
	struct {
		struct hash hashes[TILE_WIDTH];
		unsigned n;    /* 0..255 between calls */
		uint64_t tile; /* number of the tile being filled */
	} levels[TILE_LEVELS];
};

/* What happens with a tile: full, or partial when flushed. 0, or <0 fatal. */
typedef int tiles_edge_fn(void *ctx, unsigned level, uint64_t tile, const struct hash *hashes, unsigned n);

/* tiles_edge_start() - the edge of a tree of this size; the caller fills in the partial tiles' hashes. */
void tiles_edge_start(struct tiles_edge *e, uint64_t size);
MUST_CHECK int tiles_edge_push(struct tiles_edge *e, unsigned level, const struct hash *hash,
                               tiles_edge_fn *full, void *ctx);
MUST_CHECK int tiles_edge_flush(const struct tiles_edge *e, tiles_edge_fn *partial, void *ctx);
MUST_CHECK int tiles_edge_root(const struct tiles_edge *e, uint64_t size, struct hash *out);

/* tiles_subtree() - the root of n hashes, n a power of two; hashes is used as scratch. */
void tiles_subtree(struct hash *hashes, unsigned n, struct hash *out);
