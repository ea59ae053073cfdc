/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reconnecting is done here and not by ZeroMQ: a refused handshake counts there as a connection that worked,
 * so that a node whose key is unknown would knock ten times a second for ever. ZeroMQ's own retry is off;
 * each dial is a new socket with a new monitor, and whatever ends it leads to CLOSED and a longer pause.
 *
 * The monitor tells of the handshake before any frame can arrive, and of the end while frames may still lie
 * in the socket; so monitor events are read first, and an end is acted upon only when the socket is empty.
 *
 * A PING goes every LINK_PING_MS with the credit, because the house forgets the credit with the session. The
 * house counts as gone when a PING stays without any frame for LINK_SILENT_MS; time in which nobody polled
 * does not count, because the clock starts with a PING that was sent and every frame that lies there is read
 * first.
 */
#include "client/lib/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"

#define LINGER_MS 1000
#define QUEUE_FRAMES 4096
#define LINK_HURRY_MS 500
#define FINE_MS \
	50 /* upper bound of one wait while dialling: the deadline of the dial is looked at this often */

enum link_state { STATE_CLOSED = 0, STATE_DIALLING, STATE_OPEN };

struct link {
	const struct env *env;
	void *context, *socket, *monitor;
	char *endpoint;
	uint8_t server_key[32], public_key[32];
	const struct secret *secret_key;
	enum link_state state;
	unsigned serial;
	uint64_t correlation;
	uint64_t dial_at_ms, dialled_ms, ping_at_ms, pinged_ms;
	uint32_t backoff_ms, credit;
	bool credit_set, waiting_pong, refused, ending;
	bool connected; /* somebody took the TCP connection */
	char why[200];
	zmq_msg_t frame;
	bool has_frame;
};

static void frame_drop(struct link *l)
{
	if (l->has_frame)
		zmq_msg_close(&l->frame);
	l->has_frame = false;
}

static void sockets_close(struct link *l, int linger_ms)
{
	if (l->socket) {
		zmq_setsockopt(l->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
		zmq_socket_monitor(l->socket, NULL, 0);
		zmq_close(l->socket);
	}
	if (l->monitor)
		zmq_close(l->monitor);
	l->socket = l->monitor = NULL;
}

struct link *link_close(struct link *l)
{
	if (!l)
		return NULL;
	frame_drop(l);
	sockets_close(l, l->state == STATE_OPEN ? LINGER_MS : 0);
	if (l->context)
		while (zmq_ctx_term(l->context) && errno == EINTR)
			;
	free(l->endpoint);
	free(l);
	return NULL;
}

void link_closep(struct link **l)
{
	*l = link_close(*l);
}

static bool option(void *socket, int name, const void *value, size_t len)
{
	return zmq_setsockopt(socket, name, value, len) == 0;
}

static bool option_int(void *socket, int name, int value)
{
	return option(socket, name, &value, sizeof value);
}

static bool options_set(struct link *l)
{
	int64_t frame_max = WIRE_HEADER_BYTES + WIRE_BODY_MAX;

	return option(l->socket, ZMQ_CURVE_SERVERKEY, l->server_key, 32) &&
	       option(l->socket, ZMQ_CURVE_PUBLICKEY, l->public_key, 32) &&
	       option(l->socket, ZMQ_CURVE_SECRETKEY, secret_bytes(l->secret_key), 32) &&
	       option(l->socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) &&
	       option_int(l->socket, ZMQ_RECONNECT_IVL, -1) &&
	       option_int(l->socket, ZMQ_CONNECT_TIMEOUT, LINK_DIAL_MS) &&
	       option_int(l->socket, ZMQ_HANDSHAKE_IVL, LINK_DIAL_MS) &&
	       option_int(l->socket, ZMQ_SNDHWM, QUEUE_FRAMES) &&
	       option_int(l->socket, ZMQ_RCVHWM, QUEUE_FRAMES) && option_int(l->socket, ZMQ_LINGER, 0) &&
	       option_int(l->socket, ZMQ_IPV6, 1) && option_int(l->socket, ZMQ_TCP_KEEPALIVE, 1);
}

static bool monitor_start(struct link *l)
{
	char name[64];
	int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
		     ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
		     ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

	snprintf(name, sizeof name, "inproc://monitor-%u", ++l->serial);
	if (zmq_socket_monitor(l->socket, name, events))
		return false;
	l->monitor = zmq_socket(l->context, ZMQ_PAIR);
	return l->monitor && option_int(l->monitor, ZMQ_LINGER, 0) && zmq_connect(l->monitor, name) == 0;
}

/* Return: LINK_OK; LINK_E_ENDPOINT; <0 fatal. */
static int dial(struct link *l)
{
	l->socket = zmq_socket(l->context, ZMQ_DEALER);
	if (!l->socket || !options_set(l) || !monitor_start(l))
		return err_raise(errno == ENOMEM ? -ENOMEM : -EIO);
	if (zmq_connect(l->socket, l->endpoint))
		return LINK_E_ENDPOINT;
	l->state = STATE_DIALLING;
	l->dialled_ms = env_mono_ms(l->env);
	l->ending = l->connected = false;
	return LINK_OK;
}

int link_open(const struct link_peer *peer, const struct env *env, struct link **out)
{
	CLEANUP(link_closep) struct link *l = calloc(1, sizeof *l);
	int r;

	if (!l)
		return err_raise(-ENOMEM);
	l->env = env;
	l->secret_key = peer->secret_key;
	l->backoff_ms = LINK_BACKOFF_MIN_MS;
	memcpy(l->server_key, peer->server_key, 32);
	memcpy(l->public_key, peer->public_key, 32);
	l->endpoint = strdup(peer->endpoint);
	l->context = zmq_ctx_new();
	if (!l->endpoint || !l->context)
		return err_raise(-ENOMEM);
	r = dial(l);
	if (r)
		return r < 0 ? err_pass(r) : LINK_E_ENDPOINT;
	*out = TAKE(l);
	return LINK_OK;
}

uint64_t link_correlation(struct link *l)
{
	return ++l->correlation;
}

void link_hurry(struct link *l)
{
	uint64_t soon = env_mono_ms(l->env) + LINK_HURRY_MS;

	if (l->state == STATE_CLOSED && l->dial_at_ms > soon)
		l->dial_at_ms = soon;
}

bool link_is_up(const struct link *l)
{
	return l->state == STATE_OPEN;
}

bool link_is_refused(const struct link *l)
{
	return l->refused;
}

const char *link_why(const struct link *l)
{
	if (l->state == STATE_OPEN)
		return "";
	return l->why[0] ? l->why : "the connection is still being made";
}

/* The end of this connection; the next dial comes after the pause. */
static void hang_up(struct link *l, bool refused, const char *why)
{
	sockets_close(l, 0);
	l->state = STATE_CLOSED;
	l->refused = refused;
	l->waiting_pong = l->ending = false;
	snprintf(l->why, sizeof l->why, "%s", why);
	l->dial_at_ms = env_mono_ms(l->env) + l->backoff_ms;
	l->backoff_ms = l->backoff_ms * 2 > LINK_BACKOFF_MAX_MS ? LINK_BACKOFF_MAX_MS : l->backoff_ms * 2;
}

int link_send(struct link *l, enum wire_verb verb, uint64_t correlation, struct span body)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };

	if (l->state != STATE_OPEN || l->ending)
		return LINK_E_DOWN;
	buffer_init(&bytes, 0);
	wire_begin(&bytes, verb, correlation);
	buffer_bytes(&bytes, body);
	if (buffer_ok(&bytes))
		return err_raise(-ENOMEM);
	if (zmq_send(l->socket, bytes.ptr, bytes.len, ZMQ_DONTWAIT) >= 0)
		return LINK_OK;
	return errno == EAGAIN ? LINK_E_FULL : err_raise(-EIO);
}

static int credit_send(struct link *l)
{
	uint8_t window[4];
	int r;

	if (!l->credit_set)
		return 0;
	put_u32(window, l->credit);
	r = link_send(l, WIRE_CREDIT, 0, SPAN_OF(window));
	return r < 0 ? err_pass(r) : 0; /* down or full: it goes with the next PING */
}

int link_credit(struct link *l, uint32_t window)
{
	window = window > LINK_CREDIT_MAX ? LINK_CREDIT_MAX : window;
	if (l->credit_set && l->credit == window)
		return LINK_OK;
	l->credit = window;
	l->credit_set = true;
	return credit_send(l);
}

static int ping(struct link *l)
{
	uint64_t now = env_mono_ms(l->env);
	int r = link_send(l, WIRE_PING, 0, SPAN_NONE);

	if (r < 0)
		return err_pass(r);
	l->ping_at_ms = now + LINK_PING_MS;
	if (r == LINK_OK && !l->waiting_pong) {
		l->waiting_pong = true;
		l->pinged_ms = now;
	}
	return err_pass(credit_send(l));
}

/* One event of the monitor: first frame u16 event, u32 value; second frame the endpoint. 0: none there. */
static unsigned monitor_next(struct link *l, uint32_t *value)
{
	uint8_t head[6] = { 0 };
	uint16_t event;
	char skipped[256];

	if (!l->monitor || zmq_recv(l->monitor, head, sizeof head, ZMQ_DONTWAIT) != (int)sizeof head)
		return 0;
	if (zmq_recv(l->monitor, skipped, sizeof skipped, 0) < 0)
		return 0;
	memcpy(&event, head, sizeof event);
	memcpy(value, head + 2, sizeof *value);
	return event;
}

static int opened(struct link *l)
{
	l->state = STATE_OPEN;
	l->refused = false;
	l->why[0] = '\0';
	l->waiting_pong = false;
	return err_pass(ping(l));
}

/* Return: LINK_OK, an event stands in out; LINK_E_NONE, the monitor is silent; <0 fatal. */
static int monitor_turn(struct link *l, struct link_event *out)
{
	uint32_t value = 0;
	unsigned event;
	int r;

	while ((event = monitor_next(l, &value))) {
		if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
			r = opened(l);
			if (r)
				return err_pass(r);
			out->kind = LINK_UP;
			return LINK_OK;
		}
		if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
			hang_up(l, true, "the house does not know this node's transport key");
			out->kind = LINK_REFUSED;
			return LINK_OK;
		}
		if (event == ZMQ_EVENT_CONNECTED) {
			l->connected = true;
			continue;
		}
		if (l->state == STATE_OPEN) {
			l->ending = true;
			continue;
		}
		hang_up(l, false,
			l->connected ? "what answers at the endpoint does not hold the house's transport key"
				     : "nobody answers at the endpoint");
		out->kind = LINK_DOWN;
		return LINK_OK;
	}
	return LINK_E_NONE;
}

static bool frame_whole(struct link *l, struct link_event *out)
{
	struct span bytes = span_of(zmq_msg_data(&l->frame), zmq_msg_size(&l->frame));

	return !zmq_msg_more(&l->frame) && wire_parse(bytes, &out->frame) == WIRE_OK &&
	       out->frame.verb >= WIRE_RECEIPT;
}

/* The next frame for the caller; PONG stays here. Return as monitor_turn(). */
static int frame_turn(struct link *l, struct link_event *out)
{
	while (l->state == STATE_OPEN) {
		frame_drop(l);
		zmq_msg_init(&l->frame);
		l->has_frame = true;
		if (zmq_msg_recv(&l->frame, l->socket, ZMQ_DONTWAIT) < 0)
			return errno == EAGAIN || errno == EINTR ? LINK_E_NONE : err_raise(-EIO);
		if (!frame_whole(l, out)) {
			hang_up(l, false, "the house sent a frame that is not of this protocol");
			out->kind = LINK_DOWN;
			return LINK_OK;
		}
		l->backoff_ms = LINK_BACKOFF_MIN_MS;
		l->waiting_pong = false;
		if (out->frame.verb == WIRE_PONG)
			continue;
		out->kind = LINK_FRAME;
		if (out->frame.verb == WIRE_BYE) {
			hang_up(l, false, "the house is stopping");
			out->kind = LINK_DOWN;
		}
		return LINK_OK;
	}
	return LINK_E_NONE;
}

/* What time brings about. Return as monitor_turn(). */
static int clock_turn(struct link *l, struct link_event *out)
{
	uint64_t now = env_mono_ms(l->env);
	int r = 0;

	out->kind = LINK_DOWN;
	if (l->state == STATE_OPEN && l->ending) {
		hang_up(l, false, "the connection to the house ended");
		return LINK_OK;
	}
	if (l->state == STATE_OPEN && l->waiting_pong && now - l->pinged_ms >= LINK_SILENT_MS) {
		hang_up(l, false, "the house is silent");
		return LINK_OK;
	}
	if (l->state == STATE_DIALLING && now - l->dialled_ms >= LINK_DIAL_MS) {
		hang_up(l, false, "the house did not complete the handshake");
		return LINK_OK;
	}
	if (l->state == STATE_OPEN && now >= l->ping_at_ms)
		r = ping(l);
	else if (l->state == STATE_CLOSED && now >= l->dial_at_ms)
		r = dial(l);
	return r ? err_fold(r) : LINK_E_NONE;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void rest(struct link *l, uint64_t until_ms)
{
	uint64_t now = env_mono_ms(l->env), wait = until_ms > now ? until_ms - now : 0;
	zmq_pollitem_t items[2] = { { l->socket, 0, ZMQ_POLLIN, 0 }, { l->monitor, 0, ZMQ_POLLIN, 0 } };

	if (l->state == STATE_CLOSED)
		wait = min_u64(wait, l->dial_at_ms > now ? l->dial_at_ms - now : 0);
	else if (l->state == STATE_DIALLING)
		wait = min_u64(wait, FINE_MS);
	else
		wait = min_u64(wait, l->ping_at_ms > now ? l->ping_at_ms - now : 0);
	zmq_poll(items, l->socket ? 2 : 0, (long)wait); /* an interrupted wait is a short wait */
}

int link_poll(struct link *l, uint32_t timeout_ms, struct link_event *out)
{
	uint64_t until_ms = env_mono_ms(l->env) + timeout_ms;

	memset(out, 0, sizeof *out);
	for (;;) {
		int r = monitor_turn(l, out);

		if (r == LINK_E_NONE)
			r = frame_turn(l, out);
		if (r == LINK_E_NONE)
			r = clock_turn(l, out);
		if (r != LINK_E_NONE)
			return r < 0 ? err_pass(r) : LINK_OK;
		if (env_mono_ms(l->env) >= until_ms)
			return LINK_E_NONE;
		rest(l, until_ms);
	}
}
