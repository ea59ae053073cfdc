/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Log - the records that a report counts: a stream of JSON lines, as `audit export --records` writes it and a running house gives it.
 *
 *   {"knooppunt":"records/v1","origin":"...","purpose":"...","reader":"...","made":"..."}     the first line
 *   {"index":0,"kind":"BERICHT","code":"TOEGESTAAN","time":"...","readable":true,...}         a line per record, ascending
 *
 * Kept compact: only what reports count; texts are stored once. Memory is bounded by REPORT_RECORDS_MAX. Pure but for report_lines().
 * Owns: everything it gives out, until report_log_free(). Threads: one at a time; read by any once filled.
 */
#include "base/arena.h"

#define REPORT_RECORDS_MAX 4000000
#define REPORT_LINE_MAX (512u << 10)

struct report_list {
	size_t n;
	const char **v;
};

struct report_record { /* absent texts are "" */
	uint64_t index, unix_ms, deadline_ms;
	const char *kind, *code, *type, *message, *in_reply_to, *casus, *sender, *organisation, *person, *role, *regime, *grondslag,
		*doel, *overleg, *answer_kind;
	struct report_list recipients, categories, failed, details;
	bool urgent, readable;
};

struct report_log {
	struct arena *arena;
	const char *origin, *purpose, *reader, *made; /* of the header line; "" without one */
	size_t n, capacity;
	struct report_record *v;
	size_t n_words, word_capacity;
	const char **words;
};

enum { REPORT_OK = 0, REPORT_E_MALFORMED = 1, REPORT_E_ORDER, REPORT_E_TOO_MANY, REPORT_E_ABSENT };

MUST_CHECK int report_log_new(struct report_log **out);
struct report_log *report_log_free(struct report_log *l);
void report_log_freep(struct report_log **l);
/* report_log_line() - the header or one record; a record that stands there already is dropped, one out of order REPORT_E_ORDER. */
MUST_CHECK int report_log_line(struct report_log *l, struct span text);
/*
 * report_lines() - each line of a file, or of a folder's *.jsonl in order of name
 * @each: 0 to go on; REPORT_E_* ends it, and why says where and what; <0 fatal
 */
typedef int report_line_fn(void *ctx, struct span line);
MUST_CHECK int report_lines(const char *path, report_line_fn *each, void *ctx, char why[400]);

/* report_log_word() - the log's own copy of a text, or the text itself when no record holds it: equal texts are equal pointers. */
const char *report_log_word(const struct report_log *l, const char *text);

/* report_detail() - the value of "key=value" in the details; NULL when there is none. */
const char *report_detail(const struct report_record *r, const char *key);
bool report_allowed(const struct report_record *r);
/* report_is() - an accepted message of this type ("aanmelding"). */
bool report_is(const struct report_record *r, const char *type);
