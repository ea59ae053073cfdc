/* SPDX-License-Identifier: EUPL-1.2 */
#include "daemon/core/published.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/receipts.h"
#include "daemon/core/session.h"
#include "daemon/core/witness.h"

#define META_BEST "getuigd"
#define HEAD_NOTE_MAX (16u << 10)

struct head {
	uint64_t size;
	struct buffer note;
	size_t n; /* cosignatures */
};

struct published {
	uint64_t interval_ms, not_before_mono_ms;
	bool unsaved;
	size_t n;
	struct head v[PUBLISHED_MAX]; /* smallest first */
};

int published_new(uint64_t interval_ms, struct published **out)
{
	struct published *p = calloc(1, sizeof *p);

	if (!p)
		return err_raise(-ENOMEM);
	p->interval_ms = interval_ms;
	*out = p;
	return 0;
}

struct published *published_free(struct published *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		buffer_fini(&p->v[i].note);
	free(p);
	return NULL;
}

static size_t n_lines(struct span note)
{
	struct span text, lines = SPAN_NONE;
	size_t n = 0;

	if (note_split(note, &text, &lines) != NOTE_OK)
		return 0;
	for (size_t i = 0; i < lines.len; i++)
		n += lines.ptr[i] == '\n';
	return n;
}

static struct head *best_of(struct published *p, uint64_t index)
{
	struct head *best = NULL;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].size > index && p->v[i].n && (!best || p->v[i].n >= best->n))
			best = &p->v[i];
	return best;
}

/* The oldest makes room, unless it is the best. */
static void head_drop(struct published *p)
{
	size_t at = best_of(p, 0) == &p->v[0] ? 1 : 0;

	buffer_fini(&p->v[at].note);
	p->n--;
	memmove(&p->v[at], &p->v[at + 1], (p->n - at) * sizeof p->v[0]);
}

static int head_add(struct published *p, uint64_t size, struct span note)
{
	struct head *h;

	if (p->n == PUBLISHED_MAX)
		head_drop(p);
	h = &p->v[p->n++];
	*h = (struct head){ .size = size, .n = n_lines(note) - 1 };
	buffer_init(&h->note, HEAD_NOTE_MAX);
	buffer_bytes(&h->note, note);
	return err_pass(buffer_ok(&h->note));
}

int published_start(struct core *c)
{
	struct published *p = c->published;
	uint64_t size;
	struct span newest = receipts_head(c, &size), note;
	struct checkpoint best = { .size = 0 };
	int r = p->interval_ms ? store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META_BEST), &note) : STORE_E_ABSENT;

	/* The keeper's head is the newest there is: receipts_start() saw to it that this store continues it. */
	if (!r && checkpoint_open(note, receipts_key(c), &best) == CHECKPOINT_OK && best.size <= size)
		r = head_add(p, best.size, note);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	return p->interval_ms && newest.len && best.size < size ? err_pass(head_add(p, size, newest)) : 0;
}

/* The newest signed head, when it is larger than the newest published one. */
static struct span waiting(const struct core *c, uint64_t *size)
{
	struct span note = receipts_head(c, size);
	uint64_t before = 0;

	(void)published_newest(c, &before);
	return c->published->interval_ms && !witnesses_halted(c) && note.len && *size > before ? note : SPAN_NONE;
}

int published_tick(struct core *c)
{
	struct published *p = c->published;
	uint64_t now = env_mono_ms(c->env), size;
	struct span note = waiting(c, &size);
	int r;

	if (!note.len || now < p->not_before_mono_ms)
		return 0;
	p->not_before_mono_ms = now + p->interval_ms;
	r = head_add(p, size, note);
	for (const struct session *s = sessions_of(c, NULL, NULL); !r && s; s = sessions_of(c, NULL, s)) {
		const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session_id(s) };
		struct buffer *b = out_begin(&c->out);

		wire_begin(b, WIRE_NOTICE, 0);
		buffer_bytes(b, note);
		r = out_end(&c->out, &frame);
	}
	return err_pass(r);
}

uint64_t published_due_ms(const struct core *c)
{
	uint64_t size;

	return waiting(c, &size).len ? c->published->not_before_mono_ms : UINT64_MAX;
}

int published_cosign(struct core *c, uint64_t size, struct span note, bool *kept)
{
	CLEANUP(buffer_fini) struct buffer all = { 0 };
	struct published *p = c->published;
	struct head *h = NULL;
	int r;

	*kept = false;
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].size == size)
			h = &p->v[i];
	if (!h)
		return 0;
	/* The new line first: an older one of the same key is then left out. */
	buffer_init(&all, HEAD_NOTE_MAX);
	buffer_bytes(&all, note);
	r = note_add_signatures(&all, buffer_span(&h->note));
	if (r)
		return r < 0 ? err_pass(r) : 0; /* as many as a note can hold */
	buffer_fini(&h->note);
	h->note = all;
	all = (struct buffer){ 0 };
	h->n = n_lines(buffer_span(&h->note)) - 1;
	p->unsaved = true;
	*kept = true;
	return 0;
}

int published_keep(struct core *c)
{
	const struct head *best = best_of(c->published, 0);
	int r = 0;

	if (best && c->published->unsaved)
		r = core_put(c, KEYSPACE_META, SPAN_LITERAL(META_BEST), buffer_span(&best->note));
	c->published->unsaved = false;
	return err_pass(r);
}

void published_rolled_back(struct core *c)
{
	c->published->unsaved = true;
}

struct span published_of(const struct core *c, uint64_t size)
{
	for (size_t i = 0; i < c->published->n; i++)
		if (c->published->v[i].size == size)
			return buffer_span(&c->published->v[i].note);
	return SPAN_NONE;
}

struct span published_newest(const struct core *c, uint64_t *size)
{
	const struct published *p = c->published;

	if (!p->n)
		return SPAN_NONE;
	*size = p->v[p->n - 1].size;
	return buffer_span(&p->v[p->n - 1].note);
}

struct span published_best(const struct core *c, uint64_t index, uint64_t *size)
{
	const struct head *best = best_of(c->published, index);

	if (!best)
		return SPAN_NONE;
	*size = best->size;
	return buffer_span(&best->note);
}
