/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Single entries out of an export, each with its proof in the export's own checkpoint. Nothing of the folder is believed: the checkpoint
 * is verified when it is opened, an entry by its proof when it is read.
 */
#include "client/lib/tiles.h"

struct tiles_proofs {
	int dir;
	struct buffer note, bundle, tile; /* note: the signed checkpoint */
	struct checkpoint head;
	uint64_t bundle_n, tile_n; /* what bundle and tile hold; UINT64_MAX: nothing */
	unsigned tile_level;
	char why[TILES_REASON_SIZE];
};

/* tiles_proofs_open() - TILES_OK; TILES_E_BAD, why says what; <0 fatal. The caller calls tiles_proofs_close() in each case. */
MUST_CHECK int tiles_proofs_open(const char *dir, const struct note_key *log_key, struct tiles_proofs *out);
void tiles_proofs_close(struct tiles_proofs *p);
/* tiles_proofs_get() - an entry (valid until the next call) and the proof that was checked; TILES_E_BAD, why says what. */
MUST_CHECK int tiles_proofs_get(struct tiles_proofs *p, uint64_t index, struct span *entry, struct tree_proof *proof);
