/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each loader and the gate of versions, with the nth allocation failing: the result is -ENOMEM, nothing leaks, nothing changed.
 */
#include <errno.h>
#include <stdlib.h>

#include "convenant/cases.h"
#include "convenant/diff.h"
#include "tests/lib/faults.h"
#include "tests/unit/convenant/scene.h"

static struct house house;
static struct buffer kader_text, register_text, convenant_text, note, mandate_note;

static int load_kader(void)
{
	struct fault_list faults;
	struct kader *k = NULL;
	int r;

	fault_list_init(&faults, "kader");
	r = kader_load(buffer_span(&kader_text), &faults, &k);
	kader_free(k);
	return r;
}

static int load_register(void)
{
	struct fault_list faults;
	struct registry *x = NULL;
	int r;

	fault_list_init(&faults, "register");
	r = registry_load(buffer_span(&register_text), &faults, &x);
	registry_free(x);
	return r;
}

static int load_convenant(void)
{
	struct fault_list faults;
	struct convenant *c = NULL;
	int r;

	fault_list_init(&faults, "convenant");
	r = convenant_load(buffer_span(&convenant_text), house.rules.kader, &faults, &c);
	convenant_free(c);
	return r;
}

static int next_register(void)
{
	struct admission a = { .organisation = "cosis", .node = "cosis-1", .n_keys = 1, .hoedanigheden = { "cosis" } };
	struct fault_list faults;
	struct buffer text;
	int r;

	fault_list_init(&faults, "admission");
	a.organisation_key = house.steward_keys[0];
	seed_bytes("transport of cosis", a.transport_key);
	seed_bytes("reading of cosis", a.box_keys[0]);
	for (size_t i = 0; i < 32; i++)
		a.sign_key[i] = house.steward_keys[0].public_key[i];
	buffer_init(&text, 0);
	r = register_next(house.rules.registry, &a, &faults, &text);
	buffer_fini(&text);
	return r;
}

static int admit_convenant(void)
{
	struct rules rules = { .kader = house.rules.kader, .registry = house.rules.registry };
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "note");
	r = rules_admit(&rules, RULES_CONVENANT, buffer_span(&note), NULL, &faults);
	CHECK((r == 0) == (rules.n_convenanten == 1));
	if (rules.n_convenanten)
		convenant_free(rules.convenanten[0]);
	return r;
}

static int open_mandate(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct fault_list faults;
	struct mandate m;
	int r = -ENOMEM;

	fault_list_init(&faults, "mandate");
	if (arena)
		r = mandate_open(buffer_span(&mandate_note), house.rules.registry, arena, &faults, &m);
	arena_free(arena);
	return r;
}

static const char table_text[] =
	"convenant-test: proef\nstandaard: {tijd: 2026-11-22, overleg: ketenkamer}\nuitgangspunten:\n  - {uitgangspunt: a, bericht: antwoord}\n"
	"gevallen:\n  - naam: a\n    zoals: a\n    van: ggz-drenthe\n    aan: [zvhd-procesregie]\n    delen: [woonsituatie, {categorie: bsn}]\n"
	"    verwacht: {VERZAMELEN: GEEN_GRONDSLAG grondslag.genoemd, AFGESLOTEN: GEEN_GRONDSLAG}\n";

static int load_cases(void)
{
	struct fault_list faults;
	struct case_table *t = NULL;
	int r;

	fault_list_init(&faults, "cases");
	r = cases_load(span_of_text(table_text), &faults, &t);
	cases_free(t);
	return r;
}

static struct case_table *table;

static int run_case(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct rules rules = house.rules;
	struct registry taken;
	struct case_verdict v;
	struct buffer text;
	int r;

	buffer_init(&text, 0);
	r = arena ? cases_house(table, &house.rules, arena, &taken) : -ENOMEM;
	rules.registry = &taken;
	if (!r)
		r = cases_run(table, 1, &rules, &v);
	if (!r) {
		CHECK(v.passed);
		r = cases_explain(table, 0, &rules, "nl", &text);
	}
	buffer_fini(&text);
	arena_free(arena);
	return r;
}

static struct convenant *narrower;

static int diff_convenanten(void)
{
	struct buffer text;
	struct diff d;
	int r = convenant_diff(house.rules.convenanten[0], narrower, &d);

	if (r)
		return r;
	CHECK(d.n > 3);
	buffer_init(&text, 0);
	r = diff_print(house.rules.convenanten[0], narrower, &d, "en", &text);
	buffer_fini(&text);
	diff_fini(&d);
	return r;
}

static void each_allocation(int (*call)(void))
{
	unsigned tried = 0;

	for (unsigned nth = 1;; nth += 1 + nth / 24) { /* all of the first, then ever fewer: there may be thousands */
		bool reached;
		int r;

		faults_begin(nth);
		r = call();
		reached = faults_end();
		CHECK_IS(r, reached ? -ENOMEM : 0);
		if (!reached)
			break;
		tried++;
	}
	CHECK(tried >= 3);
}

static void kader_out_of_memory(void **state)
{
	(void)state;
	each_allocation(load_kader);
}

static void register_out_of_memory(void **state)
{
	(void)state;
	each_allocation(load_register);
	each_allocation(next_register);
}

static void convenant_out_of_memory(void **state)
{
	(void)state;
	each_allocation(load_convenant);
	each_allocation(admit_convenant);
}

static void mandate_out_of_memory(void **state)
{
	(void)state;
	each_allocation(open_mandate);
}

static void cases_out_of_memory(void **state)
{
	struct fault_list faults;

	(void)state;
	each_allocation(load_cases);
	fault_list_init(&faults, "cases");
	CHECK_OK(cases_load(span_of_text(table_text), &faults, &table));
	each_allocation(run_case);
	table = cases_free(table);
}

static void diff_out_of_memory(void **state)
{
	struct fault_list faults;
	struct buffer text;

	(void)state;
	fault_list_init(&faults, "convenant");
	text_replace(buffer_span(&convenant_text), "overleggen: [lpco, leerplicht-drents-breed]", "overleggen: [lpco]", &text);
	CHECK_OK(convenant_load(buffer_span(&text), house.rules.kader, &faults, &narrower));
	each_allocation(diff_convenanten);
	narrower = convenant_free(narrower);
	buffer_fini(&text);
}

static void texts_make(void)
{
	static const char *covers[] = { "politie-noord-nederland" };
	struct note_key keys[2];
	struct secret *secrets[2];
	struct mandate m = { .person = "p-1", .house = "drenthe", .organisation = "politie", .role = "liaison", .klasse = "uitvoering",
			     .hoedanigheden = { 1, covers }, .from_unix_ms = SCENE_NOW, .until_unix_ms = SCENE_NOW + DAY_MS };
	struct buffer text;

	house_text("kader", &kader_text);
	house_text("convenant", &convenant_text);
	house_register(&house, &register_text);
	for (size_t i = 0, n = 0; i < N_ELEMENTS(house_organisations); i++)
		if (text_equal(house_organisations[i], "politie") || text_equal(house_organisations[i], "zvhd")) {
			keys[n] = registry_organisation(house.rules.registry, house_organisations[i])->key;
			secrets[n++] = house.organisations[i];
		}
	house_sign(buffer_span(&convenant_text), keys, secrets, 2, &note);
	for (size_t i = 0; i < 32; i++)
		m.sign_key[i] = keys[0].public_key[i];
	buffer_init(&text, 0);
	CHECK_OK(mandate_print(&m, &text));
	house_sign(buffer_span(&text), keys, secrets, 1, &mandate_note);
	buffer_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kader_out_of_memory),
		cmocka_unit_test(register_out_of_memory),
		cmocka_unit_test(convenant_out_of_memory),
		cmocka_unit_test(mandate_out_of_memory),
		cmocka_unit_test(cases_out_of_memory),
		cmocka_unit_test(diff_out_of_memory),
	};
	int failed;

	house_open(&house);
	texts_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buffer_fini(&kader_text);
	buffer_fini(&register_text);
	buffer_fini(&convenant_text);
	buffer_fini(&note);
	buffer_fini(&mandate_note);
	house_close(&house);
	return failed;
}
