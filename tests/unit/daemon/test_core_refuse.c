/* SPDX-License-Identifier: EUPL-1.2 */
/* What is refused, with which code, and that each refusal is exactly one entry. */
#include "tests/unit/daemon/core_draft.h"

#include <string.h>

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 2, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

/* Submits; checks code and that the log grew by exactly one entry of that code. */
static void refused(struct draft *d, uint64_t session, enum code code, const char *rule)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	uint64_t size = world_size(&w), correlation = 5000 + w.next_id++;
	struct receipt receipt;
	bool found = false;

	draft_submit(&w, d, session, correlation);
	world_round(&w);
	if (!world_answer(&w, correlation, WIRE_RECEIPT))
		fail_msg("no receipt: %s", rule);
	world_receipt(&w, world_answer(&w, correlation, WIRE_RECEIPT), arena, &receipt);
	if (receipt.entry.code != code)
		fail_msg("%s: %s %s instead of %s", rule, code_name(receipt.entry.code), receipt.statement.findings[0].rule,
			 code_name(code));
	assert_int_equal(world_size(&w), size + 1);
	assert_int_equal(receipt.index, size);
	assert_string_equal(receipt_rung(&receipt), "GEWEIGERD");
	for (size_t i = 0; i < receipt.statement.n; i++)
		found = found || !strcmp(receipt.statement.findings[i].rule, rule);
	if (!found)
		fail_msg("the receipt does not name %s", rule);
}

static void test_no_grondslag(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	const struct in *in;
	struct ladder l;
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.grondslag = d.m.header.doel = "";
	refused(&d, 1, CODE_GEEN_GRONDSLAG, "grondslag.genoemd");
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 0);
	in = world_fetch(&w, ZVHD, 1, "ladder", SPAN_OF(d.id), 0, "");
	CHECK_OK(ladder_decode(buffer_span(&in->body), arena, &l));
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].name, "GEWEIGERD");
	CHECK_IS(world_fetch(&w, DJI, 2, "ladder", SPAN_OF(d.id), 0, "")->verb, WIRE_TROUBLE);
}

static bool told(const struct receipt *receipt, enum code code, const char *rule, const char *subject)
{
	for (size_t i = 0; i < receipt->statement.n; i++)
		if (receipt->statement.findings[i].code == code && !strcmp(receipt->statement.findings[i].rule, rule) &&
		    !strcmp(receipt->statement.findings[i].subject, subject))
			return true;
	return false;
}

/* Whoever sent it hears all that is wrong with it at once, in the receipt. */
static void test_all_failures(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt receipt;
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.grondslag = d.m.header.doel = d.m.header.noodzaak = d.m.header.person_role = "";
	d.m.header.deadline_unix_ms = d.m.header.categories.n = 0;
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	world_receipt(&w, world_answer(&w, 1, WIRE_RECEIPT), arena, &receipt);
	CHECK_IS((int)receipt.entry.code, CODE_GEEN_GRONDSLAG);
	CHECK(told(&receipt, CODE_GEEN_GRONDSLAG, "grondslag.genoemd", "grondslag"));
	CHECK(told(&receipt, CODE_GEEN_DOEL, "doel.genoemd", ""));
	CHECK(told(&receipt, CODE_SCHEMA_ONGELDIG, "schema.verzoek", "noodzaak"));
	CHECK(told(&receipt, CODE_SCHEMA_ONGELDIG, "schema.verzoek", "person_role"));
	CHECK(told(&receipt, CODE_SCHEMA_ONGELDIG, "schema.verzoek", "categories"));
	CHECK(told(&receipt, CODE_SCHEMA_ONGELDIG, "schema.verzoek", "deadline"));
	assert_memory_equal(receipt.statement.message_id, d.id, ID_BYTES);
}

/* An answer with one part more than was asked for is refused whole: no part of it is delivered, and the question stays open. */
static void test_extra_part(void **state)
{
	uint8_t request[ID_BYTES];
	struct draft d;

	(void)state;
	world_credit(&w, ZVHD, 1, 10);
	world_ask(&w, casus, request, 1, 100);
	world_round(&w);
	draft_answer(&w, &d, DJI, casus, request);
	draft_categories(&d, "identificerend.identiteitsbewijs woonsituatie.onderdak");
	draft_part(&w, &d, "identificerend.identiteitsbewijs");
	refused(&d, 2, CODE_CATEGORIE_NIET_GEVRAAGD, "antwoord.categorie");
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 0);
	draft_answer(&w, &d, DJI, casus, request);
	draft_submit(&w, &d, 2, 101);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 101), CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 1);
}

static void test_wrong_node(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	uint64_t size = world_size(&w);
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &envelope);
	world_take(&w, POLITIE, 3, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_DEELNEMER_ONBEVOEGD);
	assert_int_equal(world_size(&w), size + 1);
	/* It was not the police's to use up: the sender's own node still gets it through. */
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_TOEGESTAAN);
}

static void test_bad_signature(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt receipt;
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &envelope);
	envelope.ptr[envelope.len - 1] ^= 1;
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_round(&w);
	world_receipt(&w, world_answer(&w, 1, WIRE_RECEIPT), arena, &receipt);
	CHECK_IS((int)receipt.entry.code, CODE_HANDTEKENING_ONGELDIG);
	assert_int_equal(receipt.statement.n, 1);
	envelope.ptr[envelope.len - 1] ^= 1; /* the id is not burnt */
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_TOEGESTAAN);
	/* A node's signature does not stand for a person's, nor another person's. */
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.person = &w.nodes[DJI].person;
	refused(&d, 1, CODE_HANDTEKENING_ONGELDIG, "transport.handtekening");
}

static void test_undecodable(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const uint8_t zero[ID_BYTES] = { 0 };
	struct receipt receipt;
	struct hash digest;
	uint64_t size = world_size(&w);

	(void)state;
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, SPAN_LITERAL("\x01\x02 random bytes"));
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, SPAN_NONE);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_SCHEMA_ONGELDIG);
	world_receipt(&w, world_answer(&w, 1, WIRE_RECEIPT), arena, &receipt);
	CHECK_IS((int)receipt.entry.code, CODE_SCHEMA_ONGELDIG);
	assert_memory_equal(receipt.statement.message_id, zero, ID_BYTES);
	envelope_digest(SPAN_LITERAL("\x01\x02 random bytes"), &digest);
	CHECK(hash_equal(&digest, &receipt.statement.digest));
	assert_int_equal(world_size(&w), size + 2);
}

static void test_unknown_node(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	uint64_t size = world_size(&w);
	uint8_t transport[32];
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &envelope);
	memcpy(transport, w.nodes[GGZ].transport, 32);
	memset(w.nodes[GGZ].transport, 9, 32);
	world_take(&w, GGZ, 50, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_credit(&w, GGZ, 50, 100);
	CHECK_IS(world_fetch(&w, GGZ, 50, "rules", SPAN_NONE, 0, "")->verb, WIRE_TROUBLE);
	memcpy(w.nodes[GGZ].transport, transport, 32);
	CHECK(world_answer(&w, 1, WIRE_TROUBLE) != NULL);
	CHECK(world_answer(&w, 1, WIRE_RECEIPT) == NULL);
	assert_int_equal(world_size(&w), size);
}

static void test_repeat(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 }, other = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt first, second;
	struct draft d, e;
	uint64_t size;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &envelope);
	size = world_size(&w);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, buffer_span(&envelope)); /* in the same batch */
	world_round(&w);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 3, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_TOEGESTAAN);
	assert_int_equal(world_size(&w), size + 2);
	world_receipt(&w, world_answer(&w, 2, WIRE_RECEIPT), arena, &first);
	world_receipt(&w, world_answer(&w, 3, WIRE_RECEIPT), arena, &second);
	CHECK_IS((int)first.entry.code, CODE_HERHALING);
	assert_int_equal(first.index, second.index);
	/* The same id with other bytes is refused each time, with an entry each time; the first message stands. */
	draft_ask(&w, &e, casus, "dji-pi-noord");
	memcpy(e.id, d.id, ID_BYTES);
	draft_sign(&e, &other);
	for (uint64_t i = 10; i < 12; i++) {
		world_take(&w, ZVHD, 1, WIRE_SUBMIT, i, buffer_span(&other));
		world_round(&w);
		CHECK_IS(world_receipt_code(&w, i), CODE_HERHALING);
	}
	assert_int_equal(world_size(&w), size + 4);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	/* It survives a restart, also one by crash. */
	world_crash(&w);
	world_must_start(&w);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 20, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 20), CODE_HERHALING);
}

/* A refused message is remembered for its term and the time of replays, then forgotten. */
static void test_forget(void **state)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	struct store_cursor cursor;
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.grondslag = "";
	draft_sign(&d, &envelope);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, buffer_span(&envelope));
	world_round(&w);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 2, buffer_span(&envelope));
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_HERHALING);
	CHECK_OK(store_first(w.store, KEYSPACE_SEEN_UNTIL, SPAN_NONE, SPAN_NONE, &cursor));
	world_pass(&w, DAY_MS);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 3, SPAN_LITERAL("x"));
	world_round(&w);
	CHECK_IS(store_first(w.store, KEYSPACE_SEEN_UNTIL, SPAN_NONE, SPAN_NONE, &cursor), STORE_E_ABSENT);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 4, buffer_span(&envelope));
	world_round(&w);
	CHECK(world_receipt_code(&w, 4) != CODE_HERHALING && world_receipt_code(&w, 4) != CODE_TOEGESTAAN);
}

static void test_mandate(void **state)
{
	struct person stranger = w.nodes[ZVHD].person;
	struct draft d;

	(void)state;
	stranger.digest.bytes[0] ^= 1;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.person = &stranger;
	d.m.header.mandate = SPAN_OF(stranger.digest.bytes);
	refused(&d, 1, CODE_MEDEWERKER_NIET_GEAUTORISEERD, "transport.mandaat");
	/* Of another organisation than the node's own: the police can't bring in DJI's. */
	draft_begin(&w, &d, MESSAGE_MANDAAT, POLITIE, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&w.nodes[DJI].person.mandate);
	refused(&d, 3, CODE_MEDEWERKER_NIET_GEAUTORISEERD, "mandaat.noot");
	/* Withdrawn: the signature still holds, the right is gone, from the very next message of the batch. */
	draft_begin(&w, &d, MESSAGE_MANDAAT, ZVHD, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&w.nodes[ZVHD].person.mandate);
	d.m.body.mandaat.withdrawn = true;
	draft_submit(&w, &d, 1, 1);
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_submit(&w, &d, 1, 2);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_TOEGESTAAN);
	CHECK_IS(world_receipt_code(&w, 2), CODE_MEDEWERKER_NIET_GEAUTORISEERD);
}

static int asked(uint64_t correlation)
{
	struct draft d;

	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_submit(&w, &d, 1, correlation);
	world_round(&w);
	return world_receipt_code(&w, correlation);
}

/* Who has not acted for the set days acts no more, until his organisation hands his mandate in again. */
static void test_dormant(void **state)
{
	struct draft d;

	(void)state;
	world_stop(&w);
	w.dormant_ms = 30 * DAY_MS;
	world_must_start(&w);
	for (uint64_t i = 1; i <= 3; i++) { /* who acts now and then stays awake, also over a restart */
		world_pass(&w, i == 3 ? 30 * DAY_MS : 20 * DAY_MS);
		CHECK_IS(asked(i), CODE_TOEGESTAAN);
		world_crash(&w);
		world_must_start(&w);
	}
	world_pass(&w, 30 * DAY_MS + 1);
	CHECK_IS(asked(4), CODE_MEDEWERKER_NIET_GEAUTORISEERD);
	CHECK_IS(asked(5), CODE_MEDEWERKER_NIET_GEAUTORISEERD); /* trying does not wake him */
	draft_begin(&w, &d, MESSAGE_MANDAAT, ZVHD, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&w.nodes[ZVHD].person.mandate);
	draft_submit(&w, &d, 1, 6);
	CHECK_IS(asked(7), CODE_TOEGESTAAN); /* from the very next message of the batch */
	CHECK_IS(world_receipt_code(&w, 6), CODE_TOEGESTAAN);
}

static void test_batch_order(void **state)
{
	uint8_t id[ID_BYTES], other[ID_BYTES];
	struct draft d;

	(void)state;
	/* Casus, circle, consent, question and closing in one batch, then one more question: each sees the one before. */
	env_random(&w.env, other, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, other);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(&w, &d, 1, 1);
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, other);
	d.involve[0] = "dji-pi-noord";
	d.involve[1] = "gemeente-assen-sociaal-domein";
	d.m.body.betrekken.involve = (struct text_list){ 2, d.involve };
	draft_submit(&w, &d, 1, 2);
	draft_begin(&w, &d, MESSAGE_TOESTEMMING, ZVHD, other);
	d.m.body.toestemming = (struct body_toestemming){ .given_unix_ms = w.unix_ms - 1, .given_by = "betrokkene" };
	draft_submit(&w, &d, 1, 3);
	world_ask(&w, other, id, 1, 4);
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, other);
	d.m.body.afsluiting.reason = "doel-bereikt";
	draft_submit(&w, &d, 1, 5);
	world_ask(&w, other, id, 1, 6);
	world_round(&w);
	for (uint64_t i = 1; i <= 5; i++)
		CHECK_IS(world_receipt_code(&w, i), CODE_TOEGESTAAN);
	CHECK_IS(world_receipt_code(&w, 6), CODE_CASUS_AFGESLOTEN);
}

/* A BSN in a free text is refused, and does not get into the log by way of the refusal. */
static void test_identity(void **state)
{
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.noodzaak = "graag alles over 999990019";
	refused(&d, 1, CODE_IDENTIFICATIE_IN_METADATA, "identificatie");
	CHECK(!world_disk_has(&w, "999990019"));
}

/* What a sender not on the casus is told gives away nothing, not even by the key that seals the entry. */
static void test_outsider(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(2u << 20);
	uint8_t nowhere[ID_BYTES];
	struct receipt known, unknown;
	struct draft d;

	(void)state;
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.involve[0] = "ggz-drenthe";
	d.m.body.betrekken.release = (struct text_list){ 1, d.involve };
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	env_random(&w.env, nowhere, ID_BYTES);
	for (uint64_t i = 2; i < 4; i++) {
		draft_ask(&w, &d, i == 2 ? casus : nowhere, "dji-pi-noord");
		d.node = &w.nodes[GGZ];
		d.person = &w.nodes[GGZ].person;
		d.m.header.sender = "ggz-drenthe";
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

/* The longest header that decodes gives an entry, whatever is in it. */
static void test_longest(void **state)
{
	static char texts[64][MESSAGE_TEXT_MAX + 1];
	static const char *list[64], *list2[64];
	struct draft d;

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		memset(texts[i], 'x', MESSAGE_TEXT_MAX);
		snprintf(texts[i], 4, "%03u", (unsigned)i);
		texts[i][3] = 'x';
		list[i] = list2[i] = texts[i];
	}
	draft_begin(&w, &d, MESSAGE_VERZOEK, ZVHD, casus);
	d.m.header.recipients = (struct text_list){ 64, list };
	d.m.header.categories = (struct text_list){ 64, list2 };
	d.m.header.noodzaak = d.m.header.overleg = d.m.header.grondslag = d.m.header.doel = d.m.header.regime = texts[0];
	d.m.header.on_behalf_of = d.m.header.answer_kind = d.m.header.person_role = texts[1];
	refused(&d, 1, CODE_GEEN_GRONDSLAG, "grondslag.genoemd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_grondslag, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extra_part, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_signature, setup, teardown),
		cmocka_unit_test_setup_teardown(test_undecodable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repeat, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mandate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dormant, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batch_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outsider, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
