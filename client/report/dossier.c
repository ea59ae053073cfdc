/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The record is opened here once more with its opening, from the export's own leaf: what goes into the file is what the log holds,
 * not what somebody says it holds.
 */
#include "client/report/dossier.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/decide.h"
#include "convenant/rules.h"
#include "proto/record.h"

struct dossier {
	json_t *json, *entries, *rules, *needed; /* needed: {"<sha256>": kind} that no note was given for yet */
};

int dossier_new(struct dossier **out)
{
	CLEANUP(dossier_freep) struct dossier *d = calloc(1, sizeof *d);

	if (!d)
		return err_raise(-ENOMEM);
	d->json = json_pack("{s:s,s:s,s:s,s:s,s:s,s:[],s:[],s:[]}", "knooppunt", "dossier/v1", "origin", "", "purpose", "", "reader", "", "made",
			    "", "entries", "rules", "missing");
	d->needed = json_object();
	d->entries = json_object_get(d->json, "entries");
	d->rules = json_object_get(d->json, "rules");
	if (!d->entries || !d->rules || !d->needed)
		return err_raise(-ENOMEM);
	*out = TAKE(d);
	return 0;
}

void dossier_freep(struct dossier **d)
{
	if (*d) {
		json_decref((*d)->json);
		json_decref((*d)->needed);
	}
	free(*d);
	*d = NULL;
}

void dossier_of_casus(struct dossier *d, const char *casus)
{
	json_object_set_new(d->json, "casus", json_string(casus));
}

void dossier_of_sample(struct dossier *d, const char *seed, unsigned n)
{
	json_object_set_new(d->json, "sample", json_pack("{s:s,s:i}", "seed", seed, "n", (int)n));
}

size_t dossier_entries(const struct dossier *d)
{
	return json_array_size(d->entries);
}

size_t dossier_missing(const struct dossier *d)
{
	return json_object_size(d->needed);
}

/* ---- one entry ---- */

struct opened {
	struct span entry, salt, statement;
	uint8_t opening[ENTRY_OPENING_BYTES];
	struct buffer record;
	struct tree_proof proof;
};

static bool decode(const json_t *j, const char *key, uint8_t *out, size_t size, size_t *len)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text && base64_decode(span_of_text(text), out, size, len);
}

static int open_entry(const json_t *j, const struct dossier_source *s, struct arena *arena, struct opened *o)
{
	uint8_t *said = arena_alloc(arena, ENTRY_MAX);
	struct record record;
	size_t len;
	int r;

	if (!said)
		return err_raise(-ENOMEM);
	if (!decode(j, "opening", o->opening, sizeof o->opening, &len) || len != sizeof o->opening || !decode(j, "entry", said, ENTRY_MAX, &len))
		return DOSSIER_E_LINE;
	r = s->prove(s->ctx, (uint64_t)json_integer_value(json_object_get(j, "index")), &o->entry, &o->proof);
	if (r)
		return r < 0 ? err_pass(r) : DOSSIER_E_PROOF;
	if (!span_equal(o->entry, span_of(said, len)))
		return DOSSIER_E_OTHER;
	r = entry_open(o->entry, o->opening, &o->record);
	if (!r)
		r = record_parse(buffer_span(&o->record), arena, &record);
	if (r)
		return r < 0 ? err_pass(r) : DOSSIER_E_OTHER;
	o->salt = record_get(&record, RECORD_SALT);
	o->statement = record_get(&record, RECORD_STATEMENT);
	return o->salt.len == SALT_BYTES ? DOSSIER_OK : DOSSIER_E_OTHER;
}

/* The record's view without what is no field of it. */
static json_t *fields_of(const json_t *line)
{
	static const char *const apart[] = { "entry", "opening", "unix_ms", "readable", "bound", "span_id" };
	json_t *fields = json_copy((json_t *)(uintptr_t)line);

	for (size_t i = 0; i < N_ELEMENTS(apart); i++)
		json_object_del(fields, apart[i]);
	return fields;
}

/* "CODE rule subject" -> the sentence of that rule. */
static void word_failed(json_t *words, const char *failed, const char *language)
{
	CLEANUP(buffer_fini) struct buffer sentence = { 0 };
	char rule[200];
	const char *at = strchr(failed, ' '), *subject;
	size_t len;

	if (!at)
		return;
	len = strcspn(at + 1, " ");
	snprintf(rule, sizeof rule, "%.*s", (int)(len < 190 ? len : 190), at + 1);
	subject = at[1 + len] ? at + len + 2 : "";
	explain_failed(rule, subject, language, &sentence);
	if (!sentence.failed)
		json_array_append_new(words, json_stringn((const char *)sentence.ptr, sentence.len));
}

static json_t *words_of(const json_t *line, const char *language)
{
	const char *code = json_string_value(json_object_get(line, "code"));
	const json_t *failed = json_object_get(line, "rule_failed"), *passed = json_object_get(line, "rule_passed"), *item;
	json_t *words = json_array();
	int number = code ? code_find(code) : -1;
	size_t i;

	if (number > 0)
		json_array_append_new(words, json_string(text_equal(language,
			"en") ? code_text_en((enum code)number) : code_text_nl((enum code)number)));
	json_array_foreach(failed, i, item)
		word_failed(words, json_string_value(item), language);
	json_array_foreach(passed, i, item) {
		const char *text = number > 0 ? "" : explain_passed(json_string_value(item), language);

		if (*text)
			json_array_append_new(words, json_string(text));
	}
	return words;
}

static void need(struct dossier *d, const char *hex, const char *kind)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(d->rules, i, rule)
		if (hex && strcmp(json_string_value(json_object_get(rule, "sha256")), hex) == 0)
			return;
	if (hex)
		json_object_set_new(d->needed, hex, json_string(kind));
}

static void needs_of(struct dossier *d, const json_t *line)
{
	const json_t *item;
	size_t i;

	need(d, json_string_value(json_object_get(line, "kader")), "kader");
	need(d, json_string_value(json_object_get(line, "register")), "register");
	json_array_foreach(json_object_get(line, "convenant"), i, item)
		need(d, json_string_value(item), "convenant");
}

static int entry_add(struct dossier *d, const struct dossier_source *s, const json_t *line)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer receipt = { 0 };
	struct opened o = { 0 };
	json_t *entry = NULL;
	int r = arena ? open_entry(line, s, arena, &o) : err_raise(-ENOMEM);

	if (!r)
		r = receipt_print(o.entry, o.salt.ptr, o.statement, (uint64_t)json_integer_value(json_object_get(line, "index")), &o.proof,
				  s->checkpoint_note, &receipt);
	if (!r) {
		entry = json_pack("{s:s%,s:s?,s:o,s:o}", "receipt", (const char *)receipt.ptr, receipt.len, "opening",
				  base64_text(arena, SPAN_OF(o.opening)), "fields", fields_of(line), "words", words_of(line, s->language));
		r = json_array_append_new(d->entries, entry) == 0 ? 0 : err_raise(-ENOMEM);
	}
	buffer_fini(&o.record);
	if (r)
		return r < 0 ? err_pass(r) : r;
	needs_of(d, line);
	return DOSSIER_OK;
}

int dossier_line(struct dossier *d, const struct dossier_source *s, struct span line)
{
	static const char *const head[] = { "origin", "purpose", "reader", "made" };
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	int r = DOSSIER_E_LINE;

	if (json_object_get(j, "knooppunt")) {
		for (size_t i = 0; i < N_ELEMENTS(head); i++)
			if (json_object_get(j, head[i]))
				json_object_set(d->json, head[i], json_object_get(j, head[i]));
		r = DOSSIER_OK;
	} else if (json_is_object(j)) {
		r = entry_add(d, s, j);
	}
	json_decref(j);
	return r < 0 ? err_pass(r) : r;
}

/* ---- the rules ---- */

int dossier_rule(struct dossier *d, struct span note)
{
	struct span text, lines;
	struct hash digest;
	char hex[2 * HASH_BYTES + 1];
	const char *kind;
	json_t *rule;

	if (note_split(note, &text, &lines) != NOTE_OK)
		return DOSSIER_OK;
	crypto_hash_sha256(digest.bytes, text.ptr, text.len);
	hex_encode(SPAN_OF(digest.bytes), hex);
	kind = json_string_value(json_object_get(d->needed, hex));
	if (!kind)
		return DOSSIER_OK;
	rule = json_pack("{s:s,s:s,s:s%}", "kind", kind, "sha256", hex, "note", (const char *)note.ptr, note.len);
	if (json_array_append_new(d->rules, rule) != 0)
		return err_raise(-ENOMEM);
	json_object_del(d->needed, hex);
	return DOSSIER_OK;
}

const json_t *dossier_json(struct dossier *d)
{
	json_t *missing = json_object_get(d->json, "missing"), *kind;
	const char *hex;

	json_array_clear(missing);
	json_object_foreach(d->needed, hex, kind)
		json_array_append_new(missing, json_string(hex));
	return d->json;
}

/* ---- samples ---- */

uint64_t sample_draw(const struct checkpoint *head, const char *seed, uint64_t i)
{
	static const char label[] = "knooppunt/sample/v1";
	crypto_hash_sha256_state state;
	uint8_t number[8], hash[32];

	put_u64(number, i);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
	crypto_hash_sha256_update(&state, head->root.bytes, HASH_BYTES);
	crypto_hash_sha256_update(&state, number, sizeof number);
	crypto_hash_sha256_update(&state, (const uint8_t *)seed, strlen(seed));
	crypto_hash_sha256_final(&state, hash);
	return head->size ? get_u64(hash) % head->size : 0;
}
