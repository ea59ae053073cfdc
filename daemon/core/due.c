/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A withdrawn message has one entry, naming every recipient that did not fetch it; it leaves all inboxes at once. So has a deadline
 * that passed, naming who did not do what was asked, and a reminder, naming who was reminded.
 *
 * Where a casus closes, or somebody leaves it, under more messages than one batch should carry (who does not fetch can be sent
 * many), the rest goes round by round, by a row of its own that names the casus.
 *
 * A correctie is not withdrawn by what becomes of its casus, short of its end: who got the item must hear that it was wrong
 * (BGS 1.7; AVG 19).
 */
#include "daemon/core/due.h"

#include <errno.h>

#include "convenant/calendar.h"
#include "daemon/core/intake.h"
#include "daemon/core/queue.h"

#define DUE_BYTES (8 + ID_BYTES)
#define WITHDRAWN_AT_ONCE 64
#define RULE_DEADLINE "termijn.antwoord"
#define RULE_CONFIRM "termijn.bevestiging"
#define RULE_REPORT "termijn.terugkoppeling"
#define RULE_EXPIRY "termijn.bezorging"
#define RULE_CLOSED "casus.afgesloten"
#define RULE_LEFT "casus.verlaten"
#define RULE_ENDED "bewaartermijn.casus"
#define RULE_TAKEN_BACK "correctie.ingetrokken"
#define TYPE_REMINDER "herinnering"

/* ---- rows ---- */

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

/* The years of a message, from the day it was accepted: the end of the one a moment falls in, and its begin. */
static uint64_t report_year(const struct core *c, const struct track *t, uint64_t moment_ms, uint64_t *begin_ms)
{
	const uint64_t months = kader_terms(c->rules.kader)->feedback_months;
	uint64_t begin = t->accepted_ms, end = months_after(begin, months);

	for (uint64_t n = 2; end <= moment_ms && end > begin; n++) {
		begin = end;
		end = months_after(t->accepted_ms, n * months);
	}
	if (begin_ms)
		*begin_ms = begin;
	return end;
}

int due_schedule(struct core *c, struct track *t, uint64_t asked_unix_ms)
{
	const struct kader_terms *terms = kader_terms(c->rules.kader);
	const uint64_t now = c->now_unix_ms;
	int r = 0;

	if (t->kind == MESSAGE_VERZOEK || t->kind == MESSAGE_BEKENDHEIDSVRAAG)
		t->deadline_ms = asked_unix_ms;
	else if (t->kind == MESSAGE_CORRECTIE)
		t->deadline_ms = now + terms->confirm_ms;
	/* A deadline nearer than that needs no reminder: the message itself has only just arrived. */
	if (t->deadline_ms > now && t->deadline_ms - now > terms->remind_ms)
		t->remind_ms = t->deadline_ms - terms->remind_ms;
	if (t->n)
		t->expiry_ms = now + c->expiry_ms;
	if (t->n && t->kind == MESSAGE_VERSTREKKING)
		t->report_ms = report_year(c, t, now, NULL);
	if (t->deadline_ms)
		r = due_add(c, t->deadline_ms, t->id);
	if (!r && t->remind_ms)
		r = due_add(c, t->remind_ms, t->id);
	if (!r && t->expiry_ms)
		r = due_add(c, t->expiry_ms, t->id);
	if (!r && t->report_ms)
		r = due_add(c, t->report_ms, t->id);
	return err_pass(r);
}

static int row_drop(struct core *c, const struct track *t, uint64_t *unix_ms)
{
	int r = *unix_ms ? due_remove(c, *unix_ms, t->id) : 0;

	*unix_ms = 0;
	return err_pass(r);
}

int due_settle(struct core *c, struct track *t)
{
	int r = 0;

	if (!track_open(t)) {
		r = row_drop(c, t, &t->deadline_ms);
		if (!r)
			r = row_drop(c, t, &t->remind_ms);
	}
	if (!r && !track_queued(t))
		r = row_drop(c, t, &t->expiry_ms);
	return r ? err_pass(r) : err_pass(track_save_again(c, t));
}

int due_forget(struct core *c, const struct track *t)
{
	const uint64_t rows[] = { t->deadline_ms, t->remind_ms, t->expiry_ms, t->report_ms };
	int r = 0;

	for (size_t i = 0; !r && i < N_ELEMENTS(rows); i++)
		r = rows[i] ? due_remove(c, rows[i], t->id) : 0;
	return err_pass(r);
}

/* ---- telling ---- */

static int notify(struct core *c, const char *hoedanigheid, struct slip *slip)
{
	struct effect effect = { .kind = EFFECT_NOTICE, .slip = slip_ref(slip) };

	memcpy(effect.hoedanigheid, hoedanigheid, strnlen(hoedanigheid, SENDER_SIZE - 1));
	return err_pass(core_effect(c, &effect));
}

/* One TERMIJN entry about a message; the findings name the recipients it is about, or, where nothing failed, the list does. */
static int term_write(struct core *c, const struct track *t, struct evidence e, struct slip **out)
{
	e.kind = ENTRY_TERMIJN;
	e.message_id = t->id;
	e.digest = &t->digest;
	e.sender = t->sender;
	e.casus_id = t->casus;
	return err_pass(evidence_write(c, &e, out));
}

/* ---- withdrawing ---- */

/* Of what is withdrawn: the reason; and from whom, when not from all: from who is not (or no longer) on the casus. */
struct withdrawal {
	enum code code;
	const char *rule;
	const struct casus *outside;
};

/* Who was sent it without being on the casus loses nothing when its circle changes. */
static bool applies(const struct core *c, const struct withdrawal *w, const struct track_recipient *v)
{
	return v->queued && !(w->outside && (v->outside || casus_member(c->rules.registry, w->outside, v->hoedanigheid,
									c->now_unix_ms)));
}

/* *done: whether there was anything to withdraw. */
static int withdraw(struct core *c, struct track *t, const struct withdrawal *w, bool *done)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	struct decision decision = { 0 };
	int r;

	for (size_t i = 0; i < t->n; i++)
		if (applies(c, w, &t->v[i]))
			decision_add(&decision, w->code, w->rule, t->v[i].hoedanigheid, false);
	*done = decision.n > 0;
	if (!*done)
		return 0;
	r = term_write(c, t, (struct evidence){ .type = message_kind_name(t->kind), .decision = &decision }, &slip);
	for (size_t i = 0; !r && i < t->n; i++) {
		if (!applies(c, w, &t->v[i]))
			continue;
		track_reach(c, &t->v[i], TRACK_WITHDRAWN, slip->index);
		r = queue_settle(c, t, &t->v[i]);
	}
	if (!r)
		r = notify(c, t->sender, slip);
	return r ? err_pass(r) : err_pass(due_settle(c, t));
}

int due_withdraw_item(struct core *c, struct track *t)
{
	const struct withdrawal w = { .code = CODE_VOORWAARDE_BRON, .rule = RULE_TAKEN_BACK };
	bool done;
	int r = withdraw(c, t, &w, &done);

	return r || done ? err_pass(r) : err_pass(track_save_again(c, t));
}

/* What tells of the change itself stays. */
static bool stays(const struct track *t, const struct withdrawal *w)
{
	if (w->code == CODE_BEWAARTERMIJN_VERSTREKEN)
		return false;
	return t->kind == (w->outside ? MESSAGE_BETREKKEN : MESSAGE_AFSLUITING) || t->kind == MESSAGE_CORRECTIE;
}

/* Who is withdrawn from loses its row here, so each call goes further. *more: some is left. */
static int withdraw_some(struct core *c, struct span casus, const struct withdrawal *w, uint32_t *n, bool *more)
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
		if (!r && !stays(&t, w))
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

int due_withdraw_casus(struct core *c, const struct casus *casus)
{
	const bool closed = casus->phase == PHASE_AFGESLOTEN;
	const struct withdrawal w = { closed ? CODE_CASUS_AFGESLOTEN : CODE_NIET_BETROKKEN_BIJ_CASUS, closed ? RULE_CLOSED : RULE_LEFT,
				      closed ? NULL : casus };
	uint32_t n = 0;
	bool more;
	int r = withdraw_some(c, SPAN_OF(casus->id), &w, &n, &more);

	if (r || !more)
		return err_pass(r);
	return err_pass(due_add(c, c->now_unix_ms + 1, casus->id)); /* not now: others get their turn */
}

int due_withdraw_ended(struct core *c, struct span casus, uint32_t *n, bool *more)
{
	const struct withdrawal w = { .code = CODE_BEWAARTERMIJN_VERSTREKEN, .rule = RULE_ENDED };

	return err_pass(withdraw_some(c, casus, &w, n, more));
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

/* ---- deadlines ---- */

struct due {
	struct core *c;
	struct track *t;
	const struct casus *casus; /* NULL: none, or it is gone */
	const char *names[MESSAGE_LIST_MAX];
	struct text_list about;    /* recipients, in names */
};

/* In a closed casus nobody can answer any more; that a correctie was carried out can be said for ever. */
static bool can_still(const struct due *d)
{
	return d->t->kind == MESSAGE_CORRECTIE || (d->casus && d->casus->phase != PHASE_AFGESLOTEN);
}

static void about_waiting(struct due *d)
{
	d->about = (struct text_list){ 0, d->names };
	for (size_t i = 0; i < d->t->n; i++)
		if (track_waits_for(d->t, &d->t->v[i]))
			d->names[d->about.n++] = d->t->v[i].hoedanigheid;
}

static void about_silent(struct due *d, uint64_t since_ms)
{
	d->about = (struct text_list){ 0, d->names };
	for (size_t i = 0; i < d->t->n; i++) {
		const struct track_recipient *v = &d->t->v[i];
		const struct track_reached *last = &v->rungs[TRACK_REPORTED];

		if (!v->rungs[TRACK_WITHDRAWN].entry && (!last->entry || last->ms < since_ms))
			d->names[d->about.n++] = v->hoedanigheid;
	}
}

static int notify_all(const struct due *d, struct slip *slip)
{
	int r = 0;

	for (size_t i = 0; !r && i < d->about.n; i++)
		r = notify(d->c, d->about.v[i], slip);
	return err_pass(r);
}

static int remind(struct due *d)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	int r;

	d->t->remind_ms = 0;
	about_waiting(d);
	if (!d->about.n || !can_still(d) || d->t->deadline_ms <= d->c->now_unix_ms) /* too late: the house was away */
		return err_pass(track_save_again(d->c, d->t));
	r = term_write(d->c, d->t, (struct evidence){ .type = TYPE_REMINDER, .recipients = d->about }, &slip);
	for (size_t i = 0; !r && i < d->t->n; i++)
		if (track_waits_for(d->t, &d->t->v[i]))
			track_reach(d->c, &d->t->v[i], TRACK_REMINDED, slip->index);
	if (!r)
		r = notify_all(d, slip);
	return r ? err_pass(r) : err_pass(track_save_again(d->c, d->t));
}

/* The voorzitter of the overleg sees to it that questions are answered; only if he is on the casus may he know of this one. */
static int escalate(const struct due *d, struct slip *slip)
{
	const struct reg_overleg *o = d->casus ? registry_overleg(d->c->rules.registry, d->casus->overleg) : NULL;

	if (!o || !*o->voorzitter || text_equal(o->voorzitter, d->t->sender) || !can_still(d) ||
	    !casus_member(d->c->rules.registry, d->casus, o->voorzitter, d->c->now_unix_ms))
		return 0;
	return err_pass(notify(d->c, o->voorzitter, slip));
}

static int term_passed(struct due *d, const char *type, const char *rule, struct slip **out)
{
	struct decision decision = { 0 };
	int r;

	for (size_t i = 0; i < d->about.n; i++)
		decision_add(&decision, CODE_TERMIJN_VERSTREKEN, rule, d->about.v[i], false);
	r = term_write(d->c, d->t, (struct evidence){ .type = type, .decision = &decision }, out);
	if (r)
		return err_pass(r);
	d->t->term = (struct track_reached){ (*out)->index + 1, d->c->now_unix_ms };
	return err_pass(notify(d->c, d->t->sender, *out));
}

static int deadline_passed(struct due *d)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	const bool correction = d->t->kind == MESSAGE_CORRECTIE;
	int r;

	about_waiting(d);
	r = term_passed(d, message_kind_name(d->t->kind), correction ? RULE_CONFIRM : RULE_DEADLINE, &slip);
	if (!r)
		r = escalate(d, slip);
	return r ? err_pass(r) : err_pass(track_save_again(d->c, d->t));
}

/* Each year anew, as long as anything is known of it (WGS 1.7(4)); who is to report is told too. */
static int report_due(struct due *d)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	uint64_t begin;
	int r = 0;

	report_year(d->c, d->t, d->t->report_ms - 1, &begin);
	about_silent(d, begin);
	d->t->report_ms = report_year(d->c, d->t, d->c->now_unix_ms, NULL);
	if (d->about.n)
		r = term_passed(d, message_kind_name(MESSAGE_TERUGKOPPELING), RULE_REPORT, &slip);
	if (!r && d->about.n)
		r = notify_all(d, slip);
	if (!r)
		r = due_add(d->c, d->t->report_ms, d->t->id);
	return r ? err_pass(r) : err_pass(track_save_again(d->c, d->t));
}

static int due_message(struct due *d)
{
	const struct withdrawal expired = { .code = CODE_TERMIJN_VERSTREKEN, .rule = RULE_EXPIRY };
	const uint64_t now = d->c->now_unix_ms;
	struct track *t = d->t;
	bool done;
	int r = 0;

	if (t->remind_ms && t->remind_ms <= now)
		r = remind(d);
	if (!r && t->deadline_ms && t->deadline_ms <= now && !t->term.entry && track_open(t))
		r = deadline_passed(d);
	if (!r && t->expiry_ms && t->expiry_ms <= now)
		r = withdraw(d->c, t, &expired, &done);
	if (!r && t->report_ms && t->report_ms <= now)
		r = report_due(d);
	return err_pass(r);
}

static int due_one(struct core *c, const uint8_t key[DUE_BYTES])
{
	struct casus casus;
	struct track t;
	struct due d = { .c = c, .t = &t };
	int r;

	arena_reset(c->scratch);
	r = core_delete(c, KEYSPACE_DUE, span_of(key, DUE_BYTES));
	if (!r)
		r = track_load(c, span_of(key + 8, ID_BYTES), c->scratch, &t);
	if (r)
		return r < 0 ? err_pass(r) : err_pass(withdraw_rest(c, span_of(key + 8, ID_BYTES)));
	if (t.casus.len) {
		r = casus_read(c, t.casus, &casus);
		d.casus = r == CASUS_STORE_OK ? &casus : NULL;
	}
	return r < 0 ? err_pass(r) : err_pass(due_message(&d));
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
