/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Follow - answers and what else follows on a message. The public functions are in knooppunt.h. */
#include "client/lib/node.h"

/* follow_leaves_unix_ms() - when an answer without content leaves: the next whole step after the question came in, never sooner
 * than now. */
uint64_t follow_leaves_unix_ms(uint64_t received_unix_ms, uint64_t now_unix_ms, uint32_t step_ms);
/*
 * follow_header() - fill what m leaves NULL from the message it follows on; KP_NONE when that is not here
 * about: what m borrows from then; kp_message_in_free() after use.
 */
enum kp_result follow_header(struct kp_node *node, const char *message_id, struct kp_message_out *m, struct kp_message_in **about,
			     struct kp_error *err);
