/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/policy_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_log_key(const struct cli *cli, const char *given, struct note_key *key)
{
	char *text;
	int r;

	if (note_key_parse(key, span_of_text(given)) == NOTE_OK)
		return KP_OK;
	text = cli_file(cli, given, 1024, NULL);
	if (!text)
		return KP_USAGE;
	text[strcspn(text, "\r\n")] = 0;
	r = note_key_parse(key, span_of_text(text));
	free(text);
	return r == NOTE_OK ? KP_OK : cli_usage(cli, "\"%s\" holds no public key of a log (name+id+base64)", given);
}

int cli_policy(const struct cli *cli, const char *path, struct policy **out)
{
	CLEANUP(buffer_fini) struct buffer said = { 0 };
	struct fault_list faults;
	size_t len = 0;
	char *text = cli_file(cli, path, POLICY_BYTES_MAX, &len);
	struct policy *p = text ? malloc(sizeof *p) : NULL;
	int r;

	*out = NULL;
	if (!text)
		return KP_USAGE;
	fault_list_init(&faults, path);
	r = p ? policy_parse(span_of(text, len), &faults, p) : POLICY_E_FAULTS;
	free(text);
	if (r == POLICY_OK) {
		*out = p;
		return KP_OK;
	}
	free(p);
	fault_list_print(&faults, &said);
	buffer_u8(&said, 0);
	return cli_trouble(cli, KP_USAGE, "policy", buffer_ok(&said) ? "the policy can't be read" : (const char *)said.ptr,
			   "it is a C2SP tlog-policy; make one with: knooppunt audit witness --policy");
}

int cli_policy_check(const struct cli *cli, const struct policy *policy, const struct note_key *log_key, struct span note,
		     struct policy_verdict *verdict)
{
	CLEANUP(buffer_fini) struct buffer said = { 0 };
	int r = policy_check(policy, log_key, note, verdict);

	if (r == POLICY_OK)
		return KP_OK;
	if (r < 0)
		return cli_trouble(cli, KP_ERROR, "policy", "the policy could not be checked", "is there memory?");
	buffer_text(&said, policy_error_text(r));
	if (r == POLICY_E_QUORUM) {
		buffer_printf(&said, ": %zu did, missing: ", verdict->n_cosigned);
		policy_missing(policy, verdict, &said);
	}
	buffer_u8(&said, 0);
	return cli_trouble(cli, KP_UNVERIFIED, "policy", buffer_ok(&said) ? policy_error_text(r) : (const char *)said.ptr,
			   "a head gathers cosignatures after it was signed: fetch it again later, or ask the witnesses that are missing");
}
