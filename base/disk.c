/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int real_open(void *ctx UNUSED, int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags, 0600);

	return fd < 0 ? -errno : fd;
}

static int real_reserve(void *ctx UNUSED, int fd, uint64_t bytes)
{
	return fallocate(fd, 0, 0, (off_t)bytes) ? -errno : 0;
}

static ssize_t real_write(void *ctx UNUSED, int fd, const void *bytes, size_t len, uint64_t at)
{
	ssize_t n = pwrite(fd, bytes, len, (off_t)at);

	return n < 0 ? -errno : n;
}

static int real_sync(void *ctx UNUSED, int fd)
{
	return fdatasync(fd) ? -errno : 0;
}

const struct disk *disk_real(void)
{
	static const struct disk real = { .open = real_open, .reserve = real_reserve, .write = real_write, .sync = real_sync };

	return &real;
}
