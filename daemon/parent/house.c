/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The running house. Start: one process after the other, each when the one before said it is ready. Stop: the reverse, gate first,
 * so that nothing new comes in while the core finishes; each has stop_grace_ms, then it is killed.
 *
 * The parent keeps its own copies of the sockets between the children. While it does, a child that ends does not look
 * like a broken connection to its sibling, and a stop in good order stays one. When a child dies unasked, the copies are closed:
 * the siblings see it at once, and stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/parent/inside.h"

#define HIGH_FD 64 /* above what child_start() hands down */
#define START_MS 60000
#define READY_MAX 320

enum { LINE_GATE_CORE, LINE_CORE_KEEPER, LINES };

struct child {
	const struct parent_role *role;
	pid_t pid;       /* 0: not running */
	int status;      /* of waitpid(), once it ended */
	bool asked;      /* to stop */
};

struct house {
	const struct conf *conf;
	struct child children[PARENT_ROLES];
	int lines[LINES][2];
	int lock_fd, signal_fd;
	bool stop;       /* asked by a signal */
	bool died;       /* a child ended unasked */
	char ready[READY_MAX]; /* the gate's line */
};

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void lines_close(struct house *h)
{
	for (size_t i = 0; i < LINES; i++) {
		fd_close(&h->lines[i][0]);
		fd_close(&h->lines[i][1]);
	}
}

static void house_fini(struct house *h)
{
	lines_close(h);
	fd_close(&h->lock_fd);
	fd_close(&h->signal_fd);
}

static int fd_high(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (high < 0)
		return err_raise(-errno);
	close(*fd);
	*fd = high;
	return 0;
}

/* ---- before the first child ---- */

/* One house, one daemon: the lock goes with the process, however it ends. */
static int house_lock(struct house *h)
{
	const char *folder = conf_text(h->conf, "data_dir");
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/knooppuntd.lock", folder);
	int r;

	if (n < 0 || (size_t)n >= sizeof path)
		return err_raise(-ENAMETOOLONG);
	r = file_make_folders(folder, 0700);
	if (r) {
		log_error("no-data-dir", "folder=%s", folder);
		return r < 0 ? err_pass(r) : err_raise(-EACCES);
	}
	h->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (h->lock_fd < 0)
		return err_raise(-errno);
	if (flock(h->lock_fd, LOCK_EX | LOCK_NB)) {
		log_error("already-running", "folder=%s", folder);
		close(h->lock_fd);
		h->lock_fd = -1; /* the end of this one must clear nothing of the other's */
		return err_raise(-EALREADY);
	}
	return fd_high(&h->lock_fd);
}

/* With the lock in hand, a socket that is still there belonged to a daemon that is dead. */
static int control_clear(const struct conf *conf)
{
	const char *path = conf_text(conf, "control_socket");
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : err_raise(-errno);
	if (!S_ISSOCK(st.st_mode))
		return err_raise(-ENOTSOCK);
	return unlink(path) && errno != ENOENT ? err_raise(-errno) : 0;
}

static int signals_take(struct house *h)
{
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &taken, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGHUP, SIG_IGN) == SIG_ERR)
		return err_raise(-errno);
	h->signal_fd = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
	return h->signal_fd < 0 ? err_raise(-errno) : fd_high(&h->signal_fd);
}

static int lines_make(struct house *h)
{
	int r = 0;

	for (size_t i = 0; i < LINES && !r; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, h->lines[i]))
			return err_raise(-errno);
		r = fd_high(&h->lines[i][0]);
		if (!r)
			r = fd_high(&h->lines[i][1]);
	}
	return r;
}

/* ---- signals ---- */

static void child_ended(struct house *h, pid_t pid, int status)
{
	for (size_t i = 0; i < PARENT_ROLES; i++) {
		struct child *c = &h->children[i];

		if (c->pid != pid)
			continue;
		c->pid = 0;
		c->status = status;
		if (c->asked && status == 0)
			return;
		h->died = h->died || !c->asked;
		/* SIGSYS: it asked for something beyond its sandbox. */
		if (WIFSIGNALED(status))
			log_error("role-died", "role=%s signal=%s", c->role->name, sigabbrev_np(WTERMSIG(status)));
		else
			log_error("role-died", "role=%s status=%d", c->role->name, WEXITSTATUS(status));
	}
}

static void signals_read(struct house *h)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(h->signal_fd, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			h->stop = true;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		child_ended(h, pid, status);
}

/* Wait for a signal, or for fd (-1: none) to become readable; at most until then. */
static void wait_for_news(struct house *h, int fd, uint64_t until_ms)
{
	uint64_t now_ms = env_mono_ms(env_system());
	struct pollfd news[] = {
		{ .fd = h->signal_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	int wait_ms = until_ms == UINT64_MAX ? -1 : until_ms > now_ms ? (int)(until_ms - now_ms) : 0;

	(void)poll(news, N_ELEMENTS(news), wait_ms);
	signals_read(h);
}

/* ---- start ---- */

static int settings_fd(const struct conf *conf, enum ipc_role role, int *out)
{
	int fd = memfd_create("knooppunt-settings", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;
	struct buffer text;

	if (fd < 0)
		return err_raise(-errno);
	buffer_init(&text, 0);
	r = conf_for_role(conf, role, &text);
	if (!r && write(fd, text.ptr, text.len) != (ssize_t)text.len)
		r = err_raise(-EIO);
	buffer_fini(&text);
	if (!r && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		r = err_raise(-errno);
	if (!r)
		r = fd_high(&fd);
	if (r) {
		close(fd);
		return err_pass(r);
	}
	*out = fd;
	return 0;
}

/* The lines between the processes: the picture in docs/architecture.md, "Processes". */
static void lines_of(const struct house *h, enum ipc_role role, int fds[CHILD_FDS])
{
	fds[CHILD_CORE_FD] = role == IPC_GATE ? h->lines[LINE_GATE_CORE][0] : -1;
	fds[CHILD_GATE_FD] = role == IPC_CORE ? h->lines[LINE_GATE_CORE][1] : -1;
	fds[CHILD_KEEPER_FD] = role == IPC_CORE ? h->lines[LINE_CORE_KEEPER][0] : -1;
	if (role == IPC_KEEPER)
		fds[CHILD_CORE_FD] = h->lines[LINE_CORE_KEEPER][1];
}

/* The line in which a child says it is ready, without its end. 0; <0: it died, was slow, or the house must stop. */
static int ready_wait(struct house *h, int fd, char line[READY_MAX])
{
	uint64_t until_ms = env_mono_ms(env_system()) + START_MS;
	size_t len = 0;

	while (!h->stop && !h->died && env_mono_ms(env_system()) < until_ms) {
		ssize_t n = read(fd, line + len, READY_MAX - 1 - len);

		if (n == 0)
			wait_for_news(h, -1, env_mono_ms(env_system()) + 1000); /* it is ending: see how */
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return err_raise(-EPIPE);
		len += n > 0 ? (size_t)n : 0;
		line[len] = '\0';
		if (len && line[len - 1] == '\n') {
			line[len - 1] = '\0';
			return strncmp(line, "ready", 5) == 0 ? 0 : err_raise(-EPROTO);
		}
		if (n < 0)
			wait_for_news(h, fd, until_ms);
	}
	return err_raise(h->stop ? -ECANCELED : -ETIMEDOUT);
}

static int child_up(struct house *h, struct child *c)
{
	int fds[CHILD_FDS] = { 0 }, ready[2], r;

	if (pipe2(ready, O_CLOEXEC | O_NONBLOCK))
		return err_raise(-errno);
	lines_of(h, c->role->role, fds);
	r = fd_high(&ready[1]);
	if (!r)
		r = settings_fd(h->conf, c->role->role, &fds[CHILD_CONF_FD]);
	fds[CHILD_READY_FD] = ready[1];
	if (!r) {
		r = child_start(c->role, fds, &c->pid);
		close(fds[CHILD_CONF_FD]);
	}
	close(ready[1]);
	if (!r)
		r = ready_wait(h, ready[0], h->ready);
	close(ready[0]);
	if (!r)
		log_info("started", "role=%s pid=%d", c->role->name, (int)c->pid);
	return r;
}

/* ---- stop ---- */

static void child_down(struct house *h, struct child *c)
{
	uint64_t until_ms = env_mono_ms(env_system()) + conf_uint(h->conf, "stop_grace_ms");

	if (!c->pid)
		return;
	c->asked = true;
	kill(c->pid, SIGTERM);
	while (c->pid && env_mono_ms(env_system()) < until_ms)
		wait_for_news(h, -1, until_ms);
	if (!c->pid)
		return;
	log_error("too-slow", "role=%s grace_ms=%llu", c->role->name,
		  (unsigned long long)conf_uint(h->conf, "stop_grace_ms"));
	kill(c->pid, SIGKILL);
	while (c->pid)
		wait_for_news(h, -1, UINT64_MAX);
}

/* Returns whether every child ended well. */
static bool house_down(struct house *h)
{
	bool well = !h->died;

	if (h->died)
		lines_close(h);
	for (size_t i = PARENT_ROLES; i-- > 0;) {
		child_down(h, &h->children[i]);
		well = well && h->children[i].status == 0;
	}
	return well;
}

static int ready_tell(int fd, const char *line)
{
	bool ok = dprintf(fd, "%s\n", line) > 0;

	close(fd);
	return ok ? 0 : err_raise(-EPIPE);
}

static int house_up(struct house *h, int ready_fd)
{
	int r = house_lock(h);

	if (!r)
		r = control_clear(h->conf);
	if (!r)
		r = signals_take(h);
	if (!r)
		r = lines_make(h);
	for (size_t i = 0; i < PARENT_ROLES && !r; i++)
		r = child_up(h, &h->children[i]);
	return r || ready_fd < 0 ? r : ready_tell(ready_fd, h->ready);
}

int house_run(const struct conf *conf, const struct parent_role roles[PARENT_ROLES], int ready_fd)
{
	CLEANUP(house_fini) struct house h = { .conf = conf, .lock_fd = -1, .signal_fd = -1 };
	bool well;
	int r;

	memset(h.lines, 0xff, sizeof h.lines);
	for (size_t i = 0; i < PARENT_ROLES; i++)
		h.children[i].role = &roles[i];
	r = house_up(&h, ready_fd);
	if (r && !h.stop)
		log_error("not-started", "reason=\"%s\"",
			  h.died ? "a process ended: its own lines say why" : err_text(r));
	while (!r && !h.stop && !h.died)
		wait_for_news(&h, -1, UINT64_MAX);
	well = house_down(&h);
	if (h.lock_fd >= 0 && control_clear(conf))
		log_warn("socket-left", "path=%s", conf_text(conf, "control_socket"));
	return well && (!r || h.stop) ? PARENT_EXIT_OK : PARENT_EXIT_FAILED;
}
