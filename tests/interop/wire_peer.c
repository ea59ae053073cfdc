/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Our half of wire_peer.py: seals a message for the other implementation to open, and opens what it sealed.
 *
 *   wire_peer seal        an envelope in hex on stdout: an antwoord with one part for dji and politie
 *   wire_peer open HEX    verifies, decodes and opens as dji; the content on stdout, or exit 1 and where it
 * failed
 *
 * Keys are made from fixed seeds, which the other half knows: the signer's is 32 times 01, dji's 31,
 * politie's 32.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/proto/wire_helper.h"

#define CONTENT "vrijlating 2026-12-01; onderdak geregeld: ja"

struct peer {
	uint8_t sender_key[SIGN_PUBLIC_BYTES];
	struct secret *sign;
	struct box_key readers[2];
	struct secret *read[2];
	struct arena *arena;
};

static void peer_fini(struct peer *p)
{
	secret_free(p->sign);
	secret_free(p->read[0]);
	secret_free(p->read[1]);
	arena_free(p->arena);
}

static void peer_init(struct peer *p)
{
	p->sign = sign_key_from(0x01, p->sender_key);
	p->read[0] = box_key_from(0x31, "dji", &p->readers[0]);
	p->read[1] = box_key_from(0x32, "politie", &p->readers[1]);
	p->arena = arena_new(MESSAGE_ARENA_BYTES);
	ASSERT(p->arena);
}

static int failed(const char *stage, const char *why)
{
	fprintf(stderr, "%s: %s\n", stage, why);
	return 1;
}

static int seal(struct peer *p)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 }, envelope = { 0 };
	struct header h = sample_header();
	struct part_header head = sample_part_header();
	struct part part;
	struct message m = { .kind = MESSAGE_ANTWOORD, .n_parts = 1, .parts = &part };
	struct part_context ctx = { .sender = h.sender, .sender_key = p->sender_key };

	if (header_encode(&h, &header))
		return failed("header", "not encoded");
	ctx.header_bytes = m.header_bytes = buffer_span(&header);
	if (part_seal(&ctx, &head, SPAN_LITERAL(CONTENT), p->readers, 2, p->arena, &part))
		return failed("part", "not sealed");
	if (message_encode(&m, &payload) ||
	    envelope_sign(message_kind_type(m.kind), buffer_span(&payload), p->sign, &envelope))
		return failed("envelope", "not signed");
	for (size_t i = 0; i < envelope.len; i++)
		printf("%02x", envelope.ptr[i]);
	printf("\n");
	return 0;
}

static int unseal(struct peer *p, const char *hex)
{
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	struct part_context ctx = { .sender_key = p->sender_key };
	struct span bytes = hex_bytes(p->arena, hex);
	const char *why = "";
	struct envelope e;
	struct message m;

	if (envelope_decode(bytes, p->arena, &e))
		return failed("envelope", "malformed");
	if (envelope_verify(&e, p->sender_key))
		return failed("envelope", "signature");
	if (message_decode(MESSAGE_ANTWOORD, e.payload, p->arena, &m, &why))
		return failed("message", why);
	ctx.header_bytes = m.header_bytes;
	ctx.sender = m.header.sender;
	for (size_t i = 0; i < m.n_parts; i++)
		if (part_open(&ctx, &m.parts[i], &p->readers[0], p->read[0], &content))
			return failed("part", "not opened");
	fwrite(content.ptr, 1, content.len, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	CLEANUP(peer_fini) struct peer p;

	if (sodium_init() < 0)
		return 1;
	peer_init(&p);
	if (argc == 2 && !strcmp(argv[1], "seal"))
		return seal(&p);
	if (argc == 3 && !strcmp(argv[1], "open"))
		return unseal(&p, argv[2]);
	return failed("usage", "wire_peer seal | wire_peer open HEX");
}
