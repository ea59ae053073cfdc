/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The operator's line to a running house: its control socket. The frames are daemon/ipc's, the one thing this folder takes
 * from the daemon: the control socket is a protocol, and its table stands there.
 */
#include "client/cli/cli.h"
#include "daemon/ipc/ipc.h"

struct control;

/* control_open() - connect to the control socket of cli->house; prints its own trouble; NULL then (exit status KP_UNREACHABLE). */
struct control *control_open(const struct cli *cli);
void control_close(struct control *control);
/*
 * control_call() - one request, one reply
 * @reply: initialised here; the caller calls buffer_fini()
 * Return: KP_OK; otherwise the trouble was printed and this is the exit status.
 */
int control_call(struct control *control, enum ipc_verb verb, uint64_t aux, struct span body, struct buffer *reply);
/* control_json() - control_call() with a JSON reply, *out owned by the caller. */
int control_json(struct control *control, enum ipc_verb verb, struct span body, json_t **out);
/* control_ask() - the same for one question alone: connects, asks, hangs up. */
int control_ask(const struct cli *cli, enum ipc_verb verb, json_t **out);

/* The folder of the house: --house, $KNOOPPUNT_HOUSE, ./huis. */
const char *house_folder(const struct cli *cli);
/* house_path() - folder/name in a buffer of the caller. */
void house_path(const struct cli *cli, const char *name, char *out, size_t size);
