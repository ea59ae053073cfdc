/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the house hands over for a replay is held against what its record names: whatever was changed, taken away or put in its place
 * is said, and is never taken for a decision that agrees.
 */
#include <sodium.h>
#include <string.h>

#include "convenant/again.h"
#include "proto/entry.h"
#include "tests/lib/harness.h"

static struct arena *arena;
static struct buffer input, record_bytes, entry_bytes;

/* A decision that refused for two reasons, as a house writes it down. */
static struct decision decision(void)
{
	struct decision d = { 0 };

	d.code = CODE_GEEN_GRONDSLAG;
	d.findings[d.n++] = (struct finding){ CODE_SCHEMA_ONGELDIG, "schema.casus", "", "", true };
	d.findings[d.n++] = (struct finding){ CODE_GEEN_GRONDSLAG, "grondslag.kader", "", "WGS 9", false };
	d.findings[d.n++] = (struct finding){ CODE_GEEN_DOEL, "doel.noodzaak", "", "", false };
	return d;
}

static void replay_bytes(struct buffer *out)
{
	struct replay r = { .message = { .kind = MESSAGE_VERZOEK }, .now_unix_ms = 1795334400000 };
	struct header *h = &r.message.header;
	uint8_t id[ID_BYTES] = { 7 };

	h->message_id = h->exchange_id = h->trace_id = arena_copy(arena, SPAN_OF(id));
	h->sender = "om-noord-nederland";
	h->person = "mdw-1";
	h->on_behalf_of = h->regime = h->grondslag = h->doel = h->noodzaak = h->overleg = h->person_role = h->related_to = h->answer_kind = "";
	h->created_unix_ms = h->not_after_unix_ms = 1795334400000;
	CHECK_OK(replay_encode(&r, out));
}

static void record_make(bool names_input)
{
	static const uint8_t salt[SALT_BYTES] = { 3 };
	struct record_writer w;
	uint8_t digest[HASH_BYTES];
	struct secret *key;
	struct entry entry = { .kind = ENTRY_BERICHT, .code = CODE_GEEN_GRONDSLAG, .time_unix_ms = 1795334400000 };

	buffer_reset(&record_bytes);
	buffer_reset(&entry_bytes);
	record_begin(&w, &record_bytes);
	record_add(&w, RECORD_SALT, SPAN_OF(salt));
	record_add(&w, RECORD_STATEMENT, SPAN_LITERAL("statement"));
	record_add_text(&w, RECORD_TYPE, "verzoek");
	record_add_text(&w, RECORD_RULE_FAILED, "GEEN_GRONDSLAG grondslag.kader WGS 9");
	record_add_text(&w, RECORD_RULE_FAILED, "GEEN_DOEL doel.noodzaak");
	crypto_hash_sha256(digest, input.ptr, input.len);
	if (names_input)
		record_add(&w, RECORD_INPUT, SPAN_OF(digest));
	CHECK_OK(buffer_ok(&record_bytes));
	entry_binding(salt, SPAN_LITERAL("statement"), entry.binding);
	key = secret_random(32);
	assert_non_null(key);
	CHECK_OK(entry_seal(&entry, env_system(), key, buffer_span(&record_bytes), &entry_bytes));
	secret_free(key);
}

static struct logged row(void)
{
	return (struct logged){ .entry = buffer_span(&entry_bytes), .record = buffer_span(&record_bytes),
				    .input = buffer_span(&input) };
}

static enum replay_verdict opened(const struct logged *r)
{
	struct record record = { 0 };
	struct replay replay;
	const char *why = "";
	enum replay_verdict v = replay_open(r, arena, &record, &replay, &why);

	assert_true(v != REPLAY_BROKEN || *why);
	return v;
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
	buffer_init(&input, 0);
	buffer_init(&record_bytes, 0);
	buffer_init(&entry_bytes, 0);
	replay_bytes(&input);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena = arena_free(arena);
	buffer_fini(&input);
	buffer_fini(&record_bytes);
	buffer_fini(&entry_bytes);
	return 0;
}

static void test_opened(void **state)
{
	struct logged r;

	(void)state;
	record_make(true);
	r = row();
	assert_int_equal(opened(&r), REPLAY_AGREES);
	r.input = SPAN_NONE;
	assert_int_equal(opened(&r), REPLAY_GONE);
	r = row();
	r.record = SPAN_NONE;
	assert_int_equal(opened(&r), REPLAY_GONE);
	record_make(false);
	r = row();
	assert_int_equal(opened(&r), REPLAY_WITHOUT);
}

/* Each bit of the input, and each byte cut off it. */
static void test_changed_input(void **state)
{
	struct logged r;

	(void)state;
	record_make(true);
	for (size_t i = 0; i < 8 * input.len; i++) {
		uint8_t *bytes = arena_array(arena, input.len, 1);

		memcpy(bytes, input.ptr, input.len);
		bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
		r = row();
		r.input = span_of(bytes, input.len);
		assert_int_equal(opened(&r), REPLAY_BROKEN);
	}
	for (size_t len = 1; len < input.len; len++) {
		r = row();
		r.input = span_of(input.ptr, len);
		assert_int_equal(opened(&r), REPLAY_BROKEN);
	}
}

/* A record that is not the one its entry is bound to, and bytes that are none. */
static void test_changed_record(void **state)
{
	struct logged r;
	uint8_t *bytes;

	(void)state;
	record_make(true);
	r = row();
	bytes = arena_array(arena, r.record.len, 1);
	memcpy(bytes, r.record.ptr, r.record.len);
	bytes[6] ^= 1; /* in the salt */
	r.record = span_of(bytes, r.record.len);
	assert_int_equal(opened(&r), REPLAY_BROKEN);
	for (size_t len = 1; len < record_bytes.len; len += 3) {
		r = row();
		r.record = span_of(record_bytes.ptr, len);
		assert_true(opened(&r) != REPLAY_AGREES);
	}
	r = row();
	r.entry = span_of(entry_bytes.ptr, entry_bytes.len - 1);
	assert_int_equal(opened(&r), REPLAY_BROKEN);
}

/* The same outcome for other reasons is a difference. */
static void test_same(void **state)
{
	const struct finding *differs = NULL;
	struct decision d = decision();
	struct record record;

	(void)state;
	record_make(true);
	CHECK_OK(record_parse(buffer_span(&record_bytes), arena, &record));
	assert_true(replay_same(&record, &d, &differs));
	d.findings[1].subject = "WGS 8";
	assert_false(replay_same(&record, &d, &differs));
	assert_string_equal(differs->subject, "WGS 8");
	d = decision();
	d.findings[2].subject = "a-subject-that-is-longer-than-any-id-may-be-is-not-kept-in-the-record"; /* by neither */
	assert_true(replay_same(&record, &d, &differs));
	d = decision();
	d.n = 2; /* one reason less */
	assert_false(replay_same(&record, &d, &differs));
	d = decision();
	d.findings[1].passed = d.findings[2].passed = true; /* allowed */
	assert_false(replay_same(&record, &d, &differs));
	d = decision();
	d.findings[2] = d.findings[1];
	assert_false(replay_same(&record, &d, &differs));
	for (int v = 0; v <= REPLAY_VERDICT_N; v++)
		assert_true(*replay_verdict_name((enum replay_verdict)v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opened),
		cmocka_unit_test(test_changed_input),
		cmocka_unit_test(test_changed_record),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
