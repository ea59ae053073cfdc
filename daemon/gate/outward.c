/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Core -> node. Nothing here waits: a node that is gone, or reads so slowly that its queue or its account is full, loses its
 * session and the core is told. What was not delivered is still in the core's store; the node's next message starts anew.
 */
#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/gate/inside.h"
#include "proto/wire.h"

#define IDLE_BATCH 64 /* sessions asked in one round */

void outward_gone(void *ctx, uint64_t session)
{
	struct gate *g = ctx;
	const struct ipc_frame frame = { .verb = IPC_GATE_GONE, .session = session };
	int r = ipc_send(g->core, &frame);

	g->figures.n_gone++;
	/* There is room for an ending of every session; when even that is used up the core has stopped reading. */
	if (r && !g->failed)
		g->failed = err_fold(r);
}

int outward_send(struct gate *g, struct session *session, struct span bytes)
{
	void *socket = door_socket(g->door);
	uint8_t routing[5] = { 0 };
	zmq_msg_t parcel;
	int r;

	put_u32(routing + 1, session->routing);
	r = parcel_make(&parcel, session->account, bytes);
	if (r == PARCEL_E_FULL)
		return OUTWARD_E_GONE;
	if (r)
		return err_fold(r);
	if (zmq_send(socket, routing, sizeof routing, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
	    zmq_msg_send(&parcel, socket, ZMQ_DONTWAIT) >= 0)
		return OUTWARD_OK;
	r = errno;
	zmq_msg_close(&parcel);
	return r == EHOSTUNREACH || r == EAGAIN || r == EINTR ? OUTWARD_E_GONE : err_raise(-r);
}

static int answer(struct gate *g, const struct ipc_frame *frame)
{
	struct session *session = sessions_find(g->sessions, frame->session);
	int r;

	if (!session) {
		outward_gone(g, frame->session);
		return 0;
	}
	r = outward_send(g, session, frame->body);
	if (r == OUTWARD_E_GONE) {
		sessions_drop(g->sessions, g->peers, session, true);
		return 0;
	}
	g->figures.n_answered++;
	return r ? err_fold(r) : 0;
}

static int admit(struct gate *g, struct span list)
{
	int r = peers_replace(g->peers, list, env_mono_ms(g->env));

	if (r == PEERS_E_MALFORMED)
		return err_raise(-EPROTO); /* a sibling's mistake ends the house */
	if (r)
		return err_fold(r);
	sessions_admit(g->sessions, g->peers);
	return 0;
}

static int credit(struct gate *g, uint64_t more)
{
	if (more > UINT32_MAX || g->credit > UINT32_MAX)
		return err_raise(-EPROTO);
	g->credit += more;
	if (g->credit > g->credit_most)
		g->credit_most = g->credit;
	return 0;
}

static int drop(struct gate *g, uint64_t id)
{
	struct session *session = sessions_find(g->sessions, id);

	if (session)
		sessions_drop(g->sessions, g->peers, session, false);
	return 0;
}

int outward_frame(struct gate *g, const struct ipc_frame *frame)
{
	switch (frame->verb) {
	case IPC_CORE_SEND:
		return answer(g, frame);
	case IPC_CORE_ALLOW:
		return admit(g, frame->body);
	case IPC_CORE_DROP:
		return drop(g, frame->session);
	case IPC_CORE_CREDIT:
		return credit(g, frame->aux);
	default: /* ipc_next() lets no other verb through */
		return err_raise(-EPROTO);
	}
}

/*
 * A connection that broke is known to the ROUTER only; it tells when a message can't be routed. So a silent session is sent a
 * PONG that nobody asked for (correlation 0; a node takes no notice): a node that only waits for deliveries stays reachable,
 * one that left is forgotten.
 */
int outward_idle(struct gate *g, uint64_t now_ms)
{
	static const uint8_t frame[WIRE_HEADER_BYTES] = { WIRE_VERSION, WIRE_PONG };

	for (size_t i = 0; i < IDLE_BATCH; i++) {
		struct session *session = sessions_oldest(g->sessions);
		int r;

		if (!session || now_ms - session->seen_ms < g->idle_ms)
			return 0;
		r = outward_send(g, session, SPAN_OF(frame));
		if (r == OUTWARD_E_GONE)
			sessions_drop(g->sessions, g->peers, session, true);
		else if (r)
			return err_fold(r);
		else
			sessions_seen(g->sessions, session, now_ms);
	}
	return 0;
}

void outward_bye(struct gate *g)
{
	static const uint8_t frame[WIRE_HEADER_BYTES] = { WIRE_VERSION, WIRE_BYE };

	for (struct session *one; (one = sessions_oldest(g->sessions));) {
		/* Who can't be told finds out by itself. */
		if (outward_send(g, one, SPAN_OF(frame)) < 0)
			log_warn("no-farewell", "reason=%s", "out-of-memory");
		sessions_drop(g->sessions, g->peers, one, false);
	}
}
