/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One table. The texts are read by a liaison who wants to get on: what is wrong in one sentence, then who can
 * change it and how. They stay general on purpose; which rule and which part it was, the findings of the
 * decision say.
 *
 * Adding a code: at the end of the enum, a row here, docs/protocol.md 8.
 */
#include "proto/code.h"

#include <string.h>

struct code_info {
	const char *name;
	const char *text_nl;
	const char *text_en;
	const char *remedy_nl;
	const char *remedy_en;
};

/* clang-format off */
static const struct code_info code_infos[CODE_N] = {
	[CODE_TOEGESTAAN] = {
		"TOEGESTAAN",
		"Het bericht voldoet aan de wet en het convenant en is vastgelegd.",
		"The message satisfies the law and the convenant and has been recorded.",
		"U hoeft niets te doen.",
		"Nothing needs to be done.",
	},
	[CODE_GEEN_GRONDSLAG] = {
		"GEEN_GRONDSLAG",
		"Het bericht noemt geen grondslag die deze uitwisseling draagt.",
		"The message names no grondslag that supports this exchange.",
		"Kies het regime en het wetsartikel waarop het bericht rust en verstuur opnieuw; rust het "
		"overleg op toestemming, leg die dan eerst vast; staat uw grondslag er niet bij, vraag "
		"dan de privacy officer van het huis of het convenant hem kent.",
		"Choose the regime and the article of law the message rests on and send again; if the "
		"overleg rests on consent, record that first; if your grondslag is not listed, ask the "
		"privacy officer of the house whether the convenant knows it.",
	},
	[CODE_GEEN_DOEL] = {
		"GEEN_DOEL",
		"Het bericht zegt niet met welk doel en waarom de gegevens voor deze casus nodig zijn.",
		"The message does not say for which doel, and why, this casus needs the data.",
		"Vul een doel uit het convenant en de noodzaak in en verstuur opnieuw.",
		"Fill in a doel of the convenant and the necessity, and send again.",
	},
	[CODE_DEELNEMER_ONBEVOEGD] = {
		"DEELNEMER_ONBEVOEGD",
		"De afzender is tot deze handeling niet bevoegd, of een van de genoemden kan er niet aan "
		"meedoen.",
		"The sender has no power to do this, or one of those named can't take part in it.",
		"Laat de handeling verrichten door een deelnemer die daartoe bevoegd is, meestal via de "
		"procesregisseur; klopt uw "
		"inschrijving niet, laat het huis dan het register aanpassen.",
		"Have the act performed by a participant with the power to do so, usually through the "
		"procesregisseur; if your entry "
		"is wrong, have the house amend the register.",
	},
	[CODE_MEDEWERKER_NIET_GEAUTORISEERD] = {
		"MEDEWERKER_NIET_GEAUTORISEERD",
		"U bent voor deze handeling niet of niet meer gemachtigd door uw organisatie.",
		"Your organisation has not authorised you for this act, or no longer does.",
		"Vraag de beheerder van uw organisatie om een geldig mandaat met uw rol, screening, training en "
		"einddatum.",
		"Ask the administrator of your organisation for a valid mandate with your role, screening, "
		"training and end date.",
	},
	[CODE_CONVENANT_ONGELDIG] = {
		"CONVENANT_ONGELDIG",
		"Er is geen geldig convenant dat afzender en ontvanger voor dit soort bericht verbindt.",
		"No valid convenant binds sender and recipient for this kind of message.",
		"Vraag het huis of het convenant is verlopen of ingetrokken, of dat een van de partijen "
		"nog moet tekenen.",
		"Ask the house whether the convenant has expired or was withdrawn, or whether one of the "
		"parties still has to sign.",
	},
	[CODE_FASE_STAAT_NIET_TOE] = {
		"FASE_STAAT_NIET_TOE",
		"De casus is in een fase waarin dit bericht niet is toegestaan.",
		"The casus is in a phase in which this message is not allowed.",
		"Vraag de procesregisseur de casus eerst naar de juiste fase te brengen, bijvoorbeeld door de "
		"beoordeling vast te "
		"leggen.",
		"Ask the procesregisseur to bring the casus to the right phase first, for instance by recording "
		"the assessment.",
	},
	[CODE_CATEGORIE_NIET_TOEGESTAAN] = {
		"CATEGORIE_NIET_TOEGESTAAN",
		"Een van de categorieën gegevens mag hier niet worden uitgewisseld.",
		"One of the categories of data may not be exchanged here.",
		"Laat de genoemde categorie weg, of noem wat erbij hoort, en verstuur opnieuw; alleen een "
		"wijziging van het convenant binnen de wet kan haar toelaten.",
		"Leave out the category named, or add what belongs with it, and send again; only a change "
		"of the convenant, within the law, can admit it.",
	},
	[CODE_CATEGORIE_NIET_GEVRAAGD] = {
		"CATEGORIE_NIET_GEVRAAGD",
		"Het bericht geeft meer dan is gevraagd, of antwoordt op een vraag die niet zo is "
		"gesteld.",
		"The message gives more than was asked, or answers a question that was not put so.",
		"Haal eruit wat niet is gevraagd en antwoord wie het vroeg; is het toch nodig, laat de "
		"vrager er dan eerst om vragen.",
		"Take out what was not asked for and answer who asked; if it is needed after all, have "
		"the requester ask for it first.",
	},
	[CODE_KRING_TE_RUIM] = {
		"KRING_TE_RUIM",
		"Het bericht gaat over iemand die niet tot de directe kring van de betrokkene behoort.",
		"The message concerns someone outside the direct kring of the betrokkene.",
		"Beperk de vraag tot de betrokkene, gezinsleden en andere directe sociale contacten, en noem bij "
		"ieder de relatie.",
		"Limit the question to the betrokkene, family members and other direct social contacts, and name "
		"the relation of each.",
	},
	[CODE_BEROEPSGEHEIM_GEEN_BASIS] = {
		"BEROEPSGEHEIM_GEEN_BASIS",
		"Een deel valt onder het beroepsgeheim en mag zo niet worden gedeeld.",
		"A part falls under professional secrecy and may not be shared like this.",
		"De afzender kiest per deel de basis: toestemming, wettelijke plicht, wettelijk recht of "
		"goed hulpverlenerschap; is er geen, of gaat het naar een ander samenwerkingsverband, dan "
		"blijft dat deel weg.",
		"The sender chooses the basis for each part: consent, legal duty, legal right or good "
		"care; if there is none, or if it goes to another samenwerkingsverband, that part stays "
		"out.",
	},
	[CODE_GEEN_INSTEMMING_BRON] = {
		"GEEN_INSTEMMING_BRON",
		"De bron van deze gegevens heeft niet ingestemd met deze verstrekking.",
		"The source of these data has given no instemming for this disclosure.",
		"Vraag eerst de instemming van iedere deelnemer die de gegevens heeft geleverd en verstuur "
		"daarna opnieuw.",
		"First ask every participant that supplied the data for its instemming, then send again.",
	},
	[CODE_VOORWAARDE_BRON] = {
		"VOORWAARDE_BRON",
		"De bron heeft een voorwaarde gesteld die dit uitsluit, of heeft ingetrokken waar dit op "
		"rust.",
		"The source has set a condition that rules this out, or has taken back what this rests "
		"on.",
		"Houd u aan wat de bron zegt, of vraag haar dat te wijzigen; niemand anders kan dat doen.",
		"Keep to what the source says, or ask it to change that; nobody else can.",
	},
	[CODE_NIET_BETROKKEN_BIJ_CASUS] = {
		"NIET_BETROKKEN_BIJ_CASUS",
		"Afzender of ontvanger is niet betrokken bij deze casus, of bij het bericht waar dit op "
		"rust.",
		"The sender or a recipient is not involved in this casus, or in the message this rests "
		"on.",
		"Controleer het kenmerk van de casus en van dat bericht, of vraag de procesregisseur de "
		"hoedanigheid bij de casus te betrekken.",
		"Check the reference of the casus and of that message, or ask the procesregisseur to "
		"involve the hoedanigheid in it.",
	},
	[CODE_CASUS_AFGESLOTEN] = {
		"CASUS_AFGESLOTEN",
		"De casus is afgesloten en afgeschermd.",
		"The casus is closed and shielded.",
		"Uitwisseling is niet meer mogelijk; overleg met de procesregisseur of de situatie een nieuwe "
		"aanmelding vraagt.",
		"Exchange is no longer possible; discuss with the procesregisseur whether the situation calls "
		"for a new notification.",
	},
	[CODE_BEWAARTERMIJN_VERSTREKEN] = {
		"BEWAARTERMIJN_VERSTREKEN",
		"De bewaartermijn van deze casus is verstreken, of kan zo niet worden verlengd.",
		"The retention term of this casus has ended, or can't be extended like this.",
		"Is de termijn verstreken, vraag dan de bron opnieuw in een lopende casus die de gegevens "
		"nodig heeft; vraag voor een hernieuwing eerst elke bron om instemming, tot een datum die "
		"de wet toelaat.",
		"If the term has ended, ask the source again in a current casus that needs the data; for "
		"a renewal first ask every source for its instemming, until a date that the law allows.",
	},
	[CODE_NIET_VERSLEUTELD] = {
		"NIET_VERSLEUTELD",
		"Een deel is niet of niet goed versleuteld voor de ontvangers.",
		"A part is not sealed, or not sealed properly, for its recipients.",
		"Laat uw beheerder de aansluiting en de sleutels van de ontvangers in het register controleren "
		"en verstuur opnieuw.",
		"Have your administrator check the node and the recipients' keys in the register, and send again.",
	},
	[CODE_HANDTEKENING_ONGELDIG] = {
		"HANDTEKENING_ONGELDIG",
		"De handtekening onder het bericht klopt niet of hoort niet bij een bekende sleutel.",
		"The signature on the message does not hold or belongs to no known key.",
		"Verstuur opnieuw met uw eigen sleutel; blijft het misgaan, laat uw beheerder dan sleutel en "
		"mandaat controleren.",
		"Send again with your own key; if it keeps failing, have your administrator check key and mandate.",
	},
	[CODE_HERHALING] = {
		"HERHALING",
		"Dit bericht, of wat het beantwoordt of bevestigt, is hier al eerder verwerkt.",
		"This message, or what it answers or confirms, was processed here before.",
		"Gebruik het ontvangstbewijs van de eerste keer; maak voor een nieuwe vraag een nieuw bericht.",
		"Use the receipt of the first time; make a new message for a new question.",
	},
	[CODE_IDENTIFICATIE_IN_METADATA] = {
		"IDENTIFICATIE_IN_METADATA",
		"Buiten de versleutelde delen staat een gegeven dat een persoon kan aanwijzen, zoals een BSN.",
		"Outside the sealed parts stands something that can identify a person, such as a BSN.",
		"Verplaats het gegeven naar een versleuteld deel en verstuur een nieuw bericht.",
		"Move it into a sealed part and send a new message.",
	},
	[CODE_AUDIT_NIET_BESCHIKBAAR] = {
		"AUDIT_NIET_BESCHIKBAAR",
		"Het huis kan nu geen besluiten vastleggen en laat daarom niets door.",
		"The house can't record decisions at this moment and therefore lets nothing through.",
		"Verstuur het bericht later opnieuw; de beheerder van het huis moet het logboek herstellen.",
		"Send the message again later; the operator of the house has to restore the log.",
	},
	[CODE_SCHEMA_ONGELDIG] = {
		"SCHEMA_ONGELDIG",
		"Het bericht mist verplichte velden of is niet goed opgebouwd.",
		"The message lacks required fields or is not well formed.",
		"Vul de genoemde velden aan; verstuurt een eigen systeem het bericht, laat de leverancier het "
		"dan herstellen.",
		"Complete the fields named; if your own system sends the message, have its supplier repair it.",
	},
	[CODE_TERMIJN_VERSTREKEN] = {
		"TERMIJN_VERSTREKEN",
		"De termijn van dit bericht is verstreken.",
		"The time allowed for this message has passed.",
		"Stel de vraag opnieuw met een nieuwe termijn; gebeurt dit meteen na versturen, laat uw "
		"beheerder dan de klok "
		"controleren.",
		"Ask again with a new deadline; if this happens right after sending, have your administrator "
		"check the clock.",
	},
};
/* clang-format on */

static const struct code_info *info(enum code code)
{
	static const struct code_info unknown = { "?", "?", "?", "?", "?" };

	return (unsigned)code < CODE_N ? &code_infos[code] : &unknown;
}

const char *code_name(enum code code)
{
	return info(code)->name;
}

const char *code_text_nl(enum code code)
{
	return info(code)->text_nl;
}

const char *code_text_en(enum code code)
{
	return info(code)->text_en;
}

const char *code_remedy_nl(enum code code)
{
	return info(code)->remedy_nl;
}

const char *code_remedy_en(enum code code)
{
	return info(code)->remedy_en;
}

int code_find(const char *name)
{
	for (int i = 0; name && i < CODE_N; i++)
		if (strcmp(code_infos[i].name, name) == 0)
			return i;
	return -1;
}
