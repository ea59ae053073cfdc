/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Mandate - an organisation's signed statement that a person may act for one of its hoedanigheden, with role, class,
 * screening, training and end date (WGS 1.8(2); BGS 1.11, 1.17). YAML in a note signed by the organisation's key.
 *
 *   mandaat: <person id>         # pseudonym within the organisation; never a name or a BSN
 *   huis: <house id of the register>
 *   organisatie: <organisation id>
 *   hoedanigheden: [<id>, ...]
 *   rol: procesregisseur | informatiemakelaar | liaison | nazorgcoordinator | medewerker | systeem | privacy-officer | ...
 *   klasse: uitvoering | toetsing | beheer
 *   sleutel: <Ed25519 public key, 64 hex>
 *   screening: 2026-01-10        # date of VOG or screening
 *   training: 2026-02-01
 *   van: 2026-02-01
 *   tot: 2027-02-01
 *
 * A mandate holds in the house that it names. One person with one key works in several houses, under a mandate in each, and what
 * he signs for one, naming its mandate by hash, is good in no other.
 */
#include "convenant/register.h"

struct mandate {
	const char *person, *house, *organisation, *role, *klasse;
	struct text_list hoedanigheden;
	uint8_t sign_key[SIGN_PUBLIC_BYTES];
	uint64_t screening_unix_ms, training_unix_ms, from_unix_ms, until_unix_ms;
	struct hash digest; /* SHA-256 of the note's text: what Header.mandate names */
};

enum { MANDATE_OK = 0, MANDATE_E_FAULTS = 1, MANDATE_E_SIGNATURE };
/* mandate_open() - verifies the organisation's signature, that it holds the hoedanigheden, and that it is for this house; all
 * memory in the arena. */
MUST_CHECK int mandate_open(struct span note, const struct registry *r, struct arena *arena, struct fault_list *faults,
			    struct mandate *out);
/* mandate_check() - the text alone, signed by nobody; r NULL: its form only. MANDATE_OK or MANDATE_E_FAULTS. */
MUST_CHECK int mandate_check(struct span text, const struct registry *r, struct fault_list *faults);
/* mandate_print() - the text to sign; digest is ignored. */
MUST_CHECK int mandate_print(const struct mandate *m, struct buffer *text);
bool mandate_covers(const struct mandate *m, const char *hoedanigheid);
