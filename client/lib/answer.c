/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The answer repeats what the question was about (casus, regime, grondslag, doel, overleg, exchange), so that
 * the house can judge it within the request, and goes to who asked. Putting it into the outbox and closing
 * the question is one step: a crash can't make a handler disclose twice.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/exchange.h"
#include "client/lib/open.h"

static enum kp_result answerable(const struct kp_message_in *m, struct kp_error *err)
{
	if (strcmp(m->kind, "verzoek") != 0)
		return fail_usage(err, "message %s is a %s; only a verzoek can be answered", m->message_id,
				  m->kind);
	if (m->state == KP_ITEM_DONE)
		return fail_usage(err, "question %s was answered before; what was said stands in the ladder of the answer",
				  m->message_id);
	return KP_OK;
}

static enum kp_result answer_send(struct kp_node *node, const struct kp_message_in *question,
				  const struct kp_message_out *answer, uint32_t timeout_ms,
				  struct kp_sent *out, struct kp_error *err)
{
	struct composed c = { 0 };
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(question->message_id, "message_id", id, err);

	if (!k)
		k = compose(node, answer, answer->to, NULL, COMPOSE_SEND, &c, err);
	if (k == KP_NONE && rules_sync(node, timeout_ms, NULL) == KP_OK)
		k = compose(node, answer, answer->to, NULL, COMPOSE_SEND, &c, err);
	if (!k) /* LATER is no answer yet: the question stays open */
		k = exchange_send(node, &c, 1, text_equal(answer->answer_kind, "LATER") ? NULL : id,
				  timeout_ms, out, err);
	composed_fini(&c);
	return k == KP_NONE ? KP_USAGE : k;
}

/* The answer's header is the question's. */
static struct kp_message_out answer_to(const struct kp_message_in *question, const struct kp_reply *answer,
				       const char *const *to)
{
	return (struct kp_message_out) {
		.kind = "antwoord",
		.to = to,
		.as = question->recipient,
		.casus = question->casus,
		.exchange = question->exchange_id,
		.in_reply_to = question->message_id,
		.regime = question->regime,
		.grondslag = question->grondslag,
		.doel = question->doel,
		.noodzaak = question->noodzaak,
		.overleg = question->overleg,
		.person_role = question->person_role,
		.answer_kind = answer->kind,
		.parts = answer->parts,
		.n_parts = answer->n_parts,
	};
}

static enum kp_result reply(struct kp_node *node, const char *message_id, const struct kp_reply *answer,
			    uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	struct kp_message_in *question = NULL;
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);

	if (!k && (!answer || (answer->n_parts && !answer->parts)))
		k = fail_usage(err, "the answer, or its parts, are missing");
	if (!k)
		k = rules_need(node, timeout_ms, err);
	if (!k)
		k = open_stored(node, id, true, &question,
				err); /* an answer goes to who is proven to have asked */
	if (!k)
		k = answerable(question, err);
	if (!k) {
		const char *const to[] = { question->sender, NULL };
		struct kp_message_out m = answer_to(question, answer, to);

		k = answer_send(node, question, &m, timeout_ms, out, err);
	}
	kp_message_in_free(question);
	return k;
}

enum kp_result kp_answer(kp_node *node, const char *message_id, const struct kp_reply *answer,
			uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	enum kp_result k;

	if (!out)
		return fail_usage(err, "there is nowhere to put the result");
	memset(out, 0, sizeof *out);
	k = reply(node, message_id, answer, timeout_ms, out, err);
	if (k && !out->result) {
		out->result = k;
		if (err)
			out->error = *err;
	}
	return k;
}
