/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How versions come into force: the three documents from an invitation's trust, the next version of each, and each refusal; after a
 * refusal what was in force is in force.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/convenant/scene.h"

static struct house house;

/* What admissions are tried on: rules that came in through the gate. */
struct gate {
	struct rules rules;
	struct fault_list faults;
};

static void sign_stewards(struct span text, size_t n, struct buffer *note)
{
	house_sign(text, house.steward_keys, house.stewards, n, note);
}

static void sign_organisations(struct span text, const char *const *names, size_t n, struct buffer *note)
{
	struct note_key keys[8];
	struct secret *secrets[8];

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < N_ELEMENTS(house_organisations); k++)
			if (text_equal(names[i], house_organisations[k])) {
				keys[i] = registry_organisation(house.rules.registry, names[i])->key;
				secrets[i] = house.organisations[k];
			}
	house_sign(text, keys, secrets, n, note);
}

static int admit(struct gate *g, enum rules_kind kind, struct span note)
{
	int r;

	fault_list_init(&g->faults, "note");
	r = rules_admit_at(&g->rules, kind, note, NULL, SCENE_NOW, &g->faults);
	CHECK((r == RULES_E_REFUSED) == (g->faults.n > 0));
	return r;
}

static void expect(struct gate *g, enum rules_kind kind, struct span note, const char *fault)
{
	struct rules before = g->rules;
	bool said = false;

	CHECK_IS(admit(g, kind, note), RULES_E_REFUSED);
	for (size_t i = 0; i < g->faults.n; i++)
		said = said || strstr(g->faults.v[i].text, fault);
	if (!said)
		fail_msg("expected %s, got %s", fault, g->faults.v[0].text);
	assert_memory_equal(&before, &g->rules, sizeof before); /* what was in force is in force */
}

static const char *const two[] = { "politie", "zvhd" };

static void gate_open(struct gate *g)
{
	struct rules_trust trust = { 2, 3, house.steward_keys };
	struct buffer text, note;

	memset(g, 0, sizeof *g);
	fault_list_init(&g->faults, "note");
	house_register(&house, &text);
	sign_stewards(buffer_span(&text), 2, &note);
	CHECK_OK(rules_admit(&g->rules, RULES_REGISTER, buffer_span(&note), &trust, &g->faults));
	buffer_fini(&text);
	buffer_fini(&note);
	house_text("kader", &text);
	sign_stewards(buffer_span(&text), 2, &note);
	assert_int_equal(rules_kind_of(buffer_span(&note)), RULES_KADER);
	CHECK_OK(rules_admit(&g->rules, RULES_KADER, buffer_span(&note), NULL, &g->faults));
	CHECK(hash_equal(&g->rules.kader_digest, kader_digest(g->rules.kader)));
	CHECK_IS(admit(g, RULES_KADER, buffer_span(&note)), RULES_E_SAME);
	buffer_fini(&text);
	buffer_fini(&note);
	house_text("convenant", &text);
	sign_organisations(buffer_span(&text), two, 2, &note);
	CHECK_OK(admit(g, RULES_CONVENANT, buffer_span(&note)));
	CHECK_IS(admit(g, RULES_CONVENANT, buffer_span(&note)), RULES_E_SAME);
	buffer_fini(&text);
	buffer_fini(&note);
	assert_int_equal(g->rules.n_convenanten, 1);
}

/* The text with volgnummer and vorige of the version after the one in force, and one more change. */
static void next_text(const char *name, const struct hash *previous, unsigned sequence, const char *what, const char *with,
		      struct buffer *out)
{
	struct buffer text, numbered;
	char hex[65], number[64], line[80];

	hex_encode(SPAN_OF(previous->bytes), hex);
	snprintf(line, sizeof line, "vorige: \"%s\"", hex);
	snprintf(number, sizeof number, "volgnummer: %u", sequence);
	house_text(name, &text);
	text_replace(buffer_span(&text), "volgnummer: 1", number, &numbered);
	buffer_fini(&text);
	text_replace(buffer_span(&numbered), "vorige: \"0000000000000000000000000000000000000000000000000000000000000000\"", line, &text);
	buffer_fini(&numbered);
	text_replace(buffer_span(&text), what, with, out);
	buffer_fini(&text);
}

static void a_start_from_trust(void **state)
{
	struct rules_trust trust = { 2, 3, house.steward_keys };
	struct rules_trust others = { 1, 1, NULL };
	struct note_key other;
	struct gate g;
	struct buffer text, note;

	(void)state;
	gate_open(&g);
	rules_fini(&g.rules);
	memset(&g, 0, sizeof g);
	fault_list_init(&g.faults, "note");
	house_register(&house, &text);
	sign_stewards(buffer_span(&text), 2, &note);
	CHECK_IS(rules_admit(&g.rules, RULES_REGISTER, buffer_span(&note), NULL, &g.faults), RULES_E_REFUSED);
	secret_free(seed_key("steward-of-another-house", &other));
	others.stewards = &other;
	CHECK_IS(rules_admit(&g.rules, RULES_REGISTER, buffer_span(&note), &others, &g.faults), RULES_E_REFUSED);
	buffer_fini(&note);
	sign_stewards(buffer_span(&text), 1, &note);
	CHECK_IS(rules_admit(&g.rules, RULES_REGISTER, buffer_span(&note), &trust, &g.faults), RULES_E_REFUSED);
	CHECK(g.rules.registry == NULL && g.rules.kader == NULL);
	buffer_fini(&text);
	buffer_fini(&note);
	house_text("convenant", &text);
	sign_organisations(buffer_span(&text), two, 2, &note);
	expect(&g, RULES_CONVENANT, buffer_span(&note), "comes after a register and a kader");
	buffer_fini(&text);
	buffer_fini(&note);
}

static void next_versions(void **state)
{
	struct gate g;
	struct buffer text, note;
	struct admission a = { .organisation = "zvhd", .node = "zvhd-1", .n_keys = 1, .hoedanigheden = { "zvhd-nazorg" } };

	(void)state;
	gate_open(&g);
	next_text("convenant", convenant_digest(g.rules.convenanten[0]), 2, "quorum: 2", "quorum: 1", &text);
	sign_organisations(buffer_span(&text), two, 2, &note);
	CHECK_OK(admit(&g, RULES_CONVENANT, buffer_span(&note)));
	assert_int_equal(g.rules.n_convenanten, 1);
	assert_int_equal(convenant_sequence(g.rules.convenanten[0]), 2);
	buffer_fini(&text);
	buffer_fini(&note);
	/* The kader goes to version 2: the convenant in force is loaded under it. */
	next_text("kader", kader_digest(g.rules.kader), 2, "screening-maanden: 60", "screening-maanden: 48", &text);
	sign_stewards(buffer_span(&text), 3, &note);
	CHECK_OK(admit(&g, RULES_KADER, buffer_span(&note)));
	assert_int_equal(kader_sequence(g.rules.kader), 2);
	assert_int_equal(convenant_sequence(g.rules.convenanten[0]), 2);
	buffer_fini(&text);
	buffer_fini(&note);
	/* And a decision under them. */
	static struct scene s;
	struct decision d;

	scene_verzoek(&s, &house);
	s.rules = g.rules;
	scene_decide(&s, &d);
	assert_int_equal(d.code, CODE_TOEGESTAAN);
	s.mandate.screening_unix_ms = SCENE_NOW - 50 * UINT64_C(2629800000);
	scene_decide(&s, &d);
	assert_int_equal(d.code, CODE_MEDEWERKER_NIET_GEAUTORISEERD);
	/* A node joins. */
	a.organisation_key = registry_organisation(g.rules.registry, "zvhd")->key;
	seed_bytes("zvhd transport", a.transport_key);
	memcpy(a.sign_key, a.organisation_key.public_key, 32);
	seed_bytes("zvhd reading", a.box_keys[0]);
	buffer_init(&text, 0);
	CHECK_OK(register_next(g.rules.registry, &a, &g.faults, &text));
	sign_stewards(buffer_span(&text), 2, &note);
	CHECK_OK(admit(&g, RULES_REGISTER, buffer_span(&note)));
	assert_non_null(registry_node(g.rules.registry, "zvhd-1"));
	buffer_fini(&text);
	buffer_fini(&note);
	rules_fini(&g.rules);
}

static void convenanten_refused(void **state)
{
	static const char *const one[] = { "politie" };
	static const char *const strangers[] = { "politie", "om" };
	struct gate g;
	struct hash wrong = { { 1 } };
	struct buffer text, note, twice;

	(void)state;
	gate_open(&g);
	const struct hash *digest = convenant_digest(g.rules.convenanten[0]);
#define TRY(previous, sequence, what, with, names, n, fault)                         \
	do {                                                                         \
		next_text("convenant", previous, sequence, what, with, &text);       \
		sign_organisations(buffer_span(&text), names, n, &note);             \
		expect(&g, RULES_CONVENANT, buffer_span(&note), fault);              \
		buffer_fini(&text);                                                  \
		buffer_fini(&note);                                                  \
	} while (0)
	TRY(digest, 1, "quorum: 2", "quorum: 1", two, 2, "volgnummer 1 is not above 1");
	TRY(&wrong, 2, "quorum: 2", "quorum: 1", two, 2, "vorige is not the SHA-256");
	TRY(digest, 2, "voorbeeld, nog", "voorbeeld, nooit", one, 1, "1 of the 2 signatures");
	TRY(digest, 2, "voorbeeld, nog", "voorbeeld, nooit", one, 0, "not a signed note");
	TRY(digest, 2, "tot: 2029-03-01", "tot: 2026-11-01", two, 2, "expired: valid until 2026-11-01");
	TRY(digest, 2, "soort: politie\n    levert: [identificerend", "soort: politie\n    levert: [gezondheid", two, 2, "above the kader");
	TRY(digest, 2, "hoedanigheid: menso", "hoedanigheid: bakker", two, 2, "the register has no hoedanigheid bakker");
	TRY(digest, 2, "hoedanigheid: menso\n    soort: instelling-college", "hoedanigheid: menso\n    soort: ggd", two, 2,
	    "above the kader");
	TRY(digest, 2, "hoedanigheid: zvhd-toezicht\n    soort: college", "hoedanigheid: zvhd-toezicht\n    soort: burgemeester", two, 2,
	    "is a college in the register");
	TRY(digest, 2, " om,", "", two, 2, "om is missing");
	/* A text that names its own signers does not bring itself into force. */
	TRY(digest, 2, "quorum: 2", "quorum: 1", one, 1, "1 of the 2 signatures");
	TRY(digest, 2, "partijen:", "partijen: []\nx:", strangers, 2, "unknown here");
	g.rules.complete = true;
	TRY(digest, 3, "quorum: 2", "quorum: 1", two, 2, "leaves out versions");
	g.rules.complete = false;
#undef TRY
	/* The same signature twice. */
	next_text("convenant", digest, 2, "quorum: 2", "quorum: 2", &text);
	sign_organisations(buffer_span(&text), one, 1, &note);
	buffer_init(&twice, 0);
	buffer_bytes(&twice, buffer_span(&note));
	buffer_bytes(&twice, span_of(note.ptr + text.len + 1, note.len - text.len - 1));
	expect(&g, RULES_CONVENANT, buffer_span(&twice), "stands twice");
	buffer_fini(&text);
	buffer_fini(&note);
	buffer_fini(&twice);
	/* A node that was away takes a later version on its signatures. */
	next_text("convenant", &wrong, 5, "quorum: 2", "quorum: 1", &text);
	sign_organisations(buffer_span(&text), two, 2, &note);
	CHECK_OK(admit(&g, RULES_CONVENANT, buffer_span(&note)));
	buffer_fini(&text);
	buffer_fini(&note);
	rules_fini(&g.rules);
}

#define VOLMACHT(holder)                                                                                        \
	"volmachten:\n  - {volmacht: v1, gever: ggz-drenthe, gemachtigde: " holder ", berichten: [antwoord], "            \
	"overleggen: [nazorg], categorieen: [zorg], van: 2026-01-01, tot: 2027-01-01}\nregels:\n"

/* Who gives a power of attorney signs for it, whatever the quorum; once, and again when the row changes. */
static void a_volmacht_needs_its_giver(void **state)
{
	static const char *const three[] = { "politie", "zvhd", "ggz-drenthe" };
	struct gate g, away;
	struct buffer text, note;

	(void)state;
	gate_open(&g);
	gate_open(&away);
#define NEXT(sequence, with, names, n)                                                                          \
	do {                                                                                                    \
		next_text("convenant", convenant_digest(g.rules.convenanten[0]), sequence, "regels:\n", with, &text); \
		sign_organisations(buffer_span(&text), names, n, &note);                                        \
		buffer_fini(&text);                                                                             \
	} while (0)
	NEXT(2, VOLMACHT("menso"), two, 2);
	expect(&g, RULES_CONVENANT, buffer_span(&note), "volmacht v1: not signed by ggz-drenthe, who gives it");
	buffer_fini(&note);
	NEXT(2, VOLMACHT("menso"), three, 3);
	CHECK_OK(admit(&g, RULES_CONVENANT, buffer_span(&note)));
	buffer_fini(&note);
	NEXT(3, VOLMACHT("cosis"), two, 2); /* another holder */
	expect(&g, RULES_CONVENANT, buffer_span(&note), "who gives it");
	buffer_fini(&note);
	NEXT(3, "kopie: ja\n" VOLMACHT("menso"), two, 2);
	expect(&g, RULES_CONVENANT, buffer_span(&note), "the key kopie is unknown");
	buffer_fini(&note);
	NEXT(3, "# the row stays as it was\n" VOLMACHT("menso"), two, 2);
	CHECK_OK(admit(&g, RULES_CONVENANT, buffer_span(&note)));
	/* A node that was away when the row came takes it with the version that holds it. */
	fault_list_init(&away.faults, "note");
	CHECK_OK(rules_admit(&away.rules, RULES_CONVENANT, buffer_span(&note), NULL, &away.faults));
	buffer_fini(&note);
	NEXT(4, "regels:\n", two, 2); /* to take back what one gave needs no giver */
	CHECK_OK(admit(&g, RULES_CONVENANT, buffer_span(&note)));
	buffer_fini(&note);
#undef NEXT
	rules_fini(&g.rules);
	rules_fini(&away.rules);
}

static void registers_and_kaders_refused(void **state)
{
	struct gate g;
	struct buffer text, changed, note;

	(void)state;
	gate_open(&g);
#define TRY(kind, stewards, fault)                                                   \
	do {                                                                         \
		sign_stewards(buffer_span(&changed), stewards, &note);               \
		expect(&g, kind, buffer_span(&note), fault);                         \
		buffer_fini(&note);                                                  \
		buffer_fini(&changed);                                               \
	} while (0)
	next_text("kader", kader_digest(g.rules.kader), 2, "screening-maanden: 60", "screening-maanden: 61", &changed);
	TRY(RULES_KADER, 1, "1 of the 2 signatures");
	next_text("kader", kader_digest(g.rules.kader), 1, "screening-maanden: 60", "screening-maanden: 61", &changed);
	TRY(RULES_KADER, 2, "is not above 1");
	next_text("kader", kader_digest(g.rules.kader), 2, "levert: [identificerend, bsn, woonsituatie, politiegegevens,",
		  "levert: [identificerend, bsn, woonsituatie,", &changed);
	TRY(RULES_KADER, 2, "convenant drenthe is above this kader");
	next_text("kader", kader_digest(g.rules.kader), 2, "soort: halt", "soort: haltbureau", &changed);
	TRY(RULES_KADER, 2, "the kader has no kind halt");
	next_text("kader", kader_digest(g.rules.kader), 2, "tot: 2030-03-01", "tot: 2026-03-01", &changed);
	TRY(RULES_KADER, 2, "expired");
	house_register(&house, &text);
	text_replace(buffer_span(&text), "volgnummer: 1", "volgnummer: 2", &changed);
	TRY(RULES_REGISTER, 2, "vorige is not the SHA-256");
	text_replace(buffer_span(&text), "naam: \"Zorg", "naam: \"Het Zorg", &changed);
	TRY(RULES_REGISTER, 2, "is not above 1");
	text_replace(buffer_span(&text), "register: \"drenthe\"", "register: \"fryslan\"", &changed);
	TRY(RULES_REGISTER, 2, "of house fryslan");
	text_replace(buffer_span(&text), "categorieen: [\"justitieel.detentieverloop\"]", "categorieen: [\"geloof\"]", &changed);
	buffer_fini(&text);
	text_replace(buffer_span(&changed), "volgnummer: 1", "volgnummer: 3", &text);
	buffer_fini(&changed);
	changed = text;
	TRY(RULES_REGISTER, 2, "sjabloon vrijlating: the kader has no category geloof");
	house_register(&house, &text);
	text_replace(buffer_span(&text), "volgnummer: 1", "volgnummer: 3", &changed);
	buffer_fini(&text);
	text_replace(buffer_span(&changed), "soort: \"school\"", "soort: \"school\"\n    sleutels: "
		     "[\"0101010101010101010101010101010101010101010101010101010101010101\"]", &text);
	buffer_fini(&changed);
	changed = text;
	TRY(RULES_REGISTER, 2, "a derde has no keys");
#undef TRY
	rules_fini(&g.rules);
}

static void notes_that_are_none(void **state)
{
	static const char *const bad[] = { "", "kader: nl\n", "kader: nl\n\n", "\n\n\n", "convenant: x\n\n\xe2\x80\x94 a AAAA\n" };
	struct gate g;
	struct buffer text, note;

	(void)state;
	gate_open(&g);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		for (int kind = RULES_KADER; kind <= RULES_CONVENANT; kind++)
			CHECK_IS(admit(&g, (enum rules_kind)kind, span_of_text(bad[i])), RULES_E_REFUSED);
	house_text("kader", &text);
	sign_stewards(buffer_span(&text), 2, &note);
	expect(&g, RULES_CONVENANT, buffer_span(&note), "not a convenant");
	expect(&g, RULES_REGISTER, buffer_span(&note), "not a register");
	assert_int_equal(rules_kind_of(span_of_text("mandaat: x\n\n\xe2\x80\x94 a AAAAAAAA\n")), -1);
	buffer_fini(&text);
	buffer_fini(&note);
	rules_fini(&g.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_from_trust),
		cmocka_unit_test(next_versions),
		cmocka_unit_test(convenanten_refused),
		cmocka_unit_test(a_volmacht_needs_its_giver),
		cmocka_unit_test(registers_and_kaders_refused),
		cmocka_unit_test(notes_that_are_none),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
