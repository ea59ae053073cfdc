/* SPDX-License-Identifier: EUPL-1.2 */
/* The log checks itself: at what pace, what it finds, and what follows. */
#include "tests/unit/daemon/core_draft.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/evidence.h"
#include "daemon/core/receipts.h"
#include "daemon/core/selfproof.h"
#include "daemon/store/store_impl.h"

#define ENTRIES 6000 /* more than a start must look at */

static struct world w;

static int setup(void **state)
{
	const struct evidence e = { .kind = ENTRY_BEHEER, .type = "proef" };

	(void)state;
	world_open(&w, 7);
	w.map_bytes = UINT64_C(256) << 20;
	world_must_start(&w);
	world_mandates(&w);
	while (world_size(&w) < ENTRIES)
		CHECK_OK(evidence_write(w.core, &e, NULL));
	world_round(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

/* Behind the store's back. */
static void damage(enum keyspace space, struct span key, size_t at)
{
	CLEANUP(buffer_fini) struct buffer value = { 0 };
	struct span row;

	CHECK_OK(state_get(w.store->state, space, key, &row));
	buffer_bytes(&value, row);
	value.ptr[at] ^= 1;
	CHECK_OK(state_batch_begin(w.store->state));
	state_put(w.store->state, space, key, buffer_span(&value));
	CHECK_OK(state_batch_commit(w.store->state));
}

static void damage_entry(uint64_t index)
{
	uint8_t key[8];

	put_u64(key, index);
	damage(KEYSPACE_ENTRY, SPAN_OF(key), 40);
}

static struct selfproof_state state_now(void)
{
	struct selfproof_state s;

	selfproof_state(w.core, &s);
	return s;
}

/* Rounds of ms each, until the pass under way is over; how many. */
static size_t pass(uint64_t ms)
{
	size_t n = 0;

	do {
		world_pass(&w, ms);
		world_round(&w);
		n++;
		assert_true(n < 1000);
	} while (!strcmp(state_now().state, "bezig"));
	return n;
}

static void status_has(const char *text)
{
	world_control(&w, IPC_CTL_STATUS, 0, SPAN_NONE);
	world_round(&w);
	if (!memmem(w.control.ptr, w.control.len, text, strlen(text)))
		fail_msg("%s is not in %.*s", text, (int)w.control.len, (const char *)w.control.ptr);
}

static void test_whole(void **state)
{
	uint64_t size = world_size(&w), done;

	(void)state;
	assert_string_equal(state_now().state, "bezig");
	assert_int_equal(state_now().checked_unix_ms, 0);
	assert_true(pass(10) >= size / 256);
	assert_int_equal(state_now().checked_entries, size);
	status_has("\"self_check\":{\"state\":\"heel\"");
	done = state_now().checked_unix_ms;
	world_pass(&w, DAY_MS - 1000);
	world_round(&w);
	assert_string_equal(state_now().state, "heel");
	world_pass(&w, 1000);
	world_round(&w);
	assert_string_equal(state_now().state, "bezig");
	pass(10);
	assert_true(state_now().checked_unix_ms >= done + DAY_MS);
	world_stop(&w);
	world_must_start(&w);
	assert_true(state_now().checked_unix_ms >= done + DAY_MS); /* remembered */
}

/* While there is other work: one piece a second, and one all the same. */
static void test_busy(void **state)
{
	uint64_t before;
	struct draft d;

	(void)state;
	w.keeper_silent = true; /* a signature that is always awaited */
	draft_begin(&w, &d, MESSAGE_INZAGE, ZVHD, NULL);
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	before = state_now().position;
	for (int i = 0; i < 40; i++) {
		world_pass(&w, 100);
		world_round(&w);
	}
	assert_in_range(state_now().position - before, 3 * 256, 4 * 256);
	world_keeper_speaks(&w);
}

static void signs_nothing(void)
{
	uint8_t casus[ID_BYTES] = { 1 }, id[ID_BYTES];
	uint64_t size = world_size(&w), signed_size;

	world_ask(&w, casus, id, 1, 77);
	CHECK_OK(core_commit(w.core));
	world_handout(&w);
	CHECK_OK(core_commit(w.core));
	assert_int_equal(world_size(&w), size + 1);
	assert_null(world_answer(&w, 77, WIRE_RECEIPT));
	assert_true(receipts_head(w.core, &signed_size).len > 0);
	assert_int_equal(signed_size, size);
}

/* A start that has time for the newest entries only. */
static int start_in_haste(void)
{
	int r;

	w.mono_step_ms = 10000;
	r = world_start(&w);
	w.mono_step_ms = 0;
	return r;
}

static void put_right(uint64_t index)
{
	const struct store_options usual = { .folder = test_path(w.folder, "data"), .map_bytes = w.map_bytes, .segment_bytes = 4u << 20,
					     .env = &w.env, .io = &w.io };
	char why[200];

	w.mono_step_ms = 10000;
	CHECK_OK(store_open(&usual, &w.store, why));
	w.mono_step_ms = 0;
	damage_entry(index);
	CHECK_OK(store_begin(w.store));
	CHECK_OK(store_put(w.store, KEYSPACE_META, SPAN_LITERAL("test"), SPAN_NONE));
	CHECK_OK(store_commit(w.store));
	CHECK_OK(store_checkpoint(w.store));
	w.store = store_free(w.store);
}

static void test_entry(void **state)
{
	(void)state;
	damage_entry(700);
	pass(10);
	assert_string_equal(state_now().state, "gebroken");
	assert_non_null(strstr(state_now().fault, "entry 700 "));
	status_has("\"fault\":\"entry 700 differs from its leaf in the tree\"");
	signs_nothing();
	world_stop(&w);
	CHECK_IS(start_in_haste(), CORE_E_START);
	assert_non_null(strstr(w.why, "the log is broken: entry 700 "));
	put_right(700);
	CHECK_OK(start_in_haste());
	pass(10);
	assert_string_equal(state_now().state, "heel");
	world_round(&w); /* and signs again */
	assert_true(core_idle(w.core));
}

static void test_node(void **state)
{
	uint8_t key[9] = { 5 };

	(void)state;
	put_u64(key + 1, 17);
	damage(KEYSPACE_TREE, SPAN_OF(key), 0);
	pass(10);
	assert_string_equal(state_now().state, "gebroken");
	assert_non_null(strstr(state_now().fault, "node 17 of level 5"));
	signs_nothing();
}

static void test_head(void **state)
{
	struct store_cursor row;
	uint8_t key[8];

	(void)state;
	CHECK_OK(store_first(w.store, KEYSPACE_HEAD, SPAN_NONE, SPAN_NONE, &row));
	assert_int_equal(row.key.len, sizeof key);
	memcpy(key, row.key.ptr, sizeof key);
	damage(KEYSPACE_HEAD, SPAN_OF(key), row.value.len - 10);
	pass(10);
	assert_string_equal(state_now().state, "gebroken");
	assert_non_null(strstr(state_now().fault, "is not signed by the key of this log"));
	signs_nothing();
}

/* ---- decisions ---- */

static int decided_setup(void **state)
{
	uint8_t casus[ID_BYTES], request[ID_BYTES];
	static char category[200];
	struct draft d;

	(void)state;
	world_begin(&w, 17, casus);
	world_ask(&w, casus, request, 1, 1);
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.grondslag = "Bjsg 1";
	draft_submit(&w, &d, 1, 2);
	draft_ask(&w, &d, casus, "dji-pi-noord");
	memset(category, 'x', sizeof category - 1); /* longer than is kept of it */
	d.m.header.doel = category;
	draft_submit(&w, &d, 1, 3);
	world_round(&w);
	assert_int_not_equal(world_receipt_code(&w, 2), CODE_TOEGESTAAN);
	assert_int_not_equal(world_receipt_code(&w, 3), CODE_TOEGESTAAN);
	return 0;
}

static uint64_t newest_input(void)
{
	uint8_t key[8];
	struct span row;

	for (uint64_t i = world_size(&w); i--;) {
		put_u64(key, i);
		if (!store_get(w.store, KEYSPACE_INPUT, SPAN_OF(key), &row))
			return i;
	}
	fail();
	return 0;
}

static void still_signs(void)
{
	uint8_t casus[ID_BYTES] = { 1 }, id[ID_BYTES];

	world_ask(&w, casus, id, 1, 77);
	world_round(&w);
	assert_non_null(world_answer(&w, 77, WIRE_RECEIPT));
}

static void test_decisions(void **state)
{
	size_t n = world_replays(&w);
	struct selfproof_state s;

	(void)state;
	assert_true(n >= 14);
	pass(10);
	s = state_now();
	assert_int_equal(s.decisions.agreed, n);
	assert_int_equal(s.decisions.odd, 0);
	assert_string_equal(s.decisions.fault, "");
	status_has("\"decisions\":{\"agreed\":");
	world_stop(&w);
	world_must_start(&w);
	assert_int_equal(state_now().decisions.agreed, n); /* remembered */
	assert_int_equal(state_now().decisions.done_unix_ms, s.decisions.done_unix_ms);
}

/* A house that wrote down another decision than its rules give: entry, record and input belong together, and the log is whole. */
static void test_decided_otherwise(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	CLEANUP(buffer_fini) struct buffer input = { 0 };
	struct decision allowed = { .code = CODE_TOEGESTAAN };
	const uint64_t refused = newest_input();
	struct evidence e = { .kind = ENTRY_BERICHT, .type = "verzoek", .decision = &allowed };
	struct replay replay;
	char named[40];
	uint64_t n;

	(void)state;
	CHECK_OK(evidence_input(w.core, refused, &input));
	CHECK_OK(replay_decode(buffer_span(&input), arena, &replay));
	e.replay = &replay;
	e.message = &replay.message;
	CHECK_OK(evidence_write(w.core, &e, NULL));
	world_round(&w);
	pass(10);
	snprintf(named, sizeof named, "entry %llu: decided TOEGESTAAN", (unsigned long long)newest_input());
	assert_int_equal(newest_input(), refused + 1);
	assert_string_equal(state_now().state, "heel");
	assert_int_equal(state_now().decisions.odd, 1);
	assert_non_null(strstr(state_now().decisions.fault, named));
	status_has(named);
	n = state_now().decisions.agreed;
	assert_true(n >= 14);
	still_signs();
}

/* What a decision rested on was changed, or put in the place of another's. */
static void test_input(void **state)
{
	CLEANUP(buffer_fini) struct buffer input = { 0 };
	uint64_t index = newest_input();
	char named[60];
	uint8_t key[8];
	struct span row;

	(void)state;
	put_u64(key, index - 1);
	CHECK_OK(state_get(w.store->state, KEYSPACE_INPUT, SPAN_OF(key), &row));
	buffer_bytes(&input, row);
	put_u64(key, index);
	CHECK_OK(state_batch_begin(w.store->state));
	state_put(w.store->state, KEYSPACE_INPUT, SPAN_OF(key), buffer_span(&input));
	CHECK_OK(state_batch_commit(w.store->state));
	pass(10);
	snprintf(named, sizeof named, "entry %llu: ", (unsigned long long)index);
	assert_non_null(strstr(state_now().decisions.fault, named));
	assert_string_equal(state_now().state, "heel");
	still_signs();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_head, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decisions, decided_setup, teardown),
		cmocka_unit_test_setup_teardown(test_decided_otherwise, decided_setup, teardown),
		cmocka_unit_test_setup_teardown(test_input, decided_setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
