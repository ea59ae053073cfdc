/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Invitation, join request and the phrase: both sides compute the same from what really went over the line,
 * and from nothing else.
 */
#include "tests/unit/client/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define NOBODY "tcp://127.0.0.1:1"

static struct paper_house house;
static const char *const politie[] = { "politie-noord-nederland", NULL };

static int group_setup(void **state)
{
	(void)state;
	paper_house_new(&house, NOBODY);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	paper_house_free(&house);
	return 0;
}

static int open_invitation(struct span note, struct invitation *out, struct arena *arena)
{
	struct fault_list faults;

	fault_list_init(&faults, "invitation");
	return invitation_open(note, arena, &faults, out);
}

static void test_round(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer note = { 0 }, other = { 0 };
	uint8_t enrol[32];
	struct invitation in, second;

	(void)state;
	paper_invite(&house, "politie", politie, &note, enrol);
	CHECK_OK(open_invitation(buffer_span(&note), &in, arena));
	assert_string_equal(in.house, "drenthe");
	assert_string_equal(in.origin, "huis.example");
	assert_string_equal(in.endpoint, NOBODY);
	assert_string_equal(in.organisation, "politie");
	assert_int_equal(in.hoedanigheden.n, 1);
	assert_string_equal(in.hoedanigheden.v[0], politie[0]);
	assert_memory_equal(in.enrol_public, enrol, 32);
	assert_memory_equal(in.transport_key, house.transport_public, 32);
	assert_int_equal(in.quorum, 2);
	paper_invite(&house, "politie", politie, &other, NULL);
	CHECK_OK(open_invitation(buffer_span(&other), &second, arena));
	assert_memory_not_equal(in.id, second.id, ID_BYTES);
	invitation_fini(&in);
	invitation_fini(&second);
}

/* Any changed byte of the text, or of the signature's line, is refused. */
static void test_tampered(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	size_t refused = 0;

	(void)state;
	paper_invite(&house, "politie", politie, &note, NULL);
	for (size_t i = 0; i < note.len; i += 3) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
		struct invitation in;

		note.ptr[i] ^= 1;
		if (open_invitation(buffer_span(&note), &in, arena) != INVITATION_OK)
			refused++;
		else
			fail_msg("byte %zu can be changed", i);
		note.ptr[i] ^= 1;
	}
	assert_true(refused > 100);
}

static void test_foreign_steward(void **state)
{
	struct invitation terms = {
		.house = "x", .name = "x", .origin = "x", .endpoint = "x", .organisation = "x", .node = "x"
	};
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct fault_list faults;

	(void)state;
	fault_list_init(&faults, "terms");
	CHECK_IS(invitation_make(&terms, &house.stewards[0], house.steward_secrets[0], &faults, &note),
		 INVITATION_E_FAULTS);
	assert_true(faults.n >= 2);
}

static void test_hostile(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"\n\n",
		"uitnodiging: 1\n\n\xe2\x80\x94 a AAAA\n",
		"a: b\n",
		"- - -\n\n\xe2\x80\x94 a AAAAAAAA\n",
		"uitnodiging: {}\nbeheerders: []\nhoedanigheden: x\n\n\xe2\x80\x94 a AAAAAAAA\n",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
		struct fault_list faults;
		struct invitation in;
		struct admission a;
		uint8_t id[ID_BYTES];

		fault_list_init(&faults, "hostile");
		CHECK_IS(invitation_open(span_of_text(texts[i]), arena, &faults, &in), INVITATION_E_FAULTS);
		assert_true(faults.n > 0);
		fault_list_init(&faults, "hostile");
		CHECK_IS(join_open(span_of_text(texts[i]), arena, &faults, id, &a), INVITATION_E_FAULTS);
		assert_true(faults.n > 0);
	}
}

static void join_note(const char *home, struct buffer *out)
{
	buffer_init(out, 0);
	CHECK_OK(file_read(test_path(home, "join.note"), 1u << 20, out));
}

static void test_phrase(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer invitation = { 0 }, note = { 0 };
	const char *home = test_path(house.folder, "phrase");
	char here[KP_PHRASE_SIZE], there[JOIN_PHRASE_SIZE], other[KP_PHRASE_SIZE];
	struct kp_join join = { .person = "mdw-1" };
	struct fault_list faults;
	struct admission a;
	struct kp_error err;
	uint8_t id[ID_BYTES];

	(void)state;
	paper_invite(&house, "om", (const char *const[]) { "om-noord-nederland", NULL }, &invitation, NULL);
	buffer_u8(&invitation, 0);
	join.invitation = (const char *)invitation.ptr;
	assert_int_equal(kp_join(home, &join, here, &err), KP_UNREACHABLE);
	assert_string_equal(err.side, "house");
	assert_true(*err.remedy);
	join_note(home, &note);
	fault_list_init(&faults, "join");
	CHECK_OK(join_open(buffer_span(&note), arena, &faults, id, &a));
	join_phrase(id, &house.log_key, buffer_span(&note), there);
	assert_string_equal(here, there);
	assert_int_equal(strlen(there), 23);
	id[0] ^= 1;
	join_phrase(id, &house.log_key, buffer_span(&note), other);
	assert_string_not_equal(there, other);
	id[0] ^= 1;
	join_phrase(id, &house.stewards[0], buffer_span(&note), other);
	assert_string_not_equal(there, other);
	note.ptr[40] ^= 1;
	join_phrase(id, &house.log_key, buffer_span(&note), other);
	assert_string_not_equal(there, other);
	/* Once more: the same keys, the same bytes, the same phrase. */
	note.ptr[40] ^= 1;
	assert_int_equal(kp_join(home, &join, other, &err), KP_UNREACHABLE);
	assert_string_equal(other, here);
	{
		CLEANUP(buffer_fini) struct buffer again = { 0 };

		join_note(home, &again);
		CHECK_SPAN(buffer_span(&again), buffer_span(&note));
	}
}

static void test_join_tampered(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	const char *home = paper_join(&house, "rvdk", (const char *const[]) { "rvdk-noord", NULL });

	(void)state;
	join_note(home, &note);
	for (size_t i = 0; i < note.len; i += 3) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
		struct fault_list faults;
		struct admission a;
		uint8_t id[ID_BYTES];

		note.ptr[i] ^= 1;
		fault_list_init(&faults, "join");
		if (join_open(buffer_span(&note), arena, &faults, id, &a) == INVITATION_OK)
			fail_msg("byte %zu can be changed", i);
		note.ptr[i] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_foreign_steward), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_phrase),		cmocka_unit_test(test_join_tampered),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
