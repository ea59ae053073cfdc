/* SPDX-License-Identifier: EUPL-1.2 */
/* Deadlines that come near and pass: who is reminded, who is told, and when nobody is. */
#include "tests/unit/daemon/core_say.h"

#include <string.h>

#include "base/text.h"
#include "proto/record.h"

#define HOUR_MS UINT64_C(3600000)
#define ASSEN_ID "gemeente-assen-sociaal-domein"

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 29, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

/* Assen asks DJI and the police, and wants an answer in that time; the voorzitter of the nazorg is the bureau. */
static void ask(uint8_t id[ID_BYTES], uint64_t hours, bool urgent)
{
	struct draft d;

	draft_ask(&w, &d, casus, "dji-pi-noord politie-noord-nederland");
	d.node = &w.nodes[ASSEN];
	d.person = &w.nodes[ASSEN].person;
	d.m.header.sender = ASSEN_ID;
	d.m.header.person = d.person->id;
	d.m.header.mandate = SPAN_OF(d.person->digest.bytes);
	d.m.header.deadline_unix_ms = w.unix_ms + hours * HOUR_MS;
	d.m.header.urgent = urgent;
	draft_categories(&d, "woonsituatie.onderdak");
	memcpy(id, d.id, ID_BYTES);
	draft_submit(&w, &d, 6, 1);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_TOEGESTAAN);
}

/* All are there when that much time has passed: who is silent for long is taken for gone. */
static void wait(uint64_t ms)
{
	world_forget(&w);
	world_pass(&w, ms);
	world_credit(&w, DJI, 2, 10);
	world_credit(&w, POLITIE, 3, 10);
	world_credit(&w, ZVHD, 1, 10);
	world_credit(&w, ASSEN, 6, 10);
	world_round(&w);
}

static void answer(const uint8_t *id)
{
	struct draft d;

	draft_answer(&w, &d, DJI, casus, id);
	draft_to(&d, ASSEN_ID);
	d.m.header.answer_kind = "NIET_BEKEND";
	d.m.header.categories.n = d.m.n_parts = 0;
	draft_submit(&w, &d, 2, 2);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_TOEGESTAAN);
	world_forget(&w);
}

static void notice_is(uint64_t session, const char *rung, const uint8_t *id)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct receipt r;

	assert_int_equal(world_count(&w, session, WIRE_NOTICE), 1);
	world_receipt(&w, world_in(&w, session, WIRE_NOTICE, 0), arena, &r);
	assert_string_equal(receipt_rung(&r), rung);
	assert_memory_equal(r.statement.message_id, id, ID_BYTES);
}

/* A day before the end who did not answer is told so; after the end the asker and the voorzitter are. */
static void test_reminded(void **state)
{
	uint8_t id[ID_BYTES];

	(void)state;
	ask(id, 72, false);
	answer(id);
	wait(48 * HOUR_MS - 1);
	assert_int_equal(world_count(&w, 0, WIRE_NOTICE), 0);
	CHECK(core_due_ms(w.core) <= w.mono_ms + 1);
	wait(1);
	notice_is(3, "HERINNERD", id);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 0); /* it has answered */
	assert_int_equal(world_count(&w, 1, WIRE_NOTICE), 0); /* not yet anybody's business */
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 1);
	CHECK(has_rung(&w, ASSEN, 6, id, "HERINNERD", "politie-noord-nederland"));
	CHECK(has_rung(&w, POLITIE, 3, id, "HERINNERD", "politie-noord-nederland"));
	CHECK(!has_rung(&w, ASSEN, 6, id, "HERINNERD", "dji-pi-noord"));
	wait(24 * HOUR_MS);
	notice_is(6, "TERMIJN", id); /* who asked */
	notice_is(1, "TERMIJN", id); /* the voorzitter */
	assert_int_equal(world_count(&w, 3, WIRE_NOTICE), 0);
	CHECK(has_rung(&w, ASSEN, 6, id, "TERMIJN", ""));
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 1); /* once */
}

/* A restart between the two changes nothing. */
static void test_reminded_after_a_crash(void **state)
{
	uint8_t id[ID_BYTES];

	(void)state;
	ask(id, 72, false);
	world_pass(&w, 49 * HOUR_MS);
	world_crash(&w);
	world_must_start(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 1);
	world_crash(&w);
	world_must_start(&w);
	world_pass(&w, 24 * HOUR_MS);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 1);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 1);
	CHECK(has_rung(&w, ASSEN, 6, id, "TERMIJN", ""));
}

/* A deadline within a day needs no reminder; spoed shortens the time and nothing else. */
static void test_urgent(void **state)
{
	uint8_t id[ID_BYTES];

	(void)state;
	ask(id, 2, true);
	world_pass(&w, 2 * HOUR_MS + 1);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 0);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 1);
}

static void test_all_answered(void **state)
{
	struct store_cursor row;
	uint8_t id[ID_BYTES];
	struct draft d;

	(void)state;
	ask(id, 72, false);
	answer(id);
	draft_answer(&w, &d, POLITIE, casus, id);
	draft_to(&d, ASSEN_ID);
	d.m.header.answer_kind = "NIET_BEKEND";
	d.m.header.categories.n = d.m.n_parts = 0;
	draft_submit(&w, &d, 3, 3);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 3), CODE_TOEGESTAAN);
	world_pass(&w, 80 * HOUR_MS);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 0);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 0);
	CHECK_OK(store_first(w.store, KEYSPACE_DUE, SPAN_NONE, SPAN_NONE, &row)); /* what waits in inboxes lapses one day */
	CHECK(get_u64(row.key.ptr) > w.unix_ms);
}

/* Nobody can answer in a closed casus: nobody is reminded of it, and the voorzitter has nothing to see to. */
static void test_closed(void **state)
{
	uint8_t id[ID_BYTES];
	struct draft d;

	(void)state;
	ask(id, 72, false);
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	draft_submit(&w, &d, 1, 3);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 3), CODE_TOEGESTAAN);
	wait(80 * HOUR_MS);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 0);
	assert_int_equal(world_count(&w, 1, WIRE_NOTICE), 0);
}

/* The voorzitter is told only while he is on the casus: it would tell him that there is one. */
static void test_voorzitter_not_on_it(void **state)
{
	uint8_t id[ID_BYTES];
	struct draft d;

	(void)state;
	ask(id, 72, false);
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ASSEN, casus);
	d.release[0] = "zvhd-nazorg";
	d.m.body.betrekken.release = (struct text_list){ 1, d.release };
	draft_submit(&w, &d, 6, 3);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 3), CODE_TOEGESTAAN);
	wait(80 * HOUR_MS);
	assert_int_equal(world_count(&w, 6, WIRE_NOTICE), 1);
	assert_int_equal(world_count(&w, 1, WIRE_NOTICE), 0);
}

/* How long what nobody fetches waits is the house's own setting. */
static void test_queue_days(void **state)
{
	uint8_t id[ID_BYTES], other[ID_BYTES];

	(void)state;
	world_stop(&w);
	w.expiry_ms = 2 * DAY_MS;
	world_must_start(&w);
	world_casus(&w, other);
	world_ask(&w, other, id, 1, 1);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_TOEGESTAAN);
	world_pass(&w, 2 * DAY_MS - 1);
	world_round(&w);
	CHECK(!has_rung(&w, ZVHD, 1, id, "TERMIJN", "dji-pi-noord"));
	world_pass(&w, 1);
	world_round(&w);
	CHECK(has_rung(&w, ZVHD, 1, id, "TERMIJN", "dji-pi-noord"));
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reminded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reminded_after_a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_urgent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_voorzitter_not_on_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_days, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
