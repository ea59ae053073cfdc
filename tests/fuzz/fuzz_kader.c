/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/kader: any bytes are a kader, whose tables can be read, or at least one fault.
 *
 * LINKS: kp_convenant
 */
#include "convenant/kader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(kader_freep) struct kader *k = NULL;
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "fuzz");
	r = kader_load(span_of(data, len), &faults, &k);
	ASSERT(r == KADER_OK || r == KADER_E_FAULTS);
	ASSERT((r == KADER_OK) == (k != NULL) && (r == KADER_OK) == (faults.n == 0));
	for (size_t i = 0; k && i < kader_n_categories(k); i++)
		ASSERT(kader_category(k, kader_category_at(k, i)->id) == kader_category_at(k, i));
	if (k) {
		ASSERT(kader_terms(k)->ask_urgent_ms <= kader_terms(k)->ask_ms && kader_terms(k)->confirm_ms > 0);
		ASSERT(kader_expiry(k, "d2", UINT64_C(1795334400000)) >= UINT64_C(1795334400000));
		ASSERT(!*kader_rac(k)->advies != !*kader_rac(k)->afwijking);
	}
	return 0;
}
