/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * house init: everything a house is, on disk, from one command. See docs/operating.md for what each file is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slots.h"
#include "base/text.h"
#include "base/zcert.h"
#include "client/cli/steward.h"
#include "convenant/trust.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)
#define STEWARDS_MAX 16

struct making {
	const struct cli *cli;
	const char *folder; /* where the house will be */
	char work[600];     /* where it is made, beside it; renamed when whole */
	const char *name, *origin, *listen;
	struct cli_list stewards;
	uint64_t now;
	struct keyfile steward_keys[STEWARDS_MAX], log_key;
	struct note_key note_keys[STEWARDS_MAX];
	struct zcert transport;
};

static int cannot(const struct making *m, const char *what)
{
	char text[600];

	snprintf(text, sizeof text, "cannot write %s in %s", what, m->folder);
	return cli_trouble(m->cli, KP_ERROR, "house-init", text, "is the folder writable, and is there room on the disk?");
}

static int put(const struct making *m, const char *name, struct span bytes, mode_t mode)
{
	char path[700];

	snprintf(path, sizeof path, "%s/%s", m->work, name);
	return file_write(path, bytes, mode) == FILE_OK ? KP_OK : cannot(m, name);
}

static int make_key(const struct making *m, const char *file, const char *use, const char *name, struct keyfile *out)
{
	char path[700];

	snprintf(path, sizeof path, "%s/%s", m->work, file);
	if (keyfile_generate(use, name, m->now, out) != KEYFILE_OK)
		return cli_trouble(m->cli, KP_USAGE, "house-init", "a name holds a character that key names cannot have",
				   "use lower-case letters, digits, dots and hyphens");
	return keyfile_write(path, out) == KEYFILE_OK ? KP_OK : cannot(m, file);
}

static int make_keys(struct making *m)
{
	struct keyfile store = { 0 };
	char path[700], file[200], name[200];
	int status;

	status = make_key(m, "keys/log.key", "log", m->origin, &m->log_key);
	if (status == KP_OK)
		status = make_key(m, "keys/store.key", "store", m->origin, &store);
	keyfile_fini(&store);
	if (status != KP_OK)
		return status;
	snprintf(path, sizeof path, "%s/keys/store.slots", m->work);
	if (slots_create(path) != SLOTS_OK)
		return cannot(m, "keys/store.slots");
	snprintf(path, sizeof path, "%s/keys/transport.cert", m->work);
	if (zcert_generate(m->origin, &m->transport) != KEYFILE_OK || zcert_write(path, &m->transport) != KEYFILE_OK)
		return cannot(m, "keys/transport.cert");
	for (size_t i = 0; i < m->stewards.n; i++) {
		snprintf(file, sizeof file, "stewards/%.100s.key", m->stewards.v[i]);
		snprintf(name, sizeof name, "%.60s/%.60s", m->origin, m->stewards.v[i]);
		status = make_key(m, file, "steward", name, &m->steward_keys[i]);
		if (status != KP_OK)
			return status;
		if (note_key_init(&m->note_keys[i], name, NOTE_KEY_ED25519, m->steward_keys[i].public_key) != NOTE_OK)
			return cannot(m, file);
	}
	return KP_OK;
}

static int sign_by_all(const struct making *m, struct span text, const char *file)
{
	struct buffer note;
	int status = KP_OK;

	buffer_init(&note, 0);
	if (note_begin(&note, text) != NOTE_OK)
		status = cli_trouble(m->cli, KP_ERROR, "house-init", "the text is not fit to be signed: it must be UTF-8 and end in a newline", file);
	for (size_t i = 0; status == KP_OK && i < m->stewards.n; i++)
		if (note_sign(&note, text, &m->note_keys[i], m->steward_keys[i].secret) != NOTE_OK)
			status = cannot(m, file);
	if (status == KP_OK)
		status = put(m, file, buffer_span(&note), 0644);
	buffer_fini(&note);
	return status;
}

static int make_register(const struct making *m, const char *template_path)
{
	struct fault_list faults;
	CLEANUP(registry_freep) struct registry *template = NULL;
	struct registry r;
	struct buffer text;
	size_t len;
	char *yaml = cli_file(m->cli, template_path, 1 << 20, &len);
	int status;

	if (!yaml)
		return KP_ERROR;
	fault_list_init(&faults, template_path);
	if (register_template_load(span_of(yaml, len), &faults, &template) != REGISTER_OK) {
		free(yaml);
		return steward_faults(m->cli, "register", &faults);
	}
	r = *template;
	if (m->name)
		r.name = m->name;
	r.sequence = 1;
	r.from_unix_ms = m->now - m->now % DAY_MS;
	r.until_unix_ms = r.from_unix_ms + 3650 * DAY_MS;
	r.steward_quorum = 2;
	r.stewards = m->note_keys;
	r.n_stewards = m->stewards.n;
	memcpy(r.transport_key, m->transport.public_key, 32);
	if (note_key_init(&r.log_key, m->origin, NOTE_KEY_ED25519, m->log_key.public_key) != NOTE_OK)
		return cli_usage(m->cli, "--origin \"%s\" cannot be the name of a log", m->origin);
	buffer_init(&text, 0);
	status = register_print(&r, &text) == REGISTER_OK ? sign_by_all(m, buffer_span(&text), "rules/register.note") :
							     cannot(m, "rules/register.note");
	buffer_fini(&text);
	free(yaml);
	return status;
}

static int make_kader(const struct making *m, const char *path)
{
	struct fault_list faults;
	CLEANUP(kader_freep) struct kader *kader = NULL;
	size_t len;
	char *yaml = cli_file(m->cli, path, 1 << 20, &len);
	int status;

	if (!yaml)
		return KP_ERROR;
	fault_list_init(&faults, path);
	status = kader_load(span_of(yaml, len), &faults, &kader) == KADER_OK ? sign_by_all(m, span_of(yaml, len), "rules/kader.note") :
									     steward_faults(m->cli, "kader", &faults);
	free(yaml);
	return status;
}

static int make_texts(const struct making *m)
{
	struct buffer b;
	struct note_key log_key;
	char vkey[NOTE_VKEY_SIZE];
	int status;

	buffer_init(&b, 0);
	trust_print(&(struct rules_trust){ .stewards = m->note_keys, .n = m->stewards.n, .quorum = 2 }, &b);
	status = put(m, "trust", buffer_span(&b), 0644);
	buffer_reset(&b);
	if (status == KP_OK && note_key_init(&log_key, m->origin, NOTE_KEY_ED25519, m->log_key.public_key) == NOTE_OK) {
		note_key_print(&log_key, vkey);
		buffer_printf(&b, "%s\n", vkey);
		status = put(m, "log.vkey", buffer_span(&b), 0644);
	}
	buffer_reset(&b);
	buffer_printf(&b,
		      "# Configuration of this house. Every setting, its default and its meaning: knooppuntd --dump-config\n"
		      "listen: \"%s\"\ndata_dir: data\nkeeper_dir: keeper\ncontrol_socket: control.sock\n"
		      "transport_cert: keys/transport.cert\nlog_key: keys/log.key\nstore_key: keys/store.key\nkey_store: keys/store.slots\n"
		      "rules_dir: rules\ntrust: trust\n",
		      m->listen);
	if (status == KP_OK)
		status = put(m, "knooppunt.yaml", buffer_span(&b), 0644);
	buffer_fini(&b);
	return status;
}

static int make_folders(const struct making *m)
{
	static const char *const folders[] = { "", "/keys", "/stewards", "/rules", "/data", "/keeper" };
	char path[700];

	if (access(m->folder, F_OK) == 0 && rmdir(m->folder) != 0)
		return cli_trouble(m->cli, KP_ERROR, "house-init", "the folder is there already and is not empty",
				   "choose another folder with --house");
	for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
		snprintf(path, sizeof path, "%s%s", m->work, folders[i]);
		if (file_make_folders(path, 0700) != FILE_OK)
			return cannot(m, "the folders");
	}
	return KP_OK;
}

/* The house appears whole or not at all. */
static int finish(const struct making *m, int status)
{
	if (status == KP_OK && rename(m->work, m->folder) != 0)
		status = cannot(m, "the folder itself");
	if (status != KP_OK && file_remove_tree(m->work) != FILE_OK)
		cli_say(m->cli, "note: %s could not be removed", m->work);
	return status;
}

static void say_made(const struct making *m)
{
	if (m->cli->json) {
		cli_json(json_pack("{s:s,s:s,s:s}", "house", m->folder, "origin", m->origin, "listen", m->listen));
		return;
	}
	cli_say(m->cli, "made a house in %s", m->folder);
	cli_say(m->cli, "  stewards   %s/stewards: hand each key to its steward and remove it here; two of them admit partners", m->folder);
	cli_say(m->cli, "  log key    %s/log.vkey is public: receipts and the log are verified with it", m->folder);
	cli_say(m->cli, "start it:    knooppuntd --config %s/knooppunt.yaml", m->folder);
}

int cmd_house_init(struct cli *cli, int argc, const char **argv)
{
	struct making m = { .cli = cli };
	char *name = NULL, *origin = NULL, *listen = NULL, *example = NULL, *reg = NULL, *kader = NULL, **steward = NULL;
	char template_path[700], share[500];
	struct poptOption options[] = {
		{ "name", 0, POPT_ARG_STRING, &name, 0, "name of the house, for people", "NAME" },
		{ "origin", 0, POPT_ARG_STRING, &origin, 0, "name of its log, never to change, e.g. zvh-drenthe.example/log-1", "NAME" },
		{ "listen", 0, POPT_ARG_STRING, &listen, 0, "where nodes connect (default tcp://127.0.0.1:5570)", "ENDPOINT" },
		{ "steward", 0, POPT_ARG_ARGV, &steward, 0, "name of a steward; at least two (default beheerder-1, beheerder-2)", "NAME" },
		{ "example", 0, POPT_ARG_STRING, &example, 0, "start from an example house: drenthe", "NAME" },
		{ "register", 0, POPT_ARG_STRING, &reg, 0, "start from your own register template", "FILE" },
		{ "kader", 0, POPT_ARG_STRING, &kader, 0, "the statutory kader (default: the one installed)", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	if (!reg && !example)
		return cli_usage(cli, "--example NAME or --register FILE is missing: which organisations belong to this house?");
	if (cli_list_of(steward, &m.stewards) != 0)
		return KP_ERROR;
	if (m.stewards.n == 0 && (cli_list_add(&m.stewards, "beheerder-1") != 0 || cli_list_add(&m.stewards, "beheerder-2") != 0))
		return KP_ERROR;
	if (m.stewards.n < 2 || m.stewards.n > STEWARDS_MAX)
		return cli_usage(cli, "a house has 2 to %d stewards: no one widens access alone", STEWARDS_MAX);
	cli_share(share, sizeof share);
	snprintf(template_path, sizeof template_path, "%s/examples/%s/register.yaml", share, example ? example : "");
	m.folder = house_folder(cli);
	snprintf(m.work, sizeof m.work, "%.500s.making-%d", m.folder, (int)getpid());
	m.name = name;
	m.origin = origin ? origin : "zvh.example/log-1";
	m.listen = listen ? listen : "tcp://127.0.0.1:5570";
	m.now = env_unix_ms(env_system());
	status = make_folders(&m);
	if (status == KP_OK)
		status = make_keys(&m);
	if (status == KP_OK)
		status = make_register(&m, reg ? reg : template_path);
	snprintf(template_path, sizeof template_path, "%s/kader/nl.yaml", share);
	if (status == KP_OK)
		status = make_kader(&m, kader ? kader : template_path);
	if (status == KP_OK)
		status = make_texts(&m);
	status = finish(&m, status);
	if (status == KP_OK)
		say_made(&m);
	for (size_t i = 0; i < STEWARDS_MAX; i++)
		keyfile_fini(&m.steward_keys[i]);
	keyfile_fini(&m.log_key);
	zcert_fini(&m.transport);
	cli_list_fini(&m.stewards);
	return status;
}
