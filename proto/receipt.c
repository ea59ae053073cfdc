/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A receipt is opened in the order in which its parts depend on each other: what it says (leaf and binding), whose log it is
 * in (key and origin), that it is in there (inclusion). Nothing is written to the caller before all three hold.
 *
 * The extra line is not authenticated by the format. Here it is: the entry in it is the leaf, and the statement in it is
 * bound by the entry.
 */
#include "proto/receipt.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define VERSION 1
#define MAGIC SPAN_LITERAL("c2sp.org/tlog-proof@v1")
#define RECEIPT_TEXT_MAX (1u << 20)
#define BASE64_HASH_LEN 44
#define EXTRA_MAX (1 + SALT_BYTES + 2 * (2 + UINT16_MAX))

static bool code_refuses(unsigned code)
{
	return code > CODE_TOEGESTAAN && code < CODE_N;
}

static bool rule_valid(struct span rule)
{
	if (rule.len < 1 || rule.len > STATEMENT_RULE_MAX)
		return false;
	for (size_t i = 0; i < rule.len; i++)
		if (rule.ptr[i] < 0x21 || rule.ptr[i] > 0x7e)
			return false;
	return true;
}

static struct span subject_cut(const char *subject)
{
	struct span text = span_of_text(subject);

	if (!utf8_valid(text))
		return SPAN_LITERAL("?");
	if (text.len > STATEMENT_SUBJECT_MAX) {
		text.len = STATEMENT_SUBJECT_MAX;
		/* The first byte left out must not be inside a character. */
		while ((text.ptr[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	return text;
}

int statement_print(const struct statement *s, struct buffer *out)
{
	int r;

	if (s->n > STATEMENT_FINDINGS_MAX)
		return err_raise(-EINVAL);
	for (size_t i = 0; i < s->n; i++)
		if (!code_refuses((unsigned)s->findings[i].code) || !rule_valid(span_of_text(s->findings[i].rule)))
			return err_raise(-EINVAL);
	buffer_u8(out, VERSION);
	buffer_bytes(out, SPAN_OF(s->message_id));
	buffer_bytes(out, SPAN_OF(s->digest.bytes));
	buffer_u16(out, (uint16_t)s->n);
	for (size_t i = 0; i < s->n; i++) {
		buffer_u16(out, (uint16_t)s->findings[i].code);
		buffer_lp16(out, span_of_text(s->findings[i].rule));
		buffer_lp16(out, subject_cut(s->findings[i].subject));
	}
	r = buffer_ok(out);
	return r ? err_raise(r) : 0;
}

/* STATEMENT_OK, STATEMENT_E_MALFORMED, <0 fatal. */
static int finding_read(struct reader *r, struct arena *arena, struct statement_finding *out)
{
	unsigned code = reader_u16(r);
	struct span rule = reader_lp16(r);
	struct span subject = reader_lp16(r);

	if (r->failed || !code_refuses(code) || !rule_valid(rule))
		return STATEMENT_E_MALFORMED;
	if (subject.len > STATEMENT_SUBJECT_MAX || !utf8_valid(subject))
		return STATEMENT_E_MALFORMED;
	out->code = (enum code)code;
	out->rule = arena_text(arena, rule);
	out->subject = arena_text(arena, subject);
	return out->rule && out->subject ? STATEMENT_OK : err_raise(-ENOMEM);
}

int statement_parse(struct span bytes, struct arena *arena, struct statement *out)
{
	struct statement s = { .n = 0 };
	struct reader r;
	uint8_t version;
	size_t n;
	int result;

	reader_init(&r, bytes);
	version = reader_u8(&r);
	reader_copy(&r, s.message_id, sizeof s.message_id);
	reader_copy(&r, s.digest.bytes, sizeof s.digest.bytes);
	n = reader_u16(&r);
	if (r.failed || version != VERSION || n > STATEMENT_FINDINGS_MAX)
		return STATEMENT_E_MALFORMED;
	for (; s.n < n; s.n++) {
		result = finding_read(&r, arena, &s.findings[s.n]);
		if (result)
			return result;
	}
	if (!reader_done(&r))
		return STATEMENT_E_MALFORMED;
	*out = s;
	return STATEMENT_OK;
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

/* What follows a word and a space on a line. */
static bool after(struct span line, struct span word, struct span *rest)
{
	if (line.len <= word.len || memcmp(line.ptr, word.ptr, word.len) != 0)
		return false;
	*rest = span_of(line.ptr + word.len, line.len - word.len);
	return true;
}

static bool proof_read(struct span *text, struct tree_proof *proof)
{
	struct span line;
	size_t len;

	for (proof->n = 0; line_next(text, &line); proof->n++) {
		if (!line.len)
			return true;
		if (proof->n == TREE_PROOF_MAX || line.len != BASE64_HASH_LEN)
			return false;
		if (!base64_decode(line, proof->path[proof->n].bytes, HASH_BYTES, &len) || len != HASH_BYTES)
			return false;
	}
	return false;
}

int tlog_proof_parse(struct span text, struct tlog_proof *out)
{
	struct tlog_proof parsed = { .extra = SPAN_NONE };
	struct span rest = text;
	struct span line, index;

	if (text.len > RECEIPT_TEXT_MAX || !line_next(&rest, &line) || !span_equal(line, MAGIC))
		return RECEIPT_E_MALFORMED;
	if (!line_next(&rest, &line))
		return RECEIPT_E_MALFORMED;
	if (after(line, SPAN_LITERAL("extra "), &parsed.extra) && !line_next(&rest, &line))
		return RECEIPT_E_MALFORMED;
	if (!after(line, SPAN_LITERAL("index "), &index) || !decimal_decode(index, &parsed.index))
		return RECEIPT_E_MALFORMED;
	if (!proof_read(&rest, &parsed.proof) || !rest.len)
		return RECEIPT_E_MALFORMED;
	parsed.checkpoint_note = rest;
	*out = parsed;
	return RECEIPT_OK;
}

int receipt_print(struct span entry, const uint8_t salt[SALT_BYTES], struct span statement, uint64_t index,
                  const struct tree_proof *proof, struct span checkpoint_note, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer extra;
	int r;

	if (proof->n > TREE_PROOF_MAX || index > TREE_SIZE_MAX)
		return err_raise(-EINVAL);
	buffer_init(&extra, 0);
	buffer_u8(&extra, VERSION);
	buffer_bytes(&extra, span_of(salt, SALT_BYTES));
	buffer_lp16(&extra, statement);
	buffer_lp16(&extra, entry);
	r = buffer_ok(&extra);
	if (r)
		return err_raise(r);
	buffer_bytes(out, MAGIC);
	buffer_text(out, "\nextra ");
	base64_put(out, buffer_span(&extra));
	buffer_printf(out, "\nindex %llu\n", (unsigned long long)index);
	for (size_t i = 0; i < proof->n; i++) {
		base64_put(out, SPAN_OF(proof->path[i].bytes));
		buffer_u8(out, '\n');
	}
	buffer_u8(out, '\n');
	buffer_bytes(out, checkpoint_note);
	r = buffer_ok(out);
	return r ? err_raise(r) : 0;
}

/* The leaf and what it is bound to, from the extra line. RECEIPT_OK, _E_MALFORMED, _E_BINDING, <0 fatal. */
static int extra_open(struct span base64, struct arena *arena, struct receipt *out)
{
	size_t size = base64.len / 4 * 3;
	uint8_t binding[sizeof out->entry.binding];
	uint8_t *bytes;
	struct reader r;
	uint8_t version;
	size_t len;
	int result;

	if (!base64.len || size > EXTRA_MAX + 2)
		return RECEIPT_E_MALFORMED;
	bytes = arena_alloc(arena, size ? size : 1);
	if (!bytes)
		return err_raise(-ENOMEM);
	if (!base64_decode(base64, bytes, size, &len))
		return RECEIPT_E_MALFORMED;
	reader_init(&r, span_of(bytes, len));
	version = reader_u8(&r);
	reader_copy(&r, out->salt, sizeof out->salt);
	out->statement_bytes = reader_lp16(&r);
	out->entry_bytes = reader_lp16(&r);
	if (!reader_done(&r) || version != VERSION || entry_parse(out->entry_bytes, &out->entry) != ENTRY_OK)
		return RECEIPT_E_MALFORMED;
	result = statement_parse(out->statement_bytes, arena, &out->statement);
	if (result < 0)
		return err_pass(result);
	if (result)
		return RECEIPT_E_MALFORMED;
	/* Acceptance with a rule that failed says two things at once; the house never writes it. */
	if (out->entry.kind == ENTRY_BERICHT && out->entry.code == CODE_TOEGESTAAN && out->statement.n)
		return RECEIPT_E_MALFORMED;
	entry_binding(out->salt, out->statement_bytes, binding);
	return memcmp(binding, out->entry.binding, sizeof binding) == 0 ? RECEIPT_OK : RECEIPT_E_BINDING;
}

int receipt_open(struct span text, const struct note_key *log_key, struct arena *arena, struct receipt *out)
{
	struct checkpoint_seen none = { 0 };

	return receipt_open_seen(text, log_key, &none, arena, out);
}

int receipt_open_seen(struct span text, const struct note_key *log_key, struct checkpoint_seen *seen, struct arena *arena,
		      struct receipt *out)
{
	struct receipt opened;
	struct tlog_proof parsed;
	struct hash leaf;
	int r;

	r = tlog_proof_parse(text, &parsed);
	if (r)
		return r;
	r = extra_open(parsed.extra, arena, &opened);
	if (r)
		return r;
	r = checkpoint_open_seen(parsed.checkpoint_note, log_key, seen, &opened.checkpoint);
	if (r < 0)
		return err_pass(r);
	if (r)
		return r == CHECKPOINT_E_MALFORMED ? RECEIPT_E_MALFORMED : RECEIPT_E_SIGNATURE;
	tree_hash_leaf(opened.entry_bytes, &leaf);
	if (!tree_check_inclusion(parsed.index, opened.checkpoint.size, &leaf, &parsed.proof, &opened.checkpoint.root))
		return RECEIPT_E_INCLUSION;
	opened.index = parsed.index;
	opened.proof = parsed.proof;
	opened.checkpoint_note = parsed.checkpoint_note;
	*out = opened;
	return RECEIPT_OK;
}

const char *receipt_rung(const struct receipt *r)
{
	if (r->entry.kind == ENTRY_BERICHT)
		return r->entry.code == CODE_TOEGESTAAN ? "AANVAARD" : "GEWEIGERD";
	if (r->entry.kind == ENTRY_TERMIJN && r->entry.code == CODE_TOEGESTAAN)
		return "HERINNERD";
	return entry_kind_name(r->entry.kind);
}

const char *receipt_error_text(int error)
{
	switch (error) {
	case RECEIPT_OK:
		return "the receipt holds";
	case RECEIPT_E_MALFORMED:
		return "this is not a well-formed receipt";
	case RECEIPT_E_BINDING:
		return "the receipt's statement is not the one its log entry is bound to";
	case RECEIPT_E_SIGNATURE:
		return "the checkpoint is not signed by this log's key";
	case RECEIPT_E_INCLUSION:
		return "the log entry is not in the tree that the checkpoint signs";
	default:
		return "unknown error";
	}
}
