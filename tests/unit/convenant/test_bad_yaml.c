/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Badly written files, of each of the five kinds that people write: kader, register, convenant, mandate, table of cases. Whatever is
 * wrong, it is refused, and each thing said of it has its line and column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convenant/cases.h"
#include "tests/unit/convenant/scene.h"

static struct house house;

/* ---- the five ---- */

static int kader_of(struct span text, struct fault_list *faults)
{
	CLEANUP(kader_freep) struct kader *k = NULL;

	return kader_load(text, faults, &k);
}

static int register_of(struct span text, struct fault_list *faults)
{
	CLEANUP(registry_freep) struct registry *r = NULL;

	return registry_load(text, faults, &r);
}

static int convenant_of(struct span text, struct fault_list *faults)
{
	CLEANUP(convenant_freep) struct convenant *c = NULL;

	return convenant_load(text, house.rules.kader, faults, &c);
}

static int mandate_of(struct span text, struct fault_list *faults)
{
	return mandate_check(text, house.rules.registry, faults);
}

static int table_of(struct span text, struct fault_list *faults)
{
	CLEANUP(cases_freep) struct case_table *t = NULL;

	return cases_load(text, faults, &t);
}

static const char mandate_text[] = "mandaat: p-0031\nhuis: drenthe\norganisatie: politie\nhoedanigheden: [politie-noord-nederland]\n"
				   "rol: liaison\nklasse: uitvoering\n"
				   "sleutel: \"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c\"\n"
				   "screening: 2026-01-10\ntraining: 2026-02-01\nvan: 2026-02-01\ntot: 2027-02-01\n";

struct kind {
	const char *name;
	int (*load)(struct span text, struct fault_list *faults);
	const char *key;                /* a line with a text at the top */
	const char *id, *twice, *fault; /* an id, another row's id in its place, and what is said of it */
	struct buffer text;
};
static struct kind kinds[] = {
	{ "kader", kader_of, "naam: Wettelijk kader", "soort: politie\n", "soort: om\n", "om stands here twice", { 0 } },
	{ "register", register_of, "naam: \"Zorg", "organisatie: \"cosis\"\n    naam", "organisatie: \"dji\"\n    naam", "dji stands here twice",
	  { 0 } },
	{ "convenant", convenant_of, "naam: Convenant", "hoedanigheid: menso\n", "hoedanigheid: cosis\n", "cosis stands here twice", { 0 } },
	{ "mandaat", mandate_of, "rol: liaison", "[politie-noord-nederland]", "[politie-noord-nederland, politie-noord-nederland]",
	  "politie-noord-nederland stands here twice", { 0 } },
	{ "convenant-test", table_of, "convenant-test: drenthe", "uitgangspunt: aanmelding-wgs\n", "uitgangspunt: beoordeling-wgs\n",
	  "beoordeling-wgs", { 0 } },
};

/* ---- judging ---- */

static void placed(const struct kind *k, const struct fault_list *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		if (!faults->v[i].line || !faults->v[i].column || !*faults->v[i].text)
			fail_msg("%s: a fault without its place: %s", k->name, faults->v[i].text);
}

static struct fault_list load(const struct kind *k, struct span text, bool *good)
{
	struct fault_list faults;
	int r;

	fault_list_init(&faults, k->name);
	r = k->load(text, &faults);
	CHECK(r == 0 || r == 1);
	CHECK((r == 0) == (faults.n == 0));
	placed(k, &faults);
	*good = r == 0;
	return faults;
}

/* The line on which a position stands. */
static unsigned line_at(struct span text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += text.ptr[i] == '\n';
	return line;
}

/* Refused, and at this line (0: whichever) this is said. */
static void refused(const struct kind *k, struct span text, unsigned line, const char *piece)
{
	struct fault_list faults;
	bool good, said = false;

	faults = load(k, text, &good);
	for (size_t i = 0; i < faults.n; i++)
		said = said || (strstr(faults.v[i].text, piece) && (!line || faults.v[i].line == line));
	if (good || !said)
		fail_msg("%s: line %u, \"%s\" is expected; %s %u:%u: %s", k->name, line, piece, good ? "it loads" : "said is",
			 faults.n ? faults.v[0].line : 0, faults.n ? faults.v[0].column : 0, faults.n ? faults.v[0].text : "");
}

/* ---- what is wrong ---- */

static void with_tail(const struct kind *k, const char *tail, const char *piece)
{
	struct buffer text;

	buffer_init(&text, 0);
	buffer_bytes(&text, buffer_span(&k->text));
	buffer_text(&text, tail);
	refused(k, buffer_span(&text), line_at(buffer_span(&text), k->text.len), piece);
	buffer_fini(&text);
}

static void keys_and_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		const struct kind *k = &kinds[i];
		char first[200];

		const char *line = memmem(k->text.ptr, k->text.len, k->key, strlen(k->key));

		snprintf(first, sizeof first, "%.*s", (int)strcspn(line, "\n"), line);
		with_tail(k, "onbekend: 1\n", "the key onbekend is unknown");
		with_tail(k, first, "is already on line");
		with_tail(k, "lus: &a [*a]\n", "anchors (&)");
		with_tail(k, "lus: *a\n", "aliases (*)");
		with_tail(k, "soort: !!int 3\n", "tags (!)");
		with_tail(k, "diep: [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]\n", "nested deeper than 16");
		with_tail(k, "diep: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}}}}\n", "nested deeper than 16");
		with_tail(k, "---\nkader: nl\n", "a second document");
		with_tail(k, "? [a]\n: 1\n", "a key is one word");
	}
}

static void not_closed(void **state)
{
	static const char *const tails[] = { "open: [\n", "open: {a: [1, 2\n", "open: \"\n", "open: 'ja\n",
					     "a: b: c\n", "\tinspringen: 1\n", "- rij\n" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
		for (size_t t = 0; t < N_ELEMENTS(tails); t++) {
			struct buffer text;

			buffer_init(&text, 0);
			buffer_bytes(&text, buffer_span(&kinds[i].text));
			buffer_text(&text, tails[t]);
			refused(&kinds[i], buffer_span(&text), 0, "not YAML");
			buffer_fini(&text);
		}
}

static void types_and_ids(void **state)
{
	static const char *const values[] = { "[a, b]", "{a: b}", "[]", "{}" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		const struct kind *k = &kinds[i];
		size_t at = (size_t)((const uint8_t *)memmem(k->text.ptr, k->text.len, k->key, strlen(k->key)) - k->text.ptr);
		size_t colon = strcspn(k->key, ":") + 1;
		const uint8_t *end = memchr(k->text.ptr + at, '\n', k->text.len - at);
		struct buffer text;

		for (size_t v = 0; v < N_ELEMENTS(values); v++) {
			buffer_init(&text, 0);
			buffer_bytes(&text, span_of(k->text.ptr, at + colon));
			buffer_printf(&text, " %s", values[v]);
			buffer_bytes(&text, span_of(end, (size_t)(k->text.ptr + k->text.len - end)));
			refused(k, buffer_span(&text), line_at(buffer_span(&k->text), at), "a text is expected");
			buffer_fini(&text);
		}
		text_replace(buffer_span(&k->text), k->id, k->twice, &text);
		refused(k, buffer_span(&text), 0, k->fault);
		buffer_fini(&text);
	}
}

static void bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *piece;
	} rows[] = {
		{ "\0", 1, "can't be seen" },
		{ "\xff", 1, "not UTF-8" },
		{ "\xc3", 1, "not UTF-8" },
		{ "\xed\xa0\x80", 3, "not UTF-8" },       /* half a pair */
		{ "\xe2\x80\xae", 3, "can't be seen" },   /* turns the text around on the screen */
		{ "\x1b[2J", 4, "can't be seen" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
		for (size_t b = 0; b < N_ELEMENTS(rows); b++)
			for (size_t at = 0; at <= kinds[i].text.len; at += 1 + kinds[i].text.len / 40) {
				struct span whole = buffer_span(&kinds[i].text);
				struct buffer text;

				while (at < whole.len && (whole.ptr[at] & 0xc0) == 0x80) /* between two characters */
					at++;
				buffer_init(&text, 0);
				buffer_bytes(&text, span_of(whole.ptr, at));
				buffer_bytes(&text, span_of(rows[b].bytes, rows[b].n));
				buffer_bytes(&text, span_of(whole.ptr + at, whole.len - at));
				refused(&kinds[i], buffer_span(&text), line_at(whole, at), rows[b].piece);
				buffer_fini(&text);
			}
}

/* Ten megabytes: refused at the place where what may be read ends, whatever stands behind it. */
static void ten_megabytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		unsigned line = 0;
		struct buffer text;

		buffer_init(&text, 0);
		buffer_bytes(&text, buffer_span(&kinds[i].text));
		while (text.len < 10u << 20)
			buffer_text(&text, "# en zo voort, en zo voort, en zo voort, en zo voort, en zo voort, en zo voort\n");
		line = line_at(buffer_span(&text), 1u << 20);
		refused(&kinds[i], buffer_span(&text), line, "larger than 1 MiB");
		buffer_fini(&text);
	}
}

/* Cut anywhere, and with any byte changed: it loads or it is refused, and what is said has its place. */
static void cut_and_damaged(void **state)
{
	size_t refusals = 0;
	uint32_t seed = 20261122;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		struct span whole = buffer_span(&kinds[i].text);
		struct buffer text;
		bool good;

		for (size_t n = 0; n < whole.len; n += 1 + whole.len / 150) {
			load(&kinds[i], span_of(whole.ptr, n), &good);
			refusals += !good;
		}
		buffer_init(&text, 0);
		buffer_bytes(&text, whole);
		for (size_t k = 0; k < 150; k++) {
			size_t at;
			uint8_t was;

			seed = seed * 1664525 + 1013904223;
			at = (seed >> 8) % whole.len;
			was = text.ptr[at];
			text.ptr[at] = (uint8_t)" :-[]{}&*#'\"\nx0"[seed % 16];
			load(&kinds[i], buffer_span(&text), &good);
			refusals += !good;
			text.ptr[at] = was;
		}
		buffer_fini(&text);
	}
	CHECK(refusals > 700);
}

/* Without any one of its lines a text is good or is told, with a place, what it lacks. */
static void a_line_is_missing(void **state)
{
	size_t refusals = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		struct span whole = buffer_span(&kinds[i].text);
		size_t step = 1 + whole.len / 40000; /* of a long text every other line or so */

		for (size_t at = 0, end, n = 0; at < whole.len; at = end, n++) {
			const uint8_t *newline = memchr(whole.ptr + at, '\n', whole.len - at);
			struct buffer text;
			bool good;

			end = newline ? (size_t)(newline - whole.ptr) + 1 : whole.len;
			if (n % step)
				continue;
			buffer_init(&text, 0);
			buffer_bytes(&text, span_of(whole.ptr, at));
			buffer_bytes(&text, span_of(whole.ptr + end, whole.len - end));
			load(&kinds[i], buffer_span(&text), &good);
			refusals += !good;
			buffer_fini(&text);
		}
	}
	CHECK(refusals > 500);
}

static void as_they_are_they_load(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		bool good;
		struct fault_list faults = load(&kinds[i], buffer_span(&kinds[i].text), &good);

		if (!good)
			fail_msg("%s: %u: %s", kinds[i].name, faults.v[0].line, faults.v[0].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_they_are_they_load),
		cmocka_unit_test(keys_and_shapes),
		cmocka_unit_test(not_closed),
		cmocka_unit_test(types_and_ids),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(ten_megabytes),
		cmocka_unit_test(cut_and_damaged),
		cmocka_unit_test(a_line_is_missing),
	};
	int failed;

	house_open(&house);
	house_text("kader", &kinds[0].text);
	house_register(&house, &kinds[1].text);
	house_text("convenant", &kinds[2].text);
	buffer_init(&kinds[3].text, 0);
	buffer_text(&kinds[3].text, mandate_text);
	test_file("data/drenthe/convenant-test.yaml", &kinds[4].text);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
		buffer_fini(&kinds[i].text);
	house_close(&house);
	return failed;
}
