/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Signed notes (C2SP signed-note v1.0.0), Ed25519: the one form in which checkpoints, kader, convenanten, registers,
 * mandates and invitations are signed.
 *
 * note = text || "\n" || signature lines; text ends in "\n"; split at the last blank line.
 * Keys: name, type 0x01 (Ed25519) or 0x04 (cosignature/v1), key id = first 4 bytes of SHA-256(name || 0A || type || pk).
 * Public keys are refused unless crypto_core_ed25519_is_valid_point() holds: only prime order, canonically written.
 * Pure functions, any thread; spans borrow from the note's bytes.
 */
#include <stdbool.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/span.h"

#define NOTE_NAME_MAX 127
#define NOTE_SIGNATURES_MAX 64
#define NOTE_BYTES_MAX (2u << 20)
#define NOTE_VKEY_SIZE 192

enum note_key_type { NOTE_KEY_ED25519 = 0x01, NOTE_KEY_COSIGNATURE = 0x04 };

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t type;
	uint8_t id[4];
	uint8_t public_key[32];
};

enum { NOTE_OK = 0, NOTE_E_MALFORMED = 1, NOTE_E_SIGNATURE, NOTE_E_UNSIGNED };

/* A key name: UTF-8, not empty, at most NOTE_NAME_MAX bytes, no Unicode space, no control character, no "+". */
bool note_name_valid(struct span name);
/* A signed text: UTF-8, ends in a newline, no control character but newline. */
bool note_text_valid(struct span text);

/* note_key_init() - Return: NOTE_OK; NOTE_E_MALFORMED for a bad name, an unknown type or an unsafe public key. */
MUST_CHECK int note_key_init(struct note_key *key, const char *name, uint8_t type, const uint8_t public_key[32]);
MUST_CHECK int note_key_parse(struct note_key *key, struct span vkey); /* "name+hexid+base64"; as note_key_init() */
void note_key_print(const struct note_key *key, char out[NOTE_VKEY_SIZE]);

struct note {
	struct span text;         /* with its final newline: the signed bytes */
	size_t n_lines;           /* signature lines of any key */
	size_t n_verified;        /* distinct known keys whose signature holds */
	size_t verified[NOTE_SIGNATURES_MAX]; /* their positions in the key list, ascending */
	uint64_t cosigned_unix_s[NOTE_SIGNATURES_MAX]; /* for type 0x04 keys, by position in verified[]; else 0 */
};

/*
 * note_open() - split a note and verify the signatures of the known keys
 * Return: NOTE_OK, at least one known key verified; NOTE_E_MALFORMED; NOTE_E_SIGNATURE, a known key's line does not
 * hold (or stands twice): the whole note is refused; NOTE_E_UNSIGNED, well formed but no known key signed it.
 * Unknown keys' lines are ignored. out is written on NOTE_OK and NOTE_E_UNSIGNED.
 */
MUST_CHECK int note_open(struct span bytes, const struct note_key *keys, size_t n_keys, struct note *out);

/* note_split() - structure only; nothing is verified. For showing a note and for finding out who could have signed. */
MUST_CHECK int note_split(struct span bytes, struct span *text, struct span *signature_lines);

/* note_begin() - text must end in a newline and be valid; writes text and the blank line. */
MUST_CHECK int note_begin(struct buffer *out, struct span text);
/* note_sign() - appends one signature line by this key over text. secret_key: 64 bytes, libsodium form. */
MUST_CHECK int note_sign(struct buffer *out, struct span text, const struct note_key *key, const struct secret *secret_key);
/* note_cosign() - appends a cosignature/v1 line over a checkpoint text (type 0x04 key). */
MUST_CHECK int note_cosign(struct buffer *out, struct span text, const struct note_key *key, const struct secret *secret_key,
			   uint64_t unix_s);
/*
 * note_add_signatures() - appends the signature lines of another note over the same text
 * @out: a note, or what note_begin() wrote. A line of a key (name and id) that has one already is dropped.
 * Return: NOTE_OK; NOTE_E_MALFORMED when out does not hold a note over the same text or would get too many lines, nothing
 * is appended; <0 fatal.
 */
MUST_CHECK int note_add_signatures(struct buffer *out, struct span other);
