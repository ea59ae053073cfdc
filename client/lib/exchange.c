/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Durable first, network second, and the same bytes for ever: a message leaves the outbox only for a receipt
 * that is proven (log key, inclusion) and about it (id, digest). A crash anywhere between leaves it waiting;
 * sending it again is recognised by the house as HERHALING, and the ladder then gives the receipt of the
 * first time.
 *
 * Mandates go first: the house can't judge a person's message before it knows the mandate.
 */
#include "client/lib/exchange.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/witness.h"
#include "proto/receipt.h"

#define OUTBOX_ARENA_BYTES (64u << 20)
#define SETTLE_ARENA_BYTES (16u << 20)
#define FLUSH_MAX 32

/* One message on its way. */
struct pending {
	const uint8_t *id;
	enum message_kind kind;
	struct hash digest;
	struct span envelope;
	bool repeated; /* the house had it already */
	struct kp_sent *sent;
};

void kp_sent_fini(struct kp_sent *sent)
{
	if (!sent)
		return;
	free(sent->receipt);
	sent->receipt = NULL;
}

static uint32_t left_of(const struct kp_node *node, uint64_t until_ms)
{
	uint64_t now = env_mono_ms(node->env);

	return until_ms > now ? (uint32_t)(until_ms - now) : 0;
}

/* The receipt is proven and about this message: keep it and tell the caller. */
static enum kp_result settled(struct kp_node *node, const struct pending *p, const struct receipt *r,
			      struct span text)
{
	bool accepted = r->entry.code == CODE_TOEGESTAAN;
	struct kp_sent *sent = p->sent;
	int e;

	receipt_keep(node, p->id, receipt_rung(r), "", text);
	e = state_receipt(node->state, p->id, accepted ? SENT_ACCEPTED : SENT_REFUSED, r->index, text);
	if (e < 0)
		return fail_fatal(&sent->error, "here/outbox", e);
	sent->index = r->index;
	free(sent->receipt);
	sent->receipt = strndup((const char *)text.ptr, text.len);
	if (!sent->receipt)
		return fail_fatal(&sent->error, "here/outbox", -ENOMEM);
	failure_clear(&sent->error);
	return accepted ? KP_OK : receipt_refusal(r, &sent->error);
}

/* What a geopend is about: the message that was opened, as it lies in the inbox. */
static bool opened_message(struct kp_node *node, const struct pending *p, struct arena *arena,
			   struct item *out, struct hash *digest)
{
	const char *why = "";
	struct envelope e;
	struct message m;

	if (p->kind != MESSAGE_GEOPEND || envelope_decode(p->envelope, arena, &e) != ENVELOPE_OK ||
	    message_decode(p->kind, e.payload, arena, &m, &why) != MESSAGE_OK ||
	    state_item(node->state, m.body.geopend.message_id.ptr, arena, out) != STATE_OK)
		return false;
	envelope_digest(out->envelope, digest);
	return true;
}

/* The receipt of a message is about the message; that of a geopend which was accepted is about the message
 * that was opened. */
static enum kp_result receipt_of(struct kp_node *node, const struct pending *p, struct span text,
				 struct arena *arena, struct receipt *out, struct kp_error *err)
{
	struct hash digest;
	struct item item;

	if (opened_message(node, p, arena, &item, &digest) &&
	    receipt_open(text, &node->home.log_key, arena, out) == RECEIPT_OK &&
	    out->entry.kind == ENTRY_GEOPEND && !memcmp(out->statement.message_id, item.id, ID_BYTES) &&
	    hash_equal(&out->statement.digest, &digest))
		return KP_OK;
	return receipt_verify(node, text, p->id, &p->digest, arena, out, err);
}

static void settle(struct kp_node *node, struct pending *p, const struct call *c)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SETTLE_ARENA_BYTES);
	struct kp_sent *sent = p->sent;
	struct receipt r;

	if (!arena) {
		sent->result = fail_fatal(&sent->error, "here/outbox", -ENOMEM);
		return;
	}
	if (!c->done || c->trouble_code[0]) {
		if (!c->trouble_code[0])
			return; /* stays unreachable, with the reason of the session */
		sent->result = failure(&sent->error, KP_UNREACHABLE, "house/submit",
				       "It waits in the outbox and is sent again with the next call.",
				       "the house could not take the message now: %s: %s", c->trouble_code,
				       c->trouble_text);
		fail_code(&sent->error, c->trouble_code);
		return;
	}
	if (!c->receipt.len) {
		sent->result = failure(&sent->error, KP_UNVERIFIED, "house/submit",
				       "It waits in the outbox; tell the stewards of the house.",
				       "the house answered without a receipt");
		return;
	}
	sent->result = receipt_of(node, p, buffer_span(&c->receipt), arena, &r, &sent->error);
	if (sent->result)
		return;
	if (r.entry.code == CODE_HERHALING && !p->repeated)
		p->repeated = true;
	else
		sent->result = settled(node, p, &r, buffer_span(&c->receipt));
}

/* The rung of the first time, proven and about these very bytes. */
static bool first_receipt(struct kp_node *node, const struct pending *p, const struct ladder *l,
			  struct arena *arena, struct receipt *out, struct span *text)
{
	for (size_t i = 0; i < l->n; i++)
		if ((text_equal(l->v[i].name, "AANVAARD") || text_equal(l->v[i].name, "GEWEIGERD")) &&
		    receipt_of(node, p, l->v[i].receipt, arena, out, NULL) == KP_OK &&
		    out->entry.code != CODE_HERHALING) {
			*text = l->v[i].receipt;
			return true;
		}
	return false;
}

static void settle_repeated(struct kp_node *node, struct pending *p, uint32_t timeout_ms)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SETTLE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "ladder", .sender = "", .id = span_of(p->id, ID_BYTES) };
	struct kp_sent *sent = p->sent;
	struct span text;
	struct receipt r;
	struct ladder l;

	sent->result = session_fetch(node, &what, timeout_ms, &reply, &sent->error);
	if (sent->result == KP_NONE || sent->result == KP_ERROR)
		sent->result = KP_UNREACHABLE; /* it stays in the outbox */
	if (sent->result)
		return;
	if (!arena || ladder_decode(buffer_span(&reply), arena, &l) != WIRE_OK ||
	    !first_receipt(node, p, &l, arena, &r, &text)) {
		sent->result = failure(
			&sent->error, KP_UNVERIFIED, "house/submit",
			"It stays in the outbox; tell the stewards of the house.",
			"the house says it has this message already, but shows no receipt for it that holds");
		return;
	}
	sent->result = checkpoint_seen(node, text, &sent->error);
	if (!sent->result)
		sent->result = checkpoint_turn(node, timeout_ms, NULL, &sent->error);
	if (!sent->result)
		sent->result = settled(node, p, &r, text);
}

/*
 * The heads under the receipts are proven to be of the log that was witnessed, before a receipt counts. Until then its message stays in
 * the outbox, and the heads are remembered. What is no receipt of this log is left to settle().
 */
static enum kp_result heads_prove(struct kp_node *node, const struct call *calls, size_t n, uint64_t until_ms,
				  struct kp_error *err)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		enum kp_result k = calls[i].receipt.len ? checkpoint_seen(node, buffer_span(&calls[i].receipt), err) : KP_NONE;

		if (k && k != KP_NONE)
			return k;
		any |= k == KP_OK;
	}
	return any ? checkpoint_turn(node, left_of(node, until_ms), NULL, err) : KP_OK;
}

/* Submit all, collect the receipts. Each result stands in its sent; the return value tells of failures of
 * this side only. */
static enum kp_result run(struct kp_node *node, struct pending *pending, size_t n, uint32_t timeout_ms,
			  struct kp_error *err)
{
	uint64_t until_ms = env_mono_ms(node->env) + timeout_ms;
	struct call *calls = calloc(n ? n : 1, sizeof *calls);
	struct kp_error talk = { 0 };
	enum kp_result k, proven = KP_OK;

	if (!calls)
		return fail_fatal(err, "here/outbox", -ENOMEM);
	for (size_t i = 0; i < n; i++) {
		calls[i].verb = WIRE_SUBMIT;
		calls[i].body = pending[i].envelope;
	}
	k = session_talk(node, calls, n, timeout_ms, &talk);
	if (k == KP_OK || k == KP_UNREACHABLE)
		proven = heads_prove(node, calls, n, until_ms, &talk);
	k = proven ? proven : k;
	for (size_t i = 0; i < n; i++) {
		pending[i].sent->result = k ? k : KP_UNREACHABLE;
		pending[i].sent->error = talk;
		if (!proven)
			settle(node, &pending[i], &calls[i]);
	}
	calls_fini(calls, n);
	free(calls);
	for (size_t i = 0; i < n; i++)
		if (pending[i].repeated)
			settle_repeated(node, &pending[i], left_of(node, until_ms));
	if ((k == KP_ERROR || k == KP_UNVERIFIED) && err)
		*err = talk;
	return k == KP_ERROR || k == KP_UNVERIFIED ? k : KP_OK;
}

static void sent_begin(struct kp_sent *sent, const struct header *h)
{
	memset(sent, 0, sizeof *sent);
	uuid_encode(h->message_id.ptr, sent->message_id);
	uuid_encode(h->exchange_id.ptr, sent->exchange_id);
	if (h->casus.len)
		uuid_encode(h->casus.ptr, sent->casus);
}

/* What is left of the outcomes of mandates: nothing when all were taken, else the first that was not. */
static enum kp_result mandates_outcome(struct kp_node *node, struct kp_sent *sent, size_t n,
				       struct kp_error *err)
{
	enum kp_result k = KP_OK;

	for (size_t i = 0; i < n; i++) {
		if (sent[i].result && !k) {
			k = sent[i].result;
			if (err)
				*err = sent[i].error;
		}
		kp_sent_fini(&sent[i]);
	}
	node->mandates_sent = !k;
	return k;
}

enum kp_result exchange_mandates_send(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(OUTBOX_ARENA_BYTES);
	struct sent waiting[16];
	struct pending pending[N_ELEMENTS(waiting)];
	struct kp_sent sent[N_ELEMENTS(waiting)];
	size_t n = 0, m = 0;
	enum kp_result k = node->mandates_sent ? KP_OK : exchange_mandates(node, err);
	int r = arena ? 0 : -ENOMEM;

	if (k || node->mandates_sent)
		return k;
	if (!r)
		r = state_outbox(node->state, &(struct outbox_due){ UINT64_MAX, env_unix_ms(node->env) }, N_ELEMENTS(waiting), arena, waiting, &n);
	if (r)
		return fail_fatal(err, "here/outbox", r);
	memset(sent, 0, sizeof sent);
	for (size_t i = 0; i < n; i++)
		if (waiting[i].kind == MESSAGE_MANDAAT) {
			pending[m] = (struct pending) { .id = waiting[i].id,
							.kind = waiting[i].kind,
							.envelope = waiting[i].envelope,
							.sent = &sent[m] };
			envelope_digest(waiting[i].envelope, &pending[m++].digest);
		}
	k = m ? run(node, pending, m, timeout_ms, err) : KP_OK;
	if (!k)
		return mandates_outcome(node, sent, m, err);
	(void)mandates_outcome(node, sent, m, NULL);
	return k;
}

/* Into the outbox, durably. Return: 0; STATE_E_MOVE, the question was closed meanwhile; <0 fatal. */
static int store(struct kp_node *node, const struct composed *messages, size_t n, const uint8_t *answers)
{
	struct sent *items = calloc(n, sizeof *items);
	int r;

	if (!items)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		memcpy(items[i].id, messages[i].message.header.message_id.ptr, ID_BYTES);
		if (messages[i].message.header.casus.len == ID_BYTES)
			memcpy(items[i].casus, messages[i].message.header.casus.ptr, ID_BYTES);
		items[i].kind = messages[i].message.kind;
		items[i].held = messages[i].leaves_unix_ms != 0;
		items[i].leaves_unix_ms = items[i].held ? messages[i].leaves_unix_ms
							: messages[i].message.header.created_unix_ms;
		items[i].withheld = messages[i].withheld;
		items[i].envelope = buffer_span(&messages[i].envelope);
		if (answers)
			memcpy(items[i].answers, answers, ID_BYTES);
	}
	r = state_send(node->state, items, n);
	free(items);
	if (r == STATE_E_MOVE)
		return r;
	return r ? err_fold(r) : 0;
}

enum kp_result exchange_send(struct kp_node *node, const struct composed *messages, size_t n,
			     const uint8_t *answers, uint32_t timeout_ms, struct kp_sent *out,
			     struct kp_error *err)
{
	uint64_t until_ms = env_mono_ms(node->env) + timeout_ms;
	struct pending pending[EXCHANGE_MAX];
	enum kp_result k = witness_stopped(node, err);
	int r;

	if (k)
		return k;
	if (n > EXCHANGE_MAX)
		return fail_usage(err, "at most %d messages can go in one call", EXCHANGE_MAX);
	k = node->mandates_sent ? KP_OK : exchange_mandates(node, err);
	if (k)
		return k;
	r = store(node, messages, n, answers);
	if (r == STATE_E_MOVE)
		return fail_usage(err, "the question was answered meanwhile, by somebody else at this node");
	if (r)
		return fail_fatal(err, "here/outbox", r);
	for (size_t i = 0; i < n; i++) {
		sent_begin(&out[i], &messages[i].message.header);
		pending[i] = (struct pending) { .id = messages[i].message.header.message_id.ptr,
						.kind = messages[i].message.kind,
						.digest = messages[i].digest,
						.envelope = buffer_span(&messages[i].envelope),
						.sent = &out[i] };
	}
	if (n == 1 && exchange_hold(node, messages[0].leaves_unix_ms, until_ms, &out[0], err))
		return KP_UNREACHABLE;
	/* A mandate that is refused or late shows in the message's own receipt. */
	(void)exchange_mandates_send(node, left_of(node, until_ms), NULL);
	k = run(node, pending, n, left_of(node, until_ms), err);
	for (size_t i = 0; !k && i < n; i++)
		if (out[i].result) {
			k = out[i].result;
			if (err)
				*err = out[i].error;
		}
	return k;
}

/* One lot from the front of the outbox. n: how many; settled: how many of them are done now. */
static enum kp_result flush_some(struct kp_node *node, uint64_t before_unix_ms, uint32_t timeout_ms,
				 size_t *n, size_t *done, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(OUTBOX_ARENA_BYTES);
	struct sent waiting[FLUSH_MAX];
	struct pending pending[FLUSH_MAX];
	struct kp_sent sent[FLUSH_MAX];
	enum kp_result k;
	struct outbox_due due = { before_unix_ms, env_unix_ms(node->env) };
	int r = arena ? state_outbox(node->state, &due, FLUSH_MAX, arena, waiting, n) : -ENOMEM;

	if (r)
		return fail_fatal(err, "here/outbox", r);
	memset(sent, 0, sizeof sent);
	for (size_t i = 0; i < *n; i++) {
		pending[i] = (struct pending) { .id = waiting[i].id,
						.kind = waiting[i].kind,
						.envelope = waiting[i].envelope,
						.sent = &sent[i] };
		envelope_digest(waiting[i].envelope, &pending[i].digest);
	}
	k = *n ? run(node, pending, *n, timeout_ms, err) : KP_OK;
	for (size_t i = 0; i < *n; i++) {
		*done += sent[i].result == KP_OK || sent[i].result == KP_REFUSED;
		if (!k && sent[i].result && sent[i].result != KP_REFUSED) {
			k = sent[i].result;
			if (err)
				*err = sent[i].error;
		}
		kp_sent_fini(&sent[i]);
	}
	return k;
}

enum kp_result exchange_flush(struct kp_node *node, uint64_t before_unix_ms, uint32_t timeout_ms,
			      struct kp_error *err)
{
	uint64_t until_ms = env_mono_ms(node->env) + timeout_ms;
	size_t n, done;
	enum kp_result k;

	do {
		n = done = 0;
		k = flush_some(node, before_unix_ms, left_of(node, until_ms), &n, &done, err);
	} while (!k && n == FLUSH_MAX && done);
	return k;
}

/* --- mandates of this home's persons --- */

static enum kp_result mandate_queue(struct kp_node *node, const struct person_key *p, const char *name,
				    struct kp_error *err)
{
	struct message m = { .kind = MESSAGE_MANDAAT };
	struct composed c = { 0 };
	enum kp_result k;
	int r;

	m.header.sender = node->home.hoedanigheden.v[0];
	m.header.person = m.header.on_behalf_of = m.header.regime = m.header.grondslag = m.header.doel =
		m.header.noodzaak = "";
	m.header.overleg = m.header.person_role = m.header.related_to = m.header.answer_kind = "";
	m.body.mandaat.note = p->mandate;
	k = compose_signed(node, &m, &node->keys.node, &c, err);
	if (k)
		return k;
	/* Crash between the two: the mandate is sent twice, under two ids, which changes nothing at the
	 * house. */
	r = store(node, &c, 1, NULL);
	if (!r)
		r = state_put(node->state, name, c.message.header.message_id);
	composed_fini(&c);
	return r ? fail_fatal(err, "here/outbox", r) : KP_OK;
}

enum kp_result exchange_mandates(struct kp_node *node, struct kp_error *err)
{
	for (size_t i = 0; i < node->keys.n_persons; i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
		const struct person_key *p = &node->keys.persons[i];
		char name[16 + 2 * HASH_BYTES + 1] = "mandate:";
		uint8_t digest[HASH_BYTES];
		struct span queued;
		enum kp_result k;
		int r;

		if (!p->mandate.len)
			continue;
		crypto_hash_sha256(digest, p->mandate.ptr, p->mandate.len);
		hex_encode(SPAN_OF(digest), name + strlen(name));
		r = arena ? state_get(node->state, name, arena, &queued) : -ENOMEM;
		if (r < 0)
			return fail_fatal(err, "here/outbox", r);
		k = r == STATE_E_ABSENT ? mandate_queue(node, p, name, err) : KP_OK;
		if (k)
			return k;
	}
	return KP_OK;
}

/* --- public --- */

/* compose(), once more with newer rules when a recipient has no key yet in those that are here. */
static enum kp_result compose_fresh(struct kp_node *node, const struct kp_message_out *m,
				    const char *const *to, const uint8_t *exchange, uint32_t timeout_ms,
				    struct composed *out, struct kp_error *err)
{
	enum kp_result k = compose(node, m, to, exchange, COMPOSE_SEND, out, err);

	if (k == KP_NONE && rules_sync(node, timeout_ms, NULL) == KP_OK)
		k = compose(node, m, to, exchange, COMPOSE_SEND, out, err);
	return k == KP_NONE ? KP_USAGE : k;
}

enum kp_result kp_send(kp_node *node, const struct kp_message_out *m, uint32_t timeout_ms,
		       struct kp_sent *out, struct kp_error *err)
{
	struct composed c = { 0 };
	enum kp_result k;

	if (!out)
		return fail_usage(err, "there is nowhere to put the result");
	memset(out, 0, sizeof *out);
	k = rules_need(node, timeout_ms, err);
	if (!k)
		k = compose_fresh(node, m, m ? m->to : NULL, NULL, timeout_ms, &c, err);
	if (!k)
		k = exchange_send(node, &c, 1, NULL, timeout_ms, out, err);
	composed_fini(&c);
	if (k && !out->result) {
		out->result = k;
		if (err)
			out->error = *err;
	}
	return k;
}

static size_t count_of(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* What could be written goes; what could not says why in its place. */
static enum kp_result ask_all(struct kp_node *node, const struct kp_message_out *m, size_t n,
			      uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	struct composed composed[MESSAGE_LIST_MAX] = { 0 };
	struct kp_sent sent[MESSAGE_LIST_MAX] = { 0 };
	uint8_t exchange[ID_BYTES];
	size_t where[MESSAGE_LIST_MAX], n_ok = 0;
	enum kp_result first = KP_OK, k = KP_OK;

	env_uuid7(node->env, exchange);
	if (m->exchange)
		k = node_id(m->exchange, "exchange", exchange, err);
	for (size_t i = 0; !k && i < n; i++) {
		const char *const to[] = { m->to[i], NULL };

		out[i].result = compose_fresh(node, m, to, exchange, timeout_ms, &composed[n_ok],
					      &out[i].error);
		if (!out[i].result)
			where[n_ok++] = i;
	}
	if (!k && n_ok)
		k = exchange_send(node, composed, n_ok, NULL, timeout_ms, sent, err);
	for (size_t j = 0; j < n_ok; j++) {
		if (k && !sent[j].result && !*sent[j].message_id)
			sent[j].result = k;
		out[where[j]] = sent[j];
		composed_fini(&composed[j]);
	}
	for (size_t i = 0; i < n && !first; i++)
		if (out[i].result) {
			first = out[i].result;
			if (err)
				*err = out[i].error;
		}
	return k && !n_ok ? k : (first ? first : k);
}

enum kp_result kp_ask(kp_node *node, const struct kp_message_out *m, uint32_t timeout_ms, struct kp_sent *out,
		      struct kp_error *err)
{
	struct kp_message_out question;
	size_t n = m ? count_of(m->to) : 0;
	enum kp_result k;

	if (!m || !out || !n || n > MESSAGE_LIST_MAX)
		return fail_usage(err, "to: name 1 to %d hoedanigheden to ask", MESSAGE_LIST_MAX);
	memset(out, 0, n * sizeof *out);
	question = *m;
	question.kind = m->kind ? m->kind : "verzoek";
	k = rules_need(node, timeout_ms, err);
	if (!k)
		return ask_all(node, &question, n, timeout_ms, out, err);
	for (size_t i = 0; i < n; i++)
		out[i].result = k;
	return k;
}
