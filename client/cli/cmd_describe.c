/* SPDX-License-Identifier: EUPL-1.2 */
/* completion and man, made from the same tables as --help. */
#include <stdio.h>
#include <string.h>

#include "client/cli/cli.h"

static void describe_all(enum cli_mode mode, const struct command *c)
{
	struct cli cli = { .mode = mode, .command = c };

	(void)c->run(&cli, 0, NULL);
}

int cmd_completion(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	const char *noun = "";
	int r = cli_parse(cli, options, argc, argv, 0, 0);

	if (r != CLI_GO)
		return r;
	printf("# bash completion of knooppunt\n_knooppunt() {\n"
	       "  local cur=\"${COMP_WORDS[COMP_CWORD]-}\" noun=\"${COMP_WORDS[1]-}\" verb=\"${COMP_WORDS[2]-}\"\n"
	       "  local common='--home --house --json --lang --timeout --help' words=''\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='");
	for (const struct command *c = cli_commands; c->noun; noun = c->noun, c++)
		if (strcmp(noun, c->noun) != 0)
			printf("%s ", c->noun);
	printf("'\n  else\n    case \"$noun $verb\" in\n");
	for (const struct command *c = cli_commands; c->noun; c++) {
		printf("    \"%s %s\"*) words=\"$common ", c->noun, c->verb ? c->verb : "");
		fflush(stdout);
		describe_all(CLI_DESCRIBE_OPTIONS, c);
		printf("\" ;;\n");
	}
	printf("    esac\n    if [ \"$COMP_CWORD\" -eq 2 ] || [ -z \"$words\" ]; then\n      case \"$noun\" in\n");
	for (const struct command *c = cli_commands; c->noun;) {
		const struct command *first = c;

		if (!c->verb) {
			c++;
			continue;
		}
		printf("      %s) words='", c->noun);
		for (; c->noun && strcmp(c->noun, first->noun) == 0; c++)
			printf("%s ", c->verb);
		printf("' ;;\n");
	}
	printf("      esac\n    fi\n  fi\n  COMPREPLY=( $(compgen -W \"$words\" -- \"$cur\") )\n"
	       "  [ -z \"${COMPREPLY[*]-}\" ] && COMPREPLY=( $(compgen -f -- \"$cur\") )\n}\ncomplete -F _knooppunt knooppunt\n");
	return KP_OK;
}

int cmd_man(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	int r = cli_parse(cli, options, argc, argv, 0, 0);

	if (r != CLI_GO)
		return r;
	printf(".Dd November 22, 2026\n.Dt KNOOPPUNT 1\n.Os\n.Sh NAME\n.Nm knooppunt\n.Nd ask and answer across organisations, "
	       "within the law and the "
	       "convenant, with evidence\n.Sh SYNOPSIS\n.Nm\n.Ar noun\n.Op Ar verb\n.Op Ar options\n.Sh DESCRIPTION\nOne command for partners, "
	       "liaisons, privacy officers and operators.\n.Pp\nCommon options:\n.Bl -tag -width Ds\n"
	       ".It Fl -home Ar DIR\nfolder of a node\n.It Fl -house Ar DIR\nfolder of a house\n.It Fl -json\nprint JSON\n"
	       ".It Fl -lang Ar LANG\nlanguage of explanations: nl or en\n.It Fl -timeout Ar SECONDS\nhow long to wait for the house\n.El\n"
	       ".Sh COMMANDS\n");
	for (const struct command *c = cli_commands; c->noun; c++) {
		printf(".Ss %s%s%s%s%s\n%s\n.Bl -tag -width Ds\n", c->noun, c->verb ? " " : "", c->verb ? c->verb : "", *c->arguments ? " " : "",
		       c->arguments, c->summary);
		fflush(stdout);
		describe_all(CLI_DESCRIBE_MAN, c);
		printf(".El\n.Pp\nExample:\n.Dl %s\n", c->example);
	}
	printf(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev KNOOPPUNT_HOME\nfolder of the node\n.It Ev KNOOPPUNT_HOUSE\nfolder of the house\n.El\n"
	       ".Sh EXIT STATUS\n0 ok, 1 error, 2 usage, 3 refused by the convenant, 4 verification failed, 5 unreachable, 6 nothing there yet.\n");
	return KP_OK;
}
