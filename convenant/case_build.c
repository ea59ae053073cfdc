/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a case leaves open is filled in so that it is in order: ids, times, the mandate, the circle of the
 * casus, the question behind an answer, the sealing of the parts. Nothing is encrypted: the decision looks at
 * the form of a sealed part and never into it, and the bytes here have that form.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/cases_inside.h"
#include "convenant/rule.h"

#define SECOND_MS UINT64_C(1000)
#define HOUR_MS (3600 * SECOND_MS)
#define DAY_MS (24 * HOUR_MS)

#define PERSON "mdw-0421"

static const uint8_t casus_id[ID_BYTES] = { 0xc0, 1 };
static const uint8_t message_id[ID_BYTES] = { 0x0a, 2 };
static const uint8_t request_id[ID_BYTES] = { 0x0a, 3 };
static const uint8_t exchange_id[ID_BYTES] = { 0xee, 4 };
static const uint8_t noise[64] = { 7, 7, 7 };

static uint64_t before(uint64_t now, uint64_t ms)
{
	return now > ms ? now - ms : 0;
}

static uint64_t said_or(uint64_t said, uint64_t otherwise)
{
	return said == CASE_UNSAID ? otherwise : said;
}

static const char *text_or(const char *said, const char *otherwise)
{
	return said ? said : otherwise;
}

void *build_room(struct built *b, size_t n, size_t size)
{
	void *p = arena_array(b->arena, n ? n : 1, size);

	if (!p)
		b->no_memory = true;
	return p;
}

void build_list(struct built *b, const char *const *words, size_t n, struct text_list *out)
{
	const char **v = build_room(b, n, sizeof *v);

	*out = (struct text_list){ 0 };
	for (size_t i = 0; v && i < n; i++)
		if (*words[i])
			v[out->n++] = words[i];
	out->v = v;
	text_list_sort(out);
}

/* ---- regime and overleg ---- */

static const char *casus_overleg(const struct table_case *c)
{
	return text_or(c->casus.overleg, c->overleg);
}

static const char *regime_of(const struct built *b, const char *overleg)
{
	const struct reg_overleg *row = registry_overleg(b->rules->registry, overleg);

	return row ? regime_name(row->regime) : "";
}

static const char *message_regime(const struct built *b)
{
	const struct table_case *c = b->c;

	return text_or(c->regime, regime_of(b, *c->overleg ? c->overleg : casus_overleg(c)));
}

/* ---- the parts ---- */

static void seal(struct built *b, const struct text_list *recipients, struct part *p)
{
	p->wraps = build_room(b, recipients->n, sizeof *p->wraps);
	for (; p->wraps && p->n_wraps < recipients->n; p->n_wraps++) {
		const char *name = recipients->v[p->n_wraps];
		const struct reg_hoedanigheid *h = registry_hoedanigheid(b->rules->registry, name);

		p->wraps[p->n_wraps] = (struct wrap){
			.recipient = name,
			.key_id = span_of(h && h->n_keys ? h->keys[0].key_id : noise, KEY_ID_BYTES),
			.enc = span_of(noise, 32),
			.sealed_key = span_of(noise, 48),
		};
	}
}

void build_part(struct built *b, const struct case_part *said, struct part *out)
{
	*out = (struct part){
		.header = { .category = said->category,
			    .secrecy_basis = said->basis,
			    .reference_date = said->date,
			    .source = said->source,
			    .wpg_article = said->wpg,
			    .person_category = said->person,
			    .media_type = "application/json",
			    .conditions = said->conditions,
			    .content_commitment = span_of(noise, 32) },
		.suite = PART_SUITE_1,
		.nonce = span_of(noise, 24),
		.commitment = span_of(noise, 32),
		.ciphertext = span_of(noise, sizeof noise),
	};
	seal(b, said->sealed_for_said ? &said->sealed_for : &b->m.header.recipients, out);
}

/* A question always carries its sealed text; a case need not say so. */
static void build_parts(struct built *b)
{
	static const struct case_part question = { .category = "vraag", .basis = "", .wpg = "", .person = "",
						   .date = "", .source = "" };
	const struct table_case *c = b->c;
	bool ask = (c->kind == MESSAGE_VERZOEK || c->kind == MESSAGE_BEKENDHEIDSVRAAG) && !c->parts_said;
	size_t n = ask ? 1 : c->n_parts;

	b->m.parts = build_room(b, n, sizeof *b->m.parts);
	for (; b->m.parts && b->m.n_parts < n; b->m.n_parts++)
		build_part(b, ask ? &question : &c->parts[b->m.n_parts], &b->m.parts[b->m.n_parts]);
}

/* The header names what the parts hold, unless the case says otherwise. */
static void build_categories(struct built *b)
{
	const struct table_case *c = b->c;
	const char **words = build_room(b, c->n_parts, sizeof *words);
	size_t n = 0;

	b->m.header.categories = c->categories;
	if (c->categories_said || !words)
		return;
	for (size_t i = 0; i < c->n_parts; i++) {
		int at = kader_category_index(b->rules->kader, c->parts[i].category);

		if (at < 0 || !b->rules->kader->categories[at].only_in)
			words[n++] = c->parts[i].category;
	}
	build_list(b, words, n, &b->m.header.categories);
}

/* ---- the bodies ---- */

static void build_criteria(const struct table_case *c, struct criterion out[4], size_t *n)
{
	for (size_t i = 0; i < c->criteria.n && i < 4; i++)
		out[(*n)++] = (struct criterion){
			.id = c->criteria.v[i][0],
			.met = !c->met_said || text_list_has(&c->met, c->criteria.v[i]),
			.motivated = true,
		};
}

/* Where a "fase" goes that does not say where: what the kader lets follow first. */
static const char *next_phase(const struct built *b)
{
	const struct casus *casus = &b->casus;

	for (int phase = 0; b->has_casus && phase < PHASE_N; phase++)
		if (b->rules->kader->phases[casus->regime][casus->phase].next >> phase & 1)
			return phase_name((enum phase)phase);
	return phase_name(PHASE_VERZAMELEN);
}

static void build_body(struct built *b)
{
	const struct table_case *c = b->c;
	struct message *m = &b->m;

	if (m->kind == MESSAGE_AANMELDING) {
		m->body.aanmelding = (struct body_aanmelding){ .klasse = c->klasse, .ave = c->ave,
							       .leeftijdsklasse = c->leeftijdsklasse,
							       .gemeenten = c->gemeenten };
		build_criteria(c, m->body.aanmelding.criteria, &m->body.aanmelding.n_criteria);
	} else if (m->kind == MESSAGE_BEOORDELING) {
		m->body.beoordeling.outcome = c->outcome;
		build_criteria(c, m->body.beoordeling.criteria, &m->body.beoordeling.n_criteria);
	} else if (m->kind == MESSAGE_BETREKKEN) {
		m->body.betrekken = (struct body_betrekken){ c->involve, c->release };
	} else if (m->kind == MESSAGE_FASE) {
		m->body.fase = (struct body_fase){ text_or(c->phase, next_phase(b)), c->ave };
	} else if (m->kind == MESSAGE_AFSLUITING) {
		m->body.afsluiting.reason = c->reason;
	} else if (m->kind == MESSAGE_TOESTEMMING) {
		m->body.toestemming = (struct body_toestemming){
			.withdrawn = c->consent_withdrawn,
			.given_unix_ms = said_or(c->consent_given, 0),
			.until_unix_ms = said_or(c->consent_until, 0),
			.categories = c->consent_for,
			.hoedanigheden = c->consent_with,
			.given_by = c->consent_by,
		};
	} else if (m->kind == MESSAGE_GEOPEND) {
		m->body.geopend.message_id = SPAN_OF(request_id);
	} else if (m->kind == MESSAGE_INZAGE) {
		m->body.inzage = (struct body_inzage){ .purpose = c->purpose, .hoedanigheid = "", .code = "",
						       .category = "", .kind = "", .person = "", .grondslag = "",
						       .doel = "", .overleg = "" };
	} else {
		later_body(b);
	}
}

/* ---- the header ---- */

/* Of whom he is a relative or contact goes without saying. */
static const char *default_relation(const char *person_role)
{
	return !*person_role || text_equal(person_role, "betrokkene") ? "" : "betrokkene";
}

static void build_header(struct built *b)
{
	const struct table_case *c = b->c;
	uint64_t created = said_or(c->created, before(c->now, 5 * SECOND_MS));
	bool answer = c->kind == MESSAGE_ANTWOORD || c->kind == MESSAGE_BEKENDHEIDSANTWOORD;

	b->m.kind = c->kind;
	b->m.header = (struct header){
		.message_id = SPAN_OF(message_id),
		.exchange_id = SPAN_OF(exchange_id),
		.in_reply_to = answer ? SPAN_OF(request_id) : SPAN_NONE,
		.casus = KIND_BIT(c->kind) & KINDS_CASUS ? SPAN_OF(casus_id) : SPAN_NONE,
		.created_unix_ms = created,
		.not_after_unix_ms = said_or(c->not_after, created + HOUR_MS),
		.deadline_unix_ms = said_or(c->deadline, 0),
		.sender = c->sender,
		.person = KIND_BIT(c->kind) & KINDS_NODE ? "" : text_or(c->staff.person, PERSON),
		.on_behalf_of = c->on_behalf_of,
		.regime = message_regime(b),
		.grondslag = c->grondslag,
		.doel = c->doel,
		.noodzaak = c->noodzaak,
		.overleg = c->overleg,
		.person_role = c->person_role,
		.related_to = c->related_to ? c->related_to : default_relation(c->person_role),
		.answer_kind = c->answer_kind,
		.recipients = c->recipients,
		.urgent = c->urgent,
	};
	build_categories(b);
}

/* ---- what stands around the message ---- */

static const char *first_class(const struct built *b)
{
	const struct kader *k = b->rules->kader;
	const struct text_list *classes =
		b->c->kind == MESSAGE_INZAGE ? &k->reading_classes : &k->exchange_classes;

	return classes->n ? classes->v[0] : "";
}

static void build_mandate(struct built *b)
{
	const struct case_staff *s = &b->c->staff;
	const struct reg_hoedanigheid *h = registry_hoedanigheid(b->rules->registry, b->c->sender);
	uint64_t now = b->c->now;

	b->has_mandate = s->said != CASE_NONE && !(KIND_BIT(b->c->kind) & KINDS_NODE);
	b->mandate = (struct mandate){
		.person = text_or(s->mandate, b->m.header.person),
		.organisation = text_or(s->organisation, h ? h->organisation : ""),
		.role = "medewerker",
		.klasse = text_or(s->klasse, first_class(b)),
		.hoedanigheden = s->hoedanigheden,
		.screening_unix_ms = said_or(s->screening, before(now, 30 * DAY_MS)),
		.training_unix_ms = said_or(s->training, before(now, 30 * DAY_MS)),
		.from_unix_ms = said_or(s->from, before(now, 30 * DAY_MS)),
		.until_unix_ms = said_or(s->until, now + 365 * DAY_MS),
	};
	memcpy(b->mandate.digest.bytes, noise, sizeof b->mandate.digest.bytes);
	b->m.header.mandate = SPAN_OF(b->mandate.digest.bytes);
	if (!s->hoedanigheden_said)
		build_list(b, &b->c->sender, 1, &b->mandate.hoedanigheden);
}

static void build_consent(const struct table_case *c, struct casus *out)
{
	const char *word = c->casus.consent;

	out->consent = !text_equal(word, "geen");
	if (!out->consent)
		return;
	out->consent_given_unix_ms =
		text_equal(word, "nog-niet") ? c->now + DAY_MS : before(c->now, 10 * DAY_MS);
	out->consent_withdrawn = text_equal(word, "ingetrokken");
	if (text_equal(word, "verlopen"))
		out->consent_until_unix_ms = before(c->now, DAY_MS);
}

/* A house and a verband are of no circle. */
static const char *of_the_circle(const struct built *b, const char *hoedanigheid)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(b->rules->registry, hoedanigheid);
	const struct kader_kind *kind = h ? kader_kind(b->rules->kader, h->kind) : NULL;

	return kind && judge_outside(kind->lid) ? "" : hoedanigheid;
}

/* Who is involved: as said, else who speaks and who is spoken to. */
static void build_circle(struct built *b)
{
	const struct table_case *c = b->c;
	const char *words[MESSAGE_LIST_MAX + 1];
	struct text_list all = c->casus.circle;
	size_t n = 0;

	if (!c->casus.circle_said) {
		words[n++] = of_the_circle(b, *c->on_behalf_of ? c->on_behalf_of : c->sender);
		for (size_t i = 0; i < c->recipients.n && i < MESSAGE_LIST_MAX; i++)
			words[n++] = of_the_circle(b, c->recipients.v[i]);
		build_list(b, words, n, &all);
	}
	for (size_t i = 0; i < all.n && b->casus.n_circle < CASUS_CIRCLE_MAX; i++)
		if (strlen(all.v[i]) < CASUS_TEXT)
			snprintf(b->casus.circle[b->casus.n_circle++], CASUS_TEXT, "%s", all.v[i]);
}

static void put_rows(void *rows, size_t *n, size_t most, size_t size, const struct text_list *words)
{
	for (size_t i = 0; i < words->n && *n < most; i++)
		if (strlen(words->v[i]) < CASUS_TEXT)
			snprintf((char *)rows + (*n)++ * size, CASUS_TEXT, "%s", words->v[i]);
}
#define PUT_ROWS(casus, list, count, words) \
	put_rows((casus)->list, &(casus)->count, N_ELEMENTS((casus)->list), sizeof (casus)->list[0], words)

/* Guests, houses that know him, sources, terms. */
static void build_casus_more(struct built *b)
{
	const struct case_casus *said = &b->c->casus;
	struct casus *casus = &b->casus;

	snprintf(casus->klasse, CASUS_TEXT, "%s", strlen(said->klasse) < CASUS_TEXT ? said->klasse : "");
	PUT_ROWS(casus, invited, n_invited, &said->invited);
	for (size_t i = 0; i < casus->n_invited; i++)
		casus->invited[i].until_unix_ms = said_or(said->invited_until, b->c->now + DAY_MS);
	PUT_ROWS(casus, known, n_known, &said->knowing);
	PUT_ROWS(casus, suppliers, n_suppliers, &said->suppliers);
	for (size_t i = 0; i < casus->n_suppliers; i++)
		casus->suppliers[i].renewed_until_unix_ms =
			text_list_has(&said->agreed, casus->suppliers[i].hoedanigheid) ? UINT64_MAX : 0;
	PUT_ROWS(casus, consent_categories, n_consent_categories, &said->consent_categories);
	PUT_ROWS(casus, consent_partners, n_consent_partners, &said->consent_partners);
	casus->expires_unix_ms = said_or(said->expires, b->c->now + 365 * DAY_MS);
}

/* A casus goes before every message that needs one. */
static bool casus_is_there(const struct table_case *c)
{
	if (c->casus.said == CASE_DEFAULT)
		return (KIND_BIT(c->kind) & KINDS_KNOWN_CASUS) != 0;
	return c->casus.said == CASE_SAID && c->casus.phase != PHASE_GEEN;
}

static void build_casus(struct built *b)
{
	const struct table_case *c = b->c;
	struct casus *casus = &b->casus;
	enum regime regime = regime_find(text_or(c->casus.regime, regime_of(b, casus_overleg(c))));

	b->has_casus = casus_is_there(c);
	memcpy(casus->id, casus_id, ID_BYTES);
	casus->phase = c->casus.phase;
	if (!regime)
		regime = regime_find(message_regime(b));
	casus->regime = regime ? regime : REGIME_WGS;
	snprintf(casus->overleg, CASUS_TEXT, "%s", casus_overleg(c));
	casus->opened_unix_ms = casus->changed_unix_ms = before(c->now, 20 * DAY_MS);
	casus->closed_unix_ms = c->casus.phase == PHASE_AFGESLOTEN ? before(c->now, DAY_MS) : 0;
	build_consent(c, casus);
	build_circle(b);
	build_casus_more(b);
}

/* The question an answer belongs to: put by whom it goes to, to who answers, about what it gives. */
static void build_request(struct built *b)
{
	const struct table_case *c = b->c;
	const struct case_request *q = &c->request;
	struct header *r = &b->request;

	b->has_request = (c->kind == MESSAGE_ANTWOORD || c->kind == MESSAGE_BEKENDHEIDSANTWOORD) && q->said != CASE_NONE;
	*r = b->m.header;
	r->message_id = SPAN_OF(request_id);
	r->in_reply_to = SPAN_NONE;
	r->answer_kind = "";
	r->created_unix_ms = before(c->now, DAY_MS);
	r->sender = text_or(q->sender, c->recipients.n ? c->recipients.v[0] : "");
	r->doel = text_or(q->doel, c->doel);
	r->person_role = text_or(q->person_role, c->person_role);
	r->deadline_unix_ms = said_or(q->deadline, 0);
	if (q->categories_said)
		r->categories = q->categories;
	r->recipients = q->recipients;
	if (!q->recipients_said)
		build_list(b, &c->sender, 1, &r->recipients);
}

/* ---- deciding ---- */

static struct decide_input input_of(const struct built *b)
{
	return (struct decide_input){
		.rules = b->rules,
		.message = &b->m,
		.mandate = b->has_mandate ? &b->mandate : NULL,
		.casus = b->has_casus ? &b->casus : NULL,
		.request = b->has_request ? &b->request : NULL,
		.items = &b->item,
		.n_items = b->has_item,
		.now_unix_ms = b->c->now,
	};
}

static void build(struct built *b)
{
	build_header(b);
	build_mandate(b);
	build_casus(b);
	build_parts(b);
	later_item(b);
	build_body(b);
	build_request(b);
}

/* Reads, builds and decides; everything lives in the arena. */
static int decide_row(const struct case_table *t, const struct case_row *row, const struct rules *rules,
		      struct arena *arena, struct built **out)
{
	struct load l = { .y = t->y, .arena = arena };
	struct table_case *c = arena_alloc(arena, sizeof *c);
	struct built *b = arena_alloc(arena, sizeof *b);
	const struct case_fact *fact;
	struct decide_input in;

	if (!c || !b)
		return err_raise(-ENOMEM);
	case_read(&l, &row->layers, c);
	if (row->phase >= 0) {
		c->casus.said = CASE_SAID;
		c->casus.phase = (enum phase)row->phase;
	}
	b->c = c;
	b->rules = rules;
	b->arena = arena;
	build(b);
	if (l.no_memory || b->no_memory)
		return err_raise(-ENOMEM);
	in = input_of(b);
	convenant_decide(&in, &b->decision);
	fact = case_fact(c->transport);
	if (fact)
		decision_add(&b->decision, fact->code, fact->rule, "", false);
	*out = b;
	return 0;
}

static const char *first_failed(const struct decision *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed)
			return d->findings[i].rule;
	return "";
}

/* "convenant.toestemming" is the rule of any convenant, "drenthe/nazorg.toestemming" that of one. */
static bool rule_is(const char *got, const char *expected)
{
	if (!*expected || text_equal(got, expected))
		return true;
	return strncmp(expected, "convenant.", 10) == 0 && rules_find(got) == rules_find(expected);
}

int cases_run(const struct case_table *t, size_t i, const struct rules *rules, struct case_verdict *out)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LOAD_ARENA_MAX);
	const struct case_row *row = &t->rows[i];
	struct built *b;
	int r;

	if (!arena)
		return err_raise(-ENOMEM);
	r = decide_row(t, row, rules, arena, &b);
	if (r)
		return err_pass(r);
	*out = (struct case_verdict){
		.name = row->name,
		.line = row->line,
		.expected = row->expected,
		.code = b->decision.code,
		.expected_rule = row->expected_rule,
		.rule = first_failed(&b->decision),
	};
	out->passed = out->code == out->expected && rule_is(out->rule, out->expected_rule);
	return 0;
}

int cases_explain(const struct case_table *t, size_t i, const struct rules *rules, const char *language,
		  struct buffer *out)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LOAD_ARENA_MAX);
	struct decide_input in;
	struct built *b;
	int r;

	if (!arena)
		return err_raise(-ENOMEM);
	r = decide_row(t, &t->rows[i], rules, arena, &b);
	if (r)
		return err_pass(r);
	in = input_of(b);
	r = explain_print(&in, &b->decision, language, out);
	return r ? err_pass(r) : 0;
}
