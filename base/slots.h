/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Slots - a small file of fixed places, one key in each. What was sealed lies in databases, logs, backups and exports, where nothing
 * can be overwritten for certain; the key lies here alone, and is. Format: README.md.
 *
 * A place: FREE ──add──▶ NEW ──keep──▶ KEPT ──clear──▶ FREE. NEW: what uses the key may still be undone, and then nothing else
 * names it. A change is durable after the next slots_sync() that succeeds; after one that failed all since the one before it
 * has to be done again. A place lies within one sector, and a sector is taken to be written whole or not at all; of what
 * is torn all the same the tag tells (BROKEN).
 *
 * Owns:    the file descriptor, opened once. Borrows: the disk calls.
 * Threads: one. Processes: any number when each holds one lock of its own around add, keep and clear; or one (alone).
 * A value is the owner's: a key, or better a wrapped key. Its copies in memory are the owner's to wipe.
 */
#include "base/disk.h"
#include "base/env.h"

#define SLOT_VALUE_BYTES 72
#define SLOTS_ID_BYTES 16
#define SLOTS_MAX_DEFAULT (UINT64_C(1) << 20) /* places; 128 bytes each */

enum { SLOTS_OK = 0, SLOTS_E_ABSENT = 1, SLOTS_E_BROKEN, SLOTS_E_DENIED, SLOTS_E_LOCKED, SLOTS_E_WRITE, SLOTS_E_FULL, SLOTS_E_EXISTS };
enum slot_state { SLOT_FREE = 0, SLOT_NEW = 1, SLOT_KEPT = 2, SLOT_BROKEN = 255 };

struct slot {
	enum slot_state state;
	uint8_t id[ID_BYTES];             /* NEW and KEPT only, as is the value */
	uint8_t value[SLOT_VALUE_BYTES];
};

struct slots;
struct slots_options {
	const char *path;
	bool alone;               /* no other process may have it open */
	uint64_t max;             /* places; 0: SLOTS_MAX_DEFAULT */
	const struct disk *disk;  /* NULL: the real one */
};

/* slots_create() - an empty file, mode 0600. SLOTS_OK; _E_EXISTS, there is one already; _E_DENIED; <0 fatal. */
MUST_CHECK int slots_create(const char *path);
/* slots_open() - SLOTS_OK; _E_ABSENT; _E_DENIED, not ours alone; _E_LOCKED; _E_BROKEN, no such file; <0 fatal. */
MUST_CHECK int slots_open(const struct slots_options *options, struct slots **out);
struct slots *slots_close(struct slots *s);
void slots_closep(struct slots **s);

/* slots_add() - into a free place, as NEW. SLOTS_OK; _E_FULL, no room; _E_WRITE: no key is to be taken from there. */
MUST_CHECK int slots_add(struct slots *s, const struct slot *slot, uint64_t *place);
/* slots_keep() - NEW becomes KEPT. SLOTS_OK; _E_ABSENT; _E_WRITE. */
MUST_CHECK int slots_keep(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES]);
/* slots_clear() - zeroes over it. SLOTS_OK, also when it lies there no more; _E_WRITE. */
MUST_CHECK int slots_clear(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES]);
MUST_CHECK int slots_clear_any(struct slots *s, uint64_t place); /* whatever lies there */
MUST_CHECK int slots_sync(struct slots *s);                       /* SLOTS_OK; _E_WRITE */

/* slots_get() - the key of that id in that place. SLOTS_OK; _E_ABSENT; _E_BROKEN, the place can't be read. */
MUST_CHECK int slots_get(struct slots *s, uint64_t place, const uint8_t id[ID_BYTES], struct slot *out);
/* slots_at() - whatever lies in a place below slots_n(). Wipe it. */
MUST_CHECK int slots_at(struct slots *s, uint64_t place, struct slot *out);
MUST_CHECK int slots_n(struct slots *s, uint64_t *n); /* places the file has */
