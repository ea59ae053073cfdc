/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the audit commands have in common. */
#include "client/cli/cli.h"
#include "proto/note.h"

/* audit_key() - a vkey as text, or a file that holds one. KP_OK, or KP_USAGE, its trouble printed. */
MUST_CHECK int audit_key(const struct cli *cli, const char *given, struct note_key *key);
/* audit_export_tiles() - the running house's log into a folder; an exit status. */
int audit_export_tiles(struct cli *cli, const char *dir);
