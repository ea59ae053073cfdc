/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The node: what kp_open() opens, shared by the files of this folder and by the load generator. Public
 * functions are one per file by job; this header holds what they share.
 */
#include "base/env.h"
#include "client/lib/failure.h"
#include "client/lib/home.h"
#include "client/lib/link.h"
#include "client/lib/state.h"
#include "convenant/mandate.h"

#define NODE_BATCH_MAX 64	      /* deliveries stored in one step, ids in one acknowledgement */
#define NODE_ACKS_MAX 256	      /* acknowledgements under way */
#define NODE_MANDATES_MAX 64	      /* verified mandates kept */
#define NODE_MESSAGE_BYTES (8u << 20) /* arena of one message: composed or opened */
#define NODE_SUBMIT_MS (UINT64_C(14) * 24 * 3600 * 1000) /* docs/decisions/0015 */
#define NODE_DEADLINE_MS (14u * 24 * 3600 * 1000)

struct ack {
	uint64_t correlation, again_ms; /* again_ms: to be sent at that moment; 0: under way */
	struct buffer envelope;
};

struct mandate_seen {
	struct arena *arena;
	struct span note;     /* verified: this note, in the arena, */
	struct hash registry; /* under this register */
	struct mandate mandate;
};

/* This node as a witness of the house's log: witness.c, checkpoint.c. */
struct witness {
	bool ready;	     /* key and card are there */
	bool greeted;	     /* on this connection the house proved its log, before anything else */
	bool turning;	     /* that is under way */
	bool due;	     /* the house published a head */
	uint64_t turned_ms;  /* when it was last done */
	struct keyfile key;
	struct note_key public_key;
	struct buffer card;
	struct buffer heard; /* the largest head of a receipt that nobody asked for */
};

struct kp_node {
	const struct env *env;
	struct home home;
	struct keyring keys;
	struct state *state;
	struct rules rules;	    /* registry NULL: none known yet */
	bool rules_stale;	    /* the house said that there are newer ones */
	struct link *link;	    /* NULL until the first call that needs it */
	const char *acting;	    /* who acts where no person is named; NULL: the home's default */
	bool refused;		    /* the last round met LINK_REFUSED */
	size_t fresh_aside;	    /* new inbox items that came while something else was asked */
	bool mandates_sent;	    /* of all persons here, taken by the house */
	bool serving;		    /* holds the serve lock */
	uint64_t forgot_unix_ms;    /* when it was last looked what has ended */
	uint64_t outbox_at_unix_ms; /* when the outbox was last looked through */
	uint64_t held_unix_ms;	    /* when the first held message leaves, as far as known; 0: none */
	struct arena *batch_arena;
	size_t n_batch;
	struct item batch[NODE_BATCH_MAX];
	const char *batch_for[NODE_BATCH_MAX]; /* the hoedanigheid of this node it was for */
	struct ack acks[NODE_ACKS_MAX];
	struct mandate_seen mandates[NODE_MANDATES_MAX];
	struct witness witness;
	size_t next_mandate;
};

bool node_serves(const struct kp_node *node, const char *hoedanigheid);
/* A path below the home in the arena; NULL when out of memory. */
const char *node_path(struct kp_node *node, struct arena *arena, const char *folder, const char *file);
/* node_keep() - write <folder>/<file>, best effort: evidence that can't be written is logged, never fatal. */
void node_keep(struct kp_node *node, const char *folder, const char *file, struct span bytes);
/* node_id() - UUID text to 16 bytes; KP_USAGE names the argument. */
enum kp_result node_id(const char *text, const char *argument, uint8_t out[ID_BYTES], struct kp_error *err);

/* --- rules_cache.c --- */
void rules_cache_load(
	struct kp_node *node); /* what lies in rules/, verified; nothing when it does not hold together */
/* rules_sync() - fetch, verify, keep. KP_OK; KP_UNVERIFIED: what the house sent does not hold, the old ones
 * stay. */
enum kp_result rules_sync(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err);
/* rules_need() - rules there are, fetched when there were none. */
enum kp_result rules_need(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err);

/* --- checkpoint.c --- */
/* checkpoint_seen() - remember the head of a receipt until it is proven. KP_NONE: it is no receipt with a head of this log, which is the
 * caller's to judge. KP_UNVERIFIED: it contradicts what was seen before, and this node has stopped. */
enum kp_result checkpoint_seen(struct kp_node *node, struct span receipt, struct kp_error *err);
/* checkpoint_turn() - have the house prove that the log only grew since this node last witnessed it and that all heads it has shown
 * are of it; cosign what it publishes. size: the largest that was proven; or NULL. KP_UNVERIFIED: a fork, this node has stopped. */
enum kp_result checkpoint_turn(struct kp_node *node, uint32_t timeout_ms, uint64_t *size, struct kp_error *err);
/* checkpoint_greet() - the turn that comes first on a connection, once. */
enum kp_result checkpoint_greet(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err);

/* --- keeping receipts: receipt_check.c --- */
/* receipt_verify() - open, and check that it is about this message (id; digest unless NULL). Spans in the
 * arena. */
struct receipt;
enum kp_result receipt_verify(struct kp_node *node, struct span text, const uint8_t *id,
			      const struct hash *digest, struct arena *arena, struct receipt *out,
			      struct kp_error *err);
void receipt_keep(struct kp_node *node, const uint8_t id[ID_BYTES], const char *rung,
		  const char *hoedanigheid, struct span text);
/* receipt_refusal() - the error that tells why a message was refused, from its receipt. */
enum kp_result receipt_refusal(const struct receipt *r, struct kp_error *err);
