/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The requests come from libzmq in this process, yet they are read as strictly as any: what is not exactly a CURVE request for
 * our domain is refused. A verdict "later" (300) closes the connection without a word, and libzmq's client tries again; a
 * refusal (400) is told to the client, which then gives up.
 */
#include "daemon/gate/zap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

#define ENDPOINT "inproc://zeromq.zap.01"
#define ADDRESS_MAX 64
#define FRAMES 7
#define BATCH 64 /* requests in one step: the other sockets of the loop get their turn */

enum { FRAME_VERSION, FRAME_REQUEST, FRAME_DOMAIN, FRAME_ADDRESS, FRAME_ROUTING, FRAME_MECHANISM, FRAME_KEY };

struct zap {
	void *socket;
	const struct env *env;
	zap_judge_fn *judge;
	void *ctx;
	struct limiter refused;
};

int zap_new(void *zmq, const struct env *env, struct zap **out)
{
	CLEANUP(zap_freep) struct zap *z = calloc(1, sizeof *z);
	const int none = 0;

	if (!z)
		return err_raise(-ENOMEM);
	z->env = env;
	z->socket = zmq_socket(zmq, ZMQ_REP);
	if (!z->socket || zmq_setsockopt(z->socket, ZMQ_LINGER, &none, sizeof none) || zmq_bind(z->socket, ENDPOINT))
		return err_raise(-errno);
	*out = TAKE(z);
	return 0;
}

struct zap *zap_free(struct zap *z)
{
	if (z && z->socket)
		zmq_close(z->socket);
	free(z);
	return NULL;
}

void zap_freep(struct zap **z)
{
	*z = zap_free(*z);
}

void *zap_socket(struct zap *z)
{
	return z->socket;
}

void zap_judge(struct zap *z, zap_judge_fn *judge, void *ctx)
{
	z->judge = judge;
	z->ctx = ctx;
}

struct request {
	zmq_msg_t frames[FRAMES];
	size_t n; /* may be more than there is room for; the rest is dropped */
};

static void request_fini(struct request *q)
{
	for (size_t i = 0; i < FRAMES; i++)
		zmq_msg_close(&q->frames[i]);
}

/* 0; EAGAIN: none waits; <0 fatal. */
static int request_take(struct zap *z, struct request *q)
{
	bool more = true;

	for (size_t i = 0; i < FRAMES; i++)
		zmq_msg_init(&q->frames[i]);
	for (q->n = 0; more; q->n++) {
		zmq_msg_t *frame = &q->frames[q->n < FRAMES ? q->n : FRAMES - 1];

		if (zmq_msg_recv(frame, z->socket, ZMQ_DONTWAIT) < 0)
			return errno == EAGAIN || errno == EINTR ? EAGAIN : err_raise(-errno);
		more = zmq_msg_more(frame);
	}
	return 0;
}

static struct span frame(struct request *q, size_t i)
{
	return span_of(zmq_msg_data(&q->frames[i]), zmq_msg_size(&q->frames[i]));
}

static enum zap_verdict judge(struct zap *z, struct request *q)
{
	if (q->n != FRAMES || !span_equal(frame(q, FRAME_VERSION), SPAN_LITERAL("1.0")) ||
	    !span_equal(frame(q, FRAME_DOMAIN), SPAN_LITERAL(ZAP_DOMAIN)) ||
	    !span_equal(frame(q, FRAME_MECHANISM), SPAN_LITERAL("CURVE")) || frame(q, FRAME_KEY).len != KEY_BYTES || !z->judge)
		return ZAP_REFUSE;
	return z->judge(z->ctx, frame(q, FRAME_KEY).ptr);
}

static void refusal_log(struct zap *z, struct request *q)
{
	struct span address = frame(q, FRAME_ADDRESS);
	uint64_t n_hidden;

	/* Who is refused is told by address: a key that nobody knows says nothing, and one that was known is a person's business. */
	if (limiter_pass(&z->refused, env_mono_ms(z->env), &n_hidden))
		log_warn("peer-refused", "reason=unknown-key address=%.*s hidden=%llu",
			 (int)(address.len < ADDRESS_MAX ? address.len : ADDRESS_MAX), (const char *)address.ptr,
			 (unsigned long long)n_hidden);
}

static int frame_send(struct zap *z, struct span bytes, int flags)
{
	return zmq_send(z->socket, bytes.ptr, bytes.len, ZMQ_DONTWAIT | flags) < 0 ? err_raise(-errno) : 0;
}

static int answer(struct zap *z, struct request *q, enum zap_verdict verdict)
{
	static const struct {
		const char *status, *text;
	} answers[] = {
		[ZAP_ALLOW] = { "200", "OK" },
		[ZAP_LATER] = { "300", "try again" },
		[ZAP_REFUSE] = { "400", "not admitted" },
		[ZAP_REFUSE_UNLOGGED] = { "400", "not admitted" },
	};
	char user[2 * KEY_BYTES + 1] = "";
	const struct span parts[] = {
		SPAN_LITERAL("1.0"), frame(q, FRAME_REQUEST), span_of_text(answers[verdict].status),
		span_of_text(answers[verdict].text), span_of(user, verdict == ZAP_ALLOW ? 2 * KEY_BYTES : 0), SPAN_LITERAL(""),
	};
	int r = 0;

	if (verdict == ZAP_ALLOW)
		hex_encode(frame(q, FRAME_KEY), user);
	for (size_t i = 0; i < N_ELEMENTS(parts) && !r; i++)
		r = frame_send(z, parts[i], i + 1 < N_ELEMENTS(parts) ? ZMQ_SNDMORE : 0);
	return r;
}

int zap_step(struct zap *z)
{
	int r = 0;

	for (size_t i = 0; i < BATCH && !r; i++) {
		struct request q;
		enum zap_verdict verdict;

		r = request_take(z, &q);
		if (!r) {
			verdict = judge(z, &q);
			if (verdict == ZAP_REFUSE)
				refusal_log(z, &q);
			r = answer(z, &q, verdict);
		}
		request_fini(&q);
	}
	return r == EAGAIN ? 0 : r;
}
