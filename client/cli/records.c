/* SPDX-License-Identifier: EUPL-1.2 */
/* Each page is a question of its own to the house, signed and an entry in the log. */
#include "client/cli/records.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

int records_begin(const struct cli *cli, struct records_query *r)
{
	if (!r->purpose)
		return cli_usage(cli, "--purpose is missing: rechtmatigheid, interne-controle, integriteit or gerechtelijke-procedure");
	r->q.as = r->as;
	r->q.person = r->person;
	r->q.purpose = r->purpose;
	r->q.casus = r->casus;
	r->q.own = r->own;
	return CLI_GO;
}

int records_page(const struct cli *cli, kp_node *node, const struct records_query *r, kp_each_record *each, void *ctx, uint64_t *next)
{
	struct kp_error err = { 0 };
	enum kp_result result = kp_records(node, &r->q, cli_timeout_ms(cli), each, ctx, next, &err);

	return result == KP_OK ? KP_OK : cli_fail(cli, result, &err);
}

int records_all(const struct cli *cli, kp_node *node, struct records_query *r, kp_each_record *each, void *ctx)
{
	uint64_t next = 0;
	int status;

	do {
		status = records_page(cli, node, r, each, ctx, &next);
		r->q.after_index = next;
	} while (status == KP_OK && next);
	return status;
}

void records_text(const json_t *record, const char *field, char *out, size_t size)
{
	const json_t *value = json_object_get(record, field);
	size_t used = 0;

	out[0] = 0;
	if (json_is_string(value))
		snprintf(out, size, "%s", json_string_value(value));
	for (size_t i = 0; i < json_array_size(value) && used < size; i++) {
		int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", json_string_value(json_array_get(value, i)));

		used += n > 0 ? (size_t)n : 0;
	}
}

uint64_t records_unix_ms(const json_t *record)
{
	return (uint64_t)json_integer_value(json_object_get(record, "unix_ms"));
}
