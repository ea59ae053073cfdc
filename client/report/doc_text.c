/* SPDX-License-Identifier: EUPL-1.2 */
/* The plain forms: aligned columns for people, one line per cell for machines. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/report/doc.h"

#define WRAP 100
#define WIDTH_MAX 170
#define COLUMNS_MAX 32
#define CELL_SIZE 256

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* A cell as people read it: shares with a percent sign, what is not known as nothing. */
static const char *cell_text(const json_t *cell, char out[CELL_SIZE])
{
	if (json_is_string(cell))
		return json_string_value(cell);
	if (json_is_integer(cell))
		snprintf(out, CELL_SIZE, "%lld", (long long)json_integer_value(cell));
	else if (json_is_real(cell))
		snprintf(out, CELL_SIZE, "%.1f%%", json_real_value(cell));
	else
		out[0] = 0;
	return out;
}

static void wrapped(struct buffer *out, const char *indent, const char *text)
{
	size_t at = 0, margin = strlen(indent);
	bool first = true;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (at && at + 1 + len > WRAP) {
			buffer_text(out, "\n");
			at = 0;
		}
		if (!at && !first)
			buffer_printf(out, "%*s", (int)margin, "");
		else
			buffer_text(out, at ? " " : indent);
		first = false;
		at += (at ? 1 : margin) + len;
		buffer_bytes(out, span_of(text, len));
		text += len;
		text += strspn(text, " ");
	}
	buffer_text(out, "\n");
}

static void pad(struct buffer *out, const char *text, size_t width, bool right, bool last)
{
	size_t n = characters(text), gap = width > n ? width - n : 0;

	if (right)
		buffer_printf(out, "%*s", (int)gap, "");
	buffer_text(out, text);
	if (!right && !last)
		buffer_printf(out, "%*s", (int)gap, "");
	buffer_text(out, last ? "\n" : "  ");
}

static size_t width_of(const json_t *table, size_t column)
{
	const json_t *row;
	char cell[CELL_SIZE];
	size_t i, width = characters(text_of(json_array_get(json_object_get(table, "columns"), column), "title"));

	json_array_foreach(json_object_get(table, "rows"), i, row) {
		size_t n = characters(cell_text(json_array_get(json_object_get(row, "cells"), column), cell));

		width = n > width ? n : width;
	}
	return width;
}

static bool is_number(const json_t *table, size_t column)
{
	const char *kind = text_of(json_array_get(json_object_get(table, "columns"), column), "kind");

	return strcmp(kind, "count") == 0 || strcmp(kind, "share") == 0;
}

/* A table too wide for a page: each row as a little list. */
static void rows_apart(const json_t *table, struct buffer *out)
{
	const json_t *columns = json_object_get(table, "columns"), *row, *column;
	char cell[CELL_SIZE], text[2 * CELL_SIZE];
	size_t i, c;

	json_array_foreach(json_object_get(table, "rows"), i, row)
		json_array_foreach(columns, c, column) {
			const char *value = cell_text(json_array_get(json_object_get(row, "cells"), c), cell);

			snprintf(text, sizeof text, "%s%s%s", c ? text_of(column, "title") : "", c ? ": " : "", value);
			if (!c || *value)
				wrapped(out, c ? "    " : "", text);
		}
}

static void table_text(const json_t *table, struct buffer *out)
{
	const json_t *columns = json_object_get(table, "columns"), *rows = json_object_get(table, "rows"), *row;
	size_t n = json_array_size(columns), i, width[COLUMNS_MAX] = { 0 }, all = 0;
	char cell[CELL_SIZE];

	buffer_printf(out, "\n%s\n", text_of(table, "title"));
	wrapped(out, "  ", text_of(table, "definition"));
	buffer_text(out, "\n");
	n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
	for (size_t c = 0; c < n; c++)
		all += 2 + (width[c] = width_of(table, c));
	if (all > WIDTH_MAX) {
		rows_apart(table, out);
		return;
	}
	for (size_t c = 0; c < n; c++)
		pad(out, text_of(json_array_get(columns, c), "title"), width[c], is_number(table, c), c + 1 == n);
	json_array_foreach(rows, i, row)
		for (size_t c = 0; c < n; c++)
			pad(out, cell_text(json_array_get(json_object_get(row, "cells"), c), cell), width[c], is_number(table, c), c + 1 == n);
	if (!json_array_size(rows))
		buffer_text(out, "(geen)\n");
}

int doc_text(const json_t *doc, struct buffer *out)
{
	const json_t *table, *note;
	size_t i;

	buffer_printf(out, "%s\n", text_of(doc, "title"));
	if (*text_of(doc, "origin"))
		buffer_printf(out, "log: %s\n", text_of(doc, "origin"));
	if (*text_of(doc, "purpose"))
		buffer_printf(out, "gelezen voor: %s (WGS 1.8(4))\n", text_of(doc, "purpose"));
	json_array_foreach(json_object_get(doc, "tables"), i, table)
		table_text(table, out);
	if (json_array_size(json_object_get(doc, "notes")))
		buffer_text(out, "\n");
	json_array_foreach(json_object_get(doc, "notes"), i, note)
		wrapped(out, "- ", json_string_value(note));
	return err_pass(buffer_ok(out));
}

void csv_cell(struct buffer *out, const char *text)
{
	bool formula = *text && strchr("=+-@\t\r", *text) && text[1];
	bool quote = formula || text[strcspn(text, ",\"\r\n")] != 0;

	if (!quote) {
		buffer_text(out, text);
		return;
	}
	buffer_text(out, formula ? "\"'" : "\"");
	for (; *text; text++)
		buffer_printf(out, *text == '"' ? "\"\"" : "%c", *text);
	buffer_text(out, "\"");
}

static void csv_row(struct buffer *out, const char *const cells[6])
{
	for (size_t i = 0; i < 6; i++) {
		csv_cell(out, cells[i]);
		buffer_text(out, i < 5 ? "," : "\r\n");
	}
}

int doc_csv(const json_t *doc, struct buffer *out)
{
	const json_t *table, *row, *column;
	size_t t, r, c;
	char cell[CELL_SIZE];

	csv_row(out, (const char *const[]){ "tabel", "rij", "label", "kolom", "waarde", "definitie" });
	json_array_foreach(json_object_get(doc, "tables"), t, table)
		json_array_foreach(json_object_get(table, "rows"), r, row)
			json_array_foreach(json_object_get(table, "columns"), c, column) {
				const json_t *cells = json_object_get(row, "cells");

				if (c > 0)
					csv_row(out, (const char *const[]){ text_of(table, "id"), text_of(row, "id"),
									    json_string_value(json_array_get(cells, 0)), text_of(column, "id"),
									    cell_text(json_array_get(cells, c), cell),
									    	text_of(table, "definition") });
			}
	return err_pass(buffer_ok(out));
}
