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
 *   casus     casus                    ->  its key, and what is known of it (state_keys.c, state_casus.c)
 *   of-casus  casus, id, what u8       ->  nothing                  the messages of a casus
 *
 * A record is a fixed head and a sealed tail; changing a state rewrites the record. Envelopes are at
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

#define STATE_VERSION 2
#define TAIL_ARENA_BYTES (8u << 20)
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

static void sent_write(const struct stored_sent *m, struct buffer *out)
{
	buffer_u8(out, (uint8_t)m->m.state);
	buffer_u8(out, (uint8_t)m->m.kind);
	buffer_u8(out, (uint8_t)((m->m.withheld ? SENT_WITHHELD : 0) | (m->m.held ? SENT_HELD : 0)));
	buffer_u64(out, m->m.leaves_unix_ms);
	buffer_u64(out, m->m.index);
	buffer_u64(out, m->place);
	buffer_bytes(out, id_span(m->m.answers));
	buffer_bytes(out, id_span(m->m.casus));
	buffer_lp32(out, m->sealed);
}

bool sent_record_read(struct span bytes, struct stored_sent *out)
{
	struct reader r;
	uint8_t flags;

	reader_init(&r, bytes);
	out->m.state = (enum sent_state)reader_u8(&r);
	out->m.kind = (enum message_kind)reader_u8(&r);
	flags = reader_u8(&r);
	out->m.withheld = flags & SENT_WITHHELD;
	out->m.held = flags & SENT_HELD;
	out->m.leaves_unix_ms = reader_u64(&r);
	out->m.index = reader_u64(&r);
	out->place = reader_u64(&r);
	reader_copy(&r, out->m.answers, ID_BYTES);
	reader_copy(&r, out->m.casus, ID_BYTES);
	out->sealed = reader_lp32(&r);
	return reader_done(&r) && out->m.state <= SENT_REFUSED;
}

static void item_write(const struct stored_item *m, struct buffer *out)
{
	buffer_u8(out, (uint8_t)m->m.state);
	buffer_u8(out, (uint8_t)m->m.kind);
	buffer_u64(out, m->m.received_unix_ms);
	buffer_u64(out, m->m.index);
	buffer_u64(out, m->place);
	buffer_bytes(out, id_span(m->m.exchange));
	buffer_bytes(out, id_span(m->m.casus));
	buffer_lp32(out, m->sealed);
}

bool item_record_read(struct span bytes, struct stored_item *out)
{
	struct reader r;

	reader_init(&r, bytes);
	out->m.state = (enum kp_item_state)reader_u8(&r);
	out->m.kind = (enum message_kind)reader_u8(&r);
	out->m.received_unix_ms = reader_u64(&r);
	out->m.index = reader_u64(&r);
	out->place = reader_u64(&r);
	reader_copy(&r, out->m.exchange, ID_BYTES);
	reader_copy(&r, out->m.casus, ID_BYTES);
	out->sealed = reader_lp32(&r);
	return reader_done(&r) && out->m.state <= KP_ITEM_INTERRUPTED;
}

bool sent_get(struct txn *t, const uint8_t id[ID_BYTES], struct stored_sent *out)
{
	struct span bytes;

	memset(out, 0, sizeof *out);
	if (!table_get(t, T_SENT, id_span(id), &bytes))
		return false;
	memcpy(out->m.id, id, ID_BYTES);
	if (!sent_record_read(bytes, out))
		t->error = EBADMSG;
	return !t->error;
}

bool item_get(struct txn *t, const uint8_t id[ID_BYTES], struct stored_item *out)
{
	struct span bytes;

	memset(out, 0, sizeof *out);
	if (!table_get(t, T_ITEMS, id_span(id), &bytes))
		return false;
	memcpy(out->m.id, id, ID_BYTES);
	if (!item_record_read(bytes, out))
		t->error = EBADMSG;
	return !t->error;
}

static void sent_put(struct txn *t, const struct stored_sent *m)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };

	buffer_init(&record, 0);
	sent_write(m, &record);
	if (buffer_ok(&record) && !t->error)
		t->error = ENOMEM;
	table_put(t, T_SENT, id_span(m->m.id), buffer_span(&record));
}

void item_put(struct txn *t, const struct stored_item *m)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };

	buffer_init(&record, 0);
	item_write(m, &record);
	if (buffer_ok(&record) && !t->error)
		t->error = ENOMEM;
	table_put(t, T_ITEMS, id_span(m->m.id), buffer_span(&record));
}

static struct tail_of tail_of_sent(const struct sent *m)
{
	return (struct tail_of){ TAIL_SENT, m->casus, m->id };
}

static struct tail_of tail_of_item(const struct item *m)
{
	return (struct tail_of){ TAIL_ITEM, m->casus, m->id };
}

void fresh_key(enum message_kind kind, uint64_t place, uint8_t out[1 + PLACE_BYTES])
{
	out[0] = (uint8_t)kind;
	put_u64(out + 1, place);
}

/* Moves an item between states and indexes. Memory of the record may be LMDB's: it is copied before it is
 * written back. */
static void item_move(struct txn *t, const struct stored_item *item, enum kp_item_state to)
{
	struct stored_item moved = *item;
	uint8_t key[1 + PLACE_BYTES];

	moved.m.state = to;
	item_put(t, &moved);
	fresh_key(item->m.kind, item->place, key);
	if (item->m.state == KP_ITEM_NEW)
		table_del(t, T_FRESH, SPAN_OF(key));
	if (item->m.state == KP_ITEM_HANDLING)
		table_del(t, T_BUSY, id_span(item->m.id));
	if (to == KP_ITEM_NEW)
		table_put(t, T_FRESH, SPAN_OF(key), id_span(item->m.id));
	if (to == KP_ITEM_HANDLING)
		table_put(t, T_BUSY, id_span(item->m.id), SPAN_LITERAL("1"));
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
	slots_close(s->slots);
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

/* *fresh: there is no state yet. */
static int version_check(struct txn *t, bool *fresh)
{
	uint8_t version[4];
	struct span have;

	put_u32(version, STATE_VERSION);
	*fresh = !table_get(t, T_NAMED, SPAN_LITERAL("version"), &have);
	if (!*fresh)
		return span_equal(have, SPAN_OF(version)) ? STATE_OK : STATE_E_VERSION;
	table_put(t, T_NAMED, SPAN_LITERAL("version"), SPAN_OF(version));
	return STATE_OK;
}

static int version_ensure(struct state *s)
{
	struct txn t = txn_begin(s->tables, true);
	bool fresh;
	int refused = version_check(&t, &fresh), r;

	if (!t.error && !refused)
		refused = keys_open(s, &t, fresh);
	if (!t.error && refused) {
		txn_abort(&t);
		return refused < 0 ? err_pass(refused) : refused;
	}
	r = txn_end(&t);
	return r ? err_pass(r) : err_pass(keys_sweep(s));
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
	struct stored_item item;

	return !span_is_zero(id_span(id)) && item_get(t, id, &item) && item.m.state == KP_ITEM_DONE;
}

static void answered(struct txn *t, const uint8_t id[ID_BYTES], enum kp_item_state to)
{
	struct stored_item item;

	if (!span_is_zero(id_span(id)) && item_get(t, id, &item) && item.m.state != to)
		item_move(t, &item, to);
}

static void send_one(struct state *s, struct txn *t, const struct sent *m)
{
	CLEANUP(buffer_fini) struct buffer sealed = { 0 };
	struct stored_sent stored = { .m = *m, .place = place_next(t) };
	uint8_t key[PLACE_BYTES];

	buffer_init(&sealed, 0);
	tail_seal(s, t, tail_of_sent(m), m->envelope, m->receipt, &sealed);
	stored.sealed = buffer_span(&sealed);
	put_u64(key, stored.place);
	sent_put(t, &stored);
	casus_holds(t, tail_of_sent(m));
	table_put(t, T_OUTBOX, SPAN_OF(key), id_span(m->id));
	answered(t, m->answers, KP_ITEM_DONE);
}

int state_send(struct state *s, const struct sent *items, size_t n)
{
	struct txn t = txn_begin(s->tables, true);
	struct span there;
	int r;

	for (size_t i = 0; i < n; i++) {
		if (table_get(&t, T_SENT, id_span(items[i].id), &there)) {
			txn_abort(&t);
			return STATE_E_EXISTS;
		}
		if (is_answered(&t, items[i].answers)) {
			txn_abort(&t);
			return STATE_E_MOVE;
		}
		send_one(s, &t, &items[i]);
	}
	r = state_end(s, &t);
	return r ? err_pass(r) : STATE_OK;
}

/* What it says is in the arena; false: its key was destroyed meanwhile, or t->error. */
static bool sent_open(struct state *s, struct txn *t, struct stored_sent *m, struct arena *arena)
{
	struct span texts[2];

	if (!tail_open(s, t, tail_of_sent(&m->m), m->sealed, arena, texts))
		return false;
	m->m.envelope = texts[0];
	m->m.receipt = texts[1];
	return true;
}

static void settle(struct state *s, struct txn *t, struct stored_sent *m, struct span receipt)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(TAIL_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer sealed = { 0 };
	uint8_t key[PLACE_BYTES];

	if (!arena)
		t->error = ENOMEM;
	if (!arena || !sent_open(s, t, m, arena))
		return;
	buffer_init(&sealed, 0);
	tail_seal(s, t, tail_of_sent(&m->m), m->m.envelope, receipt, &sealed);
	m->sealed = buffer_span(&sealed);
	sent_put(t, m);
	put_u64(key, m->place);
	table_del(t, T_OUTBOX, SPAN_OF(key));
}

int state_receipt(struct state *s, const uint8_t id[ID_BYTES], enum sent_state outcome, uint64_t index,
		  struct span receipt)
{
	struct txn t = txn_begin(s->tables, true);
	struct stored_sent m;
	bool there = sent_get(&t, id, &m);
	int r;

	if (there && m.m.state == SENT_WAITING) {
		m.m.state = outcome;
		m.m.index = index;
		settle(s, &t, &m, receipt);
		if (outcome == SENT_REFUSED)
			answered(&t, m.m.answers, KP_ITEM_INTERRUPTED);
	}
	r = state_end(s, &t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
}

int state_sent(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct sent *out)
{
	struct txn t = txn_begin(s->tables, false);
	struct stored_sent m;
	bool there = sent_get(&t, id, &m) && sent_open(s, &t, &m, arena);
	int r = txn_end(&t);

	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*out = m.m;
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
	struct stored_sent m;
	struct span key, id;
	size_t got = 0;
	int r;

	for (bool more = cursor_from(&t, c, SPAN_NONE, &key, &id); more && got < max; more = cursor_next(&t, c, &key, &id))
		if (sent_get(&t, id.ptr, &m) && is_due(&m.m, due) && sent_open(s, &t, &m, arena))
			out[got++] = m.m;
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
	struct stored_sent m;
	struct span key, id;
	uint64_t first = 0;
	int r;

	for (bool more = cursor_from(&t, c, SPAN_NONE, &key, &id); more; more = cursor_next(&t, c, &key, &id))
		if (sent_get(&t, id.ptr, &m) && m.m.held && (!first || m.m.leaves_unix_ms < first))
			first = m.m.leaves_unix_ms;
	cursor_close(c);
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	*first_unix_ms = first;
	return STATE_OK;
}

/* --- inbox --- */

static void take(struct state *s, struct txn *t, const struct item *item)
{
	CLEANUP(buffer_fini) struct buffer sealed = { 0 };
	uint8_t place_key[PLACE_BYTES], key[1 + PLACE_BYTES], exchange[ID_BYTES + PLACE_BYTES];
	struct stored_item fresh = { .m = *item, .place = place_next(t) };

	buffer_init(&sealed, 0);
	tail_seal(s, t, tail_of_item(item), item->envelope, item->mandate, &sealed);
	fresh.m.state = KP_ITEM_NEW;
	fresh.sealed = buffer_span(&sealed);
	put_u64(place_key, fresh.place);
	fresh_key(item->kind, fresh.place, key);
	memcpy(exchange, item->exchange, ID_BYTES);
	put_u64(exchange + ID_BYTES, fresh.place);
	item_put(t, &fresh);
	casus_holds(t, tail_of_item(item));
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
			take(s, &t, &items[i]);
	}
	r = state_end(s, &t);
	return r ? err_pass(r) : STATE_OK;
}

int state_item(struct state *s, const uint8_t id[ID_BYTES], struct arena *arena, struct item *out)
{
	struct txn t = txn_begin(s->tables, false);
	struct stored_item m;
	struct span texts[2];
	bool there = item_get(&t, id, &m) && tail_open(s, &t, tail_of_item(&m.m), m.sealed, arena, texts);
	int r = txn_end(&t);

	if (r)
		return err_pass(r);
	if (!there)
		return STATE_E_ABSENT;
	*out = m.m;
	out->envelope = texts[0];
	out->mandate = texts[1];
	return STATE_OK;
}

int state_wipe(struct state *s, const uint8_t id[ID_BYTES], struct span envelope)
{
	CLEANUP(buffer_fini) struct buffer sealed = { 0 };
	struct txn t = txn_begin(s->tables, true);
	struct stored_item m;
	bool there = item_get(&t, id, &m);
	int r;

	buffer_init(&sealed, 0);
	if (there) {
		tail_seal(s, &t, tail_of_item(&m.m), envelope, SPAN_NONE, &sealed);
		m.sealed = buffer_span(&sealed);
		item_put(&t, &m);
		mark_wiped(&t, id);
	}
	r = state_end(s, &t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
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
	struct stored_item item;
	bool there;
	int r;

	fresh_key(kind, 0, from);
	there = cursor_from(&t, c, SPAN_OF(from), &key, &value) && key.ptr[0] == (uint8_t)kind &&
		value.len == ID_BYTES;
	if (there)
		memcpy(found, value.ptr, ID_BYTES);
	cursor_close(c);
	if (there && item_get(&t, found, &item))
		item_move(&t, &item, KP_ITEM_HANDLING);
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
	struct stored_item item;
	bool there = item_get(&t, id, &item);
	int r;

	if (there && to == KP_ITEM_NEW && item.m.state > KP_ITEM_NEW && item.m.state != KP_ITEM_INTERRUPTED) {
		txn_abort(&t);
		return STATE_E_MOVE;
	}
	if (there && item.m.state != to)
		item_move(&t, &item, to);
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
		struct stored_item item;

		if (more)
			memcpy(id, key.ptr, ID_BYTES);
		cursor_close(c);
		if (!more || !item_get(&t, id, &item))
			break;
		item_move(&t, &item, KP_ITEM_INTERRUPTED);
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
