/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The card has one spelling: it is parsed by printing what it should be and comparing. So nothing in it can be read in two ways.
 */
#include "proto/witness.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define CARD_TITLE "knooppunt/witness/v1"
#define HASH_LINE_LEN 44

bool witness_name(const char *node, const char *origin, char out[NOTE_NAME_MAX + 1])
{
	int n = snprintf(out, NOTE_NAME_MAX + 1, "%s.%s", node, origin);

	return n > 0 && n <= NOTE_NAME_MAX;
}

static void card_text(const char *origin, const char *node, const char *vkey, struct buffer *out)
{
	buffer_printf(out, CARD_TITLE "\n%s\n%s\n%s\n", origin, node, vkey);
}

int witness_card_print(const char *origin, const struct note_key *witness, const struct note_key *node_key,
		       const struct secret *node_secret, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	char vkey[NOTE_VKEY_SIZE];
	int r;

	note_key_print(witness, vkey);
	card_text(origin, node_key->name, vkey, &text);
	r = buffer_ok(&text);
	if (!r)
		r = note_begin(out, buffer_span(&text));
	if (!r)
		r = note_sign(out, buffer_span(&text), node_key, node_secret);
	return r ? err_fold(r) : 0;
}

/* Takes one line, without its newline, off the front. */
static bool line_next(struct span *text, struct span *line)
{
	const uint8_t *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;

	if (!end)
		return false;
	*line = span_of(text->ptr, (size_t)(end - text->ptr));
	*text = span_of(end + 1, text->len - line->len - 1);
	return true;
}

static bool card_lines(struct span card, struct span *text, struct span lines[4])
{
	struct span rest, signatures;

	if (card.len > WITNESS_CARD_MAX || note_split(card, text, &signatures) != NOTE_OK)
		return false;
	rest = *text;
	for (size_t i = 0; i < 4; i++)
		if (!line_next(&rest, &lines[i]))
			return false;
	return !rest.len && span_equal(lines[0], SPAN_LITERAL(CARD_TITLE));
}

int witness_card_node(struct span card, struct span *node)
{
	struct span text, lines[4];

	if (!card_lines(card, &text, lines))
		return WITNESS_E_MALFORMED;
	*node = lines[2];
	return WITNESS_OK;
}

int witness_card_open(struct span card, const char *origin, const char *node, const uint8_t sign_key[32], struct note_key *out)
{
	CLEANUP(buffer_fini) struct buffer wanted = { 0 };
	char vkey[NOTE_VKEY_SIZE], name[NOTE_NAME_MAX + 1];
	struct span text, lines[4];
	struct note_key key, witness;
	struct note opened;
	int r;

	if (!card_lines(card, &text, lines) || note_key_parse(&witness, lines[3]) != NOTE_OK || !witness_name(node, origin, name) ||
	    strcmp(witness.name, name) != 0 || witness.type != NOTE_KEY_COSIGNATURE)
		return WITNESS_E_MALFORMED;
	note_key_print(&witness, vkey);
	card_text(origin, node, vkey, &wanted);
	r = buffer_ok(&wanted);
	if (r)
		return err_raise(r);
	if (!span_equal(text, buffer_span(&wanted)) || note_key_init(&key, node, NOTE_KEY_ED25519, sign_key) != NOTE_OK)
		return WITNESS_E_MALFORMED;
	r = note_open(card, &key, 1, &opened);
	if (r)
		return r < 0 ? err_pass(r) : WITNESS_E_SIGNATURE;
	*out = witness;
	return WITNESS_OK;
}

int witness_strip(struct span checkpoint_note, const struct note_key *log_key, struct buffer *out)
{
	struct span text, lines, line;
	struct note opened;

	if (note_split(checkpoint_note, &text, &lines) != NOTE_OK)
		return WITNESS_E_SIGNATURE;
	while (line_next(&lines, &line)) {
		CLEANUP(buffer_fini) struct buffer one = { 0 };
		int r = note_begin(&one, text);

		buffer_bytes(&one, line);
		buffer_u8(&one, '\n');
		if (!r)
			r = buffer_ok(&one);
		if (r)
			return err_fold(r);
		r = note_open(buffer_span(&one), log_key, 1, &opened);
		if (r < 0)
			return err_pass(r);
		if (r == NOTE_OK) {
			buffer_bytes(out, buffer_span(&one));
			return err_pass(buffer_ok(out));
		}
	}
	return WITNESS_E_SIGNATURE;
}

void cosign_print(struct span card, struct span checkpoint_note, struct buffer *out)
{
	buffer_lp16(out, card);
	buffer_bytes(out, checkpoint_note);
}

int cosign_parse(struct span body, struct span *card, struct span *checkpoint_note)
{
	struct reader r;
	struct span first, rest;

	reader_init(&r, body);
	first = reader_lp16(&r);
	rest = reader_rest(&r);
	if (r.failed || first.len > WITNESS_CARD_MAX || !rest.len || rest.len > WITNESS_CHECKPOINT_MAX)
		return WITNESS_E_MALFORMED;
	*card = first;
	*checkpoint_note = rest;
	return WITNESS_OK;
}

enum history history_judge(const struct checkpoint *a, const struct checkpoint *b, const struct tree_proof *proof)
{
	const struct checkpoint *old = a->size <= b->size ? a : b, *new = old == a ? b : a;
	struct hash shown;

	if (old->size == new->size)
		return hash_equal(&old->root, &new->root) ? HISTORY_ONE : HISTORY_FORK;
	if (!old->size || tree_check_consistency(old->size, new->size, &old->root, &new->root, proof))
		return HISTORY_ONE;
	return tree_root_before(old->size, new->size, &new->root, proof, &shown) ? HISTORY_FORK : HISTORY_UNPROVEN;
}

void history_proof_print(uint64_t old_size, const struct tree_proof *proof, struct buffer *out)
{
	buffer_printf(out, "old %llu\n", (unsigned long long)old_size);
	for (size_t i = 0; i < proof->n; i++) {
		base64_put(out, SPAN_OF(proof->path[i].bytes));
		buffer_u8(out, '\n');
	}
}

int history_proof_parse(struct span text, uint64_t *old_size, struct tree_proof *proof)
{
	struct tree_proof parsed = { 0 };
	struct span line;
	uint64_t old;
	size_t len;

	if (!line_next(&text, &line) || line.len <= 4 || memcmp(line.ptr, "old ", 4) != 0 ||
	    !decimal_decode(span_of(line.ptr + 4, line.len - 4), &old))
		return WITNESS_E_MALFORMED;
	for (; text.len; parsed.n++)
		if (parsed.n == TREE_PROOF_MAX || !line_next(&text, &line) || line.len != HASH_LINE_LEN ||
		    !base64_decode(line, parsed.path[parsed.n].bytes, HASH_BYTES, &len) || len != HASH_BYTES)
			return WITNESS_E_MALFORMED;
	*old_size = old;
	*proof = parsed;
	return WITNESS_OK;
}
