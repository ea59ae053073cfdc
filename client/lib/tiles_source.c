/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A log that has no files of its own to show: the entries go once through the edge of the tree, and what they make must be what was
 * signed. Which entry differs from what was signed can't be told without the tiles; which one is no entry can.
 */
#include "client/lib/tiles.h"

#include "base/error.h"
#include "client/lib/tiles_edge.h"
#include "client/lib/tiles_report.h"

#define SOURCE "(the running log)"

struct stream {
	const struct tiles_source *source;
	struct tiles_report *report;
	struct checkpoint older;
	bool has_older;
	struct tiles_edge edge;
};

static int ignore(void *ctx UNUSED, unsigned level UNUSED, uint64_t tile UNUSED, const struct hash *hashes UNUSED, unsigned n UNUSED)
{
	return 0;
}

static int heads_open(struct stream *s, struct span older_note)
{
	struct tiles_report *report = s->report;
	int r = checkpoint_open(s->source->checkpoint_note, s->source->log_key, &report->checkpoint);

	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(report, TILES_CHECKPOINT, "the log gave a checkpoint that its key did not sign");
	report->has_checkpoint = true;
	report->log_key = *s->source->log_key;
	s->has_older = older_note.len;
	r = s->has_older ? checkpoint_open(older_note, s->source->log_key, &s->older) : 0;
	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(report, TILES_OLDER, "is not a checkpoint signed by the key of %s", report->log_key.name);
	if (s->has_older && s->older.size > report->checkpoint.size)
		return tiles_report_bad(report, TILES_CHECKPOINT, "covers %llu entries, the older checkpoint %llu: entries are gone",
		                        (unsigned long long)report->checkpoint.size, (unsigned long long)s->older.size);
	return TILES_OK;
}

static void count(struct tiles_report *out, const struct entry *e)
{
	out->by_kind[e->kind]++;
	out->by_code[e->code]++;
	if (!out->n_entries || e->time_unix_ms < out->first_unix_ms)
		out->first_unix_ms = e->time_unix_ms;
	if (!out->n_entries || e->time_unix_ms > out->last_unix_ms)
		out->last_unix_ms = e->time_unix_ms;
	out->n_entries++;
}

static int entry_take(struct stream *s, uint64_t index)
{
	struct span bytes = SPAN_NONE;
	struct hash leaf;
	struct entry e;
	int r = s->source->entry(s->source->ctx, index, &bytes);

	if (r)
		return err_fold(r);
	if (entry_parse(bytes, &e) != ENTRY_OK) {
		s->report->has_entry = true;
		s->report->entry = index;
		return tiles_report_bad(s->report, SOURCE, "entry %llu is not well formed", (unsigned long long)index);
	}
	count(s->report, &e);
	tree_hash_leaf(bytes, &leaf);
	return err_pass(tiles_edge_push(&s->edge, 0, &leaf, ignore, NULL));
}

/* What came so far is what that head was signed over. */
static int head_holds(struct stream *s, const struct checkpoint *head, const char *what)
{
	struct hash root;
	int r = tiles_edge_root(&s->edge, head->size, &root);

	if (r)
		return err_pass(r);
	return hash_equal(&root, &head->root) ? TILES_OK : tiles_report_bad(s->report, TILES_CHECKPOINT, "%s", what);
}

static int stream_check(struct stream *s)
{
	const struct tiles_progress *progress = &s->source->progress;
	uint64_t size = s->report->checkpoint.size;
	int r = TILES_OK;

	tiles_edge_start(&s->edge, 0);
	for (uint64_t i = 0; !r && i <= size; i++) {
		if (s->has_older && i == s->older.size)
			r = head_holds(s, &s->older, "the entries do not begin with those of the older checkpoint");
		if (!r && i < size)
			r = entry_take(s, i);
		if (!r && progress->report && (i + 1 == size || (i < size && i % 4096 == 0)))
			progress->report(progress->ctx, i + 1, size);
	}
	return r ? r : head_holds(s, &s->report->checkpoint, "the entries do not make the root that the log signed");
}

int tiles_verify_source(const struct tiles_source *source, struct span older_note, struct tiles_report *out)
{
	struct tiles_report report = { .file = "" };
	struct stream s = { .source = source, .report = &report };
	int r = heads_open(&s, older_note);

	if (!r)
		r = stream_check(&s);
	if (r < 0)
		return err_pass(r);
	*out = report;
	return r;
}
