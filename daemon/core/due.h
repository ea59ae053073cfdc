/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Due - what time does: a deadline passes, a message is never fetched, a casus closes under what still waits.
 *
 * KEYSPACE_DUE has a row per moment: u64 unix ms || message id; of a casus that closes under many messages its id. What has to
 * happen then is read from the message's track, so a row too many does no harm. Each deadline gives one TERMIJN entry and a
 * notice to the sender, once.
 */
#include "daemon/core/track.h"

MUST_CHECK int due_add(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
MUST_CHECK int due_remove(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES]);
MUST_CHECK int due_run(struct core *c);                          /* at most DUE_PER_ROUND; opens a batch when there is work */
MUST_CHECK int due_next(struct core *c);                         /* sets c->due_unix_ms */
MUST_CHECK int due_withdraw_casus(struct core *c, struct span casus); /* what waits in it: CASUS_AFGESLOTEN; begins now */
