/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Evidence - the entry that says what happened: its record, its statement, the key it is sealed under.
 *
 * Under the log key of its casus, or the key of the house and the month (retention.h).
 */
#include "convenant/replay.h"
#include "daemon/core/inside.h"

struct evidence {
	enum entry_kind kind;
	const char *type;                 /* message kind or administrative act */
	const uint8_t *message_id;        /* 16 bytes, or NULL: none */
	const struct hash *digest;        /* of the envelope, or NULL */
	const struct message *message;    /* its header goes into the record; NULL: nothing of it can be believed */
	const struct decision *decision;  /* NULL: allowed, no rules */
	const struct mandate *mandate;
	const struct reg_node *node;
	const struct casus *casus;        /* for the phase */
	const char *sender;               /* when there is no message */
	struct text_list recipients;      /* whom it is about or told, when no message says so */
	const struct replay *replay;      /* what the decision rested on; NULL: nothing was decided with the convenant */
	struct span casus_id;             /* whose log key seals it; SPAN_NONE: the house's */
	size_t n_details;
	const char *details[16];          /* "key=value" */
};

/* evidence_write() - one leaf in the open batch. *out (may be NULL): one reference, for slip_unref(). */
MUST_CHECK int evidence_write(struct core *c, const struct evidence *e, struct slip **out);
/* evidence_slip() - of an entry written before: what a receipt needs. *out is NULL when its key is gone. */
MUST_CHECK int evidence_slip(struct core *c, uint64_t index, struct slip **out);
/* evidence_open() - an entry's record; false in *opened when its key is gone. */
MUST_CHECK int evidence_open(struct core *c, struct span entry, struct buffer *record, bool *opened);
/* evidence_load() - an entry and, while its key lives, its record; both buffers are overwritten. */
MUST_CHECK int evidence_load(struct core *c, uint64_t index, struct buffer *entry, struct buffer *record);
/* evidence_opening() - entry_opening() of an entry whose record was just opened. */
MUST_CHECK int evidence_opening(struct core *c, struct span entry, uint8_t out[ENTRY_OPENING_BYTES]);
/* evidence_input() - appends what the decision of that entry rested on; nothing when there is none, or its key is gone. */
MUST_CHECK int evidence_input(struct core *c, uint64_t index, struct buffer *out);
MUST_CHECK int evidence_forget_input(struct core *c, uint64_t index); /* of a casus that ends */
struct slip *slip_ref(struct slip *s);
struct slip *slip_unref(struct slip *s);
void slip_unrefp(struct slip **s);
