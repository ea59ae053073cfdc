/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/env.h"

struct control {
	const struct cli *cli;
	struct ipc *ipc;
};

const char *house_folder(const struct cli *cli)
{
	const char *folder = cli->house ? cli->house : getenv("KNOOPPUNT_HOUSE");

	return folder && *folder ? folder : "./huis";
}

void house_path(const struct cli *cli, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", house_folder(cli), name);
}

/* A socket's path may be longer than sun_path; /proc/self/fd gives any folder a short name. */
static int dial(const char *folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (dir < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control.sock", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		fd = -1;
	}
	close(dir);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

struct control *control_open(const struct cli *cli)
{
	struct control *c = calloc(1, sizeof *c);
	char what[400];
	int fd;

	if (!c)
		return NULL;
	c->cli = cli;
	fd = dial(house_folder(cli));
	if (fd < 0 || ipc_new(fd, IPC_CLIENT, IPC_CORE, 8u << 20, &c->ipc) != IPC_OK) {
		snprintf(what, sizeof what, "the house in %s does not answer on its control socket: %s", house_folder(cli), strerror(errno));
		cli_trouble(cli, KP_UNREACHABLE, "control", what, "is knooppuntd running, and are you the user it runs as?");
		free(c);
		return NULL;
	}
	return c;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	ipc_free(c->ipc);
	free(c);
}

static int refused(const struct control *c, struct span body)
{
	json_t *j = json_loadb((const char *)body.ptr, body.len, 0, NULL);
	struct kp_error err = { .side = "house", .stage = "control" };
	const char *code = json_string_value(json_object_get(j, "code")), *text = json_string_value(json_object_get(j, "text"));
	const char *remedy = json_string_value(json_object_get(j, "remedy"));
	int status;

	snprintf(err.code, sizeof err.code, "%s", code ? code : "");
	snprintf(err.text, sizeof err.text, "%s", text ? text : "the house refused");
	snprintf(err.remedy, sizeof err.remedy, "%s", remedy ? remedy : "");
	status = cli_fail(c->cli, KP_ERROR, &err);
	json_decref(j);
	return status;
}

/* 1: a frame came; 0: not in time; -1: the line is dead. */
static int await(struct control *c, struct ipc_frame *frame)
{
	uint64_t until = env_mono_ms(env_system()) + cli_timeout_ms(c->cli);

	for (;;) {
		uint64_t now = env_mono_ms(env_system());
		struct pollfd p = { .fd = ipc_fd(c->ipc), .events = POLLIN };
		int r = ipc_next(c->ipc, frame);

		if (r == IPC_OK)
			return 1;
		if (r != IPC_E_NONE)
			return -1;
		if (ipc_flush(c->ipc) != IPC_OK)
			return -1;
		if (ipc_pending(c->ipc) > 0)
			p.events |= POLLOUT;
		if (now >= until)
			return 0;
		if (poll(&p, 1, (int)(until - now)) > 0 && (p.revents & (POLLIN | POLLHUP)) && ipc_read(c->ipc) != IPC_OK)
			return -1;
	}
}

int control_call(struct control *c, enum ipc_verb verb, uint64_t aux, struct span body, struct buffer *reply)
{
	struct ipc_frame frame = { .verb = (uint16_t)verb, .aux = aux, .body = body };
	int r = ipc_send(c->ipc, &frame);

	if (r != IPC_OK)
		return cli_trouble(c->cli, KP_ERROR, "control", "the request is too large for the control socket",
				   "give a smaller file");
	r = await(c, &frame);
	if (r <= 0)
		return cli_trouble(c->cli, KP_UNREACHABLE, "control",
				   r == 0 ? "the house did not answer in time" : "the house closed the control socket",
				   "see the log of knooppuntd");
	if (frame.verb == IPC_CTL_TROUBLE)
		return refused(c, frame.body);
	buffer_init(reply, 0);
	buffer_bytes(reply, frame.body);
	return buffer_ok(reply) == 0 ? KP_OK : KP_ERROR;
}

int control_json(struct control *c, enum ipc_verb verb, struct span body, json_t **out)
{
	struct buffer reply;
	int status = control_call(c, verb, 0, body, &reply);
	json_t *j;

	if (status != KP_OK)
		return status;
	j = json_loadb((const char *)reply.ptr, reply.len, 0, NULL);
	buffer_fini(&reply);
	if (!j)
		return cli_trouble(c->cli, KP_ERROR, "control", "the house's reply is no JSON", "are knooppunt and knooppuntd of one version?");
	*out = j;
	return KP_OK;
}

int control_ask(const struct cli *cli, enum ipc_verb verb, json_t **out)
{
	struct control *c = control_open(cli);
	int status = c ? control_json(c, verb, SPAN_NONE, out) : KP_UNREACHABLE;

	control_close(c);
	return status;
}
