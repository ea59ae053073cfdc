/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The inside of the parent, shared by main.c (arguments), check.c (--check), house.c (the running house), child.c (a process of it).
 */
#include <sys/types.h>

#include "base/log.h"
#include "daemon/parent/parent.h"

/* Descriptors of a child, the same in every role; those it has no use for are closed. */
enum { CHILD_CONF_FD = 3, CHILD_READY_FD, CHILD_GATE_FD, CHILD_CORE_FD, CHILD_KEEPER_FD, CHILD_FDS };

/* check_settings() - does what the settings name exist, and is it fit? Adds a fault for each that is not. 0, <0 fatal. */
MUST_CHECK int check_settings(const struct conf *conf, struct fault_list *faults);

/* house_run() - until SIGTERM, SIGINT or the death of a child. Returns the program's exit status. ready_fd: -1, none. */
int house_run(const struct conf *conf, const struct parent_role roles[PARENT_ROLES], int ready_fd);

/* user_become() - the configured user, when started by root and one is configured. 0, <0 fatal (logged). */
MUST_CHECK int user_become(const struct conf *conf);

/*
 * child_start() - fork and execute this program again as that role
 * @fds: for each CHILD_ descriptor the one to hand down, -1: none; above CHILD_FDS, and still the caller's
 */
MUST_CHECK int child_start(const struct parent_role *role, const int fds[CHILD_FDS], pid_t *out);
enum log_level level_of(const char *name);
int child_main(const struct parent_role *role); /* what the child then does; its exit status */
