/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Only rows of KEYSPACE_INPUT are looked at: where the input is gone with its casus there is nothing to decide upon.
 *
 * Rate. Some 15 microseconds each, and some milliseconds to load each version of the rules once (a debug build): a million in five
 * minutes of idleness. A piece ends when its time is over, so one that loads is not longer by all the others.
 *
 * KEYSPACE_META "selfproof/decisions" -> u8 1 || u64 unix ms || u64 agreed || u64 odd || fault. Written at the end of a pass.
 */
#include "daemon/core/redecide.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "convenant/again.h"
#include "daemon/core/evidence.h"
#include "daemon/core/rules_store.h"

#define META "selfproof/decisions"
#define VERSION 1
#define ROW_BYTES (1 + 8 + 8 + 8)
#define PIECE_DECISIONS 32
#define PIECE_MS 2
#define FAULT_LEN 200

struct figures {
	uint64_t agreed, odd, unix_ms;
	char fault[FAULT_LEN];
};

struct redecide {
	struct core *c;
	struct past *past;
	uint64_t next; /* the entry from which to go on */
	struct figures now, last;
};

/* ---- where notes come from ---- */

static int note_get(void *ctx, bool is_mandate, struct span hash, struct buffer *note)
{
	struct core *c = ctx;
	struct span value;
	int r = is_mandate ? store_get(c->store, KEYSPACE_MANDATE, hash, &value) : rules_store_version(c, hash, &value);

	if (r)
		return r == (is_mandate ? (int)STORE_E_ABSENT : (int)RULES_STORE_E_UNKNOWN) ? PAST_E_GONE : err_fold(r);
	buffer_bytes(note, value);
	return err_pass(buffer_ok(note));
}

/* ---- what it remembers ---- */

static int row_read(struct core *c, struct figures *f)
{
	struct span row;
	int r = store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META), &row);

	if (r == STORE_E_ABSENT)
		return 0;
	if (r || row.len < ROW_BYTES || row.len >= ROW_BYTES + FAULT_LEN || row.ptr[0] != VERSION)
		return r ? err_fold(r) : err_raise(-EBADMSG);
	f->unix_ms = get_u64(row.ptr + 1);
	f->agreed = get_u64(row.ptr + 9);
	f->odd = get_u64(row.ptr + 17);
	memcpy(f->fault, row.ptr + ROW_BYTES, row.len - ROW_BYTES);
	f->fault[row.len - ROW_BYTES] = '\0';
	return 0;
}

static int row_write(struct core *c, const struct figures *f)
{
	uint8_t row[ROW_BYTES + FAULT_LEN];
	size_t len = strlen(f->fault);

	row[0] = VERSION;
	put_u64(row + 1, f->unix_ms);
	put_u64(row + 9, f->agreed);
	put_u64(row + 17, f->odd);
	memcpy(row + ROW_BYTES, f->fault, len);
	return err_pass(core_put(c, KEYSPACE_META, SPAN_LITERAL(META), span_of(row, ROW_BYTES + len)));
}

int redecide_new(struct core *c, struct redecide **out)
{
	const struct past_source source = { note_get, c };
	struct redecide *d = calloc(1, sizeof *d);
	int r = d ? past_new(&source, SPAN_NONE, &d->past) : err_raise(-ENOMEM);

	if (!r)
		r = row_read(c, &d->last);
	if (r) {
		redecide_free(d);
		return err_pass(r);
	}
	d->c = c;
	*out = d;
	return 0;
}

struct redecide *redecide_free(struct redecide *d)
{
	if (d)
		past_free(d->past);
	free(d);
	return NULL;
}

void redecide_begin(struct redecide *d)
{
	d->next = 0;
	d->now = (struct figures){ 0 };
}

void redecide_state(const struct redecide *d, struct redecide_state *out)
{
	*out = (struct redecide_state){ .agreed = d->last.agreed, .odd = d->last.odd, .done_unix_ms = d->last.unix_ms,
					.fault = d->now.odd ? d->now.fault : d->last.fault };
}

/* ---- deciding ---- */

static void odd(struct redecide *d, uint64_t index, const char *why)
{
	if (d->now.odd++)
		return;
	snprintf(d->now.fault, FAULT_LEN, "entry %llu: %.160s", (unsigned long long)index, why);
	log_error("decision-differs", "what=\"%s\" hint=\"the log is whole; audit replay says which decisions, and why\"", d->now.fault);
}

static int decide(struct redecide *d, uint64_t index, enum code code, const struct record *record, const struct replay *replay)
{
	struct fault_list faults;
	struct again again;
	char why[FAULT_LEN];
	int r;

	fault_list_init(&faults, "version");
	r = replay_again(d->past, code, record, replay, &faults, &again);
	if (r)
		return err_fold(r);
	if (again.verdict == REPLAY_AGREES) {
		d->now.agreed++;
	} else if (again.verdict == REPLAY_BROKEN) {
		odd(d, index, again.why);
	} else {
		snprintf(why, sizeof why, "decided %s, and now %s%s%s", code_name(code), code_name(again.decision.code),
			 again.differs ? " by " : "", again.differs ? again.differs->rule : "");
		odd(d, index, why);
	}
	return 0;
}

/* Its row is there, and gave nothing: is its key gone, as it may be, or is it not what was sealed? */
static int unopened(struct redecide *d, uint64_t index)
{
	struct data_key key;
	struct span sealed;
	uint8_t name[8];
	int r;

	put_u64(name, index);
	r = store_get(d->c->store, KEYSPACE_INPUT, SPAN_OF(name), &sealed);
	if (!r && sealed.len >= ID_BYTES)
		r = keyring_get(d->c->keys, sealed.ptr, &key);

	if (r == KEYRING_OK)
		odd(d, index, "what it rested on does not open");
	return r < 0 ? err_pass(r) : 0;
}

static int redecide_entry(struct redecide *d, uint64_t index)
{
	CLEANUP(buffer_fini) struct buffer entry = { 0 }, record_bytes = { 0 }, input = { 0 };
	struct core *c = d->c;
	enum replay_verdict verdict;
	struct record record;
	struct replay replay;
	struct entry head;
	const char *why;
	int r = evidence_input(c, index, &input);

	if (!r && !input.len)
		return err_pass(unopened(d, index));
	if (!r)
		r = evidence_load(c, index, &entry, &record_bytes);
	if (!r)
		r = entry_parse(buffer_span(&entry), &head);
	if (r)
		return err_fold(r);
	arena_reset(c->scratch);
	verdict = replay_open(&(struct logged){ buffer_span(&entry), buffer_span(&record_bytes), buffer_span(&input) }, c->scratch, &record,
			      &replay, &why);
	if (verdict == REPLAY_AGREES)
		return err_pass(decide(d, index, head.code, &record, &replay));
	if (verdict == REPLAY_BROKEN)
		odd(d, index, why);
	else if (verdict == REPLAY_WITHOUT)
		odd(d, index, "its record names nothing that it rested on, and something is kept");
	return 0;
}

int redecide_piece(struct core *c, struct redecide *d, bool *done)
{
	uint64_t until = env_mono_ms(c->env) + PIECE_MS, index;
	struct store_cursor row;
	uint8_t from[8];
	int r = 0;

	for (size_t n = 0; n < PIECE_DECISIONS && (!n || env_mono_ms(c->env) < until); n++) {
		put_u64(from, d->next);
		r = store_first(c->store, KEYSPACE_INPUT, SPAN_NONE, SPAN_OF(from), &row);
		if (r)
			break;
		index = row.key.len == 8 ? get_u64(row.key.ptr) : UINT64_MAX;
		if (index >= store_size(c->store))
			return err_raise(-EBADMSG);
		r = redecide_entry(d, index);
		if (r)
			return err_pass(r);
		d->next = index + 1;
	}
	*done = r == STORE_E_ABSENT;
	if (r && !*done)
		return err_fold(r);
	if (!*done)
		return 0;
	d->now.unix_ms = c->now_unix_ms;
	d->last = d->now;
	return err_pass(row_write(c, &d->last));
}
