/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/lib/record_view.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "proto/entry.h"
#include "proto/record.h"

static json_t *value_json(const struct record_field_info *info, struct span value)
{
	char hex[2 * HASH_BYTES + 1], uuid[UUID_TEXT_SIZE];

	switch (info->form) {
	case RECORD_FORM_TEXT:
		return json_stringn((const char *)value.ptr, value.len);
	case RECORD_FORM_ID:
		if (value.len != ID_BYTES)
			return NULL;
		uuid_encode(value.ptr, uuid);
		return json_string(uuid);
	case RECORD_FORM_U64:
		return value.len == 8 ? json_integer((json_int_t)get_u64(value.ptr)) : NULL;
	case RECORD_FORM_FLAG:
		return json_true();
	case RECORD_FORM_HASH:
		if (value.len != HASH_BYTES)
			return NULL;
		hex_encode(value, hex);
		return json_string(hex);
	case RECORD_FORM_BYTES:
	default:
		return NULL; /* salt and statement are for proofs, not for reading */
	}
}

static void field_json(json_t *object, const struct record_field *f)
{
	const struct record_field_info *info = record_field_info(f->tag);
	json_t *value = info && f->tag != RECORD_SALT ? value_json(info, f->value) : NULL, *list;

	if (!value)
		return;
	if (!info->repeats) {
		json_object_set_new(object, info->name, value);
		return;
	}
	list = json_object_get(object, info->name);
	if (!list) {
		list = json_array();
		json_object_set_new(object, info->name, list);
	}
	json_array_append_new(list, value);
}

static bool bound(const struct entry *e, const struct record *r)
{
	struct span salt = record_get(r, RECORD_SALT), statement = record_get(r, RECORD_STATEMENT);
	uint8_t binding[32];

	if (salt.len != SALT_BYTES)
		return false;
	entry_binding(salt.ptr, statement, binding);
	return !memcmp(binding, e->binding, sizeof binding);
}

char *record_view(const struct log_record *in, bool evidence, struct arena *arena, bool *sound)
{
	struct record record = { 0 };
	struct entry entry;
	char time[TIME_TEXT_SIZE], span[17], *text;
	json_t *object;

	if (entry_parse(in->entry, &entry) != ENTRY_OK ||
	    (in->record.len && record_parse(in->record, arena, &record) != RECORD_OK))
		return NULL;
	*sound = !in->record.len || bound(&entry, &record);
	time_encode(entry.time_unix_ms, time);
	object = json_pack("{s:I,s:s,s:s,s:s,s:I,s:b,s:b}", "index", (json_int_t)in->index, "kind",
			   entry_kind_name(entry.kind), "code", code_name(entry.code), "time", time,
			   "unix_ms", (json_int_t)entry.time_unix_ms, "readable", in->record.len != 0,
			   "bound", (int)*sound);
	for (size_t i = 0; object && i < record.n; i++)
		field_json(object, &record.fields[i]);
	/* Names this entry among the spans of its trace, as other logs do it: random, and of nobody. */
	hex_encode(span_of(entry.random, sizeof span / 2), span);
	json_object_set_new(object, "span_id", json_string(span));
	if (evidence && in->opening.len) {
		json_object_set_new(object, "entry", json_string(base64_text(arena, in->entry)));
		json_object_set_new(object, "opening", json_string(base64_text(arena, in->opening)));
	}
	if (object && in->proof.len)
		json_object_set_new(object, "proof", json_stringn((const char *)in->proof.ptr, in->proof.len));
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	return text;
}
