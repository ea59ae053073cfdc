/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit verify: of an export, which needs no house, no network and no trust, only the folder and the public key; or of a running
 * house, whose entries are read and hashed as they come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/cli/log_source.h"
#include "client/cli/policy_file.h"

#define NOTE_MAX (64 * 1024)

struct verify {
	const struct cli *cli;
	char *key, *since, *policy_file; /* as given; NULL: not */
	const char *name;                /* of the log, for people */
	char *older;                     /* the earlier checkpoint */
	size_t older_len;
	struct note_key log_key;
	bool has_key;
	struct policy *policy;
	struct policy_verdict seen;
	struct tiles_report report;
};

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

static void verified(const struct verify *v)
{
	const struct policy_verdict *seen = v->policy ? &v->seen : NULL;
	const struct tiles_report *t = &v->report;
	const struct cli *cli = v->cli;
	char first[CLI_TIME_SIZE], last[CLI_TIME_SIZE];

	if (cli->json) {
		json_t *j = counts_json(t);

		json_object_set_new(j, "ok", json_true());
		json_object_set_new(j, "origin", json_string(t->checkpoint.origin));
		json_object_set_new(j, "size", json_integer((json_int_t)t->checkpoint.size));
		json_object_set_new(j, "checked", json_integer((json_int_t)t->n_entries));
		json_object_set_new(j, "key_from_export", json_boolean(t->key_from_export));
		if (seen)
			json_object_set_new(j, "cosigned", json_integer((json_int_t)seen->n_cosigned));
		cli_json(j);
		return;
	}
	cli_time(t->first_unix_ms, first);
	cli_time(t->last_unix_ms, last);
	if (v->since)
		cli_say(cli, "%s: extends the earlier checkpoint; the entries from %llu on were checked, those before as far as they were signed",
			v->name, (unsigned long long)t->first_entry);
	cli_say(cli, "%s: unchanged. %llu entries of %s, %s to %s", v->name, (unsigned long long)t->checkpoint.size, t->checkpoint.origin, first,
		last);
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
}

/* What a verification came to: <0, TILES_OK or TILES_E_BAD. */
static int result(const struct verify *v, int r)
{
	if (r < 0)
		return cli_trouble(v->cli, KP_ERROR, "audit-verify", "the log could not be read to its end",
				   "is there memory, is the disk well, does the house still run?");
	return r == TILES_OK ? KP_OK : cli_log_bad(v->cli, v->name, &v->report);
}

/* The checkpoint against the policy; what it says of the log itself was verified before. */
static int cosigned_check(struct verify *v, struct span note)
{
	const struct note_key *log_key = v->has_key || !v->policy->n_logs ? &v->report.log_key : NULL;

	return cli_policy_check(v->cli, v->policy, log_key, note, &v->seen);
}

static int verify_folder(struct verify *v, const char *dir)
{
	struct cli_progress progress;
	const struct tiles_options options = { .progress = cli_progress(v->cli, &progress), .log_key = v->has_key ? &v->log_key : NULL,
					       .older_note = span_of(v->older, v->older_len) };
	char path[700], *note;
	size_t len = 0;
	int status = result(v, tiles_verify(dir, &options, &v->report));

	if (status != KP_OK || !v->policy)
		return status;
	snprintf(path, sizeof path, "%.600s/checkpoint", dir);
	note = cli_file(v->cli, path, NOTE_MAX, &len);
	if (!note)
		return KP_UNVERIFIED;
	status = cosigned_check(v, span_of(note, len));
	free(note);
	return status;
}

static int verify_live(struct verify *v)
{
	struct log_source entries = { .control = control_open(v->cli) };
	struct cli_progress progress;
	struct tiles_source source = { .entry = log_source_entry, .ctx = &entries, .progress = cli_progress(v->cli, &progress),
				       .log_key = &v->log_key };
	struct buffer note;
	int status;

	if (!entries.control)
		return KP_UNREACHABLE;
	status = control_call(entries.control, IPC_CTL_CHECKPOINT, v->policy != NULL, SPAN_NONE, &note);
	if (status == KP_OK) {
		source.checkpoint_note = buffer_span(&note);
		status = result(v, tiles_verify_source(&source, span_of(v->older, v->older_len), &v->report));
		if (status == KP_OK && v->policy)
			status = cosigned_check(v, buffer_span(&note));
		buffer_fini(&note);
	}
	log_source_fini(&entries);
	control_close(entries.control);
	return status;
}

/* Of a running house the key is the one in its folder, when no other is given. */
static int inputs_read(struct verify *v, bool live)
{
	char path[700];
	int status = KP_OK;

	house_path(v->cli, "log.vkey", path, sizeof path);
	v->has_key = v->key || live;
	if (v->has_key)
		status = cli_log_key(v->cli, v->key ? v->key : path, &v->log_key);
	if (status == KP_OK && v->policy_file)
		status = cli_policy(v->cli, v->policy_file, &v->policy);
	if (status == KP_OK && v->since) {
		v->older = cli_file(v->cli, v->since, NOTE_MAX, &v->older_len);
		status = v->older ? KP_OK : KP_USAGE;
		if (v->older && !v->older_len)
			status = cli_trouble(v->cli, KP_USAGE, "audit-verify", "the file of --since is empty: nothing was compared",
					     "give the file \"checkpoint\" of an earlier visit");
	}
	return status;
}

static int verify(struct verify *v, const char *dir)
{
	int status = inputs_read(v, !dir);

	v->name = dir ? dir : house_folder(v->cli);
	if (status == KP_OK)
		status = dir ? verify_folder(v, dir) : verify_live(v);
	if (status == KP_OK)
		verified(v);
	free(v->policy);
	free(v->older);
	return status;
}

int cmd_audit_verify(struct cli *cli, int argc, const char **argv)
{
	struct verify v = { .cli = cli };
	char *tiles = NULL, what[400];
	const char *dir;
	struct poptOption table[] = {
		{ "tiles", 0, POPT_ARG_STRING, &tiles, 0, "the exported log (the same as the argument)", "DIR" },
		{ "key", 0, POPT_ARG_STRING, &v.key, 0, "the house's public key, as text or as a file (default: log.vkey in the export)", "VKEY" },
		{ "since", 0, POPT_ARG_STRING, &v.since, 0, "an earlier checkpoint that the log must extend", "FILE" },
		{ "policy", 0, POPT_ARG_STRING, &v.policy_file, 0, "a tlog-policy: which witnesses must have cosigned its head", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, table, argc, argv, 0, 1);

	if (status != CLI_GO)
		return status;
	dir = tiles ? tiles : cli->args && cli->args[0] ? cli->args[0] : NULL;
	if (!dir && !cli->house && !getenv("KNOOPPUNT_HOUSE"))
		return cli_usage(cli, "which log? give an export's DIR, or --house for that of a running house");
	if (dir && access(dir, F_OK) != 0) {
		snprintf(what, sizeof what, "there is no folder %s", dir);
		return cli_trouble(cli, KP_USAGE, "audit-verify", what, "make an export with: knooppunt audit export --tiles DIR");
	}
	return verify(&v, dir);
}
