/* SPDX-License-Identifier: EUPL-1.2 */
/* receipt verify: offline, with nothing but the receipt and the house's public key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"

static char *key_text(const struct cli *cli, const char *key)
{
	char *text, path[600];

	if (key && strchr(key, '+') && strchr(key, '+') != strrchr(key, '+'))
		return strdup(key);
	if (!key) {
		const char *house = cli->house ? cli->house : getenv("KNOOPPUNT_HOUSE");

		if (!house) {
			cli_usage(cli, "--key is missing: the house's public key (log.vkey), as text or as a file");
			return NULL;
		}
		snprintf(path, sizeof path, "%s/log.vkey", house);
		key = path;
	}
	text = cli_file(cli, key, 1024, NULL);
	if (text)
		text[strcspn(text, "\r\n")] = 0;
	return text;
}

int cmd_receipt_verify(struct cli *cli, int argc, const char **argv)
{
	struct kp_receipt_view *v = NULL;
	struct kp_error err = { 0 };
	char *key = NULL, *vkey, *text, when[CLI_TIME_SIZE];
	struct poptOption options[] = {
		{ "key", 0, POPT_ARG_STRING, &key, 0, "the house's public key, as text or as a file", "VKEY" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	enum kp_result r;
	size_t len = 0;

	if (status != CLI_GO)
		return status;
	vkey = key_text(cli, key);
	if (!vkey)
		return KP_USAGE;
	text = cli_file(cli, cli->args[0], 256 * 1024, &len);
	if (!text) {
		free(vkey);
		return KP_ERROR;
	}
	r = kp_receipt_check(text, len, vkey, &v, &err);
	free(text);
	free(vkey);
	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	if (cli->json) {
		json_t *rules = json_array();

		for (size_t i = 0; v->rules[i]; i++)
			json_array_append_new(rules, json_string(v->rules[i]));
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:o}", "origin", v->origin, "rung", v->rung, "code", v->code, "message_id",
				   v->message_id, "index", (json_int_t)v->index, "size", (json_int_t)v->size, "unix_ms",
				   (json_int_t)v->unix_ms, "rules", rules));
	} else {
		cli_time(v->unix_ms, when);
		cli_say(cli, "the receipt holds: %s\nmessage  %s\nhouse    %s\nentry    %llu of a log of %llu, at %s", v->rung, v->message_id,
			v->origin, (unsigned long long)v->index, (unsigned long long)v->size, when);
		for (size_t i = 0; v->rules[i]; i++)
			cli_say(cli, "refused  %s", v->rules[i]);
	}
	kp_receipt_view_free(v);
	return KP_OK;
}
