/* SPDX-License-Identifier: EUPL-1.2 */
/* Checkpoints: the vectors, one spelling per head, and the four ways in which one is not ours. */
#include "tests/unit/proto/helper.h"

#include <errno.h>

#include "proto/checkpoint.h"

#define ROOT "pvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDYCb4="
#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void test_vectors(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/checkpoint_cosignature_vectors.json");
	struct note_key key;
	struct buffer b;
	const json_t *one;
	size_t i;

	(void)state;
	assert_int_equal(note_key_parse(&key, span_of_json(root, "log_vkey")), NOTE_OK);
	buffer_init(&b, 0);
	json_array_foreach(json_object_get(root, "checkpoints"), i, one)
	{
		struct hash want = hash_of_hex(json_text(one, "root_hex"));
		struct checkpoint c;

		assert_int_equal(checkpoint_parse(span_of_json(one, "body"), &c), CHECKPOINT_OK);
		buffer_reset(&b);
		assert_int_equal(checkpoint_print(&c, &b), 0);
		assert_true(span_equal(buffer_span(&b), span_of_json(one, "body")));
		assert_int_equal(checkpoint_open(span_of_json(one, "signed"), &key, &c), CHECKPOINT_OK);
		assert_int_equal(checkpoint_open(span_of_json(one, "cosigned"), &key, &c), CHECKPOINT_OK);
		assert_int_equal(c.size, json_number(one, "size"));
		assert_true(hash_equal(&c.root, &want));
		assert_string_equal(c.origin, "log.example.test/convenant-1");
	}
	assert_int_equal(i, 8);
	buffer_fini(&b);
	json_decref(root);
}

/* The roots of the vectors are those of the leaves "entry 0", "entry 1" ... */
static void test_vector_roots_from_leaves(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/checkpoint_cosignature_vectors.json");
	struct forest f = { .size = 0 };
	const json_t *one;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(root, "checkpoints"), i, one)
	{
		struct hash want = hash_of_hex(json_text(one, "root_hex"));
		struct hash got;

		while (f.size < json_number(one, "size")) {
			char text[32];

			snprintf(text, sizeof text, "entry %llu", (unsigned long long)f.size);
			forest_add(&f, span_of_text(text));
		}
		assert_int_equal(tree_root(f.size, forest_read, &f, &got), 0);
		assert_true(hash_equal(&got, &want));
	}
	forest_fini(&f);
	json_decref(root);
}

static void test_strictness(void **state)
{
	static const char *const good[] = {
		"a\n5\n" ROOT "\n",
		"a\n0\n" EMPTY "\n",
		"a\n5\n" ROOT "\next\n",
		"a\n5\n" ROOT "\none\ntwo\n",
		"a\n9223372036854775807\n" ROOT "\n",
	};
	static const char *const bad[] = {
		"",
		"\n",
		"a\n",
		"a\n5\n",
		"a\n5\n" ROOT,
		"\n5\n" ROOT "\n",
		"a\n\n" ROOT "\n",
		"a\n5\n\n",
		"a\n05\n" ROOT "\n",
		"a\n+5\n" ROOT "\n",
		"a\n-5\n" ROOT "\n",
		"a\n 5\n" ROOT "\n",
		"a\n5 \n" ROOT "\n",
		"a\n5x\n" ROOT "\n",
		"a\n0x5\n" ROOT "\n",
		"a\n9223372036854775808\n" ROOT "\n",
		"a\n18446744073709551617\n" ROOT "\n",
		"a\n99999999999999999999999\n" ROOT "\n",
		"a\n0\n" ROOT "\n",
		"a\n00\n" EMPTY "\n",
		"a\n5\n" ROOT "\n\n",
		"a\n5\n" ROOT "\next\n\nmore\n",
		"a\n5\n" ROOT "\next",
		"a b\n5\n" ROOT "\n",
		"a+b\n5\n" ROOT "\n",
		"a\r\n5\r\n" ROOT "\r\n",
		"a\n5\npvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDYCb5=\n", /* trailing bits */
		"a\n5\npvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDYCb4\n",  /* no padding */
		"a\n5\npvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDYCQ==\n", /* 31 bytes */
		"a\n5\npvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDYCb4A\n", /* 33 bytes */
		"a\n5\npvIQFA6OIxCQBzVhS3DDmYCbVjFwRKDmUWLkvVDY\xc3\xa9"
		"A=\n", /* not ASCII */
		"a\n5\n" ROOT " \n",
		"a\n5\n" ROOT "\nx\ty\n",
		"\xff\n5\n" ROOT "\n",
	};
	struct checkpoint c = { .size = 42 };
	char text[CHECKPOINT_TEXT_MAX + 2];
	size_t len;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		if (checkpoint_parse(span_of_text(bad[i]), &c) != CHECKPOINT_E_MALFORMED)
			fail_msg("accepted %zu: %s", i, bad[i]);
	assert_int_equal(c.size, 42);
	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		if (checkpoint_parse(span_of_text(good[i]), &c) != CHECKPOINT_OK)
			fail_msg("refused %zu: %s", i, good[i]);
	len = (size_t)snprintf(text, sizeof text, "%s%0400d\n", good[0], 0);
	assert_int_equal(checkpoint_parse(span_of(text, len), &c), CHECKPOINT_OK);
	memset(text + len - 1, 'x', sizeof text - len);
	text[CHECKPOINT_TEXT_MAX - 1] = '\n';
	assert_int_equal(checkpoint_parse(span_of(text, CHECKPOINT_TEXT_MAX), &c), CHECKPOINT_OK);
	text[CHECKPOINT_TEXT_MAX - 1] = 'x';
	text[CHECKPOINT_TEXT_MAX] = '\n';
	assert_int_equal(checkpoint_parse(span_of(text, CHECKPOINT_TEXT_MAX + 1), &c),
	                 CHECKPOINT_E_MALFORMED);
}

static void test_whose_checkpoint(void **state)
{
	struct note_key log, other, witness, namesake;
	struct secret *log_secret = key_from_seed(1, "huis.example/log", NOTE_KEY_ED25519, &log);
	struct secret *other_secret = key_from_seed(2, "ander.example/log", NOTE_KEY_ED25519, &other);
	struct secret *witness_secret = key_from_seed(3, "huis.example/log", NOTE_KEY_COSIGNATURE, &witness);
	struct secret *namesake_secret = key_from_seed(4, "huis.example/log", NOTE_KEY_ED25519, &namesake);
	struct span text = SPAN_LITERAL("huis.example/log\n5\n" ROOT "\n");
	struct span foreign = SPAN_LITERAL("ander.example/log\n5\n" ROOT "\n");
	struct checkpoint_seen seen = { 0 };
	struct checkpoint c = { .size = 42 };
	struct buffer b;

	(void)state;
	buffer_init(&b, 0);
	assert_int_equal(note_begin(&b, text), NOTE_OK);
	assert_int_equal(note_sign(&b, text, &other, other_secret), NOTE_OK);
	assert_int_equal(checkpoint_open(buffer_span(&b), &log, &c), CHECKPOINT_E_SIGNATURE);
	assert_int_equal(checkpoint_open(buffer_span(&b), &other, &c), CHECKPOINT_E_ORIGIN);
	assert_int_equal(note_sign(&b, text, &log, log_secret), NOTE_OK);
	assert_int_equal(checkpoint_open(buffer_span(&b), &namesake, &c), CHECKPOINT_E_SIGNATURE);
	assert_int_equal(note_cosign(&b, text, &witness, witness_secret, 7), NOTE_OK);
	assert_int_equal(checkpoint_open(buffer_span(&b), &witness, &c), CHECKPOINT_E_SIGNATURE);
	assert_int_equal(c.size, 42);
	assert_int_equal(checkpoint_open(buffer_span(&b), &log, &c), CHECKPOINT_OK);
	assert_int_equal(c.size, 5);
	/* Remembered for this key and these bytes alone. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(checkpoint_open_seen(buffer_span(&b), &log, &seen, &c), CHECKPOINT_OK);
	assert_int_equal(checkpoint_open_seen(buffer_span(&b), &namesake, &seen, &c), CHECKPOINT_E_SIGNATURE);
	assert_int_equal(checkpoint_open_seen(buffer_span(&b), &log, &seen, &c), CHECKPOINT_OK);
	b.ptr[text.len - 6] ^= 1;
	assert_int_not_equal(checkpoint_open_seen(buffer_span(&b), &log, &seen, &c), CHECKPOINT_OK);
	assert_int_not_equal(checkpoint_open_seen(buffer_span(&b), &log, &seen, &c), CHECKPOINT_OK);
	buffer_reset(&b);
	assert_int_equal(note_begin(&b, foreign), NOTE_OK);
	assert_int_equal(note_sign(&b, foreign, &other, other_secret), NOTE_OK);
	assert_int_equal(checkpoint_open(buffer_span(&b), &log, &c), CHECKPOINT_E_ORIGIN);
	assert_int_equal(checkpoint_open(foreign, &log, &c), CHECKPOINT_E_MALFORMED);
	/* Signed by us, and not a checkpoint. */
	buffer_reset(&b);
	assert_int_equal(note_begin(&b, SPAN_LITERAL("huis.example/log\n")), NOTE_OK);
	assert_int_equal(note_sign(&b, SPAN_LITERAL("huis.example/log\n"), &log, log_secret), NOTE_OK);
	assert_int_equal(checkpoint_open(buffer_span(&b), &log, &c), CHECKPOINT_E_MALFORMED);
	buffer_fini(&b);
	secret_free(log_secret);
	secret_free(other_secret);
	secret_free(witness_secret);
	secret_free(namesake_secret);
}

static void test_print_refuses(void **state)
{
	struct checkpoint c = { .origin = "a b", .size = 1 };
	struct buffer b;

	(void)state;
	buffer_init(&b, 0);
	assert_int_equal(checkpoint_print(&c, &b), -EINVAL);
	strcpy(c.origin, "a");
	c.size = TREE_SIZE_MAX + 1;
	assert_int_equal(checkpoint_print(&c, &b), -EINVAL);
	assert_int_equal(b.len, 0);
	buffer_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),       cmocka_unit_test(test_vector_roots_from_leaves),
		cmocka_unit_test(test_strictness),    cmocka_unit_test(test_whose_checkpoint),
		cmocka_unit_test(test_print_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
