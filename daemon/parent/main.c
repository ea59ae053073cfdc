/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The arguments. The settings are in the configuration file only: what a daemon does must be readable in one place.
 */
#include <errno.h>
#include <fcntl.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/parent/inside.h"

struct arguments {
	char *config, *role;
	int check, dump, version, help;
	int ready_fd;
};

static void arguments_fini(struct arguments *a)
{
	free(a->config);
	free(a->role);
}

static void context_freep(poptContext *context)
{
	poptFreeContext(*context);
}

static void help_print(poptContext context)
{
	poptSetOtherOptionHelp(context, "--config FILE [--check | --dump-config | --ready-fd N]");
	poptPrintHelp(context, stdout, 0);
	puts("\nThe daemon of a house: takes sealed messages from partners' nodes, decides on them by the convenant, and keeps the\n"
	     "audit log. It runs in the foreground until SIGTERM or SIGINT, and logs on stderr.\n\n"
	     "Examples:\n"
	     "  knooppuntd --config /etc/knooppunt/house.yaml --check\n"
	     "  knooppuntd --config house.yaml --ready-fd 3 3>ready\n\n"
	     "Exit status: 0 stopped in good order (or: the configuration is good), 1 failed, 2 wrong usage or configuration.\n"
	     "Settings: knooppuntd --config FILE --dump-config, or knooppuntd(8).");
}

/* 0; an exit status when there is nothing left to do. */
static int arguments_read(int argc, const char **argv, struct arguments *a, bool *done)
{
	const struct poptOption options[] = {
		{ "config", 'c', POPT_ARG_STRING, &a->config, 0, "Configuration of the house", "FILE" },
		{ "check", 0, POPT_ARG_NONE, &a->check, 0, "Check the configuration and the key files, and exit", NULL },
		{ "dump-config", 0, POPT_ARG_NONE, &a->dump, 0, "Print the configuration with all defaults, and exit", NULL },
		{ "ready-fd", 0, POPT_ARG_INT, &a->ready_fd, 0, "Write \"ready ENDPOINT\" there when all is up", "N" },
		{ "role", 0, POPT_ARG_STRING | POPT_ARGFLAG_DOC_HIDDEN, &a->role, 0, NULL, NULL },
		{ "version", 0, POPT_ARG_NONE, &a->version, 0, "Print the version", NULL },
		{ "help", 'h', POPT_ARG_NONE, &a->help, 0, "Show this help", NULL },
		POPT_TABLEEND,
	};
	CLEANUP(context_freep) poptContext context = poptGetContext("knooppuntd", argc, argv, options, 0);
	int r = poptGetNextOpt(context);

	*done = true;
	if (r < -1) {
		fprintf(stderr, "knooppuntd: %s: %s (--help shows the options)\n", poptBadOption(context, 0), poptStrerror(r));
		return PARENT_EXIT_USAGE;
	}
	if (poptPeekArg(context)) {
		fprintf(stderr, "knooppuntd: %s: not an option (--help shows them)\n", poptPeekArg(context));
		return PARENT_EXIT_USAGE;
	}
	if (a->help)
		help_print(context);
	else if (a->version)
		puts("knooppuntd " KP_VERSION);
	else
		*done = false;
	return PARENT_EXIT_OK;
}

static void faults_print(const struct fault_list *faults)
{
	struct buffer text;

	buffer_init(&text, 0);
	fault_list_print(faults, &text);
	fwrite(text.ptr, 1, text.len, stderr);
	buffer_fini(&text);
}

/* 0; an exit status: what is wrong has been printed. */
static int settings_read(const char *path, struct fault_list *faults, struct conf **out)
{
	int r = conf_read(path, faults, out);

	if (r == CONF_E_FAULTS)
		faults_print(faults);
	else if (r == CONF_E_ABSENT)
		fprintf(stderr, "%s: can't be read (does it exist, may this user read it?)\n", path);
	else if (r)
		fprintf(stderr, "%s: %s\n", path, err_text(r));
	return r < 0 ? PARENT_EXIT_FAILED : r ? PARENT_EXIT_USAGE : 0;
}

static int settings_check(const struct conf *conf, struct fault_list *faults)
{
	int r = user_become(conf);

	if (!r)
		r = check_settings(conf, faults);
	if (r) {
		fprintf(stderr, "knooppuntd: %s\n", err_text(r));
		return PARENT_EXIT_FAILED;
	}
	faults_print(faults);
	return faults->n ? PARENT_EXIT_USAGE : 0;
}

static int settings_print(const struct conf *conf)
{
	struct buffer text;
	int r;

	buffer_init(&text, 0);
	r = conf_dump(conf, &text);
	if (!r && fwrite(text.ptr, 1, text.len, stdout) != text.len)
		r = -EIO;
	buffer_fini(&text);
	return r ? PARENT_EXIT_FAILED : PARENT_EXIT_OK;
}

static int ready_fd_check(int fd)
{
	if (fd < 0)
		return 0;
	if (fd > STDERR_FILENO && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	fprintf(stderr, "knooppuntd: --ready-fd %d: not an open descriptor above 2\n", fd);
	return PARENT_EXIT_USAGE;
}

static int with_config(const struct arguments *a, const struct parent_role roles[PARENT_ROLES])
{
	CLEANUP(conf_freep) struct conf *conf = NULL;
	struct fault_list faults;
	int r;

	if (!a->config) {
		fprintf(stderr, "knooppuntd: --config FILE is needed (--help shows the options)\n");
		return PARENT_EXIT_USAGE;
	}
	fault_list_init(&faults, a->config);
	r = settings_read(a->config, &faults, &conf);
	if (r)
		return r;
	if (a->dump)
		return settings_print(conf);
	log_init("parent", level_of(conf_text(conf, "log_level")));
	r = ready_fd_check(a->ready_fd);
	if (!r)
		r = settings_check(conf, &faults);
	if (r || a->check)
		return r;
	return house_run(conf, roles, a->ready_fd);
}

int parent_main(int argc, const char **argv, const struct parent_role roles[PARENT_ROLES])
{
	CLEANUP(arguments_fini) struct arguments a = { .ready_fd = -1 };
	bool done;
	int r;

	log_init("parent", LOG_LEVEL_WARN);
	r = arguments_read(argc, argv, &a, &done);
	if (done)
		return r;
	if (!a.role)
		return with_config(&a, roles);
	for (size_t i = 0; i < PARENT_ROLES; i++)
		if (text_equal(a.role, roles[i].name))
			return child_main(&roles[i]);
	fprintf(stderr, "knooppuntd: --role %s: no such role\n", a.role);
	return PARENT_EXIT_USAGE;
}
