/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every rule has its sentences in both languages, and an explanation says what was decided, why, on which article and what to do.
 */
#include <string.h>

#include "convenant/explain_text.h"
#include "convenant/rule.h"
#include "tests/unit/convenant/scene.h"

static struct house house;

static void every_rule_has_its_sentences(void **state)
{
	static const struct rule_list *const lists[] = RULE_LISTS;

	(void)state;
	for (size_t l = 0; l < N_ELEMENTS(lists); l++)
		for (size_t i = 0; i < lists[l]->n; i++) {
			const struct rule_text *t = rule_text_find(lists[l]->v[i].id);

			if (!text_equal(t->id, lists[l]->v[i].id))
				fail_msg("no sentences for %s", lists[l]->v[i].id);
			CHECK(strlen(t->failed_nl) > 20 && strlen(t->failed_en) > 20 && strcmp(t->failed_nl, t->failed_en) != 0);
			CHECK((strstr(t->failed_nl, "{}") != NULL) == (strstr(t->failed_en, "{}") != NULL));
			CHECK((*t->passed_nl != '\0') == (*t->passed_en != '\0'));
		}
	assert_ptr_equal(rules_find("drenthe/nazorg.toestemming"), rules_find("convenant.toestemming"));
	assert_null(rules_find("drenthe/nazorg.zomaar"));
	assert_null(rules_find("zomaar"));
	assert_non_null(rule_text_find("zomaar"));
}

static void explain(const struct scene *s, const char *language, struct buffer *out)
{
	struct decide_input in = scene_input(s);
	struct decision d;

	convenant_decide(&in, &d);
	buffer_init(out, 0);
	CHECK_OK(explain_print(&in, &d, language, out));
	buffer_u8(out, 0);
	CHECK(utf8_valid(span_of(out->ptr, out->len - 1)));
}

static void must_say(const struct buffer *out, const char *piece)
{
	if (!strstr((const char *)out->ptr, piece))
		fail_msg("not said: %s\nin:\n%s", piece, (const char *)out->ptr);
}

static void a_refusal(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	scene_nazorg_verzoek(&s, &house);
	s.casus.consent = false;
	s.m.header.person_role = "gezinslid";
	s.m.header.related_to = "betrokkene";
	explain(&s, "nl", &out);
	must_say(&out, "GEWEIGERD: GEEN_GRONDSLAG");
	must_say(&out, code_remedy_nl(CODE_GEEN_GRONDSLAG));
	must_say(&out, "Dit overleg rust op toestemming van de betrokkene");
	must_say(&out, "(AVG 6(1)a, 7; regel drenthe/nazorg.toestemming)");
	must_say(&out, "KRING_TE_RUIM: In dit overleg gaan volgens het convenant geen gegevens over de kring rond.");
	must_say(&out, "Wel voldaan:");
	must_say(&out, "Het mandaat geldt voor deze hoedanigheid. (WGS 1.8(2); BGS 1.11, 1.17)");
	must_say(&out, "Beslist op 2026-11-22T08:00:00.000Z; kader nl versie 1; register drenthe versie 1; convenant drenthe versie 1.");
	buffer_fini(&out);
	explain(&s, "en", &out);
	must_say(&out, "This overleg rests on the consent of the betrokkene");
	must_say(&out, code_remedy_en(CODE_GEEN_GRONDSLAG));
	must_say(&out, "Not satisfied:");
	buffer_fini(&out);
}

static void an_allowed_one(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	scene_verzoek(&s, &house);
	explain(&s, "nl", &out);
	must_say(&out, "TOEGESTAAN: dit bericht mag.");
	CHECK(!strstr((char *)out.ptr, "Niet voldaan"));
	buffer_fini(&out);
}

/* A subject comes from the message: what could steer a terminal does not get through. */
static void a_hostile_subject(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	scene_verzoek(&s, &house);
	s.m.header.grondslag = "WGS\x1b[2J\n{}";
	explain(&s, "nl", &out);
	must_say(&out, "\"WGS?[2J?{}\"");
	CHECK(!strchr((char *)out.ptr, 0x1b));
	buffer_fini(&out);
}

/* For every scene with everything wrong: prints, and never a crash. */
static void everything_wrong(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	for (size_t i = 0; i < SCENES; i++) {
		scenes[i].make(&s, &house);
		s.no_casus = s.no_mandate = s.no_request = true;
		s.now += 400 * DAY_MS;
		s.m.header.sender = s.m.header.regime = s.m.header.grondslag = s.m.header.doel = s.m.header.overleg = "";
		explain(&s, i % 2 ? "en" : "nl", &out);
		must_say(&out, "GEWEIGERD");
		buffer_fini(&out);
	}
	memset(&s, 0, sizeof s);
	scene_verzoek(&s, &house);
	s.rules.kader = NULL;
	explain(&s, "nl", &out);
	must_say(&out, "Er is geen kader");
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_its_sentences),
		cmocka_unit_test(a_refusal),
		cmocka_unit_test(an_allowed_one),
		cmocka_unit_test(a_hostile_subject),
		cmocka_unit_test(everything_wrong),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
