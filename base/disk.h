/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Disk - the file calls of what writes in place and must survive a crash at any of them, behind one seam: tests make each fail,
 * or lose what was not flushed.
 */
#include <sys/types.h>

#include "base/span.h"

/* Each returns -errno on failure. */
struct disk {
	int (*open)(void *ctx, int folder, const char *name, int flags);
	int (*reserve)(void *ctx, int fd, uint64_t bytes); /* fallocate */
	/* pwrite: may be short */
	ssize_t (*write)(void *ctx, int fd, const void *bytes, size_t len, uint64_t at);
	int (*sync)(void *ctx, int fd); /* fdatasync, of folders too */
	void *ctx;
};
const struct disk *disk_real(void);
