/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Witnesses - the nodes' word for the log. What a node remembers of it is what nobody who holds this house can take back.
 *
 * A witness that shows a head this log does not hold, signed by this log's key, ends the work of this house: nothing is decided,
 * delivered or signed any more, also after a restart, until the state is put right. Reading goes on, or nobody could find out why.
 *
 * After a start the first new head waits until half of the known witnesses have shown what they hold, or for wait_ms at most
 * (docs/decisions/0016).
 */
#include <jansson.h>

#include "daemon/core/inside.h"

MUST_CHECK int witnesses_new(uint64_t wait_ms, struct witnesses **out);
struct witnesses *witnesses_free(struct witnesses *w);
MUST_CHECK int witnesses_start(struct core *c); /* the cards, and whether this house was halted, from the store */
MUST_CHECK int witness_decide(struct core *c, struct item *item); /* COSIGN; the outcome stands in the item */

bool witnesses_halted(const struct core *c);
bool witnesses_may_sign(struct core *c);
uint64_t witnesses_due_ms(const struct core *c); /* when the wait ends, monotonic; UINT64_MAX: it has */
MUST_CHECK int witnesses_keep(struct core *c);   /* what changed, into the open batch */
void witnesses_rolled_back(struct core *c);
MUST_CHECK int witnesses_halted_keep(struct core *c); /* a batch for what halted this house, until it is durable */

void witnesses_cards(const struct core *c, struct buffer *out); /* n * lp16: of the nodes in the register */
json_t *witnesses_json(const struct core *c);                   /* one object per witness */
json_t *witnesses_fork_json(const struct core *c);              /* what halted this house, or null */
