/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/lib/local.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "convenant/trust.h"

static int read_file(const char *path, struct fault_list *faults, struct buffer *out)
{
	int r = file_read(path, NOTE_BYTES_MAX, out);

	if (r <= 0)
		return r < 0 ? err_pass(r) : 0;
	fault_add(faults, 0, 0, "%s %s", path, r == FILE_E_ABSENT ? "is not there" : r == FILE_E_TOO_BIG ? "is too big" : "cannot be read");
	return 1;
}

static int admit_file(const char *path, enum rules_kind kind, const struct rules_trust *trust, struct rules *rules,
		      struct fault_list *faults)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	int r = read_file(path, faults, &note);

	if (r)
		return r;
	r = rules_admit(rules, kind, buffer_span(&note), trust, faults);
	return r < 0 ? err_pass(r) : r == RULES_E_REFUSED;
}

static int read_trust(const char *folder, struct note_key *stewards, struct rules_trust *trust, struct fault_list *faults)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	char path[700];
	int r;

	snprintf(path, sizeof path, "%s/trust", folder);
	r = read_file(path, faults, &text);
	return r ? r : trust_parse(buffer_span(&text), faults, stewards, trust);
}

int local_rules(const char *folder, struct rules *rules, struct fault_list *faults)
{
	struct note_key stewards[TRUST_STEWARDS_MAX];
	struct rules_trust trust;
	char path[700];
	glob_t found;
	int r = read_trust(folder, stewards, &trust, faults);

	if (r)
		return r;
	snprintf(path, sizeof path, "%s/rules/register.note", folder);
	r = admit_file(path, RULES_REGISTER, &trust, rules, faults);
	snprintf(path, sizeof path, "%s/rules/kader.note", folder);
	if (!r)
		r = admit_file(path, RULES_KADER, &trust, rules, faults);
	snprintf(path, sizeof path, "%s/rules/convenant-*.note", folder);
	if (r || glob(path, 0, NULL, &found) != 0)
		return r;
	for (size_t i = 0; !r && i < found.gl_pathc; i++)
		r = admit_file(found.gl_pathv[i], RULES_CONVENANT, NULL, rules, faults);
	globfree(&found);
	return r;
}
