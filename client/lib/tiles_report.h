/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Parts that export and verify share: naming a fault, reading the key and the head of an export.
 */
#include "client/lib/tiles.h"

/* tiles_report_file() - names the file, made printable. */
void tiles_report_file(struct tiles_report *report, const char *file);
/* tiles_report_bad() - names the file and says what is wrong; returns TILES_E_BAD. */
int tiles_report_bad(struct tiles_report *report, const char *file, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* tiles_head_read() - key and verified checkpoint of an export. TILES_OK, TILES_E_BAD, <0 fatal. */
MUST_CHECK int tiles_head_read(int dir, const struct tiles_options *options, struct tiles_report *report);

/*
 * tiles_verify_published() - tiles_verify() without a look at files that the checkpoint does not cover: what
 * an export that was cut off may have left. The report is initialised by the caller.
 */
MUST_CHECK int tiles_verify_published(int dir, const struct tiles_options *options,
                                      struct tiles_report *report);

/* tiles_expected() - whether a tree of this size has this file. */
bool tiles_expected(const char *path, uint64_t size);

#define TILES_CHECKPOINT "checkpoint"
#define TILES_VKEY "log.vkey"
#define TILES_CHECKPOINT_MAX (1u << 20)
#define TILES_OLDER "(the older checkpoint)"
