/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/envelope and proto/message: any bytes are refused with a reason, or they are exactly what our own
 * encoders make of what was read. So no second spelling of any message is accepted.
 *
 * LINKS: kp_proto
 */
#include "proto/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_header(const struct message *m)
{
	CLEANUP(buffer_fini) struct buffer again = { 0 };

	ASSERT(!header_encode(&m->header, &again));
	ASSERT(span_equal(buffer_span(&again), m->header_bytes));
	for (size_t i = 0; i < m->n_parts; i++) {
		buffer_reset(&again);
		codec_part_header_encode(&m->parts[i].header, &again);
		ASSERT(span_equal(buffer_span(&again), m->parts[i].header_bytes));
		ASSERT(m->parts[i].n_wraps == m->header.recipients.n);
	}
}

static void try_message(enum message_kind kind, struct span payload, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	const char *why = NULL;
	struct message m;
	int r = message_decode(kind, payload, arena, &m, &why);

	ASSERT(r == MESSAGE_OK || (r == MESSAGE_E_MALFORMED && why));
	if (r)
		return;
	check_header(&m);
	ASSERT(!message_encode(&m, &again));
	ASSERT(span_equal(buffer_span(&again), payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 18);
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	struct envelope e;
	int kind;

	if (!arena || envelope_decode(span_of(data, len), arena, &e))
		return 0;
	codec_envelope_encode(&e, &again);
	ASSERT(span_equal(buffer_span(&again), span_of(data, len)));
	kind = message_kind_of_type(e.type);
	if (kind > 0)
		try_message((enum message_kind)kind, e.payload, arena);
	return 0;
}
