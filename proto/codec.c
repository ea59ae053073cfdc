/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * protobuf-c does the reading and the writing; what it is lax about is checked here, by walking the
 * descriptor.
 *
 * "Packing gives the same bytes" is what refuses nearly every second spelling (long varints, repeated
 * scalars, other field orders, explicit defaults, split sub-messages, NUL in a text). It is checked without
 * packing into memory: the packer writes into a sink that compares. Two things pass that test and have their
 * own: unknown fields at the end, and text that is not UTF-8.
 */
#include "proto/codec.h"

#include <string.h>

#include "base/text.h"

static void *arena_give(void *ctx, size_t size)
{
	return arena_alloc(ctx, size);
}

static void arena_keep(void *ctx UNUSED, void *memory UNUSED)
{
	/* the arena frees everything in one step */
}

/* Compares what is packed with what was received. */
struct same_sink {
	ProtobufCBuffer base;
	const uint8_t *expected;
	size_t left;
	bool differs;
};

static void same_append(ProtobufCBuffer *base, size_t len, const uint8_t *bytes)
{
	struct same_sink *s = (struct same_sink *)base;

	if (s->differs || len > s->left || (len && memcmp(s->expected, bytes, len) != 0)) {
		s->differs = true;
		return;
	}
	s->expected += len;
	s->left -= len;
}

static bool packs_to(const ProtobufCMessage *message, struct span bytes)
{
	struct same_sink s = { .base.append = same_append, .expected = bytes.ptr, .left = bytes.len };

	protobuf_c_message_pack_to_buffer(message, &s.base);
	return !s.differs && !s.left;
}

/* C0 and C1 control characters and DEL: nothing a one-line text needs, and a way to deceive whoever reads it
 * in a terminal. */
static bool has_control(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			return true;
		if (p[i] == 0xc2 && i + 1 < len && p[i + 1] < 0xa0)
			return true;
	}
	return false;
}

static bool size_ok(const struct codec_rule *rule, size_t len)
{
	return (len >= rule->min && len <= rule->max) || (!len && (rule->flags & CODEC_OR_NONE));
}

static bool text_ok(const struct codec_rule *rule, const char *text)
{
	struct span s = span_of_text(text);

	return size_ok(rule, s.len) && utf8_valid(s) && !has_control(s.ptr, s.len);
}

static bool message_ok(const struct codec_shape *shape, const struct codec_rule *rules,
		       const ProtobufCMessage *message, const char **why);

/* One value of a field; v points at the array of them when the field repeats. */
static bool value_ok(const struct codec_shape *shape, const struct codec_rule *rule, const void *v, size_t i,
		     const char **why)
{
	const ProtobufCBinaryData *bytes = v;
	const ProtobufCMessage *const *nested = v;
	const char *const *text = v;
	const uint64_t *time = v;

	switch (rule->form) {
	case CODEC_NUMBER:
		return true;
	case CODEC_TIME:
		return time[i] <= CODEC_TIME_MAX;
	case CODEC_BYTES:
		return size_ok(rule, bytes[i].len);
	case CODEC_TEXT:
		return text_ok(rule, text[i]) &&
		       !(i && (rule->flags & CODEC_ASCENDING) && strcmp(text[i - 1], text[i]) >= 0);
	case CODEC_MESSAGE:
		return !nested[i] || message_ok(shape, rule->nested, nested[i], why);
	}
	return false;
}

static bool field_ok(const struct codec_shape *shape, const ProtobufCFieldDescriptor *field,
		     const struct codec_rule *rule, const ProtobufCMessage *message, const char **why)
{
	const uint8_t *at = (const uint8_t *)message;
	const void *v = at + field->offset;
	size_t n = 1;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		memcpy(&n, at + field->quantifier_offset, sizeof n);
		memcpy(&v, at + field->offset, sizeof v);
		if (n < rule->list_min || n > rule->list_max)
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!value_ok(shape, rule, v, i, why))
			return false;
	return true;
}

/* why names the innermost field that fails. Recursion is as deep as the schema, which has no cycles. */
static bool message_ok(const struct codec_shape *shape, const struct codec_rule *rules,
		       const ProtobufCMessage *message, const char **why)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;

	if (message->n_unknown_fields) {
		*why = shape->unknown;
		return false;
	}
	for (unsigned i = 0; i < d->n_fields; i++) {
		const struct codec_rule *rule = &rules[d->fields[i].id];

		ASSERT(rule->form); /* a field of the schema without a rule */
		if (field_ok(shape, &d->fields[i], rule, message, why))
			continue;
		if (!*why)
			*why = rule->why;
		return false;
	}
	return true;
}

int codec_refuse(const char **why, const char *text)
{
	if (why)
		*why = text;
	return CODEC_E_MALFORMED;
}

int codec_unpack(const struct codec_shape *shape, struct span bytes, struct arena *arena,
		 ProtobufCMessage **out, const char **why)
{
	ProtobufCAllocator allocator = { .alloc = arena_give, .free = arena_keep, .allocator_data = arena };
	const char *fault = NULL;
	ProtobufCMessage *message;

	if (bytes.len > shape->limit_bytes)
		return codec_refuse(why, shape->too_big);
	message = protobuf_c_message_unpack(shape->descriptor, &allocator, bytes.len, bytes.ptr);
	if (!message)
		return codec_refuse(why, shape->not_protobuf);
	if (!message_ok(shape, shape->rules, message, &fault))
		return codec_refuse(why, fault);
	if (!packs_to(message, bytes))
		return codec_refuse(why, shape->not_canonical);
	*out = message;
	return CODEC_OK;
}

struct buffer_sink {
	ProtobufCBuffer base;
	struct buffer *out;
};

static void buffer_append(ProtobufCBuffer *base, size_t len, const uint8_t *bytes)
{
	buffer_bytes(((struct buffer_sink *)base)->out, span_of(bytes, len));
}

void codec_pack(const ProtobufCMessage *message, struct buffer *out)
{
	struct buffer_sink s = { .base.append = buffer_append, .out = out };

	protobuf_c_message_pack_to_buffer(message, &s.base);
}

struct span codec_span(ProtobufCBinaryData bytes)
{
	return span_of(bytes.data, bytes.len);
}

/* Through an integer: the compiler is right that const is lost, and protobuf-c has no type that would keep
 * it. */
ProtobufCBinaryData codec_lend(struct span bytes)
{
	return (ProtobufCBinaryData){ .len = bytes.len, .data = (uint8_t *)(uintptr_t)bytes.ptr };
}

char *codec_lend_text(const char *text)
{
	return (char *)(uintptr_t)(text ? text : "");
}

char **codec_lend_texts(const struct text_list *list)
{
	return (char **)(uintptr_t)list->v;
}

struct text_list codec_texts(size_t n, char **v)
{
	void *list = v;

	return (struct text_list){ .n = n, .v = list };
}
