/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The files of czmq and pyzmq are read, and czmq reads ours (zcert(7); ZPL is ZeroMQ RFC 4). Of ZPL only what they write is
 * accepted: two sections, four spaces of indent, one value per line. Keys must be quoted, because '#' starts a comment and is a Z85 character as well;
 * an unquoted metadata value (pyzmq writes those) holds no character that could mean anything else.
 *
 * Z85 (RFC 32) has values that no four bytes encode to; a decoder that lets them wrap reads two texts as one key.
 */
#include "base/zcert.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define LINE_MAX_BYTES 512
#define FILE_MAX_BYTES 4096

static const char z85_alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

void z85_encode(const uint8_t bytes[32], char out[Z85_KEY_TEXT])
{
	for (size_t group = 0; group < 8; group++) {
		uint32_t v = get_u32(bytes + group * 4);

		for (size_t i = 5; i-- > 0; v /= 85)
			out[group * 5 + i] = z85_alphabet[v % 85];
	}
	out[Z85_KEY_TEXT - 1] = '\0';
}

static bool z85_group(const char *text, uint8_t out[4])
{
	uint64_t v = 0;

	for (size_t i = 0; i < 5; i++) {
		const char *at = strchr(z85_alphabet, text[i]);

		if (!at || !*at)
			return false;
		v = v * 85 + (uint64_t)(at - z85_alphabet);
	}
	if (v > UINT32_MAX)
		return false;
	put_u32(out, (uint32_t)v);
	return true;
}

bool z85_decode(const char *text, uint8_t out[32])
{
	bool ok = strnlen(text, Z85_KEY_TEXT) == Z85_KEY_TEXT - 1;

	for (size_t group = 0; ok && group < 8; group++)
		ok = z85_group(text + group * 5, out + group * 4);
	return ok;
}

/* ---- reading ---- */

enum section { SECTION_NONE, SECTION_METADATA, SECTION_CURVE };

struct parser {
	enum section section;
	bool seen_metadata, seen_curve, seen_name, seen_public, seen_secret;
	uint8_t public_key[32];
	struct secret *kept; /* the secret half as read */
	char name[KEYFILE_NAME_MAX + 1];
};

static bool word_valid(struct span word)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@";

	if (word.len == 0)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!word.ptr[i] || !strchr(allowed, word.ptr[i]))
			return false;
	return true;
}

static bool quoted(struct span value, struct span *inside)
{
	if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"')
		return false;
	*inside = span_of(value.ptr + 1, value.len - 2);
	for (size_t i = 0; i < inside->len; i++)
		if (inside->ptr[i] < ' ' || inside->ptr[i] == '"' || inside->ptr[i] == 0x7f)
			return false;
	return true;
}

static bool section_start(struct parser *p, struct span line)
{
	bool *seen;

	if (span_equal(line, SPAN_LITERAL("metadata"))) {
		p->section = SECTION_METADATA;
		seen = &p->seen_metadata;
	} else if (span_equal(line, SPAN_LITERAL("curve"))) {
		p->section = SECTION_CURVE;
		seen = &p->seen_curve;
	} else {
		return false;
	}
	if (*seen)
		return false;
	*seen = true;
	return true;
}

static bool metadata_value(struct parser *p, struct span key, struct span value)
{
	struct span text = value;

	if (!quoted(value, &text) && !word_valid(value))
		return false;
	if (!span_equal(key, SPAN_LITERAL("name")))
		return true;
	if (p->seen_name || text.len > KEYFILE_NAME_MAX || !utf8_valid(text))
		return false;
	if (text.len)
		memcpy(p->name, text.ptr, text.len);
	p->seen_name = true;
	return true;
}

static bool curve_value(struct parser *p, struct span key, struct span value)
{
	bool is_public = span_equal(key, SPAN_LITERAL("public-key"));
	bool *seen = is_public ? &p->seen_public : &p->seen_secret;
	char text[Z85_KEY_TEXT] = { 0 };
	struct span inside;
	bool ok;

	if ((!is_public && !span_equal(key, SPAN_LITERAL("secret-key"))) || *seen || !quoted(value, &inside) ||
	    inside.len != Z85_KEY_TEXT - 1)
		return false;
	*seen = true;
	memcpy(text, inside.ptr, inside.len);
	ok = z85_decode(text, is_public ? p->public_key : secret_bytes(p->kept));
	sodium_memzero(text, sizeof text);
	return ok;
}

/* "    key = value" */
static bool setting(struct parser *p, struct span line)
{
	const uint8_t *equals = memmem(line.ptr, line.len, " = ", 3);
	struct span key, value;

	if (!equals || line.len < 4 || memcmp(line.ptr, "    ", 4) || equals < line.ptr + 4)
		return false;
	key = span_of(line.ptr + 4, (size_t)(equals - line.ptr) - 4);
	value = span_of(equals + 3, line.len - (size_t)(equals - line.ptr) - 3);
	if (!word_valid(key))
		return false;
	if (p->section == SECTION_METADATA)
		return metadata_value(p, key, value);
	return p->section == SECTION_CURVE && curve_value(p, key, value);
}

static bool parse(struct parser *p, struct span text)
{
	while (text.len) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		struct span line = span_of(text.ptr, end ? (size_t)(end - text.ptr) : 0);

		if (!end || line.len > LINE_MAX_BYTES)
			return false;
		text = span_of(end + 1, text.len - line.len - 1);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (line.ptr[0] == ' ' ? !setting(p, line) : !section_start(p, line))
			return false;
	}
	return p->seen_public;
}

static int cert_make(struct parser *p, bool with_secret, struct zcert *out)
{
	uint8_t derived[32];

	if (p->seen_secret != with_secret)
		return KEYFILE_E_MALFORMED;
	if (with_secret && (crypto_scalarmult_base(derived, secret_bytes(p->kept)) || memcmp(derived, p->public_key, 32)))
		return KEYFILE_E_MALFORMED;
	*out = (struct zcert){ 0 };
	memcpy(out->name, p->name, sizeof out->name);
	memcpy(out->public_key, p->public_key, 32);
	out->secret = with_secret ? TAKE(p->kept) : NULL;
	return KEYFILE_OK;
}

static int cert_read(const char *path, bool with_secret, struct zcert *out)
{
	CLEANUP(secret_freep) struct secret *kept = NULL;
	struct parser p = { 0 };
	struct buffer text;
	int r;

	kept = secret_new(32);
	if (!kept)
		return err_raise(-ENOMEM);
	r = keyfile_load(path, with_secret, &text);
	if (r)
		return r;
	p.kept = kept;
	r = parse(&p, buffer_span(&text)) ? cert_make(&p, with_secret, out) : KEYFILE_E_MALFORMED;
	kept = p.kept; /* NULL when the certificate took it */
	buffer_fini(&text);
	return r;
}

int zcert_read_public(const char *path, struct zcert *out)
{
	return cert_read(path, false, out);
}

static int secret_path(const char *path, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s_secret", path);

	return n < 0 || n >= PATH_MAX ? err_raise(-ENAMETOOLONG) : 0;
}

int zcert_read_secret(const char *path, struct zcert *out)
{
	char full[PATH_MAX];
	int r = secret_path(path, full);

	return r ? err_pass(r) : cert_read(full, true, out);
}

/* ---- making ---- */

static bool name_valid(const char *name)
{
	size_t len = strnlen(name, KEYFILE_NAME_MAX + 1);

	if (len == 0 || len > KEYFILE_NAME_MAX || !utf8_valid(span_of(name, len)))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == '"' || name[i] == 0x7f)
			return false;
	return true;
}

int zcert_generate(const char *name, struct zcert *out)
{
	CLEANUP(secret_freep) struct secret *s = NULL;

	if (!name_valid(name))
		return KEYFILE_E_MALFORMED;
	s = secret_random(32);
	if (!s)
		return err_raise(-ENOMEM);
	*out = (struct zcert){ 0 };
	snprintf(out->name, sizeof out->name, "%s", name);
	crypto_scalarmult_base(out->public_key, secret_bytes(s));
	out->secret = TAKE(s);
	return KEYFILE_OK;
}

static int half_write(const char *path, const struct zcert *cert, bool with_secret)
{
	char key[Z85_KEY_TEXT];
	struct buffer text;
	int r;

	buffer_init(&text, FILE_MAX_BYTES);
	buffer_printf(&text, "#   ZeroMQ CURVE %s certificate of a node or house of Knooppunt.\n",
		      with_secret ? "SECRET" : "public");
	z85_encode(cert->public_key, key);
	buffer_printf(&text, "\nmetadata\n    name = \"%s\"\ncurve\n    public-key = \"%s\"\n", cert->name, key);
	if (with_secret) {
		z85_encode(secret_bytes(cert->secret), key);
		buffer_printf(&text, "    secret-key = \"%s\"\n", key);
		sodium_memzero(key, sizeof key);
	}
	r = buffer_ok(&text);
	if (!r)
		r = keyfile_place(path, buffer_span(&text), with_secret ? 0600 : 0644);
	buffer_fini(&text);
	return r;
}

int zcert_write(const char *path, const struct zcert *cert)
{
	char full[PATH_MAX];
	int r;

	if (!cert->secret || !name_valid(cert->name))
		return KEYFILE_E_MALFORMED;
	r = secret_path(path, full);
	if (r)
		return err_pass(r);
	/* The secret first: a public half without it, which looks like a finished certificate, must not be left behind. */
	r = half_write(full, cert, true);
	return r ? r : half_write(path, cert, false);
}

void zcert_fini(struct zcert *cert)
{
	cert->secret = secret_free(cert->secret);
	*cert = (struct zcert){ 0 };
}
