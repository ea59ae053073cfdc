/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit list: records of the log, for a stated purpose. The house opens them for a functionary of class toetsing, or for anyone what
 * his own hoedanigheden sent and received (--own), and writes down that it did (WGS 1.8(4)).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/records.h"
#include "proto/entry.h"

struct list {
	const struct cli *cli;
	json_t *records;
	struct cli_table table;
};

/* What is longer than a column of the table ends in an ellipsis; --json has it whole. */
static void shorten(char *text, size_t max)
{
	size_t at = 0, n = 0;

	for (; text[at] && n < max; n++)
		for (at++; ((unsigned char)text[at] & 0xC0) == 0x80;)
			at++;
	if (text[at])
		memcpy(text + at, "\u2026", sizeof "\u2026");
}

static bool list_record(void *ctx, uint64_t index, const char *text)
{
	struct list *l = ctx;
	char number[24], when[CLI_TIME_SIZE], to[200], what[300], who[200], outcome[80];
	json_t *j = json_loads(text, 0, NULL);
	const char *kind = json_string_value(json_object_get(j, "kind")), *code = json_string_value(json_object_get(j, "code"));
	const bool decided = kind && code && (strcmp(kind, "BERICHT") == 0 || strcmp(code, "TOEGESTAAN") != 0);

	if (l->cli->json) {
		json_array_append_new(l->records, j);
		return true;
	}
	snprintf(number, sizeof number, "%llu", (unsigned long long)index);
	cli_time(records_unix_ms(j), when);
	records_text(j, "sender", who, sizeof who);
	records_text(j, "recipient", to, sizeof to - 4);
	records_text(j, "category", what, sizeof what - 4);
	shorten(to, 32);
	shorten(what, 32);
	snprintf(outcome, sizeof outcome, "%s%s", json_is_true(json_object_get(j, "urgent")) ? "SPOED " : "",
		 decided ? code : kind ? kind : "");
	cli_table_row(&l->table, (const char *const[]){ number, when, json_string_value(json_object_get(j, "type")), who, to, what,
							 json_string_value(json_object_get(j, "grondslag")), outcome });
	json_decref(j);
	return true;
}

struct filters {
	char *hoedanigheid, *functionary, *code, *category, *grondslag, *doel, *overleg, *kind, *message, *from, *to;
	long after;
	int limit, urgent, all;
};

/* A misspelt word would find nothing, and nothing is an answer too. */
static int filters_take(const struct cli *cli, const struct filters *f, struct kp_records *q)
{
	if ((f->from && !cli_date(f->from, &q->from_unix_ms)) || (f->to && !cli_date(f->to, &q->to_unix_ms)))
		return cli_usage(cli, "a date is written as 2026-11-22, or today, or yesterday");
	if (f->code && code_find(f->code) < 0)
		return cli_usage(cli, "--code %s is no outcome: TOEGESTAAN, or a code of refusal such as GEEN_GRONDSLAG", f->code);
	if (f->kind && entry_kind_find(f->kind) < 0)
		return cli_usage(cli, "--kind %s is no kind of entry, such as BERICHT, AFGELEVERD, GEOPEND, TERMIJN, INZAGE", f->kind);
	if (f->limit < 1 || f->limit > 500 || f->after < 0)
		return cli_usage(cli, "--limit is 1 to 500");
	q->hoedanigheid = f->hoedanigheid;
	q->functionary = f->functionary;
	q->code = f->code;
	q->category = f->category;
	q->grondslag = f->grondslag;
	q->doel = f->doel;
	q->overleg = f->overleg;
	q->kind = f->kind;
	q->message = f->message;
	q->urgent = f->urgent;
	q->limit = (uint32_t)f->limit;
	q->after_index = (uint64_t)f->after;
	return CLI_GO;
}

static int list(struct cli *cli, struct records_query *r, bool all)
{
	struct list l = { .cli = cli, .records = json_array() };
	uint64_t next = 0;
	int status;
	kp_node *node = cli_node(cli, &status);

	if (!node) {
		json_decref(l.records);
		return status;
	}
	cli_table_init(&l.table, 8, (const char *const[]){ "ENTRY", "TIME", "WHAT", "FROM", "TO", "CATEGORIES", "BASIS", "OUTCOME" });
	status = all ? records_all(cli, node, r, list_record, &l) : records_page(cli, node, r, list_record, &l, &next);
	if (status == KP_OK && cli->json) {
		cli_json(json_pack("{s:O,s:I}", "records", l.records, "next", (json_int_t)next));
	} else if (status == KP_OK) {
		cli_table_print(&l.table);
		if (next > 0)
			cli_say(cli, "more: --after %llu", (unsigned long long)next);
	}
	json_decref(l.records);
	cli_table_fini(&l.table);
	kp_close(node);
	return status;
}

int cmd_audit_list(struct cli *cli, int argc, const char **argv)
{
	struct records_query r = { 0 };
	struct filters f = { .limit = 200 };
	struct poptOption options[] = {
		RECORDS_OPTIONS(&r),
		{ "hoedanigheid", 0, POPT_ARG_STRING, &f.hoedanigheid, 0, "only where this one sent or received", "HOEDANIGHEID" },
		{ "functionary", 0, POPT_ARG_STRING, &f.functionary, 0, "only what this functionary signed", "PERSON" },
		{ "code", 0, POPT_ARG_STRING, &f.code, 0, "only this outcome, e.g. GEEN_GRONDSLAG or TOEGESTAAN", "CODE" },
		{ "category", 0, POPT_ARG_STRING, &f.category, 0, "only this category, and what is under it", "CATEGORY" },
		{ "grondslag", 0, POPT_ARG_STRING, &f.grondslag, 0, "only on this basis, e.g. 'WGS 2.31(3)'", "ARTICLE" },
		{ "doel", 0, POPT_ARG_STRING, &f.doel, 0, "only for this doel", "DOEL" },
		{ "overleg", 0, POPT_ARG_STRING, &f.overleg, 0, "only in this overleg", "OVERLEG" },
		{ "kind", 0, POPT_ARG_STRING, &f.kind, 0, "only this kind of entry, e.g. BERICHT or AFGELEVERD", "KIND" },
		{ "message", 0, POPT_ARG_STRING, &f.message, 0, "only about this message", "UUID" },
		{ "urgent", 0, POPT_ARG_NONE, &f.urgent, 0, "only spoed", NULL },
		{ "from", 0, POPT_ARG_STRING, &f.from, 0, "only from this date on, or today, or yesterday", "DATE" },
		{ "until", 0, POPT_ARG_STRING, &f.to, 0, "only before this date", "DATE" },
		{ "after", 0, POPT_ARG_LONG, &f.after, 0, "start at this entry (for the next page)", "INDEX" },
		{ "limit", 0, POPT_ARG_INT, &f.limit, 0, "at most this many, default 200", "N" },
		{ "all", 0, POPT_ARG_NONE, &f.all, 0, "all pages, each an entry in the log", NULL },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status == CLI_GO)
		status = records_begin(cli, &r);
	if (status == CLI_GO)
		status = filters_take(cli, &f, &r.q);
	return status == CLI_GO ? list(cli, &r, f.all) : status;
}
