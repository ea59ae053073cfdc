/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Segment - one preallocated file of the journal, and the records in it. Format: README.md.
 *
 * Owns:    its file descriptor. Borrows: the file calls. Threads: one.
 */
#include "base/span.h"
#include "daemon/store/journal.h"

#define SEGMENT_HEADER_BYTES 4096 /* before the area of records: a page that no record touches */
#define RECORD_HEADER_BYTES 64
#define SEGMENT_SALT_BYTES 32

struct segment {
	int fd;
	uint64_t number;        /* of the segment; also its file name */
	uint64_t first; /* its first batch; what an earlier segment holds from here on counts for nothing */
	uint64_t area_bytes;    /* for records, as preallocated */
	uint64_t present_bytes; /* of the area; less when the file was cut short */
	uint64_t tail;          /* offset in the area of the next record */
	uint64_t dirty;         /* nothing but zeroes from here on; at least tail */
	bool sealed;            /* takes no more records: a flush failed, or it is not whole */
	uint8_t salt[SEGMENT_SALT_BYTES]; /* keys the tags, so that no content can pass for a record */
};

enum {
	SEGMENT_OK = 0,
	SEGMENT_E_END = 1,
	SEGMENT_E_BROKEN,
	SEGMENT_E_NO_SPACE,
	SEGMENT_E_WRITE,
	SEGMENT_E_SYNC
};

/* What all segments of one journal share. */
struct segment_place {
	int folder;             /* descriptor of the journal's folder */
	const struct disk *io;
	const uint8_t *store_id;
	uint64_t *n_syncs;
};

void segment_name(uint64_t number, char out[32]);
bool segment_number(const char *name, uint64_t *number); /* of a file name; false when it is no segment's */

/* segment_create() - s: number, first and area_bytes are set. Durable, its name included, when it
 * returns SEGMENT_OK; SEGMENT_E_NO_SPACE or SEGMENT_E_WRITE: nothing is left of it; SEGMENT_E_SYNC: an
 * empty segment may come back after a crash. */
MUST_CHECK int segment_create(const struct segment_place *place, struct segment *s);
/* segment_load() - SEGMENT_OK; SEGMENT_E_BROKEN, why says what is wrong with the header. */
MUST_CHECK int segment_load(const struct segment_place *place, uint64_t number, struct segment *out,
			    char why[200]);
void segment_close(struct segment *s);

/* segment_read() - the record at an offset; SEGMENT_E_END when no whole record lies there. payload:
 * replaced. */
MUST_CHECK int segment_read(const struct segment *s, uint64_t at, uint64_t *batch, struct buffer *payload,
			    uint64_t *next);
/* segment_later() - whether a record of a batch in (after, limit) lies beyond the offset; notes where the
 * zeroes begin. */
MUST_CHECK int segment_later(struct segment *s, uint64_t at, const uint64_t range[2], bool *found);

/* segment_append() - record holds RECORD_HEADER_BYTES of room and the payload; padded and completed
 * here. SEGMENT_E_NO_SPACE, SEGMENT_E_WRITE: no whole record was written; SEGMENT_E_SYNC: unknown what
 * the disk holds. */
MUST_CHECK int segment_append(const struct segment_place *place, struct segment *s, uint64_t batch,
			      struct buffer *record);
uint64_t segment_record_bytes(uint64_t payload_bytes);
/* segment_wipe() - zeroes over everything written; SEGMENT_OK, or SEGMENT_E_WRITE and the segment is
 * sealed. */
MUST_CHECK int segment_wipe(const struct segment_place *place, struct segment *s);
