/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The key is read before the checkpoint and each has its own fault, so that a folder of another log, a key
 * file that was tampered with and a checkpoint that was tampered with are told apart.
 */
#include "client/lib/tiles_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/tiles_files.h"
#include "proto/tile.h"

enum { TILES_E_ABSENT = TILES_E_BAD + 1 };

/* Names come from a folder that anyone may have made; what is shown must not reach a terminal as commands. */
void tiles_report_file(struct tiles_report *report, const char *file)
{
	snprintf(report->file, sizeof report->file, "%s", file);
	for (char *p = report->file; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

int tiles_report_bad(struct tiles_report *report, const char *file, const char *format, ...)
{
	va_list args;

	tiles_report_file(report, file);
	va_start(args, format);
	vsnprintf(report->reason, sizeof report->reason, format, args);
	va_end(args);
	return TILES_E_BAD;
}

bool tiles_expected(const char *path, uint64_t size)
{
	struct tile_name name;

	if (strcmp(path, TILES_CHECKPOINT) == 0 || strcmp(path, TILES_VKEY) == 0)
		return true;
	return tile_path_parse(path, &name) && tile_width(name.level, name.n, size) == name.width;
}

/* The key that log.vkey holds. TILES_OK, TILES_E_BAD or TILES_E_ABSENT (both reported), <0 fatal. */
static int key_read(int dir, struct tiles_report *report, struct note_key *out)
{
	CLEANUP(buffer_fini) struct buffer bytes;
	const char *why;
	int r;

	buffer_init(&bytes, 0);
	r = tiles_files_read(dir, TILES_VKEY, NOTE_VKEY_SIZE, &bytes, &why);
	if (r < 0)
		return err_pass(r);
	if (r) {
		tiles_report_bad(report, TILES_VKEY, "the log's public key %s", why);
		return r == TILES_FILES_E_ABSENT ? TILES_E_ABSENT : TILES_E_BAD;
	}
	if (!bytes.len || bytes.ptr[bytes.len - 1] != '\n' ||
	    note_key_parse(out, span_of(bytes.ptr, bytes.len - 1)) != NOTE_OK)
		return tiles_report_bad(report, TILES_VKEY,
		                        "is not a public key in the form name+id+base64 and a newline");
	return TILES_OK;
}

static bool key_equal(const struct note_key *a, const struct note_key *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

/* The key to verify with: the caller's if there is one, and then log.vkey must be the same or absent. */
static int key_choose(int dir, const struct tiles_options *options, struct tiles_report *report)
{
	struct tiles_report own = { .file = "" };
	struct note_key found;
	int r;

	r = key_read(dir, &own, &found);
	if (r < 0)
		return err_pass(r);
	/* Another tool's export has no log.vkey, and with a key of his own the caller does not rely on it. */
	if (r == TILES_E_BAD || (r && !options->log_key)) {
		*report = own;
		return TILES_E_BAD;
	}
	report->key_from_export = !options->log_key;
	report->log_key = options->log_key ? *options->log_key : found;
	if (r == TILES_OK && !key_equal(&found, &report->log_key))
		return tiles_report_bad(report, TILES_VKEY,
		                        "is not the key of the log that was asked for (%s)",
		                        report->log_key.name);
	return TILES_OK;
}

/* Counts the lines nobody here can judge, and refuses a known witness's line that does not hold. */
static int cosignatures_check(struct span note, const struct tiles_options *options,
                              struct tiles_report *report)
{
	struct note_key keys[1 + TILES_WITNESSES_MAX];
	struct note opened;
	int r;

	if (options->n_witnesses > TILES_WITNESSES_MAX)
		return tiles_report_bad(report, TILES_CHECKPOINT, "more witness keys were given than %d",
		                        TILES_WITNESSES_MAX);
	keys[0] = report->log_key;
	for (size_t i = 0; i < options->n_witnesses; i++)
		keys[1 + i] = options->witnesses[i];
	r = note_open(note, keys, 1 + options->n_witnesses, &opened);
	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(report, TILES_CHECKPOINT, "a witness's cosignature does not hold");
	report->n_unverified_lines = opened.n_lines - opened.n_verified;
	return TILES_OK;
}

int tiles_head_read(int dir, const struct tiles_options *options, struct tiles_report *report)
{
	CLEANUP(buffer_fini) struct buffer note;
	const char *why;
	int r;

	buffer_init(&note, 0);
	r = key_choose(dir, options, report);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = tiles_files_read(dir, TILES_CHECKPOINT, TILES_CHECKPOINT_MAX, &note, &why);
	if (r < 0)
		return err_pass(r);
	if (r)
		return tiles_report_bad(report, TILES_CHECKPOINT, "%s", why);
	r = checkpoint_open(buffer_span(&note), &report->log_key, &report->checkpoint);
	if (r < 0)
		return err_pass(r);
	if (r == CHECKPOINT_E_MALFORMED)
		return tiles_report_bad(report, TILES_CHECKPOINT, "is not a well-formed checkpoint");
	if (r == CHECKPOINT_E_ORIGIN)
		return tiles_report_bad(report, TILES_CHECKPOINT, "is a checkpoint of another log than %s",
		                        report->log_key.name);
	if (r)
		return tiles_report_bad(report, TILES_CHECKPOINT, "is not signed by the key of %s",
		                        report->log_key.name);
	report->has_checkpoint = true;
	return cosignatures_check(buffer_span(&note), options, report);
}
