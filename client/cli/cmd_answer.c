/* SPDX-License-Identifier: EUPL-1.2 */
/* answer and decline: by hand, the same road as a handler's answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/answer.h"
#include "client/cli/send.h"

int cli_answer(const struct cli *cli, kp_node *node, const char *message_id, const struct cli_reply *reply, const char *receipt)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	const struct kp_reply said = { .kind = reply->kind, .parts = reply->parts, .n_parts = reply->n_parts };
	enum kp_result r = kp_answer(node, message_id, &said, cli_timeout_ms(cli), &sent, &err);
	int status = (int)r;

	if (!*sent.message_id)
		return cli_fail(cli, r, &err);
	if (cli_receipt_write(cli, receipt, 1, sent.receipt) != 0)
		status = KP_ERROR;
	if (cli->json)
		cli_json(cli_sent_json(&sent, NULL));
	else
		cli_sent_say(cli, &sent, NULL);
	kp_sent_fini(&sent);
	return status;
}

/* --part CATEGORY=FILE, with the basis and dates that hold for all parts of this answer. */
static int parts_of(const struct cli *cli, char **argv, const struct kp_part *common, struct cli_reply *reply)
{
	for (size_t i = 0; argv && argv[i]; i++) {
		char *equals = strchr(argv[i], '=');
		struct kp_part *part = &reply->parts[reply->n_parts];

		if (!equals || equals == argv[i])
			return cli_usage(cli, "--part is written as CATEGORY=FILE, not \"%s\"", argv[i]);
		if (reply->n_parts == CLI_REPLY_PARTS_MAX)
			return cli_usage(cli, "an answer has at most %d parts", CLI_REPLY_PARTS_MAX);
		*part = *common;
		reply->texts[2 * reply->n_parts] = strndup(argv[i], (size_t)(equals - argv[i]));
		reply->texts[2 * reply->n_parts + 1] = cli_file(cli, equals + 1, 256 * 1024, NULL);
		part->category = reply->texts[2 * reply->n_parts];
		part->content = reply->texts[2 * reply->n_parts + 1];
		reply->n_parts++;
		if (!part->category || !part->content)
			return KP_ERROR;
	}
	return CLI_GO;
}

int cmd_answer(struct cli *cli, int argc, const char **argv)
{
	struct kp_part common = { 0 };
	struct cli_reply reply = { 0 };
	char *kind = NULL, *receipt = NULL, **part = NULL, **condition = NULL;
	char *basis = NULL, *date = NULL, *source = NULL, *wpg = NULL, *category = NULL, *media = NULL;
	struct poptOption options[] = {
		{ "kind", 0, POPT_ARG_STRING, &kind, 0, "GEGEVENS, DEELS, NIET_BEKEND, GEEN_MEDEDELING, WEIGERING or LATER", "KIND" },
		{ "part", 0, POPT_ARG_ARGV, &part, 0, "one category's content from a file (- for standard input)", "CATEGORY=FILE" },
		{ "secrecy-basis", 0, POPT_ARG_STRING, &basis, 0,
		  "toestemming, wettelijke-plicht, wettelijk-recht or goed-hulpverlenerschap", "BASIS" },
		{ "condition", 0, POPT_ARG_ARGV, &condition, 0, "voorwaarde of the source that stays with the data", "CODE" },
		{ "reference-date", 0, POPT_ARG_STRING, &date, 0, "peildatum", "DATE" },
		{ "source", 0, POPT_ARG_STRING, &source, 0, "system or register it comes from", "NAME" },
		{ "wpg-article", 0, POPT_ARG_STRING, &wpg, 0, "8 or 13, for police data", "ARTICLE" },
		{ "person-category", 0, POPT_ARG_STRING, &category, 0, "verdachte, slachtoffer, derde or veroordeelde", "CATEGORY" },
		CLI_PERSON_OPTION(cli),
		{ "media-type", 0, POPT_ARG_STRING, &media, 0, "of the content; default application/json", "TYPE" },
		{ "receipt", 0, POPT_ARG_STRING, &receipt, 0, "also write the receipt (tlog-proof) to this file", "FILE" },
		POPT_TABLEEND,
	};
	struct cli_list conditions;
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	kp_node *node;

	if (status != CLI_GO)
		return status;
	if (!kind)
		return cli_usage(cli, "--kind is missing");
	if (cli_list_of(condition, &conditions) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	common = (struct kp_part){ .secrecy_basis = basis, .reference_date = date, .source = source, .wpg_article = wpg,
				   .person_category = category, .media_type = media, .conditions = conditions.v };
	reply.kind = kind;
	status = parts_of(cli, part, &common, &reply);
	if (status == CLI_GO) {
		node = cli_node(cli, &status);
		if (node)
			status = cli_answer(cli, node, cli->args[0], &reply, receipt);
		kp_close(node);
	}
	cli_reply_fini(&reply);
	cli_list_fini(&conditions);
	return status;
}

int cmd_decline(struct cli *cli, int argc, const char **argv)
{
	struct cli_reply reply = { .kind = "WEIGERING" };
	char *receipt = NULL;
	struct poptOption options[] = {
		CLI_PERSON_OPTION(cli),
		{ "receipt", 0, POPT_ARG_STRING, &receipt, 0, "also write the receipt (tlog-proof) to this file", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	kp_node *node;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	status = cli_answer(cli, node, cli->args[0], &reply, receipt);
	kp_close(node);
	return status;
}
