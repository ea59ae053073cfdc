/* SPDX-License-Identifier: EUPL-1.2 */
/* audit report: the tables of a house from its log, as text, CSV, JSON or one HTML page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/env.h"
#include "base/text.h"
#include "client/cli/document.h"
#include "client/cli/source.h"
#include "client/report/report.h"

#define TEXT_FILE_MAX (1u << 20)

struct report {
	struct source source;
	char *kind, *period, *names, *published, *kader, *out, *now;
	int year, suppress, csv, html, days, dormant;
};

/* "FILE" when it was given; else a file of that name beside the records, when there is one. Its text, or NULL; *status when it fails. */
static char *beside(const struct cli *cli, const struct report *o, const char *given, const char *name, int *status)
{
	char path[900];
	struct stat st;
	char *text;

	if (!given) {
		if (!o->source.path || stat(o->source.path, &st) != 0 || !S_ISDIR(st.st_mode))
			return NULL;
		snprintf(path, sizeof path, "%.800s/%s", o->source.path, name);
		if (stat(path, &st) != 0)
			return NULL;
		given = path;
	}
	text = cli_file(cli, given, TEXT_FILE_MAX, NULL);
	if (!text)
		*status = KP_USAGE;
	return text;
}

static int faulty(const struct cli *cli, const struct fault_list *faults)
{
	struct buffer text;
	int status;

	buffer_init(&text, 4096);
	fault_list_print(faults, &text);
	buffer_u8(&text, 0);
	status = cli_trouble(cli, KP_USAGE, "report", text.failed ? "the file has faults" : (const char *)text.ptr, "mend the file and try again");
	buffer_fini(&text);
	return status;
}

static int names_of(const struct cli *cli, const struct report *o, struct names **out)
{
	struct fault_list faults;
	int status = KP_OK, r;
	char *text = beside(cli, o, o->names, "indeling.yaml", &status);

	if (!text)
		return status;
	fault_list_init(&faults, o->names ? o->names : "indeling.yaml");
	r = names_load(span_of_text(text), &faults, out);
	free(text);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "report", "out of memory", "");
	return r ? faulty(cli, &faults) : KP_OK;
}

static int publish(const struct cli *cli, const struct report *o, json_t *doc)
{
	struct fault_list faults;
	int status = KP_OK, r;
	char *text = beside(cli, o, o->published, "gepubliceerd.yaml", &status);

	if (!text)
		return status;
	fault_list_init(&faults, o->published ? o->published : "gepubliceerd.yaml");
	r = published_apply(span_of_text(text), doc, &faults);
	free(text);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "report", "out of memory", "");
	return r ? faulty(cli, &faults) : KP_OK;
}

/* The period asked for, else the one in which now lies. */
static int period_of(const struct cli *cli, const struct report *o, struct report_options *options)
{
	char text[PERIOD_TEXT_SIZE], quarter[PERIOD_TEXT_SIZE + 8];
	size_t len = options->kind == REPORT_MONTH ? 7 : 4;

	if (o->year) {
		if (o->period || options->kind != REPORT_YEAR)
			return cli_usage(cli, "--year is for --kind year; the others take --period, as 2026-Q4 or 2026-11");
		return period_year((unsigned)(o->year > 0 ? o->year : 0), &options->period) ? KP_OK : cli_usage(cli, "--year is a year, as 2026");
	}
	if (o->period)
		return period_parse(o->period, &options->period) ? KP_OK : cli_usage(cli, "--period is written as 2026, 2026-Q4 or 2026-11");
	period_local(options->now_ms, text);
	if (options->kind == REPORT_QUARTER)
		snprintf(quarter, sizeof quarter, "%.4s-Q%ld", text, (strtol(text + 5, NULL, 10) + 2) / 3);
	else
		snprintf(quarter, sizeof quarter, "%.*s", (int)len, text);
	return period_parse(quarter, &options->period) ? KP_OK : cli_usage(cli, "give --period");
}

static int print(const struct cli *cli, const struct report *o, const json_t *doc)
{
	struct buffer out;
	int r, status;

	buffer_init(&out, 0);
	if (cli->json) {
		char *text = json_dumps(doc, JSON_COMPACT);

		buffer_text(&out, text ? text : "");
		buffer_text(&out, "\n");
		r = text ? buffer_ok(&out) : -1;
		free(text);
	} else {
		r = o->html ? doc_html(doc, &out) : o->csv ? doc_csv(doc, &out) : doc_text(doc, &out);
	}
	status = r ? cli_trouble(cli, KP_ERROR, "report", "out of memory", "") : source_out(cli, o->out, buffer_span(&out));
	buffer_fini(&out);
	return status;
}

static int make(const struct cli *cli, const struct report *o, const struct report_log *log, struct report_options *options)
{
	CLEANUP(names_freep) struct names *names = NULL;
	json_t *doc = NULL;
	int status = names_of(cli, o, &names);

	options->names = names;
	if (status == KP_OK && report_make(log, options, &doc) != 0)
		status = cli_trouble(cli, KP_ERROR, "report", "out of memory", "");
	if (status == KP_OK && options->kind == REPORT_YEAR)
		status = publish(cli, o, doc);
	if (status == KP_OK && o->suppress)
		doc_suppress(doc, (unsigned)o->suppress);
	if (status == KP_OK)
		status = print(cli, o, doc);
	json_decref(doc);
	return status;
}

static int report(const struct cli *cli, const struct report *o, struct report_options *options)
{
	CLEANUP(report_log_freep) struct report_log *log = NULL;
	struct kader *kader = NULL;
	int status = period_of(cli, o, options);

	if (status == KP_OK && (options->kind == REPORT_RETENTION || options->kind == REPORT_AUTHORISATIONS))
		status = document_kader_of(cli, o->kader, o->source.path, &kader, &options->kader_from);
	options->kader = kader;
	if (status == KP_OK)
		status = source_log(cli, &o->source, &log);
	if (status == KP_OK)
		status = make(cli, o, log, options);
	kader_free(kader);
	return status;
}

int cmd_audit_report(struct cli *cli, int argc, const char **argv)
{
	struct report o = { 0 };
	struct report_options options = { .now_ms = env_unix_ms(env_system()) };
	struct poptOption table[] = {
		{ "kind", 0, POPT_ARG_STRING, &o.kind, 0, "year (default), quarter, month, authorisations or retention", "KIND" },
		{ "year", 0, POPT_ARG_INT, &o.year, 0, "which year", "YEAR" },
		{ "period", 0, POPT_ARG_STRING, &o.period, 0, "which period: 2026, 2026-Q4 or 2026-11 (default: that of today)", "PERIOD" },
		{ "suppress", 0, POPT_ARG_INT, &o.suppress, 0, "show no counts below this, e.g. 5", "N" },
		{ "names", 0, POPT_ARG_STRING, &o.names, 0, "how the house groups its partners (default: indeling.yaml beside the records)", "FILE" },
		{ "published", 0, POPT_ARG_STRING, &o.published, 0, "figures to show beside (default: gepubliceerd.yaml beside "
								    "the records)", "FILE" },
		{ "kader", 0, POPT_ARG_STRING, &o.kader, 0, "retention, authorisations: the kader with the terms (default: kader.note "
						    "beside the records, the house's, the node's, the installed one)", "FILE" },
		{ "days", 0, POPT_ARG_INT, &o.days, 0, "what runs out within so many days, default 90", "N" },
		{ "dormant", 0, POPT_ARG_INT, &o.dormant, 0, "authorisations unused for so many days, default 90", "N" },
		{ "now", 0, POPT_ARG_STRING, &o.now, 0, "as of this date instead of today", "DATE" },
		{ "csv", 0, POPT_ARG_NONE, &o.csv, 0, "print CSV: a line per cell", NULL },
		{ "html", 0, POPT_ARG_NONE, &o.html, 0, "print one HTML page with plots", NULL },
		{ "out", 0, POPT_ARG_STRING, &o.out, 0, "write to this file", "FILE" },
		SOURCE_OPTIONS(&o.source, cli),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, table, argc, argv, 0, 1), kind;

	if (status != CLI_GO)
		return status;
	kind = report_kind_find(o.kind ? o.kind : "year");
	if (kind < 0)
		return cli_usage(cli, "--kind is year, quarter, month, authorisations or retention, not \"%s\"", o.kind);
	if (o.now && !cli_date(o.now, &options.now_ms))
		return cli_usage(cli, "--now is a date, as 2026-11-22");
	if (o.suppress < 0 || o.suppress == 1 || o.suppress > 1000 || o.days < 0 || o.days > 36500 || o.dormant < 0 || o.dormant > 36500)
		return cli_usage(cli, "--suppress is 2 to 1000; --days and --dormant are 1 to 36500");
	if ((o.csv != 0) + (o.html != 0) + (cli->json != 0) > 1)
		return cli_usage(cli, "one form at a time: --csv, --html or --json");
	o.source.path = cli->n_args ? cli->args[0] : NULL;
	options.kind = (enum report_kind)kind;
	options.horizon_days = (unsigned)o.days;
	options.dormant_days = (unsigned)o.dormant;
	return report(cli, &o, &options);
}
