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

/* The full derivation of each kind, in the words of the law: no field of the program, no rule without its sentence, no question left. */
static void each_kind_in_both_languages(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	for (size_t i = 0; i < SCENES; i++)
		for (int refused = 0; refused < 2; refused++)
			for (int english = 0; english < 2; english++) {
				scenes[i].make(&s, &house);
				if (refused) {
					s.m.header.in_reply_to = SPAN_NONE;
					s.m.n_parts = 0;
					memset(&s.m.header.recipients, 0, sizeof s.m.header.recipients);
					s.m.header.doel = "";
				}
				explain(&s, english ? "en" : "nl", &out);
				must_say(&out, message_kind_name(s.m.kind));
				must_say(&out, english ? "Message: " : "Bericht: ");
				must_say(&out, s.m.header.sender);
				if (s.m.kind != MESSAGE_GEOPEND && s.m.kind != MESSAGE_INZAGE)
					must_say(&out, refused ? "GEEN_DOEL" : "TOEGESTAAN");
				for (const char *at = (const char *)out.ptr; (at = strchr(at, '_')); at++)
					if (at[-1] >= 'a' && at[-1] <= 'z')
						fail_msg("a field of the program: %.40s", at > (const char *)out.ptr + 20 ? at - 20 : at);
				CHECK(!strstr((const char *)out.ptr, "Regel ") && !strstr((const char *)out.ptr, "Rule "));
				CHECK(!strstr((const char *)out.ptr, "{}"));
				buffer_fini(&out);
			}
}

/* Which word it is, is shown to who wrote it; what goes on record names the field only. */
static void a_name_is_shown_and_not_recorded(void **state)
{
	static struct scene s;
	struct decision d;
	struct buffer out;

	(void)state;
	scene_verzoek(&s, &house);
	s.m.header.noodzaak = "zicht op de situatie van Verzonnen is nodig";
	scene_decide(&s, &d);
	for (size_t i = 0; i < d.n; i++)
		CHECK(!strstr(d.findings[i].subject, "Verzonnen"));
	explain(&s, "nl", &out);
	must_say(&out, "In de noodzaak staat een woord met een hoofdletter dat op een naam lijkt.");
	must_say(&out, "Het gaat om: Verzonnen.");
	buffer_fini(&out);
	buffer_init(&out, 0);
	explain_failed("identificatie.naam", "noodzaak", "en", &out);
	CHECK(memmem(out.ptr, out.len, "the necessity holds", 19) != NULL);
	buffer_fini(&out);
}

static void a_supply_refused(void **state)
{
	static struct scene s;
	struct buffer out;

	(void)state;
	scene_verstrekking_huis(&s, &house);
	s.items[0].n_grants = 0;
	explain(&s, "nl", &out);
	must_say(&out, "GEWEIGERD: GEEN_INSTEMMING_BRON");
	must_say(&out, "Bericht: verstrekking van zvhd-procesregie aan zvh-fryslan; overleg ketenkamer; grondslag WGS 2.28(3); "
		       "doel complexe-casus; categorieën gezondheid.psychisch.");
	must_say(&out, "ggz-drenthe heeft niet ingestemd, of niet voor dit doel en deze ontvanger");
	must_say(&out, "(WGS 1.7(3), (8), 2.28(4); regel verstrekking.instemming)");
	must_say(&out, "De bronnen van de verstrekking zijn bekend. (WGS 2.31(4); BGS 1.8(2))");
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
		cmocka_unit_test(each_kind_in_both_languages),
		cmocka_unit_test(a_name_is_shown_and_not_recorded),
		cmocka_unit_test(a_supply_refused),
		cmocka_unit_test(a_hostile_subject),
		cmocka_unit_test(everything_wrong),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
