/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Frames between the house's own processes, and on the control socket: a length-prefixed stream over a unix socket.
 *
 *   u32 body length, u16 verb, u16 zero, u64 session, u64 aux, body         (big-endian, 24-byte header)
 *
 * One verb table with direction and size limits. A bad frame from a sibling is fatal; on the control socket it closes
 * that client. Nothing a peer of the network sent is parsed here.
 */
#include "base/span.h"

#define IPC_HEADER_BYTES 24

enum ipc_verb {
	/* gate -> core */
	IPC_GATE_READY = 1,    /* body: the endpoint really bound, text */
	IPC_GATE_MESSAGE = 2,  /* session; aux: arrival, unix ms; body: transport key[32] || one wire frame (proto/wire.h) */
	IPC_GATE_GONE = 3,     /* session: no longer reachable */
	/* core -> gate */
	IPC_CORE_SEND = 16,    /* session; body: one wire frame */
	IPC_CORE_ALLOW = 17,   /* body: n * (u8 class || key[32]), the whole list, replaces */
	IPC_CORE_DROP = 18,    /* session: forget it */
	IPC_CORE_CREDIT = 19,  /* aux: how many more GATE_MESSAGE frames the gate may send */
	/* core -> keeper */
	IPC_KEEPER_SIGN = 32,  /* body: u64 old size || u64 new size || new root[32] || u16 n || n * hash: consistency old -> new */
	IPC_KEEPER_KEYS = 33,
	/* keeper -> core */
	IPC_KEEPER_SIGNED = 48,  /* aux: size; body: the signed checkpoint note */
	IPC_KEEPER_PUBLIC = 49,  /* body: lp16 vkey || u64 last size || last root[32] || lp16 last signed checkpoint ("" when none) */
	IPC_KEEPER_REFUSED = 50, /* body: why, text */
	/* control socket: client -> core, JSON bodies unless said otherwise */
	IPC_CTL_STATUS = 64,
	IPC_CTL_PUBLISH = 65,    /* body: a kader, register or convenant note */
	IPC_CTL_INVITE = 66,     /* {"invite": hex16, "organisation", "node", "transport_key": hex32 of the enrolment key, "until_unix_ms"} */
	IPC_CTL_JOINS = 67,      /* pending join requests */
	IPC_CTL_CHECKPOINT = 68, /* aux 0: the newest signed checkpoint note; 1: the one with the most cosignatures */
	IPC_CTL_ENTRIES = 69,    /* aux: from index; reply body: u64 from || u32 n || n * lp16 entry, at most 1 MiB */
	IPC_CTL_RULES = 70,      /* reply body: a Rules message as on the wire */
	/* core -> control client */
	IPC_CTL_REPLY = 96,
	IPC_CTL_TROUBLE = 97,    /* {"code", "text", "remedy"} */
	/* gate's allow list */
	IPC_CLASS_NODE = 1, IPC_CLASS_ENROL = 2
};

struct ipc_verb_info {
	const char *name;
	enum ipc_role { IPC_GATE = 1, IPC_CORE = 2, IPC_KEEPER = 4, IPC_CLIENT = 8 } from, to;
	uint32_t min_bytes, max_bytes;
};
const struct ipc_verb_info *ipc_verb_info(unsigned verb); /* NULL when unknown */

struct ipc_frame {
	uint16_t verb;
	uint64_t session, aux;
	struct span body; /* received: valid until the next ipc_read() on that connection */
};

struct ipc;

/*
 * ipc_new() - a connection over a non-blocking stream socket, which it owns from now on
 * @self, @peer: roles of the two ends; frames against the table's direction are refused both ways
 * @limit_bytes: bound on what waits to be sent
 */
MUST_CHECK int ipc_new(int fd, enum ipc_role self, enum ipc_role peer, size_t limit_bytes, struct ipc **out);
struct ipc *ipc_free(struct ipc *ipc);
void ipc_freep(struct ipc **ipc);
int ipc_fd(const struct ipc *ipc);

enum { IPC_OK = 0, IPC_E_NONE = 1, IPC_E_CLOSED, IPC_E_BAD, IPC_E_FULL };
/* ipc_read() - take what the socket has now. IPC_OK; IPC_E_CLOSED; <0 fatal. */
MUST_CHECK int ipc_read(struct ipc *ipc);
/* ipc_next() - the next whole frame. IPC_OK; IPC_E_NONE; IPC_E_BAD: table breached, close the connection. */
MUST_CHECK int ipc_next(struct ipc *ipc, struct ipc_frame *out);
/* ipc_send() - queue a frame (copied). IPC_OK; IPC_E_FULL: over limit_bytes, nothing queued; <0 fatal. */
MUST_CHECK int ipc_send(struct ipc *ipc, const struct ipc_frame *frame);
/* ipc_send_joined() - the same; the body is frame->body and tail behind each other. */
MUST_CHECK int ipc_send_joined(struct ipc *ipc, const struct ipc_frame *frame, struct span tail);
/* ipc_flush() - write what the socket takes. IPC_OK (ipc_pending() tells whether any is left); IPC_E_CLOSED; <0 fatal. */
MUST_CHECK int ipc_flush(struct ipc *ipc);
size_t ipc_pending(const struct ipc *ipc);
