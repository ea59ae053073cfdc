/* SPDX-License-Identifier: EUPL-1.2 */
/* consent: that the betrokkene agrees, to what and for whom; and that he no longer does. */
#include "client/cli/send.h"

int cmd_consent(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *given = NULL, *until = NULL, *by = NULL, **partner = NULL;
	CLEANUP(cli_list_fini) struct cli_list partners = { 0 };
	int withdrawn = 0;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "given", 0, POPT_ARG_STRING, &given, 0, "date on which consent was given", "DATE" },
		{ "until", 0, POPT_ARG_STRING, &until, 0, "date until which it holds (default: until withdrawn)", "DATE" },
		{ "withdrawn", 0, POPT_ARG_NONE, &withdrawn, 0, "consent was withdrawn", NULL },
		{ "category", 0, POPT_ARG_ARGV, &o.category, 0, "for what (default: all); repeat or separate with commas", "CATEGORY" },
		{ "partner", 0, POPT_ARG_ARGV, &partner, 0, "for whom (default: all)", "HOEDANIGHEID" },
		{ "by", 0, POPT_ARG_STRING, &by, 0, "betrokkene (default) or wettelijk-vertegenwoordiger", "WHO" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "toestemming", &m)) != CLI_GO)
		return r;
	if (!withdrawn && !given)
		return cli_usage(cli, "--given DATE is missing (or --withdrawn)");
	if ((given && !cli_date(given, &m.given_unix_ms)) || (until && !cli_date(until, &m.consent_until_unix_ms)))
		return cli_usage(cli, "a date is written as 2026-11-22");
	if (cli_list_of(partner, &partners) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	m.withdrawn = withdrawn != 0;
	m.consent_by = by ? by : "betrokkene";
	m.consent_categories = m.categories; /* what it is for; the message itself gives no data */
	m.categories = NULL;
	m.consent_hoedanigheden = partners.v;
	r = cli_send_casus(cli, &o, cli->args[0], &m);
	return r;
}
