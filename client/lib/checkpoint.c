/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A node is a witness of its house's log. What it witnessed (witness.h) is one chain: each head was proven to extend the one before.
 * What receipts show beside that, the state's "heads", must be of the same chain; a turn puts all of it in order of size and
 * asks for the proof of every step. Then the largest stands for all, and is kept until the witnessed head has overtaken it.
 *
 *   witnessed ── proof ──▶ receipt's head ── proof ──▶ ... ──▶ the largest: kept
 *
 * The first turn of a connection comes before anything else leaves: a house that can't prove its log gets no message.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "client/lib/session.h"
#include "client/lib/witness.h"
#include "proto/receipt.h"

#define ARENA_BYTES (1u << 20)
#define HEADS_MAX 16
#define TRIES_MAX 3
#define RENEW_S 86400u /* a cosignature of the same head is given anew after a day: that is how fresh one can be expected to be */

struct head {
	struct span note;
	struct checkpoint c;
};

struct heads { /* by size, each size once */
	size_t n;
	struct head v[HEADS_MAX + 2]; /* the state's, the one that was heard, the witnessed one */
};

struct turn {
	struct kp_node *node;
	struct arena *arena;
	uint64_t until_ms;
	struct witnessed witnessed;
	struct span kept; /* the state's "heads" as read */
	struct heads heads;
};

static const struct tree_proof no_proof;

static uint32_t left_of(const struct kp_node *node, uint64_t until_ms)
{
	uint64_t now = env_mono_ms(node->env);

	return until_ms > now ? (uint32_t)(until_ms - now) : 0;
}

/* ---- the heads ---- */

/* Return: KP_OK; KP_UNVERIFIED, two roots for one size. */
static enum kp_result head_add(struct kp_node *node, struct heads *h, const struct head *new, struct kp_error *err)
{
	size_t at = h->n;

	while (at && h->v[at - 1].c.size > new->c.size)
		at--;
	if (at && h->v[at - 1].c.size == new->c.size)
		return hash_equal(&h->v[at - 1].c.root, &new->c.root)
			       ? KP_OK
			       : witness_stop(node, h->v[at - 1].note, new->note, &no_proof, "two roots for one size", err);
	ASSERT(h->n < N_ELEMENTS(h->v));
	memmove(&h->v[at + 1], &h->v[at], (h->n - at) * sizeof h->v[0]);
	h->v[at] = *new;
	h->n++;
	return KP_OK;
}

static enum kp_result head_add_note(struct kp_node *node, struct heads *h, struct span note, struct kp_error *err)
{
	struct head new = { .note = note };

	if (checkpoint_open(note, &node->home.log_key, &new.c) != CHECKPOINT_OK)
		return fail_fatal(err, "here/checkpoint", -EBADMSG);
	return new.c.size ? head_add(node, h, &new, err) : KP_OK;
}

/* The state's "heads": n * lp16(note). */
static enum kp_result heads_read(struct kp_node *node, struct arena *arena, struct span *kept, struct heads *out, struct kp_error *err)
{
	struct reader reader;
	enum kp_result k = KP_OK;
	int r = state_get(node->state, "heads", arena, kept);

	out->n = 0;
	if (r == STATE_E_ABSENT)
		*kept = SPAN_NONE;
	else if (r)
		return fail_fatal(err, "here/checkpoint", r);
	reader_init(&reader, *kept);
	while (!k && reader.left && !reader.failed && out->n < HEADS_MAX)
		k = head_add_note(node, out, reader_lp16(&reader), err);
	return !k && reader.failed ? fail_fatal(err, "here/checkpoint", -EBADMSG) : k;
}

static enum kp_result heads_write(struct kp_node *node, struct span kept, const struct heads *h, bool *moved, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	int r;

	for (size_t i = 0; i < h->n; i++)
		buffer_lp16(&b, h->v[i].note);
	r = buffer_ok(&b);
	if (!r && !span_equal(buffer_span(&b), kept))
		r = state_swap(node->state, "heads", kept, buffer_span(&b));
	*moved = r == STATE_E_MOVE;
	return r < 0 ? fail_fatal(err, "here/checkpoint", r) : KP_OK;
}

/* A full list makes room by its middle: both ends are what a fork would show in. */
static void heads_room(struct heads *h)
{
	if (h->n < HEADS_MAX)
		return;
	memmove(&h->v[HEADS_MAX / 2], &h->v[HEADS_MAX / 2 + 1], (h->n - HEADS_MAX / 2 - 1) * sizeof h->v[0]);
	h->n--;
}

enum kp_result checkpoint_seen(struct kp_node *node, struct span receipt, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer alone = { 0 };
	struct tlog_proof parsed;
	struct witnessed w;
	bool moved = true;
	enum kp_result k = KP_OK;
	int r;

	if (!arena)
		return fail_fatal(err, "here/checkpoint", -ENOMEM);
	if (tlog_proof_parse(receipt, &parsed) != RECEIPT_OK ||
	    witness_strip(parsed.checkpoint_note, &node->home.log_key, &alone) != WITNESS_OK)
		return KP_NONE;
	for (int i = 0; !k && moved && i < TRIES_MAX; i++) {
		struct heads heads, both;
		struct span kept;

		r = witness_recall(node, arena, &w);
		k = r ? fail_fatal(err, "here/checkpoint", r) : heads_read(node, arena, &kept, &heads, err);
		if (k)
			return k;
		heads_room(&heads);
		k = head_add_note(node, &heads, buffer_span(&alone), err);
		both = heads;
		if (!k && w.note.len)
			k = head_add_note(node, &both, w.note, err);
		if (!k && w.note.len && both.n == heads.n)
			return KP_OK; /* the very head that was witnessed */
		if (!k)
			k = heads_write(node, kept, &heads, &moved, err);
	}
	return k;
}

/* ---- the turn ---- */

static int call_fetch(struct call *c, struct buffer *body, uint64_t from, uint64_t to)
{
	const struct fetch what = { .what = "checkpoint", .sender = "", .from = from, .to = to };
	int r = fetch_encode(&what, body);

	*c = (struct call) { .verb = WIRE_FETCH, .body = buffer_span(body) };
	return err_pass(r);
}

static enum kp_result trouble(const struct call *c, struct kp_error *err)
{
	failure(err, KP_ERROR, "house/checkpoint", "", "%s: %s", c->trouble_code, c->trouble_text);
	fail_code(err, c->trouble_code);
	return KP_ERROR;
}

/* What this node holds, and then its cosignature of something newer. Its own check decides, not what the house says to it. */
static enum kp_result show(struct turn *t, struct call *also, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	struct call calls[2] = { 0 };
	size_t n = 0;
	enum kp_result k;

	if (also)
		calls[n++] = *also;
	if (t->node->witness.ready && t->witnessed.note.len) {
		cosign_print(buffer_span(&t->node->witness.card), t->witnessed.note, &body);
		if (buffer_ok(&body))
			return fail_fatal(err, "here/witness", -ENOMEM);
		calls[n++] = (struct call) { .verb = WIRE_COSIGN, .body = buffer_span(&body) };
	}
	k = n ? session_talk(t->node, calls, n, left_of(t->node, t->until_ms), err) : KP_OK;
	if (also) {
		*also = calls[0];
		calls[0] = (struct call) { 0 };
	}
	calls_fini(calls, n);
	return k;
}

/* The house does not know a head that it signed. Its newest one, as it is, goes with the evidence. */
static enum kp_result became_shorter(struct turn *t, struct span before, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "checkpoint", .sender = "" };
	struct consistency c = { 0 };
	struct checkpoint head;

	if (session_fetch(t->node, &what, left_of(t->node, t->until_ms), &reply, NULL) == KP_OK &&
	    (consistency_decode(buffer_span(&reply), t->arena, &c) != WIRE_OK ||
	     checkpoint_open(c.checkpoint, &t->node->home.log_key, &head) != CHECKPOINT_OK))
		c.checkpoint = SPAN_NONE;
	return witness_stop(t->node, before, c.checkpoint, &no_proof, "it became shorter", err);
}

static enum kp_result reply_open(struct turn *t, const struct call *c, struct consistency *out, struct checkpoint *head,
				 struct kp_error *err)
{
	int r = consistency_decode(buffer_span(&c->reply), t->arena, out);

	if (r < 0)
		return fail_fatal(err, "here/checkpoint", r);
	if (r != WIRE_OK || checkpoint_open(out->checkpoint, &t->node->home.log_key, head) != CHECKPOINT_OK)
		return failure(err, KP_UNVERIFIED, "house/checkpoint", "Tell the stewards of the house.",
			       "the house's newest checkpoint does not hold");
	return KP_OK;
}

static enum kp_result steps_prove(struct turn *t, const struct head *a, const struct head *b, const struct tree_proof *proof,
				  struct kp_error *err)
{
	enum history h = history_judge(&a->c, &b->c, proof);

	return h == HISTORY_ONE ? KP_OK
				: witness_stop(t->node, a->note, b->note, proof,
					       a->c.size == b->c.size ? "two roots for one size" : "it was not only added to", err);
}

/* The published head extends what was witnessed: cosigned, stored, and only then told. */
static enum kp_result advance(struct turn *t, const struct call *c, struct kp_error *err)
{
	const struct witnessed *w = &t->witnessed;
	struct head before = { w->note, w->head }, now;
	struct consistency shown;
	struct witnessed after;
	enum kp_result k = reply_open(t, c, &shown, &now.c, err);
	uint64_t age = env_unix_ms(t->node->env) / 1000 - w->cosigned_unix_s;

	if (k)
		return k;
	now.note = shown.checkpoint;
	if (w->note.len && now.c.size < w->head.size)
		return witness_stop(t->node, w->note, now.note, &shown.proof, "it became shorter", err);
	if (w->note.len)
		k = steps_prove(t, &before, &now, &shown.proof, err);
	if (k || (now.c.size == w->head.size && (!t->node->witness.ready || age < RENEW_S)))
		return k;
	k = witness_cosign(t->node, w, now.note, t->arena, &after, err);
	if (k)
		return k;
	t->witnessed = after;
	return show(t, NULL, err);
}

/* Every step of the chain, asked for at once. */
static enum kp_result chain_ask(struct turn *t, struct call *calls, struct buffer *bodies, struct kp_error *err)
{
	const struct heads *h = &t->heads;
	int r = 0;

	for (size_t i = 0; !r && i + 1 < h->n; i++)
		r = call_fetch(&calls[i], &bodies[i], h->v[i].c.size, h->v[i + 1].c.size);
	if (r)
		return fail_fatal(err, "here/checkpoint", r);
	return session_talk(t->node, calls, h->n - 1, left_of(t->node, t->until_ms), err);
}

static enum kp_result chain_check(struct turn *t, const struct call *calls, struct kp_error *err)
{
	const struct heads *h = &t->heads;
	enum kp_result k = KP_OK;

	for (size_t i = 0; !k && i + 1 < h->n; i++) {
		struct consistency shown;
		struct checkpoint head;

		if (!strcmp(calls[i].trouble_code, "NIET_BEKEND"))
			return became_shorter(t, h->v[i + 1].note, err);
		if (*calls[i].trouble_code)
			return trouble(&calls[i], err);
		k = reply_open(t, &calls[i], &shown, &head, err);
		if (!k)
			k = steps_prove(t, &h->v[i], &h->v[i + 1], &shown.proof, err);
	}
	return k;
}

/* The heads that receipts showed and the witnessed one are of one history. */
static enum kp_result chain(struct turn *t, uint64_t *size, struct kp_error *err)
{
	struct call calls[HEADS_MAX + 2] = { 0 };
	struct buffer bodies[HEADS_MAX + 2] = { 0 };
	struct heads *h = &t->heads;
	struct witness *w = &t->node->witness;
	bool moved;
	enum kp_result k = heads_read(t->node, t->arena, &t->kept, h, err);

	if (!k && w->heard.len)
		k = head_add_note(t->node, h, arena_copy(t->arena, buffer_span(&w->heard)), err);
	if (!k && t->witnessed.note.len)
		k = head_add_note(t->node, h, t->witnessed.note, err);
	if (!k && h->n > 1) {
		k = chain_ask(t, calls, bodies, err);
		if (!k)
			k = chain_check(t, calls, err);
		calls_fini(calls, N_ELEMENTS(calls));
		for (size_t i = 0; i < N_ELEMENTS(bodies); i++)
			buffer_fini(&bodies[i]);
	}
	if (k)
		return k;
	buffer_reset(&w->heard);
	if (!h->n)
		return KP_OK;
	*size = h->v[h->n - 1].c.size;
	h->v[0] = h->v[h->n - 1];
	h->n = *size > t->witnessed.head.size;
	/* Moved: another process has added one; it stays, to be proven with the next turn. */
	return heads_write(t->node, t->kept, h, &moved, err);
}

/* KP_NONE: another process advanced meanwhile. */
static enum kp_result turn_try(struct turn *t, uint64_t *size, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	struct kp_node *node = t->node;
	struct call fetch;
	enum kp_result k;
	int r = witness_recall(node, t->arena, &t->witnessed);

	if (!r)
		r = call_fetch(&fetch, &body, t->witnessed.head.size, 0);
	if (r)
		return fail_fatal(err, "here/checkpoint", r);
	k = node->witness.greeted ? session_talk(node, &fetch, 1, left_of(node, t->until_ms), err) : show(t, &fetch, err);
	if (!k && !strcmp(fetch.trouble_code, "NIET_BEKEND"))
		k = t->witnessed.note.len ? became_shorter(t, t->witnessed.note, err) : KP_OK; /* an empty log, for both sides */
	else if (!k)
		k = *fetch.trouble_code ? trouble(&fetch, err) : advance(t, &fetch, err);
	calls_fini(&fetch, 1);
	return k ? k : chain(t, size, err);
}

enum kp_result checkpoint_turn(struct kp_node *node, uint32_t timeout_ms, uint64_t *size, struct kp_error *err)
{
	struct turn t = { .node = node, .until_ms = env_mono_ms(node->env) + timeout_ms };
	enum kp_result k = witness_ready(node, err);
	uint64_t largest = 0;

	if (k && k != KP_NONE)
		return k;
	t.arena = arena_new(ARENA_BYTES);
	if (!t.arena)
		return fail_fatal(err, "here/checkpoint", -ENOMEM);
	node->witness.turning = true;
	node->witness.due = false;
	k = KP_NONE;
	for (int i = 0; k == KP_NONE && i < TRIES_MAX; i++) {
		arena_reset(t.arena);
		k = turn_try(&t, &largest, err);
	}
	node->witness.turning = false;
	node->witness.turned_ms = env_mono_ms(node->env);
	arena_free(t.arena);
	node->witness.greeted = k == KP_OK || k == KP_NONE;
	if (size && largest)
		*size = largest;
	return k == KP_NONE ? KP_OK : k;
}

enum kp_result checkpoint_greet(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	/* A house that gives no answer to this, for whatever reason, gets nothing else. */
	return node->witness.greeted || node->witness.turning ? KP_OK : checkpoint_turn(node, timeout_ms, NULL, err);
}
