/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Sessions - which connection of which node the core is talking to: (transport key, routing id) <-> a number that is never
 * used twice while the gate lives.
 *
 * Owns: the sessions and their accounts. Bounded: at most max in all and SESSIONS_PER_PEER of one key; the one silent for longest
 * makes room. Whenever a session goes, the gone function is told.
 * Invariants (sessions_check): 1. every session is in the list of its routing id's bucket, in the order of age, and its peer
 * counts it; 2. n is the length of that order; 3. no routing id stands twice.
 */
#include "daemon/gate/parcel.h"
#include "daemon/gate/peers.h"

#define SESSIONS_PER_PEER 256

struct session {
	uint64_t id;
	uint32_t routing;             /* libzmq's own routing ids: a zero byte and this number */
	uint8_t key[KEY_BYTES];
	uint64_t seen_ms;             /* last sign of life: a message from it, or an answer that could be routed */
	struct account *account;      /* bytes on their way to it */
	uint32_t slot, newer, older, next; /* places in the table; SESSIONS_NONE at the end */
};
#define SESSIONS_NONE UINT32_MAX

typedef void sessions_gone_fn(void *ctx, uint64_t id);

struct sessions;
MUST_CHECK int sessions_new(uint32_t max, sessions_gone_fn *gone, void *ctx, struct sessions **out);
struct sessions *sessions_free(struct sessions *s); /* without telling */
void sessions_freep(struct sessions **s);

/* sessions_touch() - the session of a message that just came; a new one when there is none. A routing id that belonged to
 * another key ends that key's session: whoever has it now, it is not the other. */
MUST_CHECK int sessions_touch(struct sessions *s, struct peers *peers, struct peer *peer, uint32_t routing, uint64_t now_ms,
			      struct session **out);
struct session *sessions_find(struct sessions *s, uint64_t id); /* NULL: gone */
void sessions_drop(struct sessions *s, struct peers *peers, struct session *one, bool tell);
/* sessions_admit() - after the list of peers changed: ends the sessions of keys no longer on it, counts the others anew. */
void sessions_admit(struct sessions *s, struct peers *peers);
struct session *sessions_oldest(struct sessions *s); /* NULL: none */
void sessions_seen(struct sessions *s, struct session *one, uint64_t now_ms); /* to the young end */
size_t sessions_n(const struct sessions *s);
bool sessions_check(const struct sessions *s, struct peers *peers);
