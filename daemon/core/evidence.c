/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The record is metadata only. A refusal because a header names a person must not carry that name into the log either: such a
 * record holds codes and no other text, and the finding says which field it was, not what stood there.
 */
#include "daemon/core/evidence.h"
#include "convenant/again.h"
#include "convenant/identity.h"
#include "daemon/core/index.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/retention.h"

/*
 * An entry is at most 65,535 bytes and a hostile header could ask for more: beyond these lengths of the record nothing more of that
 * sort is added.
 */
#define RECORD_LISTS_MAX 24000
#define RECORD_RULES_MAX 36000
#define RECORD_FAILED_MAX 56000

/* No message that keeps to the rules needs half of it: what is longer is a refusal that nobody will want to replay. */
#define INPUT_MAX ((size_t)256 << 10)
#define DOMAIN_INPUT "knooppunt/input/v1"

struct slip *slip_ref(struct slip *s)
{
	if (s)
		s->refs++;
	return s;
}

struct slip *slip_unref(struct slip *s)
{
	if (s && --s->refs == 0)
		free(s);
	return NULL;
}

void slip_unrefp(struct slip **s)
{
	*s = slip_unref(*s);
}

static struct slip *slip_new(struct span entry, struct span statement)
{
	struct slip *s = calloc(1, sizeof *s + entry.len + statement.len);

	if (!s)
		return NULL;
	s->refs = 1;
	s->entry_len = entry.len;
	s->statement_len = statement.len;
	memcpy(s->bytes, entry.ptr, entry.len);
	if (statement.len)
		memcpy(s->bytes + entry.len, statement.ptr, statement.len);
	return s;
}

static bool names_person(const struct decision *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		if (!d->findings[i].passed && d->findings[i].code == CODE_IDENTIFICATIE_IN_METADATA)
			return true;
	return false;
}

struct writing {
	struct record_writer *record;
	const struct decision *decision;
	bool careful; /* a text of this message names a person, or looks like it */
};

/* Then only codes are kept, without asking which of the texts it was. */
static bool fit_to_keep(const char *text, bool careful)
{
	return !careful || (text_is_code(text) && text_identity(text, 0, NULL) == IDENTITY_NONE);
}

static void put_text(const struct writing *w, enum record_tag tag, const char *text)
{
	if (text && *text && fit_to_keep(text, w->careful))
		record_add_text(w->record, tag, text);
}

static void put_list(const struct writing *w, enum record_tag tag, const struct text_list *list)
{
	for (size_t i = 0; i < list->n && w->record->out->len < RECORD_LISTS_MAX; i++)
		put_text(w, tag, list->v[i]);
}

static const char *subject_of(const struct finding *f, bool careful)
{
	return fit_to_keep(f->subject, careful) ? replay_subject(f) : "";
}

/* By address: each rule's id stands in one place, and an id from two would only be named twice. */
static bool rule_seen(const struct decision *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (d->findings[j].passed && d->findings[j].rule == d->findings[i].rule)
			return true;
	return false;
}

/* A rule that passed for five recipients is named once; one that failed is named with what it failed on. */
static void put_rules(const struct writing *w)
{
	const struct decision *d = w->decision;
	char text[REPLAY_FAILURE_SIZE];

	for (size_t i = 0; d && i < d->n; i++)
		if (d->findings[i].passed && w->record->out->len < RECORD_RULES_MAX && !rule_seen(d, i))
			record_add_text(w->record, RECORD_RULE_PASSED, d->findings[i].rule);
	for (size_t i = 0; d && i < d->n; i++) {
		struct finding f = d->findings[i];

		if (f.passed || w->record->out->len > RECORD_FAILED_MAX)
			continue;
		f.subject = subject_of(&f, w->careful);
		replay_failure(&f, text);
		record_add_text(w->record, RECORD_RULE_FAILED, text);
	}
}

static void put_parties(const struct writing *w, const struct evidence *e)
{
	const struct header *h = e->message ? &e->message->header : NULL;

	put_text(w, RECORD_SENDER, h ? h->sender : e->sender);
	put_text(w, RECORD_ORGANISATION, e->mandate ? e->mandate->organisation : e->node ? e->node->organisation : NULL);
	put_text(w, RECORD_PERSON, h ? h->person : NULL);
	put_text(w, RECORD_ROLE, e->mandate ? e->mandate->role : NULL);
	put_text(w, RECORD_ON_BEHALF_OF, h ? h->on_behalf_of : NULL);
	put_text(w, RECORD_NODE, e->node ? e->node->id : NULL);
	if (h)
		put_list(w, RECORD_RECIPIENT, &h->recipients);
	put_list(w, RECORD_RECIPIENT, &e->recipients);
	for (size_t i = 0; e->kind == ENTRY_TERMIJN && e->decision && i < e->decision->n; i++)
		put_text(w, RECORD_RECIPIENT, e->decision->findings[i].subject);
}

/* A sender may write 500 bytes where we keep 120; half a character would be no text. */
static int cut(const char *text)
{
	return (int)utf8_cut(text, 120);
}

static void put_purpose(const struct writing *w, const struct evidence *e)
{
	const struct message *m = e->message;
	char text[256];

	if (m) {
		put_text(w, RECORD_REGIME, m->header.regime);
		put_text(w, RECORD_GRONDSLAG, m->header.grondslag);
		put_text(w, RECORD_DOEL, m->header.doel);
		put_text(w, RECORD_NOODZAAK, m->header.noodzaak);
		put_text(w, RECORD_OVERLEG, m->header.overleg);
		put_list(w, RECORD_CATEGORY, &m->header.categories);
		for (size_t i = 0; i < m->n_parts; i++) {
			if (!*m->parts[i].header.secrecy_basis)
				continue;
			snprintf(text, sizeof text, "%.*s=%.*s", cut(m->parts[i].header.category), m->parts[i].header.category,
				 cut(m->parts[i].header.secrecy_basis), m->parts[i].header.secrecy_basis);
			put_text(w, RECORD_SECRECY_BASIS, text);
		}
		put_text(w, RECORD_PERSON_ROLE, m->header.person_role);
		put_text(w, RECORD_ANSWER_KIND, m->header.answer_kind);
	}
	if (e->casus)
		put_text(w, RECORD_PHASE, phase_name(e->casus->phase));
	if (m && m->header.deadline_unix_ms)
		record_add_u64(w->record, RECORD_DEADLINE, m->header.deadline_unix_ms);
	if (m) {
		record_add_u64(w->record, RECORD_CREATED, m->header.created_unix_ms);
		record_add_flag(w->record, RECORD_URGENT, m->header.urgent);
	}
}

static void put_versions(const struct core *c, const struct writing *w, const struct evidence *e)
{
	if (c->rules.kader)
		record_add(w->record, RECORD_KADER, SPAN_OF(c->rules.kader_digest.bytes));
	if (c->rules.registry)
		record_add(w->record, RECORD_REGISTER, SPAN_OF(c->rules.registry->digest.bytes));
	for (size_t i = 0; i < c->rules.n_convenanten; i++)
		record_add(w->record, RECORD_CONVENANT, SPAN_OF(convenant_digest(c->rules.convenanten[i])->bytes));
	if (e->mandate)
		record_add(w->record, RECORD_MANDATE, SPAN_OF(e->mandate->digest.bytes));
}

/* ---- what the decision rested on ---- */

/* The bytes into c->input; none when a header names a person, which then must stand nowhere. */
static int input_make(struct core *c, const struct evidence *e, struct hash *digest)
{
	int r;

	buffer_reset(&c->input);
	if (!e->replay || names_person(e->decision))
		return 0;
	r = replay_encode(e->replay, &c->input);
	if (r)
		return err_pass(r);
	if (c->input.len > INPUT_MAX)
		buffer_reset(&c->input);
	crypto_hash_sha256(digest->bytes, c->input.ptr, c->input.len);
	return 0;
}

static void input_key(uint64_t index, uint8_t out[8])
{
	put_u64(out, index);
}

/* It holds the state of its casus, and goes with it: also of who is not on it, whose entry stands under the house's key. */
static int input_keep(struct core *c, const struct evidence *e, uint64_t index)
{
	const struct span casus = e->casus_id.len ? e->casus_id : e->replay->has_casus ? SPAN_OF(e->replay->casus.id) : SPAN_NONE;
	uint8_t name[8];
	struct data_key key;
	int r = retention_key(c, casus, &key);

	input_key(index, name);
	buffer_reset(&c->sealed);
	if (!r)
		r = value_seal(&key, DOMAIN_INPUT, SPAN_OF(name), buffer_span(&c->input), &c->sealed);
	return r ? err_pass(r) : err_pass(core_put(c, KEYSPACE_INPUT, SPAN_OF(name), buffer_span(&c->sealed)));
}

int evidence_input(struct core *c, uint64_t index, struct buffer *out)
{
	uint8_t name[8];
	struct span sealed;
	int r;

	input_key(index, name);
	r = store_get(c->store, KEYSPACE_INPUT, SPAN_OF(name), &sealed);
	if (r)
		return r == STORE_E_ABSENT ? 0 : err_fold(r);
	r = value_unseal(c->keys, DOMAIN_INPUT, SPAN_OF(name), sealed, out);
	return r == KEYRING_E_ABSENT ? 0 : err_pass(r);
}

int evidence_forget_input(struct core *c, uint64_t index)
{
	uint8_t name[8];

	input_key(index, name);
	return err_pass(core_delete(c, KEYSPACE_INPUT, SPAN_OF(name)));
}

/* ---- writing ---- */

static void record_write(struct core *c, const struct evidence *e, const uint8_t salt[SALT_BYTES], struct span statement,
			 const struct hash *input)
{
	struct record_writer record;
	const struct writing w = { &record, e->decision, names_person(e->decision) };
	const struct header *h = e->message ? &e->message->header : NULL;

	buffer_reset(&c->record);
	record_begin(&record, &c->record);
	record_add(w.record, RECORD_SALT, span_of(salt, SALT_BYTES));
	record_add(w.record, RECORD_STATEMENT, statement);
	record_add_text(w.record, RECORD_TYPE, e->type);
	if (e->message_id)
		record_add(w.record, RECORD_MESSAGE_ID, span_of(e->message_id, ID_BYTES));
	if (h) {
		record_add(w.record, RECORD_EXCHANGE_ID, h->exchange_id);
		record_add(w.record, RECORD_IN_REPLY_TO, h->in_reply_to);
	}
	record_add(w.record, RECORD_CASUS, e->casus_id.len ? e->casus_id : h ? h->casus : SPAN_NONE);
	put_parties(&w, e);
	put_purpose(&w, e);
	put_versions(c, &w, e);
	put_rules(&w);
	if (h)
		record_add(w.record, RECORD_TRACE_ID, h->trace_id);
	if (e->digest)
		record_add(w.record, RECORD_DIGEST, SPAN_OF(e->digest->bytes));
	for (size_t i = 0; i < e->n_details; i++)
		put_text(&w, RECORD_DETAIL, e->details[i]);
	if (c->input.len)
		record_add(w.record, RECORD_INPUT, SPAN_OF(input->bytes));
}

static int statement_write(const struct evidence *e, struct buffer *out)
{
	struct statement s = { 0 };
	bool careful = names_person(e->decision);

	if (e->message_id)
		memcpy(s.message_id, e->message_id, ID_BYTES);
	if (e->digest)
		s.digest = *e->digest;
	for (size_t i = 0; e->decision && i < e->decision->n && s.n < STATEMENT_FINDINGS_MAX; i++) {
		const struct finding *f = &e->decision->findings[i];

		if (!f->passed)
			s.findings[s.n++] = (struct statement_finding){ f->code, f->rule, subject_of(f, careful) };
	}
	return err_pass(statement_print(&s, out));
}

int evidence_write(struct core *c, const struct evidence *e, struct slip **out)
{
	CLEANUP(buffer_fini) struct buffer statement = { 0 }, entry = { 0 };
	CLEANUP(slip_unrefp) struct slip *slip = NULL;
	struct entry head = { .kind = e->kind, .code = e->decision ? e->decision->code : CODE_TOEGESTAAN,
			      .time_unix_ms = c->now_unix_ms };
	uint8_t salt[SALT_BYTES];
	struct data_key key;
	struct hash input = { 0 };
	int r = core_batch(c);

	if (!r)
		r = retention_log_key(c, e->casus_id, &key);
	if (!r)
		r = statement_write(e, &statement);
	if (!r)
		r = input_make(c, e, &input);
	if (r)
		return err_pass(r);
	env_random(c->env, salt, sizeof salt);
	env_random(c->env, head.random, sizeof head.random);
	entry_binding(salt, buffer_span(&statement), head.binding);
	memcpy(head.key_id, key.id, ID_BYTES);
	record_write(c, e, salt, buffer_span(&statement), &input);
	r = buffer_ok(&c->record);
	if (!r)
		r = entry_seal(&head, c->env, key.secret, buffer_span(&c->record), &entry);
	if (r)
		return err_fold(r);
	slip = slip_new(buffer_span(&entry), buffer_span(&statement));
	if (!slip)
		return err_raise(-ENOMEM);
	memcpy(slip->salt, salt, sizeof salt);
	r = store_leaf(c->store, buffer_span(&entry), &slip->index);
	if (!r)
		r = index_add(c, slip->index, buffer_span(&entry), buffer_span(&c->record));
	if (r)
		return err_fold(r);
	if (c->input.len)
		r = input_keep(c, e, slip->index);
	if (r)
		return err_pass(r);
	if (out)
		*out = TAKE(slip);
	return 0;
}

int evidence_open(struct core *c, struct span entry, struct buffer *record, bool *opened)
{
	struct data_key key;
	struct entry e;
	int r = entry_parse(entry, &e);

	if (r)
		return err_fold(r);
	*opened = false;
	r = keyring_get(c->keys, e.key_id, &key);
	if (r == KEYRING_E_ABSENT)
		return 0;
	if (r)
		return err_pass(r);
	r = entry_unseal(entry, key.secret, record);
	if (r == ENTRY_E_KEY) {
		log_error("entry-unsealable", "hint=\"a data key does not open its entry\"");
		return 0;
	}
	if (r)
		return err_fold(r);
	*opened = true;
	return 0;
}

int evidence_load(struct core *c, uint64_t index, struct buffer *entry, struct buffer *record)
{
	struct span bytes;
	bool opened;
	int r = store_entry(c->store, index, &bytes);

	if (r)
		return err_fold(r);
	buffer_reset(entry);
	buffer_bytes(entry, bytes);
	buffer_reset(record);
	r = buffer_ok(entry);
	if (!r)
		r = evidence_open(c, buffer_span(entry), record, &opened);
	return err_pass(r);
}

int evidence_opening(struct core *c, struct span entry, uint8_t out[ENTRY_OPENING_BYTES])
{
	struct data_key key;
	struct entry e;
	int r = entry_parse(entry, &e);

	if (!r)
		r = keyring_get(c->keys, e.key_id, &key);
	if (!r)
		r = entry_opening(entry, key.secret, out);
	return r ? err_fold(r) : 0;
}

int evidence_slip(struct core *c, uint64_t index, struct slip **out)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer record = { 0 };
	struct span entry, salt, statement;
	struct record parsed;
	bool opened;
	int r = arena ? store_entry(c->store, index, &entry) : -ENOMEM;

	if (!r)
		r = evidence_open(c, entry, &record, &opened);
	if (!r && !opened) {
		*out = NULL;
		return 0;
	}
	if (!r)
		r = record_parse(buffer_span(&record), arena, &parsed);
	if (r)
		return err_fold(r);
	salt = record_get(&parsed, RECORD_SALT);
	statement = record_get(&parsed, RECORD_STATEMENT);
	if (salt.len != SALT_BYTES)
		return err_raise(-EBADMSG);
	r = store_entry(c->store, index, &entry); /* the key may have been read since: the span of then is not promised */
	if (r)
		return err_fold(r);
	*out = slip_new(entry, statement);
	if (!*out)
		return err_raise(-ENOMEM);
	(*out)->index = index;
	memcpy((*out)->salt, salt.ptr, SALT_BYTES);
	return 0;
}
