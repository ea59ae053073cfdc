/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A segment is written full of zeroes and flushed before its first record: an append then overwrites blocks
 * that exist, and its fdatasync has no metadata to flush. fallocate alone would not do, its extents are
 * marked unwritten and each first write changes that mark.
 *
 * Tags are BLAKE2b-128 keyed with the segment's salt. Records hold bytes that peers chose; a peer that
 * doesn't know the salt can't make bytes that look like a record to the search behind a torn tail. The
 * record's header has a tag of its own, so that the search never has to hash a payload.
 *
 * The header is written last, in place of nothing: a write that fails anywhere leaves no whole record in
 * the kernel's memory, so that the batch it held can be refused. Without that order a write that stopped
 * within the padding would leave one: the padding is zeroes, and so is what it was to overwrite. (A crash
 * may still bring back any part of an unflushed record; the tags tell.)
 */
#include "daemon/store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define TAG_BYTES 16
#define RECORD_ALIGN 64
#define CHUNK_BYTES 65536
#define SEARCH_BYTES 32768
#define SEGMENT_MAGIC "KNPJRNL1"
#define RECORD_MAGIC "KNPBATCH"
/* magic, number, first, area_bytes, store id, salt */
#define SEGMENT_TAGGED_BYTES (8 + 8 + 8 + 8 + JOURNAL_ID_BYTES + SEGMENT_SALT_BYTES)
/* magic, batch, payload length, padded length, payload tag */
#define RECORD_TAGGED_BYTES (8 + 8 + 8 + 8 + TAG_BYTES)
_Static_assert(RECORD_TAGGED_BYTES + TAG_BYTES == RECORD_HEADER_BYTES, "record header");
_Static_assert(RECORD_HEADER_BYTES == JOURNAL_RECORD_ROOM, "room for the record header");

#define SUFFIX ".journal"
#define NAME_NEW "new.tmp"

static const uint8_t zeroes[CHUNK_BYTES];

struct record {
	uint64_t batch;
	uint64_t payload_len;
	uint64_t padded_len;
	uint8_t tag[TAG_BYTES];
};

static void tag_make(const uint8_t *salt, struct span bytes, uint8_t out[TAG_BYTES])
{
	crypto_generichash(out, TAG_BYTES, bytes.ptr, bytes.len, salt, SEGMENT_SALT_BYTES);
}

static bool tag_holds(const uint8_t *salt, struct span bytes, const uint8_t *tag)
{
	uint8_t right[TAG_BYTES];

	tag_make(salt, bytes, right);
	return memcmp(right, tag, TAG_BYTES) == 0;
}

void segment_name(uint64_t number, char out[32])
{
	snprintf(out, 32, "%016llx" SUFFIX, (unsigned long long)number);
}

bool segment_number(const char *name, uint64_t *number)
{
	char again[32];
	char *end;

	*number = strtoull(name, &end, 16);
	segment_name(*number, again);
	return strcmp(again, name) == 0;
}

void segment_close(struct segment *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* The results of what failed before anything could have become durable. */
static int refusal(int error)
{
	return error == -ENOSPC || error == -EDQUOT || error == -EFBIG ? SEGMENT_E_NO_SPACE : SEGMENT_E_WRITE;
}

static int write_all(const struct segment_place *place, int fd, struct span bytes, uint64_t at)
{
	while (bytes.len) {
		ssize_t n = place->io->write(place->io->ctx, fd, bytes.ptr, bytes.len, at);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return refusal(n ? (int)n : -ENOSPC);
		bytes = span_of(bytes.ptr + n, bytes.len - (size_t)n);
		at += (uint64_t)n;
	}
	return SEGMENT_OK;
}

static int write_zeroes(const struct segment_place *place, int fd, uint64_t at, uint64_t len)
{
	int r = SEGMENT_OK;

	while (!r && len) {
		size_t n = len < CHUNK_BYTES ? (size_t)len : CHUNK_BYTES;

		r = write_all(place, fd, span_of(zeroes, n), at);
		at += n;
		len -= n;
	}
	return r;
}

static int sync_file(const struct segment_place *place, int fd)
{
	++*place->n_syncs;
	return place->io->sync(place->io->ctx, fd) ? SEGMENT_E_SYNC : SEGMENT_OK;
}

static void header_make(const struct segment_place *place, const struct segment *s,
			uint8_t out[SEGMENT_HEADER_BYTES])
{
	memset(out, 0, SEGMENT_HEADER_BYTES);
	memcpy(out, SEGMENT_MAGIC, 8);
	put_u64(out + 8, s->number);
	put_u64(out + 16, s->first);
	put_u64(out + 24, s->area_bytes);
	memcpy(out + 32, place->store_id, JOURNAL_ID_BYTES);
	memcpy(out + 32 + JOURNAL_ID_BYTES, s->salt, SEGMENT_SALT_BYTES);
	tag_make(s->salt, span_of(out, SEGMENT_TAGGED_BYTES), out + SEGMENT_TAGGED_BYTES);
}

static int fill(const struct segment_place *place, const struct segment *s)
{
	uint8_t header[SEGMENT_HEADER_BYTES];
	uint64_t bytes = SEGMENT_HEADER_BYTES + s->area_bytes;
	int r;

	header_make(place, s, header);
	r = place->io->reserve(place->io->ctx, s->fd, bytes);
	if (r && r != -EOPNOTSUPP)
		return refusal(r);
	r = write_all(place, s->fd, SPAN_OF(header), 0);
	if (!r)
		r = write_zeroes(place, s->fd, SEGMENT_HEADER_BYTES, s->area_bytes);
	if (!r)
		r = sync_file(place, s->fd);
	return r;
}

/* Written under a name that is never loaded, and given its own when all of it is durable. */
int segment_create(const struct segment_place *place, struct segment *s)
{
	char name[32];
	int r;

	randombytes_buf(s->salt, sizeof s->salt);
	segment_name(s->number, name);
	s->tail = s->dirty = 0;
	s->present_bytes = s->area_bytes;
	s->sealed = false;
	s->fd = place->io->open(place->io->ctx, place->folder, NAME_NEW,
				O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd < 0)
		return refusal(s->fd);
	r = fill(place, s);
	if (!r && renameat(place->folder, NAME_NEW, place->folder, name))
		r = SEGMENT_E_WRITE;
	if (!r) {
		r = sync_file(place, place->folder);
		/* The name may outlive a crash, and taking it back is not durable either. SEGMENT_E_SYNC
		 * makes the journal seal the segment before, so that what the name says stays true: no
		 * batch from its first on lies in an earlier one. */
		if (r)
			unlinkat(place->folder, name, 0);
	}
	if (r) {
		unlinkat(place->folder, NAME_NEW, 0);
		segment_close(s);
		log_warn("journal-segment-refused", "segment=%llu reason=\"%s\"", (unsigned long long)s->number,
			 r == SEGMENT_E_NO_SPACE ? "no room on the disk" : "the disk can't be written");
	}
	return r;
}

/* As much as there is; what lies beyond the file's end reads as nothing. */
static int read_some(int fd, uint8_t *out, size_t len, uint64_t at, size_t *got)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = pread(fd, out + *got, len - *got, (off_t)(at + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_raise(-errno);
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

static const char *header_read(const struct segment_place *place, const uint8_t *header, size_t len,
			       struct segment *s)
{
	if (len < SEGMENT_HEADER_BYTES || memcmp(header, SEGMENT_MAGIC, 8) != 0)
		return "is not a journal segment";
	memcpy(s->salt, header + 32 + JOURNAL_ID_BYTES, SEGMENT_SALT_BYTES);
	if (!tag_holds(s->salt, span_of(header, SEGMENT_TAGGED_BYTES), header + SEGMENT_TAGGED_BYTES))
		return "has a damaged header";
	if (get_u64(header + 8) != s->number)
		return "is not the segment its name says";
	if (memcmp(header + 32, place->store_id, JOURNAL_ID_BYTES) != 0)
		return "belongs to another store";
	s->first = get_u64(header + 16);
	s->area_bytes = get_u64(header + 24);
	return NULL;
}

int segment_load(const struct segment_place *place, uint64_t number, struct segment *out, char why[200])
{
	struct segment s = { .number = number };
	uint8_t header[SEGMENT_HEADER_BYTES];
	const char *fault;
	struct stat file;
	char name[32];
	size_t got = 0;
	int r;

	segment_name(number, name);
	s.fd = place->io->open(place->io->ctx, place->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (s.fd < 0)
		return err_raise(s.fd);
	r = fstat(s.fd, &file) ? err_raise(-errno) : read_some(s.fd, header, sizeof header, 0, &got);
	if (r) {
		segment_close(&s);
		return err_pass(r);
	}
	fault = header_read(place, header, got, &s);
	if (fault) {
		snprintf(why, 200, "journal/%s %s", name, fault);
		segment_close(&s);
		return SEGMENT_E_BROKEN;
	}
	s.present_bytes = (uint64_t)file.st_size - SEGMENT_HEADER_BYTES;
	if (s.present_bytes > s.area_bytes)
		s.present_bytes = s.area_bytes;
	s.sealed = s.present_bytes < s.area_bytes;
	s.dirty = s.present_bytes;
	*out = s;
	return SEGMENT_OK;
}

uint64_t segment_record_bytes(uint64_t payload_bytes)
{
	return RECORD_HEADER_BYTES + (payload_bytes + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
}

static void record_make(const struct segment *s, const struct record *rec, uint8_t out[RECORD_HEADER_BYTES])
{
	memcpy(out, RECORD_MAGIC, 8);
	put_u64(out + 8, rec->batch);
	put_u64(out + 16, rec->payload_len);
	put_u64(out + 24, rec->padded_len);
	memcpy(out + 32, rec->tag, TAG_BYTES);
	tag_make(s->salt, span_of(out, RECORD_TAGGED_BYTES), out + RECORD_TAGGED_BYTES);
}

static bool record_parse(const struct segment *s, const uint8_t *header, struct record *out)
{
	if (memcmp(header, RECORD_MAGIC, 8) != 0 ||
	    !tag_holds(s->salt, span_of(header, RECORD_TAGGED_BYTES), header + RECORD_TAGGED_BYTES))
		return false;
	out->batch = get_u64(header + 8);
	out->payload_len = get_u64(header + 16);
	out->padded_len = get_u64(header + 24);
	memcpy(out->tag, header + 32, TAG_BYTES);
	return true;
}

int segment_read(const struct segment *s, uint64_t at, uint64_t *batch, struct buffer *payload,
		 uint64_t *next)
{
	uint8_t header[RECORD_HEADER_BYTES];
	struct record rec;
	uint8_t *bytes;
	size_t got;
	int r;

	if (at > s->present_bytes || s->present_bytes - at < RECORD_HEADER_BYTES)
		return SEGMENT_E_END;
	r = read_some(s->fd, header, sizeof header, SEGMENT_HEADER_BYTES + at, &got);
	if (r)
		return err_pass(r);
	if (got < sizeof header || !record_parse(s, header, &rec) || rec.payload_len > rec.padded_len ||
	    rec.padded_len > s->present_bytes - at - RECORD_HEADER_BYTES)
		return SEGMENT_E_END;
	buffer_reset(payload);
	bytes = buffer_grow(payload, (size_t)rec.padded_len);
	if (!bytes)
		return err_raise(-ENOMEM);
	r = read_some(s->fd, bytes, (size_t)rec.padded_len, SEGMENT_HEADER_BYTES + at + RECORD_HEADER_BYTES,
		      &got);
	if (r)
		return err_pass(r);
	if (got < rec.padded_len || !tag_holds(s->salt, buffer_span(payload), rec.tag))
		return SEGMENT_E_END;
	payload->len = (size_t)rec.payload_len;
	*batch = rec.batch;
	*next = at + RECORD_HEADER_BYTES + rec.padded_len;
	return SEGMENT_OK;
}

int segment_later(struct segment *s, uint64_t at, const uint64_t range[2], bool *found)
{
	uint8_t bytes[SEARCH_BYTES];
	struct record rec;
	size_t got;
	int r;

	*found = false;
	s->dirty = at;
	/* Records begin at multiples of RECORD_ALIGN, and a header is as long: none crosses a chunk. */
	for (at = at / RECORD_ALIGN * RECORD_ALIGN; at < s->present_bytes; at += SEARCH_BYTES) {
		r = read_some(s->fd, bytes, SEARCH_BYTES, SEGMENT_HEADER_BYTES + at, &got);
		if (r)
			return err_pass(r);
		if (memcmp(bytes, zeroes, got) == 0)
			continue;
		s->dirty = at + got;
		for (size_t i = 0; i + RECORD_HEADER_BYTES <= got; i += RECORD_ALIGN) {
			if (record_parse(s, bytes + i, &rec) && rec.batch > range[0] && rec.batch < range[1])
				*found = true;
		}
	}
	return SEGMENT_OK;
}

int segment_append(const struct segment_place *place, struct segment *s, uint64_t batch,
		   struct buffer *record)
{
	uint64_t payload = record->len - RECORD_HEADER_BYTES;
	uint64_t total = segment_record_bytes(payload);
	struct record rec = { .batch = batch,
			      .payload_len = payload,
			      .padded_len = total - RECORD_HEADER_BYTES };
	uint64_t at = SEGMENT_HEADER_BYTES + s->tail;
	struct span body;
	int r;

	ASSERT(!s->sealed && s->tail + total <= s->area_bytes);
	buffer_bytes(record, span_of(zeroes, (size_t)(total - record->len)));
	if (record->failed)
		return SEGMENT_E_NO_SPACE;
	body = span_of(record->ptr + RECORD_HEADER_BYTES, (size_t)rec.padded_len);
	tag_make(s->salt, body, rec.tag);
	record_make(s, &rec, record->ptr);
	r = s->dirty > s->tail ? write_zeroes(place, s->fd, at, RECORD_HEADER_BYTES) : SEGMENT_OK;
	if (s->dirty < s->tail + total)
		s->dirty = s->tail + total;
	if (!r)
		r = write_all(place, s->fd, body, at + RECORD_HEADER_BYTES);
	if (!r)
		r = write_all(place, s->fd, span_of(record->ptr, RECORD_HEADER_BYTES), at);
	if (!r)
		r = sync_file(place, s->fd);
	if (!r)
		s->tail += total;
	return r;
}

int segment_wipe(const struct segment_place *place, struct segment *s)
{
	int r = write_zeroes(place, s->fd, SEGMENT_HEADER_BYTES, s->dirty);

	if (!r)
		r = sync_file(place, s->fd);
	if (r) {
		s->sealed = true;
		return SEGMENT_E_WRITE;
	}
	s->tail = s->dirty = 0;
	return SEGMENT_OK;
}
