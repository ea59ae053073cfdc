/* SPDX-License-Identifier: EUPL-1.2 */
/* Signed notes: the published examples, signing byte for byte, and a table of notes that must not open. */
#include "tests/unit/proto/helper.h"

#include <errno.h>

#include "tests/lib/faults.h"

#define TEXT "huis.example/log\nregel twee\n"
#define DASH "\xe2\x80\x94 "

struct world {
	struct note_key key;   /* "huis.example/log" */
	struct note_key other; /* known as well */
	struct note_key witness;
	struct secret *key_secret;
	struct secret *other_secret;
	struct secret *witness_secret;
	struct buffer note; /* TEXT signed by key */
};

static void world_init(struct world *w)
{
	w->key_secret = key_from_seed(1, "huis.example/log", NOTE_KEY_ED25519, &w->key);
	w->other_secret = key_from_seed(2, "politie", NOTE_KEY_ED25519, &w->other);
	w->witness_secret = key_from_seed(3, "getuige", NOTE_KEY_COSIGNATURE, &w->witness);
	buffer_init(&w->note, 0);
	assert_int_equal(note_begin(&w->note, SPAN_LITERAL(TEXT)), NOTE_OK);
	assert_int_equal(note_sign(&w->note, SPAN_LITERAL(TEXT), &w->key, w->key_secret), NOTE_OK);
}

static void world_fini(struct world *w)
{
	secret_free(w->key_secret);
	secret_free(w->other_secret);
	secret_free(w->witness_secret);
	buffer_fini(&w->note);
}

static void open_example(const json_t *example)
{
	struct span bytes = span_of_json(example, "note");
	struct span vkey = span_of_json(example, "vkey");
	char printed[NOTE_VKEY_SIZE];
	struct note_key key;
	struct note note;

	assert_int_equal(note_key_parse(&key, vkey), NOTE_OK);
	note_key_print(&key, printed);
	assert_true(span_equal(span_of_text(printed), vkey));
	assert_int_equal(note_open(bytes, &key, 1, &note), NOTE_OK);
	assert_int_equal(note.n_lines, 1);
	assert_int_equal(note.n_verified, 1);
	assert_int_equal(note.verified[0], 0);
	assert_int_equal(note.cosigned_unix_s[0], 0);
}

static void test_published_examples(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/c2sp_spec_and_ecosystem_examples.json");
	const json_t *go = json_object_get(root, "go_note_example");
	const json_t *cosigned = json_object_get(root, "cosignature_spec_example");
	struct span text, lines;
	struct note_key key;
	struct note note;
	const json_t *bad;
	size_t i;

	(void)state;
	open_example(json_object_get(root, "signed_note_example"));
	open_example(go);
	json_array_foreach(json_object_get(go, "bad_vkeys"), i, bad) assert_int_equal(
		note_key_parse(&key, span_of_text(json_string_value(bad))), NOTE_E_MALFORMED);
	assert_int_equal(i, 2);
	assert_int_equal(note_key_parse(&key, span_of_json(go, "second_vkey")), NOTE_OK);
	assert_int_equal(note_open(span_of_json(go, "note"), &key, 1, &note), NOTE_E_UNSIGNED);
	assert_int_equal(note_split(span_of_json(cosigned, "checkpoint"), &text, &lines), NOTE_OK);
	assert_int_equal(note_open(span_of_json(cosigned, "checkpoint"), &key, 1, &note), NOTE_E_UNSIGNED);
	assert_int_equal(note.n_lines, 2);
	json_decref(root);
}

/* The sigsum transcript says of each request whether the log's signature holds. */
static void test_witness_transcript(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/c2sp_spec_and_ecosystem_examples.json");
	const json_t *transcript = json_object_get(root, "witness_transcript_sigsum");
	uint8_t public_key[32];
	char id[9];
	struct note_key key;
	const json_t *one;
	size_t i;

	(void)state;
	assert_true(hex_decode(span_of_json(transcript, "log_pubkey_hex"), public_key, 32));
	assert_int_equal(note_key_init(&key, json_text(transcript, "origin"), NOTE_KEY_ED25519, public_key),
	                 NOTE_OK);
	hex_encode(SPAN_OF(key.id), id);
	assert_string_equal(id, json_text(transcript, "key_id"));
	json_array_foreach(json_object_get(transcript, "requests_in_order"), i, one)
	{
		const char *body = json_text(one, "body");
		const char *checkpoint = strstr(body, "\n\n");
		bool valid = json_is_true(json_object_get(one, "log_signature_valid"));
		struct note note;

		assert_non_null(checkpoint);
		assert_int_equal(note_open(span_of_text(checkpoint + 2), &key, 1, &note) == NOTE_OK, valid);
	}
	assert_int_equal(i, 9);
	json_decref(root);
}

/* Signing gives the published bytes, and opening tells who signed and when. */
static void test_signing_vectors(void **state)
{
	json_t *root = vectors_load("vectors/c2sp/checkpoint_cosignature_vectors.json");
	struct note_key keys[3];
	CLEANUP(secret_freep) struct secret *log = NULL;
	CLEANUP(secret_freep) struct secret *w1 = NULL;
	CLEANUP(secret_freep) struct secret *w2 = NULL;
	char vkey[NOTE_VKEY_SIZE];
	struct buffer b;
	const json_t *one;
	size_t i;

	(void)state;
	log = key_from_seed(1, "log.example.test/convenant-1", NOTE_KEY_ED25519, &keys[0]);
	w1 = key_from_seed(2, "witness.example.test/w1", NOTE_KEY_COSIGNATURE, &keys[1]);
	w2 = key_from_seed(3, "witness.example.test/w2", NOTE_KEY_COSIGNATURE, &keys[2]);
	note_key_print(&keys[0], vkey);
	assert_string_equal(vkey, json_text(root, "log_vkey"));
	note_key_print(&keys[1], vkey);
	assert_string_equal(vkey, json_text(root, "w1_vkey"));
	note_key_print(&keys[2], vkey);
	assert_string_equal(vkey, json_text(root, "w2_vkey"));
	buffer_init(&b, 0);
	json_array_foreach(json_object_get(root, "checkpoints"), i, one)
	{
		struct span body = span_of_json(one, "body");
		const json_t *times = json_object_get(one, "times");
		uint64_t t1 = json_uint(json_array_get(times, 0));
		uint64_t t2 = json_uint(json_array_get(times, 1));
		struct note note;

		buffer_reset(&b);
		assert_int_equal(note_begin(&b, body), NOTE_OK);
		assert_int_equal(note_sign(&b, body, &keys[0], log), NOTE_OK);
		assert_true(span_equal(buffer_span(&b), span_of_json(one, "signed")));
		assert_int_equal(note_cosign(&b, body, &keys[1], w1, t1), NOTE_OK);
		assert_int_equal(note_cosign(&b, body, &keys[2], w2, t2), NOTE_OK);
		assert_true(span_equal(buffer_span(&b), span_of_json(one, "cosigned")));
		assert_int_equal(note_open(buffer_span(&b), keys, 3, &note), NOTE_OK);
		assert_true(span_equal(note.text, body));
		assert_int_equal(note.n_lines, 3);
		assert_int_equal(note.n_verified, 3);
		assert_int_equal(note.cosigned_unix_s[0], 0);
		assert_int_equal(note.cosigned_unix_s[1], t1);
		assert_int_equal(note.cosigned_unix_s[2], t2);
	}
	assert_int_equal(i, 8);
	buffer_fini(&b);
	json_decref(root);
}

static void test_keys(void **state)
{
	static const char *const bad_names[] = {
		"",         "a b",  "a+b",   "a\nb", "a\tb", "\xc2\xa0", "x\xe2\x80\x83y", "x\xe3\x80\x80",
		"\xc2\x85", "\xff", "a\x7f", "a\x01"
	};
	static const char *const bad_vkeys[] = {
		"log.example.test/convenant-1+2d65c58f",
		"log.example.test/convenant-1",
		"log.example.test/convenant-1+2D65C58F+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
		"log.example.test/convenant-1+2d65c58e+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
		"log.example.test/convenant-2+2d65c58f+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
		"log.example.test/convenant-1+2d65c58f+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29d",
		"log.example.test/convenant-1+2d65c58f+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c ",
		"log.example.test/convenant-1+2d65c58f+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n",
		"log.example.test/convenant-1+2d65c58f0+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
		"+2d65c58f+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
		"a+b+c",
		"++",
		"",
	};
	uint8_t zero[32] = { 0 };
	uint8_t identity[32] = { 1 };
	char long_name[NOTE_NAME_MAX + 2];
	struct note_key key, again;
	char printed[NOTE_VKEY_SIZE];
	struct secret *secret = key_from_seed(9, "n", NOTE_KEY_ED25519, &key);

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad_names); i++)
		if (note_key_init(&again, bad_names[i], NOTE_KEY_ED25519, key.public_key) != NOTE_E_MALFORMED)
			fail_msg("accepted name %zu", i);
	for (size_t i = 0; i < N_ELEMENTS(bad_vkeys); i++)
		if (note_key_parse(&again, span_of_text(bad_vkeys[i])) != NOTE_E_MALFORMED)
			fail_msg("accepted vkey %s", bad_vkeys[i]);
	assert_int_equal(note_key_init(&again, "n", 0x02, key.public_key), NOTE_E_MALFORMED);
	assert_int_equal(note_key_init(&again, "n", 0x06, key.public_key), NOTE_E_MALFORMED);
	assert_int_equal(note_key_init(&again, "n", 0x01, zero), NOTE_E_MALFORMED);
	assert_int_equal(note_key_init(&again, "n", 0x01, identity), NOTE_E_MALFORMED);
	memset(long_name, 'a', sizeof long_name);
	long_name[NOTE_NAME_MAX] = '\0';
	assert_int_equal(note_key_init(&again, long_name, 0x01, key.public_key), NOTE_OK);
	note_key_print(&again, printed);
	assert_int_equal(note_key_parse(&key, span_of_text(printed)), NOTE_OK);
	assert_string_equal(key.name, long_name);
	long_name[NOTE_NAME_MAX] = 'a';
	long_name[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(note_key_init(&again, long_name, 0x01, key.public_key), NOTE_E_MALFORMED);
	secret_free(secret);
}

/* A point with a small-order part has an id and parses, but must not become a key. */
static void test_unsafe_points(void **state)
{
	static const char *const points[] = {
		"0100000000000000000000000000000000000000000000000000000000000080", /* identity, other sign */
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
		"0000000000000000000000000000000000000000000000000000000000000080", /* order 4 */
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* order 8 */
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", /* order 8 */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* non-canonical 0 */
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* non-canonical */
	};
	struct note_key key;
	uint8_t point[32];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(points); i++) {
		assert_true(hex_decode(span_of_text(points[i]), point, sizeof point));
		assert_int_equal(note_key_init(&key, "n", NOTE_KEY_ED25519, point), NOTE_E_MALFORMED);
	}
}

struct bad_note {
	const char *what;
	const char *bytes; /* %s: the good signature line without its newline */
	int want;
};

static const struct bad_note bad_notes[] = {
	{ "good, to prove the table", TEXT "\n%s\n", NOTE_OK },
	{ "good, behind an unknown line", TEXT "\n" DASH "x AAAAAAA=\n%s\n", NOTE_OK },
	{ "good, before two lines of one unknown key", TEXT "\n%s\n" DASH "x AAAAAAA=\n" DASH "x AAAAAAE=\n",
	  NOTE_OK },
	{ "no newline at the end", TEXT "\n%s", NOTE_E_MALFORMED },
	{ "no blank line", TEXT "%s\n", NOTE_E_MALFORMED },
	{ "no signatures", TEXT "\n", NOTE_E_MALFORMED },
	{ "no text", "\n%s\n", NOTE_E_MALFORMED },
	{ "nothing", "", NOTE_E_MALFORMED },
	{ "a blank line behind", TEXT "\n%s\n\n", NOTE_E_MALFORMED },
	{ "a blank line between signatures", TEXT "\n%s\n\n" DASH "x AAAAAAA=\n", NOTE_E_UNSIGNED },
	{ "CRLF in the text", "huis.example/log\r\nregel twee\r\n\n%s\n", NOTE_E_MALFORMED },
	{ "CRLF behind the line", TEXT "\n%s\r\n", NOTE_E_MALFORMED },
	{ "CRLF blank line", TEXT "\r\n%s\n", NOTE_E_MALFORMED },
	{ "a tab in the text", "huis.example/log\n\tregel twee\n\n%s\n", NOTE_E_MALFORMED },
	{ "text that is not UTF-8", "huis.example/log\nregel \xfftwee\n\n%s\n", NOTE_E_MALFORMED },
	{ "other text", "huis.example/log\nregel drie\n\n%s\n", NOTE_E_SIGNATURE },
	{ "one newline more in the text", TEXT "\n\n%s\n", NOTE_E_SIGNATURE },
	{ "the same line twice", TEXT "\n%s\n%s\n", NOTE_E_SIGNATURE },
	{ "an unknown line twice", TEXT "\n%s\n" DASH "x AAAAAAA=\n" DASH "x AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "a hyphen for the dash", TEXT "\n%s\n- x AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "no space behind the dash", TEXT "\n%s\n\xe2\x80\x94x AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "two spaces behind the dash", TEXT "\n%s\n" DASH " x AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "two spaces before the signature", TEXT "\n%s\n" DASH "x  AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "a space at the end", TEXT "\n%s\n" DASH "x AAAAAAA= \n", NOTE_E_MALFORMED },
	{ "no signature", TEXT "\n%s\n" DASH "x\n", NOTE_E_MALFORMED },
	{ "an empty signature", TEXT "\n%s\n" DASH "x \n", NOTE_E_MALFORMED },
	{ "an id and no signature", TEXT "\n%s\n" DASH "x AAAAAA==\n", NOTE_E_MALFORMED },
	{ "no padding", TEXT "\n%s\n" DASH "x AAAAAAA\n", NOTE_E_MALFORMED },
	{ "trailing bits", TEXT "\n%s\n" DASH "x AAAAAAB=\n", NOTE_E_MALFORMED },
	{ "bytes beyond ASCII",
	  TEXT "\n%s\n" DASH "x AAAA\xc3\xa9"
	       "A=\n",
	  NOTE_E_MALFORMED },
	{ "base64url", TEXT "\n%s\n" DASH "x AAAA-_A=\n", NOTE_E_MALFORMED },
	{ "a plus in the name", TEXT "\n%s\n" DASH "x+y AAAAAAA=\n", NOTE_E_MALFORMED },
	{ "a no-break space in the name", TEXT "\n%s\n" DASH "x\xc2\xa0y AAAAAAA=\n", NOTE_E_MALFORMED },
};

/* The bytes of a bad note, with each %s replaced. */
static void bad_note_print(const char *format, struct span line, struct buffer *out)
{
	buffer_reset(out);
	for (const char *p = format; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			buffer_bytes(out, line);
			p++;
		} else {
			buffer_u8(out, (uint8_t)*p);
		}
	}
	assert_int_equal(buffer_ok(out), 0);
}

static void test_hostile_notes(void **state)
{
	struct world w;
	struct note_key keys[2];
	struct span line;
	struct buffer b;

	(void)state;
	world_init(&w);
	keys[0] = w.other;
	keys[1] = w.key;
	line = span_of(w.note.ptr + sizeof TEXT, w.note.len - sizeof TEXT - 1);
	buffer_init(&b, 0);
	for (size_t i = 0; i < N_ELEMENTS(bad_notes); i++) {
		struct note note = { .n_verified = 77 };
		int r;

		bad_note_print(bad_notes[i].bytes, line, &b);
		r = note_open(buffer_span(&b), keys, 2, &note);
		if (r != bad_notes[i].want)
			fail_msg("%s: %d, want %d", bad_notes[i].what, r, bad_notes[i].want);
		if (r != NOTE_OK && r != NOTE_E_UNSIGNED)
			assert_int_equal(note.n_verified, 77);
	}
	buffer_fini(&b);
	world_fini(&w);
}

/* Lines that name a known key, id included, but do not hold for it. */
static void test_lines_of_known_keys(void **state)
{
	struct world w;
	struct note_key keys[3];
	struct buffer b;
	struct note note;
	uint8_t blob[76] = { 0 };

	(void)state;
	world_init(&w);
	keys[0] = w.other;
	keys[1] = w.key;
	keys[2] = w.witness;
	buffer_init(&b, 0);
	for (size_t len = 5; len <= sizeof blob; len++) {
		for (size_t k = 0; k < 3; k += 2) {
			buffer_reset(&b);
			buffer_bytes(&b, buffer_span(&w.note));
			memcpy(blob, keys[k].id, 4);
			buffer_printf(&b, DASH "%s ", keys[k].name);
			base64_put(&b, span_of(blob, len));
			buffer_u8(&b, '\n');
			assert_int_equal(note_open(buffer_span(&b), keys, 3, &note), NOTE_E_SIGNATURE);
			/* Without that key the line is a stranger's. */
			assert_int_equal(note_open(buffer_span(&b), &w.key, 1, &note), NOTE_OK);
			assert_int_equal(note.n_lines, 2);
		}
	}
	buffer_fini(&b);
	world_fini(&w);
}

/* No bit of a signed note can change without the note being refused. */
static void test_every_bit_counts(void **state)
{
	struct world w;
	struct note note;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < w.note.len * 8; i++) {
		w.note.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
		if (note_open(buffer_span(&w.note), &w.key, 1, &note) == NOTE_OK)
			fail_msg("bit %zu", i);
		w.note.ptr[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	for (size_t len = 0; len < w.note.len; len++)
		assert_int_not_equal(note_open(span_of(w.note.ptr, len), &w.key, 1, &note), NOTE_OK);
	assert_int_equal(note_open(buffer_span(&w.note), &w.key, 1, &note), NOTE_OK);
	world_fini(&w);
}

static void test_positions_are_ascending(void **state)
{
	struct world w;
	struct note_key keys[5];
	struct note note;

	(void)state;
	world_init(&w);
	assert_int_equal(note_cosign(&w.note, SPAN_LITERAL(TEXT), &w.witness, w.witness_secret, 1767225600),
	                 NOTE_OK);
	assert_int_equal(note_sign(&w.note, SPAN_LITERAL(TEXT), &w.other, w.other_secret), NOTE_OK);
	keys[0] = w.other;
	keys[1] = w.witness;
	keys[2] = w.witness; /* the same key twice in the list counts once */
	keys[3] = w.key;
	assert_int_equal(note_open(buffer_span(&w.note), keys, 4, &note), NOTE_OK);
	assert_int_equal(note.n_verified, 3);
	assert_int_equal(note.verified[0], 0);
	assert_int_equal(note.verified[1], 1);
	assert_int_equal(note.verified[2], 3);
	assert_int_equal(note.cosigned_unix_s[0], 0);
	assert_int_equal(note.cosigned_unix_s[1], 1767225600);
	assert_int_equal(note.cosigned_unix_s[2], 0);
	/* A key of the same name and id that is another key: the line belongs to the one that verifies it. */
	keys[4] = w.key;
	memcpy(keys[3].public_key, w.other.public_key, 32);
	assert_int_equal(note_open(buffer_span(&w.note), keys, 5, &note), NOTE_OK);
	assert_int_equal(note.n_verified, 3);
	assert_int_equal(note.verified[2], 4);
	assert_int_equal(note_open(buffer_span(&w.note), keys, 4, &note), NOTE_E_SIGNATURE);
	world_fini(&w);
}

static void test_limits(void **state)
{
	struct world w;
	struct note note;
	struct buffer b;

	(void)state;
	world_init(&w);
	buffer_init(&b, 0);
	buffer_bytes(&b, buffer_span(&w.note));
	for (unsigned i = 1; i < NOTE_SIGNATURES_MAX; i++)
		buffer_printf(&b, DASH "x%u AAAAAAA=\n", i);
	assert_int_equal(note_open(buffer_span(&b), &w.key, 1, &note), NOTE_OK);
	assert_int_equal(note.n_lines, NOTE_SIGNATURES_MAX);
	buffer_printf(&b, DASH "y AAAAAAA=\n");
	assert_int_equal(note_open(buffer_span(&b), &w.key, 1, &note), NOTE_E_MALFORMED);
	buffer_reset(&b);
	memset(buffer_grow(&b, NOTE_BYTES_MAX), 'a', NOTE_BYTES_MAX);
	buffer_u8(&b, '\n');
	assert_int_equal(note_begin(&b, buffer_span(&b)), NOTE_E_MALFORMED);
	buffer_bytes(&b, span_of(w.note.ptr + sizeof TEXT - 1, w.note.len - sizeof TEXT + 1));
	assert_int_equal(note_open(buffer_span(&b), &w.key, 1, &note), NOTE_E_MALFORMED);
	buffer_fini(&b);
	world_fini(&w);
}

static void test_signing_refuses(void **state)
{
	static const char *const texts[] = { "", "a", "a\r\n", "a\tb\n", "\xff\n", "a\x7f\x01\n" };
	struct world w;
	struct buffer b;
	size_t len;

	(void)state;
	world_init(&w);
	buffer_init(&b, 0);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		assert_int_equal(note_begin(&b, span_of_text(texts[i])), NOTE_E_MALFORMED);
		assert_int_equal(note_sign(&b, span_of_text(texts[i]), &w.key, w.key_secret),
		                 NOTE_E_MALFORMED);
		assert_int_equal(note_cosign(&b, span_of_text(texts[i]), &w.witness, w.witness_secret, 1),
		                 NOTE_E_MALFORMED);
	}
	len = w.note.len;
	/* The secret of another key, and keys of the other type. */
	assert_int_equal(note_sign(&w.note, SPAN_LITERAL(TEXT), &w.key, w.other_secret), -EINVAL);
	assert_int_equal(note_sign(&w.note, SPAN_LITERAL(TEXT), &w.witness, w.witness_secret), -EINVAL);
	assert_int_equal(note_cosign(&w.note, SPAN_LITERAL(TEXT), &w.key, w.key_secret, 1), -EINVAL);
	assert_int_equal(note_cosign(&w.note, SPAN_LITERAL(TEXT), &w.witness, w.witness_secret, UINT64_MAX),
	                 -EINVAL);
	assert_int_equal(w.note.len, len);
	assert_int_equal(b.len, 0);
	buffer_fini(&b);
	world_fini(&w);
}

static void test_adding_signatures(void **state)
{
	struct world w;
	struct note_key keys[2];
	struct buffer other, begun;
	struct note note;
	size_t len;

	(void)state;
	world_init(&w);
	keys[0] = w.key;
	keys[1] = w.other;
	buffer_init(&other, 0);
	buffer_init(&begun, 0);
	assert_int_equal(note_begin(&other, SPAN_LITERAL(TEXT)), NOTE_OK);
	assert_int_equal(note_begin(&begun, SPAN_LITERAL(TEXT)), NOTE_OK);
	assert_int_equal(note_sign(&other, SPAN_LITERAL(TEXT), &w.other, w.other_secret), NOTE_OK);
	assert_int_equal(note_add_signatures(&other, buffer_span(&w.note)), NOTE_OK);
	assert_int_equal(note_open(buffer_span(&other), keys, 2, &note), NOTE_OK);
	assert_int_equal(note.n_verified, 2);
	len = other.len;
	assert_int_equal(note_add_signatures(&other, buffer_span(&w.note)), NOTE_OK);
	assert_int_equal(other.len, len);
	assert_int_equal(note_add_signatures(&begun, buffer_span(&other)), NOTE_OK);
	assert_true(span_equal(buffer_span(&begun), buffer_span(&other)));
	/* Another text, or not a note at all. */
	buffer_reset(&begun);
	assert_int_equal(note_begin(&begun, SPAN_LITERAL("iets anders\n")), NOTE_OK);
	assert_int_equal(note_add_signatures(&begun, buffer_span(&other)), NOTE_E_MALFORMED);
	assert_int_equal(note_add_signatures(&other, buffer_span(&begun)), NOTE_E_MALFORMED);
	buffer_reset(&begun);
	assert_int_equal(note_add_signatures(&begun, buffer_span(&other)), NOTE_E_MALFORMED);
	assert_int_equal(begun.len, 0);
	buffer_fini(&other);
	buffer_fini(&begun);
	world_fini(&w);
}

/* Each allocation fails once: -ENOMEM from the one that met it. */
static void test_out_of_memory(void **state)
{
	struct world w;
	struct note_key keys[2];
	struct note note;
	unsigned nth = 1;

	(void)state;
	world_init(&w);
	keys[0] = w.key;
	keys[1] = w.witness;
	assert_int_equal(note_cosign(&w.note, SPAN_LITERAL(TEXT), &w.witness, w.witness_secret, 1767225600),
	                 NOTE_OK);
	for (;; nth++) {
		struct buffer b = { 0 };
		bool failed;
		int r;

		faults_begin(nth);
		r = note_begin(&b, SPAN_LITERAL(TEXT));
		if (!r)
			r = note_cosign(&b, SPAN_LITERAL(TEXT), &w.witness, w.witness_secret, 1767225600);
		if (!r)
			r = note_add_signatures(&b, buffer_span(&w.note));
		if (!r)
			r = note_open(buffer_span(&b), keys, 2, &note);
		failed = faults_end();
		buffer_fini(&b);
		assert_int_equal(r, failed ? -ENOMEM : NOTE_OK);
		if (!failed)
			break;
	}
	assert_true(nth > 3);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_examples),      cmocka_unit_test(test_witness_transcript),
		cmocka_unit_test(test_signing_vectors),         cmocka_unit_test(test_keys),
		cmocka_unit_test(test_unsafe_points),           cmocka_unit_test(test_hostile_notes),
		cmocka_unit_test(test_lines_of_known_keys),     cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_positions_are_ascending), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_signing_refuses),         cmocka_unit_test(test_adding_signatures),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
