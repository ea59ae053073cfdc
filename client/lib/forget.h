/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Forget - when a casus ends at the house, what this node holds of it goes too.
 *
 * By the clock: what the house last said of its end. By asking: a casus that the house shows no more has ended there, or this node
 * is no longer on it; what was not handled yet stays another week then, because it may be what tells so.
 */
#include "client/lib/node.h"

/* forget_ended() - by the clock, here and now. 0, <0 fatal. */
MUST_CHECK int forget_ended(struct kp_node *node);
/* forget_turn() - the same, and asks the house: at once, or only when that was long ago. Trouble is left for the next time. */
void forget_turn(struct kp_node *node, uint32_t timeout_ms, bool at_once);
