/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The gate between real ZeroMQ clients and a core that the test plays. Whatever a hostile client does, the last lines of its test
 * are the honest node's: it asks, the core sees it, the answer comes back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/gate/gate.h"
#include "proto/wire.h"
#include "tests/unit/daemon/nodes.h"

struct house {
	void *zmq;       /* the gate's context */
	void *outside;   /* the nodes' */
	struct gate *gate;
	struct ipc *core;
	struct zcert cert, honest, other, enrol, unknown;
	pthread_t thread;
	int wake_fd;
	int outcome;     /* of the gate's thread */
	char endpoint[DOOR_ENDPOINT_MAX];
	void *node;      /* the honest node's socket */
	struct gate_figures figures; /* at the end */
};

/* ---- the house ---- */

static void *gate_thread(void *arg)
{
	struct house *h = arg;
	int wake_fd = h->wake_fd, r;

	do {
		r = gate_step(h->gate, wake_fd);
		if (r == GATE_E_WOKEN) {
			gate_stop(h->gate);
			wake_fd = -1;
		}
	} while (r == GATE_OK || r == GATE_E_WOKEN);
	h->outcome = r;
	return NULL;
}

static void core_send(struct house *h, unsigned verb, uint64_t session, uint64_t aux, struct span body)
{
	const struct ipc_frame frame = { .verb = (uint16_t)verb, .session = session, .aux = aux, .body = body };

	CHECK_OK(ipc_send(h->core, &frame));
	while (ipc_pending(h->core)) {
		struct pollfd p = { .fd = ipc_fd(h->core), .events = POLLOUT };

		CHECK_OK(ipc_flush(h->core));
		if (ipc_pending(h->core))
			assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	}
}

/* The next frame from the gate; fails the test when none comes. */
static struct ipc_frame core_wait(struct house *h)
{
	struct ipc_frame frame;
	int r;

	while ((r = ipc_next(h->core, &frame)) == IPC_E_NONE) {
		struct pollfd p = { .fd = ipc_fd(h->core), .events = POLLIN };

		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		CHECK_OK(ipc_read(h->core));
	}
	CHECK_OK(r);
	return frame;
}

static struct ipc_frame core_wait_verb(struct house *h, unsigned verb)
{
	struct ipc_frame frame = core_wait(h);

	while (frame.verb != verb)
		frame = core_wait(h);
	return frame;
}

static void allow(struct house *h, bool with_other)
{
	struct buffer list;

	buffer_init(&list, 0);
	buffer_u8(&list, IPC_CLASS_NODE);
	buffer_bytes(&list, SPAN_OF(h->honest.public_key));
	buffer_u8(&list, IPC_CLASS_ENROL);
	buffer_bytes(&list, SPAN_OF(h->enrol.public_key));
	if (with_other) {
		buffer_u8(&list, IPC_CLASS_NODE);
		buffer_bytes(&list, SPAN_OF(h->other.public_key));
	}
	core_send(h, IPC_CORE_ALLOW, 0, 0, buffer_span(&list));
	buffer_fini(&list);
}

static struct conf *conf_make(const char *extra)
{
	struct fault_list faults;
	struct conf *conf = NULL;
	char text[1024];

	snprintf(text, sizeof text, "listen: tcp://127.0.0.1:0\nhandshake_ms: 1000\nheartbeat_ms: 5000\n%s", extra);
	fault_list_init(&faults, "test");
	CHECK_OK(conf_parse(span_of_text(text), "/nowhere", &faults, &conf));
	return conf;
}

static void *connected(struct house *h, const struct zcert *cert)
{
	void *s = node_make(h->outside, cert, h->cert.public_key);

	CHECK_OK(zmq_connect(s, h->endpoint));
	return s;
}

static void house_open(struct house *h, const char *extra, uint64_t credit)
{
	struct conf *conf = conf_make(extra);
	struct gate_options options = { .conf = conf, .cert = &h->cert, .env = env_system() };
	struct ipc_frame ready;
	int pair[2];

	*h = (struct house){ .zmq = zmq_ctx_new(), .outside = zmq_ctx_new(), .wake_fd = eventfd(0, EFD_CLOEXEC) };
	CHECK_OK(zcert_generate("house.test", &h->cert));
	CHECK_OK(zcert_generate("honest.test", &h->honest));
	CHECK_OK(zcert_generate("other.test", &h->other));
	CHECK_OK(zcert_generate("enrol.test", &h->enrol));
	CHECK_OK(zcert_generate("unknown.test", &h->unknown));
	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	options.core_fd = pair[0];
	CHECK_OK(ipc_new(pair[1], IPC_CORE, IPC_GATE, 64u << 20, &h->core));
	CHECK_OK(gate_new(h->zmq, &options, &h->gate));
	conf_free(conf);
	snprintf(h->endpoint, sizeof h->endpoint, "%s", gate_endpoint(h->gate));
	CHECK_OK(pthread_create(&h->thread, NULL, gate_thread, h));
	ready = core_wait_verb(h, IPC_GATE_READY);
	CHECK_SPAN(ready.body, span_of_text(h->endpoint));
	allow(h, true);
	if (credit)
		core_send(h, IPC_CORE_CREDIT, 0, credit, SPAN_NONE);
	h->node = connected(h, &h->honest);
}

/* Stop the gate in good order, and look at what it counted. */
static void house_stop(struct house *h)
{
	const uint64_t one = 1;

	assert_int_equal(write(h->wake_fd, &one, sizeof one), sizeof one);
	CHECK_OK(pthread_join(h->thread, NULL));
	assert_true(gate_check(h->gate));
	gate_figures(h->gate, &h->figures);
}

static void house_free(struct house *h)
{
	struct zcert *certs[] = { &h->cert, &h->honest, &h->other, &h->enrol, &h->unknown };

	zmq_close(h->node);
	zmq_ctx_term(h->outside);
	gate_free(h->gate);
	zmq_ctx_term(h->zmq);
	ipc_free(h->core);
	close(h->wake_fd);
	for (size_t i = 0; i < N_ELEMENTS(certs); i++)
		zcert_fini(certs[i]);
}

static void house_close(struct house *h)
{
	core_send(h, IPC_CORE_CREDIT, 0, 1u << 20, SPAN_NONE); /* the core owes nothing */
	house_stop(h);
	CHECK_IS(h->outcome, GATE_E_DONE);
	house_free(h);
}

/* ---- what nodes say ---- */

static void say(void *node, unsigned verb, uint64_t correlation, struct span body)
{
	struct buffer out;

	buffer_init(&out, 0);
	wire_begin(&out, (enum wire_verb)verb, correlation);
	buffer_bytes(&out, body);
	assert_int_equal(zmq_send(node, out.ptr, out.len, 0), out.len);
	buffer_fini(&out);
}

static void hear(void *node, unsigned verb, uint64_t correlation, struct buffer *body)
{
	struct wire_frame frame;
	zmq_msg_t m;

	zmq_msg_init(&m);
	assert_true(zmq_msg_recv(&m, node, 0) >= 0);
	CHECK_OK(wire_parse(span_of(zmq_msg_data(&m), zmq_msg_size(&m)), &frame));
	assert_int_equal(frame.verb, verb);
	assert_int_equal(frame.correlation, correlation);
	if (body) {
		buffer_init(body, 0);
		buffer_bytes(body, frame.body);
	}
	zmq_msg_close(&m);
}

static void hear_trouble(void *node, uint64_t correlation, const char *code)
{
	struct arena *arena = arena_new(65536);
	struct trouble trouble;
	struct buffer body;

	hear(node, WIRE_TROUBLE, correlation, &body);
	CHECK_OK(trouble_decode(buffer_span(&body), arena, &trouble));
	assert_string_equal(trouble.code, code);
	buffer_fini(&body);
	arena_free(arena);
}

static void ping(void *node, uint64_t correlation)
{
	say(node, WIRE_PING, correlation, SPAN_NONE);
	hear(node, WIRE_PONG, correlation, NULL);
}

static void answer(struct house *h, uint64_t session, unsigned verb, uint64_t correlation, struct span body)
{
	struct buffer out;

	buffer_init(&out, 0);
	wire_begin(&out, (enum wire_verb)verb, correlation);
	buffer_bytes(&out, body);
	core_send(h, IPC_CORE_SEND, session, 0, buffer_span(&out));
	buffer_fini(&out);
}

/* A message of this node, as the core sees it, and back. Returns its session. */
static uint64_t exchange(struct house *h, void *node, const struct zcert *cert, uint64_t correlation)
{
	struct ipc_frame got;
	struct wire_frame frame;
	uint64_t session;

	say(node, WIRE_SUBMIT, correlation, SPAN_LITERAL("an envelope"));
	do
		got = core_wait_verb(h, IPC_GATE_MESSAGE);
	while (memcmp(got.body.ptr, cert->public_key, 32));
	CHECK_OK(wire_parse(span_of(got.body.ptr + 32, got.body.len - 32), &frame));
	assert_int_equal(frame.verb, WIRE_SUBMIT);
	assert_int_equal(frame.correlation, correlation);
	CHECK_SPAN(frame.body, SPAN_LITERAL("an envelope"));
	session = got.session;
	assert_true(session && got.aux);
	answer(h, session, WIRE_RECEIPT, correlation, SPAN_LITERAL("a receipt"));
	hear(node, WIRE_RECEIPT, correlation, NULL);
	return session;
}

static void honest_is_served(struct house *h)
{
	ping(h->node, 7001);
	exchange(h, h->node, &h->honest, 7002);
}

/* ---- tests ---- */

static void test_a_message_and_its_answer(void **state UNUSED)
{
	struct house h;
	uint64_t first;

	house_open(&h, "", 100);
	first = exchange(&h, h.node, &h.honest, 1);
	assert_int_equal(exchange(&h, h.node, &h.honest, 2), first);
	ping(h.node, 3);
	house_close(&h);
	assert_int_equal(h.figures.n_forwarded, 2);
	assert_int_equal(h.figures.n_answered, 2);
	assert_int_equal(h.figures.n_pinged, 1);
	assert_int_equal(h.figures.n_refused, 0);
}

static void test_sessions_are_connections_not_keys(void **state UNUSED)
{
	struct house h;
	void *second;

	house_open(&h, "", 100);
	second = connected(&h, &h.honest);
	assert_int_not_equal(exchange(&h, h.node, &h.honest, 1), exchange(&h, second, &h.honest, 1));
	zmq_close(second);
	house_close(&h);
}

static void test_unknown_key(void **state UNUSED)
{
	struct house h;
	void *stranger, *monitor;
	uint32_t status = 0;

	house_open(&h, "", 100);
	stranger = node_make(h.outside, &h.unknown, h.cert.public_key);
	monitor = outcome_watch(h.outside, stranger, "inproc://stranger");
	CHECK_OK(zmq_connect(stranger, h.endpoint));
	assert_int_equal(outcome_take(monitor, &status), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	assert_int_equal(status, 400);
	honest_is_served(&h);
	zmq_socket_monitor(stranger, NULL, 0);
	zmq_close(monitor);
	zmq_close(stranger);
	house_close(&h);
	assert_int_equal(h.figures.n_forwarded, 1);
}

/* A key that is taken off the list is deaf and mute at once, on the connection that it has. */
static void test_revoked_key_on_an_open_connection(void **state UNUSED)
{
	struct house h;
	struct ipc_frame gone;
	uint64_t session;
	void *revoked;

	house_open(&h, "", 100);
	revoked = connected(&h, &h.other);
	session = exchange(&h, revoked, &h.other, 1);
	allow(&h, false);
	gone = core_wait_verb(&h, IPC_GATE_GONE);
	assert_int_equal(gone.session, session);
	say(revoked, WIRE_SUBMIT, 2, SPAN_LITERAL("still here"));
	say(revoked, WIRE_PING, 3, SPAN_NONE);
	answer(&h, session, WIRE_RECEIPT, 9, SPAN_NONE);
	assert_int_equal(core_wait_verb(&h, IPC_GATE_GONE).session, session);
	honest_is_served(&h);
	/* Admitted again, the same connection works again; what it said in between was heard by nobody. */
	allow(&h, true);
	honest_is_served(&h);
	ping(revoked, 4);
	zmq_close(revoked);
	house_close(&h);
	assert_int_equal(h.figures.n_refused, 2);
	assert_int_equal(h.figures.n_forwarded, 3);
}

static void test_enrolment_key_may_join_only(void **state UNUSED)
{
	struct house h;
	struct ipc_frame got;
	void *enrol;

	house_open(&h, "", 100);
	enrol = connected(&h, &h.enrol);
	ping(enrol, 1);
	say(enrol, WIRE_SUBMIT, 2, SPAN_LITERAL("x"));
	hear_trouble(enrol, 2, "NIET_TOEGELATEN");
	say(enrol, WIRE_CREDIT, 3, SPAN_LITERAL("\0\0\0\1"));
	say(enrol, WIRE_FETCH, 5, SPAN_LITERAL("x"));
	say(enrol, WIRE_JOIN, 4, SPAN_LITERAL("a note"));
	got = core_wait_verb(&h, IPC_GATE_MESSAGE);
	assert_memory_equal(got.body.ptr, h.enrol.public_key, 32);
	assert_int_equal(got.body.ptr[33], WIRE_JOIN);
	honest_is_served(&h);
	zmq_close(enrol);
	house_close(&h);
	assert_int_equal(h.figures.n_refused, 3);
}

static void test_malformed_frames(void **state UNUSED)
{
	static const struct span bad[] = {
		SPAN_LITERAL(""),
		SPAN_LITERAL("\1"),
		SPAN_LITERAL("\1\5\0\0\0\0\0\0\0\0\0"),           /* one byte short */
		SPAN_LITERAL("\2\5\0\0\0\0\0\0\0\0\0\1"),         /* other version */
		SPAN_LITERAL("\1\5\0\1\0\0\0\0\0\0\0\1"),         /* reserved bits */
		SPAN_LITERAL("\1\77\0\0\0\0\0\0\0\0\0\1"),        /* no such verb */
		SPAN_LITERAL("\1\5\0\0\0\0\0\0\0\0\0\1 extra"),   /* PING with a body */
		SPAN_LITERAL("\1\100\0\0\0\0\0\0\0\0\0\1r"),      /* the house's own verb */
	};
	struct house h;
	void *bad_one;

	house_open(&h, "", 100);
	bad_one = connected(&h, &h.other);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_true(zmq_send(bad_one, bad[i].ptr ? (const void *)bad[i].ptr : "", bad[i].len, 0) >= 0);
	hear_trouble(bad_one, 0, "ONGELDIG");
	ping(bad_one, 5); /* a mistake is not a ban */
	honest_is_served(&h);
	zmq_close(bad_one);
	house_close(&h);
	assert_int_equal(h.figures.n_refused, N_ELEMENTS(bad));
	assert_int_equal(h.figures.n_forwarded, 1);
}

static void test_many_frames(void **state UNUSED)
{
	struct house h;
	void *many;

	house_open(&h, "", 100);
	many = connected(&h, &h.other);
	for (int i = 0; i < 5000; i++)
		assert_true(zmq_send(many, "frame", 5, i < 4999 ? ZMQ_SNDMORE : 0) == 5);
	hear_trouble(many, 0, "ONGELDIG");
	assert_true(zmq_send(many, "", 0, ZMQ_SNDMORE) == 0);
	say(many, WIRE_PING, 1, SPAN_NONE);
	honest_is_served(&h);
	zmq_close(many);
	house_close(&h);
	assert_int_equal(h.figures.n_refused, 2);
}

/* Over the size libzmq itself ends the connection; the bytes are never in memory as a whole. */
static void test_oversize_frame(void **state UNUSED)
{
	size_t len = 100u << 20;
	struct house h;
	void *big, *monitor;
	uint8_t *bytes = calloc(1, len);
	uint32_t value;

	assert_non_null(bytes);
	house_open(&h, "max_message_kib: 64\n", 100);
	big = node_make(h.outside, &h.other, h.cert.public_key);
	monitor = outcome_watch(h.outside, big, "inproc://big");
	CHECK_OK(zmq_connect(big, h.endpoint));
	ping(big, 1);
	assert_int_equal(outcome_take(monitor, &value), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	assert_int_equal(zmq_send(big, bytes, len, 0), len);
	assert_int_equal(outcome_take(monitor, &value), ZMQ_EVENT_DISCONNECTED);
	honest_is_served(&h);
	zmq_socket_monitor(big, NULL, 0);
	zmq_close(monitor);
	zmq_close(big);
	house_close(&h);
	assert_int_equal(h.figures.n_forwarded, 1);
	free(bytes);
}

static int tcp_connect(const struct house *h)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(strrchr(h->endpoint, ':') + 1)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	CHECK_OK(connect(fd, (const struct sockaddr *)&address, sizeof address));
	return fd;
}

/* The house closes it; how depends on whether bytes of ours were still unread. */
static void tcp_is_closed(int fd)
{
	uint8_t bytes[4096];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	do {
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
		n = recv(fd, bytes, sizeof bytes, 0);
	} while (n > 0);
	assert_true(n == 0 || errno == ECONNRESET);
	close(fd);
}

static void test_random_bytes_on_the_port(void **state UNUSED)
{
	struct house h;
	int fds[20];

	house_open(&h, "", 100);
	for (size_t i = 0; i < N_ELEMENTS(fds); i++) {
		uint8_t bytes[1000];

		randombytes_buf(bytes, sizeof bytes);
		if (i % 2) /* looks like ZMTP 3 for a while */
			memcpy(bytes, "\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE", 17);
		fds[i] = tcp_connect(&h);
		assert_true(send(fds[i], bytes, sizeof bytes, MSG_NOSIGNAL) > 0);
	}
	honest_is_served(&h);
	for (size_t i = 0; i < N_ELEMENTS(fds); i++)
		tcp_is_closed(fds[i]);
	honest_is_served(&h);
	house_close(&h);
}

/* A connection that says nothing, and one that stops halfway its greeting, are closed after handshake_ms. */
static void test_half_open_connections(void **state UNUSED)
{
	struct house h;
	int silent, halfway;

	house_open(&h, "", 100);
	silent = tcp_connect(&h);
	halfway = tcp_connect(&h);
	assert_int_equal(send(halfway, "\xff\0\0\0\0\0\0\0\1\x7f\3", 11, MSG_NOSIGNAL), 11);
	honest_is_served(&h);
	tcp_is_closed(silent);
	tcp_is_closed(halfway);
	honest_is_served(&h);
	house_close(&h);
}

/* Whoever chooses a routing id gets nowhere with it, and stands in nobody's way. */
static void test_squatted_routing_id(void **state UNUSED)
{
	struct house h;
	void *squatter;

	house_open(&h, "", 100);
	squatter = node_make(h.outside, &h.other, h.cert.public_key);
	CHECK_OK(zmq_setsockopt(squatter, ZMQ_ROUTING_ID, "honest", 6));
	CHECK_OK(zmq_connect(squatter, h.endpoint));
	say(squatter, WIRE_PING, 1, SPAN_NONE);
	hear_trouble(squatter, 1, "EIGEN_ROUTING_ID");
	honest_is_served(&h);
	zmq_close(squatter);
	house_close(&h);
	assert_int_equal(h.figures.n_sessions, 0);
	assert_int_equal(h.figures.n_forwarded, 1);
}

static void test_rate_limit(void **state UNUSED)
{
	struct house h;
	void *fast;

	house_open(&h, "rate_per_node: 1\nrate_burst: 20\n", 1000);
	fast = connected(&h, &h.other);
	for (uint64_t i = 0; i < 200; i++)
		say(fast, WIRE_SUBMIT, i, SPAN_LITERAL("x"));
	for (int i = 0; i < 20; i++)
		assert_memory_equal(core_wait_verb(&h, IPC_GATE_MESSAGE).body.ptr, h.other.public_key, 32);
	hear_trouble(fast, 20, "TE_SNEL");
	honest_is_served(&h);
	zmq_close(fast);
	house_close(&h);
	assert_in_range(h.figures.n_too_fast, 170, 180);
}

/* Without credit nothing is read; with it, what waited goes on, in order. */
static void test_back_pressure(void **state UNUSED)
{
	struct house h;
	struct pollfd p;

	house_open(&h, "", 3);
	for (uint64_t i = 0; i < 10; i++)
		say(h.node, WIRE_SUBMIT, i, SPAN_LITERAL("x"));
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(get_u64(core_wait_verb(&h, IPC_GATE_MESSAGE).body.ptr + 36), i);
	/* The gate is at work (it answers the core) and yet passes nothing on. */
	answer(&h, 12345, WIRE_RECEIPT, 0, SPAN_NONE);
	assert_int_equal(core_wait(&h).verb, IPC_GATE_GONE);
	p = (struct pollfd){ .fd = ipc_fd(h.core), .events = POLLIN };
	assert_int_equal(poll(&p, 1, 0), 0);
	core_send(&h, IPC_CORE_CREDIT, 0, 100, SPAN_NONE);
	for (uint64_t i = 3; i < 10; i++)
		assert_int_equal(get_u64(core_wait_verb(&h, IPC_GATE_MESSAGE).body.ptr + 36), i);
	honest_is_served(&h);
	house_close(&h);
}

/* A node that does not read its answers loses its session, not the house its memory. */
static void test_a_node_that_does_not_read(void **state UNUSED)
{
	size_t len = 1u << 20;
	struct house h;
	struct ipc_frame gone;
	uint8_t *bytes = calloc(1, len);
	uint64_t session;
	void *deaf;

	assert_non_null(bytes);
	house_open(&h, "queue_messages: 100000\n", 100);
	deaf = node_make(h.outside, &h.other, h.cert.public_key);
	option_set(deaf, ZMQ_RCVHWM, 1);
	CHECK_OK(zmq_connect(deaf, h.endpoint));
	session = exchange(&h, deaf, &h.other, 1);
	for (int i = 0; i < 100; i++)
		answer(&h, session, WIRE_DELIVERY, 0, span_of(bytes, len));
	gone = core_wait_verb(&h, IPC_GATE_GONE);
	assert_int_equal(gone.session, session);
	honest_is_served(&h);
	zmq_close(deaf);
	house_close(&h);
	assert_true(h.figures.n_answered < 60); /* 32 MiB in its account, a few in the sockets */
	free(bytes);
}

static void test_a_node_that_left(void **state UNUSED)
{
	struct house h;
	struct ipc_frame gone;
	uint64_t session;
	void *left;

	/* Known by sending to it ... */
	house_open(&h, "session_idle_ms: 1000\n", 100);
	left = connected(&h, &h.other);
	session = exchange(&h, left, &h.other, 1);
	zmq_close(left);
	do
		answer(&h, session, WIRE_RECEIPT, 2, SPAN_NONE);
	while (poll(&(struct pollfd){ .fd = ipc_fd(h.core), .events = POLLIN }, 1, 1) == 0);
	assert_int_equal(core_wait(&h).session, session);
	/* ... or, when nobody has anything to say, by itself. */
	left = connected(&h, &h.other);
	session = exchange(&h, left, &h.other, 1);
	zmq_close(left);
	do
		gone = core_wait_verb(&h, IPC_GATE_GONE);
	while (gone.session != session);
	honest_is_served(&h);
	house_close(&h);
}

/* A node that only waits stays reachable, and is told so by a PONG that it takes no notice of. */
static void test_a_silent_node_stays_reachable(void **state UNUSED)
{
	struct house h;
	uint64_t session;

	house_open(&h, "session_idle_ms: 1000\n", 100);
	session = exchange(&h, h.node, &h.honest, 1);
	hear(h.node, WIRE_PONG, 0, NULL);
	answer(&h, session, WIRE_DELIVERY, 0, SPAN_LITERAL("x"));
	hear(h.node, WIRE_DELIVERY, 0, NULL);
	house_close(&h);
}

static void test_the_core_drops_a_session(void **state UNUSED)
{
	struct house h;
	uint64_t session;

	house_open(&h, "", 100);
	session = exchange(&h, h.node, &h.honest, 1);
	core_send(&h, IPC_CORE_DROP, session, 0, SPAN_NONE);
	answer(&h, session, WIRE_RECEIPT, 2, SPAN_NONE);
	assert_int_equal(core_wait(&h).verb, IPC_GATE_GONE);
	assert_int_not_equal(exchange(&h, h.node, &h.honest, 3), session);
	house_close(&h);
}

static void test_more_connections_than_allowed(void **state UNUSED)
{
	struct house h;
	void *nodes[2];

	house_open(&h, "max_connections: 2\n", 100);
	ping(h.node, 1);
	nodes[0] = connected(&h, &h.other);
	ping(nodes[0], 1);
	ping(h.node, 2); /* by now the gate has counted both */
	nodes[1] = connected(&h, &h.other);
	option_set(nodes[1], ZMQ_RCVTIMEO, 300);
	say(nodes[1], WIRE_PING, 1, SPAN_NONE);
	assert_int_equal(zmq_recv(nodes[1], &(char){ 0 }, 1, 0), -1);
	/* Not refused for good: it comes in when another has left. */
	zmq_close(nodes[0]);
	option_set(nodes[1], ZMQ_RCVTIMEO, WAIT_MS);
	hear(nodes[1], WIRE_PONG, 1, NULL);
	honest_is_served(&h);
	zmq_close(nodes[1]);
	house_close(&h);
}

static void test_graceful_stop(void **state UNUSED)
{
	struct house h;
	struct ipc_frame got;
	const uint64_t one = 1;

	house_open(&h, "", 10);
	say(h.node, WIRE_SUBMIT, 1, SPAN_LITERAL("x"));
	got = core_wait_verb(&h, IPC_GATE_MESSAGE);
	assert_int_equal(write(h.wake_fd, &one, sizeof one), sizeof one);
	/* What the core took it may still answer; with the last credit back the gate says goodbye. */
	answer(&h, got.session, WIRE_RECEIPT, 1, SPAN_LITERAL("r"));
	core_send(&h, IPC_CORE_CREDIT, 0, 1, SPAN_NONE);
	CHECK_OK(pthread_join(h.thread, NULL));
	CHECK_IS(h.outcome, GATE_E_DONE);
	hear(h.node, WIRE_RECEIPT, 1, NULL);
	hear(h.node, WIRE_BYE, 0, NULL);
	house_free(&h);
}

static void test_the_core_is_gone(void **state UNUSED)
{
	struct house h;

	house_open(&h, "", 10);
	h.core = ipc_free(h.core);
	CHECK_OK(pthread_join(h.thread, NULL));
	CHECK_IS(h.outcome, GATE_E_CORE_GONE);
	house_free(&h);
}

static void test_a_breach_by_the_core_is_fatal(void **state UNUSED)
{
	static const struct {
		unsigned verb;
		uint64_t aux;
		struct span body;
	} breaches[] = {
		{ IPC_CORE_ALLOW, 0, SPAN_LITERAL("\1 short") },
		{ IPC_CORE_ALLOW, 0, SPAN_LITERAL("\3" "01234567890123456789012345678901") },
		{ IPC_CORE_ALLOW, 0, SPAN_LITERAL("\1" "01234567890123456789012345678901" "\1" "01234567890123456789012345678901") },
		{ IPC_CORE_CREDIT, UINT64_MAX, SPAN_NONE },
	};

	for (size_t i = 0; i < N_ELEMENTS(breaches); i++) {
		struct house h;

		house_open(&h, "", 10);
		core_send(&h, breaches[i].verb, 0, breaches[i].aux, breaches[i].body);
		CHECK_OK(pthread_join(h.thread, NULL));
		CHECK_IS(h.outcome, -EPROTO);
		house_free(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_and_its_answer),
		cmocka_unit_test(test_sessions_are_connections_not_keys),
		cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_revoked_key_on_an_open_connection),
		cmocka_unit_test(test_enrolment_key_may_join_only),
		cmocka_unit_test(test_malformed_frames),
		cmocka_unit_test(test_many_frames),
		cmocka_unit_test(test_oversize_frame),
		cmocka_unit_test(test_random_bytes_on_the_port),
		cmocka_unit_test(test_half_open_connections),
		cmocka_unit_test(test_squatted_routing_id),
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_a_node_that_does_not_read),
		cmocka_unit_test(test_a_node_that_left),
		cmocka_unit_test(test_a_silent_node_stays_reachable),
		cmocka_unit_test(test_the_core_drops_a_session),
		cmocka_unit_test(test_more_connections_than_allowed),
		cmocka_unit_test(test_graceful_stop),
		cmocka_unit_test(test_the_core_is_gone),
		cmocka_unit_test(test_a_breach_by_the_core_is_fatal),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
