/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a node may read: rules, mandates, checkpoints are for every node; a casus and a message's ladder only for who is on it.
 * Not being allowed and not existing give the same answer, NIET_BEKEND. It may take longer where there is something to look at,
 * but ids are 128 random bits: who can ask about one that exists was told of it.
 */
#include "daemon/core/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/intake.h"
#include "daemon/core/published.h"
#include "daemon/core/receipts.h"
#include "daemon/core/retention.h"
#include "daemon/core/rules_store.h"
#include "daemon/core/witness.h"
#include "proto/receipt.h"

#define CASUS_LIST_MAX 500 /* in one reply, as far as its bytes allow; a node goes on with Fetch.from */
#define CASUS_LIST_BYTES ((size_t)512 << 10)
#define RUNGS_MAX (2 + TRACK_RUNG_N * MESSAGE_LIST_MAX)
#define LOOKED_FOR "opvragen/"
#define LOOKED_FOR_MS UINT64_C(3600000)
#define RULE_LOOKED_FOR "opvragen.betrokken"

enum { FETCH_OK = 0, FETCH_E_UNKNOWN = 1 };

struct fetching {
	struct core *c;
	const struct reg_node *node;
	struct fetch what;
	char overleg[CASUS_TEXT]; /* of the casus that is looked at: as far as a volmacht reaches */
	struct arena *arena;
	struct buffer *out;
};

/* The hoedanigheden on whose behalf is asked: the one named, when the node serves it, or all of the node. */
static bool speaks_for(const struct fetching *f, const char *hoedanigheid)
{
	return reg_node_serves(f->node, hoedanigheid) && (!*f->what.sender || text_equal(f->what.sender, hoedanigheid));
}

/* A gemachtigde sees what its givers see in the overleggen of its volmacht: it is asked, and answers, for them. */
static bool acts_for(const struct fetching *f, const char *hoedanigheid, const char *giver)
{
	return rules_acts_for(&f->c->rules, hoedanigheid, giver, f->overleg, f->c->now_unix_ms);
}

static bool acts_on(const struct fetching *f, const struct casus *casus, const char *hoedanigheid)
{
	const struct core *c = f->c;

	for (size_t i = 0; i < casus->n_circle; i++)
		if (acts_for(f, hoedanigheid, casus->circle[i]))
			return true;
	for (size_t i = 0; i < casus->n_invited; i++)
		if (c->now_unix_ms < casus->invited[i].until_unix_ms && acts_for(f, hoedanigheid, casus->invited[i].hoedanigheid))
			return true;
	return casus_member(c->rules.registry, casus, hoedanigheid, c->now_unix_ms);
}

static bool on_casus(struct fetching *f, const struct casus *casus)
{
	memcpy(f->overleg, casus->overleg, sizeof f->overleg);
	for (size_t i = 0; i < f->node->hoedanigheden.n; i++)
		if (speaks_for(f, f->node->hoedanigheden.v[i]) && acts_on(f, casus, f->node->hoedanigheden.v[i]))
			return true;
	return false;
}

static bool acts_in(const struct fetching *f, const struct track *t, const char *hoedanigheid)
{
	for (size_t i = 0; i < t->n; i++)
		if (acts_for(f, hoedanigheid, t->v[i].hoedanigheid))
			return true;
	return acts_for(f, hoedanigheid, t->sender) || acts_for(f, hoedanigheid, t->behalf) || track_party(f->c, t, hoedanigheid);
}

static bool party_to(const struct fetching *f, const struct track *t)
{
	for (size_t i = 0; i < f->node->hoedanigheden.n; i++)
		if (speaks_for(f, f->node->hoedanigheden.v[i]) && acts_in(f, t, f->node->hoedanigheden.v[i]))
			return true;
	return false;
}

/* ---- casus ---- */

static int casus_find(struct fetching *f, struct casus *out)
{
	int r = f->what.id.len == ID_BYTES ? casus_read(f->c, f->what.id, out) : CASUS_STORE_E_ABSENT;

	if (r < 0)
		return err_pass(r);
	return r || !on_casus(f, out) ? FETCH_E_UNKNOWN : FETCH_OK;
}

static int view(const struct fetching *f, const struct casus *casus)
{
	struct casus_view one;
	const struct casus_list list = { 1, &one };
	struct casus shown = *casus;
	int r = retention_until(f->c, SPAN_OF(casus->id), &shown.expires_unix_ms);

	buffer_reset(&f->c->plain);
	if (!r)
		r = casus_encode(&shown, &f->c->plain);
	one.state = buffer_span(&f->c->plain);
	return r ? err_pass(r) : err_pass(casus_list_encode(&list, f->out));
}

static int fetch_casus(struct fetching *f)
{
	struct casus casus;
	int r = casus_find(f, &casus);

	return r ? r : err_pass(view(f, &casus));
}

static int fetch_casus_list(struct fetching *f)
{
	const size_t start = f->out->len;
	uint64_t skip = f->what.from;
	struct store_cursor cursor;
	struct casus casus;
	uint8_t id[ID_BYTES];
	size_t n = 0;
	int r = store_first(f->c->store, KEYSPACE_CASUS, SPAN_NONE, SPAN_NONE, &cursor);

	while (!r && n < CASUS_LIST_MAX && f->out->len - start < CASUS_LIST_BYTES) {
		if (cursor.key.len != ID_BYTES)
			return err_raise(-EBADMSG);
		memcpy(id, cursor.key.ptr, ID_BYTES);
		r = casus_read(f->c, SPAN_OF(id), &casus);
		if (r < 0)
			return err_pass(r);
		if (!r && on_casus(f, &casus) && !skip--) {
			skip = 0;
			n++;
			r = view(f, &casus);
			if (r)
				return err_pass(r);
		}
		r = store_next(f->c->store, &cursor);
	}
	return r && r != STORE_E_ABSENT ? err_fold(r) : 0;
}

/* ---- a message without its content ---- */

/* TRACK_OK or TRACK_E_ABSENT, whoever asks. */
static int track_look(struct fetching *f, struct track *out)
{
	struct casus casus = { 0 };
	int r = f->what.id.len == ID_BYTES ? track_load(f->c, f->what.id, f->arena, out) : TRACK_E_ABSENT;

	if (r)
		return r < 0 ? err_pass(r) : r;
	if (out->casus.len)
		r = casus_read(f->c, out->casus, &casus);
	memcpy(f->overleg, casus.overleg, sizeof f->overleg);
	return r < 0 ? err_pass(r) : TRACK_OK;
}

static int track_find(struct fetching *f, struct track *out)
{
	int r = track_look(f, out);

	if (r < 0)
		return err_pass(r);
	return r || !party_to(f, out) ? FETCH_E_UNKNOWN : FETCH_OK;
}

static int fetch_item(struct fetching *f)
{
	struct casus_item item;
	struct track t;
	int r = track_find(f, &t);

	if (!r)
		r = track_item(&t, f->arena, &item);
	if (r)
		return r < 0 ? err_pass(r) : FETCH_E_UNKNOWN;
	buffer_bytes(f->out, t.item);
	return 0;
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

static const char *const rung_names[TRACK_RUNG_N] = {
	[TRACK_DELIVERED] = "AFGELEVERD", [TRACK_OPENED] = "GEOPEND",	   [TRACK_ANSWERED] = "BEANTWOORD",
	[TRACK_WITHDRAWN] = "TERMIJN",	  [TRACK_REMINDED] = "HERINNERD",  [TRACK_CONFIRMED] = "BEVESTIGD",
	[TRACK_REPORTED] = "TERUGGEKOPPELD",
};

/* The sender, and for whom it was sent, see all rungs; a recipient those of the message and its own. */
static bool sees_all(const struct fetching *f, const struct track *t)
{
	const struct track sent = { .sender = t->sender, .behalf = t->behalf };

	return party_to(f, &sent);
}

static bool is_recipient(const struct fetching *f, const struct track_recipient *v)
{
	const struct track one = { .sender = v->hoedanigheid, .behalf = "" };

	return party_to(f, &one);
}

static int ladder_of_track(struct fetching *f, const struct track *t, struct ladder *ladder)
{
	const bool all = sees_all(f, t);
	int r = rung_add(f, ladder, (struct rung){ "AANVAARD", t->sender, t->accepted_ms, t->entry, SPAN_NONE });

	for (size_t i = 0; !r && i < t->n; i++) {
		const struct track_recipient *v = &t->v[i];

		for (size_t k = 0; !r && k < TRACK_RUNG_N && (all || is_recipient(f, v)); k++)
			r = rung_add(f, ladder, (struct rung){ rung_names[k], v->hoedanigheid, v->rungs[k].ms, v->rungs[k].entry,
							       SPAN_NONE });
	}
	if (!r && all)
		r = rung_add(f, ladder, (struct rung){ "TERMIJN", "", t->term.ms, t->term.entry, SPAN_NONE });
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
	r = track_look(f, &t);
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

/* What is published comes before what is newer, so that all witnesses cosign the same; between two sizes only their proof counts. */
static int fetch_checkpoint(struct fetching *f)
{
	struct consistency reply = { 0 };
	uint64_t signed_size, size = 0;
	struct span newest = receipts_head(f->c, &signed_size);
	int r;

	reply.checkpoint = published_newest(f->c, &size);
	if (!reply.checkpoint.len || f->what.from > size || f->what.to) {
		reply.checkpoint = newest;
		size = f->what.to ? f->what.to : signed_size;
	}
	if (!newest.len || size > signed_size || f->what.from > size)
		return FETCH_E_UNKNOWN;
	r = store_prove_consistency(f->c->store, f->what.from, size, &reply.proof);
	return r ? err_fold(r) : err_pass(consistency_encode(&reply, f->out));
}

static int fetch_version(struct fetching *f)
{
	struct span note;
	int r = rules_store_version(f->c, f->what.id, &note);

	if (r)
		return r < 0 ? err_pass(r) : FETCH_E_UNKNOWN;
	buffer_bytes(f->out, note);
	return 0;
}

static int fetch_witnesses(struct fetching *f)
{
	witnesses_cards(f->c, f->out);
	return 0;
}

static int fetch_rules(struct fetching *f)
{
	return err_pass(rules_store_reply(f->c, f->out));
}

static const struct {
	const char *what;
	int (*run)(struct fetching *f);
} fetches[] = {
	{ "rules", fetch_rules },   { "version", fetch_version },
	{ "casus", fetch_casus },   { "casus-list", fetch_casus_list },
	{ "item", fetch_item },	    { "ladder", fetch_ladder },
	{ "mandate", fetch_mandate }, { "checkpoint", fetch_checkpoint },
	{ "witnesses", fetch_witnesses },
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

/* ---- who looks for what is not his ---- */

/* 0: this fetch looks for nothing by its id, or finds it. */
static int lookup(struct fetching *f)
{
	struct casus casus;
	struct track t;
	struct seen seen;
	int r;

	if (text_equal(f->what.what, "casus"))
		return casus_find(f, &casus);
	if (text_equal(f->what.what, "item"))
		return track_find(f, &t);
	if (!text_equal(f->what.what, "ladder"))
		return FETCH_OK;
	r = track_find(f, &t);
	if (r != FETCH_E_UNKNOWN || f->what.id.len != ID_BYTES)
		return r;
	/* Of its own refused message there is no track. Whose it was is in its entry, and is looked at when it is answered. */
	r = track_load(f->c, f->what.id, f->arena, &t);
	if (r == TRACK_E_ABSENT)
		r = seen_find(f->c, f->what.id, &seen) == SEEN_OK ? FETCH_OK : FETCH_E_UNKNOWN;
	else if (!r)
		r = FETCH_E_UNKNOWN;
	return r;
}

/* At most one entry in an hour for each node: who knocks at every door must not fill the log. */
static int note_lookup(struct fetching *f)
{
	struct decision decision = { 0 };
	const struct evidence e = {
		.kind = ENTRY_INZAGE,
		.type = "opvragen",
		.decision = &decision,
		.node = f->node,
		.sender = f->what.sender,
		.casus_id = text_equal(f->what.what, "casus") && f->what.id.len == ID_BYTES ? f->what.id : SPAN_NONE,
	};
	char name[sizeof LOOKED_FOR + REGISTER_ID_MAX];
	uint8_t now[8];
	struct span last;
	int r;

	snprintf(name, sizeof name, LOOKED_FOR "%s", f->node->id);
	r = store_get(f->c->store, KEYSPACE_META, span_of_text(name), &last);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	if (!r && last.len == sizeof now && f->c->now_unix_ms - get_u64(last.ptr) < LOOKED_FOR_MS)
		return 0;
	put_u64(now, f->c->now_unix_ms);
	decision_add(&decision, CODE_NIET_BETROKKEN_BIJ_CASUS, RULE_LOOKED_FOR, f->what.what, false);
	r = evidence_write(f->c, &e, NULL);
	return r ? err_pass(r) : err_pass(core_put(f->c, KEYSPACE_META, span_of_text(name), SPAN_OF(now)));
}

int fetch_decide(struct core *c, struct item *item)
{
	struct fetching f = { .c = c, .arena = item->arena };
	int r;

	f.node = c->rules.registry ? registry_node_of_transport(c->rules.registry, item->transport) : NULL;
	arena_reset(item->arena);
	if (!f.node || fetch_decode(item->wire.body, item->arena, &f.what))
		return 0; /* fetch_answer() says so */
	r = lookup(&f);
	return r == FETCH_E_UNKNOWN ? err_pass(note_lookup(&f)) : err_pass(r);
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
