/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who wants what is not his: a member, a guest, somebody who left, another house, a gemachtigde. Each is refused, by the code that is
 * due, and the findings of the refusal, which he reads in his receipt, tell him nothing that he did not know.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

static struct house house;
static struct scene s;
static struct decision d;

static const char *first_failure(void)
{
	scene_decide(&s, &d);
	for (size_t i = 0; i < d.n; i++)
		if (!d.findings[i].passed)
			return d.findings[i].rule;
	return "";
}

static void allowed_at(int line)
{
	const char *rule = first_failure();

	if (d.code != CODE_TOEGESTAAN)
		fail_msg("line %d: %s %s", line, code_name(d.code), rule);
}
#define ALLOWED() allowed_at(__LINE__)

static void refused_at(int line, enum code code, const char *rule)
{
	const char *first = first_failure();

	if (d.code != code || !text_equal(first, rule))
		fail_msg("line %d: %s %s", line, code_name(d.code), first);
}
#define REFUSED(code, rule) refused_at(__LINE__, code, rule)

/* Nothing that a rule found says it, neither its id nor its subject. */
static void unsaid_at(int line, const char *what)
{
	for (size_t i = 0; i < d.n; i++)
		if (strstr(d.findings[i].subject, what) || text_equal(d.findings[i].rule, what))
			fail_msg("line %d: %s: %s", line, d.findings[i].rule, d.findings[i].subject);
}
#define UNSAID(what) unsaid_at(__LINE__, what)

static void to(const char *words)
{
	scene_list(&s.m.header.recipients, s.recipients, words);
	scene_seal(&s);
}

/* ---- another house ---- */

/* It may answer who asked it; by whom else it would like to be read tells who is on the casus. */
static void a_house_cannot_try_names(void **state)
{
	(void)state;
	scene_antwoord_huis(&s, &house);
	ALLOWED();
	to("ggz-drenthe"); /* is on it */
	REFUSED(CODE_GEEN_GRONDSLAG, "grondslag.adressaat");
	UNSAID("casus.ontvanger");
	to("dji-pi-noord"); /* is not */
	REFUSED(CODE_CATEGORIE_NIET_GEVRAAGD, "antwoord.gevraagd");
	UNSAID("casus.ontvanger");
	to("zvhd-procesregie"); /* who asked it, and left since, is told of */
	scene_circle(&s, "ggz-drenthe politie-noord-nederland");
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.ontvanger");
	scene_bekendheidsantwoord(&s, &house);
	to("dji-pi-noord");
	REFUSED(CODE_CATEGORIE_NIET_GEVRAAGD, "antwoord.gevraagd");
	UNSAID("casus.ontvanger");
}

/* What it may never do shows it nothing either: not the phase, not who supplied. */
static void a_house_cannot_ask_around(void **state)
{
	(void)state;
	scene_instemmingsverzoek(&s, &house);
	scene_sender(&s, "zvh-fryslan");
	s.items[0].message.header.recipients = (struct text_list){ 1, s.item_to[0] };
	s.item_to[0][0] = "zvh-fryslan";
	s.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "hernieuwing", .target = "",
									.until_unix_ms = s.now + DAY_MS };
	to("ggz-drenthe politie-noord-nederland");
	REFUSED(CODE_SCHEMA_ONGELDIG, "schema.instemmingsverzoek");
	UNSAID("instemmingsverzoek.bron");
	UNSAID("VERZAMELEN");
}

/* Another house is spoken with by an L1, in the forms the law has for it. */
static void only_an_l1_speaks_with_a_house(void **state)
{
	(void)state;
	scene_verzoek_huis(&s, &house);
	s.casus.phase = PHASE_CASUSOVERLEG;
	ALLOWED();
	scene_sender(&s, "ggz-drenthe");
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "verzoek.lid");
	scene_melding(&s, &house); /* a notice to it would go round the conditions of a verstrekking */
	to("zvh-fryslan");
	REFUSED(CODE_GEEN_GRONDSLAG, "grondslag.adressaat");
	s.m.header.grondslag = "WGS 2.28(3)";
	REFUSED(CODE_GEEN_GRONDSLAG, "grondslag.kader");
}

/* What a house gave is its own to decide on, so it can be asked: else no casus in which it answered could be kept longer. */
static void a_house_is_asked_for_its_own(void **state)
{
	(void)state;
	scene_instemmingsverzoek(&s, &house);
	scene_list(&s.items[0].suppliers, s.item_by[0], "zvh-fryslan");
	to("zvh-fryslan");
	ALLOWED();
	scene_instemming(&s, &house);
	scene_list(&s.items[0].message.header.recipients, s.item_to[0], "zvh-fryslan");
	scene_sender(&s, "zvh-fryslan");
	ALLOWED();
	to("ggz-drenthe");
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "instemming.gevraagd");
	UNSAID("casus.ontvanger");
}

/* ---- who is on it no more ---- */

static void a_guest_who_left(void)
{
	s.casus.n_invited = 1;
	snprintf(s.casus.invited[0].hoedanigheid, CASUS_TEXT, "ggz-drenthe");
	s.casus.invited[0].until_unix_ms = s.now;
	scene_circle(&s, "politie-noord-nederland zvhd-procesregie");
}

/* The time of a guest is over at the moment it says; nothing of the casus is told then. */
static void a_guest_after_the_end(void **state)
{
	static scene_make_fn *const makes[] = { scene_antwoord, scene_aanvulling, scene_instemming, scene_toestemming };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(makes); i++) {
		makes[i](&s, &house);
		a_guest_who_left();
		REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken");
		UNSAID("fase.bericht");
		UNSAID("VERZAMELEN");
	}
}

/* What one gave stays one's own to put right, and what one got stays one's to destroy: also after one left (BGS 1.7; AVG 19). */
static void who_left_still_puts_right(void **state)
{
	(void)state;
	scene_correctie(&s, &house);
	a_guest_who_left();
	ALLOWED();
	scene_bevestiging(&s, &house);
	scene_circle(&s, "ggz-drenthe politie-noord-nederland");
	ALLOWED();
	scene_bevestiging(&s, &house); /* but not of what one never had */
	scene_sender(&s, "dji-pi-noord");
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken");
	UNSAID("fase.bericht");
	scene_correctie(&s, &house); /* and not what another gave */
	scene_circle(&s, "ggz-drenthe politie-noord-nederland");
	scene_sender(&s, "zvhd-procesregie");
	to("ggz-drenthe");
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "bron.zelf");
}

/* ---- acting for another ---- */

static struct convenant with_volmacht;
static struct volmacht volmacht;
static const char *overleggen[1];

static void give(const char *giver, const char *holder, const char *overleg)
{
	with_volmacht = *house.rules.convenanten[0];
	overleggen[0] = overleg;
	volmacht = (struct volmacht){ .id = "v1", .giver = giver, .holder = holder, .kinds = KIND_BIT(MESSAGE_ANTWOORD),
				      .overleggen = { 1, overleggen }, .from_unix_ms = s.now, .until_unix_ms = s.now + DAY_MS,
				      .rule = "drenthe/v1.volmacht" };
	volmacht.categories = house.rules.kader->data;
	with_volmacht.volmachten = &volmacht;
	with_volmacht.n_volmachten = 1;
	s.rules.convenanten[0] = &with_volmacht;
}

/* To say that one speaks for who is on a casus, or for the house that was asked, opens nothing. */
static void to_say_so_opens_nothing(void **state)
{
	(void)state;
	scene_antwoord(&s, &house);
	scene_sender(&s, "dji-pi-noord");
	s.m.header.on_behalf_of = "ggz-drenthe";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	UNSAID("fase.bericht");
	UNSAID("antwoord.gevraagd");
	scene_antwoord_huis(&s, &house);
	scene_sender(&s, "dji-pi-noord");
	s.m.header.on_behalf_of = "zvh-fryslan";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	UNSAID("fase.bericht");
	UNSAID("antwoord.gevraagd");
	scene_correctie(&s, &house); /* on the casus, but not party to the item */
	scene_sender(&s, "politie-noord-nederland");
	s.m.header.on_behalf_of = "ggz-drenthe";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	scene_decide(&s, &d);
	for (size_t i = 0; i < d.n; i++)
		if (text_equal(d.findings[i].rule, "verwijzing.bekend") && d.findings[i].passed)
			fail_msg("it is told that there is such a message");
}

/* A volmacht for one overleg is none for a casus of another. */
static void a_volmacht_reaches_as_far_as_it_says(void **state)
{
	(void)state;
	scene_antwoord(&s, &house);
	give("ggz-drenthe", "dji-pi-noord", "nazorg");
	scene_sender(&s, "dji-pi-noord");
	s.m.header.on_behalf_of = "ggz-drenthe";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	UNSAID("fase.bericht");
}

/* ---- laundering ---- */

/* Police passed on what the GGZ gave, and now corrects its own message. */
static void corrected_by_who_passed_it_on(void)
{
	scene_correctie(&s, &house);
	s.casus.phase = PHASE_CASUSOVERLEG;
	scene_sender(&s, "reclassering-3ro");
	scene_circle(&s, "ggz-drenthe politie-noord-nederland reclassering-3ro zvhd-procesregie");
	s.items[0].message.kind = MESSAGE_VERSTREKKING;
	s.items[0].message.header.sender = "reclassering-3ro";
	s.item_conditions[0][1] = "niet-naar-huis";
	s.item_parts[0][1].header.conditions = (struct text_list){ 1, &s.item_conditions[0][1] };
}

/* Who corrects what he passed on does not become its source, and its conditions stay on it. */
static void a_correction_launders_nothing(void **state)
{
	struct decide_input in;
	struct casus_item item;
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	corrected_by_who_passed_it_on();
	REFUSED(CODE_VOORWAARDE_BRON, "verstrekking.voorwaarden-mee");
	s.parts[0].header.conditions = s.item_parts[0][1].header.conditions;
	ALLOWED();
	in = scene_input(&s);
	CHECK_OK(item_of(&in, arena, &item));
	assert_int_equal(item.suppliers.n, 1);
	assert_string_equal(item.suppliers.v[0], "ggz-drenthe");
	arena_free(arena);
}

/* More of what was passed on is not one's own to add: it is a message of its own. */
static void nothing_is_added_to_what_was_passed_on(void **state)
{
	(void)state;
	scene_aanvulling(&s, &house);
	s.items[0].message.kind = MESSAGE_VERSTREKKING;
	REFUSED(CODE_SCHEMA_ONGELDIG, "verwijzing.soort");
}

/* What the overleg does not know passes in no form: a convenant that was narrowed is narrow for what was given before. */
static void what_the_overleg_does_not_know(void **state)
{
	static struct convenant narrowed;
	static struct overleg_rule rows[60];
	static struct afspraak rule;

	(void)state;
	scene_verstrekking(&s, &house);
	narrowed = *house.rules.convenanten[0];
	memcpy(rows, narrowed.overleggen, narrowed.n_overleggen * sizeof *rows);
	for (size_t i = 0; i < narrowed.n_overleggen; i++)
		if (text_equal(rows[i].overleg, "ketenkamer")) {
			rule = *rows[i].rule;
			rule.categories = house.rules.kader->categories[kader_category_index(house.rules.kader, "inkomen")].covers;
			rows[i].rule = &rule;
		}
	narrowed.overleggen = rows;
	s.rules.convenanten[0] = &narrowed;
	REFUSED(CODE_CATEGORIE_NIET_TOEGESTAAN, "drenthe/casusoverleg.categorie");
}

/* ---- keeping it longer ---- */

/* Who came in the place of a source agrees for it, and nobody else does. */
static void an_heir_agrees_for_the_source(void **state)
{
	static struct registry merged;
	static struct reg_hoedanigheid rows[80];
	static const char *heir[] = { "vnn-behandeling" };
	struct casus after;

	(void)state;
	scene_instemming(&s, &house);
	merged = *house.rules.registry;
	memcpy(rows, merged.hoedanigheden, merged.n_hoedanigheden * sizeof *rows);
	for (size_t i = 0; i < merged.n_hoedanigheden; i++)
		if (text_equal(rows[i].id, "ggz-drenthe")) {
			rows[i].successors = (struct text_list){ 1, heir };
			rows[i].succeeded_unix_ms = s.now - DAY_MS;
		}
	merged.hoedanigheden = rows;
	s.rules.registry = &merged;
	scene_sender(&s, heir[0]);
	s.m.header.grondslag = "BGS 1.16(2)";
	s.items[0].message.body.instemmingsverzoek =
		(struct body_instemmingsverzoek){ .purpose = "hernieuwing", .target = "", .until_unix_ms = s.now + 720 * DAY_MS };
	ALLOWED();
	CHECK(casus_apply(house.rules.kader, &s.casus, &s.m, &s.items[0], s.now, &after) && casus_check(&after));
	scene_hernieuwing(&s, &house);
	s.rules.registry = &merged;
	to("politie-noord-nederland");
	memcpy(s.casus.suppliers, after.suppliers, sizeof after.suppliers);
	s.casus.n_suppliers = after.n_suppliers;
	ALLOWED();
	snprintf(s.casus.suppliers[1].hoedanigheid, CASUS_TEXT, "zzz"); /* the word of another */
	REFUSED(CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.instemming");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_house_cannot_try_names),
		cmocka_unit_test(a_house_cannot_ask_around),
		cmocka_unit_test(only_an_l1_speaks_with_a_house),
		cmocka_unit_test(a_house_is_asked_for_its_own),
		cmocka_unit_test(a_guest_after_the_end),
		cmocka_unit_test(who_left_still_puts_right),
		cmocka_unit_test(to_say_so_opens_nothing),
		cmocka_unit_test(a_volmacht_reaches_as_far_as_it_says),
		cmocka_unit_test(a_correction_launders_nothing),
		cmocka_unit_test(nothing_is_added_to_what_was_passed_on),
		cmocka_unit_test(what_the_overleg_does_not_know),
		cmocka_unit_test(an_heir_agrees_for_the_source),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
