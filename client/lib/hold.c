/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages that wait for their moment (docs/decisions/0026): in the outbox since they were made, sent when it comes, by whoever is at
 * work on this home then.
 */
#include "base/text.h"
#include "client/lib/exchange.h"

#define HELD_AGAIN_MS 500

/* What is held is on disk already: wait for its moment as long as the caller does. false: it leaves later, with whatever call is
 * under way then. */
static bool hold_wait(struct kp_node *node, uint64_t leaves_unix_ms, uint64_t until_ms)
{
	uint64_t now;

	if (session_open(node, NULL) != KP_OK)
		return false;
	while ((now = env_unix_ms(node->env)) < leaves_unix_ms) {
		uint64_t now_ms = env_mono_ms(node->env), left = until_ms > now_ms ? until_ms - now_ms : 0;

		if (left > leaves_unix_ms - now)
			left = leaves_unix_ms - now;
		if (!left || session_round(node, NULL, 0, (uint32_t)left, NULL) < 0)
			break;
	}
	return now >= leaves_unix_ms;
}

enum kp_result exchange_hold(struct kp_node *node, uint64_t leaves_unix_ms, uint64_t until_ms, struct kp_sent *sent,
			     struct kp_error *err)
{
	char when[TIME_TEXT_SIZE];

	if (!leaves_unix_ms || hold_wait(node, leaves_unix_ms, until_ms))
		return KP_OK;
	if (!node->held_unix_ms || leaves_unix_ms < node->held_unix_ms)
		node->held_unix_ms = leaves_unix_ms;
	time_encode(leaves_unix_ms, when);
	sent->result = failure(&sent->error, KP_UNREACHABLE, "here/outbox",
			       "It leaves by itself when this node is served, else with the next call after that.",
			       "the answer is stored and leaves at %s, so that its moment tells nothing", when);
	if (err)
		*err = sent->error;
	return KP_UNREACHABLE;
}

/* Mandates go first here too: what is held may be the first that its person signed. */
static enum kp_result held_send(struct kp_node *node, uint32_t timeout_ms)
{
	(void)exchange_mandates_send(node, timeout_ms, NULL);
	return exchange_flush(node, 0, timeout_ms, NULL);
}

enum kp_result exchange_held(struct kp_node *node, uint32_t timeout_ms)
{
	uint64_t now = env_unix_ms(node->env), first = 0;
	enum kp_result k = KP_OK;

	if (node->held_unix_ms && now >= node->held_unix_ms)
		k = held_send(node, timeout_ms);
	now = env_unix_ms(node->env);
	if (state_held(node->state, &first) != STATE_OK)
		return KP_ERROR;
	node->held_unix_ms = first && first <= now ? now + HELD_AGAIN_MS : first;
	return k;
}
