/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Inzage of the log for who may: a signed question that is itself an entry. The page comes back sealed to the
 * reading key of the hoedanigheid that asked. It does not go through the outbox: an answer that comes after a
 * crash has nobody to read it.
 *
 * Each record is checked against its entry (the binding), and its proof where one was asked for: what the house shows
 * is what it logged.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/exchange.h"
#include "client/lib/record_view.h"
#include "client/lib/records.h"
#include "proto/receipt.h"

#define PAGE_ARENA_BYTES (32u << 20)
#define PAGE_BYTES_MAX (4u << 20)
#define LIMIT_MAX 500

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* An id that was given, in room of the caller's. */
static enum kp_result id_of(const char *text, const char *what, uint8_t room[ID_BYTES], struct span *out, struct kp_error *err)
{
	enum kp_result k = KP_OK;

	if (text && *text) {
		k = node_id(text, what, room, err);
		*out = span_of(room, ID_BYTES);
	}
	return k;
}

static enum kp_result inzage_body(const struct kp_records *q, struct body_inzage *b, uint8_t ids[2][ID_BYTES],
				  struct kp_error *err)
{
	enum kp_result k;

	if (!q->purpose || !*q->purpose)
		return fail_usage(
			err,
			"purpose: rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure");
	*b = (struct body_inzage) {
		.purpose = q->purpose,
		.hoedanigheid = or_empty(q->hoedanigheid),
		.code = or_empty(q->code),
		.category = or_empty(q->category),
		.kind = or_empty(q->kind),
		.person = or_empty(q->functionary),
		.grondslag = or_empty(q->grondslag),
		.doel = or_empty(q->doel),
		.overleg = or_empty(q->overleg),
		.urgent = q->urgent,
		.own = q->own,
		.proofs = q->proofs,
		.from_unix_ms = q->from_unix_ms,
		.to_unix_ms = q->to_unix_ms,
		.after_index = q->after_index,
		.limit = q->limit && q->limit < LIMIT_MAX ? q->limit : LIMIT_MAX,
	};
	k = id_of(q->casus, "casus", ids[0], &b->casus, err);
	return k ? k : id_of(q->message, "message", ids[1], &b->message, err);
}

static enum kp_result inzage_compose(struct kp_node *node, const struct kp_records *q, bool with_input, struct composed *out,
				     struct kp_error *err)
{
	struct message m = { .kind = MESSAGE_INZAGE };
	struct person_key *signer = NULL;
	const struct mandate *mandate = NULL;
	uint8_t ids[2][ID_BYTES];
	enum kp_result k = compose_as(node, q->as, &m.header.sender, err);

	if (!k)
		k = compose_person(node, m.header.sender, q->person, &signer, &mandate, err);
	if (!k)
		k = inzage_body(q, &m.body.inzage, ids, err);
	if (k)
		return k;
	m.body.inzage.with_input = with_input;
	m.header.person = signer->id;
	m.header.mandate = SPAN_OF(mandate->digest.bytes);
	m.header.on_behalf_of = m.header.regime = m.header.grondslag = m.header.doel = m.header.noodzaak = "";
	m.header.overleg = m.header.person_role = m.header.related_to = m.header.answer_kind = "";
	return compose_signed(node, &m, &signer->key, out, err);
}

struct showing { /* what the caller wants of each page: its records as text, or its rows */
	bool evidence;
	kp_each_record *each;
	records_row *row;
	void *ctx;
	uint64_t *next_index;
};

/* The proof is of this very entry: its bytes, its place. */
static bool proven(struct kp_node *node, const struct log_record *in)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct receipt receipt;

	return arena && receipt_open(in->proof, &node->home.log_key, arena, &receipt) == RECEIPT_OK && receipt.index == in->index &&
	       span_equal(receipt.entry_bytes, in->entry);
}

static enum kp_result page_rows(const struct log_page *page, const struct showing *s, struct kp_error *err)
{
	enum kp_result k = KP_OK;

	for (size_t i = 0; !k && i < page->n; i++)
		k = s->row(s->ctx, &page->v[i], err);
	return k;
}

static enum kp_result page_show(struct kp_node *node, const struct log_page *page, const struct showing *s, struct arena *arena,
				struct kp_error *err)
{
	enum kp_result k = KP_OK;

	for (size_t i = 0; i < page->n; i++) {
		bool sound = false, more;
		const struct log_record *row = &page->v[i];
		char *text = record_view(row, s->evidence, arena, &sound);

		if (!text || !sound || (row->proof.len && !proven(node, row)))
			k = failure(err, KP_UNVERIFIED, "house/records",
				    "Export the log and run: knooppunt audit verify.",
				    "record %llu is not the one its entry in the log is bound to, or is not proven",
				    (unsigned long long)page->v[i].index);
		if (!text)
			continue;
		more = s->each(s->ctx, page->v[i].index, text);
		free(text);
		if (!more)
			break;
	}
	return k;
}

static enum kp_result page_open(struct kp_node *node, const struct composed *question, struct span sealed,
				const struct showing *s, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(PAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	const struct keyfile *key = keyring_reading(&node->keys, question->message.header.sender);
	struct log_page page;
	int r = arena && key ? 0 : -ENOMEM;

	buffer_init(&plain, PAGE_BYTES_MAX);
	if (!r)
		r = box_open(key->secret, "knooppunt/inzage/v1", question->message.header.message_id, sealed,
			     &plain);
	if (r < 0)
		return fail_fatal(err, "here/records", r);
	if (r || log_page_decode(buffer_span(&plain), arena, &page) != WIRE_OK)
		return failure(err, KP_UNVERIFIED, "house/records",
			       "Ask again; if it stays, tell the stewards of the house.",
			       "the page of records does not open");
	if (s->next_index)
		*s->next_index = page.next_index < page.size ? page.next_index : 0;
	return s->row ? page_rows(&page, s, err) : page_show(node, &page, s, arena, err);
}

static enum kp_result inzage_ask(struct kp_node *node, const struct composed *question, uint32_t timeout_ms,
				 struct call *call, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct receipt receipt;
	enum kp_result k;

	call->verb = WIRE_SUBMIT;
	call->want = CALL_BOTH;
	call->body = buffer_span(&question->envelope);
	k = session_talk(node, call, 1, timeout_ms, err);
	if (k)
		return k;
	if (call->trouble_code[0]) {
		failure(err, KP_ERROR, "house/records", "", "%s: %s", call->trouble_code, call->trouble_text);
		fail_code(err, call->trouble_code);
		return KP_ERROR;
	}
	if (!arena)
		return fail_fatal(err, "here/records", -ENOMEM);
	k = receipt_verify(node, buffer_span(&call->receipt), question->message.header.message_id.ptr,
			   &question->digest, arena, &receipt, err);
	if (k)
		return k;
	receipt_keep(node, question->message.header.message_id.ptr, receipt_rung(&receipt), "",
		     buffer_span(&call->receipt));
	return receipt.entry.code == CODE_TOEGESTAAN ? KP_OK : receipt_refusal(&receipt, err);
}

static enum kp_result page_get(struct kp_node *node, const struct kp_records *q, uint32_t timeout_ms, const struct showing *s,
			       struct kp_error *err)
{
	CLEANUP(composed_fini) struct composed question = { 0 };
	struct call call = { 0 };
	enum kp_result k;

	k = rules_need(node, timeout_ms, err);
	if (!k)
		k = exchange_mandates_send(node, timeout_ms, err);
	if (!k)
		k = inzage_compose(node, q, s->row != NULL, &question, err);
	if (!k)
		k = inzage_ask(node, &question, timeout_ms, &call, err);
	if (!k)
		k = page_open(node, &question, buffer_span(&call.reply), s, err);
	calls_fini(&call, 1);
	return k;
}

enum kp_result kp_records(kp_node *node, const struct kp_records *q, uint32_t timeout_ms,
			  kp_each_record *each, void *ctx, uint64_t *next_index, struct kp_error *err)
{
	const struct showing s = { .evidence = q && q->evidence, .each = each, .ctx = ctx, .next_index = next_index };

	if (!q || !each)
		return fail_usage(err, "a query and something to call for each record are needed");
	return page_get(node, q, timeout_ms, &s, err);
}

enum kp_result records_rows(struct kp_node *node, const struct kp_records *q, uint32_t timeout_ms, records_row *row, void *ctx,
			    uint64_t *next_index, struct kp_error *err)
{
	const struct showing s = { .row = row, .ctx = ctx, .next_index = next_index };

	return page_get(node, q, timeout_ms, &s, err);
}
