/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Decisions taken again: what came out otherwise, collected and shown. */
#include "client/cli/records.h"
#include "client/lib/replay.h"

struct flips {
	const struct cli *cli;
	bool only_outcome; /* another reason for the same outcome is no flip */
	json_t *list;
	struct cli_table table;
	uint64_t counts[REPLAY_VERDICT_N];
	uint64_t n_flipped;
	char *one; /* explanation of a single entry, when that was asked; owned */
	bool explain;
};

/*
 * flips_find() - replay what the query asks for
 * @convenant: the text of one to try; empty: the rules as they were
 * KP_OK or an exit status whose trouble was printed. flips_fini() in both cases.
 */
MUST_CHECK int flips_find(struct flips *f, const struct records_query *query, struct span convenant);
void flips_say(const struct flips *f);
json_t *flips_json(const struct flips *f); /* counts, and the list */
void flips_fini(struct flips *f);
