/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Rule - one question of the decision. Private to this folder.
 *
 * Each rule is one function and one row: stable id, the code it refuses with, its article, the kinds it is about. The rows of
 * the files below, in this order, are the order of evaluation: what a person would be told first comes first.
 * Adding a rule: its function and row here, its two sentences in explain_text.c, a test that breaks only it (test_decide.c).
 */
#include "convenant/decide.h"
#include "convenant/inside.h"

struct governing {             /* a convenant with a rule for this overleg */
	const struct convenant *convenant;
	const struct afspraak *rule;
	const struct party *party;     /* for whom is spoken; NULL: no party */
	const struct volmacht *volmacht; /* by which the sender speaks for another; NULL: by none */
};

struct judge {
	const struct decide_input *in;
	struct decision *out;
	const struct message *m;
	const struct header *h;
	const struct kader *kader;
	const struct registry *registry;
	enum regime regime;                          /* of the header */
	/*
	 * The sender signs; the speaker is for whom it does: itself, or who gave it a volmacht. Circle, askers, sources and categories
	 * are the speaker's, the mandate is the sender's, and what both must be is asked of both.
	 */
	const char *speaker;
	const struct reg_hoedanigheid *sender, *speaker_row; /* NULL: unknown */
	const struct soort *sender_soort, *speaker_soort;    /* NULL: unknown */
	const struct reg_hoedanigheid *recipients[MESSAGE_LIST_MAX];
	const struct soort *recipient_soorten[MESSAGE_LIST_MAX];
	const char *knower;                          /* who is heard: the speaker under a volmacht in force, else the sender */
	bool opens;                                  /* it begins a casus: an aanmelding, or a melding where there is none */
	/*
	 * The casus, only when the knower takes part in it, is a house that was addressed about it, or puts right what it gave or got
	 * before it left. To all others it looks as if it did not exist: every rule that looks at its state, or at what went before in
	 * it, uses these and not in->casus, in->request and in->items, or a refusal would tell an outsider that there is such a casus.
	 */
	const struct casus *casus;
	const struct header *request;                /* when it was put to the knower; NULL */
	const struct casus_item *answered;           /* what in_reply_to names, when the knower sent or received it; NULL */
	size_t n_sources;
	const struct casus_item *sources[MESSAGE_SOURCES_MAX]; /* likewise; as the message names them, NULL where unknown */
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

#define KIND(name) KIND_BIT(MESSAGE_##name)
#define KINDS_NODE (KIND(MANDAAT) | KIND(ONTVANGST))
#define KINDS_PERSON (KINDS_ALL & ~KINDS_NODE)
/* What belongs to a casus and needs a basis. */
#define KINDS_CASUS (KINDS_PERSON & ~(KIND(GEOPEND) | KIND(INZAGE)))
#define KINDS_KNOWN_CASUS (KINDS_CASUS & ~KIND(AANMELDING)) /* a melding that opens one is left out by judge.opens */
/* Those whose sender is the source of the data in them; a correctie is of whoever supplied what it corrects. */
#define KINDS_SOURCE (KIND(AANMELDING) | KIND(ANTWOORD) | KIND(MELDING) | KIND(AANVULLING))
#define KINDS_DATA (KINDS_SOURCE | KIND(CORRECTIE) | KIND(VERSTREKKING) | KIND(BEKENDHEIDSANTWOORD))
#define KINDS_QUESTION (KIND(VERZOEK) | KIND(BEKENDHEIDSVRAAG) | KIND(INSTEMMINGSVERZOEK))
#define KINDS_PARTS (KINDS_DATA | KINDS_QUESTION | KIND(BEOORDELING) | KIND(TERUGKOPPELING))
#define KINDS_ABOUT (KINDS_DATA | KIND(VERZOEK) | KIND(BEKENDHEIDSVRAAG)) /* they say whom they are about */
/* They put right what was given, in whoever's hands it is; who gets them follows from who has it. */
#define KINDS_REPAIR (KIND(CORRECTIE) | KIND(BEVESTIGING))
/* Those that name one earlier message that is no question to be answered. */
#define KINDS_ABOUT_ITEM (KIND(AANVULLING) | KIND(TERUGKOPPELING) | KIND(CORRECTIE) | KIND(BEVESTIGING) | \
			  KIND(INSTEMMINGSVERZOEK) | KIND(INSTEMMING))

extern const struct rule_list rules_form;     /* what every message must say, and when */
extern const struct rule_list rules_identity; /* no identity in the open */
extern const struct rule_list rules_kind;     /* what a message of its kind must say */
extern const struct rule_list rules_party;    /* who speaks: hoedanigheid, person, mandate, convenant */
extern const struct rule_list rules_casus;    /* the casus: its circle, its phase, its term */
extern const struct rule_list rules_basis;    /* overleg, grondslag, doel, consent */
extern const struct rule_list rules_item;     /* messages that rest on others: answers, corrections */
extern const struct rule_list rules_supply;   /* what goes further, what is kept longer */
extern const struct rule_list rules_content;  /* categories, parts, secrecy */
#define RULE_LISTS                                                                                        \
	{ &rules_form,	&rules_identity, &rules_kind, &rules_party,                                       \
	  &rules_casus, &rules_basis,	 &rules_item, &rules_supply, &rules_content }

/* judge_fail() - the rule being judged fails on this subject ("" or NULL: the message as a whole). */
void judge_fail(struct judge *j, const char *subject);
/* judge_as() - from here on the finding carries this id and article (NULL: keep): a row of the kader or of a convenant. */
void judge_as(struct judge *j, const char *rule, const char *article);
/* judge_must() - judge_fail() unless the condition holds. */
void judge_must(struct judge *j, bool holds, const char *subject);

const struct soort *judge_soort(const struct judge *j, const char *hoedanigheid); /* NULL: unknown, or of no known kind */
enum lid judge_lid(const struct judge *j, const char *hoedanigheid);         /* LID_N when unknown */
bool judge_has_data(const struct judge *j);  /* a message that gives categories */
bool judge_text_in(const char *word, const struct text_list *list);
bool judge_stands(const struct judge *j, const char *hoedanigheid, const char *for_whom); /* itself, or its successor */
/* judge_was_sent() - whether a message went to this hoedanigheid, or to one it stands for. */
bool judge_was_sent(const struct judge *j, const struct header *h, const char *hoedanigheid);
bool judge_is_data(const struct judge *j, int category);        /* a known category that is no question and no motivation */
bool judge_part_is_data(const struct judge *j, size_t i);       /* so is that of the i-th part, or an unknown one */
bool judge_ids_equal(struct span a, struct span b);             /* both are ids, and the same */
bool judge_item_has_data(const struct judge *j, const struct casus_item *item);
void judge_parts_in(struct judge *j, const struct code_set *set); /* every category given is in the set */
bool judge_outside(enum lid lid);                               /* a house or a verband: never of a circle or an overleg */
/* judge_party() - the row of a hoedanigheid, or of the one it came from (succession). NULL: no party. */
const struct party *judge_party(const struct judge *j, const struct convenant *c, const char *hoedanigheid);
/* judge_supply() - what a party may supply under a rule: kader, convenant and rule together, and its volmacht. */
struct code_set judge_supply(const struct judge *j, const struct governing *g, const char *hoedanigheid);

/* message_source() - for whom a message speaks: the giver of a volmacht, else its sender. */
static inline const char *message_source(const struct message *m)
{
	return *m->header.on_behalf_of ? m->header.on_behalf_of : m->header.sender;
}

/* rules_find() - for explain: the row of an id, or of "<convenant>/<rule>.<what>". NULL when unknown. */
const struct rule *rules_find(const char *id);
