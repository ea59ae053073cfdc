/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes: version 1; now (u64); flags (1: casus 1, request 2, mandate 4, mandate withdrawn 8); skeleton (lp32); casus
 * (lp32, casus_encode(), with the flag); request (lp32, a skeleton, with the flag); mandate (32, with the flag); n (1)
 * items (lp32 each, item_encode()); n (1) facts, each: code (1), passed (1), rule, subject (lp16 each).
 *
 * The request stands as the skeleton of a verzoek: a header alone has no form of its own outside a message.
 */
#include "convenant/replay.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define REPLAY_VERSION 1

enum { HAS_CASUS = 1, HAS_REQUEST = 2, HAS_MANDATE = 4, MANDATE_WITHDRAWN = 8 };

void replay_of(const struct decide_input *in, const struct mandate *mandate, const struct decision *decided, size_t n_rules,
	       struct replay *out)
{
	*out = (struct replay){
		.message = *in->message,
		.has_casus = in->casus != NULL,
		.has_request = in->request != NULL,
		.has_mandate = mandate != NULL,
		.mandate_withdrawn = mandate && !in->mandate,
		.n_items = in->n_items,
		.items = in->items,
		.now_unix_ms = in->now_unix_ms,
	};
	if (in->casus)
		out->casus = *in->casus;
	if (in->request)
		out->request = *in->request;
	if (mandate)
		out->mandate = mandate->digest;
	for (size_t i = n_rules; i < decided->n && out->n_facts < REPLAY_FACTS_MAX; i++)
		out->facts[out->n_facts++] = decided->findings[i];
}

/* ---- writing ---- */

static int put_casus(const struct replay *r, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer one = { 0 };
	int e;

	buffer_init(&one, 0);
	e = casus_encode(&r->casus, &one);
	buffer_lp32(out, buffer_span(&one));
	return e ? err_pass(e) : 0;
}

static int put_message(const struct message *m, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer one = { 0 };
	int e;

	buffer_init(&one, 0);
	e = skeleton_encode(m, &one);
	buffer_lp32(out, buffer_span(&one));
	return e ? err_pass(e) : 0;
}

static int put_items(const struct replay *r, struct buffer *out)
{
	int e = r->n_items > MESSAGE_SOURCES_MAX ? err_raise(-EINVAL) : 0;

	buffer_u8(out, (uint8_t)r->n_items);
	for (size_t i = 0; !e && i < r->n_items; i++) {
		CLEANUP(buffer_fini) struct buffer one = { 0 };

		buffer_init(&one, 0);
		e = item_encode(&r->items[i], &one);
		buffer_lp32(out, buffer_span(&one));
	}
	return e ? err_pass(e) : 0;
}

static void put_facts(const struct replay *r, struct buffer *out)
{
	buffer_u8(out, (uint8_t)r->n_facts);
	for (size_t i = 0; i < r->n_facts; i++) {
		buffer_u8(out, (uint8_t)r->facts[i].code);
		buffer_u8(out, r->facts[i].passed);
		buffer_lp16(out, span_of_text(r->facts[i].rule));
		buffer_lp16(out, span_of_text(r->facts[i].subject));
	}
}

int replay_encode(const struct replay *r, struct buffer *out)
{
	struct message request = { .kind = MESSAGE_VERZOEK, .header = r->request };
	int e;

	buffer_u8(out, REPLAY_VERSION);
	buffer_u64(out, r->now_unix_ms);
	buffer_u8(out, (uint8_t)((r->has_casus ? HAS_CASUS : 0) | (r->has_request ? HAS_REQUEST : 0) |
				 (r->has_mandate ? HAS_MANDATE : 0) | (r->mandate_withdrawn ? MANDATE_WITHDRAWN : 0)));
	e = put_message(&r->message, out);
	if (!e && r->has_casus)
		e = put_casus(r, out);
	if (!e && r->has_request)
		e = put_message(&request, out);
	if (!e && r->has_mandate)
		buffer_bytes(out, SPAN_OF(r->mandate.bytes));
	if (!e)
		e = put_items(r, out);
	if (e)
		return err_pass(e);
	put_facts(r, out);
	return buffer_ok(out);
}

/* ---- reading ---- */

static bool read_state(struct reader *r, struct arena *arena, struct replay *out)
{
	const unsigned flags = reader_u8(r);
	struct message request;

	if (flags > (HAS_CASUS | HAS_REQUEST | HAS_MANDATE | MANDATE_WITHDRAWN) ||
	    (flags & MANDATE_WITHDRAWN && !(flags & HAS_MANDATE)))
		return false;
	out->has_casus = flags & HAS_CASUS;
	out->has_request = flags & HAS_REQUEST;
	out->has_mandate = flags & HAS_MANDATE;
	out->mandate_withdrawn = flags & MANDATE_WITHDRAWN;
	if (skeleton_decode(reader_lp32(r), arena, &out->message) != ITEM_OK)
		return false;
	if (out->has_casus && casus_decode(reader_lp32(r), &out->casus) != CASUS_OK)
		return false;
	if (out->has_request) {
		if (skeleton_decode(reader_lp32(r), arena, &request) != ITEM_OK || request.kind != MESSAGE_VERZOEK ||
		    request.n_parts)
			return false;
		out->request = request.header;
	}
	if (out->has_mandate)
		reader_copy(r, out->mandate.bytes, sizeof out->mandate.bytes);
	return !r->failed;
}

static bool read_items(struct reader *r, struct arena *arena, struct replay *out)
{
	size_t n = reader_u8(r);
	struct casus_item *items;

	if (n > MESSAGE_SOURCES_MAX)
		return false;
	items = arena_array(arena, n ? n : 1, sizeof *items);
	for (size_t i = 0; items && i < n; i++)
		if (item_decode(reader_lp32(r), arena, &items[i]) != ITEM_OK)
			return false;
	out->n_items = n;
	out->items = items;
	return items && !r->failed;
}

static bool read_facts(struct reader *r, struct arena *arena, struct replay *out)
{
	out->n_facts = reader_u8(r);
	if (out->n_facts > REPLAY_FACTS_MAX)
		return false;
	for (size_t i = 0; i < out->n_facts; i++) {
		struct finding *f = &out->facts[i];
		const unsigned code = reader_u8(r), passed = reader_u8(r);

		if (code >= CODE_N || passed > 1)
			return false;
		*f = (struct finding){ .code = (enum code)code, .article = "", .passed = passed };
		f->rule = item_read_text(r, arena);
		f->subject = item_read_text(r, arena);
	}
	return true;
}

int replay_decode(struct span bytes, struct arena *arena, struct replay *out)
{
	struct replay replay = { 0 };
	struct reader r;

	reader_init(&r, bytes);
	if (reader_u8(&r) != REPLAY_VERSION)
		return REPLAY_E_MALFORMED;
	replay.now_unix_ms = reader_u64(&r);
	if (!read_state(&r, arena, &replay) || !read_items(&r, arena, &replay) || !read_facts(&r, arena, &replay) ||
	    !reader_done(&r))
		return REPLAY_E_MALFORMED;
	*out = replay;
	return REPLAY_OK;
}

/* ---- deciding ---- */

struct decide_input replay_input(const struct replay *r, const struct rules *rules, const struct mandate *mandate)
{
	return (struct decide_input){
		.rules = rules,
		.message = &r->message,
		.mandate = r->has_mandate && !r->mandate_withdrawn ? mandate : NULL,
		.casus = r->has_casus ? &r->casus : NULL,
		.request = r->has_request ? &r->request : NULL,
		.items = r->items,
		.n_items = r->n_items,
		.now_unix_ms = r->now_unix_ms,
	};
}

void replay_decide(const struct replay *r, const struct rules *rules, const struct mandate *mandate, struct decision *out)
{
	struct decide_input in = replay_input(r, rules, mandate);

	convenant_decide(&in, out);
	for (size_t i = 0; i < r->n_facts; i++)
		decision_add(out, r->facts[i].code, r->facts[i].rule, r->facts[i].subject, r->facts[i].passed);
}
