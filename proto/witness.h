/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Witness - a node vouches for a head of the log: what it and the house must agree on, byte for byte.
 *
 * A witness has a key of its own (C2SP cosignature/v1), named "<node>.<origin>". Its card says so, signed by the node's key, which
 * is in the register:
 *
 *   knooppunt/witness/v1
 *   <origin>
 *   <node>
 *   <witness vkey>
 *
 *   — <node> <signature>                         a signed note, key type 0x01
 *
 * Body of COSIGN = lp16(card) || checkpoint. The checkpoint has the log's line; with the witness's own behind it, it is a cosignature;
 * without, it is shown: "this is of your log, is it not?"
 */
#include "proto/checkpoint.h"

#define WITNESS_CARD_MAX 1024
#define WITNESS_CHECKPOINT_MAX 2048 /* one log's line, one witness's */

enum { WITNESS_OK = 0, WITNESS_E_MALFORMED = 1, WITNESS_E_SIGNATURE };

/* witness_name() - the name of a node's key for a log; false when it would be too long for a key name. */
bool witness_name(const char *node, const char *origin, char out[NOTE_NAME_MAX + 1]);
/* witness_card_print() - @witness: the key whose card it is; @node_key: named as the node, it signs. */
MUST_CHECK int witness_card_print(const char *origin, const struct note_key *witness, const struct note_key *node_key,
				  const struct secret *node_secret, struct buffer *out);
/* witness_card_open() - WITNESS_OK; WITNESS_E_MALFORMED, also for another log's or node's; WITNESS_E_SIGNATURE. */
MUST_CHECK int witness_card_open(struct span card, const char *origin, const char *node, const uint8_t sign_key[32],
				 struct note_key *out);
/* witness_card_node() - whose card it says it is, unverified; WITNESS_OK or _E_MALFORMED. */
MUST_CHECK int witness_card_node(struct span card, struct span *node);

/* witness_strip() - the checkpoint with the log's own line alone: what a witness puts its line behind. */
MUST_CHECK int witness_strip(struct span checkpoint_note, const struct note_key *log_key, struct buffer *out); /* WITNESS_OK, _E_SIGNATURE */

void cosign_print(struct span card, struct span checkpoint_note, struct buffer *out);
MUST_CHECK int cosign_parse(struct span body, struct span *card, struct span *checkpoint_note); /* WITNESS_OK, _E_MALFORMED */

/*
 * history_judge() - can these two heads, both signed by one log, be of one history?
 * @proof: of consistency from the smaller to the larger
 * HISTORY_FORK is proven by what is here alone: one size and two roots, or a proof that leads to the larger head and shows
 * another root at the smaller size. HISTORY_UNPROVEN: the proof shows nothing; who has the log could still give a better one.
 */
enum history { HISTORY_ONE = 0, HISTORY_FORK, HISTORY_UNPROVEN };
enum history history_judge(const struct checkpoint *a, const struct checkpoint *b, const struct tree_proof *proof);

/* A consistency proof as text: "old <size>\n", a line of base64 per hash: what C2SP tlog-witness begins its requests with. */
void history_proof_print(uint64_t old_size, const struct tree_proof *proof, struct buffer *out);
MUST_CHECK int history_proof_parse(struct span text, uint64_t *old_size, struct tree_proof *proof); /* WITNESS_OK, _E_MALFORMED */
