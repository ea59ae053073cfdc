/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit export: three things that leave a house. The log itself, sealed, for anyone who verifies (--tiles, by the operator); the records,
 * for who may read them (--records, by the officer, for a purpose); and the records in a form that others read (--profile).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "client/cli/audit.h"
#include "client/cli/document.h"
#include "client/cli/source.h"
#include "client/report/profile.h"

struct export {
	struct source source;
	char *tiles, *records, *profile, *out, *activities, *subjects, *reg;
	int evidence, witnessed;
};

/* What is written line by line, and takes its place only when all of it is there. */
struct sink {
	struct buffer bytes;
	struct profile_context context;
	int profile; /* -1: the lines as they are */
	uint64_t n;
	bool fields_missing;
};

static int into(void *ctx, struct span line)
{
	struct sink *s = ctx;
	int r;

	if (s->profile >= 0) {
		r = profile_line((enum profile)s->profile, &s->context, line, &s->bytes);
		s->fields_missing = s->fields_missing || r == PROFILE_E_FIELDS;
		return r == PROFILE_OK || r < 0 ? r : REPORT_E_MALFORMED;
	}
	buffer_bytes(&s->bytes, line);
	buffer_text(&s->bytes, "\n");
	s->n++;
	return s->bytes.failed ? -1 : 0;
}

/* The register that says whose OIN is whose: a note or a bare text. */
static int registry_of(const struct cli *cli, const char *path, struct registry **out)
{
	struct fault_list faults;
	struct document d;
	int status = document_read(cli, path, &d), r;

	if (status != KP_OK)
		return status;
	fault_list_init(&faults, path);
	r = registry_load(d.text, &faults, out);
	if (r)
		status = cli_usage(cli, "%s is no register: %s", path, faults.n ? faults.v[0].text : "malformed");
	document_fini(&d);
	return status;
}

/* The key of the pseudonyms: one per recipient, kept for the next export to him. Whoever destroys it cuts the pseudonyms loose. */
static int subjects_key(const struct cli *cli, const char *path, struct keyfile *out)
{
	int r = keyfile_read(path, "subjects", out);

	if (r == KEYFILE_E_ABSENT) {
		r = keyfile_generate("subjects", "subjects", env_unix_ms(env_system()), out);
		if (!r)
			r = keyfile_write(path, out);
	}
	return r ? cli_usage(cli, "%s: %s", path, r < 0 ? strerror(-r) : keyfile_error_text(r)) : KP_OK;
}

static int ready(const struct cli *cli, const struct export *e, struct sink *s, const char *path)
{
	int status = source_out(cli, path, buffer_span(&s->bytes));

	if (status != KP_OK || !path || strcmp(path, "-") == 0)
		return status;
	if (cli->json)
		cli_json(json_pack("{s:s,s:I}", e->profile ? "profile" : "records", path, "lines",
				   (json_int_t)(e->profile ? s->context.n_lines : s->n - (s->n > 0))));
	else if (e->profile)
		cli_say(cli, "%zu lines in %s; %zu records have no place in this profile", s->context.n_lines, path, s->context.n_left_out);
	else
		cli_say(cli, "%llu records in %s\nread them as the purpose allows; destroy the file when it is served",
			(unsigned long long)(s->n - (s->n > 0)), path);
	return KP_OK;
}

static int export_lines(const struct cli *cli, const struct export *e, int profile)
{
	struct sink s = { .profile = profile, .context = { .activities = e->activities } };
	CLEANUP(keyfile_fini) struct keyfile key = { 0 };
	struct registry *registry = NULL;
	int status = KP_OK;

	if (profile == PROFILE_FSC) {
		if (!e->reg)
			return cli_usage(cli, "--profile fsc names peers by OIN: give --register FILE (the register's note, as "
					      "in the rules folder of a home)");
		status = registry_of(cli, e->reg, &registry);
	}
	if (status == KP_OK && e->subjects)
		status = subjects_key(cli, e->subjects, &key);
	if (status == KP_OK && e->subjects)
		s.context.subjects = span_of(secret_bytes(key.secret), secret_len(key.secret));
	s.context.registry = registry;
	buffer_init(&s.bytes, 0);
	if (profile >= 0)
		profile_begin((enum profile)profile, &s.bytes);
	if (status == KP_OK)
		status = source_read(cli, &e->source, into, &s);
	if (status != KP_OK && s.fields_missing && !cli->json)
		fprintf(stderr, "  %s\n", profile == PROFILE_FSC ? "the register given does not have a party that stands in the records"
								  : "these records carry no span_id: export them again from the house");
	if (status == KP_OK)
		status = ready(cli, e, &s, e->profile ? e->out : e->records);
	buffer_fini(&s.bytes);
	registry_free(registry);
	return status;
}

int cmd_audit_export(struct cli *cli, int argc, const char **argv)
{
	struct export e = { 0 };
	struct poptOption options[] = {
		{ "tiles", 0, POPT_ARG_STRING, &e.tiles, 0, "operator: folder to write or extend with the log, a tlog-tiles tree", "DIR" },
		{ "witnessed", 0, POPT_ARG_NONE, &e.witnessed, 0, "tiles: as far as the head with the most cosignatures", NULL },
		{ "records", 0, POPT_ARG_STRING, &e.records, 0, "officer: file for the records, one JSON line each (\"-\": "
								"standard output)", "FILE" },
		{ "evidence", 0, POPT_ARG_NONE, &e.evidence, 0, "records: with what a dossier proves each of them with", NULL },
		{ "profile", 0, POPT_ARG_STRING, &e.profile, 0, "officer: adl, ldv, nen7513, fsc or csv", "PROFILE" },
		{ "out", 0, POPT_ARG_STRING, &e.out, 0, "profile: file to write (default: standard output)", "FILE" },
		{ "activities", 0, POPT_ARG_STRING, &e.activities, 0, "ldv: what the ids of verwerkingsactiviteiten begin with", "URI" },
		{ "subjects", 0, POPT_ARG_STRING, &e.subjects, 0, "ldv, nen7513: key for the pseudonyms of betrokkenen, one per recipient (made when "
								  "absent)", "FILE" },
		{ "register", 0, POPT_ARG_STRING, &e.reg, 0, "fsc: the register with the OINs", "FILE" },
		SOURCE_OPTIONS(&e.source, cli),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 1), profile = -1;

	if (status != CLI_GO)
		return status;
	if ((e.tiles != NULL) + (e.records != NULL) + (e.profile != NULL) != 1)
		return cli_usage(cli, "what to export? one of --tiles DIR, --records FILE and --profile PROFILE (of RECORDS, or of the house)");
	if (e.tiles)
		return audit_export_tiles(cli, e.tiles, e.witnessed != 0);
	if (e.profile && (profile = profile_find(e.profile)) < 0)
		return cli_usage(cli, "--profile is adl, ldv, nen7513, fsc or csv, not \"%s\"", e.profile);
	e.source.path = cli->n_args ? cli->args[0] : NULL;
	e.source.evidence = e.evidence != 0;
	return export_lines(cli, &e, profile);
}
