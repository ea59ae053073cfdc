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

#define KIND_BIT(kind) (1u << (kind))
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
	bool to_confirm;           /* our reading; the RAC has not confirmed it */
};
struct doel {
	const char *id, *name, *article;
	enum regime regime;
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
	const char *id, *name, *rac;
	uint64_t sequence, from_unix_ms, until_unix_ms;
	struct hash previous, digest;
	size_t n_soorten, n_categories, n_grondslagen, n_doelen, n_retention;
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
	const char *time_article;
	struct text_list secrecy_bases, wpg_articles, person_categories, person_roles;
	struct text_list klassen, ave, age_classes, purposes, exchange_classes, reading_classes;
	uint64_t screening_months, training_months, skew_ms, lifetime_ms;
};

void kader_read(struct load *l, struct kader *k); /* kader_load.c: the whole text into a zeroed kader */
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
	/* "<convenant>/<rule>.<what>", made once so that a decision can point at them */
	const char *rule_overleg, *rule_grondslag, *rule_doel, *rule_vrager, *rule_categorie, *rule_toestemming, *rule_kring,
		*rule_bericht;
};
struct overleg_rule {              /* index: overleg -> its rule */
	const char *overleg;
	const struct afspraak *rule;
};

struct convenant {
	struct arena *arena;
	struct span text;
	const struct kader *kader;     /* loaded under this one, which must outlive it */
	const char *id, *name, *rac;
	uint64_t sequence, from_unix_ms, until_unix_ms, quorum;
	struct hash previous, digest;
	struct text_list signers;
	size_t n_parties, n_rules, n_overleggen;
	struct party *parties;
	struct afspraak *rules;
	struct overleg_rule *overleggen;
};

const struct party *convenant_party(const struct convenant *c, const char *hoedanigheid);
const struct afspraak *convenant_rule(const struct convenant *c, const char *overleg);
