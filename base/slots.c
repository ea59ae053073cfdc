/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A free place is all zeroes, nothing less: a clear that was torn leaves bytes of a key behind, and must look unfinished.
 *
 * The state is one byte outside the tag, so that keep() writes one byte and can't tear a key that is in use. The tag binds id and
 * value to their place and to this file.
 *
 * Which places are taken is remembered from the opening on. Another process may have taken one since: add() looks at a place before
 * it writes there.
 */
#include "base/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define MAGIC "KNPSLOT1"
#define HEADER_BYTES 4096
#define TAG_BYTES 16
#define HEADER_TAGGED (8 + SLOTS_ID_BYTES)
#define PLACE_BYTES 128
#define GROW_PLACES 512
#define AT_ID 8
#define AT_VALUE (AT_ID + ID_BYTES)
#define AT_TAG (AT_VALUE + SLOT_VALUE_BYTES)
_Static_assert(AT_TAG + TAG_BYTES <= PLACE_BYTES && 512 % PLACE_BYTES == 0, "a place lies within a sector");

struct slots {
	int fd;
	const struct disk *disk;
	uint64_t max, n, first_free; /* first_free: no free place below it */
	uint8_t id[SLOTS_ID_BYTES];
	uint8_t *taken; /* one byte per place */
};

struct slots *slots_close(struct slots *s)
{
	if (!s)
		return NULL;
	if (s->fd >= 0)
		close(s->fd);
	free(s->taken);
	free(s);
	return NULL;
}

void slots_closep(struct slots **s)
{
	*s = slots_close(*s);
}

/* ---- bytes ---- */

static void header_tag(const uint8_t *header, uint8_t out[TAG_BYTES])
{
	crypto_generichash(out, TAG_BYTES, header, HEADER_TAGGED, NULL, 0);
}

static void place_tag(const struct slots *s, uint64_t place, const uint8_t *bytes, uint8_t out[TAG_BYTES])
{
	uint8_t text[8 + ID_BYTES + SLOT_VALUE_BYTES];

	put_u64(text, place);
	memcpy(text + 8, bytes + AT_ID, ID_BYTES + SLOT_VALUE_BYTES);
	crypto_generichash(out, TAG_BYTES, text, sizeof text, s->id, SLOTS_ID_BYTES);
	sodium_memzero(text, sizeof text);
}

static void place_parse(const struct slots *s, uint64_t place, const uint8_t bytes[PLACE_BYTES], struct slot *out)
{
	uint8_t tag[TAG_BYTES];

	memset(out, 0, sizeof *out);
	if (span_is_zero(span_of(bytes, PLACE_BYTES)))
		return;
	place_tag(s, place, bytes, tag);
	out->state = SLOT_BROKEN;
	if (memcmp(tag, bytes + AT_TAG, TAG_BYTES) != 0 || (bytes[0] != SLOT_NEW && bytes[0] != SLOT_KEPT))
		return;
	out->state = (enum slot_state)bytes[0];
	memcpy(out->id, bytes + AT_ID, ID_BYTES);
	memcpy(out->value, bytes + AT_VALUE, SLOT_VALUE_BYTES);
}

static uint64_t offset_of(uint64_t place)
{
	return HEADER_BYTES + place * PLACE_BYTES;
}

/* What lies beyond the end of the file reads as zeroes. */
static int bytes_read(int fd, uint8_t *out, size_t len, uint64_t at)
{
	memset(out, 0, len);
	while (len) {
		ssize_t n = pread(fd, out, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_raise(-errno);
		if (n == 0)
			return 0;
		out += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

static int bytes_write(struct slots *s, struct span bytes, uint64_t at)
{
	while (bytes.len) {
		ssize_t n = s->disk->write(s->disk->ctx, s->fd, bytes.ptr, bytes.len, at);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return SLOTS_E_WRITE;
		bytes = span_of(bytes.ptr + n, bytes.len - (size_t)n);
		at += (uint64_t)n;
	}
	return SLOTS_OK;
}

/* ---- opening ---- */

int slots_create(const char *path)
{
	uint8_t header[HEADER_BYTES] = MAGIC;
	int r;

	randombytes_buf(header + 8, SLOTS_ID_BYTES);
	header_tag(header, header + HEADER_TAGGED);
	r = file_place(path, SPAN_OF(header), 0600);
	if (r == FILE_E_EXISTS)
		return SLOTS_E_EXISTS;
	return r == FILE_E_DENIED ? SLOTS_E_DENIED : err_fold(r);
}

static int file_open(struct slots *s, const struct slots_options *options)
{
	struct stat st;

	s->fd = s->disk->open(s->disk->ctx, AT_FDCWD, options->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd == -ENOENT || s->fd == -ENOTDIR)
		return SLOTS_E_ABSENT;
	if (s->fd == -EACCES || s->fd == -ELOOP || s->fd == -EROFS || s->fd == -EPERM || s->fd == -EISDIR)
		return SLOTS_E_DENIED;
	if (s->fd < 0)
		return err_raise(s->fd);
	if (fstat(s->fd, &st))
		return err_raise(-errno);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return SLOTS_E_DENIED;
	if (options->alone && flock(s->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? SLOTS_E_LOCKED : err_raise(-errno);
	return SLOTS_OK;
}

static int header_read(struct slots *s)
{
	uint8_t header[HEADER_TAGGED + TAG_BYTES], tag[TAG_BYTES];
	int r = bytes_read(s->fd, header, sizeof header, 0);

	if (r)
		return err_pass(r);
	header_tag(header, tag);
	if (memcmp(header, MAGIC, 8) != 0 || memcmp(tag, header + HEADER_TAGGED, TAG_BYTES) != 0)
		return SLOTS_E_BROKEN;
	memcpy(s->id, header + 8, SLOTS_ID_BYTES);
	return SLOTS_OK;
}

/* As large as the file is now; what is new is looked at. */
static int extent_follow(struct slots *s)
{
	uint8_t bytes[PLACE_BYTES];
	struct stat st;
	uint64_t n;
	uint8_t *taken;
	int r = 0;

	if (fstat(s->fd, &st))
		return err_raise(-errno);
	n = (uint64_t)st.st_size < HEADER_BYTES ? 0 : ((uint64_t)st.st_size - HEADER_BYTES) / PLACE_BYTES;
	n = n < s->max ? n : s->max;
	if (n <= s->n)
		return 0;
	taken = realloc(s->taken, n);
	if (!taken)
		return err_raise(-ENOMEM);
	s->taken = taken;
	for (uint64_t i = s->n; !r && i < n; i++) {
		r = bytes_read(s->fd, bytes, sizeof bytes, offset_of(i));
		taken[i] = !span_is_zero(SPAN_OF(bytes));
	}
	sodium_memzero(bytes, sizeof bytes);
	if (r)
		return err_pass(r);
	s->n = n;
	return 0;
}

int slots_open(const struct slots_options *options, struct slots **out)
{
	CLEANUP(slots_closep) struct slots *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return err_raise(-ENOMEM);
	s->fd = -1;
	s->disk = options->disk ? options->disk : disk_real();
	s->max = options->max ? options->max : SLOTS_MAX_DEFAULT;
	r = file_open(s, options);
	if (!r)
		r = header_read(s);
	if (!r)
		r = extent_follow(s);
	if (r)
		return r < 0 ? err_pass(r) : r;
	*out = TAKE(s);
	return SLOTS_OK;
}

/* ---- places ---- */

int slots_n(struct slots *s, uint64_t *n)
{
	int r = extent_follow(s);

	*n = s->n;
	return err_pass(r);
}

int slots_at(struct slots *s, uint64_t place, struct slot *out)
{
	uint8_t bytes[PLACE_BYTES];
	int r = place < s->max ? bytes_read(s->fd, bytes, sizeof bytes, offset_of(place)) : err_raise(-EINVAL);

	if (!r)
		place_parse(s, place, bytes, out);
	sodium_memzero(bytes, sizeof bytes);
	return err_pass(r);
}

int slots_get(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES], struct slot *out)
{
	struct slot found;
	int r = place < s->max ? slots_at(s, place, &found) : SLOTS_E_ABSENT;

	if (r)
		return r < 0 ? err_pass(r) : r;
	if (found.state == SLOT_BROKEN)
		r = SLOTS_E_BROKEN;
	else if (found.state == SLOT_FREE || memcmp(found.id, id, ID_BYTES) != 0)
		r = SLOTS_E_ABSENT;
	else
		*out = found;
	sodium_memzero(&found, sizeof found);
	return r;
}

static int grow(struct slots *s)
{
	uint64_t n = s->n + GROW_PLACES < s->max ? s->n + GROW_PLACES : s->max;

	if (n == s->n || s->disk->reserve(s->disk->ctx, s->fd, offset_of(n)))
		return SLOTS_E_FULL;
	return err_pass(extent_follow(s));
}

static int place_find(struct slots *s, uint64_t *place)
{
	struct slot there;
	int r = 0;

	for (;;) {
		for (; s->first_free < s->n; s->first_free++) {
			if (s->taken[s->first_free])
				continue;
			r = slots_at(s, s->first_free, &there);
			if (r)
				return err_pass(r);
			s->taken[s->first_free] = 1;
			if (there.state == SLOT_FREE) {
				*place = s->first_free++;
				return SLOTS_OK;
			}
			sodium_memzero(&there, sizeof there);
		}
		r = extent_follow(s);
		if (!r && s->first_free >= s->n)
			r = grow(s);
		if (r)
			return r < 0 ? err_pass(r) : r;
	}
}

int slots_clear_any(struct slots *s, uint64_t place)
{
	static const uint8_t zeroes[PLACE_BYTES];
	int r = bytes_write(s, SPAN_OF(zeroes), offset_of(place));

	if (r)
		return r;
	if (place < s->n) {
		s->taken[place] = 0;
		s->first_free = place < s->first_free ? place : s->first_free;
	}
	return SLOTS_OK;
}

int slots_add(struct slots *s, const struct slot *slot, uint64_t *place)
{
	uint8_t bytes[PLACE_BYTES] = { SLOT_NEW };
	uint64_t at = 0;
	int r = place_find(s, &at);

	if (r)
		return r < 0 ? err_pass(r) : r;
	memcpy(bytes + AT_ID, slot->id, ID_BYTES);
	memcpy(bytes + AT_VALUE, slot->value, SLOT_VALUE_BYTES);
	place_tag(s, at, bytes, bytes + AT_TAG);
	r = bytes_write(s, SPAN_OF(bytes), offset_of(at));
	sodium_memzero(bytes, sizeof bytes);
	if (r) {
		(void)!slots_clear_any(s, at); /* or its owner finds it BROKEN */
		return r;
	}
	*place = at;
	return SLOTS_OK;
}

int slots_keep(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES])
{
	static const uint8_t kept = SLOT_KEPT;
	struct slot there;
	int r = slots_get(s, place, id, &there);

	if (r)
		return r < 0 ? err_pass(r) : SLOTS_E_ABSENT;
	sodium_memzero(&there, sizeof there);
	return bytes_write(s, span_of(&kept, 1), offset_of(place));
}

/* Also when it is free already: the zeroes that lie there may not have reached the disk. */
int slots_clear(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES])
{
	struct slot there;
	bool other;
	int r = extent_follow(s);

	if (!r && place < s->n)
		r = slots_at(s, place, &there);
	if (r || place >= s->n)
		return err_pass(r);
	other = there.state != SLOT_FREE && there.state != SLOT_BROKEN && memcmp(there.id, id, ID_BYTES) != 0;
	sodium_memzero(&there, sizeof there);
	return other ? SLOTS_OK : slots_clear_any(s, place);
}

int slots_sync(struct slots *s)
{
	return s->disk->sync(s->disk->ctx, s->fd) ? SLOTS_E_WRITE : SLOTS_OK;
}
