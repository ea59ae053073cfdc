/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The link against a real CURVE socket in a thread: admitted, refused, the wrong house, nobody, silence,
 * nonsense, a restart. The clock of the link can be moved ahead, so that no test waits for a timeout.
 */
#include "tests/lib/harness.h"

#include <pthread.h>
#include <sched.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "client/lib/link.h"

#define PATIENCE_MS 5000

struct peer_house {
	uint8_t public_key[32], secret_key[32], known_key[32];
	char endpoint[64];
	pthread_t thread;
	void *context;
	atomic_bool bound, stop, mute; /* mute: no PONG */
	atomic_uint n_asked;	/* how often ZAP was asked */
	atomic_uint credit, pings;
};

static uint64_t ahead(void *ctx)
{
	return env_mono_ms(env_system()) + atomic_load((atomic_ullong *)ctx);
}

static uint64_t wall(void *ctx)
{
	(void)ctx;
	return env_unix_ms(env_system());
}

static void noise(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	randombytes_buf(out, len);
}

static void zap_answer(struct peer_house *h, void *zap)
{
	uint8_t frames[8][300];
	int len[8] = { 0 }, n = 0, more = 1;
	size_t size = sizeof more;
	bool known;

	while (more && n < 8) {
		len[n] = zmq_recv(zap, frames[n], sizeof frames[n], 0);
		n++;
		zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &size);
	}
	atomic_fetch_add(&h->n_asked, 1);
	known = n == 7 && len[6] == 32 && !memcmp(frames[6], h->known_key, 32);
	zmq_send(zap, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(zap, frames[1], (size_t)len[1], ZMQ_SNDMORE);
	zmq_send(zap, known ? "200" : "400", 3, ZMQ_SNDMORE);
	zmq_send(zap, "", 0, ZMQ_SNDMORE);
	zmq_send(zap, known ? "node" : "", known ? 4 : 0, ZMQ_SNDMORE);
	zmq_send(zap, "", 0, 0);
}

static void reply(void *router, const void *id, size_t id_len, const struct wire_frame *f,
		  enum wire_verb verb)
{
	struct buffer out = { 0 };

	wire_begin(&out, verb, f->correlation);
	buffer_bytes(&out, f->body);
	zmq_send(router, id, id_len, ZMQ_SNDMORE);
	zmq_send(router, out.ptr, out.len, 0);
	buffer_fini(&out);
}

/* What the body of a SUBMIT says is what happens. */
static void frame_answer(struct peer_house *h, void *router)
{
	uint8_t id[64], bytes[4096];
	int id_len = zmq_recv(router, id, sizeof id, 0), len = zmq_recv(router, bytes, sizeof bytes, 0);
	struct wire_frame f;

	if (id_len <= 0 || len < 0 || wire_parse(span_of(bytes, (size_t)len), &f) != WIRE_OK)
		return;
	if (f.verb == WIRE_PING) {
		atomic_fetch_add(&h->pings, 1);
		if (!atomic_load(&h->mute))
			reply(router, id, (size_t)id_len, &f, WIRE_PONG);
	} else if (f.verb == WIRE_CREDIT) {
		atomic_store(&h->credit, get_u32(f.body.ptr));
	} else if (span_equal(f.body, SPAN_LITERAL("bye"))) {
		f.body = SPAN_NONE;
		reply(router, id, (size_t)id_len, &f, WIRE_BYE);
	} else if (span_equal(f.body, SPAN_LITERAL("nonsense"))) {
		zmq_send(router, id, (size_t)id_len, ZMQ_SNDMORE);
		zmq_send(router, "nonsense", 8, 0);
	} else if (span_equal(f.body, SPAN_LITERAL("two frames"))) {
		zmq_send(router, id, (size_t)id_len, ZMQ_SNDMORE);
		zmq_send(router, "one", 3, ZMQ_SNDMORE);
		zmq_send(router, "two", 3, 0);
	} else if (f.verb == WIRE_SUBMIT) {
		reply(router, id, (size_t)id_len, &f, WIRE_RECEIPT);
	} else {
		reply(router, id, (size_t)id_len, &f, WIRE_SUBMIT); /* a verb of the other direction */
	}
}

static void *serve(void *arg)
{
	struct peer_house *h = arg;
	void *zap = zmq_socket(h->context, ZMQ_REP), *router = zmq_socket(h->context, ZMQ_ROUTER);
	int one = 1, zero = 0;
	zmq_pollitem_t items[2] = { { zap, 0, ZMQ_POLLIN, 0 }, { router, 0, ZMQ_POLLIN, 0 } };

	zmq_bind(zap, "inproc://zeromq.zap.01");
	zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof one);
	zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, h->secret_key, 32);
	zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, "house", 5);
	zmq_setsockopt(router, ZMQ_LINGER, &zero, sizeof zero);
	while (zmq_bind(router, h->endpoint) && !atomic_load(&h->stop))
		;
	atomic_store(&h->bound, true);
	while (!atomic_load(&h->stop)) {
		zmq_poll(items, 2, 10);
		if (items[0].revents)
			zap_answer(h, zap);
		if (items[1].revents)
			frame_answer(h, router);
	}
	zmq_close(router);
	zmq_close(zap);
	return NULL;
}

static void house_start(struct peer_house *h)
{
	h->context = zmq_ctx_new();
	assert_non_null(h->context);
	atomic_store(&h->stop, false);
	atomic_store(&h->bound, false);
	assert_int_equal(pthread_create(&h->thread, NULL, serve, h), 0);
	while (!atomic_load(&h->bound))
		sched_yield();
}

static void house_stop(struct peer_house *h)
{
	atomic_store(&h->stop, true);
	pthread_join(h->thread, NULL);
	zmq_ctx_term(h->context);
}

struct fixture {
	struct peer_house house;
	uint8_t public_key[32];
	struct secret *secret;
	atomic_ullong ahead_ms;
	struct env env;
	struct link *link;
};

/* A port that was free a moment ago. */
static void endpoint_pick(char out[64])
{
	void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PULL);
	size_t size = 64;

	assert_int_equal(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, out, &size), 0);
	zmq_close(socket);
	zmq_ctx_term(context);
}

static struct link *dial(struct fixture *f, const uint8_t *server_key)
{
	struct link_peer peer = { f->house.endpoint, server_key, f->public_key, f->secret };
	struct link *l = NULL;

	CHECK_OK(link_open(&peer, &f->env, &l));
	return l;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof f);
	assert_true(sodium_init() >= 0);
	crypto_box_keypair(f.house.public_key, f.house.secret_key);
	f.secret = secret_new(32);
	assert_non_null(f.secret);
	crypto_box_keypair(f.public_key, secret_bytes(f.secret));
	memcpy(f.house.known_key, f.public_key, 32);
	endpoint_pick(f.house.endpoint);
	f.env = (struct env) { wall, ahead, noise, &f.ahead_ms };
	house_start(&f.house);
	f.link = dial(&f, f.house.public_key);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	link_close(f->link);
	house_stop(&f->house);
	secret_free(f->secret);
	return 0;
}

/* The next event of this kind; others before it are let go. */
static struct link_event want(struct link *l, enum link_event_kind kind)
{
	struct link_event e;
	uint64_t until = env_mono_ms(env_system()) + PATIENCE_MS;

	while (env_mono_ms(env_system()) < until) {
		int r = link_poll(l, 200, &e);

		assert_true(r == LINK_OK || r == LINK_E_NONE);
		if (r == LINK_OK && e.kind == kind)
			return e;
	}
	fail_msg("event %d did not come: %s", (int)kind, link_why(l));
	return e;
}

static void test_asks_and_hears(void **state)
{
	struct fixture *f = *state;
	struct link_event e;
	uint64_t n;

	CHECK_IS(link_send(f->link, WIRE_SUBMIT, 1, SPAN_LITERAL("early")), LINK_E_DOWN);
	want(f->link, LINK_UP);
	assert_true(link_is_up(f->link));
	assert_string_equal(link_why(f->link), "");
	n = link_correlation(f->link);
	assert_int_not_equal(n, link_correlation(f->link));
	CHECK_OK(link_credit(f->link, 1u << 20));
	CHECK_OK(link_send(f->link, WIRE_SUBMIT, n, SPAN_LITERAL("question")));
	e = want(f->link, LINK_FRAME);
	assert_int_equal(e.frame.verb, WIRE_RECEIPT);
	assert_int_equal(e.frame.correlation, n);
	CHECK_SPAN(e.frame.body, SPAN_LITERAL("question"));
	assert_int_equal(atomic_load(&f->house.credit), LINK_CREDIT_MAX);
	/* With the next PING the credit goes again. */
	atomic_store(&f->house.credit, 0);
	atomic_fetch_add(&f->ahead_ms, LINK_PING_MS);
	CHECK_OK(link_send(f->link, WIRE_SUBMIT, n + 1, SPAN_LITERAL("another")));
	want(f->link, LINK_FRAME);
	CHECK_OK(link_send(f->link, WIRE_SUBMIT, n + 2, SPAN_LITERAL("and another")));
	want(f->link, LINK_FRAME);
	assert_int_equal(atomic_load(&f->house.credit), LINK_CREDIT_MAX);
}

static void test_unknown_key(void **state)
{
	struct fixture *f = *state;
	unsigned asked;
	struct link_event e;

	link_close(f->link);
	memset(f->house.known_key, 7, 32);
	f->link = dial(f, f->house.public_key);
	want(f->link, LINK_REFUSED);
	assert_true(link_is_refused(f->link));
	assert_non_null(strstr(link_why(f->link), "does not know"));
	/* It knocks less and less often: six more times need 100 + 200 + ... + 3200 ms. */
	for (unsigned i = 0; i < 6; i++) {
		asked = atomic_load(&f->house.n_asked);
		if (i >= 4) { /* pauses that a busy machine does not outlast */
			CHECK_IS(link_poll(f->link, 20, &e), LINK_E_NONE);
			assert_int_equal(atomic_load(&f->house.n_asked), asked);
		}
		atomic_fetch_add(&f->ahead_ms, 100u << i);
		want(f->link, LINK_REFUSED);
	}
	/* Somebody waits: within a second, whatever the pause. */
	link_hurry(f->link);
	atomic_fetch_add(&f->ahead_ms, 1000);
	want(f->link, LINK_REFUSED);
}

static void test_wrong_house(void **state)
{
	struct fixture *f = *state;
	uint8_t other[32], secret[32];

	link_close(f->link);
	crypto_box_keypair(other, secret);
	f->link = dial(f, other);
	want(f->link, LINK_DOWN);
	assert_false(link_is_refused(f->link));
	if (!strstr(link_why(f->link), "transport key"))
		fail_msg("\"%s\" does not name the transport key", link_why(f->link));
}

static void test_nobody(void **state)
{
	struct fixture *f = *state;
	struct link_peer bad = { "tcp//nowhere", f->house.public_key, f->public_key, f->secret };
	struct link *l = NULL;

	link_close(f->link);
	house_stop(&f->house);
	f->link = dial(f, f->house.public_key);
	want(f->link, LINK_DOWN);
	assert_non_null(strstr(link_why(f->link), "nobody answers"));
	CHECK_IS(link_open(&bad, &f->env, &l), LINK_E_ENDPOINT);
	assert_null(l);
	house_start(&f->house);
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	want(f->link, LINK_UP);
}

static void test_restart(void **state)
{
	struct fixture *f = *state;

	want(f->link, LINK_UP);
	house_stop(&f->house);
	want(f->link, LINK_DOWN);
	CHECK_IS(link_send(f->link, WIRE_SUBMIT, 1, SPAN_LITERAL("x")), LINK_E_DOWN);
	assert_true(*link_why(f->link));
	house_start(&f->house);
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	want(f->link, LINK_UP);
	CHECK_OK(link_send(f->link, WIRE_SUBMIT, 2, SPAN_LITERAL("x")));
	want(f->link, LINK_FRAME);
}

static void test_silence(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->house.mute, true);
	want(f->link, LINK_UP);
	CHECK_OK(link_send(f->link, WIRE_SUBMIT, 1, SPAN_LITERAL("x")));
	want(f->link, LINK_FRAME); /* any frame counts as a sign of life */
	atomic_fetch_add(&f->ahead_ms, LINK_PING_MS);
	{
		struct link_event e;

		CHECK_IS(link_poll(f->link, 50, &e),
			 LINK_E_NONE); /* a PING goes out, and nothing comes back */
	}
	atomic_fetch_add(&f->ahead_ms, LINK_SILENT_MS);
	want(f->link, LINK_DOWN);
	assert_string_equal(link_why(f->link), "the house is silent");
}

static void says(struct link *l, enum wire_verb verb, const char *what, const char *why)
{
	want(l, LINK_UP);
	CHECK_OK(link_send(l, verb, 1, span_of_text(what)));
	want(l, LINK_DOWN);
	if (!strstr(link_why(l), why))
		fail_msg("\"%s\" does not say %s", link_why(l), why);
}

static void test_nonsense(void **state)
{
	struct fixture *f = *state;

	says(f->link, WIRE_SUBMIT, "nonsense", "not of this protocol");
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	says(f->link, WIRE_SUBMIT, "two frames", "not of this protocol");
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	says(f->link, WIRE_FETCH, "x", "not of this protocol");
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	says(f->link, WIRE_SUBMIT, "bye", "stopping");
	atomic_fetch_add(&f->ahead_ms, LINK_BACKOFF_MAX_MS);
	want(f->link, LINK_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_asks_and_hears, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_house, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nonsense, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
