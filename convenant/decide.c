/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Everything the rules ask about is looked up once (judge_begin), then each rule is asked in turn. Nothing is
 * allocated and no text is copied: findings point at the message, the rules in force and constants.
 *
 * A rule that can't be judged, because what it builds on failed already, is left out: it is neither passed
 * nor failed. That is safe only because each such rule stands behind one that did fail; test_decide.c checks
 * it (no message is allowed by leaving out).
 */
#include "convenant/decide.h"

#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

void decision_add(struct decision *d, enum code code, const char *rule, const char *subject, bool passed)
{
	struct finding f = {
		.code = code, .rule = rule, .article = "", .subject = subject ? subject : "", .passed = passed
	};

	if (!passed && d->code == CODE_TOEGESTAAN)
		d->code = code;
	if (d->n < DECISION_FINDINGS_MAX)
		d->findings[d->n++] = f;
	else if (!passed)
		d->n_more++;
}

void judge_as(struct judge *j, const char *rule, const char *article)
{
	if (rule)
		j->rule = rule;
	if (article)
		j->article = article;
}

static void judge_add(struct judge *j, const char *subject, bool passed)
{
	size_t n = j->out->n;

	decision_add(j->out, j->code, j->rule, subject, passed);
	if (j->out->n > n)
		j->out->findings[n].article = j->article;
}

void judge_fail(struct judge *j, const char *subject)
{
	j->failed = true;
	judge_add(j, subject, false);
}

void judge_must(struct judge *j, bool holds, const char *subject)
{
	if (!holds)
		judge_fail(j, subject);
}

static const struct soort *soort_of(const struct kader *k, const struct reg_hoedanigheid *h)
{
	return h ? find_by_id(k->soorten, k->n_soorten, sizeof *k->soorten, h->kind) : NULL;
}

const struct soort *judge_soort(const struct judge *j, const char *hoedanigheid)
{
	return soort_of(j->kader, registry_hoedanigheid(j->registry, hoedanigheid));
}

bool judge_has_data(const struct judge *j)
{
	if (!(KIND_BIT(j->m->kind) & KINDS_DATA))
		return false;
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (j->parts[i] < 0 || !j->kader->categories[j->parts[i]].only_in)
			return true;
	return false;
}

bool judge_text_in(const char *word, const struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(word, list->v[i]) == 0)
			return true;
	return false;
}

/* ---- what is looked up once ---- */

static void look_up_people(struct judge *j)
{
	j->sender = registry_hoedanigheid(j->registry, j->h->sender);
	j->sender_soort = soort_of(j->kader, j->sender);
	for (size_t i = 0; i < j->h->recipients.n && i < MESSAGE_LIST_MAX; i++) {
		j->recipients[i] = registry_hoedanigheid(j->registry, j->h->recipients.v[i]);
		j->recipient_soorten[i] = soort_of(j->kader, j->recipients[i]);
	}
}

static void look_up_casus(struct judge *j)
{
	const struct casus *c = j->in->casus;

	if (c && j->h->casus.len == ID_BYTES && memcmp(c->id, j->h->casus.ptr, ID_BYTES) == 0 &&
	    casus_has(c, j->h->sender)) {
		j->casus = c;
		j->request = j->in->request;
	}
	j->overleg = *j->h->overleg || !j->casus ? j->h->overleg : j->casus->overleg;
	j->overleg_row = registry_overleg(j->registry, j->overleg);
}

static void look_up_convenanten(struct judge *j)
{
	for (size_t i = 0; i < j->in->rules->n_convenanten; i++) {
		const struct convenant *c = j->in->rules->convenanten[i];
		const struct afspraak *rule = convenant_rule(c, j->overleg);

		if (rule && rule->regime == j->regime)
			j->governing[j->n_governing++] =
				(struct governing){ c, rule, convenant_party(c, j->h->sender) };
	}
}

static void look_up_codes(struct judge *j)
{
	for (size_t i = 0; i < j->h->categories.n && i < MESSAGE_LIST_MAX; i++)
		j->categories[i] = kader_category_index(j->kader, j->h->categories.v[i]);
	for (size_t i = 0; i < j->m->n_parts && i < MESSAGE_PARTS_MAX; i++)
		j->parts[i] = kader_category_index(j->kader, j->m->parts[i].header.category);
}

static void judge_begin(struct judge *j, const struct decide_input *in, struct decision *out)
{
	j->in = in;
	j->out = out;
	j->m = in->message;
	j->h = &in->message->header;
	j->kader = in->rules->kader;
	j->registry = in->rules->registry;
	j->regime = regime_find(j->h->regime);
	j->casus = NULL;
	j->request = NULL;
	j->n_governing = 0;
	look_up_people(j);
	look_up_casus(j);
	look_up_convenanten(j);
	look_up_codes(j);
}

/* ---- asking ---- */

static const struct rule_list *const lists[] = { &rules_form, &rules_party, &rules_casus, &rules_basis,
						 &rules_content };

static void judge_list(struct judge *j, const struct rule_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct rule *rule = &list->v[i];

		if (!(rule->kinds & KIND_BIT(j->m->kind)))
			continue;
		j->code = rule->code;
		j->rule = rule->id;
		j->article = rule->article;
		j->failed = false;
		if (rule->judge(j) && !j->failed)
			judge_add(j, "", true);
	}
}

/* Sizes that the decoder guarantees and a hand-made message may break. */
static bool can_be_judged(const struct decide_input *in)
{
	const struct message *m = in->message;

	return in->rules && in->rules->kader && in->rules->registry && m->kind > 0 &&
	       m->kind < MESSAGE_KIND_N && m->header.recipients.n <= MESSAGE_LIST_MAX &&
	       m->header.categories.n <= MESSAGE_LIST_MAX && m->n_parts <= MESSAGE_PARTS_MAX;
}

void convenant_decide(const struct decide_input *in, struct decision *out)
{
	struct judge j;

	out->code = CODE_TOEGESTAAN;
	out->n = 0;
	out->n_more = 0;
	if (!can_be_judged(in)) {
		decision_add(out, CODE_CONVENANT_ONGELDIG, "regels.aanwezig", "", false);
		return;
	}
	judge_begin(&j, in, out);
	for (size_t i = 0; i < N_ELEMENTS(lists); i++)
		judge_list(&j, lists[i]);
}

const struct rule *rules_find(const char *id)
{
	const char *slash = strchr(id, '/');
	const char *dot = slash ? strrchr(slash, '.') : NULL;

	for (size_t i = 0; i < N_ELEMENTS(lists); i++)
		for (size_t k = 0; k < lists[i]->n; k++) {
			const struct rule *rule = &lists[i]->v[k];

			if (text_equal(rule->id, id))
				return rule;
			if (dot && strncmp(rule->id, "convenant.", 10) == 0 &&
			    text_equal(rule->id + 10, dot + 1))
				return rule;
		}
	return NULL;
}
