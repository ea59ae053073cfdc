/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * overleg list|show: the overleggen of the house as the register has them: who sits at them, when they meet, how they ask. Days are
 * given as the register counts them; what is on the agenda of one casus is no part of it.
 */
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/text.h"
#include "client/cli/overleg.h"

#define DAY_MS UINT64_C(86400000)
#define MEETINGS_MAX 26

static const char *date_of_day(uint64_t unix_ms, char text[TIME_TEXT_SIZE])
{
	if (!unix_ms)
		return "";
	time_encode(unix_ms, text);
	text[10] = '\0';
	return text;
}

static json_t *texts_json(const struct text_list *list)
{
	json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(j, json_string(list->v[i]));
	return j;
}

static json_t *templates_json(const struct reg_overleg *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_templates; i++) {
		const struct reg_template *t = &o->templates[i];

		json_array_append_new(list, json_pack("{s:s,s:s,s:o,s:s,s:s,s:I}", "template", t->id, "name", t->name, "categories",
						      texts_json(&t->categories), "noodzaak", t->noodzaak, "question", t->question,
						      "deadline_days", (json_int_t)t->deadline_days));
	}
	return list;
}

static json_t *overleg_json(const struct reg_overleg *o, int meetings)
{
	json_t *days = json_array();
	uint64_t day = env_unix_ms(env_system());

	for (int i = 0; i < meetings && (day = reg_overleg_next(o, day)) != 0; i++, day += DAY_MS) {
		char text[TIME_TEXT_SIZE];

		json_array_append_new(days, json_string(date_of_day(day, text)));
	}
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "overleg", o->id, "name", o->name, "regime",
			 regime_name(o->regime), "voorzitter", o->voorzitter, "frequency", o->frequency.text, "per",
			 reg_per_name(o->frequency.per), "exceptions", texts_json(&o->exceptions), "vaste", texts_json(&o->vaste), "agenda",
			 texts_json(&o->agenda), "derden", texts_json(&o->derden), "templates", templates_json(o), "meetings", days);
}

static void say_list(const struct cli *cli, const char *title, const struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		cli_say(cli, "%-14s %s", i ? "" : title, list->v[i]);
}

static void overleg_say(const struct cli *cli, const struct reg_overleg *o, int meetings)
{
	uint64_t day = env_unix_ms(env_system());

	cli_say(cli, "%s: %s (%s)", o->id, o->name, regime_name(o->regime));
	if (*o->voorzitter)
		cli_say(cli, "%-14s %s", "voorzitter", o->voorzitter);
	if (*o->frequency.text)
		cli_say(cli, "%-14s %s", "frequentie", o->frequency.text);
	say_list(cli, "uitzonderingen", &o->exceptions);
	for (int i = 0; i < meetings && (day = reg_overleg_next(o, day)) != 0; i++, day += DAY_MS) {
		char text[TIME_TEXT_SIZE];

		cli_say(cli, "%-14s %s", i ? "" : "bijeenkomsten", date_of_day(day, text));
	}
	say_list(cli, "vaste", &o->vaste);
	say_list(cli, "agenda", &o->agenda);
	say_list(cli, "derden", &o->derden);
	for (size_t i = 0; i < o->n_templates; i++)
		cli_say(cli, "%-14s %s: %s", i ? "" : "sjablonen", o->templates[i].id, o->templates[i].name);
}

int cmd_overleg_list(struct cli *cli, int argc, const char **argv)
{
	static const char *const titles[] = { "overleg", "regime", "voorzitter", "volgende", "frequentie" };
	struct poptOption options[] = { POPT_TABLEEND };
	struct cli_table table;
	struct rules rules;
	json_t *list = json_array();
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status == CLI_GO)
		status = cli_rules(cli, true, &rules);
	if (status != CLI_GO) {
		json_decref(list);
		return status;
	}
	cli_table_init(&table, N_ELEMENTS(titles), titles);
	for (size_t i = 0; i < rules.registry->n_overleggen; i++) {
		const struct reg_overleg *o = &rules.registry->overleggen[i];
		char day[TIME_TEXT_SIZE];

		cli_table_row(&table, (const char *const[]){ o->id, regime_name(o->regime), o->voorzitter,
							     date_of_day(reg_overleg_next(o, env_unix_ms(env_system())), day),
							     o->frequency.text });
		json_array_append_new(list, overleg_json(o, 1));
	}
	if (cli->json)
		cli_json(json_pack("{s:O}", "overleggen", list));
	else
		cli_table_print(&table);
	cli_table_fini(&table);
	json_decref(list);
	rules_fini(&rules);
	return KP_OK;
}

int cmd_overleg_show(struct cli *cli, int argc, const char **argv)
{
	int meetings = 3;
	struct poptOption options[] = {
		{ "meetings", 0, POPT_ARG_INT, &meetings, 0, "how many meetings to show (default: 3, at most 26)", "NUMBER" },
		POPT_TABLEEND,
	};
	const struct reg_overleg *o;
	struct rules rules;
	int status = cli_parse(cli, options, argc, argv, 1, 1);

	if (status != CLI_GO)
		return status;
	if (meetings < 0 || meetings > MEETINGS_MAX)
		return cli_usage(cli, "--meetings is a number from 0 to %d", MEETINGS_MAX);
	status = cli_rules(cli, true, &rules);
	if (status != CLI_GO)
		return status;
	o = registry_overleg(rules.registry, cli->args[0]);
	if (!o)
		status = cli_usage(cli, "there is no overleg \"%s\" in the register (knooppunt overleg list)", cli->args[0]);
	else if (cli->json)
		cli_json(overleg_json(o, meetings));
	else
		overleg_say(cli, o, meetings);
	rules_fini(&rules);
	return o ? KP_OK : status;
}
