/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Tables - the few things state.c needs of LMDB: an environment of named tables, transactions with a sticky
 * error, cursors.
 *
 * A transaction is begun, used without looking, and ended; txn_end() reports the first step that failed.
 * Values that were read point into LMDB's memory until the transaction ends or writes.
 */
#include "base/span.h"

enum table { T_SENT, T_OUTBOX, T_ITEMS, T_ARRIVALS, T_EXCHANGES, T_FRESH, T_BUSY, T_NAMED, T_CASUS, T_OF_CASUS, T_N };

struct tables;
struct cursor;

struct txn {
	struct tables *tables;
	void *handle;
	int error; /* LMDB's or errno's; 0 */
};

enum { TABLES_OK = 0, TABLES_E_DENIED = 1 };
/* tables_open() - the environment in this folder; clears what readers of dead processes left. */
MUST_CHECK int tables_open(const char *folder, struct tables **out);
struct tables *tables_close(struct tables *t);

struct txn txn_begin(struct tables *tables, bool write);
void txn_abort(struct txn *t);
MUST_CHECK int txn_end(struct txn *t); /* commits, durably; 0 or <0 fatal */

bool table_get(struct txn *t, enum table table, struct span key, struct span *value);
void table_put(struct txn *t, enum table table, struct span key, struct span value);
void table_del(struct txn *t, enum table table, struct span key);
size_t table_count(struct txn *t, enum table table);

struct cursor *cursor_open(struct txn *t, enum table table);
void cursor_close(struct cursor *c); /* before its transaction ends; accepts NULL */
/* cursor_from() - the first pair whose key is not below key; cursor_next() - the one after. false at the end
 * or after an error. */
bool cursor_from(struct txn *t, struct cursor *c, struct span from, struct span *key, struct span *value);
bool cursor_next(struct txn *t, struct cursor *c, struct span *key, struct span *value);
