/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What ends, when, and what is left of it then. The thief of these tests has everything: every copy of data_dir ever made, the key
 * store as it is now, and the store key.
 */
#include "tests/unit/daemon/core_draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/core/evidence.h"
#include "daemon/core/index.h"
#include "daemon/core/intake.h"
#include "daemon/core/retention.h"
#include "proto/checkpoint.h"
#include "proto/record.h"

#define CANARY "kanarie in de kooi van de nazorg"
#define MONTH_MS (UINT64_C(31) * DAY_MS)
#define RECEIPTS_MAX 400

static struct world w;
static uint8_t casus[ID_BYTES];

/* Receipts as the partners keep them. */
static struct buffer receipts[RECEIPTS_MAX];
static size_t n_receipts;

static int setup(void **state)
{
	(void)state;
	n_receipts = 0;
	world_begin(&w, 23, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	for (size_t i = 0; i < RECEIPTS_MAX; i++)
		buffer_fini(&receipts[i]);
	return 0;
}

static void receipts_take(void)
{
	for (size_t i = 0; i < w.n_in && n_receipts < RECEIPTS_MAX; i++)
		if (w.in[i].verb == WIRE_RECEIPT) {
			buffer_reset(&receipts[n_receipts]);
			buffer_bytes(&receipts[n_receipts++], buffer_span(&w.in[i].body));
		}
	world_forget(&w);
}

static void must_accept(uint64_t correlation)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_answer(&w, correlation, WIRE_RECEIPT);
	struct receipt receipt;

	CHECK(in != NULL);
	world_receipt(&w, in, arena, &receipt);
	if (receipt.entry.code != CODE_TOEGESTAAN)
		fail_msg("refused: %s %s %s", code_name(receipt.entry.code), receipt.statement.findings[0].rule,
			 receipt.statement.findings[0].subject);
}

/* A complex casus, notified by the reclassering to the police; its aanmelding waits in an inbox. */
static void notified(const char *overleg, const char *article)
{
	struct draft d;

	env_random(&w.env, casus, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, RECLASSERING, casus);
	d.m.header.regime = "WGS";
	d.m.header.grondslag = article;
	d.m.header.doel = "complexe-casus";
	d.m.header.overleg = overleg;
	d.m.header.noodzaak = CANARY;
	draft_to(&d, "politie-noord-nederland");
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "maatwerk", .ave = "", .leeftijdsklasse = "" };
	draft_motivate(&w, &d);
	draft_submit(&w, &d, 1, 100);
	world_round(&w);
	must_accept(100);
	receipts_take();
}

static void assessed(const char *outcome)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_BEOORDELING, POLITIE, casus);
	d.m.header.regime = "WGS";
	d.m.header.grondslag = "WGS 2.31(2)";
	d.m.header.doel = "complexe-casus";
	d.m.header.overleg = "ketenkamer";
	d.m.body.beoordeling.outcome = outcome;
	draft_to(&d, "reclassering-3ro");
	draft_motivate(&w, &d);
	for (size_t i = 0; i < 4; i++)
		d.m.body.beoordeling.criteria[i].met = false;
	draft_submit(&w, &d, 1, 101);
	world_round(&w);
	must_accept(101);
	receipts_take();
}

/* Questions in a nazorg casus, to two partners each; of the first, one partner has it. */
static void asked(uint8_t (*ids)[ID_BYTES], size_t n)
{
	struct draft d;

	for (size_t i = 0; i < n; i++) {
		draft_ask(&w, &d, casus, "dji-pi-noord gemeente-assen-sociaal-domein");
		d.m.header.noodzaak = CANARY;
		memcpy(ids[i], d.id, ID_BYTES);
		draft_submit(&w, &d, 1, 200 + i);
	}
	world_round(&w);
	for (size_t i = 0; i < n; i++)
		must_accept(200 + i);
	draft_ack(&w, &d, DJI, ids[0], 1);
	draft_submit(&w, &d, 2, 199);
	world_round(&w);
	receipts_take();
}

/* Until nothing more of it happens by itself: rounds follow each other by a millisecond. */
static void rest(void)
{
	for (int i = 0; i < 40; i++) {
		world_pass(&w, 2);
		world_round(&w);
	}
	receipts_take();
}

static size_t rows(enum keyspace space)
{
	struct store_cursor c;
	size_t n = 0;

	for (int r = store_first(w.store, space, SPAN_NONE, SPAN_NONE, &c); r != STORE_E_ABSENT; r = store_next(w.store, &c)) {
		CHECK_OK(r);
		n++;
	}
	return n;
}

/* The details of the newest entry of that kind, as one text; its record must open. */
static void last_details(enum entry_kind kind, char out[400])
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct record record;
	struct span entry, detail;
	struct entry head;
	bool opened;
	size_t at = 0;
	uint64_t i = store_size(w.store);

	out[0] = '\0';
	do {
		CHECK(i-- > 0);
		CHECK_OK(store_entry(w.store, i, &entry));
		CHECK_OK(entry_parse(entry, &head));
	} while (head.kind != kind);
	CHECK_OK(evidence_open(w.core, entry, &bytes, &opened));
	CHECK(opened);
	CHECK_OK(record_parse(buffer_span(&bytes), arena, &record));
	for (size_t k = 0; record_next(&record, RECORD_DETAIL, &k, &detail);)
		at += (size_t)snprintf(out + at, 400 - at, "%.*s ", (int)detail.len, (const char *)detail.ptr);
}

/* ---- the thief ---- */

struct loot {
	size_t state;   /* casussen, tracks, envelopes that open */
	size_t records; /* of entries that open */
	size_t canaries;
};

static void loot_add(struct loot *l, size_t *kind, const struct buffer *plain)
{
	++*kind;
	l->canaries += memmem(plain->ptr, plain->len, CANARY, sizeof CANARY - 1) != NULL;
}

static void loot_space(struct keyring *k, struct store *s, enum keyspace space, const char *domain, struct loot *l)
{
	struct store_cursor c;
	uint8_t key[STORE_KEY_MAX];

	for (int r = store_first(s, space, SPAN_NONE, SPAN_NONE, &c); !r; r = store_next(s, &c)) {
		CLEANUP(buffer_fini) struct buffer plain = { 0 };
		size_t len = c.key.len;

		memcpy(key, c.key.ptr, len);
		if (value_unseal(k, domain, span_of(key, len), c.value, &plain) == KEYRING_OK)
			loot_add(l, &l->state, &plain);
	}
}

static struct loot steal(const char *folder)
{
	const struct store_options options = { .folder = folder, .map_bytes = 64u << 20, .segment_bytes = 4u << 20, .env = &w.env };
	const struct slots_options key_store = { .path = test_path(w.folder, "store.slots") };
	CLEANUP(store_freep) struct store *s = NULL;
	CLEANUP(slots_closep) struct slots *slots = NULL;
	struct keyring *k;
	struct loot l = { 0 };
	uint8_t store_key[32];
	char why[200];

	world_store_key(store_key);
	CHECK_OK(store_open(&options, &s, why));
	CHECK_OK(slots_open(&key_store, &slots));
	CHECK_OK(keyring_new(s, slots, &w.env, SPAN_OF(store_key), &k));
	loot_space(k, s, KEYSPACE_CASUS, "knooppunt/casus/v1", &l);
	loot_space(k, s, KEYSPACE_STATE, "knooppunt/track/v1", &l);
	loot_space(k, s, KEYSPACE_MESSAGE, "knooppunt/message/v1", &l);
	for (uint64_t i = 0; i < store_size(s); i++) {
		CLEANUP(buffer_fini) struct buffer plain = { 0 };
		struct data_key key;
		struct span entry;
		struct entry head;

		CHECK_OK(store_entry(s, i, &entry));
		CHECK_OK(entry_parse(entry, &head));
		if (keyring_get(k, head.key_id, &key) == KEYRING_OK && entry_unseal(entry, key.secret, &plain) == ENTRY_OK)
			loot_add(&l, &l.records, &plain);
	}
	keyring_free(k);
	return l;
}

/* A backup: the data folder as it is now, after a checkpoint. */
static void back_up(const char *name)
{
	char command[2000];

	CHECK_OK(store_checkpoint(w.store));
	snprintf(command, sizeof command, "cp -a '%s/data' '%s/%s'", w.folder, w.folder, name);
	assert_int_equal(system(command), 0);
}

/* What partners hold goes on to prove what it did: each entry in the log, each head continued by the newest. */
static void proofs_hold(void)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	struct tree_proof proof;
	struct hash root, leaf, stored;
	struct span entry;
	char why[200];

	CHECK(n_receipts > 0);
	CHECK_OK(store_check(w.store, UINT64_MAX, why));
	CHECK_OK(store_root(w.store, &root));
	for (size_t i = 0; i < n_receipts; i++) {
		struct receipt r;

		arena_reset(arena);
		CHECK_OK(receipt_open(buffer_span(&receipts[i]), &w.log_key, arena, &r));
		tree_hash_leaf(r.entry_bytes, &leaf);
		CHECK_OK(store_entry(w.store, r.index, &entry));
		tree_hash_leaf(entry, &stored);
		CHECK(hash_equal(&leaf, &stored));
		CHECK_OK(store_prove_consistency(w.store, r.checkpoint.size, store_size(w.store), &proof));
		CHECK(tree_check_consistency(r.checkpoint.size, store_size(w.store), &r.checkpoint.root, &root, &proof));
	}
}

/* ---- the tests ---- */

static void test_five_years(void **state)
{
	struct loot before, after, old;
	struct casus found;
	char details[400];

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	w.expiry_ms = 0;
	world_pass(&w, 58 * MONTH_MS);
	rest();
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found)); /* not a day too early */
	back_up("old");
	old = steal(test_path(w.folder, "old"));
	CHECK(old.state >= 2 && old.canaries >= 2); /* what this test can see, when there is something */
	world_pass(&w, 30 * DAY_MS);
	rest();
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
	assert_int_equal(rows(KEYSPACE_CASUS) + rows(KEYSPACE_STATE) + rows(KEYSPACE_MESSAGE) + rows(KEYSPACE_OF_CASUS) +
				 rows(KEYSPACE_TERM) + rows(KEYSPACE_INBOX) + rows(KEYSPACE_DUE), 0);
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 1);
	last_details(ENTRY_VERNIETIGD, details);
	assert_string_equal(details, "berichten=1 ingetrokken=0 fase=AANGEMELD termijn=casus ");
	/* Of the casus nothing opens, in no copy; of its log all does: that has a term of its own. */
	back_up("new");
	before = steal(test_path(w.folder, "new"));
	old = steal(test_path(w.folder, "old"));
	assert_int_equal(before.state + old.state, 0);
	CHECK(old.records > 5 && old.canaries > 0);
	proofs_hold();
	/* Five years on, the log too. */
	world_crash(&w);
	world_pass(&w, 61 * MONTH_MS);
	world_must_start(&w);
	rest();
	CHECK(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN) >= 2);
	back_up("last");
	after = steal(test_path(w.folder, "last"));
	old = steal(test_path(w.folder, "old"));
	assert_int_equal(after.canaries + old.canaries + old.state + old.records, 0);
	CHECK(after.records > 0); /* those of this year */
	CHECK(!world_disk_has(&w, CANARY));
	proofs_hold();
}

/* What waits is withdrawn on record and its sender told; who asks about it, or goes on with it, meets what never was. */
static void test_what_waits(void **state)
{
	uint8_t ids[3][ID_BYTES];
	const struct in *in;
	char details[400];
	struct draft d;

	(void)state;
	w.expiry_ms = 400 * DAY_MS;
	world_stop(&w);
	world_must_start(&w);
	world_casus(&w, casus); /* in the overleg nazorg: six months */
	asked(ids, 3);
	world_pass(&w, 5 * MONTH_MS);
	rest();
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 0);
	world_credit(&w, ZVHD, 1, 0);
	world_pass(&w, MONTH_MS);
	/* In the very round in which the term ends. */
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_NIET_BETROKKEN_BIJ_CASUS);
	CHECK(world_count(&w, 1, WIRE_NOTICE) >= 3);
	rest();
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_BEWAARTERMIJN_VERSTREKEN), 3);
	last_details(ENTRY_VERNIETIGD, details);
	assert_string_equal(details, "berichten=6 ingetrokken=3 fase=VERZAMELEN termijn=casus ");
	assert_int_equal(rows(KEYSPACE_INBOX) + rows(KEYSPACE_MESSAGE) + rows(KEYSPACE_STATE), 0);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 0);
	in = world_fetch(&w, ZVHD, 1, "casus", SPAN_OF(casus), 0, "");
	assert_int_equal(in->verb, WIRE_TROUBLE);
	proofs_hold();
}

/* Ids stay known as long as the message itself could be sent again, no longer. */
static void test_ids(void **state)
{
	uint8_t ids[1][ID_BYTES];
	struct seen seen;

	(void)state;
	world_casus(&w, casus);
	asked(ids, 1);
	world_pass(&w, 6 * MONTH_MS);
	rest();
	CHECK_OK(seen_find(w.core, SPAN_OF(ids[0]), &seen));
	CHECK(seen.forget_ms > w.unix_ms && seen.forget_ms < w.unix_ms + DAY_MS);
	world_pass(&w, DAY_MS);
	rest();
	notified("ketenkamer", "WGS 2.31(1)"); /* a batch in which forgetting is done */
	CHECK_IS(seen_find(w.core, SPAN_OF(ids[0]), &seen), SEEN_E_ABSENT);
}

static void brief(const char *outcome, uint64_t days, bool close)
{
	struct casus found;
	char details[400], expected[400];
	struct draft d;

	notified("ketenkamer", "WGS 2.31(1)");
	assessed(outcome);
	if (close) {
		draft_begin(&w, &d, MESSAGE_AFSLUITING, POLITIE, casus);
		d.m.header.regime = "WGS";
		d.m.header.grondslag = "WGS 2.31(8)";
		d.m.header.doel = "complexe-casus";
		d.m.header.overleg = "ketenkamer";
		d.m.body.afsluiting.reason = "doel-bereikt";
		draft_submit(&w, &d, 1, 102);
		world_round(&w);
		must_accept(102);
	}
	world_pass(&w, (days - 1) * DAY_MS);
	rest();
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	world_pass(&w, DAY_MS);
	rest();
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
	last_details(ENTRY_VERNIETIGD, details);
	snprintf(expected, sizeof expected, "fase=%s termijn=niet-in-behandeling ",
		 close ? "AFGESLOTEN" : text_equal(outcome, "advies") ? "ADVIES" : "NIET_IN_BEHANDELING");
	CHECK(strstr(details, expected) != NULL);
}

/* Not taken up, or advice: thirty days, also when it is closed after that; the count stays in the log. */
static void test_not_taken_up(void **state)
{
	(void)state;
	brief("niet-in-behandeling", 30, false);
	brief("advies", 30, false);
	brief("advies", 30, true);
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 3);
	w.not_taken_up_ms = 10 * DAY_MS;
	world_stop(&w);
	world_must_start(&w);
	brief("niet-in-behandeling", 10, false);
	proofs_hold();
}

/* Assessed late: who notified still gets the outcome. Taken up after all: the long term. */
static void test_assessed_late(void **state)
{
	struct casus found;

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	world_pass(&w, 50 * DAY_MS);
	assessed("advies");
	world_pass(&w, 6 * DAY_MS);
	rest();
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	world_pass(&w, DAY_MS + 1000);
	rest();
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
}

/* The casus says until when it is kept, and may say something else later: the old moment passes without effect. */
static void test_renewed(void **state)
{
	struct data_key key;
	struct casus found;
	uint64_t until;

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	CHECK_OK(retention_until(w.core, SPAN_OF(casus), &until));
	CHECK(until == found.expires_unix_ms);
	found.expires_unix_ms += 300 * DAY_MS;
	found.renewals = 1;
	CHECK_OK(core_batch(w.core));
	CHECK_OK(retention_key(w.core, SPAN_OF(casus), &key));
	CHECK_OK(casus_write(w.core, &found, &key));
	world_round(&w);
	world_pass(&w, until - w.unix_ms + DAY_MS);
	rest();
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	world_pass(&w, 300 * DAY_MS);
	rest();
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
}

/* More than one round carries, and killed after every one of them. */
static void test_many(void **state)
{
	static uint8_t ids[150][ID_BYTES];
	char details[400];
	size_t n;

	(void)state;
	w.expiry_ms = 400 * DAY_MS;
	world_stop(&w);
	world_must_start(&w);
	world_casus(&w, casus);
	asked(ids, 150);
	world_pass(&w, 6 * MONTH_MS);
	world_round(&w);
	n = world_entries(&w, ENTRY_TERMIJN, CODE_BEWAARTERMIJN_VERSTREKEN);
	CHECK(n > 0 && n < 150);
	CHECK(core_due_ms(w.core) <= w.mono_ms + 1);
	for (int i = 0; i < 10; i++) {
		world_crash(&w);
		world_must_start(&w);
		world_pass(&w, 2);
		world_round(&w);
	}
	receipts_take();
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_BEWAARTERMIJN_VERSTREKEN), 150);
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 1);
	last_details(ENTRY_VERNIETIGD, details);
	CHECK(strstr(details, "berichten=153 ingetrokken=150 ") != NULL);
	proofs_hold();
}

/* The key of a month under which more stands than one round takes out of the index, and killed after every round. */
static void test_month(void **state)
{
	const struct evidence e = { .kind = ENTRY_BEHEER, .type = "proef" };
	size_t n = 0;

	(void)state;
	world_stop(&w);
	w.map_bytes = UINT64_C(256) << 20;
	world_must_start(&w);
	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < INDEX_CHUNK; k++)
			CHECK_OK(evidence_write(w.core, &e, NULL));
		world_round(&w);
		world_stop(&w);
		world_must_start(&w);
	}
	CHECK(world_size(&w) > 5 * INDEX_CHUNK);
	world_crash(&w);
	world_pass(&w, 62 * MONTH_MS);
	world_must_start(&w);
	for (; !world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN); n++) {
		CHECK(n < 6);
		world_pass(&w, 2);
		world_round(&w);
		world_crash(&w);
		world_must_start(&w);
	}
	CHECK(n >= 2);
	rest();
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 1);
}

/* While the log can't be written nothing is destroyed: there would be no record of it. Then at once. */
static void test_full_disk(void **state)
{
	struct casus found;
	struct draft d;

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	assessed("advies");
	w.disk_full = true;
	world_pass(&w, 31 * DAY_MS);
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK(world_answer(&w, 300, WIRE_TROUBLE) != NULL);
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	w.disk_full = false;
	world_pass(&w, 2000);
	rest();
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
	assert_int_equal(world_entries(&w, ENTRY_VERNIETIGD, CODE_TOEGESTAAN), 1);
}

/* A new casus whose keys can't be written is none, and leaves nothing behind. */
static void test_no_room_for_keys(void **state)
{
	uint8_t first[ID_BYTES];
	struct casus found;

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	memcpy(first, casus, ID_BYTES);
	w.slots_fail = true;
	{
		struct draft d;

		env_random(&w.env, casus, ID_BYTES);
		draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, casus);
		d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
		draft_submit(&w, &d, 1, 300);
		world_round(&w);
		CHECK(world_answer(&w, 300, WIRE_TROUBLE) != NULL);
	}
	CHECK_IS(casus_read(w.core, SPAN_OF(casus), &found), CASUS_STORE_E_ABSENT);
	CHECK_OK(casus_read(w.core, SPAN_OF(first), &found));
	w.slots_fail = false;
	world_pass(&w, 2000);
	world_crash(&w);
	world_must_start(&w);
	world_casus(&w, casus);
	CHECK_OK(casus_read(w.core, SPAN_OF(casus), &found));
	CHECK_OK(casus_read(w.core, SPAN_OF(first), &found));
}

/* A key store or a data folder of another day: the house does not start, and says which. */
static void test_another_day(void **state)
{
	char command[3000];

	(void)state;
	notified("ketenkamer", "WGS 2.31(1)");
	world_stop(&w);
	snprintf(command, sizeof command, "cp '%s/store.slots' '%s/old.slots'", w.folder, w.folder);
	assert_int_equal(system(command), 0);
	world_must_start(&w);
	notified("ketenkamer", "WGS 2.31(1)");
	world_stop(&w);
	snprintf(command, sizeof command, "mv '%s/store.slots' '%s/new.slots' && cp '%s/old.slots' '%s/store.slots'", w.folder, w.folder,
		 w.folder, w.folder);
	assert_int_equal(system(command), 0);
	CHECK_IS(world_start(&w), CORE_E_START);
	CHECK(strstr(w.why, "key_store lacks 2 keys") != NULL);
	snprintf(command, sizeof command, "mv '%s/new.slots' '%s/store.slots'", w.folder, w.folder);
	assert_int_equal(system(command), 0);
	world_must_start(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_five_years, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_taken_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_assessed_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_renewed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_month, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room_for_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_day, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
