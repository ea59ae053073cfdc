/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages: every kind there and back, every field of every struct with values that must be refused by name,
 * and what must agree between header, kind and parts.
 */
#include "tests/unit/proto/wire_fields.h"

#include "tests/lib/faults.h"

static const char *two_texts[] = { "een", "twee" };

/* A message with every body field filled; header_bytes and parts are the caller's. */
static struct message sample_message(enum message_kind kind)
{
	static const char *gemeenten[] = { "GM0106", "GM1730" };
	static const uint8_t note[] = "mandaat: p-0017\n";
	struct message m = { .kind = kind };
	const struct criterion criteria[] = { { 'a', true, true },
					      { 'b', false, true },
					      { 'd', true, false } };

	switch (kind) {
	case MESSAGE_AANMELDING:
		m.body.aanmelding = (struct body_aanmelding){ .klasse = "pga",
							      .ave = "2",
							      .leeftijdsklasse = "18-23",
							      .gemeenten = { 2, gemeenten },
							      .n_criteria = 3 };
		memcpy(m.body.aanmelding.criteria, criteria, sizeof criteria);
		break;
	case MESSAGE_BEOORDELING:
		m.body.beoordeling =
			(struct body_beoordeling){ .outcome = "in-behandeling", .n_criteria = 3 };
		memcpy(m.body.beoordeling.criteria, criteria, sizeof criteria);
		break;
	case MESSAGE_BETREKKEN:
		m.body.betrekken =
			(struct body_betrekken){ .involve = { 2, two_texts }, .release = { 1, gemeenten } };
		break;
	case MESSAGE_FASE:
		m.body.fase = (struct body_fase){ .phase = "verzamelen", .ave = "3" };
		break;
	case MESSAGE_AFSLUITING:
		m.body.afsluiting.reason = "doel-bereikt";
		break;
	case MESSAGE_TOESTEMMING:
		m.body.toestemming = (struct body_toestemming){ true, NOW_UNIX_MS, NOW_UNIX_MS + 1, { 2, two_texts },
								{ 1, two_texts }, "betrokkene" };
		break;
	case MESSAGE_MANDAAT:
		m.body.mandaat = (struct body_mandaat){ .note = SPAN_OF(note), .withdrawn = true };
		break;
	case MESSAGE_ONTVANGST:
		m.body.ontvangst = (struct body_ontvangst){ .n = 2, .ids = { bytes_16(9), bytes_16(8) } };
		break;
	case MESSAGE_GEOPEND:
		m.body.geopend.message_id = bytes_16(9);
		break;
	case MESSAGE_INZAGE:
		m.body.inzage =
			(struct body_inzage){ "rechtmatigheid", "dji",	     "GEEN_DOEL",     "woonsituatie",
					      "verzoek",	bytes_16(4), NOW_UNIX_MS - 5, NOW_UNIX_MS,
					      UINT64_MAX,	50,	     "p-0017",	      "WGS 2.31(3)",
					      "complexe-casus", "zvh",	     bytes_16(5),     true,
					      true,		true,
					      true };
		break;
	case MESSAGE_MELDING:
		m.body.melding.soort = "vrijlating";
		break;
	case MESSAGE_TERUGKOPPELING:
		m.body.terugkoppeling =
			(struct body_terugkoppeling){ "jaarlijks", "deels", "nee", "elders-opgepakt" };
		break;
	case MESSAGE_CORRECTIE:
		m.body.correctie = (struct body_correctie){ "verbeterd", "onjuist" };
		break;
	case MESSAGE_BEVESTIGING:
		m.body.bevestiging.action = "vernietigd";
		break;
	case MESSAGE_INSTEMMINGSVERZOEK:
		m.body.instemmingsverzoek =
			(struct body_instemmingsverzoek){ "huis", "zvh-fryslan", NOW_UNIX_MS };
		break;
	case MESSAGE_INSTEMMING:
		m.body.instemming = (struct body_instemming){ true, NOW_UNIX_MS };
		break;
	case MESSAGE_VERSTREKKING:
		m.body.verstrekking = (struct body_verstrekking){ .target_kind = "derde",
								  .target = "curatoren",
								  .verklaring = "ghv-2026-7",
								  .n_sources = 2,
								  .sources = { bytes_16(3), bytes_16(2) },
								  .verklaring_unix_ms = NOW_UNIX_MS };
		break;
	case MESSAGE_AGENDA:
		m.body.agenda = (struct body_agenda){ NOW_UNIX_MS, NOW_UNIX_MS + 1, { 2, two_texts } };
		break;
	case MESSAGE_HERNIEUWING:
		m.body.hernieuwing = (struct body_hernieuwing){ NOW_UNIX_MS, "recidiverisico" };
		break;
	case MESSAGE_BEKENDHEIDSANTWOORD:
		m.body.bekendheidsantwoord.known = true;
		break;
	case MESSAGE_VERZOEK:
	case MESSAGE_ANTWOORD:
	case MESSAGE_AANVULLING:
	case MESSAGE_BEKENDHEIDSVRAAG:
	case MESSAGE_KIND_N:
		break;
	}
	return m;
}

/* The header that goes with the kind: a node names no person. */
static void header_for(enum message_kind kind, struct buffer *out)
{
	struct header h = sample_header();

	if (message_signed_by_node(kind)) {
		h.person = "";
		h.mandate = SPAN_NONE;
	}
	CHECK_OK(header_encode(&h, out));
}

/* Decodes payload bytes; why is a static text, so it outlives the arena. */
static int decode_bytes(enum message_kind kind, struct span payload, const char **why)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	struct message m;

	return message_decode(kind, payload, arena, &m, why);
}

static int decode_message(const void *subject, const char **why)
{
	const struct message *m = subject;
	CLEANUP(buffer_fini) struct buffer payload = { 0 };

	CHECK_OK(message_encode(m, &payload));
	return decode_bytes(m->kind, buffer_span(&payload), why);
}

static int decode_header(const void *subject, const char **why)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 };
	struct message m = sample_message(MESSAGE_VERZOEK);

	CHECK_OK(header_encode(subject, &header));
	m.header_bytes = buffer_span(&header);
	return decode_message(&m, why);
}

static void test_kinds(void **state UNUSED)
{
	for (int i = 1; i < MESSAGE_KIND_N; i++) {
		const char *name = message_kind_name((enum message_kind)i);
		char type[96];

		snprintf(type, sizeof type, "application/vnd.knooppunt.%s.v1+protobuf", name);
		assert_string_equal(message_kind_type((enum message_kind)i), type);
		assert_int_equal(message_kind_of_type(type), i);
		assert_int_equal(message_kind_find(name), i);
		assert_int_equal(message_signed_by_node((enum message_kind)i),
				 i == MESSAGE_MANDAAT || i == MESSAGE_ONTVANGST);
	}
	assert_string_equal(message_kind_name(MESSAGE_VERZOEK), "verzoek");
	assert_int_equal(message_kind_find("verzoe"), -1);
	assert_int_equal(message_kind_find("?"), -1);
	assert_int_equal(message_kind_of_type("verzoek"), -1);
	assert_int_equal(message_kind_of_type("application/vnd.knooppunt.verzoek.v2+protobuf"), -1);
	assert_string_equal(message_kind_name(MESSAGE_KIND_N), "?");
	assert_string_equal(message_kind_type((enum message_kind)0), "?");
}

static void test_lists(void **state UNUSED)
{
	const char *v[] = { "b", "a", "ab", "b", "a", "\xc3\xa9" };
	struct text_list list = { N_ELEMENTS(v), v }, none = { 0, NULL };

	text_list_sort(&list);
	assert_int_equal(list.n, 4);
	assert_string_equal(list.v[0], "a");
	assert_string_equal(list.v[1], "ab");
	assert_string_equal(list.v[2], "b");
	assert_string_equal(list.v[3], "\xc3\xa9"); /* bytes above 127 come last */
	assert_true(text_list_has(&list, "ab"));
	assert_false(text_list_has(&list, "abc"));
	text_list_sort(&none);
	assert_false(text_list_has(&none, ""));
}

static void check_header(const struct header *got, const struct header *want)
{
	for (size_t i = 0; i < N_ELEMENTS(header_fields); i++) {
		const struct field *f = &header_fields[i];
		union value g = { 0 }, w = { 0 };

		memcpy(&g, (const uint8_t *)got + f->offset, value_size(f->form));
		memcpy(&w, (const uint8_t *)want + f->offset, value_size(f->form));
		if (f->form == FORM_BYTES)
			CHECK_SPAN(g.bytes, w.bytes);
		else if (f->form == FORM_TEXT)
			assert_string_equal(g.text, w.text);
		else if (f->form == FORM_TIME)
			assert_int_equal(g.number, w.number);
		else if (f->form == FORM_BOOL)
			assert_int_equal(g.flag, w.flag);
		else
			assert_int_equal(g.list.n, w.list.n);
	}
	for (size_t i = 0; i < want->recipients.n; i++)
		assert_string_equal(got->recipients.v[i], want->recipients.v[i]);
	for (size_t i = 0; i < want->categories.n; i++)
		assert_string_equal(got->categories.v[i], want->categories.v[i]);
}

static void test_header_there_and_back(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 };
	struct header h = sample_header();
	struct message in = { .kind = MESSAGE_VERZOEK }, m;
	const char *why = NULL;

	CHECK_OK(header_encode(&h, &header));
	in.header_bytes = buffer_span(&header);
	CHECK_OK(message_encode(&in, &payload));
	CHECK_OK(message_decode(MESSAGE_VERZOEK, buffer_span(&payload), arena, &m, &why));
	CHECK_SPAN(m.header_bytes, buffer_span(&header));
	check_header(&m.header, &h);
	assert_int_equal(m.n_parts, 0);
	/* Nothing points into what was received. */
	memset(payload.ptr, 0, payload.len);
	check_header(&m.header, &h);
}

/* Absent is "" and SPAN_NONE, never NULL: nobody has to ask. */
static void test_absent_fields(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer header = { 0 };
	struct header small = { .message_id = bytes_16(1),
				.exchange_id = bytes_16(2),
				.trace_id = bytes_16(3),
				.sender = "dji" };
	struct header expected = { .message_id = bytes_16(1),
				   .exchange_id = bytes_16(2),
				   .trace_id = bytes_16(3),
				   .sender = "dji",
				   .person = "",
				   .on_behalf_of = "", .related_to = "",
				   .regime = "",
				   .grondslag = "",
				   .doel = "",
				   .noodzaak = "",
				   .overleg = "",
				   .person_role = "",
				   .answer_kind = "" };
	struct header got;
	const char *why = NULL;

	CHECK_OK(header_encode(&small, &header)); /* NULL texts are absent texts */
	CHECK_OK(codec_header_decode(buffer_span(&header), arena, &got, &why));
	check_header(&got, &expected);
}

static void test_hostile_header(void **state UNUSED)
{
	struct header h = sample_header();

	for (size_t i = 0; i < N_ELEMENTS(header_fields); i++) {
		check_bad_values(&header_fields[i], &h, decode_header);
		check_good_values(&header_fields[i], &h, decode_header);
	}
}

static void check_body(const struct message *got, const struct message *want)
{
	CLEANUP(buffer_fini) struct buffer g = { 0 }, w = { 0 };

	codec_body_encode(got, &g);
	codec_body_encode(want, &w);
	CHECK_SPAN(buffer_span(&g), buffer_span(&w));
}

static void test_every_kind_there_and_back(void **state UNUSED)
{
	for (int i = 1; i < MESSAGE_KIND_N; i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
		CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 }, body = { 0 };
		struct message in = sample_message((enum message_kind)i), m;
		const char *why = NULL;

		header_for(in.kind, &header);
		in.header_bytes = buffer_span(&header);
		CHECK_OK(message_encode(&in, &payload));
		CHECK_OK(message_decode(in.kind, buffer_span(&payload), arena, &m, &why));
		assert_int_equal(m.kind, in.kind);
		check_body(&m, &in);
		codec_body_encode(&in, &body);
		assert_int_equal(body.len == 0, i == MESSAGE_VERZOEK || i == MESSAGE_ANTWOORD ||
							i == MESSAGE_AANVULLING || i == MESSAGE_BEKENDHEIDSVRAAG);
	}
}

static void test_body_fields(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	struct message in, m;
	const char *why = NULL;

#define THERE_AND_BACK(kind_)                                                     \
	do {                                                                      \
		CLEANUP(buffer_fini) struct buffer body = { 0 };                  \
		in = sample_message(kind_);                                       \
		m = (struct message){ .kind = (kind_) };                          \
		codec_body_encode(&in, &body);                                    \
		CHECK_OK(codec_body_decode(buffer_span(&body), arena, &m, &why)); \
	} while (0)

	THERE_AND_BACK(MESSAGE_AANMELDING);
	assert_string_equal(m.body.aanmelding.klasse, "pga");
	assert_string_equal(m.body.aanmelding.ave, "2");
	assert_string_equal(m.body.aanmelding.leeftijdsklasse, "18-23");
	assert_int_equal(m.body.aanmelding.gemeenten.n, 2);
	assert_string_equal(m.body.aanmelding.gemeenten.v[1], "GM1730");
	assert_int_equal(m.body.aanmelding.n_criteria, 3);
	assert_int_equal(m.body.aanmelding.criteria[2].id, 'd');
	assert_true(m.body.aanmelding.criteria[2].met && !m.body.aanmelding.criteria[2].motivated);
	THERE_AND_BACK(MESSAGE_BEOORDELING);
	assert_string_equal(m.body.beoordeling.outcome, "in-behandeling");
	assert_true(!m.body.beoordeling.criteria[1].met && m.body.beoordeling.criteria[1].motivated);
	THERE_AND_BACK(MESSAGE_BETREKKEN);
	assert_string_equal(m.body.betrekken.involve.v[1], "twee");
	assert_int_equal(m.body.betrekken.release.n, 1);
	THERE_AND_BACK(MESSAGE_FASE);
	assert_string_equal(m.body.fase.phase, "verzamelen");
	assert_string_equal(m.body.fase.ave, "3");
	THERE_AND_BACK(MESSAGE_AFSLUITING);
	assert_string_equal(m.body.afsluiting.reason, "doel-bereikt");
	THERE_AND_BACK(MESSAGE_TOESTEMMING);
	assert_true(m.body.toestemming.withdrawn);
	assert_int_equal(m.body.toestemming.given_unix_ms, NOW_UNIX_MS);
	assert_int_equal(m.body.toestemming.until_unix_ms, NOW_UNIX_MS + 1);
	assert_string_equal(m.body.toestemming.categories.v[1], "twee");
	assert_string_equal(m.body.toestemming.hoedanigheden.v[0], "een");
	assert_string_equal(m.body.toestemming.given_by, "betrokkene");
	THERE_AND_BACK(MESSAGE_MANDAAT);
	CHECK_SPAN(m.body.mandaat.note, in.body.mandaat.note);
	assert_true(m.body.mandaat.withdrawn);
	THERE_AND_BACK(MESSAGE_ONTVANGST);
	assert_int_equal(m.body.ontvangst.n, 2);
	CHECK_SPAN(m.body.ontvangst.ids[1], bytes_16(8));
	THERE_AND_BACK(MESSAGE_GEOPEND);
	CHECK_SPAN(m.body.geopend.message_id, bytes_16(9));
	THERE_AND_BACK(MESSAGE_INZAGE);
	assert_string_equal(m.body.inzage.purpose, "rechtmatigheid");
	assert_string_equal(m.body.inzage.hoedanigheid, "dji");
	assert_string_equal(m.body.inzage.code, "GEEN_DOEL");
	assert_string_equal(m.body.inzage.category, "woonsituatie");
	assert_string_equal(m.body.inzage.kind, "verzoek");
	CHECK_SPAN(m.body.inzage.casus, bytes_16(4));
	assert_true(m.body.inzage.from_unix_ms == NOW_UNIX_MS - 5 && m.body.inzage.to_unix_ms == NOW_UNIX_MS);
	assert_true(m.body.inzage.after_index == UINT64_MAX && m.body.inzage.limit == 50);
	assert_string_equal(m.body.inzage.person, "p-0017");
	assert_string_equal(m.body.inzage.grondslag, "WGS 2.31(3)");
	assert_string_equal(m.body.inzage.doel, "complexe-casus");
	assert_string_equal(m.body.inzage.overleg, "zvh");
	CHECK_SPAN(m.body.inzage.message, bytes_16(5));
	assert_true(m.body.inzage.urgent && m.body.inzage.own && m.body.inzage.proofs && m.body.inzage.with_input);
	THERE_AND_BACK(MESSAGE_MELDING);
	assert_string_equal(m.body.melding.soort, "vrijlating");
	THERE_AND_BACK(MESSAGE_TERUGKOPPELING);
	assert_string_equal(m.body.terugkoppeling.soort, "jaarlijks");
	assert_string_equal(m.body.terugkoppeling.bruikbaar, "deels");
	assert_string_equal(m.body.terugkoppeling.vervolg, "nee");
	assert_string_equal(m.body.terugkoppeling.reden, "elders-opgepakt");
	THERE_AND_BACK(MESSAGE_CORRECTIE);
	assert_string_equal(m.body.correctie.action, "verbeterd");
	assert_string_equal(m.body.correctie.reason, "onjuist");
	THERE_AND_BACK(MESSAGE_BEVESTIGING);
	assert_string_equal(m.body.bevestiging.action, "vernietigd");
	THERE_AND_BACK(MESSAGE_INSTEMMINGSVERZOEK);
	assert_string_equal(m.body.instemmingsverzoek.purpose, "huis");
	assert_string_equal(m.body.instemmingsverzoek.target, "zvh-fryslan");
	assert_int_equal(m.body.instemmingsverzoek.until_unix_ms, NOW_UNIX_MS);
	THERE_AND_BACK(MESSAGE_INSTEMMING);
	assert_true(m.body.instemming.granted && m.body.instemming.until_unix_ms == NOW_UNIX_MS);
	THERE_AND_BACK(MESSAGE_VERSTREKKING);
	assert_string_equal(m.body.verstrekking.target_kind, "derde");
	assert_string_equal(m.body.verstrekking.target, "curatoren");
	assert_string_equal(m.body.verstrekking.verklaring, "ghv-2026-7");
	assert_int_equal(m.body.verstrekking.n_sources, 2);
	CHECK_SPAN(m.body.verstrekking.sources[1], bytes_16(2));
	assert_int_equal(m.body.verstrekking.verklaring_unix_ms, NOW_UNIX_MS);
	THERE_AND_BACK(MESSAGE_AGENDA);
	assert_true(m.body.agenda.meeting_unix_ms == NOW_UNIX_MS && m.body.agenda.until_unix_ms == NOW_UNIX_MS + 1);
	assert_string_equal(m.body.agenda.invite.v[1], "twee");
	THERE_AND_BACK(MESSAGE_HERNIEUWING);
	assert_int_equal(m.body.hernieuwing.until_unix_ms, NOW_UNIX_MS);
	assert_string_equal(m.body.hernieuwing.ground, "recidiverisico");
	THERE_AND_BACK(MESSAGE_BEKENDHEIDSANTWOORD);
	assert_true(m.body.bekendheidsantwoord.known);
#undef THERE_AND_BACK
}

#define BODY_FIELD(member, name_, ...)                                                      \
	{                                                                                   \
		"body." name_, .offset = offsetof(struct message, body.member), __VA_ARGS__ \
	}

static const struct {
	enum message_kind kind;
	struct field field;
} body_fields[] = {
	{ MESSAGE_AANMELDING, BODY_FIELD(aanmelding.klasse, "klasse", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_AANMELDING, BODY_FIELD(aanmelding.gemeenten, "gemeenten", .form = FORM_LIST) },
	{ MESSAGE_AANMELDING, BODY_FIELD(aanmelding.ave, "ave", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_AANMELDING,
	  BODY_FIELD(aanmelding.leeftijdsklasse, "leeftijdsklasse", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_BEOORDELING, BODY_FIELD(beoordeling.outcome, "outcome", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_BETREKKEN, BODY_FIELD(betrekken.involve, "involve", .form = FORM_LIST) },
	{ MESSAGE_BETREKKEN, BODY_FIELD(betrekken.release, "release", .form = FORM_LIST) },
	{ MESSAGE_FASE, BODY_FIELD(fase.phase, "phase", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_FASE, BODY_FIELD(fase.ave, "ave", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_AFSLUITING, BODY_FIELD(afsluiting.reason, "reason", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_TOESTEMMING, BODY_FIELD(toestemming.given_unix_ms, "given_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_TOESTEMMING, BODY_FIELD(toestemming.until_unix_ms, "until_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_ONTVANGST, BODY_FIELD(ontvangst.ids[1], "message_ids", .form = FORM_BYTES, .size = 16) },
	{ MESSAGE_GEOPEND, BODY_FIELD(geopend.message_id, "message_id", .form = FORM_BYTES, .size = 16) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.purpose, "purpose", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.casus, "casus", .form = FORM_BYTES, .size = 16, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.hoedanigheid, "hoedanigheid", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.code, "code", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.category, "category", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.from_unix_ms, "from_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.to_unix_ms, "to_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.after_index, "after_index", .form = FORM_NUMBER) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.kind, "kind", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.person, "person", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.grondslag, "grondslag", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.doel, "doel", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.overleg, "overleg", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INZAGE, BODY_FIELD(inzage.message, "message", .form = FORM_BYTES, .size = 16, ABSENT_OK) },
	{ MESSAGE_TOESTEMMING, BODY_FIELD(toestemming.categories, "categories", .form = FORM_LIST, .ascending = true) },
	{ MESSAGE_TOESTEMMING, BODY_FIELD(toestemming.hoedanigheden, "hoedanigheden", .form = FORM_LIST, .ascending = true) },
	{ MESSAGE_TOESTEMMING, BODY_FIELD(toestemming.given_by, "given_by", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_MELDING, BODY_FIELD(melding.soort, "soort", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_TERUGKOPPELING, BODY_FIELD(terugkoppeling.soort, "soort", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_TERUGKOPPELING, BODY_FIELD(terugkoppeling.bruikbaar, "bruikbaar", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_TERUGKOPPELING, BODY_FIELD(terugkoppeling.vervolg, "vervolg", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_TERUGKOPPELING, BODY_FIELD(terugkoppeling.reden, "reden", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_CORRECTIE, BODY_FIELD(correctie.action, "action", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_CORRECTIE, BODY_FIELD(correctie.reason, "reason", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_BEVESTIGING, BODY_FIELD(bevestiging.action, "action", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INSTEMMINGSVERZOEK, BODY_FIELD(instemmingsverzoek.purpose, "purpose", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INSTEMMINGSVERZOEK, BODY_FIELD(instemmingsverzoek.target, "target", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_INSTEMMINGSVERZOEK, BODY_FIELD(instemmingsverzoek.until_unix_ms, "until_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_INSTEMMING, BODY_FIELD(instemming.until_unix_ms, "until_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_VERSTREKKING, BODY_FIELD(verstrekking.target_kind, "target_kind", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_VERSTREKKING, BODY_FIELD(verstrekking.target, "target", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_VERSTREKKING, BODY_FIELD(verstrekking.verklaring, "verklaring", .form = FORM_TEXT, ABSENT_OK) },
	{ MESSAGE_VERSTREKKING, BODY_FIELD(verstrekking.verklaring_unix_ms, "verklaring_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_AGENDA, BODY_FIELD(agenda.meeting_unix_ms, "meeting_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_AGENDA, BODY_FIELD(agenda.until_unix_ms, "until_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_AGENDA, BODY_FIELD(agenda.invite, "invite", .form = FORM_LIST, .ascending = true) },
	{ MESSAGE_HERNIEUWING, BODY_FIELD(hernieuwing.until_unix_ms, "until_unix_ms", .form = FORM_TIME) },
	{ MESSAGE_HERNIEUWING, BODY_FIELD(hernieuwing.ground, "ground", .form = FORM_TEXT, ABSENT_OK) },
};

static void test_hostile_bodies(void **state UNUSED)
{
	for (size_t i = 0; i < N_ELEMENTS(body_fields); i++) {
		CLEANUP(buffer_fini) struct buffer header = { 0 };
		struct message m = sample_message(body_fields[i].kind);

		header_for(m.kind, &header);
		m.header_bytes = buffer_span(&header);
		check_bad_values(&body_fields[i].field, &m, decode_message);
		check_good_values(&body_fields[i].field, &m, decode_message);
	}
}

/* Encodes, decodes and expects exactly this fault. */
static void refused(const struct message *m, const char *expected)
{
	const char *why = "";

	CHECK_IS(decode_message(m, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, expected);
}

static void test_criteria_lists_and_notes(void **state UNUSED)
{
	static const char criteria_fault[] =
		"body.criteria: must be a, b, c, d in this order, each at most once";
	static const char bad_ids[] = { 'e', 'A', '`', 1, '\n' };
	CLEANUP(buffer_fini) struct buffer header = { 0 }, node_header = { 0 }, note = { 0 };
	struct message m = sample_message(MESSAGE_AANMELDING);

	header_for(MESSAGE_AANMELDING, &header);
	header_for(MESSAGE_MANDAAT, &node_header);
	m.header_bytes = buffer_span(&header);
	for (size_t i = 0; i < sizeof bad_ids; i++) {
		m.body.aanmelding.criteria[2].id = bad_ids[i];
		refused(&m, criteria_fault);
	}
	m.body.aanmelding.criteria[2].id = 'b'; /* twice */
	refused(&m, criteria_fault);
	m = sample_message(MESSAGE_BEOORDELING);
	m.header_bytes = buffer_span(&header);
	m.body.beoordeling.criteria[0].id = 'c'; /* out of order */
	refused(&m, criteria_fault);

	m = sample_message(MESSAGE_ONTVANGST);
	m.header_bytes = buffer_span(&node_header);
	m.body.ontvangst.n = 0;
	refused(&m, "body.message_ids: must be 1 to 64 values of 16 bytes");

	m = sample_message(MESSAGE_VERSTREKKING);
	m.header_bytes = buffer_span(&header);
	m.body.verstrekking.sources[1] = bytes_16(2);
	m.body.verstrekking.sources[1].len = 15;
	refused(&m, "body.sources: must be at most 16 values of 16 bytes");

	m = sample_message(MESSAGE_MANDAAT);
	m.header_bytes = buffer_span(&node_header);
	m.body.mandaat.note = SPAN_NONE;
	refused(&m, "body.note: must be present and not too big");
	assert_non_null(buffer_grow(&note, 65537));
	m.body.mandaat.note = buffer_span(&note);
	refused(&m, "body.note: must be present and not too big");
}

static void test_what_agrees_with_the_kind(void **state UNUSED)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, with_person = { 0 }, body = { 0 }, bytes = { 0 };
	struct message m = sample_message(MESSAGE_MANDAAT);
	struct header h = sample_header();
	const char *why = "";

	CHECK_OK(header_encode(&h, &with_person));
	m.header_bytes = buffer_span(&with_person);
	refused(&m, "header.person: must be absent, a node signs this kind");
	h.person = "";
	CHECK_OK(header_encode(&h, &header));
	m.header_bytes = buffer_span(&header);
	refused(&m, "header.mandate: must be absent, a node signs this kind");

	/* A body where the kind has none. */
	m = sample_message(MESSAGE_FASE);
	codec_body_encode(&m, &body);
	codec_message_begin(buffer_span(&with_person), buffer_span(&body), &bytes);
	CHECK_IS(decode_bytes(MESSAGE_VERZOEK, buffer_span(&bytes), &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, "body: must be empty for this kind");
	CHECK_OK(decode_bytes(MESSAGE_FASE, buffer_span(&bytes), &why));
	/* A body of another kind. */
	CHECK_IS(decode_bytes(MESSAGE_GEOPEND, buffer_span(&bytes), &why), MESSAGE_E_MALFORMED);
	assert_int_equal(message_decode(MESSAGE_KIND_N, SPAN_NONE, NULL, &m, &why), -EINVAL);
}

/* A part of the right form, not sealed by anyone: form is all that decoding looks at. */
struct made_part {
	struct buffer header;
	uint8_t ciphertext[512 + 16];
	struct wrap wraps[MESSAGE_LIST_MAX];
	struct part part;
};

static void make_part(struct made_part *p)
{
	static const uint8_t sealed_key[48] = { 1 }, nonce[24] = { 2 };
	struct part_header head = sample_part_header();

	codec_part_header_encode(&head, &p->header);
	memset(p->ciphertext, 3, sizeof p->ciphertext);
	for (size_t i = 0; i < 2; i++)
		p->wraps[i] = (struct wrap){ .recipient = sample_recipients[i],
					     .key_id = span_of(nonce, 8),
					     .enc = bytes_32(10),
					     .sealed_key = SPAN_OF(sealed_key) };
	p->part = (struct part){ .header_bytes = buffer_span(&p->header),
				 .suite = 1,
				 .nonce = SPAN_OF(nonce),
				 .commitment = bytes_32(11),
				 .ciphertext = SPAN_OF(p->ciphertext),
				 .n_wraps = 2,
				 .wraps = p->wraps };
}

static void made_part_fini(struct made_part *p)
{
	buffer_fini(&p->header);
}

static void test_parts_there_and_back(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 }, again = { 0 };
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	struct message in = sample_message(MESSAGE_ANTWOORD), m;
	struct part parts[MESSAGE_PARTS_MAX];
	const char *why = NULL;

	make_part(&p);
	header_for(in.kind, &header);
	for (size_t i = 0; i < N_ELEMENTS(parts); i++)
		parts[i] = p.part;
	in.header_bytes = buffer_span(&header);
	in.n_parts = N_ELEMENTS(parts);
	in.parts = parts;
	CHECK_OK(message_encode(&in, &payload));
	CHECK_OK(message_decode(in.kind, buffer_span(&payload), arena, &m, &why));
	assert_int_equal(m.n_parts, MESSAGE_PARTS_MAX);
	assert_string_equal(m.parts[31].header.category, "detentieverloop");
	assert_string_equal(m.parts[31].header.reference_date, "2026-11-20");
	assert_string_equal(m.parts[31].header.conditions.v[1], "niet-naar-derde");
	CHECK_SPAN(m.parts[31].header_bytes, p.part.header_bytes);
	assert_string_equal(m.parts[31].wraps[1].recipient, "politie");
	CHECK_SPAN(m.parts[31].wraps[1].sealed_key, p.wraps[1].sealed_key);
	CHECK_OK(message_encode(&m, &again));
	CHECK_SPAN(buffer_span(&again), buffer_span(&payload));

	in.n_parts = MESSAGE_PARTS_MAX + 1;
	assert_int_equal(message_encode(&in, &again), -EINVAL);
	/* One more than may be, written by hand. */
	codec_part_encode(&p.part, &payload);
	arena_reset(arena);
	CHECK_IS(message_decode(in.kind, buffer_span(&payload), arena, &m, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, "parts: must be at most 32");
}

static int decode_part(const void *subject, const char **why)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 };
	struct message m = sample_message(MESSAGE_VERZOEK);
	struct part part = *(const struct part *)subject;

	header_for(m.kind, &header);
	m.header_bytes = buffer_span(&header);
	m.n_parts = 1;
	m.parts = &part;
	return decode_message(&m, why);
}

static int decode_part_header(const void *subject, const char **why)
{
	CLEANUP(made_part_fini) struct made_part p = { 0 };

	make_part(&p);
	buffer_reset(&p.header);
	codec_part_header_encode(subject, &p.header);
	p.part.header_bytes = buffer_span(&p.header);
	return decode_part(&p.part, why);
}

static void test_hostile_part_header(void **state UNUSED)
{
	static const char *const bad_dates[] = {
		"2026-02-30", "2026-13-01", "20261120xx", "2026-11-2", "2026-11-20T08:00:00.000Z",
		"gisteren",   "2026/11/20"
	};
	struct part_header head = sample_part_header();
	const char *why = "";

	for (size_t i = 0; i < N_ELEMENTS(part_header_fields); i++) {
		check_bad_values(&part_header_fields[i], &head, decode_part_header);
		check_good_values(&part_header_fields[i], &head, decode_part_header);
	}
	for (size_t i = 0; i < N_ELEMENTS(bad_dates); i++) {
		head.reference_date = bad_dates[i];
		CHECK_IS(decode_part_header(&head, &why), MESSAGE_E_MALFORMED);
		assert_string_equal(why,
				    "part.header.reference_date: must be a date like 2026-11-22, or absent");
	}
	head.reference_date = "";
	CHECK_OK(decode_part_header(&head, &why));
}

static void test_hostile_part(void **state UNUSED)
{
	static const struct field fields[] = {
		FIELD(part, nonce, "part.", .form = FORM_BYTES, .size = 24),
		FIELD(part, commitment, "part.", .form = FORM_BYTES, .size = 32),
	};
	static const char ciphertext_fault[] =
		"part.ciphertext: must be sealed content, padded to 512 bytes, of at most 256 KiB";
	static const size_t bad_sizes[] = { 0, 16, 527, 529, 513 + 528, 512 * 514 + 16 };
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	CLEANUP(buffer_fini) struct buffer big = { 0 };
	const char *why = "";

	make_part(&p);
	for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
		check_bad_values(&fields[i], &p.part, decode_part);
		check_good_values(&fields[i], &p.part, decode_part);
	}
	p.part.suite = 2;
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, "part.suite: must be 1");
	p.part.suite = 1;
	assert_non_null(buffer_grow(&big, 512 * 514 + 16));
	for (size_t i = 0; i < N_ELEMENTS(bad_sizes); i++) {
		p.part.ciphertext = span_of(big.ptr, bad_sizes[i]);
		CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
		assert_string_equal(why, ciphertext_fault);
	}
	p.part.ciphertext = span_of(big.ptr, 512 * 513 + 16); /* salt and 256 KiB, padded */
	CHECK_OK(decode_part(&p.part, &why));
	p.part.header_bytes = SPAN_NONE;
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, "part.header: must be present and not too big");
	p.part.header_bytes = SPAN_LITERAL("\x0a\x01");
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, "part.header: is not protobuf of this schema within its memory budget");
}

static void test_hostile_wraps(void **state UNUSED)
{
	static const char wraps_fault[] =
		"part.wraps: must be one for each recipient of the header, in that order";
	static const struct field fields[] = {
		FIELD(wrap, recipient, "part.wrap.", .form = FORM_TEXT),
		FIELD(wrap, key_id, "part.wrap.", .form = FORM_BYTES, .size = 8),
		FIELD(wrap, enc, "part.wrap.", .form = FORM_BYTES, .size = 32),
		FIELD(wrap, sealed_key, "part.wrap.", .form = FORM_BYTES, .size = 48),
	};
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	const char *why = "";

	make_part(&p);
	for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
		struct field in_part = fields[i];
		struct wrap kept = p.wraps[1];
		union value v;

		for (size_t j = 0; bad_value(&in_part, j, &v); j++) {
			memcpy((uint8_t *)&p.wraps[1] + in_part.offset, &v, value_size(in_part.form));
			CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
			assert_memory_equal(why, in_part.name, strlen(in_part.name));
		}
		p.wraps[1] = kept;
	}
	p.part.n_wraps = 1;
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, wraps_fault);
	p.part.n_wraps = 0;
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, wraps_fault);
	p.part.n_wraps = 3; /* a reader that the header does not name */
	p.wraps[2] = p.wraps[1];
	p.wraps[2].recipient = "woningcorporatie";
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, wraps_fault);
	p.part.n_wraps = 2;
	p.wraps[2] = p.wraps[0];
	p.wraps[0] = p.wraps[1];
	p.wraps[1] = p.wraps[2]; /* the other order */
	CHECK_IS(decode_part(&p.part, &why), MESSAGE_E_MALFORMED);
	assert_string_equal(why, wraps_fault);
}

static void test_which_kinds_carry_parts(void **state UNUSED)
{
	CLEANUP(made_part_fini) struct made_part p = { 0 };

	make_part(&p);
	for (int i = 1; i < MESSAGE_KIND_N; i++) {
		CLEANUP(buffer_fini) struct buffer header = { 0 };
		struct message m = sample_message((enum message_kind)i);
		bool none = i == MESSAGE_MANDAAT || i == MESSAGE_ONTVANGST || i == MESSAGE_GEOPEND ||
			    i == MESSAGE_INZAGE || i == MESSAGE_BEVESTIGING || i == MESSAGE_INSTEMMING ||
			    i == MESSAGE_AGENDA || i == MESSAGE_HERNIEUWING;
		const char *why = "";

		header_for(m.kind, &header);
		m.header_bytes = buffer_span(&header);
		m.n_parts = 1;
		m.parts = &p.part;
		if (none)
			refused(&m, "parts: this kind carries none");
		else
			CHECK_OK(decode_message(&m, &why));
	}
}

/*
 * The bytes of each kind stand in the corpus of fuzz_envelope, signed with a fixed key: a change of the
 * format shows. The interop test reads the same files with another implementation.
 */
static void test_the_bytes_of_every_kind(void **state UNUSED)
{
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	uint8_t public_key[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);

	make_part(&p);
	for (int i = 1; i < MESSAGE_KIND_N; i++) {
		CLEANUP(buffer_fini)
		struct buffer header = { 0 }, payload = { 0 }, bytes = { 0 }, golden = { 0 };
		struct message m = sample_message((enum message_kind)i);
		char path[96];

		header_for(m.kind, &header);
		m.header_bytes = buffer_span(&header);
		m.n_parts = i == MESSAGE_VERZOEK || i == MESSAGE_ANTWOORD;
		m.parts = &p.part;
		CHECK_OK(message_encode(&m, &payload));
		CHECK_OK(envelope_sign(message_kind_type(m.kind), buffer_span(&payload), key, &bytes));
		snprintf(path, sizeof path, "fuzz/fuzz_envelope.in/%s", message_kind_name(m.kind));
		test_file(path, &golden);
		CHECK_SPAN(buffer_span(&bytes), buffer_span(&golden));
	}
}

/* The largest there is: all parts, all recipients, and content up to the size of an envelope. It fits the
 * budget. */
static void test_the_largest_fits(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 }, bytes = { 0 }, content = { 0 };
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	uint8_t public_key[32];
	CLEANUP(secret_freep) struct secret *key = sign_key_from(1, public_key);
	struct message in = sample_message(MESSAGE_ANTWOORD), m;
	struct part parts[MESSAGE_PARTS_MAX];
	struct header h = sample_header();
	struct envelope e;
	const char *why = "";

	make_part(&p);
	h.recipients = list_of(MESSAGE_LIST_MAX);
	for (size_t i = 0; i < MESSAGE_LIST_MAX; i++) {
		p.wraps[i] = p.wraps[0];
		p.wraps[i].recipient = h.recipients.v[i];
	}
	p.part.n_wraps = MESSAGE_LIST_MAX;
	CHECK_OK(header_encode(&h, &header));
	assert_non_null(buffer_grow(&content, 256 << 10));
	for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
		parts[i] = p.part;
		parts[i].ciphertext = i < 4 ? span_of(content.ptr, 512 * 511 + 16) : p.part.ciphertext;
	}
	in.header_bytes = buffer_span(&header);
	in.n_parts = N_ELEMENTS(parts);
	in.parts = parts;
	CHECK_OK(message_encode(&in, &payload));
	assert_true(payload.len > ENVELOPE_BYTES_MAX);
	parts[3].ciphertext.len -= (payload.len + 200 - ENVELOPE_BYTES_MAX + 511) / 512 * 512;
	buffer_reset(&payload);
	CHECK_OK(message_encode(&in, &payload));
	CHECK_OK(envelope_sign(message_kind_type(in.kind), buffer_span(&payload), key, &bytes));
	assert_true(bytes.len > ENVELOPE_BYTES_MAX - 1024);
	CHECK_OK(envelope_decode(buffer_span(&bytes), arena, &e));
	CHECK_IS(message_decode(in.kind, e.payload, arena, &m, &why), MESSAGE_OK);
	assert_true(arena_used(arena) < MESSAGE_ARENA_BYTES);
}

static void test_small_arenas(void **state UNUSED)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 };
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	struct message in = sample_message(MESSAGE_AANMELDING), m;
	bool fitted = false;

	make_part(&p);
	header_for(in.kind, &header);
	in.header_bytes = buffer_span(&header);
	in.n_parts = 1;
	in.parts = &p.part;
	CHECK_OK(message_encode(&in, &payload));
	for (size_t limit = 1; limit < 12000; limit += 16) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(limit);
		const char *why = NULL;
		int r = message_decode(in.kind, buffer_span(&payload), arena, &m, &why);

		assert_true(r == MESSAGE_OK || (r == MESSAGE_E_MALFORMED && why && strstr(why, "memory")));
		assert_false(fitted && r);
		fitted = r == MESSAGE_OK;
	}
	assert_true(fitted);
}

static void test_no_memory(void **state UNUSED)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 };
	CLEANUP(made_part_fini) struct made_part p = { 0 };
	struct message in = sample_message(MESSAGE_BEOORDELING), m;
	const char *why;
	int r;

	make_part(&p);
	header_for(in.kind, &header);
	in.header_bytes = buffer_span(&header);
	in.n_parts = 1;
	in.parts = &p.part;
	for (unsigned nth = 1;; nth++) {
		buffer_fini(&payload);
		faults_begin(nth);
		r = message_encode(&in, &payload);
		if (!faults_end())
			break;
		CHECK_IS(r, -ENOMEM);
	}
	CHECK_OK(r);
	for (unsigned nth = 1;; nth++) {
		arena = arena_free(arena);
		arena = arena_new(MESSAGE_ARENA_BYTES);
		faults_begin(nth);
		r = message_decode(in.kind, buffer_span(&payload), arena, &m, &why);
		if (!faults_end())
			break;
		CHECK_IS(r, MESSAGE_E_MALFORMED); /* a refusal, as with any arena that gives nothing */
	}
	CHECK_OK(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_header_there_and_back),
		cmocka_unit_test(test_absent_fields),
		cmocka_unit_test(test_hostile_header),
		cmocka_unit_test(test_every_kind_there_and_back),
		cmocka_unit_test(test_body_fields),
		cmocka_unit_test(test_hostile_bodies),
		cmocka_unit_test(test_criteria_lists_and_notes),
		cmocka_unit_test(test_what_agrees_with_the_kind),
		cmocka_unit_test(test_parts_there_and_back),
		cmocka_unit_test(test_hostile_part_header),
		cmocka_unit_test(test_hostile_part),
		cmocka_unit_test(test_hostile_wraps),
		cmocka_unit_test(test_which_kinds_carry_parts),
		cmocka_unit_test(test_the_bytes_of_every_kind),
		cmocka_unit_test(test_the_largest_fits),
		cmocka_unit_test(test_small_arenas),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
