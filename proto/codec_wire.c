/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What node and house say around envelopes (wire.h). Lists of messages are written one by one, as
 * codec_part_encode() does.
 */
#include "proto/codec.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "knooppunt.pb-c.h"

#define PB(name) Knooppunt__V1__##name
#define PB_INIT(name)                                                                 \
	{                                                                             \
		.base = PROTOBUF_C_MESSAGE_INIT(&knooppunt__v1__##name##__descriptor) \
	}
#define SHAPE(name) CODEC_SHAPE(#name, knooppunt__v1__##name##__descriptor, name##_rules, WIRE_BODY_MAX)

#define RULE_LIST(name, nested_)                                                            \
	{                                                                                   \
		.why = name ": too many", .form = CODEC_MESSAGE, .list_max = WIRE_LIST_MAX, \
		.nested = (nested_)                                                         \
	}

/* Opens a decoder: pb is the generated struct, or the function is done. */
#define UNPACK(type, shape)                                       \
	ProtobufCMessage *message;                                \
	const PB(type) *pb;                                      \
                                                                  \
	if (codec_unpack(&(shape), bytes, arena, &message, NULL)) \
		return WIRE_E_MALFORMED;                          \
	pb = (const PB(type) *)message

static const struct codec_rule delivery_rules[] = {
	[1] = RULE_BYTES_PRESENT("delivery.envelope", ENVELOPE_BYTES_MAX),
	[2] = RULE_BYTES("delivery.mandate", WIRE_BODY_MAX),
	[3] = RULE_NUMBER,
};
static const struct codec_shape delivery_shape = SHAPE(delivery);

int delivery_encode(const struct delivery *in, struct buffer *out)
{
	PB(Delivery) pb = PB_INIT(delivery);

	pb.envelope = codec_lend(in->envelope);
	pb.mandate = codec_lend(in->mandate);
	pb.index = in->index;
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int delivery_decode(struct span bytes, struct arena *arena, struct delivery *out)
{
	UNPACK(Delivery, delivery_shape);
	*out = (struct delivery){
		.envelope = codec_span(pb->envelope),
		.mandate = codec_span(pb->mandate),
		.index = pb->index,
	};
	return WIRE_OK;
}

static const struct codec_rule fetch_rules[] = {
	[1] = RULE_TEXT_PRESENT("fetch.what"),
	[2] = RULE_BYTES("fetch.id", 32),
	[3] = RULE_NUMBER,
	[4] = RULE_NUMBER,
	[5] = RULE_TEXT("fetch.sender"),
};
static const struct codec_shape fetch_shape = SHAPE(fetch);

int fetch_encode(const struct fetch *in, struct buffer *out)
{
	PB(Fetch) pb = PB_INIT(fetch);

	pb.what = codec_lend_text(in->what);
	pb.id = codec_lend(in->id);
	pb.from = in->from;
	pb.to = in->to;
	pb.sender = codec_lend_text(in->sender);
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int fetch_decode(struct span bytes, struct arena *arena, struct fetch *out)
{
	UNPACK(Fetch, fetch_shape);
	*out = (struct fetch){
		.what = pb->what,
		.id = codec_span(pb->id),
		.from = pb->from,
		.to = pb->to,
		.sender = pb->sender,
	};
	return WIRE_OK;
}

static const struct codec_rule rules_rules[] = {
	[1] = RULE_BYTES("rules.kader", WIRE_BODY_MAX),
	[2] = RULE_BYTES("rules.register", WIRE_BODY_MAX),
	[3] = { .why = "rules.convenanten: must be at most 8, none empty",
		.form = CODEC_BYTES,
		.min = 1,
		.max = WIRE_BODY_MAX,
		.list_max = 8 },
	[4] = RULE_BYTES("rules.checkpoint", WIRE_BODY_MAX),
};
static const struct codec_shape rules_shape = SHAPE(rules);

int rules_reply_encode(const struct rules_reply *in, struct buffer *out)
{
	ProtobufCBinaryData convenanten[N_ELEMENTS(in->convenanten)];
	PB(Rules) pb = PB_INIT(rules);

	if (in->n_convenanten > N_ELEMENTS(convenanten))
		return err_raise(-EINVAL);
	for (size_t i = 0; i < in->n_convenanten; i++)
		convenanten[i] = codec_lend(in->convenanten[i]);
	pb.kader = codec_lend(in->kader);
	pb.register_ = codec_lend(in->reg);
	pb.n_convenanten = in->n_convenanten;
	pb.convenanten = convenanten;
	pb.checkpoint = codec_lend(in->checkpoint);
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int rules_reply_decode(struct span bytes, struct arena *arena, struct rules_reply *out)
{
	UNPACK(Rules, rules_shape);
	*out = (struct rules_reply){
		.kader = codec_span(pb->kader),
		.reg = codec_span(pb->register_),
		.checkpoint = codec_span(pb->checkpoint),
		.n_convenanten = pb->n_convenanten,
	};
	for (size_t i = 0; i < pb->n_convenanten; i++)
		out->convenanten[i] = codec_span(pb->convenanten[i]);
	return WIRE_OK;
}

static const struct codec_rule casus_view_rules[] = { [1] = RULE_BYTES("casus_view.state", 65535) };
static const struct codec_rule casus_list_rules[] = { [1] = RULE_LIST("casus_list.casus", casus_view_rules) };
static const struct codec_shape casus_list_shape = SHAPE(casus_list);

static void casus_view_encode(const struct casus_view *v, struct buffer *out)
{
	PB(CasusList) pb = PB_INIT(casus_list);
	PB(CasusView) one = PB_INIT(casus_view);
	PB(CasusView) *list[] = { &one };

	one.state = codec_lend(v->state);
	pb.n_casus = 1;
	pb.casus = list;
	codec_pack(&pb.base, out);
}

int casus_list_encode(const struct casus_list *in, struct buffer *out)
{
	for (size_t i = 0; i < in->n; i++)
		casus_view_encode(&in->v[i], out);
	return err_pass(buffer_ok(out));
}

int casus_list_decode(struct span bytes, struct arena *arena, struct casus_list *out)
{
	struct casus_view *v;

	UNPACK(CasusList, casus_list_shape);
	v = arena_array(arena, pb->n_casus, sizeof *v);
	if (!v)
		return WIRE_E_MALFORMED;
	for (size_t i = 0; i < pb->n_casus; i++)
		v[i] = (struct casus_view){ .state = codec_span(pb->casus[i]->state) };
	*out = (struct casus_list){ .n = pb->n_casus, .v = v };
	return WIRE_OK;
}

static const struct codec_rule rung_rules[] = {
	[1] = RULE_TEXT_PRESENT("rung.name"),
	[2] = RULE_TIME("rung.unix_ms"),
	[3] = RULE_TEXT("rung.hoedanigheid"),
	[4] = RULE_NUMBER,
	[5] = RULE_BYTES("rung.receipt", WIRE_BODY_MAX),
};
static const struct codec_rule ladder_rules[] = {
	[1] = RULE_SIZE("ladder.message_id", 16),
	[2] = RULE_LIST("ladder.rungs", rung_rules),
};
static const struct codec_shape ladder_shape = SHAPE(ladder);

static void rung_encode(const struct rung *r, struct buffer *out)
{
	PB(Ladder) pb = PB_INIT(ladder);
	PB(Rung) one = PB_INIT(rung);
	PB(Rung) *list[] = { &one };

	one.name = codec_lend_text(r->name);
	one.unix_ms = r->unix_ms;
	one.hoedanigheid = codec_lend_text(r->hoedanigheid);
	one.index = r->index;
	one.receipt = codec_lend(r->receipt);
	pb.n_rungs = 1;
	pb.rungs = list;
	codec_pack(&pb.base, out);
}

int ladder_encode(const struct ladder *in, struct buffer *out)
{
	PB(Ladder) pb = PB_INIT(ladder);

	pb.message_id = codec_lend(in->message_id);
	codec_pack(&pb.base, out);
	for (size_t i = 0; i < in->n; i++)
		rung_encode(&in->v[i], out);
	return err_pass(buffer_ok(out));
}

int ladder_decode(struct span bytes, struct arena *arena, struct ladder *out)
{
	struct rung *v;

	UNPACK(Ladder, ladder_shape);
	v = arena_array(arena, pb->n_rungs, sizeof *v);
	if (!v)
		return WIRE_E_MALFORMED;
	for (size_t i = 0; i < pb->n_rungs; i++)
		v[i] = (struct rung){
			.name = pb->rungs[i]->name,
			.unix_ms = pb->rungs[i]->unix_ms,
			.hoedanigheid = pb->rungs[i]->hoedanigheid,
			.index = pb->rungs[i]->index,
			.receipt = codec_span(pb->rungs[i]->receipt),
		};
	*out = (struct ladder){ .message_id = codec_span(pb->message_id), .n = pb->n_rungs, .v = v };
	return WIRE_OK;
}

static const struct codec_rule log_record_rules[] = {
	[1] = RULE_NUMBER,
	[2] = RULE_BYTES("log_record.entry", 65535),
	[3] = RULE_BYTES("log_record.record", 65535),
	[4] = RULE_SIZE_OR_NONE("log_record.opening", 32),
	[5] = RULE_BYTES("log_record.proof", 131072),
	[6] = RULE_BYTES("log_record.input", WIRE_BODY_MAX),
};
static const struct codec_rule log_page_rules[] = {
	[1] = RULE_LIST("log_page.records", log_record_rules),
	[2] = RULE_NUMBER,
	[3] = RULE_NUMBER,
};
static const struct codec_shape log_page_shape = SHAPE(log_page);

static void log_record_encode(const struct log_record *r, struct buffer *out)
{
	PB(LogPage) pb = PB_INIT(log_page);
	PB(LogRecord) one = PB_INIT(log_record);
	PB(LogRecord) *list[] = { &one };

	one.index = r->index;
	one.entry = codec_lend(r->entry);
	one.record = codec_lend(r->record);
	one.opening = codec_lend(r->opening);
	one.proof = codec_lend(r->proof);
	one.input = codec_lend(r->input);
	pb.n_records = 1;
	pb.records = list;
	codec_pack(&pb.base, out);
}

int log_page_encode(const struct log_page *in, struct buffer *out)
{
	PB(LogPage) pb = PB_INIT(log_page);

	for (size_t i = 0; i < in->n; i++)
		log_record_encode(&in->v[i], out);
	pb.next_index = in->next_index;
	pb.size = in->size;
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int log_page_decode(struct span bytes, struct arena *arena, struct log_page *out)
{
	struct log_record *v;

	UNPACK(LogPage, log_page_shape);
	v = arena_array(arena, pb->n_records, sizeof *v);
	if (!v)
		return WIRE_E_MALFORMED;
	for (size_t i = 0; i < pb->n_records; i++)
		v[i] = (struct log_record){
			.index = pb->records[i]->index,
			.entry = codec_span(pb->records[i]->entry),
			.record = codec_span(pb->records[i]->record),
			.opening = codec_span(pb->records[i]->opening),
			.proof = codec_span(pb->records[i]->proof),
			.input = codec_span(pb->records[i]->input),
		};
	*out = (struct log_page){
		.n = pb->n_records, .v = v, .next_index = pb->next_index, .size = pb->size
	};
	return WIRE_OK;
}

static const struct codec_rule consistency_rules[] = {
	[1] = RULE_BYTES("consistency.checkpoint", WIRE_BODY_MAX),
	[2] = RULE_SIZE_LIST("consistency.proof", 32, 0, 63),
};
static const struct codec_shape consistency_shape = SHAPE(consistency);

int consistency_encode(const struct consistency *in, struct buffer *out)
{
	ProtobufCBinaryData proof[TREE_PROOF_MAX];
	PB(Consistency) pb = PB_INIT(consistency);

	_Static_assert(TREE_PROOF_MAX == 63 && HASH_BYTES == 32, "the rule above says 63 values of 32 bytes");
	if (in->proof.n > TREE_PROOF_MAX)
		return err_raise(-EINVAL);
	for (size_t i = 0; i < in->proof.n; i++)
		proof[i] = codec_lend(SPAN_OF(in->proof.path[i].bytes));
	pb.checkpoint = codec_lend(in->checkpoint);
	pb.n_proof = in->proof.n;
	pb.proof = proof;
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int consistency_decode(struct span bytes, struct arena *arena, struct consistency *out)
{
	UNPACK(Consistency, consistency_shape);
	out->checkpoint = codec_span(pb->checkpoint);
	out->proof.n = pb->n_proof;
	for (size_t i = 0; i < pb->n_proof; i++)
		memcpy(out->proof.path[i].bytes, pb->proof[i].data, HASH_BYTES);
	return WIRE_OK;
}

static const struct codec_rule trouble_rules[] = {
	[1] = RULE_TEXT_PRESENT("trouble.code"),
	[2] = RULE_TEXT("trouble.text"),
};
static const struct codec_shape trouble_shape = SHAPE(trouble);

int trouble_encode(const struct trouble *in, struct buffer *out)
{
	PB(Trouble) pb = PB_INIT(trouble);

	pb.code = codec_lend_text(in->code);
	pb.text = codec_lend_text(in->text);
	codec_pack(&pb.base, out);
	return err_pass(buffer_ok(out));
}

int trouble_decode(struct span bytes, struct arena *arena, struct trouble *out)
{
	UNPACK(Trouble, trouble_shape);
	*out = (struct trouble){ .code = pb->code, .text = pb->text };
	return WIRE_OK;
}
