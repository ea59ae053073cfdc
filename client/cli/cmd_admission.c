/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How a partner comes in: invite (one steward), join request (the partner), admit (two stewards: nobody widens access alone).
 *
 * Admission is the next version of the register. The first steward makes and signs its text, the second checks that it is the
 * very same text and adds a signature; with the quorum it is published.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "client/cli/steward.h"
#include "client/lib/invitation.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)

/* Whether the kader in force makes this kind a derde; what can't be read is left for the house to judge. */
static bool is_derde(const struct kader *kader, const char *kind)
{
	const struct kader_kind *k = kader ? kader_kind(kader, kind) : NULL;

	return k && k->lid == LID_DERDE;
}

static void participants_of(const struct in_force *f, const char *organisation, struct text_list *out)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	const struct registry *r = f->registry;
	struct fault_list faults;
	struct span text, lines;

	fault_list_init(&faults, "kader");
	if (note_split(f->notes.kader, &text, &lines) == NOTE_OK && kader_load(text, &faults, &kader) != KADER_OK)
		kader = NULL;
	for (size_t i = 0; i < r->n_hoedanigheden; i++)
		if (text_equal(r->hoedanigheden[i].organisation, organisation) && !is_derde(kader, r->hoedanigheden[i].kind))
			out->v[out->n++] = r->hoedanigheden[i].id;
	text_list_sort(out);
}

static int terms_of(const struct cli *cli, const struct in_force *f, const char *organisation, const char *node, struct invitation *t)
{
	const struct registry *r = f->registry;
	const struct reg_organisation *o = registry_organisation(r, organisation);

	if (!o)
		return cli_trouble(cli, KP_USAGE, "invite", "this organisation is not in the register",
				   "the organisations stand in rules/register.note of the house");
	t->house = r->house;
	t->name = r->name;
	t->origin = r->log_key.name;
	t->organisation = organisation;
	t->node = node ? node : organisation;
	memcpy(t->transport_key, r->transport_key, 32);
	t->log_key = r->log_key;
	t->quorum = r->steward_quorum;
	t->n_stewards = r->n_stewards < INVITATION_STEWARDS_MAX ? r->n_stewards : INVITATION_STEWARDS_MAX;
	memcpy(t->stewards, r->stewards, t->n_stewards * sizeof *r->stewards);
	t->hoedanigheden.v = arena_array(f->arena, r->n_hoedanigheden + 1, sizeof(char *));
	if (!t->hoedanigheden.v)
		return KP_ERROR;
	participants_of(f, organisation, &t->hoedanigheden);
	if (t->hoedanigheden.n == 0)
		return cli_trouble(cli, KP_USAGE, "invite", "this organisation has no hoedanigheid that takes part: a derde cannot be a node",
				   "an L1 deelnemer records what it supplies to a derde (BGS 2.21(3))");
	return KP_OK;
}

/* Tell the house which enrolment key to let in. */
static int announce(struct control *control, const struct invitation *t)
{
	char invite[2 * ID_BYTES + 1], key[65];
	json_t *j, *reply = NULL;
	char *body;
	int status;

	hex_encode(span_of(t->id, ID_BYTES), invite);
	hex_encode(span_of(t->enrol_public, 32), key);
	j = json_pack("{s:s,s:s,s:s,s:s,s:I}", "invite", invite, "organisation", t->organisation, "node", t->node, "transport_key", key,
		      "until_unix_ms", (json_int_t)t->until_unix_ms);
	body = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!body)
		return KP_ERROR;
	status = control_json(control, IPC_CTL_INVITE, span_of_text(body), &reply);
	json_decref(reply);
	free(body);
	return status;
}

static int endpoint_of(struct control *control, struct arena *arena, const char *given, const char **endpoint)
{
	json_t *status = NULL;
	const char *bound;
	int r;

	*endpoint = given;
	if (given)
		return KP_OK;
	r = control_json(control, IPC_CTL_STATUS, SPAN_NONE, &status);
	if (r != KP_OK)
		return r;
	bound = json_string_value(json_object_get(status, "endpoint"));
	*endpoint = bound ? arena_printf(arena, "%s", bound) : NULL;
	json_decref(status);
	return *endpoint ? KP_OK : KP_ERROR;
}

static int invite(struct cli *cli, struct control *control, const char *node, const char *endpoint, const char *steward, int days)
{
	struct invitation terms = { .until_unix_ms = env_unix_ms(env_system()) + (uint64_t)days * DAY_MS };
	struct note_key note_key;
	struct keyfile key = { 0 };
	struct fault_list faults;
	struct in_force f;
	struct buffer note;
	int status = in_force_get(cli, control, &f);

	if (status != KP_OK)
		return status;
	buffer_init(&note, 0);
	fault_list_init(&faults, "invitation");
	status = terms_of(cli, &f, cli->args[0], node, &terms);
	if (status == KP_OK)
		status = endpoint_of(control, f.arena, endpoint, &terms.endpoint);
	if (status == KP_OK)
		status = steward_key(cli, steward, &key, &note_key);
	if (status == KP_OK && invitation_make(&terms, &note_key, key.secret, &faults, &note) != INVITATION_OK)
		status = steward_faults(cli, "invite", &faults);
	if (status == KP_OK)
		status = announce(control, &terms);
	if (status == KP_OK) {
		if (cli->json)
			cli_json(json_pack("{s:s%}", "invitation", (const char *)note.ptr, note.len));
		else
			fwrite(note.ptr, 1, note.len, stdout);
		fflush(stdout);
	}
	keyfile_fini(&key);
	invitation_fini(&terms);
	buffer_fini(&note);
	in_force_fini(&f);
	return status;
}

int cmd_house_invite(struct cli *cli, int argc, const char **argv)
{
	char *node = NULL, *endpoint = NULL, *steward = NULL;
	int days = 14;
	struct poptOption options[] = {
		{ "steward", 0, POPT_ARG_STRING, &steward, 0, "who invites: name of a steward, or the path of its key file", "NAME" },
		{ "node", 0, POPT_ARG_STRING, &node, 0, "name of the node (default: the organisation's id)", "ID" },
		{ "endpoint", 0, POPT_ARG_STRING, &endpoint, 0, "where the node must connect (default: where the house listens)", "ENDPOINT" },
		{ "days", 0, POPT_ARG_INT, &days, 0, "how long the invitation holds, default 14", "N" },
		POPT_TABLEEND,
	};
	struct control *control;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	if (days < 1 || days > 90)
		return cli_usage(cli, "--days is 1 to 90");
	control = control_open(cli);
	if (!control)
		return KP_UNREACHABLE;
	status = invite(cli, control, node, endpoint, steward, days);
	control_close(control);
	return status;
}

int cmd_house_joins(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct cli_table table;
	json_t *reply = NULL, *join;
	size_t i;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	status = control_ask(cli, IPC_CTL_JOINS, &reply);
	if (status != KP_OK)
		return status;
	if (cli->json) {
		cli_json(reply);
		return KP_OK;
	}
	cli_table_init(&table, 3, (const char *const[]){ "ORGANISATION", "NODE", "STATE" });
	json_array_foreach(reply, i, join) {
		cli_table_row(&table, (const char *const[]){ json_string_value(json_object_get(join, "organisation")),
							      json_string_value(json_object_get(join, "node")),
							      json_string_value(json_object_get(join, "state")) });
	}
	cli_table_print(&table);
	cli_table_fini(&table);
	json_decref(reply);
	return KP_OK;
}

struct admitting {
	struct cli *cli;
	struct control *control;
	struct in_force f;
	const char *organisation;
	struct admission admission;
	char phrase[JOIN_PHRASE_SIZE];
	struct keyfile key;
	struct note_key note_key;
	char pending[700];
};

static json_int_t changed_of(const json_t *join)
{
	return json_integer_value(json_object_get(join, "changed_unix_ms"));
}

/* The join request of this organisation that waits for the stewards: the newest, should it have asked more than once. */
static int find_join(struct admitting *a)
{
	struct fault_list faults;
	json_t *reply = NULL, *join, *found = NULL;
	uint8_t invite[ID_BYTES];
	struct span note = SPAN_NONE;
	size_t i;
	int status = control_json(a->control, IPC_CTL_JOINS, SPAN_NONE, &reply);

	if (status != KP_OK)
		return status;
	json_array_foreach(reply, i, join) {
		if (text_equal(json_string_value(json_object_get(join, "organisation")), a->organisation) &&
		    text_equal(json_string_value(json_object_get(join, "state")), "aangevraagd") &&
		    (!found || changed_of(join) > changed_of(found)))
			found = join;
	}
	if (found)
		note = arena_copy(a->f.arena, span_of_text(json_string_value(json_object_get(found, "request"))));
	json_decref(reply);
	if (!found)
		return cli_trouble(a->cli, KP_NONE, "admit", "no join request of this organisation waits",
				   "see what waits with: knooppunt house joins");
	fault_list_init(&faults, "join request");
	if (join_open(note, a->f.arena, &faults, invite, &a->admission) != INVITATION_OK)
		return cli_trouble(a->cli, KP_UNVERIFIED, "admit", "the join request does not verify", "do not admit; invite anew");
	join_phrase(invite, &a->f.registry->log_key, note, a->phrase);
	return KP_OK;
}

static int confirm(const struct admitting *a, const char *phrase, bool yes)
{
	char answer[16] = "";

	if (phrase && strcmp(phrase, a->phrase) != 0)
		return cli_trouble(a->cli, KP_UNVERIFIED, "admit", "the phrase is not the one of this request: somebody is in between",
				   "do not admit; invite anew");
	if (phrase || yes)
		return KP_OK;
	cli_say(a->cli, "%s asks to join as node %s\nphrase:  %s", a->organisation, a->admission.node, a->phrase);
	if (!isatty(0))
		return cli_usage(a->cli, "--phrase \"...\" is missing: what the partner read to you by phone (or --yes)");
	printf("does the partner read the same phrase to you? yes/no: ");
	fflush(stdout);
	if (!fgets(answer, sizeof answer, stdin) || strcmp(answer, "yes\n") != 0)
		return cli_trouble(a->cli, KP_ERROR, "admit", "not confirmed, nothing was signed",
				   "if the phrases differ, somebody is in between: invite anew");
	return KP_OK;
}

/* Sign: start the pending note with the first steward, add to it with the next. */
static int add_signature(struct admitting *a, struct span text, struct buffer *note)
{
	struct buffer before;
	struct span old_text, lines;
	int r = file_read(a->pending, NOTE_BYTES_MAX, &before);

	if (note_begin(note, text) != NOTE_OK)
		return KP_ERROR;
	if (r == FILE_OK) {
		if (note_split(buffer_span(&before), &old_text, &lines) == NOTE_OK && span_equal(old_text, text)) {
			r = note_add_signatures(note, buffer_span(&before));
			if (r != NOTE_OK)
				return KP_ERROR;
		} else {
			cli_say(a->cli, "the register moved on since the first signature: both stewards sign anew");
		}
		buffer_fini(&before);
	}
	return sign_once(note, text, &a->note_key, a->key.secret) == NOTE_OK ? KP_OK : KP_ERROR;
}

/* Who signs must be one of the stewards in the register in force; another signature would stand there and count for nothing. */
static int steward_of_house(const struct admitting *a)
{
	const struct registry *r = a->f.registry;

	for (size_t i = 0; i < r->n_stewards; i++)
		if (text_equal(r->stewards[i].name, a->note_key.name) &&
		    memcmp(r->stewards[i].public_key, a->note_key.public_key, sizeof a->note_key.public_key) == 0)
			return KP_OK;
	return cli_trouble(a->cli, KP_USAGE, "admit", "this key is not one of a steward of this house, nothing was signed",
			   "the stewards stand in rules/register.note of the house");
}

static int sign_and_publish(struct admitting *a)
{
	struct fault_list faults;
	struct buffer text, note;
	struct note opened;
	int status;

	buffer_init(&text, 0);
	buffer_init(&note, 0);
	fault_list_init(&faults, "register");
	status = register_next(a->f.registry, &a->admission, &faults, &text) == REGISTER_OK ? add_signature(a, buffer_span(&text), &note) :
											      steward_faults(a->cli, "admit", &faults);
	if (status == KP_OK && (file_write(a->pending, buffer_span(&note), 0600) != FILE_OK ||
				note_open(buffer_span(&note), a->f.registry->stewards, a->f.registry->n_stewards, &opened) != NOTE_OK))
		status = cli_trouble(a->cli, KP_ERROR, "admit", "the signature could not be kept",
				     "is there room on the disk, and may you write in rules/ of the house?");
	if (status == KP_OK && opened.n_verified < a->f.registry->steward_quorum) {
		cli_say(a->cli, "signed; %llu of %llu stewards so far", (unsigned long long)opened.n_verified,
			(unsigned long long)a->f.registry->steward_quorum);
	} else if (status == KP_OK) {
		status = steward_publish(a->cli, a->control, buffer_span(&note));
		if (status == KP_OK) {
			unlink(a->pending);
			cli_say(a->cli, "%s is admitted as node %s", a->organisation, a->admission.node);
		}
	}
	if (status == KP_OK && a->cli->json)
		cli_json(json_pack("{s:s,s:s,s:s,s:b}", "organisation", a->organisation, "node", a->admission.node, "phrase", a->phrase,
				   "admitted", opened.n_verified >= a->f.registry->steward_quorum));
	buffer_fini(&text);
	buffer_fini(&note);
	return status;
}

int cmd_house_admit(struct cli *cli, int argc, const char **argv)
{
	struct admitting a = { .cli = cli };
	char *steward = NULL, *phrase = NULL;
	int yes = 0;
	struct poptOption options[] = {
		{ "steward", 0, POPT_ARG_STRING, &steward, 0, "who signs: name of a steward, or the path of its key file", "NAME" },
		{ "phrase", 0, POPT_ARG_STRING, &phrase, 0, "the phrase the partner read by phone", "PHRASE" },
		{ "yes", 0, POPT_ARG_NONE, &yes, 0, "the phrase was compared already", NULL },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	a.organisation = cli->args[0];
	snprintf(a.pending, sizeof a.pending, "%.300s/rules/pending-%.100s.note", house_folder(cli), a.organisation);
	a.control = control_open(cli);
	if (!a.control)
		return KP_UNREACHABLE;
	status = in_force_get(cli, a.control, &a.f);
	if (status == KP_OK)
		status = find_join(&a);
	if (status == KP_OK)
		status = confirm(&a, phrase, yes != 0);
	if (status == KP_OK)
		status = steward_key(cli, steward, &a.key, &a.note_key);
	if (status == KP_OK)
		status = steward_of_house(&a);
	if (status == KP_OK)
		status = sign_and_publish(&a);
	keyfile_fini(&a.key);
	in_force_fini(&a.f);
	control_close(a.control);
	return status;
}

int cmd_house_status(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	json_t *reply = NULL, *value;
	const char *key;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	status = control_ask(cli, IPC_CTL_STATUS, &reply);
	if (status != KP_OK)
		return status;
	if (cli->json) {
		cli_json(reply);
		return KP_OK;
	}
	json_object_foreach(reply, key, value) {
		char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		printf("%-22s %s\n", key, text ? text : json_string_value(value));
		free(text);
	}
	json_decref(reply);
	return KP_OK;
}
