/* SPDX-License-Identifier: EUPL-1.2 */
/* Entries come in pages of a megabyte, asked for one by one. */
#include "client/cli/log_source.h"

#include <stdio.h>
#include <unistd.h>

#include "base/env.h"

#define PROGRESS_AFTER_MS 1000

static int next_page(struct log_source *s, uint64_t index)
{
	log_source_fini(s);
	if (control_call(s->control, IPC_CTL_ENTRIES, index, SPAN_NONE, &s->page) != KP_OK)
		return -5;
	s->have_page = true;
	reader_init(&s->reader, buffer_span(&s->page));
	s->from = s->next = reader_u64(&s->reader);
	s->n = reader_u32(&s->reader);
	return s->reader.failed || s->n == 0 || s->from != index ? -5 : 0;
}

int log_source_entry(void *ctx, uint64_t index, struct span *entry)
{
	struct log_source *s = ctx;
	int r;

	if (!s->have_page || index < s->next || index >= s->from + s->n) {
		r = next_page(s, index);
		if (r)
			return r;
	}
	for (; s->next <= index; s->next++)
		*entry = reader_lp16(&s->reader);
	return s->reader.failed ? -5 : 0;
}

void log_source_fini(struct log_source *s)
{
	if (s->have_page)
		buffer_fini(&s->page);
	s->have_page = false;
}

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct cli_progress *p = ctx;

	if (env_mono_ms(env_system()) < p->begun_ms + PROGRESS_AFTER_MS || (done == total && !p->shown))
		return;
	p->shown = done < total;
	fprintf(stderr, "\r%llu of %llu entries%s", (unsigned long long)done, (unsigned long long)total, done == total ? "\n" : "");
}

struct tiles_progress cli_progress(const struct cli *cli, struct cli_progress *room)
{
	*room = (struct cli_progress){ .begun_ms = env_mono_ms(env_system()) };
	return (struct tiles_progress){ .report = !cli->json && isatty(2) ? show_progress : NULL, .ctx = room };
}

int cli_log_bad(const struct cli *cli, const char *name, const struct tiles_report *t)
{
	char what[600];

	if (cli->json) {
		json_t *j = json_pack("{s:b,s:s,s:s}", "ok", 0, "file", t->file, "reason", t->reason);

		if (t->has_entry)
			json_object_set_new(j, "entry", json_integer((json_int_t)t->entry));
		cli_json(j);
		return KP_UNVERIFIED;
	}
	if (t->has_entry)
		snprintf(what, sizeof what, "%s: entry %llu in %s: %s", name, (unsigned long long)t->entry, t->file, t->reason);
	else
		snprintf(what, sizeof what, "%s: %s: %s", name, t->file, t->reason);
	return cli_trouble(cli, KP_UNVERIFIED, "audit-verify", what,
			   "this copy of the log is not what the house signed: keep it, and compare with another copy and with receipts");
}
