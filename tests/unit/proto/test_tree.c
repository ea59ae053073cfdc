/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tree against three judges: the published vectors, a naive recursive tree straight from the text of RFC
 * 6962, and for sizes nobody can build a tree of equal leaves, whose complete subtrees depend on their level
 * only.
 */
#include "tests/unit/proto/helper.h"

#include <errno.h>

#define NAIVE_MAX 300

static struct hash naive_leaves[NAIVE_MAX];

static struct hash hash_index(uint64_t i)
{
	uint8_t bytes[8];
	struct hash h;

	put_u64(bytes, i);
	tree_hash_leaf(SPAN_OF(bytes), &h);
	return h;
}

static size_t naive_split(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/* MTH of RFC 6962 2.1, as written there. */
static struct hash naive_root(size_t low, size_t n)
{
	uint8_t bytes[65] = { 1 };
	struct hash h, left, right;
	size_t k;

	if (n == 1)
		return naive_leaves[low];
	k = naive_split(n);
	left = naive_root(low, k);
	right = naive_root(low + k, n - k);
	memcpy(bytes + 1, left.bytes, 32);
	memcpy(bytes + 33, right.bytes, 32);
	crypto_hash_sha256(h.bytes, bytes, sizeof bytes);
	return h;
}

/* PATH of RFC 6962 2.1.1. */
static void naive_path(size_t m, size_t low, size_t n, struct tree_proof *proof)
{
	size_t k;

	if (n == 1)
		return;
	k = naive_split(n);
	if (m < k) {
		naive_path(m, low, k, proof);
		proof->path[proof->n++] = naive_root(low + k, n - k);
	} else {
		naive_path(m - k, low + k, n - k, proof);
		proof->path[proof->n++] = naive_root(low, k);
	}
}

/* SUBPROOF of RFC 6962 2.1.2. */
static void naive_subproof(size_t m, size_t low, size_t n, bool known, struct tree_proof *proof)
{
	size_t k;

	if (m == n) {
		if (!known)
			proof->path[proof->n++] = naive_root(low, n);
		return;
	}
	k = naive_split(n);
	if (m <= k) {
		naive_subproof(m, low, k, known, proof);
		proof->path[proof->n++] = naive_root(low + k, n - k);
	} else {
		naive_subproof(m - k, low + k, n - k, false, proof);
		proof->path[proof->n++] = naive_root(low, k);
	}
}

static void assert_proofs_equal(const struct tree_proof *a, const struct tree_proof *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_memory_equal(a->path[i].bytes, b->path[i].bytes, HASH_BYTES);
}

static void build(struct forest *f)
{
	for (uint64_t i = 0; i < NAIVE_MAX; i++) {
		uint8_t bytes[8];

		put_u64(bytes, i);
		forest_add(f, SPAN_OF(bytes));
		naive_leaves[i] = hash_index(i);
	}
}

static struct hash root_at(struct forest *f, uint64_t size)
{
	struct hash root;

	assert_int_equal(tree_root(size, forest_read, f, &root), 0);
	return root;
}

static void test_roots_are_the_naive_ones(void **state)
{
	struct forest f = { .size = 0 };
	struct hash root, empty;

	(void)state;
	build(&f);
	tree_hash_empty(&empty);
	root = root_at(&f, 0);
	assert_true(hash_equal(&root, &empty));
	for (size_t n = 1; n <= NAIVE_MAX; n++) {
		struct hash naive = naive_root(0, n);

		root = root_at(&f, n);
		assert_true(hash_equal(&root, &naive));
	}
	forest_fini(&f);
}

/* A proof that lost, gained or swapped something, or that is about something else, must fail. */
static void inclusion_mutations(uint64_t index, uint64_t size, const struct hash *leaf,
                                const struct tree_proof *proof, const struct hash *root)
{
	struct tree_proof m;
	struct hash other = *leaf;

	for (size_t i = 0; i < proof->n; i++) {
		m = *proof;
		m.path[i].bytes[(index + i) % HASH_BYTES] ^= (uint8_t)(1u << (size % 8));
		assert_false(tree_check_inclusion(index, size, leaf, &m, root));
	}
	if (proof->n) {
		m = *proof;
		m.n--;
		assert_false(tree_check_inclusion(index, size, leaf, &m, root));
		memmove(&m.path[0], &m.path[1], m.n * sizeof m.path[0]);
		assert_false(tree_check_inclusion(index, size, leaf, &m, root));
		assert_false(tree_check_inclusion(index ^ 1, size, leaf, proof, root));
	}
	m = *proof;
	m.path[m.n++] = *root;
	assert_false(tree_check_inclusion(index, size, leaf, &m, root));
	other.bytes[0] ^= 1;
	assert_false(tree_check_inclusion(index, size, &other, proof, root));
	assert_false(tree_check_inclusion(index, size, leaf, proof, &other));
	assert_false(tree_check_inclusion(size, size, leaf, proof, root));
}

static void test_inclusion_proofs(void **state)
{
	struct forest f = { .size = 0 };

	(void)state;
	build(&f);
	for (uint64_t size = 1; size <= NAIVE_MAX; size += size < 70 ? 1 : 23) {
		struct hash root = root_at(&f, size);

		for (uint64_t index = 0; index < size; index++) {
			struct tree_proof proof;
			struct tree_proof naive = { .n = 0 };

			assert_int_equal(tree_prove_inclusion(index, size, forest_read, &f, &proof), 0);
			naive_path(index, 0, size, &naive);
			assert_proofs_equal(&proof, &naive);
			assert_true(tree_check_inclusion(index, size, &naive_leaves[index], &proof, &root));
			inclusion_mutations(index, size, &naive_leaves[index], &proof, &root);
		}
	}
	forest_fini(&f);
}

static void consistency_mutations(uint64_t first, uint64_t second, const struct hash *a, const struct hash *b,
                                  const struct tree_proof *proof)
{
	struct tree_proof m;
	struct hash other = *a;

	for (size_t i = 0; i < proof->n; i++) {
		m = *proof;
		m.path[i].bytes[(first + i) % HASH_BYTES] ^= (uint8_t)(1u << (second % 8));
		assert_false(tree_check_consistency(first, second, a, b, &m));
	}
	if (proof->n) {
		m = *proof;
		m.n--;
		assert_false(tree_check_consistency(first, second, a, b, &m));
		memmove(&m.path[0], &m.path[1], m.n * sizeof m.path[0]);
		assert_false(tree_check_consistency(first, second, a, b, &m));
	}
	m = *proof;
	m.path[m.n++] = *b;
	assert_false(tree_check_consistency(first, second, a, b, &m));
	other.bytes[31] ^= 0x80;
	assert_false(tree_check_consistency(first, second, &other, b, proof));
	other = *b;
	other.bytes[7] ^= 4;
	assert_false(tree_check_consistency(first, second, a, &other, proof));
	assert_false(tree_check_consistency(second + 1, second, a, b, proof));
}

static void test_consistency_proofs(void **state)
{
	struct forest f = { .size = 0 };

	(void)state;
	build(&f);
	for (uint64_t second = 1; second <= NAIVE_MAX; second += second < 70 ? 1 : 23) {
		struct hash b = root_at(&f, second);

		for (uint64_t first = 1; first <= second; first++) {
			struct hash a = root_at(&f, first);
			struct tree_proof proof;
			struct tree_proof naive = { .n = 0 };

			assert_int_equal(tree_prove_consistency(first, second, forest_read, &f, &proof), 0);
			naive_subproof(first, 0, second, true, &naive);
			assert_proofs_equal(&proof, &naive);
			assert_true(tree_check_consistency(first, second, &a, &b, &proof));
			consistency_mutations(first, second, &a, &b, &proof);
		}
	}
	forest_fini(&f);
}

static void test_edges(void **state)
{
	struct forest f = { .size = 0 };
	struct tree_proof proof = { .n = 7 };
	struct hash root, empty;

	(void)state;
	build(&f);
	root = root_at(&f, 5);
	tree_hash_empty(&empty);
	assert_int_equal(tree_prove_inclusion(5, 5, forest_read, &f, &proof), -EINVAL);
	assert_int_equal(tree_prove_inclusion(0, 0, forest_read, &f, &proof), -EINVAL);
	assert_int_equal(tree_prove_inclusion(0, TREE_SIZE_MAX + 1, forest_read, &f, &proof), -EINVAL);
	assert_int_equal(tree_prove_consistency(6, 5, forest_read, &f, &proof), -EINVAL);
	assert_int_equal(tree_root(TREE_SIZE_MAX + 1, forest_read, &f, &root), -EINVAL);
	assert_int_equal(tree_append(TREE_SIZE_MAX, &root, forest_read, forest_write, &f), -EINVAL);
	assert_int_equal(proof.n, 7); /* untouched by failure */
	assert_int_equal(tree_prove_consistency(0, 5, forest_read, &f, &proof), 0);
	assert_int_equal(proof.n, 0);
	assert_int_equal(tree_prove_consistency(5, 5, forest_read, &f, &proof), 0);
	assert_int_equal(proof.n, 0);
	assert_true(tree_check_consistency(5, 5, &root, &root, &proof));
	assert_false(tree_check_consistency(5, 5, &root, &empty, &proof));
	assert_false(tree_check_consistency(0, 5, &empty, &root, &proof));
	assert_false(tree_check_consistency(0, 0, &empty, &empty, &proof));
	proof.n = TREE_PROOF_MAX + 1;
	assert_false(tree_check_consistency(3, 5, &root, &root, &proof));
	assert_false(tree_check_inclusion(3, 5, &root, &proof, &root));
	proof.n = 0;
	assert_false(tree_check_inclusion(0, 0, &root, &proof, &root));
	assert_false(tree_check_inclusion(0, TREE_SIZE_MAX + 1, &root, &proof, &root));
	forest_fini(&f);
}

/* A store that can't read: the error comes through and nothing is written. */
static int read_fails(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	(void)ctx, (void)level, (void)index, (void)out;
	return -EIO;
}

static int write_fails(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	(void)ctx, (void)level, (void)index, (void)node;
	return -ENOSPC;
}

static void test_store_errors_come_through(void **state)
{
	struct forest f = { .size = 0 };
	struct tree_proof proof;
	struct hash root = hash_index(0);

	(void)state;
	assert_int_equal(tree_root(3, read_fails, NULL, &root), -EIO);
	assert_int_equal(tree_prove_inclusion(1, 3, read_fails, NULL, &proof), -EIO);
	assert_int_equal(tree_prove_consistency(1, 3, read_fails, NULL, &proof), -EIO);
	assert_int_equal(tree_append(0, &root, forest_read, write_fails, &f), -ENOSPC);
	assert_int_equal(tree_append(0, &root, read_fails, forest_write, &f), 0);
	assert_int_equal(tree_append(1, &root, read_fails, forest_write, &f), -EIO);
	forest_fini(&f);
}

/* All leaves equal: the node of a level is the same everywhere, so trees of any size exist without being
 * built. */
static int equal_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	const struct hash *levels = ctx;

	assert_true(level < 63);
	assert_true(index < (TREE_SIZE_MAX >> level) + 1);
	*out = levels[level];
	return 0;
}

static void test_huge_trees(void **state)
{
	static const uint64_t sizes[] = { 70000,
		                          UINT64_C(1) << 40,
		                          (UINT64_C(1) << 61) + 12345,
		                          (UINT64_C(1) << 62) - 1,
		                          UINT64_C(1) << 62,
		                          TREE_SIZE_MAX - 1,
		                          TREE_SIZE_MAX };
	struct hash levels[63];
	struct hash a, b;
	struct tree_proof proof;

	(void)state;
	levels[0] = hash_index(1);
	for (size_t i = 1; i < N_ELEMENTS(levels); i++)
		tree_hash_node(&levels[i - 1], &levels[i - 1], &levels[i]);
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		const uint64_t at[] = { 0, 1, sizes[i] / 3, sizes[i] / 2, sizes[i] - 2, sizes[i] - 1 };

		assert_int_equal(tree_root(sizes[i], equal_read, levels, &b), 0);
		for (size_t k = 0; k < N_ELEMENTS(at); k++) {
			assert_int_equal(tree_prove_inclusion(at[k], sizes[i], equal_read, levels, &proof),
			                 0);
			assert_true(tree_check_inclusion(at[k], sizes[i], &levels[0], &proof, &b));
			if (at[k] == 0 || sizes[i] > UINT64_C(1) << 62)
				continue;
			assert_int_equal(tree_root(at[k], equal_read, levels, &a), 0);
			assert_int_equal(tree_prove_consistency(at[k], sizes[i], equal_read, levels, &proof),
			                 0);
			assert_true(tree_check_consistency(at[k], sizes[i], &a, &b, &proof));
		}
	}
	/* 64 hashes: beyond what any of the formats carries. */
	assert_int_equal(tree_prove_consistency(3, TREE_SIZE_MAX, equal_read, levels, &proof), -EINVAL);
}

static void proof_of_json(const json_t *list, struct tree_proof *proof)
{
	proof->n = json_array_size(list);
	assert_true(proof->n <= TREE_PROOF_MAX);
	for (size_t i = 0; i < proof->n; i++)
		proof->path[i] = hash_of_hex(json_string_value(json_array_get(list, i)));
}

static void test_ct8_vectors(void **state)
{
	json_t *root = vectors_load("vectors/rfc6962/ct8_tree.json");
	const json_t *roots = json_object_get(root, "roots");
	struct forest f = { .size = 0 };
	struct tree_proof expected, proof;
	const json_t *one;
	struct hash h, want;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(root, "leaves_hex"), i, one)
	{
		uint8_t leaf[64];
		size_t len = json_string_length(one) / 2;

		assert_true(hex_decode(span_of_text(json_string_value(one)), leaf, len));
		forest_add(&f, span_of(leaf, len));
		want = hash_of_hex(
			json_string_value(json_array_get(json_object_get(root, "leaf_hashes"), i)));
		assert_true(hash_equal(&f.nodes[0][i], &want));
	}
	json_array_foreach(roots, i, one)
	{
		h = root_at(&f, i);
		want = hash_of_hex(json_string_value(one));
		assert_true(hash_equal(&h, &want));
	}
	json_array_foreach(json_object_get(root, "inclusion"), i, one)
	{
		proof_of_json(json_object_get(one, "proof"), &expected);
		assert_int_equal(tree_prove_inclusion(json_number(one, "index"), json_number(one, "size"),
		                                      forest_read, &f, &proof),
		                 0);
		assert_proofs_equal(&proof, &expected);
	}
	json_array_foreach(json_object_get(root, "consistency"), i, one)
	{
		proof_of_json(json_object_get(one, "proof"), &expected);
		assert_int_equal(tree_prove_consistency(json_number(one, "size1"), json_number(one, "size2"),
		                                        forest_read, &f, &proof),
		                 0);
		assert_proofs_equal(&proof, &expected);
	}
	forest_fini(&f);
	json_decref(root);
}

/*
 * The probes hold hashes of other lengths than 32, which this code's types can't express; they are cut or
 * filled up here, so that every probe goes through the checks. The expected answer stays that of the probe.
 */
static struct hash hash_of_probe(const json_t *text, uint8_t fill)
{
	uint8_t bytes[256];
	struct hash h;
	size_t len = 0;

	memset(&h, fill, sizeof h);
	if (json_is_string(text))
		assert_true(base64_decode(span_of_text(json_string_value(text)), bytes, sizeof bytes, &len));
	if (len)
		memcpy(h.bytes, bytes, len < HASH_BYTES ? len : HASH_BYTES);
	return h;
}

static void proof_of_probe(const json_t *list, struct tree_proof *proof)
{
	proof->n = json_array_size(list);
	assert_true(proof->n <= TREE_PROOF_MAX);
	for (size_t i = 0; i < proof->n; i++)
		proof->path[i] = hash_of_probe(json_array_get(list, i), 0);
}

static void test_merkle_probes(void **state)
{
	json_t *root = vectors_load("vectors/rfc6962/transparency_dev_merkle_probes.json");
	struct tree_proof proof;
	const json_t *one;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(root, "inclusion"), i, one)
	{
		struct hash leaf = hash_of_probe(json_object_get(one, "leafHash"), 0);
		struct hash tree = hash_of_probe(json_object_get(one, "root"), 0xff);
		bool want = !json_is_true(json_object_get(one, "wantErr"));

		proof_of_probe(json_object_get(one, "proof"), &proof);
		if (tree_check_inclusion(json_number(one, "leafIdx"), json_number(one, "treeSize"), &leaf,
		                         &proof, &tree) != want)
			fail_msg("%s", json_text(one, "file"));
	}
	assert_int_equal(i, 98);
	json_array_foreach(json_object_get(root, "consistency"), i, one)
	{
		struct hash a = hash_of_probe(json_object_get(one, "root1"), 0);
		struct hash b = hash_of_probe(json_object_get(one, "root2"), 0);
		bool want = !json_is_true(json_object_get(one, "wantErr"));

		proof_of_probe(json_object_get(one, "proof"), &proof);
		if (tree_check_consistency(json_number(one, "size1"), json_number(one, "size2"), &a, &b,
		                           &proof) != want)
			fail_msg("%s", json_text(one, "file"));
	}
	assert_int_equal(i, 98);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roots_are_the_naive_ones),
		cmocka_unit_test(test_inclusion_proofs),
		cmocka_unit_test(test_consistency_proofs),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_store_errors_come_through),
		cmocka_unit_test(test_huge_trees),
		cmocka_unit_test(test_ct8_vectors),
		cmocka_unit_test(test_merkle_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
