/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages, one of each kind as it should be, and the whole steps that tests begin from. */
#include "tests/unit/daemon/core_draft.h"

#include <string.h>

#include "base/text.h"

static void list_set(struct text_list *list, const char **store, size_t max, const char *words)
{
	static char kept[96][64];
	static size_t n_kept;

	*list = (struct text_list){ 0, store };
	while (*words) {
		size_t n = strcspn(words, " "), k;

		for (k = 0; k < n_kept && (strlen(kept[k]) != n || memcmp(kept[k], words, n) != 0); k++)
			;
		if (k == n_kept) {
			CHECK(n_kept < 96 && n < 64);
			memcpy(kept[n_kept++], words, n);
		}
		CHECK(list->n < max);
		store[list->n++] = kept[k];
		words += n + (words[n] == ' ');
	}
	text_list_sort(list);
}

/* An exchange is named after its request, so that an answer can be drafted from the request's id alone. */
static void exchange_of(const uint8_t *request, uint8_t out[ID_BYTES])
{
	for (size_t i = 0; i < ID_BYTES; i++)
		out[i] = (uint8_t)~request[i];
}

void draft_begin(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus)
{
	memset(d, 0, sizeof *d);
	d->node = &w->nodes[node];
	d->person = message_signed_by_node(kind) ? NULL : &d->node->person;
	env_uuid7(&w->env, d->id);
	exchange_of(d->id, d->exchange);
	env_random(&w->env, d->trace, ID_BYTES);
	d->m.kind = kind;
	d->m.header = (struct header){
		.message_id = SPAN_OF(d->id), .exchange_id = SPAN_OF(d->exchange), .trace_id = SPAN_OF(d->trace),
		.created_unix_ms = w->unix_ms, .not_after_unix_ms = w->unix_ms + 600000,
		.sender = d->node->hoedanigheden[0], .person = d->person ? d->person->id : "", .on_behalf_of = "",
		.regime = "OVERIG", .grondslag = "Bjsg 11a bis", .doel = "nazorg", .noodzaak = "", .overleg = "nazorg",
		.person_role = "", .related_to = "", .answer_kind = "", .recipients = { 0, d->recipients }, .categories = { 0, d->categories },
	};
	if (d->person)
		d->m.header.mandate = SPAN_OF(d->person->digest.bytes);
	if (casus) {
		memcpy(d->casus, casus, ID_BYTES);
		d->m.header.casus = SPAN_OF(d->casus);
	}
	d->m.parts = d->parts;
}

void draft_to(struct draft *d, const char *words)
{
	list_set(&d->m.header.recipients, d->recipients, 8, words);
}

void draft_categories(struct draft *d, const char *words)
{
	list_set(&d->m.header.categories, d->categories, 8, words);
}

static const uint8_t noise[528] = { 7, 7, 7 };

/* part_header_encode() is not a thing of its own: a real seal, to the sender itself, gives the bytes, which then stand beside noise. */
void draft_part(struct world *w, struct draft *d, const char *category)
{
	const size_t i = d->m.n_parts++;
	const struct part_header head = { .category = category, .secrecy_basis = "", .reference_date = "", .source = "register",
					  .wpg_article = "", .person_category = "", .media_type = "text/plain" };
	const struct reg_hoedanigheid *self = registry_hoedanigheid(w->registry, d->m.header.sender);
	struct box_key to = { .hoedanigheid = d->m.header.sender };
	struct part_context ctx = { .header_bytes = SPAN_LITERAL("h"), .sender = d->m.header.sender, .sender_key = d->person->sign_key };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct part *p = &d->parts[i], sealed;

	for (size_t k = 0; k < d->m.header.recipients.n; k++) {
		const struct reg_hoedanigheid *h = registry_hoedanigheid(w->registry, d->m.header.recipients.v[k]);

		if (!h || !h->n_keys)
			fail_msg("%s has no reading key", d->m.header.recipients.v[k]);
		d->wraps[i][k] = (struct wrap){ .recipient = h->id, .key_id = span_of(h->keys[0].key_id, KEY_ID_BYTES),
						.enc = span_of(noise, 32), .sealed_key = span_of(noise, 48) };
	}
	CHECK(self && self->n_keys);
	memcpy(to.public_key, self->keys[0].public_key, 32);
	CHECK_OK(part_seal(&ctx, &head, SPAN_LITERAL("x"), &to, 1, arena, &sealed));
	buffer_init(&d->part_heads[i], 0);
	buffer_bytes(&d->part_heads[i], sealed.header_bytes);
	*p = (struct part){ .header_bytes = buffer_span(&d->part_heads[i]), .suite = PART_SUITE_1, .nonce = span_of(noise, 24),
			    .commitment = span_of(noise, 32), .ciphertext = span_of(noise, sizeof noise),
			    .n_wraps = d->m.header.recipients.n, .wraps = d->wraps[i] };
}

void draft_sign(struct draft *d, struct buffer *envelope)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 };

	CHECK_OK(header_encode(&d->m.header, &header));
	d->m.header_bytes = buffer_span(&header);
	CHECK_OK(message_encode(&d->m, &payload));
	CHECK_OK(envelope_sign(message_kind_type(d->m.kind), buffer_span(&payload), d->person ? d->person->secret : d->node->secret,
			       envelope));
	for (size_t i = 0; i < 4; i++)
		buffer_fini(&d->part_heads[i]);
}

void draft_submit(struct world *w, struct draft *d, uint64_t session, uint64_t correlation)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };

	draft_sign(d, &envelope);
	world_take(w, (int)(d->node - w->nodes), session, WIRE_SUBMIT, correlation, buffer_span(&envelope));
}

static void mandate_submit(struct world *w, int node, const struct person *p, uint64_t correlation)
{
	struct draft d;

	draft_begin(w, &d, MESSAGE_MANDAAT, node, NULL);
	d.m.header.sender = p->hoedanigheid;
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&p->mandate);
	draft_submit(w, &d, 900 + (uint64_t)node, correlation);
}

static void accepted(struct world *w, uint64_t correlation)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_answer(w, correlation, WIRE_RECEIPT);
	struct receipt receipt;

	if (!in)
		fail_msg("no receipt for %llu", (unsigned long long)correlation);
	world_receipt(w, in, arena, &receipt);
	if (receipt.entry.code != CODE_TOEGESTAAN)
		fail_msg("%llu refused: %s %s %s", (unsigned long long)correlation, code_name(receipt.entry.code),
			 receipt.statement.findings[0].rule, receipt.statement.findings[0].subject);
}

void world_mandates(struct world *w)
{
	for (size_t i = 0; i < w->setup.n; i++)
		mandate_submit(w, (int)i, &w->nodes[i].person, 9000 + i);
	mandate_submit(w, ZVHD, &w->officer, 9100);
	world_round(w);
	for (size_t i = 0; i < w->setup.n; i++)
		accepted(w, 9000 + i);
	accepted(w, 9100);
	world_forget(w);
}

void world_person(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid)
{
	world_person_make(w, p, node, id, hoedanigheid, "uitvoering");
	mandate_submit(w, node, p, 9101);
	world_round(w);
	accepted(w, 9101);
}

void world_casus(struct world *w, uint8_t casus[ID_BYTES])
{
	struct draft d;

	env_random(&w->env, casus, ID_BYTES);
	draft_begin(w, &d, MESSAGE_AANMELDING, ZVHD, casus);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(w, &d, 901, 9201);
	draft_begin(w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	list_set(&d.m.body.betrekken.involve, d.involve, 8,
		 "dji-pi-noord gemeente-assen-sociaal-domein ggz-drenthe politie-noord-nederland reclassering-3ro");
	draft_submit(w, &d, 901, 9202);
	draft_begin(w, &d, MESSAGE_TOESTEMMING, ZVHD, casus);
	d.m.body.toestemming = (struct body_toestemming){ .given_unix_ms = w->unix_ms - 1000, .given_by = "betrokkene" };
	draft_submit(w, &d, 901, 9203);
	world_round(w);
	for (uint64_t i = 9201; i <= 9203; i++)
		accepted(w, i);
	world_forget(w);
}

void draft_ask(struct world *w, struct draft *d, const uint8_t *casus, const char *to)
{
	draft_begin(w, d, MESSAGE_VERZOEK, ZVHD, casus);
	d->m.header.noodzaak = "de basisvoorwaarden bij terugkeer uit detentie";
	d->m.header.person_role = "betrokkene";
	d->m.header.deadline_unix_ms = w->unix_ms + 3 * DAY_MS;
	draft_to(d, to);
	draft_categories(d, "justitieel.detentieverloop woonsituatie.onderdak");
	draft_part(w, d, "vraag");
}

void world_ask(struct world *w, const uint8_t *casus, uint8_t id[ID_BYTES], uint64_t session, uint64_t correlation)
{
	struct draft d;

	draft_ask(w, &d, casus, "dji-pi-noord gemeente-assen-sociaal-domein");
	memcpy(id, d.id, ID_BYTES);
	draft_submit(w, &d, session, correlation);
}

void draft_answer(struct world *w, struct draft *d, int node, const uint8_t *casus, const uint8_t *request)
{
	draft_begin(w, d, MESSAGE_ANTWOORD, node, casus);
	memcpy(d->reply_to, request, ID_BYTES);
	exchange_of(request, d->exchange);
	d->m.header.in_reply_to = SPAN_OF(d->reply_to);
	d->m.header.answer_kind = "DEELS";
	draft_to(d, "zvhd-nazorg");
	draft_categories(d, "woonsituatie.onderdak");
	draft_part(w, d, "woonsituatie.onderdak");
}

void draft_about(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus, const uint8_t *about,
		 const char *to)
{
	draft_begin(w, d, kind, node, casus);
	memcpy(d->reply_to, about, ID_BYTES);
	d->m.header.in_reply_to = SPAN_OF(d->reply_to);
	draft_to(d, to);
}

void draft_wgs(struct draft *d, const char *grondslag)
{
	d->m.header.regime = "WGS";
	d->m.header.grondslag = grondslag;
	d->m.header.doel = "complexe-casus";
	d->m.header.overleg = "maatwerkoverleg";
}

void draft_motivate(struct world *w, struct draft *d)
{
	static const char *const parts[] = { "motivering.a", "motivering.b", "motivering.c", "motivering.d" };
	struct criterion *criteria = d->m.kind == MESSAGE_AANMELDING ? d->m.body.aanmelding.criteria : d->m.body.beoordeling.criteria;

	for (size_t i = 0; i < 4; i++) {
		criteria[i] = (struct criterion){ (char)('a' + i), true, true };
		draft_part(w, d, parts[i]);
	}
	if (d->m.kind == MESSAGE_AANMELDING)
		d->m.body.aanmelding.n_criteria = 4;
	else
		d->m.body.beoordeling.n_criteria = 4;
}

void world_wgs(struct world *w, uint8_t casus[ID_BYTES], const char *phase)
{
	struct draft d;

	env_random(&w->env, casus, ID_BYTES);
	draft_begin(w, &d, MESSAGE_AANMELDING, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(1)");
	draft_to(&d, "politie-noord-nederland");
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "maatwerk", .ave = "", .leeftijdsklasse = "" };
	draft_motivate(w, &d);
	draft_submit(w, &d, 901, 9301);
	draft_begin(w, &d, MESSAGE_BEOORDELING, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(2)");
	draft_to(&d, "politie-noord-nederland");
	d.m.body.beoordeling.outcome = "in-behandeling";
	draft_motivate(w, &d);
	draft_submit(w, &d, 901, 9302);
	draft_begin(w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(4)");
	list_set(&d.m.body.betrekken.involve, d.involve, 8, "ggz-drenthe reclassering-3ro");
	draft_submit(w, &d, 901, 9303);
	for (int i = 0; i < 2 && strcmp(phase, "IN_BEHANDELING") != 0; i++) {
		draft_begin(w, &d, MESSAGE_FASE, ZVHD, casus);
		draft_wgs(&d, i ? "WGS 2.31(5)" : "WGS 2.31(3)");
		d.m.body.fase = (struct body_fase){ i ? "CASUSOVERLEG" : "VERZAMELEN", "" };
		draft_submit(w, &d, 901, 9304 + (uint64_t)i);
		if (strcmp(phase, d.m.body.fase.phase) == 0)
			break;
	}
	world_round(w);
	for (uint64_t i = 9301; world_answer(w, i, WIRE_RECEIPT); i++)
		accepted(w, i);
	CHECK(world_answer(w, 9303, WIRE_RECEIPT) != NULL);
	world_forget(w);
}

void draft_ack(struct world *w, struct draft *d, int node, const uint8_t *ids, size_t n)
{
	draft_begin(w, d, MESSAGE_ONTVANGST, node, NULL);
	d->m.header.regime = d->m.header.grondslag = d->m.header.doel = d->m.header.overleg = "";
	for (size_t i = 0; i < n; i++) {
		memcpy(d->acks[i], ids + i * ID_BYTES, ID_BYTES);
		d->m.body.ontvangst.ids[i] = SPAN_OF(d->acks[i]);
	}
	d->m.body.ontvangst.n = n;
}

void world_begin(struct world *w, uint64_t seed, uint8_t *casus)
{
	world_open(w, seed);
	world_must_start(w);
	world_mandates(w);
	if (casus)
		world_casus(w, casus);
}
