/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Rules as they stand in a folder, verified: a node's home or a house. Both have the same two things: a file trust, and a folder
 * rules/ with register.note, kader.note and convenant-<id>.note. Offline; nothing is written.
 */
#include "convenant/rules.h"

/* local_rules() - 0, rules filled (rules_fini() by the caller); 1, the list says what is wrong; <0 fatal. rules: zeroed. */
MUST_CHECK int local_rules(const char *folder, struct rules *rules, struct fault_list *faults);
