/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the corpus of tests/fuzz/fuzz_submit.c into a folder: one message of each kind, as the unit tests draft them. */
#include <string.h>

#include "base/file.h"
#include "tests/unit/daemon/core_fuzz.h"

static struct world w;
static const char *folder;

static void put(const char *name, uint8_t kind, uint8_t node, struct span body)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	buffer_u8(&b, kind);
	buffer_u8(&b, node);
	buffer_bytes(&b, body);
	CHECK_OK(file_write(path, buffer_span(&b), 0644));
}

static void put_draft(struct draft *d, const char *name)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	struct envelope e;

	draft_sign(d, &envelope);
	CHECK_OK(envelope_decode(buffer_span(&envelope), arena, &e));
	put(name, (uint8_t)d->m.kind, (uint8_t)(d->node - w.nodes), e.payload);
}

static void bare(struct draft *d)
{
	d->m.header.regime = d->m.header.grondslag = d->m.header.doel = d->m.header.overleg = "";
}

/* Those that rest on the notice. */
static void later(const struct fuzz_state *s)
{
	struct draft d;

	draft_about(&w, &d, MESSAGE_AANVULLING, DJI, s->casus, s->notice, "zvhd-nazorg");
	d.m.header.person_role = "betrokkene";
	draft_categories(&d, "justitieel.detentieverloop");
	draft_part(&w, &d, "justitieel.detentieverloop");
	put_draft(&d, "aanvulling");
	draft_about(&w, &d, MESSAGE_CORRECTIE, DJI, s->casus, s->notice, "gemeente-assen-sociaal-domein zvhd-nazorg");
	d.m.body.correctie = (struct body_correctie){ "ingetrokken", "onjuist" };
	put_draft(&d, "correctie");
	draft_about(&w, &d, MESSAGE_BEVESTIGING, ASSEN, s->casus, s->correction, "dji-pi-noord");
	d.m.body.bevestiging.action = "verbeterd";
	put_draft(&d, "bevestiging");
	draft_about(&w, &d, MESSAGE_TERUGKOPPELING, ASSEN, s->casus, s->notice, "dji-pi-noord");
	d.m.body.terugkoppeling = (struct body_terugkoppeling){ "monitoring", "ja", "ja", "" };
	put_draft(&d, "terugkoppeling");
	draft_about(&w, &d, MESSAGE_INSTEMMING, DJI, s->casus, s->asked, "zvhd-nazorg");
	d.m.body.instemming.granted = true;
	put_draft(&d, "instemming");
	draft_begin(&w, &d, MESSAGE_VERSTREKKING, ZVHD, s->casus);
	d.m.header.person_role = "betrokkene";
	d.m.body.verstrekking = (struct body_verstrekking){ .target_kind = "deelnemer", .target = "", .verklaring = "", .n_sources = 2,
							    .sources = { SPAN_OF(s->notice), SPAN_OF(s->request) } };
	draft_to(&d, "reclassering-3ro");
	draft_categories(&d, "woonsituatie.onderdak");
	draft_part(&w, &d, "woonsituatie.onderdak");
	put_draft(&d, "verstrekking");
	draft_begin(&w, &d, MESSAGE_AGENDA, ZVHD, s->casus);
	d.involve[0] = "ggz-drenthe";
	d.m.body.agenda = (struct body_agenda){ w.unix_ms + DAY_MS, w.unix_ms + 2 * DAY_MS, { 1, d.involve } };
	put_draft(&d, "agenda");
}

int main(int argc, char **argv)
{
	CLEANUP(buffer_fini) struct buffer frame = { 0 };
	uint8_t other[ID_BYTES];
	struct fuzz_state s;
	const struct fetch fetch = { .what = "casus-list", .sender = "" };
	struct draft d;

	if (argc < 2)
		return 2;
	folder = argv[1];
	world_begin(&w, FUZZ_SEED, NULL);
	fuzz_state_make(&w, &s);
	env_random(&w.env, other, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, other);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	put_draft(&d, "aanmelding");
	draft_ask(&w, &d, s.casus, "dji-pi-noord gemeente-assen-sociaal-domein");
	put_draft(&d, "verzoek");
	draft_answer(&w, &d, DJI, s.casus, s.request);
	put_draft(&d, "antwoord");
	draft_ack(&w, &d, DJI, s.request, 1);
	put_draft(&d, "ontvangst");
	draft_begin(&w, &d, MESSAGE_GEOPEND, DJI, NULL);
	bare(&d);
	d.m.body.geopend.message_id = SPAN_OF(s.request);
	put_draft(&d, "geopend");
	draft_begin(&w, &d, MESSAGE_TOESTEMMING, ZVHD, s.casus);
	d.m.body.toestemming.given_unix_ms = w.unix_ms;
	d.m.body.toestemming.given_by = "betrokkene";
	put_draft(&d, "toestemming");
	draft_begin(&w, &d, MESSAGE_AFSLUITING, ZVHD, s.casus);
	d.m.body.afsluiting.reason = "doel-bereikt";
	put_draft(&d, "afsluiting");
	later(&s);
	draft_begin(&w, &d, MESSAGE_MANDAAT, DJI, NULL);
	bare(&d);
	d.m.body.mandaat.note = buffer_span(&w.nodes[DJI].person.mandate);
	put_draft(&d, "mandaat");
	buffer_reset(&frame);
	wire_begin(&frame, WIRE_FETCH, 9);
	CHECK_OK(fetch_encode(&fetch, &frame));
	put("fetch", 0, DJI, buffer_span(&frame));
	buffer_reset(&frame);
	wire_begin(&frame, WIRE_SUBMIT, 9);
	draft_ask(&w, &d, s.casus, "dji-pi-noord");
	draft_sign(&d, &frame);
	put("submit", 0, ZVHD, buffer_span(&frame));
	buffer_reset(&frame);
	wire_begin(&frame, WIRE_JOIN, 9);
	buffer_text(&frame, "aanvraag: x\n\n\xe2\x80\x94 vnn AAAA\n");
	put("join", 0, GGZ, buffer_span(&frame));
	world_close(&w);
	return 0;
}
