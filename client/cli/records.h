/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What the commands that read records of the log have in common: who asks, why, about what; and pages until there is no more.
 */
#include "client/cli/cli.h"

struct records_query {
	struct kp_records q;
	char *as, *person, *purpose, *casus;
	int own;
};

#define RECORDS_OPTIONS(r) \
	{ "purpose", 0, POPT_ARG_STRING, &(r)->purpose, 0, "rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure", "PURPOSE" }, \
	{ "as", 0, POPT_ARG_STRING, &(r)->as, 0, "hoedanigheid that acts", "HOEDANIGHEID" }, \
	{ "person", 0, POPT_ARG_STRING, &(r)->person, 0, "functionary that signs", "PERSON" }, \
	{ "own", 0, POPT_ARG_NONE, &(r)->own, 0, \
	  "only what the functionary's own hoedanigheden sent or received: for everyone, not only class toetsing", NULL }, \
	{ "casus", 0, POPT_ARG_STRING, &(r)->casus, 0, "only this casus", "UUID" }

/* records_begin() - what the options above say, checked; CLI_GO or an exit status. */
MUST_CHECK int records_begin(const struct cli *cli, struct records_query *r);
/* records_page() - one page; *next: where to go on, 0: nowhere. Exit status; prints its own trouble. */
MUST_CHECK int records_page(const struct cli *cli, kp_node *node, const struct records_query *r, kp_each_record *each, void *ctx,
			    uint64_t *next);
/* records_all() - page after page. Exit status. */
MUST_CHECK int records_all(const struct cli *cli, kp_node *node, struct records_query *r, kp_each_record *each, void *ctx);

/* A field of a record as one text: "a, b" for a list, "" when absent. */
void records_text(const json_t *record, const char *field, char *out, size_t size);
uint64_t records_unix_ms(const json_t *record);
