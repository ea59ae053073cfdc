/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Receiving: form checked, stored durably, then acknowledged, never the other way round. An acknowledgement
 * that gets lost costs a second delivery, which is recognised by its id and acknowledged again; so
 * acknowledgements live in memory only.
 *
 * Who signed is not checked here but when the message is opened: a newer register may be needed for it, and a
 * delivery that was refused here would come back for ever.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "client/lib/compose.h"
#include "client/lib/exchange.h"
#include "client/lib/forget.h"
#include "client/lib/open.h"
#include "client/lib/session.h"
#include "client/lib/witness.h"

#define RECEIVE_WINDOW NODE_BATCH_MAX
#define BATCH_ARENA_BYTES (96u << 20) /* a limit, not a size: 64 deliveries of the largest kind */
#define BATCH_FLUSH_BYTES (16u << 20)
#define ACK_AGAIN_MS 500
#define OUTBOX_OLD_MS 60000
#define FORGET_MS 3600000u
#define RULES_FETCH_MS 5000
#define TURN_PAUSE_MS 1000
#define TURN_LATEST_MS 3600000u /* a quiet log: to give a cosignature anew when it has become old */
#define PAGE 64

/* Form only, as the house should have checked it. Return: 0, 1 when it can't be taken, <0 fatal. */
static int delivery_read(struct kp_node *node, const struct delivery *d, struct item *item,
			 const char **for_whom)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(NODE_MESSAGE_BYTES);
	const char *why = "";
	struct envelope e;
	struct message m;
	int kind;

	if (!arena)
		return err_raise(-ENOMEM);
	if (envelope_decode(d->envelope, arena, &e) != ENVELOPE_OK)
		return 1;
	kind = message_kind_of_type(e.type);
	if (kind <= 0 || message_decode((enum message_kind)kind, e.payload, arena, &m, &why) != MESSAGE_OK)
		return 1;
	memcpy(item->id, m.header.message_id.ptr, ID_BYTES);
	memcpy(item->exchange, m.header.exchange_id.ptr, ID_BYTES);
	if (m.header.in_reply_to.len == ID_BYTES)
		memcpy(item->in_reply_to, m.header.in_reply_to.ptr, ID_BYTES);
	if (m.header.casus.len == ID_BYTES)
		memcpy(item->casus, m.header.casus.ptr, ID_BYTES);
	item->kind = (enum message_kind)kind;
	for (size_t i = 0; i < node->home.hoedanigheden.n; i++)
		if (text_list_has(&m.header.recipients, node->home.hoedanigheden.v[i])) {
			*for_whom = node->home.hoedanigheden.v[i];
			return 0;
		}
	return 1;
}

int inbox_collect(struct kp_node *node, struct span bytes)
{
	struct item *item = &node->batch[node->n_batch];
	struct delivery d;
	int r;

	if (!node->batch_arena)
		node->batch_arena = arena_new(BATCH_ARENA_BYTES);
	if (!node->batch_arena)
		return err_raise(-ENOMEM);
	r = delivery_decode(bytes, node->batch_arena, &d);
	if (r < 0)
		return err_pass(r);
	memset(item, 0, sizeof *item);
	if (r == WIRE_OK)
		r = delivery_read(node, &d, item, &node->batch_for[node->n_batch]);
	if (r < 0)
		return err_pass(r);
	if (r) {
		log_warn("delivery-malformed", "bytes=%zu", bytes.len);
		return 0;
	}
	item->received_unix_ms = env_unix_ms(node->env);
	item->index = d.index;
	item->envelope = d.envelope;
	item->mandate = d.mandate;
	node->n_batch++;
	return 0;
}

bool inbox_full(const struct kp_node *node)
{
	return node->n_batch == NODE_BATCH_MAX ||
	       (node->n_batch && arena_used(node->batch_arena) > BATCH_FLUSH_BYTES);
}

static int ack_send(struct kp_node *node, struct ack *a)
{
	int r;

	a->correlation = link_correlation(node->link);
	r = link_send(node->link, WIRE_SUBMIT, a->correlation, buffer_span(&a->envelope));
	if (r < 0)
		return err_pass(r);
	a->again_ms = r == LINK_OK ? 0 : env_mono_ms(node->env) + ACK_AGAIN_MS;
	return 0;
}

static struct ack *ack_slot(struct kp_node *node)
{
	for (size_t i = 0; i < NODE_ACKS_MAX; i++)
		if (!node->acks[i].envelope.len)
			return &node->acks[i];
	return NULL; /* the house delivers these again, and then there is room */
}

/* One acknowledgement for all messages of the batch that were for this hoedanigheid. */
static int ack_make(struct kp_node *node, const char *as)
{
	struct ack *a = ack_slot(node);
	uint8_t ids[NODE_BATCH_MAX][ID_BYTES];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < node->n_batch; i++)
		if (node->batch_for[i] == as)
			memcpy(ids[n++], node->batch[i].id, ID_BYTES);
	if (!n || !a || !node->link)
		return 0;
	r = compose_ack(node, as, (const uint8_t(*)[ID_BYTES])ids, n, &a->envelope);
	return r ? err_pass(r) : err_pass(ack_send(node, a));
}

int inbox_flush(struct kp_node *node, size_t *fresh)
{
	bool is_fresh[NODE_BATCH_MAX];
	int r;

	if (!node->n_batch)
		return 0;
	r = state_take(node->state, node->batch, node->n_batch, is_fresh);
	for (size_t i = 0; !r && i < node->home.hoedanigheden.n; i++)
		r = ack_make(node, node->home.hoedanigheden.v[i]);
	for (size_t i = 0; !r && fresh && i < node->n_batch; i++)
		*fresh += is_fresh[i];
	node->n_batch = 0;
	arena_reset(node->batch_arena);
	return r ? err_fold(r) : 0;
}

static void ack_drop(struct ack *a)
{
	buffer_fini(&a->envelope);
	memset(a, 0, sizeof *a);
}

bool inbox_ack_answered(struct kp_node *node, const struct wire_frame *frame)
{
	for (size_t i = 0; i < NODE_ACKS_MAX; i++) {
		struct ack *a = &node->acks[i];

		if (!a->envelope.len || a->again_ms || a->correlation != frame->correlation)
			continue;
		if (frame->verb == WIRE_TROUBLE)
			a->again_ms = env_mono_ms(node->env) + ACK_AGAIN_MS;
		else
			ack_drop(a);
		return true;
	}
	return false;
}

int inbox_acks_send(struct kp_node *node, uint64_t now_ms)
{
	for (size_t i = 0; i < NODE_ACKS_MAX; i++) {
		struct ack *a = &node->acks[i];

		if (a->envelope.len && a->again_ms && now_ms >= a->again_ms) {
			int r = ack_send(node, a);

			if (r)
				return err_pass(r);
		}
	}
	return 0;
}

void inbox_acks_drop(struct kp_node *node)
{
	for (size_t i = 0; i < NODE_ACKS_MAX; i++)
		ack_drop(&node->acks[i]);
}

size_t inbox_acks_waiting(const struct kp_node *node)
{
	size_t n = 0;

	for (size_t i = 0; i < NODE_ACKS_MAX; i++)
		n += node->acks[i].envelope.len != 0;
	return n;
}

/* --- public --- */

static bool turn_due(const struct kp_node *node)
{
	uint64_t since = env_mono_ms(node->env) - node->witness.turned_ms;

	if (!node->witness.greeted || since >= TURN_LATEST_MS)
		return true;
	return (node->witness.due || node->witness.heard.len) && since >= TURN_PAUSE_MS;
}

/* What a node that listens does on the way: witness the log, newer rules, and what an earlier process could not send. Only a fork
 * ends the listening. */
static enum kp_result housekeeping(struct kp_node *node, struct kp_error *err)
{
	uint64_t now = env_unix_ms(node->env);

	if (!link_is_up(node->link))
		return KP_OK;
	if (turn_due(node) && checkpoint_turn(node, RULES_FETCH_MS, NULL, err) == KP_UNVERIFIED)
		return KP_UNVERIFIED;
	if (!node->witness.greeted)
		return KP_OK; /* no credit for a house that did not prove its log */
	if (link_credit(node->link, RECEIVE_WINDOW) < 0)
		return fail_fatal(err, "here/receive", -EIO);
	if (node->rules_stale || !node->rules.registry)
		(void)rules_sync(node, RULES_FETCH_MS,
				 NULL); /* opening says so when they are really missing */
	if (now - node->outbox_at_unix_ms >= OUTBOX_OLD_MS) {
		node->outbox_at_unix_ms = now;
		(void)exchange_flush(node, now - OUTBOX_OLD_MS, RULES_FETCH_MS, NULL);
		(void)exchange_held(node, RULES_FETCH_MS);
	} else if (node->held_unix_ms && now >= node->held_unix_ms) {
		(void)exchange_held(node, RULES_FETCH_MS);
	}
	if (witness_stopped(node, err))
		return KP_UNVERIFIED;
	if (now - node->forgot_unix_ms >= FORGET_MS) {
		node->forgot_unix_ms = now;
		forget_turn(node, RULES_FETCH_MS, false);
	}
	return KP_OK;
}

/* How long a round may wait: until the caller's time is over, or a held message is due. */
static uint32_t round_ms(const struct kp_node *node, uint64_t now_ms, uint64_t until_ms)
{
	uint64_t left = until_ms > now_ms ? until_ms - now_ms : 0, now = env_unix_ms(node->env), held;

	if (!node->held_unix_ms)
		return (uint32_t)left;
	held = node->held_unix_ms > now ? node->held_unix_ms - now : 0;
	return (uint32_t)(held < left ? held : left);
}

enum kp_result kp_receive(kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	uint64_t now = env_mono_ms(node->env), until_ms = now + timeout_ms;
	size_t fresh = 0;
	enum kp_result k = session_open(node, err);

	if (k)
		return k;
	node->fresh_aside = 0;
	for (;;) {
		int r = session_round(node, NULL, 0, round_ms(node, now, until_ms), &fresh);

		if (r < 0)
			return fail_fatal(err, "here/receive", r);
		k = housekeeping(node, err);
		if (k)
			return k;
		if (fresh || node->fresh_aside)
			return KP_OK;
		now = env_mono_ms(node->env);
		if (node->refused || (now >= until_ms && !link_is_up(node->link)))
			return session_unreachable(node, err);
		if (now >= until_ms)
			return failure(err, KP_NONE, "house/receive", "", "nothing new arrived");
	}
}

enum kp_result kp_inbox(kp_node *node, const char *exchange, kp_each *each, void *ctx, struct kp_error *err)
{
	uint8_t want[ID_BYTES], ids[PAGE][ID_BYTES];
	uint64_t cursor = 0;
	size_t n;
	enum kp_result k = exchange ? node_id(exchange, "exchange", want, err) : KP_OK;

	if (k || !each)
		return k ? k : fail_usage(err, "there is nothing to call for each message");
	for (;;) {
		int r = state_items(node->state, exchange ? want : NULL, &cursor, ids, PAGE, &n);

		if (r)
			return fail_fatal(err, "here/inbox", r);
		for (size_t i = 0; i < n; i++) {
			struct kp_message_in *m;
			bool more;

			k = open_stored(node, ids[i], false, &m, err);
			if (k)
				return k;
			more = each(ctx, m);
			kp_message_in_free(m);
			if (!more)
				return KP_OK;
		}
		if (n < PAGE)
			return KP_OK;
	}
}

enum kp_result kp_serve_lock(kp_node *node, struct kp_error *err)
{
	size_t n = 0;
	int r = state_serve_lock(node->state);

	if (r == STATE_E_BUSY)
		return failure(err, KP_ERROR, "here/serve", "Stop the other one, or let it do the work.",
			       "another process already serves %s", node->home.path);
	if (!r && !node->serving)
		r = state_interrupt(node->state, &n);
	if (r)
		return r < 0 ? fail_fatal(err, "here/serve", r)
			     : failure(err, KP_ERROR, "here/serve", "",
				       "the serve lock of %s can not be taken", node->home.path);
	node->serving = true;
	if (n)
		log_warn("items-interrupted", "n=%zu", n);
	return KP_OK;
}

enum kp_result kp_claim(kp_node *node, const char *kind, struct kp_message_in **out, struct kp_error *err)
{
	int wanted = message_kind_find(kind ? kind : "verzoek"), r;
	uint8_t id[ID_BYTES];
	enum kp_result k;

	if (wanted <= 0 || !out)
		return fail_usage(err, "kind \"%s\" is no kind of message", kind ? kind : "");
	k = kp_serve_lock(node, err);
	if (k)
		return k;
	r = state_claim(node->state, (enum message_kind)wanted, id);
	if (r == STATE_E_ABSENT)
		return failure(err, KP_NONE, "here/inbox", "", "nothing of this kind waits");
	if (r)
		return fail_fatal(err, "here/inbox", r);
	k = open_stored(node, id, true, out, err);
	if (k) /* a person must look: it is not handed out again by itself */
		r = state_item_set(node->state, id, KP_ITEM_INTERRUPTED);
	return r < 0 ? fail_fatal(err, "here/inbox", r) : k;
}

enum kp_result kp_done(kp_node *node, const char *message_id, enum kp_item_state state, struct kp_error *err)
{
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);
	int r;

	if (k)
		return k;
	if ((unsigned)state > KP_ITEM_INTERRUPTED)
		return fail_usage(err, "%d is no state of an item", (int)state);
	r = state_item_set(node->state, id, state);
	if (r == STATE_E_ABSENT)
		return failure(err, KP_NONE, "here/inbox", "", "there is no message %s in the inbox",
			       message_id);
	if (r == STATE_E_MOVE)
		return fail_usage(err, "only an interrupted message can be handed out again");
	return r ? fail_fatal(err, "here/inbox", r) : KP_OK;
}
