/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Received messages, shown to people and machines in one way. */
#include "client/cli/cli.h"

/* cli_message_json() - the message; parts with their content as JSON where it is JSON, else as text. */
json_t *cli_message_json(const struct kp_message_in *m);
/* cli_message_say() - who, what, on which basis, and each part. */
void cli_message_say(const struct cli *cli, const struct kp_message_in *m);
/* cli_message_marks() - adds what this node knows of it beside: what it asks, by when, what was said of it since. */
void cli_message_marks(json_t *j, const struct kp_message_in *m);
const char *cli_item_state(enum kp_item_state state);
