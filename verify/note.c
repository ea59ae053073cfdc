/* SPDX-License-Identifier: EUPL-1.2 */
/* C2SP signed notes: text, a blank line, lines "— name base64(id || signature)". */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "verify/verify.h"

#define DASH "\xe2\x80\x94 "
#define SIGNATURES_MAX 64

struct bytes bytes_of(const void *p, size_t n)
{
	return (struct bytes){ p, n };
}

struct bytes text_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* libsodium ignores nothing here, but takes some spellings twice: only the one that encodes back to the same is taken. */
bool base64_decode(struct bytes text, uint8_t *out, size_t max, size_t *n)
{
	char again[4 * ((2 * LEAF_MAX + 64) / 3 + 4) + 1];

	if (sodium_base642bin(out, max, (const char *)text.p, text.n, NULL, n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	if (sodium_base64_encoded_len(*n, sodium_base64_VARIANT_ORIGINAL) != text.n + 1 || text.n + 1 > sizeof again)
		return false;
	sodium_bin2base64(again, sizeof again, out, *n, sodium_base64_VARIANT_ORIGINAL);
	return memcmp(again, text.p, text.n) == 0;
}

bool decimal(struct bytes text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.n < 1 || text.n > 18 || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = 10 * v + (uint64_t)(text.p[i] - '0');
	}
	*out = v;
	return true;
}

bool next_line(struct bytes *rest, struct bytes *line)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!end)
		return false;
	*line = bytes_of(rest->p, (size_t)(end - rest->p));
	rest->n -= line->n + 1;
	rest->p = end + 1;
	return true;
}

/* name+hex id+base64(type || key); the id is the beginning of SHA-256(name || 0A || type || key). */
bool key_parse(const char *vkey, struct key *out)
{
	const char *plus = strchr(vkey, '+'), *second = plus ? strchr(plus + 1, '+') : NULL;
	uint8_t key[40], id[4], hash[32];
	crypto_hash_sha256_state s;
	size_t n, n_id;

	if (!second || plus == vkey || (size_t)(plus - vkey) >= sizeof out->name || second - plus != 9)
		return false;
	if (sodium_hex2bin(id, sizeof id, plus + 1, 8, NULL, &n_id, NULL) != 0 || n_id != 4)
		return false;
	if (!base64_decode(text_of(second + 1), key, sizeof key, &n) || n != 33 || (key[0] != 1 && key[0] != 4))
		return false;
	memset(out, 0, sizeof *out);
	memcpy(out->name, vkey, (size_t)(plus - vkey));
	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t *)out->name, strlen(out->name));
	crypto_hash_sha256_update(&s, (const uint8_t *)"\n", 1);
	crypto_hash_sha256_update(&s, key, n);
	crypto_hash_sha256_final(&s, hash);
	if (memcmp(hash, id, 4) != 0 || crypto_core_ed25519_is_valid_point(key + 1) != 1)
		return false;
	out->type = key[0];
	memcpy(out->id, id, 4);
	memcpy(out->public_key, key + 1, 32);
	return true;
}

bool note_split(struct bytes note, struct bytes *text, struct bytes *lines)
{
	for (size_t i = note.n; i >= 2; i--)
		if (note.p[i - 1] == '\n' && note.p[i - 2] == '\n') {
			*text = bytes_of(note.p, i - 1);
			*lines = bytes_of(note.p + i, note.n - i);
			return lines->n > 0;
		}
	return false;
}

static bool signature_holds(const struct key *key, struct bytes text, struct bytes signature)
{
	char head[64];
	uint8_t message[4096];
	uint64_t time = 0;
	int n;

	if (key->type == 1)
		return signature.n == 64 && crypto_sign_verify_detached(signature.p, text.p, text.n, key->public_key) == 0;
	if (signature.n != 72)
		return false;
	for (int i = 0; i < 8; i++)
		time = time << 8 | signature.p[i];
	n = snprintf(head, sizeof head, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	if (n < 0 || (size_t)n + text.n > sizeof message)
		return false;
	memcpy(message, head, (size_t)n);
	memcpy(message + n, text.p, text.n);
	return crypto_sign_verify_detached(signature.p + 8, message, (size_t)n + text.n, key->public_key) == 0;
}

/* Whether this line is by that key; *holds: and its signature is good. */
static bool line_of(struct bytes line, const struct key *key, struct bytes text, bool *holds)
{
	uint8_t blob[128];
	size_t name = strlen(key->name), dash = sizeof DASH - 1, n;

	*holds = false;
	if (line.n < dash + name + 2 || memcmp(line.p, DASH, dash) != 0 || memcmp(line.p + dash, key->name, name) != 0 ||
	    line.p[dash + name] != ' ')
		return false;
	if (!base64_decode(bytes_of(line.p + dash + name + 1, line.n - dash - name - 1), blob, sizeof blob, &n) || n < 4 ||
	    memcmp(blob, key->id, 4) != 0)
		return false;
	*holds = signature_holds(key, text, bytes_of(blob + 4, n - 4));
	return true;
}

/* The number of lines by that key: 1 when it signed once and well, 0 when it did not sign; a fault otherwise. */
static int signed_by(struct bytes lines, const struct key *key, struct bytes text, struct fault *f)
{
	struct bytes line;
	int n = 0, n_lines = 0;
	bool holds;

	while (next_line(&lines, &line)) {
		if (++n_lines > SIGNATURES_MAX)
			return wrong(f, "a checkpoint has too many signatures"), -1;
		if (!line_of(line, key, text, &holds))
			continue;
		if (!holds || ++n > 1)
			return wrong(f, "a signature by %s on a checkpoint does not hold", key->name), -1;
	}
	return lines.n ? (wrong(f, "a checkpoint does not end in a newline"), -1) : n;
}

static bool head_parse(struct bytes text, struct head *out)
{
	struct bytes origin, size, root;
	size_t n;

	if (!next_line(&text, &origin) || !next_line(&text, &size) || !next_line(&text, &root) || !origin.n || origin.n >= sizeof out->origin)
		return false;
	memset(out, 0, sizeof *out);
	memcpy(out->origin, origin.p, origin.n);
	return decimal(size, &out->size) && base64_decode(root, out->root, 32, &n) && n == 32;
}

bool head_open(struct bytes note, const struct trust *t, struct head *out, struct fault *f)
{
	struct bytes text, lines;
	int n;

	if (!note_split(note, &text, &lines) || text.n > 2048 || !head_parse(text, out))
		return wrong(f, "a checkpoint is malformed");
	n = signed_by(lines, &t->log, text, f);
	if (n < 0)
		return false;
	if (n == 0)
		return wrong(f, "a checkpoint is not signed by %s", t->log.name);
	if (strcmp(out->origin, t->log.name) != 0)
		return wrong(f, "a checkpoint is of the log %s, not of %s", out->origin, t->log.name);
	for (unsigned i = 0; i < t->n_witnesses; i++) {
		n = signed_by(lines, &t->witnesses[i], text, f);
		if (n < 0)
			return false;
		out->cosigned[i] = n == 1;
		out->n_cosigned += (unsigned)n;
	}
	if (out->n_cosigned < t->quorum)
		return wrong(f, "a checkpoint has %u cosignatures of the witnesses given, %u are asked for", out->n_cosigned, t->quorum);
	return true;
}
