/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Replay - logged decisions taken again, here, with the versions of the rules they were taken with, or with a convenant that would
 * take the place of one.
 *
 * What the house hands over is believed as far as hashes go: the input is the one its record names, a version the one the record
 * names, the mandate's note the one the input names and signed by its organisation.
 */
#include "client/lib/records.h"
#include "convenant/replay.h"
#include "proto/record.h"

enum replay_verdict {
	REPLAY_AGREES = 0, /* the same code, for the same reasons */
	REPLAY_DIFFERS,
	REPLAY_BROKEN,	/* what the house gave is not what the record names, or can not be read */
	REPLAY_GONE,	/* the record or its input is destroyed: its term is over */
	REPLAY_WITHOUT, /* a decision of which no input was kept: it named a person in the open */
	REPLAY_VERDICT_N
};
const char *replay_verdict_name(enum replay_verdict v); /* "agrees" */

struct replayed { /* texts live until each() returns */
	uint64_t index, unix_ms;
	const char *kind, *sender; /* of the message */
	enum replay_verdict verdict;
	enum code before, after;
	const char *why;	   /* of what is broken; "" otherwise */
	const struct finding *differs; /* the first failure that was not there, or is not there any more; NULL */
	const struct decide_input *in; /* NULL when there was no decision again */
	const struct decision *decision;
};

struct replaying {
	struct kp_records query;
	struct span convenant; /* text of one that takes the place of its namesake, as if it had been in force; empty: none */
	bool (*each)(void *ctx, const struct replayed *r);
	void *ctx;
};

/* replay_open() - what a row is before any decision; REPLAY_AGREES: record and replay are there to decide with. */
enum replay_verdict replay_open(const struct log_record *row, struct arena *arena, struct record *record, struct replay *replay,
				const char **why);
/* replay_same() - the failures of a record and of a decision, in order; differs: the first of the decision that the record has not. */
bool replay_same(const struct record *record, const struct decision *d, const struct finding **differs);
/* replay_log() - page after page. counts: by verdict. KP_OK also when some differ. */
enum kp_result replay_log(struct kp_node *node, const struct replaying *what, uint32_t timeout_ms,
			  uint64_t counts[REPLAY_VERDICT_N], struct kp_error *err);
