/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Rules - what is in force together: one kader, one register, the convenanten. A value: decisions name the hashes of all.
 *
 * rules_admit() is the one gate through which a new version comes into force, in the daemon, in a node and in
 * `convenant check`: signatures and quorum, sequence rising, previous hash, validity, the ceiling.
 */
#include "convenant/convenant.h"

#define RULES_CONVENANTEN_MAX 8

struct rules {
	struct kader *kader;
	struct hash kader_digest;
	struct registry *registry;
	size_t n_convenanten;
	struct convenant *convenanten[RULES_CONVENANTEN_MAX];
	bool complete; /* refuse a version that leaves some out: set by the daemon, which sees all; a node may have been away */
};

enum rules_kind { RULES_KADER = 1, RULES_REGISTER, RULES_CONVENANT };
const char *rules_kind_name(enum rules_kind kind);

enum { RULES_OK = 0, RULES_E_REFUSED = 1, RULES_E_SAME };

/*
 * rules_admit() - verify a candidate note against what is in force and take it up
 * @rules:  changed only on RULES_OK; the version replaced is freed. A zeroed struct with trust below is a node's start.
 * @trust:  steward keys and quorum to verify the very first kader and register with (from the invitation); later versions
 *          are verified with the stewards of the register in force. NULL when there is a register already.
 * Return: RULES_OK; RULES_E_SAME, exactly the version in force; RULES_E_REFUSED, the list says why; <0 fatal.
 * Kader and register: a quorum of stewards. Convenant: its own quorum of the signing organisations, keys from the register.
 * A duplicate signer counts once. A new version of a convenant also needs the quorum of the version in force, and the
 * organisation of every party must be among its signers; who gives a volmacht that is new or changed has signed by himself.
 * Order at start: register, kader, convenanten.
 * Validity in time is not judged here (a restart takes up what was in force): see rules_admit_at().
 */
struct rules_trust {
	uint64_t quorum;
	size_t n;
	const struct note_key *stewards;
};
MUST_CHECK int rules_admit(struct rules *rules, enum rules_kind kind, struct span note, const struct rules_trust *trust,
			   struct fault_list *faults);
/* rules_admit_at() - for a version that is brought in now: one whose period is over is refused too. now 0: as rules_admit(). */
MUST_CHECK int rules_admit_at(struct rules *rules, enum rules_kind kind, struct span note, const struct rules_trust *trust,
			      uint64_t now_unix_ms, struct fault_list *faults);
/*
 * rules_acts_for() - whether by some volmacht one acts for the other now in this overleg, with whatever message: what the giver
 * may know of its casussen, the holder may know too
 */
bool rules_acts_for(const struct rules *rules, const char *holder, const char *giver, const char *overleg, uint64_t now_unix_ms);
/* rules_kind_of() - what a note's text is, by its first key ("kader:", "register:", "convenant:"); -1 when none of them. */
int rules_kind_of(struct span note);
void rules_fini(struct rules *rules);
