/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each lock in a child of its own: its work goes on, and what is beyond it ends the process by SIGSYS (or is answered with an
 * error, where sandbox.c argues for that).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/sandbox/sandbox.h"
#include "tests/lib/harness.h"

#define DONE 17 /* the exit status of a child that came to its end */

#ifndef KP_SANITIZED /* under a sanitizer the sandbox is off, see sandbox.h */

typedef void body_fn(const char *folder);

/* What became of a child under this lock: DONE, or minus the signal. */
static int under(enum sandbox_role role, body_fn *body, const char *folder)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_limits() || (role == SANDBOX_GATE_BOUND && sandbox_lock(SANDBOX_GATE)) || sandbox_lock(role))
			_exit(1);
		body(folder);
		_exit(DONE);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void do_nothing(const char *folder UNUSED) {}

static void do_open(const char *folder UNUSED)
{
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0)
		_exit(2);
}

static void do_exec(const char *folder UNUSED)
{
	char *argv[] = { NULL };

	execv("/bin/true", argv);
}

static void do_fork(const char *folder UNUSED)
{
	if (fork() == 0)
		_exit(3);
}

static void do_tcp(const char *folder UNUSED)
{
	if (socket(AF_INET, SOCK_STREAM, 0) < 0)
		_exit(2);
}

static void do_unix(const char *folder UNUSED)
{
	if (socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		_exit(2);
}

static void do_executable_memory(const char *folder UNUSED)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_make_executable(const char *folder UNUSED)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void do_kill(const char *folder UNUSED)
{
	kill(getppid(), 0);
}

static void do_ptrace(const char *folder UNUSED)
{
	syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void *thread_body(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static void do_thread(const char *folder UNUSED)
{
	pthread_t thread;
	int ran = 0;

	if (pthread_create(&thread, NULL, thread_body, &ran) || pthread_join(thread, NULL) || !ran)
		_exit(2);
}

/* Reading, writing and memory: everybody's. */
static void do_common_work(const char *folder UNUSED)
{
	char *memory = malloc(10 << 20), byte = 1;
	int pair[2] = { STDERR_FILENO, STDERR_FILENO };
	struct timespec now;

	if (!memory || write(pair[0], "", 0) != 0 || read(STDIN_FILENO, &byte, 0) != 0 || clock_gettime(CLOCK_REALTIME, &now))
		_exit(2);
	memset(memory, 1, 10 << 20);
	free(memory);
}

static void test_what_ends_a_process(void **state UNUSED)
{
	static const struct {
		const char *name;
		body_fn *body;
		int becomes[SANDBOX_ROLES]; /* gate, gate once bound, core, keeper */
	} cases[] = {
		{ "nothing", do_nothing, { DONE, DONE, DONE, DONE } },
		{ "common work", do_common_work, { DONE, DONE, DONE, DONE } },
		{ "thread", do_thread, { DONE, -SIGSYS, DONE, -SIGSYS } },
		{ "open", do_open, { 2, 2, DONE, -SIGSYS } },
		{ "exec", do_exec, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "fork", do_fork, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "tcp socket", do_tcp, { DONE, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "unix socket", do_unix, { DONE, -SIGSYS, DONE, -SIGSYS } },
		{ "executable memory", do_executable_memory, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "memory made executable", do_make_executable, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "kill", do_kill, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
		{ "ptrace", do_ptrace, { -SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS } },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		for (unsigned role = 0; role < SANDBOX_ROLES; role++) {
			int got = under((enum sandbox_role)role, cases[i].body, NULL);

			if (got != cases[i].becomes[role])
				fail_msg("%s in role %u: %d, expected %d", cases[i].name, role, got, cases[i].becomes[role]);
		}
}

/* A thread that was there before is under the lock as well. */
static void *late_open(void *arg)
{
	int fd = *(int *)arg;
	char byte;

	while (read(fd, &byte, 1) != 1)
		continue;
	do_exec(NULL);
	return NULL;
}

static void test_threads_that_were_there_before(void **state UNUSED)
{
	int status, go[2];
	pid_t pid;

	CHECK_OK(pipe2(go, O_CLOEXEC));
	pid = fork();
	if (pid == 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, late_open, &go[0]) || sandbox_lock(SANDBOX_KEEPER))
			_exit(1);
		(void)!write(go[1], "x", 1);
		pthread_join(thread, NULL);
		_exit(DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	close(go[0]);
	close(go[1]);
}

/* ---- files ---- */

static int within_files(body_fn *body, const char *folder, const struct sandbox_path *paths, size_t n)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_files(paths, n))
			_exit(1);
		body(folder);
		_exit(DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static bool can(const char *folder, const char *name, int flags)
{
	int fd = open(test_path(folder, name), flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void see_files(const char *folder)
{
	bool ok = can(folder, "write/a", O_RDWR) && can(folder, "write/new", O_RDWR | O_CREAT) &&
		  can(folder, "write/a", O_WRONLY | O_TRUNC) && can(folder, "read/a", O_RDONLY) && !can(folder, "read/a", O_RDWR) &&
		  !can(folder, "read/new", O_RDWR | O_CREAT) && !can(folder, "other/a", O_RDONLY) && !can("/etc", "passwd", O_RDONLY) &&
		  can(folder, "one", O_RDONLY) && !can(folder, "one", O_WRONLY) &&
		  rename(test_path(folder, "write/new"), test_path(folder, "write/moved")) == 0 &&
		  rename(test_path(folder, "write/moved"), test_path(folder, "other/moved")) != 0 &&
		  unlink(test_path(folder, "write/moved")) == 0 && unlink(test_path(folder, "read/a")) != 0;

	_exit(ok ? DONE : 2);
}

static void see_nothing(const char *folder)
{
	_exit(!can(folder, "read/a", O_RDONLY) && !can("/etc", "passwd", O_RDONLY) && !can("/dev", "null", O_RDONLY) ? DONE : 2);
}

static void test_files(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	static const char *const names[] = { "write/a", "read/a", "other/a", "one" };
	struct sandbox_path paths[3];
	const struct sandbox_path absent = { "/nowhere/at/all", false };

	CHECK_OK(file_make_folders(test_path(folder, "write"), 0700));
	CHECK_OK(file_make_folders(test_path(folder, "read"), 0700));
	CHECK_OK(file_make_folders(test_path(folder, "other"), 0700));
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		CHECK_OK(file_write(test_path(folder, names[i]), SPAN_LITERAL("x"), 0600));
	paths[0] = (struct sandbox_path){ test_path(folder, "write"), true };
	paths[1] = (struct sandbox_path){ test_path(folder, "read"), false };
	paths[2] = (struct sandbox_path){ test_path(folder, "one"), false };
	assert_int_equal(within_files(see_files, folder, paths, N_ELEMENTS(paths)), DONE);
	assert_int_equal(within_files(see_nothing, folder, NULL, 0), DONE);
	assert_int_equal(sandbox_files(&absent, 1), -ENOENT);
}

static void see_limits(const char *folder UNUSED)
{
	struct rlimit core;

	if (sandbox_limits() || getrlimit(RLIMIT_CORE, &core) || core.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0)
		_exit(2);
	_exit(DONE);
}

static void test_limits(void **state UNUSED)
{
	assert_int_equal(within_files(see_limits, NULL, NULL, 0), DONE);
}

#endif

/* What holds in every build. */
static _Noreturn void see_no_new_privs(void)
{
	_exit(sandbox_lock(SANDBOX_KEEPER) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? DONE : 2);
}

static void test_no_new_privs_in_every_build(void **state UNUSED)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		see_no_new_privs();
	assert_int_equal(waitpid(pid, &status, 0), pid);
#ifdef KP_SANITIZED
	assert_int_equal(WEXITSTATUS(status), DONE);
#else
	/* Asking is beyond the keeper's list. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef KP_SANITIZED
		cmocka_unit_test(test_what_ends_a_process),
		cmocka_unit_test(test_threads_that_were_there_before),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_limits),
#endif
		cmocka_unit_test(test_no_new_privs_in_every_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
