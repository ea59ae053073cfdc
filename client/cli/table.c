/* SPDX-License-Identifier: EUPL-1.2 */
/* Aligned columns; widths count characters, not bytes, so that names with accents line up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

void cli_table_init(struct cli_table *t, size_t n_columns, const char *const *titles)
{
	*t = (struct cli_table){ .n_columns = n_columns };
	for (size_t i = 0; i < n_columns; i++)
		t->titles[i] = titles[i];
}

void cli_table_row(struct cli_table *t, const char *const *cells)
{
	char ***rows = realloc(t->cells, (t->n_rows + 1) * sizeof *rows);
	char **row = calloc(t->n_columns, sizeof *row);

	if (rows)
		t->cells = rows;
	if (!rows || !row) {
		free(row);
		return;
	}
	for (size_t i = 0; i < t->n_columns; i++)
		row[i] = strdup(cells[i] ? cells[i] : "");
	rows[t->n_rows++] = row;
}

static void print_row(const char *const *cells, size_t n, const size_t *width)
{
	for (size_t i = 0; i < n; i++) {
		const char *cell = cells[i] ? cells[i] : "";
		size_t pad = i + 1 < n ? width[i] - characters(cell) + 2 : 0;

		printf("%s%*s", cell, (int)pad, "");
	}
	putchar('\n');
}

void cli_table_print(const struct cli_table *t)
{
	size_t width[CLI_COLUMNS_MAX];

	for (size_t i = 0; i < t->n_columns; i++) {
		width[i] = characters(t->titles[i]);
		for (size_t r = 0; r < t->n_rows; r++) {
			size_t n = characters(t->cells[r][i] ? t->cells[r][i] : "");

			if (n > width[i])
				width[i] = n;
		}
	}
	print_row(t->titles, t->n_columns, width);
	for (size_t r = 0; r < t->n_rows; r++)
		print_row((const char *const *)t->cells[r], t->n_columns, width);
	fflush(stdout);
}

void cli_table_fini(struct cli_table *t)
{
	for (size_t r = 0; r < t->n_rows; r++) {
		for (size_t i = 0; i < t->n_columns; i++)
			free(t->cells[r][i]);
		free(t->cells[r]);
	}
	free(t->cells);
	*t = (struct cli_table){ 0 };
}
