/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Rule - one question of the decision. Private to this folder.
 *
 * Each rule is one function and one row: stable id, the code it refuses with, its article, the kinds it is about. The rows of
 * the five files below, in this order, are the order of evaluation: what a person would be told first comes first.
 * Adding a rule: its function and row here, its two sentences in explain_text.c, a test that breaks only it (test_decide.c).
 */
#include "convenant/decide.h"
#include "convenant/inside.h"

struct governing {             /* a convenant with a rule for this overleg */
	const struct convenant *convenant;
	const struct afspraak *rule;
	const struct party *sender; /* NULL: no party */
};

struct judge {
	const struct decide_input *in;
	struct decision *out;
	const struct message *m;
	const struct header *h;
	const struct kader *kader;
	const struct registry *registry;
	enum regime regime;                          /* of the header */
	const struct reg_hoedanigheid *sender;       /* NULL: unknown */
	const struct soort *sender_soort;            /* NULL: unknown */
	const struct reg_hoedanigheid *recipients[MESSAGE_LIST_MAX];
	const struct soort *recipient_soorten[MESSAGE_LIST_MAX];
	/*
	 * The casus, only when the sender is of its circle. To all others it looks as if it did not exist: every rule that
	 * looks at its state uses this and not in->casus, or a refusal would tell an outsider that there is such a casus.
	 */
	const struct casus *casus;
	const struct header *request;                /* likewise */
	const char *overleg;                         /* of the header, else of the casus; "" when unknown */
	const struct reg_overleg *overleg_row;       /* NULL: unknown */
	size_t n_governing;
	struct governing governing[RULES_CONVENANTEN_MAX];
	int categories[MESSAGE_LIST_MAX];            /* numbers of header.categories; -1 unknown */
	int parts[MESSAGE_PARTS_MAX];                /* numbers of the parts' categories; -1 unknown */
	/* The rule being judged. */
	enum code code;
	const char *rule, *article;
	bool failed;
};

struct rule {
	const char *id;
	enum code code;
	const char *article;
	uint32_t kinds;
	bool (*judge)(struct judge *j); /* false: the question does not arise (something it needs failed before) */
};
struct rule_list {
	size_t n;
	const struct rule *v;
};

#define KINDS_NODE (KIND_BIT(MESSAGE_MANDAAT) | KIND_BIT(MESSAGE_ONTVANGST))
#define KINDS_PERSON (KINDS_ALL & ~KINDS_NODE)
/* What belongs to a casus and needs a basis. */
#define KINDS_CASUS (KINDS_PERSON & ~(KIND_BIT(MESSAGE_GEOPEND) | KIND_BIT(MESSAGE_INZAGE)))
#define KINDS_KNOWN_CASUS (KINDS_CASUS & ~KIND_BIT(MESSAGE_AANMELDING))
#define KINDS_DATA (KIND_BIT(MESSAGE_AANMELDING) | KIND_BIT(MESSAGE_ANTWOORD))
/* Those whose sender is the source of the data in them. */
#define KINDS_SOURCE (KIND_BIT(MESSAGE_AANMELDING) | KIND_BIT(MESSAGE_ANTWOORD) | KIND_BIT(MESSAGE_MELDING) | \
		      KIND_BIT(MESSAGE_AANVULLING) | KIND_BIT(MESSAGE_CORRECTIE))
#define KINDS_PARTS (KINDS_DATA | KIND_BIT(MESSAGE_VERZOEK) | KIND_BIT(MESSAGE_BEOORDELING))

extern const struct rule_list rules_form;    /* what a message must say, and when; no identity in the open */
extern const struct rule_list rules_party;   /* who speaks: hoedanigheid, person, mandate, convenant */
extern const struct rule_list rules_casus;   /* the casus: its circle, its phase */
extern const struct rule_list rules_basis;   /* overleg, grondslag, doel, consent */
extern const struct rule_list rules_content; /* categories, parts, secrecy, answers */

/* judge_fail() - the rule being judged fails on this subject ("" or NULL: the message as a whole). */
void judge_fail(struct judge *j, const char *subject);
/* judge_as() - from here on the finding carries this id and article (NULL: keep): a row of the kader or of a convenant. */
void judge_as(struct judge *j, const char *rule, const char *article);
/* judge_must() - judge_fail() unless the condition holds. */
void judge_must(struct judge *j, bool holds, const char *subject);

const struct soort *judge_soort(const struct judge *j, const char *hoedanigheid); /* NULL: unknown, or of no known kind */
bool judge_has_data(const struct judge *j);  /* an aanmelding or antwoord that gives categories */
bool judge_text_in(const char *word, const struct text_list *list);

/* message_source() - for whom it speaks: the giver of a volmacht, else its sender. */
static inline const char *message_source(const struct message *m)
{
	return *m->header.on_behalf_of ? m->header.on_behalf_of : m->header.sender;
}

/* rules_find() - for explain: the row of an id, or of "<convenant>/<rule>.<what>". NULL when unknown. */
const struct rule *rules_find(const char *id);
