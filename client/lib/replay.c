/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/lib/replay.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/session.h"
#include "proto/entry.h"

#define ROW_ARENA_BYTES (16u << 20)

struct run {
	const struct replaying *what;
	struct kp_node *node;
	uint32_t timeout_ms;
	struct past *past;
	uint64_t *counts;
	bool stopped;
	enum kp_result k;     /* why a note could not be fetched */
	struct kp_error *err;
};

static int note_fetch(void *ctx, bool is_mandate, struct span hash, struct buffer *note)
{
	struct run *run = ctx;
	struct fetch f = { .what = is_mandate ? "mandate" : "version", .sender = "", .id = hash };

	run->k = session_fetch(run->node, &f, run->timeout_ms, note, run->err);
	return run->k == KP_OK ? PAST_OK : run->k == KP_NONE ? PAST_E_GONE : PAST_E_STOPPED;
}

static const char *text_of(const struct record *record, enum record_tag tag, struct arena *arena)
{
	const char *text = arena_text(arena, record_get(record, tag));

	return text ? text : "";
}

static void tell(struct run *run, const struct replayed *r)
{
	run->counts[r->verdict]++;
	run->stopped = !run->what->each(run->what->ctx, r);
}

static enum kp_result decide(struct run *run, const struct record *record, const struct replay *replay, struct replayed *out)
{
	struct fault_list faults;
	struct decide_input in;
	struct again again;
	int r;

	fault_list_init(&faults, "convenant");
	r = replay_again(run->past, out->before, record, replay, &faults, &again);
	if (r)
		return r == PAST_E_STOPPED ? run->k
		       : r == PAST_E_TRIED ? fail_faults(run->err, KP_USAGE, "here/replay", &faults) : fail_fatal(run->err, "here/replay", r);
	out->verdict = again.verdict;
	out->why = again.why;
	out->differs = again.differs;
	if (again.rules) {
		in = replay_input(replay, again.rules, again.mandate);
		out->after = again.decision.code;
		out->in = &in;
		out->decision = &again.decision;
	}
	tell(run, out);
	return KP_OK;
}

static enum kp_result take_row(void *ctx, const struct log_record *row, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROW_ARENA_BYTES);
	const struct logged logged = { row->entry, row->record, row->input };
	struct run *run = ctx;
	struct record record = { 0 };
	struct replay replay;
	struct replayed out = { .index = row->index, .kind = "", .sender = "", .why = "" };
	struct entry entry;

	if (!arena)
		return fail_fatal(err, "here/replay", -ENOMEM);
	if (run->stopped || entry_parse(row->entry, &entry) != ENTRY_OK || entry.kind != ENTRY_BERICHT)
		return KP_OK;
	out.unix_ms = entry.time_unix_ms;
	out.before = out.after = entry.code;
	out.verdict = replay_open(&logged, arena, &record, &replay, &out.why);
	out.kind = text_of(&record, RECORD_TYPE, arena);
	out.sender = text_of(&record, RECORD_SENDER, arena);
	if (out.verdict == REPLAY_AGREES)
		return decide(run, &record, &replay, &out);
	if (out.verdict != REPLAY_BROKEN)
		out.why = "";
	tell(run, &out);
	return KP_OK;
}

enum kp_result replay_log(struct kp_node *node, const struct replaying *what, uint32_t timeout_ms,
			  uint64_t counts[REPLAY_VERDICT_N], struct kp_error *err)
{
	CLEANUP(past_freep) struct past *past = NULL;
	struct run run = { .what = what, .node = node, .timeout_ms = timeout_ms, .counts = counts, .err = err };
	const struct past_source house = { note_fetch, &run };
	struct kp_records q = what->query;
	uint64_t next = 0;
	enum kp_result k = KP_OK;
	int r = past_new(&house, what->convenant, &past);

	if (r)
		return fail_fatal(err, "here/replay", r);
	memset(counts, 0, REPLAY_VERDICT_N * sizeof *counts);
	run.past = past;
	while (!k && !run.stopped) {
		k = records_rows(node, &q, timeout_ms, take_row, &run, &next, err);
		if (!next || q.limit == 1) /* one entry was meant */
			break;
		q.after_index = next;
	}
	return k;
}
