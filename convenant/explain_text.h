/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* The sentences of each rule: what it says when it fails ("{}" is the subject) and, shortly, when it passes. Private to this folder. */

#include <stdbool.h>

struct rule_text {
	const char *id; /* as in the rule tables; "convenant.x" stands for "<convenant>/<rule>.x" */
	const char *failed_nl, *passed_nl;
	const char *failed_en, *passed_en;
};

/* rule_text_find() - takes the id of a row (rules_find()); never NULL. */
const struct rule_text *rule_text_find(const char *id);
bool rule_text_known(const struct rule_text *text); /* false: nobody wrote sentences for this rule */

extern const struct rule_text item_texts[]; /* explain_text_item.c; the last has an empty id */
/* field_word() - the word people use for a field of a message ("deadline": "de termijn"); the name itself when there is none. */
const char *field_word(const char *field, bool english);
