/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A withdrawn message has one entry, naming every recipient that did not fetch it; it leaves all inboxes at once.
 *
 * Where a casus closes, or somebody leaves it, under more messages than one batch should carry (who does not fetch can be sent
 * many), the rest goes round by round, by a row of its own that names the casus.
 */
#include "daemon/core/due.h"

#include <errno.h>

#include "daemon/core/intake.h"
#include "daemon/core/queue.h"

#define DUE_BYTES (8 + ID_BYTES)
#define WITHDRAWN_AT_ONCE 64
#define RULE_DEADLINE "termijn.antwoord"
#define RULE_EXPIRY "termijn.bezorging"
#define RULE_CLOSED "casus.afgesloten"
#define RULE_LEFT "casus.verlaten"
#define RULE_ENDED "casus.bewaartermijn"

static void due_key(uint64_t unix_ms, const uint8_t message_id[ID_BYTES], uint8_t out[DUE_BYTES])
{
	put_u64(out, unix_ms);
	memcpy(out + 8, message_id, ID_BYTES);
}

int due_add(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES])
{
	uint8_t key[DUE_BYTES];

	due_key(unix_ms, message_id, key);
	if (unix_ms < c->due_unix_ms)
		c->due_unix_ms = unix_ms;
	return err_pass(core_put(c, KEYSPACE_DUE, SPAN_OF(key), SPAN_LITERAL("\1")));
}

int due_remove(struct core *c, uint64_t unix_ms, const uint8_t message_id[ID_BYTES])
{
	uint8_t key[DUE_BYTES];

	due_key(unix_ms, message_id, key);
	return err_pass(core_delete(c, KEYSPACE_DUE, SPAN_OF(key)));
}

int due_next(struct core *c)
{
	struct store_cursor cursor;
	int r = store_first(c->store, KEYSPACE_DUE, SPAN_NONE, SPAN_NONE, &cursor);

	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	c->due_unix_ms = r == STORE_OK && cursor.key.len == DUE_BYTES ? get_u64(cursor.key.ptr) : UINT64_MAX;
	return 0;
}

static int notify(struct core *c, const struct track *t, struct slip *slip)
{
	struct effect effect = { .kind = EFFECT_NOTICE, .slip = slip };

	memcpy(effect.hoedanigheid, t->sender, strnlen(t->sender, SENDER_SIZE - 1));
	return err_pass(core_effect(c, &effect));
}

/* One TERMIJN entry about a message; the findings name the recipients it is about. */
static int term_write(struct core *c, const struct track *t, const struct decision *decision, uint64_t *index)
{
	const struct evidence e = {
		.kind = ENTRY_TERMIJN,
		.type = message_kind_name(t->kind),
		.message_id = t->id,
		.digest = &t->digest,
		.decision = decision,
		.sender = t->sender,
		.casus_id = t->casus,
	};
	struct slip *slip;
	int r = evidence_write(c, &e, &slip);

	if (r)
		return err_pass(r);
	*index = slip->index;
	return err_pass(notify(c, t, slip));
}

/* Of what is withdrawn: the reason; and from whom, when not from all: from who is not (or no longer) in the casus. */
struct withdrawal {
	enum code code;
	const char *rule;
	const struct casus *outside;
};

static bool applies(const struct withdrawal *w, const struct track_recipient *v)
{
	return v->queued && !(w->outside && casus_has(w->outside, v->hoedanigheid));
}

/* *done: whether there was anything to withdraw. */
static int withdraw(struct core *c, struct track *t, const struct withdrawal *w, bool *done)
{
	struct decision decision = { 0 };
	uint64_t index;
	int r;

	for (size_t i = 0; i < t->n; i++)
		if (applies(w, &t->v[i]))
			decision_add(&decision, w->code, w->rule, t->v[i].hoedanigheid, false);
	*done = decision.n > 0;
	if (!*done)
		return 0;
	r = term_write(c, t, &decision, &index);
	for (size_t i = 0; !r && i < t->n; i++) {
		if (!applies(w, &t->v[i]))
			continue;
		t->v[i].withdrawn = index + 1;
		t->v[i].withdrawn_ms = c->now_unix_ms;
		r = queue_settle(c, t, &t->v[i]);
	}
	if (!r && t->expiry_ms && !track_queued(t)) {
		r = due_remove(c, t->expiry_ms, t->id);
		t->expiry_ms = 0;
	}
	return r ? err_pass(r) : err_pass(track_save_again(c, t));
}

static int deadline_passed(struct core *c, struct track *t)
{
	struct decision decision = { 0 };
	uint64_t index;
	int r;

	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].answered)
			decision_add(&decision, CODE_TERMIJN_VERSTREKEN, RULE_DEADLINE, t->v[i].hoedanigheid, false);
	r = term_write(c, t, &decision, &index);
	if (r)
		return err_pass(r);
	t->term = index + 1;
	t->term_ms = c->now_unix_ms;
	return err_pass(track_save_again(c, t));
}

/* Who is withdrawn from loses its row here, so each call goes further. @but: a kind that stays; -1: none. *more: some is left. */
static int withdraw_some(struct core *c, struct span casus, const struct withdrawal *w, int but, uint32_t *n, bool *more)
{
	struct store_cursor cursor;
	struct span row;
	uint8_t id[ID_BYTES];
	struct track t;
	int done_now = 0, r = queue_of_casus(c, casus, &cursor, true, &row);

	while (!r && done_now < WITHDRAWN_AT_ONCE) {
		bool done = false;

		memcpy(id, row.ptr, ID_BYTES);
		arena_reset(c->scratch);
		r = track_load(c, SPAN_OF(id), c->scratch, &t);
		if (!r && (int)t.kind != but)
			r = withdraw(c, &t, w, &done);
		if (r < 0)
			return err_pass(r);
		done_now += done;
		*n += done;
		r = queue_of_casus(c, casus, &cursor, false, &row);
	}
	*more = r == QUEUE_OK;
	return r == QUEUE_E_END ? 0 : err_pass(r);
}

/* What tells of the change itself stays. */
int due_withdraw_casus(struct core *c, const struct casus *casus)
{
	const bool closed = casus->phase == PHASE_AFGESLOTEN;
	const struct withdrawal w = { closed ? CODE_CASUS_AFGESLOTEN : CODE_NIET_BETROKKEN_BIJ_CASUS, closed ? RULE_CLOSED : RULE_LEFT,
				      closed ? NULL : casus };
	uint32_t n = 0;
	bool more;
	int r = withdraw_some(c, SPAN_OF(casus->id), &w, closed ? MESSAGE_AFSLUITING : MESSAGE_BETREKKEN, &n, &more);

	if (r || !more)
		return err_pass(r);
	return err_pass(due_add(c, c->now_unix_ms + 1, casus->id)); /* not now: others get their turn */
}

int due_withdraw_ended(struct core *c, struct span casus, uint32_t *n, bool *more)
{
	const struct withdrawal w = { .code = CODE_BEWAARTERMIJN_VERSTREKEN, .rule = RULE_ENDED };

	return err_pass(withdraw_some(c, casus, &w, -1, n, more));
}

/* A row of no message: of a casus whose circle changed or that closed, or of a message whose casus is gone. */
static int withdraw_rest(struct core *c, struct span id)
{
	struct casus casus;
	int r = casus_read(c, id, &casus);

	if (r)
		return r < 0 ? err_pass(r) : 0;
	return err_pass(due_withdraw_casus(c, &casus));
}

static int due_one(struct core *c, const uint8_t key[DUE_BYTES])
{
	const struct withdrawal expired = { .code = CODE_TERMIJN_VERSTREKEN, .rule = RULE_EXPIRY };
	struct track t;
	bool done;
	int r;

	arena_reset(c->scratch);
	r = core_delete(c, KEYSPACE_DUE, span_of(key, DUE_BYTES));
	if (!r)
		r = track_load(c, span_of(key + 8, ID_BYTES), c->scratch, &t);
	if (r)
		return r < 0 ? err_pass(r) : err_pass(withdraw_rest(c, span_of(key + 8, ID_BYTES)));
	if (t.deadline_ms && t.deadline_ms <= c->now_unix_ms && !t.term && track_unanswered(&t))
		r = deadline_passed(c, &t);
	if (!r && t.expiry_ms && t.expiry_ms <= c->now_unix_ms)
		r = withdraw(c, &t, &expired, &done);
	return err_pass(r);
}

int due_run(struct core *c)
{
	uint8_t key[DUE_BYTES];
	struct store_cursor cursor;
	int r = 0;

	for (int i = 0; !r && i < DUE_PER_ROUND && c->due_unix_ms <= c->now_unix_ms; i++) {
		r = core_batch(c);
		if (!r)
			r = store_first(c->store, KEYSPACE_DUE, SPAN_NONE, SPAN_NONE, &cursor);
		if (r == STORE_E_ABSENT) {
			c->due_unix_ms = UINT64_MAX;
			return 0;
		}
		if (r)
			return err_fold(r);
		if (cursor.key.len != DUE_BYTES)
			return err_raise(-EBADMSG);
		memcpy(key, cursor.key.ptr, DUE_BYTES);
		if (get_u64(key) > c->now_unix_ms) {
			c->due_unix_ms = get_u64(key);
			return 0;
		}
		r = due_one(c, key);
	}
	return err_pass(r);
}
