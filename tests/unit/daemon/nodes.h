/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Nodes of the tests: real ZeroMQ clients, each with a key of its own.
 */
#include <zmq.h>

#include "base/zcert.h"
#include "tests/lib/harness.h"

#define WAIT_MS 10000 /* a test that waits this long has failed */

static inline void option_set(void *socket, int option, int value)
{
	CHECK_OK(zmq_setsockopt(socket, option, &value, sizeof value));
}

/* A DEALER that proves the key of cert to the server's, not connected yet. */
static inline void *node_make(void *zmq, const struct zcert *cert, const uint8_t server_key[32])
{
	void *s = zmq_socket(zmq, ZMQ_DEALER);

	assert_non_null(s);
	option_set(s, ZMQ_LINGER, 0);
	option_set(s, ZMQ_RCVTIMEO, WAIT_MS);
	option_set(s, ZMQ_SNDTIMEO, WAIT_MS);
	CHECK_OK(zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, server_key, 32));
	CHECK_OK(zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, cert->public_key, 32));
	CHECK_OK(zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret_bytes(cert->secret), 32));
	return s;
}

#define OUTCOMES                                                                                                \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED)

/* Where the outcome of a node's handshake will be told. */
static inline void *outcome_watch(void *zmq, void *node, const char *name)
{
	void *monitor = zmq_socket(zmq, ZMQ_PAIR);

	assert_non_null(monitor);
	option_set(monitor, ZMQ_LINGER, 0);
	option_set(monitor, ZMQ_RCVTIMEO, WAIT_MS);
	CHECK_OK(zmq_socket_monitor(node, name, OUTCOMES));
	CHECK_OK(zmq_connect(monitor, name));
	return monitor;
}

/* The next outcome; *value is its number (the ZAP status of a refusal). 0: none within the monitor's time. */
static inline unsigned outcome_take(void *monitor, uint32_t *value)
{
	uint8_t bytes[6], address[256];
	uint16_t number;

	if (zmq_recv(monitor, bytes, sizeof bytes, 0) != sizeof bytes)
		return 0;
	assert_true(zmq_recv(monitor, address, sizeof address, 0) >= 0);
	memcpy(&number, bytes, sizeof number);
	memcpy(value, bytes + 2, sizeof *value);
	return number;
}
