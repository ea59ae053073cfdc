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
	uint64_t min, max;      /* numbers: the value; text: its length in bytes */
	const char *otherwise;  /* default as text; NULL: must be given */
	unsigned roles;
	const char *help;
	const char *const *choices; /* the words a text may be, NULL-terminated; NULL: any */
};
const struct conf_item *conf_items(size_t *n);

struct conf;
enum { CONF_OK = 0, CONF_E_FAULTS = 1, CONF_E_ABSENT };
/* conf_read() - CONF_OK; CONF_E_FAULTS, the list says what and where; CONF_E_ABSENT: no such file, or it may not be read. */
MUST_CHECK int conf_read(const char *path, struct fault_list *faults, struct conf **out);
/* conf_parse() - the same from text; folder: what relative paths hang under. CONF_OK, CONF_E_FAULTS, <0 fatal. */
MUST_CHECK int conf_parse(struct span text, const char *folder, struct fault_list *faults, struct conf **out);
struct conf *conf_free(struct conf *c);
void conf_freep(struct conf **c);
const char *conf_text(const struct conf *c, const char *key);  /* an unknown key is a programming error */
uint64_t conf_uint(const struct conf *c, const char *key);
bool conf_bool(const struct conf *c, const char *key);
/* conf_fault() - a fault at the place in the file where this setting was given (the whole file when it was not). */
void conf_fault(const struct conf *c, struct fault_list *faults, const char *key, const char *format, ...) PRINTF_LIKE(4, 5);
/* conf_for_role() - role: one of enum ipc_role or CONF_PARENT. conf_from_role() - CONF_OK or <0: the parent wrote it. */
MUST_CHECK int conf_for_role(const struct conf *c, unsigned role, struct buffer *out);
MUST_CHECK int conf_from_role(struct span lines, struct conf **out);
/* conf_dump() - the whole configuration as a file that conf_read() takes, defaults filled in, each with its explanation. */
MUST_CHECK int conf_dump(const struct conf *c, struct buffer *out);
void conf_manual(struct buffer *out); /* the table as the section of a manual page */
