/* SPDX-License-Identifier: EUPL-1.2 */
/* Who stands for whom: a gemachtigde for its giver, a successor for who was there before it. */
#include "tests/unit/daemon/core_say.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "convenant/casus.h"
#include "proto/record.h"
#include "daemon/core/evidence.h"

#define DJI_ID "dji-pi-noord"
#define POLITIE_ID "politie-noord-nederland"

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 31, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void publish(struct span note)
{
	world_control(&w, IPC_CTL_PUBLISH, 0, note);
	world_round(&w);
	if (!memmem(w.control.ptr, w.control.len, "in-werking", 10))
		fail_msg("not in force: %.*s", (int)w.control.len, (const char *)w.control.ptr);
}

/* ---- volmacht ---- */

/* The next version of the convenant: the police lets DJI answer for it in the nazorg. */
static void volmacht(void)
{
	static const char more[] =
		"volmachten:\n"
		"  - volmacht: politie-dji\n"
		"    gever: " POLITIE_ID "\n"
		"    gemachtigde: " DJI_ID "\n"
		"    berichten: [antwoord, geopend]\n"
		"    overleggen: [nazorg]\n"
		"    categorieen: [woonsituatie, politiegegevens]\n"
		"    van: 2026-01-01\n"
		"    tot: 2027-12-31\n";
	const struct note_key *keys[] = { &w.nodes[DJI].organisation_key, &w.nodes[POLITIE].organisation_key };
	struct secret *const secrets[] = { w.nodes[DJI].organisation_secret, w.nodes[POLITIE].organisation_secret };
	CLEANUP(buffer_fini) struct buffer text = { 0 }, note = { 0 };
	struct span old, lines;
	struct hash digest;
	char hex[2 * HASH_BYTES + 1], *at;

	CHECK_OK(note_split(buffer_span(&w.notes[2]), &old, &lines));
	crypto_hash_sha256(digest.bytes, old.ptr, old.len);
	hex_encode(SPAN_OF(digest.bytes), hex);
	buffer_bytes(&text, old);
	buffer_text(&text, more);
	buffer_u8(&text, 0);
	at = strstr((char *)text.ptr, "volgnummer: 1");
	CHECK(at != NULL);
	at[12] = '2';
	at = strstr((char *)text.ptr, "vorige: \"0");
	CHECK(at != NULL);
	memcpy(at + 9, hex, 2 * HASH_BYTES);
	text.len--;
	CHECK_OK(note_begin(&note, buffer_span(&text)));
	for (size_t i = 0; i < 2; i++)
		CHECK_OK(note_sign(&note, buffer_span(&text), keys[i], secrets[i]));
	publish(buffer_span(&note));
}

static void answer_for(struct draft *d, const uint8_t *request, const char *giver)
{
	draft_answer(&w, d, DJI, casus, request);
	d->m.header.on_behalf_of = giver;
}

/* Each answers once, also when one hand writes for both; the entry shows both. */
static void test_volmacht(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	uint8_t request[ID_BYTES], other[ID_BYTES];
	struct record record;
	struct span entry;
	struct draft d;
	bool opened;

	(void)state;
	draft_ask(&w, &d, casus, DJI_ID " " POLITIE_ID);
	draft_categories(&d, "woonsituatie.onderdak");
	memcpy(request, d.id, ID_BYTES);
	say(&w, &d, 1, 1, CODE_TOEGESTAAN);
	answer_for(&d, request, POLITIE_ID); /* before there is a volmacht */
	draft_submit(&w, &d, 2, 2);
	world_round(&w);
	CHECK(world_receipt_code(&w, 2) != CODE_TOEGESTAAN);
	volmacht();
	answer_for(&d, request, POLITIE_ID);
	say(&w, &d, 2, 3, CODE_TOEGESTAAN);
	CHECK_OK(store_entry(w.store, world_size(&w) - 1, &entry));
	CHECK_OK(evidence_open(w.core, entry, &bytes, &opened));
	CHECK_OK(record_parse(buffer_span(&bytes), arena, &record));
	CHECK_SPAN(record_get(&record, RECORD_SENDER), span_of_text(DJI_ID));
	CHECK_SPAN(record_get(&record, RECORD_ON_BEHALF_OF), span_of_text(POLITIE_ID));
	CHECK(has_rung(&w, ZVHD, 1, request, "BEANTWOORD", POLITIE_ID));
	CHECK(!has_rung(&w, ZVHD, 1, request, "BEANTWOORD", DJI_ID));
	CHECK(has_rung(&w, POLITIE, 3, d.id, "AANVAARD", DJI_ID)); /* what was sent for it, it may see */
	answer_for(&d, request, POLITIE_ID);
	say(&w, &d, 2, 4, CODE_HERHALING);
	draft_answer(&w, &d, POLITIE, casus, request); /* the giver itself: it has been done for it */
	say(&w, &d, 3, 5, CODE_HERHALING);
	answer_for(&d, request, "");
	say(&w, &d, 2, 6, CODE_TOEGESTAAN);
	answer_for(&d, request, "");
	say(&w, &d, 2, 7, CODE_HERHALING);

	/* Asked alone, it answers for itself and for its giver: once for each. */
	draft_ask(&w, &d, casus, DJI_ID);
	draft_categories(&d, "woonsituatie.onderdak");
	memcpy(other, d.id, ID_BYTES);
	say(&w, &d, 1, 8, CODE_TOEGESTAAN);
	answer_for(&d, other, "");
	say(&w, &d, 2, 9, CODE_TOEGESTAAN);
	answer_for(&d, other, POLITIE_ID);
	say(&w, &d, 2, 10, CODE_TOEGESTAAN);
	answer_for(&d, other, POLITIE_ID);
	say(&w, &d, 2, 11, CODE_HERHALING);
	CHECK(world_replays(&w) > 0);
}

static void release(const char *who, uint64_t correlation)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.release[0] = who;
	d.m.body.betrekken.release = (struct text_list){ 1, d.release };
	say(&w, &d, 1, correlation, CODE_TOEGESTAAN);
}

/* A gemachtigde is on no casus itself: it sees what its giver sees, as long as the volmacht lasts, and nothing without one. */
static void test_what_a_gemachtigde_sees(void **state)
{
	uint8_t request[ID_BYTES], melding[ID_BYTES], elsewhere[ID_BYTES];
	struct draft d;

	(void)state;
	draft_begin(&w, &d, MESSAGE_MELDING, ZVHD, casus);
	d.m.header.person_role = "betrokkene";
	d.m.body.melding.soort = "verhuizing";
	draft_to(&d, POLITIE_ID);
	draft_categories(&d, "woonsituatie.onderdak");
	draft_part(&w, &d, "woonsituatie.onderdak");
	memcpy(melding, d.id, ID_BYTES);
	say(&w, &d, 1, 1, CODE_TOEGESTAAN);
	release(DJI_ID, 2);
	CHECK_IS(world_fetch(&w, DJI, 2, "casus", SPAN_OF(casus), 0, "")->verb, WIRE_TROUBLE);
	CHECK_IS(world_fetch(&w, DJI, 2, "item", SPAN_OF(melding), 0, "")->verb, WIRE_TROUBLE);
	volmacht();
	CHECK_IS(world_fetch(&w, DJI, 2, "casus", SPAN_OF(casus), 0, "")->verb, WIRE_REPLY);
	CHECK_IS(world_fetch(&w, DJI, 2, "item", SPAN_OF(melding), 0, "")->verb, WIRE_REPLY);
	CHECK_IS(world_fetch(&w, GGZ, 5, "item", SPAN_OF(melding), 0, "")->verb, WIRE_TROUBLE);
	world_wgs(&w, elsewhere, "VERZAMELEN"); /* its giver is on this one too, in an overleg of which the volmacht does not speak */
	CHECK_IS(world_fetch(&w, POLITIE, 3, "casus", SPAN_OF(elsewhere), 0, "")->verb, WIRE_REPLY);
	CHECK_IS(world_fetch(&w, DJI, 2, "casus", SPAN_OF(elsewhere), 0, "")->verb, WIRE_TROUBLE);
	draft_begin(&w, &d, MESSAGE_MELDING, ZVHD, elsewhere);
	draft_wgs(&d, "WGS 2.31(3)");
	d.m.header.person_role = "betrokkene";
	d.m.body.melding.soort = "verhuizing";
	draft_to(&d, POLITIE_ID);
	draft_categories(&d, "woonsituatie.onderdak");
	draft_part(&w, &d, "woonsituatie.onderdak");
	say(&w, &d, 1, 20, CODE_TOEGESTAAN);
	CHECK_IS(world_fetch(&w, POLITIE, 3, "item", SPAN_OF(d.id), 0, "")->verb, WIRE_REPLY);
	CHECK_IS(world_fetch(&w, DJI, 2, "item", SPAN_OF(d.id), 0, "")->verb, WIRE_TROUBLE);
	CHECK_IS(world_fetch(&w, DJI, 2, "ladder", SPAN_OF(d.id), 0, "")->verb, WIRE_TROUBLE);
	draft_ask(&w, &d, casus, DJI_ID); /* asked for its giver, it keeps the question when the circle changes */
	draft_categories(&d, "woonsituatie.onderdak");
	memcpy(request, d.id, ID_BYTES);
	say(&w, &d, 1, 3, CODE_TOEGESTAAN);
	release("reclassering-3ro", 4);
	CHECK(!has_rung(&w, ZVHD, 1, request, "TERMIJN", DJI_ID));
	answer_for(&d, request, POLITIE_ID);
	say(&w, &d, 2, 5, CODE_TOEGESTAAN);
	release(POLITIE_ID, 6);
	CHECK_IS(world_fetch(&w, DJI, 2, "casus", SPAN_OF(casus), 0, "")->verb, WIRE_TROUBLE);
}

/* To name one who is on a casus as one's giver tells nothing about that casus. */
static void test_a_giver_that_gave_nothing(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(2u << 20);
	uint8_t nowhere[ID_BYTES] = { 5 };
	struct receipt known, unknown;
	struct draft d;

	(void)state;
	release("ggz-drenthe", 1);
	for (uint64_t i = 2; i < 4; i++) {
		draft_ask(&w, &d, i == 2 ? casus : nowhere, DJI_ID);
		d.node = &w.nodes[GGZ];
		d.person = &w.nodes[GGZ].person;
		d.m.header.sender = "ggz-drenthe";
		d.m.header.on_behalf_of = "zvhd-nazorg";
		d.m.header.person = d.person->id;
		d.m.header.mandate = SPAN_OF(d.person->digest.bytes);
		draft_submit(&w, &d, 5, i);
	}
	world_round(&w);
	world_receipt(&w, world_answer(&w, 2, WIRE_RECEIPT), arena, &known);
	world_receipt(&w, world_answer(&w, 3, WIRE_RECEIPT), arena, &unknown);
	assert_int_equal(known.entry.code, unknown.entry.code);
	assert_memory_equal(known.entry.key_id, unknown.entry.key_id, ID_BYTES);
	assert_int_equal(known.statement.n, unknown.statement.n);
	for (size_t i = 0; i < known.statement.n; i++) {
		assert_string_equal(known.statement.findings[i].rule, unknown.statement.findings[i].rule);
		assert_string_equal(known.statement.findings[i].subject, unknown.statement.findings[i].subject);
	}
}

/* ---- succession ---- */

/* From now on the bureau's procesregie is in the place of its nazorg; both are of one node, which gets a person for the first. */
static void succeed(uint64_t per_unix_ms, struct person *p)
{
	const struct note_key *keys[] = { &w.steward_keys[0], &w.steward_keys[1] };
	struct secret *const secrets[] = { w.stewards[0], w.stewards[1] };
	CLEANUP(buffer_fini) struct buffer text = { 0 }, note = { 0 };
	const char *door[] = { "zvhd-procesregie" };
	struct reg_hoedanigheid *rows = calloc(w.registry->n_hoedanigheden, sizeof *rows);
	struct registry r = *w.registry;
	struct fault_list faults;

	CHECK(rows != NULL);
	memcpy(rows, r.hoedanigheden, r.n_hoedanigheden * sizeof *rows);
	for (size_t i = 0; i < r.n_hoedanigheden; i++)
		if (text_equal(rows[i].id, "zvhd-nazorg")) {
			rows[i].successors = (struct text_list){ 1, door };
			rows[i].succeeded_unix_ms = per_unix_ms;
		}
	r.hoedanigheden = rows;
	r.sequence++;
	r.previous = r.digest;
	CHECK_OK(register_print(&r, &text));
	free(rows);
	registry_free(w.registry);
	fault_list_init(&faults, "register");
	CHECK_OK(registry_load(buffer_span(&text), &faults, &w.registry));
	CHECK_OK(note_begin(&note, buffer_span(&text)));
	for (size_t i = 0; i < 2; i++)
		CHECK_OK(note_sign(&note, buffer_span(&text), keys[i], secrets[i]));
	publish(buffer_span(&note));
	world_person(&w, p, ZVHD, "p-50", "zvhd-procesregie");
}

static void as_successor(struct draft *d, const struct person *p)
{
	d->person = p;
	d->m.header.sender = p->hoedanigheid;
	d->m.header.person = p->id;
	d->m.header.mandate = SPAN_OF(p->digest.bytes);
}

/* A question that waited for who was there before is answered by who came in its place; nothing new goes to the old. */
static void test_succession(void **state)
{
	uint8_t wgs[ID_BYTES], asked[ID_BYTES], late[ID_BYTES];
	struct casus_list list;
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct person p = { 0 };
	const struct in *in;
	struct draft d;

	(void)state;
	world_wgs(&w, wgs, "VERZAMELEN");
	for (uint64_t i = 0; i < 2; i++) {
		draft_ask(&w, &d, wgs, "zvhd-nazorg");
		draft_wgs(&d, "WGS 2.31(3)");
		draft_categories(&d, "identificerend");
		d.node = &w.nodes[POLITIE];
		as_successor(&d, &w.nodes[POLITIE].person);
		memcpy(i ? late : asked, d.id, ID_BYTES);
		say(&w, &d, 3, 1 + i, CODE_TOEGESTAAN);
	}
	succeed(w.unix_ms - w.unix_ms % DAY_MS, &p);
	world_credit(&w, ZVHD, 1, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 2); /* what waits for the old name still reaches its node */
	draft_ack(&w, &d, ZVHD, asked, 1);
	say(&w, &d, 1, 3, CODE_TOEGESTAAN);

	draft_ask(&w, &d, wgs, "zvhd-nazorg"); /* and nothing new */
	draft_wgs(&d, "WGS 2.31(3)");
	draft_categories(&d, "identificerend");
	d.node = &w.nodes[POLITIE];
	as_successor(&d, &w.nodes[POLITIE].person);
	say(&w, &d, 3, 4, CODE_DEELNEMER_ONBEVOEGD);

	draft_answer(&w, &d, ZVHD, wgs, asked); /* the old one can't answer any more */
	draft_wgs(&d, "WGS 2.31(3)");
	draft_to(&d, POLITIE_ID);
	d.m.header.answer_kind = "NIET_BEKEND";
	d.m.header.categories.n = d.m.n_parts = 0;
	say(&w, &d, 1, 5, CODE_DEELNEMER_ONBEVOEGD);
	for (uint64_t i = 6; i < 8; i++) {
		draft_answer(&w, &d, ZVHD, wgs, asked);
		draft_wgs(&d, "WGS 2.31(3)");
		draft_to(&d, POLITIE_ID);
		as_successor(&d, &p);
		d.m.header.answer_kind = "NIET_BEKEND";
		d.m.header.categories.n = d.m.n_parts = 0;
		say(&w, &d, 1, i, i == 6 ? CODE_TOEGESTAAN : CODE_HERHALING);
	}
	CHECK(has_rung(&w, POLITIE, 3, asked, "BEANTWOORD", "zvhd-nazorg"));
	in = world_fetch(&w, ZVHD, 1, "casus", SPAN_OF(wgs), 0, "zvhd-procesregie"); /* it is on the casus */
	CHECK_IS(in->verb, WIRE_REPLY);
	CHECK_OK(casus_list_decode(buffer_span(&in->body), arena, &list));
	assert_int_equal(list.n, 1);
	CHECK_IS(world_fetch(&w, ZVHD, 1, "ladder", SPAN_OF(late), 0, "zvhd-procesregie")->verb, WIRE_REPLY);
	CHECK_IS(world_fetch(&w, ZVHD, 1, "item", SPAN_OF(late), 0, "zvhd-procesregie")->verb, WIRE_REPLY);
	CHECK(world_replays(&w) > 0);
	world_person_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_volmacht, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_gemachtigde_sees, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_giver_that_gave_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_succession, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
