/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/report/names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define ARENA_BYTES (4u << 20)

static const char *kept(struct names *n, const char *text)
{
	const char *copy = arena_text(n->arena, span_of_text(text));

	return copy ? copy : "";
}

static int partners_load(struct names *n, struct yaml *y, struct yaml_node list)
{
	n->n_partners = yaml_count(y, list);
	n->partners = arena_array(n->arena, n->n_partners + 1, sizeof *n->partners);
	if (!n->partners)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n->n_partners; i++) {
		struct yaml_node item = yaml_item(y, list, i), patterns = yaml_list(y, item, "hoedanigheden");
		struct names_partner *p = &n->partners[i];

		yaml_only(y, item, (const char *const[]){ "naam", "hoedanigheden", NULL });
		p->name = kept(n, yaml_must_text(y, item, "naam"));
		p->patterns = arena_array(n->arena, yaml_count(y, patterns) + 1, sizeof *p->patterns);
		if (!p->patterns)
			return err_raise(-ENOMEM);
		for (p->n = 0; p->n < yaml_count(y, patterns); p->n++)
			p->patterns[p->n] = kept(n, yaml_scalar(y, yaml_item(y, patterns, p->n)));
	}
	return 0;
}

static int gemeenten_load(struct names *n, struct yaml *y, struct yaml_node list)
{
	n->n_gemeenten = yaml_count(y, list);
	n->gemeenten = arena_array(n->arena, n->n_gemeenten + 1, sizeof *n->gemeenten);
	if (!n->gemeenten)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n->n_gemeenten; i++) {
		struct yaml_node item = yaml_item(y, list, i);

		yaml_only(y, item, (const char *const[]){ "code", "naam", "regio", NULL });
		n->gemeenten[i] = (struct names_gemeente){ kept(n, yaml_must_text(y, item, "code")), kept(n, yaml_must_text(y, item, "naam")),
							   kept(n, yaml_text(y, item, "regio", "")) };
	}
	return 0;
}

int names_load(struct span text, struct fault_list *faults, struct names **out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	CLEANUP(names_freep) struct names *n = calloc(1, sizeof *n);
	int r;

	if (n)
		n->arena = arena_new(ARENA_BYTES);
	if (!n || !n->arena)
		return err_raise(-ENOMEM);
	r = yaml_load(text, faults, &y);
	if (r)
		return r < 0 ? err_pass(r) : NAMES_E_FAULTS;
	yaml_only(y, yaml_root(y), (const char *const[]){ "partners", "gemeenten", NULL });
	r = partners_load(n, y, yaml_list(y, yaml_root(y), "partners"));
	if (!r)
		r = gemeenten_load(n, y, yaml_list(y, yaml_root(y), "gemeenten"));
	if (r)
		return err_pass(r);
	if (faults->n)
		return NAMES_E_FAULTS;
	*out = TAKE(n);
	return NAMES_OK;
}

void names_freep(struct names **n)
{
	if (*n)
		arena_free((*n)->arena);
	free(*n);
	*n = NULL;
}

const char *names_partner(const struct names *n, const char *hoedanigheid)
{
	for (size_t i = 0; n && i < n->n_partners; i++)
		for (size_t k = 0; k < n->partners[i].n; k++)
			if (fnmatch(n->partners[i].patterns[k], hoedanigheid, 0) == 0)
				return n->partners[i].name;
	return hoedanigheid;
}

static const struct names_gemeente *gemeente(const struct names *n, const char *code)
{
	for (size_t i = 0; n && i < n->n_gemeenten; i++)
		if (strcmp(n->gemeenten[i].code, code) == 0)
			return &n->gemeenten[i];
	return NULL;
}

const char *names_gemeente(const struct names *n, const char *code)
{
	const struct names_gemeente *g = gemeente(n, code);

	return g ? g->name : code;
}

const char *names_region(const struct names *n, const char *code)
{
	const struct names_gemeente *g = gemeente(n, code);

	return g ? g->region : "";
}
