/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Two homes and no house between them: what one composes the other opens, and whatever is changed on the way
 * is refused. The test plays the house: it carries envelopes from one outbox to the other inbox, with the
 * mandate of who signed.
 */
#include "tests/unit/client/fixture.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client/lib/compose.h"
#include "client/lib/open.h"

#define NOBODY "tcp://127.0.0.1:1"
#define CASUS "0e7c61f0-7d57-4c39-9a5c-3a1b7b9a2c11"
#define SECRET_TEXT "{\"antwoord\": \"geen vaste verblijfplaats\"}"

static struct paper_house house;
static const char *politie_home, *nazorg_home, *om_home;
static kp_node *politie, *nazorg, *om;
static const char *const to_politie[] = { "politie-noord-nederland", NULL };
static const struct kp_part vraag = { .category = "vraag",
				      .content = "{\"vraag\": \"waar woont betrokkene?\"}" };

static int group_setup(void **state)
{
	const char *homes[4] = { NULL };

	(void)state;
	paper_house_new(&house, NOBODY);
	homes[0] = politie_home = paper_join(&house, "politie",
					     (const char *const[]) { "politie-noord-nederland", NULL });
	homes[1] = nazorg_home = paper_join(&house, "zvhd", (const char *const[]) { "zvhd-nazorg", NULL });
	homes[2] = om_home = paper_join(&house, "om", (const char *const[]) { "om-noord-nederland", NULL });
	paper_convenant(&house, homes);
	for (size_t i = 0; homes[i]; i++)
		paper_rules(&house, homes[i]);
	politie = paper_open(politie_home);
	nazorg = paper_open(nazorg_home);
	om = paper_open(om_home);
	assert_int_equal(politie->rules.n_convenanten, 1);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	kp_close(politie);
	kp_close(nazorg);
	kp_close(om);
	paper_house_free(&house);
	return 0;
}

static struct kp_message_out question(const char *const *categories)
{
	return (struct kp_message_out) {
		.kind = "verzoek",
		.to = to_politie,
		.casus = CASUS,
		.regime = "OVERIG",
		.grondslag = "nazorg-toestemming",
		.doel = "nazorg",
		.noodzaak = "voorbereiding van de terugkeer",
		.overleg = "nazorg",
		.person_role = "betrokkene",
		.categories = categories,
		.parts = &vraag,
		.n_parts = 1,
	};
}

static void ask(struct kp_sent *sent, struct item *kept, struct arena *arena)
{
	static const char *const categories[] = { "woonsituatie", "identificerend", NULL };
	struct kp_message_out m = question(categories);
	struct kp_error err;

	assert_int_equal(kp_send(nazorg, &m, 0, sent, &err), KP_UNREACHABLE);
	paper_carry(nazorg, politie, sent, kept, arena);
}

static void test_question_and_answer(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	const struct kp_part parts[] = { { .category = "woonsituatie",
					   .content = SECRET_TEXT,
					   .reference_date = "2026-01-05",
					   .source = "register" } };
	struct kp_message_in *m = NULL;
	struct kp_sent sent, answer;
	struct kp_error err;
	struct item item;

	(void)state;
	ask(&sent, &item, arena);
	assert_int_equal(kp_claim(politie, NULL, &m, &err), KP_OK);
	assert_string_equal(m->message_id, sent.message_id);
	assert_string_equal(m->exchange_id, sent.exchange_id);
	assert_string_equal(m->casus, CASUS);
	assert_string_equal(m->kind, "verzoek");
	assert_string_equal(m->sender, "zvhd-nazorg");
	assert_string_equal(m->organisation, "zvhd");
	assert_string_equal(m->person, "mdw-1");
	assert_string_equal(m->role, "liaison");
	assert_string_equal(m->recipient, "politie-noord-nederland");
	assert_string_equal(m->categories[0], "identificerend");
	assert_string_equal(m->categories[1], "woonsituatie");
	assert_null(m->categories[2]);
	assert_int_equal(m->state, KP_ITEM_HANDLING);
	assert_true(m->deadline_unix_ms >= m->created_unix_ms + 13ull * 24 * 3600 * 1000);
	assert_int_equal(m->n_parts, 1);
	assert_true(m->parts[0].opened);
	assert_string_equal(m->parts[0].content, vraag.content);
	assert_string_equal(m->parts[0].media_type, "application/json");
	assert_int_equal(kp_answer(politie, m->message_id, &(struct kp_reply){ .kind = "GEGEVENS", .parts = parts, .n_parts = 1 }, 0, &answer, &err),
			 KP_UNREACHABLE);
	assert_string_equal(answer.exchange_id, sent.exchange_id);
	paper_carry(politie, nazorg, &answer, &item, arena);
	kp_message_in_free(m);
	assert_int_equal(kp_read(nazorg, answer.message_id, false, &m, &err), KP_OK);
	assert_string_equal(m->in_reply_to, sent.message_id);
	assert_string_equal(m->answer_kind, "GEGEVENS");
	assert_string_equal(m->parts[0].content, SECRET_TEXT);
	assert_string_equal(m->parts[0].reference_date, "2026-01-05");
	assert_string_equal(m->categories[0], "woonsituatie");
	kp_message_in_free(m);
	kp_sent_fini(&sent);
	kp_sent_fini(&answer);
}

/* The question is closed in the step that stored the answer; it is not handed out again. */
static void test_answered_once(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct kp_message_in *m = NULL;
	struct kp_sent sent, answer;
	struct kp_error err;
	struct item item;

	(void)state;
	ask(&sent, &item, arena);
	assert_int_equal(kp_answer(politie, sent.message_id, &(struct kp_reply){ .kind = "LATER" }, 0, &answer, &err),
			 KP_UNREACHABLE);
	CHECK_OK(state_item(politie->state, item.id, arena, &item));
	assert_int_equal(item.state, KP_ITEM_NEW); /* LATER leaves it open */
	kp_sent_fini(&answer);
	assert_int_equal(kp_answer(politie, sent.message_id, &(struct kp_reply){ .kind = "NIET_BEKEND" }, 0, &answer, &err),
			 KP_UNREACHABLE);
	CHECK_OK(state_item(politie->state, item.id, arena, &item));
	assert_int_equal(item.state, KP_ITEM_DONE);
	assert_int_equal(kp_claim(politie, NULL, &m, &err), KP_NONE);
	kp_sent_fini(&answer);
	assert_int_equal(kp_answer(politie, sent.message_id, &(struct kp_reply){ .kind = "WEIGERING" }, 0, &answer, &err), KP_USAGE);
	kp_sent_fini(&sent);
	kp_sent_fini(&answer);
}

static void answer_envelope(const char *kind, const char *question_id, struct arena *arena, struct sent *out,
			    struct message *m)
{
	struct kp_sent sent;
	struct kp_error err;
	struct envelope e;
	const char *why;
	uint8_t id[ID_BYTES];

	assert_int_equal(kp_answer(politie, question_id, &(struct kp_reply){ .kind = kind }, 0, &sent, &err), KP_UNREACHABLE);
	assert_true(uuid_decode(sent.message_id, id));
	CHECK_OK(state_sent(politie->state, id, arena, out));
	CHECK_OK(envelope_decode(out->envelope, arena, &e));
	CHECK_OK(message_decode(MESSAGE_ANTWOORD, e.payload, arena, m, &why));
	kp_sent_fini(&sent);
}

/* Whoever gets the answer can't tell "we know nothing" from "we say nothing": same fields, same length. Only
 * this home knows. */
static void test_withheld(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct message plain, withheld;
	struct kp_sent sent, sent_b;
	struct sent a, b;
	struct item item;

	(void)state;
	ask(&sent, &item, arena);
	ask(&sent_b, &item, arena);
	answer_envelope("NIET_BEKEND", sent.message_id, arena, &a, &plain);
	answer_envelope("GEEN_MEDEDELING", sent_b.message_id, arena, &b, &withheld);
	assert_false(a.withheld);
	assert_true(b.withheld);
	assert_int_equal(a.envelope.len, b.envelope.len);
	assert_string_equal(withheld.header.answer_kind, "NIET_BEKEND");
	assert_int_equal(withheld.n_parts, 0);
	assert_int_equal(withheld.header.categories.n, 0);
	assert_int_equal(plain.header.categories.n, 0);
	kp_sent_fini(&sent);
	kp_sent_fini(&sent_b);
}

/* --- changed on the way --- */

static void refused(kp_node *node, const struct item *item, const char *word)
{
	struct kp_message_in *m = NULL;
	struct kp_error err = { 0 };

	assert_int_equal(open_item(node, item, OPEN_PARTS, &m, &err), KP_UNVERIFIED);
	assert_null(m);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not say %s", err.text, word);
	assert_string_equal(err.side, "partner");
}

static void decoded(const struct item *item, struct arena *arena, struct envelope *e, struct message *m)
{
	const char *why = "";

	CHECK_OK(envelope_decode(item->envelope, arena, e));
	CHECK_OK(message_decode(item->kind, e->payload, arena, m, &why));
}

/* The same parts under another header, signed anew by a person with a key and a mandate. */
static void resigned(const struct message *m, const struct keyfile *signer, struct item *item,
		     struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 }, envelope = { 0 };
	struct message changed = *m;

	CHECK_OK(header_encode(&m->header, &header));
	changed.header_bytes = buffer_span(&header);
	CHECK_OK(message_encode(&changed, &payload));
	CHECK_OK(envelope_sign(message_kind_type(m->kind), buffer_span(&payload), signer->secret, &envelope));
	item->envelope = arena_copy(arena, buffer_span(&envelope));
}

static void test_relabelled(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct kp_message_in *in = NULL;
	struct kp_sent sent;
	struct kp_error err;
	struct item item;
	struct envelope e;
	struct message m;

	(void)state;
	ask(&sent, &item, arena);
	decoded(&item, arena, &e, &m);
	/* By the house, which has no key of a person: the signature no longer holds. */
	m.header.doel = "iets anders";
	resigned(&m, &om->keys.persons[0].key, &item, arena);
	refused(politie, &item, "signature");
	/* By the signer's own key, as a thief of the parts would: the parts stay shut. */
	resigned(&m, &nazorg->keys.persons[0].key, &item, arena);
	assert_int_equal(open_item(politie, &item, OPEN_PARTS, &in, &err), KP_OK);
	assert_int_equal(in->n_parts, 1);
	assert_false(in->parts[0].opened);
	assert_true(*in->parts[0].trouble);
	assert_int_equal(in->parts[0].content_len, 0);
	kp_message_in_free(in);
	kp_sent_fini(&sent);
}

static void test_flipped(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct kp_sent sent;
	struct item item;
	size_t n = 0;

	(void)state;
	ask(&sent, &item, arena);
	for (size_t i = 0; i < item.envelope.len; i += 7, n++) {
		CLEANUP(arena_freep) struct arena *one = arena_new(1u << 20);
		struct item changed = item;
		struct kp_message_in *m = NULL;
		struct kp_error err;
		uint8_t *bytes;

		changed.envelope = arena_copy(one, item.envelope);
		bytes = (uint8_t *)(uintptr_t)changed.envelope.ptr;
		bytes[i] ^= 0x20;
		if (open_item(politie, &changed, OPEN_PARTS, &m, &err) != KP_UNVERIFIED)
			fail_msg("byte %zu can be changed", i);
	}
	assert_true(n > 100);
	kp_sent_fini(&sent);
}

static void test_wrong_mandate(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct kp_sent sent;
	struct item item, changed;

	(void)state;
	ask(&sent, &item, arena);
	changed = item;
	changed.mandate = om->keys.persons[0].mandate;
	refused(politie, &changed, "not the one");
	changed.mandate = SPAN_NONE;
	refused(politie, &changed, "mandate");
	changed.mandate = SPAN_LITERAL("mandaat: x\n\n\xe2\x80\x94 a AAAAAAAA\n");
	refused(politie, &changed, "mandate");
	changed = item;
	refused(om, &changed, "not for a hoedanigheid");
	kp_sent_fini(&sent);
}

/* A mandate that the organisation really signed, for another time or another hoedanigheid. */
static void mandated(struct mandate *mandate, struct item *item, struct message *m, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 }, note = { 0 };
	struct note_key signer;
	struct keyfile key;
	uint8_t digest[32];

	CHECK_OK(keyfile_read(test_path(nazorg_home, "keys/organisation.key"), "organisation", &key));
	CHECK_OK(note_key_init(&signer, key.name, NOTE_KEY_ED25519, key.public_key));
	memcpy(mandate->sign_key, nazorg->keys.persons[0].key.public_key, 32);
	CHECK_OK(mandate_print(mandate, &text));
	CHECK_OK(note_begin(&note, buffer_span(&text)));
	CHECK_OK(note_sign(&note, buffer_span(&text), &signer, key.secret));
	keyfile_fini(&key);
	crypto_hash_sha256(digest, text.ptr, text.len);
	m->header.mandate = arena_copy(arena, SPAN_OF(digest));
	item->mandate = arena_copy(arena, buffer_span(&note));
	resigned(m, &nazorg->keys.persons[0].key, item, arena);
}

static void test_mandate_out_of_time(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	const char *const nazorg_only[] = { "zvhd-nazorg" }, *const procesregie[] = { "zvhd-procesregie" };
	uint64_t now = env_unix_ms(env_system()), day = 24ull * 3600 * 1000;
	struct mandate mandate = {
		.person = "mdw-1",
		.house = "drenthe",
		.organisation = "zvhd",
		.role = "liaison",
		.klasse = "uitvoering",
		.hoedanigheden = { 1, (const char **)(uintptr_t)nazorg_only },
		.screening_unix_ms = now - 400 * day,
		.training_unix_ms = now - 400 * day,
		.from_unix_ms = now - 300 * day,
		.until_unix_ms = now - 10 * day,
	};
	struct kp_sent sent;
	struct item item;
	struct envelope e;
	struct message m;

	(void)state;
	ask(&sent, &item, arena);
	decoded(&item, arena, &e, &m);
	mandated(&mandate, &item, &m, arena);
	refused(politie, &item, "not in force");
	mandate.from_unix_ms = now + 10 * day;
	mandate.until_unix_ms = now + 20 * day;
	mandated(&mandate, &item, &m, arena);
	refused(politie, &item, "not in force");
	mandate.from_unix_ms = now - 10 * day;
	mandate.hoedanigheden.v = (const char **)(uintptr_t)procesregie;
	mandated(&mandate, &item, &m, arena);
	refused(politie, &item, "zvhd-nazorg");
	mandate.hoedanigheden.v = (const char **)(uintptr_t)nazorg_only;
	mandate.person = "mdw-9";
	mandated(&mandate, &item, &m, arena);
	refused(politie, &item, "not the one");
	kp_sent_fini(&sent);
}

/* The organisation got another key: its older mandates do not hold under the newer register. */
static void test_mandate_revoked(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct registry *registry = politie->rules.registry;
	struct reg_organisation *organisations = arena_array(arena, registry->n_organisations,
							     sizeof *organisations);
	const struct reg_organisation *real = registry->organisations;
	struct kp_sent sent;
	struct item item;

	(void)state;
	ask(&sent, &item, arena);
	memcpy(organisations, real, registry->n_organisations * sizeof *organisations);
	for (size_t i = 0; i < registry->n_organisations; i++)
		if (text_equal(organisations[i].id, "zvhd"))
			memcpy(organisations[i].key.public_key, house.stewards[0].public_key, 32);
	registry->organisations = organisations;
	registry->digest.bytes[0] ^= 1; /* another version */
	refused(politie, &item, "mandate");
	registry->organisations = real;
	registry->digest.bytes[0] ^= 1;
	kp_sent_fini(&sent);
}

/* --- may I --- */

static void test_may_i(void **state)
{
	static const char *const categories[] = { "woonsituatie", NULL };
	struct kp_message_out m = question(categories);
	char *text = NULL;
	struct kp_error err;

	(void)state;
	m.grondslag = NULL;
	m.casus = NULL;
	assert_int_equal(kp_may_i(nazorg, &m, "en", &text, &err), KP_REFUSED);
	assert_string_equal(err.code, "GEEN_GRONDSLAG");
	assert_non_null(text);
	assert_true(strlen(text) > 100);
	assert_true(*err.remedy);
	free(text);
	text = NULL;
	assert_int_equal(kp_may_i(nazorg, &m, "nl", NULL, NULL), KP_REFUSED);
	m.to = (const char *const[]) { "ggz-drenthe",
				       NULL }; /* has not joined: may be asked about all the same */
	assert_int_equal(kp_may_i(nazorg, &m, NULL, &text, &err), KP_REFUSED);
	free(text);
}

/* --- listing --- */

struct listed {
	size_t n;
	const char *want;
};

static bool list_one(void *ctx, const struct kp_message_in *m)
{
	struct listed *l = ctx;

	assert_int_equal(m->n_parts, 0);
	assert_string_equal(m->exchange_id, l->want);
	l->n++;
	return true;
}

static void test_inbox(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	struct kp_sent sent;
	struct kp_error err;
	struct item item;
	struct listed l = { 0, sent.exchange_id };

	(void)state;
	ask(&sent, &item, arena);
	assert_int_equal(kp_inbox(politie, sent.exchange_id, list_one, &l, &err), KP_OK);
	assert_int_equal(l.n, 1);
	kp_sent_fini(&sent);
}

/* One question to many: no envelope names anyone else, and one who can't be reached does not stop the others.
 */
static void test_ask_many(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	static const char *const to[] = { "politie-noord-nederland", "ggz-drenthe", "om-noord-nederland",
					  NULL };
	static const char *const categories[] = { "identificerend", NULL };
	struct kp_message_out m = question(categories);
	struct kp_sent sent[3];
	struct kp_error err;
	struct envelope e;
	struct message got;
	const char *why;

	(void)state;
	m.to = to;
	m.kind = NULL;
	assert_int_not_equal(kp_ask(nazorg, &m, 0, sent, &err), KP_OK);
	assert_int_equal(sent[1].result, KP_USAGE);
	assert_non_null(strstr(sent[1].error.text, "ggz-drenthe"));
	assert_string_equal(sent[1].message_id, "");
	assert_string_equal(sent[0].exchange_id, sent[2].exchange_id);
	assert_string_not_equal(sent[0].message_id, sent[2].message_id);
	for (size_t i = 0; i < 3; i += 2) {
		struct sent stored;
		uint8_t id[ID_BYTES];

		assert_int_equal(sent[i].result, KP_UNREACHABLE);
		assert_true(uuid_decode(sent[i].message_id, id));
		CHECK_OK(state_sent(nazorg->state, id, arena, &stored));
		CHECK_OK(envelope_decode(stored.envelope, arena, &e));
		CHECK_OK(message_decode(MESSAGE_VERZOEK, e.payload, arena, &got, &why));
		assert_int_equal(got.header.recipients.n, 1);
		assert_string_equal(got.header.recipients.v[0], to[i]);
		assert_int_equal(got.parts[0].n_wraps, 1);
		CHECK_SPAN(got.header.convenant,
			   SPAN_OF(convenant_digest(nazorg->rules.convenanten[0])->bytes));
	}
	for (size_t i = 0; i < 3; i++)
		kp_sent_fini(&sent[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question_and_answer),
		cmocka_unit_test(test_answered_once),
		cmocka_unit_test(test_withheld),
		cmocka_unit_test(test_relabelled),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_wrong_mandate),
		cmocka_unit_test(test_mandate_out_of_time),
		cmocka_unit_test(test_mandate_revoked),
		cmocka_unit_test(test_may_i),
		cmocka_unit_test(test_inbox),
		cmocka_unit_test(test_ask_many),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
