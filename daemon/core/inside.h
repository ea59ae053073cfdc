/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the files of the core share: the core itself, an item (one frame that came in), an effect (what waits for the commit).
 *
 * The order of a round, which every file keeps to:
 *   take     frames become items; form is checked, signatures go to the workers           intake.c, verify.c
 *   decide   in arrival order, inside the open batch: reads, puts, leaves, effects        intake.c, apply.c, ack.c, join.c, ...
 *   commit   the store makes the batch durable, or nothing happened                       core.c
 *   release  effects, reads (fetch, page, status), deliveries                             core.c, receipts.c, session.c
 * Until release nothing outside the batch changes but caches, and core_rollback() empties those.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "convenant/decide.h"
#include "convenant/trust.h"
#include "daemon/core/core.h"
#include "daemon/core/keys.h"
#include "daemon/core/verify.h"
#include "proto/record.h"
#include "proto/wire.h"

#define DUE_PER_ROUND 64
#define EXPORTERS_MAX 16
#define READINGS_SLOTS 64
#define SENDER_SIZE (REGISTER_ID_MAX + 1)

/* What a receipt needs of an entry just written. Counted: a receipt and a notice may share one. */
struct slip {
	unsigned refs;
	uint64_t index;
	uint8_t salt[SALT_BYTES];
	size_t entry_len, statement_len;
	uint8_t bytes[]; /* entry, statement */
};

enum effect_kind {
	EFFECT_RECEIPT, /* to one session, when signed */
	EFFECT_NOTICE,  /* to the sessions that serve a hoedanigheid, when signed */
	EFFECT_QUEUED,  /* a hoedanigheid has something new in its inbox */
	EFFECT_SETTLED, /* a message left a hoedanigheid's inbox */
	EFFECT_REPLY,   /* a short text to one session */
};
struct effect {
	enum effect_kind kind;
	uint64_t session, correlation;
	struct slip *slip;
	char hoedanigheid[SENDER_SIZE];
	uint8_t id[ID_BYTES];
	const char *text;
};

enum after { AFTER_NOTHING = 0, AFTER_FETCH, AFTER_PAGE, AFTER_WORD, AFTER_CONTROL };
struct item {
	enum core_from from;
	uint16_t verb;
	uint64_t client, session, aux;
	struct buffer body;           /* the frame's body, our own copy */
	uint8_t transport[32];
	struct wire_frame wire;
	bool whole;                   /* SUBMIT: decoded; otherwise why says what is wrong */
	const char *why;
	struct arena *arena;
	struct envelope envelope;
	struct message message;
	struct verify_job job;
	enum after after;
	const char *trouble;          /* answer with this code: no entry was made */
	const char *trouble_text;
	bool waits;                   /* its credit goes back with its receipt */
	struct fault_list *faults;    /* control: what the operator must read */
	const char *outcome;          /* what the reply says: AFTER_WORD and control */
};

struct frame_out {
	enum core_from to;
	uint16_t verb;
	uint64_t client, session, aux;
	size_t offset, len;
};
struct outbox {
	struct buffer bytes;
	struct frame_out *v;
	size_t n, capacity, next;
};

struct mandates;
struct sessions;
struct receipts;
struct log_index;
struct selfproof;
struct witnesses;
struct published;

struct core {
	struct store *store;
	const struct env *env;
	struct keyring *keys;
	struct mandates *mandates;
	struct verify_pool *pool;
	struct sessions *sessions;
	struct receipts *receipts;
	struct log_index *index;
	struct selfproof *proof;
	struct witnesses *witnesses;
	struct published *published;
	struct rules rules;
	struct rules_trust trust;
	struct note_key trust_keys[TRUST_STEWARDS_MAX];
	struct outbox out;
	size_t batch_max;
	uint64_t skew_ms, replay_ms, expiry_ms, not_taken_up_ms, dormant_ms;
	unsigned in_flight_max;
	uint64_t (*rss_bytes)(void *ctx);
	void *rss_ctx;

	struct item **items;          /* taken since the last commit; those beyond n_items are kept for reuse */
	size_t n_items, n_item_slots, items_bytes;
	struct effect *effects;
	size_t n_effects, effect_capacity;

	uint64_t now_unix_ms;         /* max(clock, time of the last entry): never goes back */
	uint64_t due_unix_ms;         /* the next row of KEYSPACE_DUE; UINT64_MAX when there is none */
	uint64_t end_unix_ms;         /* of KEYSPACE_END */
	uint64_t retry_mono_ms;       /* no work of our own before this: the last batch could not be written */
	uint64_t started_mono_ms;
	bool rules_changed;           /* in the open batch */
	bool allow_changed;
	bool head_unsaved;
	bool unavailable;             /* the last batch could not be written; said once */
	uint64_t credit_back;         /* gate messages dealt with since the last CREDIT frame */
	char gate_endpoint[256];
	struct reading { uint64_t second; unsigned n; } readings[READINGS_SLOTS]; /* pages asked for, by transport key; two may share a slot */
	uint64_t exporters[EXPORTERS_MAX]; /* control clients whose export is on record; the oldest makes room */
	size_t n_exporters;
	struct arena *scratch;        /* one decision's or one query's memory; reset before each */
	struct buffer record, input, plain, sealed; /* reused by evidence, tracks and queues; never across their calls */
};

/* core.c */
MUST_CHECK int core_batch(struct core *c);  /* opens the batch when none is open; every put comes after it */
MUST_CHECK int core_put(struct core *c, enum keyspace space, struct span key, struct span value);
MUST_CHECK int core_delete(struct core *c, enum keyspace space, struct span key);
MUST_CHECK int core_effect(struct core *c, const struct effect *effect); /* takes over a reference to its slip */
MUST_CHECK int core_receipt(struct core *c, struct item *item, struct slip *slip); /* as effect; NULL slip is fine */

/* out.c: frames that wait to be fetched by core_next() */
struct buffer *out_begin(struct outbox *out);
MUST_CHECK int out_end(struct outbox *out, const struct frame_out *frame); /* what was written since out_begin() */
MUST_CHECK int out_frame(struct outbox *out, const struct frame_out *frame, struct span body);
MUST_CHECK int out_trouble(struct core *c, uint64_t session, uint64_t correlation, const char *code, const char *text);
void outbox_fini(struct outbox *out);

/* intake.c */
MUST_CHECK int intake_take(struct core *c, struct item *item);   /* form, key, job */
MUST_CHECK int intake_decide(struct core *c, struct item *item);
