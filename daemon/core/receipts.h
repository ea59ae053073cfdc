/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Receipts - what waits for the keeper's signature over a head that covers it, and the head itself.
 *
 * After a commit the core asks for a signature, one at a time: what is committed while one is under way goes with the next.
 * Deliveries do not wait for it; receipts and notices do, because they carry the signed checkpoint.
 *
 * Invariant (receipts_check): what waits is in the order of the effects, and its entries are in the store.
 */
#include "daemon/core/evidence.h"
#include "proto/checkpoint.h"

MUST_CHECK int receipts_new(struct receipts **out);
struct receipts *receipts_free(struct receipts *r);

/* receipts_start() - @public: body of IPC_KEEPER_PUBLIC. Refuses a keeper of another key or one that forgot what it signed,
 * and a store that is behind what the keeper signed or inconsistent with it. CORE_E_START: why says so. */
MUST_CHECK int receipts_start(struct core *c, struct span public, char why[400]);
MUST_CHECK int receipts_add(struct core *c, const struct effect *effect); /* takes over its slip */
/* receipts_ask() - a signature over what is durable now, if there is anything new, none is under way and the log holds. */
MUST_CHECK int receipts_ask(struct core *c);
/* receipts_signed() - the keeper's answer. Checked; what it covers goes out. <0: the keeper signed something else, stop. */
MUST_CHECK int receipts_signed(struct core *c, uint64_t size, struct span note);
/* receipts_flush() - what the newest head covers goes out: receipts of entries made long ago. */
MUST_CHECK int receipts_flush(struct core *c);
/* receipts_keep() - the newest head into the open batch, in place of the one before of that day (the last of each day stays). */
MUST_CHECK int receipts_keep(struct core *c);
/* receipts_print() - the tlog-proof text of an entry, at the head with the most cosignatures that covers it, else at the newest.
 * RECEIPTS_E_UNSIGNED: no head covers it yet. */
enum { RECEIPTS_OK = 0, RECEIPTS_E_UNSIGNED = 1 };
MUST_CHECK int receipts_print(struct core *c, const struct slip *slip, struct buffer *out);
struct span receipts_head(const struct core *c, uint64_t *size); /* the newest checkpoint, with the cosignatures it has; SPAN_NONE at first */
const struct note_key *receipts_key(const struct core *c);
bool receipts_waiting(const struct core *c);
bool receipts_check(const struct core *c);
