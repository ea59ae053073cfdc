/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Link - one connection of this node to its house: ZeroMQ DEALER over CURVE, kept alive, redialled, never
 * blocking.
 *
 *          handshake ok                no answer to a PING, peer gone, BYE
 *   DIALLING ─────────▶ OPEN ─────────────────────────────────▶ CLOSED ──backoff──▶ DIALLING
 *      └── refused, no answer, nobody there ──────────────────────▲
 *
 * Sending never waits: link_send() hands a frame to ZeroMQ or says that the link is down. Whoever asked
 * something repeats it when LINK_UP comes, under any correlation: the house is idempotent by message id. The
 * backoff doubles from 100 ms to 300 s and starts over once the house has answered something.
 *
 * Owns:    its ZeroMQ context and sockets.       Borrows: the secret key (must outlive it).
 * Threads: one at a time; not across fork().     Blocks:  link_poll() only, at most timeout_ms.
 */
#include "base/env.h"
#include "base/secret.h"
#include "proto/wire.h"

#define LINK_PING_MS 5000
#define LINK_SILENT_MS 15000
#define LINK_DIAL_MS 5000
#define LINK_BACKOFF_MIN_MS 100
#define LINK_BACKOFF_MAX_MS 300000
#define LINK_CREDIT_MAX 1024

struct link;

struct link_peer {
	const char *endpoint;	   /* "tcp://host:port" */
	const uint8_t *server_key; /* CURVE public key of the house, 32 bytes */
	const uint8_t *public_key; /* of this node, 32 bytes */
	const struct secret *secret_key;
};

enum { LINK_OK = 0, LINK_E_NONE = 1, LINK_E_DOWN, LINK_E_FULL, LINK_E_ENDPOINT };

/* link_open() - LINK_OK; LINK_E_ENDPOINT: ZeroMQ does not take this endpoint; <0 fatal. Nothing is dialled
 * before link_poll(). */
MUST_CHECK int link_open(const struct link_peer *peer, const struct env *env, struct link **out);
struct link *link_close(struct link *l); /* what was handed to ZeroMQ gets up to 1 s to leave */
void link_closep(struct link **l);

/* link_correlation() - a number not used before on this link, from 1. */
uint64_t link_correlation(struct link *l);
/* link_send() - LINK_OK; LINK_E_DOWN; LINK_E_FULL: the house does not keep up, poll first; <0 fatal. */
MUST_CHECK int link_send(struct link *l, enum wire_verb verb, uint64_t correlation, struct span body);
/* link_credit() - how many unacknowledged deliveries to take at a time; sent now and with every PING. */
MUST_CHECK int link_credit(struct link *l, uint32_t window);

enum link_event_kind {
	LINK_UP = 1,  /* repeat what waits for an answer */
	LINK_DOWN,    /* link_why() says why */
	LINK_REFUSED, /* the house does not admit this node's transport key */
	LINK_FRAME    /* RECEIPT, REPLY, TROUBLE, DELIVERY, NOTICE or BYE */
};
struct link_event {
	enum link_event_kind kind;
	struct wire_frame frame; /* LINK_FRAME: borrowed until the next link_poll() or link_close() */
};
/* link_poll() - the next event. LINK_OK; LINK_E_NONE after timeout_ms; <0 fatal. timeout_ms 0: only what is
 * there. */
MUST_CHECK int link_poll(struct link *l, uint32_t timeout_ms, struct link_event *out);
/* link_hurry() - somebody waits: dial again within a second, whatever the backoff. */
void link_hurry(struct link *l);
bool link_is_up(const struct link *l);
bool link_is_refused(const struct link *l); /* the last try ended so */
const char *link_why(const struct link *l); /* why the link is not up; English, "" while it is */
