/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/receipt: a receipt that opens is, byte for byte, what printing its parts gives; so is a statement.
 *
 * LINKS: kp_proto_log
 */
#include <sodium.h>
#include <string.h>

#include "proto/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_statement(struct span bytes, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer again;
	struct statement s;
	int r;

	buffer_init(&again, 0);
	r = statement_parse(bytes, arena, &s);
	ASSERT(r == STATEMENT_OK || r == STATEMENT_E_MALFORMED);
	if (r)
		return;
	ASSERT(statement_print(&s, &again) == 0);
	ASSERT(span_equal(buffer_span(&again), bytes));
}

static void try_receipt(struct span text, const struct note_key *key, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer again;
	struct tlog_proof proof;
	struct receipt receipt;
	int r;

	buffer_init(&again, 0);
	r = receipt_open(text, key, arena, &receipt);
	ASSERT(r >= RECEIPT_OK && r <= RECEIPT_E_INCLUSION);
	if (tlog_proof_parse(text, &proof) != RECEIPT_OK)
		ASSERT(r == RECEIPT_E_MALFORMED);
	if (r)
		return;
	ASSERT(receipt_rung(&receipt)[0] != '?');
	ASSERT(receipt_print(receipt.entry_bytes, receipt.salt, receipt.statement_bytes, receipt.index,
	                     &receipt.proof, receipt.checkpoint_note, &again) == 0);
	ASSERT(span_equal(buffer_span(&again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RECEIPT_ARENA_BYTES);
	uint8_t seed[32], public_key[32], secret_key[64];
	struct note_key key;

	ASSERT(arena);
	memset(seed, 0x4b, sizeof seed); /* the key of the sample log, which signed the corpus */
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	ASSERT(note_key_init(&key, "huis.example/log", NOTE_KEY_ED25519, public_key) == NOTE_OK);
	try_receipt(span_of(data, len), &key, arena);
	arena_reset(arena);
	try_statement(span_of(data, len), arena);
	return 0;
}
