/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Making dossiers and samples: what `audit dossier`, `audit sample` and `audit pack` share. */
#include "client/cli/source.h"
#include "client/lib/tiles_proof.h"
#include "client/report/dossier.h"

struct making {
	const struct cli *cli;
	struct source source;
	char *log, *key, *out;
	char **rules;               /* folders or files with signed rules, besides those of this home */
	struct tiles_proofs proofs;
	struct dossier *dossier;
	const char *casus;          /* only this casus; NULL: those of chosen */
	uint64_t *chosen;           /* ascending */
	size_t n_chosen, n_newer;   /* newer: of the casus but beyond the export */
	int failed;                 /* what dossier_line() gave */
	uint64_t failed_at;
};

#define MAKING_OPTIONS(m, cli)                                                                                                             \
	{ "log", 0, POPT_ARG_STRING, &(m)->log, 0, "the log it is proven from: an export of it by the operator", "DIR" }, \
	{ "key", 0, POPT_ARG_STRING, &(m)->key, 0, "the house's public key (default: log.vkey in the log)", "VKEY" },                      \
	{ "rules", 0, POPT_ARG_ARGV, &(m)->rules, 0, "more signed rules: a folder or file with older versions; may be repeated", "PATH" }, \
	{ "out", 0, POPT_ARG_STRING, &(m)->out, 0, "file or folder to write", "PATH" },                                                    \
	SOURCE_OPTIONS(&(m)->source, cli)

/* making_begin() - the log is opened, the checkpoint verified. KP_OK or an exit status; making_end() in each case. */
MUST_CHECK int making_begin(struct making *m);
void making_end(struct making *m);
/* making_sample() - chosen = the first n different entries of kind BERICHT that the seed draws. */
MUST_CHECK int making_sample(struct making *m, const char *seed, unsigned n);
/* making_fill() - the wanted records, proven, and the rules they were decided with. */
MUST_CHECK int making_fill(struct making *m);
/* making_write() - the dossier as a file; says what it holds. */
MUST_CHECK int making_write(struct making *m, const char *path);
