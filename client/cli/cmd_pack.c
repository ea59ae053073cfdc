/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit pack: the folder for the privacy audit of WGS 1.10 and BGS 1.18, which looks at opzet, bestaan and werking: the rules over time,
 * who could act, a sample with its proofs, what was refused, what was destroyed. Everything in it is made from one reading of the
 * records; the sample alone is proof, the rest is what the auditor may ask to see proven.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/text.h"
#include "client/cli/document.h"
#include "client/cli/dossier.h"
#include "client/report/profile.h"
#include "client/report/report.h"

static const struct {
	const char *name, *what;
} contents[] = {
	{ "beleid.csv", "Opzet: elke versie van kader, register en convenant die van kracht werd of werd geweigerd, met haar SHA-256." },
	{ "autorisaties.csv", "Bestaan: wie mag handelen, met screening, training, laatste gebruik en wat afloopt." },
	{ "autorisaties.html", "Hetzelfde om te lezen." },
	{ "toelatingen.csv", "Bestaan: elke wijziging daarin: uitnodigingen, toelatingen, mandaten, intrekkingen." },
	{ "naleving.html", "Werking: weigeringen, spoed, termijnen, inzage en wijzigingen over de hele periode." },
	{ "naleving.csv", "Hetzelfde, een regel per cel." },
	{ "weigeringen.csv", "Werking: elk geweigerd bericht, met de regels waarop het stukliep." },
	{ "steekproef.json", "Werking: een steekproef van berichten, elk met bewijs, uitleg en de regels waarmee is beslist." },
	{ "bewaartermijnen.csv", "Werking: wat bewaard wordt, wat afloopt, wat over de termijn is." },
	{ "vernietiging.csv", "Werking: elke vernietiging. De regels zelf staan nog in het log en blijven bewijsbaar; hun inhoud is onleesbaar." },
};

struct pack {
	struct making making;
	char *seed, *kader;
	int n;
	struct report_log *log;
	struct buffer csv[4]; /* beleid, toelatingen, weigeringen, vernietiging */
	struct profile_context context;
};

static void path_of(const struct pack *p, const char *name, char out[1200])
{
	snprintf(out, 1200, "%.1000s/%s", p->making.out, name);
}

static int write_bytes(const struct pack *p, const char *name, const struct buffer *bytes)
{
	char path[1200];

	path_of(p, name, path);
	if (bytes->failed)
		return cli_trouble(p->making.cli, KP_ERROR, "pack", "out of memory", "");
	return source_out(p->making.cli, path, buffer_span(bytes));
}

/* ---- one reading ---- */

static int sort_line(struct pack *p, const json_t *j, struct span line)
{
	static const char *const kinds[] = { "REGELS", "TOELATING", "BERICHT", "VERNIETIGD" };
	const char *kind = json_string_value(json_object_get(j, "kind")), *code = json_string_value(json_object_get(j, "code"));
	int r = 0;

	for (size_t i = 0; !r && kind && code && i < N_ELEMENTS(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0 && (i != 2 || strcmp(code, "TOEGESTAAN") != 0))
			r = profile_line(PROFILE_CSV, &p->context, line, &p->csv[i]);
	return r;
}

static int take(void *ctx, struct span line)
{
	struct pack *p = ctx;
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	int r = json_is_object(j) ? report_log_line(p->log, line) : REPORT_E_MALFORMED;

	if (!r)
		r = sort_line(p, j, line);
	json_decref(j);
	return r;
}

static int read_all(struct pack *p)
{
	static const char *const files[] = { "beleid.csv", "toelatingen.csv", "weigeringen.csv", "vernietiging.csv" };
	int status;

	for (size_t i = 0; i < N_ELEMENTS(p->csv); i++)
		profile_begin(PROFILE_CSV, &p->csv[i]);
	if (report_log_new(&p->log))
		return cli_trouble(p->making.cli, KP_ERROR, "pack", "out of memory", "");
	status = source_read(p->making.cli, &p->making.source, take, p);
	for (size_t i = 0; status == KP_OK && i < N_ELEMENTS(files); i++)
		status = write_bytes(p, files[i], &p->csv[i]);
	return status;
}

/* ---- the reports ---- */

static int write_report(struct pack *p, struct report_options options, const char *csv, const char *html)
{
	struct buffer text;
	json_t *doc = NULL;
	int status = KP_OK, r = report_make(p->log, &options, &doc);

	buffer_init(&text, 0);
	if (!r)
		r = doc_csv(doc, &text);
	if (!r)
		status = write_bytes(p, csv, &text);
	buffer_reset(&text);
	if (!r && html && status == KP_OK) {
		r = doc_html(doc, &text);
		status = r ? KP_OK : write_bytes(p, html, &text);
	}
	buffer_fini(&text);
	json_decref(doc);
	return r ? cli_trouble(p->making.cli, KP_ERROR, "pack", "out of memory", "") : status;
}

static int write_reports(struct pack *p)
{
	struct report_options o = { .kind = REPORT_AUTHORISATIONS, .now_ms = env_unix_ms(env_system()) };
	const struct report_log *l = p->log;
	struct kader *kader = NULL;
	int status = document_kader_of(p->making.cli, p->kader, NULL, &kader, &o.kader_from);

	o.kader = kader;
	o.period = (struct period){ l->n ? l->v[0].unix_ms : 0, l->n ? l->v[l->n - 1].unix_ms + 1 : 1, "over de hele periode" };
	if (status == KP_OK)
		status = write_report(p, o, "autorisaties.csv", "autorisaties.html");
	o.kind = REPORT_RETENTION;
	if (status == KP_OK)
		status = write_report(p, o, "bewaartermijnen.csv", NULL);
	o.kind = REPORT_MONTH;
	if (status == KP_OK)
		status = write_report(p, o, "naleving.csv", "naleving.html");
	kader_free(kader);
	return status;
}

/* ---- the page in front ---- */

static int list_file(const struct pack *p, const char *name, const char *what, struct buffer *out)
{
	struct buffer bytes;
	uint8_t hash[32];
	char path[1200], hex[65];
	int r;

	path_of(p, name, path);
	r = file_read(path, (size_t)512 << 20, &bytes);
	if (r == FILE_OK) {
		crypto_hash_sha256(hash, bytes.ptr, bytes.len);
		hex_encode(SPAN_OF(hash), hex);
		buffer_printf(out, "%s\n  %s\n  sha256 %s\n\n", name, what, hex);
	}
	buffer_fini(&bytes);
	return r == FILE_OK ? KP_OK : cli_trouble(p->making.cli, KP_ERROR, "pack", "a file that was just written can't be read", "");
}

static int write_front(struct pack *p)
{
	const struct checkpoint *head = &p->making.proofs.head;
	char made[TIME_TEXT_SIZE], root[65];
	struct buffer out;
	int status = KP_OK;

	time_encode(env_unix_ms(env_system()), made);
	hex_encode(SPAN_OF(head->root.bytes), root);
	buffer_init(&out, 0);
	buffer_printf(&out, "Auditdossier voor de privacyaudit (WGS 1.10, BGS 1.18)\n\nLog: %s\nGelezen voor: %s, door %s\nGemaakt: %s\n"
		      "Stand van het log: %llu regels, wortel %s\nRegels gelezen: %zu\n\n",
		      head->origin, p->log->purpose, p->log->reader, made, (unsigned long long)head->size, root, p->log->n);
	for (size_t i = 0; status == KP_OK && i < N_ELEMENTS(contents); i++)
		status = list_file(p, contents[i].name, contents[i].what, &out);
	buffer_printf(&out, "Nagaan\n  knooppunt-verify steekproef.json --key log.vkey --log LOG\n  zegt of elk bericht in de "
			    "steekproef zo in het log staat, of de "
		      "regels erbij die van de beslissing zijn, en of het\n  zaad \"%s\" deze %d berichten trekt. De openbare "
		      "sleutel komt van een partner of een "
		      "eerder bezoek, niet uit deze map.\n  De andere bestanden zijn tellingen en lijsten uit dezelfde lezing; "
		      "van elke regel erin is een bewijs op te "
		      "vragen met\n  knooppunt audit dossier.\n", p->seed, p->n);
	if (status == KP_OK)
		status = write_bytes(p, "LEESMIJ.txt", &out);
	buffer_fini(&out);
	return status;
}

/* A running house is read once, into a file of the pack that goes when the pack is made: it opens every record. */
static int spool(struct pack *p, char path[1200])
{
	int status;

	path_of(p, ".records.jsonl", path);
	status = source_spool(p->making.cli, &p->making.source, path);
	if (status == KP_OK)
		p->making.source.path = path;
	return status;
}

static int make(struct pack *p)
{
	char records[1200] = "", steekproef[1200];
	struct making *m = &p->making;
	bool live = !m->source.path;
	int status = making_begin(m);

	if (status == KP_OK && mkdir(m->out, 0700) != 0 && errno != EEXIST)
		status = cli_trouble(m->cli, KP_ERROR, "pack", "the folder of --out cannot be made", "give a folder in one that is there");
	if (status == KP_OK && live)
		status = spool(p, records);
	if (status == KP_OK)
		status = read_all(p);
	if (status == KP_OK)
		status = write_reports(p);
	if (status == KP_OK)
		status = making_sample(m, p->seed, (unsigned)p->n);
	if (status == KP_OK)
		status = making_fill(m);
	path_of(p, "steekproef.json", steekproef);
	if (status == KP_OK)
		status = making_write(m, steekproef);
	if (status == KP_OK)
		status = write_front(p);
	if (live && *records)
		unlink(records);
	making_end(m);
	return status;
}

int cmd_audit_pack(struct cli *cli, int argc, const char **argv)
{
	struct pack p = { .making = { .cli = cli, .proofs = { .dir = -1 } }, .n = 25 };
	struct poptOption options[] = {
		{ "seed", 0, POPT_ARG_STRING, &p.seed, 0, "of the sample: any text, chosen by the auditor", "TEXT" },
		{ "n", 0, POPT_ARG_INT, &p.n, 0, "messages in the sample, default 25", "N" },
		{ "kader", 0, POPT_ARG_STRING, &p.kader, 0, "the kader with the terms (default: the house's, the node's, the installed one)",
		  "FILE" },
		MAKING_OPTIONS(&p.making, cli),
		POPT_TABLEEND,
	};
	int status = cli_parse(cli, options, argc, argv, 0, 1);

	if (status != CLI_GO)
		return status;
	if (!p.seed || !*p.seed || strlen(p.seed) > 200 || p.n < 1 || p.n > 1000)
		return cli_usage(cli, "--seed is missing or too long, or --n is not 1 to 1000; RECORDS are optional, without "
				      "them the house is asked");
	if (!p.making.out)
		return cli_usage(cli, "--out DIR is missing");
	p.making.source.path = cli->n_args ? cli->args[0] : NULL;
	p.making.source.evidence = true;
	for (size_t i = 0; i < N_ELEMENTS(p.csv); i++)
		buffer_init(&p.csv[i], 0);
	status = make(&p);
	for (size_t i = 0; i < N_ELEMENTS(p.csv); i++)
		buffer_fini(&p.csv[i]);
	report_log_free(p.log);
	return status;
}
