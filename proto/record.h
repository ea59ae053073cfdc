/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Record - the sealed part of an audit entry: who asked or gave what, about which casus, why, on what basis, under which
 * versions, with every rule that passed or failed. Metadata only.
 *
 * Bytes: version 1, then fields in ascending tag order: tag (1), lp16 value. A tag may repeat only where the table allows it.
 * Unknown tags, wrong order, wrong size: malformed. Own fixed form, so that it outlives the wire schema.
 */
#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum record_tag {
	RECORD_SALT = 1,            /* 32 bytes */
	RECORD_STATEMENT = 2,       /* bytes, see receipt.h */
	RECORD_TYPE = 3,            /* text: message kind ("verzoek"), or the act of an administrative entry */
	RECORD_MESSAGE_ID = 4,      /* 16 bytes, as are the next three */
	RECORD_EXCHANGE_ID = 5,
	RECORD_IN_REPLY_TO = 6,
	RECORD_CASUS = 7,
	RECORD_SENDER = 8,          /* text: hoedanigheid */
	RECORD_ORGANISATION = 9,
	RECORD_PERSON = 10,
	RECORD_ROLE = 11,
	RECORD_ON_BEHALF_OF = 12,
	RECORD_NODE = 13,
	RECORD_RECIPIENT = 14,      /* repeats */
	RECORD_REGIME = 15,
	RECORD_GRONDSLAG = 16,
	RECORD_DOEL = 17,
	RECORD_NOODZAAK = 18,
	RECORD_OVERLEG = 19,
	RECORD_CATEGORY = 20,       /* repeats */
	RECORD_SECRECY_BASIS = 21,  /* repeats: "category=basis" */
	RECORD_PERSON_ROLE = 22,
	RECORD_ANSWER_KIND = 23,
	RECORD_PHASE = 24,          /* phase of the casus when decided */
	RECORD_DEADLINE = 25,       /* u64 unix ms */
	RECORD_CREATED = 26,        /* u64 unix ms: when the sender signed */
	RECORD_URGENT = 27,         /* empty value: present = true */
	RECORD_KADER = 28,          /* SHA-256 of the version decided with, as are the next two and the mandate */
	RECORD_REGISTER = 29,
	RECORD_CONVENANT = 30,      /* repeats */
	RECORD_MANDATE = 31,
	RECORD_RULE_PASSED = 32,    /* repeats: text rule id */
	RECORD_RULE_FAILED = 33,    /* repeats: "CODE rule subject" */
	RECORD_TRACE_ID = 34,       /* 16 bytes */
	RECORD_DIGEST = 35,         /* SHA-256 of the envelope as received */
	RECORD_DETAIL = 36,         /* repeats: "key=value" of administrative entries; never a person's identity */
	RECORD_INPUT = 37,          /* SHA-256 of what the decision rested on: replay.h */
	RECORD_TAG_N
};

enum record_form { RECORD_FORM_TEXT, RECORD_FORM_BYTES, RECORD_FORM_ID, RECORD_FORM_HASH, RECORD_FORM_U64, RECORD_FORM_FLAG };

struct record_field_info {
	const char *name;       /* JSON name, snake_case */
	enum record_form form;
	bool repeats;
};
const struct record_field_info *record_field_info(unsigned tag); /* NULL when unknown */

/*
 * Writing: record_begin() on an empty buffer, then fields in ascending tag order; a breach of the table is a
 * programming error. Text that is not UTF-8 and values beyond 65535 bytes fail the buffer. Check buffer_ok()
 * once at the end.
 */
struct record_writer {
	struct buffer *out;
	unsigned last; /* tag; 0: none yet */
};
void record_begin(struct record_writer *w, struct buffer *out);
void record_add(struct record_writer *w, enum record_tag tag, struct span value); /* an empty non-flag value adds nothing */
void record_add_text(struct record_writer *w, enum record_tag tag, const char *text); /* NULL adds nothing */
void record_add_u64(struct record_writer *w, enum record_tag tag, uint64_t value);
void record_add_flag(struct record_writer *w, enum record_tag tag, bool set);

struct record_field {
	enum record_tag tag;
	struct span value;
};
struct record {
	size_t n;
	struct record_field *fields;
};

enum { RECORD_OK = 0, RECORD_E_MALFORMED = 1 };
/* record_parse() - field array in the arena, values borrow from bytes. */
MUST_CHECK int record_parse(struct span bytes, struct arena *arena, struct record *out);
struct span record_get(const struct record *r, enum record_tag tag);                 /* first value; SPAN_NONE when absent */
bool record_next(const struct record *r, enum record_tag tag, size_t *i, struct span *value); /* *i starts at 0 */
