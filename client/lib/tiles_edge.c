/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A tile holds the hashes of every eighth tree level. The levels between are never stored: a node there is
 * the root of a power of two of neighbouring hashes in one tile, and the nodes a root needs are all in the
 * tiles of the edge.
 */
#include "client/lib/tiles_edge.h"

#include <string.h>

#include "base/error.h"

#define LEVEL_BITS 8

void tiles_subtree(struct hash *hashes, unsigned n, struct hash *out)
{
	for (; n > 1; n /= 2)
		for (unsigned i = 0; i < n / 2; i++)
			tree_hash_node(&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
	*out = hashes[0];
}

void tiles_edge_start(struct tiles_edge *e, uint64_t size)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t hashes = size >> (LEVEL_BITS * level);

		e->levels[level].n = (unsigned)(hashes % TILE_WIDTH);
		e->levels[level].tile = hashes / TILE_WIDTH;
	}
}

int tiles_edge_push(struct tiles_edge *e, unsigned level, const struct hash *hash, tiles_edge_fn *full,
                    void *ctx)
{
	struct hash next = *hash;

	for (; level < TILE_LEVELS; level++) {
		struct hash *hashes = e->levels[level].hashes;
		int r;

		hashes[e->levels[level].n++] = next;
		if (e->levels[level].n < TILE_WIDTH)
			break;
		r = full(ctx, level, e->levels[level].tile, hashes, TILE_WIDTH);
		if (r)
			return err_pass(r);
		e->levels[level].n = 0;
		e->levels[level].tile++;
		tiles_subtree(hashes, TILE_WIDTH, &next);
	}
	return 0;
}

int tiles_edge_flush(const struct tiles_edge *e, tiles_edge_fn *partial, void *ctx)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		int r = 0;

		if (e->levels[level].n)
			r = partial(ctx, level, e->levels[level].tile, e->levels[level].hashes,
			            e->levels[level].n);
		if (r)
			return err_pass(r);
	}
	return 0;
}

static int edge_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	const struct tiles_edge *e = ctx;
	unsigned above = level % LEVEL_BITS;
	unsigned n = 1u << above;
	uint64_t first = (index << above) - e->levels[level / LEVEL_BITS].tile * TILE_WIDTH;
	struct hash scratch[TILE_WIDTH];

	ASSERT(first + n <= e->levels[level / LEVEL_BITS].n);
	memcpy(scratch, e->levels[level / LEVEL_BITS].hashes + first, n * sizeof *scratch);
	tiles_subtree(scratch, n, out);
	return 0;
}

int tiles_edge_root(const struct tiles_edge *e, uint64_t size, struct hash *out)
{
	struct tiles_edge *borrowed =
		(struct tiles_edge *)(uintptr_t)e; /* the reader's context is not const; it only reads */

	return tree_root(size, edge_read, borrowed, out);
}
