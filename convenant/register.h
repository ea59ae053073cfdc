/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Register - the signed directory of a house: its keys and stewards, organisations, hoedanigheden, nodes, overleggen.
 *
 * One version is one YAML text in a note signed by a quorum of stewards; versions carry a rising sequence and the hash of
 * the one before. Immutable once loaded; everything lives as long as the registry. Any thread may read.
 */
#include "convenant/kader.h"
#include "proto/note.h"
#include "proto/part.h"

#define REGISTER_ID_MAX 63 /* ids: [a-z0-9] then [a-z0-9.-], at most this many bytes */

struct reg_organisation {
	const char *id, *name, *oin; /* oin: 20 digits */
	bool has_key;
	struct note_key key;         /* signs mandates and convenanten */
};
struct reg_box_key {
	uint8_t key_id[KEY_ID_BYTES];
	uint8_t public_key[BOX_PUBLIC_BYTES];
};
struct reg_hoedanigheid {
	const char *id, *name, *organisation, *kind;
	const char *gebied;             /* territory, "" when the whole house */
	size_t n_keys;                  /* 0: not joined; newest first */
	const struct reg_box_key *keys;
	/* Followed up by others (merge: two rows name one; split: one row names several): see registry_succeeded(). */
	struct text_list successors;
	uint64_t succeeded_unix_ms;     /* 0: it is not */
};
struct reg_node {
	const char *id, *organisation;
	uint8_t transport_key[32];      /* CURVE public key */
	uint8_t sign_key[32];           /* Ed25519: acknowledgements */
	struct text_list hoedanigheden;
};
enum reg_per { PER_NONE = 0, PER_WEEK, PER_MAAND, PER_KWARTAAL, PER_HALFJAAR, PER_CASUS };
#define REG_NTH_LAST 5
struct reg_frequency {
	const char *text;               /* as people say it: "1x per 2 weken, Assen" */
	enum reg_per per;               /* PER_NONE: nothing said; PER_CASUS: when a casus asks for it */
	uint64_t every;                 /* each, or each second ... week, maand ... */
	unsigned day;                   /* 1: monday, to 7: sunday; 0: not said */
	unsigned nth;                   /* the first to fourth, or REG_NTH_LAST, such day of the month; 0: not said */
	uint64_t from_unix_ms;          /* a day from which "every" is counted; 0: not said */
	unsigned not_in;                /* bit m: no meeting in month m */
};
struct reg_template {                   /* a question as an overleg asks it */
	const char *id, *name, *noodzaak, *question;
	struct text_list categories;
	uint64_t deadline_days;         /* 0: until the next meeting */
};
struct reg_overleg {
	const char *id, *name, *voorzitter;
	struct reg_frequency frequency;
	enum regime regime;
	struct text_list vaste, agenda; /* hoedanigheden */
	struct text_list exceptions;    /* to the frequency: "bij dringende zaken op afroep" */
	struct text_list derden;        /* who may be asked to the table as a derde: never addressed, no node (BGS 2.21(3)) */
	size_t n_templates;
	const struct reg_template *templates;
};

struct registry {
	const char *house, *name;
	struct rac rac;
	uint64_t sequence, from_unix_ms, until_unix_ms;
	struct hash previous;           /* all zero for the first */
	struct hash digest;             /* SHA-256 of the note's text */
	struct note_key log_key;        /* origin and key of the log */
	uint8_t transport_key[32];      /* CURVE public key of the house */
	uint64_t steward_quorum;
	size_t n_stewards, n_organisations, n_hoedanigheden, n_nodes, n_overleggen;
	const struct note_key *stewards;
	const struct reg_organisation *organisations;
	const struct reg_hoedanigheid *hoedanigheden;
	const struct reg_node *nodes;
	const struct reg_overleg *overleggen;
};

enum { REGISTER_OK = 0, REGISTER_E_FAULTS = 1 };
MUST_CHECK int registry_load(struct span text, struct fault_list *faults, struct registry **out);
/*
 * register_template_load() - a register without keys ("sjabloon: true"; no volgnummer, vorige, van, tot, log, transport, quorum,
 * stewards, nodes, sleutel, sleutels): what a new house starts from. Those fields are zero. House init completes a copy of the
 * struct (plain fields, arrays borrowed) and prints it with register_print(); registry_free() takes what was loaded, not the copy.
 */
MUST_CHECK int register_template_load(struct span text, struct fault_list *faults, struct registry **out);
struct registry *registry_free(struct registry *r);
void registry_freep(struct registry **r);

const struct reg_organisation *registry_organisation(const struct registry *r, const char *id);
const struct reg_hoedanigheid *registry_hoedanigheid(const struct registry *r, const char *id);
const struct reg_overleg *registry_overleg(const struct registry *r, const char *id);
const struct reg_node *registry_node(const struct registry *r, const char *id);
const struct reg_node *registry_node_of_transport(const struct registry *r, const uint8_t transport_key[32]);
const struct reg_node *registry_node_of_hoedanigheid(const struct registry *r, const char *hoedanigheid);
bool reg_node_serves(const struct reg_node *node, const char *hoedanigheid);

/* registry_succeeded() - whether others have followed it up by then: it can neither send nor be addressed any more. */
bool registry_succeeded(const struct registry *r, const char *hoedanigheid, uint64_t now_unix_ms);
/* registry_stands_for() - whether one has come, by then, in the place of the other, alone or with others. Each stands for itself. */
bool registry_stands_for(const struct registry *r, uint64_t now_unix_ms, const char *successor, const char *predecessor);
/*
 * registry_heir() - who alone has come in its place by then; itself when nobody has. NULL when several have (an L1 then involves
 * the right one), and for an unknown one. The result is the register's own text.
 */
const char *registry_heir(const struct registry *r, const char *hoedanigheid, uint64_t now_unix_ms);

/* reg_overleg_next() - the start (UTC) of the first day of meeting at or after a moment; 0 when the register does not say which. */
uint64_t reg_overleg_next(const struct reg_overleg *o, uint64_t from_unix_ms);
/* registry_template() - by its id, that is unique in the register; *overleg is where it stands. NULL when unknown. */
const struct reg_template *registry_template(const struct registry *r, const char *id, const struct reg_overleg **overleg);
const char *reg_per_name(enum reg_per per);      /* "week"; "" for PER_NONE */
const char *reg_day_name(unsigned day);          /* "maandag"; "" for 0 */
const char *reg_month_name(unsigned month);      /* "januari" */

/* What a joining organisation hands in, to be put into the next version. */
struct admission {
	const char *organisation, *node;
	struct note_key organisation_key;
	uint8_t transport_key[32], sign_key[32];
	size_t n_keys; /* one reading key per hoedanigheid, same order */
	const char *hoedanigheden[16];
	uint8_t box_keys[16][BOX_PUBLIC_BYTES];
};
/*
 * register_next() - the text of the next version: sequence + 1, previous = digest of current, keys filled in.
 * The result is deterministic, so that two stewards sign the same bytes. REGISTER_E_FAULTS: the list says why not.
 */
MUST_CHECK int register_next(const struct registry *current, const struct admission *admission, struct fault_list *faults,
			     struct buffer *text);
/* register_print() - any registry as its canonical YAML text (house init makes the first version with it). */
MUST_CHECK int register_print(const struct registry *r, struct buffer *text);
