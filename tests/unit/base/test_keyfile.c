/* SPDX-License-Identifier: EUPL-1.2 */
/* Key files: what is written is read back; every other spelling, owner or mode is refused; nothing is overwritten. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/keyfile.h"
#include "tests/lib/harness.h"

#define NOW_MS UINT64_C(1795335330123) /* 2026-11-22 */
#define DAY_START_MS UINT64_C(1795305600000)

static void put(const char *path, const char *text)
{
	CHECK_OK(file_write(path, span_of_text(text), 0600));
}

static void get(const char *path, struct buffer *out)
{
	CHECK_OK(file_read(path, 65536, out));
	buffer_u8(out, 0);
	CHECK_OK(buffer_ok(out));
	out->len--;
}

static void test_round_trip_of_every_use(void **state UNUSED)
{
	static const struct {
		const char *use;
		size_t secret_len;
	} uses[] = {
		{ "log", 64 },  { "steward", 64 }, { "organisation", 64 }, { "person", 64 },
		{ "node", 64 }, { "witness", 64 }, { "reading", 32 },      { "store", 32 },
		{ "subjects", 32 },
	};
	CLEANUP(test_folder_freep) char *folder = test_folder_new();

	for (size_t i = 0; i < N_ELEMENTS(uses); i++) {
		const char *path = test_path(folder, uses[i].use);
		struct keyfile made, read;
		struct stat st;

		CHECK_OK(keyfile_generate(uses[i].use, "zvh.example/x", NOW_MS, &made));
		assert_int_equal(made.made_unix_ms, DAY_START_MS);
		assert_int_equal(secret_len(made.secret), uses[i].secret_len);
		CHECK_OK(keyfile_write(path, &made));
		CHECK_OK(stat(path, &st));
		assert_int_equal(st.st_mode & 07777, 0600);
		CHECK_OK(keyfile_read(path, uses[i].use, &read));
		assert_string_equal(read.use, uses[i].use);
		assert_string_equal(read.name, "zvh.example/x");
		assert_int_equal(read.made_unix_ms, DAY_START_MS);
		assert_memory_equal(read.public_key, made.public_key, 32);
		assert_memory_equal(secret_bytes(read.secret), secret_bytes(made.secret), uses[i].secret_len);
		assert_int_equal(span_is_zero(SPAN_OF(read.public_key)), uses[i].use[0] == 's' && uses[i].secret_len == 32);
		CHECK_IS(keyfile_read(path, i ? "log" : "node", &read), KEYFILE_E_MALFORMED);
		keyfile_fini(&made);
		keyfile_fini(&read);
	}
}

static void test_ed25519_secret_signs_for_the_public_key(void **state UNUSED)
{
	uint8_t signature[64];
	struct keyfile key;

	CHECK_OK(keyfile_generate("log", "x", NOW_MS, &key));
	crypto_sign_detached(signature, NULL, (const uint8_t *)"text", 4, secret_bytes(key.secret));
	CHECK_OK(crypto_sign_verify_detached(signature, (const uint8_t *)"text", 4, key.public_key));
	keyfile_fini(&key);
}

static void test_bad_names_and_uses(void **state UNUSED)
{
	char longest[KEYFILE_NAME_MAX + 2];
	static const char *const names[] = { "", "a b", "a+b", "tab\t", "\xc3\xa9", "new\nline" };
	struct keyfile key;

	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		CHECK_IS(keyfile_generate("log", names[i], NOW_MS, &key), KEYFILE_E_MALFORMED);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	CHECK_IS(keyfile_generate("log", longest, NOW_MS, &key), KEYFILE_E_MALFORMED);
	longest[KEYFILE_NAME_MAX] = '\0';
	CHECK_OK(keyfile_generate("log", longest, NOW_MS, &key));
	keyfile_fini(&key);
	CHECK_IS(keyfile_generate("Log", "x", NOW_MS, &key), KEYFILE_E_MALFORMED);
	CHECK_IS(keyfile_generate("", "x", NOW_MS, &key), KEYFILE_E_MALFORMED);
}

static void test_never_overwritten(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	const char *path = test_path(folder, "key");
	struct buffer before, after;
	struct keyfile key;

	CHECK_OK(keyfile_generate("node", "x", NOW_MS, &key));
	put(path, "something else");
	get(path, &before);
	CHECK_IS(keyfile_write(path, &key), KEYFILE_E_EXISTS);
	get(path, &after);
	CHECK_SPAN(buffer_span(&after), buffer_span(&before));
	buffer_fini(&before);
	buffer_fini(&after);
	/* A link is a name that is taken, too. */
	CHECK_OK(symlink("elsewhere", test_path(folder, "link")));
	CHECK_IS(keyfile_write(test_path(folder, "link"), &key), KEYFILE_E_EXISTS);
	assert_int_equal(access(test_path(folder, "elsewhere"), F_OK), -1);
	keyfile_fini(&key);
}

/* Each edit makes a file that says the same to a lenient reader, or something else. */
static void test_other_spellings_are_refused(void **state UNUSED)
{
	static const struct {
		const char *from, *to;
	} edits[] = {
		{ "knooppunt-key: 1", "knooppunt-key: 2" }, { "knooppunt-key: 1", "knooppunt-key: 01" },
		{ "knooppunt-key", "Knooppunt-key" },       { "use: node", "use:node" },
		{ "use: node", "use: node " },              { "use: node", "use: nodes" },
		{ "name: x", "name: x y" },                 { "name: x\n", "name: x\nname: x\n" },
		{ "name: x", "name: " },                    { "made: 2026-11-22", "made: 2026-11-22T00:00:00.000Z" },
		{ "made: 2026-11-22", "made: 2026-02-30" }, { "made: 2026-11-22\n", "" },
		{ "public: ", "public: 0" },                { "public: ", "public: x" },
		{ "secret: ", "secret:  " },                { "knooppunt-key", "\nknooppunt-key" },
		{ "knooppunt-key", "# c\nknooppunt-key" },  { "\nuse", "\r\nuse" },
		{ "secret: ", "secret: 00" },
	};
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct keyfile key, read;
	struct buffer text;

	CHECK_OK(keyfile_generate("node", "x", NOW_MS, &key));
	CHECK_OK(keyfile_write(test_path(folder, "good"), &key));
	get(test_path(folder, "good"), &text);
	for (size_t i = 0; i < N_ELEMENTS(edits); i++) {
		const char *whole = (const char *)text.ptr, *at = strstr(whole, edits[i].from);
		char edited[1024];

		assert_non_null(at);
		snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - whole), whole, edits[i].to, at + strlen(edits[i].from));
		put(test_path(folder, "edited"), edited);
		if (keyfile_read(test_path(folder, "edited"), "node", &read) != KEYFILE_E_MALFORMED)
			fail_msg("\"%s\" instead of \"%s\" was read", edits[i].to, edits[i].from);
	}
	/* Every cut, and what comes after the end. */
	for (size_t len = 0; len < text.len; len++) {
		CHECK_OK(file_write(test_path(folder, "cut"), span_of(text.ptr, len), 0600));
		CHECK_IS(keyfile_read(test_path(folder, "cut"), "node", &read), KEYFILE_E_MALFORMED);
	}
	buffer_text(&text, "\n");
	CHECK_OK(file_write(test_path(folder, "longer"), buffer_span(&text), 0600));
	CHECK_IS(keyfile_read(test_path(folder, "longer"), "node", &read), KEYFILE_E_MALFORMED);
	buffer_fini(&text);
	keyfile_fini(&key);
}

static void test_halves_must_belong_together(void **state UNUSED)
{
	static const char *const uses[] = { "log", "reading", "store" };
	CLEANUP(test_folder_freep) char *folder = test_folder_new();

	for (size_t i = 0; i < N_ELEMENTS(uses); i++) {
		struct keyfile key, read;

		CHECK_OK(keyfile_generate(uses[i], "x", NOW_MS, &key));
		key.public_key[31] ^= 1;
		CHECK_OK(keyfile_write(test_path(folder, uses[i]), &key));
		CHECK_IS(keyfile_read(test_path(folder, uses[i]), uses[i], &read), KEYFILE_E_MALFORMED);
		keyfile_fini(&key);
	}
}

static void test_absent_and_open_to_others(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	const char *path = test_path(folder, "key");
	static const mode_t modes[] = { 0640, 0604, 0660, 0601 };
	struct keyfile key, read;

	CHECK_IS(keyfile_read(path, "node", &read), KEYFILE_E_ABSENT);
	CHECK_OK(keyfile_generate("node", "x", NOW_MS, &key));
	CHECK_OK(keyfile_write(path, &key));
	for (size_t i = 0; i < N_ELEMENTS(modes); i++) {
		CHECK_OK(chmod(path, modes[i]));
		CHECK_IS(keyfile_read(path, "node", &read), KEYFILE_E_OPEN_TO_OTHERS);
	}
	CHECK_OK(chmod(path, 0600));
	CHECK_OK(symlink("key", test_path(folder, "link")));
	CHECK_IS(keyfile_read(test_path(folder, "link"), "node", &read), KEYFILE_E_OPEN_TO_OTHERS);
	CHECK_OK(mkfifo(test_path(folder, "pipe"), 0600));
	CHECK_IS(keyfile_read(test_path(folder, "pipe"), "node", &read), KEYFILE_E_OPEN_TO_OTHERS);
	CHECK_OK(keyfile_read(path, "node", &read));
	keyfile_fini(&read);
	keyfile_fini(&key);
}

static void test_too_large(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	char *text = calloc(1, 100001);
	struct keyfile read;

	assert_non_null(text);
	memset(text, 'a', 100000);
	put(test_path(folder, "big"), text);
	CHECK_IS(keyfile_read(test_path(folder, "big"), "node", &read), KEYFILE_E_MALFORMED);
	free(text);
}

static void test_write_where_nothing_can_be(void **state UNUSED)
{
	struct keyfile key;

	CHECK_OK(keyfile_generate("node", "x", NOW_MS, &key));
	assert_true(keyfile_write("/nowhere/at/all", &key) < 0);
	keyfile_fini(&key);
	CHECK_IS(keyfile_write("/nowhere/at/all", &key), KEYFILE_E_MALFORMED); /* an empty key is none */
}

static void test_every_error_has_words(void **state UNUSED)
{
	for (int i = KEYFILE_OK; i <= KEYFILE_E_EXISTS; i++)
		assert_string_not_equal(keyfile_error_text(i), keyfile_error_text(99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip_of_every_use),
		cmocka_unit_test(test_ed25519_secret_signs_for_the_public_key),
		cmocka_unit_test(test_bad_names_and_uses),
		cmocka_unit_test(test_never_overwritten),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_halves_must_belong_together),
		cmocka_unit_test(test_absent_and_open_to_others),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_write_where_nothing_can_be),
		cmocka_unit_test(test_every_error_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
