/* SPDX-License-Identifier: EUPL-1.2 */
/* The invariants of state.h, one table against the other; for tests and for "doctor". */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/state_inside.h"

#define ARENA_BYTES (8u << 20)

/* The message opens, and its casus has it. */
static bool held(struct state *s, struct txn *t, struct tail_of of, struct span sealed, struct arena *arena, struct span texts[2])
{
	uint8_t key[2 * ID_BYTES + 1];
	struct span at;

	memcpy(key, of.casus, ID_BYTES);
	memcpy(key + ID_BYTES, of.id, ID_BYTES);
	key[2 * ID_BYTES] = (uint8_t)of.what;
	arena_reset(arena);
	return tail_open(s, t, of, sealed, arena, texts) && table_get(t, T_OF_CASUS, SPAN_OF(key), &at);
}

static bool sent_sound(struct state *s, struct txn *t, struct arena *arena, size_t *n)
{
	struct cursor *c = cursor_open(t, T_SENT);
	struct span key, value, id, texts[2];
	size_t waiting = 0;
	bool sound = true;

	for (bool more = cursor_from(t, c, SPAN_NONE, &key, &value); sound && more;
	     more = cursor_next(t, c, &key, &value)) {
		struct stored_sent m = { 0 };
		uint8_t place_key[PLACE_BYTES];
		bool listed;

		sound = sent_record_read(value, &m) && held(s, t, (struct tail_of){ TAIL_SENT, m.m.casus, key.ptr }, m.sealed, arena, texts);
		put_u64(place_key, m.place);
		listed = table_get(t, T_OUTBOX, SPAN_OF(place_key), &id) && span_equal(id, key);
		sound = sound && listed == (m.m.state == SENT_WAITING) &&
			(m.m.state == SENT_WAITING) == (texts[1].len == 0);
		waiting += listed;
		++*n;
	}
	cursor_close(c);
	return sound && waiting == table_count(t, T_OUTBOX);
}

static bool item_sound(struct txn *t, struct span id, const struct item *item, uint64_t place)
{
	uint8_t place_key[PLACE_BYTES], fresh[1 + PLACE_BYTES], exchange[ID_BYTES + PLACE_BYTES];
	struct span at;
	bool is_new, is_busy;

	put_u64(place_key, place);
	fresh_key(item->kind, place, fresh);
	memcpy(exchange, item->exchange, ID_BYTES);
	put_u64(exchange + ID_BYTES, place);
	is_new = table_get(t, T_FRESH, SPAN_OF(fresh), &at) && span_equal(at, id);
	is_busy = table_get(t, T_BUSY, id, &at);
	return is_new == (item->state == KP_ITEM_NEW) && is_busy == (item->state == KP_ITEM_HANDLING) &&
	       table_get(t, T_ARRIVALS, SPAN_OF(place_key), &at) && span_equal(at, id) &&
	       table_get(t, T_EXCHANGES, SPAN_OF(exchange), &at) && span_equal(at, id);
}

static bool items_sound(struct state *s, struct txn *t, struct arena *arena, size_t *all)
{
	struct cursor *c = cursor_open(t, T_ITEMS);
	struct span key, value, texts[2];
	size_t n = 0, fresh = 0, busy = 0;
	bool sound = true;

	for (bool more = cursor_from(t, c, SPAN_NONE, &key, &value); sound && more;
	     more = cursor_next(t, c, &key, &value)) {
		struct stored_item item = { 0 };

		sound = item_record_read(value, &item) && item_sound(t, key, &item.m, item.place) &&
			held(s, t, (struct tail_of){ TAIL_ITEM, item.m.casus, key.ptr }, item.sealed, arena, texts);
		n++;
		fresh += item.m.state == KP_ITEM_NEW;
		busy += item.m.state == KP_ITEM_HANDLING;
	}
	cursor_close(c);
	*all += n;
	return sound && n == table_count(t, T_ARRIVALS) && n == table_count(t, T_EXCHANGES) &&
	       fresh == table_count(t, T_FRESH) && busy == table_count(t, T_BUSY);
}

int state_check(struct state *s, bool *sound)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	struct txn t = txn_begin(s->tables, false);
	size_t n = 0;
	bool holds = arena && sent_sound(s, &t, arena, &n) && items_sound(s, &t, arena, &n) && n == table_count(&t, T_OF_CASUS);
	int r;

	if (t.error == EBADMSG) /* does not open: that is what was asked */
		t.error = 0;
	r = txn_end(&t);
	if (r || !arena)
		return r ? err_pass(r) : err_raise(-ENOMEM);
	*sound = holds;
	return STATE_OK;
}
