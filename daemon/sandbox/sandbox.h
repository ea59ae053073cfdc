/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Sandbox - what a role gives up before it reads its first untrusted byte.
 *
 * Order, the same in every role: sandbox_limits() -> open what is needed -> sandbox_files() -> sandbox_lock() -> ready.
 * The gate locks before its first zmq_socket(): the threads that this starts inherit the filter.
 * A system call beyond the filter ends the process (SIGSYS); the parent logs that and stops the house.
 *
 * In builds with a sanitizer (KP_SANITIZED) these functions only set no_new_privs: the sanitizers' own work (ptrace, /proc,
 * extra threads) is what the sandbox forbids. Such builds are for tests.
 */
#include <stdbool.h>

#include "base/macro.h"

enum sandbox_role {
	SANDBOX_GATE,        /* before the first socket: network, threads; no files */
	SANDBOX_GATE_BOUND,  /* on top of it, once bound: no new sockets, connections or threads of any kind */
	SANDBOX_CORE,        /* files (within sandbox_files()), unix sockets, threads; no network */
	SANDBOX_KEEPER,      /* two open descriptors: requests and the head file */
	SANDBOX_ROLES
};

/* sandbox_limits() - no core image, memory not readable by other processes of this user. Return: 0, <0 fatal. */
MUST_CHECK int sandbox_limits(void);

struct sandbox_path {
	const char *path; /* a folder, with all beneath it, or a file */
	bool write;       /* also write, make, rename and remove */
};
enum { SANDBOX_OK = 0, SANDBOX_E_ABSENT = 1 };
/*
 * sandbox_files() - from now on only these paths can be opened (landlock); n == 0: none
 * Return: SANDBOX_OK; SANDBOX_E_ABSENT: this kernel has no landlock; a warning "sandbox-weak" is logged, the caller goes
 * on with seccomp and file modes alone; <0 fatal.
 */
MUST_CHECK int sandbox_files(const struct sandbox_path *paths, size_t n);

/* sandbox_lock() - no_new_privs and the role's list of system calls, for all threads. Return: 0, <0 fatal. */
MUST_CHECK int sandbox_lock(enum sandbox_role role);
