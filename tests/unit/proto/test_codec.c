/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The strict profile on a schema of its own: every case of vectors/protobuf is refused or gives back the same
 * bytes; what fails is named; a small arena is a refusal, never a crash.
 */
#include "tests/unit/proto/wire_helper.h"

#include "proto/codec.h"

#include "noncanonical_schema.pb-c.h"

static const struct codec_rule inner_rules[] = {
	[1] = RULE_NUMBER,
	[2] = RULE_BYTES("env.in.b", 4),
};
static const struct codec_rule env_rules[] = {
	[1] = RULE_NUMBER,
	[2] = { .why = "env.id: text", .form = CODEC_TEXT, .max = 8 },
	[3] = { .why = "env.in: nested", .form = CODEC_MESSAGE, .nested = inner_rules },
	[4] = { .why = "env.r: list", .form = CODEC_NUMBER, .list_max = 3 },
	[5] = RULE_NUMBER,
	[7] = { .why = "env.body: size", .form = CODEC_BYTES, .flags = CODEC_OR_NONE, .min = 2, .max = 2 },
};
static const struct codec_shape env_shape = CODEC_SHAPE("env", t__env__descriptor, env_rules, 64);

static int unpack(struct span bytes, const char **why)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	ProtobufCMessage *message;
	int r;

	assert_non_null(arena);
	*why = "";
	r = codec_unpack(&env_shape, bytes, arena, &message, why);
	if (r)
		return r;
	codec_pack(message, &again);
	CHECK_SPAN(buffer_span(&again), bytes);
	return 0;
}

/* What an exchange of the vectors must give; every other case is refused. */
static const char *const canonical_cases[] = { "canonical v=1", "packed r=[1,2]", "empty msg", NULL };

static void test_noncanonical_vectors(void **state UNUSED)
{
	json_t *cases = vectors_load("vectors/protobuf/noncanonical_cases.json");
	size_t n_accepted = 0, n_refused = 0;
	const char *name, *why;
	json_t *hex;

	json_object_foreach(cases, name, hex)
	{
		CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
		int r = unpack(hex_bytes(arena, json_string_value(hex)), &why);

		if ((r == CODEC_OK) != text_in(name, canonical_cases))
			fail_msg("%s: gave %d (%s)", name, r, why);
		n_accepted += r == CODEC_OK;
		n_refused += r == CODEC_E_MALFORMED && *why;
	}
	assert_int_equal(n_accepted, 3);
	assert_int_equal(n_refused, 21);
	json_decref(cases);
}

static const struct {
	const char *hex, *why;
} named_cases[] = {
	{ "7801", "env: holds an unknown field" },     /* field 15 */
	{ "1a027801", "env: holds an unknown field" }, /* the same inside env.in */
	{ "088100", "env: is not in canonical encoding" },
	{ "1a00", "" }, /* an empty sub-message is a value */
	{ "08", "env: is not protobuf of this schema within its memory budget" },
	{ "1202c328", "env.id: text" },		      /* not UTF-8 */
	{ "12026109", "env.id: text" },		      /* a tab */
	{ "1203617f62", "env.id: text" },	      /* DEL */
	{ "1203c285c2", "env.id: text" },	      /* C1, and half a character */
	{ "1202c29f", "env.id: text" },		      /* the last C1 */
	{ "1202c2a0", "" },			      /* the first character after C1 */
	{ "1209616161616161616161", "env.id: text" }, /* 9 bytes */
	{ "12086161616161616161", "" },
	{ "120361c3a9", "" },
	{ "22020102", "" },
	{ "220401020304", "env.r: list" },
	{ "3a0161", "env.body: size" },
	{ "3a026161", "" },
	{ "3a03616161", "env.body: size" },
	{ "1a0712056161616161", "env.in.b: is too big" }, /* names the innermost */
	{ "1a0612046161616108", "env: is not protobuf of this schema within its memory budget" },
};

static void test_faults_are_named(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(named_cases); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
		const char *why;
		int r = unpack(hex_bytes(arena, named_cases[i].hex), &why);

		if (strcmp(why, named_cases[i].why) != 0 || (r == CODEC_OK) != !*why)
			fail_msg("%s gave %d \"%s\", expected \"%s\"", named_cases[i].hex, r, why,
				 named_cases[i].why);
	}
}

static void test_size_is_looked_at_first(void **state UNUSED)
{
	uint8_t bytes[65] = { 0 };
	const char *why;

	CHECK_IS(unpack(SPAN_OF(bytes), &why), CODEC_E_MALFORMED);
	assert_string_equal(why, "env: is too big");
	CHECK_IS(codec_unpack(&env_shape, SPAN_OF(bytes), NULL, NULL, NULL), CODEC_E_MALFORMED);
}

/* Many tiny fields ask for far more memory than they are long. */
static void test_arena_bounds_the_peer(void **state UNUSED)
{
	struct codec_shape wide = env_shape;
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	const char *why = NULL;
	ProtobufCMessage *message;

	wide.limit_bytes = 1 << 20;
	for (size_t i = 0; i < 100000; i++)
		put_field_number(&bytes, 15, 0);
	for (size_t limit = 0; limit < 4096; limit += 64) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(limit + 16);

		CHECK_IS(codec_unpack(&wide, buffer_span(&bytes), arena, &message, &why), CODEC_E_MALFORMED);
		assert_string_equal(why, wide.not_protobuf);
		assert_true(arena_used(arena) <= limit + 16);
	}
}

static void test_small_arenas(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *keep = arena_new(4096);
	struct span bytes = hex_bytes(keep, "08011203616263"
					    "1a06080112026162"
					    "2203010203"
					    "2801"
					    "3a026162");
	bool fitted = false;

	for (size_t limit = 1; limit < 1024; limit++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(limit);
		ProtobufCMessage *message;
		int r = codec_unpack(&env_shape, bytes, arena, &message, NULL);

		assert_false(fitted && r); /* once it fits it keeps fitting */
		fitted = r == CODEC_OK;
	}
	assert_true(fitted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_noncanonical_vectors),
		cmocka_unit_test(test_faults_are_named),
		cmocka_unit_test(test_size_is_looked_at_first),
		cmocka_unit_test(test_arena_bounds_the_peer),
		cmocka_unit_test(test_small_arenas),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
