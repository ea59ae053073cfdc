/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Watch - libzmq's own news of the listening socket: who failed to prove a key, and how many connections there are.
 */
#include "base/env.h"

struct watch;
/* watch_new() - of a socket that is not bound yet, or it misses the first. name: of the inproc endpoint. */
MUST_CHECK int watch_new(void *zmq, void *socket, const char *name, const struct env *env, struct watch **out);
struct watch *watch_free(struct watch *w);
void watch_freep(struct watch **w);
void *watch_socket(struct watch *w);       /* to poll on */
MUST_CHECK int watch_step(struct watch *w); /* take the news. 0, <0 fatal */
size_t watch_n_open(const struct watch *w); /* TCP connections, those that have not proved a key yet included */
uint64_t watch_n_failed(const struct watch *w); /* since the start; refusals by ZAP not counted */
