/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The phase matrix, cell by cell: regime, kind of message, L1 or L2 sender, phase. The expected verdicts are written out here and not
 * read from the kader, so that a change of the kader shows as a change of this table.
 */
#include <string.h>

#include "tests/unit/convenant/scene.h"

struct row {
	enum regime regime;
	enum message_kind kind;
	/*
	 * Per lid (L1, L2, huis, verband) one letter per phase: GEEN (no casus), AANGEMELD, NIET_IN_BEHANDELING, ADVIES, IN_BEHANDELING,
	 * VERZAMELEN, CASUSOVERLEG, UITVOERING, AFGESLOTEN. + allowed, F FASE_STAAT_NIET_TOE, O DEELNEMER_ONBEVOEGD,
	 * N NIET_BETROKKEN_BIJ_CASUS, C CASUS_AFGESLOTEN
	 */
	const char *verdicts[4];
};

static const struct row rows[] = {
	{ REGIME_WGS, MESSAGE_AANMELDING, { "+FFFFFFFF", "+FFFFFFFF", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_BEOORDELING, { "N+FFFFFFC", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_BETREKKEN, { "NFFF++++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_FASE, { "NFFF++++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_AFSLUITING, { "N+++++++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_VERZOEK, { "NFFFF+++C", "NFFFFF++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_ANTWOORD, { "NFFFF+++C", "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_TOESTEMMING, { "N+FF++++C", "N+FF++++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_MELDING, { "NFFF++++C", "NFFF++++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_AANVULLING, { "N+FF++++C", "N+FF++++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_TERUGKOPPELING, { "N+FF++++C", "N+FF++++C", "N+FF++++C", "N+FF++++C" } },
	{ REGIME_WGS, MESSAGE_CORRECTIE, { "N++++++++", "N++++++++", "N++++++++", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_BEVESTIGING, { "N++++++++", "N++++++++", "N++++++++", "N++++++++" } },
	{ REGIME_WGS, MESSAGE_INSTEMMINGSVERZOEK, { "NFFF+++++", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_INSTEMMING, { "NFFF+++++", "NFFF+++++", "NFFF+++++", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_VERSTREKKING, { "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_AGENDA, { "NFFF++++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_HERNIEUWING, { "NFFF+++++", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_BEKENDHEIDSVRAAG, { "N+FF++++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_WGS, MESSAGE_BEKENDHEIDSANTWOORD, { "OOOOOOOOO", "OOOOOOOOO", "N+FF++++C", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_AANMELDING, { "+FFFFFFFF", "+FFFFFFFF", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_BEOORDELING, { "NFFFFFFFC", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_BETREKKEN, { "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_FASE, { "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_AFSLUITING, { "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_VERZOEK, { "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_ANTWOORD, { "NFFFF+++C", "NFFFF+++C", "NFFFFFFFC", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_TOESTEMMING, { "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_MELDING, { "+FFFF+++C", "+FFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_AANVULLING, { "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_TERUGKOPPELING, { "NFFFF+++C", "NFFFF+++C", "NFFFFFFFC", "NFFFFFFFC" } },
	{ REGIME_OVERIG, MESSAGE_CORRECTIE, { "NFFFF++++", "NFFFF++++", "NFFFFFFFF", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_BEVESTIGING, { "NFFFF++++", "NFFFF++++", "NFFFFFFFF", "NFFFFFFFF" } },
	{ REGIME_OVERIG, MESSAGE_INSTEMMINGSVERZOEK, { "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_INSTEMMING, { "NFFFF+++C", "NFFFF+++C", "NFFFFFFFC", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_VERSTREKKING, { "NFFFF+++C", "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_AGENDA, { "NFFFF+++C", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_HERNIEUWING, { "NFFFFFFFC", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_BEKENDHEIDSVRAAG, { "NFFFFFFFC", "OOOOOOOOO", "OOOOOOOOO", "OOOOOOOOO" } },
	{ REGIME_OVERIG, MESSAGE_BEKENDHEIDSANTWOORD, { "OOOOOOOOO", "OOOOOOOOO", "NFFFFFFFC", "OOOOOOOOO" } },
};

static struct house house;

static enum code code_of(char letter)
{
	switch (letter) {
	case '+':
		return CODE_TOEGESTAAN;
	case 'F':
		return CODE_FASE_STAAT_NIET_TOE;
	case 'O':
		return CODE_DEELNEMER_ONBEVOEGD;
	case 'N':
		return CODE_NIET_BETROKKEN_BIJ_CASUS;
	default:
		return CODE_CASUS_AFGESLOTEN;
	}
}

/* Of each lid one party, that takes part in the casus, or was addressed about it. */
static const char *const speakers[] = { "om-noord-nederland", "reclassering-3ro", "zvh-fryslan", "riec-noord" };

static scene_make_fn *const makers[MESSAGE_KIND_N] = {
	[MESSAGE_AANMELDING] = scene_aanmelding,
	[MESSAGE_BEOORDELING] = scene_beoordeling,
	[MESSAGE_BETREKKEN] = scene_betrekken,
	[MESSAGE_FASE] = scene_fase,
	[MESSAGE_AFSLUITING] = scene_afsluiting,
	[MESSAGE_VERZOEK] = scene_verzoek,
	[MESSAGE_ANTWOORD] = scene_antwoord,
	[MESSAGE_TOESTEMMING] = scene_toestemming,
	[MESSAGE_MELDING] = scene_melding,
	[MESSAGE_AANVULLING] = scene_aanvulling,
	[MESSAGE_TERUGKOPPELING] = scene_terugkoppeling,
	[MESSAGE_CORRECTIE] = scene_correctie,
	[MESSAGE_BEVESTIGING] = scene_bevestiging,
	[MESSAGE_INSTEMMINGSVERZOEK] = scene_instemmingsverzoek,
	[MESSAGE_INSTEMMING] = scene_instemming,
	[MESSAGE_VERSTREKKING] = scene_verstrekking,
	[MESSAGE_AGENDA] = scene_agenda,
	[MESSAGE_HERNIEUWING] = scene_hernieuwing,
	[MESSAGE_BEKENDHEIDSVRAAG] = scene_bekendheidsvraag,
	[MESSAGE_BEKENDHEIDSANTWOORD] = scene_bekendheidsantwoord,
};

static void make(struct scene *s, const struct row *row, const char *speaker, enum phase phase)
{
	static const char *const next[PHASE_N] = { [PHASE_VERZAMELEN] = "CASUSOVERLEG", [PHASE_CASUSOVERLEG] = "UITVOERING",
						   [PHASE_UITVOERING] = "CASUSOVERLEG" };

	makers[row->kind](s, &house);
	scene_sender(s, speaker);
	scene_circle(s, "ggz-drenthe om-noord-nederland politie-noord-nederland reclassering-3ro zvhd-procesregie");
	scene_list(&s->request.recipients, s->asked_of, "om-noord-nederland reclassering-3ro riec-noord zvh-fryslan");
	if (s->n_items)
		scene_list(&s->items[0].message.header.recipients, s->item_to[0],
			   "om-noord-nederland reclassering-3ro riec-noord zvh-fryslan");
	/* What may still be asked of a closed casus is to keep it. */
	if (phase == PHASE_AFGESLOTEN && row->kind == MESSAGE_INSTEMMINGSVERZOEK)
		s->m.body.instemmingsverzoek.purpose = "hernieuwing";
	if (phase == PHASE_AFGESLOTEN && row->kind == MESSAGE_INSTEMMING)
		s->items[0].message.body.instemmingsverzoek.purpose = "hernieuwing";
	s->m.header.regime = regime_name(row->regime);
	s->casus.regime = row->regime;
	s->casus.phase = phase;
	s->casus.closed_unix_ms = phase == PHASE_AFGESLOTEN ? SCENE_NOW - 1 : 0;
	s->no_casus = phase == PHASE_GEEN;
	if (row->kind == MESSAGE_FASE && next[phase])
		s->m.body.fase.phase = next[phase];
}

/* The first failure among the rules of lid, circle and phase; what else such a message may lack is not asked here. */
static enum code matrix_verdict(const struct decision *d)
{
	static const char *const asked[] = { "handeling.lid", "casus.betrokken", "casus.nieuw", "casus.open", "fase.bericht",
					     "fase.overgang", NULL };

	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed && text_in(d->findings[i].rule, asked))
			return d->findings[i].code;
	return CODE_TOEGESTAAN;
}

static size_t wrong_in(const struct row *row, size_t lid)
{
	static struct scene s;
	size_t wrong = 0;

	assert_int_equal(strlen(row->verdicts[lid]), PHASE_N);
	for (int phase = 0; phase < PHASE_N; phase++) {
		struct decision d;

		make(&s, row, speakers[lid], (enum phase)phase);
		scene_decide(&s, &d);
		if (matrix_verdict(&d) == code_of(row->verdicts[lid][phase]))
			continue;
		wrong++;
		print_error("%s %s by %s in %s: %s, expected %s\n", regime_name(row->regime), message_kind_name(row->kind), speakers[lid],
			    phase_name((enum phase)phase), code_name(matrix_verdict(&d)), code_name(code_of(row->verdicts[lid][phase])));
	}
	return wrong;
}

static void every_cell(void **state)
{
	bool seen[REGIME_OVERIG + 1][MESSAGE_KIND_N] = { { false } };
	size_t wrong = 0, n = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		seen[rows[i].regime][rows[i].kind] = true;
		for (size_t lid = 0; lid < N_ELEMENTS(speakers); lid++)
			wrong += wrong_in(&rows[i], lid);
	}
	assert_int_equal(wrong, 0);
	for (int regime = REGIME_WGS; regime <= REGIME_OVERIG; regime++)
		for (int kind = 1; kind < MESSAGE_KIND_N; kind++)
			n += seen[regime][kind];
	assert_int_equal(n, 2 * 20); /* every kind that belongs to a casus, under both regimes */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_cell) };
	int failed;

	house_open(&house);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	house_close(&house);
	return failed;
}
