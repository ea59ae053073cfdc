/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Doc - a report as data: the JSON that --json prints, and what the other forms are printed from.
 *
 *   {"report","title","period","origin","purpose","made",
 *    "tables":[{"id","title","definition",
 *               "columns":[{"id","title","kind":"label"|"count"|"share"|"text"}],
 *               "rows":[{"id","cells":[text | number | null]}],      null: not known here
 *               "total":true|false,                                  the last row is the sum of those above
 *               "plot":"column id" | absent}],
 *    "notes":["..."]}
 *
 * A count is a number of cases; a share is a number from 0 to 100. What was suppressed is the text "<5".
 * Building functions only grow the document; memory that gives out shows at the end as doc_ok() being false.
 */
#include <jansson.h>

#include "base/span.h"

json_t *doc_new(const char *report, const char *title, const char *period);
bool doc_ok(const json_t *doc);
/* doc_table() - a new table, borrowed from the doc. columns: "id:kind:title" each, NULL-terminated; the first is the label. */
json_t *doc_table(json_t *doc, const char *id, const char *title, const char *definition, const char *const *columns);
void doc_plot(json_t *table, const char *column);
/* doc_row() - cells are stolen, one per column after the label (NULL: unknown); ended by the number of columns. */
void doc_row(json_t *table, const char *id, const char *label, ...);
void doc_total(json_t *table); /* a last row with the sums of the counts */
void doc_note(json_t *doc, const char *format, ...) PRINTF_LIKE(2, 3);
json_t *doc_share(uint64_t part, uint64_t of); /* percent, one decimal; null of nothing */

size_t doc_column(const json_t *table, const char *id); /* its place; SIZE_MAX when there is none */

/*
 * doc_suppress() - counts from 1 to below become "<below", and their shares vanish. Where that leaves one hidden cell in a column
 * with a total, the next smallest goes too, so that it can't be subtracted back.
 */
void doc_suppress(json_t *doc, unsigned below);

/* Forms. Each appends; 0 or -ENOMEM. */
MUST_CHECK int doc_text(const json_t *doc, struct buffer *out);
MUST_CHECK int doc_csv(const json_t *doc, struct buffer *out);
MUST_CHECK int doc_html(const json_t *doc, struct buffer *out);

/* csv_cell() - quoted as RFC 4180 where needed; what a spreadsheet would take for a formula gets an apostrophe in front. */
void csv_cell(struct buffer *out, const char *text);
