/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base/zcert: any bytes are refused, or are a certificate whose halves belong together. Z85 of any text is refused, or is the text
 * of the key it gives. The first byte chooses public or secret. No key stands in the corpus: the byte 01 stands for a secret
 * made of one byte, 02 for its public half, in Z85.
 *
 * LINKS: kp_base PkgConfig::libsodium
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/zcert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

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

static void z85_try(struct span bytes)
{
	char text[Z85_KEY_TEXT + 8] = "", back[Z85_KEY_TEXT];
	uint8_t key[32];

	memcpy(text, bytes.ptr, bytes.len < sizeof text - 1 ? bytes.len : sizeof text - 1);
	if (!z85_decode(text, key))
		return;
	z85_encode(key, back);
	ASSERT(strcmp(text, back) == 0);
}

static void z85_put(struct buffer *out, const uint8_t key[32])
{
	char text[Z85_KEY_TEXT];

	z85_encode(key, text);
	buffer_text(out, text);
}

static void expand(struct span in, struct buffer *out)
{
	uint8_t secret[32], public[32];

	memset(secret, 7, sizeof secret);
	ASSERT(crypto_scalarmult_base(public, secret) == 0);
	buffer_init(out, 0);
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] == 1 || in.ptr[i] == 2)
			z85_put(out, in.ptr[i] == 1 ? secret : public);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool registered;
	bool secret = len && data[0] & 1;
	struct zcert cert = { 0 };
	uint8_t derived[32];
	struct buffer text;
	char path[80];
	int r;

	if (!len)
		return 0;
	if (!registered)
		registered = atexit(gone) == 0;
	z85_try(span_of(data + 1, len - 1));
	snprintf(path, sizeof path, "%s/cert%s", folder(), secret ? "_secret" : "");
	expand(span_of(data + 1, len - 1), &text);
	put(path, buffer_span(&text));
	buffer_fini(&text);
	snprintf(path, sizeof path, "%s/cert", folder());
	r = secret ? zcert_read_secret(path, &cert) : zcert_read_public(path, &cert);
	ASSERT(r == KEYFILE_OK || r == KEYFILE_E_MALFORMED);
	ASSERT((r == KEYFILE_OK && secret) == (cert.secret != NULL));
	if (cert.secret) {
		ASSERT(crypto_scalarmult_base(derived, secret_bytes(cert.secret)) == 0);
		ASSERT(memcmp(derived, cert.public_key, 32) == 0);
	}
	zcert_fini(&cert);
	snprintf(path, sizeof path, "%s/cert%s", folder(), secret ? "_secret" : "");
	unlink(path);
	return 0;
}
