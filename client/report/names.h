/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Names - how a house groups and names what it reports (indeling.yaml), and the figures it published (gepubliceerd.yaml). Both are
 * optional: without them each hoedanigheid is its own partner and a gemeente is its CBS code.
 */
#include <jansson.h>

#include "base/arena.h"
#include "base/yaml.h"

struct names_partner {
	const char *name;
	size_t n;
	const char **patterns; /* hoedanigheden; "*" stands for anything */
};
struct names_gemeente {
	const char *code, *name, *region;
};
struct names {
	struct arena *arena;
	size_t n_partners, n_gemeenten;
	struct names_partner *partners;
	struct names_gemeente *gemeenten;
};

enum { NAMES_OK = 0, NAMES_E_FAULTS = 1 };
MUST_CHECK int names_load(struct span text, struct fault_list *faults, struct names **out);
void names_freep(struct names **n);
const char *names_partner(const struct names *n, const char *hoedanigheid);  /* itself when it is in no group */
const char *names_gemeente(const struct names *n, const char *code);         /* the code when it has no name */
const char *names_region(const struct names *n, const char *code);           /* "" when there is none */

/*
 * published_apply() - the published figures beside ours: a column after each column that has any, and a last table with the figures
 * that no broker can give, each with the reason; nothing when they are of another year. What does not agree is noted.
 * NAMES_E_FAULTS: the list says what and where.
 */
MUST_CHECK int published_apply(struct span text, json_t *doc, struct fault_list *faults);
