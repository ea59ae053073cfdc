/* SPDX-License-Identifier: EUPL-1.2 */
/* Joining, the rules in force, and the control socket's other verbs. */
#include "tests/unit/daemon/core_world.h"

#include <string.h>

#include "base/text.h"

static struct world w;
static struct newcomer newcomer;

static int setup(void **state)
{
	(void)state;
	world_open(&w, 6);
	world_must_start(&w);
	newcomer_make(&newcomer);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	newcomer_free(&newcomer);
	world_close(&w);
	return 0;
}

static bool control_has(const char *text)
{
	return memmem(w.control.ptr, w.control.len, text, strlen(text)) != NULL;
}

static void invite_with(const uint8_t enrol_key[32])
{
	CLEANUP(buffer_fini) struct buffer json = { 0 };
	char id[2 * ID_BYTES + 1], key[65];

	hex_encode(SPAN_OF(newcomer.invite), id);
	hex_encode(span_of(enrol_key, 32), key);
	buffer_printf(&json, "{\"invite\":\"%s\",\"organisation\":\"vnn\",\"node\":\"vnn-1\",\"transport_key\":\"%s\","
		      "\"until_unix_ms\":%llu}", id, key, (unsigned long long)(w.unix_ms + DAY_MS));
	world_control(&w, IPC_CTL_INVITE, 0, buffer_span(&json));
	world_round(&w);
}

static void invite(void)
{
	invite_with(newcomer.enrol_key);
}

static void join_with(const uint8_t transport[32], uint64_t correlation, struct span note)
{
	uint8_t kept[32];

	memcpy(kept, w.nodes[GGZ].transport, 32);
	memcpy(w.nodes[GGZ].transport, transport, 32);
	world_take(&w, GGZ, 60, WIRE_JOIN, correlation, note);
	memcpy(w.nodes[GGZ].transport, kept, 32);
	world_round(&w);
}

static void test_join(void **state)
{
	CLEANUP(buffer_fini) struct buffer request = { 0 }, note = { 0 };
	uint64_t size = world_size(&w);

	(void)state;
	newcomer_request(&newcomer, &request);
	join_with(newcomer.enrol_key, 1, buffer_span(&request)); /* nobody invited it */
	CHECK(world_answer(&w, 1, WIRE_TROUBLE) != NULL);
	invite();
	CHECK(control_has("uitgenodigd"));
	invite();
	CHECK_IS(w.control_verb, IPC_CTL_TROUBLE);
	assert_int_equal(world_size(&w), size + 1);
	CHECK(w.n_allows >= 1);
	join_with(w.nodes[DJI].transport, 2, buffer_span(&request)); /* not over the invitation's key */
	CHECK(world_answer(&w, 2, WIRE_TROUBLE) != NULL);
	join_with(newcomer.enrol_key, 3, buffer_span(&request));
	CHECK_BUFFER(&world_answer(&w, 3, WIRE_REPLY)->body, "aangevraagd");
	join_with(newcomer.enrol_key, 4, buffer_span(&request)); /* again is the same */
	CHECK_BUFFER(&world_answer(&w, 4, WIRE_REPLY)->body, "aangevraagd");
	assert_int_equal(world_size(&w), size + 2);
	request.ptr[request.len - 6] ^= 1;
	join_with(newcomer.enrol_key, 5, buffer_span(&request));
	CHECK(world_answer(&w, 5, WIRE_TROUBLE) != NULL);
	request.ptr[request.len - 6] ^= 1;
	newcomer.admission.sign_key[0] ^= 1; /* other keys on a used invitation */
	buffer_reset(&request);
	newcomer_request(&newcomer, &request);
	newcomer.admission.sign_key[0] ^= 1;
	join_with(newcomer.enrol_key, 6, buffer_span(&request));
	CHECK(world_answer(&w, 6, WIRE_TROUBLE) != NULL);

	world_control(&w, IPC_CTL_JOINS, 0, SPAN_NONE);
	world_round(&w);
	CHECK(control_has("aangevraagd") && control_has("leessleutels"));

	/* The stewards put it into the register: told to the gate and to every node, written down twice. */
	world_credit(&w, DJI, 2, 1);
	world_register_next(&w, &newcomer.admission, &note);
	world_forget(&w);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_round(&w);
	CHECK(control_has("in-werking"));
	assert_int_equal(w.n_allows, 1);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 1);
	assert_int_equal(world_in(&w, 2, WIRE_NOTICE, 0)->body.len, 0);
	assert_int_equal(world_size(&w), size + 4);
	assert_int_equal(world_entries(&w, ENTRY_TOELATING, CODE_TOEGESTAAN), 3);
	world_control(&w, IPC_CTL_JOINS, 0, SPAN_NONE);
	world_round(&w);
	CHECK(control_has("toegelaten"));
	world_credit(&w, DJI, 2, 1); /* sessions live on under the new register */
	CHECK_IS(world_fetch(&w, DJI, 2, "rules", SPAN_NONE, 0, "")->verb, WIRE_REPLY);
}

/* The gate's list has each key once: an invitation's key is no node's, and no other invitation's. */
static void test_keys_of_their_own(void **state)
{
	CLEANUP(buffer_fini) struct buffer request = { 0 };
	uint64_t size = world_size(&w);

	(void)state;
	invite_with(w.nodes[DJI].transport);
	CHECK(control_has("HERHALING"));
	invite();
	CHECK(control_has("uitgenodigd"));
	newcomer.invite[0] ^= 1;
	invite();
	CHECK(control_has("HERHALING"));
	newcomer.invite[0] ^= 1;
	assert_int_equal(world_size(&w), size + 1);
	memcpy(newcomer.admission.transport_key, newcomer.enrol_key, 32);
	newcomer_request(&newcomer, &request);
	join_with(newcomer.enrol_key, 1, buffer_span(&request));
	CHECK(world_answer(&w, 1, WIRE_TROUBLE) != NULL);
}

static size_t control_count(const char *text)
{
	const uint8_t *at = w.control.ptr, *end = w.control.ptr + w.control.len;
	size_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
		at += strlen(text);
		n++;
	}
	return n;
}

static void joins(void)
{
	world_control(&w, IPC_CTL_JOINS, 0, SPAN_NONE);
	world_round(&w);
}

/*
 * One node, three requests: the second is the one that is admitted. The first lapses with it; the third, of later, is not
 * admitted by a register that only has the keys of the second.
 */
static void test_only_the_admitted_keys(void **state)
{
	struct admission second;
	CLEANUP(buffer_fini) struct buffer request = { 0 }, note = { 0 }, next = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		newcomer.invite[0]++;
		newcomer.enrol_key[0]++;
		newcomer.admission.transport_key[0]++;
		if (i == 2)
			second = newcomer.admission;
		if (i == 3) {
			world_register_next(&w, &second, &note);
			world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
			world_round(&w);
			CHECK(control_has("in-werking"));
		}
		invite();
		buffer_reset(&request);
		newcomer_request(&newcomer, &request);
		join_with(newcomer.enrol_key, i, buffer_span(&request));
		CHECK(world_answer(&w, i, WIRE_REPLY) != NULL);
		world_pass(&w, 1000);
	}
	joins();
	assert_int_equal(control_count("\"vervallen\""), 1);
	assert_int_equal(control_count("\"toegelaten\""), 1);
	assert_int_equal(control_count("\"aangevraagd\""), 1);
	world_register_next(&w, &second, &next); /* a version that does not touch the node's transport key */
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&next));
	world_round(&w);
	CHECK(control_has("in-werking"));
	joins();
	assert_int_equal(control_count("\"toegelaten\""), 1);
	assert_int_equal(control_count("\"aangevraagd\""), 1);
}

static void test_expired_invitation(void **state)
{
	CLEANUP(buffer_fini) struct buffer request = { 0 };

	(void)state;
	invite();
	world_pass(&w, 2 * DAY_MS);
	newcomer_request(&newcomer, &request);
	join_with(newcomer.enrol_key, 1, buffer_span(&request));
	CHECK(world_answer(&w, 1, WIRE_TROUBLE) != NULL);
}

static void test_publish_refused(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint64_t size = world_size(&w);

	(void)state;
	world_register_next(&w, &newcomer.admission, &note);
	note.ptr[note.len - 10] ^= 1;
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&note));
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_TROUBLE);
	CHECK(control_has("REGELS_GEWEIGERD"));
	assert_int_equal(world_size(&w), size + 1);
	assert_int_equal(world_entries(&w, ENTRY_REGELS, CODE_CONVENANT_ONGELDIG), 1);
	world_control(&w, IPC_CTL_PUBLISH, 0, SPAN_LITERAL("no note at all"));
	world_round(&w);
	CHECK(control_has("SCHEMA_ONGELDIG"));
	world_control(&w, IPC_CTL_INVITE, 0, SPAN_LITERAL("{\"invite\":\"zz\"}"));
	world_round(&w);
	CHECK(control_has("SCHEMA_ONGELDIG"));
	assert_int_equal(world_size(&w), size + 1);
}

/* The house saw every version; one that leaves out another has no place in its record. */
static void test_version_left_out(void **state)
{
	CLEANUP(buffer_fini) struct buffer second = { 0 }, third = { 0 };

	(void)state;
	world_register_next(&w, &newcomer.admission, &second);
	newcomer.admission.transport_key[0] ^= 1;
	world_register_next(&w, &newcomer.admission, &third);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&third));
	world_round(&w);
	CHECK(control_has("REGELS_GEWEIGERD"));
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&second));
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&third));
	world_round(&w);
	CHECK(control_has("in-werking"));
}

static void test_reading(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	const struct ipc_frame wrong = { .verb = IPC_CORE_SEND };
	struct checkpoint checkpoint;
	struct rules_reply rules;
	struct reader r;
	struct entry e;
	uint32_t n;

	(void)state;
	world_control(&w, IPC_CTL_CHECKPOINT, 0, SPAN_NONE);
	world_round(&w);
	CHECK_OK(checkpoint_open(buffer_span(&w.control), &w.log_key, &checkpoint));
	assert_int_equal(checkpoint.size, world_size(&w));
	world_control(&w, IPC_CTL_ENTRIES, 1, SPAN_NONE);
	world_round(&w);
	reader_init(&r, buffer_span(&w.control));
	assert_int_equal(reader_u64(&r), 1);
	n = reader_u32(&r);
	assert_int_equal(n, world_size(&w) - 1);
	for (uint32_t i = 0; i < n; i++)
		CHECK_OK(entry_parse(reader_lp16(&r), &e));
	CHECK(reader_done(&r));
	world_control(&w, IPC_CTL_ENTRIES, 99999, SPAN_NONE);
	world_round(&w);
	assert_int_equal(w.control.len, 12);
	world_control(&w, IPC_CTL_RULES, 0, SPAN_NONE);
	world_round(&w);
	CHECK_OK(rules_reply_decode(buffer_span(&w.control), arena, &rules));
	assert_int_equal(rules.n_convenanten, 1);
	CHECK_IS(core_take(w.core, CORE_FROM_CONTROL, 9, &wrong), CORE_E_CLIENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_join, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_the_admitted_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expired_invitation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_publish_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_version_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reading, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
