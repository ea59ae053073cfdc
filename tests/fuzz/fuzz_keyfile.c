/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base/keyfile: any bytes are refused, or are the one spelling of a key: written again, they are the same bytes.
 * The first byte chooses the use that is asked for. No key stands in the corpus: the byte 01 stands for a secret made of one byte,
 * 02 for its Ed25519 public half, 03 for its X25519 public half, each in hex.
 *
 * LINKS: kp_base PkgConfig::libsodium
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/keyfile.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const uses[] = { "log", "steward", "organisation", "person", "node", "reading", "store", "witness" };

/* A folder of this process, made once, for its one file. */
static const char *folder(void)
{
	static char path[] = "/tmp/knooppunt-fuzz-XXXXXX";
	static const char *made;

	if (!made)
		made = mkdtemp(path);
	ASSERT(made);
	return made;
}

static void gone(void)
{
	rmdir(folder());
}

static void hex_put(struct buffer *out, const uint8_t bytes[32])
{
	char hex[65];

	hex_encode(span_of(bytes, 32), hex);
	buffer_text(out, hex);
}

static void expand(struct span in, struct buffer *out)
{
	uint8_t secret[32], ed25519[32], x25519[32], both[64];

	memset(secret, 7, sizeof secret);
	crypto_sign_seed_keypair(ed25519, both, secret);
	ASSERT(crypto_scalarmult_base(x25519, secret) == 0);
	buffer_init(out, 0);
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] >= 1 && in.ptr[i] <= 3)
			hex_put(out, in.ptr[i] == 1 ? secret : in.ptr[i] == 2 ? ed25519 : x25519);
		else
			buffer_u8(out, in.ptr[i]);
	}
	ASSERT(buffer_ok(out) == 0);
}

/* Not file_write(): nothing here has to survive a power cut. */
static void put(const char *path, struct span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ASSERT(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
	close(fd);
}

static void written_again(const struct keyfile *key, struct span bytes)
{
	struct buffer text;
	char path[64];

	snprintf(path, sizeof path, "%s/again", folder());
	ASSERT(keyfile_write(path, key) == KEYFILE_OK);
	ASSERT(file_read(path, 65536, &text) == FILE_OK);
	ASSERT(span_equal(buffer_span(&text), bytes));
	buffer_fini(&text);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool registered;
	struct keyfile key = { 0 };
	struct buffer text;
	char path[64];
	int r;

	if (!len)
		return 0;
	if (!registered)
		registered = atexit(gone) == 0;
	snprintf(path, sizeof path, "%s/key", folder());
	expand(span_of(data + 1, len - 1), &text);
	put(path, buffer_span(&text));
	r = keyfile_read(path, uses[data[0] % N_ELEMENTS(uses)], &key);
	ASSERT(r == KEYFILE_OK || r == KEYFILE_E_MALFORMED);
	if (r == KEYFILE_OK)
		written_again(&key, buffer_span(&text));
	buffer_fini(&text);
	keyfile_fini(&key);
	unlink(path);
	return 0;
}
