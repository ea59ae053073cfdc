/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Configuration: one YAML file, one schema table. The parser, --check, --dump-config and the manual page come from the table.
 *
 * Parse -> validate -> immutable struct. Each setting names the roles that may know it; conf_for_role() gives a role its
 * part only, as "key=value" lines that the parent hands down and conf_from_role() reads back.
 * Relative paths are taken from the folder of the file.
 */
#include "base/fault.h"
#include "daemon/ipc/ipc.h"

enum conf_type { CONF_TEXT, CONF_PATH, CONF_UINT, CONF_BOOL, CONF_ENDPOINT };
#define CONF_PARENT 16 /* beside enum ipc_role in roles */

struct conf_item {
	const char *key;
	enum conf_type type;
	const char *unit;       /* "ms", "bytes", "" */
	uint64_t min, max;
	const char *otherwise;  /* default as text; NULL: must be given */
	unsigned roles;
	const char *help;
};
const struct conf_item *conf_items(size_t *n);

struct conf;
enum { CONF_OK = 0, CONF_E_FAULTS = 1, CONF_E_ABSENT };
MUST_CHECK int conf_read(const char *path, struct fault_list *faults, struct conf **out);
struct conf *conf_free(struct conf *c);
void conf_freep(struct conf **c);
const char *conf_text(const struct conf *c, const char *key);  /* an unknown key is a programming error */
uint64_t conf_uint(const struct conf *c, const char *key);
bool conf_bool(const struct conf *c, const char *key);
MUST_CHECK int conf_for_role(const struct conf *c, unsigned role, struct buffer *out);
MUST_CHECK int conf_from_role(struct span lines, struct conf **out);
MUST_CHECK int conf_dump(const struct conf *c, struct buffer *out);
