/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Dossier - a selection of the log that anyone can check without the house (docs/dossier.md): per entry its receipt, the opening of what
 * it seals and the record in words; beside them the signed rules that were decided with. knooppunt-verify is its counterpart.
 */
#include <jansson.h>

#include "base/fault.h"
#include "proto/receipt.h"

struct dossier;

/* Reads entry and proof; tiles_proofs_get() with its context. 0; >0: why was kept by the context; <0 fatal. */
typedef int dossier_prove_fn(void *ctx, uint64_t index, struct span *entry, struct tree_proof *proof);

struct dossier_source {
	dossier_prove_fn *prove;
	void *ctx;
	struct span checkpoint_note;
	const char *language; /* of the explanations: "nl" or "en" */
};

enum { DOSSIER_OK = 0, DOSSIER_E_LINE = 1, DOSSIER_E_PROOF, DOSSIER_E_OTHER };

MUST_CHECK int dossier_new(struct dossier **out);
void dossier_freep(struct dossier **d);
void dossier_of_casus(struct dossier *d, const char *casus);
void dossier_of_sample(struct dossier *d, const char *seed, unsigned n);
/*
 * dossier_line() - one line of the records (with --evidence): the header, or a record that goes in
 * Return: DOSSIER_OK; DOSSIER_E_LINE, it has no evidence; DOSSIER_E_PROOF, the log does not prove it; DOSSIER_E_OTHER, the log has
 * another entry there, or the record is not the one it seals; <0 fatal.
 */
MUST_CHECK int dossier_line(struct dossier *d, const struct dossier_source *s, struct span line);
/* dossier_rule() - a signed note; kept when a record was decided with it. Any other note is passed over. */
MUST_CHECK int dossier_rule(struct dossier *d, struct span note);
size_t dossier_entries(const struct dossier *d);
size_t dossier_missing(const struct dossier *d); /* versions that were decided with and are not here */
/* dossier_json() - borrowed; complete now, with the missing rules named. */
const json_t *dossier_json(struct dossier *d);

/*
 * sample_draw() - the i-th draw of a sample: SHA-256("knooppunt/sample/v1" || root || u64 i || seed), its first 8 bytes modulo size. The
 * root makes the draw follow the log, the seed who draws: neither can choose alone.
 */
uint64_t sample_draw(const struct checkpoint *head, const char *seed, uint64_t i);
