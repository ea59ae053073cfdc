/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What follows on a message repeats what that was about (casus, regime, grondslag, doel, overleg, exchange), so that the house can
 * judge it within what was asked or given, and goes to who it concerns.
 *
 * Putting an answer into the outbox and closing what asked for it is one step: a crash can't make a handler disclose twice. An
 * answer that says "nothing to be told" is stored at once and leaves at a moment that does not depend on how long anybody looked
 * (docs/decisions/0026). Content that is to be destroyed goes before the word that it is gone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/body.h"
#include "client/lib/exchange.h"
#include "client/lib/follow.h"
#include "client/lib/open.h"

#define WIPE_ARENA_BYTES (8u << 20)
#define RULES_FETCH_MS 3000

/* --- header fields of the message that is followed --- */

static const char *or_else(const char *given, const char *otherwise)
{
	return given ? given : *otherwise ? otherwise : NULL;
}

/* own: this node sent what is followed. */
static void inherit(struct kp_message_out *m, const struct kp_message_in *about, bool own)
{
	m->as = or_else(m->as, own ? about->sender : about->recipient);
	m->casus = or_else(m->casus, about->casus);
	m->regime = or_else(m->regime, about->regime);
	m->grondslag = or_else(m->grondslag, about->grondslag);
	m->doel = or_else(m->doel, about->doel);
	m->noodzaak = or_else(m->noodzaak, about->noodzaak);
	m->overleg = or_else(m->overleg, about->overleg);
	m->person_role = or_else(m->person_role, about->person_role);
	m->related_to = or_else(m->related_to, about->related_to);
}

/* --- answers --- */

struct answer_kind {
	enum message_kind of;
	const char *name, *message;
	bool granted, known;
	const char *action;
};
static const struct answer_kind answer_kinds[] = {
	{ MESSAGE_VERZOEK, "GEGEVENS", "antwoord", false, false, NULL },
	{ MESSAGE_VERZOEK, "DEELS", "antwoord", false, false, NULL },
	{ MESSAGE_VERZOEK, "NIET_BEKEND", "antwoord", false, false, NULL },
	{ MESSAGE_VERZOEK, "GEEN_MEDEDELING", "antwoord", false, false, NULL },
	{ MESSAGE_VERZOEK, "WEIGERING", "antwoord", false, false, NULL },
	{ MESSAGE_VERZOEK, "LATER", "antwoord", false, false, NULL },
	{ MESSAGE_BEKENDHEIDSVRAAG, "BEKEND", "bekendheidsantwoord", false, true, NULL },
	{ MESSAGE_BEKENDHEIDSVRAAG, "NIET_BEKEND", "bekendheidsantwoord", false, false, NULL },
	{ MESSAGE_INSTEMMINGSVERZOEK, "INSTEMMING", "instemming", true, false, NULL },
	{ MESSAGE_INSTEMMINGSVERZOEK, "WEIGERING", "instemming", false, false, NULL },
	{ MESSAGE_CORRECTIE, "VERBETERD", "bevestiging", false, false, "verbeterd" },
	{ MESSAGE_CORRECTIE, "VERNIETIGD", "bevestiging", false, false, "vernietigd" },
};

static enum kp_result answer_kind_of(const struct kp_message_in *m, const char *name, const struct answer_kind **out,
				     struct kp_error *err)
{
	enum message_kind kind = (enum message_kind)message_kind_find(m->kind);
	char possible[160] = "";
	size_t len = 0;

	if (!open_asks(kind))
		return fail_usage(err, "message %s is a %s, which asks no answer", m->message_id, m->kind);
	if (m->state == KP_ITEM_DONE)
		return fail_usage(err, "%s %s was answered before; what was said stands in the ladder of the answer", m->kind,
				  m->message_id);
	for (size_t i = 0; i < N_ELEMENTS(answer_kinds); i++) {
		const struct answer_kind *a = &answer_kinds[i];

		if (a->of != kind)
			continue;
		if (text_equal(a->name, name ? name : "")) {
			*out = a;
			return KP_OK;
		}
		len += (size_t)snprintf(possible + len, sizeof possible - len, "%s%s", len ? ", " : "", a->name);
	}
	return fail_usage(err, "a %s is answered with %s, not with \"%s\"", m->kind, possible, name ? name : "");
}

uint64_t follow_leaves_unix_ms(uint64_t received_unix_ms, uint64_t now_unix_ms, uint32_t step_ms)
{
	uint64_t since = now_unix_ms > received_unix_ms ? now_unix_ms - received_unix_ms : 0;

	return received_unix_ms + (since / step_ms + 1) * step_ms;
}

/* What a correctie takes back is destroyed here: an envelope of our own, without the parts, takes its place. */
static enum kp_result wipe(struct kp_node *node, const struct kp_message_in *correctie, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(WIPE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer payload = { 0 }, shell = { 0 };
	const char *why = "";
	uint8_t id[ID_BYTES];
	struct envelope e;
	struct message m;
	struct item item;
	int r = arena ? 0 : -ENOMEM;

	if (!uuid_decode(correctie->in_reply_to, id))
		return KP_OK;
	if (!r)
		r = state_item(node->state, id, arena, &item);
	if (r == STATE_E_ABSENT)
		return KP_OK; /* it was withdrawn before it came */
	buffer_init(&payload, ENVELOPE_BYTES_MAX);
	buffer_init(&shell, ENVELOPE_BYTES_MAX);
	if (!r && (envelope_decode(item.envelope, arena, &e) != ENVELOPE_OK ||
		   message_decode(item.kind, e.payload, arena, &m, &why) != MESSAGE_OK))
		r = -EBADMSG;
	if (!r) {
		m.n_parts = 0;
		r = message_encode(&m, &payload);
	}
	if (!r)
		r = envelope_sign(e.type, buffer_span(&payload), node->keys.node.secret, &shell);
	if (!r)
		r = state_wipe(node->state, id, buffer_span(&shell));
	return r ? fail_fatal(err, "here/wipe", err_fold(r)) : KP_OK;
}

/* Composed with the rules here, once more with newer ones when a recipient has no key in them yet. */
static enum kp_result composed(struct kp_node *node, const struct kp_message_out *m, uint32_t timeout_ms, struct composed *c,
			       struct kp_error *err)
{
	enum kp_result k = compose(node, m, m->to, NULL, COMPOSE_SEND, c, err);

	if (k == KP_NONE && rules_sync(node, timeout_ms, NULL) == KP_OK)
		k = compose(node, m, m->to, NULL, COMPOSE_SEND, c, err);
	return k == KP_NONE ? KP_USAGE : k;
}

static enum kp_result answer_send(struct kp_node *node, const struct kp_message_in *question, const struct kp_message_out *answer,
				  uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	bool later = text_equal(answer->answer_kind ? answer->answer_kind : "", "LATER");
	struct composed c = { 0 };
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(question->message_id, "message_id", id, err);

	if (!k)
		k = composed(node, answer, timeout_ms, &c, err);
	if (!k && text_equal(c.message.header.answer_kind, "NIET_BEKEND"))
		c.leaves_unix_ms = follow_leaves_unix_ms(question->received_unix_ms, env_unix_ms(node->env),
							 node->home.withheld_step_ms);
	if (!k && text_equal(answer->action ? answer->action : "", "vernietigd"))
		k = wipe(node, question, err);
	if (!k) /* LATER is no answer yet: the question stays open */
		k = exchange_send(node, &c, 1, later ? NULL : id, timeout_ms, out, err);
	composed_fini(&c);
	return k;
}

static struct kp_message_out answer_to(const struct kp_message_in *question, const struct kp_reply *answer,
				       const struct answer_kind *kind, const char *const *to)
{
	struct kp_message_out m = {
		.kind = kind->message,
		.to = to,
		.exchange = question->exchange_id,
		.in_reply_to = question->message_id,
		.answer_kind = kind->of == MESSAGE_VERZOEK ? kind->name : NULL,
		.parts = answer->parts,
		.n_parts = answer->n_parts,
		.on_behalf_of = answer->on_behalf_of,
		.granted = kind->granted,
		.known = kind->known,
		.action = kind->action,
		.until_unix_ms = kind->granted ? answer->until_unix_ms : 0,
	};

	inherit(&m, question, false);
	return m;
}

static enum kp_result reply(struct kp_node *node, const char *message_id, const struct kp_reply *answer,
			    uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	const struct answer_kind *kind = NULL;
	struct kp_message_in *question = NULL;
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);

	if (!k && (!answer || (answer->n_parts && !answer->parts)))
		k = fail_usage(err, "the answer, or its parts, are missing");
	if (!k)
		k = rules_need(node, timeout_ms, err);
	if (!k) /* an answer goes to who is proven to have asked */
		k = open_stored(node, id, true, &question, err);
	if (!k)
		k = answer_kind_of(question, answer->kind, &kind, err);
	if (!k) {
		const char *const to[] = { question->sender, NULL };
		struct kp_message_out m = answer_to(question, answer, kind, to);

		k = answer_send(node, question, &m, timeout_ms, out, err);
	}
	kp_message_in_free(question);
	return k;
}

/* --- what follows without having been asked for --- */

/* What somebody is, says what a supply to him is. */
static const char *target_kind_of(const struct kp_node *node, const struct kp_message_out *m)
{
	const struct reg_hoedanigheid *h = m->to && m->to[0] ? registry_hoedanigheid(node->rules.registry, m->to[0]) : NULL;
	const struct kader_kind *kind = h ? kader_kind(node->rules.kader, h->kind) : NULL;

	if (!m->to || !m->to[0])
		return "derde";
	return !kind ? "deelnemer" : kind->lid == LID_HUIS ? "huis" : kind->lid == LID_VERBAND ? "verband" : "deelnemer";
}

static bool default_basis(const struct kp_node *node, const char *overleg, enum message_kind kind, struct convenant_choice *out)
{
	for (size_t i = 0; i < node->rules.n_convenanten; i++)
		if (convenant_default(node->rules.convenanten[i], overleg, kind, out))
			return true;
	return false;
}

/*
 * What is added to an item rests on what the item rests on. The others have a basis of their own: the first that the convenant allows
 * for them, of the newest rules when those here know none. NULL: that of the item, for the house to judge.
 */
static const char *basis_of(struct kp_node *node, const struct kp_message_out *m, struct kp_message_in *about)
{
	const char *overleg = m->overleg ? m->overleg : about->overleg;
	int kind = message_kind_find(m->kind);
	struct convenant_choice choice;

	if (kind <= 0 || kind == MESSAGE_AANVULLING)
		return NULL;
	if (!default_basis(node, overleg, (enum message_kind)kind, &choice) &&
	    (rules_sync(node, RULES_FETCH_MS, NULL) != KP_OK || !default_basis(node, overleg, (enum message_kind)kind, &choice)))
		return NULL;
	return arena_text(open_arena(about), span_of_text(choice.grondslag)); /* the rules may be renewed before it is used */
}

static enum kp_result lists_of(const struct kp_message_in *about, struct arena *arena, const char *const **sender,
			       const char *const **source, struct kp_error *err)
{
	const struct text_list one = { 1, (const char *[]){ about->sender } }, two = { 1, (const char *[]){ about->message_id } };

	*sender = body_words(&one, arena);
	*source = body_words(&two, arena);
	return *sender && *source ? KP_OK : fail_fatal(err, "here/compose", -ENOMEM);
}

enum kp_result follow_header(struct kp_node *node, const char *message_id, struct kp_message_out *m, struct kp_message_in **about,
			     struct kp_error *err)
{
	bool to_all = text_equal(m->kind, "aanvulling") || text_equal(m->kind, "correctie");
	bool onward = text_equal(m->kind, "verstrekking");
	const char *const *sender, *const *source;
	enum kp_result k = kp_find(node, message_id, about, err);

	if (!k)
		k = lists_of(*about, open_arena(*about), &sender, &source, err);
	if (k)
		return k;
	m->grondslag = m->grondslag ? m->grondslag : basis_of(node, m, *about);
	inherit(m, *about, !*(*about)->recipient);
	if (onward) {
		m->sources = m->sources ? m->sources : source;
		m->target_kind = m->target_kind ? m->target_kind : target_kind_of(node, m);
		return KP_OK; /* whoever gets it learns of no other exchange */
	}
	m->to = m->to ? m->to : to_all ? (*about)->recipients : sender;
	m->in_reply_to = m->in_reply_to ? m->in_reply_to : (*about)->message_id;
	m->exchange = m->exchange ? m->exchange : (*about)->exchange_id;
	return KP_OK;
}

/* It no longer waits for it; at worst the house reminds once more. */
static void told_back(struct kp_node *node, const struct kp_message_in *about)
{
	uint8_t id[ID_BYTES];

	if (uuid_decode(about->message_id, id))
		(void)!state_mark_set(node->state, MARK_TOLD, id, SPAN_LITERAL("1"));
}

static enum kp_result follow(struct kp_node *node, const char *message_id, const struct kp_message_out *given, uint32_t timeout_ms,
			     struct kp_sent *out, struct kp_error *err)
{
	struct kp_message_in *about = NULL;
	struct composed c = { 0 };
	struct kp_message_out m;
	enum kp_result k;

	if (!given || !given->kind)
		return fail_usage(err, "there is no message, or it has no kind");
	m = *given;
	k = rules_need(node, timeout_ms, err);
	if (!k)
		k = follow_header(node, message_id, &m, &about, err);
	if (!k)
		k = composed(node, &m, timeout_ms, &c, err);
	if (!k)
		k = exchange_send(node, &c, 1, NULL, timeout_ms, out, err);
	if (*out->message_id && k != KP_REFUSED && text_equal(m.kind, "terugkoppeling"))
		told_back(node, about);
	composed_fini(&c);
	kp_message_in_free(about);
	return k;
}

/* --- public --- */

static enum kp_result told(enum kp_result k, struct kp_sent *out, const struct kp_error *err)
{
	if (k && !out->result) {
		out->result = k;
		if (err)
			out->error = *err;
	}
	return k;
}

enum kp_result kp_answer(kp_node *node, const char *message_id, const struct kp_reply *answer,
			uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err)
{
	if (!out)
		return fail_usage(err, "there is nowhere to put the result");
	memset(out, 0, sizeof *out);
	return told(reply(node, message_id, answer, timeout_ms, out, err), out, err);
}

enum kp_result kp_follow(kp_node *node, const char *message_id, const struct kp_message_out *m, uint32_t timeout_ms,
			 struct kp_sent *out, struct kp_error *err)
{
	if (!out)
		return fail_usage(err, "there is nowhere to put the result");
	memset(out, 0, sizeof *out);
	return told(follow(node, message_id, m, timeout_ms, out, err), out, err);
}
