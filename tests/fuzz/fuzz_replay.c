/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/replay and convenant/item: any bytes are refused, or something that can be written again and decided on; what was written
 * once reads and writes the same for ever.
 *
 * LINKS: kp_convenant
 */
#include <string.h>

#include "convenant/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void replay_and_back(struct span bytes, struct arena *arena)
{
	static struct replay replay;
	static struct decision d;
	CLEANUP(buffer_fini) struct buffer again = { 0 }, more = { 0 };
	struct rules none = { 0 };
	int e = replay_decode(bytes, arena, &replay);

	ASSERT(e == REPLAY_OK || e == REPLAY_E_MALFORMED);
	if (e)
		return;
	buffer_init(&again, 0);
	ASSERT(replay_encode(&replay, &again) == 0);
	ASSERT(replay_decode(buffer_span(&again), arena, &replay) == REPLAY_OK);
	ASSERT(replay_encode(&replay, &more) == 0);
	ASSERT(span_equal(buffer_span(&again), buffer_span(&more)));
	replay_decide(&replay, &none, NULL, &d);
	ASSERT(d.code == CODE_CONVENANT_ONGELDIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8 << 20);
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	struct casus_item item;
	int e;

	if (!len)
		return 0;
	if (data[0] == 'r') {
		replay_and_back(span_of(data + 1, len - 1), arena);
		return 0;
	}
	e = item_decode(span_of(data + 1, len - 1), arena, &item);
	ASSERT(e == ITEM_OK || e == ITEM_E_MALFORMED);
	if (e)
		return 0;
	buffer_init(&again, 0);
	ASSERT(item_encode(&item, &again) == 0);
	ASSERT(span_equal(buffer_span(&again), span_of(data + 1, len - 1)));
	return 0;
}
