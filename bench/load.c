/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Two event loops over the client library's own pieces: compose, link, open. Acknowledgements are gathered while more frames
 * lie ready and leave as soon as none does, as a node does it.
 */
#include "bench/load.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "client/lib/compose.h"
#include "client/lib/exchange.h"
#include "client/lib/node.h"
#include "client/lib/open.h"
#include "client/lib/session.h"
#include "proto/receipt.h"

#define FRAME_ARENA_BYTES (8u << 20)
#define SAMPLES_MAX 2000000
#define DRAIN_MS 20000

struct slot {
	uint8_t id[ID_BYTES];
	struct hash digest;
	uint64_t sent_us;
	bool busy, receipted, answered;
};

struct worker {
	const struct load_options *o;
	kp_node *node;
	struct link *link;
	struct arena *arena;
	const char *as;
	size_t n_acks;
	uint8_t acks[NODE_BATCH_MAX][ID_BYTES];
	struct checkpoint_seen seen;
	uint64_t refused, bad, receipts;
	/* asker */
	struct slot *slots;
	bool stopping;
	uint64_t begin_us, end_us, exchanges;
	size_t n_receipt_us, n_answer_us;
	uint32_t *receipt_us, *answer_us;
	char *why;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int trouble(struct worker *w, const char *what, const char *text)
{
	snprintf(w->why, 400, "%.60s: %.300s", what, text);
	return -1;
}

static int worker_open(struct worker *w, const struct load_options *o, const char *home, const char *as, char *why)
{
	struct kp_error err = { 0 };

	*w = (struct worker){ .o = o, .why = why, .as = as, .arena = arena_new(FRAME_ARENA_BYTES) };
	if (!w->arena)
		return trouble(w, "memory", "out of memory");
	if (kp_open(home, &w->node, &err) != KP_OK || kp_sync(w->node, 20000, &err) != KP_OK)
		return trouble(w, home, err.text);
	if (session_open(w->node, &err) != KP_OK)
		return trouble(w, home, err.text);
	w->link = w->node->link;
	return link_credit(w->link, LINK_CREDIT_MAX) == LINK_OK || !link_is_up(w->link) ? 0 : trouble(w, home, "no credit");
}

static void worker_close(struct worker *w)
{
	kp_close(w->node);
	arena_free(w->arena);
	free(w->slots);
	free(w->receipt_us);
	free(w->answer_us);
}

static int flush_acks(struct worker *w)
{
	struct buffer envelope = { 0 };
	int r;

	if (w->n_acks == 0)
		return 0;
	r = compose_ack(w->node, w->as, (const uint8_t (*)[ID_BYTES])w->acks, w->n_acks, &envelope);
	if (r == 0)
		r = link_send(w->link, WIRE_SUBMIT, 0, buffer_span(&envelope));
	buffer_fini(&envelope);
	w->n_acks = 0;
	return r == LINK_OK ? 0 : trouble(w, "acknowledge", "the house does not take it");
}

static int add_ack(struct worker *w, const uint8_t id[ID_BYTES])
{
	memcpy(w->acks[w->n_acks++], id, ID_BYTES);
	return w->n_acks == NODE_BATCH_MAX ? flush_acks(w) : 0;
}

/* Compose and submit; the digest is what its receipt must name. */
static int submit(struct worker *w, const struct kp_message_out *m, uint64_t correlation, struct slot *slot)
{
	struct kp_error err = { 0 };
	struct composed c;
	int r;

	if (compose(w->node, m, m->to, NULL, COMPOSE_SEND, &c, &err) != KP_OK)
		return trouble(w, "compose", err.text);
	if (slot) {
		memcpy(slot->id, c.message.header.message_id.ptr, ID_BYTES);
		slot->digest = c.digest;
		slot->busy = true;
		slot->receipted = slot->answered = false;
		slot->sent_us = now_us();
	}
	r = link_send(w->link, WIRE_SUBMIT, correlation, buffer_span(&c.envelope));
	composed_fini(&c);
	return r == LINK_OK ? 0 : trouble(w, "submit", "the house does not take it");
}

static bool receipt_holds(struct worker *w, struct span text, struct receipt *r)
{
	return receipt_open_seen(text, &w->node->home.log_key, &w->seen, w->arena, r) == RECEIPT_OK;
}

/* The message a delivery holds, verified and opened. */
static struct kp_message_in *open_delivery(struct worker *w, struct span body)
{
	struct kp_message_in *m = NULL;
	struct kp_error err = { 0 };
	struct delivery d;
	struct item item = { 0 };

	if (delivery_decode(body, w->arena, &d) != WIRE_OK)
		return NULL;
	item.index = d.index;
	item.envelope = d.envelope;
	item.mandate = d.mandate;
	if (open_item(w->node, &item, OPEN_PARTS, &m, &err) != KP_OK) {
		trouble(w, "open", err.text);
		return NULL;
	}
	return m;
}

/* --- answerer ----------------------------------------------------------------------------------------------------------- */

static int answer(struct worker *w, const struct kp_message_in *q)
{
	const char *const to[] = { q->sender, NULL };
	struct kp_part part = { .category = w->o->category, .content = "{\"onderdak\":\"kamer in begeleid wonen, tot 1 maart\"}" };
	struct kp_message_out m = { .kind = "antwoord", .as = w->as, .to = to, .casus = q->casus, .exchange = q->exchange_id,
				    .in_reply_to = q->message_id, .regime = q->regime, .grondslag = q->grondslag, .doel = q->doel,
				    .overleg = q->overleg, .person_role = q->person_role, .answer_kind = "GEGEVENS", .parts = &part,
				    .n_parts = 1 };

	return submit(w, &m, 1, NULL);
}

static int answerer_frame(struct worker *w, const struct wire_frame *f)
{
	struct kp_message_in *m;
	struct receipt receipt;
	uint8_t id[ID_BYTES];
	int r = 0;

	if (f->verb == WIRE_RECEIPT) {
		if (!receipt_holds(w, f->body, &receipt))
			w->bad++;
		else if (receipt.entry.code != CODE_TOEGESTAAN)
			w->refused++;
	} else if (f->verb == WIRE_TROUBLE) {
		w->bad++;
	} else if (f->verb == WIRE_DELIVERY) {
		m = open_delivery(w, f->body);
		if (!m)
			return -1;
		if (uuid_decode(m->message_id, id))
			r = add_ack(w, id);
		if (r == 0 && strcmp(m->kind, "verzoek") == 0)
			r = answer(w, m);
		kp_message_in_free(m);
	}
	return r;
}

int load_answer(const struct load_options *o, int stop_fd, char why[400])
{
	struct worker w;
	struct link_event e;
	int r = worker_open(&w, o, o->answerer_home, o->answerer, why);

	while (r == 0) {
		struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
		int got = link_poll(w.link, w.n_acks ? 0 : 200, &e);

		if (got == LINK_E_NONE) {
			r = flush_acks(&w);
			if (poll(&stop, 1, 0) > 0)
				break;
			continue;
		}
		if (got < 0)
			r = trouble(&w, "link", "fatal");
		else if (e.kind == LINK_FRAME)
			r = answerer_frame(&w, &e.frame);
		else if (e.kind == LINK_REFUSED)
			r = trouble(&w, "link", "the house does not admit the answerer");
		arena_reset(w.arena);
	}
	if (r == 0 && (w.bad || w.refused))
		r = trouble(&w, "answerer", w.refused ? "answers were refused" : "receipts did not hold");
	worker_close(&w);
	return r;
}

/* --- asker -------------------------------------------------------------------------------------------------------------- */

static int ask(struct worker *w, size_t i)
{
	const struct load_options *o = w->o;
	const char *const to[] = { o->answerer, NULL }, *const categories[] = { o->category, NULL };
	struct kp_part part = { .category = "vraag",
				.content = "{\"betrokkene\":{\"bsn\":\"999990019\",\"naam\":\"B. Proef\"},"
					   "\"vraag\":\"Is er onderdak na ontslag?\"}" };
	struct kp_message_out m = { .kind = "verzoek", .as = w->as, .to = to, .casus = o->casus, .regime = o->regime,
				    .grondslag = o->grondslag, .doel = o->doel, .overleg = o->overleg, .person_role = "betrokkene",
				    .noodzaak = "voorbereiding van de terugkeer", .categories = categories, .parts = &part, .n_parts = 1 };

	return submit(w, &m, i + 1, &w->slots[i]);
}

static bool in_window(const struct worker *w, uint64_t t)
{
	return t >= w->begin_us && t < w->end_us;
}

static int slot_settle(struct worker *w, size_t i)
{
	struct slot *s = &w->slots[i];

	if (!s->receipted || !s->answered)
		return 0;
	s->busy = false;
	if (in_window(w, now_us()))
		w->exchanges++;
	return w->stopping ? 0 : ask(w, i);
}

static int asker_receipt(struct worker *w, const struct wire_frame *f)
{
	struct receipt r;
	struct slot *s;
	uint64_t t;

	if (f->correlation == 0) /* of an acknowledgement */
		return 0;
	if (f->correlation > w->o->in_flight)
		return trouble(w, "receipt", "for nothing that was asked");
	s = &w->slots[f->correlation - 1];
	if (!receipt_holds(w, f->body, &r) || memcmp(r.statement.message_id, s->id, ID_BYTES) != 0 ||
	    !hash_equal(&r.statement.digest, &s->digest)) {
		w->bad++;
		return trouble(w, "receipt", "does not hold");
	}
	if (r.entry.code != CODE_TOEGESTAAN) {
		w->refused++;
		return trouble(w, "refused", r.statement.n ? code_name(r.statement.findings[0].code) : "?");
	}
	t = now_us();
	s->receipted = true;
	w->receipts += in_window(w, t);
	if (in_window(w, t) && w->n_receipt_us < SAMPLES_MAX)
		w->receipt_us[w->n_receipt_us++] = (uint32_t)(t - s->sent_us);
	return slot_settle(w, f->correlation - 1);
}

static int asker_delivery(struct worker *w, const struct wire_frame *f)
{
	struct kp_message_in *m = open_delivery(w, f->body);
	uint8_t id[ID_BYTES], asked[ID_BYTES];
	uint64_t t = now_us();
	int r = 0;

	if (!m)
		return -1;
	if (uuid_decode(m->message_id, id))
		r = add_ack(w, id);
	if (r == 0 && uuid_decode(m->in_reply_to, asked)) {
		for (size_t i = 0; i < w->o->in_flight; i++) {
			struct slot *s = &w->slots[i];

			if (!s->busy || s->answered || memcmp(s->id, asked, ID_BYTES) != 0)
				continue;
			s->answered = true;
			if (in_window(w, t) && w->n_answer_us < SAMPLES_MAX)
				w->answer_us[w->n_answer_us++] = (uint32_t)(t - s->sent_us);
			r = slot_settle(w, i);
			break;
		}
	}
	kp_message_in_free(m);
	return r;
}

static int asker_frame(struct worker *w, const struct wire_frame *f)
{
	if (f->verb == WIRE_RECEIPT)
		return asker_receipt(w, f);
	if (f->verb == WIRE_DELIVERY)
		return asker_delivery(w, f);
	if (f->verb == WIRE_TROUBLE)
		return trouble(w, "house", "answered with TROUBLE");
	return 0;
}

static bool all_home(const struct worker *w)
{
	for (size_t i = 0; i < w->o->in_flight; i++)
		if (w->slots[i].busy)
			return false;
	return w->n_acks == 0;
}

static void signal_parent(const struct worker *w)
{
	if (w->o->ready_fd >= 0 && write(w->o->ready_fd, "x", 1) != 1)
		w->why[0] = 0;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t percentile(uint32_t *v, size_t n, unsigned percent)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof *v, by_size);
	return v[(n - 1) * percent / 100];
}

static int start_asking(struct worker *w)
{
	struct link_event e;
	uint64_t until = now_us() + 20000000;
	int r = 0;

	while (!link_is_up(w->link) && now_us() < until)
		if (link_poll(w->link, 100, &e) < 0)
			return trouble(w, "link", "fatal");
	if (link_credit(w->link, LINK_CREDIT_MAX) < 0)
		return trouble(w, "link", "fatal");
	w->begin_us = now_us() + (uint64_t)w->o->warmup_ms * 1000;
	w->end_us = w->begin_us + (uint64_t)w->o->measure_ms * 1000;
	for (size_t i = 0; r == 0 && i < w->o->in_flight; i++)
		r = ask(w, i);
	return r;
}

static int ask_loop(struct worker *w)
{
	struct link_event e;
	int r = start_asking(w);
	unsigned told = 0;

	while (r == 0) {
		int got = link_poll(w->link, w->n_acks ? 0 : 100, &e);
		uint64_t t = now_us();

		if ((told == 0 && t >= w->begin_us) || (told == 1 && t >= w->end_us)) {
			signal_parent(w);
			told++;
		}
		w->stopping = t >= w->end_us;
		if (got < 0)
			return trouble(w, "link", "fatal");
		if (got == LINK_OK && e.kind == LINK_FRAME)
			r = asker_frame(w, &e.frame);
		else if (got == LINK_E_NONE)
			r = flush_acks(w);
		arena_reset(w->arena);
		if (told == 2 && all_home(w))
			break;
		if (t > w->end_us + DRAIN_MS * UINT64_C(1000))
			return trouble(w, "drain", "some exchanges never came home");
	}
	return r;
}

int load_ask(const struct load_options *o, struct load_result *out, char why[400])
{
	struct worker w;
	int r = worker_open(&w, o, o->asker_home, o->asker, why);

	if (r == 0) {
		w.slots = calloc(o->in_flight, sizeof *w.slots);
		w.receipt_us = calloc(SAMPLES_MAX, sizeof *w.receipt_us);
		w.answer_us = calloc(SAMPLES_MAX, sizeof *w.answer_us);
		r = w.slots && w.receipt_us && w.answer_us ? ask_loop(&w) : trouble(&w, "memory", "out of memory");
	}
	if (r == 0)
		*out = (struct load_result){ .exchanges = w.exchanges, .receipts = w.receipts, .measured_us = w.end_us - w.begin_us,
					     .receipt_us_p50 = percentile(w.receipt_us, w.n_receipt_us, 50),
					     .receipt_us_p99 = percentile(w.receipt_us, w.n_receipt_us, 99),
					     .answer_us_p50 = percentile(w.answer_us, w.n_answer_us, 50),
					     .answer_us_p99 = percentile(w.answer_us, w.n_answer_us, 99),
					     .refused = w.refused, .bad = w.bad };
	worker_close(&w);
	return r;
}
