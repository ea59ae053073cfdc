/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Plays a year of a house through the real core: from a table of casussen (tests/data/drenthe-2020/casussen.csv) to the records that an
 * officer reads of it, one JSON line each.   play_year CASUSSEN.csv [RECORDS.jsonl]
 *
 * Every row is signed messages by the parties of its time, decided by the core under a dated copy of the kader and the convenant, with
 * a clock that walks day by day; what comes out is asked of the core by the officer, page by page, as in life. Only the fields that
 * reports count are written. The course (verloop) of a row says which exchange follows its assessment:
 *
 *   uitvraag    asked, delivered, opened, answered in time       laat    answered after the deadline: refused
 *   geen        never answered                                   later   LATER, then answered
 *   weigering   declined                                         spoed   as uitvraag, with spoed
 *   verboden    asked for what the partner may not supply: refused
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client/lib/record_view.h"
#include "tests/unit/daemon/core_draft.h"

#include <jansson.h>

#define ROWS_MAX 1000
#define START UINT64_C(1546329600000) /* 2019-01-01T08:00:00Z */
#define DAYS 731
#define HOUR_MS UINT64_C(3600000)

enum { OM = 6, GGD, VEILIG_THUIS, JB_NOORD, LEGER_DES_HEILS, VNN, PARTIES_OTHER };

static const struct world_party parties[] = {
	{ "zvhd-1", "zvhd", { "zvhd-procesregie", "zvhd-toezicht" }, "procesregisseur" },
	{ "dji-1", "dji", { "dji-pi-noord" }, "liaison" },
	{ "politie-1", "politie", { "politie-noord-nederland" }, "liaison" },
	{ "reclassering-1", "reclassering-nederland", { "reclassering-3ro" }, "liaison" },
	{ "ggz-1", "ggz-drenthe", { "ggz-drenthe" }, "medewerker" },
	{ "assen-1", "gemeente-assen", { "gemeente-assen-veiligheid", "gemeente-assen-sociaal-domein" }, "medewerker" },
	[OM] = { "om-1", "om", { "om-noord-nederland" }, "liaison" },
	[GGD] = { "ggd-1", "ggd-drenthe", { "ggd-drenthe" }, "medewerker" },
	[VEILIG_THUIS] = { "vt-1", "veilig-thuis-drenthe", { "veilig-thuis-drenthe" }, "medewerker" },
	[JB_NOORD] = { "jb-1", "jb-noord", { "jb-noord-jeugdreclassering" }, "medewerker" },
	[LEGER_DES_HEILS] = { "ldh-1", "leger-des-heils", { "leger-des-heils-welzijn" }, "medewerker" },
	[VNN] = { "vnn-1", "vnn", { "vnn-behandeling" }, "medewerker" },
	{ "aah-1", "gemeente-aa-en-hunze", { "gemeente-aa-en-hunze-veiligheid", "gemeente-aa-en-hunze-sociaal-domein" }, "medewerker" },
	{ "bo-1", "gemeente-borger-odoorn", { "gemeente-borger-odoorn-veiligheid", "gemeente-borger-odoorn-sociaal-domein" }, "medewerker" },
	{ "coe-1", "gemeente-coevorden", { "gemeente-coevorden-veiligheid", "gemeente-coevorden-sociaal-domein" }, "medewerker" },
	{ "emm-1", "gemeente-emmen", { "gemeente-emmen-veiligheid", "gemeente-emmen-sociaal-domein" }, "medewerker" },
	{ "hoo-1", "gemeente-hoogeveen", { "gemeente-hoogeveen-veiligheid", "gemeente-hoogeveen-sociaal-domein" }, "medewerker" },
	{ "mep-1", "gemeente-meppel", { "gemeente-meppel-veiligheid", "gemeente-meppel-sociaal-domein" }, "medewerker" },
	{ "mid-1", "gemeente-midden-drenthe", { "gemeente-midden-drenthe-veiligheid", "gemeente-midden-drenthe-sociaal-domein" }, "medewerker" },
	{ "noo-1", "gemeente-noordenveld", { "gemeente-noordenveld-veiligheid", "gemeente-noordenveld-sociaal-domein" }, "medewerker" },
	{ "tyn-1", "gemeente-tynaarlo", { "gemeente-tynaarlo-veiligheid", "gemeente-tynaarlo-sociaal-domein" }, "medewerker" },
	{ "wes-1", "gemeente-westerveld", { "gemeente-westerveld-veiligheid", "gemeente-westerveld-sociaal-domein" }, "medewerker" },
	{ "wol-1", "gemeente-de-wolden", { "gemeente-de-wolden-veiligheid", "gemeente-de-wolden-sociaal-domein" }, "medewerker" },
};

/* One row of the table, and how far it has come. */
struct row {
	char *day, *by, *overleg, *klasse, *gemeenten, *age, *outcome, *closed, *course;
	uint64_t notified_ms, closed_ms;
	int step;
	uint64_t due_ms; /* of the next step; 0: done but for closing */
	bool is_closed;
	uint8_t casus[ID_BYTES], question[ID_BYTES], answer[ID_BYTES];
};

static struct world w;
static struct row rows[ROWS_MAX];
static size_t n_rows;
static uint64_t correlation = 20000;

static const char procesregie[] = "zvhd-procesregie";
static const char asked[] = "politie-noord-nederland";

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static int node_of(const char *hoedanigheid)
{
	for (size_t i = 0; i < N_ELEMENTS(parties); i++)
		for (size_t k = 0; k < 4 && parties[i].hoedanigheden[k]; k++)
			if (is(parties[i].hoedanigheden[k], hoedanigheid))
				return (int)i;
	fail_msg("nobody of this year is %s", hoedanigheid);
	return -1;
}

/* ---- the table ---- */

static uint64_t day_ms(const char *date)
{
	uint64_t unix_ms = 0;

	if (*date && !time_decode(span_of_text(date), &unix_ms))
		fail_msg("\"%s\" is no date", date);
	return unix_ms;
}

static void read_rows(const char *path)
{
	static struct buffer file;
	char *save = NULL;

	CHECK_OK(file_read(path, 1u << 20, &file));
	buffer_u8(&file, 0);
	strtok_r((char *)file.ptr, "\n", &save);
	for (char *line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct row *r = &rows[n_rows];
		char **cells[] = { &r->day, &r->by, &r->overleg, &r->klasse, &r->gemeenten, &r->age, &r->outcome, &r->closed, &r->course };

		CHECK(n_rows < ROWS_MAX);
		for (size_t i = 0; i < N_ELEMENTS(cells); i++)
			*cells[i] = strsep(&line, ",");
		CHECK(r->course && !line);
		/* At nine o'clock, a minute apart: no two at one moment. */
		r->notified_ms = day_ms(r->day) + 8 * HOUR_MS + n_rows % 240 * 60000;
		r->closed_ms = *r->closed ? day_ms(r->closed) + 15 * HOUR_MS + n_rows % 60 * 60000 : 0;
		r->due_ms = r->notified_ms;
		n_rows++;
	}
}

/* ---- messages ---- */

static void begin(struct draft *d, enum message_kind kind, const char *sender, struct row *r)
{
	bool wgs = is(r->overleg, "ketenkamer");

	draft_begin(&w, d, kind, node_of(sender), r->casus);
	d->m.header.sender = sender;
	d->m.header.overleg = r->overleg;
	d->m.header.regime = wgs ? "WGS" : "OVERIG";
	d->m.header.doel = wgs ? "complexe-casus" : is(r->overleg, "lpco") ? "leerplicht" : "veelplegers";
	d->m.header.grondslag = wgs ? "WGS 2.31(3)" : is(r->overleg, "lpco") ? "Leerplichtwet 1969 16" : "Wpg 20";
}

/* What the core says of it; the message must be decided as the row wants. */
static void submit(struct draft *d, uint8_t *id, enum code expected, const struct row *r)
{
	int code;

	if (id)
		memcpy(id, d->id, ID_BYTES);
	draft_submit(&w, d, 900, ++correlation);
	world_round(&w);
	code = world_receipt_code(&w, correlation);
	if (code != (int)expected) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
		struct receipt receipt;

		world_receipt(&w, world_answer(&w, correlation, WIRE_RECEIPT), arena, &receipt);
		fail_msg("%s of %s by %s: %s %s %s", message_kind_name(d->m.kind), r->day, r->by, code_name((enum code)code),
			 receipt.statement.n ? receipt.statement.findings[0].rule : "",
			 	receipt.statement.n ? receipt.statement.findings[0].subject : "");
	}
	world_forget(&w);
}

static void acknowledge(const char *hoedanigheid, const uint8_t id[ID_BYTES], const struct row *r)
{
	struct draft d;

	draft_ack(&w, &d, node_of(hoedanigheid), id, 1);
	d.m.header.sender = hoedanigheid;
	submit(&d, NULL, CODE_TOEGESTAAN, r);
}

static size_t split(char *text, const char **out, size_t max)
{
	size_t n = 0;
	char *save = NULL;

	for (char *word = strtok_r(text, " ", &save); word && n < max; word = strtok_r(NULL, " ", &save))
		out[n++] = word;
	return n;
}

static void notify(struct row *r)
{
	const char *gemeenten[8];
	bool wgs = is(r->overleg, "ketenkamer"), other = wgs && !is(r->by, procesregie);
	uint8_t id[ID_BYTES];
	char places[64];
	struct draft d;

	env_random(&w.env, r->casus, ID_BYTES);
	begin(&d, MESSAGE_AANMELDING, r->by, r);
	if (wgs)
		d.m.header.grondslag = "WGS 2.31(1)";
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = r->klasse, .ave = "", .leeftijdsklasse = r->age, .gemeenten = { 0, gemeenten } };
	snprintf(places, sizeof places, "%s", r->gemeenten);
	d.m.body.aanmelding.gemeenten.n = split(places, gemeenten, N_ELEMENTS(gemeenten));
	if (wgs)
		draft_to(&d, other ? procesregie : asked);
	if (wgs && !is(r->klasse, "advies") && !is(r->klasse, "informatievraag")) /* those are anonymous: nothing to motivate */
		draft_motivate(&w, &d);
	submit(&d, id, CODE_TOEGESTAAN, r);
	if (wgs)
		acknowledge(other ? procesregie : asked, id, r);
}

static void assess(struct row *r)
{
	const char *to = is(r->by, procesregie) ? asked : r->by;
	uint8_t id[ID_BYTES];
	struct draft d;

	begin(&d, MESSAGE_BEOORDELING, procesregie, r);
	d.m.header.grondslag = "WGS 2.31(2)";
	d.m.body.beoordeling.outcome = r->outcome;
	draft_to(&d, to);
	draft_motivate(&w, &d);
	submit(&d, id, CODE_TOEGESTAAN, r);
	acknowledge(to, id, r);
}

static void collect(struct row *r)
{
	struct draft d;

	begin(&d, MESSAGE_BETREKKEN, procesregie, r);
	d.m.header.grondslag = "WGS 2.31(4)";
	d.involve[0] = asked;
	d.m.body.betrekken.involve = (struct text_list){ 1, d.involve };
	submit(&d, NULL, CODE_TOEGESTAAN, r);
	begin(&d, MESSAGE_FASE, procesregie, r);
	d.m.body.fase = (struct body_fase){ .phase = "VERZAMELEN", .ave = "" };
	submit(&d, NULL, CODE_TOEGESTAAN, r);
}

static void ask(struct row *r)
{
	bool forbidden = is(r->course, "verboden");
	struct draft d;

	begin(&d, MESSAGE_VERZOEK, procesregie, r);
	d.m.header.noodzaak = "voorbereiding van het casusoverleg";
	d.m.header.person_role = "betrokkene";
	d.m.header.urgent = is(r->course, "spoed");
	d.m.header.deadline_unix_ms = w.unix_ms + (d.m.header.urgent ? 2 : 14) * DAY_MS;
	draft_to(&d, asked);
	draft_categories(&d, forbidden ? "gezondheid.psychisch" : "woonsituatie.overlast");
	draft_part(&w, &d, "vraag");
	submit(&d, r->question, forbidden ? CODE_CATEGORIE_NIET_TOEGESTAAN : CODE_TOEGESTAAN, r);
	if (!forbidden)
		acknowledge(asked, r->question, r);
}

static void answer(struct row *r, const char *kind)
{
	struct draft d;

	begin(&d, MESSAGE_ANTWOORD, asked, r);
	memcpy(d.reply_to, r->question, ID_BYTES);
	d.m.header.in_reply_to = SPAN_OF(d.reply_to);
	for (size_t i = 0; i < ID_BYTES; i++)
		d.exchange[i] = (uint8_t)~r->question[i]; /* as draft_begin() named that of the question */
	d.m.header.answer_kind = kind;
	draft_to(&d, procesregie);
	if (is(kind, "GEGEVENS")) {
		draft_categories(&d, "woonsituatie.overlast");
		draft_part(&w, &d, "woonsituatie.overlast");
	}
	submit(&d, r->answer, is(r->course, "laat") ? CODE_TERMIJN_VERSTREKEN : CODE_TOEGESTAAN, r);
	if (is(r->course, "laat"))
		return;
	acknowledge(procesregie, r->answer, r);
	begin(&d, MESSAGE_GEOPEND, procesregie, r);
	d.m.header.regime = d.m.header.doel = d.m.header.grondslag = d.m.header.overleg = "";
	d.m.header.casus = SPAN_NONE;
	d.m.body.geopend.message_id = SPAN_OF(r->answer);
	submit(&d, NULL, CODE_TOEGESTAAN, r);
}

static void close_casus(struct row *r)
{
	struct draft d;

	begin(&d, MESSAGE_AFSLUITING, procesregie, r);
	d.m.header.grondslag = "WGS 2.31(8)";
	d.m.body.afsluiting.reason = is(r->klasse, "advies") ? "advies-gegeven" :
				      is(r->klasse, "informatievraag") ? "niet-langer-nodig" : "doel-bereikt";
	submit(&d, NULL, CODE_TOEGESTAAN, r);
	r->is_closed = true;
}

/* ---- the course of a row ---- */

enum { STEP_NOTIFY = 0, STEP_ASSESS, STEP_COLLECT, STEP_ASK, STEP_ANSWER, STEP_ANSWER_AFTER };

static uint64_t after_days(const struct row *r, unsigned days)
{
	return r->due_ms + days * DAY_MS;
}

static void answer_step(struct row *r)
{
	if (is(r->course, "later") && r->step == STEP_ANSWER) {
		answer(r, "LATER");
		r->due_ms = after_days(r, 9);
		r->step = STEP_ANSWER_AFTER;
		return;
	}
	answer(r, is(r->course, "weigering") ? "WEIGERING" : "GEGEVENS");
	r->due_ms = 0;
}

static void step(struct row *r)
{
	switch (r->step) {
	case STEP_NOTIFY:
		notify(r);
		r->due_ms = *r->outcome ? after_days(r, 7) : 0;
		break;
	case STEP_ASSESS:
		assess(r);
		r->due_ms = *r->course ? after_days(r, 1) : 0;
		break;
	case STEP_COLLECT:
		collect(r);
		r->due_ms = after_days(r, 1);
		break;
	case STEP_ASK:
		ask(r);
		r->due_ms = is(r->course, "verboden") || is(r->course, "geen") ? 0
			    : after_days(r, is(r->course, "laat") ? 18 : is(r->course, "spoed") ? 1 : 4);
		break;
	default:
		answer_step(r);
		return;
	}
	r->step++;
}

/* What comes first of all rows: a step, or a closing. NULL: nothing before that moment. */
static struct row *next_of(uint64_t before_ms)
{
	struct row *first = NULL;
	uint64_t at = before_ms;

	for (size_t i = 0; i < n_rows; i++) {
		struct row *r = &rows[i];
		uint64_t due = r->due_ms ? r->due_ms : r->closed_ms && !r->is_closed ? r->closed_ms : 0;

		if (due && due < at) {
			first = r;
			at = due;
		}
	}
	return first;
}

static void move_clock(uint64_t unix_ms)
{
	if (unix_ms > w.unix_ms)
		world_pass(&w, unix_ms - w.unix_ms);
	world_round(&w);
	world_forget(&w);
}

static void play(void)
{
	for (unsigned day = 1; day <= DAYS; day++) {
		uint64_t evening = START + day * DAY_MS;
		struct row *r;

		while ((r = next_of(evening))) {
			move_clock(r->due_ms ? r->due_ms : r->closed_ms);
			if (r->due_ms)
				step(r);
			else
				close_casus(r);
		}
		move_clock(evening);
	}
}

/* ---- the officer reads ---- */

static const char *const counted[] = { "index", "kind", "code", "time", "type", "message_id", "in_reply_to", "casus", "sender", "organisation",
				       "person", "role", "recipient", "regime", "grondslag", "doel", "overleg", "category", "answer_kind",
				       "deadline", "urgent", "rule_failed", "detail" };

static void put_record(const struct log_record *record, struct arena *arena, FILE *out)
{
	bool sound;
	char *text = record_view(record, false, arena, &sound), *line;
	json_t *whole = json_loads(text ? text : "", 0, NULL), *part = json_object();

	CHECK(sound && whole);
	for (size_t i = 0; i < N_ELEMENTS(counted); i++)
		if (json_object_get(whole, counted[i]))
			json_object_set(part, counted[i], json_object_get(whole, counted[i]));
	line = json_dumps(part, JSON_COMPACT);
	fprintf(out, "%s\n", line);
	free(line);
	free(text);
	json_decref(whole);
	json_decref(part);
}

static uint64_t read_page(uint64_t from, uint64_t until, FILE *out)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	CLEANUP(secret_freep) struct secret *key = world_reading_key("zvhd-toezicht");
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	struct log_page page;
	struct draft d;

	draft_begin(&w, &d, MESSAGE_INZAGE, ZVHD, NULL);
	d.person = &w.officer;
	d.m.header.sender = w.officer.hoedanigheid;
	d.m.header.person = w.officer.id;
	d.m.header.mandate = SPAN_OF(w.officer.digest.bytes);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.inzage = (struct body_inzage){ .purpose = "interne-controle", .hoedanigheid = "", .code = "", .category = "", .kind = "",
						.after_index = from };
	draft_submit(&w, &d, 900, ++correlation);
	world_round(&w);
	CHECK(world_answer(&w, correlation, WIRE_REPLY) != NULL);
	CHECK_OK(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d.id), buffer_span(&world_answer(&w, correlation, WIRE_REPLY)->body), &plain));
	CHECK_OK(log_page_decode(buffer_span(&plain), arena, &page));
	for (size_t i = 0; i < page.n && page.v[i].index < until; i++)
		put_record(&page.v[i], arena, out);
	world_forget(&w);
	return page.next_index;
}

static void read_log(FILE *out)
{
	uint64_t size = world_size(&w), at = 0;
	char made[TIME_TEXT_SIZE];

	time_encode(w.unix_ms, made);
	fprintf(out,
		"{\"knooppunt\":\"records/v1\",\"origin\":\"%s\",\"purpose\":\"interne-controle\",\"reader\":\"zvhd-toezicht\",\"made\":\"%s\"}\n",
		w.log_key.name, made);
	while (at < size)
		at = read_page(at, size, out);
}

static const char *arguments[2];

static void whole_year(void **state)
{
	static const struct world_setup setup = { .parties = parties, .n = N_ELEMENTS(parties), .now = START, .mandate_days = 1000,
						  .rules_from = "2018-01-01", .whole_mandates = true };
	FILE *out;

	(void)state;
	read_rows(arguments[0]);
	world_open_as(&w, 2020, &setup);
	w.map_bytes = 256u << 20;
	w.expiry_ms = 60 * DAY_MS;
	world_must_start(&w);
	world_mandates(&w);
	play();
	out = arguments[1] ? fopen(arguments[1], "w") : stdout;
	CHECK(out != NULL);
	read_log(out);
	CHECK(fflush(out) == 0);
	if (arguments[1])
		fclose(out);
	world_close(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole_year) };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "play_year CASUSSEN.csv [RECORDS.jsonl]\n");
		return 2;
	}
	arguments[0] = argv[1];
	arguments[1] = argc > 2 ? argv[2] : NULL;
	return cmocka_run_group_tests_name("year", tests, NULL, NULL);
}
