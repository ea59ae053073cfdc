/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every call is safe to repeat: a message goes by its id, a fetch changes nothing. So the session needs no
 * memory of what the house may have heard; a new connection sends all open calls again, and an answer that
 * comes twice finds its call done.
 *
 * The house may be unable for a moment (AUDIT_NIET_BESCHIKBAAR, TE_SNEL): then the call is sent again after a
 * pause, within the caller's time. Any other trouble ends the call.
 *
 * Deliveries are collected while frames lie in the link and stored when it is empty or the batch is full:
 * under load one disk flush and one acknowledgement serve up to NODE_BATCH_MAX of them.
 */
#include "client/lib/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "client/lib/witness.h"
#include "proto/receipt.h"

#define AGAIN_MS 500
#define CLOSE_MS 2000

static const char *const passing_troubles[] = { "AUDIT_NIET_BESCHIKBAAR", "TE_SNEL" };

void calls_fini(struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buffer_fini(&calls[i].receipt);
		buffer_fini(&calls[i].reply);
	}
}

enum kp_result session_open(struct kp_node *node, struct kp_error *err)
{
	struct link_peer peer = { node->home.endpoint, node->home.transport_key,
				  node->keys.transport.public_key, node->keys.transport.secret };
	enum kp_result k = witness_stopped(node, err);
	int r;

	if (k || node->link)
		return k;
	node->witness.greeted = false;
	r = link_open(&peer, node->env, &node->link);
	if (r == LINK_E_ENDPOINT)
		return failure(err, KP_ERROR, "here/connect",
			       "Correct endpoint in node.yaml; it looks like tcp://host:port.",
			       "%s is no endpoint", node->home.endpoint);
	return r ? fail_fatal(err, "here/connect", r) : KP_OK;
}

void session_close(struct kp_node *node)
{
	uint64_t until_ms = env_mono_ms(node->env) + CLOSE_MS, now;

	/* What was taken but not acknowledged would be delivered once more: give the acknowledgements a
	 * moment to arrive. */
	while (node->link && link_is_up(node->link) && inbox_acks_waiting(node) &&
	       (now = env_mono_ms(node->env)) < until_ms)
		if (session_round(node, NULL, 0, (uint32_t)(until_ms - now), NULL) < 0)
			break;
	inbox_acks_drop(node);
	node->link = link_close(node->link);
}

enum kp_result session_unreachable(struct kp_node *node, struct kp_error *err)
{
	const char *why = node->link ? link_why(node->link) : "";

	if (node->link && link_is_refused(node->link)) {
		failure(err, KP_UNREACHABLE, "house/connect",
			"Wait until the stewards have admitted this node (compare the phrase with them), or "
			"ask them whether it was withdrawn.",
			"%s does not know this node's transport key; nothing is lost", node->home.endpoint);
		fail_code(err, "NIET_TOEGELATEN");
		return KP_UNREACHABLE;
	}
	return failure(err, KP_UNREACHABLE, "house/connect", "Nothing is lost: what waits in the outbox leaves with knooppunt node sync.",
		       "no answer from %s in time%s%s", node->home.endpoint, *why ? ": " : "", why);
}

/* Whether this ends the calls that were waiting for it. */
static bool passing(const char *code)
{
	for (size_t i = 0; i < N_ELEMENTS(passing_troubles); i++)
		if (!strcmp(code, passing_troubles[i]))
			return true;
	return false;
}

static void trouble_take(struct kp_node *node, struct call *c, struct span body)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct trouble t = { "", "" };

	if (!arena || trouble_decode(body, arena, &t) != WIRE_OK)
		t = (struct trouble) { "SCHEMA_ONGELDIG", "the house's answer can not be read" };
	snprintf(c->trouble_code, sizeof c->trouble_code, "%s", t.code);
	snprintf(c->trouble_text, sizeof c->trouble_text, "%s", t.text);
	if (passing(t.code))
		c->again_ms = env_mono_ms(node->env) + AGAIN_MS;
	else
		c->done = true;
}

/* A message that was refused gets no reply after its receipt. A receipt that can't be read ends the call too:
 * the caller judges. */
static bool refused_by(struct kp_node *node, const struct buffer *receipt)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct receipt r;

	return !arena || receipt_open(buffer_span(receipt), &node->home.log_key, arena, &r) != RECEIPT_OK ||
	       r.entry.code != CODE_TOEGESTAAN;
}

static int answer_take(struct kp_node *node, struct call *c, const struct wire_frame *f)
{
	struct buffer *into = f->verb == WIRE_RECEIPT ? &c->receipt : &c->reply;

	if (c->done)
		return 0;
	if (f->verb == WIRE_TROUBLE) {
		trouble_take(node, c, f->body);
		return 0;
	}
	buffer_reset(into);
	buffer_bytes(into, f->body);
	if (buffer_ok(into))
		return err_raise(-ENOMEM);
	c->trouble_code[0] = c->trouble_text[0] = '\0';
	c->done = c->want == CALL_EITHER ||
		  (c->receipt.len && (c->reply.len || refused_by(node, &c->receipt)));
	return 0;
}

static void notice_take(struct kp_node *node, struct span body)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct buffer *heard = &node->witness.heard;
	struct checkpoint head, before = { .size = 0 };
	struct receipt r;

	if (!body.len) {
		node->rules_stale = true;
	} else if (checkpoint_open(body, &node->home.log_key, &head) == CHECKPOINT_OK) {
		node->witness.due = true;
	} else if (arena && receipt_open(body, &node->home.log_key, arena, &r) == RECEIPT_OK) {
		receipt_keep(node, r.statement.message_id, receipt_rung(&r), "", body);
		if (text_equal(receipt_rung(&r), "HERINNERD"))
			(void)!state_mark_set(node->state, MARK_REMINDED, r.statement.message_id, SPAN_LITERAL("1"));
		if (!heard->len || (checkpoint_open(buffer_span(heard), &node->home.log_key, &before) == CHECKPOINT_OK &&
				    before.size < r.checkpoint.size)) {
			buffer_reset(heard);
			buffer_bytes(heard, r.checkpoint_note);
		}
	} else {
		log_warn("notice-unverified", "bytes=%zu", body.len);
	}
}

static int frame_take(struct kp_node *node, struct call *calls, size_t n, const struct wire_frame *f)
{
	if (f->verb == WIRE_DELIVERY)
		return err_pass(inbox_collect(node, f->body));
	if (f->verb == WIRE_NOTICE) {
		notice_take(node, f->body);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (calls[i].sent && calls[i].correlation == f->correlation)
			return err_pass(answer_take(node, &calls[i], f));
	if (!inbox_ack_answered(node, f))
		log_debug("answer-late", "verb=%d", (int)f->verb);
	return 0;
}

static int event_take(struct kp_node *node, struct call *calls, size_t n, const struct link_event *e)
{
	switch (e->kind) {
	case LINK_UP:
		node->witness.greeted = false;
		for (size_t i = 0; i < n; i++)
			calls[i].sent = false;
		return 0;
	case LINK_DOWN:
	case LINK_REFUSED:
		node->refused = node->refused || e->kind == LINK_REFUSED;
		inbox_acks_drop(node); /* the house delivers again what it has no acknowledgement of */
		return err_pass(link_credit(node->link, 0)); /* until the next connection has proven its log */
	case LINK_FRAME:
		return err_pass(frame_take(node, calls, n, &e->frame));
	default:
		return 0;
	}
}

static int calls_send(struct kp_node *node, struct call *calls, size_t n)
{
	uint64_t now = env_mono_ms(node->env);

	for (size_t i = 0; i < n; i++) {
		struct call *c = &calls[i];
		int r;

		if (c->done || (c->sent && (!c->again_ms || now < c->again_ms)))
			continue;
		c->correlation = link_correlation(node->link);
		r = link_send(node->link, c->verb, c->correlation, c->body);
		if (r < 0)
			return err_pass(r);
		if (r != LINK_OK)
			return 0; /* down: with the next connection; full: after the next round */
		c->sent = true;
		c->again_ms = 0;
	}
	return 0;
}

int session_round(struct kp_node *node, struct call *calls, size_t n, uint32_t wait_ms, size_t *fresh)
{
	struct link_event e;
	int r = calls_send(node, calls, n);

	if (!r)
		r = inbox_acks_send(node, env_mono_ms(node->env));
	if (r)
		return err_pass(r);
	node->refused = false;
	for (r = link_poll(node->link, wait_ms, &e); r == LINK_OK; r = link_poll(node->link, 0, &e)) {
		r = event_take(node, calls, n, &e);
		if (r)
			return err_pass(r);
		if (e.kind != LINK_FRAME || inbox_full(node))
			break;
	}
	if (r < 0)
		return err_pass(r);
	return err_pass(inbox_flush(node, fresh));
}

static bool all_done(const struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!calls[i].done)
			return false;
	return true;
}

/* Until when a round may wait: the deadline, or the moment a call is to be sent again. */
static uint32_t wait_of(const struct call *calls, size_t n, uint64_t now, uint64_t until_ms)
{
	uint64_t until = until_ms;

	for (size_t i = 0; i < n; i++)
		if (!calls[i].done && calls[i].again_ms && calls[i].again_ms < until)
			until = calls[i].again_ms;
	return until > now ? (uint32_t)(until - now) : 0;
}

enum kp_result session_talk(struct kp_node *node, struct call *calls, size_t n, uint32_t timeout_ms,
			    struct kp_error *err)
{
	uint64_t now = env_mono_ms(node->env), until_ms = now + timeout_ms;
	enum kp_result k = session_open(node, err);
	int r;

	if (k)
		return k;
	for (;;) {
		k = checkpoint_greet(node, until_ms > now ? (uint32_t)(until_ms - now) : 0, err);
		if (k)
			return k;
		r = session_round(node, calls, n, wait_of(calls, n, now, until_ms), &node->fresh_aside);
		if (r < 0)
			return fail_fatal(err, "here/connect", r);
		if (all_done(calls, n))
			return KP_OK;
		now = env_mono_ms(node->env);
		if (node->refused || now >= until_ms)
			return session_unreachable(node, err);
	}
}

enum kp_result session_fetch(struct kp_node *node, const struct fetch *what, uint32_t timeout_ms,
			     struct buffer *out, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	struct call call = { .verb = WIRE_FETCH };
	enum kp_result k;
	int r = fetch_encode(what, &body);

	if (r)
		return fail_fatal(err, "here/fetch", r);
	call.body = buffer_span(&body);
	k = session_talk(node, &call, 1, timeout_ms, err);
	if (!k && !strcmp(call.trouble_code, "NIET_BEKEND"))
		k = failure(err, KP_NONE, "house/fetch", "", "the house knows nothing of this here: %s",
			    call.trouble_text);
	else if (!k && call.trouble_code[0])
		k = failure(err, KP_ERROR, "house/fetch", "", "%s: %s", call.trouble_code, call.trouble_text);
	if (k && call.trouble_code[0])
		fail_code(err, call.trouble_code);
	if (!k)
		buffer_bytes(out, buffer_span(&call.reply));
	calls_fini(&call, 1);
	if (!k && buffer_ok(out))
		return fail_fatal(err, "here/fetch", -ENOMEM);
	return k;
}
