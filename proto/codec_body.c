/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of each kind: a table of its fields, each with its rule and its place in our struct. Where it stands in the generated
 * struct, and how it is copied, the descriptor says; only the criteria have a shape of their own.
 *
 * A kind without a table has an empty body: what it says stands in the header and in the sealed parts.
 */
#include "proto/codec.h"

#include <stddef.h>
#include <string.h>

#include "knooppunt.pb-c.h"

#define PB(name) Knooppunt__V1__##name

#define TO(name, member) .to = offsetof(struct body_##name, member)
#define TO_N(name, member) .to_n = offsetof(struct body_##name, member)
#define BODY_TEXT(name, member) \
	{ .why = "body." #member CODEC_TEXT_WHY, .form = CODEC_TEXT, .max = MESSAGE_TEXT_MAX, TO(name, member) }
#define BODY_TEXTS(name, member, flags_)                                                                        \
	{ .why = "body." #member CODEC_LIST_WHY_##flags_, .form = CODEC_TEXT, .flags = (flags_), .min = 1,       \
	  .max = MESSAGE_TEXT_MAX, .list_max = MESSAGE_LIST_MAX, TO(name, member) }
#define BODY_NUMBER(name, member) { .why = "", .form = CODEC_NUMBER, TO(name, member) }
#define BODY_TIME(name, member) \
	{ .why = "body." #member ": must be before the year 10000", .form = CODEC_TIME, TO(name, member) }
#define BODY_ID(name, member) \
	{ .why = "body." #member ": must be 16 bytes", .form = CODEC_BYTES, .min = 16, .max = 16, TO(name, member) }
#define BODY_ID_OR_NONE(name, member)                                                                            \
	{ .why = "body." #member ": must be 16 bytes or absent", .form = CODEC_BYTES, .flags = CODEC_OR_NONE,     \
	  .min = 16, .max = 16, TO(name, member) }

#define BODY_CRITERIA_WHY "body.criteria: must be a, b, c, d in this order, each at most once"

static const struct codec_rule criterion_rules[] = {
	[1] = { .why = BODY_CRITERIA_WHY, .form = CODEC_TEXT, .min = 1, .max = 1 },
	[2] = RULE_NUMBER,
	[3] = RULE_NUMBER,
};
#define RULE_CRITERIA \
	{ .why = BODY_CRITERIA_WHY, .form = CODEC_MESSAGE, .list_max = 4, .nested = criterion_rules }

static const struct codec_rule aanmelding_rules[] = {
	[1] = BODY_TEXT(aanmelding, klasse),
	[2] = BODY_TEXTS(aanmelding, gemeenten, 0),
	[3] = RULE_CRITERIA,
	[4] = BODY_TEXT(aanmelding, ave),
	[5] = BODY_TEXT(aanmelding, leeftijdsklasse),
};
static const struct codec_rule beoordeling_rules[] = {
	[1] = BODY_TEXT(beoordeling, outcome),
	[2] = RULE_CRITERIA,
};
static const struct codec_rule betrekken_rules[] = {
	[1] = BODY_TEXTS(betrekken, involve, 0),
	[2] = BODY_TEXTS(betrekken, release, 0),
};
static const struct codec_rule fase_rules[] = {
	[1] = BODY_TEXT(fase, phase),
	[2] = BODY_TEXT(fase, ave),
};
static const struct codec_rule afsluiting_rules[] = {
	[1] = BODY_TEXT(afsluiting, reason),
};
static const struct codec_rule toestemming_rules[] = {
	[1] = BODY_NUMBER(toestemming, withdrawn),
	[2] = BODY_TIME(toestemming, given_unix_ms),
	[3] = BODY_TIME(toestemming, until_unix_ms),
	[4] = BODY_TEXTS(toestemming, categories, CODEC_ASCENDING),
	[5] = BODY_TEXTS(toestemming, hoedanigheden, CODEC_ASCENDING),
	[6] = BODY_TEXT(toestemming, given_by),
};
static const struct codec_rule mandaat_rules[] = {
	[1] = { .why = "body.note: must be present and not too big", .form = CODEC_BYTES, .min = 1, .max = 65536,
		TO(mandaat, note) },
	[2] = BODY_NUMBER(mandaat, withdrawn),
};
static const struct codec_rule ontvangst_rules[] = {
	[1] = { .why = "body.message_ids: must be 1 to 64 values of 16 bytes", .form = CODEC_BYTES, .min = 16, .max = 16,
		.list_min = 1, .list_max = MESSAGE_LIST_MAX, TO(ontvangst, ids), TO_N(ontvangst, n) },
};
static const struct codec_rule geopend_rules[] = {
	[1] = BODY_ID(geopend, message_id),
};
static const struct codec_rule inzage_rules[] = {
	[1] = BODY_TEXT(inzage, purpose),
	[2] = BODY_ID_OR_NONE(inzage, casus),
	[3] = BODY_TEXT(inzage, hoedanigheid),
	[4] = BODY_TEXT(inzage, code),
	[5] = BODY_TEXT(inzage, category),
	[6] = BODY_TIME(inzage, from_unix_ms),
	[7] = BODY_TIME(inzage, to_unix_ms),
	[8] = BODY_NUMBER(inzage, after_index),
	[9] = BODY_NUMBER(inzage, limit),
	[10] = BODY_TEXT(inzage, kind),
	[11] = BODY_TEXT(inzage, person),
	[12] = BODY_TEXT(inzage, grondslag),
	[13] = BODY_TEXT(inzage, doel),
	[14] = BODY_TEXT(inzage, overleg),
	[15] = BODY_NUMBER(inzage, urgent),
	[16] = BODY_NUMBER(inzage, own),
	[17] = BODY_ID_OR_NONE(inzage, message),
	[18] = BODY_NUMBER(inzage, proofs),
	[20] = BODY_NUMBER(inzage, with_input),
};
static const struct codec_rule melding_rules[] = {
	[1] = BODY_TEXT(melding, soort),
};
static const struct codec_rule terugkoppeling_rules[] = {
	[1] = BODY_TEXT(terugkoppeling, soort),
	[2] = BODY_TEXT(terugkoppeling, bruikbaar),
	[3] = BODY_TEXT(terugkoppeling, vervolg),
	[4] = BODY_TEXT(terugkoppeling, reden),
};
static const struct codec_rule correctie_rules[] = {
	[1] = BODY_TEXT(correctie, action),
	[2] = BODY_TEXT(correctie, reason),
};
static const struct codec_rule bevestiging_rules[] = {
	[1] = BODY_TEXT(bevestiging, action),
};
static const struct codec_rule instemmingsverzoek_rules[] = {
	[1] = BODY_TEXT(instemmingsverzoek, purpose),
	[2] = BODY_TEXT(instemmingsverzoek, target),
	[3] = BODY_TIME(instemmingsverzoek, until_unix_ms),
};
static const struct codec_rule instemming_rules[] = {
	[1] = BODY_NUMBER(instemming, granted),
	[2] = BODY_TIME(instemming, until_unix_ms),
};
static const struct codec_rule verstrekking_rules[] = {
	[1] = BODY_TEXT(verstrekking, target_kind),
	[2] = BODY_TEXT(verstrekking, target),
	[3] = { .why = "body.sources: must be at most 16 values of 16 bytes", .form = CODEC_BYTES, .min = 16, .max = 16,
		.list_max = MESSAGE_SOURCES_MAX, TO(verstrekking, sources), TO_N(verstrekking, n_sources) },
	[4] = BODY_TEXT(verstrekking, verklaring),
	[5] = BODY_TIME(verstrekking, verklaring_unix_ms),
};
static const struct codec_rule agenda_rules[] = {
	[1] = BODY_TIME(agenda, meeting_unix_ms),
	[2] = BODY_TIME(agenda, until_unix_ms),
	[3] = BODY_TEXTS(agenda, invite, CODEC_ASCENDING),
};
static const struct codec_rule hernieuwing_rules[] = {
	[1] = BODY_TIME(hernieuwing, until_unix_ms),
	[2] = BODY_TEXT(hernieuwing, ground),
};
static const struct codec_rule bekendheidsantwoord_rules[] = {
	[1] = BODY_NUMBER(bekendheidsantwoord, known),
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

static void list_take(const struct codec_rule *rule, const ProtobufCFieldDescriptor *d, const uint8_t *pb, uint8_t *ours)
{
	size_t n = *(const size_t *)(const void *)(pb + d->quantifier_offset);
	const void *from = pb + d->offset;
	void *to = ours + rule->to;

	if (d->type == PROTOBUF_C_TYPE_STRING) {
		*(struct text_list *)to = codec_texts(n, *(char **const *)from);
		return;
	}
	*(size_t *)(void *)(ours + rule->to_n) = n; /* the rule bounds it by the array */
	for (size_t i = 0; i < n; i++)
		((struct span *)to)[i] = codec_span((*(ProtobufCBinaryData *const *)from)[i]);
}

static void field_take(const struct codec_rule *rule, const ProtobufCFieldDescriptor *d, const uint8_t *pb, uint8_t *ours)
{
	const void *from = pb + d->offset;
	void *to = ours + rule->to;

	if (rule->form == CODEC_MESSAGE)
		return; /* the criteria */
	if (d->label == PROTOBUF_C_LABEL_REPEATED)
		list_take(rule, d, pb, ours);
	else if (d->type == PROTOBUF_C_TYPE_STRING)
		*(const char **)to = *(char *const *)from;
	else if (d->type == PROTOBUF_C_TYPE_BYTES)
		*(struct span *)to = codec_span(*(const ProtobufCBinaryData *)from);
	else if (d->type == PROTOBUF_C_TYPE_BOOL)
		*(bool *)to = *(const protobuf_c_boolean *)from;
	else if (d->type == PROTOBUF_C_TYPE_UINT32)
		*(uint32_t *)to = *(const uint32_t *)from;
	else
		*(uint64_t *)to = *(const uint64_t *)from;
}

/* spans: room for the one list of ids that a body may have. */
static void list_give(const struct codec_rule *rule, const ProtobufCFieldDescriptor *d, const uint8_t *ours, uint8_t *pb,
		      ProtobufCBinaryData spans[MESSAGE_LIST_MAX])
{
	size_t *n = (size_t *)(void *)(pb + d->quantifier_offset);
	const void *from = ours + rule->to;
	void *to = pb + d->offset;

	if (d->type == PROTOBUF_C_TYPE_STRING) {
		*n = ((const struct text_list *)from)->n;
		*(char ***)to = codec_lend_texts(from);
		return;
	}
	*n = *(const size_t *)(const void *)(ours + rule->to_n);
	for (size_t i = 0; i < *n && i < MESSAGE_LIST_MAX; i++)
		spans[i] = codec_lend(((const struct span *)from)[i]);
	*(ProtobufCBinaryData **)to = spans;
}

static void field_give(const struct codec_rule *rule, const ProtobufCFieldDescriptor *d, const uint8_t *ours, uint8_t *pb)
{
	const void *from = ours + rule->to;
	void *to = pb + d->offset;

	if (d->type == PROTOBUF_C_TYPE_STRING)
		*(char **)to = codec_lend_text(*(const char *const *)from);
	else if (d->type == PROTOBUF_C_TYPE_BYTES)
		*(ProtobufCBinaryData *)to = codec_lend(*(const struct span *)from);
	else if (d->type == PROTOBUF_C_TYPE_BOOL)
		*(protobuf_c_boolean *)to = *(const bool *)from;
	else if (d->type == PROTOBUF_C_TYPE_UINT32)
		*(uint32_t *)to = *(const uint32_t *)from;
	else
		*(uint64_t *)to = *(const uint64_t *)from;
}

/* ---- bodies ---- */

#define BODY(name) \
	CODEC_SHAPE("body", knooppunt__v1__##name##__descriptor, name##_rules, ENVELOPE_BYTES_MAX)

static const struct codec_shape bodies[MESSAGE_KIND_N] = {
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
	const struct codec_shape *shape = &bodies[m->kind];
	const ProtobufCMessageDescriptor *d = shape->descriptor;
	ProtobufCMessage *message;

	if (!d)
		return bytes.len ? codec_refuse(why, "body: must be empty for this kind") : CODEC_OK;
	if (codec_unpack(shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	for (unsigned i = 0; i < d->n_fields; i++)
		field_take(&shape->rules[d->fields[i].id], &d->fields[i], (const uint8_t *)message, (uint8_t *)&m->body);
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
	const struct codec_shape *shape = &bodies[m->kind];
	const ProtobufCMessageDescriptor *d = shape->descriptor;
	ProtobufCBinaryData spans[MESSAGE_LIST_MAX];
	struct criteria criteria;
	union pb_body pb;

	if (!d)
		return;
	if (d->sizeof_message > sizeof pb) { /* a new body that outgrew the room above */
		out->failed = true;
		return;
	}
	d->message_init(&pb.base);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const struct codec_rule *rule = &shape->rules[d->fields[i].id];

		if (rule->form == CODEC_MESSAGE)
			continue; /* the criteria */
		if (d->fields[i].label == PROTOBUF_C_LABEL_REPEATED)
			list_give(rule, &d->fields[i], (const uint8_t *)&m->body, (uint8_t *)&pb, spans);
		else
			field_give(rule, &d->fields[i], (const uint8_t *)&m->body, (uint8_t *)&pb);
	}
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
