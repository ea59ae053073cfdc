/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Mandates - the mandate notes the organisations handed in, parsed and verified against the register in force.
 * A mandate that was withdrawn, or under which nobody acted for too long, keeps its note (old deliveries are verified with it) but
 * gives no right any more. Handing one in counts as acting: so its organisation wakes one that sleeps.
 */
#include "daemon/core/inside.h"

MUST_CHECK int mandates_new(struct mandates **out);
struct mandates *mandates_free(struct mandates *m);
void mandates_forget(struct mandates *m); /* after a new register, or a batch that did not become durable */

struct mandate_known {
	const struct mandate *mandate; /* good until the next mandates_ call; NULL: none known by that digest */
	bool withdrawn; /* or asleep */
};
MUST_CHECK int mandates_find(struct core *c, struct span digest, struct mandate_known *out);
/* mandates_used() - somebody acted under it now; nothing for one that was not found in this batch. */
MUST_CHECK int mandates_used(struct core *c, struct span digest);
MUST_CHECK int mandates_put(struct core *c, const struct mandate *m, struct span note, bool withdrawn);
