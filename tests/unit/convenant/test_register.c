/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The register: printed and read again it is the same, an admission gives one text whoever makes it, and what is refused.
 */
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
		cmocka_unit_test(hostile_texts),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
