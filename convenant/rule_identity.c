/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * No identity in the open. Every text that is not sealed is searched; what was found is told by the field it stands in and never
 * by itself, for a refusal is on record. Which word it is, explain_print() shows to who wrote it.
 *
 * One row refuses, under the name of what was found: identificatie for a BSN, identificatie.naam for a name, and so on.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/identity.h"
#include "convenant/rule.h"

static const char *const rule_names[] = {
	[IDENTITY_BSN] = "identificatie",
	[IDENTITY_CONTACT] = "identificatie.contact",
	[IDENTITY_BIRTH] = "identificatie.geboortedatum",
	[IDENTITY_ADDRESS] = "identificatie.adres",
	[IDENTITY_ACCOUNT] = "identificatie.rekening",
	[IDENTITY_NAME] = "identificatie.naam",
	[IDENTITY_CODE] = "identificatie.code",
};

static bool scan(struct judge *j, const char *text, const char *field)
{
	enum identity found = *text ? text_identity(text, 0, NULL) : IDENTITY_NONE;

	if (!found)
		return false;
	judge_as(j, rule_names[found], NULL);
	judge_fail(j, field);
	return true;
}

static void scan_list(struct judge *j, const struct text_list *list, const char *field)
{
	for (size_t i = 0; i < list->n; i++)
		scan(j, list->v[i], field);
}

/* What no list of the kader or the register can check is a code by its form. */
static void scan_code(struct judge *j, const char *text, const char *field)
{
	if (scan(j, text, field) || !*text || text_is_code(text))
		return;
	judge_as(j, rule_names[IDENTITY_CODE], NULL);
	judge_fail(j, field);
}

/* The one text that is written freely. */
static void scan_free(struct judge *j, const char *text, const char *field)
{
	char word[IDENTITY_FOUND_MAX];
	enum identity found = *text ? text_identity(text, j->in->now_unix_ms, NULL) : IDENTITY_NONE;

	if (!found && *text && text_name(j->in->rules, text, word))
		found = IDENTITY_NAME;
	if (!found)
		return;
	judge_as(j, rule_names[found], NULL);
	judge_fail(j, field);
}

static void scan_change(struct judge *j)
{
	const struct message *m = j->m;

	if (m->kind == MESSAGE_AANMELDING) {
		scan(j, m->body.aanmelding.klasse, "klasse");
		scan(j, m->body.aanmelding.ave, "ave");
		scan(j, m->body.aanmelding.leeftijdsklasse, "leeftijdsklasse");
		scan_list(j, &m->body.aanmelding.gemeenten, "gemeenten");
	} else if (m->kind == MESSAGE_BEOORDELING) {
		scan(j, m->body.beoordeling.outcome, "outcome");
	} else if (m->kind == MESSAGE_BETREKKEN) {
		scan_list(j, &m->body.betrekken.involve, "involve");
		scan_list(j, &m->body.betrekken.release, "release");
	} else if (m->kind == MESSAGE_FASE) {
		scan(j, m->body.fase.phase, "phase");
		scan(j, m->body.fase.ave, "ave");
	} else if (m->kind == MESSAGE_AFSLUITING) {
		scan(j, m->body.afsluiting.reason, "reason");
	} else if (m->kind == MESSAGE_TOESTEMMING) {
		scan(j, m->body.toestemming.given_by, "given_by");
		scan_list(j, &m->body.toestemming.categories, "categories");
		scan_list(j, &m->body.toestemming.hoedanigheden, "hoedanigheden");
	} else if (m->kind == MESSAGE_AGENDA) {
		scan_list(j, &m->body.agenda.invite, "invite");
	} else if (m->kind == MESSAGE_HERNIEUWING) {
		scan(j, m->body.hernieuwing.ground, "ground");
	}
}

static void scan_about_item(struct judge *j)
{
	const struct message *m = j->m;

	if (m->kind == MESSAGE_MELDING) {
		scan(j, m->body.melding.soort, "soort");
	} else if (m->kind == MESSAGE_TERUGKOPPELING) {
		scan(j, m->body.terugkoppeling.soort, "soort");
		scan(j, m->body.terugkoppeling.bruikbaar, "bruikbaar");
		scan(j, m->body.terugkoppeling.vervolg, "vervolg");
		scan(j, m->body.terugkoppeling.reden, "reden");
	} else if (m->kind == MESSAGE_CORRECTIE) {
		scan(j, m->body.correctie.action, "action");
		scan(j, m->body.correctie.reason, "reason");
	} else if (m->kind == MESSAGE_BEVESTIGING) {
		scan(j, m->body.bevestiging.action, "action");
	} else if (m->kind == MESSAGE_INSTEMMINGSVERZOEK) {
		scan(j, m->body.instemmingsverzoek.purpose, "purpose");
		scan_code(j, m->body.instemmingsverzoek.target, "target");
	} else if (m->kind == MESSAGE_VERSTREKKING) {
		scan(j, m->body.verstrekking.target_kind, "target_kind");
		scan_code(j, m->body.verstrekking.target, "target");
		scan_code(j, m->body.verstrekking.verklaring, "verklaring");
	} else if (m->kind == MESSAGE_INZAGE) {
		scan(j, m->body.inzage.purpose, "purpose");
		scan_code(j, m->body.inzage.hoedanigheid, "hoedanigheid");
		scan_code(j, m->body.inzage.code, "code");
		scan_code(j, m->body.inzage.category, "category");
		scan_code(j, m->body.inzage.kind, "kind");
		scan_code(j, m->body.inzage.person, "inzage.person");
		scan(j, m->body.inzage.grondslag, "inzage.grondslag");
		scan_code(j, m->body.inzage.doel, "inzage.doel");
		scan_code(j, m->body.inzage.overleg, "inzage.overleg");
	}
}

static void scan_part(struct judge *j, const struct part_header *p)
{
	scan(j, p->category, "part.category");
	scan(j, p->secrecy_basis, "part.secrecy_basis");
	scan_list(j, &p->conditions, "part.conditions");
	scan(j, p->reference_date, "part.reference_date");
	scan_code(j, p->source, "part.source");
	scan(j, p->wpg_article, "part.wpg_article");
	scan(j, p->person_category, "part.person_category");
	scan(j, p->media_type, "part.media_type");
}

static bool names_nobody(struct judge *j)
{
	const struct header *h = j->h;

	scan(j, h->sender, "sender");
	scan_code(j, h->person, "person");
	scan(j, h->on_behalf_of, "on_behalf_of");
	scan(j, h->regime, "regime");
	scan(j, h->grondslag, "grondslag");
	scan(j, h->doel, "doel");
	scan_free(j, h->noodzaak, "noodzaak");
	scan(j, h->overleg, "overleg");
	scan(j, h->person_role, "person_role");
	scan(j, h->related_to, "related_to");
	scan(j, h->answer_kind, "answer_kind");
	scan_list(j, &h->recipients, "recipients");
	scan_list(j, &h->categories, "categories");
	scan_change(j);
	scan_about_item(j);
	for (size_t i = 0; i < j->m->n_parts; i++)
		scan_part(j, &j->m->parts[i].header);
	return true;
}

static const struct rule rows[] = {
	{ "identificatie", CODE_IDENTIFICATIE_IN_METADATA, "WGS 2.29(1); UAVG 46", KINDS_ALL, names_nobody },
};
const struct rule_list rules_identity = { N_ELEMENTS(rows), rows };
