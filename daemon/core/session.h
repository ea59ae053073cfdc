/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Sessions - who is connected, how much each takes, what went to each and was not acknowledged yet.
 *
 * A session that announced a window is given what waits in its node's inboxes, oldest first, never more unacknowledged at a time
 * than the window. Each session has its own place in each inbox, so a slow or dead one costs nobody else anything. What a living
 * session does not acknowledge in SESSION_AGAIN_MS is given to it again.
 *
 * Nothing here is durable: a restart forgets all sessions and starts from the oldest unacknowledged message.
 * Invariants (core_sessions_check): 1. outstanding <= window of the moment it was sent, capped; 2. a session is in its node's list
 * exactly when it has a node; 3. ids are unique.
 */
#include "daemon/core/inside.h"

#define SESSION_WINDOW_MAX 1024
#define SESSION_AGAIN_MS 30000
#define SESSION_SILENT_MS 900000 /* the gate tells of the gone; this is for those it did not notice */
#define SESSION_TICK_MS 5000
#define SESSIONS_MAX 16384
#define OUT_SOFT_BYTES ((size_t)8 << 20) /* deliveries of one round; the rest follows when these have left */

MUST_CHECK int core_sessions_new(struct sessions **out);
struct sessions *core_sessions_free(struct sessions *s);

/* sessions_heard() - a frame came in: known from now on. false in *known when there are too many. */
MUST_CHECK int sessions_heard(struct core *c, uint64_t id, const uint8_t transport[32], bool *known);
void sessions_gone(struct core *c, uint64_t id);
bool sessions_is(const struct core *c, uint64_t id);
void sessions_window(struct core *c, uint64_t id, uint32_t window);
void sessions_queued(struct core *c, const char *hoedanigheid);
void sessions_settled(struct core *c, const char *hoedanigheid, const uint8_t message_id[ID_BYTES]);
/* sessions_deliver() - what windows allow; it stops when enough is on its way out. */
MUST_CHECK int sessions_deliver(struct core *c);
bool sessions_ready(const struct core *c);             /* some session could be given more */
/* sessions_rebind() - the register changed: every session finds its node again, or is dropped. */
MUST_CHECK int sessions_rebind(struct core *c);
void sessions_tick(struct core *c, uint64_t mono_ms); /* forgets the silent, repeats what was not acknowledged */
uint64_t sessions_due_ms(const struct core *c);       /* when sessions_tick() has something to do */

/* sessions_of() - walks the sessions of the node that serves a hoedanigheid (NULL: all nodes' sessions). *at starts as NULL. */
struct session;
const struct session *sessions_of(const struct core *c, const char *hoedanigheid, const struct session *at);
uint64_t session_id(const struct session *s);
size_t core_sessions_n(const struct core *c);
size_t sessions_n_nodes(const struct core *c); /* nodes with at least one session */
bool core_sessions_check(const struct core *c);
