/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/policy: a policy, and behind the first byte 00 a checkpoint that is held against it. What is taken has every name in one
 * group at most, below its own; what it prints of its own witnesses is a policy again.
 *
 * LINKS: kp_proto_log
 */
#include <stdlib.h>
#include <string.h>

#include "proto/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void sound(const struct policy *p)
{
	ASSERT(p->n_logs <= POLICY_LOGS_MAX && p->n_witnesses <= POLICY_WITNESSES_MAX && p->n_names <= POLICY_NAMES_MAX);
	ASSERT(p->quorum == POLICY_NONE || p->quorum < p->n_names);
	for (size_t i = 0; i < p->n_names; i++) {
		const struct policy_name *n = &p->names[i];

		ASSERT(n->parent == POLICY_NONE || (n->parent > i && n->parent < p->n_names));
		ASSERT(n->witness == POLICY_NONE ? n->threshold >= 1 && n->threshold <= n->n_members : n->witness < p->n_witnesses);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(buffer_fini) struct buffer missing = { 0 };
	const uint8_t *cut = len ? memchr(data, 0, len) : NULL;
	size_t text_len = cut ? (size_t)(cut - data) : len;
	struct policy *p = malloc(sizeof *p);
	struct policy_verdict v;
	struct fault_list faults;
	int r;

	ASSERT(p);
	fault_list_init(&faults, "fuzz");
	r = policy_parse(span_of(data, text_len), &faults, p);
	ASSERT((r == POLICY_OK) == !faults.n);
	if (r == POLICY_OK) {
		sound(p);
		if (cut) {
			r = policy_check(p, NULL, span_of(cut + 1, len - text_len - 1), &v);
			ASSERT(r >= POLICY_OK && r <= POLICY_E_QUORUM && r != POLICY_E_FAULTS);
			if (r == POLICY_E_QUORUM)
				policy_missing(p, &v, &missing);
			ASSERT(r != POLICY_E_QUORUM || missing.len);
		}
	}
	free(p);
	return 0;
}
