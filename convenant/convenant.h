/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Convenant - the agreement of the parties: within the kader, which hoedanigheid may ask or give which categories to whom,
 * for which doel, on which grondslag, in which overleg. YAML in a note signed by a quorum of the parties' organisations.
 *
 * Immutable once loaded. Any thread may read.
 */
#include "convenant/register.h"

struct convenant;

enum { CONVENANT_OK = 0, CONVENANT_E_FAULTS = 1 };
/* convenant_load() - checks against the kader too, which must outlive it: a row above the ceiling is a fault that names the
 * kader's row. */
MUST_CHECK int convenant_load(struct span text, const struct kader *kader, struct fault_list *faults, struct convenant **out);
struct convenant *convenant_free(struct convenant *c);
void convenant_freep(struct convenant **c);

const char *convenant_id(const struct convenant *c);
uint64_t convenant_sequence(const struct convenant *c);
const struct hash *convenant_previous(const struct convenant *c);
const struct hash *convenant_digest(const struct convenant *c);
uint64_t convenant_from_ms(const struct convenant *c);
uint64_t convenant_until_ms(const struct convenant *c);
uint64_t convenant_withdrawn_ms(const struct convenant *c); /* from when on a version says of itself that it is withdrawn; 0: it does not */
bool convenant_has_party(const struct convenant *c, const char *hoedanigheid);
/* Which organisations sign, and how many of them must. */
const struct text_list *convenant_signers(const struct convenant *c);
uint64_t convenant_quorum(const struct convenant *c);
/* convenant_print() - a readable account in Dutch ("nl") or English ("en"). */
MUST_CHECK int convenant_print(const struct convenant *c, const char *language, struct buffer *out);

/* convenant_ask_ms() - what a verzoek in this overleg leaves at least for its answer; 0 when there is no rule for it. */
uint64_t convenant_ask_ms(const struct convenant *c, const char *overleg, bool urgent);

/* What a message in this overleg may say of itself when its sender does not choose: the first that the convenant allows. */
struct convenant_choice {
	const char *regime, *grondslag, *doel;
	bool consent; /* a verzoek needs the recorded consent of the betrokkene */
};
/* convenant_default() - false when the convenant has no rule for this overleg or this kind. */
bool convenant_default(const struct convenant *c, const char *overleg, enum message_kind kind, struct convenant_choice *out);
