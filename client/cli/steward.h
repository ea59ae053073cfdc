/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the stewards' commands share: their keys, the register in force, faults shown. */
#include "base/keyfile.h"
#include "client/cli/control.h"
#include "convenant/rules.h"
#include "proto/wire.h"

/* steward_key() - the key file of a steward of this house; prints its own trouble. KP_OK or an exit status. */
MUST_CHECK int steward_key(const struct cli *cli, const char *name, struct keyfile *key, struct note_key *note_key);

/* The rules in force, asked from the running house. Texts borrow from the arena inside. */
struct in_force {
	struct arena *arena;
	struct rules_reply notes;
	struct registry *registry;
};
MUST_CHECK int in_force_get(const struct cli *cli, struct control *control, struct in_force *out);
void in_force_fini(struct in_force *f);

/* steward_faults() - print faults as one error; returns KP_USAGE. */
int steward_faults(const struct cli *cli, const char *stage, const struct fault_list *faults);
/* steward_publish() - hand a note to the house and, once it is in force, write what is in force to the house's rules folder. */
MUST_CHECK int steward_publish(const struct cli *cli, struct control *control, struct span note);

/* sign_once() - adds this key's signature to a note over text, unless a good one stands there: signing twice is signing once. */
MUST_CHECK int sign_once(struct buffer *note, struct span text, const struct note_key *key, const struct secret *secret_key);
