/* SPDX-License-Identifier: EUPL-1.2 */
/* Every decision of a log taken again, from what was kept of it. */
#include "tests/unit/daemon/core_world.h"

#include <sodium.h>

#include "convenant/again.h"
#include "daemon/core/evidence.h"
#include "daemon/core/mandates.h"

static void must(bool holds, uint64_t index, const char *what)
{
	if (!holds)
		fail_msg("entry %llu: %s", (unsigned long long)index, what);
}

static bool replay_one(struct world *w, uint64_t index, const struct entry *head, const struct record *record, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer input = { 0 };
	struct mandate_known known = { 0 };
	const struct finding *differs = NULL;
	struct decision decision;
	struct replay replay;
	struct hash digest;

	must(evidence_input(w->core, index, &input) == 0, index, "its input");
	if (!input.len)
		return false; /* gone with its casus */
	crypto_hash_sha256(digest.bytes, input.ptr, input.len);
	must(span_equal(record_get(record, RECORD_INPUT), SPAN_OF(digest.bytes)), index, "another input");
	must(replay_decode(buffer_span(&input), arena, &replay) == REPLAY_OK, index, "its input does not decode");
	if (replay.has_mandate)
		must(mandates_find(w->core, SPAN_OF(replay.mandate.bytes), &known) == 0, index, "its mandate");
	replay_decide(&replay, &w->core->rules, known.mandate, &decision);
	must(decision.code == head->code, index, "decided otherwise");
	must(replay_same(record, &decision, &differs), index, differs ? differs->rule : "fails on less than is in the record");
	return true;
}

/* Those of an earlier version of the rules are for who has that version. */
static bool decided_with_these(const struct world *w, const struct record *record)
{
	const struct rules *rules = &w->core->rules;
	struct span value;
	size_t at = 0;

	if (!span_equal(record_get(record, RECORD_REGISTER), SPAN_OF(rules->registry->digest.bytes)))
		return false;
	for (size_t i = 0; i < rules->n_convenanten; i++)
		if (!record_next(record, RECORD_CONVENANT, &at, &value) ||
		    !span_equal(value, SPAN_OF(convenant_digest(rules->convenanten[i])->bytes)))
			return false;
	return true;
}

size_t world_replays(struct world *w)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	struct span entry;
	struct entry head;
	size_t n = 0;

	for (uint64_t i = 0; i < store_size(w->store); i++) {
		CLEANUP(buffer_fini) struct buffer bytes = { 0 };
		struct record record;
		bool opened;

		arena_reset(arena);
		CHECK_OK(store_entry(w->store, i, &entry));
		CHECK_OK(entry_parse(entry, &head));
		CHECK_OK(evidence_open(w->core, entry, &bytes, &opened));
		if (!opened)
			continue;
		CHECK_OK(record_parse(buffer_span(&bytes), arena, &record));
		if (!record_get(&record, RECORD_INPUT).len || !decided_with_these(w, &record))
			continue;
		n += replay_one(w, i, &head, &record, arena);
	}
	return n;
}
