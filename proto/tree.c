/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Everything the makers need is one question: the root of the leaves [low, low+n), with low aligned to a
 * power of two that is at least n. Such a range is the set bits of n, each a complete subtree the caller
 * holds; folding them from the right gives the root. Proofs are made by walking down from the root of the
 * whole tree, which collects the siblings in the opposite order of the proof.
 *
 * The checks are the iterative ones of RFC 9162 (2.1.3.2 and 2.1.4.2). They share no code with the makers, so
 * that a mistake in one can't be agreed with by the other; the tests hold both against a naive recursive
 * tree.
 */
#include "proto/tree.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

#define LEAF_PREFIX 0x00
#define NODE_PREFIX 0x01

void tree_hash_leaf(struct span entry, struct hash *out)
{
	static const uint8_t prefix = LEAF_PREFIX;
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &prefix, 1);
	crypto_hash_sha256_update(&state, entry.ptr, entry.len);
	crypto_hash_sha256_final(&state, out->bytes);
}

void tree_hash_node(const struct hash *left, const struct hash *right, struct hash *out)
{
	uint8_t bytes[1 + 2 * HASH_BYTES];

	bytes[0] = NODE_PREFIX;
	memcpy(bytes + 1, left->bytes, HASH_BYTES);
	memcpy(bytes + 1 + HASH_BYTES, right->bytes, HASH_BYTES);
	crypto_hash_sha256(out->bytes, bytes, sizeof bytes);
}

void tree_hash_empty(struct hash *out)
{
	crypto_hash_sha256(out->bytes, (const uint8_t *)"", 0);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

int tree_append(uint64_t size, const struct hash *leaf, tree_read_fn *read, tree_write_fn *write, void *ctx)
{
	struct hash node = *leaf;
	uint64_t index = size;
	unsigned level = 0;
	int r;

	if (size >= TREE_SIZE_MAX)
		return err_raise(-EINVAL);
	r = write(ctx, 0, size, leaf);
	/* Each trailing 1 of the old size is a complete left sibling that waits for this one. */
	while (!r && (index & 1)) {
		struct hash left;

		r = read(ctx, level, index - 1, &left);
		if (r)
			break;
		tree_hash_node(&left, &node, &node);
		index >>= 1;
		level++;
		r = write(ctx, level, index, &node);
	}
	return r ? err_pass(r) : 0;
}

/* The root of the leaves [low, low+n), n > 0; low is a multiple of a power of two that is at least n. */
static int range_root(uint64_t low, uint64_t n, tree_read_fn *read, void *ctx, struct hash *out)
{
	struct hash root;
	bool begun = false;
	int r;

	for (unsigned level = 0; level < 63; level++) {
		struct hash left;

		if (!((n >> level) & 1))
			continue;
		r = read(ctx, level, ((low + n) >> level) - 1, &left);
		if (r)
			return err_pass(r);
		if (begun)
			tree_hash_node(&left, &root, &root);
		else
			root = left;
		begun = true;
	}
	*out = root;
	return 0;
}

int tree_root(uint64_t size, tree_read_fn *read, void *ctx, struct hash *out)
{
	if (size > TREE_SIZE_MAX)
		return err_raise(-EINVAL);
	if (size == 0) {
		tree_hash_empty(out);
		return 0;
	}
	return range_root(0, size, read, ctx, out);
}

/* The largest power of two below n, n >= 2: where RFC 6962 splits. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static int proof_add(struct tree_proof *proof, uint64_t low, uint64_t n, tree_read_fn *read, void *ctx)
{
	int r;

	/* Only trees beyond 2^62 leaves have consistency proofs of 64 hashes; the formats stop at 63. */
	if (proof->n == TREE_PROOF_MAX)
		return err_raise(-EINVAL);
	r = range_root(low, n, read, ctx, &proof->path[proof->n]);
	if (r)
		return err_pass(r);
	proof->n++;
	return 0;
}

static void proof_reverse(struct tree_proof *proof)
{
	for (size_t i = 0; i < proof->n / 2; i++) {
		struct hash kept = proof->path[i];

		proof->path[i] = proof->path[proof->n - 1 - i];
		proof->path[proof->n - 1 - i] = kept;
	}
}

int tree_prove_inclusion(uint64_t index, uint64_t size, tree_read_fn *read, void *ctx, struct tree_proof *out)
{
	struct tree_proof proof = { .n = 0 };
	uint64_t low = 0;
	uint64_t n = size;
	int r;

	if (size > TREE_SIZE_MAX || index >= size)
		return err_raise(-EINVAL);
	while (n > 1) {
		uint64_t k = split(n);
		bool left = index - low < k;

		r = left ? proof_add(&proof, low + k, n - k, read, ctx)
		         : proof_add(&proof, low, k, read, ctx);
		if (r)
			return err_pass(r);
		low += left ? 0 : k;
		n = left ? k : n - k;
	}
	proof_reverse(&proof);
	*out = proof;
	return 0;
}

int tree_prove_consistency(uint64_t first, uint64_t second, tree_read_fn *read, void *ctx,
                           struct tree_proof *out)
{
	struct tree_proof proof = { .n = 0 };
	uint64_t low = 0;
	uint64_t n = second;
	uint64_t m = first;
	bool known = true; /* the range is the whole old tree, whose root the checker already has */
	int r;

	if (second > TREE_SIZE_MAX || first > second)
		return err_raise(-EINVAL);
	while (first && m < n) {
		uint64_t k = split(n);
		bool left = m <= k;

		r = left ? proof_add(&proof, low + k, n - k, read, ctx)
		         : proof_add(&proof, low, k, read, ctx);
		if (r)
			return err_pass(r);
		known = known && left;
		low += left ? 0 : k;
		m -= left ? 0 : k;
		n = left ? k : n - k;
	}
	if (!known) {
		r = proof_add(&proof, low, n, read, ctx);
		if (r)
			return err_pass(r);
	}
	proof_reverse(&proof);
	*out = proof;
	return 0;
}

bool tree_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
                          const struct tree_proof *proof, const struct hash *root)
{
	struct hash node = *leaf;
	uint64_t fn = index;
	uint64_t sn = size - 1;

	if (size > TREE_SIZE_MAX || index >= size || proof->n > TREE_PROOF_MAX)
		return false;
	for (size_t i = 0; i < proof->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			tree_hash_node(&proof->path[i], &node, &node);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tree_hash_node(&node, &proof->path[i], &node);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_equal(&node, root);
}

/*
 * Both roots that a path leads to; first < second, both in range, and a path of at least one hash. It starts from the first root
 * itself (@claimed) when first is a power of two. false: the path is of another length.
 */
static bool consistency_walk(uint64_t first, uint64_t second, const struct hash *claimed, const struct tree_proof *proof,
                             struct hash *first_root, struct hash *second_root)
{
	bool power = (first & (first - 1)) == 0;
	const struct hash *start = power ? claimed : &proof->path[0];
	struct hash old = *start;
	struct hash new = *start;
	uint64_t fn = first - 1;
	uint64_t sn = second - 1;

	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (size_t i = power ? 0 : 1; i < proof->n; i++) {
		const struct hash *c = &proof->path[i];

		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			tree_hash_node(c, &old, &old);
			tree_hash_node(c, &new, &new);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tree_hash_node(&new, c, &new);
		}
		fn >>= 1;
		sn >>= 1;
	}
	*first_root = old;
	*second_root = new;
	return sn == 0;
}

static bool consistency_sizes(uint64_t first, uint64_t second, const struct tree_proof *proof)
{
	return first > 0 && first <= second && second <= TREE_SIZE_MAX && proof->n <= TREE_PROOF_MAX;
}

bool tree_check_consistency(uint64_t first, uint64_t second, const struct hash *first_root,
                            const struct hash *second_root, const struct tree_proof *proof)
{
	struct hash old, new;

	if (!consistency_sizes(first, second, proof))
		return false;
	if (first == second)
		return proof->n == 0 && hash_equal(first_root, second_root);
	return proof->n > 0 && consistency_walk(first, second, first_root, proof, &old, &new) && hash_equal(&old, first_root) &&
	       hash_equal(&new, second_root);
}

bool tree_root_before(uint64_t first, uint64_t second, const struct hash *second_root, const struct tree_proof *proof,
                      struct hash *first_root)
{
	struct hash old, new;

	if (!consistency_sizes(first, second, proof) || first == second || (first & (first - 1)) == 0 || proof->n == 0 ||
	    !consistency_walk(first, second, NULL, proof, &old, &new) || !hash_equal(&new, second_root))
		return false;
	*first_root = old;
	return true;
}
