/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The answer repeats what the question was about (casus, regime, grondslag, doel, overleg, exchange), so that the house can judge it
 * within the request, and goes to who asked. Putting it into the outbox and closing the question is one step: a crash can't make a
 * handler disclose twice.
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
		return fail_usage(err, "message %s is a %s; only a verzoek can be answered", m->message_id, m->kind);
	return KP_OK;
}

static enum kp_result answer_send(struct kp_node *node, const struct kp_message_in *question, const struct kp_message_out *answer,
				  uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	struct composed c = { 0 };
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(question->message_id, "message_id", id, err);

	if (!k)
		k = compose(node, answer, answer->to, NULL, COMPOSE_SEND, &c, err);
	if (k == KP_NONE && rules_sync(node, timeout_ms, NULL) == KP_OK)
		k = compose(node, answer, answer->to, NULL, COMPOSE_SEND, &c, err);
	if (!k) /* LATER is no answer yet: the question stays open */
		k = exchange_send(node, &c, 1, text_equal(answer->answer_kind, "LATER") ? NULL : id, timeout_ms, out, err);
	composed_fini(&c);
	return k == KP_NONE ? KP_USAGE : k;
}

enum kp_result kp_answer(kp_node *node, const char *message_id, const char *kind, const struct kp_part *parts, size_t n_parts,
			 uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	struct kp_message_in *question = NULL;
	struct kp_message_out answer = { .kind = "antwoord", .answer_kind = kind, .parts = parts, .n_parts = n_parts };
	const char *to[2] = { NULL, NULL };
	uint8_t id[ID_BYTES];
	enum kp_result k;

	if (!out)
		return fail_usage(err, "there is nowhere to put the result");
	memset(out, 0, sizeof *out);
	k = node_id(message_id, "message_id", id, err);
	if (!k && n_parts && !parts)
		k = fail_usage(err, "parts: %zu were announced, none is there", n_parts);
	if (!k)
		k = rules_need(node, timeout_ms, err);
	if (!k)
		k = open_stored(node, id, true, &question, err); /* an answer goes to who is proven to have asked */
	if (!k)
		k = answerable(question, err);
	if (!k) {
		to[0] = question->sender;
		answer.to = to;
		answer.as = question->recipient;
		answer.casus = question->casus;
		answer.exchange = question->exchange_id;
		answer.in_reply_to = question->message_id;
		answer.regime = question->regime;
		answer.grondslag = question->grondslag;
		answer.doel = question->doel;
		answer.noodzaak = question->noodzaak;
		answer.overleg = question->overleg;
		answer.person_role = question->person_role;
		k = answer_send(node, question, &answer, timeout_ms, out, err);
	}
	kp_message_in_free(question);
	if (k && !out->result) {
		out->result = k;
		if (err)
			out->error = *err;
	}
	return k;
}
