/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A page of the log for who may test its lawfulness: the broker opens the records (while their keys live), filters, and seals the
 * page to the reading key of the reader's hoedanigheid. The entry that says so is durable before this runs.
 *
 * A page stops at `limit` records, at PAGE_BYTES, or after SCAN_MAX entries looked at: the core has other things to do. The
 * reader goes on from next_index.
 */
#include "daemon/core/intake.h"
#include "proto/part.h"

#include <errno.h>

#define PAGE_RECORDS 500
#define PAGE_BYTES ((size_t)512 << 10)
#define SCAN_MAX 4096
#define LABEL "knooppunt/inzage/v1"

struct page {
	struct core *c;
	const struct body_inzage *q;
	struct arena *arena;
	size_t bytes, limit;
	struct log_page out;
};

static bool has_text(const struct record *record, enum record_tag tag, const char *text)
{
	struct span value;
	size_t i = 0;

	while (record_next(record, tag, &i, &value))
		if (span_equal(value, span_of_text(text)))
			return true;
	return false;
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

static bool wanted_header(const struct body_inzage *q, const struct entry *e)
{
	return (!q->from_unix_ms || e->time_unix_ms >= q->from_unix_ms) && (!q->to_unix_ms || e->time_unix_ms < q->to_unix_ms) &&
	       (!*q->code || text_equal(code_name(e->code), q->code)) &&
	       (!*q->kind || text_equal(entry_kind_name(e->kind), q->kind));
}

static bool wanted_record(const struct body_inzage *q, const struct record *record)
{
	return (!q->casus.len || span_equal(record_get(record, RECORD_CASUS), q->casus)) &&
	       (!*q->hoedanigheid || has_text(record, RECORD_SENDER, q->hoedanigheid) ||
		has_text(record, RECORD_RECIPIENT, q->hoedanigheid)) &&
	       (!*q->category || has_category(record, q->category));
}

static bool needs_record(const struct body_inzage *q)
{
	return q->casus.len || *q->hoedanigheid || *q->category;
}

/* PAGE_FULL when it would not fit any more. */
enum { PAGE_ON = 0, PAGE_FULL = 1 };
static int page_add(struct page *p, uint64_t index, struct span entry, struct span record)
{
	struct log_record *row = &p->out.v[p->out.n];

	if (p->bytes + entry.len + record.len > PAGE_BYTES)
		return PAGE_FULL;
	*row = (struct log_record){ .index = index, .entry = arena_copy(p->arena, entry), .record = arena_copy(p->arena, record) };
	if (!row->entry.ptr || (record.len && !row->record.ptr))
		return err_raise(-ENOMEM);
	if (record.len) {
		uint8_t opening[ENTRY_OPENING_BYTES];
		int r = evidence_opening(p->c, row->entry, opening);

		row->opening = r ? SPAN_NONE : arena_copy(p->arena, SPAN_OF(opening));
		if (r || !row->opening.ptr)
			return r ? err_pass(r) : err_raise(-ENOMEM);
	}
	p->bytes += entry.len + record.len;
	p->out.n++;
	return PAGE_ON;
}

static int look_at(struct page *p, uint64_t index)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct record record = { 0 };
	struct entry head;
	struct span entry;
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
	if (needs_record(p->q) && (!opened || !wanted_record(p->q, &record)))
		return PAGE_ON;
	r = store_entry(p->c->store, index, &entry);
	return r ? err_fold(r) : page_add(p, index, entry, buffer_span(&bytes));
}

static int page_fill(struct page *p)
{
	uint64_t size = store_size(p->c->store);
	uint64_t index = p->q->after_index < size ? p->q->after_index : size;
	uint64_t end = size - index > SCAN_MAX ? index + SCAN_MAX : size;
	int r = PAGE_ON;

	p->out.v = arena_array(p->arena, p->limit, sizeof *p->out.v);
	if (!p->out.v)
		return err_raise(-ENOMEM);
	while (!r && index < end && p->out.n < p->limit) {
		r = look_at(p, index);
		if (r == PAGE_ON)
			index++;
	}
	p->out.next_index = index;
	p->out.size = size;
	return r < 0 ? err_pass(r) : 0;
}

int inzage_page(struct core *c, struct item *item)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = item->session };
	const struct body_inzage *q = &item->message.body.inzage;
	const struct reg_hoedanigheid *reader = registry_hoedanigheid(c->rules.registry, item->message.header.sender);
	struct page p = { .c = c, .q = q, .arena = item->arena };
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	struct buffer *b;
	int r;

	p.limit = q->limit && q->limit < PAGE_RECORDS ? q->limit : PAGE_RECORDS;
	if (!reader || !reader->n_keys)
		return err_pass(out_trouble(c, item->session, item->wire.correlation, "NIET_BEKEND",
					    "the register has no reading key for this hoedanigheid"));
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
