/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * kp_receipt_check(): what a person with a file and the house's key sees, for an accepted and for a refused
 * message, and for every byte that was changed.
 */
#include "tests/unit/client/fixture.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/receipt.h"

#define LEAVES 5

struct made {
	char vkey[NOTE_VKEY_SIZE];
	struct buffer text;
	uint8_t id[ID_BYTES];
};

/* A receipt in a log of LEAVES entries, as the house makes one; its entry is leaf 2. */
static void make(struct made *out, enum code code)
{
	CLEANUP(secret_freep)
	struct secret *key = secret_random(ENTRY_KEY_BYTES), *log = secret_new(SIGN_SECRET_BYTES);
	CLEANUP(buffer_fini) struct buffer statement = { 0 }, entry = { 0 }, head = { 0 }, note = { 0 };
	struct statement s = { .n = code == CODE_TOEGESTAAN ? 0 : 1 };
	struct entry e = { .kind = ENTRY_BERICHT, .code = code, .time_unix_ms = 1789000000000 };
	struct hash leaves[LEAVES], left, right, top;
	struct checkpoint c = { .origin = "huis.example", .size = LEAVES };
	struct tree_proof proof = { .n = 3 };
	struct note_key log_key;
	uint8_t salt[SALT_BYTES], public_key[32];

	crypto_sign_keypair(public_key, secret_bytes(log));
	CHECK_OK(note_key_init(&log_key, "huis.example", NOTE_KEY_ED25519, public_key));
	note_key_print(&log_key, out->vkey);
	env_uuid7(env_system(), s.message_id);
	memcpy(out->id, s.message_id, ID_BYTES);
	randombytes_buf(salt, sizeof salt);
	s.findings[0] = (struct statement_finding) { code, "grondslag.genoemd", "grondslag" };
	CHECK_OK(statement_print(&s, &statement));
	entry_binding(salt, buffer_span(&statement), e.binding);
	CHECK_OK(entry_seal(&e, env_system(), key, SPAN_LITERAL("\x01record"), &entry));
	for (size_t i = 0; i < LEAVES; i++)
		tree_hash_leaf(i == 2 ? buffer_span(&entry) : span_of(&i, sizeof i), &leaves[i]);
	/* ((0 1) (2 3)) 4: the proof of leaf 2 is 3, (0 1), 4. */
	tree_hash_node(&leaves[0], &leaves[1], &left);
	tree_hash_node(&leaves[2], &leaves[3], &right);
	tree_hash_node(&left, &right, &top);
	tree_hash_node(&top, &leaves[4], &c.root);
	proof.path[0] = leaves[3];
	proof.path[1] = left;
	proof.path[2] = leaves[4];
	CHECK_OK(checkpoint_print(&c, &head));
	CHECK_OK(note_begin(&note, buffer_span(&head)));
	CHECK_OK(note_sign(&note, buffer_span(&head), &log_key, log));
	buffer_init(&out->text, 0);
	CHECK_OK(receipt_print(buffer_span(&entry), salt, buffer_span(&statement), 2, &proof,
			       buffer_span(&note), &out->text));
}

static void test_accepted(void **state)
{
	struct made made = { 0 };
	struct kp_receipt_view *v = NULL;
	struct kp_error err;
	char id[UUID_TEXT_SIZE];

	(void)state;
	make(&made, CODE_TOEGESTAAN);
	assert_int_equal(kp_receipt_check((const char *)made.text.ptr, made.text.len, made.vkey, &v, &err),
			 KP_OK);
	uuid_encode(made.id, id);
	assert_string_equal(v->message_id, id);
	assert_string_equal(v->rung, "AANVAARD");
	assert_string_equal(v->code, "TOEGESTAAN");
	assert_string_equal(v->origin, "huis.example");
	assert_int_equal(v->index, 2);
	assert_int_equal(v->size, LEAVES);
	assert_int_equal(v->unix_ms, 1789000000000);
	assert_null(v->rules[0]);
	kp_receipt_view_free(v);
	buffer_fini(&made.text);
}

static void test_refused(void **state)
{
	struct made made = { 0 };
	struct kp_receipt_view *v = NULL;
	char vkey[NOTE_VKEY_SIZE + 2];

	(void)state;
	make(&made, CODE_GEEN_GRONDSLAG);
	strcpy(vkey, made.vkey);
	strcat(vkey, "\n"); /* as it stands in the file log.vkey */
	assert_int_equal(kp_receipt_check((const char *)made.text.ptr, made.text.len, vkey, &v, NULL), KP_OK);
	assert_string_equal(v->rung, "GEWEIGERD");
	assert_string_equal(v->code, "GEEN_GRONDSLAG");
	assert_string_equal(v->rules[0], "GEEN_GRONDSLAG grondslag.genoemd grondslag");
	assert_null(v->rules[1]);
	kp_receipt_view_free(v);
	buffer_fini(&made.text);
}

static void test_tampered(void **state)
{
	struct made made = { 0 };

	(void)state;
	make(&made, CODE_GEEN_GRONDSLAG);
	for (size_t i = 0; i < made.text.len; i++) {
		struct kp_receipt_view *v = NULL;
		struct kp_error err = { 0 };

		made.text.ptr[i] ^= 1;
		if (kp_receipt_check((const char *)made.text.ptr, made.text.len, made.vkey, &v, &err) !=
		    KP_UNVERIFIED)
			fail_msg("byte %zu can be changed", i);
		assert_null(v);
		assert_true(*err.text);
		made.text.ptr[i] ^= 1;
	}
	for (size_t len = 0; len < made.text.len; len++) {
		struct kp_receipt_view *v = NULL;

		assert_int_equal(kp_receipt_check((const char *)made.text.ptr, len, made.vkey, &v, NULL),
				 KP_UNVERIFIED);
	}
	buffer_fini(&made.text);
}

static void test_other_key(void **state)
{
	struct made made = { 0 }, other = { 0 };
	struct kp_receipt_view *v = NULL;
	struct kp_error err;

	(void)state;
	make(&made, CODE_TOEGESTAAN);
	make(&other, CODE_TOEGESTAAN);
	assert_int_equal(kp_receipt_check((const char *)made.text.ptr, made.text.len, other.vkey, &v, &err),
			 KP_UNVERIFIED);
	assert_int_equal(
		kp_receipt_check((const char *)made.text.ptr, made.text.len, "huis.example", &v, &err),
		KP_USAGE);
	assert_int_equal(kp_receipt_check(NULL, 0, made.vkey, &v, &err), KP_USAGE);
	assert_int_equal(kp_receipt_check((const char *)made.text.ptr, made.text.len, NULL, &v, NULL),
			 KP_USAGE);
	assert_int_equal(kp_receipt_check((const char *)made.text.ptr, made.text.len, made.vkey, NULL, &err),
			 KP_USAGE);
	assert_null(v);
	buffer_fini(&made.text);
	buffer_fini(&other.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_other_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
