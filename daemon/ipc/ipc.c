/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One stream, two buffers, one table. Both ends check every frame against the table, the sender too: a frame that the other end
 * would call a breach is a mistake here and is found here.
 *
 * Memory follows bytes received, never bytes announced: a header may promise four megabytes, the input buffer grows as they
 * come, and a promise beyond the table's limit is refused before any of its body is read. Bytes move once: the front of a
 * buffer is cut off by an offset, and what is left is moved to the start only when room is needed.
 *
 * What passes here is sealed (envelopes), signed or meant for the operator; the buffers are wiped all the same.
 */
#include "daemon/ipc/ipc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "proto/note.h"
#include "proto/wire.h"

#define READ_STEP_BYTES (64u << 10)
#define READ_MAX_BYTES (1u << 20) /* in one ipc_read(): the other sockets of the loop get their turn */

#define FRAME_MAX (WIRE_HEADER_BYTES + WIRE_BODY_MAX)
#define ANSWER_MAX (8u << 20) /* rules: kader, register and eight convenanten in one answer */
#define ALLOW_MAX (33u << 16) /* 65,536 keys */
#define JSON_MAX (64u << 10)
#define SIGN_MIN (8 + 8 + 32 + 2)

struct stream {
	uint8_t *ptr;
	size_t start, len, capacity; /* the bytes in use are [start, start + len) */
};

struct ipc {
	int fd;
	enum ipc_role self, peer;
	size_t limit_bytes;
	bool bad; /* the peer breached the table: nothing more is read from it */
	struct stream in, out;
};

static const struct ipc_verb_info verbs[] = {
	[IPC_GATE_READY] = { "gate-ready", IPC_GATE, IPC_CORE, 1, 256 },
	[IPC_GATE_MESSAGE] = { "gate-message", IPC_GATE, IPC_CORE, 32 + WIRE_HEADER_BYTES, 32 + FRAME_MAX },
	[IPC_GATE_GONE] = { "gate-gone", IPC_GATE, IPC_CORE, 0, 0 },
	[IPC_CORE_SEND] = { "core-send", IPC_CORE, IPC_GATE, WIRE_HEADER_BYTES, WIRE_HEADER_BYTES + ANSWER_MAX },
	[IPC_CORE_ALLOW] = { "core-allow", IPC_CORE, IPC_GATE, 0, ALLOW_MAX },
	[IPC_CORE_DROP] = { "core-drop", IPC_CORE, IPC_GATE, 0, 0 },
	[IPC_CORE_CREDIT] = { "core-credit", IPC_CORE, IPC_GATE, 0, 0 },
	[IPC_KEEPER_SIGN] = { "keeper-sign", IPC_CORE, IPC_KEEPER, SIGN_MIN, SIGN_MIN + TREE_PROOF_MAX * HASH_BYTES },
	[IPC_KEEPER_KEYS] = { "keeper-keys", IPC_CORE, IPC_KEEPER, 0, 0 },
	[IPC_KEEPER_SIGNED] = { "keeper-signed", IPC_KEEPER, IPC_CORE, 1, 4096 },
	[IPC_KEEPER_PUBLIC] = { "keeper-public", IPC_KEEPER, IPC_CORE, 2 + 8 + 32 + 2, 8192 },
	[IPC_KEEPER_REFUSED] = { "keeper-refused", IPC_KEEPER, IPC_CORE, 1, 512 },
	[IPC_CTL_STATUS] = { "status", IPC_CLIENT, IPC_CORE, 0, JSON_MAX },
	[IPC_CTL_PUBLISH] = { "publish", IPC_CLIENT, IPC_CORE, 1, NOTE_BYTES_MAX },
	[IPC_CTL_INVITE] = { "invite", IPC_CLIENT, IPC_CORE, 2, JSON_MAX },
	[IPC_CTL_JOINS] = { "joins", IPC_CLIENT, IPC_CORE, 0, JSON_MAX },
	[IPC_CTL_CHECKPOINT] = { "checkpoint", IPC_CLIENT, IPC_CORE, 0, JSON_MAX },
	[IPC_CTL_ENTRIES] = { "entries", IPC_CLIENT, IPC_CORE, 0, JSON_MAX },
	[IPC_CTL_RULES] = { "rules", IPC_CLIENT, IPC_CORE, 0, JSON_MAX },
	[IPC_CTL_REPLY] = { "reply", IPC_CORE, IPC_CLIENT, 0, ANSWER_MAX },
	[IPC_CTL_TROUBLE] = { "trouble", IPC_CORE, IPC_CLIENT, 2, JSON_MAX },
};

const struct ipc_verb_info *ipc_verb_info(unsigned verb)
{
	return verb < N_ELEMENTS(verbs) && verbs[verb].name ? &verbs[verb] : NULL;
}

/* The table's line for a frame of that verb and size from one role to another; NULL: not a frame these two may exchange. */
static const struct ipc_verb_info *allowed(unsigned verb, enum ipc_role from, enum ipc_role to, size_t len)
{
	const struct ipc_verb_info *info = ipc_verb_info(verb);

	return info && info->from == from && info->to == to && len >= info->min_bytes && len <= info->max_bytes ? info : NULL;
}

static void stream_fini(struct stream *s)
{
	if (s->ptr)
		explicit_bzero(s->ptr, s->capacity);
	free(s->ptr);
}

/* Room for n more bytes behind those in use; NULL when out of memory, nothing changed. */
static uint8_t *stream_room(struct stream *s, size_t n)
{
	size_t capacity = s->capacity ? s->capacity : READ_STEP_BYTES;
	uint8_t *ptr;

	if (s->capacity - s->start - s->len >= n)
		return s->ptr + s->start + s->len;
	/* A quarter stays free, so that a move of the whole buffer is paid for by at least a quarter of it. */
	if (s->len + n <= s->capacity - s->capacity / 4) {
		memmove(s->ptr, s->ptr + s->start, s->len);
		s->start = 0;
		return s->ptr + s->len;
	}
	while (s->len + n > capacity - capacity / 4)
		capacity *= 2;
	ptr = malloc(capacity);
	if (!ptr)
		return NULL;
	if (s->len)
		memcpy(ptr, s->ptr + s->start, s->len);
	stream_fini(s);
	*s = (struct stream){ ptr, 0, s->len, capacity };
	return ptr + s->len;
}

static void stream_cut(struct stream *s, size_t n)
{
	s->start += n;
	s->len -= n;
	if (!s->len)
		s->start = 0;
}

int ipc_new(int fd, enum ipc_role self, enum ipc_role peer, size_t limit_bytes, struct ipc **out)
{
	struct ipc *ipc = calloc(1, sizeof *ipc);

	if (!ipc)
		return err_raise(-ENOMEM);
	*ipc = (struct ipc){ .fd = fd, .self = self, .peer = peer, .limit_bytes = limit_bytes };
	*out = ipc;
	return IPC_OK;
}

struct ipc *ipc_free(struct ipc *ipc)
{
	if (ipc) {
		stream_fini(&ipc->in);
		stream_fini(&ipc->out);
		if (ipc->fd >= 0)
			close(ipc->fd);
	}
	free(ipc);
	return NULL;
}

void ipc_freep(struct ipc **ipc)
{
	*ipc = ipc_free(*ipc);
}

int ipc_fd(const struct ipc *ipc)
{
	return ipc->fd;
}

/* The socket's other end is gone; what exactly the kernel calls it depends on which side had unread bytes. */
static bool is_gone(int error)
{
	return error == ECONNRESET || error == EPIPE;
}

int ipc_read(struct ipc *ipc)
{
	size_t taken = 0;

	while (taken < READ_MAX_BYTES && !ipc->bad) {
		uint8_t *at = stream_room(&ipc->in, READ_STEP_BYTES);
		size_t room = ipc->in.capacity - ipc->in.start - ipc->in.len;
		ssize_t n;

		if (!at)
			return err_raise(-ENOMEM);
		if (room > READ_MAX_BYTES - taken)
			room = READ_MAX_BYTES - taken;
		n = recv(ipc->fd, at, room, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return IPC_OK;
		if (n == 0 || (n < 0 && is_gone(errno)))
			return IPC_E_CLOSED;
		if (n < 0)
			return err_raise(-errno);
		ipc->in.len += (size_t)n;
		taken += (size_t)n;
		/* A short read emptied the socket: no second call to be told so. */
		if ((size_t)n < room)
			return IPC_OK;
	}
	return IPC_OK;
}

int ipc_next(struct ipc *ipc, struct ipc_frame *out)
{
	struct reader r;
	uint32_t len;
	uint16_t verb, zero;

	if (ipc->bad)
		return IPC_E_BAD;
	if (ipc->in.len < IPC_HEADER_BYTES)
		return IPC_E_NONE;
	reader_init(&r, span_of(ipc->in.ptr + ipc->in.start, ipc->in.len));
	len = reader_u32(&r);
	verb = reader_u16(&r);
	zero = reader_u16(&r);
	if (zero || !allowed(verb, ipc->peer, ipc->self, len)) {
		ipc->bad = true;
		return IPC_E_BAD;
	}
	if (ipc->in.len - IPC_HEADER_BYTES < len)
		return IPC_E_NONE;
	out->verb = verb;
	out->session = reader_u64(&r);
	out->aux = reader_u64(&r);
	out->body = reader_bytes(&r, len);
	/* The bytes stay where they are until stream_room() needs their place, in the next ipc_read(). */
	ipc->in.start += IPC_HEADER_BYTES + len;
	ipc->in.len -= IPC_HEADER_BYTES + len;
	return IPC_OK;
}

static void bytes_put(uint8_t **at, struct span bytes)
{
	if (bytes.len)
		memcpy(*at, bytes.ptr, bytes.len);
	*at += bytes.len;
}

int ipc_send_joined(struct ipc *ipc, const struct ipc_frame *frame, struct span tail)
{
	size_t body_len = frame->body.len + tail.len;
	size_t len = IPC_HEADER_BYTES + body_len;
	uint8_t *at;

	if (!allowed(frame->verb, ipc->self, ipc->peer, body_len))
		return err_raise(-EPROTO);
	if (ipc->out.len > ipc->limit_bytes || len > ipc->limit_bytes - ipc->out.len)
		return IPC_E_FULL;
	at = stream_room(&ipc->out, len);
	if (!at)
		return err_raise(-ENOMEM);
	put_u32(at, (uint32_t)body_len);
	put_u16(at + 4, frame->verb);
	put_u16(at + 6, 0);
	put_u64(at + 8, frame->session);
	put_u64(at + 16, frame->aux);
	at += IPC_HEADER_BYTES;
	bytes_put(&at, frame->body);
	bytes_put(&at, tail);
	ipc->out.len += len;
	return IPC_OK;
}

int ipc_send(struct ipc *ipc, const struct ipc_frame *frame)
{
	return ipc_send_joined(ipc, frame, SPAN_NONE);
}

int ipc_flush(struct ipc *ipc)
{
	while (ipc->out.len) {
		ssize_t n = send(ipc->fd, ipc->out.ptr + ipc->out.start, ipc->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return IPC_OK;
		if (n < 0 && is_gone(errno))
			return IPC_E_CLOSED;
		if (n < 0)
			return err_raise(-errno);
		stream_cut(&ipc->out, (size_t)n);
	}
	return IPC_OK;
}

size_t ipc_pending(const struct ipc *ipc)
{
	return ipc->out.len;
}
