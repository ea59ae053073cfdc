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

enum lid judge_lid(const struct judge *j, const char *hoedanigheid)
{
	const struct soort *s = judge_soort(j, hoedanigheid);

	return s ? s->k.lid : LID_N;
}

bool judge_outside(enum lid lid)
{
	return lid == LID_HUIS || lid == LID_VERBAND;
}

bool judge_is_data(const struct judge *j, int category)
{
	return category >= 0 && !j->kader->categories[category].only_in;
}

bool judge_part_is_data(const struct judge *j, size_t i)
{
	return j->parts[i] < 0 || judge_is_data(j, j->parts[i]);
}

bool judge_has_data(const struct judge *j)
{
	if (!(KIND_BIT(j->m->kind) & KINDS_DATA))
		return false;
	for (size_t i = 0; i < j->m->n_parts; i++)
		if (judge_part_is_data(j, i))
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

bool judge_ids_equal(struct span a, struct span b)
{
	return a.len == ID_BYTES && span_equal(a, b);
}

bool judge_stands(const struct judge *j, const char *hoedanigheid, const char *for_whom)
{
	const char *heir;

	if (text_equal(hoedanigheid, for_whom))
		return true;
	heir = registry_heir(j->registry, for_whom, j->in->now_unix_ms);
	return heir && text_equal(heir, hoedanigheid);
}

bool judge_was_sent(const struct judge *j, const struct header *h, const char *hoedanigheid)
{
	for (size_t i = 0; i < h->recipients.n; i++)
		if (judge_stands(j, hoedanigheid, h->recipients.v[i]))
			return true;
	return false;
}

/*
 * A successor stands for the party it came from: alone or with others, for the agreement is with what was the whole. Its
 * own row, where there is one, counts first.
 */
const struct party *judge_party(const struct judge *j, const struct convenant *c, const char *hoedanigheid)
{
	const struct party *p = convenant_party(c, hoedanigheid);

	for (size_t i = 0; !p && i < c->n_parties; i++)
		if (registry_stands_for(j->registry, j->in->now_unix_ms, hoedanigheid, c->parties[i].id))
			p = &c->parties[i];
	return p;
}

/* ---- what is looked up once ---- */

static void look_up_people(struct judge *j)
{
	j->speaker = message_source(j->m);
	j->sender = registry_hoedanigheid(j->registry, j->h->sender);
	j->sender_soort = soort_of(j->kader, j->sender);
	j->speaker_row = registry_hoedanigheid(j->registry, j->speaker);
	j->speaker_soort = soort_of(j->kader, j->speaker_row);
	for (size_t i = 0; i < j->h->recipients.n && i < MESSAGE_LIST_MAX; i++) {
		j->recipients[i] = registry_hoedanigheid(j->registry, j->h->recipients.v[i]);
		j->recipient_soorten[i] = soort_of(j->kader, j->recipients[i]);
	}
}

/* To the sender himself, or to the one for whom he speaks. */
static bool was_sent_here(const struct judge *j, const struct header *h)
{
	return judge_was_sent(j, h, j->knower) || judge_was_sent(j, h, j->h->sender);
}

static bool of_this_casus(const struct judge *j, const struct header *h)
{
	return judge_ids_equal(h->casus, j->h->casus);
}

/* Of what was given, an earlier message of this casus that was sent by or to who is heard. */
static const struct casus_item *item_find(const struct judge *j, struct span id)
{
	for (size_t i = 0; i < j->in->n_items; i++) {
		const struct casus_item *item = &j->in->items[i];

		if (judge_ids_equal(item->message.header.message_id, id) && of_this_casus(j, &item->message.header) &&
		    (judge_stands(j, j->knower, message_source(&item->message)) ||
		     was_sent_here(j, &item->message.header)))
			return item;
	}
	return NULL;
}

/* To say that one speaks for somebody is no way to hear what he knows. */
static const char *who_is_heard(const struct judge *j)
{
	const bool speaks = *j->h->on_behalf_of && j->in->casus &&
			    rules_acts_for(j->in->rules, j->h->sender, j->speaker, j->in->casus->overleg, j->in->now_unix_ms);

	return speaks ? j->speaker : j->h->sender;
}

/*
 * A house or a verband is on no casus: it knows of one by the message that it answers, for what it may do at all, and no more. Who
 * left it can still put right what he gave, and confirm that he destroyed what he got (BGS 1.7; AVG 19).
 */
static bool was_addressed(const struct judge *j)
{
	const struct header *q = j->in->request;
	const enum lid lid = judge_lid(j, j->knower);

	if (!judge_outside(lid))
		return KIND_BIT(j->m->kind) & KINDS_REPAIR && item_find(j, j->h->in_reply_to);
	return j->kader->handelingen[j->m->kind].lids & LID_BIT(lid) &&
	       ((q && of_this_casus(j, q) && was_sent_here(j, q)) || item_find(j, j->h->in_reply_to));
}

static void look_up_casus(struct judge *j)
{
	const struct casus *c = j->in->casus;
	const struct header *q = j->in->request;

	j->knower = who_is_heard(j);
	j->opens = j->m->kind == MESSAGE_AANMELDING ||
		   (j->m->kind == MESSAGE_MELDING && !c && j->regime == REGIME_OVERIG);
	if (c && j->h->casus.len == ID_BYTES && memcmp(c->id, j->h->casus.ptr, ID_BYTES) == 0 &&
	    (casus_member(j->registry, c, j->knower, j->in->now_unix_ms) || was_addressed(j))) {
		j->casus = c;
		j->request = q && was_sent_here(j, q) ? q : NULL;
	}
	j->overleg = *j->h->overleg || !j->casus ? j->h->overleg : j->casus->overleg;
	j->overleg_row = registry_overleg(j->registry, j->overleg);
}

static void look_up_items(struct judge *j)
{
	const struct body_verstrekking *b = &j->m->body.verstrekking;

	if (!j->casus)
		return;
	if (j->h->in_reply_to.len == ID_BYTES)
		j->answered = item_find(j, j->h->in_reply_to);
	if (j->m->kind != MESSAGE_VERSTREKKING)
		return;
	for (; j->n_sources < b->n_sources && j->n_sources < MESSAGE_SOURCES_MAX; j->n_sources++)
		j->sources[j->n_sources] = item_find(j, b->sources[j->n_sources]);
}

static void look_up_convenanten(struct judge *j)
{
	for (size_t i = 0; i < j->in->rules->n_convenanten; i++) {
		const struct convenant *c = j->in->rules->convenanten[i];
		const struct afspraak *rule = convenant_rule(c, j->overleg);
		struct governing g = { c, rule, NULL, NULL };

		if (!rule || rule->regime != j->regime)
			continue;
		g.party = judge_party(j, c, j->speaker);
		if (*j->h->on_behalf_of)
			g.volmacht = convenant_volmacht(c, j->h->on_behalf_of, j->h->sender, j->m->kind, j->overleg,
							j->in->now_unix_ms);
		j->governing[j->n_governing++] = g;
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
	j->answered = NULL;
	j->n_sources = 0;
	j->n_governing = 0;
	look_up_people(j);
	look_up_casus(j);
	look_up_items(j);
	look_up_convenanten(j);
	look_up_codes(j);
}

/* ---- asking ---- */

static const struct rule_list *const lists[] = RULE_LISTS;

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
	       m->header.categories.n <= MESSAGE_LIST_MAX && m->n_parts <= MESSAGE_PARTS_MAX &&
	       (m->kind != MESSAGE_VERSTREKKING || m->body.verstrekking.n_sources <= MESSAGE_SOURCES_MAX);
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
			if (text_equal(rule->id, "identificatie") && strncmp(id, "identificatie.", 14) == 0)
				return rule; /* one row, named by what it found */
			if (dot && strncmp(rule->id, "convenant.", 10) == 0 &&
			    text_equal(rule->id + 10, dot + 1))
				return rule;
		}
	return NULL;
}
