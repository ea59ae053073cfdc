/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/daemon/core_say.h"

#include "base/text.h"

void say(struct world *w, struct draft *d, uint64_t session, uint64_t correlation, enum code code)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt r;

	draft_submit(w, d, session, correlation);
	world_round(w);
	if (world_receipt_code(w, correlation) == (int)code)
		return;
	world_receipt(w, world_answer(w, correlation, WIRE_RECEIPT), arena, &r);
	for (size_t i = 0; i < r.statement.n; i++)
		print_message("%s %s\n", r.statement.findings[i].rule, r.statement.findings[i].subject);
	fail_msg("%s gave %s", message_kind_name(d->m.kind), code_name(r.entry.code));
}

bool has_rung(struct world *w, int node, uint64_t session, const uint8_t *id, const char *name, const char *who)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	const struct in *in = world_fetch(w, node, session, "ladder", span_of(id, ID_BYTES), 0, "");
	struct ladder l;

	if (in->verb != WIRE_REPLY)
		return false;
	CHECK_OK(ladder_decode(buffer_span(&in->body), arena, &l));
	for (size_t i = 0; i < l.n; i++)
		if (text_equal(l.v[i].name, name) && text_equal(l.v[i].hoedanigheid, who))
			return true;
	return false;
}

bool item_shown(struct world *w, int node, uint64_t session, struct span id, const char *as, struct arena *arena,
		struct casus_item *out)
{
	const struct in *in = id.len == ID_BYTES ? world_fetch(w, node, session, "item", id, 0, as) : NULL;

	if (!in || in->verb != WIRE_REPLY)
		return false;
	CHECK_OK(item_decode(arena_copy(arena, buffer_span(&in->body)), arena, out));
	return true;
}

bool casus_shown(struct world *w, int node, uint64_t session, struct span id, const char *as, struct casus *out)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_fetch(w, node, session, "casus", id, 0, as);
	struct casus_list list;

	if (in->verb != WIRE_REPLY)
		return false;
	CHECK_OK(casus_list_decode(buffer_span(&in->body), arena, &list));
	CHECK_OK(casus_decode(list.v[0].state, out));
	return true;
}
