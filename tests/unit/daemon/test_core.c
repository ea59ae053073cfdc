/* SPDX-License-Identifier: EUPL-1.2 */
/* An exchange from beginning to end: what each side is told, and what it may read afterwards. */
#include "tests/unit/daemon/core_draft.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "convenant/casus.h"

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 1, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void test_exchange(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	uint8_t casus[ID_BYTES], request[ID_BYTES], got[ID_BYTES];
	struct delivery delivery;
	struct draft d;

	(void)state;
	world_casus(&w, casus);
	world_credit(&w, DJI, 2, 10);
	world_credit(&w, ZVHD, 1, 10);
	world_ask(&w, casus, request, 1, 100);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 100), CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	delivery_open(world_in(&w, 2, WIRE_DELIVERY, 0), arena, &delivery, got);
	assert_memory_equal(got, request, ID_BYTES);
	CHECK_SPAN(delivery.mandate, buffer_span(&w.nodes[ZVHD].person.mandate));

	draft_ack(&w, &d, DJI, request, 1);
	draft_submit(&w, &d, 2, 200);
	draft_answer(&w, &d, DJI, casus, request);
	draft_submit(&w, &d, 2, 201);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 200), CODE_TOEGESTAAN);
	CHECK_IS(world_receipt_code(&w, 201), CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 1);
	assert_int_equal(world_count(&w, 1, WIRE_NOTICE), 1);
}

static void rung_check(const struct ladder *l, size_t i, const char *name, const char *hoedanigheid)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt receipt;

	assert_string_equal(l->v[i].name, name);
	assert_string_equal(l->v[i].hoedanigheid, hoedanigheid);
	CHECK_OK(receipt_open(l->v[i].receipt, &w.log_key, arena, &receipt));
	assert_int_equal(receipt.index, l->v[i].index);
}

static void test_ladder(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	uint8_t casus[ID_BYTES], request[ID_BYTES];
	const struct in *in;
	struct ladder l;
	struct draft d;

	(void)state;
	world_casus(&w, casus);
	world_ask(&w, casus, request, 1, 100);
	draft_ack(&w, &d, DJI, request, 1);
	draft_submit(&w, &d, 2, 200);
	draft_begin(&w, &d, MESSAGE_GEOPEND, DJI, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.geopend.message_id = SPAN_OF(request);
	draft_submit(&w, &d, 2, 201);
	draft_answer(&w, &d, DJI, casus, request);
	draft_submit(&w, &d, 2, 202);
	world_round(&w); /* all in one batch: each sees what the one before it did */
	for (uint64_t i = 200; i < 203; i++)
		CHECK_IS(world_receipt_code(&w, i), CODE_TOEGESTAAN);

	in = world_fetch(&w, ZVHD, 1, "ladder", SPAN_OF(request), 0, "");
	CHECK_IS(in->verb, WIRE_REPLY);
	CHECK_OK(ladder_decode(buffer_span(&in->body), arena, &l));
	assert_int_equal(l.n, 4);
	rung_check(&l, 0, "AANVAARD", "zvhd-nazorg");
	rung_check(&l, 1, "AFGELEVERD", "dji-pi-noord");
	rung_check(&l, 2, "GEOPEND", "dji-pi-noord");
	rung_check(&l, 3, "BEANTWOORD", "dji-pi-noord");

	/* Another recipient sees that it was accepted, not what DJI did with it; an outsider sees nothing. */
	in = world_fetch(&w, ASSEN, 6, "ladder", SPAN_OF(request), 0, "");
	CHECK_OK(ladder_decode(buffer_span(&in->body), arena, &l));
	assert_int_equal(l.n, 1);
	CHECK_IS(world_fetch(&w, GGZ, 5, "ladder", SPAN_OF(request), 0, "")->verb, WIRE_TROUBLE);
}

static void test_fetch(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	uint8_t casus[ID_BYTES], other[ID_BYTES] = { 1 };
	CLEANUP(buffer_fini) struct buffer unknown = { 0 };
	struct consistency consistency;
	struct checkpoint checkpoint;
	struct casus_list list;
	struct casus seen;
	struct rules_reply rules;
	const struct in *in;
	struct draft d;

	(void)state;
	world_casus(&w, casus);
	in = world_fetch(&w, DJI, 2, "casus", SPAN_OF(casus), 0, "dji-pi-noord");
	CHECK_OK(casus_list_decode(buffer_span(&in->body), arena, &list));
	assert_int_equal(list.n, 1);
	CHECK_OK(casus_decode(list.v[0].state, &seen));
	assert_memory_equal(seen.id, casus, ID_BYTES);
	assert_int_equal(seen.n_circle, 6);
	assert_int_equal(seen.phase, PHASE_VERZAMELEN);
	CHECK(seen.consent && !seen.consent_withdrawn);
	in = world_fetch(&w, DJI, 2, "casus-list", SPAN_NONE, 0, "");
	CHECK_OK(casus_list_decode(buffer_span(&in->body), arena, &list));
	assert_int_equal(list.n, 1);
	in = world_fetch(&w, DJI, 2, "casus-list", SPAN_NONE, 1, "");
	CHECK_OK(casus_list_decode(buffer_span(&in->body), arena, &list));
	assert_int_equal(list.n, 0);

	/* GGZ leaves the casus: from then on it can't be told from one that does not exist. */
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.involve[0] = "ggz-drenthe";
	d.m.body.betrekken.release = (struct text_list){ 1, d.involve };
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_TOEGESTAAN);
	in = world_fetch(&w, GGZ, 5, "casus", SPAN_OF(other), 0, "");
	CHECK_IS(in->verb, WIRE_TROUBLE);
	buffer_bytes(&unknown, buffer_span(&in->body));
	in = world_fetch(&w, GGZ, 5, "casus", SPAN_OF(casus), 0, "");
	CHECK_IS(in->verb, WIRE_TROUBLE);
	CHECK_SPAN(buffer_span(&in->body), buffer_span(&unknown));
	/* A node speaks for its own hoedanigheden only. */
	CHECK_IS(world_fetch(&w, GGZ, 5, "casus", SPAN_OF(casus), 0, "dji-pi-noord")->verb, WIRE_TROUBLE);

	in = world_fetch(&w, GGZ, 5, "rules", SPAN_NONE, 0, "");
	CHECK_OK(rules_reply_decode(buffer_span(&in->body), arena, &rules));
	CHECK_SPAN(rules.reg, buffer_span(&w.notes[0]));
	CHECK_SPAN(rules.kader, buffer_span(&w.notes[1]));
	assert_int_equal(rules.n_convenanten, 1);
	CHECK_SPAN(rules.convenanten[0], buffer_span(&w.notes[2]));
	CHECK_OK(checkpoint_open(rules.checkpoint, &w.log_key, &checkpoint));

	in = world_fetch(&w, GGZ, 5, "checkpoint", SPAN_NONE, 3, "");
	CHECK_OK(consistency_decode(buffer_span(&in->body), arena, &consistency));
	CHECK_OK(checkpoint_open(consistency.checkpoint, &w.log_key, &checkpoint));
	CHECK(consistency.proof.n > 0);
	CHECK_IS(world_fetch(&w, GGZ, 5, "checkpoint", SPAN_NONE, 10000, "")->verb, WIRE_TROUBLE);
	in = world_fetch(&w, GGZ, 5, "mandate", SPAN_OF(w.nodes[DJI].person.digest.bytes), 0, "");
	CHECK_SPAN(buffer_span(&in->body), buffer_span(&w.nodes[DJI].person.mandate));
	CHECK_IS(world_fetch(&w, GGZ, 5, "mandate", SPAN_OF(casus), 0, "")->verb, WIRE_TROUBLE);
	CHECK_IS(world_fetch(&w, GGZ, 5, "everything", SPAN_NONE, 0, "")->verb, WIRE_TROUBLE);
	world_take(&w, GGZ, 5, WIRE_FETCH, 77, SPAN_LITERAL("nonsense"));
	world_round(&w);
	CHECK(world_answer(&w, 77, WIRE_TROUBLE) != NULL);
}

/* Any version that ever was in force can be had, by the digest that records name; and nothing else. */
static void test_version(void **state)
{
	CLEANUP(buffer_fini) struct buffer next = { 0 };
	struct newcomer newcomer;
	uint8_t nowhere[HASH_BYTES] = { 1 };
	struct span text, lines;
	struct hash digest;
	const struct in *in;

	(void)state;
	newcomer_make(&newcomer);
	world_register_next(&w, &newcomer.admission, &next);
	newcomer_free(&newcomer);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&next));
	world_round(&w);
	for (size_t i = 0; i < 4; i++) {
		const struct span note = i < 3 ? buffer_span(&w.notes[i]) : buffer_span(&next);

		CHECK_OK(note_split(note, &text, &lines));
		crypto_hash_sha256(digest.bytes, text.ptr, text.len);
		in = world_fetch(&w, GGZ, 5, "version", SPAN_OF(digest.bytes), 0, "");
		CHECK_IS(in->verb, WIRE_REPLY);
		CHECK_SPAN(buffer_span(&in->body), note);
	}
	CHECK_IS(world_fetch(&w, GGZ, 5, "version", SPAN_OF(nowhere), 0, "")->verb, WIRE_TROUBLE);
	CHECK_IS(world_fetch(&w, GGZ, 5, "version", SPAN_LITERAL("kader"), 0, "")->verb, WIRE_TROUBLE);
}

/* Who looks for what is not his is told nothing, and is on record for it: once in an hour, whether there was anything or not. */
static void test_looking(void **state)
{
	static const char *const what[] = { "casus", "item", "ladder" };
	uint8_t casus[ID_BYTES], request[ID_BYTES], nowhere[ID_BYTES] = { 7 };
	uint64_t size;

	(void)state;
	world_casus(&w, casus);
	world_ask(&w, casus, request, 1, 1);
	world_round(&w);
	for (size_t i = 0; i < 3; i++) /* to whom it is, it is no search */
		CHECK_IS(world_fetch(&w, DJI, 2, what[i], i ? SPAN_OF(request) : SPAN_OF(casus), 0, "")->verb, WIRE_REPLY);
	size = world_size(&w);
	for (size_t i = 0; i < 6; i++) {
		const uint8_t *id = i % 2 ? nowhere : i < 2 ? casus : request;

		world_pass(&w, 3600000);
		CHECK_IS(world_fetch(&w, FRYSLAN, 7, what[i / 2], span_of(id, ID_BYTES), 0, "")->verb, WIRE_TROUBLE);
		CHECK_IS(world_fetch(&w, FRYSLAN, 7, what[i / 2], span_of(id, ID_BYTES), 0, "")->verb, WIRE_TROUBLE);
		assert_int_equal(world_size(&w), size + 1 + i);
	}
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_NIET_BETROKKEN_BIJ_CASUS), 6);
	CHECK_IS(world_fetch(&w, POLITIE, 3, "item", SPAN_OF(request), 0, "")->verb, WIRE_TROUBLE); /* another node has its own hour */
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_NIET_BETROKKEN_BIJ_CASUS), 7);
	world_crash(&w); /* which a restart does not shorten */
	world_must_start(&w);
	CHECK_IS(world_fetch(&w, POLITIE, 3, "casus", SPAN_OF(nowhere), 0, "")->verb, WIRE_TROUBLE);
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_NIET_BETROKKEN_BIJ_CASUS), 7);
	w.disk_full = true; /* nor a log that can't be written */
	world_pass(&w, 3600000);
	CHECK_IS(world_fetch(&w, POLITIE, 3, "casus", SPAN_OF(nowhere), 0, "")->verb, WIRE_TROUBLE);
	w.disk_full = false;
}

static void test_ping(void **state)
{
	(void)state;
	world_take(&w, GGZ, 5, WIRE_PING, 4711, SPAN_NONE);
	world_handout(&w);
	CHECK(world_answer(&w, 4711, WIRE_PONG) != NULL);
	world_take(&w, GGZ, 5, WIRE_CREDIT, 0, SPAN_LITERAL("abc"));
	world_take(&w, GGZ, 5, WIRE_PONG, 0, SPAN_NONE);
	world_round(&w);
	assert_int_equal(w.n_drops, 2);
}

static int64_t number(const json_t *json, const char *key)
{
	const json_t *v = json_object_get(json, key);

	if (!json_is_integer(v))
		fail_msg("the status has no %s", key);
	return json_integer_value(v);
}

static void test_status(void **state)
{
	uint8_t casus[ID_BYTES], request[ID_BYTES];
	json_t *json;

	(void)state;
	world_casus(&w, casus);
	world_ask(&w, casus, request, 1, 100);
	world_round(&w);
	world_pass(&w, 5000);
	world_control(&w, IPC_CTL_STATUS, 0, SPAN_LITERAL("{}"));
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_REPLY);
	json = json_loadb((const char *)w.control.ptr, w.control.len, 0, NULL);
	CHECK(json != NULL);
	assert_string_equal(json_string_value(json_object_get(json, "house")), "drenthe");
	assert_string_equal(json_string_value(json_object_get(json, "origin")), "drenthe.example/log");
	assert_int_equal(number(json, "size"), world_size(&w));
	assert_int_equal(number(json, "signed_size"), world_size(&w));
	assert_int_equal(number(json, "nodes_known"), WORLD_NODES);
	assert_int_equal(number(json, "register_sequence"), 1);
	assert_int_equal(number(json, "oldest_undelivered_ms"), 5000);
	assert_int_equal(number(json, "pending_joins"), 0);
	CHECK(number(json, "fsyncs") > 0 && number(json, "batches") > 0 && number(json, "journal_bytes") > 0);
	assert_int_equal(number(json_object_get(json, "inbox"), "dji-1"), 1);
	assert_int_equal(number(json_object_get(json, "inbox"), "ggz-1"), 0);
	assert_int_equal(json_array_size(json_object_get(json, "convenanten")), 1);
	json_decref(json);
}

/* What is on the disk tells nobody what was asked, why, or by whom in which casus. */
static void test_disk(void **state)
{
	uint8_t casus[ID_BYTES], request[ID_BYTES];
	struct draft d;

	(void)state;
	world_casus(&w, casus);
	world_ask(&w, casus, request, 1, 100);
	draft_answer(&w, &d, DJI, casus, request);
	draft_submit(&w, &d, 2, 201);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 201), CODE_TOEGESTAAN);
	CHECK(!world_disk_has(&w, "basisvoorwaarden bij terugkeer"));
	CHECK(!world_disk_has(&w, "application/vnd.knooppunt"));
	CHECK_OK(store_checkpoint(w.store));
	CHECK(!world_disk_has(&w, "basisvoorwaarden bij terugkeer"));
	CHECK(!world_disk_has(&w, "application/vnd.knooppunt"));
	CHECK(world_disk_has(&w, "zvhd-nazorg")); /* the scan finds what is there: the register and the inbox names */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exchange, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ladder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fetch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_looking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ping, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
