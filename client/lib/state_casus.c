/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is known of a casus beside its messages, and its end.
 *
 * The end is two steps: one transaction takes all rows and leaves what can be told later (when, how many messages); then the key is
 * overwritten. A crash between the two leaves a key that no living row names, and the next opening overwrites it.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/state_inside.h"

#define OPENED_MARK "geopend:" /* client/lib/open.c: followed by the message's UUID */

struct of_casus {
	uint8_t key[2 * ID_BYTES + 1]; /* casus, id, what */
};

/* The message after this one; false after the last. *at starts as the casus and zeroes. */
static bool of_casus_next(struct txn *t, struct of_casus *at)
{
	struct cursor *c = cursor_open(t, T_OF_CASUS);
	struct span key = SPAN_NONE, value;
	bool more = cursor_from(t, c, SPAN_OF(at->key), &key, &value);

	if (more && span_equal(key, SPAN_OF(at->key)))
		more = cursor_next(t, c, &key, &value);
	more = more && key.len == sizeof at->key && !memcmp(key.ptr, at->key, ID_BYTES);
	if (more)
		memcpy(at->key, key.ptr, sizeof at->key);
	cursor_close(c);
	return more;
}

static void casus_count(struct txn *t, struct state_casus *out)
{
	struct of_casus at = { 0 };

	memcpy(at.key, out->id, ID_BYTES);
	while (of_casus_next(t, &at)) {
		struct stored_sent sent;
		struct stored_item item;

		out->n_messages++;
		if (at.key[2 * ID_BYTES] == TAIL_SENT)
			out->waiting |= sent_get(t, at.key + ID_BYTES, &sent) && sent.m.state == SENT_WAITING;
		else
			out->unread |= item_get(t, at.key + ID_BYTES, &item) &&
				       (item.m.state == KP_ITEM_NEW || item.m.state == KP_ITEM_HANDLING);
	}
}

static void casus_show(struct txn *t, const uint8_t *id, const struct casus_row *row, struct state_casus *out)
{
	*out = (struct state_casus){ .expires_unix_ms = row->expires_unix_ms,
				     .gone_unix_ms = row->gone_unix_ms,
				     .ended_unix_ms = row->ended_unix_ms,
				     .n_messages = row->n_messages };
	memcpy(out->id, id, ID_BYTES);
	if (!row->ended)
		casus_count(t, out);
}

/* Casus zero is what belongs to none: it is never shown. */
int state_casussen(struct state *s, uint8_t from[ID_BYTES], struct state_casus *out, size_t max, size_t *n)
{
	struct txn t = txn_begin(s->tables, false);
	struct cursor *c = cursor_open(&t, T_CASUS);
	uint8_t next[ID_BYTES];
	struct casus_row row;
	struct span key, value;
	size_t got = 0;
	int r;

	memcpy(next, from, ID_BYTES);
	for (bool more = cursor_from(&t, c, span_of(from, ID_BYTES), &key, &value); more && got < max;
	     more = cursor_next(&t, c, &key, &value)) {
		if (span_is_zero(key) || (got == 0 && !span_is_zero(span_of(from, ID_BYTES)) && !memcmp(key.ptr, from, ID_BYTES)))
			continue;
		if (!casus_row_read(value, &row))
			t.error = EBADMSG;
		else
			casus_show(&t, key.ptr, &row, &out[got++]);
		memcpy(next, key.ptr, ID_BYTES);
	}
	cursor_close(c);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	memcpy(from, next, ID_BYTES);
	*n = got;
	return STATE_OK;
}

int state_view(struct state *s, const uint8_t casus[ID_BYTES], struct arena *arena, struct span *view)
{
	struct txn t = txn_begin(s->tables, false);
	struct casus_row row;
	struct span texts[2];
	bool there = casus_row_get(&t, casus, &row) && !row.ended && row.view.len &&
		     tail_open(s, &t, (struct tail_of){ TAIL_VIEW, casus, casus }, row.view, arena, texts);
	int r = txn_end(&t);

	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*view = texts[0];
	return STATE_OK;
}

int state_view_set(struct state *s, const uint8_t casus[ID_BYTES], struct span view, uint64_t expires_unix_ms)
{
	CLEANUP(buffer_fini) struct buffer sealed = { 0 };
	struct txn t = txn_begin(s->tables, true);
	struct casus_row row;

	buffer_init(&sealed, 0);
	tail_seal(s, &t, (struct tail_of){ TAIL_VIEW, casus, casus }, view, SPAN_NONE, &sealed);
	if (casus_row_get(&t, casus, &row)) {
		row.expires_unix_ms = expires_unix_ms;
		row.gone_unix_ms = 0;
		row.view = buffer_span(&sealed);
		casus_row_put(&t, casus, &row);
	}
	return err_pass(state_end(s, &t));
}

int state_casus_said(struct state *s, const uint8_t casus[ID_BYTES], uint64_t expires_unix_ms, uint64_t now_unix_ms)
{
	struct txn t = txn_begin(s->tables, true);
	struct casus_row row;
	bool there = casus_row_get(&t, casus, &row) && !row.ended;
	int r;

	if (there && expires_unix_ms) {
		row.expires_unix_ms = expires_unix_ms;
		row.gone_unix_ms = 0;
	} else if (there && !row.gone_unix_ms) {
		row.gone_unix_ms = now_unix_ms;
	}
	if (there) {
		CLEANUP(buffer_fini) struct buffer view = { 0 };

		buffer_init(&view, 0); /* LMDB moves what is put over */
		buffer_bytes(&view, row.view);
		row.view = buffer_span(&view);
		if (buffer_ok(&view))
			t.error = ENOMEM;
		casus_row_put(&t, casus, &row);
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
}

/* --- the end --- */

static void sent_forget(struct txn *t, const uint8_t id[ID_BYTES])
{
	uint8_t key[PLACE_BYTES];
	struct stored_sent m;

	if (!sent_get(t, id, &m))
		return;
	put_u64(key, m.place);
	table_del(t, T_OUTBOX, SPAN_OF(key));
	table_del(t, T_SENT, span_of(id, ID_BYTES));
}

static void item_forget(struct txn *t, const uint8_t id[ID_BYTES])
{
	uint8_t place[PLACE_BYTES], fresh[1 + PLACE_BYTES], exchange[ID_BYTES + PLACE_BYTES];
	char opened[sizeof OPENED_MARK + UUID_TEXT_SIZE] = OPENED_MARK;
	struct stored_item m;

	if (!item_get(t, id, &m))
		return;
	put_u64(place, m.place);
	fresh_key(m.m.kind, m.place, fresh);
	memcpy(exchange, m.m.exchange, ID_BYTES);
	put_u64(exchange + ID_BYTES, m.place);
	uuid_encode(id, opened + sizeof OPENED_MARK - 1);
	table_del(t, T_ARRIVALS, SPAN_OF(place));
	table_del(t, T_EXCHANGES, SPAN_OF(exchange));
	table_del(t, T_FRESH, SPAN_OF(fresh));
	table_del(t, T_BUSY, span_of(id, ID_BYTES));
	table_del(t, T_NAMED, span_of_text(opened));
	marks_forget(t, id);
	table_del(t, T_ITEMS, span_of(id, ID_BYTES));
}

int state_casus_end(struct state *s, const uint8_t casus[ID_BYTES], uint64_t now_unix_ms)
{
	struct txn t = txn_begin(s->tables, true);
	struct casus_row row = { 0 }, ended = { .ended = true, .ended_unix_ms = now_unix_ms };
	bool there = casus_row_get(&t, casus, &row) && !row.ended;
	struct of_casus at = { 0 };
	int r;

	memcpy(at.key, casus, ID_BYTES);
	while (there && of_casus_next(&t, &at)) {
		ended.n_messages++;
		if (at.key[2 * ID_BYTES] == TAIL_SENT)
			sent_forget(&t, at.key + ID_BYTES);
		else
			item_forget(&t, at.key + ID_BYTES);
		table_del(&t, T_OF_CASUS, SPAN_OF(at.key));
	}
	if (there)
		casus_row_put(&t, casus, &ended);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	return there ? err_pass(keys_sweep(s)) : STATE_E_ABSENT;
}
