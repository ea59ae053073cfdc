/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A world around one core: the Drenthe house with seven nodes, a real store and a real keeper in a folder, a clock that the test
 * turns, randomness from a seed. Frames the core sends to nodes are kept, decoded, in w->in; the keeper answers by itself.
 *
 * Keys come from fixed seeds. Parts are noise of the right form: the house can't open them anyway.
 */
#include "base/disk.h"
#include "convenant/rules.h"
#include "daemon/core/core.h"
#include "daemon/keeper/keeper.h"
#include "proto/receipt.h"
#include "proto/wire.h"
#include "tests/lib/harness.h"

#define WORLD_NOW UINT64_C(1795334400000) /* 2026-11-22T08:00:00Z */
#define DAY_MS UINT64_C(86400000)
#define WORLD_NODES 7
#define WORLD_NODES_MAX 32
#define WORLD_IN_MAX 8192

enum { ZVHD, DJI, POLITIE, RECLASSERING, GGZ, ASSEN, FRYSLAN }; /* the last is another house */

struct person {
	const char *id, *hoedanigheid, *klasse;
	struct secret *secret;
	uint8_t sign_key[32];
	struct buffer mandate;
	struct hash digest;
};
struct node {
	const char *id, *organisation;
	const char *hoedanigheden[4];
	uint8_t transport[32];
	struct secret *secret, *organisation_secret;
	struct note_key organisation_key;
	struct person person;      /* for the first hoedanigheid */
};
/* Who takes part, and when: the six of above now, unless a test says otherwise. */
struct world_party {
	const char *id, *organisation, *hoedanigheden[4], *role;
};
struct world_setup {
	const struct world_party *parties; /* the first six in the order of the enum */
	size_t n;
	uint64_t now;            /* where the clock starts */
	unsigned mandate_days;   /* how long mandates hold from then on; register and rules at least as long */
	const char *rules_from;  /* kader and convenant hold from this date instead of their own; NULL: as they are */
	bool whole_mandates;     /* a mandate covers all hoedanigheden of the node, not only the first */
};

struct in {
	uint64_t session;
	int verb; /* enum wire_verb */
	uint64_t correlation;
	struct buffer body;
};

struct world {
	char *folder;
	struct env env;
	uint64_t unix_ms, mono_ms, random;
	uint64_t mono_step_ms;         /* how far the monotonic clock goes each time it is read */
	struct world_setup setup;
	struct node nodes[WORLD_NODES_MAX];
	struct person officer;         /* privacy officer, of the first node */
	struct secret *stewards[3];
	struct note_key steward_keys[3];
	struct note_key log_key;
	uint8_t log_seed[32];
	struct buffer notes[3], trust; /* register, kader, convenant */
	struct registry *registry;     /* as in the note */
	struct keeper *keeper;
	struct store *store;
	struct slots *slots;
	struct core *core;
	struct disk io;
	struct disk slots_disk;
	bool disk_full;                /* the journal can't grow */
	bool slots_fail;               /* the key store can't be written */
	bool other_store_key;          /* start with a key that is not this store's */
	bool torn_whole;               /* then: all of it is written, the flush fails */
	bool torn;                     /* the next write stops half-way, as in a crash */
	bool keeper_silent;            /* its answers are kept back: world_keeper_speaks() */
	struct buffer keeper_answer;
	uint64_t keeper_size;          /* aux of the answer kept back; 0: none */
	unsigned threads;
	uint64_t map_bytes;            /* 0: 64 MiB */
	uint64_t expiry_ms, not_taken_up_ms, dormant_ms, interval_ms, wait_ms;
	size_t n_in;
	struct in in[WORLD_IN_MAX];
	size_t n_drops, n_allows, n_control;
	struct buffer control;         /* the last control answer */
	uint16_t control_verb;
	uint64_t credit;
	char why[400];
	uint64_t next_id;
};

void world_open(struct world *w, uint64_t seed); /* a folder, keys, notes; the core is not started */
void world_open_as(struct world *w, uint64_t seed, const struct world_setup *setup);
void world_close(struct world *w);
void world_renew(struct world *w, uint64_t seed); /* another folder, keeper and clock; the same keys and notes */
void world_keeper(struct world *w);              /* a keeper on what its folder holds, in place of the one there was */
void world_keeper_speaks(struct world *w);
int world_start(struct world *w);                /* store, core; the result of core_new() (w->why) */
void world_must_start(struct world *w);          /* and the mandates of all persons are handed in when new */
void world_crash(struct world *w);               /* store and core are gone, nothing was written out */
void world_stop(struct world *w);                /* gracefully */
void world_mandates(struct world *w);
/* A person with a key and a mandate that the organisation signed; world_person() hands it in too. */
void world_person_make(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid, const char *klasse);
void world_person(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid);
void world_person_fini(struct person *p);
void world_round(struct world *w);               /* commit, hand out, keeper, until nothing moves */
void world_handout(struct world *w);
void world_forget(struct world *w);              /* what was received so far */

void world_take(struct world *w, int node, uint64_t session, enum wire_verb verb, uint64_t correlation, struct span body);
void world_credit(struct world *w, int node, uint64_t session, uint32_t window);
void world_control(struct world *w, uint16_t verb, uint64_t aux, struct span body);
/* The n-th frame (from 0) of that verb to that session; NULL when there are fewer. session 0: any. */
const struct in *world_in(const struct world *w, uint64_t session, enum wire_verb verb, size_t n);
size_t world_count(const struct world *w, uint64_t session, enum wire_verb verb);
const struct in *world_answer(const struct world *w, uint64_t correlation, enum wire_verb verb);

/* A receipt must open with the log's key; what it says. */
void world_receipt(const struct world *w, const struct in *in, struct arena *arena, struct receipt *out);
int world_receipt_code(const struct world *w, uint64_t correlation); /* of the RECEIPT with it; fails without one */
void delivery_open(const struct in *in, struct arena *arena, struct delivery *out, uint8_t id[ID_BYTES]);
uint64_t world_size(const struct world *w);
size_t world_entries(struct world *w, enum entry_kind kind, enum code code); /* how many the log has */
/* Every decision in the log that was made with the rules in force, from what was kept of it: the same code, the same failures.
 * How many. */
size_t world_replays(struct world *w);
void world_store_key(uint8_t out[32]);
bool world_disk_has(const struct world *w, const char *text);                /* in any file of data_dir */
void world_pass(struct world *w, uint64_t ms);                               /* both clocks */
struct secret *world_reading_key(const char *hoedanigheid);
const struct in *world_fetch(struct world *w, int node, uint64_t session, const char *what, struct span id, uint64_t from,
			     const char *sender);                            /* the REPLY or TROUBLE */
/* Who is not in the register yet: VNN with a node for its behandeling. */
struct newcomer {
	struct admission admission;
	struct secret *organisation_secret;
	uint8_t enrol_key[32], invite[ID_BYTES];
};
void newcomer_make(struct newcomer *n);
void newcomer_free(struct newcomer *n);
void newcomer_request(const struct newcomer *n, struct buffer *note); /* the join request */
/* A register of the next version, signed by two stewards; the change is the caller's. */
void world_register_next(struct world *w, const struct admission *admission, struct buffer *note);
