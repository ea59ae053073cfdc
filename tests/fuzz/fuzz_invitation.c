/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * client/lib/invitation: any bytes are refused with a fault or for their signature; what is taken can be
 * printed as a phrase.
 *
 * LINKS: kp_client
 */
#include <string.h>

#include "client/lib/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	struct fault_list faults;
	struct invitation in;
	struct admission a;
	uint8_t id[ID_BYTES];
	char phrase[JOIN_PHRASE_SIZE];
	int r;

	ASSERT(arena);
	fault_list_init(&faults, "fuzz");
	r = invitation_open(span_of(data, len), arena, &faults, &in);
	ASSERT(r == INVITATION_OK || r == INVITATION_E_FAULTS || r == INVITATION_E_SIGNATURE);
	ASSERT((r == INVITATION_E_FAULTS) == (faults.n != 0));
	if (r == INVITATION_OK) {
		ASSERT(in.n_stewards && in.quorum && in.quorum <= in.n_stewards && in.hoedanigheden.n);
		join_phrase(in.id, &in.log_key, span_of(data, len), phrase);
		ASSERT(strlen(phrase) == JOIN_PHRASE_SIZE - 1);
		invitation_fini(&in);
	}
	fault_list_init(&faults, "fuzz");
	r = join_open(span_of(data, len), arena, &faults, id, &a);
	ASSERT(r == INVITATION_OK || r == INVITATION_E_FAULTS || r == INVITATION_E_SIGNATURE);
	ASSERT((r == INVITATION_E_FAULTS) == (faults.n != 0));
	ASSERT(r != INVITATION_OK || (a.n_keys && a.n_keys <= N_ELEMENTS(a.hoedanigheden)));
	return 0;
}
