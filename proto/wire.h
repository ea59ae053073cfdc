/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Wire - what node and house say to each other around envelopes. One ZeroMQ message, one frame:
 *
 *   u8 version = 1, u8 verb, u16 zero, u64 correlation (chosen by the node; echoed in the answer), body
 *
 * Bodies: SUBMIT an Envelope; FETCH a Fetch; JOIN a signed note; CREDIT u32 (how many more deliveries this connection
 * takes); PING nothing; COSIGN a card and a checkpoint (proto/witness.h). RECEIPT a tlog-proof text; DELIVERY a Delivery; REPLY
 * what was asked for; TROUBLE a Trouble; NOTICE what nobody asked for: a tlog-proof text (a rung reached), a checkpoint (to be
 * cosigned) or empty (the rules changed); PONG, BYE nothing.
 * Decoding is strict as everywhere; decoded spans and texts live in the arena.
 */
#include "proto/message.h"

#define WIRE_HEADER_BYTES 12
#define WIRE_VERSION 1
#define WIRE_BODY_MAX (ENVELOPE_BYTES_MAX + 4096)
#define WIRE_ARENA_BYTES (16u << 20) /* an arena of this size holds any valid body, decoded */
#define WIRE_LIST_MAX 4096 /* values in one casus_list, ladder or log_page; what is longer comes in pages */

enum wire_verb {
	WIRE_SUBMIT = 1, WIRE_FETCH = 2, WIRE_CREDIT = 3, WIRE_JOIN = 4, WIRE_PING = 5, WIRE_COSIGN = 6,
	WIRE_RECEIPT = 64, WIRE_DELIVERY = 65, WIRE_REPLY = 66, WIRE_TROUBLE = 67, WIRE_NOTICE = 68, WIRE_PONG = 69, WIRE_BYE = 70
};

struct wire_frame {
	enum wire_verb verb;
	uint64_t correlation;
	struct span body;
};
enum { WIRE_OK = 0, WIRE_E_MALFORMED = 1 };
MUST_CHECK int wire_parse(struct span bytes, struct wire_frame *out); /* also refuses unknown verbs */
void wire_begin(struct buffer *out, enum wire_verb verb, uint64_t correlation); /* header; the body follows */

struct delivery { struct span envelope, mandate; uint64_t index; };
struct fetch { const char *what, *sender; struct span id; uint64_t from, to; };
struct rules_reply { struct span kader, reg, checkpoint; size_t n_convenanten; struct span convenanten[8]; };
struct casus_view { struct span state; }; /* casus_encode() */
struct casus_list { size_t n; struct casus_view *v; };
struct rung { const char *name, *hoedanigheid; uint64_t unix_ms, index; struct span receipt; };
struct ladder { struct span message_id; size_t n; struct rung *v; };
struct log_record { uint64_t index; struct span entry, record, opening, proof, input; };
struct log_page { size_t n; struct log_record *v; uint64_t next_index, size; };
struct consistency { struct span checkpoint; struct tree_proof proof; };
struct trouble { const char *code, *text; };

/* Each pair: encode appends to the buffer; decode returns WIRE_OK or WIRE_E_MALFORMED, <0 fatal. */
#define WIRE_PAIR(name) \
	MUST_CHECK int name##_encode(const struct name *in, struct buffer *out); \
	MUST_CHECK int name##_decode(struct span bytes, struct arena *arena, struct name *out)
WIRE_PAIR(delivery);
WIRE_PAIR(fetch);
WIRE_PAIR(rules_reply);
WIRE_PAIR(casus_list);
WIRE_PAIR(ladder);
WIRE_PAIR(log_page);
WIRE_PAIR(consistency);
WIRE_PAIR(trouble);
#undef WIRE_PAIR
