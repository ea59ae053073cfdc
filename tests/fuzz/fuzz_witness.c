/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/witness: the body of a COSIGN and all that is read of it, and the proof of an evidence folder. Whatever is taken is printed
 * as it was.
 *
 * LINKS: kp_proto_log
 */
#include <string.h>

#include "proto/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_proof(struct span text)
{
	CLEANUP(buffer_fini) struct buffer again = { 0 };
	struct tree_proof proof;
	uint64_t old;

	if (history_proof_parse(text, &old, &proof) != WITNESS_OK)
		return;
	history_proof_print(old, &proof, &again);
	ASSERT(span_equal(buffer_span(&again), text));
}

static void try_card(struct span card)
{
	static const uint8_t nobody[32] = { 1 };
	char node[NOTE_NAME_MAX + 1];
	struct note_key key;
	struct span id;
	int r = witness_card_node(card, &id);

	ASSERT(r == WITNESS_OK || r == WITNESS_E_MALFORMED);
	if (r || id.len > NOTE_NAME_MAX)
		return;
	memcpy(node, id.ptr, id.len);
	node[id.len] = '\0';
	ASSERT(witness_card_open(card, "zvh.example/log-1", node, nobody, &key) != WITNESS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(buffer_fini) struct buffer again = { 0 }, alone = { 0 };
	static const struct note_key nobody = { .name = "zvh.example/log-1", .type = NOTE_KEY_ED25519 };
	struct span body = span_of(data, len), card, note;

	try_proof(body);
	if (cosign_parse(body, &card, &note) != WITNESS_OK)
		return 0;
	cosign_print(card, note, &again);
	ASSERT(span_equal(buffer_span(&again), body));
	try_card(card);
	ASSERT(witness_strip(note, &nobody, &alone) != WITNESS_OK);
	return 0;
}
