/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Exchange - what was composed goes into the outbox, from there to the house, and is done when its receipt is
 * here and checked.
 */
#include "client/lib/compose.h"
#include "client/lib/session.h"

#define EXCHANGE_MAX 256 /* messages under way in one call */

/* exchange_send() - store all durably, submit all, collect their receipts. answers: the inbox item each
 * answers, or NULL; KP_USAGE when that was answered before. */
enum kp_result exchange_send(struct kp_node *node, const struct composed *messages, size_t n,
			     const uint8_t *answers, uint32_t timeout_ms, struct kp_sent *out,
			     struct kp_error *err);
/* exchange_flush() - send what was put into the outbox before a moment, and what is held and due (0: only that). KP_OK also when some
 * were refused. */
enum kp_result exchange_flush(struct kp_node *node, uint64_t before_unix_ms, uint32_t timeout_ms,
			      struct kp_error *err);
/* exchange_hold() - wait for the moment of what was stored, at most until then. KP_OK: it is there; KP_UNREACHABLE: it leaves later. */
enum kp_result exchange_hold(struct kp_node *node, uint64_t leaves_unix_ms, uint64_t until_ms, struct kp_sent *sent,
			     struct kp_error *err);
/* exchange_held() - send what was held and is due; finds out when the next is (node->held_unix_ms). */
enum kp_result exchange_held(struct kp_node *node, uint32_t timeout_ms);
/* exchange_mandates() - put the mandates of this home's persons that were never sent into the outbox. */
enum kp_result exchange_mandates(struct kp_node *node, struct kp_error *err);
/* exchange_mandates_send() - the same, and wait until the house has taken or refused them. */
enum kp_result exchange_mandates_send(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err);
