/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who speaks. A hoedanigheid has rights, a person only through a mandate for it; a derde has neither. What a
 * party may do at all (L1 or L2) comes before what the convenant says of it, because no convenant can give a
 * power the law withholds.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/rule.h"

/* A month of 30.4375 days: terms of months are not counted to the day. */
#define MONTH_MS UINT64_C(2629800000)

static bool rules_in_force(struct judge *j)
{
	uint64_t now = j->in->now_unix_ms;

	judge_must(j, now >= j->kader->from_unix_ms && now < j->kader->until_unix_ms, "kader");
	judge_must(j, now >= j->registry->from_unix_ms && now < j->registry->until_unix_ms, "register");
	return true;
}

/* ---- hoedanigheden ---- */

/* May take part at all: known, of a kind that does, and joined. */
static bool joined(const struct reg_hoedanigheid *h, const struct soort *s)
{
	return h && s && s->k.lid != LID_DERDE && h->n_keys > 0;
}

static bool sender_known(struct judge *j)
{
	judge_must(j, joined(j->sender, j->sender_soort), j->h->sender);
	return true;
}

static bool recipients_known(struct judge *j)
{
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, joined(j->recipients[i], j->recipient_soorten[i]), j->h->recipients.v[i]);
	return j->h->recipients.n > 0;
}

/* Of the circle, or a guest in it: a house and a verband are spoken with, and never involved (WGS 2.28; BGS 1.10). */
static bool involved_known(struct judge *j)
{
	const struct text_list *v =
		j->m->kind == MESSAGE_AGENDA ? &j->m->body.agenda.invite : &j->m->body.betrekken.involve;

	for (size_t i = 0; i < v->n; i++) {
		enum lid lid = judge_lid(j, v->v[i]);

		judge_must(j, lid == LID_L1 || lid == LID_L2, v->v[i]);
	}
	return v->n > 0;
}

/* Merged or split up: others have come in its place, and its task and its keys are theirs. */
static bool nobody_succeeded(struct judge *j)
{
	const struct text_list *v =
		j->m->kind == MESSAGE_AGENDA ? &j->m->body.agenda.invite : &j->m->body.betrekken.involve;
	const uint64_t now = j->in->now_unix_ms;

	judge_must(j, !registry_succeeded(j->registry, j->h->sender, now), j->h->sender);
	for (size_t i = 0; i < j->h->recipients.n; i++)
		judge_must(j, !registry_succeeded(j->registry, j->h->recipients.v[i], now), j->h->recipients.v[i]);
	if (!(KIND_BIT(j->m->kind) & (KIND(AGENDA) | KIND(BETREKKEN))))
		return true;
	for (size_t i = 0; i < v->n; i++)
		judge_must(j, !registry_succeeded(j->registry, v->v[i], now), v->v[i]);
	return true;
}

/* Nobody speaks for another unless every convenant that governs says so: who for whom, for what, until when. */
static bool volmacht_held(struct judge *j)
{
	const char *for_whom = j->h->on_behalf_of;

	if (!*for_whom)
		return false;
	judge_must(j, j->n_governing > 0 && j->speaker_row && !text_equal(for_whom, j->h->sender), for_whom);
	for (size_t i = 0; !j->failed && i < j->n_governing; i++) {
		const struct volmacht *v = j->governing[i].volmacht;

		judge_as(j, v ? v->rule : "convenant.volmacht", NULL);
		judge_must(j, v != NULL, for_whom);
	}
	return true;
}

/* What a deelnemer itself sent and received is its own to look into, whoever it is and whoever does it for it. */
static bool own_log(const struct judge *j)
{
	return j->m->kind == MESSAGE_INZAGE && j->m->body.inzage.own;
}

static bool act_allowed(struct judge *j)
{
	const struct handeling *a = &j->kader->handelingen[j->m->kind];

	if (!j->sender_soort || j->sender_soort->k.lid == LID_DERDE || own_log(j))
		return false;
	judge_as(j, NULL, a->article);
	judge_must(j, a->article && a->lids & LID_BIT(j->sender_soort->k.lid), j->h->sender);
	/* What the law gives to neither, no volmacht gives. */
	if (j->speaker_soort && j->speaker != j->h->sender)
		judge_must(j, a->article && a->lids & LID_BIT(j->speaker_soort->k.lid), j->speaker);
	return true;
}

/* ---- the person ---- */

static bool mandate_held(struct judge *j)
{
	const struct mandate *m = j->in->mandate;

	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j, m && text_equal(m->person, j->h->person) && j->h->mandate.len == sizeof m->digest &&
		   memcmp(j->h->mandate.ptr, m->digest.bytes, sizeof m->digest) == 0, j->h->person);
	return true;
}

static bool mandate_covers_sender(struct judge *j)
{
	const struct mandate *m = j->in->mandate;

	if (!m)
		return false;
	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j,
		   mandate_covers(m, j->h->sender) && j->sender &&
			   text_equal(j->sender->organisation, m->organisation),
		   j->h->sender);
	return true;
}

static bool mandate_current(struct judge *j)
{
	const struct mandate *m = j->in->mandate;

	if (!m)
		return false;
	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j, j->in->now_unix_ms >= m->from_unix_ms && j->in->now_unix_ms < m->until_unix_ms,
		   j->h->person);
	return true;
}

static bool recent(const struct judge *j, uint64_t then_unix_ms, uint64_t months)
{
	uint64_t now = j->in->now_unix_ms;

	return then_unix_ms && then_unix_ms <= now && now - then_unix_ms <= months * MONTH_MS;
}

static bool screened(struct judge *j)
{
	if (!j->in->mandate)
		return false;
	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j, recent(j, j->in->mandate->screening_unix_ms, j->kader->screening_months), j->h->person);
	return true;
}

static bool trained(struct judge *j)
{
	if (!j->in->mandate)
		return false;
	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j, recent(j, j->in->mandate->training_unix_ms, j->kader->training_months), j->h->person);
	return true;
}

static bool class_fits(struct judge *j)
{
	const struct text_list *classes =
		j->m->kind == MESSAGE_INZAGE ? &j->kader->reading_classes : &j->kader->exchange_classes;

	if (!j->in->mandate || own_log(j))
		return false;
	judge_as(j, NULL, j->kader->staff_article);
	judge_must(j, judge_text_in(j->in->mandate->klasse, classes), j->in->mandate->klasse);
	return true;
}

/* ---- the convenant ---- */

static bool is_party_somewhere(const struct judge *j)
{
	for (size_t i = 0; i < j->in->rules->n_convenanten; i++)
		if (judge_party(j, j->in->rules->convenanten[i], j->speaker))
			return true;
	return false;
}

static void parties_must(struct judge *j, const struct convenant *c, const struct text_list *v)
{
	for (size_t i = 0; i < v->n; i++)
		judge_must(j, judge_party(j, c, v->v[i]) != NULL, v->v[i]);
}

/* The kinds in convenant and register are the same, or the convenant was checked against another ceiling than
 * holds here. */
static bool same_kind(const struct judge *j, const struct party *p)
{
	return p && j->speaker_row && text_equal(p->soort->k.id, j->speaker_row->kind);
}

/* A correction goes to all who have it, and each may confirm, also who is no party any more (BGS 1.7; AVG 19). */
static bool all_are_parties(struct judge *j)
{
	if (j->m->kind == MESSAGE_BEVESTIGING)
		return false;
	judge_must(j, is_party_somewhere(j), j->speaker);
	for (size_t i = 0; !j->failed && i < j->n_governing; i++) {
		const struct governing *g = &j->governing[i];

		judge_must(j, same_kind(j, g->party), j->speaker);
		if (j->speaker != j->h->sender)
			judge_must(j, judge_party(j, g->convenant, j->h->sender) != NULL, j->h->sender);
		if (j->m->kind != MESSAGE_CORRECTIE)
			parties_must(j, g->convenant, &j->h->recipients);
		if (j->m->kind == MESSAGE_BETREKKEN)
			parties_must(j, g->convenant, &j->m->body.betrekken.involve);
		if (j->m->kind == MESSAGE_AGENDA)
			parties_must(j, g->convenant, &j->m->body.agenda.invite);
	}
	return true;
}

static bool convenant_current(struct judge *j)
{
	uint64_t now = j->in->now_unix_ms;

	for (size_t i = 0; i < j->n_governing; i++) {
		const struct convenant *c = j->governing[i].convenant;
		bool withdrawn = c->withdrawn_unix_ms && now >= c->withdrawn_unix_ms;

		judge_must(j, now >= c->from_unix_ms && now < c->until_unix_ms && !withdrawn && c->kader == j->kader, c->id);
	}
	return j->n_governing > 0;
}

static const struct rule rows[] = {
	{ "regels.geldig", CODE_CONVENANT_ONGELDIG, "WGS 1.8(6)", KINDS_PERSON, rules_in_force },
	{ "afzender.bekend", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27; BGS 2.21(3)", KINDS_PERSON, sender_known },
	{ "ontvanger.bekend", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27; BGS 2.21(3)", KINDS_PERSON,
	  recipients_known },
	{ "betrekken.bekend", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27; BGS 2.21(3)", KIND(BETREKKEN) | KIND(AGENDA),
	  involved_known },
	{ "opgevolgd", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27", KINDS_PERSON, nobody_succeeded },
	{ "convenant.volmacht", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27", KINDS_PERSON, volmacht_held },
	{ "handeling.lid", CODE_DEELNEMER_ONBEVOEGD, "WGS 2.27, 2.31", KINDS_PERSON, act_allowed },
	{ "medewerker.mandaat", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON, mandate_held },
	{ "medewerker.hoedanigheid", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON,
	  mandate_covers_sender },
	{ "medewerker.periode", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON, mandate_current },
	{ "medewerker.screening", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON, screened },
	{ "medewerker.training", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON, trained },
	{ "medewerker.klasse", CODE_MEDEWERKER_NIET_GEAUTORISEERD, "", KINDS_PERSON, class_fits },
	{ "convenant.partij", CODE_CONVENANT_ONGELDIG, "WGS 1.8(6)", KINDS_CASUS, all_are_parties },
	{ "convenant.geldig", CODE_CONVENANT_ONGELDIG, "WGS 1.8(6)", KINDS_CASUS, convenant_current },
};
const struct rule_list rules_party = { N_ELEMENTS(rows), rows };
