/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the commands that send a message have in common: who acts, on which basis, and how the outcome is shown.
 */
#include "client/cli/cli.h"

/* Options of every message: include with CLI_SEND_OPTIONS(&o). */
struct cli_send {
	char *as, *person, *regime, *grondslag, *doel, *noodzaak, *overleg, *receipt, *on_behalf_of;
	char **to, **category;
	int urgent, may_i;
	/* derived by cli_send_begin() */
	struct cli_list to_list, category_list;
	char *casus_regime, *casus_overleg; /* taken from the casus; owned */
};

#define CLI_SEND_OPTIONS(o) \
	{ "as", 0, POPT_ARG_STRING, &(o)->as, 0, "hoedanigheid that acts (default: the only one of this node)", "HOEDANIGHEID" }, \
	{ "person", 0, POPT_ARG_STRING, &(o)->person, 0, "functionary that signs (default: the only one of this node)", "PERSON" }, \
	{ "to", 0, POPT_ARG_ARGV, &(o)->to, 0, "recipient hoedanigheid; repeat or separate with commas", "HOEDANIGHEID" }, \
	{ "regime", 0, POPT_ARG_STRING, &(o)->regime, 0, "WGS or OVERIG (default: that of the casus or overleg)", "REGIME" }, \
	{ "grondslag", 0, POPT_ARG_STRING, &(o)->grondslag, 0, "statutory basis, e.g. 'WGS 2.31(3)'", "ARTICLE" }, \
	{ "doel", 0, POPT_ARG_STRING, &(o)->doel, 0, "purpose, a code of the convenant", "DOEL" }, \
	{ "noodzaak", 0, POPT_ARG_STRING, &(o)->noodzaak, 0, "why it is needed, without naming anyone", "TEXT" }, \
	{ "overleg", 0, POPT_ARG_STRING, &(o)->overleg, 0, "overleg in which this is done", "OVERLEG" }, \
	{ "on-behalf-of", 0, POPT_ARG_STRING, &(o)->on_behalf_of, 0, "hoedanigheid acted for, under a delegation", "HOEDANIGHEID" }, \
	{ "urgent", 0, POPT_ARG_NONE, &(o)->urgent, 0, "spoed: shorter deadlines, never fewer checks", NULL }, \
	{ "may-i", 0, POPT_ARG_NONE, &(o)->may_i, 0, "only tell whether it may and why, decided here; nothing is sent", NULL }, \
	{ "receipt", 0, POPT_ARG_STRING, &(o)->receipt, 0, "also write the receipt (tlog-proof) to this file", "FILE" }

/* cli_send_begin() - the message as far as the common options say; CLI_GO or an exit status. */
MUST_CHECK int cli_send_begin(const struct cli *cli, struct cli_send *o, const char *kind, struct kp_message_out *m);
void cli_send_end(struct cli_send *o); /* for CLEANUP; more than once is harmless */

/* cli_send_from_casus() - regime and overleg of the casus, and its circle as recipients when none were given. Without the house:
 * CLI_GO all the same when recipients and regime were given. */
MUST_CHECK int cli_send_from_casus(const struct cli *cli, kp_node *node, struct cli_send *o, struct kp_message_out *m);

/* cli_may_i() - kp_may_i(), shown: the whole derivation; exit status. */
int cli_may_i(const struct cli *cli, kp_node *node, const struct kp_message_out *m);

/* cli_send_one() - kp_send(), then show the outcome; exit status. With --may-i: cli_may_i(), as the others below. */
int cli_send_one(const struct cli *cli, kp_node *node, const struct cli_send *o, const struct kp_message_out *m);
/* cli_send_casus() - all of a command about a casus: the home, what the casus says of itself, the message, its outcome. */
int cli_send_casus(const struct cli *cli, struct cli_send *o, const char *casus, struct kp_message_out *m);
/* cli_send_follow() - all of a command about a message of this node: kp_follow(). */
int cli_send_follow(const struct cli *cli, struct cli_send *o, const char *message_id, const struct kp_message_out *m);

/* Showing outcomes. A refusal is told whole, in the language of --lang. */
json_t *cli_sent_json(const struct cli *cli, kp_node *node, const struct kp_sent *sent, const char *to);
void cli_sent_say(const struct cli *cli, kp_node *node, const struct kp_sent *sent, const char *to);
/* cli_outcome() - of one message: writes the receipt, shows what became of it, frees it; exit status. */
int cli_outcome(const struct cli *cli, kp_node *node, enum kp_result result, struct kp_sent *sent, const struct kp_error *err,
		const char *receipt);
/* cli_receipt_write() - to path; "" or NULL does nothing; n > 1 adds ".2", ".3" ... for further receipts. */
int cli_receipt_write(const struct cli *cli, const char *path, size_t nth, const char *receipt);
