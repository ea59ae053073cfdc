/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A note is what it says when the SHA-256 of its text is the hash that was asked for: who signed it was judged when it came into
 * force, and the record that names it was bound to the log then.
 *
 * A set of rules is loaded once per combination of hashes. A period of the log has few: one more for each version that came into
 * force. The convenant that is tried is taken for one that was always in force: only then does a difference tell of its rows.
 */
#include "client/lib/replay_rules.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/session.h"
#include "convenant/convenant.h"

#define SETS_MAX 32
#define MANDATES_MAX 256
#define MANDATE_ARENA_BYTES (1u << 20)
#define TEXT_MAX (4u << 20)

struct rules_set {
	struct hash key; /* of all hashes it was made for */
	struct rules rules;
};
struct mandate_of {
	struct hash digest;
	const struct rules *rules;
	struct arena *arena;
	struct mandate mandate;
};

struct replay_rules {
	struct kp_node *node;
	uint32_t timeout_ms;
	struct buffer convenant; /* the one that is tried, its period opened; empty: none */
	size_t n_sets, n_mandates, next_mandate;
	struct rules_set sets[SETS_MAX];
	struct mandate_of mandates[MANDATES_MAX];
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

enum kp_result replay_rules_new(struct kp_node *node, uint32_t timeout_ms, struct span convenant, struct replay_rules **out,
				struct kp_error *err)
{
	CLEANUP(replay_rules_freep) struct replay_rules *r = calloc(1, sizeof *r);

	if (!r)
		return fail_fatal(err, "here/replay", -ENOMEM);
	r->node = node;
	r->timeout_ms = timeout_ms;
	buffer_init(&r->convenant, TEXT_MAX);
	always_in_force(convenant, &r->convenant);
	if (buffer_ok(&r->convenant))
		return fail_fatal(err, "here/replay", -ENOMEM);
	*out = TAKE(r);
	return KP_OK;
}

struct replay_rules *replay_rules_free(struct replay_rules *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < MANDATES_MAX; i++)
		arena_free(r->mandates[i].arena);
	for (size_t i = 0; i < r->n_sets; i++)
		rules_fini(&r->sets[i].rules);
	buffer_fini(&r->convenant);
	free(r);
	return NULL;
}

void replay_rules_freep(struct replay_rules **r)
{
	*r = replay_rules_free(*r);
}

/* KP_NONE: the house has it no more. */
static enum kp_result note_of(struct replay_rules *r, const char *what, struct span hash, struct buffer *note, struct span *text,
			      struct kp_error *err)
{
	struct fetch f = { .what = what, .sender = "", .id = hash };
	uint8_t digest[HASH_BYTES];
	struct span lines;
	enum kp_result k = session_fetch(r->node, &f, r->timeout_ms, note, err);

	if (k)
		return k;
	if (note_split(buffer_span(note), text, &lines) != NOTE_OK)
		return KP_NONE;
	crypto_hash_sha256(digest, text->ptr, text->len);
	return span_equal(SPAN_OF(digest), hash) ? KP_OK : KP_NONE;
}

/* One version into the set. KP_NONE: it is not there, or is something else; why says so. */
static enum kp_result load(struct replay_rules *r, enum rules_kind kind, struct span hash, struct rules *rules, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct fault_list faults;
	struct span text;
	enum kp_result k;
	int e;

	fault_list_init(&faults, "version");
	k = note_of(r, "version", hash, &note, &text, err);
	if (k)
		return k;
	if (kind == RULES_KADER)
		e = kader_load(text, &faults, &rules->kader);
	else if (kind == RULES_REGISTER)
		e = registry_load(text, &faults, &rules->registry);
	else
		e = convenant_load(text, rules->kader, &faults, &rules->convenanten[rules->n_convenanten]);
	if (e < 0)
		return fail_fatal(err, "here/replay", e);
	if (e)
		return KP_NONE;
	if (kind == RULES_KADER)
		memcpy(rules->kader_digest.bytes, hash.ptr, HASH_BYTES);
	rules->n_convenanten += kind == RULES_CONVENANT;
	return KP_OK;
}

/* The convenant that is tried takes the place of its namesake, or comes beside the others. */
static enum kp_result put_in_place(struct replay_rules *r, struct rules *rules, struct kp_error *err)
{
	struct convenant *tried = NULL;
	struct fault_list faults;
	size_t at = 0;
	int e;

	if (!r->convenant.len)
		return KP_OK;
	fault_list_init(&faults, "convenant");
	e = convenant_load(buffer_span(&r->convenant), rules->kader, &faults, &tried);
	if (e)
		return e < 0 ? fail_fatal(err, "here/replay", e) : fail_faults(err, KP_USAGE, "here/replay", &faults);
	while (at < rules->n_convenanten && strcmp(convenant_id(rules->convenanten[at]), convenant_id(tried)) != 0)
		at++;
	if (at == RULES_CONVENANTEN_MAX) {
		convenant_free(tried);
		return fail_usage(err, "there are %d convenanten in force already", RULES_CONVENANTEN_MAX);
	}
	if (at == rules->n_convenanten)
		rules->n_convenanten++;
	else
		convenant_free(rules->convenanten[at]);
	rules->convenanten[at] = tried;
	return KP_OK;
}

static enum kp_result set_load(struct replay_rules *r, const struct record *record, struct rules *rules, const char **why,
			       struct kp_error *err)
{
	struct span hash;
	size_t at = 0;
	enum kp_result k = load(r, RULES_KADER, record_get(record, RECORD_KADER), rules, err);

	*why = "the kader it was decided with is not there, or another was given for it";
	if (!k) {
		*why = "the register it was decided with is not there, or another was given for it";
		k = load(r, RULES_REGISTER, record_get(record, RECORD_REGISTER), rules, err);
	}
	while (!k && rules->n_convenanten < RULES_CONVENANTEN_MAX && record_next(record, RECORD_CONVENANT, &at, &hash)) {
		*why = "a convenant it was decided with is not there, or another was given for it";
		k = load(r, RULES_CONVENANT, hash, rules, err);
	}
	if (!k)
		k = put_in_place(r, rules, err);
	return k;
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

enum kp_result replay_rules_of(struct replay_rules *r, const struct record *record, const struct rules **out, const char **why,
			       struct kp_error *err)
{
	struct rules_set *set = &r->sets[r->n_sets];
	struct hash key;
	enum kp_result k;

	key_of(record, &key);
	for (size_t i = 0; i < r->n_sets; i++)
		if (hash_equal(&r->sets[i].key, &key)) {
			*out = &r->sets[i].rules;
			return KP_OK;
		}
	if (r->n_sets == SETS_MAX)
		return fail_usage(err, "more than %d versions of the rules were in force in this period: take a shorter one", SETS_MAX);
	k = set_load(r, record, &set->rules, why, err);
	if (k) {
		rules_fini(&set->rules);
		set->rules = (struct rules){ 0 };
		return k == KP_NONE ? KP_UNVERIFIED : k;
	}
	set->key = key;
	r->n_sets++;
	*out = &set->rules;
	return KP_OK;
}

enum kp_result replay_rules_mandate(struct replay_rules *r, const struct hash *digest, const struct rules *rules,
				    const struct mandate **out, const char **why, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct fault_list faults;
	struct mandate_of *m;
	struct span text;
	enum kp_result k;

	for (size_t i = 0; i < MANDATES_MAX; i++)
		if (r->mandates[i].arena && r->mandates[i].rules == rules && hash_equal(&r->mandates[i].digest, digest)) {
			*out = &r->mandates[i].mandate;
			return KP_OK;
		}
	*why = "the mandate it was decided with is not there, or another was given for it";
	k = note_of(r, "mandate", SPAN_OF(digest->bytes), &note, &text, err);
	if (k)
		return k == KP_NONE ? KP_UNVERIFIED : k;
	m = &r->mandates[r->next_mandate++ % MANDATES_MAX];
	arena_free(m->arena);
	m->arena = arena_new(MANDATE_ARENA_BYTES);
	if (!m->arena)
		return fail_fatal(err, "here/replay", -ENOMEM);
	fault_list_init(&faults, "mandate");
	text = arena_copy(m->arena, buffer_span(&note));
	if (mandate_open(text, rules->registry, m->arena, &faults, &m->mandate) != MANDATE_OK) {
		*why = "the mandate it was decided with does not hold under the register of then";
		m->arena = arena_free(m->arena);
		return KP_UNVERIFIED;
	}
	m->digest = *digest;
	m->rules = rules;
	*out = &m->mandate;
	return KP_OK;
}
