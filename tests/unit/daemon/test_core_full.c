/* SPDX-License-Identifier: EUPL-1.2 */
/* The disk is full: nothing happened, for anybody, in memory either. */
#include "tests/unit/daemon/core_draft.h"

#include <string.h>

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 4, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void trouble_is(uint64_t correlation, const char *code)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	const struct in *in = world_answer(&w, correlation, WIRE_TROUBLE);
	struct trouble t;

	if (!in)
		fail_msg("no trouble for %llu", (unsigned long long)correlation);
	CHECK_OK(trouble_decode(buffer_span(&in->body), arena, &t));
	assert_string_equal(t.code, code);
	CHECK(world_answer(&w, correlation, WIRE_RECEIPT) == NULL);
}

static void test_full(void **state)
{
	CLEANUP(buffer_fini) struct buffer ask = { 0 }, mandate = { 0 };
	uint8_t other[ID_BYTES], first[ID_BYTES];
	struct draft d;
	uint64_t size;

	(void)state;
	world_credit(&w, DJI, 2, 1);
	world_ask(&w, casus, first, 1, 50);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	size = world_size(&w);
	w.disk_full = true;

	/* A new casus (its key is in the cache), a withdrawn mandate, a question, an acknowledgement, garbage. */
	env_random(&w.env, other, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, other);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(&w, &d, 1, 100);
	draft_ask(&w, &d, casus, "dji-pi-noord");
	draft_sign(&d, &ask);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 101, buffer_span(&ask));
	draft_begin(&w, &d, MESSAGE_MANDAAT, ZVHD, NULL);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&w.nodes[ZVHD].person.mandate);
	d.m.body.mandaat.withdrawn = true;
	draft_sign(&d, &mandate);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 102, buffer_span(&mandate));
	draft_ack(&w, &d, DJI, first, 1);
	draft_submit(&w, &d, 2, 103);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 104, SPAN_LITERAL("garbage"));
	world_round(&w);
	for (uint64_t i = 100; i <= 104; i++)
		trouble_is(i, "AUDIT_NIET_BESCHIKBAAR");
	assert_int_equal(world_size(&w), size);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	CHECK_IS(world_fetch(&w, ZVHD, 1, "casus", SPAN_OF(other), 0, "")->verb, WIRE_TROUBLE);
	CHECK_IS(world_fetch(&w, ZVHD, 1, "casus", SPAN_OF(casus), 0, "")->verb, WIRE_REPLY);

	/* There is room again: the same bytes are taken as if they came for the first time. */
	w.disk_full = false;
	world_pass(&w, 2000);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 201, buffer_span(&ask));
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, other);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(&w, &d, 1, 200);
	draft_ack(&w, &d, DJI, first, 1);
	draft_submit(&w, &d, 2, 203);
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 202, buffer_span(&mandate));
	world_round(&w);
	for (uint64_t i = 200; i <= 203; i++)
		CHECK_IS(world_receipt_code(&w, i), CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
	world_crash(&w);
	world_must_start(&w);
	CHECK_IS(world_fetch(&w, ZVHD, 31, "casus", SPAN_OF(other), 0, "")->verb, WIRE_REPLY);
}

static void test_full_publish(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct newcomer newcomer;
	uint8_t request[ID_BYTES];

	(void)state;
	newcomer_make(&newcomer);
	world_register_next(&w, &newcomer.admission, &note);
	newcomer_free(&newcomer);
	world_credit(&w, DJI, 2, 10);
	w.disk_full = true;
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_ask(&w, casus, request, 1, 100);
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_TROUBLE);
	assert_int_equal(w.n_allows, 0);
	trouble_is(100, "AUDIT_NIET_BESCHIKBAAR");
	w.disk_full = false;
	world_pass(&w, 2000);
	world_ask(&w, casus, request, 1, 101);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_REPLY);
	assert_int_equal(w.n_allows, 1);
	CHECK_IS(world_receipt_code(&w, 101), CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
}

/* Deadlines that could not be written are written later, once. */
static void test_full_deadline(void **state)
{
	uint8_t request[ID_BYTES];

	(void)state;
	world_ask(&w, casus, request, 1, 100);
	world_round(&w);
	w.disk_full = true;
	world_pass(&w, 4 * DAY_MS);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 0);
	CHECK(core_due_ms(w.core) > w.mono_ms); /* it does not try again at once */
	w.disk_full = false;
	world_pass(&w, 2000);
	CHECK(core_due_ms(w.core) <= w.mono_ms);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_publish, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_deadline, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
