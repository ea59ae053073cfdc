/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a log of N entries costs: how fast it starts, answers, proves and is verified. Entries are made by the core's own evidence
 * and store, without network and signatures; questions go in as signed messages and come out as sealed pages. bench/README.md has
 * the figures.
 *
 *	log_measure ENTRIES [verify]       a folder in TMPDIR, removed at the end; verify: also an export, which takes as much room
 *
 * The house: 30 hoedanigheden, 200 functionaries, a casus per 40 entries of which some 200 are busy at a time, a record as of a
 * question that was allowed: 22 rules, one recipient, two categories.
 */
#include "tests/unit/daemon/core_draft.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "client/lib/tiles.h"
#include "daemon/core/evidence.h"
#include "daemon/core/index.h"
#include "daemon/core/receipts.h"
#include "daemon/store/store_impl.h"

#define PER_CASUS 40
#define BUSY 200
#define PAGE 200
#define TIMES 5

static struct world w;
static uint64_t dice_state = 88172645463325252;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Of the processor: what a shared machine does not stretch. */
static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t real_mono(void *ctx)
{
	(void)ctx;
	return (uint64_t)now_ms();
}

static uint64_t dice(uint64_t n)
{
	dice_state ^= dice_state >> 12;
	dice_state ^= dice_state << 25;
	dice_state ^= dice_state >> 27;
	return (dice_state * UINT64_C(2685821657736338717) >> 33) % n;
}

/* ---- the log ---- */

static void casus_id(uint64_t n, uint8_t out[ID_BYTES])
{
	memset(out, 0xc5, ID_BYTES);
	put_u64(out + 8, n * UINT64_C(0x9e3779b97f4a7c15));
}

static void word(char *out, size_t size, const char *what, uint64_t n)
{
	snprintf(out, size, "%s-%llu", what, (unsigned long long)n);
}

/* Small numbers are frequent, large ones rare, as partners and categories are. */
static uint64_t uneven(uint64_t n)
{
	return dice(1 + dice(n));
}

static void decision_fill(struct decision *d)
{
	static const char *const rules[] = { "grondslag.genoemd", "grondslag.kader", "doel.genoemd", "doel.kader", "schema.kop",
					     "schema.verzoek", "identificatie", "tijd.geldig", "medewerker.mandaat", "casus.kring" };

	d->code = dice(20) ? CODE_TOEGESTAAN : (enum code)(1 + dice(CODE_N - 1));
	for (size_t i = 0; i < 22; i++)
		d->findings[d->n++] = (struct finding){ .rule = rules[i % N_ELEMENTS(rules)] + i / 20, .article = "", .subject = "",
							.passed = true };
}

static void one_entry(uint64_t i)
{
	static struct decision d;
	char sender[32], to[32], person[32], category[2][32], doel[32], overleg[32];
	const char *recipients[] = { to }, *categories[] = { category[0], category[1] };
	uint8_t casus[ID_BYTES], id[ID_BYTES], trace[ID_BYTES];
	struct message m = { .header = { .message_id = SPAN_OF(id), .exchange_id = SPAN_OF(id), .trace_id = SPAN_OF(trace),
					 .casus = SPAN_OF(casus), .created_unix_ms = w.unix_ms, .sender = sender, .person = person,
					 .on_behalf_of = "", .regime = "WGS", .grondslag = dice(3) ? "WGS 2.31(3)" : "WGS 1.5(1)",
					 .doel = doel, .noodzaak = "voorbereiding van het casusoverleg", .overleg = overleg,
					 .person_role = "betrokkene", .answer_kind = "", .recipients = { 1, recipients },
					 .categories = { 2, categories }, .urgent = dice(500) == 0 } };
	const struct evidence e = { .kind = ENTRY_BERICHT, .type = "verzoek", .message_id = id, .message = &m, .decision = &d,
				    .casus_id = SPAN_OF(casus) };
	uint64_t n = i / PER_CASUS + dice(BUSY);
	struct data_key key;

	d = (struct decision){ 0 };
	decision_fill(&d);
	casus_id(n, casus);
	env_uuid7(&w.env, id);
	env_random(&w.env, trace, sizeof trace);
	word(sender, sizeof sender, "hoedanigheid", uneven(30));
	word(to, sizeof to, "hoedanigheid", uneven(30));
	word(person, sizeof person, "mdw", uneven(200));
	word(category[0], sizeof category[0], "gezondheid.deel", uneven(10));
	word(category[1], sizeof category[1], "woonsituatie.deel", uneven(10));
	word(doel, sizeof doel, "doel", uneven(6));
	word(overleg, sizeof overleg, "overleg", uneven(12));
	if (keyring_of(w.core->keys, SPAN_OF(casus), &key) == KEYRING_E_ABSENT) {
		CHECK_OK(core_batch(w.core));
		CHECK_OK(keyring_make(w.core->keys, SPAN_OF(casus), &key));
	}
	CHECK_OK(evidence_write(w.core, &e, NULL));
}

static void log_make(uint64_t n)
{
	double begin = cpu_ms();

	while (world_size(&w) < n) {
		one_entry(world_size(&w));
		w.unix_ms += 1000;
		if (world_size(&w) % 64 == 0) {
			world_round(&w);
			world_forget(&w);
			CHECK_OK(store_tick(w.store, (uint64_t)now_ms(), false));
		}
	}
	world_round(&w);
	CHECK_OK(store_checkpoint(w.store));
	printf("made: %.1f us of processor per entry in all\n", (cpu_ms() - begin) * 1e3 / (double)n);
}

static void sizes(void)
{
	struct store_cursor row;
	uint64_t rows = 0, bytes = 0, size = world_size(&w);
	struct store_figures f;
	int r = store_first(w.store, KEYSPACE_INDEX, SPAN_NONE, SPAN_NONE, &row);

	for (; !r; r = store_next(w.store, &row)) {
		rows++;
		bytes += row.key.len + row.value.len;
	}
	store_figures(w.store, &f);
	printf("on disk: %.0f bytes per entry; of that index %.1f (%llu rows)\n", (double)f.map_used_bytes / (double)size,
	       (double)bytes / (double)size, (unsigned long long)rows);
}

/* ---- what is measured ---- */

static void measure_start(void)
{
	double begin = now_ms(), cpu = cpu_ms();

	world_must_start(&w);
	printf("start: %.0f ms, processor %.0f ms\n", now_ms() - begin, cpu_ms() - cpu);
	world_forget(&w);
}

static void question_of(struct body_inzage *q)
{
	*q = (struct body_inzage){ .purpose = "rechtmatigheid", .hoedanigheid = "", .code = "", .category = "", .kind = "", .person = "",
				   .grondslag = "", .doel = "", .overleg = "", .limit = PAGE };
}

static double ask(const struct body_inzage *q, size_t *n_bytes, double *cpu)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	const struct person *p = &w.officer;
	double begin, took;
	struct draft d;

	draft_begin(&w, &d, MESSAGE_INZAGE, ZVHD, NULL);
	d.person = p;
	d.m.header.sender = p->hoedanigheid;
	d.m.header.person = p->id;
	d.m.header.mandate = SPAN_OF(p->digest.bytes);
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.inzage = *q;
	draft_sign(&d, &envelope);
	world_round(&w);
	*cpu = cpu_ms();
	begin = now_ms();
	world_take(&w, ZVHD, 1, WIRE_SUBMIT, 1, buffer_span(&envelope));
	CHECK_OK(core_commit(w.core));
	took = now_ms() - begin;
	*cpu = cpu_ms() - *cpu;
	world_round(&w);
	CHECK(world_answer(&w, 1, WIRE_REPLY) != NULL);
	*n_bytes = world_answer(&w, 1, WIRE_REPLY)->body.len;
	world_forget(&w);
	return took;
}

static void measure_page(const char *name, const struct body_inzage *q)
{
	double worst = 0, least = 1e9, took, cpu;
	size_t n_bytes = 0;

	for (int i = 0; i < TIMES; i++) {
		took = ask(q, &n_bytes, &cpu);
		worst = took > worst ? took : worst;
		least = cpu < least ? cpu : least;
	}
	printf("page %-36s worst %6.2f ms, processor %6.2f ms, %zu KiB\n", name, worst, least, n_bytes >> 10);
}

static void measure_pages(void)
{
	uint8_t casus[ID_BYTES];
	uint64_t half = (WORLD_NOW + w.unix_ms) / 2;
	struct body_inzage q;

#define PAGE_OF(name, ...)                   \
	do {                                 \
		question_of(&q);             \
		__VA_ARGS__;                 \
		measure_page(name, &q);      \
	} while (0)
	casus_id(world_size(&w) / PER_CASUS / 2, casus);
	PAGE_OF("all", (void)0);
	PAGE_OF("casus", q.casus = SPAN_OF(casus));
	PAGE_OF("hoedanigheid, frequent", q.hoedanigheid = "hoedanigheid-0");
	PAGE_OF("hoedanigheid, rare", q.hoedanigheid = "hoedanigheid-29");
	PAGE_OF("functionary", q.person = "mdw-150");
	PAGE_OF("category", q.category = "gezondheid");
	PAGE_OF("category, one", q.category = "gezondheid.deel-9");
	PAGE_OF("code", q.code = "GEEN_GRONDSLAG");
	PAGE_OF("grondslag", q.grondslag = "WGS 1.5(1)");
	PAGE_OF("doel", q.doel = "doel-5");
	PAGE_OF("overleg", q.overleg = "overleg-11");
	PAGE_OF("kind", q.kind = "INZAGE");
	PAGE_OF("spoed", q.urgent = true);
	PAGE_OF("time", q.from_unix_ms = half);
	PAGE_OF("time, hoedanigheid, category, code", q.from_unix_ms = half; q.hoedanigheid = "hoedanigheid-1"; q.category = "woonsituatie";
		q.code = "GEEN_DOEL");
	PAGE_OF("two rare: functionary, hoedanigheid", q.person = "mdw-199"; q.hoedanigheid = "hoedanigheid-29");
	PAGE_OF("two frequent with nothing in common", q.category = "gezondheid"; q.kind = "TERMIJN");
	PAGE_OF("what nobody has", q.hoedanigheid = "nobody");
}

static void measure_proofs(void)
{
	uint64_t size;
	double begin, prove, print; /* of the processor */
	struct tree_proof proof;

	(void)receipts_head(w.core, &size);
	begin = cpu_ms();
	for (int i = 0; i < 1000; i++)
		CHECK_OK(store_prove_inclusion(w.store, dice(size), size, &proof));
	prove = cpu_ms() - begin;
	begin = cpu_ms();
	for (int i = 0; i < 1000; i++) {
		CLEANUP(buffer_fini) struct buffer text = { 0 };
		CLEANUP(slip_unrefp) struct slip *slip = NULL;

		CHECK_OK(evidence_slip(w.core, dice(size), &slip));
		CHECK_OK(receipts_print(w.core, slip, &text));
	}
	print = cpu_ms() - begin;
	printf("inclusion proof: %.3f ms; as a receipt %.3f ms\n", prove / 1000, print / 1000);
}

static void measure_check(void)
{
	double begin = cpu_ms();
	char why[200];

	CHECK_OK(store_check(w.store, UINT64_MAX, why));
	printf("self-check: %.0f entries per second of processor\n", (double)world_size(&w) / (cpu_ms() - begin) * 1e3);
}

static int entry_read(void *ctx, uint64_t index, struct span *entry)
{
	(void)ctx;
	return store_entry(w.store, index, entry);
}

static void measure_verify(void)
{
	struct tiles_source source = { .log_key = &w.log_key, .entry = entry_read };
	const struct tiles_options options = { .log_key = &w.log_key };
	CLEANUP(test_folder_freep) char *dir = test_folder_new();
	struct tiles_report report;
	uint64_t size;
	double begin, cpu;

	source.checkpoint_note = receipts_head(w.core, &size);
	begin = now_ms();
	CHECK_OK(tiles_export(dir, &source, &report));
	printf("export: %.0f entries/s\n", (double)size / (now_ms() - begin) * 1e3);
	begin = now_ms();
	cpu = cpu_ms();
	CHECK_OK(tiles_verify(dir, &options, &report));
	printf("verify: %.0f entries/s; %.0f per second of processor\n", (double)size / (now_ms() - begin) * 1e3,
	       (double)size / (cpu_ms() - cpu) * 1e3);
	one_entry(size);
	world_round(&w);
	source.checkpoint_note = receipts_head(w.core, &size);
	begin = now_ms();
	CHECK_OK(tiles_export(dir, &source, &report));
	printf("export of one entry more: %.0f ms\n", now_ms() - begin);
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	world_open(&w, 1);
	w.map_bytes = UINT64_C(64) << 30;
	w.env.mono_ms = real_mono;
	world_must_start(&w);
	world_mandates(&w);
	log_make(n);
	sizes();
	world_stop(&w);
	measure_start();
	measure_pages();
	measure_proofs();
	measure_check();
	if (argc > 2 && !strcmp(argv[2], "verify"))
		measure_verify();
	world_close(&w);
	return 0;
}
