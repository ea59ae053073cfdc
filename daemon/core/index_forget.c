/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which entries are sealed under a key the index knows itself (INDEX_KEY); which terms they have, their records say, for the last
 * time. What stays of them is what stands in their headers.
 */
#include "daemon/core/index_inside.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/evidence.h"

#define CHUNKS_PER_BATCH 1 /* at most 4,096 records opened once more: tens of milliseconds */

/* The terms that a chunk's records under the key gave, by term. */
static int chunk_terms(struct core *c, uint64_t chunk, const uint64_t *entries, struct postings *out)
{
	CLEANUP(buffer_fini) struct buffer entry = { 0 }, record = { 0 };
	int r = 0;

	for (unsigned i = 0; !r && i < INDEX_CHUNK; i++) {
		struct terms t = { .c = c, .out = out, .position = (uint16_t)i };

		if (!bit_get(entries, i))
			continue;
		r = evidence_load(c, chunk * INDEX_CHUNK + i, &entry, &record);
		if (!r)
			r = terms_of(&t, buffer_span(&record));
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_term);
	return err_pass(r);
}

static int rows_clear(struct core *c, uint64_t chunk, const struct postings *gone)
{
	uint8_t key[ROW_KEY_BYTES];
	struct span row;
	int r = 0;

	for (size_t i = 0, end; !r && i < gone->n; i = end) {
		uint64_t bits[INDEX_WORDS] = { 0 };

		row_key(&gone->v[i].term, chunk, key);
		r = store_get(c->store, KEYSPACE_INDEX, SPAN_OF(key), &row);
		if (!r)
			r = row_read(row, bits);
		for (end = i; end < gone->n && !memcmp(&gone->v[end].term, &gone->v[i].term, TERM_BYTES); end++)
			bits[gone->v[end].position / 64] &= ~(UINT64_C(1) << 63 >> gone->v[end].position % 64);
		if (!r)
			r = row_write(c, key, bits, true);
		r = r == STORE_E_ABSENT ? 0 : r;
	}
	return r ? err_fold(r) : 0;
}

static int chunk_forget(struct core *c, uint64_t chunk, const uint64_t *entries)
{
	struct postings gone = { 0 };
	int r = chunk_terms(c, chunk, entries, &gone);

	if (!r)
		r = rows_clear(c, chunk, &gone);
	free(gone.v);
	return err_pass(r);
}

static void tail_forget(struct log_index *x, const uint64_t *entries)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->tail.n; i++)
		if (x->tail.v[i].header || !bit_get(entries, x->tail.v[i].position))
			x->tail.v[kept++] = x->tail.v[i];
	x->tail.n = kept;
	x->forgot = true;
}

int index_forget(struct core *c, const uint8_t key_id[ID_BYTES], uint64_t *from)
{
	struct index_term term;
	const struct index_query query = { 1, { { 1, &term } } };
	struct index_cursor cursor;
	uint64_t chunk = *from, tail = c->index->covered / INDEX_CHUNK;
	int r;

	index_term(c, INDEX_KEY, span_of(key_id, ID_BYTES), &term);
	index_first(&query, 0, UINT64_MAX, &cursor);
	for (unsigned n = 0; (r = chunk_seek(c, &query, &chunk)) == 0 && chunk < tail; chunk++) {
		if (n++ == CHUNKS_PER_BATCH) {
			*from = chunk;
			return INDEX_E_LATER;
		}
		r = chunk_load(c, &cursor, chunk);
		if (!r)
			r = chunk_forget(c, chunk, cursor.bits);
		if (r)
			return err_pass(r);
	}
	if (!r)
		r = chunk_load(c, &cursor, tail);
	if (!r)
		tail_forget(c->index, cursor.bits);
	return err_pass(r);
}
