/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The list is a value of fixed size: a reader of a hostile file can't be made to allocate by its mistakes.
 * What several getters say of one place (each finds that it is no map) is kept once.
 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void fault_list_init(struct fault_list *list, const char *file)
{
	memset(list, 0, sizeof *list);
	list->file = file;
}

/* A quoted piece of the file may be cut within a character, or hold what steers a terminal. */
static void text_tidy(char *text)
{
	size_t len = strlen(text);

	if (len == FAULT_TEXT_SIZE - 1)
		while (len && !utf8_valid(span_of(text, len)) && len > FAULT_TEXT_SIZE - 5)
			text[--len] = '\0';
	if (!utf8_valid(span_of(text, len)))
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)text[i] > '~')
				text[i] = '?';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
}

void fault_add(struct fault_list *list, unsigned line, unsigned column, const char *format, ...)
{
	struct fault fault = { .line = line, .column = column };
	va_list args;

	va_start(args, format);
	vsnprintf(fault.text, sizeof fault.text, format, args);
	va_end(args);
	text_tidy(fault.text);
	for (size_t i = 0; i < list->n; i++) {
		const struct fault *known = &list->v[i];

		if (known->line == line && known->column == column && text_equal(known->text, fault.text))
			return;
	}
	if (list->n < FAULT_MAX)
		list->v[list->n++] = fault;
	else
		list->n_more++;
}

void fault_list_print(const struct fault_list *list, struct buffer *out)
{
	const char *file = list->file ? list->file : "-";

	for (size_t i = 0; i < list->n; i++) {
		const struct fault *f = &list->v[i];

		if (f->line)
			buffer_printf(out, "%s:%u:%u: %s\n", file, f->line, f->column, f->text);
		else
			buffer_printf(out, "%s: %s\n", file, f->text);
	}
	if (list->n_more)
		buffer_printf(out, "%s: and %zu more\n", file, list->n_more);
}
