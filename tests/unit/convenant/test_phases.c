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
	enum lid lid;
	/*
	 * One letter per phase: GEEN (no casus), AANGEMELD, NIET_IN_BEHANDELING, ADVIES, IN_BEHANDELING, VERZAMELEN, CASUSOVERLEG,
	 * UITVOERING, AFGESLOTEN. + allowed, F FASE_STAAT_NIET_TOE, O DEELNEMER_ONBEVOEGD, N NIET_BETROKKEN_BIJ_CASUS, C CASUS_AFGESLOTEN
	 */
	const char *verdicts;
};

static const struct row rows[] = {
	{ REGIME_WGS, MESSAGE_AANMELDING, LID_L1, "+FFFFFFFF" },
	{ REGIME_WGS, MESSAGE_AANMELDING, LID_L2, "+FFFFFFFF" },
	{ REGIME_WGS, MESSAGE_BEOORDELING, LID_L1, "N+FFFFFFC" },
	{ REGIME_WGS, MESSAGE_BEOORDELING, LID_L2, "OOOOOOOOO" },
	{ REGIME_WGS, MESSAGE_BETREKKEN, LID_L1, "NFFF++++C" },
	{ REGIME_WGS, MESSAGE_BETREKKEN, LID_L2, "OOOOOOOOO" },
	{ REGIME_WGS, MESSAGE_FASE, LID_L1, "NFFF++++C" },
	{ REGIME_WGS, MESSAGE_FASE, LID_L2, "OOOOOOOOO" },
	{ REGIME_WGS, MESSAGE_AFSLUITING, LID_L1, "N+++++++C" },
	{ REGIME_WGS, MESSAGE_AFSLUITING, LID_L2, "OOOOOOOOO" },
	{ REGIME_WGS, MESSAGE_VERZOEK, LID_L1, "NFFFF+++C" },
	{ REGIME_WGS, MESSAGE_VERZOEK, LID_L2, "NFFFFF++C" },
	{ REGIME_WGS, MESSAGE_ANTWOORD, LID_L1, "NFFFF+++C" },
	{ REGIME_WGS, MESSAGE_ANTWOORD, LID_L2, "NFFFF+++C" },
	{ REGIME_WGS, MESSAGE_TOESTEMMING, LID_L1, "N+FF++++C" },
	{ REGIME_WGS, MESSAGE_TOESTEMMING, LID_L2, "N+FF++++C" },
	{ REGIME_OVERIG, MESSAGE_AANMELDING, LID_L1, "+FFFFFFFF" },
	{ REGIME_OVERIG, MESSAGE_AANMELDING, LID_L2, "+FFFFFFFF" },
	{ REGIME_OVERIG, MESSAGE_BEOORDELING, LID_L1, "NFFFFFFFC" },
	{ REGIME_OVERIG, MESSAGE_BEOORDELING, LID_L2, "OOOOOOOOO" },
	{ REGIME_OVERIG, MESSAGE_BETREKKEN, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_BETREKKEN, LID_L2, "OOOOOOOOO" },
	{ REGIME_OVERIG, MESSAGE_FASE, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_FASE, LID_L2, "OOOOOOOOO" },
	{ REGIME_OVERIG, MESSAGE_AFSLUITING, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_AFSLUITING, LID_L2, "OOOOOOOOO" },
	{ REGIME_OVERIG, MESSAGE_VERZOEK, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_VERZOEK, LID_L2, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_ANTWOORD, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_ANTWOORD, LID_L2, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_TOESTEMMING, LID_L1, "NFFFF+++C" },
	{ REGIME_OVERIG, MESSAGE_TOESTEMMING, LID_L2, "NFFFF+++C" },
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

static void make(struct scene *s, const struct row *row, enum phase phase)
{
	static scene_make_fn *const makers[] = {
		[MESSAGE_AANMELDING] = scene_aanmelding, [MESSAGE_BEOORDELING] = scene_beoordeling, [MESSAGE_BETREKKEN] = scene_betrekken,
		[MESSAGE_FASE] = scene_fase, [MESSAGE_AFSLUITING] = scene_afsluiting, [MESSAGE_VERZOEK] = scene_verzoek,
		[MESSAGE_ANTWOORD] = scene_antwoord, [MESSAGE_TOESTEMMING] = scene_toestemming,
	};
	static const char *const next[PHASE_N] = { [PHASE_VERZAMELEN] = "CASUSOVERLEG", [PHASE_CASUSOVERLEG] = "UITVOERING",
						   [PHASE_UITVOERING] = "CASUSOVERLEG" };

	makers[row->kind](s, &house);
	scene_sender(s, row->lid == LID_L1 ? "om-noord-nederland" : "reclassering-3ro");
	scene_circle(s, "ggz-drenthe om-noord-nederland politie-noord-nederland reclassering-3ro zvhd-procesregie");
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

static void every_cell(void **state)
{
	static struct scene s;
	size_t cells = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		assert_int_equal(strlen(rows[i].verdicts), PHASE_N);
		for (int phase = 0; phase < PHASE_N; phase++) {
			struct decision d;

			make(&s, &rows[i], (enum phase)phase);
			scene_decide(&s, &d);
			cells++;
			if (matrix_verdict(&d) == code_of(rows[i].verdicts[phase]))
				continue;
			wrong++;
			print_error("%s %s %s in %s: %s, expected %s\n", regime_name(rows[i].regime), message_kind_name(rows[i].kind),
				    lid_name(rows[i].lid), phase_name((enum phase)phase), code_name(matrix_verdict(&d)),
				    code_name(code_of(rows[i].verdicts[phase])));
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(cells, 2 * 2 * 8 * PHASE_N);
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
