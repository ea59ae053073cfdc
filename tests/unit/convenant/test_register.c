/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The register: printed and read again it is the same, an admission gives one text whoever makes it, and what is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/convenant/scene.h"

static struct house house;

static struct registry *load(struct span text, struct fault_list *faults)
{
	struct registry *r = NULL;
	int e;

	fault_list_init(faults, "register.yaml");
	e = registry_load(text, faults, &r);
	CHECK((e == REGISTER_OK) == (r != NULL) && (e == REGISTER_E_FAULTS) == (faults->n > 0));
	return r;
}

static void admission_make(struct admission *a)
{
	struct note_key key;

	memset(a, 0, sizeof *a);
	secret_free(seed_key("cosis", &key));
	a->organisation = "cosis";
	a->node = "cosis-1";
	a->organisation_key = key;
	seed_bytes("cosis transport", a->transport_key);
	memcpy(a->sign_key, key.public_key, sizeof a->sign_key);
	a->n_keys = 1;
	a->hoedanigheden[0] = "cosis";
	seed_bytes("cosis reading", a->box_keys[0]);
}

static struct registry *next(const struct registry *r, const struct admission *a, struct buffer *text)
{
	struct fault_list faults;

	fault_list_init(&faults, "admission");
	buffer_init(text, 0);
	CHECK_OK(register_next(r, a, &faults, text));
	return load(buffer_span(text), &faults);
}

static void printed_and_read_again(void **state)
{
	struct fault_list faults;
	struct buffer text, again;
	struct registry *r;

	(void)state;
	house_register(&house, &text);
	r = load(buffer_span(&text), &faults);
	assert_non_null(r);
	buffer_init(&again, 0);
	CHECK_OK(register_print(r, &again));
	CHECK_SPAN(buffer_span(&again), buffer_span(&text));
	CHECK(hash_equal(&r->digest, &house.rules.registry->digest));
	registry_free(r);
	buffer_fini(&text);
	buffer_fini(&again);
}

static void lookups(void **state)
{
	const struct registry *r = house.rules.registry;
	const struct reg_overleg *o = registry_overleg(r, "jco-volwassen-veelplegers");

	(void)state;
	assert_string_equal(registry_hoedanigheid(r, "zvhd-nazorg")->organisation, "zvhd");
	assert_string_equal(registry_hoedanigheid(r, "leger-des-heils-welzijn")->kind, "instelling-college");
	assert_string_equal(registry_hoedanigheid(r, "leger-des-heils-reclassering")->kind, "reclassering");
	assert_int_equal(strlen(registry_organisation(r, "politie")->oin), 20);
	assert_null(registry_organisation(r, "zsm"));
	assert_null(registry_hoedanigheid(r, ""));
	assert_null(registry_node(r, "x"));
	assert_null(registry_node_of_hoedanigheid(r, "politie-noord-nederland"));
	assert_int_equal(o->frequency.per, PER_MAAND);
	assert_int_equal(o->frequency.not_in, 1 << 7 | 1 << 8 | 1 << 12);
	assert_string_equal(registry_overleg(r, "nazorg")->exceptions.v[0], "bij dringende zaken op afroep");
	assert_int_equal(o->derden.n, 1);
	assert_int_equal(registry_overleg(r, "maatwerkoverleg")->vaste.n, 0);
}

static void an_admission(void **state)
{
	struct buffer text, same, third;
	struct admission a;
	struct registry *r, *later;
	const struct reg_node *node;

	(void)state;
	admission_make(&a);
	r = next(house.rules.registry, &a, &text);
	assert_non_null(r);
	registry_free(next(house.rules.registry, &a, &same));
	CHECK_SPAN(buffer_span(&same), buffer_span(&text)); /* two stewards sign the same bytes */
	assert_int_equal(r->sequence, 2);
	CHECK(hash_equal(&r->previous, &house.rules.registry->digest));
	node = registry_node(r, "cosis-1");
	assert_non_null(node);
	assert_ptr_equal(node, registry_node_of_transport(r, a.transport_key));
	assert_ptr_equal(node, registry_node_of_hoedanigheid(r, "cosis"));
	CHECK(reg_node_serves(node, "cosis") && !reg_node_serves(node, "menso"));
	CHECK(registry_organisation(r, "cosis")->has_key);
	/* The node joins again with new keys: the old reading key stays one version, then goes. */
	seed_bytes("cosis reading 2", a.box_keys[0]);
	later = next(r, &a, &third);
	assert_non_null(later);
	assert_int_equal(registry_hoedanigheid(later, "cosis")->n_keys, 2);
	assert_memory_equal(registry_hoedanigheid(later, "cosis")->keys[0].public_key, a.box_keys[0], 32);
	assert_int_equal(later->n_nodes, 1);
	registry_free(later);
	registry_free(r);
	buffer_fini(&text);
	buffer_fini(&same);
	buffer_fini(&third);
}

static void one_node_serves_two(void **state)
{
	struct buffer text;
	struct admission a;
	struct registry *r;

	(void)state;
	admission_make(&a);
	a.organisation = "leger-des-heils";
	a.organisation_key = registry_organisation(house.rules.registry, "leger-des-heils")->key;
	a.node = "ldh";
	a.n_keys = 2;
	a.hoedanigheden[0] = "leger-des-heils-welzijn"; /* in no order */
	a.hoedanigheden[1] = "leger-des-heils-reclassering";
	seed_bytes("ldh reading", a.box_keys[1]);
	r = next(house.rules.registry, &a, &text);
	assert_non_null(r);
	CHECK(reg_node_serves(registry_node(r, "ldh"), "leger-des-heils-reclassering"));
	assert_memory_equal(registry_hoedanigheid(r, "leger-des-heils-reclassering")->keys[0].public_key, a.box_keys[1], 32);
	registry_free(r);
	buffer_fini(&text);
}

static void admissions_refused(void **state)
{
	struct fault_list faults;
	struct buffer text, first;
	struct admission a;
	struct registry *r;

	(void)state;
	admission_make(&a);
	r = next(house.rules.registry, &a, &first);
	assert_non_null(r);
	buffer_init(&text, 0);
#define REFUSED(registry, piece)                                                                     \
	do {                                                                                         \
		fault_list_init(&faults, "admission");                                               \
		CHECK_IS(register_next(registry, &a, &faults, &text), REGISTER_E_FAULTS);            \
		if (!strstr(faults.v[0].text, piece))                                                \
			fail_msg("%s", faults.v[0].text);                                            \
		admission_make(&a);                                                                  \
	} while (0)
	a.organisation = "bakker";
	REFUSED(r, "there is no bakker");
	a.node = "Node 1";
	REFUSED(r, "is not an id");
	a.hoedanigheden[0] = "menso";
	REFUSED(r, "is no hoedanigheid of cosis");
	a.node = "cosis-2";
	REFUSED(r, "is that of node cosis-1");
	a.node = "cosis-2";
	seed_bytes("other", a.transport_key);
	REFUSED(r, "served by node cosis-1");
	a.node = "cosis-2";
	seed_bytes("other", a.transport_key);
	a.organisation_key = house.steward_keys[0];
	REFUSED(r, "has another key");
	memset(a.sign_key, 0, sizeof a.sign_key);
	REFUSED(r, "not a safe Ed25519 key");
	memset(a.box_keys[0], 0, sizeof a.box_keys[0]);
	REFUSED(r, "is empty");
	a.n_keys = 0;
	REFUSED(r, "from 1 to 16");
	a.n_keys = 2;
	a.hoedanigheden[1] = "cosis";
	memcpy(a.box_keys[1], a.box_keys[0], 32);
	REFUSED(r, "stands here twice");
#undef REFUSED
	registry_free(r);
	buffer_fini(&text);
	buffer_fini(&first);
}

struct broken {
	const char *what, *with, *fault;
};

static const struct broken texts[] = {
	{ "volgnummer: 1", "volgnummer: 0", "a whole number" },
	{ "volgnummer: 1\n", "", "volgnummer: is missing" },
	{ "quorum: 2", "quorum: 4", "from 2 to 3" },
	{ "quorum: 2", "quorum: 1", "from 2 to 3" },
	{ "register: \"drenthe\"", "register: \"Drenthe\"", "an id has" },
	{ "log: \"drenthe", "log: \"rotterdam", "public key" },
	{ "oin: \"9", "oin: \"A", "20 digits" },
	{ "organisatie: \"cosis\"\n    naam", "organisatie: \"dji\"\n    naam", "dji stands here twice" },
	{ "organisatie: \"cosis\"\n    soort", "organisatie: \"bakker\"\n    soort", "there is no bakker" },
	{ "sleutels: [\"", "sleutels: [\"zz", "64 lower-case hex digits" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    rang: \"1\"", "the key rang is unknown" },
	{ "regime: \"WGS\"", "regime: \"AVG\"", "WGS or OVERIG" },
	{ "voorzitter: \"om-noord-nederland\"", "voorzitter: \"burgemeester\"", "there is no hoedanigheid burgemeester" },
	{ "derden: [\"halt\"]", "derden: [\"bakker\"]", "there is no hoedanigheid bakker" },
	{ "agenda: [\"william-schrikker\"]", "agenda: [\"rvdk-noord\"]", "is a vaste deelnemer too" },
	{ "nodes: []", "nodes: [{node: a, organisatie: dji}]", "CURVE public key" },
	{ "nodes: []", "nodes: 3", "a list is expected" },
	{ "stewards:\n", "stewards:\n  - steward-a\n", "not a safe public key" },
	{ "vorige: \"0", "vorige: \"g", "hex digits" },
	{ "naam: \"Cosis\"", "naam: &c \"Cosis\"", "anchors" },
	{ "rac: {afwijking", "rac: {reden", "the key reden is unknown" },
	{ "rac: {afwijking", "sjabloonrac: {afwijking", "rac: is missing" },
	{ "rac: {", "rac: [", "not YAML" },
	{ "per: casus}", "per: casus, dag: vrijdag}", "per: casus has no days" },
	{ "per: casus}", "per: jaar}", "is none of week to casus" },
	{ "per: casus}", "elke: 2}", "per: week, maand" },
	{ "dag: dinsdag}", "dag: tuesday}", "is none of maandag to zondag" },
	{ "dag: dinsdag}", "dag: dinsdag, hoeveelste: 1}", "is said of a month" },
	{ "dag: donderdag, hoeveelste: 2", "dag: donderdag", "both, or neither" },
	{ "dag: donderdag, hoeveelste: 2", "dag: donderdag, hoeveelste: 5", "is none of 1 to 4, laatste" },
	{ "elke: 2, dag: donderdag, van: \"2026-01-08\"", "elke: 2, dag: donderdag", "van: a day to count from" },
	{ "elke: 2, dag: donderdag, van: \"2026-01-08\"", "elke: 2, dag: donderdag, van: \"2026-01-09\"", "van: is no donderdag" },
	{ "elke: 2", "elke: 0", "a whole number from 1 to 26" },
	{ "niet-in: [juli", "niet-in: [hooimaand", "is no month" },
	{ "niet-in: [juli, augustus, december]", "niet-in: [januari, februari, maart, april, mei, juni, juli, augustus, september, oktober, "
	  "november, december]", "no month is left" },
	{ "sjabloon: \"vrijlating\"", "sjabloon: \"basisvoorwaarden\"", "stands here twice" },
	{ "sjabloon: \"vrijlating\"", "sjabloon: \"verrijking\"", "verrijking stands in ketenkamer and in nazorg" },
	{ "termijn-dagen: 3", "termijn-dagen: 3\n        termijn: overleg", "one of the two is needed" },
	{ "termijn-dagen: 3", "termijn: zomer", "termijn: overleg, or say" },
	{ "per: week, elke: 2, dag: donderdag, van: \"2026-01-08\"", "per: week", "the frequentie says no day" },
	{ "        vraag: \"Wat is de", "        vraag: \"\"\n        tekst: \"Wat is de", "vraag: is empty" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    opgevolgd: {door: [bakker], per: 2026-10-01}", "there is no hoedanigheid bakker" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    opgevolgd: {door: [rvdk-noord], per: 2026-10-01}", "a successor is of the same soort" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    opgevolgd: {door: [om-noord-nederland], per: 2026-10-01}", "would follow up itself" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    opgevolgd: {door: [], per: 2026-10-01}", "door: at least one" },
	{ "    soort: \"om\"", "    soort: \"om\"\n    opgevolgd: {door: [rvdk-noord]}", "per: is missing" },
};

static void broken_registers(void **state)
{
	struct buffer text;

	(void)state;
	house_register(&house, &text);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct fault_list faults;
		struct buffer changed;
		struct registry *r;
		bool said = false;

		text_replace(buffer_span(&text), texts[i].what, texts[i].with, &changed);
		r = load(buffer_span(&changed), &faults);
		for (size_t k = 0; k < faults.n; k++)
			said = said || (strstr(faults.v[k].text, texts[i].fault) && faults.v[k].line && faults.v[k].column);
		if (r || !said)
			fail_msg("%s: %s (%s)", texts[i].with, r ? "loaded" : "another fault", faults.n ? faults.v[0].text : "");
		buffer_fini(&changed);
	}
	buffer_fini(&text);
}

/* ---- succession ---- */

static const char *const menso_is = "    soort: \"instelling-college\"\n";

/* The register with rows for who follows up whom; "2026-05-01" and "2026-06-01" are the days. */
static struct registry *with_successions(struct fault_list *faults)
{
	static const struct {
		const char *who, *said;
	} rows[] = {
		/* cosis and mee merge into menso; menso splits later; ggd's row splits; amw goes alone by way of gkb */
		{ "cosis", "opgevolgd: {door: [menso], per: 2026-05-01}" },
		{ "mee-drenthe", "opgevolgd: {door: [menso], per: 2026-05-01}" },
		{ "menso", "opgevolgd: {door: [leger-des-heils-welzijn, gkb-drenthe], per: 2026-06-01}" },
		{ "amw-drenthe", "opgevolgd: {door: [gkb-drenthe], per: 2026-06-01}" },
	};
	struct buffer text, next;
	struct registry *r;

	house_register(&house, &text);
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		char head[200];
		const char *row, *soort;

		snprintf(head, sizeof head, "  - hoedanigheid: \"%s\"\n", rows[i].who);
		row = memmem(text.ptr, text.len, head, strlen(head));
		assert_non_null(row);
		soort = memmem(row, 400, menso_is, strlen(menso_is));
		assert_non_null(soort);
		soort += strlen(menso_is);
		buffer_init(&next, 0);
		buffer_bytes(&next, span_of(text.ptr, (size_t)((const uint8_t *)soort - text.ptr)));
		buffer_printf(&next, "    %s\n", rows[i].said);
		buffer_bytes(&next, span_of(soort, (size_t)(text.ptr + text.len - (const uint8_t *)soort)));
		buffer_fini(&text);
		text = next;
	}
	r = load(buffer_span(&text), faults);
	buffer_fini(&text);
	return r;
}

static void merge_and_split(void **state)
{
	uint64_t before = 0, merged = 0, split = 0;
	struct fault_list faults;
	struct registry *r = with_successions(&faults), *again;
	struct buffer text;

	(void)state;
	if (!r)
		fail_msg("%s", faults.v[0].text);
	CHECK(time_decode(span_of_text("2026-04-30T23:59:59.999Z"), &before) && time_decode(span_of_text("2026-05-01"), &merged) &&
	      time_decode(span_of_text("2026-06-01"), &split));
	CHECK(!registry_succeeded(r, "cosis", before) && registry_succeeded(r, "cosis", merged) && !registry_succeeded(r, "menso", merged));
	assert_string_equal(registry_heir(r, "cosis", before), "cosis");
	assert_string_equal(registry_heir(r, "cosis", merged), "menso");
	assert_string_equal(registry_heir(r, "mee-drenthe", merged), "menso");
	assert_string_equal(registry_heir(r, "amw-drenthe", split), "gkb-drenthe");
	CHECK(!registry_heir(r, "cosis", split) && !registry_heir(r, "menso", split) && !registry_heir(r, "bakker", merged));
	CHECK(!registry_stands_for(r, before, "menso", "cosis") && registry_stands_for(r, merged, "menso", "cosis"));
	CHECK(!registry_stands_for(r, merged, "gkb-drenthe", "cosis") && registry_stands_for(r, split, "gkb-drenthe", "cosis"));
	CHECK(registry_stands_for(r, split, "leger-des-heils-welzijn", "mee-drenthe") && registry_stands_for(r, split, "menso", "mee-drenthe"));
	CHECK(!registry_stands_for(r, split, "cosis", "menso") && !registry_stands_for(r, split, "ggz-drenthe", "cosis"));
	CHECK(registry_stands_for(r, split, "om-noord-nederland", "om-noord-nederland") && !registry_stands_for(r, split, "bakker", "cosis"));
	CHECK(!registry_succeeded(r, "bakker", split) && !registry_stands_for(r, split, "menso", "bakker"));
	buffer_init(&text, 0);
	CHECK_OK(register_print(r, &text));
	again = load(buffer_span(&text), &faults);
	assert_non_null(again);
	assert_string_equal(registry_heir(again, "cosis", merged), "menso");
	registry_free(again);
	registry_free(r);
	buffer_fini(&text);
}

/* A cycle over more rows than one is found, however the rows are ordered, and at its line. */
static void cycles(void **state)
{
	static const char *const tail[] = { "[b]", "[c]", "[d, e]", "[e]", "[a]" };
	struct fault_list faults;
	struct buffer text;
	struct registry *r = NULL;

	(void)state;
	buffer_init(&text, 0);
	buffer_text(&text, "register: h\nsjabloon: true\nnaam: H\nrac: {advies: x, datum: 2025-01-01}\n"
			   "organisaties: [{organisatie: o, naam: O, oin: \"99990000000000000001\"}]\nhoedanigheden:\n");
	for (size_t i = 0; i < N_ELEMENTS(tail); i++)
		buffer_printf(&text, "  - {hoedanigheid: %c, naam: N, organisatie: o, soort: om, opgevolgd: {door: %s, per: 2026-01-01}}\n",
			      (char)('a' + (char)i), tail[i]);
	fault_list_init(&faults, "register.yaml");
	CHECK_IS(register_template_load(buffer_span(&text), &faults, &r), REGISTER_E_FAULTS);
	assert_int_equal(faults.n, N_ELEMENTS(tail));
	assert_int_equal(faults.v[0].line, 7);
	CHECK(faults.v[0].column > 60 && strstr(faults.v[0].text, "a would follow up itself"));
	buffer_fini(&text);
}

/* Rows that split and merge again, level after level: the walk costs no more than the rows there are. */
static void a_wide_succession_is_quick(void **state)
{
	struct fault_list faults;
	struct buffer text;
	struct registry *r = NULL;

	(void)state;
	buffer_init(&text, 0);
	buffer_text(&text, "register: h\nsjabloon: true\nnaam: H\nrac: {advies: x, datum: 2025-01-01}\n"
			   "organisaties: [{organisatie: o, naam: O, oin: \"99990000000000000001\"}]\nhoedanigheden:\n");
	for (size_t level = 0; level < 40; level++)
		for (size_t i = 0; i < 3; i++) {
			buffer_printf(&text, "  - {hoedanigheid: l%zu-%zu, naam: N, organisatie: o, soort: om", level, i);
			if (level < 39)
				buffer_printf(&text, ", opgevolgd: {door: [l%zu-0, l%zu-1, l%zu-2], per: 2026-01-01}", level + 1, level + 1,
					      level + 1);
			buffer_text(&text, "}\n");
		}
	fault_list_init(&faults, "register.yaml");
	CHECK_OK(register_template_load(buffer_span(&text), &faults, &r));
	CHECK(registry_stands_for(r, SCENE_NOW, "l39-2", "l0-0") && !registry_stands_for(r, SCENE_NOW, "l0-0", "l39-2"));
	CHECK(!registry_heir(r, "l0-0", SCENE_NOW));
	registry_free(r);
	buffer_fini(&text);
}

static void templates_of_questions(void **state)
{
	const struct registry *r = house.rules.registry;
	const struct reg_overleg *o = NULL;
	const struct reg_template *t = registry_template(r, "basisvoorwaarden", &o);

	(void)state;
	assert_non_null(t);
	assert_string_equal(o->id, "nazorg");
	CHECK(t->deadline_days == 0 && t->categories.n == 6 && strchr(t->question, '\n'));
	t = registry_template(r, "vrijlating", &o);
	assert_int_equal(t->deadline_days, 3);
	assert_null(registry_template(r, "zomaar", &o));
}

static void templates(void **state)
{
	struct fault_list faults;
	struct registry *r = NULL;
	struct buffer text, keyed;

	(void)state;
	test_file("data/drenthe/register.yaml", &text);
	fault_list_init(&faults, "template");
	CHECK_OK(register_template_load(buffer_span(&text), &faults, &r));
	CHECK(r->sequence == 0 && r->n_stewards == 0 && r->n_nodes == 0 && span_is_zero(SPAN_OF(r->transport_key)) &&
	      span_is_zero(SPAN_OF(r->digest.bytes)));
	registry_free(r);
	assert_null(load(buffer_span(&text), &faults)); /* a template is no register */
	house_register(&house, &keyed);
	fault_list_init(&faults, "template");
	CHECK_IS(register_template_load(buffer_span(&keyed), &faults, &r), REGISTER_E_FAULTS); /* nor the reverse */
	buffer_fini(&text);
	buffer_fini(&keyed);
}

static void hostile_texts(void **state)
{
	static const char *const bad[] = { "", "register", "[]", "{}", "register: d\norganisaties: {a: b}\n", "hoedanigheden:\n  - 3\n",
		"overleggen:\n  - vaste: {}\n", "stewards: [[]]\n", "nodes:\n  - hoedanigheden: x\n" };
	struct fault_list faults;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_null(load(span_of_text(bad[i]), &faults));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_and_read_again),
		cmocka_unit_test(lookups),
		cmocka_unit_test(an_admission),
		cmocka_unit_test(one_node_serves_two),
		cmocka_unit_test(admissions_refused),
		cmocka_unit_test(broken_registers),
		cmocka_unit_test(templates),
		cmocka_unit_test(templates_of_questions),
		cmocka_unit_test(merge_and_split),
		cmocka_unit_test(cycles),
		cmocka_unit_test(a_wide_succession_is_quick),
		cmocka_unit_test(hostile_texts),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
