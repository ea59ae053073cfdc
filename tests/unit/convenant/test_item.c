/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Items and replays: what they are made of, their bytes, and that a replay gives the decision it was made of, for random messages of
 * every kind.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "convenant/replay.h"
#include "tests/unit/convenant/scene.h"

static struct house house;
static uint64_t seed;

static size_t pick(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(seed >> 33) % n;
}

static const struct finding *failure(const struct decision *d, size_t nth)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed && nth-- == 0)
			return &d->findings[i];
	return NULL;
}

static bool same(const struct decision *a, const struct decision *b)
{
	if (a->code != b->code || a->n != b->n || a->n_more != b->n_more)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->findings[i].passed != b->findings[i].passed || a->findings[i].code != b->findings[i].code ||
		    !text_equal(a->findings[i].rule, b->findings[i].rule) || !text_equal(a->findings[i].subject, b->findings[i].subject) ||
		    !text_equal(a->findings[i].article, b->findings[i].article))
			return false;
	return true;
}

/* ---- items ---- */

static void item_and_back(const struct casus_item *item)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct casus_item again;
	struct buffer bytes, more;

	buffer_init(&bytes, 0);
	buffer_init(&more, 0);
	CHECK_OK(item_encode(item, &bytes));
	CHECK_OK(item_decode(buffer_span(&bytes), arena, &again));
	CHECK_OK(item_encode(&again, &more));
	CHECK_SPAN(buffer_span(&more), buffer_span(&bytes));
	for (size_t i = 0; i < again.message.n_parts; i++)
		CHECK(!again.message.parts[i].ciphertext.ptr && again.message.parts[i].ciphertext.len == item->message.parts[i].ciphertext.len);
	for (size_t n = 0; n < bytes.len; n++)
		CHECK_IS(item_decode(span_of(bytes.ptr, n), arena, &again), ITEM_E_MALFORMED);
	for (size_t i = 0; i < bytes.len; i++) { /* any byte changed: refused, or something that can be written again */
		CLEANUP(arena_freep) struct arena *other = arena_new(1 << 20);

		bytes.ptr[i] ^= 0xff;
		if (item_decode(buffer_span(&bytes), other, &again) == ITEM_OK) {
			buffer_reset(&more);
			CHECK_OK(item_encode(&again, &more));
		}
		bytes.ptr[i] ^= 0xff;
	}
	buffer_fini(&bytes);
	buffer_fini(&more);
}

static struct casus_item item_from(const struct scene *s, struct arena *arena)
{
	struct decide_input in = scene_input(s);
	struct casus_item item;

	CHECK_OK(item_of(&in, arena, &item));
	return item;
}

static void whose_it_is(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	static struct scene s;
	struct casus_item item;

	(void)state;
	scene_antwoord(&s, &house);
	item = item_from(&s, arena);
	assert_int_equal(item.suppliers.n, 1);
	assert_string_equal(item.suppliers.v[0], "ggz-drenthe");
	assert_int_equal(item.asked.n, 3);
	item_and_back(&item);
	scene_beoordeling(&s, &house); /* words about the casus are nobody's data */
	item = item_from(&s, arena);
	assert_int_equal(item.suppliers.n, 0);
	item_and_back(&item);
	scene_verstrekking(&s, &house); /* what goes on stays its sources' */
	scene_list(&s.items[0].suppliers, s.item_by[0], "ggz-drenthe politie-noord-nederland");
	item = item_from(&s, arena);
	assert_int_equal(item.suppliers.n, 2);
	assert_string_equal(item.suppliers.v[1], "politie-noord-nederland");
	item_and_back(&item);
	scene_aanvulling(&s, &house);
	item = item_from(&s, arena);
	assert_int_equal(item.asked.n, 2);
	scene_antwoord(&s, &house); /* under a volmacht: of who gave it */
	s.m.header.on_behalf_of = "cosis";
	item = item_from(&s, arena);
	assert_string_equal(item.suppliers.v[0], "cosis");
}

static void grants(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	static struct scene given, s, q; /* an item borrows from its message */
	struct casus_item item, asked;

	(void)state;
	scene_antwoord(&given, &house);
	item = item_from(&given, arena);
	scene_instemmingsverzoek(&q, &house);
	q.m.body.instemmingsverzoek.until_unix_ms = 77;
	asked = item_from(&q, arena);
	scene_instemming(&s, &house);
	CHECK_OK(item_grant(&item, &asked, &s.m, arena, &item));
	assert_int_equal(item.n_grants, 1);
	assert_string_equal(item.grants[0].by, "ggz-drenthe");
	assert_string_equal(item.grants[0].purpose, "huis");
	assert_string_equal(item.grants[0].target, "zvh-fryslan");
	assert_int_equal(item.grants[0].until_unix_ms, 77); /* as was asked */
	item_and_back(&item);
	s.m.body.instemming.until_unix_ms = 99;
	CHECK_OK(item_grant(&item, &asked, &s.m, arena, &item)); /* again: the newest counts */
	assert_int_equal(item.n_grants, 1);
	assert_int_equal(item.grants[0].until_unix_ms, 99);
	q.m.body.instemmingsverzoek.target = "";
	asked = item_from(&q, arena);
	CHECK_OK(item_grant(&item, &asked, &s.m, arena, &item)); /* for another target: beside it */
	assert_int_equal(item.n_grants, 2);
	s.m.body.instemming.granted = false;
	CHECK_OK(item_grant(&item, &asked, &s.m, arena, &item)); /* taken back */
	assert_int_equal(item.n_grants, 1);
	assert_string_equal(item.grants[0].target, "zvh-fryslan");
}

/* ---- replays ---- */

static const char *const parties[] = { "zvhd-procesregie", "zvhd-nazorg", "politie-noord-nederland", "ggz-drenthe", "dji-pi-noord",
	"om-noord-nederland", "reclassering-3ro", "zvh-fryslan", "riec-noord" };

/* An allowed message, or one with a few things wrong; with a fact now and then. */
static void make(struct scene *s, size_t kind)
{
	scenes[kind].make(s, &house);
	for (size_t i = pick(4); i > 0; i--)
		switch (pick(9)) {
		case 0:
			scene_sender(s, parties[pick(N_ELEMENTS(parties))]);
			break;
		case 1:
			scene_list(&s->m.header.recipients, s->recipients, parties[pick(N_ELEMENTS(parties))]);
			scene_seal(s);
			break;
		case 2:
			s->casus.phase = (enum phase)(1 + pick(PHASE_N - 1));
			s->casus.closed_unix_ms = s->casus.phase == PHASE_AFGESLOTEN ? 5 : 0;
			break;
		case 3:
			s->no_mandate = true;
			break;
		case 4:
			s->no_casus = true;
			break;
		case 5:
			s->no_items = s->no_request = true;
			break;
		case 6:
			s->m.header.noodzaak = pick(2) ? "over Jansen" : "iets anders";
			break;
		case 7:
			s->now += pick(1000) * DAY_MS;
			break;
		default:
			s->m.header.doel = "nazorg";
			break;
		}
}

static void replay_is_the_decision(void **state)
{
	static struct scene s;
	size_t allowed = 0, refused = 0;

	(void)state;
	seed = 4711;
	for (size_t round = 0; round < 4000; round++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
		static struct replay replay, again;
		struct decision was, is;
		struct decide_input in;
		struct buffer bytes;
		size_t n_rules;

		make(&s, round % SCENES);
		in = scene_input(&s);
		convenant_decide(&in, &was);
		n_rules = was.n;
		if (pick(4) == 0)
			decision_add(&was, CODE_HERHALING, "antwoord.eenmaal", "ggz-drenthe", pick(2));
		replay_of(&in, pick(8) ? in.mandate : NULL, &was, n_rules, &replay);
		if (replay.has_mandate != (in.mandate != NULL)) { /* unknown then, unknown now */
			in.mandate = NULL;
			convenant_decide(&in, &was);
			replay.n_facts = 0;
		}
		buffer_init(&bytes, 0);
		CHECK_OK(replay_encode(&replay, &bytes));
		CHECK_OK(replay_decode(buffer_span(&bytes), arena, &again));
		replay_decide(&again, &s.rules, again.has_mandate ? &s.mandate : NULL, &is);
		if (!same(&was, &is))
			fail_msg("%s: %s %s, replayed %s %s", scenes[round % SCENES].name, code_name(was.code),
				 failure(&was, 0) ? failure(&was, 0)->rule : "", code_name(is.code),
				 failure(&is, 0) ? failure(&is, 0)->rule : "");
		allowed += was.code == CODE_TOEGESTAAN;
		refused += was.code != CODE_TOEGESTAAN;
		buffer_fini(&bytes);
	}
	CHECK(allowed > 400 && refused > 400);
}

/* A mandate that was withdrawn gave no right then, whoever finds it now. */
static void withdrawn_mandates(void **state)
{
	static struct scene s;
	static struct replay replay;
	struct decide_input in;
	struct decision was, is;

	(void)state;
	scene_verzoek(&s, &house);
	s.no_mandate = true;
	in = scene_input(&s);
	convenant_decide(&in, &was);
	replay_of(&in, &s.mandate, &was, was.n, &replay);
	CHECK(replay.has_mandate && replay.mandate_withdrawn);
	CHECK(memcmp(replay.mandate.bytes, s.mandate.digest.bytes, sizeof replay.mandate.bytes) == 0);
	replay_decide(&replay, &s.rules, &s.mandate, &is);
	CHECK(same(&was, &is) && is.code == CODE_MEDEWERKER_NIET_GEAUTORISEERD);
}

/* The same message under other rules: what would have become of it. */
static void under_other_rules(void **state)
{
	static struct scene s;
	static struct replay replay;
	struct decide_input in;
	struct decision d;

	(void)state;
	scene_verstrekking_huis(&s, &house);
	in = scene_input(&s);
	convenant_decide(&in, &d);
	assert_int_equal(d.code, CODE_TOEGESTAAN);
	replay_of(&in, in.mandate, &d, d.n, &replay);
	s.rules.n_convenanten = 0;
	replay_decide(&replay, &s.rules, &s.mandate, &d);
	assert_int_equal(d.code, CODE_CONVENANT_ONGELDIG);
}

static void broken_replays(void **state)
{
	static struct scene s;
	static struct replay replay, again;
	struct decide_input in;
	struct decision d;
	struct buffer bytes;

	(void)state;
	for (size_t i = 0; i < SCENES; i += 3) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(4 << 20);

		scenes[i].make(&s, &house);
		in = scene_input(&s);
		convenant_decide(&in, &d);
		replay_of(&in, in.mandate, &d, d.n - 1, &replay);
		buffer_init(&bytes, 0);
		CHECK_OK(replay_encode(&replay, &bytes));
		for (size_t n = 0; n < bytes.len; n += 1 + n / 40)
			CHECK_IS(replay_decode(span_of(bytes.ptr, n), arena, &again), REPLAY_E_MALFORMED);
		for (size_t n = 0; n < bytes.len; n++) {
			CLEANUP(arena_freep) struct arena *other = arena_new(1 << 20);

			bytes.ptr[n] ^= (uint8_t)(1 << (n % 8));
			if (replay_decode(buffer_span(&bytes), other, &again) == REPLAY_OK)
				replay_decide(&again, &s.rules, &s.mandate, &d); /* no crash, whatever it is */
			bytes.ptr[n] ^= (uint8_t)(1 << (n % 8));
		}
		buffer_fini(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_it_is),	      cmocka_unit_test(grants),
		cmocka_unit_test(replay_is_the_decision), cmocka_unit_test(withdrawn_mandates),
		cmocka_unit_test(under_other_rules),  cmocka_unit_test(broken_replays),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
