/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* The sealed log into a folder. */
#include "client/cli/cli.h"

/* audit_export_tiles() - of the running house; witnessed: as far as the head with the most cosignatures. An exit status. */
int audit_export_tiles(struct cli *cli, const char *dir, bool witnessed);
