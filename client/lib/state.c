/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tables (integers big-endian, so that LMDB's order is ours):
 *
 *   sent      id                       ->  record of a sent message, its place in the outbox included
 *   outbox    place u64                ->  id                       those WAITING
 *   items     id                       ->  record of an inbox item, its place included
 *   arrivals  place u64                ->  id
 *   exchanges exchange[16] place u64   ->  id
 *   fresh     kind u8, place u64       ->  id                       those NEW
 *   busy      id                       ->  nothing                  those HANDLING
 *   named     text                     ->  value; "version" and "place" are this file's own
 *
 * A record is a fixed head and length-prefixed tails; changing a state rewrites the record. Envelopes are at
 * most 1 MiB and a state changes two or three times in the life of an item, so this costs less than keeping
 * heads apart.
 *
 * Readers of dead processes are cleared at each opening; LMDB frees a dead writer's lock itself. The process
 * lock is an open file description lock on the byte whose offset is our pid: LMDB must not be opened twice in
 * one process, and this is the lock that two opens in one process can't both get.
 */
#include "client/lib/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "client/lib/state_inside.h"

#define STATE_VERSION 1
#define HELD_FAR_MS (24u * 3600 * 1000) /* nothing is held that long: the clock was wrong when it was put there */

enum { SENT_WITHHELD = 1, SENT_HELD = 2 };

static struct span id_span(const uint8_t id[ID_BYTES])
{
	return span_of(id, ID_BYTES);
}

/* The next place in an order; never given twice. */
static uint64_t place_next(struct txn *t)
{
	struct span value;
	uint8_t bytes[PLACE_BYTES];
	uint64_t place = 1;

	if (table_get(t, T_NAMED, SPAN_LITERAL("place"), &value) && value.len == PLACE_BYTES)
		place = get_u64(value.ptr) + 1;
	put_u64(bytes, place);
	table_put(t, T_NAMED, SPAN_LITERAL("place"), SPAN_OF(bytes));
	return place;
}

/* --- records --- */

static void sent_write(const struct sent *m, uint64_t place, struct buffer *out)
{
	buffer_u8(out, (uint8_t)m->state);
	buffer_u8(out, (uint8_t)m->kind);
	buffer_u8(out, (uint8_t)((m->withheld ? SENT_WITHHELD : 0) | (m->held ? SENT_HELD : 0)));
	buffer_u64(out, m->leaves_unix_ms);
	buffer_u64(out, m->index);
	buffer_u64(out, place);
	buffer_bytes(out, id_span(m->answers));
	buffer_lp32(out, m->envelope);
	buffer_lp32(out, m->receipt);
}

bool sent_record_read(struct span bytes, struct sent *out, uint64_t *place)
{
	struct reader r;
	uint8_t flags;

	reader_init(&r, bytes);
	out->state = (enum sent_state)reader_u8(&r);
	out->kind = (enum message_kind)reader_u8(&r);
	flags = reader_u8(&r);
	out->withheld = flags & SENT_WITHHELD;
	out->held = flags & SENT_HELD;
	out->leaves_unix_ms = reader_u64(&r);
	out->index = reader_u64(&r);
	*place = reader_u64(&r);
	reader_copy(&r, out->answers, ID_BYTES);
	out->envelope = reader_lp32(&r);
	out->receipt = reader_lp32(&r);
	return reader_done(&r) && out->state <= SENT_REFUSED;
}

void item_record_write(const struct item *m, uint64_t place, struct buffer *out)
{
	buffer_u8(out, (uint8_t)m->state);
	buffer_u8(out, (uint8_t)m->kind);
	buffer_u64(out, m->received_unix_ms);
	buffer_u64(out, m->index);
	buffer_u64(out, place);
	buffer_bytes(out, id_span(m->exchange));
	buffer_lp32(out, m->envelope);
	buffer_lp32(out, m->mandate);
}

bool item_record_read(struct span bytes, struct item *out, uint64_t *place)
{
	struct reader r;

	reader_init(&r, bytes);
	out->state = (enum kp_item_state)reader_u8(&r);
	out->kind = (enum message_kind)reader_u8(&r);
	out->received_unix_ms = reader_u64(&r);
	out->index = reader_u64(&r);
	*place = reader_u64(&r);
	reader_copy(&r, out->exchange, ID_BYTES);
	out->envelope = reader_lp32(&r);
	out->mandate = reader_lp32(&r);
	return reader_done(&r) && out->state <= KP_ITEM_INTERRUPTED;
}

static bool sent_get(struct txn *t, const uint8_t id[ID_BYTES], struct sent *out, uint64_t *place)
{
	struct span bytes;

	memset(out, 0, sizeof *out);
	if (!table_get(t, T_SENT, id_span(id), &bytes))
		return false;
	memcpy(out->id, id, ID_BYTES);
	if (!sent_record_read(bytes, out, place))
		t->error = EBADMSG;
	return !t->error;
}

static bool item_get(struct txn *t, const uint8_t id[ID_BYTES], struct item *out, uint64_t *place)
{
	struct span bytes;

	memset(out, 0, sizeof *out);
	if (!table_get(t, T_ITEMS, id_span(id), &bytes))
		return false;
	memcpy(out->id, id, ID_BYTES);
	if (!item_record_read(bytes, out, place))
		t->error = EBADMSG;
	return !t->error;
}

static void sent_put(struct txn *t, const struct sent *m, uint64_t place)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };

	buffer_init(&record, 0);
	sent_write(m, place, &record);
	if (buffer_ok(&record) && !t->error)
		t->error = ENOMEM;
	table_put(t, T_SENT, id_span(m->id), buffer_span(&record));
}

static void item_put(struct txn *t, const struct item *m, uint64_t place)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };

	buffer_init(&record, 0);
	item_record_write(m, place, &record);
	if (buffer_ok(&record) && !t->error)
		t->error = ENOMEM;
	table_put(t, T_ITEMS, id_span(m->id), buffer_span(&record));
}

void fresh_key(enum message_kind kind, uint64_t place, uint8_t out[1 + PLACE_BYTES])
{
	out[0] = (uint8_t)kind;
	put_u64(out + 1, place);
}

/* Moves an item between states and indexes. Memory of the record may be LMDB's: it is copied before it is
 * written back. */
static void item_move(struct txn *t, const struct item *item, uint64_t place, enum kp_item_state to)
{
	struct item moved = *item;
	uint8_t key[1 + PLACE_BYTES];

	fresh_key(item->kind, place, key);
	if (item->state == KP_ITEM_NEW)
		table_del(t, T_FRESH, SPAN_OF(key));
	if (item->state == KP_ITEM_HANDLING)
		table_del(t, T_BUSY, id_span(item->id));
	moved.state = to;
	item_put(t, &moved, place);
	if (to == KP_ITEM_NEW)
		table_put(t, T_FRESH, SPAN_OF(key), id_span(item->id));
	if (to == KP_ITEM_HANDLING)
		table_put(t, T_BUSY, id_span(item->id), SPAN_LITERAL("1"));
}

/* --- opening --- */

static int lock_byte(const char *folder, const char *name, off_t at, int *out)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
	char path[4096];
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return err_raise(-ENAMETOOLONG);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EACCES || errno == EROFS ? STATE_E_DENIED : err_raise(-errno);
	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		int error = errno;

		close(fd);
		return error == EAGAIN || error == EACCES ? STATE_E_BUSY : err_raise(-error);
	}
	*out = fd;
	return STATE_OK;
}

struct state *state_close(struct state *s)
{
	if (!s)
		return NULL;
	tables_close(s->tables);
	if (s->serve_fd >= 0)
		close(s->serve_fd);
	if (s->process_fd >= 0)
		close(s->process_fd);
	free(s->folder);
	free(s);
	return NULL;
}

void state_closep(struct state **s)
{
	*s = state_close(*s);
}

static int version_check(struct txn *t)
{
	uint8_t version[4];
	struct span have;

	put_u32(version, STATE_VERSION);
	if (table_get(t, T_NAMED, SPAN_LITERAL("version"), &have))
		return span_equal(have, SPAN_OF(version)) ? STATE_OK : STATE_E_VERSION;
	table_put(t, T_NAMED, SPAN_LITERAL("version"), SPAN_OF(version));
	return STATE_OK;
}

static int version_ensure(struct state *s)
{
	struct txn t = txn_begin(s->tables, true);
	int refused = version_check(&t), r;

	if (!t.error && refused) {
		txn_abort(&t);
		return refused;
	}
	r = txn_end(&t);
	return r ? err_pass(r) : STATE_OK;
}

static int open_tables(struct state *s)
{
	int r = tables_open(s->folder, &s->tables);

	if (r)
		return r < 0 ? err_pass(r) : STATE_E_DENIED;
	return version_ensure(s);
}

int state_open(const char *folder, struct state **out)
{
	CLEANUP(state_closep) struct state *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return err_raise(-ENOMEM);
	s->process_fd = s->serve_fd = -1;
	s->folder = strdup(folder);
	if (!s->folder)
		return err_raise(-ENOMEM);
	r = file_make_folders(folder, 0700);
	if (r)
		return r < 0 ? err_pass(r) : STATE_E_DENIED;
	r = lock_byte(folder, "processes", getpid(), &s->process_fd);
	if (!r)
		r = open_tables(s);
	if (r)
		return r < 0 ? err_pass(r) : r;
	*out = TAKE(s);
	return STATE_OK;
}

int state_serve_lock(struct state *s)
{
	return s->serve_fd >= 0 ? STATE_OK : lock_byte(s->folder, "serving", 0, &s->serve_fd);
}

/* --- sent --- */

static bool is_answered(struct txn *t, const uint8_t id[ID_BYTES])
{
	struct item item;
	uint64_t place;

	return !span_is_zero(id_span(id)) && item_get(t, id, &item, &place) && item.state == KP_ITEM_DONE;
}

static void answered(struct txn *t, const uint8_t id[ID_BYTES], enum kp_item_state to)
{
	struct item item;
	uint64_t place;

	if (!span_is_zero(id_span(id)) && item_get(t, id, &item, &place) && item.state != to)
		item_move(t, &item, place, to);
}

int state_send(struct state *s, const struct sent *items, size_t n)
{
	struct txn t = txn_begin(s->tables, true);
	struct span there;
	int r;

	for (size_t i = 0; i < n; i++) {
		uint8_t key[PLACE_BYTES];
		uint64_t place;

		if (table_get(&t, T_SENT, id_span(items[i].id), &there)) {
			txn_abort(&t);
			return STATE_E_EXISTS;
		}
		if (is_answered(&t, items[i].answers)) {
			txn_abort(&t);
			return STATE_E_MOVE;
		}
		place = place_next(&t);
		put_u64(key, place);
		sent_put(&t, &items[i], place);
		table_put(&t, T_OUTBOX, SPAN_OF(key), id_span(items[i].id));
		answered(&t, items[i].answers, KP_ITEM_DONE);
	}
	r = txn_end(&t);
	return r ? err_pass(r) : STATE_OK;
}

int state_receipt(struct state *s, const uint8_t id[ID_BYTES], enum sent_state outcome, uint64_t index,
		  struct span receipt)
{
	struct txn t = txn_begin(s->tables, true);
	struct sent m;
	uint8_t key[PLACE_BYTES];
	uint64_t place;
	bool there = sent_get(&t, id, &m, &place);
	int r;

	if (there && m.state == SENT_WAITING) {
		m.state = outcome;
		m.index = index;
		m.receipt = receipt;
		sent_put(&t, &m, place);
		put_u64(key, place);
		table_del(&t, T_OUTBOX, SPAN_OF(key));
		if (outcome == SENT_REFUSED)
			answered(&t, m.answers, KP_ITEM_INTERRUPTED);
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
}

/* Copies what lies in LMDB's memory. */
static void sent_keep(struct txn *t, struct arena *arena, struct sent *m)
{
	struct span envelope = arena_copy(arena, m->envelope), receipt = arena_copy(arena, m->receipt);

	if (envelope.len != m->envelope.len || receipt.len != m->receipt.len)
		t->error = ENOMEM;
	m->envelope = envelope;
	m->receipt = receipt;
}

int state_sent(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct sent *out)
{
	struct txn t = txn_begin(s->tables, false);
	struct sent m;
	uint64_t place;
	bool there = sent_get(&t, id, &m, &place);
	int r;

	if (there)
		sent_keep(&t, arena, &m);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*out = m;
	return STATE_OK;
}

static bool is_due(const struct sent *m, const struct outbox_due *due)
{
	if (m->held)
		return m->leaves_unix_ms <= due->now_unix_ms || m->leaves_unix_ms - due->now_unix_ms > HELD_FAR_MS;
	return m->leaves_unix_ms < due->made_before_unix_ms;
}

int state_outbox(struct state *s, const struct outbox_due *due, size_t max, struct arena *arena, struct sent *out, size_t *n)
{
	struct txn t = txn_begin(s->tables, false);
	struct cursor *c = cursor_open(&t, T_OUTBOX);
	struct span key, id;
	size_t got = 0;
	uint64_t place;
	int r;

	for (bool more = cursor_from(&t, c, SPAN_NONE, &key, &id); more && got < max;
	     more = cursor_next(&t, c, &key, &id)) {
		if (sent_get(&t, id.ptr, &out[got], &place) && is_due(&out[got], due))
			sent_keep(&t, arena, &out[got++]);
	}
	cursor_close(c);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	*n = got;
	return STATE_OK;
}

int state_held(struct state *s, uint64_t *first_unix_ms)
{
	struct txn t = txn_begin(s->tables, false);
	struct cursor *c = cursor_open(&t, T_OUTBOX);
	struct span key, id;
	struct sent m;
	uint64_t place, first = 0;
	int r;

	for (bool more = cursor_from(&t, c, SPAN_NONE, &key, &id); more; more = cursor_next(&t, c, &key, &id))
		if (sent_get(&t, id.ptr, &m, &place) && m.held && (!first || m.leaves_unix_ms < first))
			first = m.leaves_unix_ms;
	cursor_close(c);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	*first_unix_ms = first;
	return STATE_OK;
}

/* --- inbox --- */

static void take(struct txn *t, const struct item *item)
{
	uint8_t place_key[PLACE_BYTES], key[1 + PLACE_BYTES], exchange[ID_BYTES + PLACE_BYTES];
	uint64_t place = place_next(t);
	struct item fresh = *item;

	fresh.state = KP_ITEM_NEW;
	put_u64(place_key, place);
	fresh_key(item->kind, place, key);
	memcpy(exchange, item->exchange, ID_BYTES);
	put_u64(exchange + ID_BYTES, place);
	item_put(t, &fresh, place);
	table_put(t, T_ARRIVALS, SPAN_OF(place_key), id_span(item->id));
	table_put(t, T_EXCHANGES, SPAN_OF(exchange), id_span(item->id));
	table_put(t, T_FRESH, SPAN_OF(key), id_span(item->id));
	mark_taken(t, item);
}

int state_take(struct state *s, const struct item *items, size_t n, bool *fresh)
{
	struct txn t = txn_begin(s->tables, true);
	struct span there;
	int r;

	for (size_t i = 0; i < n; i++) {
		fresh[i] = !table_get(&t, T_ITEMS, id_span(items[i].id), &there);
		if (fresh[i])
			take(&t, &items[i]);
	}
	r = txn_end(&t);
	return r ? err_pass(r) : STATE_OK;
}

int state_item(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct item *out)
{
	struct txn t = txn_begin(s->tables, false);
	struct item m;
	uint64_t place;
	bool there = item_get(&t, id, &m, &place);
	int r;

	if (there) {
		struct span envelope = arena_copy(arena, m.envelope), mandate = arena_copy(arena, m.mandate);

		if (envelope.len != m.envelope.len || mandate.len != m.mandate.len)
			t.error = ENOMEM;
		m.envelope = envelope;
		m.mandate = mandate;
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*out = m;
	return STATE_OK;
}

int state_items(struct state *s, const uint8_t *exchange, uint64_t *cursor, uint8_t (*ids)[ID_BYTES],
		size_t max, size_t *n)
{
	struct txn t = txn_begin(s->tables, false);
	struct cursor *c = cursor_open(&t, exchange ? T_EXCHANGES : T_ARRIVALS);
	size_t prefix = exchange ? ID_BYTES : 0, got = 0;
	uint8_t from[ID_BYTES + PLACE_BYTES] = { 0 };
	struct span key, id;
	uint64_t next = *cursor;
	int r;

	if (exchange)
		memcpy(from, exchange, ID_BYTES);
	put_u64(from + prefix, next);
	for (bool more = cursor_from(&t, c, span_of(from, prefix + PLACE_BYTES), &key, &id);
	     more && got < max; more = cursor_next(&t, c, &key, &id)) {
		if (key.len != prefix + PLACE_BYTES || memcmp(key.ptr, from, prefix))
			break;
		next = get_u64(key.ptr + prefix) + 1;
		memcpy(ids[got++], id.ptr, ID_BYTES);
	}
	cursor_close(c);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	*cursor = next;
	*n = got;
	return STATE_OK;
}

int state_claim(struct state *s, enum message_kind kind, uint8_t id[ID_BYTES])
{
	struct txn t = txn_begin(s->tables, true);
	struct cursor *c = cursor_open(&t, T_FRESH);
	uint8_t from[1 + PLACE_BYTES], found[ID_BYTES];
	struct span key, value = SPAN_NONE;
	struct item item;
	uint64_t place;
	bool there;
	int r;

	fresh_key(kind, 0, from);
	there = cursor_from(&t, c, SPAN_OF(from), &key, &value) && key.ptr[0] == (uint8_t)kind &&
		value.len == ID_BYTES;
	if (there)
		memcpy(found, value.ptr, ID_BYTES);
	cursor_close(c);
	if (there && item_get(&t, found, &item, &place))
		item_move(&t, &item, place, KP_ITEM_HANDLING);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	memcpy(id, found, ID_BYTES);
	return STATE_OK;
}

int state_item_set(struct state *s, const uint8_t id[ID_BYTES], enum kp_item_state to)
{
	struct txn t = txn_begin(s->tables, true);
	struct item item;
	uint64_t place;
	bool there = item_get(&t, id, &item, &place);
	int r;

	if (there && to == KP_ITEM_NEW && item.state > KP_ITEM_NEW && item.state != KP_ITEM_INTERRUPTED) {
		txn_abort(&t);
		return STATE_E_MOVE;
	}
	if (there && item.state != to)
		item_move(&t, &item, place, to);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
}

int state_interrupt(struct state *s, size_t *n)
{
	struct txn t = txn_begin(s->tables, true);
	size_t moved = 0;
	int r;

	for (;;) {
		struct cursor *c = cursor_open(&t, T_BUSY);
		struct span key, value;
		bool more = cursor_from(&t, c, SPAN_NONE, &key, &value) && key.len == ID_BYTES;
		uint8_t id[ID_BYTES] = { 0 };
		struct item item;
		uint64_t place;

		if (more)
			memcpy(id, key.ptr, ID_BYTES);
		cursor_close(c);
		if (!more || !item_get(&t, id, &item, &place))
			break;
		item_move(&t, &item, place, KP_ITEM_INTERRUPTED);
		moved++;
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	*n = moved;
	return STATE_OK;
}

/* --- the rest --- */

int state_counts(struct state *s, size_t *outbox, size_t *fresh)
{
	struct txn t = txn_begin(s->tables, false);
	size_t waiting = table_count(&t, T_OUTBOX), unread = table_count(&t, T_FRESH);
	int r = txn_end(&t);

	if (r)
		return err_pass(r);
	*outbox = waiting;
	*fresh = unread;
	return STATE_OK;
}

int state_get(struct state *s, const char *name, struct arena *arena, struct span *value)
{
	struct txn t = txn_begin(s->tables, false);
	struct span found = SPAN_NONE, copy = SPAN_NONE;
	bool there = table_get(&t, T_NAMED, span_of_text(name), &found);
	int r;

	if (there) {
		copy = arena_copy(arena, found);
		if (copy.len != found.len)
			t.error = ENOMEM;
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*value = copy;
	return STATE_OK;
}

int state_put(struct state *s, const char *name, struct span value)
{
	struct txn t = txn_begin(s->tables, true);
	int r;

	table_put(&t, T_NAMED, span_of_text(name), value);
	r = txn_end(&t);
	return r ? err_pass(r) : STATE_OK;
}

int state_swap(struct state *s, const char *name, struct span before, struct span value)
{
	struct txn t = txn_begin(s->tables, true);
	struct span found = SPAN_NONE;
	int r;

	(void)table_get(&t, T_NAMED, span_of_text(name), &found);
	if (!t.error && !span_equal(found, before)) {
		txn_abort(&t);
		return STATE_E_MOVE;
	}
	if (value.len)
		table_put(&t, T_NAMED, span_of_text(name), value);
	else
		table_del(&t, T_NAMED, span_of_text(name));
	r = txn_end(&t);
	return r ? err_pass(r) : STATE_OK;
}
