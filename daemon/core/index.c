/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows: KEYSPACE_INDEX, term id[16] || u64 chunk -> positions within the chunk, ascending, 2 bytes each; or, when that would be
 * 512 bytes or more, a bitmap of 512 bytes with the lowest position in the highest bit of the first byte.
 * KEYSPACE_META "index" -> u8 1 || u64 entries that the rows cover, a multiple of the chunk.
 *
 * Why chunks: one row per entry and term would cost more than the entry itself, and two long lists with nothing in common would
 * have to be walked to their end. Of 4,096 entries a term that is everywhere costs 512 bytes, and questions are ANDs of bitmaps:
 * ten million entries are 2,442 chunks. Rows of one term are neighbours, so a rare term skips all chunks without it.
 *
 * Why a key of its own: equal values are to be equal terms, whoever's record they stand in, and names of partners and of
 * functionaries must not stand in a keyspace. SipHash-2-4 with 128 bits of output, keyed: a file of rows without the store key is
 * noise. Only a message id is its own term: it is random itself, stands in other keyspaces as it is, and its first half is a time,
 * so that the rows of a chunk, one for nearly every message, are written side by side.
 *
 * What comes out is only a candidate: inzage.c looks at the record itself before it shows anything.
 */
#include "daemon/core/index_inside.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/evidence.h"

#define META_INDEX "index"
#define INDEX_VERSION 1
#define INDEX_KEY_NAME "huis/index"
#define BITMAP_BYTES (INDEX_CHUNK / 8)
#define CHUNKS_MADE_PER_BATCH 8 /* when rows are made for entries of before */
#define RECORD_ARENA_BYTES ((size_t)4 << 20)

int index_new(struct log_index **out)
{
	struct log_index *x = calloc(1, sizeof *x);

	_Static_assert(crypto_shorthash_siphashx24_BYTES == TERM_BYTES, "a term is one keyed hash");
	if (!x)
		return err_raise(-ENOMEM);
	x->arena = arena_new(RECORD_ARENA_BYTES);
	if (!x->arena) {
		free(x);
		return err_raise(-ENOMEM);
	}
	*out = x;
	return 0;
}

struct log_index *index_free(struct log_index *x)
{
	if (x) {
		arena_free(x->arena);
		free(x->tail.v);
		sodium_memzero(x, sizeof *x);
		free(x);
	}
	return NULL;
}

/* ---- terms ---- */

void index_term(const struct core *c, enum index_field field, struct span value, struct index_term *out)
{
	uint8_t bytes[1 + 512];
	size_t len = value.len < sizeof bytes - 1 ? value.len : sizeof bytes - 1; /* no header text is longer */

	if (field == INDEX_MESSAGE && value.len == TERM_BYTES) {
		memcpy(out->id, value.ptr, TERM_BYTES);
		return;
	}

	bytes[0] = (uint8_t)field;
	if (len)
		memcpy(bytes + 1, value.ptr, len);
	crypto_shorthash_siphashx24(out->id, bytes, 1 + len, c->index->key);
}

static int posting_add(struct postings *p, const struct posting *posting)
{
	if (p->n == p->capacity) {
		size_t capacity = p->capacity ? p->capacity * 2 : 1024;
		struct posting *v = reallocarray(p->v, capacity, sizeof *v);

		if (!v)
			return err_raise(-ENOMEM);
		p->v = v;
		p->capacity = capacity;
	}
	p->v[p->n++] = *posting;
	return 0;
}

static void term_put(struct terms *t, enum index_field field, struct span value)
{
	struct posting p = { .position = t->position, .header = t->header };

	if (t->error || (!value.len && field != INDEX_URGENT))
		return;
	index_term(t->c, field, value, &p.term);
	t->error = posting_add(t->out, &p);
}

static void terms_of_header(struct terms *t, const struct entry *e)
{
	uint8_t number[2];

	t->header = true;
	put_u16(number, (uint16_t)e->kind);
	term_put(t, INDEX_KIND, SPAN_OF(number));
	put_u16(number, (uint16_t)e->code);
	term_put(t, INDEX_CODE, SPAN_OF(number));
	term_put(t, INDEX_KEY, SPAN_OF(e->key_id));
	t->header = false;
}

static void category_put(struct terms *t, struct span category)
{
	for (size_t i = 0; i < category.len; i++)
		if (category.ptr[i] == '.')
			term_put(t, INDEX_CATEGORY, span_of(category.ptr, i));
	term_put(t, INDEX_CATEGORY, category);
}

static void terms_of_record(struct terms *t, const struct record *record)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct record_field *f = &record->fields[i];

		if (f->tag == RECORD_CASUS)
			term_put(t, INDEX_CASUS, f->value);
		else if (f->tag == RECORD_MESSAGE_ID)
			term_put(t, INDEX_MESSAGE, f->value);
		else if (f->tag == RECORD_SENDER || f->tag == RECORD_RECIPIENT)
			term_put(t, INDEX_HOEDANIGHEID, f->value);
		else if (f->tag == RECORD_PERSON)
			term_put(t, INDEX_PERSON, f->value);
		else if (f->tag == RECORD_CATEGORY)
			category_put(t, f->value);
		else if (f->tag == RECORD_GRONDSLAG)
			term_put(t, INDEX_GRONDSLAG, f->value);
		else if (f->tag == RECORD_DOEL)
			term_put(t, INDEX_DOEL, f->value);
		else if (f->tag == RECORD_OVERLEG)
			term_put(t, INDEX_OVERLEG, f->value);
		else if (f->tag == RECORD_URGENT)
			term_put(t, INDEX_URGENT, SPAN_NONE);
	}
}

int terms_of(struct terms *t, struct span record)
{
	struct record parsed;
	int r;

	if (!record.len)
		return 0;
	arena_reset(t->c->index->arena);
	r = record_parse(record, t->c->index->arena, &parsed);
	if (r)
		return err_fold(r);
	terms_of_record(t, &parsed);
	return err_pass(t->error);
}

static int entry_terms(struct terms *t, struct span entry, struct span record)
{
	struct entry e;
	int r = entry_parse(entry, &e);

	if (r)
		return err_fold(r);
	terms_of_header(t, &e);
	return err_pass(terms_of(t, record));
}

/* ---- rows ---- */

int by_term(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;
	uint64_t first = get_u64(x->term.id), second = get_u64(y->term.id);
	int order = first != second ? (first < second ? -1 : 1) : memcmp(x->term.id + 8, y->term.id + 8, TERM_BYTES - 8);

	return order ? order : x->position - y->position;
}

void row_key(const struct index_term *term, uint64_t chunk, uint8_t out[ROW_KEY_BYTES])
{
	memcpy(out, term->id, TERM_BYTES);
	put_u64(out + TERM_BYTES, chunk);
}

void bit_set(uint64_t *bits, unsigned position)
{
	bits[position / 64] |= UINT64_C(1) << 63 >> position % 64;
}

bool bit_get(const uint64_t *bits, unsigned position)
{
	return bits[position / 64] << position % 64 >> 63;
}

int row_read(struct span row, uint64_t *bits)
{
	if (row.len == BITMAP_BYTES) {
		for (size_t i = 0; i < INDEX_WORDS; i++)
			bits[i] |= get_u64(row.ptr + 8 * i);
		return 0;
	}
	for (size_t i = 0; i + 1 < row.len; i += 2) {
		unsigned position = get_u16(row.ptr + i);

		if (position >= INDEX_CHUNK)
			return err_raise(-EBADMSG);
		bit_set(bits, position);
	}
	return row.len % 2 ? err_raise(-EBADMSG) : 0;
}

/* A row that says nothing goes. It is deleted first in any case: whoever forgets must not seem to be adding. */
int row_write(struct core *c, const uint8_t key[ROW_KEY_BYTES], const uint64_t *bits, bool there)
{
	uint8_t row[BITMAP_BYTES];
	size_t n = 0;
	int r = there ? core_delete(c, KEYSPACE_INDEX, span_of(key, ROW_KEY_BYTES)) : 0;

	for (unsigned i = 0; i < INDEX_CHUNK && n < BITMAP_BYTES; i++) {
		if (!(bits[i / 64] << i % 64)) {
			i |= 63; /* nothing more in this word */
		} else if (bit_get(bits, i)) {
			put_u16(row + n, (uint16_t)i);
			n += 2;
		}
	}
	if (n == BITMAP_BYTES)
		for (size_t i = 0; i < INDEX_WORDS; i++)
			put_u64(row + 8 * i, bits[i]);
	if (!r && n)
		r = core_put(c, KEYSPACE_INDEX, span_of(key, ROW_KEY_BYTES), span_of(row, n));
	return err_pass(r);
}

static int covered_write(struct core *c)
{
	uint8_t value[9];

	value[0] = INDEX_VERSION;
	put_u64(value + 1, c->index->covered);
	return err_pass(core_put(c, KEYSPACE_META, SPAN_LITERAL(META_INDEX), SPAN_OF(value)));
}

/* The unfinished chunk is finished: its rows, in the open batch. */
static int chunk_write(struct core *c)
{
	struct log_index *x = c->index;
	const struct posting *v = x->tail.v;
	uint8_t key[ROW_KEY_BYTES];
	int r = 0;

	qsort(x->tail.v, x->tail.n, sizeof *x->tail.v, by_term);
	for (size_t i = 0, end; !r && i < x->tail.n; i = end) {
		uint64_t bits[INDEX_WORDS] = { 0 };

		for (end = i; end < x->tail.n && !memcmp(&v[end].term, &v[i].term, TERM_BYTES); end++)
			bit_set(bits, v[end].position);
		row_key(&v[i].term, x->covered / INDEX_CHUNK, key);
		r = row_write(c, key, bits, false);
	}
	x->tail.n = 0;
	x->covered += INDEX_CHUNK;
	return r ? err_pass(r) : err_pass(covered_write(c));
}

int index_add(struct core *c, uint64_t index, struct span entry, struct span record)
{
	struct log_index *x = c->index;
	struct terms t = { .c = c, .out = &x->tail, .position = (uint16_t)(index % INDEX_CHUNK) };
	int r = entry_terms(&t, entry, record);

	if (!r && index + 1 == x->covered + INDEX_CHUNK)
		r = chunk_write(c);
	return err_pass(r);
}

/* ---- start and rollback ---- */

static int covered_read(struct core *c, uint64_t *out)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META_INDEX), &value);

	*out = 0;
	if (r == STORE_E_ABSENT)
		return 0;
	if (r || value.len != 9 || value.ptr[0] != INDEX_VERSION)
		return r ? err_fold(r) : err_raise(-EBADMSG);
	*out = get_u64(value.ptr + 1);
	return 0;
}

/* Entries that the rows do not cover, read again: of the unfinished chunk, and once all of a store that had no index. */
static int tail_load(struct core *c)
{
	CLEANUP(buffer_fini) struct buffer entry = { 0 }, record = { 0 };
	uint64_t size = store_size(c->store), n_chunks = 0;
	int r = covered_read(c, &c->index->covered);

	c->index->tail.n = 0;
	for (uint64_t i = c->index->covered; !r && i < size; i++) {
		r = evidence_load(c, i, &entry, &record);
		if (!r)
			r = index_add(c, i, buffer_span(&entry), buffer_span(&record));
		if (!r && (i + 1) % INDEX_CHUNK == 0 && ++n_chunks % CHUNKS_MADE_PER_BATCH == 0) {
			r = keyring_flush(c->keys); /* its own key may be new */
			if (!r)
				r = store_commit(c->store);
			log_info("index-made", "entries=%llu of=%llu", (unsigned long long)c->index->covered, (unsigned long long)size);
		}
	}
	return r ? err_fold(r) : 0;
}

int index_start(struct core *c)
{
	struct data_key key;
	int r = keyring_of(c->keys, SPAN_LITERAL(INDEX_KEY_NAME), &key);

	if (r == KEYRING_E_ABSENT) {
		r = core_batch(c);
		if (!r)
			r = keyring_make(c->keys, SPAN_LITERAL(INDEX_KEY_NAME), &key);
	}
	if (r)
		return err_fold(r);
	memcpy(c->index->key, secret_bytes(key.secret), sizeof c->index->key);
	return err_pass(tail_load(c));
}

int index_rollback(struct core *c)
{
	struct log_index *x = c->index;
	uint64_t covered, size = store_size(c->store);
	size_t kept = 0;
	int r = covered_read(c, &covered);

	if (r)
		return err_pass(r);
	if (covered != x->covered || x->forgot) {
		x->forgot = false;
		return err_pass(tail_load(c));
	}
	for (size_t i = 0; i < x->tail.n; i++)
		if (x->covered + x->tail.v[i].position < size)
			x->tail.v[kept++] = x->tail.v[i];
	x->tail.n = kept;
	return 0;
}
