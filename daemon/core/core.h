/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Core - the house's mind: what came in, what was decided, what must go out. Sans-IO: frames and time in, frames out;
 * storage through struct store, time and randomness through struct env. The same code runs in knooppuntd and in the simulator.
 *
 * A round: core_take() for each frame that is there, then core_commit(): verify -> decide in arrival order inside one
 * batch -> one durable commit -> outputs released. Nothing that an uncommitted batch would cause is ever in the outputs.
 *
 * Owns:    sessions, pending receipts, caches. Borrows: store, env (must outlive it).
 * Threads: core thread only; signature checks run on workers as pure jobs.
 */
#include "base/env.h"
#include "base/slots.h"
#include "daemon/ipc/ipc.h"
#include "daemon/store/store.h"

struct core;
struct core_options {
	struct store *store;
	struct slots *slots;          /* the key store; it and the store must outlive the core */
	const struct env *env;
	struct span store_key;        /* 32 bytes, wraps data keys; copied into guarded memory */
	struct span trust;            /* text of the trust file */
	const struct span *notes;     /* rules to admit at start when newer than what is in force: register, kader, convenanten */
	size_t n_notes;
	struct span keeper;           /* body of the keeper's IPC_KEEPER_PUBLIC: the history the store must continue */
	unsigned verify_threads;      /* 0: inline */
	size_t batch_max;             /* 0: 256 */
	unsigned in_flight_max;       /* messages the gate may have with us; 0: 1024 */
	uint64_t skew_ms;
	uint64_t replay_ms;           /* a used message id is remembered this long beyond its term */
	uint64_t checkpoint_interval_ms; /* a head is published to the witnesses at most this often; 0: never */
	uint64_t witness_wait_ms;     /* how long the first new head after a start waits for witnesses */
	uint64_t expiry_ms;           /* a message nobody fetched is withdrawn after this; 0: 30 days */
	uint64_t not_taken_up_ms;     /* what is kept of a casus that was not taken up; 0: 30 days */
	uint64_t dormant_ms;          /* a mandate unused for longer gives no right any more; 0: none falls asleep */
	uint64_t (*rss_bytes)(void *ctx); /* for the status; NULL: unknown */
	void *rss_ctx;
};

enum core_from { CORE_FROM_GATE = 1, CORE_FROM_KEEPER, CORE_FROM_CONTROL };
struct core_out {
	enum core_from to;            /* where the frame goes */
	uint64_t client;              /* control: which client */
	struct ipc_frame frame;       /* body valid until the next core_take() or core_commit() */
};

enum { CORE_OK = 0, CORE_E_START = 1, CORE_E_CLIENT };
/* core_new() - CORE_E_START: why says what to mend (which rule note, which key, a fork against the keeper). */
MUST_CHECK int core_new(const struct core_options *options, struct core **out, char why[400]);
struct core *core_free(struct core *core);
/* core_take() - one frame; CORE_E_CLIENT: close this control client. It may defer all work to core_commit(). */
MUST_CHECK int core_take(struct core *core, enum core_from from, uint64_t client, const struct ipc_frame *frame);
/* core_commit() - decide what was taken, commit, release. Also does what time demands (deadlines, expiry). */
MUST_CHECK int core_commit(struct core *core);
/* core_next() - the next output frame; false when there is none. */
bool core_next(struct core *core, struct core_out *out);
uint64_t core_due_ms(const struct core *core);  /* monotonic time at which core_commit() is wanted at the latest */
bool core_idle(const struct core *core);        /* nothing waits for a signature, a commit or a worker */
bool core_full(const struct core *core);        /* enough was taken for one batch: commit before taking more */
/* core_stop() - the graceful end: a goodbye to every session, and the mark that the next start is no restart after a crash. */
MUST_CHECK int core_stop(struct core *core);
bool core_check(struct core *core);             /* invariants, for tests */
