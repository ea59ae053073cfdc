/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Journal - the log of record: batches in preallocated segments, each durable with one fdatasync.
 *
 * A torn tail is cut off: the last record, written by a process that died before its flush returned. A
 * record is written only after the one before it is durable, so a damaged record with a later one behind it
 * is damage, and is named. A segment whose flush failed is never written again: what the disk holds of it
 * is unknown. The next segment says from which batch it speaks, which takes the force from a record that
 * was refused but reached the disk all the same.
 *
 * Owns:    the segments. Borrows: the file calls, the store's id. Threads: one. Blocks: in append and clear.
 */
#include "base/disk.h"

#define JOURNAL_ID_BYTES 16

struct journal;
struct journal_options {
	const char *folder;      /* of the store; the journal's is "journal" in it */
	const uint8_t *store_id; /* JOURNAL_ID_BYTES */
	uint64_t segment_bytes;
	uint64_t batch;          /* the last one the state holds */
	const struct disk *io;
};

enum { JOURNAL_OK = 0, JOURNAL_E_END = 1, JOURNAL_E_BROKEN, JOURNAL_E_FULL };

#define JOURNAL_RECORD_ROOM 64 /* bytes a record's buffer begins with; filled in by journal_append() */

MUST_CHECK int journal_open(const struct journal_options *options, struct journal **out, char why[200]);
struct journal *journal_free(struct journal *j);
void journal_freep(struct journal **j);

/* journal_rewind() and journal_read() - the batches after a number, in order. The payload lives until
 * the next call. JOURNAL_E_END: all read, and the journal is ready for appending; JOURNAL_E_BROKEN: why
 * names the batch. */
void journal_rewind(struct journal *j, uint64_t after);
MUST_CHECK int journal_read(struct journal *j, uint64_t *batch, struct span *payload, char why[200]);

/* journal_append() - durable on JOURNAL_OK; JOURNAL_E_FULL: not written and never will be; <0 fatal: not
 * known. */
MUST_CHECK int journal_append(struct journal *j, struct buffer *record);
/* journal_clear() - the state holds every batch durably: wipes and removes. Trouble is logged and met again
 * at the next call. */
MUST_CHECK int journal_clear(struct journal *j);

uint64_t journal_next(const struct journal *j);        /* the number the next append gets */
uint64_t journal_used_bytes(const struct journal *j);  /* written since the last clear */
bool journal_is_half_full(const struct journal *j);
uint64_t journal_appended_bytes(const struct journal *j);
uint64_t journal_syncs(const struct journal *j);
