/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Peers - the transport keys that the core admits, each with its class and its rate.
 *
 * The list comes whole and replaces the one before; what a key has spent of its rate stays spent.
 * A pointer to a peer is valid until the next peers_replace().
 */
#include <stdbool.h>

#include "base/span.h"
#include "daemon/ipc/ipc.h"

#define KEY_BYTES 32

struct peer {
	uint8_t key[KEY_BYTES];
	uint8_t class;           /* IPC_CLASS_NODE, IPC_CLASS_ENROL */
	uint32_t n_sessions;     /* kept by the session table */
	uint64_t milli;          /* thousandths of a message left in the bucket */
	uint64_t filled_ms;      /* when it was last filled up */
	uint64_t next_trouble_ms;
};

struct peers;
enum { PEERS_OK = 0, PEERS_E_MALFORMED = 1 };

MUST_CHECK int peers_new(uint64_t rate_per_s, uint64_t burst, struct peers **out);
struct peers *peers_free(struct peers *p);
void peers_freep(struct peers **p);

/* peers_replace() - list: n * (u8 class || key[32]). PEERS_E_MALFORMED: wrong size, unknown class, a key twice; nothing changed. */
MUST_CHECK int peers_replace(struct peers *p, struct span list, uint64_t now_ms);
bool peers_known(const struct peers *p);  /* whether a list has come yet */
struct peer *peers_find(struct peers *p, const uint8_t key[KEY_BYTES]); /* NULL: not admitted */

/* peers_take() - whether this peer may send one more message now. */
bool peers_take(const struct peers *p, struct peer *peer, uint64_t now_ms);
/* peers_trouble() - whether it may be told what it does wrong: once a second. */
bool peers_trouble(struct peer *peer, uint64_t now_ms);
