/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Index - which entries a question to the log is about, at a cost that follows the page and not the log.
 *
 * A term is what can be asked of an entry: a field and a value, named by 16 bytes that are noise without the index's own key.
 * Per term and chunk of INDEX_CHUNK entries there is one row: which of the chunk's entries have it. The newest, unfinished chunk
 * is in memory and made again from the entries at a start.
 *
 * Header terms (kind, code, key id) stand in the open in each entry anyway; the others are taken from its record, and go when the
 * record's key goes: index_forget().
 *
 * Owns:    the terms of the unfinished chunk. Borrows: the core's store and keys. Threads: core thread only.
 */
#include "daemon/core/inside.h"

#define INDEX_CHUNK 4096u

/* The numbers are part of the stored format. */
enum index_field {
	INDEX_KIND = 1, /* value: the number, 2 bytes; as is code */
	INDEX_CODE = 2,
	INDEX_KEY = 3,
	INDEX_CASUS = 4,
	INDEX_MESSAGE = 5,
	INDEX_HOEDANIGHEID = 6, /* sender or recipient */
	INDEX_PERSON = 7,
	INDEX_CATEGORY = 8,     /* a sub-code also has the term of what it is under */
	INDEX_GRONDSLAG = 9,
	INDEX_DOEL = 10,
	INDEX_OVERLEG = 11,
	INDEX_URGENT = 12,      /* no value */
};

struct index_term { uint8_t id[16]; };

/* A question: of each group at least one term. */
#define INDEX_GROUPS_MAX 16
struct index_query {
	size_t n;
	struct index_group { size_t n; const struct index_term *terms; } groups[INDEX_GROUPS_MAX];
};

MUST_CHECK int index_new(struct log_index **out);
struct log_index *index_free(struct log_index *x);
/* index_start() - its key, and what the store's entries have and the rows do not say yet; commits batches of its own for those. */
MUST_CHECK int index_start(struct core *c);
void index_term(const struct core *c, enum index_field field, struct span value, struct index_term *out);
/* index_add() - the entry that was just appended, in the open batch. record: SPAN_NONE when it can't be read. */
MUST_CHECK int index_add(struct core *c, uint64_t index, struct span entry, struct span record);
/* index_rollback() - the batch did not become durable. */
MUST_CHECK int index_rollback(struct core *c);
enum { INDEX_OK = 0, INDEX_E_END = 1, INDEX_E_LATER };
/*
 * index_forget() - in the open batch, before the key goes: what the records under it say is taken out
 * @chunk:  from which on; 0 at first
 * Return: INDEX_OK, it is all gone and the key may go in this batch; INDEX_E_LATER, the rest is for other batches, from *chunk on.
 */
MUST_CHECK int index_forget(struct core *c, const uint8_t key_id[ID_BYTES], uint64_t *chunk);

struct index_cursor {
	const struct index_query *query;
	uint64_t end;           /* first index not asked for */
	uint64_t chunk;         /* whose bits are here; UINT64_MAX: none yet */
	uint64_t next;          /* the first index not looked at */
	unsigned chunks_left;   /* to be looked into before a rest is needed */
	uint64_t bits[INDEX_CHUNK / 64];
};
/* index_first() - from index `from`, before `end`. The query must outlive the cursor. */
void index_first(const struct index_query *query, uint64_t from, uint64_t end, struct index_cursor *cursor);
/* index_next() - INDEX_E_LATER: so much was looked through that the caller should come back, at cursor->next. */
MUST_CHECK int index_next(struct core *c, struct index_cursor *cursor, uint64_t *index);
