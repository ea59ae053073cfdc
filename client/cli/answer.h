/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* A handler's answer, from its JSON. */
#include "client/cli/cli.h"

#define CLI_REPLY_PARTS_MAX 32

struct cli_reply {
	const char *kind;
	uint64_t until_unix_ms;
	const char *on_behalf_of; /* NULL when absent */
	size_t n_parts;
	struct kp_part parts[CLI_REPLY_PARTS_MAX];
	char *texts[2 * CLI_REPLY_PARTS_MAX]; /* owned by the reply */
	json_t *json;                         /* what the texts of a handler's answer borrow from */
	struct cli_list conditions[CLI_REPLY_PARTS_MAX];
};
void cli_reply_fini(struct cli_reply *reply); /* wipes contents */

/*
 * cli_reply_parse() - a handler's answer
 *   {"answer": "GEGEVENS", "parts": [{"category": "...", "content": ..., "secrecy_basis": "...", "reference_date": "...",
 *    "source": "...", "wpg_article": "8", "person_category": "...", "conditions": ["..."], "media_type": "..."}], "until": "2027-01-01",
 *    "on_behalf_of": "..."}
 * Return: 0; -1 with why set.
 */
MUST_CHECK int cli_reply_parse(const char *text, size_t len, struct cli_reply *reply, char why[200]);

