/* SPDX-License-Identifier: EUPL-1.2 */
/* What a decision rested on: kept with its entry, enough to take it again, gone with its casus, and never a name. */
#include "tests/unit/daemon/core_draft.h"

#include <sodium.h>
#include <string.h>

#include "convenant/replay.h"
#include "daemon/core/evidence.h"
#include "proto/record.h"

#define DJI_ID "dji-pi-noord"

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 17, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static struct span stored_input(uint64_t index)
{
	uint8_t key[8];
	struct span value;

	put_u64(key, index);
	return store_get(w.store, KEYSPACE_INPUT, SPAN_OF(key), &value) ? SPAN_NONE : value;
}

/* A question as another would ask it: not from its own hoedanigheid's casus, and signed by its own person. */
static void draft_foreign(struct draft *d, int node, const uint8_t *about)
{
	draft_ask(&w, d, about, "gemeente-assen-sociaal-domein");
	d->node = &w.nodes[node];
	d->person = &w.nodes[node].person;
	d->m.header.sender = d->node->hoedanigheden[0];
	d->m.header.person = d->person->id;
	d->m.header.mandate = SPAN_OF(d->person->digest.bytes);
}

static void leave(const char *who)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.involve[0] = who;
	d.m.body.betrekken.release = (struct text_list){ 1, d.involve };
	draft_submit(&w, &d, 1, 50);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 50), CODE_TOEGESTAAN);
}

/* Allowed, refused by the rules, by what is beside the rules, by a mandate that was withdrawn; of insiders and of outsiders. */
static void test_again(void **state)
{
	uint8_t request[ID_BYTES];
	size_t before = world_replays(&w);
	struct draft d;

	(void)state;
	assert_int_equal(before, 7 + 1 + 3); /* mandates, and the casus */
	world_ask(&w, casus, request, 1, 1);
	draft_answer(&w, &d, DJI, casus, request);
	draft_submit(&w, &d, 2, 2);
	world_round(&w);
	draft_answer(&w, &d, DJI, casus, request); /* a second answer: a fact beside the rules */
	draft_submit(&w, &d, 2, 3);
	draft_answer(&w, &d, POLITIE, casus, request); /* never asked */
	draft_submit(&w, &d, 3, 4);
	draft_foreign(&d, DJI, casus); /* through the wrong node, too */
	d.node = &w.nodes[GGZ];
	draft_submit(&w, &d, 5, 5);
	leave("ggz-drenthe");
	draft_foreign(&d, GGZ, casus);
	draft_submit(&w, &d, 5, 6);
	draft_begin(&w, &d, MESSAGE_MANDAAT, DJI, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&w.nodes[DJI].person.mandate);
	d.m.body.mandaat.withdrawn = true;
	draft_submit(&w, &d, 2, 7);
	world_round(&w);
	draft_foreign(&d, DJI, casus); /* his mandate was withdrawn */
	draft_submit(&w, &d, 2, 8);
	draft_begin(&w, &d, MESSAGE_GEOPEND, ZVHD, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.geopend.message_id = SPAN_OF(request); /* it sent that itself */
	draft_submit(&w, &d, 1, 9);
	world_round(&w);
	for (uint64_t i = 1; i <= 9; i++)
		CHECK(world_answer(&w, i, WIRE_RECEIPT) != NULL);
	CHECK_IS(world_receipt_code(&w, 3), CODE_HERHALING);
	CHECK_IS(world_receipt_code(&w, 8), CODE_MEDEWERKER_NIET_GEAUTORISEERD);
	assert_int_equal(world_replays(&w), before + 10);
	world_crash(&w);
	world_must_start(&w);
	assert_int_equal(world_replays(&w), before + 10);
}

/* Undecodable, badly signed, repeated: refused before any rule was asked, so there is nothing to take again. */
static void test_not_decided(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	size_t before = world_replays(&w);
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &envelope);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_round(&w);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, buffer_span(&envelope));
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 3, SPAN_LITERAL("nonsense"));
	envelope.ptr[envelope.len - 1] ^= 1;
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 4, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_HERHALING);
	CHECK_IS(world_receipt_code(&w, 3), CODE_SCHEMA_ONGELDIG);
	CHECK_IS(world_receipt_code(&w, 4), CODE_HANDTEKENING_ONGELDIG);
	assert_int_equal(world_replays(&w), before + 1);
	for (uint64_t i = world_size(&w) - 3; i < world_size(&w); i++)
		CHECK(!stored_input(i).len);
}

/* A header that names somebody is refused for that, and then kept nowhere. */
static void test_no_name(void **state)
{
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.noodzaak = "graag alles over 999990019";
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_IDENTIFICATIE_IN_METADATA);
	CHECK(!stored_input(world_size(&w) - 1).len);
	CHECK(!world_disk_has(&w, "999990019"));
}

/*
 * The entry of an outsider stands under the house's key, as a receipt shows; what its decision rested on holds the casus, and so
 * goes with the casus, under the key of what stands of it, which no receipt shows.
 */
static void test_key(void **state)
{
	uint8_t nowhere[ID_BYTES] = { 9 }, key[ID_BYTES];
	struct entry inside, outside, unknown;
	struct span entry;
	uint64_t at[3];
	struct draft d;

	(void)state;
	leave("ggz-drenthe");
	for (uint64_t i = 0; i < 3; i++) {
		draft_foreign(&d, i ? GGZ : DJI, i < 2 ? casus : nowhere);
		draft_submit(&w, &d, i ? 5 : 2, 10 + i);
		world_round(&w);
		at[i] = world_size(&w) - 1;
	}
	CHECK_OK(store_entry(w.store, at[0], &entry));
	CHECK_OK(entry_parse(entry, &inside));
	CHECK_OK(store_entry(w.store, at[1], &entry));
	CHECK_OK(entry_parse(entry, &outside));
	CHECK_OK(store_entry(w.store, at[2], &entry));
	CHECK_OK(entry_parse(entry, &unknown));
	assert_memory_not_equal(inside.key_id, outside.key_id, ID_BYTES);
	assert_memory_equal(outside.key_id, unknown.key_id, ID_BYTES);
	memcpy(key, stored_input(at[0]).ptr, ID_BYTES);
	assert_memory_equal(stored_input(at[1]).ptr, key, ID_BYTES);
	assert_memory_not_equal(stored_input(at[2]).ptr, key, ID_BYTES);
	assert_memory_not_equal(key, inside.key_id, ID_BYTES);
	assert_memory_not_equal(key, outside.key_id, ID_BYTES);
}

static void page_open(uint64_t correlation, const struct draft *d, struct arena *arena, struct log_page *out)
{
	CLEANUP(secret_freep) struct secret *key = world_reading_key("zvhd-toezicht");
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	const struct in *in = world_answer(&w, correlation, WIRE_REPLY);

	CHECK(in != NULL);
	CHECK_OK(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d->id), buffer_span(&in->body), &plain));
	CHECK_OK(log_page_decode(arena_copy(arena, buffer_span(&plain)), arena, out));
}

static void inzage(bool with_input, uint64_t correlation, struct arena *arena, struct log_page *out)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_INZAGE, ZVHD, NULL);
	d.person = &w.officer;
	d.m.header.sender = w.officer.hoedanigheid;
	d.m.header.person = w.officer.id;
	d.m.header.mandate = SPAN_OF(w.officer.digest.bytes);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.inzage = (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "",
						.person = "", .grondslag = "", .doel = "", .overleg = "", .with_input = with_input };
	draft_submit(&w, &d, 1, correlation);
	world_round(&w);
	page_open(correlation, &d, arena, out);
}

/* The officer gets it when he asks for it, and it is what the record names. */
static void test_page(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(32u << 20);
	struct log_page without, with;
	struct record record;
	struct hash digest;
	size_t n = 0;

	(void)state;
	inzage(false, 1, arena, &without);
	inzage(true, 2, arena, &with);
	assert_int_equal(with.n, without.n + 1);
	for (size_t i = 0; i < without.n; i++)
		CHECK(!without.v[i].input.len);
	for (size_t i = 0; i < with.n; i++) {
		CHECK_OK(record_parse(with.v[i].record, arena, &record));
		crypto_hash_sha256(digest.bytes, with.v[i].input.ptr, with.v[i].input.len);
		if (with.v[i].input.len)
			CHECK_SPAN(record_get(&record, RECORD_INPUT), SPAN_OF(digest.bytes));
		else
			CHECK(!record_get(&record, RECORD_INPUT).len);
		n += with.v[i].input.len > 0;
	}
	assert_int_equal(n, world_replays(&w));
}

/* When its casus ends it is gone, of what was allowed and of what was refused; the entries stay. */
static void test_forgotten(void **state)
{
	CLEANUP(buffer_fini) struct buffer input = { 0 };
	struct draft d;
	uint64_t at[2];

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		draft_ask(&w, &d, casus, DJI_ID);
		d.m.header.grondslag = i ? "" : d.m.header.grondslag;
		draft_submit(&w, &d, 1, 1 + i);
		world_round(&w);
		at[i] = world_size(&w) - 1;
		CHECK_OK(evidence_input(w.core, at[i], &input));
		CHECK(input.len > 0);
		buffer_reset(&input);
	}
	world_pass(&w, 200 * DAY_MS); /* nazorg: half a year */
	for (int i = 0; i < 20; i++) {
		world_pass(&w, 2);
		world_round(&w);
	}
	for (size_t i = 0; i < 2; i++) {
		CHECK_OK(evidence_input(w.core, at[i], &input));
		assert_int_equal(input.len, 0);
	}
	CHECK(world_replays(&w) > 0); /* mandates: of no casus */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_decided, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
