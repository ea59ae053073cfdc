/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mandate that the register of then does not bear can not be judged with; the house would not have accepted it either, so that is
 * broken and no difference.
 */
#include "convenant/again.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "proto/entry.h"

static const char *const verdict_names[REPLAY_VERDICT_N] = { "agrees", "differs", "broken", "gone", "without" };

const char *replay_verdict_name(enum replay_verdict v)
{
	return v < REPLAY_VERDICT_N ? verdict_names[v] : "?";
}

const char *replay_subject(const struct finding *f)
{
	return strlen(f->subject) > REGISTER_ID_MAX ? "" : f->subject;
}

void replay_failure(const struct finding *f, char out[REPLAY_FAILURE_SIZE])
{
	const char *subject = replay_subject(f);

	snprintf(out, REPLAY_FAILURE_SIZE, "%s %s%s%s", code_name(f->code), f->rule, *subject ? " " : "", subject);
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
		char text[REPLAY_FAILURE_SIZE];

		replay_failure(f, text);
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

enum replay_verdict replay_open(const struct logged *row, struct arena *arena, struct record *record, struct replay *replay,
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

int replay_again(struct past *p, enum code code, const struct record *record, const struct replay *replay, struct fault_list *faults,
		 struct again *out)
{
	int r;

	out->verdict = REPLAY_BROKEN;
	out->why = "";
	out->differs = NULL;
	out->rules = NULL;
	out->mandate = NULL;
	r = past_rules(p, record, faults, &out->rules, &out->why);
	if (!r && replay->has_mandate)
		r = past_mandate(p, &replay->mandate, out->rules, &out->mandate, &out->why);
	if (r) {
		out->rules = NULL;
		return r == PAST_E_GONE ? 0 : r < 0 ? err_pass(r) : r;
	}
	out->why = "";
	replay_decide(replay, out->rules, out->mandate, &out->decision);
	if (replay_same(record, &out->decision, &out->differs) && out->decision.code == code) {
		out->verdict = REPLAY_AGREES;
		out->differs = NULL;
	} else {
		out->verdict = REPLAY_DIFFERS;
	}
	return 0;
}
