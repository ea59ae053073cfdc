/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One pass to count, one to fill: a casus begins with its accepted aanmelding, a question with its accepted verzoek, a person with a
 * mandate or a first act. Look-ups go through an index of names (struct names) from text to position.
 *
 * Texts of the log are stored once, so equal texts are equal pointers; an index compares pointers and hashes addresses.
 */
#include "client/report/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define ARENA_BYTES ((size_t)2 << 30)

struct index { /* (text, text) -> position + 1 */
	size_t capacity;
	struct {
		const char *a, *b;
		size_t at;
	} *v;
};

static int index_init(struct index *x, struct arena *arena, size_t n)
{
	x->capacity = 16;
	while (x->capacity < 2 * n)
		x->capacity *= 2;
	x->v = arena_array(arena, x->capacity, sizeof *x->v);
	return x->v ? 0 : err_raise(-ENOMEM);
}

/* The place where (a, b) stands or would stand. */
static size_t *index_at(struct index *x, const char *a, const char *b)
{
	uint64_t h = ((uint64_t)(uintptr_t)a * 31 + (uint64_t)(uintptr_t)b) * UINT64_C(0x9E3779B97F4A7C15);
	size_t i = (size_t)(h >> 20) & (x->capacity - 1);

	while (x->v[i].at && (x->v[i].a != a || x->v[i].b != b))
		i = (i + 1) & (x->capacity - 1);
	if (!x->v[i].at) {
		x->v[i].a = a;
		x->v[i].b = b;
	}
	return &x->v[i].at;
}

struct fold {
	struct facts *f;
	struct index casussen, questions, persons;
};

/* ---- casussen ---- */

static struct report_list split(struct arena *arena, const char *text)
{
	struct report_list list = { 0 };
	size_t n = 1;
	char *copy, *save = NULL;

	if (!text || !*text)
		return list;
	for (const char *p = text; *p; p++)
		n += *p == ',';
	copy = arena_text(arena, span_of_text(text));
	list.v = arena_array(arena, n, sizeof *list.v);
	if (!copy || !list.v)
		return (struct report_list){ 0 };
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		list.v[list.n++] = w;
	return list;
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static struct fact_casus *casus_of(struct fold *o, const struct report_record *r)
{
	size_t at = *r->casus ? *index_at(&o->casussen, r->casus, NULL) : 0;

	return at ? &o->f->casussen[at - 1] : NULL;
}

static void casus_begin(struct fold *o, const struct report_record *r)
{
	size_t *at = index_at(&o->casussen, r->casus, NULL);
	struct fact_casus *c;

	if (*at)
		return;
	c = &o->f->casussen[o->f->n_casussen];
	*at = ++o->f->n_casussen;
	*c = (struct fact_casus){
		.id = r->casus, .klasse = or_none(report_detail(r, "klasse")), .age = or_none(report_detail(r, "leeftijdsklasse")),
		.regime = r->regime, .doel = r->doel, .overleg = r->overleg, .notifier = r->sender, .organisation = r->organisation,
		.gemeenten = split(o->f->arena, report_detail(r, "gemeenten")), .notified_ms = r->unix_ms,
		.outcome = "", .reason = "",
	};
}

static void casus_fold(struct fold *o, const struct report_record *r)
{
	struct fact_casus *c;

	if (report_is(r, "aanmelding") && *r->casus)
		casus_begin(o, r);
	c = casus_of(o, r);
	if (!c)
		return;
	c->last_ms = r->unix_ms;
	if (strcmp(r->kind, "VERNIETIGD") == 0)
		c->destroyed_ms = r->unix_ms;
	if (strcmp(r->kind, "BERICHT") != 0 || !report_allowed(r))
		return;
	c->n_messages++;
	if (report_is(r, "beoordeling")) {
		c->outcome = or_none(report_detail(r, "uitkomst"));
		c->assessed_ms = r->unix_ms;
	} else if (report_is(r, "afsluiting")) {
		c->closed_ms = r->unix_ms;
		c->reason = or_none(report_detail(r, "reden"));
	} else if (report_is(r, "hernieuwing")) {
		const char *until = report_detail(r, "tot");
		uint64_t unix_ms;

		if (until && time_decode(span_of_text(until), &unix_ms))
			c->renewed_ms = unix_ms;
	}
}

/* ---- questions ---- */

static void question_begin(struct fold *o, const struct report_record *r)
{
	for (size_t i = 0; i < r->recipients.n; i++) {
		size_t *at = index_at(&o->questions, r->message, r->recipients.v[i]);

		if (*at)
			continue;
		o->f->questions[o->f->n_questions] = (struct fact_question){ .record = r, .to = r->recipients.v[i], .answer_kind = "" };
		*at = ++o->f->n_questions;
	}
}

static struct fact_question *question_of(struct fold *o, const char *message, const char *to)
{
	size_t at = *index_at(&o->questions, message, to);

	return at ? &o->f->questions[at - 1] : NULL;
}

/* A TERMIJN entry names who had not answered by then: "TERMIJN_VERSTREKEN termijn.antwoord <hoedanigheid>". */
static void question_overdue(struct fold *o, const struct report_record *r)
{
	static const char unanswered[] = "TERMIJN_VERSTREKEN termijn.antwoord ";

	for (size_t i = 0; i < r->failed.n; i++) {
		const char *text = r->failed.v[i];
		struct fact_question *q;

		if (strncmp(text, unanswered, sizeof unanswered - 1) != 0)
			continue;
		q = question_of(o, r->message, report_log_word(o->f->log, text + sizeof unanswered - 1));
		if (q)
			q->overdue = true;
	}
}

static void question_fold(struct fold *o, const struct report_record *r)
{
	struct fact_question *q = NULL;

	if (report_is(r, "verzoek")) {
		question_begin(o, r);
	} else if (report_is(r, "antwoord")) {
		q = question_of(o, r->in_reply_to, r->sender);
		if (q) {
			q->answer_kind = r->answer_kind;
			if (!q->answered_ms && strcmp(r->answer_kind, "LATER") != 0)
				q->answered_ms = r->unix_ms;
		}
	} else if (strcmp(r->kind, "AFGELEVERD") == 0) {
		q = question_of(o, r->message, r->sender);
		if (q && !q->delivered_ms)
			q->delivered_ms = r->unix_ms;
	} else if (strcmp(r->kind, "TERMIJN") == 0 && strcmp(r->type, "verzoek") == 0) {
		question_overdue(o, r);
	}
}

/* ---- persons ---- */

static struct fact_person *person_of(struct fold *o, const char *person, const char *organisation)
{
	size_t *at = index_at(&o->persons, person, organisation);
	struct fact_person *p;

	if (!*at) {
		p = &o->f->persons[o->f->n_persons];
		*at = ++o->f->n_persons;
		*p = (struct fact_person){ .person = person, .organisation = organisation, .role = "", .klasse = "",
					   .hoedanigheden = "", .screening = "", .training = "", .until = "" };
	}
	return &o->f->persons[*at - 1];
}

static void mandate_fold(struct fold *o, const struct report_record *r)
{
	const char *person = report_detail(r, "medewerker"), *withdrawn = report_detail(r, "ingetrokken");
	struct fact_person *p;

	if (!person || !report_allowed(r))
		return;
	p = person_of(o, report_log_word(o->f->log, person), r->organisation);
	p->role = r->role;
	p->klasse = or_none(report_detail(r, "klasse"));
	p->hoedanigheden = or_none(report_detail(r, "hoedanigheden"));
	p->screening = or_none(report_detail(r, "screening"));
	p->training = or_none(report_detail(r, "training"));
	p->until = or_none(report_detail(r, "tot"));
	if (!p->granted_ms)
		p->granted_ms = r->unix_ms;
	p->withdrawn_ms = text_equal(withdrawn, "ja") ? r->unix_ms : 0;
}

static void person_fold(struct fold *o, const struct report_record *r)
{
	struct fact_person *p;

	if (strcmp(r->kind, "TOELATING") == 0 && strcmp(r->type, "mandaat") == 0) {
		mandate_fold(o, r);
		return;
	}
	if (!*r->person)
		return;
	p = person_of(o, r->person, r->organisation);
	p->last_ms = r->unix_ms;
	p->n_acts++;
	p->n_refused += !report_allowed(r);
}

static int by_name(const void *a, const void *b)
{
	const struct fact_person *x = a, *y = b;
	int r = strcmp(x->organisation, y->organisation);

	return r ? r : strcmp(x->person, y->person);
}

/* ---- the whole ---- */

static int sizes(struct fold *o)
{
	const struct report_log *l = o->f->log;
	size_t casussen = 0, questions = 0, persons = 0;
	int r;

	for (size_t i = 0; i < l->n; i++) {
		casussen += report_is(&l->v[i], "aanmelding");
		questions += report_is(&l->v[i], "verzoek") ? l->v[i].recipients.n : 0;
		persons += *l->v[i].person || strcmp(l->v[i].kind, "TOELATING") == 0;
	}
	o->f->casussen = arena_array(o->f->arena, casussen + 1, sizeof *o->f->casussen);
	o->f->questions = arena_array(o->f->arena, questions + 1, sizeof *o->f->questions);
	o->f->persons = arena_array(o->f->arena, persons + 1, sizeof *o->f->persons);
	if (!o->f->casussen || !o->f->questions || !o->f->persons)
		return err_raise(-ENOMEM);
	r = index_init(&o->casussen, o->f->arena, casussen + 1);
	if (!r)
		r = index_init(&o->questions, o->f->arena, questions + 1);
	return r ? r : index_init(&o->persons, o->f->arena, persons + 1);
}

int facts_new(const struct report_log *log, struct facts **out)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct facts *f = arena ? arena_alloc(arena, sizeof *f) : NULL;
	struct fold o = { .f = f };
	int r;

	if (!f) {
		arena_free(arena);
		return err_raise(-ENOMEM);
	}
	*f = (struct facts){ .arena = arena, .log = log };
	r = sizes(&o);
	for (size_t i = 0; !r && i < log->n; i++) {
		casus_fold(&o, &log->v[i]);
		question_fold(&o, &log->v[i]);
		person_fold(&o, &log->v[i]);
	}
	if (r) {
		arena_free(arena);
		return err_pass(r);
	}
	qsort(f->persons, f->n_persons, sizeof *f->persons, by_name);
	*out = f;
	return 0;
}

void facts_freep(struct facts **f)
{
	if (*f)
		arena_free((*f)->arena);
	*f = NULL;
}
