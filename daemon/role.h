/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A role is what one process of the house does. The parent forks, re-executes itself as "knooppuntd --role NAME" and hands
 * down: its part of the configuration, one socket per sibling it talks to, and a pipe on which it says it is ready.
 *
 * Every role starts in the same order: limits (no core dump, not dumpable) -> open what it needs -> landlock -> drop
 * ids, no_new_privs -> seccomp -> ready. SIGTERM: stop gracefully; a sibling's socket closing: stop at once.
 */
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

/* daemon/sandbox/sandbox.h has sandbox_limits(), sandbox_files(), sandbox_lock(): the steps named above. */
