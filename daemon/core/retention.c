/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * KEYSPACE_TERM      casus id -> u64 until || u8 flags || u8 phase || u32 messages || u32 withdrawn
 * KEYSPACE_END       u64 unix ms || u8 what || name -> u64 unix ms from which the term counts (not for a casus) [|| u64 chunk of the
 *                    index from which on what the key's records say is still to be taken out]
 * KEYSPACE_OF_CASUS  casus id || message id -> nothing
 *
 * A casus ends in this order: it is no more (from then on it is refused as one that never was); what waits is withdrawn, each with
 * its TERMIJN entry; its messages are forgotten; VERNIETIGD, and its key. Many messages take many rounds, so that others get their
 * turn; a crash goes on where the last batch ended.
 *
 * A casus that is closed keeps the term it had. One that was not taken up, or ended in advice, ends after the shorter term, counted
 * from its first processing like any other; but who notified it must be able to read the outcome, so never less than
 * OUTCOME_MS after that.
 */
#include "daemon/core/retention.h"

#include <errno.h>
#include <stdio.h>

#include "convenant/calendar.h"
#include "daemon/core/due.h"
#include "daemon/core/index.h"
#include "daemon/core/intake.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)
#define OUTCOME_MS (7 * DAY_MS)
/* In months, where the kader names none: WGS 1.8(7), BGS 1.16(1), NEN 7513. */
#define MONTHS_CASUS 60
#define MONTHS_NOT_TAKEN_UP 1
#define MONTHS_LOG 60
#define ENDS_PER_ROUND 8
#define MESSAGES_PER_ROUND 128
#define DOMAIN_PERIOD "huis/"
#define DOMAIN_LOG "log/"
#define TERM_BYTES (8 + 1 + 1 + 4 + 4)
#define END_NAME_MAX 32

enum { END_CASUS = 'c', END_LOG = 'l', END_MONTH = 'm' };
enum { TERM_BRIEF = 1, TERM_ENDING = 2 };

struct term {
	uint64_t until_ms;
	bool brief;      /* not taken up, or advice only */
	bool ending;     /* the casus is no more; its messages go */
	uint8_t phase;   /* in which it ended */
	uint32_t n_messages, n_withdrawn;
};

/* ---- terms ---- */

static uint64_t months_of(const struct core *c, const char *what, unsigned otherwise)
{
	int months = c->rules.kader ? kader_retention_months(c->rules.kader, what) : -1;

	return months < 0 ? otherwise : (uint64_t)months;
}

static uint64_t casus_until(const struct core *c, const struct casus *casus)
{
	return casus->expires_unix_ms ? casus->expires_unix_ms :
					months_after(casus->opened_unix_ms, months_of(c, "casus", MONTHS_CASUS));
}

static uint64_t brief_until(const struct core *c, const struct casus *casus)
{
	uint64_t until = months_after(casus->opened_unix_ms, months_of(c, "niet-in-behandeling", MONTHS_NOT_TAKEN_UP));
	uint64_t floor = c->now_unix_ms + (c->not_taken_up_ms < OUTCOME_MS ? c->not_taken_up_ms : OUTCOME_MS);

	if (until > casus->opened_unix_ms + c->not_taken_up_ms)
		until = casus->opened_unix_ms + c->not_taken_up_ms;
	return until > floor ? until : floor;
}

/* ---- keys ---- */

static struct span log_name(struct span casus, uint8_t out[sizeof DOMAIN_LOG - 1 + ID_BYTES])
{
	memcpy(out, DOMAIN_LOG, sizeof DOMAIN_LOG - 1);
	memcpy(out + sizeof DOMAIN_LOG - 1, casus.ptr, ID_BYTES);
	return span_of(out, sizeof DOMAIN_LOG - 1 + ID_BYTES);
}

struct end {
	uint8_t what;
	struct span name;
	uint64_t since_ms, chunk;
};

static int end_add(struct core *c, uint64_t unix_ms, const struct end *e)
{
	uint8_t key[8 + 1 + END_NAME_MAX], value[16];

	if (e->name.len > END_NAME_MAX)
		return err_raise(-EINVAL);
	put_u64(key, unix_ms);
	key[8] = e->what;
	memcpy(key + 9, e->name.ptr, e->name.len);
	put_u64(value, e->since_ms);
	put_u64(value + 8, e->chunk);
	if (unix_ms < c->end_unix_ms)
		c->end_unix_ms = unix_ms;
	return err_pass(core_put(c, KEYSPACE_END, span_of(key, 9 + e->name.len), span_of(value, e->chunk ? 16 : 8)));
}

static uint64_t log_until(const struct core *c, uint64_t since_ms)
{
	return months_after(since_ms, months_of(c, "logregel", MONTHS_LOG));
}

static int month_key(struct core *c, struct data_key *out)
{
	const struct date day = date_of(c->now_unix_ms);
	const uint64_t next_ms = date_ms(date_month_later(day, 1));
	char name[sizeof DOMAIN_PERIOD + 8];
	int r;

	snprintf(name, sizeof name, DOMAIN_PERIOD "%04u-%02u", day.year % 10000, day.month % 100);
	r = keyring_of(c->keys, span_of_text(name), out);
	if (r != KEYRING_E_ABSENT)
		return err_pass(r);
	r = end_add(c, log_until(c, next_ms), &(struct end){ END_MONTH, span_of_text(name), next_ms, 0 });
	if (!r)
		r = keyring_make(c->keys, span_of_text(name), out);
	return r ? err_fold(r) : 0;
}

static int key_named(struct core *c, struct span name, struct data_key *out)
{
	int r = name.len ? keyring_of(c->keys, name, out) : KEYRING_E_ABSENT;

	return r == KEYRING_E_ABSENT ? err_pass(month_key(c, out)) : err_pass(r);
}

int retention_key(struct core *c, struct span casus, struct data_key *out)
{
	return err_pass(key_named(c, casus, out));
}

int retention_log_key(struct core *c, struct span casus, struct data_key *out)
{
	uint8_t name[sizeof DOMAIN_LOG - 1 + ID_BYTES];

	return err_pass(key_named(c, casus.len == ID_BYTES ? log_name(casus, name) : SPAN_NONE, out));
}

int retention_open(struct core *c, struct span casus, struct data_key *out)
{
	uint8_t name[sizeof DOMAIN_LOG - 1 + ID_BYTES];
	struct data_key log;
	int r = keyring_of(c->keys, log_name(casus, name), &log);

	/* Whoever gives a casus the id of one that ended goes on with its log. */
	if (r == KEYRING_E_ABSENT)
		r = keyring_make(c->keys, log_name(casus, name), &log);
	return r ? err_fold(r) : err_pass(keyring_make(c->keys, casus, out));
}

/* ---- the term of a casus ---- */

static int term_get(struct core *c, struct span casus, struct term *out, bool *found)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_TERM, casus, &value);

	*found = r == STORE_OK;
	if (r)
		return r == STORE_E_ABSENT ? 0 : err_fold(r);
	if (value.len != TERM_BYTES)
		return err_raise(-EBADMSG);
	*out = (struct term){ .until_ms = get_u64(value.ptr),
			      .brief = value.ptr[8] & TERM_BRIEF,
			      .ending = value.ptr[8] & TERM_ENDING,
			      .phase = value.ptr[9],
			      .n_messages = get_u32(value.ptr + 10),
			      .n_withdrawn = get_u32(value.ptr + 14) };
	return 0;
}

static int term_put(struct core *c, struct span casus, const struct term *t)
{
	uint8_t value[TERM_BYTES];

	put_u64(value, t->until_ms);
	value[8] = (uint8_t)((t->brief ? TERM_BRIEF : 0) | (t->ending ? TERM_ENDING : 0));
	value[9] = t->phase;
	put_u32(value + 10, t->n_messages);
	put_u32(value + 14, t->n_withdrawn);
	return err_pass(core_put(c, KEYSPACE_TERM, casus, SPAN_OF(value)));
}

/* What the term is, of a casus and the kader as they are now. */
static void term_of(const struct core *c, const struct casus *casus, struct term *t)
{
	const bool brief = casus->phase == PHASE_NIET_IN_BEHANDELING || casus->phase == PHASE_ADVIES;
	const uint64_t full = casus_until(c, casus);

	if (brief && !t->brief)
		t->until_ms = brief_until(c, casus);
	if (brief)
		t->brief = true;
	else if (casus->phase != PHASE_AFGESLOTEN)
		t->brief = false;
	if (!t->brief || full < t->until_ms)
		t->until_ms = full;
}

int retention_watch(struct core *c, const struct casus *casus)
{
	struct term t = { 0 }, before;
	bool found;
	int r = term_get(c, SPAN_OF(casus->id), &t, &found);

	before = t;
	if (!r)
		term_of(c, casus, &t);
	if (r || (found && t.until_ms == before.until_ms && t.brief == before.brief))
		return err_pass(r);
	r = term_put(c, SPAN_OF(casus->id), &t);
	return r ? err_pass(r) : err_pass(end_add(c, t.until_ms, &(struct end){ .what = END_CASUS, .name = SPAN_OF(casus->id) }));
}

int retention_until(struct core *c, struct span casus, uint64_t *unix_ms)
{
	struct term t = { 0 };
	bool found;
	int r = term_get(c, casus, &t, &found);

	*unix_ms = t.until_ms;
	return err_pass(r);
}

int retention_keep_message(struct core *c, struct span casus, const uint8_t message_id[ID_BYTES])
{
	uint8_t row[2 * ID_BYTES];

	if (casus.len != ID_BYTES)
		return 0;
	memcpy(row, casus.ptr, ID_BYTES);
	memcpy(row + ID_BYTES, message_id, ID_BYTES);
	return err_pass(core_put(c, KEYSPACE_OF_CASUS, SPAN_OF(row), SPAN_LITERAL("\1")));
}

/* ---- the end of a casus ---- */

/* Its id stays known as long as the message could still be sent again. */
static int message_forget(struct core *c, const uint8_t id[ID_BYTES])
{
	struct header header;
	struct seen seen;
	struct track t;
	int r;

	arena_reset(c->scratch);
	r = track_load(c, span_of(id, ID_BYTES), c->scratch, &t);
	if (!r)
		r = due_forget(c, &t);
	if (!r)
		r = evidence_forget_input(c, t.entry - 1);
	if (!r)
		r = track_header(&t, c->scratch, &header);
	if (!r)
		r = seen_find(c, span_of(id, ID_BYTES), &seen);
	if (!r && seen.forget_ms == SEEN_FOR_EVER) {
		seen.forget_ms = seen_until(c, &header);
		r = seen_put(c, span_of(id, ID_BYTES), &seen);
	}
	if (r >= 0)
		r = core_delete(c, KEYSPACE_STATE, span_of(id, ID_BYTES));
	return r ? err_pass(r) : err_pass(core_delete(c, KEYSPACE_MESSAGE, span_of(id, ID_BYTES)));
}

static int messages_forget(struct core *c, struct span casus, uint32_t *n, bool *more)
{
	uint8_t row[2 * ID_BYTES];
	struct store_cursor cursor;
	int r = store_first(c->store, KEYSPACE_OF_CASUS, casus, casus, &cursor);

	for (int i = 0; !r && i < MESSAGES_PER_ROUND; i++) {
		if (cursor.key.len != sizeof row)
			return err_raise(-EBADMSG);
		memcpy(row, cursor.key.ptr, sizeof row);
		r = message_forget(c, row + ID_BYTES);
		if (!r)
			r = core_delete(c, KEYSPACE_OF_CASUS, SPAN_OF(row));
		if (r)
			return err_pass(r);
		++*n;
		r = store_next(c->store, &cursor);
	}
	*more = r == STORE_OK;
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

static int casus_destroyed(struct core *c, struct span casus, const struct term *t)
{
	char messages[40], withdrawn[40], phase[64];
	const struct evidence e = {
		.kind = ENTRY_VERNIETIGD,
		.type = "casus",
		.casus_id = casus,
		.n_details = 4,
		.details = { messages, withdrawn, phase, t->brief ? "termijn=niet-in-behandeling" : "termijn=casus" },
	};
	uint8_t name[sizeof DOMAIN_LOG - 1 + ID_BYTES];
	int r;

	snprintf(messages, sizeof messages, "berichten=%u", t->n_messages);
	snprintf(withdrawn, sizeof withdrawn, "ingetrokken=%u", t->n_withdrawn);
	snprintf(phase, sizeof phase, "fase=%s", phase_name((enum phase)t->phase));
	r = evidence_write(c, &e, NULL);
	if (!r)
		r = keyring_end(c->keys, casus);
	if (r == KEYRING_OK || r == KEYRING_E_ABSENT)
		r = core_delete(c, KEYSPACE_TERM, casus);
	if (!r)
		r = end_add(c, log_until(c, c->now_unix_ms), &(struct end){ END_LOG, log_name(casus, name), c->now_unix_ms, 0 });
	return err_pass(r);
}

static int casus_begin(struct core *c, struct span casus, struct term *t)
{
	struct casus state;
	int r = casus_read(c, casus, &state);

	if (r < 0)
		return err_pass(r);
	if (!r) {
		term_of(c, &state, t);
		t->phase = (uint8_t)state.phase;
	}
	if (t->until_ms > c->now_unix_ms)
		return 0;
	t->ending = true;
	return err_pass(core_delete(c, KEYSPACE_CASUS, casus));
}

static int casus_end(struct core *c, struct span casus)
{
	struct term t;
	bool found, more = false;
	int r = term_get(c, casus, &t, &found);

	if (r || !found)
		return err_pass(r);
	if (!t.ending)
		r = casus_begin(c, casus, &t);
	if (!r && t.ending)
		r = due_withdraw_ended(c, casus, &t.n_withdrawn, &more);
	if (!r && t.ending && !more)
		r = messages_forget(c, casus, &t.n_messages, &more);
	if (r)
		return err_pass(r);
	if (t.ending && !more)
		return err_pass(casus_destroyed(c, casus, &t));
	r = term_put(c, casus, &t);
	return r ? err_pass(r) : err_pass(end_add(c, t.ending ? c->now_unix_ms + 1 : t.until_ms, &(struct end){ .what = END_CASUS, .name = casus }));
}

/* ---- what ends ---- */

/* A month of a busy house has hundreds of thousands of entries: what the index says of them goes in as many rounds as it takes. */
static int log_end(struct core *c, struct end *e, unsigned *n)
{
	uint64_t until_ms = log_until(c, e->since_ms);
	struct data_key key;
	int r;

	if (until_ms > c->now_unix_ms)
		return err_pass(end_add(c, until_ms, e));
	r = keyring_of(c->keys, e->name, &key);
	if (r == KEYRING_OK) {
		r = index_forget(c, key.id, &e->chunk);
		if (r == INDEX_E_LATER)
			return err_pass(end_add(c, c->now_unix_ms + 1, e));
	}
	if (r >= 0) /* also when it can't be read: damaged is not destroyed */
		r = keyring_end(c->keys, e->name);
	*n += r == KEYRING_OK;
	return r < 0 ? err_pass(r) : 0;
}

static int logs_destroyed(struct core *c, unsigned n)
{
	char keys[40];
	const struct evidence e = { .kind = ENTRY_VERNIETIGD, .type = "logregels", .n_details = 1, .details = { keys } };

	snprintf(keys, sizeof keys, "sleutels=%u", n);
	return err_pass(evidence_write(c, &e, NULL));
}

static int end_one(struct core *c, const struct store_cursor *row, unsigned *n_logs)
{
	uint8_t key[8 + 1 + END_NAME_MAX];
	struct end e;
	int r;

	if (row->key.len <= 9 || row->key.len > sizeof key || (row->value.len != 8 && row->value.len != 16))
		return err_raise(-EBADMSG);
	memcpy(key, row->key.ptr, row->key.len);
	e = (struct end){ key[8], span_of(key + 9, row->key.len - 9), get_u64(row->value.ptr), 0 };
	if (row->value.len == 16)
		e.chunk = get_u64(row->value.ptr + 8);
	r = core_delete(c, KEYSPACE_END, span_of(key, e.name.len + 9));
	if (r)
		return err_pass(r);
	return e.what == END_CASUS ? err_pass(casus_end(c, e.name)) : err_pass(log_end(c, &e, n_logs));
}

int retention_run(struct core *c)
{
	struct store_cursor row;
	unsigned n_logs = 0;
	int r = 0;

	for (int i = 0; !r && i < ENDS_PER_ROUND && c->end_unix_ms <= c->now_unix_ms; i++) {
		r = core_batch(c);
		if (!r)
			r = store_first(c->store, KEYSPACE_END, SPAN_NONE, SPAN_NONE, &row);
		if (r == STORE_E_ABSENT)
			c->end_unix_ms = UINT64_MAX;
		else if (!r && row.key.len >= 8 && get_u64(row.key.ptr) > c->now_unix_ms)
			c->end_unix_ms = get_u64(row.key.ptr);
		else if (!r)
			r = end_one(c, &row, &n_logs);
	}
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	return n_logs ? err_pass(logs_destroyed(c, n_logs)) : 0;
}

int retention_next(struct core *c)
{
	struct store_cursor row;
	int r = store_first(c->store, KEYSPACE_END, SPAN_NONE, SPAN_NONE, &row);

	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	c->end_unix_ms = r == STORE_OK && row.key.len >= 8 ? get_u64(row.key.ptr) : UINT64_MAX;
	return 0;
}
