/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The decision: may this message go, by this person, now? Pure: no I/O, no clock, no locale; the same answer in the
 * daemon, in a client's "may I?", in a replay years later.
 *
 * All rules are evaluated and all failures reported, in a fixed order; the first failure's code is the decision's code.
 */
#include "convenant/casus.h"
#include "convenant/item.h"
#include "convenant/mandate.h"
#include "convenant/rules.h"
#include "proto/receipt.h"

#define DECISION_FINDINGS_MAX 96

struct decide_input {
	const struct rules *rules;
	const struct message *message;
	const struct mandate *mandate;   /* of the signer; NULL: none known (MEDEWERKER_NIET_GEAUTORISEERD), except for node-signed kinds */
	const struct casus *casus;       /* as it is before this message; NULL when there is none */
	const struct header *request;    /* of an antwoord or bekendheidsantwoord: the question it answers; NULL when unknown */
	/*
	 * What in_reply_to names, when it is no verzoek, or what sources names: those that are known, in any order. A message that
	 * is not among them is taken for one that does not exist.
	 */
	const struct casus_item *items;
	size_t n_items;
	uint64_t now_unix_ms;
};

struct finding {
	enum code code;       /* what it refuses with when it fails */
	const char *rule;     /* stable id, "wgs.2.31-3.fase" or "<convenant id>/<rule id>.categorie" */
	const char *article;  /* "WGS 2.31(3)"; "" when only the convenant says so */
	const char *subject;  /* recipient, category ...; "" when the message as a whole */
	bool passed;
};

struct decision {
	enum code code; /* CODE_TOEGESTAAN or the first failure */
	size_t n;
	struct finding findings[DECISION_FINDINGS_MAX]; /* passed and failed, in order of evaluation; texts borrow from the input */
	size_t n_more; /* failures that did not fit */
};

/* convenant_decide() - out must be wholly overwritten; never fails: what cannot be judged is refused. */
void convenant_decide(const struct decide_input *in, struct decision *out);
void decision_add(struct decision *d, enum code code, const char *rule, const char *subject, bool passed); /* for checks outside, e.g. signature */

/*
 * rules_narrow() - of the categories one would ask, those that this hoedanigheid may supply in this overleg, for itself or
 * for another whose volmacht it holds
 * @out: room for asked->n names, which borrow from asked
 * Return: how many. A question to one partner names these and no others: with more it is refused, and it would tell the
 * partner what is asked of others. None: do not ask it.
 */
size_t rules_narrow(const struct rules *rules, const char *overleg, const char *hoedanigheid, uint64_t now_unix_ms,
		    const struct text_list *asked, const char **out);

/* explain_failed() - one sentence on a rule that failed, by its id as a receipt names it, with its subject in it. */
void explain_failed(const char *rule, const char *subject, const char *language, struct buffer *out);

/* explain_passed() - the short sentence on a rule that was kept, by its id; "" when there is none. */
const char *explain_passed(const char *rule, const char *language);

/* explain_print() - the full derivation, readable by who knows the law and not the program. language: "nl" | "en". */
MUST_CHECK int explain_print(const struct decide_input *in, const struct decision *d, const char *language, struct buffer *out);

/* text_names_a_person() - whether a text holds a run of 9 digits that passes the elfproef (a BSN), also with dots, spaces or dashes. */
bool text_names_a_person(const char *text);
bool bsn_valid(const char *digits); /* exactly 9 ASCII digits and the elfproef */
