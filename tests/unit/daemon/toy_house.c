/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A house with the real parent, gate and keeper, and in the place of the core a toy that answers every message with a receipt.
 * TOY in the environment tells it to misbehave: die, hang (not stop), mute (never ready), fail (end before it is ready).
 * TOY_KEYS: transport keys it admits, hex, without anything between.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/parent/parent.h"
#include "daemon/sandbox/sandbox.h"
#include "proto/wire.h"

struct toy {
	struct ipc *gate, *keeper;
	const char *conduct;
	bool signed_once;
};

static bool send_one(struct ipc *ipc, unsigned verb, uint64_t session, uint64_t aux, struct span body)
{
	const struct ipc_frame frame = { .verb = (uint16_t)verb, .session = session, .aux = aux, .body = body };

	return ipc_send(ipc, &frame) == IPC_OK && ipc_flush(ipc) == IPC_OK;
}

static bool admit(struct toy *t)
{
	const char *keys = getenv("TOY_KEYS");
	struct buffer list;
	bool ok;

	buffer_init(&list, 0);
	for (; keys && *keys; keys += 64) {
		uint8_t key[32];

		if (!hex_decode(span_of(keys, 64), key, sizeof key))
			return false;
		buffer_u8(&list, IPC_CLASS_NODE);
		buffer_bytes(&list, SPAN_OF(key));
	}
	ok = send_one(t->gate, IPC_CORE_ALLOW, 0, 0, buffer_span(&list)) && send_one(t->gate, IPC_CORE_CREDIT, 0, 100, SPAN_NONE);
	buffer_fini(&list);
	return ok;
}

static bool answer(struct toy *t, const struct ipc_frame *got)
{
	uint8_t receipt[WIRE_HEADER_BYTES] = { WIRE_VERSION, WIRE_RECEIPT };

	if (text_equal(t->conduct, "die"))
		abort();
	memcpy(receipt + 4, got->body.ptr + 36, 8);
	return send_one(t->gate, IPC_CORE_SEND, got->session, 0, SPAN_OF(receipt)) &&
	       send_one(t->gate, IPC_CORE_CREDIT, 0, 1, SPAN_NONE);
}

static bool gate_hear(struct toy *t)
{
	struct ipc_frame got;

	if (ipc_read(t->gate) != IPC_OK)
		return false;
	while (ipc_next(t->gate, &got) == IPC_OK) {
		if (got.verb == IPC_GATE_READY && !admit(t))
			return false;
		if (got.verb == IPC_GATE_MESSAGE && !answer(t, &got))
			return false;
	}
	return true;
}

/* The head of an empty log, signed by the real keeper, before anything else. */
static bool head_signed(struct toy *t)
{
	uint8_t body[50] = { 0 };
	struct pollfd p = { .fd = ipc_fd(t->keeper), .events = POLLIN };
	struct ipc_frame got;
	struct hash empty;

	tree_hash_empty(&empty);
	memcpy(body + 16, empty.bytes, HASH_BYTES);
	if (!send_one(t->keeper, IPC_KEEPER_SIGN, 0, 0, SPAN_OF(body)))
		return false;
	while (ipc_next(t->keeper, &got) == IPC_E_NONE)
		if (poll(&p, 1, 10000) != 1 || ipc_read(t->keeper) != IPC_OK)
			return false;
	return got.verb == IPC_KEEPER_SIGNED;
}

static void socket_leave(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); /* stands for the control socket of the real core */

	if (fd >= 0)
		close(fd);
	unlink(path);
}

static int serve(struct toy *t, const struct role_start *start)
{
	struct pollfd news[] = {
		{ .fd = ipc_fd(t->gate), .events = POLLIN },
		{ .fd = start->stop_fd, .events = POLLIN },
	};

	if (text_equal(t->conduct, "fail") || !head_signed(t))
		return EXIT_FAILURE;
	socket_leave(conf_text(start->conf, "control_socket"));
	while (text_equal(t->conduct, "mute"))
		pause();
	if (write(start->ready_fd, "ready\n", 6) != 6)
		return EXIT_FAILURE;
	close(start->ready_fd);
	for (;;) {
		if (poll(news, N_ELEMENTS(news), -1) < 0)
			return EXIT_FAILURE;
		if (news[1].revents && !text_equal(t->conduct, "hang")) {
			log_error("toy-stopped", "asked=%d", 1);
			return EXIT_SUCCESS;
		}
		if (news[1].revents)
			news[1].fd = -1;
		if (news[0].revents && !gate_hear(t))
			return EXIT_FAILURE;
	}
}

static int toy_core(const struct role_start *start)
{
	struct toy t = { .conduct = getenv("TOY") };
	int r;

	if (ipc_new(start->gate_fd, IPC_CORE, IPC_GATE, 1u << 20, &t.gate) ||
	    ipc_new(start->keeper_fd, IPC_CORE, IPC_KEEPER, 1u << 20, &t.keeper))
		return EXIT_FAILURE;
	r = serve(&t, start);
	ipc_free(t.gate);
	ipc_free(t.keeper);
	return r;
}

int main(int argc, const char **argv)
{
	static const struct parent_role roles[PARENT_ROLES] = {
		{ "keeper", IPC_KEEPER, keeper_role },
		{ "core", IPC_CORE, toy_core },
		{ "gate", IPC_GATE, gate_role },
	};

	return parent_main(argc, argv, roles);
}
