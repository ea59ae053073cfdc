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

/*
 * What an accepted message does, kind by phase: the phase it leads to, "." when nothing changes, "=" when something else than the
 * phase does. Phases in order: A(angemeld) N(iet in behandeling) D (advies) I(n behandeling) V(erzamelen) C(asusoverleg)
 * U(itvoering) X (afgesloten). What may not be sent in a phase is here too: casus_apply() does not ask who may.
 */
static const struct {
	scene_make_fn *make;
	const char *after;
} moves[] = {
	{ scene_aanmelding, "........" },
	{ scene_beoordeling, "IIIIIII." },
	{ scene_betrekken, "=======." },
	{ scene_fase, "VVVV=VV." },
	{ scene_afsluiting, "XXXXXXX." },
	{ scene_verzoek, "........" },
	{ scene_antwoord, "........" },
	{ scene_antwoord_politie, "=======." },
	{ scene_toestemming, "=======." },
	{ scene_geopend, "........" },
	{ scene_inzage, "........" },
	{ scene_melding, "=======." },
	{ scene_aanvulling, "........" },
	{ scene_terugkoppeling, "........" },
	{ scene_correctie, "........" },
	{ scene_bevestiging, "........" },
	{ scene_instemmingsverzoek, "........" },
	{ scene_instemming, "........" }, /* about an item: item_grant() */
	{ scene_verstrekking, "........" },
	{ scene_verstrekking_derde, "........" },
	{ scene_agenda, "=======." },
	{ scene_hernieuwing, "=======C" },
	{ scene_bekendheidsvraag, "........" },
	{ scene_bekendheidsantwoord, "=======." },
	{ scene_antwoord_huis, "=======." },
};

static void every_move(void **state)
{
	static const char letters[] = "?ANDIVCUX";
	static struct scene s;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(moves); i++)
		for (int phase = PHASE_AANGEMELD; phase < PHASE_N; phase++) {
			char expected = moves[i].after[phase - 1];
			struct casus after;
			bool changed;

			moves[i].make(&s, &house);
			s.casus.phase = (enum phase)phase;
			s.casus.closed_unix_ms = phase == PHASE_AFGESLOTEN ? 1 : 0;
			if (s.m.kind == MESSAGE_HERNIEUWING)
				s.casus.expires_unix_ms = SCENE_NOW + DAY_MS;
			changed = casus_apply(house.rules.kader, &s.casus, &s.m, s.n_items ? &s.items[0] : NULL, SCENE_NOW, &after);
			if (changed != (expected != '.') ||
			    (changed && letters[after.phase] != (expected == '=' ? letters[phase] : expected)))
				fail_msg("%s in %s: %d %s", message_kind_name(s.m.kind), phase_name((enum phase)phase), changed,
					 changed ? phase_name(after.phase) : "");
			if (!changed)
				continue;
			CHECK(casus_check(&after) && after.changed_unix_ms == SCENE_NOW);
			CHECK(memcmp(after.id, s.casus.id, ID_BYTES) == 0 && after.opened_unix_ms == s.casus.opened_unix_ms);
			CHECK(after.expires_unix_ms >= s.casus.expires_unix_ms); /* nothing makes it go sooner */
			CHECK(after.n_suppliers >= s.casus.n_suppliers);         /* and no source is forgotten */
		}
}

static void guests_and_sources(void **state)
{
	static struct scene s;
	struct casus c;

	(void)state;
	scene_nazorg_melding(&s, &house); /* a notice opens a casus of its own class, outside the WGS only */
	CHECK(casus_apply(house.rules.kader, NULL, &s.m, NULL, 1000, &c) && casus_check(&c));
	assert_string_equal(c.klasse, "melding");
	assert_int_equal(c.phase, PHASE_VERZAMELEN);
	CHECK(casus_has(&c, "dji-pi-noord") && casus_has(&c, "zvhd-nazorg") && casus_supplier(&c, "dji-pi-noord")->special);
	assert_int_equal(c.expires_unix_ms, kader_expiry(house.rules.kader, "nazorg", 1000));
	scene_melding(&s, &house);
	CHECK(!casus_apply(house.rules.kader, NULL, &s.m, NULL, 1000, &c));

	scene_agenda(&s, &house);
	CHECK(casus_apply(house.rules.kader, &s.casus, &s.m, NULL, s.now, &c));
	CHECK(casus_member(house.rules.registry, &c, "cosis", s.now) && !casus_has(&c, "cosis"));
	CHECK(!casus_member(house.rules.registry, &c, "cosis", s.m.body.agenda.until_unix_ms));
	s.m.body.agenda.until_unix_ms -= DAY_MS; /* invited again for less: what was promised stays */
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, s.now, &c));
	CHECK(casus_member(house.rules.registry, &c, "cosis", s.m.body.agenda.until_unix_ms));
	scene_list(&s.m.body.agenda.invite, s.involve, "mee-drenthe");
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, s.now + 60 * DAY_MS, &c));
	assert_int_equal(c.n_invited, 1); /* who left the table makes room */

	scene_bekendheidsantwoord(&s, &house);
	CHECK(casus_apply(house.rules.kader, &s.casus, &s.m, NULL, s.now, &c) && casus_knows(&c, "zvh-fryslan"));
	s.m.body.bekendheidsantwoord.known = false;
	CHECK(!casus_apply(house.rules.kader, &s.casus, &s.m, NULL, s.now, &c));
}

/* Each renewal asks every source again. */
static void kept_longer(void **state)
{
	static struct scene s, q;
	struct casus c;

	(void)state;
	scene_instemming(&q, &house);
	q.items[0].message.body.instemmingsverzoek =
		(struct body_instemmingsverzoek){ .purpose = "hernieuwing", .target = "", .until_unix_ms = SCENE_NOW + 700 * DAY_MS };
	scene_hernieuwing(&s, &house);
	c = s.casus;
	c.suppliers[0].renewed_until_unix_ms = 0;
	CHECK(casus_apply(house.rules.kader, &c, &q.m, &q.items[0], SCENE_NOW, &c));
	assert_int_equal(c.suppliers[0].renewed_until_unix_ms, SCENE_NOW + 700 * DAY_MS);
	c.phase = PHASE_AFGESLOTEN;
	c.closed_unix_ms = 9;
	CHECK(casus_apply(house.rules.kader, &c, &s.m, NULL, SCENE_NOW, &c) && casus_check(&c));
	CHECK(c.phase == PHASE_CASUSOVERLEG && !c.closed_unix_ms && c.renewals == 1);
	assert_int_equal(c.expires_unix_ms, s.m.body.hernieuwing.until_unix_ms);
	assert_int_equal(c.suppliers[0].renewed_until_unix_ms, 0);
	CHECK(!casus_apply(house.rules.kader, &c, &s.m, NULL, SCENE_NOW, &c)); /* not longer than it is kept already */
	q.m.body.instemming.granted = false;
	c.suppliers[0].renewed_until_unix_ms = 5;
	CHECK(casus_apply(house.rules.kader, &c, &q.m, &q.items[0], SCENE_NOW, &c) && !c.suppliers[0].renewed_until_unix_ms);
}

/* What was kept before there was more to keep. */
static void version_1(void **state)
{
	static struct scene s;
	struct buffer bytes, old;
	struct casus c;

	(void)state;
	scene_verzoek(&s, &house);
	s.casus.n_suppliers = 0;
	s.casus.expires_unix_ms = 0;
	buffer_init(&bytes, 0);
	buffer_init(&old, 0);
	CHECK_OK(casus_encode(&s.casus, &bytes));
	assert_int_equal(bytes.ptr[0], 2);
	/* what version 2 added: two numbers, six counts or texts of nothing */
	buffer_bytes(&old, span_of(bytes.ptr, bytes.len - 2 * 8 - 6 * 2));
	old.ptr[0] = 1;
	CHECK_OK(casus_decode(buffer_span(&old), &c));
	CHECK(casus_check(&c) && c.n_circle == s.casus.n_circle && !c.expires_unix_ms && !c.n_suppliers);
	old.ptr[0] = 3;
	CHECK_IS(casus_decode(buffer_span(&old), &c), CASUS_E_MALFORMED);
	buffer_fini(&bytes);
	buffer_fini(&old);
}

static void bytes_and_back(void **state)
{
	static struct scene s;
	struct casus c, again;
	struct buffer bytes, more;

	(void)state;
	scene_nazorg_verzoek(&s, &house);
	s.casus.renewals = 2;
	s.casus.n_invited = s.casus.n_known = s.casus.n_consent_categories = s.casus.n_consent_partners = 1;
	snprintf(s.casus.invited[0].hoedanigheid, CASUS_TEXT, "cosis");
	s.casus.invited[0].until_unix_ms = SCENE_NOW;
	snprintf(s.casus.known[0], CASUS_TEXT, "zvh-fryslan");
	snprintf(s.casus.consent_categories[0], CASUS_TEXT, "woonsituatie");
	snprintf(s.casus.consent_partners[0], CASUS_TEXT, "dji-pi-noord");
	snprintf(s.casus.consent_by, CASUS_TEXT, "betrokkene");
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
		cmocka_unit_test(every_move),
		cmocka_unit_test(guests_and_sources),
		cmocka_unit_test(kept_longer),
		cmocka_unit_test(version_1),
		cmocka_unit_test(bytes_and_back),
		cmocka_unit_test(invariants),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
