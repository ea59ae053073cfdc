/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Properties of the decision over many made-up messages, from a fixed seed: narrowing never allows more; the order in which people
 * wrote the rows, the locale and the time zone change nothing; the same question gets the same answer.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "convenant/inside.h"
#include "tests/unit/convenant/scene.h"

#define ROUNDS 6000

static struct house house;
static uint64_t seed;

static size_t pick(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(seed >> 33) % n;
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
	for (size_t i = pick(3); i > 0; i--)
		switch (pick(10)) {
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
			s->m.header.person_role = pick(2) ? "kring" : "betrokkene";
			break;
		case 6:
			s->casus.consent = pick(2);
			break;
		case 7:
			s->now += pick(20) * DAY_MS;
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
};

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
	struct afspraak *rule = &n->rules[pick(n->c.n_rules)];

	switch (pick(9)) {
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
		rule->kinds &= ~KIND_BIT(1 + pick(8));
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
		narrow(house.rules.convenanten[0], &n);
		s.rules.convenanten[0] = &n.c;
		scene_decide(&s, &tight);
		/* beside the first, the narrower one governs too: the same as alone */
		s.rules.convenanten[1] = house.rules.convenanten[0];
		s.rules.n_convenanten = 2;
		scene_decide(&s, &both);
		CHECK(wide.code == CODE_TOEGESTAAN || tight.code != CODE_TOEGESTAAN);
		CHECK(wide.code == CODE_TOEGESTAAN || both.code != CODE_TOEGESTAAN);
		allowed += wide.code == CODE_TOEGESTAAN;
		narrowed += wide.code == CODE_TOEGESTAAN && tight.code != CODE_TOEGESTAAN;
	}
	CHECK(allowed > ROUNDS / 10 && narrowed > ROUNDS / 100); /* the property was really tried */
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
	text_replace(buffer_span(out), "(WGS 1.8(6), BGS 1.13)\nquorum: 2", "(WGS 1.8(6), BGS 1.13)\nvolgnummer: 1", &swapped);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(narrowing_never_allows_more),
		cmocka_unit_test(order_locale_and_zone_change_nothing),
		cmocka_unit_test(a_failed_check_never_allows),
	};
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
