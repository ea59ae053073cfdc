/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Fields as data: where each stands in our struct, what its form is. From that follow the values that must be
 * refused by name, those at the edge that must pass, and another good value to relabel with.
 */
#include "proto/codec.h"
#include "tests/unit/proto/wire_helper.h"

enum form { FORM_BYTES, FORM_TEXT, FORM_TIME, FORM_LIST, FORM_NUMBER, FORM_BOOL };

struct field {
	const char *name; /* as decoding names it */
	enum form form;
	size_t offset;
	size_t size; /* of FORM_BYTES */
	bool may_be_absent, ascending;
};

#define FIELD(type, member, prefix, ...)                                             \
	{                                                                            \
		prefix #member, .offset = offsetof(struct type, member), __VA_ARGS__ \
	}
#define ABSENT_OK .may_be_absent = true

static const struct field header_fields[] = {
	FIELD(header, message_id, "header.", .form = FORM_BYTES, .size = 16),
	FIELD(header, created_unix_ms, "header.", .form = FORM_TIME),
	FIELD(header, not_after_unix_ms, "header.", .form = FORM_TIME),
	FIELD(header, exchange_id, "header.", .form = FORM_BYTES, .size = 16),
	FIELD(header, in_reply_to, "header.", .form = FORM_BYTES, .size = 16, ABSENT_OK),
	FIELD(header, casus, "header.", .form = FORM_BYTES, .size = 16, ABSENT_OK),
	FIELD(header, sender, "header.", .form = FORM_TEXT),
	FIELD(header, person, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, mandate, "header.", .form = FORM_BYTES, .size = 32, ABSENT_OK),
	FIELD(header, recipients, "header.", .form = FORM_LIST, .ascending = true),
	FIELD(header, regime, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, grondslag, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, doel, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, noodzaak, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, overleg, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, categories, "header.", .form = FORM_LIST, .ascending = true),
	FIELD(header, person_role, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, deadline_unix_ms, "header.", .form = FORM_TIME),
	FIELD(header, answer_kind, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, urgent, "header.", .form = FORM_BOOL),
	FIELD(header, convenant, "header.", .form = FORM_BYTES, .size = 32, ABSENT_OK),
	FIELD(header, trace_id, "header.", .form = FORM_BYTES, .size = 16),
	FIELD(header, on_behalf_of, "header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(header, related_to, "header.", .form = FORM_TEXT, ABSENT_OK),
};

static const struct field part_header_fields[] = {
	FIELD(part_header, category, "part.header.", .form = FORM_TEXT),
	FIELD(part_header, secrecy_basis, "part.header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(part_header, conditions, "part.header.", .form = FORM_LIST),
	FIELD(part_header, source, "part.header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(part_header, wpg_article, "part.header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(part_header, person_category, "part.header.", .form = FORM_TEXT, ABSENT_OK),
	FIELD(part_header, content_commitment, "part.header.", .form = FORM_BYTES, .size = 32),
	FIELD(part_header, media_type, "part.header.", .form = FORM_TEXT, ABSENT_OK),
};

/* One value of a field; which member counts follows from the form. */
union value {
	struct span bytes;
	const char *text;
	uint64_t number;
	struct text_list list;
	bool flag;
};

static inline size_t value_size(enum form form)
{
	switch (form) {
	case FORM_BYTES:
		return sizeof(struct span);
	case FORM_TEXT:
		return sizeof(const char *);
	case FORM_TIME:
	case FORM_NUMBER:
		return sizeof(uint64_t);
	case FORM_LIST:
		return sizeof(struct text_list);
	case FORM_BOOL:
		return sizeof(bool);
	}
	return 0;
}

/* A text of n times the same letter, n <= 501. */
static inline const char *text_of(size_t n)
{
	static char text[512];

	memset(text, 'x', sizeof text);
	text[n] = 0;
	return text;
}

/* n texts in ascending order. */
static inline struct text_list list_of(size_t n)
{
	static char texts[80][4];
	static const char *v[80];

	for (size_t i = 0; i < n; i++) {
		snprintf(texts[i], sizeof texts[i], "t%02zu", i % 80);
		v[i] = texts[i];
	}
	return (struct text_list){ .n = n, .v = v };
}

static const uint8_t value_bytes[64] = { 0x11, 0x22, 0x33 };

/* The last two only matter where a list must ascend. */
static const char *bad_pairs[][2] = {
	{ "a", "" }, { "a", "b\n" }, { "a", "\xff" }, { "b", "a" }, { "a", "a" }
};
static const char *one_text[] = { "only" };

static inline bool bad_list(const struct field *f, size_t i, struct text_list *out)
{
	static const char *long_text[1];

	long_text[0] = text_of(501);
	if (i == 0)
		*out = (struct text_list){ 1, long_text };
	else if (i == 1)
		*out = list_of(MESSAGE_LIST_MAX + 1);
	else if (i - 2 < (f->ascending ? 5 : 3))
		*out = (struct text_list){ 2, bad_pairs[i - 2] };
	else
		return false;
	return true;
}

/* The i-th value that must be refused; false when there is none left. */
static inline bool bad_value(const struct field *f, size_t i, union value *out)
{
	union value bytes[] = { { .bytes = { value_bytes, f->size + 1 } },
				{ .bytes = { value_bytes, f->size - 1 } },
				{ .bytes = { value_bytes, 1 } },
				{ .bytes = SPAN_NONE } };
	union value texts[] = { { .text = "a\tb" },	    { .text = "a\nb" },	      { .text = "\x1b[2J" },
				{ .text = "a\x7f" },	    { .text = "a\xc2\x9b" },  { .text = "\xc3(" },
				{ .text = "\xed\xa0\x80" }, { .text = text_of(501) }, { .text = "" } };
	size_t n = 0;

	if (f->form == FORM_BYTES) {
		n = N_ELEMENTS(bytes) - f->may_be_absent;
		*out = bytes[i < n ? i : 0];
	} else if (f->form == FORM_TEXT) {
		n = N_ELEMENTS(texts) - f->may_be_absent;
		*out = texts[i < n ? i : 0];
	} else if (f->form == FORM_LIST) {
		return bad_list(f, i, &out->list);
	} else if (f->form == FORM_TIME) {
		n = 2;
		out->number = i ? UINT64_MAX : CODEC_TIME_MAX + 1;
	}
	return i < n;
}

/* The i-th value at the edge of what is good. */
static inline bool good_value(const struct field *f, size_t i, union value *out)
{
	union value bytes[] = { { .bytes = { value_bytes, f->size } }, { .bytes = SPAN_NONE } };
	union value texts[] = { { .text = text_of(500) }, { .text = "é" }, { .text = "" } };
	union value lists[] = { { .list = { 1, one_text } },
				{ .list = list_of(64) },
				{ .list = { 0, NULL } } };
	size_t n = 2;

	if (f->form == FORM_BYTES) {
		n = N_ELEMENTS(bytes) - !f->may_be_absent;
		*out = bytes[i < n ? i : 0];
	} else if (f->form == FORM_TEXT) {
		n = N_ELEMENTS(texts) - !f->may_be_absent;
		*out = texts[i < n ? i : 0];
	} else if (f->form == FORM_LIST) {
		n = N_ELEMENTS(lists);
		*out = lists[i < n ? i : 0];
	} else if (f->form == FORM_BOOL) {
		out->flag = i;
	} else {
		out->number = !i ? 0 : f->form == FORM_TIME ? CODEC_TIME_MAX : UINT32_MAX;
	}
	return i < n;
}

/* Decodes the struct that the field belongs to, after encoding it. */
typedef int field_decode_fn(const void *subject, const char **why);

static inline void check_bad_values(const struct field *f, void *subject, field_decode_fn *decode)
{
	uint8_t *at = (uint8_t *)subject + f->offset;
	union value kept, v;

	memcpy(&kept, at, value_size(f->form));
	for (size_t i = 0; bad_value(f, i, &v); i++) {
		const char *why = "";

		memcpy(at, &v, value_size(f->form));
		CHECK_IS(decode(subject, &why), 1);
		if (strncmp(why, f->name, strlen(f->name)) != 0 || why[strlen(f->name)] != ':')
			fail_msg("%s, bad value %zu: \"%s\"", f->name, i, why);
	}
	memcpy(at, &kept, value_size(f->form));
}

static inline void check_good_values(const struct field *f, void *subject, field_decode_fn *decode)
{
	uint8_t *at = (uint8_t *)subject + f->offset;
	union value kept, v;

	memcpy(&kept, at, value_size(f->form));
	for (size_t i = 0; good_value(f, i, &v); i++) {
		const char *why = "";

		memcpy(at, &v, value_size(f->form));
		if (decode(subject, &why))
			fail_msg("%s, good value %zu: \"%s\"", f->name, i, why);
	}
	memcpy(at, &kept, value_size(f->form));
}
