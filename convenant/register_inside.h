/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the files that read a register share. Private to this folder.
 */
#include "convenant/load.h"
#include "convenant/register.h"

/* register_check_list() - every id of a list must be a hoedanigheid, and of this organisation when one is given. */
void register_check_list(struct load *l, struct yaml_node row, const char *key, const struct registry *r,
			 const char *organisation);

/* register_overleg.c; the hoedanigheden of r are there. */
void register_overleg_load(struct load *l, struct yaml_node row, const struct registry *r, struct reg_overleg *o);
void register_templates_check(struct load *l, struct yaml_node list, const struct registry *r);

/* succession.c: one row; then all rows together, when they are sorted. */
void register_succession_load(struct load *l, struct yaml_node row, struct reg_hoedanigheid *h);
void register_succession_check(struct load *l, struct yaml_node list, const struct registry *r);
