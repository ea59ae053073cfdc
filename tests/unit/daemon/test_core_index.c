/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Questions to the log: whatever is asked, of whatever log, the pages hold exactly what a scan of all records finds. Also after a
 * crash, a batch that failed, the loss of the whole index, and the end of a key.
 */
#include "tests/unit/daemon/core_draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/core/evidence.h"
#include "daemon/core/index.h"
#include "daemon/core/retention.h"

#define N_CASUS 30
#define FOUND_MAX 40000

static struct world w;
static uint8_t casus[N_CASUS][ID_BYTES];
static uint64_t random_state, correlation;

static uint64_t dice(uint64_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(2685821657736338717) >> 33) % n;
}

static const char *const parties[] = { "zvhd-nazorg", "dji-pi-noord", "politie-noord-nederland", "reclassering-3ro", "ggz-drenthe",
				       "gemeente-assen-sociaal-domein", "zvhd-toezicht", "zvhd-procesregie" };
static const char *const people[] = { "p-1", "p-2", "p-3", "p-4", "p-5", "p-60" };
static const char *const categories[] = { "gezondheid", "gezondheid.medicatie", "woonsituatie.onderdak", "woonsituatie",
					  "justitieel.detentieverloop", "gezondheidszorg" };
static const char *const bases[] = { "WGS 2.31(3)", "Bjsg 11a bis", "WGS 1.5(1)", "Gemeentewet 172" };
static const char *const purposes[] = { "nazorg", "complexe-casus", "openbare-orde" };
static const char *const meetings[] = { "nazorg", "zvh", "jco", "" };
#define ANY(list) list[dice(N_ELEMENTS(list))]

static int setup(void **state)
{
	(void)state;
	random_state = 88172645463325252;
	correlation = 100000;
	world_open(&w, 7);
	w.map_bytes = UINT64_C(512) << 20;
	world_must_start(&w);
	world_mandates(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

/* ---- a log ---- */

static void casussen(void)
{
	struct data_key key;

	CHECK_OK(core_batch(w.core));
	for (size_t i = 0; i < N_CASUS; i++) {
		env_random(&w.env, casus[i], ID_BYTES);
		if (i % 3)
			CHECK_OK(retention_open(w.core, SPAN_OF(casus[i]), &key));
	}
	world_round(&w);
}

static void list_any(struct text_list *list, const char **room, const char *const *words, size_t n_words, size_t max)
{
	*list = (struct text_list){ 0, room };
	for (size_t n = dice(max + 1); n; n--)
		list->v[list->n++] = words[dice(n_words)];
	text_list_sort(list);
}

static void one_entry(void)
{
	const char *to[4], *what[4];
	uint8_t id[ID_BYTES];
	struct decision decision = { .code = dice(3) ? CODE_TOEGESTAAN : (enum code)dice(CODE_N) };
	struct message m = { .header = { .message_id = SPAN_OF(id), .sender = ANY(parties), .person = ANY(people), .on_behalf_of = "",
					 .regime = "WGS", .grondslag = ANY(bases), .doel = ANY(purposes), .noodzaak = "",
					 .overleg = ANY(meetings), .person_role = "", .answer_kind = "", .urgent = dice(40) == 0 } };
	const struct evidence e = { .kind = (enum entry_kind)(1 + dice(ENTRY_KIND_N - 1)), .type = "verzoek", .message_id = id,
				    .message = dice(8) ? &m : NULL, .decision = &decision, .sender = ANY(parties),
				    .casus_id = dice(5) ? span_of(ANY(casus), ID_BYTES) : SPAN_NONE };

	memset(id, (int)dice(250), sizeof id);
	list_any(&m.header.recipients, to, parties, N_ELEMENTS(parties), 3);
	list_any(&m.header.categories, what, categories, N_ELEMENTS(categories), 3);
	CHECK_OK(evidence_write(w.core, &e, NULL));
}

static void entries(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		one_entry();
		if (dice(100) == 0) {
			world_pass(&w, 1 + dice(100000));
			world_round(&w);
		}
	}
	world_round(&w);
	world_forget(&w);
}

/* ---- a scan ---- */

static bool text_is(const struct record *r, enum record_tag tag, const char *text)
{
	struct span value;
	size_t i = 0;
	bool found = false;

	while (record_next(r, tag, &i, &value))
		found |= span_equal(value, span_of_text(text));
	return found;
}

static bool category_is(const struct record *r, const char *category)
{
	char under[64];
	struct span value;
	size_t i = 0;
	bool found = text_is(r, RECORD_CATEGORY, category);

	snprintf(under, sizeof under, "%s.", category);
	while (record_next(r, RECORD_CATEGORY, &i, &value))
		found |= value.len > strlen(under) && !memcmp(value.ptr, under, strlen(under));
	return found;
}

static bool party_is(const struct record *r, const char *party)
{
	return text_is(r, RECORD_SENDER, party) || text_is(r, RECORD_RECIPIENT, party);
}

static bool record_fits(const struct body_inzage *q, const struct person *p, const struct record *r)
{
	if (q->own && !party_is(r, p->hoedanigheid))
		return false;
	if ((q->casus.len && !span_equal(record_get(r, RECORD_CASUS), q->casus)) ||
	    (q->message.len && !span_equal(record_get(r, RECORD_MESSAGE_ID), q->message)) || (q->urgent && !text_is(r, RECORD_URGENT, "")))
		return false;
	return (!*q->hoedanigheid || party_is(r, q->hoedanigheid)) && (!*q->person || text_is(r, RECORD_PERSON, q->person)) &&
	       (!*q->category || category_is(r, q->category)) && (!*q->grondslag || text_is(r, RECORD_GRONDSLAG, q->grondslag)) &&
	       (!*q->doel || text_is(r, RECORD_DOEL, q->doel)) && (!*q->overleg || text_is(r, RECORD_OVERLEG, q->overleg));
}

static bool fits(const struct body_inzage *q, const struct person *p, uint64_t index)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	const bool header_only = !q->own && !q->casus.len && !q->message.len && !q->urgent && !*q->hoedanigheid && !*q->person &&
				 !*q->category && !*q->grondslag && !*q->doel && !*q->overleg;
	struct record record = { 0 };
	struct span entry;
	struct entry e;
	bool opened;

	CHECK_OK(store_entry(w.store, index, &entry));
	CHECK_OK(entry_parse(entry, &e));
	if ((q->from_unix_ms && e.time_unix_ms < q->from_unix_ms) || (q->to_unix_ms && e.time_unix_ms >= q->to_unix_ms) ||
	    (*q->code && strcmp(q->code, code_name(e.code)) != 0) || (*q->kind && strcmp(q->kind, entry_kind_name(e.kind)) != 0))
		return false;
	CHECK_OK(evidence_open(w.core, entry, &bytes, &opened));
	if (opened)
		CHECK_OK(record_parse(buffer_span(&bytes), arena, &record));
	return header_only || (opened && record_fits(q, p, &record));
}

/* ---- asking ---- */

static struct body_inzage nothing(void)
{
	return (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "", .person = "",
				     .grondslag = "", .doel = "", .overleg = "" };
}

static void page_ask(const struct body_inzage *q, int node, const struct person *p, struct arena *arena, struct log_page *out)
{
	CLEANUP(secret_freep) struct secret *key = world_reading_key(p->hoedanigheid);
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	const struct in *in;
	struct draft d;

	draft_begin(&w, &d, MESSAGE_INZAGE, node, NULL);
	d.person = p;
	d.m.header.sender = p->hoedanigheid;
	d.m.header.person = p->id;
	d.m.header.mandate = SPAN_OF(p->digest.bytes);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.inzage = *q;
	world_pass(&w, 10); /* a hundred pages a second */
	draft_submit(&w, &d, 1 + (uint64_t)node, ++correlation);
	world_round(&w);
	in = world_answer(&w, correlation, WIRE_REPLY);
	if (!in)
		fail_msg("refused: %s", code_name((enum code)world_receipt_code(&w, correlation)));
	CHECK_OK(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d.id), buffer_span(&in->body), &plain));
	CHECK_OK(log_page_decode(arena_copy(arena, buffer_span(&plain)), arena, out));
	world_forget(&w);
}

static void question_any(struct body_inzage *q)
{
	static uint8_t id[ID_BYTES];

	*q = nothing();
	memset(id, (int)dice(250), sizeof id);
	if (!dice(3))
		q->hoedanigheid = ANY(parties);
	if (!dice(4))
		q->person = dice(20) ? ANY(people) : "p-6";
	if (!dice(4))
		q->category = dice(20) ? ANY(categories) : "gezond";
	if (!dice(5))
		q->grondslag = ANY(bases);
	if (!dice(5))
		q->doel = ANY(purposes);
	if (!dice(5))
		q->overleg = ANY(meetings);
	if (!dice(4))
		q->code = code_name((enum code)(dice(2) ? 0 : dice(CODE_N)));
	if (!dice(4))
		q->kind = dice(20) ? entry_kind_name((enum entry_kind)(1 + dice(ENTRY_KIND_N - 1))) : "verzoek";
	if (!dice(4))
		q->casus = span_of(ANY(casus), ID_BYTES);
	if (!dice(10))
		q->message = SPAN_OF(id);
	q->urgent = !dice(8);
	if (!dice(4))
		q->from_unix_ms = WORLD_NOW + dice(w.unix_ms - WORLD_NOW + 1);
	if (!dice(4))
		q->to_unix_ms = WORLD_NOW + dice(w.unix_ms - WORLD_NOW + 1);
	if (!dice(4))
		q->after_index = dice(world_size(&w) + 10);
	q->limit = dice(2) ? 500 : (uint32_t)(1 + dice(499));
}

/* The pages of a question against a scan of the first `size` entries. Returns how many it found. */
static size_t compare(struct body_inzage q, int node, const struct person *p, uint64_t size)
{
	uint64_t at = q.after_index, next = q.after_index;
	size_t n = 0;

	do {
		CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
		struct log_page page;

		q.after_index = next;
		page_ask(&q, node, p, arena, &page);
		assert_true(page.n <= q.limit && (page.next_index > next || page.next_index == page.size));
		next = page.next_index;
		for (size_t i = 0; i < page.n && page.v[i].index < size; i++, n++) {
			for (; at < page.v[i].index; at++)
				if (fits(&q, p, at))
					fail_msg("entry %llu was not found", (unsigned long long)at);
			if (at != page.v[i].index || !fits(&q, p, at++))
				fail_msg("entry %llu should not have been found", (unsigned long long)page.v[i].index);
		}
		if (page.n && page.v[page.n - 1].index >= size)
			next = size;
	} while (next < size);
	for (; at < size; at++)
		if (fits(&q, p, at))
			fail_msg("entry %llu was not found", (unsigned long long)at);
	return n;
}

static void questions(size_t times)
{
	uint64_t size = world_size(&w);
	size_t found = 0;

	for (size_t i = 0; i < times; i++) {
		struct body_inzage q;

		question_any(&q);
		found += compare(q, ZVHD, &w.officer, size);
	}
	assert_true(found > times); /* or nothing was compared */
}

/* ---- the tests ---- */

static void test_pages_equal_a_scan(void **state)
{
	(void)state;
	casussen();
	questions(20); /* all of it still in memory */
	entries(2 * INDEX_CHUNK + 700);
	questions(50);
}

/* Each entry has what is asked of it, one by one. */
static void test_each_filter(void **state)
{
	struct body_inzage q[10];
	uint64_t size;

	(void)state;
	casussen();
	entries(INDEX_CHUNK + 300);
	size = world_size(&w);
	for (size_t i = 0; i < N_ELEMENTS(q); i++)
		q[i] = nothing();
	q[0].hoedanigheid = "ggz-drenthe";
	q[1].person = "p-2";
	q[2].category = "gezondheid";
	q[3].grondslag = "WGS 1.5(1)";
	q[4].doel = "nazorg";
	q[5].overleg = "jco";
	q[6].urgent = true;
	q[7].code = "TOEGESTAAN";
	q[8].kind = "TERMIJN";
	q[9].casus = SPAN_OF(casus[4]);
	for (size_t i = 0; i < N_ELEMENTS(q); i++) {
		q[i].limit = 500;
		assert_true(compare(q[i], ZVHD, &w.officer, size) > 10);
	}
}

static void test_own(void **state)
{
	struct body_inzage q = nothing();
	uint64_t size;

	(void)state;
	casussen();
	entries(INDEX_CHUNK + 50);
	size = world_size(&w);
	q.own = true;
	q.limit = 500;
	assert_true(compare(q, DJI, &w.nodes[DJI].person, size) > 1000);
	assert_true(compare(q, GGZ, &w.nodes[GGZ].person, size) > 1000); /* an L2 */
	q.casus = SPAN_OF(casus[4]);
	assert_true(compare(q, DJI, &w.nodes[DJI].person, size) > 10);
	q.hoedanigheid = "politie-noord-nederland"; /* what politie and dji were both in, nothing else of politie */
	compare(q, DJI, &w.nodes[DJI].person, size);
}

static void test_after_a_crash(void **state)
{
	(void)state;
	casussen();
	entries(INDEX_CHUNK + 100);
	world_crash(&w);
	world_must_start(&w);
	questions(12);
	entries(INDEX_CHUNK);
	world_stop(&w);
	world_must_start(&w);
	questions(12);
}

/* The batch that finishes a chunk fails; then it succeeds. */
static void test_after_a_full_disk(void **state)
{
	(void)state;
	casussen();
	while (world_size(&w) % INDEX_CHUNK != INDEX_CHUNK - 20)
		entries(INDEX_CHUNK - 20 - world_size(&w) % INDEX_CHUNK);
	w.disk_full = true;
	for (size_t i = 0; i < 400; i++)
		one_entry();
	world_round(&w);
	assert_int_equal(world_size(&w) % INDEX_CHUNK, INDEX_CHUNK - 20);
	w.disk_full = false;
	world_pass(&w, 5000);
	questions(12); /* each of them an entry: on the way over the edge */
	entries(600);
	questions(12);
}

static size_t rows_delete(void)
{
	struct store_cursor row;
	size_t n = 0;

	CHECK_OK(core_batch(w.core));
	while (store_first(w.store, KEYSPACE_INDEX, SPAN_NONE, SPAN_NONE, &row) == STORE_OK) {
		CHECK_OK(core_delete(w.core, KEYSPACE_INDEX, row.key));
		n++;
	}
	CHECK_OK(core_delete(w.core, KEYSPACE_META, SPAN_LITERAL("index")));
	CHECK_OK(store_commit(w.store));
	return n;
}

static void test_made_again(void **state)
{
	size_t n;

	(void)state;
	casussen();
	entries(2 * INDEX_CHUNK + 10);
	n = rows_delete();
	assert_true(n > 100);
	world_crash(&w);
	world_must_start(&w);
	questions(20);
	assert_int_equal(rows_delete(), n);
}

/* Of every row: key is noise, and says which entries; marks them. */
static void rows_see(uint64_t index, size_t *terms_of_it)
{
	struct store_cursor row;
	int r = store_first(w.store, KEYSPACE_INDEX, SPAN_NONE, SPAN_NONE, &row);

	*terms_of_it = 0;
	for (; !r; r = store_next(w.store, &row)) {
		assert_int_equal(row.key.len, 24);
		for (size_t i = 0; i < N_CASUS; i++)
			assert_true(memcmp(row.key.ptr, casus[i], ID_BYTES) != 0);
		if (get_u64(row.key.ptr + 16) != index / INDEX_CHUNK)
			continue;
		if (row.value.len == INDEX_CHUNK / 8)
			*terms_of_it += row.value.ptr[index % INDEX_CHUNK / 8] >> (7 - index % 8) & 1;
		for (size_t i = 0; row.value.len < INDEX_CHUNK / 8 && i < row.value.len; i += 2)
			*terms_of_it += get_u16(row.value.ptr + i) == index % INDEX_CHUNK;
	}
}

/* The key of the log of one casus, the last step in the open batch; how many it took. A crash in between forgets no step. */
static size_t log_key_ends(bool crash)
{
	uint8_t name[4 + ID_BYTES] = "log/";
	struct data_key key;
	uint64_t chunk = 0, from;
	size_t n = 1;
	int r;

	memcpy(name + 4, casus[4], ID_BYTES);
	for (;; n++) {
		CHECK_OK(core_batch(w.core));
		CHECK_OK(keyring_of(w.core->keys, SPAN_OF(name), &key));
		from = chunk;
		r = index_forget(w.core, key.id, &chunk);
		if (r != INDEX_E_LATER)
			break;
		assert_true(chunk > from);
		world_round(&w);
		if (crash) {
			world_crash(&w);
			world_must_start(&w);
		}
	}
	CHECK_OK(r);
	CHECK_OK(keyring_end(w.core->keys, SPAN_OF(name)));
	return n;
}

/* What stays of an entry whose key went is what stands in the open in it: kind, code, key id. */
static void test_forgotten(void **state)
{
	struct body_inzage q = nothing();
	uint64_t size, first = UINT64_MAX;
	size_t terms;

	(void)state;
	casussen();
	entries(2 * INDEX_CHUNK + 500);
	size = world_size(&w);
	q.casus = SPAN_OF(casus[4]);
	q.limit = 500;
	assert_true(compare(q, ZVHD, &w.officer, size) > 100);
	for (uint64_t i = 0; first == UINT64_MAX; i++)
		if (fits(&q, &w.officer, i))
			first = i;
	rows_see(first, &terms);
	assert_true(terms > 5);
	assert_int_equal(log_key_ends(true), 2); /* a finished chunk each, and the unfinished one */
	world_round(&w);
	rows_see(first, &terms);
	assert_int_equal(terms, 3);
	assert_int_equal(compare(q, ZVHD, &w.officer, size), 0);
	questions(12);
	world_crash(&w);
	world_must_start(&w);
	questions(12);
}

/* A batch that forgets and is lost has forgotten nothing. */
static void test_not_forgotten(void **state)
{
	struct body_inzage q = nothing();
	uint64_t size;
	size_t n;

	(void)state;
	casussen();
	entries(INDEX_CHUNK + 500);
	size = world_size(&w);
	q.casus = SPAN_OF(casus[4]);
	q.limit = 500;
	n = compare(q, ZVHD, &w.officer, size);
	w.disk_full = true;
	assert_int_equal(log_key_ends(false), 1);
	world_round(&w);
	w.disk_full = false;
	world_pass(&w, 5000);
	assert_int_equal(compare(q, ZVHD, &w.officer, size), n);
	assert_true(n > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pages_equal_a_scan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_filter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_a_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_made_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
