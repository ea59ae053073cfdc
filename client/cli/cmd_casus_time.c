/* SPDX-License-Identifier: EUPL-1.2 */
/* casus agenda, renew, scale, known: when a casus is spoken of, how long it is kept, how heavy it is, and who else knows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/parts.h"
#include "client/cli/send.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)

int cmd_casus_agenda(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *meeting = NULL, *until = NULL, **invite = NULL;
	CLEANUP(cli_list_fini) struct cli_list guests = { 0 };
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "meeting", 0, POPT_ARG_STRING, &meeting, 0, "when the overleg meets", "DATE" },
		{ "invite", 0, POPT_ARG_ARGV, &invite, 0, "agendadeelnemer to invite for this casus; repeat or separate with commas",
		  "HOEDANIGHEID" },
		{ "until", 0, POPT_ARG_STRING, &until, 0, "when the invitation ends (default: a day after the meeting)", "DATE" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "agenda", &m)) != CLI_GO)
		return r;
	if (!meeting || !cli_date(meeting, &m.meeting_unix_ms) || (until && !cli_date(until, &m.until_unix_ms)))
		return cli_usage(cli, "--meeting, and --until, are dates as 2026-11-22 or times as 2026-11-22T12:00:00.000Z");
	if (!until)
		m.until_unix_ms = m.meeting_unix_ms + DAY_MS;
	if (cli_list_of(invite, &guests) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	m.invite = guests.v;
	r = cli_send_casus(cli, &o, cli->args[0], &m);
	return r;
}

int cmd_casus_renew(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *until = NULL, *ground = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "until", 0, POPT_ARG_STRING, &until, 0, "how long it is kept, at most 24 months from now", "DATE" },
		{ "ground", 0, POPT_ARG_STRING, &ground, 0, "open-complex or recidiverisico (BGS 1.16(2))", "GROUND" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "hernieuwing", &m)) != CLI_GO)
		return r;
	if (!until || !cli_date(until, &m.until_unix_ms))
		return cli_usage(cli, "--until is a date as 2026-11-22");
	if (!ground)
		return cli_usage(cli, "--ground is missing: open-complex or recidiverisico");
	m.ground = ground;
	return cli_send_casus(cli, &o, cli->args[0], &m);
}

struct phase_of {
	const char *casus;
	char phase[40];
};

static bool take_phase(void *ctx, const struct kp_casus *c)
{
	struct phase_of *p = ctx;

	if (strcmp(c->casus, p->casus) != 0)
		return true;
	snprintf(p->phase, sizeof p->phase, "%s", c->phase);
	return false;
}

/* Up or down: the phase stays as it is. */
int cmd_casus_scale(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	struct poptOption options[] = { CLI_SEND_OPTIONS(&o), POPT_TABLEEND };
	struct kp_message_out m;
	struct phase_of now = { 0 };
	struct kp_error err = { 0 };
	int status = cli_parse(cli, options, argc, argv, 2, 2);
	kp_node *node;

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "fase", &m)) != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	now.casus = cli->args[0];
	status = (int)kp_casus_list(node, cli_timeout_ms(cli), take_phase, &now, &err);
	kp_close(node);
	if (status != KP_OK)
		return cli_fail(cli, (enum kp_result)status, &err);
	m.phase = now.phase; /* "" when this node is not on the casus: the house says so, with a receipt */
	m.ave = cli->args[1];
	return cli_send_casus(cli, &o, cli->args[0], &m);
}

int cmd_casus_known(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *subject = NULL, *deadline = NULL, *question;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "subject", 0, POPT_ARG_STRING, &subject, 0, "who it is about: JSON object from a file, - for standard input", "FILE" },
		{ "deadline", 0, POPT_ARG_STRING, &deadline, 0, "answer wanted before", "DATE" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, "bekendheidsvraag", &m)) != CLI_GO)
		return status;
	if (!m.to || !subject)
		return cli_usage(cli, "--to HOUSE and --subject FILE are needed: which other house is asked about whom?");
	if (deadline && !cli_date(deadline, &m.deadline_unix_ms))
		return cli_usage(cli, "--deadline is a date as 2026-11-22 or a time as 2026-11-22T12:00:00.000Z");
	question = cli_question(cli, subject, NULL);
	if (!question)
		return KP_USAGE;
	status = cli_parts_text(cli, &p, "vraag", question);
	m.person_role = "betrokkene";
	m.parts = p.v;
	m.n_parts = p.n;
	if (status == CLI_GO)
		status = cli_send_casus(cli, &o, cli->args[0], &m);
	return status;
}
