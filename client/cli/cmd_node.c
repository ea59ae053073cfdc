/* SPDX-License-Identifier: EUPL-1.2 */
/* A partner's side of belonging: join a house, see how it stands, mandate functionaries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "client/cli/cli.h"

#define YEAR_MS (UINT64_C(365) * 24 * 3600 * 1000)

struct dates {
	char *screening, *training, *from, *until;
};

#define DATE_OPTIONS(d) \
	{ "screening", 0, POPT_ARG_STRING, &(d)->screening, 0, "date of the VOG or screening (default: today)", "DATE" }, \
	{ "training", 0, POPT_ARG_STRING, &(d)->training, 0, "date of the training (default: today)", "DATE" }, \
	{ "until", 0, POPT_ARG_STRING, &(d)->until, 0, "end of the mandate (default: in one year)", "DATE" }

static bool read_dates(const struct dates *d, uint64_t now, uint64_t *screening, uint64_t *training, uint64_t *until)
{
	*screening = *training = now;
	*until = now + YEAR_MS;
	return (!d->screening || cli_date(d->screening, screening)) && (!d->training || cli_date(d->training, training)) &&
	       (!d->until || cli_date(d->until, until));
}

static const char *home_of(const struct cli *cli)
{
	const char *home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");

	return home && *home ? home : NULL;
}

/* Wait until the stewards admitted this node, asking again and again. */
static int wait_admitted(const struct cli *cli, kp_node *node, int wait_s, struct kp_status *status)
{
	uint64_t until = env_mono_ms(env_system()) + (uint64_t)wait_s * 1000;
	struct kp_error err = { 0 };

	for (;;) {
		enum kp_result r = kp_status(node, 1000, status, &err);

		if (r == KP_OK && status->admitted)
			return KP_OK;
		if (env_mono_ms(env_system()) >= until)
			return r == KP_OK ? cli_trouble(cli, KP_NONE, "admission", "the stewards have not admitted this node yet",
							"compare the phrase with them by phone, then: knooppunt node status") :
					    cli_fail(cli, r, &err);
	}
}

int cmd_node_join(struct cli *cli, int argc, const char **argv)
{
	struct kp_join join = { 0 };
	struct dates dates = { 0 };
	struct kp_status status = { 0 };
	struct kp_error err = { 0 };
	char phrase[KP_PHRASE_SIZE] = "", *person = NULL, *from = NULL, *role = NULL, *klasse = NULL, *text;
	int wait_s = 0, r;
	struct poptOption options[] = {
		{ "person", 0, POPT_ARG_STRING, &person, 0, "first functionary: a pseudonym within the organisation, e.g. mdw-0421", "PERSON" },
		{ "person-from", 0, POPT_ARG_STRING, &from, 0, "this person works in another house too: the home of its node there", "HOME" },
		{ "role", 0, POPT_ARG_STRING, &role, 0, "its role: liaison, procesregisseur, nazorgcoordinator, systeem ...", "ROLE" },
		{ "klasse", 0, POPT_ARG_STRING, &klasse, 0, "uitvoering (default), toetsing or beheer", "KLASSE" },
		DATE_OPTIONS(&dates),
		{ "wait", 0, POPT_ARG_INT, &wait_s, 0, "stay until the stewards admitted this node, at most this long", "SECONDS" },
		POPT_TABLEEND,
	};

	r = cli_parse(cli, options, argc, argv, 1, 1);
	if (r != CLI_GO)
		return r;
	if (!home_of(cli))
		return cli_usage(cli, "--home is missing: the folder in which this node will keep its keys");
	if (!read_dates(&dates, env_unix_ms(env_system()), &join.screening_unix_ms, &join.training_unix_ms, &join.until_unix_ms))
		return cli_usage(cli, "a date is written as 2026-11-22");
	text = cli_file(cli, cli->args[0], 64 * 1024, NULL);
	if (!text)
		return KP_ERROR;
	join.invitation = text;
	join.person = person ? person : "mdw-1";
	join.person_from = from;
	join.role = role ? role : "medewerker";
	join.klasse = klasse ? klasse : "uitvoering";
	join.timeout_ms = cli_timeout_ms(cli);
	r = (int)kp_join(home_of(cli), &join, phrase, &err);
	free(text);
	if (r != KP_OK)
		return cli_fail(cli, (enum kp_result)r, &err);
	cli_say(cli, "the request to join is with the house\ncompare this phrase with a steward by phone:  %s", phrase);
	if (wait_s > 0) {
		kp_node *node = cli_node(cli, &r);

		if (!node)
			return r;
		r = wait_admitted(cli, node, wait_s, &status);
		kp_close(node);
		if (r == KP_OK)
			cli_say(cli, "admitted");
	}
	if (cli->json && (r == KP_OK))
		cli_json(json_pack("{s:s,s:b}", "phrase", phrase, "admitted", (int)status.admitted));
	return r;
}

int cmd_node_status(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct kp_status s = { 0 };
	struct kp_error err = { 0 };
	int status = cli_parse(cli, options, argc, argv, 0, 0);
	enum kp_result r;
	kp_node *node;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r = kp_status(node, cli_timeout_ms(cli), &s, &err);
	if (cli->json)
		cli_json(json_pack("{s:s,s:s,s:b,s:b,s:I,s:I,s:I,s:I,s:s,s:b}", "house", kp_house(node), "node", kp_node_id(node), "reachable",
				   (int)s.reachable, "admitted", (int)s.admitted, "register_sequence", (json_int_t)s.register_sequence,
				   "checkpoint_size", (json_int_t)s.checkpoint_size, "outbox", (json_int_t)s.outbox, "inbox",
				   (json_int_t)s.inbox, "phrase", s.phrase, "stopped", (int)s.stopped));
	else {
		cli_say(cli, "house      %s\nnode       %s\nreachable  %s\nadmitted   %s\nregister   version %llu\nlog        %llu entries verified",
			kp_house(node), kp_node_id(node), s.reachable ? "yes" : "no", s.admitted ? "yes" : "no",
			(unsigned long long)s.register_sequence, (unsigned long long)s.checkpoint_size);
		cli_say(cli, "outbox     %zu waiting\ninbox      %zu to handle", s.outbox, s.inbox);
		if (s.stopped)
			cli_say(cli, "STOPPED    the house's log contradicts itself: knooppunt audit witness");
		if (!s.admitted && !s.stopped && *s.phrase)
			cli_say(cli, "phrase     %s", s.phrase);
	}
	status = r == KP_OK ? KP_OK : cli->json ? (int)r : cli_fail(cli, r, &err);
	kp_close(node);
	return status;
}

int cmd_node_sync(struct cli *cli, int argc, const char **argv)
{
	struct poptOption options[] = { POPT_TABLEEND };
	struct kp_status s = { 0 };
	struct kp_error err = { 0 };
	int status = cli_parse(cli, options, argc, argv, 0, 0);
	enum kp_result r;
	kp_node *node;

	if (status != CLI_GO)
		return status;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r = kp_sync(node, cli_timeout_ms(cli), &err);
	if (r == KP_OK)
		r = kp_status(node, cli_timeout_ms(cli), &s, &err);
	status = r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
	if (r == KP_OK && cli->json)
		cli_json(json_pack("{s:I,s:I,s:I}", "outbox", (json_int_t)s.outbox, "register_sequence", (json_int_t)s.register_sequence,
				   "checkpoint_size", (json_int_t)s.checkpoint_size));
	else if (r == KP_OK)
		cli_say(cli, "outbox     %zu waiting\nregister   version %llu\nlog        %llu entries verified", s.outbox,
			(unsigned long long)s.register_sequence, (unsigned long long)s.checkpoint_size);
	kp_close(node);
	return status;
}

int cmd_mandate_grant(struct cli *cli, int argc, const char **argv)
{
	struct kp_mandate m = { 0 };
	struct dates dates = { 0 };
	struct cli_list hoedanigheden;
	struct kp_error err = { 0 };
	char *role = NULL, *klasse = NULL, **as = NULL;
	uint64_t now = env_unix_ms(env_system());
	struct poptOption options[] = {
		{ "role", 0, POPT_ARG_STRING, &role, 0, "role of the functionary", "ROLE" },
		{ "klasse", 0, POPT_ARG_STRING, &klasse, 0, "uitvoering (default), toetsing or beheer", "KLASSE" },
		{ "as", 0, POPT_ARG_ARGV, &as, 0, "for which hoedanigheden (default: all of this node)", "HOEDANIGHEID" },
		{ "from", 0, POPT_ARG_STRING, &dates.from, 0, "begin of the mandate (default: today)", "DATE" },
		DATE_OPTIONS(&dates),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 1, 1);
	enum kp_result r;
	kp_node *node;

	if (status != CLI_GO)
		return status;
	m.from_unix_ms = now;
	if (!read_dates(&dates, now, &m.screening_unix_ms, &m.training_unix_ms, &m.until_unix_ms) ||
	    (dates.from && !cli_date(dates.from, &m.from_unix_ms)))
		return cli_usage(cli, "a date is written as 2026-11-22");
	if (cli_list_of(as, &hoedanigheden) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	m.person = cli->args[0];
	m.role = role ? role : "medewerker";
	m.klasse = klasse ? klasse : "uitvoering";
	m.hoedanigheden = hoedanigheden.v;
	node = cli_node(cli, &status);
	if (!node)
		return status;
	r = kp_mandate_grant(node, &m, cli_timeout_ms(cli), &err);
	status = r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
	if (r == KP_OK && cli->json)
		cli_json(json_pack("{s:s,s:b}", "person", m.person, "granted", 1));
	else if (r == KP_OK)
		cli_say(cli, "%s may act from now on; its key is in this node's keys folder", m.person);
	kp_close(node);
	cli_list_fini(&hoedanigheden);
	return status;
}
