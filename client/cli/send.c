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

json_t *cli_sent_json(const struct kp_sent *sent, const char *to)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:i}", "message_id", sent->message_id, "exchange_id", sent->exchange_id, "outcome",
			      sent->result == KP_OK ? "TOEGESTAAN" : sent->result == KP_REFUSED ? sent->error.code : "IN_OUTBOX",
			      "exit", (int)sent->result);

	if (!j)
		return NULL;
	if (to)
		json_object_set_new(j, "to", json_string(to));
	if (*sent->casus)
		json_object_set_new(j, "casus", json_string(sent->casus));
	if (sent->receipt) {
		json_object_set_new(j, "index", json_integer((json_int_t)sent->index));
		json_object_set_new(j, "receipt", json_string(sent->receipt));
	}
	if (sent->result != KP_OK)
		json_object_set_new(j, "error", json_pack("{s:s,s:s,s:s,s:s,s:s}", "side", sent->error.side, "stage", sent->error.stage,
							  "code", sent->error.code, "text", sent->error.text, "remedy",
							  sent->error.remedy));
	return j;
}

void cli_sent_say(const struct cli *cli, const struct kp_sent *sent, const char *to)
{
	const char *who = to ? to : "", *space = to ? ": " : "";

	if (sent->result == KP_OK)
		cli_say(cli, "%s%saccepted, message %s, log entry %llu", who, space, sent->message_id, (unsigned long long)sent->index);
	else if (sent->result == KP_REFUSED)
		cli_say(cli, "%s%srefused, %s (log entry %llu)\n  %s\n  %s", who, space, sent->error.code,
			(unsigned long long)sent->index, sent->error.text, sent->error.remedy);
	else
		cli_say(cli, "%s%snot confirmed yet, message %s waits in the outbox: %s\n  %s", who, space, sent->message_id,
			sent->error.text, sent->error.remedy);
}

int cli_send_one(const struct cli *cli, kp_node *node, const struct cli_send *o, const struct kp_message_out *m)
{
	struct kp_error err = { 0 };
	struct kp_sent sent = { 0 };
	enum kp_result r = kp_send(node, m, cli_timeout_ms(cli), &sent, &err);
	int status = (int)r;

	if (!*sent.message_id)
		return cli_fail(cli, r, &err);
	if (cli_receipt_write(cli, o->receipt, 1, sent.receipt) != 0)
		status = KP_ERROR;
	if (cli->json)
		cli_json(cli_sent_json(&sent, NULL));
	else
		cli_sent_say(cli, &sent, NULL);
	if (sent.result == KP_OK && strcmp(m->kind, "aanmelding") == 0)
		cli_say(cli, "casus %s", sent.casus);
	kp_sent_fini(&sent);
	return status;
}
