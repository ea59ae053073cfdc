/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * serve: stay connected, take what comes in, run the handler for each question, send its answer.
 *
 * A question is claimed on disk before the handler starts and closed after its answer is in the outbox. A handler that
 * fails leaves the question "interrupted": visible in the inbox, for a person to answer or to hand in again with --resume.
 * It is never run twice by itself: looking a person up twice is itself a processing.
 */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "client/cli/answer.h"
#include "client/cli/handler.h"
#include "client/cli/messages.h"
#include "client/cli/send.h"

static const char *const asking_kinds[] = { "verzoek", "bekendheidsvraag", "instemmingsverzoek", "correctie", NULL };

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal_number)
{
	(void)signal_number;
	stop_asked = 1;
}

struct serving {
	const struct cli *cli;
	kp_node *node;
	const char *handler;
	uint32_t handler_timeout_ms;
	unsigned long handled;
	struct cli_list kinds; /* that the handler knows */
};

static void serving_fini(struct serving *s)
{
	cli_list_fini(&s->kinds);
}

/* The question itself, easy to find for a handler: the content of part "vraag". What a correctie puts right stays among the parts. */
static char *question_for(const struct kp_message_in *m, size_t *len)
{
	json_t *j = cli_message_json(m);
	char *text;

	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].opened && strcmp(m->parts[i].category, "vraag") == 0) {
			json_t *content = json_loadb(m->parts[i].content, m->parts[i].content_len, JSON_DECODE_ANY, NULL);

			json_object_set_new(j, "question", content ? content : json_stringn(m->parts[i].content, m->parts[i].content_len));
		}
	if (strcmp(m->kind, "correctie") != 0)
		json_object_del(j, "parts");
	text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	*len = text ? strlen(text) : 0;
	return text;
}

static void outcome_line(const struct serving *s, const struct kp_message_in *m, const char *outcome, const char *why)
{
	if (s->cli->json)
		cli_json(json_pack("{s:s,s:s,s:s,s:s}", "message_id", m->message_id, "from", m->sender, "outcome", outcome, "why", why));
	else
		cli_say(s->cli, "question %s from %s: %s%s%s", m->message_id, m->sender, outcome, *why ? ": " : "", why);
}

static enum kp_item_state send_reply(const struct serving *s, const struct kp_message_in *m, const struct cli_reply *reply)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	const struct kp_reply said = { .kind = reply->kind, .parts = reply->parts, .n_parts = reply->n_parts,
				       .until_unix_ms = reply->until_unix_ms, .on_behalf_of = reply->on_behalf_of };
	/* what is held back is on disk at once, and leaves while the next question is handled */
	bool held = strcmp(m->kind, "verzoek") == 0 &&
		    (strcmp(reply->kind, "NIET_BEKEND") == 0 || strcmp(reply->kind, "GEEN_MEDEDELING") == 0);
	enum kp_result r = kp_answer(s->node, m->message_id, &said, held ? 0 : cli_timeout_ms(s->cli), &sent, &err);
	bool later = strcmp(reply->kind, "LATER") == 0;
	enum kp_item_state state = later ? KP_ITEM_INTERRUPTED : KP_ITEM_DONE; /* open, for a person or --resume */

	if (r == KP_OK) {
		outcome_line(s, m, "answered", later ? "LATER: the question stays open" : "");
	} else if (r == KP_UNREACHABLE && *sent.message_id) {
		outcome_line(s, m, "answered", held ? "waits in the outbox for its moment" : "waits in the outbox for the house");
	} else {
		const struct kp_error *e = *sent.message_id ? &sent.error : &err;

		outcome_line(s, m, r == KP_REFUSED ? "refused" : "failed", *e->code ? e->code : e->text);
		state = KP_ITEM_INTERRUPTED;
	}
	kp_sent_fini(&sent);
	return state;
}

static enum kp_item_state handle(const struct serving *s, const struct kp_message_in *m)
{
	enum kp_item_state state = KP_ITEM_INTERRUPTED;
	struct cli_reply reply = { 0 };
	struct buffer out = { 0 };
	char why[200] = "";
	size_t len;
	char *question = question_for(m, &len);

	if (!question) {
		outcome_line(s, m, "failed", "out of memory");
		return state;
	}
	if (handler_run(s->handler, span_of(question, len), s->handler_timeout_ms, &out, why) != HANDLER_OK)
		outcome_line(s, m, "handler failed", why);
	else if (cli_reply_parse((const char *)out.ptr, out.len, &reply, why) != 0)
		outcome_line(s, m, "handler's answer cannot be used", why);
	else if (strcmp(reply.kind, "LATER") == 0 && strcmp(m->kind, "verzoek") != 0)
		outcome_line(s, m, "left", "LATER: it stays open"); /* only a verzoek has an answer that says so */
	else
		state = send_reply(s, m, &reply);
	cli_reply_fini(&reply);
	buffer_fini(&out);
	sodium_memzero(question, len);
	free(question);
	return state;
}

/* The oldest of the first kind of which there is one. */
static struct kp_message_in *claim(struct serving *s)
{
	struct kp_message_in *m = NULL;
	struct kp_error err = { 0 };

	for (size_t i = 0; i < s->kinds.n; i++)
		if (kp_claim(s->node, s->kinds.v[i], &m, &err) == KP_OK)
			return m;
	return NULL;
}

static void handle_all(struct serving *s, long max)
{
	struct kp_error err = { 0 };
	struct kp_message_in *m;

	while (!stop_asked && (max <= 0 || s->handled < (unsigned long)max) && (m = claim(s)) != NULL) {
		enum kp_item_state state = handle(s, m);

		if (kp_done(s->node, m->message_id, state, &err) != KP_OK)
			log_error("serve-state", "stage=%s", err.stage);
		s->handled++;
		kp_message_in_free(m);
	}
}

static int loop(struct serving *s, long max, bool once)
{
	struct kp_error err = { 0 };
	bool reached = false;

	while (!stop_asked) {
		enum kp_result r = kp_receive(s->node, 1000, &err);

		if (r == KP_UNREACHABLE && (once || reached)) {
			if (once)
				return cli_fail(s->cli, r, &err);
			log_warn("house-unreachable", "stage=%s", err.stage);
			reached = false;
		} else if (r == KP_OK || r == KP_NONE) {
			reached = true;
		} else if (r != KP_UNREACHABLE) {
			return cli_fail(s->cli, r, &err);
		}
		if (s->handler)
			handle_all(s, max);
		if ((max > 0 && s->handled >= (unsigned long)max) || (once && r == KP_NONE))
			break;
	}
	return KP_OK;
}

int cmd_serve(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(serving_fini) struct serving s = { .cli = cli };
	struct sigaction action = { .sa_handler = ask_stop };
	struct kp_error err = { 0 };
	char *handler = NULL, *resume = NULL, **kind = NULL;
	int once = 0, handler_timeout = 60, status;
	long max = 0;
	struct poptOption options[] = {
		{ "handler", 0, POPT_ARG_STRING, &handler, 0, "program run for each question: JSON on stdin, JSON answer on stdout", "CMD" },
		{ "kind", 0, POPT_ARG_ARGV, &kind, 0,
		  "what the handler knows to answer (default verzoek): also bekendheidsvraag, instemmingsverzoek, correctie", "KIND" },
		{ "handler-timeout", 0, POPT_ARG_INT, &handler_timeout, 0, "how long a handler may take, default 60", "SECONDS" },
		{ "once", 0, POPT_ARG_NONE, &once, 0, "handle what waits, then stop", NULL },
		{ "max", 0, POPT_ARG_LONG, &max, 0, "stop after this many questions", "N" },
		CLI_PERSON_OPTION(cli),
		{ "resume", 0, POPT_ARG_STRING, &resume, 0, "hand an interrupted question to the handler again", "MESSAGE" },
		POPT_TABLEEND,
	};

	status = cli_parse(cli, options, argc, argv, 0, 0);
	if (status != CLI_GO)
		return status;
	if (handler_timeout < 1 || handler_timeout > 3600)
		return cli_usage(cli, "--handler-timeout is 1 to 3600 seconds");
	if (cli_list_of(kind, &s.kinds) != 0 || (s.kinds.n == 0 && cli_list_add(&s.kinds, "verzoek") != 0))
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	for (size_t i = 0; i < s.kinds.n; i++)
		if (!text_in(s.kinds.v[i], asking_kinds))
			return cli_usage(cli, "--kind %s: a handler answers verzoek, bekendheidsvraag, instemmingsverzoek or correctie",
					 s.kinds.v[i]);
	s.node = cli_node(cli, &status);
	if (!s.node)
		return status;
	s.handler = handler;
	s.handler_timeout_ms = (uint32_t)handler_timeout * 1000;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (kp_serve_lock(s.node, &err) != KP_OK || (resume && kp_done(s.node, resume, KP_ITEM_NEW, &err) != KP_OK)) {
		kp_close(s.node);
		return cli_fail(cli, KP_ERROR, &err);
	}
	cli_say(cli, "serving %s as node %s%s%s", kp_house(s.node), kp_node_id(s.node), handler ? ", handler " : "", handler ? handler : "");
	status = loop(&s, max, once != 0);
	kp_close(s.node);
	return status;
}
