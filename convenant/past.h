/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Past - rules and mandates as they were, by the hashes that a record names; each loaded once, and let go when others need the room.
 *
 * Where the notes come from is the caller's: a node asks its house, a house looks into its store. What comes is believed as far as
 * its hash goes.
 */
#include "convenant/mandate.h"
#include "convenant/rules.h"
#include "proto/record.h"

enum { PAST_OK = 0, PAST_E_GONE = 1, PAST_E_STOPPED, PAST_E_TRIED };

struct past_source {
	/* The note whose text has that hash, into the empty buffer. PAST_OK; PAST_E_GONE: there is none; PAST_E_STOPPED: it can't be
	 * asked for now, and the caller knows why; <0 fatal. */
	int (*note)(void *ctx, bool is_mandate, struct span hash, struct buffer *note);
	void *ctx;
};

struct past;
/* past_new() - convenant: text of one that takes the place of its namesake wherever it was not in force; empty: none. */
MUST_CHECK int past_new(const struct past_source *source, struct span convenant, struct past **out);
struct past *past_free(struct past *p);
void past_freep(struct past **p);

/*
 * past_rules() - the rules that a record names
 * PAST_E_GONE: something else was given than the record names, or nothing; *why says for what. PAST_E_STOPPED: the source said so.
 * PAST_E_TRIED: the convenant that is tried does not load; the list says why.
 * What comes out is good until the next call.
 */
MUST_CHECK int past_rules(struct past *p, const struct record *record, struct fault_list *faults, const struct rules **out,
			  const char **why);
/* past_mandate() - a mandate by the hash of its text, under those rules. PAST_OK, _E_GONE or _E_STOPPED. */
MUST_CHECK int past_mandate(struct past *p, const struct hash *digest, const struct rules *rules, const struct mandate **out,
			    const char **why);
