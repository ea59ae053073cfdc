/* SPDX-License-Identifier: EUPL-1.2 */
/* answer, decline, confirm, instemming give and refuse: by hand, the same road as a handler's answer. */
#include <string.h>

#include "base/text.h"
#include "client/cli/parts.h"
#include "client/cli/send.h"

#define ANSWER_OPTIONS(cli, receipt) \
	CLI_PERSON_OPTION(cli), \
		{ "receipt", 0, POPT_ARG_STRING, receipt, 0, "also write the receipt (tlog-proof) to this file", "FILE" }

/* What is held back is worth waiting for: the house's time counts from when it leaves. */
static uint32_t answer_ms(const struct cli *cli, const kp_node *node)
{
	return cli_timeout_ms(cli) + kp_withheld_step_ms(node);
}

static int answer_with(const struct cli *cli, const struct kp_reply *reply, const char *receipt)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	int status;
	kp_node *node = cli_node(cli, &status);

	if (!node)
		return status;
	status = cli_outcome(cli, node, kp_answer(node, cli->args[0], reply, answer_ms(cli, node), &sent, &err), &sent, &err, receipt);
	kp_close(node);
	return status;
}

int cmd_answer(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *kind = NULL, *receipt = NULL, *giver = NULL;
	struct poptOption options[] = {
		{ "on-behalf-of", 0, POPT_ARG_STRING, &giver, 0, "hoedanigheid answered for, under a volmacht", "HOEDANIGHEID" },
		{ "kind", 0, POPT_ARG_STRING, &kind, 0,
		  "GEGEVENS, DEELS, NIET_BEKEND, GEEN_MEDEDELING, WEIGERING or LATER; of a bekendheidsvraag BEKEND or NIET_BEKEND", "KIND" },
		CLI_PARTS_OPTIONS(&p),
		ANSWER_OPTIONS(cli, &receipt),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	if (!kind)
		return cli_usage(cli, "--kind is missing");
	status = cli_parts_read(cli, &p);
	if (status == CLI_GO)
		status = answer_with(cli, &(struct kp_reply){ .kind = kind, .parts = p.v, .n_parts = p.n, .on_behalf_of = giver }, receipt);
	return status;
}

/* A command that is one kind of answer. */
static int answer_plainly(struct cli *cli, const char *kind, int argc, const char **argv)
{
	char *receipt = NULL;
	struct poptOption options[] = { ANSWER_OPTIONS(cli, &receipt), POPT_TABLEEND };
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	return status == CLI_GO ? answer_with(cli, &(struct kp_reply){ .kind = kind }, receipt) : status;
}

int cmd_decline(struct cli *cli, int argc, const char **argv)
{
	return answer_plainly(cli, "WEIGERING", argc, argv);
}

int cmd_instemming_refuse(struct cli *cli, int argc, const char **argv)
{
	return answer_plainly(cli, "WEIGERING", argc, argv);
}

int cmd_instemming_give(struct cli *cli, int argc, const char **argv)
{
	char *receipt = NULL, *until = NULL;
	struct kp_reply reply = { .kind = "INSTEMMING" };
	struct poptOption options[] = {
		{ "until", 0, POPT_ARG_STRING, &until, 0, "how long it holds (default: until you take it back)", "DATE" },
		ANSWER_OPTIONS(cli, &receipt),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	if (until && !cli_date(until, &reply.until_unix_ms))
		return cli_usage(cli, "--until is a date as 2026-11-22");
	return answer_with(cli, &reply, receipt);
}

/* What was put right is kept as put right; what was taken back is destroyed, here too, and then said to be. */
int cmd_confirm(struct cli *cli, int argc, const char **argv)
{
	struct kp_message_in *m = NULL;
	struct kp_reply reply = { 0 };
	struct kp_error err = { 0 };
	char *receipt = NULL;
	int destroyed = 0;
	struct poptOption options[] = {
		{ "destroyed", 0, POPT_ARG_NONE, &destroyed, 0, "what was corrected is destroyed with you (default when it was withdrawn)", NULL },
		ANSWER_OPTIONS(cli, &receipt),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	kp_node *node;
	enum kp_result r;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r = kp_find(node, cli->args[0], &m, &err);
	kp_close(node);
	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	reply.kind = destroyed || text_equal(m->action, "ingetrokken") ? "VERNIETIGD" : "VERBETERD";
	kp_message_in_free(m);
	return answer_with(cli, &reply, receipt);
}
