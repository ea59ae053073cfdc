/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A dossier holds per entry a receipt, the opening of what its leaf seals, and the record as fields. All three are held together here:
 * the receipt by the log's signature, the opening by the seal, the fields by the record. The rules are held by the hashes in the records.
 * What stands under "words" explains and proves nothing.
 *
 * An allowed message about a casus is always sealed under the key of that casus. A refusal may stand under a key of the house, with much
 * that is of no casus: of who is not on it, or about one that does not exist.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

static const char *string_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

/* Exactly these members, those before the NULL; what this program does not know it does not vouch for. */
static bool only(const json_t *j, const char *const *known, const char *what, struct fault *f)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)j, key, value) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return wrong(f, "%s has a member \"%.60s\" that is not of this form", what, key);
	}
	return true;
}

/* ---- one entry ---- */

/* What the file says of the entry must be what the leaf and its record say. */
static bool fields_agree(const json_t *said, const struct receipt *r, json_t *proven)
{
	char time[32];

	time_text(r->leaf.time_ms, time);
	json_object_set_new(proven, "index", json_integer((json_int_t)r->index));
	json_object_set_new(proven, "kind", json_string(strcmp(kind_name(r->leaf.kind), "?") == 0 ? string_of(said,
		"kind") : kind_name(r->leaf.kind)));
	json_object_set_new(proven, "code", json_string(strcmp(code_name(r->leaf.code), "?") == 0 ? string_of(said,
		"code") : code_name(r->leaf.code)));
	json_object_set_new(proven, "time", json_string(time));
	return json_equal(said, proven);
}

static json_t *record_open(const json_t *entry, const struct receipt *r, struct fault *f)
{
	static uint8_t plain[LEAF_MAX];
	struct bytes salt, statement;
	uint8_t opening[32];
	json_t *fields;
	size_t n;

	if (!base64_decode(text_of(string_of(entry, "opening")), opening, 32, &n) || n != 32 || !leaf_unseal(&r->leaf, opening, plain, &n))
		return wrong(f, "entry %llu: its opening does not open it", (unsigned long long)r->index), NULL;
	fields = record_fields(bytes_of(plain, n), &salt, &statement);
	if (!fields || salt.n != r->salt.n || memcmp(salt.p, r->salt.p, salt.n) != 0 || statement.n != r->statement.n ||
	    memcmp(statement.p, r->statement.p, statement.n) != 0) {
		json_decref(fields);
		return wrong(f, "entry %llu: what it seals is not the record that its receipt is about", (unsigned long long)r->index), NULL;
	}
	return fields;
}

struct checking {
	const struct trust *t;
	struct verdict *v;
	json_t *used; /* hashes of rules that records name: {"<hex>": kind} */
};

static void rules_used(struct checking *c, const json_t *fields)
{
	const json_t *list = json_object_get(fields, "convenant"), *item;
	size_t i;

	if (*string_of(fields, "kader"))
		json_object_set_new(c->used, string_of(fields, "kader"), json_string("kader"));
	if (*string_of(fields, "register"))
		json_object_set_new(c->used, string_of(fields, "register"), json_string("register"));
	json_array_foreach(list, i, item)
		json_object_set_new(c->used, json_string_value(item), json_string("convenant"));
}

static bool entry_accept(struct checking *c, const struct receipt *r, const json_t *fields, struct fault *f)
{
	struct verdict *v = c->v;
	bool of_casus = v->is_sample || strcmp(string_of(fields, "casus"), v->casus) == 0;

	if (!of_casus)
		return wrong(f, "entry %llu is of another casus", (unsigned long long)r->index);
	if (v->n_entries && r->index <= v->indexes[v->n_entries - 1])
		return wrong(f, "entry %llu stands twice or out of order", (unsigned long long)r->index);
	if (v->n_entries && (r->head.size != v->head.size || memcmp(r->head.root, v->head.root, 32) != 0))
		return wrong(f, "entry %llu is proven against another checkpoint than the first", (unsigned long long)r->index);
	v->head = r->head;
	v->indexes[v->n_entries] = r->index;
	v->n_entries++;
	if (r->leaf.kind == 1 && r->leaf.code == 0)
		memcpy(v->key_ids[v->n_keys++], r->leaf.key_id, 16);
	v->n_refused += r->leaf.code != 0;
	rules_used(c, fields);
	return true;
}

static bool entry_check(struct checking *c, const json_t *entry, show_fn *show, void *ctx, struct fault *f)
{
	struct receipt r;
	json_t *fields = NULL;
	bool good = json_is_object(entry) && only(entry, (const char *const[]){ "receipt", "opening", "fields", "words", NULL }, "an entry", f);

	if (!good)
		return wrong(f, "an entry is no object");
	good = receipt_open(string_of(entry, "receipt"), c->t, &r, f);
	if (good) {
		fields = record_open(entry, &r, f);
		good = fields != NULL;
	}
	if (good && !fields_agree(json_object_get(entry, "fields"), &r, fields))
		good = wrong(f, "entry %llu: the fields shown are not those of its record", (unsigned long long)r.index);
	if (good)
		good = entry_accept(c, &r, fields, f);
	if (good && show)
		show(ctx, &r, fields, json_object_get(entry, "words"));
	json_decref(fields);
	free(r.memory);
	return good;
}

/* ---- the rules ---- */

static bool rule_check(struct checking *c, const json_t *rule, json_t *seen, struct fault *f)
{
	const char *note = string_of(rule, "note"), *claimed = string_of(rule, "sha256"), *kind;
	struct bytes text, lines;
	uint8_t hash[32];
	char hex[65];

	if (!only(rule, (const char *const[]){ "kind", "sha256", "note", NULL }, "a rule", f))
		return false;
	if (!note_split(text_of(note), &text, &lines))
		return wrong(f, "a %s is no signed note", string_of(rule, "kind"));
	crypto_hash_sha256(hash, text.p, text.n);
	sodium_bin2hex(hex, sizeof hex, hash, 32);
	kind = string_of(c->used, hex);
	if (strcmp(hex, claimed) != 0)
		return wrong(f, "the text of the %s %.16s is not the one with that hash", string_of(rule, "kind"), claimed);
	if (strcmp(kind, string_of(rule, "kind")) != 0)
		return wrong(f, "nothing in the dossier was decided with the %s %.16s", string_of(rule, "kind"), hex);
	if (json_object_get(seen, hex))
		return wrong(f, "the %s %.16s stands twice", kind, hex);
	json_object_set_new(seen, hex, json_true());
	return true;
}

/* Every version that a record names is here, or is said to be missing. */
static bool rules_check(struct checking *c, const json_t *dossier, struct fault *f)
{
	json_t *seen = json_object(), *value;
	const json_t *rules = json_object_get(dossier, "rules"), *missing = json_object_get(dossier, "missing"), *item;
	const char *hex;
	bool good = true;
	size_t i;

	json_array_foreach(rules, i, item) {
		good = good && rule_check(c, item, seen, f);
		c->v->n_rules++;
	}
	json_array_foreach(missing, i, item) {
		json_object_set_new(seen, json_string_value(item) ? json_string_value(item) : "", json_true());
		c->v->n_missing++;
	}
	json_object_foreach(c->used, hex, value)
		if (good && !json_object_get(seen, hex))
			good = wrong(f, "the %s %.16s that was decided with is not in the dossier", json_string_value(value), hex);
	json_decref(seen);
	return good;
}

/* ---- the file ---- */

static bool frame_check(const json_t *d, struct verdict *v, struct fault *f)
{
	const json_t *sample = json_object_get(d, "sample");

	if (!json_is_object(d) || strcmp(string_of(d, "knooppunt"), "dossier/v1") != 0)
		return wrong(f, "this is no dossier of version 1");
	if (!only(d, (const char *const[]){ "knooppunt", "origin", "casus", "sample", "purpose", "reader", "made", "entries", "rules", "missing",
					    NULL }, "the dossier", f))
		return false;
	v->is_sample = sample != NULL;
	snprintf(v->casus, sizeof v->casus, "%.39s", string_of(d, "casus"));
	if (v->is_sample == (*v->casus != 0))
		return wrong(f, "the dossier is neither of a casus nor a sample");
	if (!json_array_size(json_object_get(d, "entries")))
		return wrong(f, "the dossier holds no entries");
	return true;
}

bool dossier_check(const json_t *d, const struct trust *t, show_fn *show, void *ctx, struct verdict *v, struct fault *f)
{
	struct checking c = { .t = t, .v = v };
	const json_t *entries = json_object_get(d, "entries"), *entry;
	bool good;
	size_t i;

	memset(v, 0, sizeof *v);
	good = frame_check(d, v, f);
	if (good && strcmp(string_of(d, "origin"), t->log.name) != 0)
		good = wrong(f, "the dossier is of the log %.100s, the key of %s", string_of(d, "origin"), t->log.name);
	if (!good)
		return false;
	c.used = json_object();
	v->indexes = calloc(json_array_size(entries), sizeof *v->indexes);
	v->key_ids = calloc(json_array_size(entries), sizeof *v->key_ids);
	if (!c.used || !v->indexes || !v->key_ids)
		good = wrong(f, "out of memory");
	json_array_foreach(entries, i, entry)
		good = good && entry_check(&c, entry, show, ctx, f);
	good = good && rules_check(&c, d, f);
	json_decref(c.used);
	return good;
}
