/* SPDX-License-Identifier: EUPL-1.2 */
/* What a source says without being asked, and what comes of what it said: notify, supplement, correct, feedback, forward. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/parts.h"
#include "client/cli/send.h"

int cmd_notify(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *casus = NULL, *soort = NULL;
	struct poptOption options[] = {
		{ "soort", 0, POPT_ARG_STRING, &soort, 0, "what is notified, a code of the kader, e.g. vrijlating", "SOORT" },
		{ "casus", 0, POPT_ARG_STRING, &casus, 0, "the casus it is about (default: a new one, outside the WGS)", "UUID" },
		CLI_PARTS_OPTIONS(&p),
		CLI_SEND_OPTIONS(&o),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	kp_node *node;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "melding", &m)) != CLI_GO)
		return status;
	if (!soort)
		return cli_usage(cli, "--soort is missing: what is notified?");
	status = cli_parts_read(cli, &p);
	m.soort = soort;
	m.person_role = "betrokkene";
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO && casus) {
		status = cli_send_casus(cli, &o, casus, &m);
	} else if (status == CLI_GO) {
		node = cli_node(cli, &status);
		if (node)
			status = cli_send_one(cli, node, &o, &m);
		kp_close(node);
	}
	return status;
}

int cmd_supplement(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	struct poptOption options[] = { CLI_PARTS_OPTIONS(&p), CLI_SEND_OPTIONS(&o), POPT_TABLEEND };
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "aanvulling", &m)) != CLI_GO)
		return status;
	status = cli_parts_read(cli, &p);
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO && p.n == 0)
		status = cli_usage(cli, "--part is missing: with what do you supplement it?");
	if (status == CLI_GO)
		status = cli_send_follow(cli, &o, cli->args[0], &m);
	return status;
}

int cmd_correct(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *reason = NULL;
	int withdraw = 0;
	struct poptOption options[] = {
		{ "withdraw", 0, POPT_ARG_NONE, &withdraw, 0, "take it back: whoever has it must destroy it", NULL },
		{ "reason", 0, POPT_ARG_STRING, &reason, 0, "code of the reason, e.g. onjuist", "CODE" },
		CLI_PARTS_OPTIONS(&p),
		CLI_SEND_OPTIONS(&o),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "correctie", &m)) != CLI_GO)
		return status;
	if (!reason)
		return cli_usage(cli, "--reason is missing, e.g. onjuist");
	status = cli_parts_read(cli, &p);
	m.action = withdraw ? "ingetrokken" : "verbeterd";
	m.reason = reason;
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO && (p.n == 0) != (withdraw != 0))
		status = cli_usage(cli, withdraw ? "what is withdrawn is not replaced: leave --part out"
						 : "--part is missing: what should it be? (--withdraw takes it back)");
	if (status == CLI_GO)
		status = cli_send_follow(cli, &o, cli->args[0], &m);
	return status;
}

int cmd_feedback(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *soort = NULL, *bruikbaar = NULL, *vervolg = NULL, *reason = NULL, *file = NULL;
	struct poptOption options[] = {
		{ "soort", 0, POPT_ARG_STRING, &soort, 0, "monitoring or jaarlijks (default monitoring)", "SOORT" },
		{ "bruikbaar", 0, POPT_ARG_STRING, &bruikbaar, 0, "could you use it: ja, deels or nee", "WORD" },
		{ "vervolg", 0, POPT_ARG_STRING, &vervolg, 0, "was it followed up: ja or nee", "WORD" },
		{ "reason", 0, POPT_ARG_STRING, &reason, 0, "why it was not, a code of the kader", "CODE" },
		{ "motivation", 0, POPT_ARG_STRING, &file, 0, "a word of explanation; sealed to the source", "FILE" },
		CLI_SEND_OPTIONS(&o),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "terugkoppeling", &m)) != CLI_GO)
		return status;
	if (!bruikbaar || !vervolg)
		return cli_usage(cli, "--bruikbaar and --vervolg say what came of it; both are needed");
	m.soort = soort ? soort : "monitoring";
	m.bruikbaar = bruikbaar;
	m.vervolg = vervolg;
	m.reason = reason;
	if (file)
		status = cli_parts_add(cli, &p, "motivering", file, "text/plain");
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO)
		status = cli_send_follow(cli, &o, cli->args[0], &m);
	return status;
}

/* A derde has no node: what it was given is registered, with the statement of secrecy it signed (BGS 2.21). */
static int to_derde(const struct cli *cli, const char *derde, const char *verklaring, const char *date, struct kp_message_out *m)
{
	if (!verklaring || !date || !cli_date(date, &m->verklaring_unix_ms))
		return cli_usage(cli, "what goes to a derde needs --verklaring ID and --date DATE of its geheimhoudingsverklaring");
	m->target_kind = "derde";
	m->target = derde;
	m->verklaring = verklaring;
	return CLI_GO;
}

int cmd_forward(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *derde = NULL, *verklaring = NULL, *date = NULL, **also = NULL;
	CLEANUP(cli_list_fini) struct cli_list sources = { 0 };
	struct poptOption options[] = {
		{ "also", 0, POPT_ARG_ARGV, &also, 0, "a further message of which something goes on", "MESSAGE" },
		{ "derde", 0, POPT_ARG_STRING, &derde, 0, "register what a derde was given, instead of --to", "ID" },
		{ "verklaring", 0, POPT_ARG_STRING, &verklaring, 0, "geheimhoudingsverklaring of the derde", "ID" },
		{ "date", 0, POPT_ARG_STRING, &date, 0, "when the derde signed it", "DATE" },
		CLI_PARTS_OPTIONS(&p),
		CLI_SEND_OPTIONS(&o),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "verstrekking", &m)) != CLI_GO)
		return status;
	if (!derde == !m.to)
		return cli_usage(cli, "name who gets it: --to HOEDANIGHEID, or --derde ID");
	status = cli_parts_read(cli, &p);
	m.parts = p.v;
	m.n_parts = p.n;
	if (cli_list_of(also, &sources) != 0 || cli_list_add(&sources, cli->args[0]) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	m.sources = sources.v;
	if (status == CLI_GO && derde)
		status = p.n ? cli_usage(cli, "to a derde nothing is sent from here: leave --part out")
			     : to_derde(cli, derde, verklaring, date, &m);
	else if (status == CLI_GO && p.n == 0)
		status = cli_usage(cli, "--part is missing: what of it goes on?");
	if (status == CLI_GO)
		status = cli_send_follow(cli, &o, cli->args[0], &m);
	return status;
}

/* Of a hernieuwing the casus stands in the place of the message. */
int cmd_instemming_ask(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *purpose = NULL, *target = NULL, *until = NULL, *file = NULL;
	struct poptOption options[] = {
		{ "purpose", 0, POPT_ARG_STRING, &purpose, 0,
		  "for what: huis, verband, derde, or hernieuwing (MESSAGE is the casus then)", "PURPOSE" },
		{ "target", 0, POPT_ARG_STRING, &target, 0, "to whom it would go (default: whoever of that kind)", "ID" },
		{ "until", 0, POPT_ARG_STRING, &until, 0, "until when; of a hernieuwing: how long the casus would be kept", "DATE" },
		{ "question", 0, POPT_ARG_STRING, &file, 0, "why you ask; sealed to the source", "FILE" },
		CLI_SEND_OPTIONS(&o),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	bool renewal = text_equal(purpose ? purpose : "", "hernieuwing");

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "instemmingsverzoek", &m)) != CLI_GO)
		return status;
	if (!purpose)
		return cli_usage(cli, "--purpose is missing: huis, verband, derde or hernieuwing");
	if (until && !cli_date(until, &m.until_unix_ms))
		return cli_usage(cli, "--until is a date as 2026-11-22");
	if (renewal && !m.to)
		return cli_usage(cli, "--to is missing: whose instemming is asked?");
	m.purpose = purpose;
	m.target = target;
	if (file)
		status = cli_parts_add(cli, &p, "vraag", file, "text/plain");
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO)
		status = renewal ? cli_send_casus(cli, &o, cli->args[0], &m) : cli_send_follow(cli, &o, cli->args[0], &m);
	return status;
}
