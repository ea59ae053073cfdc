/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * State - the LMDB half of the store: keyspaces, the long write transaction, and a nested transaction for
 * the open batch.
 *
 * One write transaction is open from state_open() to state_free(); only state_checkpoint() makes it
 * durable. Reads see the open batch. Batch errors are sticky: the first failing put or delete abandons the
 * nested transaction at once, later ones do nothing, and state_batch_end() tells. Until the end of the
 * batch, reads then show the state before it.
 *
 * Owns:    the LMDB environment. Borrows: nothing. Threads: the one that opened it.
 */
#include "daemon/store/journal.h"
#include "daemon/store/store.h"

enum { STATE_OK = 0, STATE_E_ABSENT = 1, STATE_E_FULL, STATE_E_BROKEN };

#define STATE_ID_BYTES JOURNAL_ID_BYTES

/* How far the state has come: the last batch it holds, and the tree after it. */
struct state_mark {
	uint64_t batch;
	uint64_t size;
	struct hash root;
};

struct state;
/* state_open() - STATE_OK; STATE_E_BROKEN, why says what LMDB found; <0 fatal. A new folder's state is
 * empty and durable. */
MUST_CHECK int state_open(const char *folder, uint64_t map_bytes, const struct env *env, struct state **out,
			  char why[200]);
struct state *state_free(struct state *st); /* what was not checkpointed is gone */
void state_freep(struct state **st);

const uint8_t *state_id(const struct state *st); /* STATE_ID_BYTES random bytes, made with the store */
const struct state_mark *state_mark(const struct state *st);            /* of the last checkpoint */

/* state_get() - STATE_OK or STATE_E_ABSENT. */
MUST_CHECK int state_get(struct state *st, enum keyspace space, struct span key, struct span *value);
/* state_seek() - the first row with a key >= key, or > key when after is set; or STATE_E_ABSENT. */
MUST_CHECK int state_seek(struct state *st, enum keyspace space, struct span key, bool after,
			  struct span row[2]);
MUST_CHECK int state_count(struct state *st, enum keyspace space, uint64_t *rows);

MUST_CHECK int state_batch_begin(struct state *st);
void state_put(struct state *st, enum keyspace space, struct span key, struct span value);
void state_delete(struct state *st, enum keyspace space, struct span key);
void state_batch_give_up(struct state *st); /* as if LMDB had no room for it */
bool state_batch_failed(const struct state *st);
/* state_batch_error() - 0; STATE_E_FULL: LMDB had no room for it; <0 fatal. */
MUST_CHECK int state_batch_error(const struct state *st);
bool state_batch_fits(const struct state *st);       /* within the limit, or forgets more than it adds */
/* state_batch_commit() - into the write transaction; only when state_batch_error() is 0. */
MUST_CHECK int state_batch_commit(struct state *st);
void state_batch_abort(struct state *st);

/*
 * state_checkpoint() - commit with full sync, and begin anew.
 * Return: STATE_OK; STATE_E_FULL: no room on disk or in the map, everything since the last checkpoint has
 * to be applied again
 *         from the journal; <0 fatal, the state is not usable any more.
 */
MUST_CHECK int state_checkpoint(struct state *st, const struct state_mark *mark);
MUST_CHECK int state_grow(struct state *st);    /* a larger map; drops everything since the last checkpoint */
/* state_pages() - upper bound of the pages the next checkpoint writes. LMDB can't hold more than
 * STATE_PAGES_HARD. */
uint64_t state_pages(const struct state *st);
#define STATE_PAGES_SOFT 49152
#define STATE_PAGES_HARD 98304
/* state_near_limit() - by the same bound: a checkpoint may show that it is not so. */
bool state_near_limit(const struct state *st);
uint64_t state_used_bytes(const struct state *st);
uint64_t state_commits(const struct state *st);
