/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Witness - this node's word for the log, and what it does when the log breaks its own.
 *
 * The state's "checkpoint" is the largest head this node cosigned, its cosignature included: check and store are one step
 * (state_swap), and a cosignature leaves only from there. So it never signs a smaller or another head than before, whatever
 * crashes and however many processes share the home.
 *
 * A fork stops the node: "stopped" in its state names the folder in evidence/; from then on it sends and receives nothing, until a
 * person clears it.
 */
#include "client/lib/node.h"
#include "proto/witness.h"

struct witnessed {
	struct span note;        /* empty: nothing yet */
	struct checkpoint head;
	uint64_t cosigned_unix_s; /* 0: proven, not cosigned by the key of now */
};

/* witness_ready() - key and card, made when they are not there. KP_NONE: the names are too long for a key; it checks, but signs not. */
enum kp_result witness_ready(struct kp_node *node, struct kp_error *err);
MUST_CHECK int witness_recall(struct kp_node *node, struct arena *arena, struct witnessed *out);
/* witness_cosign() - a head that was proven to extend what was recalled: cosigned, stored. KP_NONE: another process was first. */
enum kp_result witness_cosign(struct kp_node *node, const struct witnessed *before, struct span note, struct arena *arena,
			      struct witnessed *out, struct kp_error *err);

/* witness_stop() - evidence, the stop, and a word to the house; KP_UNVERIFIED. after and proof may be empty. */
enum kp_result witness_stop(struct kp_node *node, struct span before, struct span after, const struct tree_proof *proof,
			    const char *how, struct kp_error *err);
/* witness_stopped() - KP_OK; KP_UNVERIFIED with the folder of the evidence. */
enum kp_result witness_stopped(struct kp_node *node, struct kp_error *err);
/* witness_clear() - a person's word that the fork was dealt with. KP_NONE: this node had not stopped. */
enum kp_result witness_clear(struct kp_node *node, struct kp_error *err);

/* --- evidence: offline --- */
struct evidence {
	struct checkpoint before, after;
	enum history verdict;
};
/* evidence_read() - a folder as witness_stop() writes it. KP_OK: both heads are signed by the key (NULL: the folder's own); see verdict.
 * KP_UNVERIFIED: they are not; KP_USAGE: it is no such folder. */
enum kp_result evidence_read(const char *folder, const struct note_key *log_key, struct evidence *out, struct kp_error *err);

/* witness_cards() - the witnesses the house knows, each vouched for by a node of the register. v: at most max; names in the arena. */
struct policy_member;
enum kp_result witness_cards(struct kp_node *node, uint32_t timeout_ms, struct arena *arena, struct policy_member *v, size_t max,
			     size_t *n, struct kp_error *err);
