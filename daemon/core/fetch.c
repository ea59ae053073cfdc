/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a node may read: rules, mandates, checkpoints are for every node; a casus and a message's ladder only for who is on it.
 * Not being allowed and not existing give the same answer, NIET_BEKEND. It may take longer where there is something to look at,
 * but ids are 128 random bits: who can ask about one that exists was told of it.
 */
#include "daemon/core/fetch.h"

#include <errno.h>

#include "daemon/core/intake.h"
#include "daemon/core/receipts.h"
#include "daemon/core/rules_store.h"
#include "proto/receipt.h"

#define CASUS_LIST_MAX 150 /* in one reply; a node goes on with Fetch.from */
#define RUNGS_MAX (2 + 5 * MESSAGE_LIST_MAX)

_Static_assert(CASUS_LIST_MAX * (sizeof(struct casus) + sizeof(struct casus_view) + CASUS_CIRCLE_MAX * sizeof(char *)) <
		       MESSAGE_ARENA_BYTES / 4 * 3, "a full list fits in an item's arena");

enum { FETCH_OK = 0, FETCH_E_UNKNOWN = 1 };

struct fetching {
	struct core *c;
	const struct reg_node *node;
	struct fetch what;
	struct arena *arena;
	struct buffer *out;
};

/* The hoedanigheden on whose behalf is asked: the one named, when the node serves it, or all of the node. */
static bool speaks_for(const struct fetching *f, const char *hoedanigheid)
{
	return reg_node_serves(f->node, hoedanigheid) && (!*f->what.sender || text_equal(f->what.sender, hoedanigheid));
}

static bool on_casus(const struct fetching *f, const struct casus *casus)
{
	for (size_t i = 0; i < f->node->hoedanigheden.n; i++)
		if (speaks_for(f, f->node->hoedanigheden.v[i]) && casus_has(casus, f->node->hoedanigheden.v[i]))
			return true;
	return false;
}

/* ---- casus ---- */

static int view(const struct fetching *f, const struct casus *casus, struct casus_view *out)
{
	const struct casus *copy = (const struct casus *)(const void *)
		arena_copy(f->arena, span_of(casus, sizeof *casus)).ptr;
	const char **circle = arena_array(f->arena, casus->n_circle ? casus->n_circle : 1, sizeof *circle);

	if (!copy || !circle)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < copy->n_circle; i++)
		circle[i] = copy->circle[i];
	*out = (struct casus_view){
		.casus = SPAN_OF(copy->id),
		.phase = phase_name(copy->phase),
		.regime = regime_name(copy->regime),
		.overleg = copy->overleg,
		.klasse = copy->klasse,
		.ave = copy->ave,
		.circle = { copy->n_circle, circle },
		.opened_unix_ms = copy->opened_unix_ms,
		.closed_unix_ms = copy->closed_unix_ms,
		.consent_given_unix_ms = copy->consent_given_unix_ms,
		.consent_until_unix_ms = copy->consent_until_unix_ms,
		.consent = copy->consent && !copy->consent_withdrawn,
	};
	return 0;
}

static int fetch_casus(struct fetching *f)
{
	struct casus_list list = { 0 };
	struct casus_view one;
	struct casus casus;
	int r = f->what.id.len == ID_BYTES ? casus_read(f->c, f->what.id, &casus) : CASUS_STORE_E_ABSENT;

	if (r < 0)
		return err_pass(r);
	if (r || !on_casus(f, &casus))
		return FETCH_E_UNKNOWN;
	r = view(f, &casus, &one);
	list.n = 1;
	list.v = &one;
	return r ? err_pass(r) : err_pass(casus_list_encode(&list, f->out));
}

static int fetch_casus_list(struct fetching *f)
{
	struct casus_list list = { .v = arena_array(f->arena, CASUS_LIST_MAX, sizeof *list.v) };
	uint64_t skip = f->what.from;
	struct store_cursor cursor;
	struct casus casus;
	uint8_t id[ID_BYTES];
	int r = list.v ? store_first(f->c->store, KEYSPACE_CASUS, SPAN_NONE, SPAN_NONE, &cursor) : -ENOMEM;

	while (!r && list.n < CASUS_LIST_MAX) {
		if (cursor.key.len != ID_BYTES)
			return err_raise(-EBADMSG);
		memcpy(id, cursor.key.ptr, ID_BYTES);
		r = casus_read(f->c, SPAN_OF(id), &casus);
		if (r < 0)
			return err_pass(r);
		if (!r && on_casus(f, &casus) && !skip--) {
			skip = 0;
			r = view(f, &casus, &list.v[list.n++]);
			if (r)
				return err_pass(r);
		}
		r = store_next(f->c->store, &cursor);
	}
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	return err_pass(casus_list_encode(&list, f->out));
}

/* ---- ladder ---- */

/* @rung: without its receipt; index is the entry plus one, 0 when that rung was not reached. */
static int rung_add(struct fetching *f, struct ladder *ladder, struct rung rung)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	int r;

	if (!rung.index || ladder->n == RUNGS_MAX)
		return 0;
	rung.index--;
	r = evidence_slip(f->c, rung.index, &slip);
	if (!r && slip)
		r = receipts_print(f->c, slip, &text);
	if (r < 0)
		return err_pass(r);
	/* Beyond what an answer holds a rung comes without its receipt, as one does whose key was destroyed. */
	rung.receipt = arena_copy(f->arena, buffer_span(&text));
	ladder->v[ladder->n++] = rung;
	return 0;
}

static bool party_to(const struct fetching *f, const struct track *t)
{
	if (speaks_for(f, t->sender))
		return true;
	for (size_t i = 0; i < t->n; i++)
		if (speaks_for(f, t->v[i].hoedanigheid))
			return true;
	return false;
}

/* A recipient sees the rungs of the message and its own; the sender sees all. */
static int ladder_of_track(struct fetching *f, const struct track *t, struct ladder *ladder)
{
	bool all = speaks_for(f, t->sender);
	int r = rung_add(f, ladder, (struct rung){ "AANVAARD", t->sender, t->accepted_ms, t->entry, SPAN_NONE });

	for (size_t i = 0; !r && i < t->n; i++) {
		const struct track_recipient *v = &t->v[i];
		const char *who = v->hoedanigheid;

		if (!all && !speaks_for(f, who))
			continue;
		r = rung_add(f, ladder, (struct rung){ "AFGELEVERD", who, v->delivered_ms, v->delivered, SPAN_NONE });
		if (!r)
			r = rung_add(f, ladder, (struct rung){ "GEOPEND", who, v->opened_ms, v->opened, SPAN_NONE });
		if (!r)
			r = rung_add(f, ladder, (struct rung){ "BEANTWOORD", who, v->answered_ms, v->answered, SPAN_NONE });
		if (!r)
			r = rung_add(f, ladder, (struct rung){ "TERMIJN", who, v->withdrawn_ms, v->withdrawn, SPAN_NONE });
	}
	if (!r && all)
		r = rung_add(f, ladder, (struct rung){ "TERMIJN", "", t->term_ms, t->term, SPAN_NONE });
	return err_pass(r);
}

/* A refused message has no track: its one rung is in its entry, and so is who sent it. */
static int ladder_of_entry(struct fetching *f, struct ladder *ladder)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };
	struct record parsed;
	struct span entry, sender;
	struct entry head;
	struct seen seen;
	const char *who;
	bool opened;
	int r = seen_find(f->c, f->what.id, &seen);

	if (r)
		return r < 0 ? err_pass(r) : FETCH_E_UNKNOWN;
	r = store_entry(f->c->store, seen.entry, &entry);
	if (!r)
		r = entry_parse(entry, &head);
	if (!r)
		r = evidence_open(f->c, entry, &record, &opened);
	if (r)
		return err_fold(r);
	if (!opened)
		return FETCH_E_UNKNOWN;
	r = record_parse(buffer_span(&record), f->arena, &parsed);
	if (r)
		return err_fold(r);
	sender = record_get(&parsed, RECORD_SENDER);
	who = arena_text(f->arena, sender);
	if (!who)
		return err_raise(-ENOMEM);
	if (!speaks_for(f, who))
		return FETCH_E_UNKNOWN;
	return err_pass(rung_add(f, ladder, (struct rung){ head.code == CODE_TOEGESTAAN ? "AANVAARD" : "GEWEIGERD", who,
							   head.time_unix_ms, seen.entry + 1, SPAN_NONE }));
}

static int fetch_ladder(struct fetching *f)
{
	struct ladder ladder = { .message_id = f->what.id, .v = arena_array(f->arena, RUNGS_MAX, sizeof *ladder.v) };
	struct track t;
	int r;

	if (!ladder.v)
		return err_raise(-ENOMEM);
	if (f->what.id.len != ID_BYTES)
		return FETCH_E_UNKNOWN;
	r = track_load(f->c, f->what.id, f->arena, &t);
	if (r < 0)
		return err_pass(r);
	if (r == TRACK_OK)
		r = party_to(f, &t) ? ladder_of_track(f, &t, &ladder) : FETCH_E_UNKNOWN;
	else
		r = ladder_of_entry(f, &ladder);
	if (r)
		return r < 0 ? err_pass(r) : r;
	return err_pass(ladder_encode(&ladder, f->out));
}

/* ---- what every node may have ---- */

static int fetch_mandate(struct fetching *f)
{
	struct span note;
	int r = f->what.id.len == HASH_BYTES ? store_get(f->c->store, KEYSPACE_MANDATE, f->what.id, &note) : STORE_E_ABSENT;

	if (r)
		return r == STORE_E_ABSENT ? FETCH_E_UNKNOWN : err_fold(r);
	buffer_bytes(f->out, note);
	return 0;
}

static int fetch_checkpoint(struct fetching *f)
{
	struct consistency reply = { 0 };
	uint64_t size;
	int r;

	reply.checkpoint = receipts_head(f->c, &size);
	if (!reply.checkpoint.len || f->what.from > size)
		return FETCH_E_UNKNOWN;
	r = store_prove_consistency(f->c->store, f->what.from, size, &reply.proof);
	return r ? err_fold(r) : err_pass(consistency_encode(&reply, f->out));
}

static int fetch_rules(struct fetching *f)
{
	return err_pass(rules_store_reply(f->c, f->out));
}

static const struct {
	const char *what;
	int (*run)(struct fetching *f);
} fetches[] = {
	{ "rules", fetch_rules }, { "casus", fetch_casus }, { "casus-list", fetch_casus_list },
	{ "ladder", fetch_ladder }, { "mandate", fetch_mandate }, { "checkpoint", fetch_checkpoint },
};

static int fetch_run(struct fetching *f)
{
	for (size_t i = 0; i < N_ELEMENTS(fetches); i++)
		if (text_equal(fetches[i].what, f->what.what)) {
			int r = fetches[i].run(f);

			return r < 0 ? err_pass(r) : r;
		}
	return FETCH_E_UNKNOWN;
}

int fetch_answer(struct core *c, struct item *item)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = item->session };
	struct fetching f = { .c = c, .arena = item->arena };
	size_t start;
	int r;

	f.node = c->rules.registry ? registry_node_of_transport(c->rules.registry, item->transport) : NULL;
	if (!f.node)
		return err_pass(out_trouble(c, item->session, item->wire.correlation, "NIET_TOEGELATEN",
					    "this node is not in the register"));
	arena_reset(item->arena);
	r = fetch_decode(item->wire.body, item->arena, &f.what);
	if (r)
		return r < 0 ? err_pass(r) : err_pass(out_trouble(c, item->session, item->wire.correlation, "SCHEMA_ONGELDIG",
								  "the fetch does not decode"));
	f.out = out_begin(&c->out);
	start = f.out->len;
	wire_begin(f.out, WIRE_REPLY, item->wire.correlation);
	r = fetch_run(&f);
	if (r == FETCH_E_UNKNOWN) {
		f.out->len = start;
		return err_pass(out_trouble(c, item->session, item->wire.correlation, "NIET_BEKEND",
					    "there is nothing of that kind for this node"));
	}
	return r ? err_pass(r) : err_pass(out_end(&c->out, &frame));
}
