/* SPDX-License-Identifier: EUPL-1.2 */
/* Starts: the first, after a stop, after a crash; and those that must not succeed. */
#include "tests/unit/daemon/core_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_open(&w, 5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void test_first(void **state)
{
	(void)state;
	world_must_start(&w);
	assert_int_equal(world_entries(&w, ENTRY_BEHEER, CODE_TOEGESTAAN), 1);
	assert_int_equal(world_entries(&w, ENTRY_REGELS, CODE_TOEGESTAAN), 3);
	assert_int_equal(world_size(&w), 4);
	assert_int_equal(w.n_allows, 1);
	assert_int_equal(w.credit, 1024);
	world_stop(&w);
	world_must_start(&w); /* a graceful stop leaves nothing to say */
	assert_int_equal(world_size(&w), 4);
	world_crash(&w);
	world_must_start(&w);
	assert_int_equal(world_size(&w), 5);
	assert_int_equal(world_entries(&w, ENTRY_BEHEER, CODE_TOEGESTAAN), 2);
}

static void test_bye(void **state)
{
	(void)state;
	world_must_start(&w);
	world_credit(&w, DJI, 2, 1);
	world_round(&w);
	world_stop(&w);
	assert_int_equal(world_count(&w, 2, WIRE_BYE), 1);
}

static void must_not_start(const char *why)
{
	CHECK_IS(world_start(&w), CORE_E_START);
	if (!strstr(w.why, why))
		fail_msg("refused, but for: %s", w.why);
}

/* A second world's log in place of ours: the keeper knows better. */
static void test_fork(void **state)
{
	char *data = strdup(test_path(w.folder, "data")), *kept = strdup(test_path(w.folder, "kept"));

	(void)state;
	world_must_start(&w);
	world_stop(&w);
	CHECK(rename(data, kept) == 0);
	must_not_start("set back to an older state"); /* an empty store: behind */
	CHECK(rename(data, test_path(w.folder, "empty")) == 0);
	CHECK(rename(kept, data) == 0);
	world_must_start(&w);
	world_stop(&w);
	free(data);
	free(kept);
}

/* The same size, another history. */
static void test_fork_same_size(void **state)
{
	struct keeper *theirs;

	(void)state;
	world_must_start(&w);
	world_stop(&w);
	theirs = w.keeper;
	w.keeper = NULL;
	{
		static struct world other;

		world_open(&other, 77);
		world_must_start(&other);
		world_stop(&other);
		w.keeper = other.keeper;
		must_not_start("fork");
		w.keeper = theirs;
		world_close(&other);
	}
	world_must_start(&w);
}

/* A keeper without its head file begins anew, and would sign any history. */
static void test_keeper_forgot(void **state)
{
	char *head = strdup(test_path(w.folder, "keeper/head")), *kept = strdup(test_path(w.folder, "head"));

	(void)state;
	world_must_start(&w);
	world_stop(&w);
	keeper_freep(&w.keeper);
	CHECK(rename(head, kept) == 0);
	world_keeper(&w);
	must_not_start("keeper_dir was lost");
	CHECK(rename(kept, head) == 0);
	world_keeper(&w);
	world_must_start(&w);
	free(head);
	free(kept);
}

static void test_wrong_keys(void **state)
{
	(void)state;
	world_must_start(&w);
	world_stop(&w);
	w.other_store_key = true;
	must_not_start("store_key");
	w.other_store_key = false;
	world_must_start(&w);
}

static void test_rules_refused(void **state)
{
	(void)state;
	w.notes[2].ptr[40] ^= 1; /* the convenant's text no longer fits its signatures */
	must_not_start("convenant");
	w.notes[2].ptr[40] ^= 1;
	buffer_reset(&w.trust);
	buffer_text(&w.trust, "quorum 2\nstewart x\n");
	must_not_start("trust, line 2");
	buffer_reset(&w.trust);
	buffer_text(&w.trust, "quorum 2\n");
	must_not_start("trust: the quorum");
}

static void test_no_rules(void **state)
{
	struct buffer none = { 0 }, kept = w.notes[0];

	(void)state;
	w.notes[0] = none;
	CHECK_IS(world_start(&w), CORE_E_START);
	w.notes[0] = kept;
	world_must_start(&w);
}

static void test_clock(void **state)
{
	uint8_t casus[ID_BYTES];
	uint64_t last = 0;

	(void)state;
	world_must_start(&w);
	world_mandates(&w);
	world_casus(&w, casus);
	w.unix_ms -= 60000;
	world_casus(&w, casus);
	world_crash(&w);
	w.unix_ms -= 30000;
	world_must_start(&w);
	world_casus(&w, casus);
	for (uint64_t i = 0; i < world_size(&w); i++) {
		struct span bytes;
		struct entry e;

		CHECK_OK(store_entry(w.store, i, &bytes));
		CHECK_OK(entry_parse(bytes, &e));
		CHECK(e.time_unix_ms >= last);
		last = e.time_unix_ms;
	}
	assert_int_equal(last, WORLD_NOW);
}

/* What was in force when the house stopped is in force when it starts, with or without the folder of notes. */
static void test_rules_stay(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct newcomer newcomer;
	uint64_t size;

	(void)state;
	world_must_start(&w);
	newcomer_make(&newcomer);
	world_register_next(&w, &newcomer.admission, &note);
	newcomer_free(&newcomer);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_REPLY);
	world_stop(&w);
	size = 0;
	world_must_start(&w); /* the folder still has the register of before */
	world_control(&w, IPC_CTL_STATUS, 0, SPAN_NONE);
	world_round(&w);
	CHECK(memmem(w.control.ptr, w.control.len, "\"register_sequence\":2", 21) != NULL);
	size = world_size(&w);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_round(&w);
	CHECK(memmem(w.control.ptr, w.control.len, "al-in-werking", 13) != NULL);
	assert_int_equal(world_size(&w), size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bye, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fork, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fork_same_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keeper_forgot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules_stay, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
