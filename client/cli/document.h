/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* A kader, register or convenant in a file, as the convenant commands meet it: signed or not yet. Also what else stands in YAML
 * and is checked: a mandate, a table of cases. */
#include "client/cli/cli.h"
#include "convenant/rules.h"

enum { DOCUMENT_MANDATE = RULES_CONVENANT + 1, DOCUMENT_TABLE };
const char *document_kind_name(int kind);

/* A file that is a note, or the bare YAML text of one. */
struct document {
	char *bytes;
	size_t len;
	bool is_note;
	struct span text;
	int kind; /* enum rules_kind, or one of those above */
};

/* document_read() - KP_OK, document_fini() by the caller; else an exit status, its trouble is printed. */
MUST_CHECK int document_read_any(const struct cli *cli, const char *path, struct document *d);
/* document_read() - only a kader, register or convenant. */
MUST_CHECK int document_read(const struct cli *cli, const char *path, struct document *d);
void document_fini(struct document *d);

/* document_kader() - the kader to check against: the file given, the house's (--house), or the installed one. */
MUST_CHECK int document_kader(const struct cli *cli, const char *given, struct kader **out);
/* document_kader_of() - the kader whose terms go with records: the file given, kader.note or kader.yaml in the folder of the records,
 * the house's (--house), the node's, or the installed one; *from says which, in Dutch. */
MUST_CHECK int document_kader_of(const struct cli *cli, const char *given, const char *records, struct kader **out, const char **from);
/* document_convenant() - checked against the kader, which must outlive it. */
MUST_CHECK int document_convenant(const struct cli *cli, const char *path, const struct kader *kader, struct convenant **out);
