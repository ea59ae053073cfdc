/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The parent, from outside: its arguments, its faults, and houses (toy_house.c: real gate and keeper, in their sandboxes) that are
 * started, used, stopped, killed and left to misbehave.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slots.h"
#include "base/text.h"
#include "proto/wire.h"
#include "tests/unit/daemon/nodes.h"

#define ARGS_MAX 8

struct run {
	pid_t pid;
	int out_fd, err_fd, ready_fd;
	char out[65536], err[65536]; /* filled by run_end() */
};

/* ---- running the program ---- */

static void run_start(struct run *run, const char *const *args, const char *conduct, const char *keys)
{
	int out[2], err[2], ready[2];

	*run = (struct run){ 0 };
	CHECK_OK(pipe2(out, O_CLOEXEC));
	CHECK_OK(pipe2(err, O_CLOEXEC));
	CHECK_OK(pipe2(ready, O_CLOEXEC));
	run->pid = fork();
	if (run->pid == 0) {
		char *argv[ARGS_MAX + 4] = { strdup("knooppuntd") };
		size_t n = 1;

		for (; args[n - 1]; n++)
			argv[n] = strdup(args[n - 1]);
		argv[n++] = strdup("--ready-fd");
		argv[n++] = strdup("60");
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		dup2(ready[1], 60);
		setenv("TOY", conduct, 1);
		setenv("TOY_KEYS", keys, 1);
		execv(TOY_HOUSE, argv);
		_exit(99);
	}
	assert_true(run->pid > 0);
	close(out[1]);
	close(err[1]);
	close(ready[1]);
	run->out_fd = out[0];
	run->err_fd = err[0];
	run->ready_fd = ready[0];
}

/* All that comes until every process that could write is gone: the end of the pipe is the end of the house. */
static void read_all(int fd, char *into, size_t size)
{
	size_t len = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, 30000) != 1)
			fail_msg("a process is still there; so far: %s", into);
		n = read(fd, into + len, size - 1 - len);
		assert_true(n >= 0 && len + (size_t)n < size - 1);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	into[len] = '\0';
	close(fd);
}

/* The exit status (minus the signal) of the parent, once the whole house is gone. */
static int run_end(struct run *run)
{
	int status;

	read_all(run->out_fd, run->out, sizeof run->out);
	read_all(run->err_fd, run->err, sizeof run->err);
	close(run->ready_fd);
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void endpoint_wait(struct run *run, char endpoint[256])
{
	char line[300] = "";

	read_all(run->ready_fd, line, sizeof line);
	run->ready_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (sscanf(line, "ready %255s", endpoint) != 1) {
		run_end(run);
		fail_msg("not ready: \"%s\"; %s", line, run->err);
	}
}

/* ---- a house ---- */

struct place {
	char *folder;
	char config[4096];
	struct zcert cert, node;
	char node_hex[65];
};

static void config_write(const struct place *p, const char *extra)
{
	char text[2048];

	snprintf(text, sizeof text, "listen: tcp://127.0.0.1:0\nlog_level: info\n%s", extra);
	CHECK_OK(file_write(p->config, span_of_text(text), 0644));
}

static void key_write(const struct place *p, const char *use, const char *name)
{
	struct keyfile key;

	CHECK_OK(keyfile_generate(use, "zvh.example", 0, &key));
	CHECK_OK(keyfile_write(test_path(p->folder, name), &key));
	keyfile_fini(&key);
}

static void place_make(struct place *p)
{
	*p = (struct place){ .folder = test_folder_new() };
	snprintf(p->config, sizeof p->config, "%s/house.yaml", p->folder);
	CHECK_OK(file_make_folders(test_path(p->folder, "keys"), 0700));
	key_write(p, "log", "keys/log.key");
	key_write(p, "store", "keys/store.key");
	CHECK_OK(slots_create(test_path(p->folder, "keys/store.slots")));
	CHECK_OK(zcert_generate("house", &p->cert));
	CHECK_OK(zcert_write(test_path(p->folder, "keys/transport.cert"), &p->cert));
	CHECK_OK(zcert_generate("node", &p->node));
	hex_encode(SPAN_OF(p->node.public_key), p->node_hex);
	config_write(p, "");
}

static void place_free(struct place *p)
{
	zcert_fini(&p->cert);
	zcert_fini(&p->node);
	test_folder_free(p->folder);
}

static void house_start(struct run *run, const struct place *p, const char *conduct, char endpoint[256])
{
	const char *const args[] = { "--config", p->config, NULL };

	run_start(run, args, conduct, p->node_hex);
	if (endpoint)
		endpoint_wait(run, endpoint);
}

static void use(const struct place *p, const char *endpoint, bool answered)
{
	static const uint8_t message[] = { WIRE_VERSION, WIRE_SUBMIT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 'x' };
	void *zmq = zmq_ctx_new(), *node = node_make(zmq, &p->node, p->cert.public_key);
	uint8_t got[64];

	option_set(node, ZMQ_LINGER, WAIT_MS); /* it must arrive, answered or not */
	CHECK_OK(zmq_connect(node, endpoint));
	assert_int_equal(zmq_send(node, message, sizeof message, 0), sizeof message);
	if (answered) {
		assert_int_equal(zmq_recv(node, got, sizeof got, 0), WIRE_HEADER_BYTES);
		assert_int_equal(got[1], WIRE_RECEIPT);
		assert_int_equal(got[11], 9);
	}
	zmq_close(node);
	zmq_ctx_term(zmq);
}

/* The process of that role, by what the parent said when it started it. */
static pid_t pid_of(const char *log, const char *role)
{
	char wanted[64];
	const char *at;

	snprintf(wanted, sizeof wanted, "started role=%s pid=", role);
	at = strstr(log, wanted);
	return at ? (pid_t)atoi(at + strlen(wanted)) : -1;
}

/* ---- arguments and faults ---- */

static int outcome(struct run *run, const char *const *args)
{
	run_start(run, args, "", "");
	return run_end(run);
}

static void test_arguments(void **state UNUSED)
{
	static const struct {
		const char *args[4];
		int status;
		const char *out, *err;
	} cases[] = {
		{ { "--help", NULL }, 0, "Examples:", "" },
		{ { "--version", NULL }, 0, "knooppuntd 0.", "" },
		{ { NULL }, 2, "", "--config FILE is needed" },
		{ { "--speed", NULL }, 2, "", "--speed: unknown option" },
		{ { "start", NULL }, 2, "", "start: not an option" },
		{ { "--config", "/nowhere/house.yaml", NULL }, 2, "", "/nowhere/house.yaml: can't be read" },
		{ { "--role", "cook", NULL }, 2, "", "no such role" },
		{ { "--role", "gate", NULL }, 2, "", "--role is for the daemon itself" },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct run run;
		int status = outcome(&run, cases[i].args);

		if (status != cases[i].status || !strstr(run.out, cases[i].out) || !strstr(run.err, cases[i].err))
			fail_msg("case %zu: status %d, out \"%s\", err \"%s\"", i, status, run.out, run.err);
	}
}

static void check_gives(const struct place *p, int status, const char *text)
{
	const char *const args[] = { "--config", p->config, "--check", NULL };
	struct run run;
	int got = outcome(&run, args);

	if (got != status || !strstr(run.err, text) || (!*text && *run.err))
		fail_msg("status %d, err \"%s\"; expected %d with \"%s\"", got, run.err, status, text);
}

static void test_check(void **state UNUSED)
{
	struct place p;

	place_make(&p);
	check_gives(&p, 0, "");
	assert_int_equal(access(test_path(p.folder, "data"), F_OK), -1); /* looking makes nothing */
	config_write(&p, "batch_max: many\n");
	check_gives(&p, 2, "house.yaml:3:12: batch_max: must be a whole number");
	config_write(&p, "colour: red\n");
	check_gives(&p, 2, "house.yaml:3:1: the key colour is unknown here");
	config_write(&p, "log_key: nothing.key\n");
	check_gives(&p, 2, "house.yaml:3:10: log_key: ");
	check_gives(&p, 2, "nothing.key: the key file is absent");
	config_write(&p, "log_key: keys/store.key\n");
	check_gives(&p, 2, "not a key file of this use");
	config_write(&p, "");
	CHECK_OK(chmod(test_path(p.folder, "keys/store.key"), 0644));
	check_gives(&p, 2, "keys/store.key: must be a plain file, owned by who reads it, with mode 0600");
	CHECK_OK(chmod(test_path(p.folder, "keys/store.key"), 0600));
	CHECK_OK(chmod(test_path(p.folder, "keys/transport.cert_secret"), 0640));
	check_gives(&p, 2, "transport.cert_secret: must be a plain file");
	CHECK_OK(chmod(test_path(p.folder, "keys/transport.cert_secret"), 0600));
	CHECK_OK(unlink(test_path(p.folder, "keys/transport.cert")));
	CHECK_OK(rename(test_path(p.folder, "keys/transport.cert_secret"), test_path(p.folder, "keys/old")));
	zcert_fini(&p.node);
	CHECK_OK(zcert_generate("other", &p.node));
	CHECK_OK(zcert_write(test_path(p.folder, "keys/transport.cert"), &p.node));
	CHECK_OK(rename(test_path(p.folder, "keys/old"), test_path(p.folder, "keys/transport.cert_secret")));
	check_gives(&p, 2, "not the public half of");
	CHECK_OK(file_write(test_path(p.folder, "control.sock"), SPAN_NONE, 0600));
	check_gives(&p, 2, "control.sock: is there, and is no socket");
	CHECK_OK(file_make_folders(test_path(p.folder, "data"), 0700));
	CHECK_OK(chmod(test_path(p.folder, "data"), 0755));
	check_gives(&p, 2, "data: is open to others");
	place_free(&p);
}

static void test_dump_config(void **state UNUSED)
{
	struct run run, again;
	struct place p;

	place_make(&p);
	CHECK_IS(outcome(&run, (const char *const[]){ "--config", p.config, "--dump-config", NULL }), 0);
	CHECK_OK(file_write(p.config, span_of_text(run.out), 0644));
	CHECK_IS(outcome(&again, (const char *const[]){ "--config", p.config, "--dump-config", NULL }), 0);
	assert_string_equal(run.out, again.out);
	assert_non_null(strstr(run.out, "\nbatch_max: 256\n"));
	place_free(&p);
}

/* ---- houses ---- */

static void test_start_use_stop(void **state UNUSED)
{
	char endpoint[256];
	struct place p;
	struct run run;
	const char *gate, *core;

	place_make(&p);
	for (int round = 0; round < 2; round++) {
		house_start(&run, &p, "", endpoint);
		use(&p, endpoint, true);
		kill(run.pid, round ? SIGINT : SIGTERM);
		if (run_end(&run)) fail_msg("%s", run.err);
		/* Started in order, stopped in order, and nothing to complain about. */
		gate = strstr(run.err, "started role=gate");
		core = strstr(run.err, "started role=core");
		assert_true(gate && core && gate > core && strstr(run.err, "started role=keeper") < core);
		assert_non_null(strstr(run.err, "toy-stopped"));
		assert_null(strstr(run.err, " warn "));
		assert_null(strstr(run.err, "role-died"));
		assert_string_equal(run.out, "");
	}
	place_free(&p);
}

static int tcp_connect(const char *endpoint)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(strrchr(endpoint, ':') + 1)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	CHECK_OK(connect(fd, (const struct sockaddr *)&address, sizeof address));
	return fd;
}

/* Whatever comes in from the network, the gate never needs what its sandbox forbids: descriptors run out, handshakes break. */
static void test_hostile_traffic_against_the_sandbox(void **state UNUSED)
{
	char endpoint[256];
	struct place p;
	struct run run;
	int fds[200];

	place_make(&p);
	config_write(&p, "max_connections: 10\nhandshake_ms: 500\n");
	house_start(&run, &p, "", endpoint);
	use(&p, endpoint, true);
	for (size_t i = 0; i < N_ELEMENTS(fds); i++) {
		uint8_t bytes[500];

		randombytes_buf(bytes, sizeof bytes);
		if (i % 3)
			memcpy(bytes, "\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 33);
		fds[i] = tcp_connect(endpoint);
		if (i % 5)
			(void)!send(fds[i], bytes, i % 7 * 70, MSG_NOSIGNAL);
	}
	use(&p, endpoint, true); /* it comes in when the others' time is up */
	for (size_t i = 0; i < N_ELEMENTS(fds); i++)
		close(fds[i]);
	use(&p, endpoint, true);
	kill(run.pid, SIGTERM);
	if (run_end(&run)) fail_msg("%s", run.err);
	place_free(&p);
}

/* kill -9 of any child, or of the parent: the whole house is gone soon after, and starts again. */
static void test_kill_any_process(void **state UNUSED)
{
	static const char *const roles[] = { "keeper", "core", "gate", "parent" };
	char endpoint[256];
	struct place p;
	struct run run;

	place_make(&p);
	for (size_t i = 0; i < N_ELEMENTS(roles); i++) {
		bool parent = text_equal(roles[i], "parent");
		char line[4096] = "";
		pid_t pid;

		house_start(&run, &p, "", endpoint);
		use(&p, endpoint, true);
		assert_true(read(run.err_fd, line, sizeof line - 1) > 0);
		pid = parent ? run.pid : pid_of(line, roles[i]);
		assert_true(pid > 0);
		CHECK_OK(kill(pid, SIGKILL));
		CHECK_IS(run_end(&run), parent ? -SIGKILL : 1);
		if (!parent) {
			snprintf(line, sizeof line, "role-died role=%s signal=KILL", roles[i]);
			assert_non_null(strstr(run.err, line));
		}
	}
	house_start(&run, &p, "", endpoint);
	use(&p, endpoint, true);
	kill(run.pid, SIGTERM);
	if (run_end(&run)) fail_msg("%s", run.err);
	place_free(&p);
}

static void test_a_core_that_dies(void **state UNUSED)
{
	char endpoint[256];
	struct place p;
	struct run run;

	place_make(&p);
	house_start(&run, &p, "die", endpoint);
	use(&p, endpoint, false);
	CHECK_IS(run_end(&run), 1);
	assert_non_null(strstr(run.err, "role-died role=core signal=ABRT"));
	place_free(&p);
}

static void test_a_core_that_does_not_stop(void **state UNUSED)
{
	char endpoint[256];
	struct place p;
	struct run run;

	place_make(&p);
	config_write(&p, "stop_grace_ms: 300\n");
	house_start(&run, &p, "hang", endpoint);
	kill(run.pid, SIGTERM);
	CHECK_IS(run_end(&run), 1);
	assert_non_null(strstr(run.err, "role-died role=core signal=KILL"));
	place_free(&p);
}

static void test_a_core_that_does_not_start(void **state UNUSED)
{
	struct place p;
	struct run run;

	place_make(&p);
	house_start(&run, &p, "fail", NULL);
	CHECK_IS(run_end(&run), 1);
	assert_non_null(strstr(run.err, "role-died role=core status=1"));
	assert_non_null(strstr(run.err, "not-started"));
	/* Stopped while it waits for a child that says nothing. */
	config_write(&p, "stop_grace_ms: 300\n");
	house_start(&run, &p, "mute", NULL);
	while (!strstr(run.err, "started role=keeper"))
		assert_true(read(run.err_fd, run.err, sizeof run.err - 1) > 0);
	kill(run.pid, SIGTERM);
	assert_true(run_end(&run) >= 0);
	place_free(&p);
}

static void test_one_daemon_per_house(void **state UNUSED)
{
	char endpoint[256];
	struct run first, second;
	struct place p;

	place_make(&p);
	house_start(&first, &p, "", endpoint);
	house_start(&second, &p, "", NULL);
	CHECK_IS(run_end(&second), 1);
	assert_non_null(strstr(second.err, "already-running"));
	use(&p, endpoint, true);
	kill(first.pid, SIGTERM);
	CHECK_IS(run_end(&first), 0);
	place_free(&p);
}

static void test_an_address_in_use(void **state UNUSED)
{
	char endpoint[256], extra[300];
	struct run first, second;
	struct place p, q;

	place_make(&p);
	place_make(&q);
	house_start(&first, &p, "", endpoint);
	snprintf(extra, sizeof extra, "listen: %s\n", endpoint);
	CHECK_OK(file_write(q.config, span_of_text(extra), 0644));
	house_start(&second, &q, "", NULL);
	CHECK_IS(run_end(&second), 1);
	assert_non_null(strstr(second.err, "can-not-listen"));
	kill(first.pid, SIGTERM);
	CHECK_IS(run_end(&first), 0);
	place_free(&p);
	place_free(&q);
}

static void test_a_stale_control_socket(void **state UNUSED)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char endpoint[256];
	struct place p;
	struct run run;

	place_make(&p);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", test_path(p.folder, "control.sock"));
	CHECK_OK(bind(fd, (const struct sockaddr *)&address, sizeof address));
	close(fd);
	house_start(&run, &p, "", endpoint);
	assert_int_equal(access(address.sun_path, F_OK), -1);
	kill(run.pid, SIGTERM);
	if (run_end(&run)) fail_msg("%s", run.err);
	place_free(&p);
}

/* A head that another key signed: the keeper does not start, so the house does not. */
static void test_a_keeper_that_refuses(void **state UNUSED)
{
	char endpoint[256];
	struct place p;
	struct run run;

	place_make(&p);
	house_start(&run, &p, "", endpoint);
	kill(run.pid, SIGTERM);
	if (run_end(&run)) fail_msg("%s", run.err);
	CHECK_OK(unlink(test_path(p.folder, "keys/log.key")));
	key_write(&p, "log", "keys/log.key");
	house_start(&run, &p, "", NULL);
	CHECK_IS(run_end(&run), 1);
	assert_non_null(strstr(run.err, "signed with another log key"));
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_dump_config),
		cmocka_unit_test(test_start_use_stop),
		cmocka_unit_test(test_hostile_traffic_against_the_sandbox),
		cmocka_unit_test(test_kill_any_process),
		cmocka_unit_test(test_a_core_that_dies),
		cmocka_unit_test(test_a_core_that_does_not_stop),
		cmocka_unit_test(test_a_core_that_does_not_start),
		cmocka_unit_test(test_one_daemon_per_house),
		cmocka_unit_test(test_an_address_in_use),
		cmocka_unit_test(test_a_stale_control_socket),
		cmocka_unit_test(test_a_keeper_that_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
