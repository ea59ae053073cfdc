/* SPDX-License-Identifier: EUPL-1.2 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

enum { EXIT_GOOD = 0, EXIT_TROUBLE = 1, EXIT_USAGE = 2, EXIT_UNVERIFIED = 4 };

static const char help[] =
	"usage: knooppunt-verify DOSSIER --key VKEY [--witness VKEY]... [--quorum N] [--log DIR] [--explain] [--quiet]\n"
	"\n"
	"Checks a dossier or sample of a house's log: that each entry in it was signed into the log, that the record shown is the one that\n"
	"was sealed there, and that the rules beside it are those it was decided with. Offline; nothing but this file and the key is believed.\n"
	"\n"
	"  --key VKEY      public key of the log, as text or a file; have it from a partner or an earlier visit, not with the dossier\n"
	"  --witness VKEY  public key of a witness, as text or a file; its cosignature must hold where it stands\n"
	"  --quorum N      so many of the witnesses given must have cosigned\n"
	"  --log DIR       an export of the whole log: nothing of the casus was left out, or the seed draws this very sample\n"
	"  --explain       also what each rule that was kept says; of refusals it is always shown\n"
	"  --quiet         only the verdict\n"
	"\n"
	"exit status: 0 it holds; 4 it does not, and what is wrong is said; 1 trouble; 2 wrong usage\n";

static bool key_given(const char *given, struct key *out)
{
	struct fault ignored = { "" };
	char *text;
	size_t n;
	bool good;

	if (key_parse(given, out))
		return true;
	text = read_file(given, &n, &ignored);
	if (!text)
		return false;
	text[strcspn(text, "\r\n")] = 0;
	good = key_parse(text, out);
	free(text);
	return good;
}

/* ---- in words ---- */

static void say(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || (unsigned char)*text == 0x7f ? '?' : *text);
}

static void say_list(const char *label, const json_t *list)
{
	const json_t *item;
	size_t i;

	if (!json_array_size(list) && !json_is_string(list))
		return;
	printf("    %-12s ", label);
	if (json_is_string(list))
		say(json_string_value(list));
	json_array_foreach(list, i, item) {
		if (i)
			printf(", ");
		say(json_string_value(item));
	}
	putchar('\n');
}

static void show_entry(void *ctx, const struct receipt *r, const json_t *fields, const json_t *words)
{
	static const char *const shown[][2] = { { "sender", "from" }, { "person", "person" }, { "recipient", "to" }, { "grondslag", "basis" },
						{ "doel", "doel" }, { "noodzaak", "necessity" }, { "category", "categories" },
						{ "secrecy_basis", "secrecy" },
						{ "answer_kind", "answer" }, { "detail", "details" }, { "rule_failed", "refused by" } };
	const char *type = json_string_value(json_object_get(fields, "type"));
	const bool *explain = ctx;
	const json_t *word;
	char time[32];
	size_t i, n = json_array_size(json_object_get(fields, "rule_passed"));

	time_text(r->leaf.time_ms, time);
	printf("%llu  %s  %s %s: %s\n", (unsigned long long)r->index, time, kind_name(r->leaf.kind), type ? type : "", code_name(r->leaf.code));
	for (i = 0; i < sizeof shown / sizeof shown[0]; i++)
		say_list(shown[i][1], json_object_get(fields, shown[i][0]));
	if (n)
		printf("    %-12s %zu rules\n", "passed", n);
	json_array_foreach(words, i, word) {
		if (r->leaf.code == 0 && !*explain)
			break;
		printf("    (explained)  ");
		say(json_string_value(word) ? json_string_value(word) : "");
		putchar('\n');
	}
}

static void say_verdict(const struct verdict *v, const struct trust *t, uint64_t log_size)
{
	printf("holds: %u entries (%u refused) of %s, in the log of %llu entries; each record is the one that was sealed there\n", v->n_entries,
	       v->n_refused, v->head.origin, (unsigned long long)v->head.size);
	printf("rules: %u texts are those that the entries were decided with%s\n", v->n_rules, v->n_missing ? "" : ", none is missing");
	if (v->n_missing)
		printf("note: %u texts that were decided with are named as missing\n", v->n_missing);
	if (t->n_witnesses)
		printf("witnesses: %u of %u cosigned this checkpoint\n", v->head.n_cosigned, t->n_witnesses);
	if (log_size)
		printf("log: %llu entries are what the house signed; %s\n", (unsigned long long)log_size,
		       v->is_sample ? "the seed draws these entries" : "no entry under the key of this casus is left out");
	else
		printf("not checked: that nothing was left out (give the whole log with --log)\n");
	printf("not proven by any signature: lines marked (explained)\n");
}

static int verify(const char *path, const char *log, const struct trust *t, bool quiet, bool explain)
{
	struct fault f = { "" };
	struct verdict v = { 0 };
	size_t n = 0;
	char *text = read_file(path, &n, &f);
	json_t *dossier = text ? json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	uint64_t log_size = 0;
	bool good;

	free(text);
	if (!text) {
		fprintf(stderr, "knooppunt-verify: %s\n", f.text);
		return EXIT_TROUBLE;
	}
	good = dossier ? dossier_check(dossier, t, quiet ? NULL : show_entry, &explain, &v, &f) : wrong(&f, "this is no dossier: not JSON");
	if (good && log)
		good = log_check(log, dossier, t, &v, &log_size, &f);
	if (good)
		say_verdict(&v, t, log_size);
	else
		printf("DOES NOT HOLD: %s\nkeep this file and compare it with another copy, with receipts of partners, and with "
		       "an export of the log\n",
		       f.text);
	json_decref(dossier);
	free(v.indexes);
	free(v.key_ids);
	return good ? EXIT_GOOD : EXIT_UNVERIFIED;
}

static int usage(const char *what)
{
	fprintf(stderr, "knooppunt-verify: %s\n%s", what, help);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "key", 1, NULL, 'k' }, { "witness", 1, NULL, 'w' }, { "quorum", 1, NULL, 'q' },
						 { "log", 1, NULL, 'l' }, { "quiet", 0, NULL, 's' },
						 { "explain", 0, NULL, 'e' }, { "help", 0, NULL, 'h' }, { 0 } };
	static struct trust t;
	const char *log = NULL;
	bool quiet = false, explain = false, has_key = false;
	uint64_t quorum = 0;
	int c;

	if (sodium_init() < 0)
		return EXIT_TROUBLE;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h')
			return printf("%s", help) < 0 ? EXIT_TROUBLE : EXIT_GOOD;
		if (c == 'k' && (has_key || !key_given(optarg, &t.log) || t.log.type != 1))
			return usage("--key is no public key of a log (name+id+base64), or stands twice");
		has_key = has_key || c == 'k';
		if (c == 'w' && (t.n_witnesses == KEYS_MAX || !key_given(optarg, &t.witnesses[t.n_witnesses++]) ||
				 t.witnesses[t.n_witnesses - 1].type != 4))
			return usage("--witness is no public key of a witness (name+id+base64)");
		if (c == 'q' && (!decimal(text_of(optarg), &quorum) || quorum > KEYS_MAX))
			return usage("--quorum is a number");
		if (c == 'l')
			log = optarg;
		quiet = quiet || c == 's';
		explain = explain || c == 'e';
		if (c == '?')
			return usage("wrong options");
	}
	t.quorum = (unsigned)quorum;
	if (!has_key)
		return usage("--key is missing");
	if (optind + 1 != argc)
		return usage("one dossier is checked at a time");
	return verify(argv[optind], log, &t, quiet, explain);
}
