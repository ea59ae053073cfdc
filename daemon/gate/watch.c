/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The events that name their connection (by file descriptor) are its beginning and its end, so those are counted; the end of
 * a handshake names none. One bit per descriptor keeps the count right should an event be missed.
 */
#include "daemon/gate/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/gate/limiter.h"

#define DESCRIPTORS_MAX 65536
#define EVENTS                                                                                                  \
	(ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | \
	 ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED)
#define BATCH 256

struct watch {
	void *watched, *socket;
	const struct env *env;
	size_t n_open;
	uint64_t n_failed;
	struct limiter failed;
	uint8_t open[DESCRIPTORS_MAX / 8];
};

int watch_new(void *zmq, void *socket, const char *name, const struct env *env, struct watch **out)
{
	CLEANUP(watch_freep) struct watch *w = calloc(1, sizeof *w);
	const int none = 0;
	char endpoint[64];

	if (!w)
		return err_raise(-ENOMEM);
	snprintf(endpoint, sizeof endpoint, "inproc://%s", name);
	w->env = env;
	if (zmq_socket_monitor(socket, endpoint, EVENTS))
		return err_raise(-errno);
	w->watched = socket;
	w->socket = zmq_socket(zmq, ZMQ_PAIR);
	if (!w->socket || zmq_setsockopt(w->socket, ZMQ_LINGER, &none, sizeof none) || zmq_connect(w->socket, endpoint))
		return err_raise(-errno);
	*out = TAKE(w);
	return 0;
}

struct watch *watch_free(struct watch *w)
{
	if (w && w->watched)
		zmq_socket_monitor(w->watched, NULL, 0);
	if (w && w->socket)
		zmq_close(w->socket);
	free(w);
	return NULL;
}

void watch_freep(struct watch **w)
{
	*w = watch_free(*w);
}

void *watch_socket(struct watch *w)
{
	return w->socket;
}

size_t watch_n_open(const struct watch *w)
{
	return w->n_open;
}

uint64_t watch_n_failed(const struct watch *w)
{
	return w->n_failed;
}

static void failure(struct watch *w, const char *reason, uint32_t detail)
{
	uint64_t n_hidden;

	w->n_failed++;
	if (limiter_pass(&w->failed, env_mono_ms(w->env), &n_hidden))
		log_warn("peer-refused", "reason=%s detail=0x%x hidden=%llu", reason, detail, (unsigned long long)n_hidden);
}

static void event(struct watch *w, uint16_t number, uint32_t value)
{
	uint8_t bit = (uint8_t)(1u << value % 8);
	uint8_t *at = value < DESCRIPTORS_MAX ? &w->open[value / 8] : NULL;

	switch (number) {
	case ZMQ_EVENT_ACCEPTED:
	case ZMQ_EVENT_DISCONNECTED:
		if (!at || !(*at & bit) == (number == ZMQ_EVENT_DISCONNECTED))
			return;
		*at ^= bit;
		w->n_open += number == ZMQ_EVENT_DISCONNECTED ? (size_t)-1 : 1;
		return;
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
		failure(w, "no-handshake", value);
		return;
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		failure(w, "protocol", value);
		return;
	case ZMQ_EVENT_ACCEPT_FAILED:
		failure(w, "too-many-connections", value);
		return;
	default:
		return;
	}
}

/* Two frames: u16 event || u32 value in the machine's own order, and an address. 0; EAGAIN: none; <0 fatal. */
static int event_take(struct watch *w)
{
	zmq_msg_t part;
	uint8_t bytes[6] = { 0 };
	uint16_t number;
	uint32_t value;
	size_t n = 0;
	bool more = true;

	for (; more; n++) {
		zmq_msg_init(&part);
		if (zmq_msg_recv(&part, w->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&part);
			return errno == EAGAIN || errno == EINTR ? EAGAIN : err_raise(-errno);
		}
		if (n == 0 && zmq_msg_size(&part) == sizeof bytes)
			memcpy(bytes, zmq_msg_data(&part), sizeof bytes);
		more = zmq_msg_more(&part);
		zmq_msg_close(&part);
	}
	memcpy(&number, bytes, sizeof number);
	memcpy(&value, bytes + 2, sizeof value);
	event(w, number, value);
	return 0;
}

int watch_step(struct watch *w)
{
	int r = 0;

	for (size_t i = 0; i < BATCH && !r; i++)
		r = event_take(w);
	return r == EAGAIN ? 0 : r;
}
