/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The outcome of a decision: TOEGESTAAN or one of the stable refusal codes, with their texts.
 * The numbers stand in audit entries for ever: add at the end, never renumber.
 */
#include "base/macro.h"

enum code {
	CODE_TOEGESTAAN = 0,
	CODE_GEEN_GRONDSLAG = 1,
	CODE_GEEN_DOEL = 2,
	CODE_DEELNEMER_ONBEVOEGD = 3,
	CODE_MEDEWERKER_NIET_GEAUTORISEERD = 4,
	CODE_CONVENANT_ONGELDIG = 5,
	CODE_FASE_STAAT_NIET_TOE = 6,
	CODE_CATEGORIE_NIET_TOEGESTAAN = 7,
	CODE_CATEGORIE_NIET_GEVRAAGD = 8,
	CODE_KRING_TE_RUIM = 9,
	CODE_BEROEPSGEHEIM_GEEN_BASIS = 10,
	CODE_GEEN_INSTEMMING_BRON = 11,
	CODE_VOORWAARDE_BRON = 12,
	CODE_NIET_BETROKKEN_BIJ_CASUS = 13,
	CODE_CASUS_AFGESLOTEN = 14,
	CODE_BEWAARTERMIJN_VERSTREKEN = 15,
	CODE_NIET_VERSLEUTELD = 16,
	CODE_HANDTEKENING_ONGELDIG = 17,
	CODE_HERHALING = 18,
	CODE_IDENTIFICATIE_IN_METADATA = 19,
	CODE_AUDIT_NIET_BESCHIKBAAR = 20,
	CODE_SCHEMA_ONGELDIG = 21,
	CODE_TERMIJN_VERSTREKEN = 22,
	CODE_N
};

const char *code_name(enum code code);        /* "GEEN_GRONDSLAG"; "?" beyond the list */
const char *code_text_nl(enum code code);     /* one sentence */
const char *code_text_en(enum code code);
const char *code_remedy_nl(enum code code);   /* who can change it, what to do */
const char *code_remedy_en(enum code code);
int code_find(const char *name);              /* the number, or -1 */
