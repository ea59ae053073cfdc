/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * knooppunt: find the command, run it. What is common to all commands stands in cli.c.
 */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "client/cli/cli.h"

static void overview(FILE *out)
{
	const char *noun = "";

	fprintf(out, "knooppunt - ask and answer across organisations, within the law and the convenant, with evidence\n\n"
		     "usage: knooppunt NOUN [VERB] [options]      knooppunt NOUN VERB --help\n\n");
	for (const struct command *c = cli_commands; c->noun; c++) {
		if (strcmp(noun, c->noun) != 0 && c->verb)
			fprintf(out, "\n");
		noun = c->noun;
		fprintf(out, "  %-10s %-11s %s\n", c->noun, c->verb ? c->verb : "", c->summary);
	}
	fprintf(out, "\ncommon options: --home DIR (a node), --house DIR (a house), --json, --lang nl|en, --timeout SECONDS\n"
		     "exit codes: 0 ok, 1 error, 2 usage, 3 refused by the convenant, 4 verification failed, 5 unreachable,\n"
		     "            6 nothing there yet\n");
}

static const struct command *find(int argc, char **argv, int *used)
{
	for (const struct command *c = cli_commands; c->noun; c++) {
		if (strcmp(c->noun, argv[1]) != 0)
			continue;
		if (!c->verb) {
			*used = 2;
			return c;
		}
		if (argc > 2 && strcmp(c->verb, argv[2]) == 0) {
			*used = 3;
			return c;
		}
	}
	return NULL;
}

static void verbs(FILE *out, const char *noun)
{
	for (const struct command *c = cli_commands; c->noun; c++)
		if (strcmp(c->noun, noun) == 0)
			fprintf(out, "  knooppunt %s %-11s %s\n", c->noun, c->verb, c->summary);
}

static int unknown(int argc, char **argv)
{
	bool noun_known = false;

	for (const struct command *c = cli_commands; c->noun; c++)
		if (strcmp(c->noun, argv[1]) == 0)
			noun_known = true;
	if (!noun_known) {
		fprintf(stderr, "knooppunt: here: usage: there is no command \"%s\"\n  try: knooppunt --help\n", argv[1]);
		return KP_USAGE;
	}
	if (argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
		verbs(stdout, argv[1]);
		return KP_OK;
	}
	fprintf(stderr, "knooppunt: here: usage: \"%s\" needs one of these verbs%s%s%s:\n", argv[1], argc > 2 ? ", not \"" : "",
		argc > 2 ? argv[2] : "", argc > 2 ? "\"" : "");
	verbs(stderr, argv[1]);
	return KP_USAGE;
}

int main(int argc, char **argv)
{
	struct cli cli = { 0 };
	int used = 0, status;

	log_init("knooppunt", LOG_LEVEL_ERROR);
	if (sodium_init() < 0) {
		fprintf(stderr, "knooppunt: here: start: libsodium cannot start (no source of randomness)\n");
		return KP_ERROR;
	}
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		overview(argc < 2 ? stderr : stdout);
		return argc < 2 ? KP_USAGE : KP_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("knooppunt %s\n", KP_VERSION);
		return KP_OK;
	}
	cli.command = find(argc, argv, &used);
	if (!cli.command)
		return unknown(argc, argv);
	status = cli.command->run(&cli, argc - used + 1, (const char **)(void *)(argv + used - 1));
	cli_fini(&cli);
	return status;
}
