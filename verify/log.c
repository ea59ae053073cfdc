/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The whole log, from an export: tile/entries/<N>, 256 entries each, as u16 length and bytes. Every leaf is hashed into the root, so the
 * export must be the log of its own checkpoint, and that of the dossier must be an earlier or the same head of it.
 *
 * The root is folded as leaves come: one waiting subtree per bit of the size, as in carrying when counting up.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

struct fold {
	uint64_t n;
	uint8_t waiting[64][32];
};

static void fold_leaf(struct fold *o, struct bytes leaf)
{
	uint8_t hash[32];
	unsigned level = 0;

	leaf_hash(leaf, hash);
	for (uint64_t n = o->n; n & 1; n >>= 1)
		node_hash(o->waiting[level++], hash, hash);
	memcpy(o->waiting[level], hash, 32);
	o->n++;
}

static void fold_root(const struct fold *o, uint8_t root[32])
{
	bool any = false;

	crypto_hash_sha256(root, (const uint8_t *)"", 0);
	for (unsigned level = 0; level < 64; level++)
		if (o->n >> level & 1) {
			if (any)
				node_hash(o->waiting[level], root, root);
			else
				memcpy(root, o->waiting[level], 32);
			any = true;
		}
}

/* tile/entries/x001/x234/567, with .p/W behind the last, partial one. */
static void bundle_path(uint64_t n, unsigned width, char out[96])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%03llu", (unsigned long long)n), first = len % 3;
	size_t used = (size_t)snprintf(out, 96, "tile/entries");

	if (first) {
		memmove(digits + 3 - first, digits, (size_t)len + 1);
		memset(digits, '0', (size_t)(3 - first));
		len += 3 - first;
	}
	for (int i = 0; i < len; i += 3)
		used += (size_t)snprintf(out + used, 96 - used, "/%s%.3s", i + 3 < len ? "x" : "", digits + i);
	if (width < 256)
		snprintf(out + used, 96 - used, ".p/%u", width);
}

struct scan {
	const struct verdict *v;
	uint64_t n_ours;             /* entries under a key of the dossier, within its head */
	uint8_t *is_message;         /* a bit per entry: kind BERICHT */
	bool at_head;
	struct fold fold;
};

static bool ours(const struct verdict *v, const uint8_t key_id[16])
{
	for (unsigned i = 0; i < v->n_keys; i++)
		if (memcmp(v->key_ids[i], key_id, 16) == 0)
			return true;
	return false;
}

static bool listed(const struct verdict *v, uint64_t index)
{
	unsigned low = 0, high = v->n_entries;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (v->indexes[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->n_entries && v->indexes[low] == index;
}

static bool scan_entry(struct scan *s, struct bytes bytes, struct fault *f)
{
	uint64_t index = s->fold.n;
	struct leaf leaf;
	uint8_t root[32];

	if (!leaf_parse(bytes, &leaf))
		return wrong(f, "entry %llu of the log is malformed", (unsigned long long)index);
	if (index < s->v->head.size && leaf.kind == 1)
		s->is_message[index / 8] |= (uint8_t)(1u << index % 8);
	if (!s->v->is_sample && index < s->v->head.size && ours(s->v, leaf.key_id) && !listed(s->v, index))
		return wrong(f, "entry %llu is under the key of this casus and not in the dossier", (unsigned long long)index);
	fold_leaf(&s->fold, bytes);
	if (s->fold.n == s->v->head.size) {
		fold_root(&s->fold, root);
		s->at_head = memcmp(root, s->v->head.root, 32) == 0;
	}
	return true;
}

static bool scan_bundle(struct scan *s, const char *dir, uint64_t n, unsigned width, struct fault *f)
{
	char path[1200], name[96];
	struct bytes rest;
	char *file;
	size_t len;
	bool good = true;

	bundle_path(n, width, name);
	snprintf(path, sizeof path, "%.1000s/%s", dir, name);
	file = read_file(path, &len, f);
	if (!file)
		return false;
	rest = bytes_of(file, len);
	for (unsigned i = 0; good && i < width; i++) {
		size_t size = rest.n >= 2 ? (size_t)(rest.p[0] << 8 | rest.p[1]) : 0;

		good = rest.n >= 2 && size <= rest.n - 2 ? scan_entry(s, bytes_of(rest.p + 2, size), f) : wrong(f, "%s is cut off", name);
		if (good)
			rest = bytes_of(rest.p + 2 + size, rest.n - 2 - size);
	}
	if (good && rest.n)
		good = wrong(f, "%s is longer than its entries", name);
	free(file);
	return good;
}

/* ---- a sample: which entries the seed draws ---- */

static uint64_t draw(const struct verdict *v, const char *seed, uint64_t i)
{
	crypto_hash_sha256_state s;
	uint8_t hash[32], number[8];
	uint64_t n = 0;

	for (int k = 0; k < 8; k++)
		number[k] = (uint8_t)(i >> (56 - 8 * k));
	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t *)"knooppunt/sample/v1", 19);
	crypto_hash_sha256_update(&s, v->head.root, 32);
	crypto_hash_sha256_update(&s, number, 8);
	crypto_hash_sha256_update(&s, (const uint8_t *)seed, strlen(seed));
	crypto_hash_sha256_final(&s, hash);
	for (int k = 0; k < 8; k++)
		n = n << 8 | hash[k];
	return n % v->head.size;
}

/* The first n different entries of kind BERICHT that the seed draws are those of the dossier. */
static bool sample_check(const struct scan *s, const json_t *sample, struct fault *f)
{
	const char *seed = json_string_value(json_object_get(sample, "seed"));
	json_int_t want = json_integer_value(json_object_get(sample, "n"));
	const struct verdict *v = s->v;
	uint8_t *seen = calloc(v->head.size / 8 + 1, 1);
	json_int_t found = 0;
	bool good = seen && seed;

	for (uint64_t i = 0; good && found < want && i < 64 * v->head.size + 64; i++) {
		uint64_t at = draw(v, seed, i);

		if ((seen[at / 8] >> at % 8 & 1) || !(s->is_message[at / 8] >> at % 8 & 1))
			continue;
		seen[at / 8] |= (uint8_t)(1u << at % 8);
		found++;
		if (!listed(v, at))
			good = wrong(f, "the seed draws entry %llu, which is not in the sample", (unsigned long long)at);
	}
	if (good && found != (json_int_t)v->n_entries)
		good = wrong(f, "the seed draws %lld entries, the sample has %u", (long long)found, v->n_entries);
	free(seen);
	return good || wrong(f, "the sample names no seed");
}

bool log_check(const char *dir, const json_t *dossier, const struct trust *t, const struct verdict *v, uint64_t *n, struct fault *f)
{
	struct scan *s = calloc(1, sizeof *s);
	char path[1200], *note;
	struct head head;
	uint8_t root[32];
	size_t len;
	bool good;

	snprintf(path, sizeof path, "%.1000s/checkpoint", dir);
	note = read_file(path, &len, f);
	good = note && s && head_open(bytes_of(note, len), t, &head, f);
	free(note);
	if (good && head.size < v->head.size)
		good = wrong(f, "the export has %llu entries, the dossier's log had %llu", (unsigned long long)head.size,
			(unsigned long long)v->head.size);
	if (good && !v->is_sample && !v->n_keys)
		good = wrong(f, "no allowed message of this casus is in the dossier: the log can't tell which entries are under its key, and whether "
				"one was left out");
	if (good) {
		s->v = v;
		s->is_message = calloc(v->head.size / 8 + 1, 1);
		good = s->is_message != NULL;
	}
	for (uint64_t i = 0; good && i < head.size; i += 256)
		good = scan_bundle(s, dir, i / 256, head.size - i < 256 ? (unsigned)(head.size - i) : 256, f);
	if (good) {
		fold_root(&s->fold, root);
		good = memcmp(root, head.root, 32) == 0 || wrong(f, "the entries of the export are not those that its checkpoint signs");
	}
	if (good)
		good = s->at_head || wrong(f, "the dossier's checkpoint is not of the history of this export: keep both, this is a fork");
	if (good && v->is_sample)
		good = sample_check(s, json_object_get(dossier, "sample"), f);
	*n = good ? head.size : 0;
	if (s)
		free(s->is_message);
	free(s);
	return good;
}
