/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What all commands share: the common options, trouble in one form, text and JSON.
 *
 * The common options stand in one table that popt includes in each command's own; both live on stacks, nothing is global.
 */
#include "client/cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static void describe_option(const struct cli *cli, const struct poptOption *o)
{
	if (!o->longName)
		return;
	if (cli->mode == CLI_DESCRIBE_OPTIONS) {
		printf("--%s\n", o->longName);
		return;
	}
	printf(".It Fl -%s%s%s\n%s\n", o->longName, o->argDescrip ? " Ar " : "", o->argDescrip ? o->argDescrip : "",
	       o->descrip ? o->descrip : "");
}

static void describe(const struct cli *cli, const struct poptOption *options)
{
	for (const struct poptOption *o = options; o->longName || o->arg; o++) {
		if ((o->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
			describe(cli, o->arg);
		else
			describe_option(cli, o);
	}
}

static void help(const struct cli *cli)
{
	const struct command *c = cli->command;

	printf("%s\n\nusage: knooppunt %s%s%s%s%s [options]\n\n", c->summary, c->noun, c->verb ? " " : "", c->verb ? c->verb : "",
	       *c->arguments ? " " : "", c->arguments);
	fflush(stdout);
	poptPrintHelp(cli->popt, stdout, 0);
	printf("\nexample:\n  %s\n", c->example);
}

static void own(struct cli *cli, void *memory)
{
	void **owned = realloc(cli->owned, (cli->n_owned + 1) * sizeof *owned);

	if (!owned)
		return; /* it lives as long as the process then */
	cli->owned = owned;
	owned[cli->n_owned++] = memory;
}

/* popt gives each text option memory of its own and keeps no account of it. */
static void own_values(struct cli *cli, const struct poptOption *options)
{
	for (const struct poptOption *o = options; o->longName || o->arg; o++) {
		if ((o->argInfo & POPT_ARG_MASK) == POPT_ARG_STRING && *(char **)o->arg)
			own(cli, *(char **)o->arg);
		if ((o->argInfo & POPT_ARG_MASK) != POPT_ARG_ARGV || !*(char ***)o->arg)
			continue;
		for (char **v = *(char ***)o->arg; *v; v++)
			own(cli, *v);
		own(cli, *(char ***)o->arg);
	}
}

void cli_fini(struct cli *cli)
{
	for (size_t i = 0; i < cli->n_owned; i++)
		free(cli->owned[i]);
	free(cli->owned);
	if (cli->popt)
		poptFreeContext(cli->popt);
	*cli = (struct cli){ 0 };
}

int cli_parse(struct cli *cli, struct poptOption *options, int argc, const char **argv, size_t min_args, size_t max_args)
{
	int want_help = 0;
	struct poptOption common[] = {
		{ "home", 0, POPT_ARG_STRING, &cli->home, 0, "folder of a node ($KNOOPPUNT_HOME)", "DIR" },
		{ "house", 0, POPT_ARG_STRING, &cli->house, 0, "folder of a house ($KNOOPPUNT_HOUSE, else ./huis)", "DIR" },
		{ "json", 0, POPT_ARG_NONE, &cli->json, 0, "print JSON", NULL },
		{ "lang", 0, POPT_ARG_STRING, &cli->lang, 0, "language of explanations: nl or en", "LANG" },
		{ "timeout", 0, POPT_ARG_INT, &cli->timeout_s, 0, "how long to wait for the house, default 10", "SECONDS" },
		{ "help", 'h', POPT_ARG_NONE, &want_help, 0, "show this help", NULL },
		POPT_TABLEEND,
	};
	struct poptOption all[] = {
		{ NULL, 0, POPT_ARG_INCLUDE_TABLE, options, 0, "Options:", NULL },
		{ NULL, 0, POPT_ARG_INCLUDE_TABLE, common, 0, "Common options:", NULL },
		POPT_TABLEEND,
	};
	int r;

	if (cli->mode != CLI_RUN) {
		describe(cli, options);
		return KP_OK;
	}
	cli->popt = poptGetContext("knooppunt", argc, argv, all, 0);
	if (!cli->popt)
		return cli_trouble(cli, KP_ERROR, "start", "out of memory", "");
	r = poptGetNextOpt(cli->popt);
	own_values(cli, options);
	own_values(cli, common);
	if (r < -1)
		return cli_usage(cli, "%s: %s", poptBadOption(cli->popt, POPT_BADOPTION_NOALIAS), poptStrerror(r));
	if (want_help) {
		help(cli);
		return KP_OK;
	}
	cli->args = poptGetArgs(cli->popt);
	for (cli->n_args = 0; cli->args && cli->args[cli->n_args];)
		cli->n_args++;
	if (cli->n_args < min_args)
		return cli_usage(cli, "%s is missing", cli->command->arguments);
	if (cli->n_args > max_args)
		return cli_usage(cli, "\"%s\" is one argument too many", cli->args[max_args]);
	if (cli->timeout_s < 0 || cli->timeout_s > 86400)
		return cli_usage(cli, "--timeout is 1 to 86400 seconds");
	if (cli->lang && !text_equal(cli->lang, "nl") && !text_equal(cli->lang, "en"))
		return cli_usage(cli, "--lang takes nl or en, not \"%s\"", cli->lang);
	return CLI_GO;
}

int cli_fail(const struct cli *cli, enum kp_result result, const struct kp_error *err)
{
	if (cli->json) {
		cli_json(json_pack("{s:{s:i,s:s,s:s,s:s,s:s,s:s}}", "error", "exit", (int)result, "side", err->side, "stage", err->stage,
				   "code", err->code, "text", err->text, "remedy", err->remedy));
		return (int)result;
	}
	fprintf(stderr, "knooppunt: %s: %s: %s%s%s\n", err->side, err->stage, err->code, *err->code ? ": " : "", err->text);
	if (*err->remedy)
		fprintf(stderr, "  %s\n", err->remedy);
	return (int)result;
}

int cli_trouble(const struct cli *cli, enum kp_result result, const char *stage, const char *text, const char *remedy)
{
	struct kp_error err = { .side = "here" };

	snprintf(err.stage, sizeof err.stage, "%s", stage);
	snprintf(err.text, sizeof err.text, "%s", text);
	snprintf(err.remedy, sizeof err.remedy, "%s", remedy);
	return cli_fail(cli, result, &err);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
	char text[400], remedy[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	snprintf(remedy, sizeof remedy, "try: knooppunt %s%s%s --help", cli->command->noun, cli->command->verb ? " " : "",
		 cli->command->verb ? cli->command->verb : "");
	return cli_trouble(cli, KP_USAGE, "usage", text, remedy);
}

kp_node *cli_node(const struct cli *cli, int *status)
{
	struct kp_error err = { 0 };
	const char *home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");
	char fallback[512];
	kp_node *node = NULL;
	enum kp_result r;

	if (!home || !*home) {
		const char *data = getenv("XDG_DATA_HOME"), *user = getenv("HOME");

		if (data && *data)
			snprintf(fallback, sizeof fallback, "%s/knooppunt", data);
		else
			snprintf(fallback, sizeof fallback, "%s/.local/share/knooppunt", user ? user : "");
		home = fallback;
	}
	r = kp_open(home, &node, &err);
	if (r != KP_OK) {
		*status = cli_fail(cli, r, &err);
		return NULL;
	}
	if (cli->person && kp_act_as(node, cli->person, &err) != KP_OK) {
		*status = cli_fail(cli, KP_USAGE, &err);
		kp_close(node);
		return NULL;
	}
	return node;
}

uint32_t cli_timeout_ms(const struct cli *cli)
{
	return cli->timeout_s > 0 && cli->timeout_s <= 86400 ? (uint32_t)cli->timeout_s * 1000 : 10000;
}

void cli_json(json_t *json)
{
	if (json)
		json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII * 0);
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

void cli_say(const struct cli *cli, const char *format, ...)
{
	va_list args;

	if (cli->json)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void cli_time(uint64_t unix_ms, char out[CLI_TIME_SIZE])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!unix_ms || !localtime_r(&seconds, &tm) || !strftime(out, CLI_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(out, CLI_TIME_SIZE, "-");
}

bool cli_date(const char *text, uint64_t *unix_ms)
{
	const bool yesterday = strcmp(text, "yesterday") == 0;
	time_t now = time(NULL);
	struct tm day;

	if (yesterday || strcmp(text, "today") == 0) {
		if (!localtime_r(&now, &day))
			return false;
		day.tm_mday -= yesterday;
		day.tm_hour = day.tm_min = day.tm_sec = 0;
		day.tm_isdst = -1;
		*unix_ms = (uint64_t)mktime(&day) * 1000;
		return true;
	}
	return time_decode(span_of_text(text), unix_ms);
}

int cli_list_add(struct cli_list *list, const char *value)
{
	const char **v = realloc(list->v, (list->n + 2) * sizeof *v);

	if (!v)
		return -1;
	list->v = v;
	v[list->n] = strdup(value);
	if (!v[list->n])
		return -1;
	v[++list->n] = NULL;
	return 0;
}

int cli_list_of(char **argv, struct cli_list *out)
{
	*out = (struct cli_list){ 0 };
	for (size_t i = 0; argv && argv[i]; i++) {
		char *words = strdup(argv[i]), *save = NULL;

		if (!words)
			return -1;
		for (char *word = strtok_r(words, ",", &save); word; word = strtok_r(NULL, ",", &save))
			if (cli_list_add(out, word) != 0) {
				free(words);
				return -1;
			}
		free(words);
	}
	return 0;
}

void cli_list_fini(struct cli_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free((void *)(uintptr_t)list->v[i]);
	free(list->v);
	*list = (struct cli_list){ 0 };
}

static char *slurp_stdin(size_t limit_bytes, size_t *len)
{
	struct buffer b;
	char chunk[4096];
	char *text;
	size_t n;

	buffer_init(&b, limit_bytes);
	while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0)
		buffer_bytes(&b, span_of(chunk, n));
	buffer_u8(&b, 0);
	if (b.failed) {
		buffer_fini(&b);
		return NULL;
	}
	*len = b.len - 1;
	text = malloc(b.len);
	if (text)
		memcpy(text, b.ptr, b.len);
	buffer_fini(&b);
	return text;
}

char *cli_file(const struct cli *cli, const char *path, size_t limit_bytes, size_t *len)
{
	struct buffer b;
	char what[480];
	char *text = NULL;
	size_t got = 0;
	int r;

	if (strcmp(path, "-") == 0) {
		text = slurp_stdin(limit_bytes, &got);
		if (!text)
			cli_trouble(cli, KP_ERROR, "read", "standard input is too long", "give less, or in several messages");
	} else {
		/* a person may well name a symbolic link; what it leads to is held to the same rules */
		char *real = realpath(path, NULL);

		r = file_read(real ? real : path, limit_bytes, &b);
		free(real);
		if (r == FILE_OK) {
			text = malloc(b.len + 1);
			if (text) {
				if (b.len)
					memcpy(text, b.ptr, b.len);
				text[b.len] = 0;
				got = b.len;
			}
			buffer_fini(&b);
		} else {
			snprintf(what, sizeof what, "%s: %s", path,
				 r == FILE_E_ABSENT ? "there is no such file" : r == FILE_E_TOO_BIG ? "is too big" : "cannot be read");
			cli_trouble(cli, KP_ERROR, "read", what, r == FILE_E_TOO_BIG ? "give a smaller file" : "name a file that you may read");
		}
	}
	if (text && len)
		*len = got;
	return text;
}

void cli_share(char *out, size_t size)
{
	const char *given = getenv("KNOOPPUNT_SHARE");
	char self[400], *slash;
	ssize_t n;

	snprintf(out, size, "%s", given && *given ? given : KP_SHARE);
	if ((given && *given) || access(out, F_OK) == 0)
		return;
	n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0)
		return;
	self[n] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	snprintf(out, size, "%s/../../share/knooppunt", self);
}
