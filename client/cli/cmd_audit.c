/* SPDX-License-Identifier: EUPL-1.2 */
/* audit checkpoint, and the tiles of audit export: what a house gives out of its log, without any record in it being opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/audit.h"
#include "client/cli/log_source.h"
#include "client/cli/policy_file.h"

static int export_to(const struct cli *cli, struct control *control, const char *dir, bool witnessed, struct checkpoint *head)
{
	struct log_source entries = { .control = control };
	struct cli_progress progress;
	struct tiles_source source = { .entry = log_source_entry, .ctx = &entries, .progress = cli_progress(cli, &progress) };
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
	log_source_fini(&entries);
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "audit-export", "the export could not be written to its end",
				   "is the folder writable, is there room, does the house run? Calling it again goes on where it stopped");
	if (r != TILES_OK)
		return cli_log_bad(cli, dir, &report);
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

int audit_export_tiles(struct cli *cli, const char *dir, bool witnessed)
{
	struct control *control = control_open(cli);
	int status;

	if (!control)
		return KP_UNREACHABLE;
	status = export_and_say(cli, control, dir, witnessed);
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
