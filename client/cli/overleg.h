/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the rules say of an overleg, for the commands that ask and that show: the rules themselves, and its next meeting. */
#include "client/cli/cli.h"
#include "convenant/rules.h"

/*
 * cli_rules() - the rules of --house, or those that the node has
 * @fresh: a node first catches up with its house; when it can't, what is here is given and said to be so
 * Return: CLI_GO, rules_fini() by the caller; else an exit status, its trouble is printed.
 */
MUST_CHECK int cli_rules(const struct cli *cli, bool fresh, struct rules *rules);

/*
 * cli_meeting() - the day of the next meeting that leaves a partner the time for an answer that kader and convenanten give him
 * CLI_GO and *unix_ms, the start of that day; else an exit status, its trouble is printed.
 */
MUST_CHECK int cli_meeting(const struct cli *cli, const struct rules *rules, const char *overleg, bool urgent, uint64_t *unix_ms);
