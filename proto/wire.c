/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The frame around every exchange between node and house. Its bodies are codec_wire.c's.
 *
 * The length of a body without content is checked here, so that nothing can ride along in a PING.
 */
#include "proto/wire.h"

static bool body_len_ok(uint8_t verb, size_t len)
{
	switch (verb) {
	case WIRE_SUBMIT:
	case WIRE_FETCH:
	case WIRE_JOIN:
	case WIRE_COSIGN:
	case WIRE_RECEIPT:
	case WIRE_DELIVERY:
	case WIRE_REPLY:
	case WIRE_TROUBLE:
	case WIRE_NOTICE:
		return len <= WIRE_BODY_MAX;
	case WIRE_CREDIT:
		return len == 4;
	case WIRE_PING:
	case WIRE_PONG:
	case WIRE_BYE:
		return !len;
	default:
		return false;
	}
}

int wire_parse(struct span bytes, struct wire_frame *out)
{
	struct reader r;
	uint8_t version, verb;
	uint64_t correlation;
	uint16_t zero;

	reader_init(&r, bytes);
	version = reader_u8(&r);
	verb = reader_u8(&r);
	zero = reader_u16(&r);
	correlation = reader_u64(&r);
	if (r.failed || version != WIRE_VERSION || zero || !body_len_ok(verb, r.left))
		return WIRE_E_MALFORMED;
	*out = (struct wire_frame){
		.verb = (enum wire_verb)verb,
		.correlation = correlation,
		.body = reader_rest(&r),
	};
	return WIRE_OK;
}

void wire_begin(struct buffer *out, enum wire_verb verb, uint64_t correlation)
{
	buffer_u8(out, WIRE_VERSION);
	buffer_u8(out, (uint8_t)verb);
	buffer_u16(out, 0);
	buffer_u64(out, correlation);
}
