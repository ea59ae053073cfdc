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

static bool category_is_data(const struct judge *j, int c)
{
	return c >= 0 && !j->kader->categories[c].only_in;
}

/* What a party may supply under a rule: kader, convenant and rule together. */
static struct code_set supply_of(const struct governing *g, const char *hoedanigheid,
				 const struct soort *soort)
{
	const struct party *p = convenant_party(g->convenant, hoedanigheid);
	struct code_set set = { 0 };

	if (!p || !soort)
		return set;
	set = p->supplies;
	codes_narrow(&set, &soort->supplies);
	codes_narrow(&set, &g->rule->categories);
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

size_t rules_narrow(const struct rules *rules, const char *overleg, const char *hoedanigheid,
		    const struct text_list *asked, const char **out)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(rules->registry, hoedanigheid);
	const struct kader *k = rules->kader;
	const struct soort *soort = h ? find_by_id(k->soorten, k->n_soorten, sizeof *k->soorten, h->kind) : NULL;
	struct code_set set = k->data;
	bool governed = false;
	size_t n = 0;

	for (size_t i = 0; i < rules->n_convenanten; i++) {
		struct governing g = { .convenant = rules->convenanten[i],
				       .rule = convenant_rule(rules->convenanten[i], overleg) };
		struct code_set one;

		if (!g.rule)
			continue;
		governed = true;
		one = supply_of(&g, hoedanigheid, soort);
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
		if (category_is_data(j, j->categories[i]))
			codes_unite(&asked, &j->kader->categories[j->categories[i]].covers);
	for (size_t i = 0; i < j->h->recipients.n; i++) {
		struct code_set set = supply_of(g, j->h->recipients.v[i], j->recipient_soorten[i]);

		judge_must(j, codes_meet(&asked, &set), j->h->recipients.v[i]);
		codes_unite(&reachable, &set);
	}
	for (size_t i = 0; i < j->h->categories.n; i++) {
		int c = j->categories[i];

		if (category_is_data(j, c))
			judge_must(j,
				   codes_have(&g->rule->categories, (size_t)c) &&
					   codes_meet(&j->kader->categories[c].covers, &reachable),
				   j->h->categories.v[i]);
	}
}

static void parts_within(struct judge *j, const struct governing *g)
{
	struct code_set set = supply_of(g, j->h->sender, j->sender_soort);

	for (size_t i = 0; i < j->m->n_parts; i++)
		if (category_is_data(j, j->parts[i]))
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

static bool circle_agreed(struct judge *j)
{
	if (!text_equal(j->h->person_role, "kring"))
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
	bool bound = j->sender_soort && j->sender_soort->k.secrecy_bound;
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

/* ---- answers ---- */

static bool ids_equal(struct span a, struct span b)
{
	return a.len == ID_BYTES && span_equal(a, b);
}

/* To an outsider there is no casus and so no question: casus.betrokken has refused already. */
static bool answer_was_asked(struct judge *j)
{
	const struct header *q = j->request;

	if (!j->casus)
		return false;
	judge_must(j,
		   q && ids_equal(q->message_id, j->h->in_reply_to) &&
			   ids_equal(q->exchange_id, j->h->exchange_id) && ids_equal(q->casus, j->h->casus),
		   "");
	if (j->failed)
		return true;
	judge_must(j, judge_text_in(j->h->sender, &q->recipients), j->h->sender);
	judge_must(j, j->h->recipients.n == 1 && text_equal(j->h->recipients.v[0], q->sender), q->sender);
	return true;
}

static bool answer_within(struct judge *j)
{
	struct code_set asked = { 0 };

	if (!j->request || !judge_has_data(j))
		return false;
	for (size_t i = 0; i < j->request->categories.n; i++) {
		int c = kader_category_index(j->kader, j->request->categories.v[i]);

		if (c >= 0)
			codes_unite(&asked, &j->kader->categories[c].covers);
	}
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (category_is_data(j, j->parts[i]))
			judge_must(j, codes_have(&asked, (size_t)j->parts[i]),
				   j->m->parts[i].header.category);
	return true;
}

static bool answer_same_doel(struct judge *j)
{
	if (!j->request)
		return false;
	judge_must(j, text_equal(j->h->doel, j->request->doel), j->h->doel);
	return true;
}

static bool answer_in_time(struct judge *j)
{
	if (!j->request || !j->request->deadline_unix_ms)
		return false;
	judge_must(j, j->in->now_unix_ms <= j->request->deadline_unix_ms, "");
	return true;
}

/* ---- reading the log ---- */

static bool purpose_named(struct judge *j)
{
	judge_as(j, NULL, j->kader->purpose_article);
	judge_must(j, judge_text_in(j->m->body.inzage.purpose, &j->kader->purposes),
		   j->m->body.inzage.purpose);
	return true;
}

#define ANTWOORD KIND_BIT(MESSAGE_ANTWOORD)

static const struct rule rows[] = {
	{ "antwoord.gevraagd", CODE_CATEGORIE_NIET_GEVRAAGD, "WGS 1.5(1); AVG 5(1)c", ANTWOORD,
	  answer_was_asked },
	{ "antwoord.termijn", CODE_TERMIJN_VERSTREKEN, "WGS 2.31(3)", ANTWOORD, answer_in_time },
	{ "antwoord.doel", CODE_GEEN_DOEL, "WGS 1.8(5)", ANTWOORD, answer_same_doel },
	{ "categorie.kader", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.29, 2.30", KINDS_PARTS,
	  categories_known },
	{ "convenant.categorie", CODE_CATEGORIE_NIET_TOEGESTAAN, "WGS 2.30",
	  KINDS_DATA | KIND_BIT(MESSAGE_VERZOEK), categories_allowed },
	{ "antwoord.categorie", CODE_CATEGORIE_NIET_GEVRAAGD, "AVG 5(1)c", ANTWOORD, answer_within },
	{ "delen.kop", CODE_SCHEMA_ONGELDIG, "WGS 2.30", KINDS_DATA, header_says_parts },
	{ "kring.rol", CODE_KRING_TE_RUIM, "", KINDS_DATA | KIND_BIT(MESSAGE_VERZOEK), circle_narrow },
	{ "convenant.kring", CODE_KRING_TE_RUIM, "WGS 2.30(1)b; BGS 2.19",
	  KINDS_DATA | KIND_BIT(MESSAGE_VERZOEK), circle_agreed },
	{ "delen.politie", CODE_CATEGORIE_NIET_TOEGESTAAN, "", KINDS_PARTS, police_marked },
	{ "delen.beroepsgeheim", CODE_BEROEPSGEHEIM_GEEN_BASIS, "", KINDS_PARTS, secrecy_kept },
	{ "delen.verzegeld", CODE_NIET_VERSLEUTELD, "AVG 32", KINDS_PARTS, parts_sealed },
	{ "inzage.doel", CODE_GEEN_DOEL, "", KIND_BIT(MESSAGE_INZAGE), purpose_named },
};
const struct rule_list rules_content = { N_ELEMENTS(rows), rows };
