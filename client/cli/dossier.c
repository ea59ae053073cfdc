/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/dossier.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "client/cli/policy_file.h"
#include "proto/entry.h"

#define NOTE_MAX (2u << 20)

int making_begin(struct making *m)
{
	char path[1024], what[400];
	struct note_key key;
	int status, r;

	m->proofs.dir = -1;
	if (!m->log)
		return cli_usage(m->cli, "--log is missing: an export of the log, which the operator makes with: knooppunt audit export --tiles DIR");
	snprintf(path, sizeof path, "%.1000s/log.vkey", m->log);
	status = cli_log_key(m->cli, m->key ? m->key : path, &key);
	if (status != KP_OK)
		return status;
	if (dossier_new(&m->dossier))
		return cli_trouble(m->cli, KP_ERROR, "dossier", "out of memory", "");
	r = tiles_proofs_open(m->log, &key, &m->proofs);
	if (r == TILES_OK)
		return KP_OK;
	snprintf(what, sizeof what, "%.150s: %s", m->log, r < 0 ? "out of memory" : m->proofs.why);
	return cli_trouble(m->cli, r < 0 ? KP_ERROR : KP_UNVERIFIED, "dossier", what, "take another export of the log, and run audit verify on it");
}

void making_end(struct making *m)
{
	tiles_proofs_close(&m->proofs);
	dossier_freep(&m->dossier);
	free(m->chosen);
	m->chosen = NULL;
}

static int prove(void *ctx, uint64_t index, struct span *entry, struct tree_proof *proof)
{
	return tiles_proofs_get(ctx, index, entry, proof);
}

static int unproven(const struct making *m, uint64_t index, const char *why)
{
	char what[400];

	snprintf(what, sizeof what, "entry %llu: %.300s", (unsigned long long)index, why);
	return cli_trouble(m->cli, KP_UNVERIFIED, "dossier", what, "records and log do not go together: export both anew, and keep these");
}

/* ---- which entries ---- */

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool has(const struct making *m, size_t n, uint64_t index)
{
	for (size_t i = 0; i < n; i++)
		if (m->chosen[i] == index)
			return true;
	return false;
}

int making_sample(struct making *m, const char *seed, unsigned n)
{
	const uint64_t size = m->proofs.head.size, tries = 64 * size + 64;
	struct tree_proof proof;
	struct span bytes;
	struct entry e;

	m->chosen = calloc(n, sizeof *m->chosen);
	if (!m->chosen)
		return cli_trouble(m->cli, KP_ERROR, "dossier", "out of memory", "");
	for (uint64_t i = 0; m->n_chosen < n && i < tries && size; i++) {
		uint64_t at = sample_draw(&m->proofs.head, seed, i);

		if (has(m, m->n_chosen, at))
			continue;
		if (tiles_proofs_get(&m->proofs, at, &bytes, &proof) != TILES_OK)
			return unproven(m, at, m->proofs.why);
		if (entry_parse(bytes, &e) == ENTRY_OK && e.kind == ENTRY_BERICHT)
			m->chosen[m->n_chosen++] = at;
	}
	qsort(m->chosen, m->n_chosen, sizeof *m->chosen, compare);
	dossier_of_sample(m->dossier, seed, n);
	return KP_OK;
}

static bool wanted(struct making *m, const json_t *j)
{
	const char *casus = json_string_value(json_object_get(j, "casus"));
	uint64_t index = (uint64_t)json_integer_value(json_object_get(j, "index"));

	if (!m->casus)
		return has(m, m->n_chosen, index);
	if (!casus || strcmp(casus, m->casus) != 0)
		return false;
	m->n_newer += index >= m->proofs.head.size;
	return index < m->proofs.head.size;
}

static int take(void *ctx, struct span line)
{
	struct making *m = ctx;
	const struct dossier_source source = { .prove = prove, .ctx = &m->proofs, .checkpoint_note = buffer_span(&m->proofs.note),
					       .language = m->cli->lang ? m->cli->lang : "nl" };
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	bool is_header = json_object_get(j, "knooppunt") != NULL, good = json_is_object(j), take_it = good && (is_header || wanted(m, j));
	int r = take_it ? dossier_line(m->dossier, &source, line) : 0;

	if (r > 0) {
		m->failed = r;
		m->failed_at = (uint64_t)json_integer_value(json_object_get(j, "index"));
	}
	json_decref(j);
	return good ? r : REPORT_E_MALFORMED;
}

/* ---- the rules they were decided with ---- */

static int rule_file(struct making *m, const char *path)
{
	struct buffer note;
	int r = file_read(path, NOTE_MAX, &note);

	if (r == FILE_OK)
		r = dossier_rule(m->dossier, buffer_span(&note));
	buffer_fini(&note);
	return r < 0 ? r : 0;
}

static int rule_path(struct making *m, const char *path)
{
	struct stat st;
	struct dirent *e;
	char file[1400];
	DIR *dir;
	int r = 0;

	if (stat(path, &st) != 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return rule_file(m, path);
	dir = opendir(path);
	while (!r && dir && (e = readdir(dir))) {
		snprintf(file, sizeof file, "%.1000s/%s", path, e->d_name);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			r = rule_file(m, file);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int rules_take(struct making *m)
{
	const char *home = m->cli->home ? m->cli->home : getenv("KNOOPPUNT_HOME");
	char path[1024];
	int r = 0;

	if (home) {
		snprintf(path, sizeof path, "%.1000s/rules", home);
		r = rule_path(m, path);
	}
	for (char **p = m->rules; !r && p && *p; p++)
		r = rule_path(m, *p);
	return r ? cli_trouble(m->cli, KP_ERROR, "dossier", "out of memory", "") : KP_OK;
}

/* ---- the whole ---- */

/* A sample from a running house is asked for entry by entry: the others are nobody's business. */
static int fill(struct making *m)
{
	struct source s = m->source;
	int status = KP_OK;

	s.casus = m->casus;
	s.evidence = true;
	if (s.path || m->casus)
		return source_read(m->cli, &s, take, m);
	for (size_t i = 0; status == KP_OK && i < m->n_chosen; i++) {
		s.only = &m->chosen[i];
		status = source_read(m->cli, &s, take, m);
	}
	return status;
}

int making_fill(struct making *m)
{
	int status;

	if (m->casus)
		dossier_of_casus(m->dossier, m->casus);
	status = fill(m);
	if (m->failed == DOSSIER_E_LINE)
		fprintf(stderr, "  these records carry no evidence: export them with --evidence\n");
	else if (m->failed == DOSSIER_E_PROOF)
		return unproven(m, m->failed_at, m->proofs.why);
	else if (m->failed == DOSSIER_E_OTHER)
		return unproven(m, m->failed_at, "the log holds another entry there, or the record is not the one it seals");
	if (status == KP_OK && !dossier_entries(m->dossier))
		status = cli_trouble(m->cli, KP_NONE, "dossier", "no entries: nothing of that in these records",
				     "check the casus; a casus whose term has passed has no readable records any more");
	if (status == KP_OK && !m->source.path)
		status = source_sync(m->cli);
	return status == KP_OK ? rules_take(m) : status;
}

int making_write(struct making *m, const char *path)
{
	char *text = json_dumps(dossier_json(m->dossier), JSON_INDENT(1));
	int status = text ? source_out(m->cli, path, span_of_text(text)) : cli_trouble(m->cli, KP_ERROR, "dossier", "out of memory", "");

	free(text);
	if (status != KP_OK)
		return status;
	if (m->cli->json) {
		cli_json(json_pack("{s:s,s:I,s:I,s:I}", "file", path, "entries", (json_int_t)dossier_entries(m->dossier), "missing_rules",
				   (json_int_t)dossier_missing(m->dossier), "newer_than_the_log", (json_int_t)m->n_newer));
		return KP_OK;
	}
	cli_say(m->cli, "%zu entries of the log of %llu, each with its proof, in %s", dossier_entries(m->dossier),
		(unsigned long long)m->proofs.head.size, path);
	if (m->n_newer)
		cli_say(m->cli, "%zu entries are newer than the export of the log and not in it", m->n_newer);
	if (dossier_missing(m->dossier))
		cli_say(m->cli, "%zu texts of rules that were decided with are not here: give their folder with --rules",
			dossier_missing(m->dossier));
	cli_say(m->cli, "anyone checks it with: knooppunt-verify %s --key log.vkey", path);
	return KP_OK;
}
