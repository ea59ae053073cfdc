/* SPDX-License-Identifier: EUPL-1.2 */
/* The control socket: who is served, and that a client that floods it loses its connection and nobody else does. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/core/clients.h"
#include "tests/unit/daemon/core_world.h"

static struct world w;
static struct clients *clients;

static int setup(void **state)
{
	(void)state;
	world_open(&w, 9);
	world_must_start(&w);
	CHECK_OK(clients_open(test_path(w.folder, "control.sock"), 2, &clients));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	clients = clients_free(clients);
	world_close(&w);
	return 0;
}

/* One round of the core's loop, as far as it concerns clients. */
static void round_do(void)
{
	struct pollfd v[1 + CLIENTS_MAX];
	size_t n = clients_poll(clients, v, true);
	struct core_out out;

	CHECK(poll(v, n, 0) >= 0);
	CHECK_OK(clients_serve(clients, w.core, v, n));
	CHECK_OK(core_commit(w.core));
	while (core_next(w.core, &out))
		if (out.to == CORE_FROM_CONTROL)
			CHECK_OK(clients_send(clients, out.client, &out.frame));
}

static struct ipc *come(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ipc *ipc;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", test_path(w.folder, "control.sock"));
	CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
	CHECK_OK(ipc_new(fd, IPC_CLIENT, IPC_CORE, 4u << 20, &ipc));
	round_do();
	return ipc;
}

static void ask(struct ipc *ipc, size_t n)
{
	const struct ipc_frame status = { .verb = IPC_CTL_STATUS };

	for (size_t i = 0; i < n; i++)
		CHECK_OK(ipc_send(ipc, &status));
	CHECK_OK(ipc_flush(ipc));
}

static size_t answers(struct ipc *ipc, bool *closed)
{
	struct ipc_frame frame;
	size_t n = 0;

	*closed = ipc_read(ipc) == IPC_E_CLOSED;
	while (ipc_next(ipc, &frame) == IPC_OK) {
		CHECK_IS(frame.verb, IPC_CTL_REPLY);
		n++;
	}
	return n;
}

static void test_flood(void **state)
{
	struct ipc *flood = come(), *honest = come();
	bool closed;

	(void)state;
	ask(flood, 1000);
	ask(honest, 3);
	round_do();
	assert_int_equal(answers(honest, &closed), 3);
	CHECK(!closed);
	CHECK(answers(flood, &closed) <= 16);
	CHECK(closed);
	ask(honest, 1);
	round_do();
	assert_int_equal(answers(honest, &closed), 1);
	ipc_free(flood);
	ipc_free(honest);
}

static void test_too_many(void **state)
{
	struct ipc *v[3] = { come(), come(), come() };
	bool closed;

	(void)state;
	assert_int_equal(answers(v[2], &closed), 0); /* two of one user */
	CHECK(closed);
	ipc_free(v[0]);
	round_do();
	v[0] = come();
	ask(v[0], 1);
	round_do();
	assert_int_equal(answers(v[0], &closed), 1);
	for (size_t i = 0; i < 3; i++)
		ipc_free(v[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flood, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
