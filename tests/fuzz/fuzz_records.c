/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * client/report: any lines make a report of each kind, in each form, and a line of each profile or none; what is HTML has no tag of theirs.
 *
 * LINKS: kp_report
 */
#include <string.h>

#include "client/report/profile.h"
#include "client/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_profiles(struct span line)
{
	for (int p = 0; p < PROFILE_N; p++) {
		CLEANUP(buffer_fini) struct buffer out = { 0 };
		struct profile_context c = { .origin = "huis.example/log" };
		int r = profile_line((enum profile)p, &c, line, &out);

		ASSERT(r == PROFILE_OK || r == PROFILE_E_MALFORMED || r == PROFILE_E_FIELDS);
		ASSERT(c.n_lines == 0 || (out.len && out.ptr[out.len - 1] == '\n') || p == PROFILE_FSC);
	}
}

static void try_report(const struct report_log *log, enum report_kind kind)
{
	struct report_options o = { .kind = kind, .now_ms = UINT64_C(1795334400000) };
	CLEANUP(buffer_fini) struct buffer text = { 0 }, csv = { 0 }, html = { 0 };
	json_t *doc = NULL;

	ASSERT(period_parse("2026-11", &o.period));
	ASSERT(report_make(log, &o, &doc) == 0);
	doc_suppress(doc, 5);
	ASSERT(doc_text(doc, &text) == 0 && doc_csv(doc, &csv) == 0 && doc_html(doc, &html) == 0);
	ASSERT(!memmem(html.ptr, html.len, "<script", 7) && !memmem(html.ptr, html.len, "<img", 4));
	json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(report_log_freep) struct report_log *log = NULL;
	size_t at = 0;

	ASSERT(report_log_new(&log) == 0);
	while (at < len) {
		const uint8_t *end = memchr(data + at, '\n', len - at);
		struct span line = span_of(data + at, end ? (size_t)(end - data) - at : len - at);
		int r = report_log_line(log, line);

		ASSERT(r >= REPORT_OK && r <= REPORT_E_ABSENT);
		try_profiles(line);
		at += line.len + 1;
	}
	try_report(log, (enum report_kind)(len % REPORT_KIND_N)); /* one of them: the corpus is damaged often enough to reach all */
	return 0;
}
