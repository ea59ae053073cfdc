/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Codec - protobuf behind bounds: the strict profile in one place (docs/protocol.md 2), and each message as plain C.
 *
 * A shape is a protobuf descriptor with one rule per field. codec_unpack() accepts bytes only when all of
 * this holds:
 *   1. they are no longer than the shape allows, looked at before anything is parsed;
 *   2. every allocation of the parser came from the arena, within its limit;
 *   3. no message in it, at any depth, has an unknown field;
 *   4. packing what was read gives the same bytes: one spelling per value;
 *   5. each field keeps its rule: exact sizes, bounded lists, UTF-8 without control characters, ascending
 * where it says so. Whatever fails, the answer is one static English text that names the field; an arena that
 * is too small is such an answer too, because it is the peer's bytes that ask for the memory.
 *
 * Only codec*.c includes generated code; everybody else sees the structs of envelope.h, message.h and wire.h.
 * Adding a field: knooppunt.proto; of a body its row in codec_body.c, else the rule and the two assignments in
 * codec_*.c; the hostile table of its test.
 */
#include <protobuf-c/protobuf-c.h>

#include "proto/wire.h"

enum { CODEC_OK = 0, CODEC_E_MALFORMED = 1 };

#define CODEC_TIME_MAX \
	UINT64_C(253402300799999) /* the last millisecond of the year 9999: dates have four digits */

enum codec_form {
	CODEC_NUMBER = 1, /* any value; a bool as well */
	CODEC_TIME,	  /* unix milliseconds up to CODEC_TIME_MAX */
	CODEC_BYTES,	  /* min..max bytes */
	CODEC_TEXT,	  /* min..max bytes of UTF-8 without control characters */
	CODEC_MESSAGE	  /* a nested message, by the rules in nested */
};

enum codec_flag {
	CODEC_OR_NONE = 1,  /* absent is also good */
	CODEC_ASCENDING = 2 /* a list in strictly ascending order, bytewise */
};

struct codec_rule {
	const char *why; /* "header.casus: must be 16 bytes or absent" */
	enum codec_form form;
	unsigned flags;
	uint32_t min, max;		 /* bytes of each value */
	uint32_t list_min, list_max;	 /* values of a repeated field */
	const struct codec_rule *nested; /* of CODEC_MESSAGE */
	size_t to, to_n;		 /* of a body: where it stands in our struct; to_n: of a list of ids, its count */
};

struct codec_shape {
	const ProtobufCMessageDescriptor *descriptor;
	const struct codec_rule *rules; /* by field number */
	size_t limit_bytes;
	const char *too_big, *not_protobuf, *unknown, *not_canonical; /* what fails as a whole */
};

#define CODEC_SHAPE(name, descriptor_, rules_, limit)                                             \
	{                                                                                         \
		.descriptor = &(descriptor_), .rules = (rules_), .limit_bytes = (limit),          \
		.too_big = name ": is too big",                                                   \
		.not_protobuf = name ": is not protobuf of this schema within its memory budget", \
		.unknown = name ": holds an unknown field",                                       \
		.not_canonical = name ": is not in canonical encoding"                            \
	}

/* Rules as they stand in the tables. */
#define RULE_NUMBER                             \
	{                                       \
		.why = "", .form = CODEC_NUMBER \
	}
#define RULE_TIME(name)                                                           \
	{                                                                         \
		.why = name ": must be before the year 10000", .form = CODEC_TIME \
	}
#define RULE_SIZE(name, size)                                                                              \
	{                                                                                                  \
		.why = name ": must be " #size " bytes", .form = CODEC_BYTES, .min = (size), .max = (size) \
	}
#define RULE_SIZE_OR_NONE(name, size)                                                   \
	{                                                                               \
		.why = name ": must be " #size " bytes or absent", .form = CODEC_BYTES, \
		.flags = CODEC_OR_NONE, .min = (size), .max = (size)                    \
	}
#define RULE_BYTES(name, max_)                                                 \
	{                                                                      \
		.why = name ": is too big", .form = CODEC_BYTES, .max = (max_) \
	}
#define RULE_BYTES_PRESENT(name, max_)                                                          \
	{                                                                                       \
		.why = name ": must be present and not too big", .form = CODEC_BYTES, .min = 1, \
		.max = (max_)                                                                   \
	}
#define RULE_SIZE_LIST(name, size, list_min_, list_max_)                                    \
	{                                                                                   \
		.why = name ": must be at most " #list_max_ " values of " #size " bytes",   \
		.form = CODEC_BYTES, .min = (size), .max = (size), .list_min = (list_min_), \
		.list_max = (list_max_)                                                     \
	}
#define CODEC_TEXT_WHY ": must be UTF-8 without control characters, at most 500 bytes"
#define RULE_TEXT(name)                                                                 \
	{                                                                               \
		.why = name CODEC_TEXT_WHY, .form = CODEC_TEXT, .max = MESSAGE_TEXT_MAX \
	}
#define RULE_TEXT_PRESENT(name)                                                           \
	{                                                                                 \
		.why = name CODEC_TEXT_WHY ", and present", .form = CODEC_TEXT, .min = 1, \
		.max = MESSAGE_TEXT_MAX                                                   \
	}
#define RULE_TEXTS(name, flags_)                                                                      \
	{                                                                                             \
		.why = name CODEC_LIST_WHY_##flags_, .form = CODEC_TEXT, .flags = (flags_), .min = 1, \
		.max = MESSAGE_TEXT_MAX, .list_max = MESSAGE_LIST_MAX                                 \
	}
#define CODEC_LIST_WHY_0 \
	": must be at most 64 texts, none empty, of at most 500 bytes without control characters"
#define CODEC_LIST_WHY_CODEC_ASCENDING                                                                 \
	": must be at most 64 texts, ascending, none twice, none empty, of at most 500 bytes without " \
	"control characters"
#define RULE_MESSAGES(name, nested_, list_max_)                                                              \
	{                                                                                                    \
		.why = name ": must be at most " #list_max_, .form = CODEC_MESSAGE, .list_max = (list_max_), \
		.nested = (nested_)                                                                          \
	}

/*
 * codec_unpack() - @out: the generated struct, in the arena
 * @why: set on CODEC_E_MALFORMED; may be NULL
 */
MUST_CHECK int codec_unpack(const struct codec_shape *shape, struct span bytes, struct arena *arena,
			    ProtobufCMessage **out, const char **why);
void codec_pack(const ProtobufCMessage *message, struct buffer *out); /* appends; check with buffer_ok() */

int codec_refuse(const char **why, const char *text); /* CODEC_E_MALFORMED, with the text when it is wanted */
struct span codec_span(ProtobufCBinaryData bytes);
/* What protobuf-c takes without const although it only reads. */
ProtobufCBinaryData codec_lend(struct span bytes);
char *codec_lend_text(const char *text);
char **codec_lend_texts(const struct text_list *list);
struct text_list codec_texts(size_t n, char **v);

/* Each message of the schema as plain C; CODEC_OK or CODEC_E_MALFORMED with why. */
struct codec_message { /* the outer Message: what is inside stays bytes */
	struct span header, body;
	size_t n_parts;
	struct part *parts;
};
MUST_CHECK int codec_envelope_decode(struct span bytes, struct arena *arena, struct envelope *out,
				     const char **why);
void codec_envelope_encode(const struct envelope *e, struct buffer *out);
MUST_CHECK int codec_message_decode(struct span bytes, struct arena *arena, struct codec_message *out,
				    const char **why);
MUST_CHECK int codec_header_decode(struct span bytes, struct arena *arena, struct header *out,
				   const char **why);
void codec_header_encode(const struct header *h, struct buffer *out);
MUST_CHECK int codec_part_header_decode(struct span bytes, struct arena *arena, struct part_header *out,
					const char **why);
void codec_part_header_encode(const struct part_header *h, struct buffer *out);
void codec_part_encode(const struct part *part, struct buffer *out); /* as one more value of Message.parts */
/* The body of m->kind into m->body. A kind without a body has an empty one. */
MUST_CHECK int codec_body_decode(struct span bytes, struct arena *arena, struct message *m, const char **why);
void codec_body_encode(const struct message *m, struct buffer *out);
/* header and body of a Message; parts follow with codec_part_encode(). */
void codec_message_begin(struct span header, struct span body, struct buffer *out);
