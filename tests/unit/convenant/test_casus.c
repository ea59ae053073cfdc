/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What each message does to its casus, that the invariants hold whatever comes, and the bytes it is kept in.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/convenant/scene.h"

static struct house house;

static void each_kind(void **state)
{
	static struct scene s;
	struct casus c;

	(void)state;
	scene_aanmelding(&s, &house);
	CHECK(casus_apply(house.rules.kader, NULL, &s.m, NULL, 1000, &c));
	CHECK(casus_check(&c) && c.phase == PHASE_AANGEMELD && c.regime == REGIME_WGS && c.opened_unix_ms == 1000);
	CHECK(casus_has(&c, "politie-noord-nederland") && casus_has(&c, "zvhd-procesregie") && c.n_circle == 2);
	assert_string_equal(c.notifier, "politie-noord-nederland");
	CHECK(!casus_apply(house.rules.kader, &c, &s.m, NULL, 2000, &c)); /* a second aanmelding of the same casus */
	scene_beoordeling(&s, &house);
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 2000, &c) && c.phase == PHASE_IN_BEHANDELING && c.changed_unix_ms == 2000);
	scene_fase(&s, &house);
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 3000, &c) && c.phase == PHASE_VERZAMELEN);
	assert_string_equal(c.ave, "3");
	scene_betrekken(&s, &house);
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 4000, &c) && casus_has(&c, "reclassering-3ro") && c.n_circle == 4);
	scene_verzoek(&s, &house);
	CHECK(!casus_apply(house.rules.kader, &c, &s.m, NULL, 5000, &c) && c.changed_unix_ms == 4000);
	scene_toestemming(&s, &house);
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 5000, &c) && c.consent && !c.consent_withdrawn);
	s.m.body.toestemming.withdrawn = true;
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 6000, &c) && c.consent && c.consent_withdrawn); /* what was given stays on record */
	scene_afsluiting(&s, &house);
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, 7000, &c) && c.phase == PHASE_AFGESLOTEN && c.closed_unix_ms == 7000 && casus_check(&c));
	scene_fase(&s, &house);
	CHECK(!casus_apply(house.rules.kader, &c, &s.m, NULL, 8000, &c)); /* closed is closed */
	assert_int_equal(c.opened_unix_ms, 1000);
}

static void outside_the_wgs(void **state)
{
	static struct scene s;
	struct casus c;

	(void)state;
	scene_nazorg_aanmelding(&s, &house);
	CHECK(casus_apply(house.rules.kader, NULL, &s.m, NULL, 1000, &c));
	CHECK(c.phase == PHASE_VERZAMELEN && c.regime == REGIME_OVERIG && casus_check(&c));
	assert_string_equal(c.overleg, "nazorg");
}

static void what_cannot_be_done_is_not_done(void **state)
{
	static const char *many[70];
	static char names[70][16];
	static struct scene s;
	struct casus c, before;

	(void)state;
	scene_verzoek(&s, &house);
	CHECK(!casus_apply(house.rules.kader, NULL, &s.m, NULL, 1, &c));
	scene_aanmelding(&s, &house);
	s.m.header.regime = "AVG";
	CHECK(!casus_apply(house.rules.kader, NULL, &s.m, NULL, 1, &c));
	scene_aanmelding(&s, &house);
	s.m.header.casus = SPAN_NONE;
	CHECK(!casus_apply(house.rules.kader, NULL, &s.m, NULL, 1, &c));
	scene_aanmelding(&s, &house);
	s.m.body.aanmelding.klasse = "een klasse waarvan de naam veel langer is dan er in een casus plaats is";
	CHECK(!casus_apply(house.rules.kader, NULL, &s.m, NULL, 1, &c));
	scene_betrekken(&s, &house);
	for (size_t i = 0; i < N_ELEMENTS(many); i++) {
		snprintf(names[i], sizeof names[i], "lid-%02zu", i);
		many[i] = names[i];
	}
	s.m.body.betrekken.involve = (struct text_list){ N_ELEMENTS(many), many };
	before = c = s.casus;
	CHECK(!casus_apply(house.rules.kader, &c, &s.m, NULL, 9, &c));
	assert_memory_equal(&c, &before, sizeof c);
	scene_fase(&s, &house);
	s.m.body.fase.phase = "AFGESLOTEN"; /* closing has its own message */
	CHECK(!casus_apply(house.rules.kader, &s.casus, &s.m, NULL, 9, &c));
	scene_beoordeling(&s, &house);
	s.m.body.beoordeling.outcome = "";
	CHECK(!casus_apply(house.rules.kader, &s.casus, &s.m, NULL, 9, &c));
}

static void bytes_and_back(void **state)
{
	static struct scene s;
	struct casus c, again;
	struct buffer bytes, more;

	(void)state;
	scene_nazorg_verzoek(&s, &house);
	c = s.casus;
	buffer_init(&bytes, 0);
	CHECK_OK(casus_encode(&c, &bytes));
	CHECK_OK(casus_decode(buffer_span(&bytes), &again));
	buffer_init(&more, 0);
	CHECK_OK(casus_encode(&again, &more));
	CHECK_SPAN(buffer_span(&more), buffer_span(&bytes));
	for (size_t n = 0; n < bytes.len; n++)
		CHECK_IS(casus_decode(span_of(bytes.ptr, n), &again), CASUS_E_MALFORMED);
	buffer_u8(&bytes, 0);
	CHECK_IS(casus_decode(buffer_span(&bytes), &again), CASUS_E_MALFORMED);
	bytes.len--;
	for (size_t i = 0; i < bytes.len; i++) { /* any byte changed: refused, or a casus that holds its invariants */
		bytes.ptr[i] ^= 0xff;
		if (casus_decode(buffer_span(&bytes), &again) == CASUS_OK)
			CHECK(casus_check(&again));
		bytes.ptr[i] ^= 0xff;
	}
	buffer_fini(&bytes);
	buffer_fini(&more);
}

static void invariants(void **state)
{
	static struct scene s;
	struct casus c;

	(void)state;
	scene_verzoek(&s, &house);
	CHECK(casus_check(&s.casus));
	c = s.casus;
	memcpy(c.circle[1], c.circle[0], CASUS_TEXT);
	CHECK(!casus_check(&c));
	c = s.casus;
	c.phase = PHASE_AFGESLOTEN;
	CHECK(!casus_check(&c));
	c = s.casus;
	c.regime = REGIME_NONE;
	CHECK(!casus_check(&c));
	c = s.casus;
	c.n_circle = CASUS_CIRCLE_MAX + 1;
	CHECK(!casus_check(&c));
	c = s.casus;
	memset(c.klasse, 'x', CASUS_TEXT);
	CHECK(!casus_check(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(outside_the_wgs),
		cmocka_unit_test(what_cannot_be_done_is_not_done),
		cmocka_unit_test(bytes_and_back),
		cmocka_unit_test(invariants),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
