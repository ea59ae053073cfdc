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

int state_wipe(struct state *s, const uint8_t id[ID_BYTES], struct span envelope)
{
	CLEANUP(buffer_fini) struct buffer record = { 0 };
	struct txn t = txn_begin(s->tables, true);
	struct item item = { 0 };
	char name[MARK_NAME_MAX];
	struct span bytes;
	uint64_t place = 0;
	bool there = table_get(&t, T_ITEMS, span_of(id, ID_BYTES), &bytes);
	int r;

	buffer_init(&record, 0);
	if (there && !item_record_read(bytes, &item, &place))
		t.error = EBADMSG;
	if (there) {
		item.envelope = envelope;
		item.mandate = SPAN_NONE;
		item_record_write(&item, place, &record);
		if (buffer_ok(&record) && !t.error)
			t.error = ENOMEM;
		table_put(&t, T_ITEMS, span_of(id, ID_BYTES), buffer_span(&record));
		table_put(&t, T_NAMED, span_of_text(mark_name(MARK_WIPED, id, name)), SPAN_LITERAL("1"));
	}
	r = txn_end(&t);
	if (r)
		return err_pass(r);
	return there ? STATE_OK : STATE_E_ABSENT;
}
