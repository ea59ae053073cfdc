/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Track - what the house remembers of an accepted message: the message without its content (an item, convenant/item.h), which
 * later messages may rest on, and per recipient how far it came.
 * Sealed under the key of its casus (KEYSPACE_STATE), so it goes when the casus goes (KEYSPACE_OF_CASUS).
 *
 * Entry indices are kept plus one; 0 means that rung was not reached. All memory is in the arena given to track_load().
 */
#include "daemon/core/inside.h"

enum track_rung {
	TRACK_DELIVERED = 0,
	TRACK_OPENED,
	TRACK_ANSWERED,
	TRACK_WITHDRAWN,
	TRACK_REMINDED,  /* that a deadline comes near */
	TRACK_CONFIRMED, /* of a correctie: carried out */
	TRACK_REPORTED,  /* what came of it: the latest terugkoppeling */
	TRACK_RUNG_N
};
struct track_reached {
	uint64_t entry, ms;
};
struct track_recipient {
	const char *hoedanigheid;
	uint64_t inbox_sequence;
	bool queued;                       /* stands in its inbox */
	bool outside;                      /* was not on the casus when it was sent: another house, a gemachtigde */
	struct track_reached rungs[TRACK_RUNG_N];
	struct text_list answered_for;     /* "" for itself, or the giver of a volmacht: once for each */
};

struct track {
	uint8_t id[ID_BYTES];
	enum message_kind kind;
	struct hash digest;
	uint64_t entry, accepted_ms;       /* entry: plus one as well */
	/* When something is due; 0: nothing (any more). Each has its row in KEYSPACE_DUE. */
	uint64_t deadline_ms, remind_ms, expiry_ms, report_ms;
	struct track_reached term;         /* the entry that says the deadline passed */
	const char *sender, *behalf;       /* behalf: for whom it was sent, under a volmacht; "" */
	struct span casus;                 /* SPAN_NONE or 16 bytes */
	struct span item;                  /* item_encode(); SPAN_NONE of what was accepted before there were items */
	size_t n;
	struct track_recipient *v;
};

enum { TRACK_OK = 0, TRACK_E_ABSENT = 1 };
/* track_load() - TRACK_E_ABSENT: no such message was accepted, or its casus is gone. */
MUST_CHECK int track_load(struct core *c, struct span message_id, struct arena *arena, struct track *out);
MUST_CHECK int track_save(struct core *c, const struct track *t, const struct data_key *key);
/* track_save_again() - under the key it was loaded with. */
MUST_CHECK int track_save_again(struct core *c, const struct track *t);

/* track_item() - TRACK_E_ABSENT: it has none. */
MUST_CHECK int track_item(const struct track *t, struct arena *arena, struct casus_item *out);
/* track_item_set() - the item in its new state; the bytes are in the arena. The parts lose their wraps: nothing asks for them. */
MUST_CHECK int track_item_set(struct track *t, const struct casus_item *item, struct arena *arena);

struct track_recipient *track_recipient(const struct track *t, const char *hoedanigheid); /* NULL when it is none */
/* track_recipient_now() - or the one that it is the only successor of. */
struct track_recipient *track_recipient_now(const struct core *c, const struct track *t, const char *hoedanigheid);
/* track_party() - whether it sent it, it was sent for it, or it received it; itself or as the only successor. */
bool track_party(const struct core *c, const struct track *t, const char *hoedanigheid);
void track_reach(const struct core *c, struct track_recipient *v, enum track_rung rung, uint64_t entry);
bool track_queued(const struct track *t);     /* some recipient still has to fetch it */
/* track_waits_for() - whether this recipient still owes what the message asks: an antwoord, a bevestiging. */
bool track_waits_for(const struct track *t, const struct track_recipient *v);
bool track_open(const struct track *t);       /* some recipient still owes it */
/* track_header() - the header as the sender signed it. */
MUST_CHECK int track_header(const struct track *t, struct arena *arena, struct header *out);
