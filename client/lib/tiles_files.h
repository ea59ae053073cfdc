/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The files of an export, below one open folder: whole reads into a buffer that is used again, atomic writes
 * without a sync of their own, a walk over all there is. Paths are relative to the folder.
 */
#include <stdbool.h>

#include "base/span.h"

enum { TILES_FILES_OK = 0, TILES_FILES_E_BAD = 1, TILES_FILES_E_ABSENT };

void tiles_files_closep(int *dir);

/*
 * tiles_files_read() - the whole file into out, which is reset first
 * @why: on TILES_FILES_E_BAD and TILES_FILES_E_ABSENT what is wrong with the file; static text
 */
MUST_CHECK int tiles_files_read(int dir, const char *path, size_t limit_bytes, struct buffer *out,
                                const char **why);

/* tiles_files_write() - replaces the whole file, makes its folders; durable only after tiles_files_sync(). */
MUST_CHECK int tiles_files_write(int dir, const char *path, struct span bytes);
/* tiles_files_sync() - everything written under the folder is on disk. */
MUST_CHECK int tiles_files_sync(int dir);
/* tiles_files_tidy() - removes what a write that was cut off left behind. */
void tiles_files_tidy(int dir);
/* tiles_files_remove() - removes the file, and its folder when that held partial tiles and is now empty. */
void tiles_files_remove(int dir, const char *path);

/* Sees each file that is not a folder; is_file: a regular one. */
typedef void tiles_files_fn(void *ctx, const char *path, bool is_file);
/* tiles_files_walk() - in no particular order; a path longer than any of an export is cut off. 0 or <0. */
MUST_CHECK int tiles_files_walk(int dir, tiles_files_fn *each, void *ctx);
