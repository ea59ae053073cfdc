/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The same function that decided then decides now, over what was known then. It agrees when the code is the same and the failures
 * are those of the record, in their order: an outcome that is right for the wrong reason is a difference too.
 *
 * A mandate that the register of then does not bear can not be judged with; the house would not have accepted it either, so that is
 * broken and no difference.
 */
#include "client/lib/replay.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/replay_rules.h"
#include "proto/entry.h"

#define ROW_ARENA_BYTES (16u << 20)
#define FAILED_TEXT 320 /* as the house writes it: daemon/core/evidence.c */

struct run {
	const struct replaying *what;
	struct replay_rules *rules;
	uint64_t *counts;
	bool stopped;
};

static const char *const verdict_names[REPLAY_VERDICT_N] = { "agrees", "differs", "broken", "gone", "without" };

const char *replay_verdict_name(enum replay_verdict v)
{
	return v < REPLAY_VERDICT_N ? verdict_names[v] : "?";
}

static const struct finding *failed_at(const struct decision *d, size_t *i)
{
	while (*i < d->n && d->findings[*i].passed)
		++*i;
	return *i < d->n ? &d->findings[(*i)++] : NULL;
}

bool replay_same(const struct record *record, const struct decision *d, const struct finding **differs)
{
	size_t at = 0, i = 0, n = 0;
	struct span said;
	const struct finding *f;

	while ((f = failed_at(d, &i)) != NULL) {
		char text[FAILED_TEXT];

		snprintf(text, sizeof text, "%s %s%s%s", code_name(f->code), f->rule, *f->subject ? " " : "", f->subject);
		if (!record_next(record, RECORD_RULE_FAILED, &at, &said)) {
			*differs = f;
			return n != 0; /* a record keeps as many as it has room for, but never none */
		}
		n++;
		if (!span_equal(said, span_of_text(text))) {
			*differs = f;
			return false;
		}
	}
	return !record_next(record, RECORD_RULE_FAILED, &at, &said);
}

static const char *text_of(const struct record *record, enum record_tag tag, struct arena *arena)
{
	const char *text = arena_text(arena, record_get(record, tag));

	return text ? text : "";
}

enum replay_verdict replay_open(const struct log_record *row, struct arena *arena, struct record *record, struct replay *replay,
				const char **why)
{
	uint8_t digest[HASH_BYTES];
	struct span salt, input;
	struct entry entry;

	*why = "the entry can not be read";
	if (entry_parse(row->entry, &entry) != ENTRY_OK)
		return REPLAY_BROKEN;
	if (!row->record.len)
		return REPLAY_GONE;
	*why = "the record can not be read, or is not the one its entry is bound to";
	if (record_parse(row->record, arena, record) != RECORD_OK)
		return REPLAY_BROKEN;
	salt = record_get(record, RECORD_SALT);
	if (salt.len != SALT_BYTES)
		return REPLAY_BROKEN;
	entry_binding(salt.ptr, record_get(record, RECORD_STATEMENT), digest);
	if (memcmp(digest, entry.binding, sizeof digest) != 0)
		return REPLAY_BROKEN;
	input = record_get(record, RECORD_INPUT);
	if (!input.len || !row->input.len)
		return input.len ? REPLAY_GONE : REPLAY_WITHOUT;
	*why = "what it rested on is not what its record names";
	crypto_hash_sha256(digest, row->input.ptr, row->input.len);
	if (!span_equal(SPAN_OF(digest), input))
		return REPLAY_BROKEN;
	*why = "what it rested on can not be read";
	return replay_decode(row->input, arena, replay) == REPLAY_OK ? REPLAY_AGREES : REPLAY_BROKEN;
}

static enum kp_result decide(struct run *run, const struct record *record, const struct replay *replay, struct replayed *out,
			     struct kp_error *err)
{
	const struct mandate *mandate = NULL;
	const struct rules *rules = NULL;
	struct decide_input in;
	struct decision decision;
	enum kp_result k = replay_rules_of(run->rules, record, &rules, &out->why, err);

	if (!k && replay->has_mandate)
		k = replay_rules_mandate(run->rules, &replay->mandate, rules, &mandate, &out->why, err);
	if (k) {
		out->verdict = REPLAY_BROKEN;
		run->counts[REPLAY_BROKEN]++;
		if (k == KP_UNVERIFIED)
			run->stopped = !run->what->each(run->what->ctx, out);
		return k == KP_UNVERIFIED ? KP_OK : k;
	}
	out->why = "";
	replay_decide(replay, rules, mandate, &decision);
	in = replay_input(replay, rules, mandate);
	out->in = &in;
	out->decision = &decision;
	out->after = decision.code;
	if (!replay_same(record, &decision, &out->differs) || out->after != out->before)
		out->verdict = REPLAY_DIFFERS;
	else
		out->differs = NULL;
	run->counts[out->verdict]++;
	run->stopped = !run->what->each(run->what->ctx, out);
	out->in = NULL;
	out->decision = NULL;
	return KP_OK;
}

static enum kp_result take_row(void *ctx, const struct log_record *row, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROW_ARENA_BYTES);
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
	out.verdict = replay_open(row, arena, &record, &replay, &out.why);
	out.kind = text_of(&record, RECORD_TYPE, arena);
	out.sender = text_of(&record, RECORD_SENDER, arena);
	if (out.verdict == REPLAY_AGREES)
		return decide(run, &record, &replay, &out, err);
	if (out.verdict != REPLAY_BROKEN)
		out.why = "";
	run->counts[out.verdict]++;
	run->stopped = !run->what->each(run->what->ctx, &out);
	return KP_OK;
}

enum kp_result replay_log(struct kp_node *node, const struct replaying *what, uint32_t timeout_ms,
			  uint64_t counts[REPLAY_VERDICT_N], struct kp_error *err)
{
	CLEANUP(replay_rules_freep) struct replay_rules *rules = NULL;
	struct run run = { .what = what, .counts = counts };
	struct kp_records q = what->query;
	uint64_t next = 0;
	enum kp_result k = replay_rules_new(node, timeout_ms, what->convenant, &rules, err);

	memset(counts, 0, REPLAY_VERDICT_N * sizeof *counts);
	run.rules = rules;
	while (!k && !run.stopped) {
		k = records_rows(node, &q, timeout_ms, take_row, &run, &next, err);
		if (!next || q.limit == 1) /* one entry was meant */
			break;
		q.after_index = next;
	}
	return k;
}
