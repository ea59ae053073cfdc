/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Both pipes are served from one poll loop, so that a handler that answers before it has read everything, or never reads,
 * can't block us. The child gets its own process group: at the deadline the whole group is killed.
 */
#include "client/cli/handler.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"

#define END_POLL_MS 5

struct run {
	pid_t pid;
	int in, out; /* our ends; -1 when closed */
	struct span left;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(const char *command, struct run *run)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0)
		return err_raise(-errno);
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return err_raise(-errno);
	}
	run->pid = fork();
	if (run->pid == 0) {
		setpgid(0, 0);
		signal(SIGPIPE, SIG_DFL);
		if (dup2(in[0], 0) >= 0 && dup2(out[1], 1) >= 0)
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	run->in = in[1];
	run->out = out[0];
	if (run->pid < 0) {
		close_end(&run->in);
		close_end(&run->out);
		return err_raise(-errno);
	}
	setpgid(run->pid, run->pid);
	fcntl(run->in, F_SETFL, O_NONBLOCK);
	return 0;
}

static void feed(struct run *run)
{
	ssize_t n = write(run->in, run->left.ptr, run->left.len);

	if (n > 0) {
		run->left.ptr += n;
		run->left.len -= (size_t)n;
	}
	if (run->left.len == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&run->in);
}

static void drain(struct run *run, struct buffer *out)
{
	uint8_t chunk[16384];
	ssize_t n = read(run->out, chunk, sizeof chunk);

	if (n > 0)
		buffer_bytes(out, span_of(chunk, (size_t)n));
	else if (n == 0 || errno != EINTR)
		close_end(&run->out);
}

/* True when the handler closed its output in time. */
static bool talk(struct run *run, uint64_t until_ms, struct buffer *out)
{
	while (run->out >= 0 && !out->failed) {
		uint64_t now = env_mono_ms(env_system());
		struct pollfd fds[2] = { { .fd = run->out, .events = POLLIN }, { .fd = run->in, .events = POLLOUT } };

		if (now >= until_ms)
			return false;
		if (poll(fds, 2, (int)(until_ms - now)) < 0 && errno != EINTR)
			return false;
		if (fds[1].fd >= 0 && fds[1].revents)
			feed(run);
		if (fds[0].revents)
			drain(run, out);
	}
	return !out->failed;
}

/* Its exit status, or false at the deadline: a handler may close its output and stay. */
static bool ended(pid_t pid, uint64_t until_ms, int *status)
{
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) <= 0) {
		if (env_mono_ms(env_system()) >= until_ms)
			return false;
		if (r == 0)
			poll(NULL, 0, END_POLL_MS);
	}
	return true;
}

int handler_run(const char *command, struct span input, uint32_t timeout_ms, struct buffer *out, char why[200])
{
	struct run run = { .in = -1, .out = -1, .left = input };
	uint64_t until = env_mono_ms(env_system()) + timeout_ms;
	int status = 0, r;
	bool whole;

	buffer_init(out, HANDLER_OUTPUT_MAX);
	r = start(command, &run);
	if (r)
		return err_pass(r);
	whole = talk(&run, until, out);
	close_end(&run.in);
	close_end(&run.out);
	whole = whole && ended(run.pid, until, &status);
	if (!whole) {
		kill(-run.pid, SIGKILL);
		while (waitpid(run.pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	if (whole && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return HANDLER_OK;
	if (!whole)
		snprintf(why, 200, "%s", out->failed ? "it printed too much" : "it did not finish in time");
	else if (WIFEXITED(status))
		snprintf(why, 200, "it ended with exit status %d", WEXITSTATUS(status));
	else
		snprintf(why, 200, "it was ended by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return HANDLER_E_FAILED;
}
