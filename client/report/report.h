/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Report - from the records of a log to the tables of a report: pure, the same for a running house and for a file of last year.
 * Each table says with its figures how they were counted. What each report needs of the records: docs/officer.md.
 */
#include "client/report/doc.h"
#include "client/report/facts.h"
#include "client/report/names.h"
#include "client/report/period.h"
#include "convenant/kader.h"

enum report_kind { REPORT_YEAR = 0, REPORT_QUARTER, REPORT_MONTH, REPORT_AUTHORISATIONS, REPORT_RETENTION, REPORT_KIND_N };
const char *report_kind_name(enum report_kind kind);
int report_kind_find(const char *name); /* or -1 */

struct report_options {
	enum report_kind kind;
	struct period period;
	uint64_t now_ms;           /* authorisations and retention are as of now */
	const struct names *names; /* or NULL */
	const struct kader *kader; /* authorisations and retention: its terms */
	const char *kader_from;    /* whose it is, for who reads: "van dit huis"; NULL: unsaid */
	unsigned dormant_days;     /* authorisations: who has not acted for so long; 0: 90 */
	unsigned horizon_days;     /* retention and expiring authorisations: what comes due within; 0: 90 */
};

/* report_make() - the document, unsuppressed; json_decref(). */
MUST_CHECK int report_make(const struct report_log *log, const struct report_options *options, json_t **out);

/* ---- shared by the reports; private to this folder ---- */
struct report_making {
	const struct report_options *o;
	const struct report_log *log;
	const struct facts *f;
	json_t *doc;
};
/* Counters by name, in the order in which names came, or by name after tally_sort(). */
#define TALLY_MAX 512
#define TALLY_COLUMNS 8
struct tally_row {
	const char *id, *label;
	uint64_t v[TALLY_COLUMNS];
};
struct tally {
	size_t n;
	struct tally_row row[TALLY_MAX]; /* the last takes all names that found no place: "overige" */
};
uint64_t *tally_row(struct tally *t, const char *id, const char *label); /* its counters; label NULL: the id */
void tally_sort(struct tally *t, size_t column); /* the largest first, then by name */
void report_terms_note(struct report_making *m); /* whose terms were counted with */
bool report_within(const struct report_options *o, uint64_t unix_ms);
uint64_t report_median(uint64_t *values, size_t n); /* sorts them; 0 of none */

void report_year(struct report_making *m);
void report_quarter(struct report_making *m);
void report_month(struct report_making *m);
void report_authorisations(struct report_making *m);
void report_retention(struct report_making *m);
