/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Track - what the house remembers of an accepted message: its header for checking answers, and per recipient how far it came.
 * Sealed under the key of its casus (KEYSPACE_STATE), so it goes when the casus goes (KEYSPACE_OF_CASUS).
 *
 * Entry indices are kept plus one; 0 means that rung was not reached. All memory is in the arena given to track_load().
 */
#include "daemon/core/inside.h"

struct track_recipient {
	const char *hoedanigheid;
	uint64_t inbox_sequence;
	bool queued;                       /* stands in its inbox */
	uint64_t delivered, delivered_ms, opened, opened_ms, answered, answered_ms, withdrawn, withdrawn_ms;
};

struct track {
	uint8_t id[ID_BYTES];
	enum message_kind kind;
	struct hash digest;
	uint64_t entry, accepted_ms;       /* entry: plus one as well */
	uint64_t deadline_ms, expiry_ms;   /* 0: none */
	uint64_t term, term_ms;            /* the entry that says the deadline passed */
	const char *sender;
	struct span casus;                 /* SPAN_NONE or 16 bytes */
	struct span header;                /* bytes as sent */
	size_t n;
	struct track_recipient *v;
};

enum { TRACK_OK = 0, TRACK_E_ABSENT = 1 };
/* track_load() - TRACK_E_ABSENT: no such message was accepted, or its casus is gone. */
MUST_CHECK int track_load(struct core *c, struct span message_id, struct arena *arena, struct track *out);
MUST_CHECK int track_save(struct core *c, const struct track *t, const struct data_key *key);
/* track_save_again() - under the key it was loaded with. */
MUST_CHECK int track_save_again(struct core *c, const struct track *t);
struct track_recipient *track_recipient(const struct track *t, const char *hoedanigheid); /* NULL when it is none */
bool track_queued(const struct track *t);     /* some recipient still has to fetch it */
bool track_unanswered(const struct track *t); /* a verzoek some recipient did not answer */
/* track_header() - the header as the sender signed it; false when it does not decode (then it never did). */
MUST_CHECK int track_header(const struct track *t, struct arena *arena, struct header *out);
