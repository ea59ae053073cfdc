/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the fuzz target of the core and the maker of its corpus agree on. An input is two bytes and a body:
 *   kind 0      the body goes to the core as a wire frame, as it is
 *   kind k      the body is the payload of a message of that kind, which is then signed by the person (or the node) it should be
 *               signed by, so that damage gets past the signature
 *   then        which node sends it
 */
#include <string.h>

#include "tests/unit/daemon/core_draft.h"

#define FUZZ_SEED 11

/* What there is before an input comes: a casus, a question, a notice that its source corrected and was asked to agree with. */
struct fuzz_state {
	uint8_t casus[ID_BYTES], request[ID_BYTES], notice[ID_BYTES], correction[ID_BYTES], asked[ID_BYTES];
};

static inline void fuzz_state_make(struct world *w, struct fuzz_state *s)
{
	struct draft d;

	world_casus(w, s->casus);
	world_ask(w, s->casus, s->request, 1, 1);
	draft_begin(w, &d, MESSAGE_MELDING, DJI, s->casus);
	d.m.header.person_role = "betrokkene";
	d.m.body.melding.soort = "vrijlating";
	draft_to(&d, "gemeente-assen-sociaal-domein zvhd-nazorg");
	draft_categories(&d, "justitieel.detentieverloop");
	draft_part(w, &d, "justitieel.detentieverloop");
	memcpy(s->notice, d.id, ID_BYTES);
	draft_submit(w, &d, 2, 2);
	draft_about(w, &d, MESSAGE_CORRECTIE, DJI, s->casus, s->notice, "gemeente-assen-sociaal-domein zvhd-nazorg");
	d.m.header.person_role = "betrokkene";
	d.m.body.correctie = (struct body_correctie){ "verbeterd", "onjuist" };
	draft_categories(&d, "justitieel.detentieverloop");
	draft_part(w, &d, "justitieel.detentieverloop");
	memcpy(s->correction, d.id, ID_BYTES);
	draft_submit(w, &d, 2, 3);
	draft_about(w, &d, MESSAGE_INSTEMMINGSVERZOEK, ZVHD, s->casus, s->notice, "dji-pi-noord");
	d.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ "derde", "", 0 };
	memcpy(s->asked, d.id, ID_BYTES);
	draft_submit(w, &d, 1, 4);
	world_round(w);
	for (uint64_t i = 1; i <= 4; i++)
		CHECK_IS(world_receipt_code(w, i), CODE_TOEGESTAAN);
}
