/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The only file that speaks LMDB.
 *
 * Nested transactions. A batch is a child of the long write transaction: rolling back is LMDB's own work, a
 * batch that ran out of map spoils only the child, and nothing has to be undone by hand. Measured (LMDB
 * 0.9.24, 11 puts per batch, tables of 200,000 rows): the child costs 20 microseconds per batch at 15,000
 * dirty pages and below; an append with fdatasync costs 100 or more.
 *
 * Limits. LMDB's map is larger than the limit the caller set, by a quarter and 64 MiB, so that the limit is
 * met by our own count, at a batch's end, where refusing is simple, and not in the middle of a put. The
 * count is pages used at the last checkpoint plus an upper bound of what was touched since. Past the limit
 * only a batch that deletes more than it puts is taken. One transaction holds at most 131,071 dirty pages:
 * state_pages() counts an upper bound, its user checkpoints in time.
 *
 * No DUPSORT, no WRITEMAP, no NOSYNC: each has had faults in 0.9 or weakens what a checkpoint promises.
 */
#include "daemon/store/state.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define MAP_BYTES_DEFAULT (UINT64_C(8) << 30)
#define MAP_RESERVE_BYTES (UINT64_C(64) << 20)
#define FORMAT_VERSION 1
#define MARK_BYTES (8 + 8 + HASH_BYTES)

/* The names are part of the stored format. */
static const char *const space_names[KEYSPACE_N] = {
	[KEYSPACE_META] = "meta",
	[KEYSPACE_ENTRY] = "entry",
	[KEYSPACE_TREE] = "tree",
	[KEYSPACE_SEEN] = "seen",
	[KEYSPACE_SEEN_UNTIL] = "seen-until",
	[KEYSPACE_MESSAGE] = "message",
	[KEYSPACE_STATE] = "state",
	[KEYSPACE_DUE] = "due",
	[KEYSPACE_INBOX] = "inbox",
	[KEYSPACE_INBOX_ID] = "inbox-id",
	[KEYSPACE_CASUS] = "casus",
	[KEYSPACE_KEY] = "key",
	[KEYSPACE_KEY_OF] = "key-of",
	[KEYSPACE_RULES] = "rules",
	[KEYSPACE_MANDATE] = "mandate",
	[KEYSPACE_JOIN] = "join",
	[KEYSPACE_HEAD] = "head",
	[KEYSPACE_INDEX] = "index",
	[KEYSPACE_INPUT] = "input",
	[KEYSPACE_OF_CASUS] = "of-casus",
	[KEYSPACE_TERM] = "term",
	[KEYSPACE_END] = "end",
};

struct state {
	MDB_env *env;
	MDB_txn *txn;   /* the long write transaction */
	MDB_txn *child; /* the open batch; NULL when none is open or it failed */
	MDB_dbi spaces[KEYSPACE_N];
	MDB_dbi self;   /* what the store knows of itself: format, id, mark */
	uint64_t page_bytes;
	uint64_t limit_bytes;
	uint64_t used_bytes; /* at the last checkpoint */
	uint64_t pages;      /* upper bound of what was touched since */
	uint64_t commits;
	bool in_batch;
	int batch_error;
	uint64_t batch_pages;
	uint64_t batch_puts;
	uint64_t batch_deletes;
	uint8_t id[STATE_ID_BYTES];
	struct state_mark mark;
};

/* LMDB's codes, mapped once. */
static int state_result(int code)
{
	switch (code) {
	case 0:
		return STATE_OK;
	case MDB_NOTFOUND:
		return STATE_E_ABSENT;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return STATE_E_FULL;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return STATE_E_BROKEN;
	default:
		log_error("store-lmdb", "code=%d text=\"%s\"", code, mdb_strerror(code));
		return err_raise(code > 0 ? -code : -EIO);
	}
}

/* Outside state_open() damage is fatal: nobody can go on without the state. */
static int state_fatal(int code)
{
	int r = state_result(code);

	if (r == STATE_E_BROKEN) {
		log_error("store-lmdb-damaged", "code=%d text=\"%s\"", code, mdb_strerror(code));
		return err_raise(-EIO);
	}
	return r;
}

static MDB_val val_of(struct span s)
{
	return (MDB_val){ .mv_size = s.len, .mv_data = (void *)(uintptr_t)s.ptr };
}

static struct span span_of_val(const MDB_val *v)
{
	return span_of(v->mv_data, v->mv_size);
}

static MDB_txn *current(const struct state *st)
{
	return st->child ? st->child : st->txn;
}

struct state *state_free(struct state *st)
{
	if (!st)
		return NULL;
	state_batch_abort(st);
	if (st->txn)
		mdb_txn_abort(st->txn);
	if (st->env)
		mdb_env_close(st->env);
	free(st);
	return NULL;
}

void state_freep(struct state **st)
{
	*st = state_free(*st);
}

static uint64_t map_size_for(uint64_t limit_bytes)
{
	uint64_t bytes = limit_bytes + limit_bytes / 4 + MAP_RESERVE_BYTES;

	return (bytes + 65535) / 65536 * 65536;
}

/* Pages in LMDB's free list, table 0; each of its rows begins with a count. Only a reader may look into it.
 */
static int count_free(MDB_env *env, uint64_t *n_free)
{
	MDB_txn *reader;
	MDB_cursor *cursor;
	MDB_val key, value;
	int code = mdb_txn_begin(env, NULL, MDB_RDONLY, &reader);

	if (code)
		return code;
	*n_free = 0;
	code = mdb_cursor_open(reader, 0, &cursor);
	if (!code) {
		while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
			size_t n = 0;

			if (value.mv_size >= sizeof n)
				memcpy(&n, value.mv_data, sizeof n);
			*n_free += n;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(reader);
	return code == MDB_NOTFOUND ? 0 : code;
}

/* Between two write transactions. */
static int count_used(struct state *st)
{
	MDB_envinfo info;
	uint64_t n_free = 0;
	int code = mdb_env_info(st->env, &info);

	if (!code)
		code = count_free(st->env, &n_free);
	if (code)
		return state_fatal(code);
	st->used_bytes = ((uint64_t)info.me_last_pgno + 1 - (n_free <= info.me_last_pgno ? n_free : 0)) *
			 st->page_bytes;
	st->pages = 0;
	return 0;
}

static int txn_begin(struct state *st)
{
	int r = count_used(st);
	int code;

	if (r)
		return r;
	code = mdb_txn_begin(st->env, NULL, 0, &st->txn);
	if (code)
		st->txn = NULL;
	return state_fatal(code);
}

static int self_put(struct state *st, const char *name, struct span value)
{
	MDB_val k = val_of(span_of_text(name));
	MDB_val v = val_of(value);

	return mdb_put(st->txn, st->self, &k, &v, 0);
}

static int self_get(struct state *st, const char *name, size_t len, struct span *value)
{
	MDB_val k = val_of(span_of_text(name));
	MDB_val v;
	int code = mdb_get(st->txn, st->self, &k, &v);

	if (code)
		return code;
	if (v.mv_size != len)
		return MDB_CORRUPTED;
	*value = span_of_val(&v);
	return 0;
}

static int mark_put(struct state *st, const struct state_mark *mark)
{
	uint8_t bytes[MARK_BYTES];

	put_u64(bytes, mark->batch);
	put_u64(bytes + 8, mark->size);
	memcpy(bytes + 16, mark->root.bytes, HASH_BYTES);
	return self_put(st, "mark", SPAN_OF(bytes));
}

/* A new store: its id and the mark of an empty tree. */
static int self_create(struct state *st, const struct env *env)
{
	uint8_t version[4];
	int code;

	put_u32(version, FORMAT_VERSION);
	env_random(env, st->id, sizeof st->id);
	tree_hash_empty(&st->mark.root);
	code = self_put(st, "format", SPAN_OF(version));
	if (!code)
		code = self_put(st, "id", SPAN_OF(st->id));
	if (!code)
		code = mark_put(st, &st->mark);
	return code;
}

/* Sets *foreign to the version of a format this program does not know. */
static int self_read(struct state *st, uint32_t *foreign)
{
	struct span value;
	int code;

	code = self_get(st, "format", 4, &value);
	if (code)
		return code;
	*foreign = get_u32(value.ptr);
	if (*foreign != FORMAT_VERSION)
		return MDB_INCOMPATIBLE;
	*foreign = 0;
	code = self_get(st, "id", sizeof st->id, &value);
	if (code)
		return code == MDB_NOTFOUND ? MDB_CORRUPTED : code;
	memcpy(st->id, value.ptr, sizeof st->id);
	code = self_get(st, "mark", MARK_BYTES, &value);
	if (code)
		return code == MDB_NOTFOUND ? MDB_CORRUPTED : code;
	st->mark.batch = get_u64(value.ptr);
	st->mark.size = get_u64(value.ptr + 8);
	memcpy(st->mark.root.bytes, value.ptr + 16, HASH_BYTES);
	return 0;
}

/* Opens the tables and reads or makes what the store knows of itself; in one transaction that is committed.
 */
static int tables_open(struct state *st, const struct env *env, uint32_t *foreign)
{
	int code = mdb_txn_begin(st->env, NULL, 0, &st->txn);

	if (code) {
		st->txn = NULL;
		return code;
	}
	code = mdb_dbi_open(st->txn, "self", MDB_CREATE, &st->self);
	if (!code)
		code = self_read(st, foreign);
	if (code == MDB_NOTFOUND)
		code = self_create(st, env);
	for (unsigned i = 0; !code && i < KEYSPACE_N; i++)
		code = mdb_dbi_open(st->txn, space_names[i], MDB_CREATE, &st->spaces[i]);
	if (!code)
		return mdb_txn_commit(TAKE(st->txn));
	mdb_txn_abort(TAKE(st->txn));
	return code;
}

#define FREE_PAGES_TABLE 0 /* LMDB's own, which it keeps of what its commits gave back; for reading it may be opened */

/* How many of the pages from first on are in the list of free pages. An LMDB code. */
static int free_pages_from(MDB_txn *txn, size_t first, size_t *n)
{
	MDB_cursor *cursor;
	MDB_val key, list;
	int code = mdb_cursor_open(txn, FREE_PAGES_TABLE, &cursor);

	*n = 0;
	if (code)
		return code;
	while (!(code = mdb_cursor_get(cursor, &key, &list, MDB_NEXT))) {
		size_t count = 0, page;

		if (list.mv_size >= sizeof count)
			memcpy(&count, list.mv_data, sizeof count);
		if (list.mv_size / sizeof count < 1 || list.mv_size / sizeof count - 1 < count) {
			code = MDB_CORRUPTED;
			break;
		}
		for (size_t i = 1; i <= count; i++) {
			memcpy(&page, (const uint8_t *)list.mv_data + i * sizeof page, sizeof page);
			*n += page >= first;
		}
	}
	mdb_cursor_close(cursor);
	return code == MDB_NOTFOUND ? 0 : code;
}

/*
 * Pages that one transaction took and gave back are never written, so that a sound file may end before the last page that LMDB
 * knows of; they are in the list of free pages then. Anything else that is missing is damage.
 * LMDB maps the file, and reading beyond its end would kill the process: the file is made as long as it should be first.
 */
static int missing_pages_check(struct state *st, uint64_t file_bytes, uint64_t n_pages, bool *sound)
{
	size_t first = (size_t)(file_bytes / st->page_bytes), n_free = 0;
	MDB_txn *txn = NULL;
	int fd, code = mdb_env_get_fd(st->env, &fd);

	if (!code && ftruncate(fd, (off_t)(n_pages * st->page_bytes)))
		return err_raise(-errno);
	if (!code)
		code = mdb_txn_begin(st->env, NULL, MDB_RDONLY, &txn);
	if (!code)
		code = free_pages_from(txn, first, &n_free);
	mdb_txn_abort(txn);
	*sound = !code && first + n_free == n_pages;
	if (!*sound && ftruncate(fd, (off_t)file_bytes))
		return err_raise(-errno);
	return code && state_result(code) != STATE_E_BROKEN ? state_fatal(code) : 0;
}

static int length_check(struct state *st, const char *folder, char why[200])
{
	char path[4096];
	struct stat file;
	MDB_envinfo info;
	MDB_stat pages;
	bool sound = true;
	int code, r;

	if (snprintf(path, sizeof path, "%s/data.mdb", folder) >= (int)sizeof path)
		return err_raise(-ENAMETOOLONG);
	if (stat(path, &file))
		return err_raise(-errno);
	code = mdb_env_info(st->env, &info);
	if (!code)
		code = mdb_env_stat(st->env, &pages);
	if (code)
		return state_fatal(code);
	st->page_bytes = pages.ms_psize;
	/* A new file holds nothing but its two first pages, which are written with the first commit at the
	 * latest. */
	if (info.me_last_pgno <= 1 || (uint64_t)file.st_size >= ((uint64_t)info.me_last_pgno + 1) * pages.ms_psize)
		return 0;
	r = missing_pages_check(st, (uint64_t)file.st_size, (uint64_t)info.me_last_pgno + 1, &sound);
	if (r || sound)
		return err_pass(r);
	snprintf(why, 200, "data.mdb is shorter than the %llu pages it says it has",
		 (unsigned long long)info.me_last_pgno + 1);
	return STATE_E_BROKEN;
}

static int env_open(struct state *st, const char *folder, uint64_t map_bytes)
{
	int code = mdb_env_create(&st->env);
	int dead;

	if (code) {
		st->env = NULL;
		return code;
	}
	st->limit_bytes = map_bytes ? map_bytes : MAP_BYTES_DEFAULT;
	code = mdb_env_set_maxdbs(st->env, KEYSPACE_N + 1);
	if (!code)
		code = mdb_env_set_mapsize(st->env, map_size_for(st->limit_bytes));
	if (!code)
		code = mdb_env_open(st->env, folder, 0, 0600);
	if (!code)
		code = mdb_reader_check(st->env, &dead); /* a copy that was killed would pin its pages */
	return code;
}

/* More than 80 % full: the limit becomes what leaves a fifth free. Not called with a transaction open. */
static int limit_fit(struct state *st)
{
	uint64_t least = st->used_bytes + st->used_bytes / 4;

	if (st->limit_bytes >= least)
		return 0;
	log_warn("store-map-grown", "from_bytes=%llu to_bytes=%llu", (unsigned long long)st->limit_bytes,
		 (unsigned long long)least);
	st->limit_bytes = least;
	mdb_txn_abort(TAKE(st->txn));
	return state_fatal(mdb_env_set_mapsize(st->env, map_size_for(least)));
}

static int broken_or(int code, uint32_t foreign, char why[200])
{
	int r = state_result(code);

	if (r == STATE_E_BROKEN && foreign)
		snprintf(why, 200, "the store has format %u, this program knows %u", foreign,
			 (unsigned)FORMAT_VERSION);
	else if (r == STATE_E_BROKEN)
		snprintf(why, 200, "data.mdb is damaged: %s", mdb_strerror(code));
	return r == STATE_OK || r == STATE_E_BROKEN ? r : err_fold(r);
}

int state_open(const char *folder, uint64_t map_bytes, const struct env *env, struct state **out,
	       char why[200])
{
	CLEANUP(state_freep) struct state *st = calloc(1, sizeof *st);
	uint32_t foreign = 0;
	int code;
	int r;

	if (!st)
		return err_raise(-ENOMEM);
	r = broken_or(env_open(st, folder, map_bytes), 0, why);
	if (r)
		return r;
	r = length_check(st, folder, why);
	if (r)
		return r == STATE_E_BROKEN ? r : err_fold(r);
	code = tables_open(st, env, &foreign);
	r = broken_or(code, foreign, why);
	if (r)
		return r;
	r = txn_begin(st);
	if (!r)
		r = limit_fit(st);
	if (!r && !st->txn)
		r = txn_begin(st);
	if (r)
		return err_fold(r);
	*out = TAKE(st);
	return STATE_OK;
}

const uint8_t *state_id(const struct state *st)
{
	return st->id;
}

const struct state_mark *state_mark(const struct state *st)
{
	return &st->mark;
}

int state_get(struct state *st, enum keyspace space, struct span key, struct span *value)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int code = mdb_get(current(st), st->spaces[space], &k, &v);

	if (code)
		return state_fatal(code);
	*value = span_of_val(&v);
	return STATE_OK;
}

static int cursor_row(struct state *st, enum keyspace space, MDB_val *key, MDB_cursor_op op,
		      struct span row[2])
{
	struct span wanted = span_of_val(key);
	MDB_cursor *cursor;
	MDB_val found = *key;
	MDB_val value;
	int code = mdb_cursor_open(current(st), st->spaces[space], &cursor);

	if (code)
		return state_fatal(code);
	code = mdb_cursor_get(cursor, &found, &value, op == MDB_NEXT ? MDB_SET_RANGE : op);
	if (!code && op == MDB_NEXT && span_equal(wanted, span_of_val(&found)))
		code = mdb_cursor_get(cursor, &found, &value, MDB_NEXT);
	mdb_cursor_close(cursor);
	if (code)
		return state_fatal(code);
	row[0] = span_of_val(&found);
	row[1] = span_of_val(&value);
	return STATE_OK;
}

int state_seek(struct state *st, enum keyspace space, struct span key, bool after, struct span row[2])
{
	MDB_val k = val_of(key);

	if (key.len == 0)
		return cursor_row(st, space, &k, MDB_FIRST, row);
	return cursor_row(st, space, &k, after ? MDB_NEXT : MDB_SET_RANGE, row);
}

int state_count(struct state *st, enum keyspace space, uint64_t *rows)
{
	MDB_stat stat;
	int code = mdb_stat(current(st), st->spaces[space], &stat);

	if (code)
		return err_fold(state_fatal(code));
	*rows = stat.ms_entries;
	return 0;
}

int state_batch_begin(struct state *st)
{
	int code;

	ASSERT(!st->in_batch);
	code = mdb_txn_begin(st->env, st->txn, 0, &st->child);
	if (code) {
		st->child = NULL;
		return err_fold(state_fatal(code));
	}
	st->in_batch = true;
	st->batch_error = 0;
	st->batch_pages = 0;
	st->batch_puts = 0;
	st->batch_deletes = 0;
	return 0;
}

/* The nested transaction is not usable after an error; without it reads show the state before the batch. */
static void batch_fail(struct state *st, int code)
{
	st->batch_error = state_fatal(code);
	if (code == MDB_TXN_FULL)
		st->pages = STATE_PAGES_HARD; /* the next batch begins with a checkpoint */
	mdb_txn_abort(TAKE(st->child));
}

void state_put(struct state *st, enum keyspace space, struct span key, struct span value)
{
	MDB_val k = val_of(key);
	MDB_val v = val_of(value);
	int code;

	ASSERT(st->in_batch);
	if (!st->child)
		return;
	code = mdb_put(st->child, st->spaces[space], &k, &v, 0);
	/* A row touches its own page and at times a new one; longer values lie in pages of their own. */
	st->batch_pages += 2 + (value.len > st->page_bytes / 2 - 64 ? value.len / st->page_bytes + 1 : 0);
	/* A leaf is not counted: a batch that forgets must be able to say so in the log. */
	st->batch_puts += space != KEYSPACE_ENTRY && space != KEYSPACE_TREE;
	if (code)
		batch_fail(st, code);
}

void state_delete(struct state *st, enum keyspace space, struct span key)
{
	MDB_val k = val_of(key);
	int code;

	ASSERT(st->in_batch);
	if (!st->child)
		return;
	code = mdb_del(st->child, st->spaces[space], &k, NULL);
	if (code == MDB_NOTFOUND)
		return;
	st->batch_pages += 2;
	st->batch_deletes++;
	if (code)
		batch_fail(st, code);
}

void state_batch_give_up(struct state *st)
{
	if (st->child)
		batch_fail(st, MDB_MAP_FULL);
}

bool state_batch_failed(const struct state *st)
{
	return st->in_batch && !st->child;
}

int state_batch_error(const struct state *st)
{
	ASSERT(st->in_batch);
	return st->batch_error < 0 ? err_pass(st->batch_error) : st->batch_error;
}

bool state_batch_fits(const struct state *st)
{
	return state_used_bytes(st) <= st->limit_bytes || st->batch_deletes > st->batch_puts;
}

bool state_near_limit(const struct state *st)
{
	return state_used_bytes(st) > st->limit_bytes / 8 * 7;
}

int state_batch_commit(struct state *st)
{
	int code;

	ASSERT(st->in_batch && st->child);
	st->in_batch = false;
	st->pages += st->batch_pages;
	code = mdb_txn_commit(TAKE(st->child));
	return code ? err_fold(state_fatal(code)) : 0;
}

void state_batch_abort(struct state *st)
{
	if (st->child)
		mdb_txn_abort(TAKE(st->child));
	st->in_batch = false;
}

int state_checkpoint(struct state *st, const struct state_mark *mark)
{
	int code;
	int r;

	ASSERT(!st->in_batch);
	code = mark_put(st, mark);
	if (code)
		mdb_txn_abort(TAKE(st->txn));
	else
		code = mdb_txn_commit(TAKE(st->txn));
	if (!code)
		st->commits++;
	/* On a full disk LMDB may see a short write, which it calls EIO. If its own meta page is in doubt,
	 * beginning anew fails. */
	r = txn_begin(st);
	if (r)
		return err_fold(r);
	if (code == EIO || state_result(code) == STATE_E_FULL)
		return STATE_E_FULL;
	if (code)
		return err_fold(state_fatal(code));
	st->mark = *mark;
	return STATE_OK;
}

int state_grow(struct state *st)
{
	int code;
	int r;

	ASSERT(!st->in_batch);
	mdb_txn_abort(TAKE(st->txn));
	st->limit_bytes += st->limit_bytes / 2 + MAP_RESERVE_BYTES;
	code = mdb_env_set_mapsize(st->env, map_size_for(st->limit_bytes));
	r = code ? state_fatal(code) : txn_begin(st);
	return r ? err_fold(r) : 0;
}

uint64_t state_pages(const struct state *st)
{
	return st->pages;
}

uint64_t state_used_bytes(const struct state *st)
{
	return st->used_bytes + (st->pages + st->batch_pages * st->in_batch) * st->page_bytes;
}

uint64_t state_commits(const struct state *st)
{
	return st->commits;
}
