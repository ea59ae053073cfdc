/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Clients are numbered from one and never reused, so that an answer to one that left can't reach its successor.
 */
#include "daemon/core/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define OUT_MAX ((size_t)24 << 20)
#define REQUESTS_MAX 16 /* sent ahead of the answers: each answer may be megabytes */

struct client {
	uint64_t id;
	uid_t uid;
	struct ipc *ipc;
};
struct clients {
	int fd;
	unsigned per_user;
	uint64_t last_id;
	size_t n;
	struct client v[CLIENTS_MAX];
};

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, r;

	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (unlink(path) && errno != ENOENT) {
		r = -errno;
		close(fd);
		return r;
	}
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, CLIENTS_MAX) ? -errno : fd;
	umask(mask);
	if (r < 0)
		close(fd);
	return r;
}

int clients_open(const char *path, unsigned per_user, struct clients **out)
{
	struct clients *c;
	int fd = listen_at(path);

	if (fd < 0) {
		log_error("no-control-socket", "path=%s reason=\"%s\"", path, err_text(fd));
		return CLIENTS_E_PLACE;
	}
	c = calloc(1, sizeof *c);
	if (!c) {
		close(fd);
		return err_raise(-ENOMEM);
	}
	c->fd = fd;
	c->per_user = per_user;
	*out = c;
	return CLIENTS_OK;
}

struct clients *clients_free(struct clients *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < c->n; i++)
		ipc_free(c->v[i].ipc);
	close(c->fd);
	free(c);
	return NULL;
}

static void client_close(struct clients *c, size_t i)
{
	ipc_free(c->v[i].ipc);
	c->v[i] = c->v[--c->n];
}

static bool may_enter(const struct clients *c, uid_t uid)
{
	unsigned n = 0;

	if (uid != 0 && uid != geteuid())
		return false;
	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].uid == uid;
	return n < c->per_user && c->n < CLIENTS_MAX;
}

static int client_accept(struct clients *c)
{
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t len = sizeof who;
	int r;

	if (fd < 0)
		return 0; /* it left again, or there are no descriptors: the next round tries anew */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || !may_enter(c, who.uid)) {
		log_warn("control-refused", "uid=%ld", (long)who.uid);
		close(fd);
		return 0;
	}
	r = ipc_new(fd, IPC_CORE, IPC_CLIENT, OUT_MAX, &c->v[c->n].ipc);
	if (r)
		return err_fold(r);
	c->v[c->n].id = ++c->last_id;
	c->v[c->n].uid = who.uid;
	c->n++;
	return 0;
}

size_t clients_poll(const struct clients *c, struct pollfd *v, bool reading)
{
	v[0] = (struct pollfd){ .fd = reading && c->n < CLIENTS_MAX ? c->fd : -1, .events = POLLIN };
	for (size_t i = 0; i < c->n; i++)
		v[1 + i] = (struct pollfd){ .fd = ipc_fd(c->v[i].ipc),
					    .events = (short)((reading ? POLLIN : 0) | (ipc_pending(c->v[i].ipc) ? POLLOUT : 0)) };
	return 1 + c->n;
}

/* False: close it. */
static int client_read(struct client *client, struct core *core, bool *keep)
{
	struct ipc_frame frame;
	int n = 0, r = ipc_read(client->ipc);

	*keep = r == IPC_OK;
	if (r < 0)
		return 0; /* its connection broke; that is its own matter */
	while (n < REQUESTS_MAX && (r = ipc_next(client->ipc, &frame)) == IPC_OK) {
		n++;
		r = core_take(core, CORE_FROM_CONTROL, client->id, &frame);
		if (r)
			break;
	}
	if (r == IPC_E_BAD || r == CORE_E_CLIENT || n == REQUESTS_MAX)
		*keep = false;
	return r < 0 ? err_pass(r) : 0;
}

int clients_serve(struct clients *c, struct core *core, const struct pollfd *v, size_t n)
{
	int r = 0;

	for (size_t i = n - 1; i >= 1 && i <= c->n; i--) {
		struct client *client = &c->v[i - 1];
		bool keep = true;

		if (v[i].revents & (POLLIN | POLLHUP | POLLERR)) {
			r = client_read(client, core, &keep);
			if (r)
				return err_pass(r);
		}
		if (keep && ipc_pending(client->ipc))
			keep = ipc_flush(client->ipc) == IPC_OK;
		if (!keep)
			client_close(c, i - 1);
	}
	return v[0].revents & POLLIN ? err_pass(client_accept(c)) : r;
}

int clients_send(struct clients *c, uint64_t client, const struct ipc_frame *frame)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].id == client) {
			int r = ipc_send(c->v[i].ipc, frame);

			if (r == IPC_OK)
				r = ipc_flush(c->v[i].ipc);
			if (r)
				client_close(c, i);
			return 0;
		}
	return 0;
}
