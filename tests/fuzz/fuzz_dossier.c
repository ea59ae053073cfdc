/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * verify: any key and any file. What is accepted holds at least one entry, each of a known place in a log that was signed.
 *
 * The first line is the public key, the rest the dossier.
 *
 * LINKS: kp_verify
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define HOLDS(condition) ((condition) ? (void)0 : abort())

static void show(void *ctx, const struct receipt *r, const json_t *fields, const json_t *words)
{
	unsigned *n = ctx;

	(void)words;
	HOLDS(r->index < r->head.size);
	HOLDS(json_is_object(fields));
	++*n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = len ? memchr(data, '\n', len) : NULL;
	struct fault f = { "" };
	struct verdict v = { 0 };
	struct trust t = { 0 };
	char vkey[256];
	unsigned n = 0;
	json_t *dossier;
	bool good;

	if (sodium_init() < 0 || !end || (size_t)(end - data) >= sizeof vkey)
		return 0;
	memcpy(vkey, data, (size_t)(end - data));
	vkey[end - data] = 0;
	if (!key_parse(vkey, &t.log) || t.log.type != 1)
		return 0;
	dossier = json_loadb((const char *)end + 1, len - (size_t)(end - data) - 1, JSON_REJECT_DUPLICATES, NULL);
	good = dossier_check(dossier, &t, show, &n, &v, &f);
	HOLDS(good ? v.n_entries > 0 && n == v.n_entries && !f.text[0] : f.text[0]);
	json_decref(dossier);
	free(v.indexes);
	free(v.key_ids);
	return 0;
}
