/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Inside of the index, shared by index.c, index_ask.c and index_forget.c only.
 */
#include <sodium.h>

#include "daemon/core/index.h"

#define TERM_BYTES sizeof(struct index_term)
#define ROW_KEY_BYTES (TERM_BYTES + 8)
#define INDEX_WORDS (INDEX_CHUNK / 64) /* of the bits of a chunk; the lowest position is the highest bit of the first */

struct posting {
	struct index_term term;
	uint16_t position;
	bool header; /* of the entry's public part: stays when the record's key goes */
};
struct postings {
	size_t n, capacity;
	struct posting *v;
};

struct log_index {
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES];
	uint64_t covered;      /* entries that have their rows, in the open batch */
	struct postings tail;  /* of the entries beyond */
	bool forgot;           /* in the open batch, or one before: the tail can't be put back by cutting it off */
	struct arena *arena;
};

/* Terms of one entry, on their way into a list. */
struct terms {
	struct core *c;
	struct postings *out;
	uint16_t position;
	bool header;
	int error;
};
/* terms_of() - those that a record gives; none when it is empty. */
MUST_CHECK int terms_of(struct terms *t, struct span record);

int by_term(const void *a, const void *b); /* for qsort() of postings: term, then position */
void row_key(const struct index_term *term, uint64_t chunk, uint8_t out[ROW_KEY_BYTES]);
MUST_CHECK int row_read(struct span row, uint64_t *bits); /* adds to the bits */
/* row_write() - in the open batch; a row that says nothing goes. there: it is in the store already. */
MUST_CHECK int row_write(struct core *c, const uint8_t key[ROW_KEY_BYTES], const uint64_t *bits, bool there);
void bit_set(uint64_t *bits, unsigned position);
bool bit_get(const uint64_t *bits, unsigned position);

/* chunk_seek() - the first chunk from *chunk on in which every group has a row; where rows end, the one in memory. */
MUST_CHECK int chunk_seek(struct core *c, const struct index_query *query, uint64_t *chunk);
MUST_CHECK int chunk_load(struct core *c, struct index_cursor *cursor, uint64_t chunk);
