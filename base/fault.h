/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Faults - what is wrong with a text that a person wrote, each with its place: "file:line:column: what, and
 * what to do".
 *
 * Readers report all faults they find, not the first; a fault list is bounded, n_more counts what did not
 * fit.
 */
#include "base/span.h"

#define FAULT_MAX 32
#define FAULT_TEXT_SIZE 240

struct fault {
	unsigned line;   /* from 1; 0 when the fault belongs to the whole file */
	unsigned column; /* from 1 */
	char text[FAULT_TEXT_SIZE];
};

struct fault_list {
	const char *file; /* borrowed: the name shown before each fault */
	size_t n;
	size_t n_more;
	struct fault v[FAULT_MAX];
};

void fault_list_init(struct fault_list *list, const char *file);
/* fault_add() - an exact repeat is kept once. */
void fault_add(struct fault_list *list, unsigned line, unsigned column, const char *format, ...)
	PRINTF_LIKE(4, 5);
void fault_list_print(const struct fault_list *list, struct buffer *out); /* one line per fault */
