/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Clients - the control socket: who may connect (this user, or root), how many, and one connection each.
 * A bad frame, too many requests at once or a full buffer closes that client, nothing else.
 *
 * Owns:    the listening socket and the connections.
 * Threads: core thread only. Never blocks.
 */
#include <poll.h>

#include "daemon/core/core.h"

#define CLIENTS_MAX 64

struct clients;
enum { CLIENTS_OK = 0, CLIENTS_E_PLACE = 1 };
/* clients_open() - CLIENTS_E_PLACE: the path can't be used, which was logged. An old socket there is replaced. */
MUST_CHECK int clients_open(const char *path, unsigned per_user, struct clients **out);
struct clients *clients_free(struct clients *c);
/* clients_poll() - what to wait for; returns how many of v (at most 1 + CLIENTS_MAX) it filled. reading: also for frames. */
size_t clients_poll(const struct clients *c, struct pollfd *v, bool reading);
/* clients_serve() - v as filled by clients_poll() and polled: accepts, hands frames to the core, writes what waits. */
MUST_CHECK int clients_serve(struct clients *c, struct core *core, const struct pollfd *v, size_t n);
MUST_CHECK int clients_send(struct clients *c, uint64_t client, const struct ipc_frame *frame);
