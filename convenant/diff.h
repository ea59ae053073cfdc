/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Diff - what becomes allowed and what becomes forbidden when one convenant takes the place of another.
 *
 * Compared is what they mean, per overleg, and not how they are written: a rule cut in two, with the same
 * content, changes nothing. A volmacht is compared by its id. A withdrawal ends the period. What one
 * may do with a party or category is the narrowest of kader, party and rule; each of those lines is told by itself. Pure.
 * The differences of (a, b) that allow are those of (b, a) that forbid, in the same order.
 */
#include "convenant/convenant.h"

enum diff_effect { DIFF_ALLOWED = 0, DIFF_FORBIDDEN, DIFF_OTHER, DIFF_EFFECT_N };

enum diff_what { /* where; subject; detail */
	DIFF_PERIOD = 0,      /* -; from; until: of the time gained or lost */
	DIFF_SIGNER,          /* -; organisation */
	DIFF_QUORUM,          /* -; the lower number; the higher */
	DIFF_PARTY,           /* hoedanigheid; kind */
	DIFF_SUPPLY,          /* hoedanigheid; category; its sub-codes that were there before and stay */
	DIFF_OVERLEG,         /* overleggen; regime: exchange in it at all */
	DIFF_OVERLEG_CONSENT, /* likewise, with consent only */
	DIFF_REGIME,          /* overleggen; regime */
	DIFF_GRONDSLAG,       /* overleggen; grondslag */
	DIFF_DOEL,            /* overleggen; doel */
	DIFF_MESSAGE,         /* overleggen; kind of message */
	DIFF_CATEGORY,        /* overleggen; category; as DIFF_SUPPLY */
	DIFF_ASKER,           /* overleggen; who may ask */
	DIFF_ASKER_ALL,       /* overleggen; who may ask in the version that names them, "": none does */
	DIFF_CONSENT,         /* overleggen: without consent */
	DIFF_KRING,           /* overleggen: about the circle */
	DIFF_TERM,            /* overleggen; the shorter term for an answer in hours; the longer */
	DIFF_TERM_URGENT,     /* likewise, when urgent */
	DIFF_VOLMACHT,        /* volmacht; who acts; for whom */
	DIFF_VOLMACHT_PERIOD, /* volmacht; from; until */
	DIFF_VOLMACHT_OVERLEG,
	DIFF_VOLMACHT_MESSAGE,
	DIFF_VOLMACHT_CATEGORY, /* volmacht; category; as DIFF_SUPPLY */
	/* neither allows nor forbids: old; new */
	DIFF_ID,
	DIFF_NAME,
	DIFF_RAC,
	DIFF_RULE,            /* overleggen; id and name of its rule */
	DIFF_WHAT_N
};

struct diff_change {
	enum diff_effect effect;
	enum diff_what what;
	const char *where, *subject, *detail; /* "" when there is none */
};

struct diff { /* texts borrow from the convenanten, the kader and the arena */
	struct arena *arena;
	size_t n, room;
	struct diff_change *v;
};

/* convenant_diff() - both loaded under one kader. 0, out to diff_fini(); <0 fatal. */
MUST_CHECK int convenant_diff(const struct convenant *a, const struct convenant *b, struct diff *out);
void diff_fini(struct diff *d);

const char *diff_what_name(enum diff_what what); /* "grondslag" */
/* diff_sentence() - v[0..n) with the same effect, what and where as one sentence. language: "nl" | "en". */
void diff_sentence(const struct diff_change *v, size_t n, const char *language, struct buffer *out);
/* diff_print() - all of it, for who reads the convenant. */
MUST_CHECK int diff_print(const struct convenant *a, const struct convenant *b, const struct diff *d,
			  const char *language, struct buffer *out);
