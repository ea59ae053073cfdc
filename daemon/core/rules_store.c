/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * KEYSPACE_RULES   u8 kind || SHA-256 of the text -> note: all that ever were in force, so that an old decision can be replayed
 * KEYSPACE_META    "rules/kader", "rules/register", "rules/convenant/<id>" -> SHA-256 of the one in force
 *
 * What is in the store was admitted once, with its signatures; loading it again does not ask for them again, because the
 * stewards of then may be others than those of now. rules_admit() is asked for everything that is new.
 */
#include "daemon/core/rules_store.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "daemon/core/mandates.h"
#include "daemon/core/receipts.h"

#define META_KADER "rules/kader"
#define META_REGISTER "rules/register"
#define META_CONVENANT "rules/convenant/"
#define RULE_ADMIT "regels.toelating"

void rules_digest(struct span text, uint8_t out[HASH_BYTES])
{
	crypto_hash_sha256(out, text.ptr, text.len);
}

static int note_text(struct span note, struct span *text, struct hash *digest)
{
	struct span lines;
	int r = note_split(note, text, &lines);

	if (r)
		return r < 0 ? err_pass(r) : r;
	rules_digest(*text, digest->bytes);
	return 0;
}

static void rules_key(enum rules_kind kind, const struct hash *digest, uint8_t out[1 + HASH_BYTES])
{
	out[0] = (uint8_t)kind;
	memcpy(out + 1, digest->bytes, HASH_BYTES);
}

static int note_by_digest(struct core *c, enum rules_kind kind, struct span digest, struct span *note)
{
	uint8_t key[1 + HASH_BYTES];

	key[0] = (uint8_t)kind;
	if (digest.len != HASH_BYTES)
		return err_raise(-EBADMSG);
	memcpy(key + 1, digest.ptr, HASH_BYTES);
	return store_get(c->store, KEYSPACE_RULES, SPAN_OF(key), note);
}

/* The note in force under a META key: SPAN_NONE when there is none. */
static int note_in_force(struct core *c, enum rules_kind kind, struct span meta, struct span *note)
{
	struct span digest;
	int r = store_get(c->store, KEYSPACE_META, meta, &digest);

	*note = SPAN_NONE;
	if (r == STORE_E_ABSENT)
		return 0;
	if (!r)
		r = note_by_digest(c, kind, digest, note);
	return r ? err_fold(r) : 0;
}

/* ---- loading ---- */

static int explain(const char *what, const struct fault_list *faults, char why[400])
{
	snprintf(why, 400, "the %s in the store does not load: %s", what, faults->n ? faults->v[0].text : "malformed note");
	return CORE_E_START;
}

static int load_kader(struct core *c, struct fault_list *faults, char why[400])
{
	struct span note, text;
	int r = note_in_force(c, RULES_KADER, SPAN_LITERAL(META_KADER), &note);

	if (r || !note.len)
		return r ? err_pass(r) : 0;
	r = note_text(note, &text, &c->rules.kader_digest);
	if (!r)
		r = kader_load(text, faults, &c->rules.kader);
	return r > 0 ? explain("kader", faults, why) : r ? err_pass(r) : 0;
}

static int load_register(struct core *c, struct fault_list *faults, char why[400])
{
	struct span note, text;
	struct hash digest;
	int r = note_in_force(c, RULES_REGISTER, SPAN_LITERAL(META_REGISTER), &note);

	if (r || !note.len)
		return r ? err_pass(r) : 0;
	r = note_text(note, &text, &digest);
	if (!r)
		r = registry_load(text, faults, &c->rules.registry);
	return r > 0 ? explain("register", faults, why) : r ? err_pass(r) : 0;
}

static int load_convenanten(struct core *c, struct fault_list *faults, char why[400])
{
	struct store_cursor cursor;
	struct span note, text;
	struct hash digest;
	int r = store_first(c->store, KEYSPACE_META, SPAN_LITERAL(META_CONVENANT), SPAN_NONE, &cursor);

	while (!r && c->rules.n_convenanten < RULES_CONVENANTEN_MAX) {
		r = note_by_digest(c, RULES_CONVENANT, cursor.value, &note);
		if (r)
			return err_fold(r);
		r = note_text(note, &text, &digest);
		if (!r)
			r = convenant_load(text, c->rules.kader, faults, &c->rules.convenanten[c->rules.n_convenanten]);
		if (r)
			return r > 0 ? explain("convenant", faults, why) : err_pass(r);
		c->rules.n_convenanten++;
		r = store_next(c->store, &cursor);
	}
	return r && r != STORE_E_ABSENT ? err_fold(r) : 0;
}

int rules_store_load(struct core *c, char why[400])
{
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "store");
	c->rules.complete = true; /* the house sees every version: one that leaves some out breaks the chain of its own record */
	r = load_kader(c, &faults, why);
	if (!r)
		r = load_register(c, &faults, why);
	if (!r && c->rules.kader)
		r = load_convenanten(c, &faults, why);
	return r < 0 ? err_pass(r) : r;
}

int rules_store_reload(struct core *c)
{
	char why[400];
	int r;

	rules_fini(&c->rules);
	c->rules = (struct rules){ 0 };
	mandates_forget(c->mandates);
	r = rules_store_load(c, why);
	return r ? err_fold(r) : 0;
}

/* ---- admitting ---- */

/* The META key of the version just admitted, found by its text's digest. */
static int meta_key(const struct core *c, enum rules_kind kind, const struct hash *digest, char out[STORE_KEY_MAX])
{
	if (kind == RULES_KADER)
		snprintf(out, STORE_KEY_MAX, META_KADER);
	if (kind == RULES_REGISTER)
		snprintf(out, STORE_KEY_MAX, META_REGISTER);
	if (kind != RULES_CONVENANT)
		return 0;
	for (size_t i = 0; i < c->rules.n_convenanten; i++)
		if (hash_equal(convenant_digest(c->rules.convenanten[i]), digest)) {
			snprintf(out, STORE_KEY_MAX, META_CONVENANT "%s", convenant_id(c->rules.convenanten[i]));
			return 0;
		}
	return err_raise(-EINVAL);
}

static uint64_t sequence_of(const struct core *c, enum rules_kind kind, const struct hash *digest)
{
	if (kind == RULES_REGISTER)
		return c->rules.registry->sequence;
	for (size_t i = 0; kind == RULES_CONVENANT && i < c->rules.n_convenanten; i++)
		if (hash_equal(convenant_digest(c->rules.convenanten[i]), digest))
			return convenant_sequence(c->rules.convenanten[i]);
	return 0;
}

static int entry_write(struct core *c, enum rules_kind kind, const struct hash *digest, bool admitted,
		       const struct fault_list *faults)
{
	struct decision decision = { 0 };
	struct evidence e = { .kind = ENTRY_REGELS, .type = rules_kind_name(kind), .digest = digest, .decision = &decision };
	char sequence[64], fault[FAULT_TEXT_SIZE + 16];

	decision_add(&decision, CODE_CONVENANT_ONGELDIG, RULE_ADMIT, rules_kind_name(kind), admitted);
	if (admitted && kind != RULES_KADER) {
		snprintf(sequence, sizeof sequence, "volgnummer=%llu", (unsigned long long)sequence_of(c, kind, digest));
		e.details[e.n_details++] = sequence;
	}
	if (!admitted && faults->n) {
		snprintf(fault, sizeof fault, "fout=%s", faults->v[0].text);
		e.details[e.n_details++] = fault;
	}
	return err_pass(evidence_write(c, &e, NULL));
}

static int keep(struct core *c, enum rules_kind kind, const struct hash *digest, struct span note)
{
	uint8_t key[1 + HASH_BYTES];
	char meta[STORE_KEY_MAX] = "";
	int r = meta_key(c, kind, digest, meta);

	rules_key(kind, digest, key);
	if (!r)
		r = core_put(c, KEYSPACE_RULES, SPAN_OF(key), note);
	if (!r)
		r = core_put(c, KEYSPACE_META, span_of_text(meta), SPAN_OF(digest->bytes));
	return err_pass(r);
}

int rules_store_admit(struct core *c, struct span note, uint64_t now_unix_ms, struct fault_list *faults)
{
	int kind = rules_kind_of(note);
	struct hash digest;
	struct span text;
	bool admitted;
	int r = kind < 0 ? NOTE_E_MALFORMED : note_text(note, &text, &digest);

	if (r)
		return r < 0 ? err_pass(r) : RULES_STORE_E_UNKNOWN;
	r = rules_admit_at(&c->rules, (enum rules_kind)kind, note, c->rules.registry ? NULL : &c->trust, now_unix_ms,
			   faults);
	if (r < 0)
		return err_pass(r);
	if (r == RULES_E_SAME)
		return RULES_STORE_E_SAME;
	if (r == RULES_OK) {
		c->rules_changed = true;
		mandates_forget(c->mandates);
	}
	admitted = r == RULES_OK;
	r = entry_write(c, (enum rules_kind)kind, &digest, admitted, faults);
	if (r || !admitted)
		return r ? err_pass(r) : RULES_STORE_E_REFUSED;
	return err_pass(keep(c, (enum rules_kind)kind, &digest, note));
}

/* ---- handing out ---- */

int rules_store_reply(struct core *c, struct buffer *out)
{
	struct rules_reply reply = { 0 };
	struct store_cursor cursor;
	uint64_t size;
	int r = note_in_force(c, RULES_KADER, SPAN_LITERAL(META_KADER), &reply.kader);

	if (!r)
		r = note_in_force(c, RULES_REGISTER, SPAN_LITERAL(META_REGISTER), &reply.reg);
	if (r)
		return err_pass(r);
	r = store_first(c->store, KEYSPACE_META, SPAN_LITERAL(META_CONVENANT), SPAN_NONE, &cursor);
	while (!r && reply.n_convenanten < N_ELEMENTS(reply.convenanten)) {
		r = note_by_digest(c, RULES_CONVENANT, cursor.value, &reply.convenanten[reply.n_convenanten]);
		if (r)
			return err_fold(r);
		reply.n_convenanten++;
		r = store_next(c->store, &cursor);
	}
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	reply.checkpoint = c->receipts ? receipts_head(c, &size) : SPAN_NONE;
	return err_pass(rules_reply_encode(&reply, out));
}

int rules_store_version(struct core *c, struct span digest, struct span *note)
{
	int r = STORE_E_ABSENT;

	for (int kind = RULES_KADER; digest.len == HASH_BYTES && r == STORE_E_ABSENT && kind <= RULES_CONVENANT; kind++)
		r = note_by_digest(c, (enum rules_kind)kind, digest, note);
	return r == STORE_E_ABSENT ? RULES_STORE_E_UNKNOWN : r ? err_fold(r) : 0;
}

/* ---- trust ---- */

int trust_read(struct core *c, struct span text, char why[400])
{
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "trust");
	r = trust_parse(text, &faults, c->trust_keys, &c->trust);
	if (r <= 0)
		return err_pass(r);
	if (faults.v[0].line)
		snprintf(why, 400, "trust, line %u: %s", faults.v[0].line, faults.v[0].text);
	else
		snprintf(why, 400, "trust: %s", faults.v[0].text);
	return CORE_E_START;
}
