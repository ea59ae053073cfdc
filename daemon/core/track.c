/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Plain bytes: u8 version 2, u8 kind, digest[32], u64 entry, accepted, deadline, remind, expiry, report, term, term_ms, lp16 sender,
 * lp16 behalf, lp16 casus, lp32 item, u16 n recipients, each: lp16 hoedanigheid, u64 sequence, u8 flags (1 queued, 2 outside), u8 which
 * rungs, of each of those u64 entry, u64 ms; u16 n answered for, each lp16.
 *
 * Version 1 had a header where the item stands, and four rungs, all written.
 */
#include "daemon/core/track.h"

#include <errno.h>

#include "daemon/core/retention.h"

#define TRACK_VERSION 2
#define RUNGS_V1 4
#define DOMAIN "knooppunt/track/v1"

_Static_assert(TRACK_RUNG_N <= 8, "which rungs there are stands in one byte");

/* ---- writing ---- */

static void reached_put(struct buffer *b, const struct track_reached *r)
{
	buffer_u64(b, r->entry);
	buffer_u64(b, r->ms);
}

static void recipient_put(struct buffer *b, const struct track_recipient *v)
{
	unsigned which = 0;

	for (size_t i = 0; i < TRACK_RUNG_N; i++)
		which |= v->rungs[i].entry ? 1u << i : 0;
	buffer_lp16(b, span_of_text(v->hoedanigheid));
	buffer_u64(b, v->inbox_sequence);
	buffer_u8(b, (uint8_t)(v->queued | v->outside << 1));
	buffer_u8(b, (uint8_t)which);
	for (size_t i = 0; i < TRACK_RUNG_N; i++)
		if (v->rungs[i].entry)
			reached_put(b, &v->rungs[i]);
	buffer_u16(b, (uint16_t)v->answered_for.n);
	for (size_t i = 0; i < v->answered_for.n; i++)
		buffer_lp16(b, span_of_text(v->answered_for.v[i]));
}

static void track_encode(const struct track *t, struct buffer *b)
{
	const uint64_t times[] = { t->entry, t->accepted_ms, t->deadline_ms, t->remind_ms, t->expiry_ms, t->report_ms };

	buffer_u8(b, TRACK_VERSION);
	buffer_u8(b, (uint8_t)t->kind);
	buffer_bytes(b, SPAN_OF(t->digest.bytes));
	for (size_t i = 0; i < N_ELEMENTS(times); i++)
		buffer_u64(b, times[i]);
	reached_put(b, &t->term);
	buffer_lp16(b, span_of_text(t->sender));
	buffer_lp16(b, span_of_text(t->behalf));
	buffer_lp16(b, t->casus);
	buffer_lp32(b, t->item);
	buffer_u16(b, (uint16_t)t->n);
	for (size_t i = 0; i < t->n; i++)
		recipient_put(b, &t->v[i]);
}

/* ---- reading ---- */

static void reached_get(struct reader *r, struct track_reached *out)
{
	out->entry = reader_u64(r);
	out->ms = reader_u64(r);
}

static int texts_get(struct reader *r, size_t n, struct arena *arena, struct text_list *out)
{
	const char **v;

	if (r->failed || n > MESSAGE_LIST_MAX)
		return err_raise(-EBADMSG);
	v = arena_array(arena, n ? n : 1, sizeof *v);
	if (!v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		v[i] = arena_text(arena, reader_lp16(r));
		if (!v[i])
			return err_raise(-ENOMEM);
	}
	*out = (struct text_list){ n, v };
	return 0;
}

static int recipient_get(struct reader *r, unsigned version, struct arena *arena, struct track_recipient *v)
{
	static const char *const itself[] = { "" };
	unsigned which = (1u << RUNGS_V1) - 1, flags;

	v->hoedanigheid = arena_text(arena, reader_lp16(r));
	v->inbox_sequence = reader_u64(r);
	flags = reader_u8(r);
	v->queued = flags & 1;
	v->outside = flags >> 1 & 1;
	if (version > 1)
		which = reader_u8(r);
	for (size_t i = 0; i < TRACK_RUNG_N; i++)
		if (which >> i & 1)
			reached_get(r, &v->rungs[i]);
	if (!v->hoedanigheid)
		return err_raise(-ENOMEM);
	if (version > 1)
		return err_pass(texts_get(r, reader_u16(r), arena, &v->answered_for));
	if (v->rungs[TRACK_ANSWERED].entry)
		v->answered_for = (struct text_list){ 1, (const char **)(uintptr_t)itself };
	return 0;
}

static int recipients_get(struct reader *r, unsigned version, struct arena *arena, struct track *t)
{
	size_t n = reader_u16(r);
	int e = 0;

	if (n > MESSAGE_LIST_MAX)
		return err_raise(-EBADMSG);
	t->n = n;
	t->v = arena_array(arena, n ? n : 1, sizeof *t->v);
	if (!t->v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; !e && i < n; i++)
		e = recipient_get(r, version, arena, &t->v[i]);
	return err_pass(e);
}

/* A header alone has no form of its own outside a message: as in a replay it stands as that of a verzoek. */
static int item_of_header(struct span header, struct arena *arena, struct span *out)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	const struct casus_item item = { .message = { .kind = MESSAGE_VERZOEK, .header_bytes = header } };
	int r = item_encode(&item, &b);

	if (r)
		return err_pass(r);
	*out = arena_copy(arena, buffer_span(&b));
	return out->ptr ? 0 : err_raise(-ENOMEM);
}

static int track_decode(struct span bytes, struct arena *arena, struct track *t)
{
	struct reader r;
	unsigned version;
	int e;

	reader_init(&r, bytes);
	version = reader_u8(&r);
	if (version < 1 || version > TRACK_VERSION)
		return err_raise(-EBADMSG);
	t->kind = reader_u8(&r);
	reader_copy(&r, t->digest.bytes, HASH_BYTES);
	t->entry = reader_u64(&r);
	t->accepted_ms = reader_u64(&r);
	t->deadline_ms = reader_u64(&r);
	t->remind_ms = version > 1 ? reader_u64(&r) : 0;
	t->expiry_ms = reader_u64(&r);
	t->report_ms = version > 1 ? reader_u64(&r) : 0;
	reached_get(&r, &t->term);
	t->sender = arena_text(arena, reader_lp16(&r));
	t->behalf = arena_text(arena, version > 1 ? reader_lp16(&r) : SPAN_NONE);
	t->casus = reader_lp16(&r);
	t->item = reader_lp32(&r);
	e = recipients_get(&r, version, arena, t);
	if (!e && version == 1)
		e = item_of_header(t->item, arena, &t->item);
	if (e)
		return err_pass(e);
	if (!t->sender || !t->behalf)
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

/* ---- the item ---- */

static int item_get(const struct track *t, struct arena *arena, struct casus_item *out)
{
	int r = item_decode(t->item, arena, out);

	return r ? err_fold(r) : 0;
}

int track_item(const struct track *t, struct arena *arena, struct casus_item *out)
{
	struct casus_item item;
	int r = item_get(t, arena, &item);

	if (r)
		return err_pass(r);
	if (item.message.kind != t->kind)
		return TRACK_E_ABSENT; /* of version 1: only its header is known */
	*out = item;
	return TRACK_OK;
}

int track_header(const struct track *t, struct arena *arena, struct header *out)
{
	struct casus_item item;
	int r = item_get(t, arena, &item);

	if (!r)
		*out = item.message.header;
	return err_pass(r);
}

int track_item_set(struct track *t, const struct casus_item *item, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	const size_t n = item->message.n_parts;
	struct part *parts = arena_array(arena, n ? n : 1, sizeof *parts);
	struct casus_item bare = *item;
	int r;

	if (!parts)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		parts[i] = item->message.parts[i];
		parts[i].n_wraps = 0;
	}
	bare.message.parts = parts;
	r = item_encode(&bare, &b);
	if (r)
		return err_pass(r);
	t->item = arena_copy(arena, buffer_span(&b));
	return t->item.ptr ? 0 : err_raise(-ENOMEM);
}

/* ---- who, and how far ---- */

static bool is(const struct core *c, const char *hoedanigheid, const char *name)
{
	return text_equal(hoedanigheid, name) || text_equal(hoedanigheid, registry_heir(c->rules.registry, name, c->now_unix_ms));
}

struct track_recipient *track_recipient(const struct track *t, const char *hoedanigheid)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_equal(t->v[i].hoedanigheid, hoedanigheid))
			return &t->v[i];
	return NULL;
}

struct track_recipient *track_recipient_now(const struct core *c, const struct track *t, const char *hoedanigheid)
{
	struct track_recipient *v = track_recipient(t, hoedanigheid);

	for (size_t i = 0; !v && i < t->n; i++)
		if (is(c, hoedanigheid, t->v[i].hoedanigheid))
			v = &t->v[i];
	return v;
}

bool track_party(const struct core *c, const struct track *t, const char *hoedanigheid)
{
	return is(c, hoedanigheid, t->sender) || (*t->behalf && is(c, hoedanigheid, t->behalf)) ||
	       track_recipient_now(c, t, hoedanigheid);
}

void track_reach(const struct core *c, struct track_recipient *v, enum track_rung rung, uint64_t entry)
{
	v->rungs[rung] = (struct track_reached){ entry + 1, c->now_unix_ms };
}

bool track_queued(const struct track *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].queued)
			return true;
	return false;
}

bool track_waits_for(const struct track *t, const struct track_recipient *v)
{
	switch ((int)t->kind) {
	case MESSAGE_VERZOEK:
	case MESSAGE_BEKENDHEIDSVRAAG:
		return !v->rungs[TRACK_ANSWERED].entry;
	case MESSAGE_CORRECTIE:
		return !v->rungs[TRACK_CONFIRMED].entry;
	default:
		return false;
	}
}

bool track_open(const struct track *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (track_waits_for(t, &t->v[i]))
			return true;
	return false;
}
