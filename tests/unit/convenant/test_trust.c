/* SPDX-License-Identifier: EUPL-1.2 */
/* The trust file: what house init writes is read back, and each way of being wrong is refused. */
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "convenant/trust.h"
#include "tests/lib/harness.h"

static struct note_key keys[2];
static char vkeys[2][NOTE_VKEY_SIZE];

static int setup(void **state)
{
	uint8_t seed[32] = { 0 }, public_key[32], secret[64];

	(void)state;
	CHECK(sodium_init() >= 0);
	for (uint8_t i = 0; i < 2; i++) {
		seed[0] = i;
		crypto_sign_seed_keypair(public_key, secret, seed);
		CHECK_OK(note_key_init(&keys[i], i ? "huis/bert" : "huis/anna", NOTE_KEY_ED25519, public_key));
		note_key_print(&keys[i], vkeys[i]);
	}
	return 0;
}

static int parse(const char *format, struct rules_trust *out)
{
	static struct note_key stewards[TRUST_STEWARDS_MAX];
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;
	int r;

	for (; *format; format++)
		if (*format == 'A' || *format == 'B')
			buffer_printf(&text, "steward %s", vkeys[*format - 'A']);
		else
			buffer_u8(&text, (uint8_t)*format);
	fault_list_init(&faults, "trust");
	r = trust_parse(buffer_span(&text), &faults, stewards, out);
	CHECK(faults.n == (r ? 1u : 0u));
	return r;
}

static void test_round_trip(void **state)
{
	const struct rules_trust trust = { .stewards = keys, .n = 2, .quorum = 2 };
	struct note_key stewards[TRUST_STEWARDS_MAX];
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;
	struct rules_trust again;

	(void)state;
	trust_print(&trust, &text);
	fault_list_init(&faults, "trust");
	CHECK_OK(trust_parse(buffer_span(&text), &faults, stewards, &again));
	assert_int_equal(again.n, 2);
	assert_int_equal(again.quorum, 2);
	assert_string_equal(again.stewards[1].name, "huis/bert");
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"", "quorum 1\n", "A\n", "quorum 0\nA\n", "quorum 3\nA\nB\n", "quorum 1\nquorum 1\nA\n",
		"quorum 2\nA\nA\n", "quorum 1\nA\n\tB\n", "quorum 01\nA\n", "quorum 1\nsteward x\n", "quorum 1\nA \n",
	};
	struct rules_trust out;

	(void)state;
	CHECK_OK(parse("# who\n\nquorum 1\nA\nB", &out));
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		if (parse(wrong[i], &out) != TRUST_E_FAULTS)
			fail_msg("taken: %s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_round_trip, setup),
		cmocka_unit_test_setup(test_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
