/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Replay - logged decisions taken again, here, with the versions of the rules they were taken with, or with a convenant that would
 * take the place of one (convenant/again.h).
 *
 * What the house hands over is believed as far as hashes go: the input is the one its record names, a version the one the record
 * names, the mandate's note the one the input names and signed by its organisation.
 */
#include "client/lib/records.h"
#include "convenant/again.h"

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

/* replay_log() - page after page. counts: by verdict. KP_OK also when some differ. */
enum kp_result replay_log(struct kp_node *node, const struct replaying *what, uint32_t timeout_ms,
			  uint64_t counts[REPLAY_VERDICT_N], struct kp_error *err);
