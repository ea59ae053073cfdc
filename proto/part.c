/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One ciphertext for all recipients of a category; the section key SK is wrapped for each.
 *
 * Why the commitment: Poly1305 does not commit to its key, so a sender could make one ciphertext that two
 * recipients read differently. com ties SK to what is signed, and is checked before anything is decrypted.
 * Why the sender stands in the wrap's info: who strips the signature and signs the same parts as another
 * sender gets parts that nobody can open. Why content_commitment stands in the part header: the sender can't
 * deny later what was in it, and the salt keeps a log reader from guessing.
 */
#include "proto/part.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "proto/codec.h"
#include "proto/hpke.h"

#define CONTENT_SALT_BYTES 32
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define COMMITMENT_BYTES 32
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SECTION_KEY_BYTES 32
#define SEALED_KEY_BYTES (SECTION_KEY_BYTES + HPKE_TAG_BYTES)

/* Short-lived, so on the stack: wiped when the function is left. */
struct section {
	uint8_t key[SECTION_KEY_BYTES];
	uint8_t derived[SECTION_KEY_BYTES + COMMITMENT_BYTES]; /* ek || com */
	uint8_t salt[CONTENT_SALT_BYTES];
	uint8_t ad[HASH_BYTES]; /* what key and content are both bound to */
};

static void section_wipe(struct section *s)
{
	sodium_memzero(s, sizeof *s);
}

static const uint8_t *section_commitment(const struct section *s)
{
	return s->derived + SECTION_KEY_BYTES;
}

static void section_derive(struct section *s, const uint8_t nonce[NONCE_BYTES])
{
	static const char label[] = "knooppunt/section-key/v1";
	uint8_t in[sizeof label - 1 + NONCE_BYTES];

	memcpy(in, label, sizeof label - 1);
	memcpy(in + sizeof label - 1, nonce, NONCE_BYTES);
	crypto_generichash(s->derived, sizeof s->derived, in, sizeof in, s->key, sizeof s->key);
}

static void sha256_lp32(crypto_hash_sha256_state *state, struct span bytes)
{
	uint8_t len[4];

	put_u32(len, (uint32_t)bytes.len);
	crypto_hash_sha256_update(state, len, sizeof len);
	crypto_hash_sha256_update(state, bytes.ptr, bytes.len);
}

static void part_ad(struct span header, struct span part_header, uint8_t out[HASH_BYTES])
{
	static const char label[] = "knooppunt/part/v1";
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
	sha256_lp32(&state, header);
	sha256_lp32(&state, part_header);
	crypto_hash_sha256_final(&state, out);
}

static void content_commit(const uint8_t salt[CONTENT_SALT_BYTES], struct span content,
			   uint8_t out[HASH_BYTES])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, salt, CONTENT_SALT_BYTES);
	crypto_hash_sha256_update(&state, content.ptr, content.len);
	crypto_hash_sha256_final(&state, out);
}

/* What a wrap is bound to beside the key it is sealed to. */
struct wrap_binding {
	struct buffer info;
	uint8_t aad[HASH_BYTES + COMMITMENT_BYTES];
};

static void wrap_binding_fini(struct wrap_binding *b)
{
	buffer_fini(&b->info);
}

static int wrap_binding_make(struct wrap_binding *b, const struct part_context *ctx, const char *recipient,
			     struct span key_id)
{
	buffer_reset(&b->info);
	buffer_text(&b->info, "knooppunt/wrap/v1");
	buffer_lp16(&b->info, span_of_text(ctx->sender));
	buffer_lp16(&b->info, span_of(ctx->sender_key, SIGN_PUBLIC_BYTES));
	buffer_lp16(&b->info, span_of_text(recipient));
	buffer_lp16(&b->info, key_id);
	return err_pass(buffer_ok(&b->info));
}

/* All that the steps of part_seal() share. */
struct sealing {
	const struct part_context *ctx;
	struct arena *arena;
	struct section section;
	struct wrap_binding binding;
};

static void sealing_fini(struct sealing *s)
{
	section_wipe(&s->section);
	wrap_binding_fini(&s->binding);
}

static uint8_t *take(struct arena *arena, size_t n, struct span *out)
{
	uint8_t *bytes = arena_alloc(arena, n);

	*out = span_of(bytes, n);
	return bytes;
}

static int wrap_seal(struct sealing *s, const struct box_key *to, struct wrap *out)
{
	uint8_t *key_id = take(s->arena, KEY_ID_BYTES, &out->key_id);
	uint8_t *enc = take(s->arena, HPKE_ENC_BYTES, &out->enc);
	uint8_t *sealed = take(s->arena, SEALED_KEY_BYTES, &out->sealed_key);
	int r;

	out->recipient = arena_text(s->arena, span_of_text(to->hoedanigheid));
	if (!key_id || !enc || !sealed || !out->recipient)
		return err_raise(-ENOMEM);
	key_id_of(to->public_key, key_id);
	r = wrap_binding_make(&s->binding, s->ctx, to->hoedanigheid, out->key_id);
	if (r)
		return err_pass(r);
	r = hpke_seal(to->public_key, buffer_span(&s->binding.info), SPAN_OF(s->binding.aad),
		      SPAN_OF(s->section.key), enc, sealed);
	if (r == HPKE_E_KEY)
		return PART_E_MALFORMED;
	return err_fold(r);
}

/* The part header with the commitment in it, as bytes and, read back strictly, as a struct. */
static int part_head_make(const struct part_header *head, const uint8_t commitment[HASH_BYTES],
			  struct arena *arena, struct part *out)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct part_header full = *head;
	int r;

	full.content_commitment = span_of(commitment, HASH_BYTES);
	codec_part_header_encode(&full, &bytes);
	r = buffer_ok(&bytes);
	if (r)
		return err_pass(r);
	out->header_bytes = arena_copy(arena, buffer_span(&bytes));
	if (!out->header_bytes.ptr)
		return err_raise(-ENOMEM);
	return codec_part_header_decode(out->header_bytes, arena, &out->header, NULL) ? PART_E_MALFORMED
										      : PART_OK;
}

/* Salt, content and padding are laid down where the ciphertext will be, and encrypted in place: no copy to
 * wipe. */
static int content_seal(const struct section *s, struct span content, struct arena *arena, struct part *out)
{
	size_t len = CONTENT_SALT_BYTES + content.len;
	size_t padded_len = len / PART_PAD_BYTES * PART_PAD_BYTES + PART_PAD_BYTES;
	uint8_t *at = take(arena, padded_len + TAG_BYTES, &out->ciphertext);

	if (!at)
		return err_raise(-ENOMEM);
	memcpy(at, s->salt, CONTENT_SALT_BYTES);
	if (content.len)
		memcpy(at + CONTENT_SALT_BYTES, content.ptr, content.len);
	if (sodium_pad(&padded_len, at, len, PART_PAD_BYTES, padded_len))
		return err_raise(-EOVERFLOW);
	crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, at, padded_len, s->ad, sizeof s->ad, NULL,
						   out->nonce.ptr, s->derived);
	return PART_OK;
}

static int part_fill(struct sealing *s, const struct part_header *head, struct span content, struct part *out)
{
	uint8_t commitment[HASH_BYTES];
	uint8_t *nonce = take(s->arena, NONCE_BYTES, &out->nonce);
	uint8_t *com = take(s->arena, COMMITMENT_BYTES, &out->commitment);
	int r;

	if (!nonce || !com)
		return err_raise(-ENOMEM);
	randombytes_buf(s->section.key, sizeof s->section.key);
	randombytes_buf(s->section.salt, sizeof s->section.salt);
	randombytes_buf(nonce, NONCE_BYTES);
	section_derive(&s->section, nonce);
	memcpy(com, section_commitment(&s->section), COMMITMENT_BYTES);
	content_commit(s->section.salt, content, commitment);
	r = part_head_make(head, commitment, s->arena, out);
	if (r)
		return r;
	part_ad(s->ctx->header_bytes, out->header_bytes, s->section.ad);
	memcpy(s->binding.aad, s->section.ad, HASH_BYTES);
	memcpy(s->binding.aad + HASH_BYTES, com, COMMITMENT_BYTES);
	return content_seal(&s->section, content, s->arena, out);
}

int part_seal(const struct part_context *ctx, const struct part_header *head, struct span content,
	      const struct box_key *recipients, size_t n_recipients, struct arena *arena, struct part *out)
{
	CLEANUP(sealing_fini) struct sealing s = { .ctx = ctx, .arena = arena };
	struct part part = { .suite = PART_SUITE_1, .n_wraps = n_recipients };
	int r;

	if (content.len > PART_CONTENT_MAX)
		return PART_E_TOO_BIG;
	if (!n_recipients || n_recipients > MESSAGE_LIST_MAX)
		return PART_E_MALFORMED;
	part.wraps = arena_array(arena, n_recipients, sizeof *part.wraps);
	if (!part.wraps)
		return err_raise(-ENOMEM);
	r = part_fill(&s, head, content, &part);
	for (size_t i = 0; !r && i < n_recipients; i++)
		r = wrap_seal(&s, &recipients[i], &part.wraps[i]);
	if (r)
		return r < 0 ? err_pass(r) : r;
	*out = part;
	return PART_OK;
}

/* message_decode() has seen to this; a part from elsewhere must not make us read past a span. */
static bool sizes_ok(const struct part *p)
{
	return p->suite == PART_SUITE_1 && p->nonce.len == NONCE_BYTES &&
	       p->commitment.len == COMMITMENT_BYTES && p->header.content_commitment.len == HASH_BYTES &&
	       p->ciphertext.len > TAG_BYTES && (p->ciphertext.len - TAG_BYTES) % PART_PAD_BYTES == 0;
}

static const struct wrap *wrap_find(const struct part *part, const struct box_key *recipient)
{
	uint8_t key_id[KEY_ID_BYTES];

	key_id_of(recipient->public_key, key_id);
	for (size_t i = 0; i < part->n_wraps; i++)
		if (!strcmp(part->wraps[i].recipient, recipient->hoedanigheid) &&
		    span_equal(part->wraps[i].key_id, SPAN_OF(key_id)))
			return &part->wraps[i];
	return NULL;
}

static int section_open(const struct part_context *ctx, const struct part *part, const struct wrap *w,
			const struct hpke_reader *reader, struct section *s)
{
	CLEANUP(wrap_binding_fini) struct wrap_binding b = { 0 };
	int r;

	r = wrap_binding_make(&b, ctx, w->recipient, w->key_id);
	if (r)
		return err_pass(r);
	part_ad(ctx->header_bytes, part->header_bytes, s->ad);
	memcpy(b.aad, s->ad, HASH_BYTES);
	memcpy(b.aad + HASH_BYTES, part->commitment.ptr, COMMITMENT_BYTES);
	r = hpke_open(reader, w->enc.ptr, buffer_span(&b.info), SPAN_OF(b.aad), w->sealed_key, s->key);
	if (r)
		return r < 0 ? err_pass(r) : PART_E_OPEN;
	section_derive(s, part->nonce.ptr);
	if (sodium_memcmp(section_commitment(s), part->commitment.ptr, COMMITMENT_BYTES))
		return PART_E_OPEN;
	return PART_OK;
}

static int content_open(const struct part *part, const struct section *s, struct buffer *content)
{
	CLEANUP(buffer_fini) struct buffer padded = { 0 };
	uint8_t commitment[HASH_BYTES];
	uint8_t *at = buffer_grow(&padded, part->ciphertext.len - TAG_BYTES);
	struct span plain;
	size_t len;

	if (!at)
		return err_raise(-ENOMEM);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, part->ciphertext.ptr,
						       part->ciphertext.len, s->ad, sizeof s->ad,
						       part->nonce.ptr, s->derived))
		return PART_E_OPEN;
	if (sodium_unpad(&len, at, padded.len, PART_PAD_BYTES) || len < CONTENT_SALT_BYTES)
		return PART_E_OPEN;
	plain = span_of(at + CONTENT_SALT_BYTES, len - CONTENT_SALT_BYTES);
	content_commit(at, plain, commitment);
	if (sodium_memcmp(commitment, part->header.content_commitment.ptr, HASH_BYTES))
		return PART_E_OPEN;
	buffer_bytes(content, plain);
	return err_pass(buffer_ok(content));
}

int part_open(const struct part_context *ctx, const struct part *part, const struct box_key *recipient,
	      const struct secret *secret_key, struct buffer *content)
{
	const struct hpke_reader reader = { recipient->public_key, secret_key };
	CLEANUP(section_wipe) struct section s;
	const struct wrap *w;
	int r;

	if (!sizes_ok(part))
		return PART_E_MALFORMED;
	w = wrap_find(part, recipient);
	if (!w)
		return PART_E_NOT_FOR_US;
	if (w->enc.len != HPKE_ENC_BYTES || w->sealed_key.len != SEALED_KEY_BYTES)
		return PART_E_MALFORMED;
	r = section_open(ctx, part, w, &reader, &s);
	return r ? r : content_open(part, &s, content);
}

int box_seal(const uint8_t public_key[BOX_PUBLIC_BYTES], const char *label, struct span aad,
	     struct span plain, struct buffer *out)
{
	uint8_t *at = buffer_grow(out, HPKE_ENC_BYTES + plain.len + HPKE_TAG_BYTES);
	int r;

	if (!at)
		return err_raise(-ENOMEM);
	r = hpke_seal(public_key, span_of_text(label), aad, plain, at, at + HPKE_ENC_BYTES);
	if (!r)
		return PART_OK;
	out->len -= HPKE_ENC_BYTES + plain.len + HPKE_TAG_BYTES;
	return r == HPKE_E_KEY ? PART_E_MALFORMED : err_fold(r);
}

int box_open(const struct secret *secret_key, const char *label, struct span aad, struct span sealed,
	     struct buffer *plain)
{
	uint8_t public_key[BOX_PUBLIC_BYTES];
	const struct hpke_reader reader = { public_key, secret_key };
	struct span inner;
	uint8_t *at;
	int r;

	if (secret_len(secret_key) != BOX_SECRET_BYTES)
		return err_raise(-EINVAL);
	if (sealed.len < HPKE_ENC_BYTES + HPKE_TAG_BYTES)
		return PART_E_MALFORMED;
	inner = span_of(sealed.ptr + HPKE_ENC_BYTES, sealed.len - HPKE_ENC_BYTES);
	at = buffer_grow(plain, inner.len - HPKE_TAG_BYTES);
	if (!at)
		return err_raise(-ENOMEM);
	crypto_scalarmult_curve25519_base(public_key, secret_bytes(secret_key));
	r = hpke_open(&reader, sealed.ptr, span_of_text(label), aad, inner, at);
	if (!r)
		return PART_OK;
	plain->len -= inner.len - HPKE_TAG_BYTES;
	return r == HPKE_E_OPEN ? PART_E_OPEN : err_fold(r);
}
