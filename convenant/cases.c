/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table is read twice: whole at loading, so that every fault in it is told at once, and each case again
 * when it is run. Between the two only its places in the document are kept: a thousand cases that inherit a
 * long list then cost no thousand copies of it.
 */
#include "convenant/cases.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/cases_inside.h"
#include "convenant/rule.h"

#define KEYS_MAX 64

/* ---- keys ---- */

/* A map may have the keys of a case and up to three of its own. */
static void only_case_keys(struct load *l, struct yaml_node map, const char *const own[3])
{
	const char *keys[KEYS_MAX] = { NULL };
	size_t n = 0;

	for (size_t i = 0; case_keys[i]; i++)
		keys[n++] = case_keys[i];
	for (size_t i = 0; i < 3 && own[i]; i++)
		keys[n++] = own[i];
	ASSERT(n < KEYS_MAX);
	yaml_only(l->y, map, keys);
}

/* Faults only: what a layer says by itself. */
static void layer_check(struct load *l, struct yaml_node map, const char *const own[3])
{
	struct case_layers alone = { 1, { map } };
	struct arena *kept = l->arena;
	struct table_case unused;

	only_case_keys(l, map, own);
	if (yaml_kind(l->y, map) != YAML_MAP)
		return;
	l->arena = arena_new(LOAD_ARENA_MAX);
	if (l->arena)
		case_read(l, &alone, &unused);
	else
		l->no_memory = true;
	arena_free(l->arena);
	l->arena = kept;
}

/* ---- what a case builds on ---- */

static struct yaml_node base_find(struct load *l, struct yaml_node bases, const char *name)
{
	for (size_t i = 0; i < yaml_count(l->y, bases); i++) {
		struct yaml_node base = yaml_item(l->y, bases, i);
		struct yaml_node id = yaml_get(l->y, base, "uitgangspunt");

		if (yaml_kind(l->y, id) == YAML_TEXT && text_equal(yaml_scalar(l->y, id), name))
			return base;
	}
	return YAML_ABSENT;
}

static void bases_check(struct load *l, struct yaml_node bases)
{
	static const char *const own[3] = { "uitgangspunt" };

	for (size_t i = 0; i < yaml_count(l->y, bases); i++) {
		struct yaml_node base = yaml_item(l->y, bases, i);
		struct yaml_node id = yaml_get(l->y, base, "uitgangspunt");
		const char *name = yaml_must_text(l->y, base, "uitgangspunt");

		layer_check(l, base, own);
		if (*name && base_find(l, bases, name).index != base.index)
			yaml_fault(l->y, id, "uitgangspunt: %.60s stands here twice", name);
	}
}

static void layers_find(struct load *l, struct yaml_node one, struct yaml_node bases, struct yaml_node all,
			struct case_layers *out)
{
	const char *name = yaml_text(l->y, one, "zoals", "");

	*out = (struct case_layers){ 1, { one } };
	if (*name) {
		struct yaml_node base = base_find(l, bases, name);

		if (base.index)
			out->v[out->n++] = base;
		else
			yaml_fault(l->y, yaml_at(l->y, one, "zoals"),
				   "zoals: there is no uitgangspunt %.60s", name);
	}
	if (yaml_kind(l->y, all) == YAML_MAP)
		out->v[out->n++] = all;
}

/* ---- what is expected ---- */

static void rule_check(struct load *l, struct yaml_node n, enum code code, const char *name)
{
	const struct rule *rule = rules_find(name);
	const struct case_fact *fact = case_fact_of_rule(name);

	if (fact && fact->code == code)
		return;
	if (!rule)
		yaml_fault(l->y, n, "verwacht: there is no rule %.80s", name);
	else if (rule->code != code)
		yaml_fault(l->y, n, "verwacht: the rule %.80s refuses with %s", name, code_name(rule->code));
}

/* "TOEGESTAAN", "CODE" or "CODE rule". */
static void expected_read(struct load *l, struct yaml_node n, struct case_row *row)
{
	const char *text = yaml_scalar(l->y, n);
	size_t len = strcspn(text, " ");
	char name[64] = "";
	int code;

	row->line = yaml_line(l->y, n);
	row->expected_rule = text[len] ? load_copy(l, text + len + 1) : "";
	if (yaml_kind(l->y, n) != YAML_TEXT)
		return;
	if (len < sizeof name)
		memcpy(name, text, len);
	code = code_find(name);
	row->expected = code < 0 ? CODE_TOEGESTAAN : (enum code)code;
	if (code < 0)
		yaml_fault(l->y, n, "verwacht: TOEGESTAAN or a refusal code is expected, not %.60s", text);
	else if (*row->expected_rule)
		rule_check(l, n, row->expected, row->expected_rule);
}

/* ---- the cases ---- */

static size_t rows_of(struct load *l, struct yaml_node one)
{
	struct yaml_node expected = yaml_get(l->y, one, "verwacht");
	size_t n = yaml_count(l->y, expected);

	if (yaml_kind(l->y, expected) != YAML_MAP || !n)
		return 1;
	return n < PHASE_N ? n : PHASE_N; /* more can't be phases, which is a fault */
}

static const char *phase_case_name(struct load *l, const char *name, const char *phase)
{
	const char *made = arena_printf(l->arena, "%s (fase %s)", name, phase);

	if (!made)
		l->no_memory = true;
	return made ? made : "";
}

static void phase_rows_read(struct load *l, struct yaml_node expected, const struct case_row *row,
			    struct case_table *t)
{
	if (!yaml_count(l->y, expected))
		yaml_fault(l->y, expected, "verwacht: names no phase");
	for (size_t i = 0; i < yaml_count(l->y, expected); i++) {
		const char *name = yaml_key(l->y, expected, i);
		struct case_row one = *row;

		one.phase = phase_find(name);
		if (one.phase < 0) {
			yaml_fault(l->y, yaml_value(l->y, expected, i),
				   "verwacht: there is no phase %.40s", name);
			continue;
		}
		one.name = phase_case_name(l, row->name, name);
		expected_read(l, yaml_value(l->y, expected, i), &one);
		t->rows[t->n_rows++] = one;
	}
}

/* What no case can do without. */
static void must_say(struct load *l, struct yaml_node one, const struct case_layers *s)
{
	static const char *const keys[] = { "bericht", "van", "tijd" };

	for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
		bool said = false;

		for (size_t k = 0; k < s->n; k++)
			said = said || yaml_get(l->y, s->v[k], keys[i]).index;
		if (!said)
			yaml_fault(l->y, one, "%s: is missing", keys[i]);
	}
}

static void case_load(struct load *l, struct yaml_node one, const struct case_layers *s, struct case_table *t)
{
	static const char *const own[3] = { "naam", "zoals", "verwacht" };
	struct yaml_node expected = yaml_get(l->y, one, "verwacht");
	struct case_row row = { .name = load_text(l, one, "naam"), .layers = *s, .phase = -1,
				.expected_rule = "" };

	layer_check(l, one, own);
	must_say(l, one, s);
	if (yaml_kind(l->y, expected) == YAML_MAP) {
		phase_rows_read(l, expected, &row, t);
		return;
	}
	if (expected.index)
		expected_read(l, expected, &row);
	else
		yaml_fault(l->y, one, "verwacht: is missing");
	t->rows[t->n_rows++] = row;
}

static void table_read(struct load *l, struct case_table *t)
{
	static const char *const keys[] = { "convenant-test", "niet-aangesloten", "standaard",
					    "uitgangspunten", "gevallen",	  NULL };
	static const char *const none[3] = { NULL };
	struct yaml_node root = yaml_root(l->y), all, bases, list;
	size_t n_bases, n, rows = 0;

	yaml_only(l->y, root, keys);
	load_id(l, root, "convenant-test");
	load_ids(l, root, "niet-aangesloten", &t->not_joined);
	all = yaml_map(l->y, root, "standaard");
	bases = load_rows(l, root, "uitgangspunten", &n_bases);
	list = load_rows(l, root, "gevallen", &n);
	if (all.index)
		layer_check(l, all, none);
	bases_check(l, n_bases ? bases : YAML_ABSENT);
	for (size_t i = 0; i < n; i++)
		rows += rows_of(l, yaml_item(l->y, list, i));
	t->rows = load_array(l, rows, sizeof *t->rows);
	if (!rows)
		yaml_fault(l->y, root, "gevallen: at least one is needed");
	for (size_t i = 0; t->rows && i < n; i++) {
		struct yaml_node one = yaml_item(l->y, list, i);
		struct case_layers s;

		layers_find(l, one, n_bases ? bases : YAML_ABSENT, all, &s);
		case_load(l, one, &s, t);
	}
}

/* The document keeps the table's own list; the caller gets what is in it. */
static void faults_hand_over(const struct fault_list *from, struct fault_list *to)
{
	for (size_t i = 0; i < from->n; i++)
		fault_add(to, from->v[i].line, from->v[i].column, "%s", from->v[i].text);
	to->n_more += from->n_more;
}

int cases_load(struct span text, struct fault_list *faults, struct case_table **out)
{
	CLEANUP(cases_freep) struct case_table *t = calloc(1, sizeof *t);
	struct load l;
	int r;

	if (!t)
		return err_raise(-ENOMEM);
	t->arena = arena_new(LOAD_ARENA_MAX);
	if (!t->arena)
		return err_raise(-ENOMEM);
	fault_list_init(&t->faults, faults->file);
	r = load_open(&l, text, t->arena, &t->faults);
	if (!r) {
		table_read(&l, t);
		r = load_verdict(&l);
		t->y = TAKE(l.y);
	}
	load_close(&l);
	if (r == YAML_E_FAULTS) {
		faults_hand_over(&t->faults, faults);
		return CASES_E_FAULTS;
	}
	if (r)
		return err_pass(r);
	*out = TAKE(t);
	return CASES_OK;
}

struct case_table *cases_free(struct case_table *t)
{
	if (t) {
		yaml_free(t->y);
		arena_free(t->arena);
	}
	free(t);
	return NULL;
}

void cases_freep(struct case_table **t)
{
	*t = cases_free(*t);
}

size_t cases_count(const struct case_table *t)
{
	return t->n_rows;
}

/* ---- the house ---- */

int cases_register_load(struct span text, struct fault_list *faults, struct registry **out)
{
	struct fault_list ignored;
	struct yaml *y = NULL;
	bool template;
	int r;

	fault_list_init(&ignored, faults->file);
	r = yaml_load(text, &ignored, &y);
	if (r < 0)
		return err_pass(r);
	template = y && yaml_get(y, yaml_root(y), "sjabloon").index;
	yaml_free(y);
	return template ? register_template_load(text, faults, out) : registry_load(text, faults, out);
}

/* Everyone who can join has, with a key that is made up: nothing is opened with it. */
static void join(const struct case_table *t, const struct kader *k, struct reg_hoedanigheid *h,
		 struct reg_box_key *key)
{
	const struct kader_kind *kind = kader_kind(k, h->kind);
	uint8_t hash[crypto_hash_sha256_BYTES];

	if (texts_find(&t->not_joined, h->id) >= 0) {
		h->n_keys = 0;
		return;
	}
	if (h->n_keys || !kind || kind->lid == LID_DERDE)
		return;
	crypto_hash_sha256(hash, (const uint8_t *)h->id, strlen(h->id));
	memcpy(key->public_key, hash, sizeof key->public_key);
	memcpy(key->key_id, hash, sizeof key->key_id);
	h->keys = key;
	h->n_keys = 1;
}

int cases_house(const struct case_table *t, const struct rules *given, struct arena *arena,
		struct registry *out)
{
	const struct registry *r = given->registry;
	struct reg_hoedanigheid *rows = arena_array(arena, r->n_hoedanigheden, sizeof *rows);
	struct reg_box_key *keys = arena_array(arena, r->n_hoedanigheden, sizeof *keys);

	if (!rows || !keys)
		return err_raise(-ENOMEM);
	memcpy(rows, r->hoedanigheden, r->n_hoedanigheden * sizeof *rows);
	for (size_t i = 0; i < r->n_hoedanigheden; i++)
		join(t, given->kader, &rows[i], &keys[i]);
	*out = *r;
	out->hoedanigheden = rows;
	out->from_unix_ms = 0;
	out->until_unix_ms = UINT64_MAX;
	return 0;
}
