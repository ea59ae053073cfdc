/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gepubliceerd.yaml:
 *
 *   jaar: 2020
 *   bron: "..."
 *   cijfers:                          # beside ours: table, row and column as in the JSON of the report
 *     - {tabel, rij, kolom, waarde}   # waarde "50" or "18%"; a share agrees when it rounds to what was published
 *   elders:                           # what no broker can give
 *     - {cijfer, waarde, reden}
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "client/report/doc.h"
#include "client/report/names.h"

struct merge {
	json_t *doc;
	struct yaml *y;
	size_t n, n_agree;
};

static json_t *by_id(json_t *list, const char *id)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0)
			return item;
	return NULL;
}

/* The place of the published column behind that column; it is made when it is the first figure for it. */
static size_t published_column(json_t *table, size_t column)
{
	json_t *columns = json_object_get(table, "columns"), *own = json_array_get(columns, column), *row;
	char id[80];
	size_t i;

	if (json_object_get(json_array_get(columns, column + 1), "published"))
		return column + 1;
	snprintf(id, sizeof id, "%.60s-gepubliceerd", json_string_value(json_object_get(own, "id")));
	json_array_insert_new(columns, column + 1,
			      json_pack("{s:s,s:O,s:s,s:b}", "id", id, "kind", json_object_get(own, "kind"), "title",
			      	"gepubliceerd", "published", 1));
	json_array_foreach(json_object_get(table, "rows"), i, row)
		json_array_insert_new(json_object_get(row, "cells"), column + 1, json_null());
	return column + 1;
}

static json_t *value_of(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*end == '%' && !end[1] && end != text)
		return json_real(value);
	return *end || end == text ? json_string(text) : json_integer((json_int_t)value);
}

static bool agrees(const json_t *ours, const json_t *published)
{
	double difference;

	if (json_is_integer(published))
		return json_is_integer(ours) && json_integer_value(ours) == json_integer_value(published);
	difference = json_number_value(ours) - json_number_value(published);
	return json_is_number(ours) && difference < 0.5001 && difference > -0.5001;
}

static void figure(struct merge *m, struct yaml_node item)
{
	const char *table_id = yaml_must_text(m->y, item, "tabel"), *row_id = yaml_must_text(m->y, item, "rij");
	const char *column_id = yaml_must_text(m->y, item, "kolom"), *text = yaml_must_text(m->y, item, "waarde");
	json_t *table = by_id(json_object_get(m->doc, "tables"), table_id), *row = by_id(json_object_get(table, "rows"), row_id), *value;
	size_t column = table ? doc_column(table, column_id) : SIZE_MAX;
	const json_t *ours;

	yaml_only(m->y, item, (const char *const[]){ "tabel", "rij", "kolom", "waarde", NULL });
	if (!row || column == SIZE_MAX) {
		yaml_fault(m->y, item, "the report has no cell %s / %s / %s", table_id, row_id, column_id);
		return;
	}
	value = value_of(text);
	ours = json_array_get(json_object_get(row, "cells"), column);
	m->n++;
	if (agrees(ours, value))
		m->n_agree++;
	else
		doc_note(m->doc, "Wijkt af van het gepubliceerde: %s, %s (%s).", table_id, row_id, text);
	json_array_set_new(json_object_get(row, "cells"), published_column(table, column), value);
}

static void elsewhere(struct merge *m, struct yaml_node list)
{
	json_t *table;

	if (!yaml_count(m->y, list))
		return;
	table = doc_table(m->doc, "elders", "Gepubliceerd, maar niet uit het informatieknooppunt",
			  "Wat het jaarverslag ook noemt en het log niet kan opleveren, met de reden.",
			  (const char *const[]){ "cijfer:label:cijfer", "waarde:text:gepubliceerd", "reden:text:waarom niet van hier", NULL });
	for (size_t i = 0; i < yaml_count(m->y, list); i++) {
		struct yaml_node item = yaml_item(m->y, list, i);
		char id[24];

		yaml_only(m->y, item, (const char *const[]){ "cijfer", "waarde", "reden", NULL });
		snprintf(id, sizeof id, "%zu", i + 1);
		doc_row(table, id, yaml_must_text(m->y, item, "cijfer"), json_string(yaml_must_text(m->y, item, "waarde")),
			json_string(yaml_must_text(m->y, item, "reden")));
	}
}

int published_apply(struct span text, json_t *doc, struct fault_list *faults)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct merge m = { .doc = doc };
	struct yaml_node list;
	char year[24];
	int r = yaml_load(text, faults, &y);

	if (r)
		return r < 0 ? err_pass(r) : NAMES_E_FAULTS;
	m.y = y;
	yaml_only(y, yaml_root(y), (const char *const[]){ "jaar", "bron", "cijfers", "elders", NULL });
	snprintf(year, sizeof year, "%llu", (unsigned long long)yaml_uint(y, yaml_root(y), "jaar", 0, 1996, 9998));
	if (strcmp(year, json_string_value(json_object_get(doc, "period"))) != 0)
		return faults->n ? NAMES_E_FAULTS : NAMES_OK;
	list = yaml_list(y, yaml_root(y), "cijfers");
	for (size_t i = 0; i < yaml_count(y, list); i++)
		figure(&m, yaml_item(y, list, i));
	elsewhere(&m, yaml_list(y, yaml_root(y), "elders"));
	doc_note(doc, "Gepubliceerd: %s. Van %zu gepubliceerde cijfers die uit het log volgen komen er %zu overeen.",
		 yaml_must_text(y, yaml_root(y), "bron"), m.n, m.n_agree);
	return faults->n ? NAMES_E_FAULTS : NAMES_OK;
}
