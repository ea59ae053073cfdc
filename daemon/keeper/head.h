/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Head - the last head that this keeper signed, kept through crashes and power cuts.
 *
 * One file of two slots, preallocated; each write goes to the older slot and is durable when head_store() returns. A slot that
 * was torn by a crash fails its checksum and the other one stands: that one was the newest that was ever answered.
 *
 * Owns: the descriptor, locked against a second keeper. Blocks: head_store() for one fdatasync().
 */
#include "proto/checkpoint.h"

#define HEAD_NOTE_MAX 2048

struct head {
	uint64_t size;
	struct hash root;
	size_t note_len;             /* 0: nothing was signed yet */
	uint8_t note[HEAD_NOTE_MAX]; /* as answered, signature included */
};

struct head_file;
enum { HEAD_OK = 0, HEAD_E_BROKEN = 1, HEAD_E_LOCKED, HEAD_E_OTHER_KEY };

/*
 * head_open() - the file "head" in the folder; both are made when absent, the head is then that of the empty tree
 * @key: the log's; a head signed by another one is refused
 * Return: HEAD_OK; HEAD_E_BROKEN: neither slot holds; HEAD_E_LOCKED: another keeper has it; HEAD_E_OTHER_KEY; <0 fatal.
 */
MUST_CHECK int head_open(const char *folder, const struct note_key *key, struct head_file **out);
struct head_file *head_close(struct head_file *f);
void head_closep(struct head_file **f);
const struct head *head_last(const struct head_file *f);
MUST_CHECK int head_store(struct head_file *f, const struct head *head); /* durable when it returns 0; <0 fatal */
const char *head_error_text(int error);
