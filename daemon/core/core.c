/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The round. Whoever changes its order changes what the house promises: outputs are written only by release(), which runs only
 * when the store said that the batch is durable. What a refused batch leaves behind in memory is thrown away by rollback():
 * caches hold only what the store holds too, and are empty afterwards.
 *
 * Frames that change nothing durable (a window, a ping, a signed head) are dealt with when taken.
 */
#include "daemon/core/inside.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/control.h"
#include "daemon/core/due.h"
#include "daemon/core/fetch.h"
#include "daemon/core/index.h"
#include "daemon/core/intake.h"
#include "daemon/core/join.h"
#include "daemon/core/receipts.h"
#include "daemon/core/retention.h"
#include "daemon/core/rules_store.h"
#include "daemon/core/selfproof.h"
#include "daemon/core/session.h"
#include "daemon/core/mandates.h"
#include "daemon/core/published.h"
#include "daemon/core/witness.h"

#define RETRY_MS 1000
#define ITEM_ARENA_BYTES (2 * MESSAGE_ARENA_BYTES) /* a message, and what it rests on */
#define BATCH_BYTES_MAX ((size_t)16 << 20)
#define ITEM_KEEP_BYTES ((size_t)64 << 10)

/* ---- what the other files use ---- */

int core_batch(struct core *c)
{
	int r;

	if (store_in_batch(c->store))
		return 0;
	r = store_begin(c->store);
	return r ? err_fold(r) : 0;
}

int core_put(struct core *c, enum keyspace space, struct span key, struct span value)
{
	int r = core_batch(c);

	if (!r)
		r = store_put(c->store, space, key, value);
	return r ? err_fold(r) : 0;
}

int core_delete(struct core *c, enum keyspace space, struct span key)
{
	int r = core_batch(c);

	if (!r)
		r = store_delete(c->store, space, key);
	return r ? err_fold(r) : 0;
}

int core_effect(struct core *c, const struct effect *effect)
{
	if (c->n_effects == c->effect_capacity) {
		size_t capacity = c->effect_capacity ? c->effect_capacity * 2 : 256;
		struct effect *v = reallocarray(c->effects, capacity, sizeof *v);

		if (!v) {
			slip_unref(effect->slip);
			return err_raise(-ENOMEM);
		}
		c->effects = v;
		c->effect_capacity = capacity;
	}
	c->effects[c->n_effects++] = *effect;
	return 0;
}

int core_receipt(struct core *c, struct item *item, struct slip *slip)
{
	const struct effect effect = { .kind = EFFECT_RECEIPT, .session = item->session, .correlation = item->wire.correlation,
				       .slip = slip };

	if (!slip)
		return 0;
	item->waits = true;
	return err_pass(core_effect(c, &effect));
}

/* ---- taking ---- */

static int item_slot(struct core *c, struct item **out)
{
	struct item **v;

	if (c->n_items == c->n_item_slots) {
		v = reallocarray(c->items, c->n_item_slots + 1, sizeof *v);
		if (!v)
			return err_raise(-ENOMEM);
		c->items = v;
		v[c->n_item_slots] = calloc(1, sizeof **v);
		if (!v[c->n_item_slots])
			return err_raise(-ENOMEM);
		v[c->n_item_slots]->arena = arena_new(ITEM_ARENA_BYTES);
		if (!v[c->n_item_slots]->arena) {
			free(v[c->n_item_slots]);
			return err_raise(-ENOMEM);
		}
		c->n_item_slots++;
	}
	*out = c->items[c->n_items];
	return 0;
}

static int item_new(struct core *c, enum core_from from, uint64_t client, const struct ipc_frame *frame, struct item **out)
{
	struct item *item = NULL;
	int r = item_slot(c, &item);

	if (r)
		return err_pass(r);
	item->from = from;
	item->verb = frame->verb;
	item->client = client;
	item->session = frame->session;
	item->aux = frame->aux;
	item->after = AFTER_NOTHING;
	item->trouble = item->trouble_text = item->outcome = NULL;
	item->waits = item->whole = false;
	buffer_reset(&item->body);
	buffer_bytes(&item->body, frame->body);
	r = buffer_ok(&item->body);
	if (r)
		return err_pass(r);
	c->n_items++;
	c->items_bytes += item->body.len;
	*out = item;
	return 0;
}

static int pong(struct core *c, uint64_t session, uint64_t correlation)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session };

	wire_begin(out_begin(&c->out), WIRE_PONG, correlation);
	return err_pass(out_end(&c->out, &frame));
}

/* A frame the gate should not have let through: the peer is dropped, and nothing of it is kept. */
static int drop(struct core *c, uint64_t session, const char *why)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_DROP, .session = session };

	log_warn("session-dropped", "why=%s", why);
	sessions_gone(c, session);
	c->credit_back++;
	return err_pass(out_frame(&c->out, &frame, SPAN_NONE));
}

static int take_wire(struct core *c, const struct ipc_frame *frame, const struct wire_frame *wire)
{
	struct item *item;
	int r;

	switch (wire->verb) {
	case WIRE_PING:
		c->credit_back++;
		return err_pass(pong(c, frame->session, wire->correlation));
	case WIRE_CREDIT:
		if (wire->body.len != 4)
			return err_pass(drop(c, frame->session, "credit"));
		c->credit_back++;
		sessions_window(c, frame->session, get_u32(wire->body.ptr));
		return 0;
	case WIRE_SUBMIT:
	case WIRE_FETCH:
	case WIRE_JOIN:
	case WIRE_COSIGN:
		break;
	case WIRE_RECEIPT:
	case WIRE_DELIVERY:
	case WIRE_REPLY:
	case WIRE_TROUBLE:
	case WIRE_NOTICE:
	case WIRE_PONG:
	case WIRE_BYE:
		return err_pass(drop(c, frame->session, "verb"));
	}
	r = item_new(c, CORE_FROM_GATE, 0, frame, &item);
	if (r)
		return err_pass(r);
	memcpy(item->transport, item->body.ptr, 32);
	r = wire_parse(span_of(item->body.ptr + 32, item->body.len - 32), &item->wire);
	if (r)
		return err_fold(r);
	item->after = wire->verb == WIRE_FETCH ? AFTER_FETCH : AFTER_NOTHING;
	if (wire->verb == WIRE_SUBMIT) {
		arena_reset(item->arena);
		r = intake_take(c, item);
	}
	return err_pass(r);
}

static int take_gate(struct core *c, const struct ipc_frame *frame)
{
	struct wire_frame wire;
	bool known;
	int r;

	switch (frame->verb) {
	case IPC_GATE_READY:
		memset(c->gate_endpoint, 0, sizeof c->gate_endpoint);
		memcpy(c->gate_endpoint, frame->body.ptr,
		       frame->body.len < sizeof c->gate_endpoint ? frame->body.len : sizeof c->gate_endpoint - 1);
		return 0;
	case IPC_GATE_GONE:
		sessions_gone(c, frame->session);
		return 0;
	case IPC_GATE_MESSAGE:
		break;
	default:
		return err_raise(-EPROTO);
	}
	if (frame->body.len < 32)
		return err_raise(-EPROTO);
	r = sessions_heard(c, frame->session, frame->body.ptr, &known);
	if (r)
		return err_pass(r);
	if (!known)
		return err_pass(drop(c, frame->session, "too-many-sessions"));
	r = wire_parse(span_of(frame->body.ptr + 32, frame->body.len - 32), &wire);
	if (r < 0)
		return err_pass(r);
	return r ? err_pass(drop(c, frame->session, "malformed")) : err_pass(take_wire(c, frame, &wire));
}

static int take_keeper(struct core *c, const struct ipc_frame *frame)
{
	if (frame->verb == IPC_KEEPER_SIGNED)
		return err_pass(receipts_signed(c, frame->aux, frame->body));
	if (frame->verb == IPC_KEEPER_PUBLIC)
		return 0;
	log_error("keeper-refused", "why=\"%.*s\" hint=\"the log and the keeper disagree: this is a fork, or data_dir was set back\"",
		  (int)(frame->body.len < 300 ? frame->body.len : 300), (const char *)frame->body.ptr);
	return err_raise(-EPROTO);
}

int core_take(struct core *core, enum core_from from, uint64_t client, const struct ipc_frame *frame)
{
	struct item *item;

	switch (from) {
	case CORE_FROM_GATE:
		return err_pass(take_gate(core, frame));
	case CORE_FROM_KEEPER:
		return err_pass(take_keeper(core, frame));
	case CORE_FROM_CONTROL:
		if (!control_knows(frame->verb))
			return CORE_E_CLIENT;
		return err_pass(item_new(core, from, client, frame, &item));
	}
	return err_raise(-EINVAL);
}

/* ---- deciding ---- */

/* What changes something, and so can't be done while batches can't be written or this house is halted. */
static bool acts(const struct item *item)
{
	if (item->from == CORE_FROM_CONTROL)
		return item->verb == IPC_CTL_PUBLISH || item->verb == IPC_CTL_INVITE || item->verb == IPC_CTL_ENTRIES;
	return item->wire.verb != WIRE_FETCH && item->wire.verb != WIRE_COSIGN;
}

static void item_unable(struct item *item, const char *text)
{
	item->waits = false;
	item->after = AFTER_NOTHING;
	if (item->faults)
		item->faults->n = 0;
	item->trouble = code_name(CODE_AUDIT_NIET_BESCHIKBAAR);
	item->trouble_text = text;
}

/* What has ended is gone before anything that came in is judged; not before it is known that this is the log that was signed. */
static int decide(struct core *c)
{
	const bool writable = env_mono_ms(c->env) >= c->retry_mono_ms;
	int r = writable && witnesses_may_sign(c) ? retention_run(c) : 0;

	for (size_t i = 0; !r && i < c->n_items; i++) {
		struct item *item = c->items[i];

		if (acts(item) && witnesses_halted(c))
			item_unable(item, "a witness showed that this log was set back or forked; nothing is taken until that is put right");
		else if (item->from == CORE_FROM_CONTROL)
			r = control_decide(c, item);
		else if (item->wire.verb == WIRE_SUBMIT)
			r = intake_decide(c, item);
		else if (item->wire.verb == WIRE_JOIN)
			r = join_decide(c, item);
		else if (item->wire.verb == WIRE_COSIGN)
			r = witness_decide(c, item);
		else if (writable && !witnesses_halted(c))
			r = fetch_decide(c, item);
	}
	if (!r && writable)
		r = witnesses_halted(c) ? witnesses_halted_keep(c) : due_run(c);
	return err_pass(r);
}

/* ---- releasing ---- */

static int reply(struct core *c, uint64_t session, uint64_t correlation, const char *text)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session };
	struct buffer *b = out_begin(&c->out);

	wire_begin(b, WIRE_REPLY, correlation);
	buffer_text(b, text);
	return err_pass(out_end(&c->out, &frame));
}

static int effect_run(struct core *c, struct effect *e)
{
	switch (e->kind) {
	case EFFECT_NOTICE:
		if (!sessions_of(c, e->hoedanigheid, NULL)) {
			e->slip = slip_unref(e->slip);
			return 0;
		}
		return err_pass(receipts_add(c, e));
	case EFFECT_RECEIPT:
		return err_pass(receipts_add(c, e));
	case EFFECT_QUEUED:
		sessions_queued(c, e->hoedanigheid);
		return 0;
	case EFFECT_SETTLED:
		sessions_settled(c, e->hoedanigheid, e->id);
		return 0;
	case EFFECT_REPLY:
		return err_pass(reply(c, e->session, e->correlation, e->text));
	}
	return err_raise(-EINVAL);
}

static int effects_run(struct core *c)
{
	size_t i = 0;
	int r = 0;

	for (; !r && i < c->n_effects; i++)
		r = effect_run(c, &c->effects[i]);
	for (; i < c->n_effects; i++)
		slip_unref(c->effects[i].slip);
	c->n_effects = 0;
	return err_pass(r);
}

static int item_finish(struct core *c, struct item *item)
{
	int r = 0;

	if (item->from == CORE_FROM_CONTROL) {
		r = control_answer(c, item);
	} else {
		if (item->trouble)
			r = out_trouble(c, item->session, item->wire.correlation, item->trouble, item->trouble_text);
		else if (item->after == AFTER_FETCH)
			r = fetch_answer(c, item);
		else if (item->after == AFTER_PAGE)
			r = inzage_page(c, item);
		else if (item->after == AFTER_WORD)
			r = reply(c, item->session, item->wire.correlation, item->outcome);
		if (!item->waits)
			c->credit_back++;
	}
	if (item->body.capacity > ITEM_KEEP_BYTES)
		buffer_fini(&item->body);
	arena_reset(item->arena);
	return err_pass(r);
}

static int items_finish(struct core *c)
{
	int r = 0;

	for (size_t i = 0; !r && i < c->n_items; i++)
		r = item_finish(c, c->items[i]);
	c->n_items = 0;
	c->items_bytes = 0;
	return err_pass(r);
}

/* Nodes fetch the rules again; the gate learns who may connect now. */
static int rules_tell(struct core *c)
{
	int r = sessions_rebind(c);

	for (const struct session *s = sessions_of(c, NULL, NULL); !r && s; s = sessions_of(c, NULL, s)) {
		const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session_id(s) };

		wire_begin(out_begin(&c->out), WIRE_NOTICE, 0);
		r = out_end(&c->out, &frame);
	}
	return err_pass(r);
}

static int release(struct core *c)
{
	bool changed = c->rules_changed;
	int r = 0;

	c->rules_changed = false;
	if (changed)
		r = rules_tell(c);
	if (!r && (changed || c->allow_changed))
		r = join_allow(c);
	if (!r)
		r = effects_run(c);
	return r ? err_pass(r) : err_pass(items_finish(c));
}

/*
 * Nothing of the batch happened: who sent something in it is told so, and what was remembered of it is forgotten. Readings are
 * answered as ever.
 */
static int rollback(struct core *c)
{
	int r;

	if (!c->unavailable)
		log_error("audit-unavailable", "hint=\"batches can't be written: is the disk, or the map, full?\"");
	c->unavailable = true;
	for (size_t i = 0; i < c->n_effects; i++)
		slip_unref(c->effects[i].slip);
	c->n_effects = 0;
	r = keyring_forget(c->keys);
	mandates_forget(c->mandates);
	if (!r)
		r = index_rollback(c);
	memset(c->exporters, 0, sizeof c->exporters);
	c->head_unsaved = true;
	published_rolled_back(c);
	witnesses_rolled_back(c);
	c->allow_changed = false;
	c->retry_mono_ms = env_mono_ms(c->env) + RETRY_MS;
	if (!r && c->rules_changed) {
		r = rules_store_reload(c);
		if (!r)
			r = sessions_rebind(c);
		c->rules_changed = false;
	}
	for (size_t i = 0; i < c->n_items; i++) {
		c->items[i]->waits = false;
		if (acts(c->items[i]))
			item_unable(c->items[i], "the log can't be written now; nothing happened, try again later");
	}
	return r ? err_pass(r) : err_pass(items_finish(c));
}

/* *written: false when there was no room for it, and nothing happened. */
static int batch_write(struct core *c, bool *written)
{
	int r = receipts_keep(c);

	if (!r)
		r = published_keep(c);
	if (!r)
		r = witnesses_keep(c);
	if (!r)
		r = seen_forget(c);
	if (!r)
		r = keyring_flush(c->keys);
	if (r < 0)
		return err_pass(r);
	if (r)
		store_abort(c->store);
	else
		r = store_commit(c->store);
	*written = !r;
	return r == KEYRING_E_FULL || r == STORE_E_FULL ? 0 : err_fold(r);
}

static int batch_end(struct core *c)
{
	const bool batch = store_in_batch(c->store);
	bool written = true;
	int r = batch ? batch_write(c, &written) : 0;

	if (!r && written)
		r = keyring_settle(c->keys);
	if (r)
		return err_pass(r);
	if (!written)
		return err_pass(rollback(c));
	if (batch && c->unavailable)
		log_warn("audit-available", "entries=%llu", (unsigned long long)store_size(c->store));
	c->unavailable &= !batch;
	return err_pass(release(c));
}

int core_commit(struct core *core)
{
	uint64_t clock = env_unix_ms(core->env);
	int r;

	if (clock > core->now_unix_ms)
		core->now_unix_ms = clock;
	verify_collect(core->pool);
	sessions_tick(core, env_mono_ms(core->env));
	r = selfproof_step(core);
	if (!r)
		r = decide(core);
	if (!r)
		r = batch_end(core);
	if (!r)
		r = receipts_ask(core);
	if (!r)
		r = receipts_flush(core);
	if (!r)
		r = published_tick(core);
	if (!r && !witnesses_halted(core))
		r = sessions_deliver(core);
	if (!r)
		r = due_next(core);
	if (!r)
		r = retention_next(core);
	if (!r && core->credit_back) {
		const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_CREDIT, .aux = core->credit_back };

		core->credit_back = 0;
		r = out_frame(&core->out, &frame, SPAN_NONE);
	}
	return err_pass(r);
}

bool core_full(const struct core *core)
{
	return core->n_items >= core->batch_max || core->items_bytes >= BATCH_BYTES_MAX;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t core_due_ms(const struct core *core)
{
	uint64_t mono = env_mono_ms(core->env), due = sessions_due_ms(core), at;
	uint64_t work = core->due_unix_ms;

	due = earlier(due, selfproof_due_ms(core));
	if (core->n_items || core->credit_back || (sessions_ready(core) && !witnesses_halted(core)))
		return mono;
	due = earlier(due, published_due_ms(core));
	due = earlier(due, witnesses_due_ms(core));
	if (witnesses_halted(core))
		return due;
	if (witnesses_due_ms(core) == UINT64_MAX)
		work = earlier(work, core->end_unix_ms);
	if (work == UINT64_MAX)
		return due;
	at = work > core->now_unix_ms ? mono + (work - core->now_unix_ms) : mono;
	at = at > core->retry_mono_ms ? at : core->retry_mono_ms;
	return earlier(at, due);
}

bool core_idle(const struct core *core)
{
	return !core->n_items && !receipts_waiting(core) && (!sessions_ready(core) || witnesses_halted(core)) && core->out.next == core->out.n;
}

bool core_check(struct core *core)
{
	return !core->n_effects && !store_in_batch(core->store) && core_sessions_check(core) && receipts_check(core);
}
