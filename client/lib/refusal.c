/* SPDX-License-Identifier: EUPL-1.2 */
/* Why a message was refused, whole and in the reader's language: a receipt names rules, the sentences are here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/node.h"
#include "convenant/decide.h"
#include "proto/receipt.h"

#define REFUSAL_ARENA_BYTES (1u << 20)

struct refusal {
	struct kp_refusal r; /* first: what the caller holds */
	struct arena *arena;
};

void kp_refusal_free(struct kp_refusal *r)
{
	struct refusal *whole = (struct refusal *)r;

	if (whole)
		arena_free(whole->arena);
	free(whole);
}

static void refusal_freep(struct refusal **r)
{
	if (*r)
		kp_refusal_free(&(*r)->r);
}

static const char *sentence(const struct statement_finding *f, const char *language, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	buffer_init(&text, 0);
	explain_failed(f->rule, f->subject, language, &text);
	return buffer_ok(&text) ? NULL : arena_text(arena, buffer_span(&text));
}

static int fill(struct refusal *out, const struct receipt *r, const char *language)
{
	struct kp_refused_rule *rules = arena_array(out->arena, r->statement.n + 1, sizeof *rules);
	bool nl = text_equal(language, "nl");

	if (!rules)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < r->statement.n; i++) {
		const struct statement_finding *f = &r->statement.findings[i];

		rules[i] = (struct kp_refused_rule){ code_name(f->code), f->rule, f->subject, sentence(f, language, out->arena) };
		if (!rules[i].text)
			return err_raise(-ENOMEM);
	}
	out->r.code = code_name(r->entry.code);
	out->r.text = nl ? code_text_nl(r->entry.code) : code_text_en(r->entry.code);
	out->r.remedy = nl ? code_remedy_nl(r->entry.code) : code_remedy_en(r->entry.code);
	out->r.rules = rules;
	out->r.n_rules = r->statement.n;
	return 0;
}

enum kp_result kp_refusal(kp_node *node, const char *receipt, const char *language, struct kp_refusal **out,
			  struct kp_error *err)
{
	CLEANUP(refusal_freep) struct refusal *whole = calloc(1, sizeof *whole);
	struct receipt r;
	struct span text;
	int e;

	if (!receipt || !out)
		return fail_usage(err, "a receipt, and somewhere to put what it says, are needed");
	if (whole)
		whole->arena = arena_new(REFUSAL_ARENA_BYTES);
	if (!whole || !whole->arena)
		return fail_fatal(err, "here/receipt", -ENOMEM);
	text = arena_copy(whole->arena, span_of_text(receipt)); /* what the receipt says borrows from its text */
	e = receipt_open(text, &node->home.log_key, whole->arena, &r);
	if (e < 0)
		return fail_fatal(err, "here/receipt", e);
	if (e)
		return failure(err, KP_UNVERIFIED, "house/receipt", "Do not rely on it.", "the receipt does not hold: %s",
			       receipt_error_text(e));
	e = fill(whole, &r, language ? language : "en");
	if (e)
		return fail_fatal(err, "here/receipt", e);
	*out = &TAKE(whole)->r;
	return KP_OK;
}
