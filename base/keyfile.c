/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One spelling per key: six lines in a fixed order, nothing else, so that two readers can never see different keys in one file.
 * The secret is the shortest form from which the rest follows (seed, scalar); the public half is kept for people and is checked
 * against the secret on every read: a mixed-up or damaged file is found before it signs anything.
 *
 * A key file appears whole or not at all and never replaces another one (file_place()).
 */
#include "base/keyfile.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX_BYTES 4096
#define DAY_MS UINT64_C(86400000)
#define DATE_CHARACTERS 10

enum key_kind { KEY_ED25519, KEY_X25519, KEY_SYMMETRIC };

static const struct use {
	const char *name;
	enum key_kind kind;
} uses[] = {
	{ "log", KEY_ED25519 },    { "steward", KEY_ED25519 }, { "organisation", KEY_ED25519 }, { "person", KEY_ED25519 },
	{ "node", KEY_ED25519 },   { "witness", KEY_ED25519 }, { "reading", KEY_X25519 },       { "store", KEY_SYMMETRIC },
	{ "subjects", KEY_SYMMETRIC },
};

const char *keyfile_error_text(int error)
{
	switch (error) {
	case KEYFILE_OK:
		return "no error";
	case KEYFILE_E_ABSENT:
		return "the key file is absent";
	case KEYFILE_E_MALFORMED:
		return "not a key file of this use, or its public and secret halves do not belong together";
	case KEYFILE_E_OPEN_TO_OTHERS:
		return "must be a plain file, owned by who reads it, with mode 0600";
	case KEYFILE_E_EXISTS:
		return "a file of that name exists; keys are never overwritten";
	default:
		return "unknown key file error";
	}
}

static const struct use *use_find(struct span name)
{
	for (size_t i = 0; i < N_ELEMENTS(uses); i++)
		if (span_equal(span_of_text(uses[i].name), name))
			return &uses[i];
	return NULL;
}

/* Printable ASCII without space and '+': what may stand as a key name in a signed note as well. */
static bool name_valid(struct span name)
{
	if (name.len == 0 || name.len > KEYFILE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == '+')
			return false;
	return true;
}

/* The working form of a secret and its public half, from the 32 bytes that the file holds. */
static int key_expand(enum key_kind kind, const uint8_t kept[32], uint8_t public_key[32], struct secret **out)
{
	CLEANUP(secret_freep) struct secret *s = secret_new(kind == KEY_ED25519 ? crypto_sign_SECRETKEYBYTES : 32);

	if (!s)
		return err_raise(-ENOMEM);
	if (kind == KEY_ED25519) {
		crypto_sign_seed_keypair(public_key, secret_bytes(s), kept);
	} else {
		memcpy(secret_bytes(s), kept, 32);
		memset(public_key, 0, 32);
		if (kind == KEY_X25519 && crypto_scalarmult_base(public_key, kept))
			return KEYFILE_E_MALFORMED;
	}
	*out = TAKE(s);
	return KEYFILE_OK;
}

int keyfile_generate(const char *use, const char *name, uint64_t now_unix_ms, struct keyfile *out)
{
	CLEANUP(secret_freep) struct secret *kept = NULL;
	const struct use *u = use_find(span_of_text(use));
	struct keyfile key = { 0 };
	int r;

	if (!u || !name_valid(span_of_text(name)))
		return KEYFILE_E_MALFORMED;
	kept = secret_random(32);
	if (!kept)
		return err_raise(-ENOMEM);
	r = key_expand(u->kind, secret_bytes(kept), key.public_key, &key.secret);
	if (r)
		return r;
	snprintf(key.use, sizeof key.use, "%s", u->name);
	snprintf(key.name, sizeof key.name, "%s", name);
	/* The file holds a date: what is generated equals what is read back. */
	key.made_unix_ms = now_unix_ms - now_unix_ms % DAY_MS;
	*out = key;
	return KEYFILE_OK;
}

/* The value of the next line, which must be "label: value\n". */
static bool line_take(struct span *text, const char *label, struct span *value)
{
	const uint8_t *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
	size_t line_len = end ? (size_t)(end - text->ptr) : 0;
	size_t label_len = strlen(label);

	if (!end || line_len <= label_len + 2 || memcmp(text->ptr, label, label_len) ||
	    memcmp(text->ptr + label_len, ": ", 2))
		return false;
	*value = span_of(text->ptr + label_len + 2, line_len - label_len - 2);
	*text = span_of(end + 1, text->len - line_len - 1);
	return true;
}

static bool made_decode(struct span text, uint64_t *unix_ms)
{
	return text.len == DATE_CHARACTERS && time_decode(text, unix_ms);
}

static int keyfile_parse(struct span text, const char *use, struct keyfile *out)
{
	CLEANUP(secret_freep) struct secret *kept = secret_new(32);
	struct span version, use_text, name, made, public_text, secret_text;
	struct keyfile key = { 0 };
	uint8_t public_said[32];
	const struct use *u;
	int r;

	if (!kept)
		return err_raise(-ENOMEM);
	if (!line_take(&text, "knooppunt-key", &version) || !line_take(&text, "use", &use_text) ||
	    !line_take(&text, "name", &name) || !line_take(&text, "made", &made) ||
	    !line_take(&text, "public", &public_text) || !line_take(&text, "secret", &secret_text) || text.len)
		return KEYFILE_E_MALFORMED;
	u = use_find(use_text);
	if (!span_equal(version, SPAN_LITERAL("1")) || !u || !text_equal(u->name, use) || !name_valid(name) ||
	    !made_decode(made, &key.made_unix_ms) || !hex_decode(public_text, public_said, 32) ||
	    !hex_decode(secret_text, secret_bytes(kept), 32))
		return KEYFILE_E_MALFORMED;
	r = key_expand(u->kind, secret_bytes(kept), key.public_key, &key.secret);
	if (r)
		return r;
	if (memcmp(key.public_key, public_said, 32)) {
		keyfile_fini(&key);
		return KEYFILE_E_MALFORMED;
	}
	snprintf(key.use, sizeof key.use, "%s", u->name);
	memcpy(key.name, name.ptr, name.len);
	*out = key;
	return KEYFILE_OK;
}

static int read_result(int r)
{
	switch (r) {
	case FILE_OK:
		return KEYFILE_OK;
	case FILE_E_ABSENT:
		return KEYFILE_E_ABSENT;
	case FILE_E_TOO_BIG:
		return KEYFILE_E_MALFORMED;
	case FILE_E_OPEN_TO_OTHERS:
	case FILE_E_DENIED:
		return KEYFILE_E_OPEN_TO_OTHERS;
	default:
		return err_fold(r);
	}
}

int keyfile_load(const char *path, bool private, struct buffer *out)
{
	int r = private ? file_read_private(path, FILE_MAX_BYTES, out) : file_read(path, FILE_MAX_BYTES, out);

	return read_result(r);
}

int keyfile_read(const char *path, const char *use, struct keyfile *out)
{
	struct buffer text;
	int r = keyfile_load(path, true, &text);

	if (r)
		return r;
	r = keyfile_parse(buffer_span(&text), use, out);
	buffer_fini(&text);
	return r;
}

int keyfile_place(const char *path, struct span bytes, mode_t mode)
{
	int r = file_place(path, bytes, mode);

	if (r == FILE_E_EXISTS)
		return KEYFILE_E_EXISTS;
	return r == FILE_E_DENIED ? err_raise(-EACCES) : err_pass(r);
}

static void hex_line(struct buffer *out, const char *label, const uint8_t bytes[32])
{
	char *hex;

	buffer_printf(out, "%s: ", label);
	/* The NUL of hex_encode() falls on the place of the line end. */
	hex = (char *)buffer_grow(out, 65);
	if (!hex)
		return;
	hex_encode(span_of(bytes, 32), hex);
	hex[64] = '\n';
}

int keyfile_write(const char *path, const struct keyfile *key)
{
	const struct use *u = use_find(span_of_text(key->use));
	char made[TIME_TEXT_SIZE];
	struct buffer text;
	int r;

	if (!u || !name_valid(span_of_text(key->name)) || !key->secret)
		return KEYFILE_E_MALFORMED;
	time_encode(key->made_unix_ms, made);
	buffer_init(&text, FILE_MAX_BYTES);
	buffer_printf(&text, "knooppunt-key: 1\nuse: %s\nname: %s\nmade: %.*s\n", u->name, key->name, DATE_CHARACTERS, made);
	hex_line(&text, "public", key->public_key);
	/* libsodium's Ed25519 secret starts with the seed. */
	hex_line(&text, "secret", secret_bytes(key->secret));
	r = buffer_ok(&text);
	if (!r)
		r = keyfile_place(path, buffer_span(&text), 0600);
	buffer_fini(&text);
	return r;
}

void keyfile_fini(struct keyfile *key)
{
	key->secret = secret_free(key->secret);
	*key = (struct keyfile){ 0 };
}
