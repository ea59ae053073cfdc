/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One page that opens anywhere and asks nothing of a network: style and plots stand in it, and the policy in its head forbids the
 * rest. Plots are horizontal bars, because labels are words; numbers stand at the bars, so that nothing must be read off an axis.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/report/doc.h"

#define BAR_HEIGHT 22
#define LABEL_WIDTH 250
#define PLOT_WIDTH 420
#define PLOT_ROWS_MAX 40

static const char head[] =
	"<!doctype html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
static const char style[] =
	"<style>\n"
	"body{font:16px/1.5 system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif;color:#1c2530;background:#f4f6f8;margin:0}\n"
	"main{max-width:70rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n"
	"header{border-bottom:3px solid #154273;margin-bottom:1.5rem;padding-bottom:.75rem}\n"
	"h1{font-size:1.9rem;line-height:1.2;margin:0;color:#154273}header p{margin:.25rem 0 0;color:#4a5866}\n"
	"section{background:#fff;border:1px solid #dde3e8;border-radius:6px;padding:1.25rem 1.5rem;margin:0 0 1.25rem}\n"
	"h2{font-size:1.2rem;margin:0;color:#154273}.definition{color:#4a5866;font-size:.88rem;margin:.25rem 0 1rem;max-width:46rem}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.94rem;min-width:22rem}\n"
	"th{text-align:left;font-weight:600;border-bottom:2px solid #b4c1cc;padding:.3rem .9rem .3rem 0;vertical-align:bottom}\n"
	"td:first-child{white-space:pre}\n"
	"td{border-bottom:1px solid #e8edf1;padding:.28rem .9rem .28rem 0;vertical-align:top}\n"
	".n{text-align:right;font-variant-numeric:tabular-nums}tr.total td{font-weight:600;border-top:2px solid #b4c1cc;border-bottom:0}\n"
	".published{color:#7a4b00}.none{color:#4a5866}svg{display:block;margin:1.1rem 0 0;max-width:100%;height:auto}\n"
	"svg text{font:13px system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif;fill:#1c2530}.bar{fill:#39870c}.bar.second{fill:#154273}\n"
	".mark{stroke:#7a4b00;stroke-width:3}footer{color:#4a5866;font-size:.88rem}footer li{margin:.3rem 0}\n"
	"@media print{body{background:#fff}section{border:0;padding:0;break-inside:avoid}}\n"
	"</style>\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void escaped(struct buffer *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			buffer_text(out, "&amp;");
			break;
		case '<':
			buffer_text(out, "&lt;");
			break;
		case '>':
			buffer_text(out, "&gt;");
			break;
		case '"':
			buffer_text(out, "&quot;");
			break;
		default:
			buffer_u8(out, (uint8_t)*text);
		}
}

static void element(struct buffer *out, const char *open, const char *text, const char *close)
{
	buffer_text(out, open);
	escaped(out, text);
	buffer_text(out, close);
}

static void cell_html(struct buffer *out, const json_t *cell)
{
	if (json_is_string(cell))
		escaped(out, json_string_value(cell));
	else if (json_is_integer(cell))
		buffer_printf(out, "%lld", (long long)json_integer_value(cell));
	else if (json_is_real(cell))
		buffer_printf(out, "%.1f%%", json_real_value(cell));
}

static const char *class_of(const json_t *column)
{
	bool number = strcmp(text_of(column, "kind"), "count") == 0 || strcmp(text_of(column, "kind"), "share") == 0;

	if (json_object_get(column, "published"))
		return " class=\"n published\"";
	return number ? " class=\"n\"" : "";
}

static void rows_html(const json_t *table, struct buffer *out)
{
	const json_t *columns = json_object_get(table, "columns"), *rows = json_object_get(table, "rows"), *row, *column;
	size_t r, c, n = json_array_size(rows);

	json_array_foreach(rows, r, row) {
		buffer_text(out, r + 1 == n && json_is_true(json_object_get(table, "total")) ? "<tr class=\"total\">" : "<tr>");
		json_array_foreach(columns, c, column) {
			buffer_printf(out, "<td%s>", class_of(column));
			cell_html(out, json_array_get(json_object_get(row, "cells"), c));
			buffer_text(out, "</td>");
		}
		buffer_text(out, "</tr>\n");
	}
}

/* ---- plots ---- */

static double value_of(const json_t *cell)
{
	return json_is_number(cell) ? json_number_value(cell) : 0;
}

static double largest(const json_t *rows, size_t n, size_t column, size_t published)
{
	double most = 0;

	for (size_t i = 0; i < n; i++) {
		const json_t *cells = json_object_get(json_array_get(rows, i), "cells");
		double v = value_of(json_array_get(cells, column)), p = published ? value_of(json_array_get(cells, published)) : 0;

		most = v > most ? v : most;
		most = p > most ? p : most;
	}
	return most;
}

static void bar(const json_t *row, size_t at, size_t column, size_t published, double most, struct buffer *out)
{
	const json_t *cells = json_object_get(row, "cells"), *cell = json_array_get(cells, column);
	double width = value_of(cell) / most * PLOT_WIDTH;
	size_t y = at * BAR_HEIGHT;

	buffer_printf(out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">", LABEL_WIDTH - 8, y + 16);
	escaped(out, json_string_value(json_array_get(cells, 0)));
	buffer_printf(out, "</text><rect class=\"bar\" x=\"%d\" y=\"%zu\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>", LABEL_WIDTH, y + 4,
		      width, BAR_HEIGHT - 7);
	if (published && json_is_number(json_array_get(cells, published))) {
		double x = LABEL_WIDTH + value_of(json_array_get(cells, published)) / most * PLOT_WIDTH;

		buffer_printf(out, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%zu\" y2=\"%zu\"/>", x, x, y + 1, y + BAR_HEIGHT - 1);
	}
	buffer_printf(out, "<text x=\"%.1f\" y=\"%zu\">", LABEL_WIDTH + width + 8, y + 16);
	cell_html(out, cell);
	buffer_text(out, "</text>\n");
}

static void plot_html(const json_t *table, struct buffer *out)
{
	const json_t *rows = json_object_get(table, "rows");
	size_t n = json_array_size(rows), column = doc_column(table, text_of(table, "plot")), published = 0;
	double most;

	if (json_is_true(json_object_get(table, "total")) && n)
		n--;
	n = n > PLOT_ROWS_MAX ? PLOT_ROWS_MAX : n;
	if (column == SIZE_MAX || !n)
		return;
	if (json_object_get(json_array_get(json_object_get(table, "columns"), column + 1), "published"))
		published = column + 1;
	most = largest(rows, n, column, published);
	if (most <= 0)
		return;
	buffer_printf(out, "<svg role=\"img\" viewBox=\"0 0 %d %zu\" width=\"%d\" aria-label=\"", LABEL_WIDTH + PLOT_WIDTH + 80,
		      n * BAR_HEIGHT + 6, LABEL_WIDTH + PLOT_WIDTH + 80);
	escaped(out, text_of(table, "title"));
	buffer_text(out, "\">\n");
	for (size_t i = 0; i < n; i++)
		bar(json_array_get(rows, i), i, column, published, most, out);
	buffer_text(out, "</svg>\n");
	if (published && largest(rows, n, published, 0) > 0)
		buffer_text(out, "<p class=\"definition\">Het streepje is het gepubliceerde getal.</p>\n");
}

static void table_html(const json_t *table, struct buffer *out)
{
	const json_t *column;
	size_t c;

	element(out, "<section id=\"", text_of(table, "id"), "\">\n");
	element(out, "<h2>", text_of(table, "title"), "</h2>\n");
	element(out, "<p class=\"definition\">", text_of(table, "definition"), "</p>\n");
	if (!json_array_size(json_object_get(table, "rows"))) {
		buffer_text(out, "<p class=\"none\">Geen.</p>\n</section>\n");
		return;
	}
	buffer_text(out, "<div class=\"scroll\"><table>\n<thead><tr>");
	json_array_foreach(json_object_get(table, "columns"), c, column) {
		buffer_printf(out, "<th%s>", class_of(column));
		element(out, "", text_of(column, "title"), "</th>");
	}
	buffer_text(out, "</tr></thead>\n<tbody>\n");
	rows_html(table, out);
	buffer_text(out, "</tbody>\n</table></div>\n");
	if (*text_of(table, "plot"))
		plot_html(table, out);
	buffer_text(out, "</section>\n");
}

int doc_html(const json_t *doc, struct buffer *out)
{
	const json_t *table, *note;
	size_t i;

	buffer_text(out, head);
	element(out, "<title>", text_of(doc, "title"), "</title>\n");
	buffer_text(out, style);
	element(out, "</head>\n<body>\n<main>\n<header>\n<h1>", text_of(doc, "title"), "</h1>\n");
	if (*text_of(doc, "origin"))
		element(out, "<p>Log: ", text_of(doc, "origin"), "</p>\n");
	if (*text_of(doc, "purpose"))
		element(out, "<p>Gelezen voor: ", text_of(doc, "purpose"), " (WGS 1.8(4))</p>\n");
	buffer_text(out, "</header>\n");
	json_array_foreach(json_object_get(doc, "tables"), i, table)
		table_html(table, out);
	buffer_text(out, "<footer>\n<ul>\n");
	json_array_foreach(json_object_get(doc, "notes"), i, note)
		element(out, "<li>", json_string_value(note), "</li>\n");
	buffer_text(out, "</ul>\n</footer>\n</main>\n</body>\n</html>\n");
	return err_pass(buffer_ok(out));
}
