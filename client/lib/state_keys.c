/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keys of casussen, and what is sealed under them: nonce[24] || XChaCha20-Poly1305(key, ad = domain || u8 what || casus || id,
 * lp32 a || lp32 b).
 *
 * Every change of the key file happens inside a write transaction of LMDB: its lock is the one that all processes of a home share.
 * A new key is flushed before its transaction commits; a row that ended is committed before its key is overwritten, in a
 * transaction of its own. What a crash leaves between the two the next opening sweeps up: a key that no living row names.
 *
 * Messages of no casus are sealed under the key of casus zero, which does not end.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/state_inside.h"

#define DOMAIN "knooppunt/state/v1"
#define KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AD_BYTES (sizeof DOMAIN - 1 + 1 + 2 * ID_BYTES)
_Static_assert(KEY_BYTES <= SLOT_VALUE_BYTES, "a slot holds a key");

enum { ROW_ENDED = 1 };

static struct span id_span(const uint8_t id[ID_BYTES])
{
	return span_of(id, ID_BYTES);
}

/* --- rows --- */

bool casus_row_read(struct span bytes, struct casus_row *out)
{
	struct reader r;
	uint8_t flags;

	reader_init(&r, bytes);
	flags = reader_u8(&r);
	out->ended = flags & ROW_ENDED;
	reader_copy(&r, out->key_id, ID_BYTES);
	out->place = reader_u64(&r);
	out->expires_unix_ms = reader_u64(&r);
	out->gone_unix_ms = reader_u64(&r);
	out->ended_unix_ms = reader_u64(&r);
	out->n_messages = reader_u32(&r);
	out->view = reader_lp32(&r);
	return reader_done(&r);
}

bool casus_row_get(struct txn *t, const uint8_t casus[ID_BYTES], struct casus_row *out)
{
	struct span bytes;

	if (!table_get(t, T_CASUS, id_span(casus), &bytes))
		return false;
	if (!casus_row_read(bytes, out))
		t->error = EBADMSG;
	return !t->error;
}

void casus_row_put(struct txn *t, const uint8_t casus[ID_BYTES], const struct casus_row *row)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };

	buffer_init(&b, 0);
	buffer_u8(&b, row->ended ? ROW_ENDED : 0);
	buffer_bytes(&b, id_span(row->key_id));
	buffer_u64(&b, row->place);
	buffer_u64(&b, row->expires_unix_ms);
	buffer_u64(&b, row->gone_unix_ms);
	buffer_u64(&b, row->ended_unix_ms);
	buffer_u32(&b, row->n_messages);
	buffer_lp32(&b, row->view);
	if (buffer_ok(&b) && !t->error)
		t->error = ENOMEM;
	table_put(t, T_CASUS, id_span(casus), buffer_span(&b));
}

void casus_holds(struct txn *t, struct tail_of of)
{
	uint8_t key[2 * ID_BYTES + 1];

	memcpy(key, of.casus, ID_BYTES);
	memcpy(key + ID_BYTES, of.id, ID_BYTES);
	key[2 * ID_BYTES] = (uint8_t)of.what;
	table_put(t, T_OF_CASUS, SPAN_OF(key), SPAN_LITERAL("1"));
}

/* --- keys --- */

static void slots_failed(struct txn *t, int r)
{
	if (!t->error)
		t->error = r < 0 ? -r : r == SLOTS_E_FULL || r == SLOTS_E_WRITE ? ENOSPC : EBADMSG;
}

/* A casus that ended and begins again here gets another key. */
static void key_make(struct state *s, struct txn *t, const uint8_t casus[ID_BYTES], struct slot *out)
{
	struct casus_row row = { 0 };
	int r;

	memset(out, 0, sizeof *out);
	randombytes_buf(out->id, ID_BYTES);
	randombytes_buf(out->value, KEY_BYTES);
	memcpy(row.key_id, out->id, ID_BYTES);
	r = t->error ? 0 : slots_add(s->slots, out, &row.place);
	if (r)
		slots_failed(t, r);
	s->key_made = true;
	casus_row_put(t, casus, &row);
}

static bool key_get(struct state *s, struct txn *t, const uint8_t casus[ID_BYTES], struct slot *out)
{
	struct casus_row row;
	int r;

	if (!casus_row_get(t, casus, &row) || row.ended)
		return false;
	r = slots_get(s->slots, row.place, row.key_id, out);
	if (r && r != SLOTS_E_ABSENT)
		slots_failed(t, r);
	return !r;
}

static void ad_of(struct tail_of of, uint8_t ad[AD_BYTES])
{
	memcpy(ad, DOMAIN, sizeof DOMAIN - 1);
	ad += sizeof DOMAIN - 1;
	*ad++ = (uint8_t)of.what;
	memcpy(ad, of.casus, ID_BYTES);
	memcpy(ad + ID_BYTES, of.id, ID_BYTES);
}

void tail_seal(struct state *s, struct txn *t, struct tail_of of, struct span a, struct span b, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer plain = { 0 };
	uint8_t ad[AD_BYTES], *at;
	struct slot key;

	if (!key_get(s, t, of.casus, &key) && !t->error)
		key_make(s, t, of.casus, &key);
	buffer_init(&plain, 0);
	buffer_lp32(&plain, a);
	buffer_lp32(&plain, b);
	at = buffer_ok(&plain) ? NULL : buffer_grow(out, NONCE_BYTES + plain.len + TAG_BYTES);
	if (at) {
		randombytes_buf(at, NONCE_BYTES);
		ad_of(of, ad);
		crypto_aead_xchacha20poly1305_ietf_encrypt(at + NONCE_BYTES, NULL, plain.ptr, plain.len, ad, sizeof ad, NULL, at, key.value);
	} else if (!t->error) {
		t->error = ENOMEM;
	}
	sodium_memzero(&key, sizeof key);
}

bool tail_open(struct state *s, struct txn *t, struct tail_of of, struct span sealed, struct arena *arena, struct span out[2])
{
	const size_t overhead = NONCE_BYTES + TAG_BYTES;
	uint8_t ad[AD_BYTES], *plain = NULL;
	struct reader r;
	struct slot key;
	bool opened = false;

	if (!key_get(s, t, of.casus, &key))
		return false;
	if (sealed.len >= overhead) {
		plain = arena_alloc(arena, sealed.len - overhead + 1);
		if (!plain)
			t->error = ENOMEM;
	}
	ad_of(of, ad);
	if (plain)
		opened = !crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.ptr + NONCE_BYTES,
								      sealed.len - NONCE_BYTES, ad, sizeof ad, sealed.ptr, key.value);
	sodium_memzero(&key, sizeof key);
	if (opened) {
		reader_init(&r, span_of(plain, sealed.len - overhead));
		out[0] = reader_lp32(&r);
		out[1] = reader_lp32(&r);
		opened = reader_done(&r);
	}
	if (!opened && !t->error)
		t->error = EBADMSG;
	return opened;
}

int state_end(struct state *s, struct txn *t)
{
	int r = s->key_made && !t->error ? slots_sync(s->slots) : 0;

	s->key_made = false;
	if (r)
		slots_failed(t, r);
	return err_pass(txn_end(t));
}

/* --- opening, and what ended --- */

int keys_open(struct state *s, struct txn *t, bool fresh)
{
	char path[4096];
	const struct slots_options options = { .path = path };
	int r = 0;

	if (snprintf(path, sizeof path, "%s/casus.slots", s->folder) >= (int)sizeof path)
		return err_raise(-ENAMETOOLONG);
	if (fresh && !t->error)
		r = slots_create(path);
	if (!r || r == SLOTS_E_EXISTS)
		r = slots_open(&options, &s->slots);
	if (r == SLOTS_E_DENIED)
		return STATE_E_DENIED;
	return r < 0 ? err_pass(r) : r ? STATE_E_KEYS : STATE_OK;
}

/* *claimed: one byte per place, set where a living row has its key; NULL when out of memory. */
static uint8_t *claims(struct txn *t, uint64_t n)
{
	struct cursor *c = cursor_open(t, T_CASUS);
	uint8_t *claimed = calloc(n + 1, 1);
	struct casus_row row;
	struct span key, value;

	for (bool more = cursor_from(t, c, SPAN_NONE, &key, &value); claimed && more; more = cursor_next(t, c, &key, &value)) {
		if (!casus_row_read(value, &row))
			t->error = EBADMSG;
		else if (!row.ended && row.place < n)
			claimed[row.place] = 1;
	}
	cursor_close(c);
	if (!claimed && !t->error)
		t->error = ENOMEM;
	return claimed;
}

static int unclaimed_clear(struct state *s, const uint8_t *claimed, uint64_t n)
{
	bool cleared = false;
	struct slot slot;
	int r = 0;

	for (uint64_t i = 0; !r && i < n; i++) {
		if (claimed[i])
			continue;
		r = slots_at(s->slots, i, &slot);
		if (!r && slot.state != SLOT_FREE) {
			r = slots_clear_any(s->slots, i);
			cleared = true;
		}
		sodium_memzero(&slot, sizeof slot);
	}
	return !r && cleared ? slots_sync(s->slots) : r;
}

int keys_sweep(struct state *s)
{
	struct txn t = txn_begin(s->tables, true); /* the lock; nothing is written */
	uint8_t *claimed = NULL;
	uint64_t n = 0;
	int r = slots_n(s->slots, &n);

	if (!r)
		claimed = claims(&t, n);
	if (!r && !t.error)
		r = unclaimed_clear(s, claimed, n);
	free(claimed);
	if (r)
		slots_failed(&t, r);
	return err_pass(txn_end(&t));
}
