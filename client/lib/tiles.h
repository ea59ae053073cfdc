/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The audit log as a folder of static files (C2SP tlog-tiles), and its check by anyone who has the folder
 * and the log's public key. What `knooppunt audit export` and `knooppunt audit verify` do.
 *
 *   <dir>/checkpoint                       the signed head
 *   <dir>/log.vkey                         the log's public key and a newline, for convenience
 *   <dir>/tile/<L>/<N>[.p/<W>]             hashes
 *   <dir>/tile/entries/<N>[.p/<W>]         entries, 256 to a bundle
 *
 * Memory: one bundle and some tiles per thread, whatever the size of the log.
 */
#include "proto/checkpoint.h"
#include "proto/entry.h"

enum { TILES_OK = 0, TILES_E_BAD = 1 };

#define TILES_FILE_SIZE 256
#define TILES_REASON_SIZE 240

/*
 * What was found. On TILES_E_BAD file names the first bad thing and reason says what is wrong with it, in
 * printable ASCII; the rest holds what was established until then.
 */
struct tiles_report {
	char file[TILES_FILE_SIZE]; /* relative to the folder; "" when nothing is wrong */
	bool has_entry;
	uint64_t entry; /* index of the bad entry, where it can be known */
	char reason[TILES_REASON_SIZE];

	bool has_checkpoint; /* the next two are set: the signature holds */
	struct checkpoint checkpoint;
	struct note_key log_key;
	bool key_from_export;     /* the key was taken from log.vkey: only as good as the way the folder came here */
	size_t n_unverified_lines; /* signatures by keys that were not given: a change in those can't be seen */

	uint64_t first_entry; /* checked from here on: 0, or where the older checkpoint's last whole bundle ends */
	uint64_t n_entries; /* entries checked; the following are over these */
	uint64_t by_kind[ENTRY_KIND_N];
	uint64_t by_code[CODE_N];
	uint64_t first_unix_ms, last_unix_ms; /* earliest and latest; 0 when there are none */
};

struct tiles_progress {
	void (*report)(void *ctx, uint64_t done, uint64_t total); /* entries; on the caller's thread; NULL: none */
	void *ctx;
};

/* Reads one entry, valid until the next call. Indexes come in ascending order. 0, or <0 fatal. */
typedef int tiles_entry_fn(void *ctx, uint64_t index, struct span *entry);

struct tiles_source {
	struct span checkpoint_note;
	const struct note_key *log_key;
	tiles_entry_fn *entry;
	void *ctx;
	unsigned threads; /* for the verification of what is there; as in tiles_options */
	struct tiles_progress progress;
};

/*
 * tiles_export() - write the tree under dir, or extend what is there
 *
 * An export that is there is verified first and only entries beyond it are read; its full files are kept as
 * they are. Each file appears whole or not at all, the checkpoint last and after everything is on disk; then
 * the partial files it made superfluous go. After a crash the folder still verifies up to leftovers, which
 * the next export puts right.
 * One export to a folder at a time.
 * Return: TILES_OK; TILES_E_BAD, see the report: what is there does not verify, is of another log, or is
 * newer than the source, or the source's entries do not make its checkpoint, in which case nothing is
 * published; <0 fatal.
 */
MUST_CHECK NONNULL(1, 2, 3) int tiles_export(const char *dir, const struct tiles_source *source,
                                             struct tiles_report *out);

struct tiles_options {
	const struct note_key *log_key;   /* NULL: from log.vkey, and the report says so */
	const struct note_key *witnesses; /* keys whose cosignatures must hold if they stand on the checkpoint */
	size_t n_witnesses;               /* at most TILES_WITNESSES_MAX */
	struct span older_note;           /* an earlier checkpoint that the tree must extend; only what came after it is checked */
	unsigned threads;                 /* 0: one per processor, at most TILES_THREADS_MAX */
	struct tiles_progress progress;
};
#define TILES_WITNESSES_MAX 32
#define TILES_THREADS_MAX 8

/*
 * tiles_verify() - recompute everything from the entries: every hash of every tile, the root, the signature
 * over it
 *
 * With an older checkpoint: that the tree extends it, and everything since. What came before it is taken as it was
 * verified then; a change there that leaves the tiles as they were is not looked for.
 *
 * Also refused: entries that are not well formed, files that are missing, too long, too short or unexpected
 * (partial tiles beside their full one included). When an entry and its hash disagree, the tile above or
 * else the signed root decides which of the two is named.
 * Return: TILES_OK; TILES_E_BAD, see the report; <0 fatal (memory).
 */
MUST_CHECK NONNULL(1, 2, 3) int tiles_verify(const char *dir, const struct tiles_options *options,
                                             struct tiles_report *out);

/*
 * tiles_verify_source() - the same of a log that gives its entries one by one, in memory: their form, the root, the
 * signature over it. older_note: SPAN_NONE, or a checkpoint whose root they must make on the way; all are read anyway.
 */
MUST_CHECK NONNULL(1, 3) int tiles_verify_source(const struct tiles_source *source, struct span older_note,
                                                 struct tiles_report *out);
