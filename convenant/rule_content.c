/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is asked and given. The house can't read it: it judges what sender and parts declare, and those
 * declarations are bound into the ciphertext (part.h). A category is allowed when the law lets this kind of
 * party supply it, the convenant lets this party, and the rule of the overleg lets it pass; the narrowest
 * counts.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

/* ---- categories ---- */

static bool categories_known(struct judge *j)
{
	const struct category *all = j->kader->categories;

	for (size_t i = 0; i < j->h->categories.n; i++)
		judge_must(j, j->categories[i] >= 0 && !all[j->categories[i]].only_in, j->h->categories.v[i]);
	for (size_t i = 0; i < j->m->n_parts; i++) {
		int c = j->parts[i];

		judge_must(j, c >= 0 && (all[c].only_in ? (all[c].only_in & KIND_BIT(j->m->kind)) != 0 :
			   (KIND_BIT(j->m->kind) & KINDS_DATA) != 0), j->m->parts[i].header.category);
	}
	return true;
}

/* What one row of a convenant and the law let a party supply under a rule. */
static struct code_set row_supply(const struct convenant *c, const struct afspraak *rule, const struct party *p,
				  const struct soort *soort)
{
	struct code_set set = { 0 };

	if (!c || !p || !soort)
		return set;
	set = p->supplies;
	codes_narrow(&set, &soort->supplies);
	codes_narrow(&set, &rule->categories);
	return set;
}

/* And what it may answer for others under their volmacht. */
static void add_volmachten(const struct judge *j, const struct governing *g, const char *holder, struct code_set *set)
{
	const struct convenant *c = g->convenant;

	for (size_t i = 0; i < c->n_volmachten; i++) {
		const struct volmacht *v = &c->volmachten[i];
		struct code_set one;

		if (!text_equal(v->holder, holder) || convenant_volmacht(c, v->giver, holder, MESSAGE_ANTWOORD, j->overleg,
									 j->in->now_unix_ms) != v)
			continue;
		one = row_supply(c, g->rule, judge_party(j, c, v->giver), judge_soort(j, v->giver));
		codes_narrow(&one, &v->categories);
		codes_unite(set, &one);
	}
}

struct code_set judge_supply(const struct judge *j, const struct governing *g, const char *hoedanigheid)
{
	struct code_set set = row_supply(g->convenant, g->rule, judge_party(j, g->convenant, hoedanigheid),
					 judge_soort(j, hoedanigheid));

	if (hoedanigheid == j->speaker) {
		if (g->volmacht)
			codes_narrow(&set, &g->volmacht->categories);
	} else {
		add_volmachten(j, g, hoedanigheid, &set);
	}
	return set;
}

/* Whether every rule of the overleg knows the category as a whole, not only a sub-code of it. */
static bool askable(const struct rules *rules, const char *overleg, size_t category)
{
	for (size_t i = 0; i < rules->n_convenanten; i++) {
		const struct afspraak *rule = convenant_rule(rules->convenanten[i], overleg);

		if (rule && !codes_have(&rule->categories, category))
			return false;
	}
	return true;
}

size_t rules_narrow(const struct rules *rules, const char *overleg, const char *hoedanigheid, uint64_t now_unix_ms,
		    const struct text_list *asked, const char **out)
{
	const struct decide_input in = { .rules = rules, .now_unix_ms = now_unix_ms };
	const struct kader *k = rules->kader;
	/* As much of a judge as judge_supply() looks at: nobody speaks, the party is one who would be asked. */
	const struct judge j = { .in = &in, .kader = k, .registry = rules->registry, .speaker = "", .overleg = overleg };
	struct code_set set = k->data;
	bool governed = false;
	size_t n = 0;

	for (size_t i = 0; i < rules->n_convenanten; i++) {
		const struct governing g = { .convenant = rules->convenanten[i],
					     .rule = convenant_rule(rules->convenanten[i], overleg) };
		struct code_set one;

		if (!g.rule)
			continue;
		governed = true;
		one = judge_supply(&j, &g, hoedanigheid);
		codes_narrow(&set, &one);
	}
	for (size_t i = 0; governed && i < asked->n; i++) {
		int c = kader_category_index(k, asked->v[i]);

		if (c >= 0 && askable(rules, overleg, (size_t)c) && codes_meet(&k->categories[c].covers, &set))
			out[n++] = asked->v[i];
	}
	return n;
}

/*
 * A question goes to several at once, and not each can answer all of it. So: no category that the rule does
 * not know, none that nobody asked could supply, and nobody is asked who could supply nothing of it (for him
 * the question would only tell that there is a casus).
 */
static void question_within(struct judge *j, const struct governing *g)
{
	struct code_set asked = { 0 }, reachable = { 0 };

	for (size_t i = 0; i < j->h->categories.n; i++)
		if (judge_is_data(j, j->categories[i]))
			codes_unite(&asked, &j->kader->categories[j->categories[i]].covers);
	for (size_t i = 0; i < j->h->recipients.n; i++) {
		struct code_set set = judge_supply(j, g, j->h->recipients.v[i]);

		judge_must(j, codes_meet(&asked, &set), j->h->recipients.v[i]);
		codes_unite(&reachable, &set);
	}
	for (size_t i = 0; i < j->h->categories.n; i++) {
		int c = j->categories[i];

		if (judge_is_data(j, c))
			judge_must(j,
				   codes_have(&g->rule->categories, (size_t)c) &&
					   codes_meet(&j->kader->categories[c].covers, &reachable),
				   j->h->categories.v[i]);
	}
}

/* What one passes on another was allowed to supply; the overleg still has to know it. */
static void parts_within(struct judge *j, const struct governing *g)
{
	struct code_set set = j->m->kind == MESSAGE_VERSTREKKING ? g->rule->categories : judge_supply(j, g, j->speaker);

	for (size_t i = 0; i < j->m->n_parts; i++)
		if (judge_is_data(j, j->parts[i]))
			judge_must(j, codes_have(&set, (size_t)j->parts[i]), j->m->parts[i].header.category);
}

static bool categories_allowed(struct judge *j)
{
	if (j->m->kind == MESSAGE_VERZOEK ? !j->h->categories.n : !judge_has_data(j))
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		judge_as(j, j->governing[i].rule->rule_categorie, NULL);
		if (j->m->kind == MESSAGE_VERZOEK)
			question_within(j, &j->governing[i]);
		else
			parts_within(j, &j->governing[i]);
	}
	return j->n_governing > 0;
}

/* The header says what the parts hold: recipients, log and report go by the header. */
static bool header_says_parts(struct judge *j)
{
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (!(j->parts[i] >= 0 && j->kader->categories[j->parts[i]].only_in))
			judge_must(j, judge_text_in(j->m->parts[i].header.category, &j->h->categories),
				   j->m->parts[i].header.category);
	for (size_t i = 0; i < j->h->categories.n; i++) {
		bool found = false;

		for (size_t k = 0; k < j->m->n_parts; k++)
			found = found || text_equal(j->m->parts[k].header.category, j->h->categories.v[i]);
		judge_must(j, found, j->h->categories.v[i]);
	}
	return j->m->n_parts + j->h->categories.n > 0;
}

/* ---- whom it is about ---- */

static bool circle_narrow(struct judge *j)
{
	judge_as(j, NULL, j->kader->kring_article);
	if (!*j->h->person_role)
		return false;
	judge_must(j, judge_text_in(j->h->person_role, &j->kader->person_roles), j->h->person_role);
	if (j->request && j->m->kind == MESSAGE_ANTWOORD)
		judge_must(j, text_equal(j->h->person_role, j->request->person_role), j->h->person_role);
	return true;
}

/* One step from the betrokkene: a relative or a direct contact of his, never of somebody beside him (BGS 2.19). */
static bool circle_one_step(struct judge *j)
{
	judge_as(j, NULL, j->kader->kring_article);
	if ((!*j->h->person_role && !*j->h->related_to) ||
	    (*j->h->person_role && !judge_text_in(j->h->person_role, &j->kader->person_roles)))
		return false;
	judge_must(j, text_equal(j->h->related_to, text_equal(j->h->person_role, "betrokkene") || !*j->h->person_role ?
							   "" : "betrokkene"), j->h->related_to);
	return true;
}

static bool circle_agreed(struct judge *j)
{
	if (!*j->h->person_role || text_equal(j->h->person_role, "betrokkene"))
		return false;
	for (size_t i = 0; i < j->n_governing; i++) {
		judge_as(j, j->governing[i].rule->rule_kring, NULL);
		judge_must(j, j->governing[i].rule->kring, j->h->person_role);
	}
	return j->n_governing > 0;
}

/* ---- parts ---- */

static bool police_marked(struct judge *j)
{
	bool judged = false;

	judge_as(j, NULL, j->kader->police_article);
	for (size_t i = 0; i < j->m->n_parts; i++) {
		const struct part_header *p = &j->m->parts[i].header;

		if (j->parts[i] < 0 || !j->kader->categories[j->parts[i]].police) {
			judge_must(j, !*p->wpg_article && !*p->person_category, p->category);
			judged = judged || *p->wpg_article || *p->person_category;
			continue;
		}
		judged = true;
		judge_must(j, judge_text_in(p->wpg_article, &j->kader->wpg_articles) &&
			   judge_text_in(p->person_category, &j->kader->person_categories), p->category);
	}
	return judged;
}

static bool secrecy_kept(struct judge *j)
{
	bool bound = (j->sender_soort && j->sender_soort->k.secrecy_bound) ||
		     (j->speaker_soort && j->speaker_soort->k.secrecy_bound);
	bool judged = false;

	judge_as(j, NULL, j->kader->secrecy_article);
	for (size_t i = 0; i < j->m->n_parts; i++) {
		const struct part_header *p = &j->m->parts[i].header;
		bool needed = bound && j->parts[i] >= 0 && j->kader->categories[j->parts[i]].c.secret;

		if (!needed && !*p->secrecy_basis)
			continue;
		judged = true;
		judge_must(j, judge_text_in(p->secrecy_basis, &j->kader->secrecy_bases), p->category);
	}
	return judged;
}

static bool key_is_current(const struct reg_hoedanigheid *h, struct span key_id)
{
	for (size_t i = 0; h && i < h->n_keys; i++)
		if (key_id.len == KEY_ID_BYTES && memcmp(h->keys[i].key_id, key_id.ptr, KEY_ID_BYTES) == 0)
			return true;
	return false;
}

static bool part_is_sealed(const struct judge *j, const struct part *p)
{
	if (p->suite != PART_SUITE_1 || p->nonce.len != 24 || p->commitment.len != 32 ||
	    p->ciphertext.len <= 16 || !p->n_wraps || p->n_wraps != j->h->recipients.n)
		return false;
	for (size_t i = 0; i < p->n_wraps; i++)
		if (!text_equal(p->wraps[i].recipient, j->h->recipients.v[i]) || p->wraps[i].enc.len != 32 ||
		    p->wraps[i].sealed_key.len != 48 || !key_is_current(j->recipients[i], p->wraps[i].key_id))
			return false;
	return true;
}

static bool parts_sealed(struct judge *j)
{
	for (size_t i = 0; i < j->m->n_parts; i++)
		judge_must(j, part_is_sealed(j, &j->m->parts[i]), j->m->parts[i].header.category);
	return j->m->n_parts > 0;
}

/* What the source attaches is a code that later steps can be held to. */
static bool conditions_known(struct judge *j)
{
	bool judged = false;

	for (size_t i = 0; i < j->m->n_parts; i++) {
		const struct text_list *v = &j->m->parts[i].header.conditions;

		for (size_t k = 0; k < v->n; k++) {
			judged = true;
			judge_must(j, kader_voorwaarde(j->kader, v->v[k]) != NULL, v->v[k]);
		}
	}
	return judged;
}

/* ---- reading the log ---- */

static bool purpose_named(struct judge *j)
{
	judge_as(j, NULL, j->kader->purpose_article);
	judge_must(j, judge_text_in(j->m->body.inzage.purpose, &j->kader->purposes),
		   j->m->body.inzage.purpose);
	return true;
}

static const struct rule rows[] = {
	{ "categorie.kader", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.29, 2.30", KINDS_PARTS,
	  categories_known },
	{ "convenant.categorie", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.30",
	  KINDS_SOURCE | KIND(VERSTREKKING) | KIND(VERZOEK), categories_allowed },
	{ "delen.kop", CODE_SCHEMA_ONGELDIG, "WGS 2.30", KINDS_DATA, header_says_parts },
	{ "kring.rol", CODE_KRING_TE_RUIM, "", KINDS_ABOUT, circle_narrow },
	{ "kring.afstand", CODE_KRING_TE_RUIM, "", KINDS_ABOUT, circle_one_step },
	{ "convenant.kring", CODE_KRING_TE_RUIM, "WGS 2.30(1)b; BGS 2.19", KINDS_ABOUT, circle_agreed },
	{ "delen.politie", CODE_CATEGORIE_NIET_TOEGESTAAN, "", KINDS_PARTS, police_marked },
	{ "delen.beroepsgeheim", CODE_BEROEPSGEHEIM_GEEN_BASIS, "", KINDS_PARTS, secrecy_kept },
	{ "delen.voorwaarde", CODE_SCHEMA_ONGELDIG, "WGS 2.29(3)", KINDS_PARTS, conditions_known },
	{ "delen.verzegeld", CODE_NIET_VERSLEUTELD, "AVG 32", KINDS_PARTS, parts_sealed },
	{ "inzage.doel", CODE_GEEN_DOEL, "", KIND(INZAGE), purpose_named },
};
const struct rule_list rules_content = { N_ELEMENTS(rows), rows };
