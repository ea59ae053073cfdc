/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Self-proof - the log checks itself, all of it, again and again: each entry against its leaf, each node against its children, each
 * kept head against its signature and the tree, each decision against what it rested on (redecide.h). A little at a time, when there
 * is nothing else to do, and once a second when there is never nothing.
 *
 * A fault of the log stops the signing: receipts stay away, the status says which entry, and the next start refuses until a check of the
 * whole log finds none.
 */
#include "daemon/core/redecide.h"

MUST_CHECK int selfproof_new(struct selfproof **out);
struct selfproof *selfproof_free(struct selfproof *p);
/* selfproof_start() - what the last pass said. CORE_E_START: it found a fault, and it is still there; why names it. */
MUST_CHECK int selfproof_start(struct core *c, char why[400]);
/* selfproof_step() - the next piece, when it is time and no batch is open; may open one. */
MUST_CHECK int selfproof_step(struct core *c);
uint64_t selfproof_due_ms(const struct core *c); /* monotonic */
bool selfproof_broken(const struct core *c);     /* nothing is to be signed */

struct selfproof_state {
	const char *state;      /* "bezig" a pass is under way, "heel" the last one found nothing, "gebroken" */
	uint64_t position, size;/* of the pass under way, or of the last */
	uint64_t checked_unix_ms, checked_entries; /* end of the last whole pass that found nothing; 0: never */
	const char *fault;      /* "" or what is wrong */
	struct redecide_state decisions;
};
void selfproof_state(const struct core *c, struct selfproof_state *out);
