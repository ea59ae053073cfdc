/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant diff: what another version would allow and forbid, in sentences. Both are checked against one kader, so that the two
 * are measured by the same ceiling; signatures are not looked at.
 */
#include <stdio.h>

#include "client/cli/document.h"
#include "convenant/diff.h"

static json_t *change_json(const struct diff_change *c, const char *language)
{
	struct buffer text;
	json_t *one;

	buffer_init(&text, 0);
	diff_sentence(c, 1, language, &text);
	one = json_pack("{s:s,s:s,s:s,s:s,s:s%}", "what", diff_what_name(c->what), "where", c->where, "subject", c->subject, "detail",
			c->detail, "text", buffer_ok(&text) == 0 ? (const char *)text.ptr : "", buffer_ok(&text) == 0 ? text.len : (size_t)0);
	buffer_fini(&text);
	return one;
}

static json_t *version_json(const struct convenant *c)
{
	return json_pack("{s:s,s:I}", "convenant", convenant_id(c), "sequence", (json_int_t)convenant_sequence(c));
}

static void tell_json(const struct convenant *a, const struct convenant *b, const struct diff *d, const char *language)
{
	json_t *lists[DIFF_EFFECT_N];

	for (size_t i = 0; i < DIFF_EFFECT_N; i++)
		lists[i] = json_array();
	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(lists[d->v[i].effect], change_json(&d->v[i], language));
	cli_json(json_pack("{s:o,s:o,s:o,s:o,s:o}", "old", version_json(a), "new", version_json(b), "allowed", lists[DIFF_ALLOWED],
			   "forbidden", lists[DIFF_FORBIDDEN], "other", lists[DIFF_OTHER]));
}

static int tell(const struct cli *cli, const struct convenant *a, const struct convenant *b)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	const char *language = cli->lang ? cli->lang : "nl";
	struct diff d;

	if (convenant_diff(a, b, &d) != 0)
		return cli_trouble(cli, KP_ERROR, "diff", "out of memory", "");
	if (cli->json)
		tell_json(a, b, &d, language);
	else if (diff_print(a, b, &d, language, &text) == 0)
		fwrite(text.ptr, 1, text.len, stdout);
	diff_fini(&d);
	return KP_OK;
}

int cmd_convenant_diff(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	CLEANUP(convenant_freep) struct convenant *a = NULL;
	CLEANUP(convenant_freep) struct convenant *b = NULL;
	char *kader_path = NULL;
	struct poptOption options[] = {
		{ "kader", 0, POPT_ARG_STRING, &kader_path, 0, "kader to check against (default: the house's, else the one installed)", "FILE" },
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 2, 2);

	if (status != CLI_GO)
		return status;
	status = document_kader(cli, kader_path, &kader);
	if (status == KP_OK)
		status = document_convenant(cli, cli->args[0], kader, &a);
	if (status == KP_OK)
		status = document_convenant(cli, cli->args[1], kader, &b);
	return status == KP_OK ? tell(cli, a, b) : status;
}
