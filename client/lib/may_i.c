/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The house's own decision function over the rules that are here. The message is composed for real and thrown
 * away, so that what is judged is what would be sent; a recipient without a key gets a part that nobody can
 * open.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/follow.h"
#include "client/lib/gather.h"

#define FETCH_MS 3000
#define GATHER_ARENA_BYTES (64u << 20) /* a limit: sixteen items and a casus */
#define EXPLANATION_MAX (256u << 10)

static enum kp_result verdict(const struct decide_input *in, const struct decision *d, const char *language,
			      char **explanation, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	const struct finding *first = NULL;
	int r;

	buffer_init(&text, EXPLANATION_MAX);
	r = explain_print(in, d, language, &text);
	if (r)
		return fail_fatal(err, "here/decide", r);
	if (explanation) {
		*explanation = strndup((const char *)text.ptr, text.len);
		if (!*explanation)
			return fail_fatal(err, "here/decide", -ENOMEM);
	}
	if (d->code == CODE_TOEGESTAAN)
		return KP_OK;
	for (size_t i = 0; i < d->n && !first; i++)
		if (!d->findings[i].passed)
			first = &d->findings[i];
	failure(err, KP_REFUSED, "here/decide", code_remedy_en(d->code), "%s%s%s", code_text_en(d->code),
		first ? " Rule: " : "", first ? first->rule : "");
	fail_code(err, code_name(d->code));
	return KP_REFUSED;
}

static void about_free(struct kp_message_in **about)
{
	kp_message_in_free(*about);
}

/* A message that follows on another is tried with that one's header, as kp_follow() would send it; c borrows from *about. */
static enum kp_result try_compose(struct kp_node *node, const struct kp_message_out *m, struct kp_message_in **about, struct composed *c,
				  struct kp_error *err)
{
	struct kp_message_out whole;
	enum kp_result k = KP_OK;

	if (!m)
		return fail_usage(err, "there is no message");
	whole = *m;
	if (m->in_reply_to || m->sources)
		k = follow_header(node, m->in_reply_to ? m->in_reply_to : m->sources[0], &whole, about, err);
	if (!k || k == KP_NONE) /* one that is not here is for the decision to judge */
		k = compose(node, &whole, whole.to, NULL, COMPOSE_REHEARSE, c, err);
	return k;
}

enum kp_result kp_may_i(kp_node *node, const struct kp_message_out *m, const char *language,
			char **explanation, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(GATHER_ARENA_BYTES);
	CLEANUP(about_free) struct kp_message_in *about = NULL;
	CLEANUP(composed_fini) struct composed c = { 0 };
	struct gathered *all = arena ? arena_array(arena, 1, sizeof *all) : NULL;
	struct decision decision;
	/* The newest rules, or the ones here when the house is away. */
	enum kp_result k = rules_sync(node, FETCH_MS, err) == KP_OK ? KP_OK : rules_need(node, FETCH_MS, err);

	if (!k && !all)
		k = fail_fatal(err, "here/decide", -ENOMEM);
	if (!k)
		k = try_compose(node, m, &about, &c, err);
	if (!k)
		k = gather(node, &c, FETCH_MS, arena, all, err);
	if (k)
		return k;
	convenant_decide(&all->input, &decision);
	failure_clear(err);
	return verdict(&all->input, &decision, text_equal(language, "nl") ? "nl" : "en", explanation, err);
}
