/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant diff: what another version would allow and forbid, in sentences. Both are checked against one kader, so that the two
 * are measured by the same ceiling; signatures are not looked at. --replay also takes the logged decisions again with NEW in the
 * place of the version they were taken with, and lists those that would come out otherwise.
 */
#include <stdio.h>

#include "client/cli/document.h"
#include "client/cli/flips.h"
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

static json_t *diff_json(const struct convenant *a, const struct convenant *b, const struct diff *d, const char *language)
{
	json_t *lists[DIFF_EFFECT_N];

	for (size_t i = 0; i < DIFF_EFFECT_N; i++)
		lists[i] = json_array();
	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(lists[d->v[i].effect], change_json(&d->v[i], language));
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "old", version_json(a), "new", version_json(b), "allowed", lists[DIFF_ALLOWED],
			 "forbidden", lists[DIFF_FORBIDDEN], "other", lists[DIFF_OTHER]);
}

/* flips: NULL when no decisions were taken again. */
static int tell(const struct cli *cli, const struct convenant *a, const struct convenant *b, const struct flips *flips)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	const char *language = cli->lang ? cli->lang : "nl";
	struct diff d;

	if (convenant_diff(a, b, &d) != 0)
		return cli_trouble(cli, KP_ERROR, "diff", "out of memory", "");
	if (cli->json) {
		json_t *j = diff_json(a, b, &d, language);

		if (flips)
			json_object_set_new(j, "replay", flips_json(flips));
		cli_json(j);
	} else if (diff_print(a, b, &d, language, &text) == 0) {
		fwrite(text.ptr, 1, text.len, stdout);
		fflush(stdout);
	}
	if (flips && !cli->json)
		flips_say(flips);
	diff_fini(&d);
	return KP_OK;
}

static int tell_with_flips(const struct cli *cli, const struct convenant *a, const struct convenant *b, const struct records_query *query)
{
	struct flips f = { .cli = cli, .only_outcome = true };
	struct document d;
	int status = document_read(cli, cli->args[1], &d);

	if (status != KP_OK)
		return status;
	status = flips_find(&f, query, d.text);
	if (status == KP_OK)
		status = tell(cli, a, b, &f);
	flips_fini(&f);
	document_fini(&d);
	return status;
}

int cmd_convenant_diff(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(kader_freep) struct kader *kader = NULL;
	CLEANUP(convenant_freep) struct convenant *a = NULL;
	CLEANUP(convenant_freep) struct convenant *b = NULL;
	struct records_query query = { 0 };
	char *kader_path = NULL, *since = NULL;
	struct poptOption options[] = {
		{ "kader", 0, POPT_ARG_STRING, &kader_path, 0, "kader to check against (default: the house's, else the one installed)", "FILE" },
		{ "replay", 0, POPT_ARG_STRING, &since, 0,
		  "also list the logged decisions since then that would come out otherwise with NEW", "DATE" },
		RECORDS_OPTIONS(&query),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 2, 2);

	if (status != CLI_GO)
		return status;
	if (since && (status = records_begin(cli, &query)) != CLI_GO)
		return status;
	if (since && !cli_date(since, &query.q.from_unix_ms))
		return cli_usage(cli, "--replay is a date as 2026-11-22 or a time as 2026-11-22T12:00:00.000Z");
	status = document_kader(cli, kader_path, &kader);
	if (status == KP_OK)
		status = document_convenant(cli, cli->args[0], kader, &a);
	if (status == KP_OK)
		status = document_convenant(cli, cli->args[1], kader, &b);
	if (status != KP_OK)
		return status;
	return since ? tell_with_flips(cli, a, b, &query) : tell(cli, a, b, NULL);
}
