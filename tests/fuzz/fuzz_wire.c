/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/wire: any frame is refused or is one that wire_begin() makes; a body is refused by a decoder or is
 * exactly what its encoder makes. A REPLY does not say what it holds, so it goes to every decoder.
 *
 * LINKS: kp_proto
 */
#include "proto/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define TRY(name)                                                                      \
	static void try_##name(struct span body)                                       \
	{                                                                              \
		CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 18);        \
		CLEANUP(buffer_fini) struct buffer again = { 0 };                      \
		struct name value;                                                     \
		int r = arena ? name##_decode(body, arena, &value) : WIRE_E_MALFORMED; \
                                                                                       \
		ASSERT(r == WIRE_OK || r == WIRE_E_MALFORMED);                         \
		if (r)                                                                 \
			return;                                                        \
		ASSERT(!name##_encode(&value, &again));                                \
		ASSERT(span_equal(buffer_span(&again), body));                         \
	}
TRY(delivery)
TRY(fetch)
TRY(rules_reply)
TRY(casus_list)
TRY(ladder)
TRY(log_page)
TRY(consistency)
TRY(trouble)
#undef TRY

static void try_reply(struct span body)
{
	try_rules_reply(body);
	try_casus_list(body);
	try_ladder(body);
	try_log_page(body);
	try_consistency(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	struct wire_frame f;

	if (wire_parse(span_of(data, len), &f))
		return 0;
	wire_begin(&again, f.verb, f.correlation);
	buffer_bytes(&again, f.body);
	ASSERT(span_equal(buffer_span(&again), span_of(data, len)));
	if (f.verb == WIRE_DELIVERY)
		try_delivery(f.body);
	else if (f.verb == WIRE_FETCH)
		try_fetch(f.body);
	else if (f.verb == WIRE_TROUBLE)
		try_trouble(f.body);
	else if (f.verb == WIRE_REPLY)
		try_reply(f.body);
	return 0;
}
