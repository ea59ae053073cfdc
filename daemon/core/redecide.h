/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Redecide - the decisions of the log taken again from what each rested on, a few at a time: the last third of a self-proof.
 *
 * A decision that does not agree is said, counted and named, and stops nothing: the log is what was signed, and what a decision
 * means is for people. It is found again in each pass, as long as what it rested on is kept.
 */
#include "daemon/core/inside.h"

struct redecide;
/* redecide_new() - the last pass is what the store remembers of it. */
MUST_CHECK int redecide_new(struct core *c, struct redecide **out);
struct redecide *redecide_free(struct redecide *d);
void redecide_begin(struct redecide *d);                       /* a pass */
/* redecide_piece() - *done: that was the last of the pass, and is kept in the open batch. */
MUST_CHECK int redecide_piece(struct core *c, struct redecide *d, bool *done);

struct redecide_state {
	uint64_t agreed, odd, done_unix_ms; /* of the last whole pass; 0: never */
	const char *fault;                  /* the first of the pass under way, or of the last, that does not agree; "" */
};
void redecide_state(const struct redecide *d, struct redecide_state *out);
