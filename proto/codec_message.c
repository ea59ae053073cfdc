/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Envelope, Message, Header, Part: the rule of each field, and the way from the generated struct to ours and
 * back.
 *
 * The rules are about form. An absent grondslag or an unknown regime is well formed: convenant_decide()
 * refuses it with the code that says so. What the schema calls "or empty" may be absent; the other ids may
 * not.
 */
#include "proto/codec.h"

#include <string.h>

#include "base/text.h"
#include "knooppunt.pb-c.h"
#include "proto/part.h"

#define PB(name) Knooppunt__V1__##name
#define PB_INIT(name)                                                                 \
	{                                                                             \
		.base = PROTOBUF_C_MESSAGE_INIT(&knooppunt__v1__##name##__descriptor) \
	}

/* Padded salt and content with the tag: what part_seal() can make. */
#define CIPHERTEXT_MIN (PART_PAD_BYTES + 16)
#define CIPHERTEXT_MAX ((PART_CONTENT_MAX + 32) / PART_PAD_BYTES * PART_PAD_BYTES + PART_PAD_BYTES + 16)

static const struct codec_rule signature_rules[] = {
	[1] = RULE_SIZE("envelope.signature.key_id", 8),
	[2] = RULE_SIZE("envelope.signature.signature", 64),
};
static const struct codec_rule envelope_rules[] = {
	[1] = RULE_TEXT_PRESENT("envelope.type"),
	[2] = RULE_BYTES("envelope.payload", ENVELOPE_BYTES_MAX),
	[3] = RULE_MESSAGES("envelope.signatures", signature_rules, 4),
};
static const struct codec_shape envelope_shape =
	CODEC_SHAPE("envelope", knooppunt__v1__envelope__descriptor, envelope_rules, ENVELOPE_BYTES_MAX);

int codec_envelope_decode(struct span bytes, struct arena *arena, struct envelope *out, const char **why)
{
	ProtobufCMessage *message;
	const PB(Envelope) *pb;

	_Static_assert(ENVELOPE_SIGNATURES_MAX == 4, "the rule above says 4");
	if (codec_unpack(&envelope_shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	pb = (const PB(Envelope) *)message;
	out->type = pb->type;
	out->payload = codec_span(pb->payload);
	out->n_signatures = pb->n_signatures;
	for (size_t i = 0; i < pb->n_signatures; i++) {
		memcpy(out->signatures[i].key_id, pb->signatures[i]->key_id.data, KEY_ID_BYTES);
		memcpy(out->signatures[i].signature, pb->signatures[i]->signature.data, 64);
	}
	return CODEC_OK;
}

void codec_envelope_encode(const struct envelope *e, struct buffer *out)
{
	PB(Envelope) pb = PB_INIT(envelope);
	PB(Signature) signatures[ENVELOPE_SIGNATURES_MAX];
	PB(Signature) *list[ENVELOPE_SIGNATURES_MAX];

	for (size_t i = 0; i < e->n_signatures; i++) {
		signatures[i] = (PB(Signature))PB_INIT(signature);
		signatures[i].key_id = codec_lend(SPAN_OF(e->signatures[i].key_id));
		signatures[i].signature = codec_lend(SPAN_OF(e->signatures[i].signature));
		list[i] = &signatures[i];
	}
	pb.type = codec_lend_text(e->type);
	pb.payload = codec_lend(e->payload);
	pb.n_signatures = e->n_signatures;
	pb.signatures = list;
	codec_pack(&pb.base, out);
}

static const struct codec_rule header_rules[] = {
	[1] = RULE_SIZE("header.message_id", 16),
	[2] = RULE_TIME("header.created_unix_ms"),
	[3] = RULE_TIME("header.not_after_unix_ms"),
	[4] = RULE_SIZE("header.exchange_id", 16),
	[5] = RULE_SIZE_OR_NONE("header.in_reply_to", 16),
	[6] = RULE_SIZE_OR_NONE("header.casus", 16),
	[7] = RULE_TEXT_PRESENT("header.sender"),
	[8] = RULE_TEXT("header.person"),
	[9] = RULE_SIZE_OR_NONE("header.mandate", 32),
	[10] = RULE_TEXTS("header.recipients", CODEC_ASCENDING),
	[11] = RULE_TEXT("header.regime"),
	[12] = RULE_TEXT("header.grondslag"),
	[13] = RULE_TEXT("header.doel"),
	[14] = RULE_TEXT("header.noodzaak"),
	[15] = RULE_TEXT("header.overleg"),
	[16] = RULE_TEXTS("header.categories", CODEC_ASCENDING),
	[17] = RULE_TEXT("header.person_role"),
	[18] = RULE_TIME("header.deadline_unix_ms"),
	[19] = RULE_TEXT("header.answer_kind"),
	[20] = RULE_NUMBER,
	[21] = RULE_SIZE_OR_NONE("header.convenant", 32),
	[22] = RULE_SIZE("header.trace_id", 16),
	[23] = RULE_TEXT("header.on_behalf_of"),
	[24] = RULE_TEXT("header.related_to"),
};
static const struct codec_shape header_shape =
	CODEC_SHAPE("header", knooppunt__v1__header__descriptor, header_rules, ENVELOPE_BYTES_MAX);

int codec_header_decode(struct span bytes, struct arena *arena, struct header *out, const char **why)
{
	ProtobufCMessage *message;
	const PB(Header) *pb;

	if (codec_unpack(&header_shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	pb = (const PB(Header) *)message;
	*out = (struct header){
		.message_id = codec_span(pb->message_id),
		.created_unix_ms = pb->created_unix_ms,
		.not_after_unix_ms = pb->not_after_unix_ms,
		.exchange_id = codec_span(pb->exchange_id),
		.in_reply_to = codec_span(pb->in_reply_to),
		.casus = codec_span(pb->casus),
		.sender = pb->sender,
		.person = pb->person,
		.mandate = codec_span(pb->mandate),
		.recipients = codec_texts(pb->n_recipients, pb->recipients),
		.regime = pb->regime,
		.grondslag = pb->grondslag,
		.doel = pb->doel,
		.noodzaak = pb->noodzaak,
		.overleg = pb->overleg,
		.categories = codec_texts(pb->n_categories, pb->categories),
		.person_role = pb->person_role,
		.deadline_unix_ms = pb->deadline_unix_ms,
		.answer_kind = pb->answer_kind,
		.urgent = pb->urgent,
		.convenant = codec_span(pb->convenant),
		.trace_id = codec_span(pb->trace_id),
		.on_behalf_of = pb->on_behalf_of,
		.related_to = pb->related_to,
	};
	return CODEC_OK;
}

void codec_header_encode(const struct header *h, struct buffer *out)
{
	PB(Header) pb = PB_INIT(header);

	pb.message_id = codec_lend(h->message_id);
	pb.created_unix_ms = h->created_unix_ms;
	pb.not_after_unix_ms = h->not_after_unix_ms;
	pb.exchange_id = codec_lend(h->exchange_id);
	pb.in_reply_to = codec_lend(h->in_reply_to);
	pb.casus = codec_lend(h->casus);
	pb.sender = codec_lend_text(h->sender);
	pb.person = codec_lend_text(h->person);
	pb.mandate = codec_lend(h->mandate);
	pb.n_recipients = h->recipients.n;
	pb.recipients = codec_lend_texts(&h->recipients);
	pb.regime = codec_lend_text(h->regime);
	pb.grondslag = codec_lend_text(h->grondslag);
	pb.doel = codec_lend_text(h->doel);
	pb.noodzaak = codec_lend_text(h->noodzaak);
	pb.overleg = codec_lend_text(h->overleg);
	pb.n_categories = h->categories.n;
	pb.categories = codec_lend_texts(&h->categories);
	pb.person_role = codec_lend_text(h->person_role);
	pb.deadline_unix_ms = h->deadline_unix_ms;
	pb.answer_kind = codec_lend_text(h->answer_kind);
	pb.urgent = h->urgent;
	pb.convenant = codec_lend(h->convenant);
	pb.trace_id = codec_lend(h->trace_id);
	pb.on_behalf_of = codec_lend_text(h->on_behalf_of);
	pb.related_to = codec_lend_text(h->related_to);
	codec_pack(&pb.base, out);
}

static const struct codec_rule wrap_rules[] = {
	[1] = RULE_TEXT_PRESENT("part.wrap.recipient"),
	[2] = RULE_SIZE("part.wrap.key_id", 8),
	[3] = RULE_SIZE("part.wrap.enc", 32),
	[4] = RULE_SIZE("part.wrap.sealed_key", 48),
};
static const struct codec_rule part_rules[] = {
	[1] = RULE_BYTES_PRESENT("part.header", ENVELOPE_BYTES_MAX),
	[2] = RULE_NUMBER,
	[3] = RULE_SIZE("part.nonce", 24),
	[4] = RULE_SIZE("part.commitment", 32),
	[5] = { .why = "part.ciphertext: must be sealed content, padded to 512 bytes, of at most 256 KiB",
		.form = CODEC_BYTES,
		.min = CIPHERTEXT_MIN,
		.max = CIPHERTEXT_MAX },
	[6] = RULE_MESSAGES("part.wraps", wrap_rules, 64),
};
static const struct codec_rule message_rules[] = {
	[1] = RULE_BYTES_PRESENT("header", ENVELOPE_BYTES_MAX),
	[2] = RULE_BYTES("body", ENVELOPE_BYTES_MAX),
	[3] = RULE_MESSAGES("parts", part_rules, 32),
};
static const struct codec_shape message_shape =
	CODEC_SHAPE("message", knooppunt__v1__message__descriptor, message_rules, ENVELOPE_BYTES_MAX);
static const struct codec_rule part_header_rules[] = {
	[1] = RULE_TEXT_PRESENT("part.header.category"),
	[2] = RULE_TEXT("part.header.secrecy_basis"),
	[3] = RULE_TEXTS("part.header.conditions", 0),
	[4] = { .why = "part.header.reference_date: must be a date like 2026-11-22, or absent",
		.form = CODEC_TEXT,
		.flags = CODEC_OR_NONE,
		.min = 10,
		.max = 10 },
	[5] = RULE_TEXT("part.header.source"),
	[6] = RULE_TEXT("part.header.wpg_article"),
	[7] = RULE_TEXT("part.header.person_category"),
	[8] = RULE_SIZE("part.header.content_commitment", 32),
	[9] = RULE_TEXT("part.header.media_type"),
};
static const struct codec_shape part_header_shape = CODEC_SHAPE(
	"part.header", knooppunt__v1__part_header__descriptor, part_header_rules, ENVELOPE_BYTES_MAX);

int codec_part_header_decode(struct span bytes, struct arena *arena, struct part_header *out,
			     const char **why)
{
	ProtobufCMessage *message;
	const PB(PartHeader) *pb;
	uint64_t date_unix_ms;

	if (codec_unpack(&part_header_shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	pb = (const PB(PartHeader) *)message;
	if (*pb->reference_date && !time_decode(span_of_text(pb->reference_date), &date_unix_ms))
		return codec_refuse(why, part_header_rules[4].why);
	*out = (struct part_header){
		.category = pb->category,
		.secrecy_basis = pb->secrecy_basis,
		.conditions = codec_texts(pb->n_conditions, pb->conditions),
		.reference_date = pb->reference_date,
		.source = pb->source,
		.wpg_article = pb->wpg_article,
		.person_category = pb->person_category,
		.content_commitment = codec_span(pb->content_commitment),
		.media_type = pb->media_type,
	};
	return CODEC_OK;
}

void codec_part_header_encode(const struct part_header *h, struct buffer *out)
{
	PB(PartHeader) pb = PB_INIT(part_header);

	pb.category = codec_lend_text(h->category);
	pb.secrecy_basis = codec_lend_text(h->secrecy_basis);
	pb.n_conditions = h->conditions.n;
	pb.conditions = codec_lend_texts(&h->conditions);
	pb.reference_date = codec_lend_text(h->reference_date);
	pb.source = codec_lend_text(h->source);
	pb.wpg_article = codec_lend_text(h->wpg_article);
	pb.person_category = codec_lend_text(h->person_category);
	pb.content_commitment = codec_lend(h->content_commitment);
	pb.media_type = codec_lend_text(h->media_type);
	codec_pack(&pb.base, out);
}

static int part_take(const PB(Part) *pb, struct arena *arena, struct part *out, const char **why)
{
	if (pb->suite != PART_SUITE_1)
		return codec_refuse(why, "part.suite: must be 1");
	if ((pb->ciphertext.len - 16) % PART_PAD_BYTES)
		return codec_refuse(why, part_rules[5].why);
	*out = (struct part){
		.header_bytes = codec_span(pb->header),
		.suite = pb->suite,
		.nonce = codec_span(pb->nonce),
		.commitment = codec_span(pb->commitment),
		.ciphertext = codec_span(pb->ciphertext),
		.n_wraps = pb->n_wraps,
		.wraps = arena_array(arena, pb->n_wraps, sizeof *out->wraps),
	};
	if (!out->wraps)
		return codec_refuse(why, "part.wraps: need more memory than the message's budget");
	for (size_t i = 0; i < pb->n_wraps; i++)
		out->wraps[i] = (struct wrap){
			.recipient = pb->wraps[i]->recipient,
			.key_id = codec_span(pb->wraps[i]->key_id),
			.enc = codec_span(pb->wraps[i]->enc),
			.sealed_key = codec_span(pb->wraps[i]->sealed_key),
		};
	return codec_part_header_decode(out->header_bytes, arena, &out->header, why);
}

int codec_message_decode(struct span bytes, struct arena *arena, struct codec_message *out, const char **why)
{
	ProtobufCMessage *message;
	const PB(Message) *pb;

	_Static_assert(MESSAGE_PARTS_MAX == 32 && MESSAGE_LIST_MAX == 64, "the rules above say 32 and 64");
	_Static_assert(MESSAGE_TEXT_MAX == 500, "the rules' texts say 500");
	if (codec_unpack(&message_shape, bytes, arena, &message, why))
		return CODEC_E_MALFORMED;
	pb = (const PB(Message) *)message;
	*out = (struct codec_message){
		.header = codec_span(pb->header),
		.body = codec_span(pb->body),
		.n_parts = pb->n_parts,
		.parts = arena_array(arena, pb->n_parts, sizeof *out->parts),
	};
	if (!out->parts)
		return codec_refuse(why, "parts: need more memory than the message's budget");
	for (size_t i = 0; i < pb->n_parts; i++)
		if (part_take(pb->parts[i], arena, &out->parts[i], why))
			return CODEC_E_MALFORMED;
	return CODEC_OK;
}

void codec_message_begin(struct span header, struct span body, struct buffer *out)
{
	PB(Message) pb = PB_INIT(message);

	pb.header = codec_lend(header);
	pb.body = codec_lend(body);
	codec_pack(&pb.base, out);
}

/* Packed messages that follow each other are one message: parts, the last field, are written one by one and
 * need no array. */
void codec_part_encode(const struct part *part, struct buffer *out)
{
	PB(Message) pb = PB_INIT(message);
	PB(Part) one = PB_INIT(part);
	PB(Part) *parts[] = { &one };
	PB(Wrap) wraps[MESSAGE_LIST_MAX];
	PB(Wrap) *list[MESSAGE_LIST_MAX];

	for (size_t i = 0; i < part->n_wraps; i++) {
		wraps[i] = (PB(Wrap))PB_INIT(wrap);
		wraps[i].recipient = codec_lend_text(part->wraps[i].recipient);
		wraps[i].key_id = codec_lend(part->wraps[i].key_id);
		wraps[i].enc = codec_lend(part->wraps[i].enc);
		wraps[i].sealed_key = codec_lend(part->wraps[i].sealed_key);
		list[i] = &wraps[i];
	}
	one.header = codec_lend(part->header_bytes);
	one.suite = part->suite;
	one.nonce = codec_lend(part->nonce);
	one.commitment = codec_lend(part->commitment);
	one.ciphertext = codec_lend(part->ciphertext);
	one.n_wraps = part->n_wraps;
	one.wraps = list;
	pb.n_parts = 1;
	pb.parts = parts;
	codec_pack(&pb.base, out);
}
