/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A role starts in a fresh process image: nothing of the parent's memory, and of its descriptors only those given. It dies with
 * its parent (PR_SET_PDEATHSIG), and is out of the terminal's process group: a Ctrl-C reaches the parent alone, which stops
 * the house in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/parent/inside.h"

#define CONF_MAX_BYTES (64u << 10)

/* In the child, between fork and exec. */
static void child_exec(const struct parent_role *role, const int fds[CHILD_FDS], pid_t parent)
{
	char *argv[] = { strdup("knooppuntd"), strdup("--role"), strdup(role->name), NULL };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent || setpgid(0, 0))
		_exit(PARENT_EXIT_FAILED);
	for (int i = CHILD_CONF_FD; i < CHILD_FDS; i++)
		if (fds[i] < 0 ? close(i) && errno != EBADF : dup2(fds[i], i) < 0)
			_exit(PARENT_EXIT_FAILED);
	if (close_range(CHILD_FDS, ~0U, 0))
		_exit(PARENT_EXIT_FAILED);
	execv("/proc/self/exe", argv);
	_exit(PARENT_EXIT_FAILED);
}

int child_start(const struct parent_role *role, const int fds[CHILD_FDS], pid_t *out)
{
	pid_t parent = getpid(), pid;

	for (int i = CHILD_CONF_FD; i < CHILD_FDS; i++)
		ASSERT(fds[i] < 0 || fds[i] >= CHILD_FDS);
	pid = fork();
	if (pid < 0)
		return err_raise(-errno);
	if (pid == 0)
		child_exec(role, fds, parent);
	*out = pid;
	return 0;
}

static int conf_take(struct conf **out)
{
	struct buffer text;
	struct stat st;
	uint8_t *at;
	int r;

	if (fstat(CHILD_CONF_FD, &st))
		return err_raise(-errno);
	if (st.st_size > CONF_MAX_BYTES)
		return err_raise(-EFBIG);
	buffer_init(&text, 0);
	at = buffer_grow(&text, (size_t)st.st_size);
	if (!at)
		return err_raise(-ENOMEM);
	r = pread(CHILD_CONF_FD, at, text.len, 0) == (ssize_t)text.len ? conf_from_role(buffer_span(&text), out)
								      : err_raise(-EIO);
	buffer_fini(&text);
	close(CHILD_CONF_FD);
	return r;
}

/* SIGTERM and SIGINT become something to read; nothing interrupts. */
static int stop_fd_make(void)
{
	sigset_t stops, none;
	int fd;

	sigemptyset(&none);
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	if (sigprocmask(SIG_SETMASK, &stops, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_raise(-errno);
	fd = signalfd(-1, &stops, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? err_raise(-errno) : fd;
}

static int fd_if_open(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) ? -1 : fd;
}

enum log_level level_of(const char *name)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	for (unsigned i = 0; i < N_ELEMENTS(names); i++)
		if (text_equal(names[i], name))
			return (enum log_level)i;
	return LOG_LEVEL_WARN;
}

int child_main(const struct parent_role *role)
{
	CLEANUP(conf_freep) struct conf *conf = NULL;
	struct role_start start = {
		.gate_fd = fd_if_open(CHILD_GATE_FD),
		.core_fd = fd_if_open(CHILD_CORE_FD),
		.keeper_fd = fd_if_open(CHILD_KEEPER_FD),
		.ready_fd = fd_if_open(CHILD_READY_FD),
		.stop_fd = stop_fd_make(),
	};
	char name[16];
	int r;

	log_init(role->name, LOG_LEVEL_WARN);
	snprintf(name, sizeof name, "kp-%s", role->name);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	r = conf_take(&conf);
	if (r || start.ready_fd < 0 || start.stop_fd < 0) {
		fprintf(stderr, "knooppuntd: --role is for the daemon itself; start it with --config FILE\n");
		return PARENT_EXIT_USAGE;
	}
	log_init(role->name, level_of(conf_text(conf, "log_level")));
	start.conf = conf;
	return role->run(&start);
}
