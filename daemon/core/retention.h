/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Retention - which key seals what, until when it is kept, and its end.
 *
 *   the casus    how it stands, its messages, what waits: from its first processing, for the term of the kader; shorter when it was
 *                not taken up or ended in advice. Then all of it goes, its key first of all: VERNIETIGD
 *   its log      the records of its entries: under a key of their own, for the term "logregel" after that
 *   the month    records that belong to no casus: for "logregel" after the month
 *
 * What ends is found by the clock (KEYSPACE_END); whether it does is read from the casus and the kader in force, so that a row too
 * many does no harm.
 */
#include "convenant/casus.h"
#include "daemon/core/evidence.h"

#define TERM_DAYS_NOT_TAKEN_UP 30 /* at most; core_options.not_taken_up_ms */

/* retention_open() - the keys of a new casus; out: the first, for what waits and how it stands. */
MUST_CHECK int retention_open(struct core *c, struct span casus, struct data_key *out);
/* retention_key(), retention_log_key() - of a casus that has one, else of the house and the month, made when it is the first of it. */
MUST_CHECK int retention_key(struct core *c, struct span casus, struct data_key *out);
MUST_CHECK int retention_log_key(struct core *c, struct span casus, struct data_key *out);

/* retention_watch() - the casus changed. */
MUST_CHECK int retention_watch(struct core *c, const struct casus *casus);
/* retention_until() - when a living casus ends; 0: unknown. */
MUST_CHECK int retention_until(struct core *c, struct span casus, uint64_t *unix_ms);
/* retention_keep_message() - one that goes with its casus. */
MUST_CHECK int retention_keep_message(struct core *c, struct span casus, const uint8_t message_id[ID_BYTES]);

MUST_CHECK int retention_run(struct core *c);  /* what has ended, bounded; opens a batch when there is work */
MUST_CHECK int retention_next(struct core *c); /* sets c->end_unix_ms */
