/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit: verify an export offline, make one, print a checkpoint.
 *
 * verify needs no house, no network and no trust: only the folder and the public key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "client/cli/control.h"
#include "client/cli/policy_file.h"
#include "client/lib/tiles.h"

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	fprintf(stderr, "\r%llu of %llu entries%s", (unsigned long long)done, (unsigned long long)total, done == total ? "\n" : "");
}

static struct tiles_progress progress_for(const struct cli *cli)
{
	return (struct tiles_progress){ .report = !cli->json && isatty(2) ? show_progress : NULL };
}

static json_t *counts_json(const struct tiles_report *t)
{
	json_t *kinds = json_object(), *codes = json_object();

	for (size_t i = 0; i < ENTRY_KIND_N; i++)
		if (t->by_kind[i])
			json_object_set_new(kinds, entry_kind_name((enum entry_kind)i), json_integer((json_int_t)t->by_kind[i]));
	for (size_t i = 0; i < CODE_N; i++)
		if (t->by_code[i])
			json_object_set_new(codes, code_name((enum code)i), json_integer((json_int_t)t->by_code[i]));
	return json_pack("{s:o,s:o}", "by_kind", kinds, "by_code", codes);
}

static int verified(const struct cli *cli, const char *dir, const struct tiles_report *t, const struct policy_verdict *seen)
{
	char first[CLI_TIME_SIZE], last[CLI_TIME_SIZE];

	if (cli->json) {
		json_t *j = counts_json(t);

		json_object_set_new(j, "ok", json_true());
		json_object_set_new(j, "origin", json_string(t->checkpoint.origin));
		json_object_set_new(j, "size", json_integer((json_int_t)t->checkpoint.size));
		json_object_set_new(j, "key_from_export", json_boolean(t->key_from_export));
		if (seen)
			json_object_set_new(j, "cosigned", json_integer((json_int_t)seen->n_cosigned));
		cli_json(j);
		return KP_OK;
	}
	cli_time(t->first_unix_ms, first);
	cli_time(t->last_unix_ms, last);
	cli_say(cli, "%s: unchanged. %llu entries of %s, %s to %s", dir, (unsigned long long)t->n_entries, t->checkpoint.origin, first, last);
	if (seen)
		cli_say(cli, "  cosigned by %zu witnesses of the policy", seen->n_cosigned);
	for (size_t i = 0; i < ENTRY_KIND_N; i++)
		if (t->by_kind[i])
			cli_say(cli, "  %-12s %llu", entry_kind_name((enum entry_kind)i), (unsigned long long)t->by_kind[i]);
	for (size_t i = 1; i < CODE_N; i++)
		if (t->by_code[i])
			cli_say(cli, "  refused %-34s %llu", code_name((enum code)i), (unsigned long long)t->by_code[i]);
	if (t->key_from_export)
		cli_say(cli, "the public key came from the export itself: compare it with the house's own, or give --key");
	return KP_OK;
}

static int not_verified(const struct cli *cli, const char *dir, const struct tiles_report *t)
{
	char what[600];

	if (cli->json) {
		json_t *j = json_pack("{s:b,s:s,s:s}", "ok", 0, "file", t->file, "reason", t->reason);

		if (t->has_entry)
			json_object_set_new(j, "entry", json_integer((json_int_t)t->entry));
		cli_json(j);
		return KP_UNVERIFIED;
	}
	if (t->has_entry)
		snprintf(what, sizeof what, "%s: entry %llu in %s: %s", dir, (unsigned long long)t->entry, t->file, t->reason);
	else
		snprintf(what, sizeof what, "%s: %s: %s", dir, t->file, t->reason);
	return cli_trouble(cli, KP_UNVERIFIED, "audit-verify", what,
			   "this copy of the log is not what the house signed: keep it, and compare with another copy and with receipts");
}

struct verify {
	char *key, *since, *policy;
};

/* The export's checkpoint against the policy; what it says of the log itself was verified before. */
static int policy_of_export(const struct cli *cli, const char *dir, const struct policy *policy, const struct note_key *log_key,
			    struct policy_verdict *seen)
{
	char path[700];
	size_t len = 0;
	char *note;
	int status;

	snprintf(path, sizeof path, "%.600s/checkpoint", dir);
	note = cli_file(cli, path, 64 * 1024, &len);
	if (!note)
		return KP_UNVERIFIED;
	status = cli_policy_check(cli, policy, log_key, span_of(note, len), seen);
	free(note);
	return status;
}

static int verify_entries(const struct cli *cli, const char *dir, const struct verify *v, const struct note_key *log_key,
			  struct tiles_report *report)
{
	struct tiles_options options = { .progress = progress_for(cli), .log_key = log_key };
	char *older = NULL;
	size_t len = 0;
	int r;

	if (v->since) {
		older = cli_file(cli, v->since, 64 * 1024, &len);
		if (!older)
			return KP_USAGE;
		options.older_note = span_of(older, len);
	}
	r = tiles_verify(dir, &options, report);
	free(older);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "audit-verify", "the export could not be read to its end",
				   "is there memory, and is the disk well?");
	return r == TILES_OK ? KP_OK : KP_UNVERIFIED;
}

static int verify_folder(const struct cli *cli, const char *dir, const char *name, const struct verify *v)
{
	struct tiles_report report = { .n_entries = 0 };
	struct policy_verdict seen = { .n_cosigned = 0 };
	struct policy *policy = NULL;
	struct note_key log_key;
	int status = v->key ? cli_log_key(cli, v->key, &log_key) : KP_OK;

	if (status == KP_OK && v->policy)
		status = cli_policy(cli, v->policy, &policy);
	if (status != KP_OK)
		return status;
	status = verify_entries(cli, dir, v, v->key ? &log_key : NULL, &report);
	if (status == KP_UNVERIFIED)
		not_verified(cli, name, &report);
	if (status == KP_OK && policy)
		status = policy_of_export(cli, dir, policy, v->key || !policy->n_logs ? &report.log_key : NULL, &seen);
	if (status == KP_OK)
		verified(cli, name, &report, policy ? &seen : NULL);
	free(policy);
	return status;
}

/* Entries come over the control socket in pages; the exporter asks for them in order. */
struct pages {
	struct control *control;
	struct buffer page;
	bool have_page;
	uint64_t from;
	uint32_t n;
	struct reader reader;
	uint64_t next;
};

static int next_page(struct pages *p, uint64_t index)
{
	if (p->have_page)
		buffer_fini(&p->page);
	p->have_page = false;
	if (control_call(p->control, IPC_CTL_ENTRIES, index, SPAN_NONE, &p->page) != KP_OK)
		return -5;
	p->have_page = true;
	reader_init(&p->reader, buffer_span(&p->page));
	p->from = p->next = reader_u64(&p->reader);
	p->n = reader_u32(&p->reader);
	return p->reader.failed || p->n == 0 || p->from != index ? -5 : 0;
}

static int read_entry(void *ctx, uint64_t index, struct span *entry)
{
	struct pages *p = ctx;
	int r;

	if (!p->have_page || index < p->next || index >= p->from + p->n) {
		r = next_page(p, index);
		if (r)
			return r;
	}
	for (; p->next <= index; p->next++)
		*entry = reader_lp16(&p->reader);
	return p->reader.failed ? -5 : 0;
}

static int export_to(const struct cli *cli, struct control *control, const char *dir, bool witnessed, struct checkpoint *head)
{
	struct pages pages = { .control = control };
	struct tiles_source source = { .entry = read_entry, .ctx = &pages, .progress = progress_for(cli) };
	struct tiles_report report;
	struct note_key log_key;
	char path[700];
	struct buffer checkpoint;
	int status, r;

	house_path(cli, "log.vkey", path, sizeof path);
	status = cli_log_key(cli, path, &log_key);
	if (status != KP_OK)
		return status;
	status = control_call(control, IPC_CTL_CHECKPOINT, witnessed, SPAN_NONE, &checkpoint);
	if (status != KP_OK)
		return status;
	source.checkpoint_note = buffer_span(&checkpoint);
	source.log_key = &log_key;
	r = tiles_export(dir, &source, &report);
	buffer_fini(&checkpoint);
	if (pages.have_page)
		buffer_fini(&pages.page);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "audit-export", "the export could not be written to its end",
				   "is the folder writable, is there room, does the house run? Calling it again goes on where it stopped");
	if (r != TILES_OK)
		return not_verified(cli, dir, &report);
	*head = report.checkpoint;
	return KP_OK;
}

static int export_and_say(const struct cli *cli, struct control *control, const char *dir, bool witnessed)
{
	struct checkpoint head;
	int status = export_to(cli, control, dir, witnessed, &head);

	if (status != KP_OK)
		return status;
	if (cli->json)
		cli_json(json_pack("{s:s,s:s,s:I}", "tiles", dir, "origin", head.origin, "size", (json_int_t)head.size));
	else
		cli_say(cli, "%llu entries of %s in %s\nverify them anywhere: knooppunt audit verify %s --key %s/log.vkey",
			(unsigned long long)head.size, head.origin, dir, dir, house_folder(cli));
	return KP_OK;
}

/* The log of a running house: exported to a folder of its own, verified there with the house's key, removed. */
static int verify_live(const struct cli *cli, const struct verify *v)
{
	const char *tmp = getenv("TMPDIR");
	struct verify with_key = *v;
	struct control *control;
	struct checkpoint head;
	char dir[300], key[700];
	int status;

	snprintf(dir, sizeof dir, "%.200s/knooppunt-verify.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	house_path(cli, "log.vkey", key, sizeof key);
	if (!v->key)
		with_key.key = key;
	control = control_open(cli);
	if (!control)
		return KP_UNREACHABLE;
	if (!mkdtemp(dir)) {
		control_close(control);
		return cli_trouble(cli, KP_ERROR, "audit-verify", "cannot make a folder for the export", "set TMPDIR to a folder with room");
	}
	status = export_to(cli, control, dir, v->policy != NULL, &head);
	control_close(control);
	if (status == KP_OK)
		status = verify_folder(cli, dir, house_folder(cli), &with_key);
	if (file_remove_tree(dir) != FILE_OK)
		cli_say(cli, "note: %s could not be removed", dir);
	return status;
}

int cmd_audit_verify(struct cli *cli, int argc, const char **argv)
{
	struct verify v = { 0 };
	char *tiles = NULL, what[400];
	const char *dir;
	struct poptOption table[] = {
		{ "tiles", 0, POPT_ARG_STRING, &tiles, 0, "the exported log (the same as the argument)", "DIR" },
		{ "key", 0, POPT_ARG_STRING, &v.key, 0, "the house's public key, as text or as a file (default: log.vkey in the export)", "VKEY" },
		{ "since", 0, POPT_ARG_STRING, &v.since, 0, "an earlier checkpoint that the log must extend", "FILE" },
		{ "policy", 0, POPT_ARG_STRING, &v.policy, 0, "a tlog-policy: which witnesses must have cosigned its head", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, table, argc, argv, 0, 1);

	if (status != CLI_GO)
		return status;
	dir = tiles ? tiles : cli->args && cli->args[0] ? cli->args[0] : NULL;
	if (!dir && (cli->house || getenv("KNOOPPUNT_HOUSE")))
		return verify_live(cli, &v);
	if (!dir)
		return cli_usage(cli, "which log? give an export's DIR, or --house for that of a running house");
	if (access(dir, F_OK) != 0) {
		snprintf(what, sizeof what, "there is no folder %s", dir);
		return cli_trouble(cli, KP_USAGE, "audit-verify", what, "make an export with: knooppunt audit export --tiles DIR");
	}
	return verify_folder(cli, dir, dir, &v);
}

int cmd_audit_export(struct cli *cli, int argc, const char **argv)
{
	char *tiles = NULL;
	int witnessed = 0;
	struct poptOption options[] = {
		{ "tiles", 0, POPT_ARG_STRING, &tiles, 0, "folder to write or extend: a tlog-tiles tree", "DIR" },
		{ "witnessed", 0, POPT_ARG_NONE, &witnessed, 0, "as far as the head with the most cosignatures", NULL },
		POPT_TABLEEND,
	};
	struct control *control;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	if (!tiles)
		return cli_usage(cli, "--tiles DIR is missing");
	control = control_open(cli);
	if (!control)
		return KP_UNREACHABLE;
	status = export_and_say(cli, control, tiles, witnessed != 0);
	control_close(control);
	return status;
}

int cmd_audit_checkpoint(struct cli *cli, int argc, const char **argv)
{
	int witnessed = 0;
	struct poptOption options[] = {
		{ "witnessed", 0, POPT_ARG_NONE, &witnessed, 0, "the one with the most cosignatures, not the newest", NULL },
		POPT_TABLEEND,
	};
	struct control *control;
	struct buffer note;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	control = control_open(cli);
	if (!control)
		return KP_UNREACHABLE;
	status = control_call(control, IPC_CTL_CHECKPOINT, witnessed != 0, SPAN_NONE, &note);
	control_close(control);
	if (status != KP_OK)
		return status;
	if (cli->json)
		cli_json(json_pack("{s:s%}", "checkpoint", note.ptr, note.len));
	else
		fwrite(note.ptr, 1, note.len, stdout);
	buffer_fini(&note);
	return KP_OK;
}
