/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Again - a logged decision taken again: by a node with what its house hands over, by a house with what lies in its store.
 *
 * The same function that decided then decides now, over what was known then. It agrees when the code is the same and the failures
 * are those of the record, in their order: an outcome that is right for the wrong reason is a difference too.
 */
#include "convenant/past.h"
#include "convenant/replay.h"

enum replay_verdict {
	REPLAY_AGREES = 0, /* the same code, for the same reasons */
	REPLAY_DIFFERS,
	REPLAY_BROKEN,	/* what is there is not what the record names, or can not be read */
	REPLAY_GONE,	/* the record or its input is destroyed: its term is over */
	REPLAY_WITHOUT, /* a decision of which no input was kept: it named a person in the open */
	REPLAY_VERDICT_N
};
const char *replay_verdict_name(enum replay_verdict v); /* "agrees" */

struct logged { struct span entry, record, input; }; /* record, input: empty when they can't be opened any more */

/* replay_open() - what a row is before any decision; REPLAY_AGREES: record and replay are there to decide with. */
enum replay_verdict replay_open(const struct logged *row, struct arena *arena, struct record *record, struct replay *replay,
				const char **why);
const char *replay_subject(const struct finding *f); /* as evidence keeps it: longer than any id is no subject we know, and is "" */
/* replay_failure() - a failed finding as it stands in the record: "CODE rule subject". */
#define REPLAY_FAILURE_SIZE 320
void replay_failure(const struct finding *f, char out[REPLAY_FAILURE_SIZE]);
/* replay_same() - the failures of a record and of a decision, in order; differs: the first of the decision that the record has not. */
bool replay_same(const struct record *record, const struct decision *d, const struct finding **differs);

struct again {
	enum replay_verdict verdict;   /* AGREES, DIFFERS or BROKEN */
	const char *why;               /* of what is broken; "" otherwise */
	const struct finding *differs; /* the first failure that was not there, or is not there any more; NULL */
	const struct rules *rules;     /* of then; NULL when it is broken */
	const struct mandate *mandate;
	struct decision decision;
};
/*
 * replay_again() - the decision of an entry with that code, once more
 * Return: 0; PAST_E_STOPPED; PAST_E_TRIED, the list says why; <0 fatal. Texts borrow from past, replay and constants.
 */
MUST_CHECK int replay_again(struct past *p, enum code code, const struct record *record, const struct replay *replay,
			    struct fault_list *faults, struct again *out);
