/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Inside - what the files of this folder know of a loaded kader and convenant. Private to this folder.
 *
 * Categories are numbered by their place in the kader, so that "may this one supply that" is a bit in a set. A convenant's
 * sets hold the numbers of the kader it was loaded with and of no other: rules_admit() loads it again under a new kader.
 */
#include "convenant/load.h"
#include "convenant/rules.h"

#define CODES_MAX 128

struct code_set {
	uint64_t bits[CODES_MAX / 64];
};

static inline void codes_add(struct code_set *s, size_t i)
{
	s->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline bool codes_have(const struct code_set *s, size_t i)
{
	return s->bits[i / 64] >> (i % 64) & 1;
}

static inline void codes_unite(struct code_set *s, const struct code_set *other)
{
	for (size_t i = 0; i < N_ELEMENTS(s->bits); i++)
		s->bits[i] |= other->bits[i];
}

static inline void codes_narrow(struct code_set *s, const struct code_set *other)
{
	for (size_t i = 0; i < N_ELEMENTS(s->bits); i++)
		s->bits[i] &= other->bits[i];
}

static inline bool codes_meet(const struct code_set *a, const struct code_set *b)
{
	return (a->bits[0] & b->bits[0]) || (a->bits[1] & b->bits[1]);
}

#define KINDS_ALL ((1u << MESSAGE_KIND_N) - 2)
#define LID_BIT(lid) ((uint8_t)(1u << (lid)))

struct category {              /* first member: sorted and found by id */
	struct kader_category c;
	struct code_set covers;    /* itself, and for a head its sub-codes */
	uint32_t only_in;          /* kinds; 0: data, in any message that carries data */
	bool police;               /* needs a Wpg article and a person category */
};
struct soort {
	struct kader_kind k;
	struct code_set supplies;
};
struct grondslag {
	const char *id, *name;
	enum regime regime;
	uint32_t kinds;
	uint8_t to;                /* bits of enum lid: whom a message on this basis may be addressed to */
	bool after_known;          /* only to a house that said that it knows the betrokkene (WGS 2.28(2)) */
	bool to_confirm;           /* our reading; the RAC has not confirmed it */
};
struct doel {
	const char *id, *name, *article, *retention; /* retention: its row there */
	enum regime regime;
};
struct voorwaarde {                /* what a source may attach to what it supplies */
	const char *id, *name, *article;
	struct text_list forbids;  /* kinds of target of a verstrekking: deelnemer, huis, verband, derde */
	struct text_list only;     /* soorten; empty: whoever */
};
struct handeling {
	const char *article;       /* NULL: nobody may */
	uint8_t lids;
};
struct phase_row {
	const char *article;       /* NULL: this phase does not exist in this regime */
	uint8_t lids[MESSAGE_KIND_N];
	uint32_t next;             /* bits of enum phase */
};
struct retention {
	const char *id, *article;
	uint64_t months;
};

struct kader {
	struct arena *arena;
	const char *id, *name;
	struct rac rac;
	uint64_t sequence, from_unix_ms, until_unix_ms;
	struct hash previous, digest;
	size_t n_soorten, n_categories, n_grondslagen, n_doelen, n_retention, n_klassen, n_ave, n_voorwaarden;
	struct kader_klasse *klasse_rows;
	struct kader_ave *ave_rows;
	struct voorwaarde *voorwaarden;
	struct soort *soorten;
	struct category *categories;
	struct grondslag *grondslagen;
	struct doel *doelen;
	struct retention *retention;
	struct code_set data;      /* every category that is no question and no motivation */
	struct handeling handelingen[MESSAGE_KIND_N];
	enum phase begin[REGIME_OVERIG + 1];
	struct phase_row phases[REGIME_OVERIG + 1][PHASE_N];
	const char *secrecy_article, *police_article, *kring_article, *criteria_article, *staff_article, *purpose_article;
	const char *time_article, *agenda_article, *renewal_article, *correction_article, *feedback_article,
		*deadline_article, *urgent_article, *consent_article, *source_article, *notice_article;
	struct text_list secrecy_bases, wpg_articles, person_categories, person_roles;
	struct text_list klassen, ave, age_classes, purposes, exchange_classes, reading_classes;
	struct text_list notices;          /* soorten of a melding */
	struct text_list consent_purposes; /* of an instemmingsverzoek */
	struct text_list consent_givers;   /* who gives a toestemming */
	struct text_list reasons[MESSAGE_KIND_N]; /* codes; empty: a message of this kind gives none */
	struct kader_terms terms;
	uint64_t screening_months, training_months, skew_ms, lifetime_ms;
};

void kader_read(struct load *l, struct kader *k); /* kader_load.c: the whole text into a zeroed kader */
bool kader_confirm(struct load *l, struct yaml_node row); /* "rac: bevestigen": our reading, to be confirmed */
void kader_settings_read(struct load *l, struct yaml_node root, struct kader *k); /* kader_settings.c: all but the tables */
const struct voorwaarde *kader_voorwaarde(const struct kader *k, const char *id);
int kader_category_index(const struct kader *k, const char *id); /* -1 when unknown */
const struct grondslag *kader_grondslag(const struct kader *k, const char *id);
const struct doel *kader_doel(const struct kader *k, const char *id);
/* kader_codes() - the categories of a list with what they cover; unknown ones are faults at the key. */
void kader_codes(const struct kader *k, struct load *l, struct yaml_node map, const char *key, struct code_set *out);

struct party {
	const char *id;            /* hoedanigheid */
	const struct soort *soort;
	struct code_set supplies;
};
struct afspraak {                  /* one rule of a convenant: what goes in its overleggen */
	const char *id, *name;
	enum regime regime;
	uint32_t kinds;
	struct text_list overleggen, grondslagen, doelen, askers; /* askers empty: every participant */
	struct code_set categories;
	bool consent, kring;
	uint64_t ask_ms, ask_urgent_ms; /* what a verzoek leaves at least for its answer: the kader's, or more */
	/* "<convenant>/<rule>.<what>", made once so that a decision can point at them */
	const char *rule_overleg, *rule_grondslag, *rule_doel, *rule_vrager, *rule_categorie, *rule_toestemming, *rule_kring,
		*rule_bericht, *rule_termijn;
};
struct volmacht {                  /* one party acts for another */
	const char *id, *giver, *holder;
	uint32_t kinds;
	struct text_list overleggen;
	struct code_set categories;
	uint64_t from_unix_ms, until_unix_ms;
	const char *rule;          /* "<convenant>/<volmacht>.volmacht" */
};
struct overleg_rule {              /* index: overleg -> its rule */
	const char *overleg;
	const struct afspraak *rule;
};

struct convenant {
	struct arena *arena;
	struct span text;
	const struct kader *kader;     /* loaded under this one, which must outlive it */
	const char *id, *name;
	struct rac rac;
	uint64_t sequence, from_unix_ms, until_unix_ms, withdrawn_unix_ms, quorum; /* withdrawn 0: it is not */
	struct hash previous, digest;
	struct text_list signers;
	size_t n_parties, n_rules, n_overleggen, n_volmachten;
	struct volmacht *volmachten;
	struct party *parties;
	struct afspraak *rules;
	struct overleg_rule *overleggen;
};

const struct party *convenant_party(const struct convenant *c, const char *hoedanigheid);
const struct afspraak *convenant_rule(const struct convenant *c, const char *overleg);
void volmachten_read(struct load *l, struct yaml_node root, struct convenant *c); /* convenant_volmacht.c: after parties and rules */
/* convenant_volmacht() - the row by which `holder` acts for `giver` now, with this kind in this overleg; NULL when none does. */
const struct volmacht *convenant_volmacht(const struct convenant *c, const char *giver, const char *holder, enum message_kind kind,
					  const char *overleg, uint64_t now_unix_ms);
/* volmacht_same() - whether two rows give the same power; they are of convenanten loaded under one kader. */
bool volmacht_same(const struct volmacht *a, const struct volmacht *b);
void rac_print(const struct rac *rac, const char *language, struct buffer *out);
