/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit show: one entry, or all of a message, with every field in words and with its proof.
 *
 * Labels are Dutch or English; values stand as they were logged, codes and rules also as a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client/cli/records.h"
#include "convenant/decide.h"
#include "proto/code.h"

struct label {
	const char *field, *nl, *en;
};
/* In the order of reading. */
static const struct label labels[] = {
	{ "time", "tijdstip", "time" },
	{ "kind", "soort regel", "kind of entry" },
	{ "type", "bericht of handeling", "message or act" },
	{ "code", "uitkomst", "outcome" },
	{ "message_id", "bericht", "message" },
	{ "exchange_id", "uitwisseling", "exchange" },
	{ "in_reply_to", "antwoord op", "in reply to" },
	{ "casus", "casus", "casus" },
	{ "phase", "fase van de casus", "phase of the casus" },
	{ "sender", "van (hoedanigheid)", "from (hoedanigheid)" },
	{ "organisation", "organisatie", "organisation" },
	{ "person", "functionaris", "functionary" },
	{ "role", "rol", "role" },
	{ "on_behalf_of", "namens", "on behalf of" },
	{ "node", "knooppunt", "node" },
	{ "recipient", "aan", "to" },
	{ "regime", "regime", "regime" },
	{ "grondslag", "grondslag", "basis (grondslag)" },
	{ "doel", "doel", "purpose (doel)" },
	{ "noodzaak", "noodzaak", "necessity (noodzaak)" },
	{ "overleg", "overleg", "overleg" },
	{ "category", "categorieën", "categories" },
	{ "secrecy_basis", "doorbreking beroepsgeheim", "basis for what is secret" },
	{ "person_role", "over wie", "about whom" },
	{ "answer_kind", "soort antwoord", "kind of answer" },
	{ "urgent", "spoed", "urgent (spoed)" },
	{ "created", "ondertekend op", "signed at" },
	{ "deadline", "antwoord gevraagd voor", "answer wanted before" },
	{ "rule_failed", "niet voldaan aan", "rules that failed" },
	{ "rule_passed", "voldaan aan", "rules that held" },
	{ "kader", "kader (SHA-256)", "kader (SHA-256)" },
	{ "register", "register (SHA-256)", "register (SHA-256)" },
	{ "convenant", "convenant (SHA-256)", "convenant (SHA-256)" },
	{ "mandate", "mandaat (SHA-256)", "mandate (SHA-256)" },
	{ "digest", "bericht (SHA-256)", "message (SHA-256)" },
	{ "trace_id", "trace", "trace" },
	{ "detail", "bijzonderheden", "details" },
};

struct show {
	const struct cli *cli;
	uint64_t index; /* only this one; UINT64_MAX: all */
	const char *proof_file;
	json_t *records;
	size_t n;
	int status;
};

static bool dutch(const struct show *s)
{
	return s->cli->lang && strcmp(s->cli->lang, "nl") == 0;
}

static const char *outcome_text(const struct show *s, const char *code)
{
	int n = code_find(code);

	return n < 0 ? "" : dutch(s) ? code_text_nl((enum code)n) : code_text_en((enum code)n);
}

/* "CODE rule subject" as a sentence. */
static void say_failed(const struct show *s, const char *text)
{
	char rule[200] = "";
	const char *at = strchr(text, ' '), *subject;
	struct buffer sentence;

	buffer_init(&sentence, 0);
	if (at) {
		snprintf(rule, sizeof rule, "%.*s", (int)strcspn(at + 1, " "), at + 1);
		subject = at + 1 + strlen(rule);
		explain_failed(rule, *subject == ' ' ? subject + 1 : "", dutch(s) ? "nl" : "en", &sentence);
	}
	printf("    %s\n      %.*s\n", text, (int)sentence.len, sentence.len ? (const char *)sentence.ptr : "");
	buffer_fini(&sentence);
}

static void say_list(const struct show *s, const struct label *l, const json_t *values)
{
	printf("  %s:\n", dutch(s) ? l->nl : l->en);
	for (size_t i = 0; i < json_array_size(values); i++) {
		const char *text = json_string_value(json_array_get(values, i));

		if (strcmp(l->field, "rule_failed") == 0)
			say_failed(s, text);
		else
			printf("    %s\n", text);
	}
}

static void say_field(const struct show *s, const struct label *l, const json_t *value)
{
	const char *label = dutch(s) ? l->nl : l->en;
	char when[CLI_TIME_SIZE];

	if (json_is_array(value)) {
		say_list(s, l, value);
	} else if (json_is_integer(value)) {
		cli_time((uint64_t)json_integer_value(value), when);
		printf("  %s: %s\n", label, when);
	} else if (json_is_true(value)) {
		printf("  %s: %s\n", label, dutch(s) ? "ja" : "yes");
	} else if (strcmp(l->field, "code") == 0) {
		printf("  %s: %s. %s\n", label, json_string_value(value), outcome_text(s, json_string_value(value)));
	} else if (json_is_string(value)) {
		printf("  %s: %s\n", label, json_string_value(value));
	}
}

static void say_proof(const struct show *s, const json_t *record)
{
	const char *proof = json_string_value(json_object_get(record, "proof"));

	if (json_is_false(json_object_get(record, "readable")))
		printf("  %s\n", dutch(s) ? "de sleutel is vernietigd: wat hier stond is niet meer te lezen" :
					     "the key was destroyed: what stood here can't be read any more");
	else if (proof)
		printf("  %s\n", dutch(s) ? "bewijs: staat in het log dat het huis heeft ondertekend; nagerekend" :
					     "proof: it is in the log that the house signed; recomputed here");
	else
		printf("  %s\n", dutch(s) ? "bewijs: nog niet ondertekend; vraag het opnieuw" : "proof: not signed yet; ask again");
}

static void proof_write(struct show *s, const json_t *record)
{
	const char *proof = json_string_value(json_object_get(record, "proof"));
	char path[600];

	if (!s->proof_file || !proof)
		return;
	if (s->n == 1)
		snprintf(path, sizeof path, "%s", s->proof_file);
	else
		snprintf(path, sizeof path, "%s.%zu", s->proof_file, s->n);
	if (file_write(path, span_of_text(proof), 0644) != FILE_OK)
		s->status = cli_trouble(s->cli, KP_ERROR, "audit-show", "the proof can't be written", "is the folder there, and writable?");
}

static bool show_record(void *ctx, uint64_t index, const char *text)
{
	struct show *s = ctx;
	json_t *record;

	if (s->index != UINT64_MAX && index != s->index)
		return false;
	record = json_loads(text, 0, NULL);
	s->n++;
	proof_write(s, record);
	if (s->cli->json) {
		json_array_append(s->records, record);
	} else {
		printf("%s%s %llu\n", s->n > 1 ? "\n" : "", dutch(s) ? "regel" : "entry", (unsigned long long)index);
		for (size_t i = 0; i < N_ELEMENTS(labels); i++)
			say_field(s, &labels[i], json_object_get(record, labels[i].field));
		say_proof(s, record);
	}
	json_decref(record);
	return true;
}

static int show(struct show *s, struct records_query *r)
{
	int status;
	kp_node *node = cli_node(s->cli, &status);

	if (!node)
		return status;
	if (s->index == UINT64_MAX) {
		status = records_all(s->cli, node, r, show_record, s);
	} else {
		r->q.after_index = s->index;
		r->q.limit = 1;
		status = records_page(s->cli, node, r, show_record, s, &(uint64_t){ 0 });
	}
	kp_close(node);
	if (status == KP_OK && !s->n)
		return cli_trouble(s->cli, KP_ERROR, "audit-show", "the log has nothing by that number that you may see",
				   "is it an entry's number or a message's id? With --own only what one's own hoedanigheden sent or received");
	if (status == KP_OK && s->cli->json)
		cli_json(json_pack("{s:O}", "records", s->records));
	return status == KP_OK ? s->status : status;
}

int cmd_audit_show(struct cli *cli, int argc, const char **argv)
{
	struct records_query r = { 0 };
	struct show s = { .cli = cli, .index = UINT64_MAX };
	char *proof = NULL;
	struct poptOption options[] = {
		RECORDS_OPTIONS(&r),
		{ "proof", 0, POPT_ARG_STRING, &proof, 0, "also write the proof (tlog-proof) to this file; further ones to FILE.2 ...", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status == CLI_GO)
		status = records_begin(cli, &r);
	if (status != CLI_GO)
		return status;
	if (!decimal_decode(span_of_text(cli->args[0]), &s.index)) {
		s.index = UINT64_MAX;
		r.q.message = cli->args[0];
	}
	r.q.proofs = true;
	s.proof_file = proof;
	s.records = json_array();
	status = show(&s, &r);
	json_decref(s.records);
	return status;
}
