/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Receipts: checked, kept as files that anyone can check again, and shown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/decide.h"
#include "client/lib/node.h"
#include "proto/receipt.h"

#define RECEIPT_TEXT_MAX (256u << 10)

static enum kp_result broken(struct kp_error *err, const char *why)
{
	return failure(
		err, KP_UNVERIFIED, "house/receipt",
		"Keep the file: together with the house's key it shows what is wrong. Tell the stewards.",
		"the receipt does not hold: %s", why);
}

enum kp_result receipt_verify(struct kp_node *node, struct span text, const uint8_t *id,
			      const struct hash *digest, struct arena *arena, struct receipt *out,
			      struct kp_error *err)
{
	int r = receipt_open(text, &node->home.log_key, arena, out);
	const char *why = NULL;

	if (r < 0)
		return fail_fatal(err, "here/receipt", r);
	if (r)
		why = receipt_error_text(r);
	else if (id && memcmp(out->statement.message_id, id, ID_BYTES) != 0)
		why = "it is about another message";
	else if (digest && !hash_equal(&out->statement.digest, digest))
		why = "it is about other bytes than those that were sent";
	else if (digest && out->entry.kind != ENTRY_BERICHT && out->entry.kind != ENTRY_INZAGE &&
		 out->entry.kind != ENTRY_TOELATING)
		why = "it does not say what was decided about the message";
	if (!why)
		return KP_OK;
	if (id) {
		char uuid[UUID_TEXT_SIZE], file[64];

		uuid_encode(id, uuid);
		snprintf(file, sizeof file, "%s.receipt", uuid);
		node_keep(node, "evidence", file, text);
	}
	return broken(err, why);
}

void receipt_keep(struct kp_node *node, const uint8_t id[ID_BYTES], const char *rung,
		  const char *hoedanigheid, struct span text)
{
	char uuid[UUID_TEXT_SIZE], file[UUID_TEXT_SIZE + 64 + REGISTER_ID_MAX];

	uuid_encode(id, uuid);
	if (*hoedanigheid && name_is_safe(hoedanigheid))
		snprintf(file, sizeof file, "%s.%.32s.%s.tlog-proof", uuid, rung, hoedanigheid);
	else
		snprintf(file, sizeof file, "%s.%.32s.tlog-proof", uuid, rung);
	node_keep(node, "receipts", file, text);
}

/* What failed, in sentences, each with the id of its rule; as far as they fit. */
static void findings_print(const struct receipt *r, char *out, size_t size)
{
	struct buffer text;
	size_t len;

	buffer_init(&text, 0);
	for (size_t i = 0; i < r->statement.n; i++) {
		const struct statement_finding *f = &r->statement.findings[i];

		if (i)
			buffer_text(&text, " ");
		explain_failed(f->rule, f->subject, "en", &text);
		buffer_printf(&text, " [%s]", f->rule);
	}
	len = text.len < size ? text.len : size - 1;
	if (len)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
	buffer_fini(&text);
}

enum kp_result receipt_refusal(const struct receipt *r, struct kp_error *err)
{
	char findings[400];

	findings_print(r, findings, sizeof findings);
	failure(err, KP_REFUSED, "house/decide", code_remedy_en(r->entry.code), "%s",
		*findings ? findings : code_text_en(r->entry.code));
	fail_code(err, code_name(r->entry.code));
	return KP_REFUSED;
}

/* --- public --- */

struct view {
	struct kp_receipt_view v; /* first: what the caller holds */
	struct arena *arena;
};

void kp_receipt_view_free(struct kp_receipt_view *v)
{
	struct view *view = (struct view *)v;

	if (view)
		arena_free(view->arena);
	free(view);
}

static const char *const *rules_of(const struct receipt *r, struct arena *arena)
{
	const char **v = arena_array(arena, r->statement.n + 1, sizeof *v);

	for (size_t i = 0; v && i < r->statement.n; i++) {
		const struct statement_finding *f = &r->statement.findings[i];

		v[i] = arena_printf(arena, "%s %s%s%s", code_name(f->code), f->rule, *f->subject ? " " : "",
				    f->subject);
		if (!v[i])
			return NULL;
	}
	return (const char *const *)v;
}

static bool show(const struct receipt *r, struct view *view)
{
	uuid_encode(r->statement.message_id, view->v.message_id);
	view->v.rung = receipt_rung(r);
	view->v.code = code_name(r->entry.code);
	view->v.index = r->index;
	view->v.size = r->checkpoint.size;
	view->v.unix_ms = r->entry.time_unix_ms;
	view->v.rules = rules_of(r, view->arena);
	view->v.origin = arena_text(view->arena, span_of_text(r->checkpoint.origin));
	return view->v.rules && view->v.origin;
}

enum kp_result kp_receipt_check(const char *text, size_t len, const char *vkey, struct kp_receipt_view **out,
				struct kp_error *err)
{
	struct note_key key;
	struct receipt r;
	struct view *view;
	int e;

	if (!text || !vkey || !out)
		return fail_usage(err, "a receipt and the house's public key are needed");
	if (note_key_parse(&key, span_of(vkey, strcspn(vkey, "\r\n"))) != NOTE_OK)
		return fail_usage(err, "this is no public key in the form name+id+base64");
	if (len > RECEIPT_TEXT_MAX)
		return fail_usage(err, "a receipt is at most %u bytes", RECEIPT_TEXT_MAX);
	view = calloc(1, sizeof *view);
	if (view)
		view->arena = arena_new(RECEIPT_ARENA_BYTES + RECEIPT_TEXT_MAX);
	if (!view || !view->arena) {
		free(view);
		return fail_fatal(err, "here/receipt", -ENOMEM);
	}
	e = receipt_open(span_of(text, len), &key, view->arena, &r);
	if (e == RECEIPT_OK && show(&r, view)) {
		*out = &view->v;
		return KP_OK;
	}
	kp_receipt_view_free(&view->v);
	if (e < 0 || e == RECEIPT_OK)
		return fail_fatal(err, "here/receipt", e < 0 ? e : -ENOMEM);
	return broken(err, receipt_error_text(e));
}
