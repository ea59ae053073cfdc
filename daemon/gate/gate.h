/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Gate - the house's only contact with the network: takes frames from nodes, checks what can be checked without understanding
 * them, hands them to the core; brings the core's answers out.
 *
 * Owns:    the door, ZAP, the sessions and the connection to the core. Borrows: the ZeroMQ context, conf and env.
 * Threads: its own thread only (libzmq has others inside). Blocks: in gate_step() for at most the given time.
 *
 * Every message is checked again against the list of keys: a key that is taken off it is deaf and mute from that moment, open
 * connection or not. A message goes to the core only while the core has given credit; without it the sockets are not read,
 * and TCP holds the nodes back.
 */
#include "base/env.h"
#include "base/zcert.h"
#include "daemon/conf/conf.h"
#include "daemon/gate/door.h"

struct gate;
struct gate_options {
	const struct conf *conf;
	const struct zcert *cert;
	int core_fd;               /* owned by the gate from now on, also when it fails */
	const struct env *env;
	door_set_fn *set;          /* NULL, but in a test */
};

/* gate_new() - DOOR_OK, the door is open and the core has been told where; DOOR_E_ADDRESS; DOOR_E_UNSAFE; <0 fatal. */
MUST_CHECK int gate_new(void *zmq, const struct gate_options *options, struct gate **out);
struct gate *gate_free(struct gate *g);
void gate_freep(struct gate **g);
const char *gate_endpoint(const struct gate *g);

enum { GATE_OK = 0, GATE_E_CORE_GONE = 1, GATE_E_DONE, GATE_E_WOKEN };
/*
 * gate_step() - one round: wait for news (a second at most; also until wake_fd is readable, -1: none), deal with it
 * Return: GATE_OK; GATE_E_WOKEN: the same, and wake_fd is readable; GATE_E_CORE_GONE: its socket closed;
 * GATE_E_DONE: after gate_stop(), all is said; <0 fatal.
 */
MUST_CHECK int gate_step(struct gate *g, int wake_fd);
/* gate_stop() - take no more messages; go on with what the core still has to say about those it took, then GATE_E_DONE. */
void gate_stop(struct gate *g);
bool gate_admits(const struct gate *g); /* the core's list of keys has come: a node may connect */

struct gate_figures {
	uint64_t n_forwarded, n_answered, n_pinged, n_refused, n_too_fast, n_gone;
	size_t n_sessions, n_connections;
};
void gate_figures(const struct gate *g, struct gate_figures *out);
bool gate_check(const struct gate *g); /* invariants, for tests */
