/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One round: wait; the core's frames out; ZAP; the monitor; nodes' messages in, as many as the core gave credit for; one write
 * to the core for all of them. zmq_poll() and not epoll: the descriptor of a ZeroMQ socket is edge-triggered and must be asked
 * again after every call (zmq_getsockopt(3), ZMQ_FD); zmq_poll() knows.
 *
 * Stopping: the door stays open and unread while the core finishes what it took. It owes nothing any more when all the
 * credit is back; DRAIN_MS bounds the wait.
 */
#include "daemon/gate/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/gate/inside.h"
#include "proto/wire.h"

#define TICK_MS 1000
#define DRAIN_MS 3000
#define ENDINGS_BYTES (1u << 20) /* room for endings, whatever else waits */
#define FAREWELL_MS 500 /* how long libzmq may go on writing what was said last */

struct gate *gate_free(struct gate *g)
{
	if (g) {
		/* A session's messages in libzmq hold their accounts themselves. */
		g->door = door_close(g->door, g->stop_by_ms ? FAREWELL_MS : 0);
		zap_free(g->zap);
		sessions_free(g->sessions);
		peers_free(g->peers);
		ipc_free(g->core);
	}
	free(g);
	return NULL;
}

void gate_freep(struct gate **g)
{
	*g = gate_free(*g);
}

/* Before the core's list is there nobody can be refused for good. */
static enum zap_verdict judge(void *ctx, const uint8_t key[KEY_BYTES])
{
	struct gate *g = ctx;

	if (!peers_known(g->peers))
		return ZAP_LATER;
	if (!peers_find(g->peers, key))
		return ZAP_REFUSE;
	/* The connection that is asked about is one of those counted. */
	return watch_n_open(door_watch(g->door)) <= g->max_connections && !g->stop_by_ms ? ZAP_ALLOW : ZAP_LATER;
}

static int tables_make(struct gate *g, const struct conf *conf)
{
	/* Twice as many sessions as connections: a node that reconnects has two until the first is found to be gone. */
	uint32_t n_sessions = (uint32_t)(2 * g->max_connections);
	int r = peers_new(conf_uint(conf, "rate_per_node"), conf_uint(conf, "rate_burst"), &g->peers);

	return r ? err_pass(r) : sessions_new(n_sessions, outward_gone, g, &g->sessions);
}

static int door_make(struct gate *g, void *zmq, const struct gate_options *o)
{
	const struct door_options door = {
		.endpoint = conf_text(o->conf, "listen"),
		.cert = o->cert,
		.max_message_bytes = g->max_message_bytes,
		.handshake_ms = conf_uint(o->conf, "handshake_ms"),
		.heartbeat_ms = conf_uint(o->conf, "heartbeat_ms"),
		.queue_messages = conf_uint(o->conf, "queue_messages"),
		.env = o->env,
		.set = o->set,
	};
	int r = zap_new(zmq, o->env, &g->zap);

	return r ? err_pass(r) : door_open(zmq, &door, g->zap, &g->door);
}

static int core_tell(struct gate *g)
{
	const struct ipc_frame ready = { .verb = IPC_GATE_READY, .body = span_of_text(door_endpoint(g->door)) };
	int r = ipc_send(g->core, &ready);

	return r ? err_fold(r) : 0;
}

int gate_new(void *zmq, const struct gate_options *options, struct gate **out)
{
	CLEANUP(gate_freep) struct gate *g = calloc(1, sizeof *g);
	const struct conf *conf = options->conf;
	int r;

	if (!g)
		return err_raise(-ENOMEM);
	g->env = options->env;
	g->max_connections = conf_uint(conf, "max_connections");
	g->max_message_bytes = conf_uint(conf, "max_message_kib") * 1024 + (WIRE_BODY_MAX - ENVELOPE_BYTES_MAX) + WIRE_HEADER_BYTES;
	g->idle_ms = conf_uint(conf, "session_idle_ms");
	r = ipc_new(options->core_fd, IPC_GATE, IPC_CORE,
		    BACKLOG_BYTES + g->max_message_bytes + ENDINGS_BYTES + 4 * g->max_connections * IPC_HEADER_BYTES, &g->core);
	if (!r)
		r = tables_make(g, conf);
	if (r)
		return err_pass(r);
	r = door_make(g, zmq, options);
	if (r)
		return r;
	zap_judge(g->zap, judge, g);
	r = core_tell(g);
	if (r)
		return err_pass(r);
	*out = TAKE(g);
	return DOOR_OK;
}

const char *gate_endpoint(const struct gate *g)
{
	return door_endpoint(g->door);
}

void gate_stop(struct gate *g)
{
	if (!g->stop_by_ms)
		g->stop_by_ms = env_mono_ms(g->env) + DRAIN_MS;
}

bool gate_admits(const struct gate *g)
{
	return peers_known(g->peers);
}

/* ---- the round ---- */

enum { ITEM_CORE, ITEM_ZAP, ITEM_WATCH, ITEM_WAKE, ITEM_DOOR, ITEMS };

static int core_take(struct gate *g)
{
	struct ipc_frame frame;
	int closed = ipc_read(g->core), r;

	if (closed < 0)
		return err_pass(closed);
	while ((r = ipc_next(g->core, &frame)) == IPC_OK) {
		r = outward_frame(g, &frame);
		if (r)
			return err_pass(r);
	}
	if (r == IPC_E_BAD)
		return err_raise(-EPROTO);
	return closed == IPC_E_CLOSED ? GATE_E_CORE_GONE : GATE_OK;
}

static int core_flush(struct gate *g)
{
	int r = ipc_flush(g->core);

	if (r == IPC_E_CLOSED)
		return GATE_E_CORE_GONE;
	return r ? err_fold(r) : GATE_OK;
}

static int tick(struct gate *g)
{
	uint64_t now_ms = env_mono_ms(g->env);

	if (now_ms < g->next_tick_ms)
		return 0;
	g->next_tick_ms = now_ms + TICK_MS;
	return outward_idle(g, now_ms);
}

static bool all_said(const struct gate *g)
{
	return g->stop_by_ms && (g->credit == g->credit_most || env_mono_ms(g->env) >= g->stop_by_ms);
}

static int stop_step(struct gate *g)
{
	if (!all_said(g))
		return GATE_OK;
	outward_bye(g);
	return GATE_E_DONE;
}

static int news_deal(struct gate *g, const zmq_pollitem_t items[ITEMS])
{
	int r = items[ITEM_CORE].revents & (ZMQ_POLLIN | ZMQ_POLLERR) ? core_take(g) : GATE_OK;

	if (!r && items[ITEM_ZAP].revents)
		r = zap_step(g->zap);
	if (!r && items[ITEM_WATCH].revents)
		r = watch_step(door_watch(g->door));
	if (!r)
		r = inward_step(g);
	if (!r)
		r = tick(g);
	return r;
}

int gate_step(struct gate *g, int wake_fd)
{
	short to_core = ipc_pending(g->core) ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN;
	zmq_pollitem_t items[ITEMS] = {
		[ITEM_CORE] = { .fd = ipc_fd(g->core), .events = to_core },
		[ITEM_ZAP] = { .socket = zap_socket(g->zap), .events = ZMQ_POLLIN },
		[ITEM_WATCH] = { .socket = watch_socket(door_watch(g->door)), .events = ZMQ_POLLIN },
		[ITEM_WAKE] = { .fd = wake_fd, .events = ZMQ_POLLIN },
		[ITEM_DOOR] = { .socket = door_socket(g->door), .events = ZMQ_POLLIN },
	};
	int n = inward_ready(g) ? ITEMS : ITEM_DOOR;
	int r;

	/* poll() passes over a negative descriptor. */
	if (zmq_poll(items, n, all_said(g) ? 0 : TICK_MS) < 0 && errno != EINTR)
		return err_raise(-errno);
	r = news_deal(g, items);
	if (!r && g->failed)
		r = err_pass(g->failed);
	if (!r)
		r = core_flush(g);
	if (!r)
		r = stop_step(g);
	return r || !items[ITEM_WAKE].revents ? r : GATE_E_WOKEN;
}

void gate_figures(const struct gate *g, struct gate_figures *out)
{
	*out = g->figures;
	out->n_sessions = sessions_n(g->sessions);
	out->n_connections = watch_n_open(door_watch(g->door));
}

bool gate_check(const struct gate *g)
{
	return sessions_check(g->sessions, g->peers) && g->credit <= g->credit_most;
}
