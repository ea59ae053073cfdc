/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Policy - which cosignatures a checkpoint must have to be believed (C2SP tlog-policy).
 *
 *   log <vkey> [<url>]                          any number; none: the caller knows the log
 *   witness <name> <vkey> [<url>]               a cosignature/v1 key
 *   group <name> all|any|<k> <name>...          of names defined above; each name in one group at most
 *   quorum <name>|none                          exactly once
 *
 * Empty lines and lines that start with # are ignored; items are separated by spaces and tabs. Names are bytes, at most
 * NOTE_NAME_MAX of them. One key listed twice is refused, whatever its name. Pure functions, any thread.
 */
#include "base/fault.h"
#include "proto/checkpoint.h"

#define POLICY_BYTES_MAX (256u << 10)
#define POLICY_LOGS_MAX 32
#define POLICY_WITNESSES_MAX (NOTE_SIGNATURES_MAX - 1) /* what one checkpoint can carry beside the log's own line */
#define POLICY_GROUPS_MAX 64
#define POLICY_NAMES_MAX (POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX)

/* A witness or a group. A witness has witnessed when it cosigned, a group when at least threshold of its members have. */
struct policy_name {
	char name[NOTE_NAME_MAX + 1];
	size_t parent;              /* the group it is in, as position in names; POLICY_NONE */
	size_t witness;             /* position in witnesses; POLICY_NONE for a group */
	size_t threshold, n_members; /* of a group */
};
#define POLICY_NONE SIZE_MAX

struct policy {
	size_t n_logs, n_witnesses, n_names;
	struct note_key logs[POLICY_LOGS_MAX], witnesses[POLICY_WITNESSES_MAX];
	struct policy_name names[POLICY_NAMES_MAX]; /* in the order of the text: members before their group */
	size_t quorum;              /* POLICY_NONE: "quorum none" */
};

enum { POLICY_OK = 0, POLICY_E_FAULTS = 1, POLICY_E_CHECKPOINT, POLICY_E_LOG, POLICY_E_QUORUM };
/* policy_parse() - POLICY_OK or POLICY_E_FAULTS: the list says what is wrong where, *out is undefined. */
MUST_CHECK int policy_parse(struct span text, struct fault_list *faults, struct policy *out);

struct policy_verdict {
	struct checkpoint checkpoint;
	const struct note_key *log;  /* who signed it */
	size_t n_cosigned;
	bool cosigned[POLICY_WITNESSES_MAX];
	uint64_t unix_s[POLICY_WITNESSES_MAX]; /* when, as each says itself */
};
/*
 * policy_check() - a signed checkpoint against the policy
 * @log_key: NULL, or the log it must be of, listed or not
 * Return: POLICY_OK; POLICY_E_CHECKPOINT, no checkpoint, or a line of a known key does not hold; POLICY_E_LOG, no such log signed
 * it; POLICY_E_QUORUM, too few cosigned it: the verdict says who did; <0 fatal.
 */
MUST_CHECK int policy_check(const struct policy *p, const struct note_key *log_key, struct span note, struct policy_verdict *out);
/* policy_missing() - the names of the witnesses below the quorum that have not cosigned, separated by ", ". */
void policy_missing(const struct policy *p, const struct policy_verdict *v, struct buffer *out);
const char *policy_error_text(int error); /* English, for POLICY_E_CHECKPOINT and later */

/* A witness as somebody knows it; those of one organisation count once in what policy_print() writes. */
struct policy_member { const char *name, *organisation; struct note_key key; };
/* policy_print() - more than half of the organisations must have cosigned. n 0: "quorum none". */
MUST_CHECK int policy_print(const struct note_key *log, const struct policy_member *v, size_t n, struct buffer *out);
