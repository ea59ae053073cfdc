/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mandate printed, signed and opened; and each way in which it is not one.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/convenant/scene.h"

static struct house house;

static const struct note_key *key_of(const char *organisation, struct secret **secret)
{
	for (size_t i = 0; i < N_ELEMENTS(house_organisations); i++)
		if (text_equal(house_organisations[i], organisation)) {
			*secret = house.organisations[i];
			return &registry_organisation(house.rules.registry, organisation)->key;
		}
	return NULL;
}

static void make(struct mandate *m)
{
	static const char *covers[] = { "leger-des-heils-reclassering", "leger-des-heils-welzijn" };
	struct note_key key;

	secret_free(seed_key("person", &key));
	*m = (struct mandate){
		.person = "p-0031",
		.house = "drenthe",
		.organisation = "leger-des-heils",
		.role = "liaison",
		.klasse = "uitvoering",
		.hoedanigheden = { 2, covers },
		.screening_unix_ms = SCENE_NOW - 300 * DAY_MS,
		.training_unix_ms = SCENE_NOW - 200 * DAY_MS,
		.from_unix_ms = SCENE_NOW - 100 * DAY_MS,
		.until_unix_ms = SCENE_NOW + 100 * DAY_MS,
	};
	memcpy(m->sign_key, key.public_key, sizeof m->sign_key);
}

static void sign(const struct mandate *m, const char *organisation, struct buffer *note)
{
	struct secret *secret = NULL;
	const struct note_key *key = key_of(organisation, &secret);
	struct buffer text;

	buffer_init(&text, 0);
	CHECK_OK(mandate_print(m, &text));
	house_sign(buffer_span(&text), key, &secret, 1, note);
	buffer_fini(&text);
}

static int open_note(struct span note, struct fault_list *faults, struct mandate *out)
{
	static struct arena *arena; /* what was opened lives until the next one */

	arena_free(arena);
	arena = arena_new(1 << 20);
	fault_list_init(faults, "mandate");
	if (!note.ptr) {
		arena = arena_free(arena);
		return 0;
	}
	return mandate_open(note, house.rules.registry, arena, faults, out);
}

static void signed_and_opened(void **state)
{
	struct mandate m, got;
	struct fault_list faults;
	struct buffer note;

	(void)state;
	make(&m);
	sign(&m, "leger-des-heils", &note);
	CHECK_OK(open_note(buffer_span(&note), &faults, &got));
	assert_string_equal(got.person, m.person);
	assert_string_equal(got.role, m.role);
	CHECK(mandate_covers(&got, "leger-des-heils-welzijn") && !mandate_covers(&got, "politie-noord-nederland"));
	assert_int_equal(got.screening_unix_ms, m.screening_unix_ms);
	assert_int_equal(got.until_unix_ms, m.until_unix_ms);
	assert_memory_equal(got.sign_key, m.sign_key, sizeof m.sign_key);
	CHECK(!span_is_zero(SPAN_OF(got.digest.bytes)));
	buffer_fini(&note);
}

static void refused(void (*change)(struct mandate *m), const char *signer, int result, const char *fault)
{
	struct mandate m, got;
	struct fault_list faults;
	struct buffer note;

	make(&m);
	change(&m);
	sign(&m, signer, &note);
	CHECK_IS(open_note(buffer_span(&note), &faults, &got), result);
	if (!strstr(faults.v[0].text, fault))
		fail_msg("%s", faults.v[0].text);
	buffer_fini(&note);
}

static void unchanged(struct mandate *m) { (void)m; }
static void bsn_as_id(struct mandate *m) { m->person = "999900407"; }
static void name_as_id(struct mandate *m) { m->person = "Jan Jansen"; }
static const char *other[] = { "politie-noord-nederland" }, *unsigned_one[] = { "cosis" };
static void other_hoedanigheid(struct mandate *m) { m->hoedanigheden = (struct text_list){ 1, other }; }
static void no_hoedanigheid(struct mandate *m) { m->hoedanigheden.n = 0; }
static void bad_class(struct mandate *m) { m->klasse = "alles"; }
static void bad_key(struct mandate *m) { memset(m->sign_key, 0, sizeof m->sign_key); }
static void backward(struct mandate *m) { m->until_unix_ms = m->from_unix_ms; }
static void unkeyed(struct mandate *m) { m->organisation = "cosis"; m->hoedanigheden = (struct text_list){ 1, unsigned_one }; }
static void other_house(struct mandate *m) { m->house = "fryslan"; }
static void no_house(struct mandate *m) { m->house = ""; }
static void unknown(struct mandate *m) { m->organisation = "bakker"; }

static void each_way_it_is_none(void **state)
{
	(void)state;
	refused(unchanged, "politie", MANDATE_E_SIGNATURE, "not signed by leger-des-heils");
	refused(unkeyed, "politie", MANDATE_E_SIGNATURE, "not signed by cosis");
	refused(bsn_as_id, "leger-des-heils", MANDATE_E_FAULTS, "a BSN is no person id");
	refused(name_as_id, "leger-des-heils", MANDATE_E_FAULTS, "an id has");
	refused(other_hoedanigheid, "leger-des-heils", MANDATE_E_FAULTS, "is no hoedanigheid of leger-des-heils");
	refused(no_hoedanigheid, "leger-des-heils", MANDATE_E_FAULTS, "at least one");
	refused(bad_class, "leger-des-heils", MANDATE_E_FAULTS, "uitvoering, toetsing or beheer");
	refused(bad_key, "leger-des-heils", MANDATE_E_FAULTS, "Ed25519 public key");
	refused(backward, "leger-des-heils", MANDATE_E_FAULTS, "lies before van");
	/* The same person with the same key, mandated in another house. */
	refused(other_house, "leger-des-heils", MANDATE_E_FAULTS, "a mandate for fryslan, and this is drenthe");
	refused(no_house, "leger-des-heils", MANDATE_E_FAULTS, "huis: is empty");
	refused(unknown, "leger-des-heils", MANDATE_E_FAULTS, "is no hoedanigheid of bakker");
}

static void changed_bytes(void **state)
{
	struct mandate m, got;
	struct fault_list faults;
	struct buffer note;

	(void)state;
	make(&m);
	sign(&m, "leger-des-heils", &note);
	for (size_t i = 0; i < note.len; i++) {
		note.ptr[i] ^= 1;
		CHECK(open_note(buffer_span(&note), &faults, &got) > 0);
		note.ptr[i] ^= 1;
	}
	for (size_t n = 0; n < note.len; n += 7)
		CHECK(open_note(span_of(note.ptr, n ? n : 1), &faults, &got) > 0);
	buffer_fini(&note);
	CHECK_OK(open_note(SPAN_NONE, &faults, &got));
}

/* A mandate without a screening opens: the decision refuses what its person sends, and says why. */
static void without_screening(void **state)
{
	struct mandate m, got;
	struct fault_list faults;
	struct buffer note;

	(void)state;
	make(&m);
	m.screening_unix_ms = 0;
	sign(&m, "leger-des-heils", &note);
	CHECK_OK(open_note(buffer_span(&note), &faults, &got));
	assert_int_equal(got.screening_unix_ms, 0);
	buffer_fini(&note);
	CHECK_OK(open_note(SPAN_NONE, &faults, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_and_opened),
		cmocka_unit_test(each_way_it_is_none),
		cmocka_unit_test(without_screening),
		cmocka_unit_test(changed_bytes),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
