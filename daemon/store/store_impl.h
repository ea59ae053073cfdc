/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Inside of the store, shared by store.c, store_tree.c and store_check.c only.
 */
#include "daemon/store/journal.h"
#include "daemon/store/state.h"
#include "daemon/store/store.h"

struct store {
	int lock_fd;
	struct state *state;
	struct journal *journal;
	uint64_t checkpoint_ms;
	struct buffer record; /* of the open batch: room for the journal's header, then the write-set */
	struct state_mark now;       /* after the last committed batch */
	uint64_t size;               /* leaves, the open batch included */
	bool in_batch;
	bool has_ops;
	bool failed;                 /* a fatal result left the state behind the journal: open again */
	uint64_t batches;
	uint64_t idle_since_ms;      /* 0: was not idle since the last commit */
	uint64_t checkpoint_at_ms;   /* of the last checkpoint; also of the last try */
	bool no_room;                /* the last checkpoint found the disk full: try less often */
	bool tick_seen;
};

struct tree_ctx {
	struct store *store;
	bool missing; /* a node that should be there is not */
	unsigned level;
	uint64_t index;
};

/* tree_node_read() and tree_node_write() - tree_read_fn and tree_write_fn with a struct tree_ctx. */
int tree_node_read(void *ctx, unsigned level, uint64_t index, struct hash *out);
int tree_node_write(void *ctx, unsigned level, uint64_t index, const struct hash *node);
/* record_tail() - the last bytes of the batch's record, in place of the caller's: those may lie in a
 * page that LMDB is about to move. SPAN_NONE, and the batch is lost, when the record could not take
 * them. */
struct span record_tail(struct store *s, size_t before_end, size_t len);
/* store_check_newest() - store_check(), newest entries first, 4,096 of them and then as many as the time allows. */
MUST_CHECK int store_check_newest(struct store *s, const struct env *env, uint64_t budget_ms, char why[200]);
/* leaf_apply() - the entry and its nodes, in the open batch of the state. */
MUST_CHECK int leaf_apply(struct store *s, uint64_t index, struct span entry);
