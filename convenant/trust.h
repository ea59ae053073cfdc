/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Trust - the text that names who vouches for the first kader and register: "quorum NUMBER" and a line "steward VKEY" for each
 * steward. In a house's folder made by house init, in a node's from the invitation.
 */
#include "convenant/rules.h"

#define TRUST_STEWARDS_MAX 64

enum { TRUST_OK = 0, TRUST_E_FAULTS = 1 };
/*
 * trust_parse() - strict; a line that starts with # is a comment
 * @stewards: TRUST_STEWARDS_MAX keys of the caller's, which out borrows
 * A steward who stands there twice, a quorum that is absent, zero, or more than there are stewards are faults.
 */
MUST_CHECK int trust_parse(struct span text, struct fault_list *faults, struct note_key *stewards, struct rules_trust *out);
/* trust_print() - the same text. */
void trust_print(const struct rules_trust *trust, struct buffer *out);
