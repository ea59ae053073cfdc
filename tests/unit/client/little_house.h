/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A house that can be told to misbehave: real CURVE, real receipts from a real tree, no decisions, in one
 * thread. The daemon is tested with the daemon; this is for what a good daemon never does.
 */
#include <stdatomic.h>

#include "convenant/casus.h"
#include "tests/unit/client/fixture.h"

enum little_mode {
	LITTLE_GOOD = 0,
	LITTLE_REFUSES,	      /* GEEN_GRONDSLAG, with a receipt */
	LITTLE_OTHER_DIGEST,  /* receipts about other bytes */
	LITTLE_OTHER_MESSAGE, /* receipts about another message */
	LITTLE_OTHER_KEY,     /* checkpoints signed by somebody else */
	LITTLE_FORGETS_ONCE,  /* takes the message, says BYE instead of answering, and is good from then on */
	LITTLE_BUSY_ONCE, /* TROUBLE AUDIT_NIET_BESCHIKBAAR to the first SUBMIT, and is good from then on */
	LITTLE_FORKED,	  /* another history of the same length */
	LITTLE_SHORTER,	  /* shows the log as it was after its first entry */
	LITTLE_TWICE,	  /* delivers everything twice */
	LITTLE_NO_PROOFS, /* does not say what its log is */
};

struct little_house;

struct little_house *little_house_new(struct paper_house *paper);
void little_house_free(struct little_house *h);
void little_house_mode(struct little_house *h, enum little_mode mode);
unsigned little_house_submits(struct little_house *h); /* without acknowledgements */
unsigned little_house_acked(struct little_house *h);   /* message ids acknowledged */
unsigned little_house_cosigned(struct little_house *h); /* COSIGN frames */
void little_house_shown(struct little_house *h, struct buffer *note); /* the checkpoint of the last one */
/* What it answers to casus and casus-list from now on; before that it answers nonsense. Borrowed. */
void little_house_casussen(struct little_house *h, const struct casus *v, size_t n);
/* A free endpoint, for paper_house_new(). Static storage. */
const char *little_endpoint(void);
