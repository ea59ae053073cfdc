/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/document.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/cli/steward.h"

int document_read(const struct cli *cli, const char *path, struct document *d)
{
	struct span lines;
	struct buffer wrapped;

	*d = (struct document){ 0 };
	d->bytes = cli_file(cli, path, NOTE_BYTES_MAX, &d->len);
	if (!d->bytes)
		return KP_ERROR;
	d->is_note = note_split(span_of(d->bytes, d->len), &d->text, &lines) == NOTE_OK;
	if (!d->is_note)
		d->text = span_of(d->bytes, d->len);
	buffer_init(&wrapped, 0);
	buffer_bytes(&wrapped, d->text);
	buffer_text(&wrapped, "\n\u2014 x AAAAAAA=\n");
	d->kind = d->is_note ? rules_kind_of(span_of(d->bytes, d->len)) : rules_kind_of(buffer_span(&wrapped));
	buffer_fini(&wrapped);
	if (d->kind < 0) {
		free(d->bytes);
		return cli_trouble(cli, KP_USAGE, "check", "this is no kader, register or convenant: its first key must be one of those words", path);
	}
	return KP_OK;
}

void document_fini(struct document *d)
{
	free(d->bytes);
	d->bytes = NULL;
}

int document_kader(const struct cli *cli, const char *given, struct kader **out)
{
	char path[700], share[500];
	struct fault_list faults;
	struct document d;
	int status;

	if (given) {
		snprintf(path, sizeof path, "%s", given);
	} else if (cli->house) {
		house_path(cli, "rules/kader.note", path, sizeof path);
	} else {
		cli_share(share, sizeof share);
		snprintf(path, sizeof path, "%s/kader/nl.yaml", share);
	}
	status = document_read(cli, path, &d);
	if (status != KP_OK)
		return status;
	fault_list_init(&faults, path);
	status = kader_load(d.text, &faults, out) == KADER_OK ? KP_OK : steward_faults(cli, "check", &faults);
	document_fini(&d);
	return status;
}

int document_convenant(const struct cli *cli, const char *path, const struct kader *kader, struct convenant **out)
{
	struct fault_list faults;
	struct document d;
	int status = document_read(cli, path, &d);

	if (status != KP_OK)
		return status;
	fault_list_init(&faults, path);
	if (d.kind != RULES_CONVENANT)
		status = cli_trouble(cli, KP_USAGE, "check", "this is no convenant: its first key must be that word", path);
	else if (convenant_load(d.text, kader, &faults, out) != CONVENANT_OK)
		status = steward_faults(cli, "check", &faults);
	document_fini(&d);
	return status;
}
