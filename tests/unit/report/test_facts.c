/* SPDX-License-Identifier: EUPL-1.2 */
/* What the records say of casussen, questions and persons. */
#include "tests/unit/report/lines.h"

#include "client/report/facts.h"

#define T(n) "2026-11-2" #n "T08:00:00.000Z"
#define DAY UINT64_C(86400000)

static struct facts *facts_of(const struct report_log *l)
{
	struct facts *f = NULL;

	CHECK_OK(facts_new(l, &f));
	return f;
}

static void test_casus(void **state)
{
	static const char *const lines[] = {
		MSG(0, T(0), "aanmelding", ",\"casus\":\"k1\",\"sender\":\"politie\",\"regime\":\"WGS\",\"overleg\":\"ketenkamer\","
					   "\"detail\":[\"klasse=pga\",\"gemeenten=GM0106,GM0114\",\"leeftijdsklasse=<18\"]"),
		MSG(1, T(1), "beoordeling", ",\"casus\":\"k1\",\"detail\":[\"uitkomst=in-behandeling\"]"),
		MSG(2, T(2), "beoordeling", ",\"casus\":\"nobody\",\"detail\":[\"uitkomst=advies\"]"),
		"{\"index\":3,\"time\":\"" T(3) "\",\"kind\":\"BERICHT\",\"code\":\"DEELNEMER_ONBEVOEGD\",\"type\":\"afsluiting\",\"casus\":\"k1\"}",
		MSG(4, T(4), "aanmelding", ",\"casus\":\"k2\""),
		MSG(5, T(5), "afsluiting", ",\"casus\":\"k1\",\"detail\":[\"reden=doel bereikt\"]"),
		REC(6, T(6), "\"kind\":\"VERNIETIGD\",\"type\":\"casus\",\"casus\":\"k1\""),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	CLEANUP(facts_freep) struct facts *f = facts_of(l);
	const struct fact_casus *c = &f->casussen[0];

	(void)state;
	assert_int_equal(f->n_casussen, 2);
	assert_string_equal(c->klasse, "pga");
	assert_string_equal(c->age, "<18");
	assert_string_equal(c->outcome, "in-behandeling");
	assert_string_equal(c->reason, "doel bereikt");
	assert_int_equal(c->gemeenten.n, 2);
	assert_string_equal(c->gemeenten.v[1], "GM0114");
	assert_int_equal(c->closed_ms, l->v[5].unix_ms); /* the refused one closed nothing */
	assert_int_equal(c->destroyed_ms, l->v[6].unix_ms);
	assert_int_equal(c->n_messages, 3);
	assert_string_equal(f->casussen[1].klasse, "");
	assert_int_equal(f->casussen[1].gemeenten.n, 0);
}

static void test_questions(void **state)
{
	static const char *const lines[] = {
		MSG(0, T(0), "verzoek", ",\"message_id\":\"v\",\"sender\":\"z\",\"recipient\":[\"a\",\"b\",\"c\"],\"deadline\":5"),
		REC(1, T(1), "\"kind\":\"AFGELEVERD\",\"type\":\"verzoek\",\"message_id\":\"v\",\"sender\":\"b\""),
		MSG(2, T(2), "antwoord", ",\"message_id\":\"x\",\"in_reply_to\":\"v\",\"sender\":\"a\",\"answer_kind\":\"LATER\""),
		MSG(3, T(3), "antwoord", ",\"message_id\":\"y\",\"in_reply_to\":\"v\",\"sender\":\"a\",\"answer_kind\":\"GEGEVENS\""),
		"{\"index\":4,\"time\":\"" T(4) "\",\"kind\":\"TERMIJN\",\"code\":\"TERMIJN_VERSTREKEN\",\"type\":\"verzoek\",\"message_id\":\"v\","
		"\"rule_failed\":[\"TERMIJN_VERSTREKEN termijn.antwoord b\",\"TERMIJN_VERSTREKEN termijn.bezorging c\"]}",
		"{\"index\":5,\"time\":\"" T(5) "\",\"kind\":\"BERICHT\",\"code\":\"TERMIJN_VERSTREKEN\",\"type\":\"antwoord\",\"in_reply_to\":\"v\","
		"\"sender\":\"b\",\"answer_kind\":\"GEGEVENS\"}",
		MSG(6, T(6), "antwoord", ",\"message_id\":\"q\",\"in_reply_to\":\"other\",\"sender\":\"a\",\"answer_kind\":\"GEGEVENS\""),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	CLEANUP(facts_freep) struct facts *f = facts_of(l);
	const struct fact_question *q = f->questions;

	(void)state;
	assert_int_equal(f->n_questions, 3);
	assert_int_equal(q[0].answered_ms, l->v[3].unix_ms); /* LATER is no answer yet */
	assert_string_equal(q[0].answer_kind, "GEGEVENS");
	assert_int_equal(q[1].delivered_ms, l->v[1].unix_ms);
	CHECK(q[1].overdue && !q[0].overdue && !q[2].overdue); /* not delivered is not unanswered */
	CHECK(!q[1].answered_ms);                                /* refused answers do not count */
}

static void test_persons(void **state)
{
	static const char *const lines[] = {
		REC(0, T(0),
			"\"kind\":\"TOELATING\",\"type\":\"mandaat\",\"organisation\":\"om\",\"role\":\"liaison\",\"detail\":[\"medewerker=m-1\","
			     "\"ingetrokken=nee\",\"klasse=uitvoering\",\"hoedanigheden=a,b\",\"screening=2026-01-01\",\"tot=2027-01-01\"]"),
		MSG(1, T(1), "verzoek", ",\"person\":\"m-1\",\"organisation\":\"om\""),
		MSG(2, T(2), "verzoek", ",\"person\":\"m-1\",\"organisation\":\"politie\""), /* the same pseudonym, another person */
		"{\"index\":3,\"time\":\"" T(3) "\",\"kind\":\"BERICHT\",\"code\":\"GEEN_DOEL\","
		"\"type\":\"verzoek\",\"person\":\"m-1\",\"organisation\":\"om\"}",
		REC(4, T(4),
			"\"kind\":\"TOELATING\",\"type\":\"mandaat\",\"organisation\":\"om\",\"detail\":[\"medewerker=m-1\",\"ingetrokken=ja\"]"),
		REC(5, T(5), "\"kind\":\"TOELATING\",\"type\":\"uitnodiging\",\"detail\":[\"organisatie=x\"]"),
	};
	CLEANUP(report_log_freep) struct report_log *l = LOG_OF(lines);
	CLEANUP(facts_freep) struct facts *f = facts_of(l);

	(void)state;
	assert_int_equal(f->n_persons, 2);
	assert_string_equal(f->persons[0].organisation, "om");
	assert_int_equal(f->persons[0].n_acts, 2);
	assert_int_equal(f->persons[0].n_refused, 1);
	assert_int_equal(f->persons[0].granted_ms, l->v[0].unix_ms);
	assert_int_equal(f->persons[0].withdrawn_ms, l->v[4].unix_ms);
	assert_int_equal(f->persons[0].last_ms, l->v[3].unix_ms);
	assert_int_equal(f->persons[1].granted_ms, 0);
}

static void test_nothing(void **state)
{
	CLEANUP(report_log_freep) struct report_log *l = NULL;
	CLEANUP(facts_freep) struct facts *f = NULL;

	(void)state;
	CHECK_OK(report_log_new(&l));
	f = facts_of(l);
	assert_int_equal(f->n_casussen + f->n_questions + f->n_persons, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_casus), cmocka_unit_test(test_questions), cmocka_unit_test(test_persons), cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
