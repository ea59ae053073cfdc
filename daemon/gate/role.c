/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The gate as a process. It opens one file, the transport certificate, and after that none; the filter on system calls stands
 * before the first ZeroMQ socket, whose threads inherit it, and is drawn tighter once the door is bound and tried.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "base/error.h"
#include "base/log.h"
#include "daemon/gate/gate.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/role.h"

#define DESCRIPTORS_SPARE 64 /* beside the connections */
#define SOCKETS_MAX 16       /* ZeroMQ's count: door, ZAP, monitors; connections are not sockets to it */

static void context_endp(void **zmq)
{
	if (*zmq)
		zmq_ctx_term(*zmq);
}

/* More connections than descriptors are refused by the kernel: what half-open connections can take is bounded by this. */
static int descriptors_limit(const struct conf *conf)
{
	rlim_t wanted = (rlim_t)conf_uint(conf, "max_connections") + DESCRIPTORS_SPARE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return err_raise(-errno);
	if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max) {
		log_warn("fewer-connections", "wanted=%llu may=%llu", (unsigned long long)wanted,
			 (unsigned long long)limit.rlim_max);
		wanted = limit.rlim_max;
	}
	limit.rlim_cur = limit.rlim_max = wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) ? err_raise(-errno) : 0;
}

static int cert_open(const struct conf *conf, struct zcert *cert)
{
	const char *path = conf_text(conf, "transport_cert");
	int r = zcert_read_secret(path, cert);

	if (r > 0) {
		log_error("no-transport-key", "file=%s_secret reason=%s", path, keyfile_error_text(r));
		return err_raise(-ENOKEY);
	}
	return r ? err_pass(r) : 0;
}

static int context_make(void **out)
{
	void *zmq = zmq_ctx_new();

	if (!zmq)
		return err_raise(-ENOMEM);
	if (zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, SOCKETS_MAX) || zmq_ctx_set(zmq, ZMQ_BLOCKY, 0)) {
		zmq_ctx_term(zmq);
		return err_raise(-EINVAL);
	}
	*out = zmq;
	return 0;
}

static int serve(struct gate *g, const struct role_start *start)
{
	int wake_fd = start->stop_fd, r = GATE_OK;
	bool said = false;

	while (r == GATE_OK || r == GATE_E_WOKEN) {
		r = gate_step(g, wake_fd);
		if (r == GATE_E_WOKEN) {
			gate_stop(g);
			wake_fd = -1; /* it stays readable; once is enough */
		}
		/* Ready is when a node of the house would be let in. */
		if (!said && (r == GATE_OK || r == GATE_E_WOKEN) && gate_admits(g)) {
			int failed = role_ready(start, gate_endpoint(g));

			if (failed)
				return err_pass(failed);
			said = true;
		}
	}
	return r;
}

static int opened(void *zmq, struct zcert *cert, const struct role_start *start)
{
	const struct gate_options options = {
		.conf = start->conf,
		.cert = cert,
		.core_fd = start->core_fd,
		.env = env_system(),
	};
	CLEANUP(gate_freep) struct gate *g = NULL;
	int r = gate_new(zmq, &options, &g);

	zcert_fini(cert); /* wiped; libzmq has its own copies from here on */
	if (r > 0)
		return err_raise(-EADDRNOTAVAIL); /* logged where it was found */
	if (!r)
		r = sandbox_lock(SANDBOX_GATE_BOUND);
	if (r)
		return err_pass(r);
	r = serve(g, start);
	if (r == GATE_E_CORE_GONE)
		return err_raise(-EPIPE); /* the core ended first */
	return r == GATE_E_DONE ? 0 : err_fold(r);
}

static int locked(void **zmq, struct zcert *cert, const struct role_start *start)
{
	int r = sandbox_files(NULL, 0);

	if (r < 0)
		return err_pass(r);
	r = sandbox_lock(SANDBOX_GATE);
	if (!r)
		r = context_make(zmq);
	return r ? err_pass(r) : opened(*zmq, cert, start);
}

int gate_role(const struct role_start *start)
{
	CLEANUP(context_endp) void *zmq = NULL;
	struct zcert cert = { 0 };
	int r = sodium_init() < 0 ? err_raise(-EIO) : sandbox_limits();

	if (!r)
		r = descriptors_limit(start->conf);
	if (!r)
		r = cert_open(start->conf, &cert);
	if (!r)
		r = locked(&zmq, &cert, start);
	zcert_fini(&cert);
	if (r)
		log_error("gate-stopped", "reason=%s", err_text(r));
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
