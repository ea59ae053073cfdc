/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows are sorted by id when they are loaded: lookups are binary, and a printed document has one order
 * whatever the order in which people wrote it. A row's id is its first member, so that one pair of functions
 * serves every kind of row.
 */
#include "convenant/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/register.h"

int load_open(struct load *l, struct span text, struct arena *arena, struct fault_list *faults)
{
	*l = (struct load){ .arena = arena, .faults = faults, .n_before = faults->n + faults->n_more };
	int r = yaml_load(text, faults, &l->y);

	if (r)
		return r == YAML_E_FAULTS ? r : err_pass(r);
	if (yaml_kind(l->y, yaml_root(l->y)) != YAML_MAP) {
		fault_add(faults, 1, 1, "a map (key: value) is expected at the top");
		return YAML_E_FAULTS;
	}
	return 0;
}

void load_close(struct load *l)
{
	l->y = yaml_free(l->y);
}

int load_verdict(struct load *l)
{
	if (l->no_memory)
		return err_raise(-ENOMEM);
	return l->faults->n + l->faults->n_more > l->n_before ? YAML_E_FAULTS : 0;
}

bool id_valid(const char *id)
{
	size_t n = strlen(id);

	return n >= 1 && n <= REGISTER_ID_MAX && id[0] != '.' && id[0] != '-' &&
	       n == strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-");
}

void *load_array(struct load *l, size_t n, size_t size)
{
	void *p = n ? arena_array(l->arena, n, size) : NULL;

	if (n && !p)
		l->no_memory = true;
	return p;
}

const char *load_copy(struct load *l, const char *text)
{
	const char *copy = arena_text(l->arena, span_of_text(text));

	if (!copy)
		l->no_memory = true;
	return copy ? copy : "";
}

const char *load_text(struct load *l, struct yaml_node map, const char *key)
{
	const char *text = map.index ? yaml_must_text(l->y, map, key) : "";
	struct yaml_node n = yaml_get(l->y, map, key);

	if (!*text && yaml_kind(l->y, n) == YAML_TEXT)
		yaml_fault(l->y, n, "%s: is empty", key);
	return load_copy(l, text);
}

const char *load_optional(struct load *l, struct yaml_node map, const char *key)
{
	return load_copy(l, yaml_text(l->y, map, key, ""));
}

const char *load_id(struct load *l, struct yaml_node map, const char *key)
{
	const char *id = load_text(l, map, key);

	if (*id && !id_valid(id))
		yaml_fault(l->y, yaml_at(l->y, map, key),
			   "%s: an id has a-z, 0-9, '.' and '-', at most %d, and begins with a "
			   "letter or digit",
			   key, REGISTER_ID_MAX);
	return id;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void texts_read(struct load *l, struct yaml_node map, const char *key, bool ids, struct text_list *out)
{
	struct yaml_node list = yaml_list(l->y, map, key);
	size_t n = yaml_count(l->y, list);
	const char **v = load_array(l, n, sizeof *v);

	*out = (struct text_list){ 0 };
	for (size_t i = 0; v && i < n; i++) {
		struct yaml_node item = yaml_item(l->y, list, i);

		v[i] = load_copy(l, yaml_scalar(l->y, item));
		if (ids && !id_valid(v[i]))
			yaml_fault(l->y, item, "%s: \"%.40s\" is not an id", key, v[i]);
		for (size_t j = 0; j < i; j++)
			if (n <= 256 && strcmp(v[i], v[j]) == 0)
				yaml_fault(l->y, item, "%s: %s stands here twice", key, v[i]);
	}
	if (n > 256)
		yaml_fault(l->y, list, "%s: more than 256 items", key);
	else if (v)
		*out = (struct text_list){ n, v };
}

void load_texts(struct load *l, struct yaml_node map, const char *key, struct text_list *out)
{
	texts_read(l, map, key, false, out);
}

void load_ids(struct load *l, struct yaml_node map, const char *key, struct text_list *out)
{
	texts_read(l, map, key, true, out);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, compare_texts);
}

bool load_hex(struct load *l, struct yaml_node map, const char *key, uint8_t *out, size_t n)
{
	const char *text = yaml_text(l->y, map, key, NULL);

	memset(out, 0, n);
	if (!text)
		return false;
	if (hex_decode(span_of_text(text), out, n))
		return true;
	yaml_fault(l->y, yaml_at(l->y, map, key), "%s: %zu lower-case hex digits are expected", key, 2 * n);
	return false;
}

void load_hash(struct load *l, struct yaml_node map, const char *key, struct hash *out)
{
	if (!yaml_get(l->y, map, key).index)
		yaml_fault(l->y, map, "%s: is missing", key);
	load_hex(l, map, key, out->bytes, sizeof out->bytes);
}

bool load_key(struct load *l, struct yaml_node map, const char *key, struct note_key *out)
{
	const char *text = yaml_text(l->y, map, key, NULL);

	if (!text)
		return false;
	if (note_key_parse(out, span_of_text(text)) == NOTE_OK)
		return true;
	yaml_fault(l->y, yaml_at(l->y, map, key), "%s: not a safe public key of the form name+id+base64",
		   key);
	*out = (struct note_key){ 0 };
	return false;
}

struct yaml_node load_rows(struct load *l, struct yaml_node map, const char *key, size_t *n)
{
	struct yaml_node list = yaml_list(l->y, map, key);

	*n = yaml_count(l->y, list);
	if (*n > LOAD_ROWS_MAX) {
		yaml_fault(l->y, list, "%s: more than %d rows", key, LOAD_ROWS_MAX);
		*n = 0;
	}
	return list;
}

void load_period(struct load *l, struct yaml_node map, uint64_t *from_ms, uint64_t *until_ms)
{
	static const char *const keys[] = { "van", "tot" };

	for (size_t i = 0; i < N_ELEMENTS(keys); i++)
		if (!yaml_get(l->y, map, keys[i]).index)
			yaml_fault(l->y, map, "%s: is missing", keys[i]);
	*from_ms = yaml_date_ms(l->y, map, "van", 0);
	*until_ms = yaml_date_ms(l->y, map, "tot", 0);
	if (*from_ms && *until_ms && *from_ms >= *until_ms)
		yaml_fault(l->y, yaml_at(l->y, map, "tot"), "tot: lies before van");
}

uint64_t load_uint(struct load *l, struct yaml_node map, const char *key, uint64_t min, uint64_t max)
{
	if (map.index && !yaml_get(l->y, map, key).index)
		yaml_fault(l->y, map, "%s: is missing", key);
	return yaml_uint(l->y, map, key, min, min, max);
}

enum regime load_regime(struct load *l, struct yaml_node map)
{
	const char *text = load_text(l, map, "regime");
	enum regime regime = regime_find(text);

	if (*text && !regime)
		yaml_fault(l->y, yaml_at(l->y, map, "regime"), "regime: WGS or OVERIG is expected");
	return regime;
}

uint32_t load_kinds(struct load *l, struct yaml_node map, const char *key, uint32_t otherwise)
{
	struct text_list names;
	uint32_t kinds = 0;

	if (!yaml_get(l->y, map, key).index)
		return otherwise;
	load_texts(l, map, key, &names);
	for (size_t i = 0; i < names.n; i++) {
		int kind = message_kind_find(names.v[i]);

		if (kind < 0)
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, map, key), i),
				   "%s: there is no message %.40s", key, names.v[i]);
		else
			kinds |= KIND_BIT(kind);
	}
	return kinds;
}

void load_rac(struct load *l, struct yaml_node map, struct rac *out)
{
	static const char *const advised[] = { "advies", "datum", NULL };
	static const char *const departed[] = { "afwijking", "gemeld", NULL };
	struct yaml_node rac = yaml_map(l->y, map, "rac");
	bool departs = yaml_get(l->y, rac, "afwijking").index != 0;
	const char *const *keys = departs ? departed : advised;

	*out = (struct rac){ "", "", 0 };
	if (!yaml_get(l->y, map, "rac").index)
		yaml_fault(l->y, map, "rac: is missing");
	if (!rac.index)
		return;
	yaml_only(l->y, rac, keys);
	*(departs ? &out->afwijking : &out->advies) = load_text(l, rac, keys[0]);
	out->date_unix_ms = yaml_date_ms(l->y, rac, keys[1], 0);
	if (!yaml_get(l->y, rac, keys[1]).index)
		yaml_fault(l->y, rac,
			   "%s: is missing; rac says {advies, datum}, or {afwijking, gemeld} (BGS 1.13)",
			   keys[1]);
}

int texts_find(const struct text_list *sorted, const char *word)
{
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = strcmp(word, sorted->v[middle]);

		if (c == 0)
			return (int)middle;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static const char *row_id(const void *row)
{
	return *(const char *const *)row;
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp(row_id(a), row_id(b));
}

/* The last place in the list where a row has this id; the list itself when the row stands deeper. */
static struct yaml_node place_of(struct load *l, struct yaml_node list, const char *key, const char *id)
{
	for (size_t i = yaml_count(l->y, list); i > 0; i--) {
		struct yaml_node n = yaml_get(l->y, yaml_item(l->y, list, i - 1), key);

		if (yaml_kind(l->y, n) == YAML_TEXT && strcmp(yaml_scalar(l->y, n), id) == 0)
			return n;
	}
	return list;
}

void sort_by_id(struct load *l, struct yaml_node list, const char *key, void *rows, size_t n, size_t size)
{
	const char *bytes = rows;

	if (n < 2 || !rows)
		return;
	qsort(rows, n, size, compare_rows);
	for (size_t i = 1; i < n; i++) {
		const char *id = row_id(bytes + i * size);

		if (*id && strcmp(row_id(bytes + (i - 1) * size), id) == 0)
			yaml_fault(l->y, place_of(l, list, key, id), "%s: %s stands here twice", key, id);
	}
}

const void *find_by_id(const void *rows, size_t n, size_t size, const char *id)
{
	const char *bytes = rows;
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = strcmp(id, row_id(bytes + middle * size));

		if (c == 0)
			return bytes + middle * size;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void yaml_quote(struct buffer *out, const char *text)
{
	buffer_u8(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_u8(out, '\\');
		if (*text == '\n' || *text == '\t')
			buffer_text(out, *text == '\n' ? "\\n" : "\\t");
		else
			buffer_u8(out, (uint8_t)*text);
	}
	buffer_u8(out, '"');
}

void yaml_quote_list(struct buffer *out, const struct text_list *list)
{
	buffer_u8(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		buffer_text(out, i ? ", " : "");
		yaml_quote(out, list->v[i]);
	}
	buffer_u8(out, ']');
}

void yaml_quote_date(struct buffer *out, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	if (unix_ms % UINT64_C(86400000) == 0)
		text[10] = '\0'; /* the date */
	yaml_quote(out, text);
}
