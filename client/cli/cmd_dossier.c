/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit dossier, audit sample: a part of the log for somebody outside, who believes neither the house nor the officer. The records come
 * from the officer's reading, the proofs from an export that the operator made: neither can make one alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/dossier.h"

#define SAMPLE_MAX 1000
#define SEED_MAX 200

/* seed NULL: the casus that m names; else what the seed draws. */
static int make(struct making *m, const char *seed, unsigned n)
{
	int status = making_begin(m);

	if (status == KP_OK && seed)
		status = making_sample(m, seed, n);
	if (status == KP_OK)
		status = making_fill(m);
	if (status == KP_OK)
		status = making_write(m, m->out);
	making_end(m);
	return status;
}

int cmd_audit_dossier(struct cli *cli, int argc, const char **argv)
{
	struct making m = { .cli = cli, .proofs = { .dir = -1 } };
	char *casus = NULL;
	struct poptOption options[] = {
		{ "casus", 0, POPT_ARG_STRING, &casus, 0, "the casus", "UUID" },
		MAKING_OPTIONS(&m, cli),
		POPT_TABLEEND,
	};
	uint8_t id[16];
	int status = cli_parse(cli, options, argc, argv, 0, 1);

	if (status != CLI_GO)
		return status;
	if (!casus || !uuid_decode(casus, id))
		return cli_usage(cli, "--casus is missing, or is no casus number; RECORDS are optional, without them the house is asked");
	if (!m.out)
		return cli_usage(cli, "--out FILE is missing");
	m.casus = casus;
	m.source.path = cli->n_args ? cli->args[0] : NULL;
	return make(&m, NULL, 0);
}

int cmd_audit_sample(struct cli *cli, int argc, const char **argv)
{
	struct making m = { .cli = cli, .proofs = { .dir = -1 } };
	char *seed = NULL;
	int n = 25;
	struct poptOption options[] = {
		{ "n", 0, POPT_ARG_INT, &n, 0, "how many messages, default 25", "N" },
		{ "seed", 0, POPT_ARG_STRING, &seed, 0, "any text, chosen by the auditor; the same seed on the same log draws the same", "TEXT" },
		MAKING_OPTIONS(&m, cli),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 1);

	if (status != CLI_GO)
		return status;
	if (n < 1 || n > SAMPLE_MAX)
		return cli_usage(cli, "--n is 1 to 1000");
	if (!seed || !*seed || strlen(seed) > SEED_MAX)
		return cli_usage(cli, "--seed is missing, or longer than 200 characters; RECORDS are optional, without them the house is asked");
	if (!m.out)
		return cli_usage(cli, "--out FILE is missing");
	m.source.path = cli->n_args ? cli->args[0] : NULL;
	return make(&m, seed, (unsigned)n);
}
