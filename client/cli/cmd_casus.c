/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The life of a casus: notify, assess, involve, phase, close; and looking at it. All by signed messages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/parts.h"
#include "client/cli/send.h"

static size_t criteria_of(const char *met, struct kp_criterion out[4])
{
	for (size_t i = 0; i < 4; i++) {
		char id = (char)('a' + (int)i);

		out[i] = (struct kp_criterion){ .id = id, .met = met && strchr(met, id) != NULL };
	}
	return 4;
}

int cmd_casus_notify(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *klasse = NULL, *ave = NULL, *age = NULL, *met = NULL, **gemeente = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "klasse", 0, POPT_ARG_STRING, &klasse, 0, "maatwerk, pga, advies or informatievraag (default maatwerk)", "KLASSE" },
		{ "gemeente", 0, POPT_ARG_ARGV, &gemeente, 0, "CBS code of the gemeente, e.g. GM0106", "CODE" },
		{ "ave", 0, POPT_ARG_STRING, &ave, 0, "AVE level 1..4", "LEVEL" },
		{ "age-class", 0, POPT_ARG_STRING, &age, 0, "leeftijdsklasse, for the annual figures", "CLASS" },
		{ "met", 0, POPT_ARG_STRING, &met, 0, "which of the criteria a,b,c,d are met in the notifier's view", "LIST" },
		CLI_MOTIVATION_OPTION(&p),
		CLI_PARTS_OPTIONS(&p),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	struct kp_criterion criteria[4];
	CLEANUP(cli_list_fini) struct cli_list gemeenten = { 0 };
	int r = cli_parse(cli, options, argc, argv, 0, 0), status;
	kp_node *node;

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "aanmelding", &m)) != CLI_GO)
		return r;
	if (cli_list_of(gemeente, &gemeenten) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	status = cli_parts_read(cli, &p);
	if (status != CLI_GO)
		return status;
	m.klasse = klasse ? klasse : "maatwerk";
	m.ave = ave;
	m.leeftijdsklasse = age;
	m.gemeenten = gemeenten.v;
	m.person_role = "betrokkene";
	if (met) {
		m.criteria = criteria;
		m.n_criteria = criteria_of(met, criteria);
	}
	m.parts = p.v;
	m.n_parts = p.n;
	node = cli_node(cli, &status);
	if (node)
		status = cli_send_one(cli, node, &o, &m);
	kp_close(node);
	return status;
}

int cmd_casus_assess(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	CLEANUP(cli_parts_fini) struct cli_parts p = { 0 };
	char *outcome = NULL, *met = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "outcome", 0, POPT_ARG_STRING, &outcome, 0, "in-behandeling, niet-in-behandeling or advies", "OUTCOME" },
		{ "met", 0, POPT_ARG_STRING, &met, 0, "criteria of BGS 2.20(1) that are met, e.g. a,b,c,d", "LIST" },
		CLI_MOTIVATION_OPTION(&p),
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	struct kp_criterion criteria[4];
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "beoordeling", &m)) != CLI_GO)
		return r;
	if (!outcome)
		return cli_usage(cli, "--outcome is missing: in-behandeling, niet-in-behandeling or advies");
	m.outcome = outcome;
	if (met) {
		m.criteria = criteria;
		m.n_criteria = criteria_of(met, criteria);
	}
	r = cli_parts_read(cli, &p);
	m.parts = p.v;
	m.n_parts = p.n;
	if (r == CLI_GO)
		r = cli_send_casus(cli, &o, cli->args[0], &m);
	return r;
}

int cmd_casus_involve(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char **add = NULL, **release = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "add", 0, POPT_ARG_ARGV, &add, 0, "hoedanigheid to involve; repeat or separate with commas", "HOEDANIGHEID" },
		{ "release", 0, POPT_ARG_ARGV, &release, 0, "hoedanigheid to release", "HOEDANIGHEID" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	CLEANUP(cli_list_fini) struct cli_list in = { 0 };
	CLEANUP(cli_list_fini) struct cli_list out = { 0 };
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "betrekken", &m)) != CLI_GO)
		return r;
	if (cli_list_of(add, &in) != 0 || cli_list_of(release, &out) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	if (in.n + out.n == 0)
		return cli_usage(cli, "name at least one hoedanigheid with --add or --release");
	m.involve = in.v;
	m.release = out.v;
	/* who is newly involved must learn of the casus: that is what this message is for */
	for (size_t i = 0; i < in.n && o.to == NULL; i++)
		if (cli_list_add(&o.to_list, in.v[i]) != 0)
			return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	if (o.to == NULL && in.n > 0)
		m.to = o.to_list.v;
	r = cli_send_casus(cli, &o, cli->args[0], &m);
	return r;
}

int cmd_casus_phase(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *ave = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "ave", 0, POPT_ARG_STRING, &ave, 0, "AVE level 1..4", "LEVEL" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int r = cli_parse(cli, options, argc, argv, 2, 2);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "fase", &m)) != CLI_GO)
		return r;
	m.phase = cli->args[1];
	m.ave = ave;
	return cli_send_casus(cli, &o, cli->args[0], &m);
}

int cmd_casus_close(struct cli *cli, int argc, const char **argv)
{
	CLEANUP(cli_send_end) struct cli_send o = { 0 };
	char *reason = NULL;
	struct poptOption options[] = {
		CLI_SEND_OPTIONS(&o),
		{ "reason", 0, POPT_ARG_STRING, &reason, 0, "code of the reason, e.g. doel-bereikt", "CODE" },
		POPT_TABLEEND,
	};
	struct kp_message_out m;
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	if (r != CLI_GO || (r = cli_send_begin(cli, &o, "afsluiting", &m)) != CLI_GO)
		return r;
	m.reason = reason ? reason : "doel-bereikt";
	return cli_send_casus(cli, &o, cli->args[0], &m);
}

static json_t *names_json(const char *const *names)
{
	json_t *list = json_array();

	for (size_t i = 0; names[i]; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *invited_json(const struct kp_casus *c)
{
	json_t *list = json_array();

	for (size_t i = 0; c->invited[i]; i++)
		json_array_append_new(list, json_pack("{s:s,s:I}", "hoedanigheid", c->invited[i], "until_unix_ms",
						      (json_int_t)c->invited_until_unix_ms[i]));
	return list;
}

static json_t *casus_json(const struct kp_casus *c)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:I,s:b,s:I,s:I}", "casus", c->casus, "phase", c->phase, "regime", c->regime,
			      "overleg", c->overleg, "klasse", c->klasse, "ave", c->ave, "circle", names_json(c->circle), "opened_unix_ms",
			      (json_int_t)c->opened_unix_ms, "closed_unix_ms", (json_int_t)c->closed_unix_ms, "consent", (int)c->consent,
			      "consent_given_unix_ms", (json_int_t)c->consent_given_unix_ms, "consent_until_unix_ms",
			      (json_int_t)c->consent_until_unix_ms);

	json_object_set_new(j, "consent_by", json_string(c->consent_by));
	json_object_set_new(j, "consent_categories", names_json(c->consent_categories));
	json_object_set_new(j, "consent_hoedanigheden", names_json(c->consent_hoedanigheden));
	json_object_set_new(j, "invited", invited_json(c));
	json_object_set_new(j, "known", names_json(c->known));
	json_object_set_new(j, "expires_unix_ms", json_integer((json_int_t)c->expires_unix_ms));
	json_object_set_new(j, "renewals", json_integer((json_int_t)c->renewals));
	if (*c->ave_name)
		json_object_set_new(j, "ave_level", json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", c->ave_name, "regie", c->regie,
							      "overlegpartners", c->overlegpartners, "operationeel", c->operationeel,
							      "bestuurlijk", c->bestuurlijk));
	return j;
}

/* Whose casus it is on its level. */
static void ave_print(const struct kp_casus *c, struct buffer *out)
{
	if (*c->ave_name)
		buffer_printf(out, "\nAVE %s, %s\n  regie            %s\n  overlegpartners  %s\n  operationeel     %s\n  bestuurlijk      %s\n",
			      c->ave, c->ave_name, c->regie, c->overlegpartners, c->operationeel, c->bestuurlijk);
}

struct showing {
	const struct cli *cli;
	const char *only;
	json_t *list;
	struct cli_table table;
	struct buffer below; /* what is told of one casus beside its row */
	size_t n;
};

static bool show_casus(void *ctx, const struct kp_casus *c)
{
	struct showing *s = ctx;
	char opened[CLI_TIME_SIZE], until[CLI_TIME_SIZE], circle[1024] = "";
	size_t used = 0;

	if (s->only && strcmp(s->only, c->casus) != 0)
		return true;
	s->n++;
	if (s->cli->json) {
		json_array_append_new(s->list, casus_json(c));
		return true;
	}
	cli_time(c->opened_unix_ms, opened);
	for (size_t i = 0; c->circle[i] && used < sizeof circle; i++) {
		int n = snprintf(circle + used, sizeof circle - used, "%s%s", i ? ", " : "", c->circle[i]);

		used += n > 0 ? (size_t)n : 0;
	}
	for (size_t i = 0; c->invited[i] && used < sizeof circle; i++) {
		int n;

		cli_time(c->invited_until_unix_ms[i], until);
		n = snprintf(circle + used, sizeof circle - used, ", %s (until %.10s)", c->invited[i], until);
		used += n > 0 ? (size_t)n : 0;
	}
	cli_time(c->expires_unix_ms, until);
	until[10] = 0; /* a day is enough */
	if (s->only)
		ave_print(c, &s->below);
	cli_table_row(&s->table, (const char *const[]){ c->casus, c->phase, c->regime, *c->overleg ? c->overleg : "-", opened, until,
							c->consent ? "yes" : "no", circle });
	return true;
}

static int look(struct cli *cli, const char *only)
{
	struct showing s = { .cli = cli, .only = only };
	struct kp_error err = { 0 };
	int status;
	kp_node *node = cli_node(cli, &status);
	enum kp_result r;

	if (!node)
		return status;
	s.list = json_array();
	cli_table_init(&s.table, 8, (const char *const[]){ "CASUS", "PHASE", "REGIME", "OVERLEG", "OPENED", "KEPT UNTIL", "CONSENT", "CIRCLE" });
	r = kp_casus_list(node, cli_timeout_ms(cli), show_casus, &s, &err);
	kp_close(node);
	if (r != KP_OK)
		status = cli_fail(cli, r, &err);
	else if (only && s.n == 0)
		status = cli_trouble(cli, KP_NONE, "casus", "this node is not on a casus with that id",
				     "an L1 deelnemer of the casus can involve you: knooppunt casus involve CASUS --add HOEDANIGHEID");
	else {
		status = KP_OK;
		if (cli->json)
			cli_json(only ? json_incref(json_array_get(s.list, 0)) : json_incref(s.list));
		else {
			cli_table_print(&s.table);
			printf("%.*s", (int)s.below.len, s.below.len ? (const char *)s.below.ptr : "");
		}
	}
	buffer_fini(&s.below);
	json_decref(s.list);
	cli_table_fini(&s.table);
	return status;
}

int cmd_casus_list(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	int r = cli_parse(cli, options, argc, argv, 0, 0);

	return r == CLI_GO ? look(cli, NULL) : r;
}

int cmd_casus_show(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	int r = cli_parse(cli, options, argc, argv, 1, 1);

	return r == CLI_GO ? look(cli, cli->args[0]) : r;
}
