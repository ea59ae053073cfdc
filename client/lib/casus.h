/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Casus as the house shows it to who is on it; what it showed last is kept for decisions taken without it. */
#include "client/lib/node.h"
#include "convenant/casus.h"

/* casus_find() - from the house, or as last seen when it does not answer in time. KP_NONE: not on it, or
 * there is none. */
enum kp_result casus_find(struct kp_node *node, struct span id, uint32_t timeout_ms, struct casus *out,
			  struct kp_error *err);
