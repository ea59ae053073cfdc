/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/report/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

json_t *doc_new(const char *report, const char *title, const char *period)
{
	return json_pack("{s:s,s:s,s:s,s:[],s:[]}", "report", report, "title", title, "period", period, "tables", "notes");
}

bool doc_ok(const json_t *doc)
{
	return doc && !json_object_get(doc, "broken");
}

static json_t *column_of(const char *text)
{
	const char *kind = strchr(text, ':'), *title = kind ? strchr(kind + 1, ':') : NULL;

	ASSERT(title);
	return json_pack("{s:s%,s:s%,s:s}", "id", text, (size_t)(kind - text), "kind", kind + 1, (size_t)(title - kind - 1), "title",
			 title + 1);
}

json_t *doc_table(json_t *doc, const char *id, const char *title, const char *definition, const char *const *columns)
{
	json_t *table = json_pack("{s:s,s:s,s:s,s:[],s:[]}", "id", id, "title", title, "definition", definition, "columns", "rows");

	for (size_t i = 0; table && columns[i]; i++)
		json_array_append_new(json_object_get(table, "columns"), column_of(columns[i]));
	if (json_array_append_new(json_object_get(doc, "tables"), table) != 0)
		json_object_set_new(doc, "broken", json_true());
	return json_array_get(json_object_get(doc, "tables"), json_array_size(json_object_get(doc, "tables")) - 1);
}

void doc_plot(json_t *table, const char *column)
{
	json_object_set_new(table, "plot", json_string(column));
}

void doc_row(json_t *table, const char *id, const char *label, ...)
{
	size_t n = json_array_size(json_object_get(table, "columns"));
	json_t *cells = json_array();
	va_list args;

	json_array_append_new(cells, json_string(label));
	va_start(args, label);
	for (size_t i = 1; i < n; i++) {
		json_t *cell = va_arg(args, json_t *);

		json_array_append_new(cells, cell ? cell : json_null());
	}
	va_end(args);
	json_array_append_new(json_object_get(table, "rows"), json_pack("{s:s,s:o}", "id", id, "cells", cells));
}

static const char *kind_of(const json_t *table, size_t column)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(table, "columns"), column), "kind"));
}

static bool is_kind(const json_t *table, size_t column, const char *kind)
{
	const char *is = kind_of(table, column);

	return is && strcmp(is, kind) == 0;
}

static json_t *cell_at(const json_t *table, size_t row, size_t column)
{
	return json_array_get(json_object_get(json_array_get(json_object_get(table, "rows"), row), "cells"), column);
}

static void cell_set(json_t *table, size_t row, size_t column, json_t *value)
{
	json_array_set_new(json_object_get(json_array_get(json_object_get(table, "rows"), row), "cells"), column, value);
}

void doc_total(json_t *table)
{
	size_t n = json_array_size(json_object_get(table, "columns")), n_rows = json_array_size(json_object_get(table, "rows"));
	json_t *cells = json_array();

	json_array_append_new(cells, json_string("totaal"));
	for (size_t i = 1; i < n; i++) {
		json_int_t sum = 0;

		for (size_t r = 0; r < n_rows; r++)
			sum += json_integer_value(cell_at(table, r, i));
		json_array_append_new(cells, is_kind(table, i, "count") ? json_integer(sum) : json_null());
	}
	json_array_append_new(json_object_get(table, "rows"), json_pack("{s:s,s:o}", "id", "totaal", "cells", cells));
	json_object_set_new(table, "total", json_true());
}

void doc_note(json_t *doc, const char *format, ...)
{
	char text[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	json_array_append_new(json_object_get(doc, "notes"), json_string(text));
}

json_t *doc_share(uint64_t part, uint64_t of)
{
	return of ? json_real((double)(part * 1000 / of + (part * 1000 % of * 2 >= of)) / 10.0) : json_null();
}

size_t doc_column(const json_t *table, const char *id)
{
	const json_t *columns = json_object_get(table, "columns"), *column;
	size_t i;

	json_array_foreach(columns, i, column)
		if (strcmp(json_string_value(json_object_get(column, "id")), id) == 0)
			return i;
	return SIZE_MAX;
}

/* ---- small cells ---- */

static bool is_small(const json_t *cell, unsigned below)
{
	return json_is_integer(cell) && json_integer_value(cell) > 0 && json_integer_value(cell) < (json_int_t)below;
}

/* The smallest count that is still shown, so that a single hidden one can't be found from the total. */
static size_t next_smallest(const json_t *table, size_t column, size_t n_rows)
{
	size_t found = SIZE_MAX;

	for (size_t r = 0; r < n_rows; r++) {
		const json_t *cell = cell_at(table, r, column);

		if (json_is_integer(cell) && json_integer_value(cell) > 0 &&
		    (found == SIZE_MAX || json_integer_value(cell) < json_integer_value(cell_at(table, found, column))))
			found = r;
	}
	return found;
}

static void hide(json_t *table, size_t row, size_t column, unsigned below)
{
	char text[16];

	snprintf(text, sizeof text, "<%u", below);
	cell_set(table, row, column, json_string(text));
	for (size_t i = 1; i < json_array_size(json_object_get(table, "columns")); i++)
		if (is_kind(table, i, "share"))
			cell_set(table, row, i, json_null());
}

static void suppress_column(json_t *table, size_t column, unsigned below)
{
	bool total = json_is_true(json_object_get(table, "total"));
	size_t n = json_array_size(json_object_get(table, "rows")), n_hidden = 0, other;
	size_t parts = total && n ? n - 1 : n;

	for (size_t r = 0; r < n; r++)
		if (is_small(cell_at(table, r, column), below)) {
			hide(table, r, column, below);
			n_hidden += r < parts;
		}
	if (total && n_hidden == 1) {
		other = next_smallest(table, column, parts);
		if (other != SIZE_MAX) {
			cell_set(table, other, column, json_string("-"));
			for (size_t i = 1; i < json_array_size(json_object_get(table, "columns")); i++)
				if (is_kind(table, i, "share"))
					cell_set(table, other, i, json_null());
		}
	}
}

static bool is_published(const json_t *table, size_t column)
{
	return json_object_get(json_array_get(json_object_get(table, "columns"), column), "published") != NULL;
}

void doc_suppress(json_t *doc, unsigned below)
{
	json_t *table;
	size_t t;

	json_array_foreach(json_object_get(doc, "tables"), t, table)
		for (size_t i = 1; i < json_array_size(json_object_get(table, "columns")); i++)
			if (is_kind(table, i, "count") && !is_published(table, i))
				suppress_column(table, i, below);
	doc_note(doc, "Aantallen van 1 tot en met %u zijn weggelaten (\"<%u\"); een streepje staat waar het weggelatene anders uit het totaal "
		 "te berekenen was.", below - 1, below);
}
