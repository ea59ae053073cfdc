/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A skeleton is a message as the decision sees it. The header and the body stand in it as on the wire, so that one
 * decoder with one set of bounds reads both; of a part there are its header and the sizes the rules look at. Where
 * content stood is a length without bytes.
 *
 * Bytes of a skeleton: version 1; kind (1); the payload without parts (lp32, as on the wire); n (1) parts, each:
 * category, secrecy basis, reference date, source, Wpg article, person category, media type (lp16 each); commitment to
 * the content (lp16); n (1) conditions (lp16 each); suite, length of nonce, commitment, ciphertext (u32 each); n (1)
 * wraps, each: recipient, key id (lp16 each), length of enc, sealed key (u16 each).
 *
 * Bytes of an item: version 1; skeleton (lp32); n (u16) suppliers, n (u16) asked (lp16 each); withdrawn (1); n (u16)
 * grants, each: by, purpose, target (lp16 each), until (u64).
 */
#include "convenant/item.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/rule.h"

#define SKELETON_VERSION 1
#define ITEM_VERSION 1

/* ---- of a message ---- */

static void words_add(struct text_list *list, const char **store, size_t most, const char *word)
{
	if (list->n < most && !judge_text_in(word, list))
		store[list->n++] = word;
}

static bool has_data(const struct kader *k, const struct message *m)
{
	for (size_t i = 0; i < m->n_parts; i++) {
		int c = kader_category_index(k, m->parts[i].header.category);

		if (c < 0 || !k->categories[c].only_in)
			return true;
	}
	return false;
}

int item_of(const struct decide_input *in, struct arena *arena, struct casus_item *out)
{
	const struct message *m = in->message;
	const char **suppliers = arena_array(arena, ITEM_SUPPLIERS_MAX, sizeof *suppliers);
	struct casus_item item = { .message = *m, .suppliers = { 0, suppliers } };

	if (!suppliers)
		return err_raise(-ENOMEM);
	if (m->kind == MESSAGE_CORRECTIE && in->n_items) /* it may be of what one passed on */
		item.suppliers = in->items[0].suppliers;
	else if (KIND_BIT(m->kind) & (KINDS_SOURCE | KIND(CORRECTIE)) && has_data(in->rules->kader, m))
		words_add(&item.suppliers, suppliers, ITEM_SUPPLIERS_MAX, message_source(m));
	for (size_t i = 0; m->kind == MESSAGE_VERSTREKKING && i < in->n_items; i++)
		for (size_t k = 0; k < in->items[i].suppliers.n; k++)
			words_add(&item.suppliers, suppliers, ITEM_SUPPLIERS_MAX, in->items[i].suppliers.v[k]);
	if (m->kind != MESSAGE_CORRECTIE)
		text_list_sort(&item.suppliers);
	if (m->kind == MESSAGE_ANTWOORD && in->request)
		item.asked = in->request->categories;
	if (KIND_BIT(m->kind) & (KIND(AANVULLING) | KIND(CORRECTIE)) && in->n_items)
		item.asked = in->items[0].asked;
	*out = item;
	return 0;
}

int item_grant(const struct casus_item *before, const struct casus_item *asked, const struct message *instemming,
	       struct arena *arena, struct casus_item *out)
{
	const struct body_instemmingsverzoek *q = &asked->message.body.instemmingsverzoek;
	const struct body_instemming *b = &instemming->body.instemming;
	struct item_grant *grants = arena_array(arena, before->n_grants + 1, sizeof *grants);
	const char *by = message_source(instemming);
	size_t n = 0;

	if (!grants)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < before->n_grants; i++) {
		const struct item_grant *g = &before->grants[i];

		if (!text_equal(g->by, by) || !text_equal(g->purpose, q->purpose) || !text_equal(g->target, q->target))
			grants[n++] = *g;
	}
	if (b->granted && n == ITEM_GRANTS_MAX)
		return err_raise(-ENOMEM);
	if (b->granted)
		grants[n++] = (struct item_grant){ by, q->purpose, q->target,
						   b->until_unix_ms ? b->until_unix_ms : q->until_unix_ms };
	*out = *before;
	out->n_grants = n;
	out->grants = grants;
	return 0;
}

/* ---- writing ---- */

static void put_texts(struct buffer *out, const struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		buffer_lp16(out, span_of_text(list->v[i]));
}

static void put_part(const struct part *p, struct buffer *out)
{
	const struct part_header *h = &p->header;
	const char *const texts[] = { h->category,    h->secrecy_basis,	  h->reference_date, h->source,
				      h->wpg_article, h->person_category, h->media_type };

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		buffer_lp16(out, span_of_text(texts[i]));
	buffer_lp16(out, h->content_commitment);
	buffer_u8(out, (uint8_t)h->conditions.n);
	put_texts(out, &h->conditions);
	buffer_u32(out, p->suite);
	buffer_u32(out, (uint32_t)p->nonce.len);
	buffer_u32(out, (uint32_t)p->commitment.len);
	buffer_u32(out, (uint32_t)p->ciphertext.len);
	buffer_u8(out, (uint8_t)p->n_wraps);
	for (size_t i = 0; i < p->n_wraps; i++) {
		buffer_lp16(out, span_of_text(p->wraps[i].recipient));
		buffer_lp16(out, p->wraps[i].key_id);
		buffer_u16(out, (uint16_t)p->wraps[i].enc.len);
		buffer_u16(out, (uint16_t)p->wraps[i].sealed_key.len);
	}
}

/* The header as it was signed; of a message that was made by hand, as it would be. */
static int payload_encode(const struct message *m, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 };
	struct message bare = *m;
	int r = 0;

	buffer_init(&header, 0);
	if (!bare.header_bytes.len) {
		r = header_encode(&m->header, &header);
		bare.header_bytes = buffer_span(&header);
	}
	bare.n_parts = 0;
	if (!r)
		r = message_encode(&bare, out);
	return r ? err_pass(r) : 0;
}

int skeleton_encode(const struct message *m, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer payload = { 0 };
	int r;

	for (size_t i = 0; i < m->n_parts; i++)
		if (m->n_parts > MESSAGE_PARTS_MAX || m->parts[i].n_wraps > MESSAGE_LIST_MAX ||
		    m->parts[i].header.conditions.n > MESSAGE_LIST_MAX)
			return err_raise(-EINVAL);
	buffer_init(&payload, 0);
	r = payload_encode(m, &payload);
	if (r)
		return err_pass(r);
	buffer_u8(out, SKELETON_VERSION);
	buffer_u8(out, (uint8_t)m->kind);
	buffer_lp32(out, buffer_span(&payload));
	buffer_u8(out, (uint8_t)m->n_parts);
	for (size_t i = 0; i < m->n_parts; i++)
		put_part(&m->parts[i], out);
	return buffer_ok(out);
}

int item_encode(const struct casus_item *item, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer skeleton = { 0 };
	int r;

	buffer_init(&skeleton, 0);
	r = skeleton_encode(&item->message, &skeleton);
	if (r)
		return err_pass(r);
	buffer_u8(out, ITEM_VERSION);
	buffer_lp32(out, buffer_span(&skeleton));
	buffer_u16(out, (uint16_t)item->suppliers.n);
	put_texts(out, &item->suppliers);
	buffer_u16(out, (uint16_t)item->asked.n);
	put_texts(out, &item->asked);
	buffer_u8(out, item->withdrawn);
	buffer_u16(out, (uint16_t)item->n_grants);
	for (size_t i = 0; i < item->n_grants; i++) {
		buffer_lp16(out, span_of_text(item->grants[i].by));
		buffer_lp16(out, span_of_text(item->grants[i].purpose));
		buffer_lp16(out, span_of_text(item->grants[i].target));
		buffer_u64(out, item->grants[i].until_unix_ms);
	}
	return buffer_ok(out);
}

/* ---- reading ---- */

const char *item_read_text(struct reader *r, struct arena *arena)
{
	struct span bytes = reader_lp16(r);
	const char *text = utf8_valid(bytes) ? arena_text(arena, bytes) : NULL;

	if (!text)
		r->failed = true;
	return text ? text : "";
}

static size_t read_count(struct reader *r, size_t n, size_t most)
{
	if (n <= most)
		return n;
	r->failed = true;
	return 0;
}

static void read_texts(struct reader *r, size_t n, struct arena *arena, struct text_list *out)
{
	const char **v = arena_array(arena, n ? n : 1, sizeof *v);

	if (!v)
		r->failed = true;
	*out = (struct text_list){ v ? n : 0, v };
	for (size_t i = 0; i < out->n; i++)
		v[i] = item_read_text(r, arena);
}

/* What was left out: a length, and nothing to read. */
static struct span absent(uint32_t len)
{
	return (struct span){ NULL, len };
}

static struct span read_bytes(struct reader *r, struct arena *arena)
{
	struct span bytes = reader_lp16(r);
	struct span copy = arena_copy(arena, bytes);

	if (copy.len != bytes.len)
		r->failed = true;
	return copy;
}

static void read_wraps(struct reader *r, struct arena *arena, struct part *p)
{
	p->n_wraps = read_count(r, reader_u8(r), MESSAGE_LIST_MAX);
	p->wraps = arena_array(arena, p->n_wraps ? p->n_wraps : 1, sizeof *p->wraps);
	if (!p->wraps) {
		r->failed = true;
		p->n_wraps = 0;
	}
	for (size_t i = 0; i < p->n_wraps; i++) {
		p->wraps[i].recipient = item_read_text(r, arena);
		p->wraps[i].key_id = read_bytes(r, arena);
		p->wraps[i].enc = absent(reader_u16(r));
		p->wraps[i].sealed_key = absent(reader_u16(r));
	}
}

static void read_part(struct reader *r, struct arena *arena, struct part *p)
{
	struct part_header *h = &p->header;
	const char **const texts[] = { &h->category,	&h->secrecy_basis,   &h->reference_date, &h->source,
				       &h->wpg_article, &h->person_category, &h->media_type };

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		*texts[i] = item_read_text(r, arena);
	h->content_commitment = read_bytes(r, arena);
	read_texts(r, read_count(r, reader_u8(r), MESSAGE_LIST_MAX), arena, &h->conditions);
	p->suite = reader_u32(r);
	p->nonce = absent(reader_u32(r));
	p->commitment = absent(reader_u32(r));
	p->ciphertext = absent(reader_u32(r));
	read_wraps(r, arena, p);
}

/* true; false when the payload is no message of that kind. */
static bool read_payload(struct reader *r, struct arena *arena, struct message *m)
{
	unsigned kind = reader_u8(r);
	struct span payload = arena_copy(arena, reader_lp32(r));
	const char *why;

	if (r->failed || kind == 0 || kind >= MESSAGE_KIND_N)
		return false;
	return message_decode((enum message_kind)kind, payload, arena, m, &why) == MESSAGE_OK && !m->n_parts;
}

int skeleton_decode(struct span bytes, struct arena *arena, struct message *out)
{
	struct message m;
	struct reader r;
	size_t n;

	reader_init(&r, bytes);
	if (reader_u8(&r) != SKELETON_VERSION || !read_payload(&r, arena, &m))
		return ITEM_E_MALFORMED;
	n = read_count(&r, reader_u8(&r), MESSAGE_PARTS_MAX);
	m.parts = arena_array(arena, n ? n : 1, sizeof *m.parts);
	for (; m.parts && !r.failed && m.n_parts < n; m.n_parts++)
		read_part(&r, arena, &m.parts[m.n_parts]);
	if (!m.parts || !reader_done(&r))
		return ITEM_E_MALFORMED;
	*out = m;
	return ITEM_OK;
}

static void read_grants(struct reader *r, struct arena *arena, struct casus_item *item)
{
	size_t n = read_count(r, reader_u16(r), ITEM_GRANTS_MAX);
	struct item_grant *grants = arena_array(arena, n ? n : 1, sizeof *grants);

	if (!grants)
		r->failed = true;
	for (size_t i = 0; grants && i < n; i++) {
		grants[i].by = item_read_text(r, arena);
		grants[i].purpose = item_read_text(r, arena);
		grants[i].target = item_read_text(r, arena);
		grants[i].until_unix_ms = reader_u64(r);
	}
	item->grants = grants;
	item->n_grants = grants ? n : 0;
}

int item_decode(struct span bytes, struct arena *arena, struct casus_item *out)
{
	struct casus_item item = { 0 };
	struct span skeleton;
	struct reader r;
	uint8_t withdrawn;

	reader_init(&r, bytes);
	if (reader_u8(&r) != ITEM_VERSION)
		return ITEM_E_MALFORMED;
	skeleton = reader_lp32(&r);
	read_texts(&r, read_count(&r, reader_u16(&r), ITEM_SUPPLIERS_MAX), arena, &item.suppliers);
	read_texts(&r, read_count(&r, reader_u16(&r), MESSAGE_LIST_MAX), arena, &item.asked);
	withdrawn = reader_u8(&r);
	read_grants(&r, arena, &item);
	if (!reader_done(&r) || withdrawn > 1 || skeleton_decode(skeleton, arena, &item.message) != ITEM_OK)
		return ITEM_E_MALFORMED;
	item.withdrawn = withdrawn;
	*out = item;
	return ITEM_OK;
}
