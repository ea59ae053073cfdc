/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What follows on a message: answers of every kind, corrections and what they destroy, answers that wait for their moment. Homes on
 * paper, as in test_open.c.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/lib/exchange.h"
#include "client/lib/follow.h"
#include "client/lib/open.h"
#include "tests/unit/client/fixture.h"

#define NOBODY "tcp://127.0.0.1:1"
#define CASUS "0e7c61f0-7d57-4c39-9a5c-3a1b7b9a2c11"
#define SECRET_TEXT "{\"antwoord\": \"geen vaste verblijfplaats\"}"

#define POLITIE "politie-noord-nederland"
#define NAZORG "zvhd-nazorg"
#define OM "om-noord-nederland"

static struct paper_house house;
static kp_node *politie, *nazorg, *om;
static struct arena *arena;
static const char *const to_politie[] = { POLITIE, NULL };
static const char *const to_both[] = { OM, POLITIE, NULL };
static const struct kp_part vraag = { .category = "vraag", .content = "{\"vraag\": \"waar woont betrokkene?\"}" };
static const struct kp_part onderdak = { .category = "woonsituatie.onderdak", .content = SECRET_TEXT };
static const struct kp_part contact = { .category = "identificerend.contact", .content = "{\"bel\": \"het bureau\"}" };

static int setup(void **state)
{
	const char *homes[4] = { NULL };

	(void)state;
	paper_house_new(&house, NOBODY);
	homes[0] = paper_join(&house, "politie", (const char *const[]) { POLITIE, NULL });
	homes[1] = paper_join(&house, "zvhd", (const char *const[]) { NAZORG, NULL });
	homes[2] = paper_join(&house, "om", (const char *const[]) { OM, NULL });
	paper_convenant(&house, homes);
	for (size_t i = 0; homes[i]; i++)
		paper_rules(&house, homes[i]);
	politie = paper_open(homes[0]);
	nazorg = paper_open(homes[1]);
	om = paper_open(homes[2]);
	arena = arena_new(64u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kp_close(politie);
	kp_close(nazorg);
	kp_close(om);
	arena = arena_free(arena);
	paper_house_free(&house);
	return 0;
}

static struct kp_message_out message(const char *kind)
{
	return (struct kp_message_out){ .kind = kind, .to = to_politie, .casus = CASUS, .regime = "OVERIG", .grondslag = "Bjsg 11a bis",
					.doel = "nazorg", .noodzaak = "plan voor terugkeer", .overleg = "nazorg",
					.person_role = "betrokkene" };
}

/* Sent by one, in the inbox of another; the id. */
static const char *sent_to(kp_node *from, kp_node *to, const struct kp_message_out *m)
{
	struct kp_sent sent;
	struct kp_error err;
	struct item item;

	if (kp_send(from, m, 0, &sent, &err) != KP_UNREACHABLE)
		fail_msg("%s: %s", m->kind, err.text);
	paper_carry(from, to, &sent, &item, arena);
	return arena_text(arena, span_of_text(sent.message_id));
}

static const char *answered(kp_node *by, kp_node *asker, const char *question, const struct kp_reply *reply)
{
	struct kp_sent sent;
	struct kp_error err;
	struct item item;

	if (kp_answer(by, question, reply, 0, &sent, &err) != KP_UNREACHABLE)
		fail_msg("%s: %s", reply->kind, err.text);
	paper_carry(by, asker, &sent, &item, arena);
	return arena_text(arena, span_of_text(sent.message_id));
}

static const char *followed(kp_node *by, kp_node *other, const char *about, const struct kp_message_out *m)
{
	struct kp_sent sent;
	struct kp_error err;
	struct item item;

	if (kp_follow(by, about, m, 0, &sent, &err) != KP_UNREACHABLE)
		fail_msg("%s: %s", m->kind, err.text);
	paper_carry(by, other, &sent, &item, arena);
	return arena_text(arena, span_of_text(sent.message_id));
}

static const char *asked(void)
{
	static const char *const categories[] = { "woonsituatie.onderdak", NULL };
	struct kp_message_out m = message("verzoek");

	m.categories = categories;
	m.parts = &vraag;
	m.n_parts = 1;
	return sent_to(nazorg, politie, &m);
}

/* A question and its answer: the id of what politie gave and nazorg has. */
static const char *given(void)
{
	return answered(politie, nazorg, asked(), &(struct kp_reply){ .kind = "GEGEVENS", .parts = &onderdak, .n_parts = 1 });
}

static struct kp_message_in *opened(kp_node *node, const char *id)
{
	struct kp_message_in *m = NULL;
	struct kp_error err;

	if (kp_read(node, id, false, &m, &err) != KP_OK)
		fail_msg("%s: %s", id, err.text);
	return m;
}

static enum kp_item_state state_of(kp_node *node, const char *id)
{
	struct item item;
	uint8_t bytes[ID_BYTES];

	assert_true(uuid_decode(id, bytes));
	CHECK_OK(state_item(node->state, bytes, arena, &item));
	return item.state;
}

/* --- fields --- */

struct field_case {
	struct kp_message_out m;
	const char *key, *want; /* a text of kp_message_in, by name, that must come out */
};

static const char *text_by_name(const struct kp_message_in *m, const char *key)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "soort", m->soort },	       { "bruikbaar", m->bruikbaar }, { "vervolg", m->vervolg }, { "reason", m->reason },
		{ "action", m->action },       { "purpose", m->purpose },     { "target", m->target },	 { "target_kind", m->target_kind },
		{ "verklaring", m->verklaring }, { "ground", m->ground },     { "klasse", m->klasse },	 { "outcome", m->outcome },
		{ "phase", m->phase },	       { "ave", m->ave },	      { "consent_by", m->consent_by }, { "related_to", m->related_to },
		{ "sources", m->sources[0] },  { "invite", m->invite[0] },    { "involve", m->involve[0] }, { "release", m->release[0] },
		{ "gemeenten", m->gemeenten[0] }, { "consent_categories", m->consent_categories[0] },
		{ "consent_hoedanigheden", m->consent_hoedanigheden[0] },
	};

	for (size_t i = 0; i < N_ELEMENTS(all); i++)
		if (!strcmp(all[i].name, key))
			return all[i].value;
	return NULL;
}

/* Every text and list a kind has comes out of the inbox as it went in; those it has not are empty. */
static void test_fields(void **state)
{
	static const char *const word[] = { "woord", NULL }, *const source[] = { CASUS, NULL };
	const struct field_case cases[] = {
		{ { .kind = "melding", .soort = "vrijlating", .parts = &onderdak, .n_parts = 1 }, "soort", "vrijlating" },
		{ { .kind = "terugkoppeling", .soort = "jaarlijks" }, "soort", "jaarlijks" },
		{ { .kind = "terugkoppeling", .bruikbaar = "deels" }, "bruikbaar", "deels" },
		{ { .kind = "terugkoppeling", .vervolg = "nee" }, "vervolg", "nee" },
		{ { .kind = "terugkoppeling", .reason = "capaciteit" }, "reason", "capaciteit" },
		{ { .kind = "correctie", .action = "verbeterd" }, "action", "verbeterd" },
		{ { .kind = "correctie", .reason = "onjuist" }, "reason", "onjuist" },
		{ { .kind = "bevestiging", .action = "vernietigd" }, "action", "vernietigd" },
		{ { .kind = "instemmingsverzoek", .purpose = "huis" }, "purpose", "huis" },
		{ { .kind = "instemmingsverzoek", .target = "zvh-fryslan" }, "target", "zvh-fryslan" },
		{ { .kind = "verstrekking", .target_kind = "derde" }, "target_kind", "derde" },
		{ { .kind = "verstrekking", .target = "woningcorporatie" }, "target", "woningcorporatie" },
		{ { .kind = "verstrekking", .verklaring = "gv-12" }, "verklaring", "gv-12" },
		{ { .kind = "verstrekking", .sources = source }, "sources", CASUS },
		{ { .kind = "hernieuwing", .ground = "open-complex" }, "ground", "open-complex" },
		{ { .kind = "agenda", .invite = word }, "invite", "woord" },
		{ { .kind = "aanmelding", .klasse = "pga" }, "klasse", "pga" },
		{ { .kind = "aanmelding", .gemeenten = word }, "gemeenten", "woord" },
		{ { .kind = "beoordeling", .outcome = "advies" }, "outcome", "advies" },
		{ { .kind = "betrekken", .involve = word }, "involve", "woord" },
		{ { .kind = "betrekken", .release = word }, "release", "woord" },
		{ { .kind = "fase", .phase = "VERZAMELEN" }, "phase", "VERZAMELEN" },
		{ { .kind = "fase", .ave = "3" }, "ave", "3" },
		{ { .kind = "afsluiting", .reason = "doel-bereikt" }, "reason", "doel-bereikt" },
		{ { .kind = "toestemming", .consent_by = "betrokkene" }, "consent_by", "betrokkene" },
		{ { .kind = "toestemming", .consent_categories = word }, "consent_categories", "woord" },
		{ { .kind = "toestemming", .consent_hoedanigheden = word }, "consent_hoedanigheden", "woord" },
		{ { .kind = "verzoek", .person_role = "gezinslid" }, "related_to", "betrokkene" },
		{ { .kind = "aanvulling", .person_role = "betrokkene", .parts = &onderdak, .n_parts = 1 }, "related_to", "" },
		{ { .kind = "bekendheidsvraag", .parts = &vraag, .n_parts = 1 }, "soort", "" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct kp_message_out m = cases[i].m;
		struct kp_message_in *in;
		const char *id;

		m.to = to_politie;
		m.casus = CASUS;
		id = sent_to(nazorg, politie, &m);
		in = opened(politie, id);
		assert_string_equal(in->kind, m.kind);
		if (!text_by_name(in, cases[i].key) || strcmp(text_by_name(in, cases[i].key), cases[i].want) != 0)
			fail_msg("%s: %s is \"%s\"", m.kind, cases[i].key, text_by_name(in, cases[i].key));
		kp_message_in_free(in);
	}
}

/* Times and flags likewise. */
static void test_times_and_flags(void **state)
{
	struct kp_message_out m = message("agenda");
	struct kp_message_in *in;

	(void)state;
	m.meeting_unix_ms = 5000;
	m.until_unix_ms = 6000;
	in = opened(politie, sent_to(nazorg, politie, &m));
	assert_int_equal(in->meeting_unix_ms, 5000);
	assert_int_equal(in->until_unix_ms, 6000);
	assert_false(in->asks);
	kp_message_in_free(in);
	m = message("verstrekking");
	m.verklaring_unix_ms = 7000;
	in = opened(politie, sent_to(nazorg, politie, &m));
	assert_int_equal(in->verklaring_unix_ms, 7000);
	kp_message_in_free(in);
	m = message("toestemming");
	m.given_unix_ms = 1;
	m.consent_until_unix_ms = 2;
	m.withdrawn = true;
	in = opened(politie, sent_to(nazorg, politie, &m));
	assert_true(in->withdrawn && in->given_unix_ms == 1 && in->consent_until_unix_ms == 2);
	kp_message_in_free(in);
}

/* What says why a criterion is met is sealed, one part each; that it is there stands in the open. */
static void test_motivation(void **state)
{
	const struct kp_criterion criteria[] = { { 'a', true, false }, { 'b', false, false }, { 'c', true, true }, { 'd', true, false } };
	const struct kp_part parts[] = { { .category = "motivering.a", .content = "ernst", .media_type = "text/plain" },
					 { .category = "motivering.d", .content = "aanpak", .media_type = "text/plain" } };
	struct kp_message_out m = message("aanmelding");
	struct kp_message_in *in;

	(void)state;
	m.casus = NULL;
	m.criteria = criteria;
	m.n_criteria = 4;
	m.parts = parts;
	m.n_parts = 2;
	in = opened(politie, sent_to(nazorg, politie, &m));
	assert_int_equal(in->n_criteria, 4);
	assert_true(in->criteria[0].id == 'a' && in->criteria[0].met && in->criteria[0].motivated);
	assert_true(!in->criteria[1].met && !in->criteria[1].motivated);
	assert_true(in->criteria[2].motivated && in->criteria[3].motivated);
	assert_null(in->categories[0]); /* a motivation is no data */
	assert_string_equal(in->parts[1].content, "aanpak");
	assert_int_equal(strlen(in->casus), 36);
	kp_message_in_free(in);
}

/* --- following --- */

static void test_inherits(void **state)
{
	const struct kp_part more = { .category = "woonsituatie.overlast", .content = "{}" };
	struct kp_message_in *in, *item;
	const char *id = given();

	(void)state;
	item = opened(nazorg, id);
	in = opened(nazorg, followed(politie, nazorg, id, &(struct kp_message_out){ .kind = "aanvulling", .parts = &more, .n_parts = 1 }));
	assert_string_equal(in->in_reply_to, id);
	assert_string_equal(in->recipients[0], NAZORG);
	assert_string_equal(in->exchange_id, item->exchange_id);
	assert_string_equal(in->casus, CASUS);
	assert_string_equal(in->grondslag, "Bjsg 11a bis");
	assert_string_equal(in->noodzaak, "plan voor terugkeer");
	assert_string_equal(in->overleg, "nazorg");
	assert_string_equal(in->regime, "OVERIG");
	assert_string_equal(in->categories[0], "woonsituatie.overlast");
	kp_message_in_free(in);
	in = opened(politie, followed(nazorg, politie, id,
				      &(struct kp_message_out){ .kind = "terugkoppeling", .soort = "monitoring", .grondslag = "WGS 1.7(4)" }));
	assert_string_equal(in->recipient, POLITIE); /* its source */
	assert_string_equal(in->grondslag, "WGS 1.7(4)"); /* what is said counts */
	kp_message_in_free(in);
	in = opened(politie, followed(nazorg, politie, id,
				      &(struct kp_message_out){ .kind = "verstrekking", .to = to_politie, .parts = &more, .n_parts = 1 }));
	assert_string_equal(in->sources[0], id);
	assert_string_equal(in->in_reply_to, "");
	assert_string_not_equal(in->exchange_id, item->exchange_id); /* who gets it learns of no other exchange */
	kp_message_in_free(in);
	kp_message_in_free(item);
}

static void test_follow_what_there_is(void **state)
{
	struct kp_message_in *m = NULL;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_find(nazorg, CASUS, &m, &err), KP_NONE);
	assert_int_equal(kp_find(nazorg, "x", &m, &err), KP_USAGE);
	assert_int_equal(kp_find(nazorg, CASUS, NULL, &err), KP_USAGE);
	assert_int_equal(kp_follow(nazorg, CASUS, &(struct kp_message_out){ .kind = "aanvulling" }, 0, &sent, &err), KP_NONE);
	assert_int_equal(kp_follow(nazorg, given(), &(struct kp_message_out){ 0 }, 0, &sent, &err), KP_USAGE);
	assert_int_equal(kp_follow(nazorg, given(), NULL, 0, &sent, &err), KP_USAGE);
	assert_int_equal(kp_follow(nazorg, given(), NULL, 0, NULL, &err), KP_USAGE);
}

/* --- what asks, and its answers --- */

static void test_what_asks(void **state)
{
	struct kp_message_out m = message("bekendheidsvraag");
	struct kp_message_in *in;
	const char *id, *answer;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	m.parts = &vraag;
	m.n_parts = 1;
	id = sent_to(nazorg, politie, &m);
	in = opened(politie, id);
	assert_true(in->asks);
	kp_message_in_free(in);
	assert_int_equal(kp_read(politie, id, true, &in, &err), KP_OK); /* reading is no answer */
	assert_int_equal(in->state, KP_ITEM_NEW);
	kp_message_in_free(in);
	assert_int_equal(kp_answer(politie, id, &(struct kp_reply){ .kind = "GEGEVENS" }, 0, &sent, &err), KP_USAGE);
	assert_non_null(strstr(err.text, "BEKEND, NIET_BEKEND"));
	answer = answered(politie, nazorg, id, &(struct kp_reply){ .kind = "BEKEND", .parts = &contact, .n_parts = 1 });
	assert_int_equal(state_of(politie, id), KP_ITEM_DONE);
	in = opened(nazorg, answer);
	assert_string_equal(in->kind, "bekendheidsantwoord");
	assert_true(in->known && !in->asks);
	assert_string_equal(in->categories[0], "identificerend.contact");
	kp_message_in_free(in);
	assert_int_equal(kp_answer(politie, id, &(struct kp_reply){ .kind = "NIET_BEKEND" }, 0, &sent, &err), KP_USAGE); /* once */
}

static void test_instemming(void **state)
{
	const char *item = given(), *id, *answer;
	struct kp_message_in *in;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	id = followed(nazorg, politie, item, &(struct kp_message_out){ .kind = "instemmingsverzoek", .purpose = "huis" });
	in = opened(politie, id);
	assert_true(in->asks);
	assert_string_equal(in->in_reply_to, item);
	kp_message_in_free(in);
	assert_int_equal(kp_answer(politie, id, &(struct kp_reply){ .kind = "LATER" }, 0, &sent, &err), KP_USAGE);
	answer = answered(politie, nazorg, id, &(struct kp_reply){ .kind = "INSTEMMING", .until_unix_ms = 9000 });
	in = opened(nazorg, answer);
	assert_true(in->granted && in->until_unix_ms == 9000);
	assert_string_equal(in->in_reply_to, id);
	kp_message_in_free(in);
	id = followed(nazorg, politie, item, &(struct kp_message_out){ .kind = "instemmingsverzoek", .purpose = "derde" });
	answer = answered(politie, nazorg, id, &(struct kp_reply){ .kind = "WEIGERING", .until_unix_ms = 9000 });
	in = opened(nazorg, answer);
	assert_true(!in->granted && !in->until_unix_ms);
	kp_message_in_free(in);
}

/* After a year an item waits for a word on what came of it, until there is one. In the paper house it came in 1970. */
static void test_told_back(void **state)
{
	const char *item = given();
	struct kp_message_in *in;

	(void)state;
	in = opened(nazorg, item);
	assert_true(in->asks && in->due_unix_ms == UINT64_C(365) * 24 * 3600 * 1000 + 1);
	kp_message_in_free(in);
	(void)followed(nazorg, politie, item, &(struct kp_message_out){ .kind = "terugkoppeling", .soort = "jaarlijks" });
	in = opened(nazorg, item);
	assert_false(in->asks);
	kp_message_in_free(in);
}

/* --- corrections --- */

static size_t envelope_bytes(kp_node *node, const char *id)
{
	struct item item;
	uint8_t bytes[ID_BYTES];

	assert_true(uuid_decode(id, bytes));
	CHECK_OK(state_item(node->state, bytes, arena, &item));
	return item.envelope.len;
}

static void test_corrected(void **state)
{
	const char *item = given(), *correctie;
	struct kp_message_in *in;

	(void)state;
	correctie = followed(politie, nazorg, item, &(struct kp_message_out){ .kind = "correctie", .action = "verbeterd", .reason = "onjuist",
									      .parts = &onderdak, .n_parts = 1 });
	in = opened(nazorg, correctie);
	assert_true(in->asks);
	kp_message_in_free(in);
	in = opened(nazorg, item);
	assert_string_equal(in->corrected_by, correctie);
	assert_string_equal(in->correction, "verbeterd");
	assert_string_equal(in->parts[0].content, SECRET_TEXT);
	kp_message_in_free(in);
	in = opened(politie, answered(nazorg, politie, correctie, &(struct kp_reply){ .kind = "VERBETERD" }));
	assert_string_equal(in->kind, "bevestiging");
	assert_string_equal(in->action, "verbeterd");
	assert_string_equal(in->in_reply_to, correctie);
	kp_message_in_free(in);
	in = opened(nazorg, item); /* it stays, with what was said of it */
	assert_true(!in->wiped && in->n_parts == 1);
	kp_message_in_free(in);
}

/* What is taken back is destroyed before the word that it is; what remains says who sent it when. */
static void test_withdrawn(void **state)
{
	const char *item = given(), *correctie;
	struct kp_message_in *in;
	size_t before = envelope_bytes(nazorg, item);

	(void)state;
	correctie = followed(politie, nazorg, item, &(struct kp_message_out){ .kind = "correctie", .action = "ingetrokken", .reason = "onjuist" });
	in = opened(nazorg, item);
	assert_string_equal(in->correction, "ingetrokken");
	assert_int_equal(in->n_parts, 1);
	kp_message_in_free(in);
	in = opened(politie, answered(nazorg, politie, correctie, &(struct kp_reply){ .kind = "VERNIETIGD" }));
	assert_string_equal(in->action, "vernietigd");
	kp_message_in_free(in);
	assert_int_equal(state_of(nazorg, correctie), KP_ITEM_DONE);
	in = opened(nazorg, item);
	assert_true(in->wiped);
	assert_int_equal(in->n_parts, 0);
	assert_string_equal(in->sender, POLITIE);
	assert_string_equal(in->casus, CASUS);
	assert_string_equal(in->corrected_by, correctie);
	kp_message_in_free(in);
	assert_true(envelope_bytes(nazorg, item) < before);
}

/* Only the source's word counts. */
static void test_corrected_by_another(void **state)
{
	const char *item = given();
	struct kp_message_out m = message("correctie");
	static const char *const to_nazorg[] = { NAZORG, NULL };
	struct kp_message_in *in;

	(void)state;
	m.to = to_nazorg;
	m.in_reply_to = item;
	m.action = "ingetrokken";
	m.reason = "onjuist";
	(void)sent_to(om, nazorg, &m);
	in = opened(nazorg, item);
	assert_string_equal(in->corrected_by, "");
	assert_string_equal(in->correction, "");
	kp_message_in_free(in);
}

/* To all who have it, whoever asks for them. */
static void test_corrected_for_all(void **state)
{
	struct kp_message_out m = message("melding");
	struct kp_sent sent;
	struct kp_error err;
	struct kp_message_in *in = NULL;
	const char *id;

	(void)state;
	m.to = to_both;
	m.soort = "vrijlating";
	m.parts = &onderdak;
	m.n_parts = 1;
	id = sent_to(nazorg, politie, &m);
	assert_int_equal(kp_follow(nazorg, id, &(struct kp_message_out){ .kind = "correctie", .action = "ingetrokken", .reason = "onjuist" }, 0,
				   &sent, &err), KP_UNREACHABLE);
	assert_int_equal(kp_find(nazorg, sent.message_id, &in, &err), KP_OK);
	assert_string_equal(in->recipients[0], OM);
	assert_string_equal(in->recipients[1], POLITIE);
	assert_string_equal(in->recipient, ""); /* our own */
	assert_false(in->asks);
	kp_message_in_free(in);
	kp_sent_fini(&sent);
}

/* May I: with the house away nothing is said of what rests on an item that is not here. */
static void test_may_i_alone(void **state)
{
	const char *const elsewhere[] = { CASUS, NULL };
	struct kp_message_out m = message("verstrekking");
	char *explanation = NULL;
	struct kp_error err;

	(void)state;
	m.casus = NULL;
	m.parts = &onderdak;
	m.n_parts = 1;
	m.sources = elsewhere;
	assert_int_equal(kp_may_i(nazorg, &m, "nl", &explanation, &err), KP_UNREACHABLE);
	assert_null(explanation);
	assert_non_null(strstr(err.text, "nothing can be said"));
	assert_int_equal(kp_may_i(nazorg, NULL, "nl", &explanation, &err), KP_USAGE);
}

/* --- moments --- */

static void test_moments(void **state)
{
	(void)state;
	/* The next whole step after it came in, whatever is the reason for the wait. */
	assert_int_equal(follow_leaves_unix_ms(100000, 100000, 5000), 105000);
	assert_int_equal(follow_leaves_unix_ms(100000, 100001, 5000), 105000);
	assert_int_equal(follow_leaves_unix_ms(100000, 104999, 5000), 105000);
	assert_int_equal(follow_leaves_unix_ms(100000, 105000, 5000), 110000);
	assert_int_equal(follow_leaves_unix_ms(100000, 171234, 5000), 175000);
	assert_int_equal(follow_leaves_unix_ms(100000, 99000, 5000), 105000); /* a clock that was put back */
}

static struct sent sent_row(kp_node *node, const char *id)
{
	struct sent m;
	uint8_t bytes[ID_BYTES];

	assert_true(uuid_decode(id, bytes));
	CHECK_OK(state_sent(node->state, bytes, arena, &m));
	return m;
}

static size_t due(kp_node *node, uint64_t now_unix_ms)
{
	struct sent out[64];
	size_t n = 0;

	CHECK_OK(state_outbox(node->state, &(struct outbox_due){ 0, now_unix_ms }, N_ELEMENTS(out), arena, out, &n));
	return n;
}

/* Both ways of saying nothing wait for the same moment, on disk; what says something does not wait. */
static void test_held(void **state)
{
	static const char *const kinds[] = { "NIET_BEKEND", "GEEN_MEDEDELING" };
	const uint64_t step = politie->home.withheld_step_ms;
	uint64_t first;

	(void)state;
	assert_int_equal(step, 5000);
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		const char *question = asked();
		struct sent row;
		uint64_t now = env_unix_ms(politie->env);

		/* the paper house's deliveries came in at 1 ms */
		row = sent_row(politie, answered(politie, nazorg, question, &(struct kp_reply){ .kind = kinds[i] }));
		assert_true(row.held);
		assert_int_equal((row.leaves_unix_ms - 1) % step, 0);
		assert_true(row.leaves_unix_ms > now && row.leaves_unix_ms <= now + 2 * step);
		assert_int_equal(due(politie, row.leaves_unix_ms - step), i ? due(politie, row.leaves_unix_ms - step) : 0);
		assert_true(due(politie, row.leaves_unix_ms) > due(politie, row.leaves_unix_ms - 2 * step));
		CHECK_OK(state_held(politie->state, &first));
		assert_true(first && first <= row.leaves_unix_ms);
	}
	assert_true(sent_row(politie, answered(politie, nazorg, asked(), &(struct kp_reply){ .kind = "WEIGERING" })).held == false);
	assert_true(sent_row(nazorg, asked()).held == false);
	/* A moment that lies further than anything is held: the clock was wrong, and it leaves. */
	assert_true(due(politie, 1) >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_times_and_flags),
		cmocka_unit_test(test_motivation),
		cmocka_unit_test(test_inherits),
		cmocka_unit_test(test_follow_what_there_is),
		cmocka_unit_test(test_what_asks),
		cmocka_unit_test(test_instemming),
		cmocka_unit_test(test_told_back),
		cmocka_unit_test(test_corrected),
		cmocka_unit_test(test_withdrawn),
		cmocka_unit_test(test_corrected_by_another),
		cmocka_unit_test(test_corrected_for_all),
		cmocka_unit_test(test_may_i_alone),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
