/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit: verify an export offline, make one (audit.h), print a checkpoint, and the officer's list.
 *
 * verify needs no house, no network and no trust: only the folder and the public key. list goes through the house, which opens
 * the records for a functionary of class toetsing, for a stated purpose, and writes down that it did (WGS 1.8(4)).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "client/cli/audit.h"
#include "client/cli/control.h"
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

int audit_key(const struct cli *cli, const char *given, struct note_key *key)
{
	char *text;
	int r;

	if (note_key_parse(key, span_of_text(given)) == NOTE_OK)
		return KP_OK;
	text = cli_file(cli, given, 1024, NULL);
	if (!text)
		return KP_USAGE;
	text[strcspn(text, "\r\n")] = 0;
	r = note_key_parse(key, span_of_text(text));
	free(text);
	return r == NOTE_OK ? KP_OK : cli_usage(cli, "\"%s\" holds no public key of a log (name+id+base64)", given);
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

static int verified(const struct cli *cli, const char *dir, const struct tiles_report *t)
{
	char first[CLI_TIME_SIZE], last[CLI_TIME_SIZE];

	if (cli->json) {
		json_t *j = counts_json(t);

		json_object_set_new(j, "ok", json_true());
		json_object_set_new(j, "origin", json_string(t->checkpoint.origin));
		json_object_set_new(j, "size", json_integer((json_int_t)t->checkpoint.size));
		json_object_set_new(j, "key_from_export", json_boolean(t->key_from_export));
		cli_json(j);
		return KP_OK;
	}
	cli_time(t->first_unix_ms, first);
	cli_time(t->last_unix_ms, last);
	cli_say(cli, "%s: unchanged. %llu entries of %s, %s to %s", dir, (unsigned long long)t->n_entries, t->checkpoint.origin, first, last);
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
	char *key, *since;
};

static int verify_folder(const struct cli *cli, const char *dir, const char *name, const struct verify *v)
{
	struct tiles_options options = { .progress = progress_for(cli) };
	struct tiles_report report;
	struct note_key log_key;
	char *older = NULL;
	size_t len = 0;
	int status, r;

	if (v->key && (status = audit_key(cli, v->key, &log_key)) != KP_OK)
		return status;
	options.log_key = v->key ? &log_key : NULL;
	if (v->since) {
		older = cli_file(cli, v->since, 64 * 1024, &len);
		if (!older)
			return KP_USAGE;
		options.older_note = span_of(older, len);
	}
	r = tiles_verify(dir, &options, &report);
	free(older);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "audit-verify", "the export could not be read to its end",
				   "is there memory, and is the disk well?");
	return r == TILES_OK ? verified(cli, name, &report) : not_verified(cli, name, &report);
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

static int export_to(const struct cli *cli, struct control *control, const char *dir, struct checkpoint *head)
{
	struct pages pages = { .control = control };
	struct tiles_source source = { .entry = read_entry, .ctx = &pages, .progress = progress_for(cli) };
	struct tiles_report report;
	struct note_key log_key;
	char path[700];
	struct buffer checkpoint;
	int status, r;

	house_path(cli, "log.vkey", path, sizeof path);
	status = audit_key(cli, path, &log_key);
	if (status != KP_OK)
		return status;
	status = control_call(control, IPC_CTL_CHECKPOINT, 0, SPAN_NONE, &checkpoint);
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

static int export_and_say(const struct cli *cli, struct control *control, const char *dir)
{
	struct checkpoint head;
	int status = export_to(cli, control, dir, &head);

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
	status = export_to(cli, control, dir, &head);
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

int audit_export_tiles(struct cli *cli, const char *dir)
{
	struct control *control = control_open(cli);
	int status;

	if (!control)
		return KP_UNREACHABLE;
	status = export_and_say(cli, control, dir);
	control_close(control);
	return status;
}

int cmd_audit_checkpoint(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct control *control;
	struct buffer note;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	control = control_open(cli);
	if (!control)
		return KP_UNREACHABLE;
	status = control_call(control, IPC_CTL_CHECKPOINT, 0, SPAN_NONE, &note);
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

struct records {
	const struct cli *cli;
	json_t *list;
	struct cli_table table;
	uint64_t n;
};

static void join_texts(json_t *j, const char *key, char *out, size_t size)
{
	json_t *value = json_object_get(j, key), *item;
	size_t i, used = 0;

	out[0] = 0;
	if (json_is_string(value))
		snprintf(out, size, "%s", json_string_value(value));
	json_array_foreach(value, i, item) {
		int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", json_string_value(item));

		used += n > 0 ? (size_t)n : 0;
		if (used >= size)
			break;
	}
}

/* What is longer than a column of the table ends in an ellipsis; --json has it whole. */
static void shorten(char *text, size_t max)
{
	size_t at = 0, n = 0;

	for (; text[at] && n < max; n++)
		for (at++; ((unsigned char)text[at] & 0xC0) == 0x80;)
			at++;
	if (text[at])
		memcpy(text + at, "\u2026", sizeof "\u2026");
}

static bool list_record(void *ctx, uint64_t index, const char *text)
{
	struct records *l = ctx;
	char number[24], when[CLI_TIME_SIZE], to[200], what[300], who[200], outcome[80];
	json_t *j = json_loads(text, 0, NULL);
	const char *kind = json_string_value(json_object_get(j, "kind")), *code = json_string_value(json_object_get(j, "code"));
	const char *type = json_string_value(json_object_get(j, "type"));
	uint64_t unix_ms;

	l->n++;
	if (l->cli->json) {
		json_array_append_new(l->list, j);
		return true;
	}
	snprintf(number, sizeof number, "%llu", (unsigned long long)index);
	if (!cli_date(json_string_value(json_object_get(j, "time")), &unix_ms))
		unix_ms = 0;
	cli_time(unix_ms, when);
	join_texts(j, "sender", who, sizeof who);
	join_texts(j, "recipient", to, sizeof to - 4);
	join_texts(j, "category", what, sizeof what - 4);
	shorten(to, 32);
	shorten(what, 32);
	snprintf(outcome, sizeof outcome, "%s", code && strcmp(code, "TOEGESTAAN") != 0 ? code : kind ? kind : "");
	cli_table_row(&l->table, (const char *const[]){ number, when, type, who, to, what,
							 json_string_value(json_object_get(j, "grondslag")), outcome });
	json_decref(j);
	return true;
}

int cmd_audit_list(struct cli *cli, int argc, const char **argv)
{
	struct records l = { .cli = cli };
	struct kp_records q = { .limit = 200 };
	char *as = NULL, *person = NULL, *purpose = NULL, *casus = NULL, *hoedanigheid = NULL, *code = NULL, *category = NULL, *kind = NULL,
	     *from = NULL, *to = NULL;
	long after = 0;
	int limit = 200;
	struct poptOption options[] = {
		{ "purpose", 0, POPT_ARG_STRING, &purpose, 0, "rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure", "PURPOSE" },
		{ "casus", 0, POPT_ARG_STRING, &casus, 0, "only this casus", "UUID" },
		{ "hoedanigheid", 0, POPT_ARG_STRING, &hoedanigheid, 0, "only where this one sent or received", "HOEDANIGHEID" },
		{ "code", 0, POPT_ARG_STRING, &code, 0, "only this outcome, e.g. GEEN_GRONDSLAG or TOEGESTAAN", "CODE" },
		{ "category", 0, POPT_ARG_STRING, &category, 0, "only this category", "CATEGORY" },
		{ "kind", 0, POPT_ARG_STRING, &kind, 0, "only this kind of entry, e.g. BERICHT or AFGELEVERD", "KIND" },
		{ "from", 0, POPT_ARG_STRING, &from, 0, "only from this date on", "DATE" },
		{ "until", 0, POPT_ARG_STRING, &to, 0, "only before this date", "DATE" },
		{ "after", 0, POPT_ARG_LONG, &after, 0, "start at this entry (for the next page)", "INDEX" },
		{ "limit", 0, POPT_ARG_INT, &limit, 0, "at most this many, default 200", "N" },
		{ "as", 0, POPT_ARG_STRING, &as, 0, "hoedanigheid that acts", "HOEDANIGHEID" },
		{ "person", 0, POPT_ARG_STRING, &person, 0, "functionary that signs", "PERSON" },
		POPT_TABLEEND,
	};
	struct kp_error err = { 0 };
	uint64_t next = 0;
	int status = cli_parse(cli, options, argc, argv, 0, 0);
	enum kp_result r;
	kp_node *node;

	if (status != CLI_GO)
		return status;
	if (!purpose)
		return cli_usage(cli, "--purpose is missing: rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure");
	if ((from && !cli_date(from, &q.from_unix_ms)) || (to && !cli_date(to, &q.to_unix_ms)))
		return cli_usage(cli, "a date is written as 2026-11-22");
	/* a misspelt word would find nothing, and nothing is an answer too */
	if (code && code_find(code) < 0)
		return cli_usage(cli, "--code %s is no outcome: TOEGESTAAN, or a code of refusal such as GEEN_GRONDSLAG", code);
	if (kind && entry_kind_find(kind) < 0)
		return cli_usage(cli, "--kind %s is no kind of entry, such as BERICHT, AFGELEVERD, GEOPEND, TERMIJN, INZAGE", kind);
	if (limit < 1 || limit > 500 || after < 0)
		return cli_usage(cli, "--limit is 1 to 500");
	q.as = as;
	q.person = person;
	q.purpose = purpose;
	q.casus = casus;
	q.hoedanigheid = hoedanigheid;
	q.code = code;
	q.category = category;
	q.kind = kind;
	q.limit = (uint32_t)limit;
	q.after_index = (uint64_t)after;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	l.list = json_array();
	cli_table_init(&l.table, 8, (const char *const[]){ "ENTRY", "TIME", "WHAT", "FROM", "TO", "CATEGORIES", "BASIS", "OUTCOME" });
	r = kp_records(node, &q, cli_timeout_ms(cli), list_record, &l, &next, &err);
	status = r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
	if (r == KP_OK && cli->json) {
		cli_json(json_pack("{s:O,s:I}", "records", l.list, "next", (json_int_t)next));
	} else if (r == KP_OK) {
		cli_table_print(&l.table);
		if (next > 0)
			cli_say(cli, "more: --after %llu", (unsigned long long)next);
	}
	json_decref(l.list);
	cli_table_fini(&l.table);
	kp_close(node);
	return status;
}
