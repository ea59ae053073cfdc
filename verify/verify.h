/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * knooppunt-verify - checks a dossier of a house's log, offline, with the log's public key and nothing else.
 *
 * Written a second time on purpose: it shares no line with the house or its command, needs libsodium for the primitives and jansson
 * for JSON, and is meant to be read whole. The bytes it checks stand in docs/protocol.md (sections 4 to 7) and docs/dossier.md.
 *
 *   file.c     reading a file, saying what is wrong
 *   note.c     keys, signed notes, checkpoints, cosignatures
 *   proof.c    receipts: the leaf, its place in the tree, what it is bound to, what it seals
 *   record.c   the sealed record as fields
 *   dossier.c  the file as a whole
 *   log.c      with --log: that nothing of the casus was left out
 *   main.c     options, files, the verdict in words
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_MAX ((size_t)256 << 20)
#define KEYS_MAX 64

struct bytes { /* borrowed */
	const uint8_t *p;
	size_t n;
};
struct bytes bytes_of(const void *p, size_t n);
struct bytes text_of(const char *text);

/* What is wrong, for a person; the first thing found stays. */
struct fault {
	char text[400];
};
bool wrong(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3))); /* always false */

/* ---- note.c ---- */
struct key {
	char name[128];
	uint8_t type, id[4], public_key[32]; /* type 1: Ed25519; 4: cosignature/v1 */
};
struct head {
	char origin[128];
	uint64_t size;
	uint8_t root[32];
	unsigned n_cosigned;     /* of the witnesses given */
	bool cosigned[KEYS_MAX];
};
struct trust {
	struct key log;
	struct key witnesses[KEYS_MAX];
	unsigned n_witnesses, quorum;
};
bool key_parse(const char *vkey, struct key *out);
/* head_open() - a checkpoint signed by the log key; a line of a given key that does not hold is a fault. */
bool head_open(struct bytes note, const struct trust *t, struct head *out, struct fault *f);
bool note_split(struct bytes note, struct bytes *text, struct bytes *lines);
bool base64_decode(struct bytes text, uint8_t *out, size_t max, size_t *n); /* canonical, with padding */
bool decimal(struct bytes text, uint64_t *out);
bool next_line(struct bytes *rest, struct bytes *line); /* without its newline; false at the end or without one */

/* ---- proof.c ---- */
#define LEAF_MAX 65535
struct leaf {
	unsigned kind, code;
	uint64_t time_ms;
	uint8_t binding[32], key_id[16], nonce[24];
	struct bytes sealed, head; /* head: the first 116 bytes, which the seal covers */
};
struct receipt {
	uint64_t index;
	struct head head;
	struct leaf leaf;
	struct bytes leaf_bytes, salt, statement;
	uint8_t *memory; /* free() */
};
bool leaf_parse(struct bytes bytes, struct leaf *out);
/* receipt_open() - all that stands in a receipt is checked: leaf, binding, signature, inclusion. */
bool receipt_open(const char *text, const struct trust *t, struct receipt *out, struct fault *f);
/* leaf_unseal() - the record, without its padding, into out (LEAF_MAX bytes). */
bool leaf_unseal(const struct leaf *leaf, const uint8_t opening[32], uint8_t *out, size_t *n);
void leaf_hash(struct bytes leaf, uint8_t out[32]);
void node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]);
const char *kind_name(unsigned kind);
const char *code_name(unsigned code);
void time_text(uint64_t unix_ms, char out[32]); /* "2026-11-22T08:15:30.123Z" */

/* ---- record.c ---- */
/* record_fields() - the record as the JSON of docs/dossier.md; NULL when it is malformed. salt, statement: as in the record. */
json_t *record_fields(struct bytes record, struct bytes *salt, struct bytes *statement);

/* ---- dossier.c ---- */
struct verdict {
	struct head head;          /* the largest checkpoint in it */
	unsigned n_entries, n_refused, n_rules, n_missing;
	bool is_sample;
	char casus[40];
	uint64_t *indexes;         /* of the entries, ascending; free() */
	unsigned n_keys;
	uint8_t (*key_ids)[16];    /* those that seal this casus: of its allowed messages; free() */
};
/* dossier_check() - the whole file; each entry goes through show() once it is proven, with its explanations, which are not. */
typedef void show_fn(void *ctx, const struct receipt *r, const json_t *fields, const json_t *words);
bool dossier_check(const json_t *dossier, const struct trust *t, show_fn *show, void *ctx, struct verdict *out, struct fault *f);

/* ---- log.c ---- */
/*
 * log_check() - an export of the whole log (tlog-tiles): it is the log of the checkpoint, and every entry in it under a key of this
 * dossier is in the dossier; for a sample, that the seed draws these entries and no others.
 */
bool log_check(const char *dir, const json_t *dossier, const struct trust *t, const struct verdict *v, uint64_t *n, struct fault *f);

char *read_file(const char *path, size_t *n, struct fault *f); /* malloc'ed, with a NUL behind it */
