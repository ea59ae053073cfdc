/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

int cli_send_begin(const struct cli *cli, struct cli_send *o, const char *kind, struct kp_message_out *m)
{
	if (cli_list_of(o->to, &o->to_list) != 0 || cli_list_of(o->category, &o->category_list) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	*m = (struct kp_message_out){
		.kind = kind, .as = o->as, .person = o->person, .to = o->to_list.v, .categories = o->category_list.v,
		.regime = o->regime, .grondslag = o->grondslag, .doel = o->doel, .noodzaak = o->noodzaak,
		.overleg = o->overleg, .on_behalf_of = o->on_behalf_of, .urgent = o->urgent != 0,
	};
	return CLI_GO;
}

void cli_send_end(struct cli_send *o)
{
	cli_list_fini(&o->to_list);
	cli_list_fini(&o->category_list);
	free(o->casus_regime);
	free(o->casus_overleg);
	o->casus_regime = o->casus_overleg = NULL;
}

struct from_casus {
	struct cli_send *o;
	struct kp_message_out *m;
	bool found, failed;
};

static bool take_from_casus(void *ctx, const struct kp_casus *c)
{
	struct from_casus *f = ctx;

	if (strcmp(c->casus, f->m->casus) != 0)
		return true;
	f->found = true;
	if (!f->m->regime)
		f->m->regime = f->o->casus_regime = strdup(c->regime);
	if (!f->m->overleg && *c->overleg)
		f->m->overleg = f->o->casus_overleg = strdup(c->overleg);
	if (f->o->to_list.n == 0)
		for (size_t i = 0; c->circle[i]; i++)
			if ((!f->m->as || strcmp(c->circle[i], f->m->as) != 0) && cli_list_add(&f->o->to_list, c->circle[i]) != 0)
				f->failed = true;
	f->m->to = f->o->to_list.v;
	return false;
}

int cli_send_from_casus(const struct cli *cli, kp_node *node, struct cli_send *o, struct kp_message_out *m)
{
	struct from_casus f = { .o = o, .m = m };
	struct kp_error err = { 0 };
	uint8_t id[16];
	enum kp_result r;

	if (!m->casus || !uuid_decode(m->casus, id))
		return cli_usage(cli, "\"%s\" is not a casus id (a UUID)", m->casus ? m->casus : "");
	if (!m->as)
		m->as = kp_default_hoedanigheid(node);
	r = kp_casus_list(node, cli_timeout_ms(cli), take_from_casus, &f, &err);
	/* Who says himself what the casus would have said can do without the house: the message waits in the outbox. */
	if (r == KP_UNREACHABLE && m->to && m->regime)
		return CLI_GO;
	if (r == KP_UNREACHABLE)
		snprintf(err.remedy, sizeof err.remedy, "with --to and --regime it can wait in the outbox until the house is there");
	if (r != KP_OK)
		return cli_fail(cli, r, &err);
	if (f.failed)
		return cli_trouble(cli, KP_ERROR, "casus", "out of memory", "");
	return CLI_GO; /* an unknown casus goes to the house all the same: its refusal is evidence */
}

int cli_receipt_write(const struct cli *cli, const char *path, size_t nth, const char *receipt)
{
	char name[600];

	if (!path || !*path || !receipt)
		return 0;
	if (nth > 1)
		snprintf(name, sizeof name, "%s.%zu", path, nth);
	else
		snprintf(name, sizeof name, "%s", path);
	if (file_write(name, span_of_text(receipt), 0600) != FILE_OK)
		return cli_trouble(cli, KP_ERROR, "receipt", "the receipt could not be written to the file given with --receipt",
				   "it is also kept in the receipts folder of this node");
	return 0;
}

/* NULL: it was not refused, or its receipt says nothing. */
static struct kp_refusal *refusal_of(const struct cli *cli, kp_node *node, const struct kp_sent *sent)
{
	struct kp_refusal *r = NULL;

	if (sent->result == KP_REFUSED && sent->receipt)
		(void)!kp_refusal(node, sent->receipt, cli->lang, &r, NULL);
	return r;
}

static json_t *refusal_json(const struct kp_refusal *r)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < r->n_rules; i++)
		json_array_append_new(rules, json_pack("{s:s,s:s,s:s,s:s}", "code", r->rules[i].code, "rule", r->rules[i].rule, "subject",
						       r->rules[i].subject, "text", r->rules[i].text));
	return json_pack("{s:s,s:s,s:s,s:o}", "code", r->code, "text", r->text, "remedy", r->remedy, "rules", rules);
}

json_t *cli_sent_json(const struct cli *cli, kp_node *node, const struct kp_sent *sent, const char *to)
{
	struct kp_refusal *refusal = refusal_of(cli, node, sent);
	json_t *j = json_pack("{s:s,s:s,s:s,s:i}", "message_id", sent->message_id, "exchange_id", sent->exchange_id, "outcome",
			      sent->result == KP_OK ? "TOEGESTAAN" : sent->result == KP_REFUSED ? sent->error.code : "IN_OUTBOX",
			      "exit", (int)sent->result);

	if (to)
		json_object_set_new(j, "to", json_string(to));
	if (*sent->casus)
		json_object_set_new(j, "casus", json_string(sent->casus));
	if (sent->receipt) {
		json_object_set_new(j, "index", json_integer((json_int_t)sent->index));
		json_object_set_new(j, "receipt", json_string(sent->receipt));
	}
	if (refusal)
		json_object_set_new(j, "refusal", refusal_json(refusal));
	if (sent->result != KP_OK)
		json_object_set_new(j, "error", json_pack("{s:s,s:s,s:s,s:s,s:s}", "side", sent->error.side, "stage", sent->error.stage,
							  "code", sent->error.code, "text", sent->error.text, "remedy",
							  sent->error.remedy));
	kp_refusal_free(refusal);
	return j;
}

static void refusal_say(const struct cli *cli, kp_node *node, const struct kp_sent *sent, const char *to)
{
	struct kp_refusal *r = refusal_of(cli, node, sent);
	bool nl = text_equal(cli->lang ? cli->lang : "", "nl");

	cli_say(cli, "%s%s, %s (%s %llu): %s", to, nl ? "geweigerd" : "refused", sent->error.code, nl ? "logregel" : "log entry",
		(unsigned long long)sent->index, r ? r->text : sent->error.text);
	for (size_t i = 0; r && i < r->n_rules; i++)
		cli_say(cli, "  - %s [%s]", r->rules[i].text, r->rules[i].rule);
	cli_say(cli, "  %s", r ? r->remedy : sent->error.remedy);
	kp_refusal_free(r);
}

void cli_sent_say(const struct cli *cli, kp_node *node, const struct kp_sent *sent, const char *to)
{
	char who[80] = "";

	if (cli->json)
		return;
	if (to)
		snprintf(who, sizeof who, "%s: ", to);
	if (sent->result == KP_OK)
		cli_say(cli, "%saccepted, message %s, log entry %llu", who, sent->message_id, (unsigned long long)sent->index);
	else if (sent->result == KP_REFUSED)
		refusal_say(cli, node, sent, who);
	else
		cli_say(cli, "%snot confirmed yet, message %s waits in the outbox: %s\n  %s", who, sent->message_id,
			sent->error.text, sent->error.remedy);
}

int cli_outcome(const struct cli *cli, kp_node *node, enum kp_result result, struct kp_sent *sent, const struct kp_error *err,
		const char *receipt)
{
	int status = (int)result;

	if (!*sent->message_id)
		return cli_fail(cli, result, err);
	if (cli_receipt_write(cli, receipt, 1, sent->receipt) != 0)
		status = KP_ERROR;
	if (cli->json)
		cli_json(cli_sent_json(cli, node, sent, NULL));
	else
		cli_sent_say(cli, node, sent, NULL);
	kp_sent_fini(sent);
	return status;
}

int cli_may_i(const struct cli *cli, kp_node *node, const struct kp_message_out *m)
{
	struct kp_error err = { 0 };
	char *explanation = NULL;
	enum kp_result r = kp_may_i(node, m, cli->lang ? cli->lang : "nl", &explanation, &err);
	int status = (int)r;

	if (r != KP_OK && r != KP_REFUSED)
		status = cli_fail(cli, r, &err);
	else if (cli->json)
		cli_json(json_pack("{s:b,s:s,s:s}", "allowed", r == KP_OK, "code", r == KP_OK ? "TOEGESTAAN" : err.code, "explanation",
				   explanation));
	else
		fputs(explanation, stdout);
	free(explanation);
	return status;
}

int cli_send_one(const struct cli *cli, kp_node *node, const struct cli_send *o, const struct kp_message_out *m)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	enum kp_result r;
	bool begun;
	int status;

	if (o->may_i)
		return cli_may_i(cli, node, m);
	r = kp_send(node, m, cli_timeout_ms(cli), &sent, &err);
	begun = sent.result == KP_OK && !m->casus && *sent.casus;
	status = cli_outcome(cli, node, r, &sent, &err, o->receipt);
	if (begun)
		cli_say(cli, "casus %s", sent.casus);
	return status;
}

int cli_send_casus(const struct cli *cli, struct cli_send *o, const char *casus, struct kp_message_out *m)
{
	int status;
	kp_node *node = cli_node(cli, &status);

	m->casus = casus;
	if (node) {
		status = cli_send_from_casus(cli, node, o, m);
		if (status == CLI_GO)
			status = cli_send_one(cli, node, o, m);
	}
	kp_close(node);
	return status;
}

int cli_send_follow(const struct cli *cli, struct cli_send *o, const char *message_id, const struct kp_message_out *m)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	int status;
	kp_node *node = cli_node(cli, &status);

	if (node && o->may_i) {
		struct kp_message_out tried = *m;

		if (!tried.sources)
			tried.in_reply_to = message_id;
		status = cli_may_i(cli, node, &tried);
	} else if (node) {
		enum kp_result r = kp_follow(node, message_id, m, cli_timeout_ms(cli), &sent, &err);

		status = cli_outcome(cli, node, r, &sent, &err, o->receipt);
	}
	kp_close(node);
	return status;
}
