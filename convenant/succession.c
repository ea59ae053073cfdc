/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Merge and split of organisations: a hoedanigheid says by whom it is followed up, and from when. The old row
 * stays, because the log and the casussen name it; what it was, others now are. Same kind only: another task is
 * another right, and comes by the convenant and not by succession.
 *
 * Chains are followed: what b took over from a goes on to c. They end, because a cycle does not load; walks go
 * over a set of rows seen, so that rows that split and merge again cost no more than their number.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/register_inside.h"

/* ---- reading ---- */

void register_succession_load(struct load *l, struct yaml_node row, struct reg_hoedanigheid *h)
{
	static const char *const keys[] = { "door", "per", NULL };
	struct yaml_node map = yaml_map(l->y, row, "opgevolgd");

	if (!map.index)
		return;
	yaml_only(l->y, map, keys);
	load_ids(l, map, "door", &h->successors);
	h->succeeded_unix_ms = yaml_date_ms(l->y, map, "per", 0);
	if (!h->successors.n)
		yaml_fault(l->y, map, "door: at least one is needed");
	if (!yaml_get(l->y, map, "per").index)
		yaml_fault(l->y, map, "per: is missing");
}

static size_t index_of(const struct registry *r, const struct reg_hoedanigheid *h)
{
	return (size_t)(h - r->hoedanigheden);
}

/* The rows reached from one, by successions in force, in `reached` (which has room for all and one more): itself first. */
static size_t reach(const struct registry *r, const struct reg_hoedanigheid *from, uint64_t now, uint16_t *reached)
{
	uint8_t seen[LOAD_ROWS_MAX / 8] = { 0 };
	size_t n = 0;

	reached[n++] = (uint16_t)index_of(r, from);
	for (size_t at = 0; at < n; at++) {
		const struct reg_hoedanigheid *h = &r->hoedanigheden[reached[at]];

		for (size_t i = 0; i < h->successors.n && h->succeeded_unix_ms && now >= h->succeeded_unix_ms; i++) {
			const struct reg_hoedanigheid *next = registry_hoedanigheid(r, h->successors.v[i]);
			size_t k = next ? index_of(r, next) : 0;

			if (!next || seen[k / 8] >> (k % 8) & 1)
				continue;
			seen[k / 8] |= (uint8_t)(1u << (k % 8));
			reached[n++] = (uint16_t)k;
		}
	}
	return n;
}

static struct yaml_node succession_at(struct load *l, struct yaml_node list, const char *id)
{
	for (size_t i = 0; i < yaml_count(l->y, list); i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		if (text_equal(yaml_text(l->y, row, "hoedanigheid", ""), id))
			return yaml_get(l->y, yaml_get(l->y, row, "opgevolgd"), "door");
	}
	return list;
}

static void successors_check(struct load *l, struct yaml_node at, const struct registry *r, const struct reg_hoedanigheid *h)
{
	for (size_t i = 0; i < h->successors.n; i++) {
		const struct reg_hoedanigheid *s = registry_hoedanigheid(r, h->successors.v[i]);

		if (!s)
			yaml_fault(l->y, at, "door: there is no hoedanigheid %.60s", h->successors.v[i]);
		else if (!text_equal(s->kind, h->kind))
			yaml_fault(l->y, at, "door: %s is a %s, %s a %s; a successor is of the same soort", s->id, s->kind, h->id,
				   h->kind);
	}
}

void register_succession_check(struct load *l, struct yaml_node list, const struct registry *r)
{
	uint16_t *reached = NULL;

	for (size_t i = 0; i < r->n_hoedanigheden; i++) {
		const struct reg_hoedanigheid *h = &r->hoedanigheden[i];
		struct yaml_node at;
		size_t n;

		if (!h->successors.n)
			continue;
		reached = reached ? reached : load_array(l, r->n_hoedanigheden + 1, sizeof *reached);
		if (!reached)
			return;
		at = succession_at(l, list, h->id);
		successors_check(l, at, r, h);
		n = reach(r, h, UINT64_MAX, reached);
		for (size_t k = 1; k < n; k++)
			if (reached[k] == i)
				yaml_fault(l->y, at, "door: %s would follow up itself", h->id);
	}
}

/* ---- asking ---- */

bool registry_succeeded(const struct registry *r, const char *hoedanigheid, uint64_t now_unix_ms)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(r, hoedanigheid);

	return h && h->succeeded_unix_ms && now_unix_ms >= h->succeeded_unix_ms;
}

bool registry_stands_for(const struct registry *r, uint64_t now_unix_ms, const char *successor, const char *predecessor)
{
	const struct reg_hoedanigheid *from = registry_hoedanigheid(r, predecessor);
	uint16_t reached[LOAD_ROWS_MAX + 1];
	size_t n;

	if (text_equal(successor, predecessor))
		return true;
	if (!from || !from->succeeded_unix_ms || now_unix_ms < from->succeeded_unix_ms)
		return false;
	n = reach(r, from, now_unix_ms, reached);
	for (size_t i = 1; i < n; i++)
		if (text_equal(r->hoedanigheden[reached[i]].id, successor))
			return true;
	return false;
}

const char *registry_heir(const struct registry *r, const char *hoedanigheid, uint64_t now_unix_ms)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(r, hoedanigheid);

	/* Each step is to another row: a cycle does not load. */
	while (h && h->succeeded_unix_ms && now_unix_ms >= h->succeeded_unix_ms)
		h = h->successors.n == 1 ? registry_hoedanigheid(r, h->successors.v[0]) : NULL;
	return h ? h->id : NULL;
}
