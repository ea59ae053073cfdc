/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One reader for all that is signed, so strictness here is strictness everywhere: a note has one spelling. A note is walked
 * once, line by line, without a copy; every line must be well formed, also that of a key nobody here knows.
 *
 * A line is a known key's when its name and key id both agree. Such a line that does not hold refuses the whole note: the
 * others' signatures say nothing about why somebody put it there. The same key twice is refused for the same reason, and so
 * is an unknown line repeated to the byte.
 *
 * Every signature made here is verified before it leaves: a fault in the signing would otherwise give away the key.
 */
#include "proto/note.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define ID_SIZE 4
#define STAMP_SIZE 8
#define SIGNATURE_SIZE crypto_sign_BYTES
#define BLOB_MAX 12288 /* the largest signature line read; leaves room for post-quantum witnesses */
#define DASH SPAN_LITERAL("\xe2\x80\x94 ")

/* One signature line: "— name base64(id || signature)". */
struct line {
	struct span whole; /* without its newline */
	struct span name;
	uint8_t blob[BLOB_MAX];
	size_t blob_len; /* more than ID_SIZE */
};

/* The code point at the front of valid UTF-8, and its length. */
static uint32_t code_point(const uint8_t *p, size_t *len)
{
	if (p[0] < 0x80) {
		*len = 1;
		return p[0];
	}
	if (p[0] < 0xe0) {
		*len = 2;
		return (uint32_t)(p[0] & 0x1f) << 6 | (uint32_t)(p[1] & 0x3f);
	}
	if (p[0] < 0xf0) {
		*len = 3;
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (uint32_t)(p[2] & 0x3f);
	}
	*len = 4;
	return 0x10000; /* nothing beyond the first plane is a space or a control character */
}

/* White_Space of Unicode 15, the control characters among them apart. */
static bool is_space(uint32_t c)
{
	return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* A name of any length, as other people's keys may have. */
static bool name_well_formed(struct span name)
{
	size_t len;

	if (!name.len || !utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i += len) {
		uint32_t c = code_point(name.ptr + i, &len);

		if (c < 0x20 || c == 0x7f || c == '+' || is_space(c))
			return false;
	}
	return true;
}

bool note_name_valid(struct span name)
{
	return name.len <= NOTE_NAME_MAX && name_well_formed(name);
}

bool note_text_valid(struct span text)
{
	if (!text.len || text.ptr[text.len - 1] != '\n' || !utf8_valid(text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 && text.ptr[i] != '\n')
			return false;
	return true;
}

static bool type_known(uint8_t type)
{
	return type == NOTE_KEY_ED25519 || type == NOTE_KEY_COSIGNATURE;
}

static void key_id(struct span name, uint8_t type, const uint8_t public_key[32], uint8_t id[ID_SIZE])
{
	const uint8_t between[2] = { '\n', type };
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, name.ptr, name.len);
	crypto_hash_sha256_update(&state, between, sizeof between);
	crypto_hash_sha256_update(&state, public_key, 32);
	crypto_hash_sha256_final(&state, hash);
	memcpy(id, hash, ID_SIZE);
}

static int key_init(struct note_key *key, struct span name, uint8_t type, const uint8_t public_key[32])
{
	if (!note_name_valid(name) || !type_known(type) || crypto_core_ed25519_is_valid_point(public_key) != 1)
		return NOTE_E_MALFORMED;
	*key = (struct note_key){ .type = type };
	memcpy(key->name, name.ptr, name.len);
	memcpy(key->public_key, public_key, sizeof key->public_key);
	key_id(name, type, public_key, key->id);
	return NOTE_OK;
}

int note_key_init(struct note_key *key, const char *name, uint8_t type, const uint8_t public_key[32])
{
	return key_init(key, span_of_text(name), type, public_key);
}

/* What stands before the next '+', taken off the front; false when there is none. */
static bool part_next(struct span *rest, struct span *part)
{
	const uint8_t *plus = rest->len ? memchr(rest->ptr, '+', rest->len) : NULL;

	if (!plus)
		return false;
	*part = span_of(rest->ptr, (size_t)(plus - rest->ptr));
	*rest = span_of(plus + 1, rest->len - part->len - 1);
	return true;
}

int note_key_parse(struct note_key *key, struct span vkey)
{
	struct span rest = vkey;
	struct span name, hex;
	struct note_key parsed;
	uint8_t id[ID_SIZE];
	uint8_t bytes[33];
	size_t len;

	if (vkey.len >= NOTE_VKEY_SIZE || !part_next(&rest, &name) || !part_next(&rest, &hex))
		return NOTE_E_MALFORMED;
	if (!hex_decode(hex, id, sizeof id) || !base64_decode(rest, bytes, sizeof bytes, &len) || len != sizeof bytes)
		return NOTE_E_MALFORMED;
	if (key_init(&parsed, name, bytes[0], bytes + 1) != NOTE_OK || memcmp(parsed.id, id, sizeof id) != 0)
		return NOTE_E_MALFORMED;
	*key = parsed;
	return NOTE_OK;
}

void note_key_print(const struct note_key *key, char out[NOTE_VKEY_SIZE])
{
	char hex[2 * ID_SIZE + 1];
	char base64[sodium_base64_ENCODED_LEN(33, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t bytes[33];

	bytes[0] = key->type;
	memcpy(bytes + 1, key->public_key, 32);
	hex_encode(SPAN_OF(key->id), hex);
	sodium_bin2base64(base64, sizeof base64, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
	snprintf(out, NOTE_VKEY_SIZE, "%s+%s+%s", key->name, hex, base64);
}

/* Takes one line off the front of the signature lines, which end in a newline. */
static bool line_next(struct span *lines, struct line *out)
{
	const uint8_t *end = memchr(lines->ptr, '\n', lines->len);
	const uint8_t *space;
	struct span rest;

	if (!end)
		return false;
	out->whole = span_of(lines->ptr, (size_t)(end - lines->ptr));
	*lines = span_of(end + 1, lines->len - out->whole.len - 1);
	if (out->whole.len <= DASH.len || memcmp(out->whole.ptr, DASH.ptr, DASH.len) != 0)
		return false;
	rest = span_of(out->whole.ptr + DASH.len, out->whole.len - DASH.len);
	space = memchr(rest.ptr, ' ', rest.len);
	if (!space)
		return false;
	out->name = span_of(rest.ptr, (size_t)(space - rest.ptr));
	rest = span_of(space + 1, rest.len - out->name.len - 1);
	return name_well_formed(out->name) && base64_decode(rest, out->blob, sizeof out->blob, &out->blob_len) &&
	       out->blob_len > ID_SIZE;
}

/* The position of the last blank line: of its first newline. */
static bool blank_find(struct span bytes, size_t *at)
{
	for (size_t i = bytes.len; i >= 2; i--) {
		if (bytes.ptr[i - 1] == '\n' && bytes.ptr[i - 2] == '\n') {
			*at = i - 2;
			return true;
		}
	}
	return false;
}

int note_split(struct span bytes, struct span *text, struct span *signature_lines)
{
	struct span found, lines, rest;
	struct line line;
	size_t n = 0;
	size_t at;

	if (bytes.len > NOTE_BYTES_MAX || !blank_find(bytes, &at))
		return NOTE_E_MALFORMED;
	found = span_of(bytes.ptr, at + 1);
	lines = span_of(bytes.ptr + at + 2, bytes.len - at - 2);
	if (!note_text_valid(found) || !lines.len)
		return NOTE_E_MALFORMED;
	for (rest = lines; rest.len; n++)
		if (n == NOTE_SIGNATURES_MAX || !line_next(&rest, &line))
			return NOTE_E_MALFORMED;
	*text = found;
	*signature_lines = lines;
	return NOTE_OK;
}

/* The bytes a cosignature/v1 covers. */
static int cosigned_message(struct span text, uint64_t unix_s, struct buffer *out)
{
	buffer_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)unix_s);
	buffer_bytes(out, text);
	return buffer_ok(out);
}

static bool verify(const uint8_t *signature, struct span message, const uint8_t public_key[32])
{
	return crypto_sign_verify_detached(signature, message.ptr, message.len, public_key) == 0;
}

/* Whether a line of this key holds over text. NOTE_OK, NOTE_E_SIGNATURE, <0 fatal. */
static int line_verify(const struct line *line, const struct note_key *key, struct span text, uint64_t *cosigned_unix_s)
{
	const uint8_t *blob = line->blob + ID_SIZE;
	CLEANUP(buffer_fini) struct buffer message;
	uint64_t unix_s;
	int r;

	buffer_init(&message, 0);
	if (key->type == NOTE_KEY_ED25519) {
		if (line->blob_len != ID_SIZE + SIGNATURE_SIZE || !verify(blob, text, key->public_key))
			return NOTE_E_SIGNATURE;
		*cosigned_unix_s = 0;
		return NOTE_OK;
	}
	if (line->blob_len != ID_SIZE + STAMP_SIZE + SIGNATURE_SIZE)
		return NOTE_E_SIGNATURE;
	unix_s = get_u64(blob);
	if (unix_s > INT64_MAX)
		return NOTE_E_SIGNATURE;
	r = cosigned_message(text, unix_s, &message);
	if (r)
		return err_raise(r);
	if (!verify(blob + STAMP_SIZE, buffer_span(&message), key->public_key))
		return NOTE_E_SIGNATURE;
	*cosigned_unix_s = unix_s;
	return NOTE_OK;
}

static bool line_is_of(const struct line *line, const struct note_key *key)
{
	return span_equal(line->name, span_of_text(key->name)) && memcmp(line->blob, key->id, ID_SIZE) == 0;
}

/* Keeps verified[] ascending. NOTE_E_SIGNATURE: this key has a line already. */
static int verified_add(struct note *note, size_t position, uint64_t cosigned_unix_s)
{
	size_t i = note->n_verified;

	while (i && note->verified[i - 1] > position)
		i--;
	if (i && note->verified[i - 1] == position)
		return NOTE_E_SIGNATURE;
	for (size_t k = note->n_verified; k > i; k--) {
		note->verified[k] = note->verified[k - 1];
		note->cosigned_unix_s[k] = note->cosigned_unix_s[k - 1];
	}
	note->verified[i] = position;
	note->cosigned_unix_s[i] = cosigned_unix_s;
	note->n_verified++;
	return NOTE_OK;
}

/*
 * One line against all known keys. Ids are four bytes, so two keys can share one on purpose: the line is the key's that
 * verifies it.
 */
static int line_open(const struct line *line, const struct note_key *keys, size_t n_keys, struct note *note, bool *known)
{
	int r;

	*known = false;
	for (size_t i = 0; i < n_keys; i++) {
		uint64_t cosigned_unix_s = 0;

		if (!line_is_of(line, &keys[i]))
			continue;
		*known = true;
		r = line_verify(line, &keys[i], note->text, &cosigned_unix_s);
		if (r == NOTE_OK)
			return verified_add(note, i, cosigned_unix_s);
		if (r < 0)
			return err_pass(r);
	}
	return *known ? NOTE_E_SIGNATURE : NOTE_OK;
}

static bool span_listed(const struct span *list, size_t n, struct span one)
{
	for (size_t i = 0; i < n; i++)
		if (span_equal(list[i], one))
			return true;
	return false;
}

int note_open(struct span bytes, const struct note_key *keys, size_t n_keys, struct note *out)
{
	struct note note = { .n_lines = 0 };
	struct span unknown[NOTE_SIGNATURES_MAX];
	size_t n_unknown = 0;
	struct line line;
	struct span rest;
	int r;

	r = note_split(bytes, &note.text, &rest);
	if (r)
		return r;
	while (rest.len) {
		bool known;

		if (!line_next(&rest, &line))
			return NOTE_E_MALFORMED;
		note.n_lines++;
		r = line_open(&line, keys, n_keys, &note, &known);
		if (r)
			return r;
		if (!known && span_listed(unknown, n_unknown, line.whole))
			return NOTE_E_MALFORMED;
		if (!known)
			unknown[n_unknown++] = line.whole;
	}
	*out = note;
	return note.n_verified ? NOTE_OK : NOTE_E_UNSIGNED;
}

int note_begin(struct buffer *out, struct span text)
{
	int r;

	if (text.len > NOTE_BYTES_MAX || !note_text_valid(text))
		return NOTE_E_MALFORMED;
	buffer_bytes(out, text);
	buffer_u8(out, '\n');
	r = buffer_ok(out);
	return r ? err_raise(r) : NOTE_OK;
}

/* Signs message and checks the result; the key pair must be the one the key names. */
static int sign(const struct note_key *key, const struct secret *secret_key, struct span message, uint8_t signature[64])
{
	const uint8_t *secret = secret_bytes(secret_key);

	if (secret_len(secret_key) != crypto_sign_SECRETKEYBYTES || memcmp(secret + 32, key->public_key, 32) != 0)
		return err_raise(-EINVAL);
	crypto_sign_detached(signature, NULL, message.ptr, message.len, secret);
	if (!verify(signature, message, key->public_key)) {
		sodium_memzero(signature, SIGNATURE_SIZE);
		return err_raise(-EIO);
	}
	return 0;
}

static int line_put(struct buffer *out, const struct note_key *key, struct span blob)
{
	int r;

	buffer_bytes(out, DASH);
	buffer_text(out, key->name);
	buffer_u8(out, ' ');
	base64_put(out, blob);
	buffer_u8(out, '\n');
	r = buffer_ok(out);
	return r ? err_raise(r) : NOTE_OK;
}

int note_sign(struct buffer *out, struct span text, const struct note_key *key, const struct secret *secret_key)
{
	uint8_t blob[ID_SIZE + SIGNATURE_SIZE];
	int r;

	if (!note_text_valid(text))
		return NOTE_E_MALFORMED;
	if (key->type != NOTE_KEY_ED25519)
		return err_raise(-EINVAL);
	memcpy(blob, key->id, ID_SIZE);
	r = sign(key, secret_key, text, blob + ID_SIZE);
	if (r)
		return err_pass(r);
	return line_put(out, key, SPAN_OF(blob));
}

int note_cosign(struct buffer *out, struct span text, const struct note_key *key, const struct secret *secret_key,
                uint64_t unix_s)
{
	uint8_t blob[ID_SIZE + STAMP_SIZE + SIGNATURE_SIZE];
	CLEANUP(buffer_fini) struct buffer message;
	int r;

	buffer_init(&message, 0);
	if (!note_text_valid(text))
		return NOTE_E_MALFORMED;
	if (key->type != NOTE_KEY_COSIGNATURE || unix_s > INT64_MAX)
		return err_raise(-EINVAL);
	memcpy(blob, key->id, ID_SIZE);
	put_u64(blob + ID_SIZE, unix_s);
	r = cosigned_message(text, unix_s, &message);
	if (r)
		return err_raise(r);
	r = sign(key, secret_key, buffer_span(&message), blob + ID_SIZE + STAMP_SIZE);
	if (r)
		return err_pass(r);
	return line_put(out, key, SPAN_OF(blob));
}

/* Whether one of the lines is of the same key, known or not; false also when there are none. */
static bool lines_hold_key(struct span lines, const struct line *wanted)
{
	struct line line;

	while (lines.len && line_next(&lines, &line))
		if (span_equal(line.name, wanted->name) && memcmp(line.blob, wanted->blob, ID_SIZE) == 0)
			return true;
	return false;
}

/* The lines that out holds behind text; false when out is not a note over text. */
static bool lines_of(const struct buffer *out, struct span text, struct span *lines, size_t *n)
{
	struct span rest;
	struct line line;

	if (out->len < text.len + 1 || memcmp(out->ptr, text.ptr, text.len) != 0 || out->ptr[text.len] != '\n')
		return false;
	*lines = span_of(out->ptr + text.len + 1, out->len - text.len - 1);
	for (rest = *lines, *n = 0; rest.len; ++*n)
		if (!line_next(&rest, &line))
			return false;
	return true;
}

int note_add_signatures(struct buffer *out, struct span other)
{
	CLEANUP(buffer_fini) struct buffer added;
	struct span text, lines, rest;
	struct line line;
	size_t n;
	int r;

	buffer_init(&added, 0);
	if (note_split(other, &text, &rest) != NOTE_OK || !lines_of(out, text, &lines, &n))
		return NOTE_E_MALFORMED;
	while (rest.len) {
		if (!line_next(&rest, &line))
			return NOTE_E_MALFORMED;
		if (lines_hold_key(lines, &line) || lines_hold_key(buffer_span(&added), &line))
			continue;
		buffer_bytes(&added, line.whole);
		buffer_u8(&added, '\n');
		if (++n > NOTE_SIGNATURES_MAX)
			return NOTE_E_MALFORMED;
	}
	r = buffer_ok(&added);
	if (r)
		return err_raise(r);
	buffer_bytes(out, buffer_span(&added));
	r = buffer_ok(out);
	return r ? err_raise(r) : NOTE_OK;
}
