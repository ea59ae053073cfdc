/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The text names the kind of each party, so that the ceiling can be checked without a register; rules_admit()
 * and the decision check that the register says the same. An overleg stands in one rule of a convenant at
 * most: which rule governs a message then follows from its overleg alone, and a reader of the convenant finds
 * it without knowing the program.
 *
 * The text is kept, because a new kader means loading it again.
 */
#include "convenant/convenant.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/inside.h"

#define HOUR_MS UINT64_C(3600000)

/* ---- parties ---- */

/* Each code above the ceiling is its own fault, at its own place. */
static void supplies_check(struct load *l, struct yaml_node row, const struct kader *k, const struct party *p)
{
	struct yaml_node list = yaml_get(l->y, row, "levert");

	for (size_t i = 0; i < yaml_count(l->y, list); i++) {
		const char *name = yaml_scalar(l->y, yaml_item(l->y, list, i));
		int index = kader_category_index(k, name);
		struct code_set covers;

		if (index < 0)
			continue; /* reported already */
		covers = k->categories[index].covers;
		codes_narrow(&covers, &p->soort->supplies);
		if (memcmp(&covers, &k->categories[index].covers, sizeof covers) != 0)
			yaml_fault(l->y, yaml_item(l->y, list, i),
				   "levert: %s is above the kader: see its row soort: %s (%s)", name,
				   p->soort->k.id, p->soort->k.article);
	}
}

static void party_load(struct load *l, struct yaml_node row, const struct kader *k, struct party *p)
{
	static const char *const keys[] = { "hoedanigheid", "soort", "levert", NULL };
	const char *soort = load_text(l, row, "soort");

	yaml_only(l->y, row, keys);
	p->id = load_id(l, row, "hoedanigheid");
	p->soort = find_by_id(k->soorten, k->n_soorten, sizeof *k->soorten, soort);
	kader_codes(k, l, row, "levert", &p->supplies);
	if (!p->soort && *soort)
		yaml_fault(l->y, yaml_at(l->y, row, "soort"), "soort: the kader has no kind %.60s", soort);
	if (!p->soort)
		return;
	if (p->soort->k.lid == LID_DERDE)
		yaml_fault(l->y, yaml_at(l->y, row, "soort"),
			   "soort: %s is above the kader: a derde is no party (%s)", soort,
			   p->soort->k.article);
	else
		supplies_check(l, row, k, p);
}

static void parties_load(struct load *l, struct yaml_node root, const struct kader *k, struct convenant *c)
{
	struct yaml_node list = load_rows(l, root, "partijen", &c->n_parties);

	c->parties = load_array(l, c->n_parties, sizeof *c->parties);
	if (!c->parties) {
		yaml_fault(l->y, root, "partijen: at least one is needed");
		c->n_parties = 0;
		return;
	}
	for (size_t i = 0; i < c->n_parties; i++)
		party_load(l, yaml_item(l->y, list, i), k, &c->parties[i]);
	sort_by_id(l, list, "hoedanigheid", c->parties, c->n_parties, sizeof *c->parties);
}

/* ---- rules ---- */

static void rule_bases_check(struct load *l, struct yaml_node row, const struct kader *k,
			     const struct afspraak *a)
{
	for (size_t i = 0; i < a->grondslagen.n; i++) {
		const struct grondslag *g = kader_grondslag(k, a->grondslagen.v[i]);
		struct yaml_node at = yaml_item(l->y, yaml_get(l->y, row, "grondslagen"), i);

		if (!g)
			yaml_fault(l->y, at, "grondslagen: %.60s is above the kader: it has no such row",
				   a->grondslagen.v[i]);
		else if (g->regime != a->regime)
			yaml_fault(l->y, at, "grondslagen: %s is above the kader: its row says regime %s",
				   g->id, regime_name(g->regime));
	}
	for (size_t i = 0; i < a->doelen.n; i++) {
		const struct doel *d = kader_doel(k, a->doelen.v[i]);
		struct yaml_node at = yaml_item(l->y, yaml_get(l->y, row, "doelen"), i);

		if (!d)
			yaml_fault(l->y, at, "doelen: %.60s is above the kader: it has no such row",
				   a->doelen.v[i]);
		else if (d->regime != a->regime)
			yaml_fault(l->y, at, "doelen: %s is above the kader: its row says regime %s (%s)",
				   d->id, regime_name(d->regime), d->article);
	}
}

static void rule_askers_check(struct load *l, struct yaml_node row, const struct convenant *c,
			      const struct afspraak *a)
{
	for (size_t i = 0; i < a->askers.n; i++)
		if (!convenant_party(c, a->askers.v[i]))
			yaml_fault(l->y, yaml_at(l->y, row, "vragers"), "vragers: %s is no party",
				   a->askers.v[i]);
}

static void must_have(struct load *l, struct yaml_node row, const char *key, size_t n)
{
	if (!n)
		yaml_fault(l->y, row, "%s: at least one is needed", key);
}

static const char *rule_name(struct load *l, const struct convenant *c, const struct afspraak *a,
			     const char *what)
{
	const char *name = arena_printf(l->arena, "%s/%s.%s", c->id, a->id, what);

	if (!name)
		l->no_memory = true;
	return name ? name : "";
}

static void rule_names(struct load *l, const struct convenant *c, struct afspraak *a)
{
	a->rule_overleg = rule_name(l, c, a, "overleg");
	a->rule_grondslag = rule_name(l, c, a, "grondslag");
	a->rule_doel = rule_name(l, c, a, "doel");
	a->rule_vrager = rule_name(l, c, a, "vrager");
	a->rule_categorie = rule_name(l, c, a, "categorie");
	a->rule_toestemming = rule_name(l, c, a, "toestemming");
	a->rule_kring = rule_name(l, c, a, "kring");
	a->rule_bericht = rule_name(l, c, a, "bericht");
	a->rule_termijn = rule_name(l, c, a, "termijn");
}

/* At least as long as the kader's: who is asked is not hurried more than the law thinks fit. */
static uint64_t hours_load(struct load *l, struct yaml_node map, const char *key, uint64_t least_ms)
{
	uint64_t hours = yaml_uint(l->y, map, key, least_ms / HOUR_MS, 1, 24 * 366);

	if (hours * HOUR_MS < least_ms)
		yaml_fault(l->y, yaml_at(l->y, map, key), "%s: below the kader, which says at least %" PRIu64, key,
			   least_ms / HOUR_MS);
	return hours * HOUR_MS;
}

static void rule_terms_load(struct load *l, struct yaml_node row, const struct kader *k, struct afspraak *a)
{
	static const char *const keys[] = { "minimaal-uren", "spoed-minimaal-uren", NULL };
	struct yaml_node map = yaml_map(l->y, row, "termijn");

	yaml_only(l->y, map, keys);
	a->ask_ms = hours_load(l, map, keys[0], k->terms.ask_ms);
	a->ask_urgent_ms = hours_load(l, map, keys[1], k->terms.ask_urgent_ms);
	if (a->ask_urgent_ms > a->ask_ms)
		yaml_fault(l->y, map, "spoed-minimaal-uren: is more than minimaal-uren");
}

static void rule_load(struct load *l, struct yaml_node row, const struct kader *k, const struct convenant *c,
		      struct afspraak *a)
{
	static const char *const keys[] = { "regel",  "naam",	   "regime",  "overleggen",  "grondslagen",
					    "doelen", "berichten", "vragers", "categorieen", "toestemming",
					    "kring",  "begin",	   "termijn", NULL };
	const char *regime = load_text(l, row, "regime");
	const char *begin = load_optional(l, row, "begin");

	yaml_only(l->y, row, keys);
	a->id = load_id(l, row, "regel");
	a->name = load_text(l, row, "naam");
	a->regime = regime_find(regime);
	load_ids(l, row, "overleggen", &a->overleggen);
	load_texts(l, row, "grondslagen", &a->grondslagen);
	load_texts(l, row, "doelen", &a->doelen);
	load_ids(l, row, "vragers", &a->askers);
	a->kinds = load_kinds(l, row, "berichten", KINDS_ALL);
	kader_codes(k, l, row, "categorieen", &a->categories);
	a->consent = yaml_bool(l->y, row, "toestemming", false);
	a->kring = yaml_bool(l->y, row, "kring", false);
	rule_terms_load(l, row, k, a);
	must_have(l, row, "overleggen", a->overleggen.n);
	must_have(l, row, "grondslagen", a->grondslagen.n);
	must_have(l, row, "doelen", a->doelen.n);
	rule_names(l, c, a);
	rule_askers_check(l, row, c, a);
	if (!a->regime) {
		if (*regime)
			yaml_fault(l->y, yaml_at(l->y, row, "regime"), "regime: WGS or OVERIG is expected");
		return;
	}
	rule_bases_check(l, row, k, a);
	if (!*begin && a->regime != REGIME_WGS && a->kinds & KIND_BIT(MESSAGE_AANMELDING))
		yaml_fault(l->y, row,
			   "begin: say \"begin: %s\": an overleg outside the WGS has no beoordeling",
			   phase_name(k->begin[a->regime]));
	if (*begin && !text_equal(begin, phase_name(k->begin[a->regime])))
		yaml_fault(l->y, yaml_at(l->y, row, "begin"),
			   "begin: %s is above the kader: under %s a casus begins at %s", begin,
			   regime_name(a->regime), phase_name(k->begin[a->regime]));
}

/* One overleg, one rule. */
static void overleggen_index(struct load *l, struct yaml_node list, struct convenant *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_rules; i++)
		n += c->rules[i].overleggen.n;
	c->overleggen = load_array(l, n, sizeof *c->overleggen);
	for (size_t i = 0; c->overleggen && i < c->n_rules; i++)
		for (size_t j = 0; j < c->rules[i].overleggen.n; j++)
			c->overleggen[c->n_overleggen++] =
				(struct overleg_rule){ c->rules[i].overleggen.v[j], &c->rules[i] };
	sort_by_id(l, list, "overleggen", c->overleggen, c->n_overleggen, sizeof *c->overleggen);
}

static void rules_load(struct load *l, struct yaml_node root, const struct kader *k, struct convenant *c)
{
	struct yaml_node list = load_rows(l, root, "regels", &c->n_rules);

	c->rules = load_array(l, c->n_rules, sizeof *c->rules);
	if (!c->rules) {
		yaml_fault(l->y, root, "regels: at least one is needed");
		c->n_rules = 0;
		return;
	}
	for (size_t i = 0; i < c->n_rules; i++)
		rule_load(l, yaml_item(l->y, list, i), k, c, &c->rules[i]);
	sort_by_id(l, list, "regel", c->rules, c->n_rules, sizeof *c->rules);
	overleggen_index(l, list, c);
}

/* ---- the whole ---- */

static void period_read(struct load *l, struct yaml_node root, struct convenant *c)
{
	struct yaml_node at = yaml_get(l->y, root, "ingetrokken");

	load_period(l, root, &c->from_unix_ms, &c->until_unix_ms);
	c->withdrawn_unix_ms = yaml_date_ms(l->y, root, "ingetrokken", 0);
	if (c->withdrawn_unix_ms && (c->withdrawn_unix_ms < c->from_unix_ms || c->withdrawn_unix_ms > c->until_unix_ms))
		yaml_fault(l->y, at, "ingetrokken: lies outside van and tot");
}

static void convenant_read(struct load *l, const struct kader *k, struct convenant *c)
{
	static const char *const keys[] = { "convenant", "naam",     "volgnummer", "vorige",
					    "van",	 "tot",	     "ingetrokken", "rac", "ondertekenaars",
					    "quorum",	 "partijen", "regels",	   "volmachten", NULL };
	struct yaml_node root = yaml_root(l->y);

	yaml_only(l->y, root, keys);
	c->id = load_id(l, root, "convenant");
	c->name = load_text(l, root, "naam");
	load_rac(l, root, &c->rac);
	c->sequence = yaml_uint(l->y, root, "volgnummer", 0, 1, INT32_MAX);
	if (!yaml_get(l->y, root, "volgnummer").index)
		yaml_fault(l->y, root, "volgnummer: is missing");
	load_hash(l, root, "vorige", &c->previous);
	period_read(l, root, c);
	load_ids(l, root, "ondertekenaars", &c->signers);
	must_have(l, root, "ondertekenaars", c->signers.n);
	if (c->signers.n > NOTE_SIGNATURES_MAX)
		yaml_fault(l->y, yaml_at(l->y, root, "ondertekenaars"), "ondertekenaars: more than %d",
			   NOTE_SIGNATURES_MAX);
	if (!yaml_get(l->y, root, "quorum").index)
		yaml_fault(l->y, root, "quorum: is missing");
	c->quorum = yaml_uint(l->y, root, "quorum", 1, 1, c->signers.n ? c->signers.n : 1);
	parties_load(l, root, k, c);
	rules_load(l, root, k, c);
	volmachten_read(l, root, c);
}

int convenant_load(struct span text, const struct kader *kader, struct fault_list *faults,
		   struct convenant **out)
{
	CLEANUP(convenant_freep) struct convenant *c = calloc(1, sizeof *c);
	struct load l;
	int r;

	if (!c)
		return err_raise(-ENOMEM);
	c->arena = arena_new(LOAD_ARENA_MAX);
	if (!c->arena)
		return err_raise(-ENOMEM);
	r = load_open(&l, text, c->arena, faults);
	c->kader = kader;
	if (!r) {
		convenant_read(&l, kader, c);
		c->text = arena_copy(c->arena, text);
		l.no_memory = l.no_memory || !c->text.ptr;
		r = load_verdict(&l);
	}
	load_close(&l);
	if (r)
		return r == YAML_E_FAULTS ? CONVENANT_E_FAULTS : err_pass(r);
	crypto_hash_sha256(c->digest.bytes, text.ptr, text.len);
	*out = TAKE(c);
	return CONVENANT_OK;
}

struct convenant *convenant_free(struct convenant *c)
{
	if (c)
		arena_free(c->arena);
	free(c);
	return NULL;
}

void convenant_freep(struct convenant **c)
{
	*c = convenant_free(*c);
}

/* ---- reading ---- */

const char *convenant_id(const struct convenant *c)
{
	return c->id;
}

uint64_t convenant_sequence(const struct convenant *c)
{
	return c->sequence;
}

const struct hash *convenant_previous(const struct convenant *c)
{
	return &c->previous;
}

const struct hash *convenant_digest(const struct convenant *c)
{
	return &c->digest;
}

uint64_t convenant_from_ms(const struct convenant *c)
{
	return c->from_unix_ms;
}

uint64_t convenant_until_ms(const struct convenant *c)
{
	return c->until_unix_ms;
}

uint64_t convenant_withdrawn_ms(const struct convenant *c)
{
	return c->withdrawn_unix_ms;
}

const struct party *convenant_party(const struct convenant *c, const char *hoedanigheid)
{
	return find_by_id(c->parties, c->n_parties, sizeof *c->parties, hoedanigheid);
}

const struct afspraak *convenant_rule(const struct convenant *c, const char *overleg)
{
	const struct overleg_rule *o =
		find_by_id(c->overleggen, c->n_overleggen, sizeof *c->overleggen, overleg);

	return o ? o->rule : NULL;
}

bool convenant_has_party(const struct convenant *c, const char *hoedanigheid)
{
	return convenant_party(c, hoedanigheid) != NULL;
}

const struct text_list *convenant_signers(const struct convenant *c)
{
	return &c->signers;
}

uint64_t convenant_quorum(const struct convenant *c)
{
	return c->quorum;
}

uint64_t convenant_ask_ms(const struct convenant *c, const char *overleg, bool urgent)
{
	const struct afspraak *a = convenant_rule(c, overleg);

	return !a ? 0 : urgent ? a->ask_urgent_ms : a->ask_ms;
}

bool convenant_default(const struct convenant *c, const char *overleg, enum message_kind kind,
		       struct convenant_choice *out)
{
	const struct afspraak *a = convenant_rule(c, overleg);

	if (!a || !(a->kinds & KIND_BIT(kind)))
		return false;
	for (size_t i = 0; i < a->grondslagen.n; i++) {
		const struct grondslag *g = kader_grondslag(c->kader, a->grondslagen.v[i]);

		if (!g || !(g->kinds & KIND_BIT(kind)))
			continue;
		*out = (struct convenant_choice){ regime_name(a->regime), g->id, a->doelen.v[0], a->consent };
		return true;
	}
	return false;
}
