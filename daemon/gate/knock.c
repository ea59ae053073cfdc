/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The stranger goes the whole way: TCP, the CURVE handshake against our public key (which also proves that the door holds the
 * secret half), and ZAP. Its own monitor tells the outcome; the judge set here tells that it was ours who decided.
 */
#include "daemon/gate/knock.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/zcert.h"

#define MONITOR "inproc://gate.knock"
#define EVENTS                                                                                                  \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | \
	 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
#define ENDPOINT_MAX 256

struct stranger {
	void *socket, *monitor;
	uint8_t key[KEY_BYTES];
	bool asked; /* ZAP was asked about its key */
};

const char *knock_text(int result)
{
	static const char *const texts[] = {
		[KNOCK_REFUSED] = "refused",
		[KNOCK_ADMITTED] = "stranger-admitted",
		[KNOCK_UNANSWERED] = "no-answer-to-a-stranger",
		[KNOCK_FAILED] = "handshake-failed",
	};

	return texts[result];
}

static enum zap_verdict judge(void *ctx, const uint8_t key[KEY_BYTES])
{
	struct stranger *s = ctx;

	if (memcmp(key, s->key, KEY_BYTES))
		return ZAP_LATER; /* somebody real, too early */
	s->asked = true;
	return ZAP_REFUSE_UNLOGGED;
}

static void stranger_leave(struct stranger *s)
{
	const int none = 0;

	if (s->socket) {
		zmq_socket_monitor(s->socket, NULL, 0);
		zmq_setsockopt(s->socket, ZMQ_LINGER, &none, sizeof none);
		zmq_close(s->socket);
	}
	if (s->monitor)
		zmq_close(s->monitor);
}

/* Where a socket bound to every address is reached from here. */
static void address_near(const char *endpoint, char out[ENDPOINT_MAX])
{
	const char *port = strrchr(endpoint, ':');

	if (strncmp(endpoint, "tcp://0.0.0.0:", 14) == 0)
		snprintf(out, ENDPOINT_MAX, "tcp://127.0.0.1%s", port);
	else if (strncmp(endpoint, "tcp://[::]:", 11) == 0)
		snprintf(out, ENDPOINT_MAX, "tcp://[::1]%s", port);
	else
		snprintf(out, ENDPOINT_MAX, "%s", endpoint);
}

static bool keys_set(struct stranger *s, const uint8_t server_key[KEY_BYTES])
{
	uint8_t secret_key[KEY_BYTES];
	int r;

	randombytes_buf(secret_key, sizeof secret_key);
	crypto_scalarmult_base(s->key, secret_key);
	r = zmq_setsockopt(s->socket, ZMQ_CURVE_SERVERKEY, server_key, KEY_BYTES) ||
	    zmq_setsockopt(s->socket, ZMQ_CURVE_PUBLICKEY, s->key, KEY_BYTES) ||
	    zmq_setsockopt(s->socket, ZMQ_CURVE_SECRETKEY, secret_key, KEY_BYTES);
	sodium_memzero(secret_key, sizeof secret_key);
	return !r;
}

static int stranger_come(struct stranger *s, void *zmq, const char *endpoint, const uint8_t server_key[KEY_BYTES])
{
	const int ipv6 = strchr(endpoint, '[') != NULL, none = 0;
	char near[ENDPOINT_MAX];

	address_near(endpoint, near);
	s->socket = zmq_socket(zmq, ZMQ_DEALER);
	s->monitor = zmq_socket(zmq, ZMQ_PAIR);
	if (!s->socket || !s->monitor || !keys_set(s, server_key) ||
	    zmq_setsockopt(s->socket, ZMQ_IPV6, &ipv6, sizeof ipv6) ||
	    zmq_setsockopt(s->monitor, ZMQ_LINGER, &none, sizeof none) || zmq_socket_monitor(s->socket, MONITOR, EVENTS) ||
	    zmq_connect(s->monitor, MONITOR) || zmq_connect(s->socket, near))
		return err_raise(-errno);
	return 0;
}

/* The outcome, once the monitor has it; EAGAIN: not yet. */
static int outcome(struct stranger *s)
{
	uint8_t bytes[6];
	uint16_t number;
	uint32_t value;

	if (zmq_recv(s->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) != sizeof bytes)
		return EAGAIN;
	memcpy(&number, bytes, sizeof number);
	memcpy(&value, bytes + 2, sizeof value);
	if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return KNOCK_ADMITTED;
	if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == 400)
		return s->asked ? KNOCK_REFUSED : KNOCK_FAILED;
	return KNOCK_FAILED;
}

static int serve(struct stranger *s, uint64_t limit_ms, struct zap *zap, struct watch *watch)
{
	const struct env *env = env_system();
	uint64_t until = env_mono_ms(env) + limit_ms;
	zmq_pollitem_t items[] = {
		{ .socket = s->monitor, .events = ZMQ_POLLIN },
		{ .socket = watch_socket(watch), .events = ZMQ_POLLIN },
		{ .socket = zap ? zap_socket(zap) : NULL, .fd = -1, .events = ZMQ_POLLIN },
	};

	for (uint64_t now = env_mono_ms(env); now < until; now = env_mono_ms(env)) {
		int r;

		if (zmq_poll(items, zap ? 3 : 2, (long)(until - now)) < 0 && errno != EINTR)
			return err_raise(-errno);
		r = watch_step(watch);
		if (!r && zap)
			r = zap_step(zap);
		if (r)
			return err_pass(r);
		r = outcome(s);
		if (r != EAGAIN)
			return r;
	}
	return KNOCK_UNANSWERED;
}

int knock(void *zmq, const char *endpoint, const uint8_t server_key[KEY_BYTES], uint64_t limit_ms, struct zap *zap,
	  struct watch *watch)
{
	CLEANUP(stranger_leave) struct stranger s = { 0 };
	int r = stranger_come(&s, zmq, endpoint, server_key);

	if (r)
		return err_pass(r);
	if (zap)
		zap_judge(zap, judge, &s);
	r = serve(&s, limit_ms, zap, watch);
	if (zap)
		zap_judge(zap, NULL, NULL);
	return r;
}
