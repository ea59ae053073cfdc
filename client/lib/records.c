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
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/exchange.h"
#include "proto/receipt.h"
#include "proto/record.h"

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

static enum kp_result inzage_compose(struct kp_node *node, const struct kp_records *q, struct composed *out,
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
	m.header.person = signer->id;
	m.header.mandate = SPAN_OF(mandate->digest.bytes);
	m.header.on_behalf_of = m.header.regime = m.header.grondslag = m.header.doel = m.header.noodzaak = "";
	m.header.overleg = m.header.person_role = m.header.answer_kind = "";
	return compose_signed(node, &m, &signer->key, out, err);
}

static json_t *value_json(const struct record_field_info *info, struct span value)
{
	char hex[2 * HASH_BYTES + 1], uuid[UUID_TEXT_SIZE];

	switch (info->form) {
	case RECORD_FORM_TEXT:
		return json_stringn((const char *)value.ptr, value.len);
	case RECORD_FORM_ID:
		if (value.len != ID_BYTES)
			return NULL;
		uuid_encode(value.ptr, uuid);
		return json_string(uuid);
	case RECORD_FORM_U64:
		return value.len == 8 ? json_integer((json_int_t)get_u64(value.ptr)) : NULL;
	case RECORD_FORM_FLAG:
		return json_true();
	case RECORD_FORM_HASH:
		if (value.len != HASH_BYTES)
			return NULL;
		hex_encode(value, hex);
		return json_string(hex);
	case RECORD_FORM_BYTES:
	default:
		return NULL; /* salt and statement are for proofs, not for reading */
	}
}

static void field_json(json_t *object, const struct record_field *f)
{
	const struct record_field_info *info = record_field_info(f->tag);
	json_t *value = info && f->tag != RECORD_SALT ? value_json(info, f->value) : NULL, *list;

	if (!value)
		return;
	if (!info->repeats) {
		json_object_set_new(object, info->name, value);
		return;
	}
	list = json_object_get(object, info->name);
	if (!list) {
		list = json_array();
		json_object_set_new(object, info->name, list);
	}
	json_array_append_new(list, value);
}

static bool bound(const struct entry *e, const struct record *r)
{
	struct span salt = record_get(r, RECORD_SALT), statement = record_get(r, RECORD_STATEMENT);
	uint8_t binding[32];

	if (salt.len != SALT_BYTES)
		return false;
	entry_binding(salt.ptr, statement, binding);
	return !memcmp(binding, e->binding, sizeof binding);
}

/* The proof is of this very entry: its bytes, its place. */
static bool proven(struct kp_node *node, const struct log_record *in)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct receipt receipt;

	return arena && receipt_open(in->proof, &node->home.log_key, arena, &receipt) == RECEIPT_OK && receipt.index == in->index &&
	       span_equal(receipt.entry_bytes, in->entry);
}

/* One record as JSON text, malloc'ed. *sound: whether it is the one its entry is bound to, and proven where it should
 * be. NULL: unreadable. */
static char *record_json(struct kp_node *node, const struct log_record *in, struct arena *arena, bool *sound)
{
	struct record record = { 0 };
	struct entry entry;
	char time[TIME_TEXT_SIZE], *text;
	json_t *object;

	if (entry_parse(in->entry, &entry) != ENTRY_OK ||
	    (in->record.len && record_parse(in->record, arena, &record) != RECORD_OK))
		return NULL;
	*sound = (!in->record.len || bound(&entry, &record)) && (!in->proof.len || proven(node, in));
	time_encode(entry.time_unix_ms, time);
	object = json_pack("{s:I,s:s,s:s,s:s,s:I,s:b,s:b}", "index", (json_int_t)in->index, "kind",
			   entry_kind_name(entry.kind), "code", code_name(entry.code), "time", time,
			   "unix_ms", (json_int_t)entry.time_unix_ms, "readable", in->record.len != 0,
			   "bound", (int)*sound);
	for (size_t i = 0; object && i < record.n; i++)
		field_json(object, &record.fields[i]);
	if (object && in->proof.len)
		json_object_set_new(object, "proof", json_stringn((const char *)in->proof.ptr, in->proof.len));
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	return text;
}

static enum kp_result page_show(struct kp_node *node, const struct log_page *page, struct arena *arena,
				kp_each_record *each, void *ctx, struct kp_error *err)
{
	enum kp_result k = KP_OK;

	for (size_t i = 0; i < page->n; i++) {
		bool sound = false, more;
		char *text = record_json(node, &page->v[i], arena, &sound);

		if (!text || !sound)
			k = failure(err, KP_UNVERIFIED, "house/records",
				    "Export the log and run: knooppunt audit verify.",
				    "record %llu is not the one its entry in the log is bound to, or is not proven",
				    (unsigned long long)page->v[i].index);
		if (!text)
			continue;
		more = each(ctx, page->v[i].index, text);
		free(text);
		if (!more)
			break;
	}
	return k;
}

static enum kp_result page_open(struct kp_node *node, const struct composed *question, struct span sealed,
				kp_each_record *each, void *ctx, uint64_t *next_index, struct kp_error *err)
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
	if (next_index)
		*next_index = page.next_index < page.size ? page.next_index : 0;
	return page_show(node, &page, arena, each, ctx, err);
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

enum kp_result kp_records(kp_node *node, const struct kp_records *q, uint32_t timeout_ms,
			  kp_each_record *each, void *ctx, uint64_t *next_index, struct kp_error *err)
{
	CLEANUP(composed_fini) struct composed question = { 0 };
	struct call call = { 0 };
	enum kp_result k;

	if (!q || !each)
		return fail_usage(err, "a query and something to call for each record are needed");
	k = rules_need(node, timeout_ms, err);
	if (!k)
		k = exchange_mandates_send(node, timeout_ms, err);
	if (!k)
		k = inzage_compose(node, q, &question, err);
	if (!k)
		k = inzage_ask(node, &question, timeout_ms, &call, err);
	if (!k)
		k = page_open(node, &question, buffer_span(&call.reply), each, ctx, next_index, err);
	calls_fini(&call, 1);
	return k;
}
