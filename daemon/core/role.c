/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The core as a process: one loop over the gate, the keeper, the control socket and the stop signal.
 *
 * A round takes what is there, commits it at once, and hands out what came of it. Under load frames gather in the sockets while a
 * batch is being made durable, so batches grow by themselves and a lone message waits for nobody. While outputs wait for the gate
 * nothing more is taken: back-pressure runs from the slow end to the fast one.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "base/log.h"
#include "daemon/core/clients.h"
#include "daemon/core/core.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/role.h"
#include "proto/note.h"

#define SIBLING_OUT_MAX ((size_t)64 << 20)
#define GATE_WAITING_MAX ((size_t)16 << 20) /* more than this on its way to the gate: nothing more is fetched from the core */
#define KEEPER_WAIT_MS 10000
#define STOP_WAIT_MS 2000
#define NOTES_MAX 16
#define IDLE_POLL_MS 1000
#define BUSY_POLL_MS 20 /* after work: the store has a checkpoint to make when it stays quiet */

struct process {
	const struct role_start *start;
	const struct env *env;
	struct store *store;
	struct slots *slots;
	struct core *core;
	struct ipc *gate, *keeper;
	struct clients *clients;
	struct keyfile store_key;
	struct buffer trust, keeper_public;
	size_t n_notes;
	struct buffer notes[NOTES_MAX];
	int statm_fd;
	bool worked; /* since the store last had nothing to write out */
};

static void process_fini(struct process *p)
{
	p->core = core_free(p->core);
	p->store = store_free(p->store);
	p->slots = slots_close(p->slots);
	p->clients = clients_free(p->clients);
	ipc_freep(&p->gate);
	ipc_freep(&p->keeper);
	keyfile_fini(&p->store_key);
	buffer_fini(&p->trust);
	buffer_fini(&p->keeper_public);
	for (size_t i = 0; i < p->n_notes; i++)
		buffer_fini(&p->notes[i]);
	if (p->statm_fd >= 0)
		close(p->statm_fd);
}

static uint64_t rss_bytes(void *ctx)
{
	const struct process *p = ctx;
	unsigned long long size, resident;
	char text[128] = "";

	if (p->statm_fd < 0 || pread(p->statm_fd, text, sizeof text - 1, 0) <= 0 ||
	    sscanf(text, "%llu %llu", &size, &resident) != 2)
		return 0;
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- opening ---- */

static int cannot(const char *what, const char *path, const char *why)
{
	log_error("core-cannot-start", "what=%s path=%s reason=\"%s\"", what, path, why);
	return err_raise(-EINVAL);
}

static int note_read(struct process *p, const char *path, bool must)
{
	int r;

	if (p->n_notes == NOTES_MAX)
		return cannot("rules", path, "more notes than a house has");
	r = file_read(path, NOTE_BYTES_MAX, &p->notes[p->n_notes]);
	if (r == FILE_E_ABSENT && !must)
		return 0;
	if (r)
		return r < 0 ? err_pass(r) : cannot("rules", path, "can't be read");
	p->n_notes++;
	return 0;
}

/* Register, kader, convenanten: the order in which they are admitted. Absent ones are in the store already, or the core says so. */
static int notes_read(struct process *p)
{
	const char *folder = conf_text(p->start->conf, "rules_dir");
	char path[1200];
	glob_t found;
	int r;

	snprintf(path, sizeof path, "%s/register.note", folder);
	r = note_read(p, path, false);
	if (r)
		return err_pass(r);
	snprintf(path, sizeof path, "%s/kader.note", folder);
	r = note_read(p, path, false);
	if (r)
		return err_pass(r);
	snprintf(path, sizeof path, "%s/convenant-*.note", folder);
	r = glob(path, GLOB_ERR, NULL, &found);
	if (r)
		return r == GLOB_NOMATCH ? 0 : cannot("rules", path, "can't be listed");
	for (size_t i = 0; !r && i < found.gl_pathc; i++)
		r = note_read(p, found.gl_pathv[i], true);
	globfree(&found);
	return err_pass(r);
}

static int files_read(struct process *p)
{
	const char *path = conf_text(p->start->conf, "store_key");
	int r = keyfile_read(path, "store", &p->store_key);

	if (r)
		return r < 0 ? err_pass(r) : cannot("store_key", path, keyfile_error_text(r));
	path = conf_text(p->start->conf, "trust");
	r = file_read(path, 64u << 10, &p->trust);
	if (r)
		return r < 0 ? err_pass(r) : cannot("trust", path, "can't be read");
	return err_pass(notes_read(p));
}

static int store_make(struct process *p)
{
	const struct conf *conf = p->start->conf;
	const struct store_options options = {
		.folder = conf_text(conf, "data_dir"),
		.map_bytes = conf_uint(conf, "map_gib") << 30,
		.segment_bytes = conf_uint(conf, "segment_mib") << 20,
		.checkpoint_ms = conf_uint(conf, "checkpoint_ms"),
		.env = p->env,
	};
	char why[200] = "";
	int r = store_open(&options, &p->store, why);

	if (r > 0)
		return cannot("data_dir", options.folder, r == STORE_E_LOCKED ? "another process has it open" : why);
	return err_pass(r);
}

static int slots_make(struct process *p)
{
	const struct slots_options options = { .path = conf_text(p->start->conf, "key_store"), .alone = true };
	int r = slots_open(&options, &p->slots);

	if (r <= 0)
		return err_pass(r);
	return cannot("key_store", options.path, r == SLOTS_E_ABSENT ? "is not there: put back its newest copy" :
						 r == SLOTS_E_LOCKED ? "another process has it open" :
						 r == SLOTS_E_DENIED ? "must be ours alone, with mode 0600" : "is no key store");
}

/* The keeper is the first to be asked: what it signed is what the store must still hold. */
static int keeper_ask(struct process *p)
{
	const struct ipc_frame ask = { .verb = IPC_KEEPER_KEYS };
	const uint64_t until = env_mono_ms(p->env) + KEEPER_WAIT_MS;
	struct ipc_frame answer;
	int r = ipc_send(p->keeper, &ask);

	while (!r && env_mono_ms(p->env) < until) {
		struct pollfd news = { .fd = ipc_fd(p->keeper), .events = (short)(POLLIN | (ipc_pending(p->keeper) ? POLLOUT : 0)) };

		r = ipc_flush(p->keeper);
		if (!r && poll(&news, 1, (int)(until - env_mono_ms(p->env))) < 0 && errno != EINTR)
			return err_raise(-errno);
		if (!r)
			r = ipc_read(p->keeper);
		if (!r && ipc_next(p->keeper, &answer) == IPC_OK) {
			if (answer.verb != IPC_KEEPER_PUBLIC)
				return err_raise(-EPROTO);
			buffer_bytes(&p->keeper_public, answer.body);
			return err_pass(buffer_ok(&p->keeper_public));
		}
	}
	return r < 0 ? err_pass(r) : err_raise(-EPIPE);
}

static int core_make(struct process *p)
{
	const struct conf *conf = p->start->conf;
	struct span notes[NOTES_MAX];
	const struct core_options options = {
		.store = p->store,
		.slots = p->slots,
		.env = p->env,
		.store_key = span_of(secret_bytes(p->store_key.secret), secret_len(p->store_key.secret)),
		.trust = buffer_span(&p->trust),
		.notes = notes,
		.n_notes = p->n_notes,
		.keeper = buffer_span(&p->keeper_public),
		.verify_threads = (unsigned)conf_uint(conf, "verify_threads"),
		.batch_max = conf_uint(conf, "batch_max"),
		.in_flight_max = (unsigned)conf_uint(conf, "in_flight_max"),
		.skew_ms = conf_uint(conf, "skew_ms"),
		.replay_ms = conf_uint(conf, "replay_ms"),
		.expiry_ms = conf_uint(conf, "queue_days") * 24 * 3600 * 1000,
		.checkpoint_interval_ms = conf_uint(conf, "checkpoint_interval_s") * 1000,
		.witness_wait_ms = conf_uint(conf, "witness_wait_ms"),
		.not_taken_up_ms = conf_uint(conf, "not_taken_up_days") * 24 * 3600 * 1000,
		.dormant_ms = conf_uint(conf, "dormant_days") * 24 * 3600 * 1000,
		.rss_bytes = rss_bytes,
		.rss_ctx = p,
	};
	char why[400] = "";
	int r;

	for (size_t i = 0; i < p->n_notes; i++)
		notes[i] = buffer_span(&p->notes[i]);
	r = core_new(&options, &p->core, why);
	if (r == CORE_E_START) {
		log_error("core-cannot-start", "reason=\"%s\"", why);
		return err_raise(-EINVAL);
	}
	return err_pass(r);
}

static int process_open(struct process *p)
{
	const struct conf *conf = p->start->conf;
	const struct sandbox_path paths[] = { { conf_text(conf, "data_dir"), true } };
	int r = ipc_new(p->start->gate_fd, IPC_CORE, IPC_GATE, SIBLING_OUT_MAX, &p->gate);

	if (!r)
		r = ipc_new(p->start->keeper_fd, IPC_CORE, IPC_KEEPER, SIBLING_OUT_MAX, &p->keeper);
	if (!r)
		r = files_read(p);
	if (!r)
		r = store_make(p);
	if (!r) /* opened once: the sandbox leaves no way to its folder */
		r = slots_make(p);
	if (!r)
		r = clients_open(conf_text(conf, "control_socket"), (unsigned)conf_uint(conf, "control_per_user"), &p->clients);
	if (r)
		return err_fold(r);
	p->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	r = sandbox_files(paths, N_ELEMENTS(paths));
	if (r < 0)
		return err_pass(r);
	r = keeper_ask(p);
	if (!r)
		r = core_make(p);
	if (!r)
		r = sandbox_lock(SANDBOX_CORE);
	return err_pass(r);
}

/* ---- the loop ---- */

/* Hands out what the core has, as far as the gate keeps up. *blocked: some is left. */
static int outputs_send(struct process *p, bool *blocked)
{
	struct core_out out;
	int r = IPC_OK;

	*blocked = false;
	while (r == IPC_OK) {
		*blocked = ipc_pending(p->gate) > GATE_WAITING_MAX;
		if (*blocked || !core_next(p->core, &out))
			break;
		if (out.to == CORE_FROM_GATE)
			r = ipc_send(p->gate, &out.frame);
		else if (out.to == CORE_FROM_KEEPER)
			r = ipc_send(p->keeper, &out.frame);
		else
			r = clients_send(p->clients, out.client, &out.frame);
	}
	if (!r)
		r = ipc_flush(p->keeper);
	if (!r)
		r = ipc_flush(p->gate);
	return r ? err_fold(r) : 0;
}

enum { SIBLING_OK = 0, SIBLING_E_GONE = 1 };
static int sibling_read(struct process *p, struct ipc *ipc, enum core_from from)
{
	struct ipc_frame frame;
	int r = IPC_OK, closed = ipc_read(ipc);

	if (closed < 0)
		return err_pass(closed);
	while (!core_full(p->core) && (r = ipc_next(ipc, &frame)) == IPC_OK) {
		r = core_take(p->core, from, 0, &frame);
		if (r)
			return err_fold(r);
	}
	if (r == IPC_E_BAD)
		return err_raise(-EPROTO);
	return closed == IPC_E_CLOSED ? SIBLING_E_GONE : SIBLING_OK;
}

static int wait_ms(const struct process *p, bool blocked)
{
	uint64_t mono = env_mono_ms(p->env), due = core_due_ms(p->core);
	uint64_t most = p->worked ? BUSY_POLL_MS : IDLE_POLL_MS;

	if (blocked || due > mono + most)
		return (int)most;
	return due > mono ? (int)(due - mono) : 0;
}

struct news {
	struct pollfd v[4 + CLIENTS_MAX];
	size_t n_clients;
};

/* The frames that one ipc_read() brought but core_full() left behind have no event of their own: *left. */
static int news_wait(struct process *p, struct news *news, bool blocked, bool left)
{
	const short in = blocked ? 0 : POLLIN;
	int ms = left && !blocked ? 0 : wait_ms(p, blocked);

	news->v[0] = (struct pollfd){ .fd = p->start->stop_fd, .events = POLLIN };
	news->v[1] = (struct pollfd){ .fd = ipc_fd(p->keeper),
				      .events = (short)(in | (ipc_pending(p->keeper) ? POLLOUT : 0)) };
	news->v[2] = (struct pollfd){ .fd = ipc_fd(p->gate), .events = (short)(in | (ipc_pending(p->gate) ? POLLOUT : 0)) };
	news->n_clients = clients_poll(p->clients, news->v + 3, !blocked);
	if (poll(news->v, 3 + news->n_clients, ms) < 0 && errno != EINTR)
		return err_raise(-errno);
	return 0;
}

static int tick(struct process *p, bool idle)
{
	struct store_figures before, after;
	int r;

	store_figures(p->store, &before);
	r = store_tick(p->store, env_mono_ms(p->env), idle);
	store_figures(p->store, &after);
	if (after.lmdb_commits != before.lmdb_commits)
		p->worked = false;
	return err_pass(r);
}

static int frames_take(struct process *p, const struct news *news, bool left)
{
	int r = 0;

	/* The keeper first: its signature releases receipts before the next batch blocks on the disk. */
	if (news->v[1].revents & (POLLIN | POLLHUP | POLLERR))
		r = sibling_read(p, p->keeper, CORE_FROM_KEEPER);
	if (!r && (left || news->v[2].revents & (POLLIN | POLLHUP | POLLERR)))
		r = sibling_read(p, p->gate, CORE_FROM_GATE);
	if (!r)
		r = clients_serve(p->clients, p->core, news->v + 3, news->n_clients);
	return r < 0 ? err_pass(r) : r;
}

enum { LOOP_OK = 0, LOOP_E_STOP = 1, LOOP_E_GONE };
static int loop(struct process *p)
{
	bool blocked = false, left = false;
	struct news news;
	int r;

	for (;;) {
		r = outputs_send(p, &blocked);
		if (!r)
			r = news_wait(p, &news, blocked, left);
		if (r)
			return err_pass(r);
		if (news.v[0].revents)
			return LOOP_E_STOP;
		if (blocked) {
			if ((news.v[2].revents | news.v[1].revents) & (POLLHUP | POLLERR))
				return LOOP_E_GONE;
			continue;
		}
		r = frames_take(p, &news, left);
		if (r)
			return r < 0 ? err_pass(r) : LOOP_E_GONE;
		left = core_full(p->core);
		p->worked |= !core_idle(p->core);
		r = outputs_send(p, &blocked); /* what was released without a commit does not wait for one */
		if (!r && !blocked)
			r = core_commit(p->core);
		if (!r)
			r = tick(p, core_idle(p->core));
		if (r)
			return err_pass(r);
	}
}

/* A goodbye to all, the last commits, and a moment for the outputs and the last signature to leave. */
static int graceful(struct process *p)
{
	const uint64_t until = env_mono_ms(p->env) + STOP_WAIT_MS;
	bool blocked;
	int r = core_stop(p->core);

	while (!r && env_mono_ms(p->env) < until) {
		struct pollfd news[] = {
			{ .fd = ipc_fd(p->keeper), .events = POLLIN },
			{ .fd = ipc_fd(p->gate), .events = (short)(ipc_pending(p->gate) ? POLLOUT : 0) },
		};

		r = outputs_send(p, &blocked);
		if (r || (core_idle(p->core) && !ipc_pending(p->gate)))
			break;
		if (poll(news, N_ELEMENTS(news), 50) < 0 && errno != EINTR)
			return err_raise(-errno);
		if (news[0].revents & POLLIN)
			r = sibling_read(p, p->keeper, CORE_FROM_KEEPER);
		if ((news[0].revents | news[1].revents) & (POLLHUP | POLLERR))
			break;
	}
	if (r > 0)
		r = 0; /* a sibling left first: it has nothing more to hear */
	return err_pass(r);
}

int core_role(const struct role_start *start)
{
	CLEANUP(process_fini) struct process p = { .start = start, .env = env_system(), .statm_fd = -1 };
	int r = sodium_init() < 0 ? err_raise(-EIO) : sandbox_limits();

	if (!r)
		r = process_open(&p);
	if (!r)
		r = role_ready(start, "");
	if (!r)
		r = loop(&p);
	if (r == LOOP_E_GONE)
		log_warn("sibling-gone", "role=core");
	if (r == LOOP_E_STOP)
		r = graceful(&p);
	if (r)
		log_error("core-stopped", "reason=%s", r < 0 ? err_text(r) : "a sibling left");
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
