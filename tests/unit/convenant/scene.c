/* SPDX-License-Identifier: EUPL-1.2 */
/* A scene of each kind that stands by itself, and deciding. */
#include "tests/unit/convenant/scene_inside.h"

#include <string.h>

/* ---- pieces of a message ---- */

/* Words live as long as the program: they are kept in one table, each once. */
static const char *word(const char *begin, size_t n)
{
	static char words[512][64];
	static size_t n_words;

	for (size_t i = 0; i < n_words; i++)
		if (strlen(words[i]) == n && memcmp(words[i], begin, n) == 0)
			return words[i];
	CHECK(n < sizeof words[0] && n_words < N_ELEMENTS(words));
	memcpy(words[n_words], begin, n);
	return words[n_words++];
}

void scene_list(struct text_list *list, const char **store, const char *words)
{
	*list = (struct text_list){ 0, store };
	while (*words) {
		size_t n = strcspn(words, " ");

		store[list->n++] = word(words, n);
		words += n + (words[n] == ' ');
	}
	text_list_sort(list);
}

void scene_circle(struct scene *s, const char *words)
{
	const char *store[SCENE_LIST];
	struct text_list list;

	scene_list(&list, store, words);
	s->casus.n_circle = list.n;
	for (size_t i = 0; i < list.n; i++)
		snprintf(s->casus.circle[i], CASUS_TEXT, "%s", list.v[i]);
}

void scene_sender(struct scene *s, const char *hoedanigheid)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(s->rules.registry, hoedanigheid);

	s->m.header.sender = hoedanigheid;
	s->m.header.person = "p-0417";
	s->covers[0] = hoedanigheid;
	s->mandate = (struct mandate){
		.person = "p-0417",
		.organisation = h ? h->organisation : "",
		.role = "medewerker",
		.klasse = "uitvoering",
		.hoedanigheden = { 1, s->covers },
		.screening_unix_ms = SCENE_NOW - 300 * DAY_MS,
		.training_unix_ms = SCENE_NOW - 200 * DAY_MS,
		.from_unix_ms = SCENE_NOW - 100 * DAY_MS,
		.until_unix_ms = SCENE_NOW + 100 * DAY_MS,
	};
	seed_bytes("mandate", s->mandate.digest.bytes);
	s->m.header.mandate = SPAN_OF(s->mandate.digest.bytes);
}

void scene_part(struct scene *s, size_t i, const char *category)
{
	struct part *p = &s->parts[i];

	s->m.parts = s->parts;
	if (s->m.n_parts <= i)
		s->m.n_parts = i + 1;
	*p = (struct part){
		.header = { .category = category, .secrecy_basis = "", .reference_date = "", .source = "", .wpg_article = "",
			    .person_category = "", .media_type = "text/plain", .content_commitment = span_of(noise, 32) },
		.suite = PART_SUITE_1,
		.nonce = span_of(noise, 24),
		.commitment = span_of(noise, 32),
		.ciphertext = span_of(noise, 64),
	};
	scene_seal(s);
}

void scene_seal(struct scene *s)
{
	for (size_t i = 0; i < s->m.n_parts; i++) {
		s->parts[i].wraps = s->wraps[i];
		s->parts[i].n_wraps = s->m.header.recipients.n;
		for (size_t k = 0; k < s->m.header.recipients.n && k < 8; k++) {
			const struct reg_hoedanigheid *h = registry_hoedanigheid(s->rules.registry, s->m.header.recipients.v[k]);

			s->wraps[i][k] = (struct wrap){
				.recipient = s->m.header.recipients.v[k],
				.key_id = h && h->n_keys ? span_of(h->keys[0].key_id, KEY_ID_BYTES) : span_of(noise, KEY_ID_BYTES),
				.enc = span_of(noise, 32),
				.sealed_key = span_of(noise, 48),
			};
		}
	}
}

void scene_begin(struct scene *s, const struct house *h, enum message_kind kind, const char *sender)
{
	memset(s, 0, sizeof *s);
	s->house = h;
	s->rules = h->rules;
	s->now = SCENE_NOW;
	s->m.kind = kind;
	s->m.header = (struct header){
		.message_id = SPAN_OF(message_id),
		.exchange_id = SPAN_OF(exchange_id),
		.trace_id = SPAN_OF(exchange_id),
		.casus = SPAN_OF(casus_id),
		.created_unix_ms = SCENE_NOW - 5000,
		.not_after_unix_ms = SCENE_NOW + 600000,
		.sender = sender, .person = "", .on_behalf_of = "", .regime = "WGS", .grondslag = "", .doel = "complexe-casus",
		.noodzaak = "", .overleg = "ketenkamer", .person_role = "", .related_to = "", .answer_kind = "",
		.recipients = { 0, s->recipients }, .categories = { 0, s->categories },
	};
	scene_sender(s, sender);
	memcpy(s->casus.id, casus_id, ID_BYTES);
	s->casus.phase = PHASE_VERZAMELEN;
	s->casus.regime = REGIME_WGS;
	snprintf(s->casus.overleg, CASUS_TEXT, "ketenkamer");
	snprintf(s->casus.klasse, CASUS_TEXT, "maatwerk");
	snprintf(s->casus.notifier, CASUS_TEXT, "politie-noord-nederland");
	s->casus.opened_unix_ms = s->casus.changed_unix_ms = SCENE_NOW - DAY_MS;
	s->casus.expires_unix_ms = SCENE_NOW + 1000 * DAY_MS;
	s->casus.n_suppliers = 1;
	s->casus.suppliers[0].special = true;
	snprintf(s->casus.suppliers[0].hoedanigheid, CASUS_TEXT, "ggz-drenthe");
	scene_circle(s, "ggz-drenthe politie-noord-nederland zvhd-procesregie");
}

void scene_to(struct scene *s, const char *words)
{
	scene_list(&s->m.header.recipients, s->recipients, words);
}

static void criteria(struct criterion *c, size_t *n)
{
	*n = 4;
	for (size_t i = 0; i < 4; i++)
		c[i] = (struct criterion){ .id = (char)('a' + (char)i), .met = true, .motivated = true };
}

static void motivate(struct scene *s)
{
	static const char *const all[] = { "motivering.a", "motivering.b", "motivering.c", "motivering.d" };

	for (size_t i = 0; i < N_ELEMENTS(all); i++)
		scene_part(s, i, all[i]);
}

/* ---- the scenes ---- */

void scene_aanmelding(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_AANMELDING, "politie-noord-nederland");
	s->no_casus = true;
	s->m.header.grondslag = "WGS 2.31(1)";
	s->m.header.person_role = "betrokkene";
	scene_to(s, "zvhd-procesregie");
	s->m.body.aanmelding = (struct body_aanmelding){ .klasse = "maatwerk", .ave = "3", .leeftijdsklasse = "24-40" };
	scene_list(&s->m.body.aanmelding.gemeenten, s->involve, "GM0106 GM0114");
	criteria(s->m.body.aanmelding.criteria, &s->m.body.aanmelding.n_criteria);
	motivate(s);
	scene_part(s, 4, "woonsituatie");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie");
}

void scene_beoordeling(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_BEOORDELING, "zvhd-procesregie");
	s->casus.phase = PHASE_AANGEMELD;
	s->m.header.grondslag = "WGS 2.31(2)";
	scene_to(s, "politie-noord-nederland");
	motivate(s);
	s->m.body.beoordeling.outcome = "in-behandeling";
	criteria(s->m.body.beoordeling.criteria, &s->m.body.beoordeling.n_criteria);
}

void scene_betrekken(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_BETREKKEN, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(4)";
	s->m.header.overleg = "";
	scene_list(&s->m.body.betrekken.involve, s->involve, "gemeente-assen-sociaal-domein reclassering-3ro");
	scene_list(&s->m.body.betrekken.release, s->release, "ggz-drenthe");
	scene_to(s, "politie-noord-nederland reclassering-3ro");
}

void scene_fase(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_FASE, "zvhd-procesregie");
	s->casus.phase = PHASE_IN_BEHANDELING;
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.body.fase = (struct body_fase){ .phase = "VERZAMELEN", .ave = "" };
}

void scene_afsluiting(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_AFSLUITING, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(8)";
	s->m.body.afsluiting.reason = "doel-bereikt";
}

void scene_verzoek(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_VERZOEK, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.noodzaak = "zicht op wonen en behandeling is nodig voor het plan van aanpak";
	s->m.header.person_role = "betrokkene";
	s->m.header.deadline_unix_ms = SCENE_NOW + 3 * DAY_MS;
	scene_to(s, "ggz-drenthe politie-noord-nederland");
	scene_list(&s->m.header.categories, s->categories, "gezondheid politiegegevens woonsituatie");
	scene_part(s, 0, "vraag");
}

static void asked(struct scene *s)
{
	s->request = s->m.header;
	s->request.message_id = SPAN_OF(request_id);
	s->request.created_unix_ms = SCENE_NOW - DAY_MS;
	scene_list(&s->request.categories, s->asked, "gezondheid politiegegevens woonsituatie");
	scene_list(&s->request.recipients, s->asked_of, "ggz-drenthe politie-noord-nederland");
}

static void answer(struct scene *s, const char *sender)
{
	s->m.kind = MESSAGE_ANTWOORD;
	s->m.n_parts = 0;
	s->m.header.noodzaak = "";
	s->m.header.deadline_unix_ms = 0;
	s->m.header.in_reply_to = SPAN_OF(request_id);
	s->m.header.answer_kind = "GEGEVENS";
	scene_to(s, s->request.sender);
	scene_sender(s, sender);
}

void scene_antwoord(struct scene *s, const struct house *h)
{
	scene_verzoek(s, h);
	asked(s);
	answer(s, "ggz-drenthe");
	scene_list(&s->m.header.categories, s->categories, "gezondheid.psychisch woonsituatie.onderdak");
	scene_part(s, 0, "gezondheid.psychisch");
	scene_part(s, 1, "woonsituatie.onderdak");
	s->parts[0].header.secrecy_basis = "goed-hulpverlenerschap";
}

void scene_antwoord_politie(struct scene *s, const struct house *h)
{
	scene_verzoek(s, h);
	asked(s);
	answer(s, "politie-noord-nederland");
	scene_list(&s->m.header.categories, s->categories, "politiegegevens");
	scene_part(s, 0, "politiegegevens");
	s->parts[0].header.wpg_article = "8";
	s->parts[0].header.person_category = "verdachte";
}

void scene_toestemming(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_TOESTEMMING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.body.toestemming = (struct body_toestemming){ .given_unix_ms = SCENE_NOW - DAY_MS, .given_by = "betrokkene" };
}

void scene_geopend(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_GEOPEND, "ggz-drenthe");
	s->m.body.geopend.message_id = SPAN_OF(request_id);
	s->m.header.regime = s->m.header.doel = s->m.header.overleg = "";
	s->m.header.casus = SPAN_NONE;
}

void scene_inzage(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_INZAGE, "zvhd-toezicht");
	s->mandate.klasse = "toetsing";
	s->m.header.regime = s->m.header.doel = s->m.header.overleg = "";
	s->m.header.casus = SPAN_NONE;
	s->m.body.inzage = (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "",
						 .person = "", .grondslag = "", .doel = "", .overleg = "" };
}

void scene_nazorg(struct scene *s)
{
	s->m.header.regime = "OVERIG";
	s->m.header.grondslag = "Bjsg 11a bis";
	s->m.header.doel = "nazorg";
	s->m.header.overleg = "nazorg";
	s->casus.regime = REGIME_OVERIG;
	s->casus.consent = true;
	s->casus.consent_given_unix_ms = SCENE_NOW - DAY_MS;
	snprintf(s->casus.overleg, CASUS_TEXT, "nazorg");
	snprintf(s->casus.klasse, CASUS_TEXT, "nazorg");
	snprintf(s->casus.notifier, CASUS_TEXT, "zvhd-nazorg");
	scene_circle(s, "dji-pi-noord gemeente-assen-sociaal-domein ggz-drenthe politie-noord-nederland reclassering-3ro zvhd-nazorg");
}

void scene_nazorg_aanmelding(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_AANMELDING, "zvhd-nazorg");
	scene_nazorg(s);
	s->no_casus = true;
	s->m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
}

void scene_nazorg_verzoek(struct scene *s, const struct house *h)
{
	scene_begin(s, h, MESSAGE_VERZOEK, "zvhd-nazorg");
	scene_nazorg(s);
	s->m.header.noodzaak = "de vijf basisvoorwaarden bij terugkeer uit detentie";
	s->m.header.person_role = "betrokkene";
	s->m.header.deadline_unix_ms = SCENE_NOW + 3 * DAY_MS;
	scene_to(s, "dji-pi-noord gemeente-assen-sociaal-domein ggz-drenthe politie-noord-nederland reclassering-3ro");
	scene_list(&s->m.header.categories, s->categories, "financieel.schulden gezondheid.psychisch identificerend.identiteitsbewijs "
		   "inkomen justitieel.detentieverloop politiegegevens toezicht.reclassering woonsituatie.onderdak zorg");
	scene_part(s, 0, "vraag");
}

void scene_nazorg_antwoord(struct scene *s, const struct house *h)
{
	scene_nazorg_verzoek(s, h);
	s->request = s->m.header;
	s->request.message_id = SPAN_OF(request_id);
	scene_list(&s->request.categories, s->asked, "identificerend.identiteitsbewijs justitieel.detentieverloop woonsituatie.onderdak");
	scene_list(&s->request.recipients, s->asked_of, "dji-pi-noord ggz-drenthe");
	answer(s, "dji-pi-noord");
	s->m.header.answer_kind = "DEELS";
	scene_list(&s->m.header.categories, s->categories, "identificerend.identiteitsbewijs justitieel.detentieverloop");
	scene_part(s, 0, "identificerend.identiteitsbewijs");
	scene_part(s, 1, "justitieel.detentieverloop");
}

/* ---- deciding ---- */

struct decide_input scene_input(const struct scene *s)
{
	return (struct decide_input){
		.rules = &s->rules,
		.message = &s->m,
		.mandate = s->no_mandate ? NULL : &s->mandate,
		.casus = s->no_casus ? NULL : &s->casus,
		.request = s->no_request || (s->m.kind != MESSAGE_ANTWOORD && s->m.kind != MESSAGE_BEKENDHEIDSANTWOORD) ?
				   NULL : &s->request,
		.items = s->items,
		.n_items = s->no_items ? 0 : s->n_items,
		.now_unix_ms = s->now,
	};
}

void scene_decide(const struct scene *s, struct decision *out)
{
	struct decide_input in = scene_input(s);

	memset(out, 0xa5, sizeof *out); /* the decision writes all that counts */
	convenant_decide(&in, out);
}
