/* SPDX-License-Identifier: EUPL-1.2 */
/* The invariants of state.h, one table against the other; for tests and for "doctor". */
#include <string.h>

#include "base/error.h"
#include "client/lib/state_inside.h"

static bool sent_sound(struct txn *t)
{
	struct cursor *c = cursor_open(t, T_SENT);
	struct span key, value, id;
	size_t waiting = 0;
	bool sound = true;

	for (bool more = cursor_from(t, c, SPAN_NONE, &key, &value); more;
	     more = cursor_next(t, c, &key, &value)) {
		struct sent m;
		uint64_t place = 0;
		uint8_t place_key[PLACE_BYTES];
		bool listed;

		sound = sound && sent_record_read(value, &m, &place);
		put_u64(place_key, place);
		listed = table_get(t, T_OUTBOX, SPAN_OF(place_key), &id) && span_equal(id, key);
		sound = sound && listed == (m.state == SENT_WAITING) &&
			(m.state == SENT_WAITING) == (m.receipt.len == 0);
		waiting += listed;
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

static bool items_sound(struct txn *t)
{
	struct cursor *c = cursor_open(t, T_ITEMS);
	struct span key, value;
	size_t n = 0, fresh = 0, busy = 0;
	bool sound = true;

	for (bool more = cursor_from(t, c, SPAN_NONE, &key, &value); more;
	     more = cursor_next(t, c, &key, &value)) {
		struct item item = { 0 };
		uint64_t place = 0;

		sound = sound && item_record_read(value, &item, &place) && item_sound(t, key, &item, place);
		n++;
		fresh += item.state == KP_ITEM_NEW;
		busy += item.state == KP_ITEM_HANDLING;
	}
	cursor_close(c);
	return sound && n == table_count(t, T_ARRIVALS) && n == table_count(t, T_EXCHANGES) &&
	       fresh == table_count(t, T_FRESH) && busy == table_count(t, T_BUSY);
}

int state_check(struct state *s, bool *sound)
{
	struct txn t = txn_begin(s->tables, false);
	bool holds = sent_sound(&t) && items_sound(&t);
	int r = txn_end(&t);

	if (r)
		return err_pass(r);
	*sound = holds;
	return STATE_OK;
}
