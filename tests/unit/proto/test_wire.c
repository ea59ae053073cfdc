/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Frames and their bodies: there and back, every truncation and every unknown byte refused.
 */
#include "tests/unit/proto/wire_fields.h"

#include "proto/wire.h"
#include "tests/lib/faults.h"

static const enum wire_verb verbs[] = { WIRE_SUBMIT,  WIRE_FETCH,   WIRE_CREDIT,   WIRE_JOIN,
					WIRE_PING,    WIRE_COSIGN,  WIRE_RECEIPT, WIRE_DELIVERY, WIRE_REPLY,
					WIRE_TROUBLE, WIRE_NOTICE,  WIRE_PONG,	   WIRE_BYE };

static size_t body_of(enum wire_verb verb)
{
	if (verb == WIRE_PING || verb == WIRE_PONG || verb == WIRE_BYE)
		return 0;
	return verb == WIRE_CREDIT ? 4 : 9;
}

static void test_frames(void **state UNUSED)
{
	static const uint8_t body[9] = "lichaam!";

	for (size_t i = 0; i < N_ELEMENTS(verbs); i++) {
		CLEANUP(buffer_fini) struct buffer b = { 0 };
		struct wire_frame f;

		wire_begin(&b, verbs[i], UINT64_C(0x0102030405060708));
		assert_int_equal(b.len, WIRE_HEADER_BYTES);
		buffer_bytes(&b, span_of(body, body_of(verbs[i])));
		CHECK_OK(wire_parse(buffer_span(&b), &f));
		assert_int_equal(f.verb, verbs[i]);
		assert_int_equal(f.correlation, UINT64_C(0x0102030405060708));
		CHECK_SPAN(f.body, span_of(body, body_of(verbs[i])));
		for (size_t len = 0; len < WIRE_HEADER_BYTES; len++)
			CHECK_IS(wire_parse(span_of(b.ptr, len), &f), WIRE_E_MALFORMED);
		buffer_u8(&b, 0);
		CHECK_IS(wire_parse(buffer_span(&b), &f),
			 body_of(verbs[i]) == 9 ? WIRE_OK : WIRE_E_MALFORMED);
	}
}

static void test_frame_bytes(void **state UNUSED)
{
	static const uint8_t expected[] = { 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 16 };
	CLEANUP(buffer_fini) struct buffer b = { 0 };

	wire_begin(&b, WIRE_CREDIT, 258);
	buffer_u32(&b, 16);
	CHECK_SPAN(buffer_span(&b), SPAN_OF(expected));
}

static void test_hostile_frames(void **state UNUSED)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	struct wire_frame f;
	size_t n_known = 0;

	wire_begin(&b, WIRE_SUBMIT, 7);
	for (unsigned v = 0; v < 256; v++) {
		b.ptr[0] = (uint8_t)v;
		CHECK_IS(wire_parse(buffer_span(&b), &f), v == WIRE_VERSION ? WIRE_OK : WIRE_E_MALFORMED);
	}
	b.ptr[0] = WIRE_VERSION;
	for (unsigned v = 0; v < 256; v++) {
		b.ptr[1] = (uint8_t)v;
		n_known += wire_parse(buffer_span(&b), &f) == WIRE_OK;
	}
	assert_int_equal(n_known, N_ELEMENTS(verbs) - 1); /* all but CREDIT, which needs a body */
	b.ptr[1] = WIRE_SUBMIT;
	b.ptr[3] = 1;
	CHECK_IS(wire_parse(buffer_span(&b), &f), WIRE_E_MALFORMED);
	b.ptr[3] = 0;
	assert_non_null(buffer_grow(&b, WIRE_BODY_MAX));
	CHECK_OK(wire_parse(buffer_span(&b), &f));
	buffer_u8(&b, 0);
	CHECK_IS(wire_parse(buffer_span(&b), &f), WIRE_E_MALFORMED);
}

/* What a body's decoder makes of bytes, with all the structs in one place. */
union body {
	struct delivery delivery;
	struct fetch fetch;
	struct rules_reply rules_reply;
	struct casus_list casus_list;
	struct ladder ladder;
	struct log_page log_page;
	struct consistency consistency;
	struct trouble trouble;
};

#define BODY(name)                                                                    \
	static int name##_in(struct span bytes, struct arena *arena, union body *out) \
	{                                                                             \
		return name##_decode(bytes, arena, &out->name);                       \
	}                                                                             \
	static int name##_out(const union body *in, struct buffer *out)               \
	{                                                                             \
		return name##_encode(&in->name, out);                                 \
	}
BODY(delivery)
BODY(fetch)
BODY(rules_reply)
BODY(casus_list)
BODY(ladder)
BODY(log_page)
BODY(consistency)
BODY(trouble)
#undef BODY

static struct casus_view views[] = { { SPAN_LITERAL("state") }, { SPAN_LITERAL("s") } };
static struct rung rungs[] = { { "AANVAARD", "", NOW_UNIX_MS, 0, SPAN_LITERAL("c2sp.org/tlog-proof@v1\n") },
			       { "GEOPEND", "dji", NOW_UNIX_MS + 9, UINT64_MAX, SPAN_LITERAL("x") } };
static struct log_record records[] = { { 0, SPAN_LITERAL("entry"), SPAN_LITERAL("record"), { NULL, 0 }, SPAN_LITERAL("proof"),
					 SPAN_LITERAL("input") },
				       { 7, SPAN_LITERAL("entry"), { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } } };

static const struct {
	const char *name;
	int (*in)(struct span bytes, struct arena *arena, union body *out);
	int (*out)(const union body *in, struct buffer *out);
	union body sample;
} bodies[] = {
	{ "delivery",
	  delivery_in,
	  delivery_out,
	  { .delivery = { SPAN_LITERAL("envelope"), SPAN_LITERAL("mandate\n"), 1234567 } } },
	{ "fetch",
	  fetch_in,
	  fetch_out,
	  { .fetch = { "records", "dji", SPAN_LITERAL("id"), 1, UINT64_MAX } } },
	{ "rules_reply",
	  rules_reply_in,
	  rules_reply_out,
	  { .rules_reply = { SPAN_LITERAL("kader"),
			     SPAN_LITERAL("register"),
			     SPAN_LITERAL("checkpoint"),
			     2,
			     { SPAN_LITERAL("een"), SPAN_LITERAL("twee") } } } },
	{ "casus_list", casus_list_in, casus_list_out, { .casus_list = { 2, views } } },
	{ "ladder", ladder_in, ladder_out, { .ladder = { SPAN_LITERAL("0123456789abcdef"), 2, rungs } } },
	{ "log_page", log_page_in, log_page_out, { .log_page = { 2, records, 8, 9 } } },
	{ "consistency",
	  consistency_in,
	  consistency_out,
	  { .consistency = { SPAN_LITERAL("checkpoint"), { 2, { { { 1 } }, { { 2 } } } } } } },
	{ "trouble", trouble_in, trouble_out, { .trouble = { "HERHALING", "komt later" } } },
};

static void test_bodies_there_and_back(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(WIRE_ARENA_BYTES);
		CLEANUP(buffer_fini) struct buffer bytes = { 0 }, again = { 0 };
		union body out;

		CHECK_OK(bodies[i].out(&bodies[i].sample, &bytes));
		assert_true(bytes.len > 0);
		CHECK_OK(bodies[i].in(buffer_span(&bytes), arena, &out));
		CHECK_OK(bodies[i].out(&out, &again));
		CHECK_SPAN(buffer_span(&again), buffer_span(&bytes));
	}
}

static void test_body_fields(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(WIRE_ARENA_BYTES);
	union body o;

#define READ(i)                                                         \
	do {                                                            \
		CLEANUP(buffer_fini) struct buffer bytes = { 0 };       \
		CHECK_OK(bodies[i].out(&bodies[i].sample, &bytes));     \
		CHECK_OK(bodies[i].in(buffer_span(&bytes), arena, &o)); \
	} while (0)
	READ(0);
	CHECK_SPAN(o.delivery.envelope, SPAN_LITERAL("envelope"));
	CHECK_SPAN(o.delivery.mandate, SPAN_LITERAL("mandate\n"));
	assert_int_equal(o.delivery.index, 1234567);
	READ(1);
	assert_string_equal(o.fetch.what, "records");
	assert_string_equal(o.fetch.sender, "dji");
	CHECK_SPAN(o.fetch.id, SPAN_LITERAL("id"));
	assert_true(o.fetch.from == 1 && o.fetch.to == UINT64_MAX);
	READ(2);
	CHECK_SPAN(o.rules_reply.kader, SPAN_LITERAL("kader"));
	CHECK_SPAN(o.rules_reply.reg, SPAN_LITERAL("register"));
	CHECK_SPAN(o.rules_reply.checkpoint, SPAN_LITERAL("checkpoint"));
	assert_int_equal(o.rules_reply.n_convenanten, 2);
	CHECK_SPAN(o.rules_reply.convenanten[1], SPAN_LITERAL("twee"));
	READ(3);
	assert_int_equal(o.casus_list.n, 2);
	CHECK_SPAN(o.casus_list.v[0].state, SPAN_LITERAL("state"));
	CHECK_SPAN(o.casus_list.v[1].state, SPAN_LITERAL("s"));
	READ(4);
	CHECK_SPAN(o.ladder.message_id, SPAN_LITERAL("0123456789abcdef"));
	assert_string_equal(o.ladder.v[0].name, "AANVAARD");
	assert_string_equal(o.ladder.v[1].hoedanigheid, "dji");
	assert_true(o.ladder.v[1].unix_ms == NOW_UNIX_MS + 9 && o.ladder.v[1].index == UINT64_MAX);
	CHECK_SPAN(o.ladder.v[0].receipt, SPAN_LITERAL("c2sp.org/tlog-proof@v1\n"));
	READ(5);
	assert_true(o.log_page.n == 2 && o.log_page.next_index == 8 && o.log_page.size == 9);
	CHECK_SPAN(o.log_page.v[0].record, SPAN_LITERAL("record"));
	CHECK_SPAN(o.log_page.v[0].proof, SPAN_LITERAL("proof"));
	assert_int_equal(o.log_page.v[1].index, 7);
	CHECK_SPAN(o.log_page.v[1].entry, SPAN_LITERAL("entry"));
	READ(6);
	CHECK_SPAN(o.consistency.checkpoint, SPAN_LITERAL("checkpoint"));
	assert_int_equal(o.consistency.proof.n, 2);
	assert_int_equal(o.consistency.proof.path[1].bytes[0], 2);
	READ(7);
	assert_string_equal(o.trouble.code, "HERHALING");
	assert_string_equal(o.trouble.text, "komt later");
#undef READ
}

/* The bytes of each body stand, in a frame, in the corpus of fuzz_wire: a change of the format shows. */
static void test_the_bytes_of_every_body(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
		CLEANUP(buffer_fini) struct buffer bytes = { 0 }, golden = { 0 };
		struct wire_frame f;
		char path[96];

		snprintf(path, sizeof path, "fuzz/fuzz_wire.in/%s", bodies[i].name);
		test_file(path, &golden);
		CHECK_OK(wire_parse(buffer_span(&golden), &f));
		CHECK_OK(bodies[i].out(&bodies[i].sample, &bytes));
		CHECK_SPAN(f.body, buffer_span(&bytes));
	}
}

/* Each body with each bit flipped and at each length: refused, or a value that encodes to exactly these
 * bytes. */
static void test_hostile_bodies(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(WIRE_ARENA_BYTES);
		CLEANUP(buffer_fini) struct buffer bytes = { 0 };
		size_t n_refused = 0;

		CHECK_OK(bodies[i].out(&bodies[i].sample, &bytes));
		for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
			CLEANUP(buffer_fini) struct buffer again = { 0 };
			union body out;
			int r;

			arena_reset(arena);
			bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			r = bodies[i].in(buffer_span(&bytes), arena, &out);
			n_refused += r == WIRE_E_MALFORMED;
			if (!r) {
				CHECK_OK(bodies[i].out(&out, &again));
				CHECK_SPAN(buffer_span(&again), buffer_span(&bytes));
			}
			bytes.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_true(n_refused);
		put_field_number(&bytes, 99, 1); /* a field from a later version */
		arena_reset(arena);
		CHECK_IS(bodies[i].in(buffer_span(&bytes), arena, &(union body){ 0 }), WIRE_E_MALFORMED);
	}
}

#define WIRE_FIELD(type, member, body, ...)                                           \
	{                                                                             \
		body,                                                                 \
		{                                                                     \
#member, .offset = offsetof(struct type, member), __VA_ARGS__ \
		}                                                                     \
	}

/* The rules of fields that stand in the struct itself. */
static const struct {
	size_t body;
	struct field field;
} fields[] = {
	WIRE_FIELD(fetch, what, 1, .form = FORM_TEXT),
	WIRE_FIELD(fetch, sender, 1, .form = FORM_TEXT, ABSENT_OK),
	WIRE_FIELD(ladder, message_id, 4, .form = FORM_BYTES, .size = 16),
	WIRE_FIELD(trouble, code, 7, .form = FORM_TEXT),
	WIRE_FIELD(trouble, text, 7, .form = FORM_TEXT, ABSENT_OK),
};

/* And of fields in a list: where in the first element. */
static const struct field rung_fields[] = {
	FIELD(rung, name, "", .form = FORM_TEXT),
	FIELD(rung, hoedanigheid, "", .form = FORM_TEXT, ABSENT_OK),
	FIELD(rung, unix_ms, "", .form = FORM_TIME),
};

static int decode_body(size_t i, const union body *in)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(WIRE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	union body out;

	CHECK_OK(bodies[i].out(in, &bytes));
	return bodies[i].in(buffer_span(&bytes), arena, &out);
}

static void check_rule(size_t body, const struct field *f, union body *in, void *holder)
{
	uint8_t *at = (uint8_t *)holder + f->offset;
	union value kept, v;

	memcpy(&kept, at, value_size(f->form));
	for (size_t i = 0; bad_value(f, i, &v); i++) {
		memcpy(at, &v, value_size(f->form));
		CHECK_IS(decode_body(body, in), WIRE_E_MALFORMED);
	}
	for (size_t i = 0; good_value(f, i, &v); i++) {
		memcpy(at, &v, value_size(f->form));
		CHECK_IS(decode_body(body, in), WIRE_OK);
	}
	memcpy(at, &kept, value_size(f->form));
}

static void test_rules_of_fields(void **state UNUSED)
{
	union body in;

	for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
		in = bodies[fields[i].body].sample;
		check_rule(fields[i].body, &fields[i].field, &in, &in);
	}
	in = bodies[4].sample;
	for (size_t i = 0; i < N_ELEMENTS(rung_fields); i++)
		check_rule(4, &rung_fields[i], &in, &rungs[0]);
}

static void test_limits(void **state UNUSED)
{
	CLEANUP(buffer_fini) struct buffer big = { 0 }, out = { 0 };
	union body in;

	assert_non_null(buffer_grow(&big, WIRE_BODY_MAX));
	memset(big.ptr, 'a', big.len);
	in.delivery = (struct delivery){ .envelope = span_of(big.ptr, ENVELOPE_BYTES_MAX),
					 .mandate = span_of(big.ptr, 4000) };
	CHECK_IS(decode_body(0, &in), WIRE_OK);
	in.delivery.envelope.len++;
	CHECK_IS(decode_body(0, &in), WIRE_E_MALFORMED);
	in.delivery.envelope = SPAN_NONE;
	CHECK_IS(decode_body(0, &in), WIRE_E_MALFORMED);

	in.fetch = (struct fetch){ .what = "casus", .sender = "", .id = span_of(big.ptr, 32) };
	CHECK_IS(decode_body(1, &in), WIRE_OK);
	in.fetch.id.len++;
	CHECK_IS(decode_body(1, &in), WIRE_E_MALFORMED);

	in = bodies[2].sample;
	in.rules_reply.convenanten[1] = SPAN_NONE;
	CHECK_IS(decode_body(2, &in), WIRE_E_MALFORMED);
	in.rules_reply.n_convenanten = 9;
	assert_int_equal(rules_reply_encode(&in.rules_reply, &out), -EINVAL);
	in = bodies[6].sample;
	in.consistency.proof.n = TREE_PROOF_MAX;
	CHECK_IS(decode_body(6, &in), WIRE_OK);
	in.consistency.proof.n = TREE_PROOF_MAX + 1;
	assert_int_equal(consistency_encode(&in.consistency, &out), -EINVAL);

	in.log_page =
		(struct log_page){ .n = 1, .v = &(struct log_record){ .entry = span_of(big.ptr, 65536) } };
	CHECK_IS(decode_body(5, &in), WIRE_E_MALFORMED);
}

/* Lists as long as they may be, with what fits beside it; one more is refused. */
static void test_long_lists(void **state UNUSED)
{
	static struct log_record many[WIRE_LIST_MAX + 1];
	static struct casus_view casus[WIRE_LIST_MAX + 1];
	union body in;

	for (size_t i = 0; i < N_ELEMENTS(many); i++) {
		many[i] = (struct log_record){ .index = i, .entry = bytes_32((uint8_t)i) };
		casus[i] = (struct casus_view){ .state = bytes_32((uint8_t)i) };
	}
	in.log_page = (struct log_page){ .n = WIRE_LIST_MAX, .v = many, .next_index = 1, .size = 1 };
	CHECK_IS(decode_body(5, &in), WIRE_OK);
	in.log_page.n++;
	CHECK_IS(decode_body(5, &in), WIRE_E_MALFORMED);
	in.casus_list = (struct casus_list){ .n = WIRE_LIST_MAX, .v = casus };
	CHECK_IS(decode_body(3, &in), WIRE_OK);
	in.casus_list.n++;
	CHECK_IS(decode_body(3, &in), WIRE_E_MALFORMED);
}

static void test_small_arenas_and_no_memory(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
		CLEANUP(buffer_fini) struct buffer bytes = { 0 };
		bool fitted = false;
		union body out;
		int r;

		for (unsigned nth = 1;; nth++) {
			buffer_fini(&bytes);
			faults_begin(nth);
			r = bodies[i].out(&bodies[i].sample, &bytes);
			if (!faults_end())
				break;
			CHECK_IS(r, -ENOMEM);
		}
		CHECK_OK(r);
		for (size_t limit = 1; limit < 4096; limit += 16) {
			CLEANUP(arena_freep) struct arena *arena = arena_new(limit);

			r = bodies[i].in(buffer_span(&bytes), arena, &out);
			assert_true(r == WIRE_OK || r == WIRE_E_MALFORMED);
			assert_false(fitted && r);
			fitted = r == WIRE_OK;
		}
		assert_true(fitted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_frame_bytes),
		cmocka_unit_test(test_hostile_frames),
		cmocka_unit_test(test_bodies_there_and_back),
		cmocka_unit_test(test_body_fields),
		cmocka_unit_test(test_the_bytes_of_every_body),
		cmocka_unit_test(test_hostile_bodies),
		cmocka_unit_test(test_rules_of_fields),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_small_arenas_and_no_memory),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
