/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Where reports, exports and dossiers take their records from: a running house, page by page, for a stated purpose; or what was
 * exported from one before (`audit export --records`).
 */
#include "client/cli/cli.h"
#include "client/report/log.h"

struct source {
	const char *path; /* file or folder; NULL: the house of this node */
	char *as, *purpose;
	const char *casus;
	bool evidence;    /* with entry and opening */
	const uint64_t *only; /* from a house: this one entry */
};

#define SOURCE_OPTIONS(o, cli)                                                                                                            \
	{ "purpose", 0, POPT_ARG_STRING, &(o)->purpose, 0,                                                                                 \
	  "from a running house: rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure", "PURPOSE" },                  \
	{ "as", 0, POPT_ARG_STRING, &(o)->as, 0, "hoedanigheid that acts", "HOEDANIGHEID" },                                              \
	{ "person", 0, POPT_ARG_STRING, &(cli)->person, 0, "functionary that signs", "PERSON" }

/*
 * source_read() - each line, the header first
 * Return: KP_OK, or an exit status whose trouble was printed. What each() returns beyond 0 ends it.
 */
MUST_CHECK int source_read(const struct cli *cli, const struct source *s, report_line_fn *each, void *ctx);
/* source_log() - all of them, for a report. */
MUST_CHECK int source_log(const struct cli *cli, const struct source *s, struct report_log **out);
/* source_spool() - all lines into a file for this user alone. */
MUST_CHECK int source_spool(const struct cli *cli, const struct source *s, const char *path);
/* source_sync() - a home that will lend its rules has those in force now. */
MUST_CHECK int source_sync(const struct cli *cli);
/* source_out() - bytes to a file, replaced whole, or to standard output when there is no path or it is "-". */
MUST_CHECK int source_out(const struct cli *cli, const char *path, struct span bytes);
