/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entries lie under their index, the tree's complete subtrees under level and index, both big-endian:
 * neighbours in the tree are neighbours in a page, and an append touches one leaf page per level that
 * changes, two on average.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/store/store_impl.h"
#include "daemon/store/writeset.h"

#define NODE_KEY_BYTES 9
#define ENTRY_MAX 65535

static void node_key(unsigned level, uint64_t index, uint8_t out[NODE_KEY_BYTES])
{
	out[0] = (uint8_t)level;
	put_u64(out + 1, index);
}

int tree_node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	struct tree_ctx *tree = ctx;
	uint8_t key[NODE_KEY_BYTES];
	struct span value;
	int r;

	/* A batch that is lost already goes through the motions: its nodes are not there to be read. */
	if (state_batch_failed(tree->store->state)) {
		*out = (struct hash){ { 0 } };
		return 0;
	}
	node_key(level, index, key);
	r = state_get(tree->store->state, KEYSPACE_TREE, SPAN_OF(key), &value);
	if (r == STATE_OK && value.len == HASH_BYTES) {
		memcpy(out->bytes, value.ptr, HASH_BYTES);
		return 0;
	}
	if (r != STATE_OK && r != STATE_E_ABSENT)
		return err_fold(r);
	tree->missing = true;
	tree->level = level;
	tree->index = index;
	return err_raise(-EIO);
}

int tree_node_write(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	struct tree_ctx *tree = ctx;
	uint8_t key[NODE_KEY_BYTES];

	node_key(level, index, key);
	state_put(tree->store->state, KEYSPACE_TREE, SPAN_OF(key), SPAN_OF(node->bytes));
	return 0;
}

int leaf_apply(struct store *s, uint64_t index, struct span entry)
{
	struct tree_ctx tree = { .store = s };
	uint8_t key[8];
	struct hash leaf;
	int r;

	put_u64(key, index);
	tree_hash_leaf(entry, &leaf);
	state_put(s->state, KEYSPACE_ENTRY, SPAN_OF(key), entry);
	r = tree_append(index, &leaf, tree_node_read, tree_node_write, &tree);
	return r ? err_pass(r) : 0;
}

int store_leaf(struct store *s, struct span entry, uint64_t *index)
{
	int r;

	ASSERT(s->in_batch);
	if (entry.len == 0 || entry.len > ENTRY_MAX)
		return err_raise(-EINVAL);
	writeset_leaf(&s->record, entry);
	s->has_ops = true;
	entry = record_tail(s, 0, entry.len);
	r = entry.len ? leaf_apply(s, s->size, entry) : 0;
	if (r)
		return err_pass(r);
	*index = s->size++;
	return 0;
}

uint64_t store_size(const struct store *s)
{
	return s->size;
}

int store_root(struct store *s, struct hash *out)
{
	struct tree_ctx tree = { .store = s };
	int r;

	if (!s->in_batch) {
		*out = s->now.root;
		return 0;
	}
	r = tree_root(s->size, tree_node_read, &tree, out);
	return r ? err_pass(r) : 0;
}

int store_root_at(struct store *s, uint64_t size, struct hash *out)
{
	struct tree_ctx tree = { .store = s };
	int r;

	if (size > s->size)
		return err_raise(-EINVAL);
	r = tree_root(size, tree_node_read, &tree, out);
	return r ? err_pass(r) : 0;
}

int store_entry(struct store *s, uint64_t index, struct span *entry)
{
	uint8_t key[8];
	int r;

	if (index >= s->size)
		return STORE_E_ABSENT;
	put_u64(key, index);
	r = state_get(s->state, KEYSPACE_ENTRY, SPAN_OF(key), entry);
	if (r == STATE_E_ABSENT && state_batch_failed(s->state))
		return STORE_E_ABSENT;
	if (r == STATE_E_ABSENT)
		log_error("store-entry-missing", "index=%llu", (unsigned long long)index);
	return r ? (r < 0 ? err_pass(r) : err_raise(-EIO)) : STORE_OK;
}

int store_prove_inclusion(struct store *s, uint64_t index, uint64_t size, struct tree_proof *out)
{
	struct tree_ctx tree = { .store = s };
	int r;

	if (size > s->size)
		return err_raise(-EINVAL);
	r = tree_prove_inclusion(index, size, tree_node_read, &tree, out);
	return r ? err_pass(r) : 0;
}

int store_prove_consistency(struct store *s, uint64_t first, uint64_t second, struct tree_proof *out)
{
	struct tree_ctx tree = { .store = s };
	int r;

	if (second > s->size)
		return err_raise(-EINVAL);
	r = tree_prove_consistency(first, second, tree_node_read, &tree, out);
	return r ? err_pass(r) : 0;
}
