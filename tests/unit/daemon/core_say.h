/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the tests of the core do over and over: send a message and look at what came of it. */
#include "convenant/casus.h"
#include "convenant/item.h"
#include "tests/unit/daemon/core_draft.h"

/* say() - sends a draft, one round; a receipt of another code fails and names the rules. */
void say(struct world *w, struct draft *d, uint64_t session, uint64_t correlation, enum code code);
/* has_rung() - whether the ladder has that rung for that hoedanigheid ("": of the message); false too when it may not be seen. */
bool has_rung(struct world *w, int node, uint64_t session, const uint8_t *id, const char *name, const char *who);
/* What a node is shown, as this hoedanigheid ("": any of its own); false when it is shown nothing. */
bool item_shown(struct world *w, int node, uint64_t session, struct span id, const char *as, struct arena *arena,
		struct casus_item *out);
bool casus_shown(struct world *w, int node, uint64_t session, struct span id, const char *as, struct casus *out);
