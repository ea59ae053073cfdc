/* SPDX-License-Identifier: EUPL-1.2 */
/* What each kind that rests on an earlier message does to it, to the casus and to what waits. */
#include "tests/unit/daemon/core_say.h"

#include <string.h>

#include "base/text.h"
#include "convenant/casus.h"
#include "convenant/item.h"

#define DJI_ID "dji-pi-noord"
#define ZVHD_ID "zvhd-nazorg"
#define ASSEN_ID "gemeente-assen-sociaal-domein"

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 23, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (w.core)
		CHECK(world_replays(&w) > 0);
	world_close(&w);
	return 0;
}

/* A notice of DJI to the bureau and to Assen, with data in it. */
static void melding(struct draft *d, const uint8_t *of, const char *to)
{
	draft_begin(&w, d, MESSAGE_MELDING, DJI, of);
	d->m.header.person_role = "betrokkene";
	d->m.body.melding.soort = "vrijlating";
	draft_to(d, to);
	draft_categories(d, "justitieel.detentieverloop");
	draft_part(&w, d, "justitieel.detentieverloop");
}

static void item(uint8_t id[ID_BYTES])
{
	struct draft d;

	melding(&d, casus, ASSEN_ID " " ZVHD_ID);
	memcpy(id, d.id, ID_BYTES);
	say(&w, &d, 2, 1000, CODE_TOEGESTAAN);
}

static void ack(int node, uint64_t session, uint64_t correlation, const uint8_t *id)
{
	struct draft d;

	draft_ack(&w, &d, node, id, 1);
	draft_submit(&w, &d, session, correlation);
	world_round(&w);
}

/* ---- melding ---- */

static void test_melding_opens(void **state)
{
	uint8_t other[ID_BYTES];
	struct casus seen;
	struct draft d;

	(void)state;
	env_random(&w.env, other, ID_BYTES);
	melding(&d, other, ZVHD_ID);
	world_credit(&w, ZVHD, 1, 10);
	say(&w, &d, 2, 1, CODE_TOEGESTAAN);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 1);
	CHECK(casus_shown(&w, ZVHD, 1, span_of(other, ID_BYTES), "", &seen));
	assert_string_equal(seen.klasse, "melding");
	assert_string_equal(seen.notifier, DJI_ID);
	CHECK(casus_shown(&w, DJI, 2, span_of(other, ID_BYTES), "", &seen));
	CHECK(!casus_shown(&w, ASSEN, 6, span_of(other, ID_BYTES), "", &seen));
	melding(&d, casus, ZVHD_ID); /* in one that is there: no other casus */
	say(&w, &d, 2, 2, CODE_TOEGESTAAN);
}

/* ---- items ---- */

static void test_item(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	uint8_t id[ID_BYTES], nowhere[ID_BYTES] = { 3 };
	struct casus_item it;

	(void)state;
	item(id);
	CHECK(item_shown(&w, DJI, 2, span_of(id, ID_BYTES), "", arena, &it));
	CHECK(item_shown(&w, ASSEN, 6, span_of(id, ID_BYTES), "", arena, &it));
	assert_int_equal(it.message.kind, MESSAGE_MELDING);
	assert_int_equal(it.message.n_parts, 1);
	assert_string_equal(it.message.parts[0].header.category, "justitieel.detentieverloop");
	assert_int_equal(it.message.parts[0].n_wraps, 0);
	assert_int_equal(it.suppliers.n, 1);
	assert_string_equal(it.suppliers.v[0], DJI_ID);
	CHECK(!item_shown(&w, POLITIE, 3, span_of(id, ID_BYTES), "", arena, &it)); /* on the casus, and no party to it */
	CHECK(!item_shown(&w, DJI, 2, span_of(nowhere, ID_BYTES), "", arena, &it));
}

static void test_aanvulling(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	uint8_t request[ID_BYTES], answer[ID_BYTES], more[ID_BYTES];
	struct casus_item it;
	struct draft d;

	(void)state;
	world_ask(&w, casus, request, 1, 1);
	draft_answer(&w, &d, DJI, casus, request);
	memcpy(answer, d.id, ID_BYTES);
	say(&w, &d, 2, 2, CODE_TOEGESTAAN);
	draft_about(&w, &d, MESSAGE_AANVULLING, DJI, casus, answer, ZVHD_ID);
	d.m.header.person_role = "betrokkene";
	draft_categories(&d, "justitieel.detentieverloop"); /* asked, and not answered at first */
	draft_part(&w, &d, "justitieel.detentieverloop");
	say(&w, &d, 2, 3, CODE_TOEGESTAAN);
	CHECK(item_shown(&w, ZVHD, 1, span_of(d.id, ID_BYTES), "", arena, &it));
	assert_int_equal(it.asked.n, 2);
	memcpy(more, d.id, ID_BYTES);
	draft_about(&w, &d, MESSAGE_AANVULLING, DJI, casus, more, ZVHD_ID); /* to the supplement: within the same question */
	d.m.header.person_role = "betrokkene";
	draft_categories(&d, "inkomen");
	draft_part(&w, &d, "inkomen");
	say(&w, &d, 2, 4, CODE_CATEGORIE_NIET_GEVRAAGD);
	draft_about(&w, &d, MESSAGE_AANVULLING, ASSEN, casus, answer, ZVHD_ID); /* not the source, not a party */
	d.m.header.person_role = "betrokkene";
	draft_categories(&d, "woonsituatie.onderdak");
	draft_part(&w, &d, "woonsituatie.onderdak");
	draft_submit(&w, &d, 6, 5);
	world_round(&w);
	CHECK(world_receipt_code(&w, 5) != CODE_TOEGESTAAN);
}

/* ---- correctie ---- */

static void correctie(struct draft *d, const uint8_t *about, const char *action)
{
	draft_about(&w, d, MESSAGE_CORRECTIE, DJI, casus, about, ASSEN_ID " " ZVHD_ID);
	d->m.body.correctie = (struct body_correctie){ action, "onjuist" };
	if (strcmp(action, "verbeterd") != 0)
		return;
	d->m.header.person_role = "betrokkene";
	draft_categories(d, "justitieel.detentieverloop");
	draft_part(&w, d, "justitieel.detentieverloop");
}

static void bevestig(int node, uint64_t session, uint64_t correlation, const uint8_t *about, enum code code)
{
	struct draft d;

	draft_about(&w, &d, MESSAGE_BEVESTIGING, node, casus, about, DJI_ID);
	d.m.body.bevestiging.action = "vernietigd";
	say(&w, &d, session, correlation, code);
}

/* What was taken back reaches nobody who did not have it yet; the correctie reaches all, and is open until all confirmed it. */
static void test_taken_back(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	uint8_t id[ID_BYTES], correction[ID_BYTES];
	struct casus_item it;
	struct draft d;
	uint64_t size;

	(void)state;
	item(id);
	ack(ASSEN, 6, 1, id);
	correctie(&d, id, "ingetrokken");
	memcpy(correction, d.id, ID_BYTES);
	world_credit(&w, DJI, 2, 10);
	say(&w, &d, 2, 2, CODE_TOEGESTAAN);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_VOORWAARDE_BRON), 1);
	CHECK(has_rung(&w, DJI, 2, id, "TERMIJN", ZVHD_ID));
	CHECK(!has_rung(&w, DJI, 2, id, "TERMIJN", ASSEN_ID));
	CHECK(item_shown(&w, ASSEN, 6, span_of(id, ID_BYTES), "", arena, &it));
	CHECK(it.withdrawn);
	world_credit(&w, ZVHD, 1, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 1); /* the correctie alone */

	bevestig(ASSEN, 6, 3, correction, CODE_TOEGESTAAN);
	bevestig(ASSEN, 6, 4, correction, CODE_HERHALING);
	bevestig(POLITIE, 3, 5, correction, CODE_NIET_BETROKKEN_BIJ_CASUS);
	CHECK(has_rung(&w, DJI, 2, correction, "BEVESTIGD", ASSEN_ID));
	CHECK(!has_rung(&w, DJI, 2, correction, "BEVESTIGD", ZVHD_ID));
	world_crash(&w); /* in the middle of it */
	world_must_start(&w);
	world_pass(&w, 28 * DAY_MS + 1);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 1);
	CHECK(has_rung(&w, DJI, 2, correction, "TERMIJN", ""));
	bevestig(ZVHD, 1, 6, correction, CODE_TOEGESTAAN); /* late, and still */
	CHECK(has_rung(&w, DJI, 2, correction, "BEVESTIGD", ZVHD_ID));
	size = world_size(&w);
	world_pass(&w, 40 * DAY_MS);
	world_round(&w);
	assert_int_equal(world_size(&w), size + 3); /* nobody fetched the correctie, nor what DJI was told */
}

static void test_all_confirmed(void **state)
{
	uint8_t id[ID_BYTES], correction[ID_BYTES];
	struct draft d;

	(void)state;
	item(id);
	ack(ASSEN, 6, 1, id);
	ack(ZVHD, 1, 2, id);
	correctie(&d, id, "verbeterd");
	memcpy(correction, d.id, ID_BYTES);
	say(&w, &d, 2, 3, CODE_TOEGESTAAN);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_VOORWAARDE_BRON), 0);
	ack(ASSEN, 6, 4, correction);
	ack(ZVHD, 1, 5, correction);
	bevestig(ASSEN, 6, 6, correction, CODE_TOEGESTAAN);
	bevestig(ZVHD, 1, 7, correction, CODE_TOEGESTAAN);
	world_pass(&w, 29 * DAY_MS);
	world_round(&w);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN), 0);
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_TOEGESTAAN), 0); /* nobody had to be reminded */
}

/* A closed casus is shielded; who got what was wrong still hears so, also who had left, and says what he did about it. */
static void test_correction_stays(void **state)
{
	uint8_t id[ID_BYTES], correction[ID_BYTES];
	struct casus seen;
	struct draft d;

	(void)state;
	item(id);
	correctie(&d, id, "verbeterd");
	memcpy(correction, d.id, ID_BYTES);
	say(&w, &d, 2, 1, CODE_TOEGESTAAN);
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.release[0] = ASSEN_ID;
	d.m.body.betrekken.release = (struct text_list){ 1, d.release };
	say(&w, &d, 1, 2, CODE_TOEGESTAAN);
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	say(&w, &d, 1, 3, CODE_TOEGESTAAN);
	world_credit(&w, ASSEN, 6, 10);
	world_credit(&w, ZVHD, 1, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 6, WIRE_DELIVERY), 1);
	assert_int_equal(world_count(&w, 1, WIRE_DELIVERY), 1);
	bevestig(ASSEN, 6, 4, correction, CODE_TOEGESTAAN);
	CHECK(has_rung(&w, DJI, 2, correction, "BEVESTIGD", ASSEN_ID));
	CHECK(!casus_shown(&w, ASSEN, 6, span_of(casus, ID_BYTES), "", &seen));
	bevestig(GGZ, 5, 5, correction, CODE_NIET_BETROKKEN_BIJ_CASUS);
	CHECK(world_replays(&w) > 0);
}

/* ---- instemming ---- */

static void ask_consent(const uint8_t *about, uint8_t id[ID_BYTES], uint64_t correlation)
{
	struct draft d;

	draft_about(&w, &d, MESSAGE_INSTEMMINGSVERZOEK, ZVHD, casus, about, DJI_ID);
	d.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ "derde", "woningcorporaties-drenthe", 0 };
	memcpy(id, d.id, ID_BYTES);
	say(&w, &d, 1, correlation, CODE_TOEGESTAAN);
}

static void consent(const uint8_t *asked, bool granted, uint64_t correlation)
{
	struct draft d;

	draft_about(&w, &d, MESSAGE_INSTEMMING, DJI, casus, asked, ZVHD_ID);
	d.m.body.instemming.granted = granted;
	say(&w, &d, 2, correlation, CODE_TOEGESTAAN);
}

static void derde(struct draft *d, const uint8_t *source)
{
	draft_begin(&w, d, MESSAGE_VERSTREKKING, ZVHD, casus);
	memcpy(d->acks[0], source, ID_BYTES);
	d->m.header.person_role = "betrokkene";
	d->m.body.verstrekking = (struct body_verstrekking){ .target_kind = "derde", .target = "woningcorporaties-drenthe",
							     .verklaring = "gv-2026-17", .verklaring_unix_ms = w.unix_ms - DAY_MS,
							     .n_sources = 1, .sources = { SPAN_OF(d->acks[0]) } };
}

/* An instemming stands on the message it was asked for, until it is taken back. */
static void test_instemming(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	uint8_t id[ID_BYTES], asked[ID_BYTES];
	struct casus_item it;
	struct draft d;

	(void)state;
	item(id);
	derde(&d, id);
	say(&w, &d, 1, 1, CODE_GEEN_INSTEMMING_BRON);
	ask_consent(id, asked, 2);
	consent(asked, true, 3);
	CHECK(item_shown(&w, ZVHD, 1, span_of(id, ID_BYTES), "", arena, &it));
	assert_int_equal(it.n_grants, 1);
	assert_string_equal(it.grants[0].by, DJI_ID);
	derde(&d, id);
	say(&w, &d, 1, 4, CODE_TOEGESTAAN);
	consent(asked, false, 5);
	CHECK(item_shown(&w, ZVHD, 1, span_of(id, ID_BYTES), "", arena, &it));
	assert_int_equal(it.n_grants, 0);
	derde(&d, id);
	say(&w, &d, 1, 6, CODE_GEEN_INSTEMMING_BRON);
	derde(&d, id);
	d.m.body.verstrekking.verklaring = "";
	say(&w, &d, 1, 7, CODE_SCHEMA_ONGELDIG);
}

/* ---- verstrekking ---- */

static void verstrek(uint8_t id[ID_BYTES], const uint8_t *of, const uint8_t *source, uint64_t correlation)
{
	struct draft d;

	draft_begin(&w, &d, MESSAGE_VERSTREKKING, ZVHD, of);
	draft_wgs(&d, "WGS 1.7(1)");
	memcpy(d.acks[0], source, ID_BYTES);
	d.m.header.person_role = "betrokkene";
	d.m.body.verstrekking = (struct body_verstrekking){ .target_kind = "deelnemer", .target = "", .verklaring = "", .n_sources = 1,
							    .sources = { SPAN_OF(d.acks[0]) } };
	draft_to(&d, "reclassering-3ro");
	draft_categories(&d, "woonsituatie.onderdak");
	draft_part(&w, &d, "woonsituatie.onderdak");
	memcpy(id, d.id, ID_BYTES);
	say(&w, &d, 1, correlation, CODE_TOEGESTAAN);
}

/* A casus under the WGS, in which the police answered; its term is years, that of nazorg is months. */
static void answered_wgs(uint8_t of[ID_BYTES], uint8_t answer[ID_BYTES])
{
	uint8_t request[ID_BYTES];
	struct draft d;

	world_wgs(&w, of, "CASUSOVERLEG");
	draft_ask(&w, &d, of, "politie-noord-nederland");
	draft_wgs(&d, "WGS 2.31(5)");
	draft_categories(&d, "woonsituatie");
	memcpy(request, d.id, ID_BYTES);
	say(&w, &d, 1, 501, CODE_TOEGESTAAN);
	draft_answer(&w, &d, POLITIE, of, request);
	draft_wgs(&d, "WGS 2.31(5)");
	memcpy(answer, d.id, ID_BYTES);
	say(&w, &d, 3, 502, CODE_TOEGESTAAN);
}

/* What goes on keeps its sources, and who got it says each year what came of it. */
static void test_verstrekking(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8u << 20);
	uint8_t wgs[ID_BYTES], answer[ID_BYTES], id[ID_BYTES], second[ID_BYTES];
	struct casus_item it;
	struct draft d;

	(void)state;
	answered_wgs(wgs, answer);
	verstrek(id, wgs, answer, 3);
	CHECK(item_shown(&w, RECLASSERING, 4, span_of(id, ID_BYTES), "", arena, &it));
	assert_int_equal(it.suppliers.n, 1);
	assert_string_equal(it.suppliers.v[0], "politie-noord-nederland");
	ack(RECLASSERING, 4, 4, id);
	world_pass(&w, DAY_MS);
	verstrek(second, wgs, answer, 5);
	ack(RECLASSERING, 4, 6, second);
	draft_about(&w, &d, MESSAGE_TERUGKOPPELING, RECLASSERING, wgs, second, ZVHD_ID);
	draft_wgs(&d, "WGS 1.7(4)");
	d.m.body.terugkoppeling = (struct body_terugkoppeling){ "monitoring", "ja", "ja", "" };
	say(&w, &d, 4, 7, CODE_TOEGESTAAN);
	CHECK(has_rung(&w, ZVHD, 1, second, "TERUGGEKOPPELD", "reclassering-3ro"));
	ack(ZVHD, 1, 8, d.id);
	world_forget(&w);
	world_pass(&w, 364 * DAY_MS); /* a year after the first, and not yet after the second */
	world_credit(&w, RECLASSERING, 4, 10);
	world_round(&w);
	CHECK(has_rung(&w, ZVHD, 1, id, "TERMIJN", ""));
	CHECK(!has_rung(&w, ZVHD, 1, second, "TERMIJN", ""));
	assert_int_equal(world_count(&w, 4, WIRE_NOTICE), 1);
	world_pass(&w, 2 * DAY_MS); /* it reported within that year */
	world_round(&w);
	CHECK(!has_rung(&w, ZVHD, 1, second, "TERMIJN", ""));
	world_pass(&w, 366 * DAY_MS); /* and in the next it did not */
	world_round(&w);
	CHECK(has_rung(&w, ZVHD, 1, second, "TERMIJN", ""));
}

/* ---- agenda ---- */

/* A guest takes part until his time is over; what he did not fetch by then he does not get. */
static void test_agenda(void **state)
{
	struct casus seen;
	struct draft d;
	uint64_t until;

	(void)state;
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	d.release[0] = "ggz-drenthe";
	d.m.body.betrekken.release = (struct text_list){ 1, d.release };
	say(&w, &d, 1, 1, CODE_TOEGESTAAN);
	CHECK(!casus_shown(&w, GGZ, 5, span_of(casus, ID_BYTES), "", &seen));
	draft_begin(&w, &d, MESSAGE_AGENDA, ZVHD, casus);
	d.involve[0] = "ggz-drenthe";
	until = w.unix_ms + 3 * DAY_MS;
	d.m.body.agenda = (struct body_agenda){ w.unix_ms + DAY_MS, until, { 1, d.involve } };
	draft_to(&d, "ggz-drenthe");
	say(&w, &d, 1, 2, CODE_TOEGESTAAN);
	CHECK(casus_shown(&w, GGZ, 5, span_of(casus, ID_BYTES), "", &seen));
	draft_ask(&w, &d, casus, "ggz-drenthe " DJI_ID);
	draft_categories(&d, "woonsituatie.onderdak");
	d.m.header.deadline_unix_ms = w.unix_ms + 20 * DAY_MS;
	say(&w, &d, 1, 3, CODE_TOEGESTAAN);
	world_pass(&w, 3 * DAY_MS - 1);
	world_round(&w);
	CHECK(casus_shown(&w, GGZ, 5, span_of(casus, ID_BYTES), "", &seen));
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_NIET_BETROKKEN_BIJ_CASUS), 0);
	world_pass(&w, 1);
	world_round(&w);
	CHECK(!casus_shown(&w, GGZ, 5, span_of(casus, ID_BYTES), "", &seen));
	assert_int_equal(world_entries(&w, ENTRY_TERMIJN, CODE_NIET_BETROKKEN_BIJ_CASUS), 2);
	CHECK(has_rung(&w, ZVHD, 1, d.id, "TERMIJN", "ggz-drenthe"));
	CHECK(!has_rung(&w, ZVHD, 1, d.id, "TERMIJN", DJI_ID));
	world_credit(&w, GGZ, 5, 10);
	world_credit(&w, DJI, 2, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 5, WIRE_DELIVERY), 0);
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 1);
}

/* ---- another house ---- */

static void vraag(struct draft *d, const uint8_t *of)
{
	draft_begin(&w, d, MESSAGE_BEKENDHEIDSVRAAG, ZVHD, of);
	draft_wgs(d, "WGS 2.28(1)");
	d->m.header.noodzaak = "betrokkene is onlangs verhuisd";
	d->m.header.person_role = "betrokkene";
	draft_to(d, "zvh-fryslan");
	draft_part(&w, d, "vraag");
}

static void known(struct draft *d, const uint8_t *of, const uint8_t *asked)
{
	draft_about(&w, d, MESSAGE_BEKENDHEIDSANTWOORD, FRYSLAN, of, asked, ZVHD_ID);
	draft_wgs(d, "WGS 2.28(1)");
	for (size_t i = 0; i < ID_BYTES; i++)
		d->exchange[i] = (uint8_t)~asked[i];
	d->m.body.bekendheidsantwoord.known = true;
	d->m.header.person_role = "betrokkene";
	draft_categories(d, "identificerend.contact");
	draft_part(&w, d, "identificerend.contact");
}

/* Another house hears that somebody is asked after, answers once, and never sees the casus. */
static void test_house(void **state)
{
	uint8_t wgs[ID_BYTES], asked[ID_BYTES];
	struct casus seen;
	struct draft d;

	(void)state;
	world_wgs(&w, wgs, "VERZAMELEN");
	vraag(&d, wgs);
	memcpy(asked, d.id, ID_BYTES);
	say(&w, &d, 1, 1, CODE_TOEGESTAAN);
	draft_begin(&w, &d, MESSAGE_BETREKKEN, ZVHD, wgs); /* a change of the circle takes nothing from who is outside it */
	draft_wgs(&d, "WGS 2.31(4)");
	d.release[0] = "reclassering-3ro";
	d.m.body.betrekken.release = (struct text_list){ 1, d.release };
	say(&w, &d, 1, 2, CODE_TOEGESTAAN);
	world_credit(&w, FRYSLAN, 7, 10);
	world_round(&w);
	assert_int_equal(world_count(&w, 7, WIRE_DELIVERY), 1);
	CHECK(!casus_shown(&w, FRYSLAN, 7, span_of(wgs, ID_BYTES), "", &seen));
	CHECK(has_rung(&w, FRYSLAN, 7, asked, "AANVAARD", ZVHD_ID));
	known(&d, wgs, asked);
	say(&w, &d, 7, 3, CODE_TOEGESTAAN);
	CHECK(has_rung(&w, ZVHD, 1, asked, "BEANTWOORD", "zvh-fryslan"));
	known(&d, wgs, asked);
	say(&w, &d, 7, 4, CODE_HERHALING);
	CHECK(casus_shown(&w, ZVHD, 1, span_of(wgs, ID_BYTES), "", &seen));
	CHECK(casus_knows(&seen, "zvh-fryslan"));
	CHECK(!casus_shown(&w, FRYSLAN, 7, span_of(wgs, ID_BYTES), "", &seen));
	draft_ask(&w, &d, wgs, "zvh-fryslan");
	draft_wgs(&d, "WGS 2.28(2)");
	draft_categories(&d, "woonsituatie");
	say(&w, &d, 1, 5, CODE_TOEGESTAAN);
	world_round(&w);
	assert_int_equal(world_count(&w, 7, WIRE_DELIVERY), 2);
}

/* A casus is kept longer when each of its sources agreed, and the house's own state says so. */
static void test_hernieuwing(void **state)
{
	uint8_t wgs[ID_BYTES], answer[ID_BYTES], asked[ID_BYTES];
	struct casus before, after;
	struct draft d;
	uint64_t until;

	(void)state;
	answered_wgs(wgs, answer);
	CHECK(casus_shown(&w, ZVHD, 1, span_of(wgs, ID_BYTES), "", &before));
	CHECK(before.expires_unix_ms > w.unix_ms);
	assert_int_equal(before.n_suppliers, 1);
	until = before.expires_unix_ms + DAY_MS;
	draft_begin(&w, &d, MESSAGE_INSTEMMINGSVERZOEK, ZVHD, wgs);
	draft_wgs(&d, "BGS 1.16(2)");
	draft_to(&d, "politie-noord-nederland");
	d.m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ "hernieuwing", "", until };
	memcpy(asked, d.id, ID_BYTES);
	say(&w, &d, 1, 3, CODE_TOEGESTAAN);
	draft_about(&w, &d, MESSAGE_INSTEMMING, POLITIE, wgs, asked, ZVHD_ID);
	draft_wgs(&d, "BGS 1.16(2)");
	d.m.body.instemming = (struct body_instemming){ true, until };
	say(&w, &d, 3, 4, CODE_TOEGESTAAN);
	CHECK(casus_shown(&w, ZVHD, 1, span_of(wgs, ID_BYTES), "", &after));
	assert_int_equal(after.suppliers[0].renewed_until_unix_ms, until);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_melding_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_aanvulling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_confirmed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_correction_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_instemming, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verstrekking, setup, teardown),
		cmocka_unit_test_setup_teardown(test_agenda, setup, teardown),
		cmocka_unit_test_setup_teardown(test_house, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hernieuwing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
