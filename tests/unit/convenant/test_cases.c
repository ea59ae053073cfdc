/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of the example house, what it must cover, how a case inherits, and what a table may not say.
 */
#include <stdlib.h>
#include <string.h>

#include "convenant/cases_inside.h"
#include "convenant/rule.h"
#include "tests/unit/convenant/scene.h"

static struct house house;
static struct registry *template; /* the example's register as it is shipped */

static struct case_table *load(struct span text, struct fault_list *faults)
{
	struct case_table *t = NULL;
	int r;

	fault_list_init(faults, "cases.yaml");
	r = cases_load(text, faults, &t);
	CHECK((r == CASES_OK) == (t != NULL) && (r == CASES_E_FAULTS) == (faults->n > 0));
	return t;
}

static struct case_table *load_text_of(const char *text)
{
	struct fault_list faults;
	struct case_table *t = load(span_of_text(text), &faults);

	if (!t)
		fail_msg("%u:%u: %s", faults.v[0].line, faults.v[0].column, faults.v[0].text);
	return t;
}

static struct case_table *load_example(void)
{
	struct fault_list faults;
	struct case_table *t;
	struct buffer text;

	test_file("data/drenthe/convenant-test.yaml", &text);
	t = load(buffer_span(&text), &faults);
	buffer_fini(&text);
	CHECK(t != NULL);
	return t;
}

/* The rules as the table takes them. */
struct setting {
	struct rules rules;
	struct registry house;
	struct arena *arena;
};

static void setting_begin(struct setting *s, const struct case_table *t)
{
	s->arena = arena_new(1 << 20);
	s->rules = house.rules;
	s->rules.registry = template;
	CHECK_OK(cases_house(t, &s->rules, s->arena, &s->house));
	s->rules.registry = &s->house;
}

static void setting_end(struct setting *s)
{
	s->arena = arena_free(s->arena);
}

static struct case_verdict run(const struct case_table *t, size_t i)
{
	struct case_verdict v;
	struct setting s;

	setting_begin(&s, t);
	CHECK_OK(cases_run(t, i, &s.rules, &v));
	setting_end(&s);
	return v;
}

/* ---- the table of the example ---- */

static void the_example_passes(void **state)
{
	struct case_table *t = load_example();

	(void)state;
	CHECK(cases_count(t) >= 1600);
	for (size_t i = 0; i < cases_count(t); i++) {
		struct case_verdict v = run(t, i);

		if (!v.passed)
			fail_msg("line %u: %s: %s %s, expected %s %s", v.line, v.name, code_name(v.code), v.rule, code_name(v.expected),
				 v.expected_rule);
		CHECK((v.code == CODE_TOEGESTAAN) == (*v.rule == '\0'));
	}
	cases_free(t);
}

/* Every refusal there is, those that the house finds beside the rules included. */
static void the_example_has_every_code(void **state)
{
	struct case_table *t = load_example();
	size_t seen[CODE_N] = { 0 };

	(void)state;
	for (size_t i = 0; i < cases_count(t); i++)
		seen[t->rows[i].expected]++;
	CHECK(seen[CODE_TOEGESTAAN] >= 50);
	for (int code = 0; code < CODE_N; code++)
		if (!seen[code])
			fail_msg("no case expects %s", code_name((enum code)code));
	cases_free(t);
}

struct cells {
	bool seen[REGIME_OVERIG + 1][MESSAGE_KIND_N][LID_N][PHASE_N];
	bool asked[64];
};

static void cell_mark(const struct case_table *t, const struct case_row *row, struct cells *cells)
{
	struct load l = { .y = t->y, .arena = arena_new(LOAD_ARENA_MAX) };
	const struct registry *r = house.rules.registry;
	const struct reg_hoedanigheid *h;
	const struct reg_overleg *o;
	struct table_case c;

	case_read(&l, &row->layers, &c);
	h = registry_hoedanigheid(r, c.sender);
	o = registry_overleg(r, c.overleg);
	if (h && o && row->phase >= 0)
		cells->seen[o->regime][c.kind][kader_kind(house.rules.kader, h->kind)->lid][row->phase] = true;
	if (o && c.kind == MESSAGE_VERZOEK && row->expected == CODE_TOEGESTAAN)
		cells->asked[o - r->overleggen] = true;
	arena_free(l.arena);
}

/* The phase matrix (regime, message, lid, phase), and in each overleg a question that is allowed. */
static void the_example_has_every_cell_and_overleg(void **state)
{
	static struct cells cells;
	struct case_table *t = load_example();
	const struct registry *r = house.rules.registry;

	(void)state;
	CHECK(r->n_overleggen <= N_ELEMENTS(cells.asked));
	for (size_t i = 0; i < cases_count(t); i++)
		cell_mark(t, &t->rows[i], &cells);
	for (int regime = REGIME_WGS; regime <= REGIME_OVERIG; regime++)
		for (int kind = 1; kind < MESSAGE_KIND_N; kind++)
			for (int lid = LID_L1; lid < LID_N; lid++)
				for (int phase = 0; phase < PHASE_N && KINDS_CASUS & KIND_BIT(kind); phase++)
					if (!cells.seen[regime][kind][lid][phase])
						fail_msg("no case for %s %s %s in %s", regime_name((enum regime)regime),
							 message_kind_name((enum message_kind)kind), lid_name((enum lid)lid),
							 phase_name((enum phase)phase));
	for (size_t i = 0; i < r->n_overleggen; i++)
		if (!cells.asked[i])
			fail_msg("no question is allowed in %s", r->overleggen[i].id);
	cases_free(t);
}

/* ---- a case that does not hold ---- */

static void a_wrong_expectation(void **state)
{
	static const char wrong[] = "naam: Een vraag zonder doel\n    zoals: vraag-wgs\n    doel: \"\"\n    verwacht: ";
	struct buffer text, changed, told;
	struct fault_list faults;
	struct case_table *t;
	struct setting s;
	size_t failed = 0;

	(void)state;
	test_file("data/drenthe/convenant-test.yaml", &text);
	text_replace(buffer_span(&text), "doel: \"\"\n    verwacht: GEEN_DOEL doel.genoemd", "doel: \"\"\n    verwacht: TOEGESTAAN", &changed);
	CHECK(memmem(changed.ptr, changed.len, wrong, strlen(wrong)) != NULL);
	t = load(buffer_span(&changed), &faults);
	setting_begin(&s, t);
	buffer_init(&told, 0);
	for (size_t i = 0; i < cases_count(t); i++) {
		struct case_verdict v;
		size_t line = 1;

		CHECK_OK(cases_run(t, i, &s.rules, &v));
		if (v.passed)
			continue;
		failed++;
		assert_string_equal(v.name, "Een vraag zonder doel");
		assert_string_equal(v.rule, "doel.genoemd");
		assert_int_equal(v.code, CODE_GEEN_DOEL);
		for (const uint8_t *at = changed.ptr; at < (uint8_t *)memmem(changed.ptr, changed.len, wrong, strlen(wrong)) + strlen(wrong); at++)
			line += *at == '\n';
		assert_int_equal(v.line, line);
		CHECK_OK(cases_explain(t, i, &s.rules, "nl", &told));
		CHECK(memmem(told.ptr, told.len, "GEWEIGERD: GEEN_DOEL", 20) != NULL);
	}
	assert_int_equal(failed, 1);
	setting_end(&s);
	cases_free(t);
	buffer_fini(&text);
	buffer_fini(&changed);
	buffer_fini(&told);
}

static const char *const head =
	"convenant-test: proef\n"
	"standaard:\n"
	"  tijd: 2026-11-22T08:00:00.000Z\n"
	"  medewerker: {screening: geen, persoon: mdw-1}\n"
	"uitgangspunten:\n"
	"  - uitgangspunt: vraag\n"
	"    bericht: verzoek\n"
	"    van: zvhd-procesregie\n"
	"    aan: [politie-noord-nederland]\n"
	"    overleg: ketenkamer\n"
	"    grondslag: WGS 2.31(3)\n"
	"    doel: complexe-casus\n"
	"    noodzaak: nodig voor het plan\n"
	"    over: betrokkene\n"
	"    categorieen: [politiegegevens]\n"
	"    termijn: 2026-11-25\n"
	"    medewerker: {training: geen}\n"
	"gevallen:\n";

static struct case_verdict run_text(const char *one)
{
	static struct case_verdict v;
	static char name[64], rule[64];
	struct case_table *t;
	struct buffer text;

	buffer_init(&text, 0);
	buffer_printf(&text, "%s  - naam: proef\n    zoals: vraag\n%s", head, one);
	buffer_u8(&text, 0);
	t = load_text_of((const char *)text.ptr);
	v = run(t, 0);
	snprintf(name, sizeof name, "%s", v.name);
	snprintf(rule, sizeof rule, "%s", v.rule);
	v.name = name;
	v.rule = rule;
	v.expected_rule = "";
	cases_free(t);
	buffer_fini(&text);
	return v;
}

/* The case before what it builds on, that before what holds for all; the maps key by key. */
static void layers(void **state)
{
	(void)state;
	assert_string_equal(run_text("    verwacht: TOEGESTAAN\n").rule, "medewerker.screening");
	assert_string_equal(run_text("    medewerker: {screening: 2026-01-01}\n    verwacht: TOEGESTAAN\n").rule, "medewerker.training");
	assert_int_equal(run_text("    medewerker: {screening: 2026-01-01, training: 2026-01-01}\n    verwacht: TOEGESTAAN\n").code,
			 CODE_TOEGESTAAN);
	assert_string_equal(run_text("    medewerker: geen\n    verwacht: TOEGESTAAN\n").rule, "medewerker.mandaat");
	assert_string_equal(run_text("    doel: nazorg\n    medewerker: {screening: 2026-01-01, training: 2026-01-01}\n"
				     "    verwacht: TOEGESTAAN\n").rule, "doel.kader");
	assert_string_equal(run_text("    doel: \"\"\n    verwacht: TOEGESTAAN\n").rule, "doel.genoemd");
}

/* "convenant.x" is the rule of any convenant; a rule that is named must be the one that refused. */
static void the_rule_counts(void **state)
{
	static const char *const consents[] = { "convenant.toestemming", "drenthe/nazorg.toestemming", "grondslag.kader",
						"friesland/nazorg.toestemming" };
	struct buffer text;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(consents); i++) {
		struct case_table *t;
		struct case_verdict v;

		buffer_init(&text, 0);
		buffer_printf(&text, "convenant-test: proef\ngevallen:\n  - naam: zonder toestemming\n    tijd: 2026-11-22\n    bericht: verzoek\n"
			      "    van: zvhd-nazorg\n    aan: [dji-pi-noord]\n    overleg: nazorg\n    grondslag: Bjsg 11a bis\n    doel: nazorg\n"
			      "    noodzaak: terugkeer\n    over: betrokkene\n    categorieen: [woonsituatie]\n    termijn: 2026-11-25\n"
			      "    verwacht: GEEN_GRONDSLAG %s\n", consents[i]);
		buffer_u8(&text, 0);
		t = load_text_of((const char *)text.ptr);
		v = run(t, 0);
		assert_string_equal(v.rule, "drenthe/nazorg.toestemming");
		assert_int_equal(v.passed, i < 2);
		cases_free(t);
		buffer_fini(&text);
	}
}

/* ---- the house ---- */

static void who_has_joined(void **state)
{
	struct case_table *t = load_text_of("convenant-test: proef\nniet-aangesloten: [cosis]\ngevallen:\n"
					    "  - {naam: a, tijd: 2026-11-22, bericht: geopend, van: cosis, verwacht: TOEGESTAAN}\n");
	struct registry *full = NULL;
	struct rules rules = house.rules;
	struct fault_list faults;
	struct registry taken;
	struct buffer text;
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	fault_list_init(&faults, "register");
	house_register(&house, &text);
	CHECK_OK(cases_register_load(buffer_span(&text), &faults, &full));
	buffer_fini(&text);
	CHECK_IS(cases_register_load(SPAN_LITERAL("register: drenthe\nsjabloon: misschien\n"), &faults, &full), REGISTER_E_FAULTS);
	CHECK(faults.n > 0);

	rules.registry = template;
	CHECK_OK(cases_house(t, &rules, arena, &taken));
	CHECK(taken.from_unix_ms == 0 && taken.until_unix_ms == UINT64_MAX);
	CHECK(registry_hoedanigheid(template, "menso")->n_keys == 0 && registry_hoedanigheid(&taken, "menso")->n_keys == 1);
	CHECK(registry_hoedanigheid(&taken, "cosis")->n_keys == 0 && registry_hoedanigheid(&taken, "halt")->n_keys == 0);
	rules.registry = full;
	CHECK_OK(cases_house(t, &rules, arena, &taken));
	CHECK(taken.until_unix_ms == UINT64_MAX && full->until_unix_ms < UINT64_MAX && registry_hoedanigheid(full, "cosis")->n_keys == 1);
	CHECK(registry_hoedanigheid(&taken, "menso")->n_keys == 1 && registry_hoedanigheid(&taken, "cosis")->n_keys == 0);
	arena_free(arena);
	registry_free(full);
	cases_free(t);
}

/* ---- what a table may not say ---- */

struct broken {
	const char *text;
	unsigned line;
	const char *fault;
};

#define CASE "convenant-test: proef\ngevallen:\n  - naam: a\n    tijd: 2026-11-22\n    bericht: verzoek\n    van: ggz-drenthe\n"

static const struct broken texts[] = {
	{ "convenant-test: proef\n", 1, "gevallen: at least one" },
	{ "gevallen: []\n", 1, "convenant-test: is missing" },
	{ "convenant-test: proef\ngevallen: ja\n", 2, "a list is expected" },
	{ "convenant-test: proef\ngevallen: [ja]\n", 2, "a map" },
	{ "convenant-test: proef\ntesten: []\n", 2, "the key testen is unknown" },
	{ "convenant-test: proef\nstandaard: [a]\n", 2, "standaard: a map is expected" },
	{ "convenant-test: proef\nstandaard: {naam: x}\n", 2, "the key naam is unknown" },
	{ "convenant-test: proef\nuitgangspunten:\n  - {bericht: verzoek}\n", 3, "uitgangspunt: is missing" },
	{ "convenant-test: proef\nuitgangspunten:\n  - {uitgangspunt: a}\n  - {uitgangspunt: a}\n", 4, "a stands here twice" },
	{ "convenant-test: proef\nuitgangspunten:\n  - {uitgangspunt: a, zoals: b}\n", 3, "the key zoals is unknown" },
	{ "convenant-test: proef\ngevallen:\n  - {naam: a, tijd: 2026-11-22, van: x, verwacht: TOEGESTAAN}\n", 3, "bericht: is missing" },
	{ "convenant-test: proef\ngevallen:\n  - {naam: a, bericht: fase, van: x, verwacht: TOEGESTAAN}\n", 3, "tijd: is missing" },
	{ "convenant-test: proef\ngevallen:\n  - {naam: a, bericht: fase, tijd: 2026-11-22, verwacht: TOEGESTAAN}\n", 3, "van: is missing" },
	{ CASE, 3, "verwacht: is missing" },
	{ CASE "    verwacht: JA\n", 7, "TOEGESTAAN or a refusal code is expected, not JA" },
	{ CASE "    verwacht: [TOEGESTAAN]\n", 7, "a text is expected" },
	{ CASE "    verwacht: GEEN_DOEL doel.zomaar\n", 7, "there is no rule doel.zomaar" },
	{ CASE "    verwacht: GEEN_DOEL grondslag.genoemd\n", 7, "refuses with GEEN_GRONDSLAG" },
	{ CASE "    verwacht: TOEGESTAAN doel.kader\n", 7, "refuses with GEEN_DOEL" },
	{ CASE "    verwacht: {}\n", 7, "names no phase" },
	{ CASE "    verwacht:\n      KLAAR: TOEGESTAAN\n", 8, "there is no phase KLAAR" },
	{ CASE "    verwacht:\n      VERZAMELEN: MISSCHIEN\n", 8, "not MISSCHIEN" },
	{ CASE "    zoals: b\n    verwacht: TOEGESTAAN\n", 7, "there is no uitgangspunt b" },
	{ CASE "    aan: ggz\n    verwacht: TOEGESTAAN\n", 7, "aan: a list is expected" },
	{ CASE "    aan: [GGZ Drenthe]\n    verwacht: TOEGESTAAN\n", 7, "is not an id" },
	{ CASE "    termijn: morgen\n    verwacht: TOEGESTAAN\n", 7, "a date is expected" },
	{ CASE "    casus: open\n    verwacht: TOEGESTAAN\n", 7, "a map" },
	{ CASE "    casus: {fase: BEGIN}\n    verwacht: TOEGESTAAN\n", 7, "there is no phase BEGIN" },
	{ CASE "    casus: {regime: AVG}\n    verwacht: TOEGESTAAN\n", 7, "WGS or OVERIG" },
	{ CASE "    casus: {toestemming: ja}\n    verwacht: TOEGESTAAN\n", 7, "geen, gegeven, verlopen" },
	{ CASE "    casus: {status: open}\n    verwacht: TOEGESTAAN\n", 7, "the key status is unknown" },
	{ CASE "    medewerker: {screening: ja}\n    verwacht: TOEGESTAAN\n", 7, "a date is expected" },
	{ CASE "    medewerker: {leeftijd: 3}\n    verwacht: TOEGESTAAN\n", 7, "the key leeftijd is unknown" },
	{ CASE "    vraag: {aan: ggz}\n    verwacht: TOEGESTAAN\n", 7, "a list is expected" },
	{ CASE "    delen: [{basis: toestemming}]\n    verwacht: TOEGESTAAN\n", 7, "categorie: is missing" },
	{ CASE "    delen: [{categorie: zorg, grond: x}]\n    verwacht: TOEGESTAAN\n", 7, "the key grond is unknown" },
	{ CASE "    delen: [[zorg]]\n    verwacht: TOEGESTAAN\n", 7, "a map" },
	{ CASE "    criteria: [a, e]\n    verwacht: TOEGESTAAN\n", 7, "a, b, c or d is expected" },
	{ CASE "    toestemming: {ingetrokken: ja}\n    verwacht: TOEGESTAAN\n", 7, "true or false" },
	{ CASE "    overleg: een-overleg-met-een-naam-die-veel-te-lang-is-om-in-een-casus-te-passen\n    verwacht: TOEGESTAAN\n", 7, "at most 63" },
	{ CASE "    bericht: brief\n    verwacht: TOEGESTAAN\n", 7, "already" },
	{ "convenant-test: proef\ngevallen:\n  - {naam: a, bericht: brief, tijd: 2026-11-22, van: x, verwacht: TOEGESTAAN}\n", 3,
	  "there is no message brief" },
	{ CASE "    naar: &a VERZAMELEN\n    verwacht: TOEGESTAAN\n", 7, "anchors" },
};

static void broken_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct fault_list faults;
		bool found = false;

		if (load(span_of_text(texts[i].text), &faults))
			fail_msg("loaded: %s", texts[i].text);
		for (size_t k = 0; k < faults.n; k++)
			found = found || (faults.v[k].line == texts[i].line && strstr(faults.v[k].text, texts[i].fault));
		if (!found)
			fail_msg("not said at line %u: %s\n%u:%u: %s", texts[i].line, texts[i].fault, faults.v[0].line, faults.v[0].column,
				 faults.v[0].text);
	}
}

/* A fault in what many cases build on is told once. */
static void an_inherited_fault_is_told_once(void **state)
{
	struct fault_list faults;
	struct buffer text;

	(void)state;
	buffer_init(&text, 0);
	buffer_text(&text, "convenant-test: proef\nstandaard: {tijd: 2026-11-22, bericht: fase, van: x, termijn: morgen}\ngevallen:\n");
	for (int i = 0; i < 50; i++)
		buffer_text(&text, "  - {naam: a, verwacht: TOEGESTAAN}\n");
	CHECK(!load(buffer_span(&text), &faults));
	assert_int_equal(faults.n + faults.n_more, 1);
	assert_int_equal(faults.v[0].line, 2);
	buffer_fini(&text);
}

/* n items, each a number between two pieces of text. */
static void too_many(const char *before, const char *const each[2], const char *after, int n, const char *fault)
{
	struct fault_list faults;
	struct buffer text;

	buffer_init(&text, 0);
	buffer_printf(&text, CASE "%s", before);
	for (int i = 0; i < n; i++)
		buffer_printf(&text, "%s%d%s", each[0], i, each[1]);
	buffer_text(&text, after);
	CHECK(!load(buffer_span(&text), &faults));
	if (!strstr(faults.v[0].text, fault))
		fail_msg("not said: %s but %s", fault, faults.v[0].text);
	buffer_fini(&text);
}

static void too_much(void **state)
{
	static const char *const word[2] = { "x", ", " };
	static const char *const row[2] = { "  - {naam: n", ", verwacht: TOEGESTAAN}\n" };
	struct fault_list faults;
	struct buffer text;

	(void)state;
	too_many("    verwacht: TOEGESTAAN\n    aan: [", word, "x]\n", 64, "aan: more than 64");
	too_many("    verwacht: TOEGESTAAN\n    categorieen: [", word, "x]\n", 64, "categorieen: more than 64");
	too_many("    verwacht: TOEGESTAAN\n    delen: [", word, "x]\n", 32, "delen: more than 32");
	too_many("    verwacht: TOEGESTAAN\n    casus: {kring: [", word, "x]}\n", 64, "kring: more than 64");
	too_many("    verwacht: TOEGESTAAN\n", row, "", 4096, "gevallen: more than 4096");
	buffer_init(&text, 0);
	buffer_grow(&text, 2 << 20);
	memset(text.ptr, 'a', text.len);
	CHECK(!load(buffer_span(&text), &faults));
	buffer_fini(&text);
}

/* The table with bytes changed: it is refused, or it runs; nothing else. */
static void damaged_tables(void **state)
{
	struct buffer text, damaged;
	uint32_t seed = 2026;
	size_t loaded = 0;

	(void)state;
	buffer_init(&text, 0);
	buffer_printf(&text, "%s  - naam: a\n    zoals: vraag\n    delen: [{categorie: vraag, verzegeld-voor: [ggz-drenthe]}]\n"
		      "    casus: {fase: UITVOERING, kring: [zvhd-procesregie, politie-noord-nederland], toestemming: verlopen}\n"
		      "    vraag: {aan: [ggz-drenthe]}\n    verwacht: {GEEN: TOEGESTAAN, AFGESLOTEN: CASUS_AFGESLOTEN casus.open}\n", head);
	for (int round = 0; round < 4000; round++) {
		struct fault_list faults;
		struct case_table *t;

		buffer_init(&damaged, 0);
		buffer_bytes(&damaged, buffer_span(&text));
		for (int i = 0; i < 1 + round % 3; i++) {
			static const char bytes[] = "\n :-[]{},\"'a0\x80";

			seed = seed * 1664525u + 1013904223u;
			damaged.ptr[(seed >> 8) % damaged.len] = (uint8_t)bytes[(seed >> 3) % (sizeof bytes - 1)];
		}
		t = load(buffer_span(&damaged), &faults);
		loaded += t != NULL;
		for (size_t i = 0; t && i < cases_count(t); i++)
			CHECK(*run(t, i).name != '\0');
		cases_free(t);
		buffer_fini(&damaged);
	}
	CHECK(loaded > 100 && loaded < 4000);
	buffer_fini(&text);
}

static int open_house(void **state)
{
	struct fault_list faults;
	struct buffer text;

	(void)state;
	house_open(&house);
	fault_list_init(&faults, "register.yaml");
	test_file("data/drenthe/register.yaml", &text);
	CHECK_OK(cases_register_load(buffer_span(&text), &faults, &template));
	buffer_fini(&text);
	return 0;
}

static int close_house(void **state)
{
	(void)state;
	template = registry_free(template);
	house_close(&house);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_passes),
		cmocka_unit_test(the_example_has_every_code),
		cmocka_unit_test(the_example_has_every_cell_and_overleg),
		cmocka_unit_test(a_wrong_expectation),
		cmocka_unit_test(layers),
		cmocka_unit_test(the_rule_counts),
		cmocka_unit_test(who_has_joined),
		cmocka_unit_test(broken_tables),
		cmocka_unit_test(an_inherited_fault_is_told_once),
		cmocka_unit_test(too_much),
		cmocka_unit_test(damaged_tables),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
