/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The log of a running house, entry by entry over its control socket; and what export and verify say on the way and when a log does
 * not hold.
 */
#include "client/cli/control.h"
#include "client/lib/tiles.h"

struct log_source {
	struct control *control;
	struct buffer page;
	bool have_page;
	uint64_t from, next;
	uint32_t n;
	struct reader reader;
};
/* log_source_entry() - tiles_entry_fn; indexes in ascending order. */
int log_source_entry(void *ctx, uint64_t index, struct span *entry);
void log_source_fini(struct log_source *s);

/* cli_progress() - on a terminal, and of what takes longer than a second. room lives as long as the work. */
struct cli_progress {
	uint64_t begun_ms;
	bool shown;
};
struct tiles_progress cli_progress(const struct cli *cli, struct cli_progress *room);
/* cli_log_bad() - which file, which entry, what is wrong with it. KP_UNVERIFIED. */
int cli_log_bad(const struct cli *cli, const char *name, const struct tiles_report *t);
