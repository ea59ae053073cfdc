/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bundles are checked in windows: the threads share out a window, then the caller's thread pushes the
 * window's subtree roots through the upper tile levels. So memory does not grow with the log, and the first
 * bad thing is found in log order whatever the threads did.
 *
 * Naming the odd one out. When the entries give the signed root, every entry is right and what differs from
 * them is a tile. When they don't, an entry changed: the first whose tile the tile above does not contradict.
 * Only when nothing disagrees with anything but the root is the checkpoint named.
 */
#include "client/lib/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "client/lib/tiles_bundles.h"
#include "client/lib/tiles_edge.h"
#include "client/lib/tiles_files.h"
#include "client/lib/tiles_report.h"

#define WINDOW_BUNDLES 4096 /* about a million entries, 128 KiB of hashes */

struct verify {
	int dir;
	const struct tiles_options *options;
	struct tiles_report *report;
	uint64_t size;
	uint64_t first; /* bundle: those before it were under the older checkpoint */
	_Atomic uint64_t done;
	unsigned n_workers;
	struct tiles_bundles *workers;
	struct hash *roots; /* of one window */
	struct tiles_edge edge;
	struct buffer tile;
	/* The first fault in the tiles above level 0. */
	bool has_upper;
	struct tiles_report upper;
	uint64_t upper_child; /* the number, one level down, of the tile whose hash differs */
	unsigned upper_level;
	bool upper_is_mismatch;
};

static void verify_freep(struct verify **v)
{
	if (!*v)
		return;
	for (unsigned i = 0; (*v)->workers && i < (*v)->n_workers; i++)
		tiles_bundles_fini(&(*v)->workers[i]);
	free((*v)->workers);
	free((*v)->roots);
	buffer_fini(&(*v)->tile);
	free(*v);
}

static unsigned workers_wanted(const struct tiles_options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = options->threads ? options->threads : (unsigned)(processors < 1 ? 1 : processors);

	return n < TILES_THREADS_MAX ? n : TILES_THREADS_MAX;
}

static int verify_new(int dir, const struct tiles_options *options, struct tiles_report *report,
                      struct verify **out)
{
	CLEANUP(verify_freep) struct verify *v = calloc(1, sizeof *v);

	if (!v)
		return err_raise(-ENOMEM);
	v->dir = dir;
	v->options = options;
	v->report = report;
	v->size = report->checkpoint.size;
	buffer_init(&v->tile, 0);
	v->roots = calloc(WINDOW_BUNDLES, sizeof *v->roots);
	v->workers = calloc(workers_wanted(options), sizeof *v->workers);
	if (!v->roots || !v->workers)
		return err_raise(-ENOMEM);
	v->n_workers = workers_wanted(options);
	for (unsigned i = 0; i < v->n_workers; i++)
		tiles_bundles_init(&v->workers[i], dir, v->size, &v->done);
	v->workers[0].progress = &options->progress;
	*out = TAKE(v);
	return 0;
}

static void *worker_main(void *worker)
{
	tiles_bundles_check(worker);
	return NULL;
}

/* Checks the bundles first..end with all workers; their roots are in v->roots. A thread that can't be had is
 * done without. */
static void window_check(struct verify *v, uint64_t first, uint64_t end)
{
	pthread_t threads[TILES_THREADS_MAX];
	bool started[TILES_THREADS_MAX] = { false };
	uint64_t n = end - first;

	for (unsigned i = v->n_workers; i-- > 0;) {
		struct tiles_bundles *w = &v->workers[i];

		w->first = first + n * i / v->n_workers;
		w->end = first + n * (i + 1) / v->n_workers;
		w->roots = v->roots + (w->first - first);
		if (i && w->first < w->end)
			started[i] = pthread_create(&threads[i], NULL, worker_main, w) == 0;
		if (!started[i])
			tiles_bundles_check(w);
	}
	for (unsigned i = 1; i < v->n_workers; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
}

static int upper_fault(struct verify *v, const char *path, unsigned level, uint64_t child, bool mismatch)
{
	v->has_upper = true;
	v->upper_level = level;
	v->upper_child = child;
	v->upper_is_mismatch = mismatch;
	tiles_report_file(&v->upper, path);
	return 0;
}

/* Compares a tile above level 0 with what it should be; remembers the first fault. 0 or <0 fatal. */
static int upper_check(void *ctx, unsigned level, uint64_t tile, const struct hash *hashes, unsigned n)
{
	struct verify *v = ctx;
	char path[TILE_PATH_SIZE];
	const char *why;
	int r;

	if (level == 0 || v->has_upper)
		return 0; /* level 0 was compared with its bundles */
	tile_path(level, tile, n, path);
	r = tiles_files_read(v->dir, path, n * sizeof *hashes, &v->tile, &why);
	if (r < 0)
		return err_pass(r);
	if (r) {
		tiles_report_bad(&v->upper, path, "%s", why);
		return upper_fault(v, path, level, 0, false);
	}
	if (v->tile.len != n * sizeof *hashes) {
		tiles_report_bad(&v->upper, path, "is %zu bytes long, not %zu", v->tile.len,
		                 n * sizeof *hashes);
		return upper_fault(v, path, level, 0, false);
	}
	for (unsigned i = 0; i < n; i++) {
		if (memcmp(v->tile.ptr + i * sizeof *hashes, hashes[i].bytes, sizeof *hashes) != 0) {
			tiles_report_bad(&v->upper, path, "hash %u does not follow from the tile below it",
			                 i);
			return upper_fault(v, path, level, tile * TILE_WIDTH + i, true);
		}
	}
	return 0;
}

/* What one window adds to the edge. The partial bundle, if any, is the last of the log. */
static int window_push(struct verify *v, uint64_t first, uint64_t end)
{
	for (uint64_t n = first; n < end && tile_width(0, n, v->size) == TILE_WIDTH; n++) {
		int r = tiles_edge_push(&v->edge, 1, &v->roots[n - first], upper_check, v);

		if (r)
			return err_pass(r);
	}
	if (tile_width(0, end - 1, v->size) < TILE_WIDTH)
		for (unsigned i = 0; i < v->n_workers; i++)
			if (v->workers[i].end == end && v->workers[i].first < end)
				memcpy(v->edge.levels[0].hashes, v->workers[i].leaves,
				       sizeof v->workers[i].leaves);
	return 0;
}

static bool any_fault(const struct verify *v)
{
	for (unsigned i = 0; i < v->n_workers; i++)
		if (v->workers[i].error || v->workers[i].has_fault)
			return true;
	return false;
}

/* The edge of the tree that the older checkpoint signed, from the tiles that are there now. */
static int edge_read(struct verify *v, uint64_t size)
{
	char path[TILE_PATH_SIZE];
	const char *why = NULL;
	int r = TILES_OK;

	tiles_edge_start(&v->edge, size);
	for (unsigned level = 0; !r && level < TILE_LEVELS; level++) {
		unsigned n = v->edge.levels[level].n, width = tile_width(level, v->edge.levels[level].tile, v->size);

		if (!n)
			continue;
		tile_path(level, v->edge.levels[level].tile, width, path);
		r = tiles_files_read(v->dir, path, width * sizeof(struct hash), &v->tile, &why);
		if (r < 0)
			return err_pass(r);
		if (!r && v->tile.len < n * sizeof(struct hash))
			why = "is too short";
		if (r || why)
			return tiles_report_bad(v->report, path, "%s", why);
		memcpy(v->edge.levels[level].hashes, v->tile.ptr, n * sizeof(struct hash));
	}
	return TILES_OK;
}

/*
 * What was signed then is taken as it was verified then: the tiles' right edge of that size must make its root, and with that its
 * hashes are as good as signed. From there on everything is computed from the entries, the unfinished bundle of then included.
 */
static int older_start(struct verify *v)
{
	struct checkpoint older;
	struct hash root;
	int r = checkpoint_open(v->options->older_note, &v->report->log_key, &older);

	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(v->report, TILES_OLDER, "is not a checkpoint signed by the key of %s", v->report->log_key.name);
	if (older.size > v->size)
		return tiles_report_bad(v->report, TILES_CHECKPOINT, "covers %llu entries, the older checkpoint %llu: entries are gone",
		                        (unsigned long long)v->size, (unsigned long long)older.size);
	r = edge_read(v, older.size);
	if (!r)
		r = tiles_edge_root(&v->edge, older.size, &root);
	if (r)
		return r < 0 ? err_pass(r) : r;
	if (!hash_equal(&root, &older.root))
		return tiles_report_bad(v->report, TILES_CHECKPOINT,
		                        "the first %llu entries are not those of the older checkpoint, or a tile was changed",
		                        (unsigned long long)older.size);
	v->edge.levels[0].n = 0;
	v->first = older.size / TILE_WIDTH;
	v->report->first_entry = v->first * TILE_WIDTH;
	atomic_store(&v->done, v->report->first_entry);
	return TILES_OK;
}

/* All bundles and tiles from the first on. Results stay in v; TILES_OK, TILES_E_BAD (reported), <0 fatal. */
static int everything_check(struct verify *v)
{
	uint64_t bundles = tile_count(0, v->size);
	int r = TILES_OK;

	tiles_edge_start(&v->edge, 0);
	if (v->options->older_note.len)
		r = older_start(v);
	if (r)
		return r < 0 ? err_pass(r) : r;
	for (uint64_t first = v->first; first < bundles && !any_fault(v); first += WINDOW_BUNDLES) {
		uint64_t end = bundles - first < WINDOW_BUNDLES ? bundles : first + WINDOW_BUNDLES;

		window_check(v, first, end);
		for (unsigned i = 0; i < v->n_workers; i++)
			if (v->workers[i].error)
				return err_pass(v->workers[i].error);
		if (any_fault(v))
			return 0;
		r = window_push(v, first, end);
		if (r)
			return err_pass(r);
	}
	v->edge.levels[0].n = (unsigned)(v->size % TILE_WIDTH);
	v->edge.levels[0].tile = v->size / TILE_WIDTH;
	r = tiles_edge_flush(&v->edge, upper_check, v);
	return r ? err_pass(r) : 0;
}

static void counts_add(struct verify *v)
{
	struct tiles_report *out = v->report;

	for (unsigned i = 0; i < v->n_workers; i++) {
		const struct tiles_bundles *w = &v->workers[i];

		if (!w->n_entries)
			continue;
		if (!out->n_entries || w->first_unix_ms < out->first_unix_ms)
			out->first_unix_ms = w->first_unix_ms;
		if (!out->n_entries || w->last_unix_ms > out->last_unix_ms)
			out->last_unix_ms = w->last_unix_ms;
		out->n_entries += w->n_entries;
		for (unsigned k = 0; k < ENTRY_KIND_N; k++)
			out->by_kind[k] += w->by_kind[k];
		for (unsigned k = 0; k < CODE_N; k++)
			out->by_code[k] += w->by_code[k];
	}
}

/* The first of the workers' suspects, in log order. */
static struct tiles_suspect first_suspect(const struct verify *v, bool tile)
{
	struct tiles_suspect first = { .found = false };

	for (unsigned i = 0; i < v->n_workers; i++) {
		const struct tiles_suspect *s = tile ? &v->workers[i].tile : &v->workers[i].entry;

		if (s->found && (!first.found || s->n < first.n))
			first = *s;
	}
	return first;
}

static int tile_bad(struct verify *v, const struct tiles_suspect *s)
{
	char path[TILE_PATH_SIZE];

	tile_path(0, s->n, tile_width(0, s->n, v->size), path);
	return tiles_report_bad(v->report, path, "hash %u is not that of entry %llu", s->first,
	                        (unsigned long long)(s->n * TILE_WIDTH + s->first));
}

static int entry_bad(struct verify *v, const struct tiles_suspect *s)
{
	char path[TILE_PATH_SIZE];

	tile_bundle_path(s->n, tile_width(0, s->n, v->size), path);
	v->report->has_entry = true;
	v->report->entry = s->n * TILE_WIDTH + s->first;
	return tiles_report_bad(v->report, path, "entry %llu is not the one that the log signed",
	                        (unsigned long long)v->report->entry);
}

static int fault_copy(struct verify *v, const struct tiles_report *fault)
{
	memcpy(v->report->file, fault->file, sizeof v->report->file);
	memcpy(v->report->reason, fault->reason, sizeof v->report->reason);
	v->report->has_entry = fault->has_entry;
	v->report->entry = fault->entry;
	return TILES_E_BAD;
}

/* A file that could not be read as what it should be: the root can't be computed, the nearest evidence
 * decides. */
static int resolve_fault(struct verify *v, const struct tiles_bundles *worst)
{
	struct tiles_suspect entry = first_suspect(v, false);
	struct tiles_suspect tile = first_suspect(v, true);

	if (tile.found && tile.n < worst->fault_n && (!entry.found || tile.n < entry.n))
		return tile_bad(v, &tile);
	if (entry.found && entry.n < worst->fault_n)
		return entry_bad(v, &entry);
	return fault_copy(v, &worst->fault);
}

/*
 * Entries and their tile agree, and the tile above them does not. With another root than the signed one the
 * change is below: an entry and its hash were replaced together.
 */
static int resolve_upper(struct verify *v, bool entries_right)
{
	char path[TILE_PATH_SIZE];

	if (entries_right || !v->upper_is_mismatch || v->upper_level != 1)
		return fault_copy(v, &v->upper);
	tile_bundle_path(v->upper_child, TILE_WIDTH, path);
	return tiles_report_bad(v->report, path,
	                        "an entry and its hash were changed together: they do not fit %s",
	                        v->upper.file);
}

static int resolve(struct verify *v)
{
	const struct tiles_bundles *worst = NULL;
	struct tiles_suspect entry = first_suspect(v, false);
	struct tiles_suspect tile = first_suspect(v, true);
	struct hash root;
	bool entries_right;
	int r;

	for (unsigned i = 0; i < v->n_workers; i++)
		if (v->workers[i].has_fault && (!worst || v->workers[i].fault_n < worst->fault_n))
			worst = &v->workers[i];
	if (worst)
		return resolve_fault(v, worst);
	r = tiles_edge_root(&v->edge, v->size, &root);
	if (r)
		return err_pass(r);
	entries_right = hash_equal(&root, &v->report->checkpoint.root);
	if (entries_right && (entry.found || tile.found))
		return tile_bad(v, entry.found && (!tile.found || entry.n < tile.n) ? &entry : &tile);
	if (entry.found)
		return entry_bad(v, &entry);
	if (v->has_upper)
		return resolve_upper(v, entries_right);
	if (tile.found)
		return tile_bad(v, &tile);
	if (!entries_right)
		return tiles_report_bad(v->report, TILES_CHECKPOINT,
		                        "the entries do not make the root that the log signed");
	return TILES_OK;
}

struct unexpected {
	uint64_t size;
	char first[TILES_FILE_SIZE]; /* in the order of names, so that the same folder gives the same answer
	                              */
};

static void unexpected_see(void *ctx, const char *path, bool is_file)
{
	struct unexpected *u = ctx;

	if (is_file && tiles_expected(path, u->size))
		return;
	if (u->first[0] && strcmp(path, u->first) >= 0)
		return;
	snprintf(u->first, sizeof u->first, "%s", path);
}

static int unexpected_check(int dir, struct tiles_report *report)
{
	struct unexpected u = { .size = report->checkpoint.size };
	int r = tiles_files_walk(dir, unexpected_see, &u);

	if (r)
		return err_pass(r);
	return u.first[0] ? tiles_report_bad(report, u.first, "does not belong to the export of %llu entries",
	                                     (unsigned long long)u.size)
	                  : TILES_OK;
}

int tiles_verify_published(int dir, const struct tiles_options *options, struct tiles_report *report)
{
	CLEANUP(verify_freep) struct verify *v = NULL;
	int r;

	r = tiles_head_read(dir, options, report);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = verify_new(dir, options, report, &v);
	if (!r)
		r = everything_check(v);
	if (r)
		return r < 0 ? err_pass(r) : r;
	counts_add(v);
	return resolve(v);
}

int tiles_verify(const char *dir, const struct tiles_options *options, struct tiles_report *out)
{
	CLEANUP(tiles_files_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tiles_report report = { .file = "" };
	int r;

	if (fd < 0 && (errno == ENOMEM || errno == EMFILE || errno == ENFILE))
		return err_raise(-errno);
	if (fd < 0)
		r = tiles_report_bad(&report, ".", "the folder can't be opened: %s", err_text(-errno));
	else
		r = tiles_verify_published(fd, options, &report);
	if (!r)
		r = unexpected_check(fd, &report);
	if (r < 0)
		return err_pass(r);
	*out = report;
	return r;
}
