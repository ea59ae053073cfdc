/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Queue - the inbox of each hoedanigheid, and the sealed envelopes that wait in them.
 *
 * An envelope is kept once, under its casus key, until the last recipient acknowledged it or it was withdrawn. Which messages of
 * a casus wait is found by the rows casus id || message id in KEYSPACE_KEY_OF: random ids only.
 */
#include "daemon/core/track.h"

/* queue_add() - for every recipient of the track: fills in sequences and queued; stores the envelope. */
MUST_CHECK int queue_add(struct core *c, struct track *t, const struct data_key *key, struct span envelope, struct span mandate);
/* queue_settle() - one recipient is done with it; deletes the envelope after the last. The caller saves the track. */
MUST_CHECK int queue_settle(struct core *c, struct track *t, struct track_recipient *v);
/* queue_next() - the first message of an inbox with a sequence >= *sequence. QUEUE_E_END when there is none. */
enum { QUEUE_OK = 0, QUEUE_E_END = 1, QUEUE_E_GONE };
MUST_CHECK int queue_next(struct core *c, const char *hoedanigheid, uint64_t *sequence, uint8_t message_id[ID_BYTES]);
/* queue_read() - appends the encoded Delivery. QUEUE_E_GONE: it was settled, or its casus is gone. */
MUST_CHECK int queue_read(struct core *c, const uint8_t message_id[ID_BYTES], struct buffer *delivery);
/* queue_figures() - how many wait for a hoedanigheid, and since when the first of them. */
MUST_CHECK int queue_figures(struct core *c, const char *hoedanigheid, uint64_t *n, uint64_t *oldest_unix_ms);
/* queue_of_casus() - the next waiting message of a casus; QUEUE_E_END after the last. */
MUST_CHECK int queue_of_casus(struct core *c, struct span casus, struct store_cursor *cursor, bool first, struct span *message_id);
