/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The start and the end. Everything that can be wrong with a house is found here, before the first frame: another store key,
 * another log key, a store that is behind the keeper or forked from it, rules that do not verify.
 *
 * KEYSPACE_META "run" -> "open" while the core runs, "closed" after a graceful stop. Absent: a new store.
 */
#include "daemon/core/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/due.h"
#include "daemon/core/evidence.h"
#include "daemon/core/index.h"
#include "daemon/core/join.h"
#include "daemon/core/mandates.h"
#include "daemon/core/published.h"
#include "daemon/core/receipts.h"
#include "daemon/core/retention.h"
#include "daemon/core/rules_store.h"
#include "daemon/core/selfproof.h"
#include "daemon/core/session.h"
#include "daemon/core/witness.h"

#define META_RUN "run"
#define PROBE "huis/proef" /* a key that tells whether the store key is the one this store was made with */
#define BATCH_DEFAULT 256
#define IN_FLIGHT_DEFAULT 1024
#define DAY_MS (UINT64_C(24) * 3600 * 1000)
#define EXPIRY_DEFAULT_MS (30 * DAY_MS)

struct core *core_free(struct core *c)
{
	if (!c)
		return NULL;
	c->pool = verify_pool_free(c->pool);
	if (c->store && store_in_batch(c->store))
		store_abort(c->store);
	for (size_t i = 0; i < c->n_effects; i++)
		slip_unref(c->effects[i].slip);
	free(c->effects);
	for (size_t i = 0; i < c->n_item_slots; i++) {
		arena_free(c->items[i]->arena);
		buffer_fini(&c->items[i]->body);
		free(c->items[i]->faults);
		free(c->items[i]);
	}
	free(c->items);
	c->receipts = receipts_free(c->receipts);
	c->index = index_free(c->index);
	c->proof = selfproof_free(c->proof);
	c->published = published_free(c->published);
	c->witnesses = witnesses_free(c->witnesses);
	c->sessions = core_sessions_free(c->sessions);
	c->mandates = mandates_free(c->mandates);
	c->keys = keyring_free(c->keys);
	rules_fini(&c->rules);
	outbox_fini(&c->out);
	arena_free(c->scratch);
	buffer_fini(&c->record);
	buffer_fini(&c->input);
	buffer_fini(&c->plain);
	buffer_fini(&c->sealed);
	free(c);
	return NULL;
}

static void core_freep(struct core **c)
{
	*c = core_free(*c);
}

static int refuse(char why[400], const char *text)
{
	snprintf(why, 400, "%s", text);
	return CORE_E_START;
}

static int make(const struct core_options *o, struct core *c)
{
	int r;

	c->store = o->store;
	c->env = o->env;
	c->batch_max = o->batch_max ? o->batch_max : BATCH_DEFAULT;
	c->in_flight_max = o->in_flight_max ? o->in_flight_max : IN_FLIGHT_DEFAULT;
	c->skew_ms = o->skew_ms;
	c->replay_ms = o->replay_ms;
	c->expiry_ms = o->expiry_ms ? o->expiry_ms : EXPIRY_DEFAULT_MS;
	c->not_taken_up_ms = o->not_taken_up_ms ? o->not_taken_up_ms : TERM_DAYS_NOT_TAKEN_UP * DAY_MS;
	c->dormant_ms = o->dormant_ms;
	c->rss_bytes = o->rss_bytes;
	c->rss_ctx = o->rss_ctx;
	c->due_unix_ms = c->end_unix_ms = UINT64_MAX;
	c->started_mono_ms = env_mono_ms(o->env);
	c->scratch = arena_new(MESSAGE_ARENA_BYTES);
	r = c->scratch ? keyring_new(o->store, o->slots, o->env, o->store_key, &c->keys) : -ENOMEM;
	if (!r)
		r = mandates_new(&c->mandates);
	if (!r)
		r = core_sessions_new(&c->sessions);
	if (!r)
		r = receipts_new(&c->receipts);
	if (!r)
		r = index_new(&c->index);
	if (!r)
		r = selfproof_new(&c->proof);
	if (!r)
		r = published_new(o->checkpoint_interval_ms, &c->published);
	if (!r)
		r = witnesses_new(o->witness_wait_ms, &c->witnesses);
	if (!r)
		r = verify_pool_new(o->verify_threads, &c->pool);
	return err_pass(r);
}

/* Time never goes back behind the newest entry, whatever the clock says. */
static int clock_start(struct core *c)
{
	uint64_t size = store_size(c->store);
	struct span bytes;
	struct entry last;
	int r;

	c->now_unix_ms = env_unix_ms(c->env);
	if (!size)
		return 0;
	r = store_entry(c->store, size - 1, &bytes);
	if (!r)
		r = entry_parse(bytes, &last);
	if (r)
		return err_fold(r);
	if (last.time_unix_ms > c->now_unix_ms) {
		log_warn("clock-behind-log", "by_ms=%llu", (unsigned long long)(last.time_unix_ms - c->now_unix_ms));
		c->now_unix_ms = last.time_unix_ms;
	}
	return 0;
}

static int act(struct core *c, const char *type)
{
	const struct evidence e = { .kind = ENTRY_BEHEER, .type = type };

	return err_pass(evidence_write(c, &e, NULL));
}

/* The probe tells whether the store's keys open; a new store gets one. */
static int probe(struct core *c, bool first, char why[400])
{
	struct data_key key;
	int r = first ? core_batch(c) : keyring_of(c->keys, SPAN_LITERAL(PROBE), &key);

	if (!r && first)
		r = keyring_make(c->keys, SPAN_LITERAL(PROBE), &key);
	if (r == KEYRING_E_ABSENT)
		return refuse(why, "store_key is not the key this store was made with: its keys do not open");
	return r ? err_fold(r) : 0;
}

/* What kind of start this is; the first and the one after a crash are entries. */
static int opening(struct core *c, char why[400])
{
	bool first, crashed;
	struct span run;
	int r = store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META_RUN), &run);

	first = r == STORE_E_ABSENT;
	crashed = !r && span_equal(run, SPAN_LITERAL("open"));
	if (r && !first)
		return err_fold(r);
	r = probe(c, first, why);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = index_start(c);
	if (!r && (first || crashed) && !witnesses_halted(c))
		r = act(c, first ? "eerste-start" : "herstart");
	return r ? err_pass(r) : err_pass(core_put(c, KEYSPACE_META, SPAN_LITERAL(META_RUN), SPAN_LITERAL("open")));
}

static int known(struct core *c, struct span note, bool *out)
{
	uint8_t key[1 + HASH_BYTES];
	struct span text, lines, value;
	int kind = rules_kind_of(note), r;

	*out = false;
	if (kind < 0 || note_split(note, &text, &lines) != NOTE_OK)
		return 0;
	key[0] = (uint8_t)kind;
	rules_digest(text, key + 1);
	r = store_get(c->store, KEYSPACE_RULES, SPAN_OF(key), &value);
	*out = r == STORE_OK;
	return r && r != STORE_E_ABSENT ? err_fold(r) : 0;
}

/* A version that was in force once is no news: the folder may lag behind what was published since. */
static int admit(struct core *c, struct span note, char why[400])
{
	struct fault_list faults;
	bool old;
	int r = known(c, note, &old);

	if (r || old)
		return err_pass(r);
	fault_list_init(&faults, "note");
	r = rules_store_admit(c, note, 0, &faults);
	if (r < 0)
		return err_pass(r);
	if (r == RULES_STORE_E_REFUSED || r == RULES_STORE_E_UNKNOWN) {
		snprintf(why, 400, "a %s in rules_dir is not admitted: %s", rules_kind_name((enum rules_kind)rules_kind_of(note)),
			 faults.n ? faults.v[0].text : "it is no rules note");
		return CORE_E_START;
	}
	return 0;
}

static int admit_all(struct core *c, const struct core_options *o, char why[400])
{
	int r = 0;

	for (size_t i = 0; !r && i < o->n_notes && !witnesses_halted(c); i++)
		r = admit(c, o->notes[i], why);
	if (r)
		return r < 0 ? err_pass(r) : r;
	if (!c->rules.registry || !c->rules.kader)
		return refuse(why, "there is no register or no kader: rules_dir must hold register.note and kader.note");
	if (memcmp(c->rules.registry->log_key.public_key, receipts_key(c)->public_key, 32) != 0 ||
	    !text_equal(c->rules.registry->log_key.name, receipts_key(c)->name))
		return refuse(why, "the register names another log key than the keeper has: log_key is not this house's");
	return c->rules_changed ? err_pass(join_settle(c)) : 0;
}

static int begin(struct core *c, const struct core_options *o, char why[400])
{
	int r = trust_read(c, o->trust, why);

	if (!r)
		r = clock_start(c);
	if (!r)
		r = receipts_start(c, o->keeper, why);
	if (!r) /* after that: only a store that holds all that was signed says which keys may go */
		r = keyring_start(c->keys, why) == KEYRING_E_STALE ? CORE_E_START : r;
	if (!r)
		r = selfproof_start(c, why);
	if (!r)
		r = rules_store_load(c, why);
	if (!r)
		r = published_start(c);
	if (!r)
		r = witnesses_start(c);
	if (!r)
		r = opening(c, why);
	if (!r)
		r = admit_all(c, o, why);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = keyring_flush(c->keys);
	if (!r)
		r = store_commit(c->store);
	if (r == STORE_E_FULL || r == KEYRING_E_FULL)
		return refuse(why, "the store can't be written: is the disk full?");
	return r ? err_fold(r) : err_pass(keyring_settle(c->keys));
}

int core_new(const struct core_options *options, struct core **out, char why[400])
{
	CLEANUP(core_freep) struct core *c = calloc(1, sizeof *c);
	struct frame_out credit = { .to = CORE_FROM_GATE, .verb = IPC_CORE_CREDIT };
	int r;

	if (!c)
		return err_raise(-ENOMEM);
	r = make(options, c);
	if (!r)
		r = begin(c, options, why);
	if (r)
		return r < 0 ? err_pass(r) : r;
	c->rules_changed = false;
	credit.aux = c->in_flight_max;
	r = join_allow(c);
	if (!r)
		r = out_frame(&c->out, &credit, SPAN_NONE);
	if (!r)
		r = receipts_ask(c);
	if (!r)
		r = due_next(c);
	if (!r)
		r = retention_next(c);
	if (r)
		return err_pass(r);
	*out = TAKE(c);
	return CORE_OK;
}

int core_stop(struct core *core)
{
	int r = core_commit(core);

	for (const struct session *s = sessions_of(core, NULL, NULL); !r && s; s = sessions_of(core, NULL, s)) {
		const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session_id(s) };

		wire_begin(out_begin(&core->out), WIRE_BYE, 0);
		r = out_end(&core->out, &frame);
	}
	if (!r)
		r = core_put(core, KEYSPACE_META, SPAN_LITERAL(META_RUN), SPAN_LITERAL("closed"));
	if (!r)
		r = receipts_keep(core);
	if (!r)
		r = published_keep(core);
	if (r)
		return err_pass(r);
	r = store_commit(core->store);
	if (!r)
		r = store_checkpoint(core->store);
	if (r == STORE_E_FULL) {
		log_warn("stop-not-noted", "hint=\"the disk is full; the next start will be noted as a restart\"");
		return 0;
	}
	return r ? err_fold(r) : 0;
}
