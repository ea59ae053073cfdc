/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Both sides are walked together in sorted order, so that neither is the first: what one finds from a to b as
 * allowed, one finds from b to a as forbidden. A rule is looked at through its overleggen, as the decision
 * does; overleggen with the same pair of rules have the same differences and are told of together.
 */
#include "convenant/diff.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/rule.h"

#define HOUR_MS UINT64_C(3600000)

struct compare {
	struct diff *d;
	const struct convenant *a, *b;
	bool no_memory;
	const char *where;
};

/* ---- keeping ---- */

static void add(struct compare *c, enum diff_effect effect, enum diff_what what, const char *subject,
		const char *detail)
{
	struct diff *d = c->d;

	if (d->n == d->room) {
		size_t n = d->room ? 2 * d->room : 64;
		struct diff_change *v = reallocarray(d->v, n, sizeof *v);

		if (!v) {
			c->no_memory = true;
			return;
		}
		d->v = v;
		d->room = n;
	}
	d->v[d->n++] = (struct diff_change){ effect, what, c->where, subject, detail };
}

static const char *made(struct compare *c, const char *text)
{
	if (!text)
		c->no_memory = true;
	return text ? text : "";
}

static const char *kept(struct compare *c, const struct buffer *text)
{
	if (buffer_ok(text))
		c->no_memory = true;
	return made(c, arena_text(c->d->arena, buffer_span(text)));
}

static void other(struct compare *c, enum diff_what what, const char *old, const char *new)
{
	if (strcmp(old, new) != 0)
		add(c, DIFF_OTHER, what, old, new);
}

/* ---- categories ---- */

/* The sub-codes of a head that are not in the set: those stay as they were, and the sentence says so. */
static const char *exceptions(struct compare *c, size_t head, const struct code_set *set)
{
	const struct kader *k = c->a->kader;
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	for (size_t i = 0; i < k->n_categories; i++)
		if (codes_have(&k->categories[head].covers, i) && !codes_have(set, i))
			buffer_printf(&text, "%s%s", text.len ? ", " : "", k->categories[i].c.id);
	return kept(c, &text);
}

/* Whether the head of a sub-code is in the set: the head speaks for it then. */
static bool head_speaks(const struct kader *k, size_t i, const struct code_set *set)
{
	for (size_t h = 0; h < k->n_categories; h++)
		if (h != i && codes_have(set, h) && codes_have(&k->categories[h].covers, i))
			return true;
	return false;
}

/* What is in one and not in the other. */
static void codes_told(struct compare *c, enum diff_effect effect, enum diff_what what,
		       const struct code_set *in, const struct code_set *not_in)
{
	const struct kader *k = c->a->kader;
	struct code_set set = *in;

	for (size_t i = 0; i < N_ELEMENTS(set.bits); i++)
		set.bits[i] &= ~not_in->bits[i];
	for (size_t i = 0; i < k->n_categories; i++)
		if (codes_have(&set, i) && !head_speaks(k, i, &set))
			add(c, effect, what, k->categories[i].c.id, exceptions(c, i, &set));
}

static void codes_compare(struct compare *c, enum diff_what what, const struct code_set *a,
			  const struct code_set *b)
{
	codes_told(c, DIFF_ALLOWED, what, b, a);
	codes_told(c, DIFF_FORBIDDEN, what, a, b);
}

/* ---- lists ---- */

static void list_told(struct compare *c, enum diff_effect effect, enum diff_what what,
		      const struct text_list *in, const struct text_list *not_in)
{
	struct text_list sorted = { in->n, arena_array(c->d->arena, in->n + 1, sizeof *in->v) };

	if (!sorted.v) {
		c->no_memory = true;
		return;
	}
	if (in->n)
		memcpy(sorted.v, in->v, in->n * sizeof *in->v);
	text_list_sort(&sorted);
	for (size_t i = 0; i < sorted.n; i++)
		if (!text_list_has(not_in, sorted.v[i]))
			add(c, effect, what, sorted.v[i], "");
}

static void lists_compare(struct compare *c, enum diff_what what, const struct text_list *a,
			  const struct text_list *b)
{
	list_told(c, DIFF_ALLOWED, what, b, a);
	list_told(c, DIFF_FORBIDDEN, what, a, b);
}

static const char *joined(struct compare *c, const struct text_list *list)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	for (size_t i = 0; i < list->n; i++)
		buffer_printf(&text, "%s%s", i ? ", " : "", list->v[i]);
	return kept(c, &text);
}

/* ---- the whole ---- */

static const char *moment(struct compare *c, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	if (unix_ms % UINT64_C(86400000) == 0)
		text[10] = '\0'; /* the date */
	return made(c, arena_text(c->d->arena, span_of_text(text)));
}

static void span_told(struct compare *c, enum diff_effect effect, enum diff_what what, uint64_t from, uint64_t until)
{
	if (from < until)
		add(c, effect, what, moment(c, from), moment(c, until));
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct period {
	uint64_t from, until;
};

/* The time in one and not in the other: before the other begins, and after it ends. */
static void period_told(struct compare *c, enum diff_effect effect, enum diff_what what, struct period in, struct period not_in)
{
	span_told(c, effect, what, in.from, least(in.until, not_in.from));
	span_told(c, effect, what, most(in.from, not_in.until), in.until);
}

static void period_compare(struct compare *c, enum diff_what what, struct period a, struct period b)
{
	period_told(c, DIFF_ALLOWED, what, b, a);
	period_told(c, DIFF_FORBIDDEN, what, a, b);
}

static struct period period_of(const struct convenant *c)
{
	return (struct period){ c->from_unix_ms, c->withdrawn_unix_ms ? c->withdrawn_unix_ms : c->until_unix_ms };
}

/* A number that allows more the lower it is. */
static void number_compare(struct compare *c, enum diff_what what, uint64_t a, uint64_t b)
{
	if (a != b)
		add(c, b < a ? DIFF_ALLOWED : DIFF_FORBIDDEN, what, made(c, arena_printf(c->d->arena, "%" PRIu64, least(a, b))),
		    made(c, arena_printf(c->d->arena, "%" PRIu64, most(a, b))));
}

static void signing_compare(struct compare *c)
{
	lists_compare(c, DIFF_SIGNER, &c->a->signers, &c->b->signers);
	number_compare(c, DIFF_QUORUM, c->a->quorum, c->b->quorum);
}

/* ---- parties ---- */

static void party_compare(struct compare *c, const struct party *a, const struct party *b)
{
	static const struct code_set none;

	c->where = a ? a->id : b->id;
	if (!a || !b || a->soort != b->soort) {
		if (b)
			add(c, DIFF_ALLOWED, DIFF_PARTY, b->soort->k.id, "");
		if (a)
			add(c, DIFF_FORBIDDEN, DIFF_PARTY, a->soort->k.id, "");
	}
	codes_compare(c, DIFF_SUPPLY, a ? &a->supplies : &none, b ? &b->supplies : &none);
}

static void parties_compare(struct compare *c)
{
	const struct convenant *a = c->a, *b = c->b;
	size_t i = 0, j = 0;

	while (i < a->n_parties || j < b->n_parties) {
		int order = i == a->n_parties ? 1 :
			    j == b->n_parties ? -1 :
						strcmp(a->parties[i].id, b->parties[j].id);

		party_compare(c, order <= 0 ? &a->parties[i] : NULL, order >= 0 ? &b->parties[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

/* ---- rules ---- */

/* Of the kinds that a convenant decides on: what belongs to no casus goes whatever a rule lists. */
static void kinds_told(struct compare *c, enum diff_effect effect, enum diff_what what, uint32_t kinds)
{
	for (int kind = 1; kind < MESSAGE_KIND_N; kind++)
		if (kinds & KINDS_CASUS & KIND_BIT(kind))
			add(c, effect, what, message_kind_name((enum message_kind)kind), "");
}

static void kinds_compare(struct compare *c, enum diff_what what, uint32_t a, uint32_t b)
{
	kinds_told(c, DIFF_ALLOWED, what, b & ~a);
	kinds_told(c, DIFF_FORBIDDEN, what, a & ~b);
}

static void askers_compare(struct compare *c, const struct text_list *a, const struct text_list *b)
{
	if (a->n && b->n)
		lists_compare(c, DIFF_ASKER, a, b);
	else if (a->n)
		add(c, DIFF_ALLOWED, DIFF_ASKER_ALL, joined(c, a), "");
	else if (b->n)
		add(c, DIFF_FORBIDDEN, DIFF_ASKER_ALL, joined(c, b), "");
}

/* An overleg that only one of the two knows: all of its rule comes, or goes. */
static void rule_told(struct compare *c, enum diff_effect effect, const struct afspraak *r)
{
	static const struct text_list nobody;
	static const struct code_set none;

	add(c, effect, r->consent ? DIFF_OVERLEG_CONSENT : DIFF_OVERLEG, regime_name(r->regime), "");
	list_told(c, effect, DIFF_GRONDSLAG, &r->grondslagen, &nobody);
	list_told(c, effect, DIFF_DOEL, &r->doelen, &nobody);
	if (r->kinds != KINDS_ALL)
		kinds_told(c, effect, DIFF_MESSAGE, r->kinds);
	codes_told(c, effect, DIFF_CATEGORY, &r->categories, &none);
	list_told(c, effect, DIFF_ASKER, &r->askers, &nobody);
	if (!r->askers.n)
		add(c, effect, DIFF_ASKER_ALL, "", "");
	if (r->kring)
		add(c, effect, DIFF_KRING, "", "");
}

static void rules_compare(struct compare *c, const struct afspraak *a, const struct afspraak *b)
{
	if (a->regime != b->regime) {
		add(c, DIFF_ALLOWED, DIFF_REGIME, regime_name(b->regime), "");
		add(c, DIFF_FORBIDDEN, DIFF_REGIME, regime_name(a->regime), "");
	}
	lists_compare(c, DIFF_GRONDSLAG, &a->grondslagen, &b->grondslagen);
	lists_compare(c, DIFF_DOEL, &a->doelen, &b->doelen);
	kinds_compare(c, DIFF_MESSAGE, a->kinds, b->kinds);
	codes_compare(c, DIFF_CATEGORY, &a->categories, &b->categories);
	askers_compare(c, &a->askers, &b->askers);
	if (a->consent != b->consent)
		add(c, a->consent ? DIFF_ALLOWED : DIFF_FORBIDDEN, DIFF_CONSENT, "", "");
	if (a->kring != b->kring)
		add(c, b->kring ? DIFF_ALLOWED : DIFF_FORBIDDEN, DIFF_KRING, "", "");
	number_compare(c, DIFF_TERM, a->ask_ms / HOUR_MS, b->ask_ms / HOUR_MS);
	number_compare(c, DIFF_TERM_URGENT, a->ask_urgent_ms / HOUR_MS, b->ask_urgent_ms / HOUR_MS);
	other(c, DIFF_RULE, made(c, arena_printf(c->d->arena, "%s (%s)", a->id, a->name)),
	      made(c, arena_printf(c->d->arena, "%s (%s)", b->id, b->name)));
}

/* The overleggen with this pair of rules, joined; NULL when this one is not the first of them. */
static const char *group_of(struct compare *c, const char *overleg, const struct afspraak *a,
			    const struct afspraak *b)
{
	const struct text_list *all = a ? &a->overleggen : &b->overleggen;
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (convenant_rule(c->a, all->v[i]) != a || convenant_rule(c->b, all->v[i]) != b)
			continue;
		if (!n && strcmp(all->v[i], overleg) != 0)
			return NULL;
		buffer_printf(&text, "%s%s", n++ ? ", " : "", all->v[i]);
	}
	return kept(c, &text);
}

static void overleg_compare(struct compare *c, const char *overleg)
{
	const struct afspraak *a = convenant_rule(c->a, overleg), *b = convenant_rule(c->b, overleg);

	c->where = group_of(c, overleg, a, b);
	if (!c->where)
		return;
	if (a && b)
		rules_compare(c, a, b);
	else
		rule_told(c, b ? DIFF_ALLOWED : DIFF_FORBIDDEN, b ? b : a);
}

static void overleggen_compare(struct compare *c)
{
	const struct convenant *a = c->a, *b = c->b;
	size_t i = 0, j = 0;

	while (i < a->n_overleggen || j < b->n_overleggen) {
		int order = i == a->n_overleggen ? 1 :
			    j == b->n_overleggen ? -1 :
						   strcmp(a->overleggen[i].overleg, b->overleggen[j].overleg);

		overleg_compare(c, order <= 0 ? a->overleggen[i].overleg : b->overleggen[j].overleg);
		i += order <= 0;
		j += order >= 0;
	}
}

/* ---- volmachten ---- */

/* A row that is not there gives nothing. */
static void volmacht_compare(struct compare *c, const struct volmacht *a, const struct volmacht *b)
{
	static const struct volmacht nothing = { .giver = "", .holder = "" };

	c->where = a ? a->id : b->id;
	a = a ? a : &nothing;
	b = b ? b : &nothing;
	if (!text_equal(a->giver, b->giver) || !text_equal(a->holder, b->holder)) {
		if (*b->holder)
			add(c, DIFF_ALLOWED, DIFF_VOLMACHT, b->holder, b->giver);
		if (*a->holder)
			add(c, DIFF_FORBIDDEN, DIFF_VOLMACHT, a->holder, a->giver);
	}
	period_compare(c, DIFF_VOLMACHT_PERIOD, (struct period){ a->from_unix_ms, a->until_unix_ms },
		       (struct period){ b->from_unix_ms, b->until_unix_ms });
	lists_compare(c, DIFF_VOLMACHT_OVERLEG, &a->overleggen, &b->overleggen);
	kinds_compare(c, DIFF_VOLMACHT_MESSAGE, a->kinds, b->kinds);
	codes_compare(c, DIFF_VOLMACHT_CATEGORY, &a->categories, &b->categories);
}

static void volmachten_compare(struct compare *c)
{
	const struct convenant *a = c->a, *b = c->b;
	size_t i = 0, j = 0;

	while (i < a->n_volmachten || j < b->n_volmachten) {
		int order = i == a->n_volmachten ? 1 :
			    j == b->n_volmachten ? -1 :
						   strcmp(a->volmachten[i].id, b->volmachten[j].id);

		volmacht_compare(c, order <= 0 ? &a->volmachten[i] : NULL, order >= 0 ? &b->volmachten[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

static const char *rac_said(struct compare *c, const struct rac *rac)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	rac_print(rac, "nl", &text);
	return kept(c, &text);
}

int convenant_diff(const struct convenant *a, const struct convenant *b, struct diff *out)
{
	CLEANUP(diff_fini) struct diff d = { .arena = arena_new(LOAD_ARENA_MAX) };
	struct compare c = { .d = &d, .a = a, .b = b, .where = "" };

	ASSERT(a->kader == b->kader);
	if (!d.arena)
		return err_raise(-ENOMEM);
	period_compare(&c, DIFF_PERIOD, period_of(a), period_of(b));
	signing_compare(&c);
	parties_compare(&c);
	overleggen_compare(&c);
	volmachten_compare(&c);
	c.where = "";
	other(&c, DIFF_ID, a->id, b->id);
	other(&c, DIFF_NAME, a->name, b->name);
	other(&c, DIFF_RAC, rac_said(&c, &a->rac), rac_said(&c, &b->rac));
	if (c.no_memory)
		return err_raise(-ENOMEM);
	*out = d;
	d = (struct diff){ 0 };
	return 0;
}

void diff_fini(struct diff *d)
{
	arena_free(d->arena);
	free(d->v);
	*d = (struct diff){ 0 };
}
