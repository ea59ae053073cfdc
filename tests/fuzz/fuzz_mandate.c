/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/mandate and the notes of rules: any bytes are refused with a fault, or a mandate signed by its organisation. The register
 * has one organisation whose key comes from a fixed seed; the corpus holds a mandate signed with it.
 *
 * LINKS: kp_convenant
 */
#include <sodium.h>
#include <string.h>

#include "convenant/rules.h"
#include "convenant/mandate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct reg_organisation organisation = { .id = "a", .name = "A", .oin = "99990000000000000001", .has_key = true };
	static const struct reg_hoedanigheid hoedanigheid = { .id = "a-1", .name = "A", .organisation = "a", .kind = "politie", .gebied = "" };
	const struct registry r = { .house = "h", .n_organisations = 1, .organisations = &organisation, .n_hoedanigheden = 1,
				    .hoedanigheden = &hoedanigheid };
	CLEANUP(arena_freep) struct arena *arena = arena_new(4 << 20);
	uint8_t seed[32], public_key[32], secret_key[64];
	struct mandate m = { 0 };
	struct fault_list faults;
	struct rules rules = { 0 };
	int e, kind;

	memset(seed, 7, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	ASSERT(note_key_init(&organisation.key, "a", NOTE_KEY_ED25519, public_key) == NOTE_OK);
	fault_list_init(&faults, "fuzz");
	e = mandate_open(span_of(data, len), &r, arena, &faults, &m);
	ASSERT(e == MANDATE_OK || e == MANDATE_E_FAULTS || e == MANDATE_E_SIGNATURE);
	ASSERT((e == MANDATE_OK) == (faults.n == 0));
	if (e == MANDATE_OK)
		ASSERT(mandate_covers(&m, "a-1") && strcmp(m.organisation, "a") == 0 && strcmp(m.house, "h") == 0);
	kind = rules_kind_of(span_of(data, len));
	if (kind >= 0) {
		fault_list_init(&faults, "fuzz");
		ASSERT(rules_admit(&rules, (enum rules_kind)kind, span_of(data, len), NULL, &faults) == RULES_E_REFUSED && faults.n > 0);
	}
	return 0;
}
