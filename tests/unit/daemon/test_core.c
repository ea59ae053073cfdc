/* SPDX-License-Identifier: EUPL-1.2 */
/* An exchange from beginning to end, and what each side sees of it. */
#include "tests/unit/daemon/core_world.h"

#include <string.h>

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_open(&w, 1);
	world_must_start(&w);
	world_mandates(&w);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exchange, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
