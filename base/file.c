/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What these functions refuse to touch is as much the point as what they do: a symlink, device or pipe in
 * place of a key file is somebody else's choice. A replaced file is either the old or the new one, also after
 * a power cut: its bytes are on disk before its name, and its name before file_write() returns.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define READ_STEP_BYTES 65536

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool is_denial(int error)
{
	return error == EACCES || error == EPERM || error == EROFS || error == ELOOP || error == EISDIR ||
	       error == ENXIO;
}

static int read_all(int fd, size_t limit_bytes, struct buffer *out)
{
	for (;;) {
		size_t start = out->len;
		uint8_t *at = buffer_grow(out, READ_STEP_BYTES);
		ssize_t n;

		if (!at)
			return err_raise(-ENOMEM);
		do
			n = read(fd, at, READ_STEP_BYTES);
		while (n < 0 && errno == EINTR);
		out->len = start + (n > 0 ? (size_t)n : 0);
		if (n < 0)
			return err_raise(-errno);
		if (n == 0)
			return FILE_OK;
		if (out->len > limit_bytes)
			return FILE_E_TOO_BIG;
	}
}

static int file_read_checked(const char *path, size_t limit_bytes, bool private, struct buffer *out)
{
	CLEANUP(closep) int fd = -1;
	struct stat st;
	int r;

	buffer_init(out, 0);
	/* O_NONBLOCK: opening a pipe must not wait for a writer; it changes nothing for a regular file. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return FILE_E_ABSENT;
	if (fd < 0 && is_denial(errno))
		return FILE_E_DENIED;
	if (fd < 0 || fstat(fd, &st))
		return err_raise(-errno);
	if (!S_ISREG(st.st_mode))
		return FILE_E_DENIED;
	if (private && (st.st_uid != geteuid() || (st.st_mode & 077)))
		return FILE_E_OPEN_TO_OTHERS;
	if ((uint64_t)st.st_size > limit_bytes)
		return FILE_E_TOO_BIG;
	r = read_all(fd, limit_bytes, out);
	if (r)
		buffer_fini(out);
	return r;
}

int file_read(const char *path, size_t limit_bytes, struct buffer *out)
{
	return file_read_checked(path, limit_bytes, false, out);
}

int file_read_private(const char *path, size_t limit_bytes, struct buffer *out)
{
	return file_read_checked(path, limit_bytes, true, out);
}

/* The length of the folder part of a path, with its last slash; 0: the working folder. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static int folder_sync(const char *path)
{
	CLEANUP(closep) int fd = -1;
	char folder[PATH_MAX];
	size_t len = folder_len(path);

	if (len >= sizeof folder)
		return err_raise(-ENAMETOOLONG);
	memcpy(folder, path, len);
	folder[len] = '\0';
	fd = open(len ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A folder that may be entered but not read can't be synced; the rename in it has been done. */
	if (fd < 0 && errno == EACCES)
		return 0;
	if (fd < 0 || fsync(fd))
		return err_raise(-errno);
	return 0;
}

static int write_all(int fd, struct span bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_raise(-errno);
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

static int fill(int fd, struct span bytes, mode_t mode)
{
	int r = write_all(fd, bytes);

	if (r)
		return err_pass(r);
	return fchmod(fd, mode) || fsync(fd) ? err_raise(-errno) : FILE_OK;
}

static int name_give(const char *temporary, const char *path, bool replace)
{
	if (replace ? rename(temporary, path) == 0 : link(temporary, path) == 0)
		return FILE_OK;
	if (errno == EEXIST && !replace)
		return FILE_E_EXISTS;
	return is_denial(errno) ? FILE_E_DENIED : err_raise(-errno);
}

static int file_put(const char *path, struct span bytes, mode_t mode, bool replace)
{
	CLEANUP(closep) int fd = -1;
	char temporary[PATH_MAX];
	int len = (int)folder_len(path);
	int n, r;

	n = snprintf(temporary, sizeof temporary, "%.*s.knooppunt-XXXXXX", len, path);
	if (n < 0 || (size_t)n >= sizeof temporary)
		return err_raise(-ENAMETOOLONG);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return is_denial(errno) ? FILE_E_DENIED : err_raise(-errno);
	r = fill(fd, bytes, mode);
	if (!r)
		r = name_give(temporary, path, replace);
	if (r || !replace)
		unlink(temporary);
	if (r)
		return r;
	r = folder_sync(path);
	return r ? err_pass(r) : FILE_OK;
}

int file_write(const char *path, struct span bytes, mode_t mode)
{
	return file_put(path, bytes, mode, true);
}

int file_place(const char *path, struct span bytes, mode_t mode)
{
	return file_put(path, bytes, mode, false);
}

/* One folder of a path. An existing one is fine whatever its mode; something else of that name is not. */
static int make_folder(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return folder_sync(path);
	if (errno == EEXIST || is_denial(errno)) {
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return FILE_OK;
		return FILE_E_DENIED;
	}
	return errno == ENOTDIR ? FILE_E_DENIED : err_raise(-errno);
}

int file_make_folders(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int r;

	if (len >= sizeof part)
		return err_raise(-ENAMETOOLONG);
	memcpy(part, path, len + 1);
	while (len > 1 && part[len - 1] == '/')
		part[--len] = '\0';
	for (size_t i = 1; i < len; i++) {
		if (part[i] != '/' || part[i - 1] == '/')
			continue;
		part[i] = '\0';
		r = make_folder(part, mode);
		part[i] = '/';
		if (r)
			return r;
	}
	return make_folder(part, mode);
}

static int remove_one(const char *path, const struct stat *st UNUSED, int flag UNUSED, struct FTW *place UNUSED)
{
	return remove(path);
}

int file_remove_tree(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0)
		return FILE_OK;
	return errno == EACCES || errno == EPERM || errno == ENOTEMPTY ? FILE_E_DENIED : err_raise(errno ? -errno : -EIO);
}
