/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant check|sign|publish|show|explain: the rules as their owners meet them.
 *
 * check and sign work offline on files (check also on a mandate and a table of cases); publish talks to the running house; show and
 * explain use the rules a node has in force.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client/cli/document.h"
#include "client/cli/overleg.h"
#include "client/cli/send.h"
#include "client/cli/steward.h"
#include "client/lib/local.h"
#include "convenant/cases.h"

/* The register of --house, or of a node given with --home; NULL without either: then a mandate is checked by itself. */
static int check_mandate(const struct cli *cli, const struct document *d, struct fault_list *faults, int *found)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
	struct rules rules = { 0 };
	struct mandate m;
	int status = KP_OK;

	if (!arena)
		return cli_trouble(cli, KP_ERROR, "check", "out of memory", "");
	if (cli->house || cli->home)
		status = local_rules(cli->house ? house_folder(cli) : cli->home, &rules, faults) == 0 ? KP_OK : steward_faults(cli, "check", faults);
	if (status == KP_OK && d->is_note && rules.registry)
		*found = mandate_open(span_of(d->bytes, d->len), rules.registry, arena, faults, &m);
	else if (status == KP_OK)
		*found = mandate_check(d->text, rules.registry, faults);
	rules_fini(&rules);
	return status;
}

static int check_convenant(const struct cli *cli, const struct document *d, const char *kader_path, struct fault_list *faults, int *found)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	CLEANUP(convenant_freep) struct convenant *convenant = NULL;
	int status = document_kader(cli, kader_path, &kader);

	if (status == KP_OK)
		*found = convenant_load(d->text, kader, faults, &convenant);
	return status;
}

static int check_form(const struct cli *cli, const struct document *d, const char *path, const char *kader_path)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	CLEANUP(registry_freep) struct registry *registry = NULL;
	CLEANUP(cases_freep) struct case_table *table = NULL;
	struct fault_list faults;
	int found = 0, status = KP_OK;

	fault_list_init(&faults, path);
	if (d->kind == RULES_KADER)
		found = kader_load(d->text, &faults, &kader);
	else if (d->kind == RULES_REGISTER)
		found = d->is_note ? registry_load(d->text, &faults, &registry) : cases_register_load(d->text, &faults, &registry);
	else if (d->kind == RULES_CONVENANT)
		status = check_convenant(cli, d, kader_path, &faults, &found);
	else if (d->kind == DOCUMENT_MANDATE)
		status = check_mandate(cli, d, &faults, &found);
	else
		found = cases_load(d->text, &faults, &table);
	if (status != KP_OK || found == 0)
		return status;
	return found > 0 ? steward_faults(cli, "check", &faults) : cli_trouble(cli, KP_ERROR, "check", "out of memory", "");
}

/* Against what is in force in a house's folder: signatures, quorum, sequence, previous hash, validity. */
static int check_admission(const struct cli *cli, const struct document *d, const char *path)
{
	struct fault_list faults;
	struct rules rules = { 0 };
	int status, r;

	fault_list_init(&faults, path);
	status = local_rules(house_folder(cli), &rules, &faults) == 0 ? KP_OK : steward_faults(cli, "check", &faults);
	if (status == KP_OK) {
		r = rules_admit(&rules, (enum rules_kind)d->kind, span_of(d->bytes, d->len), NULL, &faults);
		if (r == RULES_E_REFUSED)
			status = steward_faults(cli, "admission", &faults);
		else if (r == RULES_E_SAME)
			cli_say(cli, "%s is exactly the version in force", path);
	}
	rules_fini(&rules);
	return status;
}

int cmd_convenant_check(struct cli *cli, int argc, const char **argv)
{
	char *kader = NULL;
	struct poptOption options[] = {
		{ "kader", 0, POPT_ARG_STRING, &kader, 0, "kader to check against (default: the house's, else the one installed)", "FILE" },
		POPT_TABLEEND,
	};
	struct document d;
	bool rules;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	status = document_read_any(cli, cli->args[0], &d);
	if (status != KP_OK)
		return status;
	rules = d.kind <= RULES_CONVENANT;
	status = check_form(cli, &d, cli->args[0], kader);
	if (status == KP_OK && d.is_note && cli->house && rules)
		status = check_admission(cli, &d, cli->args[0]);
	if (status == KP_OK && cli->json)
		cli_json(json_pack("{s:s,s:b,s:b}", "kind", document_kind_name(d.kind), "signed", (int)d.is_note, "ok", 1));
	else if (status == KP_OK)
		cli_say(cli, "%s: a %s in good form%s", cli->args[0], document_kind_name(d.kind),
			d.kind == DOCUMENT_TABLE			? "" :
			!d.is_note					? "; not signed yet" :
			cli->house || (cli->home && !rules)		? ", and this house would take it" :
									  "; give --house to check its signatures");
	document_fini(&d);
	return status;
}

static int signing_key(const struct cli *cli, const char *given, struct keyfile *key)
{
	char path[700], what[900];
	const char *home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");
	int r;

	if (given)
		snprintf(path, sizeof path, "%s", given);
	else
		snprintf(path, sizeof path, "%s/keys/organisation.key", home ? home : ".");
	r = keyfile_read(path, "organisation", key);
	if (given && r == KEYFILE_E_MALFORMED)
		r = keyfile_read(path, "steward", key);
	if (r == KEYFILE_OK)
		return KP_OK;
	snprintf(what, sizeof what, "%s: %s", path, r > 0 ? keyfile_error_text(r) : "cannot be read");
	return cli_trouble(cli, KP_ERROR, "key", what, "give --home of a node of the organisation, or --key FILE");
}

int cmd_convenant_sign(struct cli *cli, int argc, const char **argv)
{
	char *key_path = NULL, *output = NULL, out_path[700];
	struct poptOption options[] = {
		{ "key", 0, POPT_ARG_STRING, &key_path, 0, "key file (default: the organisation key of --home)", "FILE" },
		{ "output", 'o', POPT_ARG_STRING, &output, 0,
		  "where to write the note (default: FILE.note, or FILE itself when it is a note)", "FILE" },
		POPT_TABLEEND,
	};
	struct keyfile key = { 0 };
	struct note_key note_key;
	struct document d;
	struct buffer note;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	status = document_read(cli, cli->args[0], &d);
	if (status != KP_OK)
		return status;
	buffer_init(&note, NOTE_BYTES_MAX);
	status = check_form(cli, &d, cli->args[0], NULL);
	if (status == KP_OK)
		status = signing_key(cli, key_path, &key);
	if (status == KP_OK && (note_key_init(&note_key, key.name, NOTE_KEY_ED25519, key.public_key) != NOTE_OK ||
				note_begin(&note, d.text) != NOTE_OK ||
				(d.is_note && note_add_signatures(&note, span_of(d.bytes, d.len)) != NOTE_OK) ||
				sign_once(&note, d.text, &note_key, key.secret) != NOTE_OK))
		status = cli_trouble(cli, KP_ERROR, "sign", "this text cannot be signed: it must be UTF-8 and end in a newline",
				     "save it as plain text");
	snprintf(out_path, sizeof out_path, "%s%s", output ? output : cli->args[0], output || d.is_note ? "" : ".note");
	if (status == KP_OK && file_write(out_path, buffer_span(&note), 0644) != FILE_OK)
		status = cli_trouble(cli, KP_ERROR, "sign", "the note cannot be written", out_path);
	if (status == KP_OK && cli->json)
		cli_json(json_pack("{s:s,s:s}", "note", out_path, "signer", key.name));
	else if (status == KP_OK)
		cli_say(cli, "signed by %s: %s", key.name, out_path);
	keyfile_fini(&key);
	buffer_fini(&note);
	document_fini(&d);
	return status;
}

int cmd_convenant_publish(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct control *control;
	struct document d;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	status = document_read(cli, cli->args[0], &d);
	if (status != KP_OK)
		return status;
	control = d.is_note ? control_open(cli) : NULL;
	if (!d.is_note)
		status = cli_usage(cli, "\"%s\" is not signed yet: knooppunt convenant sign FILE", cli->args[0]);
	else
		status = control ? steward_publish(cli, control, span_of(d.bytes, d.len)) : KP_UNREACHABLE;
	control_close(control);
	if (status == KP_OK && cli->json)
		cli_json(json_pack("{s:s,s:b}", "kind", rules_kind_name((enum rules_kind)d.kind), "in_force", 1));
	else if (status == KP_OK)
		cli_say(cli, "the %s is in force", rules_kind_name((enum rules_kind)d.kind));
	document_fini(&d);
	return status;
}

int cmd_convenant_show(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct rules rules;
	struct buffer text;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO || (status = cli_rules(cli, true, &rules)) != CLI_GO)
		return status;
	status = KP_OK;
	buffer_init(&text, 0);
	for (size_t i = 0; i < rules.n_convenanten; i++) {
		buffer_text(&text, i > 0 ? "\n" : "");
		if (convenant_print(rules.convenanten[i], cli->lang ? cli->lang : "nl", &text) != 0)
			status = cli_trouble(cli, KP_ERROR, "show", "out of memory", "");
	}
	if (status == KP_OK && cli->json)
		cli_json(json_pack("{s:s%}", "text", text.len ? (const char *)text.ptr : "", text.len));
	else if (status == KP_OK && rules.n_convenanten == 0)
		cli_say(cli, "no convenant is known here (a node fetches the rules in force with: knooppunt node sync)");
	else if (status == KP_OK)
		fwrite(text.ptr, 1, text.len, stdout);
	buffer_fini(&text);
	rules_fini(&rules);
	return status;
}

int cmd_convenant_explain(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *casus = NULL, *kind = NULL, *person_role = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "casus", 0, POPT_ARG_STRING, &casus, 0, "the casus it is about", "UUID" },
		{ "category", 0, POPT_ARG_ARGV, &o.category, 0, "what is asked; repeat or separate with commas", "CATEGORY" },
		{ "kind", 0, POPT_ARG_STRING, &kind, 0, "kind of message (default verzoek)", "KIND" },
		{ "person-role", 0, POPT_ARG_STRING, &person_role, 0, "betrokkene (default), gezinslid or direct-contact", "ROLE" },
		POPT_TABLEEND,
	};
	struct kp_part part = { .category = "vraag", .content = "{}" };
	struct kp_message_out m;
	kp_node *node;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO || (status = cli_send_begin(cli, &o, kind ? kind : "verzoek", &m)) != CLI_GO)
		return status;
	m.casus = casus;
	m.person_role = person_role ? person_role : "betrokkene";
	m.parts = &part;
	m.n_parts = strcmp(m.kind, "verzoek") == 0;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	status = casus ? cli_send_from_casus(cli, node, &o, &m) : CLI_GO;
	if (status == CLI_GO)
		status = cli_may_i(cli, node, &m);
	kp_close(node);
	return status;
}
