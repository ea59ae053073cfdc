/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Receipt - proof, checkable offline with only the log's public key, that the house wrote down what it decided about a
 * message. A C2SP tlog-proof v1 text; its extra line discloses the leaf and what the leaf is bound to:
 *
 *   extra     = base64( 01 || salt[32] || lp16(statement) || lp16(entry) )
 *   statement = 01 || message_id[16] || digest[32] || u16 n || n * ( u16 code || lp16 rule || lp16 subject )
 *   binding in the entry = SHA-256("knooppunt/binding/v1" || salt || statement)
 *
 * digest = SHA-256 of the envelope exactly as received. n = 0 when accepted; otherwise every rule that failed.
 * The kind of the entry says which rung of the ladder this is: BERICHT+TOEGESTAAN = AANVAARD, BERICHT+code = GEWEIGERD,
 * AFGELEVERD, GEOPEND, TERMIJN; TERMIJN+TOEGESTAAN = HERINNERD.
 * Check order: leaf and binding -> log key and origin -> inclusion. File suffix .tlog-proof.
 */
#include "proto/checkpoint.h"
#include "proto/entry.h"

#define STATEMENT_FINDINGS_MAX 32
#define STATEMENT_RULE_MAX 64     /* bytes */
#define STATEMENT_SUBJECT_MAX 255 /* bytes */

struct statement_finding {
	enum code code;
	const char *rule;    /* rule id, ASCII */
	const char *subject; /* what it failed on: a hoedanigheid, a category; "" when the message as a
	                      * whole. It may repeat what a sender wrote: escape it when showing it. */
};

struct statement {
	uint8_t message_id[ID_BYTES];
	struct hash digest;
	size_t n;
	struct statement_finding findings[STATEMENT_FINDINGS_MAX];
};

/*
 * statement_print() - the bytes; n beyond the maximum, a code that is no refusal or a rule that is not
 * 1..STATEMENT_RULE_MAX printable ASCII characters is -EINVAL. A subject beyond STATEMENT_SUBJECT_MAX is cut
 * at a character, one that is not UTF-8 becomes "?": what a sender wrote can't keep its refusal from being
 * recorded.
 */
MUST_CHECK int statement_print(const struct statement *s, struct buffer *out);
enum { STATEMENT_OK = 0, STATEMENT_E_MALFORMED = 1 };
MUST_CHECK int statement_parse(struct span bytes, struct arena *arena, struct statement *out);

struct receipt {
	struct entry entry;
	struct span entry_bytes;
	uint8_t salt[SALT_BYTES];
	struct span statement_bytes;
	struct statement statement;
	uint64_t index;
	struct tree_proof proof;
	struct span checkpoint_note;
	struct checkpoint checkpoint;
};

/* A C2SP tlog-proof text taken apart; nothing in it is verified. Spans borrow from the text. */
struct tlog_proof {
	struct span extra; /* base64, canonical, unauthenticated; SPAN_NONE when the line is absent */
	uint64_t index;
	struct tree_proof proof;
	struct span checkpoint_note;
};
/* tlog_proof_parse() - strict, by anyone's tool, not only ours: RECEIPT_OK or RECEIPT_E_MALFORMED. */
MUST_CHECK int tlog_proof_parse(struct span text, struct tlog_proof *out);

/* receipt_print() - the tlog-proof text. */
MUST_CHECK int receipt_print(struct span entry, const uint8_t salt[SALT_BYTES], struct span statement, uint64_t index,
			     const struct tree_proof *proof, struct span checkpoint_note, struct buffer *out);

#define RECEIPT_ARENA_BYTES (256u << 10) /* an arena of this limit opens every receipt */
enum { RECEIPT_OK = 0, RECEIPT_E_MALFORMED = 1, RECEIPT_E_BINDING, RECEIPT_E_SIGNATURE, RECEIPT_E_INCLUSION };
/* receipt_open() - parse and check everything; what it returns is proven. Spans borrow from text and arena. */
MUST_CHECK int receipt_open(struct span text, const struct note_key *log_key, struct arena *arena, struct receipt *out);
/* receipt_open_seen() - the same for who opens many: a checkpoint that was verified a moment ago is not verified again. */
MUST_CHECK int receipt_open_seen(struct span text, const struct note_key *log_key, struct checkpoint_seen *seen,
				 struct arena *arena, struct receipt *out);
const char *receipt_rung(const struct receipt *r); /* "AANVAARD", "GEWEIGERD", "AFGELEVERD", "GEOPEND", "TERMIJN", ... */
const char *receipt_error_text(int error);         /* English, for RECEIPT_E_* */
