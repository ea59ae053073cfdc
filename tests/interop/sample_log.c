/* SPDX-License-Identifier: EUPL-1.2 */
/* Keys come from fixed seeds: they protect nothing. A failure here is the test's, so everything is asserted.
 */
#include "tests/interop/sample_log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 40
#define KEY_SEED 0x4b

struct sample_log {
	uint64_t size;
	struct buffer entries;
	size_t *offsets; /* size + 1 of them */
	struct buffer nodes[LEVELS];
	struct note_key key;
	struct secret *secret;
	struct secret *entry_key; /* zeroes */
	uint64_t next_random;
	uint8_t seed;
};

static void sample_random(void *ctx, uint8_t *out, size_t len)
{
	struct sample_log *log = ctx;
	uint8_t seed[randombytes_SEEDBYTES] = { log->seed };

	put_u64(seed + 8, log->next_random++);
	randombytes_buf_deterministic(out, len, seed);
}

static int node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	const struct sample_log *log = ctx;

	ASSERT(level < LEVELS && (index + 1) * sizeof *out <= log->nodes[level].len);
	memcpy(out, log->nodes[level].ptr + index * sizeof *out, sizeof *out);
	return 0;
}

static int node_write(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	struct sample_log *log = ctx;

	ASSERT(level < LEVELS && index * sizeof *node == log->nodes[level].len);
	buffer_bytes(&log->nodes[level], SPAN_OF(node->bytes));
	return buffer_ok(&log->nodes[level]);
}

static void salt_for(uint64_t index, uint8_t salt[SALT_BYTES])
{
	uint8_t bytes[8];

	put_u64(bytes, index);
	crypto_generichash(salt, SALT_BYTES, bytes, sizeof bytes, NULL, 0);
}

static void statement_for(uint64_t index, enum code code, struct buffer *out)
{
	struct statement s = { .n = 0 };

	put_u64(s.message_id, index);
	put_u64(s.digest.bytes, ~index);
	if (code != CODE_TOEGESTAAN) {
		s.n = 1;
		s.findings[0] = (struct statement_finding){ code, "regel-1", "politie" };
	}
	ASSERT(statement_print(&s, out) == 0);
}

static enum code code_for(uint64_t index)
{
	return index % 3 ? CODE_TOEGESTAAN : (enum code)(index % CODE_N);
}

static void entry_make(struct sample_log *log, uint64_t index, const struct env *env, size_t record_max)
{
	static const uint8_t record[ENTRY_MAX] = { 1, 2, 3 };
	CLEANUP(buffer_fini) struct buffer statement;
	uint8_t salt[SALT_BYTES];
	struct entry e = {
		.kind = (enum entry_kind)(1 + index % (ENTRY_KIND_N - 1)),
		.code = code_for(index),
		.time_unix_ms = UINT64_C(1767225600000) + 1000 * index,
	};

	buffer_init(&statement, 0);
	salt_for(index, salt);
	statement_for(index, e.code, &statement);
	entry_binding(salt, buffer_span(&statement), e.binding);
	env_random(env, e.random, sizeof e.random);
	ASSERT(entry_seal(&e, env, log->entry_key, span_of(record, index * 37 % (record_max + 1)),
	                  &log->entries) == 0);
}

struct sample_log *sample_log_new(uint64_t size, uint8_t seed, size_t record_max)
{
	struct sample_log *log = calloc(1, sizeof *log);
	struct env env = { .random = sample_random, .ctx = log };
	uint8_t key_seed[32], public_key[32], secret_key[64];

	ASSERT(log && sodium_init() >= 0);
	log->size = size;
	log->seed = seed;
	log->offsets = calloc(size + 1, sizeof *log->offsets);
	log->entry_key = secret_new(ENTRY_KEY_BYTES);
	ASSERT(log->offsets && log->entry_key);
	memset(key_seed, KEY_SEED, sizeof key_seed);
	crypto_sign_seed_keypair(public_key, secret_key, key_seed);
	log->secret = secret_from(SPAN_OF(secret_key));
	ASSERT(log->secret &&
	       note_key_init(&log->key, SAMPLE_ORIGIN, NOTE_KEY_ED25519, public_key) == NOTE_OK);
	for (uint64_t i = 0; i < size; i++) {
		struct hash leaf;
		struct span entry;

		log->offsets[i] = log->entries.len;
		entry_make(log, i, &env, record_max);
		log->offsets[i + 1] = log->entries.len;
		ASSERT(sample_log_entry(log, i, &entry) == 0);
		tree_hash_leaf(entry, &leaf);
		ASSERT(tree_append(i, &leaf, node_read, node_write, log) == 0);
	}
	return log;
}

struct sample_log *sample_log_free(struct sample_log *log)
{
	if (!log)
		return NULL;
	buffer_fini(&log->entries);
	for (unsigned i = 0; i < LEVELS; i++)
		buffer_fini(&log->nodes[i]);
	secret_free(log->secret);
	secret_free(log->entry_key);
	free(log->offsets);
	free(log);
	return NULL;
}

const struct note_key *sample_log_key(const struct sample_log *log)
{
	return &log->key;
}

int sample_log_entry(void *ctx, uint64_t index, struct span *entry)
{
	const struct sample_log *log = ctx;

	ASSERT(index < log->size);
	*entry = span_of(log->entries.ptr + log->offsets[index],
	                 log->offsets[index + 1] - log->offsets[index]);
	return 0;
}

/* The tree functions take a context they may write to; reading leaves the log as it is. */
static void *reading(const struct sample_log *log)
{
	return (void *)(uintptr_t)log;
}

void sample_log_sign(const struct sample_log *log, uint64_t size, struct buffer *out)
{
	struct checkpoint head = { .origin = SAMPLE_ORIGIN, .size = size };
	CLEANUP(buffer_fini) struct buffer text;

	buffer_init(&text, 0);
	buffer_reset(out);
	ASSERT(size <= log->size && tree_root(size, node_read, reading(log), &head.root) == 0);
	ASSERT(checkpoint_print(&head, &text) == 0);
	ASSERT(note_begin(out, buffer_span(&text)) == NOTE_OK);
	ASSERT(note_sign(out, buffer_span(&text), &log->key, log->secret) == NOTE_OK);
}

void sample_log_receipt(const struct sample_log *log, uint64_t index, uint64_t size, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer statement;
	CLEANUP(buffer_fini) struct buffer head;
	uint8_t salt[SALT_BYTES];
	struct tree_proof proof;
	struct span entry;

	buffer_init(&statement, 0);
	buffer_init(&head, 0);
	buffer_reset(out);
	salt_for(index, salt);
	statement_for(index, code_for(index), &statement);
	sample_log_sign(log, size, &head);
	ASSERT(sample_log_entry(reading(log), index, &entry) == 0);
	ASSERT(tree_prove_inclusion(index, size, node_read, reading(log), &proof) == 0);
	ASSERT(receipt_print(entry, salt, buffer_span(&statement), index, &proof, buffer_span(&head), out) ==
	       0);
}

int sample_log_export(struct sample_log *log, uint64_t size, const char *dir, struct tiles_report *report)
{
	CLEANUP(buffer_fini) struct buffer head;
	struct tiles_source source = { .log_key = &log->key, .entry = sample_log_entry, .ctx = log };

	buffer_init(&head, 0);
	sample_log_sign(log, size, &head);
	source.checkpoint_note = buffer_span(&head);
	return tiles_export(dir, &source, report);
}
