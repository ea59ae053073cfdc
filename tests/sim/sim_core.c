/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole histories of one house: clients that ask, answer, repeat, forget and come back; a core that is killed at any moment, with
 * frames taken and not decided, with a journal write half done, with outputs not yet handed out; a slow keeper; a full disk; a clock
 * that jumps. The core, the store and the keeper are the real ones.
 *
 *	sim_core [SEEDS [FIRST]]        a failure prints its seed
 *
 * At the end of each history everybody is patient until all is quiet. Then:
 *   1. every receipt ever given is of an entry that is in the log, with those very bytes;
 *   2. the log continues every checkpoint ever signed;
 *   3. every message has exactly one entry that accepts it, or none; a receipt of acceptance means one;
 *   4. an accepted message reached every recipient, or has the entry that says it was withdrawn; its ladder says the same;
 *   5. no inbox ever held a message twice, nothing waits, nothing refused was delivered;
 *   6. a correctie is confirmed by exactly those whose bevestiging was accepted, each once; a notice is taken back exactly when
 *      such a correctie was accepted;
 *   7. every entry about a message names the rules it was decided by, and what was kept of each decision gives it again.
 *
 * Then the terms of some of its casussen end, with kills, failing disks and jumps of the clock in between. At last:
 *   8. a casus is there exactly when its term is not over, and nothing is left of the others;
 *   9. the key store holds the keys that live, each of which opens, and no other;
 *  10. 1 and 2 still hold.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/intake.h"
#include "daemon/core/retention.h"
#include "tests/unit/daemon/core_draft.h"

#define MESSAGES_MAX 160
#define RECEIPTS_MAX 2000
#define STEPS 150
#define CASUS_MAX 12
#define HOUR_MS UINT64_C(3600000)

struct sent {
	uint8_t id[ID_BYTES];
	struct buffer envelope;
	enum message_kind kind;
	int node;
	size_t about;                  /* of one that rests on another */
	bool request, dubious;         /* dubious: made to be refused */
	bool taking_back;
	bool answered, accepted, refused;
	unsigned delivered[WORLD_NODES];
	bool to[WORLD_NODES];
	unsigned n_accepting;
};
struct given {
	uint64_t index;
	struct hash leaf;
	uint64_t size;
	struct hash root;
};

static struct world w;
static struct sent sent[MESSAGES_MAX];
static struct given given[RECEIPTS_MAX];
static size_t n_sent, n_given, n_kills;
static uint8_t casus[ID_BYTES]; /* in which all is asked; the first of: */
static struct { uint8_t id[ID_BYTES]; bool there; uint64_t until_ms; } casussen[CASUS_MAX];
static size_t n_casussen, n_ended, n_confirmed;
static uint64_t session_of[WORLD_NODES], next_session, next_correlation, seed, random_state;
static bool closed;

static uint64_t dice(uint64_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(2685821657736338717) >> 33) % n;
}

#define MUST(condition)                                                                      \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			printf("seed %llu: %s (line %d)\n", (unsigned long long)seed, #condition, __LINE__); \
			fflush(stdout);                                                      \
			abort();                                                             \
		}                                                                            \
	} while (0)

/* ---- clients ---- */

static void submit(size_t i)
{
	world_take(&w, sent[i].node, session_of[sent[i].node], WIRE_SUBMIT, 1000 + i, buffer_span(&sent[i].envelope));
}

static void sent_add(struct draft *d, int node, bool request, bool dubious)
{
	struct sent *s = &sent[n_sent];
	const struct text_list to = d->m.header.recipients;

	memset(s->to, 0, sizeof s->to);
	for (size_t k = 0; k < to.n; k++)
		for (int i = 0; i < WORLD_NODES; i++)
			s->to[i] |= strcmp(to.v[k], w.nodes[i].hoedanigheden[0]) == 0;
	*s = (struct sent){ .envelope = s->envelope, .kind = d->m.kind, .node = node, .request = request, .dubious = dubious };
	memcpy(s->id, d->id, ID_BYTES);
	for (size_t k = 0; k < to.n; k++)
		for (int i = 0; i < WORLD_NODES; i++)
			if (strcmp(to.v[k], w.nodes[i].hoedanigheden[0]) == 0)
				s->to[i] = true;
	buffer_reset(&s->envelope);
	draft_sign(d, &s->envelope);
	submit(n_sent++);
}

static void step_ask(void)
{
	static const char *const to[] = { "dji-pi-noord", "dji-pi-noord gemeente-assen-sociaal-domein", "politie-noord-nederland ggz-drenthe",
					  "reclassering-3ro" };
	bool dubious = dice(6) == 0;
	struct draft d;

	draft_ask(&w, &d, casus, to[dice(4)]);
	draft_categories(&d, "woonsituatie.onderdak");
	d.m.header.urgent = dice(3) == 0;
	d.m.header.deadline_unix_ms = w.unix_ms + (d.m.header.urgent ? 2 * HOUR_MS : 25 * HOUR_MS) + dice(3) * DAY_MS;
	if (dubious)
		d.m.header.grondslag = "";
	sent_add(&d, ZVHD, true, dubious);
}

static void step_answer(void)
{
	size_t i = dice(n_sent);
	int node = (int)(1 + dice(WORLD_NODES - 1));
	struct draft d;

	if (!sent[i].request || !sent[i].to[node] || !sent[i].delivered[node])
		return;
	draft_answer(&w, &d, node, casus, sent[i].id);
	if (dice(5) == 0)
		d.m.header.person_role = "buurman";
	sent_add(&d, node, false, false);
}

static void step_notice(void)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_MELDING, DJI, casus);
	d.m.header.person_role = "betrokkene";
	d.m.body.melding.soort = "vrijlating";
	draft_to(&d, dice(2) ? "gemeente-assen-sociaal-domein zvhd-nazorg" : "gemeente-assen-sociaal-domein politie-noord-nederland");
	draft_categories(&d, "justitieel.detentieverloop");
	draft_part(&w, &d, "justitieel.detentieverloop");
	sent_add(&d, DJI, false, false);
}

static void about_add(struct draft *d, int node, size_t about)
{
	size_t i = n_sent;

	sent_add(d, node, false, false);
	sent[i].about = about;
	sent[i].taking_back = d->m.kind == MESSAGE_CORRECTIE && !strcmp(d->m.body.correctie.action, "ingetrokken");
}

static void follow_notice(size_t i)
{
	const bool bureau = sent[i].to[ZVHD];
	struct draft d;

	switch (dice(3)) {
	case 0:
		draft_about(&w, &d, MESSAGE_CORRECTIE, DJI, casus, sent[i].id,
			    bureau ? "gemeente-assen-sociaal-domein zvhd-nazorg" :
				     "gemeente-assen-sociaal-domein politie-noord-nederland");
		d.m.body.correctie = (struct body_correctie){ dice(2) ? "verbeterd" : "ingetrokken", "onjuist" };
		if (!strcmp(d.m.body.correctie.action, "verbeterd")) {
			d.m.header.person_role = "betrokkene";
			draft_categories(&d, "justitieel.detentieverloop");
			draft_part(&w, &d, "justitieel.detentieverloop");
		}
		about_add(&d, DJI, i);
		break;
	case 1:
		draft_about(&w, &d, MESSAGE_TERUGKOPPELING, ASSEN, casus, sent[i].id, "dji-pi-noord");
		d.m.body.terugkoppeling = (struct body_terugkoppeling){ "monitoring", "ja", "ja", "" };
		about_add(&d, ASSEN, i);
		break;
	default:
		if (!bureau)
			return;
		draft_about(&w, &d, MESSAGE_INSTEMMINGSVERZOEK, ZVHD, casus, sent[i].id, "dji-pi-noord");
		d.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ "derde", "", 0 };
		about_add(&d, ZVHD, i);
	}
}

static void step_follow(void)
{
	static const int who[] = { ASSEN, ZVHD, POLITIE };
	size_t i = dice(n_sent);
	int node = who[dice(3)];
	struct draft d;

	if (sent[i].kind == MESSAGE_MELDING) {
		follow_notice(i);
	} else if (sent[i].kind == MESSAGE_CORRECTIE) {
		draft_about(&w, &d, MESSAGE_BEVESTIGING, node, casus, sent[i].id, "dji-pi-noord");
		d.m.body.bevestiging.action = "vernietigd";
		about_add(&d, node, i);
	} else if (sent[i].kind == MESSAGE_INSTEMMINGSVERZOEK) {
		draft_about(&w, &d, MESSAGE_INSTEMMING, DJI, casus, sent[i].id, "zvhd-nazorg");
		d.m.body.instemming.granted = dice(2);
		about_add(&d, DJI, i);
	}
}

static void step_ack(void)
{
	int node = (int)dice(WORLD_NODES);
	uint8_t ids[8][ID_BYTES];
	size_t n = 0;
	struct draft d;

	for (size_t i = 0; i < n_sent && n < 8; i++)
		if (sent[i].delivered[node] && dice(2))
			memcpy(ids[n++], sent[i].id, ID_BYTES);
	if (!n)
		return;
	draft_ack(&w, &d, node, ids[0], n);
	draft_submit(&w, &d, session_of[node], UINT64_C(1) << 40 | next_correlation++);
}

static void connect(int node)
{
	session_of[node] = ++next_session;
	world_credit(&w, node, session_of[node], (uint32_t)(1 + dice(20)));
}

static size_t find(const uint8_t *id)
{
	size_t i = 0;

	while (i < n_sent && memcmp(sent[i].id, id, ID_BYTES) != 0)
		i++;
	return i;
}

static void got_receipt(const struct in *in, struct arena *arena)
{
	struct receipt r;
	size_t i;

	MUST(receipt_open(buffer_span(&in->body), &w.log_key, arena, &r) == RECEIPT_OK);
	MUST(n_given < RECEIPTS_MAX);
	given[n_given] = (struct given){ .index = r.index, .size = r.checkpoint.size, .root = r.checkpoint.root };
	tree_hash_leaf(r.entry_bytes, &given[n_given++].leaf);
	if (in->verb != WIRE_RECEIPT || in->correlation < 1000 || in->correlation >= 1000 + n_sent)
		return;
	i = in->correlation - 1000;
	MUST(!memcmp(r.statement.message_id, sent[i].id, ID_BYTES));
	sent[i].answered = true;
	if (r.entry.code == CODE_TOEGESTAAN)
		sent[i].accepted = true;
	else if (r.entry.code != CODE_HERHALING)
		sent[i].refused = true;
	MUST(!(sent[i].accepted && sent[i].refused));
	MUST(!(sent[i].accepted && sent[i].dubious));
}

static void got_delivery(const struct in *in, struct arena *arena)
{
	struct delivery delivery;
	uint8_t id[ID_BYTES];
	size_t i;

	delivery_open(in, arena, &delivery, id);
	i = find(id);
	MUST(i < n_sent && !sent[i].refused && !sent[i].dubious);
	for (int node = 0; node < WORLD_NODES; node++)
		if (session_of[node] == in->session) {
			MUST(sent[i].to[node]);
			sent[i].delivered[node]++;
		}
}

static void listen_to_house(void)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);

	for (size_t i = 0; i < w.n_in; i++) {
		const struct in *in = &w.in[i];

		arena_reset(arena);
		if (in->verb == WIRE_RECEIPT || (in->verb == WIRE_NOTICE && in->body.len))
			got_receipt(in, arena);
		else if (in->verb == WIRE_DELIVERY)
			got_delivery(in, arena);
	}
	world_forget(&w);
}

/* ---- the house ---- */

static void restart(void)
{
	int r;

	w.torn = w.disk_full = w.slots_fail = false;
	r = world_start(&w);
	if (r)
		printf("seed %llu: does not start: %s\n", (unsigned long long)seed, w.why);
	MUST(r == 0);
	for (int i = 0; i < WORLD_NODES; i++)
		connect(i);
}

static void kill_house(void)
{
	n_kills++;
	world_crash(&w);
	world_forget(&w);
	restart();
}

/* Killed in the middle of a journal write, before its flush, or with the outputs of a finished batch still in hand. */
static void commit(void)
{
	bool dies = w.torn || dice(12) == 0;
	int r = core_commit(w.core);

	MUST(r == 0 || w.torn);
	if (dies) {
		kill_house();
		return;
	}
	world_handout(&w);
	MUST(core_check(w.core));
	listen_to_house();
}

static void step_jump(void)
{
	switch (dice(6)) {
	case 0:
		w.unix_ms += 60000 + dice(3600000);
		break;
	case 1:
		w.unix_ms -= dice(60000);
		break;
	case 2:
		if (dice(4) == 0)
			world_pass(&w, 4 * DAY_MS);
		break;
	default:
		world_pass(&w, dice(40000));
	}
}

static void step_close(void)
{
	struct draft d;

	if (closed || dice(40))
		return;
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	draft_submit(&w, &d, session_of[ZVHD], UINT64_C(1) << 41);
	closed = true;
}

/* Another casus, in which nothing is asked: its keys come and go. */
static void step_open(void)
{
	struct draft d;

	if (n_casussen == CASUS_MAX)
		return;
	casussen[n_casussen].there = false; /* whether it is accepted shows later */
	env_random(&w.env, casussen[n_casussen].id, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, casussen[n_casussen++].id);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(&w, &d, session_of[ZVHD], UINT64_C(1) << 42 | n_casussen);
}

static void step(void)
{
	switch (dice(27)) {
	case 0: case 1: case 2: case 3:
		step_ask();
		break;
	case 4: case 5:
		if (n_sent)
			step_answer();
		break;
	case 6:
		if (n_sent)
			submit(dice(n_sent));
		break;
	case 7: case 8: case 9:
		step_ack();
		break;
	case 10:
		connect((int)dice(WORLD_NODES));
		break;
	case 11:
		step_jump();
		break;
	case 12:
		w.disk_full = dice(3) == 0;
		break;
	case 13:
		if (dice(3) == 0)
			w.torn = true;
		w.torn_whole = dice(2);
		break;
	case 14:
		if (w.keeper_silent)
			world_keeper_speaks(&w);
		else
			w.keeper_silent = true;
		break;
	case 15:
		if (dice(4) == 0)
			kill_house();
		break;
	case 16:
		step_close();
		break;
	case 21: case 22:
		step_notice();
		break;
	case 23: case 24: case 25: case 26:
		for (int i = 0; n_sent && i < 4; i++)
			step_follow();
		break;
	case 17:
		step_open();
		break;
	default:
		commit();
	}
}

/* Frames may arrive in another order than they were sent in: several steps pass before they are decided. */
static void history(void)
{
	for (int i = 0; i < STEPS && n_sent < MESSAGES_MAX; i++)
		step();
}

/* ---- the end ---- */

static void rest(void)
{
	w.disk_full = w.torn = false;
	if (w.keeper_silent)
		world_keeper_speaks(&w);
	for (int i = 0; i < 200; i++) {
		MUST(core_commit(w.core) == 0);
		world_handout(&w);
		listen_to_house();
		if (core_idle(w.core))
			return;
	}
	MUST(false); /* it does not come to rest */
}

static void ack_all(int node)
{
	uint8_t ids[64][ID_BYTES];
	struct draft d;
	size_t n = 0;

	for (size_t i = 0; i <= n_sent; i++) {
		if (n == 64 || (i == n_sent && n)) {
			draft_ack(&w, &d, node, ids[0], n);
			draft_submit(&w, &d, session_of[node], UINT64_C(1) << 40 | next_correlation++);
			n = 0;
		}
		if (i < n_sent && sent[i].delivered[node])
			memcpy(ids[n++], sent[i].id, ID_BYTES);
	}
}

static void settle(void)
{
	struct store_cursor c;

	w.disk_full = w.torn = false;
	if (dice(2)) {
		world_crash(&w);
		restart();
	}
	world_pass(&w, 2000);
	rest();
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < n_sent; i++)
			if (!sent[i].answered)
				submit(i);
	rest();
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < WORLD_NODES; i++) {
			connect(i);
			ack_all(i);
		}
		rest();
		if (store_first(w.store, KEYSPACE_INBOX, SPAN_NONE, SPAN_NONE, &c) == STORE_E_ABSENT)
			break;
		/* Nothing stands in an inbox twice. */
		MUST(c.value.len >= ID_BYTES);
	}
	MUST(store_first(w.store, KEYSPACE_INBOX, SPAN_NONE, SPAN_NONE, &c) == STORE_E_ABSENT);
	MUST(store_first(w.store, KEYSPACE_MESSAGE, SPAN_NONE, SPAN_NONE, &c) == STORE_E_ABSENT);
}

static void check_receipts(void)
{
	struct tree_proof proof;
	struct span entry;
	struct hash leaf, root;

	MUST(store_root(w.store, &root) == 0);
	for (size_t i = 0; i < n_given; i++) {
		MUST(store_entry(w.store, given[i].index, &entry) == 0);
		tree_hash_leaf(entry, &leaf);
		MUST(hash_equal(&leaf, &given[i].leaf));
		MUST(store_prove_consistency(w.store, given[i].size, store_size(w.store), &proof) == 0);
		MUST(tree_check_consistency(given[i].size, store_size(w.store), &given[i].root, &root, &proof));
	}
}

static void check_entries(void)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct record record;
	struct span entry;
	struct entry head;
	uint64_t last = 0;
	bool opened;
	size_t m;

	for (uint64_t i = 0; i < store_size(w.store); i++) {
		arena_reset(arena);
		buffer_reset(&bytes);
		MUST(store_entry(w.store, i, &entry) == 0 && entry_parse(entry, &head) == 0);
		MUST(head.time_unix_ms >= last);
		last = head.time_unix_ms;
		MUST(evidence_open(w.core, entry, &bytes, &opened) == 0 && opened);
		MUST(record_parse(buffer_span(&bytes), arena, &record) == 0);
		if (head.kind != ENTRY_BERICHT)
			continue;
		MUST(record_get(&record, head.code ? RECORD_RULE_FAILED : RECORD_RULE_PASSED).len > 0);
		m = record_get(&record, RECORD_MESSAGE_ID).len ? find(record_get(&record, RECORD_MESSAGE_ID).ptr) : n_sent;
		if (m < n_sent && head.code == CODE_TOEGESTAAN)
			sent[m].n_accepting++;
	}
}

static bool has_rung(const struct ladder *l, const char *name, int node)
{
	for (size_t k = 0; k < l->n; k++)
		if (!strcmp(l->v[k].name, name) && !strcmp(l->v[k].hoedanigheid, w.nodes[node].hoedanigheden[0]))
			return true;
	return false;
}

static void check_correction(size_t i, const struct ladder *l)
{
	unsigned confirmed[WORLD_NODES] = { 0 };

	for (size_t k = 0; k < n_sent; k++)
		if (sent[k].kind == MESSAGE_BEVESTIGING && sent[k].about == i && sent[k].n_accepting)
			confirmed[sent[k].node]++;
	for (int node = 0; node < WORLD_NODES; node++) {
		MUST(confirmed[node] <= sent[i].to[node]);
		MUST(has_rung(l, "BEVESTIGD", node) == (confirmed[node] == 1));
		n_confirmed += confirmed[node];
	}
}

static void check_taken_back(size_t i, struct arena *arena)
{
	const struct in *in = world_fetch(&w, sent[i].node, session_of[sent[i].node], "item", SPAN_OF(sent[i].id), 0, "");
	struct casus_item item;
	bool taken = false;

	for (size_t k = 0; k < n_sent; k++)
		taken |= sent[k].taking_back && sent[k].about == i && sent[k].n_accepting;
	MUST(in->verb == WIRE_REPLY && item_decode(buffer_span(&in->body), arena, &item) == ITEM_OK);
	MUST(item.withdrawn == taken);
}

static void check_message(size_t i)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	const struct in *in = world_fetch(&w, sent[i].node, session_of[sent[i].node], "ladder", SPAN_OF(sent[i].id), 0, "");
	bool delivered, withdrawn;
	struct ladder l;

	MUST(sent[i].answered && sent[i].n_accepting <= 1);
	MUST(!sent[i].accepted || sent[i].n_accepting == 1);
	MUST(!sent[i].refused || sent[i].n_accepting == 0);
	if (!sent[i].n_accepting) {
		world_forget(&w);
		return;
	}
	MUST(in->verb == WIRE_REPLY && ladder_decode(buffer_span(&in->body), arena, &l) == 0);
	MUST(l.n >= 1 && !strcmp(l.v[0].name, "AANVAARD"));
	for (int node = 0; node < WORLD_NODES; node++) {
		if (!sent[i].to[node])
			continue;
		delivered = withdrawn = false;
		for (size_t k = 0; k < l.n; k++)
			if (!strcmp(l.v[k].hoedanigheid, w.nodes[node].hoedanigheden[0])) {
				delivered |= !strcmp(l.v[k].name, "AFGELEVERD");
				withdrawn |= !strcmp(l.v[k].name, "TERMIJN");
			}
		MUST(delivered != withdrawn);
		MUST(!delivered || sent[i].delivered[node] > 0);
	}
	if (sent[i].kind == MESSAGE_CORRECTIE)
		check_correction(i, &l);
	if (sent[i].kind == MESSAGE_MELDING)
		check_taken_back(i, arena);
	world_forget(&w);
}

/* ---- the end of terms ---- */

static void casussen_look(void)
{
	struct casus found;

	for (size_t i = 0; i < n_casussen; i++) {
		casussen[i].there = casus_read(w.core, SPAN_OF(casussen[i].id), &found) == CASUS_STORE_OK;
		MUST(retention_until(w.core, SPAN_OF(casussen[i].id), &casussen[i].until_ms) == 0);
		MUST(casussen[i].there == (casussen[i].until_ms != 0));
	}
}

/* To the moment at which one of them ends, in some steps, on which anything may go wrong. */
static void terms_end(void)
{
	uint64_t to = casussen[dice(n_casussen)].until_ms;

	for (int i = 0; i < 12; i++) {
		w.torn = dice(8) == 0;
		w.torn_whole = dice(2);
		w.slots_fail = dice(8) == 0;
		w.disk_full = dice(10) == 0;
		if (w.unix_ms < to)
			world_pass(&w, (to - w.unix_ms) / (1 + dice(3)));
		world_pass(&w, 1 + dice(1500));
		if (dice(3) == 0)
			step_open();
		commit();
		if (w.torn)
			kill_house();
	}
	w.slots_fail = w.torn = w.disk_full = false;
	for (int i = 0; i < 8; i++) {
		world_pass(&w, 1000);
		rest();
	}
}

static size_t keys_in_store(void)
{
	uint8_t id[ID_BYTES];
	struct store_cursor c;
	struct data_key key;
	size_t n = 0;

	for (int r = store_first(w.store, KEYSPACE_KEY, SPAN_NONE, SPAN_NONE, &c); !r; r = store_next(w.store, &c)) {
		bool lives = c.value.ptr[8] == 1;

		memcpy(id, c.key.ptr, ID_BYTES);
		n += lives;
		MUST((keyring_get(w.core->keys, id, &key) == KEYRING_OK) == lives);
	}
	return n;
}

static void check_terms(void)
{
	struct store_cursor c;
	struct casus found;
	struct slot slot;
	uint64_t n;
	size_t occupied = 0;

	for (size_t i = 0; i < n_casussen; i++) {
		bool lives = casus_read(w.core, SPAN_OF(casussen[i].id), &found) == CASUS_STORE_OK;

		MUST(!casussen[i].there || lives == (casussen[i].until_ms > w.core->now_unix_ms));
		n_ended += casussen[i].there && !lives;
		if (i == 0 && !lives) /* the messages of the others are their aanmelding, which goes to nobody */
			MUST(store_first(w.store, KEYSPACE_OF_CASUS, SPAN_OF(casus), SPAN_OF(casus), &c) == STORE_E_ABSENT);
	}
	MUST(slots_n(w.slots, &n) == 0);
	for (uint64_t i = 0; i < n; i++) {
		MUST(slots_at(w.slots, i, &slot) == 0);
		occupied += slot.state != SLOT_FREE;
	}
	MUST(occupied == keys_in_store());
}

static void run(void)
{
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	n_sent = n_given = 0;
	n_casussen = 1;
	next_session = 10;
	next_correlation = 1;
	closed = false;
	world_renew(&w, seed);
	w.threads = (unsigned)(seed % 3);
	world_must_start(&w);
	world_mandates(&w);
	world_casus(&w, casus);
	memcpy(casussen[0].id, casus, ID_BYTES);
	for (int i = 0; i < WORLD_NODES; i++)
		connect(i);
	history();
	settle();
	check_receipts();
	check_entries();
	MUST(world_replays(&w) > 0);
	for (size_t i = 0; i < n_sent; i++)
		check_message(i);
	MUST(core_check(w.core));
	casussen_look();
	terms_end();
	world_crash(&w);
	restart();
	check_terms();
	check_receipts();
}

int main(int argc, char **argv)
{
	uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 100, first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	size_t messages = 0, accepted = 0, receipts = 0;

	/* A full disk and a clock set back are all in a day's work here: the log's lines only with a third argument. */
	if (argc <= 3 && !freopen("/dev/null", "w", stderr))
		return 1;
	world_open(&w, 1);
	for (seed = first; seed < first + seeds; seed++) {
		run();
		messages += n_sent;
		for (size_t i = 0; i < n_sent; i++)
			accepted += sent[i].n_accepting;
		receipts += n_given;
	}
	world_close(&w);
	for (size_t i = 0; i < MESSAGES_MAX; i++)
		buffer_fini(&sent[i].envelope);
	printf("%llu histories, %zu messages, %zu accepted, %zu receipts, %zu kills, %zu confirmed, %zu casussen ended\n",
	       (unsigned long long)seeds, messages, accepted, receipts, n_kills, n_confirmed, n_ended);
	/* Histories in which hardly anything happens prove nothing. */
	return accepted >= seeds * 5 && n_kills >= seeds && n_confirmed >= seeds / 4 && n_ended >= seeds ? 0 : 1;
}
