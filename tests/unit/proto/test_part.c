/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Parts: who may read reads the same, who may not reads nothing, and nothing of what a part was sealed in can
 * be changed.
 */
#include "tests/unit/proto/wire_fields.h"

#include "proto/hpke.h"
#include "tests/lib/faults.h"

#define CONTENT "{\"detentieverloop\":\"vrijlating 2026-12-01\"}"

/* A sealed part of one sender to two readers, and all that is needed to open it. */
struct sealed {
	uint8_t sender_key[32];
	struct box_key readers[3]; /* dji, politie, and ggz, which is not a recipient */
	struct secret *secrets[3];
	struct header header;
	struct buffer header_bytes;
	struct arena *arena;
	struct part_context ctx;
	struct part part;
};

static void sealed_fini(struct sealed *s)
{
	for (size_t i = 0; i < N_ELEMENTS(s->secrets); i++)
		secret_free(s->secrets[i]);
	buffer_fini(&s->header_bytes);
	arena_free(s->arena);
}

static void sealed_init(struct sealed *s, struct span content)
{
	static const char *const names[] = { "dji", "politie", "ggz" };
	struct part_header head = sample_part_header();

	*s = (struct sealed){ .header = sample_header(), .arena = arena_new(MESSAGE_ARENA_BYTES) };
	memset(s->sender_key, 0x51, sizeof s->sender_key);
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		s->secrets[i] = box_key_from((uint8_t)(0x31 + i), names[i], &s->readers[i]);
	CHECK_OK(header_encode(&s->header, &s->header_bytes));
	s->ctx = (struct part_context){ buffer_span(&s->header_bytes), s->header.sender, s->sender_key };
	head.content_commitment = SPAN_NONE; /* filled in by part_seal() */
	CHECK_OK(part_seal(&s->ctx, &head, content, s->readers, 2, s->arena, &s->part));
}

static int open_as(const struct sealed *s, const struct part_context *ctx, const struct part *part,
		   size_t reader, struct buffer *content)
{
	buffer_reset(content);
	return part_open(ctx, part, &s->readers[reader], s->secrets[reader], content);
}

static void test_two_readers_read_the_same(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	for (size_t i = 0; i < 2; i++) {
		CHECK_IS(open_as(&s, &s.ctx, &s.part, i, &content), PART_OK);
		CHECK_BUFFER(&content, CONTENT);
	}
	CHECK_IS(open_as(&s, &s.ctx, &s.part, 2, &content), PART_E_NOT_FOR_US);
	assert_int_equal(content.len, 0);
	/* It is appended: what the caller had stays. */
	buffer_text(&content, "> ");
	CHECK_OK(part_open(&s.ctx, &s.part, &s.readers[0], s.secrets[0], &content));
	CHECK_BUFFER(&content, "> " CONTENT);
}

static void test_not_for_us(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	struct box_key key;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	key = s.readers[0]; /* the right key under another name: another hoedanigheid of the same organisation
			     */
	key.hoedanigheid = "politie";
	CHECK_IS(part_open(&s.ctx, &s.part, &key, s.secrets[0], &content), PART_E_NOT_FOR_US);
	key = s.readers[0]; /* a newer key than the one it was sealed to */
	key.public_key[0] ^= 1;
	CHECK_IS(part_open(&s.ctx, &s.part, &key, s.secrets[0], &content), PART_E_NOT_FOR_US);
	/* The right name and key id, the wrong secret. */
	CHECK_IS(part_open(&s.ctx, &s.part, &s.readers[0], s.secrets[1], &content), PART_E_OPEN);
	/* A stranger's wrap is renamed to the reader: the name is bound in. */
	s.part.wraps[1].recipient = "dji";
	key = s.readers[1];
	key.hoedanigheid = "dji";
	CHECK_IS(part_open(&s.ctx, &s.part, &key, s.secrets[1], &content), PART_E_OPEN);
}

static void test_through_a_message(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
	CLEANUP(buffer_fini) struct buffer payload = { 0 }, content = { 0 };
	struct message in = { .kind = MESSAGE_ANTWOORD }, m;
	struct part_context ctx;
	const char *why = "";

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	in.header_bytes = buffer_span(&s.header_bytes);
	in.n_parts = 1;
	in.parts = &s.part;
	CHECK_OK(message_encode(&in, &payload));
	assert_null(memmem(payload.ptr, payload.len, "2026-12-01", 10));
	CHECK_IS(message_decode(in.kind, buffer_span(&payload), arena, &m, &why), MESSAGE_OK);
	ctx = (struct part_context){ m.header_bytes, m.header.sender, s.sender_key };
	CHECK_IS(open_as(&s, &ctx, &m.parts[0], 1, &content), PART_OK);
	CHECK_BUFFER(&content, CONTENT);
	assert_string_equal(m.parts[0].header.category, "detentieverloop");
	CHECK_SPAN(m.parts[0].header.content_commitment, s.part.header.content_commitment);
}

/* Relabelling: each header field gets another good value; the part was not sealed in that header. */
static void test_every_header_field_is_bound(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	size_t n_tried = 0;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	for (size_t i = 0; i < N_ELEMENTS(header_fields); i++) {
		const struct field *f = &header_fields[i];
		union value v;

		for (size_t j = 0; good_value(f, j, &v); j++) {
			CLEANUP(buffer_fini) struct buffer other = { 0 };
			struct part_context ctx = s.ctx;
			struct header h = s.header;

			memcpy((uint8_t *)&h + f->offset, &v, value_size(f->form));
			CHECK_OK(header_encode(&h, &other));
			ctx.header_bytes = buffer_span(&other);
			if (span_equal(ctx.header_bytes, s.ctx.header_bytes))
				continue; /* urgent was true already */
			CHECK_IS(open_as(&s, &ctx, &s.part, 0, &content), PART_E_OPEN);
			n_tried++;
		}
	}
	assert_true(n_tried >= 2 * N_ELEMENTS(header_fields) - 5);
	CHECK_IS(open_as(&s, &s.ctx, &s.part, 0, &content), PART_OK);
}

static void test_every_part_header_field_is_bound(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	for (size_t i = 0; i < N_ELEMENTS(part_header_fields); i++) {
		const struct field *f = &part_header_fields[i];
		struct part relabelled = s.part;
		CLEANUP(buffer_fini) struct buffer other = { 0 };
		union value v;

		assert_true(good_value(f, 0, &v));
		memcpy((uint8_t *)&relabelled.header + f->offset, &v, value_size(f->form));
		codec_part_header_encode(&relabelled.header, &other);
		relabelled.header_bytes = buffer_span(&other);
		CHECK_IS(open_as(&s, &s.ctx, &relabelled, 0, &content), PART_E_OPEN);
	}
}

static void test_the_sender_is_bound(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	struct part_context ctx;
	uint8_t other[32];

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	ctx = s.ctx; /* stripped and signed again by someone else */
	memset(other, 0x52, sizeof other);
	ctx.sender_key = other;
	CHECK_IS(open_as(&s, &ctx, &s.part, 0, &content), PART_E_OPEN);
	ctx = s.ctx;
	ctx.sender = "gemeente-emmen-nazorg";
	CHECK_IS(open_as(&s, &ctx, &s.part, 0, &content), PART_E_OPEN);
}

/* Every bit of what is sent: header, nonce, commitment, ciphertext, and the reader's own wrap. */
static void flip_each(struct sealed *s, const struct span *field, size_t step)
{
	CLEANUP(buffer_fini) struct buffer content = { 0 }, copy = { 0 };
	struct span kept = *field;
	struct span *target = (struct span *)(uintptr_t)field;

	buffer_bytes(&copy, kept);
	*target = buffer_span(&copy);
	for (size_t bit = 0; bit < 8 * kept.len; bit += step) {
		int r;

		copy.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		r = open_as(s, &s->ctx, &s->part, 0, &content);
		if (r != PART_E_OPEN && r != PART_E_NOT_FOR_US)
			fail_msg("bit %zu: %d", bit, r);
		assert_int_equal(content.len, 0);
		copy.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	*target = kept;
	CHECK_IS(open_as(s, &s->ctx, &s->part, 0, &content), PART_OK);
}

static void test_every_bit_counts(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	flip_each(&s, &s.part.header_bytes, 1);
	flip_each(&s, &s.ctx.header_bytes, 1);
	flip_each(&s, &s.part.nonce, 1);
	flip_each(&s, &s.part.commitment, 1);
	flip_each(&s, &s.part.ciphertext, 1);
	flip_each(&s, &s.part.wraps[0].key_id, 1);
	flip_each(&s, &s.part.wraps[0].enc, 1);
	flip_each(&s, &s.part.wraps[0].sealed_key, 1);
	flip_each(&s, &s.part.header.content_commitment, 1);
}

/* A part for dji alone, made here step by step after part.h and not by part_seal(): a second reading of the
 * format. */
struct by_hand {
	uint8_t section_key[32], nonce[24], derived[64], aad[64], content_commitment[32];
	uint8_t padded[512], ciphertext[512 + 16], key_id[8], enc[32], sealed_key[48];
	struct buffer header, info;
	struct wrap wrap;
	struct part part;
};

static void by_hand_fini(struct by_hand *h)
{
	buffer_fini(&h->header);
	buffer_fini(&h->info);
}

static void by_hand_content(struct by_hand *h, struct span content)
{
	CLEANUP(buffer_fini) struct buffer salted = { 0 };
	static const char label[] = "knooppunt/section-key/v1";
	uint8_t in[sizeof label - 1 + 24];

	memset(h->section_key, 0x61, sizeof h->section_key);
	memset(h->nonce, 0x62, sizeof h->nonce);
	memcpy(in, label, sizeof label - 1);
	memcpy(in + sizeof label - 1, h->nonce, 24);
	crypto_generichash(h->derived, 64, in, sizeof in, h->section_key, 32);
	buffer_bytes(&salted, bytes_32(0x63));
	buffer_bytes(&salted, content);
	crypto_hash_sha256(h->content_commitment, salted.ptr, salted.len);
	memcpy(h->padded, salted.ptr, salted.len);
	h->padded[salted.len] = 0x80; /* ISO/IEC 7816-4, the rest is zero */
}

static void by_hand_seal(struct by_hand *h, const struct sealed *s, struct span commitment,
			 struct span content_commitment)
{
	CLEANUP(buffer_fini) struct buffer ad = { 0 };
	struct part_header head = sample_part_header();

	head.content_commitment = content_commitment;
	buffer_reset(&h->header);
	codec_part_header_encode(&head, &h->header);
	buffer_text(&ad, "knooppunt/part/v1");
	buffer_lp32(&ad, s->ctx.header_bytes);
	buffer_lp32(&ad, buffer_span(&h->header));
	crypto_hash_sha256(h->aad, ad.ptr, ad.len);
	memcpy(h->aad + 32, commitment.ptr, 32);
	crypto_aead_xchacha20poly1305_ietf_encrypt(h->ciphertext, NULL, h->padded, 512, h->aad, 32, NULL,
						   h->nonce, h->derived);
	key_id_of(s->readers[0].public_key, h->key_id);
	buffer_reset(&h->info);
	buffer_text(&h->info, "knooppunt/wrap/v1");
	buffer_lp16(&h->info, span_of_text(s->ctx.sender));
	buffer_lp16(&h->info, SPAN_OF(s->sender_key));
	buffer_lp16(&h->info, SPAN_LITERAL("dji"));
	buffer_lp16(&h->info, SPAN_OF(h->key_id));
	CHECK_OK(hpke_seal(s->readers[0].public_key, buffer_span(&h->info), SPAN_OF(h->aad),
			   SPAN_OF(h->section_key), h->enc, h->sealed_key));
	h->wrap = (struct wrap){ "dji", SPAN_OF(h->key_id), SPAN_OF(h->enc), SPAN_OF(h->sealed_key) };
	h->part = (struct part){ .header_bytes = buffer_span(&h->header),
				 .header = head,
				 .suite = 1,
				 .nonce = SPAN_OF(h->nonce),
				 .commitment = commitment,
				 .ciphertext = SPAN_OF(h->ciphertext),
				 .n_wraps = 1,
				 .wraps = &h->wrap };
}

static void test_format_and_commitments(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	CLEANUP(by_hand_fini) struct by_hand h = { 0 };
	struct span good, lie = bytes_32(0x64);

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	by_hand_content(&h, SPAN_LITERAL("met de hand"));
	good = span_of(h.derived + 32, 32);
	by_hand_seal(&h, &s, good, SPAN_OF(h.content_commitment));
	CHECK_IS(open_as(&s, &s.ctx, &h.part, 0, &content), PART_OK);
	CHECK_BUFFER(&content, "met de hand");

	/* All is well but the commitment to the key: what would let a sender show two readers two contents.
	 */
	by_hand_seal(&h, &s, lie, SPAN_OF(h.content_commitment));
	CHECK_IS(open_as(&s, &s.ctx, &h.part, 0, &content), PART_E_OPEN);
	/* All is well but the commitment to the content, which the log keeps. */
	by_hand_seal(&h, &s, good, lie);
	CHECK_IS(open_as(&s, &s.ctx, &h.part, 0, &content), PART_E_OPEN);
	/* Not padded, and padded but without room for a salt. */
	memset(h.padded, 0, sizeof h.padded);
	by_hand_seal(&h, &s, good, lie);
	CHECK_IS(open_as(&s, &s.ctx, &h.part, 0, &content), PART_E_OPEN);
	h.padded[31] = 0x80;
	by_hand_seal(&h, &s, good, lie);
	CHECK_IS(open_as(&s, &s.ctx, &h.part, 0, &content), PART_E_OPEN);
	assert_int_equal(content.len, 0);
}

static void test_length_is_hidden(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed yes, no;

	sealed_init(&yes, SPAN_LITERAL("ja"));
	sealed_init(&no, SPAN_LITERAL("nee, en dat komt zo"));
	assert_int_equal(yes.part.ciphertext.len, no.part.ciphertext.len);
	assert_int_equal(yes.part.ciphertext.len, 512 + 16);
	/* Nothing repeats: neither key, nonce nor commitment. */
	assert_memory_not_equal(yes.part.nonce.ptr, no.part.nonce.ptr, 24);
	assert_memory_not_equal(yes.part.commitment.ptr, no.part.commitment.ptr, 32);
	assert_memory_not_equal(yes.part.wraps[0].enc.ptr, yes.part.wraps[1].enc.ptr, 32);
}

static void test_sizes(void **state UNUSED)
{
	static const struct {
		size_t content, ciphertext;
	} sizes[] = { { 0, 528 },    { 1, 528 },    { 479, 528 },  { 480, 1040 },
		      { 481, 1040 }, { 991, 1040 }, { 992, 1552 }, { PART_CONTENT_MAX, 513 * 512 + 16 } };
	CLEANUP(buffer_fini) struct buffer big = { 0 }, content = { 0 };

	assert_non_null(buffer_grow(&big, PART_CONTENT_MAX + 1));
	for (size_t i = 0; i < big.len; i++)
		big.ptr[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		CLEANUP(sealed_fini) struct sealed s;

		sealed_init(&s, span_of(big.ptr, sizes[i].content));
		assert_int_equal(s.part.ciphertext.len, sizes[i].ciphertext);
		CHECK_IS(open_as(&s, &s.ctx, &s.part, 0, &content), PART_OK);
		CHECK_SPAN(buffer_span(&content), span_of(big.ptr, sizes[i].content));
	}
}

static void test_what_cant_be_sealed(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer big = { 0 };
	struct part_header head = sample_part_header();
	struct box_key zero = { .hoedanigheid = "dji" };
	struct part out;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	assert_non_null(buffer_grow(&big, PART_CONTENT_MAX + 1));
	CHECK_IS(part_seal(&s.ctx, &head, buffer_span(&big), s.readers, 2, s.arena, &out), PART_E_TOO_BIG);
	CHECK_IS(part_seal(&s.ctx, &head, SPAN_NONE, s.readers, 0, s.arena, &out), PART_E_MALFORMED);
	CHECK_IS(part_seal(&s.ctx, &head, SPAN_NONE, s.readers, MESSAGE_LIST_MAX + 1, s.arena, &out),
		 PART_E_MALFORMED);
	CHECK_IS(part_seal(&s.ctx, &head, SPAN_NONE, &zero, 1, s.arena, &out), PART_E_MALFORMED);
	head.category = "a\nb"; /* what nobody would decode */
	CHECK_IS(part_seal(&s.ctx, &head, SPAN_NONE, s.readers, 2, s.arena, &out), PART_E_MALFORMED);
}

static void test_parts_of_the_wrong_size(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	struct part p;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
#define WITH(change)                                                              \
	do {                                                                      \
		p = s.part;                                                       \
		change;                                                           \
		CHECK_IS(open_as(&s, &s.ctx, &p, 0, &content), PART_E_MALFORMED); \
	} while (0)
	WITH(p.suite = 2);
	WITH(p.nonce.len--);
	WITH(p.commitment.len--);
	WITH(p.ciphertext.len--);
	WITH(p.ciphertext.len = 16);
	WITH(p.ciphertext = SPAN_NONE);
	WITH(p.header.content_commitment = SPAN_NONE);
	WITH(s.part.wraps[0].enc.len--);
	s.part.wraps[0].enc.len++;
	WITH(s.part.wraps[0].sealed_key.len--);
#undef WITH
}

static void test_no_memory(void **state UNUSED)
{
	CLEANUP(sealed_fini) struct sealed s;
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	struct part_header head = sample_part_header();
	struct part out;
	int r;

	sealed_init(&s, SPAN_LITERAL(CONTENT));
	for (unsigned nth = 1;; nth++) {
		buffer_fini(&content);
		faults_begin(nth);
		r = part_open(&s.ctx, &s.part, &s.readers[0], s.secrets[0], &content);
		if (!faults_end())
			break;
		CHECK_IS(r, -ENOMEM);
	}
	CHECK_OK(r);
	for (size_t limit = 16;; limit += 16) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(limit);

		r = part_seal(&s.ctx, &head, SPAN_LITERAL(CONTENT), s.readers, 2, arena, &out);
		if (!r)
			break;
		/* The own header that does not fit is told as malformed: the codec says no more. */
		assert_true(r == -ENOMEM || r == PART_E_MALFORMED);
	}
}

static void test_box(void **state UNUSED)
{
	struct box_key to;
	CLEANUP(secret_freep) struct secret *key = box_key_from(0x41, "dji", &to);
	CLEANUP(buffer_fini) struct buffer sealed = { 0 }, plain = { 0 };
	static const uint8_t zero[32];

	CHECK_OK(box_seal(to.public_key, "inzage", SPAN_LITERAL("aad"), SPAN_LITERAL("regels"), &sealed));
	assert_int_equal(sealed.len, 32 + 6 + 16);
	CHECK_OK(box_open(key, "inzage", SPAN_LITERAL("aad"), buffer_span(&sealed), &plain));
	CHECK_BUFFER(&plain, "regels");
	CHECK_IS(box_open(key, "inzag", SPAN_LITERAL("aad"), buffer_span(&sealed), &plain), PART_E_OPEN);
	CHECK_IS(box_open(key, "inzage", SPAN_LITERAL("aac"), buffer_span(&sealed), &plain), PART_E_OPEN);
	CHECK_IS(box_open(key, "inzage", SPAN_LITERAL("aad"), span_of(sealed.ptr, 47), &plain),
		 PART_E_MALFORMED);
	sealed.ptr[40] ^= 1;
	CHECK_IS(box_open(key, "inzage", SPAN_LITERAL("aad"), buffer_span(&sealed), &plain), PART_E_OPEN);
	CHECK_BUFFER(&plain, "regels"); /* what failed left nothing behind */
	CHECK_IS(box_seal(zero, "inzage", SPAN_NONE, SPAN_NONE, &sealed), PART_E_MALFORMED);
	assert_int_equal(sealed.len, 32 + 6 + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_readers_read_the_same),
		cmocka_unit_test(test_not_for_us),
		cmocka_unit_test(test_through_a_message),
		cmocka_unit_test(test_every_header_field_is_bound),
		cmocka_unit_test(test_every_part_header_field_is_bound),
		cmocka_unit_test(test_the_sender_is_bound),
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_format_and_commitments),
		cmocka_unit_test(test_length_is_hidden),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_what_cant_be_sealed),
		cmocka_unit_test(test_parts_of_the_wrong_size),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_box),
	};

	return cmocka_run_group_tests(tests, sodium_group_setup, NULL);
}
