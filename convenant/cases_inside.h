/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the three steps of a table case share: cases.c finds it, case_read.c reads it, case_build.c makes the
 * message and asks for the decision. Private to this folder.
 */
#include "convenant/cases.h"
#include "convenant/load.h"

/* The case itself, then the uitgangspunt it builds on, then what holds for all. The first that has a key
 * counts. */
struct case_layers {
	size_t n;
	struct yaml_node v[3];
};

struct case_row {
	const char *name;
	struct case_layers layers;
	int phase; /* of the casus, instead of what the layers say; -1: as they say */
	unsigned line;
	enum code expected;
	const char *expected_rule;
};

struct case_table {
	struct arena *arena;
	struct yaml *y;
	struct fault_list faults; /* the document needs one as long as it lives; empty after loading */
	struct text_list not_joined;
	size_t n_rows;
	struct case_row *rows;
};

#define CASE_UNSAID UINT64_MAX /* of a time; 0 is "geen" */

enum case_said { CASE_DEFAULT = 0, CASE_NONE, CASE_SAID };

struct case_part {
	const char *category, *basis, *wpg, *person, *date, *source;
	struct text_list conditions, sealed_for;
	bool sealed_for_said;
};

struct case_casus {
	enum case_said said;
	enum phase phase;
	const char *regime, *overleg; /* NULL: that of the overleg; that of the message */
	const char *consent;
	bool circle_said;
	struct text_list circle;
};

struct case_request {
	enum case_said said;
	const char *sender, *doel, *person_role; /* NULL: as the answer */
	bool recipients_said, categories_said;
	struct text_list recipients, categories;
	uint64_t deadline;
};

struct case_staff {
	enum case_said said;
	const char *person, *mandate, *organisation, *klasse; /* NULL: in order; mandate: whose it is */
	bool hoedanigheden_said;
	struct text_list hoedanigheden;
	uint64_t screening, training, from, until;
};

struct table_case {
	enum message_kind kind;
	uint64_t now, created, not_after, deadline;
	const char *sender, *on_behalf_of, *regime, *overleg, *grondslag, *doel, *noodzaak, *person_role,
		*answer_kind; /* regime NULL: that of the overleg */
	bool categories_said, parts_said, met_said;
	struct text_list recipients, categories, gemeenten, criteria, met, involve, release;
	const char *klasse, *ave, *leeftijdsklasse, *outcome, *phase, *reason, *purpose; /* phase NULL: next */
	bool consent_withdrawn;
	uint64_t consent_given, consent_until;
	size_t n_parts;
	struct case_part *parts;
	struct case_casus casus;
	struct case_request request;
	struct case_staff staff;
};

extern const char *const case_keys[]; /* what a case may say besides naam, zoals, verwacht */
/* case_read() - the layers together; what is wrong is reported at its place. */
void case_read(struct load *l, const struct case_layers *s, struct table_case *out);
