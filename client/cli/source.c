/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/text.h"

#define PAGE 500

struct page {
	report_line_fn *each;
	void *ctx;
	uint64_t n;
	int result;
};

static bool take(void *ctx, uint64_t index, const char *json)
{
	struct page *p = ctx;

	(void)index;
	p->n++;
	p->result = p->each(p->ctx, span_of_text(json));
	return p->result == 0;
}

/* What the file says of itself: from which house, and for which of the four purposes it was read, by whom and when. */
static int header(const struct source *s, kp_node *node, report_line_fn *each, void *ctx)
{
	char made[TIME_TEXT_SIZE], *text;
	json_t *j;
	int r = -1;

	time_encode(env_unix_ms(env_system()), made);
	j = json_pack("{s:s,s:s,s:s,s:s,s:s}", "knooppunt", "records/v1", "origin", kp_origin(node), "purpose", s->purpose, "reader",
		      s->as ? s->as : kp_default_hoedanigheid(node), "made", made);
	text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	if (text)
		r = each(ctx, span_of_text(text));
	free(text);
	json_decref(j);
	return r;
}

static int from_house(const struct cli *cli, const struct source *s, report_line_fn *each, void *ctx)
{
	struct kp_records q = { .as = s->as, .person = cli->person, .purpose = s->purpose, .casus = s->casus, .limit = PAGE,
				.evidence = s->evidence };
	struct page page = { .each = each, .ctx = ctx };
	struct kp_error err = { 0 };
	enum kp_result r = KP_OK;
	uint64_t next = s->only ? *s->only : 0;
	int status;
	kp_node *node;

	q.limit = s->only ? 1 : PAGE;

	if (!s->purpose)
		return cli_usage(cli, "--purpose is missing: the log is read for rechtmatigheid, interne-controle, integriteit or "
				      "gerechtelijke-procedure; or give RECORDS, a file or folder exported before");
	node = cli_node(cli, &status);
	if (!node)
		return status;
	page.result = header(s, node, each, ctx);
	do {
		q.after_index = next;
		if (!page.result)
			r = kp_records(node, &q, cli_timeout_ms(cli), take, &page, &next, &err);
		if (isatty(2) && !cli->json && r == KP_OK && next)
			fprintf(stderr, "\r%llu records", (unsigned long long)page.n);
	} while (r == KP_OK && !page.result && next && !s->only);
	if (isatty(2) && !cli->json && page.n > PAGE)
		fputc('\n', stderr);
	status = r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
	kp_close(node);
	if (!status && page.result)
		status = cli_trouble(cli, KP_ERROR, "records", "the house gave a record that can't be used", "is there memory and room on the disk?");
	return status;
}

int source_read(const struct cli *cli, const struct source *s, report_line_fn *each, void *ctx)
{
	char why[400] = "the records could not be read to their end";
	int r;

	if (!s->path)
		return from_house(cli, s, each, ctx);
	r = report_lines(s->path, each, ctx, why);
	if (r == 0)
		return KP_OK;
	return cli_trouble(cli, r > 0 ? KP_USAGE : KP_ERROR, "records", why,
			   "give a file made by: knooppunt audit export --records FILE, or a folder with such files");
}

static int into_file(void *ctx, struct span line)
{
	FILE *file = ctx;

	return fwrite(line.ptr, 1, line.len, file) == line.len && fputc('\n', file) != EOF ? 0 : -1;
}

int source_spool(const struct cli *cli, const struct source *s, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), status;
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return cli_trouble(cli, KP_ERROR, "write", "the folder for the records can't be written", "is it yours, is there room?");
	}
	status = source_read(cli, s, into_file, file);
	if (fclose(file) != 0 && status == KP_OK)
		status = cli_trouble(cli, KP_ERROR, "write", "the records could not be written to their end", "is there room on the disk?");
	return status;
}

int source_sync(const struct cli *cli)
{
	struct kp_error err = { 0 };
	enum kp_result r;
	int status;
	kp_node *node = cli_node(cli, &status);

	if (!node)
		return status;
	r = kp_sync(node, cli_timeout_ms(cli), &err);
	kp_close(node);
	return r == KP_OK ? KP_OK : cli_fail(cli, r, &err);
}

static int into_log(void *ctx, struct span line)
{
	return report_log_line(ctx, line);
}

int source_log(const struct cli *cli, const struct source *s, struct report_log **out)
{
	CLEANUP(report_log_freep) struct report_log *log = NULL;
	int status;

	if (report_log_new(&log))
		return cli_trouble(cli, KP_ERROR, "records", "out of memory", "");
	status = source_read(cli, s, into_log, log);
	if (status == KP_OK)
		*out = TAKE(log);
	return status;
}

int source_out(const struct cli *cli, const char *path, struct span bytes)
{
	char what[480];

	if (!path || strcmp(path, "-") == 0) {
		if (fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len && fflush(stdout) == 0)
			return KP_OK;
		return cli_trouble(cli, KP_ERROR, "write", "standard output can't be written", "");
	}
	if (file_write(path, bytes, 0600) == FILE_OK)
		return KP_OK;
	snprintf(what, sizeof what, "cannot write %.400s", path);
	return cli_trouble(cli, KP_ERROR, "write", what, "is the folder there, is it yours, is there room?");
}
