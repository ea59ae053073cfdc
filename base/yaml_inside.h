/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What yaml.c (which builds a document) and yaml_get.c (which reads it) share; for nobody else.
 */
#include "base/yaml.h"

struct arena;

struct node {
	enum yaml_kind kind;
	bool plain; /* text written without quotes */
	unsigned line;
	unsigned column;
	size_t n;               /* items or pairs */
	const char *text;       /* YAML_TEXT */
	const uint32_t *inside; /* item; or key, value, key, value */
};

struct yaml {
	struct fault_list *faults;
	struct arena *arena;
	struct node *nodes; /* [0] is the absent node */
	uint32_t n_nodes;
	uint32_t room;
	uint32_t root;
};
