/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * KEYSPACE_SEEN        message id -> digest[32] || u64 entry || u64 forget at || u64 repeat (entry of its HERHALING plus one)
 * KEYSPACE_SEEN_UNTIL  u64 forget at || message id -> nothing; not for ids of accepted messages, which stay as long as their track
 */
#include "daemon/core/intake.h"

#include <errno.h>

#define SEEN_BYTES (HASH_BYTES + 3 * 8)
#define FORGET_PER_BATCH 32

int seen_find(struct core *c, struct span message_id, struct seen *out)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_SEEN, message_id, &value);

	if (r == STORE_E_ABSENT)
		return SEEN_E_ABSENT;
	if (r)
		return err_fold(r);
	if (value.len != SEEN_BYTES)
		return err_raise(-EBADMSG);
	memcpy(out->digest.bytes, value.ptr, HASH_BYTES);
	out->entry = get_u64(value.ptr + HASH_BYTES);
	out->forget_ms = get_u64(value.ptr + HASH_BYTES + 8);
	out->repeat = get_u64(value.ptr + HASH_BYTES + 16);
	return SEEN_OK;
}

int seen_put(struct core *c, struct span message_id, const struct seen *s)
{
	uint8_t value[SEEN_BYTES], until[8 + ID_BYTES];
	int r;

	memcpy(value, s->digest.bytes, HASH_BYTES);
	put_u64(value + HASH_BYTES, s->entry);
	put_u64(value + HASH_BYTES + 8, s->forget_ms);
	put_u64(value + HASH_BYTES + 16, s->repeat);
	r = core_put(c, KEYSPACE_SEEN, message_id, SPAN_OF(value));
	if (r || s->forget_ms == SEEN_FOR_EVER)
		return err_pass(r);
	put_u64(until, s->forget_ms);
	memcpy(until + 8, message_id.ptr, ID_BYTES);
	return err_pass(core_put(c, KEYSPACE_SEEN_UNTIL, SPAN_OF(until), SPAN_LITERAL("\1")));
}

uint64_t seen_until(const struct core *c, const struct header *h)
{
	uint64_t until = h->not_after_unix_ms > c->now_unix_ms ? h->not_after_unix_ms : c->now_unix_ms;
	uint64_t more = c->skew_ms + c->replay_ms;

	return until > SEEN_FOR_EVER - 1 - more ? SEEN_FOR_EVER - 1 : until + more;
}

int seen_forget(struct core *c)
{
	struct store_cursor cursor;
	uint8_t key[8 + ID_BYTES];
	int r = store_first(c->store, KEYSPACE_SEEN_UNTIL, SPAN_NONE, SPAN_NONE, &cursor);

	for (int i = 0; !r && i < FORGET_PER_BATCH; i++) {
		if (cursor.key.len != sizeof key)
			return err_raise(-EBADMSG);
		memcpy(key, cursor.key.ptr, sizeof key);
		if (get_u64(key) > c->now_unix_ms)
			return 0;
		r = core_delete(c, KEYSPACE_SEEN_UNTIL, SPAN_OF(key));
		if (!r)
			r = core_delete(c, KEYSPACE_SEEN, span_of(key + 8, ID_BYTES));
		if (r)
			return err_pass(r);
		r = store_next(c->store, &cursor);
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}
