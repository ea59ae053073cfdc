/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Properties of the decision over many made-up messages, from a fixed seed: narrowing never allows more; the order in which people
 * wrote the rows, the locale and the time zone change nothing; the same question gets the same answer. And what holds for each of a
 * kind: every text is searched for a BSN, every category and every party bound to secrecy is asked for its basis.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

#define ROUNDS 12000

static struct house house;
static uint64_t seed;

static size_t pick(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(seed >> 33) % n;
}

/* The convenant of the example, with two volmachten: one between L1 parties, one between L2 parties. */
static struct convenant lent;
static struct volmacht volmachten[2];
static const char *lent_overleg[] = { "ketenkamer" };

static void lend(void)
{
	lent = *house.rules.convenanten[0];
	volmachten[0] = (struct volmacht){ .id = "a", .giver = "zvhd-procesregie", .holder = "om-noord-nederland", .kinds = KINDS_ALL,
					   .overleggen = { 1, lent_overleg }, .categories = house.rules.kader->data,
					   .until_unix_ms = UINT64_MAX, .rule = "drenthe/a.volmacht" };
	volmachten[1] = volmachten[0];
	volmachten[1].id = "b";
	volmachten[1].giver = "ggz-drenthe";
	volmachten[1].holder = "reclassering-3ro";
	volmachten[1].rule = "drenthe/b.volmacht";
	lent.volmachten = volmachten;
	lent.n_volmachten = 2;
}

/* The same message, by who holds the sender's volmacht. */
static void act_for(struct scene *s)
{
	for (size_t i = 0; i < N_ELEMENTS(volmachten); i++)
		if (text_equal(s->m.header.sender, volmachten[i].giver)) {
			const char *klasse = s->mandate.klasse;

			scene_sender(s, volmachten[i].holder);
			s->mandate.klasse = klasse;
			s->m.header.on_behalf_of = volmachten[i].giver;
			return;
		}
}

static const char *const parties[] = { "zvhd-procesregie", "zvhd-nazorg", "politie-noord-nederland", "ggz-drenthe", "dji-pi-noord",
	"gemeente-assen-sociaal-domein", "reclassering-3ro", "om-noord-nederland", "leger-des-heils-welzijn" };
static const char *const categories[] = { "gezondheid", "gezondheid.psychisch", "politiegegevens", "woonsituatie", "bsn",
	"woonsituatie.onderdak", "justitieel", "justitieel.detentieverloop", "inkomen", "zorg", "godsdienst" };
static const char *const bases[] = { "WGS 2.31(1)", "WGS 2.31(3)", "WGS 2.31(5)", "Bjsg 11a bis", "Wpg 20", "" };

/* An allowed message with a few of its properties changed at random; many stay allowed, most do not. */
static void make(struct scene *s)
{
	scenes[pick(SCENES)].make(s, &house);
	s->rules.convenanten[0] = &lent;
	if (pick(4) == 0)
		act_for(s);
	for (size_t i = pick(3); i > 0; i--)
		switch (pick(12)) {
		case 0:
			scene_sender(s, parties[pick(N_ELEMENTS(parties))]);
			break;
		case 1:
			s->m.header.grondslag = bases[pick(N_ELEMENTS(bases))];
			break;
		case 2:
			s->casus.phase = (enum phase)pick(PHASE_N);
			break;
		case 3:
			scene_list(&s->m.header.recipients, s->recipients, parties[pick(N_ELEMENTS(parties))]);
			scene_seal(s);
			break;
		case 4:
			scene_list(&s->m.header.categories, s->categories, categories[pick(N_ELEMENTS(categories))]);
			break;
		case 5:
			s->m.header.person_role = pick(2) ? "gezinslid" : "betrokkene";
			s->m.header.related_to = pick(2) ? "betrokkene" : "";
			break;
		case 6:
			s->casus.consent = pick(2);
			break;
		case 7:
			s->now += pick(20) * DAY_MS;
			break;
		case 9:
			s->m.header.urgent = pick(2);
			s->m.header.deadline_unix_ms = s->m.header.created_unix_ms + pick(48) * 3600000;
			break;
		case 10:
			for (size_t k = 0; k < s->n_items; k++)
				s->items[k].withdrawn = pick(2);
			break;
		case 8:
			s->m.header.doel = pick(2) ? "complexe-casus" : "nazorg";
			break;
		default:
			scene_list(&s->request.categories, s->asked, categories[pick(N_ELEMENTS(categories))]);
			break;
		}
}

struct narrower {
	struct convenant c;
	struct party parties[80];
	struct afspraak rules[16];
	struct overleg_rule overleggen[40];
	struct volmacht volmachten[2];
};

static void narrow_volmacht(struct volmacht *v)
{
	switch (pick(4)) {
	case 0:
		v->kinds &= ~KIND_BIT(1 + pick(MESSAGE_KIND_N - 1));
		break;
	case 1:
		v->until_unix_ms = SCENE_NOW + pick(20) * DAY_MS;
		break;
	case 2:
		v->categories.bits[0] &= ~(UINT64_C(1) << pick(64));
		break;
	default:
		v->overleggen.n = 0;
		break;
	}
}

/* The convenant with one thing less. */
static void narrow(const struct convenant *from, struct narrower *n)
{
	n->c = *from;
	memcpy(n->parties, from->parties, from->n_parties * sizeof *from->parties);
	memcpy(n->rules, from->rules, from->n_rules * sizeof *from->rules);
	memcpy(n->overleggen, from->overleggen, from->n_overleggen * sizeof *from->overleggen);
	for (size_t i = 0; i < from->n_overleggen; i++)
		n->overleggen[i].rule = &n->rules[from->overleggen[i].rule - from->rules];
	n->c.parties = n->parties;
	n->c.rules = n->rules;
	n->c.overleggen = n->overleggen;
	memcpy(n->volmachten, from->volmachten, from->n_volmachten * sizeof *from->volmachten);
	n->c.volmachten = n->volmachten;
	struct afspraak *rule = &n->rules[pick(n->c.n_rules)];

	switch (pick(14)) {
	case 9:
		narrow_volmacht(&n->volmachten[pick(2)]);
		break;
	case 10:
		n->c.n_volmachten = pick(2);
		break;
	case 11:
		n->c.withdrawn_unix_ms = SCENE_NOW + pick(20) * DAY_MS;
		break;
	case 12:
		rule->ask_ms += DAY_MS;
		rule->ask_urgent_ms += 3600000;
		break;
	case 13:
		if (!rule->askers.n)
			rule->askers = (struct text_list){ 1, lent_overleg }; /* somebody else */
		break;
	case 0:
		n->parties[pick(n->c.n_parties)].supplies = (struct code_set){ 0 };
		break;
	case 1:
		rule->categories.bits[0] &= ~(UINT64_C(1) << pick(64));
		break;
	case 2:
		rule->grondslagen.n--;
		break;
	case 3:
		rule->doelen.n--;
		break;
	case 4:
		rule->kinds &= ~KIND_BIT(1 + pick(MESSAGE_KIND_N - 1));
		break;
	case 5:
		rule->consent = true;
		break;
	case 6:
		rule->kring = false;
		break;
	case 7:
		n->c.until_unix_ms = SCENE_NOW + pick(20) * DAY_MS;
		break;
	default:
		n->c.n_parties -= pick(n->c.n_parties);
		break;
	}
}

static void narrowing_never_allows_more(void **state)
{
	static struct scene s;
	static struct narrower n;
	size_t allowed = 0, narrowed = 0;

	(void)state;
	seed = 20261122;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct decision wide, tight, both;

		make(&s);
		scene_decide(&s, &wide);
		narrow(&lent, &n);
		s.rules.convenanten[0] = &n.c;
		scene_decide(&s, &tight);
		/* beside the first, the narrower one governs too: the same as alone */
		s.rules.convenanten[1] = &lent;
		s.rules.n_convenanten = 2;
		scene_decide(&s, &both);
		CHECK(wide.code == CODE_TOEGESTAAN || tight.code != CODE_TOEGESTAAN);
		CHECK(wide.code == CODE_TOEGESTAAN || both.code != CODE_TOEGESTAAN);
		allowed += wide.code == CODE_TOEGESTAAN;
		narrowed += wide.code == CODE_TOEGESTAAN && tight.code != CODE_TOEGESTAAN;
	}
	CHECK(allowed > ROUNDS / 10 && narrowed > ROUNDS / 100); /* the property was really tried */
}

/* ---- one more thing that must hold ---- */

static struct kader stricter;
static const char *forbidding[] = { "niet-verder" };

static void restrict_somehow(struct scene *s)
{
	stricter = *house.rules.kader;
	switch (pick(12)) {
	case 0:
		s->casus.expires_unix_ms = s->now + pick(3) * DAY_MS;
		break;
	case 1:
		s->casus.n_consent_categories = 1;
		snprintf(s->casus.consent_categories[0], CASUS_TEXT, "bsn");
		break;
	case 2:
		s->casus.n_consent_partners = 1;
		snprintf(s->casus.consent_partners[0], CASUS_TEXT, "halt");
		break;
	case 3:
		s->casus.n_invited = 0;
		break;
	case 4:
		for (size_t i = 0; i < s->n_items; i++)
			s->item_parts[i][pick(2)].header.conditions = (struct text_list){ 1, forbidding };
		break;
	case 5:
		for (size_t i = 0; i < s->n_items; i++)
			s->items[i].n_grants = 0;
		break;
	case 6:
		for (size_t i = 0; i < s->n_items; i++)
			s->items[i].withdrawn = true;
		break;
	case 7:
		s->mandate.until_unix_ms = s->now + pick(2);
		break;
	case 8:
		s->request.deadline_unix_ms = s->now - 1 + pick(3);
		break;
	case 9:
		s->casus.suppliers[0].renewed_until_unix_ms = 0;
		break;
	case 10:
		s->casus.n_known = 0;
		break;
	default:
		s->request.categories.n = s->request.categories.n ? s->request.categories.n - 1 : 0;
		break;
	}
}

static void adding_a_check_never_allows(void **state)
{
	static struct scene s;
	size_t stopped = 0;

	(void)state;
	seed = 31;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct decision before, after;

		make(&s);
		scene_decide(&s, &before);
		restrict_somehow(&s);
		scene_decide(&s, &after);
		CHECK(before.code == CODE_TOEGESTAAN || after.code != CODE_TOEGESTAAN);
		stopped += before.code == CODE_TOEGESTAAN && after.code != CODE_TOEGESTAAN;
	}
	CHECK(stopped > ROUNDS / 200);
}

/* A kader with longer terms for answering and shorter ones for itself allows no more either. */
static void stricter_terms_never_allow(void **state)
{
	static struct scene s;
	size_t stopped = 0;

	(void)state;
	seed = 32;
	stricter = *house.rules.kader;
	stricter.terms.ask_ms *= 2;
	stricter.terms.ask_urgent_ms *= 4;
	stricter.terms.invitation_ms /= 4;
	stricter.terms.renewal_months /= 2;
	stricter.lifetime_ms /= 3000;
	for (size_t i = 0; i < ROUNDS / 2; i++) {
		struct convenant of_it = lent;
		struct decision before, after;

		make(&s);
		scene_decide(&s, &before);
		of_it.kader = &stricter;
		s.rules.kader = &stricter;
		s.rules.convenanten[0] = &of_it;
		scene_decide(&s, &after);
		CHECK(before.code == CODE_TOEGESTAAN || after.code != CODE_TOEGESTAAN);
		stopped += before.code == CODE_TOEGESTAAN && after.code != CODE_TOEGESTAAN;
	}
	CHECK(stopped > 20);
}

static bool same(const struct decision *a, const struct decision *b)
{
	if (a->code != b->code || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->findings[i].passed != b->findings[i].passed || !text_equal(a->findings[i].rule, b->findings[i].rule) ||
		    !text_equal(a->findings[i].subject, b->findings[i].subject))
			return false;
	return true;
}

/* The convenant with its parties in reverse, and two keys of the top swapped. */
static void reversed(struct span text, struct buffer *out)
{
	static const char mark[] = "  - hoedanigheid: ";
	const char *begin = memmem(text.ptr, text.len, mark, strlen(mark));
	const char *end = memmem(text.ptr, text.len, "\n# Wat er in welk overleg", 25);
	const char *blocks[128];
	struct buffer swapped;
	size_t n = 0;

	assert_non_null(begin);
	assert_non_null(end);
	for (const char *at = begin; at && at < end; at = memmem(at + 1, (size_t)(end - at - 1), mark, strlen(mark)))
		blocks[n++] = at;
	blocks[n] = end;
	buffer_init(&swapped, 0);
	buffer_bytes(&swapped, span_of(text.ptr, (size_t)((const uint8_t *)begin - text.ptr)));
	for (size_t i = n; i > 0; i--)
		buffer_bytes(&swapped, span_of(blocks[i - 1], (size_t)(blocks[i] - blocks[i - 1])));
	buffer_bytes(&swapped, span_of(end, (size_t)(text.ptr + text.len - (const uint8_t *)end)));
	text_replace(buffer_span(&swapped), "volgnummer: 1\n", "quorum: 2\n", out);
	buffer_fini(&swapped);
	text_replace(buffer_span(out), "gemeld: 2025-03-01}\nquorum: 2", "gemeld: 2025-03-01}\nvolgnummer: 1", &swapped);
	buffer_fini(out);
	*out = swapped;
}

static void order_locale_and_zone_change_nothing(void **state)
{
	static struct scene s;
	struct convenant *other = NULL;
	struct fault_list faults;
	struct buffer text, turned;

	(void)state;
	house_text("convenant", &text);
	reversed(buffer_span(&text), &turned);
	CHECK(!span_equal(buffer_span(&text), buffer_span(&turned)) && text.len == turned.len);
	fault_list_init(&faults, "reversed");
	CHECK_OK(convenant_load(buffer_span(&turned), house.rules.kader, &faults, &other));
	seed = 7;
	for (size_t i = 0; i < ROUNDS / 4; i++) {
		struct decision a, b, c;

		make(&s);
		s.rules.convenanten[0] = house.rules.convenanten[0];
		scene_decide(&s, &a);
		s.rules.convenanten[0] = other;
		scene_decide(&s, &b);
		s.rules.convenanten[0] = house.rules.convenanten[0];
		setenv("TZ", i % 2 ? "Pacific/Kiritimati" : "America/Adak", 1);
		tzset();
		setlocale(LC_ALL, i % 2 ? "tr_TR.UTF-8" : "nl_NL.UTF-8"); /* where they are installed */
		scene_decide(&s, &c);
		setlocale(LC_ALL, "C");
		CHECK(same(&a, &b) && same(&a, &c));
	}
	unsetenv("TZ");
	convenant_free(other);
	buffer_fini(&text);
	buffer_fini(&turned);
}

/* A check that was added and failed refuses, whatever was decided before it. */
static void a_failed_check_never_allows(void **state)
{
	static struct scene s;

	(void)state;
	seed = 99;
	for (size_t i = 0; i < ROUNDS / 10; i++) {
		struct decision d;
		enum code before;

		make(&s);
		scene_decide(&s, &d);
		before = d.code;
		decision_add(&d, CODE_HANDTEKENING_ONGELDIG, "handtekening", "", true);
		assert_int_equal(d.code, before);
		decision_add(&d, CODE_HANDTEKENING_ONGELDIG, "handtekening", "", false);
		assert_int_equal(d.code, before == CODE_TOEGESTAAN ? CODE_HANDTEKENING_ONGELDIG : before);
	}
}

/* ---- each of a kind: every text, every word, every party ---- */

static const struct finding *failure(const struct decision *d, const char *rule, const char *subject)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed && text_equal(d->findings[i].rule, rule) &&
		    (!subject || text_equal(d->findings[i].subject, subject)))
			return &d->findings[i];
	return NULL;
}

static bool fails(const struct scene *s, const char *rule, const char *subject)
{
	struct decision d;

	scene_decide(s, &d);
	return failure(&d, rule, subject) != NULL && d.code != CODE_TOEGESTAAN;
}

static void all_that_is_missing_is_told_at_once(void **state)
{
	static const char *const fields[] = { "recipients", "noodzaak", "categories", "person_role", "deadline", "vraag" };
	static struct scene s;
	struct decision d;

	(void)state;
	scene_verzoek(&s, &house);
	s.m.header.casus = SPAN_NONE;
	s.no_casus = true;
	s.m.header.noodzaak = s.m.header.person_role = "";
	s.m.header.categories.n = s.m.header.recipients.n = s.m.n_parts = 0;
	s.m.header.deadline_unix_ms = 0;
	scene_decide(&s, &d);
	assert_int_equal(d.code, CODE_SCHEMA_ONGELDIG);
	CHECK(failure(&d, "schema.kop", "casus"));
	for (size_t i = 0; i < N_ELEMENTS(fields); i++)
		if (!failure(&d, "schema.verzoek", fields[i]))
			fail_msg("nothing is said of %s", fields[i]);
	/* Without a basis that is told first, and the rest with it. */
	s.m.header.grondslag = s.m.header.doel = "";
	scene_decide(&s, &d);
	assert_int_equal(d.code, CODE_GEEN_GRONDSLAG);
	CHECK(failure(&d, "doel.genoemd", NULL));
	for (size_t i = 0; i < N_ELEMENTS(fields); i++)
		CHECK(failure(&d, "schema.verzoek", fields[i]));
}

static void what_the_law_gives_no_word_for_is_not_exchanged(void **state)
{
	static const char *const words[] = { "godsdienst", "levensovertuiging", "etniciteit", "ras", "politieke-gezindheid", "vakbond",
		"seksuele-gerichtheid", "genetisch", "biometrisch", "nationaliteit", "identificerend.nationaliteit", "politiegegevens.9",
		"politiegegevens.10", "Gezondheid", "" };
	static const char *const articles[] = { "9", "10", "12", "8 ", "08", "" };
	static struct scene s;
	const char *one[1];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(words); i++) {
		one[0] = words[i];
		scene_verzoek(&s, &house);
		s.m.header.categories = (struct text_list){ 1, one };
		CHECK(fails(&s, "categorie.kader", words[i]));
		scene_antwoord(&s, &house);
		s.parts[1].header.category = words[i];
		CHECK(fails(&s, "categorie.kader", words[i]));
	}
	for (size_t i = 0; i < N_ELEMENTS(articles); i++) {
		scene_antwoord_politie(&s, &house);
		s.parts[0].header.wpg_article = articles[i];
		CHECK(fails(&s, "delen.politie", "politiegegevens"));
	}
	for (int i = 0; i < 2; i++) {
		scene_antwoord_politie(&s, &house);
		s.parts[0].header.wpg_article = i ? "13" : "8";
		CHECK(!fails(&s, "delen.politie", NULL));
	}
}

#define BSN_TEXT "over 9999.00.407"

static void bsn_in(struct scene *s, const char **field)
{
	const char *kept = *field;

	*field = BSN_TEXT;
	CHECK(fails(s, "identificatie", NULL));
	*field = kept;
	CHECK(!fails(s, "identificatie", NULL));
}

static void bsn_in_list(struct scene *s, struct text_list *list)
{
	static const char *one[1];
	struct text_list kept = *list;

	one[0] = BSN_TEXT;
	*list = (struct text_list){ 1, one };
	CHECK(fails(s, "identificatie", NULL));
	*list = kept;
}

static void bsn_in_body(struct scene *s)
{
	struct message *m = &s->m;

	if (m->kind == MESSAGE_AANMELDING) {
		bsn_in(s, &m->body.aanmelding.klasse);
		bsn_in(s, &m->body.aanmelding.ave);
		bsn_in(s, &m->body.aanmelding.leeftijdsklasse);
		bsn_in_list(s, &m->body.aanmelding.gemeenten);
	} else if (m->kind == MESSAGE_BEOORDELING) {
		bsn_in(s, &m->body.beoordeling.outcome);
	} else if (m->kind == MESSAGE_BETREKKEN) {
		bsn_in_list(s, &m->body.betrekken.involve);
		bsn_in_list(s, &m->body.betrekken.release);
	} else if (m->kind == MESSAGE_FASE) {
		bsn_in(s, &m->body.fase.phase);
		bsn_in(s, &m->body.fase.ave);
	} else if (m->kind == MESSAGE_AFSLUITING) {
		bsn_in(s, &m->body.afsluiting.reason);
	} else if (m->kind == MESSAGE_TOESTEMMING) {
		bsn_in(s, &m->body.toestemming.given_by);
		bsn_in_list(s, &m->body.toestemming.categories);
		bsn_in_list(s, &m->body.toestemming.hoedanigheden);
	} else if (m->kind == MESSAGE_MELDING) {
		bsn_in(s, &m->body.melding.soort);
	} else if (m->kind == MESSAGE_TERUGKOPPELING) {
		bsn_in(s, &m->body.terugkoppeling.soort);
		bsn_in(s, &m->body.terugkoppeling.bruikbaar);
		bsn_in(s, &m->body.terugkoppeling.vervolg);
		bsn_in(s, &m->body.terugkoppeling.reden);
	} else if (m->kind == MESSAGE_CORRECTIE) {
		bsn_in(s, &m->body.correctie.action);
		bsn_in(s, &m->body.correctie.reason);
	} else if (m->kind == MESSAGE_BEVESTIGING) {
		bsn_in(s, &m->body.bevestiging.action);
	} else if (m->kind == MESSAGE_INSTEMMINGSVERZOEK) {
		bsn_in(s, &m->body.instemmingsverzoek.purpose);
		bsn_in(s, &m->body.instemmingsverzoek.target);
	} else if (m->kind == MESSAGE_VERSTREKKING) {
		bsn_in(s, &m->body.verstrekking.target_kind);
		bsn_in(s, &m->body.verstrekking.target);
		bsn_in(s, &m->body.verstrekking.verklaring);
	} else if (m->kind == MESSAGE_AGENDA) {
		bsn_in_list(s, &m->body.agenda.invite);
	} else if (m->kind == MESSAGE_HERNIEUWING) {
		bsn_in(s, &m->body.hernieuwing.ground);
	} else if (m->kind == MESSAGE_INZAGE) {
		bsn_in(s, &m->body.inzage.person);
		bsn_in(s, &m->body.inzage.grondslag);
		bsn_in(s, &m->body.inzage.doel);
		bsn_in(s, &m->body.inzage.overleg);
		bsn_in(s, &m->body.inzage.purpose);
		bsn_in(s, &m->body.inzage.hoedanigheid);
		bsn_in(s, &m->body.inzage.code);
		bsn_in(s, &m->body.inzage.category);
		bsn_in(s, &m->body.inzage.kind);
		bsn_in(s, &m->body.inzage.person);
		bsn_in(s, &m->body.inzage.grondslag);
		bsn_in(s, &m->body.inzage.doel);
		bsn_in(s, &m->body.inzage.overleg);
	}
}

/* Whatever field of whatever message it stands in. */
static void no_text_in_the_open_names_a_person(void **state)
{
	static struct scene s;

	(void)state;
	for (size_t i = 0; i < SCENES; i++) {
		struct header *h = &s.m.header;
		const char **fields[] = { &h->sender, &h->person, &h->on_behalf_of, &h->regime, &h->grondslag, &h->doel, &h->noodzaak,
			&h->overleg, &h->person_role, &h->related_to, &h->answer_kind };

		scenes[i].make(&s, &house);
		for (size_t k = 0; k < N_ELEMENTS(fields); k++)
			bsn_in(&s, fields[k]);
		bsn_in_list(&s, &h->recipients);
		bsn_in_list(&s, &h->categories);
		bsn_in_body(&s);
		for (size_t k = 0; k < s.m.n_parts; k++) {
			struct part_header *p = &s.parts[k].header;
			const char **of_part[] = { &p->category, &p->secrecy_basis, &p->reference_date, &p->source, &p->wpg_article,
				&p->person_category, &p->media_type };

			for (size_t j = 0; j < N_ELEMENTS(of_part); j++)
				bsn_in(&s, of_part[j]);
			bsn_in_list(&s, &p->conditions);
		}
	}
}

/* Every kind of party that is bound to secrecy, every category that falls under it. */
static void secrecy_is_asked_of_all_who_are_bound(void **state)
{
	static const char *const secret[] = { "gezondheid", "gezondheid.verslaving", "zorg", "zorg.indicatie", "hulpverlening.behandeling" };
	static const char *const grounds[] = { "toestemming", "wettelijke-plicht", "wettelijk-recht", "goed-hulpverlenerschap" };
	const struct registry *r = house.rules.registry;
	static struct scene s;
	size_t bound = 0, free_to = 0;

	(void)state;
	for (size_t i = 0; i < r->n_hoedanigheden; i++) {
		const struct kader_kind *kind = kader_kind(house.rules.kader, r->hoedanigheden[i].kind);

		if (kind->lid == LID_DERDE)
			continue;
		for (size_t c = 0; c < N_ELEMENTS(secret); c++) {
			scene_antwoord(&s, &house);
			scene_sender(&s, r->hoedanigheden[i].id);
			s.parts[0].header.category = secret[c];
			s.parts[0].header.secrecy_basis = "";
			assert_int_equal(fails(&s, "delen.beroepsgeheim", secret[c]), kind->secrecy_bound);
			for (size_t b = 0; b < N_ELEMENTS(grounds); b++) {
				s.parts[0].header.secrecy_basis = grounds[b];
				CHECK(!fails(&s, "delen.beroepsgeheim", NULL));
			}
			s.parts[0].header.secrecy_basis = "omdat het handig is";
			CHECK(fails(&s, "delen.beroepsgeheim", secret[c]));
		}
		bound += kind->secrecy_bound;
		free_to += !kind->secrecy_bound;
	}
	CHECK(bound > 10 && free_to > 5);
}

/* No, not known, and not now need no data, no basis and no consent. */
static void declining_is_always_allowed(void **state)
{
	static scene_make_fn *const makers[] = { scene_antwoord, scene_antwoord_politie, scene_nazorg_antwoord };
	static const char *const kinds[] = { "WEIGERING", "NIET_BEKEND", "LATER" };
	static struct scene s;
	struct decision d;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(makers); i++)
		for (size_t k = 0; k < N_ELEMENTS(kinds); k++) {
			makers[i](&s, &house);
			s.m.header.answer_kind = kinds[k];
			s.m.n_parts = s.m.header.categories.n = 0;
			s.m.header.person_role = "";
			s.casus.consent = false;
			scene_decide(&s, &d);
			assert_int_equal(d.code, CODE_TOEGESTAAN);
		}
}

/* Spoed shortens the term that a question leaves, and skips no check: all that is found besides is the same. */
static void spoed_skips_no_check(void **state)
{
	static struct scene s;
	size_t refused = 0, hastened = 0;

	(void)state;
	seed = 5;
	for (size_t i = 0; i < ROUNDS / 2; i++) {
		struct decision calm, urgent;
		bool term;

		make(&s);
		s.m.header.urgent = false;
		scene_decide(&s, &calm);
		s.m.header.urgent = true;
		scene_decide(&s, &urgent);
		assert_int_equal(calm.n, urgent.n);
		for (size_t k = 0; k < calm.n; k++) {
			assert_string_equal(calm.findings[k].rule, urgent.findings[k].rule);
			term = text_equal(calm.findings[k].rule, "termijn.redelijk");
			CHECK(calm.findings[k].passed == urgent.findings[k].passed || (term && urgent.findings[k].passed));
			hastened += calm.findings[k].passed != urgent.findings[k].passed;
		}
		refused += calm.code != CODE_TOEGESTAAN;
	}
	CHECK(refused > ROUNDS / 20 && hastened > 10);
}

/* To have a seat at the table now and then gives no sight of a casus: not to be asked, not to ask, not to answer. */
static void an_agendadeelnemer_is_invited_first(void **state)
{
	const struct reg_overleg *o = registry_overleg(house.rules.registry, "nazorg");
	static struct scene s;
	const char *one[1];

	(void)state;
	CHECK(o && o->agenda.n > 3);
	for (size_t i = 0; i < o->agenda.n; i++) {
		one[0] = o->agenda.v[i];
		for (int invited = 0; invited < 2; invited++) {
			scene_nazorg_verzoek(&s, &house);
			scene_circle(&s, "dji-pi-noord zvhd-nazorg");
			if (invited) {
				snprintf(s.casus.circle[0], CASUS_TEXT, "%s", one[0]);
				snprintf(s.casus.circle[1], CASUS_TEXT, "zvhd-nazorg");
			}
			s.m.header.recipients = (struct text_list){ 1, one };
			scene_seal(&s);
			assert_int_equal(fails(&s, "casus.ontvanger", one[0]), !invited);
			CHECK(!fails(&s, "overleg.deelnemer", NULL));
			scene_sender(&s, one[0]);
			assert_int_equal(fails(&s, "casus.betrokken", one[0]), !invited);
		}
	}
}

/* One organisation, two tasks: what is for the one is not for the other, nor by whom. */
static void a_capacity_is_not_its_organisation(void **state)
{
	static const char welzijn[] = "leger-des-heils-welzijn", reclassering[] = "leger-des-heils-reclassering";
	const struct registry *r = house.rules.registry;
	static struct scene s;

	(void)state;
	assert_string_equal(registry_hoedanigheid(r, welzijn)->organisation, registry_hoedanigheid(r, reclassering)->organisation);
	scene_verzoek(&s, &house);
	scene_circle(&s, "leger-des-heils-welzijn zvhd-procesregie");
	scene_list(&s.m.header.recipients, s.recipients, reclassering);
	scene_seal(&s);
	CHECK(fails(&s, "casus.ontvanger", reclassering));
	scene_list(&s.m.header.recipients, s.recipients, welzijn);
	CHECK(fails(&s, "delen.verzegeld", "vraag")); /* sealed to the other one's key */
	scene_seal(&s);
	CHECK(!fails(&s, "delen.verzegeld", NULL) && !fails(&s, "casus.ontvanger", NULL));

	scene_antwoord(&s, &house);
	scene_circle(&s, "leger-des-heils-reclassering leger-des-heils-welzijn zvhd-procesregie");
	scene_list(&s.request.recipients, s.asked_of, welzijn);
	scene_sender(&s, welzijn);
	CHECK(!fails(&s, "antwoord.gevraagd", NULL));
	scene_sender(&s, reclassering);
	CHECK(fails(&s, "antwoord.gevraagd", ""));
	s.covers[0] = welzijn; /* a mandate for the one, a message as the other */
	CHECK(fails(&s, "medewerker.hoedanigheid", reclassering));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(narrowing_never_allows_more),
		cmocka_unit_test(adding_a_check_never_allows),
		cmocka_unit_test(stricter_terms_never_allow),
		cmocka_unit_test(order_locale_and_zone_change_nothing),
		cmocka_unit_test(a_failed_check_never_allows),
		cmocka_unit_test(all_that_is_missing_is_told_at_once),
		cmocka_unit_test(what_the_law_gives_no_word_for_is_not_exchanged),
		cmocka_unit_test(no_text_in_the_open_names_a_person),
		cmocka_unit_test(secrecy_is_asked_of_all_who_are_bound),
		cmocka_unit_test(declining_is_always_allowed),
		cmocka_unit_test(spoed_skips_no_check),
		cmocka_unit_test(an_agendadeelnemer_is_invited_first),
		cmocka_unit_test(a_capacity_is_not_its_organisation),
	};
	int failed;

	house_open(&house);
	lend();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
