/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Session - questions to the house and their answers over one link, while deliveries come in between.
 *
 * session_talk() keeps any number of calls under way at once and repeats them on each new connection until
 * all are answered. What is delivered meanwhile is stored and acknowledged by inbox.c, in any function that
 * talks.
 */
#include "client/lib/node.h"

enum call_want {
	CALL_EITHER = 0,
	CALL_BOTH
}; /* BOTH: a reply follows the receipt of what was allowed (inzage) */

struct call {
	enum wire_verb verb;
	struct span body; /* borrowed until the call is done */
	enum call_want want;
	/* written here */
	uint64_t correlation, again_ms;
	bool sent, done;
	struct buffer receipt, reply;
	char trouble_code[40], trouble_text[240]; /* the house's word that it could not; "" otherwise */
};
void calls_fini(struct call *calls, size_t n);

/* KP_OK: every call is done (look at trouble_code); KP_UNREACHABLE: some are not; KP_ERROR. */
enum kp_result session_talk(struct kp_node *node, struct call *calls, size_t n, uint32_t timeout_ms,
			    struct kp_error *err);
/* session_fetch() - one FETCH; the reply's bytes are appended to out. KP_NONE: the house says NIET_BEKEND. */
enum kp_result session_fetch(struct kp_node *node, const struct fetch *what, uint32_t timeout_ms,
			     struct buffer *out, struct kp_error *err);
/* session_round() - wait at most wait_ms for something, take all that lies there. fresh: new inbox items,
 * added up. */
MUST_CHECK int session_round(struct kp_node *node, struct call *calls, size_t n, uint32_t wait_ms,
			     size_t *fresh);
enum kp_result session_open(struct kp_node *node, struct kp_error *err);
void session_close(struct kp_node *node);
/* session_unreachable() - KP_UNREACHABLE with the reason the link gives. */
enum kp_result session_unreachable(struct kp_node *node, struct kp_error *err);

/* --- inbox.c: what the session hands over --- */
MUST_CHECK int inbox_collect(struct kp_node *node,
			     struct span delivery); /* into the batch; what is not for us is logged */
bool inbox_full(const struct kp_node *node);	    /* flush before collecting more */
MUST_CHECK int inbox_flush(struct kp_node *node, size_t *fresh); /* store durably, then acknowledge */
bool inbox_ack_answered(struct kp_node *node,
			const struct wire_frame *frame); /* true: it was an acknowledgement's */
MUST_CHECK int inbox_acks_send(struct kp_node *node, uint64_t now_ms);
void inbox_acks_drop(struct kp_node *node);
size_t inbox_acks_waiting(const struct kp_node *node);
