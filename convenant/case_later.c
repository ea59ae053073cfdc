/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The messages that rest on others, in a table. What a case does not say of the earlier message goes with the message: who corrects
 * sent it to those who are told, who confirms was told by the one who corrected, and what it held is what is spoken of.
 *
 * And what the house finds beside the rules: a table that is to show every refusal needs those that no rule gives.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/cases_inside.h"
#include "convenant/rule.h"

#define DAY_MS UINT64_C(86400000)

static const uint8_t item_id[ID_BYTES] = { 0x0a, 4 };

/* ---- facts ---- */

static const struct case_fact facts[] = {
	{ "audit", "transport.audit", CODE_AUDIT_NIET_BESCHIKBAAR },
	{ "handtekening", "transport.handtekening", CODE_HANDTEKENING_ONGELDIG },
	{ "herhaling", "transport.herhaling", CODE_HERHALING },
	{ "eenmaal", "antwoord.eenmaal", CODE_HERHALING },
	{ "vorm", "transport.vorm", CODE_SCHEMA_ONGELDIG },
	{ "mandaat", "transport.mandaat", CODE_MEDEWERKER_NIET_GEAUTORISEERD },
	{ "knooppunt", "transport.knooppunt", CODE_DEELNEMER_ONBEVOEGD },
	{ "ontvanger", "geopend.ontvanger", CODE_NIET_BETROKKEN_BIJ_CASUS },
};

const struct case_fact *case_fact(const char *word)
{
	for (size_t i = 0; i < N_ELEMENTS(facts); i++)
		if (text_equal(facts[i].word, word))
			return &facts[i];
	return NULL;
}

const struct case_fact *case_fact_of_rule(const char *rule)
{
	for (size_t i = 0; i < N_ELEMENTS(facts); i++)
		if (text_equal(facts[i].rule, rule))
			return &facts[i];
	return NULL;
}

/* ---- reading ---- */

static void read_granted(struct load *l, const struct case_layers *s, struct case_item *out)
{
	static const char *const keys[] = { "van", "waarvoor", "aan-wie", "tot", NULL };
	struct case_layers sub;

	out->granted_until = CASE_UNSAID;
	out->granted = case_map(l, s, "instemming", keys, &sub);
	if (out->granted != CASE_SAID)
		return;
	out->granted_by = case_text_or_null(l, &sub, "van");
	out->granted_for = case_text_or_null(l, &sub, "waarvoor");
	out->granted_to = case_text_or_null(l, &sub, "aan-wie");
	out->granted_until = case_time(l, &sub, "tot");
}

static void read_item(struct load *l, const struct case_layers *s, struct case_item *out)
{
	static const char *const keys[] = { "bericht", "van", "aan", "delen", "gevraagd", "bronnen", "ingetrokken", "actie",
					    "waarvoor", "aan-wie", "instemming", NULL };
	struct case_layers sub;
	const char *kind;

	*out = (struct case_item){ .kind = -1, .action = "ingetrokken", .purpose = "huis", .target = "" };
	out->said = case_map(l, s, "eerder", keys, &sub);
	if (out->said != CASE_SAID)
		return;
	kind = case_text_or_null(l, &sub, "bericht");
	out->kind = kind ? message_kind_find(kind) : -1;
	if (kind && out->kind < 0)
		yaml_fault(l->y, yaml_at(l->y, case_layer(l, &sub, "bericht"), "bericht"), "bericht: there is no message %.40s",
			   kind);
	out->sender = case_text_or_null(l, &sub, "van");
	out->recipients_said = case_ids(l, &sub, "aan", &out->recipients);
	case_parts(l, &sub, &out->parts_said, &out->n_parts, &out->parts);
	case_texts(l, &sub, "gevraagd", &out->asked);
	out->suppliers_said = case_ids(l, &sub, "bronnen", &out->suppliers);
	out->withdrawn = yaml_bool(l->y, case_layer(l, &sub, "ingetrokken"), "ingetrokken", false);
	if (case_said(l, &sub, "actie"))
		out->action = case_text(l, &sub, "actie");
	if (case_said(l, &sub, "waarvoor"))
		out->purpose = case_text(l, &sub, "waarvoor");
	out->target = case_text(l, &sub, "aan-wie");
	read_granted(l, &sub, out);
}

static void read_verklaring(struct load *l, const struct case_layers *s, struct table_case *out)
{
	static const char *const keys[] = { "kenmerk", "datum", NULL };
	struct case_layers sub;

	out->verklaring = "";
	out->verklaring_at = 0;
	if (case_map(l, s, "verklaring", keys, &sub) != CASE_SAID)
		return;
	out->verklaring = case_text(l, &sub, "kenmerk");
	out->verklaring_at = case_time(l, &sub, "datum");
	if (out->verklaring_at == CASE_UNSAID)
		out->verklaring_at = 0;
}

void later_read(struct load *l, const struct case_layers *s, struct table_case *out)
{
	const char *transport = case_text(l, s, "transport");

	out->related_to = case_text_or_null(l, s, "naaste-van");
	out->urgent = yaml_bool(l->y, case_layer(l, s, "spoed"), "spoed", false);
	out->soort = case_text(l, s, "soort");
	out->bruikbaar = case_text(l, s, "bruikbaar");
	out->vervolg = case_text(l, s, "vervolg");
	out->action = case_text(l, s, "actie");
	out->wanted = case_text(l, s, "waarvoor");
	out->target_kind = case_text(l, s, "bestemming");
	out->target = case_text(l, s, "aan-wie");
	read_verklaring(l, s, out);
	out->meeting = case_time(l, s, "bijeenkomst");
	out->until = case_time(l, s, "tot");
	case_ids(l, s, "uitnodigen", &out->invite);
	out->ground = case_text(l, s, "grond");
	out->granted = yaml_bool(l->y, case_layer(l, s, "verleend"), "verleend", true);
	out->known = yaml_bool(l->y, case_layer(l, s, "bekend"), "bekend", true);
	read_item(l, s, &out->item);
	out->transport = transport;
	if (*transport && !case_fact(transport))
		yaml_fault(l->y, yaml_at(l->y, case_layer(l, s, "transport"), "transport"), "transport: there is no %.40s",
			   transport);
}

/* ---- building ---- */

static uint64_t said_or(uint64_t said, uint64_t otherwise)
{
	return said == CASE_UNSAID ? otherwise : said;
}

static void agenda_body(struct built *b)
{
	const struct table_case *c = b->c;
	uint64_t meeting = said_or(c->meeting, c->now + 7 * DAY_MS);

	b->m.body.agenda = (struct body_agenda){ .meeting_unix_ms = meeting,
						 .until_unix_ms = said_or(c->until, meeting + 14 * DAY_MS),
						 .invite = c->invite };
}

static void verstrekking_body(struct built *b)
{
	const struct table_case *c = b->c;

	b->m.body.verstrekking = (struct body_verstrekking){ .target_kind = c->target_kind, .target = c->target,
							     .verklaring = c->verklaring,
							     .verklaring_unix_ms = c->verklaring_at, .n_sources = 1 };
	b->m.body.verstrekking.sources[0] = SPAN_OF(item_id);
}

void later_body(struct built *b)
{
	const struct table_case *c = b->c;
	struct message *m = &b->m;

	if (m->kind == MESSAGE_MELDING)
		m->body.melding.soort = c->soort;
	else if (m->kind == MESSAGE_TERUGKOPPELING)
		m->body.terugkoppeling = (struct body_terugkoppeling){ c->soort, c->bruikbaar, c->vervolg, c->reason };
	else if (m->kind == MESSAGE_CORRECTIE)
		m->body.correctie = (struct body_correctie){ c->action, c->reason };
	else if (m->kind == MESSAGE_BEVESTIGING)
		m->body.bevestiging.action = c->action;
	else if (m->kind == MESSAGE_INSTEMMINGSVERZOEK)
		m->body.instemmingsverzoek =
			(struct body_instemmingsverzoek){ c->wanted, c->target, said_or(c->until, c->now + 30 * DAY_MS) };
	else if (m->kind == MESSAGE_INSTEMMING)
		m->body.instemming = (struct body_instemming){ c->granted, said_or(c->until, 0) };
	else if (m->kind == MESSAGE_VERSTREKKING)
		verstrekking_body(b);
	else if (m->kind == MESSAGE_AGENDA)
		agenda_body(b);
	else if (m->kind == MESSAGE_HERNIEUWING)
		m->body.hernieuwing = (struct body_hernieuwing){ said_or(c->until, c->now + 400 * DAY_MS), c->ground };
	else if (m->kind == MESSAGE_BEKENDHEIDSANTWOORD)
		m->body.bekendheidsantwoord.known = c->known;
}

/* ---- the earlier message ---- */

static const char *first(const struct text_list *list)
{
	return list->n ? list->v[0] : "";
}

static const char *source_of(const struct table_case *c)
{
	return *c->on_behalf_of ? c->on_behalf_of : c->sender;
}

/* Who answers, confirms or asks about a message received it from whom it now speaks to; who adds or corrects sent it himself. */
static void item_parties(struct built *b, struct header *h)
{
	const struct table_case *c = b->c;
	const bool mine = KIND_BIT(c->kind) & (KIND(AANVULLING) | KIND(CORRECTIE) | KIND(VERSTREKKING));
	const char *source = source_of(c);

	h->sender = c->item.sender ? c->item.sender : mine ? source : first(&c->recipients);
	h->on_behalf_of = "";
	h->recipients = mine ? c->recipients : (struct text_list){ 0 };
	if (c->item.recipients_said)
		h->recipients = c->item.recipients;
	else if (!mine || (c->kind == MESSAGE_VERSTREKKING && c->item.sender))
		build_list(b, &source, 1, &h->recipients);
}

static enum message_kind item_kind(const struct table_case *c)
{
	if (c->item.kind > 0)
		return (enum message_kind)c->item.kind;
	return c->kind == MESSAGE_BEVESTIGING ? MESSAGE_CORRECTIE :
	       c->kind == MESSAGE_INSTEMMING  ? MESSAGE_INSTEMMINGSVERZOEK :
						MESSAGE_ANTWOORD;
}

static void item_parts(struct built *b, struct message *m)
{
	static const struct case_part plain = { .category = "woonsituatie", .basis = "", .wpg = "", .person = "", .date = "",
						.source = "" };
	const struct table_case *c = b->c;
	const bool data = KIND_BIT(m->kind) & (KINDS_SOURCE | KIND(VERSTREKKING));
	const struct case_part *parts = c->item.parts_said ? c->item.parts : c->n_parts ? c->parts : &plain;
	size_t n = c->item.parts_said ? c->item.n_parts : !data ? 0 : c->n_parts ? c->n_parts : 1;

	m->n_parts = 0;
	m->parts = build_room(b, n, sizeof *m->parts);
	for (size_t i = 0; m->parts && i < n; i++) {
		int category = kader_category_index(b->rules->kader, parts[i].category);

		if (category < 0 || !b->rules->kader->categories[category].only_in || c->item.parts_said)
			build_part(b, &parts[i], &m->parts[m->n_parts++]);
	}
	if (m->parts && !m->n_parts && data && !c->item.parts_said)
		build_part(b, &plain, &m->parts[m->n_parts++]);
}

static void item_grants(struct built *b)
{
	const struct case_item *said = &b->c->item;
	const char *word = said->granted_for ? said->granted_for : b->c->target_kind;
	struct item_grant *grant = build_room(b, 1, sizeof *grant);

	if (!grant || said->granted != CASE_SAID)
		return;
	*grant = (struct item_grant){ .by = said->granted_by ? said->granted_by : b->item.message.header.sender,
				      .purpose = word,
				      .target = said->granted_to ? said->granted_to : "",
				      .until_unix_ms = said_or(said->granted_until, 0) };
	b->item.grants = grant;
	b->item.n_grants = 1;
}

static bool names_item(const struct table_case *c)
{
	return KIND_BIT(c->kind) & (KINDS_ABOUT_ITEM | KIND(VERSTREKKING)) &&
	       !(c->kind == MESSAGE_INSTEMMINGSVERZOEK && text_equal(c->wanted, "hernieuwing"));
}

void later_item(struct built *b)
{
	const struct table_case *c = b->c;
	const struct case_item *said = &c->item;
	struct message *m = &b->item.message;

	if (!names_item(c))
		return;
	if (c->kind != MESSAGE_VERSTREKKING)
		b->m.header.in_reply_to = SPAN_OF(item_id);
	b->has_item = said->said != CASE_NONE;
	m->kind = item_kind(c);
	m->header = b->m.header;
	m->header.message_id = SPAN_OF(item_id);
	m->header.in_reply_to = SPAN_NONE;
	item_parties(b, &m->header);
	item_parts(b, m);
	if (m->kind == MESSAGE_CORRECTIE)
		m->body.correctie = (struct body_correctie){ said->action, "" };
	if (m->kind == MESSAGE_INSTEMMINGSVERZOEK)
		m->body.instemmingsverzoek = (struct body_instemmingsverzoek){ said->purpose, said->target, 0 };
	b->item.asked = said->asked;
	b->item.withdrawn = said->withdrawn;
	b->item.suppliers = said->suppliers;
	if (!said->suppliers_said && m->n_parts)
		build_list(b, &m->header.sender, 1, &b->item.suppliers);
	item_grants(b);
}
