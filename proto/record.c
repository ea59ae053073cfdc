/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table says of each tag its form and whether it repeats; writer and reader both ask it, so they can't
 * disagree. An absent field is not written, an empty value is therefore malformed: one record has one
 * spelling.
 */
#include "proto/record.h"

#include <errno.h>
#include <string.h>

#include "base/env.h"
#include "base/error.h"
#include "base/text.h"

#define RECORD_VERSION 1
#define HASH_SIZE 32

/* clang-format off */
static const struct record_field_info field_infos[RECORD_TAG_N] = {
	[RECORD_SALT]          = { "salt",          RECORD_FORM_HASH,  false },
	[RECORD_STATEMENT]     = { "statement",     RECORD_FORM_BYTES, false },
	[RECORD_TYPE]          = { "type",          RECORD_FORM_TEXT,  false },
	[RECORD_MESSAGE_ID]    = { "message_id",    RECORD_FORM_ID,    false },
	[RECORD_EXCHANGE_ID]   = { "exchange_id",   RECORD_FORM_ID,    false },
	[RECORD_IN_REPLY_TO]   = { "in_reply_to",   RECORD_FORM_ID,    false },
	[RECORD_CASUS]         = { "casus",         RECORD_FORM_ID,    false },
	[RECORD_SENDER]        = { "sender",        RECORD_FORM_TEXT,  false },
	[RECORD_ORGANISATION]  = { "organisation",  RECORD_FORM_TEXT,  false },
	[RECORD_PERSON]        = { "person",        RECORD_FORM_TEXT,  false },
	[RECORD_ROLE]          = { "role",          RECORD_FORM_TEXT,  false },
	[RECORD_ON_BEHALF_OF]  = { "on_behalf_of",  RECORD_FORM_TEXT,  false },
	[RECORD_NODE]          = { "node",          RECORD_FORM_TEXT,  false },
	[RECORD_RECIPIENT]     = { "recipient",     RECORD_FORM_TEXT,  true  },
	[RECORD_REGIME]        = { "regime",        RECORD_FORM_TEXT,  false },
	[RECORD_GRONDSLAG]     = { "grondslag",     RECORD_FORM_TEXT,  false },
	[RECORD_DOEL]          = { "doel",          RECORD_FORM_TEXT,  false },
	[RECORD_NOODZAAK]      = { "noodzaak",      RECORD_FORM_TEXT,  false },
	[RECORD_OVERLEG]       = { "overleg",       RECORD_FORM_TEXT,  false },
	[RECORD_CATEGORY]      = { "category",      RECORD_FORM_TEXT,  true  },
	[RECORD_SECRECY_BASIS] = { "secrecy_basis", RECORD_FORM_TEXT,  true  },
	[RECORD_PERSON_ROLE]   = { "person_role",   RECORD_FORM_TEXT,  false },
	[RECORD_ANSWER_KIND]   = { "answer_kind",   RECORD_FORM_TEXT,  false },
	[RECORD_PHASE]         = { "phase",         RECORD_FORM_TEXT,  false },
	[RECORD_DEADLINE]      = { "deadline",      RECORD_FORM_U64,   false },
	[RECORD_CREATED]       = { "created",       RECORD_FORM_U64,   false },
	[RECORD_URGENT]        = { "urgent",        RECORD_FORM_FLAG,  false },
	[RECORD_KADER]         = { "kader",         RECORD_FORM_HASH,  false },
	[RECORD_REGISTER]      = { "register",      RECORD_FORM_HASH,  false },
	[RECORD_CONVENANT]     = { "convenant",     RECORD_FORM_HASH,  true  },
	[RECORD_MANDATE]       = { "mandate",       RECORD_FORM_HASH,  false },
	[RECORD_RULE_PASSED]   = { "rule_passed",   RECORD_FORM_TEXT,  true  },
	[RECORD_RULE_FAILED]   = { "rule_failed",   RECORD_FORM_TEXT,  true  },
	[RECORD_TRACE_ID]      = { "trace_id",      RECORD_FORM_ID,    false },
	[RECORD_DIGEST]        = { "digest",        RECORD_FORM_HASH,  false },
	[RECORD_DETAIL]        = { "detail",        RECORD_FORM_TEXT,  true  },
	[RECORD_INPUT]         = { "input",         RECORD_FORM_HASH,  false },
};
/* clang-format on */

const struct record_field_info *record_field_info(unsigned tag)
{
	return tag >= 1 && tag < RECORD_TAG_N ? &field_infos[tag] : NULL;
}

/* Whether a value has the size its form asks; text and bytes are not empty. */
static bool size_fits(enum record_form form, size_t len)
{
	switch (form) {
	case RECORD_FORM_TEXT:
	case RECORD_FORM_BYTES:
		return len > 0;
	case RECORD_FORM_ID:
		return len == ID_BYTES;
	case RECORD_FORM_HASH:
		return len == HASH_SIZE;
	case RECORD_FORM_U64:
		return len == 8;
	case RECORD_FORM_FLAG:
		return len == 0;
	}
	return false;
}

/* Whether tag may follow previous (0: it is the first). */
static bool order_fits(unsigned previous, unsigned tag)
{
	return tag > previous || (tag == previous && field_infos[tag].repeats);
}

void record_begin(struct record_writer *w, struct buffer *out)
{
	ASSERT(out->len == 0);
	buffer_u8(out, RECORD_VERSION);
	*w = (struct record_writer){ .out = out };
}

static void field_put(struct record_writer *w, enum record_tag tag, struct span value)
{
	const struct record_field_info *info = record_field_info(tag);

	if (w->out->failed)
		return;
	ASSERT(info && size_fits(info->form, value.len) && order_fits(w->last, tag));
	/* Not the table's breach but the value's: the record can't be made, and buffer_ok() says so. */
	if (value.len > UINT16_MAX || (info->form == RECORD_FORM_TEXT && !utf8_valid(value))) {
		w->out->failed = true;
		return;
	}
	buffer_u8(w->out, (uint8_t)tag);
	buffer_lp16(w->out, value);
	w->last = tag;
}

void record_add(struct record_writer *w, enum record_tag tag, struct span value)
{
	if (value.len)
		field_put(w, tag, value);
}

void record_add_text(struct record_writer *w, enum record_tag tag, const char *text)
{
	record_add(w, tag, span_of_text(text));
}

void record_add_u64(struct record_writer *w, enum record_tag tag, uint64_t value)
{
	uint8_t bytes[8];

	put_u64(bytes, value);
	record_add(w, tag, SPAN_OF(bytes));
}

void record_add_flag(struct record_writer *w, enum record_tag tag, bool set)
{
	if (set)
		field_put(w, tag, SPAN_NONE);
}

/* One field, strictly; previous is the tag before it. */
static bool field_read(struct reader *r, unsigned previous, struct record_field *out)
{
	unsigned tag = reader_u8(r);
	struct span value = reader_lp16(r);
	const struct record_field_info *info = record_field_info(tag);

	if (r->failed || !info || !order_fits(previous, tag) || !size_fits(info->form, value.len))
		return false;
	if (info->form == RECORD_FORM_TEXT && !utf8_valid(value))
		return false;
	*out = (struct record_field){ (enum record_tag)tag, value };
	return true;
}

int record_parse(struct span bytes, struct arena *arena, struct record *out)
{
	struct record_field field = { .tag = 0 };
	struct record record = { 0 };
	struct reader r;
	size_t n = 0;

	reader_init(&r, bytes);
	if (reader_u8(&r) != RECORD_VERSION || r.failed)
		return RECORD_E_MALFORMED;
	for (; !reader_done(&r); n++)
		if (!field_read(&r, field.tag, &field))
			return RECORD_E_MALFORMED;
	/* Known to be well formed, so the second walk only takes what is there. */
	record.fields = arena_array(arena, n ? n : 1, sizeof *record.fields);
	if (!record.fields)
		return err_raise(-ENOMEM);
	reader_init(&r, bytes);
	reader_u8(&r);
	for (; record.n < n; record.n++) {
		record.fields[record.n].tag = (enum record_tag)reader_u8(&r);
		record.fields[record.n].value = reader_lp16(&r);
	}
	*out = record;
	return RECORD_OK;
}

bool record_next(const struct record *r, enum record_tag tag, size_t *i, struct span *value)
{
	while (*i < r->n) {
		const struct record_field *field = &r->fields[(*i)++];

		if (field->tag == tag) {
			*value = field->value;
			return true;
		}
	}
	return false;
}

struct span record_get(const struct record *r, enum record_tag tag)
{
	struct span value = SPAN_NONE;
	size_t i = 0;

	return record_next(r, tag, &i, &value) ? value : SPAN_NONE;
}
