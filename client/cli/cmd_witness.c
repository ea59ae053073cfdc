/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit witness: what a node witnessed of the log, who the witnesses of a house are, a policy to verify with, and what to make of
 * evidence of a fork. With --home it is about a node, with --house about a running house, with --evidence about neither.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "client/cli/control.h"
#include "client/cli/policy_file.h"
#include "client/lib/witness.h"

#define ARENA_BYTES (4u << 20)

struct asked {
	char *evidence, *key, *save;
	int policy, clear;
};

/* ---- evidence ---- */

static int evidence_show(struct cli *cli, const struct asked *a)
{
	static const char *const words[] = {
		[HISTORY_ONE] = "one history: the larger head extends the smaller one",
		[HISTORY_FORK] = "a fork: this log's key signed two histories; what is here proves it to anyone",
		[HISTORY_UNPROVEN] = "not connected: the house did not show that the larger head extends the smaller one, as it could",
	};
	static const char *const names[] = { [HISTORY_ONE] = "one-history", [HISTORY_FORK] = "fork", [HISTORY_UNPROVEN] = "unproven" };
	struct kp_error err = { 0 };
	struct note_key key;
	struct evidence e;
	enum kp_result r;
	int status = a->key ? cli_log_key(cli, a->key, &key) : KP_OK;

	if (status != KP_OK)
		return status;
	r = evidence_read(a->evidence, a->key ? &key : NULL, &e, &err);
	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	if (cli->json)
		cli_json(json_pack("{s:s,s:s,s:I,s:I,s:b}", "verdict", names[e.verdict], "origin", e.before.origin, "before",
				   (json_int_t)e.before.size, "after", (json_int_t)e.after.size, "key_from_evidence", a->key == NULL));
	else
		cli_say(cli, "%s\nheads of %llu and %llu entries, both signed by the key of %s%s", words[e.verdict],
			(unsigned long long)e.before.size, (unsigned long long)e.after.size, e.before.origin,
			a->key ? "" : "\nthe public key came from the evidence itself: compare it with the house's own, or give --key");
	return e.verdict == HISTORY_FORK ? KP_OK : e.verdict == HISTORY_ONE ? KP_UNVERIFIED : KP_NONE;
}

/* ---- a node ---- */

static int node_clear(const struct cli *cli, kp_node *node)
{
	struct kp_error err = { 0 };
	enum kp_result r = witness_clear(node, &err);

	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	if (cli->json)
		cli_json(json_pack("{s:b}", "cleared", 1));
	else
		cli_say(cli, "this node goes on; it stops again when its house still contradicts what it witnessed");
	return KP_OK;
}

static int policy_say(const struct cli *cli, const struct note_key *log, const struct policy_member *v, size_t n)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	if (policy_print(log, v, n, &text) != 0)
		return cli_trouble(cli, KP_ERROR, "witness", "the policy could not be written", "");
	if (cli->json)
		cli_json(json_pack("{s:s%,s:I}", "policy", (const char *)text.ptr, text.len, "witnesses", (json_int_t)n));
	else
		fwrite(text.ptr, 1, text.len, stdout);
	return KP_OK;
}

static int node_policy(const struct cli *cli, kp_node *node)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	struct policy_member *v = arena ? arena_array(arena, POLICY_WITNESSES_MAX, sizeof *v) : NULL;
	struct kp_error err = { 0 };
	size_t n = 0;
	enum kp_result r;

	if (!v)
		return cli_trouble(cli, KP_ERROR, "witness", "out of memory", "");
	r = witness_cards(node, cli_timeout_ms(cli), arena, v, POLICY_WITNESSES_MAX, &n, &err);
	return r == KP_OK ? policy_say(cli, &node->home.log_key, v, n) : cli_fail(cli, r, &err);
}

static int node_show(const struct cli *cli, kp_node *node)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	char vkey[NOTE_VKEY_SIZE] = "", when[CLI_TIME_SIZE] = "never";
	struct kp_error err = { 0 }, stop = { 0 };
	enum kp_result r = witness_ready(node, &err), state = witness_stopped(node, &stop);
	struct witnessed w;

	if (r != KP_OK && r != KP_NONE)
		return cli_fail(cli, r, &err);
	if (!arena || witness_recall(node, arena, &w) != 0)
		return cli_trouble(cli, KP_ERROR, "witness", "what this node witnessed can't be read", "restore state/ from a backup");
	if (r == KP_OK)
		note_key_print(&node->witness.public_key, vkey);
	if (w.cosigned_unix_s)
		cli_time(w.cosigned_unix_s * 1000, when);
	if (cli->json)
		cli_json(json_pack("{s:s,s:s,s:s,s:I,s:I,s:s%,s:b,s:s}", "node", node->home.node, "origin", node->home.origin, "vkey", vkey,
				   "size", (json_int_t)w.head.size, "cosigned_unix_s", (json_int_t)w.cosigned_unix_s, "checkpoint",
				   w.note.len ? (const char *)w.note.ptr : "", w.note.len, "stopped", state == KP_UNVERIFIED, "why",
				   stop.text));
	else
		cli_say(cli, "node       %s\nlog        %s\nkey        %s\nwitnessed  %llu entries\ncosigned   %s%s%s", node->home.node,
			node->home.origin, vkey, (unsigned long long)w.head.size, when, state == KP_UNVERIFIED ? "\nstopped    " : "",
			stop.text);
	return state == KP_OK ? KP_OK : (int)state;
}

static int about_node(const struct cli *cli, const struct asked *a)
{
	int status = KP_OK;
	kp_node *node = cli_node(cli, &status);

	if (!node)
		return status;
	status = a->clear ? node_clear(cli, node) : a->policy ? node_policy(cli, node) : node_show(cli, node);
	kp_close(node);
	return status;
}

/* ---- a house ---- */

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

static int house_policy(const struct cli *cli, const json_t *witnesses)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	struct policy_member *v = arena ? arena_array(arena, POLICY_WITNESSES_MAX, sizeof *v) : NULL;
	struct note_key log;
	char path[700];
	size_t i, n = 0;
	json_t *one;
	int status;

	house_path(cli, "log.vkey", path, sizeof path);
	status = v ? cli_log_key(cli, path, &log) : KP_ERROR;
	if (status != KP_OK)
		return status;
	json_array_foreach(witnesses, i, one) {
		if (n == POLICY_WITNESSES_MAX || note_key_parse(&v[n].key, span_of_text(text_of(one, "vkey"))) != NOTE_OK)
			continue;
		v[n].name = text_of(one, "node");
		v[n++].organisation = text_of(one, "organisation");
	}
	return policy_say(cli, &log, v, n);
}

static void table_show(const json_t *witnesses)
{
	struct cli_table table;
	size_t i;
	json_t *one;

	cli_table_init(&table, 4, (const char *const[]){ "NODE", "ORGANISATION", "ENTRIES", "COSIGNED" });
	json_array_foreach(witnesses, i, one) {
		uint64_t at = (uint64_t)json_integer_value(json_object_get(one, "cosigned_unix_s"));
		char size[24], when[CLI_TIME_SIZE] = "not since the start";

		snprintf(size, sizeof size, "%lld", (long long)json_integer_value(json_object_get(one, "size")));
		if (at)
			cli_time(at * 1000, when);
		cli_table_row(&table, (const char *const[]){ text_of(one, "node"), text_of(one, "organisation"), size, when });
	}
	cli_table_print(&table);
	cli_table_fini(&table);
}

/* What halted the house, as a folder that audit witness --evidence reads. */
static int house_save(const struct cli *cli, const json_t *fork, const char *folder)
{
	static const struct {
		const char *file, *key;
	} files[] = { { "before.checkpoint", "shown" }, { "after.checkpoint", "ours" }, { "proof", "proof" }, { "log.vkey", "vkey" } };
	char path[700];
	int r = file_make_folders(folder, 0700);

	if (!json_is_object(fork))
		return cli_trouble(cli, KP_NONE, "witness", "no witness has contradicted this house", "");
	for (size_t i = 0; !r && i < N_ELEMENTS(files); i++) {
		snprintf(path, sizeof path, "%.600s/%s", folder, files[i].file);
		r = file_write(path, span_of_text(text_of(fork, files[i].key)), 0600);
	}
	if (r)
		return cli_trouble(cli, KP_ERROR, "witness", "the evidence could not be written", "give a folder that can be written");
	cli_say(cli, "the two heads and the proof are in %s", folder);
	return KP_OK;
}

static int about_house(const struct cli *cli, const struct asked *a)
{
	json_t *status_json = NULL, *fork, *list;
	int status = control_ask(cli, IPC_CTL_STATUS, &status_json);

	if (status != KP_OK)
		return status;
	fork = json_object_get(status_json, "fork");
	list = json_object_get(status_json, "witnesses");
	if (a->save) {
		status = house_save(cli, fork, a->save);
	} else if (a->policy) {
		status = house_policy(cli, list);
	} else {
		if (cli->json)
			cli_json(json_pack("{s:O,s:O,s:O,s:O}", "witnesses", list, "published_size",
					   json_object_get(status_json, "published_size"), "cosigned_size",
					   json_object_get(status_json, "cosigned_size"), "fork", fork));
		else
			table_show(list);
		if (json_is_object(fork) && !cli->json)
			cli_say(cli, "HALTED: node %s showed a head that this log signed and does not hold; see it with --save DIR",
				text_of(fork, "node"));
		status = json_is_object(fork) ? KP_UNVERIFIED : KP_OK;
	}
	json_decref(status_json);
	return status;
}

int cmd_audit_witness(struct cli *cli, int argc, const char **argv)
{
	struct asked a = { 0 };
	struct poptOption options[] = {
		{ "policy", 0, POPT_ARG_NONE, &a.policy, 0, "print a tlog-policy of the witnesses that are known, to verify with", NULL },
		{ "clear", 0, POPT_ARG_NONE, &a.clear, 0, "a person's word that the fork was dealt with: this node goes on", NULL },
		{ "evidence", 0, POPT_ARG_STRING, &a.evidence, 0, "judge evidence of a fork: a folder evidence/fork-...", "DIR" },
		{ "key", 0, POPT_ARG_STRING, &a.key, 0, "the house's public key, as text or as a file (default: that in the evidence)", "VKEY" },
		{ "save", 0, POPT_ARG_STRING, &a.save, 0, "of a house that was halted: write the evidence to a folder", "DIR" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	if (a.evidence)
		return evidence_show(cli, &a);
	if (cli->house || a.save || (!cli->home && !getenv("KNOOPPUNT_HOME") && getenv("KNOOPPUNT_HOUSE")))
		return about_house(cli, &a);
	return about_node(cli, &a);
}
