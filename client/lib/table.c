/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Full sync at every commit, no options that trade it for speed: what a node promised to its partner's system
 * is on disk. Read transactions are not tied to threads (MDB_NOTLS), so that a caller's callback may start
 * another operation.
 */
#include "client/lib/table.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>

#include "base/error.h"

#define MAP_BYTES (sizeof(size_t) > 4 ? (size_t)1 << 36 : (size_t)1 << 30) /* address space, not disk */
#define READERS_MAX 512

static const char *const table_names[T_N] = { "sent",  "outbox", "items", "arrivals", "exchanges",
					      "fresh", "busy",   "named", "casus",    "of-casus" };

struct tables {
	MDB_env *env;
	MDB_dbi dbi[T_N];
};

static int error_of(int mdb)
{
	switch (mdb) {
	case 0:
		return 0;
	case MDB_MAP_FULL:
	case ENOSPC:
		return err_raise(-ENOSPC);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return err_raise(-EBADMSG);
	case MDB_READERS_FULL:
		return err_raise(-EAGAIN);
	default:
		return err_raise(mdb > 0 ? -mdb : -EIO);
	}
}

struct tables *tables_close(struct tables *t)
{
	if (t && t->env)
		mdb_env_close(t->env);
	free(t);
	return NULL;
}

static void tables_closep(struct tables **t)
{
	*t = tables_close(*t);
}

static int dbis_open(struct tables *t)
{
	struct txn txn = txn_begin(t, true);

	for (int i = 0; i < T_N && !txn.error; i++)
		txn.error = mdb_dbi_open(txn.handle, table_names[i], MDB_CREATE, &t->dbi[i]);
	return err_pass(txn_end(&txn));
}

int tables_open(const char *folder, struct tables **out)
{
	CLEANUP(tables_closep) struct tables *t = calloc(1, sizeof *t);
	int dead, r;

	if (!t)
		return err_raise(-ENOMEM);
	r = mdb_env_create(&t->env);
	if (!r)
		r = mdb_env_set_maxdbs(t->env, T_N);
	if (!r)
		r = mdb_env_set_mapsize(t->env, MAP_BYTES);
	if (!r)
		r = mdb_env_set_maxreaders(t->env, READERS_MAX);
	if (!r)
		r = mdb_env_open(t->env, folder, MDB_NOTLS, 0600);
	if (r == EACCES || r == EROFS)
		return TABLES_E_DENIED;
	if (!r)
		r = mdb_reader_check(t->env, &dead);
	r = r ? error_of(r) : dbis_open(t);
	if (r)
		return err_pass(r);
	*out = TAKE(t);
	return TABLES_OK;
}

struct txn txn_begin(struct tables *tables, bool write)
{
	struct txn t = { .tables = tables };
	MDB_txn *handle = NULL;

	t.error = mdb_txn_begin(tables->env, NULL, write ? 0 : MDB_RDONLY, &handle);
	t.handle = t.error ? NULL : handle;
	return t;
}

void txn_abort(struct txn *t)
{
	if (t->handle)
		mdb_txn_abort(t->handle);
	t->handle = NULL;
}

int txn_end(struct txn *t)
{
	if (!t->error && t->handle) {
		t->error = mdb_txn_commit(t->handle);
		t->handle = NULL;
	}
	txn_abort(t);
	return error_of(t->error);
}

static MDB_val val(struct span s)
{
	/* LMDB takes a pointer without const; it does not write through it. */
	return (MDB_val) { s.len, (void *)(uintptr_t)s.ptr };
}

bool table_get(struct txn *t, enum table table, struct span key, struct span *value)
{
	MDB_val k = val(key), v;
	int r;

	if (t->error)
		return false;
	r = mdb_get(t->handle, t->tables->dbi[table], &k, &v);
	if (!r)
		*value = span_of(v.mv_data, v.mv_size);
	else if (r != MDB_NOTFOUND)
		t->error = r;
	return !r;
}

void table_put(struct txn *t, enum table table, struct span key, struct span value)
{
	MDB_val k = val(key), v = val(value);

	if (!t->error)
		t->error = mdb_put(t->handle, t->tables->dbi[table], &k, &v, 0);
}

void table_del(struct txn *t, enum table table, struct span key)
{
	MDB_val k = val(key);
	int r;

	if (t->error)
		return;
	r = mdb_del(t->handle, t->tables->dbi[table], &k, NULL);
	if (r && r != MDB_NOTFOUND)
		t->error = r;
}

size_t table_count(struct txn *t, enum table table)
{
	MDB_stat stat = { 0 };

	if (!t->error)
		t->error = mdb_stat(t->handle, t->tables->dbi[table], &stat);
	return stat.ms_entries;
}

struct cursor *cursor_open(struct txn *t, enum table table)
{
	MDB_cursor *c = NULL;

	if (!t->error)
		t->error = mdb_cursor_open(t->handle, t->tables->dbi[table], &c);
	return t->error ? NULL : (struct cursor *)c;
}

void cursor_close(struct cursor *c)
{
	if (c)
		mdb_cursor_close((MDB_cursor *)c);
}

static bool step(struct txn *t, struct cursor *c, MDB_cursor_op op, MDB_val *k, struct span *key,
		 struct span *value)
{
	MDB_val v;
	int r;

	if (!c || t->error)
		return false;
	r = mdb_cursor_get((MDB_cursor *)c, k, &v, op);
	if (r && r != MDB_NOTFOUND)
		t->error = r;
	if (r)
		return false;
	*key = span_of(k->mv_data, k->mv_size);
	*value = span_of(v.mv_data, v.mv_size);
	return true;
}

bool cursor_from(struct txn *t, struct cursor *c, struct span from, struct span *key, struct span *value)
{
	MDB_val k = val(from);

	return step(t, c, from.len ? MDB_SET_RANGE : MDB_FIRST, &k, key, value);
}

bool cursor_next(struct txn *t, struct cursor *c, struct span *key, struct span *value)
{
	MDB_val k = { 0, NULL };

	return step(t, c, MDB_NEXT, &k, key, value);
}
