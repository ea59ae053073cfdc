/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Intake - one submitted message on its way to a decision; what apply.c, ack.c and inzage.c are given.
 */
#include "daemon/core/evidence.h"
#include "daemon/core/mandates.h"
#include "daemon/core/track.h"

struct intake {
	struct item *item;
	const struct message *m;
	const struct header *h;
	const struct reg_node *node;
	struct mandate_known known;
	const struct mandate *mandate;  /* the one that gives a right now; NULL when none does */
	bool right_node;                /* the node behind the session serves header.sender */
	bool has_casus, has_earlier, has_subject;
	struct casus casus;
	const struct casus *after;      /* as it is once this message was applied; NULL: none */
	struct track earlier;           /* what in_reply_to names, or what was opened; to who is no party to it there is none */
	struct header request;          /* an answer's: of the question */
	size_t n_items;
	struct casus_item items[MESSAGE_SOURCES_MAX];
	struct track subject;           /* an instemming's: the message it was asked for */
	struct casus_item subject_item;
	struct mandate offered;         /* mandaat: the one inside */
	struct decide_input input;      /* what the convenant decided with; its message is NULL when it did not */
	struct decision decision;       /* its findings, then what was found beside the rules */
	struct replay replay;
};

/* gather.c: what is known that the decision rests on */
MUST_CHECK int gather(struct core *c, struct intake *in);
/* answer_row() - of an earlier message: the recipient this one answers as. *for_whom: "" for itself, or the giver. NULL: none. */
struct track_recipient *answer_row(const struct core *c, const struct intake *in, const char **for_whom);
/* apply.c: everything that follows from an allowed message */
MUST_CHECK int apply(struct core *c, struct intake *in);
/* details.c: what its body says that is counted later, as details of its entry */
MUST_CHECK int details_of(struct intake *in, struct evidence *e);
/* ack.c: acknowledgements of a node; no convenant decides about them */
MUST_CHECK int ack_decide(struct core *c, struct intake *in);
/* inzage.c: what was asked of the log, as details of its entry; after the commit, one page sealed to the reader */
#define INZAGE_WORDS 15
struct inzage_words { char v[INZAGE_WORDS][112]; };
void inzage_describe(const struct body_inzage *q, struct inzage_words *words, struct evidence *e);
MUST_CHECK int inzage_page(struct core *c, struct item *item);
bool inzage_in_budget(struct core *c, const struct item *item); /* a page costs as much as thirty messages: not too many per node */

/* seen.c: message ids that were used */
struct seen {
	struct hash digest;
	uint64_t entry, forget_ms;
	uint64_t repeat; /* the HERHALING entry plus one; 0: not repeated yet */
};
enum { SEEN_OK = 0, SEEN_E_ABSENT = 1 };
#define SEEN_FOR_EVER UINT64_MAX
MUST_CHECK int seen_find(struct core *c, struct span message_id, struct seen *out);
MUST_CHECK int seen_put(struct core *c, struct span message_id, const struct seen *s);
uint64_t seen_until(const struct core *c, const struct header *h); /* for a message that leaves no track */
MUST_CHECK int seen_forget(struct core *c); /* a few of those whose time has come; in an open batch */

/* casus_store.c */
enum { CASUS_STORE_OK = 0, CASUS_STORE_E_ABSENT = 1 };
MUST_CHECK int casus_read(struct core *c, struct span id, struct casus *out);
MUST_CHECK int casus_write(struct core *c, const struct casus *casus, const struct data_key *key);
