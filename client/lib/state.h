/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * State - what a node must not lose: what it sent and has no receipt for, what it received, what it knows of
 * the house. One LMDB environment per home; each function that changes something is one transaction, on disk
 * when it returns.
 *
 * Sent:   WAITING ──receipt──▶ ACCEPTED | REFUSED             an id is sent once and keeps its bytes
 * Inbox:  NEW ──claim──▶ HANDLING ──▶ DONE | INTERRUPTED      an id is taken once. Back to NEW goes
 *         only what is INTERRUPTED, on a person's word.
 *
 * What came and went is sealed, under one key for each casus, which lies in a file of its own (state/casus.slots, base/slots.h).
 * When a casus ends its rows and that key go: what LMDB's free pages still hold opens for nobody.
 *
 * Threads:   one at a time per struct state; none may be used after fork().
 * Processes: any number; within one process one struct state per folder. A process that dies leaves nothing
 *            behind but its last whole step.
 * Blocks:    on the disk, and while another process is in the middle of a step.
 * Invariants (state_check): 1. outbox = sent items WAITING; 2. fresh = inbox items NEW; 3. busy = inbox items
 * HANDLING; 4. every arrival and every place in an exchange names an item, and the other way round; 5. every
 * message opens under the key of its casus, and is among what that casus has.
 */
#include "base/arena.h"
#include "base/env.h"
#include "knooppunt/knooppunt.h"
#include "proto/message.h"

struct state;

enum {
	STATE_OK = 0,
	STATE_E_ABSENT = 1,
	STATE_E_BUSY,
	STATE_E_DENIED,
	STATE_E_EXISTS,
	STATE_E_VERSION,
	STATE_E_MOVE,
	STATE_E_KEYS
};

/*
 * state_open() - makes the folder's environment when there is none
 * Return: STATE_OK; STATE_E_BUSY, this process has it open already; STATE_E_DENIED; STATE_E_VERSION, written
 * by another version of this library; STATE_E_KEYS, the file of its keys is not there or is broken; <0 fatal.
 */
MUST_CHECK int state_open(const char *folder, struct state **out);
struct state *state_close(struct state *s);
void state_closep(struct state **s);
/* state_check() - true when the invariants hold; reads everything. */
MUST_CHECK int state_check(struct state *s, bool *sound);

/* --- sent --- */
enum sent_state { SENT_WAITING = 0, SENT_ACCEPTED, SENT_REFUSED };
struct sent {
	uint8_t id[ID_BYTES];
	enum sent_state state;
	enum message_kind kind;
	uint64_t leaves_unix_ms;       /* when it was made; when held: not before then */
	uint64_t index;
	uint8_t answers[ID_BYTES];     /* the inbox item this answers, all zero when none */
	uint8_t casus[ID_BYTES];       /* all zero when it is about none */
	bool withheld;		       /* the answer was GEEN_MEDEDELING: known here and nowhere else */
	bool held;		       /* it waits for its moment, docs/decisions/0026 */
	struct span envelope, receipt; /* receipt empty while WAITING */
};
/*
 * state_send() - put messages into the outbox, all or none; the items they answer become DONE in the same
 * step. Return: STATE_OK; STATE_E_EXISTS, one of the ids was sent before, or STATE_E_MOVE, one of the items is DONE
 * already: nothing changed; <0 fatal.
 */
MUST_CHECK int state_send(struct state *s, const struct sent *items, size_t n);
/*
 * state_receipt() - the house's receipt for a message; takes it out of the outbox
 * An answer that was refused makes its item INTERRUPTED: a person must look.
 * Return: STATE_OK, also when it was settled before (nothing changes then); STATE_E_ABSENT; <0 fatal.
 */
MUST_CHECK int state_receipt(struct state *s, const uint8_t id[ID_BYTES], enum sent_state outcome,
			     uint64_t index, struct span receipt);
MUST_CHECK int state_sent(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct sent *out);
struct outbox_due {
	uint64_t made_before_unix_ms; /* of those that are not held; 0: only the held ones */
	uint64_t now_unix_ms;	      /* held ones whose moment has come, or lies so far ahead that a clock was wrong */
};
/* state_outbox() - the oldest waiting ones that are due, at most max, in order. out holds max. */
MUST_CHECK int state_outbox(struct state *s, const struct outbox_due *due, size_t max, struct arena *arena,
			    struct sent *out, size_t *n);
/* state_held() - the first moment at which a held one leaves; 0: none is held. */
MUST_CHECK int state_held(struct state *s, uint64_t *first_unix_ms);

/* --- inbox --- */
struct item {
	uint8_t id[ID_BYTES], exchange[ID_BYTES], casus[ID_BYTES];
	enum message_kind kind;
	enum kp_item_state state;
	uint64_t received_unix_ms, index;
	struct span envelope, mandate;
	uint8_t in_reply_to[ID_BYTES]; /* read by state_take() only; all zero when none */
};
/* state_take() - store deliveries in one step; fresh[i] tells whether items[i] was not there before. A correctie marks what it
 * corrects (MARK_CORRECTED) in that step. */
MUST_CHECK int state_take(struct state *s, const struct item *items, size_t n, bool *fresh);
MUST_CHECK int state_item(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct item *out);
/*
 * state_items() - ids of items in order of arrival, a page at a time
 * @exchange: NULL for all, else 16 bytes
 * @cursor:   starts at 0; where the next page begins
 */
MUST_CHECK int state_items(struct state *s, const uint8_t *exchange, uint64_t *cursor,
			   uint8_t (*ids)[ID_BYTES], size_t max, size_t *n);
/* state_claim() - the oldest NEW item of the kind becomes HANDLING. STATE_OK; STATE_E_ABSENT; <0 fatal. */
MUST_CHECK int state_claim(struct state *s, enum message_kind kind, uint8_t id[ID_BYTES]);
/* state_item_set() - STATE_OK; STATE_E_ABSENT; STATE_E_MOVE: to NEW goes only what is INTERRUPTED; <0 fatal.
 */
MUST_CHECK int state_item_set(struct state *s, const uint8_t id[ID_BYTES], enum kp_item_state to);
/* state_interrupt() - every HANDLING item becomes INTERRUPTED: for who alone holds the serve lock. */
MUST_CHECK int state_interrupt(struct state *s, size_t *n);

/* --- marks on an item, by its id --- */
#define MARK_CORRECTED "corrected" /* id of the newest correctie that names it */
#define MARK_WIPED "wiped"	   /* its envelope is one of this node, without content */
#define MARK_REMINDED "reminded"   /* the house reminded of it */
#define MARK_TOLD "told"	   /* its source was told what came of it */
/* state_mark() - STATE_OK, value copied; STATE_E_ABSENT; <0 fatal. state_mark_set() overwrites. */
MUST_CHECK int state_mark(struct state *s, const char *mark, const uint8_t id[ID_BYTES], struct arena *arena, struct span *value);
MUST_CHECK int state_mark_set(struct state *s, const char *mark, const uint8_t id[ID_BYTES], struct span value);
/* state_wipe() - another envelope takes the place of an item's, and the item is marked. STATE_OK; STATE_E_ABSENT; <0 fatal. */
MUST_CHECK int state_wipe(struct state *s, const uint8_t id[ID_BYTES], struct span envelope);

/* --- casussen --- */
struct state_casus {
	uint8_t id[ID_BYTES];
	uint64_t expires_unix_ms;  /* as the house last said; 0: it did not */
	uint64_t gone_unix_ms;	   /* since when the house shows it no more; 0: it does, as far as is known */
	uint64_t ended_unix_ms;	   /* when what was held of it was destroyed; 0: it is held */
	uint32_t n_messages;	   /* held; of one that ended: destroyed */
	bool waiting, unread;	   /* some of it is in the outbox; has not been handled */
};
/* state_casussen() - a page of them; *from starts all zero and says where the next page begins. */
MUST_CHECK int state_casussen(struct state *s, uint8_t from[ID_BYTES], struct state_casus *out, size_t max, size_t *n);
/* What the house showed last. state_view(): STATE_OK, copied; STATE_E_ABSENT. A casus of which nothing is held yet is held then. */
MUST_CHECK int state_view(struct state *s, const uint8_t casus[ID_BYTES], struct arena *arena, struct span *view);
MUST_CHECK int state_view_set(struct state *s, const uint8_t casus[ID_BYTES], struct span view, uint64_t expires_unix_ms);
/* state_casus_said() - what the house says of one that is held: until when, or (0) that it shows it no more. STATE_E_ABSENT. */
MUST_CHECK int state_casus_said(struct state *s, const uint8_t casus[ID_BYTES], uint64_t expires_unix_ms, uint64_t now_unix_ms);
/* state_casus_end() - all that is held of it goes, then its key. STATE_OK; STATE_E_ABSENT, none of it is held; <0 fatal: the
 * next opening of the state finishes it. */
MUST_CHECK int state_casus_end(struct state *s, const uint8_t casus[ID_BYTES], uint64_t now_unix_ms);

/* --- the rest --- */
MUST_CHECK int state_counts(struct state *s, size_t *outbox, size_t *fresh);
/* Named values: "checkpoint", "mandate:<hex>" ... state_get() copies into the arena. */
MUST_CHECK int state_get(struct state *s, const char *name, struct arena *arena, struct span *value);
MUST_CHECK int state_put(struct state *s, const char *name, struct span value);
/* state_swap() - the same, but only where the value still is what the caller read (empty: absent). An empty value removes it.
 * STATE_OK; STATE_E_MOVE: another process was first, nothing changed; <0 fatal. */
MUST_CHECK int state_swap(struct state *s, const char *name, struct span before, struct span value);
/* state_serve_lock() - held until state_close(). STATE_OK, also when held already; STATE_E_BUSY: another
 * process has it. */
MUST_CHECK int state_serve_lock(struct state *s);
