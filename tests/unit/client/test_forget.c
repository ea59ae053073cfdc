/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a node forgets, and when: by the date the house gave, because the house shows a casus no more; and what it keeps: what waits to
 * be sent, what nobody looked at yet, everything when the house can't be asked or talks nonsense.
 */
#include <string.h>

#include "client/lib/forget.h"
#include "tests/unit/client/little_house.h"

#define TIMEOUT_MS 5000
#define DAY_MS UINT64_C(86400000)

static struct paper_house paper;
static struct little_house *house;
static kp_node *node;
static uint64_t ahead_ms;
static struct casus casussen[8];

static uint64_t clock_unix(void *ctx UNUSED)
{
	return env_unix_ms(env_system()) + ahead_ms;
}

static uint64_t clock_mono(void *ctx UNUSED)
{
	return env_mono_ms(env_system());
}

static void clock_random(void *ctx UNUSED, uint8_t *out, size_t len)
{
	env_random(env_system(), out, len);
}

static const struct env env = { clock_unix, clock_mono, clock_random, NULL };

static int setup(void **state)
{
	const char *home;

	(void)state;
	ahead_ms = 0;
	paper_house_new(&paper, little_endpoint());
	home = paper_join(&paper, "politie", (const char *const[]){ "politie-noord-nederland", NULL });
	house = little_house_new(&paper);
	node = paper_open(home);
	node->env = &env;
	memset(casussen, 0, sizeof casussen);
	for (unsigned i = 0; i < N_ELEMENTS(casussen); i++) {
		memset(casussen[i].id, (int)i + 1, ID_BYTES);
		casussen[i].phase = PHASE_VERZAMELEN;
		casussen[i].regime = REGIME_OVERIG;
		casussen[i].opened_unix_ms = 1;
		casussen[i].expires_unix_ms = env_unix_ms(&env) + 100 * DAY_MS;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	node->env = env_system();
	kp_close(node);
	little_house_free(house);
	paper_house_free(&paper);
	return 0;
}

static void received(unsigned casus, unsigned n, enum kp_item_state to)
{
	struct item item = { .kind = MESSAGE_VERZOEK, .envelope = SPAN_LITERAL("envelope") };
	bool fresh;

	memset(item.id, (int)(100 + n), ID_BYTES);
	memcpy(item.casus, casussen[casus].id, ID_BYTES);
	CHECK_OK(state_take(node->state, &item, 1, &fresh));
	if (to)
		CHECK_OK(state_item_set(node->state, item.id, to));
}

static void waits(unsigned casus, unsigned n)
{
	struct sent sent = { .kind = MESSAGE_AANMELDING, .held = true, .envelope = SPAN_LITERAL("envelope") };

	memset(sent.id, (int)(100 + n), ID_BYTES);
	memcpy(sent.casus, casussen[casus].id, ID_BYTES);
	sent.leaves_unix_ms = env_unix_ms(&env) + DAY_MS / 2; /* not yet */
	CHECK_OK(state_send(node->state, &sent, 1));
}

static struct state_casus is(unsigned casus)
{
	struct state_casus page[16];
	uint8_t from[ID_BYTES] = { 0 };
	size_t n;

	CHECK_OK(state_casussen(node->state, from, page, 16, &n));
	for (size_t i = 0; i < n; i++)
		if (!memcmp(page[i].id, casussen[casus].id, ID_BYTES))
			return page[i];
	fail_msg("casus %u is not known here", casus);
	return page[0];
}

static bool held(unsigned casus)
{
	return !is(casus).ended_unix_ms;
}

static void ask_now(void)
{
	forget_turn(node, TIMEOUT_MS, true);
}

static void test_by_the_clock(void **state)
{
	(void)state;
	received(0, 1, KP_ITEM_NEW);
	received(1, 2, KP_ITEM_DONE);
	CHECK_OK(state_view_set(node->state, casussen[0].id, SPAN_LITERAL("view"), env_unix_ms(&env) + 5 * DAY_MS));
	CHECK_OK(forget_ended(node));
	CHECK(held(0) && held(1));
	ahead_ms = 5 * DAY_MS + 1000;
	CHECK_OK(forget_ended(node));
	CHECK(!held(0) && held(1)); /* of the other the house never gave a date */
}

static size_t n_told, n_messages;

static bool tell(void *ctx, const struct kp_destroyed *d)
{
	(void)ctx;
	CHECK(d->destroyed_unix_ms > 0 && strlen(d->casus) == KP_ID_SIZE - 1);
	n_told++;
	n_messages += d->n_messages;
	return true;
}

static void test_by_asking(void **state)
{
	struct kp_error err;

	(void)state;
	received(0, 1, KP_ITEM_DONE); /* is listed, on the second page */
	received(1, 2, KP_ITEM_DONE); /* is gone */
	received(2, 3, KP_ITEM_DONE);
	received(2, 4, KP_ITEM_NEW);  /* is gone, and nobody looked yet */
	waits(3, 5);                  /* the house never saw it */
	received(4, 6, KP_ITEM_INTERRUPTED);
	{
		struct casus last[4] = { casussen[5], casussen[6], casussen[7], casussen[0] };

		little_house_casussen(house, last, 4);
		ask_now();
		CHECK(held(0) && is(0).expires_unix_ms == casussen[0].expires_unix_ms && !is(0).gone_unix_ms);
		CHECK(!held(1) && held(2) && held(3) && !held(4));
		CHECK(is(2).gone_unix_ms > 0 && !is(3).gone_unix_ms);
		ahead_ms = 6 * DAY_MS;
		ask_now();
		CHECK(held(2));
		ahead_ms = 8 * DAY_MS;
		ask_now();
		CHECK(!held(2) && held(0));
		/* One that comes back is held as before. */
		received(1, 7, KP_ITEM_DONE);
		last[0] = casussen[1];
		ask_now();
		CHECK(held(1));
		ahead_ms = 101 * DAY_MS;
		CHECK_OK(forget_ended(node));
		CHECK(!held(0) && !held(1));
		little_house_casussen(house, NULL, 0);
	}
	n_told = n_messages = 0;
	CHECK_IS((int)kp_destroyed(node, tell, NULL, &err), KP_OK);
	assert_int_equal(n_told, 4);
	assert_int_equal(n_messages, 1 + 1 + 2 + 1);
}

/* A house that is away, or says what can't be read, is no reason to destroy anything. */
static void test_no_answer(void **state)
{
	(void)state;
	received(0, 1, KP_ITEM_DONE);
	ask_now(); /* nonsense for casussen */
	CHECK(held(0) && !is(0).gone_unix_ms);
	little_house_free(house);
	ahead_ms = DAY_MS;
	forget_turn(node, 300, true);
	CHECK(held(0) && !is(0).gone_unix_ms);
	house = little_house_new(&paper);
}

/* Gone, and then somebody answers after all: what waits is not destroyed under way. */
static void test_answered_late(void **state)
{
	static const struct casus none;

	(void)state;
	little_house_casussen(house, &none, 0);
	received(0, 1, KP_ITEM_NEW);
	ask_now();
	CHECK(held(0) && is(0).gone_unix_ms);
	waits(0, 2);
	ahead_ms = 8 * DAY_MS;
	CHECK_OK(forget_ended(node));
	CHECK(held(0));
	little_house_casussen(house, NULL, 0);
}

/* Unasked it looks twice a day. */
static void test_how_often(void **state)
{
	static const struct casus none;

	(void)state;
	little_house_casussen(house, &none, 0);
	ask_now();
	received(0, 1, KP_ITEM_DONE);
	ahead_ms = DAY_MS / 3;
	forget_turn(node, TIMEOUT_MS, false);
	CHECK(held(0));
	ahead_ms = DAY_MS / 2 + 60000;
	forget_turn(node, TIMEOUT_MS, false);
	CHECK(!held(0));
	little_house_casussen(house, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_the_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_asking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answered_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_how_often, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
