/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading the log: by whom, for what, what comes, and that it is itself an entry. */
#include "tests/unit/daemon/core_draft.h"

#include <sodium.h>
#include <string.h>

#include "proto/record.h"

static struct world w;
static uint8_t casus[ID_BYTES];

static int setup(void **state)
{
	(void)state;
	world_begin(&w, 7, casus);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void draft_inzage(struct draft *d, const struct person *p)
{
	draft_begin(&w, d, MESSAGE_INZAGE, ZVHD, NULL);
	d->person = p;
	d->m.header.sender = p->hoedanigheid;
	d->m.header.person = p->id;
	d->m.header.mandate = SPAN_OF(p->digest.bytes);
	d->m.header.regime = d->m.header.grondslag = d->m.header.doel = d->m.header.overleg = "";
	d->m.body.inzage = (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "",
						 .person = "", .grondslag = "", .doel = "", .overleg = "" };
}

static void page_open(uint64_t correlation, const struct draft *d, struct arena *arena, struct log_page *out)
{
	CLEANUP(secret_freep) struct secret *key = world_reading_key("zvhd-toezicht");
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	const struct in *in = world_answer(&w, correlation, WIRE_REPLY);
	struct span copy;

	CHECK(in != NULL);
	CHECK_OK(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d->id), buffer_span(&in->body), &plain));
	copy = arena_copy(arena, buffer_span(&plain));
	CHECK_OK(log_page_decode(copy, arena, out));
}

static void test_page(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	struct record record;
	struct log_page page;
	uint64_t size;
	struct draft d;

	(void)state;
	draft_ask(&w, &d, casus, "dji-pi-noord");
	d.m.header.grondslag = "";
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	size = world_size(&w);
	draft_inzage(&d, &w.officer);
	draft_submit(&w, &d, 1, 2);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 2), CODE_TOEGESTAAN);
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_TOEGESTAAN), 1);
	page_open(2, &d, arena, &page);
	assert_int_equal(page.n, size + 1);
	assert_int_equal(page.next_index, size + 1);

	draft_inzage(&d, &w.officer);
	d.m.body.inzage.code = "GEEN_GRONDSLAG";
	draft_submit(&w, &d, 1, 3);
	world_round(&w);
	page_open(3, &d, arena, &page);
	assert_int_equal(page.n, 1);
	CHECK_OK(record_parse(page.v[0].record, arena, &record));
	CHECK_SPAN(record_get(&record, RECORD_SENDER), span_of_text("zvhd-nazorg"));
	CHECK_SPAN(record_get(&record, RECORD_CASUS), SPAN_OF(casus));

	draft_inzage(&d, &w.officer); /* by casus, in pages of two */
	d.m.body.inzage.casus = SPAN_OF(casus);
	d.m.body.inzage.limit = 2;
	draft_submit(&w, &d, 1, 4);
	world_round(&w);
	page_open(4, &d, arena, &page);
	assert_int_equal(page.n, 2);
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.casus = SPAN_OF(casus);
	d.m.body.inzage.after_index = page.next_index;
	draft_submit(&w, &d, 1, 5);
	world_round(&w);
	page_open(5, &d, arena, &page);
	assert_int_equal(page.n, 4); /* and the two readings of this casus */
	assert_int_equal(page.next_index, page.size);
}

static void digest_is(const struct record *r, enum record_tag tag, struct span note)
{
	struct span text, lines;
	struct hash digest;

	CHECK_OK(note_split(note, &text, &lines));
	crypto_hash_sha256(digest.bytes, text.ptr, text.len);
	CHECK_SPAN(record_get(r, tag), SPAN_OF(digest.bytes));
}

/* A refusal is evidence: one entry, which says who, in which casus, why, and under which versions of the rules. */
static void test_refusal_on_record(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	struct record record;
	struct log_page page;
	struct draft d, ask;
	struct span failed;

	(void)state;
	draft_ask(&w, &ask, casus, "dji-pi-noord");
	ask.m.header.grondslag = "";
	draft_submit(&w, &ask, 1, 1);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_GEEN_GRONDSLAG);
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.code = "GEEN_GRONDSLAG";
	draft_submit(&w, &d, 1, 2);
	world_round(&w);
	page_open(2, &d, arena, &page);
	assert_int_equal(page.n, 1);
	CHECK_OK(record_parse(page.v[0].record, arena, &record));
	CHECK_SPAN(record_get(&record, RECORD_MESSAGE_ID), SPAN_OF(ask.id));
	CHECK_SPAN(record_get(&record, RECORD_TRACE_ID), SPAN_OF(ask.trace));
	CHECK_SPAN(record_get(&record, RECORD_CASUS), SPAN_OF(casus));
	CHECK_SPAN(record_get(&record, RECORD_SENDER), span_of_text("zvhd-nazorg"));
	CHECK_SPAN(record_get(&record, RECORD_ORGANISATION), span_of_text("zvhd"));
	CHECK_SPAN(record_get(&record, RECORD_PERSON), span_of_text(w.nodes[ZVHD].person.id));
	CHECK(record_get(&record, RECORD_ROLE).len > 0);
	CHECK_SPAN(record_get(&record, RECORD_NODE), span_of_text(w.nodes[ZVHD].id));
	CHECK_SPAN(record_get(&record, RECORD_RECIPIENT), span_of_text("dji-pi-noord"));
	CHECK_SPAN(record_get(&record, RECORD_DOEL), span_of_text("nazorg"));
	CHECK_SPAN(record_get(&record, RECORD_CATEGORY), span_of_text("justitieel.detentieverloop"));
	failed = record_get(&record, RECORD_RULE_FAILED);
	CHECK(memmem(failed.ptr, failed.len, "GEEN_GRONDSLAG grondslag.genoemd", 32) == failed.ptr);
	digest_is(&record, RECORD_REGISTER, buffer_span(&w.notes[0]));
	digest_is(&record, RECORD_KADER, buffer_span(&w.notes[1]));
	digest_is(&record, RECORD_CONVENANT, buffer_span(&w.notes[2]));
	CHECK_SPAN(record_get(&record, RECORD_MANDATE), SPAN_OF(w.nodes[ZVHD].person.digest.bytes));
}

/* The four purposes of WGS 1.8(4), each good for a reading, each reading an entry; a refused one is an entry too. */
static void test_purposes(void **state)
{
	static const char *const purposes[] = { "rechtmatigheid", "interne-controle", "integriteit", "gerechtelijke-procedure" };
	static const char *const others[] = { "", "statistiek", "opsporing", "Rechtmatigheid" };
	struct draft d;

	(void)state;
	for (uint64_t i = 0; i < N_ELEMENTS(purposes); i++) {
		draft_inzage(&d, &w.officer);
		d.m.body.inzage.purpose = purposes[i];
		draft_submit(&w, &d, 1, 10 + i);
		draft_inzage(&d, &w.officer);
		d.m.body.inzage.purpose = others[i];
		draft_submit(&w, &d, 1, 20 + i);
		world_round(&w);
		CHECK_IS(world_receipt_code(&w, 10 + i), CODE_TOEGESTAAN);
		CHECK(world_answer(&w, 10 + i, WIRE_REPLY) != NULL);
		CHECK_IS(world_receipt_code(&w, 20 + i), CODE_GEEN_DOEL);
		CHECK(world_answer(&w, 20 + i, WIRE_REPLY) == NULL);
	}
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_TOEGESTAAN), N_ELEMENTS(purposes));
	assert_int_equal(world_entries(&w, ENTRY_INZAGE, CODE_GEEN_DOEL), N_ELEMENTS(others));
	assert_int_equal(world_entries(&w, ENTRY_BERICHT, CODE_GEEN_DOEL), 0);
}

/* A proof with each record; and no bit of a page can change on the way. */
static void test_proofs(void **state)
{
	CLEANUP(secret_freep) struct secret *key = world_reading_key("zvhd-toezicht");
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	CLEANUP(buffer_fini) struct buffer sealed = { 0 }, plain = { 0 };
	struct receipt receipt;
	struct log_page page;
	struct draft d;

	(void)state;
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.casus = SPAN_OF(casus);
	d.m.body.inzage.proofs = true;
	draft_submit(&w, &d, 1, 1);
	world_round(&w);
	page_open(1, &d, arena, &page);
	assert_int_equal(page.n, 4);
	for (size_t i = 0; i < 3; i++) {
		CHECK_OK(receipt_open(page.v[i].proof, &w.log_key, arena, &receipt));
		assert_int_equal(receipt.index, page.v[i].index);
		CHECK_SPAN(receipt.entry_bytes, page.v[i].entry);
	}
	assert_int_equal(page.v[3].proof.len, 0); /* the reading itself: not signed yet */
	buffer_bytes(&sealed, buffer_span(&world_answer(&w, 1, WIRE_REPLY)->body));
	for (size_t i = 0; i < sealed.len; i += 7) {
		sealed.ptr[i] ^= (uint8_t)(1u << i % 8);
		CHECK_IS(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d.id), buffer_span(&sealed), &plain), PART_E_OPEN);
		sealed.ptr[i] ^= (uint8_t)(1u << i % 8);
	}
	CHECK_OK(box_open(key, "knooppunt/inzage/v1", SPAN_OF(d.id), buffer_span(&sealed), &plain));
}

static void ask_for_all(struct draft *d, const char *text)
{
	draft_inzage(d, &w.officer);
	d->m.body.inzage.hoedanigheid = d->m.body.inzage.category = d->m.body.inzage.grondslag = d->m.body.inzage.doel = text;
	d->m.body.inzage.overleg = d->m.body.inzage.person = d->m.body.inzage.code = d->m.body.inzage.kind = text;
	d->m.body.inzage.casus = d->m.body.inzage.message = SPAN_OF(casus);
	d->m.body.inzage.urgent = d->m.body.inzage.own = true;
}

/* What was asked stands in the entry of the reading; what is longer than is kept is cut, between characters; nobody is named. */
static void test_words(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16u << 20);
	char longest[2][MESSAGE_TEXT_MAX + 1];
	struct record record;
	struct log_page page;
	struct span detail;
	size_t n = 0, i = 0;
	struct draft d, first;

	(void)state;
	memset(longest, 'x', sizeof longest);
	longest[0][MESSAGE_TEXT_MAX] = longest[1][MESSAGE_TEXT_MAX - 1] = '\0';
	for (size_t k = 1; k < MESSAGE_TEXT_MAX - 1; k += 2)
		memcpy(longest[1] + k, "\u00eb", 2);
	ask_for_all(&first, longest[0]);
	draft_submit(&w, &first, 1, 1);
	ask_for_all(&d, longest[1]); /* no code of anything */
	draft_submit(&w, &d, 1, 2);
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.person = "999990019"; /* a BSN */
	draft_submit(&w, &d, 1, 3);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_TOEGESTAAN);
	page_open(1, &first, arena, &page);
	assert_int_equal(page.n, 0);
	CHECK_IS(world_receipt_code(&w, 2), CODE_IDENTIFICATIE_IN_METADATA);
	CHECK_IS(world_receipt_code(&w, 3), CODE_IDENTIFICATIE_IN_METADATA);
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.kind = "INZAGE";
	draft_submit(&w, &d, 1, 4);
	world_round(&w);
	page_open(4, &d, arena, &page);
	assert_int_equal(page.n, 4);
	CHECK_OK(record_parse(page.v[0].record, arena, &record));
	while (record_next(&record, RECORD_DETAIL, &i, &detail))
		n++;
	assert_int_equal(n, 14);
	CHECK(memmem(page.v[2].record.ptr, page.v[2].record.len, "999990019", 9) == NULL);
}

/* A page costs the core more than a message does: who asks for too many in one second is told so, and that is no entry. */
static void test_too_fast(void **state)
{
	uint64_t size = world_size(&w);
	struct draft d;

	(void)state;
	for (uint64_t i = 0; i < 101; i++) {
		draft_inzage(&d, &w.officer);
		draft_submit(&w, &d, 1, 100 + i);
	}
	world_round(&w);
	assert_int_equal(world_size(&w), size + 100);
	CHECK_IS(world_receipt_code(&w, 199), CODE_TOEGESTAAN);
	CHECK(world_answer(&w, 200, WIRE_RECEIPT) == NULL && world_answer(&w, 200, WIRE_TROUBLE) != NULL);
	CHECK(memmem(world_answer(&w, 200, WIRE_TROUBLE)->body.ptr, 12, "TE_SNEL", 7) != NULL);
	draft_ask(&w, &d, casus, "dji-pi-noord"); /* other messages go on */
	draft_submit(&w, &d, 1, 300);
	world_pass(&w, 1000);
	draft_inzage(&d, &w.officer);
	draft_submit(&w, &d, 1, 301);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 300), CODE_TOEGESTAAN);
	CHECK_IS(world_receipt_code(&w, 301), CODE_TOEGESTAAN);
}

static void test_refused(void **state)
{
	uint64_t size = world_size(&w);
	struct draft d;

	(void)state;
	draft_inzage(&d, &w.nodes[ZVHD].person); /* may exchange, not read the log */
	draft_submit(&w, &d, 1, 1);
	draft_inzage(&d, &w.officer);
	d.m.body.inzage.purpose = "nieuwsgierigheid";
	draft_submit(&w, &d, 1, 2);
	world_round(&w);
	CHECK_IS(world_receipt_code(&w, 1), CODE_MEDEWERKER_NIET_GEAUTORISEERD);
	CHECK_IS(world_receipt_code(&w, 2), CODE_GEEN_DOEL);
	CHECK(world_answer(&w, 1, WIRE_REPLY) == NULL && world_answer(&w, 2, WIRE_REPLY) == NULL);
	assert_int_equal(world_size(&w), size + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusal_on_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_purposes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proofs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_fast, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
