/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The order of things.
 *
 *   commit      the batch lies in a nested LMDB transaction; its write-set is appended to the journal and
 * flushed; the nested transaction is merged into the long one. When the append fails the nested one is
 * dropped and nothing happened. When the merge fails the batch exists all the same: the store calls itself
 * failed, and opening it again replays. checkpoint  the long transaction commits with full sync, with the
 * number of the last batch in it; then the journal is wiped. A crash in between leaves stale records, which a
 * reader steps over. open        the state's own mark, then every batch of the journal beyond it; each has to
 * arrive at its own head. disk full   the journal is preallocated, so batches go on; a checkpoint that finds
 * no room loses the long transaction, which is built anew from the journal. Only when that is full too are
 * batches refused.
 */
#include "daemon/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/store/store_impl.h"
#include "daemon/store/writeset.h"

#define CHECKPOINT_MS_DEFAULT 1000
#define IDLE_MS 50             /* a pause shorter than this is a sender catching its breath */
#define NO_ROOM_MS 10000       /* a checkpoint on a full disk costs a replay: not at every tick */
#define OPEN_CHECK_MS 400 /* a start is to be ready within a second; docs/decisions/0017 */
#define RECORD_KEEP_BYTES (4u << 20)
#define REPLAY_TRIES 8

struct store *store_free(struct store *s)
{
	if (!s)
		return NULL;
	journal_free(s->journal);
	state_free(s->state);
	buffer_fini(&s->record);
	if (s->lock_fd >= 0)
		close(s->lock_fd); /* last: it guards the others */
	free(s);
	return NULL;
}

void store_freep(struct store **s)
{
	*s = store_free(*s);
}

static int lock_take(struct store *s, const char *folder)
{
	char path[4096];

	if (snprintf(path, sizeof path, "%s/lock", folder) >= (int)sizeof path)
		return err_raise(-ENAMETOOLONG);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0)
		return err_raise(-errno);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? STORE_E_LOCKED : err_raise(-errno);
	return STORE_OK;
}

/* ---- replay ---- */

static int op_apply(struct store *s, const struct writeset_op *op)
{
	switch (op->kind) {
	case WRITESET_PUT:
		state_put(s->state, (enum keyspace)op->space, op->key, op->value);
		return 0;
	case WRITESET_DELETE:
		state_delete(s->state, (enum keyspace)op->space, op->key);
		return 0;
	case WRITESET_LEAF:
		return leaf_apply(s, s->size++, op->value);
	case WRITESET_HEAD:
	default:
		return 0;
	}
}

static int batch_broken(uint64_t batch, const char *what, char why[200])
{
	snprintf(why, 200, "batch %llu %s", (unsigned long long)batch, what);
	return STORE_E_BROKEN;
}

/* The operations of one write-set into the state's open batch; ends with the head. */
static int ops_apply(struct store *s, struct reader *r, uint64_t batch, char why[200])
{
	struct tree_ctx tree = { .store = s };
	struct writeset_op op;
	struct hash root;
	int result;

	do {
		if (!writeset_next(r, &op))
			return batch_broken(batch, "is not a well-formed write-set", why);
		result = op_apply(s, &op);
		if (result)
			return err_pass(result);
	} while (op.kind != WRITESET_HEAD);
	result = state_batch_error(s->state);
	if (result)
		return result == STATE_E_FULL ? STORE_E_FULL : err_pass(result);
	result = tree_root(s->size, tree_node_read, &tree, &root);
	if (result)
		return err_pass(result);
	if (op.size != s->size || !hash_equal(&op.root, &root))
		return batch_broken(batch, "does not lead to the head it names", why);
	s->now = (struct state_mark){ .batch = batch, .size = s->size, .root = root };
	return STORE_OK;
}

/* STORE_OK; STORE_E_BROKEN; STORE_E_FULL: the state has no room, nothing of this batch is in it. */
static int batch_apply(struct store *s, uint64_t batch, struct span bytes, char why[200])
{
	struct reader reader;
	uint64_t number;
	uint64_t size;
	int r;

	if (!writeset_open(&reader, bytes, &number, &size) || number != batch)
		return batch_broken(batch, "is not a write-set of this version", why);
	if (size != s->size)
		return batch_broken(batch, "does not begin where the one before it ended", why);
	r = state_batch_begin(s->state);
	if (r)
		return err_pass(r);
	r = ops_apply(s, &reader, batch, why);
	if (r) {
		state_batch_abort(s->state);
		s->size = size;
		return r < 0 ? err_pass(r) : r;
	}
	r = state_batch_commit(s->state);
	return r ? err_pass(r) : STORE_OK;
}

/* From the state's mark to the journal's end. STORE_E_FULL: the state was full on the way; what is applied
 * is good. */
static int replay_once(struct store *s, char why[200])
{
	struct span payload;
	uint64_t batch;
	int r;

	s->now = *state_mark(s->state);
	s->size = s->now.size;
	journal_rewind(s->journal, s->now.batch);
	while ((r = journal_read(s->journal, &batch, &payload, why)) == JOURNAL_OK) {
		r = batch_apply(s, batch, payload, why);
		if (r)
			return r < 0 ? err_pass(r) : r;
		if (state_pages(s->state) >= STATE_PAGES_HARD)
			return STORE_E_FULL;
	}
	if (r == JOURNAL_E_BROKEN)
		return STORE_E_BROKEN;
	return r == JOURNAL_E_END ? STORE_OK : err_fold(r);
}

/* A durable batch is never refused: a full transaction is committed on the way, a full map grows. */
static int replay(struct store *s, char why[200])
{
	int r = STORE_E_FULL;

	for (int i = 0; r == STORE_E_FULL && i < REPLAY_TRIES; i++) {
		r = replay_once(s, why);
		if (r != STORE_E_FULL)
			return r < 0 ? err_pass(r) : r;
		if (s->now.batch > state_mark(s->state)->batch)
			r = state_checkpoint(s->state, &s->now);
		else
			r = state_grow(s->state);
		if (r == STATE_E_FULL)
			r = state_grow(s->state);
		if (r)
			return err_fold(r);
		r = STORE_E_FULL;
	}
	return err_raise(-ENOSPC);
}

/* ---- open ---- */

static int parts_open(struct store *s, const struct store_options *options, char why[200])
{
	struct journal_options journal = { .folder = options->folder,
					   .segment_bytes = options->segment_bytes,
					   .io = options->io };
	int r;

	r = state_open(options->folder, options->map_bytes, options->env, &s->state, why);
	if (r)
		return r == STATE_E_BROKEN ? STORE_E_BROKEN : err_fold(r);
	journal.store_id = state_id(s->state);
	journal.batch = state_mark(s->state)->batch;
	r = journal_open(&journal, &s->journal, why);
	if (r)
		return r == JOURNAL_E_BROKEN ? STORE_E_BROKEN : err_fold(r);
	return STORE_OK;
}

/* After a crash: what was replayed becomes the state's own, and what a torn tail left behind is wiped. */
static int settle(struct store *s)
{
	int r;

	if (s->now.batch == state_mark(s->state)->batch && !journal_used_bytes(s->journal))
		return 0;
	r = store_checkpoint(s);
	if (r == STORE_E_FULL)
		log_warn("store-no-room", "batch=%llu", (unsigned long long)s->now.batch);
	return r == STORE_E_FULL ? 0 : r;
}

int store_open(const struct store_options *options, struct store **out, char why[200])
{
	CLEANUP(store_freep) struct store *s = calloc(1, sizeof *s);
	int r;

	why[0] = '\0';
	if (!s)
		return err_raise(-ENOMEM);
	s->lock_fd = -1;
	s->checkpoint_ms = options->checkpoint_ms ? options->checkpoint_ms : CHECKPOINT_MS_DEFAULT;
	buffer_init(&s->record, STORE_BATCH_MAX);
	r = file_make_folders(options->folder, 0700);
	if (r)
		return r == FILE_E_DENIED ? err_raise(-EACCES) : err_fold(r);
	r = lock_take(s, options->folder);
	if (!r)
		r = parts_open(s, options, why);
	if (r)
		return r < 0 ? err_pass(r) : r;
	s->now = *state_mark(s->state);
	s->size = s->now.size;
	r = store_check_newest(s, options->env, OPEN_CHECK_MS, why);
	if (!r)
		r = replay(s, why); /* each batch checks its own head */
	if (!r)
		r = settle(s);
	if (r)
		return r < 0 ? err_pass(r) : r;
	*out = TAKE(s);
	return STORE_OK;
}

/* ---- reading ---- */

int store_get(struct store *s, enum keyspace space, struct span key, struct span *value)
{
	int r;

	if (key.len == 0 || key.len > STORE_KEY_MAX)
		return err_raise(-EINVAL);
	r = state_get(s->state, space, key, value);
	return r == STATE_E_ABSENT ? STORE_E_ABSENT : err_fold(r);
}

/* The row from the cursor's position on; the position itself not when it was given out already. */
static int cursor_step(struct store *s, struct store_cursor *c, size_t prefix_len, bool after)
{
	struct span row[2];
	int r = state_seek(s->state, c->space, span_of(c->seek, c->seek_len), after, row);

	if (r)
		return r == STATE_E_ABSENT ? STORE_E_ABSENT : err_fold(r);
	if (row[0].len < prefix_len || (prefix_len && memcmp(row[0].ptr, c->seek, prefix_len) != 0))
		return STORE_E_ABSENT;
	if (row[0].len > sizeof c->seek)
		return err_raise(-EIO);
	c->key = row[0];
	c->value = row[1];
	c->prefix = span_of(row[0].ptr, prefix_len);
	memcpy(c->seek, row[0].ptr, row[0].len);
	c->seek_len = row[0].len;
	return STORE_OK;
}

int store_first(struct store *s, enum keyspace space, struct span prefix, struct span seek,
		struct store_cursor *c)
{
	struct store_cursor found = { .space = space };
	struct span from = span_compare(seek, prefix) > 0 ? seek : prefix;
	int r;

	if (prefix.len > STORE_KEY_MAX || seek.len > STORE_KEY_MAX)
		return err_raise(-EINVAL);
	/* Beyond the prefix there is nothing; within it, seek begins with the prefix. */
	if (from.len < prefix.len || (prefix.len && memcmp(from.ptr, prefix.ptr, prefix.len) != 0))
		return STORE_E_ABSENT;
	if (from.len)
		memcpy(found.seek, from.ptr, from.len);
	found.seek_len = from.len;
	r = cursor_step(s, &found, prefix.len, false);
	if (r)
		return r < 0 ? err_pass(r) : r;
	*c = found;
	return STORE_OK;
}

/* The prefix is the beginning of the position: every row that was given out begins with it. */
int store_next(struct store *s, struct store_cursor *c)
{
	int r = cursor_step(s, c, c->prefix.len, true);

	return r < 0 ? err_pass(r) : r;
}

/* ---- writing ---- */

static void record_reset(struct store *s)
{
	if (s->record.capacity > RECORD_KEEP_BYTES)
		buffer_fini(&s->record);
	buffer_reset(&s->record);
}

int store_begin(struct store *s)
{
	int r = 0;

	if (s->in_batch)
		return err_raise(-EBUSY);
	if (s->failed)
		return err_raise(-EIO);
	/* The callers' ticks keep the state from filling; this is for who does not tick, or not often
	 * enough. */
	if (!s->no_room && (state_pages(s->state) >= STATE_PAGES_SOFT + STATE_PAGES_SOFT / 2 ||
			    (state_near_limit(s->state) && state_pages(s->state) >= 64)))
		r = store_checkpoint(s);
	if (r < 0)
		return err_pass(r);
	r = state_batch_begin(s->state);
	if (r)
		return err_pass(r);
	record_reset(s);
	(void)buffer_grow(&s->record, JOURNAL_RECORD_ROOM); /* sticky: seen at the commit */
	writeset_begin(&s->record, journal_next(s->journal), s->size);
	s->in_batch = true;
	s->has_ops = false;
	return 0;
}

struct span record_tail(struct store *s, size_t before_end, size_t len)
{
	if (!s->record.failed)
		return span_of(s->record.ptr + s->record.len - before_end - len, len);
	state_batch_give_up(s->state);
	return SPAN_NONE;
}

static bool writable(enum keyspace space, struct span key)
{
	return space < KEYSPACE_N && space != KEYSPACE_ENTRY && space != KEYSPACE_TREE && key.len &&
	       key.len <= STORE_KEY_MAX;
}

int store_put(struct store *s, enum keyspace space, struct span key, struct span value)
{
	ASSERT(s->in_batch);
	if (!writable(space, key) || value.len > UINT32_MAX)
		return err_raise(-EINVAL);
	writeset_put(&s->record, (uint8_t)space, key, value);
	key = record_tail(s, value.len + 4, key.len);
	if (key.len)
		state_put(s->state, space, key, record_tail(s, 0, value.len));
	s->has_ops = true;
	return 0;
}

int store_delete(struct store *s, enum keyspace space, struct span key)
{
	ASSERT(s->in_batch);
	if (!writable(space, key))
		return err_raise(-EINVAL);
	writeset_delete(&s->record, (uint8_t)space, key);
	key = record_tail(s, 0, key.len);
	if (key.len)
		state_delete(s->state, space, key);
	s->has_ops = true;
	return 0;
}

void store_abort(struct store *s)
{
	if (!s->in_batch)
		return;
	state_batch_abort(s->state);
	record_reset(s);
	s->in_batch = false;
	s->size = s->now.size;
}

bool store_in_batch(const struct store *s)
{
	return s->in_batch;
}

/* The batch's head, and its record completed. STORE_E_FULL: it does not fit. */
static int batch_seal(struct store *s, struct state_mark *after)
{
	int r = state_batch_error(s->state);

	if (r)
		return r == STATE_E_FULL ? STORE_E_FULL : err_pass(r);
	if (!state_batch_fits(s->state) || s->record.failed)
		return STORE_E_FULL;
	after->batch = journal_next(s->journal);
	after->size = s->size;
	r = store_root(s, &after->root);
	if (r)
		return err_pass(r);
	writeset_head(&s->record, after->size, &after->root);
	return s->record.failed ? STORE_E_FULL : STORE_OK;
}

int store_commit(struct store *s)
{
	struct state_mark after;
	int r = STORE_OK;

	ASSERT(s->in_batch);
	if (s->has_ops)
		r = batch_seal(s, &after);
	if (!r && s->has_ops) {
		r = journal_append(s->journal, &s->record);
		s->failed = r < 0;
		r = r == JOURNAL_E_FULL ? STORE_E_FULL : r;
	}
	if (r || !s->has_ops) {
		store_abort(s);
		return r < 0 ? err_pass(r) : r;
	}
	s->in_batch = false;
	r = state_batch_commit(s->state);
	if (r) {
		log_error("store-behind-journal", "batch=%llu", (unsigned long long)after.batch);
		s->failed = true;
		return err_pass(r);
	}
	s->now = after;
	s->batches++;
	s->idle_since_ms = 0;
	return STORE_OK;
}

/* ---- checkpoints ---- */

int store_checkpoint(struct store *s)
{
	char why[200] = "";
	int r;

	if (s->in_batch)
		return err_raise(-EBUSY);
	if (s->failed)
		return err_raise(-EIO);
	r = state_checkpoint(s->state, &s->now);
	s->no_room = r == STATE_E_FULL;
	if (r == STATE_E_FULL) {
		log_warn("store-checkpoint-no-room", "batch=%llu", (unsigned long long)s->now.batch);
		r = replay(s, why);
		if (r)
			log_error("store-replay-failed", "result=%d", r);
		s->failed = r != STORE_OK;
		return r ? err_fold(r) : STORE_E_FULL;
	}
	if (r) {
		s->failed = true;
		return err_fold(r);
	}
	r = journal_clear(s->journal);
	return r ? err_fold(r) : STORE_OK;
}

static bool checkpoint_due(struct store *s, uint64_t mono_ms, bool idle)
{
	uint64_t since = mono_ms - s->checkpoint_at_ms;

	if (s->no_room && since < NO_ROOM_MS)
		return false;
	if (state_pages(s->state) >= STATE_PAGES_SOFT || journal_is_half_full(s->journal) ||
	    since >= s->checkpoint_ms)
		return true;
	if (!idle)
		return false;
	if (!s->idle_since_ms)
		s->idle_since_ms = mono_ms ? mono_ms : 1;
	return mono_ms - s->idle_since_ms >= IDLE_MS;
}

int store_tick(struct store *s, uint64_t mono_ms, bool idle)
{
	int r;

	if (!s->tick_seen) {
		s->tick_seen = true;
		s->checkpoint_at_ms = mono_ms;
	}
	if (s->in_batch || s->failed)
		return 0;
	if (s->now.batch == state_mark(s->state)->batch) {
		/* Nothing new: the time to the next one counts from the first commit. */
		s->checkpoint_at_ms = mono_ms;
		return 0;
	}
	if (!checkpoint_due(s, mono_ms, idle))
		return 0;
	s->checkpoint_at_ms = mono_ms;
	r = store_checkpoint(s);
	return r < 0 ? err_pass(r) : 0; /* no room: nothing is lost, a later tick tries again */
}

void store_figures(const struct store *s, struct store_figures *out)
{
	*out = (struct store_figures){
		.batches = s->batches,
		.fsyncs = journal_syncs(s->journal) + 2 * state_commits(s->state),
		.journal_bytes = journal_appended_bytes(s->journal),
		.lmdb_commits = state_commits(s->state),
		.map_used_bytes = state_used_bytes(s->state),
		.entries = s->size,
	};
}
