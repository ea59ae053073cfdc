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
#include "proto/policy.h"
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

static const char *const *witnesses_of(const struct policy *p, const struct policy_verdict *v, struct arena *arena)
{
	const char **names = arena_array(arena, v->n_cosigned + 1, sizeof *names);
	size_t n = 0;

	for (size_t i = 0; names && p && i < p->n_names; i++) {
		size_t w = p->names[i].witness;

		if (w == POLICY_NONE || !v->cosigned[w])
			continue;
		names[n] = arena_text(arena, span_of_text(p->names[i].name));
		if (!names[n++])
			return NULL;
	}
	return (const char *const *)names;
}

static enum kp_result below_quorum(const struct policy *p, const struct policy_verdict *v, int e, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer missing = { 0 };

	if (e != POLICY_E_QUORUM)
		return broken(err, policy_error_text(e));
	policy_missing(p, v, &missing);
	buffer_u8(&missing, 0);
	return failure(err, KP_UNVERIFIED, "house/witness",
		       "Fetch it again later (knooppunt ladder): a head gathers cosignatures after its receipts left.",
		       "%s: %zu did, missing: %s", policy_error_text(e), v->n_cosigned,
		       buffer_ok(&missing) ? "?" : (const char *)missing.ptr);
}

/* @policy: NULL, or what it must meet beside. */
static enum kp_result check(struct view *view, struct span text, const struct note_key *key, const struct policy *policy,
			    struct kp_error *err)
{
	struct policy_verdict verdict = { 0 };
	struct receipt r;
	struct tlog_proof parsed;
	int e = policy ? tlog_proof_parse(text, &parsed) : RECEIPT_OK;

	if (e)
		return broken(err, receipt_error_text(e));
	if (policy) {
		e = policy_check(policy, key, parsed.checkpoint_note, &verdict);
		if (e < 0)
			return fail_fatal(err, "here/receipt", e);
		if (e)
			return below_quorum(policy, &verdict, e, err);
		key = verdict.log;
	}
	e = receipt_open(text, key, view->arena, &r);
	if (e > 0)
		return broken(err, receipt_error_text(e));
	view->v.witnesses = witnesses_of(policy, &verdict, view->arena);
	for (size_t i = 0; i < POLICY_WITNESSES_MAX; i++)
		if (verdict.unix_s[i] > view->v.witnessed_unix_s)
			view->v.witnessed_unix_s = verdict.unix_s[i];
	if (e < 0 || !view->v.witnesses || !show(&r, view))
		return fail_fatal(err, "here/receipt", e < 0 ? e : -ENOMEM);
	return KP_OK;
}

static enum kp_result check_new(const char *text, size_t len, const struct note_key *key, const struct policy *policy,
				struct kp_receipt_view **out, struct kp_error *err)
{
	struct view *view;
	enum kp_result k;

	if (len > RECEIPT_TEXT_MAX)
		return fail_usage(err, "a receipt is at most %u bytes", RECEIPT_TEXT_MAX);
	view = calloc(1, sizeof *view);
	if (view)
		view->arena = arena_new(RECEIPT_ARENA_BYTES + RECEIPT_TEXT_MAX);
	if (!view || !view->arena) {
		free(view);
		return fail_fatal(err, "here/receipt", -ENOMEM);
	}
	k = check(view, span_of(text, len), key, policy, err);
	if (k) {
		kp_receipt_view_free(&view->v);
		return k;
	}
	*out = &view->v;
	return KP_OK;
}

static bool key_parse(const char *vkey, struct note_key *key)
{
	return note_key_parse(key, span_of(vkey, strcspn(vkey, "\r\n"))) == NOTE_OK;
}

enum kp_result kp_receipt_check(const char *text, size_t len, const char *vkey, struct kp_receipt_view **out,
				struct kp_error *err)
{
	struct note_key key;

	if (!text || !vkey || !out)
		return fail_usage(err, "a receipt and the house's public key are needed");
	if (!key_parse(vkey, &key))
		return fail_usage(err, "this is no public key in the form name+id+base64");
	return check_new(text, len, &key, NULL, out, err);
}

enum kp_result kp_receipt_check_policy(const char *text, size_t len, const char *vkey, const char *policy,
				       struct kp_receipt_view **out, struct kp_error *err)
{
	struct fault_list faults;
	struct note_key key;
	struct policy *p;
	enum kp_result k;

	if (!text || !policy || !out)
		return fail_usage(err, "a receipt and a policy are needed");
	if (vkey && !key_parse(vkey, &key))
		return fail_usage(err, "this is no public key in the form name+id+base64");
	p = malloc(sizeof *p);
	if (!p)
		return fail_fatal(err, "here/receipt", -ENOMEM);
	fault_list_init(&faults, "policy");
	if (policy_parse(span_of_text(policy), &faults, p) != POLICY_OK)
		k = fail_faults(err, KP_USAGE, "here/policy", &faults);
	else if (!p->n_logs && !vkey)
		k = fail_usage(err, "the policy lists no log: the house's public key is needed too");
	else
		k = check_new(text, len, vkey ? &key : NULL, p, out, err);
	free(p);
	return k;
}
