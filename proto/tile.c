/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A tile is named by its number in groups of three digits, all but the last behind an "x": 1234067 is
 * x001/x234/067. Reading a name back is done by writing the name of what was read and comparing, so there is
 * exactly one name per tile.
 */
#include "proto/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TILE_BITS 8

uint64_t tile_count(unsigned level, uint64_t size)
{
	uint64_t hashes = level < TILE_LEVELS ? size >> (TILE_BITS * level) : 0;

	return hashes / TILE_WIDTH + (hashes % TILE_WIDTH != 0);
}

unsigned tile_width(unsigned level, uint64_t n, uint64_t size)
{
	uint64_t hashes = level < TILE_LEVELS ? size >> (TILE_BITS * level) : 0;

	if (n < hashes / TILE_WIDTH)
		return TILE_WIDTH;
	return n == hashes / TILE_WIDTH ? (unsigned)(hashes % TILE_WIDTH) : 0;
}

static void name_print(const char *folder, uint64_t n, unsigned width, char out[TILE_PATH_SIZE])
{
	char number[32];
	unsigned groups = 1;
	int len;

	for (uint64_t rest = n / 1000; rest; rest /= 1000)
		groups++;
	snprintf(number, sizeof number, "%0*llu", (int)groups * 3, (unsigned long long)n);
	len = snprintf(out, TILE_PATH_SIZE, "tile/%s", folder);
	for (unsigned i = 0; i < groups; i++)
		len += snprintf(out + len, TILE_PATH_SIZE - (size_t)len, "/%s%.3s", i + 1 < groups ? "x" : "",
		                number + 3 * i);
	if (width < TILE_WIDTH)
		snprintf(out + len, TILE_PATH_SIZE - (size_t)len, ".p/%u", width);
}

void tile_path(unsigned level, uint64_t n, unsigned width, char out[TILE_PATH_SIZE])
{
	char folder[12];

	snprintf(folder, sizeof folder, "%u", level);
	name_print(folder, n, width, out);
}

void tile_bundle_path(uint64_t n, unsigned width, char out[TILE_PATH_SIZE])
{
	name_print("entries", n, width, out);
}

/* The number in "x001/x234/067", and what stands behind it; false when it is not of that form or beyond any
 * tree. */
static bool number_parse(const char **at, uint64_t *n)
{
	const char *p = *at;
	uint64_t v = 0;
	bool more;

	do {
		more = *p == 'x';
		p += more;
		for (int i = 0; i < 3; i++, p++) {
			if (*p < '0' || *p > '9')
				return false;
			v = v * 10 + (uint64_t)(*p - '0');
		}
		if (v > TREE_SIZE_MAX / TILE_WIDTH || (more && *p++ != '/'))
			return false;
	} while (more);
	*at = p;
	*n = v;
	return true;
}

bool tile_path_parse(const char *path, struct tile_name *out)
{
	struct tile_name name = { .width = TILE_WIDTH };
	char again[TILE_PATH_SIZE];
	const char *at = path;
	uint64_t width;

	if (strncmp(at, "tile/entries/", 13) == 0) {
		name.is_bundle = true;
		at += 13;
	} else if (strncmp(at, "tile/", 5) == 0 && at[5] >= '0' && at[5] < '0' + TILE_LEVELS &&
	           at[6] == '/') {
		name.level = (unsigned)(at[5] - '0');
		at += 7;
	} else {
		return false;
	}
	if (!number_parse(&at, &name.n))
		return false;
	if (strncmp(at, ".p/", 3) == 0) {
		if (!decimal_decode(span_of_text(at + 3), &width) || width < 1 || width >= TILE_WIDTH)
			return false;
		name.width = (unsigned)width;
	} else if (*at) {
		return false;
	}
	if (name.is_bundle)
		tile_bundle_path(name.n, name.width, again);
	else
		tile_path(name.level, name.n, name.width, again);
	if (strcmp(path, again) != 0)
		return false;
	*out = name;
	return true;
}

void bundle_add(struct buffer *bundle, struct span entry)
{
	buffer_lp16(bundle, entry);
}

int bundle_next(struct reader *bundle, struct span *entry)
{
	struct span found;

	if (bundle->failed)
		return BUNDLE_E_MALFORMED;
	if (bundle->left == 0)
		return BUNDLE_END;
	found = reader_lp16(bundle);
	if (bundle->failed)
		return BUNDLE_E_MALFORMED;
	*entry = found;
	return BUNDLE_OK;
}
