/* SPDX-License-Identifier: EUPL-1.2 */
/* The record inside a leaf: version 1, then fields in ascending order of tag: tag, u16 length, value. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "verify/verify.h"

enum form { TEXT = 1, ID, HASH, NUMBER, FLAG, HIDDEN };
static const struct {
	const char *name;
	enum form form;
	bool repeats;
} tags[] = {
	[1] = { "salt", HIDDEN, false }, [2] = { "statement", HIDDEN, false }, [3] = { "type", TEXT, false },
	[4] = { "message_id", ID, false }, [5] = { "exchange_id", ID, false }, [6] = { "in_reply_to", ID, false },
	[7] = { "casus", ID, false }, [8] = { "sender", TEXT, false }, [9] = { "organisation", TEXT, false },
	[10] = { "person", TEXT, false }, [11] = { "role", TEXT, false }, [12] = { "on_behalf_of", TEXT, false },
	[13] = { "node", TEXT, false }, [14] = { "recipient", TEXT, true }, [15] = { "regime", TEXT, false },
	[16] = { "grondslag", TEXT, false }, [17] = { "doel", TEXT, false }, [18] = { "noodzaak", TEXT, false },
	[19] = { "overleg", TEXT, false }, [20] = { "category", TEXT, true }, [21] = { "secrecy_basis", TEXT, true },
	[22] = { "person_role", TEXT, false }, [23] = { "answer_kind", TEXT, false }, [24] = { "phase", TEXT, false },
	[25] = { "deadline", NUMBER, false }, [26] = { "created", NUMBER, false }, [27] = { "urgent", FLAG, false },
	[28] = { "kader", HASH, false }, [29] = { "register", HASH, false }, [30] = { "convenant", HASH, true },
	[31] = { "mandate", HASH, false }, [32] = { "rule_passed", TEXT, true }, [33] = { "rule_failed", TEXT, true },
	[34] = { "trace_id", ID, false }, [35] = { "digest", HASH, false }, [36] = { "detail", TEXT, true },
	[37] = { "input", HASH, false },
};
#define N_TAGS (sizeof tags / sizeof tags[0])

static json_t *value_of(enum form form, struct bytes v)
{
	char text[65];
	uint64_t n = 0;

	switch (form) {
	case TEXT:
		return json_stringn((const char *)v.p, v.n);
	case ID:
		if (v.n != 16)
			return NULL;
		sodium_bin2hex(text, sizeof text, v.p, 16);
		return json_sprintf("%.8s-%.4s-%.4s-%.4s-%s", text, text + 8, text + 12, text + 16, text + 20);
	case HASH:
		return v.n == 32 ? json_string(sodium_bin2hex(text, sizeof text, v.p, 32)) : NULL;
	case NUMBER:
		for (size_t i = 0; i < v.n; i++)
			n = n << 8 | v.p[i];
		return v.n == 8 && n <= INT64_MAX ? json_integer((json_int_t)n) : NULL;
	case FLAG:
		return v.n == 0 ? json_true() : NULL;
	case HIDDEN:
	default:
		return NULL;
	}
}

static bool add(json_t *fields, unsigned tag, struct bytes v)
{
	json_t *value = value_of(tags[tag].form, v), *list;

	if (!value)
		return false;
	if (!tags[tag].repeats)
		return json_object_set_new(fields, tags[tag].name, value) == 0;
	list = json_object_get(fields, tags[tag].name);
	if (!list) {
		list = json_array();
		json_object_set_new(fields, tags[tag].name, list);
	}
	return json_array_append_new(list, value) == 0;
}

json_t *record_fields(struct bytes r, struct bytes *salt, struct bytes *statement)
{
	json_t *fields = json_object();
	unsigned last = 0;
	size_t at = 1;

	*salt = *statement = bytes_of(NULL, 0);
	while (r.n >= 1 && r.p[0] == 1 && at < r.n) {
		unsigned tag = r.p[at];
		size_t n = at + 3 <= r.n ? (size_t)(r.p[at + 1] << 8 | r.p[at + 2]) : 0;
		struct bytes value = bytes_of(r.p + at + 3, n);

		if (at + 3 > r.n || n > r.n - at - 3 || tag < 1 || tag >= N_TAGS || tag < last || (tag == last && !tags[tag].repeats))
			break;
		if (tag == 1)
			*salt = value;
		else if (tag == 2)
			*statement = value;
		else if (!add(fields, tag, value))
			break;
		last = tag;
		at += 3 + n;
	}
	if (at == r.n && r.n > 1)
		return fields;
	json_decref(fields);
	return NULL;
}
