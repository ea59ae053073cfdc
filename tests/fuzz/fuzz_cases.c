/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/cases: any bytes are a table of cases, or at least one fault.
 *
 * LINKS: kp_convenant
 */
#include "convenant/cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(cases_freep) struct case_table *t = NULL;
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "fuzz");
	r = cases_load(span_of(data, len), &faults, &t);
	ASSERT(r == CASES_OK || r == CASES_E_FAULTS);
	ASSERT((r == CASES_OK) == (t != NULL) && (r == CASES_OK) == (faults.n == 0));
	if (t)
		ASSERT(cases_count(t) <= len);
	return 0;
}
