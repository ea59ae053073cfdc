/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A slot, 4096 bytes:  "KPHEAD1\n", u64 serial, u64 size, root[32], lp16 note, zeros, SHA-256 over all before it at the end.
 *
 * The file always holds at least one good slot: it is made whole, with both, under another name. So a file in which neither
 * holds was damaged from outside, and a keeper without a memory would sign anything: it refuses to start, and who restores it
 * decides. A write that fails is fatal, for what is on the disk then is anybody's guess; nothing was answered.
 */
#include "daemon/keeper/head.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define SLOT_BYTES 4096
#define SLOTS 2
#define MAGIC "KPHEAD1\n"
#define SUMMED_BYTES (SLOT_BYTES - crypto_hash_sha256_BYTES)

struct head_file {
	int fd;
	uint64_t serial;
	unsigned newest; /* slot */
	struct head last;
};

const char *head_error_text(int error)
{
	switch (error) {
	case HEAD_OK:
		return "no error";
	case HEAD_E_BROKEN:
		return "neither slot of the head file holds; restore it from the newest checkpoint that a witness or receipt shows";
	case HEAD_E_LOCKED:
		return "another keeper uses this folder";
	case HEAD_E_OTHER_KEY:
		return "the head in this folder was signed with another log key";
	default:
		return "unknown error";
	}
}

struct head_file *head_close(struct head_file *f)
{
	if (f && f->fd >= 0)
		close(f->fd);
	free(f);
	return NULL;
}

void head_closep(struct head_file **f)
{
	*f = head_close(*f);
}

const struct head *head_last(const struct head_file *f)
{
	return &f->last;
}

static void slot_fill(uint8_t slot[SLOT_BYTES], uint64_t serial, const struct head *head)
{
	memset(slot, 0, SLOT_BYTES);
	memcpy(slot, MAGIC, 8);
	put_u64(slot + 8, serial);
	put_u64(slot + 16, head->size);
	memcpy(slot + 24, head->root.bytes, HASH_BYTES);
	put_u16(slot + 56, (uint16_t)head->note_len);
	memcpy(slot + 58, head->note, head->note_len);
	crypto_hash_sha256(slot + SUMMED_BYTES, slot, SUMMED_BYTES);
}

static bool slot_read(const uint8_t slot[SLOT_BYTES], uint64_t *serial, struct head *head)
{
	uint8_t sum[crypto_hash_sha256_BYTES];
	struct reader r;
	struct span magic, note;

	crypto_hash_sha256(sum, slot, SUMMED_BYTES);
	if (memcmp(sum, slot + SUMMED_BYTES, sizeof sum))
		return false;
	reader_init(&r, span_of(slot, SUMMED_BYTES));
	magic = reader_bytes(&r, 8);
	*serial = reader_u64(&r);
	head->size = reader_u64(&r);
	reader_copy(&r, head->root.bytes, HASH_BYTES);
	note = reader_lp16(&r);
	if (r.failed || !span_equal(magic, SPAN_LITERAL(MAGIC)) || note.len > HEAD_NOTE_MAX)
		return false;
	head->note_len = note.len;
	memcpy(head->note, note.ptr, note.len);
	return true;
}

/* What the slot says of itself must be what the key signed. */
static int head_verify(const struct head *head, const struct note_key *key)
{
	struct checkpoint signed_one;
	struct hash empty;
	int r;

	if (!head->note_len) {
		tree_hash_empty(&empty);
		return head->size == 0 && hash_equal(&head->root, &empty) ? HEAD_OK : HEAD_E_BROKEN;
	}
	r = checkpoint_open(span_of(head->note, head->note_len), key, &signed_one);
	if (r < 0)
		return err_pass(r);
	if (r)
		return HEAD_E_OTHER_KEY;
	return signed_one.size == head->size && hash_equal(&signed_one.root, &head->root) ? HEAD_OK : HEAD_E_BROKEN;
}

static int slots_read(struct head_file *f)
{
	uint8_t slots[SLOTS][SLOT_BYTES];
	bool found = false;

	if (pread(f->fd, slots, sizeof slots, 0) != sizeof slots)
		return HEAD_E_BROKEN;
	for (unsigned i = 0; i < SLOTS; i++) {
		struct head head;
		uint64_t serial;

		if (!slot_read(slots[i], &serial, &head) || (found && serial < f->serial))
			continue;
		found = true;
		f->last = head;
		f->serial = serial;
		f->newest = i;
	}
	return found ? HEAD_OK : HEAD_E_BROKEN;
}

static int file_make(const char *folder, const char *path)
{
	static const struct head nothing;
	struct head empty = nothing;
	uint8_t slots[SLOTS * SLOT_BYTES];
	struct stat st;
	int r;

	if (lstat(path, &st) == 0)
		return 0;
	if (errno != ENOENT)
		return err_raise(-errno);
	r = file_make_folders(folder, 0700);
	if (r)
		return r < 0 ? err_pass(r) : err_raise(-EACCES);
	tree_hash_empty(&empty.root);
	slot_fill(slots, 1, &empty);
	slot_fill(slots + SLOT_BYTES, 2, &empty);
	r = file_write(path, SPAN_OF(slots), 0600);
	return r > 0 ? err_raise(-EACCES) : r;
}

int head_open(const char *folder, const struct note_key *key, struct head_file **out)
{
	CLEANUP(head_closep) struct head_file *f = calloc(1, sizeof *f);
	char path[PATH_MAX];
	int r;

	if (!f)
		return err_raise(-ENOMEM);
	f->fd = -1;
	r = snprintf(path, sizeof path, "%s/head", folder);
	if (r < 0 || (size_t)r >= sizeof path)
		return err_raise(-ENAMETOOLONG);
	r = file_make(folder, path);
	if (r)
		return err_pass(r);
	f->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (f->fd < 0)
		return err_raise(-errno);
	if (flock(f->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? HEAD_E_LOCKED : err_raise(-errno);
	r = slots_read(f);
	if (!r)
		r = head_verify(&f->last, key);
	if (r)
		return r;
	*out = TAKE(f);
	return HEAD_OK;
}

int head_store(struct head_file *f, const struct head *head)
{
	unsigned older = (f->newest + 1) % SLOTS;
	uint8_t slot[SLOT_BYTES];

	ASSERT(head->note_len <= HEAD_NOTE_MAX);
	slot_fill(slot, f->serial + 1, head);
	errno = 0;
	if (pwrite(f->fd, slot, sizeof slot, (off_t)older * SLOT_BYTES) != sizeof slot || fdatasync(f->fd))
		return err_raise(errno ? -errno : -EIO);
	f->serial++;
	f->newest = older;
	f->last = *head;
	return 0;
}
