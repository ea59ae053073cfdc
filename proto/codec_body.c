/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of each kind: per kind its rules and its fields, each field once with its place in the generated struct and
 * in ours. What copies them both ways is the same for all; only the criteria have a shape of their own.
 *
 * A kind without a row has an empty body: what it says stands in the header and in the sealed parts.
 */
#include "proto/codec.h"

#include <stddef.h>
#include <string.h>

#include "knooppunt.pb-c.h"

#define PB(name) Knooppunt__V1__##name

enum field_form { FIELD_END = 0, FIELD_TEXT, FIELD_TEXTS, FIELD_BYTES, FIELD_SPANS, FIELD_FLAG, FIELD_TIME, FIELD_NUMBER };

struct field {
	enum field_form form;
	size_t pb, pb_n;     /* offsets in the generated struct; pb_n: of a list's count */
	size_t ours, ours_n; /* offsets in the body */
};
#define PLACE(type, member, name) .pb = offsetof(PB(type), member), .ours = offsetof(struct body_##name, member)
#define TEXT(type, name, member) { .form = FIELD_TEXT, PLACE(type, member, name) }
#define TEXTS(type, name, member) \
	{ .form = FIELD_TEXTS, PLACE(type, member, name), .pb_n = offsetof(PB(type), n_##member) }
#define BYTES(type, name, member) { .form = FIELD_BYTES, PLACE(type, member, name) }
#define SPANS(type, name, pb_member, member, count)                                                       \
	{                                                                                                 \
		.form = FIELD_SPANS, .pb = offsetof(PB(type), pb_member),                                 \
		.pb_n = offsetof(PB(type), n_##pb_member), .ours = offsetof(struct body_##name, member),  \
		.ours_n = offsetof(struct body_##name, count)                                             \
	}
#define FLAG(type, name, member) { .form = FIELD_FLAG, PLACE(type, member, name) }
#define TIME(type, name, member) { .form = FIELD_TIME, PLACE(type, member, name) }
#define NUMBER(type, name, member) { .form = FIELD_NUMBER, PLACE(type, member, name) }

#define BODY_CRITERIA_WHY "body.criteria: must be a, b, c, d in this order, each at most once"

static const struct codec_rule criterion_rules[] = {
	[1] = { .why = BODY_CRITERIA_WHY, .form = CODEC_TEXT, .min = 1, .max = 1 },
	[2] = RULE_NUMBER,
	[3] = RULE_NUMBER,
};
#define RULE_CRITERIA \
	{ .why = BODY_CRITERIA_WHY, .form = CODEC_MESSAGE, .list_max = 4, .nested = criterion_rules }

static const struct codec_rule aanmelding_rules[] = {
	[1] = RULE_TEXT("body.klasse"),
	[2] = RULE_TEXTS("body.gemeenten", 0),
	[3] = RULE_CRITERIA,
	[4] = RULE_TEXT("body.ave"),
	[5] = RULE_TEXT("body.leeftijdsklasse"),
};
static const struct field aanmelding_fields[] = {
	TEXT(Aanmelding, aanmelding, klasse),
	TEXTS(Aanmelding, aanmelding, gemeenten),
	TEXT(Aanmelding, aanmelding, ave),
	TEXT(Aanmelding, aanmelding, leeftijdsklasse),
	{ 0 },
};
static const struct codec_rule beoordeling_rules[] = {
	[1] = RULE_TEXT("body.outcome"),
	[2] = RULE_CRITERIA,
};
static const struct field beoordeling_fields[] = {
	TEXT(Beoordeling, beoordeling, outcome),
	{ 0 },
};
static const struct codec_rule betrekken_rules[] = {
	[1] = RULE_TEXTS("body.involve", 0),
	[2] = RULE_TEXTS("body.release", 0),
};
static const struct field betrekken_fields[] = {
	TEXTS(Betrekken, betrekken, involve),
	TEXTS(Betrekken, betrekken, release),
	{ 0 },
};
static const struct codec_rule fase_rules[] = {
	[1] = RULE_TEXT("body.phase"),
	[2] = RULE_TEXT("body.ave"),
};
static const struct field fase_fields[] = {
	TEXT(Fase, fase, phase),
	TEXT(Fase, fase, ave),
	{ 0 },
};
static const struct codec_rule afsluiting_rules[] = {
	[1] = RULE_TEXT("body.reason"),
};
static const struct field afsluiting_fields[] = {
	TEXT(Afsluiting, afsluiting, reason),
	{ 0 },
};
static const struct codec_rule toestemming_rules[] = {
	[1] = RULE_NUMBER,
	[2] = RULE_TIME("body.given_unix_ms"),
	[3] = RULE_TIME("body.until_unix_ms"),
	[4] = RULE_TEXTS("body.categories", CODEC_ASCENDING),
	[5] = RULE_TEXTS("body.hoedanigheden", CODEC_ASCENDING),
	[6] = RULE_TEXT("body.given_by"),
};
static const struct field toestemming_fields[] = {
	FLAG(Toestemming, toestemming, withdrawn),
	TIME(Toestemming, toestemming, given_unix_ms),
	TIME(Toestemming, toestemming, until_unix_ms),
	TEXTS(Toestemming, toestemming, categories),
	TEXTS(Toestemming, toestemming, hoedanigheden),
	TEXT(Toestemming, toestemming, given_by),
	{ 0 },
};
static const struct codec_rule mandaat_rules[] = {
	[1] = RULE_BYTES_PRESENT("body.note", 65536),
	[2] = RULE_NUMBER,
};
static const struct field mandaat_fields[] = {
	BYTES(Mandaat, mandaat, note),
	FLAG(Mandaat, mandaat, withdrawn),
	{ 0 },
};
static const struct codec_rule ontvangst_rules[] = {
	[1] = { .why = "body.message_ids: must be 1 to 64 values of 16 bytes",
		.form = CODEC_BYTES,
		.min = 16,
		.max = 16,
		.list_min = 1,
		.list_max = MESSAGE_LIST_MAX },
};
static const struct field ontvangst_fields[] = {
	SPANS(Ontvangst, ontvangst, message_ids, ids, n),
	{ 0 },
};
static const struct codec_rule geopend_rules[] = {
	[1] = RULE_SIZE("body.message_id", 16),
};
static const struct field geopend_fields[] = {
	BYTES(Geopend, geopend, message_id),
	{ 0 },
};
static const struct codec_rule inzage_rules[] = {
	[1] = RULE_TEXT("body.purpose"),
	[2] = RULE_SIZE_OR_NONE("body.casus", 16),
	[3] = RULE_TEXT("body.hoedanigheid"),
	[4] = RULE_TEXT("body.code"),
	[5] = RULE_TEXT("body.category"),
	[6] = RULE_TIME("body.from_unix_ms"),
	[7] = RULE_TIME("body.to_unix_ms"),
	[8] = RULE_NUMBER,
	[9] = RULE_NUMBER,
	[10] = RULE_TEXT("body.kind"),
	[11] = RULE_TEXT("body.person"),
	[12] = RULE_TEXT("body.grondslag"),
	[13] = RULE_TEXT("body.doel"),
	[14] = RULE_TEXT("body.overleg"),
	[15] = RULE_NUMBER,
	[16] = RULE_NUMBER,
	[17] = RULE_SIZE_OR_NONE("body.message", 16),
	[18] = RULE_NUMBER,
	[20] = RULE_NUMBER,
};
static const struct field inzage_fields[] = {
	TEXT(Inzage, inzage, purpose),
	BYTES(Inzage, inzage, casus),
	TEXT(Inzage, inzage, hoedanigheid),
	TEXT(Inzage, inzage, code),
	TEXT(Inzage, inzage, category),
	TIME(Inzage, inzage, from_unix_ms),
	TIME(Inzage, inzage, to_unix_ms),
	TIME(Inzage, inzage, after_index),
	NUMBER(Inzage, inzage, limit),
	TEXT(Inzage, inzage, kind),
	TEXT(Inzage, inzage, person),
	TEXT(Inzage, inzage, grondslag),
	TEXT(Inzage, inzage, doel),
	TEXT(Inzage, inzage, overleg),
	FLAG(Inzage, inzage, urgent),
	FLAG(Inzage, inzage, own),
	BYTES(Inzage, inzage, message),
	FLAG(Inzage, inzage, proofs),
	FLAG(Inzage, inzage, with_input),
	{ 0 },
};
static const struct codec_rule melding_rules[] = {
	[1] = RULE_TEXT("body.soort"),
};
static const struct field melding_fields[] = {
	TEXT(Melding, melding, soort),
	{ 0 },
};
static const struct codec_rule terugkoppeling_rules[] = {
	[1] = RULE_TEXT("body.soort"),
	[2] = RULE_TEXT("body.bruikbaar"),
	[3] = RULE_TEXT("body.vervolg"),
	[4] = RULE_TEXT("body.reden"),
};
static const struct field terugkoppeling_fields[] = {
	TEXT(Terugkoppeling, terugkoppeling, soort),
	TEXT(Terugkoppeling, terugkoppeling, bruikbaar),
	TEXT(Terugkoppeling, terugkoppeling, vervolg),
	TEXT(Terugkoppeling, terugkoppeling, reden),
	{ 0 },
};
static const struct codec_rule correctie_rules[] = {
	[1] = RULE_TEXT("body.action"),
	[2] = RULE_TEXT("body.reason"),
};
static const struct field correctie_fields[] = {
	TEXT(Correctie, correctie, action),
	TEXT(Correctie, correctie, reason),
	{ 0 },
};
static const struct codec_rule bevestiging_rules[] = {
	[1] = RULE_TEXT("body.action"),
};
static const struct field bevestiging_fields[] = {
	TEXT(Bevestiging, bevestiging, action),
	{ 0 },
};
static const struct codec_rule instemmingsverzoek_rules[] = {
	[1] = RULE_TEXT("body.purpose"),
	[2] = RULE_TEXT("body.target"),
	[3] = RULE_TIME("body.until_unix_ms"),
};
static const struct field instemmingsverzoek_fields[] = {
	TEXT(Instemmingsverzoek, instemmingsverzoek, purpose),
	TEXT(Instemmingsverzoek, instemmingsverzoek, target),
	TIME(Instemmingsverzoek, instemmingsverzoek, until_unix_ms),
	{ 0 },
};
static const struct codec_rule instemming_rules[] = {
	[1] = RULE_NUMBER,
	[2] = RULE_TIME("body.until_unix_ms"),
};
static const struct field instemming_fields[] = {
	FLAG(Instemming, instemming, granted),
	TIME(Instemming, instemming, until_unix_ms),
	{ 0 },
};
static const struct codec_rule verstrekking_rules[] = {
	[1] = RULE_TEXT("body.target_kind"),
	[2] = RULE_TEXT("body.target"),
	[3] = RULE_SIZE_LIST("body.sources", 16, 0, 16),
	[4] = RULE_TEXT("body.verklaring"),
	[5] = RULE_TIME("body.verklaring_unix_ms"),
};
static const struct field verstrekking_fields[] = {
	TEXT(Verstrekking, verstrekking, target_kind),
	TEXT(Verstrekking, verstrekking, target),
	SPANS(Verstrekking, verstrekking, sources, sources, n_sources),
	TEXT(Verstrekking, verstrekking, verklaring),
	TIME(Verstrekking, verstrekking, verklaring_unix_ms),
	{ 0 },
};
static const struct codec_rule agenda_rules[] = {
	[1] = RULE_TIME("body.meeting_unix_ms"),
	[2] = RULE_TIME("body.until_unix_ms"),
	[3] = RULE_TEXTS("body.invite", CODEC_ASCENDING),
};
static const struct field agenda_fields[] = {
	TIME(Agenda, agenda, meeting_unix_ms),
	TIME(Agenda, agenda, until_unix_ms),
	TEXTS(Agenda, agenda, invite),
	{ 0 },
};
static const struct codec_rule hernieuwing_rules[] = {
	[1] = RULE_TIME("body.until_unix_ms"),
	[2] = RULE_TEXT("body.ground"),
};
static const struct field hernieuwing_fields[] = {
	TIME(Hernieuwing, hernieuwing, until_unix_ms),
	TEXT(Hernieuwing, hernieuwing, ground),
	{ 0 },
};
static const struct codec_rule bekendheidsantwoord_rules[] = {
	[1] = RULE_NUMBER,
};
static const struct field bekendheidsantwoord_fields[] = {
	FLAG(Bekendheidsantwoord, bekendheidsantwoord, known),
	{ 0 },
};

/* ---- criteria: those of an aanmelding and of a beoordeling ---- */

static int criteria_take(size_t n, PB(Criterion) *const *list, size_t *n_out, struct criterion out[4], const char **why)
{
	for (size_t i = 0; i < n; i++) {
		char id = list[i]->id[0];

		if (id < 'a' || id > 'd' || (i && id <= out[i - 1].id))
			return codec_refuse(why, BODY_CRITERIA_WHY);
		out[i] = (struct criterion){ .id = id, .met = list[i]->met, .motivated = list[i]->motivated };
	}
	*n_out = n;
	return CODEC_OK;
}

/* Criteria as the packer wants them: an array of pointers, and the one-letter texts they point at. */
struct criteria {
	PB(Criterion) v[4];
	PB(Criterion) *list[4];
	char ids[4][2];
};

static PB(Criterion) **criteria_lend(struct criteria *c, size_t n, const struct criterion *from)
{
	for (size_t i = 0; i < n && i < 4; i++) {
		knooppunt__v1__criterion__init(&c->v[i]);
		c->ids[i][0] = from[i].id;
		c->ids[i][1] = 0;
		c->v[i].id = c->ids[i];
		c->v[i].met = from[i].met;
		c->v[i].motivated = from[i].motivated;
		c->list[i] = &c->v[i];
	}
	return c->list;
}

/* ---- fields ---- */

static void field_take(const struct field *f, const uint8_t *pb, uint8_t *ours)
{
	const void *from = pb + f->pb;
	void *to = ours + f->ours;

	switch (f->form) {
	case FIELD_TEXT:
		*(const char **)to = *(char *const *)from;
		break;
	case FIELD_TEXTS:
		*(struct text_list *)to = codec_texts(*(const size_t *)(const void *)(pb + f->pb_n), *(char **const *)from);
		break;
	case FIELD_BYTES:
		*(struct span *)to = codec_span(*(const ProtobufCBinaryData *)from);
		break;
	case FIELD_SPANS: {
		size_t n = *(const size_t *)(const void *)(pb + f->pb_n);
		const ProtobufCBinaryData *v = *(ProtobufCBinaryData *const *)from;

		*(size_t *)(void *)(ours + f->ours_n) = n; /* the rule bounds it by the array */
		for (size_t i = 0; i < n; i++)
			((struct span *)to)[i] = codec_span(v[i]);
		break;
	}
	case FIELD_FLAG:
		*(bool *)to = *(const protobuf_c_boolean *)from;
		break;
	case FIELD_TIME:
		*(uint64_t *)to = *(const uint64_t *)from;
		break;
	case FIELD_NUMBER:
		*(uint32_t *)to = *(const uint32_t *)from;
		break;
	case FIELD_END:
		break;
	}
}

/* spans: room for the one list of ids that a body may have. */
static void field_give(const struct field *f, const uint8_t *ours, uint8_t *pb, ProtobufCBinaryData spans[MESSAGE_LIST_MAX])
{
	const void *from = ours + f->ours;
	void *to = pb + f->pb;

	switch (f->form) {
	case FIELD_TEXT:
		*(char **)to = codec_lend_text(*(const char *const *)from);
		break;
	case FIELD_TEXTS:
		*(size_t *)(void *)(pb + f->pb_n) = ((const struct text_list *)from)->n;
		*(char ***)to = codec_lend_texts(from);
		break;
	case FIELD_BYTES:
		*(ProtobufCBinaryData *)to = codec_lend(*(const struct span *)from);
		break;
	case FIELD_SPANS: {
		size_t n = *(const size_t *)(const void *)(ours + f->ours_n);

		for (size_t i = 0; i < n && i < MESSAGE_LIST_MAX; i++)
			spans[i] = codec_lend(((const struct span *)from)[i]);
		*(size_t *)(void *)(pb + f->pb_n) = n;
		*(ProtobufCBinaryData **)to = spans;
		break;
	}
	case FIELD_FLAG:
		*(protobuf_c_boolean *)to = *(const bool *)from;
		break;
	case FIELD_TIME:
		*(uint64_t *)to = *(const uint64_t *)from;
		break;
	case FIELD_NUMBER:
		*(uint32_t *)to = *(const uint32_t *)from;
		break;
	case FIELD_END:
		break;
	}
}

/* ---- bodies ---- */

struct body_codec {
	struct codec_shape shape;
	const struct field *fields;
};
#define BODY(name)                                                                                        \
	{                                                                                                 \
		.shape = CODEC_SHAPE("body", knooppunt__v1__##name##__descriptor, name##_rules,           \
				     ENVELOPE_BYTES_MAX),                                                 \
		.fields = name##_fields                                                                   \
	}

static const struct body_codec bodies[MESSAGE_KIND_N] = {
	[MESSAGE_AANMELDING] = BODY(aanmelding),
	[MESSAGE_BEOORDELING] = BODY(beoordeling),
	[MESSAGE_BETREKKEN] = BODY(betrekken),
	[MESSAGE_FASE] = BODY(fase),
	[MESSAGE_AFSLUITING] = BODY(afsluiting),
	[MESSAGE_TOESTEMMING] = BODY(toestemming),
	[MESSAGE_MANDAAT] = BODY(mandaat),
	[MESSAGE_ONTVANGST] = BODY(ontvangst),
	[MESSAGE_GEOPEND] = BODY(geopend),
	[MESSAGE_INZAGE] = BODY(inzage),
	[MESSAGE_MELDING] = BODY(melding),
	[MESSAGE_TERUGKOPPELING] = BODY(terugkoppeling),
	[MESSAGE_CORRECTIE] = BODY(correctie),
	[MESSAGE_BEVESTIGING] = BODY(bevestiging),
	[MESSAGE_INSTEMMINGSVERZOEK] = BODY(instemmingsverzoek),
	[MESSAGE_INSTEMMING] = BODY(instemming),
	[MESSAGE_VERSTREKKING] = BODY(verstrekking),
	[MESSAGE_AGENDA] = BODY(agenda),
	[MESSAGE_HERNIEUWING] = BODY(hernieuwing),
	[MESSAGE_BEKENDHEIDSANTWOORD] = BODY(bekendheidsantwoord),
};

int codec_body_decode(struct span bytes, struct arena *arena, struct message *m, const char **why)
{
	const struct body_codec *body = &bodies[m->kind];
	ProtobufCMessage *message;

	if (!body->fields)
		return bytes.len ? codec_refuse(why, "body: must be empty for this kind") : CODEC_OK;
	if (codec_unpack(&body->shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	for (const struct field *f = body->fields; f->form; f++)
		field_take(f, (const uint8_t *)message, (uint8_t *)&m->body);
	if (m->kind == MESSAGE_AANMELDING) {
		const PB(Aanmelding) *pb = (const PB(Aanmelding) *)message;

		return criteria_take(pb->n_criteria, pb->criteria, &m->body.aanmelding.n_criteria, m->body.aanmelding.criteria,
				     why);
	}
	if (m->kind == MESSAGE_BEOORDELING) {
		const PB(Beoordeling) *pb = (const PB(Beoordeling) *)message;

		return criteria_take(pb->n_criteria, pb->criteria, &m->body.beoordeling.n_criteria,
				     m->body.beoordeling.criteria, why);
	}
	return CODEC_OK;
}

/* Any of the generated bodies. */
union pb_body {
	ProtobufCMessage base;
	PB(Aanmelding) aanmelding;
	PB(Beoordeling) beoordeling;
	PB(Toestemming) toestemming;
	PB(Inzage) inzage;
	PB(Verstrekking) verstrekking;
	uint8_t room[512];
};

void codec_body_encode(const struct message *m, struct buffer *out)
{
	const struct body_codec *body = &bodies[m->kind];
	ProtobufCBinaryData spans[MESSAGE_LIST_MAX];
	struct criteria criteria;
	union pb_body pb;

	if (!body->fields)
		return;
	if (body->shape.descriptor->sizeof_message > sizeof pb) { /* a new body that outgrew the room above */
		out->failed = true;
		return;
	}
	body->shape.descriptor->message_init(&pb.base);
	for (const struct field *f = body->fields; f->form; f++)
		field_give(f, (const uint8_t *)&m->body, (uint8_t *)&pb, spans);
	if (m->kind == MESSAGE_AANMELDING) {
		pb.aanmelding.n_criteria = m->body.aanmelding.n_criteria;
		pb.aanmelding.criteria =
			criteria_lend(&criteria, m->body.aanmelding.n_criteria, m->body.aanmelding.criteria);
	}
	if (m->kind == MESSAGE_BEOORDELING) {
		pb.beoordeling.n_criteria = m->body.beoordeling.n_criteria;
		pb.beoordeling.criteria =
			criteria_lend(&criteria, m->body.beoordeling.n_criteria, m->body.beoordeling.criteria);
	}
	codec_pack(&pb.base, out);
}
