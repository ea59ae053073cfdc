/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The same things the house gathers before it decides (daemon/core/gather.c), by the same rules: an item is there for who sent or
 * received it, and for others it does not exist.
 *
 * Without the house an item is made of the message as it lies in the inbox or among what was sent. What others said of it since
 * (an instemming, a withdrawal by its source that did not come here) is not known then: who asks is told that it could not be asked.
 *
 * Another house, and who left a casus, are not shown it; what they may still say about a message in it rests on that message. So
 * for them the casus stands here as that message tells of it, in a phase in which there is something to say: the house alone knows
 * whether it was closed since.
 */
#include "client/lib/gather.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/casus.h"
#include "client/lib/session.h"

/* A message that this node received or sent. */
static bool message_here(struct kp_node *node, const uint8_t id[ID_BYTES], struct arena *arena, struct message *out)
{
	struct span bytes = SPAN_NONE;
	const char *why = "";
	struct envelope e;
	struct item item;
	struct sent sent;
	int kind;

	if (state_item(node->state, id, arena, &item) == STATE_OK)
		bytes = item.envelope;
	else if (state_sent(node->state, id, arena, &sent) == STATE_OK)
		bytes = sent.envelope;
	if (!bytes.len || envelope_decode(bytes, arena, &e) != ENVELOPE_OK)
		return false;
	kind = message_kind_of_type(e.type);
	return kind > 0 && message_decode((enum message_kind)kind, e.payload, arena, out, &why) == MESSAGE_OK;
}

static bool item_here(struct kp_node *node, struct span id, struct arena *arena, struct casus_item *out)
{
	struct message *m = arena_array(arena, 2, sizeof *m);
	struct decide_input in = { .rules = &node->rules };

	if (!m || !message_here(node, id.ptr, arena, &m[0]))
		return false;
	in.message = &m[0];
	if (m[0].kind == MESSAGE_ANTWOORD && m[0].header.in_reply_to.len &&
	    message_here(node, m[0].header.in_reply_to.ptr, arena, &m[1]))
		in.request = &m[1].header;
	return item_of(&in, arena, out) == 0;
}

/* KP_OK; KP_NONE: there is no such item for this node; KP_UNREACHABLE: that can't be known. */
static enum kp_result item_get(struct kp_node *node, struct span id, uint32_t timeout_ms, struct arena *arena,
			       struct casus_item *out, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "item", .sender = "", .id = id };
	enum kp_result k = session_fetch(node, &what, timeout_ms, &reply, err);
	struct span bytes;

	if (k == KP_UNREACHABLE)
		return item_here(node, id, arena, out)
			       ? KP_OK
			       : failure(err, KP_UNREACHABLE, "house/fetch", "Ask again when the house answers.",
					 "what this rests on is known to the house only, and it does not answer: nothing can be said now");
	if (k)
		return k;
	bytes = arena_copy(arena, buffer_span(&reply));
	if (bytes.len != reply.len)
		return fail_fatal(err, "here/decide", -ENOMEM);
	if (item_decode(bytes, arena, out) != ITEM_OK)
		return failure(err, KP_UNVERIFIED, "house/fetch", "Tell the stewards of the house.", "the item can not be read");
	return KP_OK;
}

static enum kp_result item_add(struct kp_node *node, struct span id, uint32_t timeout_ms, struct arena *arena,
			       struct gathered *out, struct kp_error *err)
{
	enum kp_result k = item_get(node, id, timeout_ms, arena, &out->items[out->input.n_items], err);

	out->input.n_items += k == KP_OK;
	return k == KP_NONE ? KP_OK : k;
}

static enum kp_result gather_earlier(struct kp_node *node, const struct message *m, uint32_t timeout_ms, struct arena *arena,
				     struct gathered *out, struct kp_error *err)
{
	struct message *earlier = arena_array(arena, 1, sizeof *earlier);
	struct span id = m->header.in_reply_to;

	if (!earlier)
		return fail_fatal(err, "here/decide", -ENOMEM);
	if (id.len != ID_BYTES || m->kind == MESSAGE_GEOPEND)
		return KP_OK;
	if (message_here(node, id.ptr, arena, earlier)) {
		if (message_answers(m->kind, earlier->kind)) {
			out->request = earlier->header;
			out->input.request = &out->request;
			return KP_OK;
		}
		if (earlier->kind == MESSAGE_VERZOEK)
			return KP_OK;
	}
	return item_add(node, id, timeout_ms, arena, out, err);
}

static enum kp_result gather_casus(struct kp_node *node, const struct message *m, uint32_t timeout_ms, struct gathered *out,
				   struct kp_error *err)
{
	enum kp_result k;

	if (!m->header.casus.len)
		return KP_OK;
	k = casus_find(node, m->header.casus, timeout_ms, &out->casus, err);
	if (!k)
		out->input.casus = &out->casus;
	return k == KP_NONE ? KP_OK : k;
}

static void casus_heard_of(struct gathered *out)
{
	struct decide_input *in = &out->input;
	const struct header *h = in->request ? in->request : in->n_items ? &in->items[0].message.header : NULL;

	if (in->casus || !h || h->casus.len != ID_BYTES || !span_equal(h->casus, in->message->header.casus) ||
	    strlen(h->overleg) >= CASUS_TEXT)
		return;
	out->casus = (struct casus){ .phase = PHASE_VERZAMELEN, .regime = regime_find(h->regime) };
	memcpy(out->casus.id, h->casus.ptr, ID_BYTES);
	memcpy(out->casus.overleg, h->overleg, strlen(h->overleg));
	in->casus = &out->casus;
}

enum kp_result gather(struct kp_node *node, const struct composed *c, uint32_t timeout_ms, struct arena *arena,
		      struct gathered *out, struct kp_error *err)
{
	const struct message *m = &c->message;
	const struct body_verstrekking *b = &m->body.verstrekking;
	enum kp_result k;

	out->input = (struct decide_input){ .rules = &node->rules, .message = m, .mandate = c->mandate, .items = out->items,
					    .now_unix_ms = env_unix_ms(node->env) };
	k = gather_casus(node, m, timeout_ms, out, err);
	if (!k)
		k = gather_earlier(node, m, timeout_ms, arena, out, err);
	if (!k)
		casus_heard_of(out);
	for (size_t i = 0; !k && m->kind == MESSAGE_VERSTREKKING && i < b->n_sources; i++)
		k = item_add(node, b->sources[i], timeout_ms, arena, out, err);
	return k;
}
