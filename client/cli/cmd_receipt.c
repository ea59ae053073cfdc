/* SPDX-License-Identifier: EUPL-1.2 */
/* receipt verify: offline, with nothing but the receipt and the house's public key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/cli.h"

/* NULL: it was said why. @optional: none is fine, the policy knows the log. */
static char *key_text(const struct cli *cli, const char *key, bool optional)
{
	char *text, path[600];

	if (key && strchr(key, '+') && strchr(key, '+') != strrchr(key, '+'))
		return strdup(key);
	if (!key) {
		const char *house = cli->house ? cli->house : getenv("KNOOPPUNT_HOUSE");

		if (!house && optional)
			return strdup("");
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

static json_t *texts(const char *const *v)
{
	json_t *list = json_array();

	for (; *v; v++)
		json_array_append_new(list, json_string(*v));
	return list;
}

static void show(const struct cli *cli, const struct kp_receipt_view *v)
{
	char when[CLI_TIME_SIZE];

	if (cli->json) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:o,s:o,s:I}", "origin", v->origin, "rung", v->rung, "code", v->code,
				   "message_id", v->message_id, "index", (json_int_t)v->index, "size", (json_int_t)v->size, "unix_ms",
				   (json_int_t)v->unix_ms, "rules", texts(v->rules), "witnesses", texts(v->witnesses), "witnessed_unix_s",
				   (json_int_t)v->witnessed_unix_s));
		return;
	}
	cli_time(v->unix_ms, when);
	cli_say(cli, "the receipt holds: %s\nmessage  %s\nhouse    %s\nentry    %llu of a log of %llu, at %s", v->rung, v->message_id, v->origin,
		(unsigned long long)v->index, (unsigned long long)v->size, when);
	for (size_t i = 0; v->rules[i]; i++)
		cli_say(cli, "refused  %s", v->rules[i]);
	for (size_t i = 0; v->witnesses[i]; i++)
		cli_say(cli, "witness  %s", v->witnesses[i]);
}

int cmd_receipt_verify(struct cli *cli, int argc, const char **argv)
{
	struct kp_receipt_view *v = NULL;
	struct kp_error err = { 0 };
	char *key = NULL, *policy = NULL, *vkey, *text, *rules = NULL;
	struct poptOption options[] = {
		{ "key", 0, POPT_ARG_STRING, &key, 0, "the house's public key, as text or as a file", "VKEY" },
		{ "policy", 0, POPT_ARG_STRING, &policy, 0, "a tlog-policy: which witnesses must have cosigned it", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	enum kp_result r;
	size_t len = 0;

	if (status != CLI_GO)
		return status;
	vkey = key_text(cli, key, policy != NULL);
	if (!vkey)
		return KP_USAGE;
	text = cli_file(cli, cli->args[0], 256 * 1024, &len);
	if (text && policy)
		rules = cli_file(cli, policy, 256 * 1024, NULL);
	if (!text || (policy && !rules)) {
		free(vkey);
		free(text);
		return KP_ERROR;
	}
	r = policy ? kp_receipt_check_policy(text, len, *vkey ? vkey : NULL, rules, &v, &err) : kp_receipt_check(text, len, vkey, &v, &err);
	free(rules);
	free(text);
	free(vkey);
	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	show(cli, v);
	kp_receipt_view_free(v);
	return KP_OK;
}
