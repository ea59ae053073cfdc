/* SPDX-License-Identifier: EUPL-1.2 */
/* What is known of an item beside what it says itself: named values "<mark>:<hex of its id>". */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/state_inside.h"

#define MARK_NAME_MAX (16 + 2 * ID_BYTES + 1)

static const char *mark_name(const char *mark, const uint8_t id[ID_BYTES], char out[MARK_NAME_MAX])
{
	size_t len = strlen(mark);

	memcpy(out, mark, len);
	out[len] = ':';
	hex_encode(span_of(id, ID_BYTES), out + len + 1);
	return out;
}

void mark_taken(struct txn *t, const struct item *item)
{
	char name[MARK_NAME_MAX];

	if (item->kind == MESSAGE_CORRECTIE && !span_is_zero(SPAN_OF(item->in_reply_to)))
		table_put(t, T_NAMED, span_of_text(mark_name(MARK_CORRECTED, item->in_reply_to, name)), SPAN_OF(item->id));
}

int state_mark(struct state *s, const char *mark, const uint8_t id[ID_BYTES], struct arena *arena, struct span *value)
{
	char name[MARK_NAME_MAX];

	return state_get(s, mark_name(mark, id, name), arena, value);
}

int state_mark_set(struct state *s, const char *mark, const uint8_t id[ID_BYTES], struct span value)
{
	char name[MARK_NAME_MAX];

	return state_put(s, mark_name(mark, id, name), value);
}

void mark_wiped(struct txn *t, const uint8_t id[ID_BYTES])
{
	char name[MARK_NAME_MAX];

	table_put(t, T_NAMED, span_of_text(mark_name(MARK_WIPED, id, name)), SPAN_LITERAL("1"));
}

void marks_forget(struct txn *t, const uint8_t id[ID_BYTES])
{
	static const char *const marks[] = { MARK_CORRECTED, MARK_WIPED, MARK_REMINDED, MARK_TOLD };
	char name[MARK_NAME_MAX];

	for (size_t i = 0; i < N_ELEMENTS(marks); i++)
		table_del(t, T_NAMED, span_of_text(mark_name(marks[i], id, name)));
}
