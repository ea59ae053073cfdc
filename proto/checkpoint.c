/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Three lines, each with one spelling: a second text for the same head would be a second signature over it. An empty tree
 * has one possible root, so a checkpoint of size 0 with another one is malformed rather than believed.
 */
#include "proto/checkpoint.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

int checkpoint_print(const struct checkpoint *c, struct buffer *out)
{
	int r;

	if (!note_name_valid(span_of_text(c->origin)) || c->size > TREE_SIZE_MAX)
		return err_raise(-EINVAL);
	buffer_printf(out, "%s\n%llu\n", c->origin, (unsigned long long)c->size);
	base64_put(out, SPAN_OF(c->root.bytes));
	buffer_u8(out, '\n');
	r = buffer_ok(out);
	return r ? err_raise(r) : 0;
}

/* Takes one line, without its newline, off the front; text ends in a newline. */
static bool line_next(struct span *text, struct span *line)
{
	const uint8_t *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;

	if (!end)
		return false;
	*line = span_of(text->ptr, (size_t)(end - text->ptr));
	*text = span_of(end + 1, text->len - line->len - 1);
	return true;
}

static bool root_possible(const struct checkpoint *c)
{
	struct hash empty;

	tree_hash_empty(&empty);
	return c->size > 0 || hash_equal(&c->root, &empty);
}

int checkpoint_parse(struct span text, struct checkpoint *out)
{
	struct checkpoint parsed = { .size = 0 };
	struct span origin, size, root, extension;
	struct span rest = text;
	size_t len;

	if (text.len > CHECKPOINT_TEXT_MAX || !note_text_valid(text))
		return CHECKPOINT_E_MALFORMED;
	if (!line_next(&rest, &origin) || !line_next(&rest, &size) || !line_next(&rest, &root))
		return CHECKPOINT_E_MALFORMED;
	if (!note_name_valid(origin) || !decimal_decode(size, &parsed.size))
		return CHECKPOINT_E_MALFORMED;
	if (!base64_decode(root, parsed.root.bytes, HASH_BYTES, &len) || len != HASH_BYTES || !root_possible(&parsed))
		return CHECKPOINT_E_MALFORMED;
	while (rest.len)
		if (!line_next(&rest, &extension) || !extension.len)
			return CHECKPOINT_E_MALFORMED;
	memcpy(parsed.origin, origin.ptr, origin.len);
	*out = parsed;
	return CHECKPOINT_OK;
}

int checkpoint_open(struct span note, const struct note_key *log_key, struct checkpoint *out)
{
	struct checkpoint parsed;
	struct note opened;
	int r, signature;

	signature = note_open(note, log_key, 1, &opened);
	if (signature < 0)
		return err_pass(signature);
	if (signature == NOTE_E_MALFORMED)
		return CHECKPOINT_E_MALFORMED;
	if (signature == NOTE_E_SIGNATURE)
		return CHECKPOINT_E_SIGNATURE;
	r = checkpoint_parse(opened.text, &parsed);
	if (r)
		return r;
	/* Said first: that this is another log's checkpoint explains better than that our key did not sign it. */
	if (strcmp(parsed.origin, log_key->name) != 0)
		return CHECKPOINT_E_ORIGIN;
	/* A witness's cosignature says what it saw; only the log's own signature makes a checkpoint. */
	if (signature != NOTE_OK || log_key->type != NOTE_KEY_ED25519)
		return CHECKPOINT_E_SIGNATURE;
	*out = parsed;
	return CHECKPOINT_OK;
}

int checkpoint_open_seen(struct span note, const struct note_key *log_key, struct checkpoint_seen *seen, struct checkpoint *out)
{
	crypto_hash_sha256_state state;
	struct hash of;
	int r;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, log_key->public_key, sizeof log_key->public_key);
	crypto_hash_sha256_update(&state, note.ptr, note.len);
	crypto_hash_sha256_final(&state, of.bytes);
	if (!seen->valid || !hash_equal(&seen->of, &of)) {
		r = checkpoint_open(note, log_key, &seen->checkpoint);
		seen->valid = r == CHECKPOINT_OK;
		seen->of = of;
		if (r)
			return r < 0 ? err_pass(r) : r;
	}
	*out = seen->checkpoint;
	return CHECKPOINT_OK;
}
