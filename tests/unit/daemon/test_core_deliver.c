/* SPDX-License-Identifier: EUPL-1.2 */
/* Delivery under windows, acknowledgement, withdrawal; what time does. */
#include "tests/unit/daemon/core_draft.h"

#include <string.h>

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 3, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void ask_n(uint8_t (*ids)[ID_BYTES], size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_ask(&w, casus, ids[i], 1, 100 + i);
	world_round(&w);
	for (size_t i = 0; i < n; i++)
		CHECK_IS(world_receipt_code(&w, 100 + i), CODE_TOEGESTAAN);
}

static void got_is(uint64_t session, size_t nth, const uint8_t *id)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	const struct in *in = world_in(&w, session, WIRE_DELIVERY, nth);
	struct delivery delivery;
	uint8_t got[ID_BYTES];

	CHECK(in != NULL);
	delivery_open(in, arena, &delivery, got);
	assert_memory_equal(got, id, ID_BYTES);
}

static void ack(int node, uint64_t session, uint64_t correlation, const uint8_t *ids, size_t n)
{
	struct draft d;

	draft_ack(&w, &d, node, ids, n);
	draft_submit(&w, &d, session, correlation);
}

static void test_window(void **state)
{
	uint8_t ids[5][ID_BYTES];

	(void)state;
	ask_n(ids, 5);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 0); /* nobody asked for any */
	world_credit(&w, DJI, 2, 2);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
	got_is(2, 0, ids[0]);
	got_is(2, 1, ids[1]);
	world_credit(&w, DJI, 2, 2); /* a window is absolute: repeating it gives nothing more */
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
	ack(DJI, 2, 200, ids[0], 1);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 3);
	got_is(2, 2, ids[2]);
	ack(DJI, 2, 201, ids[1], 2);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 5);
	got_is(2, 4, ids[4]);
}

static void test_reconnect(void **state)
{
	const struct ipc_frame gone = { .verb = IPC_GATE_GONE, .session = 2 };
	uint8_t ids[3][ID_BYTES];

	(void)state;
	ask_n(ids, 3);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	ack(DJI, 2, 200, ids[1], 1);
	world_round(&w);
	CHECK_OK(core_take(w.core, CORE_FROM_GATE, 0, &gone));
	world_credit(&w, DJI, 22, 10); /* from the oldest unacknowledged */
	world_round(&w);
	assert_int_equal(world_count(&w, 22, WIRE_DELIVERY), 2);
	got_is(22, 0, ids[0]);
	got_is(22, 1, ids[2]);
	world_crash(&w);
	world_must_start(&w);
	world_credit(&w, DJI, 23, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 23, WIRE_DELIVERY), 2);
	got_is(23, 0, ids[0]);
}

/* A session that takes and never answers stands in nobody's way: not of its node's other session, not of other nodes. */
static void test_dead_session(void **state)
{
	uint8_t ids[4][ID_BYTES];

	(void)state;
	world_credit(&w, DJI, 2, 1);
	world_credit(&w, DJI, 22, 10);
	world_credit(&w, ASSEN, 6, 10);
	ask_n(ids, 4);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	assert_int_equal(world_count(&w, 22, WIRE_DELIVERY), 4);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 4);
	/* What one session acknowledges is done for the node: the other is not given it any more. */
	ack(DJI, 22, 200, ids[0], 4);
	world_round(&w);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
}

static void test_again(void **state)
{
	uint8_t ids[1][ID_BYTES];

	(void)state;
	world_credit(&w, DJI, 2, 10);
	ask_n(ids, 1);
	world_pass(&w, 40000);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
	ack(DJI, 2, 200, ids[0], 1);
	world_round(&w);
	world_pass(&w, 40000);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
}

static void test_ack(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	uint8_t ids[2][ID_BYTES];
	struct receipt receipt;
	struct span value;
	uint64_t size;

	(void)state;
	ask_n(ids, 2);
	size = world_size(&w);
	ack(DJI, 2, 200, ids[0], 2);
	world_round(&w);
	assert_int_equal(world_size(&w), size + 2);
	world_receipt(&w, world_answer(&w, 200, WIRE_RECEIPT), arena, &receipt);
	assert_string_equal(receipt_rung(&receipt), "AFGELEVERD");
	assert_memory_equal(receipt.statement.message_id, ids[0], ID_BYTES);
	CHECK_OK(store_get(w.store, KEYSPACE_MESSAGE, SPAN_OF(ids[0]), &value)); /* Assen has yet to fetch it */
	ack(DJI, 2, 201, ids[0], 2);
	world_round(&w);
	assert_int_equal(world_size(&w), size + 2);
	CHECK_BUFFER(&world_answer(&w, 201, WIRE_REPLY)->body, "al-ontvangen");
	ack(ASSEN, 6, 202, ids[0], 1);
	ack(GGZ, 5, 203, ids[1], 1); /* was never sent to GGZ */
	world_round(&w);
	CHECK_IS(store_get(w.store, KEYSPACE_MESSAGE, SPAN_OF(ids[0]), &value), STORE_E_ABSENT);
	CHECK_OK(store_get(w.store, KEYSPACE_STATE, SPAN_OF(ids[0]), &value));
	CHECK(world_answer(&w, 203, WIRE_REPLY) != NULL);
	assert_int_equal(world_entries(&w, ENTRY_AFGELEVERD, CODE_TOEGESTAAN), 3);
}

static void test_ack_of_another(void **state)
{
	uint8_t ids[1][ID_BYTES];
	struct draft d;

	(void)state;
	ask_n(ids, 1);
	draft_ack(&w, &d, GGZ, ids[0], 1);
	d.m.header.sender = "dji-pi-noord";
	draft_submit(&w, &d, 5, 200);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 200), CODE_DEELNEMER_ONBEVOEGD);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
}

static void test_close(void **state)
{
	uint8_t ids[3][ID_BYTES];
	struct store_cursor cursor;
	struct draft d;

	(void)state;
	ask_n(ids, 3);
	world_credit(&w, DJI, 2, 1);
	world_credit(&w, ZVHD, 1, 10);
	ack(ASSEN, 6, 200, ids[0], 1);
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	draft_to(&d, "dji-pi-noord");
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_TOEGESTAAN);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_CASUS_AFGESLOTEN), 3);
	assert_int_equal(world_count(&w, 1, WIRE_NOTICE), 4); /* one delivered, three withdrawn */
	world_credit(&w, ASSEN, 6, 10);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 0);
	got_is(2, world_count(&w, 2, WIRE_DELIVERY) - 1, d.id); /* that it was closed */
	CHECK_IS(store_get(w.store, KEYSPACE_MESSAGE, SPAN_OF(ids[0]), &cursor.value), STORE_E_ABSENT);
}

/* Who left the casus gets nothing more of it, but for the word that it left; the others do. */
static void test_left(void **state)
{
	uint8_t ids[2][ID_BYTES];
	struct draft d;

	(void)state;
	ask_n(ids, 2);
	world_credit(&w, ZVHD, 1, 10);
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.involve[0] = "dji-pi-noord";
	d.m.body.betrekken.release = (struct text_list){ 1, d.involve };
	draft_to(&d, "dji-pi-noord");
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_TOEGESTAAN);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_NIET_BETROKKEN_BIJ_CASUS), 2);
	world_credit(&w, DJI, 2, 10);
	world_credit(&w, ASSEN, 6, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	got_is(2, 0, d.id);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 2);
	world_pass(&w, 31 * DAY_MS); /* what was left of it for the others lapses as ever */
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_NIET_BETROKKEN_BIJ_CASUS), 2);
	CHECK(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN) >= 2);
}

/* More waits than one batch withdraws: the rest follows by itself, also after a crash, and the notice of the end stays. */
static void test_close_under_many(void **state)
{
	static uint8_t ids[150][ID_BYTES];
	size_t n;
	struct draft d;

	(void)state;
	ask_n(ids, 150);
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	draft_to(&d, "dji-pi-noord");
	draft_submit(&w, &d, 1, 300);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_TOEGESTAAN);
	n = world_entries(&w, ENTRY_TERMIJN, CODE_CASUS_AFGESLOTEN);
	CHECK(n > 0 && n < 150);
	CHECK(core_due_ms(w.core) <= w.mono_ms + 1);
	world_crash(&w);
	world_must_start(&w);
	for (int i = 0; i < 3; i++) {
		world_pass(&w, 1);
		world_round(&w);
	}
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_CASUS_AFGESLOTEN), 150);
	world_forget(&w);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
	got_is(2, 0, d.id);
}

static void test_deadline(void **state)
{
	uint8_t ids[1][ID_BYTES];
	uint64_t size;
	struct draft d;

	(void)state;
	world_credit(&w, ZVHD, 1, 10);
	ask_n(ids, 1);
	draft_answer(&w, &d, DJI, casus, ids[0]);
	draft_submit(&w, &d, 2, 200);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 200), CODE_TOEGESTAAN);
	size = world_size(&w);
	world_pass(&w, 3 * DAY_MS + 1);
	world_credit(&w, ZVHD, 12, 10);
	CHECK(core_due_ms(w.core) <= w.mono_ms);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 1);
	assert_int_equal(world_size(&w), size + 1);
	assert_int_equal(world_count(&w, 12, WIRE_NOTICE), 1);
	world_pass(&w, 3 * DAY_MS);
	world_round(&w);
	assert_int_equal(world_size(&w), size + 1); /* once */
}

static void test_answered_in_time(void **state)
{
	uint8_t ids[1][ID_BYTES];
	uint64_t size;
	struct draft d;

	(void)state;
	ask_n(ids, 1);
	draft_answer(&w, &d, DJI, casus, ids[0]);
	draft_submit(&w, &d, 2, 200);
	draft_answer(&w, &d, ASSEN, casus, ids[0]);
	draft_submit(&w, &d, 6, 201);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 201), CODE_TOEGESTAAN);
	size = world_size(&w);
	world_pass(&w, 4 * DAY_MS);
	world_round(&w);
	assert_int_equal(world_size(&w), size);
}

static void test_expiry(void **state)
{
	uint8_t ids[1][ID_BYTES];
	struct span value;

	(void)state;
	ask_n(ids, 1);
	ack(DJI, 2, 200, ids[0], 1);
	world_round(&w);
	world_pass(&w, 31 * DAY_MS);
	world_credit(&w, ZVHD, 12, 10);
	world_round(&w);
	/* The deadline and the expiry: one entry each, about Assen; the asker is told of both. */
	assert_int_equal(world_count(&w, 12, WIRE_NOTICE), 2);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 2);
	CHECK_IS(store_get(w.store, KEYSPACE_MESSAGE, SPAN_OF(ids[0]), &value), STORE_E_ABSENT);
	world_credit(&w, ASSEN, 6, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 0);
	assert_int_equal(core_due_ms(w.core) > w.mono_ms, true);
}

/* Receipts wait for the signature, deliveries do not; one signature for all that waits. */
static void test_signature(void **state)
{
	uint8_t ids[2][ID_BYTES];

	(void)state;
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	w.keeper_silent = true;
	world_ask(&w, casus, ids[0], 1, 100);
	world_round(&w);
	world_ask(&w, casus, ids[1], 1, 101);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 2);
	assert_int_equal(world_count(&w, 0, WIRE_RECEIPT), 0);
	CHECK(!core_idle(w.core));
}

static void test_many(void **state)
{
	uint8_t ids[300][ID_BYTES];
	size_t n = 0;

	(void)state;
	world_credit(&w, ASSEN, 6, 2000);
	for (size_t i = 0; i < 300; i++) {
		world_ask(&w, casus, ids[i], 1, 1000 + i);
		if (core_full(w.core))
			CHECK_OK(core_commit(w.core));
	}
	world_round(&w);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 300);
	for (size_t i = 0; i < 300; i += 60)
		ack(ASSEN, 6, 5000 + n++, ids[i], 60);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_AFGELEVERD, CODE_TOEGESTAAN), 300);
	CHECK(w.credit >= 306);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_window, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reconnect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dead_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ack_of_another, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_under_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answered_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signature, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
