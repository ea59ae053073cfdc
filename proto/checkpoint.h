/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, tree size, root; signed as a note whose key name is the origin.
 */
#include "proto/note.h"
#include "proto/tree.h"

#define CHECKPOINT_TEXT_MAX 512

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
};

enum { CHECKPOINT_OK = 0, CHECKPOINT_E_MALFORMED = 1, CHECKPOINT_E_SIGNATURE, CHECKPOINT_E_ORIGIN };

/* checkpoint_print() - the text, ending in a newline. */
MUST_CHECK int checkpoint_print(const struct checkpoint *c, struct buffer *out);
/* checkpoint_parse() - strict; extension lines are allowed and skipped. CHECKPOINT_OK or CHECKPOINT_E_MALFORMED. */
MUST_CHECK int checkpoint_parse(struct span text, struct checkpoint *out);
/* checkpoint_open() - a signed checkpoint by this log key; the origin must equal the key's name. */
MUST_CHECK int checkpoint_open(struct span note, const struct note_key *log_key, struct checkpoint *out);

/* The last note that held under a key: the receipts of one batch share their checkpoint, one signature check is enough. */
struct checkpoint_seen {
	bool valid;
	struct hash of; /* SHA-256(public key || note) */
	struct checkpoint checkpoint;
};
/* checkpoint_open_seen() - as checkpoint_open(); seen starts zeroed and is the caller's, one thread at a time. */
MUST_CHECK int checkpoint_open_seen(struct span note, const struct note_key *log_key, struct checkpoint_seen *seen,
				    struct checkpoint *out);
