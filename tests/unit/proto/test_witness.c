/* SPDX-License-Identifier: EUPL-1.2 */
/* Cards, what COSIGN carries, and which two heads can be of one history. */
#include "tests/unit/proto/helper.h"

#include "proto/witness.h"

#define ORIGIN "zvh.example/log-1"
#define NODE "politie"
#define SIZE_MAX_TRIED 40

static struct note_key log_key, node_key, witness_key;
static struct secret *log_secret, *node_secret, *witness_secret;

static int setup(void **state)
{
	(void)state;
	log_secret = key_from_seed(1, ORIGIN, NOTE_KEY_ED25519, &log_key);
	node_secret = key_from_seed(2, NODE, NOTE_KEY_ED25519, &node_key);
	witness_secret = key_from_seed(3, NODE "." ORIGIN, NOTE_KEY_COSIGNATURE, &witness_key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	secret_free(log_secret);
	secret_free(node_secret);
	secret_free(witness_secret);
	return 0;
}

static void test_card(void **state)
{
	CLEANUP(buffer_fini) struct buffer card = { 0 }, other = { 0 };
	struct note_key key, wrong;
	struct secret *secret;
	struct span node;

	(void)state;
	assert_int_equal(witness_card_print(ORIGIN, &witness_key, &node_key, node_secret, &card), 0);
	assert_int_equal(witness_card_open(buffer_span(&card), ORIGIN, NODE, node_key.public_key, &key), WITNESS_OK);
	assert_memory_equal(key.public_key, witness_key.public_key, 32);
	assert_int_equal(key.type, NOTE_KEY_COSIGNATURE);
	assert_int_equal(witness_card_node(buffer_span(&card), &node), WITNESS_OK);
	assert_true(span_equal(node, SPAN_LITERAL(NODE)));
	assert_int_equal(witness_card_open(buffer_span(&card), "zvh.example/log-2", NODE, node_key.public_key, &key), WITNESS_E_MALFORMED);
	assert_int_equal(witness_card_open(buffer_span(&card), ORIGIN, "om", node_key.public_key, &key), WITNESS_E_MALFORMED);
	assert_int_not_equal(witness_card_open(buffer_span(&card), ORIGIN, NODE, witness_key.public_key, &key), WITNESS_OK);
	/* Every change of a byte, every cut. */
	for (size_t i = 0; i < card.len; i++) {
		card.ptr[i] ^= 1;
		assert_int_not_equal(witness_card_open(buffer_span(&card), ORIGIN, NODE, node_key.public_key, &key), WITNESS_OK);
		card.ptr[i] ^= 1;
		assert_int_not_equal(witness_card_open(span_of(card.ptr, i), ORIGIN, NODE, node_key.public_key, &key), WITNESS_OK);
	}
	/* A key of another name or use is no witness's key of this node, whoever signs for it. */
	secret = key_from_seed(3, "om." ORIGIN, NOTE_KEY_COSIGNATURE, &wrong);
	assert_int_equal(witness_card_print(ORIGIN, &wrong, &node_key, node_secret, &other), 0);
	assert_int_equal(witness_card_open(buffer_span(&other), ORIGIN, NODE, node_key.public_key, &key), WITNESS_E_MALFORMED);
	secret_free(secret);
	secret = key_from_seed(3, NODE "." ORIGIN, NOTE_KEY_ED25519, &wrong);
	buffer_reset(&other);
	assert_int_equal(witness_card_print(ORIGIN, &wrong, &node_key, node_secret, &other), 0);
	assert_int_equal(witness_card_open(buffer_span(&other), ORIGIN, NODE, node_key.public_key, &key), WITNESS_E_MALFORMED);
	secret_free(secret);
}

static void test_name(void **state)
{
	char name[NOTE_NAME_MAX + 1], origin[NOTE_NAME_MAX + 1];

	(void)state;
	assert_true(witness_name(NODE, ORIGIN, name));
	assert_string_equal(name, NODE "." ORIGIN);
	memset(origin, 'o', NOTE_NAME_MAX);
	origin[NOTE_NAME_MAX - 2] = '\0';
	assert_true(witness_name("n", origin, name));
	origin[NOTE_NAME_MAX - 2] = 'o';
	origin[NOTE_NAME_MAX - 1] = '\0';
	assert_false(witness_name("n", origin, name));
}

static void test_cosign_body(void **state)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	struct span card, note;

	(void)state;
	cosign_print(SPAN_LITERAL("card"), SPAN_LITERAL("note"), &body);
	assert_int_equal(cosign_parse(buffer_span(&body), &card, &note), WITNESS_OK);
	assert_true(span_equal(card, SPAN_LITERAL("card")) && span_equal(note, SPAN_LITERAL("note")));
	for (size_t i = 0; i <= 6; i++)
		assert_int_equal(cosign_parse(span_of(body.ptr, i), &card, &note), WITNESS_E_MALFORMED);
	while (body.len < 6 + WITNESS_CHECKPOINT_MAX)
		buffer_u8(&body, 'x');
	assert_int_equal(cosign_parse(buffer_span(&body), &card, &note), WITNESS_OK);
	buffer_u8(&body, 'x');
	assert_int_equal(cosign_parse(buffer_span(&body), &card, &note), WITNESS_E_MALFORMED);
	buffer_reset(&body);
	buffer_u16(&body, WITNESS_CARD_MAX + 1);
	while (body.len < WITNESS_CARD_MAX + 8)
		buffer_u8(&body, 'x');
	assert_int_equal(cosign_parse(buffer_span(&body), &card, &note), WITNESS_E_MALFORMED);
}

/* The log's line alone is left, whatever stands around it. */
static void test_strip(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, text = { 0 }, alone = { 0 }, wanted = { 0 };
	struct checkpoint c = { .origin = ORIGIN, .size = 7, .root = { { 9 } } };

	(void)state;
	assert_int_equal(checkpoint_print(&c, &text), 0);
	assert_int_equal(note_begin(&note, buffer_span(&text)), NOTE_OK);
	assert_int_equal(note_cosign(&note, buffer_span(&text), &witness_key, witness_secret, 5), NOTE_OK);
	assert_int_equal(witness_strip(buffer_span(&note), &log_key, &alone), WITNESS_E_SIGNATURE);
	assert_int_equal(note_sign(&note, buffer_span(&text), &log_key, log_secret), NOTE_OK);
	assert_int_equal(note_sign(&note, buffer_span(&text), &node_key, node_secret), NOTE_OK);
	assert_int_equal(witness_strip(buffer_span(&note), &log_key, &alone), WITNESS_OK);
	assert_int_equal(note_begin(&wanted, buffer_span(&text)), NOTE_OK);
	assert_int_equal(note_sign(&wanted, buffer_span(&text), &log_key, log_secret), NOTE_OK);
	assert_true(span_equal(buffer_span(&alone), buffer_span(&wanted)));
	assert_int_equal(witness_strip(SPAN_LITERAL("x"), &log_key, &alone), WITNESS_E_SIGNATURE);
}

/* ---- histories ---- */

static struct checkpoint head_of(struct forest *f, uint64_t size)
{
	struct checkpoint c = { .origin = ORIGIN, .size = size };

	assert_int_equal(tree_root(size, forest_read, f, &c.root), 0);
	return c;
}

/* Two logs that are alike up to a leaf. */
static void grow_apart(struct forest *a, struct forest *b, uint64_t size, uint64_t at)
{
	for (uint64_t i = 0; i < size; i++) {
		uint8_t leaf[8], other[8];

		put_u64(leaf, i);
		put_u64(other, i == at ? i + 1000 : i);
		forest_add(a, SPAN_OF(leaf));
		forest_add(b, SPAN_OF(other));
	}
}

/* One head of each: no fork before the leaf that differs; after it never "one history", and proven by the other log's own proof. */
static void test_histories(void **state)
{
	struct forest a = { .size = 0 }, b = { .size = 0 };
	const uint64_t at = 5;

	(void)state;
	grow_apart(&a, &b, SIZE_MAX_TRIED, at);
	for (uint64_t n = 0; n <= SIZE_MAX_TRIED; n++)
		for (uint64_t m = 0; m <= SIZE_MAX_TRIED; m++) {
			struct checkpoint of_a = head_of(&a, n), of_b = head_of(&b, m);
			bool power = n && (n & (n - 1)) == 0;
			struct tree_proof proof, bent;
			enum history h;

			if (n > m)
				continue;
			assert_int_equal(tree_prove_consistency(n, m, forest_read, &b, &proof), 0);
			h = history_judge(&of_a, &of_b, &proof);
			assert_int_equal(history_judge(&of_b, &of_a, &proof), h);
			if (n <= at)
				assert_int_equal(h, HISTORY_ONE);
			else
				assert_int_equal(h, power && n < m ? HISTORY_UNPROVEN : HISTORY_FORK);
			if (n <= at || n == m)
				continue;
			/* A proof that anyone could have written shows nothing. */
			bent = proof;
			bent.path[proof.n - 1].bytes[0] ^= 1;
			assert_int_equal(history_judge(&of_a, &of_b, &bent), HISTORY_UNPROVEN);
			bent = (struct tree_proof){ 0 };
			assert_int_equal(history_judge(&of_a, &of_b, &bent), HISTORY_UNPROVEN);
		}
	forest_fini(&a);
	forest_fini(&b);
}

static void test_root_before(void **state)
{
	struct forest f = { .size = 0 }, same = { .size = 0 };

	(void)state;
	grow_apart(&f, &same, SIZE_MAX_TRIED, UINT64_MAX);
	for (uint64_t m = 1; m <= SIZE_MAX_TRIED; m++)
		for (uint64_t n = 1; n < m; n++) {
			struct checkpoint old = head_of(&f, n), new = head_of(&f, m);
			struct tree_proof proof;
			struct hash shown;
			bool power = (n & (n - 1)) == 0;

			assert_int_equal(tree_prove_consistency(n, m, forest_read, &f, &proof), 0);
			assert_int_equal(tree_root_before(n, m, &new.root, &proof, &shown), !power);
			if (!power)
				assert_true(hash_equal(&shown, &old.root));
			assert_false(tree_root_before(n, m, &old.root, &proof, &shown));
			assert_false(tree_root_before(m, m, &new.root, &proof, &shown));
			assert_false(tree_root_before(0, m, &new.root, &proof, &shown));
		}
	forest_fini(&f);
	forest_fini(&same);
}

static void test_proof_text(void **state)
{
	static const char *const bad[] = { "", "old 1", "old\n", "old 01\n", "new 1\n", "old 1\n\n", "old 1\nAAAA\n",
					   "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n" };
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct tree_proof proof = { .n = 3, .path = { { { 1 } }, { { 2 } }, { { 3 } } } }, again;
	uint64_t old;

	(void)state;
	history_proof_print(77, &proof, &text);
	assert_int_equal(history_proof_parse(buffer_span(&text), &old, &again), WITNESS_OK);
	assert_int_equal(old, 77);
	assert_int_equal(again.n, 3);
	assert_memory_equal(again.path, proof.path, 3 * sizeof again.path[0]);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_int_equal(history_proof_parse(span_of_text(bad[i]), &old, &again), WITNESS_E_MALFORMED);
	proof.n = TREE_PROOF_MAX;
	buffer_reset(&text);
	history_proof_print(1, &proof, &text);
	assert_int_equal(history_proof_parse(buffer_span(&text), &old, &again), WITNESS_OK);
	buffer_text(&text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
	assert_int_equal(history_proof_parse(buffer_span(&text), &old, &again), WITNESS_E_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_card),      cmocka_unit_test(test_name),        cmocka_unit_test(test_cosign_body),
		cmocka_unit_test(test_strip),     cmocka_unit_test(test_histories),   cmocka_unit_test(test_root_before),
		cmocka_unit_test(test_proof_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
