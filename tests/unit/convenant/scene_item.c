/* SPDX-License-Identifier: EUPL-1.2 */
/* Scenes of the messages that rest on an earlier one. */
#include "tests/unit/convenant/scene_inside.h"

#include <string.h>

struct casus_item *scene_item(struct scene *s, enum message_kind kind, const char *sender, const char *to_words, const char *a,
			      const char *b)
{
	const size_t i = s->n_items++;
	struct casus_item *item = &s->items[i];
	const char *const categories[] = { a, b };

	*item = (struct casus_item){ .message = { .kind = kind, .header = s->m.header, .parts = s->item_parts[i] } };
	s->item_ids[i][0] = (uint8_t)(0x10 + i);
	item->message.header.message_id = SPAN_OF(s->item_ids[i]);
	item->message.header.in_reply_to = SPAN_NONE;
	item->message.header.sender = sender;
	item->message.header.noodzaak = item->message.header.on_behalf_of = "";
	scene_list(&item->message.header.recipients, s->item_to[i], to_words);
	for (size_t k = 0; k < 2; k++)
		if (*categories[k])
			s->item_parts[i][item->message.n_parts++] = (struct part){
				.header = { .category = categories[k], .secrecy_basis = "", .reference_date = "", .source = "",
					    .wpg_article = "", .person_category = "", .media_type = "text/plain",
					    .content_commitment = span_of(noise, 32) },
				.suite = PART_SUITE_1,
			};
	scene_list(&item->suppliers, s->item_by[i], item->message.n_parts ? sender : "");
	return item;
}

static void condition(struct scene *s, size_t item, size_t part, const char *word)
{
	s->item_conditions[item][part] = word;
	s->item_parts[item][part].header.conditions = (struct text_list){ 1, &s->item_conditions[item][part] };
}

static void rests_on(struct scene *s, const struct casus_item *item)
{
	s->m.header.in_reply_to = item->message.header.message_id;
}

static struct casus_item *answered_by_ggz(struct scene *s)
{
	struct casus_item *item = scene_item(s, MESSAGE_ANTWOORD, "ggz-drenthe", "zvhd-procesregie", "gezondheid.psychisch",
					     "woonsituatie.onderdak");

	scene_list(&item->asked, s->item_asked[s->n_items - 1], "gezondheid woonsituatie");
	return item;
}

void scene_melding(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_MELDING, "politie-noord-nederland");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.person_role = "betrokkene";
	s->m.body.melding.soort = "incident";
	scene_to(s, "zvhd-procesregie");
	scene_part(s, 0, "woonsituatie.overlast");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.overlast");
}

void scene_nazorg_melding(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_MELDING, "dji-pi-noord");
	scene_nazorg(s);
	s->no_casus = true;
	s->m.header.person_role = "betrokkene";
	s->m.body.melding.soort = "vrijlating";
	scene_to(s, "zvhd-nazorg");
	scene_part(s, 0, "justitieel.detentieverloop");
	scene_list(&s->m.header.categories, s->categories, "justitieel.detentieverloop");
}

void scene_aanvulling(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_AANVULLING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.person_role = "betrokkene";
	scene_to(s, "zvhd-procesregie");
	rests_on(s, answered_by_ggz(s));
	scene_part(s, 0, "gezondheid.verslaving");
	s->parts[0].header.secrecy_basis = "toestemming";
	scene_list(&s->m.header.categories, s->categories, "gezondheid.verslaving");
}

void scene_terugkoppeling(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_TERUGKOPPELING, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 1.7(4)";
	scene_to(s, "ggz-drenthe");
	rests_on(s, answered_by_ggz(s));
	s->m.body.terugkoppeling =
		(struct body_terugkoppeling){ .soort = "jaarlijks", .bruikbaar = "deels", .vervolg = "nee", .reden = "te-laat" };
	scene_part(s, 0, "motivering");
}

void scene_correctie(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_CORRECTIE, "ggz-drenthe");
	s->m.header.grondslag = "BGS 1.7";
	s->m.header.person_role = "betrokkene";
	scene_to(s, "zvhd-procesregie");
	rests_on(s, answered_by_ggz(s));
	s->m.body.correctie = (struct body_correctie){ .action = "verbeterd", .reason = "onjuist" };
	scene_part(s, 0, "woonsituatie.onderdak");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.onderdak");
}

void scene_bevestiging(struct scene *s, const struct house *h)
{
	struct casus_item *item;

	scene_begin(s, h, MESSAGE_BEVESTIGING, "zvhd-procesregie");
	s->m.header.grondslag = "BGS 1.7";
	scene_to(s, "ggz-drenthe");
	item = scene_item(s, MESSAGE_CORRECTIE, "ggz-drenthe", "zvhd-procesregie", "", "");
	item->message.body.correctie = (struct body_correctie){ .action = "ingetrokken", .reason = "onjuist" };
	rests_on(s, item);
	s->m.body.bevestiging.action = "vernietigd";
}

void scene_instemmingsverzoek(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_INSTEMMINGSVERZOEK, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.28(4)";
	scene_to(s, "ggz-drenthe");
	rests_on(s, answered_by_ggz(s));
	s->m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "huis", .target = "zvh-fryslan" };
	scene_part(s, 0, "vraag");
}

void scene_instemming(struct scene *s, const struct house *h)
{
	struct casus_item *item;

	scene_begin(s, h, MESSAGE_INSTEMMING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.28(4)";
	scene_to(s, "zvhd-procesregie");
	item = scene_item(s, MESSAGE_INSTEMMINGSVERZOEK, "zvhd-procesregie", "ggz-drenthe", "", "");
	item->message.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "huis", .target = "zvh-fryslan" };
	rests_on(s, item);
	s->m.body.instemming = (struct body_instemming){ .granted = true };
}

static void sources(struct scene *s)
{
	s->m.body.verstrekking.n_sources = s->n_items;
	for (size_t i = 0; i < s->n_items; i++)
		s->m.body.verstrekking.sources[i] = s->items[i].message.header.message_id;
}

static void verstrekking(struct scene *s, const struct house *h, const char *target_kind)
{
	scene_begin(s, h, MESSAGE_VERSTREKKING, "zvhd-procesregie");
	s->casus.phase = PHASE_CASUSOVERLEG;
	s->m.header.person_role = "betrokkene";
	s->m.body.verstrekking = (struct body_verstrekking){ .target_kind = target_kind, .target = "", .verklaring = "" };
}

void scene_verstrekking(struct scene *s, const struct house *h)
{
	static const char *carried[] = { "niet-naar-derde" };

	verstrekking(s, h, "deelnemer");
	s->m.header.grondslag = "WGS 1.7(1)";
	scene_to(s, "politie-noord-nederland");
	answered_by_ggz(s);
	condition(s, 0, 1, "niet-naar-derde");
	sources(s);
	scene_part(s, 0, "woonsituatie.onderdak");
	s->parts[0].header.conditions = (struct text_list){ 1, carried };
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.onderdak");
}

void scene_verstrekking_huis(struct scene *s, const struct house *h)
{
	verstrekking(s, h, "huis");
	s->m.header.grondslag = "WGS 2.28(3)";
	scene_to(s, "zvh-fryslan");
	answered_by_ggz(s);
	s->grants[0] = (struct item_grant){ "ggz-drenthe", "huis", "zvh-fryslan", SCENE_NOW + DAY_MS };
	s->items[0].grants = s->grants;
	s->items[0].n_grants = 1;
	sources(s);
	scene_part(s, 0, "gezondheid.psychisch");
	scene_list(&s->m.header.categories, s->categories, "gezondheid.psychisch");
}

void scene_verstrekking_verband(struct scene *s, const struct house *h)
{
	verstrekking(s, h, "verband");
	s->m.header.grondslag = "BGS 1.10(1)";
	scene_to(s, "riec-noord");
	answered_by_ggz(s);
	sources(s);
	scene_part(s, 0, "woonsituatie.onderdak");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.onderdak");
}

void scene_verstrekking_derde(struct scene *s, const struct house *h)
{
	verstrekking(s, h, "derde");
	s->m.header.grondslag = "WGS 2.31(11)";
	s->m.body.verstrekking.target = "woningcorporaties-drenthe";
	s->m.body.verstrekking.verklaring = "gv-2026-014";
	s->m.body.verstrekking.verklaring_unix_ms = SCENE_NOW - DAY_MS;
	scene_item(s, MESSAGE_MELDING, "politie-noord-nederland", "zvhd-procesregie", "woonsituatie.overlast", "");
	sources(s);
}

void scene_agenda(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_AGENDA, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(5)";
	s->casus.phase = PHASE_CASUSOVERLEG;
	s->m.body.agenda = (struct body_agenda){ .meeting_unix_ms = SCENE_NOW + 7 * DAY_MS,
						 .until_unix_ms = SCENE_NOW + 30 * DAY_MS };
	scene_list(&s->m.body.agenda.invite, s->involve, "cosis vnn-behandeling");
	scene_to(s, "cosis politie-noord-nederland");
}

void scene_hernieuwing(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_HERNIEUWING, "zvhd-procesregie");
	s->casus.phase = PHASE_UITVOERING;
	s->casus.expires_unix_ms = SCENE_NOW + 100 * DAY_MS;
	s->casus.suppliers[0].renewed_until_unix_ms = SCENE_NOW + 720 * DAY_MS;
	s->m.header.grondslag = "BGS 1.16(2)";
	scene_to(s, "ggz-drenthe");
	s->m.body.hernieuwing = (struct body_hernieuwing){ .until_unix_ms = SCENE_NOW + 700 * DAY_MS, .ground = "open-complex" };
}

void scene_bekendheidsvraag(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_BEKENDHEIDSVRAAG, "zvhd-procesregie");
	s->casus.phase = PHASE_AANGEMELD;
	s->m.header.grondslag = "WGS 2.28(1)";
	s->m.header.noodzaak = "de betrokkene is kort geleden verhuisd";
	s->m.header.person_role = "betrokkene";
	scene_to(s, "zvh-fryslan");
	scene_part(s, 0, "vraag");
}

static void asked_of_house(struct scene *s)
{
	s->request = s->m.header;
	s->request.message_id = SPAN_OF(request_id);
	scene_list(&s->request.recipients, s->asked_of, "zvh-fryslan");
	s->m.n_parts = 0;
	s->m.header.in_reply_to = SPAN_OF(request_id);
	s->m.header.noodzaak = "";
	s->m.header.deadline_unix_ms = 0;
	scene_to(s, "zvhd-procesregie");
	scene_sender(s, "zvh-fryslan");
}

void scene_bekendheidsantwoord(struct scene *s, const struct house *h)
{
	scene_bekendheidsvraag(s, h);
	s->m.kind = MESSAGE_BEKENDHEIDSANTWOORD;
	asked_of_house(s);
	s->m.header.person_role = "";
	s->m.body.bekendheidsantwoord.known = true;
	scene_part(s, 0, "identificerend.contact");
	scene_list(&s->m.header.categories, s->categories, "identificerend.contact");
}

void scene_verzoek_huis(struct scene *s, const struct house *h)
{
	scene_verzoek(s, h);
	s->m.header.grondslag = "WGS 2.28(2)";
	s->casus.n_known = 1;
	snprintf(s->casus.known[0], CASUS_TEXT, "zvh-fryslan");
	scene_to(s, "zvh-fryslan");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie");
	scene_part(s, 0, "vraag");
}

void scene_antwoord_huis(struct scene *s, const struct house *h)
{
	scene_verzoek_huis(s, h);
	s->m.kind = MESSAGE_ANTWOORD;
	asked_of_house(s);
	scene_list(&s->request.categories, s->asked, "woonsituatie");
	s->m.header.grondslag = "WGS 2.28(2)";
	s->m.header.answer_kind = "GEGEVENS";
	scene_part(s, 0, "woonsituatie.onderdak");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.onderdak");
}

const struct scene_kind scenes[SCENES] = {
	{ "aanmelding", scene_aanmelding },
	{ "beoordeling", scene_beoordeling },
	{ "betrekken", scene_betrekken },
	{ "fase", scene_fase },
	{ "afsluiting", scene_afsluiting },
	{ "verzoek", scene_verzoek },
	{ "antwoord", scene_antwoord },
	{ "antwoord van de politie", scene_antwoord_politie },
	{ "toestemming", scene_toestemming },
	{ "geopend", scene_geopend },
	{ "inzage", scene_inzage },
	{ "aanmelding in nazorg", scene_nazorg_aanmelding },
	{ "verzoek in nazorg", scene_nazorg_verzoek },
	{ "antwoord in nazorg", scene_nazorg_antwoord },
	{ "melding", scene_melding },
	{ "melding in nazorg", scene_nazorg_melding },
	{ "aanvulling", scene_aanvulling },
	{ "terugkoppeling", scene_terugkoppeling },
	{ "correctie", scene_correctie },
	{ "bevestiging", scene_bevestiging },
	{ "instemmingsverzoek", scene_instemmingsverzoek },
	{ "instemming", scene_instemming },
	{ "verstrekking", scene_verstrekking },
	{ "verstrekking aan een huis", scene_verstrekking_huis },
	{ "verstrekking aan een verband", scene_verstrekking_verband },
	{ "verstrekking aan een derde", scene_verstrekking_derde },
	{ "agenda", scene_agenda },
	{ "hernieuwing", scene_hernieuwing },
	{ "bekendheidsvraag", scene_bekendheidsvraag },
	{ "bekendheidsantwoord", scene_bekendheidsantwoord },
	{ "verzoek aan een huis", scene_verzoek_huis },
	{ "antwoord van een huis", scene_antwoord_huis },
};
