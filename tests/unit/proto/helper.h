/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the tests of the log formats share: vector files, hashes from text, keys from fixed seeds, a tree in
 * memory.
 */
#include <jansson.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "proto/note.h"
#include "proto/tree.h"

/* A vector file, relative to tests/. */
static inline json_t *vectors_load(const char *path)
{
	json_error_t error;
	/* Numbers as doubles: one file holds 2^64-1, which no integer of the library can. */
	json_t *root = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);

	if (!root)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

static inline const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

/* A number below 2^53, or one so large that only its being out of range matters. */
static inline uint64_t json_uint(const json_t *number)
{
	double v = json_real_value(number);

	assert_true(json_is_real(number) && v >= 0);
	return v < 0x1p63 ? (uint64_t)v : UINT64_MAX;
}

static inline uint64_t json_number(const json_t *object, const char *key)
{
	return json_uint(json_object_get(object, key));
}

static inline struct span span_of_json(const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);

	assert_true(json_is_string(text));
	return span_of(json_string_value(text), json_string_length(text));
}

static inline struct hash hash_of_hex(const char *hex)
{
	struct hash h;

	assert_true(hex_decode(span_of_text(hex), h.bytes, HASH_BYTES));
	return h;
}

/* A key pair from the seed that is 32 times the same byte. */
static inline struct secret *key_from_seed(uint8_t byte, const char *name, uint8_t type, struct note_key *key)
{
	uint8_t seed[32], public_key[32], secret_key[64];
	struct secret *secret;

	memset(seed, byte, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	assert_int_equal(note_key_init(key, name, type, public_key), NOTE_OK);
	secret = secret_from(SPAN_OF(secret_key));
	assert_non_null(secret);
	return secret;
}

/* Every complete subtree of a growing tree, in memory. */
#define FOREST_LEVELS 24
struct forest {
	struct hash *nodes[FOREST_LEVELS];
	uint64_t n[FOREST_LEVELS];
	uint64_t capacity[FOREST_LEVELS];
	uint64_t size;
};

static inline int forest_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	struct forest *f = ctx;

	assert_true(level < FOREST_LEVELS && index < f->n[level]);
	*out = f->nodes[level][index];
	return 0;
}

static inline int forest_write(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	struct forest *f = ctx;

	assert_true(level < FOREST_LEVELS && index == f->n[level]);
	if (f->n[level] == f->capacity[level]) {
		f->capacity[level] = f->capacity[level] ? 2 * f->capacity[level] : 16;
		f->nodes[level] = realloc(f->nodes[level], f->capacity[level] * sizeof *node);
		assert_non_null(f->nodes[level]);
	}
	f->nodes[level][f->n[level]++] = *node;
	return 0;
}

static inline void forest_add(struct forest *f, struct span entry)
{
	struct hash leaf;

	tree_hash_leaf(entry, &leaf);
	assert_int_equal(tree_append(f->size, &leaf, forest_read, forest_write, f), 0);
	f->size++;
}

static inline void forest_fini(struct forest *f)
{
	for (unsigned i = 0; i < FOREST_LEVELS; i++)
		free(f->nodes[i]);
}
