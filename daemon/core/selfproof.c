/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Why at all: a start checks the newest entries only (docs/decisions/0017), a disk can rot under a running house, and whoever
 * changes the store behind its back must be found by the house before an auditor finds it.
 *
 * Rate. 256 entries are about a millisecond. One piece per 10 ms of idleness is a tenth of one processor and a million entries in
 * less than a minute; then a day's rest. Under steady load one piece per second: ten million entries would take half a day.
 *
 * KEYSPACE_META "selfproof" -> u8 1 || u8 broken || u64 unix ms || u64 entries || why. Written at the end of a pass and at a fault.
 */
#include "daemon/core/selfproof.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/receipts.h"

#define META "selfproof"
#define VERSION 1
#define ROW_BYTES (1 + 1 + 8 + 8)
#define PIECE_ENTRIES 256
#define PIECE_HEADS 4
#define PIECE_MS 10
#define BUSY_MS 1000
#define REST_MS (UINT64_C(24) * 3600 * 1000)
#define PART_LEN 200

struct selfproof {
	uint64_t next_mono_ms; /* the next piece, or the next pass */
	uint64_t last_mono_ms; /* of the last piece */
	bool passing;
	enum { ENTRIES, HEADS, DECISIONS } stage;
	struct redecide *decisions; /* NULL before the start */
	uint64_t position, size;
	uint64_t head;         /* the next kept head is of this size or more */
	bool broken;
	char fault[PART_LEN];
	uint64_t checked_unix_ms, checked_entries;
};

int selfproof_new(struct selfproof **out)
{
	struct selfproof *p = calloc(1, sizeof *p);

	if (!p)
		return err_raise(-ENOMEM);
	*out = p;
	return 0;
}

struct selfproof *selfproof_free(struct selfproof *p)
{
	if (p)
		redecide_free(p->decisions);
	free(p);
	return NULL;
}

bool selfproof_broken(const struct core *c)
{
	return c->proof->broken;
}

uint64_t selfproof_due_ms(const struct core *c)
{
	return c->proof->broken ? UINT64_MAX : c->proof->next_mono_ms;
}

void selfproof_state(const struct core *c, struct selfproof_state *out)
{
	const struct selfproof *p = c->proof;

	*out = (struct selfproof_state){ .state = p->broken ? "gebroken" : p->passing || !p->checked_unix_ms ? "bezig" : "heel",
					 .position = p->position, .size = p->size, .checked_unix_ms = p->checked_unix_ms,
					 .checked_entries = p->checked_entries, .fault = p->fault };
	redecide_state(p->decisions, &out->decisions);
}

/* ---- what it remembers ---- */

static int row_write(struct core *c)
{
	const struct selfproof *p = c->proof;
	uint8_t row[ROW_BYTES + PART_LEN];
	size_t len = strlen(p->fault);

	row[0] = VERSION;
	row[1] = p->broken;
	put_u64(row + 2, p->checked_unix_ms);
	put_u64(row + 10, p->checked_entries);
	memcpy(row + ROW_BYTES, p->fault, len);
	return err_pass(core_put(c, KEYSPACE_META, SPAN_LITERAL(META), span_of(row, ROW_BYTES + len)));
}

static int row_read(struct core *c)
{
	struct selfproof *p = c->proof;
	struct span row;
	int r = store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META), &row);

	if (r == STORE_E_ABSENT)
		return 0;
	if (r || row.len < ROW_BYTES || row.len >= ROW_BYTES + PART_LEN || row.ptr[0] != VERSION)
		return r ? err_fold(r) : err_raise(-EBADMSG);
	p->broken = row.ptr[1];
	p->checked_unix_ms = get_u64(row.ptr + 2);
	p->checked_entries = get_u64(row.ptr + 10);
	memcpy(p->fault, row.ptr + ROW_BYTES, row.len - ROW_BYTES);
	p->fault[row.len - ROW_BYTES] = '\0';
	return 0;
}

/* ---- heads ---- */

static int head_check(struct core *c, uint64_t size, struct span note, char why[PART_LEN])
{
	struct checkpoint head;
	struct hash root;
	int r = checkpoint_open(note, receipts_key(c), &head);

	if (r < 0)
		return err_pass(r);
	if (r) {
		snprintf(why, PART_LEN, "the kept head of %llu entries is not signed by the key of this log", (unsigned long long)size);
		return STORE_E_BROKEN;
	}
	if (size > store_size(c->store) || head.size != size) {
		snprintf(why, PART_LEN, "the kept head of %llu entries is of another log", (unsigned long long)size);
		return STORE_E_BROKEN;
	}
	r = store_root_at(c->store, size, &root);
	if (r || hash_equal(&root, &head.root))
		return err_pass(r);
	snprintf(why, PART_LEN, "the first %llu entries are not those that were signed", (unsigned long long)size);
	return STORE_E_BROKEN;
}

/* Some of the kept heads. *done: all of them are. */
static int heads_check(struct core *c, size_t n, bool *done, char why[PART_LEN])
{
	struct selfproof *p = c->proof;
	struct store_cursor row;
	uint8_t from[8];
	int r;

	put_u64(from, p->head);
	r = store_first(c->store, KEYSPACE_HEAD, SPAN_NONE, SPAN_OF(from), &row);
	for (; !r && n; n--) {
		uint64_t size = row.key.len == 8 ? get_u64(row.key.ptr) : UINT64_MAX;

		r = head_check(c, size, row.value, why);
		if (r)
			return r < 0 ? err_pass(r) : r;
		p->head = size + 1;
		r = store_next(c->store, &row);
	}
	*done = r == STORE_E_ABSENT;
	return r < 0 ? err_pass(r) : STORE_OK;
}

/* ---- passes ---- */

int selfproof_start(struct core *c, char why[400])
{
	struct selfproof *p = c->proof;
	char fault[PART_LEN] = "";
	bool done;
	int r = row_read(c);

	if (!r)
		r = redecide_new(c, &p->decisions);
	p->next_mono_ms = p->last_mono_ms = env_mono_ms(c->env);
	if (r || !p->broken)
		return err_pass(r);
	log_warn("log-checked-whole", "why=\"a fault was found before: %s\"", p->fault);
	r = store_check(c->store, store_size(c->store), fault);
	if (!r)
		r = heads_check(c, SIZE_MAX, &done, fault);
	if (r < 0)
		return err_pass(r);
	if (r) {
		snprintf(why, 400, "the log is broken: %s", fault);
		return CORE_E_START;
	}
	p->broken = false;
	p->fault[0] = '\0';
	p->head = 0;
	return err_pass(row_write(c));
}

static int broken(struct core *c, const char *why)
{
	struct selfproof *p = c->proof;

	p->broken = true;
	p->passing = false;
	memcpy(p->fault, why, strnlen(why, PART_LEN - 1) + 1);
	log_error("log-broken", "what=\"%s\" hint=\"nothing is signed any more; keep data_dir as it is\"", p->fault);
	return err_pass(row_write(c));
}

static void pass_begin(struct core *c)
{
	struct selfproof *p = c->proof;

	p->passing = true;
	p->stage = ENTRIES;
	p->position = p->head = 0;
	p->size = store_size(c->store);
	redecide_begin(p->decisions);
}

static int entries_piece(struct core *c, char why[PART_LEN])
{
	struct selfproof *p = c->proof;
	uint64_t to = p->size - p->position > PIECE_ENTRIES ? p->position + PIECE_ENTRIES : p->size;
	int r = store_check_range(c->store, p->position, to, why);

	p->position = to;
	if (to == p->size)
		p->stage = HEADS;
	return r < 0 ? err_pass(r) : r;
}

/* The log holds from here on, however long its decisions take. */
static int heads_piece(struct core *c, char why[PART_LEN])
{
	struct selfproof *p = c->proof;
	bool done = false;
	int r = heads_check(c, PIECE_HEADS, &done, why);

	if (r || !done)
		return r < 0 ? err_pass(r) : r;
	p->stage = DECISIONS;
	p->checked_unix_ms = c->now_unix_ms;
	p->checked_entries = p->size;
	return err_pass(row_write(c));
}

static int decisions_piece(struct core *c)
{
	struct selfproof *p = c->proof;
	bool done;
	int r = redecide_piece(c, p->decisions, &done);

	if (r || !done)
		return err_pass(r);
	p->passing = false;
	p->next_mono_ms = p->last_mono_ms + REST_MS;
	return 0;
}

static int piece(struct core *c, uint64_t mono)
{
	struct selfproof *p = c->proof;
	char why[PART_LEN] = "";
	int r = 0;

	if (!p->passing)
		pass_begin(c);
	p->last_mono_ms = mono;
	p->next_mono_ms = mono + PIECE_MS;
	switch (p->stage) {
	case ENTRIES:
		r = entries_piece(c, why);
		break;
	case HEADS:
		r = heads_piece(c, why);
		break;
	case DECISIONS:
		return err_pass(decisions_piece(c));
	}
	if (r)
		return r < 0 ? err_pass(r) : err_pass(broken(c, why));
	return 0;
}

int selfproof_step(struct core *c)
{
	const struct selfproof *p = c->proof;
	uint64_t mono = env_mono_ms(c->env);
	bool idle = !c->n_items && !receipts_waiting(c);

	if (store_in_batch(c->store) || p->broken || mono < p->next_mono_ms || (!idle && mono < p->last_mono_ms + BUSY_MS))
		return 0;
	return err_pass(piece(c, mono));
}
