/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The bulk of a verification: bundles of entries against the level-0 tiles, a range of bundles per thread.
 */
#include <stdatomic.h>

#include "client/lib/tiles.h"
#include "proto/tile.h"

/* A level-0 tile that does not follow from its bundle. Which of the two is wrong is not known yet. */
struct tiles_suspect {
	bool found;
	uint64_t n;     /* of the bundle and of the tile */
	unsigned first; /* the first hash that differs */
};

struct tiles_bundles {
	int dir;
	uint64_t size;
	uint64_t first, end;   /* the bundles to check */
	struct hash *roots;    /* out: of the full ones, one each; roots[0] belongs to first */
	_Atomic uint64_t *done; /* entries, of all threads together */
	const struct tiles_progress *progress; /* NULL but on the caller's thread */

	/* Results; they add up over calls. fault is what is wrong whatever the root says, and ends the check. */
	int error;
	bool has_fault;
	uint64_t fault_n;
	struct tiles_report fault; /* file, entry and reason only */
	/* Where the tile above agrees with the entries, or else. */
	struct tiles_suspect tile, entry;
	uint64_t n_entries;
	uint64_t by_kind[ENTRY_KIND_N];
	uint64_t by_code[CODE_N];
	uint64_t first_unix_ms, last_unix_ms;

	/* Working memory; leaves are those of the last bundle checked. */
	struct hash leaves[TILE_WIDTH];
	struct buffer bundle, hashes;
};

void tiles_bundles_init(struct tiles_bundles *b, int dir, uint64_t size, _Atomic uint64_t *done);
void tiles_bundles_fini(struct tiles_bundles *b);
/* tiles_bundles_check() - the range first..end; sets error, fault and suspects. */
void tiles_bundles_check(struct tiles_bundles *b);
