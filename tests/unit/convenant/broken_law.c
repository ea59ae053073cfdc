/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/convenant/broken.h"

#include <stdio.h>
#include <string.h>

#include "convenant/inside.h"

static const char *one_word[4][1];
static struct text_list one(size_t i, const char *word)
{
	one_word[i][0] = word;
	return (struct text_list){ 1, one_word[i] };
}

static void to(struct scene *s, const char *words)
{
	scene_list(&s->m.header.recipients, s->recipients, words);
	scene_seal(s);
}

static void says(struct scene *s, const char *words)
{
	scene_list(&s->m.header.categories, s->categories, words);
}

/* ---- identity ---- */
CHANGE(phone, s->m.header.noodzaak = "bel 06-12345678 voor overleg")
CHANGE(email, s->m.header.noodzaak = "mail naar iemand@example.nl")
CHANGE(born, s->m.header.noodzaak = "betrokkene, geb. 12-03-2001, is verhuisd")
CHANGE(address, s->m.header.noodzaak = "woont nu op 9401 AB 12")
CHANGE(account, s->m.header.noodzaak = "betaalt van NL91 ABNA 0417 1643 00")
CHANGE(name, s->m.header.noodzaak = "zicht op de situatie van Jansen is nodig")
CHANGE(free_source, s->parts[0].header.source = "het dossier van de buurman")
CHANGE(free_verklaring, s->m.body.verstrekking.verklaring = "getekend door de directeur")

/* ---- what a message of its kind says ---- */
CHANGE(no_motivation, scene_part(s, 2, "motivering.b"))
CHANGE(motivation_to_nobody, s->m.header.recipients.n = 0; scene_seal(s))
CHANGE(anonymous_with_data, s->m.body.aanmelding.klasse = "advies")
CHANGE(anonymous_casus, snprintf(s->casus.klasse, CASUS_TEXT, "informatievraag"))
CHANGE(klasse_elsewhere, s->m.body.aanmelding.klasse = "nazorg")
CHANGE(given_by_nobody, s->m.body.toestemming.given_by = "de buurman")
CHANGE(consent_for_nonsense, s->m.body.toestemming.categories = one(0, "godsdienst"))
CHANGE(consent_with_nobody, s->m.body.toestemming.hoedanigheden = one(0, "bakker"))
CHANGE(meeting_past, s->m.body.agenda.meeting_unix_ms = s->now; s->m.body.agenda.until_unix_ms = s->now + DAY_MS)
CHANGE(invitation_before_meeting, s->m.body.agenda.until_unix_ms = s->m.body.agenda.meeting_unix_ms - 1)
CHANGE(invitation_too_long, s->m.body.agenda.until_unix_ms = s->m.body.agenda.meeting_unix_ms + 31 * DAY_MS + 1)
CHANGE(unknown_notice, s->m.body.melding.soort = "roddel")
CHANGE(notice_to_nobody, to(s, ""))
CHANGE(empty_notice, s->m.n_parts = 0; s->m.header.categories.n = 0)
CHANGE(supplement_to_nobody, to(s, ""))
CHANGE(supplement_of_nothing, s->m.header.in_reply_to = SPAN_NONE)
CHANGE(unknown_action, s->m.body.correctie.action = "vergeten")
CHANGE(unknown_reason, s->m.body.correctie.reason = "zomaar")
CHANGE(withdrawn_with_data, s->m.body.correctie.action = "ingetrokken")
CHANGE(unknown_confirmation, s->m.body.bevestiging.action = "gezien")
CHANGE(no_follow_up_no_reason, s->m.body.terugkoppeling.reden = "")
CHANGE(unknown_usefulness, s->m.body.terugkoppeling.bruikbaar = "misschien")
CHANGE(unknown_feedback, s->m.body.terugkoppeling.soort = "dagelijks")
CHANGE(unknown_purpose, s->m.body.instemmingsverzoek.purpose = "krant")
CHANGE(renewal_names_item, s->m.body.instemmingsverzoek = (struct body_instemmingsverzoek){ .purpose = "hernieuwing", .target = "",
	.until_unix_ms = s->now + DAY_MS })
CHANGE(asked_until_past, s->m.body.instemmingsverzoek.until_unix_ms = s->now)
CHANGE(granted_until_past, s->m.body.instemming.until_unix_ms = s->now)
CHANGE(unknown_target_kind, s->m.body.verstrekking.target_kind = "krant")
CHANGE(no_sources, s->m.body.verstrekking.n_sources = 0)
CHANGE(derde_without_target, s->m.body.verstrekking.target = "")
CHANGE(derde_not_signed, s->m.body.verstrekking.verklaring = "")
CHANGE(derde_signs_tomorrow, s->m.body.verstrekking.verklaring_unix_ms = s->now + DAY_MS)
CHANGE(verklaring_of_deelnemer, s->m.body.verstrekking.verklaring = "gv-1")
CHANGE(no_ground, s->m.body.hernieuwing.ground = "gemak")
CHANGE(question_without_need, s->m.header.noodzaak = "")
CHANGE(question_to_nobody, to(s, ""))
CHANGE(known_without_contact, s->m.n_parts = 0; s->m.header.categories.n = 0)
CHANGE(unknown_with_contact, s->m.body.bekendheidsantwoord.known = false)
CHANGE(too_soon, s->m.header.deadline_unix_ms = s->m.header.created_unix_ms + 23 * 3600000ull)
CHANGE(too_soon_urgent, s->m.header.urgent = true; s->m.header.deadline_unix_ms = s->m.header.created_unix_ms + 3599999)
CHANGE(unknown_condition, s->parts[0].header.conditions = one(0, "alleen-lief-zijn"))

/* ---- parties ---- */
static struct registry merged;
static struct reg_hoedanigheid merged_rows[80];
static const char *successors[2];
static void succeed(struct scene *s, const char *old, const char *first, const char *second)
{
	merged = *s->rules.registry;
	memcpy(merged_rows, merged.hoedanigheden, merged.n_hoedanigheden * sizeof *merged_rows);
	successors[0] = first;
	successors[1] = second;
	for (size_t i = 0; i < merged.n_hoedanigheden; i++)
		if (text_equal(merged_rows[i].id, old)) {
			merged_rows[i].successors = (struct text_list){ second ? 2 : 1, successors };
			merged_rows[i].succeeded_unix_ms = s->now - DAY_MS;
		}
	merged.hoedanigheden = merged_rows;
	s->rules.registry = &merged;
}
CHANGE(recipient_succeeded, succeed(s, "ggz-drenthe", "vnn-behandeling", NULL))
CHANGE(sender_succeeded, succeed(s, "zvhd-procesregie", "zvhd-nazorg", NULL))
CHANGE(invites_derde, scene_list(&s->m.body.agenda.invite, s->involve, "cosis halt"))
CHANGE(invites_house, scene_list(&s->m.body.agenda.invite, s->involve, "cosis zvh-fryslan"))
static struct convenant other;
CHANGE(convenant_withdrawn, other = *s->rules.convenanten[0]; other.withdrawn_unix_ms = s->now; s->rules.convenanten[0] = &other)
static struct afspraak slower;
static struct overleg_rule slower_rows[60];
static void slow(struct scene *s)
{
	other = *s->rules.convenanten[0];
	memcpy(slower_rows, other.overleggen, other.n_overleggen * sizeof *slower_rows);
	for (size_t i = 0; i < other.n_overleggen; i++)
		if (text_equal(slower_rows[i].overleg, "ketenkamer")) {
			slower = *slower_rows[i].rule;
			slower_rows[i].rule = &slower;
		}
	slower.ask_ms = 5 * DAY_MS;
	other.overleggen = slower_rows;
	s->rules.convenanten[0] = &other;
}
CHANGE(sooner_than_agreed, slow(s))

/* ---- the casus ---- */
CHANGE(expired, s->casus.expires_unix_ms = s->now)
CHANGE(first_circle_too_wide, to(s, "ggz-drenthe zvhd-procesregie"))
CHANGE(l2_invents_circle, scene_sender(s, "reclassering-3ro"); to(s, "cosis zvhd-nazorg"))
CHANGE(closed, s->casus.phase = PHASE_AFGESLOTEN; s->casus.closed_unix_ms = s->now - 1)
CHANGE(instemming_when_closed, closed(s))
CHANGE(invitation_over, s->casus.n_invited = 1; s->casus.invited[0].until_unix_ms = s->now;
       snprintf(s->casus.invited[0].hoedanigheid, CASUS_TEXT, "ggz-drenthe"); scene_circle(s, "politie-noord-nederland zvhd-procesregie"))
CHANGE(too_many_guests, s->casus.n_invited = CASUS_INVITED_MAX; for (int i = 0; i < CASUS_INVITED_MAX; i++) {
	snprintf(s->casus.invited[i].hoedanigheid, CASUS_TEXT, "gast-%02d", i); s->casus.invited[i].until_unix_ms = s->now + 1; })

/* ---- basis ---- */
CHANGE(to_house_on_wrong_basis, s->m.header.grondslag = "WGS 2.31(3)")
CHANGE(to_l2_on_house_basis, s->m.header.grondslag = "WGS 2.28(3)"; to(s, "ggz-drenthe"))
CHANGE(l2_asks_house, s->casus.phase = PHASE_CASUSOVERLEG; scene_sender(s, "ggz-drenthe"))
CHANGE(house_does_not_know, s->casus.n_known = 0)
CHANGE(consent_for_other_categories, s->casus.n_consent_categories = 1;
       snprintf(s->casus.consent_categories[0], CASUS_TEXT, "justitieel.detentieverloop"))
CHANGE(consent_with_others, s->casus.n_consent_partners = 1; snprintf(s->casus.consent_partners[0], CASUS_TEXT, "politie-noord-nederland"))

/* ---- messages that rest on others ---- */
CHANGE(item_unknown, s->no_items = true)
CHANGE(item_of_other_casus, s->items[0].message.header.casus = s->m.header.message_id)
CHANGE(item_of_others, scene_list(&s->items[0].message.header.recipients, s->item_to[0], "dji-pi-noord");
       s->items[0].message.header.sender = "politie-noord-nederland")
CHANGE(item_is_question, s->items[0].message.kind = MESSAGE_VERZOEK)
CHANGE(item_is_answer, s->items[0].message.kind = MESSAGE_ANTWOORD)
CHANGE(item_withdrawn, s->items[0].withdrawn = true)
CHANGE(not_the_source, scene_sender(s, "zvhd-procesregie"); to(s, "ggz-drenthe");
       s->items[0].message.header.recipients = one(0, "zvhd-procesregie");
       s->parts[0].header.secrecy_basis = "")
CHANGE(to_who_had_it_not, to(s, "politie-noord-nederland zvhd-procesregie"))
CHANGE(not_to_all, scene_list(&s->items[0].message.header.recipients, s->item_to[0], "politie-noord-nederland zvhd-procesregie"))
CHANGE(not_to_the_source, to(s, "politie-noord-nederland"))
CHANGE(corrected_what_was_withdrawn, s->m.body.bevestiging.action = "verbeterd")
CHANGE(asks_no_source, to(s, "politie-noord-nederland"))
CHANGE(decides_unasked, scene_list(&s->items[0].message.header.recipients, s->item_to[0], "politie-noord-nederland");
       s->items[0].message.header.sender = "ggz-drenthe"; to(s, "zvhd-procesregie"))
CHANGE(supplement_not_asked, scene_part(s, 0, "zorg"); s->parts[0].header.secrecy_basis = "toestemming"; says(s, "zorg"))
CHANGE(correction_of_more, scene_part(s, 0, "bsn"); says(s, "bsn"))
CHANGE(known_at_deelnemer, to(s, "politie-noord-nederland"))
CHANGE(known_with_more, scene_part(s, 0, "woonsituatie"); says(s, "woonsituatie"))
CHANGE(answer_unasked, s->request.message_id = s->m.header.message_id)

/* ---- further on ---- */
CHANGE(source_unknown, s->m.body.verstrekking.sources[1] = s->m.header.casus; s->m.body.verstrekking.n_sources = 2)
CHANGE(house_as_deelnemer, s->m.body.verstrekking.target_kind = "deelnemer")
CHANGE(derde_unknown, s->m.body.verstrekking.target = "bakker-om-de-hoek")
CHANGE(derde_is_deelnemer, s->m.body.verstrekking.target = "ggz-drenthe")
CHANGE(l2_to_derde, scene_sender(s, "ggz-drenthe"); s->items[0].message.header.recipients = one(0, "ggz-drenthe"))
CHANGE(condition_forbids, s->item_parts[0][1].header.conditions = one(0, "niet-verder"); s->parts[0].header.conditions = one(1, "niet-verder"))
CHANGE(condition_forbids_derde, s->item_parts[0][0].header.conditions = one(0, "niet-naar-derde"))
CHANGE(condition_forbids_house, s->item_parts[0][0].header.conditions = one(0, "niet-naar-huis");
       s->parts[0].header.conditions = one(1, "niet-naar-huis"))
CHANGE(condition_only_om, s->item_parts[0][1].header.conditions = one(0, "alleen-om"); s->parts[0].header.conditions = one(1, "alleen-om"))
CHANGE(condition_unknown, s->item_parts[0][0].header.conditions = one(0, "als-het-regent"))
CHANGE(condition_left_out, s->parts[0].header.conditions.n = 0)
CHANGE(secret_to_verband, scene_part(s, 0, "gezondheid.psychisch"); says(s, "gezondheid.psychisch");
       s->grants[0] = (struct item_grant){ "ggz-drenthe", "verband", "", 0 }; s->items[0].grants = s->grants; s->items[0].n_grants = 1)
CHANGE(not_granted, s->items[0].n_grants = 0)
CHANGE(granted_for_other_purpose, s->grants[0].purpose = "derde")
CHANGE(granted_for_other_house, s->grants[0].target = "zvh-groningen")
CHANGE(grant_over, s->grants[0].until_unix_ms = s->now)
CHANGE(granted_by_other, s->grants[0].by = "politie-noord-nederland")
CHANGE(second_source_not_asked, scene_list(&s->items[0].suppliers, s->item_by[0], "ggz-drenthe politie-noord-nederland"))
CHANGE(more_than_the_sources, scene_part(s, 0, "inkomen"); says(s, "inkomen"))

/* ---- longer ---- */
CHANGE(not_complex, s->m.body.hernieuwing.ground = "recidiverisico")
CHANGE(closed_long_before, closed(s); s->m.body.hernieuwing.ground = "recidiverisico"; s->casus.expires_unix_ms = s->now + 400 * DAY_MS)
CHANGE(beyond_two_years, s->m.body.hernieuwing.until_unix_ms = s->now + 732 * DAY_MS;
       s->casus.suppliers[0].renewed_until_unix_ms = s->now + 800 * DAY_MS)
CHANGE(shorter_than_it_runs, s->casus.expires_unix_ms = s->now + 710 * DAY_MS)
CHANGE(source_did_not_agree, s->casus.suppliers[0].renewed_until_unix_ms = 0)
CHANGE(source_agreed_to_less, s->casus.suppliers[0].renewed_until_unix_ms = s->m.body.hernieuwing.until_unix_ms - 1)
CHANGE(not_related, s->m.header.person_role = "gezinslid")
CHANGE(related_to_other, s->m.header.person_role = "gezinslid"; s->m.header.related_to = "gezinslid")
CHANGE(old_role, s->m.header.person_role = "kring")

const struct broken law_cases[] = {
	{ "phone", scene_verzoek, phone, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.contact", "noodzaak", false },
	{ "e-mail", scene_verzoek, email, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.contact", "noodzaak", false },
	{ "date of birth", scene_verzoek, born, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.geboortedatum", "noodzaak", false },
	{ "address", scene_verzoek, address, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.adres", "noodzaak", false },
	{ "account", scene_verzoek, account, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.rekening", "noodzaak", false },
	{ "name", scene_verzoek, name, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.naam", "noodzaak", false },
	{ "free source", scene_antwoord, free_source, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.code", "part.source", false },
	{ "free verklaring", scene_verstrekking_derde, free_verklaring, CODE_IDENTIFICATIE_IN_METADATA, "identificatie.code", "verklaring",
	  false },

	{ "motivation missing", scene_aanmelding, no_motivation, CODE_SCHEMA_ONGELDIG, "schema.motivering", "motivering.b", false },
	{ "motivation missing, beoordeling", scene_beoordeling, no_motivation, CODE_SCHEMA_ONGELDIG, "schema.motivering", "motivering.b",
	  false },
	{ "motivated to nobody", scene_beoordeling, motivation_to_nobody, CODE_SCHEMA_ONGELDIG, "schema.motivering", "recipients", true },
	{ "anonymous with data", scene_aanmelding, anonymous_with_data, CODE_CATEGORIE_NIET_TOEGESTAAN, "klasse.anoniem", "woonsituatie",
	  false },
	{ "answer in anonymous casus", scene_antwoord, anonymous_casus, CODE_CATEGORIE_NIET_TOEGESTAAN, "klasse.anoniem", NULL, false },
	{ "question in anonymous casus", scene_verzoek, anonymous_casus, CODE_CATEGORIE_NIET_TOEGESTAAN, "klasse.anoniem", NULL, false },
	{ "anonymous taken up", scene_beoordeling, anonymous_casus, CODE_FASE_STAAT_NIET_TOE, "klasse.uitkomst", "in-behandeling", false },
	{ "klasse of other regime", scene_aanmelding, klasse_elsewhere, CODE_SCHEMA_ONGELDIG, "schema.aanmelding", "klasse", false },
	{ "consent given by nobody", scene_toestemming, given_by_nobody, CODE_SCHEMA_ONGELDIG, "schema.wijziging", "given_by", false },
	{ "consent for nonsense", scene_toestemming, consent_for_nonsense, CODE_SCHEMA_ONGELDIG, "schema.wijziging", "godsdienst", false },
	{ "consent with nobody", scene_toestemming, consent_with_nobody, CODE_SCHEMA_ONGELDIG, "schema.wijziging", "bakker", false },
	{ "meeting in the past", scene_agenda, meeting_past, CODE_SCHEMA_ONGELDIG, "schema.wijziging", "meeting", false },
	{ "invited until before", scene_agenda, invitation_before_meeting, CODE_SCHEMA_ONGELDIG, "schema.wijziging", "until", false },
	{ "invited for too long", scene_agenda, invitation_too_long, CODE_SCHEMA_ONGELDIG, "agenda.termijn", "until", false },
	{ "unknown notice", scene_melding, unknown_notice, CODE_SCHEMA_ONGELDIG, "schema.melding", "soort", false },
	{ "notice to nobody", scene_melding, notice_to_nobody, CODE_SCHEMA_ONGELDIG, "schema.melding", "recipients", true },
	{ "empty notice", scene_melding, empty_notice, CODE_SCHEMA_ONGELDIG, "schema.melding", "parts", false },
	{ "supplement to nobody", scene_aanvulling, supplement_to_nobody, CODE_SCHEMA_ONGELDIG, "schema.aanvulling", "recipients", true },
	{ "supplement of nothing", scene_aanvulling, supplement_of_nothing, CODE_SCHEMA_ONGELDIG, "schema.aanvulling", "in_reply_to", true },
	{ "unknown action", scene_correctie, unknown_action, CODE_SCHEMA_ONGELDIG, "schema.correctie", "action", false },
	{ "unknown reason", scene_correctie, unknown_reason, CODE_SCHEMA_ONGELDIG, "schema.correctie", "reason", false },
	{ "withdrawn with data", scene_correctie, withdrawn_with_data, CODE_SCHEMA_ONGELDIG, "schema.correctie", "parts", false },
	{ "unknown confirmation", scene_bevestiging, unknown_confirmation, CODE_SCHEMA_ONGELDIG, "schema.bevestiging", "action", true },
	{ "no follow-up, no reason", scene_terugkoppeling, no_follow_up_no_reason, CODE_SCHEMA_ONGELDIG, "schema.terugkoppeling", "reden",
	  false },
	{ "unknown usefulness", scene_terugkoppeling, unknown_usefulness, CODE_SCHEMA_ONGELDIG, "schema.terugkoppeling", "bruikbaar", false },
	{ "unknown feedback", scene_terugkoppeling, unknown_feedback, CODE_SCHEMA_ONGELDIG, "schema.terugkoppeling", "soort", false },
	{ "unknown purpose", scene_instemmingsverzoek, unknown_purpose, CODE_SCHEMA_ONGELDIG, "schema.instemmingsverzoek", "purpose", false },
	{ "renewal names an item", scene_instemmingsverzoek, renewal_names_item, CODE_SCHEMA_ONGELDIG, "schema.instemmingsverzoek",
	  "in_reply_to", false },
	{ "asked until the past", scene_instemmingsverzoek, asked_until_past, CODE_SCHEMA_ONGELDIG, "schema.instemmingsverzoek", "until",
	  false },
	{ "granted until the past", scene_instemming, granted_until_past, CODE_SCHEMA_ONGELDIG, "schema.instemming", "until", false },
	{ "unknown kind of target", scene_verstrekking, unknown_target_kind, CODE_SCHEMA_ONGELDIG, "schema.verstrekking", "target_kind",
	  true },
	{ "no sources", scene_verstrekking, no_sources, CODE_SCHEMA_ONGELDIG, "schema.verstrekking", "sources", false },
	{ "derde without name", scene_verstrekking_derde, derde_without_target, CODE_SCHEMA_ONGELDIG, "schema.verstrekking", "target", false },
	{ "derde has not signed", scene_verstrekking_derde, derde_not_signed, CODE_SCHEMA_ONGELDIG, "verstrekking.verklaring",
	  "woningcorporaties-drenthe", false },
	{ "derde signs tomorrow", scene_verstrekking_derde, derde_signs_tomorrow, CODE_SCHEMA_ONGELDIG, "verstrekking.verklaring",
	  "woningcorporaties-drenthe", false },
	{ "verklaring of a deelnemer", scene_verstrekking, verklaring_of_deelnemer, CODE_SCHEMA_ONGELDIG, "schema.verstrekking", "verklaring",
	  false },
	{ "no ground", scene_hernieuwing, no_ground, CODE_SCHEMA_ONGELDIG, "schema.hernieuwing", "ground", true },
	{ "is he known, why", scene_bekendheidsvraag, question_without_need, CODE_SCHEMA_ONGELDIG, "schema.bekendheidsvraag", "noodzaak",
	  false },
	{ "is he known, to nobody", scene_bekendheidsvraag, question_to_nobody, CODE_SCHEMA_ONGELDIG, "schema.bekendheidsvraag", "recipients",
	  true },
	{ "known without contact", scene_bekendheidsantwoord, known_without_contact, CODE_SCHEMA_ONGELDIG, "schema.bekendheidsantwoord",
	  "parts", false },
	{ "unknown with contact", scene_bekendheidsantwoord, unknown_with_contact, CODE_SCHEMA_ONGELDIG, "schema.bekendheidsantwoord", "parts",
	  false },
	{ "too little time", scene_verzoek, too_soon, CODE_SCHEMA_ONGELDIG, "termijn.redelijk", "deadline", false },
	{ "too little time, urgent", scene_verzoek, too_soon_urgent, CODE_SCHEMA_ONGELDIG, "termijn.redelijk", "deadline", false },
	{ "sooner than agreed", scene_verzoek, sooner_than_agreed, CODE_SCHEMA_ONGELDIG, "drenthe/casusoverleg.termijn", "deadline", false },
	{ "unknown condition", scene_antwoord, unknown_condition, CODE_SCHEMA_ONGELDIG, "delen.voorwaarde", "alleen-lief-zijn", false },

	{ "recipient succeeded", scene_verzoek, recipient_succeeded, CODE_DEELNEMER_ONBEVOEGD, "opgevolgd", "ggz-drenthe", false },
	{ "sender succeeded", scene_verzoek, sender_succeeded, CODE_DEELNEMER_ONBEVOEGD, "opgevolgd", "zvhd-procesregie", false },
	{ "invites a derde", scene_agenda, invites_derde, CODE_DEELNEMER_ONBEVOEGD, "betrekken.bekend", "halt", true },
	{ "invites a house", scene_agenda, invites_house, CODE_DEELNEMER_ONBEVOEGD, "betrekken.bekend", "zvh-fryslan", true },
	{ "convenant withdrawn", scene_verzoek, convenant_withdrawn, CODE_CONVENANT_ONGELDIG, "convenant.geldig", "drenthe", false },

	{ "expired", scene_verzoek, expired, CODE_BEWAARTERMIJN_VERSTREKEN, "bewaartermijn.casus", "", false },
	{ "first circle too wide", scene_aanmelding, first_circle_too_wide, CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.eerste-kring",
	  "ggz-drenthe", false },
	{ "L2 names an agendadeelnemer", scene_nazorg_aanmelding, l2_invents_circle, CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.eerste-kring",
	  "cosis", false },
	{ "notice in a closed casus", scene_melding, closed, CODE_CASUS_AFGESLOTEN, "casus.open", "", false },
	{ "instemming for a house when closed", scene_instemming, instemming_when_closed, CODE_CASUS_AFGESLOTEN, "casus.open", "", false },
	{ "invitation over", scene_antwoord, invitation_over, CODE_NIET_BETROKKEN_BIJ_CASUS, "casus.betrokken", "ggz-drenthe", false },
	{ "too many guests", scene_agenda, too_many_guests, CODE_SCHEMA_ONGELDIG, "casus.omvang", "", false },

	{ "to a house on another basis", scene_verzoek_huis, to_house_on_wrong_basis, CODE_GEEN_GRONDSLAG, "grondslag.adressaat",
	  "zvh-fryslan", false },
	{ "to an L2 on that of a house", scene_verzoek_huis, to_l2_on_house_basis, CODE_GEEN_GRONDSLAG, "grondslag.adressaat", "ggz-drenthe",
	  false },
	{ "the house does not know him", scene_verzoek_huis, house_does_not_know, CODE_GEEN_GRONDSLAG, "grondslag.bekend", "zvh-fryslan",
	  false },
	{ "consent for other categories", scene_nazorg_antwoord, consent_for_other_categories, CODE_GEEN_GRONDSLAG, "toestemming.omvang",
	  "identificerend.identiteitsbewijs", false },
	{ "consent with others", scene_nazorg_antwoord, consent_with_others, CODE_GEEN_GRONDSLAG, "toestemming.omvang", "dji-pi-noord", false },

	{ "item unknown", scene_correctie, item_unknown, CODE_NIET_BETROKKEN_BIJ_CASUS, "verwijzing.bekend", "", false },
	{ "item of another casus", scene_correctie, item_of_other_casus, CODE_NIET_BETROKKEN_BIJ_CASUS, "verwijzing.bekend", "", false },
	{ "item of others", scene_terugkoppeling, item_of_others, CODE_NIET_BETROKKEN_BIJ_CASUS, "verwijzing.bekend", "", false },
	{ "item without data", scene_terugkoppeling, item_is_question, CODE_SCHEMA_ONGELDIG, "verwijzing.soort", "verzoek", false },
	{ "confirms an answer", scene_bevestiging, item_is_answer, CODE_SCHEMA_ONGELDIG, "verwijzing.soort", "antwoord", false },
	{ "supplement of what was withdrawn", scene_aanvulling, item_withdrawn, CODE_VOORWAARDE_BRON, "verwijzing.ingetrokken", "", false },
	{ "supply of what was withdrawn", scene_verstrekking, item_withdrawn, CODE_VOORWAARDE_BRON, "verwijzing.ingetrokken", "", false },
	{ "not the source", scene_correctie, not_the_source, CODE_DEELNEMER_ONBEVOEGD, "bron.zelf", "zvhd-procesregie", true },
	{ "supplement to another", scene_aanvulling, to_who_had_it_not, CODE_NIET_BETROKKEN_BIJ_CASUS, "aanvulling.ontvangers",
	  "politie-noord-nederland", false },
	{ "correction not to all", scene_correctie, not_to_all, CODE_SCHEMA_ONGELDIG, "correctie.ontvangers", "politie-noord-nederland",
	  false },
	{ "correction to more", scene_correctie, to_who_had_it_not, CODE_SCHEMA_ONGELDIG, "correctie.ontvangers", "politie-noord-nederland",
	  false },
	{ "feedback to another", scene_terugkoppeling, not_to_the_source, CODE_NIET_BETROKKEN_BIJ_CASUS, "terugkoppeling.bron",
	  "politie-noord-nederland", false },
	{ "confirmed to another", scene_bevestiging, not_to_the_source, CODE_NIET_BETROKKEN_BIJ_CASUS, "bevestiging.bron",
	  "politie-noord-nederland", false },
	{ "kept what was withdrawn", scene_bevestiging, corrected_what_was_withdrawn, CODE_SCHEMA_ONGELDIG, "bevestiging.actie", "verbeterd",
	  false },
	{ "asks who is no source", scene_instemmingsverzoek, asks_no_source, CODE_NIET_BETROKKEN_BIJ_CASUS, "instemmingsverzoek.bron",
	  "politie-noord-nederland", false },
	{ "decides unasked", scene_instemming, decides_unasked, CODE_NIET_BETROKKEN_BIJ_CASUS, "instemming.gevraagd", "ggz-drenthe", false },
	{ "supplement not asked for", scene_aanvulling, supplement_not_asked, CODE_CATEGORIE_NIET_GEVRAAGD, "aanvulling.categorie", "zorg",
	  false },
	{ "corrects what was not said", scene_correctie, correction_of_more, CODE_CATEGORIE_NIET_GEVRAAGD, "correctie.categorie", "bsn", false },
	{ "asks a deelnemer whether he is known", scene_bekendheidsvraag, known_at_deelnemer, CODE_DEELNEMER_ONBEVOEGD, "bekendheid.huis",
	  "politie-noord-nederland", false },
	{ "known, and more", scene_bekendheidsantwoord, known_with_more, CODE_CATEGORIE_NIET_TOEGESTAAN, "bekendheid.inhoud", "woonsituatie",
	  false },
	{ "answer whether known, unasked", scene_bekendheidsantwoord, answer_unasked, CODE_CATEGORIE_NIET_GEVRAAGD, "antwoord.gevraagd", "",
	  false },

	{ "source unknown", scene_verstrekking, source_unknown, CODE_NIET_BETROKKEN_BIJ_CASUS, "verstrekking.bron", "", false },
	{ "a house as deelnemer", scene_verstrekking_huis, house_as_deelnemer, CODE_DEELNEMER_ONBEVOEGD, "verstrekking.doel", "zvh-fryslan",
	  false },
	{ "derde unknown", scene_verstrekking_derde, derde_unknown, CODE_DEELNEMER_ONBEVOEGD, "verstrekking.doel", "bakker-om-de-hoek", false },
	{ "derde a deelnemer", scene_verstrekking_derde, derde_is_deelnemer, CODE_DEELNEMER_ONBEVOEGD, "verstrekking.doel", "ggz-drenthe",
	  false },
	{ "L2 asks another house", scene_verzoek_huis, l2_asks_house, CODE_DEELNEMER_ONBEVOEGD, "verzoek.lid", "ggz-drenthe", false },
	{ "L2 to a derde", scene_verstrekking_derde, l2_to_derde, CODE_DEELNEMER_ONBEVOEGD, "verstrekking.lid", "ggz-drenthe", false },
	{ "condition forbids", scene_verstrekking, condition_forbids, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde", "niet-verder", false },
	{ "condition forbids a derde", scene_verstrekking_derde, condition_forbids_derde, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde",
	  "niet-naar-derde", false },
	{ "condition forbids a house", scene_verstrekking_huis, condition_forbids_house, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde",
	  "niet-naar-huis", false },
	{ "condition: only the OM", scene_verstrekking, condition_only_om, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde", "alleen-om", false },
	{ "condition nobody knows", scene_verstrekking_derde, condition_unknown, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarde",
	  "als-het-regent", false },
	{ "condition left out", scene_verstrekking, condition_left_out, CODE_VOORWAARDE_BRON, "verstrekking.voorwaarden-mee",
	  "niet-naar-derde", false },
	{ "secret to a verband", scene_verstrekking_verband, secret_to_verband, CODE_BEROEPSGEHEIM_GEEN_BASIS, "verstrekking.geheim",
	  "gezondheid.psychisch", false },
	{ "not granted", scene_verstrekking_huis, not_granted, CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming", "ggz-drenthe", false },
	{ "granted for another purpose", scene_verstrekking_huis, granted_for_other_purpose, CODE_GEEN_INSTEMMING_BRON,
	  "verstrekking.instemming", "ggz-drenthe", false },
	{ "granted for another house", scene_verstrekking_huis, granted_for_other_house, CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming",
	  "ggz-drenthe", false },
	{ "grant over", scene_verstrekking_huis, grant_over, CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming", "ggz-drenthe", false },
	{ "granted by another", scene_verstrekking_huis, granted_by_other, CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming", "ggz-drenthe",
	  false },
	{ "second source not asked", scene_verstrekking_huis, second_source_not_asked, CODE_GEEN_INSTEMMING_BRON, "verstrekking.instemming",
	  "politie-noord-nederland", false },
	{ "more than its sources", scene_verstrekking, more_than_the_sources, CODE_CATEGORIE_NIET_TOEGESTAAN, "verstrekking.categorie",
	  "inkomen", false },

	{ "renewed on the wrong ground", scene_hernieuwing, not_complex, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.casus", "recidiverisico",
	  false },
	{ "renewed long before the end", scene_hernieuwing, closed_long_before, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.casus",
	  "recidiverisico", false },
	{ "beyond two years", scene_hernieuwing, beyond_two_years, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.duur", "until", false },
	{ "shorter than it runs", scene_hernieuwing, shorter_than_it_runs, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.duur", "until", false },
	{ "a source did not agree", scene_hernieuwing, source_did_not_agree, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.instemming",
	  "ggz-drenthe", false },
	{ "a source agreed to less", scene_hernieuwing, source_agreed_to_less, CODE_BEWAARTERMIJN_VERSTREKEN, "hernieuwing.instemming",
	  "ggz-drenthe", false },
	{ "relative of nobody", scene_verzoek, not_related, CODE_KRING_TE_RUIM, "kring.afstand", "", false },
	{ "relative of a relative", scene_verzoek, related_to_other, CODE_KRING_TE_RUIM, "kring.afstand", "gezinslid", false },
	{ "the old role", scene_verzoek, old_role, CODE_KRING_TE_RUIM, "kring.rol", "kring", false },
};
const size_t n_law_cases = N_ELEMENTS(law_cases);
