/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Store - the durable state of a house: LMDB as the state, a journal of batches as the log of record.
 *
 * A batch is opened, filled by puts, deletes and leaves (visible at once to later reads), and committed as
 * one write-set: appended to the journal with one fdatasync, which alone makes it durable, and merged into
 * the LMDB write transaction that stays open between checkpoints. store_open() replays the journal beyond
 * what LMDB holds; a torn tail is cut off. It re-hashes the newest entries, as many as a fraction of a second allows;
 * the others are their user's to check in time (store_check_range). If the journal can't be written the batch is rolled
 * back whole and nothing happened.
 *
 * Owns:    the environment, the journal files, the open transaction.
 * Threads: core thread only. Blocks: in store_commit() (one fdatasync) and store_checkpoint().
 * Invariants (store_check): 1. the tree's size equals the number of entries; 2. the stored head equals the
 * recomputed root; 3. batch numbers in the journal rise by one.
 * Spans returned by reads are valid until the next begin, put, delete, leaf, commit, abort, tick, checkpoint.
 */
#include "base/disk.h"
#include "base/env.h"
#include "proto/tree.h"

enum keyspace {
	KEYSPACE_META = 0,   /* text key -> value */
	KEYSPACE_ENTRY,      /* u64 index -> entry bytes: only through store_leaf() */
	KEYSPACE_TREE,       /* u8 level || u64 index -> hash: only through store_leaf() */
	KEYSPACE_SEEN,       /* message id -> digest[32] || u64 entry index || u64 forget at */
	KEYSPACE_SEEN_UNTIL, /* u64 forget at || message id -> nothing */
	KEYSPACE_MESSAGE,    /* message id -> sealed envelope as received */
	KEYSPACE_STATE,      /* message id -> sealed message state (recipients, rungs, deadline, answered) */
	KEYSPACE_DUE,        /* u64 unix ms || message id -> nothing: deadlines and expiries */
	KEYSPACE_INBOX,      /* inbox id[16] (random per hoedanigheid) || u64 sequence -> message id */
	KEYSPACE_INBOX_ID,   /* hoedanigheid text -> inbox id[16] || u64 next sequence */
	KEYSPACE_CASUS,      /* casus id -> sealed casus */
	KEYSPACE_KEY,        /* key id[16] -> where in the key store it lies, and whether it still does */
	KEYSPACE_KEY_OF,     /* name of a key (casus id, period ...) -> key id; casus id || message id -> it waits */
	KEYSPACE_RULES,      /* u8 kind || SHA-256 -> note */
	KEYSPACE_MANDATE,    /* SHA-256 of text -> note */
	KEYSPACE_JOIN,       /* invite id -> invitation or join request */
	KEYSPACE_HEAD,       /* u64 size -> signed checkpoint note (the newest, and those worth keeping) */
	KEYSPACE_INDEX,      /* term id[16] || u64 chunk -> which entries of the chunk have it (daemon/core/index.c) */
	KEYSPACE_INPUT,      /* u64 index -> sealed: what the decision of that entry rested on (convenant/replay.h) */
	KEYSPACE_OF_CASUS,   /* casus id || message id -> nothing: what goes when the casus goes */
	KEYSPACE_TERM,       /* casus id -> until when it is kept, and how far its end has come */
	KEYSPACE_END,        /* u64 unix ms || u8 what || its name -> terms that end */
	KEYSPACE_N
};

/* Lengths of a key: 1 to STORE_KEY_MAX bytes. Values: less than 2^32 bytes. Entries: at most 65535 bytes. */
#define STORE_KEY_MAX 255

struct store;
struct store_options {
	const char *folder;          /* made when absent, mode 0700 */
	uint64_t map_bytes;          /* how large the state may grow; default 8 GiB; raised when found full */
	uint64_t segment_bytes;      /* journal segment, preallocated; default 64 MiB */
	uint64_t checkpoint_ms;      /* LMDB commits at least this often under load; default 1000 */
	const struct env *env;
	const struct disk *io; /* the journal's file calls; NULL: the real ones */
};

enum { STORE_OK = 0, STORE_E_ABSENT = 1, STORE_E_BROKEN, STORE_E_FULL, STORE_E_LOCKED };

/* store_open() - STORE_OK; STORE_E_BROKEN: the log does not hold together, why names the entry, the
 * batch or the file; STORE_E_LOCKED: another process has it open. Memory and disk errors are fatal (<0),
 * never STORE_E_BROKEN. */
MUST_CHECK int store_open(const struct store_options *options, struct store **out, char why[200]);
/* store_free() - for a graceful stop checkpoint first; without it this is a crash. */
struct store *store_free(struct store *s);
void store_freep(struct store **s);

/* store_get() - STORE_OK or STORE_E_ABSENT. */
MUST_CHECK int store_get(struct store *s, enum keyspace space, struct span key, struct span *value);
struct store_cursor {
	enum keyspace space;
	struct span prefix;
	struct span key, value;
	uint8_t seek[STORE_KEY_MAX];
	size_t seek_len;
};
/* store_first()/store_next() - in key order from seek on, within the prefix. STORE_OK or STORE_E_ABSENT
 * at the end. The cursor copies its position, so puts and deletes in between are allowed. */
MUST_CHECK int store_first(struct store *s, enum keyspace space, struct span prefix, struct span seek,
			   struct store_cursor *c);
MUST_CHECK int store_next(struct store *s, struct store_cursor *c);

/*
 * A batch that can't fit (state full, batch beyond STORE_BATCH_MAX bytes) is remembered as such: its puts,
 * deletes and leaves still return 0 and do nothing more, reads show the state before the batch, and
 * store_commit() gives STORE_E_FULL. Close to the limit only batches that delete more rows than they put
 * are still taken, so that forgetting always works.
 */
#define STORE_BATCH_MAX (UINT64_C(128) << 20)
MUST_CHECK int store_begin(struct store *s);                       /* open a batch */
/* store_put(), store_delete() - key and value are copied, and may lie in what a read gave; deleting what is
 * absent is fine. -EINVAL: a key of length 0 or beyond STORE_KEY_MAX, or a keyspace of store_leaf() alone. */
MUST_CHECK int store_put(struct store *s, enum keyspace space, struct span key, struct span value);
MUST_CHECK int store_delete(struct store *s, enum keyspace space, struct span key);
/* store_leaf() - appends an entry; its index is the size before. */
MUST_CHECK int store_leaf(struct store *s, struct span entry, uint64_t *index);
/* store_commit() - durable when it returns STORE_OK. STORE_E_FULL: could not be written, rolled back,
 * try again later. After a fatal result the outcome is unknown: free the store and open it again, the
 * journal decides. */
MUST_CHECK int store_commit(struct store *s);
void store_abort(struct store *s);
bool store_in_batch(const struct store *s);

uint64_t store_size(const struct store *s);                        /* leaves, the open batch included */
MUST_CHECK int store_root(struct store *s, struct hash *out);
MUST_CHECK int store_root_at(struct store *s, uint64_t size, struct hash *out); /* of the first `size` entries */
MUST_CHECK int store_entry(struct store *s, uint64_t index, struct span *entry);
MUST_CHECK int store_prove_inclusion(struct store *s, uint64_t index, uint64_t size, struct tree_proof *out);
MUST_CHECK int store_prove_consistency(struct store *s, uint64_t first, uint64_t second,
				       struct tree_proof *out);

/* store_tick() - to be called when idle and at least every checkpoint_ms: commits LMDB when due, recycles
 * journal segments. */
MUST_CHECK int store_tick(struct store *s, uint64_t mono_ms, bool idle);
/* store_checkpoint() - commit LMDB with full sync now, then wipe the journal: no byte of a batch is left
 * in it. STORE_E_FULL: the disk has no room for it; nothing is lost, the journal keeps the batches. Not
 * while a batch is open (-EBUSY). */
MUST_CHECK int store_checkpoint(struct store *s);
/* store_check() - the invariants, and re-hashes the newest n entries. STORE_OK; STORE_E_BROKEN: see why. */
MUST_CHECK int store_check(struct store *s, uint64_t newest_entries, char why[200]);
/* store_check_range() - re-hashes the entries from..to and the nodes whose last leaf is among them: a part of the work
 * of store_check(), which ranges one after another do in whole. Not in a batch. */
MUST_CHECK int store_check_range(struct store *s, uint64_t from, uint64_t to, char why[200]);

/* Since the store was opened; fsyncs counts the journal's and two for each LMDB commit. */
struct store_figures { uint64_t batches, fsyncs, journal_bytes, lmdb_commits, map_used_bytes, entries; };
void store_figures(const struct store *s, struct store_figures *out);
