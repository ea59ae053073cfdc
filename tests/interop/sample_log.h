/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A log in memory for tests: deterministic from its seed, with entries of all kinds and sizes and a
 * statement behind each, so that exports, checkpoints of any size and receipts can be made from it.
 */
#include "client/lib/tiles.h"
#include "proto/receipt.h"

struct sample_log;

#define SAMPLE_ORIGIN "huis.example/log"

/* seed: another one gives another log under the same key. record_max: records are 0..record_max bytes. */
struct sample_log *sample_log_new(uint64_t size, uint8_t seed, size_t record_max);
struct sample_log *sample_log_free(struct sample_log *log);
const struct note_key *sample_log_key(const struct sample_log *log);
/* sample_log_sign() - the signed checkpoint of the first size entries; out is reset first. */
void sample_log_sign(const struct sample_log *log, uint64_t size, struct buffer *out);
/* sample_log_entry() - a tiles_entry_fn; ctx is the log. */
int sample_log_entry(void *log, uint64_t index, struct span *entry);
/* sample_log_receipt() - the receipt of an entry in the tree of this size; out is reset first. */
void sample_log_receipt(const struct sample_log *log, uint64_t index, uint64_t size, struct buffer *out);
/* sample_log_export() - tiles_export() of the first size entries. */
int sample_log_export(struct sample_log *log, uint64_t size, const char *dir, struct tiles_report *report);
