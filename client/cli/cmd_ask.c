/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * ask: one question to many partners, collected. Each partner gets its own sealed envelope and sees only itself.
 *
 * The question travels in one sealed part "vraag": {"betrokkene": {...}, "vraag": "..."}. The betrokkene comes from a file
 * or standard input, never from the command line, where other users of the machine could read it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/text.h"
#include "client/cli/messages.h"
#include "client/cli/overleg.h"
#include "client/cli/parts.h"
#include "client/cli/send.h"

#define DAY_MS UINT64_C(86400000)

struct ask {
	struct cli_send send;
	char *casus, *subject, *question, *deadline, *template, *person_role, *related_to;
	int wait_s;
	const char *text;    /* of the question, when a template gives it */
	bool at_meeting;     /* the deadline is the next meeting of the overleg */
	struct rules rules;  /* where a template's texts live */
};

struct collected {
	const struct cli *cli;
	kp_node *node;
	const struct kp_sent *sent;
	size_t n_sent, n_answered;
	bool *answered;
	char (*answers)[KP_ID_SIZE];
};

static bool note_answer(void *ctx, const struct kp_message_in *m)
{
	struct collected *c = ctx;

	if (strcmp(m->kind, "antwoord") != 0)
		return true;
	for (size_t i = 0; i < c->n_sent; i++)
		if (!c->answered[i] && strcmp(m->in_reply_to, c->sent[i].message_id) == 0) {
			c->answered[i] = true;
			memcpy(c->answers[i], m->message_id, KP_ID_SIZE);
			c->n_answered++;
		}
	return true;
}

/* Wait until every accepted question has an answer or the time is over. Trouble on the way is not the end: it keeps trying. */
static void collect(struct collected *c, int wait_s, size_t n_accepted)
{
	uint64_t until = env_mono_ms(env_system()) + (uint64_t)wait_s * 1000;
	struct kp_error err;

	for (;;) {
		uint64_t now = env_mono_ms(env_system());
		uint64_t left = until > now ? until - now : 0;

		if (kp_inbox(c->node, c->sent[0].exchange_id, note_answer, c, &err) == KP_OK && c->n_answered >= n_accepted)
			return;
		if (left == 0)
			return;
		(void)kp_receive(c->node, left > 1000 ? 1000 : (uint32_t)left, &err);
	}
}

static void show_answers(struct collected *c, json_t *list, const char *const *to)
{
	for (size_t i = 0; i < c->n_sent; i++) {
		struct kp_message_in *m = NULL;
		struct kp_error err = { 0 };

		if (c->sent[i].result != KP_OK)
			continue;
		if (!c->answered[i]) {
			cli_say(c->cli, "%s: no answer yet", to[i]);
			continue;
		}
		if (kp_read(c->node, c->answers[i], true, &m, &err) != KP_OK) {
			cli_say(c->cli, "%s: the answer does not verify: %s", to[i], err.text);
			json_object_set_new(json_array_get(list, i), "answer_error", json_string(err.text));
			continue;
		}
		if (c->cli->json)
			json_object_set_new(json_array_get(list, i), "answer", cli_message_json(m));
		else
			cli_message_say(c->cli, m);
		kp_message_in_free(m);
	}
}

static int send_and_collect(const struct cli *cli, kp_node *node, const struct ask *a, const struct kp_message_out *m)
{
	size_t n = a->send.to_list.n, accepted = 0;
	struct kp_sent *sent = calloc(n, sizeof *sent);
	struct collected c = { .cli = cli, .node = node, .sent = sent, .n_sent = n, .answered = calloc(n, sizeof(bool)),
			       .answers = calloc(n, KP_ID_SIZE) };
	struct kp_error err = { 0 };
	json_t *list = json_array();
	enum kp_result r;

	if (!sent || !c.answered || !c.answers || !list)
		return cli_trouble(cli, KP_ERROR, "ask", "out of memory", "");
	r = kp_ask(node, m, cli_timeout_ms(cli), sent, &err);
	if (!*sent[0].message_id) {
		cli_fail(cli, r, &err);
	} else {
		for (size_t i = 0; i < n; i++) {
			accepted += sent[i].result == KP_OK;
			json_array_append_new(list, cli_sent_json(cli, node, &sent[i], m->to[i]));
			cli_sent_say(cli, node, &sent[i], m->to[i]);
			if (cli_receipt_write(cli, a->send.receipt, i + 1, sent[i].receipt) != 0)
				r = KP_ERROR;
		}
		if (a->wait_s > 0 && accepted > 0) {
			collect(&c, a->wait_s, accepted);
			show_answers(&c, list, m->to);
		}
		if (cli->json)
			cli_json(json_pack("{s:s,s:O}", "exchange_id", sent[0].exchange_id, "questions", list));
		else
			cli_say(cli, "exchange %s: %zu asked, %zu accepted, %zu answered", sent[0].exchange_id, n, accepted, c.n_answered);
	}
	for (size_t i = 0; i < n; i++)
		kp_sent_fini(&sent[i]);
	free(sent);
	free(c.answered);
	free(c.answers);
	json_decref(list);
	return (int)r;
}

/* What the template says where the options are silent. Its texts live as long as a->rules. */
static int template_take(const struct cli *cli, struct ask *a, struct kp_message_out *m)
{
	const struct reg_overleg *o = NULL;
	const struct reg_template *t;
	int r = cli_rules(cli, false, &a->rules);

	if (r != CLI_GO)
		return r;
	t = registry_template(a->rules.registry, a->template, &o);
	if (!t)
		return cli_usage(cli, "there is no template \"%s\" in the register (knooppunt overleg show OVERLEG)", a->template);
	if (m->overleg && !text_equal(m->overleg, o->id))
		return cli_usage(cli, "template %s is of overleg %s, not of %s", t->id, o->id, m->overleg);
	m->overleg = o->id;
	m->noodzaak = m->noodzaak ? m->noodzaak : t->noodzaak;
	a->text = a->question ? a->question : t->question;
	for (size_t i = 0; !m->categories && i < t->categories.n; i++)
		if (cli_list_add(&a->send.category_list, t->categories.v[i]) != 0)
			return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	m->categories = a->send.category_list.v;
	if (!a->deadline && t->deadline_days)
		m->deadline_unix_ms = env_unix_ms(env_system()) + t->deadline_days * DAY_MS;
	a->at_meeting = !a->deadline && !t->deadline_days;
	return CLI_GO;
}

/* When the overleg is known: that of the options, the template or the casus. */
static int meeting_take(const struct cli *cli, struct ask *a, struct kp_message_out *m)
{
	int r = a->rules.registry ? CLI_GO : cli_rules(cli, false, &a->rules);

	return r == CLI_GO ? cli_meeting(cli, &a->rules, m->overleg, m->urgent, &m->deadline_unix_ms) : r;
}

static int ask_options(struct cli *cli, struct ask *a, int argc, const char **argv, struct kp_message_out *m)
{
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&a->send),
		{ "casus", 0, POPT_ARG_STRING, &a->casus, 0, "the casus it is about", "UUID" },
		{ "category", 0, POPT_ARG_ARGV, &a->send.category, 0, "what is asked; repeat or separate with commas", "CATEGORY" },
		{ "subject", 0, POPT_ARG_STRING, &a->subject, 0, "who it is about: JSON object from a file, - for standard input", "FILE" },
		{ "question", 0, POPT_ARG_STRING, &a->question, 0, "the question in words (sealed)", "TEXT" },
		{ "person-role", 0, POPT_ARG_STRING, &a->person_role, 0, "betrokkene (default), gezinslid or direct-contact", "ROLE" },
		{ "related-to", 0, POPT_ARG_STRING, &a->related_to, 0, "to whom a gezinslid or direct-contact stands (betrokkene)", "WHO" },
		{ "template", 0, POPT_ARG_STRING, &a->template, 0, "a question as the overleg asks it (knooppunt overleg show)", "TEMPLATE" },
		{ "deadline", 0, POPT_ARG_STRING, &a->deadline, 0, "answer wanted before a date, or before the next \"overleg\" (default: 14 days)",
		  "DATE" },
		{ "wait", 0, POPT_ARG_INT, &a->wait_s, 0, "stay until all have answered, at most this long", "SECONDS" },
		POPT_TABLEEND,
	};
	int r = cli_parse(cli, options, argc, argv, 0, 0);

	if (r != CLI_GO || (r = cli_send_begin(cli, &a->send, "verzoek", m)) != CLI_GO)
		return r;
	if (a->send.to_list.n == 0)
		return cli_usage(cli, "--to is missing: which hoedanigheid is asked?");
	if (!a->casus)
		return cli_usage(cli, "--casus is missing: every question belongs to a casus (knooppunt casus list)");
	for (size_t i = 0; i < a->send.to_list.n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(a->send.to_list.v[i], a->send.to_list.v[k]) == 0)
				return cli_usage(cli, "--to names %s twice: one question is one processing", a->send.to_list.v[i]);
	if (a->template && (r = template_take(cli, a, m)) != CLI_GO)
		return r;
	if (!a->subject && !a->question && !cli->json)
		fprintf(stderr, "knooppunt: note: without --subject or --question the partner can't know who this is about\n");
	a->at_meeting = a->at_meeting || text_equal(a->deadline, "overleg");
	if (!a->at_meeting && a->deadline && !cli_date(a->deadline, &m->deadline_unix_ms))
		return cli_usage(cli, "--deadline is a date as 2026-11-22, a time as 2026-11-22T12:00:00.000Z, or \"overleg\"");
	m->casus = a->casus;
	m->person_role = a->person_role ? a->person_role : "betrokkene";
	m->related_to = a->related_to;
	return CLI_GO;
}

int cmd_ask(struct cli *cli, int argc, const char **argv)
{
	struct ask a = { 0 };
	struct kp_message_out m = { 0 };
	struct kp_part part = { .category = "vraag" };
	char *question;
	kp_node *node;
	int status = ask_options(cli, &a, argc, argv, &m);

	question = status == CLI_GO ? cli_question(cli, a.subject, a.text ? a.text : a.question) : NULL;
	if (!question) {
		rules_fini(&a.rules);
		cli_send_end(&a.send);
		return status == CLI_GO ? KP_USAGE : status;
	}
	part.content = question;
	m.parts = &part;
	m.n_parts = 1;
	node = cli_node(cli, &status);
	if (node) {
		status = cli_send_from_casus(cli, node, &a.send, &m);
		if (status == CLI_GO && a.at_meeting)
			status = meeting_take(cli, &a, &m);
		if (status == CLI_GO)
			status = a.send.may_i ? cli_may_i(cli, node, &m) : send_and_collect(cli, node, &a, &m);
		kp_close(node);
	}
	free(question);
	rules_fini(&a.rules);
	cli_send_end(&a.send);
	return status;
}
