/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The invariants of store.h, checked from the entries up: entries against their leaves, every complete subtree whose
 * last leaf is among them against its two children, the root against the head. So a range costs at most two hashes
 * per entry and 64, and ranges that cover the log check each node once: nothing but the head itself is then taken on
 * trust.
 */
#include <errno.h>
#include <stdio.h>

#include "base/error.h"
#include "daemon/store/store_impl.h"

#define CHECK_AT_ONCE 4096

static int entries_check(struct store *s, uint64_t from, uint64_t to, char why[200])
{
	struct tree_ctx tree = { .store = s };
	struct hash leaf;
	struct hash node;
	int r;

	for (uint64_t i = from; i < to; i++) {
		struct span entry;
		uint8_t key[8];

		put_u64(key, i);
		r = state_get(s->state, KEYSPACE_ENTRY, SPAN_OF(key), &entry);
		if (r == STATE_E_ABSENT) {
			snprintf(why, 200, "entry %llu is missing", (unsigned long long)i);
			return STORE_E_BROKEN;
		}
		if (r)
			return err_fold(r);
		tree_hash_leaf(entry, &leaf);
		r = tree_node_read(&tree, 0, i, &node);
		if (r && !tree.missing)
			return err_pass(r);
		if (r || !hash_equal(&leaf, &node)) {
			snprintf(why, 200, "entry %llu differs from its leaf in the tree",
				 (unsigned long long)i);
			return STORE_E_BROKEN;
		}
	}
	return STORE_OK;
}

static int node_missing(const struct tree_ctx *tree, char why[200])
{
	snprintf(why, 200, "the tree's node %llu of level %u is missing", (unsigned long long)tree->index,
		 tree->level);
	return STORE_E_BROKEN;
}

/* One inner node against its children. */
static int node_check(struct store *s, unsigned level, uint64_t index, char why[200])
{
	struct tree_ctx tree = { .store = s };
	struct hash child[2];
	struct hash node;
	int r;

	r = tree_node_read(&tree, level, index, &node);
	for (uint64_t i = 0; !r && i < 2; i++)
		r = tree_node_read(&tree, level - 1, index * 2 + i, &child[i]);
	if (r)
		return tree.missing ? node_missing(&tree, why) : err_pass(r);
	tree_hash_node(&child[0], &child[1], &child[0]);
	if (hash_equal(&child[0], &node))
		return STORE_OK;
	snprintf(why, 200, "the tree's node %llu of level %u differs from its children",
		 (unsigned long long)index, level);
	return STORE_E_BROKEN;
}

static int nodes_check(struct store *s, uint64_t from, uint64_t to, char why[200])
{
	int r = STORE_OK;

	for (unsigned level = 1; !r && level < 63 && (to >> level); level++) {
		for (uint64_t i = from >> level; !r && i < to >> level; i++)
			r = node_check(s, level, i, why);
	}
	return r;
}

static int size_check(struct store *s, char why[200])
{
	uint64_t rows;
	int r = state_count(s->state, KEYSPACE_ENTRY, &rows);

	if (r)
		return err_pass(r);
	if (rows != s->size) {
		snprintf(why, 200, "the head says %llu entries, there are %llu", (unsigned long long)s->size,
			 (unsigned long long)rows);
		return STORE_E_BROKEN;
	}
	return STORE_OK;
}

static int root_check(struct store *s, char why[200])
{
	struct tree_ctx tree = { .store = s };
	struct hash root;
	int r = tree_root(s->size, tree_node_read, &tree, &root);

	if (r)
		return tree.missing ? node_missing(&tree, why) : err_pass(r);
	if (hash_equal(&root, &s->now.root))
		return STORE_OK;
	snprintf(why, 200, "the root of the %llu entries differs from the head of batch %llu",
		 (unsigned long long)s->size, (unsigned long long)s->now.batch);
	return STORE_E_BROKEN;
}

int store_check_range(struct store *s, uint64_t from, uint64_t to, char why[200])
{
	int r;

	if (s->in_batch)
		return err_raise(-EBUSY);
	to = to < s->size ? to : s->size;
	r = from < to ? entries_check(s, from, to, why) : STORE_OK;
	if (!r && from < to)
		r = nodes_check(s, from, to, why);
	return r < 0 ? err_pass(r) : r;
}

int store_check(struct store *s, uint64_t newest_entries, char why[200])
{
	uint64_t from = newest_entries < s->size ? s->size - newest_entries : 0;
	int r;

	if (s->in_batch)
		return err_raise(-EBUSY);
	r = size_check(s, why);
	if (!r)
		r = store_check_range(s, from, s->size, why);
	if (!r)
		r = root_check(s, why);
	return r < 0 ? err_pass(r) : r;
}

int store_check_newest(struct store *s, const struct env *env, uint64_t budget_ms, char why[200])
{
	const uint64_t until = env_mono_ms(env) + budget_ms;
	uint64_t to = s->size;
	int r = store_check(s, 0, why);

	while (!r && to && (to == s->size || env_mono_ms(env) < until)) {
		uint64_t from = to > CHECK_AT_ONCE ? to - CHECK_AT_ONCE : 0;

		r = store_check_range(s, from, to, why);
		to = from;
	}
	return r < 0 ? err_pass(r) : r;
}
