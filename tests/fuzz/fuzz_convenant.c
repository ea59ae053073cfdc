/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/convenant: under a small kader, any bytes are a convenant that can be printed and asked, or at least one fault.
 *
 * LINKS: kp_convenant
 */
#include <stdlib.h>

#include "convenant/convenant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char small_kader[] =
	"kader: nl\nnaam: Klein\nvolgnummer: 1\n"
	"vorige: \"0000000000000000000000000000000000000000000000000000000000000000\"\n"
	"van: 2025-03-01\ntot: 2030-03-01\nrac: {advies: a, datum: 2025-01-01}\n"
	"soorten:\n"
	"  - {soort: politie, naam: Politie, lid: L1, artikel: a, levert: [bsn, wonen]}\n"
	"  - {soort: ggz, naam: GGZ, lid: L2, artikel: a, geheimhouder: true, levert: [wonen]}\n"
	"  - {soort: halt, naam: Halt, lid: derde, artikel: a}\n"
	"categorieen:\n"
	"  - {categorie: bsn, naam: BSN, artikel: a}\n"
	"  - {categorie: wonen, naam: Wonen, artikel: a, sub: [{categorie: wonen.dak, naam: Dak}]}\n"
	"  - {categorie: vraag, naam: Vraag, artikel: a, alleen-in: [verzoek]}\n"
	"geheimhouding: {artikel: a, gronden: [toestemming]}\n"
	"politie: {artikel: a, wpg: [\"8\"], personen: [verdachte]}\n"
	"kring: {artikel: a, rollen: [betrokkene, kring]}\n"
	"grondslagen:\n"
	"  - {grondslag: G1, naam: Een, regime: WGS}\n"
	"  - {grondslag: G2, naam: Twee, regime: OVERIG, rac: bevestigen}\n"
	"doelen:\n"
	"  - {doel: d1, naam: Een, regime: WGS, artikel: a}\n"
	"  - {doel: d2, naam: Twee, regime: OVERIG, artikel: a}\n"
	"handelingen:\n"
	"  - {handeling: verzoek, lid: [L1, L2], artikel: a}\n"
	"fasen:\n"
	"  - {regime: WGS, begin: AANGEMELD, rijen: [{fase: GEEN, artikel: a, mag: {aanmelding: [L1]}}]}\n"
	"  - {regime: OVERIG, begin: VERZAMELEN, rijen: [{fase: GEEN, artikel: a, mag: {aanmelding: [L1]}}]}\n"
	"criteria: {artikel: a, a: x, b: x, c: x, d: x}\n"
	"aanmelding:\n"
	"  klassen: [{klasse: pga, naam: PGA}]\n"
	"  ave: [{niveau: \"1\", naam: Een, regie: a, overlegpartners: a, operationeel: a, bestuurlijk: a}]\n"
	"  leeftijdsklassen: [oud]\n"
	"voorwaarden: []\n"
	"redenen: {afsluiting: [klaar]}\n"
	"meldingen: {artikel: a, soorten: [verlof]}\n"
	"instemming: {artikel: a, doelen: [huis]}\n"
	"toestemming: {artikel: a, door: [betrokkene]}\n"
	"agenda: {artikel: a, dagen: 1}\n"
	"hernieuwing: {artikel: a, maanden: 1, vanaf-maanden: 1}\n"
	"correctie: {artikel: a, bevestigen-dagen: 1}\n"
	"terugkoppeling: {artikel: a, maanden: 1}\n"
	"spoed: {artikel: a, minimaal-uren: 1}\n"
	"termijn: {artikel: a, minimaal-uren: 24, herinnering-uren: 1}\n"
	"medewerkers: {artikel: a, screening-maanden: 1, training-maanden: 1, uitwisseling: [uitvoering], inzage: [toetsing]}\n"
	"inzage: {artikel: a, doelen: [integriteit]}\n"
	"tijd: {artikel: a, klok-seconden: 1, geldig-uren: 1}\n"
	"bewaartermijnen:\n"
	"  - {wat: casus, maanden: 60, artikel: a}\n";

static struct kader *kader;

static void forget(void)
{
	kader = kader_free(kader);
}

static void kader_once(void)
{
	struct fault_list faults;

	if (kader)
		return;
	fault_list_init(&faults, "small");
	ASSERT(kader_load(span_of_text(small_kader), &faults, &kader) == KADER_OK);
	atexit(forget);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(convenant_freep) struct convenant *c = NULL;
	struct convenant_choice choice;
	struct fault_list faults;
	struct buffer out;
	int r;

	kader_once();
	fault_list_init(&faults, "fuzz");
	r = convenant_load(span_of(data, len), kader, &faults, &c);
	ASSERT(r == CONVENANT_OK || r == CONVENANT_E_FAULTS);
	ASSERT((r == CONVENANT_OK) == (c != NULL) && (r == CONVENANT_OK) == (faults.n == 0));
	buffer_init(&out, 0);
	if (c) {
		ASSERT(convenant_print(c, "nl", &out) == 0 && out.len > 0);
		ASSERT(convenant_quorum(c) >= 1 && convenant_quorum(c) <= convenant_signers(c)->n);
		ASSERT(!convenant_withdrawn_ms(c) ||
		       (convenant_withdrawn_ms(c) >= convenant_from_ms(c) && convenant_withdrawn_ms(c) <= convenant_until_ms(c)));
		ASSERT(convenant_ask_ms(c, "o1", true) <= convenant_ask_ms(c, "o1", false));
		if (convenant_default(c, "o1", MESSAGE_VERZOEK, &choice))
			ASSERT(*choice.grondslag && *choice.doel);
	}
	buffer_fini(&out);
	return 0;
}
