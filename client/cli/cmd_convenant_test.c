/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant test: the table of cases that a jurist or privacy officer keeps beside a convenant. Offline, on files only.
 *
 * What is not given is taken from the house (--house), else a table is judged by the register.yaml and convenant.yaml that lie
 * beside it and the installed kader. Signatures are not looked at: a convenant is tested before anyone signs it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/control.h"
#include "client/cli/document.h"
#include "client/cli/steward.h"
#include "convenant/cases.h"

/* What a table is judged by. */
struct bench {
	struct rules rules;        /* its registry is house below */
	struct registry *given;
	struct registry house;
	struct arena *arena;
	struct case_table *table;
};

static void bench_fini(struct bench *b)
{
	b->rules.registry = NULL;
	rules_fini(&b->rules);
	registry_free(b->given);
	arena_free(b->arena);
	cases_free(b->table);
}

/* ---- finding the rules ---- */

/* The folder's name with its slash, "" for a table from standard input or the working folder. */
static int folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

static void path_of(const struct cli *cli, const char *given, const char *in_house, const char *beside, char out[700])
{
	const char *table = cli->args[0];

	if (given)
		snprintf(out, 700, "%s", given);
	else if (cli->house)
		house_path(cli, in_house, out, 700);
	else
		snprintf(out, 700, "%.*s%s", folder_of(table), table, beside);
}

static int register_read(const struct cli *cli, const char *given, struct bench *b)
{
	struct fault_list faults;
	struct document d;
	char path[700];
	int status;

	path_of(cli, given, "rules/register.note", "register.yaml", path);
	status = document_read(cli, path, &d);
	if (status != KP_OK)
		return status;
	fault_list_init(&faults, path);
	if (d.kind != RULES_REGISTER)
		status = cli_trouble(cli, KP_USAGE, "check", "this is no register: its first key must be that word", path);
	else if (cases_register_load(d.text, &faults, &b->given) != 0)
		status = steward_faults(cli, "check", &faults);
	document_fini(&d);
	return status;
}

static int convenant_read(const struct cli *cli, const char *path, struct bench *b)
{
	struct rules *r = &b->rules;
	int status;

	if (r->n_convenanten == RULES_CONVENANTEN_MAX)
		return cli_usage(cli, "more than %d convenanten", RULES_CONVENANTEN_MAX);
	status = document_convenant(cli, path, r->kader, &r->convenanten[r->n_convenanten]);
	if (status == KP_OK)
		r->n_convenanten++;
	return status;
}

static int convenanten_read(const struct cli *cli, char **given, struct bench *b)
{
	char path[700];
	glob_t found;
	int status = KP_OK;

	for (size_t i = 0; given && given[i] && status == KP_OK; i++)
		status = convenant_read(cli, given[i], b);
	if (given)
		return status;
	path_of(cli, NULL, "rules/convenant-*.note", "convenant.yaml", path);
	if (!cli->house)
		return convenant_read(cli, path, b);
	if (glob(path, 0, NULL, &found) != 0)
		return cli_trouble(cli, KP_ERROR, "rules", "this house has no convenant", path);
	for (size_t i = 0; status == KP_OK && i < found.gl_pathc; i++)
		status = convenant_read(cli, found.gl_pathv[i], b);
	globfree(&found);
	return status;
}

static int table_read(const struct cli *cli, struct bench *b)
{
	struct fault_list faults;
	struct document d;
	int r = document_read_any(cli, cli->args[0], &d);

	if (r != KP_OK)
		return r;
	fault_list_init(&faults, cli->args[0]);
	r = cases_load(d.text, &faults, &b->table);
	document_fini(&d);
	if (r == CASES_E_FAULTS)
		return steward_faults(cli, "check", &faults);
	return r == CASES_OK ? KP_OK : cli_trouble(cli, KP_ERROR, "check", "out of memory", "");
}

static int bench_make(const struct cli *cli, struct bench *b)
{
	b->rules.registry = b->given;
	b->arena = arena_new(16u << 20);
	if (!b->arena || cases_house(b->table, &b->rules, b->arena, &b->house) != 0)
		return cli_trouble(cli, KP_ERROR, "rules", "out of memory", "");
	b->rules.registry = &b->house;
	return KP_OK;
}

/* ---- telling ---- */

static void put_indented(const struct buffer *text)
{
	const char *at = (const char *)text->ptr;
	size_t left = text->len;

	while (left) {
		const char *end = memchr(at, '\n', left);
		size_t n = end ? (size_t)(end - at) : left;

		printf(n ? "    %.*s\n" : "\n", (int)n, at);
		at += end ? n + 1 : n;
		left -= end ? n + 1 : n;
	}
}

static void tell(const struct cli *cli, const struct case_verdict *v, const struct buffer *explanation)
{
	bool english = text_equal(cli->lang, "en");

	printf("%s:%u: %s\n", cli->args[0], v->line, v->name);
	printf("  %s: %s%s%s\n", english ? "expected" : "verwacht", code_name(v->expected), *v->expected_rule ? " " : "",
	       v->expected_rule);
	printf("  %s: %s%s%s\n\n", english ? "got" : "gekregen", code_name(v->code), *v->rule ? " " : "", v->rule);
	put_indented(explanation);
	putchar('\n');
}

static void note_down(json_t *list, const struct case_verdict *v, const struct buffer *explanation)
{
	json_t *one = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:b}", "line", (int)v->line, "name", v->name, "expected",
				code_name(v->expected), "expected_rule", v->expected_rule, "code", code_name(v->code), "rule", v->rule,
				"passed", (int)v->passed);

	if (!v->passed)
		json_object_set_new(one, "explanation", json_stringn((const char *)explanation->ptr, explanation->len));
	json_array_append_new(list, one);
}

static int run_one(const struct cli *cli, const struct bench *b, size_t i, json_t *list, bool *passed)
{
	struct buffer explanation;
	struct case_verdict v;
	int r = cases_run(b->table, i, &b->rules, &v);

	buffer_init(&explanation, 0);
	if (!r && !v.passed)
		r = cases_explain(b->table, i, &b->rules, cli->lang ? cli->lang : "nl", &explanation);
	if (!r) {
		*passed = v.passed;
		if (list)
			note_down(list, &v, &explanation);
		else if (!v.passed)
			tell(cli, &v, &explanation);
	}
	buffer_fini(&explanation);
	return r;
}

static int run_all(const struct cli *cli, const struct bench *b)
{
	json_t *list = cli->json ? json_array() : NULL;
	size_t count[2] = { 0 };

	for (size_t i = 0; i < cases_count(b->table); i++) {
		bool passed = false;

		if (run_one(cli, b, i, list, &passed) != 0) {
			json_decref(list);
			return cli_trouble(cli, KP_ERROR, "decide", "out of memory", "");
		}
		count[passed]++;
	}
	if (cli->json)
		cli_json(json_pack("{s:I,s:I,s:o}", "passed", (json_int_t)count[true], "failed", (json_int_t)count[false], "cases", list));
	else
		cli_say(cli, "%zu passed, %zu failed", count[true], count[false]);
	return count[false] ? KP_ERROR : KP_OK;
}

int cmd_convenant_test(struct cli *cli, int argc, const char **argv)
{
	char *kader = NULL, *reg = NULL, **convenanten = NULL;
	struct poptOption options[] = {
		{ "kader", 0, POPT_ARG_STRING, &kader, 0, "kader to judge by (default: the house's, else the one installed)", "FILE" },
		{ "register", 0, POPT_ARG_STRING, &reg, 0,
		  "register to judge by (default: the house's, else register.yaml beside the table)", "FILE" },
		{ "convenant", 0, POPT_ARG_ARGV, &convenanten, 0,
		  "convenant to judge by; repeat for several (default: the house's, else convenant.yaml beside the table)", "FILE" },
		POPT_TABLEEND,
	};
	struct bench b = { 0 };
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	status = table_read(cli, &b);
	if (status == KP_OK)
		status = document_kader(cli, kader, &b.rules.kader);
	if (status == KP_OK)
		status = register_read(cli, reg, &b);
	if (status == KP_OK)
		status = convenanten_read(cli, convenanten, &b);
	if (status == KP_OK)
		status = bench_make(cli, &b);
	if (status == KP_OK)
		status = run_all(cli, &b);
	bench_fini(&b);
	return status;
}
