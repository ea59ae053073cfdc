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
#include "client/lib/casus.h"
#include "client/lib/compose.h"
#include "convenant/decide.h"

#define FETCH_MS 3000
#define EXPLANATION_MAX (256u << 10)

/* The header of the verzoek an answer belongs to, from the inbox. false: not known here. */
static bool request_of(struct kp_node *node, const struct header *h, struct arena *arena, struct header *out)
{
	const char *why = "";
	struct envelope e;
	struct message m;
	struct item item;

	if (h->in_reply_to.len != ID_BYTES ||
	    state_item(node->state, h->in_reply_to.ptr, arena, &item) != STATE_OK ||
	    envelope_decode(item.envelope, arena, &e) != ENVELOPE_OK ||
	    message_decode(item.kind, e.payload, arena, &m, &why) != MESSAGE_OK)
		return false;
	*out = m.header;
	return true;
}

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

enum kp_result kp_may_i(kp_node *node, const struct kp_message_out *m, const char *language,
			char **explanation, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(NODE_MESSAGE_BYTES);
	CLEANUP(composed_fini) struct composed c = { 0 };
	struct decide_input in = { 0 };
	struct decision decision;
	struct casus casus;
	struct header request;
	/* The newest rules, or the ones here when the house is away. */
	enum kp_result k = rules_sync(node, FETCH_MS, err) == KP_OK ? KP_OK : rules_need(node, FETCH_MS, err);

	if (!k && !arena)
		k = fail_fatal(err, "here/decide", -ENOMEM);
	if (!k)
		k = compose(node, m, m ? m->to : NULL, NULL, COMPOSE_REHEARSE, &c, err);
	if (k)
		return k;
	if (c.message.header.casus.len) {
		k = casus_find(node, c.message.header.casus, FETCH_MS, &casus, err);
		if (k && k != KP_NONE)
			return k;
		in.casus = k ? NULL : &casus;
	}
	if (request_of(node, &c.message.header, arena, &request))
		in.request = &request;
	in.rules = &node->rules;
	in.message = &c.message;
	in.mandate = c.mandate;
	in.now_unix_ms = env_unix_ms(node->env);
	convenant_decide(&in, &decision);
	failure_clear(err);
	return verdict(&in, &decision, text_equal(language, "nl") ? "nl" : "en", explanation, err);
}
