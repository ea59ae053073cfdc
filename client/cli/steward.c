/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/steward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

int steward_faults(const struct cli *cli, const char *stage, const struct fault_list *faults)
{
	struct buffer text;

	buffer_init(&text, 0);
	fault_list_print(faults, &text);
	while (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	buffer_u8(&text, 0);
	cli_trouble(cli, KP_USAGE, stage, buffer_ok(&text) == 0 ? (const char *)text.ptr : "the text has faults",
		    "mend what is named; nothing changed");
	buffer_fini(&text);
	return KP_USAGE;
}

int steward_key(const struct cli *cli, const char *name, struct keyfile *key, struct note_key *note_key)
{
	char path[700], what[900];
	int r;

	if (!name)
		return cli_usage(cli, "--steward is missing: the name of a steward of this house, or the path of a steward's key file");
	if (strchr(name, '/'))
		snprintf(path, sizeof path, "%s", name);
	else
		snprintf(path, sizeof path, "%s/stewards/%s.key", house_folder(cli), name);
	r = keyfile_read(path, "steward", key);
	if (r != KEYFILE_OK) {
		snprintf(what, sizeof what, "%s: %s", path, r > 0 ? keyfile_error_text(r) : "cannot be read");
		return cli_trouble(cli, KP_ERROR, "steward-key", what,
				   "a steward signs with the key made at house init; give its file with --steward PATH");
	}
	if (note_key_init(note_key, key->name, NOTE_KEY_ED25519, key->public_key) != NOTE_OK) {
		keyfile_fini(key);
		return cli_trouble(cli, KP_ERROR, "steward-key", "the key in this file is not safe to use",
				   "have a new key made and signed into the register");
	}
	return KP_OK;
}

int in_force_get(const struct cli *cli, struct control *control, struct in_force *out)
{
	struct fault_list faults;
	struct span text, signatures;
	struct buffer reply;
	int status = control_call(control, IPC_CTL_RULES, 0, SPAN_NONE, &reply);

	*out = (struct in_force){ 0 };
	if (status != KP_OK)
		return status;
	out->arena = arena_new(16u << 20);
	fault_list_init(&faults, "register");
	if (!out->arena || rules_reply_decode(arena_copy(out->arena, buffer_span(&reply)), out->arena, &out->notes) != WIRE_OK ||
	    note_split(out->notes.reg, &text, &signatures) != NOTE_OK || registry_load(text, &faults, &out->registry) != REGISTER_OK) {
		in_force_fini(out);
		status = cli_trouble(cli, KP_ERROR, "register", "the register that the house sent cannot be read",
				     "are knooppunt and knooppuntd of one version?");
	}
	buffer_fini(&reply);
	return status;
}

void in_force_fini(struct in_force *f)
{
	f->registry = registry_free(f->registry);
	f->arena = arena_free(f->arena);
}

static bool keep(const struct cli *cli, const char *name, struct span note)
{
	char path[700];

	house_path(cli, name, path, sizeof path);
	return file_write(path, note, 0644) == FILE_OK;
}

static bool keep_convenant(const struct cli *cli, const struct kader *kader, struct span note)
{
	CLEANUP(convenant_freep) struct convenant *convenant = NULL;
	struct fault_list faults;
	struct span text, lines;
	char name[200];

	fault_list_init(&faults, "convenant");
	if (note_split(note, &text, &lines) != NOTE_OK || convenant_load(text, kader, &faults, &convenant) != CONVENANT_OK)
		return false;
	snprintf(name, sizeof name, "rules/convenant-%.100s.note", convenant_id(convenant));
	return keep(cli, name, note);
}

/* The rules folder is what a first start and every offline check read; it follows the house. */
static bool keep_rules(const struct cli *cli, const struct in_force *f)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	struct fault_list faults;
	struct span text, lines;
	bool kept;

	fault_list_init(&faults, "kader");
	kept = keep(cli, "rules/register.note", f->notes.reg) && keep(cli, "rules/kader.note", f->notes.kader) &&
	       note_split(f->notes.kader, &text, &lines) == NOTE_OK && kader_load(text, &faults, &kader) == KADER_OK;
	for (size_t i = 0; kept && i < f->notes.n_convenanten; i++)
		kept = keep_convenant(cli, kader, f->notes.convenanten[i]);
	return kept;
}

int steward_publish(const struct cli *cli, struct control *control, struct span note)
{
	struct in_force now;
	struct buffer reply;
	int status = control_call(control, IPC_CTL_PUBLISH, 0, note, &reply);

	if (status != KP_OK)
		return status;
	buffer_fini(&reply);
	if (in_force_get(cli, control, &now) == KP_OK) {
		if (!keep_rules(cli, &now))
			cli_say(cli, "note: the copies in %s/rules could not be written; the house itself has the new rules", house_folder(cli));
		in_force_fini(&now);
	}
	return KP_OK;
}

int sign_once(struct buffer *note, struct span text, const struct note_key *key, const struct secret *secret_key)
{
	struct note opened;
	int r = note_open(buffer_span(note), key, 1, &opened);

	return r == NOTE_OK ? NOTE_OK : note_sign(note, text, key, secret_key);
}
