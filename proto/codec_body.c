/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of each kind: one row in the table below per kind, with its shape and its two ways.
 *
 * verzoek and antwoord have no row: what they say stands in the header and in the sealed parts, so their body
 * is empty.
 */
#include "proto/codec.h"

#include <string.h>

#include "knooppunt.pb-c.h"

#define PB(name) Knooppunt__V1__##name
#define PB_INIT(name)                                                                 \
	{                                                                             \
		.base = PROTOBUF_C_MESSAGE_INIT(&knooppunt__v1__##name##__descriptor) \
	}

#define BODY_CRITERIA_WHY "body.criteria: must be a, b, c, d in this order, each at most once"

static const struct codec_rule criterion_rules[] = {
	[1] = { .why = BODY_CRITERIA_WHY, .form = CODEC_TEXT, .min = 1, .max = 1 },
	[2] = RULE_NUMBER,
	[3] = RULE_NUMBER,
};
#define RULE_CRITERIA                                                                                     \
	{                                                                                                 \
		.why = BODY_CRITERIA_WHY, .form = CODEC_MESSAGE, .list_max = 4, .nested = criterion_rules \
	}

static const struct codec_rule aanmelding_rules[] = {
	[1] = RULE_TEXT("body.klasse"), [2] = RULE_TEXTS("body.gemeenten", 0),	 [3] = RULE_CRITERIA,
	[4] = RULE_TEXT("body.ave"),	[5] = RULE_TEXT("body.leeftijdsklasse"),
};
static const struct codec_rule beoordeling_rules[] = {
	[1] = RULE_TEXT("body.outcome"),
	[2] = RULE_CRITERIA,
};
static const struct codec_rule betrekken_rules[] = {
	[1] = RULE_TEXTS("body.involve", 0),
	[2] = RULE_TEXTS("body.release", 0),
};
static const struct codec_rule fase_rules[] = {
	[1] = RULE_TEXT("body.phase"),
	[2] = RULE_TEXT("body.ave"),
};
static const struct codec_rule afsluiting_rules[] = {
	[1] = RULE_TEXT("body.reason"),
};
static const struct codec_rule toestemming_rules[] = {
	[1] = RULE_NUMBER,
	[2] = RULE_TIME("body.given_unix_ms"),
	[3] = RULE_TIME("body.until_unix_ms"),
};
static const struct codec_rule mandaat_rules[] = {
	[1] = RULE_BYTES_PRESENT("body.note", 65536),
	[2] = RULE_NUMBER,
};
static const struct codec_rule ontvangst_rules[] = {
	[1] = { .why = "body.message_ids: must be 1 to 64 values of 16 bytes",
		.form = CODEC_BYTES,
		.min = 16,
		.max = 16,
		.list_min = 1,
		.list_max = MESSAGE_LIST_MAX },
};
static const struct codec_rule geopend_rules[] = {
	[1] = RULE_SIZE("body.message_id", 16),
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
};

static int criteria_take(size_t n, PB(Criterion) *const *list, size_t *n_out, struct criterion out[4],
			 const char **why)
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

static PB(Criterion) * *criteria_lend(struct criteria *c, size_t n, const struct criterion *from)
{
	for (size_t i = 0; i < n && i < 4; i++) {
		c->v[i] = (PB(Criterion))PB_INIT(criterion);
		c->ids[i][0] = from[i].id;
		c->ids[i][1] = 0;
		c->v[i].id = c->ids[i];
		c->v[i].met = from[i].met;
		c->v[i].motivated = from[i].motivated;
		c->list[i] = &c->v[i];
	}
	return c->list;
}

static int aanmelding_take(const ProtobufCMessage *message, struct message *m, const char **why)
{
	const PB(Aanmelding) *pb = (const PB(Aanmelding) *)message;
	struct body_aanmelding *b = &m->body.aanmelding;

	b->klasse = pb->klasse;
	b->gemeenten = codec_texts(pb->n_gemeenten, pb->gemeenten);
	b->ave = pb->ave;
	b->leeftijdsklasse = pb->leeftijdsklasse;
	return criteria_take(pb->n_criteria, pb->criteria, &b->n_criteria, b->criteria, why);
}

static void aanmelding_give(const struct message *m, struct buffer *out)
{
	const struct body_aanmelding *b = &m->body.aanmelding;
	PB(Aanmelding) pb = PB_INIT(aanmelding);
	struct criteria c;

	pb.klasse = codec_lend_text(b->klasse);
	pb.n_gemeenten = b->gemeenten.n;
	pb.gemeenten = codec_lend_texts(&b->gemeenten);
	pb.n_criteria = b->n_criteria;
	pb.criteria = criteria_lend(&c, b->n_criteria, b->criteria);
	pb.ave = codec_lend_text(b->ave);
	pb.leeftijdsklasse = codec_lend_text(b->leeftijdsklasse);
	codec_pack(&pb.base, out);
}

static int beoordeling_take(const ProtobufCMessage *message, struct message *m, const char **why)
{
	const PB(Beoordeling) *pb = (const PB(Beoordeling) *)message;
	struct body_beoordeling *b = &m->body.beoordeling;

	b->outcome = pb->outcome;
	return criteria_take(pb->n_criteria, pb->criteria, &b->n_criteria, b->criteria, why);
}

static void beoordeling_give(const struct message *m, struct buffer *out)
{
	const struct body_beoordeling *b = &m->body.beoordeling;
	PB(Beoordeling) pb = PB_INIT(beoordeling);
	struct criteria c;

	pb.outcome = codec_lend_text(b->outcome);
	pb.n_criteria = b->n_criteria;
	pb.criteria = criteria_lend(&c, b->n_criteria, b->criteria);
	codec_pack(&pb.base, out);
}

static int betrekken_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Betrekken) *pb = (const PB(Betrekken) *)message;

	m->body.betrekken.involve = codec_texts(pb->n_involve, pb->involve);
	m->body.betrekken.release = codec_texts(pb->n_release, pb->release);
	return CODEC_OK;
}

static void betrekken_give(const struct message *m, struct buffer *out)
{
	const struct body_betrekken *b = &m->body.betrekken;
	PB(Betrekken) pb = PB_INIT(betrekken);

	pb.n_involve = b->involve.n;
	pb.involve = codec_lend_texts(&b->involve);
	pb.n_release = b->release.n;
	pb.release = codec_lend_texts(&b->release);
	codec_pack(&pb.base, out);
}

static int fase_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Fase) *pb = (const PB(Fase) *)message;

	m->body.fase = (struct body_fase){ .phase = pb->phase, .ave = pb->ave };
	return CODEC_OK;
}

static void fase_give(const struct message *m, struct buffer *out)
{
	PB(Fase) pb = PB_INIT(fase);

	pb.phase = codec_lend_text(m->body.fase.phase);
	pb.ave = codec_lend_text(m->body.fase.ave);
	codec_pack(&pb.base, out);
}

static int afsluiting_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	m->body.afsluiting.reason = ((const PB(Afsluiting) *)message)->reason;
	return CODEC_OK;
}

static void afsluiting_give(const struct message *m, struct buffer *out)
{
	PB(Afsluiting) pb = PB_INIT(afsluiting);

	pb.reason = codec_lend_text(m->body.afsluiting.reason);
	codec_pack(&pb.base, out);
}

static int toestemming_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Toestemming) *pb = (const PB(Toestemming) *)message;

	m->body.toestemming = (struct body_toestemming){
		.withdrawn = pb->withdrawn,
		.given_unix_ms = pb->given_unix_ms,
		.until_unix_ms = pb->until_unix_ms,
	};
	return CODEC_OK;
}

static void toestemming_give(const struct message *m, struct buffer *out)
{
	PB(Toestemming) pb = PB_INIT(toestemming);

	pb.withdrawn = m->body.toestemming.withdrawn;
	pb.given_unix_ms = m->body.toestemming.given_unix_ms;
	pb.until_unix_ms = m->body.toestemming.until_unix_ms;
	codec_pack(&pb.base, out);
}

static int mandaat_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Mandaat) *pb = (const PB(Mandaat) *)message;

	m->body.mandaat = (struct body_mandaat){ .note = codec_span(pb->note), .withdrawn = pb->withdrawn };
	return CODEC_OK;
}

static void mandaat_give(const struct message *m, struct buffer *out)
{
	PB(Mandaat) pb = PB_INIT(mandaat);

	pb.note = codec_lend(m->body.mandaat.note);
	pb.withdrawn = m->body.mandaat.withdrawn;
	codec_pack(&pb.base, out);
}

static int ontvangst_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Ontvangst) *pb = (const PB(Ontvangst) *)message;

	m->body.ontvangst.n = pb->n_message_ids;
	for (size_t i = 0; i < pb->n_message_ids; i++)
		m->body.ontvangst.ids[i] = codec_span(pb->message_ids[i]);
	return CODEC_OK;
}

static void ontvangst_give(const struct message *m, struct buffer *out)
{
	ProtobufCBinaryData ids[MESSAGE_LIST_MAX];
	PB(Ontvangst) pb = PB_INIT(ontvangst);

	for (size_t i = 0; i < m->body.ontvangst.n && i < MESSAGE_LIST_MAX; i++)
		ids[i] = codec_lend(m->body.ontvangst.ids[i]);
	pb.n_message_ids = m->body.ontvangst.n;
	pb.message_ids = ids;
	codec_pack(&pb.base, out);
}

static int geopend_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Geopend) *pb = (const PB(Geopend) *)message;

	m->body.geopend.message_id = codec_span(pb->message_id);
	return CODEC_OK;
}

static void geopend_give(const struct message *m, struct buffer *out)
{
	PB(Geopend) pb = PB_INIT(geopend);

	pb.message_id = codec_lend(m->body.geopend.message_id);
	codec_pack(&pb.base, out);
}

static int inzage_take(const ProtobufCMessage *message, struct message *m, const char **why UNUSED)
{
	const PB(Inzage) *pb = (const PB(Inzage) *)message;

	m->body.inzage = (struct body_inzage){
		.purpose = pb->purpose,
		.casus = codec_span(pb->casus),
		.hoedanigheid = pb->hoedanigheid,
		.code = pb->code,
		.category = pb->category,
		.from_unix_ms = pb->from_unix_ms,
		.to_unix_ms = pb->to_unix_ms,
		.after_index = pb->after_index,
		.limit = pb->limit,
		.kind = pb->kind,
		.person = pb->person,
		.grondslag = pb->grondslag,
		.doel = pb->doel,
		.overleg = pb->overleg,
		.message = codec_span(pb->message),
		.urgent = pb->urgent,
		.own = pb->own,
		.proofs = pb->proofs,
	};
	return CODEC_OK;
}

static void inzage_give(const struct message *m, struct buffer *out)
{
	const struct body_inzage *b = &m->body.inzage;
	PB(Inzage) pb = PB_INIT(inzage);

	pb.purpose = codec_lend_text(b->purpose);
	pb.casus = codec_lend(b->casus);
	pb.hoedanigheid = codec_lend_text(b->hoedanigheid);
	pb.code = codec_lend_text(b->code);
	pb.category = codec_lend_text(b->category);
	pb.from_unix_ms = b->from_unix_ms;
	pb.to_unix_ms = b->to_unix_ms;
	pb.after_index = b->after_index;
	pb.limit = b->limit;
	pb.kind = codec_lend_text(b->kind);
	pb.person = codec_lend_text(b->person);
	pb.grondslag = codec_lend_text(b->grondslag);
	pb.doel = codec_lend_text(b->doel);
	pb.overleg = codec_lend_text(b->overleg);
	pb.message = codec_lend(b->message);
	pb.urgent = b->urgent;
	pb.own = b->own;
	pb.proofs = b->proofs;
	codec_pack(&pb.base, out);
}

struct body_codec {
	struct codec_shape shape;
	int (*take)(const ProtobufCMessage *message, struct message *m, const char **why);
	void (*give)(const struct message *m, struct buffer *out);
};
#define BODY(name)                                                                              \
	{                                                                                       \
		.shape = CODEC_SHAPE("body", knooppunt__v1__##name##__descriptor, name##_rules, \
				     ENVELOPE_BYTES_MAX),                                       \
		.take = name##_take, .give = name##_give                                        \
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
};

int codec_body_decode(struct span bytes, struct arena *arena, struct message *m, const char **why)
{
	const struct body_codec *body = &bodies[m->kind];
	ProtobufCMessage *message;

	if (!body->take)
		return bytes.len ? codec_refuse(why, "body: must be empty for this kind") : CODEC_OK;
	if (codec_unpack(&body->shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	return body->take(message, m, why);
}

void codec_body_encode(const struct message *m, struct buffer *out)
{
	if (bodies[m->kind].give)
		bodies[m->kind].give(m, out);
}
