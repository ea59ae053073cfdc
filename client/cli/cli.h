/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The command: one table of "noun verb" commands; each parses its own options from a popt table on its own stack.
 *
 * The same option tables give --help, the shell completion and the manual page: a command's run function is called in
 * a describing mode in which cli_parse() prints its table and tells it to stop.
 * Exit codes are enum kp_result. Text goes to stdout, trouble to stderr; with --json both are JSON on stdout.
 */
#include <jansson.h>
#include <popt.h>

#include "base/macro.h"
#include "knooppunt/knooppunt.h"

enum cli_mode { CLI_RUN = 0, CLI_DESCRIBE_OPTIONS, CLI_DESCRIBE_MAN };

struct cli;
struct command {
	const char *noun;
	const char *verb;      /* NULL: the noun is the whole command ("ask") */
	const char *summary;
	const char *arguments; /* "MESSAGE", "ORGANISATION" or "" */
	const char *example;   /* one or more lines, each a command */
	int (*run)(struct cli *cli, int argc, const char **argv);
};

struct cli {
	enum cli_mode mode;
	const struct command *command;
	char *home;            /* a node's folder */
	char *house;           /* the house's folder */
	char *lang;            /* nl | en */
	char *person;          /* who acts, where the command has CLI_PERSON_OPTION */
	int json;
	int timeout_s;
	poptContext popt;
	void **owned;          /* what popt allocated for the options of this command; cli_fini() frees it */
	size_t n_owned;
	const char **args;     /* positional arguments, NULL-terminated */
	size_t n_args;
};

/* Every command; ended by an element with noun NULL. */
extern const struct command cli_commands[];

void cli_fini(struct cli *cli); /* after the command ended: options and arguments are gone */

/* For commands of one functionary that send no message of their own making; the others have CLI_SEND_OPTIONS. */
#define CLI_PERSON_OPTION(cli) \
	{ "person", 0, POPT_ARG_STRING, &(cli)->person, 0, "functionary that acts (default: the first of this node)", "PERSON" }

#define CLI_GO (-1)
/*
 * cli_parse() - options of this command and the common ones
 * @options: ends with POPT_TABLEEND; pointers into the caller's stack
 * Return: CLI_GO to go on; otherwise the exit status to return at once (help printed, description printed, wrong usage).
 */
MUST_CHECK int cli_parse(struct cli *cli, struct poptOption *options, int argc, const char **argv, size_t min_args, size_t max_args);

/* cli_fail() - print an error (or its JSON) and return the result as exit status. */
int cli_fail(const struct cli *cli, enum kp_result result, const struct kp_error *err);
int cli_usage(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
/* cli_trouble() - an error of this side in one call: result, stage, what, what to do. */
int cli_trouble(const struct cli *cli, enum kp_result result, const char *stage, const char *text, const char *remedy);

/* cli_node() - open the home folder; prints its own trouble. NULL: return *status. */
kp_node *cli_node(const struct cli *cli, int *status);
uint32_t cli_timeout_ms(const struct cli *cli);

/* cli_json() - print on one line and release. */
void cli_json(json_t *json);
/* cli_say() - a line of text for people; nothing under --json. */
void cli_say(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* Aligned columns for people. */
#define CLI_COLUMNS_MAX 8
struct cli_table {
	size_t n_columns, n_rows;
	char ***cells;
	const char *titles[CLI_COLUMNS_MAX];
};
void cli_table_init(struct cli_table *t, size_t n_columns, const char *const *titles);
void cli_table_row(struct cli_table *t, const char *const *cells); /* copies; NULL cells are empty */
void cli_table_print(const struct cli_table *t);
void cli_table_fini(struct cli_table *t);

/* Local time for people ("2026-11-22 09:15:30"). */
#define CLI_TIME_SIZE 32
void cli_time(uint64_t unix_ms, char out[CLI_TIME_SIZE]);
bool cli_date(const char *text, uint64_t *unix_ms); /* a date or a time, as in base/text.h; today or yesterday: its local begin */

/* A list collected from a repeated option ("--to a --to b", or "--to a,b"); v is NULL-terminated, or NULL when empty. */
struct cli_list {
	size_t n;
	const char **v;
};
MUST_CHECK int cli_list_add(struct cli_list *list, const char *value);
void cli_list_fini(struct cli_list *list);
/* cli_list_of() - from popt's POPT_ARG_ARGV array (NULL allowed), split at commas. */
MUST_CHECK int cli_list_of(char **argv, struct cli_list *out);

/* cli_share() - the folder of installed data (kader, examples): $KNOOPPUNT_SHARE, where it was installed, or the build's own. */
void cli_share(char *out, size_t size);

/* cli_file() - a file's content as malloc'ed text, "-" for standard input; prints its own trouble; NULL then. */
char *cli_file(const struct cli *cli, const char *path, size_t limit_bytes, size_t *len);

int cmd_house_init(struct cli *cli, int argc, const char **argv);
int cmd_house_invite(struct cli *cli, int argc, const char **argv);
int cmd_house_admit(struct cli *cli, int argc, const char **argv);
int cmd_house_joins(struct cli *cli, int argc, const char **argv);
int cmd_house_status(struct cli *cli, int argc, const char **argv);
int cmd_node_join(struct cli *cli, int argc, const char **argv);
int cmd_node_status(struct cli *cli, int argc, const char **argv);
int cmd_node_sync(struct cli *cli, int argc, const char **argv);
int cmd_mandate_grant(struct cli *cli, int argc, const char **argv);
int cmd_casus_notify(struct cli *cli, int argc, const char **argv);
int cmd_casus_assess(struct cli *cli, int argc, const char **argv);
int cmd_casus_involve(struct cli *cli, int argc, const char **argv);
int cmd_casus_phase(struct cli *cli, int argc, const char **argv);
int cmd_casus_close(struct cli *cli, int argc, const char **argv);
int cmd_casus_scale(struct cli *cli, int argc, const char **argv);
int cmd_casus_agenda(struct cli *cli, int argc, const char **argv);
int cmd_casus_renew(struct cli *cli, int argc, const char **argv);
int cmd_casus_known(struct cli *cli, int argc, const char **argv);
int cmd_casus_show(struct cli *cli, int argc, const char **argv);
int cmd_casus_list(struct cli *cli, int argc, const char **argv);
int cmd_consent(struct cli *cli, int argc, const char **argv);
int cmd_ask(struct cli *cli, int argc, const char **argv);
int cmd_inbox(struct cli *cli, int argc, const char **argv);
int cmd_read(struct cli *cli, int argc, const char **argv);
int cmd_notify(struct cli *cli, int argc, const char **argv);
int cmd_supplement(struct cli *cli, int argc, const char **argv);
int cmd_correct(struct cli *cli, int argc, const char **argv);
int cmd_confirm(struct cli *cli, int argc, const char **argv);
int cmd_feedback(struct cli *cli, int argc, const char **argv);
int cmd_forward(struct cli *cli, int argc, const char **argv);
int cmd_instemming_ask(struct cli *cli, int argc, const char **argv);
int cmd_instemming_give(struct cli *cli, int argc, const char **argv);
int cmd_instemming_refuse(struct cli *cli, int argc, const char **argv);
int cmd_answer(struct cli *cli, int argc, const char **argv);
int cmd_decline(struct cli *cli, int argc, const char **argv);
int cmd_ladder(struct cli *cli, int argc, const char **argv);
int cmd_serve(struct cli *cli, int argc, const char **argv);
int cmd_overleg_list(struct cli *cli, int argc, const char **argv);
int cmd_overleg_show(struct cli *cli, int argc, const char **argv);
int cmd_convenant_check(struct cli *cli, int argc, const char **argv);
int cmd_convenant_sign(struct cli *cli, int argc, const char **argv);
int cmd_convenant_publish(struct cli *cli, int argc, const char **argv);
int cmd_convenant_show(struct cli *cli, int argc, const char **argv);
int cmd_convenant_explain(struct cli *cli, int argc, const char **argv);
int cmd_convenant_test(struct cli *cli, int argc, const char **argv);
int cmd_convenant_diff(struct cli *cli, int argc, const char **argv);
int cmd_audit_verify(struct cli *cli, int argc, const char **argv);
int cmd_audit_list(struct cli *cli, int argc, const char **argv);
int cmd_audit_show(struct cli *cli, int argc, const char **argv);
int cmd_audit_subject(struct cli *cli, int argc, const char **argv);
int cmd_audit_replay(struct cli *cli, int argc, const char **argv);
int cmd_audit_export(struct cli *cli, int argc, const char **argv);
int cmd_audit_checkpoint(struct cli *cli, int argc, const char **argv);
int cmd_audit_dossier(struct cli *cli, int argc, const char **argv);
int cmd_audit_sample(struct cli *cli, int argc, const char **argv);
int cmd_audit_pack(struct cli *cli, int argc, const char **argv);
int cmd_audit_report(struct cli *cli, int argc, const char **argv);
int cmd_audit_witness(struct cli *cli, int argc, const char **argv);
int cmd_receipt_verify(struct cli *cli, int argc, const char **argv);
int cmd_doctor(struct cli *cli, int argc, const char **argv);
int cmd_bench(struct cli *cli, int argc, const char **argv);
int cmd_completion(struct cli *cli, int argc, const char **argv);
int cmd_man(struct cli *cli, int argc, const char **argv);
