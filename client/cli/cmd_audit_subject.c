/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit subject: what AVG 15(1) asks about one betrokkene, that is, about one casus: who received which categories, from whom, for
 * what, on which basis, when. Content is not in the log; who asked for it is told by the partners that have it.
 *
 * Each line is what one message disclosed to one recipient; lines that differ in time only are one line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/records.h"

enum column { TO, CATEGORY, SOURCE, DOEL, GRONDSLAG, TYPE, COLUMNS };
static const char *const column_names[COLUMNS] = { "recipient", "category", "source", "doel", "grondslag", "type" };

struct row {
	char *v[COLUMNS];
	uint64_t n, first_ms, last_ms;
};

struct subject {
	const struct cli *cli;
	size_t n, capacity;
	struct row *rows;
	uint64_t refused;
	bool failed;
};

static int by_recipient(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = 0;

	for (size_t i = 0; !order && i < COLUMNS; i++)
		order = strcmp(x->v[i], y->v[i]);
	return order;
}

static struct row *row_find(struct subject *s, const char *const v[COLUMNS])
{
	struct row *row;

	for (size_t i = 0; i < s->n; i++) {
		size_t k = 0;

		while (k < COLUMNS && strcmp(s->rows[i].v[k], v[k]) == 0)
			k++;
		if (k == COLUMNS)
			return &s->rows[i];
	}
	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 64;
		struct row *rows = realloc(s->rows, capacity * sizeof *rows);

		if (!rows)
			return NULL;
		s->rows = rows;
		s->capacity = capacity;
	}
	row = &s->rows[s->n];
	*row = (struct row){ .first_ms = UINT64_MAX };
	for (size_t k = 0; k < COLUMNS; k++) {
		row->v[k] = strdup(v[k]);
		if (!row->v[k])
			return NULL;
	}
	s->n++;
	return row;
}

static const char *text_of(const json_t *record, const char *field)
{
	const char *text = json_string_value(json_object_get(record, field));

	return text ? text : "";
}

/* A question discloses that its recipient is asked about somebody; categories are what it asks for. */
static void disclosed(struct subject *s, const json_t *record, const char *to, const char *category)
{
	const char *const v[COLUMNS] = { to, category, text_of(record, "sender"), text_of(record, "doel"), text_of(record, "grondslag"),
					 text_of(record, "type") };
	struct row *row = row_find(s, v);
	uint64_t at = records_unix_ms(record);

	if (!row) {
		s->failed = true;
		return;
	}
	row->n++;
	row->first_ms = at < row->first_ms ? at : row->first_ms;
	row->last_ms = at > row->last_ms ? at : row->last_ms;
}

static bool take_record(void *ctx, uint64_t index, const char *text)
{
	struct subject *s = ctx;
	json_t *record = json_loads(text, 0, NULL);
	const json_t *to = json_object_get(record, "recipient"), *categories = json_object_get(record, "category");
	size_t n_categories = json_array_size(categories);

	(void)index;
	if (strcmp(text_of(record, "code"), "TOEGESTAAN") != 0)
		s->refused++;
	else
		for (size_t i = 0; i < json_array_size(to); i++)
			for (size_t k = 0; k == 0 || k < n_categories; k++)
				disclosed(s, record, json_string_value(json_array_get(to, i)),
					  n_categories ? json_string_value(json_array_get(categories, k)) : "");
	json_decref(record);
	return !s->failed;
}

static void day(uint64_t unix_ms, char out[CLI_TIME_SIZE])
{
	cli_time(unix_ms, out);
	out[strcspn(out, " ")] = 0;
}

static void rows_json(const struct subject *s, const char *casus)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		json_t *j = json_pack("{s:I,s:I,s:I}", "times", (json_int_t)row->n, "first_unix_ms", (json_int_t)row->first_ms, "last_unix_ms",
				      (json_int_t)row->last_ms);

		for (size_t k = 0; k < COLUMNS; k++)
			json_object_set_new(j, column_names[k], json_string(row->v[k]));
		json_array_append_new(rows, j);
	}
	cli_json(json_pack("{s:s,s:o,s:I}", "casus", casus, "disclosed", rows, "refused", (json_int_t)s->refused));
}

static void rows_print(const struct subject *s)
{
	struct cli_table table;

	cli_table_init(&table, 8, (const char *const[]){ "RECIPIENT", "CATEGORY", "SOURCE", "DOEL", "BASIS", "IN", "TIMES", "WHEN" });
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		char times[24], first[CLI_TIME_SIZE], last[CLI_TIME_SIZE], when[2 * CLI_TIME_SIZE + 8];

		snprintf(times, sizeof times, "%llu", (unsigned long long)row->n);
		day(row->first_ms, first);
		day(row->last_ms, last);
		snprintf(when, sizeof when, strcmp(first, last) != 0 ? "%s to %s" : "%s", first, last);
		cli_table_row(&table, (const char *const[]){ row->v[TO], *row->v[CATEGORY] ? row->v[CATEGORY] : "-", row->v[SOURCE],
							     row->v[DOEL], row->v[GRONDSLAG], row->v[TYPE], times, when });
	}
	cli_table_print(&table);
	cli_table_fini(&table);
	if (s->refused)
		cli_say(s->cli, "%llu messages were refused: they disclosed nothing and are not above", (unsigned long long)s->refused);
	if (!s->n && !s->refused)
		cli_say(s->cli, "the log shows you no message about this casus: is the number right, or was it destroyed when its term was over?");
}

int cmd_audit_subject(struct cli *cli, int argc, const char **argv)
{
	struct records_query r = { 0 };
	struct subject s = { .cli = cli };
	struct poptOption options[] = { RECORDS_OPTIONS(&r), POPT_TABLEEND };
	int status = cli_parse(cli, options, argc, argv, 0, 0);
	kp_node *node;

	if (status == CLI_GO && !r.casus)
		return cli_usage(cli, "--casus is missing: the log knows casussen, not persons");
	if (status == CLI_GO)
		status = records_begin(cli, &r);
	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r.q.kind = "BERICHT";
	status = records_all(cli, node, &r, take_record, &s);
	kp_close(node);
	if (status == KP_OK && s.failed)
		status = cli_trouble(cli, KP_ERROR, "audit-subject", "out of memory", "");
	if (s.n)
		qsort(s.rows, s.n, sizeof *s.rows, by_recipient);
	if (status == KP_OK && cli->json)
		rows_json(&s, r.casus);
	else if (status == KP_OK)
		rows_print(&s);
	for (size_t i = 0; i < s.n; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			free(s.rows[i].v[k]);
	free(s.rows);
	return status;
}
