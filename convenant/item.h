/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Item - what later messages may rest on: an accepted message without its content, and what its sources said of it.
 *
 * A correctie, aanvulling, instemming or verstrekking names earlier messages; the decision about it needs their headers, part
 * headers (categories, conditions), sources and instemmingen, never a ciphertext. The house keeps one per accepted message and
 * gives it, for a "may I?", to who sent or received it.
 * An item is a value: its pointers borrow from the arena it was made or decoded in, or from the message it was made of.
 */
#include "proto/message.h"

#define ITEM_SUPPLIERS_MAX 64
#define ITEM_GRANTS_MAX 64

struct item_grant {                      /* an instemming of one source */
	const char *by, *purpose, *target; /* target "": whoever of that kind */
	uint64_t until_unix_ms;          /* 0: until it takes it back */
};

struct casus_item {
	struct message message;          /* parts: headers and lengths; no ciphertext, no nonce, no wrapped key */
	struct text_list suppliers;      /* whose data it holds, ascending; none for a message without data */
	struct text_list asked;          /* of an antwoord: the categories of its question */
	bool withdrawn;                  /* its source took it back (correctie ingetrokken) */
	size_t n_grants;
	const struct item_grant *grants;
};

/* message_answers() - whether a message of this kind answers a question of that kind: the question itself is looked at, no item. */
static inline bool message_answers(enum message_kind answer, enum message_kind asked)
{
	return (answer == MESSAGE_ANTWOORD && asked == MESSAGE_VERZOEK) ||
	       (answer == MESSAGE_BEKENDHEIDSANTWOORD && asked == MESSAGE_BEKENDHEIDSVRAAG);
}

struct decide_input;
/* item_of() - of a message that is being accepted, from what it was decided with. 0; -ENOMEM. */
MUST_CHECK int item_of(const struct decide_input *in, struct arena *arena, struct casus_item *out);
/*
 * item_grant() - an accepted instemming changes the item that was asked for
 * @asked: the instemmingsverzoek that was answered; its in_reply_to names before
 * What the same source said before of that purpose and target no longer counts. 0; -ENOMEM, also when there are too many.
 */
MUST_CHECK int item_grant(const struct casus_item *before, const struct casus_item *asked, const struct message *instemming,
			  struct arena *arena, struct casus_item *out);

/* Messages without content, as bytes: what items and replays are made of. The forms stand at the top of item.c and replay.c. */
MUST_CHECK int skeleton_encode(const struct message *m, struct buffer *out);
enum { ITEM_OK = 0, ITEM_E_MALFORMED = 1 };
/* skeleton_decode() - lengths of what is left out are kept: such a span has no bytes to read, only its len counts. */
MUST_CHECK int skeleton_decode(struct span bytes, struct arena *arena, struct message *out);

/* Of a reader: a text (lp16, UTF-8) in the arena; "" with the reader failed when it is none. */
const char *item_read_text(struct reader *r, struct arena *arena);

MUST_CHECK int item_encode(const struct casus_item *item, struct buffer *out);
MUST_CHECK int item_decode(struct span bytes, struct arena *arena, struct casus_item *out);
