/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Due - what time does: a deadline comes near and passes, a message is never fetched, an invitation ends, a casus closes under what
 * still waits or loses a party, a recipient never says what came of what it got.
 *
 * KEYSPACE_DUE has a row per moment: u64 unix ms || message id; of a casus with something to withdraw its id. What has to happen
 * then is read from the message's track, so a row too many does no harm. Each deadline gives one reminder to who still owes
 * something and one TERMIJN entry when it passed, with a notice to the sender, and to the voorzitter of the overleg when he is on
 * the casus.
 */
#include "convenant/casus.h"
#include "daemon/core/track.h"

MUST_CHECK int due_add(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
MUST_CHECK int due_remove(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
/* due_schedule() - all that time will do to a new message, by its kind; asked: the deadline its header names, or 0. */
MUST_CHECK int due_schedule(struct core *c, struct track *t, uint64_t asked_unix_ms);
/* due_settle() - after a recipient did what was asked of it: rows that nobody waits for go, and the track is saved. */
MUST_CHECK int due_settle(struct core *c, struct track *t);
/* due_forget() - all rows of a message that is about to go. */
MUST_CHECK int due_forget(struct core *c, const struct track *t);
MUST_CHECK int due_run(struct core *c);                          /* at most DUE_PER_ROUND; opens a batch when there is work */
MUST_CHECK int due_next(struct core *c);                         /* sets c->due_unix_ms */
/* due_withdraw_casus() - what waits in a casus for who may not have it any more: all when it closed, else who is not on it. */
MUST_CHECK int due_withdraw_casus(struct core *c, const struct casus *casus);
/* due_withdraw_item() - what waits of a message that its source took back; saves the track. */
MUST_CHECK int due_withdraw_item(struct core *c, struct track *t);
/* due_withdraw_ended() - what waits in a casus whose term is over: some of it, added to *n; *more: call again, another round. */
MUST_CHECK int due_withdraw_ended(struct core *c, struct span casus, uint32_t *n, bool *more);
