/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A page of the log for who may test its lawfulness, or for a deelnemer of what it sent and received itself: the broker finds the
 * entries (index.c), opens their records while their keys live, and seals the page to the reading key of the reader's
 * hoedanigheid. The entry that says so is durable before this runs.
 *
 * The index only proposes. Each record is held against the question again before it is shown: a fault in the index may hide, which
 * a scan of the export shows, but never show what was not asked or is another's.
 *
 * A page stops at `limit` records, at PAGE_BYTES, or after OPENED_MAX records that turned out not to be readable: the core has
 * other things to do. The reader goes on from next_index; that is the size of the log when there is nothing more.
 */
#include "daemon/core/index.h"
#include "daemon/core/intake.h"
#include "daemon/core/receipts.h"
#include "proto/part.h"

#include <errno.h>
#include <stdio.h>

#define PAGE_RECORDS 500
#define PAGES_PER_SECOND 100 /* of one node: a third of a processor, at most */
#define PAGE_BYTES ((size_t)512 << 10)
#define OPENED_MAX 2000
#define LABEL "knooppunt/inzage/v1"
#define WORD_BYTES 64

struct page {
	struct core *c;
	const struct body_inzage *q;
	const struct text_list *own; /* whose records these may be; NULL: everyone's */
	struct arena *arena;
	struct index_query query;
	struct index_term terms[INDEX_GROUPS_MAX], own_terms[MESSAGE_LIST_MAX];
	bool none;                   /* something was asked that no entry has */
	bool by_record;              /* something was asked that only a record can tell */
	size_t bytes, limit;
	struct log_page out;
};

/* ---- what was asked, for its own entry ---- */

static void word(struct inzage_words *words, struct evidence *e, const char *name, const char *value)
{
	char *text = words->v[e->n_details % INZAGE_WORDS];

	if (!*value || e->n_details >= INZAGE_WORDS)
		return;
	snprintf(text, sizeof words->v[0], "%s=%.*s", name, (int)utf8_cut(value, WORD_BYTES), value);
	e->details[e->n_details++] = text;
}

static void number(struct inzage_words *words, struct evidence *e, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	word(words, e, name, text);
}

void inzage_describe(const struct body_inzage *q, struct inzage_words *words, struct evidence *e)
{
	char id[UUID_TEXT_SIZE];

	word(words, e, "inzagedoel", q->purpose);
	number(words, e, "vanaf", q->after_index);
	word(words, e, "eigen", q->own ? "ja" : "");
	word(words, e, "code", q->code);
	word(words, e, "soort", q->kind);
	word(words, e, "hoedanigheid", q->hoedanigheid);
	word(words, e, "functionaris", q->person);
	word(words, e, "categorie", q->category);
	word(words, e, "grondslag", q->grondslag);
	word(words, e, "doel", q->doel);
	word(words, e, "overleg", q->overleg);
	word(words, e, "spoed", q->urgent ? "ja" : "");
	word(words, e, "herbeslissing", q->with_input ? "ja" : "");
	if (q->casus.len == ID_BYTES) {
		uuid_encode(q->casus.ptr, id);
		word(words, e, "casus", id);
	}
	if (q->message.len == ID_BYTES) {
		uuid_encode(q->message.ptr, id);
		word(words, e, "bericht", id);
	}
}

/* ---- the question, for the index ---- */

static void ask(struct page *p, enum index_field field, struct span value)
{
	struct index_term *term = &p->terms[p->query.n];

	if (!value.len && field != INDEX_URGENT)
		return;
	p->by_record |= field > INDEX_KEY;
	index_term(p->c, field, value, term);
	p->query.groups[p->query.n++] = (struct index_group){ 1, term };
}

static void ask_number(struct page *p, enum index_field field, int found)
{
	uint8_t value[2];

	p->none |= found < 0;
	put_u16(value, (uint16_t)found);
	ask(p, field, SPAN_OF(value));
}

static void question(struct page *p)
{
	const struct body_inzage *q = p->q;

	if (*q->kind)
		ask_number(p, INDEX_KIND, entry_kind_find(q->kind));
	if (*q->code)
		ask_number(p, INDEX_CODE, code_find(q->code));
	ask(p, INDEX_CASUS, q->casus);
	ask(p, INDEX_MESSAGE, q->message);
	ask(p, INDEX_HOEDANIGHEID, span_of_text(q->hoedanigheid));
	ask(p, INDEX_PERSON, span_of_text(q->person));
	ask(p, INDEX_CATEGORY, span_of_text(q->category));
	ask(p, INDEX_GRONDSLAG, span_of_text(q->grondslag));
	ask(p, INDEX_DOEL, span_of_text(q->doel));
	ask(p, INDEX_OVERLEG, span_of_text(q->overleg));
	if (q->urgent)
		ask(p, INDEX_URGENT, SPAN_NONE);
	if (!p->own)
		return;
	p->by_record = true;
	for (size_t i = 0; i < p->own->n && i < MESSAGE_LIST_MAX; i++)
		index_term(p->c, INDEX_HOEDANIGHEID, span_of_text(p->own->v[i]), &p->own_terms[i]);
	p->query.groups[p->query.n++] = (struct index_group){ p->own->n < MESSAGE_LIST_MAX ? p->own->n : MESSAGE_LIST_MAX, p->own_terms };
}

/* The first entry at that time or later: times never go back. */
static int time_seek(struct core *c, uint64_t unix_ms, uint64_t *index)
{
	uint64_t low = 0, high = store_size(c->store);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct span bytes;
		struct entry e;
		int r = store_entry(c->store, middle, &bytes);

		if (!r)
			r = entry_parse(bytes, &e);
		if (r)
			return err_fold(r);
		if (e.time_unix_ms < unix_ms)
			low = middle + 1;
		else
			high = middle;
	}
	*index = low;
	return 0;
}

/* ---- the question, for a record ---- */

static bool has_text(const struct record *record, enum record_tag tag, const char *text)
{
	struct span value;
	size_t i = 0;

	while (record_next(record, tag, &i, &value))
		if (span_equal(value, span_of_text(text)))
			return true;
	return false;
}

static bool is_party(const struct record *record, const char *hoedanigheid)
{
	return has_text(record, RECORD_SENDER, hoedanigheid) || has_text(record, RECORD_RECIPIENT, hoedanigheid);
}

/* A category asked for covers its sub-codes: "gezondheid" finds "gezondheid.medicatie". */
static bool has_category(const struct record *record, const char *category)
{
	size_t len = strlen(category), i = 0;
	struct span value;

	while (record_next(record, RECORD_CATEGORY, &i, &value))
		if (value.len >= len && !memcmp(value.ptr, category, len) && (value.len == len || value.ptr[len] == '.'))
			return true;
	return false;
}

static bool owned(const struct text_list *own, const struct record *record)
{
	for (size_t i = 0; i < own->n; i++)
		if (is_party(record, own->v[i]))
			return true;
	return false;
}

static bool wanted_header(const struct body_inzage *q, const struct entry *e)
{
	return (!q->from_unix_ms || e->time_unix_ms >= q->from_unix_ms) && (!q->to_unix_ms || e->time_unix_ms < q->to_unix_ms) &&
	       (!*q->code || text_equal(code_name(e->code), q->code)) &&
	       (!*q->kind || text_equal(entry_kind_name(e->kind), q->kind));
}

static bool wanted_record(const struct page *p, const struct record *record)
{
	const struct body_inzage *q = p->q;

	return (!q->casus.len || span_equal(record_get(record, RECORD_CASUS), q->casus)) &&
	       (!q->message.len || span_equal(record_get(record, RECORD_MESSAGE_ID), q->message)) &&
	       (!*q->hoedanigheid || is_party(record, q->hoedanigheid)) && (!*q->category || has_category(record, q->category)) &&
	       (!*q->person || has_text(record, RECORD_PERSON, q->person)) &&
	       (!*q->grondslag || has_text(record, RECORD_GRONDSLAG, q->grondslag)) &&
	       (!*q->doel || has_text(record, RECORD_DOEL, q->doel)) &&
	       (!*q->overleg || has_text(record, RECORD_OVERLEG, q->overleg)) &&
	       (!q->urgent || has_text(record, RECORD_URGENT, "")) && (!p->own || owned(p->own, record));
}

/* ---- the page ---- */

static int proof_of(struct page *p, uint64_t index, struct buffer *out)
{
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	int r = evidence_slip(p->c, index, &slip);

	if (!r && slip)
		r = receipts_print(p->c, slip, out);
	return r == RECEIPTS_E_UNSIGNED ? 0 : err_pass(r);
}

/* What a decision rested on, when that is asked for: never so much that a page could not hold one (evidence.c). */
static int page_input(struct page *p, uint64_t index, struct span *out)
{
	CLEANUP(buffer_fini) struct buffer input = { 0 };
	int r = p->q->with_input ? evidence_input(p->c, index, &input) : 0;

	if (r)
		return err_pass(r);
	*out = arena_copy(p->arena, buffer_span(&input));
	return input.len && !out->ptr ? err_raise(-ENOMEM) : 0;
}

/* PAGE_FULL when it would not fit any more. */
enum { PAGE_ON = 0, PAGE_FULL = 1 };
static int page_add(struct page *p, uint64_t index, struct span entry, struct span record)
{
	struct log_record *row = &p->out.v[p->out.n];
	CLEANUP(buffer_fini) struct buffer proof = { 0 };
	struct span input = SPAN_NONE;
	size_t bytes;
	int r = p->q->proofs && record.len ? proof_of(p, index, &proof) : 0;

	if (!r)
		r = page_input(p, index, &input);
	if (r)
		return err_pass(r);
	bytes = entry.len + record.len + proof.len + input.len;
	if (p->bytes + bytes > PAGE_BYTES)
		return PAGE_FULL;
	*row = (struct log_record){ .index = index, .entry = arena_copy(p->arena, entry), .record = arena_copy(p->arena, record),
				    .proof = arena_copy(p->arena, buffer_span(&proof)), .input = input };
	if (!row->entry.ptr || (record.len && !row->record.ptr) || (proof.len && !row->proof.ptr))
		return err_raise(-ENOMEM);
	if (record.len) {
		uint8_t opening[ENTRY_OPENING_BYTES];

		r = evidence_opening(p->c, row->entry, opening);
		row->opening = r ? SPAN_NONE : arena_copy(p->arena, SPAN_OF(opening));
		if (r || !row->opening.ptr)
			return r ? err_pass(r) : err_raise(-ENOMEM);
	}
	p->bytes += bytes;
	p->out.n++;
	return PAGE_ON;
}

static int look_at(struct page *p, uint64_t index)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct record record = { 0 };
	struct span entry;
	struct entry head;
	bool opened;
	int r = arena ? store_entry(p->c->store, index, &entry) : -ENOMEM;

	if (!r)
		r = entry_parse(entry, &head);
	if (r)
		return err_fold(r);
	if (!wanted_header(p->q, &head))
		return PAGE_ON;
	r = evidence_open(p->c, entry, &bytes, &opened);
	if (!r && opened)
		r = record_parse(buffer_span(&bytes), arena, &record);
	if (r)
		return err_fold(r);
	if (p->by_record && (!opened || !wanted_record(p, &record)))
		return PAGE_ON;
	r = store_entry(p->c->store, index, &entry);
	return r ? err_fold(r) : page_add(p, index, entry, buffer_span(&bytes));
}

/* From where to where; nothing at all when something was asked that no entry has. */
static int page_range(struct page *p, uint64_t *from, uint64_t *end)
{
	uint64_t at = 0;
	int r = 0;

	*end = p->none ? 0 : p->out.size;
	*from = p->q->after_index;
	if (p->q->from_unix_ms)
		r = time_seek(p->c, p->q->from_unix_ms, &at);
	if (at > *from)
		*from = at;
	if (!r && p->q->to_unix_ms)
		r = time_seek(p->c, p->q->to_unix_ms, &at);
	if (!r && p->q->to_unix_ms && at < *end)
		*end = at;
	return err_pass(r);
}

static int page_fill(struct page *p)
{
	struct index_cursor cursor;
	uint64_t index = 0, from, end;
	unsigned opened = 0;
	bool full = false;
	int r;

	p->out.size = store_size(p->c->store);
	p->out.v = arena_array(p->arena, p->limit, sizeof *p->out.v);
	if (!p->out.v)
		return err_raise(-ENOMEM);
	question(p);
	r = page_range(p, &from, &end);
	if (r)
		return err_pass(r);
	index_first(&p->query, from, end, &cursor);
	while (!full && (r = index_next(p->c, &cursor, &index)) == INDEX_OK) {
		full = p->out.n == p->limit || opened++ == OPENED_MAX;
		if (!full)
			r = look_at(p, index);
		if (r < 0)
			break;
		full |= r == PAGE_FULL;
	}
	if (r < 0)
		return err_pass(r);
	p->out.next_index = full ? index : r == INDEX_E_END ? p->out.size : cursor.next;
	return 0;
}

bool inzage_in_budget(struct core *c, const struct item *item)
{
	struct reading *r = &c->readings[get_u64(item->transport) % READINGS_SLOTS];
	uint64_t second = env_mono_ms(c->env) / 1000;

	if (r->second != second)
		*r = (struct reading){ .second = second };
	return r->n++ < PAGES_PER_SECOND;
}

/* Whose log it is: that of the hoedanigheden which the functionary is mandated for. */
static int own_log(struct core *c, struct item *item, struct text_list *out)
{
	struct mandate_known known;
	int r = mandates_find(c, item->message.header.mandate, &known);

	if (r || !known.mandate)
		return err_pass(r);
	out->n = known.mandate->hoedanigheden.n;
	out->v = arena_array(item->arena, out->n, sizeof *out->v);
	if (!out->v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < out->n; i++) {
		out->v[i] = arena_text(item->arena, span_of_text(known.mandate->hoedanigheden.v[i]));
		if (!out->v[i])
			return err_raise(-ENOMEM);
	}
	return 0;
}

int inzage_page(struct core *c, struct item *item)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = item->session };
	const struct body_inzage *q = &item->message.body.inzage;
	const struct reg_hoedanigheid *reader = registry_hoedanigheid(c->rules.registry, item->message.header.sender);
	struct page p = { .c = c, .q = q, .arena = item->arena };
	struct text_list own = { 0 };
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	struct buffer *b;
	int r;

	p.limit = q->limit && q->limit < PAGE_RECORDS ? q->limit : PAGE_RECORDS;
	if (!reader || !reader->n_keys)
		return err_pass(out_trouble(c, item->session, item->wire.correlation, "NIET_BEKEND",
					    "the register has no reading key for this hoedanigheid"));
	r = q->own ? own_log(c, item, &own) : 0;
	if (!r && q->own)
		p.own = &own;
	if (!r)
		r = page_fill(&p);
	if (!r)
		r = log_page_encode(&p.out, &plain);
	if (r)
		return err_pass(r);
	b = out_begin(&c->out);
	wire_begin(b, WIRE_REPLY, item->wire.correlation);
	r = box_seal(reader->keys[0].public_key, LABEL, item->message.header.message_id, buffer_span(&plain), b);
	return r ? err_fold(r) : err_pass(out_end(&c->out, &frame));
}
