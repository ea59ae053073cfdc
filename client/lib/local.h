/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Rules as they stand in a folder, verified: a node's cache or a house's own rules folder. Offline.
 */
#include "convenant/rules.h"

/* Both: 0, rules filled (rules_fini() by the caller); 1, the list says what is wrong; <0 fatal. rules must be zeroed. */
MUST_CHECK int local_rules_of_node(const char *home, struct rules *rules, struct fault_list *faults);
MUST_CHECK int local_rules_of_house(const char *house, struct rules *rules, struct fault_list *faults);
