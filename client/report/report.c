/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/report/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const struct {
	const char *name, *title;
	void (*make)(struct report_making *m);
} kinds[REPORT_KIND_N] = {
	[REPORT_YEAR] = { "year", "Jaarcijfers", report_year },
	[REPORT_QUARTER] = { "quarter", "Ketenmonitor", report_quarter },
	[REPORT_MONTH] = { "month", "Naleving", report_month },
	[REPORT_AUTHORISATIONS] = { "authorisations", "Autorisaties", report_authorisations },
	[REPORT_RETENTION] = { "retention", "Bewaartermijnen", report_retention },
};

const char *report_kind_name(enum report_kind kind)
{
	return kinds[kind].name;
}

int report_kind_find(const char *name)
{
	for (int i = 0; i < REPORT_KIND_N; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

static int compare_values(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t report_median(uint64_t *values, size_t n)
{
	qsort(values, n, sizeof *values, compare_values);
	return n ? values[n / 2] / 2 + values[(n - 1) / 2] / 2 + (values[n / 2] & values[(n - 1) / 2] & 1) : 0;
}

uint64_t *tally_row(struct tally *t, const char *id, const char *label)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->row[i].id, id) == 0)
			return t->row[i].v;
	if (t->n == TALLY_MAX)
		return t->row[TALLY_MAX - 1].v;
	if (t->n == TALLY_MAX - 1)
		id = label = "overige";
	t->row[t->n].id = id;
	t->row[t->n].label = label ? label : id;
	return t->row[t->n++].v;
}

void tally_sort(struct tally *t, size_t column)
{
	for (size_t i = 1; i < t->n; i++)
		for (size_t k = i; k > 0; k--) {
			uint64_t a = t->row[k - 1].v[column], b = t->row[k].v[column];

			if (a > b || (a == b && strcmp(t->row[k - 1].label, t->row[k].label) <= 0))
				break;
			struct tally_row swap = t->row[k];

			t->row[k] = t->row[k - 1];
			t->row[k - 1] = swap;
		}
}

void report_terms_note(struct report_making *m)
{
	const struct kader *k = m->o->kader;

	if (!k)
		doc_note(m->doc, "Er is geen kader gegeven; zonder de termijnen daaruit is niets te berekenen (--kader).");
	else
		doc_note(m->doc, "Termijnen uit kader %s, volgnummer %llu%s%s.", kader_id(k), (unsigned long long)kader_sequence(k),
			 m->o->kader_from ? ", " : "", m->o->kader_from ? m->o->kader_from : "");
}

bool report_within(const struct report_options *o, uint64_t unix_ms)
{
	return unix_ms >= o->period.from_ms && unix_ms < o->period.until_ms;
}

static void notes_of_source(const struct report_log *log, json_t *doc)
{
	size_t unreadable = 0;
	char from[PERIOD_TEXT_SIZE], until[PERIOD_TEXT_SIZE];

	for (size_t i = 0; i < log->n; i++)
		unreadable += !log->v[i].readable;
	if (log->n)
		doc_note(doc, "Geteld uit %zu regels van het log, nummer %llu tot en met %llu, van %s tot en met %s. Tijden en perioden zijn die van "
			 "Nederland.", log->n, (unsigned long long)log->v[0].index, (unsigned long long)log->v[log->n - 1].index,
			 period_date(log->v[0].unix_ms, from), period_date(log->v[log->n - 1].unix_ms, until));
	else
		doc_note(doc, "Er waren geen regels om te tellen.");
	if (unreadable)
		doc_note(doc, "%zu regels zijn niet meer te lezen: hun sleutel is vernietigd. Zij zijn niet meegeteld.", unreadable);
}

int report_make(const struct report_log *log, const struct report_options *options, json_t **out)
{
	CLEANUP(facts_freep) struct facts *f = NULL;
	struct report_making m = { .o = options, .log = log };
	bool as_of_now = options->kind == REPORT_AUTHORISATIONS || options->kind == REPORT_RETENTION;
	char now[PERIOD_TEXT_SIZE], title[120];
	int r = facts_new(log, &f);

	if (r)
		return err_pass(r);
	m.f = f;
	if (as_of_now)
		snprintf(title, sizeof title, "%s op %s", kinds[options->kind].title, period_date(options->now_ms, now));
	else
		snprintf(title, sizeof title, "%s %s", kinds[options->kind].title, options->period.label);
	m.doc = doc_new(kinds[options->kind].name, title, as_of_now ? now : options->period.label);
	if (!m.doc)
		return err_raise(-ENOMEM);
	json_object_set_new(m.doc, "origin", json_string(log->origin));
	json_object_set_new(m.doc, "purpose", json_string(log->purpose));
	kinds[options->kind].make(&m);
	notes_of_source(log, m.doc);
	if (!doc_ok(m.doc)) {
		json_decref(m.doc);
		return err_raise(-ENOMEM);
	}
	*out = m.doc;
	return 0;
}
