/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Plain bytes: u8 version, u8 kind, digest[32], u64 entry, accepted, deadline, expiry, term, term_ms, lp16 sender, lp16 casus,
 * lp32 header, u16 n, n * (lp16 hoedanigheid, u64 sequence, u8 queued, 4 * (u64 entry, u64 ms)).
 */
#include "daemon/core/track.h"

#include <errno.h>

#include "daemon/core/retention.h"

#define TRACK_VERSION 1
#define DOMAIN "knooppunt/track/v1"

static void rung_put(struct buffer *b, uint64_t entry, uint64_t ms)
{
	buffer_u64(b, entry);
	buffer_u64(b, ms);
}

static void track_encode(const struct track *t, struct buffer *b)
{
	buffer_u8(b, TRACK_VERSION);
	buffer_u8(b, (uint8_t)t->kind);
	buffer_bytes(b, SPAN_OF(t->digest.bytes));
	buffer_u64(b, t->entry);
	buffer_u64(b, t->accepted_ms);
	buffer_u64(b, t->deadline_ms);
	buffer_u64(b, t->expiry_ms);
	rung_put(b, t->term, t->term_ms);
	buffer_lp16(b, span_of_text(t->sender));
	buffer_lp16(b, t->casus);
	buffer_lp32(b, t->header);
	buffer_u16(b, (uint16_t)t->n);
	for (size_t i = 0; i < t->n; i++) {
		const struct track_recipient *v = &t->v[i];

		buffer_lp16(b, span_of_text(v->hoedanigheid));
		buffer_u64(b, v->inbox_sequence);
		buffer_u8(b, v->queued);
		rung_put(b, v->delivered, v->delivered_ms);
		rung_put(b, v->opened, v->opened_ms);
		rung_put(b, v->answered, v->answered_ms);
		rung_put(b, v->withdrawn, v->withdrawn_ms);
	}
}

static void rung_get(struct reader *r, uint64_t *entry, uint64_t *ms)
{
	*entry = reader_u64(r);
	*ms = reader_u64(r);
}

static int recipients_decode(struct reader *r, struct arena *arena, struct track *t)
{
	size_t n = reader_u16(r);

	if (n > MESSAGE_LIST_MAX)
		return err_raise(-EBADMSG);
	t->n = n;
	t->v = arena_array(arena, n, sizeof *t->v);
	if (!t->v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		struct track_recipient *v = &t->v[i];

		v->hoedanigheid = arena_text(arena, reader_lp16(r));
		v->inbox_sequence = reader_u64(r);
		v->queued = reader_u8(r);
		rung_get(r, &v->delivered, &v->delivered_ms);
		rung_get(r, &v->opened, &v->opened_ms);
		rung_get(r, &v->answered, &v->answered_ms);
		rung_get(r, &v->withdrawn, &v->withdrawn_ms);
		if (!v->hoedanigheid)
			return err_raise(-ENOMEM);
	}
	return 0;
}

static int track_decode(struct span bytes, struct arena *arena, struct track *t)
{
	struct reader r;
	int rc;

	reader_init(&r, bytes);
	if (reader_u8(&r) != TRACK_VERSION)
		return err_raise(-EBADMSG);
	t->kind = reader_u8(&r);
	reader_copy(&r, t->digest.bytes, HASH_BYTES);
	t->entry = reader_u64(&r);
	t->accepted_ms = reader_u64(&r);
	t->deadline_ms = reader_u64(&r);
	t->expiry_ms = reader_u64(&r);
	rung_get(&r, &t->term, &t->term_ms);
	t->sender = arena_text(arena, reader_lp16(&r));
	t->casus = reader_lp16(&r);
	t->header = reader_lp32(&r);
	rc = recipients_decode(&r, arena, t);
	if (rc)
		return err_pass(rc);
	if (!t->sender)
		return err_raise(-ENOMEM);
	return reader_done(&r) ? 0 : err_raise(-EBADMSG);
}

int track_load(struct core *c, struct span message_id, struct arena *arena, struct track *out)
{
	struct track t = { 0 };
	struct span sealed, plain;
	int r = store_get(c->store, KEYSPACE_STATE, message_id, &sealed);

	if (r == STORE_E_ABSENT)
		return TRACK_E_ABSENT;
	if (r)
		return err_fold(r);
	buffer_reset(&c->plain);
	r = value_unseal(c->keys, DOMAIN, message_id, sealed, &c->plain);
	if (r == KEYRING_E_ABSENT)
		return TRACK_E_ABSENT;
	if (r)
		return err_pass(r);
	plain = arena_copy(arena, buffer_span(&c->plain));
	if (!plain.ptr)
		return err_raise(-ENOMEM);
	memcpy(t.id, message_id.ptr, ID_BYTES);
	r = track_decode(plain, arena, &t);
	if (r)
		return err_pass(r);
	*out = t;
	return TRACK_OK;
}

static int track_put(struct core *c, const struct track *t, const struct data_key *key)
{
	int r;

	buffer_reset(&c->plain);
	buffer_reset(&c->sealed);
	track_encode(t, &c->plain);
	r = buffer_ok(&c->plain);
	if (!r)
		r = value_seal(key, DOMAIN, SPAN_OF(t->id), buffer_span(&c->plain), &c->sealed);
	if (!r)
		r = core_put(c, KEYSPACE_STATE, SPAN_OF(t->id), buffer_span(&c->sealed));
	return err_pass(r);
}

int track_save(struct core *c, const struct track *t, const struct data_key *key)
{
	int r = retention_keep_message(c, t->casus, t->id);

	return r ? err_pass(r) : err_pass(track_put(c, t, key));
}

int track_save_again(struct core *c, const struct track *t)
{
	struct data_key key;
	struct span sealed;
	int r = store_get(c->store, KEYSPACE_STATE, SPAN_OF(t->id), &sealed);

	if (r == STORE_E_ABSENT || (!r && sealed.len < ID_BYTES))
		return 0; /* the batch that made it has failed, and so will this one */
	if (r)
		return err_fold(r);
	r = keyring_get(c->keys, sealed.ptr, &key);
	if (r == KEYRING_E_ABSENT)
		return 0;
	return r ? err_pass(r) : err_pass(track_put(c, t, &key));
}

struct track_recipient *track_recipient(const struct track *t, const char *hoedanigheid)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_equal(t->v[i].hoedanigheid, hoedanigheid))
			return &t->v[i];
	return NULL;
}

bool track_queued(const struct track *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].queued)
			return true;
	return false;
}

bool track_unanswered(const struct track *t)
{
	for (size_t i = 0; t->kind == MESSAGE_VERZOEK && i < t->n; i++)
		if (!t->v[i].answered)
			return true;
	return false;
}

/* A header decodes as part of a message only; a verzoek without parts is the plainest one. */
int track_header(const struct track *t, struct arena *arena, struct header *out)
{
	CLEANUP(buffer_fini) struct buffer payload = { 0 };
	struct message m = { .kind = MESSAGE_VERZOEK, .header_bytes = t->header };
	const char *why;
	int r = message_encode(&m, &payload);

	if (!r)
		r = message_decode(MESSAGE_VERZOEK, buffer_span(&payload), arena, &m, &why);
	if (r)
		return err_fold(r);
	*out = m.header;
	return 0;
}
