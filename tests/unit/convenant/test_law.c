/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the frame of the law allows, at its edges: guests, acting for another, successors, houses, closed casussen. Beside each the
 * smallest step over the edge.
 */
#include <stdio.h>
#include <string.h>

#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

static struct house house;
static struct scene s;

static enum code decided(const char **rule)
{
	static struct decision d;

	scene_decide(&s, &d);
	*rule = "";
	for (size_t i = 0; i < d.n && !**rule; i++)
		if (!d.findings[i].passed)
			*rule = d.findings[i].rule;
	return d.code;
}

#define ALLOWED()                                                                     \
	do {                                                                          \
		const char *rule_;                                                    \
		enum code code_ = decided(&rule_);                                    \
		if (code_ != CODE_TOEGESTAAN)                                         \
			fail_msg("line %d: %s %s", __LINE__, code_name(code_), rule_); \
	} while (0)
#define REFUSED(want, rule)                                                           \
	do {                                                                          \
		const char *rule_;                                                    \
		enum code code_ = decided(&rule_);                                    \
		if (code_ != (want) || !text_equal(rule_, rule))                      \
			fail_msg("line %d: %s %s", __LINE__, code_name(code_), rule_); \
	} while (0)

/* ---- guests ---- */

static void a_guest_takes_part_until_then(void **state)
{
	(void)state;
	scene_antwoord(&s, &house);
	scene_circle(&s, "politie-noord-nederland zvhd-procesregie");
	s.casus.n_invited = 1;
	snprintf(s.casus.invited[0].hoedanigheid, CASUS_TEXT, "ggz-drenthe");
	s.casus.invited[0].until_unix_ms = s.now + 1;
	ALLOWED();
	s.now++;
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken");
	scene_verzoek(&s, &house);
	s.casus.n_invited = 1;
	snprintf(s.casus.invited[0].hoedanigheid, CASUS_TEXT, "ggz-drenthe");
	s.casus.invited[0].until_unix_ms = s.now + 1;
	scene_circle(&s, "politie-noord-nederland zvhd-procesregie");
	ALLOWED();
	s.casus.invited[0].until_unix_ms = s.now;
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.ontvanger");
}

/* ---- acting for another ---- */

static struct convenant with_volmacht;
static struct volmacht volmacht;
static const char *overleggen[1];

/* The municipality lets the GGZ answer for it, about care. */
static void give_volmacht(const char *giver, const char *holder, uint32_t kinds, const char *category)
{
	const struct kader *k = house.rules.kader;

	with_volmacht = *house.rules.convenanten[0];
	overleggen[0] = "ketenkamer";
	volmacht = (struct volmacht){ .id = "v1", .giver = giver, .holder = holder, .kinds = kinds,
				      .overleggen = { 1, overleggen }, .from_unix_ms = s.now, .until_unix_ms = s.now + DAY_MS,
				      .rule = "drenthe/v1.volmacht" };
	volmacht.categories = k->categories[kader_category_index(k, category)].covers;
	with_volmacht.volmachten = &volmacht;
	with_volmacht.n_volmachten = 1;
	s.rules.convenanten[0] = &with_volmacht;
}

static void answer_for_gemeente(void)
{
	scene_antwoord(&s, &house);
	give_volmacht("gemeente-assen-sociaal-domein", "ggz-drenthe", KIND_BIT(MESSAGE_ANTWOORD), "inkomen");
	scene_circle(&s, "gemeente-assen-sociaal-domein zvhd-procesregie");
	s.m.header.on_behalf_of = "gemeente-assen-sociaal-domein";
	scene_list(&s.request.categories, s.asked, "inkomen");
	s.m.n_parts = 0;
	scene_part(&s, 0, "inkomen.uitkering");
	scene_list(&s.m.header.categories, s.categories, "inkomen.uitkering");
}

static void who_holds_a_volmacht_answers(void **state)
{
	(void)state;
	answer_for_gemeente(); /* the question was put to the holder, the circle holds the giver */
	ALLOWED();
	scene_list(&s.request.recipients, s.asked_of, "gemeente-assen-sociaal-domein"); /* or to the giver */
	ALLOWED();
	s.now = volmacht.until_unix_ms;
	s.m.header.not_after_unix_ms = s.now + 1;
	s.request.deadline_unix_ms = 0;
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	answer_for_gemeente();
	volmacht.kinds = KIND_BIT(MESSAGE_MELDING);
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	answer_for_gemeente();
	overleggen[0] = "maatwerkoverleg";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
	answer_for_gemeente(); /* what the giver may, but did not hand over */
	scene_part(&s, 0, "financieel.schulden");
	scene_list(&s.m.header.categories, s.categories, "financieel.schulden");
	scene_list(&s.request.categories, s.asked, "financieel");
	REFUSED(CODE_CATEGORIE_NIET_TOEGESTAAN, "drenthe/casusoverleg.categorie");
	answer_for_gemeente(); /* the mandate is of who signs */
	s.covers[0] = "gemeente-assen-sociaal-domein";
	REFUSED(CODE_MEDEWERKER_NIET_GEAUTORISEERD, "medewerker.hoedanigheid");
	answer_for_gemeente(); /* every convenant that governs must say so */
	s.rules.convenanten[1] = house.rules.convenanten[0];
	s.rules.n_convenanten = 2;
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "convenant.volmacht");
}

/* Bound when either is: the holder hears it, the giver owes it. */
static void secrecy_of_either(void **state)
{
	(void)state;
	answer_for_gemeente();
	volmacht.categories = house.rules.kader->data;
	scene_part(&s, 0, "zorg.indicatie");
	scene_list(&s.m.header.categories, s.categories, "zorg.indicatie");
	scene_list(&s.request.categories, s.asked, "zorg");
	REFUSED(CODE_BEROEPSGEHEIM_GEEN_BASIS, "delen.beroepsgeheim");
	s.parts[0].header.secrecy_basis = "toestemming";
	ALLOWED();
}

static void ask_who_answers_for_another(void **state)
{
	const char *narrowed[SCENE_LIST];

	(void)state;
	scene_verzoek(&s, &house);
	scene_list(&s.m.header.recipients, s.recipients, "ggz-drenthe");
	scene_seal(&s);
	scene_list(&s.m.header.categories, s.categories, "inkomen");
	scene_circle(&s, "gemeente-assen-sociaal-domein zvhd-procesregie");
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.ontvanger");
	give_volmacht("gemeente-assen-sociaal-domein", "ggz-drenthe", KIND_BIT(MESSAGE_ANTWOORD), "inkomen");
	ALLOWED();
	assert_int_equal(rules_narrow(&s.rules, "ketenkamer", "ggz-drenthe", s.now, &s.m.header.categories, narrowed), 1);
	volmacht.until_unix_ms = s.now;
	assert_int_equal(rules_narrow(&s.rules, "ketenkamer", "ggz-drenthe", s.now, &s.m.header.categories, narrowed), 0);
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.ontvanger");
}

static void a_power_of_l1_is_not_lent(void **state)
{
	(void)state;
	scene_afsluiting(&s, &house);
	give_volmacht("zvhd-procesregie", "ggz-drenthe", KIND_BIT(MESSAGE_AFSLUITING), "inkomen");
	scene_sender(&s, "ggz-drenthe");
	s.m.header.on_behalf_of = "zvhd-procesregie";
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "handeling.lid");
	scene_sender(&s, "politie-noord-nederland"); /* to another L1 it is */
	volmacht.holder = "politie-noord-nederland";
	ALLOWED();
	volmacht.giver = s.m.header.on_behalf_of = "ggz-drenthe"; /* an L2 has none to lend */
	REFUSED(CODE_DEELNEMER_ONBEVOEGD, "handeling.lid");
}

/* ---- successors ---- */

static struct registry merged;
static struct reg_hoedanigheid rows[80];
static const char *successors[2];

static void succeed(const char *old, const char *first, const char *second)
{
	merged = *house.rules.registry;
	memcpy(rows, merged.hoedanigheden, merged.n_hoedanigheden * sizeof *rows);
	successors[0] = first;
	successors[1] = second;
	for (size_t i = 0; i < merged.n_hoedanigheden; i++)
		if (text_equal(rows[i].id, old)) {
			rows[i].successors = (struct text_list){ second ? 2 : 1, successors };
			rows[i].succeeded_unix_ms = s.now - DAY_MS;
		}
	merged.hoedanigheden = rows;
	s.rules.registry = &merged;
}

static void a_successor_stands_for_who_was(void **state)
{
	(void)state;
	scene_antwoord(&s, &house); /* the open question was put to its predecessor, who is in the circle */
	succeed("ggz-drenthe", "vnn-behandeling", NULL);
	scene_sender(&s, "vnn-behandeling");
	ALLOWED();
	succeed("ggz-drenthe", "vnn-behandeling", "cosis"); /* several: an L1 involves the right one */
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken");
	scene_verzoek(&s, &house); /* the one asked has a successor, who is asked now */
	succeed("ggz-drenthe", "vnn-behandeling", NULL);
	scene_list(&s.m.header.recipients, s.recipients, "politie-noord-nederland vnn-behandeling");
	scene_seal(&s);
	ALLOWED();
	scene_correctie(&s, &house); /* a correction reaches who came in the recipient's place, and by the source's successor */
	succeed("zvhd-procesregie", "zvhd-nazorg", NULL);
	scene_list(&s.m.header.recipients, s.recipients, "zvhd-nazorg");
	scene_seal(&s);
	ALLOWED();
	scene_verzoek(&s, &house); /* an asker's successor asks, where its predecessor's row says who may */
	succeed("zvhd-procesregie", "gemeente-meppel-sociaal-domein", NULL);
	scene_sender(&s, "gemeente-meppel-sociaal-domein");
	ALLOWED();
}

/* ---- closed, and longer ---- */

static void close_it(void)
{
	s.casus.phase = PHASE_AFGESLOTEN;
	s.casus.closed_unix_ms = s.now - 1;
}

static void a_closed_casus_can_be_put_right_and_kept(void **state)
{
	(void)state;
	scene_correctie(&s, &house);
	close_it();
	ALLOWED();
	scene_bevestiging(&s, &house);
	close_it();
	ALLOWED();
	scene_hernieuwing(&s, &house);
	close_it();
	s.m.body.hernieuwing.ground = "recidiverisico";
	ALLOWED();
	scene_instemmingsverzoek(&s, &house);
	close_it();
	REFUSED(CODE_CASUS_AFGESLOTEN, "casus.open");
	s.m.header.grondslag = "BGS 1.16(2)";
	s.m.header.in_reply_to = SPAN_NONE;
	s.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "hernieuwing", .target = "",
									.until_unix_ms = s.now + 100 * DAY_MS };
	ALLOWED();
	scene_instemming(&s, &house);
	close_it();
	s.m.header.grondslag = "BGS 1.16(2)";
	s.items[0].message.body.instemmingsverzoek.purpose = "hernieuwing";
	ALLOWED();
}

/* One's own data need no instemming from oneself. */
static void ones_own_data(void **state)
{
	(void)state;
	scene_hernieuwing(&s, &house);
	snprintf(s.casus.suppliers[0].hoedanigheid, CASUS_TEXT, "zvhd-procesregie");
	s.casus.suppliers[0].renewed_until_unix_ms = 0;
	ALLOWED();
	scene_verstrekking_huis(&s, &house);
	s.items[0].n_grants = 0;
	REFUSED(CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming");
	scene_list(&s.items[0].suppliers, s.item_by[0], "zvhd-procesregie");
	ALLOWED();
	scene_verstrekking_huis(&s, &house); /* what is not bijzonder goes without */
	s.items[0].n_grants = 0;
	scene_part(&s, 0, "woonsituatie.onderdak");
	scene_list(&s.m.header.categories, s.categories, "woonsituatie.onderdak");
	ALLOWED();
	scene_verstrekking_huis(&s, &house); /* an instemming for any house is one for this */
	s.grants[0].target = "";
	s.grants[0].until_unix_ms = 0;
	ALLOWED();
}

/* A condition goes with what it was attached to: what comes from elsewhere is not held up by it. */
static void conditions_go_with_their_part(void **state)
{
	(void)state;
	scene_verstrekking(&s, &house); /* part 1 of the item is woonsituatie.onderdak, part 0 gezondheid */
	s.item_parts[0][0].header.conditions = s.item_parts[0][1].header.conditions;
	s.item_parts[0][1].header.conditions.n = 0;
	s.parts[0].header.conditions.n = 0;
	ALLOWED();
	s.item_conditions[0][1] = "niet-verder";
	s.item_parts[0][0].header.conditions = (struct text_list){ 1, &s.item_conditions[0][1] };
	ALLOWED();
	scene_part(&s, 0, "gezondheid");
	s.m.header.categories.v[0] = "gezondheid";
	REFUSED(CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde");
}

/* ---- houses ---- */

/* A house answers what it was asked, and sees nothing else of the casus. */
static void a_house_knows_its_question_only(void **state)
{
	(void)state;
	scene_bekendheidsantwoord(&s, &house);
	ALLOWED();
	scene_list(&s.request.recipients, s.asked_of, "zvh-groningen");
	REFUSED(CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken");
	scene_antwoord_huis(&s, &house);
	s.m.header.in_reply_to = s.m.header.message_id;
	REFUSED(CODE_CATEGORIE_NIET_GEVRAAGD, "antwoord.gevraagd");
	scene_verzoek_huis(&s, &house); /* when the facts make it necessary, whether known or not */
	s.casus.n_known = 0;
	s.m.header.grondslag = "WGS 2.28(3)";
	ALLOWED();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_takes_part_until_then),
		cmocka_unit_test(who_holds_a_volmacht_answers),
		cmocka_unit_test(secrecy_of_either),
		cmocka_unit_test(ask_who_answers_for_another),
		cmocka_unit_test(a_power_of_l1_is_not_lent),
		cmocka_unit_test(a_successor_stands_for_who_was),
		cmocka_unit_test(a_closed_casus_can_be_put_right_and_kept),
		cmocka_unit_test(ones_own_data),
		cmocka_unit_test(conditions_go_with_their_part),
		cmocka_unit_test(a_house_knows_its_question_only),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
