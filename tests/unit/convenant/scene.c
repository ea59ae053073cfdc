/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/convenant/scene.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const house_organisations[8] = { "dji", "gemeente-assen", "ggz-drenthe", "leger-des-heils", "om", "politie",
	"reclassering-nederland", "zvhd" };

static const uint8_t casus_id[ID_BYTES] = { 0xc0, 1 };
static const uint8_t message_id[ID_BYTES] = { 0x0a, 2 };
static const uint8_t request_id[ID_BYTES] = { 0x0a, 3 };
static const uint8_t exchange_id[ID_BYTES] = { 0xee, 4 };
static const uint8_t noise[64] = { 7, 7, 7 };

/* ---- the house ---- */

void seed_bytes(const char *label, uint8_t out[32])
{
	crypto_hash_sha256(out, (const uint8_t *)label, strlen(label));
}

struct secret *seed_key(const char *label, struct note_key *key)
{
	struct secret *s = secret_new(64);
	uint8_t seed[32], public_key[32];

	CHECK(s != NULL);
	seed_bytes(label, seed);
	crypto_sign_seed_keypair(public_key, secret_bytes(s), seed);
	CHECK_OK(note_key_init(key, label, NOTE_KEY_ED25519, public_key));
	return s;
}

void house_text(const char *name, struct buffer *out)
{
	if (strcmp(name, "kader") == 0)
		test_file("../convenant/kader/nl.yaml", out);
	else
		test_file("data/drenthe/convenant.yaml", out);
}

void text_replace(struct span text, const char *what, const char *with, struct buffer *out)
{
	const uint8_t *at = memmem(text.ptr, text.len, what, strlen(what));

	buffer_init(out, 0);
	if (!at)
		fail_msg("the text does not hold: %s", what);
	buffer_bytes(out, span_of(text.ptr, (size_t)(at - text.ptr)));
	buffer_text(out, with);
	at += strlen(what);
	buffer_bytes(out, span_of(at, (size_t)(text.ptr + text.len - at)));
}

static bool is_derde(const char *kind)
{
	static const char *const derden[] = { "halt", "slachtofferhulp", "woningcorporatie", "school", "curator", NULL };

	return text_in(kind, derden);
}

static void organisation_keys(struct house *h, struct registry *r, struct reg_organisation *rows)
{
	for (size_t i = 0; i < r->n_organisations; i++)
		for (size_t k = 0; k < N_ELEMENTS(house_organisations); k++)
			if (text_equal(rows[i].id, house_organisations[k])) {
				h->organisations[k] = seed_key(house_organisations[k], &rows[i].key);
				rows[i].has_key = true;
			}
}

/* The example house, completed as house init does: keys of house and stewards, and here of every participant. */
static void register_make(struct house *h, struct buffer *text)
{
	struct fault_list faults;
	struct registry *template = NULL;
	struct registry r;
	struct reg_organisation *organisations;
	struct reg_hoedanigheid *hoedanigheden;
	struct reg_box_key *keys;
	struct secret *log;
	struct buffer file;

	test_file("data/drenthe/register.yaml", &file);
	fault_list_init(&faults, "register.yaml");
	CHECK_OK(register_template_load(buffer_span(&file), &faults, &template));
	r = *template;
	organisations = calloc(r.n_organisations, sizeof *organisations);
	hoedanigheden = calloc(r.n_hoedanigheden, sizeof *hoedanigheden);
	keys = calloc(r.n_hoedanigheden, sizeof *keys);
	memcpy(organisations, r.organisations, r.n_organisations * sizeof *organisations);
	memcpy(hoedanigheden, r.hoedanigheden, r.n_hoedanigheden * sizeof *hoedanigheden);
	organisation_keys(h, &r, organisations);
	for (size_t i = 0; i < r.n_hoedanigheden; i++) {
		seed_bytes(hoedanigheden[i].id, keys[i].public_key);
		hoedanigheden[i].keys = &keys[i];
		/* menso has not joined yet */
		hoedanigheden[i].n_keys = !is_derde(hoedanigheden[i].kind) && !text_equal(hoedanigheden[i].id, "menso");
	}
	r.organisations = organisations;
	r.hoedanigheden = hoedanigheden;
	for (size_t i = 0; i < 3; i++)
		h->stewards[i] = seed_key((const char *const[]){ "steward-a", "steward-b", "steward-c" }[i], &h->steward_keys[i]);
	log = seed_key("drenthe.example/log", &r.log_key);
	secret_free(log);
	r.stewards = h->steward_keys;
	r.n_stewards = 3;
	r.steward_quorum = 2;
	r.sequence = 1;
	r.from_unix_ms = SCENE_NOW - 100 * DAY_MS;
	r.until_unix_ms = SCENE_NOW + 365 * DAY_MS;
	seed_bytes("transport", r.transport_key);
	CHECK_OK(register_print(&r, text));
	free(organisations);
	free(hoedanigheden);
	free(keys);
	registry_free(template);
	buffer_fini(&file);
}

void house_open(struct house *h)
{
	struct fault_list faults;
	struct buffer text;

	memset(h, 0, sizeof *h);
	CHECK(sodium_init() >= 0);
	fault_list_init(&faults, "house");
	buffer_init(&text, 0);
	register_make(h, &text);
	CHECK_OK(registry_load(buffer_span(&text), &faults, &h->rules.registry));
	buffer_fini(&text);
	house_text("kader", &text);
	CHECK_OK(kader_load(buffer_span(&text), &faults, &h->rules.kader));
	h->rules.kader_digest = *kader_digest(h->rules.kader);
	buffer_fini(&text);
	house_text("convenant", &text);
	CHECK_OK(convenant_load(buffer_span(&text), h->rules.kader, &faults, &h->rules.convenanten[0]));
	h->rules.n_convenanten = 1;
	buffer_fini(&text);
}

void house_close(struct house *h)
{
	for (size_t i = 0; i < N_ELEMENTS(h->stewards); i++)
		secret_free(h->stewards[i]);
	for (size_t i = 0; i < N_ELEMENTS(h->organisations); i++)
		secret_free(h->organisations[i]);
	rules_fini(&h->rules);
}

void house_register(const struct house *h, struct buffer *out)
{
	buffer_init(out, 0);
	CHECK_OK(register_print(h->rules.registry, out));
}

void house_sign(struct span text, const struct note_key *keys, struct secret *const *secrets, size_t n, struct buffer *note)
{
	buffer_init(note, 0);
	CHECK_OK(note_begin(note, text));
	for (size_t i = 0; i < n; i++)
		CHECK_OK(note_sign(note, text, &keys[i], secrets[i]));
}

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

static void begin(struct scene *s, const struct house *h, enum message_kind kind, const char *sender)
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

static void to(struct scene *s, const char *words)
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
	begin(s, h, MESSAGE_AANMELDING, "politie-noord-nederland");
	s->no_casus = true;
	s->m.header.grondslag = "WGS 2.31(1)";
	s->m.header.person_role = "betrokkene";
	to(s, "zvhd-procesregie");
	s->m.body.aanmelding = (struct body_aanmelding){ .klasse = "maatwerk", .ave = "3", .leeftijdsklasse = "24-40" };
	scene_list(&s->m.body.aanmelding.gemeenten, s->involve, "GM0106 GM0114");
	criteria(s->m.body.aanmelding.criteria, &s->m.body.aanmelding.n_criteria);
	motivate(s);
	scene_part(s, 4, "woonsituatie");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie");
}

void scene_beoordeling(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_BEOORDELING, "zvhd-procesregie");
	s->casus.phase = PHASE_AANGEMELD;
	s->m.header.grondslag = "WGS 2.31(2)";
	to(s, "politie-noord-nederland");
	motivate(s);
	s->m.body.beoordeling.outcome = "in-behandeling";
	criteria(s->m.body.beoordeling.criteria, &s->m.body.beoordeling.n_criteria);
}

void scene_betrekken(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_BETREKKEN, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(4)";
	s->m.header.overleg = "";
	scene_list(&s->m.body.betrekken.involve, s->involve, "gemeente-assen-sociaal-domein reclassering-3ro");
	scene_list(&s->m.body.betrekken.release, s->release, "ggz-drenthe");
	to(s, "politie-noord-nederland reclassering-3ro");
}

void scene_fase(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_FASE, "zvhd-procesregie");
	s->casus.phase = PHASE_IN_BEHANDELING;
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.body.fase = (struct body_fase){ .phase = "VERZAMELEN", .ave = "" };
}

void scene_afsluiting(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_AFSLUITING, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(8)";
	s->m.body.afsluiting.reason = "doel-bereikt";
}

void scene_verzoek(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_VERZOEK, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.noodzaak = "zicht op wonen en behandeling is nodig voor het plan van aanpak";
	s->m.header.person_role = "betrokkene";
	s->m.header.deadline_unix_ms = SCENE_NOW + 3 * DAY_MS;
	to(s, "ggz-drenthe politie-noord-nederland");
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
	to(s, s->request.sender);
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
	begin(s, h, MESSAGE_TOESTEMMING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.body.toestemming = (struct body_toestemming){ .given_unix_ms = SCENE_NOW - DAY_MS, .given_by = "betrokkene" };
}

void scene_geopend(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_GEOPEND, "ggz-drenthe");
	s->m.body.geopend.message_id = SPAN_OF(request_id);
	s->m.header.regime = s->m.header.doel = s->m.header.overleg = "";
	s->m.header.casus = SPAN_NONE;
}

void scene_inzage(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_INZAGE, "zvhd-toezicht");
	s->mandate.klasse = "toetsing";
	s->m.header.regime = s->m.header.doel = s->m.header.overleg = "";
	s->m.header.casus = SPAN_NONE;
	s->m.body.inzage = (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "",
						 .person = "", .grondslag = "", .doel = "", .overleg = "" };
}

static void nazorg(struct scene *s)
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
	begin(s, h, MESSAGE_AANMELDING, "zvhd-nazorg");
	nazorg(s);
	s->no_casus = true;
	s->m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
}

void scene_nazorg_verzoek(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_VERZOEK, "zvhd-nazorg");
	nazorg(s);
	s->m.header.noodzaak = "de vijf basisvoorwaarden bij terugkeer uit detentie";
	s->m.header.person_role = "betrokkene";
	s->m.header.deadline_unix_ms = SCENE_NOW + 3 * DAY_MS;
	to(s, "dji-pi-noord gemeente-assen-sociaal-domein ggz-drenthe politie-noord-nederland reclassering-3ro");
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

/* ---- messages that rest on others ---- */

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
	begin(s, h, MESSAGE_MELDING, "politie-noord-nederland");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.person_role = "betrokkene";
	s->m.body.melding.soort = "incident";
	to(s, "zvhd-procesregie");
	scene_part(s, 0, "woonsituatie.overlast");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.overlast");
}

void scene_nazorg_melding(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_MELDING, "dji-pi-noord");
	nazorg(s);
	s->no_casus = true;
	s->m.header.person_role = "betrokkene";
	s->m.body.melding.soort = "vrijlating";
	to(s, "zvhd-nazorg");
	scene_part(s, 0, "justitieel.detentieverloop");
	scene_list(&s->m.header.categories, s->categories, "justitieel.detentieverloop");
}

void scene_aanvulling(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_AANVULLING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.31(3)";
	s->m.header.person_role = "betrokkene";
	to(s, "zvhd-procesregie");
	rests_on(s, answered_by_ggz(s));
	scene_part(s, 0, "gezondheid.verslaving");
	s->parts[0].header.secrecy_basis = "toestemming";
	scene_list(&s->m.header.categories, s->categories, "gezondheid.verslaving");
}

void scene_terugkoppeling(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_TERUGKOPPELING, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 1.7(4)";
	to(s, "ggz-drenthe");
	rests_on(s, answered_by_ggz(s));
	s->m.body.terugkoppeling =
		(struct body_terugkoppeling){ .soort = "jaarlijks", .bruikbaar = "deels", .vervolg = "nee", .reden = "te-laat" };
	scene_part(s, 0, "motivering");
}

void scene_correctie(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_CORRECTIE, "ggz-drenthe");
	s->m.header.grondslag = "BGS 1.7";
	s->m.header.person_role = "betrokkene";
	to(s, "zvhd-procesregie");
	rests_on(s, answered_by_ggz(s));
	s->m.body.correctie = (struct body_correctie){ .action = "verbeterd", .reason = "onjuist" };
	scene_part(s, 0, "woonsituatie.onderdak");
	scene_list(&s->m.header.categories, s->categories, "woonsituatie.onderdak");
}

void scene_bevestiging(struct scene *s, const struct house *h)
{
	struct casus_item *item;

	begin(s, h, MESSAGE_BEVESTIGING, "zvhd-procesregie");
	s->m.header.grondslag = "BGS 1.7";
	to(s, "ggz-drenthe");
	item = scene_item(s, MESSAGE_CORRECTIE, "ggz-drenthe", "zvhd-procesregie", "", "");
	item->message.body.correctie = (struct body_correctie){ .action = "ingetrokken", .reason = "onjuist" };
	rests_on(s, item);
	s->m.body.bevestiging.action = "vernietigd";
}

void scene_instemmingsverzoek(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_INSTEMMINGSVERZOEK, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.28(4)";
	to(s, "ggz-drenthe");
	rests_on(s, answered_by_ggz(s));
	s->m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "huis", .target = "zvh-fryslan" };
	scene_part(s, 0, "vraag");
}

void scene_instemming(struct scene *s, const struct house *h)
{
	struct casus_item *item;

	begin(s, h, MESSAGE_INSTEMMING, "ggz-drenthe");
	s->m.header.grondslag = "WGS 2.28(4)";
	to(s, "zvhd-procesregie");
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
	begin(s, h, MESSAGE_VERSTREKKING, "zvhd-procesregie");
	s->casus.phase = PHASE_CASUSOVERLEG;
	s->m.header.person_role = "betrokkene";
	s->m.body.verstrekking = (struct body_verstrekking){ .target_kind = target_kind, .target = "", .verklaring = "" };
}

void scene_verstrekking(struct scene *s, const struct house *h)
{
	static const char *carried[] = { "niet-naar-derde" };

	verstrekking(s, h, "deelnemer");
	s->m.header.grondslag = "WGS 1.7(1)";
	to(s, "politie-noord-nederland");
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
	to(s, "zvh-fryslan");
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
	to(s, "riec-noord");
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
	begin(s, h, MESSAGE_AGENDA, "zvhd-procesregie");
	s->m.header.grondslag = "WGS 2.31(5)";
	s->casus.phase = PHASE_CASUSOVERLEG;
	s->m.body.agenda = (struct body_agenda){ .meeting_unix_ms = SCENE_NOW + 7 * DAY_MS,
						 .until_unix_ms = SCENE_NOW + 30 * DAY_MS };
	scene_list(&s->m.body.agenda.invite, s->involve, "cosis vnn-behandeling");
	to(s, "cosis politie-noord-nederland");
}

void scene_hernieuwing(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_HERNIEUWING, "zvhd-procesregie");
	s->casus.phase = PHASE_UITVOERING;
	s->casus.expires_unix_ms = SCENE_NOW + 100 * DAY_MS;
	s->casus.suppliers[0].renewed_until_unix_ms = SCENE_NOW + 720 * DAY_MS;
	s->m.header.grondslag = "BGS 1.16(2)";
	to(s, "ggz-drenthe");
	s->m.body.hernieuwing = (struct body_hernieuwing){ .until_unix_ms = SCENE_NOW + 700 * DAY_MS, .ground = "open-complex" };
}

void scene_bekendheidsvraag(struct scene *s, const struct house *h)
{
	begin(s, h, MESSAGE_BEKENDHEIDSVRAAG, "zvhd-procesregie");
	s->casus.phase = PHASE_AANGEMELD;
	s->m.header.grondslag = "WGS 2.28(1)";
	s->m.header.noodzaak = "de betrokkene is kort geleden verhuisd";
	s->m.header.person_role = "betrokkene";
	to(s, "zvh-fryslan");
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
	to(s, "zvhd-procesregie");
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
	to(s, "zvh-fryslan");
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
