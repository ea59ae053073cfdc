/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/overleg.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/env.h"
#include "client/cli/control.h"
#include "client/cli/steward.h"
#include "client/lib/local.h"

static int catch_up(const struct cli *cli)
{
	struct kp_error err = { 0 };
	int status;
	kp_node *node = cli_node(cli, &status);
	enum kp_result r;

	if (!node)
		return status;
	r = kp_sync(node, cli_timeout_ms(cli), &err);
	kp_close(node);
	if (r == KP_UNREACHABLE)
		fprintf(stderr, "knooppunt: %s: %s: %s (showing the rules that are here)\n", err.side, err.stage, err.text);
	else if (r != KP_OK)
		return cli_fail(cli, r, &err);
	return CLI_GO;
}

int cli_rules(const struct cli *cli, bool fresh, struct rules *rules)
{
	const char *home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");
	struct fault_list faults;
	int status;

	*rules = (struct rules){ 0 };
	if (home && !cli->house && fresh && (status = catch_up(cli)) != CLI_GO)
		return status;
	fault_list_init(&faults, "rules");
	if (local_rules(cli->house || !home ? house_folder(cli) : home, rules, &faults) == 0)
		return CLI_GO;
	rules_fini(rules);
	return steward_faults(cli, "rules", &faults);
}

int cli_meeting(const struct cli *cli, const struct rules *rules, const char *overleg, bool urgent, uint64_t *unix_ms)
{
	const struct reg_overleg *o = rules->registry && overleg ? registry_overleg(rules->registry, overleg) : NULL;
	uint64_t leave_ms = 0, now = env_unix_ms(env_system());

	if (!o)
		return cli_usage(cli, "--deadline overleg: the register has no overleg \"%s\"; name one with --overleg", overleg ? overleg : "");
	if (rules->kader)
		leave_ms = urgent ? kader_terms(rules->kader)->ask_urgent_ms : kader_terms(rules->kader)->ask_ms;
	for (size_t i = 0; i < rules->n_convenanten; i++) {
		uint64_t ms = convenant_ask_ms(rules->convenanten[i], overleg, urgent);

		leave_ms = ms > leave_ms ? ms : leave_ms;
	}
	*unix_ms = reg_overleg_next(o, now + leave_ms);
	return *unix_ms ? CLI_GO : cli_usage(cli, "--deadline overleg: the register does not say on which day %s meets; give a date", overleg);
}
