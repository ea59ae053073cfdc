/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * KEYSPACE_INBOX_ID   hoedanigheid -> inbox id[16] || u64 next sequence
 * KEYSPACE_INBOX      inbox id || u64 sequence -> message id || u64 accepted, unix ms
 * KEYSPACE_MESSAGE    message id -> sealed (u64 entry index || mandate SHA-256[32], zero when a node signed || envelope)
 */
#include "daemon/core/queue.h"

#include <errno.h>

#define DOMAIN "knooppunt/message/v1"
#define INBOX_KEY_BYTES (ID_BYTES + 8)
#define PREFIX_BYTES (8 + HASH_BYTES)
#define CASUS_ROW_BYTES (2 * ID_BYTES)

struct inbox {
	uint8_t id[ID_BYTES];
	uint64_t next;
};

static int inbox_get(struct core *c, const char *hoedanigheid, struct inbox *out)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_INBOX_ID, span_of_text(hoedanigheid), &value);

	if (r == STORE_E_ABSENT)
		return QUEUE_E_END;
	if (r)
		return err_fold(r);
	if (value.len != INBOX_KEY_BYTES)
		return err_raise(-EBADMSG);
	memcpy(out->id, value.ptr, ID_BYTES);
	out->next = get_u64(value.ptr + ID_BYTES);
	return QUEUE_OK;
}

static void inbox_key(const struct inbox *inbox, uint64_t sequence, uint8_t out[INBOX_KEY_BYTES])
{
	memcpy(out, inbox->id, ID_BYTES);
	put_u64(out + ID_BYTES, sequence);
}

static int inbox_add(struct core *c, const struct track *t, struct track_recipient *v)
{
	uint8_t key[INBOX_KEY_BYTES], value[ID_BYTES + 8];
	struct inbox inbox = { .next = 1 };
	int r = inbox_get(c, v->hoedanigheid, &inbox);

	if (r < 0)
		return err_pass(r);
	if (r == QUEUE_E_END)
		env_random(c->env, inbox.id, sizeof inbox.id);
	v->inbox_sequence = inbox.next++;
	v->queued = true;
	memcpy(value, t->id, ID_BYTES);
	put_u64(value + ID_BYTES, t->accepted_ms);
	inbox_key(&inbox, v->inbox_sequence, key);
	r = core_put(c, KEYSPACE_INBOX, SPAN_OF(key), SPAN_OF(value));
	if (r)
		return err_pass(r);
	inbox_key(&inbox, inbox.next, key);
	return err_pass(core_put(c, KEYSPACE_INBOX_ID, span_of_text(v->hoedanigheid), SPAN_OF(key)));
}

static void casus_row(const struct track *t, uint8_t out[CASUS_ROW_BYTES])
{
	memcpy(out, t->casus.ptr, ID_BYTES);
	memcpy(out + ID_BYTES, t->id, ID_BYTES);
}

static int envelope_store(struct core *c, const struct track *t, const struct data_key *key, struct span envelope,
			  struct span mandate)
{
	const uint8_t none[HASH_BYTES] = { 0 };
	int r;

	buffer_reset(&c->plain);
	buffer_reset(&c->sealed);
	buffer_u64(&c->plain, t->entry - 1);
	buffer_bytes(&c->plain, mandate.len == HASH_BYTES ? mandate : SPAN_OF(none));
	buffer_bytes(&c->plain, envelope);
	r = buffer_ok(&c->plain);
	if (!r)
		r = value_seal(key, DOMAIN, SPAN_OF(t->id), buffer_span(&c->plain), &c->sealed);
	if (!r)
		r = core_put(c, KEYSPACE_MESSAGE, SPAN_OF(t->id), buffer_span(&c->sealed));
	return err_pass(r);
}

int queue_add(struct core *c, struct track *t, const struct data_key *key, struct span envelope, struct span mandate)
{
	uint8_t row[CASUS_ROW_BYTES];
	int r = envelope_store(c, t, key, envelope, mandate);

	for (size_t i = 0; !r && i < t->n; i++) {
		struct effect effect = { .kind = EFFECT_QUEUED };

		r = inbox_add(c, t, &t->v[i]);
		memcpy(effect.hoedanigheid, t->v[i].hoedanigheid, strnlen(t->v[i].hoedanigheid, SENDER_SIZE - 1));
		if (!r)
			r = core_effect(c, &effect);
	}
	if (!r && t->casus.len) {
		casus_row(t, row);
		r = core_put(c, KEYSPACE_KEY_OF, SPAN_OF(row), SPAN_LITERAL("\1"));
	}
	return err_pass(r);
}

int queue_settle(struct core *c, struct track *t, struct track_recipient *v)
{
	struct effect effect = { .kind = EFFECT_SETTLED };
	uint8_t key[INBOX_KEY_BYTES], row[CASUS_ROW_BYTES];
	struct inbox inbox;
	int r = inbox_get(c, v->hoedanigheid, &inbox);

	if (r < 0)
		return err_pass(r);
	if (!r) {
		inbox_key(&inbox, v->inbox_sequence, key);
		r = core_delete(c, KEYSPACE_INBOX, SPAN_OF(key));
		if (r)
			return err_pass(r);
	}
	v->queued = false;
	memcpy(effect.hoedanigheid, v->hoedanigheid, strnlen(v->hoedanigheid, SENDER_SIZE - 1));
	memcpy(effect.id, t->id, ID_BYTES);
	r = core_effect(c, &effect);
	if (r || track_queued(t))
		return err_pass(r);
	r = core_delete(c, KEYSPACE_MESSAGE, SPAN_OF(t->id));
	if (!r && t->casus.len) {
		casus_row(t, row);
		r = core_delete(c, KEYSPACE_KEY_OF, SPAN_OF(row));
	}
	return err_pass(r);
}

int queue_next(struct core *c, const char *hoedanigheid, uint64_t *sequence, uint8_t message_id[ID_BYTES])
{
	uint8_t key[INBOX_KEY_BYTES];
	struct store_cursor cursor;
	struct inbox inbox;
	int r = inbox_get(c, hoedanigheid, &inbox);

	if (r)
		return r < 0 ? err_pass(r) : QUEUE_E_END;
	if (*sequence >= inbox.next)
		return QUEUE_E_END;
	inbox_key(&inbox, *sequence, key);
	r = store_first(c->store, KEYSPACE_INBOX, SPAN_OF(inbox.id), SPAN_OF(key), &cursor);
	if (r == STORE_E_ABSENT)
		return QUEUE_E_END;
	if (r)
		return err_fold(r);
	if (cursor.key.len != INBOX_KEY_BYTES || cursor.value.len < ID_BYTES)
		return err_raise(-EBADMSG);
	*sequence = get_u64(cursor.key.ptr + ID_BYTES);
	memcpy(message_id, cursor.value.ptr, ID_BYTES);
	return QUEUE_OK;
}

int queue_read(struct core *c, const uint8_t message_id[ID_BYTES], struct buffer *delivery)
{
	struct delivery d = { 0 };
	struct span sealed, plain;
	int r = store_get(c->store, KEYSPACE_MESSAGE, span_of(message_id, ID_BYTES), &sealed);

	if (r == STORE_E_ABSENT)
		return QUEUE_E_GONE;
	if (r)
		return err_fold(r);
	buffer_reset(&c->plain);
	r = value_unseal(c->keys, DOMAIN, span_of(message_id, ID_BYTES), sealed, &c->plain);
	if (r)
		return r < 0 ? err_pass(r) : QUEUE_E_GONE;
	plain = buffer_span(&c->plain);
	if (plain.len < PREFIX_BYTES)
		return err_raise(-EBADMSG);
	d.index = get_u64(plain.ptr);
	d.envelope = span_of(plain.ptr + PREFIX_BYTES, plain.len - PREFIX_BYTES);
	if (!span_is_zero(span_of(plain.ptr + 8, HASH_BYTES))) {
		r = store_get(c->store, KEYSPACE_MANDATE, span_of(plain.ptr + 8, HASH_BYTES), &d.mandate);
		if (r && r != STORE_E_ABSENT)
			return err_fold(r);
	}
	return err_pass(delivery_encode(&d, delivery));
}

int queue_figures(struct core *c, const char *hoedanigheid, uint64_t *n, uint64_t *oldest_unix_ms)
{
	struct store_cursor cursor;
	struct inbox inbox;
	int r = inbox_get(c, hoedanigheid, &inbox);

	*n = 0;
	*oldest_unix_ms = 0;
	if (r)
		return r < 0 ? err_pass(r) : 0;
	r = store_first(c->store, KEYSPACE_INBOX, SPAN_OF(inbox.id), SPAN_OF(inbox.id), &cursor);
	while (!r) {
		if (!*n && cursor.value.len == ID_BYTES + 8)
			*oldest_unix_ms = get_u64(cursor.value.ptr + ID_BYTES);
		++*n;
		r = store_next(c->store, &cursor);
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

int queue_of_casus(struct core *c, struct span casus, struct store_cursor *cursor, bool first, struct span *message_id)
{
	int r = first ? store_first(c->store, KEYSPACE_KEY_OF, casus, casus, cursor) : store_next(c->store, cursor);

	/* The row of the casus's own key is the shortest with this prefix. */
	while (!r && cursor->key.len != CASUS_ROW_BYTES)
		r = store_next(c->store, cursor);
	if (r == STORE_E_ABSENT)
		return QUEUE_E_END;
	if (r)
		return err_fold(r);
	*message_id = span_of(cursor->key.ptr + ID_BYTES, ID_BYTES);
	return QUEUE_OK;
}
