/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Texts repeat much more than they differ (types, hoedanigheden, articles), so each is stored once, in a hash set by linear probing;
 * ids of messages and casussen go through it too, which lets a file of a year stay a few hundred bytes per record in memory.
 */
#include "client/report/log.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

#define ARENA_BYTES ((size_t)2 << 30)
#define FILES_MAX 1000

int report_log_new(struct report_log **out)
{
	CLEANUP(report_log_freep) struct report_log *l = calloc(1, sizeof *l);

	if (l)
		l->arena = arena_new(ARENA_BYTES);
	if (!l || !l->arena)
		return err_raise(-ENOMEM);
	l->origin = l->purpose = l->reader = l->made = "";
	*out = TAKE(l);
	return 0;
}

struct report_log *report_log_free(struct report_log *l)
{
	if (l) {
		arena_free(l->arena);
		free(l->v);
		free(l->words);
		free(l);
	}
	return NULL;
}

void report_log_freep(struct report_log **l)
{
	*l = report_log_free(*l);
}

/* ---- texts ---- */

static size_t slot_of(const struct report_log *l, const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const char *p = text; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	for (size_t i = (size_t)h & (l->word_capacity - 1);; i = (i + 1) & (l->word_capacity - 1))
		if (!l->words[i] || strcmp(l->words[i], text) == 0)
			return i;
}

static int words_grow(struct report_log *l)
{
	struct report_log bigger = { .word_capacity = l->word_capacity ? 2 * l->word_capacity : 1024 };

	bigger.words = calloc(bigger.word_capacity, sizeof *bigger.words);
	if (!bigger.words)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < l->word_capacity; i++)
		if (l->words[i])
			bigger.words[slot_of(&bigger, l->words[i])] = l->words[i];
	free(l->words);
	l->words = bigger.words;
	l->word_capacity = bigger.word_capacity;
	return 0;
}

static int word(struct report_log *l, const char *text, const char **out)
{
	size_t slot;

	*out = "";
	if (!text || !*text)
		return 0;
	if (2 * l->n_words >= l->word_capacity && words_grow(l))
		return -ENOMEM;
	slot = slot_of(l, text);
	if (!l->words[slot]) {
		l->words[slot] = arena_text(l->arena, span_of_text(text));
		if (!l->words[slot])
			return err_raise(-ENOMEM);
		l->n_words++;
	}
	*out = l->words[slot];
	return 0;
}

const char *report_log_word(const struct report_log *l, const char *text)
{
	size_t slot = l->word_capacity ? slot_of(l, text) : 0;

	return l->word_capacity && l->words[slot] ? l->words[slot] : text;
}

static int word_of(struct report_log *l, const json_t *record, const char *key, const char **out)
{
	return word(l, json_string_value(json_object_get(record, key)), out);
}

static int list_of(struct report_log *l, const json_t *record, const char *key, struct report_list *out)
{
	const json_t *list = json_object_get(record, key);
	size_t n = json_array_size(list);
	int r = 0;

	*out = (struct report_list){ 0 };
	if (!n)
		return 0;
	out->v = arena_array(l->arena, n, sizeof *out->v);
	if (!out->v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; !r && i < n; i++)
		r = word(l, json_string_value(json_array_get(list, i)), &out->v[out->n++]);
	return r;
}

/* ---- records ---- */

static int record_texts(struct report_log *l, const json_t *j, struct report_record *r)
{
	const struct {
		const char *key, **out;
	} texts[] = {
		{ "kind", &r->kind }, { "code", &r->code }, { "type", &r->type }, { "message_id", &r->message },
		{ "in_reply_to", &r->in_reply_to }, { "casus", &r->casus }, { "sender", &r->sender },
		{ "organisation", &r->organisation }, { "person", &r->person }, { "role", &r->role }, { "regime", &r->regime },
		{ "grondslag", &r->grondslag }, { "doel", &r->doel }, { "overleg", &r->overleg }, { "answer_kind", &r->answer_kind },
	};
	const struct {
		const char *key;
		struct report_list *out;
	} lists[] = { { "recipient", &r->recipients }, { "category", &r->categories }, { "rule_failed", &r->failed },
		      { "detail", &r->details } };
	int e = 0;

	for (size_t i = 0; !e && i < N_ELEMENTS(texts); i++)
		e = word_of(l, j, texts[i].key, texts[i].out);
	for (size_t i = 0; !e && i < N_ELEMENTS(lists); i++)
		e = list_of(l, j, lists[i].key, lists[i].out);
	return e ? err_pass(e) : 0;
}

static int add_record(struct report_log *l, const json_t *j)
{
	const json_t *index = json_object_get(j, "index"), *deadline = json_object_get(j, "deadline"), *readable = json_object_get(j, "readable");
	struct report_record *r;
	int e;

	if (l->n == REPORT_RECORDS_MAX)
		return REPORT_E_TOO_MANY;
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 256;
		struct report_record *v = reallocarray(l->v, capacity, sizeof *v);

		if (!v)
			return err_raise(-ENOMEM);
		l->v = v;
		l->capacity = capacity;
	}
	r = &l->v[l->n];
	*r = (struct report_record){ 0 };
	if (!json_is_integer(index) || json_integer_value(index) < 0 ||
	    !time_decode(span_of_text(json_string_value(json_object_get(j, "time"))), &r->unix_ms) ||
	    !json_is_string(json_object_get(j, "kind")) || !json_is_string(json_object_get(j, "code")))
		return REPORT_E_MALFORMED;
	r->index = (uint64_t)json_integer_value(index);
	if (l->n && r->index == l->v[l->n - 1].index)
		return REPORT_OK;
	if (l->n && r->index < l->v[l->n - 1].index)
		return REPORT_E_ORDER;
	r->deadline_ms = json_integer_value(deadline) > 0 ? (uint64_t)json_integer_value(deadline) : 0;
	r->urgent = json_is_true(json_object_get(j, "urgent"));
	r->readable = !readable || json_is_true(readable);
	e = record_texts(l, j, r);
	if (!e)
		l->n++;
	return e;
}

static int add_header(struct report_log *l, const json_t *j)
{
	const struct {
		const char *key, **out;
	} texts[] = { { "origin", &l->origin }, { "purpose", &l->purpose }, { "reader", &l->reader }, { "made", &l->made } };
	int e = 0;

	for (size_t i = 0; !e && i < N_ELEMENTS(texts); i++)
		e = word_of(l, j, texts[i].key, texts[i].out);
	return e;
}

int report_log_line(struct report_log *l, struct span text)
{
	json_t *j = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *form = json_string_value(json_object_get(j, "knooppunt"));
	int r = REPORT_E_MALFORMED;

	if (json_is_object(j) && form)
		r = strcmp(form, "records/v1") == 0 ? add_header(l, j) : REPORT_E_MALFORMED;
	else if (json_is_object(j))
		r = add_record(l, j);
	json_decref(j);
	return r;
}

/* ---- files ---- */

static const char *reason_of(int r)
{
	switch (r) {
	case REPORT_E_ORDER:
		return "a record stands before one with a lower index";
	case REPORT_E_TOO_MANY:
		return "too many records";
	default:
		return "not a record of this form";
	}
}

static int read_lines(FILE *file, const char *path, report_line_fn *each, void *ctx, char why[400])
{
	char *line = malloc(REPORT_LINE_MAX + 2);
	size_t number = 0;
	int r = line ? 0 : err_raise(-ENOMEM);

	while (!r && fgets(line, REPORT_LINE_MAX + 2, file)) {
		size_t len = strcspn(line, "\n");

		number++;
		if (len > REPORT_LINE_MAX)
			r = REPORT_E_MALFORMED;
		else if (len)
			r = each(ctx, span_of(line, len));
	}
	if (r > 0)
		snprintf(why, 400, "%.250s:%zu: %s", path, number, reason_of(r));
	else if (!r && ferror(file)) {
		snprintf(why, 400, "%.250s: cannot be read to its end", path);
		r = REPORT_E_ABSENT;
	}
	free(line);
	return r;
}

static int read_file(const char *path, report_line_fn *each, void *ctx, char why[400])
{
	FILE *file = fopen(path, "re");
	int r;

	if (!file) {
		snprintf(why, 400, "%.250s: %s", path, strerror(errno));
		return REPORT_E_ABSENT;
	}
	r = read_lines(file, path, each, ctx, why);
	fclose(file);
	return r;
}

static int lines_only(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 6 && strcmp(e->d_name + len - 6, ".jsonl") == 0;
}

int report_lines(const char *path, report_line_fn *each, void *ctx, char why[400])
{
	struct dirent **names = NULL;
	struct stat st;
	char file[1024];
	int n, r = 0;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return read_file(path, each, ctx, why);
	n = scandir(path, &names, lines_only, alphasort);
	if (n <= 0 || n > FILES_MAX) {
		snprintf(why, 400, "%.250s: holds no records (*.jsonl)", path);
		r = REPORT_E_ABSENT;
	}
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof file, "%.700s/%s", path, names[i]->d_name);
		if (!r)
			r = read_file(file, each, ctx, why);
		free(names[i]);
	}
	free(names);
	return r;
}

/* ---- what is asked of a record ---- */

const char *report_detail(const struct report_record *r, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < r->details.n; i++)
		if (strncmp(r->details.v[i], key, len) == 0 && r->details.v[i][len] == '=')
			return r->details.v[i] + len + 1;
	return NULL;
}

bool report_allowed(const struct report_record *r)
{
	return strcmp(r->code, "TOEGESTAAN") == 0;
}

bool report_is(const struct report_record *r, const char *type)
{
	return strcmp(r->kind, "BERICHT") == 0 && report_allowed(r) && strcmp(r->type, type) == 0;
}
