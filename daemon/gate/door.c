/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The options stand in one table and are set in its order; those that libzmq can read back are compared after bind. What it can't
 * read back shows itself: ROUTER_MANDATORY by an error on sending to nobody, the rest by the knock.
 *
 * The secret key goes into the socket, and libzmq copies it into every session: see README, "What libzmq keeps".
 */
#include "daemon/gate/door.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/gate/knock.h"

/* In every libzmq 4.3, though zmq.h names it among the drafts. */
#define ZAP_ENFORCE_DOMAIN 93
#define RECEIVE_QUEUE 64       /* messages read ahead per connection: each may be a megabyte */
#define BACKLOG 512
#define KEEPALIVE_IDLE_S 60
#define KEEPALIVE_INTERVAL_S 20
#define KEEPALIVE_COUNT 3
#define HEARTBEATS_MISSED 3

struct door {
	void *socket;
	struct watch *watch;
	char endpoint[DOOR_ENDPOINT_MAX];
};

struct option {
	const char *name;
	int number;
	int value;
	bool readable;
};

struct door *door_close(struct door *d, int linger_ms)
{
	if (d) {
		d->watch = watch_free(d->watch);
		if (d->socket) {
			zmq_setsockopt(d->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
			zmq_close(d->socket);
		}
	}
	free(d);
	return NULL;
}

void door_closep(struct door **d)
{
	*d = door_close(*d, 0);
}

void *door_socket(struct door *d)
{
	return d->socket;
}

struct watch *door_watch(struct door *d)
{
	return d->watch;
}

const char *door_endpoint(const struct door *d)
{
	return d->endpoint;
}

#define OPTIONS_N 17

static void options_fill(const struct door_options *o, struct option out[OPTIONS_N])
{
	const int heartbeat = (int)o->heartbeat_ms;
	const struct option all[OPTIONS_N] = {
		{ "curve-server", ZMQ_CURVE_SERVER, 1, true },
		{ "zap-enforce-domain", ZAP_ENFORCE_DOMAIN, 1, true },
		{ "router-mandatory", ZMQ_ROUTER_MANDATORY, 1, false },
		{ "router-handover", ZMQ_ROUTER_HANDOVER, 0, false },
		{ "handshake-interval", ZMQ_HANDSHAKE_IVL, (int)o->handshake_ms, true },
		{ "receive-queue", ZMQ_RCVHWM, RECEIVE_QUEUE, true },
		{ "send-queue", ZMQ_SNDHWM, (int)o->queue_messages, true },
		{ "linger", ZMQ_LINGER, 0, true },
		{ "backlog", ZMQ_BACKLOG, BACKLOG, true },
		{ "ipv6", ZMQ_IPV6, strchr(o->endpoint, '[') != NULL, true },
		{ "heartbeat-interval", ZMQ_HEARTBEAT_IVL, heartbeat, true },
		{ "heartbeat-timeout", ZMQ_HEARTBEAT_TIMEOUT, heartbeat * HEARTBEATS_MISSED, true },
		/* Kept in tenths of a second. */
		{ "heartbeat-ttl", ZMQ_HEARTBEAT_TTL, heartbeat * HEARTBEATS_MISSED / 100 * 100, true },
		{ "keepalive", ZMQ_TCP_KEEPALIVE, 1, true },
		{ "keepalive-idle", ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S, true },
		{ "keepalive-interval", ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_S, true },
		{ "keepalive-count", ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_COUNT, true },
	};

	memcpy(out, all, sizeof all);
}

static int set_one(const struct door_options *o, void *socket, int number, const void *value, size_t len)
{
	door_set_fn *set = o->set ? o->set : zmq_setsockopt;

	return set(socket, number, value, len) ? err_raise(-errno) : 0;
}

static int options_set(const struct door_options *o, void *socket)
{
	const int64_t largest = (int64_t)o->max_message_bytes;
	struct option all[OPTIONS_N];
	int r = set_one(o, socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, sizeof ZAP_DOMAIN - 1);

	if (!r)
		r = set_one(o, socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
	options_fill(o, all);
	for (size_t i = 0; i < OPTIONS_N && !r; i++)
		r = set_one(o, socket, all[i].number, &all[i].value, sizeof all[i].value);
	/* Last, and only now: with CURVE_SERVER unset this would make the socket a client. */
	if (!r)
		r = set_one(o, socket, ZMQ_CURVE_SECRETKEY, secret_bytes(o->cert->secret), 32);
	return r ? err_pass(r) : 0;
}

static int unsafe(const char *what)
{
	log_error("door-unsafe", "option=%s", what);
	return DOOR_E_UNSAFE;
}

static int domain_check(void *socket)
{
	char text[64];
	size_t len = sizeof text;

	if (zmq_getsockopt(socket, ZMQ_ZAP_DOMAIN, text, &len))
		return err_raise(-errno);
	/* The length counts the NUL. */
	return len == sizeof ZAP_DOMAIN && memcmp(text, ZAP_DOMAIN, len) == 0 ? DOOR_OK : unsafe("zap-domain");
}

static int keys_check(const struct door_options *o, void *socket)
{
	CLEANUP(secret_freep) struct secret *said = secret_new(32);
	size_t len = 32;

	if (!said)
		return err_raise(-ENOMEM);
	if (zmq_getsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_bytes(said), &len))
		return err_raise(-errno);
	return sodium_memcmp(secret_bytes(said), secret_bytes(o->cert->secret), 32) ? unsafe("curve-secret-key") : DOOR_OK;
}

static int int_check(void *socket, int number, int wanted, const char *name)
{
	int value = 0;
	size_t len = sizeof value;

	if (zmq_getsockopt(socket, number, &value, &len))
		return err_raise(-errno);
	return value == wanted ? DOOR_OK : unsafe(name);
}

/* Sending to nobody must be told, or answers to nodes that left would vanish in silence. */
static int mandatory_check(void *socket)
{
	if (zmq_send(socket, "\0nobody", 7, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 && errno == EHOSTUNREACH)
		return DOOR_OK;
	return unsafe("router-mandatory");
}

static int options_check(const struct door_options *o, void *socket)
{
	struct option all[OPTIONS_N];
	int64_t largest = 0;
	size_t len = sizeof largest;
	int r = int_check(socket, ZMQ_MECHANISM, ZMQ_CURVE, "mechanism");

	options_fill(o, all);
	for (size_t i = 0; i < OPTIONS_N && !r; i++)
		if (all[i].readable)
			r = int_check(socket, all[i].number, all[i].value, all[i].name);
	if (!r)
		r = domain_check(socket);
	if (!r)
		r = keys_check(o, socket);
	if (!r)
		r = mandatory_check(socket);
	if (!r && (zmq_getsockopt(socket, ZMQ_MAXMSGSIZE, &largest, &len) || (uint64_t)largest != o->max_message_bytes))
		r = unsafe("max-message-size");
	return r;
}

static int bind_and_check(void *zmq, const struct door_options *o, struct zap *zap, struct door *d)
{
	size_t len = sizeof d->endpoint;
	int r;

	if (zmq_bind(d->socket, o->endpoint)) {
		log_error("can-not-listen", "endpoint=%s reason=%s", o->endpoint, zmq_strerror(errno));
		return DOOR_E_ADDRESS;
	}
	if (zmq_getsockopt(d->socket, ZMQ_LAST_ENDPOINT, d->endpoint, &len))
		return err_raise(-errno);
	r = options_check(o, d->socket);
	if (r)
		return r;
	r = knock(zmq, d->endpoint, o->cert->public_key, o->handshake_ms, zap, d->watch);
	return r == KNOCK_REFUSED ? DOOR_OK : r < 0 ? err_pass(r) : unsafe(knock_text(r));
}

int door_open(void *zmq, const struct door_options *options, struct zap *zap, struct door **out)
{
	CLEANUP(door_closep) struct door *d = calloc(1, sizeof *d);
	int r;

	if (!d)
		return err_raise(-ENOMEM);
	d->socket = zmq_socket(zmq, ZMQ_ROUTER);
	if (!d->socket)
		return err_raise(-errno);
	r = options_set(options, d->socket);
	if (r)
		return err_pass(r);
	r = watch_new(zmq, d->socket, "gate.watch", options->env, &d->watch);
	if (r)
		return err_pass(r);
	r = bind_and_check(zmq, options, zap, d);
	if (r)
		return r;
	*out = TAKE(d);
	return DOOR_OK;
}
