/* SPDX-License-Identifier: EUPL-1.2 */
/* Statements and receipts: there and back, the vector receipts, and which of the three proofs breaks by what
 * change. */
#include "tests/unit/proto/helper.h"

#include <errno.h>

#include "proto/receipt.h"
#include "tests/lib/faults.h"

#define ORIGIN "huis.example/log"
#define N_LEAVES 11

struct world {
	struct note_key key;
	struct secret *secret;
	struct secret *entry_key;
	struct arena *arena;
	struct forest forest;
	uint8_t salt[SALT_BYTES];
	struct buffer statement;
	struct buffer entry;
	struct buffer checkpoint;
	struct tree_proof proof;
	uint64_t index;
	struct buffer text;
};

static void sign_head(struct world *w)
{
	struct checkpoint head = { .origin = ORIGIN, .size = w->forest.size };
	CLEANUP(buffer_fini) struct buffer text;

	buffer_init(&text, 0);
	assert_int_equal(tree_root(w->forest.size, forest_read, &w->forest, &head.root), 0);
	assert_int_equal(checkpoint_print(&head, &text), 0);
	assert_int_equal(note_begin(&w->checkpoint, buffer_span(&text)), NOTE_OK);
	assert_int_equal(note_sign(&w->checkpoint, buffer_span(&text), &w->key, w->secret), NOTE_OK);
}

static void world_init(struct world *w, enum entry_kind kind, enum code code, const struct statement *s)
{
	struct entry e = { .kind = kind, .code = code, .time_unix_ms = 1767225600000 };

	*w = (struct world){ .index = 6 };
	w->secret = key_from_seed(1, ORIGIN, NOTE_KEY_ED25519, &w->key);
	w->entry_key = secret_random(ENTRY_KEY_BYTES);
	w->arena = arena_new(RECEIPT_ARENA_BYTES);
	memset(w->salt, 0x77, sizeof w->salt);
	assert_int_equal(statement_print(s, &w->statement), 0);
	entry_binding(w->salt, buffer_span(&w->statement), e.binding);
	assert_int_equal(entry_seal(&e, env_system(), w->entry_key, SPAN_LITERAL("record"), &w->entry),
	                 ENTRY_OK);
	for (uint64_t i = 0; i < N_LEAVES; i++)
		forest_add(&w->forest, i == w->index ? buffer_span(&w->entry) : SPAN_OF(w->salt));
	sign_head(w);
	assert_int_equal(tree_prove_inclusion(w->index, N_LEAVES, forest_read, &w->forest, &w->proof), 0);
	assert_int_equal(receipt_print(buffer_span(&w->entry), w->salt, buffer_span(&w->statement), w->index,
	                               &w->proof, buffer_span(&w->checkpoint), &w->text),
	                 0);
}

static void world_fini(struct world *w)
{
	secret_free(w->secret);
	secret_free(w->entry_key);
	arena_free(w->arena);
	forest_fini(&w->forest);
	buffer_fini(&w->statement);
	buffer_fini(&w->entry);
	buffer_fini(&w->checkpoint);
	buffer_fini(&w->text);
}

static struct statement accepted(void)
{
	struct statement s = { .message_id = { 1, 2 }, .digest = { { 3, 4 } } };

	return s;
}

static struct statement refused(void)
{
	struct statement s = accepted();

	s.n = 2;
	s.findings[0] = (struct statement_finding){ CODE_GEEN_GRONDSLAG, "grondslag", "" };
	s.findings[1] =
		(struct statement_finding){ CODE_CATEGORIE_NIET_TOEGESTAAN, "categorie-l2", "godsdienst" };
	return s;
}

static void test_receipt_of_acceptance(void **state)
{
	struct statement s = accepted();
	struct world w;
	struct receipt r;

	(void)state;
	world_init(&w, ENTRY_BERICHT, CODE_TOEGESTAAN, &s);
	assert_int_equal(receipt_open(buffer_span(&w.text), &w.key, w.arena, &r), RECEIPT_OK);
	assert_string_equal(receipt_rung(&r), "AANVAARD");
	assert_int_equal(r.index, 6);
	assert_int_equal(r.checkpoint.size, N_LEAVES);
	assert_int_equal(r.statement.n, 0);
	assert_memory_equal(r.statement.message_id, s.message_id, ID_BYTES);
	assert_true(hash_equal(&r.statement.digest, &s.digest));
	assert_true(span_equal(r.entry_bytes, buffer_span(&w.entry)));
	assert_true(span_equal(r.checkpoint_note, buffer_span(&w.checkpoint)));
	assert_memory_equal(r.salt, w.salt, SALT_BYTES);
	world_fini(&w);
}

static void test_receipt_of_refusal(void **state)
{
	struct statement s = refused();
	struct world w;
	struct receipt r;

	(void)state;
	world_init(&w, ENTRY_BERICHT, CODE_GEEN_GRONDSLAG, &s);
	assert_int_equal(receipt_open(buffer_span(&w.text), &w.key, w.arena, &r), RECEIPT_OK);
	assert_string_equal(receipt_rung(&r), "GEWEIGERD");
	assert_int_equal(r.entry.code, CODE_GEEN_GRONDSLAG);
	assert_int_equal(r.statement.n, 2);
	assert_int_equal(r.statement.findings[1].code, CODE_CATEGORIE_NIET_TOEGESTAAN);
	assert_string_equal(r.statement.findings[1].rule, "categorie-l2");
	assert_string_equal(r.statement.findings[1].subject, "godsdienst");
	assert_string_equal(r.statement.findings[0].subject, "");
	world_fini(&w);
}

static void test_rungs(void **state)
{
	static const struct {
		enum entry_kind kind;
		enum code code;
		const char *rung;
	} rungs[] = {
		{ ENTRY_AFGELEVERD, CODE_TOEGESTAAN, "AFGELEVERD" },
		{ ENTRY_GEOPEND, CODE_TOEGESTAAN, "GEOPEND" },
		{ ENTRY_TERMIJN, CODE_TERMIJN_VERSTREKEN, "TERMIJN" },
		{ ENTRY_TERMIJN, CODE_TOEGESTAAN, "HERINNERD" },
	};
	struct statement s = accepted();

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rungs); i++) {
		struct world w;
		struct receipt r;

		world_init(&w, rungs[i].kind, rungs[i].code, &s);
		assert_int_equal(receipt_open(buffer_span(&w.text), &w.key, w.arena, &r), RECEIPT_OK);
		assert_string_equal(receipt_rung(&r), rungs[i].rung);
		world_fini(&w);
	}
}

/* Prints the receipt again with one part changed and says what opening it gives. */
static int reopen(struct world *w, struct span entry, struct span statement, uint64_t index,
                  struct span checkpoint)
{
	struct receipt r;

	buffer_reset(&w->text);
	assert_int_equal(receipt_print(entry, w->salt, statement, index, &w->proof, checkpoint, &w->text), 0);
	arena_reset(w->arena);
	return receipt_open(buffer_span(&w->text), &w->key, w->arena, &r);
}

static void test_what_breaks_what(void **state)
{
	struct statement s = refused();
	struct statement none = accepted();
	struct world w;
	struct buffer other;
	struct span entry, statement, note;

	(void)state;
	world_init(&w, ENTRY_BERICHT, CODE_GEEN_GRONDSLAG, &s);
	buffer_init(&other, 0);
	entry = buffer_span(&w.entry);
	statement = buffer_span(&w.statement);
	note = buffer_span(&w.checkpoint);
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_OK);
	assert_int_equal(reopen(&w, entry, statement, 5, note), RECEIPT_E_INCLUSION);
	assert_int_equal(reopen(&w, entry, statement, N_LEAVES, note), RECEIPT_E_INCLUSION);
	/* Another statement, another salt. */
	none.message_id[0] ^= 1;
	assert_int_equal(statement_print(&none, &other), 0);
	assert_int_equal(reopen(&w, entry, buffer_span(&other), 6, note), RECEIPT_E_BINDING);
	w.salt[31] ^= 1;
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_BINDING);
	w.salt[31] ^= 1;
	/* The entry's time changed: the binding still holds, the tree does not. */
	w.entry.ptr[11] ^= 1;
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_INCLUSION);
	w.entry.ptr[11] ^= 1;
	/* A refusal relabelled as acceptance contradicts its own statement. */
	put_u16(w.entry.ptr + 2, 0);
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_MALFORMED);
	put_u16(w.entry.ptr + 2, CODE_GEEN_GRONDSLAG);
	w.proof.path[1].bytes[3] ^= 1;
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_INCLUSION);
	w.proof.path[1].bytes[3] ^= 1;
	w.proof.n--;
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_INCLUSION);
	w.proof.n++;
	/* Another house's log, and a log of the same name with another key. */
	secret_free(w.secret);
	w.secret = key_from_seed(5, ORIGIN, NOTE_KEY_ED25519, &w.key);
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_SIGNATURE);
	secret_free(w.secret);
	w.secret = key_from_seed(1, "ander.example/log", NOTE_KEY_ED25519, &w.key);
	assert_int_equal(reopen(&w, entry, statement, 6, note), RECEIPT_E_SIGNATURE);
	buffer_fini(&other);
	world_fini(&w);
}

static void test_every_bit_counts(void **state)
{
	struct statement s = refused();
	struct world w;
	struct receipt r;
	int seen[RECEIPT_E_INCLUSION + 1] = { 0 };

	(void)state;
	world_init(&w, ENTRY_BERICHT, CODE_GEEN_GRONDSLAG, &s);
	for (size_t i = 0; i < w.text.len * 8; i++) {
		int result;

		w.text.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
		arena_reset(w.arena);
		result = receipt_open(buffer_span(&w.text), &w.key, w.arena, &r);
		if (result <= RECEIPT_OK || result > RECEIPT_E_INCLUSION)
			fail_msg("bit %zu: %d", i, result);
		seen[result]++;
		w.text.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	for (int i = RECEIPT_E_MALFORMED; i <= RECEIPT_E_INCLUSION; i++)
		assert_true(seen[i] > 0);
	for (size_t len = 0; len < w.text.len; len++) {
		arena_reset(w.arena);
		assert_int_not_equal(receipt_open(span_of(w.text.ptr, len), &w.key, w.arena, &r), RECEIPT_OK);
	}
	world_fini(&w);
}

/* Leaves of our own choosing, proofs and cosigned checkpoints of another implementation. */
static void test_vector_receipts(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/checkpoint_cosignature_vectors.json");
	struct note_key key;
	const json_t *one;
	size_t i, n = 0;

	(void)state;
	assert_int_equal(note_key_parse(&key, span_of_json(root, "log_vkey")), NOTE_OK);
	json_array_foreach(json_object_get(root, "checkpoints"), i, one)
	{
		struct tlog_proof proof;
		struct checkpoint c;
		struct hash leaf;

		if (!json_object_get(one, "tlog_proof"))
			continue;
		assert_int_equal(tlog_proof_parse(span_of_json(one, "tlog_proof"), &proof), RECEIPT_OK);
		assert_null(proof.extra.ptr);
		tree_hash_leaf(span_of_json(one, "tlog_proof_entry"), &leaf);
		assert_int_equal(checkpoint_open(proof.checkpoint_note, &key, &c), CHECKPOINT_OK);
		assert_int_equal(c.size, json_number(one, "size"));
		assert_true(tree_check_inclusion(proof.index, c.size, &leaf, &proof.proof, &c.root));
		assert_false(tree_check_inclusion(proof.index + 1, c.size, &leaf, &proof.proof, &c.root));
		n++;
	}
	assert_int_equal(n, 7);
	json_decref(root);
}

/* A receipt of another application (no extra line, or another's) is well formed as a proof and is not ours.
 */
static void test_foreign_receipts(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/checkpoint_cosignature_vectors.json");
	json_t *spec = vectors_load("vectors/c2sp/c2sp_spec_and_ecosystem_examples.json");
	const json_t *one = json_array_get(json_object_get(root, "checkpoints"), 3);
	const json_t *shape = json_object_get(spec, "tlog_proof_shape_example");
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	struct note_key key;
	struct tlog_proof proof;
	struct receipt r;

	(void)state;
	assert_int_equal(note_key_parse(&key, span_of_json(root, "log_vkey")), NOTE_OK);
	assert_int_equal(receipt_open(span_of_json(one, "tlog_proof"), &key, arena, &r), RECEIPT_E_MALFORMED);
	/* The shape is a proof; its unpadded extra line is refused where it is read. */
	assert_int_equal(tlog_proof_parse(span_of_json(shape, "text"), &proof), RECEIPT_OK);
	assert_int_equal(proof.index, 73894);
	assert_int_equal(proof.proof.n, 5);
	assert_int_equal(receipt_open(span_of_json(shape, "text"), &key, arena, &r), RECEIPT_E_MALFORMED);
	json_decref(root);
	json_decref(spec);
}

static void test_malformed_proofs(void **state)
{
	static const char *const bad[] = {
		"",
		"c2sp.org/tlog-proof@v1",
		"c2sp.org/tlog-proof@v1\n",
		"c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
		"c2sp.org/tlog-proof@v1\r\nindex 0\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex 0\n",
		"c2sp.org/tlog-proof@v1\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex -1\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex  0\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nx\n",
		"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx\n",
		"c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\nx\n",
		"c2sp.org/tlog-proof@v1\nextra AAAA\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\nx\n",
	};
	struct tlog_proof proof = { .index = 5 };
	struct buffer b;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		if (tlog_proof_parse(span_of_text(bad[i]), &proof) != RECEIPT_E_MALFORMED)
			fail_msg("accepted %zu", i);
	assert_int_equal(proof.index, 5);
	buffer_init(&b, 0);
	buffer_text(&b, "c2sp.org/tlog-proof@v1\nindex 0\n");
	for (size_t i = 0; i < TREE_PROOF_MAX; i++)
		buffer_text(&b, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
	buffer_text(&b, "\nx\n");
	assert_int_equal(tlog_proof_parse(buffer_span(&b), &proof), RECEIPT_OK);
	assert_int_equal(proof.proof.n, TREE_PROOF_MAX);
	b.len -= 3;
	buffer_text(&b, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n");
	assert_int_equal(tlog_proof_parse(buffer_span(&b), &proof), RECEIPT_E_MALFORMED);
	buffer_fini(&b);
}

static void test_statements(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct statement s = refused();
	struct statement again;
	struct buffer b;

	(void)state;
	buffer_init(&b, 0);
	for (s.n = 0; s.n < STATEMENT_FINDINGS_MAX; s.n++)
		s.findings[s.n] = (struct statement_finding){ CODE_GEEN_DOEL, "doel", "caf\xc3\xa9" };
	assert_int_equal(statement_print(&s, &b), 0);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_OK);
	assert_int_equal(again.n, STATEMENT_FINDINGS_MAX);
	assert_string_equal(again.findings[31].subject, "caf\xc3\xa9");
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(statement_parse(span_of(b.ptr, len), arena, &again), STATEMENT_E_MALFORMED);
	buffer_u8(&b, 0);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	b.len--;
	b.ptr[0] = 2;
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	b.ptr[0] = 1;
	put_u16(b.ptr + 49, STATEMENT_FINDINGS_MAX + 1);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	put_u16(b.ptr + 49, STATEMENT_FINDINGS_MAX);
	put_u16(b.ptr + 51, CODE_N);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	put_u16(b.ptr + 51, CODE_TOEGESTAAN);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	put_u16(b.ptr + 51, CODE_GEEN_DOEL);
	b.ptr[55] = ' ';
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_E_MALFORMED);
	b.ptr[55] = 'd';
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_OK);
	buffer_fini(&b);
}

/* What a sender wrote can't keep its refusal from being recorded. */
static void test_hostile_subjects(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct statement s = accepted();
	struct statement again;
	char subject[1000];
	struct buffer b;

	(void)state;
	buffer_init(&b, 0);
	memset(subject, 'a', sizeof subject);
	memcpy(subject + STATEMENT_SUBJECT_MAX - 2, "\xe2\x82\xac", 3); /* a character across the limit */
	subject[sizeof subject - 1] = '\0';
	s.n = 3;
	s.findings[0] = (struct statement_finding){ CODE_SCHEMA_ONGELDIG, "schema", subject };
	s.findings[1] = (struct statement_finding){ CODE_SCHEMA_ONGELDIG, "schema", "\xff\xfe" };
	s.findings[2] = (struct statement_finding){ CODE_SCHEMA_ONGELDIG, "schema", NULL };
	assert_int_equal(statement_print(&s, &b), 0);
	assert_int_equal(statement_parse(buffer_span(&b), arena, &again), STATEMENT_OK);
	assert_int_equal(strlen(again.findings[0].subject), STATEMENT_SUBJECT_MAX - 2);
	assert_string_equal(again.findings[1].subject, "?");
	assert_string_equal(again.findings[2].subject, "");
	buffer_reset(&b);
	s.findings[1].rule = "met spatie";
	assert_int_equal(statement_print(&s, &b), -EINVAL);
	s.findings[1].rule = "";
	assert_int_equal(statement_print(&s, &b), -EINVAL);
	s.findings[1].rule = "schema";
	s.findings[1].code = CODE_TOEGESTAAN;
	assert_int_equal(statement_print(&s, &b), -EINVAL);
	s.n = STATEMENT_FINDINGS_MAX + 1;
	assert_int_equal(statement_print(&s, &b), -EINVAL);
	assert_int_equal(b.len, 0);
	buffer_fini(&b);
}

/* Each allocation fails once: -ENOMEM, and nothing of the receipt comes out. */
static void test_out_of_memory(void **state)
{
	struct statement s = refused();
	struct world w;
	unsigned nth = 1;

	(void)state;
	world_init(&w, ENTRY_BERICHT, CODE_GEEN_GRONDSLAG, &s);
	for (;; nth++) {
		struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
		struct receipt r = { .index = 99 };
		struct buffer printed = { 0 };
		bool failed;
		int opened, written;

		faults_begin(nth);
		opened = receipt_open(buffer_span(&w.text), &w.key, arena, &r);
		written = receipt_print(buffer_span(&w.entry), w.salt, buffer_span(&w.statement), w.index,
		                        &w.proof, buffer_span(&w.checkpoint), &printed);
		failed = faults_end();
		buffer_fini(&printed);
		arena_free(arena);
		assert_int_equal(opened == -ENOMEM || written == -ENOMEM, failed);
		assert_int_equal(r.index, opened ? 99 : 6);
		if (!failed)
			break;
	}
	assert_true(nth > 3);
	world_fini(&w);
}

static void test_error_texts(void **state)
{
	(void)state;
	for (int i = RECEIPT_OK; i <= RECEIPT_E_INCLUSION; i++)
		for (int k = RECEIPT_OK; k < i; k++)
			assert_string_not_equal(receipt_error_text(i), receipt_error_text(k));
	assert_non_null(receipt_error_text(99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receipt_of_acceptance),
		cmocka_unit_test(test_receipt_of_refusal),
		cmocka_unit_test(test_rungs),
		cmocka_unit_test(test_what_breaks_what),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_vector_receipts),
		cmocka_unit_test(test_foreign_receipts),
		cmocka_unit_test(test_malformed_proofs),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_hostile_subjects),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_error_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
