/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Join - invitations the operator made, the requests that came in on them, and who may connect.
 *
 * KEYSPACE_JOIN: invite id[16] -> u8 state, u64 until, u64 changed, enrolment key[32], lp16 organisation, lp16 node, lp32 request
 * The register decides who is admitted; a request only waits here for the stewards.
 */
#include "daemon/core/evidence.h"

/* Lapsed: asked for, and then the same node was admitted on a later request. */
enum join_state { JOIN_INVITED = 1, JOIN_REQUESTED, JOIN_ADMITTED, JOIN_LAPSED };
const char *join_state_name(enum join_state state);

struct join {
	uint8_t invite[ID_BYTES];
	enum join_state state;
	uint64_t until_unix_ms, changed_unix_ms;
	uint8_t enrol_key[32];
	struct span organisation, node, request; /* borrowed */
};
MUST_CHECK int join_put(struct core *c, const struct join *j);
bool join_parse(struct span key, struct span value, struct join *out);

/*
 * join_invite() - from the operator; in the open batch, with its TOELATING entry
 * Return: JOIN_OK; JOIN_E_USED, that id was given before; JOIN_E_KEY, its key is a node's or another invitation's;
 *         JOIN_E_MANY, too many invitations are open.
 */
enum { JOIN_OK = 0, JOIN_E_USED = 1, JOIN_E_KEY, JOIN_E_MANY };
MUST_CHECK int join_invite(struct core *c, const struct join *j);
/* join_decide() - a request over the wire. Sets the item's trouble, or an EFFECT_REPLY "aangevraagd". */
MUST_CHECK int join_decide(struct core *c, struct item *item);
/* join_settle() - after a new register, in the same batch: a request whose keys are in it now is admitted, with an entry. */
MUST_CHECK int join_settle(struct core *c);
/* join_allow() - the gate's whole list: nodes of the register, enrolment keys of open invitations. */
MUST_CHECK int join_allow(struct core *c);
