/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A role is what one process of the house does. The parent forks, re-executes itself as "knooppuntd --role NAME" and hands
 * down: its part of the configuration, one socket per sibling it talks to, and a pipe on which it says it is ready.
 *
 * Every role starts in the same order: limits (no core dump, not dumpable) -> open what it needs -> landlock -> drop
 * ids, no_new_privs -> seccomp -> ready. SIGTERM: stop gracefully; a sibling's socket closing: stop at once.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/conf/conf.h"

struct role_start {
	const struct conf *conf;  /* only this role's settings */
	int gate_fd, core_fd, keeper_fd; /* -1 when this role has no socket to that sibling */
	int ready_fd;             /* write one line and close: "ready\n", the gate: "ready <endpoint>\n" */
	int stop_fd;              /* signalfd of SIGTERM and SIGINT, already blocked */
};

int gate_role(const struct role_start *start);   /* exit status of the process */
int core_role(const struct role_start *start);
int keeper_role(const struct role_start *start);

/* role_ready() - says so on ready_fd, and closes it. @endpoint: the gate's, else "". By write(), which every sandbox allows. */
MUST_CHECK static inline int role_ready(const struct role_start *start, const char *endpoint)
{
	char line[320];
	int n = snprintf(line, sizeof line, "ready%s%s\n", *endpoint ? " " : "", endpoint);
	bool ok = n > 0 && (size_t)n < sizeof line && write(start->ready_fd, line, (size_t)n) == n;

	close(start->ready_fd);
	return ok ? 0 : err_raise(-EPIPE);
}

/* daemon/sandbox/sandbox.h has sandbox_limits(), sandbox_files(), sandbox_lock(): the steps named above. */
