/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A note is what it says when the SHA-256 of its text is the hash that was asked for: who signed it was judged when it came into
 * force, and the record that names it was bound to the log then.
 *
 * A set of rules is loaded once per combination of hashes. Records in order of time use one set for long, then another; one more
 * for each version that came into force. The convenant that is tried is taken for one that was always in force: only then does a
 * difference tell of its rows.
 */
#include "convenant/past.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "convenant/convenant.h"
#include "proto/note.h"

#define SETS_MAX 4
#define MANDATES_MAX 64
#define MANDATE_ARENA_BYTES (1u << 20)
#define TEXT_MAX (4u << 20)

struct mandate_of {
	struct hash digest;
	struct arena *arena; /* NULL: free */
	struct mandate mandate;
};
struct rules_set {
	struct hash key; /* of all hashes it was made for */
	struct rules rules;
	size_t next_mandate;
	struct mandate_of mandates[MANDATES_MAX];
};

struct past {
	struct past_source source;
	struct buffer note, convenant; /* convenant: the one that is tried, its period opened; empty: none */
	size_t n_sets, next_set;
	struct rules_set sets[SETS_MAX];
};

/* "van: 2026-01-01" at the left edge becomes the beginning of time, "tot:" its end. */
static void always_in_force(struct span text, struct buffer *out)
{
	const char *at = (const char *)text.ptr, *end = text.len ? at + text.len : at;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)), *next = stop ? stop + 1 : end;
		size_t len = (size_t)(next - at);

		if (len > 4 && !memcmp(at, "van:", 4))
			buffer_text(out, "van: 1970-01-01\n");
		else if (len > 4 && !memcmp(at, "tot:", 4))
			buffer_text(out, "tot: 9999-01-01\n");
		else
			buffer_bytes(out, span_of(at, len));
		at = next;
	}
}

int past_new(const struct past_source *source, struct span convenant, struct past **out)
{
	CLEANUP(past_freep) struct past *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return err_raise(-ENOMEM);
	p->source = *source;
	buffer_init(&p->note, TEXT_MAX);
	buffer_init(&p->convenant, TEXT_MAX);
	always_in_force(convenant, &p->convenant);
	r = buffer_ok(&p->convenant);
	if (r)
		return err_pass(r);
	*out = TAKE(p);
	return 0;
}

static void set_clear(struct rules_set *set)
{
	for (size_t i = 0; i < MANDATES_MAX; i++)
		arena_free(set->mandates[i].arena);
	rules_fini(&set->rules);
	*set = (struct rules_set){ 0 };
}

struct past *past_free(struct past *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < p->n_sets; i++)
		set_clear(&p->sets[i]);
	buffer_fini(&p->note);
	buffer_fini(&p->convenant);
	free(p);
	return NULL;
}

void past_freep(struct past **p)
{
	*p = past_free(*p);
}

/* Into p->note. */
static int note_of(struct past *p, bool is_mandate, struct span hash, struct span *text)
{
	uint8_t digest[HASH_BYTES];
	struct span lines;
	int r;

	if (hash.len != HASH_BYTES)
		return PAST_E_GONE;
	buffer_reset(&p->note);
	r = p->source.note(p->source.ctx, is_mandate, hash, &p->note);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = note_split(buffer_span(&p->note), text, &lines);
	if (r)
		return r < 0 ? err_pass(r) : PAST_E_GONE;
	crypto_hash_sha256(digest, text->ptr, text->len);
	return span_equal(SPAN_OF(digest), hash) ? PAST_OK : PAST_E_GONE;
}

static int load(struct past *p, enum rules_kind kind, struct span hash, struct rules *rules)
{
	struct fault_list faults;
	struct span text;
	int r = note_of(p, false, hash, &text);

	if (r)
		return r < 0 ? err_pass(r) : r;
	fault_list_init(&faults, "version");
	if (kind == RULES_KADER)
		r = kader_load(text, &faults, &rules->kader);
	else if (kind == RULES_REGISTER)
		r = registry_load(text, &faults, &rules->registry);
	else
		r = convenant_load(text, rules->kader, &faults, &rules->convenanten[rules->n_convenanten]);
	if (r)
		return r < 0 ? err_pass(r) : PAST_E_GONE;
	if (kind == RULES_KADER)
		memcpy(rules->kader_digest.bytes, hash.ptr, HASH_BYTES);
	rules->n_convenanten += kind == RULES_CONVENANT;
	return PAST_OK;
}

/* The convenant that is tried takes the place of its namesake, or comes beside the others. */
static int put_in_place(struct past *p, struct rules *rules, struct fault_list *faults)
{
	struct convenant *tried = NULL;
	size_t at = 0;
	int r;

	if (!p->convenant.len)
		return PAST_OK;
	r = convenant_load(buffer_span(&p->convenant), rules->kader, faults, &tried);
	if (r)
		return r < 0 ? err_pass(r) : PAST_E_TRIED;
	while (at < rules->n_convenanten && strcmp(convenant_id(rules->convenanten[at]), convenant_id(tried)) != 0)
		at++;
	if (at == RULES_CONVENANTEN_MAX) {
		convenant_free(tried);
		fault_add(faults, 0, 0, "there are %d convenanten in force already", RULES_CONVENANTEN_MAX);
		return PAST_E_TRIED;
	}
	if (at == rules->n_convenanten)
		rules->n_convenanten++;
	else
		convenant_free(rules->convenanten[at]);
	rules->convenanten[at] = tried;
	return PAST_OK;
}

static int set_load(struct past *p, const struct record *record, struct fault_list *faults, struct rules *rules, const char **why)
{
	struct span hash;
	size_t at = 0;
	int r;

	*why = "the kader it was decided with is not there, or another was given for it";
	r = load(p, RULES_KADER, record_get(record, RECORD_KADER), rules);
	if (!r) {
		*why = "the register it was decided with is not there, or another was given for it";
		r = load(p, RULES_REGISTER, record_get(record, RECORD_REGISTER), rules);
	}
	while (!r && rules->n_convenanten < RULES_CONVENANTEN_MAX && record_next(record, RECORD_CONVENANT, &at, &hash)) {
		*why = "a convenant it was decided with is not there, or another was given for it";
		r = load(p, RULES_CONVENANT, hash, rules);
	}
	if (!r)
		r = put_in_place(p, rules, faults);
	return r < 0 ? err_pass(r) : r;
}

static void key_of(const struct record *record, struct hash *out)
{
	static const enum record_tag tags[] = { RECORD_KADER, RECORD_REGISTER, RECORD_CONVENANT };
	crypto_hash_sha256_state state;
	struct span hash;

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < N_ELEMENTS(tags); i++)
		for (size_t at = 0; record_next(record, tags[i], &at, &hash);)
			crypto_hash_sha256_update(&state, hash.ptr, hash.len);
	crypto_hash_sha256_final(&state, out->bytes);
}

int past_rules(struct past *p, const struct record *record, struct fault_list *faults, const struct rules **out, const char **why)
{
	struct rules_set *set;
	struct hash key;
	int r;

	key_of(record, &key);
	for (size_t i = 0; i < p->n_sets; i++)
		if (hash_equal(&p->sets[i].key, &key)) {
			*out = &p->sets[i].rules;
			return PAST_OK;
		}
	set = &p->sets[p->next_set];
	set_clear(set);
	r = set_load(p, record, faults, &set->rules, why);
	if (r) {
		set_clear(set);
		return r < 0 ? err_pass(r) : r;
	}
	set->key = key;
	p->next_set = (p->next_set + 1) % SETS_MAX;
	if (p->n_sets < SETS_MAX)
		p->n_sets++;
	*out = &set->rules;
	return PAST_OK;
}

static struct rules_set *set_of(struct past *p, const struct rules *rules)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (&p->sets[i].rules == rules)
			return &p->sets[i];
	return NULL;
}

int past_mandate(struct past *p, const struct hash *digest, const struct rules *rules, const struct mandate **out, const char **why)
{
	struct rules_set *set = set_of(p, rules);
	struct fault_list faults;
	struct mandate_of *m;
	struct span text;
	int r;

	if (!set)
		return err_raise(-EINVAL);
	for (size_t i = 0; i < MANDATES_MAX; i++)
		if (set->mandates[i].arena && hash_equal(&set->mandates[i].digest, digest)) {
			*out = &set->mandates[i].mandate;
			return PAST_OK;
		}
	*why = "the mandate it was decided with is not there, or another was given for it";
	r = note_of(p, true, SPAN_OF(digest->bytes), &text);
	if (r)
		return r < 0 ? err_pass(r) : r;
	m = &set->mandates[set->next_mandate++ % MANDATES_MAX];
	arena_free(m->arena);
	m->arena = arena_new(MANDATE_ARENA_BYTES);
	if (!m->arena)
		return err_raise(-ENOMEM);
	fault_list_init(&faults, "mandate");
	r = mandate_open(arena_copy(m->arena, buffer_span(&p->note)), rules->registry, m->arena, &faults, &m->mandate);
	if (r) {
		*why = "the mandate it was decided with does not hold under the register of then";
		m->arena = arena_free(m->arena);
		return r < 0 ? err_pass(r) : PAST_E_GONE;
	}
	m->digest = *digest;
	*out = &m->mandate;
	return PAST_OK;
}
