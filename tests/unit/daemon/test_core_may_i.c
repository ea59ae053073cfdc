/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "May I?" and the house agree. Random messages of every kind, by whoever and about whatever, are decided twice: by a node, with
 * what it fetched (rules, casus, items) and convenant_decide(), and by the house, which sends a receipt. The same code, the same
 * failures, in the same order; what only the house can know stands in beside_the_rules below.
 *
 * Two things a node can't know and so are not tried: that a casus exists it is not on (an aanmelding under its id), and, for another
 * house, the phase of a casus of this one, which it never sees.
 */
#include "tests/unit/daemon/core_say.h"

#include <string.h>

#include "base/text.h"
#include "convenant/decide.h"
#include "convenant/rules.h"
#include "proto/note.h"

#define MESSAGES 1000
#define KEPT 40

static const char *const beside_the_rules[] = { "transport.knooppunt", "antwoord.eenmaal", "bevestiging.eenmaal", "instemming.aantal",
						"geopend.ontvanger" };

static struct world w;
static struct rules rules; /* as a node holds them */
static uint64_t dice_state;
static uint8_t casussen[4][ID_BYTES]; /* nazorg, two of the WGS, and one that does not exist */
static uint8_t kept[KEPT][ID_BYTES];  /* of accepted messages, */
static uint8_t kept_casus[KEPT];      /* in which of those */
static enum message_kind kept_kind[KEPT];
static size_t n_kept, n_allowed, n_refused, allowed_of[MESSAGE_KIND_N];

static uint64_t dice(uint64_t n)
{
	dice_state ^= dice_state >> 12;
	dice_state ^= dice_state << 25;
	dice_state ^= dice_state >> 27;
	return (dice_state * UINT64_C(2685821657736338717) >> 33) % n;
}

#define PICK(list) (list)[dice(N_ELEMENTS(list))]

/* Half of the messages are made with care, and fail only by what became of the casus; in the others anything may be wrong. */
static bool wild;

static bool slip(uint64_t n)
{
	return wild && dice(n) == 0;
}

/* ---- what a node knows ---- */

static void rules_fetch(void)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(WIRE_ARENA_BYTES);
	const struct in *in = world_fetch(&w, GGZ, 5, "rules", SPAN_NONE, 0, "");
	struct fault_list faults;
	struct rules_reply reply;
	struct span text, lines;

	fault_list_init(&faults, "rules");
	CHECK_OK(rules_reply_decode(buffer_span(&in->body), arena, &reply));
	CHECK_OK(note_split(reply.kader, &text, &lines));
	CHECK_OK(kader_load(text, &faults, &rules.kader));
	CHECK_OK(note_split(reply.reg, &text, &lines));
	CHECK_OK(registry_load(text, &faults, &rules.registry));
	for (size_t i = 0; i < reply.n_convenanten; i++) {
		CHECK_OK(note_split(reply.convenanten[i], &text, &lines));
		CHECK_OK(convenant_load(text, rules.kader, &faults, &rules.convenanten[i]));
		rules.n_convenanten++;
	}
}

static void may_i(int node, const struct message *m, struct arena *arena, struct decision *out)
{
	static struct casus casus;
	static struct casus_item items[MESSAGE_SOURCES_MAX], earlier;
	CLEANUP(arena_freep) struct arena *mandates = arena_new(1u << 20);
	struct decide_input in = { .rules = &rules, .message = m, .items = items, .now_unix_ms = w.unix_ms };
	struct fault_list faults;
	struct mandate mandate;
	const struct in *note = world_fetch(&w, node, 90 + (uint64_t)node, "mandate", m->header.mandate, 0, "");

	fault_list_init(&faults, "mandaat");
	if (note->verb == WIRE_REPLY && mandate_open(buffer_span(&note->body), rules.registry, mandates, &faults, &mandate) == MANDATE_OK)
		in.mandate = &mandate;
	if (m->header.casus.len && casus_shown(&w, node, 90 + (uint64_t)node, m->header.casus, m->header.sender, &casus))
		in.casus = &casus;
	if (item_shown(&w, node, 90 + (uint64_t)node, m->header.in_reply_to, m->header.sender, arena, &earlier)) {
		if (message_answers(m->kind, earlier.message.kind))
			in.request = &earlier.message.header;
		else if (earlier.message.kind != MESSAGE_VERZOEK)
			items[in.n_items++] = earlier;
	}
	for (size_t i = 0; m->kind == MESSAGE_VERSTREKKING && i < m->body.verstrekking.n_sources; i++)
		in.n_items += item_shown(&w, node, 90 + (uint64_t)node, m->body.verstrekking.sources[i], m->header.sender, arena, &items[in.n_items]);
	convenant_decide(&in, out);
}

/* ---- any message ---- */

static void list_any(struct text_list *list, const char **store, const char *const *words, size_t n, size_t most)
{
	*list = (struct text_list){ 0, store };
	for (size_t i = dice(most + 1); i > 0; i--)
		store[list->n++] = words[dice(n)];
	text_list_sort(list);
}

static const char *const people[] = { "zvhd-nazorg", "dji-pi-noord", "politie-noord-nederland", "reclassering-3ro", "ggz-drenthe",
				      "gemeente-assen-sociaal-domein", "zvh-fryslan" };
static const char *const categories[] = { "woonsituatie", "woonsituatie.onderdak", "justitieel.detentieverloop", "inkomen",
					  "gezondheid", "identificerend.contact", "zorg", "hobby" };

static void body_casus(struct draft *d)
{
	static const char *const klassen[] = { "nazorg", "maatwerk", "advies", "melding", "iets" };
	const bool wgs = text_equal(d->m.header.regime, "WGS");
	static const char *const phases[] = { "VERZAMELEN", "CASUSOVERLEG", "UITVOERING", "IN_BEHANDELING", "ergens" };
	static const char *const outcomes[] = { "in-behandeling", "niet-in-behandeling", "advies", "later" };
	struct message *m = &d->m;

	switch ((int)m->kind) {
	case MESSAGE_AANMELDING:
		m->body.aanmelding = (struct body_aanmelding){ .klasse = wild ? PICK(klassen) : klassen[wgs], .ave = "", .leeftijdsklasse = "" };
		if (wgs != slip(4))
			draft_motivate(&w, d);
		break;
	case MESSAGE_BEOORDELING:
		m->body.beoordeling.outcome = PICK(outcomes);
		if (!slip(4))
			draft_motivate(&w, d);
		break;
	case MESSAGE_BETREKKEN:
		list_any(&m->body.betrekken.involve, d->involve, people, N_ELEMENTS(people) - !wild, 2);
		list_any(&m->body.betrekken.release, d->release, people, N_ELEMENTS(people), dice(3) == 0);
		break;
	case MESSAGE_FASE:
		m->body.fase = (struct body_fase){ phases[wild ? dice(5) : dice(3)], dice(3) ? "" : "2" };
		break;
	case MESSAGE_AFSLUITING:
		m->body.afsluiting.reason = dice(3) && wild ? "verzonnen" : "doel-bereikt";
		break;
	case MESSAGE_TOESTEMMING:
		m->body.toestemming = (struct body_toestemming){ .withdrawn = dice(6) == 0, .given_unix_ms = w.unix_ms - dice(2),
								 .given_by = slip(5) ? "buurman" : "betrokkene" };
		list_any(&m->body.toestemming.hoedanigheden, d->release, people, N_ELEMENTS(people), dice(4) == 0 ? 3 : 0);
		break;
	case MESSAGE_AGENDA:
		m->body.agenda.meeting_unix_ms = w.unix_ms + DAY_MS;
		m->body.agenda.until_unix_ms = w.unix_ms + (wild ? dice(50) : 2) * DAY_MS;
		list_any(&m->body.agenda.invite, d->involve, people, N_ELEMENTS(people) - !wild, 2);
		break;
	case MESSAGE_HERNIEUWING:
		m->body.hernieuwing = (struct body_hernieuwing){ w.unix_ms + dice(1000) * DAY_MS, dice(3) ? "open-complex" : "zomaar" };
		break;
	default:
		break;
	}
}

static void body_about(struct draft *d)
{
	static const char *const targets[] = { "deelnemer", "deelnemer", "huis", "derde", "iedereen" };
	static const char *const purposes[] = { "huis", "derde", "hernieuwing", "verkoop" };
	static const char *const notices[] = { "vrijlating", "verlof", "weer" };
	struct message *m = &d->m;

	switch ((int)m->kind) {
	case MESSAGE_MELDING:
		m->body.melding.soort = notices[dice(2 + wild)];
		break;
	case MESSAGE_TERUGKOPPELING:
		m->body.terugkoppeling = (struct body_terugkoppeling){ "monitoring", "ja", slip(2) ? "nee" : "ja",
								       slip(2) ? "niet-nodig" : "" };
		break;
	case MESSAGE_CORRECTIE:
		m->body.correctie = (struct body_correctie){ m->n_parts ? "verbeterd" : "ingetrokken", slip(5) ? "zomaar" : "onjuist" };
		break;
	case MESSAGE_BEVESTIGING:
		m->body.bevestiging.action = slip(2) ? "verbeterd" : "vernietigd";
		break;
	case MESSAGE_INSTEMMINGSVERZOEK:
		m->body.instemmingsverzoek = (struct body_instemmingsverzoek){ purposes[dice(3 + wild)], "", w.unix_ms + DAY_MS };
		if (!slip(4) && text_equal(m->body.instemmingsverzoek.purpose, "hernieuwing"))
			m->header.in_reply_to = SPAN_NONE;
		break;
	case MESSAGE_INSTEMMING:
		m->body.instemming = (struct body_instemming){ dice(3) != 0, 0 };
		break;
	case MESSAGE_VERSTREKKING:
		m->body.verstrekking = (struct body_verstrekking){ .target_kind = targets[dice(wild ? 5 : 2)], .target = "", .verklaring = "" };
		if (text_equal(m->body.verstrekking.target_kind, "derde")) {
			m->body.verstrekking.target = "woningcorporaties-drenthe";
			m->body.verstrekking.verklaring = slip(3) ? "" : "gv-12";
			m->body.verstrekking.verklaring_unix_ms = w.unix_ms - DAY_MS;
		}
		for (size_t i = 1 + dice(2); i > 0 && n_kept; i--) {
			memcpy(d->acks[i], slip(2) ? kept[dice(n_kept)] : d->reply_to, ID_BYTES);
			m->body.verstrekking.sources[m->body.verstrekking.n_sources++] = SPAN_OF(d->acks[i]);
		}
		break;
	case MESSAGE_BEKENDHEIDSANTWOORD:
		m->body.bekendheidsantwoord.known = m->n_parts > 0;
		break;
	default:
		break;
	}
}

/* What fits most often, or nothing would ever be allowed; and now and then anything. */
static const char *grondslag(enum message_kind kind)
{
	static const char *const any[] = { "WGS 2.31(3)", "WGS 2.28(2)", "WGS 1.7(1)", "BGS 1.7", "WGS 9.9", "" };

	if (slip(6))
		return PICK(any);
	switch ((int)kind) {
	case MESSAGE_AANMELDING:
		return "WGS 2.31(1)";
	case MESSAGE_BEOORDELING:
		return "WGS 2.31(2)";
	case MESSAGE_BETREKKEN:
		return "WGS 2.31(4)";
	case MESSAGE_AFSLUITING:
		return "WGS 2.31(8)";
	case MESSAGE_TERUGKOPPELING:
		return "WGS 1.7(4)";
	case MESSAGE_CORRECTIE:
	case MESSAGE_BEVESTIGING:
		return "BGS 1.7";
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_INSTEMMING:
		return dice(2) ? "WGS 1.7(3)" : "BGS 1.16(2)";
	case MESSAGE_VERSTREKKING:
		return "WGS 1.7(1)";
	case MESSAGE_HERNIEUWING:
		return "BGS 1.16(2)";
	case MESSAGE_BEKENDHEIDSVRAAG:
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return "WGS 2.28(1)";
	default:
		return "WGS 2.31(5)";
	}
}

static void parts_any(struct draft *d)
{
	const enum message_kind kind = d->m.kind;

	if (kind == MESSAGE_VERZOEK || kind == MESSAGE_BEKENDHEIDSVRAAG || (kind == MESSAGE_INSTEMMINGSVERZOEK && dice(2))) {
		draft_part(&w, d, slip(8) ? "woonsituatie" : "vraag");
		return;
	}
	if (kind == MESSAGE_AANMELDING || kind == MESSAGE_BEOORDELING || slip(6) || text_equal(d->m.header.answer_kind, "NIET_BEKEND"))
		return;
	if (kind == MESSAGE_ANTWOORD || kind == MESSAGE_MELDING || kind == MESSAGE_AANVULLING || kind == MESSAGE_VERSTREKKING ||
	    kind == MESSAGE_BEKENDHEIDSANTWOORD || kind == MESSAGE_CORRECTIE || slip(12))
		for (size_t i = 0; i < d->m.header.categories.n && i < 2; i++)
			draft_part(&w, d, d->m.header.categories.v[i]);
}

/* What a message of this kind is about; MESSAGE_KIND_N: about none. */
static enum message_kind wanted(enum message_kind kind)
{
	switch ((int)kind) {
	case MESSAGE_ANTWOORD:
		return MESSAGE_VERZOEK;
	case MESSAGE_BEVESTIGING:
		return MESSAGE_CORRECTIE;
	case MESSAGE_INSTEMMING:
		return MESSAGE_INSTEMMINGSVERZOEK;
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return MESSAGE_BEKENDHEIDSVRAAG;
	case MESSAGE_GEOPEND:
	case MESSAGE_AANVULLING:
	case MESSAGE_TERUGKOPPELING:
	case MESSAGE_CORRECTIE:
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_VERSTREKKING:
		return MESSAGE_MELDING;
	default:
		return MESSAGE_KIND_N;
	}
}

static size_t about_any(enum message_kind kind)
{
	const enum message_kind wants = wanted(kind);
	size_t i = dice(n_kept);

	for (size_t k = 0; k < n_kept && !slip(8); k++)
		if (kept_kind[(i + k) % n_kept] == wants)
			return (i + k) % n_kept;
	return i;
}

static void header_any(struct draft *d, size_t at)
{
	static const char *const answers[] = { "GEGEVENS", "DEELS", "NIET_BEKEND", "WEIGERING", "LATER", "MISSCHIEN" };
	const enum message_kind kind = d->m.kind;
	struct header *h = &d->m.header;

	if (at == 1 || at == 2 || (at == 3 && dice(2)))
		draft_wgs(d, grondslag(kind));
	if (slip(20))
		h->doel = "nieuwsgierigheid";
	if (slip(25))
		h->overleg = "ketenkamer";
	h->noodzaak = slip(15) ? "alles over 999990019" : "wat voor de terugkeer geregeld moet zijn";
	h->person_role = slip(8) ? dice(2) ? "gezinslid" : "buurman" : "betrokkene";
	h->related_to = dice(3) && text_equal(h->person_role, "gezinslid") ? "betrokkene" : "";
	h->answer_kind = kind == MESSAGE_ANTWOORD ? wild ? PICK(answers) : answers[dice(3)] : "";
	h->deadline_unix_ms = kind == MESSAGE_VERZOEK ? w.unix_ms + (wild ? dice(60) : 30) * 3600000 : 0;
	h->urgent = dice(3) == 0;
	if (slip(12))
		h->on_behalf_of = PICK(people);
	if (slip(10))
		h->not_after_unix_ms = w.unix_ms - 1;
	list_any(&h->recipients, d->recipients, people, N_ELEMENTS(people) - !wild, 3);
	for (size_t i = 0; !wild && i < h->recipients.n; i++)
		if (text_equal(d->recipients[i], h->sender) || kind == MESSAGE_FASE || kind == MESSAGE_TOESTEMMING)
			d->recipients[i--] = d->recipients[--h->recipients.n];
	text_list_sort(&h->recipients);
	if (!wild && !h->recipients.n && (kind == MESSAGE_VERZOEK || kind == MESSAGE_MELDING)) {
		d->recipients[0] = people[text_equal(h->sender, people[2]) ? 0 : 2];
		h->recipients.n = 1;
	}
	if (kind == MESSAGE_BEKENDHEIDSVRAAG && !slip(3)) {
		d->recipients[0] = "zvh-fryslan";
		h->recipients.n = 1;
	}
	if (kind == MESSAGE_BETREKKEN || kind == MESSAGE_FASE || text_equal(h->answer_kind, "NIET_BEKEND"))
		return;
	list_any(&h->categories, d->categories, categories, wild ? N_ELEMENTS(categories) : 2, 2);
	if (!wild && !h->categories.n)
		list_any(&h->categories, d->categories, categories, 1, 1);
	if (!wild && kind != MESSAGE_VERZOEK && kind != MESSAGE_ANTWOORD && kind != MESSAGE_MELDING && kind != MESSAGE_AANVULLING &&
	    kind != MESSAGE_CORRECTIE && kind != MESSAGE_VERSTREKKING)
		h->categories.n = 0;
}

/* Who answers, confirms or agrees mostly is who was asked, and says it to who asked. */
static int sender_any(enum message_kind kind, const struct casus_item *earlier, bool has_earlier)
{
	const bool back = kind == MESSAGE_ANTWOORD || kind == MESSAGE_BEVESTIGING || kind == MESSAGE_INSTEMMING ||
			  kind == MESSAGE_TERUGKOPPELING || kind == MESSAGE_BEKENDHEIDSANTWOORD || kind == MESSAGE_GEOPEND;
	const char *who = !has_earlier			     ? NULL :
			  back && earlier->message.header.recipients.n ?
				  earlier->message.header.recipients.v[dice(earlier->message.header.recipients.n)] :
				  earlier->message.header.sender;

	for (int node = 0; who && !slip(6) && node < WORLD_NODES; node++)
		if (text_equal(w.nodes[node].hoedanigheden[0], who))
			return node;
	return dice(3) ? ZVHD : (int)dice(WORLD_NODES);
}

/* Mostly to all who got what it is about, or back to who sent it. */
static void address(struct draft *d, const struct casus_item *earlier, int node)
{
	const struct header *h = &earlier->message.header;
	const bool mine = text_equal(h->sender, w.nodes[node].hoedanigheden[0]);
	struct text_list *to = &d->m.header.recipients;

	if (slip(6) || d->m.kind == MESSAGE_VERSTREKKING)
		return;
	to->n = 0;
	for (size_t i = 0; mine && i < h->recipients.n && i < 8; i++)
		for (size_t k = 0; k < N_ELEMENTS(people); k++) /* words that last */
			if (text_equal(people[k], h->recipients.v[i]))
				d->recipients[to->n++] = people[k];
	for (size_t k = 0; !mine && k < N_ELEMENTS(people); k++)
		if (text_equal(people[k], h->sender))
			d->recipients[to->n++] = people[k];
}

static bool is_kept(enum message_kind kind)
{
	for (size_t i = 0; i < n_kept; i++)
		if (kept_kind[i] == kind)
			return true;
	return kind == MESSAGE_KIND_N;
}

static enum message_kind kind_any(void)
{
	enum message_kind kind;

	do
		kind = (enum message_kind)(1 + dice(MESSAGE_KIND_N - 1));
	while (message_signed_by_node(kind) || kind == MESSAGE_INZAGE || (kind == MESSAGE_AFSLUITING && dice(8)) ||
	       (kind == MESSAGE_BETREKKEN && dice(2)) || (kind == MESSAGE_AANMELDING && dice(3)) ||
	       (!wild && !is_kept(wanted(kind))));
	return kind;
}

static void draft_any(struct draft *d, size_t *casus, int *node, struct arena *arena)
{
	struct casus_item earlier;
	enum message_kind kind;
	size_t about = 0;
	bool has_earlier = false;

	wild = dice(2);
	kind = kind_any();
	*casus = wild ? dice(4) : dice(3);
	if (n_kept) {
		about = about_any(kind);
		for (int i = 0; i < WORLD_NODES && !has_earlier; i++)
			has_earlier = item_shown(&w, i, 90 + (uint64_t)i, SPAN_OF(kept[about]), "", arena, &earlier);
		if (wanted(kind) != MESSAGE_KIND_N && !slip(8))
			*casus = kept_casus[about];
	}
	*node = sender_any(kind, &earlier, has_earlier);
	if (*node == FRYSLAN)
		*node = POLITIE;
	draft_begin(&w, d, kind, *node, casussen[*casus]);
	header_any(d, *casus);
	if (has_earlier && (wanted(kind) != MESSAGE_KIND_N) != slip(8)) {
		memcpy(d->reply_to, kept[about], ID_BYTES);
		d->m.header.in_reply_to = SPAN_OF(d->reply_to);
		for (size_t i = 0; i < ID_BYTES; i++)
			d->exchange[i] = (uint8_t)~kept[about][i];
		address(d, &earlier, *node);
	}
	if (kind == MESSAGE_GEOPEND && n_kept)
		d->m.body.geopend.message_id = SPAN_OF(kept[about]);
	parts_any(d);
	body_casus(d);
	body_about(d);
}

/* ---- both ---- */

static bool is_beside(const char *rule)
{
	for (size_t i = 0; i < N_ELEMENTS(beside_the_rules); i++)
		if (text_equal(beside_the_rules[i], rule))
			return true;
	return false;
}

static const struct finding *next_failure(const struct decision *d, size_t *i)
{
	while (*i < d->n)
		if (!d->findings[(*i)++].passed)
			return &d->findings[*i - 1];
	return NULL;
}

static void differ(const struct message *m, const struct decision *mine, const struct statement *theirs)
{
	for (size_t i = 0; i < mine->n; i++)
		if (!mine->findings[i].passed)
			print_message("node   %s %s %s\n", code_name(mine->findings[i].code), mine->findings[i].rule, mine->findings[i].subject);
	for (size_t i = 0; i < theirs->n; i++)
		print_message("house  %s %s %s\n", code_name(theirs->findings[i].code), theirs->findings[i].rule,
			      theirs->findings[i].subject);
	fail_msg("%s of %s: node and house differ", message_kind_name(m->kind), m->header.sender);
}

/* What names a person is told by its rule and the field alone. */
static bool same_subject(const struct finding *mine, const struct statement_finding *theirs, bool careful)
{
	return text_equal(mine->subject, theirs->subject) || (careful && !*theirs->subject) || strlen(mine->subject) > REGISTER_ID_MAX;
}

static void agree(const struct message *m, const struct decision *mine, const struct receipt *r)
{
	const struct statement *s = &r->statement;
	const struct finding *failure = NULL;
	bool careful = false;
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++)
		careful |= s->findings[i].code == CODE_IDENTIFICATIE_IN_METADATA;
	for (size_t i = 0; i < s->n; i++) {
		if (is_beside(s->findings[i].rule))
			continue;
		failure = next_failure(mine, &at);
		if (!failure || failure->code != s->findings[i].code || !text_equal(failure->rule, s->findings[i].rule) ||
		    !same_subject(failure, &s->findings[i], careful))
			differ(m, mine, s);
	}
	if (s->n < STATEMENT_FINDINGS_MAX && next_failure(mine, &at))
		differ(m, mine, s);
	if (mine->code != CODE_TOEGESTAAN && r->entry.code != mine->code)
		differ(m, mine, s);
	if (mine->code == CODE_TOEGESTAAN && r->entry.code != CODE_TOEGESTAAN && !is_beside(s->findings[0].rule))
		differ(m, mine, s);
}

static void one(size_t i)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	static struct decision mine;
	struct envelope e;
	struct message m;
	struct receipt r;
	struct draft d;
	const char *why;
	size_t casus;
	int node;

	draft_any(&d, &casus, &node, arena);
	if (d.m.kind == MESSAGE_AANMELDING || (d.m.kind == MESSAGE_MELDING && casus == 3))
		env_random(&w.env, d.casus, ID_BYTES);
	draft_sign(&d, &envelope);
	CHECK_OK(envelope_decode(buffer_span(&envelope), arena, &e));
	if (message_decode(d.m.kind, e.payload, arena, &m, &why) != MESSAGE_OK)
		return; /* not to be sent by any client */
	may_i(node, &m, arena, &mine);
	world_forget(&w);
	world_take(&w, node, 90 + (uint64_t)node, WIRE_SUBMIT, i, buffer_span(&envelope));
	world_round(&w);
	world_receipt(&w, world_answer(&w, i, WIRE_RECEIPT), arena, &r);
	agree(&m, &mine, &r);
	if (r.entry.code != CODE_TOEGESTAAN) {
		n_refused++;
		return;
	}
	n_allowed++;
	allowed_of[m.kind]++;
	if (m.kind == MESSAGE_GEOPEND || !span_equal(m.header.casus, SPAN_OF(casussen[casus])))
		return;
	memcpy(kept[n_kept % KEPT], d.id, ID_BYTES);
	kept_casus[n_kept % KEPT] = (uint8_t)casus;
	kept_kind[n_kept % KEPT] = m.kind;
	n_kept += n_kept < KEPT;
	if (n_kept == KEPT) { /* an old one makes room */
		size_t out = dice(KEPT);

		memcpy(kept[out], d.id, ID_BYTES);
		kept_casus[out] = (uint8_t)casus;
		kept_kind[out] = m.kind;
	}
}

static void casussen_make(void)
{
	world_casus(&w, casussen[0]);
	world_wgs(&w, casussen[1], "CASUSOVERLEG");
	world_wgs(&w, casussen[2], dice(2) ? "IN_BEHANDELING" : "VERZAMELEN");
	env_random(&w.env, casussen[3], ID_BYTES);
	n_kept = 0;
}

static void test_may_i(void **state)
{
	size_t kinds = 0;

	(void)state;
	dice_state = 0x9e3779b97f4a7c15;
	world_begin(&w, 41, NULL);
	rules_fetch();
	for (size_t i = 0; i < MESSAGES; i++) {
		if (i % 150 == 0)
			casussen_make();
		one(20000 + i);
		world_pass(&w, dice(1800000));
		world_round(&w);
	}
	for (int kind = 1; kind < MESSAGE_KIND_N; kind++)
		kinds += allowed_of[kind] > 0;
	print_message("%zu allowed, of %zu kinds; %zu refused\n", n_allowed, kinds, n_refused);
	/* Agreement on refusals alone would say little. */
	CHECK(n_allowed > MESSAGES / 12);
	CHECK(kinds >= 14);
	rules_fini(&rules);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_may_i) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
