/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Profiles - the records in the forms that others read: one line out per line in, or none, or (FSC) one per recipient. What each field
 * comes from, and which records a profile leaves out: docs/exports.md. The schemas stand in schema/.
 */
#include "base/span.h"
#include "convenant/register.h"

enum profile { PROFILE_ADL = 0, PROFILE_LDV, PROFILE_NEN7513, PROFILE_FSC, PROFILE_CSV, PROFILE_N };
int profile_find(const char *name); /* or -1 */

struct profile_context {
	const char *activities;          /* LDV: what the ids of verwerkingsactiviteiten begin with; NULL: a urn of the house */
	struct span subjects;            /* LDV, NEN 7513: key of the pseudonyms for who gets this export; none: no pseudonyms */
	const struct registry *registry; /* FSC: whose OIN is whose */
	char origin[NOTE_NAME_MAX + 1];  /* set by the header line */
	size_t n_lines, n_left_out;      /* counted here */
};

/* PROFILE_E_FIELDS: the line has no span_id (an export of an older version) or, for FSC, names a party that the register does not have. */
enum { PROFILE_OK = 0, PROFILE_E_MALFORMED = 1, PROFILE_E_FIELDS };
/* profile_begin() - what stands before the first line (CSV). */
void profile_begin(enum profile profile, struct buffer *out);
MUST_CHECK int profile_line(enum profile profile, struct profile_context *c, struct span line, struct buffer *out);
