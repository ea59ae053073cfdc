/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Chunk after chunk: which have a row of every group (seeking, so that a rare term skips what lies between), then the bits of one,
 * an AND over the groups of ORs over their terms.
 */
#include "daemon/core/index_inside.h"

#include <errno.h>

#define CHUNKS_AT_ONCE 4096 /* looked into for one page; some milliseconds */

void index_first(const struct index_query *query, uint64_t from, uint64_t end, struct index_cursor *cursor)
{
	*cursor = (struct index_cursor){ .query = query, .end = end, .next = from, .chunk = UINT64_MAX, .chunks_left = CHUNKS_AT_ONCE };
}

/* The first chunk from *chunk on that has a row of one of the group's terms; where rows end, the chunk in memory. */
static int group_seek(struct core *c, const struct index_group *group, uint64_t *chunk)
{
	uint64_t first = c->index->covered / INDEX_CHUNK;
	uint8_t key[ROW_KEY_BYTES];
	struct store_cursor row;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < group->n && first > *chunk; i++) {
		row_key(&group->terms[i], *chunk, key);
		r = store_first(c->store, KEYSPACE_INDEX, SPAN_OF(group->terms[i].id), SPAN_OF(key), &row);
		if (!r && row.key.len == ROW_KEY_BYTES && get_u64(row.key.ptr + TERM_BYTES) < first)
			first = get_u64(row.key.ptr + TERM_BYTES);
	}
	*chunk = first > *chunk ? first : *chunk;
	return r < 0 ? err_pass(r) : 0;
}

/* The first chunk from *chunk on in which every group has a row. */
int chunk_seek(struct core *c, const struct index_query *query, uint64_t *chunk)
{
	uint64_t tail = c->index->covered / INDEX_CHUNK, before;
	int r = 0;

	do {
		before = *chunk;
		for (size_t i = 0; !r && i < query->n && *chunk < tail; i++)
			r = group_seek(c, &query->groups[i], chunk);
	} while (!r && *chunk != before);
	return err_pass(r);
}

static int rows_bits(struct core *c, const struct index_group *group, uint64_t chunk, uint64_t *bits)
{
	uint8_t key[ROW_KEY_BYTES];
	struct span row;
	int r = 0;

	for (size_t i = 0; !r && i < group->n; i++) {
		row_key(&group->terms[i], chunk, key);
		r = store_get(c->store, KEYSPACE_INDEX, SPAN_OF(key), &row);
		if (!r)
			r = row_read(row, bits);
		r = r == STORE_E_ABSENT ? 0 : r;
	}
	return r ? err_fold(r) : 0;
}

static void tail_bits(const struct log_index *x, const struct index_group *group, uint64_t *bits)
{
	for (size_t k = 0; k < x->tail.n; k++)
		for (size_t i = 0; i < group->n; i++)
			if (!memcmp(&x->tail.v[k].term, &group->terms[i], TERM_BYTES))
				bit_set(bits, x->tail.v[k].position);
}

int chunk_load(struct core *c, struct index_cursor *cursor, uint64_t chunk)
{
	const struct index_query *query = cursor->query;
	int r = 0;

	memset(cursor->bits, 0xff, sizeof cursor->bits);
	cursor->chunk = chunk;
	for (size_t i = 0; !r && i < query->n; i++) {
		uint64_t bits[INDEX_WORDS] = { 0 };

		if (chunk * INDEX_CHUNK < c->index->covered)
			r = rows_bits(c, &query->groups[i], chunk, bits);
		else
			tail_bits(c->index, &query->groups[i], bits);
		for (size_t k = 0; k < INDEX_WORDS; k++)
			cursor->bits[k] &= bits[k];
	}
	return err_pass(r);
}

/* The next set bit from cursor->next on within its chunk; false: none, and next is the chunk's end. */
static bool bit_next(struct index_cursor *cursor)
{
	for (; cursor->next / INDEX_CHUNK == cursor->chunk; cursor->next++) {
		unsigned position = cursor->next % INDEX_CHUNK;

		if (bit_get(cursor->bits, position))
			return true;
		if (!(cursor->bits[position / 64] << position % 64))
			cursor->next += 63 - position % 64;
	}
	return false;
}

int index_next(struct core *c, struct index_cursor *cursor, uint64_t *index)
{
	int r = 0;

	while (!r && cursor->next < cursor->end) {
		uint64_t chunk = cursor->next / INDEX_CHUNK;

		if (chunk == cursor->chunk) {
			if (!bit_next(cursor))
				continue;
			if (cursor->next >= cursor->end)
				break;
			*index = cursor->next++;
			return INDEX_OK;
		}
		if (!cursor->chunks_left)
			return INDEX_E_LATER;
		cursor->chunks_left--;
		r = chunk_seek(c, cursor->query, &chunk);
		if (!r && chunk > cursor->next / INDEX_CHUNK)
			cursor->next = chunk * INDEX_CHUNK;
		if (!r && cursor->next < cursor->end)
			r = chunk_load(c, cursor, chunk);
	}
	cursor->next = cursor->end;
	return r ? err_pass(r) : INDEX_E_END;
}
