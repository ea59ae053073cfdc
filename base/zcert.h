/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * CURVE certificates in zcert form (ZPL, ZeroMQ RFC 4) and Z85 (ZeroMQ RFC 32). The secret half lives in <file>_secret, 0600.
 *
 * Strict: exactly 40 characters per key, quoted, no duplicate keys, secret and public must belong together.
 */
#include "base/keyfile.h"

#define Z85_KEY_TEXT 41

void z85_encode(const uint8_t bytes[32], char out[Z85_KEY_TEXT]);
bool z85_decode(const char *text, uint8_t out[32]); /* exactly 40 characters; refuses overflow groups */

struct zcert {
	char name[KEYFILE_NAME_MAX + 1];
	uint8_t public_key[32];
	struct secret *secret; /* NULL when only the public half was read */
};
MUST_CHECK int zcert_generate(const char *name, struct zcert *out);         /* results as keyfile.h */
MUST_CHECK int zcert_write(const char *path, const struct zcert *cert);     /* path and path_secret */
MUST_CHECK int zcert_read_public(const char *path, struct zcert *out);
MUST_CHECK int zcert_read_secret(const char *path, struct zcert *out);      /* path: of the public file */
void zcert_fini(struct zcert *cert);
