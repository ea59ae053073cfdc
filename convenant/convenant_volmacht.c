/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Powers of attorney. A volmacht names what it is for: kinds of message, overleggen, categories, a period; what
 * is not named is not given. Both must be parties, and a power that the law keeps to an L1 can't be given to an
 * L2 (WGS 2.27, 2.31).
 *
 * Who gives it must have signed for it by himself, whatever the quorum: rules_admit() sees to that.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/inside.h"

#define VOLMACHTEN_MAX 256

/* The act of each kind must be one that the holder, too, may do at all. */
static void kinds_check(struct load *l, struct yaml_node row, const struct kader *k, const struct party *holder,
			const struct volmacht *v)
{
	struct yaml_node list = yaml_get(l->y, row, "berichten");

	for (size_t i = 0; i < yaml_count(l->y, list); i++) {
		const char *name = yaml_scalar(l->y, yaml_item(l->y, list, i));
		int kind = message_kind_find(name);

		if (kind < 0 || !(v->kinds & KIND_BIT(kind)))
			continue; /* reported already */
		if (!(k->handelingen[kind].lids & LID_BIT(holder->soort->k.lid)))
			yaml_fault(l->y, yaml_item(l->y, list, i),
				   "berichten: %s is above the kader: an %s may not do it, for itself or for another (%s)", name,
				   lid_name(holder->soort->k.lid), k->handelingen[kind].article ? k->handelingen[kind].article : "WGS 2.31");
	}
}

static const struct party *party_named(struct load *l, struct yaml_node row, const char *key, const struct convenant *c,
				       const char *id)
{
	const struct party *p = convenant_party(c, id);

	if (!p && *id)
		yaml_fault(l->y, yaml_at(l->y, row, key), "%s: %s is no party", key, id);
	return p;
}

static void volmacht_load(struct load *l, struct yaml_node row, const struct convenant *c, struct volmacht *v)
{
	static const char *const keys[] = { "volmacht",	  "gever",	 "gemachtigde", "berichten",
					    "overleggen", "categorieen", "van",		"tot", NULL };
	const struct party *holder;

	yaml_only(l->y, row, keys);
	v->id = load_id(l, row, "volmacht");
	v->giver = load_id(l, row, "gever");
	v->holder = load_id(l, row, "gemachtigde");
	v->kinds = load_kinds(l, row, "berichten", 0);
	load_ids(l, row, "overleggen", &v->overleggen);
	kader_codes(c->kader, l, row, "categorieen", &v->categories);
	load_period(l, row, &v->from_unix_ms, &v->until_unix_ms);
	v->rule = arena_printf(l->arena, "%s/%s.volmacht", c->id, v->id);
	l->no_memory = l->no_memory || !v->rule;
	party_named(l, row, "gever", c, v->giver);
	holder = party_named(l, row, "gemachtigde", c, v->holder);
	if (holder && holder->soort)
		kinds_check(l, row, c->kader, holder, v);
	if (*v->giver && text_equal(v->giver, v->holder))
		yaml_fault(l->y, yaml_at(l->y, row, "gemachtigde"), "gemachtigde: nobody needs a volmacht of himself");
	if (!v->kinds)
		yaml_fault(l->y, row, "berichten: at least one is needed");
	if (!v->overleggen.n)
		yaml_fault(l->y, row, "overleggen: at least one is needed");
	for (size_t i = 0; i < v->overleggen.n; i++)
		if (!convenant_rule(c, v->overleggen.v[i]))
			yaml_fault(l->y, yaml_at(l->y, row, "overleggen"), "overleggen: %s has no rule in this convenant",
				   v->overleggen.v[i]);
}

static bool overlap(const struct volmacht *a, const struct volmacht *b)
{
	if (!text_equal(a->giver, b->giver) || !text_equal(a->holder, b->holder) || !(a->kinds & b->kinds) ||
	    a->from_unix_ms >= b->until_unix_ms || b->from_unix_ms >= a->until_unix_ms)
		return false;
	for (size_t i = 0; i < a->overleggen.n; i++)
		if (texts_find(&b->overleggen, a->overleggen.v[i]) >= 0)
			return true;
	return false;
}

/* One act, one row: whose scope holds then needs no rule for joining rows. */
static void overlaps_check(struct load *l, struct yaml_node list, const struct convenant *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (overlap(&c->volmachten[i], &c->volmachten[j]))
			yaml_fault(l->y, yaml_item(l->y, list, i), "volmacht: %s gives what %s gives, at the same time",
				   c->volmachten[i].id, c->volmachten[j].id);
}

void volmachten_read(struct load *l, struct yaml_node root, struct convenant *c)
{
	struct yaml_node list = load_rows(l, root, "volmachten", &c->n_volmachten);

	c->volmachten = load_array(l, c->n_volmachten, sizeof *c->volmachten);
	if (!c->volmachten)
		c->n_volmachten = 0; /* none, or no memory: load_verdict() tells */
	if (c->n_volmachten > VOLMACHTEN_MAX) {
		yaml_fault(l->y, list, "volmachten: more than %d", VOLMACHTEN_MAX);
		c->n_volmachten = 0;
	}
	for (size_t i = 0; i < c->n_volmachten; i++) {
		volmacht_load(l, yaml_item(l->y, list, i), c, &c->volmachten[i]);
		overlaps_check(l, list, c, i);
	}
	sort_by_id(l, list, "volmacht", c->volmachten, c->n_volmachten, sizeof *c->volmachten);
}

const struct volmacht *convenant_volmacht(const struct convenant *c, const char *giver, const char *holder, enum message_kind kind,
					  const char *overleg, uint64_t now_unix_ms)
{
	for (size_t i = 0; i < c->n_volmachten; i++) {
		const struct volmacht *v = &c->volmachten[i];

		if (text_equal(v->giver, giver) && text_equal(v->holder, holder) && v->kinds & KIND_BIT(kind) &&
		    now_unix_ms >= v->from_unix_ms && now_unix_ms < v->until_unix_ms && texts_find(&v->overleggen, overleg) >= 0)
			return v;
	}
	return NULL;
}

static bool acts_for(const struct convenant *c, const char *holder, const char *giver, const char *overleg, uint64_t now)
{
	if (now < c->from_unix_ms || now >= c->until_unix_ms || (c->withdrawn_unix_ms && now >= c->withdrawn_unix_ms))
		return false;
	for (size_t i = 0; i < c->n_volmachten; i++) {
		const struct volmacht *v = &c->volmachten[i];

		if (text_equal(v->giver, giver) && text_equal(v->holder, holder) && now >= v->from_unix_ms && now < v->until_unix_ms &&
		    texts_find(&v->overleggen, overleg) >= 0)
			return true;
	}
	return false;
}

bool rules_acts_for(const struct rules *rules, const char *holder, const char *giver, const char *overleg, uint64_t now_unix_ms)
{
	for (size_t i = 0; i < rules->n_convenanten; i++)
		if (acts_for(rules->convenanten[i], holder, giver, overleg, now_unix_ms))
			return true;
	return false;
}

bool volmacht_same(const struct volmacht *a, const struct volmacht *b)
{
	bool same = text_equal(a->giver, b->giver) && text_equal(a->holder, b->holder) && a->kinds == b->kinds &&
		    a->from_unix_ms == b->from_unix_ms && a->until_unix_ms == b->until_unix_ms &&
		    memcmp(&a->categories, &b->categories, sizeof a->categories) == 0 && a->overleggen.n == b->overleggen.n;

	for (size_t i = 0; same && i < a->overleggen.n; i++)
		same = text_equal(a->overleggen.v[i], b->overleggen.v[i]);
	return same;
}
