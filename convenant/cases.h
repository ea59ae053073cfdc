/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Cases - table tests of the rules, written by people who do not program: a message in words, and what the
 * decision must be. The form of the text stands in docs/convenant.md.
 *
 * Whatever a case does not say is in order: the person has a mandate, the parts are sealed, the clocks agree.
 * So a case breaks what it names and nothing else. Pure: what decides is convenant_decide().
 *
 * Owns: its text and its own faults. Threads: one at a time per table.
 */
#include "convenant/decide.h"

struct case_table;

enum { CASES_OK = 0, CASES_E_FAULTS = 1 };
/* cases_load() - CASES_OK; CASES_E_FAULTS, the list says what and where; <0 fatal. */
MUST_CHECK int cases_load(struct span text, struct fault_list *faults, struct case_table **out);
struct case_table *cases_free(struct case_table *t);
void cases_freep(struct case_table **t);
size_t cases_count(const struct case_table *t); /* a case that names an outcome per phase counts for each */

/* cases_register_load() - a register or a template of one: a table test needs no keys of its own. */
MUST_CHECK int cases_register_load(struct span text, struct fault_list *faults, struct registry **out);
/*
 * cases_house() - the register as a table takes it: everybody has joined but a derde and those whom the table
 * names, and it is valid at every time, or a table could not outlive the register of a year
 * @given: its kader and registry are looked at
 * @out:   arrays borrow from the registry and the arena
 */
MUST_CHECK int cases_house(const struct case_table *t, const struct rules *given, struct arena *arena,
			   struct registry *out);

struct case_verdict {
	const char *name;          /* of the table */
	unsigned line;             /* where the expectation stands */
	enum code expected, code;
	const char *expected_rule; /* "" when the table names none */
	const char *rule;          /* the first that failed, "" when none; lives with the rules */
	bool passed;
};
/* cases_run() - decide the i-th case. 0; <0 fatal. */
MUST_CHECK int cases_run(const struct case_table *t, size_t i, const struct rules *rules,
			 struct case_verdict *out);
/* cases_explain() - the whole derivation of the i-th case: explain_print(). */
MUST_CHECK int cases_explain(const struct case_table *t, size_t i, const struct rules *rules,
			     const char *language, struct buffer *out);
