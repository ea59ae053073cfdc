/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the state_*.c share: the struct and the records. See state.c for the tables. */
#include "base/slots.h"
#include "client/lib/state.h"
#include "client/lib/table.h"

#define PLACE_BYTES 8

struct state {
	struct tables *tables;
	struct slots *slots;
	bool key_made; /* in the open transaction */
	int process_fd, serve_fd;
	char *folder;
};

/* A record as it lies in its table: its texts are sealed, and the spans for them in m are empty. */
struct stored_sent {
	struct sent m;
	uint64_t place;
	struct span sealed;
};
struct stored_item {
	struct item m;
	uint64_t place;
	struct span sealed;
};
bool sent_record_read(struct span bytes, struct stored_sent *out);
bool item_record_read(struct span bytes, struct stored_item *out);
bool sent_get(struct txn *t, const uint8_t id[ID_BYTES], struct stored_sent *out);
bool item_get(struct txn *t, const uint8_t id[ID_BYTES], struct stored_item *out);
void item_put(struct txn *t, const struct stored_item *m);
void fresh_key(enum message_kind kind, uint64_t place, uint8_t out[1 + PLACE_BYTES]);

/* --- state_marks.c --- */
void mark_taken(struct txn *t, const struct item *item); /* what an item that is taken says of another */
void mark_wiped(struct txn *t, const uint8_t id[ID_BYTES]);
void marks_forget(struct txn *t, const uint8_t id[ID_BYTES]);

/* --- state_keys.c --- */
enum tail { TAIL_SENT = 's', TAIL_ITEM = 'i', TAIL_VIEW = 'v' };
/* What is sealed, and to what it is bound. */
struct tail_of {
	enum tail what;
	const uint8_t *casus, *id;
};
/* tail_seal() - two texts into one sealed tail; the casus gets its key when it has none. Sticky, as all of a transaction. */
void tail_seal(struct state *s, struct txn *t, struct tail_of of, struct span a, struct span b, struct buffer *out);
/* tail_open() - both, in the arena. false: its key was destroyed meanwhile, or t->error. */
bool tail_open(struct state *s, struct txn *t, struct tail_of of, struct span sealed, struct arena *arena, struct span out[2]);
/* state_end() - txn_end() of what may have made keys: they are on disk before it. */
MUST_CHECK int state_end(struct state *s, struct txn *t);
void casus_holds(struct txn *t, struct tail_of of); /* this message is of that casus */
/* keys_open() - at the opening, inside a transaction; fresh: there is no state yet. STATE_OK; STATE_E_KEYS; STATE_E_DENIED. */
MUST_CHECK int keys_open(struct state *s, struct txn *t, bool fresh);
MUST_CHECK int keys_sweep(struct state *s); /* overwrites what ended, and what nothing names */

/* The row of a casus. */
struct casus_row {
	bool ended;
	uint8_t key_id[ID_BYTES];
	uint64_t place, expires_unix_ms, gone_unix_ms, ended_unix_ms;
	uint32_t n_messages;
	struct span view; /* sealed */
};
bool casus_row_get(struct txn *t, const uint8_t casus[ID_BYTES], struct casus_row *out);
bool casus_row_read(struct span bytes, struct casus_row *out);
void casus_row_put(struct txn *t, const uint8_t casus[ID_BYTES], const struct casus_row *row);
