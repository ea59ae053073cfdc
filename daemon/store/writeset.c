/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Leaves carry the entry, not their place: they take the next index, and the tree's nodes are computed
 * again when it is applied. The head at the end proves that the one who applies it arrived where the one
 * who wrote it was: the same check serves replay and standbys.
 */
#include "daemon/store/writeset.h"

#include <string.h>

#include "daemon/store/store.h"

#define WRITESET_VERSION 1

void writeset_begin(struct buffer *b, uint64_t batch, uint64_t size)
{
	buffer_u8(b, WRITESET_VERSION);
	buffer_u64(b, batch);
	buffer_u64(b, size);
}

void writeset_put(struct buffer *b, uint8_t space, struct span key, struct span value)
{
	buffer_u8(b, WRITESET_PUT);
	buffer_u8(b, space);
	buffer_lp16(b, key);
	buffer_lp32(b, value);
}

void writeset_delete(struct buffer *b, uint8_t space, struct span key)
{
	buffer_u8(b, WRITESET_DELETE);
	buffer_u8(b, space);
	buffer_lp16(b, key);
}

void writeset_leaf(struct buffer *b, struct span entry)
{
	buffer_u8(b, WRITESET_LEAF);
	buffer_lp16(b, entry);
}

void writeset_head(struct buffer *b, uint64_t size, const struct hash *root)
{
	buffer_u8(b, WRITESET_HEAD);
	buffer_u64(b, size);
	buffer_bytes(b, SPAN_OF(root->bytes));
}

bool writeset_open(struct reader *r, struct span bytes, uint64_t *batch, uint64_t *size)
{
	uint8_t version;

	reader_init(r, bytes);
	version = reader_u8(r);
	*batch = reader_u64(r);
	*size = reader_u64(r);
	return !r->failed && version == WRITESET_VERSION;
}

static bool row_read(struct reader *r, struct writeset_op *op)
{
	op->space = reader_u8(r);
	op->key = reader_lp16(r);
	return op->space < KEYSPACE_N && op->space != KEYSPACE_ENTRY && op->space != KEYSPACE_TREE &&
	       op->key.len && op->key.len <= STORE_KEY_MAX;
}

bool writeset_next(struct reader *r, struct writeset_op *op)
{
	uint8_t kind = reader_u8(r);

	*op = (struct writeset_op){ .kind = (enum writeset_kind)kind };
	switch (kind) {
	case WRITESET_PUT:
		if (!row_read(r, op))
			return false;
		op->value = reader_lp32(r);
		return !r->failed;
	case WRITESET_DELETE:
		return row_read(r, op) && !r->failed;
	case WRITESET_LEAF:
		op->value = reader_lp16(r);
		return !r->failed;
	case WRITESET_HEAD:
		op->size = reader_u64(r);
		reader_copy(r, op->root.bytes, HASH_BYTES);
		return reader_done(r);
	default:
		return false;
	}
}
