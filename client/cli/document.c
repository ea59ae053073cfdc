/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/cli/steward.h"

#define BYTES_MAX (64u << 20) /* of which the reader takes the first 1 MiB, and says where that ends */

static const char *const kinds[] = { [RULES_KADER] = "kader",	     [RULES_REGISTER] = "register",	[RULES_CONVENANT] = "convenant",
				     [DOCUMENT_MANDATE] = "mandaat", [DOCUMENT_TABLE] = "convenant-test" };

const char *document_kind_name(int kind)
{
	return kind >= RULES_KADER && kind <= DOCUMENT_TABLE ? kinds[kind] : "?";
}

/* By its first key, after comments and empty lines; -1: none of them. */
static int kind_of(struct span text)
{
	size_t i = 0;

	while (i < text.len && (text.ptr[i] == '#' || text.ptr[i] == '\n')) {
		while (i < text.len && text.ptr[i] != '\n')
			i++;
		i++;
	}
	for (int kind = RULES_KADER; kind <= DOCUMENT_TABLE; kind++) {
		size_t n = strlen(kinds[kind]);

		if (i + n < text.len && memcmp(text.ptr + i, kinds[kind], n) == 0 && text.ptr[i + n] == ':')
			return kind;
	}
	return -1;
}

int document_read_any(const struct cli *cli, const char *path, struct document *d)
{
	struct fault_list faults;
	struct span lines;
	int status;

	*d = (struct document){ 0 };
	d->bytes = cli_file(cli, path, BYTES_MAX, &d->len);
	if (!d->bytes)
		return KP_ERROR;
	d->is_note = note_split(span_of(d->bytes, d->len), &d->text, &lines) == NOTE_OK;
	if (!d->is_note)
		d->text = span_of(d->bytes, d->len);
	d->kind = kind_of(d->text);
	if (d->kind >= 0)
		return KP_OK;
	fault_list_init(&faults, path);
	fault_add(&faults, 1, 1, "this is no kader, register, convenant, mandaat or convenant-test: its first key must be one of those words");
	status = steward_faults(cli, "check", &faults);
	document_fini(d);
	return status;
}

int document_read(const struct cli *cli, const char *path, struct document *d)
{
	int status = document_read_any(cli, path, d);

	if (status != KP_OK || d->kind <= RULES_CONVENANT)
		return status;
	document_fini(d);
	return cli_trouble(cli, KP_USAGE, "check", "this is no kader, register or convenant: its first key must be one of those words", path);
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

static bool is_file(char out[900], const char *folder, const char *name)
{
	struct stat st;

	if (!folder)
		return false;
	snprintf(out, 900, "%.800s/%s", folder, name);
	return stat(out, &st) == 0 && S_ISREG(st.st_mode);
}

int document_kader_of(const struct cli *cli, const char *given, const char *records, struct kader **out, const char **from)
{
	const char *home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");
	char path[900];

	if (given) {
		*from = "van --kader";
	} else if (is_file(path, records, "kader.note") || is_file(path, records, "kader.yaml")) {
		*from = "dat bij de records staat";
		given = path;
	} else if (cli->house) {
		*from = "van dit huis";
	} else if (is_file(path, home, "rules/kader.note")) {
		*from = "dat dit knooppunt van zijn huis kent";
		given = path;
	} else {
		*from = "dat met het programma kwam: het huis kan een ander hebben (--kader)";
	}
	return document_kader(cli, given, out);
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
