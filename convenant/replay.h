/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Replay - all that a decision rested on, without content: enough to take it again, years later, and to find out that it would be
 * the same, or what a changed convenant would have made of it.
 *
 * What is left out is named by its hash and kept elsewhere: the versions of kader, register and convenanten (in the record), the
 * mandate's note. What the house found beside the rules (a signature, a repetition) is in it as facts.
 * Values as in item.h: pointers borrow.
 */
#include "convenant/decide.h"

#define REPLAY_FACTS_MAX 16

struct replay {
	struct message message;          /* without content: skeleton_encode() */
	bool has_casus, has_request, has_mandate;
	struct casus casus;              /* as it was before */
	struct header request;
	size_t n_items;
	const struct casus_item *items;
	struct hash mandate;             /* SHA-256 of the note's text */
	bool mandate_withdrawn;          /* it was known, and gave no right any more */
	size_t n_facts;
	struct finding facts[REPLAY_FACTS_MAX]; /* article "" */
	uint64_t now_unix_ms;
};

/*
 * replay_of() - from what convenant_decide() was given
 * @mandate:   the mandate as known, also when it was withdrawn (and in->mandate is NULL for it); NULL: none
 * @decided:   with the facts added; those from n_rules on (decided->n when convenant_decide() returned) are taken as facts
 */
void replay_of(const struct decide_input *in, const struct mandate *mandate, const struct decision *decided, size_t n_rules,
	       struct replay *out);

MUST_CHECK int replay_encode(const struct replay *r, struct buffer *out);
enum { REPLAY_OK = 0, REPLAY_E_MALFORMED = 1 };
MUST_CHECK int replay_decode(struct span bytes, struct arena *arena, struct replay *out);
/*
 * replay_decide() - the decision again, facts included
 * @rules:   those of then, or others to see what they would make of it
 * @mandate: of replay.mandate, opened under a register that knows it; NULL when it is not there (MEDEWERKER_NIET_GEAUTORISEERD)
 * Texts of the decision borrow from the replay, the rules and constants.
 */
void replay_decide(const struct replay *r, const struct rules *rules, const struct mandate *mandate, struct decision *out);
/* replay_input() - the same as what explain_print() wants to see. */
struct decide_input replay_input(const struct replay *r, const struct rules *rules, const struct mandate *mandate);
