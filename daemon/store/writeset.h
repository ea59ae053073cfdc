/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Write-set - one batch as a value: what is put, deleted and appended, and the tree's head after it.
 * Format: README.md.
 *
 * Written into a buffer with sticky errors; read from bytes that were authenticated by the journal but are
 * not trusted to be well-formed. Pure, any thread.
 */
#include "base/span.h"
#include "proto/tree.h"

enum writeset_kind { WRITESET_HEAD = 0, WRITESET_PUT, WRITESET_DELETE, WRITESET_LEAF };

struct writeset_op {
	enum writeset_kind kind;
	uint8_t space;           /* put, delete; checked against KEYSPACE_N by the reader */
	struct span key;         /* put, delete */
	struct span value;       /* put; leaf: the entry */
	uint64_t size;           /* head */
	struct hash root;        /* head */
};

void writeset_begin(struct buffer *b, uint64_t batch, uint64_t size);
void writeset_put(struct buffer *b, uint8_t space, struct span key, struct span value);
void writeset_delete(struct buffer *b, uint8_t space, struct span key);
void writeset_leaf(struct buffer *b, struct span entry);
void writeset_head(struct buffer *b, uint64_t size, const struct hash *root); /* ends it */

/* writeset_open() - the batch number and the size before it; false when it is none. */
bool writeset_open(struct reader *r, struct span bytes, uint64_t *batch, uint64_t *size);
/* writeset_next() - false when the bytes are not well-formed. The last operation is the head, and nothing
 * follows it. */
bool writeset_next(struct reader *r, struct writeset_op *op);
