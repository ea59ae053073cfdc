/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Records as lines, for the tests of reports. */
#include <stdlib.h>
#include <string.h>

#include "client/report/log.h"
#include "tests/lib/harness.h"

/* A log of these lines; fails the test when one is refused. */
static inline struct report_log *log_of(const char *const *lines, size_t n)
{
	struct report_log *l = NULL;

	CHECK_OK(report_log_new(&l));
	for (size_t i = 0; i < n; i++)
		if (report_log_line(l, span_of_text(lines[i])) != REPORT_OK)
			fail_msg("line %zu is refused: %s", i, lines[i]);
	return l;
}
#define LOG_OF(lines) log_of((lines), N_ELEMENTS(lines))

#define REC(index, time, rest) "{\"index\":" #index ",\"time\":\"" time "\",\"code\":\"TOEGESTAAN\"," rest "}"
#define MSG(index, time, type, rest) REC(index, time, "\"kind\":\"BERICHT\",\"type\":\"" type "\"" rest)
