/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base/file syncs each file it replaces; an export writes thousands and needs one moment at which all are on
 * disk. So files are written beside the tree under one name, renamed into place, and synced together before
 * the checkpoint appears.
 *
 * Nothing here follows a symbolic link at the end of a path, opens a device or waits for a pipe: the folder
 * may come from anyone.
 */
#include "client/lib/tiles_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define BESIDE ".knooppunt-export"
#define PATH_SIZE 256
#define DEPTH_MAX 16

void tiles_files_closep(int *dir)
{
	if (*dir >= 0)
		close(*dir);
}

/* Everything but lack of memory or descriptors says something about the file, not about us. */
static int open_failure(int error, const char **why)
{
	if (error == ENOMEM || error == EMFILE || error == ENFILE)
		return err_raise(-error);
	*why = error == ENOENT || error == ENOTDIR ? "is missing"
	       : error == ELOOP                    ? "is a symbolic link"
	       : error == EACCES || error == EPERM ? "may not be read"
	                                           : "can't be opened";
	return error == ENOENT || error == ENOTDIR ? TILES_FILES_E_ABSENT : TILES_FILES_E_BAD;
}

/* Reads n bytes and the end behind them. */
static int read_exactly(int fd, uint8_t *at, size_t n, const char **why)
{
	uint8_t extra;

	for (;;) {
		ssize_t got = read(fd, n ? at : &extra, n ? n : 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*why = "can't be read";
			return TILES_FILES_E_BAD;
		}
		if (!n && got == 0)
			return TILES_FILES_OK;
		if (!n || got == 0) {
			*why = "changed while it was read";
			return TILES_FILES_E_BAD;
		}
		at += got;
		n -= (size_t)got;
	}
}

int tiles_files_read(int dir, const char *path, size_t limit_bytes, struct buffer *out, const char **why)
{
	CLEANUP(tiles_files_closep) int fd = -1;
	struct stat st;
	uint8_t *at;

	buffer_reset(out);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return open_failure(errno, why);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		*why = "is not a regular file";
		return TILES_FILES_E_BAD;
	}
	if ((uint64_t)st.st_size > limit_bytes) {
		*why = "is too long";
		return TILES_FILES_E_BAD;
	}
	at = buffer_grow(out, (size_t)st.st_size);
	if (!at)
		return err_raise(-ENOMEM);
	return read_exactly(fd, at, (size_t)st.st_size, why);
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

static int folders_make(int dir, const char *path)
{
	char part[PATH_SIZE];

	for (size_t i = 0; path[i] && i < sizeof part; i++) {
		part[i] = path[i];
		if (path[i] != '/')
			continue;
		part[i] = '\0';
		if (mkdirat(dir, part, 0777) && errno != EEXIST)
			return err_raise(-errno);
		part[i] = '/';
	}
	return 0;
}

int tiles_files_write(int dir, const char *path, struct span bytes)
{
	CLEANUP(tiles_files_closep) int fd = -1;
	int r;

	fd = openat(dir, BESIDE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return err_raise(-errno);
	r = write_all(fd, bytes);
	if (!r && renameat(dir, BESIDE, dir, path) == 0)
		return 0;
	if (!r && errno == ENOENT) {
		r = folders_make(dir, path);
		if (!r && renameat(dir, BESIDE, dir, path) == 0)
			return 0;
	}
	if (!r)
		r = err_raise(-errno);
	tiles_files_tidy(dir);
	return err_pass(r);
}

int tiles_files_sync(int dir)
{
	return syncfs(dir) ? err_raise(-errno) : 0;
}

void tiles_files_tidy(int dir)
{
	unlinkat(dir, BESIDE, 0);
}

void tiles_files_remove(int dir, const char *path)
{
	char folder[PATH_SIZE];
	char *slash;

	unlinkat(dir, path, 0);
	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash - folder < 2 || memcmp(slash - 2, ".p", 2) != 0)
		return;
	*slash = '\0';
	unlinkat(dir, folder, AT_REMOVEDIR); /* stays while it holds another partial tile */
}

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

struct walk {
	tiles_files_fn *each;
	void *ctx;
	char path[PATH_SIZE];
};

static bool is_folder(int dir, const struct dirent *entry, bool *is_file)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN) {
		*is_file = entry->d_type == DT_REG;
		return entry->d_type == DT_DIR;
	}
	if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	*is_file = S_ISREG(st.st_mode);
	return S_ISDIR(st.st_mode);
}

/* One folder, whose path (without a slash behind it) is the first len characters of w->path. */
static int walk_folder(struct walk *w, int parent, const char *name, size_t len, unsigned depth)
{
	CLEANUP(dir_closep) DIR *folder = NULL;
	const struct dirent *entry;
	int fd, r;

	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		if (error == ENOMEM || error == EMFILE || error == ENFILE)
			return err_raise(-error);
		w->each(w->ctx, w->path, false);
		return 0;
	}
	while ((entry = readdir(folder))) {
		bool is_file = false;
		int n;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n = snprintf(w->path + len, sizeof w->path - len, "%s%s", len ? "/" : "", entry->d_name);
		if (is_folder(dirfd(folder), entry, &is_file) && depth < DEPTH_MAX &&
		    len + (size_t)n < sizeof w->path) {
			r = walk_folder(w, dirfd(folder), entry->d_name, len + (size_t)n, depth + 1);
			if (r)
				return err_pass(r);
		} else {
			w->each(w->ctx, w->path, is_file);
		}
		w->path[len] = '\0';
	}
	return 0;
}

int tiles_files_walk(int dir, tiles_files_fn *each, void *ctx)
{
	struct walk w = { .each = each, .ctx = ctx };

	return walk_folder(&w, dir, ".", 0, 0);
}
