/* SPDX-License-Identifier: EUPL-1.2 */
/* What came in and what became of what went out: inbox, read, ladder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "client/cli/messages.h"
#include "client/cli/send.h"

#define TAKE_FIRST_MS 1500
#define TAKE_NEXT_MS 250
#define TAKE_ALL_MS 30000

struct waiting { /* what asks something of this node */
	uint64_t due_unix_ms, received_unix_ms;
	json_t *shown;
};

struct listing {
	const struct cli *cli;
	bool only_new, only_open;
	json_t *list;
	struct cli_table table;
	size_t n_waiting;
	struct waiting *waiting;
};

/* What has no term comes after what has one. */
static int by_due(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	uint64_t due_x = x->due_unix_ms ? x->due_unix_ms : UINT64_MAX, due_y = y->due_unix_ms ? y->due_unix_ms : UINT64_MAX;

	if (due_x != due_y)
		return due_x < due_y ? -1 : 1;
	return x->received_unix_ms < y->received_unix_ms ? -1 : x->received_unix_ms > y->received_unix_ms;
}

static bool list_open(struct listing *l, const struct kp_message_in *m)
{
	struct waiting *more;

	if (!m->asks)
		return true;
	more = realloc(l->waiting, (l->n_waiting + 1) * sizeof *more);
	if (!more)
		return false;
	l->waiting = more;
	more[l->n_waiting++] = (struct waiting){ m->due_unix_ms, m->received_unix_ms, cli_message_json(m) };
	cli_message_marks(more[l->n_waiting - 1].shown, m);
	return true;
}

static const char *text_in_json(json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

/* Most urgent first; a line says what is asked, by when, and how that stands. */
static void show_open(struct listing *l)
{
	uint64_t now = env_unix_ms(env_system());

	if (l->n_waiting)
		qsort(l->waiting, l->n_waiting, sizeof *l->waiting, by_due);
	for (size_t i = 0; i < l->n_waiting; i++) {
		struct waiting *w = &l->waiting[i];
		bool overdue = w->due_unix_ms && w->due_unix_ms < now;
		char due[CLI_TIME_SIZE];

		json_object_set_new(w->shown, "overdue", json_boolean(overdue));
		json_array_append(l->list, w->shown);
		cli_time(w->due_unix_ms, due);
		cli_table_row(&l->table, (const char *const[]){ text_in_json(w->shown, "message_id"), text_in_json(w->shown, "kind"),
								 text_in_json(json_object_get(w->shown, "from"), "hoedanigheid"),
								 text_in_json(w->shown, "asks_for"), due,
								 overdue						      ? "overdue" :
								 json_is_true(json_object_get(w->shown, "reminded")) ? "reminded" :
								 json_is_true(json_object_get(w->shown, "urgent"))   ? "urgent" :
														       "",
								 text_in_json(w->shown, "state") });
	}
}

static bool list_message(void *ctx, const struct kp_message_in *m)
{
	struct listing *l = ctx;
	char when[CLI_TIME_SIZE], deadline[CLI_TIME_SIZE];

	if (l->only_open)
		return list_open(l, m);
	if (l->only_new && m->state != KP_ITEM_NEW)
		return true;
	if (l->cli->json) {
		json_t *j = cli_message_json(m);

		cli_message_marks(j, m);
		json_array_append_new(l->list, j);
		return true;
	}
	cli_time(m->received_unix_ms, when);
	cli_time(m->deadline_unix_ms, deadline);
	cli_table_row(&l->table, (const char *const[]){ m->message_id, m->kind, m->sender, *m->doel ? m->doel : m->answer_kind, when,
							 deadline, m->wiped ? "destroyed" : *m->corrected_by ? "corrected" :
							 cli_item_state(m->state) });
	return true;
}

static const char *const inbox_titles[] = { "MESSAGE", "KIND", "FROM", "ABOUT", "RECEIVED", "DEADLINE", "STATE" };
static const char *const open_titles[] = { "MESSAGE", "KIND", "FROM", "ASKS", "DUE", "HOW", "STATE" };

static int show_inbox(struct listing *l, kp_node *node, const char *exchange)
{
	struct kp_error err = { 0 };
	enum kp_result r;

	l->list = json_array();
	cli_table_init(&l->table, N_ELEMENTS(inbox_titles), l->only_open ? open_titles : inbox_titles);
	r = kp_inbox(node, exchange, list_message, l, &err);
	show_open(l);
	if (r == KP_OK && l->cli->json)
		cli_json(json_incref(l->list));
	else if (r == KP_OK)
		cli_table_print(&l->table);
	for (size_t i = 0; i < l->n_waiting; i++)
		json_decref(l->waiting[i].shown);
	free(l->waiting);
	json_decref(l->list);
	cli_table_fini(&l->table);
	return r == KP_OK ? KP_OK : cli_fail(l->cli, r, &err);
}

/* Takes what waits at the house, all of it: a delivery is a handful, and a list that ends in the middle says something else. */
static enum kp_result take_all(const struct cli *cli, kp_node *node, struct kp_error *err)
{
	uint64_t until = env_mono_ms(env_system()) + TAKE_ALL_MS;
	enum kp_result r = kp_receive(node, cli->timeout_s > 0 ? cli_timeout_ms(cli) : TAKE_FIRST_MS, err);

	while (r == KP_OK && env_mono_ms(env_system()) < until)
		r = kp_receive(node, TAKE_NEXT_MS, err);
	return r;
}

#define SAY_DESTROYED_MS (UINT64_C(30) * 24 * 3600 * 1000)

/* Who misses a message reads why. */
static bool say_destroyed(void *ctx UNUSED, const struct kp_destroyed *d)
{
	char when[CLI_TIME_SIZE];

	cli_time(d->destroyed_unix_ms, when);
	if (d->n_messages && env_unix_ms(env_system()) < d->destroyed_unix_ms + SAY_DESTROYED_MS)
		fprintf(stderr, "knooppunt: destroyed %s: %zu messages of casus %s; its term is over, or you are on it no more\n", when,
			d->n_messages, d->casus);
	return true;
}

int cmd_inbox(struct cli *cli, int argc, const char **argv)
{
	struct listing l = { .cli = cli };
	struct kp_error err = { 0 };
	char *exchange = NULL;
	int only_new = 0, only_open = 0, offline = 0, status;
	struct poptOption options[] = {
		{ "open", 0, POPT_ARG_NONE, &only_open, 0, "only what waits for an answer or confirmation of yours, most urgent first", NULL },
		{ "new", 0, POPT_ARG_NONE, &only_new, 0, "only what was not handled yet", NULL },
		{ "exchange", 0, POPT_ARG_STRING, &exchange, 0, "only this exchange", "UUID" },
		{ "offline", 0, POPT_ARG_NONE, &offline, 0, "do not ask the house first", NULL },
		POPT_TABLEEND,
	};
	enum kp_result r;
	kp_node *node;

	status = cli_parse(cli, options, argc, argv, 0, 0);
	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	if (!offline) {
		r = take_all(cli, node, &err);
		if (r != KP_OK && r != KP_NONE && !cli->json)
			fprintf(stderr, "knooppunt: %s: %s: %s (showing what is here)\n", err.side, err.stage, err.text);
	}
	l.only_new = only_new != 0;
	l.only_open = only_open != 0;
	status = show_inbox(&l, node, exchange);
	if (status == KP_OK && !cli->json)
		(void)kp_destroyed(node, say_destroyed, NULL, &err);
	kp_close(node);
	return status;
}

int cmd_read(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { CLI_PERSON_OPTION(cli), POPT_TABLEEND };
	struct kp_message_in *m = NULL;
	struct kp_error err = { 0 };
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	kp_node *node;
	enum kp_result r;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r = kp_read(node, cli->args[0], true, &m, &err);
	if (r != KP_OK) {
		status = cli_fail(cli, r, &err);
	} else {
		status = KP_OK;
		if (cli->json) {
			json_t *j = cli_message_json(m);

			cli_message_marks(j, m);
			cli_json(j);
		} else {
			cli_message_say(cli, m);
		}
	}
	kp_message_in_free(m);
	kp_close(node);
	return status;
}

struct rungs {
	const struct cli *cli;
	json_t *list;
	struct cli_table table;
	const char *receipt;
	size_t n;
};

static bool list_rung(void *ctx, const struct kp_rung *rung)
{
	struct rungs *l = ctx;
	char when[CLI_TIME_SIZE], index[24];

	l->n++;
	(void)cli_receipt_write(l->cli, l->receipt, l->n, rung->receipt);
	if (l->cli->json) {
		json_array_append_new(l->list, json_pack("{s:s,s:s,s:I,s:I,s:s}", "name", rung->name, "hoedanigheid", rung->hoedanigheid,
							 "unix_ms", (json_int_t)rung->unix_ms, "index", (json_int_t)rung->index,
							 "receipt", rung->receipt ? rung->receipt : ""));
		return true;
	}
	cli_time(rung->unix_ms, when);
	snprintf(index, sizeof index, "%llu", (unsigned long long)rung->index);
	cli_table_row(&l->table, (const char *const[]){ rung->name, rung->hoedanigheid, when, index });
	return true;
}

int cmd_ladder(struct cli *cli, int argc, const char **argv)
{
	struct rungs l = { .cli = cli };
	char *receipt = NULL;
	struct poptOption options[] = {
		{ "receipt", 0, POPT_ARG_STRING, &receipt, 0, "write the receipts to FILE, FILE.2 ...", "FILE" },
		POPT_TABLEEND,
	};
	struct kp_error err = { 0 };
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	kp_node *node;
	enum kp_result r;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	l.receipt = receipt;
	l.list = json_array();
	cli_table_init(&l.table, 4, (const char *const[]){ "RUNG", "HOEDANIGHEID", "TIME", "ENTRY" });
	r = kp_ladder(node, cli->args[0], cli_timeout_ms(cli), list_rung, &l, &err);
	status = r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
	if (r == KP_OK && cli->json)
		cli_json(json_incref(l.list));
	else if (r == KP_OK)
		cli_table_print(&l.table);
	json_decref(l.list);
	cli_table_fini(&l.table);
	kp_close(node);
	return status;
}
