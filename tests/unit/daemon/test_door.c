/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ways in which libzmq lets a stranger in (ZeroMQ RFC 27 and zmq_setsockopt(3) leave them open), each shown on libzmq
 * itself; that the door is closed in all of them; and that it does not open when any one of its options is left out.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/gate/door.h"
#include "tests/unit/daemon/nodes.h"

#define ENFORCE_DOMAIN 93

/* ---- libzmq itself ---- */

enum handler { HANDLER_NONE, HANDLER_DENY, HANDLER_ALLOW };

static enum zap_verdict judge_fixed(void *ctx, const uint8_t key[KEY_BYTES] UNUSED)
{
	return *(const enum zap_verdict *)ctx;
}

static void *server_make(void *zmq, const struct zcert *cert, const char *domain, int enforce, char endpoint[128])
{
	void *s = zmq_socket(zmq, ZMQ_ROUTER);
	size_t len = 128;

	assert_non_null(s);
	option_set(s, ZMQ_LINGER, 0);
	option_set(s, ZMQ_CURVE_SERVER, 1);
	option_set(s, ENFORCE_DOMAIN, enforce);
	CHECK_OK(zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret_bytes(cert->secret), 32));
	if (*domain)
		CHECK_OK(zmq_setsockopt(s, ZMQ_ZAP_DOMAIN, domain, strlen(domain)));
	CHECK_OK(zmq_bind(s, "tcp://127.0.0.1:*"));
	CHECK_OK(zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, endpoint, &len));
	return s;
}

/* Until the stranger's message is at the server, or the stranger is told no. */
static bool arrives(void *server, void *monitor, struct zap *zap)
{
	zmq_pollitem_t items[] = {
		{ .socket = server, .events = ZMQ_POLLIN },
		{ .socket = monitor, .events = ZMQ_POLLIN },
		{ .socket = zap ? zap_socket(zap) : NULL, .fd = -1, .events = ZMQ_POLLIN },
	};
	uint32_t value;

	for (;;) {
		assert_true(zmq_poll(items, zap ? 3 : 2, WAIT_MS) > 0);
		if (zap)
			CHECK_OK(zap_step(zap));
		if (items[0].revents)
			return true;
		if (items[1].revents && outcome_take(monitor, &value) != ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
			return false;
	}
}

static bool stranger_arrives(const char *domain, int enforce, enum handler handler)
{
	void *zmq = zmq_ctx_new(), *server, *stranger, *monitor;
	enum zap_verdict verdict = handler == HANDLER_ALLOW ? ZAP_ALLOW : ZAP_REFUSE;
	struct zcert cert, unknown;
	struct zap *zap = NULL;
	char endpoint[128];
	bool result;

	CHECK_OK(zcert_generate("server.test", &cert));
	CHECK_OK(zcert_generate("stranger.test", &unknown));
	if (handler != HANDLER_NONE) {
		CHECK_OK(zap_new(zmq, env_system(), &zap));
		zap_judge(zap, judge_fixed, &verdict);
	}
	server = server_make(zmq, &cert, domain, enforce, endpoint);
	stranger = node_make(zmq, &unknown, cert.public_key);
	monitor = outcome_watch(zmq, stranger, "inproc://stranger");
	CHECK_OK(zmq_connect(stranger, endpoint));
	assert_int_equal(zmq_send(stranger, "x", 1, 0), 1);
	result = arrives(server, monitor, zap);
	zmq_socket_monitor(stranger, NULL, 0);
	zmq_close(stranger);
	zmq_close(monitor);
	zmq_close(server);
	zap_free(zap);
	zcert_fini(&cert);
	zcert_fini(&unknown);
	zmq_ctx_term(zmq);
	return result;
}

static void test_libzmq_fails_open(void **state UNUSED)
{
	static const struct {
		const char *domain;
		int enforce;
		enum handler handler;
		bool arrives;
	} cases[] = {
		{ "", 0, HANDLER_NONE, true },         { "", 1, HANDLER_NONE, true },
		{ "", 1, HANDLER_DENY, true },         { ZAP_DOMAIN, 0, HANDLER_NONE, true },
		{ ZAP_DOMAIN, 1, HANDLER_NONE, false }, { ZAP_DOMAIN, 1, HANDLER_DENY, false },
		{ ZAP_DOMAIN, 1, HANDLER_ALLOW, true }, { ZAP_DOMAIN, 0, HANDLER_DENY, false },
		{ "", 0, HANDLER_DENY, false },
		/* Our handler, unlike libzmq, does not let a request without our domain pass. */
		{ "", 0, HANDLER_ALLOW, false },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		if (stranger_arrives(cases[i].domain, cases[i].enforce, cases[i].handler) != cases[i].arrives)
			fail_msg("domain \"%s\", enforce %d, handler %d", cases[i].domain, cases[i].enforce, cases[i].handler);
}

/* ---- the door ---- */

struct fixture {
	void *zmq;
	struct zap *zap;
	struct zcert cert;
	struct door_options options;
};

static int left_out; /* what the next door is opened without */

static int set_but_one(void *socket, int option, const void *value, size_t len)
{
	return option == left_out ? 0 : zmq_setsockopt(socket, option, value, len);
}

static int set_fails(void *socket UNUSED, int option UNUSED, const void *value UNUSED, size_t len UNUSED)
{
	errno = EINVAL;
	return -1;
}

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){ .zmq = zmq_ctx_new() };
	CHECK_OK(zap_new(f->zmq, env_system(), &f->zap));
	CHECK_OK(zcert_generate("door.test", &f->cert));
	f->options = (struct door_options){
		.endpoint = "tcp://127.0.0.1:*",
		.cert = &f->cert,
		.max_message_bytes = 65536,
		.handshake_ms = 2000,
		.heartbeat_ms = 5000,
		.queue_messages = 100,
		.env = env_system(),
	};
}

static void fixture_close(struct fixture *f)
{
	zap_free(f->zap);
	zcert_fini(&f->cert);
	zmq_ctx_term(f->zmq);
}

static void test_opens_on_every_kind_of_address(void **state UNUSED)
{
	static const char *const endpoints[] = { "tcp://127.0.0.1:*", "tcp://*:*", "tcp://[::1]:*", "tcp://[::]:*" };

	for (size_t i = 0; i < N_ELEMENTS(endpoints); i++) {
		struct fixture f;
		struct door *d = NULL;

		fixture_open(&f);
		f.options.endpoint = endpoints[i];
		CHECK_OK(door_open(f.zmq, &f.options, f.zap, &d));
		assert_non_null(strrchr(door_endpoint(d), ':'));
		assert_true(atoi(strrchr(door_endpoint(d), ':') + 1) > 0);
		assert_null(door_close(d, 0));
		fixture_close(&f);
	}
}

static void test_does_not_open_without_any_one_option(void **state UNUSED)
{
	static const int options[] = {
		ZMQ_ZAP_DOMAIN, ENFORCE_DOMAIN, ZMQ_CURVE_SERVER, ZMQ_CURVE_SECRETKEY, ZMQ_MAXMSGSIZE, ZMQ_HANDSHAKE_IVL,
		ZMQ_ROUTER_MANDATORY, ZMQ_RCVHWM, ZMQ_SNDHWM, ZMQ_LINGER, ZMQ_BACKLOG, ZMQ_HEARTBEAT_IVL, ZMQ_HEARTBEAT_TIMEOUT,
		ZMQ_HEARTBEAT_TTL, ZMQ_TCP_KEEPALIVE, ZMQ_TCP_KEEPALIVE_IDLE, ZMQ_TCP_KEEPALIVE_INTVL, ZMQ_TCP_KEEPALIVE_CNT,
	};

	for (size_t i = 0; i < N_ELEMENTS(options); i++) {
		struct fixture f;
		struct door *d = NULL;

		fixture_open(&f);
		f.options.set = set_but_one;
		left_out = options[i];
		if (door_open(f.zmq, &f.options, f.zap, &d) != DOOR_E_UNSAFE)
			fail_msg("the door opened without option %d", options[i]);
		assert_null(d);
		fixture_close(&f);
	}
}

static void test_does_not_open_without_a_handler(void **state UNUSED)
{
	struct fixture f;
	struct door *d = NULL;

	fixture_open(&f);
	f.zap = zap_free(f.zap);
	CHECK_IS(door_open(f.zmq, &f.options, NULL, &d), DOOR_E_UNSAFE);
	fixture_close(&f);
}

/* The handler is there, but nobody serves it: what a wrong order of starting would give. */
static void test_does_not_open_with_a_silent_handler(void **state UNUSED)
{
	struct fixture f;
	struct door *d = NULL;

	fixture_open(&f);
	f.options.handshake_ms = 300;
	CHECK_IS(door_open(f.zmq, &f.options, NULL, &d), DOOR_E_UNSAFE);
	fixture_close(&f);
}

static void test_an_option_that_is_not_taken_is_fatal(void **state UNUSED)
{
	struct fixture f;
	struct door *d = NULL;

	fixture_open(&f);
	f.options.set = set_fails;
	CHECK_IS(door_open(f.zmq, &f.options, f.zap, &d), -EINVAL);
	fixture_close(&f);
}

static void test_an_address_in_use_is_told(void **state UNUSED)
{
	struct fixture f, other;
	struct door *d = NULL, *second = NULL;

	fixture_open(&f);
	fixture_open(&other);
	CHECK_OK(door_open(f.zmq, &f.options, f.zap, &d));
	other.options.endpoint = door_endpoint(d);
	CHECK_IS(door_open(other.zmq, &other.options, other.zap, &second), DOOR_E_ADDRESS);
	fixture_close(&other);
	door_close(d, 0);
	fixture_close(&f);
}

/* Without an encrypted handshake nothing comes in, whatever ZAP would say. */
static void test_plain_connections_are_refused(void **state UNUSED)
{
	enum zap_verdict verdict = ZAP_ALLOW;
	struct fixture f;
	struct door *d = NULL;
	void *plain, *monitor;

	fixture_open(&f);
	CHECK_OK(door_open(f.zmq, &f.options, f.zap, &d));
	zap_judge(f.zap, judge_fixed, &verdict);
	plain = zmq_socket(f.zmq, ZMQ_DEALER);
	option_set(plain, ZMQ_LINGER, 0);
	monitor = outcome_watch(f.zmq, plain, "inproc://plain");
	CHECK_OK(zmq_connect(plain, door_endpoint(d)));
	assert_int_equal(zmq_send(plain, "x", 1, ZMQ_DONTWAIT), 1);
	assert_false(arrives(door_socket(d), monitor, f.zap));
	zmq_socket_monitor(plain, NULL, 0);
	zmq_close(plain);
	zmq_close(monitor);
	door_close(d, 0);
	fixture_close(&f);
}

/* Our Z85 and libzmq's say the same. */
static void test_z85_agrees_with_libzmq(void **state UNUSED)
{
	for (int i = 0; i < 50; i++) {
		char ours[Z85_KEY_TEXT], theirs[Z85_KEY_TEXT];
		struct zcert cert;
		uint8_t back[32];

		CHECK_OK(zcert_generate("x", &cert));
		z85_encode(cert.public_key, ours);
		assert_non_null(zmq_z85_encode(theirs, cert.public_key, 32));
		assert_string_equal(ours, theirs);
		assert_true(z85_decode(theirs, back));
		assert_memory_equal(back, cert.public_key, 32);
		zcert_fini(&cert);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_libzmq_fails_open),
		cmocka_unit_test(test_opens_on_every_kind_of_address),
		cmocka_unit_test(test_does_not_open_without_any_one_option),
		cmocka_unit_test(test_does_not_open_without_a_handler),
		cmocka_unit_test(test_does_not_open_with_a_silent_handler),
		cmocka_unit_test(test_an_option_that_is_not_taken_is_fatal),
		cmocka_unit_test(test_an_address_in_use_is_told),
		cmocka_unit_test(test_plain_connections_are_refused),
		cmocka_unit_test(test_z85_agrees_with_libzmq),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
