/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The keeper as a process: two descriptors after its start, the core's socket and the head file. A breach of the frame table by
 * the core ends the house; a wrong request inside a good frame is answered.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/keeper/keeper.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/role.h"

#define WAITING_MAX (1u << 20) /* answers that the core has not read yet */

enum { SERVE_OK = 0, SERVE_E_STOP = 1, SERVE_E_GONE };

static int requests_answer(struct keeper *k, struct ipc *core)
{
	struct ipc_frame request, out;
	int r;

	while ((r = ipc_next(core, &request)) == IPC_OK) {
		r = keeper_answer(k, &request, &out);
		if (!r)
			r = ipc_send(core, &out);
		if (r)
			return err_fold(r);
	}
	if (r == IPC_E_BAD)
		return err_raise(-EPROTO);
	return 0;
}

static int round_do(struct keeper *k, struct ipc *core, int stop_fd)
{
	struct pollfd news[] = {
		{ .fd = ipc_fd(core), .events = (short)(ipc_pending(core) ? POLLIN | POLLOUT : POLLIN) },
		{ .fd = stop_fd, .events = POLLIN },
	};
	int closed = IPC_OK, r;

	if (poll(news, N_ELEMENTS(news), -1) < 0)
		return errno == EINTR ? SERVE_OK : err_raise(-errno);
	if (news[0].revents & (POLLIN | POLLHUP | POLLERR))
		closed = ipc_read(core);
	if (closed < 0)
		return err_pass(closed);
	r = requests_answer(k, core);
	if (r)
		return err_pass(r);
	r = ipc_flush(core);
	if (r < 0)
		return err_pass(r);
	if (closed == IPC_E_CLOSED || r == IPC_E_CLOSED)
		return SERVE_E_GONE;
	return news[1].revents ? SERVE_E_STOP : SERVE_OK;
}

static int serve(struct keeper *k, const struct role_start *start)
{
	CLEANUP(ipc_freep) struct ipc *core = NULL;
	int r = ipc_new(start->core_fd, IPC_KEEPER, IPC_CORE, WAITING_MAX, &core);

	if (!r)
		r = sandbox_files(NULL, 0) < 0 ? -EPERM : 0;
	if (!r)
		r = sandbox_lock(SANDBOX_KEEPER);
	if (!r)
		r = role_ready(start, "");
	if (r)
		return err_fold(r);
	do
		r = round_do(k, core, start->stop_fd);
	while (r == SERVE_OK);
	if (r == SERVE_E_GONE)
		return err_raise(-EPIPE); /* the core ended first */
	return r == SERVE_E_STOP ? 0 : err_fold(r);
}

static int key_open(const struct conf *conf, struct keyfile *key)
{
	const char *path = conf_text(conf, "log_key");
	int r = keyfile_read(path, "log", key);

	if (r > 0) {
		log_error("no-log-key", "file=%s reason=%s", path, keyfile_error_text(r));
		return err_raise(-ENOKEY);
	}
	return r ? err_pass(r) : 0;
}

int keeper_role(const struct role_start *start)
{
	CLEANUP(keeper_freep) struct keeper *k = NULL;
	struct keyfile key = { 0 };
	int r = sandbox_limits();

	if (!r)
		r = key_open(start->conf, &key);
	if (!r)
		r = keeper_new(&key, conf_text(start->conf, "keeper_dir"), &k);
	if (!r)
		r = serve(k, start);
	keyfile_fini(&key);
	if (r)
		log_error("keeper-stopped", "reason=%s", r < 0 ? err_text(r) : "see above");
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
