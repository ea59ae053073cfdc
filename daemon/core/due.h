/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Due - what time does: a deadline passes, a message is never fetched, a casus closes under what still waits, or loses a party.
 *
 * KEYSPACE_DUE has a row per moment: u64 unix ms || message id; of a casus with more to withdraw its id. What has to
 * happen then is read from the message's track, so a row too many does no harm. Each deadline gives one TERMIJN entry and a
 * notice to the sender, once.
 */
#include "convenant/casus.h"
#include "daemon/core/track.h"

MUST_CHECK int due_add(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
MUST_CHECK int due_remove(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
MUST_CHECK int due_run(struct core *c);                          /* at most DUE_PER_ROUND; opens a batch when there is work */
MUST_CHECK int due_next(struct core *c);                         /* sets c->due_unix_ms */
/* due_withdraw_casus() - what waits in a casus for who may not have it any more: all when it closed, else who is not in its circle. */
MUST_CHECK int due_withdraw_casus(struct core *c, const struct casus *casus);
/* due_withdraw_ended() - what waits in a casus whose term is over: some of it, added to *n; *more: call again, another round. */
MUST_CHECK int due_withdraw_ended(struct core *c, struct span casus, uint32_t *n, bool *more);
