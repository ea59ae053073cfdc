/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/note and proto/checkpoint: what opens has one spelling, and what is opened can be put together again.
 *
 * LINKS: kp_proto_log
 */
#include <sodium.h>
#include <string.h>

#include "proto/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The keys that signed the corpus: of the sample log and of a witness. */
static void keys_make(struct note_key keys[2])
{
	static const char *const names[2] = { "huis.example/log", "getuige" };
	uint8_t seed[32], public_key[32], secret_key[64];

	for (unsigned i = 0; i < 2; i++) {
		memset(seed, i ? 5 : 0x4b, sizeof seed);
		crypto_sign_seed_keypair(public_key, secret_key, seed);
		ASSERT(note_key_init(&keys[i], names[i], i ? NOTE_KEY_COSIGNATURE : NOTE_KEY_ED25519,
		                     public_key) == NOTE_OK);
	}
}

static void try_vkey(struct span bytes)
{
	char printed[NOTE_VKEY_SIZE];
	struct note_key key;

	if (note_key_parse(&key, bytes) != NOTE_OK)
		return;
	note_key_print(&key, printed);
	ASSERT(span_equal(span_of_text(printed), bytes));
}

static void try_checkpoint(struct span bytes)
{
	CLEANUP(buffer_fini) struct buffer printed;
	struct checkpoint c;

	buffer_init(&printed, 0);
	if (checkpoint_parse(bytes, &c) != CHECKPOINT_OK)
		return;
	ASSERT(checkpoint_print(&c, &printed) == 0);
	ASSERT(printed.len <= bytes.len && memcmp(printed.ptr, bytes.ptr, printed.len) == 0);
}

static void try_note(struct span bytes, const struct note_key keys[2])
{
	CLEANUP(buffer_fini) struct buffer again;
	struct span text, lines;
	struct note note;
	int r;

	buffer_init(&again, 0);
	r = note_open(bytes, keys, 2, &note);
	ASSERT(r >= NOTE_OK && r <= NOTE_E_UNSIGNED);
	if (note_split(bytes, &text, &lines) != NOTE_OK) {
		ASSERT(r == NOTE_E_MALFORMED);
		return;
	}
	ASSERT(text.len + 1 + lines.len == bytes.len);
	try_checkpoint(text);
	if (r != NOTE_OK && r != NOTE_E_UNSIGNED)
		return;
	ASSERT((r == NOTE_OK) == (note.n_verified > 0) && note.n_verified <= note.n_lines);
	for (size_t i = 1; i < note.n_verified; i++)
		ASSERT(note.verified[i - 1] < note.verified[i]);
	ASSERT(note_begin(&again, text) == NOTE_OK && note_add_signatures(&again, bytes) == NOTE_OK);
	ASSERT(note_open(buffer_span(&again), keys, 2, &note) == r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct note_key keys[2];
	struct span bytes = span_of(data, len);

	keys_make(keys);
	try_vkey(bytes);
	try_checkpoint(bytes);
	try_note(bytes, keys);
	return 0;
}
