/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Whole small files, read and replaced safely. Never in place: write beside, fsync, rename, fsync the folder.
 */
#include <sys/types.h>

#include "base/span.h"

enum { FILE_OK = 0, FILE_E_ABSENT = 1, FILE_E_TOO_BIG, FILE_E_OPEN_TO_OTHERS, FILE_E_DENIED, FILE_E_EXISTS };

/*
 * file_read() - the whole file, at most limit_bytes
 * @out: initialised by the callee; the caller calls buffer_fini()
 * Return: FILE_OK; FILE_E_ABSENT; FILE_E_TOO_BIG; FILE_E_DENIED (permission, symlink, no regular file);
 *         <0 fatal.
 */
MUST_CHECK NONNULL(1, 3) int file_read(const char *path, size_t limit_bytes, struct buffer *out);

/* file_read_private() - also FILE_E_OPEN_TO_OTHERS unless the file is ours and without group and other bits. */
MUST_CHECK NONNULL(1, 3) int file_read_private(const char *path, size_t limit_bytes, struct buffer *out);

/*
 * file_write() - replace atomically and durably, with exactly the given mode
 * Return: FILE_OK, FILE_E_DENIED, <0 fatal.
 */
MUST_CHECK NONNULL(1) int file_write(const char *path, struct span bytes, mode_t mode);
/* file_place() - the same, but never in the place of another: FILE_E_EXISTS. */
MUST_CHECK NONNULL(1) int file_place(const char *path, struct span bytes, mode_t mode);

/*
 * file_make_folders() - mkdir -p; what is new gets the given mode, narrowed by the umask
 * Return: FILE_OK, FILE_E_DENIED, <0 fatal.
 */
MUST_CHECK NONNULL(1) int file_make_folders(const char *path, mode_t mode);

/* file_remove_tree() - a folder and all below it; symbolic links are removed, not followed. 0, FILE_E_DENIED, <0 fatal. */
MUST_CHECK NONNULL(1) int file_remove_tree(const char *path);
