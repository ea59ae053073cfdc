/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The Merkle tree of RFC 6962 section 2.1 (= RFC 9162 2.1), SHA-256, with the iterative checks of RFC 9162.
 *
 * A tree is known by its complete subtrees: node (level, index) covers the leaves [index*2^level, (index+1)*2^level).
 * The caller stores them and lends a reader; roots and proofs of any size up to 2^63-1 follow from it.
 * Pure functions, any thread.
 */
#include <stdbool.h>

#include "base/span.h"

#define HASH_BYTES 32
#define TREE_PROOF_MAX 63
#define TREE_SIZE_MAX ((UINT64_C(1) << 63) - 1)

struct hash {
	uint8_t bytes[HASH_BYTES];
};

struct tree_proof {
	size_t n;
	struct hash path[TREE_PROOF_MAX];
};

/* Reads one complete subtree's hash; 0, or <0 fatal (a missing node is a fatal error of the caller's store). */
typedef int tree_read_fn(void *ctx, unsigned level, uint64_t index, struct hash *out);
/* Stores one complete subtree's hash; 0 or <0 fatal. */
typedef int tree_write_fn(void *ctx, unsigned level, uint64_t index, const struct hash *node);

void tree_hash_leaf(struct span entry, struct hash *out);                                      /* SHA-256(00 || entry) */
void tree_hash_node(const struct hash *left, const struct hash *right, struct hash *out);      /* SHA-256(01 || l || r) */
void tree_hash_empty(struct hash *out);                                                        /* SHA-256("") */
bool hash_equal(const struct hash *a, const struct hash *b);

/* tree_append() - writes the new leaf's node and every subtree it completes; size is the tree's size before. */
MUST_CHECK int tree_append(uint64_t size, const struct hash *leaf, tree_read_fn *read, tree_write_fn *write, void *ctx);
MUST_CHECK int tree_root(uint64_t size, tree_read_fn *read, void *ctx, struct hash *out);
/* Proofs: index < size, first <= second; otherwise -EINVAL. first == 0 or first == second gives the empty proof. */
MUST_CHECK int tree_prove_inclusion(uint64_t index, uint64_t size, tree_read_fn *read, void *ctx, struct tree_proof *out);
MUST_CHECK int tree_prove_consistency(uint64_t first, uint64_t second, tree_read_fn *read, void *ctx, struct tree_proof *out);

/* Checks, RFC 9162 2.1.3.2 and 2.1.4.2. What those leave open: first == 0 is refused; equal sizes need an empty proof, equal roots. */
bool tree_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf, const struct tree_proof *proof,
			  const struct hash *root);
bool tree_check_consistency(uint64_t first, uint64_t second, const struct hash *first_root, const struct hash *second_root,
			    const struct tree_proof *proof);
/*
 * tree_root_before() - the root that the second tree had at the first size, as a proof of it shows. So a proof that does not lead
 * to the root somebody holds tells more than that: which root is there instead. false: it does not lead to the second root,
 * or can't tell (of a first size that is a power of two the root is no part of the proof).
 */
bool tree_root_before(uint64_t first, uint64_t second, const struct hash *second_root, const struct tree_proof *proof,
		      struct hash *first_root);
