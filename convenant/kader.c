/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names and lookups; the text is read in kader_load.c. Every table is sorted by id, every lookup binary.
 */
#include "convenant/kader.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/calendar.h"
#include "convenant/inside.h"

static const char *const lid_names[] = { [LID_DERDE] = "derde", [LID_L1] = "L1", [LID_L2] = "L2",
					 [LID_HUIS] = "huis", [LID_VERBAND] = "verband" };
static const char *const regime_names[] = {
	[REGIME_NONE] = "", [REGIME_WGS] = "WGS", [REGIME_OVERIG] = "OVERIG"
};
static const char *const phase_names[PHASE_N] = {
	[PHASE_GEEN] = "GEEN",
	[PHASE_AANGEMELD] = "AANGEMELD",
	[PHASE_NIET_IN_BEHANDELING] = "NIET_IN_BEHANDELING",
	[PHASE_ADVIES] = "ADVIES",
	[PHASE_IN_BEHANDELING] = "IN_BEHANDELING",
	[PHASE_VERZAMELEN] = "VERZAMELEN",
	[PHASE_CASUSOVERLEG] = "CASUSOVERLEG",
	[PHASE_UITVOERING] = "UITVOERING",
	[PHASE_AFGESLOTEN] = "AFGESLOTEN",
};

const char *lid_name(enum lid lid)
{
	return (size_t)lid < N_ELEMENTS(lid_names) ? lid_names[lid] : "?";
}

const char *regime_name(enum regime regime)
{
	return (size_t)regime < N_ELEMENTS(regime_names) ? regime_names[regime] : "?";
}

enum regime regime_find(const char *name)
{
	if (text_equal(name, "WGS"))
		return REGIME_WGS;
	return text_equal(name, "OVERIG") ? REGIME_OVERIG : REGIME_NONE;
}

const char *phase_name(enum phase phase)
{
	return (size_t)phase < PHASE_N ? phase_names[phase] : "?";
}

int phase_find(const char *name)
{
	for (int i = 0; i < PHASE_N; i++)
		if (text_equal(name, phase_names[i]))
			return i;
	return -1;
}

int kader_load(struct span text, struct fault_list *faults, struct kader **out)
{
	CLEANUP(kader_freep) struct kader *k = calloc(1, sizeof *k);
	struct load l;
	int r;

	if (!k)
		return err_raise(-ENOMEM);
	k->arena = arena_new(LOAD_ARENA_MAX);
	if (!k->arena)
		return err_raise(-ENOMEM);
	r = load_open(&l, text, k->arena, faults);
	if (!r) {
		kader_read(&l, k);
		r = load_verdict(&l);
	}
	load_close(&l);
	if (r)
		return r == YAML_E_FAULTS ? KADER_E_FAULTS : err_pass(r);
	crypto_hash_sha256(k->digest.bytes, text.ptr, text.len);
	*out = TAKE(k);
	return KADER_OK;
}

struct kader *kader_free(struct kader *k)
{
	if (k)
		arena_free(k->arena);
	free(k);
	return NULL;
}

void kader_freep(struct kader **k)
{
	*k = kader_free(*k);
}

/* ---- reading ---- */

int kader_category_index(const struct kader *k, const char *id)
{
	const struct category *c = find_by_id(k->categories, k->n_categories, sizeof *k->categories, id);

	return c ? (int)(c - k->categories) : -1;
}

const struct kader_kind *kader_kind(const struct kader *k, const char *id)
{
	const struct soort *s = find_by_id(k->soorten, k->n_soorten, sizeof *k->soorten, id);

	return s ? &s->k : NULL;
}

const struct kader_category *kader_category(const struct kader *k, const char *id)
{
	int i = kader_category_index(k, id);

	return i < 0 ? NULL : &k->categories[i].c;
}

size_t kader_n_categories(const struct kader *k)
{
	return k->n_categories;
}

const struct kader_category *kader_category_at(const struct kader *k, size_t i)
{
	return i < k->n_categories ? &k->categories[i].c : NULL;
}

const struct kader_klasse *kader_klasse(const struct kader *k, const char *id)
{
	return find_by_id(k->klasse_rows, k->n_klassen, sizeof *k->klasse_rows, id);
}

const struct kader_ave *kader_ave(const struct kader *k, const char *id)
{
	return find_by_id(k->ave_rows, k->n_ave, sizeof *k->ave_rows, id);
}

const struct voorwaarde *kader_voorwaarde(const struct kader *k, const char *id)
{
	return find_by_id(k->voorwaarden, k->n_voorwaarden, sizeof *k->voorwaarden, id);
}

const struct kader_terms *kader_terms(const struct kader *k)
{
	return &k->terms;
}

const struct grondslag *kader_grondslag(const struct kader *k, const char *id)
{
	return find_by_id(k->grondslagen, k->n_grondslagen, sizeof *k->grondslagen, id);
}

const struct doel *kader_doel(const struct kader *k, const char *id)
{
	return find_by_id(k->doelen, k->n_doelen, sizeof *k->doelen, id);
}

const char *kader_id(const struct kader *k)
{
	return k->id;
}

const struct rac *kader_rac(const struct kader *k)
{
	return &k->rac;
}

uint64_t kader_sequence(const struct kader *k)
{
	return k->sequence;
}

const struct hash *kader_previous(const struct kader *k)
{
	return &k->previous;
}

const struct hash *kader_digest(const struct kader *k)
{
	return &k->digest;
}

int kader_retention_months(const struct kader *k, const char *what)
{
	const struct retention *r = find_by_id(k->retention, k->n_retention, sizeof *k->retention, what);

	return r ? (int)r->months : -1;
}

uint64_t kader_screening_months(const struct kader *k)
{
	return k->screening_months;
}

uint64_t kader_training_months(const struct kader *k)
{
	return k->training_months;
}

uint64_t kader_expiry(const struct kader *k, const char *doel, uint64_t from_unix_ms)
{
	const struct doel *d = kader_doel(k, doel);
	int months = kader_retention_months(k, d ? d->retention : "casus");

	return months_after(from_unix_ms, months < 0 ? 0 : (uint64_t)months);
}
