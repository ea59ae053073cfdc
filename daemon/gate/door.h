/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Door - the listening socket: a CURVE server that asks ZAP about every connection, and proves at the start that it does.
 *
 * libzmq fails open when one of a few options is missing (docs/threats.md, "From the network"). So door_open() checks every setsockopt, reads back
 * what can be read back, and then knocks with a key that nobody knows: only when that is refused, by our own ZAP handler,
 * does the gate start.
 */
#include "base/env.h"
#include "base/zcert.h"
#include "daemon/gate/watch.h"
#include "daemon/gate/zap.h"

typedef int door_set_fn(void *socket, int option, const void *value, size_t len);

struct door_options {
	const char *endpoint;      /* tcp://address:port or tcp://address:* */
	const struct zcert *cert;  /* with its secret; copied by libzmq, see README */
	uint64_t max_message_bytes, handshake_ms, heartbeat_ms, queue_messages;
	const struct env *env;
	door_set_fn *set;          /* NULL: zmq_setsockopt. A test leaves one option out through it. */
};

#define DOOR_ENDPOINT_MAX 256

struct door;
enum { DOOR_OK = 0, DOOR_E_ADDRESS = 1, DOOR_E_UNSAFE };
/*
 * door_open() - zap: bound already (NULL only in the test that shows this is refused)
 * Return: DOOR_OK; DOOR_E_ADDRESS: can't listen there; DOOR_E_UNSAFE: an option did not hold, or the unknown key came in,
 * logged as "door-unsafe"; <0 fatal.
 */
MUST_CHECK int door_open(void *zmq, const struct door_options *options, struct zap *zap, struct door **out);
struct door *door_close(struct door *d, int linger_ms);
void door_closep(struct door **d); /* lingers 0 ms */
void *door_socket(struct door *d);
struct watch *door_watch(struct door *d);
const char *door_endpoint(const struct door *d); /* as bound */
