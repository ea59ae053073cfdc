/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Entry - one leaf of the audit log: a public header and a record sealed under the casus key (or a key per house and period).
 *
 *   offset  size  field
 *   0       1     version = 1
 *   1       1     kind (enum entry_kind)
 *   2       2     code (enum code), big-endian
 *   4       8     time, unix milliseconds, big-endian
 *   12      32    random (a receipt shows its neighbour's hash: no guessing)
 *   44      32    binding = SHA-256("knooppunt/binding/v1" || salt || statement)
 *   76      16    key id: random name of the key that seals the record
 *   92      24    nonce
 *   116     2     length of the sealed record, big-endian
 *   118     n     XChaCha20-Poly1305(key, nonce, ad = bytes 0..115, record padded to a multiple of 256)
 *
 * At most ENTRY_MAX bytes in all. Holds no content, ever. Destroying the key erases the record everywhere; the tree stays.
 * Pure functions, any thread.
 */
#include "base/env.h"
#include "base/secret.h"
#include "proto/code.h"
#include "proto/tree.h"

#define ENTRY_MAX 65535
#define ENTRY_HEADER_BYTES 118
#define ENTRY_KEY_BYTES 32
#define SALT_BYTES 32

enum entry_kind {
	ENTRY_BERICHT = 1,    /* a message was decided upon: accepted or refused */
	ENTRY_AFGELEVERD = 2, /* a node acknowledged the ciphertext of a message */
	ENTRY_GEOPEND = 3,    /* a person opened a message */
	ENTRY_TERMIJN = 4,    /* a deadline passed unanswered, or a message expired undelivered */
	ENTRY_REGELS = 5,     /* kader, convenant or register came into force or was refused */
	ENTRY_TOELATING = 6,  /* an invitation, a join request, an admission */
	ENTRY_INZAGE = 7,     /* someone read the audit log */
	ENTRY_BEHEER = 8,     /* an act of the operator or of the daemon itself: first start, restart after a crash */
	ENTRY_VERNIETIGD = 9, /* keys were destroyed: of a casus, or of log records */
	ENTRY_KIND_N
};

const char *entry_kind_name(enum entry_kind kind); /* "BERICHT" */
int entry_kind_find(const char *name);             /* number or -1 */

struct entry {
	enum entry_kind kind;
	enum code code;
	uint64_t time_unix_ms;
	uint8_t random[32];
	uint8_t binding[32];
	uint8_t key_id[ID_BYTES];
	struct span sealed; /* nonce not included */
};

enum { ENTRY_OK = 0, ENTRY_E_MALFORMED = 1, ENTRY_E_KEY, ENTRY_E_TOO_BIG };

/* entry_parse() - the public part; strict: unknown versions, kinds, codes and trailing bytes are ENTRY_E_MALFORMED. */
MUST_CHECK int entry_parse(struct span bytes, struct entry *out);

/* entry_seal() - build a leaf. in: kind, code, time, random, binding, key_id are taken from e (sealed is ignored). */
MUST_CHECK int entry_seal(const struct entry *e, const struct env *env, const struct secret *key, struct span record,
			  struct buffer *out);
/* entry_unseal() - the record's bytes; ENTRY_E_KEY when the key does not open it. */
MUST_CHECK int entry_unseal(struct span bytes, const struct secret *key, struct buffer *record);

/*
 * entry_opening() - what opens this entry and no other: the key that XChaCha20 derives from the casus key and this nonce. Who holds
 * it can check that the record is the one that was sealed, with ChaCha20-Poly1305 alone, and learns nothing about the casus key.
 */
#define ENTRY_OPENING_BYTES 32
MUST_CHECK int entry_opening(struct span bytes, const struct secret *key, uint8_t out[ENTRY_OPENING_BYTES]);
/* entry_open() - as entry_unseal(), with the opening. */
MUST_CHECK int entry_open(struct span bytes, const uint8_t opening[ENTRY_OPENING_BYTES], struct buffer *record);

/* Statement: what a receipt discloses about a leaf. See receipt.h for its bytes. */
void entry_binding(const uint8_t salt[SALT_BYTES], struct span statement, uint8_t out[32]);
