/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit replay: decisions of the log taken again, on this machine, with the versions of the rules they were taken with. The house
 * hands over what each rested on, which its record names by hash; whether it decided right is not taken from its word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/flips.h"

static int told(const struct flips *f)
{
	if (f->counts[REPLAY_DIFFERS] || f->counts[REPLAY_BROKEN])
		return KP_UNVERIFIED;
	return f->explain && !f->counts[REPLAY_AGREES] ? KP_NONE : KP_OK;
}

static int replay(const struct cli *cli, const struct records_query *query)
{
	struct flips f = { .cli = cli, .explain = cli->n_args == 1 };
	int status = flips_find(&f, query, SPAN_NONE);

	if (status == KP_OK) {
		status = told(&f);
		if (cli->json)
			cli_json(flips_json(&f));
		else if (f.one)
			cli_say(cli, "%s", f.one);
		flips_say(&f);
	}
	flips_fini(&f);
	return status;
}

int cmd_audit_replay(struct cli *cli, int argc, const char **argv)
{
	struct records_query query = { 0 };
	char *since = NULL, *until = NULL;
	struct poptOption options[] = {
		RECORDS_OPTIONS(&query),
		{ "since", 0, POPT_ARG_STRING, &since, 0, "every decision from then", "DATE" },
		{ "until", 0, POPT_ARG_STRING, &until, 0, "and before then", "DATE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 1);
	char *end = NULL;

	if (status != CLI_GO || (status = records_begin(cli, &query)) != CLI_GO)
		return status;
	if ((cli->n_args == 1) == (since != NULL))
		return cli_usage(cli, "name one entry by its number in the log, or a period with --since DATE");
	if ((since && !cli_date(since, &query.q.from_unix_ms)) || (until && !cli_date(until, &query.q.to_unix_ms)))
		return cli_usage(cli, "--since and --until are dates as 2026-11-22 or times as 2026-11-22T12:00:00.000Z");
	if (cli->n_args == 1) {
		query.q.after_index = strtoull(cli->args[0], &end, 10);
		query.q.limit = 1;
		if (*end || cli->args[0][0] < '0' || cli->args[0][0] > '9')
			return cli_usage(cli, "\"%s\" is no number of an entry", cli->args[0]);
	}
	return replay(cli, &query);
}
