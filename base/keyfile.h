/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Key files - one key, one text file, mode 0600, owned by who reads it.
 *
 *   knooppunt-key: 1
 *   use: log                  # log | steward | organisation | person | node | reading | store | witness | subjects
 *   name: zvh-drenthe.example # key name, or hoedanigheid for a reading key
 *   made: 2026-11-22
 *   public: <64 hex>
 *   secret: <hex>             # Ed25519: the 32-byte seed; X25519: the 32-byte scalar; store, subjects: 32 random bytes
 *
 * Ed25519 uses: log, steward, organisation, person, node, witness. X25519: reading. Symmetric: store, subjects (public is all zero).
 * Reading checks that public belongs to secret. CURVE transport keys are zcert files instead (zcert.h).
 */
#include <sys/types.h>

#include "base/secret.h"

#define KEYFILE_NAME_MAX 127

struct keyfile {
	char use[16];
	char name[KEYFILE_NAME_MAX + 1];
	uint64_t made_unix_ms;
	uint8_t public_key[32];
	struct secret *secret; /* Ed25519: 64 bytes, libsodium form; else 32 bytes */
};

enum { KEYFILE_OK = 0, KEYFILE_E_ABSENT = 1, KEYFILE_E_MALFORMED, KEYFILE_E_OPEN_TO_OTHERS, KEYFILE_E_EXISTS };

/* keyfile_generate() - a fresh key of that use. Return: KEYFILE_OK; KEYFILE_E_MALFORMED for an unknown use or a bad name. */
MUST_CHECK int keyfile_generate(const char *use, const char *name, uint64_t now_unix_ms, struct keyfile *out);
MUST_CHECK int keyfile_read(const char *path, const char *use, struct keyfile *out);
/* keyfile_write() - mode 0600; never replaces an existing file (KEYFILE_E_EXISTS). */
MUST_CHECK int keyfile_write(const char *path, const struct keyfile *key);
void keyfile_fini(struct keyfile *key); /* accepts a zeroed struct */

/* For this family of files only (zcert.h): at most 4 KiB read, private as file_read_private(); KEYFILE_* results. */
MUST_CHECK int keyfile_load(const char *path, bool private, struct buffer *out);
/* keyfile_place() - a new file, whole or not at all, never in the place of another (KEYFILE_E_EXISTS). */
MUST_CHECK int keyfile_place(const char *path, struct span bytes, mode_t mode);
const char *keyfile_error_text(int error); /* English, for KEYFILE_E_* */
