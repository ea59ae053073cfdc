/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Public keys of logs and tlog-policies, as options name them. */
#include "client/cli/cli.h"
#include "proto/policy.h"

/* cli_log_key() - a vkey as text, or a file that holds one. KP_OK; otherwise the trouble was printed. */
int cli_log_key(const struct cli *cli, const char *given, struct note_key *key);
/* cli_policy() - a policy's file. KP_OK; otherwise the trouble was printed; *out is then NULL. free() frees it. */
int cli_policy(const struct cli *cli, const char *path, struct policy **out);
/* cli_policy_check() - a checkpoint note against it; prints who is missing. KP_OK or KP_UNVERIFIED. */
int cli_policy_check(const struct cli *cli, const struct policy *policy, const struct note_key *log_key, struct span note,
		     struct policy_verdict *verdict);
