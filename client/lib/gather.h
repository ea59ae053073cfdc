/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Gather - what the house would decide with: the casus, the question that is answered, the items a message names. */
#include "client/lib/compose.h"
#include "convenant/decide.h"

struct gathered {
	struct casus casus;
	struct header request;
	struct casus_item items[MESSAGE_SOURCES_MAX];
	struct decide_input input; /* points into this struct and the arena */
};
/*
 * gather() - from the house, and where it is away from what is here
 * KP_UNREACHABLE: something the decision rests on can't be known here, so that nothing can be said.
 */
enum kp_result gather(struct kp_node *node, const struct composed *c, uint32_t timeout_ms, struct arena *arena,
		      struct gathered *out, struct kp_error *err);
