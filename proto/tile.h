/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * tlog-tiles (C2SP): paths, widths and the bytes of tiles and entry bundles. No I/O here.
 */
#include "proto/tree.h"

#define TILE_WIDTH 256
#define TILE_LEVELS 8       /* tile levels that a tree of < 2^63 leaves can have (8 tree levels each) */
#define TILE_PATH_SIZE 64

/* Width of tile n at tile level for a tree of this size: 256 full, 1..255 partial, 0 when it does not exist. */
unsigned tile_width(unsigned level, uint64_t n, uint64_t size);
uint64_t tile_count(unsigned level, uint64_t size);   /* tiles at the level, the partial one included */
void tile_path(unsigned level, uint64_t n, unsigned width, char out[TILE_PATH_SIZE]);        /* "tile/0/x001/234.p/12" */
void tile_bundle_path(uint64_t n, unsigned width, char out[TILE_PATH_SIZE]);                 /* "tile/entries/000" */

struct tile_name {
	bool is_bundle;
	unsigned level;  /* 0 for a bundle */
	uint64_t n;
	unsigned width;
};
/* tile_path_parse() - the tile or bundle a path names; false unless it is what the printers above give. */
bool tile_path_parse(const char *path, struct tile_name *out);

void bundle_add(struct buffer *bundle, struct span entry);                                   /* u16 length || entry */
enum { BUNDLE_OK = 0, BUNDLE_END = 1, BUNDLE_E_MALFORMED };
int bundle_next(struct reader *bundle, struct span *entry);
