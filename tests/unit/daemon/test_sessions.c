/* SPDX-License-Identifier: EUPL-1.2 */
/* The gate's tables without a network: sessions, peers and their rates, accounts. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gate/limiter.h"
#include "daemon/gate/sessions.h"
#include "tests/lib/harness.h"

#define GONE_MAX 4096

struct gone {
	size_t n;
	uint64_t v[GONE_MAX];
};

static void gone_note(void *ctx, uint64_t id)
{
	struct gone *g = ctx;

	assert_true(g->n < GONE_MAX);
	g->v[g->n++] = id;
}

static void key_of(unsigned number, uint8_t key[KEY_BYTES])
{
	memset(key, 0, KEY_BYTES);
	put_u32(key + 7, number);
}

static void list_of(const unsigned *numbers, size_t n, struct buffer *out)
{
	buffer_init(out, 0);
	for (size_t i = 0; i < n; i++) {
		uint8_t key[KEY_BYTES];

		key_of(numbers[i], key);
		buffer_u8(out, numbers[i] % 2 ? IPC_CLASS_NODE : IPC_CLASS_ENROL);
		buffer_bytes(out, SPAN_OF(key));
	}
}

static void admit(struct peers *p, const unsigned *numbers, size_t n, uint64_t now_ms)
{
	struct buffer list;

	list_of(numbers, n, &list);
	CHECK_OK(peers_replace(p, buffer_span(&list), now_ms));
	buffer_fini(&list);
}

static struct peer *peer_of(struct peers *p, unsigned number)
{
	uint8_t key[KEY_BYTES];

	key_of(number, key);
	return peers_find(p, key);
}

static void test_the_list_of_keys(void **state UNUSED)
{
	static const unsigned first[] = { 5, 1, 4, 2 }, second[] = { 1, 9 };
	CLEANUP(peers_freep) struct peers *p = NULL;

	CHECK_OK(peers_new(10, 10, &p));
	assert_false(peers_known(p));
	assert_null(peer_of(p, 1));
	admit(p, first, N_ELEMENTS(first), 0);
	assert_true(peers_known(p));
	assert_int_equal(peer_of(p, 1)->class, IPC_CLASS_NODE);
	assert_int_equal(peer_of(p, 4)->class, IPC_CLASS_ENROL);
	assert_null(peer_of(p, 3));
	admit(p, second, N_ELEMENTS(second), 0);
	assert_null(peer_of(p, 5));
	assert_non_null(peer_of(p, 9));
	CHECK_OK(peers_replace(p, SPAN_NONE, 0));
	assert_null(peer_of(p, 1));
	assert_true(peers_known(p)); /* nobody is a list, too */
}

static void test_bad_lists_change_nothing(void **state UNUSED)
{
	static const unsigned good[] = { 1 }, twice[] = { 3, 4, 3 };
	CLEANUP(peers_freep) struct peers *p = NULL;
	struct buffer list;

	CHECK_OK(peers_new(10, 10, &p));
	admit(p, good, 1, 0);
	list_of(twice, 3, &list);
	CHECK_IS(peers_replace(p, buffer_span(&list), 0), PEERS_E_MALFORMED);
	CHECK_IS(peers_replace(p, span_of(list.ptr, 32), 0), PEERS_E_MALFORMED);
	list.ptr[0] = 0;
	CHECK_IS(peers_replace(p, span_of(list.ptr, 33), 0), PEERS_E_MALFORMED);
	buffer_fini(&list);
	assert_non_null(peer_of(p, 1));
	assert_null(peer_of(p, 4));
}

static void test_the_rate(void **state UNUSED)
{
	static const unsigned one[] = { 1 };
	CLEANUP(peers_freep) struct peers *p = NULL;
	size_t n = 0;

	CHECK_OK(peers_new(100, 5, &p));
	admit(p, one, 1, 1000);
	for (int i = 0; i < 20; i++)
		n += peers_take(p, peer_of(p, 1), 1000);
	assert_int_equal(n, 5); /* the burst */
	assert_false(peers_take(p, peer_of(p, 1), 1009));
	assert_true(peers_take(p, peer_of(p, 1), 1010)); /* one every 10 ms */
	assert_false(peers_take(p, peer_of(p, 1), 1010));
	/* A new list does not fill the bucket. */
	admit(p, one, 1, 1010);
	assert_false(peers_take(p, peer_of(p, 1), 1010));
	/* A steady rate is kept exactly, whatever the steps. */
	n = 0;
	for (uint64_t ms = 1011; ms <= 11010; ms += 3)
		n += peers_take(p, peer_of(p, 1), ms);
	assert_in_range(n, 999, 1000);
	/* After a long silence no more than the burst; a clock that goes back does no harm. */
	n = 0;
	for (int i = 0; i < 20; i++)
		n += peers_take(p, peer_of(p, 1), UINT64_MAX);
	assert_int_equal(n, 5);
	assert_false(peers_take(p, peer_of(p, 1), 5));
}

static void test_trouble_once_a_second(void **state UNUSED)
{
	struct peer peer = { 0 };

	assert_true(peers_trouble(&peer, 100));
	assert_false(peers_trouble(&peer, 1099));
	assert_true(peers_trouble(&peer, 1100));
}

static void test_limiter(void **state UNUSED)
{
	struct limiter l = { 0 };
	uint64_t n_hidden = 0;

	assert_true(limiter_pass(&l, 1, &n_hidden));
	assert_int_equal(n_hidden, 0);
	for (int i = 0; i < 7; i++)
		assert_false(limiter_pass(&l, LIMITER_MS, &n_hidden));
	assert_true(limiter_pass(&l, LIMITER_MS + 1, &n_hidden));
	assert_int_equal(n_hidden, 7);
}

struct tables {
	struct peers *peers;
	struct sessions *sessions;
	struct gone gone;
};

static void tables_open(struct tables *t, uint32_t max)
{
	static const unsigned numbers[] = { 1, 2, 3, 4, 5 };

	*t = (struct tables){ 0 };
	CHECK_OK(peers_new(100, 100, &t->peers));
	CHECK_OK(sessions_new(max, gone_note, &t->gone, &t->sessions));
	admit(t->peers, numbers, N_ELEMENTS(numbers), 0);
}

static void tables_close(struct tables *t)
{
	assert_true(sessions_check(t->sessions, t->peers));
	sessions_free(t->sessions);
	peers_free(t->peers);
}

static struct session *touch(struct tables *t, unsigned number, uint32_t routing, uint64_t now_ms)
{
	struct session *one = NULL;

	CHECK_OK(sessions_touch(t->sessions, t->peers, peer_of(t->peers, number), routing, now_ms, &one));
	return one;
}

static void test_a_session_is_a_key_and_a_routing_id(void **state UNUSED)
{
	struct tables t;
	uint64_t a, b;

	tables_open(&t, 10);
	a = touch(&t, 1, 100, 1)->id;
	b = touch(&t, 1, 101, 1)->id;
	assert_int_not_equal(a, b);
	assert_int_equal(touch(&t, 1, 100, 2)->id, a);
	assert_int_equal(sessions_find(t.sessions, a)->seen_ms, 2);
	assert_int_equal(sessions_n(t.sessions), 2);
	assert_null(sessions_find(t.sessions, 0));
	assert_null(sessions_find(t.sessions, a + (1u << 20)));
	assert_null(sessions_find(t.sessions, UINT64_MAX));
	tables_close(&t);
}

/* The routing id went to another key: the first key's answers must not go there. */
static void test_a_routing_id_that_changes_hands(void **state UNUSED)
{
	struct tables t;
	uint64_t a;

	tables_open(&t, 10);
	a = touch(&t, 1, 100, 1)->id;
	assert_int_not_equal(touch(&t, 2, 100, 2)->id, a);
	assert_int_equal(t.gone.n, 1);
	assert_int_equal(t.gone.v[0], a);
	assert_null(sessions_find(t.sessions, a));
	assert_int_equal(sessions_n(t.sessions), 1);
	tables_close(&t);
}

static void test_ids_are_never_used_twice(void **state UNUSED)
{
	struct tables t;
	uint64_t before = 0;

	tables_open(&t, 2);
	for (unsigned i = 0; i < 1000; i++) {
		struct session *one = touch(&t, 1, i, i);

		assert_int_not_equal(one->id, before);
		assert_null(before ? sessions_find(t.sessions, before) : NULL);
		before = one->id;
		sessions_drop(t.sessions, t.peers, one, false);
	}
	assert_int_equal(t.gone.n, 0);
	tables_close(&t);
}

static void test_full_table_drops_the_oldest(void **state UNUSED)
{
	struct tables t;
	uint64_t ids[3];

	tables_open(&t, 3);
	for (unsigned i = 0; i < 3; i++)
		ids[i] = touch(&t, i + 1, i, i)->id;
	touch(&t, 1, 0, 10); /* the first is now the youngest */
	touch(&t, 4, 50, 11);
	assert_int_equal(t.gone.n, 1);
	assert_int_equal(t.gone.v[0], ids[1]);
	assert_int_equal(sessions_oldest(t.sessions)->id, ids[2]);
	tables_close(&t);
}

/* One node with many connections makes room at its own expense. */
static void test_one_key_has_a_share(void **state UNUSED)
{
	struct tables t;
	uint64_t other;

	tables_open(&t, 1000);
	other = touch(&t, 2, 5, 0)->id;
	for (uint32_t i = 0; i < SESSIONS_PER_PEER + 10; i++)
		touch(&t, 1, 1000 + i, 1);
	assert_int_equal(t.gone.n, 10);
	assert_int_equal(peer_of(t.peers, 1)->n_sessions, SESSIONS_PER_PEER);
	assert_non_null(sessions_find(t.sessions, other));
	tables_close(&t);
}

static void test_a_new_list_ends_sessions(void **state UNUSED)
{
	static const unsigned left[] = { 1, 3 };
	struct tables t;
	uint64_t one, two;

	tables_open(&t, 10);
	one = touch(&t, 1, 1, 1)->id;
	two = touch(&t, 2, 2, 1)->id;
	touch(&t, 2, 3, 1);
	admit(t.peers, left, 2, 0);
	sessions_admit(t.sessions, t.peers);
	assert_non_null(sessions_find(t.sessions, one));
	assert_null(sessions_find(t.sessions, two));
	assert_int_equal(t.gone.n, 2);
	assert_int_equal(peer_of(t.peers, 1)->n_sessions, 1);
	tables_close(&t);
}

/* Ten thousand steps by chance, with the invariants after each hundred. */
static void test_by_chance(void **state UNUSED)
{
	struct tables t;

	tables_open(&t, 40);
	for (uint64_t step = 0; step < 10000; step++) {
		struct session *one;

		t.gone.n = 0;
		one = touch(&t, 1 + randombytes_uniform(5), randombytes_uniform(100), step);
		if (randombytes_uniform(4) == 0)
			sessions_drop(t.sessions, t.peers, one, true);
		if (randombytes_uniform(50) == 0 && sessions_oldest(t.sessions))
			sessions_seen(t.sessions, sessions_oldest(t.sessions), step);
		if (step % 100 == 0)
			assert_true(sessions_check(t.sessions, t.peers));
	}
	tables_close(&t);
}

static void test_accounts(void **state UNUSED)
{
	static const uint8_t bytes[1000];
	struct account *all = account_new(2500, NULL), *one = account_new(2000, all), *two = account_new(2000, all);
	zmq_msg_t parcels[4];

	CHECK_OK(parcel_make(&parcels[0], one, span_of(bytes, 1000)));
	assert_memory_equal(zmq_msg_data(&parcels[0]), bytes, 1000);
	CHECK_OK(parcel_make(&parcels[1], one, span_of(bytes, 1000)));
	CHECK_IS(parcel_make(&parcels[2], one, span_of(bytes, 1)), PARCEL_E_FULL);
	CHECK_IS(parcel_make(&parcels[2], two, span_of(bytes, 501)), PARCEL_E_FULL); /* the sum of all */
	CHECK_OK(parcel_make(&parcels[2], two, span_of(bytes, 500)));
	zmq_msg_close(&parcels[0]);
	assert_int_equal(account_used(one), 1000);
	assert_int_equal(account_used(all), 1500);
	CHECK_OK(parcel_make(&parcels[3], two, span_of(bytes, 1000)));
	/* An account outlives its owner until the last message is let go. */
	account_unref(one);
	account_unref(two);
	zmq_msg_close(&parcels[1]);
	zmq_msg_close(&parcels[2]);
	assert_int_equal(account_used(all), 1000);
	zmq_msg_close(&parcels[3]);
	assert_int_equal(account_used(all), 0);
	account_unref(all);
	account_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_list_of_keys),
		cmocka_unit_test(test_bad_lists_change_nothing),
		cmocka_unit_test(test_the_rate),
		cmocka_unit_test(test_trouble_once_a_second),
		cmocka_unit_test(test_limiter),
		cmocka_unit_test(test_a_session_is_a_key_and_a_routing_id),
		cmocka_unit_test(test_a_routing_id_that_changes_hands),
		cmocka_unit_test(test_ids_are_never_used_twice),
		cmocka_unit_test(test_full_table_drops_the_oldest),
		cmocka_unit_test(test_one_key_has_a_share),
		cmocka_unit_test(test_a_new_list_ends_sessions),
		cmocka_unit_test(test_by_chance),
		cmocka_unit_test(test_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
