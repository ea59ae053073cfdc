/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/flips.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *language(const struct flips *f)
{
	return f->cli->lang ? f->cli->lang : "nl";
}

/* The sentence of the rule that made the difference; malloc'ed, "" when there is none. */
static char *sentence(const struct flips *f, const struct replayed *r)
{
	struct buffer text;
	char *out;

	buffer_init(&text, 0);
	if (*r->why)
		buffer_text(&text, r->why);
	else if (r->differs)
		explain_failed(r->differs->rule, r->differs->subject, language(f), &text);
	out = buffer_ok(&text) ? NULL : strndup((const char *)text.ptr, text.len);
	buffer_fini(&text);
	return out;
}

static bool is_flip(const struct flips *f, const struct replayed *r)
{
	if (r->verdict == REPLAY_BROKEN)
		return true;
	return r->verdict == REPLAY_DIFFERS && (!f->only_outcome || r->before != r->after);
}

static void add(struct flips *f, const struct replayed *r)
{
	char index[24], when[CLI_TIME_SIZE];
	char *text = sentence(f, r);
	const char *rule = r->differs ? r->differs->rule : "", *after = r->verdict == REPLAY_BROKEN ? "?" : code_name(r->after);

	f->n_flipped++;
	json_array_append_new(f->list, json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "index", (json_int_t)r->index, "unix_ms",
						 (json_int_t)r->unix_ms, "kind", r->kind, "sender", r->sender, "verdict",
						 replay_verdict_name(r->verdict), "before", code_name(r->before), "after", after, "rule",
						 rule, "text", text ? text : ""));
	snprintf(index, sizeof index, "%" PRIu64, r->index);
	cli_time(r->unix_ms, when);
	cli_table_row(&f->table, (const char *const[]){ index, when, r->kind, r->sender, code_name(r->before), after,
							 r->verdict == REPLAY_BROKEN ? text : rule });
	free(text);
}

static bool take(void *ctx, const struct replayed *r)
{
	struct flips *f = ctx;
	struct buffer text;

	if (is_flip(f, r))
		add(f, r);
	if (!f->explain || !r->decision || f->one)
		return true;
	buffer_init(&text, 0);
	if (explain_print(r->in, r->decision, language(f), &text) == 0)
		f->one = strndup((const char *)text.ptr, text.len);
	buffer_fini(&text);
	return true;
}

int flips_find(struct flips *f, const struct records_query *query, struct span convenant)
{
	static const char *const nl[] = { "REGEL", "TIJD", "SOORT", "VAN", "WAS", "WORDT", "DOOR" };
	static const char *const en[] = { "ENTRY", "TIME", "KIND", "FROM", "WAS", "WOULD BE", "RULE" };
	const struct replaying what = { .query = query->q, .convenant = convenant, .each = take, .ctx = f };
	struct kp_error err = { 0 };
	int status;
	kp_node *node;
	enum kp_result r;

	f->list = json_array();
	cli_table_init(&f->table, N_ELEMENTS(nl), text_equal(language(f), "en") ? en : nl);
	node = cli_node(f->cli, &status);
	if (!node)
		return status;
	r = replay_log(node, &what, cli_timeout_ms(f->cli), f->counts, &err);
	kp_close(node);
	return r == KP_OK ? KP_OK : cli_fail(f->cli, r, &err);
}

void flips_say(const struct flips *f)
{
	bool nl = !text_equal(language(f), "en");
	const uint64_t *n = f->counts;
	uint64_t all = 0;

	for (size_t i = 0; i < REPLAY_VERDICT_N; i++)
		all += n[i];
	if (f->explain && !all) {
		cli_say(f->cli, nl ? "onder dat nummer staat geen beslissing over een bericht die u mag zien" :
				     "there is no decision on a message by that number that you may see");
		return;
	}

	if (f->n_flipped)
		cli_table_print(&f->table);
	cli_say(f->cli, nl ? "opnieuw beslist: %" PRIu64 "; gelijk %" PRIu64 ", anders %" PRIu64 ", niet te beoordelen %" PRIu64
			   "; vernietigd %" PRIu64 ", zonder invoer bewaard %" PRIu64
			   : "decided again: %" PRIu64 "; the same %" PRIu64 ", otherwise %" PRIu64 ", not to be judged %" PRIu64
			     "; destroyed %" PRIu64 ", kept without its input %" PRIu64,
		n[REPLAY_AGREES] + n[REPLAY_DIFFERS], n[REPLAY_AGREES], n[REPLAY_DIFFERS], n[REPLAY_BROKEN], n[REPLAY_GONE],
		n[REPLAY_WITHOUT]);
}

json_t *flips_json(const struct flips *f)
{
	json_t *j = json_object();

	for (size_t i = 0; i < REPLAY_VERDICT_N; i++)
		json_object_set_new(j, replay_verdict_name((enum replay_verdict)i), json_integer((json_int_t)f->counts[i]));
	json_object_set(j, "flips", f->list);
	if (f->one)
		json_object_set_new(j, "explanation", json_string(f->one));
	return j;
}

void flips_fini(struct flips *f)
{
	json_decref(f->list);
	cli_table_fini(&f->table);
	free(f->one);
}
