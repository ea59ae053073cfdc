/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Node -> core. The checks, cheapest first, each on every message:
 *
 *   the key (ZAP's User-Id) is on the list now        revoked: nothing, not even an answer
 *   the routing id is libzmq's own                    a chosen one could be somebody else's next time
 *   the key has not spent its rate                    "TE_SNEL"
 *   one frame, with a well-formed wire header         "ONGELDIG"
 *   a verb that this class of key may send            "NIET_TOEGELATEN"
 *
 * What is refused is dropped and answered at most once a second per key. Nothing of the body is looked at: the core reads the
 * signed bytes itself, and what the gate can't misread it can't be taken by.
 */
#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/gate/inside.h"
#include "proto/wire.h"

#define ROUTING_BYTES 5 /* a zero byte and libzmq's own number */

struct arrival {
	zmq_msg_t routing, body;
	size_t n_frames; /* after the routing id */
};

bool inward_ready(const struct gate *g)
{
	return g->credit > 0 && !g->stop_by_ms && ipc_pending(g->core) < BACKLOG_BYTES;
}

static void arrival_fini(struct arrival *a)
{
	zmq_msg_close(&a->routing);
	zmq_msg_close(&a->body);
}

/* 0; EAGAIN: nothing waits; <0 fatal. Frames beyond the first are read away. */
static int arrival_take(struct gate *g, struct arrival *a)
{
	void *socket = door_socket(g->door);
	bool more;

	zmq_msg_init(&a->routing);
	zmq_msg_init(&a->body);
	a->n_frames = 0;
	if (zmq_msg_recv(&a->routing, socket, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? EAGAIN : err_raise(-errno);
	for (more = zmq_msg_more(&a->routing); more; a->n_frames++) {
		zmq_msg_t extra, *at = a->n_frames ? &extra : &a->body;

		if (a->n_frames)
			zmq_msg_init(&extra);
		if (zmq_msg_recv(at, socket, ZMQ_DONTWAIT) < 0)
			return err_raise(-errno);
		more = zmq_msg_more(at);
		if (a->n_frames)
			zmq_msg_close(&extra);
	}
	return 0;
}

static struct span bytes_of(zmq_msg_t *part)
{
	return span_of(zmq_msg_data(part), zmq_msg_size(part));
}

/* Refusals are counted all, logged seldom, and answered when the peer has not just been answered. */
static int refuse(struct gate *g, struct arrival *a, struct peer *peer, const char *code, const char *text)
{
	uint64_t now_ms = env_mono_ms(g->env), n_hidden, correlation = 0;
	struct span body = bytes_of(&a->body);
	const struct trouble trouble = { .code = code, .text = text };
	struct buffer out;
	int r;

	g->figures.n_refused++;
	if (limiter_pass(&g->refused, now_ms, &n_hidden))
		log_warn("peer-refused", "reason=%s hidden=%llu", code, (unsigned long long)n_hidden);
	if (!peer || !peers_trouble(peer, now_ms))
		return 0;
	if (body.len >= WIRE_HEADER_BYTES)
		correlation = get_u64(body.ptr + 4);
	buffer_init(&out, 4096);
	wire_begin(&out, WIRE_TROUBLE, correlation);
	r = trouble_encode(&trouble, &out);
	if (!r)
		r = buffer_ok(&out);
	/* A peer that can't take an answer now does without. */
	if (!r && zmq_msg_send(&a->routing, door_socket(g->door), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
		(void)zmq_send(door_socket(g->door), out.ptr, out.len, ZMQ_DONTWAIT);
	buffer_fini(&out);
	return r ? err_fold(r) : 0;
}

static struct peer *sender(struct gate *g, struct arrival *a)
{
	const char *user = zmq_msg_gets(&a->body, "User-Id");
	uint8_t key[KEY_BYTES];

	if (!user || !hex_decode(span_of_text(user), key, sizeof key))
		return NULL;
	return peers_find(g->peers, key);
}

static bool verb_allowed(uint8_t class, enum wire_verb verb)
{
	if (verb == WIRE_JOIN || verb == WIRE_PING)
		return true;
	return class == IPC_CLASS_NODE && (verb == WIRE_SUBMIT || verb == WIRE_FETCH || verb == WIRE_CREDIT || verb == WIRE_COSIGN);
}

static int pong(struct gate *g, struct session *session, uint64_t correlation)
{
	uint8_t frame[WIRE_HEADER_BYTES] = { WIRE_VERSION, WIRE_PONG };
	int r;

	put_u64(frame + 4, correlation);
	g->figures.n_pinged++;
	r = outward_send(g, session, SPAN_OF(frame));
	if (r == OUTWARD_E_GONE) {
		sessions_drop(g->sessions, g->peers, session, true);
		r = 0;
	}
	return r ? err_fold(r) : 0;
}

static int forward(struct gate *g, struct arrival *a, const struct session *session)
{
	const struct ipc_frame frame = {
		.verb = IPC_GATE_MESSAGE,
		.session = session->id,
		.aux = env_unix_ms(g->env),
		.body = SPAN_OF(session->key),
	};
	int r = ipc_send_joined(g->core, &frame, bytes_of(&a->body));

	if (r)
		return err_fold(r); /* inward_ready() left room */
	g->credit--;
	g->figures.n_forwarded++;
	return 0;
}

static int arrival_deal(struct gate *g, struct arrival *a)
{
	uint64_t now_ms = env_mono_ms(g->env);
	struct span routing = bytes_of(&a->routing);
	struct peer *peer = a->n_frames ? sender(g, a) : NULL;
	struct session *session;
	struct wire_frame frame;
	int r;

	if (!peer)
		return refuse(g, a, NULL, "INGETROKKEN", "");
	if (routing.len != ROUTING_BYTES || routing.ptr[0])
		return refuse(g, a, peer, "EIGEN_ROUTING_ID", "leave the routing id of the socket unset");
	if (!peers_take(g->peers, peer, now_ms)) {
		g->figures.n_too_fast++;
		return refuse(g, a, peer, "TE_SNEL", "more messages than this node may send; slow down and send it again");
	}
	if (a->n_frames != 1 || bytes_of(&a->body).len > g->max_message_bytes || wire_parse(bytes_of(&a->body), &frame))
		return refuse(g, a, peer, "ONGELDIG", "not one frame of this protocol version");
	if (!verb_allowed(peer->class, frame.verb))
		return refuse(g, a, peer, "NIET_TOEGELATEN", "this key may not send that");
	r = sessions_touch(g->sessions, g->peers, peer, get_u32(routing.ptr + 1), now_ms, &session);
	if (r)
		return err_pass(r);
	return frame.verb == WIRE_PING ? pong(g, session, frame.correlation) : forward(g, a, session);
}

int inward_step(struct gate *g)
{
	int r = 0;

	for (size_t i = 0; i < INWARD_BATCH && inward_ready(g) && !r; i++) {
		struct arrival a;

		r = arrival_take(g, &a);
		if (!r)
			r = arrival_deal(g, &a);
		arrival_fini(&a);
	}
	return r == EAGAIN ? 0 : r;
}
