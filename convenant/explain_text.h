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
