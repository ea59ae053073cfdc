/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the three steps of a table case share: cases.c finds it, case_read.c reads it, case_build.c makes the
 * message and asks for the decision. Private to this folder.
 */
#include "convenant/cases.h"
#include "convenant/load.h"

/* The case itself, then the uitgangspunt it builds on, then what holds for all. The first that has a key
 * counts. */
struct case_layers {
	size_t n;
	struct yaml_node v[3];
};

struct case_row {
	const char *name;
	struct case_layers layers;
	int phase; /* of the casus, instead of what the layers say; -1: as they say */
	unsigned line;
	enum code expected;
	const char *expected_rule;
};

struct case_table {
	struct arena *arena;
	struct yaml *y;
	struct fault_list faults; /* the document needs one as long as it lives; empty after loading */
	struct text_list not_joined;
	size_t n_rows;
	struct case_row *rows;
};

#define CASE_UNSAID UINT64_MAX /* of a time; 0 is "geen" */

enum case_said { CASE_DEFAULT = 0, CASE_NONE, CASE_SAID };

struct case_part {
	const char *category, *basis, *wpg, *person, *date, *source;
	struct text_list conditions, sealed_for;
	bool sealed_for_said;
};

struct case_casus {
	enum case_said said;
	enum phase phase;
	const char *regime, *overleg; /* NULL: that of the overleg; that of the message */
	const char *consent, *klasse;
	bool circle_said;
	struct text_list circle, invited, knowing, suppliers, agreed, consent_categories, consent_partners;
	uint64_t invited_until, expires;
};

/* The earlier message that this one names. */
struct case_item {
	enum case_said said;
	int kind;                        /* -1: what goes with the message */
	const char *sender;              /* NULL: who goes with it */
	bool recipients_said, parts_said, suppliers_said, withdrawn;
	struct text_list recipients, asked, suppliers;
	size_t n_parts;
	struct case_part *parts;
	const char *action, *purpose, *target; /* of a correctie, of an instemmingsverzoek */
	enum case_said granted;
	const char *granted_by, *granted_for, *granted_to; /* NULL: its source; what the message asks for; "" */
	uint64_t granted_until;
};

struct case_request {
	enum case_said said;
	const char *sender, *doel, *person_role; /* NULL: as the answer */
	bool recipients_said, categories_said;
	struct text_list recipients, categories;
	uint64_t deadline;
};

struct case_staff {
	enum case_said said;
	const char *person, *mandate, *organisation, *klasse; /* NULL: in order; mandate: whose it is */
	bool hoedanigheden_said;
	struct text_list hoedanigheden;
	uint64_t screening, training, from, until;
};

struct table_case {
	enum message_kind kind;
	uint64_t now, created, not_after, deadline;
	const char *sender, *on_behalf_of, *regime, *overleg, *grondslag, *doel, *noodzaak, *person_role,
		*related_to, *answer_kind; /* regime NULL: that of the overleg; related_to NULL: as person_role asks */
	bool categories_said, parts_said, met_said;
	struct text_list recipients, categories, gemeenten, criteria, met, involve, release;
	const char *klasse, *ave, *leeftijdsklasse, *outcome, *phase, *reason, *purpose; /* phase NULL: next */
	bool consent_withdrawn, urgent, granted, known;
	uint64_t consent_given, consent_until, meeting, until, verklaring_at;
	const char *consent_by, *soort, *bruikbaar, *vervolg, *action, *wanted, *target_kind, *target, *verklaring, *ground;
	struct text_list consent_for, consent_with, invite;
	const char *transport;           /* what the house finds beside the rules; "" nothing */
	struct case_item item;
	size_t n_parts;
	struct case_part *parts;
	struct case_casus casus;
	struct case_request request;
	struct case_staff staff;
};

extern const char *const case_keys[]; /* what a case may say besides naam, zoals, verwacht */

/* case_read.c: of the layers, the first that has the key. */
struct yaml_node case_layer(const struct load *l, const struct case_layers *s, const char *key);
bool case_said(const struct load *l, const struct case_layers *s, const char *key);
const char *case_text(struct load *l, const struct case_layers *s, const char *key); /* "" when not said */
const char *case_text_or_null(struct load *l, const struct case_layers *s, const char *key);
uint64_t case_time(struct load *l, const struct case_layers *s, const char *key);
bool case_texts(struct load *l, const struct case_layers *s, const char *key, struct text_list *out);
bool case_ids(struct load *l, const struct case_layers *s, const char *key, struct text_list *out);
enum case_said case_map(struct load *l, const struct case_layers *s, const char *key, const char *const *keys,
			struct case_layers *out);
void case_parts(struct load *l, const struct case_layers *s, bool *said, size_t *n, struct case_part **out);

/* All of a case that the decision looks at. */
struct built {
	const struct table_case *c;
	const struct rules *rules;
	struct arena *arena;
	bool no_memory;
	struct message m;
	struct mandate mandate;
	struct casus casus;
	struct header request;
	struct casus_item item;
	bool has_mandate, has_casus, has_request, has_item;
	struct decision decision;
};
void *build_room(struct built *b, size_t n, size_t size);
void build_list(struct built *b, const char *const *words, size_t n, struct text_list *out); /* of those not empty */
void build_part(struct built *b, const struct case_part *said, struct part *out);

/* case_later.c: the messages that rest on others, and what they rest on */
void later_read(struct load *l, const struct case_layers *s, struct table_case *out);
void later_body(struct built *b);  /* of the kinds that came after inzage */
void later_item(struct built *b);
/* What the house finds beside the rules: a signature, a repetition. NULL when there is no such word. */
struct case_fact {
	const char *word, *rule;
	enum code code;
};
const struct case_fact *case_fact(const char *word);
const struct case_fact *case_fact_of_rule(const char *rule);
/* case_read() - the layers together; what is wrong is reported at its place. */
void case_read(struct load *l, const struct case_layers *s, struct table_case *out);
