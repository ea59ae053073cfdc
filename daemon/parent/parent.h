/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Parent - the process that is started: reads the configuration, starts the house's three processes and watches over them.
 *
 * It parses nothing that a peer sent and holds no key. When one of its children dies the house stops: what a process that
 * was killed or taken left behind is judged at the next start, from the disk.
 */
#include "daemon/role.h"

#define PARENT_ROLES 3

struct parent_role {
	const char *name;
	enum ipc_role role;
	int (*run)(const struct role_start *start);
};

enum { PARENT_EXIT_OK = 0, PARENT_EXIT_FAILED = 1, PARENT_EXIT_USAGE = 2 };

/* parent_main() - the whole program. roles: in the order in which they start; they stop in the reverse order. */
int parent_main(int argc, const char **argv, const struct parent_role roles[PARENT_ROLES]);
