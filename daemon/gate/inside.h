/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The inside of the gate, shared by gate.c (the round), inward.c (node -> core) and outward.c (core -> node).
 */
#include "daemon/gate/gate.h"
#include "daemon/gate/sessions.h"

/* What may wait for the core: beyond it the sockets are not read. One message fits always; endings have room of their own. */
#define BACKLOG_BYTES (8u << 20)
#define INWARD_BATCH 256 /* messages in one round, so that answers are not kept waiting by questions */

struct gate {
	const struct env *env;
	struct zap *zap;
	struct door *door;
	struct ipc *core;
	struct peers *peers;
	struct sessions *sessions;
	uint64_t credit;         /* messages the core still takes */
	uint64_t credit_most;    /* the most it ever gave at a time: when it is back there, the core owes no answer */
	uint64_t idle_ms, max_connections, max_message_bytes;
	uint64_t next_tick_ms;
	uint64_t stop_by_ms;     /* 0: not stopping */
	struct limiter refused;
	struct gate_figures figures;
	int failed;              /* sticky: the core's connection can't take an ending */
};

bool inward_ready(const struct gate *g);      /* whether the core can take one more message */
MUST_CHECK int inward_step(struct gate *g);   /* take what nodes sent, up to INWARD_BATCH */
MUST_CHECK int outward_frame(struct gate *g, const struct ipc_frame *frame);
void outward_gone(void *ctx, uint64_t session); /* sessions_gone_fn */
/* outward_send() - OUTWARD_OK; OUTWARD_E_GONE: not routable, or it reads too slowly; <0 fatal. */
enum { OUTWARD_OK = 0, OUTWARD_E_GONE = 1 };
MUST_CHECK int outward_send(struct gate *g, struct session *session, struct span bytes);
/* outward_idle() - find out whether sessions silent for long are still there. */
MUST_CHECK int outward_idle(struct gate *g, uint64_t now_ms);
void outward_bye(struct gate *g);
